# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two chat solutions compared: what the sandbox has, descriptions, and snapshots."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from integration.configured_site import SECRET, SOLUTION, Site, solution

HERE = {"tenant": "Environment"}
CLASSES = ("CfgApplication", "CfgTenant", "CfgHost", "CfgAppPrototype", "CfgScript", "CfgFolder", "CfgRole", "CfgAgentGroup", "CfgPlace")


def compared(site: Site, left: dict[str, Any], right: dict[str, Any], **more: Any) -> dict[str, Any]:
    before = site.sandbox.database()
    outcome = site.ok("chat_solution_compare", left=left, right=right, **more)
    assert not outcome.changed and not site.writes() and site.sandbox.database() == before
    return outcome.result


def told(result: dict[str, Any]) -> list[tuple[str, Any, Any]]:
    assert result["equal"] is not bool(result["differences"])
    return [(item["path"], item["left"], item["right"]) for item in result["differences"]]


def test_live_description_and_snapshot(furnished: Site, tmp_path: Path) -> None:
    """Each of them with each other: alike, and then with one change that all pairs tell."""
    site, path = furnished, str(tmp_path / "before.json")
    adopted = site.ok("chat_solution_info", tenant="Environment").result["solution"]
    site.ok("config_snapshot", objects=[{"type": kind} for kind in CLASSES], path=path)
    kept, described = {"tenant": "Environment", "snapshot": path}, {"solution": adopted}
    assert [told(compared(site, *sides)) for sides in ((HERE, HERE), (HERE, described), (kept, HERE), (kept, described))] == [[]] * 4
    site.sandbox.edit("CfgApplication", "ChatServer_2", options={"settings": {"limit-for-sessions": "2001"}})
    where = "chat_servers/ChatServer_2/options/settings/limit-for-sessions"
    assert told(compared(site, described, HERE)) == [(where, "2000", "2001")] == told(compared(site, kept, HERE))
    assert told(compared(site, HERE, kept)) == [(where, "2001", "2000")] and told(compared(site, kept, described)) == []


def test_a_description_written_by_hand(furnished: Site) -> None:
    """Only what it says beyond the template, and what it does not say, differs."""
    found = told(compared(furnished, {"solution": solution(message_server=None)}, HERE))
    assert ("chat_servers/ChatServer_1/message_server", None, "MessageServer") in found
    assert [item for item in found if item[1] is not None and item[2] is not None] == []


def test_secrets_are_hidden(furnished: Site) -> None:
    other = solution(chat_servers=[{"name": "ChatServer_1", "host": "chat1", "options": {"settings": {"password": SECRET}}}])
    outcome = furnished.ok("chat_solution_compare", left={"solution": other}, right=HERE)
    shown = str(outcome.result["differences"])
    assert SECRET not in outcome.everything.replace(str(other), "") and "'password': '********'" in shown


def test_a_description_of_another_configuration_server(furnished: Site) -> None:
    """What this one does not have is told and is no reason to refuse it; nor is the one side judged by what the other one describes."""
    lab = solution(interaction_queues=["Lab_In"], chat_server_defaults={**SOLUTION["chat_server_defaults"], "endpoints": {"default": "Lab_In"}})
    lab["chat_servers"][1]["host"] = "lab2"
    result = compared(furnished, {"solution": lab}, HERE)
    assert result["not_judged"] == {"left": "chat_servers[1]: host: there is no host named 'lab2'", "right": ""}
    assert ("chat_servers/ChatServer_2/host", "lab2", "chat2") in told(result)
    same = solution(**{**lab, "interaction_queues": None})
    result = compared(furnished, {"solution": lab}, {"solution": same})
    assert result["not_judged"]["right"].endswith("there is no script named 'Lab_In' in tenant 'Environment'") and len(told(result)) == 1


def test_what_the_rules_refuse_is_not_compared(furnished: Site) -> None:
    """A member that is described twice, and a value that is none."""
    adopted = furnished.ok("chat_solution_info", tenant="Environment").result["solution"]
    first, *others = adopted["chat_servers"]
    twice = {**adopted, "chat_servers": [{**first, "host": "chat4"}, first, *others]}
    words = ("right", "chat_servers[1]: Chat Server 'ChatServer_1' is described twice; correct the description, nothing was compared")
    furnished.refuses("chat_solution_compare", *words, left=HERE, right={"solution": twice})
    negative = {"solution": {**adopted, "addp": {"local_timeout": -1}}}
    furnished.refuses("chat_solution_compare", "left", "addp: local_timeout must not be negative, got -1", left=negative, right=negative)


@pytest.mark.parametrize(("words", "sides"), [
    (("left", "tenant: name the tenant"), ({}, HERE)),
    (("right", "give solution or snapshot"), (HERE, {"solution": {"tenant": "Environment"}, "snapshot": "/nowhere"})),
    (("right", "snapshot: '/nowhere' can't be read"), (HERE, {"tenant": "Environment", "snapshot": "/nowhere"})),
    (("tenant 'Environment'", "tenant 'Sales'", "mapping: tenants"), (HERE, {"tenant": "Sales"})),
    (("there is no tenant named 'Nobody'",), ({"tenant": "Nobody"}, HERE)),
], ids=["no tenant", "two of them", "no snapshot", "two tenants", "no such tenant"])
def test_bad_input(furnished: Site, words: tuple[str, ...], sides: tuple[dict[str, Any], dict[str, Any]]) -> None:
    furnished.refuses("chat_solution_compare", *words, left=sides[0], right=sides[1])
