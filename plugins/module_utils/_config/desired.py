# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What must be true of one object: the only thing that rules produce and the plan consumes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NoReturn

from .errors import InvalidInput
from .secrets import Secrets
from .shapes import Path
from .types import object_type


class Desired:
    """The wanted part of one object, in the user's words.

    Args:
        kind: class, e.g. CfgApplication.
        name, tenant: which object.
        present: False to remove it.

    Attributes:
        leaves: path -> value that must hold.
        on_create: the same, only if the object does not exist yet.
        absent: paths or beginnings of paths under which nothing may be, except what "leaves" holds.
        may_wait: beginnings of paths that may wait until all new objects exist (they refer to each other).
        base: raw properties that a new object gets beside its leaves (what GAX found in a template file).
    """

    def __init__(self, kind: str, name: str, tenant: str | None = None, present: bool = True) -> None:
        self.type = object_type(kind)
        if not name.strip():
            raise InvalidInput(f"the name of an object of class {kind} must not be empty")
        self.kind = kind
        self.name = name
        self.tenant = tenant
        self.present = present
        self.leaves = {}
        self.on_create = {}
        self.absent = set()
        self.may_wait: set[Path] = set()
        self.base = {}

    @property
    def inherited(self) -> set[Path]:
        """The paths of what the object gets only from its template, if it is created: options, type and version."""
        return {path for path in self.on_create if path[0] in ("options", "type", "version")}.difference(self.leaves)

    @property
    def label(self) -> str:
        return f"{self.type.word} '{self.name}'"

    def want(self, path: str | Sequence[str], value: Any, where: str | None = None) -> None:
        """Demand that the leaf at "path" has the value (in the user's form); where: the option, for messages."""
        path = (path,) if isinstance(path, str) else tuple(path)
        if not all(part.strip() for part in path):
            raise InvalidInput(f"{where or self.label}: the name of a section or option must not be empty")
        self.demand(path, self.type.field(path[0]).coerce(value, where or "/".join(path)))

    def demand(self, path: Path, value: Any) -> None:
        """Demand a value that is in the user's form already; raises InvalidInput when another one is demanded."""
        if path in self.absent:
            self._contradiction(path)
        if self.leaves.setdefault(path, value) != value:
            shown = Secrets().shown
            raise InvalidInput(f"{self.label}: two parts of the description want different values of {'/'.join(path)}: '{shown(path, self.leaves[path])}' "
                               f"and '{shown(path, value)}'")

    def want_on_create(self, path: str | Sequence[str], value: Any) -> None:
        """Demand the value only if the object is created by this run; what exists is left alone."""
        path = (path,) if isinstance(path, str) else tuple(path)
        self.on_create[path] = self.type.field(path[0]).coerce(value, "/".join(path))

    def want_options(self, field: str, sections: Any, where: str) -> None:
        """Demand options or annex given as section -> key -> value; a value of None removes the key."""
        if not isinstance(sections, dict):
            raise InvalidInput(f"{where} must map sections to options")
        for section, options in sections.items():
            if not isinstance(options, dict):
                raise InvalidInput(f"{where}: section '{section}' must map options to values")
            for key, value in options.items():
                path = (field, str(section), str(key))
                if value is None:
                    self.forbid(path)
                else:
                    self.want(path, value, f"{where}: {section}/{key}")

    def forbid(self, path: Sequence[str]) -> None:
        """Demand that nothing is at or below "path", except wanted leaves; raises InvalidInput when it is wanted itself."""
        if tuple(path) in self.leaves:
            self._contradiction(path)
        self.absent.add(tuple(path))

    def _contradiction(self, path: Sequence[str]) -> NoReturn:
        raise InvalidInput(f"{self.label}: one part of the description wants {'/'.join(path)}, and another one wants it removed")

    def merge(self, other: Desired) -> None:
        """Take over what another rule demands of the same object; raises InvalidInput when they contradict."""
        for path, value in other.leaves.items():
            self.demand(path, value)
        if self.present != other.present:
            raise InvalidInput(f"{self.label} is described as present and as absent")
        self.on_create.update(other.on_create)
        for path in other.absent:
            self.forbid(path)
        self.may_wait |= other.may_wait


def merged(desired: Iterable[Desired]) -> list[Desired]:
    """Return the list with one Desired per object, in order of first appearance."""
    by_key = {}
    for item in desired:
        key = (item.kind, item.name, item.tenant)
        if key in by_key:
            by_key[key].merge(item)
        else:
            by_key[key] = item
    return list(by_key.values())
