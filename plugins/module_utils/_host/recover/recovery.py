# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was cut short in an installation directory, made complete again before anything else is done there.

- An installer that was cut short while it set the old content aside has left one part of it here and one in the new backup: they are put together.
- A roll-back that was cut short is finished.
- An installer that was cut short later has left a part of the new content: that stays, marked as nothing to go back to.
"""

import os
from typing import Any, Dict, Mapping, Optional, Tuple

from ..product.installed import BACKUP_PREFIX, REJECTED, backups, reject, rejection
from ..product.marker import Marker
from ..system.accounts import Account, perform
from .swap import finish_swap

UNFINISHED = "its installation was not finished"


def inodes(path: str) -> Dict[str, int]:
    """Return the names in a directory with their inodes, by which a moved one is recognised."""
    try:
        return {entry.name: entry.inode() for entry in os.scandir(path)}
    except (FileNotFoundError, NotADirectoryError):
        return {}


def recover(path: str, marker: Marker, account: Optional[Account]) -> None:
    """Make the directory whole; afterwards ``marker.left`` is None if its content may be trusted again.

    Args:
        path: the installation directory.
        marker: held by us.
        account: with whose rights.
    """
    left = marker.left
    if not left:
        return
    if "rollback" in left:
        perform(account, lambda: finish_swap(path, left["rollback"]))
        os.sync()
    elif not perform(account, lambda: _put_together(path, left.get("entries"))):
        if any(not name.startswith(BACKUP_PREFIX) for name in inodes(path)):
            perform(account, lambda: reject(path, UNFINISHED))
        return
    if not rejection(path):
        marker.left = None


def forget_rejection(path: str, account: Optional[Account]) -> None:
    """Remove the note about unfinished content, which a product that is installed in overwrite mode does not move away."""
    if os.path.lexists(os.path.join(path, REJECTED)):
        perform(account, lambda: os.remove(os.path.join(path, REJECTED)))


def old_content_places(path: str, noted: Optional[Mapping[str, Any]]) -> Optional[Tuple[str, ...]]:
    """Say where the old content is if the installer has done no more than to set it aside, as a whole or in part.

    Returns:
        The directory, and the new backup if there is one; None if there is new content, or something is missing.
    """
    if not noted:
        return None
    here = inodes(path)
    fresh = [name for name in here if noted.get(name) != here[name]]
    if len(fresh) > 1 or any(os.path.join(path, name) not in backups(path) for name in fresh):
        return None
    places = (path,) + tuple(os.path.join(path, name) for name in fresh)
    found = {name: inode for place in places for name, inode in inodes(place).items() if name not in fresh}
    return places if found == noted else None


def _put_together(path: str, noted: Optional[Mapping[str, Any]]) -> bool:
    """Move back what the installer has moved, if that is all that it did; return whether the content is what it was."""
    places = old_content_places(path, noted)
    for backup in (places or ())[1:]:
        for name in os.listdir(backup):
            os.rename(os.path.join(backup, name), os.path.join(path, name))
        os.rmdir(backup)
    return places is not None
