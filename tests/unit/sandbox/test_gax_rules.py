# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules of the Configuration Server, over HTTP."""

from __future__ import annotations

from typing import Any

import pytest


def refused(answer: Any, error: str, *words: str) -> None:
    """Check that an answer is a refusal of this kind that names these words."""
    assert answer.status_code >= 400, answer.text
    body = answer.json()
    assert body["error"] == error, body
    for word in words:
        assert word in body["message"]


def link(target: dict[str, Any], port: str = "default") -> dict[str, Any]:
    """Return a connection to a port of an application."""
    return {"id": port, "appserverdbid": target["dbid"]}


def test_dbids_count_from_101_and_are_never_used_again(gax: Any) -> None:
    first = gax.create("CfgPlace", name="A", tenantdbid="1").json()
    assert first["dbid"] == "101"
    assert gax.delete(first).status_code == 204
    assert gax.create("CfgPlace", name="A", tenantdbid="1").json()["dbid"] == "102"
    refused(gax.create("CfgPlace", dbid="500", name="B", tenantdbid="1"), "CFGWrongAPIParameters", "dbid")


def test_names_are_unique_where_they_must_be(gax: Any) -> None:
    gax.application("Chat")
    refused(gax.create("CfgApplication", **gax.application_body("Chat")), "CFGUniquenessViolation", "Chat")
    host = {"subtype": "CFGNetworkServer", "ostype": "CFGRedHatLinux", "lcaport": "4999"}
    refused(gax.create("CfgHost", name="chat1", **host), "CFGUniquenessViolation", "chat1")
    refused(gax.create("CfgAppPrototype", name="Chat Server 8.5.3", subtype="CFGChatServer", version="1"), "CFGUniquenessViolation")
    refused(gax.create("CfgScript", name="Legacy_In", tenantdbid="1", subtype="CFGCapacityRule"), "CFGUniquenessViolation", "Legacy_In")
    assert gax.create("CfgScript", name="Legacy_In", tenantdbid="101", subtype="CFGInteractionQueue").status_code == 201
    gax.create("CfgPerson", username="kim", employeeid="7", tenantdbid="1")
    refused(gax.create("CfgPerson", username="kim", employeeid="8", tenantdbid="101"), "CFGUniquenessViolation", "username")
    refused(gax.create("CfgPerson", username="lee", employeeid="7", tenantdbid="1"), "CFGUniquenessViolation", "employeeid")
    assert gax.create("CfgPerson", username="lee", employeeid="7", tenantdbid="101").status_code == 201


def test_renaming_to_a_name_in_use_is_refused(gax: Any) -> None:
    gax.application("Chat 1")
    second = gax.application("Chat 2")
    refused(gax.put({**second, "name": "Chat 1"}), "CFGUniquenessViolation")
    assert gax.put({**second, "name": "Chat 3"}).status_code == 200
    assert gax.listed("CfgApplication", name="Chat 2") == []
    assert gax.create("CfgApplication", **gax.application_body("Chat 2")).status_code == 201


@pytest.mark.parametrize(
    ("class_name", "complete", "missing"),
    [
        ("CfgHost", {"name": "h", "subtype": "CFGNetworkServer", "ostype": "CFGRedHatLinux", "lcaport": "4999"}, "lcaport"),
        ("CfgHost", {"name": "h", "subtype": "CFGNetworkServer", "ostype": "CFGRedHatLinux", "lcaport": "4999"}, "ostype"),
        ("CfgAppPrototype", {"name": "t", "subtype": "CFGChatServer", "version": "8"}, "version"),
        ("CfgScript", {"name": "s", "subtype": "CFGInteractionQueue", "tenantdbid": "1"}, "tenantdbid"),
        ("CfgScript", {"name": "s", "subtype": "CFGInteractionQueue", "tenantdbid": "1"}, "subtype"),
        ("CfgEnumeratorValue", {"name": "v", "displayname": "v", "enumeratordbid": "101", "tenantdbid": "1"}, "displayname"),
        ("CfgPerson", {"username": "p", "employeeid": "p", "tenantdbid": "1"}, "employeeid"),
    ],
)
def test_mandatory_properties(gax: Any, class_name: str, complete: dict[str, str], missing: str) -> None:
    refused(gax.create(class_name, **{key: value for key, value in complete.items() if key != missing}), "CFGIncompleteObjectData", missing)
    assert gax.create(class_name, **complete).status_code == 201


@pytest.mark.parametrize("missing", ["name", "appprototypedbid", "autorestart", "workdirectory", "commandline"])
def test_mandatory_properties_of_a_server(gax: Any, missing: str) -> None:
    body = gax.application_body("Chat")
    del body[missing]
    refused(gax.create("CfgApplication", **body), "CFGIncompleteObjectData", missing)


def test_an_interface_application_needs_no_command_line(gax: Any) -> None:
    template = gax.create("CfgAppPrototype", name="Desktop", subtype="CFGInteractionWorkspace", version="8.5").json()
    value = gax.create("CfgApplication", name="WDE", appprototypedbid=template["dbid"], autorestart="CFGFalse").json()
    assert (value["isserver"], value["startuptype"]) == ("CFGFalse", "CFGSUTDisabled")


def test_defaults_of_a_server(gax: Any) -> None:
    value = gax.application("Chat")
    assert (value["subtype"], value["version"]) == ("CFGChatServer", "8.5.311.06")
    assert (value["startuptimeout"], value["shutdowntimeout"], value["attempts"], value["timeout"]) == ("90", "90", "1", "10")
    assert (value["state"], value["redundancytype"]) == ("CFGEnabled", "CFGHTColdStanby")
    assert (value["isserver"], value["startuptype"], value["isprimary"]) == ("CFGTrue", "CFGSUTAutomatic", "CFGTrue")
    assert (value["port"], value["folderid"], value["componenttype"]) == ("4580", "102", "CFGAppComponentUnknown")


def test_template_decides_the_type(gax: Any) -> None:
    refused(gax.create("CfgApplication", **gax.application_body("X", subtype="CFGContactServer")), "CFGIncorrectReferences", "subtype")
    assert gax.application("Y", version="8.5.400.00")["version"] == "8.5.400.00"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("appprototypedbid", "999"),
        ("hostdbid", "999"),
        ("folderid", "999"),
        ("backupserverdbid", "999"),
        ("tenantdbids", {"id": [{"dbid": "999"}]}),
        ("appservers", {"conninfo": [{"id": "default", "appserverdbid": "999"}]}),
        ("appservers", {"conninfo": [{"id": "no-such-port", "appserverdbid": "99"}]}),
    ],
)
def test_references_must_exist(gax: Any, field: str, value: Any) -> None:
    refused(gax.create("CfgApplication", **gax.application_body("Chat", **{field: value})), "CFGIncorrectReferences", field)


def test_a_port_removed_later_leaves_connections_alone(gax: Any) -> None:
    ports = [{"id": "default", "port": "1"}, {"id": "ESP", "port": "2"}]
    server = gax.application("Server", portinfos={"portinfo": ports})
    client = gax.application("Client", appservers={"conninfo": [link(server, "ESP")]})
    assert gax.put({**server, "portinfos": {"portinfo": ports[:1]}}).status_code == 200
    assert gax.put({**client, "commandline": "./x"}).status_code == 200


def test_set_once_properties(gax: Any) -> None:
    application = gax.application("Chat")
    other = gax.named("CfgAppPrototype", "Interaction Server 8.5.2")
    refused(gax.put({**application, "subtype": "CFGContactServer"}), "CFGUnchangeableInfo", "subtype")
    refused(gax.put({**application, "appprototypedbid": other["dbid"]}), "CFGUnchangeableInfo", "appprototypedbid")
    for field, value in (("name", "New"), ("version", "9"), ("subtype", "CFGContactServer")):
        refused(gax.put({**other, field: value}), "CFGUnchangeableInfo", field)
    refused(gax.put({**gax.named("CfgHost", "chat1"), "subtype": "CFGTenantServer"}), "CFGUnchangeableInfo", "subtype")
    queue = gax.named("CfgScript", "Legacy_In")
    refused(gax.put({**queue, "subtype": "CFGCapacityRule"}), "CFGUnchangeableInfo", "subtype")
    refused(gax.put({**queue, "tenantdbid": "101"}), "CFGUnchangeableInfo", "tenantdbid")
    value = gax.listed("CfgEnumeratorValue", displayname="chat")[0]
    refused(gax.put({**value, "name": "Talk"}), "CFGUnchangeableInfo", "name")


def test_read_only_properties_are_kept_in_silence(gax: Any) -> None:
    value = gax.application("Chat")
    answer = gax.put({**value, "isserver": "CFGFalse", "isprimary": "CFGFalse", "startuptype": "CFGSUTDisabled", "commandline": "./c"})
    assert answer.status_code == 200
    assert {**value, "commandline": "./c"} == gax.sandbox.object("CfgApplication", "Chat")


def test_the_port_follows_the_default_port(gax: Any) -> None:
    value = gax.application("Chat", port="1111", portinfos={"portinfo": [{"id": "default", "port": "4580"}, {"id": "ESP", "port": "4582"}]})
    assert value["port"] == "4580"
    alone = gax.application("Alone", port="1234", portinfos=None)
    assert [(entry["id"], entry["port"]) for entry in alone["portinfos"]["portinfo"]] == [("default", "1234")]
    twice = {"portinfo": [{"id": "ESP", "port": "1"}, {"id": "ESP", "port": "2"}]}
    refused(gax.create("CfgApplication", **gax.application_body("X", portinfos=twice)), "CFGUniquenessViolation", "ESP")
    high = {"portinfo": [{"id": "default", "port": "65536"}]}
    refused(gax.create("CfgApplication", **gax.application_body("X", portinfos=high)), "CFGValueOutOfRange", "65536")


def test_put_must_name_the_object_that_it_replaces(gax: Any) -> None:
    value = gax.application("Chat")
    answer = gax.call("PUT", f"cfg/objects/CfgApplication/{value['dbid']}", json={**value, "dbid": "99"})
    refused(answer, "CFGWrongAPIParameters", "dbid")
    refused(gax.put({**value, "dbid": "9999"}), "CFGObjectNotFound", "9999")
    refused(gax.put({**value, "autorestart": ""}), "CFGValueOutOfRange", "autorestart")
    refused(gax.put({**value, "name": ""}), "CFGIncompleteObjectData", "name")


def test_a_host_can_not_be_left_while_clients_connect(gax: Any) -> None:
    hosts = {value["name"]: value["dbid"] for value in gax.listed("CfgHost")}
    server = gax.application("Server", hostdbid=hosts["chat1"])
    client = gax.application("Client", appservers={"conninfo": [link(server)]})
    refused(gax.put({**server, "hostdbid": hosts["chat2"]}), "CFGUnchangeableInfo", "hostdbid", "Client")
    assert gax.put({**client, "appservers": {"conninfo": []}}).status_code == 200
    assert gax.put({**server, "hostdbid": hosts["chat2"]}).status_code == 200


def test_some_servers_take_one_tenant(gax: Any) -> None:
    gax.create("CfgAppPrototype", name="T-Server", subtype="CFGTServer", version="8")
    both = {"id": [{"dbid": "1"}, {"dbid": "101"}]}
    refused(gax.create("CfgApplication", **gax.application_body("T", "T-Server", tenantdbids=both)), "CFGIncorrectReferences", "tenant")
    assert gax.application("Chat", tenantdbids=both)["tenantdbids"] == both


# deletion


def test_what_others_depend_on_is_not_deleted(gax: Any) -> None:
    host = gax.named("CfgHost", "chat1")
    server = gax.application("Server", hostdbid=host["dbid"])
    client = gax.application("Client", appservers={"conninfo": [link(server)]})
    refused(gax.delete(server), "CFGDependentObjects", "Client")
    refused(gax.delete(host), "CFGDependentObjects", "Server")
    refused(gax.delete(gax.named("CfgAppPrototype", "Chat Server 8.5.3")), "CFGDependentObjects", "Server", "Client")
    refused(gax.call("DELETE", "cfg/objects/CfgFolder/102"), "CFGDependentObjects", "not empty")
    for value in (client, server, host, gax.named("CfgAppPrototype", "Chat Server 8.5.3")):
        assert gax.delete(value).status_code == 204
    refused(gax.delete(server), "CFGObjectNotFound")


@pytest.mark.parametrize("path", ["CfgApplication/99", "CfgApplication/100", "CfgApplication/101", "CfgAppPrototype/99", "CfgTenant/1", "CfgPerson/100"])
def test_predefined_objects_stay(gax: Any, path: str) -> None:
    refused(gax.call("DELETE", f"cfg/objects/{path}"), "CFGAccessDenied", "predefined")


def test_mandatory_components_of_a_solution_stay(gax: Any) -> None:
    value = gax.application("Chat")
    component = {"appdbid": value["dbid"], "startuppriority": "1", "isoptional": "CFGFalse"}
    solution = gax.create("CfgService", name="Chat solution", components={"component": [component]}).json()
    refused(gax.delete(value), "CFGDependentObjects", "Chat solution")
    gax.put({**solution, "components": {"component": [{**component, "isoptional": "CFGTrue"}]}})
    assert gax.delete(value).status_code == 204
    assert gax.named("CfgService", "Chat solution")["components"] == {"component": []}


def test_a_deleted_script_is_cleared_where_it_was_used(gax: Any) -> None:
    rule = gax.create("CfgScript", name="Rule", tenantdbid="1", subtype="CFGCapacityRule").json()
    gax.create("CfgPerson", username="kim", employeeid="7", tenantdbid="1", capacityruledbid=rule["dbid"])
    gax.create("CfgPlace", name="P", tenantdbid="1", capacityruledbid=rule["dbid"])
    assert gax.delete(rule).status_code == 204
    assert gax.listed("CfgPerson", username="kim")[0]["capacityruledbid"] == "0"
    assert gax.named("CfgPlace", "P")["capacityruledbid"] == "0"


def test_a_tenant_takes_its_objects_with_it(gax: Any) -> None:
    value = gax.application("Chat", tenantdbids={"id": [{"dbid": "1"}, {"dbid": "101"}]})
    assert gax.call("DELETE", "cfg/objects/CfgTenant/101").status_code == 204
    assert "Sales_In" not in [script["name"] for script in gax.listed("CfgScript")]
    assert all(folder["ownerdbid"] != "101" for folder in gax.listed("CfgFolder"))
    assert gax.call("GET", f"cfg/objects/CfgApplication/{value['dbid']}").json()["tenantdbids"]["id"] == [{"dbid": "1"}]
