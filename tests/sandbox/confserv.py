# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stand-in for the Configuration Server's own protocol, which is binary: private HTTP and JSON instead (a declared deviation).

Spoken by the sandbox's other parts: the installer's utility, Solution Control Server and the servers. Requests are in the
request log with the source ``confserv``, apart from those that come through GAX.

- ``POST /login`` {"username", "password", "application"}: 204, or 401 CFGLoginIncorrect, or 404 CFGObjectNotFound
- ``GET /object?type=CfgApplication&name=X`` or ``&dbid=N``: the object in GAX's form, or 404
- ``GET /objects?type=CfgApplication[&hostdbid=N][&subtype=S]``: a list of them
- ``POST /update`` {"type", "dbid", "fields", "annex": {section: {key: value}}}: 204; what the installer writes
- ``GET /version``
"""

from __future__ import annotations

import json
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from .gax.answers import json_response
from .gax.errors import ConfigurationError
from .gax.requestlog import masked
from .gax.rules import class_of
from .gax.schema import TYPES
from .state import SandboxState

VERSION = "8.5.101.28"


class ConfServ:
    """The ASGI application on the Configuration Server's port."""

    def __init__(self, state: SandboxState) -> None:
        self.state = state
        self.app = Starlette(
            routes=[
                Route("/login", self._login, methods=["POST"]),
                Route("/object", self._object),
                Route("/objects", self._objects),
                Route("/update", self._update, methods=["POST"]),
                Route("/version", self._version),
            ],
            exception_handlers={ConfigurationError: _refused},
        )

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one request and log it."""
        if scope["type"] != "http":
            return
        entry = self.state.log.open("confserv", scope["method"], scope["path"], scope["query_string"].decode("latin-1"))
        scope["sandbox.entry"] = entry

        async def noted(message: Any) -> None:
            if message["type"] == "http.response.start":
                entry["status"] = message["status"]
            await send(message)

        await self.app(scope, receive, noted)

    async def _login(self, request: Request) -> Response:
        body = await _body(request)
        if not self.state.accounts.accepts(body.get("username"), body.get("password")):
            raise ConfigurationError("CFGLoginIncorrect", "user name or password is incorrect")
        application = str(body.get("application"))
        if self.state.store.find("CfgApplication", application) is None:
            raise ConfigurationError("CFGObjectNotFound", f"there is no application '{application}'")
        return Response(status_code=204)

    async def _object(self, request: Request) -> Response:
        definition = class_of(request.query_params.get("type"))
        name, dbid = request.query_params.get("name"), request.query_params.get("dbid", "")
        request.scope["sandbox.entry"].update(type=definition.name, name=name, dbid=dbid or None)
        value = self.state.store.get(definition.name, dbid) if dbid.isdecimal() else self.state.store.find(definition.name, name or "")
        if value is None:
            raise ConfigurationError("CFGObjectNotFound", f"{definition.name} '{name or dbid}' does not exist")
        return json_response(value)

    async def _objects(self, request: Request) -> Response:
        wanted = dict(request.query_params)
        definition = class_of(wanted.pop("type", None))
        request.scope["sandbox.entry"]["type"] = definition.name
        unknown = wanted.keys() - definition.fields.keys()
        if unknown:
            raise ConfigurationError("CFGUnsupportedProperty", f"{definition.name} can not be searched by {', '.join(sorted(unknown))}")
        found = [value for value in self.state.store.objects(definition.name) if all(value[key] == entry for key, entry in wanted.items())]
        return json_response(found)

    async def _update(self, request: Request) -> Response:
        body = await _body(request)
        entry = request.scope["sandbox.entry"]
        entry.update(write=True, body=masked(body), type=body.get("type"), dbid=str(body.get("dbid")))
        definition = class_of(body.get("type"))
        value = self.state.server.edit(definition.name, str(body.get("dbid")), body.get("fields"), None, body.get("annex"))
        entry.update(name=value[TYPES[definition.name].label], applied=True)
        return Response(status_code=204)

    async def _version(self, _request: Request) -> Response:
        return json_response({"version": VERSION})


async def _body(request: Request) -> dict[str, Any]:
    try:
        body = json.loads(await request.body())
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise ConfigurationError("CFGWrongAPIParameters", "the request body is not a JSON object")
    return body


async def _refused(_request: Request, error: Exception) -> Response:
    assert isinstance(error, ConfigurationError)
    return json_response({"error": error.name, "message": error.message}, error.status)
