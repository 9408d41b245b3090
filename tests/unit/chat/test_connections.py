# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Connections between servers: addp by default, settings that are there kept, removals only with permission."""

from __future__ import annotations

import pytest
from unit.config.fake_gateway import application, connection, context_of, world

from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.connection import NO_ADDP, connect, disconnect, disconnect_all
from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.parts.gms import gms_link
from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.parts.interaction_servers import esp_link
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.compare import edits
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.desired import Desired
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.directory import ConfigObject
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.errors import InvalidInput

THERE = (1, "default", "addp", 21, 22, "CFGTMLocal")
SETTINGS = {"protocol": "addp", "local_timeout": 21, "remote_timeout": 22, "trace": "local"}
WITHOUT = (1, "default", "", 0, 0, "CFGTMNoTraceMode")
PAGE_DEFAULT = {"protocol": "addp", "local_timeout": 10, "remote_timeout": 10, "trace": "both"}


def site(*links):
    """A world with a server S (ports default, ESP) and a client C with these connections."""
    gateway = world()
    gateway.add("CfgApplication", 1, "S", **application(ports={"default": 1, "ESP": 2}))
    gateway.add("CfgApplication", 2, "C", **application(connections=links))
    return gateway


def after(gateway, addp, port="default", name="C"):
    """Return the attributes of the connection C -> S as they will be, and whether anything changes."""
    context = context_of(gateway)
    item = Desired("CfgApplication", name)
    connect(context, item, "S", port, addp, "here")
    found = context.directory.find("CfgApplication", name)
    current = item.type.decode(found.raw, context.directory, ["connections"]) if found else {}
    changes = edits(current, item.leaves, item.absent)
    state = {**current, **{path: new for path, (_old, new) in changes.items()}}
    return {path[3]: value for path, value in state.items() if path[:3] == ("connections", "S", port) and value is not None}, bool(changes)


@pytest.mark.parametrize(
    ("links", "addp", "expected", "changes"),
    [
        # a new connection
        ((), None, PAGE_DEFAULT, True),
        ((), {"enabled": True}, PAGE_DEFAULT, True),
        ((), {"local_timeout": 33}, dict(PAGE_DEFAULT, local_timeout=33), True),
        ((), {"enabled": True, "local_timeout": None, "remote_timeout": 5, "trace": "none"}, dict(PAGE_DEFAULT, remote_timeout=5, trace="none"), True),
        ((), NO_ADDP, {"protocol": ""}, True),
        # one that is there, with addp
        ([THERE], None, SETTINGS, False),
        ([THERE], {"enabled": True}, SETTINGS, False),
        ([THERE], {"trace": "both"}, dict(SETTINGS, trace="both"), True),
        ([THERE], NO_ADDP, {"protocol": ""}, True),
        # one that is there, without
        ([WITHOUT], None, {"protocol": ""}, False),
        ([WITHOUT], NO_ADDP, {"protocol": ""}, False),
        ([WITHOUT], {"enabled": True}, PAGE_DEFAULT, True),
        ([WITHOUT], {"local_timeout": 7}, dict(PAGE_DEFAULT, local_timeout=7), True),
        # one to another port does not count
        ([(1, "ESP", "addp", 21, 22, "CFGTMLocal")], None, PAGE_DEFAULT, True),
    ],
)
def test_addp(links, addp, expected, changes):
    assert after(site(*links), addp) == (expected, changes)


def test_a_client_that_is_only_planned():
    gateway = site()
    context = context_of(gateway)
    context.directory.expect("CfgApplication", "New", {})
    item = Desired("CfgApplication", "New")
    connect(context, item, "S", "ESP", None, "here")
    assert {path[3]: value for path, value in item.leaves.items()} == PAGE_DEFAULT


def test_the_same_connection_described_twice_in_two_ways():
    item = Desired("CfgApplication", "C")
    context = context_of(site())
    connect(context, item, "S", "default", {"local_timeout": 5}, "here")
    connect(context, item, "S", "default", {"local_timeout": 5}, "here")
    for other in (NO_ADDP, {"local_timeout": 6}):
        with pytest.raises(InvalidInput, match="two parts of the description want different values of connections/S/default/"):
            connect(context, item, "S", "default", other, "here")


@pytest.mark.parametrize(
    ("server", "port", "message"),
    [
        ("S", "webapi", "here: application 'S' has no port with id 'webapi'$"),
        ("S", "esp", r"here: application 'S' has no port with id 'esp'; did you mean 'ESP'\?"),
        ("s", "ESP", r"here: there is no application named 's'; did you mean 'S'\?"),
    ],
)
def test_a_port_or_server_that_is_not_there(server, port, message):
    context = context_of(site())
    context.directory.all("CfgApplication")
    with pytest.raises(InvalidInput, match=message):
        connect(context, Desired("CfgApplication", "C"), server, port, None, "here")


@pytest.mark.parametrize(
    ("raw", "ids"),
    [({"portinfos": {"portinfo": [{"id": "ESP", "port": "1"}]}, "port": "5"}, {"ESP"}), ({"port": "5"}, {"default"}), ({"port": 5}, {"default"}),
     ({"port": "0"}, set()), ({}, set())],
)
def test_a_bare_port_number_is_the_default_port(raw, ids):
    assert ConfigObject("CfgApplication", raw).port_ids == ids


# --- removal ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("directory", "installed"), [(".", False), ("", False), ("/opt/chat", True), (r"C:\GCTI", True)])
def test_an_installed_client_may_be_running(directory, installed):
    gateway = site((1,))
    gateway.objects["CfgApplication"][2]["workdirectory"] = directory
    item = Desired("CfgApplication", "C")
    if installed:
        with pytest.raises(InvalidInput, match=r"application 'C' would lose its connection to 'S' \(port 'default'\): because.*set allow_disconnect to true"):
            disconnect(context_of(gateway), item, "S", "default", "because")
    disconnect(context_of(gateway, allow_disconnect=installed), item, "S", "default", "because")
    assert item.absent == {("connections", "S", "default")}


def test_all_connections_to_one_server():
    item = Desired("CfgApplication", "C")
    disconnect_all(item, [("S", "default"), ("T", "default"), ("S", "ESP")], "S")
    assert item.absent == {("connections", "S", "default"), ("connections", "S", "ESP")}


# --- links to Chat Servers ----------------------------------------------------------------------------------------------


def linked_site():
    gateway = world()
    for number in (1, 2):
        gateway.add("CfgApplication", number, "Chat%d" % number, **application("CFGChatServer", ports={"default": 1, "webapi": 2, "ESP": 3}))
    gateway.add("CfgApplication", 3, "IXN", **application("CFGInteractionServer", connections=[(1, "ESP"), (1, "default"), (110,)]))
    gateway.add("CfgApplication", 4, "Cluster", **application("CFGApplicationCluster"))
    gateway.add("CfgApplication", 5, "GMS", **application("CFGGenericServer"))
    return gateway


def links_of(items):
    return {item.name: {(path[1], path[2]): value for path, value in item.leaves.items() if path[3:] == ("protocol",)} for item in items}


def params(**given):
    return dict({"state": "present", "chat_servers": None, "addp": None, "interaction_servers": ["IXN"], "gms": ["GMS"]}, **given)


def test_every_interaction_server_to_every_esp_port_with_addp():
    items = esp_link(context_of(linked_site()), params(interaction_servers=["IXN", "Cluster"]))
    assert links_of(items) == {"IXN": {("Chat2", "ESP"): "addp"}, "Cluster": {("Chat1", "ESP"): "addp", ("Chat2", "ESP"): "addp"}}


def test_every_gms_node_to_every_webapi_port_without_addp():
    assert links_of(gms_link(context_of(linked_site()), params())) == {"GMS": {("Chat1", "webapi"): "", ("Chat2", "webapi"): ""}}


def test_named_chat_servers_only():
    assert links_of(gms_link(context_of(linked_site()), params(chat_servers=["Chat2"]))) == {"GMS": {("Chat2", "webapi"): ""}}


@pytest.mark.parametrize(
    ("rule", "option", "given"),
    [
        (esp_link, "interaction_servers", {"interaction_servers": ["Nobody"], "chat_servers": ["Chat1"]}),
        (gms_link, "gms", {"gms": ["Nobody"], "chat_servers": ["Chat1"]}),
        (esp_link, "chat_servers", {"chat_servers": ["Nobody"]}),
        (gms_link, "chat_servers", {"chat_servers": ["Nobody"]}),
    ],
)
def test_removal_of_a_link_with_what_is_gone(rule, option, given):
    """Nothing is left to remove, but a typing error should be seen."""
    context = context_of(linked_site())
    assert not any(item.leaves or item.absent for item in rule(context, params(state="absent", **given)))
    (warning,) = context.warnings
    assert warning.startswith("%s: there is no application named 'Nobody'" % option)


def test_links_removed_on_every_port():
    (item,) = esp_link(context_of(linked_site()), params(state="absent", chat_servers=["Chat1", "Chat2"]))
    assert item.absent == {("connections", "Chat1", "ESP"), ("connections", "Chat1", "default")}


@pytest.mark.parametrize(
    ("function", "given", "message"),
    [
        (esp_link, {"state": "absent"}, "chat_servers: name the Chat Servers"),
        (esp_link, {"interaction_servers": ["GMS"]}, "application 'GMS' is of type CFGGenericServer, and must be of type CFGInteractionServer or CFGAppl"),
        (esp_link, {"chat_servers": ["IXN"]}, "chat_servers: application 'IXN' is of type CFGInteractionServer, and must be of type CFGChatServer"),
    ],
)
def test_what_is_refused(function, given, message):
    with pytest.raises(InvalidInput, match=message):
        function(context_of(linked_site()), params(**given))


def paired_site():
    """Chat2 is the backup of Chat1."""
    gateway = linked_site()
    gateway.objects["CfgApplication"][1]["backupserverdbid"] = "2"
    return gateway


def test_clients_are_connected_to_primaries_only():
    items = esp_link(context_of(paired_site()), params(interaction_servers=["Cluster"]))
    assert links_of(items) == {"Cluster": {("Chat1", "ESP"): "addp"}}
    with pytest.raises(InvalidInput, match="'Chat2' is the backup of 'Chat1'; clients are connected to the primary only"):
        gms_link(context_of(paired_site()), params(chat_servers=["Chat2"]))


def test_a_server_of_another_kind_is_no_gms_node():
    with pytest.raises(InvalidInput, match="application 'IXN' is of type CFGInteractionServer, so it is no GMS node"):
        gms_link(context_of(linked_site()), params(gms=["IXN"]))


def test_a_chat_server_without_the_port():
    gateway = linked_site()
    gateway.objects["CfgApplication"][1]["portinfos"] = {"portinfo": [{"id": "esp", "port": "3"}]}
    with pytest.raises(InvalidInput, match=r"application 'Chat1' has no port with id 'ESP'; did you mean 'esp'\?"):
        esp_link(context_of(gateway), params(interaction_servers=["Cluster"]))


def test_what_a_connection_to_a_gone_server_does_not_stop():
    gateway = linked_site()
    gateway.objects["CfgApplication"][3]["appservers"]["conninfo"].append(connection(999))
    assert links_of(esp_link(context_of(gateway), params())) == {"IXN": {("Chat2", "ESP"): "addp"}}
