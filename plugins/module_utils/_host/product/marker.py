# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The marker of an installation or a roll-back in progress, a file beside the installation directory, locked meanwhile.

The description file in the directory appears before the installation is finished, and a product that is installed in
overwrite mode keeps its start script, so neither of them proves that the last installation got to its end (Source: IP:
existing target directory). A marker that is still there proves that it did not.
"""

import contextlib
import fcntl
import json
import os
from typing import Any, Dict, Iterator, Optional, Tuple

from ..._common.files import NotRegular, open_regular, read_regular, require_regular
from ..system.errors import HostError

# Noted while old backups are removed: the installation itself is complete by then.
TIDYING = {"tidying": True}

# Bytes of a note that are read: it lists the entries of a directory.
SIZE_LIMIT = 16 * 1024 * 1024

# Stands for a note that cannot be read: the machine went down while it was written.
TORN = {"torn": True}


def marker_path(target: str) -> str:
    """Return the marker's path: beside the directory, whose content the installer moves away."""
    return os.path.join(os.path.dirname(target), f".{os.path.basename(target)}.installing")


def read_marker(target: str) -> Optional[Dict[str, Any]]:
    """Return what an unfinished installation noted about itself, None if there is no marker.

    An empty one is of a run that was killed before it noted anything, so before it began anything.

    Something else in its place is no note, but nothing may be done there either; ``problem`` says what it is.
    """
    try:
        note = read_regular(marker_path(target), SIZE_LIMIT)
    except NotRegular as error:
        return dict(TORN, problem=str(error))
    if note is None:
        return None
    line = note.partition(b"\n")[0]  # what stands behind it is left of a longer one, see write()
    try:
        content = json.loads(line.decode("utf-8")) if line else {}
    except ValueError:
        return TORN
    return content if isinstance(content, dict) else TORN


def unfinished(target: str) -> Optional[Dict[str, Any]]:
    """Return what an installation or a roll-back that did not get to its end noted about itself, None if there is none."""
    content = read_marker(target)
    return None if content == TIDYING else content


def check_marker(target: str) -> None:
    """Refuse a directory whose marker can't be written, since something else has its name.

    Raises:
        NotRegular: says what it is.
    """
    require_regular(marker_path(target))


class Marker:
    """A marker that we hold.

    ``left`` is what an unfinished installation noted in it, None if there was no marker. ``descriptor`` goes to the
    installer too: the lock lasts until both have ended, so that an installer that has lost its parent is not joined by a
    second one.
    """

    def __init__(self, target: str, descriptor: int, left: Optional[Dict[str, Any]]) -> None:
        self.path = marker_path(target)
        self.descriptor = descriptor
        self.left = None if left == TIDYING else left

    def write(self, content: Dict[str, Any]) -> None:
        """Note what is being done; on disk when this returns, and at no time is there neither the old nor the new note."""
        line = (json.dumps(content, sort_keys=True) + "\n").encode("utf-8")
        os.pwrite(self.descriptor, line, 0)
        os.ftruncate(self.descriptor, len(line))
        os.fsync(self.descriptor)
        directory = os.open(os.path.dirname(self.path), os.O_RDONLY)
        try:
            os.fsync(directory)  # the name, too, must survive a power cut
        finally:
            os.close(directory)

    def remove(self) -> None:
        """What was begun is finished, or it has touched nothing."""
        os.remove(self.path)


@contextlib.contextmanager
def hold_marker(target: str) -> Iterator[Marker]:
    """Create or take over the marker of a directory and lock it.

    Raises:
        HostError: another installation into the same directory is running.
    """
    descriptor, left = _lock(target)
    try:
        yield Marker(target, descriptor, left)
    finally:
        # Unlocks for an installer's leftover children as well; while the marker stays, they are only history.
        fcntl.flock(descriptor, fcntl.LOCK_UN)
        os.close(descriptor)


def _lock(target: str) -> Tuple[int, Optional[Dict[str, Any]]]:
    path = marker_path(target)
    while True:
        left = read_marker(target)
        create = os.O_CREAT | os.O_EXCL if left is None else 0
        try:
            descriptor = open_regular(path, os.O_RDWR | os.O_NOFOLLOW | create)
        except (FileExistsError, FileNotFoundError):
            if os.path.isdir(os.path.dirname(path)) and not os.path.islink(path):
                continue  # another one came or went between our look and our open
            raise
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            raise HostError(f"Another installation into {target} is running (it holds {path}).", "Wait until it has ended.") from None
        if os.fstat(descriptor).st_nlink:
            return descriptor, left
        os.close(descriptor)  # its holder removed it between our open and our lock
