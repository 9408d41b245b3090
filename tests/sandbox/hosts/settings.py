# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What one set of hosts is made of: names, addresses, directories."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from ..environment import HOSTS, SITE
from .shell import HostsError

#: Set aside for tests of networks (RFC 2544). It exists in the hosts' own namespaces only.
NETWORK = "198.18.8"
CONTROLLER = f"{NETWORK}.1"
SITE_ADDRESS = f"{NETWORK}.10"
USER = "deploy"
SERVICE_USER = "genesys"
DEFAULT_NAMES = tuple(host for host in HOSTS if host != SITE)
DEFAULT_PREFIX = "gx"
#: Where all hosts see one directory of the controller.
SHARED = "/srv/sandbox"
#: Which hosts exist stands here and not in their directory, as their names are the machine's.
RECORDS = Path("/run/sandbox-hosts")


@dataclass(frozen=True)
class Settings:
    """One set of hosts.

    Args:
        directory: where disks, keys, logs and the inventory are.
        names: host names. Addresses count from 198.18.8.11 on: first the hosts of the sandbox, which it looks for there, then others.
        prefix: begins the names of namespaces and control groups. Sets of hosts that run at the same time need different ones.

    Raises:
        HostsError: for a name that can't be used.
    """

    directory: Path
    names: tuple[str, ...] = DEFAULT_NAMES
    prefix: str = DEFAULT_PREFIX

    def __post_init__(self) -> None:
        check_prefix(self.prefix)
        for name in self.names:
            if not re.fullmatch(r"[a-z][a-z0-9-]{0,30}", name):
                raise HostsError(f"'{name}' is no host name (lower case letters, digits and hyphens)")
        if len(set(self.names)) != len(self.names) or not 0 < len(self.names) <= 200:
            raise HostsError("there must be 1 to 200 hosts, each with a name of its own")
        if re.search(r"[\s:,\\\"%]", str(self.directory)):
            raise HostsError(f"the directory's name can not be used in mount options and SSH's configuration: {self.directory}")

    def address(self, name: str) -> str:
        """Return the address of a host."""
        others = [other for other in self.names if other not in DEFAULT_NAMES]
        return f"{NETWORK}.{11 + [*DEFAULT_NAMES, *others].index(name)}"

    def scope(self, name: str) -> str:
        """Return the name of a host's namespace and control group."""
        return f"{self.prefix}-{name}"

    def port(self, name: str) -> str:
        """Return the network interface at the switch that a host is plugged into."""
        return f"port{1 + self.names.index(name)}"

    def place(self, name: str) -> Path:
        """Return the directory of a host's disk."""
        return self.directory / "disks" / name

    @property
    def shared(self) -> Path:
        """Directory that all hosts see as ``SHARED``: what UCS members keep in one database, and the queues of Interaction Server."""
        return self.directory / "shared"

    def log(self, name: str) -> Path:
        """Return the file with a host's console output."""
        return self.directory / "log" / f"{name}.log"

    @property
    def ssh(self) -> Path:
        """Directory of keys and SSH's configuration."""
        return self.directory / "ssh"

    @property
    def ssh_config(self) -> Path:
        """Configuration with which ``ssh NAME`` reaches a host from the hosts' network."""
        return self.ssh / "config"

    @property
    def inventory(self) -> Path:
        """The Ansible inventory."""
        return self.directory / "inventory" / "hosts.yml"

    @property
    def control_sockets(self) -> Path:
        """Directory of SSH's shared connections; a short name, as a socket's path may have 108 characters only."""
        return RECORDS / self.prefix / "ssh"


def check_prefix(prefix: str) -> None:
    """Raise HostsError for a prefix that can't be used."""
    if not re.fullmatch(r"[a-z][a-z0-9]{0,7}", prefix):
        raise HostsError(f"'{prefix}' is no prefix (up to 8 lower case letters and digits)")
