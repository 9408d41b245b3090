# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the information modules return, in the user's words."""

from __future__ import annotations

from .._config import fields
from .._config.compare import nested
from .._config.nearest import nearest
from .._config.types import APPLICATION

_SHOWN = [name for name in APPLICATION.fields if name not in ("connections", "tenants", "folder")]


def applications(context, params):
    """Return {"applications": [...], "hosts": {...}} for application_info.

    params: names (list or None), types (list or None), host (str or None), tenants are listed by name.
    Each application also has dbid, address (of its host), primary (whose backup it is) and clients.
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
            context.warn("types: no application is of type '%s'; did you mean '%s'?" % (kind, meant))
    primaries = {}
    clients = {}
    for app in directory.all("CfgApplication"):
        backup = fields.number(app.raw.get("backupserverdbid"))
        if backup:
            primaries[backup] = app.name
        for entry in app.entries("appservers", "conninfo"):
            clients.setdefault(fields.number(entry.get("appserverdbid")), []).append(app.name)
    found = [_application(directory, app, primaries, clients)
             for app in sorted(directory.all("CfgApplication"), key=lambda app: app.name)
             if (not params["names"] or app.name in params["names"])
             and (not params["types"] or app.subtype in params["types"])]
    found = [item for item in found if not params["host"] or item["host"] == params["host"]]
    hosts = {host.name: {"dbid": host.dbid, "address": fields.text(host.raw.get("ipaddress")),
                         "lca_port": fields.number(host.raw.get("lcaport")),
                         "operating_system": fields.text(host.raw.get("ostype"))}
             for host in directory.all("CfgHost")}
    return {"applications": found, "hosts": hosts}


def _application(directory, app, primaries, clients):
    item = nested(APPLICATION.decode(app.raw, directory, _SHOWN))
    for name in ("ports", "options", "annex"):
        item.setdefault(name, {})
    host = directory.by_dbid("CfgHost", fields.number(app.raw.get("hostdbid")))
    item.update({
        "name": app.name,
        "dbid": app.dbid,
        "address": fields.text(host.raw.get("ipaddress")) if host else "",
        "tenants": sorted(leaf[0] for leaf in APPLICATION.field("tenants").decode(app.raw, directory)),
        "connections": _connections(app, directory),
        "primary": primaries.get(app.dbid, ""),
        "clients": sorted(set(clients.get(app.dbid, ()))),
    })
    return item


def _connections(app, directory):
    links = {}
    for (server, port, attribute), value in APPLICATION.field("connections").decode(app.raw, directory).items():
        links.setdefault((server, port), {"server": server, "port": port})[attribute] = value
    return list(links.values())
