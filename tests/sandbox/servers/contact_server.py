# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stand-in for Universal Contact Server 9.1: every member is active, whatever the pairing says (Source: UCS91)."""

from __future__ import annotations

import asyncio
import sqlite3
from typing import Any

from .contact_store import ContactStore
from .runtime import Server, StartFailed, run_server

#: How long the first request of a transaction waits for others.
_GATHER_SECONDS = 0.01


class ContactServer(Server):
    """Stores transcripts: requests that come at about the same time share one transaction."""

    _store: ContactStore
    _writer: asyncio.Task[None]

    async def started(self) -> None:
        """Open the shared store."""
        path = self.directory / "ucs" / "ucs.db"
        try:
            self._store = await asyncio.to_thread(ContactStore, path, self.name)
        except (OSError, sqlite3.Error) as error:
            raise StartFailed(f"cannot open the store: {error}") from error
        self._requests: asyncio.Queue[tuple[dict[str, Any], asyncio.Future[dict[str, Any]]]] = asyncio.Queue()
        self._writer = asyncio.create_task(self._write())

    async def handle(self, port_id: str, message: dict[str, Any], writer: asyncio.StreamWriter) -> dict[str, Any] | None:
        """Answer after the transaction is committed."""
        future: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._requests.put_nowait((message, future))
        return await future

    async def _write(self) -> None:
        while True:
            batch = [await self._requests.get()]
            await asyncio.sleep(_GATHER_SECONDS)
            while not self._requests.empty():
                batch.append(self._requests.get_nowait())
            try:
                answers = await asyncio.to_thread(self._store.apply, [message for message, _future in batch])
            except (sqlite3.Error, KeyError) as error:
                answers = [{"ok": False, "error": str(error)}] * len(batch)
            for (_message, future), answer in zip(batch, answers):
                if not future.done():
                    future.set_result(answer)
                self._requests.task_done()

    async def suspend(self) -> None:
        """Commit what has arrived."""
        await self._requests.join()

    async def stopped(self) -> None:
        """Commit what has arrived, then close the store."""
        await self._requests.join()
        self._writer.cancel()
        self._store.close()


def main(arguments: list[str], product: str, version: str) -> int:
    """Entry point of the installed executable."""
    return run_server(ContactServer, arguments, product, version)
