# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The end of a request: whatever arrives, and however slowly, it is over when its time is."""

from __future__ import annotations

import os
import socket
import threading
from typing import Any

_current = threading.local()


class Deadline:
    """A context in which one request runs; after "seconds" its connections are cut, and "over" is true.

    A library's own time-out is for each part of an answer, so a server that sends byte by byte could go on for ever. A
    connection is cut by a shutdown of its socket, which ends whatever waits for it: the opening of TLS, headers, the body.
    """

    def __init__(self, seconds: float) -> None:
        self.over = False
        self._sockets = []
        self._lock = threading.Lock()
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True

    def __enter__(self) -> Deadline:
        _current.deadline = self
        self._timer.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._timer.cancel()
        _current.deadline = None
        with self._lock:
            for sock in self._sockets:
                sock.close()
            self._sockets = []

    def hold(self, sock: Any) -> None:
        """Take note of a socket that the request uses. It is doubled: the library may close, or wrap, its own one before the answer has ended."""
        double = socket.socket(fileno=os.dup(sock.fileno()))
        with self._lock:
            self._sockets.append(double)
        if self.over:
            self._cut()

    def _cut(self) -> None:
        with self._lock:
            self.over = True
            for sock in self._sockets:
                try:
                    sock.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass  # it is closed already


def _hold(sock: Any) -> None:
    deadline = getattr(_current, "deadline", None)
    if deadline is not None and sock is not None and sock.fileno() >= 0:
        deadline.hold(sock)


def watch(manager: Any) -> None:
    """Have the connections of a urllib3 PoolManager tell the Deadline in whose context they are used of their sockets."""
    pools = {}
    for scheme, pool in manager.pool_classes_by_scheme.items():
        pools[scheme] = type("Watched" + pool.__name__, (pool,), {"ConnectionCls": _watched(pool.ConnectionCls)})
    manager.pool_classes_by_scheme = pools


def _watched(connection: Any) -> Any:
    class Watched(connection):
        """A connection of urllib3 that tells of its socket: when it is opened, before TLS or a proxy's tunnel, and when it is used again."""

        def _new_conn(self) -> Any:
            sock = super()._new_conn()
            _hold(sock)
            return sock

        def putrequest(self, *args: Any, **kwargs: Any) -> Any:
            _hold(self.sock)
            return super().putrequest(*args, **kwargs)

    return Watched
