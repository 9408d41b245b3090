# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stand-in for a node of Genesys Mobile Services: passes chat requests on to a Chat Server of its connection list.

This is **not** the API of GMS: JSON lines with the operations of the stand-in Chat Server (``create``, ``message``, ``attach``, ``leave``). A new
session names its ``service``, or tenant and endpoint by itself.

Faithful: a service is there if its section is, ``chat.<service>`` for one of Chat API v2, ``request-chat`` for the old one; without a
connection to Solution Control Server there are no v2 services (GMSDC). The endpoint has the form ``<tenant name>:<endpoint>``: that of the
service, else ``chat/default_chat_endpoint``, else ``Environment:default`` (GMSV1). Connections to the ``webapi`` ports are made for one
request each ("short-lived", CHAT), one Chat Server after the other; without an answer the session is restored on another one (HA85), and
has ended if none of those that answer does that.

Inferred: the backup of a connected Chat Server comes last (HA81), and never for v2, which must not have any (GMSDC). The stand-in's own:
which option of a v2 section names the endpoint, since that is not public: the one whose name contains ``endpoint``.
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
_OLD_SERVICE = "request-chat"
_DEFAULT_ENDPOINT = "Environment:default"

#: Answers of a Chat Server that can't go on with a session.
_GONE = ("no such session", "sessions are not restored", "the session was held without transcript-auto-save")

Answer = dict[str, Any]


def _refusal(text: str) -> Answer:
    return {"ok": False, "error": text}


class MobileServices(Server):
    """Keeps nothing but the place of each session, and whether it belongs to a v2 service."""

    async def started(self) -> None:
        """No session is known."""
        self._chat_servers: list[Address] = []
        self._backups: list[Address] = []
        self._controlled = False
        self._place: dict[str, Address] = {}
        self._digital: set[str] = set()
        self._turn = 0

    async def configured(self) -> None:
        """Read the connection list; without a Configuration Server it is the one that is known."""
        try:
            await asyncio.to_thread(self._read_connections)
        except ConfigurationError:
            pass

    def _read_connections(self) -> None:
        members, backups, controlled = [], [], False
        for connection in conf.connections(self.object):
            application = self.configuration.find("CfgApplication", dbid=str(connection["appserverdbid"]))
            if application is None:
                continue
            controlled |= application.get("subtype") == "CFGSCS"
            if application.get("subtype") == "CFGChatServer":
                port_id = str(connection.get("id") or "default")
                members.append(self.configuration.address(application, port_id))
                backup = self.configuration.find("CfgApplication", dbid=str(application.get("backupserverdbid", "0")))
                backups.append(self.configuration.address(backup, port_id) if backup else None)
        self._chat_servers = [address for address in members if address is not None]
        self._backups = [address for address in backups if address is not None]
        self._controlled = controlled

    # -- services --------------------------------------------------------------------------------------------------------

    def _of_service(self, service: str) -> Answer:
        """Tenant and endpoint of a service, or why there is none."""
        old = service == _OLD_SERVICE
        section = service if old else f"chat.{service}"
        options = conf.options(self.object, section)
        if not options:
            return _refusal(f"there is no service '{service}': the application has no section '{section}'")
        if not old and not self._controlled:
            return _refusal("digital channels are off: there is no connection to Solution Control Server")
        own = next((value for key, value in sorted(options.items()) if "endpoint" in key and ":" in value), "")
        endpoint = own or conf.options(self.object, "chat").get("default_chat_endpoint") or _DEFAULT_ENDPOINT
        tenant, _colon, name = endpoint.partition(":")
        if not tenant or tenant.isdigit() or not name:
            return _refusal(f"endpoint '{endpoint}' is not <tenant name>:<endpoint>")
        return {"ok": True, "tenant": tenant, "endpoint": name}

    async def handle(self, port_id: str, message: Answer, writer: asyncio.StreamWriter) -> Answer | None:
        """Pass a request on, to the session's Chat Server or for a new session to the next one in turn."""
        service = str(message.get("service", ""))
        if message.get("op") == "create" and service:
            found = self._of_service(service)
            if not found["ok"]:
                return found
            message = {"op": "create", "tenant": found["tenant"], "endpoint": found["endpoint"]}
        session = str(message.get("session", ""))
        digital = session in self._digital if session else service not in ("", _OLD_SERVICE)
        self._turn += not session
        gone, refused = "", None
        for address in self._in_turn(self._place.get(session), digital):
            try:
                answer = await self._carry(address, session, message)
            except (OSError, ValueError, TimeoutError):
                continue
            if session and answer.get("error") in _GONE:
                gone = str(answer["error"])
                continue
            if not session and not answer.get("ok"):
                refused = answer
                continue
            if answer.get("ok"):
                self._keep(str(answer.get("session", session)), address, digital)
            if message.get("op") == "leave":
                self._forget(session)
            return answer
        if gone:
            self._forget(session)
            return _refusal(f"the session has ended: {gone}")
        return refused or _refusal("no Chat Server is available")

    def _keep(self, session: str, address: Address, digital: bool) -> None:
        self._place[session] = address
        if digital:
            self._digital.add(session)

    def _forget(self, session: str) -> None:
        self._place.pop(session, None)
        self._digital.discard(session)

    async def _carry(self, address: Address, session: str, message: Answer) -> Answer:
        """Pass a request on to a Chat Server that may have to restore the session first."""
        if session and address == self._place.get(session):
            answer = await self._exchange(address, message)
            if answer.get("error") != "no such session":
                return answer
        if session:
            restored = await self._exchange(address, {"op": "restore", "session": session})
            if not restored.get("ok"):
                return restored
        return await self._exchange(address, message)

    def _in_turn(self, first: Address | None, digital: bool) -> list[Address]:
        servers = self._chat_servers
        start = self._turn % len(servers) if servers else 0
        ordered = [*servers[start:], *servers[:start], *([] if digital else self._backups)]
        return [first, *(item for item in ordered if item != first)] if first is not None else ordered

    async def _exchange(self, address: Address, message: Answer) -> Answer:
        async with asyncio.timeout(_ANSWER_SECONDS):
            reader, writer = await asyncio.open_connection(address.ip, address.port, limit=LINE_LIMIT)
            try:
                writer.write(json.dumps({**message, "request": 1}).encode() + b"\n")
                line = await reader.readline()
            finally:
                writer.close()
        if not line:
            raise OSError("connection closed")
        answer: Answer = json.loads(line)
        return answer


def main(arguments: list[str], product: str, version: str) -> int:
    """Entry point of the installed executable."""
    return run_server(MobileServices, arguments, product, version)
