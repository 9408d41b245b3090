# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A minimal confserv port for the tests of the host half: objects in a dictionary, no rules."""

from __future__ import annotations

import json
import threading
from collections import defaultdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any
from urllib.parse import parse_qs, urlsplit

VERSION = "8.5.101.28"
USERNAME, PASSWORD = "default", "sandbox-password"


class FakeConfserv:
    """Runs in a thread while used as a context manager.

    Attributes:
        objects: per type a list of objects in GAX form.
        updates: bodies of the update requests, in order.
        refuse_updates: answer updates with an error.
    """

    def __init__(self) -> None:
        self.objects: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self.updates: list[dict[str, Any]] = []
        self.refuse_updates = False
        self.lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"confserv": self}))
        self._server.daemon_threads = True
        self.port: int = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    def __enter__(self) -> FakeConfserv:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()

    def add(self, type_name: str, **fields: Any) -> dict[str, Any]:
        """Add an object; the DBID is the next of its type unless given."""
        with self.lock:
            fields.setdefault("dbid", str(101 + len(self.objects[type_name])))
            fields = {"type": type_name, **fields}
            self.objects[type_name].append(fields)
            return fields

    def find(self, type_name: str, **wanted: str) -> list[dict[str, Any]]:
        """Objects whose fields have these values."""
        with self.lock:
            return [item for item in self.objects[type_name] if all(item.get(key) == value for key, value in wanted.items())]


class _Handler(BaseHTTPRequestHandler):
    confserv: FakeConfserv
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        query = {key: values[0] for key, values in parse_qs(parts.query).items()}
        if parts.path == "/version":
            return self._answer(200, {"version": VERSION})
        found = self.confserv.find(query.pop("type", ""), **query)
        if parts.path == "/objects":
            return self._answer(200, found)
        return self._answer(200, found[0]) if found else self._answer(404, {"error": "ObjectNotFound", "message": "Object not found."})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path == "/login":
            if not self.confserv.find("CfgApplication", name=body["application"]):
                return self._answer(404, {"error": "ObjectNotFound", "message": "Object not found."})
            good = (body["username"], body["password"]) == (USERNAME, PASSWORD)
            return self._answer(204) if good else self._answer(401, {"error": "LoginIncorrect", "message": "Login incorrect."})
        if self.confserv.refuse_updates:
            return self._answer(403, {"error": "NoPermission", "message": "No permission."})
        found = self.confserv.find(body["type"], dbid=str(body["dbid"]))
        if not found:
            return self._answer(404, {"error": "ObjectNotFound", "message": "Object not found."})
        with self.confserv.lock:
            self.confserv.updates.append(body)
            found[0].update(body.get("fields", {}))
            annex = found[0].setdefault("userproperties", {"property": []})["property"]
            for section, keys in body.get("annex", {}).items():
                annex.extend({"section": section, "key": key, "value": value} for key, value in keys.items())
        return self._answer(204)

    def _answer(self, status: int, body: object = None) -> None:
        data = b"" if body is None else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)
