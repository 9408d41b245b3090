# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The backups within an installation directory: which there are, which is good, which may go.

Each run of the installer moves everything, older backups too, into a new backup, so they lie within each other (Source:
IP: existing target directory).
"""

import os
import re
import shutil
import time
from typing import Any, Callable, Dict, List, NamedTuple, Optional

from ..system.accounts import Account, perform
from .installed import REMOVED_SUFFIX, Installed, backups, examine

_STAMP = re.compile(r"(\d{4}-\d\d-\d\d)_(\d\d)-(\d\d)-(\d\d)")


class Backup(NamedTuple):
    """A backup; ``age`` orders backups by time: a backup within another one is never newer than that."""

    content: Installed
    age: str
    depth: int

    @property
    def path(self) -> str:
        return self.content.path

    @property
    def name(self) -> str:
        return os.path.basename(self.path)

    @property
    def good(self) -> bool:
        """Whether one can go back to it: whole, and neither cut short nor rolled back."""
        return self.content.complete

    def as_dict(self) -> Dict[str, Any]:
        """Return the backup as modules return it; the time is the host's local time."""
        found = _STAMP.search(self.name)
        return dict(self.content.as_dict(), taken="{}T{}:{}:{}".format(*found.groups()) if found else None)


def find_backups(path: str, application: Optional[str], start_script: str) -> List[Backup]:
    """Return all backups below an installation directory, newest first.

    Args:
        path: the installation directory.
        application: the application that a good backup is for; None for any.
        start_script: path of the start script, relative to the installation.
    """
    found: List[Backup] = []
    _collect(path, application, start_script, "~", 0, found)
    return sorted(found, key=lambda backup: (backup.age, -backup.depth), reverse=True)


def _collect(path: str, application: Optional[str], start_script: str, newest: str, depth: int, found: List[Backup]) -> None:
    try:
        places = backups(path)
    except PermissionError:
        return
    for place in places:
        age = min(newest, os.path.basename(place))
        found.append(Backup(look_at(place, application, start_script), age, depth))
        _collect(place, application, start_script, age, depth + 1, found)


def look_at(path: str, application: Optional[str], start_script: str) -> Installed:
    """Examine a directory that may be closed to us."""
    try:
        os.listdir(path)
        return examine(path, application, start_script)
    except PermissionError:
        return Installed(path, None, None, ("it is closed to the user of this task",))


def newest_good(found: List[Backup], nickname: Optional[str] = None, version: Optional[str] = None) -> Optional[Backup]:
    """Return the newest backup that one can go back to, of a product and a version if they are given."""
    for backup in found:
        description = backup.content.description
        if backup.good and description and nickname in (None, description.nickname) and version in (None, description.version):
            return backup
    return None


def excess(found: List[Backup], keep: Optional[int]) -> List[Backup]:
    """Return the backups that are too many, newest first; the newest good one is never among them.

    Args:
        found: all backups, newest first.
        keep: how many may stay; None for all.
    """
    if keep is None:
        return []
    good = newest_good(found)
    return [backup for backup in found[keep:] if backup is not good]


def remove_backups(path: str, superfluous: List[Backup], account: Optional[Account]) -> None:
    """Remove backups, and what an interrupted removal has left.

    A backup is renamed first, so that half of one never looks like a whole one; those within it that stay are moved out.

    Args:
        path: the installation directory.
        superfluous: what ``excess`` returned.
        account: with whose rights.

    Raises:
        OSError: something cannot be removed.
    """

    def remove() -> None:
        for backup in reversed(superfluous):  # the oldest first: those lie within the others
            for inner in backups(backup.path):
                os.rename(inner, free_name(os.path.dirname(backup.path), os.path.basename(inner)))
            os.rename(backup.path, backup.path + REMOVED_SUFFIX)
            shutil.rmtree(backup.path + REMOVED_SUFFIX)
        for leftover in half_removed(path):
            shutil.rmtree(leftover)

    perform(account, remove)


def half_removed(path: str) -> List[str]:
    """Return what is left of backups whose removal was interrupted."""
    found = []
    try:
        for entry in os.scandir(path):
            if entry.is_dir(follow_symlinks=False) and entry.name.startswith("backup_"):
                found += [entry.path] if entry.name.endswith(REMOVED_SUFFIX) else half_removed(entry.path)
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        pass
    return found


def installers_name(now: float) -> str:
    """Return the name that the installer gives a backup at a moment (Source: IP: existing target directory)."""
    return time.strftime("backup_%Y-%m-%d_%H-%M-%S", time.localtime(now))


def wait_for_free_name(path: str, now: Callable[[], float] = time.time, sleep: Callable[[float], None] = time.sleep) -> None:
    """Wait until the second is over in which a backup was made: the installer has no other name for its own one.

    Such a backup is of a roll-back, or of another installation, a moment ago.
    """
    while os.path.lexists(os.path.join(path, installers_name(now()))):
        sleep(0.05)


def new_backup(path: str, now: Callable[[], float] = time.time) -> str:
    """Return the path of a new backup, by whose name it is newer than the others, even if the clock has been put back an hour.

    The name never lies in the future, where the installer would meet it.
    """
    name = installers_name(now())
    newest = max([os.path.basename(place) for place in backups(path)] or [""])
    return free_name(path, name if name > newest else newest + "_")


def free_name(directory: str, name: str) -> str:
    """Return a path in a directory that does not exist yet, by adding to the name if need be."""
    place = os.path.join(directory, name)
    while os.path.lexists(place):
        place += "_"
    return place
