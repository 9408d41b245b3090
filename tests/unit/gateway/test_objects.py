# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Objects over the wire: what is asked, and every plausible form of the answer."""

from __future__ import annotations

import json

import pytest
from unit.gateway.server import HTML, Answer, Client, Server

from ansible_collections.genesys_engage.chat.plugins.module_utils._gateway.answers import unwrap_callback
from ansible_collections.genesys_engage.chat.plugins.module_utils._gateway.errors import GatewayError

HOST = {"type": "CfgHost", "dbid": "7", "name": "zürich-1"}


def ask(answer, call):
    """Return (result of the call, the request that it made)."""
    with Server() as server:
        server.answers = [answer]
        result = call(Client(server, retries=0).gax)
        return result, server.requests[-1]


# --- reads --------------------------------------------------------------------------------------------------------------


def test_a_list_asks_for_whole_objects_of_one_class():
    result, request = ask(Answer(200, [HOST]), lambda gax: gax.list("CfgHost", name="zürich 1 & more"))
    assert result == [HOST]
    assert (request.method, request.path) == ("GET", "cfg/objects")
    assert request.query == {"brief": ["false"], "type": ["CfgHost"], "name": ["zürich 1 & more"]}
    assert request.headers["Accept"] == "application/json"


def test_an_empty_list():
    assert ask(Answer(200, []), lambda gax: gax.list("CfgHost"))[0] == []


@pytest.mark.parametrize("kind", ["application/json;charset=UTF-8", "application/json", "text/plain", ""])
def test_names_are_utf8_whatever_the_server_says_of_its_answer(kind):
    answer = Answer(200, json.dumps([HOST], ensure_ascii=False), kind)
    assert ask(answer, lambda gax: gax.list("CfgHost"))[0] == [HOST]


@pytest.mark.parametrize("body", [{"objects": []}, "text", 7])
def test_a_list_that_is_none(body):
    with pytest.raises(GatewayError, match="the list of CfgHost is not a list"):
        ask(Answer(200, json.dumps(body)), lambda gax: gax.list("CfgHost"))


@pytest.mark.parametrize("body", [HOST, [HOST]], ids=["object", "list of one"])
def test_one_object(body):
    result, request = ask(Answer(200, body), lambda gax: gax.get("CfgHost", 7))
    assert result == HOST
    assert (request.method, request.path, request.query) == ("GET", "cfg/objects/CfgHost/7", {})


@pytest.mark.parametrize("answer", [Answer(404), Answer(404, {"error": "CFGObjectNotFound"}), Answer(200, [])])
def test_an_object_that_is_not_there(answer):
    assert ask(answer, lambda gax: gax.get("CfgHost", 7))[0] is None


@pytest.mark.parametrize("status", [400, 500])
@pytest.mark.parametrize(("listed", "there"), [([], False), ([dict(HOST, dbid="8")], False), ([dict(HOST, dbid=7)], True)])
def test_an_object_that_is_refused_may_be_one_that_is_not_there(status, listed, there):
    """How a GAX answers that an object does not exist is not known; what its list says is."""
    with Server() as server:
        server.answers = [Answer(status, "CFGObjectNotFound", "text/plain"), Answer(200, listed)]
        gax = Client(server, retries=0).gax
        if there:
            with pytest.raises(GatewayError, match="CFGObjectNotFound"):
                gax.get("CfgHost", 7)
        else:
            assert gax.get("CfgHost", 7) is None
        assert server.requests[-1].query == {"brief": ["false"], "type": ["CfgHost"], "dbid": ["7"]}


@pytest.mark.parametrize("status", [403, 409])
def test_other_refusals_are_no_absence(status):
    with pytest.raises(GatewayError):
        ask(Answer(status, "no", "text/plain"), lambda gax: gax.get("CfgHost", 7))


def test_an_object_that_is_none():
    with pytest.raises(GatewayError, match="the answer is not an object"):
        ask(Answer(200, "7"), lambda gax: gax.get("CfgHost", 7))


def test_a_page_instead_of_data():
    with pytest.raises(GatewayError, match="a web page instead of data"):
        ask(Answer(200, "<html>welcome</html>", HTML), lambda gax: gax.list("CfgHost"))


# --- writes -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "dbid"),
    [
        (Answer(200, HOST), 7),
        (Answer(201, HOST), 7),
        (Answer(201, {"dbid": "7"}), 7),
        (Answer(200, {"dbid": 7}), 7),
        (Answer(201), None),
        (Answer(200), None),
        (Answer(204, kind=""), None),
        (Answer(200, "created", "text/plain"), None),
        (Answer(200, []), None),
        (Answer(200, {"dbid": None}), None),
    ],
)
def test_what_a_create_may_answer(answer, dbid):
    body = {"type": "CfgHost", "name": "zürich-1"}
    result, request = ask(answer, lambda gax: gax.create(body))
    assert result == dbid
    assert (request.method, request.path, request.json()) == ("POST", "cfg/objects", body)
    assert request.headers["Content-Type"] == "application/json"


@pytest.mark.parametrize("answer", [Answer(200, HOST), Answer(200), Answer(201), Answer(204, kind=""), Answer(200, "ok", "text/plain")])
def test_what_an_update_or_a_delete_may_answer(answer):
    result, request = ask(answer, lambda gax: gax.update("CfgHost", 7, HOST))
    assert (result, request.method, request.path, request.json()) == (None, "PUT", "cfg/objects/CfgHost/7", HOST)
    result, request = ask(answer, lambda gax: gax.delete("CfgHost", 7))
    assert (result, request.method, request.path, request.body) == (None, "DELETE", "cfg/objects/CfgHost/7", b"")


@pytest.mark.parametrize(
    ("body", "kind", "message", "code"),
    [
        ({"code": 12, "error": "CFGUniquenessViolation", "message": "Duplicate information specified."}, "application/json",
         "GAX refused: Duplicate information specified. (HTTP 409)", "CFGUniquenessViolation"),
        ({"errorCode": 12, "errorMessage": "Duplicate"}, "application/json", "GAX refused: Duplicate (HTTP 409)", 12),
        ({"code": 12}, "application/json", "GAX refused (HTTP 409)", 12),
        ("CFGUniquenessViolation: Duplicate", "text/plain", "GAX refused: CFGUniquenessViolation: Duplicate (HTTP 409)", None),
        ("<html>Duplicate</html>", "text/html", "GAX refused: a web page instead of data (HTTP 409)", None),
        (None, "", "GAX refused (HTTP 409)", None),
    ],
)
def test_a_refusal_says_what_the_server_said(body, kind, message, code):
    with pytest.raises(GatewayError) as caught:
        ask(Answer(409, body, kind), lambda gax: gax.create({"type": "CfgHost"}))
    assert str(caught.value) == message
    failure = caught.value.failure()
    assert (failure["method"], failure["path"], failure["status"], failure["code"]) == ("POST", "cfg/objects", 409, code)


def test_a_long_refusal_is_cut():
    with pytest.raises(GatewayError) as caught:
        ask(Answer(400, "x" * 5000, "text/plain"), lambda gax: gax.create({"type": "CfgHost"}))
    assert len(str(caught.value)) < 350


# --- import of templates ------------------------------------------------------------------------------------------------

TEMPLATE = {"name": 'Chät "Server"', "subtype": "CFGChatServer", "options": {"property": [{"section": "a", "key": "b", "value": "x\\y\n<script>"}]}}


def wrapped(content):
    """The form that was seen: HTML that hands the JSON, as a quoted string, to a callback.  Source: G2"""
    inner = json.dumps(content, ensure_ascii=False).replace("\\", "\\\\").replace('"', '\\"')
    return '<script>callback("%s")</script>' % inner


@pytest.mark.parametrize("form", [wrapped, lambda content: "<html><body>%s</body></html>\n" % wrapped(content), json.dumps])
def test_a_template_comes_back_wrapped_or_plain(form):
    assert unwrap_callback(form(TEMPLATE), "x") == TEMPLATE


def test_plain_json_may_look_like_a_callback():
    template = dict(TEMPLATE, description='say ("hello")')
    assert unwrap_callback(json.dumps(template, ensure_ascii=False).replace('\\"', "'"), "x")["subtype"] == "CFGChatServer"
    assert unwrap_callback('{"name": "T", "a": ["("], "b": [")"], "c": "(\'x\')", "d": ("")}'.replace('("")', '"(\\")"'), "x")["name"] == "T"


@pytest.mark.parametrize("text", ["", "<html>error</html>", 'callback("{")', 'callback("', "callback(''')", '("not json")'])
def test_a_template_in_an_unknown_form(text):
    with pytest.raises(GatewayError, match="came back in an unknown form"):
        unwrap_callback(text, "x")


def test_the_file_is_sent_as_a_part_named_mpcontent(tmp_path):
    (tmp_path / "Chat.apd").write_bytes(b"content\x00of the file")
    answer = Answer(200, wrapped(TEMPLATE), HTML)
    result, request = ask(answer, lambda gax: gax.import_template(str(tmp_path / "Chat.apd")))
    assert result == TEMPLATE
    assert (request.method, request.path) == ("POST", "cfg/option/CfgAppPrototype/import/apd")
    assert request.query == {"callback": ["callback"]}
    assert b'name="mpcontent"; filename="Chat.apd"' in request.body
    assert b"content\x00of the file" in request.body
