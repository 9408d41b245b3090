# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stand-in for ``mlcmd_64``, the command-line client of Solution Control Server (Source: MLCMD; standard library only).

Awkward on purpose: the exit code is 0 whatever happens, errors are sentences on stdout, and it takes a moment to start
(``SANDBOX_MLCMD_SECONDS``, default 0.3). Documented: the five ``-cs...`` parameters, ``-help``. Seen in use: ``-scshost``,
``-scsport``, ``-getallappstatus`` and the labels of its output. Only recalled: the spelling of the other commands, and the
words for status and run mode. The error sentences are the stand-in's own.
"""

from __future__ import annotations

import json
import os
import socket
import sys
import time
from typing import Any

VERSION = "8.5.101.28"
USAGE = f"""Management Layer command line utility (stand-in). Version {VERSION}

Usage: mlcmd_64 <mandatory parameters> <one command>

Mandatory parameters:
  -cshost <host>               host of Configuration Server
  -csport <port>               port of Configuration Server
  -csuser <user name>          user name
  -cspassword <password>       password
  -csappname <application>     name of the application object of this client
  -scshost <host>              host of Solution Control Server
  -scsport <port>              port of Solution Control Server

Commands:
  -help                        show this text
  -getappstatus <DBID>         status of an application
  -getallappstatus             status of all applications
  -startapp <DBID>             start an application
  -stopapp <DBID>              stop an application
  -stopapp-graceful <DBID>     stop an application gracefully
"""
MANDATORY = ("cshost", "csport", "csuser", "cspassword", "csappname", "scshost", "scsport")
WITH_DBID = {"getappstatus": "", "startapp": "start", "stopapp": "stop", "stopapp-graceful": "stop-graceful"}


class Failure(Exception):
    """A sentence for the user."""


def request(host: str, port: str, method: str, path: str, body: object = None) -> tuple[int, Any]:
    """One HTTP exchange with confserv or SCS; raises OSError or ValueError when there is no proper answer.

    Without ``http.client``: to import that takes longer than all the rest of a call.
    """
    data = b"" if body is None else json.dumps(body).encode()
    head = f"{method} {path} HTTP/1.0\r\nHost: {host}:{port}\r\nContent-Type: application/json\r\nContent-Length: {len(data)}\r\n\r\n"
    with socket.create_connection((host, int(port)), timeout=20) as connection:
        connection.sendall(head.encode() + data)
        with connection.makefile("rb") as stream:
            answer = stream.read()
    lines, _unused, text = answer.partition(b"\r\n\r\n")
    words = lines.split()
    if len(words) < 2 or not words[0].startswith(b"HTTP/") or not words[1].isdigit():
        raise OSError("no answer in the protocol expected")
    return int(words[1]), json.loads(text) if text else None


def log_in(options: dict[str, str]) -> None:
    """Log in to the Configuration Server, as the real client does before it talks to SCS."""
    body = {"username": options["csuser"], "password": options["cspassword"], "application": options["csappname"]}
    try:
        status, _answer = request(options["cshost"], options["csport"], "POST", "/login", body)
    except (OSError, ValueError):
        raise Failure(f"Unable to connect to Configuration Server at host '{options['cshost']}', port {options['csport']}") from None
    if status == 404:
        raise Failure(f"Login to Configuration Server failed: application '{options['csappname']}' was not found")
    if status >= 300:
        raise Failure("Login to Configuration Server failed: user name or password is incorrect")


def ask(options: dict[str, str], method: str, path: str) -> Any:
    """One request to SCS."""
    try:
        status, answer = request(options["scshost"], options["scsport"], method, path)
    except (OSError, ValueError):
        raise Failure(f"Unable to connect to Solution Control Server at host '{options['scshost']}', port {options['scsport']}") from None
    if status >= 300:
        raise Failure(f"Error: {(answer or {}).get('message', 'request refused')}")
    return answer


def show(application: dict[str, Any]) -> None:
    """Four lines for one application."""
    print(f"Application:    {application['name']}")
    print(f"DBID:           {application['dbid']}")
    print(f"Status:         APP_STATUS_{application['status']}")
    print(f"Runmode:        {application['runmode']}")
    print()


def parse(arguments: list[str]) -> tuple[dict[str, str], str, str]:
    """Split into mandatory parameters, command and its DBID."""
    options: dict[str, str] = {}
    command, dbid = "", ""
    words = iter(arguments)
    for word in words:
        name = word.removeprefix("-")
        if name in MANDATORY:
            options[name] = next(words, "")
        elif name == "getallappstatus" or name in WITH_DBID:
            if command:
                raise Failure("Only one command can be given")
            command, dbid = name, next(words, "") if name in WITH_DBID else ""
        else:
            raise Failure(f"Unknown parameter '{word}'")
    for name in MANDATORY:
        if not options.get(name):
            raise Failure(f"Mandatory parameter -{name} is missing")
    if not command:
        raise Failure("No command is given")
    if command in WITH_DBID and not dbid.isdigit():
        raise Failure(f"Command -{command} needs a DBID")
    return options, command, dbid


def run(arguments: list[str]) -> None:
    """Carry out one command."""
    options, command, dbid = parse(arguments)
    log_in(options)
    if WITH_DBID.get(command):
        ask(options, "POST", f"/{WITH_DBID[command]}/{dbid}")
        print(f"Request to {WITH_DBID[command]} application {dbid} has been sent")
        return
    for application in ask(options, "GET", "/applications"):
        if not dbid or str(application["dbid"]) == dbid:
            show(application)
            if dbid:
                return
    if dbid:
        raise Failure(f"Error: application {dbid} was not found")


def main(arguments: list[str]) -> int:
    """Run; the exit code is always 0."""
    time.sleep(float(os.environ.get("SANDBOX_MLCMD_SECONDS", "0.3")))
    if not arguments or "-help" in arguments:
        print(USAGE)
        return 0
    try:
        run(arguments)
    except Failure as failure:
        print(failure)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
