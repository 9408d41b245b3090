# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The connections of a Chat Server to the servers that its description names, and the one to its UCS.  Source: CHAT"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from .._config.desired import Desired
from .._config.directory import ConfigObject
from .._config.errors import DoesNotFit
from .application import connect_listed
from .connection import connect, current_links, disconnect
from .context import APPLICATION_CLUSTER, CONFIGURATION_SERVER, CONTACT_SERVER, INTERACTION_SERVER, MESSAGE_SERVER, Context

if TYPE_CHECKING:
    from .adopt import Adoption


def adopted_chat_servers(adoption: Adoption) -> list[dict[str, Any]]:
    """Return the Chat Servers as the way back has described them so far."""
    return adoption.description.get("chat_servers", [])


def chat_server_links(context: Context, spec: Mapping[str, Any], where: str) -> Desired:
    """Return the Desired with the connections of one Chat Server to the servers that its description names.

    On a new Chat Server, Interaction Server and UCS must be among them (UCS unless the option use-contact-server is
    false); on an existing one their absence is a warning.  Source: CHAT, WAPP
    """
    desired = Desired("CfgApplication", spec["name"])
    addp = spec.get("addp")
    for number, server in enumerate(spec.get("interaction_servers") or ()):
        option = f"{where}: interaction_servers[{number}]"
        found = context.application(server, option, (INTERACTION_SERVER, APPLICATION_CLUSTER))
        primary = context.primary_of(found) if found.is_backup else ""
        if primary and primary not in spec["interaction_servers"]:
            raise DoesNotFit(f"{option}: '{server}' is the backup of '{primary}'; a connection leads to the primary only, so that is the one to name")
        _warn_of_backup(context, found, option)
        if not primary:
            connect(context, desired, server, "default", addp, option)
    for key, types in (("configuration_server", (CONFIGURATION_SERVER,)), ("message_server", (MESSAGE_SERVER,))):
        if spec.get(key):
            option = f"{where}: {key}"
            _warn_of_backup(context, context.application(spec[key], option, types), option)
            connect(context, desired, spec[key], "default", addp, option)
    for number, connection in enumerate(spec.get("connections") or ()):
        linked = context.directory.find("CfgApplication", connection["server"])
        if linked is not None and linked.subtype == CONTACT_SERVER:
            raise DoesNotFit(
                f"{where}: connections[{number}]: '{connection['server']}' is a UCS; a Chat Server is connected to the primary of one pair and to no other "
                "UCS, which contact_server or contact_servers names")
    connect_listed(context, desired, spec.get("connections"), where)
    return desired


def _warn_of_backup(context: Context, found: ConfigObject, option: str) -> None:
    """Warn when a Chat Server is to be connected to the backup of a server: it finds the backup by itself.  Source: HA81 (other servers inferred)"""
    if found.is_backup and context.primary_of(found):
        context.warn(f"{option}: '{found.name}' is the backup of '{context.primary_of(found)}'; a connection leads to the primary only")


def require_links(context: Context, spec: Mapping[str, Any], desired: Desired, where: str) -> None:
    """Check that a Chat Server will be connected to an Interaction Server and a UCS; desired: all that is planned."""
    existing = context.directory.find("CfgApplication", spec["name"])
    new = existing is None or existing.planned
    types = linked_types(context, desired)
    missing = []
    if not types & {INTERACTION_SERVER, APPLICATION_CLUSTER}:
        missing.append("an Interaction Server (interaction_servers)")
    if CONTACT_SERVER not in types and not _does_without_contact_server(context, desired):
        missing.append("a Universal Contact Server")
    if missing:
        text = f"{where}: Chat Server '{spec['name']}' has no connection to {' and none to '.join(missing)}"
        if new:
            raise DoesNotFit(f"{text}; a Chat Server must be connected to both")
        context.warn(text)


def linked_types(context: Context, desired: Desired) -> set[str]:
    """Return the types of the servers that an application is, or will be, connected to; desired: all that is planned for it."""
    existing = context.directory.find("CfgApplication", desired.name)
    servers = {path[1] for path in desired.leaves if path[0] == "connections"}
    servers |= {link[0] for link in current_links(context.directory, existing) if ("connections",) + link not in desired.absent}
    return {found.subtype for found in (context.directory.find("CfgApplication", server) for server in servers) if found}


def uses_contact_server(context: Context, desired: Desired) -> bool:
    """Return whether a Chat Server is, or will be, connected to a UCS and uses it; desired: all that is planned for it."""
    return CONTACT_SERVER in linked_types(context, desired) and not _does_without_contact_server(context, desired)


def _does_without_contact_server(context: Context, desired: Desired) -> bool:
    """Return whether the option that switches the use of UCS off is, or will be, false.  Source: WAPP"""
    existing = context.directory.find("CfgApplication", desired.name)
    switch = ("options", "settings", "use-contact-server")
    if existing is None or existing.planned:
        value = desired.leaves.get(switch, desired.on_create.get(switch))
    else:
        value = None if switch in desired.absent else existing.options("settings").get(switch[1:])
        value = desired.leaves.get(switch, value)
    return value == "false"


def require_primary(context: Context, name: str, where: str) -> None:
    """Check that the UCS of that name is not the backup of another one; raises InvalidInput.  Source: CHAT"""
    above = context.primary_of(context.application(name, where, (CONTACT_SERVER,)))
    if above:
        raise DoesNotFit(f"{where}: '{name}' is the backup of '{above}'; a Chat Server is connected to the primary of its pair")


def contact_servers_of(context: Context, chat_server: str) -> list[tuple[str, str]]:
    """Return the (UCS name, port id) pairs that a Chat Server is connected to now."""
    found = context.directory.find("CfgApplication", chat_server)
    links = []
    for server, port in current_links(context.directory, found):
        target = context.directory.find("CfgApplication", server)
        if target is not None and target.subtype == CONTACT_SERVER:
            links.append((server, port))
    return links


def clients_connect_to(context: Context, names: Iterable[str]) -> list[str]:
    """Return the Chat Servers of "names" that are not the backup of another one.

    Clients connect to the primary only, and a backup has its own connections as a copy of the primary's.  Source: HA81, G5
    """
    return [name for name in names if not context.primary_of(context.application(name, "chat_servers"))]


def contact_server_link(context: Context, spec: Mapping[str, Any], where: str) -> Desired:
    """Return the Desired that connects one Chat Server to the UCS that its description names, and to no other.

    Raises InvalidInput when that UCS is a backup.  Source: CHAT
    """
    name, server = spec["name"], spec["contact_server"]
    option = f"{where}: contact_server"
    require_primary(context, server, option)
    desired = Desired("CfgApplication", name)
    connect(context, desired, server, "default", spec.get("addp"), option)
    for other, port in contact_servers_of(context, name):
        if (other, port) != (server, "default"):
            disconnect(context, desired, other, port, f"it is to be connected to '{server}' only")
    return desired
