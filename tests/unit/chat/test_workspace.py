# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options of Workspace that are described together: what one level inherits from another in the same run."""

from __future__ import annotations

from typing import Any

from unit.config.fake_gateway import Gateway, application, apply, context_of, description, world

from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.parts import workspace
from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.removal import Removal
from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.solution import solution, validated_solution
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
