# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules on the connections of Interaction Servers to the ESP ports."""

from __future__ import annotations

from collections.abc import Iterator

from ..context import CHAT_SERVER, INTERACTION_SERVER
from .rule import ERROR, Fault, Rule, on
from .site import Site, listed


def _port(site: Site) -> Iterator[Fault]:
    for app in site.interaction_servers:
        ports: dict[str, set[str]] = {}
        for server, port, _link in site.links(app):
            if server.subtype == CHAT_SERVER:
                ports.setdefault(server.name, set()).add(port)
        wrong = sorted(name for name, found in ports.items() if "ESP" not in found)
        if wrong:
            yield on(app.name, f"is connected to {listed(wrong)}, and not to the port ESP there")


def _matrix(site: Site) -> Iterator[Fault]:
    for cluster, nodes in site.interaction_clusters:
        used = {server.name for node in nodes for server, port, _link in site.links(node) if server.subtype == CHAT_SERVER and port == "ESP"}
        if not used and not any(server in (cluster, *nodes) for app in site.chat_servers for server in site.linked(app, cluster.subtype, INTERACTION_SERVER)):
            continue  # a cluster that has nothing to do with chat
        for node in nodes:
            there = {server.name for server, port, _link in site.links(node) if server.subtype == CHAT_SERVER and port == "ESP"}
            gaps = [app.name for app in site.chat_servers if app.name not in there]
            if gaps:
                yield on(node.name, f"is a node of the cluster '{cluster.name}', and has no connection to the port ESP of {listed(gaps)}")


RULES = (
    Rule("L07", ERROR, "Interaction Servers are connected to the port ESP of Chat Servers.", "Messages from a workflow do not reach the chat.",
         "Connect them to the port ESP: esp_link, or interaction_servers in the description.", "CHAT", _port),
    Rule("L11", ERROR, "Each node of a cluster of Interaction Servers is connected to the port ESP of every Chat Server.",
         "Messages from a workflow fail when it runs on that node.", "Complete the matrix: interaction_server_cluster in the description, or esp_link.",
         "CHAT", _matrix),
)
