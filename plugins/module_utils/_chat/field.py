# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fields: one option of a description or of a module, written once.

Argument specs, documentation (plugins/doc_fragments/parts.py), the rules and the way back read it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .._config.desired import Desired
from .._config.errors import InvalidInput
from .._config.fields import whole_number
from .._config.shapes import Path


class Described(dict):
    """An option that takes a name, or a mapping, or a list of these. mapping: the argument spec of such a mapping."""

    def __init__(self, mapping: Mapping[str, Any] | None = None, **option: Any) -> None:
        super().__init__(option)
        self.mapping = mapping or {}


class Field:
    """One option.

    Args:
        name, elements, required, default, choices: as in an argument spec.
        kind: Ansible's type.
        text: the paragraphs of its documentation. O(name) in them means the option beside it.
        fields: those of a mapping, or of each mapping in a list.
        mapping: those of a mapping that may stand where a name is enough.
        path: where the value stands in the object, () if a rule decides that. Its first word is a field of the object (_config/types.py), which
            knows how values are compared.
        least, most: the range. A value outside of it is refused; of an option of the application it is only warned about (see ranges).
        adopted: whether adoption puts it into the description.
        source: keys of docs/sources.md for what the field is about, '' if the rule cites them.
    """

    def __init__(self, name: str, kind: str, *text: str, elements: str | None = None, required: bool = False, default: Any = None,
                 choices: list[str] | None = None, fields: Iterable[Field] = (), mapping: Iterable[Field] = (), path: Path = (),
                 least: int | None = None, most: int | None = None, adopted: bool = False, source: str = "") -> None:
        self.name = name
        self.kind = kind
        self.text = text
        self.elements = elements
        self.required = required
        self.default = default
        self.choices = choices
        self.fields = fields
        self.mapping = mapping
        self.path = path
        self.least = least
        self.most = most
        self.adopted = adopted
        self.source = source

    def option(self) -> dict[str, Any]:
        """Return the option of an argument spec."""
        option: dict[str, Any] = {"type": self.kind}
        for key in ("elements", "required", "default", "choices"):
            if getattr(self, key) not in (None, False) or key == "default" and self.default is False:
                option[key] = getattr(self, key)
        if self.fields:
            option["options"] = argument_spec(self.fields)
        return Described(argument_spec(self.mapping), **option) if self.mapping else option

    def checked(self, value: Any, where: str) -> Any:
        """Return a value that is within the range; raises InvalidInput otherwise. where: the place of the field, for the message."""
        if self.path[:1] == ("options",) or isinstance(value, bool) or not isinstance(value, int):
            return value
        if self.least is not None and self.most is not None and not self.least <= value <= self.most:
            raise InvalidInput(f"{where} must be from {self.least} to {self.most}, got {value}")
        if self.least is not None and value < self.least:
            raise InvalidInput(f"{where} must not be negative, got {value}" if self.least == 0 else
                               f"{where} must be {self.least} or more, got {value}")
        return value

    def as_described(self, value: Any) -> Any:
        """Return the value of a leaf as a description holds it, or None if this field can't hold it."""
        if self.path[:1] != ("options",):
            return value
        if self.kind == "int":
            return whole_number(value)
        if self.kind == "bool":
            return {"true": True, "false": False}.get(value)
        return value


def argument_spec(fields: Iterable[Field]) -> dict[str, Any]:
    """Return the argument spec of fields."""
    return {field.name: field.option() for field in fields}


def want_given(desired: Desired, fields: Iterable[Field], values: Mapping[str, Any], where: str) -> None:
    """Demand what is given of those fields that have a path.  values: name -> value or None.  Raises InvalidInput."""
    for field in fields:
        if field.path and values.get(field.name) is not None:
            place = f"{where}: {field.name}"
            desired.want(field.path, field.checked(values[field.name], place), place)


def documented_ranges(fields: Iterable[Field]) -> dict[tuple[str, str], tuple[Any, ...]]:
    """Return (section, option) -> (lowest, highest) of those fields that are options of an application and have a range."""
    return {(field.path[1], field.path[2]): (field.least, field.most) for field in fields if field.path[:1] == ("options",) and field.least is not None}


def state(present: str, absent: str) -> Field:
    """Return the field that says whether something is to be there; present, absent: what each of the two does."""
    return Field("state", "str", f"V(present) {present}", f"V(absent) {absent}", choices=["present", "absent"], default="present")
