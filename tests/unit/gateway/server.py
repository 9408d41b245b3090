# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A server on loopback that answers the gateway as a test tells it to, and remembers what it was asked."""

from __future__ import annotations

import json
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from ansible_collections.genesys_engage.chat.plugins.module_utils._gateway.gax import Gax, Settings

USERNAME = "default"
PASSWORD = "a Secret-1"
JSON = "application/json;charset=UTF-8"
HTML = "text/html"


@dataclass
class Answer:
    """What the server sends: cut closes the connection with a reset instead; delay in seconds comes first."""

    status: int = 200
    body: Any = None
    kind: str = JSON
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0
    cut: bool = False

    def content(self) -> bytes:
        if self.body is None:
            return b""
        if isinstance(self.body, bytes):
            return self.body
        return (self.body if isinstance(self.body, str) else json.dumps(self.body)).encode()


@dataclass
class Request:
    """What came in; path is that below /gax/api/, body the bytes."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


LOGIN_PAGE = Answer(200, "<html>log in</html>", HTML)


class Server:
    """Accepts logins that "accepts" accepts, and answers what is asked within a session from the list "answers", in order.

    expired: the answer to a request whose cookie is not that of the last login; None checks no cookie.
    lasts: how many requests a session answers before it ends; None for any number.
    tls: what makes it a server of HTTPS.
    """

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.answers: list[Answer] = []
        self.requests: list[Request] = []
        self.logins = 0
        self.expired: Answer | None = Answer(401, "<html>who are you?</html>", HTML)
        self.accepts: Callable[[dict[str, Any]], bool] = lambda form: True
        self.refused_login = Answer(401, "no")
        self.lasts: int | None = None
        self._used = 0
        self.cookie_name = "JSESSIONID"
        self.who: Answer = Answer(200, {"username": USERNAME, "userType": "x", "sessionTimeout": 900})
        self.lock = threading.Lock()
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1  # an answer in one piece

            def handle_any(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                url = urlsplit(self.path)
                answer = server.answer(Request(self.command, url.path.removeprefix("/gax/api/"), parse_qs(url.query), dict(self.headers), body))
                time.sleep(answer.delay)
                if answer.cut:
                    self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    self.close_connection = True
                    return
                content = answer.content()
                self.send_response(answer.status)
                if answer.kind:
                    self.send_header("Content-Type", answer.kind)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = do_PUT = do_DELETE = handle_any  # noqa: N815 - named by the base class

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self.port = self._http.server_address[1]
        self.url = "%s://127.0.0.1:%d" % ("https" if tls else "http", self.port)
        if tls:
            self._http.socket = tls.wrap_socket(self._http.socket, server_side=True)

    def __enter__(self) -> Server:
        threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._http.shutdown()
        self._http.server_close()

    def answer(self, request: Request) -> Answer:
        with self.lock:
            self.requests.append(request)
            cookie = "%s=session-%d" % (self.cookie_name, self.logins)
            if request.path == "session/login":
                if not self.accepts(request.json()):
                    return self.refused_login
                self.logins += 1
                self._used = 0
                return Answer(204, headers={"Set-Cookie": "%s=session-%d; Path=/" % (self.cookie_name, self.logins)})
            if self.expired is not None and (not self.logins or cookie not in request.headers.get("Cookie", "")):
                return self.expired
            self._used += 1
            if self.expired is not None and self.lasts is not None and self._used > self.lasts:
                return self.expired
            if request.path == "user/info":
                return self.who
            return self.answers.pop(0) if self.answers else Answer(200, [])

    def expire(self) -> None:
        """End the session that the client has: its cookie is no longer the one of the last login."""
        with self.lock:
            self.logins += 1

    def asked(self, path: str | None = None) -> list[str]:
        """The methods and paths asked for, without the questions about the session unless "path" is one of them."""
        return ["%s %s" % (request.method, request.path) for request in self.requests
                if (request.path == path if path else request.path not in ("session/login", "user/info"))]


class Client:
    """A gateway for "server" whose waiting is noted in "waits" instead of done."""

    def __init__(self, server: Server, read_only: bool = False, **settings: Any) -> None:
        self.waits: list[float] = []
        options: dict[str, Any] = {"url": server.url, "username": USERNAME, "password": PASSWORD, "timeout": 5, **settings}
        self.gax = Gax(Settings(**options), read_only, sleep=self.waits.append)
