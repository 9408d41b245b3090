# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report of a rolling upgrade: as data for programs, and as Markdown for people."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from .rolling import BROKEN, RUNNING, UPGRADED, combined_looks


def report_data(plan: Mapping[str, Any], judgement: Mapping[str, Any], outcomes: Mapping[str, Any], looks: Iterable[Mapping[str, Any]],
                lost: Collection[str], flow: Mapping[str, Any]) -> dict[str, Any]:
    """Return the report as data.

    plan, judgement, outcomes, lost: see rolling.  looks: the last ones, at states, ports, connections and installed versions.
    flow: what the configuration host kept on the way: began and ended (ISO 8601), back, command (to run again), phases (name,
    began, ended), problems, versions (name -> version in the Configuration Server, or {}).
    """
    seen = combined_looks(looks)
    connections = seen["connections"]
    members = [dict(member, **_in_the_end(member["name"], seen)) for member in _members(plan, judgement, outcomes, lost)]
    problems = list(flow["problems"]) + _different_versions(members, flow["versions"]) + _not_as_they_should_be(members, seen["complaints"], lost)
    chat_servers = [_chat_server(item, judgement["chat_servers"], connections.get(item["name"], {})) for item in plan["chat_servers"]
                    if plan["role"] == "contact_server"]
    left = [member["name"] for member in members if member["version"] != judgement["target"] or member["result"] not in (UPGRADED, "as wanted")]
    return {
        "role": plan["role"],
        "back": flow["back"],
        "target": judgement["target"],
        "complete": not left and not problems,
        "began": flow["began"],
        "ended": flow["ended"],
        "seconds": _seconds(flow["began"], flow["ended"]),
        "phases": [dict(phase, seconds=_seconds(phase["began"], phase["ended"])) for phase in flow["phases"]],
        "members": members,
        "members_upgraded": sum(member["result"] == UPGRADED for member in members),
        "chat_servers": chat_servers,
        "reconnects": sum(item["reconnects"] or 0 for item in chat_servers),
        "warnings": judgement["warnings"],
        "problems": problems,
        "left": left,
        "command": flow["command"],
    }


def corrections(plan: Mapping[str, Any], judgement: Mapping[str, Any], outcomes: Mapping[str, Any], lost: Collection[str],
                versions: Mapping[str, str]) -> list[dict[str, str]]:
    """Return {name, version} for each member of which the Configuration Server has another version than the one that is installed.

    The installer writes it; a roll-back during which GAX was away did not.  versions: name -> version in the Configuration Server.
    """
    return [{"name": member["name"], "version": member["version"]} for member in _members(plan, judgement, outcomes, lost)
            if _differs(member, versions)]


def _members(plan: Mapping[str, Any], judgement: Mapping[str, Any], outcomes: Mapping[str, Any], lost: Collection[str]) -> list[dict[str, Any]]:
    return [_member(item, judgement["members"][item["name"]], outcomes.get(item["name"]), item["host"] in lost) for item in plan["members"]]


def _differs(member: Mapping[str, Any], versions: Mapping[str, str]) -> bool:
    return member["version"] and versions.get(member["name"], member["version"]) != member["version"]


def _member(item: Mapping[str, Any], judgement: Mapping[str, Any], outcome: Mapping[str, Any] | None, lost: bool) -> dict[str, Any]:
    if outcome is None:
        as_wanted = not judgement["work"]
        result = "as wanted" if as_wanted else "not known" if lost else "not begun"
        version = judgement["target"] if as_wanted else None if lost else judgement["before"]
        outcome = {"result": result, "version": version, "error": "", "began": None, "ended": None}
    return {
        "name": item["name"],
        "host": item["host"],
        "place": item["place"],
        "before": judgement["before"],
        "version": outcome["version"],
        "result": outcome["result"],
        "error": outcome["error"],
        "began": outcome["began"],
        "seconds": _seconds(outcome["began"], outcome["ended"]),
    }


def _in_the_end(name: str, seen: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was seen of a member in the end: its state, whether each port answers, and the version on its host; None for what was not seen."""
    ports = {port["id"]: port["listening"] for port in seen["answering"] + seen["silent"] if port["name"] == name}
    found = seen["installed"].get(name)
    return {"state": seen["states"].get(name), "ports": ports, "installed": found["version"] if found and found["complete"] else None}


def _not_as_they_should_be(members: Iterable[Mapping[str, Any]], complaints: Iterable[str], lost: Collection[str]) -> list[str]:
    """Return a sentence for each member that the last look has not found serving, with the version that it should have.

    Of those that are down, or whose host is lost, the reason was said before.
    """
    found = []
    for member in members:
        wrong = [] if member["state"] == RUNNING else [f"its state is {member['state'] or 'not known'}"]
        wrong += [f"its port '{port}' does not answer" for port, listening in member["ports"].items() if not listening]
        if member["version"] and member["installed"] != member["version"]:
            wrong.append(f"{'version ' + member['installed'] if member['installed'] else 'no complete version'} is installed, not "
                         f"{member['version']}")
        if wrong and member["host"] not in lost and member["result"] != BROKEN:
            found.append(f"'{member['name']}' on {member['host']} is not as it should be: {', '.join(wrong)}.")
    return (list(complaints) if found else []) + found


def _chat_server(item: Mapping[str, Any], before: Mapping[str, Any], found: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": item["name"],
        "host": item["host"],
        "before": before[item["name"]]["connected_to"],
        "now": found.get("connected_to"),
        "reconnects": found.get("reconnects"),
    }


def _different_versions(members: Iterable[Mapping[str, Any]], versions: Mapping[str, str]) -> list[str]:
    """Return where the Configuration Server has another version than the one that is installed."""
    return [f"The Configuration Server has version {versions[member['name']]} for '{member['name']}', and {member['version']} is installed."
            for member in members if _differs(member, versions)]


def _seconds(began: str | None, ended: str | None) -> float | None:
    if not began or not ended:
        return None
    return round((datetime.fromisoformat(ended) - datetime.fromisoformat(began)).total_seconds(), 1)


def markdown(report: Mapping[str, Any]) -> str:
    """Return the report as Markdown."""
    what = "Chat Servers" if report["role"] == "chat_server" else "Universal Contact Servers"
    way = "back to" if report["back"] else "to"
    lines = [
        f"# Upgrade of the {what} {way} {report['target']}",
        "",
        f"{'Complete' if report['complete'] else 'Not complete'}. From {report['began']} to {report['ended']} ({report['seconds']} s).",
        "",
    ]
    if report["problems"]:
        lines += ["## What went wrong", ""] + [f"- {_line(text)}" for text in report["problems"]] + [""]
    if report["left"]:
        lines += [f"Not on {report['target']}: {', '.join(report['left'])}. To go on, run again: `{report['command']}`", ""]
    lines += _table("Phases", ("Phase", "Began", "Seconds"), [(item["name"], item["began"], item["seconds"]) for item in report["phases"]])
    lines += _table("Members", ("Name", "Host", "Place", "Before", "Now", "Result", "Seconds"), [
        (item["name"], item["host"], item["place"], item["before"], item["version"], _result(item, report["back"]), item["seconds"])
        for item in report["members"]])
    lines += _table("All members in the end", ("Name", "Version", "State", "Ports"), [
        (item["name"], item["installed"], item["state"], _ports(item["ports"])) for item in report["members"]])
    lines += _table("Chat Servers", ("Name", "Host", "UCS before", "UCS now", "Reconnects"), [
        (item["name"], item["host"], item["before"], item["now"], item["reconnects"]) for item in report["chat_servers"]])
    if report["warnings"]:
        lines += ["## Warnings", ""] + [f"- {_line(text)}" for text in report["warnings"]] + [""]
    return "\n".join(lines).rstrip() + "\n"


def failure(report: Mapping[str, Any]) -> list[str]:
    """Return the sentences that say what is done, what is not, and how to go on."""
    done = [member["name"] for member in report["members"] if member["version"] == report["target"] and member["result"] in (UPGRADED, "as wanted")]
    return report["problems"] + [
        f"On {report['target']}: {', '.join(done) or 'none'}. Not yet: {', '.join(report['left']) or 'none'}.",
        f"Once the cause is removed, run the same again, with the same inventory and variables: {report['command']}",
    ]


def _result(member: Mapping[str, Any], back: bool) -> str:
    return "brought back" if back and member["result"] == UPGRADED else member["result"]


def _ports(ports: Mapping[str, bool]) -> str | None:
    return ", ".join(f"{port} {'answers' if listening else 'does not answer'}" for port, listening in sorted(ports.items())) or None


def _line(text: object) -> str:
    return " ".join(str(text).split())


def _table(title: str, heads: Collection[str], rows: Collection[Iterable[Any]]) -> list[str]:
    if not rows:
        return []
    body = [["-" if cell is None else _line(cell).replace("|", "\\|") for cell in row] for row in rows]
    return [f"## {title}", ""] + [f"| {' | '.join(row)} |" for row in [list(heads), ["---"] * len(heads)] + body] + [""]
