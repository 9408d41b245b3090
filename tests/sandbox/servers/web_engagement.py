# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stand-in for the Backend Server of Web Engagement 8.1.2: takes web chats of visitors, and has a Chat Server hold their sessions.

Faithful (Source: GWE812): it is connected to a Chat Server, or to an Application Cluster of them. Its section ``service:wes`` tells
the endpoint (``queueKey``, tenant ID and name), so that the Chat Server submits the chat to the endpoint's queue; what becomes of
the contact (``identifyCreateContact``: 1 nothing, 2 identified, 3 created if absent; 3 also if it is absent or wrong), which the
Chat Server does through its connection to UCS; how often sessions are updated (``refreshPeriod``); how many requests to Chat
Servers run at once (``requestPoolSize``); and for how long a broken session is tried to be restored (``sessionRestoreTimeout``).

Inferred: the members of a cluster are the Chat Servers among its connections (APPCL). Endpoint and number of requests count from
the next start on, contact handling at once, as in release 8.5 (GWEOPT, GWEOPT2). Sessions are created at port ``webapi`` whatever
port the connection names. A backup is known by its primary (HA81) and comes last.

The stand-in's own: JSON lines with ``create``, ``message``, ``attach`` and ``leave``; the values of options that are absent or out
of range, beside contact handling. ``queueWebengagement``, where routing starts, is told to the visitor and used for nothing:
there are no strategies, so nobody routes. No visit is watched, no pacing and no invitation is imitated; a visitor who asks is served.
"""

from __future__ import annotations

import asyncio
import os
import time
from typing import Any

from . import configuration as conf
from .configuration import Address, ConfigurationError
from .runtime import Server, run_server
from .web_chat import BROKEN, WebChat

_PREFIX = "wes.connector.chatServer."
_REFRESH_SECONDS, _MOST_REFRESH_SECONDS = 1, 5
_POOL_SIZE = 10
_RESTORE_SECONDS = 30
_AWAY_SECONDS = 60.0
_PAUSE_SECONDS = 0.25

#: Answers of a Chat Server after which it is vain to ask again for a session.
_GONE = ("no such session", "sessions are not restored", "the session was held without transcript-auto-save")

Answer = dict[str, Any]


def _refusal(text: str) -> Answer:
    return {"ok": False, "error": text}


class WebEngagement(Server):
    """See the module."""

    async def started(self) -> None:
        """Take what counts until the next start; no chat is known."""
        self._queue_key = self._option("queueKey")
        self._pool = asyncio.Semaphore(self._number("requestPoolSize", _POOL_SIZE))
        self._chats: dict[str, WebChat] = {}
        self._chat_servers: list[Address] = []
        self._backups: list[Address] = []
        self._turn = 0

    # -- configuration ---------------------------------------------------------------------------------------------------

    def _option(self, name: str) -> str:
        return conf.options(self.object, "service:wes").get(_PREFIX + name, "")

    def _number(self, name: str, otherwise: int, most: int | None = None) -> int:
        value = self._option(name)
        return int(value) if value.isdigit() and 1 <= int(value) <= (most or int(value)) else otherwise

    def _restore_seconds(self) -> int:
        """Both spellings count; 0 means not at all."""
        value = self._option("sessionRestoreTimeout") or self._option("chatSessionRestoreTimeout")
        return int(value) if value.isdigit() else _RESTORE_SECONDS

    async def _look(self) -> None:
        """Read the application, and what it is connected to, as they are now."""
        try:
            item = await asyncio.to_thread(self.configuration.find, "CfgApplication", name=self.name)
        except ConfigurationError:
            item = None
        self.object = item or self.object
        await self.configured()

    async def configured(self) -> None:
        """Find the Chat Servers; without a Configuration Server they are those that are known."""
        try:
            self._chat_servers, self._backups = await asyncio.to_thread(self._find_chat_servers)
        except ConfigurationError:
            pass

    def _find_chat_servers(self) -> tuple[list[Address], list[Address]]:
        members = []
        for server in self._connected(self.object):
            members += self._connected(server) if server.get("subtype") == "CFGApplicationCluster" else [server]
        found = {str(server["dbid"]): server for server in members if server.get("subtype") == "CFGChatServer"}
        backups = [self.configuration.find("CfgApplication", dbid=str(server.get("backupserverdbid", "0"))) for server in found.values()]
        addresses = [self.configuration.address(server, "webapi") for server in found.values()]
        of_backups = [self.configuration.address(server, "webapi") for server in backups if server is not None]
        return [address for address in addresses if address is not None], [address for address in of_backups if address is not None]

    def _connected(self, application: dict[str, Any]) -> list[dict[str, Any]]:
        found = [self.configuration.find("CfgApplication", dbid=str(link["appserverdbid"])) for link in conf.connections(application)]
        return [server for server in found if server is not None]

    def _places(self, first: Address | None = None) -> list[Address]:
        """The Chat Servers: one that comes first, then each in turn, then the backups."""
        start = self._turn % len(self._chat_servers) if self._chat_servers else 0
        found = [*self._chat_servers[start:], *self._chat_servers[:start], *self._backups]
        return list(dict.fromkeys([first, *found] if first else found))

    # -- visitors --------------------------------------------------------------------------------------------------------

    async def handle(self, port_id: str, message: Answer, writer: asyncio.StreamWriter) -> Answer | None:
        """One request of a visitor."""
        operation = message.get("op")
        if operation == "create":
            return await self._create(message, writer)
        chat = self._chats.get(str(message.get("session")))
        if chat is None:
            return _refusal("no such session")
        if operation not in ("message", "attach", "leave"):
            return _refusal(f"unknown operation '{operation}'")
        chat.seen(writer)
        answer = await self._pass_on(chat, {key: message[key] for key in ("op", "session", "sequence", "text") if key in message})
        if operation == "leave":
            self._forget(chat)
        return answer

    async def _create(self, message: Answer, writer: asyncio.StreamWriter) -> Answer:
        """Have a session created at the first Chat Server that does it."""
        attributes = dict(message.get("visitor") or {})
        await self._look()
        tenant, _colon, endpoint = self._queue_key.partition(":")
        if not tenant.isdigit() or not endpoint:
            return _refusal(f"{_PREFIX}queueKey is '{self._queue_key}', and not <tenant ID>:<endpoint>")
        request: Answer = {"op": "create", "tenant": tenant, "endpoint": endpoint}
        handling = self._option("identifyCreateContact")
        if handling != "1":
            request["contact"] = {"attributes": attributes, "create": handling != "2"}
        problem = "no Chat Server is connected"
        self._turn += 1
        for place in self._places():
            chat = WebChat(writer)
            try:
                await self._dial(chat, place)
                answer = await self._ask(chat, request)
            except BROKEN as error:
                problem = f"'{place.application}' does not answer: {error or 'timeout'}"
                chat.hang_up()
                continue
            if answer.get("ok"):
                chat.session = str(answer["session"])
                self._chats[chat.session] = chat
                chat.refreshing = asyncio.create_task(self._refresh(chat))
                return {**answer, "routing_starts_at": self._option("queueWebengagement")}
            chat.hang_up()
            problem = str(answer.get("error"))
        return _refusal(problem)

    def _forget(self, chat: WebChat) -> None:
        self._chats.pop(chat.session, None)
        chat.hang_up()
        if chat.refreshing is not None and chat.refreshing is not asyncio.current_task():
            chat.refreshing.cancel()

    def _end(self, chat: WebChat, reason: str) -> None:
        """The session is no more; the visitor sees why."""
        self._forget(chat)
        self.send(chat.visitor, {"event": "ended", "session": chat.session, "reason": reason})

    # -- sessions --------------------------------------------------------------------------------------------------------

    async def _dial(self, chat: WebChat, place: Address) -> None:
        try:
            await chat.dial(place)
        except BROKEN as error:
            number = getattr(error, "errno", None)
            self.log.event("04502", place.type_name, place.application, place.host, place.port, os.strerror(number) if number else "timeout")
            raise
        self.log.event("04503", place.type_name, place.application, place.host, place.port)

    async def _ask(self, chat: WebChat, message: Answer) -> Answer:
        async with self._pool:
            return await chat.ask(message)

    async def _pass_on(self, chat: WebChat, message: Answer) -> Answer:
        """Pass a request on to the Chat Server that holds the session, which is restored first if it is lost."""
        deadline: float | None = None
        async with chat.turn:
            while chat.session in self._chats:
                try:
                    answer = await self._ask(chat, message)
                except BROKEN:
                    if chat.place is not None:
                        self.log.event("04504", chat.place.type_name, chat.place.application, chat.place.host, chat.place.port)
                else:
                    if chat.ended:
                        self._end(chat, chat.ended)
                    if chat.ended or answer.get("error") != "no such session":
                        return answer
                deadline = deadline or time.monotonic() + self._restore_seconds()
                reason = await self._restore(chat, deadline)
                if reason:
                    self._end(chat, reason)
        return _refusal("no such session")

    async def _restore(self, chat: WebChat, deadline: float) -> str:
        """Have the session restored, where it was or at another Chat Server; return why that can't be done, or nothing."""
        first, problem = chat.place, "the time for it is over"
        while time.monotonic() < deadline:
            await self.configured()
            places, gone = self._places(first), 0
            for place in places:
                try:
                    await self._dial(chat, place)
                    answer = await self._ask(chat, {"op": "restore", "session": chat.session})
                except BROKEN as error:
                    problem = f"'{place.application}' does not answer: {error or 'timeout'}"
                    continue
                if answer.get("ok"):
                    return ""
                problem = str(answer.get("error"))
                gone += problem in _GONE
            if places and gone == len(places):
                break
            await asyncio.sleep(_PAUSE_SECONDS)
        return f"the session was not restored: {problem}"

    async def _refresh(self, chat: WebChat) -> None:
        """Update the session as long as the visitor is there; one who stays away is forgotten, and Chat Server ends the session."""
        while chat.session in self._chats:
            await asyncio.sleep(self._number("refreshPeriod", _REFRESH_SECONDS, _MOST_REFRESH_SECONDS))
            if not chat.visitor.is_closing():
                chat.present = time.monotonic()
                await self._pass_on(chat, {"op": "attach", "session": chat.session})
            elif time.monotonic() - chat.present > _AWAY_SECONDS:
                self._forget(chat)

    async def stopped(self) -> None:
        """Leave the Chat Servers; the sessions are not ended by that."""
        for chat in list(self._chats.values()):
            self._forget(chat)


def main(arguments: list[str], product: str, version: str) -> int:
    """Entry point of the installed executable."""
    return run_server(WebEngagement, arguments, product, version)
