# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers in the form of a dialect: objects, refusals, and the pages that a GAX without a session shows."""

from __future__ import annotations

import html
import json
from typing import Any

from starlette.responses import HTMLResponse, PlainTextResponse, Response

from .codec import Object, encode
from .dialects import Dialect
from .errors import ConfigurationError

JSON_TYPE = "application/json;charset=UTF-8"
LOGIN_PAGE = (
    "<!DOCTYPE html><html><head><title>Sandbox: log in</title></head><body>"
    '<form action="/gax/api/session/login" method="post"><input name="username"><input name="password" type="password"></form></body></html>'
)


def to_bytes(value: Any) -> bytes:
    """Return compact UTF-8 JSON."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def json_response(value: Any, status: int = 200) -> Response:
    """Return a JSON answer."""
    return Response(to_bytes(value), status, media_type=None, headers={"content-type": JSON_TYPE})


def written(form: str, value: Object, dialect: Dialect) -> Response:
    """Answer a write as the dialect does; ``form`` is a status, then what the body holds: object, dbid, empty or nothing."""
    status, _unused, body = form.partition(" ")
    if body == "object":
        return json_response(encode(value, dialect), int(status))
    if body == "dbid":
        return json_response({"dbid": int(value["dbid"]) if dialect.numbers else value["dbid"]}, int(status))
    return Response(b"", int(status))


def error_page(status: int, reason: str) -> Response:
    """Return an HTML error page, as the servlet container sends for what it does not know."""
    text = html.escape(reason)
    return HTMLResponse(f"<html><head><title>Error {status} {text}</title></head><body><h2>HTTP ERROR {status}</h2><p>Reason: {text}</p></body></html>", status)


def refusal(error: ConfigurationError, dialect: Dialect) -> Response:
    """Answer a refused request in the dialect's form. The real form is unknown."""
    status = dialect.error_status or error.status
    if dialect.error_body == "text":
        return PlainTextResponse(f"{error.name}: {error.message}", status)
    if dialect.error_body == "html":
        return error_page(status, f"{error.name}: {error.message}")
    if dialect.error_body == "errors":
        return json_response({"errors": [{"errorCode": str(error.code), "errorType": error.name, "description": error.message}]}, status)
    return json_response({"code": error.code, "error": error.name, "message": error.message}, status)


def no_session(dialect: Dialect) -> Response:
    """Answer a request that has no live session."""
    if dialect.expired == "302":
        return Response(b"", 302, headers={"location": "/gax/"})
    if dialect.expired == "html":
        return HTMLResponse(LOGIN_PAGE)
    return error_page(int(dialect.expired), "Unauthorized" if dialect.expired == "401" else "Forbidden")


def failed_login(dialect: Dialect) -> Response:
    """Answer a login with a wrong password."""
    if dialect.login_failure == 200:
        return HTMLResponse(LOGIN_PAGE)
    error = ConfigurationError("CFGLoginIncorrect", "user name or password is incorrect")
    if dialect.error_body == "code":
        return json_response({"code": error.code, "error": error.name, "message": error.message}, dialect.login_failure)
    return PlainTextResponse(error.message, dialect.login_failure)
