# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The order of the writes: each is taken apart into what can be written on its own, and these parts say what they need before.

A write stays in one piece where its parts can go together; it is split where two objects wait for each other, and a circle that
no split can open is refused.  Which part needs which is the Configuration Server's: a host is changed before clients or a pair bind
the application to it and after they have let it go, a port is there before a connection leads to it, a backup gets its
primary's options, connections and tenants, and what is removed has neither clients nor a primary.  Source: G5
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import fields
from .change import Change
from .errors import InvalidInput
from .outlook import COPIED_TO_BACKUP, backup_now, existing
from .rules import USED_BY_APPLICATIONS
from .shapes import Edits, Key, Path

if TYPE_CHECKING:
    from .outlook import Outlook

#: Kind of a part -> the edits of each part of that kind.
_Kinds = dict[str, list[Edits]]

#: The parts of a write, in the order in which they are put together: the object itself, connections and a backup that it lets go,
#: its host, whatever else, new connections, a backup, ports that it loses, its end.
_KINDS = ("new", "free", "host", "base", "link", "pair", "shut", "gone")


class _Part:
    """What can be written of one object on its own.

    Attributes:
        needs: parts that are written before, or in the same write.
        first: parts that must have been written before.
        change: the Change that holds it, once it has a place.
    """

    def __init__(self, write: _Write, kind: str, edits: Edits) -> None:
        self.write = write
        self.kind = kind
        self.edits = edits
        self.needs: list[_Part] = []
        self.first: list[_Part] = []
        self.change: Change | None = None

    def require(self, *parts: _Part | None) -> None:
        """Note parts that are needed; None stands for what nothing is planned of."""
        self.needs += [part for part in parts if part is not None]


class _Write:
    """What is left of the write of one object.

    Attributes:
        rank: creates, pairings, other updates, deletes.
    """

    def __init__(self, draft: Change, kinds: _Kinds) -> None:
        self.draft = draft
        self.parts = [_Part(self, kind, edits) for kind in _KINDS for edits in kinds.get(kind, ())]

    @property
    def rank(self) -> int:
        kinds = {part.kind for part in self.parts}
        return 3 if "gone" in kinds else 0 if "new" in kinds else 1 if "pair" in kinds else 2


def in_order(outlook: Outlook, drafts: list[Change]) -> list[Change]:
    """Return the Changes that do what "drafts" (a Change per object) say, in an order in which none of them is refused.

    Raises InvalidInput where there is none.
    """
    order = _Order(outlook, drafts)
    order.state_needs()
    return order.changes()


class _Order:
    def __init__(self, outlook: Outlook, drafts: list[Change]) -> None:
        self.outlook = outlook
        self.directory = outlook.directory
        moving = {draft.name for draft in drafts if draft.action == "update" and ("host",) in draft.edits}
        self.leaving = moving | outlook.removed
        self.writes = []
        for draft in drafts:
            first, later = self._taken_apart(draft)
            self.writes += [_Write(draft, kinds) for kinds in (first, later) if kinds]
        self.parts = {}
        for write in self.writes:
            for part in write.parts:
                self.parts.setdefault(_key(write.draft), []).append(part)
        self.backups = {}
        self.last = {}
        self.result = []

    # -- the parts -----------------------------------------------------------------------------------------------

    def _taken_apart(self, draft: Change) -> tuple[_Kinds, _Kinds]:
        """Return (kinds, kinds of what waits until all new objects are there); kinds: kind -> list of edits."""
        first, later = {}, {}
        if draft.action == "create":
            first["new"] = [{}]
        elif draft.action == "delete":
            first["gone"] = [{}]
        links = {}
        awaited = {*self.outlook.items, *self.outlook.primary_then}  # something is planned of these when nobody's backup
        for path, edit in draft.edits.items():
            if draft.action == "delete":
                lets_go = path[0] == "connections" and path[1] in self.leaving or path == ("backup",) and edit[0] in awaited
                first.setdefault("free", [{}])[0].update({path: edit}) if lets_go else first["gone"][0].update({path: edit})
            elif path[0] == "connections":
                links.setdefault(path[1], {})[path] = edit
            elif path == ("backup",):
                _split_backup(edit, first, later if draft.action == "create" else first)
            elif draft.action == "create":
                first["new"][0][path] = edit
            else:
                kind = "host" if path == ("host",) else "shut" if path[0] == "ports" and edit[1] is None else "base"
                first.setdefault(kind, [{}])[0][path] = edit
        for server, edits in links.items():
            # A connection that moves to another port of the same server keeps its settings, so both go together.
            ends = all(edit[1] is None for edit in edits.values())
            # A connection to the new object itself is made when it is there.
            waits = draft.action == "create" and (("connections", server) in draft.may_wait or server == draft.name)
            if ends:
                first.setdefault("free", [{}])[0].update(edits)
            else:
                (later if waits else first).setdefault("link", []).append(edits)
        return first, later

    def _part(self, name: str, kind: str, has: Path | None = None) -> _Part | None:
        """Return the part of that kind of an application (with that path among its edits), or None."""
        return next((part for part in self.parts.get(("CfgApplication", name, None), ())
                     if part.kind == kind and (has is None or has in part.edits)), None)

    # -- what needs what -----------------------------------------------------------------------------------------

    def state_needs(self) -> None:
        """Fill in what each part needs."""
        # What others refer to has a name of its own in the whole database.
        new = {key[:2]: part for key, parts in self.parts.items() for part in parts if part.kind == "new"}
        for (kind, name, _tenant), parts in self.parts.items():
            for part in parts:
                part.needs += [other for other in parts if other.kind == "new" and other is not part]
                if part.kind == "gone":
                    part.needs += [other for other in parts if other is not part]
                references = {reference for path, (_old, value) in part.edits.items() if value is not None
                              for reference in part.write.draft.type.references(path, value)}
                part.needs += [new[reference] for reference in sorted(references) if reference in new and reference != (kind, name)]
                if kind == "CfgApplication":
                    getattr(self, "_needs_of_" + part.kind, lambda *_more: None)(part, name)
                elif part.kind == "gone":
                    self._needs_of_what_applications_use(part, kind)
                part.needs = list(dict.fromkeys(other for other in part.needs if other is not part))

    def _needs_of_free(self, part: _Part, name: str) -> None:
        if any(path[0] in COPIED_TO_BACKUP for path in part.edits):
            part.require(self._release(name))

    _needs_of_base = _needs_of_free

    def _needs_of_host(self, part: _Part, name: str) -> None:
        part.require(self._release(name))
        self._without_clients(part, name)

    def _needs_of_link(self, part: _Part, name: str) -> None:
        part.require(self._release(name))
        for server, port in sorted({path[1:3] for path in part.edits}):
            part.require(self._part(server, "host"), self._part(server, "base", ("ports", port)))

    def _needs_of_pair(self, part: _Part, name: str) -> None:
        backup = part.edits["backup",][1]
        part.require(
            self._part(backup, "host"), self._part(backup, "free", ("backup",)), self._part(name, "free", ("backup",)), self._release(name)
        )
        if self.outlook.primary_now.get(backup) != name:
            part.require(self._release(backup))

    def _needs_of_shut(self, part: _Part, name: str) -> None:
        self._without_clients(part, name)

    def _needs_of_gone(self, part: _Part, name: str) -> None:
        part.require(self._release(name))
        self._without_clients(part, name)

    def _needs_of_what_applications_use(self, part: _Part, kind: str) -> None:
        """Whatever is no application goes after all of these: options name queues, and nothing knows which ones do."""
        part.require(*(other for (other_kind, _name, _tenant), others in self.parts.items() if other_kind == "CfgApplication"
                       for other in others if other.kind == "gone"))
        field, key, _reason = USED_BY_APPLICATIONS.get(kind, ("", "", ""))
        for app in self.directory.all("CfgApplication") if field else ():
            if fields.number(app.raw.get(key)) == part.write.draft.target.dbid:
                part.require(self._part(app.name, "host"), self._part(app.name, "gone"))

    def _without_clients(self, part: _Part, name: str) -> None:
        """Fill in that the clients of an application must have given up their connections before. Whether they do is checked in rules.py."""
        for client in sorted(self.outlook.clients_now(part.write.draft.target)):
            lets_go = self._lets_go(client)
            if client == name and lets_go is not None:  # the server looks at what is stored, and not at what comes with the same write
                part.first.append(lets_go)
            part.require(lets_go)

    def _lets_go(self, client: str) -> _Part | None:
        """Return the part that takes from a client the connections that it will not have any more."""
        now, then = self.outlook.primary_now.get(client), self.outlook.primary_then.get(client)
        if then and then != now:
            return self._part(then, "pair")
        return self._part(then or client, "free")

    def _release(self, name: str) -> _Part | None:
        """Return the part that lets an application go that is a backup now, or None."""
        primary = self.outlook.primary_now.get(name)
        if primary is None or self.outlook.primary_then.get(name) == primary:
            return None
        return self._part(primary, "free", ("backup",))

    # -- the order -----------------------------------------------------------------------------------------------

    def changes(self) -> list[Change]:
        """Return the Changes, by rank as far as the needs allow it."""
        for last in (0, 2, 3):
            if last == 3:
                # Those with the fewest connections first: one update for an Interaction Server, not one for each of its Chat Servers.
                self.writes.sort(key=lambda write: sum(len(part.edits) for part in write.parts if part.kind == "free"))
            placed = -1
            while placed < len(self.result):
                placed = len(self.result)
                for write in sorted(self.writes, key=lambda write: write.rank):
                    if write.parts and write.rank <= last:
                        self._visit(write, set())
        stuck = sorted({write.draft.label for write in self.writes if write.parts})
        if stuck:
            raise InvalidInput(f"{' and '.join(stuck)} wait for each other: no order of single writes changes them as described. Change one of them in a run "
                               "of its own first")
        return self.result

    def _visit(self, write: _Write, waiting: set[_Write]) -> None:
        """Place what can be placed of a write, and before it what that needs; waiting: the writes that wait for this one."""
        waiting = waiting | {write}
        ready = []
        for part in list(write.parts):
            if all(self._placed(need, write, ready, waiting) for need in part.needs) and all(need.change for need in part.first):
                ready.append(part)
        if ready:
            self._place(write, ready)

    def _placed(self, need: _Part, write: _Write, ready: list[_Part], waiting: set[_Write]) -> bool:
        """Return whether a part is written before "write", or with it; see to it if it can be."""
        if need.change is None and need.write is not write and need.write not in waiting:
            if need.write.rank == 3 and need.kind != "gone" and write.rank != 3:
                self._visit_alone(need, waiting)  # what is removed lets go first, and goes last
            else:
                self._visit(need.write, waiting)
        return need.change is not None or need in ready

    def _visit_alone(self, part: _Part, waiting: set[_Write]) -> None:
        waiting = waiting | {part.write}
        if all(self._placed(need, part.write, [], waiting) for need in part.needs):
            self._place(part.write, [part])

    def _place(self, write: _Write, parts: list[_Part]) -> None:
        draft = write.draft
        kinds = {part.kind for part in parts}
        action = "create" if "new" in kinds else "delete" if "gone" in kinds else "update"
        edits = {}
        for path, (old, new) in ((path, edit) for part in parts for path, edit in part.edits.items()):
            # A backup that goes is not an empty value of what is removed altogether.
            edits[path] = (edits[path][0] if path in edits else old, "" if path == ("backup",) and new is None and action == "update" else new)
        key = _key(draft)
        change = Change(action, draft, edits, draft.found, self._copied_to(draft, edits) if action == "update" else "",
                        [self.last.get(key)] + [need.change for part in parts for need in part.needs])
        change.needs -= {None, change}
        for part in parts:
            part.change = change
            write.parts.remove(part)
        self.last[key] = change
        self.result.append(change)
        if action == "create":
            self._put_off(write)

    def _put_off(self, write: _Write) -> None:
        """Put what a create has to leave out to what waits for an update anyway; the backup of a pair gets it as a copy."""
        draft = write.draft
        later = next((other for other in self.writes if other.draft is draft and other is not write), write)
        rest = [part for part in (*write.parts, *later.parts) if not (part.kind == "link" and draft.name in self.outlook.primary_then)]
        write.parts, later.parts = [], sorted(dict.fromkeys(rest), key=lambda part: _KINDS.index(part.kind))
        for part in later.parts:
            part.write = later

    def _copied_to(self, draft: Change, edits: Edits) -> str:
        """Return the name of the backup to which the server will copy what changes, or ''."""
        if draft.kind != "CfgApplication":
            return ""
        if ("backup",) in edits:
            self.backups[draft.name] = edits["backup",][1] or ""
        elif not any(path[0] in COPIED_TO_BACKUP for path in edits):
            return ""
        elif draft.name not in self.backups:
            self.backups[draft.name] = backup_now(self.directory, draft.found) if existing(draft.found) else ""
        return self.backups[draft.name]


def _key(draft: Change) -> Key:
    return draft.kind, draft.name, draft.tenant


def _split_backup(edit: tuple[Any, Any], first: _Kinds, pair: _Kinds) -> None:
    """Take a backup apart: one that is let go, and one that comes."""
    old, new = edit
    if old:
        first.setdefault("free", [{}])[0]["backup",] = (old, "")
    if new:
        pair.setdefault("pair", [{}])[0]["backup",] = ("" if old else old, new)
    elif not old:
        first.setdefault("base", [{}])[0]["backup",] = edit
