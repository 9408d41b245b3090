# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The hosts of a site as an inventory: which Host objects there are, and what runs on them.

Options of applications are left out: they are many, and may be secret.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from typing import Any

from .._config.directory import ConfigObject
from .._config.errors import InvalidInput
from .._config.nearest import suggestion
from . import all_parts
from .context import Context
from .part import Part

#: The classes that are read, each by one list.
KINDS = ("CfgHost", "CfgApplication", "CfgTenant")

#: The hosts of the servers, for the playbooks.
SERVERS = "genesys_hosts"


def inventory(context: Context, tenant: str | None, further_hosts: Iterable[str] = ()) -> dict[str, dict[str, Any]]:
    """Return Host object's name -> {"groups": list, "variables": dict} of all hosts that have an application.

    Raises InvalidInput for an unknown tenant, and for further hosts that there are not.

    Args:
        tenant: whose chat solution is meant, None for that of all tenants. Applications that play no role in a chat solution always count.
        further_hosts: names of Host objects, or patterns as of a shell, that count as hosts of the servers whatever is on them.
    """
    directory = context.directory
    directory.load(KINDS)
    if tenant:
        directory.require("CfgTenant", tenant, "tenant")
    hosts = {host.dbid: host for host in sorted(directory.all("CfgHost"), key=lambda host: host.name)}
    further = _chosen([host.name for host in hosts.values()], further_hosts)
    on_host: dict[int, list[tuple[ConfigObject, Part | None]]] = {dbid: [] for dbid in hosts}
    for app in sorted(directory.all("CfgApplication"), key=lambda app: app.name):
        part = _part_of(context, app)
        if app.host_dbid in hosts and not (part and tenant and tenant not in app.tenants(directory)):
            on_host[app.host_dbid].append((app, part))
    return {
        host.name: {"groups": _groups(context, on_host[dbid], host.name in further), "variables": _variables(context, host, on_host[dbid])}
        for dbid, host in hosts.items() if on_host[dbid] or host.name in further
    }


def with_statuses(hosts: Mapping[str, Mapping[str, Any]], statuses: Mapping[str, str]) -> None:
    """Note the status of each application, '' if Solution Control Server does not tell it, in what inventory has returned."""
    for host in hosts.values():
        for item in host["variables"]["genesys_applications"]:
            item["status"] = statuses.get(item["name"], "")


def group_name(text: str) -> str:
    """Return a text as the name of a group: what Ansible does not allow there becomes an underscore."""
    return re.sub(r"\W", "_", text, flags=re.ASCII)


def _chosen(names: list[str], patterns: Iterable[str]) -> set[str]:
    found = set()
    for pattern in patterns:
        fitting = {name for name in names if fnmatchcase(name, pattern)}
        if not fitting:
            raise InvalidInput(f"further_hosts: no Host object is named '{pattern}'{suggestion(pattern, names)}")
        found |= fitting
    return found


def _part_of(context: Context, app: ConfigObject) -> Part | None:
    """Return the part of a description whose server an application is."""
    return next((part for part in all_parts.PARTS if part.role and part.serves(context.directory, app)), None)


def _groups(context: Context, apps: list[tuple[ConfigObject, Part | None]], further: bool) -> list[str]:
    """Return the groups of a host: the servers' hosts, by part, by pair, and by type of all applications."""
    found = {SERVERS} if further else set()
    for app, part in apps:
        if app.subtype:
            found.add(f"type_{_words(app.subtype)}")
        if part:
            found |= {SERVERS, part.name}
            primary = context.primary_of(app) or (app.name if app.backup_dbid else "")
            if primary:
                found.add(f"pair_{group_name(primary)}")
    return sorted(found)


def _words(subtype: str) -> str:
    """Return a type as words: CFGContactServer is contact_server."""
    return group_name(re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", subtype.removeprefix("CFG")).lower())


def _variables(context: Context, host: ConfigObject, apps: list[tuple[ConfigObject, Part | None]]) -> dict[str, Any]:
    address = host.value("address")
    versions: dict[str, set[str]] = {}
    for app, part in apps:
        if part and app.value("version"):
            versions.setdefault(part.role, set()).add(app.value("version"))
    return {
        **({"ansible_host": address} if address else {}),
        "genesys_host": host.name,
        "genesys_host_address": address,
        "genesys_operating_system": host.value("operating_system"),
        "genesys_roles": sorted({part.role for _app, part in apps if part}),
        "genesys_versions": {role: sorted(found) for role, found in sorted(versions.items())},
        "genesys_applications": [_application(context, app, part) for app, part in apps],
    }


def _application(context: Context, app: ConfigObject, part: Part | None) -> dict[str, Any]:
    return {
        "name": app.name,
        "type": app.subtype,
        "role": part.role if part else "",
        "version": app.value("version"),
        "installed": app.is_installed,
        "working_directory": app.value("working_directory"),
        "ports": app.ports,
        "tenants": app.tenants(context.directory),
        "primary": context.primary_of(app),
        "backup": context.directory.name("CfgApplication", app.backup_dbid),
        "status": "",
    }
