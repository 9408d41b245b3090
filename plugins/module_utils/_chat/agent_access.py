# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who has chat access, and for who has not, every reason why.  Source: PRIV, CAPDEF"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from .._config.capacity import Unreadable
from .._config.capacity_annex import rule_in
from .._config.directory import ConfigObject
from .._config.people import RoleMembers, agent_dbids, annex_values, capacity_rule_dbid, is_agent, is_enabled, place_dbid
from .context import Context
from .parts.agents import refusal_of_chat
from .parts.capacity_rules import CHAT
from .privileges import Place, grants_chat, has_others_of_chat, is_recognised, privileges_of

#: What lets an agent use chat in Workspace Web Edition, in the annex of the agent.  Source: WWECHAT, WWEOVR
_WEB_EDITION = ("interaction-workspace", "privilege.chat.can-use")

#: The classes that are read.
KINDS = ("CfgTenant", "CfgPerson", "CfgAgentGroup", "CfgPlace", "CfgRole", "CfgScript")

#: What counts where nobody has a rule. It can neither be seen nor changed.  Source: CAPDEF
_BUILT_IN = ("no capacity rule is on the person, their place, their groups or the tenant, so the built-in one counts: one voice interaction, and no "
             "chat")


class _Capacity(NamedTuple):
    """The capacity rule that counts for an agent. holder: person, place, agent group, tenant or ''.  reason: why it admits no chat, or ''."""

    rule: str
    holder: str
    chats: int | None
    reason: str


class _Roles:
    """The roles of a tenant, and who is in those that let their members use chat."""

    def __init__(self, context: Context, tenant: int, given: Mapping[Place, str]) -> None:
        roles = [role for role in context.directory.all("CfgRole") if role.tenant_dbid == tenant]
        self.is_known = bool(given) or is_recognised(context.directory.all("CfgRole"))
        self.granting = [role for role in roles if grants_chat(role, given)]
        self.lacking = [role for role in roles if role not in self.granting and has_others_of_chat(role)]
        self._persons = {role: set(RoleMembers("CfgPerson").dbids(role)) for role in roles}
        self._groups = {role: set(RoleMembers("CfgAgentGroup").dbids(role)) for role in roles}

    def of(self, person: ConfigObject, groups: list[ConfigObject], roles: list[ConfigObject]) -> list[str]:
        """Return the names of those roles that a person has, on their own or by a group."""
        return [role.name for role in roles if person.dbid in self._persons[role] or any(group.dbid in self._groups[role] for group in groups)]


class _Look:
    def __init__(self, context: Context, tenant: str, given: Mapping[Place, str]) -> None:
        self.directory = context.directory
        self.tenant = context.directory.require("CfgTenant", tenant, "tenant")
        self.roles = _Roles(context, self.tenant.dbid, given)
        self.groups: dict[int, list[ConfigObject]] = {}
        for group in self.directory.all("CfgAgentGroup"):
            for dbid in agent_dbids(group):
                self.groups.setdefault(dbid, []).append(group)
        self._rules: dict[int, tuple[str, int | None, str]] = {}

    def agent(self, person: ConfigObject) -> dict[str, Any]:
        """Return what is to be told of a person."""
        groups = self.groups.get(person.dbid, [])
        capacity = self._capacity(person, groups)
        roles = self.roles.of(person, groups, self.roles.granting)
        reasons = [] if is_agent(person) else ["the person is not an agent"]
        reasons += [] if is_enabled(person) else ["the person is disabled"]
        reasons += [] if roles or self._has_web_edition(person) else [self._without_role(person, groups)]
        reasons += [capacity.reason] if capacity.reason else []
        return {"name": person.name, "access": not reasons, "reasons": reasons, "roles": roles, "agent_groups": sorted(group.name for group in groups),
                "capacity_rule": capacity.rule, "capacity_of": capacity.holder, "chats": None if capacity.reason else capacity.chats}

    @staticmethod
    def _has_web_edition(person: ConfigObject) -> bool:
        return annex_values(person).get(_WEB_EDITION, "").strip().lower() == "true"

    def _without_role(self, person: ConfigObject, groups: list[ConfigObject]) -> str:
        if not self.roles.is_known:
            return ("no role has a privilege that can be recognised as 'Chat - Can Use Chat Channel'; if one has it, give its key as privileges")
        lacking = self.roles.of(person, groups, self.roles.lacking)
        if lacking:
            return f"role '{lacking[0]}' has privileges of chat, but not 'Chat - Can Use Chat Channel', without which they have no effect"
        return "neither the person nor an agent group of theirs is in a role with the privilege 'Chat - Can Use Chat Channel'"

    def _capacity(self, person: ConfigObject, groups: list[ConfigObject]) -> _Capacity:
        """Return the rule that counts: the person's, else that of their place, else the tenant's. That this is the order is inferred from CAPDEF.

        Where the rule of a group stands in it is not known: it is taken for the one that counts only if nothing else would be said.
        """
        place = self.directory.by_dbid("CfgPlace", place_dbid(person)) if place_dbid(person) else None
        for holder, word in ((person, "person"), (place, "place")):
            if holder is not None and capacity_rule_dbid(holder):
                return self._told(capacity_rule_dbid(holder), word)
        found = [self._told(capacity_rule_dbid(group), "agent group") for group in groups if capacity_rule_dbid(group)]
        if capacity_rule_dbid(self.tenant):
            found.append(self._told(capacity_rule_dbid(self.tenant), "tenant"))
        if not found:
            return _Capacity("", "", None, _BUILT_IN)
        if any(bool(item.reason) != bool(found[0].reason) for item in found):
            shown = "; ".join(f"'{item.rule}' of the {item.holder} {'does not' if item.reason else 'does'}" for item in found)
            return _Capacity("", "", None, f"not all of the capacity rules that may count admit chat, and which one counts is not documented: {shown}")
        return found[-1] if len(found) == 1 or len({item.chats for item in found}) == 1 else found[-1]._replace(chats=None)

    def _told(self, dbid: int, holder: str) -> _Capacity:
        if dbid not in self._rules:
            self._rules[dbid] = self._read(dbid)
        name, chats, reason = self._rules[dbid]
        return _Capacity(name, holder, chats, f"the capacity rule '{name}' of the {holder} {reason}" if reason else "")

    def _read(self, dbid: int) -> tuple[str, int | None, str]:
        script = self.directory.by_dbid("CfgScript", dbid)
        if script is None:
            return f"#{dbid}", None, "is not there"
        reason = refusal_of_chat(script)
        try:
            rule = rule_in(script)
        except Unreadable:
            rule = None
        chats = {media.lower(): number for media, number in (rule.maximums() if rule else {}).items()}
        return script.name, chats.get(CHAT), reason


def agent_chat_access_info(context: Context, params: Mapping[str, Any]) -> dict[str, Any]:
    """Return {"agents": [...], "with_access": number, "without_access": number}.

    params: tenant, persons (list or None), agent_groups (list or None), privileges (dict or None). Without persons and groups all agents of the tenant.
    """
    directory = context.directory
    directory.load(KINDS)
    look = _Look(context, params["tenant"], privileges_of(params["privileges"], "privileges"))
    tenant = look.tenant
    members = {dbid for name in params["agent_groups"] or ()
               for dbid in agent_dbids(directory.require("CfgAgentGroup", name, "agent_groups", tenant.name))}
    named = [directory.require("CfgPerson", name, "persons") for name in dict.fromkeys(params["persons"] or ())]
    for person in named:
        if person.tenant_dbid != tenant.dbid:
            context.warn(f"persons: '{person.name}' belongs to tenant '{directory.name('CfgTenant', person.tenant_dbid)}', not to '{tenant.name}'")
    if params["persons"] is None and params["agent_groups"] is None:
        chosen = [person for person in directory.all("CfgPerson") if person.tenant_dbid == tenant.dbid and is_agent(person)]
    else:
        chosen = named + [person for person in directory.all("CfgPerson") if person.dbid in members and person not in named]
    agents = [look.agent(person) for person in sorted(chosen, key=lambda person: person.name)]
    count = sum(agent["access"] for agent in agents)
    return {"agents": agents, "with_access": count, "without_access": len(agents) - count}
