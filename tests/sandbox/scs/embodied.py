# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The servers of the Framework that the sandbox itself stands for: they count as running without a process of their own."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Iterable
from typing import Any

from ..servers.configuration import Configuration, ConfigurationError

EMBODIED = {"CFGConfigServer", "CFGMessageServer", "CFGSCS"}

LOG = logging.getLogger("sandbox.scs")


class MessageServers:
    """Message Server has no process, yet connections to it must work.

    Args:
        configuration: the confserv port.
    """

    def __init__(self, configuration: Configuration) -> None:
        self._configuration = configuration
        self._listeners: dict[tuple[str, int], asyncio.Server] = {}

    @property
    def listen_already(self) -> bool:
        """Whether one port at least is open."""
        return bool(self._listeners)

    async def listen(self, applications: Iterable[dict[str, Any]]) -> None:
        """Open the ports of those among some applications that are not open."""
        for application in applications:
            if application.get("subtype") != "CFGMessageServer":
                continue
            try:
                address = await asyncio.to_thread(self._configuration.address, application)
            except ConfigurationError:
                return
            if address is not None and (address.ip, address.port) not in self._listeners:
                try:
                    listener = await asyncio.start_server(_discard, address.ip, address.port)
                except OSError as error:
                    LOG.warning("cannot listen for %s: %s", application["name"], error)
                    continue
                self._listeners[address.ip, address.port] = listener


async def _discard(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError, asyncio.CancelledError):
        while await reader.read(65536):
            pass
    writer.close()
