# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One write: to which object, from which values to which, and what a new object starts from."""

from __future__ import annotations

from .compare import nested
from .types import object_type

#: What an application that nobody installed yet carries where the installer will write.  Source: IP (lab installer), G2
NOT_INSTALLED = "."


class Change:
    """One write. action: create, update or delete.  edits: path -> (old, new) in the user's words.

    found: the ConfigObject that is changed or deleted.  copied_to: name of the backup that the server copies to.
    needs: the Changes that must have been written before, as a rule of the Configuration Server asks.
    """

    def __init__(self, action, desired, edits_, found=None, copied_to="", needs=()):
        self.action = action
        self.kind = desired.kind
        self.type = desired.type
        self.name = desired.name
        self.tenant = desired.tenant
        self.edits = edits_
        self.found = found
        self.copied_to = copied_to
        self.needs = set(needs)
        self.late = desired.late  # what may wait until all new objects are there
        self.base = desired.base  # what a create starts from

    @property
    def label(self):
        return f"{self.type.word} '{self.name}'"

    def before(self):
        """Return the values that the write replaces, nested."""
        return nested({path: old for path, (old, _new) in self.edits.items() if old is not None})

    def after(self):
        """Return the values that the write brings, nested; what is removed is missing."""
        return nested({path: new for path, (_old, new) in self.edits.items() if new is not None})


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
