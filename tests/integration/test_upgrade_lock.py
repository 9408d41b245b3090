# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lock of an upgrade, against the sandbox: its life, many runs at once, faults, and runs that are killed at any request.

All orders in which the calls of two runs can come are in unit/config/test_lock_contenders.py.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from integration.configured_site import Site, fails_well
from integration.convergence import at_rest, sabotaged
from integration.go_between import Exchange, GoBetween
from integration.module_runner import ModuleRunner
from integration.vocabulary import Snapshot

from sandbox.gax.dialects import DIALECTS
from sandbox.testing import Sandbox

KIND = "CfgAppPrototype"
NAME = "genesys_engage.chat upgrade"
UPGRADE, OTHER = "contact_server 9.1.001.07", "contact_server 9.1.002.01"
MINE: dict[str, Any] = {"upgrade_id": UPGRADE, "owner": "job 1"}
THEIRS: dict[str, Any] = {"upgrade_id": UPGRADE, "owner": "job 2"}
ANOTHER: dict[str, Any] = {"upgrade_id": OTHER, "owner": "job 3"}
PAST, FUTURE = "2026-01-31T12:00:00Z", "2099-01-31T12:00:00Z"
SUSPENDED = {"lease_until": PAST, "state": "suspended"}


@pytest.fixture(params=sorted(DIALECTS))
def dialect(request: pytest.FixtureRequest, site: Site) -> str:
    """Each dialect in turn, on a new database."""
    name: str = request.param
    site.sandbox.dialect(name)
    return name


def stored(site: Site) -> dict[str, str] | None:
    """Return the lock that the sandbox has; fails when there are two."""
    found = [value for value in site.sandbox.objects(KIND) if value["name"] == NAME]
    assert len(found) <= 1
    return site.sandbox.options(KIND, NAME)["upgrade_lock"] if found else None


def put(site: Site, **lock: str) -> None:
    """Put a lock there, or change the one that is there, past the module."""
    if site.exists(KIND, NAME):
        site.sandbox.edit(KIND, NAME, options={"upgrade_lock": lock})
        return
    whole = {**MINE, "taken_at": PAST, "lease_until": PAST, "state": "held", **lock}
    entries = [{"section": "upgrade_lock", "key": key, "value": value} for key, value in whole.items()]
    site.sandbox.create(KIND, name=NAME, subtype="CFGThirdPartyApp", version="1.0.0", options={"property": entries})


def moment(text: str) -> datetime:
    """Return a time of a lock."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


def both(site: Site, writes: list[str], **arguments: Any) -> dict[str, Any]:
    """Run the module in check mode and for real: the first writes nothing and tells what the second one does. Return its result."""
    before = site.sandbox.database()
    previous = stored(site)
    preview = site.ok("upgrade_lock", check=True, **arguments).result
    assert site.writes() == [] and site.sandbox.database() == before
    began = datetime.now(UTC).replace(microsecond=0)
    result = site.ok("upgrade_lock", **arguments).result
    assert site.writes() == [(verb, KIND, NAME) for verb in writes]
    assert result["lock"] == stored(site)
    assert result["previous"] == preview["previous"] == previous
    assert (result["diff"]["before"], result["diff"]["after"]) == (previous or {}, result["lock"] or {})
    assert result["changed"] is preview["changed"] is bool(writes)
    for name in ("continued", "lock"):
        assert without_times(preview[name]) == without_times(result[name])
    if writes and arguments.get("state", "held") == "held":
        until = moment(result["lock"]["lease_until"]) - timedelta(seconds=arguments.get("lease", 3600))
        assert began <= until <= datetime.now(UTC)
    return dict(result)


def without_times(lock: Any) -> Any:
    return {key: value for key, value in lock.items() if key not in ("taken_at", "lease_until")} if isinstance(lock, dict) else lock


def refused(site: Site, *words: str, **arguments: Any) -> None:
    """Assert that the module refuses, in check mode with the same words, and writes nothing."""
    for check in (True, False):
        outcome = site.refuses("upgrade_lock", *words, check=check, **arguments)
        assert site.writes() == []
        assert outcome.result["failure"]["lock"] == stored(site)


# --- its life -----------------------------------------------------------------------------------------------------------


def test_life(site: Site, dialect: str) -> None:
    """Taken, renewed, suspended, continued by another run, given back; whoever has no right to is refused."""
    before = Snapshot(site.sandbox.database()).objects()
    taken = both(site, ["create"], **MINE)
    assert (taken["continued"], taken["previous"]) == (False, None)
    made = site.sandbox.object(KIND, NAME)
    assert made and (made["subtype"], made["version"], made["state"]) == ("CFGThirdPartyApp", "1.0.0", "CFGEnabled")
    assert taken["lock"] == {**MINE, "state": "held", "taken_at": taken["lock"]["taken_at"], "lease_until": taken["lock"]["lease_until"]}

    refused(site, "'job 1' holds it", UPGRADE, taken["lock"]["taken_at"], taken["lock"]["lease_until"], "Wait", "break_lock", **THEIRS)
    refused(site, "'job 1' holds it", f"run the upgrade '{UPGRADE}' again", **ANOTHER)
    for wanted in (THEIRS, ANOTHER, {**ANOTHER, "owner": "job 1"}):
        refused(site, "Only its owner can suspend it", state="suspended", break_lock=True, **wanted)
        refused(site, "Only its owner can remove it", "break_lock", state="absent", **wanted)

    renewed = both(site, ["update", "update"], lease=7200, **MINE)
    assert not any(entry.get("lost_fields") or entry.get("ignored_fields") for entry in site.sandbox.writes())
    assert renewed["lock"]["taken_at"] == taken["lock"]["taken_at"] and renewed["continued"]
    now = site.sandbox.object(KIND, NAME)
    assert now and now["dbid"] == made["dbid"]

    both(site, ["update"], state="suspended", **MINE)
    both(site, [], state="suspended", **MINE)
    refused(site, "suspended it", "run it again", "break_lock", **ANOTHER)
    continued = both(site, ["delete", "create"], **THEIRS)
    assert continued["continued"]
    refused(site, "'job 2' holds it", **MINE)
    refused(site, "'job 2'", "Only its owner", state="absent", **MINE)

    both(site, ["delete"], state="absent", **THEIRS)
    both(site, [], state="absent", **THEIRS)
    both(site, [], state="suspended", **THEIRS)
    assert Snapshot(site.sandbox.database()).objects() == before


def test_a_lease_that_has_ended(site: Site, dialect: str) -> None:
    put(site, **THEIRS)
    refused(site, "ended at " + PAST, "not finished", **ANOTHER)
    assert both(site, ["delete", "create"], **MINE)["continued"]
    put(site, lease_until=PAST)
    assert both(site, ["delete", "create"], **MINE)["continued"], "its owner takes it over, too"


def test_break_lock(site: Site) -> None:
    both(site, ["create"], **THEIRS)
    assert both(site, ["delete", "create"], break_lock=True, **MINE)["continued"]
    assert not both(site, ["delete", "create"], break_lock=True, **ANOTHER)["continued"]
    both(site, ["update", "update"], break_lock=True, **ANOTHER)
    both(site, ["delete"], state="absent", break_lock=True)
    assert stored(site) is None


@pytest.mark.parametrize("edit", [{"lease_until": "soon"}, {"state": ""}, {"owner": ""}, {"taken_at": None}], ids=["time", "state", "owner", "missing"])
def test_a_lock_that_somebody_edited(site: Site, edit: dict[str, Any]) -> None:
    put(site)
    put(site, **edit)
    for state in ("held", "suspended", "absent"):
        for check in (True, False):
            site.refuses("upgrade_lock", "can't be read", next(iter(edit)), "break_lock", check=check, state=state, **MINE)
    assert site.ok("upgrade_lock", break_lock=True, **MINE).changed
    lock = stored(site)
    assert lock and (lock["owner"], lock["state"]) == ("job 1", "held")


def test_another_name_and_what_holds_no_lock(site: Site) -> None:
    """Locks of different names know nothing of each other, and a real template is never touched."""
    site.ok("upgrade_lock", **MINE)
    site.ok("upgrade_lock", name=f"{NAME} of Sales", **ANOTHER)
    site.ok("upgrade_lock", name=NAME.upper(), **ANOTHER)
    site.refuses("upgrade_lock", "'Chat Server 8.5.3'", "holds no lock", name="Chat Server 8.5.3", break_lock=True, **MINE)
    site.refuses("upgrade_lock", "'Chat Server 8.5.3'", "holds no lock", name="Chat Server 8.5.3", break_lock=True, state="absent")
    lock = stored(site)
    assert lock and lock["owner"] == "job 1"


def test_words_from_all_over_the_world(site: Site) -> None:
    wanted: dict[str, Any] = {"upgrade_id": "サーバー 9.1 → 9.2 'a' \"b\" <c>", "owner": " job ä/ß % {{ x }} "}
    both(site, ["create"], name=NAME, **wanted)
    lock = stored(site)
    assert lock and lock["owner"] == "job ä/ß % {{ x }}"
    both(site, ["update", "update"], name=NAME, **wanted)
    both(site, ["delete"], name=NAME, state="absent", **wanted)


def test_the_folder(site: Site) -> None:
    root = next(value for value in site.sandbox.objects("CfgFolder") if value["subtype"] == "CFGAppPrototype" and value["folderid"] == "0")
    folder = site.sandbox.create("CfgFolder", name="Automation", subtype="CFGAppPrototype", folderid=root["dbid"])
    site.ok("upgrade_lock", folder="Automation", **MINE)
    made = site.sandbox.object(KIND, NAME)
    assert made and made["folderid"] == folder["dbid"]
    put(site, lease_until=PAST)
    site.refuses("upgrade_lock", "folder", "'Nowhere'", folder="Nowhere", **MINE)
    assert site.writes() == []


BAD: dict[str, tuple[dict[str, Any], list[str]]] = {
    "no owner": ({"upgrade_id": UPGRADE}, ["owner must be given"]),
    "no upgrade": ({"owner": "job 1", "state": "suspended"}, ["upgrade_id must be given"]),
    "nothing to remove by": ({"state": "absent"}, ["owner must be given"]),
    "no lease": ({**MINE, "lease": 0}, ["lease", "60", "604800"]),
    "endless lease": ({**MINE, "lease": 10**9}, ["lease", "60", "604800"]),
    "lease is a word": ({**MINE, "lease": "long"}, ["lease"]),
    "two lines": ({**MINE, "owner": "a\nb"}, ["owner", "one line"]),
    "empty name": ({**MINE, "name": ""}, ["name", "empty"]),
    "another state": ({**MINE, "state": "present"}, ["state", "held"]),
    "unknown option": ({**MINE, "force": True}, ["force"]),
}


@pytest.mark.parametrize(("arguments", "words"), BAD.values(), ids=BAD.keys())
def test_bad_input(site: Site, arguments: dict[str, Any], words: list[str]) -> None:
    for check in (True, False):
        site.refuses("upgrade_lock", *words, check=check, **arguments)
    assert site.sandbox.requests("gax") == []


# --- many at once -------------------------------------------------------------------------------------------------------

CROWD = 5


@pytest.fixture(scope="module")
def runners(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[ModuleRunner]]:
    """As many processes that run modules side by side."""
    started: list[ModuleRunner] = []
    try:
        for _unused in range(CROWD):
            started.append(ModuleRunner(tmp_path_factory.mktemp("home")).__enter__())
        yield started
    finally:
        for runner in started:
            runner.__exit__()


FOUND: dict[str, dict[str, str] | None] = {"nothing": None, "a lease that has ended": {}, "a suspended lock": SUSPENDED, "a lock to break": ANOTHER}


@pytest.mark.parametrize("answers", ["plain", "guarded"])
@pytest.mark.parametrize("found", FOUND.values(), ids=FOUND.keys())
def test_many_at_once(site: Site, runners: list[ModuleRunner], found: dict[str, str] | None, answers: str) -> None:
    """All have read the same before the first of them writes. Exactly one gets the lock, and the others say who has it."""
    site.sandbox.dialect(answers)
    if found is not None:
        put(site, **found)
    gate = threading.Barrier(CROWD)
    first_writes = threading.Semaphore(CROWD)

    def wait_for_all(exchange: Exchange) -> None:
        if exchange.write and first_writes.acquire(blocking=False):
            gate.wait(timeout=25)  # a run that never comes breaks the gate, and so the test

    with GoBetween(site.sandbox.url) as between:
        between.asked = wait_for_all
        for number, runner in enumerate(runners):
            wanted = {"upgrade_id": UPGRADE, "owner": f"run {number}", "break_lock": found == ANOTHER, "gax_url": between.url}
            runner.start("upgrade_lock", {**site.arguments(False, wanted), "_ansible_module_name": "genesys_engage.chat.upgrade_lock"})
        outcomes = [runner.finish() for runner in runners]
    assert not gate.broken
    winners = [number for number, outcome in enumerate(outcomes) if outcome.returncode == 0]
    assert len(winners) == 1, [outcome.result.get("msg") for outcome in outcomes]
    lock = stored(site)
    assert lock and lock == outcomes[winners[0]].result["lock"] and lock["owner"] == f"run {winners[0]}"
    for number, outcome in enumerate(outcomes):
        if number not in winners:
            fails_well(outcome, "somebody else took or removed lock", "Run again")
            assert f"'run {winners[0]}' holds it" in outcome.message or "There is no lock now" in outcome.message


# --- killed -------------------------------------------------------------------------------------------------------------

#: What is there, what a run wants, how many writes that takes, and what is there afterwards.
Work = tuple[dict[str, Any] | None, dict[str, Any], int, dict[str, Any] | None]
WORK: dict[str, Work] = {
    "take": (None, MINE, 1, MINE),
    "take over": ({**THEIRS, "lease_until": PAST}, MINE, 2, MINE),
    "renew": ({**MINE, "lease_until": FUTURE}, MINE, 2, MINE),
    "suspend": ({**MINE, "lease_until": FUTURE}, {**MINE, "state": "suspended"}, 1, {**MINE, "state": "suspended"}),
    "remove": ({**MINE, "lease_until": FUTURE}, {**MINE, "state": "absent"}, 1, None),
}
#: One repetition, and no long waits.
CALM: dict[str, Any] = {"retries": 1, "timeout": 5}


def is_there(site: Site, left: dict[str, Any] | None) -> bool:
    """Tell whether the lock is what is left."""
    lock = stored(site)
    return lock is None if left is None else lock is not None and left.items() <= lock.items()


@pytest.mark.parametrize("work", WORK.values(), ids=WORK.keys())
def test_killed_at_any_request(site: Site, work: Work) -> None:
    """The process is killed before each request, after its answer, and for a write while it waits for the answer; then it runs again."""
    found, wanted, writes, left = work
    if found:
        put(site, **found)
    start = site.sandbox.database()
    site.ok("upgrade_lock", **wanted, **CALM)
    requests = site.sandbox.requests("gax")
    assert is_there(site, left) and sum(entry["write"] for entry in requests) == writes
    logins = next(number for number, entry in enumerate(requests) if "objects" in entry["path"])
    for number, entry in list(enumerate(requests, 1))[logins:]:
        for when in ("before", "during", "after") if entry["write"] else ("before",):
            site.sandbox.restore(start)
            killed = sabotaged(site, ("upgrade_lock", {**wanted, **CALM}), kill={"moment": when, "request": number})
            assert killed.returncode == -signal.SIGKILL, killed.everything
            at_rest(site, number - (when == "before"))
            site.ok("upgrade_lock", **wanted, **CALM)
            assert is_there(site, left), f"killed {when} request {number}"


def test_killed_between_delete_and_create(site: Site) -> None:
    """There is no lock then: the same run takes it, or any other one."""
    for next_one in (MINE, THEIRS, ANOTHER):
        put(site, **THEIRS, lease_until=PAST)
        start = site.sandbox.database()
        site.ok("upgrade_lock", **MINE)
        number = next(at for at, entry in enumerate(site.sandbox.requests("gax"), 1) if entry["method"] == "DELETE")
        site.sandbox.restore(start)
        killed = sabotaged(site, ("upgrade_lock", MINE), kill={"moment": "after", "request": number})
        assert killed.returncode == -signal.SIGKILL and stored(site) is None
        result = site.ok("upgrade_lock", **next_one).result
        assert stored(site) == result["lock"] and (result["previous"], result["continued"]) == (None, False)
        site.sandbox.delete(KIND, NAME)


# --- faults -------------------------------------------------------------------------------------------------------------

FAULTS: dict[str, tuple[str, dict[str, Any]]] = {
    "cut before": ("reset_before", {}),
    "answer lost": ("reset_after", {}),
    "answer cut": ("reset_during", {}),
    "answer shortened": ("half", {}),
    "busy": ("status", {"status": 503, "headers": {"Retry-After": "0"}}),
    "too many requests": ("status", {"status": 429, "headers": {"Retry-After": "0"}}),
    "broken": ("status", {"status": 500}),
    "a page": ("html", {}),
    "session ended": ("expire_session", {}),
    "not allowed": ("no_permission", {}),
}


@pytest.mark.parametrize(("action", "details"), FAULTS.values(), ids=FAULTS.keys())
@pytest.mark.parametrize("work", [WORK[name] for name in ("take over", "renew", "remove")], ids=["take over", "renew", "remove"])
def test_each_write_meets_a_fault(site: Site, work: Work, action: str, details: dict[str, Any]) -> None:
    """It is done all the same, or it is said what was not; running again does it."""
    found, wanted, writes, left = work
    if found:
        put(site, **found)
    start = site.sandbox.database()
    for number in range(1, writes + 1):
        site.sandbox.restore(start)
        site.sandbox.fault(action, {"write": True, "nth": number}, **details)
        outcome = site.run("upgrade_lock", **wanted, **CALM)
        assert [entry for entry in site.sandbox.requests("gax") if entry.get("faults")], "the fault did not strike"
        site.sandbox.clear_faults()
        if action == "no_permission":
            fails_well(outcome, f"lock '{NAME}' failed", "HTTP 403", "Written before: " + ("nothing" if number == 1 else ""))
        elif outcome.returncode:
            assert details.get("status") == 500, outcome.message
            fails_well(outcome, f"lock '{NAME}' failed", "HTTP 500", "Written before")
        else:
            assert is_there(site, left)
        site.ok("upgrade_lock", **wanted)
        assert is_there(site, left)


def test_a_create_that_comes_in_after_its_repetition(site: Site) -> None:
    """The client has given up waiting, and repeats it if it does not see the lock; one of them makes it, and any other one is refused."""
    site.sandbox.fault("delay", {"method": "POST", "write": True}, seconds=2.5)
    result = site.ok("upgrade_lock", timeout=2, **MINE).result
    posts = [entry for entry in at_rest(site, len(site.sandbox.requests("gax"))) if entry["write"]]
    assert [bool(entry.get("applied")) for entry in posts].count(True) == 1
    assert stored(site) == result["lock"]


@pytest.mark.parametrize("wanted", [MINE, {**MINE, "state": "suspended"}, {**MINE, "state": "absent"}], ids=["held", "suspended", "absent"])
def test_gax_is_gone(site: Site, wanted: dict[str, Any]) -> None:
    put(site, lease_until=FUTURE)
    site.refuses("upgrade_lock", "could not be reached", "Nothing was written", gax_url="http://127.0.0.1:9", retries=0, **wanted)
    site.refuses("upgrade_lock", "login", "'default'", gax_password="gu3ss", **wanted)


@pytest.mark.parametrize("number", [1, 2])
def test_gax_dies_after_a_write(runner: ModuleRunner, number: int) -> None:
    """In the middle of a take-over. Once GAX is there again, the next run does the rest."""
    with Sandbox(scs=False) as sandbox:
        site = Site(sandbox, runner)
        put(site, **THEIRS, lease_until=PAST)
        sandbox.fault("crash_after", {"write": True, "nth": number})
        outcome = site.run("upgrade_lock", retries=0, **MINE)
        sandbox.wait()
        fails_well(outcome, "take over lock", "may have been carried out all the same", "Written before: " + ("nothing", "delete lock")[number - 1])
        sandbox.start()
        site.connection["gax_url"] = sandbox.url
        assert site.ok("upgrade_lock", **MINE).changed
        assert is_there(site, MINE)


def test_an_account_that_may_only_read(site: Site, dialect: str) -> None:
    account: dict[str, Any] = {"gax_username": "readonly", "gax_password": site.sandbox.password + "-ro", "retries": 0}
    for found, action in ((None, "take"), (THEIRS, "take over")):
        if found:
            put(site, **found)
        outcome = site.refuses("upgrade_lock", f"{action} lock '{NAME}' failed", "Written before: nothing", **account, **MINE)
        assert outcome.result["failure"]["status"] in (400, 403, 500) and len(site.writes()) == 1


def test_nothing_is_left_on_the_disk(site: Site) -> None:
    """No snapshot is kept: the module knows no such option, and writes none."""

    def files() -> set[Path]:
        return {path for path in site.runner.directory.rglob("*") if path.is_file()}

    before = files()
    site.ok("upgrade_lock", **MINE)
    site.ok("upgrade_lock", state="absent", **MINE)
    assert files() == before
