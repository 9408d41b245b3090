# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Values as the lines of a diff."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as some

from ansible_collections.genesys_engage.chat.plugins.module_utils._config.diff_lines import WIDTH, diff_text

ADDP = {"protocol": "addp", "local_timeout": "10"}


def test_what_belongs_together_shares_a_line():
    values = {"host": "chat1", "ports": {"default": "4580", "ESP": "4582"}, "connections": {"IXN_1": {"default": ADDP}, "UCS_1": {"default": ADDP}},
              "options": {"settings": {"a": "1"}, "endpoints:1": {"default": "Chat_In"}}, "note": "", "tenants": ["Environment"]}
    assert diff_text(values).splitlines() == [
        "host: chat1",
        "ports: default: 4580, ESP: 4582",
        "connections/IXN_1/default: protocol: addp, local_timeout: 10",
        "connections/UCS_1/default: protocol: addp, local_timeout: 10",
        "options/settings: a: 1",
        "options/endpoints:1: default: Chat_In",
        "note: ''",
        "tenants: Environment",
    ]


def test_many_values_have_a_line_each():
    """So that the diff of one that changes shows that one, and not all of them."""
    names = [f"option-number-{number}" for number in range(10)]
    assert diff_text({"options": {"settings": dict.fromkeys(names, "1")}}).splitlines() == [f"options/settings/{name}: 1" for name in names]


def test_a_value_never_breaks_its_line():
    assert diff_text({"a": "one\ntwo", "b": " x", "c": True, "d": None}) == "a: 'one\\ntwo'\nb: ' x'\nc: true\nd: null\n"


@given(some.dictionaries(some.text("abc/ :", min_size=1, max_size=5), some.dictionaries(some.text("xyz", min_size=1, max_size=5), some.text(max_size=60))))
def test_every_value_is_shown_in_a_line_that_is_not_long(values):
    lines = diff_text(values).splitlines()
    for section, options in values.items():
        for key, value in options.items():
            shown = value if value and value == value.strip() and value.isprintable() else repr(value)
            assert any(line.startswith(section) and f"{key}: {shown}" in line for line in lines)
    assert all(len(line) <= WIDTH or line.count(": ") >= 1 for line in lines)
