# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What goes wrong on the way, and what the modules make of it: each object once, nothing lost, others' edits respected."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
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


POST, PUT = {"method": "POST", "write": True}, {"method": "PUT", "write": True}
HARMLESS = {
    "session ended before the first list": {"action": "expire_session", "match": {"path_regex": "cfg/objects\\?"}},
    "session ended before a create": {"action": "expire_session", "match": {**POST, "nth": 2}},
    "session ended before an update": {"action": "expire_session", "match": {**PUT, "nth": 2}},
    "session ended before the reading of an object": {"action": "expire_session", "match": {"path_regex": "objects/CfgApplication/"}},
    "too many requests, at a create": {"action": "status", "status": 429, "headers": {"Retry-After": "1"}, "match": {**POST, "nth": 3}},
    "too many requests, at an update": {"action": "status", "status": 429, "headers": {"Retry-After": "0"}, "match": PUT},
    "too many requests, at a list": {"action": "status", "status": 429, "headers": {"Retry-After": "0"}, "match": {"path_regex": "CfgHost"}, "times": 2},
    "too many requests, at the login": {"action": "status", "status": 429, "headers": {"Retry-After": "0"}, "match": {"path_regex": "session/login"}},
    "bad gateway at a create": {"action": "status", "status": 502, "match": POST},
    "unavailable at a create, twice": {"action": "status", "status": 503, "match": {**POST, "nth": 4}, "times": 2},
    "unavailable at an update": {"action": "status", "status": 503, "match": {**PUT, "nth": 2}},
    "gateway time-out at a list": {"action": "status", "status": 504, "match": {"path_regex": "CfgTenant"}},
    "reset before a create": {"action": "reset_before", "match": {**POST, "nth": 2}},
    "reset after a create": {"action": "reset_after", "match": {**POST, "nth": 2}},
    "reset during the answer to a create": {"action": "reset_during", "match": POST},
    "cut answer to a create": {"action": "truncate", "match": {**POST, "nth": 4}},
    "reset before an update": {"action": "reset_before", "match": PUT},
    "reset after an update": {"action": "reset_after", "match": PUT},
    "reset during the answer to an update": {"action": "reset_during", "match": {**PUT, "nth": 2}},
    "cut answer to an update": {"action": "truncate", "match": PUT},
    "reset before a list": {"action": "reset_before", "match": {"path_regex": "CfgScript"}},
    "reset during a list": {"action": "reset_during", "match": {"path_regex": "CfgApplication&|CfgApplication$"}},
    "cut list": {"action": "truncate", "match": {"path_regex": "cfg/objects\\?"}, "times": 2},
    "cut object": {"action": "truncate", "match": {"path_regex": "objects/CfgApplication/"}},
    "error at a list": {"action": "status", "status": 500, "match": {"path_regex": "CfgAppPrototype"}},
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


def test_delete_of_what_somebody_removed_meanwhile(surroundings: Site) -> None:
    surroundings.make_chat_server("ChatServer_1", "chat1")
    gone = {"type": "CfgApplication", "name": "ChatServer_1", "delete": True}
    surroundings.sandbox.fault("edit", {"method": "DELETE"}, edit=gone)
    surroundings.ok("chat_server_app", name="ChatServer_1", state="absent")
    assert not surroundings.exists("CfgApplication", "ChatServer_1")


@pytest.mark.parametrize(
    ("action", "details", "word"),
    [("status", {"status": 500}, "HTTP 500"), ("html", {}, "web page"), ("status", {"status": 503}, "HTTP 503"), ("reset_before", {}, "connection")],
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


def test_update_that_never_works(furnished: Site) -> None:
    furnished.sandbox.fault("status", {"method": "PUT"}, status=500, times=0)
    furnished.refuses("chat_server_app", "update application 'ChatServer_1'", "HTTP 500", name="ChatServer_1", startup_timeout=77)


def test_session_that_can_not_be_renewed(surroundings: Site) -> None:
    surroundings.sandbox.fault("expire_session", {**POST, "nth": 2})
    surroundings.sandbox.fault("status", {"path_regex": "session/login", "nth": 2}, status=401, times=0)
    outcome = surroundings.run("chat_solution", solution=solution(), retries=0)
    fails_well(outcome, "'ChatServer_2'", "login", "'ChatServer_1'")
    assert applied(surroundings) == CREATES[:1]


# other people


@pytest.fixture
def meanwhile(furnished: Site) -> Iterator[Any]:
    """A function that lets somebody edit an application between its planning and its writing."""

    def edit(name: str = "ChatServer_1", **change: Any) -> None:
        match = {"method": "GET", "path_regex": f"CfgApplication/{furnished.dbid('CfgApplication', name)}$"}
        furnished.sandbox.fault("edit", match, edit={"type": "CfgApplication", "name": name, **change})

    yield edit


WISH: dict[str, Any] = {"name": "ChatServer_1", "options": {"settings": {"limit-for-sessions": 5}}}


def test_edit_of_the_same_option_is_a_conflict(furnished: Site, meanwhile: Any) -> None:
    meanwhile(options={"settings": {"limit-for-sessions": "777"}})
    outcome = furnished.run("chat_server_app", **WISH)
    fails_well(outcome, "settings/limit-for-sessions", "'1000'", "'777'", "'5'", "application 'ChatServer_1'")
    assert furnished.writes() == []
    assert furnished.application("ChatServer_1")["options", "settings", "limit-for-sessions"] == "777"


@pytest.mark.parametrize(
    ("wish", "change", "words"),
    [
        ({"ports": {"webapi": 5581}}, {"fields": {"portinfos": "webapi=6581"}}, ["ports/webapi", "'4581'", "'6581'", "'5581'"]),
        ({"startup_timeout": 100}, {"fields": {"startuptimeout": "200"}}, ["startup_timeout", "'90'", "'200'", "'100'"]),
        ({"addp": {"trace": "local"}, "message_server": "MessageServer"}, {"fields": {"appservers": "MessageServer"}}, ["MessageServer", "trace", "'remote'"]),
        ({"options": {"settings": {"new": "a"}}}, {"options": {"settings": {"new": "b"}}}, ["settings/new", "'b'", "'a'"]),
        (
            {"options": {"settings": {"limit-for-sessions": 5}}},
            {"options": {"settings": {"limit-for-sessions": None}}},
            ["settings/limit-for-sessions", "'1000'"],
        ),
        ({"annex": {"a": {"b": "c"}}}, {"annex": {"a": {"b": "d"}}}, ["annex/a/b", "'d'"]),
    ],
    ids=["port", "time-out", "addp", "new option", "removed option", "annex"],
)
def test_conflicts_are_named(furnished: Site, meanwhile: Any, wish: dict[str, Any], change: dict[str, Any], words: list[str]) -> None:
    fields = change.get("fields", {})
    if "portinfos" in fields:
        fields["portinfos"] = {
            "portinfo": [{"id": key, "port": value} for key, value in {"default": "4580", "webapi": "6581", "ESP": "4582", "health": "4583"}.items()]
        }
    if "appservers" in fields:
        links = [furnished.link(server) for server in ("IXN_1", "UCS_1", "confserv")]
        fields["appservers"] = {"conninfo": [*links, furnished.link("MessageServer", mode="CFGTMRemote")]}
    meanwhile(**change)
    outcome = furnished.run("chat_server_app", name="ChatServer_1", **wish)
    fails_well(outcome, *words)
    assert furnished.writes() == []


def test_edit_of_other_fields_is_kept(furnished: Site, meanwhile: Any) -> None:
    meanwhile(
        options={"settings": {"limit-for-flex-users": "42", "new": "x", "hide-attached-data": None}},
        annex={"theirs": {"a": "b"}},
        fields={"startuptimeout": "99", "workdirectory": "/opt/chat", "commandline": "./chat"},
    )
    furnished.ok("chat_server_app", **WISH)
    now = furnished.application("ChatServer_1")
    assert now["options", "settings", "limit-for-sessions"] == "5"
    assert (now["options", "settings", "limit-for-flex-users"], now["options", "settings", "new"]) == ("42", "x")
    assert ("options", "settings", "hide-attached-data") not in now
    assert now["annex", "theirs", "a"] == "b"
    assert (now["startup_timeout",], now["working_directory",], now["command_line",]) == (99, "/opt/chat", "./chat")


def test_edit_to_what_is_wanted_is_welcome(furnished: Site, meanwhile: Any) -> None:
    meanwhile(options={"settings": {"limit-for-sessions": "5"}})
    outcome = furnished.run("chat_server_app", **WISH)
    assert outcome.returncode == 0 and furnished.writes() == []


def test_object_that_somebody_removes(surroundings: Site) -> None:
    surroundings.make_chat_server("ChatServer_1", "chat1")
    match = {"method": "GET", "path_regex": f"CfgApplication/{surroundings.dbid('CfgApplication', 'ChatServer_1')}$"}
    surroundings.sandbox.fault("edit", match, edit={"type": "CfgApplication", "name": "ChatServer_1", "delete": True})
    fails_well(surroundings.run("chat_server_app", **WISH), "application 'ChatServer_1'", "deleted")


def test_object_that_somebody_else_creates_first(surroundings: Site) -> None:
    """The second is refused by the server; the next run takes what is there for its own."""
    host = {"subtype": "CFGNetworkServer", "ostype": "CFGRedHatLinux", "ipaddress": "192.0.2.15", "lcaport": "4999"}
    surroundings.sandbox.fault("edit", POST, edit={"create": {"type": "CfgHost", "name": "chat5", **host, "ipaddress": "192.0.2.99"}})
    fails_well(surroundings.run("config_object", type="CfgHost", name="chat5", properties=host), "host 'chat5'", "HTTP 409")
    surroundings.ok("config_object", type="CfgHost", name="chat5", properties=host)
    assert applied(surroundings) == [("update", "CfgHost", "chat5")]


# a run that is killed, and a server that is


@pytest.mark.parametrize("number", [1, 4, 5, 6])
def test_killed_run_is_finished_by_the_next(surroundings: Site, undisturbed: dict[tuple[str, str], Leaves], number: int) -> None:
    """The process is killed while its n-th write is being handled; that write is still carried out."""
    site = surroundings
    site.sandbox.fault("delay", {"write": True, "nth": number}, seconds=0.4)
    site.sandbox.clear()
    pid = site.runner.start("chat_solution", site.arguments(False, {"solution": solution()}))
    deadline = time.monotonic() + 20
    while len(site.sandbox.writes()) < number and time.monotonic() < deadline:
        time.sleep(0.02)
    os.kill(pid, signal.SIGKILL)
    assert site.runner.finish().returncode == -signal.SIGKILL
    time.sleep(0.5)
    done = applied(site)
    assert done == (CREATES + UPDATES)[:number]
    site.ok("chat_solution", solution=solution())
    assert applied(site) == (CREATES + UPDATES)[number:]
    assert everything(site.sandbox.database()) == undisturbed


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
