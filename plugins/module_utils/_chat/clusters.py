# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an Application Cluster groups: servers of one type.

How a cluster lists its members is inferred: they are taken from its connections.  Source: APPCL
"""

from __future__ import annotations

from collections.abc import Iterable

from .._config.directory import ConfigObject
from .connection import current_links
from .context import CONFIGURATION_SERVER, MESSAGE_SERVER, Context

#: What a cluster may be connected to beside its members: inferred, since any server may be.
_FRAMEWORK = (MESSAGE_SERVER, CONFIGURATION_SERVER)


def grouped(context: Context, cluster: ConfigObject, beside: Iterable[tuple[str, str]] = ()) -> list[ConfigObject]:
    """Return the servers among the connections of a cluster, each once, without those of the Framework.

    Args:
        beside: (type of a server, id of its port) of connections that make no member.
    """
    servers = {}
    for name, port in current_links(context.directory, cluster):
        server = context.directory.find("CfgApplication", name)
        if server is not None and server.subtype not in _FRAMEWORK and (server.subtype, port) not in beside:
            servers[name] = server
    return list(servers.values())


def strangers(servers: Iterable[ConfigObject], kind: str) -> str:
    """Return those of the servers that are of another type than "kind", for a message; '' if there are none."""
    return ", ".join(sorted(f"{server.name} ({server.subtype or 'unknown type'})" for server in servers if server.subtype != kind))
