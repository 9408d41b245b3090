# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Login, sessions and what needs none."""

from __future__ import annotations

import time
from typing import Any

import pytest

from sandbox.gax.sessions import Sessions, reveal

# A password captured from a real user interface (G3): it must decode to "password".
CAPTURED = "".join(chr(ord(character) + r) + chr(r) for character, r in zip("password", (74, 104, 98, 104, 97, 75, 112, 147)))


def test_obfuscation_is_undone() -> None:
    assert reveal(CAPTURED) == "password"
    with pytest.raises(ValueError):
        reveal(CAPTURED[:-1])


@pytest.mark.parametrize("hide", [False, True])
def test_login_opens_a_session(gax_sandbox: Any, gax: Any, hide: bool) -> None:
    gax.session.cookies.clear()
    assert gax.call("GET", "user/info").status_code == 401
    answer = gax.login(hide=hide)
    assert (answer.status_code, answer.content) == (204, b"")
    info = gax.call("GET", "user/info").json()
    assert info["username"] == "default"
    assert info["sessionTimeout"] == 900
    assert info["isDefaultUser"] is True


def test_wrong_password_opens_none(gax: Any) -> None:
    gax.session.cookies.clear()
    answer = gax.login(password="wrong")
    assert answer.status_code == 401
    assert "Set-Cookie" not in answer.headers
    assert gax.call("GET", "user/info").status_code == 401


def test_form_login_tells_the_outcome_in_the_address(gax: Any) -> None:
    urls = {"login_success_url": "http://127.0.0.1/in", "login_failure_url": "http://127.0.0.1/out"}
    right = gax.call("POST", "session/login", data={"username": "default", "password": gax.sandbox.password, **urls})
    assert (right.status_code, right.headers["Location"]) == (302, "http://127.0.0.1/in#success")
    wrong = gax.call("POST", "session/login", data={"username": "default", "password": "x", **urls})
    assert (wrong.status_code, wrong.headers["Location"]) == (302, "http://127.0.0.1/out#failure")


def test_use_prolongs_a_session(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr("sandbox.gax.sessions.time.monotonic", lambda: now)
    sessions = Sessions(timeout=10)
    cookie = sessions.open("kim")
    for _unused in range(3):
        now += 6
        assert sessions.user(cookie) == "kim"
    now += 11
    assert sessions.user(cookie) is None


def test_session_ends_when_it_is_not_used(gax: Any) -> None:
    assert gax.call("GET", "user/info").status_code == 200
    gax.sandbox.sessions(timeout=0.2)
    time.sleep(0.3)
    assert gax.call("GET", "user/info").status_code == 401


def test_sessions_that_end_after_a_few_requests() -> None:
    sessions = Sessions(timeout=10)
    sessions.requests = 2
    for _again in range(2):
        cookie = sessions.open("kim")
        assert [sessions.user(cookie) for _request in range(4)] == ["kim", "kim", None, None]


def test_limit_of_sessions(gax: Any) -> None:
    gax.sandbox.sessions(limit=1)
    assert gax.login().status_code == 403
    gax.sandbox.sessions(limit=2)
    assert gax.login().status_code == 204


def test_read_only_account_reads_and_does_not_write(gax: Any) -> None:
    host = gax.named("CfgHost", "chat1")
    assert gax.login("readonly", gax.sandbox.password + "-ro").status_code == 204
    assert len(gax.listed("CfgHost")) == 11
    for answer in (gax.create("CfgScript", name="Q", tenantdbid="1", subtype="CFGInteractionQueue"), gax.put({**host, "lcaport": "5000"}), gax.delete(host)):
        assert answer.status_code == 403
        assert answer.json()["error"] == "CFGNoPermission"
    # An empty annex is not told.
    assert gax.sandbox.object("CfgHost", "chat1") == {**host, "userproperties": {"property": []}}
    assert gax.sandbox.object("CfgScript", "Q") is None


def test_readiness_needs_no_session_and_unknown_paths_are_html(gax: Any) -> None:
    assert gax.call("GET", "no/such/path").status_code == 404
    assert "text/html" in gax.call("GET", "no/such/path").headers["Content-Type"]
    gax.session.cookies.clear()
    assert gax.call("GET", "cfg/schema").json() == {"isEnabled": True}
    assert gax.call("GET", "version/").status_code == 200


def test_passwords_do_not_get_into_the_log(gax: Any) -> None:
    gax.login()
    gax.create("CfgPerson", username="kim", employeeid="1", tenantdbid="1", password="top-secret-1")
    gax.application("DAP", userproperties={"property": [{"section": "default", "key": "password", "value": "top-secret-2"}]})
    text = str(gax.sandbox.requests())
    assert "kim" in text
    assert "top-secret" not in text
    assert gax.sandbox.password not in text
