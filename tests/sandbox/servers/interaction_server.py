# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stand-in for Interaction Server: takes interactions into Interaction Queues that exist in the configuration.

The queues lie in one SQLite file that all Interaction Servers share, so that a reader sees which interaction is where. There
are no strategies: a chat goes to an agent who is logged in and may take it (``routing``), and stays in its queue until its media server
or the agent ends it.
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
from typing import Any

from . import configuration as conf
from .configuration import Address, ConfigurationError
from .link import Link
from .routing import Desks
from .runtime import Server, StartFailed, run_server

_SCHEMA = """
CREATE TABLE IF NOT EXISTS interactions (
    interaction TEXT PRIMARY KEY, tenant TEXT NOT NULL, queue TEXT NOT NULL, media TEXT NOT NULL,
    submitted_by TEXT NOT NULL, received_by TEXT NOT NULL, submitted REAL NOT NULL, stopped REAL
);
"""
_QUEUES_FRESH_SECONDS = 2.0


class InteractionServer(Server):
    """Accepts interactions on its ports and connects to the ESP ports of the Chat Servers."""

    _database: sqlite3.Connection

    async def started(self) -> None:
        """Open the queues."""
        self._queues: set[tuple[str, str]] = set()
        self._queues_read = float("-inf")
        self._links: dict[Address, Link] = {}
        path = self.directory / "ixn" / "queues.db"
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._database = sqlite3.connect(path, timeout=30, isolation_level=None)
            self._database.execute("PRAGMA journal_mode=WAL")
            self._database.execute("PRAGMA synchronous=NORMAL")
            self._database.executescript(_SCHEMA)
            self._desks = Desks(self._database, self.configuration, self.send)
        except (OSError, sqlite3.Error) as error:
            raise StartFailed(f"cannot open the queues: {error}") from error

    async def configured(self) -> None:
        """Connect to the applications of the connection list, and leave those that are no longer there."""
        wanted = await asyncio.to_thread(self._wanted)
        for address in set(self._links) - set(wanted):
            await self._links.pop(address).close()
        for address, heartbeat in wanted.items():
            if address not in self._links:
                self._links[address] = Link([address], self.log, heartbeat=heartbeat)
                self._links[address].start()

    def _wanted(self) -> dict[Address, float]:
        wanted: dict[Address, float] = {}
        try:
            for connection in conf.connections(self.object):
                application = self.configuration.find("CfgApplication", dbid=str(connection["appserverdbid"]))
                if application is None or application.get("subtype") != "CFGChatServer":
                    continue
                address = self.configuration.address(application, str(connection.get("id") or "default"))
                if address is not None:
                    wanted[address] = conf.heartbeat(connection)
        except ConfigurationError:
            return dict.fromkeys(self._links, 0.0)
        return wanted

    async def handle(self, port_id: str, message: dict[str, Any], writer: asyncio.StreamWriter) -> dict[str, Any] | None:
        """``submit`` puts an interaction into a queue, ``change`` tells who holds its session, ``stop`` ends it; each may be repeated."""
        try:
            if message.get("op") == "submit":
                return await self._submit(message)
            if message.get("op") == "change":
                self._desks.describe(message)
                return {"ok": True}
            if message.get("op") == "stop":
                self._database.execute("UPDATE interactions SET stopped = ? WHERE interaction = ?", (time.time(), message["interaction"]))
                self._desks.call()
                return {"ok": True}
            answer = await self._desks.handle(message, writer)
            if answer is not None:
                return answer
        except (sqlite3.Error, KeyError) as error:
            return {"ok": False, "error": str(error)}
        return {"ok": False, "error": "unknown operation"}

    async def _submit(self, message: dict[str, Any]) -> dict[str, Any]:
        tenant, queue = str(message["tenant"]), str(message["queue"])
        if not await self._queue_exists(tenant, queue):
            return {"ok": False, "error": f"queue '{queue}' does not exist in tenant {tenant}"}
        row = (message["interaction"], tenant, queue, message["media"], message["submitted_by"], self.name, time.time())
        self._database.execute("INSERT OR IGNORE INTO interactions VALUES (?, ?, ?, ?, ?, ?, ?, NULL)", row)
        self._desks.describe(message)
        return {"ok": True}

    async def _queue_exists(self, tenant: str, queue: str) -> bool:
        if (tenant, queue) not in self._queues or time.monotonic() - self._queues_read > _QUEUES_FRESH_SECONDS:
            try:
                scripts = await asyncio.to_thread(self.configuration.list, "CfgScript", subtype="CFGInteractionQueue")
            except ConfigurationError:
                return (tenant, queue) in self._queues
            self._queues_read = time.monotonic()
            self._queues = {(str(item["tenantdbid"]), item["name"]) for item in scripts if item.get("subtype") == "CFGInteractionQueue"}
        return (tenant, queue) in self._queues

    async def stopped(self) -> None:
        """Leave the Chat Servers and close the queues."""
        for link in self._links.values():
            await link.close()
        await self._desks.close()
        self._database.close()


def main(arguments: list[str], product: str, version: str) -> int:
    """Entry point of the installed executable."""
    return run_server(InteractionServer, arguments, product, version)
