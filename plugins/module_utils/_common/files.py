# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The only way to files that others may have put there: regular ones, opened so that nothing can hold us up.

A pipe would wait for a writer, a device can wait or never end, and both can be put where a file is expected by whoever owns the
directory. Links are followed when we read, since an installation may be made of them; not when we write.
"""

import errno
import os
import stat
import tempfile
from typing import Optional

_KINDS = {stat.S_IFIFO: "a named pipe", stat.S_IFCHR: "a device", stat.S_IFBLK: "a device", stat.S_IFSOCK: "a socket", stat.S_IFDIR: "a directory",
          stat.S_IFLNK: "a symbolic link"}  # fmt: skip


class NotRegular(OSError):
    """Something else is where a file is expected. As a text it is a whole sentence; ``strerror`` is the part without the path.

    Args:
        path: the place.
        kind: what is there, as ``stat.S_IFMT`` gives it.
    """

    def __init__(self, path: str, kind: int) -> None:
        self.found = _KINDS.get(kind, "something else")
        super().__init__(errno.EINVAL, f"it is {self.found}, not a regular file", path)

    def __str__(self) -> str:
        return f"{self.filename} is {self.found}, not a regular file; it is left alone."


def open_regular(path: str, flags: int = os.O_RDONLY, mode: int = 0o600) -> int:
    """Open a regular file without waiting for anything; return its descriptor.

    Args:
        path: the file.
        flags: as for os.open.
        mode: rights of a file that is made.

    Raises:
        NotRegular: it is something else.
        OSError: as os.open.
    """
    try:
        descriptor = os.open(path, flags | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC, mode)
    except OSError as error:
        # a pipe without a reader, a device without a driver, a socket, a directory opened to write, a link not to be followed
        if error.errno in (errno.ENXIO, errno.ENODEV, errno.EISDIR, errno.ELOOP):
            raise NotRegular(path, _kind(path, follow=False)) from None
        raise
    kind = stat.S_IFMT(os.fstat(descriptor).st_mode)
    if kind != stat.S_IFREG:
        os.close(descriptor)
        raise NotRegular(path, kind)
    return descriptor


def read_regular(path: str, limit: int, flags: int = os.O_RDONLY) -> Optional[bytes]:
    """Return the content of a regular file, "limit" bytes at most; None if there is none.

    Args:
        path: the file.
        limit: give one byte more than allowed to notice a file that is larger.
        flags: O_NOFOLLOW for a directory that belongs to somebody else.

    Raises:
        NotRegular: it is something else.
        OSError: it can't be read.
    """
    try:
        descriptor = open_regular(path, flags)
    except (FileNotFoundError, NotADirectoryError):
        return None
    try:
        content = b""
        while len(content) < limit:
            piece = os.read(descriptor, min(limit - len(content), 1024 * 1024))
            if not piece:
                break
            content += piece
        return content
    finally:
        os.close(descriptor)


def write_note(path: str, text: str, mode: int) -> None:
    """Write a small file in place, where a second name for a moment would be in the way.

    Raises:
        NotRegular: something else is there, also a link.
        OSError: it can't be written.
    """
    descriptor = open_regular(path, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW, mode)
    with os.fdopen(descriptor, "wb") as stream:
        stream.truncate()
        stream.write(text.encode("utf-8"))


def replace_regular(path: str, text: str, mode: int, replace_link: bool = False) -> None:
    """Put a file in its place complete, or not at all.

    Args:
        path: the file.
        text: its content.
        mode: its rights.
        replace_link: a link to a regular file may be there; it is replaced, not followed.

    Raises:
        NotRegular: something else is there.
        OSError: it can't be written.
    """
    require_regular(path, follow=replace_link)
    descriptor, temporary = tempfile.mkstemp(prefix=".genesys-", dir=os.path.dirname(path))
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write(text)
            os.fchmod(stream.fileno(), mode)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def require_regular(path: str, follow: bool = False) -> None:
    """Refuse anything but a regular file at a place where one is going to be written; nothing there is fine.

    Args:
        path: the place.
        follow: a link counts as what it leads to; otherwise it is refused.

    Raises:
        NotRegular: something else is there.
    """
    kind = _kind(path, follow)
    if kind not in (0, stat.S_IFREG):
        raise NotRegular(path, kind)


def _kind(path: str, follow: bool) -> int:
    """Return what is at a path, as stat.S_IFMT gives it; 0 for nothing."""
    try:
        return stat.S_IFMT(os.stat(path, follow_symlinks=follow).st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return 0
