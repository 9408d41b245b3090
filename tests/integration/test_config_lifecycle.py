# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each module's life cycle: create, again, change, again, remove, again; looked up in the sandbox each time."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from integration.configured_site import (
    ADDP,
    CHAT_PORTS,
    CHAT_SERVERS,
    CHAT_TEMPLATE,
    CONTACT_TEMPLATE,
    GMS_TEMPLATE,
    INTERACTION_TEMPLATE,
    Site,
    solution,
)

from sandbox.packages.templates import PLACEHOLDER_SECTION, TEMPLATES

Write = tuple[str, str, str]

CHAT_SERVER: dict[str, Any] = {
    "name": "ChatServer_1",
    "application_template": CHAT_TEMPLATE,
    "host": "chat1",
    "tenants": ["Environment"],
    "ports": {"default": 4580, "webapi": 4581, "ESP": 4582},
    "endpoints": {"default": "Chat_In"},
    "interaction_servers": ["IXN_1"],
    "contact_server": "UCS_1",
    "configuration_server": "confserv",
    "message_server": "MessageServer",
    "addp": {"local_timeout": 7, "remote_timeout": 8, "trace": "local"},
    "log_privacy": {"hide_attached_data": False, "message_log_print_size": 40, "log_filter_data": {"Transcript": "skip"}},
    "options": {"settings": {"limit-for-sessions": 1500}},
    "annex": {"site": {"rack": "b7"}},
    "startup_timeout": 120,
}


def step(site: Site, module: str, writes: list[Write], **arguments: Any) -> None:
    """Run a module and then again: the first run makes these writes, the second none."""
    first = site.ok(module, **arguments)
    assert site.writes() == writes
    assert first.changed is bool(writes)
    state = site.sandbox.database()
    second = site.ok(module, **arguments)
    assert (second.changed, second.changes, site.writes()) == (False, [], [])
    assert site.sandbox.database() == state


def application(action: str, name: str) -> Write:
    return (action, "CfgApplication", name)


def link(local: int, remote: int, trace: str) -> dict[str, Any]:
    return {"protocol": "addp", "local_timeout": local, "remote_timeout": remote, "trace": trace}


def links(site: Site, name: str) -> dict[tuple[str, str], dict[str, Any]]:
    """Return an application's connections: (server, port) -> attributes."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for path, value in site.application(name).items():
        if path[0] == "connections":
            found.setdefault((path[1], path[2]), {})[path[3]] = value
    return found


def test_chat_server_app(surroundings: Site) -> None:
    site = surroundings
    step(site, "chat_server_app", [application("create", "ChatServer_1")], **CHAT_SERVER)
    made = site.application("ChatServer_1")
    template = {(entry["section"], entry["key"]): entry["value"] for entry in TEMPLATES[CHAT_TEMPLATE]["options"]["property"]}
    expected = {key: value for key, value in template.items() if key[0] != PLACEHOLDER_SECTION}
    expected.update(
        {
            ("endpoints:1", "default"): "Chat_In",
            ("settings", "hide-attached-data"): "false",
            ("settings", "message-log-print-size"): "40",
            ("settings", "limit-for-sessions"): "1500",
            ("log-filter-data", "Transcript"): "skip",
        }
    )
    assert {path[1:]: value for path, value in made.items() if path[0] == "options"} == expected
    assert {path[1]: value for path, value in made.items() if path[0] == "ports"} == {"default": 4580, "webapi": 4581, "ESP": 4582}
    assert {path[1:]: value for path, value in made.items() if path[0] == "annex"} == {("site", "rack"): "b7"}
    assert {path[1] for path in made if path[0] == "tenants"} == {"Environment"}
    assert links(site, "ChatServer_1") == {(server, "default"): link(7, 8, "local") for server in ("IXN_1", "UCS_1", "confserv", "MessageServer")}
    plain = {("host",): "chat1", ("type",): "CFGChatServer", ("version",): "8.5.311.06", ("startup_timeout",): 120, ("working_directory",): "."}
    assert {path: made[path] for path in plain} == plain

    change = {
        "name": "ChatServer_1",
        "ports": {"webapi": 5581, "health": 4583},
        "kpi_over_rest": True,
        "endpoints": {"webme": "Webengagement_Chat"},
        "options": {"settings": {"limit-for-sessions": 10, "async-idle-close": None}},
        "annex": {"site": {"rack": None, "row": 3}},
        "message_server": "MessageServer",
        "addp": {"enabled": False},
        "shutdown_timeout": 45,
        "auto_restart": True,
        "tenants": ["Environment", "Sales"],
        "tenant_endpoints": {"Sales": {"default": "Sales_In"}},
    }
    step(site, "chat_server_app", [application("update", "ChatServer_1")], **change)
    now = site.application("ChatServer_1")
    expected.update(
        {
            ("endpoints:1", "webme"): "Webengagement_Chat",
            ("endpoints:101", "default"): "Sales_In",
            ("settings", "limit-for-sessions"): "10",
        }
    )
    del expected["settings", "async-idle-close"]
    assert {path[1:]: value for path, value in now.items() if path[0] == "options"} == expected
    assert {path[1]: value for path, value in now.items() if path[0] == "ports"} == {"default": 4580, "webapi": 5581, "ESP": 4582, "health": 4583}
    assert {path[1:]: value for path, value in now.items() if path[0] == "annex"} == {("site", "row"): "3"}
    assert {path[1] for path in now if path[0] == "tenants"} == {"Environment", "Sales"}
    after = {(server, "default"): link(7, 8, "local") for server in ("IXN_1", "UCS_1", "confserv")}
    assert links(site, "ChatServer_1") == {**after, ("MessageServer", "default"): {"protocol": ""}}
    assert (now["shutdown_timeout",], now["auto_restart",], now["startup_timeout",]) == (45, True, 120)

    step(site, "chat_server_app", [application("delete", "ChatServer_1")], name="ChatServer_1", state="absent")
    assert not site.exists("CfgApplication", "ChatServer_1")


def test_chat_server_app_moves_to_another_contact_server(furnished: Site) -> None:
    step(furnished, "chat_server_app", [application("update", "ChatServer_1")], name="ChatServer_1", contact_server="UCS_3")
    servers = {server for server, _port in links(furnished, "ChatServer_1")}
    assert servers == {"IXN_1", "UCS_3", "confserv", "MessageServer"}


def test_chat_server_app_leaves_what_the_installer_wrote(furnished: Site) -> None:
    written = {"workdirectory": "/opt/chat", "commandline": "./run.sh", "commandlinearguments": "-host a -port 1", "version": "8.5.316.02"}
    furnished.sandbox.edit("CfgApplication", "ChatServer_1", annex={"sml": {"uninstall": "/opt/chat/uninstall.sh"}}, **written)
    step(furnished, "chat_server_app", [application("update", "ChatServer_1")], name="ChatServer_1", options={"settings": {"limit-for-sessions": 7}})
    value = furnished.sandbox.object("CfgApplication", "ChatServer_1")
    assert value is not None and {key: value[key] for key in written} == written
    assert furnished.sandbox.options("CfgApplication", "ChatServer_1", "userproperties") == {"sml": {"uninstall": "/opt/chat/uninstall.sh"}}
    step(furnished, "chat_server_app", [application("update", "ChatServer_1")], name="ChatServer_1", working_directory="/srv/chat", version="8.5.311.06")
    now = furnished.application("ChatServer_1")
    assert (now["working_directory",], now["version",], now["command_line",]) == ("/srv/chat", "8.5.311.06", "./run.sh")


def test_chat_endpoint(furnished: Site) -> None:
    site, servers = furnished, ["ChatServer_1", "ChatServer_3"]
    same = {"chat_servers": servers, "tenant": "Environment", "endpoint": "sales"}
    step(site, "chat_endpoint", [application("update", name) for name in servers], queue="Legacy_In", **same)
    for name in CHAT_SERVERS:
        section = site.sandbox.options("CfgApplication", name)["endpoints:1"]
        assert section == {"default": "Chat_In", "webme": "Webengagement_Chat", **({"sales": "Legacy_In"} if name in servers else {})}
    step(site, "chat_endpoint", [application("update", name) for name in servers], queue="Chat_In", **same)
    assert site.sandbox.options("CfgApplication", "ChatServer_3")["endpoints:1"]["sales"] == "Chat_In"
    step(site, "chat_endpoint", [application("update", name) for name in servers], state="absent", **same)
    assert site.sandbox.options("CfgApplication", "ChatServer_1")["endpoints:1"] == {"default": "Chat_In", "webme": "Webengagement_Chat"}


def test_chat_endpoint_of_a_second_tenant(furnished: Site) -> None:
    tenants = {"id": [{"dbid": "1"}, {"dbid": "101"}]}
    furnished.sandbox.edit("CfgApplication", "ChatServer_1", options={"endpoints:101": {"default": "Sales_In"}}, tenantdbids=tenants)
    endpoint = {"chat_servers": ["ChatServer_1"], "tenant": "Sales", "endpoint": "webme", "queue": "Sales_In"}
    step(furnished, "chat_endpoint", [application("update", "ChatServer_1")], **endpoint)
    assert furnished.sandbox.options("CfgApplication", "ChatServer_1")["endpoints:101"] == {"default": "Sales_In", "webme": "Sales_In"}
    assert furnished.sandbox.options("CfgApplication", "ChatServer_1")["endpoints:1"]["webme"] == "Webengagement_Chat"


def test_ucs_pair(site: Site) -> None:
    for number in (1, 2):
        options = {"log": {"verbose": "all"}} if number == 1 else {}
        site.make(f"UCS_{number}", CONTACT_TEMPLATE, f"ucs{number}", {"default": 7100}, options)
    pair = {"primary": "UCS_1", "backup": "UCS_2"}
    step(site, "ucs_pair", [application("update", "UCS_1")], **pair)
    primary = site.application("UCS_1")
    assert (primary["backup",], primary["redundancy_type",]) == ("UCS_2", "warm standby")
    assert site.application("UCS_2")["options", "log", "verbose"] == "all"  # copied by the server
    step(site, "ucs_pair", [application("update", "UCS_1")], redundancy_type="hot standby", **pair)
    assert site.application("UCS_1")["redundancy_type",] == "hot standby"
    step(site, "ucs_pair", [application("update", "UCS_1")], state="absent", **pair)
    assert site.application("UCS_1")["backup",] == ""
    assert site.exists("CfgApplication", "UCS_2")


def test_ucs_pair_tells_what_is_copied(site: Site) -> None:
    for number in (1, 2):
        site.make(f"UCS_{number}", CONTACT_TEMPLATE, f"ucs{number}", {"default": 7100})
    outcome = site.ok("ucs_pair", primary="UCS_1", backup="UCS_2")
    assert [change["copied_to"] for change in outcome.changes] == ["UCS_2"]
    assert "UCS_2" in outcome.result["diff"][0]["after_header"]


def test_chat_server_groups(furnished: Site) -> None:
    site = furnished
    for name in CHAT_SERVERS:
        site.relink(name, [site.link(server) for server in ("IXN_1", "confserv", "MessageServer")])
    pairs = [{"primary": "UCS_1", "backup": "UCS_2"}, {"primary": "UCS_3", "backup": "UCS_4"}]

    def groups() -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for name in CHAT_SERVERS:
            for server, _port in links(site, name):
                if server.startswith("UCS"):
                    found.setdefault(server, []).append(name)
        return found

    step(site, "chat_server_groups", [application("update", name) for name in CHAT_SERVERS], pairs=pairs, addp=ADDP)
    assert groups() == {"UCS_1": ["ChatServer_1", "ChatServer_2"], "UCS_3": ["ChatServer_3", "ChatServer_4"]}
    assert links(site, "ChatServer_1")["UCS_1", "default"] == link(10, 10, "both")

    moved = ["ChatServer_1", "ChatServer_3"]
    pins = {"ChatServer_1": "UCS_3", "ChatServer_4": "UCS_3"}
    step(site, "chat_server_groups", [application("update", name) for name in moved], pairs=pairs, pins=pins)
    assert groups() == {"UCS_3": ["ChatServer_1", "ChatServer_4"], "UCS_1": ["ChatServer_2", "ChatServer_3"]}

    others = ["ChatServer_1", "ChatServer_4"]
    step(site, "chat_server_groups", [application("update", name) for name in others], pairs=pairs[:1])
    assert groups() == {"UCS_1": list(CHAT_SERVERS)}


def test_chat_server_groups_asks_before_it_disconnects(furnished: Site) -> None:
    furnished.sandbox.edit("CfgApplication", "ChatServer_3", workdirectory="/opt/chat")
    moves: dict[str, Any] = {"pairs": [{"primary": "UCS_1", "backup": "UCS_2"}]}
    furnished.refuses("chat_server_groups", "ChatServer_3", "UCS_3", "allow_disconnect", **moves)
    written = [application("update", name) for name in ("ChatServer_3", "ChatServer_4")]
    step(furnished, "chat_server_groups", written, allow_disconnect=True, **moves)
    assert ("UCS_1", "default") in links(furnished, "ChatServer_3") and ("UCS_3", "default") not in links(furnished, "ChatServer_3")


def test_esp_link(furnished: Site) -> None:
    site = furnished
    site.make("IXN_2", INTERACTION_TEMPLATE, "ixn1", {"default": 4421})
    site.relink("IXN_1", [])
    both = {"interaction_servers": ["IXN_1", "IXN_2"]}
    written = [application("update", "IXN_1"), application("update", "IXN_2")]
    step(site, "esp_link", written, addp={"local_timeout": 5, "remote_timeout": 6, "trace": "remote"}, **both)
    for name in ("IXN_1", "IXN_2"):
        assert links(site, name) == {(server, "ESP"): link(5, 6, "remote") for server in CHAT_SERVERS}
    step(site, "esp_link", written[:1], interaction_servers=["IXN_1"], chat_servers=["ChatServer_2"], addp={"local_timeout": 9})
    assert links(site, "IXN_1")["ChatServer_2", "ESP"] == link(9, 6, "remote")
    assert links(site, "IXN_1")["ChatServer_1", "ESP"] == link(5, 6, "remote")
    step(site, "esp_link", written, state="absent", chat_servers=["ChatServer_1", "ChatServer_2"], **both)
    assert set(links(site, "IXN_2")) == {("ChatServer_3", "ESP"), ("ChatServer_4", "ESP")}


def test_gms_link(furnished: Site) -> None:
    site = furnished
    site.make("GMS_2", GMS_TEMPLATE, "gms1", {"default": 8081})
    site.relink("GMS_1", [site.link("SolutionControlServer"), site.link("ChatServer_1", "webapi")])
    both = {"gms": ["GMS_1", "GMS_2"]}
    written = [application("update", "GMS_1"), application("update", "GMS_2")]
    step(site, "gms_link", written, **both)
    for name in ("GMS_1", "GMS_2"):
        found = links(site, name)
        found.pop(("SolutionControlServer", "default"), None)
        assert found == {(server, "webapi"): {"protocol": ""} for server in CHAT_SERVERS}
    assert links(site, "GMS_1")["SolutionControlServer", "default"] == link(10, 10, "both")
    step(site, "gms_link", written[:1], state="absent", gms=["GMS_1"], chat_servers=["ChatServer_3"])
    assert ("ChatServer_3", "webapi") not in links(site, "GMS_1") and ("ChatServer_3", "webapi") in links(site, "GMS_2")


def test_config_object_host(site: Site) -> None:
    host: dict[str, Any] = {"type": "CfgHost", "name": "chat 5 – Süd"}
    properties = {"subtype": "CFGNetworkServer", "ostype": "CFGRedHatLinux", "ipaddress": "192.0.2.15", "lcaport": 4999}
    step(site, "config_object", [("create", "CfgHost", host["name"])], properties=properties, annex={"a": {"b": "c"}}, **host)
    value = site.sandbox.object("CfgHost", host["name"])
    assert value is not None and {key: value[key] for key in properties} == {**properties, "lcaport": "4999"}
    assert site.sandbox.options("CfgHost", host["name"], "userproperties") == {"a": {"b": "c"}}
    step(site, "config_object", [("update", "CfgHost", host["name"])], properties={"ipaddress": "192.0.2.16"}, annex={"a": {"b": None, "d": True}}, **host)
    value = site.sandbox.object("CfgHost", host["name"])
    assert value is not None and (value["ipaddress"], value["lcaport"]) == ("192.0.2.16", "4999")
    assert site.sandbox.options("CfgHost", host["name"], "userproperties") == {"a": {"d": "true"}}
    step(site, "config_object", [("delete", "CfgHost", host["name"])], state="absent", **host)
    assert not site.exists("CfgHost", host["name"])


def test_config_object_tells_changes_in_the_words_of_its_options(site: Site) -> None:
    outcome = site.ok("config_object", type="CfgHost", name="chat1", properties={"lcaport": 5000}, annex={"a": {"b": 1}})
    (change,) = outcome.changes
    assert (change["before"], change["after"]) == ({"properties": {"lcaport": "4999"}}, {"properties": {"lcaport": "5000"}, "annex": {"a": {"b": "1"}}})


def test_config_object_within_a_tenant(site: Site) -> None:
    """A queue of the same name in another tenant is another object."""
    queue = {"type": "CfgScript", "name": "Legacy_In", "tenant": "Sales"}
    written = [("create", "CfgScript", "Legacy_In")]
    step(site, "config_object", written, properties={"subtype": "CFGInteractionQueue"}, **queue)
    both = [value for value in site.sandbox.objects("CfgScript") if value["name"] == "Legacy_In"]
    assert {value["tenantdbid"] for value in both} == {"1", "101"}
    step(site, "config_object", [("delete", "CfgScript", "Legacy_In")], state="absent", **queue)
    assert [value["tenantdbid"] for value in site.sandbox.objects("CfgScript") if value["name"] == "Legacy_In"] == ["1"]


def test_config_object_in_a_folder(site: Site) -> None:
    parent = next(value for value in site.sandbox.objects("CfgFolder") if value["name"] == "Hosts")
    site.sandbox.create("CfgFolder", name="Chat", subtype="CFGHost", folderid=parent["dbid"])
    properties = {"subtype": "CFGNetworkServer", "ostype": "CFGRedHatLinux", "ipaddress": "192.0.2.15", "lcaport": 4999}
    step(site, "config_object", [("create", "CfgHost", "h5")], type="CfgHost", name="h5", folder="Hosts/Chat", properties=properties)
    value = site.sandbox.object("CfgHost", "h5")
    assert value is not None and value["folderid"] == site.dbid("CfgFolder", "Chat")


def test_application_template(site: Site, tmp_path: Path) -> None:
    site.sandbox.reset("framework")
    template = dict(TEMPLATES[CHAT_TEMPLATE])
    source = tmp_path / "ChatServer.apd"
    source.write_text(json.dumps(template), encoding="utf-8")
    step(site, "application_template", [("create", "CfgAppPrototype", CHAT_TEMPLATE)], src=str(source))
    assert site.sandbox.options("CfgAppPrototype", CHAT_TEMPLATE)["settings"]["limit-for-sessions"] == "1000"
    renamed = [("create", "CfgAppPrototype", "Chat Server (südlich)")]
    step(site, "application_template", renamed, src=str(source), name="Chat Server (südlich)")
    value = site.sandbox.object("CfgAppPrototype", "Chat Server (südlich)")
    assert value is not None and (value["subtype"], value["version"]) == ("CFGChatServer", "8.5.311.06")
    step(site, "application_template", [("delete", "CfgAppPrototype", CHAT_TEMPLATE)], name=CHAT_TEMPLATE, state="absent")
    assert not site.exists("CfgAppPrototype", CHAT_TEMPLATE)


def test_application_info(furnished: Site) -> None:
    outcome = furnished.ok("application_info", names=["ChatServer_1", "UCS_2"])
    assert furnished.writes() == [] and outcome.changed is False
    chat_server, backup = outcome.result["applications"]
    assert (chat_server["name"], chat_server["host"], chat_server["ports"]) == ("ChatServer_1", "chat1", CHAT_PORTS)
    assert chat_server["clients"] == ["GMS_1", "IXN_1"]
    assert {(item["server"], item["port"]) for item in chat_server["connections"]} == set(links(furnished, "ChatServer_1"))
    host = furnished.sandbox.object("CfgHost", "chat1")
    assert host is not None and chat_server["address"] == host["ipaddress"]
    assert (backup["primary"], backup["type"]) == ("UCS_1", "CFGContactServer")
    assert [item["name"] for item in furnished.ok("application_info", host="chat3").result["applications"]] == ["ChatServer_3"]
    assert {item["name"] for item in furnished.ok("application_info", types=["CFGContactServer"]).result["applications"]} == {f"UCS_{n}" for n in (1, 2, 3, 4)}


def test_chat_solution(site: Site) -> None:
    objects = [("create", "CfgScript", "Chat_In"), ("create", "CfgScript", "Webengagement_Chat")]
    objects += [application("create", name) for name in ("IXN_1", "GMS_1", "UCS_1", "UCS_2", "UCS_3", "UCS_4", *CHAT_SERVERS)]
    objects += [application("update", name) for name in ("UCS_1", "UCS_3", "IXN_1", "GMS_1")]
    step(site, "chat_solution", objects, solution=solution())
    for number, name in enumerate(CHAT_SERVERS):
        primary = ("UCS_1", "UCS_3")[number // 2]
        assert links(site, name) == {(server, "default"): link(10, 10, "both") for server in ("IXN_1", primary, "confserv", "MessageServer")}
        assert {path[1]: value for path, value in site.application(name).items() if path[0] == "ports"} == CHAT_PORTS
        assert PLACEHOLDER_SECTION not in site.sandbox.options("CfgApplication", name)
    assert links(site, "IXN_1") == {(name, "ESP"): link(10, 10, "both") for name in CHAT_SERVERS}
    webapi = {(name, "webapi"): {"protocol": ""} for name in CHAT_SERVERS}
    assert links(site, "GMS_1") == {("SolutionControlServer", "default"): link(10, 10, "both"), **webapi}
    assert [site.application(name)["backup",] for name in ("UCS_1", "UCS_3")] == ["UCS_2", "UCS_4"]

    changed = solution()
    changed["chat_servers"][0]["options"] = {"settings": {"limit-for-sessions": 5}}
    changed["chat_server_defaults"]["endpoints"]["webme"] = "Chat_In"
    changed["interaction_queues"].append({"name": "Süd West"})
    writes = [("create", "CfgScript", "Süd West"), *(application("update", name) for name in CHAT_SERVERS)]
    step(site, "chat_solution", writes, solution=changed)
    assert site.sandbox.options("CfgApplication", "ChatServer_1")["settings"]["limit-for-sessions"] == "5"
    assert site.sandbox.options("CfgApplication", "ChatServer_4")["endpoints:1"]["webme"] == "Chat_In"

    fifth = {"name": "Chat Server 5", "host": "chat1", "ports": {"default": 4680, "webapi": 4681, "ESP": 4682, "health": 4683}}
    changed["chat_servers"].append(fifth)
    writes = [application("create", "Chat Server 5"), application("update", "IXN_1"), application("update", "GMS_1")]
    step(site, "chat_solution", writes, solution=changed)
    assert ("Chat Server 5", "ESP") in links(site, "IXN_1") and ("Chat Server 5", "webapi") in links(site, "GMS_1")


def test_chat_solution_changes_the_options_of_a_pair(furnished: Site) -> None:
    """The backup gets them from its primary: one write a pair."""
    changed = solution()
    changed["contact_servers"]["defaults"]["options"] = {"log": {"verbose": "all"}}
    step(furnished, "chat_solution", [application("update", "UCS_1"), application("update", "UCS_3")], solution=changed)
    for number in (1, 2, 3, 4):
        assert furnished.application(f"UCS_{number}")["options", "log", "verbose"] == "all"


def test_chat_solution_in_two_steps_is_taken_back_by_the_modules(furnished: Site) -> None:
    """Removal goes from the clients to the servers, module by module."""
    everyone = list(CHAT_SERVERS)
    step(furnished, "esp_link", [application("update", "IXN_1")], interaction_servers=["IXN_1"], chat_servers=everyone, state="absent")
    step(furnished, "gms_link", [application("update", "GMS_1")], gms=["GMS_1"], chat_servers=everyone, state="absent")
    for name in everyone:
        step(furnished, "chat_server_app", [application("delete", name)], name=name, state="absent")
    for primary, backup in (("UCS_1", "UCS_2"), ("UCS_3", "UCS_4")):
        step(furnished, "ucs_pair", [application("update", primary)], primary=primary, backup=backup, state="absent")
    left = {value["name"] for value in furnished.sandbox.objects("CfgApplication")}
    assert not left & set(everyone) and {"IXN_1", "GMS_1", "UCS_1", "UCS_2"} <= left


def test_chat_solution_with_one_contact_server(site: Site) -> None:
    description = solution(contact_servers={"single": {"name": "UCS_1", "host": "ucs1", "application_template": CONTACT_TEMPLATE, "ports": {"default": 7100}}})
    made = ["IXN_1", "GMS_1", "UCS_1", *CHAT_SERVERS]
    writes = [("create", "CfgScript", "Chat_In"), ("create", "CfgScript", "Webengagement_Chat"), *(application("create", name) for name in made)]
    step(site, "chat_solution", [*writes, application("update", "IXN_1"), application("update", "GMS_1")], solution=description)
    assert all(("UCS_1", "default") in links(site, name) for name in CHAT_SERVERS)
    assert site.application("UCS_1")["backup",] == ""


def test_chat_solution_of_a_second_tenant(site: Site) -> None:
    description = solution(tenant="Sales", interaction_queues=["Sales_In"], chat_servers=solution()["chat_servers"][:2])
    description["chat_server_defaults"]["endpoints"] = {"default": "Sales_In"}
    site.ok("chat_solution", solution=description)
    options = site.sandbox.options("CfgApplication", "ChatServer_1")
    assert {name: values for name, values in options.items() if name.startswith("endpoints")} == {"endpoints:101": {"default": "Sales_In"}}
    assert ("tenants", "Sales") in site.application("ChatServer_1") and ("tenants", "Environment") not in site.application("ChatServer_1")
    assert not site.ok("chat_solution", solution=description).changed


def test_interaction_server_cluster(surroundings: Site) -> None:
    """Chat Servers are connected to the cluster; each of its nodes to the ESP port of each Chat Server."""
    site = surroundings
    site.sandbox.create("CfgAppPrototype", name="Cluster", subtype="CFGApplicationCluster", version="1")
    site.make("IXN_Cluster", "Cluster", "ixn1", {"default": 4430})
    site.make("IXN_2", INTERACTION_TEMPLATE, "ixn1", {"default": 4421})
    new = {**CHAT_SERVER, "interaction_servers": ["IXN_Cluster"]}
    step(site, "chat_server_app", [application("create", "ChatServer_1")], **new)
    assert ("IXN_Cluster", "default") in links(site, "ChatServer_1") and ("IXN_1", "default") not in links(site, "ChatServer_1")
    step(site, "esp_link", [application("update", "IXN_1"), application("update", "IXN_2")], interaction_servers=["IXN_1", "IXN_2"])
    assert set(links(site, "IXN_2")) == {("ChatServer_1", "ESP")}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"log_privacy": {"message_log_print_size": 7001}}, ["settings/message-log-print-size", "7000", "'7001'"]),
        ({"options": {"settings": {"session-restoration-mode": "full"}}}, ["settings/session-restoration-mode", "simple", "'full'"]),
    ],
)
def test_values_outside_of_their_documented_range_are_warned_of(furnished: Site, arguments: dict[str, Any], words: list[str]) -> None:
    """And written all the same, since another release may take them."""
    outcome = furnished.ok("chat_server_app", warns=True, name="ChatServer_1", **arguments)
    (warning,) = outcome.warnings
    assert all(word in warning for word in words), warning
    assert furnished.writes() == [application("update", "ChatServer_1")]
    furnished.refuses("chat_server_app", *words, name="ChatServer_2", strict_ranges=True, **arguments)


def test_one_port_on_one_host_is_refused_before_any_write(furnished: Site) -> None:
    description = solution()
    description["chat_servers"][1].update(host="chat1", name="ChatServer_5")
    for check in (False, True):
        furnished.refuses("chat_solution", "'ChatServer_5'", "'ChatServer_1'", "host 'chat1'", "another port, or another host",
                          *map(str, CHAT_PORTS.values()), check=check, solution=description)
    # by other ways too: a server that is installed there; an object by its plain properties
    furnished.sandbox.edit("CfgApplication", "ChatServer_1", workdirectory="/opt/genesys/ChatServer_1")
    own: dict[str, Any] = {"name": "ChatServer_9", "host": "chat1", "application_template": "Chat Server 8.5.3",
                           "tenants": ["Environment"], "ports": CHAT_PORTS, "endpoints": {"default": "Chat_In"},
                           "interaction_servers": ["IXN_1"], "contact_server": "UCS_1"}
    furnished.refuses("chat_server_app", "'ChatServer_9'", "'ChatServer_1'", "4580", **own)
    furnished.ok("chat_server_app", **dict(own, host="ucs4"))
    place = {"hostdbid": furnished.dbid("CfgHost", "chat1")}
    furnished.refuses("config_object", "'ChatServer_9'", "'ChatServer_1'", "4580", type="CfgApplication", name="ChatServer_9", properties=place)


@pytest.mark.parametrize("module", ["application_info", "chat_solution_info"])
def test_info_modules_write_nothing(furnished: Site, module: str) -> None:
    state = furnished.sandbox.database()
    arguments: dict[str, Any] = {"tenant": "Environment"} if module == "chat_solution_info" else {}
    for check in (False, True):
        assert furnished.ok(module, check, **arguments).changed is False
        assert furnished.writes() == []
    assert furnished.sandbox.database() == state
