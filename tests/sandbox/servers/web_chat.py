# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A visitor's chat as the stand-in for Web Engagement's Backend Server keeps it: a connection to the Chat Server of its session."""

from __future__ import annotations

import asyncio
import itertools
import json
import time
from typing import Any

from .configuration import Address
from .link import LINE_LIMIT

_CONNECT_SECONDS = 5.0
_ANSWER_SECONDS = 40.0

#: What a request may raise when the connection, or the server behind it, is gone.
BROKEN = (OSError, ValueError, TimeoutError)


class WebChat:
    """One chat, over one connection at a time.

    Attributes:
        session: name of the session, empty until there is one.
        place: the Chat Server that holds the session.
        ended: why the Chat Server ended the session, empty if it did not.
        turn: held for each request, so that the next one finds the session restored where that is needed, and messages keep their order.
        visitor: the visitor's connection, which gets the events.
        present: when the visitor was last seen.
    """

    def __init__(self, visitor: asyncio.StreamWriter) -> None:
        self.session, self.ended = "", ""
        self.place: Address | None = None
        self.turn = asyncio.Lock()
        self.visitor, self.present = visitor, time.monotonic()
        self.refreshing: asyncio.Task[None] | None = None
        self._numbers = itertools.count(1)
        self._reader: asyncio.StreamReader
        self._writer: asyncio.StreamWriter | None = None

    def seen(self, visitor: asyncio.StreamWriter) -> None:
        """Note a request of the visitor."""
        self.visitor, self.present = visitor, time.monotonic()

    async def dial(self, place: Address) -> None:
        """Connect to a Chat Server instead of the one before. Raises one of BROKEN."""
        self.hang_up()
        async with asyncio.timeout(_CONNECT_SECONDS):
            self._reader, self._writer = await asyncio.open_connection(place.ip, place.port, limit=LINE_LIMIT)
        self.place = place

    async def ask(self, message: dict[str, Any]) -> dict[str, Any]:
        """Send a request to the Chat Server and return its answer. Raises one of BROKEN."""
        if self._writer is None:
            raise ConnectionResetError("not connected")
        number = next(self._numbers)
        self._writer.write(json.dumps({**message, "request": number}).encode() + b"\n")
        async with asyncio.timeout(_ANSWER_SECONDS):
            while line := await self._reader.readline():
                answer: dict[str, Any] = json.loads(line)
                if answer.get("event") == "ended":
                    self.ended = str(answer.get("reason"))
                elif answer.get("request") == number:
                    return answer
        raise ConnectionResetError("connection closed")

    def hang_up(self) -> None:
        """Leave the Chat Server; the session is not ended by that."""
        if self._writer is not None:
            self._writer.close()
        self._writer = None
