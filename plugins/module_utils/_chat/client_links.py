# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The clients of Chat Servers, Interaction Server and GMS: how their connections are made, removed and adopted.  Source: CHAT"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from .._config.desired import Desired
from .._config.directory import ConfigObject
from .._config.errors import DoesNotFit, InvalidInput
from .application import is_gone
from .chat_server_links import adopted_chat_servers, clients_connect_to
from .connection import connect, current_links, disconnect_all
from .context import APPLICATION_CLUSTER, CHAT_SERVER, CONFIGURATION_SERVER, CONTACT_SERVER, INTERACTION_SERVER, MESSAGE_SERVER, Context
from .field import Field

if TYPE_CHECKING:
    from .adopt import Adoption

#: The Chat Servers of a module for links.
CHAT_SERVERS = Field("chat_servers", "list", "Names of the Chat Servers; all Chat Servers if not given. Needed for O(state=absent).", elements="str")

#: Types that a GMS node certainly does not have. The type of GMS nodes was seen in one place only.  Source: G12
NO_GMS_NODE = (CHAT_SERVER, CONTACT_SERVER, INTERACTION_SERVER, MESSAGE_SERVER, CONFIGURATION_SERVER)


def links(context: Context, clients: Collection[str], chat_servers: Collection[str], port: str, addp: Mapping[str, Any] | None, where: str,
          types: Collection[str]) -> list[Desired]:
    """Return a Desired per client: connected to the port of that id of every Chat Server.  Source: CHAT

    Args:
        clients, chat_servers: names.
        types: those that a client may have, empty for any that a GMS node may have.
    """
    for client in clients:
        if types:
            context.application(client, where, types)
        else:
            require_gms_node(context, client, where)
    for chat_server_name in chat_servers:
        primary = context.primary_of(context.application(chat_server_name, f"{where}: chat_servers", (CHAT_SERVER,)))
        if primary:
            raise DoesNotFit(f"{where}: chat_servers: '{chat_server_name}' is the backup of '{primary}'; clients are connected to the primary only")
    wanted = []
    for client in clients:
        desired = Desired("CfgApplication", client)
        for chat_server_name in chat_servers:
            connect(context, desired, chat_server_name, port, addp, where)
            desired.may_wait.add(("connections", chat_server_name))
        wanted.append(desired)
    return wanted


def require_gms_node(context: Context, name: str, where: str) -> ConfigObject:
    """Return the application of that name; raises InvalidInput if there is none, or one that surely is no GMS node."""
    found = context.application(name, where)
    if found.subtype in NO_GMS_NODE:
        raise DoesNotFit(f"{where}: application '{name}' is of type {found.subtype}, so it is no GMS node")
    return found


def unlinked(context: Context, params: Mapping[str, Any], option: str) -> list[Desired]:
    """Return a Desired per client under "option": no longer connected to the Chat Servers that are named."""
    if not params["chat_servers"]:
        raise InvalidInput("chat_servers: name the Chat Servers whose connections are to be removed")
    servers = [server for server in params["chat_servers"] if not is_gone(context, server, "chat_servers")]
    for server in servers:
        context.application(server, "chat_servers", (CHAT_SERVER,))
    wanted = []
    for client in params[option]:
        if is_gone(context, client, option):
            continue
        desired = Desired("CfgApplication", client)
        links = current_links(context.directory, context.application(client, option))
        for server in servers:
            disconnect_all(desired, links, server)
        wanted.append(desired)
    return wanted


def all_chat_servers(context: Context, params: Mapping[str, Any]) -> list[str]:
    """Return the names of the Chat Servers that are given, or of all that clients connect to."""
    if params["chat_servers"] is not None:
        return params["chat_servers"]
    return primary_chat_servers(context)


def primary_chat_servers(context: Context) -> list[str]:
    """Return the names of all Chat Servers that clients connect to: those that are nobody's backup."""
    names = sorted(app.name for app in context.directory.all("CfgApplication") if app.subtype == CHAT_SERVER)
    return clients_connect_to(context, names)


def adopt_clients(adoption: Adoption, key: str, types: Collection[str]) -> None:
    """Name the Interaction Servers, or GMS nodes, that are linked to every adopted Chat Server as they should be."""
    servers = {spec["name"] for spec in adopted_chat_servers(adoption)}
    candidates = []
    for app in sorted(adoption.directory.all("CfgApplication"), key=lambda app: app.name):
        # A cluster that is connected elsewhere is no cluster of Interaction Servers: of Chat Servers, for instance.
        found = current_links(adoption.directory, app) if app.subtype in types else ()
        linked = {server for server, port in found if port == "ESP" or app.subtype != APPLICATION_CLUSTER}
        if linked & servers and not adoption.is_backup(app):
            candidates.append(app.name)
    names = candidates
    # Each trial plans the whole solution, and where all is as it should be one is enough.
    if candidates and not adoption.plans_nothing(dict(adoption.description, **{key: candidates})):
        names = []
        for name in candidates:
            if adoption.plans_nothing(dict(adoption.description, **{key: [*names, name]})):
                names.append(name)
            else:
                adoption.leave_out(name, f"it is not connected to every Chat Server as {key} requires")
    if names:
        adoption.description[key] = names
