# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of interrupted runs share: the work to interrupt, and the judgement whether running again has finished it."""

from __future__ import annotations

import json
import re
import signal
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from integration.configured_site import Site, solution
from integration.module_runner import Outcome

from sandbox.gax.schema import LISTS, REFERENCE, TYPES

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reliability.md"
#: Classes of lists whose items name them by nothing but "dbid".
LIST_TARGETS = {"tenantdbids": "CfgTenant"}

Database = dict[str, Any]
Step = tuple[str, dict[str, Any]]
#: Where a process is killed: step from 0 on, request from 1 on, and "before", "during" or "after" it (see sabotage.py).
Position = tuple[int, int, str]


@dataclass(frozen=True)
class Work:
    """Some module runs on a state of the database: ``start`` is a key of the fixture ``states``."""

    start: str
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class Undisturbed:
    """Work that nothing disturbed: the requests of each of its steps, and the database after it."""

    requests: tuple[list[dict[str, Any]], ...]
    database: Database


def eight_objects() -> dict[str, Any]:
    """Return a description of two queues, Interaction Server, GMS, one pair of UCS and two Chat Servers."""
    small = solution()
    del small["chat_servers"][2:], small["contact_servers"]["pairs"][1:]
    return small


def changed_solution() -> dict[str, Any]:
    """Return the description after a change of options, annex, ports, endpoints, connections, addp and groups: eight writes."""
    changed = solution(addp={"local_timeout": 5, "remote_timeout": 6, "trace": "local"})
    changed["chat_servers"][0]["options"] = {"settings": {"limit-for-sessions": 5, "async-idle-close": None}, "new": {"a": "ä"}}
    changed["chat_servers"][1]["ports"] = {"webapi": 5581}
    changed["chat_servers"][3]["contact_server"] = "UCS_1"
    changed["chat_server_defaults"]["endpoints"]["webme"] = "Chat_In"
    changed["high_availability"] = {"submitted_by": "ChatServers"}
    changed["interaction_servers"][0]["annex"] = {"a": {"b": "c"}}
    changed["gms"][0]["startup_timeout"] = 120
    changed["gms_chat_services"] = [{"options": {"an-option": "1"}, "default_chat_endpoint": "Environment:webme"}]
    changed["contact_servers"]["defaults"]["options"] = {"log": {"verbose": "all"}}
    return changed


#: One request at a time, so that the n-th is the same one in each run. Repeated once, soon, so that a lasting fault does not take long.
CALM = {"parallel_reads": 1, "timeout": 1, "retries": 1}
CHANNEL = {"backend_server": "WES_1", "tenant": "Environment"}
REMOVED = {"chat_servers": ["ChatServer_4"], "state": "absent"}
WORK = {
    "first deployment": Work("seed", (("chat_solution", {"solution": eight_objects(), **CALM}),)),
    "update": Work("furnished", (("chat_solution", {"solution": changed_solution(), **CALM}),)),
    "update, four writes at a time": Work("furnished", (("chat_solution", {"solution": changed_solution(), **CALM, "parallel_writes": 4}),)),
    "removal": Work(
        "furnished",
        (
            ("esp_link", {"interaction_servers": ["IXN_1"], **REMOVED, **CALM}),
            ("gms_link", {"gms": ["GMS_1"], **REMOVED, **CALM}),
            ("chat_server_app", {"name": "ChatServer_4", "state": "absent", **CALM}),
        ),
    ),
    "removal of a group": Work(
        "furnished",
        (("chat_solution", {"solution": solution(), "state": "absent", "applications": ["ChatServer_3", "ChatServer_4", "UCS_3", "UCS_4"], **CALM}),),
    ),
    "chat channel of Web Engagement": Work(
        "engaged", (("wes_chat_channel", {"queue": "Webengagement_Chat", "contact_handling": "create", "refresh_period": 3, **CHANNEL, **CALM}),)
    ),
    "chat channel of Web Engagement, removal": Work("provisioned", (("wes_chat_channel", {"state": "absent", **CHANNEL, **CALM}),)),
}


def undisturbed(site: Site, states: dict[str, Database], work: Work) -> Undisturbed:
    """Do the work and return what it took and made."""
    site.sandbox.restore(states[work.start])
    requests = []
    for module, arguments in work.steps:
        assert site.ok(module, **arguments).changed
        requests.append(site.sandbox.requests("gax"))
    return Undisturbed(tuple(requests), site.sandbox.database())


def sabotaged(site: Site, step: Step, **sabotage: Any) -> Outcome:
    """Run one step in a process that does something to itself (see sabotage.py). The request log is emptied before."""
    site.sandbox.clear()
    module, arguments = step
    given = {**site.arguments(False, arguments), "_ansible_module_name": f"genesys_engage.chat.{module}"}
    return site.runner.run(module, given, sabotage=sabotage)


def killed_at(site: Site, work: Work, start: Database, position: Position, place: Path | None = None) -> None:
    """Do the work up to the position, where the process is killed; wait until the server has come to rest.

    place: directory for the snapshot of that step, which is there and whole if anything was written.
    """
    number_of_step, request, moment = position
    site.sandbox.restore(start)
    for name, arguments in work.steps[:number_of_step]:
        site.ok(name, **arguments)
    name, arguments = work.steps[number_of_step]
    if place:
        arguments = {**arguments, "snapshot_dir": str(place)}
    outcome = sabotaged(site, (name, arguments), kill={"moment": moment, "request": request})
    assert outcome.returncode == -signal.SIGKILL, f"it was not killed at {position}: {outcome.everything}"
    sent = request - (moment == "before")
    if "parallel_writes" in arguments:
        # Fewer may have been sent than were begun, and another one be the last.
        entries = at_rest(site, sent, seconds=0.2)
    else:
        entries = at_rest(site, sent)
        assert len(entries) == sent, f"{len(entries)} requests came in at {position}"
        assert moment == "before" or entries[-1]["applied"] == entries[-1]["write"]
    if place:
        kept = [is_snapshot(path) for path in place.glob("*.json")]
        assert kept == [True] or (kept == [] and not any(entry["write"] for entry in entries)), f"killed at {position}"


def at_rest(site: Site, sent: int, seconds: float = 10) -> list[dict[str, Any]]:
    """Wait, no longer than so many seconds, until the server has handled what a dead process had sent; return its log."""
    deadline = time.monotonic() + seconds
    while True:
        entries = site.sandbox.requests("gax")
        if len(entries) >= sent and all(entry["seconds"] is not None for entry in entries) or time.monotonic() > deadline:
            return entries
        time.sleep(0.01)


def is_snapshot(path: Path) -> bool:
    """Tell whether a file is whole."""
    try:
        return bool(json.loads(path.read_text(encoding="utf-8"))["objects"])
    except (ValueError, KeyError):
        return False


def shortcomings(site: Site, work: Work, expected: Database, settled: set[str] | None = None, **sabotage: Any) -> list[str]:
    """Do the work again, from its first step on, and return what is not as if nothing had disturbed it: [] if it converged.

    The second of two repetitions must find nothing to do.

    settled: databases, as text, in which a second repetition of this work has found nothing to do. It is not tried again in one of them, as
    a module knows nothing but its arguments and the database.
    """
    found: list[str] = []
    for repetition in ("again", "once more"):
        database = json.dumps(site.sandbox.database()) if repetition == "once more" and settled is not None else ""
        if settled and database in settled:
            break
        changed = False
        for step in work.steps:
            outcome = sabotaged(site, step, **sabotage)
            if outcome.returncode or outcome.result.get("failed"):
                return [f"{repetition}, {step[0]} failed: {outcome.result.get('msg', outcome.everything)}"]
            changed = changed or outcome.changed
        if repetition == "once more":
            if changed:
                found = ["it never comes to rest"]
            elif settled is not None:
                settled.add(database)
    return found + differences(expected, site.sandbox.database())


def differences(expected: Database, real: Database) -> list[str]:
    """Return what distinguishes two databases, beside DBIDs and the order of things; duplicates are named."""
    left, right = Counter(_described(expected)), Counter(_described(real))
    names = Counter((kind, name) for kind, name, _text in right.elements())
    known = Counter((kind, name) for kind, name, _text in left.elements())
    found = [f"{count} x {kind} '{name}'" for (kind, name), count in names.items() if count > known[kind, name] and known[kind, name]]
    found += [f"only undisturbed: {kind} '{name}': {text}" for kind, name, text in (left - right).elements()]
    found += [f"only disturbed: {kind} '{name}': {text}" for kind, name, text in (right - left).elements()]
    return found


def _described(database: Database) -> Iterator[tuple[str, str, str]]:
    """Return every object as (class, name, everything about it), with names in the place of DBIDs."""
    labels = {(kind, value["dbid"]): value[TYPES[kind].label] for kind, values in database["objects"].items() for value in values}

    def plain(value: Any, fields: dict[str, Any], item_class: str = "") -> Any:
        named = {}
        for key, entry in value.items():
            target = fields[key].target if key in fields and fields[key].kind == REFERENCE else item_class if key == "dbid" else ""
            named[key] = f"{target} '{labels.get((target, entry), entry)}'" if target else entry
        return named

    for kind, values in database["objects"].items():
        for value in values:
            described = plain({key: entry for key, entry in value.items() if key != "dbid"}, TYPES[kind].fields)
            for key in TYPES[kind].lists:
                items = value.get(key, {}).get(LISTS[key].item, [])
                described[key] = sorted(json.dumps(plain(item, LISTS[key].fields, LIST_TARGETS.get(key, "")), sort_keys=True) for item in items)
            yield kind, value[TYPES[kind].label], json.dumps(described, sort_keys=True, ensure_ascii=False)


def documented(row: str) -> list[int]:
    """Return the numbers in a row of the page's table: the row begins with this cell."""
    lines = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith(f"| {row} |")]
    assert len(lines) == 1, f"{PAGE.name} has {len(lines)} rows '{row}'"
    return [int(cell) for cell in re.findall(r"\| *(\d+) *(?=\|)", lines[0])]
