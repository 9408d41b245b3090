# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A described Interaction Queue stays at the end of its description while something that stays names it."""

from __future__ import annotations

from typing import Any

import pytest
from unit.config.fake_gateway import Gateway, application, context_of, option_list, world

from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.parts import interaction_queues
from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.removal import Removal

ON_HOLD = {"interaction-workspace": {"chat.on-hold-queue": " Other_In "}}
AFTER = "; workspace_chat_options takes that away"
NAMED = "chat.on-hold-queue of Workspace names it on "


def site(*named: str) -> Gateway:
    """A site where these objects of Workspace name the queue Other_In, and all others nothing."""
    gateway = world()
    gateway.add("CfgApplication", 150, "Workspace", **application("CFGInteractionWorkspace", options=ON_HOLD if "application" in named else {}))
    gateway.named("CfgTenant", "Environment")["userproperties"] = option_list(ON_HOLD if "tenant" in named else {})
    for number, tenant in (("1", "1"), ("2", "101")):
        gateway.add("CfgAgentGroup", 160 + int(number), f"Group_{number}", tenantdbid=tenant, userproperties=option_list(ON_HOLD if "group" in named else {}))
    gateway.add("CfgPerson", 170, "Doe", username="j.doe", tenantdbid="1", userproperties=option_list(ON_HOLD if "person" in named else {}))
    return gateway


def end(gateway: Gateway, **more: Any) -> tuple[list[str], list[str]]:
    """The queues that go, and why others stay, at the end of a description that has Other_In."""
    removal = Removal(context_of(gateway), {"tenant": "Environment", "interaction_queues": [{"name": "Other_In"}], **more})
    return [item.name for item in interaction_queues._removal(removal)], [item["reason"] for item in removal.stays]


@pytest.mark.parametrize(("named", "told"), [
    ("application", "application 'Workspace'"), ("tenant", "tenant 'Environment'"), ("group", "agent group 'Group_1'"), ("person", "person 'j.doe'")])
def test_each_level_of_workspace(named: str, told: str) -> None:
    """A group of another tenant means a queue of its own."""
    assert end(site(named)) == ([], [NAMED + told + AFTER])


def test_several_levels() -> None:
    assert end(site("application", "group", "tenant")) == ([], [f"{NAMED}application 'Workspace', tenant 'Environment', agent group 'Group_1'{AFTER}"])


def test_many_persons() -> None:
    gateway = site()
    for number in range(10, 22):
        gateway.add("CfgPerson", 170 + number, f"P{number}", username=f"p.{number}", tenantdbid="1", userproperties=option_list(ON_HOLD))
    assert end(gateway)[1][0].endswith(f"person 'p.17' and 4 more{AFTER}")


@pytest.mark.parametrize("level", [{"level": "application", "name": "Workspace"}, {"level": "tenant"}, {"level": "tenant", "name": "Environment"},
                                   {"level": "group", "name": "Group_1"}, {"level": "person", "name": "j.doe"}])
def test_what_the_description_sets_goes_with_it(level: dict[str, Any]) -> None:
    gateway = site(level["level"])
    assert end(gateway, workspace=[{**level, "options": {"chat.on-hold-queue": "Other_In"}}]) == (["Other_In"], [])
    assert end(gateway, workspace=[{**level, "options": {"chat.nickname": "Web"}}])[0] == []


def test_another_tenant_means_a_queue_of_its_own() -> None:
    gateway = site("application")
    gateway.named("CfgApplication", "Workspace")["tenantdbids"] = {"id": [{"dbid": "101"}]}
    assert end(gateway) == (["Other_In"], [])


def test_persons_are_read_only_where_nothing_else_keeps_the_queue() -> None:
    gateway = site("group")
    end(gateway)
    assert ("list", "CfgPerson", "*") not in gateway.calls


@pytest.mark.parametrize(("section", "option"), [("chat", "webengagementChatQueue"), ("service:wes", "wes.connector.chatServer.queueWebengagement")])
def test_a_chat_channel_of_web_engagement(section: str, option: str) -> None:
    gateway = site()
    gateway.add("CfgApplication", 151, "WES_1", **application("CFGWebEngagementBackendServer", options={section: {option: "Other_In"}}))
    assert end(gateway) == ([], ["the chat channel of Web Engagement names it on WES_1"])
    assert end(gateway, web_engagement=[{"backend_server": "WES_1", "queue": "Other_In"}]) == (["Other_In"], [])
