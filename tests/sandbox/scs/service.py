# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The private HTTP/JSON interface of the stand-in for Solution Control Server (the real one is binary; Source: G5).

Errors are ``{"error": <name>, "message": <text>}``; the names are those of the real error list where one fits.
"""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import fields
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from .control import Behaviour, Control, NotFound, Refused


def create_app(control: Control, confserv: tuple[str, int], keep_servers: Callable[[], bool]) -> Starlette:
    """The ASGI application.

    Args:
        control: states and transitions.
        confserv: host and port that logins are checked at.
        keep_servers: asked at the end: whether the servers go on running without SCS.
    """

    async def login(request: Request) -> Response:
        status = await asyncio.to_thread(_confserv_login, confserv, await request.body())
        names = {401: "LoginIncorrect", 404: "ObjectNotFound"}
        return Response(status_code=204) if status == 204 else _error(status, names.get(status, "ServerNotFound"), "login failed")

    async def applications(request: Request) -> Response:
        return JSONResponse(await control.applications())

    async def processes(request: Request) -> Response:
        await control.applications()
        return JSONResponse(control.processes())

    async def start(request: Request) -> Response:
        return await _carry_out(control.start(request.path_params["dbid"]))

    async def stop(request: Request) -> Response:
        return await _carry_out(control.stop(request.path_params["dbid"], graceful=False))

    async def stop_graceful(request: Request) -> Response:
        return await _carry_out(control.stop(request.path_params["dbid"], graceful=True))

    async def kill(request: Request) -> Response:
        return await _carry_out(control.kill(request.path_params["dbid"]))

    async def report(request: Request) -> Response:
        body = await request.json()
        await control.report(str(body["dbid"]), int(body["pid"]), str(body["status"]))
        return Response(status_code=204)

    async def behaviour(request: Request) -> Response:
        body: dict[str, Any] = await request.json()
        known = {item.name for item in fields(Behaviour)}
        wrong = set(body) - known - {"application"}
        if wrong or "application" not in body:
            return _error(400, "WrongAPIParameters", f"expected application and any of {', '.join(sorted(known))}")
        try:
            dbid = await control.dbid_of(str(body.pop("application")))
        except NotFound as error:
            return _error(404, "ObjectNotFound", str(error))
        control.behaviours[dbid] = Behaviour(**body)
        return Response(status_code=204)

    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        watch = asyncio.create_task(control.watch())
        yield
        watch.cancel()
        control.cancel_transitions()
        if not keep_servers():
            await control.end_all()

    return Starlette(
        routes=[
            Route("/login", login, methods=["POST"]),
            Route("/applications", applications),
            Route("/processes", processes),
            Route("/start/{dbid}", start, methods=["POST"]),
            Route("/stop/{dbid}", stop, methods=["POST"]),
            Route("/stop-graceful/{dbid}", stop_graceful, methods=["POST"]),
            Route("/kill/{dbid}", kill, methods=["POST"]),
            Route("/report", report, methods=["POST"]),
            Route("/behaviour", behaviour, methods=["POST"]),
        ],
        lifespan=lifespan,
    )


async def _carry_out(command: Any) -> Response:
    try:
        await command
    except NotFound as error:
        return _error(404, "ObjectNotFound", str(error))
    except Refused as error:
        return _error(409, "AlreadyInProgress", str(error))
    return Response(status_code=204)


def _error(status: int, name: str, message: str) -> Response:
    return JSONResponse({"error": name, "message": message}, status_code=status)


def _confserv_login(confserv: tuple[str, int], body: bytes) -> int:
    connection = http.client.HTTPConnection(*confserv, timeout=10)
    try:
        json.loads(body)
        connection.request("POST", "/login", body, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        answer.read()
        return answer.status
    except (OSError, ValueError, http.client.HTTPException):
        return 503
    finally:
        connection.close()
