# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The hosts' network: a namespace with a switch, and for each host a namespace plugged into it.

The switch's namespace is the controller's place in that network. The machine's own network gets no route to it, and the
hosts get none out of it.
"""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

from .settings import CONTROLLER, SITE_ADDRESS, Settings
from .shell import HostsError, run

_NAMESPACES = Path("/run/netns")


def up(settings: Settings) -> None:
    """Make all namespaces, with every host plugged in and switched off. Raises HostsError."""
    _namespace(settings.prefix)
    switch = ("ip", "-n", settings.prefix)
    run(*switch, "link", "add", "br0", "type", "bridge")
    for address in (CONTROLLER, SITE_ADDRESS):
        run(*switch, "address", "add", f"{address}/24", "dev", "br0")
    run(*switch, "link", "set", "br0", "up")
    for name in settings.names:
        own = settings.scope(name)
        _namespace(own)
        run(*switch, "link", "add", settings.port(name), "type", "veth", "peer", "name", "eth0", "netns", own)
        run(*switch, "link", "set", settings.port(name), "master", "br0")
        run("ip", "-n", own, "address", "add", f"{settings.address(name)}/24", "dev", "eth0")
        run("ip", "-n", own, "link", "set", "eth0", "up")


def _namespace(namespace: str) -> None:
    run("ip", "netns", "add", namespace)
    run("ip", "-n", namespace, "link", "set", "lo", "up")


def down(settings: Settings) -> None:
    """Remove all namespaces that exist. Raises HostsError."""
    for namespace in [*map(settings.scope, settings.names), settings.prefix]:
        if (_NAMESPACES / namespace).exists():
            run("ip", "netns", "delete", namespace)
    if _NAMESPACES.is_dir() and not any(_NAMESPACES.iterdir()):
        # The first namespace made this a mount. It is busy, and stays, if somebody makes one just now.
        with contextlib.suppress(HostsError):
            run("umount", str(_NAMESPACES))


def cut(settings: Settings, name: str) -> None:
    """Pull a host's cable: the host goes on. Raises HostsError."""
    run("ip", "-n", settings.scope(name), "link", "set", "eth0", "down")


def heal(settings: Settings, name: str) -> None:
    """Plug the cable in again. Raises HostsError."""
    run("ip", "-n", settings.scope(name), "link", "set", "eth0", "up")


def power(settings: Settings, name: str, on: bool) -> None:
    """Let the switch see a host, or see it no more, as without power. Raises HostsError."""
    run("ip", "-n", settings.prefix, "link", "set", settings.port(name), "up" if on else "down")


def is_cut(settings: Settings, name: str) -> bool:
    """Tell whether a host's cable is pulled. Raises HostsError."""
    shown = json.loads(run("ip", "-json", "-n", settings.scope(name), "link", "show", "eth0"))
    return "UP" not in shown[0]["flags"]
