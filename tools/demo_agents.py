# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Agents in the demo: who is there, what lets one of them have chats, and three visitors who chat through GMS.

Persons, their group, and a role that has nothing to do with chat are the administrator's own, so they are made here as somebody else would
have made them.
"""

from __future__ import annotations

import http.client
import json
import time
from typing import Any

from sandbox.load.agents import Caller, Desktop, decisions, find
from sandbox.servers.configuration import Configuration
from sandbox.testing import Sandbox

GMS, INTERACTION_SERVER = "GMS_1", "IXN_1"
CLUSTER, NODES = "IXN_Cluster", ("IXN_1", "IXN_2")
SERVICE, QUEUE = "customer-support", "Chat_In"
#: One agent may have chats, the other one may not.
AGENT, OTHER, GROUP = "ada.lovelace", "ben.bitdiddle", "Chat_Agents"

#: Seconds until the servers have noticed what was configured, or until a process has started.
PATIENCE = 60.0
#: Seconds in which a chat that goes to nobody would have gone to somebody.
QUIET = 1.0


def bring_agents(sandbox: Sandbox) -> None:
    """Create the agents, the group of one of them, a role of the other one, and their desktop, Workspace."""
    people = {name: sandbox.create("CfgPerson", username=name, employeeid=name, tenantdbid="1", isagent="CFGTrue") for name in (AGENT, OTHER)}
    sandbox.create("CfgAgentGroup", name=GROUP, tenantdbid="1", agentdbids={"id": [{"dbid": people[AGENT]["dbid"]}]})
    members = {"rolemember": [{"objecttype": "CFGPerson", "objectdbid": people[OTHER]["dbid"]}]}
    sandbox.create("CfgRole", name="Voice", tenantdbid="1", members=members)
    # Their desktop handles e-mail so far: without chat in this list nobody gets a chat.
    options = [{"section": "interaction-workspace", "key": "openmedia.workitem-channels", "value": "email,workitem"}]
    template = sandbox.create("CfgAppPrototype", name="Workspace Desktop 8.5", subtype="CFGInteractionWorkspace", version="8.5.150.00",
                              options={"property": options})
    sandbox.create("CfgApplication", name="Workspace", appprototypedbid=template["dbid"], autorestart="CFGFalse", tenantdbids={"id": [{"dbid": "1"}]},
                   options={"property": options})


def group_nodes(sandbox: Sandbox) -> None:
    """Make the Application Cluster of the Interaction Servers, by hand as its documentation wants it."""
    nodes = [sandbox.object("CfgApplication", name) for name in NODES]
    template = sandbox.create("CfgAppPrototype", name="Interaction Server Cluster", subtype="CFGApplicationCluster", version="8.5.000.01")
    connections = [{"id": "default", "appserverdbid": node["dbid"]} for node in nodes if node is not None]
    sandbox.create("CfgApplication", name=CLUSTER, appprototypedbid=template["dbid"], hostdbid=(nodes[0] or {})["hostdbid"], autorestart="CFGFalse",
                   workdirectory=".", commandline=".", commandlinearguments=".", portinfos={"portinfo": [{"id": "default", "port": "9090"}]},
                   tenantdbids={"id": [{"dbid": "1"}]}, appservers={"conninfo": connections})


def matrix(sandbox: Sandbox) -> dict[str, int]:
    """Return the figures of the cluster: its nodes, the Chat Servers, and the connections to a port ESP, which are one per node and Chat Server."""
    applications = {item["dbid"]: item for item in sandbox.objects("CfgApplication")}
    by_name = {item["name"]: item for item in applications.values()}
    nodes = [applications[link["appserverdbid"]] for link in by_name[CLUSTER]["appservers"]["conninfo"]]
    chat_servers = {dbid for dbid, item in applications.items() if item["subtype"] == "CFGChatServer"}
    found = {(node["name"], link["appserverdbid"]) for node in nodes for link in node["appservers"]["conninfo"] if link["id"] == "ESP"}
    return {"nodes": len(nodes), "chat_servers": len(chat_servers), "esp_connections": sum(server in chat_servers for _node, server in found)}


class Scene:
    """Visitors and agents of the demo.

    Attributes:
        restored: what became of the chat whose Chat Server was killed.
    """

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._configuration = Configuration(sandbox.environment["confserv_host"], sandbox.environment["confserv_port"])
        self._gms, self._interaction_server = (find(self._configuration, name) for name in (GMS, INTERACTION_SERVER))
        self._callers: list[Caller] = []
        self.restored: dict[str, Any] = {}

    def play(self) -> None:
        """Have visitors chat; raises AssertionError where something is not as it must be."""
        other = Desktop(self._interaction_server, OTHER)
        assert other.login["media"] == [], f"{OTHER} may have chats"
        first = self._call()
        self._wait("refused_for_access", first)
        agent = Desktop(self._interaction_server, AGENT)
        assert agent.login["media"] == ["chat"], f"{AGENT} may not have chats: {agent.login['problems']}"
        self._take(agent, first)
        first.say("Hello")
        assert agent.hear(first.interaction) == "Hello" and agent.say(first.interaction, "How can I help you?")["ok"], "the agent does not hear the visitor"
        first.look()
        assert first.said == ["How can I help you?"], "the visitor does not hear the agent"
        self._take(agent, self._call())
        third = self._call()
        self._wait("waiting_for_capacity", third)
        assert agent.offer(QUIET) is None and other.offer(0.1) is None, "a chat went to an agent who may not have it"
        self._lose_chat_server(agent, first)
        assert first.leave()["ok"] and agent.stopped(first.interaction), "the chat did not end"
        self._take(agent, third)
        for caller in self._callers[1:]:
            assert caller.leave()["ok"], "the chat did not end"
        for desktop in (agent, other):
            desktop.close()

    def figures(self) -> dict[str, int]:
        """How many of the chats were offered to an agent, accepted, refused for access, and waited for capacity."""
        ours, decided = {caller.interaction for caller in self._callers}, decisions(self._sandbox.directory)
        keys = ("offered", "accepted", "refused_for_access", "waiting_for_capacity")
        return {key: len(ours & {interaction for interaction, _agent in decided.get(key, ())}) for key in keys}

    def _call(self) -> Caller:
        """Open a chat; GMS may not have noticed yet that it has the service."""
        deadline = time.monotonic() + PATIENCE
        while True:
            caller = Caller(self._gms, service=SERVICE)
            if caller.answer["ok"]:
                break
            assert time.monotonic() < deadline, f"no chat through GMS: {caller.answer['error']}"
            caller.close()
            time.sleep(0.2)
        self._callers.append(caller)
        assert caller.answer["queue"] == QUEUE, f"the chat is in the queue {caller.answer['queue']}"
        return caller

    def _take(self, agent: Desktop, caller: Caller) -> None:
        offer = agent.offer()
        assert offer is not None and offer["interaction"] == caller.interaction, "the chat was not offered"
        assert offer["queue"] == QUEUE, f"the chat came from the queue {offer['queue']}"
        assert agent.accept(offer)["ok"], "the agent does not get into the chat"

    def _wait(self, decision: str, caller: Caller) -> None:
        deadline = time.monotonic() + PATIENCE
        while caller.interaction not in {interaction for interaction, _agent in decisions(self._sandbox.directory).get(decision, ())}:
            assert time.monotonic() < deadline, f"the chat is not {decision}"
            time.sleep(0.1)

    def _lose_chat_server(self, agent: Desktop, caller: Caller) -> None:
        """Kill the Chat Server of a chat in the middle of it, and start it again."""
        lost = agent.where(caller.interaction)
        (dbid,) = [item["dbid"] for item in self._scs("GET", "/applications") if item["name"] == lost]
        self._scs("POST", f"/kill/{dbid}")
        self._wait_for_status(lost, "STOPPED", "START_PENDING", "START_TRANSITION", "INITIALIZING")
        assert caller.say("Are you still there?")["ok"] and agent.hear(caller.interaction) == "Are you still there?", "the chat did not go on"
        for other in self._callers:
            assert other.look()["ok"], "a waiting chat did not go on"
        self.restored = {"chat_server_lost": lost, "continued_at": agent.where(caller.interaction)}
        self._scs("POST", f"/start/{dbid}")
        self._wait_for_status(lost, "RUNNING")

    def _wait_for_status(self, application: str, *wanted: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while True:
            (status,) = [item["status"] for item in self._scs("GET", "/applications") if item["name"] == application]
            if status in wanted:
                return
            assert time.monotonic() < deadline, f"{application} is {status}"
            time.sleep(0.1)

    def _scs(self, method: str, path: str) -> Any:
        """Ask Solution Control Server; what it refuses comes back as its error."""
        environment = self._sandbox.environment
        connection = http.client.HTTPConnection(environment["scs_host"], environment["scs_port"], timeout=30)
        try:
            connection.request(method, path)
            text = connection.getresponse().read()
        finally:
            connection.close()
        return json.loads(text) if text else None
