# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Judge a configuration by all rules, without writing anything.

In this room is what looks at objects and tells what is wrong. What makes a configuration right is in the parts.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Mapping
from typing import Any

from ..._config.errors import InvalidInput
from ..._config.nearest import suggestion
from ..._config.types import object_type
from ..all_parts import PARTS
from ..context import Context
from . import chat_servers, contact_servers, gms, high_availability, interaction_queues, interaction_servers, people, web_engagement
from .rule import SEVERITIES, Fault, Rule
from .site import Site
from .subject import subject

#: Name of a part -> the rules that judge it.
RULES_OF: dict[str, tuple[Rule, ...]] = {
    "chat_servers": chat_servers.RULES,
    "high_availability": high_availability.RULES,
    "contact_servers": contact_servers.RULES,
    "interaction_servers": interaction_servers.RULES,
    "interaction_queues": interaction_queues.RULES,
    "gms": gms.RULES,
    "gms_chat_services": gms.SERVICE_RULES,
    "web_engagement": web_engagement.RULES,
    "capacity_rules": people.CAPACITY_RULES,
    "agents": people.AGENT_RULES,
    "workspace": people.WORKSPACE_RULES,
}

#: The classes that every rule may use.
_ALWAYS = ("CfgApplication", "CfgTenant")


def all_rules() -> list[Rule]:
    """Return the rules of all parts, by their ids."""
    return sorted((rule for part in PARTS for rule in RULES_OF.get(part.name, ())), key=lambda rule: rule.id)


def chat_audit(context: Context, params: Mapping[str, Any]) -> dict[str, Any]:
    """Return what "judged" returns of the result; nothing is written."""
    return judged(context, params)[1]


def judged(context: Context, params: Mapping[str, Any], kinds: Iterable[str] = (), leave_out: Iterable[str] = ()) -> tuple[Site, dict[str, Any]]:
    """Return (the system that was judged, {"faults", "counts", "rules", "not_judged", "chat_servers", "waivers_without_fault"}); nothing is written.

    faults: a list of {rule, severity, type, name, text, why, cure, source, waived}, the worst first; waived: the reason of the waiver, or ''.
    counts: severity -> number of faults that are not waived, and "waived".
    chat_servers: how many there are; without any there was nothing to judge.
    rules: a list of {rule, severity, title, faults}: what was judged, and how many faults are not waived.
    Raises InvalidInput for a rule that does not exist, and for a waiver that does not hold.

    Args:
        params: rules (ids, or None for all), waivers (list of {rule, object, reason, until}), what subject.subject needs, and the wishes of Site.
        kinds: classes that the caller looks at beside those of the rules.
        leave_out: classes that are not to be read: rules that need one of them are not judged.
    """
    rules = _chosen(params.get("rules"))
    waivers = _checked(params.get("waivers") or ())
    left_out = frozenset(leave_out)
    wanted = [kind for rule in rules if not left_out.intersection(rule.kinds) for kind in rule.kinds]
    seen, missing = subject(context, params, [*_ALWAYS, *kinds, *wanted])
    missing |= left_out
    not_judged = [rule.id for rule in rules if missing.intersection(rule.kinds)]
    rules = [rule for rule in rules if rule.id not in not_judged]
    site = Site(seen, params)
    used: set[int] = set()
    found = [_told(rule, fault, waivers, used) for rule in rules for fault in rule.look(site)]
    found.sort(key=lambda fault: (SEVERITIES.index(fault["severity"]), fault["rule"], fault["type"], fault["name"], fault["text"]))
    counting = [fault for fault in found if not fault["waived"]]
    return site, {
        "faults": found,
        "counts": {**{severity: sum(fault["severity"] == severity for fault in counting) for severity in SEVERITIES}, "waived": len(found) - len(counting)},
        "rules": [{"rule": rule.id, "severity": rule.severity, "title": rule.title, "faults": sum(fault["rule"] == rule.id for fault in counting)}
                  for rule in rules],
        "not_judged": not_judged,
        "chat_servers": len(site.all_chat_servers),
        "waivers_without_fault": [_named(waiver) for number, waiver in enumerate(waivers) if number not in used],
    }


def _chosen(ids: Iterable[str] | None) -> list[Rule]:
    rules = all_rules()
    if ids is None:
        return rules
    for rule in ids:
        _require_rule(rule, "rules", rules)
    return [rule for rule in rules if rule.id in set(ids)]


def _require_rule(rule: str, where: str, rules: Iterable[Rule]) -> None:
    known = [other.id for other in rules]
    if rule not in known:
        hint = suggestion(rule, known) or f"; they are {known[0]} to {known[-1]}"
        raise InvalidInput(f"{where}: there is no rule '{rule}'{hint}")


def _checked(waivers: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return the waivers; raises InvalidInput for one of a rule that does not exist, without a reason, or past its end."""
    rules, waivers = all_rules(), list(waivers)
    today = datetime.datetime.now(datetime.timezone.utc).date()
    for number, waiver in enumerate(waivers):
        where = f"waivers[{number}]"
        _require_rule(waiver["rule"], where, rules)
        if not waiver["reason"].strip():
            raise InvalidInput(f"{where}: reason must say why rule {waiver['rule']} is waived")
        end = _date(waiver["until"])
        if end is None:
            raise InvalidInput(f"{where}: until must be a date of the form YYYY-MM-DD, got '{waiver['until']:.40}'")
        if end < today:
            raise InvalidInput(f"{where}: the waiver of rule {waiver['rule']} ended on {waiver['until']}; correct what it was for, and remove it, or give it a "
                               "new end")
    return waivers


def _date(text: str) -> datetime.date | None:
    try:
        return datetime.date.fromisoformat(text) if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text) else None
    except ValueError:
        return None


def _told(rule: Rule, fault: Fault, waivers: list[Mapping[str, Any]], used: set[int]) -> dict[str, str]:
    holding = [number for number, waiver in enumerate(waivers) if waiver["rule"] == rule.id and waiver.get("object") in (None, "", fault.name)]
    used.update(holding)
    return {"rule": rule.id, "severity": fault.severity or rule.severity, "type": fault.kind, "name": fault.name,
            "text": f"{object_type(fault.kind).word} '{fault.name}' {fault.text}." if fault.kind == "CfgApplication" else
                    f"{object_type(fault.kind).word} '{fault.name}': {fault.text}.",
            "why": rule.why, "cure": rule.cure, "source": rule.source, "waived": waivers[holding[0]]["reason"] if holding else ""}


def _named(waiver: Mapping[str, Any]) -> str:
    return f"{waiver['rule']} {waiver['object']}" if waiver.get("object") else waiver["rule"]
