# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A chat session as the stand-in for Chat Server keeps it."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field


@dataclass
class Session:
    """One chat.

    Attributes:
        writer: connection of the client that used the session last; it gets the events.
        stored: sequence numbers of the messages that are in the transcript.
        pending: stores under way by sequence number, so that a repeated message waits for the first one.
        agents: the connections of the agents who take part.
        said: what agents have said since the client's last request.
    """

    session: str
    interaction: str
    tenant: str
    queue: str
    writer: asyncio.StreamWriter | None = None
    last_request: float = field(default_factory=time.monotonic)
    stored: set[int] = field(default_factory=set)
    pending: dict[int, asyncio.Task[bool]] = field(default_factory=dict)
    agents: dict[str, asyncio.StreamWriter] = field(default_factory=dict)
    said: list[dict[str, str]] = field(default_factory=list)

    def touch(self, writer: asyncio.StreamWriter) -> None:
        """Note a request of the client."""
        self.writer, self.last_request = writer, time.monotonic()
