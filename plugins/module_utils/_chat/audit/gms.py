# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules on GMS nodes: their connections, chat services and endpoints."""

from __future__ import annotations

from collections.abc import Iterator

from ..._config.directory import ConfigObject
from ..backend_server import key_options
from ..chat_services import SECTION, SOLUTION_CONTROL_SERVER, service_sections
from ..context import CHAT_SERVER
from .rule import ERROR, WARNING, Fault, Rule, on
from .site import Site, listed

#: Source: GMSV1
_DEFAULT_ENDPOINT = ("chat", "default_chat_endpoint")
_ENDPOINT = "_chat_endpoint"
_BUILT_IN = "gms_builtin"

#: A port of this protocol serves as well as the port webapi. Source: GMSDC
_FLEX = "chat-flex"


def _addp(site: Site) -> Iterator[Fault]:
    for app in site.gms_nodes:
        found = sorted(server.name for server, _port, link in site.links(app) if server.subtype == CHAT_SERVER and link["protocol"] == "addp")
        if found:
            yield on(app.name, f"uses addp on its connections to {listed(found)}")


def _port(site: Site) -> Iterator[Fault]:
    for app in site.gms_nodes:
        found = sorted({f"'{port}' of {server.name}" for server, port, _link in site.links(app)
                        if server.subtype == CHAT_SERVER and port != "webapi" and server.port_protocols.get(port) != _FLEX})
        if found:
            yield on(app.name, f"is connected to the port {listed(found)}")


def _control_server(site: Site) -> Iterator[Fault]:
    for app in site.gms_nodes:
        if service_sections(app) and not site.linked(app, SOLUTION_CONTROL_SERVER):
            yield on(app.name, "has a chat service, and no connection to a Solution Control Server")


def _service(site: Site) -> Iterator[Fault]:
    for app in site.gms_nodes:
        if not service_sections(app):
            yield on(app.name, f"is connected to Chat Servers, and has no section of a chat service, such as {SECTION}customer-support")


def _spelling(site: Site) -> Iterator[Fault]:
    for app in site.gms_nodes:
        for option, value in sorted(app.options().items()):
            if option == _DEFAULT_ENDPOINT or option[1] == _ENDPOINT and value != _BUILT_IN:
                wrong = _wrong_for_gms(site, app, value)
                if wrong:
                    yield on(app.name, f"names the endpoint '{value}' in {'/'.join(option)}: {wrong}")
    for app, release in site.backend_servers:
        value = key_options(app)[release]
        owner, colon, endpoint = value.partition(":")
        tenant = site.directory.by_dbid("CfgTenant", int(owner)) if owner.isdecimal() else None
        if not colon or not endpoint or tenant is None:
            yield on(app.name, f"names the endpoint '{value}'; Web Engagement takes the DBID of the tenant, a colon and the endpoint")
            continue
        servers, _clusters = site.chat_servers_behind(app)
        without = [server.name for server in servers if not site.endpoint_sections(server).get(tenant.dbid, {}).get(endpoint)]
        if without:
            yield on(app.name, f"names the endpoint '{value}', which is not on {listed(without)}")


def _wrong_for_gms(site: Site, app: ConfigObject, value: str) -> str:
    """Return what is wrong with an endpoint as GMS spells it, or ''.  Source: GMSV1"""
    named = [tenant for tenant in site.directory.all("CfgTenant") if value.startswith(tenant.name + ":")]
    if not named:
        return "GMS takes the name of the tenant, a colon and the endpoint"
    tenant = max(named, key=lambda tenant: len(tenant.name))
    endpoint = value[len(tenant.name) + 1:]
    without = [server.name for server in site.linked(app, CHAT_SERVER) if not site.endpoint_sections(server).get(tenant.dbid, {}).get(endpoint)]
    return f"there is no such endpoint on {listed(without)}" if without else ""


RULES = (
    Rule("L05", WARNING, "GMS does not use addp to the port webapi.", "The connections are short, and addp is of no use there.",
         "Take addp from the connection: gms_link.", "CHAT", _addp),
    Rule("L06", ERROR, "GMS is connected to the port webapi, or to one of the protocol chat-flex.", "The chat API does not work over another port.",
         "Connect it to the port webapi: gms_link.", "CHAT, GMSDC", _port),
)

SERVICE_RULES = (
    Rule("L20", ERROR, "GMS nodes with a chat service are connected to Solution Control Server.", "Digital channels are off or unreliable without it.",
         "Add the connection: gms_chat_services in the description, or gms_chat_service.", "GMSDC", _control_server),
    Rule("L21", ERROR, "GMS nodes have a chat service.", "There is no chat API of the second version without its section.",
         "Configure the service: gms_chat_service.", "CHAT", _service),
    Rule("L22", ERROR, "GMS and Web Engagement spell endpoints each in its own way, and the endpoint is there.", "The chat is refused, or lands in "
         "another queue.", "GMS takes <name of the tenant>:<endpoint>, Web Engagement <DBID of the tenant>:<endpoint>.", "GMSV1, GWE812", _spelling),
)
