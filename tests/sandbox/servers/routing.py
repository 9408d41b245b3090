# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Agents at an Interaction Server: who is logged in, and who gets the chats that lie in the queues.

No strategy is imitated. The oldest chat of any queue (of the hundred oldest) goes to the agent of its tenant who has the fewest in hand, among those whose
configuration gives access to the channel and whose capacity rule takes one more. A chat that nobody may take waits in its queue.

The lines that an agent's desktop exchanges, on any port of Interaction Server:

- ``login`` {"agent", "place", "application"}: ``media`` is what the agent gets, ``problems`` is every reason why not chats, ``interactions``
  is what the agent has in hand from before
- event ``offer`` {"interaction", "queue", "session", "chat_server", "ip", "port"}, which is answered by ``accept`` or ``decline``; one that is not
  answered in time, or whose agent is gone, goes back to its queue
- event ``changed`` with the same fields: another Chat Server has restored the session (Source: HA85)
- event ``stopped``: the chat has ended; ``done`` {"interaction"} ends it from the agent's side

What was decided is kept: which chat was offered to whom, accepted, declined, or stayed in its queue although an agent was logged in,
because that one has no access (``refused_for_access``) or has enough in hand (``waiting_for_capacity``). Whoever is logged in at one
Interaction Server is served by this one; the queues, and what agents have in hand, are common to all.
"""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from .agents import MEDIUM, Standing, standing
from .configuration import Configuration, ConfigurationError

OFFERED, ACCEPTED, DECLINED = "offered", "accepted", "declined"
NO_ACCESS, FULL = "refused_for_access", "waiting_for_capacity"

_SCHEMA = """
CREATE TABLE IF NOT EXISTS properties (
    interaction TEXT PRIMARY KEY, session TEXT NOT NULL, chat_server TEXT NOT NULL, ip TEXT NOT NULL, port INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS work (interaction TEXT PRIMARY KEY, agent TEXT NOT NULL, offered REAL NOT NULL, accepted REAL);
CREATE TABLE IF NOT EXISTS decisions (
    interaction TEXT NOT NULL, agent TEXT NOT NULL, decision TEXT NOT NULL, reason TEXT NOT NULL, decided REAL NOT NULL,
    PRIMARY KEY (interaction, agent, decision)
);
"""
_IN_HAND = "SELECT media, count(*) FROM work JOIN interactions USING (interaction) WHERE agent = ? AND stopped IS NULL GROUP BY media"
_WAITING = """
SELECT interaction, tenant FROM interactions JOIN properties USING (interaction) WHERE stopped IS NULL AND media = ?
AND NOT EXISTS (SELECT 1 FROM work WHERE work.interaction = interactions.interaction) ORDER BY submitted LIMIT 100
"""
_SHOWN = """
SELECT interaction, queue, session, chat_server, ip, port, stopped IS NOT NULL FROM interactions JOIN properties USING (interaction)
JOIN work USING (interaction) WHERE agent = ?
"""
_FIELDS = ("interaction", "queue", "session", "chat_server", "ip", "port")
_LOOK_SECONDS = 0.3
_STANDING_FRESH_SECONDS = 2.0
_OFFER_SECONDS = 10.0

Answer = dict[str, Any]


@dataclass
class _Agent:
    """One who is logged in; ``shown`` is what the desktop knows of each interaction, ``declined`` is what is not offered again."""

    name: str
    tenant: str
    place: str
    workspace: str
    writer: asyncio.StreamWriter
    standing: Standing
    read: float
    shown: dict[str, tuple[Any, ...]] = field(default_factory=dict)
    declined: set[str] = field(default_factory=set)


class Desks:
    """The agents of one Interaction Server.

    Args:
        database: the queues.
        configuration: where to read what agents may.
        send: sends one line to a desktop.
    """

    def __init__(self, database: sqlite3.Connection, configuration: Configuration, send: Callable[[asyncio.StreamWriter, Answer], None]) -> None:
        self._database, self._configuration, self._send = database, configuration, send
        self._database.executescript(_SCHEMA)
        self._agents: dict[str, _Agent] = {}
        self._called = asyncio.Event()
        self._task = asyncio.create_task(self._run())

    def call(self) -> None:
        """Something has changed: look at the queues at once."""
        self._called.set()

    async def close(self) -> None:
        """Serve nobody any more."""
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task

    # -- media servers ---------------------------------------------------------------------------------------------------

    def describe(self, message: Answer) -> None:
        """Note where the session of an interaction is held."""
        if "session" in message:
            row = tuple(message[name] for name in ("interaction", "session", "chat_server", "ip", "port"))
            self._database.execute("INSERT OR REPLACE INTO properties VALUES (?, ?, ?, ?, ?)", row)
        self.call()

    # -- desktops --------------------------------------------------------------------------------------------------------

    async def handle(self, message: Answer, writer: asyncio.StreamWriter) -> Answer | None:
        """Answer a desktop; None if it asks for nothing that is known here."""
        operation = message.get("op")
        if operation == "login":
            return await self._login(message, writer)
        if operation not in ("accept", "decline", "done"):
            return None
        agent = next((agent for agent in self._agents.values() if agent.writer is writer), None)
        if agent is None:
            return {"ok": False, "error": "no agent is logged in"}
        interaction = str(message["interaction"])
        row = self._database.execute("SELECT accepted FROM work WHERE interaction = ? AND agent = ?", (interaction, agent.name)).fetchone()
        if row is None:
            return {"ok": False, "error": "the interaction is not the agent's"}
        now = time.time()
        if operation == "accept":
            self._database.execute("UPDATE work SET accepted = ? WHERE interaction = ?", (now, interaction))
            self._note(interaction, agent.name, ACCEPTED)
        elif operation == "decline":
            self._take_back(agent, interaction)
        else:
            self._database.execute("UPDATE interactions SET stopped = ? WHERE interaction = ? AND stopped IS NULL", (now, interaction))
            agent.shown.pop(interaction, None)
        self.call()
        return {"ok": True}

    async def _login(self, message: Answer, writer: asyncio.StreamWriter) -> Answer:
        name, place, workspace = (str(message.get(key, "")) for key in ("agent", "place", "application"))
        try:
            found = await asyncio.to_thread(self._read, name, place, workspace)
        except ConfigurationError as error:
            return {"ok": False, "error": f"the configuration cannot be read: {error}"}
        if found is None:
            return {"ok": False, "error": f"there is no person '{name}'"}
        tenant, known = found
        agent = _Agent(name, tenant, place, workspace, writer, known, time.monotonic())
        self._agents[name] = agent
        self._forget_offers(name)
        held = self._held(agent)
        agent.shown = {row[0]: row for row in held}
        self.call()
        media = [] if known.problems else [MEDIUM]
        return {"ok": True, "media": media, "problems": list(known.problems), "interactions": [dict(zip(_FIELDS, row)) for row in held]}

    def _read(self, name: str, place: str, workspace: str) -> tuple[str, Standing] | None:
        known = standing(self._configuration, name, place, workspace)
        persons = self._configuration.list("CfgPerson", username=name)
        return (str(persons[0]["tenantdbid"]), known) if known is not None and persons else None

    def _held(self, agent: _Agent) -> list[tuple[Any, ...]]:
        return [row[:-1] for row in self._database.execute(_SHOWN, (agent.name,)).fetchall() if not row[-1]]

    # -- looking ---------------------------------------------------------------------------------------------------------

    async def _run(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_LOOK_SECONDS if self._agents else None):
                    await self._called.wait()
            self._called.clear()
            try:
                await self._look()
            except sqlite3.Error:
                await asyncio.sleep(_LOOK_SECONDS)

    async def _look(self) -> None:
        """Let go of agents who are gone, tell the others what has changed, and give out what waits."""
        for agent in list(self._agents.values()):
            if agent.writer.is_closing():
                self._logged_out(agent)
        for agent in list(self._agents.values()):
            await self._refresh(agent)
            self._tell(agent)
        if self._agents:
            for interaction, tenant in self._database.execute(_WAITING, (MEDIUM,)).fetchall():
                self._give(interaction, tenant)

    def _logged_out(self, agent: _Agent) -> None:
        """What was offered to an agent who is gone goes back to its queue; what was accepted waits for the agent."""
        del self._agents[agent.name]
        self._forget_offers(agent.name)

    def _forget_offers(self, name: str) -> None:
        self._database.execute("DELETE FROM work WHERE agent = ? AND accepted IS NULL", (name,))

    async def _refresh(self, agent: _Agent) -> None:
        if time.monotonic() - agent.read < _STANDING_FRESH_SECONDS:
            return
        agent.read = time.monotonic()
        try:
            found = await asyncio.to_thread(self._read, agent.name, agent.place, agent.workspace)
        except ConfigurationError:
            return
        agent.standing = found[1] if found else Standing(("the person does not exist any more",), None)

    def _tell(self, agent: _Agent) -> None:
        late = time.time() - _OFFER_SECONDS
        for (interaction,) in self._database.execute("SELECT interaction FROM work WHERE agent = ? AND accepted IS NULL AND offered < ?", (agent.name, late)):
            self._take_back(agent, interaction)
        held = {row[0]: row for row in self._held(agent)}
        for interaction in set(agent.shown) - set(held):
            del agent.shown[interaction]
            self._send(agent.writer, {"event": "stopped", "interaction": interaction})
        for interaction, row in held.items():
            if agent.shown.get(interaction, row) != row:
                self._send(agent.writer, {"event": "changed", **dict(zip(_FIELDS, row))})
            agent.shown[interaction] = row

    def _take_back(self, agent: _Agent, interaction: str) -> None:
        self._database.execute("DELETE FROM work WHERE interaction = ? AND agent = ?", (interaction, agent.name))
        agent.shown.pop(interaction, None)
        agent.declined.add(interaction)
        self._note(interaction, agent.name, DECLINED)

    # -- giving ----------------------------------------------------------------------------------------------------------

    def _give(self, interaction: str, tenant: str) -> None:
        """Offer an interaction to an agent who takes it, or note why each one does not."""
        hands = {agent.name: dict(self._database.execute(_IN_HAND, (agent.name,)).fetchall()) for agent in self._agents.values()}
        there = [agent for agent in self._agents.values() if agent.tenant == tenant and interaction not in agent.declined]
        for agent in sorted(there, key=lambda agent: sum(hands[agent.name].values())):
            if agent.standing.takes(hands[agent.name]) and self._offer(agent, interaction):
                return
        for agent in there:
            if agent.standing.problems:
                self._note(interaction, agent.name, NO_ACCESS, "; ".join(agent.standing.problems))
            else:
                self._note(interaction, agent.name, FULL, f"{hands[agent.name].get(MEDIUM, 0)} chats in hand")

    def _offer(self, agent: _Agent, interaction: str) -> bool:
        """Give an interaction to an agent, unless another Interaction Server was faster."""
        if not self._database.execute("INSERT OR IGNORE INTO work VALUES (?, ?, ?, NULL)", (interaction, agent.name, time.time())).rowcount:
            return False
        row = next(row for row in self._held(agent) if row[0] == interaction)
        agent.shown[interaction] = row
        self._note(interaction, agent.name, OFFERED)
        self._send(agent.writer, {"event": "offer", **dict(zip(_FIELDS, row))})
        return True

    def _note(self, interaction: str, agent: str, decision: str, reason: str = "") -> None:
        self._database.execute("INSERT OR IGNORE INTO decisions VALUES (?, ?, ?, ?, ?)", (interaction, agent, decision, reason, time.time()))
