# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From what exists to a description: whatever exists, applying the description changes nothing."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from unit.config.fake_gateway import application, apply_solution, connection, context_of, description, option_list, plan_solution, world

from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.adopt import adopt
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
    content, _left_out = adopted(gateway)
    assert "hunter" not in json.dumps(content)
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
    assert {"name": "ChatServer_1", "reason": reason} in left_out
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
    assert any(item["name"] == "IXN_1" and "interaction_servers demands" in item["reason"] for item in left_out)


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


@given(st.lists(CHAT_SERVER, min_size=1, max_size=3), CLIENT, CLIENT, st.booleans(), mostly(st.just("Environment"), st.just("Sales")))
@settings(database=None, deadline=None, derandomize=True, max_examples=120)
def test_applying_what_was_adopted_changes_nothing(servers, interaction_server, gms, paired, tenant):
    gateway = world()
    gateway.add("CfgApplication", 1, "IXN", **application("CFGInteractionServer", ports={"default": 1, "own": 2}, connections=interaction_server))
    gateway.add("CfgApplication", 2, "Cluster", **application("CFGApplicationCluster"))
    for name, dbid in (("UCS", 3), ("UCS_B", 4), ("UCS_Single", 5)):
        gateway.add("CfgApplication", dbid, name, **application("CFGContactServer", ports={"default": 1, "own": 2}))
    if paired:
        gateway.objects["CfgApplication"][3].update(backupserverdbid="4", redundancytype="CFGHTWarmStanby")
        gateway.objects["CfgApplication"][4].update(isprimary="CFGFalse")
    gateway.add("CfgApplication", 6, "Other", **application(ports={"default": 1, "own": 2}))
    gateway.add("CfgApplication", 7, "GMS", **application("CFGGenericServer", connections=gms))
    for number, server in enumerate(servers, 201):
        options = dict(server["options"], **server["odd"], **{"endpoints:1": server["endpoints"]})
        gateway.add("CfgApplication", number, "Chat%d" % number, **application(
            "CFGChatServer", server["host"], server["ports"], options, server["links"], server["tenants"], appprototypedbid=server["template"],
            workdirectory=server["workdirectory"], timeout=server["timeout"]))
    content, left_out = adopted(gateway, tenant)
    serving = {"Chat%d" % number for number, server in enumerate(servers, 201) if (1 if tenant == "Environment" else 101) in server["tenants"]}
    named = {item["name"] for item in content["chat_servers"]}
    assert named <= serving
    assert serving - named <= {item["name"] for item in left_out}, "what is not described is said"
    assert not (named and any("password" in json.dumps(item.get("options", {})) for item in content["chat_servers"]))
