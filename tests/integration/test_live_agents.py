# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the modules write of agents and capacity, as the sandbox's Interaction Server reads it: its own decoding, nothing of the product's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from integration.agents import furnish_agents, make_rule
from integration.configured_site import Site

from sandbox.servers.agents import PRIVILEGE, standing
from sandbox.servers.configuration import Configuration

ACCESS: dict[str, Any] = {"tenant": "Environment", "role": "Chatters", "privileges": {PRIVILEGE[0]: {PRIVILEGE[1]: "1"}}, "agent_groups": ["Chat_Agents"]}
NO_PRIVILEGE = "no role gives the privilege to use the chat channel"
NO_RULE = "there is no capacity rule; the built-in one takes one voice interaction and no chat"


def reader(site: Site) -> Callable[[str], tuple[tuple[str, ...], int]]:
    """Return what tells of an agent every reason why not, and how many chats at a time."""
    configuration = Configuration(site.sandbox.environment["confserv_host"], site.sandbox.environment["confserv_port"])

    def read(agent: str) -> tuple[tuple[str, ...], int]:
        found = standing(configuration, agent)
        assert found is not None
        return found.problems, sum(found.takes({"chat": number}) for number in range(20))

    return read


def test_access_that_is_given_and_taken(furnished: Site) -> None:
    furnish_agents(furnished)
    read = reader(furnished)
    assert read("anna") == ((NO_PRIVILEGE, NO_RULE), 0)
    furnished.ok("chat_capacity_rule", tenant="Environment", name="Three_chats", capacity={"chat": 3, "email": 1})
    furnished.ok("agent_chat_access", **ACCESS, capacity_rule="Three_chats")
    assert read("anna") == read("ben") == ((), 3)
    assert read("carla") == ((NO_PRIVILEGE,), 0) and read("boss") == (("the person is no agent", NO_PRIVILEGE), 0)
    furnished.ok("chat_capacity_rule", tenant="Environment", name="Five_chats", capacity={"chat": 5}, persons=["ben"])
    assert (read("anna"), read("ben")) == (((), 3), ((), 5))
    furnished.ok("agent_chat_access", **ACCESS, state="absent")
    assert read("anna") == read("ben") == ((NO_PRIVILEGE,), 0)


@pytest.mark.parametrize("form", ["hex", "base64", "text"])
def test_a_rule_in_each_form_of_binary_values(furnished: Site, form: str) -> None:
    furnish_agents(furnished)
    furnished.sandbox.delete("CfgScript", "Wizard_Rule")
    furnished.ok("chat_capacity_rule", tenant="Environment", name="Four_chats", capacity={"chat": 4}, binary_form=form)
    furnished.ok("agent_chat_access", **ACCESS, capacity_rule="Four_chats")
    assert reader(furnished)("anna") == ((), 4)


def test_a_rule_of_a_wizard_that_was_changed(furnished: Site) -> None:
    furnish_agents(furnished)
    make_rule(furnished, "Other_Rule")
    furnished.ok("chat_capacity_rule", tenant="Environment", name="Other_Rule", capacity={"chat": 7}, tenant_default=True)
    furnished.ok("agent_chat_access", **ACCESS)
    assert reader(furnished)("anna") == ((), 7)
