# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The installation directory before the installer gets at it (Source: IP: existing target directory)."""

import contextlib
import os
from typing import Iterator, List, Optional, Sequence

from ..product.description import FILE_NAME
from ..product.installed import BACKUP_PREFIX
from ..product.roots import check_place
from ..system.accounts import Account, act_as
from ..system.errors import HostError
from ..system.movable import immovable
from .machine import existing_ancestor

LOCK_FILE = "install.lock"


def check_target(path: str, package: str, account: Optional[Account], unfinished: bool) -> None:
    """Check that the installer will be able to set the old content aside and to write the new one.

    Args:
        path: the installation directory.
        package: the directory with install.sh.
        account: who runs the installer.
        unfinished: our marker is there, so whatever the directory holds is ours.

    Raises:
        HostError: says what is in the way and what to do about it.
    """
    _check_apart(path, package)
    if os.path.lexists(path) and not os.path.isdir(path):
        raise HostError(f"path: {path} exists and is not a directory.")
    if not os.path.isdir(path):
        _check_parent(path, account)
        return
    names = sorted(os.listdir(path))
    foreign = [name for name in names if not name.startswith(BACKUP_PREFIX)]
    if LOCK_FILE in names:
        raise HostError(f"path: {path}/{LOCK_FILE} is left from an earlier installation and stops the next one.", "Remove that file.")
    if foreign and FILE_NAME not in names and not unfinished:
        raise HostError(
            f"path: {path} holds files ({', '.join(foreign[:5])}) but no installation package; the installer would move them all into a backup.",
            "Empty the directory or choose another one.",
        )
    stuck = act_as(account, lambda: immovable(path, names))
    if stuck:
        raise HostError(
            f"path: the installer could not set the old content aside: {'; '.join(stuck)}.",
            "Nothing was changed. Correct the ownership (option user), or unmount what is mounted there.",
        )


@contextlib.contextmanager
def prepared_directories(path: str, account: Optional[Account], roots: Optional[Sequence[str]] = None) -> Iterator[None]:
    """Make the directories above the target, and for a service user the target itself; remove what stays empty.

    Args:
        path: the installation directory.
        account: gets what is made.
        roots: option ``install_roots``; asked again, since links may have changed since the request was checked.
    """
    real = check_place(path, roots)
    made: List[str] = []
    try:
        _make_directories(real if account is not None else os.path.dirname(real), account, made)
        yield
    finally:
        with contextlib.suppress(OSError):
            for directory in reversed(made):
                os.rmdir(directory)


def _make_directories(path: str, account: Optional[Account], made: List[str]) -> None:
    """Go down a path without links from the root directory, and make what is missing; a link that has come meanwhile stops us."""
    parent = os.open("/", os.O_PATH)
    try:
        place = ""
        for name in path.strip("/").split("/"):
            place += "/" + name
            if not os.path.lexists(place):
                os.mkdir(name, 0o755, dir_fd=parent)
                made.append(place)
                if account is not None:
                    os.chown(name, account.uid, account.gid, dir_fd=parent, follow_symlinks=False)
            child = os.open(name, os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=parent)
            os.close(parent)
            parent = child
    finally:
        os.close(parent)


def _check_apart(path: str, package: str) -> None:
    target, source = os.path.realpath(path), os.path.realpath(package)
    if (target + "/").startswith(source + "/") or (source + "/").startswith(target + "/"):
        raise HostError(f"path: {path} and the package in {package} overlap: one lies in the other.", "Keep the package apart from the installation directory.")


def _check_parent(path: str, account: Optional[Account]) -> None:
    # For a service user we make the directory ourselves, as root.
    ancestor = existing_ancestor(os.path.dirname(path))
    if not os.path.isdir(ancestor):
        raise HostError(f"path: {ancestor} is not a directory.")
    if account is None and not os.access(ancestor, os.W_OK | os.X_OK):
        raise HostError(f"path: nothing can be created in {ancestor}.", "Use become, or let the connecting user own that directory.")
