# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fuzz: whatever comes back over the wire, the gateway gives an object, nothing, or an error of ours, in time, and writes once."""

from __future__ import annotations

import gzip
import json
import socketserver
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from unit.fuzzing import examples, junk

from ansible_collections.genesys_engage.chat.plugins.module_utils._gateway.errors import EngageError, GatewayError
from ansible_collections.genesys_engage.chat.plugins.module_utils._gateway.gax import Gax, Settings

TIMEOUT = 1
#: Seconds that one operation may take: a few requests, each ended by the time-out.
BOUND = 8 * TIMEOUT


@dataclass
class Reply:
    """What the server sends, byte for byte, before it closes the connection; pause in seconds before each byte of the body, or of all."""

    content: bytes
    pause: float = 0
    slow_head: bool = False


@dataclass
class Wire:
    """A server on loopback. replies: those to requests beside login and questions about the session, in order; the last one stays."""

    url: str = ""
    replies: list[Reply] = field(default_factory=list)
    sessions: dict[str, Reply] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def reply(self, line: str) -> Reply:
        """Return the reply to a request line."""
        path = line.split(" ")[1].partition("?")[0].removeprefix("/gax/api/")
        if path in ("session/login", "user/info"):
            return self.sessions[path]
        self.asked.append(line.split(" ")[0])
        return self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]


@pytest.fixture(scope="module")
def wire() -> Iterator[Wire]:
    """The server, for all examples."""
    wire = Wire()

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            line = self.rfile.readline().decode()
            length = 0
            while header := self.rfile.readline().decode().strip():
                name, _unused, value = header.partition(":")
                length = int(value) if name.lower() == "content-length" else length
            self.rfile.read(length)
            reply = wire.reply(line)
            try:
                if not reply.pause:
                    self.wfile.write(reply.content)
                    return
                head, mark, body = (b"", b"", reply.content) if reply.slow_head else reply.content.partition(b"\r\n\r\n")
                self.wfile.write(head + mark)
                for byte in body:
                    time.sleep(reply.pause)
                    self.wfile.write(bytes([byte]))
            except OSError:
                pass  # the client has gone

    class Threads(socketserver.ThreadingTCPServer):
        daemon_threads = True
        allow_reuse_address = True

    with Threads(("127.0.0.1", 0), Handler) as server:
        wire.url = "http://127.0.0.1:%d" % server.server_address[1]
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        try:
            yield wire
        finally:
            server.shutdown()


def http(status: str, headers: list[tuple[str, str]], body: bytes) -> bytes:
    """Return an answer with the right length, unless the headers say another one."""
    names = {name.lower() for name, _value in headers}
    told = headers if names & {"content-length", "transfer-encoding"} else [*headers, ("Content-Length", str(len(body)))]
    told = [*told, ("Connection", "close")]
    return "\r\n".join([f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in told), "", ""]).encode("utf-8", "replace") + body


def good(content: Any, status: str = "200 OK") -> Reply:
    return Reply(http(status, [("Content-Type", "application/json")], b"" if content is None else json.dumps(content).encode()))


STATUSES = [
    "200 OK",
    "200 OK",
    "200 OK",
    "201 Created",
    "204 No Content",
    "206 Partial",
    "299",
    "100 Continue",
    "0 No",
    "-1 No",
    "999 What",
    "abc",
    "",
    "301 Moved",
    "302 Found",
    "304 Not Modified",
    "400 Bad",
    "401 Who",
    "403 No",
    "404 Not Found",
    "409 Conflict",
    "418 Teapot",
    "429 Slowly",
    "500 Oops",
    "502 Bad",
    "503 Busy",
    "504 Late",
]
HEADERS = st.sampled_from(
    [
        ("Content-Type", "application/json"),
        ("Content-Type", "application/json;charset=nonsense"),
        ("Content-Type", "text/html"),
        ("Content-Type", ""),
        ("Content-Type", "text/plain; charset=utf-16"),
        ("Content-Encoding", "gzip"),
        ("Content-Encoding", "deflate"),
        ("Content-Encoding", "br, gzip"),
        ("Content-Length", "0"),
        ("Content-Length", "5"),
        ("Content-Length", "100000"),
        ("Content-Length", "-1"),
        ("Content-Length", "many"),
        ("Transfer-Encoding", "chunked"),
        ("Transfer-Encoding", "gzip"),
        ("Location", "http://127.0.0.1:9/"),
        ("Location", "//["),
        ("Set-Cookie", "a"),
        ("Set-Cookie", "JSESSIONID=\x01; Max-Age=x; Expires=never"),
        ("Retry-After", "-5"),
        ("Retry-After", "nan"),
        ("Retry-After", "1e999"),
        ("Retry-After", "Wed, 21 Oct 2015 07:28:00 GMT"),
        ("Retry-After", "0"),
        ("X", "y" * 70000),
        ("Nonsense header", "x"),
        ("é", "é"),
        ("WWW-Authenticate", "Negotiate"),
    ]
)
OBJECT = {"dbid": "105", "type": "CfgApplication", "name": "ChatServer_1", "more": {"x": [1]}}
BODIES = st.one_of(
    junk.map(lambda value: json.dumps(value).encode()),
    st.lists(junk | st.just(OBJECT), max_size=3).map(lambda value: json.dumps(value).encode()),
    st.dictionaries(st.sampled_from(["dbid", "error", "message", "code", "errorMessage", "name", "username"]), junk, max_size=3).map(
        lambda value: json.dumps(value).encode()
    ),
    st.binary(max_size=20),
    st.sampled_from(
        [
            b"",
            b"null",
            b"[",
            b'{"dbid": "1',
            b"[" * 200_000,
            b'{"a":' * 200_000,
            b"9" * 5000,
            b'{"dbid": ' + b"9" * 5000 + b"}",
            b"\xff\xfe[\x00]\x00",
            b"\xef\xbb\xbf[]",
            b"<html>log in</html>",
            b'["\\ud800"]',
            b"[NaN, Infinity, 1e999]",
            gzip.compress(b"[]"),
            gzip.compress(b"[]")[:-5],
            b"5\r\n[1,2]\r\n0\r\n\r\n",
            b"zz\r\n",
            b"x" * 100_000,
            b'<script>callback("x\\q")</script>',
            b'<script>callback("[1]")</script>',
            b'{"dbid": "\xc2\xb2"}',
            b'{"dbid": true}',
            b'{"dbid": 1.5}',
            b'[[{"dbid": 1}]]',
            b"[5]",
            b"[null]",
        ]
    ),
)
REPLIES = st.one_of(
    st.builds(http, st.sampled_from(STATUSES), st.lists(HEADERS, max_size=3), BODIES).map(Reply),
    st.sampled_from(
        [
            Reply(b""),
            Reply(b"\r\n\r\n"),
            Reply(b"SSH-2.0-OpenSSH\r\n"),
            Reply(b"HTTP/1.1 200 OK\r\n"),
            Reply(b"\x15\x03\x01\x00\x02\x02"),
            Reply(b"HTTP/1.1 " * 20_000),
        ]
    ),
)

#: What is asked of the gateway, and what it may give.
OPERATIONS: dict[str, tuple[Callable[[Gax, str], Any], Callable[[Any], bool]]] = {
    "list": (lambda gax, _path: gax.list("CfgApplication", name="x"), lambda found: isinstance(found, list) and all(isinstance(item, dict) for item in found)),
    "get": (lambda gax, _path: gax.get("CfgApplication", 105), lambda found: found is None or isinstance(found, dict)),
    "create": (lambda gax, _path: gax.create(OBJECT), lambda dbid: dbid is None or isinstance(dbid, int) and not isinstance(dbid, bool)),
    "update": (lambda gax, _path: gax.update("CfgApplication", 105, OBJECT), lambda nothing: nothing is None),
    "delete": (lambda gax, _path: gax.delete("CfgApplication", 105), lambda nothing: nothing is None),
    "import": (lambda gax, path: gax.import_template(path), lambda _any: True),
}


def ask(wire: Wire, operation: str, path: str) -> Any:
    """Let a gateway do one thing; return what it gave or the error that it raised, and check that it took no longer than it may."""
    wire.asked.clear()
    gax = Gax(Settings(wire.url, "default", "p4ssword", timeout=TIMEOUT, retries=1, logout_path="user/info"), sleep=lambda _seconds: None)
    began = time.monotonic()
    try:
        return OPERATIONS[operation][0](gax, path)
    except EngageError as error:
        assert str(error).strip() and "p4ssword" not in str(error)
        json.dumps(error.failure())
        return error
    finally:
        gax.close()
        assert time.monotonic() - began < BOUND


def judge(wire: Wire, operation: str, given_back: Any) -> None:
    """Assert that an operation gave what may be used, and that a write was sent once."""
    assert isinstance(given_back, EngageError) or OPERATIONS[operation][1](given_back), f"{operation} gave {given_back!r:.200}"
    if operation in ("create", "update", "delete"):
        assert len(wire.asked) <= 1, "a write was repeated"


LOGIN = {"session/login": good(None, "204 No Content"), "user/info": good({"username": "default"})}


@pytest.mark.parametrize("operation", OPERATIONS)
def test_any_answer(wire: Wire, operation: str) -> None:
    wire.sessions = LOGIN

    @given(st.lists(REPLIES, min_size=1, max_size=2))
    @example([good([None])])
    @example([good([[OBJECT]])])
    @example([good({"dbid": "²"})])
    @example([good({"dbid": "9" * 5000})])
    @example([Reply(http("200 OK", [], b"[" * 200_000))])
    @example([Reply(http("301 Moved", [("Location", "//[")], b""))])
    @examples(40)
    def anything(replies: list[Reply]) -> None:
        wire.replies = list(replies)
        judge(wire, operation, ask(wire, operation, __file__))

    anything()


def test_any_answer_to_a_login(wire: Wire) -> None:
    @given(REPLIES, REPLIES)
    @example(good(None), good(None))
    @examples(40)
    def anything(login: Reply, who: Reply) -> None:
        wire.sessions = {"session/login": login, "user/info": who}
        wire.replies = [good([OBJECT])]
        found = ask(wire, "list", __file__)
        assert isinstance(found, EngageError) or (found == [OBJECT] and b"username" in who.content)

    anything()


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("who", ["refused", "in"])
def test_a_good_answer_still_counts(wire: Wire, operation: str, who: str) -> None:
    """The control: what is right gets through, and what is refused does not."""
    wire.sessions = LOGIN
    wire.replies = [good([OBJECT]) if who == "in" else good({"message": "no"}, "400 Bad")]
    given_back = ask(wire, operation, __file__)
    judge(wire, operation, given_back)
    assert isinstance(given_back, EngageError) == (who == "refused")
    assert len(wire.asked) == (2 if (operation, who) == ("get", "refused") else 1)


@pytest.mark.parametrize("operation", ["list", "update"])
def test_an_answer_that_stops_in_the_middle(wire: Wire, operation: str) -> None:
    wire.sessions = LOGIN
    wire.replies = [Reply(good([OBJECT]).content, pause=1.5 * TIMEOUT)]
    given_back = ask(wire, operation, __file__)
    assert isinstance(given_back, GatewayError) and given_back.uncertain == (operation == "update")
    assert len(wire.asked) == (1 if operation == "update" else 2)


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1\r\n[\r\n" * 40
DRIPS = {
    "body with a length": Reply(good([OBJECT]).content, pause=0.1),
    "body without a length": Reply(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + b" " * 40 + b"[]", pause=0.1),
    "body in pieces": Reply(CHUNKED, pause=0.1),
    "headers": Reply(good([OBJECT]).content, pause=0.1, slow_head=True),
    "headers without end": Reply(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 20, pause=0.1, slow_head=True),
    "status line": Reply(b" " * 60, pause=0.1, slow_head=True),
}


@pytest.mark.parametrize("drip", DRIPS.values(), ids=DRIPS)
def test_an_answer_that_drips(wire: Wire, drip: Reply) -> None:
    """Each byte comes in time, the whole answer does not: the request is over when its time is, wherever it drips."""
    wire.sessions = LOGIN
    wire.replies = [drip]
    began = time.monotonic()
    given_back = ask(wire, "update", __file__)
    assert time.monotonic() - began < 2 * TIMEOUT
    assert isinstance(given_back, GatewayError) and "within 1 seconds" in str(given_back)
    assert given_back.uncertain and given_back.transient


def test_an_upload_and_a_tunnel_that_drip(wire: Wire) -> None:
    """A file of a template, and the proxy's answer before there is a connection to GAX."""
    wire.sessions = LOGIN
    wire.replies = [DRIPS["headers"]]
    began = time.monotonic()
    uploaded = ask(wire, "import", __file__)
    behind = Gax(Settings("https://gax.example.com", "default", "p4ssword", timeout=TIMEOUT, retries=0, proxy=wire.url))
    with pytest.raises(GatewayError, match="within 1 seconds") as caught:
        behind.list("CfgHost")
    assert time.monotonic() - began < 4 * TIMEOUT
    assert "within 1 seconds" in str(uploaded) and not caught.value.uncertain


def test_an_answer_that_is_slow_is_waited_for(wire: Wire) -> None:
    wire.sessions = LOGIN
    wire.replies = [Reply(good([OBJECT]).content, pause=0.002)]
    assert ask(wire, "list", __file__) == [OBJECT]


@pytest.mark.parametrize("path", ["session/login", "user/info"])
def test_a_login_that_drips(wire: Wire, path: str) -> None:
    """Retries do not multiply it: one attempt and one retry, and the run has lost its patience."""
    wire.sessions = {**LOGIN, path: DRIPS["headers"]}
    wire.replies = [good([OBJECT])]
    began = time.monotonic()
    given_back = ask(wire, "list", __file__)
    assert time.monotonic() - began < 4 * TIMEOUT
    assert isinstance(given_back, GatewayError) and "within 1 seconds" in str(given_back)
    assert not wire.asked
