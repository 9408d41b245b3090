# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sandbox's control interface: what tests and the demonstration need, and no real installation has.

==========================================  ======================================================================
GET /environment                            what the first line of the output told
GET /requests?since=N, POST /requests/clear the request log
GET /counts                                 number of objects by class
GET /objects/{type}[/{name}]                objects, looked up past the wire; 404 if there is none of this name
POST /objects                               create an object by the rules, as a concurrent editor
PUT /objects/{type}/{dbid}                  {"fields", "options", "annex"}: partial edit; options and annex by section and key
DELETE /objects/{type}/{dbid}               delete by the rules
GET, POST, DELETE /faults                   list, add (a fault or a list of faults), remove all
POST /reset                                 {"seed"}: a new database
GET, PUT /database                          the whole database, and restore it
POST /dialect                               {"name"}: answer in another dialect
POST /sessions                              {"timeout", "limit"}: seconds of idleness, number of sessions (0: any); "expire": true
POST /scs/restart                           start Solution Control Server anew; the servers go on
==========================================  ======================================================================
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
from .gax.faults import Fault
from .gax.query import with_content
from .gax.rules import class_of
from .state import SandboxState


class Control:
    """The ASGI application on the control port."""

    def __init__(self, state: SandboxState) -> None:
        self.state = state
        self.app = Starlette(
            routes=[
                Route("/environment", self._environment),
                Route("/requests", self._requests),
                Route("/requests/clear", self._clear_requests, methods=["POST"]),
                Route("/counts", self._counts),
                Route("/objects", self._create, methods=["POST"]),
                Route("/objects/{type}", self._objects),
                Route("/objects/{type}/{name:path}", self._object, methods=["GET"]),
                Route("/objects/{type}/{dbid}", self._edit, methods=["PUT"]),
                Route("/objects/{type}/{dbid}", self._delete, methods=["DELETE"]),
                Route("/faults", self._faults, methods=["GET"]),
                Route("/faults", self._add_faults, methods=["POST"]),
                Route("/faults", self._clear_faults, methods=["DELETE"]),
                Route("/reset", self._reset, methods=["POST"]),
                Route("/database", self._database, methods=["GET"]),
                Route("/database", self._restore, methods=["PUT"]),
                Route("/dialect", self._dialect, methods=["POST"]),
                Route("/sessions", self._sessions, methods=["POST"]),
                Route("/scs/restart", self._restart_scs, methods=["POST"]),
            ],
            exception_handlers={ConfigurationError: _refused, ValueError: _bad, KeyError: _bad, TypeError: _bad, AttributeError: _bad},
        )

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one request."""
        await self.app(scope, receive, send)

    async def _environment(self, _request: Request) -> Response:
        return json_response({**self.state.environment.describe(), "dialect": self.state.api.dialect.name})

    async def _requests(self, request: Request) -> Response:
        return json_response(self.state.log.since(int(request.query_params.get("since", "0"))))

    async def _clear_requests(self, _request: Request) -> Response:
        self.state.log.clear()
        return Response(status_code=204)

    async def _counts(self, _request: Request) -> Response:
        return json_response(self.state.store.counts())

    async def _objects(self, request: Request) -> Response:
        return json_response(list(self.state.store.objects(class_of(request.path_params["type"]).name)))

    async def _object(self, request: Request) -> Response:
        name = request.path_params["name"]
        value = self.state.store.find(class_of(request.path_params["type"]).name, name)
        if value is None:
            raise ConfigurationError("CFGObjectNotFound", f"{request.path_params['type']} '{name}' does not exist")
        return json_response(with_content(self.state.store, value) if value["type"] == "CfgFolder" else value)

    async def _create(self, request: Request) -> Response:
        return json_response(self.state.server.create(await _body(request))[0], 201)

    async def _edit(self, request: Request) -> Response:
        return json_response(self.state.edit({**await _body(request), **request.path_params}))

    async def _delete(self, request: Request) -> Response:
        return json_response(self.state.server.delete(request.path_params["type"], request.path_params["dbid"]))

    async def _faults(self, _request: Request) -> Response:
        return json_response([vars(fault) for fault in self.state.gax.faults])

    async def _add_faults(self, request: Request) -> Response:
        body = json.loads(await request.body())
        self.state.gax.faults.extend([Fault(**fault) for fault in (body if isinstance(body, list) else [body])])
        return Response(status_code=204)

    async def _clear_faults(self, _request: Request) -> Response:
        self.state.gax.faults.clear()
        return Response(status_code=204)

    async def _reset(self, request: Request) -> Response:
        self.state.reset((await _body(request)).get("seed", self.state.environment.seed))
        return Response(status_code=204)

    async def _database(self, _request: Request) -> Response:
        return json_response(self.state.store.snapshot())

    async def _restore(self, request: Request) -> Response:
        self.state.store.restore(await _body(request))
        return Response(status_code=204)

    async def _dialect(self, request: Request) -> Response:
        self.state.use_dialect((await _body(request))["name"])
        return Response(status_code=204)

    async def _sessions(self, request: Request) -> Response:
        body = await _body(request)
        self.state.sessions.timeout = float(body.get("timeout", self.state.sessions.timeout))
        self.state.sessions.limit = int(body.get("limit", self.state.sessions.limit))
        self.state.sessions.requests = int(body.get("requests", self.state.sessions.requests))
        if body.get("expire"):
            self.state.sessions.expire_all()
        return Response(status_code=204)

    async def _restart_scs(self, _request: Request) -> Response:
        if self.state.restart_scs is None:
            return json_response({"error": "the sandbox runs without a Solution Control Server"}, 409)
        if not await self.state.restart_scs():
            return json_response({"error": "the Solution Control Server did not start again"}, 500)
        return Response(status_code=204)


async def _body(request: Request) -> dict[str, Any]:
    text = await request.body()
    body = json.loads(text) if text else {}
    if not isinstance(body, dict):
        raise ValueError("expected a JSON object")
    return body


async def _refused(_request: Request, error: Exception) -> Response:
    assert isinstance(error, ConfigurationError)
    return json_response({"error": error.name, "message": error.message}, error.status)


async def _bad(_request: Request, error: Exception) -> Response:
    return json_response({"error": "bad request", "message": f"{type(error).__name__}: {error}"}, 400)
