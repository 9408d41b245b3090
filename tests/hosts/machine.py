# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The hosts' command as a user runs it, and what a set of hosts has on this machine."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from pathlib import Path

from sandbox.testing import compiled_once, packed_once

TESTS = Path(__file__).resolve().parents[1]
SECONDS = 600.0
PACKED = packed_once()


def command(*arguments: str) -> list[str]:
    """Return the command line of ``python -m sandbox hosts``."""
    return [sys.executable, "-m", "sandbox", "hosts", *arguments]


def environment() -> dict[str, str]:
    """Return the variables of every command: nothing of the caller's Ansible."""
    own = {**compiled_once(TESTS), **PACKED, "LC_ALL": "C.UTF-8", "ANSIBLE_NOCOLOR": "1", "ANSIBLE_HOME": str(TESTS.parent / ".cache" / "ansible")}
    return {**{name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")}, **own}


def run(line: list[str], seconds: float = 60.0) -> subprocess.CompletedProcess[str]:
    """Run a command line, whatever comes of it; both outputs are one text."""
    return subprocess.run(
        line, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=seconds, env=environment(), check=False
    )


class Hosts:
    """One set of hosts, made by the command."""

    def __init__(self, directory: Path, prefix: str, *names: str) -> None:
        self.directory = directory
        self.prefix = prefix
        self._names = ("--names", ",".join(names)) if names else ()
        self.inventory = directory / "inventory" / "hosts.yml"

    def up_command(self) -> list[str]:
        """Return the command line that makes the hosts."""
        return command("up", "--prefix", self.prefix, "--dir", str(self.directory), *self._names)

    def do(self, operation: str, *arguments: str) -> str:
        """Run an operation, which must succeed, and return its output."""
        line = self.up_command() if operation == "up" else command(operation, "--prefix", self.prefix, *arguments)
        done = run(line, SECONDS)
        assert done.returncode == 0, done.stdout
        return done.stdout

    def inside(self, *arguments: str) -> list[str]:
        """Return the command line that runs this Python, with arguments, in the hosts' network."""
        return ["ip", "netns", "exec", self.prefix, sys.executable, *arguments]

    def status(self) -> dict[str, list[str]]:
        """Return address, state, cable and free mebibytes of each host."""
        return {words[0]: words[1:5] for words in (line.split() for line in self.do("status").splitlines())}

    def ssh(self, host: str, shell_command: str) -> str:
        """Run a command on a host, which must succeed, as the unprivileged user."""
        done = self.try_ssh(host, shell_command)
        assert done.returncode == 0, done.stdout
        return done.stdout.strip()

    def try_ssh(self, host: str, shell_command: str) -> subprocess.CompletedProcess[str]:
        """Run a command on a host, whatever comes of it."""
        return run(self.ssh_line(host, shell_command))

    def ssh_line(self, host: str, shell_command: str) -> list[str]:
        """Return the command line that runs a command on a host as the unprivileged user, on a connection of its own."""
        own = ("-o", "ControlMaster=no", "-o", "ControlPath=none", "-o", "LogLevel=ERROR")
        return ["ip", "netns", "exec", self.prefix, "ssh", "-F", str(self.directory / "ssh" / "config"), *own, host, shell_command]

    def ansible(self, pattern: str, *arguments: str) -> tuple[dict[str, str], float]:
        """Run an ad-hoc task; return what came of it for each host, and the seconds that it took."""
        began = time.monotonic()
        done = run(self.inside("-m", "ansible", "adhoc", "-i", str(self.inventory), pattern, "--forks", "10", *arguments))
        results = dict(re.findall(r"^(\S+) \| (SUCCESS|CHANGED|FAILED|UNREACHABLE)\b", done.stdout, re.MULTILINE))
        return results, time.monotonic() - began


def footprint(hosts: Hosts) -> dict[str, list[str]]:
    """Return what a set of hosts has on this machine."""
    prefix, directory = hosts.prefix, str(hosts.directory)
    mounted = [line.split()[4] for line in Path("/proc/self/mountinfo").read_text(encoding="utf-8").splitlines()]
    processes = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            words = (process / "cmdline").read_text(encoding="utf-8", errors="replace").split("\0")
        except OSError:
            continue  # it has just ended
        if any(word.startswith((f"{prefix}-", f"--machine={prefix}-")) or f"/{prefix}/" in word for word in words):
            processes.append(" ".join(words))
    loops = run(["losetup", "--noheadings", "--output", "BACK-FILE"]).stdout.split()
    return {
        "namespaces": sorted(path.name for path in Path("/run/netns").glob(f"{prefix}*")),
        "groups": sorted(str(path) for path in Path("/sys/fs/cgroup").rglob(f"{prefix}-*")),
        "mounts": sorted(path for path in mounted if path.startswith((f"/run/netns/{prefix}", directory))),
        "processes": processes,
        "records": sorted(str(path) for path in Path("/run/sandbox-hosts").glob(f"{prefix}/*")),
        "loops": sorted(file for file in loops if file.startswith(directory)),
    }
