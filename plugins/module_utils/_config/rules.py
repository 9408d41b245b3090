# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the Configuration Server would refuse of a plan, whatever the order of its writes: told before the first one.

What the order of the writes can solve is in order.py.  Source: G5, unless a function says otherwise
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from . import fields
from .errors import InvalidInput
from .outlook import existing
from .shapes import Edits
from .types import object_type

if TYPE_CHECKING:
    from .change import Change
    from .directory import ConfigObject
    from .outlook import Outlook

#: Classes whose objects stay as long as an application refers to them: the property, its raw key, and how it refers to them.
USED_BY_APPLICATIONS = {"CfgHost": ("host", "hostdbid", "run on it"),
                        "CfgAppPrototype": ("application_template", "appprototypedbid", "were made from it")}

#: Objects that come with the database and can't be removed: class -> DBIDs; and the application that installers log in with.
_PREDEFINED = {"CfgApplication": (99, 100), "CfgAppPrototype": (99, 100), "CfgTenant": (1,), "CfgPerson": (100,)}
_INSTALL_TIME_UTILITY = "CFGITCUtility"

#: What the Configuration Server asks of every server: option of ours -> what it is.
_OF_EVERY_SERVER = {"working_directory": "a working directory", "command_line": "a command line"}


def check(outlook: Outlook, changes: list[Change]) -> None:
    """Refuse what no order of the changes can solve; raises InvalidInput, which names the option, the rule and what to do."""
    rules = _Rules(outlook, changes)
    for change in changes:
        if change.action == "delete":
            rules.removal(change)
            continue
        rules.references(change)
        rules.folder(change)
        if change.kind == "CfgApplication":
            rules.server(change)
            rules.pair(change)
            rules.move(change)
            rules.links(change)
            rules.ports(change)


class _Rules:
    def __init__(self, outlook: Outlook, changes: list[Change]) -> None:
        self.outlook = outlook
        self.directory = outlook.directory
        self.changes = {(change.kind, change.name): change for change in changes}

    def _after(self, kind: str, name: str) -> tuple[ConfigObject | None, Change | None]:
        """Return (ConfigObject or None, Change or None) of an object; both None if it will not be there."""
        change = self.changes.get((kind, name))
        found = self.directory.named(kind, name)
        if change is not None and change.action == "delete":
            return None, None
        return (found[0] if found else None), change

    # -- what is changed or created ------------------------------------------------------------------------------

    def references(self, change: Change) -> None:
        """What is referred to must be there in the end."""
        for path, (_old, new) in change.edits.items():
            for kind, name in change.type.references(path, new) if new is not None else ():
                if name.startswith("#") or self._after(kind, name) != (None, None):
                    continue
                gone = (kind, name) in self.changes
                raise InvalidInput(f"{change.label}: {path[0]}: {object_type(kind).word} '{name}' "
                                   f"{'is removed by the same description' if gone else 'does not exist'}; name another one")

    def folder(self, change: Change) -> None:
        """A folder holds objects of one class. A folder whose own class is not told is left to the Configuration Server."""
        if "folderid" in change.base:
            return  # chosen for it, see folders.py
        path = change.edits.get(("folder",), (None, None))[1]
        folder = self.directory.by_dbid("CfgFolder", self.directory.folder_dbid(path)) if path else None
        holds = fields.text(folder.raw.get("subtype")) if folder is not None else ""
        if holds and holds != "CFG" + change.kind[3:]:
            raise InvalidInput(f"{change.label}: folder: '{path}' holds objects of type {holds} only; name a folder for objects of type CFG{change.kind[3:]}")

    def server(self, change: Change) -> None:
        """A server has a working directory and a command line, which may be placeholders."""
        for option, what in _OF_EVERY_SERVER.items():
            if change.edits.get((option,), (None, None))[1] == "":
                raise InvalidInput(f"{change.label}: {option} must not be empty: the Configuration Server requires {what}; leave the option out to keep what "
                                   "is there")

    def pair(self, change: Change) -> None:
        """A pair is of one type, and neither of the two is part of another pair."""
        backup = change.edits.get(("backup",), (None, None))[1]
        if not backup:
            return
        if backup == change.name:
            raise InvalidInput(f"{change.label}: backup: an application can't be its own backup; name another one")
        types = [self._type(name) for name in (change.name, backup)]
        if all(types) and types[0] != types[1]:
            raise InvalidInput(f"{change.label}: backup: '{backup}' is of type {types[1]}, and a backup must be of the same type as its primary ({types[0]})")
        then = self.outlook.primary_then
        above = then.get(change.name)
        if above:
            raise InvalidInput(f"{change.label}: backup: the application is itself the backup of '{above}', so it can't have one; dissolve that pair first")
        below = self._backup_then(backup)
        if below:
            raise InvalidInput(f"{change.label}: backup: '{backup}' has a backup of its own ('{below}'), so it can't be one; dissolve that pair first")

    def _type(self, name: str) -> str:
        found, change = self._after("CfgApplication", name)
        if change is not None and change.action == "create":
            return change.edits.get(("type",), (None, fields.text(change.base.get("subtype"))))[1]
        return found.subtype if found is not None else ""

    def _backup_then(self, name: str) -> str:
        return next((backup for backup, primary in self.outlook.primary_then.items() if primary == name), None) or self._unread_backup(name)

    def _unread_backup(self, name: str) -> str:
        """Return the backup that an application has now and keeps; its pair may not be among those that were read."""
        found, change = self._after("CfgApplication", name)
        if not existing(found) or change is not None and ("backup",) in change.edits:
            return ""
        return self.directory.name("CfgApplication", fields.number(found.raw.get("backupserverdbid")))

    def move(self, change: Change) -> None:
        """An application with clients stays on its host, and so does a backup."""
        if change.action == "create" or ("host",) not in change.edits:
            return
        primary = self.outlook.primary_then.get(change.name)
        if primary and primary == self.outlook.primary_now.get(change.name):
            raise InvalidInput(f"{change.label}: its host can't be changed: it is the backup of '{primary}'; dissolve the pair first, or leave the host as "
                               "it is")
        clients = sorted(name for name in self.outlook.clients_now(change.target) - self.outlook.removed
                         if any(server == change.name for server, _port in self.outlook.links_then(name)))
        if clients:
            raise InvalidInput(f"{change.label}: its host can't be changed: applications are connected to it ({', '.join(clients)}); take these connections "
                               "away first, or leave the host as it is")

    def links(self, change: Change) -> None:
        """A new connection leads to a port that its server will have; a server without any port is not judged."""
        for path, (old, new) in change.edits.items():
            if path[0] != "connections" or path[3] != "protocol" or new is None or old is not None:
                continue
            ports = self._ports_then(path[1])
            if ports and path[2] not in ports:
                raise InvalidInput(f"{change.label}: connections: application '{path[1]}' {'will have no' if self.outlook.exists(path[1]) else 'has no'} "
                                   f"port with id '{path[2]}'; it has {', '.join(sorted(ports))}")

    def _ports_then(self, name: str) -> set[str]:
        found, change = self._after("CfgApplication", name)
        ports = set(found.port_ids) if existing(found) else set()
        for path, (_old, new) in change.edits.items() if change is not None else ():
            if path[0] == "ports":
                (ports.discard if new is None else ports.add)(path[1])
        return ports

    def ports(self, change: Change) -> None:
        """A port stays as long as somebody is connected to it. That the server checks this itself is not known (inferred)."""
        for path, (_old, new) in change.edits.items():
            if path[0] != "ports" or new is not None or not existing(change.found):
                continue
            users = [name for name in self.outlook.clients_then(change.target) if (change.name, path[1]) in self.outlook.links_then(name)]
            if users:
                raise InvalidInput(f"{change.label}: port '{path[1]}' can't be removed: {_are(users)} connected to it ({', '.join(users)}); remove these "
                                   "connections, or keep the port")

    # -- what is removed -----------------------------------------------------------------------------------------

    def removal(self, change: Change) -> None:
        """What others need stays."""
        found = change.target
        if found.dbid in _PREDEFINED.get(change.kind, ()) or found.subtype == _INSTALL_TIME_UTILITY and change.kind in ("CfgApplication", "CfgAppPrototype"):
            raise InvalidInput(f"{change.label} can't be removed: it is predefined, and the Configuration Server keeps it")
        if change.kind == "CfgApplication":
            clients = self.outlook.clients_then(found)
            if clients:
                raise InvalidInput(f"{change.label} can't be removed: {_are(clients)} connected to it ({', '.join(clients)}); remove these connections first")
            solutions = sorted(solution.name for solution in self.directory.all("CfgService")
                               if any(fields.number(part.get("appdbid")) == found.dbid and part.get("isoptional") != "CFGTrue"
                                      for part in solution.list_items("components", "component")))
            if solutions:
                quoted = " and ".join(f"'{name}'" for name in solutions)
                raise InvalidInput(f"{change.label} can't be removed: it is a mandatory component of the solution {quoted}; take it out of there first")
            primary = self.outlook.primary_then.get(change.name)
            if primary:
                raise InvalidInput(f"{change.label} can't be removed: it is the backup of '{primary}'; dissolve the pair first")
        if change.kind in USED_BY_APPLICATIONS:
            field, key, reason = USED_BY_APPLICATIONS[change.kind]
            users = sorted(app.name for app in self.directory.all("CfgApplication")
                           if fields.number(app.raw.get(key)) == found.dbid and app.name not in self.outlook.removed
                           and (field,) not in self._edits_of(app.name))
            if users:
                raise InvalidInput(f"{change.label} can't be removed: applications {reason} ({', '.join(users)})")

    def _edits_of(self, name: str) -> Edits:
        change = self.changes.get(("CfgApplication", name))
        return change.edits if change is not None else {}


def _are(names: Collection[str]) -> str:
    return "1 application is" if len(names) == 1 else f"{len(names)} applications are"
