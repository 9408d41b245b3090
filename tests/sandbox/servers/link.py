# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A client's connection to a server, or to a pair of servers between which it alternates.

Requests that were not answered when the connection breaks are sent again on the next one, in order; the other side has to
recognise them. After a bounded time without a connection they fail.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import os
import time
from collections.abc import Callable
from typing import Any

from .configuration import Address
from .log import Log

LINE_LIMIT = 1 << 20
_RETRY_SECONDS, _LONGEST_RETRY_SECONDS = 0.25, 1.0
_CONNECT_SECONDS = 5.0


class LinkFailed(Exception):
    """The request was given up: nobody answered in time."""


class Link:
    """Keeps one connection to the first reachable member.

    Args:
        members: the server, and its backup if it has one.
        log: gets the connection events.
        heartbeat: seconds between signs of life, 0 for none; a member that does not answer within that time is given up.
        give_up_seconds: how long a request may be without a connection.
        changed: called when the connection comes or goes.
    """

    def __init__(
        self, members: list[Address], log: Log, *, heartbeat: float = 0.0, give_up_seconds: float = 30.0, changed: Callable[[], None] = lambda: None
    ) -> None:
        self.members = members
        self.connected: Address | None = None
        self.tried = asyncio.Event()
        self._log, self._heartbeat, self._give_up, self._changed = log, heartbeat, give_up_seconds, changed
        self._numbers = itertools.count(1)
        self._pending: dict[int, tuple[dict[str, Any], asyncio.Future[dict[str, Any]]]] = {}
        self._writer: asyncio.StreamWriter | None = None
        self._alone_since = time.monotonic()
        self._last_heard = 0.0
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to connect, in the background."""
        self._task = asyncio.create_task(self._run())

    async def close(self) -> None:
        """Disconnect on our own account; what is unanswered fails."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        if self.connected is not None:
            self._log.event("04505", self.connected.type_name, self.connected.application)
        self._drop()
        self._fail_pending()

    async def request(self, message: dict[str, Any]) -> dict[str, Any]:
        """Send a request and wait for its answer, over as many connections as it takes.

        Raises:
            LinkFailed: no answer within the bounded time.
        """
        number = next(self._numbers)
        future: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        message = {**message, "request": number}
        self._pending[number] = (message, future)
        self._send(message)
        try:
            return await future
        finally:
            self._pending.pop(number, None)

    def _send(self, message: dict[str, Any]) -> None:
        if self._writer is not None:
            self._writer.write(json.dumps(message).encode() + b"\n")

    async def _run(self) -> None:
        position, pause = 0, _RETRY_SECONDS
        while True:
            member = self.members[position]
            if await self._connect(member):
                pause = _RETRY_SECONDS
                await self._serve(member)
                self._drop()
                self._alone_since = time.monotonic()
                self._log.event("04504", member.type_name, member.application, member.host, member.port)
                self._changed()
            self.tried.set()
            if self._pending and time.monotonic() - self._alone_since > self._give_up:
                self._fail_pending()
            following = (position + 1) % len(self.members)
            if following and following != position:
                other = self.members[following]
                self._log.event("04581", member.type_name, member.application, other.type_name, other.application)
            if following <= position:
                await asyncio.sleep(pause)
                pause = min(1.5 * pause, _LONGEST_RETRY_SECONDS)
            position = following

    async def _connect(self, member: Address) -> bool:
        self._log.event("04500", member.type_name, member.application, member.host, member.port)
        try:
            async with asyncio.timeout(_CONNECT_SECONDS):
                self._reader, self._writer = await asyncio.open_connection(member.ip, member.port, limit=LINE_LIMIT)
        except (OSError, TimeoutError) as error:
            number = getattr(error, "errno", None)
            reason = os.strerror(number) if number else "timeout"
            self._log.event("04502", member.type_name, member.application, member.host, member.port, reason)
            return False
        self.connected = member
        self._log.event("04503", member.type_name, member.application, member.host, member.port)
        for message, _future in list(self._pending.values()):
            self._send(message)
        self.tried.set()
        self._changed()
        return True

    async def _serve(self, member: Address) -> None:
        """Read answers until the connection is lost."""
        self._last_heard = time.monotonic()
        beat = asyncio.create_task(self._beat(member)) if self._heartbeat else None
        try:
            while line := await self._reader.readline():
                self._last_heard = time.monotonic()
                answer = json.loads(line)
                _message, future = self._pending.get(answer.get("request", 0), (None, None))
                if future is not None and not future.done():
                    future.set_result(answer)
        except (OSError, ValueError):
            pass
        finally:
            if beat is not None:
                beat.cancel()

    async def _beat(self, member: Address) -> None:
        """The stand-in's form of addp: ask for a sign of life, and close a connection on which none comes."""
        for number in itertools.count(1):
            asked = time.monotonic()
            self._send({"op": "ping", "request": -number})
            await asyncio.sleep(self._heartbeat)
            if self._last_heard < asked and self._writer is not None:
                self._log.event("07040", member.type_name, member.application, int(self._heartbeat), number)
                self._writer.transport.abort()
                return

    def _drop(self) -> None:
        if self._writer is not None:
            self._writer.close()
        self._writer, self.connected = None, None

    def _fail_pending(self) -> None:
        for _message, future in self._pending.values():
            if not future.done():
                future.set_exception(LinkFailed("no connection"))
