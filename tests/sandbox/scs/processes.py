# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The processes of one machine: starts, finds and signals them (standard library only; the agent of a real host uses it too)."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO


class StartRefused(Exception):
    """The process cannot be started: no such directory, no such program, nobody there who could start it."""


@dataclass(frozen=True)
class Process:
    """One server process.

    A process id is used again. ``started`` tells processes apart: the boot of the machine, and the kernel's start time in ticks.
    """

    pid: int
    started: str
    host: str = ""

    @property
    def boot(self) -> str:
        """Which boot of the machine it belongs to."""
        return self.started.partition("/")[0]


def boot_id() -> str:
    """Return what tells one boot of this machine from another."""
    return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()


class Processes:
    """Starts processes and knows its children, whose end nobody else would notice."""

    def __init__(self) -> None:
        self._boot = boot_id()
        self._children: dict[int, subprocess.Popen[bytes]] = {}

    def start(self, work_directory: str, command_line: str, environment: Mapping[str, str], output: IO[bytes] | None = None) -> Process:
        """Start a command line in its working directory, in a session of its own.

        Args:
            output: gets what the process says; None: where this process writes.

        Raises:
            StartRefused: with the reason.
        """
        if not work_directory.startswith("/") or not os.path.isdir(work_directory):
            raise StartRefused(f"working directory '{work_directory}' does not exist")
        try:
            child = subprocess.Popen(
                shlex.split(command_line),
                cwd=work_directory,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT if output else None,
                start_new_session=True,
            )
        except (OSError, ValueError, IndexError) as error:
            raise StartRefused(str(error)) from error
        self._children[child.pid] = child
        return self.find(child.pid) or Process(child.pid, "")

    def find(self, pid: int) -> Process | None:
        """Return a process that runs, by its id."""
        ticks = _start_time(pid)
        return None if ticks is None else Process(pid, f"{self._boot}/{ticks}")

    def alive(self, process: Process) -> bool:
        """Tell whether the process still runs."""
        child = self._children.get(process.pid)
        if child is not None and child.poll() is not None:
            del self._children[process.pid]
            return False
        found = self.find(process.pid)
        return found is not None and found.started == process.started

    def send(self, process: Process, number: int) -> None:
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


def _start_time(pid: int) -> int | None:
    """Start time of a running process, None if there is none.

    A zombie does not run, unless it has threads that have not ended yet: those still hold its ports and files (proc_pid_stat(5)).
    """
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return None
    state, *numbers = text.rpartition(")")[2].split()
    threads, start = int(numbers[16]), int(numbers[18])
    return None if state == "X" or (state == "Z" and threads <= 1) else start
