# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Check mode: nothing is written, and what is told is, one by one and in order, what a real run then writes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from integration.configured_site import ADDP, CHAT_PORTS, CHAT_SERVERS, CHAT_TEMPLATE, CONTACT_TEMPLATE, INTERACTION_TEMPLATE, Site, solution
from integration.module_runner import Outcome
from integration.vocabulary import explain

from sandbox.packages.templates import TEMPLATES


def predicted_and_done(site: Site, module: str, warns: bool = False, **arguments: Any) -> Outcome:
    """Run a module in check mode, then really, then again, and hold the three against the request log and the database."""
    before = site.sandbox.database()
    prediction = site.ok(module, check=True, warns=warns, **arguments)
    assert site.writes() == []
    assert site.sandbox.database() == before

    real = site.ok(module, warns=warns, **arguments)
    assert [(change["action"], change["type"], change["name"]) for change in prediction.changes] == site.writes()
    assert all(entry["applied"] for entry in site.sandbox.writes())
    assert real.changes == prediction.changes
    assert real.result["diff"] == prediction.result["diff"]
    assert prediction.changed is real.changed is bool(prediction.changes)
    explain(prediction.changes, before, site.sandbox.database())

    again = site.ok(module, warns=warns, **arguments)
    assert again.changed is False and again.changes == [] and site.writes() == []
    return real


# halves: environments on which somebody has worked already


def nothing(site: Site) -> None:
    """A new system."""


def some_objects(site: Site) -> None:
    """One queue, the Interaction Server without links, one UCS, and one Chat Server that is connected to nothing."""
    site.queue("Chat_In")
    site.make("IXN_1", INTERACTION_TEMPLATE, "ixn1", {"default": 4420})
    site.make("UCS_3", CONTACT_TEMPLATE, "ucs3", {"default": 7100})
    site.make_chat_server("ChatServer_2", "chat2", links=[], options={"endpoints:1": {"default": "Chat_In"}})


def other_options(site: Site) -> None:
    """Everything is there, and options, ports, endpoints and addp differ here and there."""
    site.furnish()
    edit = site.sandbox.edit
    edit("CfgApplication", "ChatServer_1", options={"settings": {"hide-attached-data": "false", "message-log-print-size": "500"}})
    edit("CfgApplication", "ChatServer_2", options={"settings": {"limit-for-sessions": "1"}, "endpoints:1": {"default": "Legacy_In"}})
    edit(
        "CfgApplication",
        "ChatServer_3",
        portinfos={"portinfo": [{"id": key, "port": "5580"[:3] + str(at)} for at, key in enumerate(("default", "webapi", "ESP"))]},
    )
    edit("CfgApplication", "ChatServer_4", options={"endpoints:1": {"webme": None}, "log-filter-data": {"Transcript": "copy"}})
    site.relink("IXN_1", [site.link(name, "ESP", timoutlocal=str(number)) for number, name in enumerate(CHAT_SERVERS, 9)])


def missing_links(site: Site) -> None:
    """Everything is there, but links and a pair are missing, one has no addp, and GMS has it where it should not."""
    site.furnish()
    site.sandbox.edit("CfgApplication", "UCS_3", backupserverdbid="0")
    site.relink("ChatServer_3", [site.link("IXN_1", addp=False), site.link("confserv")])
    site.relink("IXN_1", [site.link("ChatServer_1", "ESP"), site.link("ChatServer_4", "ESP")])
    site.relink("GMS_1", [site.link("SolutionControlServer"), site.link("ChatServer_2", "webapi"), site.link("ChatServer_3", "default", addp=False)])


def placeholder_left(site: Site) -> None:
    """Chat Servers as they come from their template: with the placeholder section, empty and filled, and no section of their tenant."""
    site.furnish_surroundings()
    template = site.sandbox.options("CfgAppPrototype", "Chat Server 8.5.3")
    (section,) = [name for name in template if name.startswith("endpoints")]
    site.make_chat_server("ChatServer_1", "chat1", options={"endpoints:1": {}, section: {"default": ""}})
    site.make_chat_server("ChatServer_2", "chat2", options={"endpoints:1": {}, section: {"default": "Legacy_In", "extra": "Webengagement_Chat"}})
    site.make_chat_server("ChatServer_3", "chat3", options={section: {"default": "Legacy_In", "webme": "Legacy_In", "extra": "Legacy_In"}})


def wrong_groups(site: Site) -> None:
    """Chat Servers that are connected to two UCS, to a backup, and all to the same pair."""
    site.furnish()
    base = [site.link(server) for server in ("IXN_1", "confserv", "MessageServer")]
    site.relink("ChatServer_1", [*base, site.link("UCS_1"), site.link("UCS_3")])
    site.relink("ChatServer_2", [*base, site.link("UCS_2")])
    site.relink("ChatServer_3", [*base, site.link("UCS_1")])
    site.relink("ChatServer_4", [*base, site.link("UCS_1")])


def unlike_pair(site: Site) -> None:
    """A primary with options and tenants of its own; its backup does not exist yet."""
    site.make("UCS_1", CONTACT_TEMPLATE, "ucs1", {"default": 7100}, {"log": {"verbose": "all"}, "settings": {"a": "1"}}, tenants=("Environment", "Sales"))


HALVES = [nothing, some_objects, other_options, missing_links, placeholder_left, wrong_groups, unlike_pair]


@pytest.mark.parametrize("half", HALVES, ids=lambda half: half.__name__)
def test_solution_is_written_as_predicted(site: Site, half: Callable[[Site], None]) -> None:
    half(site)
    done = predicted_and_done(site, "chat_solution", solution=solution())
    assert done.changed


def test_description_of_a_complete_solution_changes_nothing(furnished: Site) -> None:
    before = furnished.sandbox.database()
    for check in (True, False):
        outcome = furnished.ok("chat_solution", check, solution=solution())
        assert (outcome.changed, outcome.changes, furnished.writes()) == (False, [], [])
    assert furnished.sandbox.database() == before


def test_templates_are_imported_and_used_in_one_run(site: Site, tmp_path: Path) -> None:
    """In check mode too, where what is planned for them to be made from does not exist yet."""
    site.sandbox.reset("framework")
    templates = []
    for number, (name, template) in enumerate(TEMPLATES.items()):
        path = tmp_path / f"{number}.apd"
        path.write_text(json.dumps(template), encoding="utf-8")
        templates.append({"name": name, "src": str(path)})
    done = predicted_and_done(site, "chat_solution", solution=solution(application_templates=templates))
    created = [change["name"] for change in done.changes if change["type"] == "CfgAppPrototype"]
    assert created == list(TEMPLATES)


HOST = {"subtype": "CFGNetworkServer", "ostype": "CFGRedHatLinux", "ipaddress": "192.0.2.15", "lcaport": 4999}
NEW_CHAT_SERVER: dict[str, Any] = {
    "name": "ChatServer_9",
    "application_template": CHAT_TEMPLATE,
    "host": "chat1",
    "tenants": ["Environment", "Sales"],
    "ports": {key: number + 100 for key, number in CHAT_PORTS.items()},
    "endpoints": {"default": "Chat_In"},
    "tenant_endpoints": {"Sales": {"default": "Sales_In"}},
    "interaction_servers": ["IXN_1"],
    "contact_server": "UCS_3",
    "addp": {"enabled": False},
    "folder": "Applications",
    "annex": {"a": {"b": "c"}},
}
CHANGES: dict[str, tuple[str, dict[str, Any]]] = {
    "chat_server_app creates": ("chat_server_app", NEW_CHAT_SERVER),
    "chat_server_app changes": (
        "chat_server_app",
        {
            "name": "ChatServer_2",
            "ports": {"ESP": 5582, "more": 5590},
            "options": {"settings": {"limit-for-sessions": None, "x": "1"}},
            "contact_server": "UCS_3",
            "log_privacy": "private",
            "auto_restart": True,
            "addp": {"trace": "remote"},
        },
    ),
    "chat_server_app removes": ("chat_server_app", {"name": "ChatServer_5", "state": "absent"}),
    "chat_endpoint": ("chat_endpoint", {"chat_servers": list(CHAT_SERVERS), "tenant": "Environment", "endpoint": "a b", "queue": "Legacy_In"}),
    "chat_endpoint removes": ("chat_endpoint", {"chat_servers": list(CHAT_SERVERS), "tenant": "Environment", "endpoint": "webme", "state": "absent"}),
    "ucs_pair": ("ucs_pair", {"primary": "UCS_5", "backup": "UCS_6"}),
    "ucs_pair changes": ("ucs_pair", {"primary": "UCS_1", "backup": "UCS_2", "redundancy_type": "hot standby"}),
    "ucs_pair dissolves": ("ucs_pair", {"primary": "UCS_1", "backup": "UCS_2", "state": "absent"}),
    "chat_server_groups": ("chat_server_groups", {"pairs": [{"primary": "UCS_3", "backup": "UCS_4"}], "addp": ADDP}),
    "esp_link": ("esp_link", {"interaction_servers": ["IXN_1"], "addp": {"local_timeout": 3}}),
    "esp_link removes": ("esp_link", {"interaction_servers": ["IXN_1"], "chat_servers": ["ChatServer_2"], "state": "absent"}),
    "gms_link": ("gms_link", {"gms": ["GMS_1"]}),
    "gms_link removes": ("gms_link", {"gms": ["GMS_1"], "chat_servers": ["ChatServer_2"], "state": "absent"}),
    "config_object creates": ("config_object", {"type": "CfgHost", "name": "h 5", "properties": HOST, "annex": {"a": {"b": 1}}}),
    "config_object changes": ("config_object", {"type": "CfgHost", "name": "chat1", "properties": {"lcaport": 5000}, "annex": {"a": {"b": 1}}}),
    "config_object removes": ("config_object", {"type": "CfgScript", "name": "Legacy_In", "tenant": "Environment", "state": "absent"}),
    "application_template removes": ("application_template", {"name": "Spare", "state": "absent"}),
}


@pytest.mark.parametrize(("module", "arguments"), CHANGES.values(), ids=CHANGES.keys())
def test_each_module_writes_as_predicted(furnished: Site, module: str, arguments: dict[str, Any]) -> None:
    site = furnished
    for number in (5, 6):
        site.make(f"UCS_{number}", CONTACT_TEMPLATE, "ucs1", {"default": 7100 + number}, {"log": {"verbose": str(number)}})
    site.make_chat_server("ChatServer_5", "chat1", ports={key: number + 50 for key, number in CHAT_PORTS.items()})
    site.sandbox.create("CfgAppPrototype", name="Spare", subtype="CFGChatServer", version="1")
    assert predicted_and_done(site, module, **arguments).changed
