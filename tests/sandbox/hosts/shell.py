# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Programs of the operating system, each with a time limit."""

from __future__ import annotations

import subprocess


class HostsError(Exception):
    """The hosts can't do what was asked; the message says why in one line."""


def run(*command: str, seconds: float = 20.0) -> str:
    """Run a program and return its output. Raises HostsError if it fails or is not done in time."""
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=seconds, check=False)
    except OSError as error:
        raise HostsError(f"can not run {command[0]}: {error.strerror}") from None
    except subprocess.TimeoutExpired:
        raise HostsError(f"not done after {seconds:g} s: {' '.join(command)}") from None
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines()
        raise HostsError(f"{' '.join(command)}: {said[-1] if said else f'exit code {done.returncode}'}")
    return done.stdout


def succeeds(*command: str, seconds: float = 20.0) -> bool:
    """Run a program and tell whether it succeeded."""
    try:
        run(*command, seconds=seconds)
    except HostsError:
        return False
    return True
