# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/troubleshooting.md has every message of the code, and none that is gone; each group tells cause and cure."""

from __future__ import annotations

import re
from functools import cache

import messages as tool
import pytest
import yaml


@cache
def page() -> str:
    return tool.PAGE.read_text(encoding="utf-8")


@cache
def told() -> tuple[tool.Message, ...]:
    return tuple(tool.messages())


def test_the_page_has_every_message_and_no_other():
    assert tool.with_messages(page(), list(told())) == page(), "run: .venv/bin/python tools/messages.py"


def test_a_message_that_no_group_has_is_refused():
    new = tool.Message("plugins/module_utils/_elsewhere/new.py", "nobody has ever seen this message")
    with pytest.raises(ValueError, match="no group .* nobody has ever seen this message"):
        tool.with_messages(page(), [*told(), new])


def test_a_new_message_of_a_known_file_makes_the_page_out_of_date():
    new = tool.Message("plugins/module_utils/_gateway/gax.py", "GAX is on holiday")
    assert "`` GAX is on holiday ``" in tool.with_messages(page(), [*told(), new])


def test_a_message_that_is_gone_makes_the_page_out_of_date():
    assert tool.with_messages(page(), list(told())[1:]) != page()


def test_a_rule_without_a_message_is_refused():
    gone = [message for message in told() if "_gateway" not in message.file]
    with pytest.raises(ValueError, match="no message falls under the rule .*_gateway"):
        tool.with_messages(page(), gone)


def test_a_rule_that_can_not_be_read_is_refused():
    with pytest.raises(ValueError, match="'about ports' is no rule"):
        tool.fits("about ports", told()[0])


def test_every_group_tells_cause_and_cure():
    groups = page().partition("\n## All messages\n")[2].split("\n### ")[1:]
    assert len(groups) > 20
    assert [group.splitlines()[0] for group in groups if not re.search(r"^\*\*Cause:\*\* .*^\*\*What to do:\*\* ", group, re.DOTALL | re.MULTILINE)] == []
    assert [group.splitlines()[0] for group in groups if not tool.SECTION.search(group)] == []


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('raise InvalidInput(f"{place}: no queue named {name!r}")', ["…: no queue named …"]),
        ('raise HostError("The host is full.", "Make some room.")', ["The host is full. Make some room."]),
        ('raise HostError("It is %s of %d%%." % (a, b))', ["It is … of …%."]),
        ('raise HostError("It holds {0}.".format(a))', ["It holds …."]),
        ('raise InvalidInput("one thing" if a else f"another thing: {thing}")', ["one thing", "another thing: …"]),
        ('module.fail_json(msg="it went wrong" + reason)', ["it went wrong…"]),
        ('problems.append(f"{name} does not answer at all here")', ["… does not answer at all here"]),
        ('"""A module that says nothing."""\nDOCUMENTATION = "what it does for a user here"', []),
        ('_TEXT = "Name of the tenant that it serves."\nF = Field("tenant", "str", _TEXT)', []),
        ('key = "a short one"', []),
    ],
)
def test_messages_are_read_from_python(source, expected):
    assert list(tool.messages_of_python(source)) == expected


def test_messages_are_read_from_tasks():
    tasks = yaml.safe_load("""
        - block:
            - ansible.builtin.assert: {that: x, fail_msg: "There is no {{ what }} here. {{ more }}{{ still }}"}
            - ansible.builtin.fail: {msg: Say which one is meant.}
            - ansible.builtin.assert: {that: y, fail_msg: "{{ problems | join(' ') }}"}
            - ansible.builtin.debug: {msg: This is no failure at all.}
        """)
    assert list(tool.messages_of_tasks(tasks)) == ["There is no … here. …", "Say which one is meant."]


@pytest.mark.parametrize("directory", ["plugins/filter", *(f"plugins/module_utils/{layer}" for layer in ("_chat", "_config", "_host")), "roles", "playbooks"])
def test_messages_of_every_layer_are_found(directory):
    assert any(message.file.startswith(f"{directory}/") for message in told())
