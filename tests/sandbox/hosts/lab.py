# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All hosts together: up, down, status, and operations on some of them."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from . import access, cgroups, host, image, network, record, requirements
from .settings import Settings, check_prefix
from .shell import HostsError

Result = TypeVar("Result")
_AT_ONCE = 4


def up(settings: Settings) -> None:
    """Make the hosts anew and wait until each can be logged in to; former ones with the prefix are removed.

    Raises HostsError; nothing but the logs is left then.
    """
    requirements.check_rights()
    requirements.check_programs()
    base = image.base()
    with record.locked(settings.prefix):
        former = record.read(settings.prefix)
        if former and former.directory != settings.directory and former.directory.exists():
            raise HostsError(f"the prefix '{settings.prefix}' is in use for the hosts in {former.directory}: remove them, or choose another --prefix")
        if former:
            _remove(former)
        requirements.check_inotify(len(settings.names))
        record.write(settings)
        try:
            _make(settings, base)
        except BaseException:
            with contextlib.suppress(HostsError):
                _remove(settings)
            raise


def _make(settings: Settings, base: Path) -> None:
    for left in ("disks", "shared", "ssh", "log"):
        shutil.rmtree(settings.directory / left, ignore_errors=True)
    (settings.directory / "log").mkdir(parents=True)
    settings.shared.mkdir()
    settings.shared.chmod(0o1777)
    access.write(settings)
    network.up(settings)

    def start(name: str) -> None:
        host.make_disk(settings, name)
        host.boot(settings, name, base)

    _for_each(settings.names, start)
    _for_each(settings.names, lambda name: host.wait_until_ready(settings, name))


def down(prefix: str) -> bool:
    """Remove the hosts with a prefix and all that belongs to them but the logs; tell whether there were any. Raises HostsError."""
    requirements.check_rights()
    check_prefix(prefix)
    with record.locked(prefix):
        settings = record.read(prefix)
        if settings:
            _remove(settings)
    return settings is not None


def _remove(settings: Settings) -> None:
    """Remove everything that exists, in whatever state ``up`` or a crash left it."""
    for name in settings.names:
        host.forget_connection(settings, name)
        cgroups.end(settings.scope(name))
        cgroups.remove(settings.scope(name))
    network.down(settings)
    for directory in (settings.directory / "disks", settings.shared, settings.ssh, settings.inventory.parent):
        shutil.rmtree(directory, ignore_errors=True)
    record.remove(settings)


@contextlib.contextmanager
def _existing(prefix: str, names: Iterable[str]) -> Iterator[Settings]:
    """Yield the settings while no other command changes the hosts. Raises HostsError without hosts, or for an unknown one."""
    requirements.check_rights()
    check_prefix(prefix)
    with record.locked(prefix):
        settings = record.read(prefix)
        if settings is None:
            raise HostsError(f"there are no hosts with the prefix '{prefix}'; make them with: make hosts-up")
        for name in names:
            if name not in settings.names:
                raise HostsError(f"there is no host '{name}'; there are {', '.join(settings.names)}")
        yield settings


def partition(prefix: str, names: list[str]) -> None:
    """Pull the cables of hosts. Raises HostsError."""
    with _existing(prefix, names) as settings:
        _for_each(names, lambda name: network.cut(settings, name))


def heal(prefix: str, names: list[str]) -> None:
    """Plug the cables in again. Raises HostsError."""
    with _existing(prefix, names) as settings:
        _for_each(names, lambda name: network.heal(settings, name))


def power_cut(prefix: str, names: list[str]) -> None:
    """Switch hosts off at once; their disks stay. Raises HostsError."""
    with _existing(prefix, names) as settings:
        _for_each(names, lambda name: host.power_cut(settings, name))


def boot(prefix: str, names: list[str]) -> None:
    """Switch hosts on and wait until they can be used. Raises HostsError."""
    base = image.base()
    with _existing(prefix, names) as settings:
        _for_each(names, lambda name: host.boot(settings, name, base))
        _for_each(names, lambda name: host.wait_until_ready(settings, name))


def reboot(prefix: str, names: list[str]) -> None:
    """Restart hosts in order and wait until they can be used. Raises HostsError."""
    with _existing(prefix, names) as settings:
        _for_each(names, lambda name: host.reboot(settings, name))


def fill_disk(prefix: str, names: list[str], leave: int = 0) -> None:
    """Fill the disks of hosts but for ``leave`` bytes. Raises HostsError."""
    with _existing(prefix, names) as settings:
        _for_each(names, lambda name: host.fill_disk(settings, name, leave))


def free_disk(prefix: str, names: list[str]) -> None:
    """Take away what fills the disks. Raises HostsError."""
    with _existing(prefix, names) as settings:
        _for_each(names, lambda name: host.free_disk(settings, name))


def status(prefix: str) -> list[dict[str, str]]:
    """Return name, address, state, cable and free disk space of each host. Raises HostsError."""
    with _existing(prefix, ()) as settings:

        def line(name: str) -> dict[str, str]:
            free = host.free_space(settings, name)
            return {
                "name": name,
                "address": settings.address(name),
                "state": host.state(settings, name),
                "cable": "cut" if network.is_cut(settings, name) else "plugged",
                "free": "-" if free is None else f"{free >> 20} MiB",
            }

        return _for_each(settings.names, line)


def _for_each(names: Iterable[str], function: Callable[[str], Result]) -> list[Result]:
    """Call a function for some hosts at a time; the first error is raised after all have ended."""
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return [future.result() for future in [pool.submit(function, name) for name in names]]
