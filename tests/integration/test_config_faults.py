# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What goes wrong on the way, and what the modules make of it: each object once, nothing lost.

test_fault_matrix.py has every fault at chosen places, test_kill_anywhere.py kills the module, test_other_editors.py edits beside it.
Here is the rest: sessions, waiting, what a failure tells as data, a server that dies, writes side by side.
"""

from __future__ import annotations

import time
from typing import Any

import pytest
from integration.configured_site import CHAT_SERVERS, Site, fails_well, solution
from integration.module_runner import ModuleRunner
from integration.vocabulary import Leaves, Snapshot, explain

from sandbox.testing import Sandbox

#: The writes of the description on the surroundings: four Chat Servers, then the links from Interaction Server and GMS.
CREATES = [("create", "CfgApplication", name) for name in CHAT_SERVERS]
UPDATES = [("update", "CfgApplication", "IXN_1"), ("update", "CfgApplication", "GMS_1")]


def applied(site: Site) -> list[tuple[str, str, str]]:
    """Return the writes that were carried out, in their order."""
    actions = {"POST": "create", "PUT": "update", "DELETE": "delete"}
    return [(actions[entry["method"]], entry["type"], entry["name"]) for entry in site.sandbox.writes() if entry["applied"]]


def everything(database: dict[str, Any]) -> dict[tuple[str, str], Leaves]:
    """Return all objects in words: equal for two databases that differ in DBIDs and order alone."""
    state = Snapshot(database)
    return {key: state.words(value) for key, value in state.objects().items()}


@pytest.fixture(scope="module")
def undisturbed(one_site: Site, states: dict[str, dict[str, Any]]) -> dict[tuple[str, str], Leaves]:
    """What the description makes of the surroundings if nothing goes wrong."""
    one_site.sandbox.restore(states["surroundings"])
    one_site.ok("chat_solution", solution=solution())
    return everything(one_site.sandbox.database())


POST = {"method": "POST", "write": True}
HARMLESS = {
    "session ended before the first list": {"action": "expire_session", "match": {"path_regex": "cfg/objects\\?"}},
    "session ended before the reading of an object": {"action": "expire_session", "match": {"path_regex": "objects/CfgApplication/"}},
    "too many requests, at a create": {"action": "status", "status": 429, "headers": {"Retry-After": "1"}, "match": {**POST, "nth": 3}},
    "unavailable at a create, twice": {"action": "status", "status": 503, "match": {**POST, "nth": 4}, "times": 2},
    "gateway time-out at a list": {"action": "status", "status": 504, "match": {"path_regex": "CfgTenant"}},
    "cut list": {"action": "truncate", "match": {"path_regex": "cfg/objects\\?"}, "times": 2},
    "cut object": {"action": "truncate", "match": {"path_regex": "objects/CfgApplication/"}},
}


@pytest.mark.parametrize("fault", HARMLESS.values(), ids=HARMLESS.keys())
def test_what_passes_by_leaves_no_trace(surroundings: Site, undisturbed: dict[tuple[str, str], Leaves], fault: dict[str, Any]) -> None:
    site, before = surroundings, surroundings.sandbox.database()
    site.sandbox.fault(**fault)
    began = time.monotonic()
    outcome = site.ok("chat_solution", solution=solution())
    assert time.monotonic() - began >= float(fault.get("headers", {}).get("Retry-After", 0))
    assert [entry for entry in site.sandbox.requests("gax") if entry.get("faults")], "the fault did not strike"
    assert applied(site) == CREATES + UPDATES
    explain(outcome.changes, before, site.sandbox.database())
    assert everything(site.sandbox.database()) == undisturbed
    logins = [entry for entry in site.sandbox.requests("gax") if entry["path"].endswith("session/login")]
    assert len(logins) == (2 if fault["action"] == "expire_session" or "login" in str(fault["match"]) else 1)


@pytest.mark.parametrize("fault", ["reset_before", "reset_after"])
def test_delete_with_a_broken_connection(surroundings: Site, fault: str) -> None:
    surroundings.make_chat_server("ChatServer_1", "chat1")
    surroundings.sandbox.fault(fault, {"method": "DELETE"})
    surroundings.ok("chat_server_app", name="ChatServer_1", state="absent")
    assert applied(surroundings) == [("delete", "CfgApplication", "ChatServer_1")]


@pytest.mark.parametrize(
    ("action", "details", "word"),
    [("status", {"status": 500}, "HTTP 500"), ("reset_before", {}, "connection")],
)
def test_create_that_never_works(surroundings: Site, action: str, details: dict[str, Any], word: str) -> None:
    """What was written before is said, and the next run does the rest."""
    surroundings.sandbox.fault(action, {**POST, "nth": 3}, times=0, **details)
    outcome = surroundings.run("chat_solution", solution=solution(), retries=1)
    fails_well(outcome, word, "create application 'ChatServer_3'", "'ChatServer_1'", "'ChatServer_2'")
    assert "'ChatServer_4'" not in outcome.message
    failure = outcome.result["failure"]
    assert (failure["method"], failure["path"], failure["object"]) == ("POST", "cfg/objects", "application 'ChatServer_3'")
    assert applied(surroundings) == CREATES[:2]
    surroundings.sandbox.clear_faults()
    surroundings.ok("chat_solution", solution=solution())
    assert applied(surroundings) == CREATES[2:] + UPDATES


def test_session_that_can_not_be_renewed(surroundings: Site) -> None:
    surroundings.sandbox.fault("expire_session", {**POST, "nth": 2})
    surroundings.sandbox.fault("status", {"path_regex": "session/login", "nth": 2}, status=401, times=0)
    outcome = surroundings.run("chat_solution", solution=solution(), retries=0)
    fails_well(outcome, "'ChatServer_2'", "login", "'ChatServer_1'")
    assert applied(surroundings) == CREATES[:1]


@pytest.mark.parametrize(("requests", "parallel_writes"), [(2, 1), (3, 1), (2, 4)])
def test_sessions_that_end_after_a_few_requests(surroundings: Site, undisturbed: dict[tuple[str, str], Leaves], requests: int, parallel_writes: int) -> None:
    """A whole site is configured all the same, each object once, and changed, also with writes side by side."""
    surroundings.sandbox.sessions(requests=requests)
    surroundings.ok("chat_solution", solution=solution(), parallel_writes=parallel_writes, retries=0)
    assert sorted(applied(surroundings)) == sorted(CREATES + UPDATES)
    assert everything(surroundings.sandbox.database()) == undisturbed
    changed = solution()
    changed["chat_server_defaults"]["startup_timeout"] = 33
    surroundings.ok("chat_solution", solution=changed, parallel_writes=parallel_writes, retries=0)
    assert [surroundings.application(name)["startup_timeout",] for name in CHAT_SERVERS] == [33] * 4


def test_sessions_that_end_before_they_have_answered(surroundings: Site) -> None:
    """Soon, with a message that names GAX's session, and what to look at."""
    surroundings.sandbox.sessions(requests=1)
    began = time.monotonic()
    fails_well(surroundings.run("chat_solution", solution=solution()), "GAX ends each session before it answers anything", "balancer")
    assert time.monotonic() - began < 5
    logins = [entry for entry in surroundings.sandbox.requests("gax") if entry["path"].endswith("session/login")]
    assert (len(logins), surroundings.writes()) == (3, [])


# a server that dies, and writes side by side


@pytest.mark.parametrize("number", [1, 9, 14, 16])
def test_server_that_dies_after_a_write(runner: ModuleRunner, number: int) -> None:
    """The answer to the n-th write never comes. The message says what was written; the next run completes it."""
    with Sandbox(scs=False) as sandbox:
        site = Site(sandbox, runner)
        sandbox.fault("crash_after", {"write": True, "nth": number})
        outcome = site.run("chat_solution", solution=solution(), retries=0)
        sandbox.wait()
        fails_well(outcome, "Written before", "could not be reached" if "could not be reached" in outcome.message else "connection")
        sandbox.start()
        site.connection["gax_url"] = sandbox.url
        site.ok("chat_solution", solution=solution())
        names = ["Chat_In", "Webengagement_Chat", "IXN_1", "GMS_1", "UCS_1", "UCS_2", "UCS_3", "UCS_4", *CHAT_SERVERS, "UCS_1", "UCS_3", "IXN_1", "GMS_1"]
        assert [name for _action, _type, name in applied(site)] == names[number:]
        assert not site.ok("chat_solution", solution=solution()).changed


def test_parallel_writes_end_in_the_same_state(surroundings: Site, undisturbed: dict[tuple[str, str], Leaves]) -> None:
    surroundings.ok("chat_solution", solution=solution(), parallel_writes=4, parallel_reads=1)
    assert sorted(applied(surroundings)) == sorted(CREATES + UPDATES)
    assert everything(surroundings.sandbox.database()) == undisturbed
    changed = solution()
    changed["chat_server_defaults"]["startup_timeout"] = 33
    surroundings.ok("chat_solution", solution=changed, parallel_writes=4)
    assert sorted(applied(surroundings)) == [("update", "CfgApplication", name) for name in CHAT_SERVERS]
    assert [surroundings.application(name)["startup_timeout",] for name in CHAT_SERVERS] == [33] * 4


def test_one_of_parallel_writes_fails(furnished: Site) -> None:
    """What was written is told completely; the rest is done by the next run."""
    changed = solution()
    changed["chat_server_defaults"]["startup_timeout"] = 33
    dbid = furnished.dbid("CfgApplication", "ChatServer_2")
    furnished.sandbox.fault("status", {"method": "PUT", "path_regex": f"CfgApplication/{dbid}$"}, status=500)
    outcome = furnished.run("chat_solution", solution=changed, parallel_writes=2)
    fails_well(outcome, "update application 'ChatServer_2'", "HTTP 500")
    for _action, _type, name in applied(furnished):
        assert f"'{name}'" in outcome.message.split("Written before:")[1]
    furnished.ok("chat_solution", solution=changed)
    assert [furnished.application(name)["startup_timeout",] for name in CHAT_SERVERS] == [33] * 4
