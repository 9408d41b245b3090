# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A chat solution as a graph: what there is, in lanes and boxes, and what is connected to what."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ..._config.directory import ConfigObject
from ..._config.people import RoleMembers
from ..audit.site import WORKSPACE, Site
from ..backend_server import BACKEND_SERVER
from ..context import APPLICATION_CLUSTER, CHAT_SERVER, CONTACT_SERVER, INTERACTION_QUEUE, INTERACTION_SERVER
from ..privileges import grants_chat, has_others_of_chat, privileges_of

#: The lanes, from those who bring chats to those who take them: kind -> (title, what one of them is called).
LANES: dict[str, tuple[str, str]] = {
    "web_engagement": ("Web Engagement", "Web Engagement Backend Server"),
    "gms": ("Genesys Mobile Services", "GMS node"),
    "workspace": ("Workspace", "Workspace application"),
    "cluster": ("Application Clusters", "Application Cluster"),
    "chat_server": ("Chat Servers", "Chat Server"),
    "contact_server": ("Universal Contact Servers", "Universal Contact Server"),
    "interaction_server": ("Interaction Servers", "Interaction Server"),
    "queue": ("Interaction Queues", "Interaction Queue"),
    "agent_group": ("Agent groups with chat", "agent group"),
    "other": ("Other servers", "server"),
}

#: The classes that are looked at beside those of the audit.
KINDS = ("CfgHost", "CfgScript", "CfgAgentGroup", "CfgRole")

#: Types of applications -> lane.
OF_TYPE = {CHAT_SERVER: "chat_server", CONTACT_SERVER: "contact_server", INTERACTION_SERVER: "interaction_server", BACKEND_SERVER: "web_engagement",
           WORKSPACE: "workspace"}


def graph(site: Site, faults: Iterable[Mapping[str, Any]] = (), states: Mapping[str, str] | None = None,
          versions: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Return {"tenants", "lanes", "boxes", "nodes", "links"}.

    lanes: {id, title}, in their order; boxes: {id, lane, title, nodes}; nodes: {id, kind, word, name, host, version, state, ports, tenants, pair, facts};
    links: {from, to, port, protocol, local_timeout, remote_timeout, trace}; to: the ids of all that one node is connected to in the same way.
    A link with the protocol "endpoint" leads from a Chat Server to a queue, and its port is the name of the endpoint.

    Args:
        faults: of the audit; applications that have one are drawn, whatever they are.
        states: application -> status as it was told.
        versions: application -> version that is installed. Otherwise it is the one that the Configuration Server has.
    """
    return _Graph(site, faults, states or {}, versions or {}).told()


def node_ids(found: Mapping[str, Any], nodes: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return the ids of the nodes that a fault is about, which may be drawn several times (a queue in each tenant) or not at all."""
    kind = {"CfgApplication": None, "CfgScript": "queue", "CfgAgentGroup": "agent_group"}.get(found["type"], "")
    return [node["id"] for node in nodes if node["name"] == found["name"]
            and (node["kind"] == kind or kind is None and node["kind"] not in ("queue", "agent_group"))]


class _Graph:
    def __init__(self, site: Site, faults: Iterable[Mapping[str, Any]], states: Mapping[str, str], versions: Mapping[str, str]) -> None:
        self.site, self.directory, self.context = site, site.directory, site.context
        self.states, self.versions = states, versions
        self.nodes: dict[str, dict[str, Any]] = {}
        self.links: dict[tuple[Any, ...], list[str]] = {}
        self.kinds = self._kinds({fault["name"] for fault in faults if fault["type"] == "CfgApplication"})

    def told(self) -> dict[str, Any]:
        for app in self.site.applications:
            if app.name in self.kinds:
                self._application(app)
        for app in self.site.applications:
            if app.name in self.kinds:
                self._connections(app)
        self._queues()
        self._agent_groups()
        boxes = [box for kind in LANES for box in self._boxes(kind) if box["nodes"]]
        used = {box["lane"] for box in boxes}
        return {
            "tenants": sorted({tenant for node in self.nodes.values() for tenant in node["tenants"]}),
            "lanes": [{"id": kind, "title": title} for kind, (title, _word) in LANES.items() if kind in used],
            "boxes": boxes,
            "nodes": list(self.nodes.values()),
            "links": [{"from": client, "to": servers, "port": port, "protocol": protocol, "local_timeout": local, "remote_timeout": remote, "trace": trace}
                      for (client, port, protocol, local, remote, trace), servers in self.links.items()],
        }

    # -- nodes ---------------------------------------------------------------------------------------------------

    def _kinds(self, faulty: set[str]) -> dict[str, str]:
        """Return application -> kind of those that are drawn."""
        kinds = {app.name: OF_TYPE[app.subtype] for app in self.site.applications if app.subtype in OF_TYPE}
        kinds.update({app.name: "gms" for app in self.site.gms_nodes if app.name not in kinds})
        kinds.update({app.name: "web_engagement" for app, _release in self.site.backend_servers})
        kinds.update({app.name: "cluster" for app in self.site.of_type(APPLICATION_CLUSTER)
                      if app.name not in kinds and any(server.name in kinds for server, _port, _link in self.site.links(app))})
        for app in self.site.applications:
            primary = self.context.primary_of(app)
            if primary in kinds:
                kinds.setdefault(app.name, kinds[primary])
        drawn = [app for app in self.site.applications if app.name in kinds]
        for name in [*(server.name for app in drawn for server, _port, _link in self.site.links(app)), *faulty]:
            kinds.setdefault(name, "other")
        return kinds

    def _application(self, app: ConfigObject) -> None:
        kind = self.kinds[app.name]
        backup, primary = self.directory.by_dbid("CfgApplication", app.backup_dbid), self.context.primary_of(app)
        self.nodes[_id(app.name)] = {
            "id": _id(app.name), "kind": kind, "word": LANES[kind][1], "name": app.name,
            "host": self.directory.name("CfgHost", app.host_dbid),
            "version": self.versions.get(app.name) or app.value("version"),
            "state": self.states.get(app.name, ""),
            "ports": dict(sorted(app.ports.items(), key=lambda item: (item[0] != "default", item[0]))),
            "tenants": app.tenants(self.directory),
            "pair": f"primary, its backup is {backup.name}" if backup else f"backup of {primary}" if primary else "",
            "facts": [["type", app.subtype]] if kind == "other" else [],
        }

    def _queue(self, tenant: str, name: str, is_there: bool) -> str:
        queue = f"queue/{tenant}/{name}"
        self.nodes.setdefault(queue, _plain(queue, "queue", name, [tenant], state="" if is_there else "not there"))
        return queue

    def _queues(self) -> None:
        """Draw the queues that endpoints lead to, each with a link from the Chat Server.  Source: CHAT"""
        for app in self.site.all_chat_servers:
            for tenant_dbid, endpoints in sorted(self.site.endpoint_sections(app).items()):
                tenant = self.directory.name("CfgTenant", tenant_dbid)
                for endpoint, name in sorted(endpoints.items()):
                    queue = self._queue(tenant, name, self.site.is_queue(name, tenant_dbid) or not self._knows(INTERACTION_QUEUE))
                    self._link(_id(app.name), queue, endpoint, {"protocol": "endpoint"})

    def _knows(self, subtype: str) -> bool:
        """Return whether there are scripts of that type: a snapshot may have been taken without them."""
        return any(script.subtype == subtype for script in self.directory.all("CfgScript"))

    def _agent_groups(self) -> None:
        """Draw the agent groups in roles that have to do with chat. To whom a strategy leads, no object tells.  Source: PRIV"""
        given = privileges_of(self.site.wishes.get("privileges"), "privileges")
        roles: dict[int, tuple[list[str], list[str]]] = {}
        for role in sorted(self.directory.all("CfgRole"), key=lambda role: role.name):
            granting = grants_chat(role, given)
            for dbid in RoleMembers("CfgAgentGroup").dbids(role) if granting or has_others_of_chat(role) else ():
                roles.setdefault(dbid, ([], []))[0 if granting else 1].append(role.name)
        for group in sorted(self.directory.all("CfgAgentGroup"), key=lambda group: group.name):
            if group.dbid in roles:
                name = f"agents/{group.tenant_dbid}/{group.name}"
                giving, others = roles[group.dbid]
                facts = [["agents", str(len(group.agent_dbids))], *([["roles with chat", ", ".join(giving)]] if giving else []),
                         *([["roles without chat", ", ".join(others)]] if others else [])]
                self.nodes[name] = _plain(name, "agent_group", group.name, [self.directory.name("CfgTenant", group.tenant_dbid)], facts)

    # -- links ---------------------------------------------------------------------------------------------------

    def _connections(self, app: ConfigObject) -> None:
        for server, port, link in self.site.links(app):
            self._link(_id(app.name), _id(server.name), port, link)

    def _link(self, client: str, server: str, port: str, link: Mapping[str, Any]) -> None:
        addp = link if link.get("protocol") == "addp" else {}
        key = (client, port, link.get("protocol") or "", addp.get("local_timeout"), addp.get("remote_timeout"), addp.get("trace"))
        self.links.setdefault(key, []).append(server)

    # -- boxes ---------------------------------------------------------------------------------------------------

    def _boxes(self, kind: str) -> Iterator[dict[str, Any]]:
        """Yield the boxes of a lane: Chat Servers by group, UCS by pair, Interaction Servers by cluster, all others in one."""
        members = {node["name"]: node["id"] for node in self.nodes.values() if node["kind"] == kind}
        grouped = {"chat_server": self._groups, "contact_server": self._pairs, "interaction_server": self._clusters}.get(kind)
        if grouped is None:
            ids = [node["id"] for node in self.nodes.values() if node["kind"] == kind]
            yield {"id": kind, "lane": kind, "title": LANES[kind][0], "nodes": ids}
            return
        titled: dict[str, list[str]] = {}
        for title, name in grouped():
            if name in members:
                titled.setdefault(title, []).append(members.pop(name))
        for title, ids in sorted(titled.items(), key=lambda item: (item[0].startswith("Without"), item[0])):
            yield {"id": f"{kind}/{title}", "lane": kind, "title": title, "nodes": ids}
        yield {"id": kind, "lane": kind, "title": LANES[kind][0], "nodes": list(members.values())}

    def _groups(self) -> Iterator[tuple[str, str]]:
        """Yield (title, Chat Server); a backup is with its primary.  Source: CHAT"""
        for app in self.site.all_chat_servers:
            primary = self.directory.find("CfgApplication", self.context.primary_of(app)) or app
            names = sorted(server.name for server in self.site.linked(primary, CONTACT_SERVER))
            yield "Group of " + " and ".join(names) if names else "Without a UCS", app.name

    def _pairs(self) -> Iterator[tuple[str, str]]:
        for app in self.site.contact_servers:
            backup = self.directory.by_dbid("CfgApplication", app.backup_dbid)
            if backup is not None:
                yield f"Pair {app.name}", app.name
                yield f"Pair {app.name}", backup.name
            elif not self.context.primary_of(app):
                yield "Without a backup", app.name

    def _clusters(self) -> Iterator[tuple[str, str]]:
        for cluster, nodes in self.site.interaction_clusters:
            for node in nodes:
                yield f"Cluster {cluster.name}", node.name


def _id(application: str) -> str:
    return f"application/{application}"


def _plain(name: str, kind: str, shown: str, tenants: list[str], facts: list[list[str]] | None = None, state: str = "") -> dict[str, Any]:
    """Return the node of what is no application."""
    return {"id": name, "kind": kind, "word": LANES[kind][1], "name": shown, "host": "", "version": "", "state": state, "ports": {}, "tenants": tenants,
            "pair": "", "facts": facts or []}
