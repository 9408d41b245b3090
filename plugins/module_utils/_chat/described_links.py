# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The way back from the connections of a Chat Server to its description; chat_server_links.py goes the other way."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from .._config import fields
from .._config.directory import ConfigObject
from .connection import current_links
from .context import APPLICATION_CLUSTER, CONFIGURATION_SERVER, CONTACT_SERVER, INTERACTION_SERVER, MESSAGE_SERVER

if TYPE_CHECKING:
    from .adopt import Adoption


def describe_links(adoption: Adoption, spec: dict[str, Any], app: ConfigObject) -> None:
    """Describe the connections: by role where they are at the default port, one by one otherwise."""
    links = current_links(adoption.directory, app)
    settings = [_addp(link) for link in links.values()]
    same = settings[0] if settings and all(item == settings[0] for item in settings) else None
    if same:
        spec["addp"] = same
    roles = {INTERACTION_SERVER: [], APPLICATION_CLUSTER: [], MESSAGE_SERVER: [], CONFIGURATION_SERVER: [],
             CONTACT_SERVER: []}
    others: list[dict[str, Any]] = []
    for (server, port), link in links.items():
        found = adoption.directory.find("CfgApplication", server)
        primary = adoption.context.primary_of(found) if found is not None else ""
        if found is None:
            adoption.is_dangling(app, "connections", server)
        elif primary and found.subtype != CONTACT_SERVER:
            adoption.leave_out(app.name, f"it is connected to '{server}', which is the backup of '{primary}'; a connection leads to the "
                                         "primary only", "connections")
        elif found.subtype in roles and port == "default" and (same or found.subtype == CONTACT_SERVER):
            roles[found.subtype].append(server)
        elif found.subtype != CONTACT_SERVER:
            others.append({"server": server, "port": port, "addp": _addp(link)})
    spec["interaction_servers"] = roles[INTERACTION_SERVER] + roles[APPLICATION_CLUSTER]
    for key, kind in (("message_server", MESSAGE_SERVER), ("configuration_server", CONFIGURATION_SERVER)):
        names = roles[kind]
        if names:
            spec[key] = names[0]
        others += [{"server": name, "port": "default", "addp": same} for name in names[1:]]
    spec["connections"] = others
    contact_servers = {server for server, _port in links
                       if getattr(adoption.directory.find("CfgApplication", server), "subtype", "") == CONTACT_SERVER}
    if len(contact_servers) == 1 and roles[CONTACT_SERVER] and not adoption.directory.require(
            "CfgApplication", roles[CONTACT_SERVER][0], "contact_server").is_backup:
        spec["contact_server"] = roles[CONTACT_SERVER][0]
    elif contact_servers:
        adoption.leave_out(app.name, f"its connections to UCS ({', '.join(sorted(contact_servers))}) do not fit the rule of one primary, at "
                                     "its default port", "contact_server")


def _addp(link: Mapping[str, Any]) -> dict[str, Any]:
    """Return a connection's attributes as the addp suboptions that describe it."""
    if link.get("protocol") != "addp":
        return {"enabled": False}
    addp = {"enabled": True, "local_timeout": link["local_timeout"], "remote_timeout": link["remote_timeout"]}
    if link["trace"] in fields.TRACE_MODES:
        addp["trace"] = link["trace"]
    return addp
