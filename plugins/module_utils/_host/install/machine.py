# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the installer demands of the machine, found out before it moves old files away.

Every function looks and refuses; none changes anything.
"""

import os
import re
import socket
import struct
from typing import Callable, Dict, Iterable, List, NamedTuple, Optional, Tuple

from ..._common.files import read_regular
from ..product.description import Description
from ..system.errors import HostError

# The wrapper copies the package here and runs it from here; TMPDIR has no influence (Source: IP: temp directory).
WORKING_COPIES = "/tmp"

MEGABYTE = 1024 * 1024


class Need(NamedTuple):
    """Disk space that is going to be used: bytes below a path, and what for."""

    path: str
    size: int
    purpose: str


def existing_ancestor(path: str) -> str:
    """Return the path itself, or the nearest directory above it that exists."""
    while not os.path.exists(path):
        path = os.path.dirname(path)
    return path


def free_space(path: str) -> int:
    """Return the bytes that are free for us on the file system of an existing path."""
    status = os.statvfs(path)
    return (status.f_bfree if os.geteuid() == 0 else status.f_bavail) * status.f_frsize


def check_space(needs: Iterable[Need], free: Callable[[str], int] = free_space) -> None:
    """Refuse if a file system cannot take what is going to be written to it.

    The installer compares only the compressed package with the free space of the target (Source: IP: existing target
    directory) and then runs out of space while it extracts.

    Args:
        needs: added up per file system.
        free: gives the free bytes of a path.

    Raises:
        HostError: names the file system, what is needed and what is free.
    """
    file_systems: Dict[int, List[Need]] = {}
    for need in needs:
        file_systems.setdefault(os.stat(existing_ancestor(need.path)).st_dev, []).append(need)
    for shared in file_systems.values():
        required = sum(need.size for need in shared)
        available = free(existing_ancestor(shared[0].path))
        if required > available:
            purposes = ", ".join(f"{_megabytes(need.size)} in {need.path} for {need.purpose}" for need in shared)
            raise HostError(
                f"Not enough disk space: {_megabytes(required)} needed on one file system ({purposes}), {_megabytes(available)} free.",
                "Free some space; old backup_* directories of earlier installations are a candidate (option keep_backups).",
            )


def check_executable(directory: str, cure: str) -> None:
    """Refuse a directory from which nothing can be run (Source: IP: temp directory).

    Raises:
        HostError: mounted noexec or read-only.
    """
    flags = os.statvfs(directory).f_flag
    for flag, word in ((os.ST_NOEXEC, "noexec"), (os.ST_RDONLY, "read-only")):
        if flags & flag:
            raise HostError(f"{directory} is mounted {word}, but the installer must be able to write and run programs there.", cure)


def check_operating_system(package: Description, root: str = "/", kernel: Optional[str] = None) -> None:
    """Refuse an operating system that the installer would refuse.

    It refuses a version that is lower than each one listed in the package (Source: IP: OS check).

    Raises:
        HostError: with the version as the installer sees it.
    """
    version = system_version(root, kernel or os.uname().release)
    listed = package.os_versions
    if listed and all(_numbers(version) < _numbers(item) for item in listed):
        raise HostError(
            f"The installer takes this operating system for version {version} and refuses it; {package} is for {', '.join(listed)} or later.",
            "It reads /etc/redhat-release, else /etc/lsb-release, else the kernel's version."
            " Set skip_os_check to leave the decision to the installer.",
        )


def system_version(root: str, kernel: str) -> str:
    """Return the version that the installer goes by: of a Red Hat release, else of Ubuntu, else of the kernel.

    A Red Hat release with three numbers, or with nothing behind the number, is not recognised.
    """
    found = re.search(r"release (\d+(?:\.\d+)?)\s", _first_line(os.path.join(root, "etc/redhat-release")))
    if found is None:
        found = re.search(r"^DISTRIB_RELEASE=\"?(\d+(?:\.\d+)?)", _text(os.path.join(root, "etc/lsb-release")), re.MULTILINE)
    if found is None:
        found = re.match(r"(\d+\.\d+)", kernel)
    return found.group(1) if found else ""


def check_loader(interpreter: Optional[bytes]) -> None:
    """Refuse when the Perl that the package brings along cannot be loaded, as without a 32-bit glibc.

    Args:
        interpreter: the first bytes of that Perl; a script or nothing needs no loader.

    Raises:
        HostError: names the missing loader (Source: IP: environment).
    """
    loader = loader_of(interpreter or b"")
    if loader and not os.path.exists(loader):
        raise HostError(
            f"The package brings its own Perl, which needs {loader}; this host does not have it.",
            "For the 32-bit loader: install glibc.i686 (Red Hat family) or libc6-i386 (Debian family).",
        )


def loader_of(head: bytes) -> str:
    """Return the program loader that an ELF executable asks for; empty for anything else or a static one."""
    if head[:4] != b"\x7fELF" or len(head) < 64:
        return ""
    wide = head[4] == 2
    order = ">" if head[5] == 2 else "<"
    table, = struct.unpack_from(order + ("Q" if wide else "I"), head, 32 if wide else 28)
    entry_size, entries = struct.unpack_from(order + "HH", head, 54 if wide else 42)
    for index in range(entries):
        start = table + index * entry_size
        if start + entry_size > len(head):
            break
        kind, = struct.unpack_from(order + "I", head, start)
        if kind == 3:  # PT_INTERP
            place, = struct.unpack_from(order + ("Q" if wide else "I"), head, start + (8 if wide else 4))
            size, = struct.unpack_from(order + ("Q" if wide else "I"), head, start + (32 if wide else 16))
            return head[place:place + size].rstrip(b"\0").decode("ascii", "replace")
    return ""


def is_this_machine(host: str) -> bool:
    """Whether a Host object's name means this machine, by the names that the installer looks for.

    It tries the host name with domain, without, and each local address (Source: IP: Configuration Server). The domain is
    not compared: it has many sources, and a wrong one is noticed by the installer before it touches anything.
    """
    own = socket.gethostname().split(".")[0].lower()
    return host.split(".")[0].lower() == own or _is_local_address(host)


def _is_local_address(text: str) -> bool:
    for family in (socket.AF_INET, socket.AF_INET6):
        try:
            socket.inet_pton(family, text)
            with socket.socket(family, socket.SOCK_DGRAM) as probe:
                probe.bind((text, 0))  # only possible with an address of this machine; nothing is sent
            return True
        except OSError:
            continue
    return False


def _first_line(path: str) -> str:
    return (_text(path).splitlines(True) or [""])[0]


def _text(path: str) -> str:
    try:
        return (read_regular(path, 64 * 1024) or b"").decode("utf-8", "replace")
    except OSError:
        return ""


def _numbers(version: str) -> Tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version))


def _megabytes(size: int) -> str:
    return f"{-(-size // MEGABYTE)} MB"
