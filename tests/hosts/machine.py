# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The hosts' command as a user runs it, and what a set of hosts has on this machine."""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sandbox.testing import compiled_once, packed_once
from sandbox.warm import WarmPython

TESTS = Path(__file__).resolve().parents[1]
SECONDS = 600.0
PACKED = packed_once()

#: Runs in the hosts' network: a line of JSON for each request, and one for its answer.
_ASK = """
import json, sys, urllib.request
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
for line in sys.stdin:
    method, url, body = json.loads(line)
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"}, method=method)
    try:
        answer = {"answer": json.loads(opener.open(request, timeout=20).read() or b"null")}
    except (OSError, ValueError) as error:
        answer = {"error": f"{method} {url}: {error!r}"}
    print(json.dumps(answer), flush=True)
"""


def command(*arguments: str) -> list[str]:
    """Return the command line of ``python -m sandbox hosts``."""
    return [sys.executable, "-m", "sandbox", "hosts", *arguments]


def environment() -> dict[str, str]:
    """Return the variables of every command: nothing of the caller's Ansible."""
    of_ansible = {
        **PACKED,
        "ANSIBLE_HOME": str(TESTS.parent / ".cache" / "ansible"),
        "ANSIBLE_NOCOLOR": "1",
        # Other tests have the pause that the stand-in of mlcmd makes when it starts.
        "SANDBOX_MLCMD_SECONDS": "0",
    }
    own = {**compiled_once(TESTS), **of_ansible, "LC_ALL": "C.UTF-8"}
    return {**{name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")}, **own}


def run(line: list[str], seconds: float = 60.0, env: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Run a command line, whatever comes of it; both outputs are one text. Without ``env`` with the variables of every command."""
    own = environment() if env is None else env
    return subprocess.run(
        line, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=seconds, env=own, check=False
    )


class Hosts:
    """One set of hosts, made by the command."""

    def __init__(self, directory: Path, prefix: str, *names: str) -> None:
        self.directory = directory
        self.prefix = prefix
        self._names = ("--names", ",".join(names)) if names else ()
        self.inventory = directory / "inventory" / "hosts.yml"
        self._asking: subprocess.Popen[str] | None = None
        self._one_asks = threading.Lock()
        self._warm = contextlib.ExitStack()
        self._warm_variables: dict[str, str] = {}

    def up_command(self) -> list[str]:
        """Return the command line that makes the hosts."""
        return command("up", "--prefix", self.prefix, "--dir", str(self.directory), *self._names)

    def do(self, operation: str, *arguments: str) -> str:
        """Run an operation, which must succeed, and return its output."""
        if operation in ("up", "down"):
            self._leave_the_network()
        line = self.up_command() if operation == "up" else command(operation, "--prefix", self.prefix, *arguments)
        done = run(line, SECONDS)
        assert done.returncode == 0, done.stdout
        return done.stdout

    def inside(self, *arguments: str) -> list[str]:
        """Return the command line that runs this Python, with arguments, in the hosts' network."""
        return ["ip", "netns", "exec", self.prefix, sys.executable, *arguments]

    def ask(self, method: str, url: str, body: Any = None) -> Any:
        """Send a request from the hosts' network, which must be answered well, and return the answer.

        One process sends all of them: to start one for each took longer than all the rest of it.
        """
        with self._one_asks:
            if self._asking is None:
                line = self.inside("-c", _ASK)
                self._asking = subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment())
            assert self._asking.stdin is not None and self._asking.stdout is not None
            self._asking.stdin.write(json.dumps([method, url, body]) + "\n")
            self._asking.stdin.flush()
            told = json.loads(self._asking.stdout.readline() or '{"error": "nobody asks any more"}')
        assert "error" not in told, told["error"]
        return told["answer"]

    def environment(self) -> dict[str, str]:
        """Return the variables of a playbook's run in the hosts' network. Its modules on the controller, not those on hosts, are run by a warm Python."""
        if not self._warm_variables:
            place = Path(self._warm.enter_context(tempfile.TemporaryDirectory(prefix="warm-")))
            self._warm_variables = self._warm.enter_context(WarmPython(place, within=self.inside()[:-1]))
        return {**environment(), **self._warm_variables}

    def _leave_the_network(self) -> None:
        self._warm.close()
        self._warm_variables = {}
        if self._asking is not None:
            self._asking.communicate(timeout=60)
            self._asking = None

    def status(self) -> dict[str, list[str]]:
        """Return address, state, cable and free mebibytes of each host."""
        return {words[0]: words[1:5] for words in (line.split() for line in self.do("status").splitlines())}

    def ssh(self, host: str, shell_command: str, alone: bool = False) -> str:
        """Run a command on a host, which must succeed, as the unprivileged user; see ``ssh_line``."""
        done = self.try_ssh(host, shell_command, alone)
        assert done.returncode == 0, done.stdout
        return done.stdout.strip()

    def try_ssh(self, host: str, shell_command: str, alone: bool = False) -> subprocess.CompletedProcess[str]:
        """Run a command on a host, whatever comes of it."""
        return run(self.ssh_line(host, shell_command, alone))

    def ssh_line(self, host: str, shell_command: str, alone: bool = False) -> list[str]:
        """Return the command line that runs a command on a host as the unprivileged user.

        It goes over the connection of Ansible's runs, as long as there is one, for a login takes longer than most commands; ``alone``: over one of its own.
        """
        own = ("-o", "ControlMaster=no", *(("-o", "ControlPath=none") if alone else ()), "-o", "LogLevel=ERROR")
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
