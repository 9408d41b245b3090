# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bad input: a message that names the option and the rule, no traceback, and nothing written."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml
from integration.configured_site import CHAT_TEMPLATE, CONTACT_TEMPLATE, Site, fails_well, solution

from ansible_collections.genesys_engage.chat.plugins.doc_fragments.parts import ModuleDocFragment

ROOT = Path(__file__).resolve().parents[2]

NEW: dict[str, Any] = {
    "name": "ChatServer_9",
    "application_template": CHAT_TEMPLATE,
    "host": "chat1",
    "tenants": ["Environment"],
    "ports": {"default": 4680, "webapi": 4681, "ESP": 4682},
    "endpoints": {"default": "Chat_In"},
    "interaction_servers": ["IXN_1"],
    "contact_server": "UCS_1",
}


def new(**changes: Any) -> dict[str, Any]:
    """Return the arguments for a new Chat Server, some replaced; None takes one out."""
    return {key: value for key, value in {**NEW, **changes}.items() if value is not None}


def ports(**changes: Any) -> dict[str, Any]:
    return {key: value for key, value in {**NEW["ports"], **changes}.items() if value != "out"}


def case(title: str, module: str, /, *words: str, **arguments: Any) -> Any:
    return pytest.param(module, words, arguments, id=title)


CHAT_SERVER_CASES = [
    case("no such template", "chat_server_app", "application_template", "Chat Server 9", **new(application_template="Chat Server 9")),
    case(
        "template of another type", "chat_server_app", "application_template", CONTACT_TEMPLATE, "CFGChatServer", **new(application_template=CONTACT_TEMPLATE)
    ),
    case("no template", "chat_server_app", "ChatServer_9", "application_template", **new(application_template=None)),
    case("template changed", "chat_server_app", "application_template", "only when", name="ChatServer_1", application_template=CONTACT_TEMPLATE),
    case("no such host", "chat_server_app", "host", "'chat77'", **new(host="chat77")),
    case("no host", "chat_server_app", "ChatServer_9", "host", **new(host=None)),
    case("no such tenant", "chat_server_app", "tenants", "'Nowhere'", **new(tenants=["Nowhere"])),
    case("no tenant", "chat_server_app", "tenants", "ChatServer_9", **new(tenants=None)),
    case("empty list of tenants", "chat_server_app", "tenants", "ChatServer_9", **new(tenants=[])),
    case("no such folder", "chat_server_app", "folder", "'Applications/Nowhere'", **new(folder="Applications/Nowhere")),
    case("no ports", "chat_server_app", "port", "'default'", "'webapi'", "'ESP'", **new(ports=None)),
    case("no ESP port", "chat_server_app", "port", "'ESP'", **new(ports=ports(ESP="out"))),
    case("health needed for KPI", "chat_server_app", "'health'", "KPI", **new(kpi_over_rest=True)),
    case("health needed on what exists", "chat_server_app", "'health'", "KPI", name="ChatServer_0", kpi_over_rest=True),
    case("esp", "chat_server_app", "ports", "'esp'", "'ESP'", **new(ports=ports(ESP="out", esp=4682))),
    case("WebAPI", "chat_server_app", "ports", "'WebAPI'", "'webapi'", **new(ports=ports(webapi="out", WebAPI=4681))),
    case("Default", "chat_server_app", "ports", "'Default'", "'default'", **new(ports=ports(default="out", Default=4680))),
    case("Health beside health", "chat_server_app", "ports", "'Health'", "'health'", **new(ports=ports(Health=4684))),
    case("ESP with a blank", "chat_server_app", "ports", "'ESP '", "'ESP'", **new(ports={**ports(ESP="out"), "ESP ": 4682})),
    case("near miss on what exists", "chat_server_app", "ports", "'esp'", "'ESP'", name="ChatServer_1", ports={"esp": 4999}),
    case("port number twice", "chat_server_app", "ports", "4680", "default", "webapi", **new(ports=ports(webapi=4680))),
    case("port number of another id that stays", "chat_server_app", "ports", "4580", "default", name="ChatServer_1", ports={"webapi": 4580}),
    case("port 0", "chat_server_app", "ports", "'ESP'", "65535", "'0'", **new(ports=ports(ESP=0))),
    case("port 65536", "chat_server_app", "ports", "'ESP'", "65535", "'65536'", **new(ports=ports(ESP=65536))),
    case("negative port", "chat_server_app", "ports", "'ESP'", "'-1'", **new(ports=ports(ESP=-1))),
    case("port is a word", "chat_server_app", "ports", "'ESP'", "'high'", **new(ports=ports(ESP="high"))),
    case("port is a superscript", "chat_server_app", "ports", "'ESP'", "'²'", **new(ports=ports(ESP="²"))),
    case("port is a list", "chat_server_app", "ports", "'ESP'", **new(ports=ports(ESP=[1]))),
    case("port is true", "chat_server_app", "ports", "'ESP'", **new(ports=ports(ESP=True))),
    case("port has no number", "chat_server_app", "ports", "'ESP'", **new(ports=ports(ESP=None))),
    case("port has a fraction", "chat_server_app", "ports", "'ESP'", "4682.5", **new(ports=ports(ESP=4682.5))),
    case("port without an id", "chat_server_app", "ports", "empty", **new(ports={**ports(), "": 4690})),
    case("no endpoints", "chat_server_app", "'default'", "endpoint", "'Environment'", **new(endpoints=None)),
    case("no default endpoint", "chat_server_app", "default", "endpoint", "'Environment'", **new(endpoints={"webme": "Chat_In"})),
    case("empty default endpoint", "chat_server_app", "endpoints", "'default'", "Interaction Queue", **new(endpoints={"default": ""})),
    case("blank default endpoint", "chat_server_app", "endpoints", "'default'", "Interaction Queue", **new(endpoints={"default": "  "})),
    case("default endpoint is null", "chat_server_app", "endpoints", "'default'", "Interaction Queue", **new(endpoints={"default": None})),
    case("default endpoint taken away", "chat_server_app", "default endpoint", "Environment", name="ChatServer_1", options={"endpoints:1": {"default": None}}),
    case("default endpoint emptied", "chat_server_app", "default endpoint", "Environment", name="ChatServer_1", options={"endpoints:1": {"default": ""}}),
    case("endpoint without a name", "chat_server_app", "endpoint", "empty", **new(endpoints={"default": "Chat_In", "": "Chat_In"})),
    case("second tenant without default", "chat_server_app", "default", "'Sales'", **new(tenants=["Environment", "Sales"])),
    case("tenant added without default", "chat_server_app", "default", "'Sales'", name="ChatServer_1", tenants=["Sales"]),
    case(
        "endpoints of a tenant that is not served",
        "chat_server_app",
        "tenant",
        "'Sales'",
        "does not serve",
        **new(tenant_endpoints={"Sales": {"default": "Sales_In"}}),
    ),
    case("endpoints of no tenant", "chat_server_app", "tenant_endpoints", "'Nowhere'", **new(tenant_endpoints={"Nowhere": {"default": "Chat_In"}})),
    case("tenant_endpoints not a mapping", "chat_server_app", "tenant_endpoints", "'Environment'", **new(tenant_endpoints={"Environment": "Chat_In"})),
    case("no such queue", "chat_server_app", "endpoints", "'default'", "'Chat_Out'", "Interaction Queue", **new(endpoints={"default": "Chat_Out"})),
    case("queue is a strategy", "chat_server_app", "endpoints", "'Legacy_Strategy'", "Interaction Queue", **new(endpoints={"default": "Legacy_Strategy"})),
    case("queue of another tenant", "chat_server_app", "endpoints", "'Sales_In'", "'Sales'", "'Environment'", **new(endpoints={"default": "Sales_In"})),
    case("queue is a list", "chat_server_app", "endpoints", "'default'", **new(endpoints={"default": ["Chat_In"]})),
    case("queue differs by case", "chat_server_app", "endpoints", "'chat_in'", **new(endpoints={"default": "chat_in"})),
    case("no such Interaction Server", "chat_server_app", "interaction_servers", "'IXN_9'", **new(interaction_servers=["IXN_9"])),
    case(
        "Interaction Server of another type", "chat_server_app", "interaction_servers", "'UCS_1'", "CFGInteractionServer", **new(interaction_servers=["UCS_1"])
    ),
    case("no Interaction Server", "chat_server_app", "ChatServer_9", "Interaction Server", **new(interaction_servers=None)),
    case("no such UCS", "chat_server_app", "contact_server", "'UCS_9'", **new(contact_server="UCS_9")),
    case("UCS of another type", "chat_server_app", "contact_server", "'IXN_1'", "CFGContactServer", **new(contact_server="IXN_1")),
    case("no UCS", "chat_server_app", "ChatServer_9", "Universal Contact Server", **new(contact_server=None)),
    case("backup UCS", "chat_server_app", "contact_server", "'UCS_2'", "backup", "'UCS_1'", **new(contact_server="UCS_2")),
    case(
        "backup UCS as a connection",
        "chat_server_app",
        "connections[0]",
        "'UCS_2'",
        "contact_server",
        **new(contact_server=None, connections=[{"server": "UCS_2"}]),
    ),
    case("two UCS", "chat_server_app", "connections[0]", "'UCS_3'", "no other", **new(connections=[{"server": "UCS_3"}])),
    case("two UCS on what exists", "chat_server_app", "connections[0]", "'UCS_3'", "no other", name="ChatServer_1", connections=[{"server": "UCS_3"}]),
    case("message_server of another type", "chat_server_app", "message_server", "'IXN_1'", "CFGMessageServer", **new(message_server="IXN_1")),
    case("configuration_server of another type", "chat_server_app", "configuration_server", "CFGConfigServer", **new(configuration_server="MessageServer")),
    case("connection to nobody", "chat_server_app", "connections", "'Nobody'", **new(connections=[{"server": "Nobody"}])),
    case(
        "connection to no port",
        "chat_server_app",
        "connections",
        "'IXN_1'",
        "'Default'",
        "'default'",
        **new(connections=[{"server": "IXN_1", "port": "Default"}]),
    ),
    case("addp time-out negative", "chat_server_app", "addp", "local_timeout", "-1", **new(addp={"local_timeout": -1})),
    case("unknown trace", "chat_server_app", "trace", "everything", **new(addp={"trace": "everything"})),
    case("options not in sections", "chat_server_app", "options", "'limit-for-sessions'", **new(options={"limit-for-sessions": 5})),
    case("option is a list", "chat_server_app", "options", "settings/limit-for-sessions", **new(options={"settings": {"limit-for-sessions": [5]}})),
    case("section without a name", "chat_server_app", "options", "empty", **new(options={"": {"a": "b"}})),
    case("option without a name", "chat_server_app", "annex", "empty", **new(annex={"section": {"": "b"}})),
    case("time-out negative", "chat_server_app", "startup_timeout", "-5", **new(startup_timeout=-5)),
    case(
        "option said twice",
        "chat_server_app",
        "settings/hide-attached-data",
        "'true'",
        "'false'",
        **new(log_privacy={"hide_attached_data": True}, options={"settings": {"hide-attached-data": False}}),
    ),
    case(
        "option wanted and removed",
        "chat_server_app",
        "settings/hide-attached-data",
        **new(log_privacy={"hide_attached_data": True}, options={"settings": {"hide-attached-data": None}}),
    ),
    case("log_privacy is another word", "chat_server_app", "log_privacy", "'private'", "'secret'", **new(log_privacy="secret")),
    case("log_privacy is a number", "chat_server_app", "log_privacy", **new(log_privacy=5)),
    case("log_privacy with an unknown key", "chat_server_app", "log_privacy", "hide", **new(log_privacy={"hide": True})),
    case("log_privacy with a wrong type", "chat_server_app", "log_privacy", "hide_attached_data", **new(log_privacy={"hide_attached_data": "perhaps"})),
    case(
        "strict range",
        "chat_server_app",
        "settings/message-log-print-size",
        "7000",
        "7001",
        strict_ranges=True,
        **new(log_privacy={"message_log_print_size": 7001}),
    ),
    case("name is another application's", "chat_server_app", "'UCS_1'", "CFGContactServer", "CFGChatServer", **new(name="UCS_1")),
    case("empty name", "chat_server_app", "name", "empty", **new(name="")),
    case("host of a server with clients", "chat_server_app", "host", "ChatServer_1", "IXN_1", "GMS_1", name="ChatServer_1", host="chat2"),
    case("removal of a server with clients", "chat_server_app", "ChatServer_1", "IXN_1", "GMS_1", name="ChatServer_1", state="absent"),
    case("removal of another type", "chat_server_app", "name", "'UCS_1'", "CFGChatServer", name="UCS_1", state="absent"),
    case("unknown option of the module", "chat_server_app", "endpoint_s", **new(endpoint_s={})),
]

ENDPOINT: dict[str, Any] = {"chat_servers": ["ChatServer_1", "ChatServer_2"], "tenant": "Environment", "endpoint": "webme", "queue": "Chat_In"}
OTHER_CASES = [
    case("endpoint: no such Chat Server", "chat_endpoint", "chat_servers", "'ChatServer_9'", **{**ENDPOINT, "chat_servers": ["ChatServer_1", "ChatServer_9"]}),
    case("endpoint: no Chat Server named", "chat_endpoint", "chat_servers", "no Chat Server is named", **{**ENDPOINT, "chat_servers": []}),
    case("endpoint: not a Chat Server", "chat_endpoint", "chat_servers", "'UCS_1'", "CFGChatServer", **{**ENDPOINT, "chat_servers": ["UCS_1"]}),
    case("endpoint: no such tenant", "chat_endpoint", "tenant", "'Nowhere'", **{**ENDPOINT, "tenant": "Nowhere"}),
    case("endpoint: tenant not served", "chat_endpoint", "'Sales'", "ChatServer_1", "serve", **{**ENDPOINT, "tenant": "Sales", "queue": "Sales_In"}),
    case("endpoint: no such queue", "chat_endpoint", "'webme'", "'Chat_Out'", **{**ENDPOINT, "queue": "Chat_Out"}),
    case("endpoint: queue of another tenant", "chat_endpoint", "'webme'", "'Sales_In'", "'Sales'", "'Environment'", **{**ENDPOINT, "queue": "Sales_In"}),
    case("endpoint: queue is a strategy", "chat_endpoint", "'Legacy_Strategy'", "Interaction Queue", **{**ENDPOINT, "queue": "Legacy_Strategy"}),
    case("endpoint: no queue", "chat_endpoint", "queue", **{key: value for key, value in ENDPOINT.items() if key != "queue"}),
    case("endpoint: empty queue", "chat_endpoint", "'webme'", "Interaction Queue", **{**ENDPOINT, "queue": ""}),
    case("endpoint: empty name", "chat_endpoint", "endpoint", "empty", **{**ENDPOINT, "endpoint": ""}),
    case("endpoint: default removed", "chat_endpoint", "default endpoint", "Environment", **{**ENDPOINT, "endpoint": "default", "state": "absent"}),
    case("pair: no backup", "ucs_pair", "backup", "even", primary="UCS_1"),
    case("pair: with itself", "ucs_pair", "'UCS_1'", "own backup", primary="UCS_1", backup="UCS_1"),
    case("pair: no such UCS", "ucs_pair", "'UCS_9'", primary="UCS_1", backup="UCS_9"),
    case("pair: not a UCS", "ucs_pair", "'IXN_1'", "CFGContactServer", primary="IXN_1", backup="UCS_2"),
    case("pair: backup of another", "ucs_pair", "'UCS_4'", "'UCS_3'", "one primary", primary="UCS_1", backup="UCS_4"),
    case("pair: primary is a backup", "ucs_pair", "'UCS_2'", "'UCS_1'", primary="UCS_2", backup="UCS_5"),
    case("pair: backup has a backup", "ucs_pair", "'UCS_6'", "backup of its own", primary="UCS_5", backup="UCS_6"),
    case("pair: Chat Servers are connected to the backup", "ucs_pair", "backup", "'UCS_8'", "ChatServer_0", primary="UCS_5", backup="UCS_8"),
    case("pair: dissolving another", "ucs_pair", "'UCS_1'", "'UCS_2'", "'UCS_4'", primary="UCS_1", backup="UCS_4", state="absent"),
    case("groups: no such Chat Server", "chat_server_groups", "'ChatServer_9'", pairs=[{"primary": "UCS_1", "backup": "UCS_2"}], chat_servers=["ChatServer_9"]),
    case("groups: no pairs", "chat_server_groups", "pair", pairs=[]),
    case("groups: odd number", "chat_server_groups", "pairs", "backup", pairs=[{"primary": "UCS_1", "backup": "UCS_2"}, {"primary": "UCS_3"}]),
    case("groups: empty member", "chat_server_groups", "pairs[0]", "backup", "even", pairs=[{"primary": "UCS_1", "backup": ""}]),
    case(
        "groups: UCS in two pairs",
        "chat_server_groups",
        "pairs",
        "'UCS_1'",
        "twice",
        pairs=[{"primary": "UCS_1", "backup": "UCS_2"}, {"primary": "UCS_3", "backup": "UCS_1"}],
    ),
    case("groups: pin to a backup", "chat_server_groups", "'UCS_2'", "backup", pairs=[{"primary": "UCS_1", "backup": "UCS_2"}], pins={"ChatServer_1": "UCS_2"}),
    case("groups: pin to nothing", "chat_server_groups", "'UCS_3'", "pair", pairs=[{"primary": "UCS_1", "backup": "UCS_2"}], pins={"ChatServer_1": "UCS_3"}),
    case(
        "groups: pin of nobody", "chat_server_groups", "pins", "'ChatServer_9'", pairs=[{"primary": "UCS_1", "backup": "UCS_2"}], pins={"ChatServer_9": "UCS_1"}
    ),
    case(
        "groups: Chat Server twice",
        "chat_server_groups",
        "chat_servers",
        "'ChatServer_1'",
        "twice",
        pairs=[{"primary": "UCS_1", "backup": "UCS_2"}],
        chat_servers=["ChatServer_1", "ChatServer_1"],
    ),
    case("esp: not an Interaction Server", "esp_link", "'GMS_1'", "CFGInteractionServer", interaction_servers=["GMS_1"]),
    case("esp: no such Chat Server", "esp_link", "chat_servers", "'ChatServer_9'", interaction_servers=["IXN_1"], chat_servers=["ChatServer_9"]),
    case("esp: Chat Server without the port", "esp_link", "'ChatServer_8'", "'ESP'", interaction_servers=["IXN_1"], chat_servers=["ChatServer_8"]),
    case("esp: remove from whom", "esp_link", "chat_servers", interaction_servers=["IXN_1"], state="absent"),
    case("esp: nobody named", "esp_link", "interaction_servers", "no Interaction Server is named", interaction_servers=[]),
    case("esp: no Chat Server named", "esp_link", "chat_servers", "no Chat Server is named", interaction_servers=["IXN_1"], chat_servers=[]),
    case("gms: nobody named", "gms_link", "gms", "no GMS node is named", gms=[]),
    case("gms: a service of nobody", "gms_chat_service", "gms", "no GMS node is named", gms=[], options={"an-option": "1"}),
    case("gms: no such application", "gms_link", "'GMS_9'", gms=["GMS_9"]),
    case("gms: not a Chat Server", "gms_link", "chat_servers", "'UCS_1'", "CFGChatServer", gms=["GMS_1"], chat_servers=["UCS_1"]),
    case("gms: Chat Server without the port", "gms_link", "'ChatServer_8'", "'webapi'", gms=["GMS_1"], chat_servers=["ChatServer_8"]),
    case("object: no class", "config_object", "type", "'Host'", type="Host", name="h"),
    case("object: unknown class", "config_object", "CfgWhatever", type="CfgWhatever", name="h"),
    case("object: unknown tenant", "config_object", "tenant", "'Nowhere'", type="CfgScript", name="q", tenant="Nowhere"),
    case("object: tenant missing", "config_object", "tenant", "CfgScript", type="CfgScript", name="q", properties={"subtype": "CFGInteractionQueue"}),
    case("object: which of two", "config_object", "tenant", "'Shared'", type="CfgScript", name="Shared", annex={"a": {"b": 1}}),
    case(
        "object: property is a list", "config_object", "properties", "'appservers'", type="CfgApplication", name="ChatServer_1", properties={"appservers": []}
    ),
    case("object: DBID given", "config_object", "properties", "'dbid'", type="CfgHost", name="chat1", properties={"dbid": 7}),
    case("object: options where there are none", "config_object", "options", "CfgHost", type="CfgHost", name="chat1", options={"a": {"b": "c"}}),
    case("object: options of a backup", "config_object", "'UCS_2'", "'UCS_1'", type="CfgApplication", name="UCS_2", options={"log": {"verbose": "all"}}),
    case("object: removal with clients", "config_object", "'IXN_1'", "ChatServer_1", type="CfgApplication", name="IXN_1", state="absent"),
    case("object: removal of a backup", "config_object", "'UCS_2'", "'UCS_1'", type="CfgApplication", name="UCS_2", state="absent"),
    case("object: host with applications", "config_object", "'chat1'", "ChatServer_1", type="CfgHost", name="chat1", state="absent"),
    case("object: empty name", "config_object", "name", "empty", type="CfgHost", name=" "),
    case("template: no file", "application_template", "src", "/nowhere/x.apd", src="/nowhere/x.apd"),
    case("template: a directory", "application_template", "src", "/tmp", src="/tmp"),
    case("template: neither file nor name", "application_template", "src"),
    case("template: not a template", "application_template", "application template", src=__file__),
    case("template: removal without a name", "application_template", "name", state="absent"),
    case("template: removal of one in use", "application_template", CHAT_TEMPLATE, "ChatServer_1", name=CHAT_TEMPLATE, state="absent"),
    case("info: no such application", "application_info", "names", "'ChatServer_9'", names=["ChatServer_9"]),
    case("info: no such host", "application_info", "host", "'chat77'", host="chat77"),
    case("adoption: no such tenant", "chat_solution_info", "tenant", "'Nowhere'", tenant="Nowhere"),
    case("adoption: no such Chat Server", "chat_solution_info", "chat_servers", "'ChatServer_9'", tenant="Environment", chat_servers=["ChatServer_9"]),
]

PAIR = {"primary": "UCS_1", "backup": "UCS_2"}


def described(title: str, /, *words: str, **changes: Any) -> Any:
    return case(f"solution: {title}", "chat_solution", *words, solution=solution(**changes))


def one_more(**changes: Any) -> list[dict[str, Any]]:
    """Return the solution's Chat Servers and a new one, which would be created first if the others were not in order."""
    return [*solution()["chat_servers"], {"name": "ChatServer_9", "host": "chat1", "ports": {"default": 1, "webapi": 2, "ESP": 3}, **changes}]


SOLUTION_CASES = [
    described("unknown key", "solution", "chat_server", chat_server=[]),
    described("no tenant", "tenant", tenant=None),
    described("no such tenant", "tenant", "'Nowhere'", tenant="Nowhere"),
    described("queue is a strategy", "interaction_queues", "'Legacy_Strategy'", "Interaction Queue", interaction_queues=["Chat_In", "Legacy_Strategy"]),
    described("queue without a name", "interaction_queues[1]", "empty", interaction_queues=["Chat_In", ""]),
    described("queue mapping without a name", "interaction_queues[1]", "name", interaction_queues=["Chat_In", {"folder": "Scripts"}]),
    described("queue mapping with an empty name", "name", "empty", interaction_queues=["Chat_In", {"name": ""}]),
    described("queue is a number", "interaction_queues[1]", "name", interaction_queues=["Chat_In", 5]),
    described("queue in no folder", "folder", "'Nowhere'", interaction_queues=["Chat_In", {"name": "New", "folder": "Nowhere"}]),
    described("Interaction Server unknown", "interaction_servers[0]", "'IXN_9'", interaction_servers=["IXN_9"]),
    described("Interaction Server is a list", "interaction_servers[0]", "name", interaction_servers=[["IXN_1"]]),
    described("Interaction Server of another type", "interaction_servers", "'UCS_1'", "CFGInteractionServer", interaction_servers=["UCS_1"]),
    described("Interaction Server with an unknown key", "interaction_servers[0]", "hosts", interaction_servers=[{"name": "IXN_1", "hosts": ["ixn1"]}]),
    described("Interaction Server twice", "interaction_servers", "'IXN_1'", "twice", interaction_servers=["IXN_1", "IXN_1"]),
    described(
        "new Interaction Server without a host",
        "interaction_servers[0]",
        "host",
        interaction_servers=[{"name": "IXN_7", "application_template": CHAT_TEMPLATE}],
    ),
    described("GMS unknown", "gms[0]", "'GMS_9'", gms=["GMS_9"]),
    described("connections of a GMS are a number", "gms[0]", "connections", "int", gms=[{"name": "GMS_1", "connections": 5}]),
    described("connection of a GMS is a number", "gms[0]", "connections[0]", "int", gms=[{"name": "GMS_1", "connections": [5]}]),
    described(
        "addp of a connection of a UCS is a number",
        "contact_servers.pairs[0].primary",
        "connections[0].addp",
        contact_servers={"pairs": [{"primary": {"name": "UCS_1", "connections": [{"server": "IXN_1", "addp": 5}]}, "backup": "UCS_2"}]},
    ),
    described("GMS is null", "gms[0]", "name", gms=[None]),
    described(
        "GMS and Interaction Server are one",
        "'X'",
        interaction_servers=[{"name": "X", "application_template": "Interaction Server 8.5.2", "host": "ixn1", "ports": {"default": 1}}],
        gms=[{"name": "X", "application_template": "Interaction Server 8.5.2", "host": "gms1", "ports": {"default": 1}}],
    ),
    described("Chat Server twice", "chat_servers[4]", "'ChatServer_1'", "twice", chat_servers=[*solution()["chat_servers"], {"name": "ChatServer_1"}]),
    described("Chat Server without a name", "chat_servers", "name", chat_servers=[{"host": "chat1"}]),
    described("Chat Server with an empty name", "name", "empty", chat_servers=one_more(name="")),
    described("Chat Server without a host", "chat_servers[4]", "host", chat_servers=one_more(host=None)),
    described("Chat Server with a near miss", "chat_servers[4]", "'esp'", "'ESP'", chat_servers=one_more(ports={"esp": 3})),
    described("Chat Server with a port twice", "chat_servers[4]", "ports", "4581", "webapi", chat_servers=one_more(ports={"default": 4581})),
    described("Chat Server with an unknown queue", "chat_servers[4]", "'webme'", "'Chat_Out'", chat_servers=one_more(endpoints={"webme": "Chat_Out"})),
    described("Chat Server is a backup", "chat_servers[4]", "'UCS_2'", "CFGChatServer", chat_servers=one_more(name="UCS_2")),
    described("pin to a backup", "'UCS_2'", "backup", "ChatServer_9", chat_servers=one_more(contact_server="UCS_2")),
    described("pin to another UCS", "'UCS_5'", "ChatServer_9", "pair", chat_servers=one_more(contact_server="UCS_5")),
    described(
        "a second UCS beside the groups",
        "chat_servers[4]",
        "connections[0]",
        "'UCS_1'",
        "no other",
        chat_servers=one_more(connections=[{"server": "UCS_1"}, {"server": "UCS_3"}]),
    ),
    described("odd number", "contact_servers", "pairs", "backup", contact_servers={"pairs": [PAIR, {"primary": "UCS_3"}]}),
    described("empty member", "contact_servers.pairs[1]", "backup", "even", contact_servers={"pairs": [PAIR, {"primary": "UCS_3", "backup": ""}]}),
    described("member is a number", "contact_servers.pairs[0]", "primary", "name", contact_servers={"pairs": [{"primary": 1, "backup": "UCS_2"}]}),
    described("UCS in two pairs", "contact_servers.pairs", "'UCS_1'", "twice", contact_servers={"pairs": [PAIR, {"primary": "UCS_3", "backup": "UCS_1"}]}),
    described("pairs and single", "contact_servers", "pairs", "single", contact_servers={"pairs": [PAIR], "single": "UCS_3"}),
    described("crossed pairs", "contact_servers", "'UCS_4'", "'UCS_3'", contact_servers={"pairs": [{"primary": "UCS_1", "backup": "UCS_4"}]}),
    described("single is a backup", "'UCS_2'", "backup", contact_servers={"single": "UCS_2"}),
    described("UCS is not one", "contact_servers", "'IXN_1'", "CFGContactServer", contact_servers={"pairs": [{"primary": "IXN_1", "backup": "UCS_2"}]}),
    described("message server unknown", "message_server", "'Messages'", message_server="Messages"),
    described("configuration server of another type", "configuration_server", "'MessageServer'", configuration_server="MessageServer"),
    described("host of a server with clients", "host", "ChatServer_1", chat_servers=[{"name": "ChatServer_1", "host": "chat2", "options": {"a": {"b": 1}}}]),
    described("host of a backup", "host", "UCS_2", contact_servers={"pairs": [{"primary": "UCS_1", "backup": {"name": "UCS_2", "host": "ucs3"}}]}),
]


@pytest.fixture(scope="session")
def crowd(one_site: Site, states: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """The furnished site with some that do not fit: servers without ports, UCS outside of the pairs, two queues of one name."""
    site = one_site
    site.sandbox.restore(states["furnished"])
    for number in (5, 6, 7, 8):
        site.make(f"UCS_{number}", CONTACT_TEMPLATE, "ucs1", {"default": 7200 + number})
    site.sandbox.edit("CfgApplication", "UCS_6", backupserverdbid=site.dbid("CfgApplication", "UCS_7"))
    site.make_chat_server("ChatServer_0", "chat4", ports={"default": 1, "webapi": 2, "ESP": 3}, links=[site.link("IXN_1"), site.link("UCS_8")])
    site.make_chat_server("ChatServer_8", "chat4", ports={"default": 11})
    for tenant in ("Environment", "Sales"):
        site.queue("Shared", tenant)
    return site.sandbox.database()


@pytest.mark.parametrize(("module", "words", "arguments"), CHAT_SERVER_CASES + OTHER_CASES + SOLUTION_CASES)
def test_refused(clean_site: Site, crowd: dict[str, Any], module: str, words: tuple[str, ...], arguments: dict[str, Any]) -> None:
    """Refused before anything is sent: so check mode, which plans in the same way, refuses it too."""
    clean_site.sandbox.restore(crowd)
    clean_site.refuses(module, *words, **arguments)
    assert clean_site.writes() == []


def options_of(module: str) -> dict[str, Any]:
    """Return the documented options of a module: its own, and those of its part of the description."""
    text = (ROOT / "plugins" / "modules" / f"{module}.py").read_text(encoding="utf-8")
    documentation: dict[str, Any] = yaml.safe_load(text.split('DOCUMENTATION = r"""')[1].split('"""')[0])
    of_its_part: dict[str, Any] = yaml.safe_load(getattr(ModuleDocFragment, module.upper(), "{}"))
    return {**documentation.get("options", {}), **of_its_part.get("options", {})}


WRONG: dict[str, list[Any]] = {"dict": ["text", 5, ["x"]], "list": [{"a": 1}], "int": ["many", [1], {"a": 1}, 1.5], "bool": ["perhaps", [True], 7]}
VALID: dict[str, Any] = {
    "name": "x",
    "type": "CfgHost",
    "primary": "UCS_1",
    "backup": "UCS_2",
    "pairs": [{"primary": "UCS_1", "backup": "UCS_2"}],
    "tenant": "Environment",
    "server": "IXN_1",
    "interaction_servers": ["IXN_1"],
    "gms": ["GMS_1"],
    "chat_servers": ["ChatServer_1"],
    "endpoint": "default",
    "queue": "Chat_In",
    "backend_server": "WES_1",
    "src": "/nowhere/template.apd",
    "level": "tenant",
    "solution": {"tenant": "Environment"},
}


def wrong_types(options: dict[str, Any], path: tuple[str, ...] = ()) -> list[tuple[tuple[str, ...], Any, Any]]:
    """Return (path, wrong value, arguments) for every option of every level, with each value of a wrong type in its place."""
    found: list[tuple[tuple[str, ...], Any, Any]] = []
    for name, option in options.items():
        kind = option.get("type", "str")
        others = {key: VALID[key] for key, other in options.items() if (other.get("required") or key == "queue") and key != name}
        values = [*WRONG.get(kind, []), *([["text"], [5]] if option.get("elements") == "dict" else [])]
        found += [((*path, name), value, {**others, name: value}) for value in values]
        for inner, value, arguments in wrong_types(option.get("suboptions", {}), (*path, name)):
            found.append((inner, value, {**others, name: [arguments] if kind == "list" else arguments}))
    return found


def types_by_module() -> list[Any]:
    """Return a case for each module. The options of an application come again at several places of a solution: each once."""
    found = []
    for module in ("chat_server_app", "chat_endpoint", "chat_server_groups", "esp_link", "gms_link", "wes_chat_channel", "workspace_chat_options",
                   "config_object", "chat_solution"):
        cases = wrong_types(options_of(module))
        once = {(path[-1] if len(path) > 2 else path, repr(value)): (path, arguments) for path, value, arguments in cases}
        found.append(pytest.param(module, list(once.values()), id=module))
    return found


@pytest.mark.parametrize(("module", "cases"), types_by_module())
def test_wrong_types_are_refused_at_every_level(furnished: Site, module: str, cases: list[tuple[tuple[str, ...], dict[str, Any]]]) -> None:
    before = furnished.sandbox.database()
    assert cases
    for path, arguments in cases:
        outcome = furnished.run(module, **copy.deepcopy(arguments))
        fails_well(outcome, path[-1])
        assert not furnished.writes()
    assert furnished.sandbox.database() == before


@pytest.mark.parametrize("pattern", ["(", "a{2,1}"])
def test_pattern_for_secret_options_that_is_none(furnished: Site, pattern: str) -> None:
    furnished.refuses("config_object", "secret_option_names", pattern, type="CfgHost", name="chat1", secret_option_names=[pattern])


STRANGE = ["Chat Server – Zürich", "チャット 1", "a 'quoted' \"name\"", "100% <b>&amp; more", "name/with?query=1#x", " leading and trailing ", "🙂"]


@pytest.mark.parametrize("name", STRANGE)
def test_strange_names_work(surroundings: Site, name: str) -> None:
    site = surroundings
    template = site.sandbox.object("CfgAppPrototype", CHAT_TEMPLATE)
    assert template is not None
    tenant, host = f"T {name}", f"H {name}"
    site.sandbox.create("CfgTenant", name=tenant)
    site.sandbox.create("CfgHost", name=host, subtype="CFGNetworkServer", ostype="CFGRedHatLinux", lcaport="4999", ipaddress="192.0.2.1")
    site.sandbox.create(
        "CfgAppPrototype", name=f"A {name}", subtype="CFGChatServer", version="8.5.3", options=template["options"], userproperties=template["userproperties"]
    )
    description = {
        "tenant": tenant,
        "interaction_queues": [f"Q {name}"],
        "interaction_servers": ["IXN_1"],
        "contact_servers": {"pairs": [PAIR]},
        "chat_servers": [
            {
                "name": name,
                "application_template": f"A {name}",
                "host": host,
                "ports": NEW["ports"],
                "endpoints": {"default": f"Q {name}", name: f"Q {name}"},
                "options": {f"section {name}": {f"key {name}": name}},
            }
        ],
    }
    site.ok("chat_solution", solution=description)
    assert not site.ok("chat_solution", solution=description).changed
    made = site.application(name)
    assert (made["host",], made["application_template",]) == (host, f"A {name}")
    section = f"endpoints:{site.dbid('CfgTenant', tenant)}"
    assert made["options", section, name] == made["options", section, "default"] == f"Q {name}"
    assert made["options", f"section {name}", f"key {name}"] == name
    assert ("connections", "UCS_1", "default", "protocol") in made
    adopted = site.ok("chat_solution_info", tenant=tenant).result
    assert adopted["left_out"] == []
    assert not site.ok("chat_solution", solution=adopted["solution"]).changed
    site.ok("esp_link", interaction_servers=["IXN_1"], chat_servers=[name], state="absent")
    site.ok("chat_server_app", name=name, state="absent")
    assert not site.exists("CfgApplication", name)


def test_names_that_a_terminal_would_obey(surroundings: Site) -> None:
    """Whoever may name an object can't write to the terminal of whoever runs a module: neither in a failure nor in a warning."""
    site, name = surroundings, "evil\x1b[2J\x9b31m\u202e"
    surroundings.make_chat_server("ChatServer_1", "chat1")
    site.sandbox.control("PUT", f"/objects/CfgApplication/{site.dbid('CfgApplication', 'GMS_1')}", {"fields": {"name": name}})
    site.relink(name, [site.link("ChatServer_1")])
    refused = site.refuses("chat_server_app", r"1 application is connected to it (evil\x1b[2J\x9b31m\u202e)", name="ChatServer_1", state="absent")
    shown = [refused.message, refused.result["failure"]["message"]]
    shown += site.ok("chat_server_app", warns=True, name="ChatServer_1", options={"settings": {"limit-for-sessions": f"999999{name}"}}).warnings
    assert len(shown) == 3 and all(text.isprintable() and "u001b" not in text for text in shown), shown
