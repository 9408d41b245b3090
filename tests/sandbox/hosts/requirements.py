# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the controller must have: root, some programs, a recent kernel."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

from .shell import HostsError

#: program -> Debian package
PROGRAMS = {
    "ip": "iproute2",
    "mke2fs": "e2fsprogs",
    "mmdebstrap": "mmdebstrap",
    "mount": "mount",
    "nsenter": "util-linux",
    "ssh": "openssh-client",
    "ssh-keygen": "openssh-client",
    "systemd-nspawn": "systemd-container",
    "unshare": "util-linux",
}
_NET_ADMIN, _SYS_ADMIN = 12, 21
_INOTIFY_LIMIT = Path("/proc/sys/fs/inotify/max_user_instances")
#: of one host: systemd, journald, logind, dbus
_INOTIFY_INSTANCES = 7


def check_rights() -> None:
    """Raise HostsError unless this process may make namespaces and mounts."""
    capabilities = re.search(r"^CapEff:\s*([0-9a-f]+)$", Path("/proc/self/status").read_text(encoding="ascii"), re.MULTILINE)
    effective = int(capabilities[1], 16) if capabilities else 0
    if os.geteuid() != 0 or not all(effective >> number & 1 for number in (_NET_ADMIN, _SYS_ADMIN)):
        raise HostsError("real hosts need root on this machine (with CAP_SYS_ADMIN and CAP_NET_ADMIN); run the command with sudo")


def check_programs() -> None:
    """Raise HostsError with the command that installs what is missing."""
    missing = [program for program in PROGRAMS if not shutil.which(program)]
    if missing:
        packages = sorted({PROGRAMS[program] for program in missing})
        raise HostsError(f"missing: {', '.join(missing)}; install with: apt-get install --no-install-recommends {' '.join(packages)}")


def check_inotify(hosts: int) -> None:
    """Raise HostsError if the kernel's limit is too low for so many more hosts: the systemd of some would hang while it boots."""
    limit, used, needed = int(_INOTIFY_LIMIT.read_text(encoding="ascii")), _inotify_instances(), hosts * _INOTIFY_INSTANCES
    if used + needed > limit:
        raise HostsError(
            f"{hosts} more hosts need about {needed} inotify instances, {used} of {limit} are in use; remove other hosts,"
            f" or raise the limit: sysctl fs.inotify.max_user_instances={2 * (used + needed)}"
        )


def _inotify_instances() -> int:
    """How many root has."""
    found = 0
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if process.stat().st_uid == 0:
                found += sum(os.readlink(file) == "anon_inode:inotify" for file in (process / "fd").iterdir())
        except OSError:
            continue  # it has just ended
    return found
