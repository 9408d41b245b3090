# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A sandbox in the background: ``start`` returns when it is ready, ``stop`` when it is gone."""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

START_SECONDS = 90.0
STOP_SECONDS = 40.0


class BackgroundError(Exception):
    """It can't be done; the message says why in one line."""


def start(run_arguments: list[str], directory: Path) -> str:
    """Start ``python -m sandbox run`` with its arguments and return the first line of its output.

    Raises BackgroundError, with what it said, if it ends or is not ready in time; nothing of it is left then.
    """
    log = directory / "log"
    log.mkdir(parents=True, exist_ok=True)
    with (log / "run.out").open("wb") as output, (log / "run.err").open("wb") as errors:
        command = [sys.executable, "-m", "sandbox", "run", *run_arguments]
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=errors, start_new_session=True)
    deadline = time.monotonic() + START_SECONDS
    while not (said := (log / "run.out").read_text(encoding="utf-8")).endswith("\n"):
        if process.poll() is not None:
            raise BackgroundError((log / "run.err").read_text(encoding="utf-8").strip().removeprefix("sandbox: ") or f"exit code {process.returncode}")
        if time.monotonic() > deadline:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            raise BackgroundError(f"not ready after {START_SECONDS:g} s; see {log}")
        time.sleep(0.05)
    return said.strip()


def stop(directory: Path) -> bool:
    """End the sandbox of a directory and wait until it is gone; tell whether there was one. Raises BackgroundError if it does not end."""
    try:
        lock = os.open(directory / "lock", os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        if _is_free(lock):
            return False
        process = int(os.pread(lock, 32, 0)[16:].decode("ascii").strip() or 0)
        for number in (signal.SIGTERM, signal.SIGKILL):
            if process:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(process, number)
            deadline = time.monotonic() + STOP_SECONDS
            while time.monotonic() < deadline:
                if _is_free(lock):
                    return True
                time.sleep(0.05)
        raise BackgroundError(f"the sandbox of {directory} (process {process}) does not end")
    finally:
        os.close(lock)


def _is_free(lock: int) -> bool:
    """Whether no sandbox holds the lock of its directory. A lock that was free is held from now on."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
