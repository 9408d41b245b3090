# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One chat as a web client holds it: sends at a steady rate, repeats what was not acknowledged, comes back after a break.

After a lost connection the client returns to the same Chat Server; if that is gone, it has the session restored on another one.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from dataclasses import dataclass
from typing import Any

_OPEN_SECONDS = 20.0
_RESTORE_SECONDS = 20.0
_ANSWER_SECONDS = 60.0
_LAST_ANSWERS_SECONDS = 45.0
_PAUSE_SECONDS = 0.2


@dataclass(frozen=True)
class Place:
    """A Chat Server's ``webapi`` port, with the endpoints that it offers as (tenant DBID, endpoint)."""

    application: str
    ip: str
    port: int
    endpoints: tuple[tuple[str, str], ...]


class SessionEnded(Exception):
    """The server ended the session, or nobody would restore it."""


class Chat:
    """A chat session and the record of its messages.

    Args:
        places: the Chat Servers, the one to begin with first.
        number: chooses the endpoint in turn.
        rate: messages per second.

    Attributes:
        sent: moment of first sending by sequence number (monotonic seconds).
        acknowledged: moment of the acknowledgement by sequence number.
        ended: why the server ended the session, empty if it did not.
    """

    def __init__(self, places: list[Place], number: int, rate: float) -> None:
        self._places, self._number, self._rate = places, number, rate
        self.session = self.interaction = self.queue = self.ended = self.problem = ""
        self.opened = asyncio.Event()
        self.sent: dict[int, float] = {}
        self.acknowledged: dict[int, float] = {}
        self.finished_at = 0.0
        self._reader: asyncio.StreamReader
        self._writer: asyncio.StreamWriter | None = None
        self._wait: asyncio.Timeout | None = None
        self._attached = False  # whether the connection may carry messages: not before the session is reached on it
        self._at = 0

    def message_id(self, sequence: int) -> str:
        """Id under which UCS stores a message."""
        return f"{self.session}:{sequence}"

    async def run(self, stop: asyncio.Event) -> None:
        """Open the chat, hold it until ``stop``, then leave."""
        try:
            await self._open()
            self.opened.set()
            sender = asyncio.create_task(self._send_messages(stop))
            try:
                await self._converse(stop)
            finally:
                sender.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await sender
        except SessionEnded as reason:
            if self.session:
                self.ended = str(reason)
            else:
                self.problem = str(reason)
        finally:
            self.opened.set()
            self.finished_at = time.monotonic()
            self._hang_up()

    # -- connection ------------------------------------------------------------------------------------------------------

    async def _dial(self, place: Place) -> None:
        self._hang_up()
        async with asyncio.timeout(5):
            self._reader, self._writer = await asyncio.open_connection(place.ip, place.port)

    def _hang_up(self) -> None:
        if self._writer is not None:
            self._writer.close()
        self._writer, self._attached = None, False

    def _write(self, message: dict[str, Any]) -> None:
        if self._writer is not None and not self._writer.is_closing():
            self._writer.write(json.dumps(message).encode() + b"\n")

    async def _read(self) -> dict[str, Any]:
        line = await self._reader.readline()
        if not line:
            raise ConnectionResetError("connection closed")
        message: dict[str, Any] = json.loads(line)
        return message

    async def _ask(self, message: dict[str, Any]) -> dict[str, Any]:
        """A request before or after the conversation, when nobody else reads."""
        self._write({**message, "request": "ask"})
        async with asyncio.timeout(_ANSWER_SECONDS):
            while True:
                answer = await self._read()
                self._note(answer)
                if answer.get("request") == "ask":
                    return answer

    def _wish(self, tenant: str, endpoint: str) -> dict[str, Any]:
        """What is said to open the chat."""
        return {"tenant": tenant, "endpoint": endpoint}

    async def _open(self) -> None:
        deadline, problem = time.monotonic() + _OPEN_SECONDS, ""
        while time.monotonic() < deadline:
            place = self._places[self._at]
            tenant, endpoint = place.endpoints[self._number % len(place.endpoints)]
            try:
                await self._dial(place)
                answer = await self._ask({"op": "create", **self._wish(tenant, endpoint)})
                if answer.get("ok"):
                    self.session, self.interaction, self.queue = answer["session"], answer["interaction"], answer["queue"]
                    self._attached = True
                    return
                problem = f"{place.application}: {answer.get('error')}"
            except (OSError, TimeoutError, ValueError) as error:
                problem = f"{place.application}: {error or 'timeout'}"
            self._at = (self._at + 1) % len(self._places)
            await asyncio.sleep(_PAUSE_SECONDS)
        raise SessionEnded(f"not opened: {problem}")

    async def _come_back(self) -> None:
        """Reach the session again, first where it was, then elsewhere; then repeat what was not acknowledged."""
        deadline, problem = time.monotonic() + _RESTORE_SECONDS, ""
        operation = "attach"
        while time.monotonic() < deadline:
            place = self._places[self._at]
            try:
                await self._dial(place)
                answer = await self._ask({"op": operation, "session": self.session})
                if answer.get("ok"):
                    self._attached = True
                    for sequence in sorted(set(self.sent) - set(self.acknowledged)):
                        self._write_message(sequence)
                    return
                problem = f"{place.application}: {answer.get('error')}"
            except (OSError, TimeoutError, ValueError) as error:
                problem = f"{place.application}: {error or 'timeout'}"
            if operation == "attach":
                operation = "restore"
            self._at = (self._at + 1) % len(self._places)
            await asyncio.sleep(_PAUSE_SECONDS)
        raise SessionEnded(f"not restored: {problem}")

    # -- conversation ----------------------------------------------------------------------------------------------------

    def _write_message(self, sequence: int) -> None:
        if self._attached:
            self._write({"op": "message", "session": self.session, "sequence": sequence, "text": f"message {sequence}", "request": sequence})

    async def _send_messages(self, stop: asyncio.Event) -> None:
        interval = 1 / self._rate
        begin = time.monotonic() + interval * (self._number % 10) / 10  # not all at the same moment
        sequence = 0
        while not stop.is_set():
            await asyncio.sleep(max(0.0, begin + sequence * interval - time.monotonic()))
            if stop.is_set():
                return
            sequence += 1
            self.sent[sequence] = time.monotonic()
            self._write_message(sequence)

    async def _converse(self, stop: asyncio.Event) -> None:
        """Read acknowledgements until told to stop and nothing is open any more, then leave."""
        deadline = float("inf")
        reminder = asyncio.create_task(self._be_reminded(stop))
        try:
            while True:
                if stop.is_set():
                    deadline = min(deadline, time.monotonic() + _LAST_ANSWERS_SECONDS)
                    if len(self.acknowledged) == len(self.sent) or time.monotonic() > deadline:
                        break
                try:
                    # Until then no chat wakes up for nothing. Cancelling a line read loses nothing, the data stay in the buffer.
                    async with asyncio.timeout(_PAUSE_SECONDS if stop.is_set() else None) as self._wait:
                        answer = await self._read()
                except TimeoutError:
                    continue
                except (OSError, ValueError):
                    await self._come_back()
                    continue
                self._note(answer)
        finally:
            reminder.cancel()
        try:
            await self._ask({"op": "leave", "session": self.session})
        except (OSError, TimeoutError, ValueError):
            pass

    async def _be_reminded(self, stop: asyncio.Event) -> None:
        """End the wait for an answer that may never come, once it is time to stop."""
        await stop.wait()
        if self._wait is not None:
            with contextlib.suppress(RuntimeError):  # it has just ended
                self._wait.reschedule(asyncio.get_running_loop().time())

    def _note(self, answer: dict[str, Any]) -> None:
        if answer.get("event") == "ended":
            raise SessionEnded(str(answer.get("reason")))
        sequence = answer.get("request")
        if isinstance(sequence, int) and answer.get("ok"):
            self.acknowledged.setdefault(sequence, time.monotonic())
        elif isinstance(sequence, int) and answer.get("error") == "no such session":
            raise SessionEnded("no such session")
