# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A chat step by step: a visitor who writes through GMS, and an agent's desktop at Interaction Server and Chat Server.

For tests and the demo, which look at each step; the load generator holds many chats at once instead.
"""

from __future__ import annotations

import contextlib
import json
import socket
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from ..servers.configuration import Configuration

ANSWER_SECONDS = 60.0
EVENT_SECONDS = 15.0

Message = dict[str, Any]


def find(configuration: Configuration, application: str) -> tuple[str, int]:
    """Address and port ``default`` of an application. Raises ValueError if it has none."""
    found = configuration.find("CfgApplication", name=application)
    address = configuration.address(found) if found else None
    if address is None:
        raise ValueError(f"no application '{application}' with a host and a port")
    return address.ip, address.port


class Line:
    """A connection that carries one JSON object a line: requests with their answers, and events in between."""

    def __init__(self, ip: str, port: int) -> None:
        self._socket = socket.create_connection((ip, port), timeout=ANSWER_SECONDS)
        self._data = b""
        self._events: list[Message] = []
        self._number = 0

    def ask(self, operation: str, **more: Any) -> Message:
        """Send a request and wait for its answer. Raises OSError when the connection is gone."""
        self._number += 1
        self._socket.sendall(json.dumps({"op": operation, "request": self._number, **more}).encode() + b"\n")
        while True:
            message = self._read(ANSWER_SECONDS)
            if message.pop("request", None) == self._number:
                return message
            self._events.append(message)

    def event(self, wanted: Callable[[Message], bool], seconds: float) -> Message | None:
        """Wait for an event that is wanted; None if none comes in time. Raises OSError when the connection is gone."""
        deadline = time.monotonic() + seconds
        while True:
            for position, message in enumerate(self._events):
                if wanted(message):
                    return self._events.pop(position)
            try:
                self._events.append(self._read(max(0.001, deadline - time.monotonic())))
            except TimeoutError:
                return None

    def _read(self, seconds: float) -> Message:
        self._socket.settimeout(seconds)
        while b"\n" not in self._data:
            more = self._socket.recv(65536)
            if not more:
                raise ConnectionResetError("connection closed")
            self._data += more
        line, _newline, self._data = self._data.partition(b"\n")
        message: Message = json.loads(line)
        return message

    def close(self) -> None:
        """Go without a word."""
        self._socket.close()


class Caller:
    """A visitor's chat through GMS.

    Attributes:
        answer: what came of the wish for a chat.
        said: what agents have said.
    """

    def __init__(self, gms: tuple[str, int], **wish: str) -> None:
        self._line = Line(*gms)
        self.answer = self._line.ask("create", **wish)
        self.session, self.interaction = str(self.answer.get("session", "")), str(self.answer.get("interaction", ""))
        self._sequence = 0
        self.said: list[str] = []

    def say(self, text: str) -> Message:
        """Send a message and return the answer."""
        self._sequence += 1
        return self._take(self._line.ask("message", session=self.session, sequence=self._sequence, text=text))

    def look(self) -> Message:
        """Ask what is new, as a page does all the time."""
        return self._take(self._line.ask("attach", session=self.session))

    def _take(self, answer: Message) -> Message:
        self.said += [item["text"] for item in answer.get("said", [])]
        return answer

    def leave(self) -> Message:
        """End the chat."""
        return self._line.ask("leave", session=self.session)

    def close(self) -> None:
        """Close the page."""
        self._line.close()


class Desktop:
    """An agent's desktop: logged in at Interaction Server, and taking part in the chats that were accepted.

    Attributes:
        login: Interaction Server's answer: the media that the agent gets, and why not chats.
    """

    def __init__(self, interaction_server: tuple[str, int], agent: str, place: str = "", application: str = "") -> None:
        self._agent = agent
        self._line = Line(*interaction_server)
        self.login = self._line.ask("login", agent=agent, place=place, application=application)
        self._chats: dict[str, tuple[Message, Line]] = {}
        self._heard: dict[str, int] = {}
        self._sequence = 0

    def offer(self, seconds: float = EVENT_SECONDS) -> Message | None:
        """Wait for the offer of a chat; None if none comes."""
        return self._line.event(lambda message: message.get("event") == "offer", seconds)

    def accept(self, offer: Message) -> Message:
        """Accept an offer and take part in the session; return Chat Server's answer."""
        answer = self._line.ask("accept", interaction=offer["interaction"])
        return self._join(offer) if answer["ok"] else answer

    def decline(self, offer: Message) -> Message:
        """Do not accept an offer."""
        return self._line.ask("decline", interaction=offer["interaction"])

    def _join(self, chat: Message) -> Message:
        try:
            line = Line(chat["ip"], chat["port"])
        except OSError as error:
            return {"ok": False, "error": f"'{chat['chat_server']}' does not answer: {error}"}
        answer = line.ask("join", session=chat["session"], agent=self._agent, after=self._heard.get(chat["interaction"], 0))
        self._chats[chat["interaction"]] = (chat, line)
        return answer

    def hear(self, interaction: str, seconds: float = EVENT_SECONDS) -> str | None:
        """Wait for the visitor's next message, at another Chat Server if the session has been restored there; None if none comes."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            chat, line = self._chats[interaction]
            try:
                message = line.event(lambda message: message.get("event") == "message", left)
                if message is None:
                    return None
                # One that arrives while the agent joins is told twice.
                if message["sequence"] > self._heard.get(interaction, 0):
                    self._heard[interaction] = message["sequence"]
                    return str(message["text"])
            except OSError:
                changed = self._line.event(lambda message: message.get("event") == "changed" and message["interaction"] == interaction, left)
                if changed is None or not self._join(changed)["ok"]:
                    return None
        return None

    def where(self, interaction: str) -> str:
        """The Chat Server at which the agent takes part in a chat."""
        return str(self._chats[interaction][0]["chat_server"])

    def say(self, interaction: str, text: str) -> Message:
        """Send a message to the visitor."""
        chat, line = self._chats[interaction]
        self._sequence += 1
        return line.ask("message", session=chat["session"], agent=self._agent, sequence=self._sequence, text=text)

    def stopped(self, interaction: str, seconds: float = EVENT_SECONDS) -> bool:
        """Wait until Interaction Server tells that a chat has ended."""
        return self._line.event(lambda message: message.get("event") == "stopped" and message["interaction"] == interaction, seconds) is not None

    def done(self, interaction: str) -> Message:
        """End a chat from the agent's side."""
        _chat, line = self._chats.pop(interaction)
        line.close()
        return self._line.ask("done", interaction=interaction)

    def close(self) -> None:
        """Log out."""
        for _chat, line in self._chats.values():
            line.close()
        self._line.close()


def decisions(directory: Path) -> dict[str, set[tuple[str, str]]]:
    """What Interaction Server has decided: by decision the interactions and the agents.

    Args:
        directory: the sandbox's directory.
    """
    found: dict[str, set[tuple[str, str]]] = {}
    with (
        closing(sqlite3.connect(f"file:{directory / 'ixn' / 'queues.db'}?mode=ro", uri=True, timeout=30)) as database,
        contextlib.suppress(sqlite3.OperationalError),
    ):
        for decision, interaction, agent in database.execute("SELECT decision, interaction, agent FROM decisions"):
            found.setdefault(decision, set()).add((interaction, agent))
    return found
