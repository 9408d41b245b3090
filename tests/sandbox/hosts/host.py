# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One host: its disk, its power switch, what fills its disk."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import subprocess
import time
import uuid
from pathlib import Path

from . import agent, cgroups, network
from .settings import CONTROLLER, SHARED, SITE_ADDRESS, Settings
from .shell import HostsError, run, succeeds

BOOT_SECONDS = 90.0
DISK = "2G"
#: Where the operating system's Python looks for what it runs when it starts.
PYTHON = "python3.11"
_FILL = "var/tmp/fills-the-disk"
_SUPERVISE = Path(__file__).with_name("supervise.sh")
_STARTUP = Path(__file__).resolve().parents[1] / "startup" / "sitecustomize.py"


def make_disk(settings: Settings, name: str) -> None:
    """Make the disk of a new host, with all that tells it from the others. Raises HostsError."""
    place = settings.place(name)
    content = place / "content"
    etc = content / "upper" / "etc"
    (etc / "ssh").mkdir(parents=True)
    (content / "work").mkdir()
    (etc / "hostname").write_text(f"{name}\n", encoding="ascii")
    (etc / "machine-id").write_text(f"{uuid.uuid4().hex}\n", encoding="ascii")
    known = {"localhost": "127.0.0.1", "controller": CONTROLLER, "site": SITE_ADDRESS, **{other: settings.address(other) for other in settings.names}}
    (etc / "hosts").write_text("".join(f"{address} {host}\n" for host, address in known.items()), encoding="ascii")
    for suffix in ("", ".pub"):
        shutil.copy(settings.ssh / f"{name}.key{suffix}", etc / "ssh" / f"ssh_host_ed25519_key{suffix}")
    shutil.copy(settings.ssh / "id.pub", etc / "ssh" / "authorized_keys")
    agent.install(content / "upper")
    _compile_once(etc)
    # The file is sparse; without blocks set aside for root, a full disk is full for everybody.
    run("mke2fs", "-q", "-t", "ext4", "-m", "0", "-J", "size=8", "-d", str(content), str(place / "disk.ext4"), DISK, seconds=60)
    shutil.rmtree(content)
    for directory in ("disk", "root"):
        (place / directory).mkdir()


def _compile_once(etc: Path) -> None:
    """Let every Python of a host keep what it compiles of the modules' archives: in memory, so that a full disk does not matter."""
    (etc / PYTHON).mkdir()
    shutil.copy(_STARTUP, etc / PYTHON)
    (etc / "tmpfiles.d").mkdir()
    (etc / "tmpfiles.d" / "compiled.conf").write_text("d /run/compiled 1777 root root\n", encoding="ascii")


def boot(settings: Settings, name: str, base: Path) -> None:
    """Switch a host on; ``wait_until_ready`` waits for it. A host that runs goes on. Raises HostsError."""
    scope = settings.scope(name)
    if cgroups.processes(scope):
        return
    cgroups.remove(scope)
    group = cgroups.create(scope)
    forget_connection(settings, name)
    with settings.log(name).open("ab") as log:
        subprocess.Popen(
            ["unshare", "--mount", "--propagation", "private", "sh", str(_SUPERVISE), str(group), str(settings.place(name)), str(base)]
            + [settings.prefix, name, settings.port(name), f"{settings.shared}:{SHARED}"],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


def power_cut(settings: Settings, name: str) -> None:
    """Switch a host off without a word to anybody; the disk stays. Raises HostsError."""
    network.power(settings, name, on=False)
    cgroups.end(settings.scope(name))


def reboot(settings: Settings, name: str) -> None:
    """Restart a host in order and wait until it can be used. Raises HostsError."""
    former = _first_process(settings, name)
    run("nsenter", "--target", str(former), "--all", "systemctl", "reboot")
    deadline = time.monotonic() + BOOT_SECONDS
    while cgroups.first_process(settings.scope(name)) in (former, None):
        if time.monotonic() > deadline or not cgroups.processes(settings.scope(name)):
            raise HostsError(f"{name} did not come back; see {settings.log(name)}")
        time.sleep(0.05)
    forget_connection(settings, name)
    wait_until_ready(settings, name)


def wait_until_ready(settings: Settings, name: str) -> None:
    """Wait until the user can log in; at a cut cable, until the operating system runs. Raises HostsError."""
    deadline = time.monotonic() + BOOT_SECONDS
    while not _ready(settings, name):
        if not cgroups.processes(settings.scope(name)) and time.monotonic() > deadline - BOOT_SECONDS + 5:
            raise HostsError(f"{name} does not boot: {_last_words(settings, name)}")
        if time.monotonic() > deadline:
            raise HostsError(f"{name} can not be logged in to after {BOOT_SECONDS:g} s; see {settings.log(name)}")
        time.sleep(0.1)


def _ready(settings: Settings, name: str) -> bool:
    if network.is_cut(settings, name):
        return state(settings, name) == "running"
    return succeeds(*ssh(settings, name), "true", seconds=10)


def ssh(settings: Settings, name: str) -> list[str]:
    """Return the command that runs a command on a host as the unprivileged user, on a connection of its own."""
    alone = ("-o", "ControlMaster=no", "-o", "ControlPath=none", "-o", "LogLevel=ERROR")
    return ["ip", "netns", "exec", settings.prefix, "ssh", "-F", str(settings.ssh_config), *alone, name]


def forget_connection(settings: Settings, name: str) -> None:
    """End the connection that SSH shares between commands; it would be one to the host as it was before."""
    socket = settings.control_sockets / name
    if socket.exists():
        succeeds("ssh", "-F", "none", "-O", "exit", "-o", f"ControlPath={socket}", name, seconds=5)
        socket.unlink(missing_ok=True)


def state(settings: Settings, name: str) -> str:
    """Return off, booting or running."""
    first = cgroups.first_process(settings.scope(name))
    if first is None:
        return "booting" if cgroups.processes(settings.scope(name)) else "off"
    # A failed unit makes the state "degraded": the host runs all the same.
    running = "case $(systemctl is-system-running) in running|degraded) ;; *) false ;; esac"
    return "running" if succeeds("nsenter", "--target", str(first), "--all", "sh", "-c", running, seconds=10) else "booting"


def free_space(settings: Settings, name: str) -> int | None:
    """Return the free bytes of a host's disk, None if it is off."""
    try:
        found = os.statvfs(_root(settings, name))
    except (HostsError, OSError):
        return None
    return found.f_bavail * found.f_frsize


def fill_disk(settings: Settings, name: str, leave: int = 0) -> None:
    """Fill a host's disk with one file, but for ``leave`` bytes. Raises HostsError if the host is off."""
    try:
        with (_root(settings, name) / _FILL).open("ab") as file:
            size, step = file.tell(), 1 << 30
            while step >= 512:
                space = (free_space(settings, name) or 0) - leave
                try:
                    if leave and space < step:
                        raise OSError(errno.ENOSPC, "")
                    os.posix_fallocate(file.fileno(), size, step)
                    size += step
                except OSError as error:
                    if error.errno != errno.ENOSPC:
                        raise
                    step //= 2
    except OSError as error:
        raise HostsError(f"can not fill the disk of {name}: {error.strerror}") from None


def free_disk(settings: Settings, name: str) -> None:
    """Remove what ``fill_disk`` wrote. Raises HostsError if the host is off."""
    with contextlib.suppress(FileNotFoundError):
        (_root(settings, name) / _FILL).unlink()


def _root(settings: Settings, name: str) -> Path:
    return Path(f"/proc/{_first_process(settings, name)}/root")


def _first_process(settings: Settings, name: str) -> int:
    found = cgroups.first_process(settings.scope(name))
    if found is None:
        raise HostsError(f"{name} is off")
    return found


def _last_words(settings: Settings, name: str) -> str:
    lines = settings.log(name).read_text(encoding="utf-8", errors="replace").strip().splitlines()
    return lines[-1] if lines else f"see {settings.log(name)}"
