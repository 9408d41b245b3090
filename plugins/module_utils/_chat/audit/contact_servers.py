# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rule on the groups of Chat Servers and the pairs of UCS."""

from __future__ import annotations

from collections.abc import Iterator

from ..context import CONTACT_SERVER
from .rule import ERROR, Fault, Rule, on
from .site import Site, listed

#: The release in which each Chat Server belongs to one pair.  Source: CHAT
_ACTIVE_ACTIVE = "9.1"


def _groups(site: Site) -> Iterator[Fault]:
    used: set[str] = set()
    for app in site.chat_servers:
        servers = site.linked(app, CONTACT_SERVER)
        used.update(server.name for server in servers)
        for server in servers:
            above = site.context.primary_of(server)
            if above:
                yield on(app.name, f"is connected to '{server.name}', which is the backup of '{above}'")
            elif server.value("version").startswith(_ACTIVE_ACTIVE) and not server.backup_dbid:
                yield on(app.name, f"is connected to the UCS '{server.name}', which is in no pair")
        if len(servers) > 1 and any(server.value("version").startswith(_ACTIVE_ACTIVE) for server in servers):
            yield on(app.name, f"is connected to more than one UCS: {listed(sorted(server.name for server in servers))}")
    if used:
        for server in site.contact_servers:
            if server.backup_dbid and server.value("version").startswith(_ACTIVE_ACTIVE) and server.name not in used:
                yield on(server.name, "is the primary of a pair of UCS, and no Chat Server is connected to it: there must be as many groups as pairs")


RULES = (
    Rule("L19", ERROR, "Each Chat Server is connected to the primary of one pair of UCS 9.1, and each pair has a group of Chat Servers.",
         "In an upgrade of UCS, Chat Servers are led from primaries to backups and back; one that is connected otherwise loses its chats.",
         "Pair the UCS, and connect each Chat Server to one primary: contact_servers in the description.", "CHAT", _groups),
)
