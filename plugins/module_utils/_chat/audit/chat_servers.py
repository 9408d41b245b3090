# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules on each Chat Server: ports, connections, log, options, and its endpoints."""

from __future__ import annotations

from collections.abc import Iterator

from ..._config.desired import Desired
from ..application import PLACEHOLDER
from ..context import APPLICATION_CLUSTER, CONFIGURATION_SERVER, CONTACT_SERVER, INTERACTION_SERVER, MESSAGE_SERVER
from ..log_privacy import finding_of
from ..ranges import RANGES, fits
from .rule import ERROR, INFO, WARNING, Fault, Rule, on
from .site import Site, listed

#: Source: CHAT
_MANDATORY = ("default", "webapi", "ESP")
_PORTS = (*_MANDATORY, "health")

#: Limits that only count with limits-control-enabled, and what they are without a change, None where that is not known.  Source: SIZE, SRV850, SRVOLD
_LIMITS = {"limit-for-sessions": "1000", "limit-for-flex-users": "1001", "limit-for-reply-delay": None}

#: Source: SENS
_DISCONTINUED = {"transcript-cleanup-typing": "transcript-cleanup/typing-preview", "transcript-cleanup-mask": "transcript-cleanup/default-repchar"}

_CONTENT = ("health-service", "log-output-content")
_ABANDONED = ("settings", "stop-abandoned-interaction")


def _ports(site: Site) -> Iterator[Fault]:
    for app in site.all_chat_servers:
        missing = [port for port in _MANDATORY if port not in app.port_ids]
        if missing:
            yield on(app.name, f"has no port with the id {listed(missing)}")


def _health(site: Site) -> Iterator[Fault]:
    for app in site.all_chat_servers:
        for port in sorted(app.port_ids):
            meant = next((known for known in _PORTS if known.lower() == port.strip().lower() and known != port), "")
            if meant:
                yield on(app.name, f"has a port with the id '{port}', which is not the id '{meant}'")
        if site.wishes.get("health_port") and "health" not in app.port_ids:
            yield on(app.name, "has no port with the id health, and KPI are to be asked for over it")


def _connections(site: Site) -> Iterator[Fault]:
    for app in site.chat_servers:
        if not site.linked(app, INTERACTION_SERVER, APPLICATION_CLUSTER):
            yield on(app.name, "has no connection to an Interaction Server")
        if not site.linked(app, CONTACT_SERVER) and app.options().get(("settings", "use-contact-server")) != "false":
            yield on(app.name, "has no connection to a UCS")


def _without_addp(site: Site) -> Iterator[Fault]:
    types = (INTERACTION_SERVER, CONTACT_SERVER, CONFIGURATION_SERVER, MESSAGE_SERVER)
    for app in (*site.chat_servers, *site.interaction_servers):
        of_chat_server = app in site.chat_servers
        without = [server.name for server, port, link in site.links(app)
                   if link["protocol"] != "addp" and (server.subtype in types if of_chat_server else server in site.all_chat_servers and port == "ESP")]
        if without:
            yield on(app.name, f"has connections without addp: to {listed(sorted(set(without)))}")


def _placeholder(site: Site) -> Iterator[Fault]:
    for app in site.all_chat_servers:
        sections = sorted({section for section, _key in app.options() if PLACEHOLDER.match(section)})
        if sections:
            yield on(app.name, f"still has the section '{sections[0]}' of the template")


def _endpoint_sections(site: Site) -> Iterator[Fault]:
    for app in site.chat_servers:
        sections = site.endpoint_sections(app)
        for dbid in sections:
            if site.directory.by_dbid("CfgTenant", dbid) is None:
                yield on(app.name, f"has a section endpoints:{dbid}, and no tenant has the DBID {dbid}")
        for dbid in app.tenant_dbids:
            if dbid not in sections:
                tenant = site.directory.name("CfgTenant", dbid)
                yield on(app.name, f"serves tenant '{tenant}' and has no section endpoints:{dbid}")


def _queues(site: Site) -> Iterator[Fault]:
    for app in site.chat_servers:
        for dbid, endpoints in site.endpoint_sections(app).items():
            if not endpoints.get("default", "").strip():
                yield on(app.name, f"has no queue for the endpoint 'default' in section endpoints:{dbid}")
            if site.directory.by_dbid("CfgTenant", dbid) is None:
                continue
            for endpoint, queue in endpoints.items():
                if queue.strip() and not site.is_queue(queue, dbid):
                    yield on(app.name, f"has the endpoint '{endpoint}' in section endpoints:{dbid} with '{queue}', which is no Interaction Queue of tenant "
                                       f"'{site.directory.name('CfgTenant', dbid)}'")


def _limits_off(site: Site) -> Iterator[Fault]:
    for app in site.chat_servers:
        options = app.options("settings")
        changed = [key for key, usual in _LIMITS.items() if options.get(("settings", key)) not in (None, usual)]
        if changed and options.get(("settings", "limits-control-enabled")) != "true":
            yield on(app.name, f"has {listed(changed)} set, which has no effect without limits-control-enabled=true")


def _privacy(site: Site) -> Iterator[Fault]:
    for app in site.chat_servers:
        found = finding_of(site.context, Desired("CfgApplication", app.name))
        if found:
            yield on(app.name, found.text.partition(". ")[0].rstrip("."))


def _ranges(site: Site) -> Iterator[Fault]:
    for app in site.chat_servers:
        for (section, key), allowed in RANGES.items():
            value = app.options().get((section, key))
            if value is not None and not fits(allowed, value):
                words = " or ".join(allowed) if isinstance(allowed[0], str) else f"{allowed[0]} to {allowed[1]}"
                yield on(app.name, f"has {section}/{key}='{value}', and documented is {words}")


def _discontinued(site: Site) -> Iterator[Fault]:
    for app in site.chat_servers:
        for key, instead in _DISCONTINUED.items():
            if ("settings", key) in app.options():
                yield on(app.name, f"has settings/{key}, which was replaced by {instead} in release 8.5.103")


def _counters(site: Site) -> Iterator[Fault]:
    for app in site.chat_servers:
        others = app.options(_CONTENT[0])
        value = others.get(_CONTENT)
        if value == "" or value is None and others:
            yield on(app.name, f"has {'/'.join(_CONTENT)} {'empty' if value == '' else 'removed'}")


def _abandoned(site: Site) -> Iterator[Fault]:
    for app in site.chat_servers:
        value = app.options().get(_ABANDONED)
        if value in ("always", "true", "false"):
            told = "which is not recommended" if value == "always" else "a value of older releases"
            yield on(app.name, f"has {'/'.join(_ABANDONED)}={value}, {told}")


RULES = (
    Rule("L01", ERROR, "Each Chat Server has the ports default, webapi and ESP.", "Desktops, GMS and Interaction Server each use one of the three.",
         "Add the port with that id to the Chat Server.", "CHAT", _ports),
    Rule("L02", ERROR, "The ids of ports are spelled as the product spells them; KPI over REST need the port health.",
         "A client looks for a port by its exact id, and finds nothing at a similar one.", "Correct the id, or add the port health.", "CHAT", _health),
    Rule("L03", ERROR, "Each Chat Server is connected to an Interaction Server and to a UCS.",
         "Without the one no chat is routed, without the other no transcript is kept.", "Add the connection.", "CHAT, WAPP", _connections),
    Rule("L04", WARNING, "Connections of Chat Servers, and those to their ESP ports, use addp.", "Without it a lost connection is noticed late.",
         "Set the protocol addp, with timeouts, on the connection.", "CHAT", _without_addp),
    Rule("L08", ERROR, "The section of the template for endpoints is renamed.", "A section with a placeholder in its name counts for no tenant.",
         "Rename it to endpoints: and the DBID of the tenant.", "CHAT", _placeholder),
    Rule("L09", ERROR, "Each section of endpoints belongs to a tenant, and each tenant that is served has one.", "A chat of that tenant has no queue.",
         "Make the section with the DBID of the tenant, or take the tenant from the Chat Server.", "CHAT", _endpoint_sections),
    Rule("L10", ERROR, "Each endpoint, and always default, leads to an Interaction Queue of the tenant.", "Chats of that endpoint can't be submitted.",
         "Give the name of an Interaction Queue of that tenant.", "CHAT, EMAILEP", _queues, ("CfgScript",)),
    Rule("L18", INFO, "Limits are set where they count.", "The limits look effective, and are not.",
         "Set limits-control-enabled to true, or take the limits away.", "SRV850, SIZE", _limits_off),
    Rule("L34", WARNING, "The log shows no customers' data, but for a time that is noted.", "The log is read by more people than may read chats.",
         "Set log_privacy to private, or note its end in troubleshooting_until.", "CHAT, SRV850", _privacy),
    Rule("L35", WARNING, "Options have documented values.", "The product may take its default instead, or refuse to work.", "Give a value of the range.",
         "CHAT, SRV850, SIZE, INACT, WFLOW", _ranges),
    Rule("L36", WARNING, "No option is discontinued.", "It has no effect any more.", "Set the option that replaced it, and remove this one.", "SENS",
         _discontinued),
    Rule("L37", WARNING, "health-service/log-output-content is there and not empty.", "Chat Server sets all cumulative KPI to zero.",
         "Set it to all, new or set.", "SIZE", _counters),
    Rule("L38", WARNING, "Abandoned interactions are not stopped always.", "Interactions may be stopped that somebody still waits for, and reports are wrong.",
         "Set it to never, noagents or noanswer.", "REPORT", _abandoned),
)
