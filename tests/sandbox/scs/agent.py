# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The part of the Local Control Agents: starts, finds and signals the processes of the hosts.

A process is known by its id together with its start time, so that a reused id is never taken for it. Both are kept on disk: a
restarted Solution Control Server finds its servers again.
"""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any


class StartRefused(Exception):
    """The process cannot be started: no such directory, no such program."""


@dataclass
class Process:
    """One server process; ``started`` is the kernel's start time in ticks."""

    pid: int
    started: int


class Agent:
    """All hosts of one sandbox.

    Args:
        directory: the sandbox's directory.
        scs: ``host:port`` of the Solution Control Server, given to the servers for their reports.
    """

    def __init__(self, directory: Path, scs: str) -> None:
        self._directory, self._scs = directory, scs
        self._file = directory / "scs" / "processes.json"
        self._children: dict[int, subprocess.Popen[bytes]] = {}
        self._file.parent.mkdir(parents=True, exist_ok=True)

    def start(self, application: dict[str, Any], host: dict[str, Any]) -> Process:
        """Start an application's command line in its working directory, in a session of its own.

        Raises:
            StartRefused: with the reason.
        """
        work_directory = str(application.get("workdirectory", ""))
        if not work_directory.startswith("/") or not os.path.isdir(work_directory):
            raise StartRefused(f"working directory '{work_directory}' does not exist")
        environment = {
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "LANG": "C.UTF-8",
            "SANDBOX_DIR": str(self._directory),
            "SANDBOX_HOSTNAME": host["name"],
            "SANDBOX_ADDRESS": host["ipaddress"],
            "SANDBOX_SCS": self._scs,
        }
        output = self._file.parent / f"{application['dbid']}.out"
        try:
            command = shlex.split(str(application.get("commandline", ""))) + shlex.split(str(application.get("commandlinearguments", "")))
            with output.open("ab") as stream:
                child = subprocess.Popen(
                    command,
                    cwd=work_directory,
                    env=environment,
                    stdin=subprocess.DEVNULL,
                    stdout=stream,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
        except (OSError, ValueError, IndexError) as error:
            raise StartRefused(str(error)) from error
        self._children[child.pid] = child
        return Process(child.pid, _start_time(child.pid) or 0)

    def find(self, pid: int) -> Process | None:
        """A process that runs already, by its id."""
        started = _start_time(pid)
        return None if started is None else Process(pid, started)

    def alive(self, process: Process) -> bool:
        """Whether the process still runs."""
        child = self._children.get(process.pid)
        if child is not None and child.poll() is not None:
            del self._children[process.pid]
            return False
        return _start_time(process.pid) == process.started

    def send(self, process: Process, number: signal.Signals) -> None:
        """Send a signal, SIGKILL to the whole session's process group."""
        if not self.alive(process):
            return
        try:
            if number == signal.SIGKILL:
                os.killpg(process.pid, number)
            else:
                os.kill(process.pid, number)
        except ProcessLookupError:
            pass

    def save(self, processes: dict[str, tuple[Process, str, str]]) -> None:
        """Keep processes with status and run mode, by DBID."""
        data = {dbid: {**asdict(process), "status": status, "runmode": runmode} for dbid, (process, status, runmode) in processes.items()}
        temporary = self._file.with_suffix(".new")
        temporary.write_text(json.dumps(data), encoding="utf-8")
        temporary.replace(self._file)

    def load(self) -> dict[str, tuple[Process, str, str]]:
        """The processes kept that still run."""
        try:
            data = json.loads(self._file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        found = {dbid: (Process(item["pid"], item["started"]), item["status"], item["runmode"]) for dbid, item in data.items()}
        return {dbid: item for dbid, item in found.items() if self.alive(item[0])}


def _start_time(pid: int) -> int | None:
    """Start time of a running process, None if there is none (a zombie does not run)."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return None
    fields = text.rpartition(")")[2].split()
    return None if fields[0] in "ZX" else int(fields[19])
