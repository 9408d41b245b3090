# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The system that is judged: its servers by their roles, and what rules ask of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any

from ..._config.directory import ConfigObject
from ..agent_access import agent_chat_access_info
from ..backend_server import connected, key_options
from ..chat_services import service_sections
from ..clusters import grouped, strangers
from ..connection import current_links
from ..context import APPLICATION_CLUSTER, CHAT_SERVER, CONTACT_SERVER, INTERACTION_QUEUE, INTERACTION_SERVER, Context
from ..restoration import AUTO_SAVE, MODE, digital_channels

#: Type of a GMS node.  Source: PSENUM
GMS_NODE = "CFGGenericServer"

#: Type of a Workspace application.  Source: PSENUM
WORKSPACE = "CFGInteractionWorkspace"

_ENDPOINTS = re.compile(r"^endpoints:(\d+)$")
_ESP_LINK = ((CHAT_SERVER, "ESP"),)


class Site:
    """The system that is judged.

    Args:
        wishes: what the configuration does not tell: health_port (KPI are asked for over REST), development_environment, privileges.
    """

    def __init__(self, context: Context, wishes: Mapping[str, Any]) -> None:
        self.context = context
        self.directory = context.directory
        self.wishes = wishes

    # -- servers by role -----------------------------------------------------------------------------------------

    @cached_property
    def applications(self) -> list[ConfigObject]:
        """All applications, by name."""
        return sorted(self.directory.all("CfgApplication"), key=lambda app: app.name)

    def of_type(self, *types: str) -> list[ConfigObject]:
        """Return the applications of these types, by name."""
        return [app for app in self.applications if app.subtype in types]

    @cached_property
    def all_chat_servers(self) -> list[ConfigObject]:
        """The Chat Servers, backups too."""
        return self.of_type(CHAT_SERVER)

    @cached_property
    def chat_servers(self) -> list[ConfigObject]:
        """The Chat Servers that clients connect to: a backup has a copy of what its primary has.  Source: HA81, G5"""
        return [app for app in self.all_chat_servers if not self.context.primary_of(app)]

    @cached_property
    def contact_servers(self) -> list[ConfigObject]:
        return self.of_type(CONTACT_SERVER)

    @cached_property
    def interaction_servers(self) -> list[ConfigObject]:
        """The Interaction Servers that are no backups."""
        return [app for app in self.of_type(INTERACTION_SERVER) if not self.context.primary_of(app)]

    @cached_property
    def gms_nodes(self) -> list[ConfigObject]:
        """The applications that have a chat service, and those of the type of a GMS node that are connected to a Chat Server."""
        return [app for app in self.applications if not key_options(app) and not self.context.primary_of(app)
                and (service_sections(app) and app.subtype not in (CHAT_SERVER, APPLICATION_CLUSTER)
                     or app.subtype == GMS_NODE and any(server.subtype == CHAT_SERVER for server, _port, _link in self.links(app)))]

    @cached_property
    def digital_channels(self) -> dict[str, set[str]]:
        """GMS nodes with Digital Channels -> the names of what they are connected to.  Source: GMSDC"""
        return digital_channels(self.context, [])

    @cached_property
    def backend_servers(self) -> list[tuple[ConfigObject, str]]:
        """The applications with a chat channel of Web Engagement, each with the release whose option names its endpoint."""
        return [(app, release) for app in self.applications for release in key_options(app)]

    @cached_property
    def workspaces(self) -> list[ConfigObject]:
        return self.of_type(WORKSPACE)

    @cached_property
    def interaction_clusters(self) -> list[tuple[ConfigObject, list[ConfigObject]]]:
        """The clusters of Interaction Servers, with their nodes that are no backups.  Source: APPCL"""
        found = [(app, grouped(self.context, app, _ESP_LINK)) for app in self.of_type(APPLICATION_CLUSTER)]
        return [(app, [node for node in nodes if not self.context.primary_of(node)]) for app, nodes in found
                if nodes and not strangers(nodes, INTERACTION_SERVER)]

    # -- what they have ------------------------------------------------------------------------------------------

    def links(self, app: ConfigObject) -> Iterator[tuple[ConfigObject, str, dict[str, Any]]]:
        """Yield (server, port id, attributes) for each connection to a server that is there."""
        for (name, port), link in current_links(self.directory, app).items():
            server = self.directory.find("CfgApplication", name)
            if server is not None:
                yield server, port, link

    def linked(self, app: ConfigObject, *types: str) -> list[ConfigObject]:
        """Return the servers of these types to which an application is connected, each once."""
        return list({server.name: server for server, _port, _link in self.links(app) if server.subtype in types}.values())

    def chat_servers_behind(self, app: ConfigObject) -> tuple[list[ConfigObject], list[ConfigObject]]:
        """Return (Chat Servers that an application uses, directly or by a cluster; clusters among its connections that group Chat Servers)."""
        names, clusters = connected(self.context, app)
        found = [self.directory.find("CfgApplication", name) for name in names]
        of_chat = [cluster for cluster in clusters if any(member.subtype == CHAT_SERVER for member in grouped(self.context, cluster))]
        found += [member for cluster in of_chat for member in grouped(self.context, cluster) if member.subtype == CHAT_SERVER]
        servers = {server.name: server for server in found if server is not None and not self.context.primary_of(server)}
        return list(servers.values()), of_chat

    def endpoint_sections(self, app: ConfigObject) -> dict[int, dict[str, str]]:
        """Return DBID of a tenant -> endpoint -> queue, as the sections of a Chat Server tell.  Source: CHAT"""
        sections: dict[int, dict[str, str]] = {}
        for (section, key), value in app.options().items():
            tenant = _ENDPOINTS.match(section)
            if tenant:
                sections.setdefault(int(tenant.group(1)), {})[key] = value
        return sections

    def is_queue(self, name: str, tenant: int) -> bool:
        """Return whether a tenant has an Interaction Queue of that name.  Source: CSQ"""
        return any(script.subtype == INTERACTION_QUEUE and script.tenant_dbid == tenant for script in self.directory.named("CfgScript", name))

    @cached_property
    def tenants(self) -> list[ConfigObject]:
        """The tenants that Chat Servers serve, by name."""
        dbids = {dbid for app in self.all_chat_servers for dbid in app.tenant_dbids}
        return sorted((tenant for tenant in self.directory.all("CfgTenant") if tenant.dbid in dbids), key=lambda tenant: tenant.name)

    @cached_property
    def chat_agents(self) -> dict[str, list[dict[str, Any]]]:
        """Tenant -> what agent_chat_access_info tells of those agents that a role lets use chat.  Source: PRIV"""
        asked = {"persons": None, "agent_groups": None, "privileges": self.wishes.get("privileges")}
        return {tenant.name: [agent for agent in agent_chat_access_info(self.context, {**asked, "tenant": tenant.name})["agents"] if agent["roles"]]
                for tenant in self.tenants}

    @cached_property
    def pairs(self) -> list[tuple[ConfigObject, ConfigObject]]:
        """The pairs of Chat Servers, as (primary, backup)."""
        found = [(app, self.directory.by_dbid("CfgApplication", app.backup_dbid)) for app in self.all_chat_servers]
        return [(app, backup) for app, backup in found if backup is not None]

    @cached_property
    def wants_high_availability(self) -> bool:
        """Whether sessions are to be restored elsewhere: a Chat Server has an option of it, or a backup.  Source: HA81 (that this shows it is inferred)"""
        return bool(self.pairs) or any(app.options().get(MODE[1:]) == "simple" or app.options().get(AUTO_SAVE[1:], "0") not in ("", "0")
                                       for app in self.chat_servers)


def listed(names: Iterable[str], most: int = 8) -> str:
    """Return names for a sentence, the first of them and how many more there are."""
    names = list(names)
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")
