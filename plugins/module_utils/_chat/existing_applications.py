# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The existing applications and their hosts, as application_info returns them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .._config.compare import nested
from .._config.directory import ConfigObject, Directory
from .._config.nearest import nearest
from .._config.types import APPLICATION
from .context import Context

_SHOWN = [name for name in APPLICATION.fields if name not in ("connections", "tenants", "folder")]


def applications(context: Context, params: Mapping[str, Any]) -> dict[str, Any]:
    """Return {"applications": [...], "hosts": {...}} for application_info.

    Each application also has dbid, address (of its host), tenants (names), primary (whose backup it is) and clients.

    Args:
        params: names (list or None), types (list or None), host (str or None).
    """
    directory = context.directory
    directory.load(["CfgApplication", "CfgHost", "CfgTenant", "CfgAppPrototype"])
    for name in params["names"] or ():
        directory.require("CfgApplication", name, "names")
    if params["host"]:
        directory.require("CfgHost", params["host"], "host")
    there = {app.subtype for app in directory.all("CfgApplication")}
    for kind in params["types"] or ():
        # The names of types are long and alike, so that only a slip is told.
        meant = nearest(kind, there, 0.9) if kind not in there else ""
        if meant:
            context.warn(f"types: no application is of type '{kind}'; did you mean '{meant}'?")
    primaries = {}
    clients = {}
    for app in directory.all("CfgApplication"):
        backup = app.backup_dbid
        if backup:
            primaries[backup] = app.name
        for server in app.server_dbids:
            clients.setdefault(server, []).append(app.name)
    found = [_application(directory, app, primaries, clients)
             for app in sorted(directory.all("CfgApplication"), key=lambda app: app.name)
             if (not params["names"] or app.name in params["names"])
             and (not params["types"] or app.subtype in params["types"])]
    found = [item for item in found if not params["host"] or item["host"] == params["host"]]
    hosts = {host.name: {"dbid": host.dbid, "address": host.value("address"),
                         "lca_port": host.value("lca_port"),
                         "operating_system": host.value("operating_system")}
             for host in directory.all("CfgHost")}
    return {"applications": found, "hosts": hosts}


def _application(directory: Directory, app: ConfigObject, primaries: Mapping[int, str], clients: Mapping[int, Iterable[str]]) -> dict[str, Any]:
    item = nested(app.leaves(directory, _SHOWN))
    for name in ("ports", "options", "annex"):
        item.setdefault(name, {})
    host = directory.by_dbid("CfgHost", app.host_dbid)
    item.update({
        "name": app.name,
        "dbid": app.dbid,
        "address": host.value("address") if host else "",
        "tenants": sorted(app.tenants(directory)),
        "connections": _connections(app, directory),
        "primary": primaries.get(app.dbid, ""),
        "clients": sorted(set(clients.get(app.dbid, ()))),
    })
    return item


def _connections(app: ConfigObject, directory: Directory) -> list[dict[str, Any]]:
    links = {}
    for (_field, server, port, attribute), value in app.leaves(directory, ["connections"]).items():
        links.setdefault((server, port), {"server": server, "port": port})[attribute] = value
    return list(links.values())
