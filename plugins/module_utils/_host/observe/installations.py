# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is installed where on this host. The directories themselves are the only evidence (Source: IP: target directory)."""

import os
import re
from typing import Any, Dict, List, Optional, Sequence

from ..product.backups import Backup, find_backups, look_at
from ..product.description import FILE_NAME
from ..product.marker import unfinished
from ..recover.swap import ROLLED_BACK
from ..system.errors import HostError

# Some products put the backup beside the directory (Source: IP: existing target directory).
_BESIDE = re.compile(r"(.+)_(backup_\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d)\Z")


def installations(paths: Sequence[str], install_root: Optional[str], start_script: str) -> List[Dict[str, Any]]:
    """Describe installation directories.

    Args:
        paths: directories to describe, whatever they hold.
        install_root: every directory directly below it that holds an installation, or what is left of one, is described.
        start_script: path of the start script, relative to an installation.

    Raises:
        HostError: a path is not absolute, or the root is not a directory.
    """
    for option, path in [("paths", path) for path in paths] + ([("install_root", install_root)] if install_root else []):
        if not path.startswith("/"):
            raise HostError(f"{option}: '{path}' is not absolute; it must begin with '/'.")
    wanted = [os.path.normpath(path) for path in paths]
    wanted += [path for path in _below(install_root) if path not in wanted] if install_root else []
    return [_describe(path, start_script) for path in wanted]


def _below(root: str) -> List[str]:
    try:
        found = sorted(entry.path for entry in os.scandir(os.path.normpath(root)) if entry.is_dir())
    except (FileNotFoundError, NotADirectoryError):
        raise HostError(f"install_root: {root} is not a directory of this host.") from None
    return [path for path in found if not _BESIDE.match(path) and _is_installation(path)]


def _is_installation(path: str) -> bool:
    if unfinished(path) is not None or not os.access(path, os.R_OK | os.X_OK):
        return True
    return os.path.lexists(os.path.join(path, FILE_NAME)) or bool(find_backups(path, None, ""))


def _describe(path: str, start_script: str) -> Dict[str, Any]:
    content = look_at(path, None, start_script) if os.path.isdir(path) else None
    left = unfinished(path)
    if content is None:
        flaws = ["the directory does not exist"] + (["an installation was begun and not finished"] if left is not None else [])
        state = dict.fromkeys(("nickname", "version", "build", "application"))
        state.update(path=path, complete=False, flaws=flaws)
    else:
        state = content.as_dict()
    state["unfinished"] = None if left is None else {
        "action": "rollback" if "rollback" in left else "installation",
        **{key: left.get(key) for key in ("application", "nickname", "version", "build")},
    }
    state["rolled_back"] = os.path.lexists(os.path.join(path, ROLLED_BACK))
    state["backups"] = [backup.as_dict() for backup in find_backups(path, None, start_script) + _beside(path, start_script)]
    return state


def _beside(path: str, start_script: str) -> List[Backup]:
    found = []
    parent, own_name = os.path.split(path)
    try:
        names = sorted(os.listdir(parent), reverse=True)
    except OSError:
        return []
    for name in names:
        match = _BESIDE.match(name)
        if match and match.group(1) == own_name and os.path.isdir(os.path.join(parent, name)):
            found.append(Backup(look_at(os.path.join(parent, name), None, start_script), match.group(2), 0))
    return found
