# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sockets and HTTP servers: a free block of ports, servers that start and stop in one process, connections cut on purpose."""

from __future__ import annotations

import asyncio
import contextlib
import random
import socket
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

BLOCK = 4
LOOPBACK = "127.0.0.1"


class PortInUse(Exception):
    """No port, or not the wanted one, is free."""


def bind_block(first: int, address: str = LOOPBACK) -> tuple[int, list[socket.socket]]:
    """Bind the ports of one sandbox and return the first port and the sockets of all but the last, which another process binds.

    ``first`` 0 means any free block. Raises PortInUse.
    """
    if first:
        return first, _bound(first, address)
    for _unused in range(200):
        candidate = random.randrange(20000, 32000, BLOCK)
        try:
            return candidate, _bound(candidate, address)
        except PortInUse:
            continue
    raise PortInUse("no free block of ports found")


def _bound(first: int, address: str) -> list[socket.socket]:
    sockets: list[socket.socket] = []
    try:
        for port in range(first, first + BLOCK):
            sockets.append(listen(address, port))
    except (OSError, OverflowError) as error:
        for listener in sockets:
            listener.close()
        raise PortInUse(f"port {port} can not be used: {error.strerror if isinstance(error, OSError) else error}") from None
    sockets.pop().close()
    return sockets


def listen(address: str, port: int) -> socket.socket:
    """Return a listening socket. Raises OSError and OverflowError."""
    # With the protocol named, asyncio switches Nagle's algorithm off; else every answer would wait 40 ms.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((address, port))
        listener.listen(128)
    except (OSError, OverflowError):
        listener.close()
        raise
    return listener


class _Protocol(H11Protocol):
    """HTTP/1.1, remembering the transport of each client so that a handler can cut it."""

    transports: dict[Any, asyncio.Transport] = {}

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in uvicorn itself
        super().connection_made(transport)
        self.transports[(tuple(self.server or ()), tuple(self.client or ()))] = transport

    def connection_lost(self, exc: Exception | None) -> None:
        self.transports.pop((tuple(self.server or ()), tuple(self.client or ())), None)
        super().connection_lost(exc)


def cut(scope: Any, reset: bool = True) -> None:
    """End the connection of a request now: with a TCP reset, or in order, as a server does that dies after its last byte."""
    transport = _Protocol.transports.get((tuple(scope["server"]), tuple(scope["client"])))
    if transport is None:
        return
    if not reset:
        transport.close()
        return
    raw = transport.get_extra_info("socket")
    if raw is not None:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()


class HttpServer(uvicorn.Server):
    """A uvicorn server beside others in one process: signals are the process's business."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def start(app: Any, listeners: list[socket.socket], certificate: tuple[Path, Path] | None = None) -> tuple[HttpServer, asyncio.Task[None]]:
    """Serve an ASGI application on listening sockets; return once it accepts requests. Raises RuntimeError if it never does."""
    config = uvicorn.Config(
        app,
        http=_Protocol,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=2,
        ssl_certfile=certificate[0] if certificate else None,
        ssl_keyfile=certificate[1] if certificate else None,
    )
    server = HttpServer(config)
    task = asyncio.create_task(server.serve(sockets=listeners))
    for _unused in range(1000):
        if server.started:
            return server, task
        if task.done():
            break
        await asyncio.sleep(0.01)
    raise RuntimeError("an HTTP server did not start")
