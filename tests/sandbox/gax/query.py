# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists of objects: the query string of ``GET cfg/objects``. Source: G1, G2."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from .answers import to_bytes
from .codec import Object, encode
from .deletion import folder_content
from .dialects import Dialect
from .enumerations import folder_subtype
from .errors import ConfigurationError
from .rules import class_of
from .schema import ObjectType
from .store import Record, Store

Condition = Callable[[Object], bool]


def listed(store: Store, parameters: Iterable[tuple[str, str]], dialect: Dialect) -> bytes:
    """Return the JSON array that answers a list request.

    ``type`` is mandatory. Without ``brief=false`` the answer is brief, which is inferred: both known clients always ask for
    ``brief=false``. A property that the class does not have is refused, which is inferred too. Raises ConfigurationError.
    """
    values = dict(parameters)
    if not values.get("type"):
        raise ConfigurationError("CFGWrongAPIParameters", "the parameter type is mandatory")
    definition = class_of(values.pop("type"))
    brief = values.pop("brief", "true") != "false"
    filters = values.pop("filters", "")
    conditions = [_condition(definition, key, value, dialect.name_match) for key, value in values.items()]
    if filters:
        conditions.append(_filters(definition, filters))
    records: Iterable[Record] = store.records(definition.name)
    if definition.label in values and dialect.name_match == "exact":
        records = store.labelled(definition.name, values[definition.label])
    chosen = [record for record in records if all(condition(record.value) for condition in conditions)]
    return b"[" + b",".join(serialised(store, record, dialect, brief) for record in chosen) + b"]"


def serialised(store: Store, record: Record, dialect: Dialect, brief: bool = False) -> bytes:
    """Return one object as JSON; kept with the record, as a list of thousands must be quick. Folders show their content."""
    if record.value["type"] == "CfgFolder" and not brief:
        return to_bytes(encode(with_content(store, record.value), dialect))
    if dialect.as_kept and not brief:
        return record.body
    key = dialect.name + ("/brief" if brief else "")
    if key not in record.answers:
        record.answers[key] = to_bytes(encode(record.value, dialect, brief))
    return record.answers[key]


def with_content(store: Store, folder: Object) -> Object:
    """Return a folder with ``objectids`` filled in. The spelling of the types inside is inferred."""
    content = [{"dbid": other["dbid"], "type": folder_subtype(other["type"])} for other in folder_content(store, folder["dbid"])]
    return {**folder, "objectids": {"idtype": content}}


def _condition(definition: ObjectType, key: str, wanted: str, name_match: str = "exact") -> Condition:
    if key != "dbid" and key not in definition.fields:
        raise ConfigurationError("CFGUnsupportedProperty", f"{definition.name} can not be searched by {key}")
    if key == definition.label and name_match == "prefix":
        return lambda value: str(value[key]).startswith(wanted)
    if key == definition.label and name_match == "nocase":
        return lambda value: str(value[key]).lower() == wanted.lower()
    return lambda value: bool(value[key] == wanted)


def _filters(definition: ObjectType, text: str) -> Condition:
    """``a=1 AND b=2 OR c=3``: AND binds tighter than OR (inferred); there are no parentheses."""
    alternatives = []
    for group in text.split(" OR "):
        terms = []
        for term in group.split(" AND "):
            key, separator, wanted = term.strip().partition("=")
            if not separator:
                raise ConfigurationError("CFGWrongAPIParameters", f"filters: '{term}' is not of the form key=value")
            terms.append(_condition(definition, key.strip(), wanted.strip()))
        alternatives.append(terms)
    return lambda value: any(all(term(value) for term in terms) for terms in alternatives)
