# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Values of the playbooks' variables that cannot be meant, found before the first task that would use them."""

from __future__ import annotations

from collections.abc import Mapping

from ansible.module_utils.parsing.convert_bool import boolean

from ansible_collections.genesys_engage.chat.plugins.module_utils._common.answers import CHOICES, NAMES, NUMBERS, YES_OR_NO


def wrong_answers(hosts, hostvars):
    """Return a sentence for each variable of the playbooks whose value is of another kind than its table in docs/ says, sorted by name.

    An answer that was left empty counts as not given, as in the surveys of AWX.
    hosts: inventory names.  hostvars: their variables.
    """
    found = set()
    for host in hosts:
        variables = hostvars[host]
        for name in (CHOICES.keys() | NAMES | NUMBERS | YES_OR_NO) & set(variables):
            found.add(wrong_answer(name, variables[name]))
    return sorted(found - {""})


def wrong_answer(name, value):
    """Return the sentence about a variable's value, or ''."""
    if value is None or value == "":
        return ""
    if name in CHOICES and str(value) not in CHOICES[name]:
        return f"{name} must be one of {', '.join(CHOICES[name])}, not {value!r}."
    if name in NUMBERS and not _is_number(value):
        return f"{name} must be a number, 0 or more, not {value!r}."
    if name in YES_OR_NO and not _is_yes_or_no(value):
        return f"{name} must be true or false, not {value!r}."
    if name in NAMES and not _is_names(value):
        return f"{name} must be a list of names, not {value!r}."
    return ""


def _is_number(value):
    """Return whether a value counts as a number of seconds or things."""
    try:
        return not isinstance(value, bool) and 0 <= float(value) < float("inf")
    except (TypeError, ValueError):
        return False


def _is_yes_or_no(value):
    """Return whether Ansible takes a value for a boolean."""
    try:
        boolean(value)
    except TypeError:
        return False
    return True


def _is_names(value):
    """Return whether a value is a list of words, or words in one text."""
    if isinstance(value, Mapping):
        return False
    return isinstance(value, str) or (isinstance(value, (list, tuple)) and all(isinstance(item, (str, int, float)) for item in value))


class FilterModule:
    """The filters, for Ansible."""

    def filters(self):
        """Return the filters by name."""
        return {"wrong_answers": wrong_answers}
