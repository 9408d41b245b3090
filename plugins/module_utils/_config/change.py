# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One write: to which object, from which values to which, and what a new object starts from."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, Any

from .compare import nested
from .shapes import Edits, Path, Raw
from .types import ObjectType, object_type

if TYPE_CHECKING:
    from .desired import Desired
    from .directory import ConfigObject

#: What an application that nobody installed yet carries where the installer will write.  Source: IP (lab installer), G2
NOT_INSTALLED = "."


class Change:
    """One write.

    Args:
        action: create, update or delete.
        found: the ConfigObject that is changed or deleted.
        copied_to: name of the backup that the server copies to.
        needs: the Changes that must have been written before, as a rule of the Configuration Server asks.

    Attributes:
        edits: path -> (old, new) in the user's words.
        inherited: paths of what a new application gets from its template, and of which the description says nothing.
    """

    def __init__(
        self,
        action: str,
        desired: Desired | Change,
        edits_: Edits,
        found: ConfigObject | None = None,
        copied_to: str = "",
        needs: Iterable[Change | None] = (),
    ) -> None:
        self.action = action
        self.kind: str = desired.kind
        self.type: ObjectType = desired.type
        self.name: str = desired.name
        self.tenant: str | None = desired.tenant
        self.edits = edits_
        self.found = found
        self.copied_to = copied_to
        self.needs = {change for change in needs if change is not None}
        self.may_wait: set[Path] = desired.may_wait  # what may wait until all new objects are there
        self.base: Raw = desired.base  # what a create starts from
        self.inherited: frozenset[Path] = frozenset(desired.inherited)

    @property
    def target(self) -> ConfigObject:
        """The object that is changed or deleted."""
        if self.found is None:
            raise ValueError(f"{self.label} is not there")
        return self.found

    @property
    def label(self) -> str:
        return f"{self.type.word} '{self.name}'"

    def before(self) -> dict[str, Any]:
        """Return the values that the write replaces, nested."""
        return nested({path: old for path, (old, _new) in self.edits.items() if old is not None})

    def after(self, without: Collection[Path] = ()) -> dict[str, Any]:
        """Return the values that the write brings, nested; what is removed is missing, and so are the paths of "without"."""
        return nested({path: new for path, (_old, new) in self.edits.items() if new is not None and path not in without})

    def inheritance(self) -> str:
        """Return what comes from which template, in words, '' for nothing."""
        template = self.edits.get(("application_template",), (None, None))[1]
        inherited = self.inherited.intersection(self.edits)
        if not template or not inherited:
            return ""
        options = sum(len(path) > 1 for path in inherited)
        words = [path[0] for path in sorted(inherited) if len(path) == 1] + ([f"{options} options"] if options else [])
        return f"as in template '{template}': {', '.join(words)}"


def blank(change: Change) -> Raw:
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
