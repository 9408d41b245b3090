# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The example site on real hosts, as its administrator sees it, and past the product: the store, the servers' states, the hosts."""

from __future__ import annotations

import contextlib
import json
import re
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import yaml
from hosts.machine import TESTS, Hosts, environment, run

from sandbox.hosts.settings import CONTROLLER

EXAMPLES = TESTS.parent / "docs" / "examples"
VARIABLES = EXAMPLES / "site" / "inventory" / "group_vars" / "all"
START_SECONDS, STOP_SECONDS, PLAY_SECONDS, WAIT_SECONDS = 60.0, 60.0, 300.0, 90.0


class Play:
    """What came of a playbook."""

    def __init__(self, done: subprocess.CompletedProcess[str]) -> None:
        self.code = done.returncode
        self.output = done.stdout
        found = re.findall(r"^(\S+)\s+: (ok=.*)$", done.stdout, re.MULTILINE)
        #: host -> figure of the recap -> number
        self.recap = {host: {name: int(number) for name, number in re.findall(r"(\w+)=(\d+)", figures)} for host, figures in found}

    def hosts(self, figure: str) -> set[str]:
        """Return the hosts with a figure other than 0."""
        return {host for host, figures in self.recap.items() if figures[figure]}

    def errors(self) -> str:
        """Return what is said of failures, or the end of the output."""
        return "\n".join(line for line in self.output.splitlines() if re.match(r"fatal|failed:|\[?ERROR", line)) or self.output[-3000:]


class Site:
    """The hosts, and a sandbox in their network."""

    def __init__(self, hosts: Hosts, sandbox: dict[str, Any], directory: Path) -> None:
        self.hosts = hosts
        self.sandbox = sandbox
        self._directory = directory
        self.packages = Path(sandbox["packages"])

    # the administrator

    def play(self, book: str | Path, *options: str, succeeds: bool = True, **variables: Any) -> Play:
        """Run a playbook, which must succeed unless said otherwise."""
        line = self._line(book, *options, **variables)
        played = Play(run(line, PLAY_SECONDS, self.hosts.environment()))
        assert not succeeds or played.code == 0, played.errors()
        return played

    @contextlib.contextmanager
    def playing(self, book: str | Path, *options: str, **variables: Any) -> Iterator[Callable[[], Play]]:
        """Run a playbook while the block does something to it; the block gets a function that waits for its end."""
        line = self._line(book, *options, **variables)
        output = self._directory / "output"
        env = self.hosts.environment()
        with output.open("w", encoding="utf-8") as sink:
            process = subprocess.Popen(line, stdin=subprocess.DEVNULL, stdout=sink, stderr=subprocess.STDOUT, env=env, start_new_session=True)

        def end() -> Play:
            process.wait(PLAY_SECONDS)
            return Play(subprocess.CompletedProcess(line, process.returncode, output.read_text(encoding="utf-8")))

        try:
            yield end
        finally:
            if process.poll() is None:
                process.kill()
                process.wait(10)

    def _line(self, book: str | Path, *options: str, **variables: Any) -> list[str]:
        file = self._directory / "variables.yml"
        file.write_text(yaml.safe_dump(variables), encoding="utf-8")
        inventories = ("-i", self.sandbox["inventory"], "-i", str(self.hosts.inventory))
        description = [word for name in ("solution", "packages") for word in ("-e", f"@{VARIABLES / name}.yml")]
        return self.hosts.inside("-m", "ansible", "playbook", "--forks", "10", *inventories, *description, "-e", f"@{file}", *options, str(book))

    # past the product

    def ask(self, method: str, url: str, body: Any = None) -> Any:
        """Call the sandbox's control interface or Solution Control Server."""
        return self.hosts.ask(method, url, body)

    def store(self) -> dict[str, dict[str, Any]]:
        """Return all applications, as the Configuration Server has them, by name."""
        return {item["name"]: item for item in self.ask("GET", self.sandbox["control_url"] + "/objects/CfgApplication")}

    def edit(self, application: str, **fields: str) -> None:
        """Change fields of an application past the product."""
        self.ask("PUT", f"{self.sandbox['control_url']}/objects/CfgApplication/{self.store()[application]['dbid']}", {"fields": fields})

    def everything(self) -> Any:
        """Return the whole database of the Configuration Server."""
        return self.ask("GET", self.sandbox["control_url"] + "/database")

    def scs(self, method: str, path: str) -> Any:
        """Call Solution Control Server."""
        return self.ask(method, f"http://{self.sandbox['scs_host']}:{self.sandbox['scs_port']}{path}")

    def statuses(self) -> dict[str, str]:
        """Return the status of each application."""
        return {item["name"]: item["status"] for item in self.scs("GET", "/applications")}

    def wait(self, statuses: dict[str, str]) -> None:
        """Wait until Solution Control Server reports these statuses."""
        seen: dict[str, str] = {}

        def reached() -> bool:
            seen.update(self.statuses())
            return seen.items() >= statuses.items()

        assert wait_until(reached), {name: seen.get(name) for name in statuses}

    def appears(self, host: str, file: str, ended: Callable[[], bool] = lambda: False, seconds: float = WAIT_SECONDS) -> bool:
        """Wait until a file is on a host, but no longer when the run has ended that is to make it; tell whether it is there."""
        # The host looks: a login for each look took longer than what is waited for.
        look = f"for _ in $(seq 20); do test -e {file} && exit 0; sleep 0.5; done; exit 1"
        found = False

        def looked() -> bool:
            nonlocal found
            found = self.hosts.try_ssh(host, look).returncode == 0
            return found or ended()

        return wait_until(looked, seconds) and found

    def process(self, host: str, application: str) -> tuple[str, str, str]:
        """Return the id, the account and the working directory of an application's process, as its host tells them."""
        look = f"for pid in $(pgrep --full -- '-app {application}$'); do echo $pid; ps -o user= -p $pid; sudo readlink /proc/$pid/cwd; done"
        pid, account, directory = self.hosts.ssh(host, look).split()
        return pid, account, directory

    def version(self, host: str, application: str) -> str:
        """Return the version that is installed, as the host tells it."""
        found = re.search(r'<Release Version="([\d.]+)"', self.hosts.ssh(host, f"sudo cat /opt/genesys/{application}/ip_description.xml"))
        assert found
        return found[1]


def wait_until(condition: Callable[[], bool], seconds: float = WAIT_SECONDS) -> bool:
    """Wait until a condition holds; tell whether it does."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.2)
    return True


@contextlib.contextmanager
def running_sandbox(hosts: Hosts, directory: Path) -> Iterator[dict[str, Any]]:
    """Run a sandbox in the hosts' network; yields what it tells of itself."""
    line = hosts.inside("-m", "sandbox", "run", "--gax-port", "0", "--address", CONTROLLER, "--dir", str(directory))
    process = subprocess.Popen(line, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, env=environment(), cwd=TESTS)
    timer = threading.Timer(START_SECONDS, process.kill)
    timer.start()
    try:
        assert process.stdout is not None
        told = process.stdout.readline()
        timer.cancel()
        yield json.loads(told)
    finally:
        timer.cancel()
        process.terminate()
        process.communicate(timeout=STOP_SECONDS)
