# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""GAX's REST interface. Source: G1, G2, G3 (paths, bodies, login status); answers of writes and refusals by dialect.

Each handler notes in ``scope["sandbox.entry"]``, the entry of the request log, what the request was about.
"""

from __future__ import annotations

import json
import re
from typing import Any

from starlette.applications import Starlette
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from . import answers, query
from .codec import Object, lost_fields
from .dialects import Dialect
from .errors import ConfigurationError
from .rules import ConfigurationServer, class_of
from .schema import TYPES
from .sessions import READ_ONLY_USER, Accounts, Sessions, reveal

GAX_VERSION = "9.0.000.15"
PREFIX = "/gax/api"
OPEN_PATHS = (f"{PREFIX}/session/login", f"{PREFIX}/cfg/schema", f"{PREFIX}/version/")


class GaxApi:
    """The ASGI application. ``dialect`` may be changed while it runs."""

    def __init__(self, server: ConfigurationServer, accounts: Accounts, sessions: Sessions, dialect: Dialect) -> None:
        self.server = server
        self.accounts = accounts
        self.sessions = sessions
        self.dialect = dialect
        imports = f"{PREFIX}/cfg/option/CfgAppPrototype/import"
        self.app = Starlette(
            routes=[
                Route("/gax/", self._login_page),
                Route(f"{PREFIX}/session/login", self._login, methods=["POST"]),
                Route(f"{PREFIX}/user/info", self._user_info),
                Route(f"{PREFIX}/version/", self._version),
                Route(f"{PREFIX}/cfg/schema", self._schema),
                Route(f"{PREFIX}/cfg/objects", self._list, methods=["GET"]),
                Route(f"{PREFIX}/cfg/objects", self._create, methods=["POST"]),
                Route(f"{PREFIX}/cfg/objects/{{type}}/{{dbid}}", self._read, methods=["GET"]),
                Route(f"{PREFIX}/cfg/objects/{{type}}/{{dbid}}", self._replace, methods=["PUT"]),
                Route(f"{PREFIX}/cfg/objects/{{type}}/{{dbid}}", self._delete, methods=["DELETE"]),
                Route(f"{imports}/apd", self._import_template, methods=["POST"]),
                Route(f"{imports}/xml/null", self._import_metadata, methods=["POST"]),
                Route(f"{PREFIX}/cfg/appmetadata", self._store_metadata, methods=["POST"]),
                Route(f"{PREFIX}/cfg/appmetadata/{{dbid}}", self._read_metadata, methods=["GET"]),
            ],
            exception_handlers={ConfigurationError: self._refused, HTTPException: self._unknown},
        )
        self.app.router.redirect_slashes = False

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one request; without a session only the paths that need none."""
        if scope["type"] == "http" and scope["path"].startswith(PREFIX) and scope["path"] not in OPEN_PATHS:
            user = self.sessions.user(Request(scope).cookies.get(self.dialect.cookie))
            scope["sandbox.user"] = user
            if user is None:
                await answers.no_session(self.dialect)(scope, receive, send)
                return
        await self.app(scope, receive, send)

    # session

    async def _login_page(self, _request: Request) -> Response:
        return HTMLResponse(answers.LOGIN_PAGE)

    async def _login(self, request: Request) -> Response:
        is_form = request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded")
        body: Object = {key: str(value) for key, value in (await request.form()).items()} if is_form else await _json(request)
        request.scope["sandbox.entry"]["name"] = body.get("username")
        accepted = self._is_login(body, is_form)
        if accepted and self.sessions.is_full():
            raise ConfigurationError("CFGAccessDenied", "too many sessions")
        target = body.get("login_success_url" if accepted else "login_failure_url") if is_form else None
        if target:
            response: Response = RedirectResponse(f"{target}#{'success' if accepted else 'failure'}", 302)
        else:
            response = Response(b"", 204) if accepted else answers.failed_login(self.dialect)
        if accepted:
            response.set_cookie(self.dialect.cookie, self.sessions.open(body["username"]), path="/gax", httponly=True)
        return response

    def _is_login(self, body: Object, is_form: bool) -> bool:
        password, is_obfuscated = body.get("password"), body.get("isPasswordEncrypted", False)
        if not is_form and self.dialect.passwords == ("plain" if is_obfuscated else "obfuscated"):
            return False
        if is_obfuscated and not is_form:
            try:
                password = reveal(str(password))
            except ValueError:
                return False
        return self.accounts.accepts(body.get("username"), password)

    async def _user_info(self, request: Request) -> Response:
        user = request.scope["sandbox.user"]
        return answers.json_response(
            {
                "username": user,
                "userType": "user" if user == READ_ONLY_USER else "administrator",
                "sessionTimeout": max(1, int(self.sessions.timeout)),
                "isDefaultUser": user == "default",
                "writeDefault": False,
            }
        )

    async def _version(self, _request: Request) -> Response:
        return answers.json_response({"version": GAX_VERSION})

    async def _schema(self, _request: Request) -> Response:
        return answers.json_response({"isEnabled": True})

    # objects

    async def _list(self, request: Request) -> Response:
        request.scope["sandbox.entry"].update(type=request.query_params.get("type"), name=request.query_params.get("name"))
        body = query.listed(self.server.store, request.query_params.items(), self.dialect)
        return Response(body, headers={"content-type": answers.JSON_TYPE})

    async def _read(self, request: Request) -> Response:
        class_name, dbid = self._named(request)
        record = self.server.store.record(class_name, dbid) if dbid.isdecimal() else None
        if record is None:
            raise ConfigurationError("CFGObjectNotFound", f"{class_name} {dbid} does not exist")
        return Response(query.serialised(self.server.store, record, self.dialect), headers={"content-type": answers.JSON_TYPE})

    async def _create(self, request: Request) -> Response:
        entry = request.scope["sandbox.entry"]
        body = await _json(request)
        definition = class_of(body.get("type"))
        entry.update(type=definition.name, name=body.get(definition.label))
        self._check_permission(request)
        value, ignored = self.server.create(body, self.dialect)
        entry.update(dbid=value["dbid"], applied=True)
        if ignored:
            entry["ignored_fields"] = ignored
        return answers.written(self.dialect.create, value, self.dialect)

    async def _replace(self, request: Request) -> Response:
        entry = request.scope["sandbox.entry"]
        class_name, dbid = self._named(request)
        body = await _json(request)
        self._check_permission(request)
        before = self.server.store.get(class_name, dbid) if dbid.isdecimal() else None
        value, ignored = self.server.replace(class_name, dbid, body, self.dialect)
        entry["applied"] = True
        if before:
            entry["lost_fields"] = lost_fields(before, body, self.dialect)
        if ignored and not self.dialect.extra_fields:
            entry["ignored_fields"] = ignored
        return answers.written(self.dialect.replace, value, self.dialect)

    async def _delete(self, request: Request) -> Response:
        class_name, dbid = self._named(request)
        self._check_permission(request)
        value = self.server.delete(class_name, dbid)
        request.scope["sandbox.entry"]["applied"] = True
        return answers.written(self.dialect.delete, value, self.dialect)

    # application templates and their metadata

    async def _import_template(self, request: Request) -> Response:
        text = await _uploaded(request)
        try:
            template = json.loads(text)
        except ValueError:
            template = None
        if not isinstance(template, dict):
            raise ConfigurationError("CFGWrongAPIParameters", "the file is not an application template")
        template = {key: value for key, value in template.items() if key not in ("dbid", "folderid")}
        return _called_back(request, {**template, "type": "CfgAppPrototype"})

    async def _import_metadata(self, request: Request) -> Response:
        text = await _uploaded(request)
        return _called_back(request, {"type": "CfgAppPrototype", "subtype": "", "version": "", "folderid": "0", "metadata": text})

    async def _store_metadata(self, request: Request) -> Response:
        body = await _json(request)
        self._check_permission(request)
        dbid = str(body.get("cfgDBid"))
        if not dbid.isdecimal() or self.server.store.get("CfgAppPrototype", dbid) is None:
            raise ConfigurationError("CFGObjectNotFound", f"CfgAppPrototype {dbid} does not exist")
        self.server.store.set_setting(f"metadata/{dbid}", json.dumps(body))
        request.scope["sandbox.entry"].update(type="CfgAppPrototype", dbid=dbid, applied=True)
        return answers.json_response(body)

    async def _read_metadata(self, request: Request) -> Response:
        stored = self.server.store.setting(f"metadata/{request.path_params['dbid']}")
        if stored is None:
            raise ConfigurationError("CFGObjectNotFound", f"no metadata for CfgAppPrototype {request.path_params['dbid']}")
        return answers.json_response(json.loads(stored))

    # inside

    def _named(self, request: Request) -> tuple[str, str]:
        """Return class and DBID of the path, and note them with the object's name."""
        definition, dbid = class_of(request.path_params["type"]), request.path_params["dbid"]
        value = self.server.store.get(definition.name, dbid) if dbid.isdecimal() else None
        request.scope["sandbox.entry"].update(type=definition.name, dbid=dbid, name=value[TYPES[definition.name].label] if value else None)
        return definition.name, dbid

    def _check_permission(self, request: Request) -> None:
        if request.scope["sandbox.user"] == READ_ONLY_USER:
            raise ConfigurationError("CFGNoPermission", f"user '{READ_ONLY_USER}' may not change the configuration")

    async def _refused(self, _request: Request, error: Exception) -> Response:
        assert isinstance(error, ConfigurationError)
        return answers.refusal(error, self.dialect)

    async def _unknown(self, _request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        return answers.error_page(error.status_code, error.detail)


async def _json(request: Request) -> Object:
    try:
        body = json.loads(await request.body())
    except ValueError:
        raise ConfigurationError("CFGWrongAPIParameters", "the request body is not JSON") from None
    if not isinstance(body, dict):
        raise ConfigurationError("CFGWrongAPIParameters", "the request body is not a JSON object")
    return body


async def _uploaded(request: Request) -> str:
    part = (await request.form()).get("mpcontent")
    if not isinstance(part, UploadFile):
        raise ConfigurationError("CFGWrongAPIParameters", "the part mpcontent is missing")
    try:
        return (await part.read()).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ConfigurationError("CFGWrongAPIParameters", "the file is not text") from None


def _called_back(request: Request, value: Object) -> Response:
    """Answer an upload as G2 saw it: a script that calls back with the JSON as a string."""
    callback = re.sub(r"[^\w.$]", "", request.query_params.get("callback", "callback"))
    text = json.dumps(json.dumps(value, ensure_ascii=False), ensure_ascii=False).replace("</", "<\\/")
    return HTMLResponse(f"<script>{callback}({text})</script>")
