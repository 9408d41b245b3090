# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stand-in for ``cfgutility``, the installer's client of the Configuration Server (IP: Configuration Server).

Talks to the sandbox's confserv port. Reads have ``-d``, filters ``-flk <key> -flv <value>`` and fields ``-fn <field>``; writes
have pairs ``-fn <field> -fv <value>``; ``-lv`` prints versions, ``-e <code>`` an error text. Output: lines ``NAME=VALUE``.

Exit codes: 0 ok, 1 server not found, 3 login incorrect, 10 object not found, 20 connection write error. Code 7 (the client
application object does not exist) and the names printed by ``-lv`` are the stand-in's own. An encrypted password (``-epw``)
is always refused as incorrect: its encryption is not public.
"""

from __future__ import annotations

import json
import socket
import sys
from typing import Any
from urllib.parse import quote

OK, SERVER_NOT_FOUND, LOGIN_INCORRECT, NO_CLIENT_APPLICATION, OBJECT_NOT_FOUND, CONNECTION_ERROR = 0, 1, 3, 7, 10, 20
_ERRORS = {
    OK: "No error",
    SERVER_NOT_FOUND: "Server not found",
    LOGIN_INCORRECT: "Login incorrect",
    OBJECT_NOT_FOUND: "Object not found",
    CONNECTION_ERROR: "Connection write error",
}
_CLASSES = {"9": "CfgApplication", "10": "CfgHost"}
APP_TYPES = {
    "19": "CFGSCE",
    "21": "CFGConfigServer",
    "42": "CFGMessageServer",
    "43": "CFGSCS",
    "53": "CFGITCUtility",
    "59": "CFGChatServer",
    "63": "CFGContactServer",
    "107": "CFGGenericServer",
    "111": "CFGInteractionServer",
    "185": "CFGWebEngagementBackendServer",
}
# Name in cfgutility -> name in the object; the numbers of types and states are translated below.
_FIELDS = {
    "DBID": "dbid",
    "name": "name",
    "hostDBID": "hostdbid",
    "type": "subtype",
    "workDirectory": "workdirectory",
    "commandLine": "commandline",
    "CommandLineArguments": "commandlinearguments",
    "version": "version",
    "state": "state",
}
_STATES = {"1": "CFGEnabled", "2": "CFGDisabled"}


class _Failure(Exception):
    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class _Server:
    """One HTTP exchange for each call. Without ``http.client``: to import that takes longer than all the rest."""

    def __init__(self, host: str, port: str, timeout: float) -> None:
        self._host, self._port, self._timeout = host, port, timeout

    def call(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        data = b"" if body is None else json.dumps(body).encode()
        head = f"{method} {path} HTTP/1.0\r\nHost: {self._host}\r\nContent-Type: application/json\r\nContent-Length: {len(data)}\r\n\r\n"
        try:
            connection = socket.create_connection((self._host, int(self._port)), self._timeout)
        except (OSError, OverflowError, ValueError) as error:
            raise _Failure(SERVER_NOT_FOUND) from error
        try:
            with connection, connection.makefile("rb") as stream:
                connection.sendall(head.encode() + data)
                lines, _unused, text = stream.read().partition(b"\r\n\r\n")
            words = lines.split()
            if len(words) < 2 or not words[0].startswith(b"HTTP/"):
                raise _Failure(CONNECTION_ERROR)
            return int(words[1]), json.loads(text) if text else None
        except (OSError, ValueError) as error:
            raise _Failure(CONNECTION_ERROR) from error


def _parse(arguments: list[str]) -> tuple[dict[str, str], list[tuple[str, str]], list[list[str]]]:
    """Split into options, filters and fields (a field has a second element when a value is to be written)."""
    options: dict[str, str] = {}
    filters: list[tuple[str, str]] = []
    fields: list[list[str]] = []
    words = iter(arguments)
    for word in words:
        if word in ("-d", "-lv"):
            options[word] = ""
        elif word == "-flk":
            key = next(words, "")
            filters.append((key, next(words, "") if next(words, "") == "-flv" else ""))
        elif word == "-fn":
            fields.append([next(words, "")])
        elif word == "-fv" and fields:
            fields[-1].append(next(words, ""))
        else:
            options[word] = next(words, "")
    return options, filters, fields


def _login(server: _Server, options: dict[str, str]) -> None:
    if "-epw" in options and "-pw" not in options:
        raise _Failure(LOGIN_INCORRECT)
    body = {"username": options.get("-u", ""), "password": options.get("-pw", ""), "application": options.get("-al", "")}
    status, _answer = server.call("POST", "/login", body)
    if status == 401:
        raise _Failure(LOGIN_INCORRECT)
    if status == 404:
        raise _Failure(NO_CLIENT_APPLICATION)
    if status >= 300:
        raise _Failure(CONNECTION_ERROR)


def _read(server: _Server, class_name: str, filters: list[tuple[str, str]], fields: list[list[str]]) -> None:
    wanted = dict(filters)
    if "name" in wanted:
        status, item = server.call("GET", f"/object?type={class_name}&name={quote(wanted['name'])}")
        objects = [item] if status == 200 else []
    else:
        query = f"/objects?type={class_name}"
        if "host_dbid" in wanted:
            query += f"&hostdbid={quote(wanted['host_dbid'])}"
        if "app_type" in wanted:
            query += f"&subtype={APP_TYPES.get(wanted['app_type'], 'CFGNoApplication')}"
        status, objects = server.call("GET", query)
        if status != 200:
            raise _Failure(CONNECTION_ERROR)
    if not objects:
        raise _Failure(OBJECT_NOT_FOUND)
    numbers = {name: number for number, name in APP_TYPES.items()}
    for item in objects:
        for (field,) in fields:
            value = str(item.get(_FIELDS.get(field, field.lower()), ""))
            print(f"{field}={numbers.get(value, '0') if field == 'type' else value}")


def _write(server: _Server, class_name: str, dbid: str, fields: list[list[str]]) -> None:
    values: dict[str, str] = {}
    annex: dict[str, dict[str, str]] = {}
    for name, value in (pair for pair in fields if len(pair) == 2):
        if name.startswith("userProperties#"):
            _prefix, section, key = name.split("#", 2)
            annex.setdefault(section, {})[key] = value
        else:
            values[_FIELDS.get(name, name.lower())] = _STATES.get(value, value) if name == "state" else value
    status, _answer = server.call("POST", "/update", {"type": class_name, "dbid": dbid, "fields": values, "annex": annex})
    if status == 404:
        raise _Failure(OBJECT_NOT_FOUND)
    if status >= 300:
        raise _Failure(CONNECTION_ERROR)


def main(arguments: list[str]) -> int:
    """Run one call; returns the exit code."""
    options, filters, fields = _parse(arguments)
    if "-e" in options:
        code = int(options["-e"]) if options["-e"].isdigit() else -1
        print(_ERRORS.get(code, "Unknown error"))
        return OK
    try:
        server = _Server(options.get("-h", ""), options.get("-p", ""), float(options.get("-t", "20")))
        _login(server, options)
        class_name = _CLASSES.get(options.get("-at", "9"), "CfgApplication")
        if "-lv" in options:
            status, answer = server.call("GET", "/version")
            print(f"VERSION={answer.get('version', '') if status == 200 else ''}")
        elif "-d" in options:
            _read(server, class_name, filters, fields)
        else:
            _write(server, class_name, options.get("-a", "0"), fields)
    except _Failure as failure:
        return failure.code
    return OK


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
