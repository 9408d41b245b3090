# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The only way to files of this host: regular ones, opened so that nothing can hold us up.

A pipe would wait for a writer, a device can wait or never end, and both can be put where a file is expected by whoever owns the
directory. Links are followed when we read, since an installation may be made of them; not when we write.
"""

import errno
import os
import stat
import tempfile
from typing import Optional

from .errors import HostError

_KINDS = {stat.S_IFIFO: "a named pipe", stat.S_IFCHR: "a device", stat.S_IFBLK: "a device", stat.S_IFSOCK: "a socket", stat.S_IFDIR: "a directory",
          stat.S_IFLNK: "a symbolic link"}  # fmt: skip


class NotRegular(HostError):
    """Something else is where a file is expected."""


def open_regular(path: str, flags: int = os.O_RDONLY, mode: int = 0o600) -> int:
    """Open a regular file without waiting for anything; return its descriptor.

    Raises:
        NotRegular: it is something else.
        OSError: as os.open.
    """
    try:
        descriptor = os.open(path, flags | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC, mode)
    except OSError as error:
        # a pipe without a reader, a device without a driver, a socket, a directory opened to write, a link not to be followed
        if error.errno in (errno.ENXIO, errno.ENODEV, errno.EISDIR, errno.ELOOP):
            raise _not_regular(path, _kind(path)) from None
        raise
    kind = stat.S_IFMT(os.fstat(descriptor).st_mode)
    if kind != stat.S_IFREG:
        os.close(descriptor)
        raise _not_regular(path, kind)
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


def replace_regular(path: str, text: str, mode: int) -> None:
    """Put a file in its place whole, or not at all.

    Raises:
        NotRegular: something else is there, also a link.
        OSError: it can't be written.
    """
    refuse_others(path)
    descriptor, temporary = tempfile.mkstemp(prefix=".genesys-", dir=os.path.dirname(path))
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write(text)
            os.fchmod(stream.fileno(), mode)
            stream.flush()
            os.fsync(stream.fileno())
        os.rename(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def refuse_others(path: str) -> None:
    """Refuse what is no regular file, and would be replaced by one; nothing there is fine.

    Raises:
        NotRegular: something else is there, also a link.
    """
    kind = _kind(path)
    if kind not in (0, stat.S_IFREG):
        raise _not_regular(path, kind)


def _kind(path: str) -> int:
    try:
        return stat.S_IFMT(os.lstat(path).st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return 0


def _not_regular(path: str, kind: int) -> NotRegular:
    return NotRegular(f"{path} is {_KINDS.get(kind, 'something else')}, not a regular file; it is left alone.")
