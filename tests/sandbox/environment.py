# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where one sandbox lives: its directory, ports, loopback addresses and credentials."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .network import LOOPBACK

SITE = "site"
HOSTS = (SITE, "chat1", "chat2", "chat3", "chat4", "ucs1", "ucs2", "ucs3", "ucs4", "ixn1", "gms1")
MESSAGE_SERVER_PORT = 7120
LCA_PORT = 4999


@dataclass(frozen=True)
class Environment:
    """Ports count from ``gax_port`` on: GAX, Configuration Server, control, Solution Control Server.

    With another address to listen at than the loopback one the hosts are real ones in its network (docs/hosts.md), not directories.
    """

    gax_port: int
    directory: Path
    password: str = "sandbox-password"
    seed: str = "standard"
    dialect: str = "plain"
    tls: bool = False
    session_timeout: float = 900.0
    session_limit: int = 0
    listen: str = LOOPBACK

    username = "default"

    @property
    def confserv_port(self) -> int:
        """Port of the Configuration Server's stand-in."""
        return self.gax_port + 1

    @property
    def control_port(self) -> int:
        """Port of the sandbox's own control interface."""
        return self.gax_port + 2

    @property
    def scs_port(self) -> int:
        """Port of the Solution Control Server's stand-in."""
        return self.gax_port + 3

    @property
    def certificate(self) -> Path:
        """The self-signed certificate that GAX shows with TLS."""
        return self.directory / "tls" / "gax.pem"

    @property
    def real_hosts(self) -> bool:
        """Whether the hosts are machines of their own."""
        return self.listen != LOOPBACK

    def address(self, host: str) -> str:
        """Return the address of a host of the seed; no two sandboxes on one machine share a loopback address."""
        if self.real_hosts:
            return f"{self.listen.rpartition('.')[0]}.{10 + HOSTS.index(host)}"
        high, low = 64 + (self.gax_port >> 8) % 128, self.gax_port & 255
        return f"127.{high}.{low}.{10 + HOSTS.index(host)}"

    def describe(self) -> dict[str, Any]:
        """Return what the first line of the output tells: all that a client of the sandbox must know."""
        described: dict[str, Any] = {
            "gax_url": f"{'https' if self.tls else 'http'}://{self.listen}:{self.gax_port}",
            "username": self.username,
            "password": self.password,
            "control_url": f"http://{self.listen}:{self.control_port}",
            "inventory": str(self.directory / "inventory" / "hosts.yml"),
            "confserv_host": self.listen,
            "confserv_port": self.confserv_port,
            "scs_host": self.listen,
            "scs_port": self.scs_port,
            "packages": str(self.directory / "packages"),
            "mlcmd": str(self.directory / "bin" / "mlcmd_64"),
            "directory": str(self.directory),
            "dialect": self.dialect,
        }
        if self.tls:
            described["ca_path"] = str(self.certificate)
        return described
