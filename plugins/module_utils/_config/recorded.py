# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Configuration Server that is only remembered: the objects of a snapshot, or those that were read, on which a plan can be tried."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from . import fields
from .directory import Directory
from .shapes import Entry, Raw

#: Properties that the Configuration Server copies from a primary to its backup.  Source: G5
_COPIED = ("options", "appservers", "tenantdbids")


class _Settings(NamedTuple):
    """One after the other: there is nobody to wait for."""

    parallel_reads: int = 1
    parallel_writes: int = 1
    retries: int = 0


class Recorded:
    """Stands in for a gateway: what is read are the objects it was made of, what is written changes these alone.

    Args:
        objects: class -> raw objects, which are copied.
    """

    def __init__(self, objects: Mapping[str, Iterable[Raw]]) -> None:
        self.settings = _Settings()
        self._objects = {kind: {fields.number(raw.get("dbid")): copy.deepcopy(raw) for raw in raws} for kind, raws in objects.items()}

    @property
    def kinds(self) -> frozenset[str]:
        """The classes of which there are objects, or were asked for."""
        return frozenset(self._objects)

    def list(self, kind: str, **properties: Any) -> list[Raw]:
        """Return the objects of a class that have these properties."""
        found = self._objects.get(kind, {}).values()
        return [copy.deepcopy(raw) for raw in found if all(str(raw.get(key)) == str(value) for key, value in properties.items())]

    def get(self, kind: str, dbid: int) -> Raw | None:
        """Return an object, or None."""
        return copy.deepcopy(self._objects.get(kind, {}).get(dbid))

    def create(self, obj: Raw) -> int:
        """Remember a new object; return its DBID, one that no object of its class has."""
        known = self._objects.setdefault(obj["type"], {})
        dbid = max(known, default=100) + 1
        known[dbid] = dict(copy.deepcopy(obj), dbid=str(dbid))
        self._copy_to_backup(known[dbid])
        return dbid

    def update(self, kind: str, dbid: int, obj: Raw) -> None:
        """Replace an object."""
        self._objects[kind][dbid] = copy.deepcopy(obj)
        self._copy_to_backup(obj)

    def delete(self, kind: str, dbid: int) -> None:
        """Forget an object."""
        del self._objects[kind][dbid]

    def _copy_to_backup(self, primary: Raw) -> None:
        backup = self._objects.get("CfgApplication", {}).get(fields.number(primary.get("backupserverdbid")))
        if backup is not None:
            backup.update({key: copy.deepcopy(primary[key]) for key in _COPIED if key in primary}, isprimary="CFGFalse")


def recorded(entries: Iterable[Entry]) -> Recorded:
    """Return a Recorded of the objects of a snapshot, as they were before its run."""
    objects: dict[str, list[Raw]] = {}
    for entry in entries:
        if entry["object"] is not None:
            objects.setdefault(entry["type"], []).append(entry["object"])
    return Recorded(objects)


def copied(directory: Directory, kinds: Iterable[str]) -> Recorded:
    """Return a Recorded of the objects of these classes as they are."""
    return Recorded({kind: [found.raw for found in directory.all(kind)] for kind in dict.fromkeys(kinds)})


def lacks_servers(kept: Recorded) -> bool:
    """Return whether an application is connected to one that is not there: then not all of them were kept."""
    apps = Directory(kept).all("CfgApplication")
    known = {app.dbid for app in apps}
    return any(dbid not in known for app in apps for dbid in app.server_dbids)
