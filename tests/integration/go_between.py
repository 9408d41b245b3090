# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stands between a module and the sandbox's GAX, and changes what passes as a test tells it to."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import requests


@dataclass
class Exchange:
    """A request, and the answer to it once there is one; path is that below /gax/api/, without the query."""

    method: str
    path: str
    body: bytes
    status: int = 0
    kind: str = "application/json"
    content: bytes = b""

    @property
    def write(self) -> bool:
        """Whether it is meant to change the configuration."""
        return self.method != "GET" and self.path.startswith("cfg/objects")

    def objects(self) -> Any:
        """Return what the answer holds, None if that is no JSON."""
        try:
            return json.loads(self.content)
        except ValueError:
            return None

    def show(self, content: Any) -> None:
        """Answer something else."""
        self.content = json.dumps(content).encode()


class GoBetween:
    """``with GoBetween(sandbox.url) as between: between.answered = function; ... between.url``.

    asked: called with each request before it is passed on; what it returns, if anything, is the answer, and nothing is passed on.
    answered: called with each answer before it is given.  exchanges: all since the last ``clear``.
    """

    def __init__(self, target: str) -> None:
        self.asked: Callable[[Exchange], Exchange | None] = lambda exchange: None
        self.answered: Callable[[Exchange], None] = lambda exchange: None
        self.exchanges: list[Exchange] = []
        between = self
        session = requests.Session()
        session.trust_env = False

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1  # an answer in one piece

            def handle_any(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                path = self.path.partition("?")[0].removeprefix("/gax/api/")
                exchange = Exchange(self.command, path, body)
                between.exchanges.append(exchange)
                exchange = between.asked(exchange) or self.passed_on(exchange)
                between.answered(exchange)
                self.send_response(exchange.status)
                self.send_header("Content-Type", exchange.kind)
                self.send_header("Content-Length", str(len(exchange.content)))
                for cookie in self.cookies:
                    self.send_header("Set-Cookie", cookie)
                self.end_headers()
                self.wfile.write(exchange.content)

            cookies: tuple[str, ...] = ()

            def passed_on(self, exchange: Exchange) -> Exchange:
                headers = {key: value for key, value in self.headers.items() if key.lower() not in ("host", "content-length", "connection", "accept-encoding")}
                session.cookies.clear()
                answer = session.request(self.command, target + self.path, data=exchange.body, headers=headers, timeout=30, allow_redirects=False)
                self.cookies = (answer.headers["Set-Cookie"],) if "Set-Cookie" in answer.headers else ()
                exchange.status, exchange.kind, exchange.content = answer.status_code, answer.headers.get("Content-Type", ""), answer.content
                return exchange

            do_GET = do_POST = do_PUT = do_DELETE = handle_any  # noqa: N815 - named by the base class

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self.url = "http://127.0.0.1:%d" % self._http.server_address[1]

    def __enter__(self) -> GoBetween:
        threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._http.shutdown()
        self._http.server_close()

    def clear(self) -> None:
        """Forget what passed."""
        self.exchanges.clear()

    def writes(self) -> list[Exchange]:
        """Return the requests that were meant to change the configuration."""
        return [exchange for exchange in self.exchanges if exchange.write]
