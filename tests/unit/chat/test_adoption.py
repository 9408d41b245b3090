# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From what exists to a description: whatever exists, applying the description changes nothing."""

from __future__ import annotations

import copy
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from unit.config.fake_gateway import application, apply_solution, connection, context_of, description, option_list, plan_solution, validated, world

from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.adopt import adopt
from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.solution import solution
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.errors import InvalidInput


def adopted(gateway, tenant="Environment", names=None):
    """Return (description, left out), checked: it survives JSON, and applying it plans nothing and is not refused."""
    content, left_out = adopt(context_of(gateway), tenant, names)
    assert json.loads(json.dumps(content)) == content
    plan, _directory = plan_solution(gateway, content)
    assert [(change.label, change.edits) for change in plan.changes] == []
    assert gateway.writes() == []
    return content, left_out


def deployed(content=None):
    gateway = world()
    apply_solution(gateway, content or description(2))
    gateway.calls.clear()
    return gateway


# --- examples -----------------------------------------------------------------------------------------------------------


def reasons(left_out, name):
    """Return what is said of one application, as (part, reason)."""
    return [(item["part"], item["reason"]) for item in left_out if item["name"] == name]


def linked(gateway, name, server, port="default", **more):
    """Connect an application to another one, past the rules."""
    dbid = gateway.named("CfgApplication", server)["dbid"] if isinstance(server, str) else server
    gateway.named("CfgApplication", name)["appservers"]["conninfo"].append(connection(dbid, port, **more))


def test_nothing_to_adopt():
    assert adopted(world()) == ({"tenant": "Environment", "chat_servers": []}, [])


def test_what_was_deployed_comes_back_said_once():
    content, left_out = adopted(deployed())
    assert left_out == []
    assert content["chat_servers"] == [{"name": "ChatServer_1", "host": "chat1"}, {"name": "ChatServer_2", "host": "chat2"}]
    assert content["addp"] == {"enabled": True, "local_timeout": 11, "remote_timeout": 12, "trace": "both"}
    assert content["chat_server_defaults"]["ports"] == {"default": 4580, "webapi": 4581, "ESP": 4582}
    assert content["chat_server_defaults"]["endpoints"] == {"default": "Chat_In", "webme": "Webengagement_Chat"}
    assert content["chat_server_defaults"].get("options") is None, "what the template says need not be said"
    assert content["contact_servers"]["pairs"] == [{"primary": "UCS_1", "backup": "UCS_2"}]
    assert content["interaction_servers"] == ["IXN_1"]
    assert (content["message_server"], content["configuration_server"]) == ("MessageServer", "confserv")
    assert content["interaction_queues"] == ["Chat_In", "Webengagement_Chat"]


def test_a_new_chat_server_can_be_added_to_what_was_adopted():
    gateway = deployed()
    content, _left_out = adopted(gateway)
    content["chat_servers"].append({"name": "ChatServer_3", "host": "chat3"})
    plan, _directory = plan_solution(gateway, content)
    assert [(change.action, change.name) for change in plan.changes] == [("create", "ChatServer_3"), ("update", "IXN_1")]


def test_only_the_chat_servers_asked_for():
    content, left_out = adopted(deployed(), names=["ChatServer_2"])
    assert ([item["name"] for item in content["chat_servers"]], left_out) == (["ChatServer_2"], [])
    with pytest.raises(InvalidInput, match="chat_servers: there is no application named 'Nobody'"):
        adopt(context_of(deployed()), "Environment", ["Nobody"])
    with pytest.raises(InvalidInput, match="tenant: there is no tenant named 'Nowhere'"):
        adopt(context_of(deployed()), "Nowhere")


def test_another_tenants_chat_servers_are_not_adopted():
    assert adopted(deployed(), "Sales")[0]["chat_servers"] == []


def test_secrets_stay_on_the_server():
    gateway = deployed()
    gateway.named("CfgApplication", "ChatServer_1")["options"]["property"].append({"section": "db", "key": "password", "value": "hunter22"})
    gateway.named("CfgApplication", "ChatServer_1")["userproperties"] = option_list({"s": {"api-token": "hunter23"}, "sml": {"uninstall": "x", "y": "z"}})
    content, left_out = adopted(gateway)
    assert "hunter" not in json.dumps([content, left_out])
    assert content["chat_servers"][0]["annex"] == {"sml": {"y": "z"}}, "and what the installer wrote there is the installer's"


def without_default(raw):
    raw["options"] = option_list({"endpoints:1": {"webme": "Chat_In"}})


def without_port(raw):
    raw["portinfos"] = {"portinfo": [{"id": "default", "port": "1"}]}


@pytest.mark.parametrize(
    ("change", "reason"), [(without_default, "without a default endpoint"), (without_port, "lacks the port id 'webapi' and 'ESP'")])
def test_what_the_rules_refuse_is_left_out_and_said(change, reason):
    gateway = deployed()
    change(gateway.named("CfgApplication", "ChatServer_1"))
    content, left_out = adopted(gateway)
    assert [item["name"] for item in content["chat_servers"]] == ["ChatServer_2"]
    assert any(item["name"] == "ChatServer_1" and reason in item["reason"] for item in left_out)


def test_a_backup_is_left_out_and_said():
    gateway = deployed()
    gateway.named("CfgApplication", "ChatServer_1")["backupserverdbid"] = gateway.named("CfgApplication", "ChatServer_2")["dbid"]
    gateway.named("CfgApplication", "ChatServer_2")["isprimary"] = "CFGFalse"
    content, left_out = adopted(gateway)
    assert [item["name"] for item in content["chat_servers"]] == ["ChatServer_1"]
    assert any(item["name"] == "ChatServer_2" and "it is the backup of 'ChatServer_1'" in item["reason"] for item in left_out)


def test_an_endpoint_without_its_queue_is_left_out_and_said():
    gateway = deployed()
    for entry in gateway.named("CfgApplication", "ChatServer_1")["options"]["property"]:
        if entry["key"] == "webme":
            entry["value"] = "Gone"
    content, left_out = adopted(gateway)
    reason = "endpoint 'webme' of tenant 'Environment' leads to 'Gone', which is not an Interaction Queue of that tenant"
    assert {"name": "ChatServer_1", "part": "endpoints", "reason": reason} in left_out
    assert content["chat_servers"][0]["endpoints"] == {"default": "Chat_In"}


def test_contact_servers_against_the_rule_are_said():
    gateway = deployed()
    gateway.named("CfgApplication", "ChatServer_1")["appservers"]["conninfo"].append(
        connection(gateway.named("CfgApplication", "UCS_2")["dbid"]))
    content, left_out = adopted(gateway)
    assert "ChatServer_1" in [item["name"] for item in content["chat_servers"]]
    assert any("connections to UCS (UCS_1, UCS_2) do not fit" in item["reason"] for item in left_out)
    assert "contact_servers" not in content


def test_an_interaction_server_that_misses_a_chat_server_is_said():
    gateway = deployed()
    gateway.named("CfgApplication", "IXN_1")["appservers"]["conninfo"].pop()
    content, left_out = adopted(gateway)
    assert "interaction_servers" not in content
    assert any(item["name"] == "IXN_1" and "as interaction_servers requires" in item["reason"] for item in left_out)


@pytest.mark.parametrize(("missing", "described"), [(0, ["IXN_1", "IXN_2"]), (1, ["IXN_1"])], ids=["both_complete", "one_incomplete"])
def test_of_two_interaction_servers_those_are_named_that_miss_no_chat_server(missing, described):
    gateway = deployed()
    gateway.add("CfgApplication", 501, "IXN_2", **application("CFGInteractionServer"))
    links = copy.deepcopy(gateway.named("CfgApplication", "IXN_1")["appservers"]["conninfo"])
    gateway.named("CfgApplication", "IXN_2")["appservers"]["conninfo"] = links[missing:]
    content, left_out = adopted(gateway)
    assert content["interaction_servers"] == described
    assert bool(reasons(left_out, "IXN_2")) == bool(missing)


def test_an_unknown_trace_mode_is_left_as_it_is():
    gateway = deployed()
    for name in ("ChatServer_1", "ChatServer_2"):
        for entry in gateway.named("CfgApplication", name)["appservers"]["conninfo"]:
            entry["mode"] = "CFGTMNew"
    content, left_out = adopted(gateway)
    assert (left_out, len(content["chat_servers"])) == ([], 2)
    assert "trace" not in content["chat_server_defaults"].get("addp", content.get("addp"))


def test_single_contact_servers_are_named_by_each_chat_server():
    content = description(2)
    content["contact_servers"] = {"defaults": content["contact_servers"]["defaults"], "single": {"name": "UCS_1", "host": "chat3"}}
    found, left_out = adopted(deployed(content))
    assert (left_out, [item["contact_server"] for item in found["chat_servers"]]) == ([], ["UCS_1", "UCS_1"])


def test_a_chat_server_asked_for_that_does_not_serve_the_tenant_is_said():
    content, left_out = adopted(deployed(), "Sales", ["ChatServer_1"])
    assert (content["chat_servers"], left_out) == ([], [
        {"name": "ChatServer_1", "part": "", "reason": "it does not serve tenant 'Sales', but Environment"}])


def test_an_application_of_another_type_asked_for_is_said():
    content, left_out = adopted(deployed(), names=["ChatServer_1", "UCS_1"])
    assert [item["name"] for item in content["chat_servers"]] == ["ChatServer_1"]
    assert reasons(left_out, "UCS_1") == [("", "it is an application of type CFGContactServer, and a Chat Server is of type CFGChatServer")]


@pytest.mark.parametrize(("app_type", "part"), [
    ("CFGInteractionServer", "interaction_servers"), ("CFGMessageServer", "message_server"), ("CFGConfigServer", "configuration_server"),
    ("CFGGenericServer", "gms")])
def test_a_backup_is_taken_for_no_primary(app_type, part):
    """On both sides: Chat Servers that lead to it, and its own connections, which are a copy of its primary's."""
    gateway = deployed()
    primary, backup = {"CFGInteractionServer": "IXN_1", "CFGMessageServer": "MessageServer", "CFGConfigServer": "confserv"}.get(app_type, "GMS_1"), "Backup"
    if app_type == "CFGGenericServer":
        gateway.add("CfgApplication", 500, "GMS_1", **application(app_type))
        for server in ("ChatServer_1", "ChatServer_2"):
            linked(gateway, "GMS_1", server, "webapi", protocol="")
    gateway.add("CfgApplication", 501, backup, **application(app_type))
    gateway.named("CfgApplication", primary)["backupserverdbid"] = "501"
    gateway._settle()
    if app_type != "CFGGenericServer":
        linked(gateway, "ChatServer_1", backup, local=11, remote=12)
    content, left_out = adopted(gateway)
    names = content.get(part) or content["chat_server_defaults"].get(part)
    assert names in (primary, [primary]), "the primary stands where it did"
    assert "Backup" not in json.dumps(content)
    said = "it is connected to 'Backup', which is the backup of '%s'; a connection leads to the primary only" % primary
    assert reasons(left_out, "ChatServer_1") == ([] if app_type == "CFGGenericServer" else [("connections", said)])
    if app_type in ("CFGInteractionServer", "CFGGenericServer"):
        assert [reason.startswith("it is the backup of '%s'" % primary) for _part, reason in reasons(left_out, "Backup")] == [True]


def test_a_backup_that_is_named_as_if_it_were_a_primary_is_warned_about():
    gateway = deployed()
    gateway.add("CfgApplication", 501, "IXN_B", **application("CFGInteractionServer", isprimary="CFGFalse"))
    gateway.named("CfgApplication", "IXN_1")["backupserverdbid"] = "501"
    context = context_of(gateway)
    wanted = solution(context, validated(dict(description(1), chat_servers=[{"name": "ChatServer_1", "interaction_servers": ["IXN_1", "IXN_B"]}])))
    assert not any("IXN_B" in path for desired in wanted for path in desired.leaves), "no connection leads to it"
    assert [text for text in context.warnings if "backup" in text] == [
        "chat_servers[0]: interaction_servers[1]: 'IXN_B' is the backup of 'IXN_1'; a connection leads to the primary only"]


def test_what_refers_to_nothing_is_said_part_by_part():
    gateway = deployed()
    server = gateway.named("CfgApplication", "ChatServer_1")
    server.update(hostdbid="999", appprototypedbid="998")
    server["portinfos"]["portinfo"].append({"id": "odd", "port": "0"})
    linked(gateway, "ChatServer_1", 996)
    _content, left_out = adopted(gateway)
    gone = "it refers to the DBID %d, which no object has; that stays as it is"
    assert sorted(reasons(left_out, "ChatServer_1")) == sorted([
        ("host", gone % 999), ("application_template", gone % 998), ("connections", gone % 996),
        ("ports", "its port 'odd' has the number 0, which is no port number")])


def test_a_pair_that_can_not_be_described_is_said():
    gateway = deployed()
    gateway.named("CfgApplication", "UCS_1")["redundancytype"] = "CFGHTNew"
    content, left_out = adopted(gateway)
    assert "contact_servers" not in content and content["chat_server_defaults"].get("contact_server") is None
    assert {item["contact_server"] for item in content["chat_servers"]} == {"UCS_1"}
    assert reasons(left_out, "UCS_1") == [
        ("contact_servers", "its pair with 'UCS_2' is not described: a description has no word for the redundancy type CFGHTNew")]


def test_a_client_of_another_type_that_looks_like_gms_is_said():
    gateway = deployed()
    gateway.add("CfgApplication", 500, "GMS_X", **application("CFGGenesysMobile"))
    linked(gateway, "GMS_X", "ChatServer_2", "webapi", protocol="")
    content, left_out = adopted(gateway)
    assert "gms" not in content
    assert reasons(left_out, "GMS_X") == [("", "it is of type CFGGenesysMobile, and is connected to the port 'webapi' of ChatServer_2; "
                                           "if it is a GMS node, name it in gms")]


# --- whatever exists ----------------------------------------------------------------------------------------------------

SERVERS = {"IXN": 1, "Cluster": 2, "UCS": 3, "UCS_B": 4, "UCS_Single": 5, "MessageServer": 110, "confserv": 99, "Other": 6, "gone": 999}
LINK = st.tuples(st.sampled_from(sorted(SERVERS.values())), st.sampled_from(["default", "own"]), st.sampled_from(["addp", "", "ADDP", "simple"]),
                 st.sampled_from([0, 10]), st.just(10), st.sampled_from(["CFGTMBoth", "CFGTMNoTraceMode", "CFGTMNone", "CFGTMNew"]))
QUEUES = st.sampled_from(["Chat_In", "Other_In"])
VALUES = st.sampled_from(["Chat_In", "Sales_In", "Gone", "", "1000"])
SECTION = st.dictionaries(st.sampled_from(["default", "webme", "verbose", "limit-for-sessions", "password"]), VALUES, max_size=3)


def mostly(ordinary, odd):
    """Ordinary four times out of five, so that what several of these make is ordinary often enough."""
    return st.integers(0, 4).flatmap(lambda number: odd if number == 4 else ordinary)


def ordinary_links(contact_server):
    return [(1, "default", "addp", 10, 10, "CFGTMBoth"), (contact_server, "default", "addp", 10, 10, "CFGTMBoth"),
            (110, "default", "addp", 10, 10, "CFGTMBoth")]


CHAT_SERVER = st.fixed_dictionaries({
    "links": mostly(st.sampled_from([3, 3, 5]).map(ordinary_links), st.lists(LINK, max_size=5)),
    "endpoints": mostly(st.fixed_dictionaries({"default": QUEUES}, optional={"webme": QUEUES}), SECTION),
    "options": st.dictionaries(st.sampled_from(["settings", "log", "own"]), SECTION, max_size=3),
    "odd": mostly(st.just({}), st.dictionaries(st.sampled_from(["endpoints:101", "endpoints:*tenant_dbid*", ""]), SECTION, max_size=2)),
    "ports": mostly(st.sampled_from([{"default": 1, "webapi": 2, "ESP": 3}, {"default": 1, "webapi": 2, "ESP": 3, "health": 4, "own": 5}]),
                    st.dictionaries(st.sampled_from(["default", "webapi", "ESP", "health", "own"]), st.integers(0, 5), max_size=5)),
    "tenants": mostly(st.just((1,)), st.sampled_from([(1, 101), (101,), (), (9, 1)])),
    "host": st.sampled_from([301, 302, 0, 999]), "template": st.sampled_from(["120", "0", "122", "999"]),
    "workdirectory": st.sampled_from([".", "/opt/chat"]), "timeout": st.sampled_from(["10", "", "x"])})
CLIENT = mostly(
    st.sampled_from([[(201, port, protocol), (202, port, protocol), (203, port, protocol)] for port, protocol in (("ESP", "addp"), ("webapi", ""))]),
    st.lists(st.tuples(st.sampled_from([201, 202, 203]), st.sampled_from(["ESP", "webapi", "default"]), st.sampled_from(["addp", ""])), max_size=4))


NAMES = st.none() | st.lists(st.sampled_from(["Chat201", "Chat201", "Chat202", "Chat202", "IXN", "IXN_B", "UCS", "GMS", "Other", "Cluster"]), max_size=5)


@given(st.lists(CHAT_SERVER, min_size=2, max_size=3), CLIENT, CLIENT, st.booleans(), mostly(st.just("Environment"), st.just("Sales")), NAMES)
@settings(database=None, deadline=None, derandomize=True, max_examples=120)
def test_applying_what_was_adopted_changes_nothing(servers, interaction_server, gms, paired, tenant, names):
    gateway = world()
    gateway.add("CfgApplication", 1, "IXN", **application("CFGInteractionServer", ports={"default": 1, "own": 2}, connections=interaction_server))
    gateway.add("CfgApplication", 2, "Cluster", **application("CFGApplicationCluster"))
    for name, dbid in (("UCS", 3), ("UCS_B", 4), ("UCS_Single", 5)):
        gateway.add("CfgApplication", dbid, name, **application("CFGContactServer", ports={"default": 1, "own": 2}))
    if paired:
        gateway.objects["CfgApplication"][3].update(backupserverdbid="4", redundancytype="CFGHTWarmStanby")
        gateway.objects["CfgApplication"][4].update(isprimary="CFGFalse")
        # A copy of its primary's connections is what a backup has.
        gateway.add("CfgApplication", 8, "IXN_B", **application("CFGInteractionServer", ports={"default": 1, "own": 2}, connections=interaction_server))
        gateway.objects["CfgApplication"][1].update(backupserverdbid="8")
        gateway.objects["CfgApplication"][8].update(isprimary="CFGFalse")
    gateway.add("CfgApplication", 6, "Other", **application(ports={"default": 1, "own": 2}))
    gateway.add("CfgApplication", 7, "GMS", **application("CFGGenericServer", connections=gms))
    for number, server in enumerate(servers, 201):
        options = dict(server["options"], **server["odd"], **{"endpoints:1": server["endpoints"]})
        gateway.add("CfgApplication", number, "Chat%d" % number, **application(
            "CFGChatServer", server["host"], server["ports"], options, server["links"], server["tenants"], appprototypedbid=server["template"],
            workdirectory=server["workdirectory"], timeout=server["timeout"]))
    if names is not None:
        names = [name for name in names if gateway.named("CfgApplication", name)]
    content, left_out = adopted(gateway, tenant, names)
    serving = {"Chat%d" % number for number, server in enumerate(servers, 201) if (1 if tenant == "Environment" else 101) in server["tenants"]}
    described = [item["name"] for item in content["chat_servers"]]
    missing = [item["name"] for item in left_out if not item["part"]]
    for name in serving if names is None else set(names):
        assert described.count(name) + (name in missing) == 1, "each is described, or it is said why not"
    assert set(described) <= (serving if names is None else serving & set(names))
    assert {item["name"] for item in left_out if item["part"] and item["name"][:4] == "Chat"} <= set(described)
    assert "IXN_B" not in json.dumps(content)
    assert not (described and any("password" in json.dumps(item.get("options", {})) for item in content["chat_servers"]))
