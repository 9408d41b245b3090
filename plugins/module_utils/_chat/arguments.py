# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a user gives, checked by an argument spec: nested descriptions, and what Ansible's own check would stumble over."""

from __future__ import annotations

import copy
import re

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.common.validation import check_type_dict, check_type_list
from ansible.module_utils.parsing.convert_bool import BOOLEANS as ALL_BOOLEANS

from .._config.errors import InvalidInput
from .._config.nearest import sentences, suggestion
from .field import Described

#: The words that Ansible takes for true and false; the numbers among its own list are no words.
BOOLEANS = frozenset(word for word in ALL_BOOLEANS if isinstance(word, str))


def named(value, spec, where):
    """Return a dict with at least 'name' from a name or a dict that "spec" describes; raises InvalidInput."""
    if isinstance(value, str):
        if not value.strip():
            raise InvalidInput("%s must not be empty" % where)
        return {"name": value}
    if not isinstance(value, dict):
        raise InvalidInput("%s must be a name or a mapping with a name, got %s" % (where, type(value).__name__))
    return validated(value, spec, where)


def validated(value, spec, where):
    """Return "value" checked by an argument spec, with what is missing filled in; raises InvalidInput."""
    if not isinstance(value, dict):
        raise InvalidInput("%s must be a mapping, got %s" % (where, type(value).__name__))
    value = copy.deepcopy(value)
    complaints = replace_misfits(value, spec, where)
    if complaints:
        raise InvalidInput(sentences(complaints))
    result = ArgumentSpecValidator(spec).validate(value)
    if result.error_messages:
        raise InvalidInput("%s: %s" % (where, "; ".join(result.error_messages)))
    return result.validated_parameters


def replace_misfits(values, spec, where=""):
    """Replace or take away, in place, what Ansible's own check would stumble over; return the complaints about it as a list of str.

    That check can't stand numbers and the like where a mapping with suboptions is due, nor some numbers, and gives up before
    it knows which values are passwords. Text that stands for a mapping becomes one, so that secrets in it are known by name.
    It names neither the place of an unknown key in a list nor the known key that was meant, and stops at the first one.
    where: the place of "values" in the description, '' for the options of a module.
    """
    complaints = _unknown_keys(values, spec, where)
    for key, option in spec.items():
        name, kind = "%s.%s" % (where, key) if where else key, option.get("type")
        if values.get(key) is None:
            # Options of a module may come from the environment.
            if option.get("required") and where:
                complaints.append("'%s' is missing in %s" % (key, where))
        elif kind == "int" and not _is_whole(values[key]):
            shown = type(values[key]).__name__ if isinstance(values[key], (dict, list)) else "'%.40s'" % values[key]
            complaints.append("%s must be a whole number (18 digits at most), got %s" % (name, shown))
            values[key] = 0
        elif kind == "dict":
            complaints += _replace_mapping(values, key, option, name)
        elif kind == "list" and "options" in option:
            values[key], wrong = _taken(values[key], check_type_list, list, name, "list of mappings")
            complaints += wrong
            for number in range(len(values[key])):
                complaints += _replace_mapping(values[key], number, option, "%s[%d]" % (name, number))
        elif isinstance(option, Described):
            complaints += _misfits_of_items(values[key], option, name)
        elif isinstance(values[key], str):
            complaints += _wrong_words(values[key], option, name)
    return complaints


def _unknown_keys(values, spec, where):
    """Take away the keys that "spec" does not have; return the complaints about them."""
    complaints = []
    for key in [key for key in values if key not in spec and not (not where and str(key).startswith("_ansible_"))]:
        del values[key]
        # Who hits none of them nearly needs them all.
        hint = suggestion(key, spec) or "; known are %s" % ", ".join(sorted(spec))
        complaints.append("unknown %s '%s'%s%s" % ("key" if where else "option", key, " in %s" % where if where else "", hint))
    return complaints


def _misfits_of_items(value, option, name):
    complaints = []
    places = [(item, "%s[%d]" % (name, number)) for number, item in enumerate(value)] if isinstance(value, list) else [(value, name)]
    for item, place in places:
        if isinstance(item, dict):
            complaints += replace_misfits(item, option.mapping, place)
    return complaints


def _wrong_words(value, option, name):
    """Return the complaint about a text that is none of the words that an option takes."""
    if "choices" in option and value not in option["choices"]:
        return ["%s must be one of %s, got '%.80s'%s" % (name, ", ".join(option["choices"]), value, suggestion(value, option["choices"]))]
    if option.get("type") == "bool" and value.strip().lower() not in BOOLEANS:
        return ["%s must be true or false, got '%.80s'%s" % (name, value, suggestion(value, ("true", "false")))]
    return []


def _replace_mapping(holder, place, option, where):
    holder[place], complaints = _taken(holder[place], check_type_dict, dict, where, "mapping")
    if "options" in option and not complaints:
        complaints = replace_misfits(holder[place], option["options"], where)
    return complaints


def _taken(value, convert, kind, where, word):
    """Return a value as Ansible would take it, and no complaint, or an empty one and a complaint that does not repeat it."""
    try:
        value = convert(value) if isinstance(value, str) else value
    except (TypeError, ValueError):
        pass  # it stays text
    if isinstance(value, kind):
        return value, []
    return kind(), ["%s must be a %s, got %s" % (where, word, "text" if isinstance(value, str) else type(value).__name__)]


def _is_whole(value):
    """Return whether a value is a whole number, written as one or not, that a machine can count to."""
    written = str(value).strip()
    return not isinstance(value, bool) and re.fullmatch(r"[-+]?[0-9]{1,18}(\.0*)?", written) is not None


#: Where the value null takes an option or an endpoint away.
NULLABLE = ("options", "annex", "endpoints", "tenant_endpoints")


def overlaid(defaults, own):
    """Return "own" with its gaps filled from "defaults"; mappings are merged key by key.

    None means "not given", except inside of what is NULLABLE, where it takes something away.
    """
    result = {key: value for key, value in (defaults or {}).items() if value is not None}
    for key, value in own.items():
        if isinstance(value, dict) and isinstance(result.get(key), dict):
            result[key] = _merged(result[key], value, none_counts=key in NULLABLE)
        elif value is not None:
            result[key] = value
    return result


def _merged(defaults, own, none_counts):
    result = dict(defaults)
    for key, value in own.items():
        if isinstance(value, dict) and isinstance(result.get(key), dict):
            result[key] = _merged(result[key], value, none_counts)
        elif value is not None or none_counts:
            result[key] = value
    return result
