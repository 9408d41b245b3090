# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole description: defaults and overlays, which rule meets which part, and what is refused before any write."""

from __future__ import annotations

import copy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from unit.config.fake_gateway import application, apply_solution, context_of, description, plan_solution, validated, world

from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.application import APPLICATION
from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.arguments import named, overlaid
from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.parts.interaction_queues import QUEUE
from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.solution import kinds_of, solution, validated_solution
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.errors import InvalidInput


def links(gateway, name):
    """The connections of an application as server -> (port id, protocol)."""
    apps = gateway.objects["CfgApplication"]
    entries = gateway.named("CfgApplication", name)["appservers"]["conninfo"]
    return {apps[int(entry["appserverdbid"])]["name"]: (entry["id"], entry["connprotocol"]) for entry in entries}


# --- what comes of it ---------------------------------------------------------------------------------------------------


def test_everything_is_connected_as_the_page_says():
    gateway = world()
    content = description(2, gms=[{"name": "GMS_1", "host": "chat2", "application_template": "Genesys Mobile Services 8.5.2", "ports": {"default": 8080}}])
    apply_solution(gateway, content)
    chat = {"IXN_1": ("default", "addp"), "UCS_1": ("default", "addp"), "MessageServer": ("default", "addp"), "confserv": ("default", "addp")}
    assert links(gateway, "ChatServer_1") == links(gateway, "ChatServer_2") == chat
    assert links(gateway, "IXN_1") == {"ChatServer_1": ("ESP", "addp"), "ChatServer_2": ("ESP", "addp")}
    assert links(gateway, "GMS_1") == {"ChatServer_1": ("webapi", ""), "ChatServer_2": ("webapi", "")}
    assert gateway.named("CfgApplication", "UCS_1")["redundancytype"] == "CFGHTWarmStanby"
    assert gateway.named("CfgScript", "Webengagement_Chat")["subtype"] == "CFGInteractionQueue"
    (entry, *_others) = gateway.named("CfgApplication", "ChatServer_1")["appservers"]["conninfo"]
    assert (entry["timoutlocal"], entry["timoutremote"], entry["mode"]) == ("11", "12", "CFGTMBoth")


def test_a_second_run_plans_nothing():
    gateway = world()
    apply_solution(gateway, description(3))
    before = copy.deepcopy(gateway.objects)
    assert apply_solution(gateway, description(3)) == []
    assert gateway.objects == before


def test_chat_servers_are_divided_over_the_pairs():
    gateway = world()
    content = description(4)
    content["contact_servers"]["pairs"].append({"primary": {"name": "UCS_3", "host": "chat1"}, "backup": {"name": "UCS_4", "host": "chat2"}})
    apply_solution(gateway, content)
    names = ["ChatServer_%d" % number for number in range(1, 5)]
    assert [("UCS_1" in links(gateway, name), "UCS_3" in links(gateway, name)) for name in names] == [
        (True, False), (True, False), (False, True), (False, True)]


def test_a_pin_is_a_contact_server_named_by_the_chat_server():
    gateway = world()
    content = description(2)
    content["contact_servers"]["pairs"].append({"primary": {"name": "UCS_3", "host": "chat1"}, "backup": {"name": "UCS_4", "host": "chat2"}})
    content["chat_servers"][0]["contact_server"] = "UCS_3"
    apply_solution(gateway, content)
    assert "UCS_3" in links(gateway, "ChatServer_1")
    assert "UCS_1" in links(gateway, "ChatServer_2")


def test_a_single_contact_server():
    gateway = world()
    content = description(2)
    content["contact_servers"] = {"defaults": content["contact_servers"]["defaults"], "single": {"name": "UCS_1", "host": "chat3"}}
    apply_solution(gateway, content)
    assert "UCS_1" in links(gateway, "ChatServer_2")
    assert gateway.named("CfgApplication", "UCS_1")["backupserverdbid"] == "0"


def test_described_servers_have_connections_of_their_own():
    gateway = world()
    content = description(1)
    content["contact_servers"]["defaults"]["connections"] = [{"server": "MessageServer"}, {"server": "confserv", "addp": {"enabled": False}}]
    apply_solution(gateway, content)
    own = {"MessageServer": ("default", "addp"), "confserv": ("default", "")}
    assert links(gateway, "UCS_1") == links(gateway, "UCS_2") == own


def test_servers_that_are_there_may_be_named_only():
    gateway = world()
    apply_solution(gateway, description(1))
    content = description(1, interaction_servers=["IXN_1"], contact_servers={"pairs": [{"primary": "UCS_1", "backup": "UCS_2"}]})
    assert not plan_solution(gateway, content)[0]


def test_a_description_without_chat_servers():
    gateway = world()
    plan, _directory = plan_solution(gateway, {"tenant": "Environment", "interaction_queues": ["Q1", {"name": "Q2"}, "Chat_In"]})
    assert [(change.action, change.name) for change in plan.changes] == [("create", "Q1"), ("create", "Q2")]


def test_new_ports_on_one_host_must_differ():
    content = description(2)
    for server in content["chat_servers"]:
        server["host"] = "chat1"
    with pytest.raises(InvalidInput, match=r"'ChatServer_2': ports 4580 \(default\), 4581 \(webapi\), 4582 \(ESP\) are also ports of 'ChatServer_1'"):
        solution(context_of(world()), validated(content))
    content["chat_servers"][1]["ports"] = {"default": 4590, "webapi": 4591, "ESP": 4592}
    solution(context_of(world()), validated(content))


# --- defaults -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("defaults", "own", "result"),
    [
        (None, {"a": 1}, {"a": 1}),
        ({"a": 1, "b": 2}, {"a": 3}, {"a": 3, "b": 2}),
        ({"a": 1}, {"a": None}, {"a": 1}),
        ({"a": None}, {}, {}),
        ({"a": 1}, {"a": False}, {"a": False}),
        ({"a": 1}, {"a": 0}, {"a": 0}),
        ({"ports": {"x": 1, "y": 2}}, {"ports": {"y": 3, "z": 4}}, {"ports": {"x": 1, "y": 3, "z": 4}}),
        ({"ports": {"x": 1}}, {"ports": {"x": None}}, {"ports": {"x": 1}}),
        ({"ports": {"x": 1}}, {"ports": {}}, {"ports": {"x": 1}}),
        ({"tenants": ["A"]}, {"tenants": ["B"]}, {"tenants": ["B"]}),
        ({"tenants": ["A"]}, {"tenants": []}, {"tenants": []}),
        # in options and annex, None says that the option is to go
        ({"options": {"s": {"x": 1, "y": 2}}}, {"options": {"s": {"x": None}}}, {"options": {"s": {"x": None, "y": 2}}}),
        ({"options": {"s": {"x": 1}}}, {"options": {"t": {"z": None}}}, {"options": {"s": {"x": 1}, "t": {"z": None}}}),
        ({"options": {"s": {"x": None}}}, {}, {"options": {"s": {"x": None}}}),
        ({"options": {"s": {"x": None}}}, {"options": {"s": {"x": 5}}}, {"options": {"s": {"x": 5}}}),
        ({"annex": {"s": {"x": 1}}}, {"annex": {"s": {"x": None}}}, {"annex": {"s": {"x": None}}}),
        ({"addp": {"local_timeout": 5, "trace": "both"}}, {"addp": {"local_timeout": None, "trace": "none"}}, {"addp": {"local_timeout": 5, "trace": "none"}}),
        ({"log_privacy": "private"}, {"log_privacy": {"hide_attached_data": False}}, {"log_privacy": {"hide_attached_data": False}}),
    ],
)
def test_an_overlay(defaults, own, result):
    before = copy.deepcopy((defaults, own))
    assert overlaid(defaults, own) == result
    assert (defaults, own) == before, "nobody else's mappings are changed"


NUMBERS = st.integers(0, 2)
TREE = st.dictionaries(st.sampled_from("abc"), st.none() | NUMBERS | st.dictionaries(st.sampled_from("xy"), NUMBERS, max_size=2), max_size=3)


@given(TREE, TREE)
@settings(database=None, deadline=None, derandomize=True)
def test_overlays_in_general(defaults, own):
    result = overlaid(defaults, own)
    assert overlaid(result, own) == result
    assert overlaid(defaults, {}) == {key: value for key, value in defaults.items() if value is not None}
    for key, value in own.items():
        if value is not None:
            assert result[key] == value or (isinstance(value, dict) and value.items() <= result[key].items())


def test_defaults_reach_every_chat_server_and_own_values_win():
    gateway = world()
    content = description(2)
    content["chat_server_defaults"]["options"] = {"settings": {"limit-for-sessions": 5, "x": 1}, "log": {"verbose": "all"}}
    content["chat_servers"][1].update(options={"settings": {"limit-for-sessions": 6, "x": None}}, ports={"default": 4590, "health": 4599})
    apply_solution(gateway, content)
    values = []
    for name in ("ChatServer_1", "ChatServer_2"):
        raw = gateway.named("CfgApplication", name)
        options = {(entry["section"], entry["key"]): entry["value"] for entry in raw["options"]["property"]}
        values.append((options["settings", "limit-for-sessions"], options.get(("settings", "x")), options["log", "verbose"],
                       {entry["id"]: entry["port"] for entry in raw["portinfos"]["portinfo"]}))
    assert values == [("5", "1", "all", {"default": "4580", "webapi": "4581", "ESP": "4582"}),
                      ("6", None, "all", {"default": "4590", "webapi": "4581", "ESP": "4582", "health": "4599"})]


# --- arguments ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "message"),
    [("", "here must not be empty"), ("  ", "here must not be empty"), (None, "here must be a name or a mapping with a name, got NoneType"), (5, "got int"),
     (["x"], "got list"), ({}, "'name' is missing in here"),
     ({"name": "x", "colour": "red"}, "unknown key 'colour' in here; the known ones are folder, name$")],
)
def test_what_is_no_name(value, message):
    with pytest.raises(InvalidInput, match=message):
        named(value, QUEUE, "here")


def test_a_name_or_a_mapping():
    assert named("Ünï cödé", QUEUE, "here") == {"name": "Ünï cödé"}
    assert named({"name": "x", "startup_timeout": "5"}, APPLICATION, "here")["startup_timeout"] == 5


@pytest.mark.parametrize(("value", "message"), [([], "solution must be a mapping"), ({}, "'tenant' is missing in solution"),
                                                ({"tenant": "x", "addp": {"trace": "all"}},
                                                 "solution.addp.trace must be one of none, local, remote, both, got 'all'$")])
def test_what_is_no_description(value, message):
    with pytest.raises(InvalidInput, match=message):
        validated_solution(value)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"tenant": "x", "chat_servers": 5}, "solution.chat_servers must be a list of mappings, got int"),
        ({"tenant": "x", "chat_servers": [{"name": "a"}, 5]}, r"solution.chat_servers\[1\] must be a mapping, got int"),
        ({"tenant": "x", "chat_servers": [{"name": "a", "addp": 5}]}, r"solution.chat_servers\[0\].addp must be a mapping, got int"),
        ({"tenant": "x", "contact_servers": {"pairs": [7]}}, r"solution.contact_servers.pairs\[0\] must be a mapping, got int"),
        ({"tenant": "x", "addp": ["both"]}, "solution.addp must be a mapping, got list"),
        ({"tenant": "x", "addp": True, "contact_servers": 7.5}, "solution.addp must be .*; solution.contact_servers must be a mapping, got float"),
        ({"tenant": "x", "chat_servers": [{}]}, r"'name' is missing in solution.chat_servers\[0\]"),
    ],
)
def test_a_description_of_a_wrong_shape(value, message):
    before = copy.deepcopy(value)
    with pytest.raises(InvalidInput, match=message):
        validated_solution(value)
    assert value == before


# --- what is refused ----------------------------------------------------------------------------------------------------


def changed(path, value):
    """The description with one value replaced; path: keys and numbers."""
    content = description(2)
    place = content
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    return content


UCS = ("contact_servers", "pairs", 0)


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (("tenant",), "Nowhere", "tenant: there is no tenant named 'Nowhere'"),
        (("interaction_queues",), [""], r"interaction_queues\[0\] must not be empty"),
        (("interaction_queues",), ["Legacy_Strategy"], r"interaction_queues\[0\]: 'Legacy_Strategy' exists in tenant 'Environment' as a script"),
        (("interaction_queues",), [{"name": "Q", "folder": "Nowhere"}], "folder: no folder is named 'Nowhere'"),
        (("chat_servers", 1, "name"), "ChatServer_1", r"chat_servers\[1\]: Chat Server 'ChatServer_1' is described twice"),
        (("chat_servers", 1, "host"), "chat9", r"chat_servers\[1\]: host: there is no host named 'chat9'"),
        (("chat_servers", 0, "contact_server"), "UCS_2", "Chat Server 'ChatServer_1' is to be connected to 'UCS_2', which is a backup"),
        (("chat_servers", 0, "contact_server"), "Nobody", "Chat Server 'ChatServer_1' is pinned to 'Nobody', which is not the primary of a pair"),
        (("chat_server_defaults", "endpoints", "default"), "Sales_In", "endpoint 'default': the queue 'Sales_In' belongs to tenant 'Sales'"),
        (("chat_server_defaults", "endpoints"), {"webme": "Chat_In"}, "serves tenant 'Environment' without a default endpoint"),
        (("chat_server_defaults", "ports", "esp"), 4599, r"'esp' is not a port id of Chat Server; did you mean 'ESP'\?"),
        (("message_server",), "Nobody", "message_server: there is no application named 'Nobody'"),
        (("configuration_server",), "MessageServer", "configuration_server: application 'MessageServer' is of type CFGMessageServer"),
        (("interaction_servers",), ["Nobody"], r"interaction_servers\[0\]: there is no application named 'Nobody'"),
        (("interaction_servers",), ["confserv"], r"application 'confserv' is of type CFGConfigServer, and must be of type CFGInteractionServer"),
        (("gms",), ["confserv", "confserv"], "gms: 'confserv' is named twice"),
        (("contact_servers",), {"pairs": [{"primary": "a", "backup": "b"}], "single": "c"}, "contact_servers: give either pairs or single, not both"),
        ((*UCS, "backup"), "", r"contact_servers.pairs\[0\]: backup is missing; UCS are configured in pairs, so their number must be even"),
        ((*UCS, "backup"), {"name": "UCS_1", "host": "chat1"}, "contact_servers.pairs: UCS 'UCS_1' is named twice"),
        ((*UCS, "primary"), "IXN_0", r"contact_servers.pairs\[0\].primary: there is no application named 'IXN_0'"),
        ((*UCS, "primary"), "MessageServer", "application 'MessageServer' is of type CFGMessageServer, and must be of type CFGContactServer"),
        ((*UCS, "primary", "application_template"), "Interaction Server 8.5.2", "is of type CFGInteractionServer, not CFGContactServer"),
        (("contact_servers", "redundancy_type"), "cold standby", None),
    ],
)
def test_a_wrong_description_is_refused_before_any_write(path, value, message):
    gateway = world()
    content = changed(path, value)
    if message is None:
        assert plan_solution(gateway, content)[0]
        return
    with pytest.raises(InvalidInput, match=message):
        plan_solution(gateway, content)
    assert gateway.writes() == []


def test_a_chat_server_without_any_contact_server():
    content = description(1)
    del content["contact_servers"]
    with pytest.raises(InvalidInput, match=r"chat_servers\[0\]: Chat Server 'ChatServer_1' has no connection to a Universal Contact Server"):
        plan_solution(world(), content)


def test_a_running_chat_server_is_not_moved_to_another_pair_without_permission():
    gateway = world()
    apply_solution(gateway, description(2))
    for name in ("ChatServer_1", "ChatServer_2"):
        gateway.named("CfgApplication", name)["workdirectory"] = "/opt/chat"
    content = description(2)
    content["contact_servers"]["pairs"].append({"primary": {"name": "UCS_3", "host": "chat1"}, "backup": {"name": "UCS_4", "host": "chat2"}})
    with pytest.raises(InvalidInput, match="application 'ChatServer_2' would lose its connection to 'UCS_1'.*allow_disconnect"):
        plan_solution(gateway, content)
    plan, _directory = plan_solution(gateway, content, allow_disconnect=True)
    moved = {change.name: change.after().get("connections") for change in plan.changes if change.name.startswith("ChatServer")}
    assert list(moved) == ["ChatServer_2"]
    assert list(moved["ChatServer_2"]) == ["UCS_3"]


# --- reading ------------------------------------------------------------------------------------------------------------


def test_the_classes_read_are_those_that_planning_needs():
    """Each class is listed once; folders where one is named, or something is created."""
    gateway = world()
    content = validated_solution(description(4))
    plan_solution(gateway, description(4))
    assert sorted(call[1] for call in gateway.calls) == sorted([*kinds_of(content), "CfgFolder"])
    assert "CfgFolder" not in kinds_of(content)
    assert {call[0] for call in gateway.calls} == {"list"}


def test_classes_that_are_not_needed_are_not_read():
    assert "CfgScript" not in kinds_of(validated_solution({"tenant": "Environment"}))
    assert "CfgScript" in kinds_of(validated_solution({"tenant": "Environment", "interaction_queues": ["Q"]}))


def test_names_with_blanks_and_other_letters():
    gateway = world()
    content = description(1)
    content["chat_servers"][0]["name"] = "Chat Sërver №1 'a' \"b\""
    content["interaction_queues"] = ["Очередь 1"]
    content["chat_server_defaults"]["endpoints"]["webme"] = "Очередь 1"
    apply_solution(gateway, content)
    assert not plan_solution(gateway, content)[0]
    assert gateway.named("CfgScript", "Очередь 1")


def test_an_application_there_under_the_name_but_of_another_type():
    gateway = world()
    gateway.add("CfgApplication", 1, "ChatServer_1", **application("CFGGenericServer"))
    with pytest.raises(InvalidInput, match=r"chat_servers\[0\]: application 'ChatServer_1' exists and is of type CFGGenericServer, not CFGChatServer"):
        plan_solution(gateway, description(1))
