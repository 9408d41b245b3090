# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Connections between servers, with or without addp."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .._config.desired import Desired
from .._config.directory import ConfigObject, Directory
from .._config.errors import DoesNotFit, InvalidInput
from .._config.nearest import suggestion
from .context import Context
from .field import Field

_SETTINGS = (
    Field("enabled", "bool", "Whether the connection uses addp.", default=True),
    Field("local_timeout", "int", "Seconds after which the client polls."),
    Field("remote_timeout", "int", "Seconds after which the server polls."),
    Field("trace", "str", "Which side writes addp messages to its log.", choices=["none", "local", "remote", "both"]),
)

#: For all connections that a task, or a part of a description, is about.  Source: CHAT, G2
ADDP = Field(
    "addp", "dict",
    "Settings of the Advanced Disconnect Detection Protocol (addp) for the connections that are described here. It is recommended for all of them.",
    "If not given, existing connections keep theirs, and new ones get addp with 10 seconds on both sides and trace V(both). These values are "
    "taken from a public installation; the documentation names none.",
    fields=_SETTINGS, source="CHAT, G2")

#: One connection.
CONNECTION_FIELDS = (
    Field("server", "str", "Name of the application to connect to.", required=True),
    Field("port", "str", "Id of that application's port.", default="default"),
    Field("addp", "dict", "Settings of the Advanced Disconnect Detection Protocol for this connection.", fields=_SETTINGS),
)

#: For a new connection when nothing is said. The page recommends addp and names no values; these are a public lab's.
#: Source: CHAT, G2
NEW_ADDP = {"local_timeout": 10, "remote_timeout": 10, "trace": "both"}

#: addp where a connection must not have it.
NO_ADDP = {"enabled": False}


def current_links(directory: Directory, client: ConfigObject | None) -> dict[tuple[str, str], dict[str, Any]]:
    """Return the client's connections, see Directory.links; client may be None."""
    return directory.links(client) if client is not None else {}


def connect(context: Context, desired: Desired, server: str, port: str, addp: Mapping[str, Any] | None, where: str) -> None:
    """Demand that the application "desired" is connected to "server" at its port of id "port".  Source: CHAT, G5

    Raises InvalidInput.

    Args:
        server: name of the application.
        addp: None (nothing is said: a new connection gets NEW_ADDP, an existing one stays), or a dict with local_timeout and remote_timeout
            (seconds), trace (none, local, remote, both) and enabled.
    """
    target = context.directory.require("CfgApplication", server, where)
    ports = context.directory.port_ids(target)
    if port not in ports:
        raise DoesNotFit(f"{where}: application '{server}' has no port with id '{port}'{suggestion(port, ports)}")
    client = context.directory.find("CfgApplication", desired.name)
    link = current_links(context.directory, client).get((server, port))
    known = link is not None
    if addp is None:
        addp = {} if known else NEW_ADDP
    elif addp.get("enabled", True) and (link or {}).get("protocol") != "addp":
        addp = dict(NEW_ADDP, **without_none(addp))
    settings = without_none(addp)
    for key in ("local_timeout", "remote_timeout"):
        not_negative(settings.get(key), where, "addp", key)
    start = ("connections", server, port)
    if not settings.get("enabled", True):
        desired.demand(start + ("protocol",), "")
        desired.forbid(start)
        return
    if known and not settings:
        return
    desired.demand(start + ("protocol",), "addp")
    for key, value in settings.items():
        if key != "enabled":
            desired.demand(start + (key,), value)


def not_negative(value: Any, *where: str) -> Any:
    """Return the value; raises InvalidInput for a negative number, since times and attempts are counted from 0.

    Args:
        where: the option, from the outside in.
    """
    if isinstance(value, int) and value < 0:
        raise InvalidInput(f"{': '.join(where)} must not be negative, got {value}")
    return value


def without_none(options: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return the members of a dict that were given, that is, are not None."""
    return {key: value for key, value in (options or {}).items() if value is not None}


def disconnect(context: Context, desired: Desired, server: str, port: str, reason: str) -> None:
    """Demand that the connection is gone; raises InvalidInput unless that is allowed or the client can't be running.

    Whether an installed one runs can't be known from the Configuration Server.
    """
    client = context.directory.find("CfgApplication", desired.name)
    allowed = context.allow_disconnect or context.allow_disruption.intersection((desired.name, server))
    if context.may_run(client) and not allowed:
        raise InvalidInput(f"{desired.label} would lose its connection to '{server}' (port '{port}'): {reason}. It may be running with chats open; set "
                           "allow_disconnect to true to allow that")
    desired.forbid(("connections", server, port))


def disconnect_all(desired: Desired, client_links: Iterable[tuple[str, str]], server: str) -> None:
    """Demand that no connection to "server" is left, on whatever port (used for clients other than Chat Servers)."""
    for name, port in client_links:
        if name == server:
            desired.forbid(("connections", name, port))
