# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Interaction Servers: each is connected to the ESP port of every Chat Server.  Source: CHAT"""

from __future__ import annotations

from ..application import BODY, NAME
from ..client_links import CHAT_SERVERS, adopt_clients, all_chat_servers, links, unlinked
from ..connection import ADDP
from ..context import APPLICATION_CLUSTER, INTERACTION_SERVER
from ..field import Field, argument_spec, state
from ..part import Part, described

#: The options of the module esp_link.
MODULE = (
    Field("interaction_servers", "list", "Names of the Interaction Servers; with a cluster, every node.", elements="str", required=True),
    CHAT_SERVERS,
    ADDP,
    state("makes sure that the connections exist.", "makes sure that they do not."),
)
ARGUMENTS = argument_spec(MODULE)


def esp_links(context, interaction_servers, chat_servers, addp, where):
    """Return a Desired per Interaction Server: connected to the ESP port of every Chat Server, with addp.  Source: CHAT"""
    return links(context, interaction_servers, chat_servers, "ESP", addp, where, (INTERACTION_SERVER, APPLICATION_CLUSTER))


def esp_link(context, params):
    """Interaction Servers connected to the ESP port of Chat Servers, or no longer connected to them."""
    if params["state"] == "absent":
        return unlinked(context, params, "interaction_servers")
    return esp_links(context, params["interaction_servers"], all_chat_servers(context, params), params["addp"], "esp_link")


def _servers(draft):
    names, wanted = draft.servers("interaction_servers", "interaction_server_defaults", INTERACTION_SERVER)
    draft.known["interaction_servers"] = names
    return wanted


def _links(draft):
    names = draft.known["interaction_servers"]
    return esp_links(draft.context, names, draft.known.get("chat_servers", []), draft.description.get("addp"), "interaction_servers")


PART = Part(
    "interaction_servers",
    fields=(
        Field("interaction_server_defaults", "dict", "What all described Interaction Servers have in common.", fields=BODY),
        Field("interaction_servers", "list", "The Interaction Servers, each a name or a mapping. All are connected to the ESP port of every Chat Server, "
              "and every Chat Server to them.",
              elements="raw", mapping=(*BODY, NAME)),
    ),
    place=30,
    rules={"objects": _servers, "connections": lambda draft: draft.own_connections("interaction_servers"), "clients": _links},
    adopt=lambda adoption: adopt_clients(adoption, "interaction_servers", (INTERACTION_SERVER, APPLICATION_CLUSTER)), adopt_place=30,
    role="interaction_server", start=2, installed=lambda description: described(description.get("interaction_servers") or ()),
    types=(INTERACTION_SERVER,),
)
