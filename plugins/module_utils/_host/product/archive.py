# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compressed tar archives: read to the last byte, unpacked without leaving their directory."""

import contextlib
import gzip
import os
import posixpath
import shutil
import tarfile
import zlib
from typing import IO, FrozenSet, Iterator, NamedTuple, Optional, Tuple, cast

from ..._common.files import NotRegular, open_regular
from ..system.accounts import Account
from ..system.errors import HostError
from .archive_tree import DIRECTORY, HARD_LINK, LINK, Step, Tree

BLOCK = 4096


class Content(NamedTuple):
    """What an archive unpacks to; ``head`` holds the first bytes of the file asked for, if it is there, ``names`` all but directories."""

    size: int
    head: Optional[bytes]
    names: FrozenSet[str]


def find_file(archive: str, name: str, limit: int) -> Optional[bytes]:
    """Read one file of an archive without unpacking the rest.

    Args:
        archive: a ``.tar.gz``.
        name: path inside, relative.
        limit: bytes read at most.

    Raises:
        HostError: the archive is damaged before that file.
    """
    with _members(archive) as (tar, _stream):
        for member in tar:
            if member.isfile() and posixpath.normpath(member.name) == name:
                return _content(tar, member).read(limit)
    return None


def inspect(archive: str, name: str = "", limit: int = 8192) -> Content:
    """Read a whole archive, check sum included.

    Args:
        archive: a ``.tar.gz``.
        name: base name of a file whose first bytes are wanted.
        limit: how many of them.

    Returns:
        The disk space in bytes that the unpacked content takes, counted in blocks of 4 KiB.

    Raises:
        HostError: the archive is damaged or cut short.
    """
    size = 0
    head = None
    names = set()
    with _members(archive) as (tar, stream):
        for member in tar:
            if not member.isdir():
                names.add(posixpath.normpath(member.name))
            size += BLOCK + -(-member.size // BLOCK) * BLOCK
            if name and member.isfile() and posixpath.basename(member.name) == name:
                head = _content(tar, member).read(limit)
        # The check sum stands at the very end, behind what tarfile looks at.
        while stream.read(1024 * 1024):
            pass
    return Content(size, head, frozenset(names))


def unpack(archive: str, directory: str, account: Optional[Account] = None) -> None:
    """Unpack an archive into an empty directory that nobody else can write to, nor to the one above.

    Only directories, files and links that stay inside are accepted; all are judged before the first one is made, and each one again right
    before it is made, also by the filter of this Python if it has one. Execute permissions are kept, special ones dropped.

    Args:
        archive: a ``.tar.gz``.
        directory: the empty directory.
        account: the owner of what is unpacked, if not us.

    Raises:
        HostError: the archive is damaged, or a member leads or points outside.
    """
    with _members(archive) as (tar, _stream):
        tree = Tree(archive)
        for member in tar:
            tree.add(member)
        tree.check_links()
    with _members(archive) as (tar, _stream):
        tree = Tree(archive)
        for member in tar:
            _ask_platform(archive, directory, member)
            step = tree.add(member)
            if step is not None:
                _make(tar, member, directory, step)
        tree.check_links()
    if account is not None:
        for parent, directories, files in os.walk(directory):
            for name in directories + files:
                os.chown(os.path.join(parent, name), account.uid, account.gid, follow_symlinks=False)
        os.chown(directory, account.uid, account.gid)


def _ask_platform(archive: str, directory: str, member: tarfile.TarInfo) -> None:
    """Let this Python judge, too, if it can: since 3.12, and with security releases since 3.8."""
    judge = getattr(tarfile, "data_filter", None)
    if judge is None:
        return
    try:
        judge(member, directory)
    except tarfile.FilterError as error:
        raise HostError(f"{archive} holds '{member.name}', which this host's Python refuses: {error}.") from None


def _make(tar: tarfile.TarFile, member: tarfile.TarInfo, directory: str, step: Step) -> None:
    """Make what a member is, at its place; all directories above it are real ones."""
    place = os.path.join(directory, step.place)
    os.makedirs(os.path.dirname(place), 0o755, exist_ok=True)
    if step.kind == DIRECTORY:
        os.mkdir(place, 0o755)
        return
    if os.path.lexists(place):
        os.remove(place)  # not written into: it may be a link, or have a second name
    if step.kind == LINK:
        os.symlink(step.target, place)
    elif step.kind == HARD_LINK:
        os.link(os.path.join(directory, step.target), place, follow_symlinks=False)
    else:
        descriptor = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        with os.fdopen(descriptor, "wb") as target:
            shutil.copyfileobj(_content(tar, member), target)
            os.fchmod(target.fileno(), (member.mode & 0o755) | 0o600)


@contextlib.contextmanager
def _members(archive: str) -> Iterator[Tuple[tarfile.TarFile, IO[bytes]]]:
    try:
        with os.fdopen(open_regular(archive), "rb") as file, gzip.GzipFile(fileobj=file) as stream:
            binary = cast(IO[bytes], stream)
            with tarfile.open(fileobj=binary, mode="r|") as tar:
                yield tar, binary
    except FileNotFoundError:
        raise HostError(f"{archive} does not exist on this host.") from None
    except NotRegular as error:
        raise HostError(str(error)) from None
    except (tarfile.TarError, EOFError, zlib.error, ValueError) as error:
        raise _damaged(archive, error) from None
    except OSError as error:
        # gzip reports a wrong header or check sum as an OSError without a number; the others are the system's.
        if error.errno is None:
            raise _damaged(archive, error) from None
        raise HostError(f"{archive}: {error.strerror}.") from None


def _damaged(archive: str, error: Exception) -> HostError:
    return HostError(f"{archive} is damaged or not a .tar.gz archive ({error}).", "Fetch the package again and compare its check sum.")


def _content(tar: tarfile.TarFile, member: tarfile.TarInfo) -> IO[bytes]:
    return cast(IO[bytes], tar.extractfile(member))
