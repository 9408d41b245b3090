# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Capacity rules: how many chats an agent may have at a time, and for whom that counts.  Source: CAPDEF, CAPAS, PSDK"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..._config.capacity import Unreadable, decompiled
from ..._config.capacity_annex import CAPACITY_RULE, COMPILED, FORMS, Form, new_annex, rule_in
from ..._config.desired import Desired
from ..._config.directory import ConfigObject
from ..._config.errors import DoesNotFit, InvalidInput
from ..._config.nearest import suggestion
from ..._config.people import annex_values, capacity_rule_dbid, is_agent, media_types, users_of_rule
from ..context import Context
from ..described_once import require_name, require_once
from ..field import Field, argument_spec, state
from ..part import Draft, Part

if TYPE_CHECKING:
    from ..adopt import Adoption
    from ..removal import Removal

#: The medium of a chat.  Source: CAPDEF, G5
CHAT = "chat"

#: Who can have a rule of their own: option -> class.  Source: CAPDEF, PSDK, CSCAP
HOLDERS = {"persons": "CfgPerson", "places": "CfgPlace", "agent_groups": "CfgAgentGroup"}

RULE_FIELDS = (
    Field("name", "str", "Name of the capacity rule. It must be unique in the environment, and not only in the tenant.", required=True, source="CAPGA"),
    Field("capacity", "dict",
          "Media types, each with the number at which it counts as full, from 1 to 255. With V(chat) set to 3, an agent who has three chats or more is "
          "offered none.",
          "A media type must be a value of the business attribute Media Type, where there is one.",
          "Media types that are not mentioned stay as they are, and so do further conditions for those that are. A new rule must have V(chat).",
          adopted=True, source="CAPAS, PSDK"),
    Field("binary_form", "str",
          "How GAX shows binary values of an annex. That is not documented. It is learnt from a capacity rule that is there; where none is, this option "
          "has to tell it.",
          "To find out, make a rule with Genesys Administrator, and look at the value of C(_CRWizardBinaryPresentation_) in its annex through GAX. With V(hex) "
          "it begins with C(d52a5300). With V(base64) it begins with C(1SpTA). With V(text) each byte is a character.",
          choices=list(FORMS), source="PSDK"),
    Field("tenant_default", "bool",
          "Whether the rule is the default of the tenant, for all who have none of their own. V(false) takes it away where it is this rule.",
          adopted=True, source="CAPDEF, MCSH"),
    Field("persons", "list", "User names of agents who get the rule as their own.", elements="str", source="CAPDEF, GOIDX"),
    Field("places", "list", "Names of places that get the rule as their own.", elements="str", adopted=True, source="CAPDEF, CSCAP"),
    Field("agent_groups", "list", "Names of agent groups that get the rule as their own.", elements="str", adopted=True, source="CAPGD"),
    Field("folder", "str", "Folder in which a new rule is put, by name or by path from the root.", path=("folder",)),
)

#: The options of the module chat_capacity_rule.
MODULE = (
    Field("tenant", "str", "Name of the tenant to which the rule belongs.", required=True),
    *RULE_FIELDS,
    state("makes sure that the rule is there, admits chat, and is assigned as described. Nothing is taken away from those who are not mentioned.",
          "makes sure that it is not. As long as a tenant, person, place or group has it that is refused, unless O(allow_disruption) has its name: the "
          "Configuration Server takes it away from them."),
)
ARGUMENTS = argument_spec(MODULE)


def find_rule(context: Context, name: str, tenant: str, where: str) -> ConfigObject | None:
    """Return the capacity rule of that name, existing or planned, or None; raises InvalidInput if something else has the name.  Source: CAPGA"""
    found = context.directory.find("CfgScript", name, tenant)
    if found is not None and found.subtype != CAPACITY_RULE:
        raise DoesNotFit(f"{where}: '{name}' exists in tenant '{tenant}' as a script of type {found.subtype}, not as a capacity rule")
    dbid = context.directory.dbid("CfgTenant", tenant)
    elsewhere = [script for script in context.directory.named("CfgScript", name) if script.subtype == CAPACITY_RULE and script.tenant_dbid != dbid]
    if elsewhere:
        other = context.directory.name("CfgTenant", elsewhere[0].tenant_dbid)
        raise DoesNotFit(f"{where}: tenant '{other}' has a capacity rule named '{name}', and the name of a capacity rule must be unique in the environment; "
                         "choose another name")
    return found


def capacity_rule(context: Context, spec: Mapping[str, Any], tenant: str, where: str) -> list[Desired]:
    """Return the list of Desired of a rule and of those to which it is assigned; raises InvalidInput."""
    directory = context.directory
    name = require_name(spec["name"], f"{where}: name", "the capacity rule")
    _tell_of_other_form(context, spec.get("binary_form"), where)
    found = find_rule(context, name, tenant, where)
    desired = Desired("CfgScript", name, tenant)
    desired.want("type", CAPACITY_RULE)
    wanted = _capacity(context, spec, tenant, found, where)
    for media, number in wanted.items():
        desired.want(("capacity", media), number, f"{where}: capacity: {media}")
    if found is None:
        base = new_annex(directory, spec.get("binary_form"))
        if base is None:
            raise DoesNotFit(
                f"{where}: binary_form must tell how GAX shows binary values of an annex, since there is no capacity rule from which that can be learnt; or "
                "make one with Genesys Administrator first")
        desired.base = base
        if spec.get("folder"):
            desired.want_on_create("folder", directory.folder(spec["folder"]))
        directory.expect_new("CfgScript", name, {("type",): CAPACITY_RULE}, tenant)
    return [desired, *_assigned(context, spec, tenant, where)]


def _tell_of_other_form(context: Context, said: str | None, where: str) -> None:
    """Warn where a rule that is there shows another form than the user says: what is shown is taken."""
    for script in sorted(context.directory.of_type("CfgScript", CAPACITY_RULE), key=lambda script: script.dbid) if said else ():
        shown = _shown_form(annex_values(script).get(COMPILED, ""))
        if shown and shown != said:
            context.warn(f"{where}: binary_form is {said}, but the capacity rule '{script.name}' shows that GAX has binary values as {shown}, which "
                         "is what counts; leave binary_form out")
        if shown:
            return


def _shown_form(value: str) -> str:
    """Return the form in which the binary value of a rule makes sense, or ''."""
    for name in FORMS:
        try:
            decompiled(Form(name, value).read(value))
            return name
        except (ValueError, Unreadable):
            continue
    return ""


def _capacity(context: Context, spec: Mapping[str, Any], tenant: str, found: ConfigObject | None, where: str) -> dict[str, Any]:
    """Return media -> number that the rule must have, by the names that it has for its media."""
    try:
        rule = rule_in(found) if found is not None and not found.planned else None
    except Unreadable as error:
        raise DoesNotFit(f"{where}: the capacity rule '{spec['name']}' can't be read: {error}. Repair it with the tool it was made with, or remove it and "
                         "let it be made anew") from None
    if found is not None and not found.planned and rule is None:
        raise DoesNotFit(f"{where}: the annex of the capacity rule '{spec['name']}' holds no rule; remove it, and let it be made anew")
    there = {media.lower(): media for media in (rule.media if rule else ())}
    known = media_types(context.directory, tenant) if spec.get("capacity") else set()
    wanted = {}
    for given, number in (spec.get("capacity") or {}).items():
        lower = require_name(str(given), f"{where}: capacity: a media type", "the medium").lower()
        # The business attribute has the name Chat and the display name chat of one value, and rules have the latter.  Source: G5, PSDK
        media = there.get(lower, lower if lower in known or lower == CHAT else str(given))
        if known and media not in known:
            raise DoesNotFit(f"{where}: capacity: '{media}' is no media type; the business attribute Media Type of tenant '{tenant}' has no such value"
                             f"{suggestion(media, known)}")
        if media in wanted:
            raise InvalidInput(f"{where}: capacity: '{media}' is given twice, in capital and in small letters; give it once")
        wanted[media] = number
    if CHAT not in {media.lower() for media in (*wanted, *(item.media for item in (rule.rules if rule else ())))}:
        raise InvalidInput(f"{where}: capacity must have {CHAT}, since the rule '{spec['name']}' does not admit chat: without it no chat is offered")
    return wanted


def _assigned(context: Context, spec: Mapping[str, Any], tenant: str, where: str) -> list[Desired]:
    wanted = []
    if spec.get("tenant_default") is not None:
        wanted += tenant_default(context, tenant, spec["name"], spec["tenant_default"])
    for option, kind in HOLDERS.items():
        for name in dict.fromkeys(spec.get(option) or ()):
            place = f"{where}: {option}"
            if kind == "CfgPerson":
                require_agent(context, name, tenant, place)
            else:
                context.directory.require(kind, name, place, tenant)
            holder = Desired(kind, name, None if kind == "CfgPerson" else tenant)
            holder.want("capacity_rule", spec["name"])
            wanted.append(holder)
    return wanted


def tenant_default(context: Context, tenant: str, rule: str, is_default: bool) -> list[Desired]:
    """Return what makes a rule the default of a tenant, or lets it be so no longer."""
    desired = Desired("CfgTenant", tenant)
    if is_default:
        desired.want("capacity_rule", rule)
        return [desired]
    found = context.directory.find("CfgTenant", tenant)
    script = context.directory.find("CfgScript", rule, tenant)
    if found is None or script is None or script.planned or capacity_rule_dbid(found) != script.dbid:
        return []
    desired.want("capacity_rule", "")
    return [desired]


def require_person(context: Context, name: str, tenant: str, where: str) -> ConfigObject:
    """Return the person of that user name, who must belong to the tenant; raises InvalidInput.  Source: GOIDX"""
    directory = context.directory
    found = directory.find("CfgPerson", name)
    if found is None:
        raise DoesNotFit(f"{where}: there is no person with the user name '{name}'{directory.similar('CfgPerson', name)}")
    if found.tenant_dbid != directory.dbid("CfgTenant", tenant):
        raise DoesNotFit(f"{where}: '{name}' belongs to tenant '{directory.name('CfgTenant', found.tenant_dbid)}', not to '{tenant}'")
    return found


def require_agent(context: Context, name: str, tenant: str, where: str) -> ConfigObject:
    """Return the person of that user name, who must be an agent of the tenant; raises InvalidInput.  Source: GOIDX, CAPDEF"""
    found = require_person(context, name, tenant, where)
    if not is_agent(found):
        raise DoesNotFit(f"{where}: '{name}' is a person, but not an agent: only agents are offered chats; make the person an agent, or leave the name out")
    return found


def chat_capacity_rule(context: Context, params: Mapping[str, Any]) -> list[Desired]:
    """One capacity rule, there as described or not at all."""
    tenant, name, where = params["tenant"], params["name"], "chat_capacity_rule"
    require_name(name, f"{where}: name", "the capacity rule")
    context.directory.require("CfgTenant", tenant, "tenant")
    if params["state"] == "present":
        return capacity_rule(context, params, tenant, where)
    found = find_rule(context, name, tenant, where)
    if found is None:
        _tell_of_other_case(context, name, tenant, where)
        return []
    users = users_of_rule(context.directory, found.dbid)
    if users and name not in context.allow_disruption:
        shown = ", ".join(f"{Desired(kind, user).label}" for kind, user in users[:8]) + (f" and {len(users) - 8} more" if len(users) > 8 else "")
        raise DoesNotFit(f"{where}: the capacity rule '{name}' is in use by {shown}. Without it they may be offered no chats: assign another one first, or "
                         f"set allow_disruption to [{name}] if the loss is meant")
    return [Desired("CfgScript", name, tenant, present=False)]


def _tell_of_other_case(context: Context, name: str, tenant: str, where: str) -> None:
    """Warn where a rule that is to go is there in other capital and small letters only. A second run finds none, and is not warned."""
    dbid = context.directory.dbid("CfgTenant", tenant)
    for script in context.directory.of_type("CfgScript", CAPACITY_RULE):
        if script.tenant_dbid == dbid and script.name.lower() == name.lower():
            context.warn(f"{where}: name: there is no capacity rule named '{name}' in tenant '{tenant}', so there is nothing to remove; did you mean "
                         f"'{script.name}'?")


def kinds_of(specs: Mapping[str, Any] | None) -> tuple[str, ...]:
    """Return the classes that a rule (or the arguments of the module) makes planning read."""
    spec = specs or {}
    attribute = ("CfgEnumerator", "CfgEnumeratorValue") if spec.get("capacity") else ()
    return ("CfgTenant", "CfgScript", *attribute, *(kind for option, kind in HOLDERS.items() if spec.get(option)))


def _require_one_form(specs: Sequence[Mapping[str, Any]]) -> None:
    """Check that no two rules say different forms: GAX has one."""
    said = [(f"capacity_rules[{number}]", spec["binary_form"]) for number, spec in enumerate(specs) if spec.get("binary_form")]
    for place, form in said:
        if form != said[0][1]:
            raise InvalidInput(f"{said[0][0]} and {place}: binary_form is {said[0][1]} in one and {form} in the other, and GAX has one form for all; give "
                               "that one")


def _rules(draft: Draft) -> list[Desired]:
    wanted = []
    specs = draft.given("capacity_rules")
    require_once("capacity_rules", [f"capacity rule '{spec['name']}'" for spec in specs])
    _require_one_form(specs)
    for number, spec in enumerate(specs):
        wanted += capacity_rule(draft.context, spec, draft.tenant, f"capacity_rules[{number}]")
    return wanted


def _removal(removal: Removal) -> list[Desired]:
    """A rule says how much of other media its agents are offered, too, so it stays."""
    for spec in removal.given("capacity_rules"):
        removal.stay("CfgScript", spec["name"], "agents may be offered other media by it; chat_capacity_rule removes it")
    return []


def _adopt(adoption: Adoption) -> None:
    """Describe the capacity rules of the tenant that admit chat. Persons are not read."""
    directory = adoption.directory
    tenant = directory.require("CfgTenant", adoption.tenant, "tenant")
    scripts = [script for script in directory.all("CfgScript") if script.subtype == CAPACITY_RULE and script.tenant_dbid == tenant.dbid]
    for script in sorted(scripts, key=lambda script: script.name):
        try:
            rule = rule_in(script)
        except Unreadable as error:
            adoption.leave_out(script.name, f"the capacity rule can't be read: {error}")
            continue
        if rule is None or CHAT not in {item.media.lower() for item in rule.rules}:
            continue
        spec: dict[str, Any] = {"name": script.name}
        if rule.maximums():
            spec["capacity"] = rule.maximums()
        if capacity_rule_dbid(tenant) == script.dbid:
            spec["tenant_default"] = True
        for option, kind in HOLDERS.items():
            holders = sorted(found.name for found in directory.all(kind) if capacity_rule_dbid(found) == script.dbid) if kind != "CfgPerson" else []
            if holders:
                spec[option] = holders
        if adoption.unchanged({"capacity_rules": [spec]}, script.name):
            adoption.description.setdefault("capacity_rules", []).append(spec)


PART = Part(
    "capacity_rules",
    fields=(Field("capacity_rules", "list", "Capacity rules that admit chat, and for whom they count; see M(genesys_engage.chat.chat_capacity_rule).",
                  elements="dict", fields=RULE_FIELDS),),
    place=80,
    rules={"objects": _rules},
    kinds=lambda description: tuple(kind for spec in description.get("capacity_rules") or () for kind in kinds_of(spec)),
    adopt=_adopt, adopt_place=70, removal=_removal,
)
