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
from typing import IO, FrozenSet, Iterator, List, NamedTuple, Optional, Tuple, cast

from .accounts import Account
from .errors import HostError

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
    """Unpack an archive into an empty directory that nobody else can write to.

    Only directories, files and links that stay inside are accepted. Execute permissions are kept, special ones dropped.

    Args:
        archive: a ``.tar.gz``.
        directory: the empty directory.
        account: the owner of what is unpacked, if not us.

    Raises:
        HostError: the archive is damaged, or a member points outside.
    """
    links: List[tarfile.TarInfo] = []
    with _members(archive) as (tar, _stream):
        for member in tar:
            place = os.path.join(directory, _inside(archive, member.name))
            if member.isdir():
                os.makedirs(place, 0o755, exist_ok=True)
            elif member.isfile():
                os.makedirs(os.path.dirname(place), 0o755, exist_ok=True)
                with open(place, "wb") as target:
                    shutil.copyfileobj(_content(tar, member), target)
                os.chmod(place, (member.mode & 0o755) | 0o600)
            elif member.issym() or member.islnk():
                links.append(member)
            else:
                raise HostError(f"{archive} holds '{member.name}', which is neither file, directory nor link.")
    # Links come last: while files are written, none can lead outside.
    for member in links:
        _link(archive, directory, member)
    if account is not None:
        for parent, directories, files in os.walk(directory):
            for name in directories + files:
                os.chown(os.path.join(parent, name), account.uid, account.gid, follow_symlinks=False)
        os.chown(directory, account.uid, account.gid)


def _link(archive: str, directory: str, member: tarfile.TarInfo) -> None:
    name = _inside(archive, member.name)
    place = os.path.join(directory, name)
    os.makedirs(os.path.dirname(place), 0o755, exist_ok=True)
    if member.islnk():
        goal = os.path.join(directory, _inside(archive, member.linkname))
    else:
        goal = os.path.join(os.path.dirname(place), member.linkname)
    root = os.path.join(os.path.realpath(directory), "")
    if os.path.isabs(member.linkname) or not all(os.path.realpath(path).startswith(root) for path in (goal, os.path.join(place, "..", name))):
        raise HostError(f"{archive} holds the link '{member.name}', which points outside of the package.")
    if os.path.lexists(place):
        os.remove(place)
    if member.islnk():
        os.link(goal, place)
    else:
        os.symlink(member.linkname, place)


def _inside(archive: str, name: str) -> str:
    path = posixpath.normpath(name)
    if posixpath.isabs(path) or path.split("/")[0] == "..":
        raise HostError(f"{archive} holds '{name}', a path that leads outside of the package.")
    return path


@contextlib.contextmanager
def _members(archive: str) -> Iterator[Tuple[tarfile.TarFile, IO[bytes]]]:
    try:
        with gzip.open(archive, "rb") as stream:
            binary = cast(IO[bytes], stream)
            with tarfile.open(fileobj=binary, mode="r|") as tar:
                yield tar, binary
    except FileNotFoundError:
        raise HostError(f"{archive} does not exist on this host.") from None
    except (tarfile.TarError, EOFError, zlib.error) as error:
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
