# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the entries of a snapshot to what must be true so that its objects are as they were.

The way back goes through the plan, like everything else. Only the fields that the run was about to change are brought
back; what somebody changed after the run is a later edit, and the user says what becomes of it.
"""

from __future__ import annotations

from . import fields as wire
from .compare import edits
from .desired import Desired
from .errors import InvalidInput
from .plan import NOT_INSTALLED
from .secrets import HIDDEN
from .types import is_described

#: Properties that make an object what it is; they are the same, or it is another object.
_TOLD_APART_BY = (("properties", "dbid"), ("properties", "type"))

#: Keys of applications, hosts, scripts and templates on the wire that are known. What an object had beside these may be
#: an identity of its own, and is not given to the one that is created in its place.  Source: G1, G2, G5
_KNOWN_KEYS = frozenset((
    "type name subtype version state folderid appprototypedbid hostdbid port portinfos portinfo workdirectory commandline "
    "commandlinearguments startuptimeout shutdowntimeout attempts timeout autorestart redundancytype componenttype appservers conninfo "
    "resources resource options userproperties property section key value tenantdbids tenantdbid id dbid startuptype isserver "
    "appserverdbid connprotocol timoutlocal timoutremote mode appparams transportparams proxyparams description "
    "longfield1 longfield2 longfield3 longfield4 charfield1 charfield2 charfield3 charfield4 "
    "ipaddress ostype lcaport scsdbid index").split())

REFUSE, KEEP, OVERWRITE = "refuse", "keep", "overwrite"


class WayBack:
    """Collects what is wanted, entry by entry. later_edits: refuse, keep or overwrite.  secrets: hides values in messages.

    kept: later edits that stay.  not_restored: secret values that the snapshot does not hold. Both are sentences.
    """

    def __init__(self, directory, secrets, later_edits):
        self.directory = directory
        self.secrets = secrets
        self.later_edits = later_edits
        self.kept = []
        self.not_restored = []
        self._refused = []

    def wanted(self, entries):
        """Return the list of Desired for all entries; raises InvalidInput for later edits that must not be overwritten."""
        wanted = [item for item in map(self._wanted, entries) if item is not None]
        if self._refused:
            raise InvalidInput(
                "later_edits: somebody changed what this snapshot would bring back: %s. Set later_edits to 'keep' to leave that as it is, "
                "or to 'overwrite' to bring back the snapshot all the same" % "; ".join(self._refused))
        return wanted

    def _wanted(self, entry):
        found = self._found(entry)
        desired = Desired(entry["type"], entry["name"], entry["tenant"])
        if entry["action"] == "create":
            return self._without(entry, desired, found) if found is not None else None
        if found is None:
            return self._made_again(entry, desired)
        if entry["action"] == "update":
            return self._with_old_values(entry, desired, found)
        return self._as_saved(entry, desired, found)

    def _found(self, entry):
        """Return the object of an entry as it is now, or None. Its DBID tells it apart, unless it was created again meanwhile."""
        found = self.directory.by_dbid(entry["type"], wire.number((entry["object"] or {}).get("dbid")))
        if found is not None and found.name == entry["name"]:
            return found
        return self.directory.find(entry["type"], entry["name"], entry["tenant"])

    def _without(self, entry, desired, found):
        """What the run created goes, unless it is not what the run made of it any more."""
        current = self._current(desired, found, entry)
        later = ["%s is now '%s'" % ("/".join(path), self._shown(path, current.get(path)))
                 for path, _before, after in _values(entry) if after != HIDDEN and not _same(path, current.get(path), after)]
        if desired.kind == "CfgApplication" and found.raw.get("workdirectory") not in (NOT_INSTALLED, "", None):
            later.append("it was installed")
        if later and not self._may_overwrite("%s: %s" % (desired.label, ", ".join(later))):
            return None
        return Desired(desired.kind, desired.name, desired.tenant, present=False)

    def _with_old_values(self, entry, desired, found):
        current = self._current(desired, found, entry)
        for path, before, after in _values(entry):
            now = current.get(path)
            if HIDDEN in (before, after) and before is not None:
                self._tell_secret(desired, path)
            elif not _same(path, now, before):
                as_left = after == HIDDEN or _same(path, now, after)
                if as_left or self._may_overwrite("%s: %s is now '%s', and the run had made it '%s'" % (
                        desired.label, "/".join(path), self._shown(path, now), self._shown(path, after))):
                    _demand(desired, path, before)
        return desired

    def _as_saved(self, entry, desired, found):
        """All that was saved holds again: of an object that was only saved, or that the run removed and somebody made again."""
        names = entry.get("whole") or sorted({path[0] for path, _before, _after in _values(entry)})
        current = desired.type.decode(found.raw, self.directory, names)
        for path, before, _after in _values(entry):
            if before == HIDDEN:
                self._tell_secret(desired, path)
                before = current.get(path)
            if before is not None and path not in _TOLD_APART_BY:
                desired.demand(path, before)
        for name in names:
            if name != "properties" and (name,) not in desired.leaves:
                desired.forbid((name,))
        if entry["action"] == "delete":
            different = edits(current, desired.leaves, desired.absent)
            if different and not self._may_overwrite("%s: it is there again, and %s differ%s" % (
                    desired.label, ", ".join("/".join(path) for path in different), "s" if len(different) == 1 else "")):
                return None
        return desired

    def _made_again(self, entry, desired):
        """An object that is gone. For one that the run did not remove, that is a later edit."""
        if entry["action"] == "update" and not self._may_overwrite("%s: it was removed" % desired.label):
            return None
        desired.base = self._base(desired, entry["object"])
        for path, before, _after in _values(entry):
            if before == HIDDEN:
                self._tell_secret(desired, path)
            elif before not in (None, "") and path[0] not in ("folder", "properties"):  # these are in the base
                desired.demand(path, before)
        return desired

    def _base(self, desired, raw):
        """Return the raw object to start from: without its DBID, secrets, and connections to what is not there any more."""
        known = _known(raw) if is_described(desired.kind) else raw
        base = {key: value for key, value in known.items() if key != "dbid" and value != HIDDEN}
        for key in ("options", "userproperties"):
            if key in base:
                wire.put_entries(base, key, "property", [entry for entry in wire.entries(base, key, "property") if entry.get("value") != HIDDEN])
        if desired.kind == "CfgApplication":
            there = [entry for entry in wire.entries(base, "appservers", "conninfo")
                     if self.directory.by_dbid("CfgApplication", wire.number(entry.get("appserverdbid")))]
            wire.put_entries(base, "appservers", "conninfo", there)
            base["backupserverdbid"] = "0"  # paired once both are there
        return base

    def _current(self, desired, found, entry):
        return desired.type.decode(found.raw, self.directory, {path[0] for path, _before, _after in _values(entry)})

    def _may_overwrite(self, sentence):
        if self.later_edits == REFUSE:
            self._refused.append(sentence)
        elif self.later_edits == KEEP:
            self.kept.append(sentence)
        return self.later_edits == OVERWRITE

    def _tell_secret(self, desired, path):
        self.not_restored.append("%s: %s" % (desired.label, "/".join(path)))

    def _shown(self, path, value):
        return "" if value is None else self.secrets.shown(path, value)


def _known(value):
    """Return a raw object without the keys that are not known, on every level."""
    if isinstance(value, list):
        return [_known(item) for item in value]
    if isinstance(value, dict):
        return {key: _known(item) for key, item in value.items() if key in _KNOWN_KEYS}
    return value


def _values(entry):
    """Yield (path, before, after) of each field."""
    for field in entry["fields"]:
        yield tuple(field["path"]), field["before"], field["after"]


def _same(path, one, other):
    """Return whether two values are the same; of a single property, unlike an option, no value and an empty one are."""
    return one == other or len(path) == 1 and one in (None, "") and other in (None, "")


def _demand(desired, path, value):
    if value is None:
        desired.forbid(path)
    else:
        desired.demand(path, value)
