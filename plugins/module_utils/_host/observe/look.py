# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One look at a host: what is installed, which ports are held or answer, what runs, to which servers a Chat Server is connected.

Each part is looked at whatever the others say, so that a person learns all of it at once.
"""

from typing import Any, Callable, Dict, List, Mapping, Optional

from ..control.backend import SYSTEMD
from ..control.statuses import read_statuses
from ..control.systemd import RUNNING_OUTSIDE_UNIT
from ..install.installation import install
from ..system.errors import HostError
from ..system.ports import require_all
from .holders import require_free
from .server_log import DEFAULT_EVENTS, wait_for_connections

#: Before anything is done there, or after it.
BEFORE, AFTER = "before", "after"

#: States in which an application has its ports open and writes its log.
SERVING = ("RUNNING", "SERVICE_UNAVAILABLE", RUNNING_OUTSIDE_UNIT)

#: How much of a log is read, from its end, and how many events are returned.
_MAX_BYTES, _MOST_EVENTS = 64 * 1024 * 1024, 100

#: Options of installation_package that are the same for all applications, and those that a role has.
FOR_ALL = (
    "confserv_host", "confserv_port", "confserv_username", "confserv_password", "user", "accept_license", "data_model", "allow_downgrade",
    "skip_os_check", "keep_backups", "carry_over_replace", "host_name",
)  # fmt: skip
FOR_A_ROLE = ("response", "secret_response", "license", "carry_over")

Application = Mapping[str, Any]
Result = Dict[str, Any]


def look_at_host(
    params: Mapping[str, Any], check_mode: bool, request: Callable[[Dict[str, Any]], Dict[str, Any]], module_directory: Callable[[], str],
    warn: Callable[[str], None],
) -> Result:  # fmt: skip
    """Return what the module host_applications_info returns.

    Args:
        params: its options.
        check_mode: whether what is in the way of an installation is only a warning.
        request: completes and checks the options of installation_package; raises HostError.
        module_directory: gives the module's temporary directory.
        warn: takes warnings.
    """
    applications = params["applications"]
    packages = [_package(application, params, request, module_directory, warn) for application in applications]
    result: Result = {"changed": False, "packages": packages, "units": {}, "ports": {}, "logs": []}
    if params["control"] == SYSTEMD:
        result["units"] = _told(lambda: read_statuses(_about_units(params)))
    if params["moment"] == BEFORE:
        result["ports"] = _told(lambda: {"ports": require_free(_ports(applications, params["install_root"]), warn)})
        if check_mode:
            for item in packages:
                if item.get("running"):
                    warn(f"{item['name']}: running, and has to be stopped before the installation.")
        return result
    serving = _serving(applications, params["states"], result["units"])
    result["ports"] = _told(lambda: {"ports": require_all(_ports(serving), params["port_timeout"])})
    with_log = [item for item in serving if item["contact_servers"] and item["log_file"] and item["install_path"]]
    result["logs"] = [_log(item, params) for item in with_log]
    return result


def _told(look: Callable[[], Result]) -> Result:
    """Return what a look returns, or its error as data: "msg" and "failure"."""
    try:
        return look()
    except HostError as error:
        return {"msg": str(error), "failure": error.failure()}


def place_of(application: Application, install_root: str) -> str:
    """Return where an application is installed, or will be."""
    return application["install_path"] or f"{install_root}/{application['name']}"


def _package(
    application: Application, params: Mapping[str, Any], request: Callable[[Dict[str, Any]], Dict[str, Any]], module_directory: Callable[[], str],
    warn: Callable[[str], None],
) -> Result:  # fmt: skip
    """Return what an installation of the application's package would do, with its name and role."""
    role = application["role"]
    asked = {name: params[name] for name in FOR_ALL}
    asked.update({name: (params[name] or {}).get(role) for name in FOR_A_ROLE})
    asked.update(
        src=(params["packages"] or {}).get(role),
        path=place_of(application, params["install_root"]),
        install_roots=[params["install_root"], *(params["further_install_roots"] or [])],
        application=application["name"],
        facts=facts_about(application, params["install_time_utility"]),
    )
    compared = _told(lambda: install(request({name: value for name, value in asked.items() if value is not None}), True, module_directory, warn))
    return dict(compared, name=application["name"], role=role)


def facts_about(application: Application, install_time_utility: bool) -> Dict[str, Any]:
    """Return the option "facts" of installation_package for an application of deployment_info."""
    known = ("name", "type", "host", "dbid", "version", "working_directory")
    return {
        "application": {key: application[key] for key in known},
        "applications_on_host": application["on_host"],
        "host": application["host"],
        "itcutility": install_time_utility,
    }


def _about_units(params: Mapping[str, Any]) -> Dict[str, Any]:
    names: Optional[List[str]] = None if params["moment"] == BEFORE else [application["name"] for application in params["applications"]]
    return {"control": SYSTEMD, "applications": names, "timeout": 30.0, "patience": None}


def _ports(applications: List[Application], install_root: str = "") -> List[Dict[str, Any]]:
    """Return {name, id, address, port} of every port of the applications, with the directory if there is a root for new ones."""
    return [
        dict(
            {"name": application["name"], "id": port_id, "address": application["address"], "port": number},
            **({"directory": place_of(application, install_root)} if install_root else {}),
        )
        for application in applications
        for port_id, number in sorted(application["ports"].items())
    ]


def _serving(applications: List[Application], states: Optional[Mapping[str, str]], units: Result) -> List[Application]:
    """Return the applications that run; one whose state nobody told counts as running."""
    known = dict(states or {}, **{item["name"]: item["status"] for item in units.get("applications", [])})
    return [application for application in applications if known.get(application["name"], "RUNNING") in SERVING]


def _log(application: Application, params: Mapping[str, Any]) -> Result:
    """Return what the log of a Chat Server says, with its name."""
    asked = {
        "directory": application["install_path"],
        "name": application["log_file"],
        "files": None,
        "application": application["name"],
        "pairs": application["contact_servers"],
        "timeout": params["connection_timeout"],
        "since": None,
        "events": DEFAULT_EVENTS,
        "limit": _MOST_EVENTS,
        "max_bytes": _MAX_BYTES,
        "encoding": "utf-8",
    }
    return dict(_told(lambda: wait_for_connections(asked)), application=application["name"])
