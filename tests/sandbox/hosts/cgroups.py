# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Control groups: every process of a host is in the host's group, whoever started it, and is found and ended by that."""

from __future__ import annotations

import contextlib
import os
import re
import time
from pathlib import Path

from .shell import HostsError

END_SECONDS = 15.0


def path(name: str) -> Path:
    """Return the directory of a group. Raises HostsError on a machine without control groups version 2."""
    for mounted, kind, _unused in _hierarchies():
        if kind == "cgroup2":
            return mounted / name
    raise HostsError("this machine has no control groups of version 2")


def create(name: str) -> Path:
    """Make a group and return its directory. Raises HostsError if it exists or the kernel is too old."""
    group = path(name)
    try:
        group.mkdir()
    except OSError as error:
        raise HostsError(f"can not make the control group {group}: {error.strerror}") from None
    if not (group / "cgroup.kill").exists():
        group.rmdir()
        raise HostsError("real hosts need Linux 5.14 or later")
    return group


def processes(name: str) -> list[int]:
    """Return the ids of all processes in a group and below it; none if it does not exist."""
    found: list[int] = []
    # A running host makes and removes groups all the time: os.walk passes over one that has just gone.
    for directory, _below, _files in os.walk(path(name)):
        with contextlib.suppress(OSError):
            found += map(int, Path(directory, "cgroup.procs").read_text(encoding="ascii").split())
    return found


def end(name: str) -> None:
    """Kill all processes of a group at once, if it exists, and wait until they are gone. Raises HostsError if they are not."""
    deadline = time.monotonic() + END_SECONDS
    with contextlib.suppress(FileNotFoundError):
        (path(name) / "cgroup.kill").write_text("1", encoding="ascii")
    while processes(name):
        if time.monotonic() > deadline:
            raise HostsError(f"processes of {name} do not end: {processes(name)}")
        time.sleep(0.02)


def remove(name: str) -> None:
    """Remove an empty group and those below it. systemd-nspawn has made the same ones for systemd of version 1."""
    for mounted, kind, options in _hierarchies():
        if kind == "cgroup2" or "name=systemd" in options:
            for directory, _below, _files in os.walk(mounted / name, topdown=False):
                with contextlib.suppress(FileNotFoundError):
                    os.rmdir(directory)


def first_process(name: str) -> int | None:
    """Return the id, on the controller, of the process that is number 1 in the host; None if the host is off."""
    for number in processes(name):
        with contextlib.suppress(OSError):
            ids = re.search(r"^NSpid:\s*(.*)$", Path(f"/proc/{number}/status").read_text(encoding="utf-8"), re.MULTILINE)
            if ids and ids[1].split()[1:] == ["1"]:
                return number
    return None


def _hierarchies() -> list[tuple[Path, str, str]]:
    """Mount point, type and options of each mounted hierarchy."""
    found = []
    for line in Path("/proc/self/mountinfo").read_text(encoding="utf-8").splitlines():
        before, _unused, after = line.partition(" - ")
        kind, _source, options = after.split(" ", 2)
        if kind in ("cgroup", "cgroup2"):
            found.append((Path(before.split()[4]), kind, options))
    return found
