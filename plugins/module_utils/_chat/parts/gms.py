# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""GMS nodes: each is connected to the webapi port of every Chat Server, without addp.  Source: CHAT"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from ..._config.desired import Desired
from ..._config.directory import ConfigObject, Directory
from ..application import BODY, NAME
from ..backend_server import key_options
from ..chat_server_links import adopted_chat_servers
from ..client_links import CHAT_SERVERS, NO_GMS_NODE, adopt_clients, links, unlinked
from ..connection import NO_ADDP, current_links
from ..context import APPLICATION_CLUSTER, CHAT_SERVER, Context
from ..field import Field, argument_spec, state
from ..named_lists import require_named, servers_to_link
from ..part import Draft, Part, described

if TYPE_CHECKING:
    from ..adopt import Adoption

#: A GMS node was seen as this type; there is none of its own.  Source: G12
GMS_NODE = "CFGGenericServer"

#: The options of the module gms_link.
MODULE = (
    Field("gms", "list", "Names of the GMS nodes.", elements="str", required=True),
    CHAT_SERVERS,
    state("makes sure that the connections exist.", "makes sure that they do not."),
)
ARGUMENTS = argument_spec(MODULE)


def gms_links(context: Context, gms: Collection[str], chat_servers: Collection[str], where: str) -> list[Desired]:
    """Return a Desired per GMS node: connected to the webapi port of every Chat Server, without addp.  Source: CHAT"""
    return links(context, gms, chat_servers, "webapi", NO_ADDP, where, ())


def gms_link(context: Context, params: Mapping[str, Any]) -> list[Desired]:
    """GMS nodes connected to the webapi port of Chat Servers, or no longer connected to them."""
    require_named(params["gms"], "gms_link: gms", "GMS node")
    if params["state"] == "absent":
        return unlinked(context, params, "gms")
    return gms_links(context, params["gms"], servers_to_link(context, params, "gms_link"), "gms_link")


def _nodes(draft: Draft) -> list[Desired]:
    names, wanted = draft.servers("gms", "gms_defaults", "")
    draft.known["gms"] = names
    return wanted


def _links(draft: Draft) -> list[Desired]:
    return gms_links(draft.context, draft.known["gms"], draft.known.get("chat_servers", []), "gms")


def _adopt(adoption: Adoption) -> None:
    adopt_clients(adoption, "gms", (GMS_NODE,))
    _report_other_clients(adoption)


def _report_other_clients(adoption: Adoption) -> None:
    """Report the applications that use Chat Servers as a GMS node does, but have another type than the known one."""
    servers = {spec["name"] for spec in adopted_chat_servers(adoption)}
    for app in sorted(adoption.directory.all("CfgApplication"), key=lambda app: app.name):
        if app.subtype in NO_GMS_NODE + (GMS_NODE, APPLICATION_CLUSTER) or key_options(app):
            continue
        used = sorted({server for server, port in current_links(adoption.directory, app) if port == "webapi" and server in servers})
        if used:
            adoption.leave_out(app.name, f"it is of type {app.subtype or 'unknown'}, and is connected to the port 'webapi' of {', '.join(used)}; if it is a "
                                         "GMS node, name it in gms")


def _is_node(directory: Directory, app: ConfigObject) -> bool:
    """Return whether an application is a GMS node: other servers are of that type, too, so the port of the Chat Servers tells.  Source: G12, CHAT"""
    chat_servers = {server.name for server in directory.of_type("CfgApplication", CHAT_SERVER)} if app.subtype == GMS_NODE else set()
    return any(server in chat_servers and port == "webapi" for server, port in (directory.links(app) if chat_servers else ()))


PART = Part(
    "gms",
    fields=(
        Field("gms_defaults", "dict", "What all described GMS nodes have in common.", fields=BODY),
        Field("gms", "list", "The GMS nodes, each a name or a mapping. All are connected to the webapi port of every Chat Server, without addp.",
              elements="raw", mapping=(*BODY, NAME)),
    ),
    place=40,
    rules={"objects": _nodes, "connections": lambda draft: draft.own_connections("gms"), "clients": _links},
    adopt=_adopt, adopt_place=40,
    role="gms", start=4, installed=lambda description: described(description.get("gms") or ()), serves=_is_node,
)
