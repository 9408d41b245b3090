# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The end of an installation: its directory goes, with backups and logs.

There is no uninstaller in general; the command that installers record for it is ``rm -rf`` of the directory (Source: IP). So this is all that
there is to do, and the care is in what must not be removed: another application's directory, what runs, and what a link or a mount leads to.
"""

import os
import shutil
from typing import Any, Dict, Mapping, Optional

from ..product.installed import Installed, backups, examine
from ..product.marker import check_marker, hold_marker, unfinished
from ..product.roots import check_path, check_place
from ..product.start_script import read_start_script
from ..product.workspace import remove_leftover
from ..system.errors import HostError, on_host
from ..system.movable import mount_points
from ..system.process import clean_up_on_signals
from ..system.processes import running_processes

Result = Dict[str, Any]


def remove(params: Mapping[str, Any], check_mode: bool) -> Result:
    """Remove an installation.

    Args:
        params: the options of package_removal.
        check_mode: say what would be done.

    Returns:
        The module's result.

    Raises:
        HostError: the directory is not that of the application, or something is in the way.
    """
    with on_host(None, "Removal"):
        return _remove(params, check_mode)


def _remove(params: Mapping[str, Any], check_mode: bool) -> Result:
    application, roots, start_script = params["application"], params.get("install_roots"), params["start_script"]
    path = check_path(params["path"], roots, application)
    check_marker(path)
    left = unfinished(path)
    before = examine(path, None, start_script)
    result = {"changed": False, "before": before.as_dict(), "removed": [], "running": []}
    if not os.path.lexists(path) and left is None:
        return result
    real = check_place(path, roots, application)
    if os.path.lexists(path):
        _require_ours(real, before, application, start_script, left)
        _require_alone(real, application, start_script)
    result.update(changed=True, removed=sorted(os.listdir(real)) if os.path.isdir(real) else [])
    result["diff"] = {"before": {"path": path, "entries": result["removed"]}, "after": {}}
    processes = running_processes(real, application)
    if check_mode:
        return dict(result, running=processes)
    if processes:
        raise HostError(f"'{application}' is running in {path} (process {', '.join(map(str, processes))}).",
                        "Stop it first, for example with genesys_engage.chat.application_control.")
    with clean_up_on_signals(), hold_marker(path) as marker:
        remove_leftover((marker.left or {}).get("workspace"))
        _clear(real, start_script)
        if os.path.islink(path):
            os.unlink(path)
        marker.remove()
    return result


def _require_ours(path: str, before: Installed, application: str, start_script: str, left: Optional[Mapping[str, Any]]) -> None:
    """Refuse a directory of which nothing tells that it is the application's; raises HostError."""
    if not os.path.isdir(path):
        raise HostError(f"path: {path} is no directory, so it holds no installation.", "Give the installation directory, or remove it by hand.")
    scripts = [before.start_script] + [read_start_script(os.path.join(backup, start_script)) for backup in backups(path)]
    names = [script.application for script in scripts if script is not None and script.application] + [(left or {}).get("application")]
    present = before.start_script.application if before.start_script is not None else None
    if present not in (None, application) or (os.listdir(path) and application not in names):
        found = f"its {start_script} starts the application '{present}'" if present else "; ".join(before.flaws) or "nothing in it names the application"
        raise HostError(f"path: {path} is not the directory of '{application}' ({found}), so nothing in it was removed.",
                        "Give the installation directory of the application, or remove this one by hand.")


def _require_alone(path: str, application: str, start_script: str) -> None:
    """Refuse a directory with another application's below it, or with something mounted below it; raises HostError."""
    mounted = sorted(place for place in mount_points() if place.startswith(path + "/"))
    if mounted:
        raise HostError(f"path: {mounted[0]} is a mount point below {path}, and what is mounted may be needed elsewhere.", "Unmount it first.")
    known = set(backups(path))
    for entry in os.scandir(path):
        script = read_start_script(os.path.join(entry.path, start_script)) if entry.is_dir(follow_symlinks=False) and entry.path not in known else None
        if script is not None and script.application not in (None, application):
            raise HostError(f"path: {entry.path} belongs to the application '{script.application}', and lies below {path}.",
                            "Remove that one first, or move it.")


def _clear(path: str, start_script: str) -> None:
    """Remove a directory; what tells whose it is goes last, so that a run that is cut short can be finished by the next one.

    Links are removed, and never followed.
    """
    if not os.path.isdir(path):
        return
    kept = start_script.split("/")[0]
    for name in sorted(os.listdir(path), key=lambda name: name == kept):
        place = os.path.join(path, name)
        if os.path.isdir(place) and not os.path.islink(place):
            shutil.rmtree(place)
        else:
            os.unlink(place)
    if path in mount_points():
        return  # an empty one stays: it is where something is mounted
    os.rmdir(path)
