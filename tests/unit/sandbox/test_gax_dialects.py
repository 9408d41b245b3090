# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each feature of each dialect, against the table that the dialects' documentation gives."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sandbox.gax import dialects

NAMES = list(dialects.DIALECTS)


def table() -> dict[str, dict[str, str]]:
    """Return the documented table: dialect -> feature -> value."""
    lines = [line for line in (dialects.__doc__ or "").splitlines() if line.strip()]
    rules = [number for number, line in enumerate(lines) if line.startswith("====")]
    starts = [0] + [number + 1 for number, sign in enumerate(lines[rules[0]]) if sign == " " and lines[rules[0]][number + 1 : number + 2] == "="]
    rows = [[line[start:end].strip() for start, end in zip(starts, [*starts[1:], None])] for line in [lines[rules[0] + 1], *lines[rules[1] + 1 : rules[2]]]]
    return {name: {row[0]: row[column] for row in rows[1:]} for column, name in enumerate(rows[0]) if column}


TABLE = table()


@pytest.fixture(params=NAMES)
def speaking(request: Any, gax: Any) -> tuple[Any, dict[str, str]]:
    """A client logged in to a sandbox that speaks a dialect, and the documented features."""
    gax.sandbox.dialect(request.param)
    gax.session.cookies.clear()
    features = TABLE[request.param]
    answer = gax.login(hide=features["passwords"] == "obfuscated")
    assert answer.status_code == 204
    assert list(gax.session.cookies.keys()) == [features["cookie"]]
    return gax, features


def answered(answer: Any, form: str) -> None:
    """Check status and body against the table's wording: a status, then object, dbid, empty or nothing."""
    status, _unused, body = form.partition(" ")
    assert answer.status_code == int(status)
    if body == "object":
        assert answer.json()["name"]
    elif body == "dbid":
        assert set(answer.json()) == {"dbid"}
    else:
        assert answer.content == b""


def test_the_table_names_every_dialect() -> None:
    assert list(TABLE) == NAMES
    assert len(NAMES) == 6


def test_answers_of_writes(speaking: Any) -> None:
    gax, features = speaking
    answered(gax.create("CfgApplication", **gax.application_body("Chat")), features["create"])
    shown = gax.named("CfgApplication", "Chat")
    answered(gax.put({**shown, "commandline": "./x"}), features["replace"])
    assert gax.sandbox.object("CfgApplication", "Chat")["commandline"] == "./x"
    answered(gax.delete(shown), features["delete"])
    assert gax.sandbox.object("CfgApplication", "Chat") is None


def test_form_of_objects(speaking: Any) -> None:
    gax, features = speaking
    gax.application("Chat")
    shown = gax.named("CfgApplication", "Chat")
    assert isinstance(shown["dbid"], int) is (features["numbers"] == "numbers")
    assert isinstance(shown["portinfos"]["portinfo"][0]["port"], int) is (features["numbers"] == "numbers")
    assert ("replicationid" in shown) is (features["extra_fields"] == "yes")
    assert ("linkid" in shown["portinfos"]["portinfo"][0]) is (features["extra_fields"] == "yes")
    forms: dict[str, Any] = {"present": {"conninfo": []}, "annex": {"conninfo": []}, "null": None, "absent": "absent"}
    expected = forms[features["empty_lists"]]
    assert shown.get("appservers", "absent") == expected
    annexes: dict[str, Any] = {"present": {"property": []}, "annex": "absent", "null": None, "absent": "absent"}
    assert shown.get("userproperties", "absent") == annexes[features["empty_lists"]]
    assert ("commandlinearguments" in shown) is (features["empty_scalars"] == "present")
    assert ("mode" in (shown.get("tenantdbids") or {})) is (features["tenant_mode"] == "yes" and expected == {"conninfo": []})
    assert gax.listed("CfgApplication", brief="true")[0]["dbid"] == (99 if features["numbers"] == "numbers" else "99")


def test_search_by_name(speaking: Any) -> None:
    gax, features = speaking
    for name in ("Chat", "Chat 2", "CHAT"):
        gax.application(name)
    expected = {"exact": ["Chat"], "prefix": ["Chat", "Chat 2"], "nocase": ["Chat", "CHAT"]}[features["name_match"]]
    assert [value["name"] for value in gax.listed("CfgApplication", name="Chat")] == expected


def test_forms_of_passwords(speaking: Any) -> None:
    gax, features = speaking
    accepted = {hide for hide in (False, True) if gax.login(hide=hide).status_code == 204}
    assert accepted == {"both": {False, True}, "plain": {False}, "obfuscated": {True}}[features["passwords"]]


def test_failed_login_and_missing_session(speaking: Any) -> None:
    gax, features = speaking
    gax.session.cookies.clear()
    wrong = gax.login(password="wrong", hide=features["passwords"] == "obfuscated")
    assert wrong.status_code == int(features["login_failure"])
    assert "Set-Cookie" not in wrong.headers
    answer = gax.call("GET", "user/info")
    status = {"200 HTML": 200}.get(features["expired"]) or int(features["expired"])
    assert answer.status_code == status
    assert ("<form" in answer.text) is (features["expired"] == "200 HTML")
    assert ("Location" in answer.headers) is (features["expired"] == "302")


def test_who_copies_the_options_of_the_template(speaking: Any) -> None:
    gax, features = speaking
    gax.application("Chat", options={"property": [{"section": "log", "key": "verbose", "value": "all"}]})
    options = gax.sandbox.options("CfgApplication", "Chat")
    assert options["log"]["verbose"] == "all"
    assert ("settings" in options) is (features["template_options"] == "server")


def test_lists_that_a_put_leaves_out(speaking: Any) -> None:
    gax, features = speaking
    gax.application("Chat", userproperties={"property": [{"section": "a", "key": "b", "value": "c"}]})
    shown = gax.named("CfgApplication", "Chat")
    without = {key: value for key, value in shown.items() if key != "userproperties"}
    assert gax.put(without).status_code < 300
    kept = bool(gax.sandbox.options("CfgApplication", "Chat", "userproperties"))
    assert kept is (features["missing_list"] == "kept")
    assert gax.sandbox.writes()[-1]["lost_fields"] == ["userproperties"]


def test_lost_fields_are_noticed(speaking: Any) -> None:
    gax, features = speaking
    link = {"id": "default", "appserverdbid": "99"}
    gax.application("Chat", appservers={"conninfo": [link]})
    shown = gax.named("CfgApplication", "Chat")
    gax.put(shown)
    assert gax.sandbox.writes()[-1]["lost_fields"] == []
    if features["extra_fields"] == "yes":
        del shown["appservers"]["conninfo"][0]["linkid"]
        shown["origin"] = {}
        gax.put(shown)
        assert gax.sandbox.writes()[-1]["lost_fields"] == ["origin", "appservers.conninfo[99/default].linkid"]


def test_form_of_refusals(speaking: Any) -> None:
    gax, features = speaking
    gax.application("Chat")
    gone = gax.call("GET", "cfg/objects/CfgHost/999")
    twice = gax.create("CfgApplication", **gax.application_body("Chat"))
    if features["error_status"] == "by kind":
        assert (gone.status_code, twice.status_code) == (404, 409)
    else:
        assert {gone.status_code, twice.status_code} == {int(features["error_status"])}
    assert "Chat" in twice.text
    form = features["error_body"]
    assert ("text/html" in twice.headers["Content-Type"]) is (form == "HTML")
    assert ("text/plain" in twice.headers["Content-Type"]) is (form == "text")
    if form == "code":
        assert twice.json()["code"] == 12
    elif form == "errors":
        assert json.loads(twice.text)["errors"][0]["errorCode"] == "12"
