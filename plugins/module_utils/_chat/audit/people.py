# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules on agents, capacity rules and Workspace."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..._config.capacity import Unreadable
from ..._config.capacity_annex import CAPACITY_RULE, rule_in
from ..._config.directory import ConfigObject
from ..._config.people import annex_values, capacity_rule_dbid, media_types
from ..agent_access import KINDS
from ..parts.agents import refusal_of_chat
from ..parts.workspace import CHANNELS, CHAT, ON_HOLD_QUEUE, SECTION
from ..privileges import grants_chat, has_others_of_chat, privileges_of
from .rule import ERROR, Fault, Rule
from .site import Site, listed


def _without_rule(site: Site) -> Iterator[Fault]:
    for tenant, agents in site.chat_agents.items():
        without = [agent["name"] for agent in agents if not agent["capacity_of"] and not agent["access"] and _only_built_in(agent)]
        if without:
            yield Fault("CfgTenant", tenant, f"{len(without)} agents may use chat by their role, and neither they nor their place, group or tenant has a "
                                             f"capacity rule: {listed(without)}")


def _only_built_in(agent: dict[str, Any]) -> bool:
    return any(reason.startswith("no capacity rule is on") for reason in agent["reasons"])


def _rules(site: Site) -> Iterator[Fault]:
    used = {capacity_rule_dbid(tenant) for tenant in site.tenants}
    names = {agent["capacity_rule"] for agents in site.chat_agents.values() for agent in agents}
    for script in sorted(site.directory.all("CfgScript"), key=lambda script: script.name):
        if script.subtype != CAPACITY_RULE or script.dbid not in used and script.name not in names:
            continue
        reason = refusal_of_chat(script)
        if reason:
            yield Fault("CfgScript", script.name, f"is the capacity rule that counts for chat, and {reason}")
        unknown = _unknown_media(site, script)
        if unknown:
            yield Fault("CfgScript", script.name, f"names media that are no media types of its tenant: {listed(unknown)}")


def _unknown_media(site: Site, script: ConfigObject) -> list[str]:
    known = {name.lower() for name in media_types(site.directory, site.directory.name("CfgTenant", script.tenant_dbid))}
    try:
        rule = rule_in(script)
    except Unreadable:
        return []  # told by the reason
    return [media for media in (rule.media if rule else ()) if known and media.lower() not in known]


def _roles(site: Site) -> Iterator[Fault]:
    given = privileges_of(site.wishes.get("privileges"), "privileges")
    tenants = {tenant.dbid for tenant in site.tenants}
    for role in sorted(site.directory.all("CfgRole"), key=lambda role: role.name):
        if role.tenant_dbid in tenants and has_others_of_chat(role) and not grants_chat(role, given):
            yield Fault("CfgRole", role.name, "has privileges of chat, and not 'Chat - Can Use Chat Channel'")


def _levels(site: Site) -> Iterator[tuple[ConfigObject, dict[str, str], list[int]]]:
    """Yield (object, option -> value of the section of Workspace, DBIDs of its tenants) of applications, tenants and agent groups.  Source: ASYNCWDE"""
    tenants = {tenant.dbid: tenant for tenant in site.tenants}
    for app in site.workspaces:
        yield app, {key: value for (_section, key), value in app.options(SECTION).items()}, [dbid for dbid in app.tenant_dbids if dbid in tenants]
    for found in (*site.tenants, *site.directory.all("CfgAgentGroup")):
        own = found.dbid if found.kind == "CfgTenant" else found.tenant_dbid
        if own in tenants:
            yield found, {place[1]: value for place, value in annex_values(found).items() if place[0] == SECTION}, [own]


def _channels(site: Site) -> Iterator[Fault]:
    for found, options, _tenants in _levels(site):
        value = options.get(CHANNELS)
        # What separates the values is not documented: any mark counts.
        if value is not None and found.kind != "CfgAgentGroup" and CHAT not in _words(value):
            yield Fault(found.kind, found.name, f"has {CHANNELS}='{value}', in which {CHAT} is missing")


def _words(value: str) -> list[str]:
    for mark in ",;|":
        value = value.replace(mark, " ")
    return value.split()


def _on_hold(site: Site) -> Iterator[Fault]:
    for found, options, tenants in _levels(site):
        value = options.get(ON_HOLD_QUEUE, "")
        if value.strip() and not any(site.is_queue(value, tenant) for tenant in tenants):
            yield Fault(found.kind, found.name, f"has {ON_HOLD_QUEUE}='{value}', which is no Interaction Queue of its tenant")


_PEOPLE = tuple(kind for kind in KINDS if kind != "CfgTenant")

AGENT_RULES = (
    Rule("L23", ERROR, "Each agent who may use chat has a capacity rule.", "The built-in rule counts then: one voice interaction, and no chat.",
         "Make a capacity rule the default of the tenant: chat_capacity_rule with tenant_default.", "CAPDEF", _without_rule, _PEOPLE),
    Rule("L25", ERROR, "A role with privileges of chat has 'Chat - Can Use Chat Channel'.", "The others have no effect without it.",
         "Add the privilege to the role: agent_chat_access.", "PRIV, ASYNCWDE", _roles, ("CfgRole",)),
)

CAPACITY_RULES = (
    Rule("L24", ERROR, "The capacity rule that counts for chat admits it, and can be read.", "No chat is offered to the agents.",
         "Correct the rule: chat_capacity_rule.", "PSDK, CAPDEF", _rules, (*_PEOPLE, "CfgEnumerator", "CfgEnumeratorValue")),
)

WORKSPACE_RULES = (
    Rule("L26", ERROR, "chat is among the channels of Workspace.", "The desktop handles no chat.", "Add it: workspace_chat_options.", "CHAT", _channels,
         ("CfgAgentGroup",)),
    Rule("L27", ERROR, "Chats are put on hold in an Interaction Queue.", "A chat can't be put on hold.", "Give an Interaction Queue of the tenant: "
         "workspace_chat_options.", "ASYNCWDE", _on_hold, ("CfgAgentGroup", "CfgScript")),
)
