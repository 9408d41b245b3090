# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the entries of a snapshot to what must be true so that its objects are as they were.

The way back goes through the plan, like everything else. Only the fields that the run was about to change are brought
back; what somebody changed after the run is a later edit, and the user decides about it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from . import fields as wire
from .change import NOT_INSTALLED
from .compare import edits
from .desired import Desired
from .errors import InvalidInput
from .outlook import COPIED_TO_BACKUP
from .secrets import HIDDEN
from .shapes import Entry, Leaves, Path, Raw
from .snapshot import left_out
from .types import is_described, object_type

if TYPE_CHECKING:
    from .directory import ConfigObject, Directory
    from .secrets import Secrets

#: Properties that make an object what it is; they are the same, or it is another object.
_TOLD_APART_BY = (("properties", "dbid"), ("properties", "type"))

#: Keys of applications, hosts, scripts and templates on the wire that are known. What an object had beside these may be
#: an identity of its own, and is not given to the one that is created in its place.  Source: G1, G2, G5
_KNOWN_KEYS = frozenset((
    "type name subtype version state folderid appprototypedbid hostdbid port portinfos portinfo workdirectory commandline "
    "commandlinearguments startuptimeout shutdowntimeout attempts timeout autorestart redundancytype componenttype appservers conninfo "
    "resources resource options userproperties property section key value tenantdbids tenantdbid id dbid startuptype isserver "
    "appserverdbid connprotocol timoutlocal timoutremote mode appparams transportparams proxyparams description "
    "longfield1 longfield2 longfield3 longfield4 charfield1 charfield2 charfield3 charfield4 ipaddress ostype lcaport scsdbid index").split())

REFUSE, KEEP, OVERWRITE = "refuse", "keep", "overwrite"


class WayBack:
    """Collects what is wanted, entry by entry.

    What it tells are sentences, in kept, not_restored and bare.

    Args:
        later_edits: refuse, keep or overwrite.
        secrets: hides values in messages.

    Attributes:
        kept: later edits that stay.
        not_restored: secret values that the snapshot does not hold.
        bare: connections that come back without their transport or application parameters, which the collection does not manage.
    """

    def __init__(self, directory: Directory, secrets: Secrets, later_edits: str) -> None:
        self.directory = directory
        self.secrets = secrets
        self.later_edits = later_edits
        self.kept = []
        self.not_restored = []
        self.bare = []
        self._refused = []
        self._impossible = []

    def wanted(self, entries: list[Entry]) -> list[Desired]:
        """Return the list of Desired for all entries; raises InvalidInput for later edits that must not be overwritten.

        The last one comes first, as each write relied on those before it.
        """
        for name in left_out(entries):
            self.secrets.hide(name)  # the run may have been told of more secrets than the restore
        answers = [(entry, self._wanted(entry)) for entry in reversed(entries)]
        wanted = [item for _entry, item in answers if item is not None]
        names = {wire.number(entry["object"].get("dbid")): entry["name"] for entry in entries if entry["object"]}
        for entry, item in answers:
            if item is not None and item.kind == "CfgApplication" and entry["object"]:
                self._tell_parameters(entry, item, names)
        made_again = {(item.kind, item.name) for item in wanted if item.present}
        for item in wanted:
            self._leave_out_what_is_gone(item, made_again)
        if self._impossible:
            raise InvalidInput(
                f"later_edits: somebody took away what this snapshot needs: {'; '.join(self._impossible)}. Undo that first, or set later_edits to 'keep' to "
                "bring back the rest")
        if self._refused:
            raise InvalidInput(
                f"later_edits: somebody changed what this snapshot would bring back: {'; '.join(self._refused)}. Set later_edits to 'keep' to leave that as "
                "it is, or to 'overwrite' to bring back the snapshot all the same")
        return wanted

    def _wanted(self, entry: Entry) -> Desired | None:
        found = self._found(entry)
        desired = Desired(entry["type"], entry["name"], entry["tenant"])
        if entry.get("part") and found is None:
            raise InvalidInput(f"option: {desired.label} is not there any more, so that no part of it can be brought back; without option, the whole object "
                               "is created again")
        if entry["action"] == "create":
            return self._without(entry, desired, found) if found is not None else None
        if found is None:
            renamed = self.directory.by_dbid(entry["type"], wire.number(entry["object"].get("dbid")))
            if renamed is not None:
                self._leave_out(f"{desired.label}: it is named '{renamed.name}' now")
                return None
            return self._made_again(entry, desired)
        if entry["action"] == "update" or entry["action"] == "delete" and entry.get("part"):
            return self._with_old_values(entry, desired, found)
        return self._as_saved(entry, desired, found)

    def _found(self, entry: Entry) -> ConfigObject | None:
        """Return the object of an entry as it is now, or None. Its DBID tells it apart, unless it was created again meanwhile."""
        found = self.directory.by_dbid(entry["type"], wire.number((entry["object"] or {}).get("dbid")))
        if found is not None and found.name == entry["name"]:
            return found
        return self.directory.find(entry["type"], entry["name"], entry["tenant"])

    def _without(self, entry: Entry, desired: Desired, found: ConfigObject) -> Desired | None:
        """What the run created goes, unless it is not what the run made of it any more."""
        current = self._current(desired, found, entry)
        later = [f"{'/'.join(path)} is now '{self._shown(path, current.get(path))}'"
                 for path, before, after in _values(entry)
                 if after != HIDDEN and not any(_same(path, current.get(path), ours) for ours in (before, after))]
        if desired.kind == "CfgApplication" and self._was_installed(entry, found):
            later.append("it was installed")
        if later and not self._may_overwrite(f"{desired.label}: {', '.join(later)}"):
            return None
        return Desired(desired.kind, desired.name, desired.tenant, present=False)

    @staticmethod
    def _was_installed(entry: Entry, found: ConfigObject) -> bool:
        """Return whether an installer wrote where it is; the run itself may have done so too."""
        ours = {path: after for path, _before, after in _values(entry)}
        return any(found.raw.get(key) not in (NOT_INSTALLED, "", None, ours.get((field,)))
                   for key, field in (("workdirectory", "working_directory"), ("commandline", "command_line")))

    def _with_old_values(self, entry: Entry, desired: Desired, found: ConfigObject) -> Desired:
        current = self._current(desired, found, entry)
        for path, before, after in _values(entry):
            now = current.get(path)
            if before == HIDDEN:
                self._tell_secret(desired, path)
            elif not _same(path, now, before):
                as_left = after == HIDDEN or _same(path, now, after)
                if as_left or self._may_overwrite(f"{desired.label}: {'/'.join(path)} is now '{self._shown(path, now)}', and the run had made it "
                                                  f"'{self._shown(path, after)}'"):
                    _demand(desired, path, before)
        return desired

    def _as_saved(self, entry: Entry, desired: Desired, found: ConfigObject) -> Desired | None:
        """Demand all that was saved: for an object that was only saved, or that the run removed and somebody made again."""
        names = entry.get("whole") or sorted({path[0] for path, _before, _after in _values(entry)})
        current = desired.type.decode(found.raw, self.directory, names)
        for path, before, _after in _values(entry):
            if before == HIDDEN:
                self._tell_secret(desired, path)
                before = current.get(path)
            if before is not None and path not in _TOLD_APART_BY:
                desired.demand(path, before)
        for start in [tuple(entry["part"])] if entry.get("part") else [(name,) for name in names]:
            if start[0] != "properties" and start not in desired.leaves:
                desired.forbid(start)
        if entry["action"] == "delete":
            # What is missing was not brought back yet by a restore that was interrupted, or taken away first by such a run.
            different = [path for path, (old, _new) in edits(current, desired.leaves, desired.absent).items() if _is_there(path, old)]
            if different and not self._may_overwrite(f"{desired.label}: it is there, and {', '.join('/'.join(path) for path in different)} "
                                                     f"differ{'s' if len(different) == 1 else ''}"):
                return None
        return desired

    def _made_again(self, entry: Entry, desired: Desired) -> Desired | None:
        """An object that is gone. For one that the run did not remove, that is a later edit."""
        if entry["action"] == "update" and not self._may_overwrite(f"{desired.label}: it was removed"):
            return None
        desired.base = self._base(desired, entry["object"])
        for path, before, _after in _values(entry):
            if before == HIDDEN:
                self._tell_secret(desired, path)
            elif _is_there(path, before) and path[0] not in ("folder", "properties"):  # these are in the base
                desired.demand(path, before)
        return desired

    def _base(self, desired: Desired, raw: Raw) -> Raw:
        """Return the raw object to start from: without its DBID, secrets, and connections to what is not there any more."""
        known = _known(raw) if is_described(desired.kind) else raw
        base = {key: value for key, value in _without_hidden(known).items() if key != "dbid"}
        if desired.kind == "CfgApplication":
            there = [entry for entry in wire.list_items(base, "appservers", "conninfo")
                     if self.directory.by_dbid("CfgApplication", wire.number(entry.get("appserverdbid")))]
            wire.put_items(base, "appservers", "conninfo", there)
            base["backupserverdbid"] = "0"  # paired once both are there
        if self.directory.by_dbid("CfgFolder", wire.number(raw.get("folderid"))) is None and wire.number(base.pop("folderid", 0)):
            self._leave_out(f"{desired.label}: the folder that it was in is not there any more")
        return base

    def _leave_out_what_is_gone(self, item: Desired, made_again: set[tuple[str, str]]) -> None:
        """See to references to objects that are not there any more. An application can do without a connection, but not without a host."""
        for path, value in list(item.leaves.items()):
            gone = [(kind, name) for kind, name in item.type.references(path, value)
                    if not name.startswith("#") and (kind, name) not in made_again and self.directory.find(kind, name) is None]
            if gone and path[0] in COPIED_TO_BACKUP + ("backup",):
                del item.leaves[path]
            for kind, name in gone:
                sentence = f"{item.label}: {object_type(kind).word} '{name}' is not there any more"
                if path in item.leaves:
                    self._impossible.append(sentence)
                else:
                    self._leave_out(sentence)

    def _leave_out(self, sentence: str) -> None:
        told = self.kept if self.later_edits == KEEP else self._impossible
        if sentence not in told:
            told.append(sentence)

    def _current(self, desired: Desired, found: ConfigObject, entry: Entry) -> Leaves:
        return desired.type.decode(found.raw, self.directory, {path[0] for path, _before, _after in _values(entry)})

    def _may_overwrite(self, sentence: str) -> bool:
        if self.later_edits == REFUSE:
            self._refused.append(sentence)
        elif self.later_edits == KEEP:
            self.kept.append(sentence)
        return self.later_edits == OVERWRITE

    def _tell_secret(self, desired: Desired, path: Path) -> None:
        self.not_restored.append(f"{desired.label}: {'/'.join(path)}")

    def _tell_parameters(self, entry: Entry, item: Desired, names: dict[int, str]) -> None:
        """Tell which connections come back without parameters that they had.

        Args:
            names: DBID -> name of the entries' objects.
        """
        def links(raw: Raw) -> Any:
            return {(wire.number(link.get("appserverdbid")), wire.text(link.get("id"))): link for link in wire.list_items(raw, "appservers", "conninfo")}

        found = self._found(entry)
        there = links(item.base if found is None else found.raw)
        for (dbid, port), link in links(entry["object"]).items():
            server = names.get(dbid) or self.directory.name("CfgApplication", dbid)
            wanted = ("connections", server, port, "protocol") in item.leaves
            if wanted and (dbid, port) not in there and (link.get("transportparams") or link.get("appparams")):
                self.bare.append(f"{item.label}: connection to '{server}' (port '{port}')")

    def _shown(self, path: Path, value: Any) -> Any:
        return "" if value is None else self.secrets.shown(path, value)


def _known(value: Any) -> Any:
    """Return a raw object without the keys that are not known, on every level."""
    if isinstance(value, list):
        return [_known(item) for item in value]
    if isinstance(value, dict):
        return {key: _known(item) for key, item in value.items() if key in _KNOWN_KEYS}
    return value


def _without_hidden(value: Any) -> Any:
    """Return a part of a raw object without the secrets, which the snapshot does not hold."""
    if isinstance(value, list):
        return [_without_hidden(item) for item in value if not (isinstance(item, dict) and item.get("value") == HIDDEN)]
    if isinstance(value, dict):
        return {key: _without_hidden(item) for key, item in value.items() if item != HIDDEN}
    return value


def _values(entry: Entry) -> Iterator[tuple[Path, Any, Any]]:
    """Yield (path, before, after) of each field."""
    for field in entry["fields"]:
        yield tuple(field["path"]), field["before"], field["after"]


def _is_there(path: Path, value: Any) -> bool:
    """Return whether a leaf is there: an empty option is, and a connection without a protocol; an empty property says nothing."""
    return value is not None and (value != "" or len(path) > 1)


def _same(path: Path, one: Any, other: Any) -> bool:
    """Return whether two values are the same, or neither is there."""
    return one == other or not _is_there(path, one) and not _is_there(path, other)


def _demand(desired: Desired, path: Path, value: Any) -> None:
    if value is None:
        desired.forbid(path)
    else:
        desired.demand(path, value)
