# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host must know of an application: read from the Configuration Server, described values before existing ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._config import fields
from .._config.desired import Desired
from .._config.directory import Directory
from .._config.shapes import Path

#: Type of the application object that the installer's own utility logs in with.  Source: IP: login application
INSTALL_TIME_UTILITY = "CFGITCUtility"

#: The log options whose files hold the standard events, in the order in which they are looked at, and those of their outputs
#: that are no file names.  Source: LOGOPT
LOG_OUTPUTS = ("all", "standard", "interaction", "trace", "debug")

NO_FILES = ("stdout", "stderr", "network", "memory")


def applications_by_host(directory: Directory) -> dict[str, list[dict[str, str]]]:
    """Return Host object's name -> [{"name", "type"}] of the existing applications; '' for those without a host."""
    on_host = {}
    for app in directory.all("CfgApplication"):
        host = directory.name("CfgHost", app.host_dbid)
        on_host.setdefault(host, []).append({"name": app.name, "type": app.subtype})
    return on_host


def has_install_time_utility(directory: Directory) -> bool:
    """Return whether there is the application object with which the installers log in.  Source: IP"""
    return any(app.subtype == INSTALL_TIME_UTILITY for app in directory.all("CfgApplication"))


def application_facts(directory: Directory, name: str, role: str, desired: Desired | None = None) -> dict[str, Any]:
    """Return one application as it will be, see deployment.deployment: described values (a Desired) before existing ones."""
    found = directory.find("CfgApplication", name)
    stored = found if found is not None and not found.planned else None
    leaves = desired.leaves if desired is not None else {}
    host = leaves.get(("host",)) or (directory.name("CfgHost", stored.host_dbid) if stored else "")
    host_object = directory.find("CfgHost", host)
    ports = stored.ports if stored else {}
    ports.update({path[1]: number for path, number in leaves.items() if path[0] == "ports"})
    log_file, log_outputs = _log(stored.options("log") if stored else {}, desired)
    # The installer writes it.  Source: IP: Configuration Server
    working_directory = stored.value("working_directory") if stored else ""
    return {
        "name": name,
        "role": role,
        "type": found.subtype if found is not None else "",
        "host": host,
        "address": host_object.value("address") if host_object else "",
        "dbid": stored.dbid if stored else 0,
        "ports": ports,
        "version": stored.value("version") if stored else "",
        "working_directory": working_directory,
        # What is installed somewhere stays there, wherever new applications are put.
        "install_path": working_directory if working_directory.startswith("/") else "",
        "startup_timeout": leaves.get(("startup_timeout",)) or (stored.value("startup_timeout") if stored else 0) or 90,
        "shutdown_timeout": leaves.get(("shutdown_timeout",)) or (stored.value("shutdown_timeout") if stored else 0) or 90,
        "log_file": log_file,
        "log_outputs": log_outputs,
    }


def _log(current: Mapping[Path, Any], desired: Desired | None) -> tuple[str, str]:
    """Return the name of the file to which an application logs its standard events, '' for none, and the options that say so.

    The name is relative to the working directory, and the server adds a time to it.  Source: LOGOPT, IP: run.sh

    Args:
        current: (section, key) -> value.
        desired: what is described, or None. It has precedence over "current".
    """
    options = {}
    for key in ("verbose",) + LOG_OUTPUTS:
        path = ("options", "log", key)
        value = fields.text(desired.leaves.get(path) if desired and path in desired.leaves else current.get(path[1:])).strip()
        if value and not (desired and path in desired.absent):
            options[key] = value
    files = [word.strip() for key in LOG_OUTPUTS for word in options.get(key, "").split(",")
             if word.strip() and word.strip() not in NO_FILES]
    return files[0] if files and options.get("verbose") != "none" else "", ", ".join(f"{key} = {value}" for key, value in options.items())
