# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options of Workspace that are described together: what one level inherits from another in the same run."""

from __future__ import annotations

from typing import Any

import pytest
from unit.config.fake_gateway import Gateway, application, apply, context_of, description, option_list, world

from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.parts import workspace
from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.removal import Removal
from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.solution import solution, validated_solution
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.errors import DoesNotFit
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.plan import make_plan

LEVELS: list[dict[str, Any]] = [
    {"level": "group", "name": "Web_Agents", "options": {"chat.nickname": "Web"}, "other_channels": ["email"]},
    {"level": "tenant"},
    {"level": "application", "name": "Workspace", "options": {"chat.nickname": "Chat"}},
]


def site(channels: str) -> Gateway:
    """A Workspace application with that list of channels, and a group of agents."""
    gateway = world()
    options = {"property": [{"section": workspace.SECTION, "key": workspace.CHANNELS, "value": channels}]}
    gateway.add("CfgApplication", 150, "Workspace", **{**application("CFGInteractionWorkspace"), "options": options})
    gateway.add("CfgAgentGroup", 160, "Web_Agents", tenantdbid="1")
    return gateway


def options(gateway: Gateway, kind: str, name: str) -> dict[str, str]:
    """The options of Workspace that an object has."""
    found = context_of(gateway).directory.require(kind, name, "here")
    return workspace.values_of(context_of(gateway).directory, found)


def described() -> Any:
    return validated_solution(description(workspace=LEVELS))


def test_what_is_described_together_goes_together() -> None:
    """The group keeps its list, which differs; the tenant never had one."""
    gateway = site("sms|fax")
    context = context_of(gateway)
    apply(make_plan(context.directory, solution(context, described())), context.directory, False)
    assert options(gateway, "CfgApplication", "Workspace") == {workspace.CHANNELS: "sms|fax|chat", "chat.nickname": "Chat"}
    assert options(gateway, "CfgTenant", "Environment") == {}
    assert options(gateway, "CfgAgentGroup", "Web_Agents") == {workspace.CHANNELS: "email|chat", "chat.nickname": "Web"}
    for group, left in (("email|chat", {workspace.CHANNELS: "email"}), ("sms|chat|fax", {})):
        again = site("sms|fax|chat")
        annex = {"property": [{"section": workspace.SECTION, "key": workspace.CHANNELS, "value": group}]}
        again.named("CfgAgentGroup", "Web_Agents")["userproperties"] = annex
        context = context_of(again)
        removal = Removal(context, {"tenant": "Environment", **described()})
        apply(make_plan(context.directory, workspace._removal(removal)), context.directory, False)
        assert options(again, "CfgApplication", "Workspace") == {workspace.CHANNELS: "sms|fax"}
        assert options(again, "CfgAgentGroup", "Web_Agents") == left


# which application is a Workspace

OTHERS = ("CFGSCS", "CFGSCE", "CFGITCUtility", "CFGConfigServer", "CFGMessageServer", "CFGInteractionServer", "CFGChatServer", "CFGContactServer",
          "CFGStatServer", "CFGGenesysAdministratorServer", "CFGWebEngagementBackendServer")
#: GMS nodes, clusters, and servers of any kind: the section tells what they are.
OF_MANY_KINDS = ("CFGGenericServer", "CFGApplicationCluster", "CFGThirdPartyServer")


def level(gateway: Gateway, state: str = "present", **more: Any) -> tuple[Any, Any]:
    """The context, and what the module demands, for the application 'Desk'."""
    context = context_of(gateway)
    spec = {"tenant": "Environment", "level": "application", "name": "Desk", "other_channels": ["email"], "separator": ",", "state": state, **more}
    return context, workspace.workspace_chat_options(context, spec)


def desk(kind: str, **sections: Any) -> Gateway:
    """A site with an application 'Desk' of a type."""
    gateway = world()
    gateway.add("CfgApplication", 150, "Desk", **application(kind, options=sections))
    return gateway


@pytest.mark.parametrize("kind", OTHERS + OF_MANY_KINDS)
def test_no_options_on_what_is_another_application(kind: str) -> None:
    with pytest.raises(DoesNotFit, match=f"name: application 'Desk' is of type {kind}.*, so it is no Workspace application; name the application with which"):
        level(desk(kind))
    with pytest.raises(DoesNotFit, match=f"inherits_from: application 'Desk' is of type {kind}"):
        level(desk(kind), level="tenant", name=None, inherits_from="Desk")


@pytest.mark.parametrize("kind", ["CFGInteractionWorkspace", "CFGAgentDesktop", "CFGGenericClient", "CFGReservedGUIApplication1", ""])
def test_a_type_that_nobody_knows_stays_possible(kind: str) -> None:
    assert level(desk(kind))[1]


@pytest.mark.parametrize("kind", OF_MANY_KINDS)
def test_the_section_tells_that_a_server_is_a_workspace(kind: str) -> None:
    gateway = desk(kind, **{workspace.SECTION: {"login.prompt-place": "false"}})
    context, wanted = level(gateway)
    assert wanted
    assert [app.name for app in workspace.workspace_applications(context.directory, "Environment")] == ["Desk"]


@pytest.mark.parametrize("kind", OTHERS)
def test_what_another_application_got_by_mistake_counts_no_more_and_can_be_removed(kind: str) -> None:
    gateway = desk(kind, **{workspace.SECTION: {workspace.CHANNELS: "email,chat", "chat.nickname": "Web"}})
    context, wanted = level(gateway, "absent", options={"chat.nickname": None})
    assert workspace.workspace_applications(context.directory, "Environment") == []
    apply(make_plan(context.directory, wanted), context.directory, False)
    assert options(gateway, "CfgApplication", "Desk") == {workspace.CHANNELS: "email"}
    gateway.named("CfgApplication", "Desk")["options"] = option_list()
    context, wanted = level(gateway, "absent")
    assert wanted == [] and "there is nothing to remove from it" in context.warnings[0]
