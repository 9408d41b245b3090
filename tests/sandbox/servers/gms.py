# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stand-in for a node of Genesys Mobile Services: passes chat requests on to a Chat Server of its connection list.

This is **not** the API of GMS: JSON lines with the operations of the stand-in Chat Server (``create``, ``message``, ``leave``).
Faithful: connections to the ``webapi`` ports, made for one request each ("short-lived", Source: CHAT), one Chat Server after the
other; without an answer the session is restored on the next one.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any

from . import configuration as conf
from .configuration import Address, ConfigurationError
from .link import LINE_LIMIT
from .runtime import Server, run_server

_ANSWER_SECONDS = 40.0


class MobileServices(Server):
    """Keeps nothing but the place of each session."""

    async def started(self) -> None:
        """No session is known."""
        self._chat_servers: list[Address] = []
        self._place: dict[str, Address] = {}
        self._turn = 0

    async def configured(self) -> None:
        """Read the Chat Servers of the connection list."""
        try:
            self._chat_servers = await asyncio.to_thread(self._read_chat_servers)
        except ConfigurationError:
            pass

    def _read_chat_servers(self) -> list[Address]:
        found = []
        for connection in conf.connections(self.object):
            application = self.configuration.find("CfgApplication", dbid=str(connection["appserverdbid"]))
            if application is not None and application.get("subtype") == "CFGChatServer":
                found.append(self.configuration.address(application, str(connection.get("id") or "default")))
        return [address for address in found if address is not None]

    async def handle(self, port_id: str, message: dict[str, Any], writer: asyncio.StreamWriter) -> dict[str, Any] | None:
        """Pass a request on, to the session's Chat Server or for a new session to the next one in turn."""
        session = str(message.get("session", ""))
        self._turn += 1
        for address in self._in_turn(self._place.get(session)):
            try:
                if session and address != self._place.get(session):
                    await self._exchange(address, {"op": "restore", "session": session})
                answer = await self._exchange(address, message)
            except (OSError, ValueError, TimeoutError):
                continue
            if answer.get("ok"):
                self._place[str(answer.get("session", session))] = address
            if message.get("op") == "leave":
                self._place.pop(session, None)
            return answer
        return {"ok": False, "error": "no Chat Server is available"}

    def _in_turn(self, first: Address | None) -> list[Address]:
        servers = self._chat_servers
        start = self._turn % len(servers) if servers else 0
        ordered = servers[start:] + servers[:start]
        return [first, *(item for item in ordered if item != first)] if first is not None else ordered

    async def _exchange(self, address: Address, message: dict[str, Any]) -> dict[str, Any]:
        async with asyncio.timeout(_ANSWER_SECONDS):
            reader, writer = await asyncio.open_connection(address.ip, address.port, limit=LINE_LIMIT)
            try:
                writer.write(json.dumps({**message, "request": 1}).encode() + b"\n")
                line = await reader.readline()
            finally:
                writer.close()
        if not line:
            raise OSError("connection closed")
        answer: dict[str, Any] = json.loads(line)
        return answer


def main(arguments: list[str], product: str, version: str) -> int:
    """Entry point of the installed executable."""
    return run_server(MobileServices, arguments, product, version)
