# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The way back to a backup: the files here, the configuration that belongs to them as data for whoever writes it."""

import os
from typing import Any, Dict, Mapping, Optional

from ..product.backups import Backup, find_backups, new_backup, newest_good
from ..product.installed import Installed, examine, rejection, state_text
from ..product.marker import Marker, check_marker, hold_marker, unfinished
from ..product.roots import check_path
from ..product.workspace import remove_leftover
from ..system.accounts import Account, act_as, find_account, perform
from ..system.errors import HostError, on_host
from ..system.movable import immovable
from ..system.process import clean_up_on_signals
from ..system.processes import running_processes
from .recovery import old_content_places, recover
from .swap import ROLLED_BACK, finish_swap, note

Result = Dict[str, Any]


def roll_back(params: Mapping[str, Any], check_mode: bool) -> Result:
    """Make a backup the installation again.

    Args:
        params: the options of package_rollback.
        check_mode: say what would be done.

    Returns:
        The module's result.

    Raises:
        HostError: there is nothing to go back to, or something is in the way.
    """
    with on_host(None, "Roll-back"):
        return _roll_back(params, check_mode)


def _roll_back(params: Mapping[str, Any], check_mode: bool) -> Result:
    path = check_path(params["path"], params.get("install_roots"), params["application"])
    account = find_account(params["user"])
    check_marker(path)
    before = _examine(path, params)
    left = unfinished(path)
    if left is None and _is_reached(before, params["version"], interrupted=False):
        return _result(before, before, None)
    if check_mode:
        processes = running_processes(path, params["application"])
        return dict(_result(before, _predict(before, left, params), None, changed=True), running=processes)
    if left is None:
        _choose(before, params)  # nothing to go back to: said before anything is made
    _check_stopped(path, params["application"])
    with clean_up_on_signals(), hold_marker(path) as marker:
        aside = _go_back(path, params, account, marker)
        os.sync()
        marker.remove()
    return _result(before, _examine(path, params), aside, changed=True)


def _examine(path: str, params: Mapping[str, Any], ignore_marker: bool = False) -> Installed:
    return examine(path, params["application"], params["start_script"], ignore_marker)


def _go_back(path: str, params: Mapping[str, Any], account: Optional[Account], marker: Marker) -> Optional[str]:
    """Finish what was interrupted, and go back unless that has done it; return the name of the backup with the former content."""
    left = marker.left
    if left is not None:
        remove_leftover(left.get("workspace"))
        recover(path, marker, account)
    present = _examine(path, params, ignore_marker=True)
    if _is_reached(present, params["version"], interrupted=bool(left)):
        perform(account, lambda: note(path))
        return (left or {}).get("rollback", {}).get("aside")
    try:
        choice = _choose(present, params)
        _check_movable(path, choice.path, account)
    except HostError:
        if marker.left is None:
            marker.remove()
        raise
    step = {
        "source": os.path.relpath(choice.path, path),
        "aside": os.path.basename(new_backup(path)),
        "reason": rejection(path) or f"it was rolled back to {choice.content.description}",
    }
    marker.write(dict(_release(choice.content), application=params["application"], rollback=step))
    perform(account, lambda: finish_swap(path, step))
    return step["aside"]


def _is_reached(present: Installed, version: Optional[str], interrupted: bool) -> bool:
    """Whether the directory is where it is to be.

    Without a version one step back is wanted. That is done if nothing has been installed since the last one, or if an
    interrupted installation has been undone, or an interrupted roll-back finished.
    """
    if not present.complete or present.description is None:
        return False
    if version is not None:
        return present.description.version == version
    return interrupted or os.path.lexists(os.path.join(present.path, ROLLED_BACK))


def _choose(present: Installed, params: Mapping[str, Any]) -> Backup:
    found = find_backups(present.path, params["application"], params["start_script"])
    nickname = present.description.nickname if present.description else None
    choice = newest_good(found, nickname, params["version"])
    if choice is None:
        wanted = f" of version {params['version']}" if params["version"] else ""
        listed = "; ".join(", ".join([f"{backup.name}: {backup.content.description or 'no package'}", *backup.content.flaws]) for backup in found)
        raise HostError(
            f"path: {present.path} holds no complete backup{wanted} of '{params['application']}' to go back to ({listed or 'there is none at all'}).",
            "Install the wanted version with genesys_engage.chat.installation_package and allow_downgrade.",
        )
    return choice


def _predict(before: Installed, left: Optional[Mapping[str, Any]], params: Mapping[str, Any]) -> Installed:
    """Return a state like the one that would be reached."""
    if left and "rollback" in left:
        return before
    for place in old_content_places(before.path, (left or {}).get("entries")) or ():
        found = examine(place, params["application"], params["start_script"], ignore_marker=True)
        if found.description is not None and params["version"] in (None, found.description.version):
            return found
    return _choose(before, params).content


def _check_movable(path: str, source: str, account: Optional[Account]) -> None:
    stuck = act_as(account, lambda: immovable(path, os.listdir(path)) + immovable(source, os.listdir(source)))
    if stuck:
        raise HostError(
            f"path: not everything can be moved: {'; '.join(stuck)}.",
            "Nothing was changed. Correct the ownership (option user), or unmount what is mounted there.",
        )


def _check_stopped(path: str, application: str) -> None:
    processes = running_processes(path, application)
    if processes:
        text = f"'{application}' is running in {path} (process {', '.join(map(str, processes))})."
        raise HostError(text, "Stop it first, for example with genesys_engage.chat.application_control.")


def _release(content: Installed) -> Dict[str, Any]:
    described = content.as_dict()
    return {key: described[key] for key in ("nickname", "version", "build")}


def _result(before: Installed, after: Installed, aside: Optional[str], changed: bool = False) -> Result:
    now = dict(after.as_dict(), path=before.path, complete=True, flaws=[])
    left = unfinished(before.path)
    if left and "rollback" in left:  # predicted: the interrupted one will be finished
        now.update(nickname=left["nickname"], version=left["version"], build=left["build"], application=left["application"])
    return {
        "changed": changed,
        "installed": now,
        "before": before.as_dict(),
        "set_aside": os.path.join(before.path, aside) if aside else None,
        "configuration": {
            "working_directory": before.path,
            "command_line": after.start_script.command if after.start_script else None,
            "command_line_arguments": after.start_script.arguments if after.start_script else None,
            "version": now["version"],
        },
        "diff": {"before": state_text(before.as_dict()), "after": state_text(now)},
    }
