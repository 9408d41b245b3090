# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An object that stands twice in a list is refused with both places, a name that is empty with its option."""

from __future__ import annotations

import re
from typing import Any

import pytest
from unit.config.fake_gateway import Gateway, application, context_of, plan_solution, world
from unit.config.test_capacity import CHAT_3, annex

from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.parts.capacity_rules import chat_capacity_rule
from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.solution import solution, validated_solution
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.errors import InvalidInput

RULE = {"name": "Chats", "capacity": {"chat": 2}}
DESK = {"level": "application", "name": "Workspace", "separator": ","}


def description(**more: Any) -> dict[str, Any]:
    """A description with these parts only."""
    return {"tenant": "Environment", **more}


#: Key -> entries, and what is told.
TWICE: dict[str, tuple[list[Any], str]] = {
    "interaction_queues": ([{"name": "New_In"}, "Chat_In", {"name": "New_In", "folder": "Scripts"}],
                           "interaction_queues[0] and interaction_queues[2]: Interaction Queue 'New_In' is described twice; put all of it into one entry"),
    "application_templates": ([{"name": "Chat Server 8.5.3", "src": "/a"}, {"name": "Chat Server 8.5.3", "src": "/b"}],
                              "application_templates[0] and application_templates[1]: template 'Chat Server 8.5.3' is described twice"),
    "capacity_rules": ([{**RULE, "binary_form": "hex"}, {**RULE, "capacity": {"chat": 3}}],
                       "capacity_rules[0] and capacity_rules[1]: capacity rule 'Chats' is described twice"),
    "workspace": ([{**DESK, "other_channels": ["email"]}, {"level": "tenant", "other_channels": []}, {**DESK, "other_channels": ["sms"]}],
                  "workspace[0] and workspace[2]: application 'Workspace' is described twice"),
}


def site() -> Gateway:
    gateway = world()
    gateway.add("CfgApplication", 150, "Workspace", **application("CFGInteractionWorkspace"))
    return gateway


@pytest.mark.parametrize("key", TWICE)
def test_an_object_that_is_described_twice(key: str) -> None:
    entries, told = TWICE[key]
    with pytest.raises(InvalidInput, match=re.escape(told)):
        plan_solution(site(), description(**{key: entries}))
    plan_solution(site(), description(**{key: entries[:2 if key in ("interaction_queues", "workspace") else 1]}))


def test_the_tenant_may_be_named_or_not() -> None:
    levels = [{"level": "tenant", "other_channels": []}, {"level": "tenant", "name": "Environment", "other_channels": ["sms"]}]
    with pytest.raises(InvalidInput, match=re.escape("workspace[0] and workspace[1]: tenant 'Environment' is described twice")):
        plan_solution(site(), description(workspace=levels))


def test_a_queue_that_is_only_named_may_stand_twice() -> None:
    """It says nothing that another entry could contradict."""
    plan_solution(world(), description(interaction_queues=["New_In", {"name": "New_In", "folder": "Scripts"}, "New_In"]))


# the form of binary values


def test_rules_in_two_forms() -> None:
    rules = [{**RULE, "binary_form": "hex"}, {**RULE, "name": "More"}, {**RULE, "name": "Others", "binary_form": "base64"}]
    with pytest.raises(InvalidInput, match=r"capacity_rules\[0\] and capacity_rules\[2\]: binary_form is hex in one and base64 in the other.*give that one"):
        plan_solution(world(), description(capacity_rules=rules))


@pytest.mark.parametrize("form", ["hex", "base64", "text"])
@pytest.mark.parametrize("said", ["hex", "base64", "text", None])
@pytest.mark.parametrize("name", ["Chats", "Shown"])
def test_another_form_than_a_rule_shows(said: str | None, form: str, name: str) -> None:
    gateway = world()
    gateway.add("CfgScript", 140, "Shown", subtype="CFGCapacityRule", tenantdbid="1", userproperties=annex(CHAT_3, form)["userproperties"])
    context = context_of(gateway)
    solution(context, validated_solution(description(capacity_rules=[{**RULE, "name": name, **({"binary_form": said} if said else {})}])))
    told = [text for text in context.warnings if "binary_form" in text]
    assert told == ([f"capacity_rules[0]: binary_form is {said}, but the capacity rule 'Shown' shows that GAX has binary values as {form}, which "
                     "is what counts; leave binary_form out"] if said not in (None, form) else [])


def test_rules_that_show_no_form_are_passed_over() -> None:
    gateway = world()
    gateway.add("CfgScript", 139, "Broken", subtype="CFGCapacityRule", tenantdbid="1", userproperties=annex(CHAT_3, made="x")["userproperties"])
    gateway.add("CfgScript", 140, "Shown", subtype="CFGCapacityRule", tenantdbid="1", userproperties=annex(CHAT_3)["userproperties"])
    context = context_of(gateway)
    solution(context, validated_solution(description(capacity_rules=[{**RULE, "binary_form": "text"}])))
    assert [text for text in context.warnings if "'Shown' shows that GAX has binary values as hex" in text]


# names


@pytest.mark.parametrize("name", ["", " "])
@pytest.mark.parametrize(("place", "key", "value"), [
    ("interaction_queues[0]: name", "interaction_queues", {}),
    ("capacity_rules[0]: name", "capacity_rules", {"capacity": {"chat": 2}, "binary_form": "hex"}),
    ("chat_servers[0]: name", "chat_servers", {"host": "chat1"}),
    ("interaction_servers[0]: name", "interaction_servers", {"application_template": "Interaction Server 8.5.2"}),
    ("gms[0]: name", "gms", {"application_template": "Genesys Mobile Services 8.5.2"}),
])
def test_an_empty_name_is_told_by_its_option(place: str, key: str, value: dict[str, Any], name: str) -> None:
    with pytest.raises(InvalidInput, match=re.escape(f"{place} must not be empty; give the name of")):
        plan_solution(world(), description(**{key: [{"name": name, **value}]}))


def test_a_level_of_workspace_that_is_not_named() -> None:
    for name in ("", " "):
        with pytest.raises(InvalidInput, match=r"workspace\[0\]: name: the group must be named"):
            plan_solution(world(), description(workspace=[{"level": "group", "name": name}] * 2))


def test_an_empty_name_of_a_role_or_a_medium() -> None:
    with pytest.raises(InvalidInput, match=r"capacity_rules\[0\]: capacity: a media type must not be empty"):
        plan_solution(world(), description(capacity_rules=[{**RULE, "capacity": {" ": 1}, "binary_form": "hex"}]))
    gateway = world()
    gateway.add("CfgAgentGroup", 160, "Agents", tenantdbid="1")
    with pytest.raises(InvalidInput, match=r"agents\[0\]: role must not be empty; give the name of the role"):
        plan_solution(gateway, description(agents=[{"role": " ", "agent_groups": ["Agents"]}]))


@pytest.mark.parametrize("state", ["present", "absent"])
def test_an_empty_name_given_to_the_module(state: str) -> None:
    with pytest.raises(InvalidInput, match="chat_capacity_rule: name must not be empty; give the name of the capacity rule"):
        chat_capacity_rule(context_of(world()), {"tenant": "Environment", "name": "", "state": state, "capacity": {"chat": 1}})
