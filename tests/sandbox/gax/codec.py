# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""GAX's JSON to and from the one form in which the sandbox keeps objects.

Kept form = GAX's own, complete: every scalar of the type present as a string, every list present as an object with one
array. ``decode`` accepts what a client may send; ``encode`` produces what the chosen dialect answers. Source: G1, G2.
"""

from __future__ import annotations

import re
from typing import Any

from .dialects import Dialect
from .enumerations import ENUMERATIONS
from .errors import ConfigurationError
from .schema import ENUMERATION, LISTS, NUMBER, REFERENCE, TEXT, TYPES, Field, ListShape, ObjectType

Object = dict[str, Any]
_INTEGER = re.compile(r"-?[0-9]{1,19}")
# Its values are not known: this one is the sandbox's own.
TENANT_MODE = "sandbox"
BRIEF_KEYS = ("dbid", "type", "name", "username", "logincode", "number", "subtype", "state", "folderid", "tenantdbid")


def _scalar(value: Any, definition: Field, where: str) -> str:
    """Return one property as the string that is kept. Raise ConfigurationError for a value of the wrong form."""
    number_like = definition.kind in (NUMBER, REFERENCE)
    if number_like and isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        raise ConfigurationError("CFGWrongAPIParameters", f"{where}: expected a string, got {type(value).__name__}")
    if number_like:
        if not _INTEGER.fullmatch(value):
            raise ConfigurationError("CFGValueOutOfRange", f"{where}: '{value}' is not a number")
        return str(int(value))
    if definition.kind == ENUMERATION and value not in ENUMERATIONS[definition.target]:
        raise ConfigurationError("CFGValueOutOfRange", f"{where}: '{value}' is not a {definition.target}")
    return value


def _item(raw: Any, shape: ListShape, where: str, ignored: list[str]) -> Object:
    if not isinstance(raw, dict):
        raise ConfigurationError("CFGWrongAPIParameters", f"{where}: expected an object")
    if not shape.fields:
        return dict(raw)
    item = {key: _scalar(raw.get(key, definition.default), definition, f"{where}.{key}") for key, definition in shape.fields.items()}
    item.update({key: _scalar(raw[key], Field(TEXT), f"{where}.{key}") for key in shape.optional if raw.get(key) not in (None, "")})
    ignored.extend(f"{where}.{key}" for key in raw if key not in shape.fields and key not in shape.optional)
    return item


def _list(name: str, raw: Any, ignored: list[str]) -> Object:
    shape = LISTS[name]
    array = raw.get(shape.item) if isinstance(raw, dict) else None
    if array is None and isinstance(raw, dict) and not set(raw) - {"mode"}:
        array = []
    if not isinstance(array, list):
        raise ConfigurationError("CFGWrongAPIParameters", f'{name}: expected an object with the array "{shape.item}"')
    items = [_item(entry, shape, f"{name}.{shape.item}[{index}]", ignored) for index, entry in enumerate(array)]
    for index, entry in enumerate(items):
        empty = [key for key in ("section", "key") if key in shape.fields and not entry[key]]
        if empty:
            raise ConfigurationError("CFGWrongAPIParameters", f"{name}.{shape.item}[{index}].{empty[0]}: must not be empty")
    if shape.fields.keys() == {"section", "key", "value"}:
        items = list({(entry["section"], entry["key"]): entry for entry in items}.values())
    return {shape.item: items}


def decode(definition: ObjectType, body: Object) -> tuple[Object, list[str]]:
    """Return the properties that a request carries, checked and in kept form, and the names of those that were ignored.

    A missing property, one that is null, and a password are absent from the result. Duplicate options are tolerated; the last wins.
    Raises ConfigurationError for a wrong form, an unknown enumeration name or a number that is none.
    """
    ignored: list[str] = []
    given: Object = {}
    for key, value in body.items():
        if value is None or key in ("type", "dbid"):
            continue
        if key in definition.lists:
            given[key] = _list(key, value, ignored)
        elif key in definition.never_kept:
            continue
        elif key in definition.fields:
            given[key] = _scalar(value, definition.fields[key], key)
        else:
            ignored.append(key)
    return given, ignored


def complete(definition: ObjectType, dbid: int, given: Object) -> Object:
    """Return an object in kept form: what is given, and the defaults of everything else."""
    result: Object = {"dbid": str(dbid), "type": definition.name}
    for key, scalar in definition.fields.items():
        result[key] = given.get(key, scalar.default)
    for key in definition.lists:
        result[key] = given.get(key, {LISTS[key].item: []})
    return result


def options_of(properties: Object) -> dict[str, dict[str, str]]:
    """Return a flat option list as section -> key -> value."""
    sections: dict[str, dict[str, str]] = {}
    for entry in properties["property"]:
        sections.setdefault(entry["section"], {})[entry["key"]] = entry["value"]
    return sections


def option_list(sections: dict[str, dict[str, str]]) -> Object:
    """Return section -> key -> value as GAX's flat list."""
    return {"property": [{"section": section, "key": key, "value": value} for section, keys in sections.items() for key, value in keys.items()]}


def _numbers(values: Object, fields: dict[str, Field]) -> Object:
    return {key: int(value) if key in fields and fields[key].kind in (NUMBER, REFERENCE) else value for key, value in values.items()}


def _link_id(dbid: str, name: str, item: Object) -> str:
    return ":".join(["x", dbid, *(item[key] for key in LISTS[name].identity)])


def extra_properties(value: Object) -> Object:
    """Return the properties, unknown to any client, that the dialects with ``extra_fields`` add to an object when it is read."""
    return {"replicationid": int(value["dbid"]) * 7 + 1, "origin": {"region": "east", "sequence": [1, None, "x"]}, "retired": None}


def encode(value: Object, dialect: Dialect, brief: bool = False) -> Object:
    """Return an object as the dialect answers it; ``brief`` leaves out all but the identifying properties (inferred)."""
    definition = TYPES[value["type"]]
    if brief:
        result = {key: value[key] for key in BRIEF_KEYS if key in value}
        return _numbers(result, {"dbid": Field(NUMBER), **definition.fields}) if dialect.numbers else result
    result = dict(value)
    for name in definition.lists:
        shape = LISTS[name]
        items = value[name][shape.item]
        hidden = dialect.empty_lists if dialect.empty_lists != "annex" else "absent" if name == "userproperties" else "present"
        if not items and hidden != "present":
            result[name] = None
            if hidden == "absent":
                del result[name]
            continue
        if dialect.numbers:
            items = [_numbers(item, shape.fields) for item in items]
        if dialect.extra_fields and name in ("appservers", "portinfos"):
            original = value[name][shape.item]
            items = [{**item, "linkid": _link_id(value["dbid"], name, kept)} for item, kept in zip(items, original)]
        result[name] = {shape.item: items}
    if dialect.tenant_mode and isinstance(result.get("tenantdbids"), dict):
        result["tenantdbids"]["mode"] = TENANT_MODE
    if dialect.empty_scalars == "absent":
        result = {key: entry for key, entry in result.items() if entry != "" or key == definition.label}
    if dialect.numbers:
        result = _numbers(result, {"dbid": Field(NUMBER), **definition.fields})
    if dialect.extra_fields:
        result.update(extra_properties(value))
    return result


def lost_fields(before: Object, body: Object, dialect: Dialect) -> list[str]:
    """Return what a replacing request failed to carry back: properties of the object as it was last readable.

    A property is lost when the request does not have it; one that only a newer release would know, also when it was changed.
    """
    shown = encode(before, dialect)
    lost = [key for key in shown if key not in body]
    tenants = body.get("tenantdbids")
    if dialect.tenant_mode and isinstance(shown.get("tenantdbids"), dict) and isinstance(tenants, dict) and tenants.get("mode") != TENANT_MODE:
        lost.append("tenantdbids.mode")
    if not dialect.extra_fields:
        return lost
    lost += [key for key, value in extra_properties(before).items() if key in body and body[key] != value]
    for name in ("appservers", "portinfos"):
        if not isinstance(shown.get(name), dict) or not isinstance(body.get(name), dict):
            continue
        shape = LISTS[name]
        identity = [[str(entry.get(key)) for key in shape.identity] for entry in body[name].get(shape.item, [])]
        for entry in shown[name][shape.item]:
            key = [str(entry[part]) for part in shape.identity]
            if key in identity and body[name][shape.item][identity.index(key)].get("linkid") != entry["linkid"]:
                lost.append(f"{name}.{shape.item}[{'/'.join(key)}].linkid")
    return lost
