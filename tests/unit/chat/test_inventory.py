# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An inventory from the Configuration Server: which hosts, groups and variables, and how many reads."""

from __future__ import annotations

import json

import pytest
from unit.config.fake_gateway import application, apply_solution, context_of, description, option_list, world

from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.inventory import inventory, with_statuses
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.errors import InvalidInput


@pytest.fixture
def gateway():
    """A solution: ChatServer_1 and IXN_1 on chat1, ChatServer_2 on chat2, UCS_1 and UCS_2 on chat3 and chat4; the Framework on chat1."""
    made = world()
    node = {"name": "GMS_1", "host": "chat2", "application_template": "Genesys Mobile Services 8.5.2", "ports": {"default": 8080}}
    apply_solution(made, description(gms=[node]))
    made.add("CfgHost", 311, "spare1", subtype="CFGNetworkServer", ipaddress="", ostype="CFGRedHatLinux")
    made.add("CfgHost", 312, "framework", subtype="CFGNetworkServer", ipaddress="192.0.2.12", ostype="CFGRedHatLinux")
    made.objects["CfgApplication"][110]["hostdbid"] = "312"
    made.add("CfgApplication", 190, "Generic", **application("CFGGenericServer", host=312, options={"db": {"password": "s3cret-of-a-server"}}))
    made.calls.clear()
    return made


def groups(found):
    """Return group -> hosts."""
    members: dict[str, list[str]] = {}
    for name, host in found.items():
        for group in host["groups"]:
            members.setdefault(group, []).append(name)
    return members


def test_the_groups_are_those_of_the_playbooks_the_parts_the_pairs_and_the_types(gateway):
    found = inventory(context_of(gateway), "Environment")
    servers = ["chat1", "chat2", "chat3", "chat4"]
    assert groups(found) == {
        "genesys_hosts": servers, "chat_servers": servers[:2], "contact_servers": servers[2:], "interaction_servers": ["chat1"], "gms": ["chat2"],
        "pair_UCS_1": servers[2:],
        "type_chat_server": servers[:2], "type_contact_server": servers[2:], "type_interaction_server": ["chat1"], "type_config_server": ["chat1"],
        # Another server of the type that a GMS node has is no GMS node.
        "type_generic_server": ["chat2", "framework"], "type_message_server": ["framework"],
    }


def test_each_class_is_read_once_and_nothing_is_written(gateway):
    inventory(context_of(gateway), "Environment")
    assert sorted((verb, kind) for verb, kind, _name in gateway.calls) == [("list", "CfgApplication"), ("list", "CfgHost"), ("list", "CfgTenant")]


def test_the_variables_tell_what_is_on_a_host_and_no_option(gateway):
    gateway.named("CfgApplication", "ChatServer_1")["options"] = option_list({"db": {"password": "s3cret-of-a-server"}})
    found = inventory(context_of(gateway), None)
    assert "s3cret" not in json.dumps(found)
    variables = found["chat4"]["variables"]
    (backup,) = variables.pop("genesys_applications")
    assert variables == {
        "ansible_host": "192.0.2.4", "genesys_host": "chat4", "genesys_host_address": "192.0.2.4", "genesys_operating_system": "CFGRedHatLinux",
        "genesys_roles": ["contact_server"], "genesys_versions": {"contact_server": ["9.1.000.12"]},
    }
    assert backup == {
        "name": "UCS_2", "type": "CFGContactServer", "role": "contact_server", "version": "9.1.000.12", "installed": False, "working_directory": ".",
        "ports": {"default": 5100}, "tenants": ["Environment"], "primary": "UCS_1", "backup": "", "status": "",
    }
    assert [item["backup"] for item in found["chat3"]["variables"]["genesys_applications"]] == ["UCS_2"]


def test_the_servers_of_another_tenant_are_left_out(gateway):
    gateway.named("CfgApplication", "ChatServer_2")["tenantdbids"] = {"id": [{"dbid": "101"}]}
    assert groups(inventory(context_of(gateway), "Environment"))["chat_servers"] == ["chat1"]
    assert groups(inventory(context_of(gateway), "Sales"))["genesys_hosts"] == ["chat2"]
    assert groups(inventory(context_of(gateway), None))["chat_servers"] == ["chat1", "chat2"]
    with pytest.raises(InvalidInput, match=r"tenant: there is no tenant named 'Enviroment'; did you mean 'Environment'\?"):
        inventory(context_of(gateway), "Enviroment")


def test_further_hosts_are_there_before_anything_is_on_them(gateway):
    assert "spare1" not in inventory(context_of(gateway), None)
    found = inventory(context_of(gateway), None, ["spare*", "framework"])
    assert {"spare1", "framework"} <= set(groups(found)["genesys_hosts"])
    assert found["spare1"]["variables"]["genesys_applications"] == [] and "ansible_host" not in found["spare1"]["variables"]
    with pytest.raises(InvalidInput, match=r"further_hosts: no Host object is named 'framewrok'; did you mean 'framework'\?"):
        inventory(context_of(gateway), None, ["framewrok"])


def test_statuses_are_noted_where_they_are_known(gateway):
    found = inventory(context_of(gateway), None)
    with_statuses(found, {"ChatServer_1": "RUNNING"})
    assert {item["name"]: item["status"] for item in found["chat1"]["variables"]["genesys_applications"]} == {
        "ChatServer_1": "RUNNING", "IXN_1": "", "confserv": ""}
