# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Interaction Servers: each is connected to the ESP port of every Chat Server, and so is each node of a cluster.  Source: CHAT"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from ..._config.desired import Desired
from ..._config.errors import DoesNotFit, InvalidInput
from ..application import BODY, NAME, is_gone
from ..chat_server_links import adopted_chat_servers
from ..client_links import CHAT_SERVERS, adopt_clients, links, unlinked
from ..clusters import grouped, strangers
from ..connection import ADDP, current_links
from ..context import APPLICATION_CLUSTER, CHAT_SERVER, INTERACTION_SERVER, Context
from ..field import Field, argument_spec, state
from ..named_lists import require_named, servers_to_link
from ..part import Draft, Part, described

_NODES = "The Interaction Servers among the connections of the cluster are its nodes; a backup among them has the connections of its primary."

#: The options of the module esp_link.
MODULE = (
    Field("interaction_servers", "list", "Names of the Interaction Servers; with a cluster, every node, unless O(interaction_server_cluster) names it.",
          "Needed if O(interaction_server_cluster) is not given; both together mean all of them.", elements="str"),
    Field("interaction_server_cluster", "str", "Name of the Application Cluster whose nodes are the Interaction Servers.", _NODES, source="CHAT, APPCL"),
    CHAT_SERVERS,
    ADDP,
    state("makes sure that the connections exist.", "makes sure that they do not."),
)
ARGUMENTS = argument_spec(MODULE)

#: A cluster that is a client of Chat Servers itself has them among its connections, and not as members.
_ESP_LINK = ((CHAT_SERVER, "ESP"),)


def esp_links(context: Context, interaction_servers: Collection[str], chat_servers: Collection[str], addp: Mapping[str, Any] | None,
              where: str) -> list[Desired]:
    """Return a Desired per Interaction Server: connected to the ESP port of every Chat Server, with addp.  Source: CHAT"""
    wanted = links(context, interaction_servers, chat_servers, "ESP", addp, where, (INTERACTION_SERVER, APPLICATION_CLUSTER))
    _tell_of_missing_nodes(context, interaction_servers, chat_servers, where)
    return wanted


def esp_link(context: Context, params: Mapping[str, Any]) -> list[Desired]:
    """Interaction Servers connected to the ESP port of Chat Servers, or no longer connected to them."""
    cluster, named = params.get("interaction_server_cluster"), list(params["interaction_servers"] or ())
    if not cluster and params["interaction_servers"] is None:
        raise InvalidInput("interaction_servers: name the Interaction Servers, or their cluster in interaction_server_cluster")
    if not cluster:
        require_named(named, "esp_link: interaction_servers", "Interaction Server")
    absent = params["state"] == "absent"
    nodes = cluster_nodes(context, cluster, "interaction_server_cluster") if cluster and not (
        absent and is_gone(context, cluster, "interaction_server_cluster")) else []
    if absent:
        return unlinked(context, dict(params, interaction_servers=list(dict.fromkeys(named + nodes))), "interaction_servers")
    servers = list(dict.fromkeys(without_backups(context, named, "interaction_servers") + nodes))
    return esp_links(context, servers, servers_to_link(context, params, "esp_link"), params["addp"], "esp_link")


# -- the nodes of a cluster ----------------------------------------------------------------------------------------------


def cluster_nodes(context: Context, name: str, where: str) -> list[str]:
    """Return the names of the Interaction Servers that a cluster groups, without backups; raises InvalidInput.

    Source: APPCL (members are of the same type, and listed by the connections: inferred)
    """
    cluster = context.application(name, where)
    if cluster.subtype != APPLICATION_CLUSTER:
        raise DoesNotFit(f"{where}: application '{name}' is of type {cluster.subtype or 'unknown'}, and a cluster is of type {APPLICATION_CLUSTER}; "
                         "name Interaction Servers one by one in interaction_servers")
    servers = grouped(context, cluster, _ESP_LINK)
    others = strangers(servers, INTERACTION_SERVER)
    if others:
        raise DoesNotFit(f"{where}: '{name}' has a member that is no Interaction Server: {others}; a cluster groups servers of the same type. "
                         "Take it from the connections of the cluster, or name the nodes one by one in interaction_servers")
    if not servers:
        raise DoesNotFit(f"{where}: no Interaction Server is among the connections of '{name}', by which its nodes are found; if it lists them in "
                         "another way, name them in interaction_servers")
    return without_backups(context, [server.name for server in servers], where)


def without_backups(context: Context, names: Iterable[str], where: str) -> list[str]:
    """Return the names, each once, without those that are the backup of another one among them; raises InvalidInput for any other backup.

    The Configuration Server copies the connections of a backup from its primary.  Source: HA81, G5
    """
    names = list(dict.fromkeys(names))
    kept = []
    for name in names:
        primary = context.primary_of(context.application(name, where))
        if primary and primary not in names:
            raise DoesNotFit(f"{where}: '{name}' is the backup of '{primary}', which is not among them; a backup has the connections of its "
                             "primary, so the primary is the one to name")
        if not primary:
            kept.append(name)
    return kept


def _clusters(context: Context) -> Iterable[tuple[str, list[str]]]:
    """Yield (cluster, its nodes that are no backups) for each cluster of Interaction Servers, by name."""
    for app in sorted(context.directory.all("CfgApplication"), key=lambda app: app.name):
        servers = grouped(context, app, _ESP_LINK) if app.subtype == APPLICATION_CLUSTER else []
        if servers and not strangers(servers, INTERACTION_SERVER):
            yield app.name, [server.name for server in servers if not context.primary_of(server)]


def _gaps(context: Context, node: str, chat_servers: Iterable[str]) -> list[str]:
    """Return the names of the Chat Servers to whose ESP port a node has no connection."""
    there = current_links(context.directory, context.application(node, "interaction_servers"))
    return [server for server in chat_servers if (server, "ESP") not in there]


def _tell_of_missing_nodes(context: Context, servers: Collection[str], chat_servers: Collection[str], where: str) -> None:
    """Warn of the gaps in the matrix that stay because a node of the same cluster is not named: ESP must be symmetrical.  Source: CHAT"""
    for cluster, nodes in _clusters(context):
        if not {cluster, *nodes}.intersection(servers):
            continue
        for node in nodes:
            gaps = _gaps(context, node, chat_servers) if node not in servers else []
            if gaps:
                context.warn(f"{where}: '{node}' is a node of the cluster '{cluster}' too, and has no connection to the ESP port of {', '.join(gaps)}; "
                             "messages from workflow need one from each node. Name it in interaction_servers, or the cluster in "
                             "interaction_server_cluster")


# -- in a description ----------------------------------------------------------------------------------------------------


def _servers(draft: Draft) -> list[Desired]:
    context, cluster = draft.context, draft.description.get("interaction_server_cluster")
    names, wanted = draft.servers("interaction_servers", "interaction_server_defaults", INTERACTION_SERVER)
    names = without_backups(context, names, "interaction_servers")
    nodes = [name for name in cluster_nodes(context, cluster, "interaction_server_cluster") if name not in names] if cluster else []
    draft.known["esp_clients"] = names + nodes
    draft.known["interaction_servers"] = names + ([cluster] if cluster and _serves_chat_servers(context, cluster) else nodes)
    return wanted


def _serves_chat_servers(context: Context, cluster: str) -> bool:
    """Return whether Chat Servers are connected to the cluster, and not to its nodes.

    Which of the two they are to be connected to is not known, so it is learnt from those that are there.
    """
    return any(app.subtype == CHAT_SERVER for app in context.directory.clients(context.application(cluster, "interaction_server_cluster")))


def _links(draft: Draft) -> list[Desired]:
    names = draft.known["esp_clients"]
    return esp_links(draft.context, names, draft.known.get("chat_servers", []), draft.description.get("addp"), "interaction_servers")


# -- the way back --------------------------------------------------------------------------------------------------------


def _adopt(adoption: Any) -> None:
    """Name the Interaction Servers, and by their cluster if all of its nodes are among them; gaps in its matrix are said."""
    adopt_clients(adoption, "interaction_servers", (INTERACTION_SERVER, APPLICATION_CLUSTER))
    names = adoption.description.get("interaction_servers", [])
    chat_servers = [spec["name"] for spec in adopted_chat_servers(adoption)]
    for cluster, nodes in _clusters(adoption.context):
        if "interaction_server_cluster" not in adoption.description and set(nodes) <= set(names):
            rest = [name for name in names if name not in nodes]
            trial = dict(adoption.description, interaction_server_cluster=cluster, interaction_servers=rest)
            if adoption.plans_nothing(trial):
                adoption.description.update(trial)
        _say_gaps(adoption, cluster, {node: _gaps(adoption.context, node, chat_servers) for node in nodes}, chat_servers)
    if not adoption.description.get("interaction_servers"):
        adoption.description.pop("interaction_servers", None)


def _say_gaps(adoption: Any, cluster: str, gaps: Mapping[str, list[str]], chat_servers: list[str]) -> None:
    """Tell which connections the matrix of a cluster lacks, if its nodes are connected to any of the Chat Servers."""
    missing = [f"'{node}' has none to {', '.join(servers)}" for node, servers in gaps.items() if servers]
    if missing and any(len(servers) < len(chat_servers) for servers in gaps.values()):
        adoption.leave_out(cluster, f"its nodes need a connection each to the ESP port of every Chat Server, and {'; '.join(missing)}")


PART = Part(
    "interaction_servers",
    fields=(
        Field("interaction_server_defaults", "dict", "What all described Interaction Servers have in common.", fields=BODY),
        Field("interaction_server_cluster", "str", "Name of the Application Cluster of Interaction Servers. Each of its nodes is connected to the ESP port "
              "of every Chat Server, as those of O(interaction_servers) are.", _NODES,
              "Every Chat Server is connected to the nodes; or to the cluster, if a Chat Server is connected to that already. "
              "C(interaction_servers) of a Chat Server goes before.", source="CHAT, APPCL"),
        Field("interaction_servers", "list", "The Interaction Servers, each a name or a mapping. All are connected to the ESP port of every Chat Server, "
              "and every Chat Server to them.",
              elements="raw", mapping=(*BODY, NAME)),
    ),
    place=30,
    rules={"objects": _servers, "connections": lambda draft: draft.own_connections("interaction_servers"), "clients": _links},
    adopt=_adopt, adopt_place=30,
    role="interaction_server", start=2, installed=lambda description: described(description.get("interaction_servers") or ()),
    types=(INTERACTION_SERVER,),
)
