# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults on request, each seen by a client and in the database."""

from __future__ import annotations

import json
import socket
import time
from pathlib import Path
from typing import Any

import pytest
import requests

from sandbox.testing import Sandbox


def test_delay(gax: Any) -> None:
    gax.sandbox.fault("delay", {"method": "GET", "path_regex": "type=CfgHost"}, seconds=1.0)
    started = time.monotonic()
    gax.listed("CfgScript")
    assert time.monotonic() - started < 0.9, "another request is not delayed"
    started = time.monotonic()
    gax.listed("CfgHost")
    assert time.monotonic() - started >= 1.0
    assert gax.sandbox.requests()[-1]["seconds"] >= 1.0


def test_reset_before_the_write(gax: Any) -> None:
    gax.sandbox.fault("reset_before", {"write": True})
    body = gax.application_body("Chat")
    with pytest.raises(requests.ConnectionError):
        gax.create("CfgApplication", **body)
    assert gax.sandbox.object("CfgApplication", "Chat") is None
    (entry,) = gax.sandbox.writes()
    assert (entry["status"], entry["applied"]) == (None, False)
    assert gax.create("CfgApplication", **body).status_code == 201, "it strikes once"


def test_reset_is_a_reset_and_not_an_end(gax: Any) -> None:
    gax.sandbox.fault("reset_before")
    with socket.create_connection(("127.0.0.1", int(gax.sandbox.url.rsplit(":", 1)[1])), timeout=10) as connection:
        connection.sendall(b"GET /gax/api/user/info HTTP/1.1\r\nHost: x\r\n\r\n")
        with pytest.raises(ConnectionResetError):
            connection.recv(1)


def test_reset_after_the_write(gax: Any) -> None:
    gax.sandbox.fault("reset_after", {"write": True})
    body = gax.application_body("Chat")
    with pytest.raises(requests.ConnectionError):
        gax.create("CfgApplication", **body)
    assert gax.sandbox.object("CfgApplication", "Chat") is not None
    (entry,) = gax.sandbox.writes()
    assert (entry["status"], entry["applied"]) == (None, True)


@pytest.mark.parametrize("action", ["reset_during", "truncate"])
def test_answer_cut_in_the_middle(gax: Any, action: str) -> None:
    gax.sandbox.fault(action, {"path_regex": "type=CfgApplication"})
    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        gax.listed("CfgApplication")
    assert len(gax.listed("CfgApplication")) == 5


def test_half_an_answer(gax: Any) -> None:
    gax.sandbox.fault("half", {"path_regex": "type=CfgApplication"})
    half = gax.call("GET", "cfg/objects?type=CfgApplication")
    assert half.status_code == 200
    with pytest.raises(ValueError):
        half.json()
    assert abs(len(half.content) - len(gax.call("GET", "cfg/objects?type=CfgApplication").content) / 2) <= 1


def test_a_client_that_dies(gax: Any) -> None:
    """A request that arrived whole is carried out, though nobody waits for the answer; half a request is not."""
    body = json.dumps({"type": "CfgPlace", "tenantdbid": "1", "name": "X"}).encode()
    cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in gax.session.cookies)
    head = f"POST /gax/api/cfg/objects HTTP/1.1\r\nHost: x\r\nCookie: {cookies}\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    for sent, name in ((head + body[:-1], None), (head + body, "X")):
        with socket.create_connection(("127.0.0.1", int(gax.sandbox.url.rsplit(":", 1)[1])), timeout=10) as connection:
            connection.sendall(sent)
        time.sleep(0.1)
        assert [value["name"] for value in gax.sandbox.objects("CfgPlace")] == ([name] if name else [])
        assert len(gax.sandbox.writes()) == (name is not None)


def test_status_with_headers_instead_of_handling(gax: Any) -> None:
    gax.sandbox.fault("status", {"nth": 2}, status=503, headers={"Retry-After": "1"}, times=2)
    answers = [gax.call("GET", "user/info") for _unused in range(4)]
    assert [answer.status_code for answer in answers] == [200, 503, 503, 200]
    assert answers[1].headers["Retry-After"] == "1"


def test_html_instead_of_json(gax: Any) -> None:
    gax.sandbox.fault("html", times=0)
    for _unused in range(3):
        answer = gax.call("GET", "cfg/objects?type=CfgHost")
        assert (answer.status_code, answer.text[:6]) == (200, "<html>")
    gax.sandbox.clear_faults()
    assert len(gax.listed("CfgHost")) == 11


def test_session_that_expires_in_between(gax: Any) -> None:
    gax.sandbox.fault("expire_session", {"path_regex": "CfgScript"})
    assert gax.call("GET", "cfg/objects?type=CfgHost").status_code == 200
    assert gax.call("GET", "cfg/objects?type=CfgScript").status_code == 401
    gax.login()
    assert gax.call("GET", "cfg/objects?type=CfgScript").status_code == 200


def test_refused_login(gax: Any) -> None:
    gax.sandbox.fault("login_limit")
    gax.listed("CfgHost")
    assert gax.login().status_code == 403
    assert gax.login().status_code == 204


def test_permission_that_was_withdrawn(gax: Any) -> None:
    gax.sandbox.fault("no_permission", {"write": True, "nth": 2})
    assert gax.create("CfgApplication", **gax.application_body("Chat")).status_code == 201
    refused = gax.create("CfgApplication", **gax.application_body("Chat 2"))
    assert (refused.status_code, refused.json()["error"]) == (403, "CFGNoPermission")
    assert gax.sandbox.object("CfgApplication", "Chat 2") is None
    assert not gax.sandbox.writes()[1]["applied"]


def test_concurrent_editor(gax: Any) -> None:
    value = gax.application("Chat") and gax.named("CfgApplication", "Chat")
    edit = {"type": "CfgApplication", "name": "Chat", "options": {"log": {"verbose": "all"}}, "fields": {"timeout": "11"}}
    gax.sandbox.fault("edit", {"method": "GET", "path_regex": f"CfgApplication/{value['dbid']}", "nth": 2}, edit=edit)
    path = f"cfg/objects/CfgApplication/{value['dbid']}"
    assert gax.call("GET", path).json() == value
    changed = gax.call("GET", path).json()
    assert changed["timeout"] == "11"
    assert changed["options"]["property"] == [{"section": "log", "key": "verbose", "value": "all"}]
    assert gax.call("GET", path).json() == changed


def test_wrong_faults_are_refused(gax: Any) -> None:
    for body in ({"action": "explode"}, {"action": "delay", "match": {"verb": "GET"}}, {"action": "delay", "match": {"path_regex": "("}}, {"acton": "delay"}):
        with pytest.raises(AssertionError, match="400"):
            gax.sandbox.control("POST", "/faults", body)
    assert gax.sandbox.control("GET", "/faults") == []


def test_crash_loses_nothing_that_was_written(tmp_path: Path) -> None:
    with Sandbox(scs=False, directory=tmp_path) as sandbox:
        session = requests.Session()
        session.trust_env = False
        url = sandbox.url + "/gax/api/"
        login = {"username": sandbox.username, "password": sandbox.password, "isPasswordEncrypted": False}
        session.post(url + "session/login", json=login, timeout=10)
        place = {"type": "CfgPlace", "tenantdbid": "1"}
        session.post(url + "cfg/objects", json={**place, "name": "kept"}, timeout=10)
        gone = session.post(url + "cfg/objects", json={**place, "name": "gone"}, timeout=10).json()
        session.delete(url + f"cfg/objects/CfgPlace/{gone['dbid']}", timeout=10)
        sandbox.fault("crash_after", {"write": True})
        with pytest.raises(requests.ConnectionError):
            session.post(url + "cfg/objects", json={**place, "name": "last"}, timeout=10)
        assert sandbox.wait() == -9
        former = sandbox.url
        sandbox.start()
        assert sandbox.url == former
        assert [value["name"] for value in sandbox.objects("CfgPlace")] == ["kept", "last"]
        assert sandbox.create("CfgPlace", tenantdbid="1", name="next")["dbid"] == "104", "a deleted object's DBID is not used again"
        assert session.get(url + "user/info", timeout=10).status_code == 401, "sessions do not outlive the process"
