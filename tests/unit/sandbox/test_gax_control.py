# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The control interface, the request log, and the Configuration Server's own protocol."""

from __future__ import annotations

import time
from typing import Any

import pytest
import requests


def confserv(sandbox: Any, method: str, path: str, body: Any = None) -> requests.Response:
    """Call the stand-in for the Configuration Server's own protocol."""
    session = requests.Session()
    session.trust_env = False
    return session.request(method, f"http://127.0.0.1:{sandbox.environment['confserv_port']}{path}", json=body, timeout=10)


def test_log_tells_what_was_written(gax: Any) -> None:
    value = gax.application("Chat")
    gax.put({**value, "timeout": "20"})
    gax.delete(value)
    writes = gax.sandbox.writes()
    assert [(entry["method"], entry["type"], entry["name"], entry["dbid"], entry["status"]) for entry in writes] == [
        ("POST", "CfgApplication", "Chat", value["dbid"], 201),
        ("PUT", "CfgApplication", "Chat", value["dbid"], 200),
        ("DELETE", "CfgApplication", "Chat", value["dbid"], 204),
    ]
    assert writes[1]["body"]["timeout"] == "20"
    assert gax.sandbox.requests(since=writes[-1]["n"]) == []
    gax.sandbox.clear()
    assert gax.sandbox.requests() == []
    gax.listed("CfgHost")
    assert gax.sandbox.requests()[0]["n"] == writes[-1]["n"] + 1


def test_refused_writes_are_logged_as_not_applied(gax: Any) -> None:
    gax.create("CfgApplication", name="incomplete")
    (entry,) = gax.sandbox.writes()
    assert (entry["status"], entry["applied"], entry["name"]) == (400, False, "incomplete")


def test_editor_past_the_wire_obeys_the_rules(gax: Any) -> None:
    sandbox = gax.sandbox
    gax.application("Chat", options={"property": [{"section": "a", "key": "b", "value": "1"}, {"section": "a", "key": "c", "value": "2"}]})
    sandbox.edit("CfgApplication", "Chat", options={"a": {"b": None, "d": "3"}}, annex={"sml": {"autostart": "true"}}, timeout="12")
    assert sandbox.options("CfgApplication", "Chat") == {"a": {"c": "2", "d": "3"}}
    assert sandbox.options("CfgApplication", "Chat", "userproperties") == {"sml": {"autostart": "true"}}
    assert gax.named("CfgApplication", "Chat")["timeout"] == "12"
    with pytest.raises(AssertionError, match="CFGUnchangeableInfo"):
        sandbox.edit("CfgApplication", "Chat", subtype="CFGContactServer")
    with pytest.raises(AssertionError, match="CFGUniquenessViolation"):
        sandbox.create("CfgPlace", tenantdbid="1", name="P") and sandbox.create("CfgPlace", tenantdbid="1", name="P")
    with pytest.raises(AssertionError, match="CFGAccessDenied"):
        sandbox.delete("CfgApplication", "confserv")
    sandbox.delete("CfgApplication", "Chat")
    assert sandbox.object("CfgApplication", "Chat") is None
    assert [entry["method"] for entry in sandbox.writes()] == ["POST"], "an editor past the wire is not a client of GAX"


def test_counts_and_lookup(gax: Any) -> None:
    sandbox = gax.sandbox
    assert sandbox.counts()["CfgHost"] == 11
    assert sandbox.control("GET", "/objects/CfgHost/chat1")["name"] == "chat1"
    with pytest.raises(AssertionError, match="404"):
        sandbox.control("GET", "/objects/CfgHost/chat99")


def test_database_is_saved_and_restored(gax: Any) -> None:
    sandbox = gax.sandbox
    before = sandbox.database()
    gax.application("Chat")
    gax.delete(gax.named("CfgScript", "Legacy_In"))
    assert sandbox.database() != before
    sandbox.restore(before)
    assert sandbox.database() == before
    assert gax.named("CfgScript", "Legacy_In")["tenantdbid"] == "1"
    assert gax.listed("CfgApplication", name="Chat") == []


def test_reset_plants_the_seed_again(gax: Any) -> None:
    before = gax.sandbox.database()
    gax.application("Chat")
    gax.sandbox.reset()
    assert gax.sandbox.database() == before
    assert gax.sandbox.requests() == []
    with pytest.raises(AssertionError, match="400"):
        gax.sandbox.reset("no-such-seed")


def test_many_applications_are_listed_quickly(gax: Any) -> None:
    options = {"property": [{"section": f"section{number % 7}", "key": f"key{number}", "value": "x" * 20} for number in range(40)]}
    snapshot = gax.sandbox.database()
    sample = gax.application("Sample", options=options)
    snapshot["objects"]["CfgApplication"] += [{**sample, "dbid": str(1000 + number), "name": f"App {number}"} for number in range(2000)]
    gax.sandbox.restore(snapshot)

    def seconds(expected: int, **properties: str) -> float:
        assert len(gax.listed("CfgApplication", **properties)) == expected
        return gax.sandbox.requests()[-1]["seconds"]

    # As ratios, so that a slow machine changes nothing. What the first list shows of an object is kept until that is changed.
    first = seconds(2005)
    again = min(seconds(2005) for _unused in range(3))
    assert again < first / 2
    assert min(seconds(1, name="App 7") for _unused in range(3)) < again / 3


def test_small_requests_do_not_wait_for_the_network(gax: Any) -> None:
    started = time.monotonic()
    for _unused in range(50):
        gax.call("GET", "user/info")
    assert time.monotonic() - started < 50 * 0.03, "with Nagle's algorithm each would take 0.04 s"


def test_environment_and_scs(gax: Any) -> None:
    environment = gax.sandbox.control("GET", "/environment")
    assert environment == gax.sandbox.environment
    with pytest.raises(AssertionError, match="409"):
        gax.sandbox.control("POST", "/scs/restart")


def test_configuration_server_login(gax: Any) -> None:
    sandbox = gax.sandbox
    login = {"username": sandbox.username, "password": sandbox.password, "application": "ITCUtility"}
    assert confserv(sandbox, "POST", "/login", login).status_code == 204
    wrong = confserv(sandbox, "POST", "/login", {**login, "password": "x"})
    assert (wrong.status_code, wrong.json()["error"]) == (401, "CFGLoginIncorrect")
    missing = confserv(sandbox, "POST", "/login", {**login, "application": "no such"})
    assert (missing.status_code, missing.json()["error"]) == (404, "CFGObjectNotFound")
    assert sandbox.password not in str(sandbox.requests())
    assert confserv(sandbox, "GET", "/version").json() == {"version": "8.5.101.28"}


def test_configuration_server_objects(gax: Any) -> None:
    sandbox = gax.sandbox
    value = gax.application("Chat", hostdbid="102")
    assert confserv(sandbox, "GET", "/object?type=CfgApplication&name=Chat").json() == value
    assert confserv(sandbox, "GET", f"/object?type=CfgApplication&dbid={value['dbid']}").json() == value
    assert confserv(sandbox, "GET", "/object?type=CfgApplication&name=No").status_code == 404
    found = confserv(sandbox, "GET", "/objects?type=CfgApplication&hostdbid=102&subtype=CFGChatServer").json()
    assert [entry["name"] for entry in found] == ["Chat"]
    assert confserv(sandbox, "GET", "/objects?type=CfgApplication&hostdbid=103").json() == []
    assert confserv(sandbox, "GET", "/objects?type=CfgApplication&host=1").status_code == 400


def test_configuration_server_takes_what_the_installer_writes(gax: Any) -> None:
    sandbox = gax.sandbox
    value = gax.application("Chat")
    sandbox.clear()
    fields = {"workdirectory": "/opt/chat", "commandline": "./ChatServer", "commandlinearguments": "-app Chat", "version": "8.5.316.02", "state": "CFGEnabled"}
    update = {"type": "CfgApplication", "dbid": value["dbid"], "fields": fields, "annex": {"sml": {"uninstall": "rm -rf /opt/chat"}}}
    assert confserv(sandbox, "POST", "/update", update).status_code == 204
    assert sandbox.object("CfgApplication", "Chat") == {
        **value,
        **fields,
        "userproperties": {"property": [{"section": "sml", "key": "uninstall", "value": "rm -rf /opt/chat"}]},
    }
    assert sandbox.writes() == [], "not a write through GAX"
    (entry,) = [entry for entry in sandbox.requests("confserv") if entry["write"]]
    assert (entry["name"], entry["applied"]) == ("Chat", True)
    assert confserv(sandbox, "POST", "/update", {**update, "dbid": "9999"}).status_code == 404
