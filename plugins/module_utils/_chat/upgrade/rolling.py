# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a rolling upgrade makes of what its hosts have seen: may it begin, may the next step be done, what came of it.

Pure functions on the plan of upgrade_plan_info and on the hosts' looks.  The rules are those of the Chat Server guide's procedure for
UCS 9.1 and of what follows from it: at any time each Chat Server has a running UCS of its pair.  Source: CHAT
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

RUNNING = "RUNNING"
#: States in which nothing has to be stopped before files are replaced.
DOWN = ("STOPPED",)

#: What can come of a member: it runs the new version, or the old one again (after a roll-back, or as nothing was changed), or it does not run.
UPGRADED, ROLLED_BACK, UNCHANGED, BROKEN = "upgraded", "rolled back", "unchanged", "down"

#: How far a host got with its members: nothing was done to them yet, they are stopped, their files have changed, they serve, they serve again.
BEGUN, STOPPED, CHANGED, SERVING, BROUGHT_BACK = "begun", "stopped", "changed", "serving", "brought back"


def combined_looks(looks: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the looks of all hosts as one.

    looks: dicts with packages (results of installation_package or package_rollback, each with its "item"), states (of
    application_status_info), ports (what port_status_info has registered), connections (results of contact_server_connection_info,
    each with its "item"), and installed (name, version, complete); each part may be missing.
    Returns packages, states, connections and installed by the application's name, silent (ports that do not answer), answering (those
    that do) and complaints (messages).
    """
    result: dict[str, Any] = {"packages": {}, "states": {}, "connections": {}, "installed": {}, "silent": [], "answering": [], "complaints": []}
    for look in looks:
        for part in ("packages", "connections"):
            result[part].update({found["item"]["name"]: found for found in look.get(part) or () if "item" in found})
        result["states"].update({found["name"]: found["status"] for found in look.get("states") or ()})
        result["installed"].update({found["name"]: found for found in look.get("installed") or ()})
        ports = look.get("ports") or {}
        tried = ports.get("ports", (ports.get("failure") or {}).get("ports"))
        result["silent"] += [port for port in tried or () if not port["listening"]]
        result["answering"] += [port for port in tried or () if port["listening"]]
        result["complaints"] += look.get("complaints") or []
        if tried is None and ports and not ports.get("skipped"):
            result["complaints"].append(f"The ports could not be tried: {' '.join(str(ports.get('msg') or 'no reason was told').split())}")
    return result


def judge(plan: Mapping[str, Any], looks: Iterable[Mapping[str, Any]], lost: Collection[str], continued: bool, back: bool = False) -> dict[str, Any]:
    """Return whether and how the upgrade may begin, as {problems, warnings, members, chat_servers, target, steps, todo, order}.

    plan: of upgrade_plan_info.  looks: see combined_looks.  lost: Host objects that can't be reached.  continued: the same upgrade was begun
    before and not finished.  back: it goes back to a former version.
    members: name -> {host, place, before, target, install (its files change), work (something is to be done), status}.
    """
    seen = combined_looks(looks)
    members = {item["name"]: _member(item, seen) for item in plan["members"]}
    problems = [f"Host '{host}' can't be reached." for host in lost] + seen["complaints"]
    problems += _versions(members, back)
    warnings = list(plan.get("warnings") or [])
    for item in plan["members"]:
        problems += _not_running(item, members, continued, warnings)
    chat_servers = {}
    if plan["role"] == "contact_server":
        for item in plan["chat_servers"]:
            chat_servers[item["name"]] = _connection(item, seen, members, continued, problems, warnings)
    up = [name for name, status in seen["states"].items() if status == RUNNING]
    problems += [f"'{port['name']}' runs, and its port '{port['id']}' ({port['address']}:{port['port']}) does not answer."
                 for port in _once(seen["silent"]) if port["name"] in up]
    targets = sorted({member["target"] for member in members.values() if member["target"]})
    steps = _steps(plan, members)
    return {
        "problems": problems,
        "warnings": warnings,
        "members": members,
        "chat_servers": chat_servers,
        "target": targets[0] if targets else "",
        "steps": steps,
        "todo": bool(steps),
        "order": [f"{number}. {_step_in_words(step, members)}" for number, step in enumerate(steps, 1)] or ["Nothing: every member runs the wanted version."],
    }


def _member(item: Mapping[str, Any], seen: Mapping[str, Any]) -> dict[str, Any]:
    package = seen["packages"].get(item["name"], {})
    before, after = package.get("before") or {}, package.get("installed") or {}
    status = seen["states"].get(item["name"], "UNKNOWN")
    # A preview does not count as a change, so what it holds is compared.
    install = any(before.get(key) != after.get(key) for key in ("nickname", "version", "build", "complete"))
    return {
        "host": item["host"],
        "place": item["place"],
        "status": status,
        # Of an installation that was cut short it is not known what was there before.
        "before": before.get("version") if before.get("complete") else None,
        "target": after.get("version"),
        "install": install,
        "work": install or status != RUNNING,
    }


def _versions(members: Mapping[str, Any], back: bool) -> list[str]:
    """Return what is wrong with the versions: all members must get the same one."""
    unknown = sorted(name for name, member in members.items() if not member["target"])
    if unknown:
        return [f"It is not known which version {_listed(unknown)} would get."]
    by_target = {}
    for name, member in sorted(members.items()):
        by_target.setdefault(member["target"], []).append(name)
    if len(by_target) > 1:
        what = "backups" if back else "packages"
        versions = "; ".join(f"{version} for {_listed(names)}" for version, names in sorted(by_target.items()))
        return [f"The {what} on the hosts are of different versions ({versions}); all members must get the same one."]
    older = sorted(name for name, member in members.items() if member["before"] and _numbers(member["target"]) < _numbers(member["before"]))
    if older and not back:
        return [f"The package is older ({members[older[0]]['target']}) than what {_listed(older)} has. To go back, use the playbook "
                "rollback_contact_servers."]
    return []


def _numbers(version: str) -> tuple[int, ...]:
    """Return a version in a form that can be compared, such as 9.1.000.12 as (9, 1, 0, 12)."""
    return tuple(int(part) if part.isdigit() else 0 for part in version.split("."))


def _not_running(item: Mapping[str, Any], members: Mapping[str, Any], continued: bool, warnings: list[str]) -> list[str]:
    """Return what is wrong with a member's state; of a pair that is down as a whole a warning is kept."""
    name, member = item["name"], members[item["name"]]
    if member["status"] == RUNNING:
        return []
    if not continued:
        return [f"'{name}' on {member['host']} is {member['status']}. All members must run before an upgrade begins; start it, and see that it stays up."]
    other = members.get(item["partner"])
    if item["place"] == "backup" and other and other["status"] != RUNNING:
        warnings.append(f"Neither '{item['partner']}' nor '{name}' runs: their Chat Servers ({', '.join(item['clients']) or 'none'}) have no UCS now.")
    return []


def _connection(item: Mapping[str, Any], seen: Mapping[str, Any], members: Mapping[str, Any], continued: bool, problems: list[str],
                warnings: list[str]) -> dict[str, Any]:
    """Return to which UCS a Chat Server is connected; complain of one that is connected to none."""
    name, status = item["name"], seen["states"].get(item["name"], "UNKNOWN")
    found = seen["connections"].get(name, {})
    member = found.get("member", "unknown")
    if status == "STOPPED":
        warnings.append(f"Chat Server '{name}' is stopped, so it has no chats; it is left alone.")
    elif member in ("none", "unknown", "both") and not continued:
        problems.append(f"Chat Server '{name}' on {item['host']} must be connected to a UCS of its pair. "
                        f"{found.get('text') or found.get('msg') or 'Nothing is known of its connections.'}")
    elif member == "backup" and members.get(found.get("connected_to"), {}).get("work"):
        warnings.append(f"Chat Server '{name}' is connected to '{found.get('connected_to')}', a backup, as after an earlier upgrade: it will reconnect once "
                        "more than the others.")
    return {"member": member, "connected_to": found.get("connected_to"), "until": found.get("until"), "runs": status != "STOPPED"}


def _steps(plan: Mapping[str, Any], members: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the steps in which there is something to do, with those members only; members that do not run come first.

    A UCS that is down while its partner serves is brought up before anything is stopped: the partner could not be stopped without it.
    """
    status = {name: member["status"] for name, member in members.items()}
    partner = {item["name"]: item["partner"] for item in plan["members"] if item["partner"]}
    down = sorted(name for name in partner if members[name]["work"] and status[name] in DOWN and status[partner[name]] == RUNNING)
    steps = [{"name": "members that do not run", "kind": "members", "members": down, "relies_on": sorted(partner[name] for name in down)}] if down else []
    for step in plan["steps"]:
        step = dict(step, members=[name for name in step["members"] if name not in down])
        if step["kind"] == "switch":
            # A primary that is as it should be is not stopped again when an upgrade is continued; of one that may run nobody knows.
            names = [name for name in step["members"] if members[name]["install"] or members[name]["status"] not in (RUNNING,) + DOWN]
        else:
            names = [name for name in step["members"] if members[name]["work"]]
        if names:
            steps.append(dict(step, members=names))
    if plan["role"] == "chat_server":
        steps.sort(key=lambda step: all(members[name]["status"] == RUNNING for name in step["members"]))
    return steps


def _step_in_words(step: Mapping[str, Any], members: Mapping[str, Any]) -> str:
    if step["kind"] == "switch":
        return (f"Stop {_listed(step['members'])}{' together' if len(step['members']) > 1 else ''}, once {_listed(step['relies_on'])} run the new version and "
                "answer; their Chat Servers switch.")
    parts = []
    for name in step["members"]:
        member = members[name]
        what = f"{member['before'] or 'cut short'} -> {member['target']}" if member["install"] else "start"
        parts.append(f"'{name}' on {member['host']} ({what})")
    return f"{step['name'][:1].upper() + step['name'][1:]}: {', '.join(parts)}."


def gate(plan: Mapping[str, Any], judgement: Mapping[str, Any], step: Mapping[str, Any], looks: Iterable[Mapping[str, Any]], lost: Collection[str],
         outcomes: Mapping[str, Any]) -> list[str]:
    """Return why a step must not be done now, as a list of sentences; none means that it may.

    Nothing that runs is stopped unless what its clients rely on runs and answers; no primary unless its backup runs the new version.
    looks: fresh ones.  lost: Host objects that can't be reached any more.  outcomes: see collected.
    """
    seen = combined_looks(looks)
    problems = list(seen["complaints"])
    silent = {}
    for port in seen["silent"]:
        silent.setdefault(port["name"], port)
    answering = {port["name"] for port in seen["answering"]}
    hosts = {item["name"]: item["host"] for item in plan["members"] + plan["chat_servers"]}
    ports = {item["name"]: item["ports"] for item in plan["members"] + plan["chat_servers"]}
    for name in _relied_on(plan, step, seen["states"]):
        status = seen["states"].get(name, "UNKNOWN")
        if hosts[name] in lost:
            problems.append(f"'{name}' must serve meanwhile, and its host {hosts[name]} can't be reached any more.")
        elif status != RUNNING:
            problems.append(f"'{name}' on {hosts[name]} must serve meanwhile, and is {status}.")
        elif name in silent:
            port = silent[name]
            problems.append(f"'{name}' must serve meanwhile, and its port '{port['id']}' ({port['address']}:{port['port']}) does not answer.")
        elif ports[name] and name not in answering and not seen["complaints"]:
            problems.append(f"'{name}' on {hosts[name]} must serve meanwhile, and no host could try its ports.")
        elif step["kind"] == "switch" and not _has_target(name, judgement, outcomes):
            problems.append(f"'{name}' must run {judgement['target']} before its primary is stopped.")
    if step["kind"] == "switch":
        for item in plan["chat_servers"]:
            if not judgement["chat_servers"][item["name"]]["runs"] and seen["states"].get(item["name"]) == RUNNING:
                problems.append(f"Chat Server '{item['name']}' on {item['host']} was started meanwhile; begin again, so that it is watched, too.")
            if item["host"] in lost and judgement["chat_servers"][item["name"]]["runs"]:
                problems.append(f"Host {item['host']} can't be reached any more, so nobody could see whether Chat Server '{item['name']}' switches.")
    return problems


def _relied_on(plan: Mapping[str, Any], step: Mapping[str, Any], states: Mapping[str, str]) -> list[str]:
    """Return the names of those that must serve: the partners of what is running and will be stopped."""
    partner = {item["name"]: item["partner"] for item in plan["members"]}
    running = [name for name in step["members"] if states.get(name) not in DOWN]
    if plan["role"] == "chat_server":
        return step["relies_on"] if running else []
    return [partner[name] for name in running]


def _has_target(name: str, judgement: Mapping[str, Any], outcomes: Mapping[str, Any]) -> bool:
    if name in outcomes:
        return outcomes[name]["result"] == UPGRADED
    return not judgement["members"][name]["install"]


def collected(step: Mapping[str, Any], outcomes: Mapping[str, Any], lost: Collection[str], plan: Mapping[str, Any]) -> list[str]:
    """Return why the upgrade must not go on after a step with members, as a list of sentences.

    outcomes: name -> {result, version, error}, of the hosts that could still tell.
    """
    problems = []
    for item in plan["members"]:
        if item["name"] in step["members"]:
            outcome = outcomes.get(item["name"])
            if item["host"] in lost or outcome is None:
                problems.append(f"Host {item['host']} can't be reached any more; the state of '{item['name']}' is not known.")
            elif outcome["result"] != UPGRADED:
                problems.append(_mishap(item, outcome))
    return problems


def _mishap(item: Mapping[str, Any], outcome: Mapping[str, Any]) -> str:
    after = {
        ROLLED_BACK: f"It was brought back, and runs {outcome['version'] or 'what it had before'} again.",
        UNCHANGED: f"It still runs {outcome['version'] or 'what it had before'}.",
        BROKEN: "It could not be seen to run again; look after it at once.",
    }[outcome["result"]]
    return f"'{item['name']}' on {item['host']}: {outcome['error']} {after}"


def switched(plan: Mapping[str, Any], judgement: Mapping[str, Any], step: Mapping[str, Any], looks: Iterable[Mapping[str, Any]],
             lost: Collection[str]) -> list[str]:
    """Return which Chat Servers of the stopped primaries are not on their backup, as a list of sentences."""
    seen = combined_looks(looks)
    problems = list(seen["complaints"])
    for item in plan["chat_servers"]:
        pair = item["contact_servers"][0]
        if pair["primary"]["name"] in step["members"] and judgement["chat_servers"][item["name"]]["runs"]:
            found = seen["connections"].get(item["name"], {})
            if item["host"] in lost or found.get("member") != "backup":
                reason = "Its host can't be reached any more." if item["host"] in lost else "It was not looked at."
                problems.append(f"Chat Server '{item['name']}' on {item['host']} has not switched to '{pair['backup']['name']}'. "
                                f"{found.get('text') or found.get('msg') or reason}")
    return problems


def may_stop_hard(role: str, result: Mapping[str, Any]) -> bool:
    """Return whether servers whose graceful stop has failed may be stopped with the sessions that they still have.

    Only Chat Servers, whose sessions are restored on the others, and only if each has taken the request, was seen to be on its way at a
    look that succeeded, and has not ended within its time.  Of any other failure nobody knows what it means: Solution Control Server may
    have been away for a moment.  Source: HA85
    role: of the servers.  result: of application_control with state=stopped_gracefully.
    """
    failure = result.get("failure") or {}
    late = [item for item in failure.get("applications") or () if not item.get("done")]
    return role == "chat_server" and bool(late) and all(item.get("under_way") for item in late)


def error_of(result: Mapping[str, Any]) -> str:
    """Return what a failed task's result says, in one line; of a loop, what its failed items say."""
    results = [item for item in result.get("results") or () if isinstance(item, dict) and item.get("failed")]
    texts = [str(item.get("msg") or "no message") for item in results] or [str(result.get("msg") or "no message")]
    return " ".join(" ".join(text.split()) for text in dict.fromkeys(texts))


def _once(ports: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    found = {}
    for port in ports:
        found.setdefault((port["name"], port["id"]), port)
    return list(found.values())


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"'{name}'" for name in names)


def outcome_of(members: Iterable[Mapping[str, Any]], judgement: Mapping[str, Any], result: str, began: str, ended: str,
               error: str = "") -> dict[str, dict[str, Any]]:
    """Return name -> {result, version, error, began, ended} for the members of a host with which the same was done.

    result: UPGRADED, ROLLED_BACK, UNCHANGED (they run what they had before), or BROKEN.  began, ended: ISO 8601.
    """
    found = {}
    for item in members:
        member = judgement["members"][item["name"]]
        version = {UPGRADED: member["target"], ROLLED_BACK: member["before"], UNCHANGED: member["before"]}.get(result)
        found[item["name"]] = {"result": result, "version": version, "error": error, "began": began, "ended": ended}
    return found


def begins_again(locked: Mapping[str, Any], back: bool) -> bool:
    """Return whether an upgrade that finds this lock goes on with one that was begun before and not finished.

    Going back is another upgrade than the one that was begun, and may have to begin where that one was left.
    locked: result of upgrade_lock.  back: it goes back to a former version.
    """
    return bool(locked.get("continued") or (back and locked.get("previous")))


def came_of(attempt: Mapping[str, Any], back: bool) -> tuple[str, str] | None:
    """Return (result, error) of an attempt at the members of a host: what they run now, and what has failed; None if nobody knows.

    attempt: {stage, failure, second_failure}. stage: the last one that the host has reached.  failure: {stage, text}, with the stage in which
    something failed, or nothing; second_failure: the same of bringing back.  back: the upgrade goes back to a former version.
    """
    failure, second = attempt["failure"], attempt["second_failure"]
    if not failure:
        return (UPGRADED, "") if attempt["stage"] == SERVING else None
    if second:
        return BROKEN, f"{failure['text']} Then, while it was brought back, {second['text']}"
    if attempt["stage"] != BROUGHT_BACK:
        return None
    # Going back, the files stay where they are: what could not be started at once runs the former version now.
    changed = UPGRADED if back else ROLLED_BACK
    return {BEGUN: UNCHANGED, STOPPED: ROLLED_BACK, CHANGED: changed}[failure["stage"]], failure["text"]


def to_bring_back(role: str, stage: str, back: bool) -> dict[str, Any]:
    """Return how members are brought back after a failure: {stops: how they are stopped first, or '', files: whether the former files are put back}.

    What has failed may have been a look: a Chat Server may have chats already, so it is stopped gracefully.  What could not be stopped is left
    as it is.  role: of the members.  stage: in which it failed.  back: the upgrade goes back to a former version, whose files are the former ones.
    """
    touched = stage != BEGUN
    return {"stops": ("stopped_gracefully" if role == "chat_server" else "stopped") if touched else "", "files": touched and not back}
