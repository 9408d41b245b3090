# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The check of what a user gives by argument specs: nested descriptions, and values at which Ansible's own check fails with a traceback."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Mapping
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.common.validation import check_type_dict, check_type_list
from ansible.module_utils.parsing.convert_bool import BOOLEANS as ALL_BOOLEANS

from .._config.errors import InvalidInput
from .._config.nearest import sentences, suggestion
from .field import Described

#: The types of options that are text; an option without a type is one.
TEXT = ("str", "path", None)

#: The words that Ansible takes for true and false; the numbers among its own list are no words.
BOOLEANS = frozenset(word for word in ALL_BOOLEANS if isinstance(word, str))


def named(value: Any, spec: Mapping[str, Any], where: str) -> dict[str, Any]:
    """Return a dict with at least 'name' from a name or a dict that "spec" describes; raises InvalidInput."""
    if isinstance(value, str):
        if not value.strip():
            raise InvalidInput(f"{where} must not be empty")
        return {"name": value}
    if not isinstance(value, dict):
        raise InvalidInput(f"{where} must be a name or a mapping with a name, got {type(value).__name__}")
    return validated(value, spec, where)


def validated(value: Any, spec: Mapping[str, Any], where: str) -> dict[str, Any]:
    """Return "value" checked by an argument spec, with what is missing filled in; raises InvalidInput."""
    if not isinstance(value, dict):
        raise InvalidInput(f"{where} must be a mapping, got {type(value).__name__}")
    value = copy.deepcopy(value)
    complaints = replace_misfits(value, spec, where)
    if complaints:
        raise InvalidInput(sentences(complaints))
    result = ArgumentSpecValidator(spec).validate(value)
    if result.error_messages:
        raise InvalidInput(f"{where}: {'; '.join(result.error_messages)}")
    return result.validated_parameters


def replace_misfits(values: dict[Any, Any], spec: Mapping[str, Any], where: str = "") -> list[str]:
    """Replace or take away, in place, what Ansible's own check would stumble over; return the complaints about it as a list of str.

    That check can't stand numbers and the like where a mapping with suboptions is due, nor some numbers, and gives up before it knows which values are
    passwords. Text that stands for a mapping becomes one, so that secrets in it are known by name. It names neither the place of an unknown key in a list nor
    the known key that was meant, and stops at the first one.

    Args:
        where: the place of "values" in the description, '' for the options of a module.
    """
    complaints = _unknown_keys(values, spec, where)
    for key, option in spec.items():
        name, kind = f"{where}.{key}" if where else key, option.get("type")
        if values.get(key) is None:
            # Options of a module may come from the environment.
            if option.get("required") and where:
                complaints.append(f"'{key}' is missing in {where}")
        elif kind == "int" and not _is_whole(values[key]):
            shown = type(values[key]).__name__ if isinstance(values[key], (dict, list)) else f"'{str(values[key]):.40}'"
            complaints.append(f"{name} must be a whole number (18 digits at most), got {shown}")
            values[key] = 0
        elif kind == "dict":
            complaints += _replace_mapping(values, key, option, name)
        elif kind == "list" and "options" in option:
            values[key], wrong = _taken(values[key], check_type_list, list, name, "list of mappings")
            complaints += wrong
            for number in range(len(values[key])):
                complaints += _replace_mapping(values[key], number, option, f"{name}[{number}]")
        elif isinstance(option, Described):
            complaints += _misfits_of_items(values[key], option, name)
        elif kind in TEXT and isinstance(values[key], (dict, list)):
            complaints.append(f"{name} must be text, got {_kind(values[key])}")
            values[key] = ""
        elif kind == "list" and option.get("elements") == "str":
            complaints += _no_texts(values, key, name)
        elif isinstance(values[key], str):
            complaints += _wrong_words(values[key], option, name)
    return complaints


def _unknown_keys(values: dict[Any, Any], spec: Mapping[str, Any], where: str) -> list[str]:
    """Take away the keys that "spec" does not have; return the complaints about them."""
    complaints = []
    for key in [key for key in values if key not in spec and not (not where and str(key).startswith("_ansible_"))]:
        del values[key]
        # If no known name is similar, all of them are shown.
        hint = suggestion(key, spec) or f"; the known ones are {', '.join(sorted(spec))}"
        complaints.append(f"unknown key '{key}' in {where}{hint}" if where else f"unknown option '{key}'{hint}")
    return complaints


def _misfits_of_items(value: Any, option: Described, name: str) -> list[str]:
    complaints = []
    places = [(item, f"{name}[{number}]") for number, item in enumerate(value)] if isinstance(value, list) else [(value, name)]
    for item, place in places:
        if isinstance(item, dict):
            complaints += replace_misfits(item, option.mapping, place)
    return complaints


def _no_texts(values: dict[Any, Any], key: str, name: str) -> list[str]:
    """Replace what is no list of texts; return the complaints about it. Ansible makes text of anything, and a name of it that nobody meant."""
    if isinstance(values[key], dict):
        values[key] = []
        return [f"{name} must be a list, got mapping"]
    items = list(enumerate(values[key])) if isinstance(values[key], list) else []
    wrong = [(number, item) for number, item in items if item is None or isinstance(item, (dict, list))]
    for number, _item in wrong:
        values[key][number] = ""
    return [f"{name}[{number}] must be text, got {_kind(item)}" for number, item in wrong]


def _kind(value: Any) -> str:
    return "nothing" if value is None else "mapping" if isinstance(value, dict) else type(value).__name__


def _wrong_words(value: str, option: Mapping[str, Any], name: str) -> list[str]:
    """Return the complaint about a text that is none of the words that an option takes."""
    # Choices may be numbers; Ansible takes the text of one for it.
    words = [str(choice) for choice in option.get("choices", ())]
    if words and value not in words:
        return [f"{name} must be one of {', '.join(words)}, got '{value:.80}'{suggestion(value, words)}"]
    if option.get("type") == "bool" and value.strip().lower() not in BOOLEANS:
        return [f"{name} must be true or false, got '{value:.80}'{suggestion(value, ('true', 'false'))}"]
    return []


def _replace_mapping(holder: Any, place: Any, option: Mapping[str, Any], where: str) -> list[str]:
    holder[place], complaints = _taken(holder[place], check_type_dict, dict, where, "mapping")
    if "options" in option and not complaints:
        complaints = replace_misfits(holder[place], option["options"], where)
    return complaints


def _taken(value: Any, convert: Callable[[str], Any], kind: type, where: str, word: str) -> tuple[Any, list[str]]:
    """Return a value as Ansible would take it, and no complaint, or an empty one and a complaint that does not repeat it."""
    try:
        value = convert(value) if isinstance(value, str) else value
    except (TypeError, ValueError):
        pass  # it stays text
    if isinstance(value, kind):
        return value, []
    return kind(), [f"{where} must be a {word}, got {'text' if isinstance(value, str) else type(value).__name__}"]


def _is_whole(value: Any) -> bool:
    """Return whether a value is a whole number, written as one or not, that a machine can count to."""
    written = str(value).strip()
    return not isinstance(value, bool) and re.fullmatch(r"[-+]?[0-9]{1,18}(\.0*)?", written) is not None


#: Where the value null takes an option or an endpoint away.
NULLABLE = ("options", "annex", "endpoints", "tenant_endpoints")


def overlaid(defaults: Mapping[str, Any] | None, own: Mapping[str, Any]) -> dict[str, Any]:
    """Return "own" with its gaps filled from "defaults"; mappings are merged key by key.

    None means "not given", except inside of what is NULLABLE, where it takes something away.
    """
    result = {key: value for key, value in (defaults or {}).items() if value is not None}
    for key, value in own.items():
        if isinstance(value, dict) and isinstance(result.get(key), dict):
            result[key] = _overlaid_mapping(result[key], value, none_counts=key in NULLABLE)
        elif value is not None:
            result[key] = value
    return result


def _overlaid_mapping(defaults: Mapping[Any, Any], own: Mapping[Any, Any], none_counts: bool) -> dict[Any, Any]:
    result = dict(defaults)
    for key, value in own.items():
        if isinstance(value, dict) and isinstance(result.get(key), dict):
            result[key] = _overlaid_mapping(result[key], value, none_counts)
        elif value is not None or none_counts:
            result[key] = value
    return result
