# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What has to be installed and started where, for a description: read from the Configuration Server, never listed twice.

Roles hand the result to the hosts, which have no access to the Configuration Server of their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._config.desired import Desired
from .._config.errors import InvalidInput
from .._config.nearest import suggestion
from .._config.plan import describe, make_plan
from .._config.shared_ports import require_room
from . import all_parts
from .application_facts import application_facts, applications_by_host, has_install_time_utility
from .context import Context
from .in_use import refuse_losses
from .part import Part
from .solution import solution


def deployment(context: Context, params: Mapping[str, Any]) -> dict[str, Any]:
    """Return what deployed returns, for deployment_info; and "changes" if the description was planned.

    Raises InvalidInput for an application without a host, a host that the inventory lacks, a missing package, or a port that is taken.

    Args:
        params: solution (see solution.solution_fields), hosts (names of Host objects that the inventory has, or None), packages (role -> anything, or None),
            plan (whether a description that can't be written is refused; it is unless it says otherwise), differences (whether what the changes would take
            away is no reason to refuse).
    """
    roles = [part.role for part in _starting()]
    for role in params.get("packages") or ():
        if role not in roles:
            hint = suggestion(role, roles) or f"; the roles are {', '.join(roles)}"
            raise InvalidInput(f"packages: '{role}' is not the role of an application{hint}")
    wanted = solution(context, params["solution"])
    found = deployed(context, params["solution"], wanted)
    for item in found["applications"]:
        _check(item, params)
    if params.get("packages") is not None:
        require_room(context.directory, wanted, {item["name"] for item in found["applications"]})
    if params.get("plan", True):
        plan = make_plan(context.directory, wanted)
        if not params.get("differences"):
            refuse_losses(context, plan)
        found["changes"] = describe(plan, context.secrets.mask)
    return found


def _starting() -> list[Part]:
    """Return the parts whose applications are installed, in the order in which these are started."""
    return sorted((part for part in all_parts.PARTS if part.role), key=lambda part: part.start)


def deployed(context: Context, description: Mapping[str, Any], wanted: list[Desired]) -> dict[str, Any]:
    """Return {"applications", "hosts", "install_time_utility", "contact_servers", "findings"}: what is to be installed and started where.

    Each application: name, role, type, host, address, dbid (0 while it is only planned), ports, version, working_directory, install_path ('' unless
    it is installed), startup_timeout, shutdown_timeout, on_host (all applications of that host), log_file, log_outputs (see
    application_facts), primary (whose backup it is, or ''), contact_servers and restoration_lacks (of a Chat Server).
    findings: list of {level, text}, see finding.py: what a person should know of what is described.

    Args:
        description: see solution.solution_fields.
        wanted: the list of Desired that solution makes of it.
    """
    directory = context.directory
    desired = {item.name: item for item in wanted if item.kind == "CfgApplication"}
    on_host = applications_by_host(directory)
    found = []
    for part in _starting():
        for name in part.installed(description):
            item = application_facts(directory, name, part.role, desired.get(name))
            existing = directory.find("CfgApplication", name)
            item["primary"] = context.primary_of(existing) if existing is not None else ""
            for other in all_parts.PARTS:
                item.update({fact: look(context, name, desired) if other is part else [] for fact, look in other.facts.items()})
            if item["name"] not in [other["name"] for other in on_host.setdefault(item["host"], [])]:
                on_host[item["host"]].append({"name": name, "type": item["type"]})
            found.append(item)
    for item in found:
        item["on_host"] = on_host[item["host"]]
    return {
        "applications": found,
        "hosts": sorted({item["host"] for item in found}),
        "install_time_utility": has_install_time_utility(directory),
        "findings": [finding._asdict() for part in all_parts.PARTS for finding in part.findings(context, description, wanted)],
        **{key: value for part in all_parts.PARTS for key, value in part.around(directory).items()},
    }


def _check(item: Mapping[str, Any], params: Mapping[str, Any]) -> None:
    if not item["host"]:
        raise InvalidInput(f"application '{item['name']}' has no host: it can't be installed")
    if params.get("hosts") is not None and item["host"] not in params["hosts"]:
        raise InvalidInput(f"application '{item['name']}' belongs on host '{item['host']}', and no host of the inventory stands for that Host object; add it, "
                           f"or set genesys_host on the host that does{suggestion(item['host'], params['hosts'])}")
    if params.get("packages") is not None and not params["packages"].get(item["role"]):
        raise InvalidInput(f"packages: no installation package is given for {item['role']}, which '{item['name']}' needs")
