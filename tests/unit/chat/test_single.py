# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rules of the smaller modules: groups of existing pairs, any object, imported templates, and what is only read."""

from __future__ import annotations

import json

import pytest
from unit.config.fake_gateway import application, context_of, description, option_list, plan_solution, validated, world
from unit.config.fake_gateway import apply_solution as deploy

from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.any_object import config_object
from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.deployment import deployment
from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.existing_applications import applications
from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.parts.application_templates import application_template
from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.parts.contact_servers import chat_server_groups
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.apply import apply
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.errors import InvalidInput
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.plan import make_plan


def carry_out(planned):
    plan, directory = planned
    apply(plan, directory, False)


# --- chat_server_groups ---------------------------------------------------------------------------------------------------


def grouped_site():
    gateway = world()
    for number in (1, 2, 3, 4):
        gateway.add("CfgApplication", number, "U%d" % number, **application("CFGContactServer"))
    for number in (11, 12, 13):
        gateway.add("CfgApplication", number, "C%d" % (number - 10), **application("CFGChatServer"))
    return gateway


def groups(gateway=None, **given):
    params = dict({"pairs": [{"primary": "U1", "backup": "U2"}, {"primary": "U3", "backup": "U4"}], "chat_servers": None, "pins": None, "addp": None,
                   "redundancy_type": None}, **given)
    items = chat_server_groups(context_of(gateway or grouped_site()), params)
    return {item.name: sorted({path[1] for path in item.leaves if path[0] in ("backup", "connections") and path[1:]}
                              | {value for path, value in item.leaves.items() if path == ("backup",)}) for item in items}


def test_groups_pair_and_connect():
    assert groups() == {"U1": ["U2"], "U3": ["U4"], "C1": ["U1"], "C2": ["U1"], "C3": ["U3"]}
    assert groups(chat_servers=["C2"], pins={"C2": "U3"}) == {"U1": ["U2"], "U3": ["U4"], "C2": ["U3"]}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"pairs": [{"primary": "U1", "backup": None}]}, r"pairs\[0\]: primary and backup are needed; .* their number must be even"),
        ({"pairs": [{"primary": "U1", "backup": "U2"}, {"primary": "U2", "backup": "U3"}]}, "pairs: UCS 'U2' is named twice"),
        ({"chat_servers": ["C1", "C1"]}, "chat_servers: 'C1' is named twice"),
        ({"chat_servers": ["C1"], "pins": {"C2": "U1"}}, "pins: 'C2' is not one of the Chat Servers"),
        ({"pins": {"C2": "U2"}}, "which is a backup"),
        ({"chat_servers": ["U1"]}, "application 'U1' is of type CFGContactServer, and must be of type CFGChatServer"),
    ],
)
def test_wrong_groups(given, message):
    with pytest.raises(InvalidInput, match=message):
        groups(**given)


# --- config_object --------------------------------------------------------------------------------------------------------


def any_object(gateway, kind="CfgHost", name="h9", **given):
    params = dict({"type": kind, "name": name, "tenant": None, "folder": None, "properties": None, "options": None, "annex": None, "state": "present"}, **given)
    context = context_of(gateway, whole=False)
    return make_plan(context.directory, config_object(context, params)), context.directory


def test_any_object_is_created_changed_and_removed():
    gateway = world()
    content = {"properties": {"subtype": "CFGNetworkServer", "lcaport": 4999, "autorestart": True}, "annex": {"s": {"k": True}}, "folder": "Hosts"}
    carry_out(any_object(gateway, **content))
    raw = gateway.named("CfgHost", "h9")
    assert (raw["subtype"], raw["lcaport"], raw["autorestart"], raw["folderid"]) == ("CFGNetworkServer", "4999", "CFGTrue", "103")
    assert raw["userproperties"] == option_list({"s": {"k": "true"}})
    assert not any_object(gateway, **content)[0]
    carry_out(any_object(gateway, properties={"lcaport": 5000}, annex={"s": {"k": None}}))
    raw = gateway.named("CfgHost", "h9")
    assert (raw["lcaport"], raw["userproperties"], raw["subtype"]) == ("5000", option_list(), "CFGNetworkServer")
    carry_out(any_object(gateway, state="absent"))
    assert gateway.named("CfgHost", "h9") is None
    assert not any_object(gateway, state="absent")[0]


def test_an_object_within_a_tenant():
    gateway = world()
    for tenant in ("Environment", "Sales"):
        carry_out(any_object(gateway, "CfgSkill", "chat", tenant=tenant))
    assert sorted(raw["tenantdbid"] for raw in gateway.objects["CfgSkill"].values()) == ["1", "101"]
    with pytest.raises(InvalidInput, match="2 objects of class CfgSkill named 'chat': say which tenant is meant"):
        any_object(gateway, "CfgSkill", "chat")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"kind": "Host"}, "type must be the name of a configuration class"),
        ({"properties": {"resources": []}}, "properties: 'resources' must be a single value"),
        ({"properties": {"dbid": 5}}, "properties: 'dbid' can't be given here"),
        ({"properties": {"name": "x"}}, "properties: 'name' can't be given here"),
        ({"properties": {"userproperties": "x"}}, "properties: 'userproperties' can't be given here"),
        ({"properties": {5: []}}, "properties: '5' must be a single value"),
        ({"folder": "Nowhere"}, "folder: no folder is named 'Nowhere'"),
        ({"name": ""}, "must not be empty"),
        ({"options": {"s": {"k": 1}}}, "options: objects of class CfgHost have none"),
        ({"kind": "CfgSkill"}, "tenant: needed to create an object of class CfgSkill"),
        ({"kind": "CfgScript", "tenant": "Nowhere"}, "there is no tenant named 'Nowhere'"),
    ],
)
def test_wrong_objects(given, message):
    with pytest.raises(InvalidInput, match=message):
        any_object(world(), **given)


# --- application_template -------------------------------------------------------------------------------------------------


def template(gateway, tmp_path, content, **given):
    gateway.import_template = lambda path: json.loads(content) if content else None
    (tmp_path / "x.apd").write_text("whatever")
    params = dict({"name": None, "src": str(tmp_path / "x.apd"), "folder": None, "state": "present"}, **given)
    context = context_of(gateway, whole=False)
    return make_plan(context.directory, application_template(context, params)), context.directory


PARSED = json.dumps({"dbid": "7", "folderid": "1", "name": "Chat Server 8.5.4", "subtype": "CFGChatServer", "version": "8.5.4", "secretfield": {"deep": 1},
                     "options": option_list({"log": {"verbose": "all"}})})


def test_a_template_is_created_with_all_that_gax_found_in_the_file(tmp_path):
    gateway = world()
    carry_out(template(gateway, tmp_path, PARSED, folder="Application Templates"))
    raw = gateway.named("CfgAppPrototype", "Chat Server 8.5.4")
    assert (raw["subtype"], raw["version"], raw["secretfield"], raw["folderid"]) == ("CFGChatServer", "8.5.4", {"deep": 1}, "101")
    assert raw["options"] == option_list({"log": {"verbose": "all"}})
    assert raw["dbid"] != "7"
    assert not template(gateway, tmp_path, PARSED)[0]


def test_a_template_under_a_name_of_the_users(tmp_path):
    gateway = world()
    carry_out(template(gateway, tmp_path, PARSED, name="Mine"))
    assert gateway.named("CfgAppPrototype", "Mine")
    assert not template(gateway, tmp_path, None, name="Mine", src="/nowhere")[0], "one that is there is not parsed again"


@pytest.mark.parametrize(
    ("content", "given", "message"),
    [
        (PARSED, {"src": "/nowhere/x.apd"}, "src: the file '/nowhere/x.apd' does not exist or can't be read"),
        (PARSED, {"src": None}, "src: the file '' does not exist"),
        (PARSED, {"folder": "Nowhere"}, "no folder is named 'Nowhere'"),
        ("{}", {}, "src: GAX found no application template"),
        ("[]", {}, "src: GAX found no application template"),
        (None, {}, "src: GAX found no application template"),
        (PARSED.replace("Chat Server 8.5.4", "Chat Server 8.5.3"), {}, "the template 'Chat Server 8.5.3' exists as CFGChatServer 8.5.311.06, and the file has"),
        (PARSED, {"state": "absent"}, "name: needed to remove a template"),
    ],
)
def test_wrong_templates(tmp_path, content, given, message):
    gateway = world()
    with pytest.raises(InvalidInput, match=message):
        template(gateway, tmp_path, content, **given)
    assert gateway.writes() == []


def test_a_template_removed(tmp_path):
    (change,) = template(world(), tmp_path, None, name="Chat Server 8.5.3", state="absent")[0].changes
    assert (change.action, change.name) == ("delete", "Chat Server 8.5.3")


def test_a_template_of_the_solution_can_be_used_in_it(tmp_path):
    gateway = world()
    gateway.import_template = lambda path: json.loads(PARSED)
    (tmp_path / "x.apd").write_text("whatever")
    content = description(1, application_templates=[{"name": "Chat Server 8.5.4", "src": str(tmp_path / "x.apd")}])
    content["chat_server_defaults"]["application_template"] = "Chat Server 8.5.4"
    plan, directory = plan_solution(gateway, content)
    assert [change.name for change in plan.changes].index("Chat Server 8.5.4") < [change.name for change in plan.changes].index("ChatServer_1")
    apply(plan, directory, False)
    assert gateway.named("CfgApplication", "ChatServer_1")["appprototypedbid"] == gateway.named("CfgAppPrototype", "Chat Server 8.5.4")["dbid"]


# --- what is read -----------------------------------------------------------------------------------------------------------


def shown(gateway, **given):
    return applications(context_of(gateway), dict({"names": None, "types": None, "host": None}, **given))


def test_an_application_with_its_surroundings():
    gateway = world()
    deploy(gateway, description(1))
    result = shown(gateway, names=["UCS_2"])
    (item,) = result["applications"]
    assert (item["name"], item["primary"], item["clients"], item["host"], item["address"]) == ("UCS_2", "UCS_1", [], "chat4", "192.0.2.4")
    assert (item["ports"], item["tenants"], item["type"]) == ({"default": 5100}, ["Environment"], "CFGContactServer")
    assert result["hosts"]["chat1"] == {"dbid": 301, "address": "192.0.2.1", "lca_port": 4999, "operating_system": "CFGRedHatLinux"}
    (item,) = shown(gateway, types=["CFGChatServer"])["applications"]
    assert item["clients"] == ["IXN_1"]
    assert {"server": "IXN_1", "port": "default", "protocol": "addp", "local_timeout": 11, "remote_timeout": 12, "trace": "both"} in item["connections"]
    assert [item["name"] for item in shown(gateway, host="chat1")["applications"]] == ["ChatServer_1", "IXN_1", "MessageServer", "confserv"]


@pytest.mark.parametrize(
    ("given", "message"), [({"names": ["x"]}, "names: there is no application named 'x'"), ({"host": "x"}, "host: there is no host named 'x'")])
def test_what_is_not_there_is_not_shown(given, message):
    with pytest.raises(InvalidInput, match=message):
        shown(world(), **given)


def deploying(gateway, content, **given):
    return deployment(context_of(gateway), dict({"solution": validated(content), "hosts": None, "packages": None}, **given))


def test_what_has_to_be_installed_where_before_and_after_it_is_configured():
    gateway = world()
    before = deploying(gateway, description(2))
    assert [(item["name"], item["role"], item["host"], item["address"], item["dbid"]) for item in before["applications"]] == [
        ("UCS_1", "contact_server", "chat3", "192.0.2.3", 0), ("UCS_2", "contact_server", "chat4", "192.0.2.4", 0),
        ("IXN_1", "interaction_server", "chat1", "192.0.2.1", 0), ("ChatServer_1", "chat_server", "chat1", "192.0.2.1", 0),
        ("ChatServer_2", "chat_server", "chat2", "192.0.2.2", 0)]
    assert before["hosts"] == ["chat1", "chat2", "chat3", "chat4"]
    deploy(gateway, description(2))
    after = deploying(gateway, description(2))
    assert all(item["dbid"] > 200 for item in after["applications"])
    known = ("name", "role", "type", "host", "ports", "startup_timeout")
    assert [[item[key] for key in known] for item in after["applications"]] == [[item[key] for key in known] for item in before["applications"]]
    assert [{entry["name"] for entry in item["on_host"]} for item in after["applications"]] == [
        {entry["name"] for entry in item["on_host"]} for item in before["applications"]]
    chat = after["applications"][3]
    assert chat["ports"] == {"default": 4580, "webapi": 4581, "ESP": 4582}
    assert {item["name"] for item in chat["on_host"]} == {"IXN_1", "ChatServer_1", "confserv", "MessageServer"}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"hosts": ["chat1", "chat2", "chat3"]}, "application 'UCS_2' belongs on host 'chat4', and no host of the inventory stands for that Host object"),
        ({"packages": {"contact_server": {"src": "x"}}}, "packages: no installation package is given for interaction_server, which 'IXN_1' needs"),
    ],
)
def test_what_can_not_be_installed(given, message):
    with pytest.raises(InvalidInput, match=message):
        deploying(world(), description(1), **given)


def test_an_application_without_a_host():
    gateway = world()
    deploy(gateway, description(1))
    gateway.named("CfgApplication", "ChatServer_1")["hostdbid"] = "0"
    content = description(1)
    del content["chat_servers"][0]["host"]
    with pytest.raises(InvalidInput, match="application 'ChatServer_1' has no host: it can't be installed"):
        deploying(gateway, content)


def test_servers_that_are_only_named_are_not_installed():
    gateway = world()
    deploy(gateway, description(1))
    content = description(1, interaction_servers=["IXN_1"], contact_servers={"pairs": [{"primary": "UCS_1", "backup": "UCS_2"}]})
    assert [item["name"] for item in deploying(gateway, content)["applications"]] == ["ChatServer_1"]


@pytest.mark.parametrize("there", [False, True])
def test_the_installers_own_application_is_looked_for(there):
    gateway = world()
    if there:
        gateway.add("CfgApplication", 7, "ITCUtility", **application("CFGITCUtility"))
    assert deploying(gateway, description(1))["install_time_utility"] is there


def chat_server_of(result, name="ChatServer_1"):
    return next(item for item in result["applications"] if item["name"] == name)


@pytest.mark.parametrize(
    ("options", "file", "outputs"),
    [
        ({}, "", ""),
        ({"all": "chat"}, "chat", "all = chat"),
        ({"all": " stdout , /logs/chat one ,network", "standard": "other"}, "/logs/chat one", "all = stdout , /logs/chat one ,network, standard = other"),
        ({"all": "stdout, stderr, network, memory", "standard": "network,std"}, "std", "all = stdout, stderr, network, memory, standard = network,std"),
        ({"trace": "deep", "interaction": "ixn"}, "ixn", "interaction = ixn, trace = deep"),
        ({"alarm": "alarms", "x-all": "chat"}, "", ""),
        ({"all": "chat", "verbose": "none"}, "", "verbose = none, all = chat"),
        ({"all": "chat", "verbose": "standard"}, "chat", "verbose = standard, all = chat"),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else None,
)
def test_the_log_file_of_an_application(options, file, outputs):
    gateway = world()
    deploy(gateway, description(1))
    gateway.named("CfgApplication", "ChatServer_1")["options"] = option_list({"log": options})
    told = chat_server_of(deploying(gateway, description(1)))
    assert (told["log_file"], told["log_outputs"]) == (file, outputs)


def test_described_log_options_go_before_existing_ones():
    gateway = world()
    deploy(gateway, description(1))
    gateway.named("CfgApplication", "ChatServer_1")["options"] = option_list({"log": {"all": "old", "standard": "std"}})
    content = description(1)
    content["chat_servers"][0]["options"] = {"log": {"all": "new"}}
    assert chat_server_of(deploying(gateway, content))["log_file"] == "new"
    content["chat_servers"][0]["options"] = {"log": {"all": None}}
    assert chat_server_of(deploying(gateway, content))["log_file"] == "std"


def test_the_pair_of_each_chat_server_before_and_after_it_is_configured():
    gateway = world()
    expected = [("ChatServer_1", [{"primary": "UCS_1", "backup": "UCS_2"}])]
    for _time in range(2):
        result = deploying(gateway, description(1))
        assert [(item["name"], item["contact_servers"]) for item in result["applications"] if item["role"] == "chat_server"] == expected
        assert all(item["contact_servers"] == [] for item in result["applications"] if item["role"] != "chat_server")
        assert result["contact_servers"] == ["UCS_1", "UCS_2"]
        deploy(gateway, description(1))


def test_a_chat_server_that_is_to_be_moved_belongs_to_its_new_pair():
    gateway = world()
    deploy(gateway, description(1))
    gateway.add("CfgApplication", 90, "UCS_9", **application("CFGContactServer"))
    content = description(1, contact_servers=None)
    content["chat_servers"][0]["contact_server"] = "UCS_9"
    result = deploying(gateway, content)
    assert chat_server_of(result)["contact_servers"] == [{"primary": "UCS_9", "backup": None}]
    assert result["contact_servers"] == ["UCS_1", "UCS_2", "UCS_9"]


def test_the_backup_of_a_chat_server_has_no_pair_of_its_own():
    gateway = world()
    deploy(gateway, description(2))
    backup = gateway.named("CfgApplication", "ChatServer_2")
    gateway.named("CfgApplication", "ChatServer_1")["backupserverdbid"] = backup["dbid"]
    backup["appservers"] = gateway.named("CfgApplication", "ChatServer_1")["appservers"]
    result = deploying(gateway, description(2))
    assert [chat_server_of(result, name)["contact_servers"] for name in ("ChatServer_1", "ChatServer_2")] == [[{"primary": "UCS_1", "backup": "UCS_2"}], []]
