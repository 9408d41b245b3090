# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What has to be installed and started where, for a description: read from the Configuration Server, never listed twice.

Roles hand the result to the hosts, which have no access to the Configuration Server of their own.
"""

from __future__ import annotations

from .._config import fields
from .._config.errors import InvalidInput
from .._config.nearest import suggestion
from .._config.plan import describe, make_plan
from .._config.shared_ports import require_room
from . import arguments as a
from .connection import current_links
from .context import CONTACT_SERVER
from .in_use import refuse_losses
from .solution import solution

#: The parts of a description that name applications to install, in the order in which they are started: servers before
#: their clients. Chat Servers and described (not only named) servers are installed.
ROLES = ("contact_server", "interaction_server", "chat_server", "gms")

#: Type of the application object that the installer's own utility logs in with.  Source: IP: login application
INSTALL_TIME_UTILITY = "CFGITCUtility"

#: The log options whose files hold the standard events, in the order in which they are looked at, and those of their outputs
#: that are no file names.  Source: LOGOPT
LOG_OUTPUTS = ("all", "standard", "interaction", "trace", "debug")
NO_FILES = ("stdout", "stderr", "network", "memory")


def deployment(context, params):
    """Return what deployed returns, for deployment_info; and "changes" if the description was planned.

    params: solution (see arguments.SOLUTION), hosts (names of Host objects that the inventory has, or None), packages
    (role -> anything, or None), plan (whether a description that can't be written is refused; it is unless it says otherwise),
    differences (whether what the changes would take away is no reason to refuse).
    Raises InvalidInput for an application without a host, a host that the inventory lacks, a missing package, or a port that is taken.
    """
    for role in params.get("packages") or ():
        if role not in ROLES:
            hint = suggestion(role, ROLES) or "; the roles are %s" % ", ".join(ROLES)
            raise InvalidInput("packages: '%s' is not the role of an application%s" % (role, hint))
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


def deployed(context, description, wanted):
    """Return {"applications", "hosts", "install_time_utility", "contact_servers"}: what is to be installed and started where.

    description: see arguments.SOLUTION.  wanted: the list of Desired that solution makes of it.
    Each application: name, role, type, host, address, dbid (0 while it is only planned), ports, version, working_directory,
    install_path ('' unless it is installed), startup_timeout, shutdown_timeout, on_host (all applications of
    that host), log_file, log_outputs (see _log), contact_servers (see _contact_servers).
    """
    directory = context.directory
    desired = {item.name: item for item in wanted if item.kind == "CfgApplication"}
    on_host = applications_by_host(directory)
    found = []
    for role in ROLES:
        for name in _names(description, role):
            item = application_facts(directory, name, role, desired.get(name))
            item["contact_servers"] = _contact_servers(context, name, desired) if role == "chat_server" else []
            if item["name"] not in [other["name"] for other in on_host.setdefault(item["host"], [])]:
                on_host[item["host"]].append({"name": name, "type": item["type"]})
            found.append(item)
    for item in found:
        item["on_host"] = on_host[item["host"]]
    return {
        "applications": found,
        "hosts": sorted({item["host"] for item in found}),
        "install_time_utility": has_install_time_utility(directory),
        "contact_servers": sorted(app.name for app in directory.all("CfgApplication") + directory.planned("CfgApplication")
                                  if app.subtype == CONTACT_SERVER),
    }


def applications_by_host(directory):
    """Return Host object's name -> [{"name", "type"}] of the existing applications; '' for those without a host."""
    on_host = {}
    for app in directory.all("CfgApplication"):
        host = directory.name("CfgHost", fields.number(app.raw.get("hostdbid")))
        on_host.setdefault(host, []).append({"name": app.name, "type": app.subtype})
    return on_host


def has_install_time_utility(directory):
    """Return whether there is the application object with which the installers log in.  Source: IP"""
    return any(app.subtype == INSTALL_TIME_UTILITY for app in directory.all("CfgApplication"))


def _names(description, role):
    """Return the names of the applications of one role that are to be installed."""
    if role == "chat_server":
        return [item["name"] for item in description.get("chat_servers") or ()]
    if role == "contact_server":
        part = description.get("contact_servers") or {}
        members = [members[key] for members in part.get("pairs") or () for key in ("primary", "backup")]
        members += [part["single"]] if part.get("single") else []
    else:
        members = description.get("interaction_servers" if role == "interaction_server" else "gms") or []
    return [a.named(item, a.APPLICATION, role)["name"] for item in members if isinstance(item, dict)]


def application_facts(directory, name, role, desired=None):
    """Return one application as it will be, see deployment: described values (a Desired) before existing ones."""
    existing = directory.find("CfgApplication", name)
    planned = existing is None or existing.planned
    raw = {} if planned else existing.raw
    leaves = desired.leaves if desired is not None else {}
    host = leaves.get(("host",)) or directory.name("CfgHost", fields.number(raw.get("hostdbid")))
    host_object = directory.find("CfgHost", host)
    ports = {} if planned else {leaf[0]: number for leaf, number in fields.Ports().decode(raw, directory).items()}
    ports.update({path[1]: number for path, number in leaves.items() if path[0] == "ports"})
    log_file, log_outputs = _log({} if planned else existing.options("log"), desired)
    return {
        "name": name,
        "role": role,
        "type": existing.subtype if existing is not None else "",
        "host": host,
        "address": fields.text(host_object.raw.get("ipaddress")) if host_object else "",
        "dbid": 0 if planned else existing.dbid,
        "ports": ports,
        "version": fields.text(raw.get("version")),
        "working_directory": directory_of(raw),
        # What is installed somewhere stays there, wherever new applications are put.
        "install_path": directory_of(raw) if directory_of(raw).startswith("/") else "",
        "startup_timeout": leaves.get(("startup_timeout",)) or fields.number(raw.get("startuptimeout")) or 90,
        "shutdown_timeout": leaves.get(("shutdown_timeout",)) or fields.number(raw.get("shutdowntimeout")) or 90,
        "log_file": log_file,
        "log_outputs": log_outputs,
    }


def _log(current, desired):
    """Return the name of the file to which an application logs its standard events, '' for none, and the options that say so.

    current: (section, key) -> value.  desired: what is described, or None; it goes before.  The name is relative to the working
    directory, and the server adds a time to it.  Source: LOGOPT, IP: run.sh
    """
    options = {}
    for key in ("verbose",) + LOG_OUTPUTS:
        path = ("options", "log", key)
        value = fields.text(desired.leaves.get(path) if desired and path in desired.leaves else current.get(path[1:])).strip()
        if value and not (desired and path in desired.absent):
            options[key] = value
    files = [word.strip() for key in LOG_OUTPUTS for word in options.get(key, "").split(",")
             if word.strip() and word.strip() not in NO_FILES]
    return files[0] if files and options.get("verbose") != "none" else "", ", ".join("%s = %s" % item for item in options.items())


def _contact_servers(context, name, desired):
    """Return the UCS pairs that a Chat Server is to be connected to, as {"primary", "backup"}; backup is None for a single UCS.

    Nothing for the backup of another Chat Server: what it does until it takes over is not known.
    """
    directory = context.directory
    app, wanted = directory.find("CfgApplication", name), desired.get(name)
    if app is None or wanted is None or context.primary_of(app):
        return []
    links = {server for server, port in current_links(directory, app) if ("connections", server, port) not in wanted.absent}
    pairs = []
    for server in sorted(links.union(path[1] for path in wanted.leaves if path[0] == "connections")):
        primary = directory.find("CfgApplication", server)
        if primary is not None and primary.subtype == CONTACT_SERVER:
            described = desired[server].leaves.get(("backup",)) if server in desired else None
            backup = described or directory.name("CfgApplication", fields.number(primary.raw.get("backupserverdbid")))
            pairs.append({"primary": server, "backup": backup or None})
    return pairs


def directory_of(raw):
    """Return the working directory of a raw application, which the installer writes.  Source: IP: Configuration Server"""
    return fields.text(raw.get("workdirectory"))


def _check(item, params):
    if not item["host"]:
        raise InvalidInput("application '%s' has no host: it can't be installed" % item["name"])
    if params.get("hosts") is not None and item["host"] not in params["hosts"]:
        raise InvalidInput("application '%s' belongs on host '%s', and no host of the inventory stands for that Host object; "
                           "add it, or set genesys_host on the host that does%s"
                           % (item["name"], item["host"], suggestion(item["host"], params["hosts"])))
    if params.get("packages") is not None and not params["packages"].get(item["role"]):
        raise InvalidInput("packages: no installation package is given for %s, which '%s' needs"
                           % (item["role"], item["name"]))
