# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the configuration says of an agent: whether chats may go there, and how many at a time.

Access (Sources: PRIV, WWECHAT, WWEOVR, CHAT): the person is an agent; a role of the person, or of a group of agents that the person is
in, has the privilege to use the chat channel, or ``interaction-workspace/privilege.chat.can-use`` is true, as Web Edition has it; and
``openmedia.workitem-channels`` contains ``chat``, where the option is set. An option of the person counts before one of a group, of the
tenant, and of the Workspace application.

Capacity (Source: CAPDEF): the rule of the person, else of a group of agents, else of the place, else of the tenant. With none at
all the built-in rule counts, one voice interaction and no chat.

Inferred: the place of groups in that order. The stand-in's own: what the privilege is called in a role, since that is not public; how
a role's list of members is spelled, for which two spellings are read; what separates the channels, for which any of ``,;`` and blanks do.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .capacity import CapacityRule, RuleDamaged, rule_of
from .configuration import Configuration

MEDIUM = "chat"
WORKSPACE = "interaction-workspace"
#: Section and option of a role's annex by which the sandbox's Workspace knows the privilege "Can Use Chat Channel".
PRIVILEGE = ("sandbox-workspace", "chat.can-use-chat-channel")

Object = dict[str, Any]


@dataclass(frozen=True)
class Standing:
    """What counts for one agent at the moment.

    Attributes:
        problems: every reason why no chat may go to the agent; empty for one who may have chats.
        rule: the capacity rule that counts.
    """

    problems: tuple[str, ...]
    rule: CapacityRule | None

    def takes(self, in_hand: Mapping[str, int]) -> bool:
        """Whether an agent with these interactions in hand takes one more chat."""
        return not self.problems and self.rule is not None and self.rule.takes(MEDIUM, in_hand)


def standing(configuration: Configuration, agent: str, place: str = "", workspace: str = "") -> Standing | None:
    """Read what counts for an agent, or None if there is no such person.

    Args:
        configuration: where to read.
        agent: the person's user name.
        place: name of the place at which the agent is logged in; without it the person's default place.
        workspace: name of the Workspace application.

    Raises:
        ConfigurationError: the configuration cannot be read.
    """
    persons = configuration.list("CfgPerson", username=agent)
    if not persons:
        return None
    person = persons[0]
    groups = [group for group in configuration.list("CfgAgentGroup") if _dbid(person) in _ids(group, "agentdbids")]
    tenant = configuration.find("CfgTenant", dbid=str(person.get("tenantdbid", "0"))) or {}
    application = configuration.find("CfgApplication", name=workspace) if workspace else None
    levels = [_annex(item) for item in (person, *groups, tenant)] + [_triples(application or {}, "options")]
    problems = [*_identity(person), *_access(configuration, person, groups, levels)]
    rule, problem = _capacity(configuration, [person, *groups, _place(configuration, person, place), tenant])
    return Standing((*problems, *([problem] if problem else [])), rule)


def _identity(person: Object) -> list[str]:
    problems = []
    if person.get("isagent") != "CFGTrue":
        problems.append("the person is no agent")
    if person.get("state") == "CFGDisabled":
        problems.append("the person is disabled")
    return problems


# -- access ----------------------------------------------------------------------------------------------------------------


def _access(configuration: Configuration, person: Object, groups: list[Object], levels: list[dict[tuple[str, str], str]]) -> list[str]:
    problems = []
    members = {("person", _dbid(person)), *(("agentgroup", _dbid(group)) for group in groups)}
    roles = [role for role in configuration.list("CfgRole") if members & _members(role)]
    privileged = any(_annex(role).get(PRIVILEGE, "").lower() in ("1", "true") for role in roles)
    if not privileged and _effective(levels, "privilege.chat.can-use").lower() != "true":
        problems.append("no role gives the privilege to use the chat channel")
    channels = _effective(levels, "openmedia.workitem-channels")
    if channels and MEDIUM not in re.split(r"[,;\s]+", channels.lower()):
        problems.append("openmedia.workitem-channels does not contain chat")
    return problems


def _effective(levels: list[dict[tuple[str, str], str]], option: str) -> str:
    return next((level[WORKSPACE, option] for level in levels if (WORKSPACE, option) in level), "")


def _members(role: Object) -> set[tuple[str, str]]:
    """The kinds and DBIDs of whoever has a role."""
    found = set()
    for name in ("memberids", "members"):
        for items in (role.get(name) or {}).values():
            for item in items:
                kind = str(item.get("type", item.get("objecttype", ""))).removeprefix("CFG").removeprefix("Cfg").lower()
                found.add((kind, str(item.get("dbid", item.get("objectdbid", "")))))
    return found


# -- capacity --------------------------------------------------------------------------------------------------------------


def _place(configuration: Configuration, person: Object, name: str) -> Object:
    if name:
        found = [place for place in configuration.list("CfgPlace", name=name) if place.get("tenantdbid") == person.get("tenantdbid")]
        return found[0] if found else {}
    dbid = str(person.get("placedbid", "0"))
    return (configuration.find("CfgPlace", dbid=dbid) if dbid != "0" else None) or {}


def _capacity(configuration: Configuration, holders: list[Object]) -> tuple[CapacityRule | None, str]:
    """The rule of the first that has one, or why there is none that takes chats."""
    for holder in holders:
        dbid = str(holder.get("capacityruledbid") or holder.get("defaultcapacityruledbid") or "0")
        if dbid == "0":
            continue
        script = configuration.find("CfgScript", dbid=dbid) or {}
        try:
            rule = rule_of(script)
        except RuleDamaged as error:
            return None, f"capacity rule '{script.get('name', dbid)}': {error}"
        return rule, "" if rule.takes(MEDIUM, {}) else f"capacity rule '{script['name']}' takes no chat"
    return None, "there is no capacity rule; the built-in one takes one voice interaction and no chat"


# -- objects ---------------------------------------------------------------------------------------------------------------


def _dbid(item: Object) -> str:
    return str(item.get("dbid", ""))


def _ids(item: Object, name: str) -> set[str]:
    return {str(entry["dbid"]) for entry in (item.get(name) or {}).get("id", [])}


def _annex(item: Object) -> dict[tuple[str, str], str]:
    return _triples(item, "userproperties")


def _triples(item: Object, name: str) -> dict[tuple[str, str], str]:
    return {(entry["section"], entry["key"]): str(entry["value"]) for entry in (item.get(name) or {}).get("property", [])}
