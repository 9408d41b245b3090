# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Agents: a role that lets them use chat, and a capacity rule that admits it.  Source: PRIV, CAPDEF"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..._config.capacity import Unreadable
from ..._config.capacity_annex import rule_in
from ..._config.desired import Desired
from ..._config.directory import ConfigObject
from ..._config.errors import DoesNotFit, InvalidInput
from ..._config.people import RoleMembers, capacity_rule_dbid, known_form
from ..context import Context
from ..described_once import require_name
from ..field import Field, argument_spec, state
from ..part import Draft, Part
from ..privileges import grants_chat, learnt, privileges_of
from .capacity_rules import CHAT, find_rule, require_agent, require_person, tenant_default

if TYPE_CHECKING:
    from ..adopt import Adoption
    from ..removal import Removal

#: For whom a capacity rule counts.  Source: CAPDEF, CAPGD
TENANT, GROUPS, PERSONS = "tenant", "agent_groups", "persons"

ACCESS_FIELDS = (
    Field("role", "str", "Name of the role that lets its members use chat in Workspace. A missing one is created.", source="PRIV"),
    Field("privileges", "dict",
          "Privileges of the role in its annex, as a mapping of section to a mapping of key to value. They are needed if no role has the privilege "
          "\"Chat - Can Use Chat Channel\" yet: its key is not published. The metadata file of the installed Workspace has it.",
          "Where a role is there that has it, it is recognised and taken over.", source="PRIV"),
    Field("agent_groups", "list", "Names of agent groups. They become members of the role, and with them all of their agents.", elements="str", adopted=True,
          source="PRIV"),
    Field("persons", "list", "User names of agents who become members of the role one by one. Only with this option are the persons of the site read. "
          "A group is the better way where there is one.", elements="str", source="PRIV"),
    Field("capacity_rule", "str", "Name of a capacity rule that admits chat; M(genesys_engage.chat.chat_capacity_rule) makes one.", source="CAPDEF"),
    Field("capacity_for", "str",
          "For whom the rule counts. With V(tenant) it becomes the tenant's default, for all who have none of their own. With V(agent_groups) or "
          "V(persons) each of those gets it as their own.",
          choices=[TENANT, GROUPS, PERSONS], default=TENANT, source="CAPDEF, CAPGD"),
)

#: The options of the module agent_chat_access.
MODULE = (
    Field("tenant", "str", "Name of the tenant to which role, groups, persons and rule belong.", required=True),
    *ACCESS_FIELDS,
    Field("batch", "int",
          "How many persons are written before a line tells how far the task is. Each batch has a snapshot of its own. "
          "With fewer persons than that the task is one piece.", default=2500),
    state("gives access. Access that others have is not touched.",
          "takes it. The groups and persons are taken out of the role, and those of O(capacity_for) lose the rule if it is theirs. To take the rule from the "
          "whole tenant, O(allow_disruption) must have its name."),
)
ARGUMENTS = argument_spec(MODULE)

#: The members of a role: option -> how they are read.
_MEMBERS = {GROUPS: RoleMembers("CfgAgentGroup"), PERSONS: RoleMembers("CfgPerson")}


def access(context: Context, spec: Mapping[str, Any], tenant: str, where: str) -> list[Desired]:
    """Return the list of Desired that gives access; raises InvalidInput."""
    _check(spec, where)
    groups, persons = _who(context, spec, tenant, where)
    wanted = [_role(context, spec, tenant, groups, persons, where)] if spec.get("role") else []
    rule = spec.get("capacity_rule")
    if rule:
        _require_chat(context, rule, tenant, f"{where}: capacity_rule")
        if _level(spec) == TENANT:
            wanted += tenant_default(context, tenant, rule, True)
        for desired in _holders(spec, tenant, groups, persons):
            desired.want("capacity_rule", rule)
            wanted.append(desired)
    return wanted


def _tell_what_is_not_there(context: Context, spec: Mapping[str, Any], tenant: str, where: str) -> None:
    """Warn of a role or a rule that is not there: it may be a typing error, and then access stays."""
    for option, kind, word in (("role", "CfgRole", "role"), ("capacity_rule", "CfgScript", "capacity rule")):
        name = spec.get(option)
        if name and context.directory.find(kind, name, tenant) is None:
            context.warn(f"{where}: {option}: there is no {word} named '{name}' in tenant '{tenant}', so there is nothing to take"
                         f"{context.directory.similar(kind, name, tenant)}")


def no_access(context: Context, spec: Mapping[str, Any], tenant: str, where: str) -> list[Desired]:
    """Return the list of Desired that takes access; raises InvalidInput. Who or what is not there has nothing to lose."""
    directory = context.directory
    _check(spec, where)
    _tell_what_is_not_there(context, spec, tenant, where)
    groups, persons = _who_is_left(context, spec, tenant, where)
    wanted = []
    role = directory.find("CfgRole", spec["role"], tenant) if spec.get("role") else None
    if role is not None:
        desired = Desired("CfgRole", role.name, tenant)
        for option, names in ((GROUPS, groups), (PERSONS, persons)):
            for name in names:
                desired.forbid((option, name))
        wanted.append(desired)
    script = find_rule(context, spec["capacity_rule"], tenant, f"{where}: capacity_rule") if spec.get("capacity_rule") else None
    if script is None:
        return wanted
    if _level(spec) == TENANT:
        lost = tenant_default(context, tenant, script.name, False)
        if lost and not context.allow_disruption.intersection((tenant, script.name)):
            raise DoesNotFit(f"{where}: capacity_for: without its default rule '{script.name}' nobody of tenant '{tenant}' who has no rule of their own is "
                             f"offered chats; set allow_disruption to [{script.name}] if that is meant")
        wanted += lost
    for desired in _holders(spec, tenant, groups, persons):
        holder = directory.find(desired.kind, desired.name, tenant)
        if holder is not None and capacity_rule_dbid(holder) == script.dbid:
            desired.want("capacity_rule", "")
            wanted.append(desired)
    return wanted


def _check(spec: Mapping[str, Any], where: str) -> None:
    """Refuse what says nothing, or not for whom."""
    named = spec.get("agent_groups") or spec.get("persons")
    if not spec.get("role") and not spec.get("capacity_rule"):
        raise InvalidInput(f"{where}: access is a role and a capacity rule: give role, capacity_rule, or both")
    if spec.get("role") and not named:
        raise InvalidInput(f"{where}: role needs agent_groups or persons, who are to be its members")
    if spec.get("privileges") and not spec.get("role"):
        raise InvalidInput(f"{where}: privileges are those of a role: give role too")
    if _level(spec) != TENANT and not spec.get("capacity_rule"):
        raise InvalidInput(f"{where}: capacity_for says for whom a capacity rule counts, and has no effect without one: give capacity_rule too, or leave "
                           "capacity_for out")
    if spec.get("capacity_rule") and _level(spec) != TENANT and not spec.get(_level(spec)):
        raise InvalidInput(f"{where}: capacity_for is {_level(spec)}, and {_level(spec)} names nobody")
    if not spec.get("role") and named and _level(spec) == TENANT:
        option = GROUPS if spec.get(GROUPS) else PERSONS
        raise InvalidInput(f"{where}: {option} has no effect without a role, as capacity_for is {TENANT}; give role, or set capacity_for")


def _level(spec: Mapping[str, Any]) -> str:
    return spec.get("capacity_for") or TENANT


def _who(context: Context, spec: Mapping[str, Any], tenant: str, where: str) -> tuple[list[str], list[str]]:
    """Return the names of groups and persons, each once; raises InvalidInput for one who is not there, or no agent."""
    groups = list(dict.fromkeys(spec.get("agent_groups") or ()))
    for name in groups:
        context.directory.require("CfgAgentGroup", name, f"{where}: agent_groups", tenant)
    persons = list(dict.fromkeys(spec.get("persons") or ()))
    for name in persons:
        require_agent(context, name, tenant, f"{where}: persons")
    return groups, persons


def _who_is_left(context: Context, spec: Mapping[str, Any], tenant: str, where: str) -> tuple[list[str], list[str]]:
    """Return the names of the groups and persons that are there, each once; who is not is told, and who is no agent any more loses access like others."""
    found: dict[str, list[str]] = {GROUPS: [], PERSONS: []}
    for option, kind, word in ((GROUPS, "CfgAgentGroup", "agent group named"), (PERSONS, "CfgPerson", "person with the user name")):
        for name in dict.fromkeys(spec.get(option) or ()):
            if context.directory.find(kind, name, tenant if option == GROUPS else None) is None:
                context.warn(f"{where}: {option}: there is no {word} '{name}', so there is nothing to take"
                             f"{context.directory.similar(kind, name, tenant if option == GROUPS else None)}")
                continue
            if option == PERSONS:
                require_person(context, name, tenant, f"{where}: {option}")
            found[option].append(name)
    return found[GROUPS], found[PERSONS]


def _holders(spec: Mapping[str, Any], tenant: str, groups: list[str], persons: list[str]) -> list[Desired]:
    """Return an empty Desired of each who has, or is to have, the rule as their own."""
    if _level(spec) == GROUPS:
        return [Desired("CfgAgentGroup", name, tenant) for name in groups]
    return [Desired("CfgPerson", name) for name in persons] if _level(spec) == PERSONS else []


def _role(context: Context, spec: Mapping[str, Any], tenant: str, groups: list[str], persons: list[str], where: str) -> Desired:
    """Return the Desired of the role: its privilege and its members."""
    directory = context.directory
    name = require_name(spec["role"], f"{where}: role", "the role")
    found = directory.find("CfgRole", name, tenant)
    given = privileges_of(spec.get("privileges"), f"{where}: privileges")
    desired = Desired("CfgRole", name, tenant)
    if given or found is None or not found.planned and not grants_chat(found, {}):
        privileges = given or learnt(directory)
        if not privileges:
            state_of = "is not there yet" if found is None else "has no privilege that can be recognised as that one"
            raise DoesNotFit(
                f"{where}: privileges must give the key of the privilege 'Chat - Can Use Chat Channel', since role '{name}' {state_of}, and no other "
                "role shows it. The key is not published; the metadata file of the installed Workspace has it, and a role that was made with it")
        for place, text in privileges.items():
            desired.want(("annex", *place), text, f"{where}: privileges")
    for option, names in ((GROUPS, groups), (PERSONS, persons)):
        for member in names:
            desired.want((option, member), True)
    if known_form(directory) is None:
        raise DoesNotFit(
            f"{where}: role: how a role names its members is not known, and no role has any from which that can be learnt; give any role one member with "
            "Genesys Administrator first, then run again")
    if found is None:
        directory.expect("CfgRole", name, {}, tenant)
    return desired


def _require_chat(context: Context, rule: str, tenant: str, where: str) -> None:
    """Refuse a capacity rule that is not there, or does not admit chat.  Source: CAPDEF"""
    script = find_rule(context, rule, tenant, where)
    if script is None:
        raise DoesNotFit(f"{where}: there is no capacity rule named '{rule}' in tenant '{tenant}'{context.directory.similar('CfgScript', rule, tenant)}")
    reason = "" if script.planned else refusal_of_chat(script)
    if reason:
        raise DoesNotFit(f"{where}: the capacity rule '{rule}' {reason}; chat_capacity_rule makes a rule admit chat")


def refusal_of_chat(script: ConfigObject) -> str:
    """Return why a capacity rule admits no chat, or ''.  Source: CAPDEF, PSDK"""
    try:
        rule = rule_in(script)
    except Unreadable as error:
        return f"can't be read: {error}"
    if rule is None:
        return "has an annex without a rule"
    return "" if CHAT in {item.media.lower() for item in rule.rules} else "does not admit chat"


def agent_chat_access(context: Context, params: Mapping[str, Any]) -> list[Desired]:
    """Chat access of groups and persons, given or taken."""
    tenant = params["tenant"]
    context.directory.require("CfgTenant", tenant, "tenant")
    if params["batch"] < 1:
        raise InvalidInput(f"batch must be 1 or more, got {params['batch']}")
    return (no_access if params["state"] == "absent" else access)(context, params, tenant, "agent_chat_access")


def kinds_of(spec: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the classes that one access (or the arguments of the module) makes planning read: persons only if some are named."""
    kinds = {"role": ("CfgRole",), "agent_groups": ("CfgAgentGroup",), "persons": ("CfgPerson",), "capacity_rule": ("CfgScript",)}
    return ("CfgTenant", *(kind for option, found in kinds.items() if spec.get(option) for kind in found))


def _access(draft: Draft) -> list[Desired]:
    wanted = []
    for number, spec in enumerate(draft.given("agents")):
        wanted += access(draft.context, spec, draft.tenant, f"agents[{number}]")
    return wanted


def _removal(removal: Removal) -> list[Desired]:
    """What agents may do stays: the role may be there for more than this solution."""
    for spec in removal.given("agents"):
        if spec.get("role"):
            removal.stay("CfgRole", spec["role"], "it may be there for more than this solution; agent_chat_access takes access from its members")
    return []


def _adopt(adoption: Adoption) -> None:
    """Describe the roles of the tenant that let their members use chat, with their groups. Persons are not read; a tenant's rule is told with the rule."""
    directory = adoption.directory
    tenant = directory.dbid("CfgTenant", adoption.tenant)
    for role in sorted(directory.all("CfgRole"), key=lambda role: role.name):
        if role.tenant_dbid != tenant or not grants_chat(role, {}):
            continue
        persons = _MEMBERS[PERSONS].dbids(role)
        if persons:
            adoption.leave_out(role.name, f"{len(persons)} persons are members of the role one by one; they keep that, and are not described", "agents")
        dbids = set(_MEMBERS[GROUPS].dbids(role))
        groups = sorted(group.name for group in directory.all("CfgAgentGroup") if group.dbid in dbids) if dbids else []
        spec = {"role": role.name, "agent_groups": groups}
        if groups and adoption.unchanged({"agents": [spec]}, role.name):
            adoption.description.setdefault("agents", []).append(spec)


PART = Part(
    "agents",
    fields=(Field("agents", "list", "Who may use chat: roles with their members, and the capacity rule that counts for them; see "
                  "M(genesys_engage.chat.agent_chat_access).", elements="dict", fields=ACCESS_FIELDS),),
    place=90,
    rules={"channels": _access},
    kinds=lambda description: tuple(kind for spec in description.get("agents") or () for kind in kinds_of(spec)),
    adopt=_adopt, adopt_place=80, removal=_removal,
)
