# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Seconds, processor time and peak memory of a command.

A child starts with the memory figure of the process that made it, so a small process of its own starts and measures the command:
this file, run as a script.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Measured:
    """One run of a command.

    peak_mb is the greatest resident size of the process (or of a child it waited for), in MiB; cpu_seconds is the time of the process and of
    those that were waited for.
    """

    seconds: float
    peak_mb: float
    output: str
    cpu_seconds: float = 0.0


def measured(command: list[str], environment: dict[str, str], directory: Path, limit: float = 300.0) -> Measured:
    """Run a command to its end. Raises RuntimeError with the end of its output unless it ends with 0."""
    output = directory / "output.txt"
    small = [sys.executable, "-I", "-S", __file__, str(output), *command]
    done = subprocess.run(small, capture_output=True, text=True, env=environment, cwd=directory, timeout=limit, check=True)
    seconds, peak_mb, code, cpu_seconds = json.loads(done.stdout)
    text = output.read_text(encoding="utf-8", errors="replace")
    if code:
        raise RuntimeError(f"{' '.join(command[:4])} ... ended with {code}:\n{text[-3000:]}")
    return Measured(seconds, peak_mb, text, cpu_seconds)


def _main(output: str, *command: str) -> None:
    with open(output, "wb") as stream:
        began = time.monotonic()
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=stream, stderr=subprocess.STDOUT)
        _unused, status, usage = os.wait4(process.pid, 0)
        seconds = time.monotonic() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    print(json.dumps([seconds, usage.ru_maxrss / 1024, process.returncode, usage.ru_utime + usage.ru_stime]))


if __name__ == "__main__":
    _main(*sys.argv[1:])
