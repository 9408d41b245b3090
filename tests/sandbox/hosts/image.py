# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operating system that all hosts share, read-only: a Debian, built once, and kept in the user's cache."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import sys
import tempfile
from pathlib import Path

from .settings import SERVICE_USER, USER
from .shell import run

# Outside of the checkout: tools that copy it would follow the absolute links of a root file system.
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "genesys_engage.chat" / "hosts"
BUILD_SECONDS = 900.0
SUITE = "bookworm"
PACKAGES = "acl ca-certificates dbus iproute2 iputils-ping openssh-server procps python3 python3-apt rsync sudo systemd systemd-sysv".split()
HOOKS = (
    f'chroot "$1" useradd --create-home --shell /bin/bash {USER}',
    f'chroot "$1" useradd --system --user-group --create-home --shell /bin/bash {SERVICE_USER}',
    # Each host has keys and an identity of its own; its journal is kept in memory, as on the Red Hat family.
    'rm -rf "$1"/etc/ssh/ssh_host_* "$1"/var/log/journal "$1"/etc/resolv.conf "$1"/etc/hostname',
    ': > "$1"/etc/machine-id',
    'ln -sf /dev/null "$1"/etc/systemd/system/systemd-firstboot.service',
)
FILES = {
    f"etc/sudoers.d/{USER}": (0o440, f"{USER} ALL=(ALL:ALL) NOPASSWD: ALL\n"),
    # Installers read it where there is no Red Hat release, and refuse what is older than they know (Source: IP: OS check).
    "etc/lsb-release": (0o644, "DISTRIB_ID=Debian\nDISTRIB_RELEASE=12\n"),
    "etc/ssh/sshd_config.d/hosts.conf": (
        0o644,
        "PasswordAuthentication no\nPermitRootLogin no\nUseDNS no\nAuthorizedKeysFile /etc/ssh/authorized_keys\n",
    ),
}


def base() -> Path:
    """Return the directory of the operating system; build it if it is not there, which takes a minute or two. Raises HostsError."""
    recipe = json.dumps([SUITE, PACKAGES, HOOKS, FILES])
    finished = CACHE / f"base-{hashlib.sha256(recipe.encode()).hexdigest()[:12]}"
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / "lock").open("w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not finished.exists():
            _build(finished)
    return finished


def _build(finished: Path) -> None:
    print("building the hosts' operating system, once; this takes a minute or two", file=sys.stderr, flush=True)
    for left in CACHE.glob("building-*"):
        shutil.rmtree(left)
    place = Path(tempfile.mkdtemp(prefix="building-", dir=CACHE))
    root = place / "root"
    hooks = [f"--customize-hook={hook}" for hook in HOOKS]
    # In namespaces of its own: whatever ends this process leaves neither a mount nor a process behind.
    alone = ("unshare", "--mount", "--propagation", "private", "--pid", "--fork", "--kill-child", "--mount-proc")
    run(*alone, "mmdebstrap", "--variant=minbase", f"--include={','.join(PACKAGES)}", *hooks, SUITE, str(root), seconds=BUILD_SECONDS)
    for name, (mode, content) in FILES.items():
        file = root / name
        file.write_text(content, encoding="utf-8")
        file.chmod(mode)
    os.rename(root, finished)
    place.rmdir()
