# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults on request, and the wrapper around the REST interface that carries them out and writes the request log.

A fault is ``{"match": {"method", "path_regex", "nth", "write"}, "action", "times", "seconds", "status", "headers", "edit"}``:

- delay: wait ``seconds`` before handling
- reset_before, reset_after, reset_during: cut the connection with a TCP reset before the request is handled, after it was
  handled but before the answer, or in the middle of the answer's body
- truncate: close the connection in order in the middle of the body; half: a whole answer whose body lacks its second half
- status: answer ``status`` with ``headers`` without handling; html: answer an HTML page without handling
- expire_session: end every session just before handling
- login_limit: refuse a login because there are too many sessions
- no_permission: refuse a request because the account lacks the permission for it
- edit: change an object just before handling, as a concurrent editor
- crash_after: handle the request, then kill this process (SIGKILL) before the answer

``nth`` counts the matching requests from 1 on, since the fault was set. ``times`` is how often it strikes (1; 0 is always).
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from .. import network
from . import answers
from .api import PREFIX, GaxApi
from .errors import ConfigurationError
from .requestlog import RequestLog, masked

ACTIONS = "delay reset_before status html login_limit no_permission expire_session edit crash_after reset_after reset_during truncate half".split()
REFUSALS = {
    "login_limit": ConfigurationError("CFGAccessDenied", "too many sessions"),
    "no_permission": ConfigurationError("CFGNoPermission", "the account may not change the configuration"),
}
WRITES = re.compile(PREFIX + r"/cfg/(objects|appmetadata)\b")


@dataclass
class Fault:
    """One fault, as described above."""

    action: str
    match: dict[str, Any] = field(default_factory=dict)
    times: int = 1
    seconds: float = 0.0
    status: int = 503
    headers: dict[str, str] = field(default_factory=dict)
    edit: dict[str, Any] = field(default_factory=dict)
    seen: int = 0
    struck: int = 0

    def __post_init__(self) -> None:
        if self.action not in ACTIONS:
            raise ValueError(f"action must be one of {', '.join(ACTIONS)}")
        unknown = set(self.match) - {"method", "path_regex", "nth", "write"}
        if unknown:
            raise ValueError(f"match knows no {', '.join(sorted(unknown))}")
        try:
            re.compile(self.match.get("path_regex", ""))
        except re.error as error:
            raise ValueError(f"path_regex: {error}") from None

    def strikes(self, method: str, path: str, write: bool) -> bool:
        """Count a request and tell whether the fault strikes it."""
        wanted = self.match
        if wanted.get("method", method).upper() != method or wanted.get("write", write) != write:
            return False
        default = "session/login" if self.action == "login_limit" else ""
        if not re.search(wanted.get("path_regex", default), path):
            return False
        self.seen += 1
        if self.times and self.struck >= self.times or self.seen < wanted.get("nth", 1):
            return False
        self.struck += 1
        return True


class FaultyGax:
    """The REST interface as clients reach it: logged, and broken on request."""

    def __init__(self, api: GaxApi, log: RequestLog, edit: Callable[[dict[str, Any]], object]) -> None:
        self.api = api
        self.log = log
        self.edit = edit
        self.faults: list[Fault] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        body = await _read(receive)
        if body is None:
            return
        method, path = scope["method"], scope["path"]
        query = scope["query_string"].decode("latin-1")
        entry = self.log.open("gax", method, path, query)
        entry["write"] = method in ("POST", "PUT", "DELETE") and bool(WRITES.match(path))
        if body:
            entry["body"] = _shown(body)
        scope["sandbox.entry"] = entry
        started = time.monotonic()
        faults = {fault.action: fault for fault in self.faults if fault.strikes(method, path + ("?" + query if query else ""), entry["write"])}
        if faults:
            entry["faults"] = sorted(faults)
        try:
            await self._answer(scope, send, body, entry, faults)
        finally:
            entry["seconds"] = round(time.monotonic() - started, 6)

    async def _answer(self, scope: Any, send: Any, body: bytes, entry: dict[str, Any], faults: dict[str, Fault]) -> None:
        if "delay" in faults:
            await asyncio.sleep(faults["delay"].seconds)
        if "reset_before" in faults:
            network.cut(scope)
            return
        if "expire_session" in faults:
            self.api.sessions.expire_all()
        if "edit" in faults:
            self.edit(faults["edit"].edit)
        head, content = await self._handled(scope, body, faults)
        if "crash_after" in faults:
            os.kill(os.getpid(), signal.SIGKILL)
        if "reset_after" in faults:
            network.cut(scope)
            return
        if "half" in faults:
            content = content[: len(content) // 2]
            head["headers"] = [(key, value) for key, value in head["headers"] if key != b"content-length"] + [(b"content-length", b"%d" % len(content))]
        entry["status"] = head["status"]
        await send(head)
        if "reset_during" in faults or "truncate" in faults:
            await send({"type": "http.response.body", "body": content[: len(content) // 2], "more_body": True})
            await asyncio.sleep(0.05)
            network.cut(scope, reset="reset_during" in faults)
            return
        await send({"type": "http.response.body", "body": content})

    async def _handled(self, scope: Any, body: bytes, faults: dict[str, Fault]) -> tuple[dict[str, Any], bytes]:
        """Return head and body of the answer, from the interface or from the fault that replaces it."""
        app: Any = self.api
        for action in REFUSALS.keys() & faults.keys():
            app = answers.refusal(REFUSALS[action], self.api.dialect)
        if "html" in faults:
            app = answers.HTMLResponse("<html><body>The service is being maintained.</body></html>")
        if "status" in faults:
            fault = faults["status"]
            app = answers.PlainTextResponse(f"status {fault.status} on request", fault.status, headers=fault.headers)
        head: dict[str, Any] = {}
        content = bytearray()

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: dict[str, Any]) -> None:
            if message["type"] == "http.response.start":
                head.update(message)
            else:
                content.extend(message.get("body", b""))

        await app(scope, receive, send)
        return head, bytes(content)


async def _read(receive: Any) -> bytes | None:
    """Return the whole body of a request, None if the client went away before it had sent it."""
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        body.extend(message.get("body", b""))
        if not message.get("more_body"):
            return bytes(body)


def _shown(body: bytes) -> Any:
    try:
        return masked(json.loads(body))
    except ValueError:
        return f"{len(body)} bytes"
