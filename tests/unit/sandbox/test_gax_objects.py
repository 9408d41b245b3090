# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Objects on the wire: encoding, lists, filters, the seed, templates from files."""

from __future__ import annotations

import json
from typing import Any

import pytest


def test_seed_has_the_predefined_objects(gax: Any) -> None:
    applications = {value["dbid"]: value for value in gax.listed("CfgApplication")}
    assert (applications["99"]["name"], applications["99"]["subtype"]) == ("confserv", "CFGConfigServer")
    assert (applications["100"]["name"], applications["100"]["subtype"]) == ("default", "CFGSCE")
    assert {"ITCUtility", "MessageServer", "SolutionControlServer"} <= {value["name"] for value in applications.values()}
    assert [(value["dbid"], value["name"]) for value in gax.listed("CfgTenant")] == [("1", "Environment"), ("101", "Sales")]
    hosts = gax.listed("CfgHost")
    assert [value["name"] for value in hosts] == ["site", "chat1", "chat2", "chat3", "chat4", "ucs1", "ucs2", "ucs3", "ucs4", "ixn1", "gms1"]
    assert len({value["ipaddress"] for value in hosts}) == 11
    assert hosts[1]["ipaddress"].rsplit(".", 1)[1] == "11"
    folders = {value["dbid"]: value["subtype"] for value in gax.listed("CfgFolder")}
    assert (folders["101"], folders["102"], folders["103"]) == ("CFGAppPrototype", "CFGApplication", "CFGHost")
    queues = {value["name"]: value["tenantdbid"] for value in gax.listed("CfgScript") if value["subtype"] == "CFGInteractionQueue"}
    assert queues == {"Legacy_In": "1", "Sales_In": "101"}


def test_framework_seed_has_no_product_templates(gax: Any) -> None:
    assert "Chat Server 8.5.3" in [value["name"] for value in gax.listed("CfgAppPrototype")]
    gax.sandbox.reset("framework")
    gax.login()
    assert "Chat Server 8.5.3" not in [value["name"] for value in gax.listed("CfgAppPrototype")]
    assert gax.named("CfgApplication", "MessageServer")["subtype"] == "CFGMessageServer"


def test_scalars_are_strings_and_lists_are_objects_with_one_array(gax: Any) -> None:
    target = gax.named("CfgApplication", "MessageServer")
    link = {"id": "default", "appserverdbid": target["dbid"], "connprotocol": "addp", "timoutlocal": 7, "timoutremote": "9", "mode": "CFGTMBoth"}
    answer = gax.create("CfgApplication", **gax.application_body("Chat 1", folderid=102, appservers={"conninfo": [link]}))
    assert answer.status_code == 201
    assert answer.headers["Content-Type"] == "application/json;charset=UTF-8"
    value = answer.json()
    assert (value["type"], value["subtype"], value["folderid"], value["backupserverdbid"]) == ("CfgApplication", "CFGChatServer", "102", "0")
    assert all(isinstance(entry, (str, dict)) for entry in value.values())
    assert value["options"] == {"property": []}
    (stored,) = value["appservers"]["conninfo"]
    assert (stored["timoutlocal"], stored["timoutremote"], stored["longfield4"], stored["transportparams"]) == ("7", "9", "0", "")
    assert gax.call("GET", f"cfg/objects/CfgApplication/{value['dbid']}").json() == value


def test_non_ascii_names_and_blanks(gax: Any) -> None:
    gax.application("Чат Сервер é")
    answer = gax.call("GET", "cfg/objects", params={"type": "CfgApplication", "brief": "false", "name": "Чат Сервер é"})
    assert "Чат Сервер é".encode() in answer.content
    assert len(answer.json()) == 1


def test_double_options_are_tolerated_and_the_last_wins(gax: Any) -> None:
    twice = [{"section": "general", "key": "client_app_name", "value": value} for value in ("a", "b")]
    value = gax.application("Chat", options={"property": twice})
    assert value["options"] == {"property": [{"section": "general", "key": "client_app_name", "value": "b"}]}


@pytest.mark.parametrize(
    ("field", "value", "error"),
    [
        ("redundancytype", "CFGHTWarmStandby", "CFGValueOutOfRange"),
        ("startuptimeout", "soon", "CFGValueOutOfRange"),
        ("autorestart", True, "CFGWrongAPIParameters"),
        ("options", [], "CFGWrongAPIParameters"),
        ("options", {"property": [{"section": "a", "key": "b", "value": 1}]}, "CFGWrongAPIParameters"),
        ("options", {"property": [{"section": "", "key": "b", "value": "1"}]}, "CFGWrongAPIParameters"),
        ("appservers", {"connection": []}, "CFGWrongAPIParameters"),
    ],
)
def test_wrong_forms_are_refused(gax: Any, field: str, value: Any, error: str) -> None:
    answer = gax.create("CfgApplication", **gax.application_body("Bad", **{field: value}))
    assert (answer.status_code, answer.json()["error"]) == (400, error)
    assert field in answer.json()["message"]
    assert gax.sandbox.object("CfgApplication", "Bad") is None


def test_unknown_properties_are_ignored_and_logged(gax: Any) -> None:
    gax.create("CfgApplication", **gax.application_body("Chat", hostDBID="101", appservers={"conninfo": []}))
    assert gax.sandbox.writes()[-1]["ignored_fields"] == ["hostDBID"]


def test_list_needs_a_type_and_knows_its_properties(gax: Any) -> None:
    assert gax.call("GET", "cfg/objects").json()["error"] == "CFGWrongAPIParameters"
    assert gax.call("GET", "cfg/objects?type=CfgNothing").json()["error"] == "CFGUnsupportedObject"
    assert gax.call("GET", "cfg/objects?type=CfgHost&host_dbid=1").json()["error"] == "CFGUnsupportedProperty"
    assert gax.call("GET", "cfg/objects/CfgHost/9999").status_code == 404


def test_search_by_name_and_by_property(gax: Any) -> None:
    assert [value["name"] for value in gax.listed("CfgHost", name="chat1")] == ["chat1"]
    assert gax.listed("CfgHost", name="chat") == []
    assert gax.listed("CfgHost", name="CHAT1") == []
    assert {value["name"] for value in gax.listed("CfgApplication", hostdbid="101")} == {"confserv", "MessageServer", "SolutionControlServer"}
    assert set(gax.listed("CfgHost", brief="true", name="chat1")[0]) == {"dbid", "type", "name", "subtype", "state", "folderid"}


def test_filters(gax: Any) -> None:
    wanted = "subtype=CFGChatServer OR subtype=CFGGenericServer"
    assert [value["subtype"] for value in gax.listed("CfgAppPrototype", filters=wanted)] == ["CFGChatServer", "CFGGenericServer"]
    wanted = "subtype=CFGInteractionQueue AND tenantdbid=101 OR name=Legacy_Strategy"
    assert [value["name"] for value in gax.listed("CfgScript", filters=wanted)] == ["Sales_In", "Legacy_Strategy"]
    answer = gax.call("GET", "cfg/objects", params={"type": "CfgScript", "filters": "nonsense"})
    assert answer.json()["error"] == "CFGWrongAPIParameters"


def test_folders_show_their_content_and_take_only_their_class(gax: Any) -> None:
    folder = gax.create("CfgFolder", name="Chat", subtype="CFGApplication", folderid="102").json()
    value = gax.application("Chat", folderid=folder["dbid"])
    assert value["folderid"] == folder["dbid"]
    shown = gax.call("GET", f"cfg/objects/CfgFolder/{folder['dbid']}").json()
    assert shown["objectids"] == {"idtype": [{"dbid": value["dbid"], "type": "CFGApplication"}]}
    answer = gax.create("CfgApplication", **gax.application_body("Lost", folderid="103"))
    assert answer.json()["error"] == "CFGIncorrectReferences"
    assert gax.create("CfgFolder", name="Chat", subtype="CFGApplication", folderid="102").json()["error"] == "CFGUniquenessViolation"


def test_new_scripts_go_to_the_folder_of_their_tenant(gax: Any) -> None:
    answer = gax.create("CfgScript", name="Q", tenantdbid="101", subtype="CFGInteractionQueue").json()
    folder = gax.call("GET", f"cfg/objects/CfgFolder/{answer['folderid']}").json()
    assert (folder["subtype"], folder["ownerdbid"]) == ("CFGScript", "101")


def test_template_from_a_file(gax: Any) -> None:
    template = {
        "type": "CfgAppPrototype",
        "name": 'Chat "X" </b>',
        "subtype": "CFGChatServer",
        "version": "8.5.9",
        "options": {"property": []},
        "folderid": "5",
    }
    files = {"mpcontent": ("chat.apd", json.dumps(template))}
    answer = gax.call("POST", "cfg/option/CfgAppPrototype/import/apd?callback=callback", files=files)
    assert answer.text.startswith('<script>callback("')
    assert answer.text.endswith('")</script>')
    imported = json.loads(json.loads(answer.text[len("<script>callback(") : -len(")</script>")]))
    assert imported["name"] == 'Chat "X" </b>'
    assert "folderid" not in imported
    assert not gax.sandbox.writes(), "an import only parses"
    created = gax.call("POST", "cfg/objects", json={**imported, "folderid": "101"})
    assert created.status_code == 201
    assert gax.named("CfgAppPrototype", 'Chat "X" </b>')["version"] == "8.5.9"
    assert gax.call("POST", "cfg/appmetadata", json={"cfgDBid": int(created.json()["dbid"]), "x": 1}).status_code == 200
    assert gax.call("GET", f"cfg/appmetadata/{created.json()['dbid']}").json()["x"] == 1


def test_file_that_is_no_template_is_refused(gax: Any) -> None:
    answer = gax.call("POST", "cfg/option/CfgAppPrototype/import/apd?callback=callback", files={"mpcontent": ("x.apd", b"\xff\x00")})
    assert answer.status_code == 400
