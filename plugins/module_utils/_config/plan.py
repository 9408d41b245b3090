# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From wanted states to an ordered list of writes, each with before and after in the user's words."""

from __future__ import annotations

from functools import cached_property

from . import fields
from .compare import below_any, edits, nested
from .desired import merged
from .errors import InvalidInput
from .folders import give_folder
from .types import APPLICATION, object_type

#: What an application that nobody installed yet carries where the installer will write.  Source: IP (lab installer), G2
NOT_INSTALLED = "."


class Change:
    """One write. action: create, update or delete.  edits: path -> (old, new) in the user's words.

    found: the ConfigObject that is changed or deleted.  copied_to: name of the backup that the server copies to.
    """

    def __init__(self, action, desired, edits_, found=None, copied_to=""):
        self.action = action
        self.kind = desired.kind
        self.type = desired.type
        self.name = desired.name
        self.tenant = desired.tenant
        self.edits = edits_
        self.found = found
        self.copied_to = copied_to
        self.base = desired.base  # what a create starts from

    @property
    def label(self):
        return "%s '%s'" % (self.type.word, self.name)

    def before(self):
        """Return the values that the write replaces, nested."""
        return nested({path: old for path, (old, _new) in self.edits.items() if old is not None})

    def after(self):
        """Return the values that the write brings, nested; what is removed is missing."""
        return nested({path: new for path, (_old, new) in self.edits.items() if new is not None})


class Plan:
    """The ordered writes of a run. Creates come first, then references and other updates, then deletes."""

    def __init__(self, changes, kinds):
        self.changes = changes
        self.kinds = kinds

    def __bool__(self):
        return bool(self.changes)


def make_plan(directory, desired):
    """Return the Plan that takes the Configuration Server from what "directory" shows to what is desired.

    Raises InvalidInput when a rule of the Configuration Server forbids it; nothing has been written then.
    """
    wanted = merged(desired)
    _leave_copies_to_the_primary(directory, wanted)
    creates, updates, deletes = [], [], []
    outlook = _Outlook(directory, wanted)
    for item in wanted:
        found = directory.find(item.kind, item.name, item.tenant)
        exists = found is not None and not found.planned
        if not item.present:
            if exists:
                deletes.append(_delete(directory, item, found, outlook))
        elif exists:
            change = _update(directory, item, found)
            if change:
                updates.append(change)
        else:
            give_folder(directory, item)
            creates.append(item)
    first, later = _ordered_creates(creates)
    dissolved = [_untied(directory, change, {change.edits["backup",][0]}) for change in deletes if outlook.frees(change)]
    changes = first + _pairings_first(dissolved + later + updates) + _clients_first(directory, deletes)
    return Plan(changes, list(dict.fromkeys(change.kind for change in changes)))


def _update(directory, item, found):
    names = {path[0] for path in item.leaves} | {path[0] for path in item.absent}
    current = item.type.decode(found.raw, directory, names)
    changed = edits(current, item.leaves, item.absent)
    for path in changed:
        if path[0] in item.type.immutable:
            raise InvalidInput("%s: %s is '%s' and can't be changed to '%s': the Configuration Server takes it only "
                               "when the object is created" % ((item.label, "/".join(path)) + changed[path]))
    if not changed:
        return None
    copied_to = ""
    if item.kind == "CfgApplication":
        if ("host",) in changed:
            _refuse_move(directory, item, found)
        copied_to = _backup_of(directory, found, changed)
    return Change("update", item, changed, found, copied_to)


#: What the Configuration Server copies from a primary to its backup, and protects there.  Source: G5
COPIED_TO_BACKUP = ("options", "connections", "tenants")


def _leave_copies_to_the_primary(directory, wanted):
    """Take from each backup's item what the Configuration Server copies from its primary; nothing is written to it there.

    Raises InvalidInput where the description wants something else of the backup than the primary will have.
    """
    items = {item.name: item for item in wanted if item.kind == "CfgApplication"}
    for name, primary in _primaries(directory, items).items():
        item = items.get(name)
        if item is None or not item.present:
            continue
        copied = _state_after(directory, primary, items.get(primary))
        found = directory.find("CfgApplication", name)
        exists = found is not None and not found.planned
        for path, value in list(item.leaves.items()):
            if path[0] in COPIED_TO_BACKUP:
                if copied.get(path) != value:
                    raise InvalidInput(
                        "%s: %s can't have a value of its own: the application is the backup of '%s', and the "
                        "Configuration Server copies options, connections and tenants from the primary"
                        % (item.label, "/".join(path), primary))
                if exists:
                    del item.leaves[path]
        item.absent = {start for start in item.absent if start[0] not in COPIED_TO_BACKUP}


def _primaries(directory, items):
    """Return backup -> primary, as it will be, for the applications among "items" (name -> Desired)."""
    primaries = {}
    suspects = [directory.find("CfgApplication", name) for name in items]
    # Where every described application is known to be a primary, the whole list need not be read.
    if directory.whole or any(found is not None and not found.planned and found.raw.get("isprimary") != "CFGTrue"
                              for found in suspects):
        for app in directory.all("CfgApplication"):
            backup = directory.name("CfgApplication", fields.number(app.raw.get("backupserverdbid")))
            item = items.get(app.name)
            if backup and (item is None or item.present and item.leaves.get(("backup",), backup) == backup):
                primaries[backup] = app.name
    for name, item in items.items():
        if item.leaves.get(("backup",)):
            primaries[item.leaves["backup",]] = name
    return primaries


def _state_after(directory, name, item):
    """Return the leaves of an application as they will be when "item" (or nothing) has been applied to it."""
    found = directory.find("CfgApplication", name)
    state = {}
    if found is not None and not found.planned:
        state = APPLICATION.decode(found.raw, directory, COPIED_TO_BACKUP)
    elif item is not None:
        state = dict(item.on_create)
    if item is not None:
        for path, (_old, new) in edits(state, item.leaves, item.absent).items():
            state[path] = new
    return state


def _refuse_move(directory, item, found):
    """Refuse another host where the Configuration Server does.  Source: G5"""
    primary = _primaries(directory, {item.name: item}).get(item.name)
    clients = sorted(app.name for app in directory.clients(found))
    if primary or clients:
        raise InvalidInput("%s: its host can't be changed: %s" % (
            item.label, "it is the backup of '%s'" % primary if primary else
            "applications are connected to it (%s)" % ", ".join(clients)))


def _backup_of(directory, found, changed):
    """Return the name of the backup to which the server will copy what changes, or ''."""
    if ("backup",) in changed:
        return changed["backup",][1] or ""
    if any(path[0] in COPIED_TO_BACKUP for path in changed):
        return directory.name("CfgApplication", fields.number(found.raw.get("backupserverdbid")))
    return ""


class _Outlook:
    """Applications as they will be when the plan has been carried out; worked out once for all objects to be removed.

    removed: names of the applications that go.
    """

    def __init__(self, directory, wanted):
        self.directory = directory
        self.items = {item.name: item for item in wanted if item.kind == "CfgApplication"}
        self.removed = {name for name, item in self.items.items() if not item.present}
        self._servers = {}

    @cached_property
    def primaries(self):
        """Backup -> primary, of those that stay."""
        return {backup: primary for backup, primary in _primaries(self.directory, self.items).items() if primary not in self.removed}

    @cached_property
    def _clients(self):
        clients = {}
        for app in self.directory.all("CfgApplication"):
            for entry in app.entries("appservers", "conninfo"):
                clients.setdefault(fields.number(entry.get("appserverdbid")), set()).add(app.name)
        return clients

    def clients(self, server):
        """Return the sorted names of those that will still be connected to an application (a ConfigObject)."""
        return sorted(name for name in self._clients.get(server.dbid, set()) - self.removed - {server.name}
                      if server.name in self._servers_of(self.primaries.get(name, name)))

    def frees(self, delete):
        """Return whether an application that goes has a backup about which the plan says something; it has to be let go before that."""
        backup = delete.edits.get(("backup",), ("",))[0]
        return backup in self.items and self.items[backup].present

    def _servers_of(self, name):
        if name not in self._servers:
            state = _state_after(self.directory, name, self.items.get(name))
            self._servers[name] = {path[1] for path, value in state.items() if path[0] == "connections" and value is not None}
        return self._servers[name]


def _delete(directory, item, found, outlook):
    if item.kind == "CfgApplication":
        clients = outlook.clients(found)
        if clients:
            raise InvalidInput("%s can't be removed: %s connected to it (%s); remove these connections first"
                               % (item.label, "1 application is" if len(clients) == 1 else
                                  "%d applications are" % len(clients), ", ".join(clients)))
        primary = outlook.primaries.get(found.name)
        if primary:
            raise InvalidInput("%s can't be removed: it is the backup of '%s'" % (item.label, primary))
    _refuse_removal_of_what_is_used(directory, item, found, outlook.removed)
    current = item.type.decode(found.raw, directory, [name for name in item.type.fields if name != "folder"])
    # An empty property says nothing; an empty option, or a connection without a protocol, is there all the same.
    return Change("delete", item, {path: (value, None) for path, value in current.items() if value != "" or len(path) > 1}, found)


#: Classes whose objects stay as long as an application refers to them, and how it does.  Source: G5
_USED_BY_APPLICATIONS = {"CfgHost": ("hostdbid", "run on it"), "CfgAppPrototype": ("appprototypedbid", "were made from it")}


def _refuse_removal_of_what_is_used(directory, item, found, removed):
    if item.kind not in _USED_BY_APPLICATIONS:
        return
    key, reason = _USED_BY_APPLICATIONS[item.kind]
    users = sorted({app.name for app in directory.all("CfgApplication") if fields.number(app.raw.get(key)) == found.dbid} - removed)
    if users:
        raise InvalidInput("%s can't be removed: applications %s (%s)" % (item.label, reason, ", ".join(users)))


def _ordered_creates(items):
    """Return (creates, updates): objects before those that refer to them; what can't be ordered waits for an update."""
    by_key = {(item.kind, item.name, item.tenant): item for item in items}
    by_name = {key[:2]: key for key in by_key}  # what others refer to has a name of its own in the whole database
    done, open_, creates, later = set(), set(), [], []

    def visit(key):
        if key in done:
            return
        open_.add(key)
        item = by_key[key]
        leaves = {path: value for path, value in item.on_create.items()
                  if not below_any(path, item.absent)}
        leaves.update(item.leaves)
        postponed = {}
        for path, value in leaves.items():
            for reference in item.type.references(path, value):
                target = by_name.get(reference)
                if target is None:
                    continue
                if path[0] == "backup" or below_any(path, item.late) or target in open_:
                    postponed[path] = value
                else:
                    visit(target)
        # A connection goes or waits as a whole.
        links = {path[:3] for path in postponed if path[0] == "connections"}
        postponed.update({path: value for path, value in leaves.items() if path[:3] in links})
        open_.discard(key)
        done.add(key)
        creates.append(Change("create", item, {path: (None, value) for path, value in leaves.items()
                                               if path not in postponed}))
        if postponed:
            copied_to = postponed.get(("backup",), "")
            later.append(Change("update", item, {path: (None, value) for path, value in postponed.items()},
                                copied_to=copied_to))

    for key in by_key:
        visit(key)
    return creates, later


def _pairings_first(updates):
    """Put pairings before other updates: a connection may then count on the pair it leads to."""
    return sorted(updates, key=lambda change: ("backup",) not in change.edits)


def _clients_first(directory, deletes):
    """Order deletes so that an application goes after those that connect to it or have it as their backup.

    Applications that are connected to each other, or one to itself, are disconnected first, by an update.
    """
    waiting = {change.found.dbid: change for change in deletes if change.kind == "CfgApplication"}
    needs = {dbid: _needed_by(change.found.raw) & set(waiting) for dbid, change in waiting.items()}
    order = []
    while waiting:
        needed = set().union(*(needs[dbid] for dbid in waiting))
        free = [dbid for dbid in waiting if dbid not in needed]
        if not free:
            # The one with the most such connections: one update for an Interaction Server, not one for each of its Chat Servers.
            # What a backup has can't be changed before its primary is gone, or disconnected from it here.
            paired = {fields.number(waiting[dbid].found.raw.get("backupserverdbid")) for dbid in waiting if needs[dbid]}
            tied = max(set(waiting) - paired, key=lambda dbid: (len(needs[dbid]), -dbid))
            order.append(_untied(directory, waiting[tied], {waiting[dbid].name for dbid in needs[tied]}))
            needs[tied] = set()
        for dbid in free:
            order.append(waiting.pop(dbid))
            needs[dbid] = set()
    return order + [change for change in deletes if change.kind != "CfgApplication"]


def _needed_by(raw):
    """Return the DBIDs of the applications that an application connects to or has as its backup."""
    return {fields.number(entry.get("appserverdbid")) for entry in fields.entries(raw, "appservers", "conninfo")} | {
        fields.number(raw.get("backupserverdbid"))}


def _untied(directory, delete, names):
    """Take an application's connections to "names", and its backup if it is one of them, from its removal; return an update instead."""
    current = delete.type.decode(delete.found.raw, directory, ["connections", "backup"])
    edits_: dict[tuple, tuple] = {path: (value, None) for path, value in current.items() if path[0] == "connections" and path[1] in names}
    if current.get(("backup",)) in names:
        edits_["backup",] = (current["backup",], "")
    delete.edits = {path: edit for path, edit in delete.edits.items() if path not in edits_}
    return Change("update", delete, edits_, delete.found)


def describe(plan, mask):
    """Return the plan as data: list of {action, type, name, tenant, before, after, copied_to}; mask hides secrets."""
    return [{"action": change.action, "type": change.kind, "name": change.name, "tenant": change.tenant or "",
             "before": mask(change.before()), "after": mask(change.after()), "copied_to": change.copied_to}
            for change in plan.changes]


def diff(plan, mask):
    """Return the plan in the form of Ansible's diff: a list with one entry per write, in the order of the writes."""
    shown = []
    for change in plan.changes:
        note = " (the Configuration Server copies this to its backup '%s')" % change.copied_to if change.copied_to else ""
        entry = {"before_header": "%s%s" % (change.label, note), "after_header": "%s%s" % (change.label, note),
                 "before": {}, "after": {}}
        if change.action != "create":
            entry["before"] = mask(change.before())
        if change.action != "delete":
            entry["after"] = mask(change.after())
        entry["after_header"] = {"create": "%s, to be created", "delete": "%s, to be removed"}.get(
            change.action, "%s") % change.label + note
        shown.append(entry)
    return shown


def blank(change):
    """Return the raw object to create, before its leaves are encoded: class, name and what a new object needs."""
    raw: dict[str, object] = {"state": "CFGEnabled"}
    if change.kind == "CfgApplication":
        raw.update({"appservers": {"conninfo": []}, "portinfos": {"portinfo": []}, "options": {"property": []},
                    "userproperties": {"property": []}, "tenantdbids": {"id": []}, "resources": {"resource": []},
                    "workdirectory": NOT_INSTALLED, "commandline": NOT_INSTALLED,
                    "commandlinearguments": NOT_INSTALLED, "autorestart": "CFGFalse",
                    "redundancytype": "CFGHTColdStanby", "backupserverdbid": "0",
                    "componenttype": "CFGAppComponentUnknown"})
    raw.update(change.base, type=change.kind)
    raw[object_type(change.kind).name_key] = change.name
    if change.tenant and change.type.in_tenant:
        raw["tenantdbid"] = "0"
    return raw
