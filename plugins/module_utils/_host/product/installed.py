# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is installed in a directory, and whether its installation got to the end."""

import os
from typing import Any, Dict, FrozenSet, List, NamedTuple, Optional, Tuple

from ..._common.files import read_regular, write_note
from ..._common.text import printable
from ..system.errors import HostError
from .description import FILE_NAME, Description, read_description
from .marker import unfinished
from .start_script import StartScript, read_start_script

BACKUP_PREFIX = "backup_"
REMOVED_SUFFIX = ".removed"

# A file that we leave in content that nobody may go back to; it says why. It moves along into a backup.
REJECTED = ".genesys_engage_rejected"


class Installed(NamedTuple):
    """The state of an installation directory.

    ``flaws`` says in words why the installation does not count as complete; empty for a complete one.
    """

    path: str
    description: Optional[Description]
    start_script: Optional[StartScript]
    flaws: Tuple[str, ...]

    @property
    def complete(self) -> bool:
        return not self.flaws

    def holds(self, description: Description) -> bool:
        """Whether exactly this package is installed, completely."""
        return self.complete and self.description is not None and (
            (self.description.nickname, self.description.order) == (description.nickname, description.order)
        )

    def as_dict(self) -> Dict[str, Any]:
        """Return the state as modules return it."""
        return {
            "path": self.path,
            "nickname": self.description.nickname if self.description else None,
            "version": self.description.version if self.description else None,
            "build": self.description.build if self.description else None,
            "application": printable(self.start_script.application) if self.start_script and self.start_script.application else None,
            "complete": self.complete,
            "flaws": list(self.flaws),
        }


def state_text(state: Dict[str, Any]) -> str:
    """Return one line about an installation directory for a person, for a diff. state: as modules return it (`Installed.as_dict`)."""
    if state["version"] is None:
        return f"{state['path']}: not installed\n"
    return f"{state['path']}: {state['nickname']} {state['version']}, build {state['build']}{'' if state['complete'] else ', not complete'}\n"


def examine(path: str, application: Optional[str], start_script: str, ignore_marker: bool = False) -> Installed:
    """Look at an installation directory, or at a backup.

    Args:
        path: the directory; it need not exist.
        application: the application that the start script must name; None for any.
        start_script: its path relative to the directory.
        ignore_marker: an installation in progress is our own.
    """
    flaws = []
    description = None
    try:
        description = read_description(os.path.join(path, FILE_NAME))
    except HostError as error:
        flaws.append(str(error))
    script = read_start_script(os.path.join(path, start_script))
    if description is None and not flaws:
        flaws.append(f"{FILE_NAME} is missing")
    left = None if ignore_marker else unfinished(path)
    if left is not None:
        flaws.append(left.get("problem") or f"{'a roll-back' if 'rollback' in left else 'an installation'} was begun and not finished")
    elif rejection(path):
        flaws.append(rejection(path))
    if script is None:
        flaws.append(f"{start_script} is missing")
    elif script.application is None:
        flaws.append(f"{start_script}: {script.problem}")
    elif application not in (None, script.application):
        flaws.append(f"{start_script} starts the application '{script.application}'")
    return Installed(path, description, script, tuple(flaws))


def reject(path: str, reason: str) -> None:
    """Note in a directory that nobody may go back to its content."""
    write_note(os.path.join(path, REJECTED), reason + "\n", 0o640)


def rejection(path: str) -> str:
    """Return why nobody may go back to the content of a directory; empty if nothing is known against it."""
    try:
        note = read_regular(os.path.join(path, REJECTED), 1000)
    except OSError:
        return ""
    return "" if note is None else note.decode("utf-8", "replace").partition("\n")[0].strip() or "it was rejected"


def backups(path: str) -> List[str]:
    """Return the directories to which installers moved former content, oldest first; the names carry the time."""
    try:
        return sorted(entry.path for entry in os.scandir(path) if is_backup(entry.name) and entry.is_dir(follow_symlinks=False))
    except (FileNotFoundError, NotADirectoryError):
        return []


def is_backup(name: str) -> bool:
    """Whether a directory is a backup by its name, and not one that is being removed."""
    return name.startswith(BACKUP_PREFIX) and not name.endswith(REMOVED_SUFFIX)


def fingerprint(path: str) -> FrozenSet[Tuple[str, int, int, int]]:
    """Return what changes whenever a file below the directory is added, replaced, changed or moved.

    Backups count as a name each: their content is history.
    """
    found = set()
    for parent, directories, names in os.walk(path):
        for name in directories + names:
            place = os.path.join(parent, name)
            try:
                status = os.lstat(place)
            except FileNotFoundError:
                continue  # gone since we listed it
            found.add((place, status.st_ino, status.st_size, status.st_mtime_ns))
        directories[:] = [name for name in directories if parent != path or not name.startswith(BACKUP_PREFIX)]
    return frozenset(found)
