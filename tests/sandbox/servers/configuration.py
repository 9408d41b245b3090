# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a server reads its configuration: the sandbox's confserv port, and views of the objects it answers with."""

from __future__ import annotations

import http.client
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

# Name of an application type as it is printed in logs (Source: LMS).
TYPE_NAMES = {"CFGConfigServer": "ConfigurationServer"}


class ConfigurationError(Exception):
    """The Configuration Server could not be asked, or does not have the object."""


@dataclass(frozen=True)
class Address:
    """Where a server listens: names for the log, address and port for the socket."""

    type_name: str
    application: str
    host: str
    ip: str
    port: int


class Configuration:
    """Reads from one confserv port. Every call is one blocking HTTP exchange.

    Args:
        host: host name or address.
        port: port number.
        timeout: seconds.
    """

    def __init__(self, host: str, port: int, timeout: float = 10.0) -> None:
        self.host, self.port, self._timeout = host, port, timeout

    def _get(self, path: str, query: dict[str, str]) -> Any:
        connection = http.client.HTTPConnection(self.host, self.port, timeout=self._timeout)
        try:
            connection.request("GET", f"{path}?{urlencode(query)}")
            answer = connection.getresponse()
            text = answer.read()
            if answer.status == 404:
                return None
            if answer.status != 200:
                raise ConfigurationError(f"answer {answer.status}")
            return json.loads(text)
        except (OSError, ValueError, http.client.HTTPException) as error:
            raise ConfigurationError(str(error)) from error
        finally:
            connection.close()

    def find(self, type_name: str, **query: str) -> dict[str, Any] | None:
        """One object by ``name`` or ``dbid``, or None."""
        item: dict[str, Any] | None = self._get("/object", {"type": type_name, **query})
        return item

    def list(self, type_name: str, **query: str) -> list[dict[str, Any]]:
        """All objects of a type, fewer by ``hostdbid`` or ``subtype``."""
        items: list[dict[str, Any]] = self._get("/objects", {"type": type_name, **query}) or []
        return items

    def address(self, application: dict[str, Any], port_id: str = "default") -> Address | None:
        """Where an application listens, or None when host or port is missing."""
        host = self.find("CfgHost", dbid=str(application.get("hostdbid", "0")))
        port = ports(application).get(port_id)
        if host is None or port is None:
            return None
        return Address(type_name(application), application["name"], host["name"], host.get("ipaddress", ""), port)


def type_name(application: dict[str, Any]) -> str:
    """The type word of an application as logs print it."""
    subtype = str(application.get("subtype", ""))
    return TYPE_NAMES.get(subtype, subtype.removeprefix("CFG"))


def ports(application: dict[str, Any]) -> dict[str, int]:
    """Port numbers by port id; the top-level ``port`` stands in for a missing ``default``."""
    found: dict[str, int] = {}
    for item in (application.get("portinfos") or {}).get("portinfo", []):
        if str(item.get("port", "")).isdigit():
            found[str(item.get("id", ""))] = int(item["port"])
    top = str(application.get("port", ""))
    if "default" not in found and top.isdigit() and int(top):
        found["default"] = int(top)
    return found


def options(application: dict[str, Any], section: str) -> dict[str, str]:
    """The options of one section."""
    triples = (application.get("options") or {}).get("property", [])
    return {item["key"]: item["value"] for item in triples if item["section"] == section}


def connections(application: dict[str, Any]) -> list[dict[str, Any]]:
    """The connections of an application, as they stand in the object."""
    found: list[dict[str, Any]] = (application.get("appservers") or {}).get("conninfo", [])
    return found


def heartbeat(connection: dict[str, Any]) -> float:
    """Seconds of the addp time-out, 0 without addp."""
    seconds = str(connection.get("timoutlocal", "0"))
    return float(seconds) if connection.get("connprotocol") == "addp" and seconds.isdigit() else 0.0
