# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Web Engagement beside a chat solution, for the tests of its chat channel."""

from __future__ import annotations

from typing import Any

from integration.configured_site import CHAT_SERVERS, Site

BACKEND_TEMPLATE = "Web Engagement Backend Server 8.1.2"
CLUSTER_TEMPLATE = "Application Cluster"
ENGAGEMENT_85_TEMPLATE = "Web Engagement Cluster 8.5"
WES = "wes.connector.chatServer."
CLUSTER = "Chat_Cluster"

#: Where chats go.
QUEUE_KEYS = {WES + "queueKey": "1:webme", WES + "queueWebengagement": "Webengagement_Chat"}

PROVISIONED = {
    "service:wes": {
        **QUEUE_KEYS,
        WES + "identifyCreateContact": "2",
        WES + "refreshPeriod": "2",
        WES + "requestPoolSize": "20",
        WES + "sessionRestoreTimeout": "30",
        "wes.connector.interaction.copyUserData": "all",
        "wes.connector.interactionServer.wcb.queueSubmit": "Webcallback",
    },
    "service:pacing": {"x": "y"},
}


def engage(site: Site, *servers: str, name: str = "WES_1", options: dict[str, dict[str, str]] | None = None) -> None:
    """Create a Backend Server that is connected to these servers."""
    site.make(name, BACKEND_TEMPLATE, "gms1", {"default": 9081}, options, [site.link(server) for server in servers])


def cluster(site: Site, *members: str, name: str = CLUSTER, template: str = CLUSTER_TEMPLATE, **more: Any) -> None:
    """Create an Application Cluster with the members among its connections; its template too."""
    if not site.exists("CfgAppPrototype", template):
        site.sandbox.create("CfgAppPrototype", name=template, subtype="CFGApplicationCluster", version="8.5.000.01")
    site.make(name, template, "site", {"default": 9090}, None, [site.link(member) for member in members], **more)


def engage_cluster(site: Site) -> None:
    """Create a Backend Server that is connected to a cluster of all Chat Servers, which do not know the endpoint yet."""
    cluster(site, *CHAT_SERVERS)
    engage(site, CLUSTER)
    for chat_server in CHAT_SERVERS:
        site.sandbox.edit("CfgApplication", chat_server, options={"endpoints:1": {"webme": None}})


def provision(site: Site) -> None:
    """Write what the Provisioning Tool is known to leave: the endpoint on every Chat Server, and the options that the page shows."""
    for chat_server in CHAT_SERVERS:
        site.sandbox.edit("CfgApplication", chat_server, options={"endpoints:1": {"webme": "Webengagement_Chat"}})
    site.sandbox.edit("CfgApplication", "WES_1", options=PROVISIONED)


def engage_85(site: Site, *servers: str) -> None:
    """Create a Web Engagement Cluster of release 8.5 that is connected to these servers."""
    cluster(site, *servers, name="GWE_Cluster", template=ENGAGEMENT_85_TEMPLATE)


def channel_of(site: Site, name: str = "WES_1") -> dict[str, dict[str, str]]:
    """Return the sections of the channel on a Backend Server, read past the modules."""
    sections = site.sandbox.options("CfgApplication", name)
    return {section: values for section, values in sections.items() if section in ("service:wes", "service:wmsg", "chat")}


def endpoints(site: Site, endpoint: str = "webme") -> dict[str, str | None]:
    """Return Chat Server -> queue behind an endpoint of tenant Environment."""
    return {name: site.sandbox.options("CfgApplication", name).get("endpoints:1", {}).get(endpoint) for name in CHAT_SERVERS}
