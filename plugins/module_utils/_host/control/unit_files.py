# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The unit files of a host: read, written and removed, and nobody else's touched."""

import grp
import os
import pwd
import stat
from typing import Any, Callable, Dict, Mapping, Optional, Tuple

from ..._common.files import NotRegular, read_regular, replace_regular
from ..._common.text import printable
from ..product.roots import check_place
from ..system.errors import HostError
from ..system.systemctl import Systemctl
from .units import PREFIX, SUFFIX, About, Unit, is_ours, read_about, unit_name, unit_text

UNITS = "/etc/systemd/system"

# Bytes that are read of a unit file; ours are far smaller.
SIZE_LIMIT = 1024 * 1024

# Seconds for a call of systemctl: reading all units again takes a while on a large host.
TIMEOUT = 60.0


def unit_path(application: str) -> str:
    """Return where an application's unit file is."""
    return os.path.join(UNITS, unit_name(application))


def read_unit(application: str) -> Optional[About]:
    """Return what an application's unit says of it, None if there is no unit that we wrote."""
    about = read_about(_read_or_nothing(unit_path(application)))
    return about if about is not None and about.application == application else None


def list_units() -> Dict[str, Optional[About]]:
    """Return what the units that we wrote say, by application."""
    try:
        names = sorted(name for name in os.listdir(UNITS) if name.startswith(PREFIX) and name.endswith(SUFFIX))
    except FileNotFoundError:
        return {}
    found = [read_about(_read_or_nothing(os.path.join(UNITS, name))) for name in names]
    return {about.application: about for about in found if about is not None}


def manage_unit(params: Mapping[str, Any], check_mode: bool, warn: Callable[[str], None]) -> Dict[str, Any]:
    """Write or remove the unit of an application.

    Args:
        params: the options of application_unit.
        check_mode: look only, and predict.
        warn: for what can't be predicted.

    Returns:
        The module's result.

    Raises:
        HostError: an option breaks a rule, the unit is somebody else's, or systemd refuses.
    """
    name, path = unit_name(params["application"]), unit_path(params["application"])
    if params["state"] == "present":
        check_place(params["path"], params.get("install_roots"), params["application"])
    systemctl = Systemctl(TIMEOUT, changes=not check_mode)
    before = None if os.path.islink(path) else _read(path)
    shown = systemctl.show([name])[0]
    _refuse_others(name, path, before, shown["FragmentPath"])
    if params["state"] == "absent":
        _refuse_running(params["application"], name, shown["ActiveState"])
        after, enabled = None, False
    else:
        after, enabled = unit_text(_unit(params, check_mode, warn)), params["enabled"]
    was_enabled = shown["UnitFileState"] == "enabled"
    # Also what a run left that was cut short: systemd has not read the file, or still knows one that is gone.
    stale = shown["NeedDaemonReload"] == "yes" or shown["LoadState"] == ("loaded" if before is None else "not-found")
    if not check_mode:
        if was_enabled and not enabled:
            systemctl.do("disable", name)
        if after is None and before is not None:
            os.remove(path)
        elif after is not None and after != before:
            replace_regular(path, after, 0o644)
        if after != before or stale:
            systemctl.do("daemon-reload")
        if enabled and not was_enabled:
            systemctl.do("enable", name)
        if after is None and shown["ActiveState"] == "failed":
            systemctl.call("reset-failed", "--", name)
    return {
        "changed": after != before or stale or enabled != was_enabled,
        "unit": name,
        "path": path,
        "enabled": enabled,
        "diff": [
            {"before": printable(before or ""), "after": after or "", "before_header": path, "after_header": path},
            {"before": _at_boot(was_enabled), "after": _at_boot(enabled), "before_header": name, "after_header": name},
        ],
    }


def _at_boot(enabled: bool) -> str:
    return "started at boot\n" if enabled else "not started at boot\n"


def _refuse_others(name: str, path: str, text: Optional[str], fragment: str) -> None:
    cure = "Remove that unit, or leave this application to it."
    if os.path.islink(path) or (text is not None and not is_ours(text)):
        raise HostError(f"The unit {path} is not one that this collection wrote; it is left as it is.", cure)
    if fragment not in ("", path):
        raise HostError(f"There is a unit {name} already, in {fragment}; it is left as it is.", cure)


def _refuse_running(application: str, name: str, active: str) -> None:
    if active not in ("inactive", "failed"):
        raise HostError(
            f"The unit {name} can't be removed: '{application}' is running ({active}).",
            "Stop it first, with application_control, control=systemd and state=stopped.",
        )


def _unit(params: Mapping[str, Any], check_mode: bool, warn: Callable[[str], None]) -> Unit:
    for option in ("restart_delay", "restart_window", "stop_timeout", "restart_attempts"):
        if params[option] <= 0:
            raise HostError(f"{option} must be greater than 0.")
    user, group = _account(params, check_mode, warn)
    return Unit(
        user=user,
        group=group,
        ports=_ports(params["ports"] or {}),
        limits=params["limits"] or {},
        **{key: params[key] for key in ("application", "path", "start_script", "restart", "restart_delay", "restart_attempts", "restart_window",
                                        "stop_timeout")},
    )  # fmt: skip


def _account(params: Mapping[str, Any], check_mode: bool, warn: Callable[[str], None]) -> Tuple[str, str]:
    """Return user and group: the ones named, else the owner of the installation with his own group."""
    script = os.path.join(params["path"], params["start_script"])
    try:
        owner: Optional[int] = _owner(script, named=bool(params["user"]))
    except (FileNotFoundError, NotADirectoryError):
        owner = None
        if not check_mode:
            raise HostError(f"path: there is no {script}.", "Install the application first.") from None
    try:
        if params["user"]:
            entry = pwd.getpwnam(params["user"])
        elif owner is not None:
            entry = pwd.getpwuid(owner)
        else:
            warn(f"The unit's user will be the owner of {script}, which is not there yet; it is shown as our own.")
            entry = pwd.getpwuid(os.geteuid())
        return entry.pw_name, params["group"] or grp.getgrgid(entry.pw_gid).gr_name
    except KeyError:
        whose = f"'{params['user']}'" if params["user"] else f"the owner of {script}"
        raise HostError(f"user: this host has no account for {whose}, or no group for it.", "Create the service user first.") from None


def _owner(script: str, named: bool) -> int:
    """Return whom the start script belongs to. Nobody becomes that account by putting somebody else's file there.

    Raises:
        HostError: no user was named, and the script is a link, or may be replaced by another account than its owner.
    """
    status, above = os.lstat(script), os.stat(os.path.dirname(script))
    if not named and not stat.S_ISREG(status.st_mode):
        raise HostError(f"path: {script} is not a regular file, so its owner does not show which account the server runs as.", "Name the account with user.")
    if not named and above.st_uid not in (status.st_uid, 0):
        raise HostError(
            f"path: {script} and its directory belong to different accounts; who may replace the script would run it as its owner.",
            "Name the account with user, or correct the ownership.",
        )
    return status.st_uid


def _ports(ports: Mapping[str, Any]) -> Dict[str, int]:
    found = {}
    for port_id, number in ports.items():
        if not str(number).isdigit() or not 0 < int(number) < 65536:
            raise HostError(f"ports: the port with the id '{port_id}' must be a number from 1 to 65535, not '{number}'.")
        found[port_id] = int(number)
    return found


def _read(path: str) -> Optional[str]:
    content = read_regular(path, SIZE_LIMIT)
    return None if content is None else content.decode("utf-8", "replace")


def _read_or_nothing(path: str) -> str:
    try:
        return _read(path) or ""
    except NotRegular:
        return ""
