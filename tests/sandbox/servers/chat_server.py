# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stand-in for Chat Server: sessions on port ``webapi``, their interactions in Interaction Server, their transcripts in UCS.

Faithful: the configured ports; the endpoint (``endpoints:<tenant DBID>``, falling back to ``default``) decides the queue; the UCS
connection alternates between the connected application and its backup; SERVICE_UNAVAILABLE without Interaction Server or UCS; an
instance with ``session-restoration-mode=simple`` restores the session of another one that had ``transcript-auto-save`` on, and tells
Interaction Server, so that the agent's desktop follows (Sources: CHAT, HA81, HA85).

The stand-in's own: JSON lines; every message is stored before it is acknowledged, whatever ``transcript-auto-save`` says; without
a UCS for ``transcript-resend-attempts`` times ``transcript-resend-delay`` seconds (30 unless both are set) the sessions that
wait for it end with an error. At ``default`` agents take part: ``join``, ``message`` and ``leave`` with the agent's name, and an event for
each message of the visitor, those in the transcript first; the visitor gets the agent's messages with the next answer. ``health``
takes connections and nothing else.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
import uuid
from typing import Any

from . import configuration as conf
from .chat_session import Session
from .configuration import Address, ConfigurationError
from .link import Link, LinkFailed
from .runtime import Server, run_server

_GIVE_UP_SECONDS = 30.0
_FIRST_CONNECTION_SECONDS = 3.0
_GRACE_SECONDS = 30.0

Answer = dict[str, Any]


def _refusal(text: str) -> Answer:
    return {"ok": False, "error": text}


class ChatServer(Server):
    """See the module."""

    async def started(self) -> None:
        """Nothing is stored locally."""
        self._sessions: dict[str, Session] = {}
        self._links: dict[tuple[Address, ...], Link] = {}
        self._for_agents: Address | None = None
        self._idle_task = asyncio.create_task(self._end_idle_sessions())

    # -- connections -----------------------------------------------------------------------------------------------------

    async def configured(self) -> None:
        """Connect to the applications of the connection list, and leave those that are no longer there."""
        wanted = await asyncio.to_thread(self._wanted)
        with contextlib.suppress(ConfigurationError):
            self._for_agents = await asyncio.to_thread(self.configuration.address, self.object, "default")
        for members in set(self._links) - set(wanted):
            await self._links.pop(members).close()
        for members, heartbeat in wanted.items():
            if members not in self._links:
                link = Link(list(members), self.log, heartbeat=heartbeat, give_up_seconds=self._give_up_seconds(), changed=self.report_change)
                self._links[members] = link
                link.start()
        tries = [asyncio.create_task(link.tried.wait()) for link in self._links.values()]
        if tries:
            await asyncio.wait(tries, timeout=_FIRST_CONNECTION_SECONDS)
        self.report_change()

    def _wanted(self) -> dict[tuple[Address, ...], float]:
        """The members and the addp time-out of each connection; a UCS brings its backup along, read from its own object."""
        wanted: dict[tuple[Address, ...], float] = {}
        try:
            for connection in conf.connections(self.object):
                application = self.configuration.find("CfgApplication", dbid=str(connection["appserverdbid"]))
                if application is None or application.get("subtype") not in ("CFGContactServer", "CFGInteractionServer", "CFGMessageServer"):
                    continue
                port_id = str(connection.get("id") or "default")
                members = [self.configuration.address(application, port_id)]
                backup_dbid = str(application.get("backupserverdbid", "0"))
                if backup_dbid != "0":
                    backup = self.configuration.find("CfgApplication", dbid=backup_dbid)
                    members.append(self.configuration.address(backup, port_id) if backup else None)
                heartbeat = 0.0 if application["subtype"] == "CFGMessageServer" else conf.heartbeat(connection)
                known = tuple(member for member in members if member is not None)
                if known:
                    wanted[known] = heartbeat
        except ConfigurationError:
            return dict.fromkeys(self._links, 0.0)
        return wanted

    def _settings(self) -> dict[str, str]:
        return conf.options(self.object, "settings")

    def _give_up_seconds(self) -> float:
        settings = self._settings()
        try:
            return float(settings["transcript-resend-attempts"]) * float(settings["transcript-resend-delay"])
        except (KeyError, ValueError):
            return _GIVE_UP_SECONDS

    def _link(self, type_name: str) -> Link | None:
        """A link to a server of a type, a connected one if there is one."""
        links = [link for members, link in self._links.items() if members[0].type_name == type_name]
        return next((link for link in links if link.connected), links[0] if links else None)

    def serviceable(self) -> bool:
        """An Interaction Server and a UCS are connected."""
        links = [self._link("InteractionServer"), self._link("ContactServer")]
        return all(link is not None and link.connected is not None for link in links)

    async def _ask(self, type_name: str, message: Answer) -> Answer:
        link = self._link(type_name)
        if link is None:
            raise LinkFailed(f"no connection to {type_name} is configured")
        return await link.request(message)

    # -- clients ---------------------------------------------------------------------------------------------------------

    async def handle(self, port_id: str, message: Answer, writer: asyncio.StreamWriter) -> Answer | None:
        """One request of a chat client on port ``webapi``, or of an agent on port ``default``."""
        if port_id == "default":
            return await self._of_agent(message, writer)
        if port_id != "webapi":
            return {"ok": True} if port_id == "ESP" else None
        operation = message.get("op")
        try:
            if operation == "create":
                return await self._create(message, writer)
            if operation == "restore":
                return await self._restore(message, writer)
            session = self._sessions.get(str(message.get("session")))
            if session is None:
                return _refusal("no such session")
            session.touch(writer)
            if operation in ("message", "attach"):
                answer = await self._message(session, message) if operation == "message" else {"ok": True}
                said, session.said = session.said, []
                return {**answer, "said": said} if said else answer
            if operation == "leave":
                return await self._leave(session)
        except LinkFailed as failure:
            return _refusal(f"service is not available: {failure}")
        return _refusal(f"unknown operation '{operation}'")

    async def _create(self, message: Answer, writer: asyncio.StreamWriter) -> Answer:
        if self.suspended:
            return _refusal("the server is suspended")
        tenant = await self._tenant_dbid(str(message.get("tenant", "1")))
        endpoints = conf.options(self.object, f"endpoints:{tenant}")
        # No such endpoint: the default one.
        queue = endpoints.get(str(message.get("endpoint", "default"))) or endpoints.get("default", "")
        if not queue:
            return _refusal(f"no endpoint for tenant {tenant}")
        session = Session(uuid.uuid4().hex, uuid.uuid4().hex, tenant, queue)
        submit = {
            "op": "submit",
            "interaction": session.interaction,
            "tenant": tenant,
            "queue": queue,
            "media": "chat",
            "submitted_by": self._settings().get("ixn-submittedby-name") or self.name,
            **self._held_here(session),
        }
        answer = await self._ask("InteractionServer", submit)
        if not answer.get("ok"):
            return _refusal(str(answer.get("error")))
        record = {
            "op": "open",
            "session": session.session,
            "interaction": session.interaction,
            "tenant": tenant,
            "queue": queue,
            "chat_server": self.name,
            "saved": self._settings().get("transcript-auto-save", "0") != "0",
        }
        await self._ask("ContactServer", record)
        contact = await self._contact(session, message.get("contact"))
        session.touch(writer)
        self._sessions[session.session] = session
        return {"ok": True, "session": session.session, "interaction": session.interaction, "queue": queue, **contact}

    def _held_here(self, session: Session) -> Answer:
        """What an agent's desktop must know to come here; it is kept with the interaction."""
        place = self._for_agents
        return {"session": session.session, "chat_server": self.name, "ip": place.ip if place else "", "port": place.port if place else 0}

    async def _contact(self, session: Session, wish: Answer | None) -> Answer:
        """Have UCS identify or create the contact, if the client asks for that (Source: GWE812)."""
        if not wish:
            return {}
        request = {"op": "contact", "session": session.session, "tenant": session.tenant, "attributes": dict(wish["attributes"]), "create": wish["create"]}
        return {"contact": (await self._ask("ContactServer", request)).get("contact", "")}

    async def _tenant_dbid(self, tenant: str) -> str:
        """GMS names the tenant, others give its DBID (Source: GMSV1)."""
        if tenant.isdigit():
            return tenant
        try:
            found = await asyncio.to_thread(self.configuration.find, "CfgTenant", name=tenant)
        except ConfigurationError:
            found = None
        return str(found["dbid"]) if found else tenant

    async def _restore(self, message: Answer, writer: asyncio.StreamWriter) -> Answer:
        """Take over a session that another instance held."""
        name = str(message.get("session"))
        if name not in self._sessions:
            if self._settings().get("session-restoration-mode", "none") != "simple":
                return _refusal("sessions are not restored")
            record = await self._ask("ContactServer", {"op": "session", "session": name})
            if not record.get("ok"):
                return _refusal("no such session")
            if not record["saved"]:
                return _refusal("the session was held without transcript-auto-save")
            session = Session(name, record["interaction"], record["tenant"], record["queue"])
            await self._ask("InteractionServer", {"op": "change", "interaction": session.interaction, **self._held_here(session)})
            self._sessions[name] = session
        self._sessions[name].touch(writer)
        return {"ok": True}

    async def _message(self, session: Session, message: Answer) -> Answer:
        """Acknowledge after the message is in UCS; one that the client repeats is not stored again."""
        sequence = int(message["sequence"])
        if sequence not in session.stored:
            if sequence not in session.pending:
                session.pending[sequence] = asyncio.create_task(self._store(session, sequence, str(message.get("text", ""))))
            if not await asyncio.shield(session.pending[sequence]):
                return _refusal("the message could not be stored")
        return {"ok": True, "sequence": sequence}

    async def _store(self, session: Session, sequence: int, text: str) -> bool:
        # The id does not depend on the instance: a restored session repeats a message under the same id.
        record = {"op": "store", "message": f"{session.session}:{sequence}", "session": session.session, "sequence": sequence, "text": text}
        try:
            answer = await self._ask("ContactServer", record)
        except LinkFailed:
            answer = {"ok": False}
        session.pending.pop(sequence, None)
        if answer.get("ok"):
            session.stored.add(sequence)
            for writer in session.agents.values():
                self.send(writer, {"event": "message", "session": session.session, "sequence": sequence, "text": text})
            return True
        self._end(session, "the transcript could not be saved")
        return False

    async def _leave(self, session: Session) -> Answer:
        if session.pending:
            await asyncio.wait(list(session.pending.values()))
        self._sessions.pop(session.session, None)
        await self._close_records(session)
        return {"ok": True}

    async def _close_records(self, session: Session) -> None:
        try:
            await self._ask("ContactServer", {"op": "close", "session": session.session})
            await self._ask("InteractionServer", {"op": "stop", "interaction": session.interaction})
        except LinkFailed:
            pass

    def _end(self, session: Session, reason: str) -> None:
        """End a session on the server's own account; the client sees why."""
        if self._sessions.pop(session.session, None) and session.writer is not None:
            self.send(session.writer, {"event": "ended", "session": session.session, "reason": reason})

    async def _end_idle_sessions(self) -> None:
        """A client that issues no request for flex-disconnect-timeout seconds is disconnected (Source: GMSV1)."""
        background: set[asyncio.Task[None]] = set()
        while True:
            await asyncio.sleep(1)
            limit = self._settings().get("flex-disconnect-timeout", "")
            seconds = float(limit) if limit.isdigit() else 45.0
            for session in list(self._sessions.values()):
                if time.monotonic() - session.last_request > seconds:
                    self._end(session, "flex-disconnect-timeout")
                    task = asyncio.create_task(self._close_records(session))
                    background.add(task)
                    task.add_done_callback(background.discard)

    # -- agents ----------------------------------------------------------------------------------------------------------

    async def _of_agent(self, message: Answer, writer: asyncio.StreamWriter) -> Answer:
        """One request of an agent's desktop. A message is stored like a visitor's, with the number below zero."""
        operation = message.get("op")
        session = self._sessions.get(str(message.get("session")))
        if session is None:
            return _refusal("no such session")
        agent = str(message.get("agent", ""))
        if operation == "join":
            return await self._join(session, agent, int(message.get("after", 0)), writer)
        if operation == "leave":
            session.agents.pop(agent, None)
        elif operation == "message":
            number, text = int(message["sequence"]), str(message.get("text", ""))
            record = {"op": "store", "message": f"{session.session}:{agent}:{number}", "session": session.session, "sequence": -number, "text": text}
            try:
                await self._ask("ContactServer", record)
            except LinkFailed as failure:
                return _refusal(f"service is not available: {failure}")
            session.said.append({"agent": agent, "text": text})
        else:
            return _refusal(f"unknown operation '{operation}'")
        return {"ok": True}

    async def _join(self, session: Session, agent: str, after: int, writer: asyncio.StreamWriter) -> Answer:
        """Have an agent take part, and show what the visitor has written after the message that the agent knows."""
        session.agents[agent] = writer
        try:
            transcript = await self._ask("ContactServer", {"op": "transcript", "session": session.session, "after": after})
        except LinkFailed as failure:
            return _refusal(f"service is not available: {failure}")
        for sequence, text in transcript["messages"]:
            self.send(writer, {"event": "message", "session": session.session, "sequence": sequence, "text": text})
        return {"ok": True}

    # -- end -------------------------------------------------------------------------------------------------------------

    async def suspend(self) -> None:
        """Wait, within bounds, until the sessions have ended."""
        deadline = time.monotonic() + _GRACE_SECONDS
        while self._sessions and time.monotonic() < deadline:
            await asyncio.sleep(0.1)

    async def stopped(self) -> None:
        """Leave the other servers."""
        self._idle_task.cancel()
        for link in self._links.values():
            await link.close()


def main(arguments: list[str], product: str, version: str) -> int:
    """Entry point of the installed executable."""
    return run_server(ChatServer, arguments, product, version)
