# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Local Control Agents as Solution Control Server sees them, and those of hosts that are directories of this machine.

The agents of real hosts are behind ``remote``.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Protocol

from .processes import Process, Processes


class Agents(Protocol):
    """The agents of all hosts; a host is meant by the DBID of its Host object."""

    async def attend(self, hosts: Iterable[dict[str, Any]]) -> None:
        """From now on know these hosts; returns when it is known of each whether its agent answers."""

    def available(self, host: str) -> bool:
        """Tell whether the host's agent answers. If it does not, nothing is known of the host's processes."""

    def know(self, process: Process) -> None:
        """Attend to a process that an earlier instance started."""

    async def start(self, application: dict[str, Any], host: dict[str, Any]) -> Process:
        """Start an application's command line on its host. Raises StartRefused."""

    async def find(self, host: str, pid: int) -> Process | None:
        """Return a process that runs already, by its id."""

    def alive(self, process: Process) -> bool:
        """Tell whether the process runs, by what the host's agent said last."""

    def restarted(self, process: Process) -> bool:
        """Tell whether the host was started anew since the process was."""

    async def send(self, process: Process, number: int) -> None:
        """Send a signal; to one that has ended, or whose agent does not answer, nothing is sent."""


def command_line(application: dict[str, Any]) -> str:
    """Return what an agent starts: the command line with its arguments."""
    return f"{application.get('commandline', '')} {application.get('commandlinearguments', '')}"


class LocalAgents:
    """All hosts are directories of this machine, and there is always an agent.

    Args:
        directory: the sandbox's directory.
        scs: ``host:port`` of the Solution Control Server, given to the servers for their reports.
    """

    def __init__(self, directory: Path, scs: str) -> None:
        self._directory, self._scs = directory, scs
        self._processes = Processes()

    async def attend(self, hosts: Iterable[dict[str, Any]]) -> None:
        """Nothing is to be prepared."""

    def available(self, host: str) -> bool:
        """Always."""
        return True

    def know(self, process: Process) -> None:
        """Nothing: its state is read when it is asked for."""

    async def start(self, application: dict[str, Any], host: dict[str, Any]) -> Process:
        """See ``Agents``."""
        environment = {
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "LANG": "C.UTF-8",
            "SANDBOX_DIR": str(self._directory),
            "SANDBOX_HOSTNAME": host["name"],
            "SANDBOX_ADDRESS": host["ipaddress"],
            "SANDBOX_SCS": self._scs,
        }
        output = self._directory / "scs" / f"{application['dbid']}.out"
        with output.open("ab") as stream:
            return self._processes.start(str(application.get("workdirectory", "")), command_line(application), environment, stream)

    async def find(self, host: str, pid: int) -> Process | None:
        """See ``Agents``."""
        return self._processes.find(pid)

    def alive(self, process: Process) -> bool:
        """See ``Agents``."""
        return self._processes.alive(process)

    def restarted(self, process: Process) -> bool:
        """Never: the servers of an earlier boot of this machine are forgotten."""
        return False

    async def send(self, process: Process, number: int) -> None:
        """See ``Agents``."""
        self._processes.send(process, number)
