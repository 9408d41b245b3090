# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Web Engagement in the demo: what the administrator brings, and the visitors.

The collection configures the chat channel of a Backend Server that is there, with its connection. So the application, the Application
Cluster that it is connected to, and their templates are made here as somebody else would have made them.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from sandbox.load.visitors import visit
from sandbox.servers.configuration import Configuration
from sandbox.testing import Sandbox

BACKEND_SERVER, CLUSTER = "WES_1", "Chat_Cluster"
QUEUE = "Webengagement_Chat"

#: Visitors of the web pages; two of them chat twice.
VISITORS = [{"FirstName": name, "EmailAddress": f"{name.lower()}@example.com"} for name in ("Ada", "Ben", "Cleo", "Dora", "Ada", "Ben")]

#: Messages per second and chat, seconds.
RATE, SECONDS = 2.0, 4.0


def bring_backend_server(sandbox: Sandbox, templates: Path) -> None:
    """Create the Backend Server, connected to a cluster of all Chat Servers, past the collection."""
    sandbox.control("POST", "/objects", json.loads((templates / "Web Engagement Backend Server 8.1.2.apd").read_text(encoding="utf-8")))
    sandbox.create("CfgAppPrototype", name="Application Cluster", subtype="CFGApplicationCluster", version="8.5.000.01")
    members = [item["name"] for item in sandbox.objects("CfgApplication") if item["subtype"] == "CFGChatServer"]
    _create(sandbox, CLUSTER, "Application Cluster", "site", 9090, members)
    _create(sandbox, BACKEND_SERVER, "Web Engagement Backend Server 8.1.2", "gms1", 9081, [CLUSTER])


def _create(sandbox: Sandbox, name: str, template: str, host: str, port: int, connected_to: list[str]) -> None:
    def dbid(class_name: str, of: str) -> str:
        found = sandbox.object(class_name, of)
        assert found is not None, f"there is no {class_name} '{of}'"
        return str(found["dbid"])

    prototype = sandbox.object("CfgAppPrototype", template)
    assert prototype is not None
    sandbox.create(
        "CfgApplication",
        name=name,
        appprototypedbid=prototype["dbid"],
        hostdbid=dbid("CfgHost", host),
        autorestart="CFGFalse",
        workdirectory=".",
        commandline=".",
        commandlinearguments=".",
        portinfos={"portinfo": [{"id": "default", "port": str(port)}]},
        tenantdbids={"id": [{"dbid": dbid("CfgTenant", "Environment")}]},
        options=prototype["options"],
        appservers={"conninfo": [{"id": "default", "appserverdbid": dbid("CfgApplication", server)} for server in connected_to]},
    )


def visits(sandbox: Sandbox) -> dict[str, Any]:
    """Hold a chat for each visitor, and return the figures."""
    configuration = Configuration(sandbox.environment["confserv_host"], sandbox.environment["confserv_port"])
    report = visit(sandbox.directory, configuration, BACKEND_SERVER, VISITORS, RATE, SECONDS)
    return {
        "chats_opened": report["opened"],
        "chats_in_queue": report["queues"].get(QUEUE, 0),
        "queue": QUEUE,
        "messages_sent": report["messages_sent"],
        "messages_lost": report["messages_lost"],
        "contacts_created": report["contacts_created"],
    }
