# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every fault at the first, a middle and the last request: the run completes or says why not, and the next one converges."""

from __future__ import annotations

import itertools
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from integration.configured_site import Site, fails_well, own_directory
from integration.convergence import WORK, Database, Undisturbed, differences, sabotaged, shortcomings, undisturbed


@dataclass(frozen=True)
class Fault:
    """One thing that goes wrong: faults of the sandbox, what the message says if it lasts, and where even one of it is final."""

    actions: tuple[dict[str, Any], ...]
    words: str
    final_at: tuple[str, ...] = ()


def status(number: int, **headers: str) -> dict[str, Any]:
    """Return the fault that answers with an HTTP status."""
    return {"action": "status", "status": number, "headers": headers}


EXPIRED = {"action": "expire_session"}
FAULTS = {
    "time-out": Fault(({"action": "delay", "seconds": 1.4},), "did not answer within 1 second"),
    "reset before the work": Fault(({"action": "reset_before"},), "broke: [Errno 104] Connection reset by peer"),
    "reset after the work": Fault(({"action": "reset_after"},), "broke: [Errno 104] Connection reset by peer"),
    "reset in mid-answer": Fault(({"action": "reset_during"},), "broke: [Errno 104] Connection reset by peer"),
    "closed in mid-answer": Fault(({"action": "truncate"},), "broke: "),
    "truncated JSON": Fault(({"action": "half"},), "damaged"),
    "too many requests (429)": Fault((status(429),), "status 429"),
    "bad gateway (502)": Fault((status(502),), "status 502"),
    "unavailable (503) with Retry-After": Fault((status(503, **{"Retry-After": "0.5"}),), "status 503"),
    "server error (500)": Fault((status(500),), "HTTP 500", final_at=("middle",)),
    "HTML page": Fault(({"action": "html"},), "a web page instead of data"),
    "expired session": Fault((EXPIRED,), "the new session was not kept"),
    "login limit": Fault((EXPIRED, {"action": "login_limit"}), "too many sessions"),
    "read-only account": Fault(({"action": "no_permission"},), "GAX denies the account access", final_at=("first", "middle", "last")),
}
#: Where a fault strikes; in the middle is a write. In an update only that differs from a deployment.
PLACES = [("first deployment", "first"), ("first deployment", "middle"), ("first deployment", "last"), ("update", "middle")]
CASES = list(itertools.product(FAULTS, PLACES, ("once", "lasting")))


@pytest.fixture(scope="module")
def smooth(one_site: Site, states: dict[str, Database]) -> dict[str, Undisturbed]:
    """What each kind of work takes and makes if nothing happens."""
    return {name: undisturbed(one_site, states, WORK[name]) for name in ("first deployment", "update", "removal")}


def break_it(site: Site, fault: Fault, place: str, times: int, requests: list[dict[str, Any]]) -> None:
    """Set the faults so that they strike at the place, of the requests that an undisturbed run sends."""
    writes = [number for number, entry in enumerate(requests, 1) if entry["write"]]
    middle = writes[len(writes) // 2]
    for action in fault.actions:
        match: dict[str, Any] = {"nth": {"first": 1, "middle": middle, "last": len(requests)}[place]}
        if action["action"] == "login_limit":  # the login that the ended session makes necessary
            match = {"nth": 1 if place == "first" else 2}
        if action["action"] == "no_permission":
            match = {"write": True, "nth": {"first": 1, "middle": writes.index(middle) + 1, "last": len(writes)}[place]}
        site.sandbox.fault(match=match, times=times, **action)


def told(name: str, place: str) -> tuple[str, ...]:
    """Return what a message must say on what was written and on what to do."""
    if name == "read-only account" or place == "middle":
        return "Written before: ", "Running again continues from there."
    return ("Nothing was written.",) if place == "first" else ("everything was written, but could not be read back", "Running again checks it.")


def created(requests: list[dict[str, Any]]) -> list[str]:
    """Return the names of what was created, in the order in which it happened."""
    return [entry["name"] for entry in requests if entry["write"] and entry["method"] == "POST" and entry["applied"]]


@pytest.mark.parametrize(("name", "place", "duration"), CASES, ids=[f"{name}, {place} of {work}, {duration}" for name, (work, place), duration in CASES])
def test_fault(clean_site: Site, states: dict[str, Database], smooth: dict[str, Undisturbed], name: str, place: tuple[str, str], duration: str) -> None:
    fault, work, done = FAULTS[name], WORK[place[0]], smooth[place[0]]
    clean_site.sandbox.restore(states[work.start])
    break_it(clean_site, fault, place[1], int(duration == "once"), done.requests[0])
    module, arguments = work.steps[0]
    # A lasting fault is final at once, to save the time that the repetitions wait.
    outcome = sabotaged(clean_site, (module, {**arguments, "retries": 1 if duration == "once" else 0}))
    struck = [entry for entry in clean_site.sandbox.requests("gax") if entry.get("faults")]
    clean_site.sandbox.clear_faults()
    while any(entry["seconds"] is None for entry in clean_site.sandbox.requests("gax")):
        time.sleep(0.02)
    assert struck, "the fault did not strike"
    if duration == "once" and place[1] not in fault.final_at:
        assert outcome.returncode == 0 and not outcome.warnings, outcome.result.get("msg") or outcome.everything
        assert differences(done.database, clean_site.sandbox.database()) == []
        assert created(clean_site.sandbox.writes()) == created(done.requests[0]), "an object was created twice"
    else:
        # A login is refused in its own words.
        fails_well(outcome, "login" if place[1] == "first" and "login" in outcome.message else fault.words, *told(name, place[1]))
    assert shortcomings(clean_site, work, done.database) == []


def test_writing_again_without_looking_is_caught(clean_site: Site, states: dict[str, Database], smooth: dict[str, Undisturbed]) -> None:
    """The negative control: an engine that repeats a write at once, although its answer was lost after the work."""
    work = WORK["first deployment"]
    clean_site.sandbox.restore(states[work.start])
    break_it(clean_site, FAULTS["reset after the work"], "middle", 1, smooth["first deployment"].requests[0])
    fails_well(sabotaged(clean_site, work.steps[0], engine="writes again without looking"), "HTTP 409")


@pytest.mark.parametrize(("name", "method"), [("first deployment", "POST"), ("update", "PUT"), ("removal", "DELETE")])
def test_a_write_that_arrives_late(clean_site: Site, states: dict[str, Database], smooth: dict[str, Undisturbed], name: str, method: str) -> None:
    """It is carried out after it was looked for in vain, and before it is repeated."""
    work = WORK[name]
    clean_site.sandbox.restore(states[work.start])
    clean_site.sandbox.fault("delay", {"method": method, "write": True}, seconds=1.2)
    for module, arguments in work.steps:
        clean_site.ok(module, **arguments)
    assert differences(smooth[name].database, clean_site.sandbox.database()) == []


STEPS = [(name, step) for name in ("first deployment", "update", "removal") for step in range(len(WORK[name].steps))]


@pytest.mark.parametrize(("name", "step"), STEPS)
def test_full_disk(clean_site: Site, states: dict[str, Database], smooth: dict[str, Undisturbed], tmp_path: Path, name: str, step: int) -> None:
    """Without room for the snapshot nothing is written, and no piece of a file stays."""
    work = WORK[name]
    clean_site.sandbox.restore(states[work.start])
    for module, arguments in work.steps[:step]:
        clean_site.ok(module, **arguments)
    before = clean_site.sandbox.database()
    module, arguments = work.steps[step]
    outcome = sabotaged(clean_site, (module, {**arguments, "snapshot_dir": str(tmp_path / "snapshots")}), full_disk=str(tmp_path))
    fails_well(outcome, "No space left on device", str(tmp_path / "snapshots"), "snapshot_dir", "Nothing was written")
    assert (clean_site.sandbox.writes(), own_directory(tmp_path)) == ([], [])
    assert clean_site.sandbox.database() == before
    assert shortcomings(clean_site, work, smooth[name].database) == []
