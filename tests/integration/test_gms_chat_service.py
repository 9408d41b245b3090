# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Chat services of GMS: the section, the connection to Solution Control Server, the endpoints of the first chat API.

The options of a service are unknown; ``an-option`` stands for whatever a release of GMS has.
"""

from __future__ import annotations

from typing import Any

import pytest
from integration.configured_site import CHAT_SERVERS, GMS_TEMPLATE, Site, solution
from integration.test_config_check_mode import predicted_and_done
from integration.test_config_lifecycle import application, link, links, step

SECTION = "chat.customer-support"
SCS = "SolutionControlServer"
NODES = ["GMS_1", "GMS_2"]
SERVICE: dict[str, Any] = {"gms": NODES, "solution_control_server": SCS, "options": {"an-option": "1", "another": "true"}}
BOTH = [application("update", name) for name in NODES]


@pytest.fixture
def nodes(furnished: Site) -> Site:
    """Two GMS nodes, one without a connection to Solution Control Server; both use all Chat Servers."""
    furnished.make("GMS_2", GMS_TEMPLATE, "gms1", {"default": 8081}, links=[furnished.link(name, "webapi", addp=False) for name in CHAT_SERVERS])
    return furnished


def sections(site: Site, name: str = "GMS_1") -> dict[str, dict[str, str]]:
    """The sections of a node that are about chat."""
    return {section: values for section, values in site.sandbox.options("CfgApplication", name).items() if "chat" in section}


# the module


def test_gms_chat_service(nodes: Site) -> None:
    """Made, changed, removed; nothing else is touched."""
    site = nodes
    before = {name: site.application(name) for name in NODES}
    step(site, "gms_chat_service", BOTH, **SERVICE)
    assert all(sections(site, name) == {SECTION: {"an-option": "1", "another": "true"}} for name in NODES)
    assert all(links(site, name)[SCS, "default"] == link(10, 10, "both") for name in NODES)

    step(site, "gms_chat_service", BOTH[:1], gms=["GMS_1"], options={"an-option": 2, "another": None})
    assert (sections(site), len(sections(site, "GMS_2")[SECTION])) == ({SECTION: {"an-option": "2"}}, 2)
    step(site, "gms_chat_service", BOTH[:1], gms=["GMS_1"], service="sales", options={"an-option": "3"})
    assert sections(site) == {SECTION: {"an-option": "2"}, "chat.sales": {"an-option": "3"}}
    step(site, "gms_chat_service", [], gms=["GMS_1"])

    step(site, "gms_chat_service", BOTH, gms=NODES, state="absent")
    step(site, "gms_chat_service", BOTH[:1], gms=["GMS_1"], service="sales", state="absent")
    after = {name: site.application(name) for name in NODES}
    control = {path: value for path, value in after["GMS_2"].items() if path[:2] == ("connections", SCS)}
    assert control and after == {"GMS_1": before["GMS_1"], "GMS_2": {**before["GMS_2"], **control}}
    assert "no application named 'GMS_7'" in site.ok("gms_chat_service", warns=True, gms=["GMS_7"], state="absent").warnings[0]


def test_what_is_predicted_for_a_service_is_done(nodes: Site) -> None:
    predicted_and_done(nodes, "gms_chat_service", **SERVICE, default_chat_endpoint="Environment:webme")
    predicted_and_done(nodes, "gms_chat_service", gms=["GMS_1"], options={"an-option": None}, default_chat_endpoint="Environment:default")
    predicted_and_done(nodes, "gms_chat_service", gms=NODES, state="absent")


def test_a_service_that_runs_is_not_taken_away_unasked(nodes: Site) -> None:
    site = nodes
    site.ok("gms_chat_service", **SERVICE)
    site.sandbox.edit("CfgApplication", "GMS_1", workdirectory="/opt/gms")
    absent: dict[str, Any] = {"gms": ["GMS_1"], "state": "absent"}
    site.refuses("gms_chat_service", "'GMS_1' would lose its chat service 'customer-support'", "allow_disruption", **absent)
    step(site, "gms_chat_service", BOTH[:1], gms=["GMS_1"], options={"an-option": None, "a-third": "x"})
    step(site, "gms_chat_service", BOTH[:1], allow_disruption=["GMS_1"], **absent)
    assert sections(site) == {}


# endpoints of the first chat API


def test_endpoints(nodes: Site) -> None:
    site = nodes
    site.sandbox.edit("CfgApplication", "GMS_1", options={"request-chat": {"_chat_endpoint": "gms_builtin"}})
    given: dict[str, Any] = {"gms": ["GMS_1"], "options": {"an-option": "1"}, "default_chat_endpoint": "Environment:webme"}
    step(site, "gms_chat_service", BOTH[:1], chat_endpoints={"request-chat": "Environment:default"}, **given)
    assert sections(site) == {
        SECTION: {"an-option": "1"},
        "chat": {"default_chat_endpoint": "Environment:webme"},
        "request-chat": {"_chat_endpoint": "Environment:default"},
    }
    step(site, "gms_chat_service", BOTH[:1], chat_endpoints={"request-chat": "gms_builtin"}, **given)
    site.refuses(
        "chat_endpoint", "'webme'", "'GMS_1' (chat/default_chat_endpoint", chat_servers=["ChatServer_1"], tenant="Environment", endpoint="webme", state="absent"
    )


#: What is given, and what the message says.
WRONG: dict[str, tuple[dict[str, Any], list[str]]] = {
    "the tenant by its number": (
        {"default_chat_endpoint": "1:webme"},
        ["default_chat_endpoint: '1:webme' names the tenant by its number, as Web Engagement", "'Environment:webme'"],
    ),
    "no such tenant": ({"default_chat_endpoint": "Enviroment:webme"}, ["default_chat_endpoint: ", "'Enviroment'; did you mean 'Environment'?"]),
    "an endpoint alone": ({"default_chat_endpoint": "webme"}, ["the name of a tenant, a colon and the name of an endpoint", "'webme'"]),
    "no such endpoint": (
        {"default_chat_endpoint": "Environment:webmee"},
        ["no endpoint 'webmee' of tenant 'Environment' on ChatServer_1, ChatServer_2, ChatServer_3, ChatServer_4", "did you mean 'webme'?"],
    ),
    "an endpoint of another tenant": ({"default_chat_endpoint": "Sales:webme"}, ["no endpoint 'webme' of tenant 'Sales' on ChatServer_1"]),
    "the number for one service": (
        {"chat_endpoints": {"request-chat": "1:default"}},
        ["chat_endpoints: request-chat: '1:default' names the tenant by its number"],
    ),
    "no such service": (
        {"chat_endpoints": {"request-cat": "Environment:default"}},
        ["chat_endpoints: ", "no section 'request-cat'; did you mean 'request-chat'?"],
    ),
    "the number among the options": ({"options": {"_chat_endpoint": "1:default"}}, ["options: _chat_endpoint: '1:default' names the tenant by its number"]),
    "no option": ({"options": {}}, [f"options: the section '{SECTION}' of 'GMS_1' would have no option", "give at least one option"]),
    "a list": ({"options": {"an-option": ["1"]}}, ["options: chat.customer-support/an-option"]),
    "no options but text": ({"options": "many"}, ["options must be a mapping"]),
    "the section for the service": ({"service": SECTION}, [f"service: '{SECTION}' is the section of a service; give its name, 'customer-support'"]),
    "no name": ({"service": " "}, ["service must be the name of a service"]),
    "no Solution Control Server": ({"solution_control_server": "MessageServer"}, ["solution_control_server: ", "'MessageServer'", "CFGSCS"]),
    "no GMS node": ({"gms": ["UCS_1"]}, ["gms: application 'UCS_1' is of type CFGContactServer, so it is no GMS node"]),
    "none named, none connected": (
        {"gms": ["GMS_2"], "solution_control_server": None},
        ["solution_control_server: 'GMS_2' has no connection to a Solution Control Server", "name the server"],
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_bad_input(nodes: Site, case: str) -> None:
    given, words = WRONG[case]
    nodes.sandbox.edit("CfgApplication", "GMS_1", options={"request-chat": {"_chat_endpoint": "gms_builtin"}})
    nodes.refuses("gms_chat_service", *words, **{**SERVICE, "gms": ["GMS_1"], **given})


def test_the_last_option_is_not_taken_away(nodes: Site) -> None:
    nodes.ok("gms_chat_service", **SERVICE)
    nodes.refuses("gms_chat_service", "would have no option", "set state to absent", gms=["GMS_1"], options={"an-option": None, "another": None})


def test_an_endpoint_on_some_chat_servers_only(nodes: Site) -> None:
    nodes.sandbox.edit("CfgApplication", "ChatServer_3", options={"endpoints:1": {"webme": None}})
    nodes.refuses("gms_chat_service", "endpoint 'webme' of tenant 'Environment' on ChatServer_3, to", **SERVICE, default_chat_endpoint="Environment:webme")


def test_what_is_there_and_wrong_is_told(nodes: Site) -> None:
    """An endpoint that this run does not write is left alone, with a warning."""
    site = nodes
    site.sandbox.edit("CfgApplication", "GMS_1", options={"chat": {"default_chat_endpoint": "1:default"}})
    (warning,) = site.ok("gms_chat_service", warns=True, **SERVICE).warnings
    assert all(word in warning for word in ("'GMS_1' chat/default_chat_endpoint is '1:default', which leads nowhere", "'Environment:default'")), warning
    assert sections(site)["chat"] == {"default_chat_endpoint": "1:default"}


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("1:webme", ["will be '1:webme', which looks like an endpoint", "GMS takes its name: 'Environment:webme'"]),
        ("Environment:wemme", ["which looks like an endpoint", "no endpoint 'wemme'", "did you mean 'webme'?"]),
        ("Enviroment:webme", ["will be 'Enviroment:webme', which looks like an endpoint", "names a tenant that does not exist", "did you mean 'Environment'?"]),
        ("Nobody:webme", ["which looks like an endpoint", "names a tenant that does not exist: 'Nobody'"]),
        ("Environment:webme", []),
        ("gms1:8080", []),
        ("1:30", []),
    ],
)
def test_what_looks_like_an_endpoint_of_the_second_chat_api_is_warned_about(nodes: Site, value: str, told: list[str]) -> None:
    """Which of its options names the endpoint is not known, so that nothing is refused."""
    options = {"an-option": value, "api-token": "1:webme"}
    warnings = nodes.ok("gms_chat_service", warns=True, gms=["GMS_1"], options=options).warnings
    assert len(warnings) == bool(told) and all(word in warnings[0] for word in told), warnings
    assert sections(nodes)[SECTION] == options


def test_an_option_of_the_second_chat_api_that_takes_an_endpoint_by_its_name(nodes: Site) -> None:
    given = {"endpoint": "webme", "endpoint-timeout": "30", "fallback-endpoint": "Environment:webme"}
    (warning,) = nodes.ok("gms_chat_service", warns=True, gms=["GMS_1"], options=given).warnings
    assert "chat.customer-support/endpoint will be 'webme', and by its name the option takes an endpoint: 'webme' must be the name of a tenant" in warning
    assert sections(nodes)[SECTION] == given


def test_a_backup_is_not_named(nodes: Site) -> None:
    nodes.sandbox.edit("CfgApplication", "GMS_1", backupserverdbid=nodes.dbid("CfgApplication", "GMS_2"), redundancytype="CFGHTWarmStanby")
    nodes.refuses("gms_chat_service", "gms: 'GMS_2' is the backup of 'GMS_1'", "name the primary", **SERVICE)


# in a description


def test_a_solution_with_a_chat_service(site: Site) -> None:
    """Made with everything that it leads to; the endpoint that it names comes with the Chat Servers of the same run."""
    service = {"options": {"an-option": "1"}, "default_chat_endpoint": "Environment:webme"}
    description = solution(gms_chat_services=[service])
    predicted_and_done(site, "chat_solution", solution=description)
    assert sections(site) == {SECTION: {"an-option": "1"}, "chat": {"default_chat_endpoint": "Environment:webme"}}
    del description["chat_server_defaults"]["endpoints"]["webme"]
    description["gms_chat_services"][0]["default_chat_endpoint"] = "Environment:sales"
    wrong = "gms_chat_services[0]: default_chat_endpoint: there is no endpoint 'sales'"
    site.refuses("chat_solution", wrong, solution=description)
    description["chat_server_defaults"]["endpoints"]["sales"] = "Chat_In"
    step(site, "chat_solution", [application("update", name) for name in ("GMS_1", *CHAT_SERVERS)], solution=description)
    assert sections(site)["chat"] == {"default_chat_endpoint": "Environment:sales"}

    description["gms"][0]["connections"] = []
    site.relink("GMS_1", [site.link(name, "webapi", addp=False) for name in CHAT_SERVERS])
    site.refuses("chat_solution", "gms_chat_services[0]: solution_control_server: 'GMS_1' has no connection", solution=description)
    description["gms_chat_services"][0]["solution_control_server"] = SCS
    (change,) = site.ok("deployment_info", solution=description, differences=True).result["changes"]
    assert (change["name"], list(change["after"]["connections"])) == ("GMS_1", [SCS])
    step(site, "chat_solution", [application("update", "GMS_1")], solution=description)


def test_the_way_back(nodes: Site) -> None:
    """Nodes with the same service are told together, secrets and endpoints that lead nowhere are not."""
    site = nodes
    site.ok("gms_chat_service", **SERVICE, default_chat_endpoint="Environment:webme")
    info = site.ok("chat_solution_info", tenant="Environment").result
    service = {"service": "customer-support", "options": SERVICE["options"], "solution_control_server": SCS, "default_chat_endpoint": "Environment:webme"}
    assert info["solution"]["gms_chat_services"] == [service]
    assert not site.ok("chat_solution", solution=info["solution"]).changed and site.writes() == []

    secret = {"an-option": "1", "api-token": "hidden"}
    site.sandbox.edit("CfgApplication", "GMS_2", options={"chat": {"default_chat_endpoint": "1:webme"}, "chat.sales": secret})
    info = site.ok("chat_solution_info", tenant="Environment").result
    found = info["solution"]["gms_chat_services"]
    bare = {key: value for key, value in service.items() if key != "default_chat_endpoint"}
    sales = {"service": "sales", "options": {"an-option": "1"}, "solution_control_server": SCS, "gms": ["GMS_2"]}
    assert found == [{**service, "gms": ["GMS_1"]}, {**bare, "gms": ["GMS_2"]}, sales]
    (left,) = [item for item in info["left_out"] if item["name"] == "GMS_2"]
    assert left["part"] == "gms_chat_services" and "'1:webme' names the tenant by its number" in left["reason"]
    assert not site.ok("chat_solution", warns=True, solution=info["solution"]).changed and site.writes() == []

    site.relink("GMS_2", [site.link(name, "webapi", addp=False) for name in CHAT_SERVERS])
    info = site.ok("chat_solution_info", tenant="Environment").result
    assert info["solution"]["gms_chat_services"] == [{**service, "gms": ["GMS_1"]}]
    assert any(item["name"] == "GMS_2" and "no connection to a Solution Control Server" in item["reason"] for item in info["left_out"])
