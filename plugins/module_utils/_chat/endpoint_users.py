# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who names an endpoint of Chat Servers in its options: such an endpoint must not go away.

Three dialects: Web Engagement and Co-browse write "<DBID of the tenant>:<endpoint>", GMS "<name of the tenant>:<endpoint>".
Source: GWE812, GWECH, COB, GMSV1
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from .._config.compare import below_any
from .._config.desired import Desired
from .._config.directory import ConfigObject
from .._config.errors import DoesNotFit
from .._config.shapes import Leaves, Path
from .connection import current_links
from .context import APPLICATION_CLUSTER, CHAT_SERVER, Context
from .engagement_options import OPTIONS

#: Options that hold a reference with the tenant's DBID. Co-browse has the one of Web Engagement 8.5.  Source: GWE812, GWECH, COB
_BY_DBID = frozenset(known["queue_key"] for known in OPTIONS.values())

#: Options of GMS, which stand in the section of the server or of a service.  Source: GMSV1
_OF_GMS = ("default_chat_endpoint", "_chat_endpoint")


def keep_used_endpoints(context: Context, wanted: Iterable[Desired]) -> None:
    """Check that no endpoint goes away that an application names, once everything in "wanted" (list of Desired) is carried out.

    Raises InvalidInput. An endpoint that is not there is ignored, so that a second run is not refused.
    """
    items = {desired.name: desired for desired in wanted if desired.kind == "CfgApplication"}
    for desired in items.values():
        if not desired.present or not any(path[0] == "options" and (len(path) == 1 or _tenant_of(path[1])) for path in desired.absent):
            continue
        found = context.directory.find("CfgApplication", desired.name)
        if found is None or found.planned or found.subtype != CHAT_SERVER:
            continue
        for section, endpoint in found.options():
            path = ("options", section, endpoint)
            if _tenant_of(section) and below_any(path, desired.absent) and path not in desired.leaves:
                _require_unused(context, desired, _tenant_of(section), endpoint, items)


def _tenant_of(section: str) -> int:
    """Return the DBID of the tenant whose endpoints a section holds, 0 for other sections."""
    dbid = section.partition("endpoints:")[2]
    return int(dbid) if dbid.isdigit() else 0


def _require_unused(context: Context, desired: Desired, dbid: int, endpoint: str, items: Mapping[str, Desired]) -> None:
    tenant = context.directory.name("CfgTenant", dbid)
    users = endpoint_users(context, desired.name, dbid, endpoint, items)
    if users:
        shown = " and ".join(f"'{name}' ({'/'.join(option)} = {value})" for name, option, value in users)
        raise DoesNotFit(f"{desired.label}: endpoint '{endpoint}' of tenant '{tenant}' can't be removed, since it is named by {shown}; let that "
                         "lead to another endpoint first, or in the same run")


def endpoint_users(context: Context, chat_server: str, dbid: int, endpoint: str, items: Mapping[str, Desired]) -> list[tuple[str, Path, str]]:
    """Return (application, (section, option), value) of what names an endpoint of a Chat Server, as it will be.

    An application that is connected only to other Chat Servers does not use this one.

    Args:
        dbid: of the tenant.
        items: name -> Desired of the run.
    """
    keys = (f"{dbid}:{endpoint}", f"{context.directory.name('CfgTenant', dbid)}:{endpoint}")
    users = []
    for app in sorted(context.directory.all("CfgApplication"), key=lambda app: app.name):
        item = items.get(app.name)
        if app.subtype == CHAT_SERVER or (item is not None and not item.present):
            continue
        for option, value in _options_after(app, item).items():
            names = value == keys[0] if option in _BY_DBID else value == keys[1] if option[1] in _OF_GMS else False
            if names and _may_use(context, app, chat_server):
                users.append((app.name, option, value))
    return users


def _options_after(app: ConfigObject, item: Desired | None) -> Leaves:
    """Return an application's (section, option) -> value as they will be; item: its Desired, or None."""
    if item is None:
        return app.options()
    options = {option: value for option, value in app.options().items() if not below_any(("options",) + option, item.absent)}
    options.update({path[1:]: value for path, value in item.leaves.items() if path[0] == "options"})
    return options


def _may_use(context: Context, app: ConfigObject, chat_server: str) -> bool:
    """Return whether an application is connected to a Chat Server, directly or through a cluster, or to none at all."""
    used = set()
    for name, _port in current_links(context.directory, app):
        server = context.directory.find("CfgApplication", name)
        if server is not None and server.subtype == CHAT_SERVER:
            used.add(name)
        elif server is not None and server.subtype == APPLICATION_CLUSTER:
            used |= {member for member, _port in current_links(context.directory, server)}
    found = context.directory.find("CfgApplication", chat_server)
    primary = context.primary_of(found) if found is not None else ""
    chat_servers = {name for name in used if getattr(context.directory.find("CfgApplication", name), "subtype", "") == CHAT_SERVER}
    return not chat_servers or bool({chat_server, primary} & chat_servers)
