# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files of the former installation that the new one needs: the installer moves them all into the backup."""

import fnmatch
import os
import shutil
import stat
from typing import Callable, List, NamedTuple, Optional, Sequence

from ..product.description import FILE_NAME
from ..product.installed import BACKUP_PREFIX, REJECTED
from ..system.accounts import Account, act_as, perform
from ..system.errors import HostError


class CarryOver(NamedTuple):
    """Which files are to be carried over. ``replace`` allows to replace what the installer has written."""

    patterns: Sequence[Sequence[str]]
    replace: bool
    start_script: str


class Selection(NamedTuple):
    """Paths relative to the installation: what is carried over, and what is not because the installer has written it."""

    copied: List[str]
    kept: List[str]


NOTHING = Selection([], [])


def read_patterns(texts: Sequence[str]) -> List[List[str]]:
    """Take patterns apart by their slashes.

    Raises:
        HostError: a pattern that is empty, absolute or leads outside.
    """
    for text in texts:
        if not text.strip("/") or text.startswith("/") or ".." in text.split("/"):
            raise HostError(f"carry_over: '{text}' is not a path or a pattern relative to the installation directory.")
    return [[part for part in text.split("/") if part not in ("", ".")] for text in texts]


def matches(parts: Sequence[str], pattern: Sequence[str]) -> bool:
    """Whether a path, or a directory above it, matches: ``*``, ``?``, ``[...]`` within a name, ``**`` for any directories."""
    if not pattern:
        return True
    if pattern[0] == "**":
        return any(matches(parts[start:], pattern[1:]) for start in range(len(parts) + 1))
    return bool(parts) and fnmatch.fnmatchcase(parts[0], pattern[0]) and matches(parts[1:], pattern[1:])


def select(source: Optional[str], wanted: CarryOver, account: Optional[Account], written: Callable[[str], bool]) -> Selection:
    """Choose the files.

    Args:
        source: the former installation; None if there is none.
        wanted: which files.
        account: with whose rights to look.
        written: whether the installer writes a path, or has written it.
    """
    if source is None or not wanted.patterns:
        return NOTHING
    origin = source
    found = [path for path in act_as(account, lambda: _files(origin)) if _is_wanted(path, wanted)]
    kept = [] if wanted.replace else [path for path in found if written(path)]
    return Selection([path for path in found if path not in kept], kept)


def size(source: Optional[str], selection: Selection) -> int:
    """Return the bytes that the chosen files take."""
    return sum(os.lstat(os.path.join(source, path)).st_size + 4096 for path in selection.copied) if source else 0


def copy(source: str, target: str, selection: Selection, account: Optional[Account]) -> None:
    """Copy the chosen files with mode, times and, as far as we may, owner; links stay links.

    Raises:
        OSError: a file cannot be read or written.
    """

    def work() -> None:
        for path in selection.copied:
            _make_directories(source, target, os.path.dirname(path))
            place = os.path.join(target, path)
            if os.path.lexists(place):
                os.remove(place)
            shutil.copy2(os.path.join(source, path), place, follow_symlinks=False)
            _same_owner(os.path.join(source, path), place)

    perform(account, work)


def _files(root: str) -> List[str]:
    found = []
    for parent, directories, names in os.walk(root):
        if parent == root:
            directories[:] = [name for name in directories if not name.startswith(BACKUP_PREFIX)]
        links = [name for name in directories if os.path.islink(os.path.join(parent, name))]
        for name in names + links:
            place = os.path.join(parent, name)
            mode = os.lstat(place).st_mode
            if stat.S_ISREG(mode) or stat.S_ISLNK(mode):
                found.append(os.path.relpath(place, root))
    return sorted(found)


def _is_wanted(path: str, wanted: CarryOver) -> bool:
    """What tells which version is installed, and for which application, is never carried over."""
    if path in (FILE_NAME, REJECTED, os.path.normpath(wanted.start_script)):
        return False
    return any(matches(path.split("/"), pattern) for pattern in wanted.patterns)


def _make_directories(source: str, target: str, directory: str) -> None:
    if not directory or os.path.isdir(os.path.join(target, directory)):
        return
    _make_directories(source, target, os.path.dirname(directory))
    os.mkdir(os.path.join(target, directory), 0o700)
    shutil.copystat(os.path.join(source, directory), os.path.join(target, directory))
    _same_owner(os.path.join(source, directory), os.path.join(target, directory))


def _same_owner(source: str, place: str) -> None:
    if os.geteuid() == 0:
        status = os.lstat(source)
        os.lchown(place, status.st_uid, status.st_gid)
