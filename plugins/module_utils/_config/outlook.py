# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The applications as they are, and as they will be when all that is wanted has been written: who is whose backup, who connects to whom."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from . import fields
from .compare import edits
from .errors import InvalidInput
from .shapes import Leaves, Path
from .types import APPLICATION

if TYPE_CHECKING:
    from typing import TypeGuard

    from .desired import Desired
    from .directory import ConfigObject, Directory

#: What the Configuration Server copies from a primary to its backup, and protects there.  Source: G5
COPIED_TO_BACKUP = ("options", "connections", "tenants")


class Outlook:
    """Applications now and then; worked out once for all changes of a run.

    Attributes:
        items: name -> Desired, of the applications among what is wanted.
        removed: names of those that go.
    """

    def __init__(self, directory: Directory, wanted: list[Desired]) -> None:
        self.directory = directory
        self.items = {item.name: item for item in wanted if item.kind == "CfgApplication"}
        self.removed = {name for name, item in self.items.items() if not item.present}
        self._states = {}

    # -- pairs ---------------------------------------------------------------------------------------------------

    @cached_property
    def pairs(self) -> list[tuple[str, str]]:
        """The list of (primary, backup) that there are; [] where no described application can be part of one as a backup.

        Where every one of them is known to be a primary, the whole list of applications need not be read.
        """
        directory = self.directory
        named = set(self.items) | {item.leaves.get(("backup",)) for item in self.items.values()}
        suspects = [directory.find("CfgApplication", name) for name in sorted(name for name in named if name)]
        if not directory.list_all and not any(existing(found) and found.raw.get("isprimary") != "CFGTrue" for found in suspects):
            return []
        pairs = [(app.name, backup_now(directory, app)) for app in directory.all("CfgApplication")]
        return [(primary, backup) for primary, backup in pairs if backup]

    @cached_property
    def primary_now(self) -> dict[str, str]:
        """Backup -> primary, as it is."""
        return {backup: primary for primary, backup in self.pairs}

    @cached_property
    def primary_then(self) -> dict[str, str]:
        """Backup -> primary, of those that stay; raises InvalidInput where two would have the same backup."""
        wanted = {name: item.leaves["backup",] for name, item in self.items.items() if item.present and ("backup",) in item.leaves}
        then = {}
        for primary, backup in [pair for pair in self.pairs if pair[0] not in wanted] + list(wanted.items()):
            if not backup or primary in self.removed:
                continue
            if then.setdefault(backup, primary) != primary:
                raise InvalidInput(f"application '{primary}': '{backup}' can't be its backup: it is already the backup of '{then[backup]}', and one backup "
                                   "belongs to one primary; dissolve that pair, or name another backup")
        return then

    # -- what applications will have -----------------------------------------------------------------------------

    def exists(self, name: str) -> bool:
        """Return whether an application is there now."""
        return existing(self.directory.find("CfgApplication", name))

    def state_then(self, name: str) -> Leaves:
        """Return the leaves of COPIED_TO_BACKUP that an application will have, before what a primary copies to it."""
        if name not in self._states:
            self._states[name] = state_after(self.directory, name, self.items.get(name))
        return self._states[name]

    def links_then(self, name: str) -> set[Path]:
        """Return the (server, port id) pairs that an application will be connected to; a backup has its primary's."""
        state = self.state_then(self.primary_then.get(name, name))
        return {path[1:3] for path, value in state.items() if path[0] == "connections" and value is not None}

    @cached_property
    def _clients_now(self) -> dict[int, set[str]]:
        clients = {}
        for app in self.directory.all("CfgApplication"):
            for entry in app.list_items("appservers", "conninfo"):
                clients.setdefault(fields.number(entry.get("appserverdbid")), set()).add(app.name)
        return clients

    def clients_now(self, server: ConfigObject) -> set[str]:
        """Return the names of those that are connected to an application (a ConfigObject)."""
        return self._clients_now.get(server.dbid, set())

    def clients_then(self, server: ConfigObject) -> list[str]:
        """Return the sorted names of those that will be connected to an application (a ConfigObject), without itself."""
        new = {name for name, item in self.items.items()
               if any(path[:2] == ("connections", server.name) for path in (*item.leaves, *item.on_create))}
        return sorted(name for name in (self.clients_now(server) | new) - self.removed - {server.name}
                      if any(link[0] == server.name for link in self.links_then(name)))


def existing(found: ConfigObject | None) -> TypeGuard[ConfigObject]:
    """Return whether a ConfigObject (or None) is there, and not only planned."""
    return found is not None and not found.planned


def backup_now(directory: Directory, found: ConfigObject) -> str:
    """Return the name of an application's backup, or ''."""
    return directory.name("CfgApplication", fields.number(found.raw.get("backupserverdbid")))


def state_after(directory: Directory, name: str, item: Desired | None) -> Leaves:
    """Return the leaves of COPIED_TO_BACKUP of an application as they will be when "item" (or nothing) has been applied to it."""
    found = directory.find("CfgApplication", name)
    state = {}
    if existing(found):
        state = APPLICATION.decode(found.raw, directory, COPIED_TO_BACKUP)
    elif item is not None:
        state = dict(item.on_create)
    if item is not None:
        for path, (_old, new) in edits(state, item.leaves, item.absent).items():
            state[path] = new
    return state


def leave_copies_to_the_primary(directory: Directory, wanted: list[Desired]) -> None:
    """Take from each backup's item what the Configuration Server copies from its primary; nothing is written to it there.

    Raises InvalidInput where the description wants something else of the backup than the primary will have.
    """
    outlook = Outlook(directory, wanted)
    for name, primary in outlook.primary_then.items():
        item = outlook.items.get(name)
        if item is None or not item.present:
            continue
        copied = outlook.state_then(primary)
        for path, value in list(item.leaves.items()):
            if path[0] in COPIED_TO_BACKUP:
                if copied.get(path) != value:
                    raise InvalidInput(
                        f"{item.label}: {'/'.join(path)} can't have a value of its own: the application is the backup of '{primary}', and the "
                        "Configuration Server copies options, connections and tenants from the primary")
                if outlook.exists(name):
                    del item.leaves[path]
        item.absent = {start for start in item.absent if start[0] not in COPIED_TO_BACKUP}
