# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What chat_solution_info describes, chat_solution accepts, and finds in order: on any environment.

``EXAMPLES=500 pytest ...`` tries that many environments, others each time; without it the same few are tried.
"""

from __future__ import annotations

import os
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from integration.configured_site import CHAT_PORTS, CHAT_SERVERS, CHAT_TEMPLATE, Site, solution
from integration.vocabulary import Snapshot

from sandbox.packages.templates import PLACEHOLDER_SECTION, TEMPLATES

EXAMPLES = int(os.environ.get("EXAMPLES", "25"))
TENANTS = {"Environment": "1", "Sales": "101"}
QUEUES = {"Environment": ["Chat_In", "Shared", "Legacy_In"], "Sales": ["Sales_In", "Shared"]}
Object = dict[str, Any]


def adopt(site: Site, tenant: str) -> tuple[Object, list[Object]]:
    """Describe, apply, and assert that the description was accepted and nothing written. Return description and what was left out."""
    state = site.sandbox.database()
    info = site.ok("chat_solution_info", warns=True, tenant=tenant).result
    assert site.writes() == []
    applied = site.ok("chat_solution", warns=True, solution=info["solution"])
    assert (applied.changed, applied.changes, site.writes()) == (False, [], [])
    assert site.sandbox.database() == state
    return info["solution"], info["left_out"]


def served_by(site: Site, tenant: str) -> set[str]:
    """Return the names of the Chat Servers that serve a tenant."""
    served = set()
    for value in site.sandbox.objects("CfgApplication"):
        if value["subtype"] == "CFGChatServer" and {"dbid": TENANTS[tenant]} in value["tenantdbids"]["id"]:
            served.add(value["name"])
    return served


# any environment

ADDP = st.fixed_dictionaries(
    {
        "connprotocol": st.just("addp"),
        "timoutlocal": st.sampled_from(["0", "7", "10"]),
        "timoutremote": st.sampled_from(["0", "8", "10"]),
        "mode": st.sampled_from(["CFGTMNoTraceMode", "CFGTMNone", "CFGTMLocal", "CFGTMRemote", "CFGTMBoth"]),
    }
)
COMMON_ADDP = {"connprotocol": "addp", "timoutlocal": "10", "timoutremote": "10", "mode": "CFGTMBoth"}
PROTOCOL = st.one_of(st.just(COMMON_ADDP), st.just({"connprotocol": ""}), ADDP)
NUMBERS = st.integers(1, 65535)
OPTION = st.sampled_from(["true", "", "1000", "a b ä", "0"])
SECTIONS = st.dictionaries(
    st.sampled_from(["settings", "log", "endpoints", "x y"]),
    st.dictionaries(st.sampled_from(["limit-for-sessions", "hide-attached-data", "db-password", "verbose", "ü"]), OPTION, max_size=3),
    max_size=3,
)
TIMES = st.fixed_dictionaries(
    {},
    optional={
        "startuptimeout": st.sampled_from(["0", "90", "91"]),
        "attempts": st.sampled_from(["0", "1", "5"]),
        "autorestart": st.sampled_from(["CFGTrue", "CFGFalse"]),
        "workdirectory": st.sampled_from(["/opt/chat", "."]),
        "state": st.sampled_from(["CFGEnabled", "CFGDisabled"]),
    },
)


def listed(sections: dict[str, dict[str, str]]) -> Object:
    return {"property": [{"section": section, "key": key, "value": value} for section, values in sections.items() for key, value in values.items()]}


class Builder:
    """Makes an environment, past the modules but by the Configuration Server's rules."""

    def __init__(self, site: Site, data: st.DataObject) -> None:
        self.sandbox = site.sandbox
        self.draw = data.draw
        self.templates = {value["name"]: value["dbid"] for value in self.sandbox.objects("CfgAppPrototype")}
        self.hosts = {value["name"]: value["dbid"] for value in self.sandbox.objects("CfgHost")}
        #: Applications that can be connected to: DBID -> port ids.
        self.targets = {value["dbid"]: [port["id"] for port in value["portinfos"]["portinfo"]] for value in self.sandbox.objects("CfgApplication")}
        self.names = {value["name"]: value["dbid"] for value in self.sandbox.objects("CfgApplication")}
        self.backups: set[str] = set()

    def application(self, name: str, template: str, ports: list[tuple[str, int]], links: list[Object], tenants: list[str], **fields: Any) -> None:
        """Create an application."""
        made = self.sandbox.create(
            "CfgApplication",
            **{
                "name": name,
                "appprototypedbid": self.templates[template],
                "hostdbid": self.hosts[self.draw(st.sampled_from(["chat1", "ixn1"]))],
                "autorestart": "CFGFalse",
                "workdirectory": ".",
                "commandline": ".",
                "commandlinearguments": ".",
                "portinfos": {"portinfo": [{"id": port_id, "port": str(number)} for port_id, number in ports]},
                "appservers": {"conninfo": links},
                "tenantdbids": {"id": [{"dbid": TENANTS[tenant]} for tenant in tenants]},
                **fields,
            },
        )
        self.names[name] = made["dbid"]
        self.targets[made["dbid"]] = [port_id for port_id, _number in ports]

    def links(self, names: list[str], port: str | None = None) -> list[Object]:
        """Draw connections to some of the applications, at the port or at any of theirs."""
        found = []
        for name in names:
            ports = [item for item in self.targets[self.names[name]] if port in (None, item)]
            is_linked = self.draw(st.integers(0, 3)) > 0
            if ports and is_linked:
                some: st.SearchStrategy[list[str]] = st.lists(st.sampled_from(ports), min_size=1, max_size=2, unique=True)
                chosen = ports if port else self.draw(some)
                found += [{"appserverdbid": self.names[name], "id": item, **self.draw(PROTOCOL)} for item in chosen]
        return found

    def contact_servers(self) -> list[str]:
        """Draw UCS, in pairs and alone; return their names."""
        names = [f"UCS_{number}" for number in range(self.draw(st.integers(0, 4)))]
        for name in names:
            ports = [("default", 7100), *([("other", 7101)] if self.draw(st.booleans()) else [])]
            options = listed(self.draw(SECTIONS))
            self.application(name, "Universal Contact Server 9.1", ports, [], ["Environment"], options=options)
        for primary, backup in zip(names[::2], names[1::2]):
            if self.draw(st.integers(0, 3)):
                kind = self.draw(st.sampled_from(["CFGHTWarmStanby", "CFGHTHotStanby", "CFGHTWarmStanby", "CFGHTNoHAType"]))
                fields = {"backupserverdbid": self.names[backup], "redundancytype": kind}
                self.sandbox.control("PUT", f"/objects/CfgApplication/{self.names[primary]}", {"fields": fields})
                self.backups.add(backup)
        return names

    def chat_server(self, name: str, contact_servers: list[str], others: list[str], in_order: bool) -> None:
        """Draw a Chat Server; one that is in order breaks no rule, any other breaks what it likes."""
        tenants = self.draw(st.lists(st.sampled_from(list(TENANTS)), min_size=int(in_order), max_size=2, unique=True))
        ids = list(CHAT_PORTS)
        if not in_order:
            ids = self.draw(st.lists(st.sampled_from([*CHAT_PORTS, "esp", "extra", "ESP "]), unique=True, max_size=5))
        numbers = self.draw(st.lists(st.sampled_from([4580, 4581]) if not in_order else NUMBERS, min_size=len(ids), max_size=len(ids), unique=in_order))
        if in_order and self.draw(st.booleans()):
            numbers = list(CHAT_PORTS.values())
        template = self.draw(st.sampled_from([CHAT_TEMPLATE, CHAT_TEMPLATE, "Plain Chat"]))
        shipped: dict[str, dict[str, str]] = {}
        if self.draw(st.integers(0, 3)):
            for entry in TEMPLATES[CHAT_TEMPLATE]["options"]["property"]:
                shipped.setdefault(entry["section"], {})[entry["key"]] = entry["value"]
        shipped.pop(PLACEHOLDER_SECTION, None)
        if not in_order and self.draw(st.booleans()):
            shipped[PLACEHOLDER_SECTION] = {"default": self.draw(st.sampled_from(["", "Chat_In"]))}
        options = {**shipped, **self.draw(SECTIONS)}
        for tenant in TENANTS if not in_order else tenants:
            default = (
                self.draw(st.sampled_from(QUEUES[tenant])) if in_order else self.draw(st.sampled_from(["Chat_In", "Sales_In", "", "Legacy_Strategy", "Gone"]))
            )
            more = self.draw(st.dictionaries(st.sampled_from(["webme", "ä b"]), st.sampled_from([*QUEUES[tenant], "Gone", ""]), max_size=2))
            options[f"endpoints:{TENANTS[tenant]}"] = {**({"default": default} if in_order or self.draw(st.booleans()) else {}), **more}
        links = self.links(others)
        if in_order:
            free = [server for server in contact_servers if server not in self.backups]
            links += self.links(free[: self.draw(st.integers(0, 1))], "default")
        else:
            links += self.links(contact_servers)
        if in_order and self.draw(st.booleans()):
            links = [{**link, **COMMON_ADDP} for link in links]
        annex = listed(self.draw(SECTIONS))
        self.application(name, template, list(zip(ids, numbers)), links, tenants, options=listed(options), userproperties=annex, **self.draw(TIMES))


@pytest.fixture(scope="session")
def basis(one_site: Site, states: dict[str, Any]) -> tuple[Site, Object]:
    """The state that every environment starts from: two tenants, queues, and a template without options."""
    one_site.sandbox.clear_faults()
    one_site.sandbox.dialect("plain")
    one_site.sandbox.restore(states["seed"])
    for tenant, names in QUEUES.items():
        for name in names:
            if name not in ("Legacy_In", "Sales_In"):
                one_site.sandbox.create("CfgScript", name=name, subtype="CFGInteractionQueue", tenantdbid=TENANTS[tenant])
    one_site.sandbox.create("CfgAppPrototype", name="Plain Chat", subtype="CFGChatServer", version="1")
    return one_site, one_site.sandbox.database()


@settings(
    max_examples=EXAMPLES,
    derandomize="EXAMPLES" not in os.environ,
    deadline=None,
    database=None,
    # Finding a smaller example takes minutes here: for people who look for one.
    phases=tuple(Phase) if "EXAMPLES" in os.environ else (Phase.generate,),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)
@given(data=st.data())
def test_any_environment_can_be_described_and_applied(basis: tuple[Site, Object], data: st.DataObject) -> None:
    site, state = basis
    site.sandbox.restore(state)
    build = Builder(site, data)
    contact_servers = build.contact_servers()
    interaction_servers = [f"IXN_{number}" for number in range(data.draw(st.integers(0, 2)))]
    for name in interaction_servers:
        build.application(name, "Interaction Server 8.5.2", [("default", 4420), ("second", 4421)], [], ["Environment"])
    others = [*interaction_servers, "confserv", "MessageServer"]
    good = set()
    for number in range(data.draw(st.integers(1, 4))):
        in_order = bool(data.draw(st.integers(0, 2)))
        build.chat_server(f"Chat {number}", contact_servers, others, in_order)
        good |= {f"Chat {number}"} if in_order else set()
    chat_servers = [name for name in build.names if name.startswith("Chat ")]
    for name in interaction_servers:
        if data.draw(st.booleans()):
            site.sandbox.edit("CfgApplication", name, appservers={"conninfo": build.links(chat_servers, data.draw(st.sampled_from(["ESP", "ESP", None])))})
    for number in range(data.draw(st.integers(0, 2))):
        links = build.links(chat_servers, "webapi")
        if data.draw(st.booleans()):
            links = [{**link, "connprotocol": ""} for link in links]
        build.application(f"GMS_{number}", "Genesys Mobile Services 8.5.2", [("default", 8080)], links, ["Environment"])

    tenant = data.draw(st.sampled_from(list(TENANTS)))
    description, left_out = adopt(site, tenant)
    described = {item["name"] for item in description["chat_servers"]}
    assert described | {item["name"] for item in left_out} >= served_by(site, tenant)
    assert good & served_by(site, tenant) <= described, left_out
    assert PLACEHOLDER_SECTION not in str(description)


# known environments


def test_whole_solution_is_described(furnished: Site) -> None:
    description, left_out = adopt(furnished, "Environment")
    assert left_out == []
    assert [item["name"] for item in description["chat_servers"]] == list(CHAT_SERVERS)
    assert description["contact_servers"]["pairs"] == [{"primary": "UCS_1", "backup": "UCS_2"}, {"primary": "UCS_3", "backup": "UCS_4"}]
    assert (description["interaction_servers"], description["gms"]) == (["IXN_1"], ["GMS_1"])
    assert (description["message_server"], description["configuration_server"]) == ("MessageServer", "confserv")
    assert description["chat_server_defaults"]["ports"] == CHAT_PORTS
    assert description["chat_servers"][1]["options"] == {"settings": {"limit-for-sessions": "2000"}}
    assert description["interaction_queues"] == ["Chat_In", "Webengagement_Chat"]


def test_what_the_module_made_is_described(site: Site) -> None:
    site.ok("chat_solution", solution=solution())
    _description, left_out = adopt(site, "Environment")
    assert left_out == []


def test_description_rebuilds_what_it_describes(furnished: Site) -> None:
    """Take the Chat Servers away and apply the description: they are back as they were, with all their links."""
    furnished.sandbox.edit(
        "CfgApplication", "ChatServer_1", startuptimeout="33", options={"settings": {"extra": "ä", "limit-for-sessions": "3"}}, annex={"a": {"b": "c"}}
    )
    description, _left_out = adopt(furnished, "Environment")
    before = Snapshot(furnished.sandbox.database())
    for client, kept in (("IXN_1", []), ("GMS_1", [furnished.link("SolutionControlServer")])):
        furnished.relink(client, kept)
    for name in CHAT_SERVERS:
        furnished.sandbox.delete("CfgApplication", name)
    furnished.ok("chat_solution", solution=description)
    after = Snapshot(furnished.sandbox.database())
    assert {key: after.words(value) for key, value in after.objects().items()} == {key: before.words(value) for key, value in before.objects().items()}


def test_some_chat_servers_only(furnished: Site) -> None:
    info = furnished.ok("chat_solution_info", tenant="Environment", chat_servers=["ChatServer_2", "ChatServer_3"]).result
    assert [item["name"] for item in info["solution"]["chat_servers"]] == ["ChatServer_2", "ChatServer_3"]
    assert not furnished.ok("chat_solution", solution=info["solution"]).changed


def test_tenant_without_chat_servers(furnished: Site) -> None:
    description, left_out = adopt(furnished, "Sales")
    assert (description["chat_servers"], left_out) == ([], [])


BROKEN = {
    "port": ({"portinfos": {"portinfo": [{"id": "default", "port": "1"}, {"id": "webapi", "port": "2"}]}}, {}, "ESP"),
    "endpoint": ({}, {"endpoints:1": {"default": ""}}, "default endpoint"),
    "placeholder": ({}, {PLACEHOLDER_SECTION: {"default": "Chat_In"}}, "tenant_dbid"),
}


@pytest.mark.parametrize(("fields", "options", "word"), BROKEN.values(), ids=BROKEN.keys())
def test_what_breaks_a_rule_is_left_out_and_said(furnished: Site, fields: Object, options: Object, word: str) -> None:
    furnished.relink("IXN_1", [])
    furnished.sandbox.edit("CfgApplication", "ChatServer_3", options=options, **fields)
    description, left_out = adopt(furnished, "Environment")
    assert [item["name"] for item in description["chat_servers"]] == ["ChatServer_1", "ChatServer_2", "ChatServer_4"]
    assert [word in item["reason"] for item in left_out if item["name"] == "ChatServer_3"] == [True]
