# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A backup and the content of the installation directory change places, in renames that can be continued at any point.

How far it has got is read from the directory itself: as long as the backup has its name, the present content is being set
aside; then one rename gives the backup the name ``RESTORING``, and its content is being moved into place; when that name is
gone, all is done.
"""

import os
from typing import Any, Dict

from ..._common.files import write_note
from ..product.backups import free_name
from ..product.installed import BACKUP_PREFIX, reject

RESTORING = ".genesys_engage_restoring"

# A file in an installation that a roll-back has brought back. The next installation moves it away with everything else.
ROLLED_BACK = ".genesys_engage_rolled_back"


def finish_swap(path: str, step: Dict[str, Any]) -> None:
    """Begin or continue.

    Args:
        path: the installation directory.
        step: ``source``, the backup's path relative to the directory; ``aside``, the name of a new backup for the present
            content; ``reason``, why nobody may go back to that.

    Raises:
        OSError: a rename is refused; the next call continues.
    """
    source, restoring = os.path.join(path, step["source"]), os.path.join(path, RESTORING)
    if os.path.isdir(source):
        _set_aside(path, os.path.join(path, step["aside"]), step["reason"])
        note(source)
        os.sync()
        os.rename(source, restoring)
    if os.path.isdir(restoring):
        for name in sorted(os.listdir(restoring)):
            os.rename(os.path.join(restoring, name), free_name(path, name))
        os.rmdir(restoring)


def note(path: str) -> None:
    """Note in an installation that a roll-back has brought it back."""
    write_note(os.path.join(path, ROLLED_BACK), "", 0o640)


def _set_aside(path: str, aside: str, reason: str) -> None:
    names = [name for name in sorted(os.listdir(path)) if not name.startswith(BACKUP_PREFIX)]
    if names and not os.path.isdir(aside):
        os.mkdir(aside, 0o700)
    for name in names:
        os.rename(os.path.join(path, name), os.path.join(aside, name))
    if os.path.isdir(aside):
        reject(aside, reason)
