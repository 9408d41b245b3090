# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A deployed site whose servers are upgraded: runs of playbooks that can be held and killed, and what is looked at past the product."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import re
import signal
import subprocess
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import yaml
from hosts.callbacks.at_task import descendants
from hosts.example_site import VARIABLES, Play, Site, wait_until
from hosts.machine import TESTS, Hosts
from hosts.upgrade_load import Load
from hosts.upgrade_packages import Packages
from hosts.upgrade_watch import Pair, Watch

from sandbox.packages.products import PACKAGES

#: The longest run on a busy machine, with time-outs of the product in it.
RUN_SECONDS = 900.0
CONTACT, CHAT = "CFGContactServer", "CFGChatServer"


class Run:
    """A playbook that runs, see ``UpgradeSite.run``."""

    def __init__(self, line: list[str], place: Path, env: dict[str, str]) -> None:
        self._line, self.place = line, place
        self._output = place / "output"
        with self._output.open("w", encoding="utf-8") as sink:
            self._process = subprocess.Popen(line, stdin=subprocess.DEVNULL, stdout=sink, stderr=subprocess.STDOUT, env=env, start_new_session=True)

    def end(self) -> Play:
        """Wait until it has ended."""
        self._process.wait(RUN_SECONDS)
        return Play(subprocess.CompletedProcess(self._line, self._process.returncode, self._output.read_text(encoding="utf-8")))

    def is_held(self) -> None:
        """Wait until it stands at the task where it is to be held."""
        held = self.place / "held"
        assert wait_until(lambda: held.exists() or self._process.poll() is not None, RUN_SECONDS) and held.exists(), self.tail()

    def go_on(self) -> None:
        """Let it go on."""
        (self.place / "held").unlink()

    def ended(self) -> bool:
        """Tell whether it has ended."""
        return self._process.poll() is not None

    def kill(self) -> None:
        """End it with all that it started, as a controller that loses its power."""
        for process in [self._process.pid, *descendants(self._process.pid)]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        self._process.wait(20)

    def tail(self) -> str:
        """Return the end of what it said."""
        return self._output.read_text(encoding="utf-8")[-3000:]

    def tasks(self) -> list[tuple[str, int]]:
        """Return the tasks that began, each with which time it was."""
        times: Counter[str] = Counter()
        found = []
        for entry in self._entries():
            if "begins" in entry:
                times[entry["begins"]] += 1
                found.append((entry["begins"], times[entry["begins"]]))
        return found

    def changing(self) -> list[tuple[str, int]]:
        """Return those tasks that changed something."""
        times: Counter[str] = Counter()
        found: dict[tuple[str, int], None] = {}
        for entry in self._entries():
            if "begins" in entry:
                times[entry["begins"]] += 1
            else:
                found[entry["changed"], times[entry["changed"]]] = None
        return list(found)

    def _entries(self) -> list[dict[str, str]]:
        file = self.place / "tasks"
        return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()] if file.exists() else []


class UpgradeSite(Site):
    """A site with its packages.

    Args:
        hosts: all hosts.
        sandbox: what the sandbox tells of itself.
        directory: a directory for what runs leave on the controller.
        solution: the description; the example site's if there is none.
    """

    def __init__(self, hosts: Hosts, sandbox: dict[str, Any], directory: Path, solution: dict[str, Any] | None = None) -> None:
        super().__init__(hosts, sandbox, directory)
        self.place = directory
        self.solution = solution
        self.packages_of = {"contact_server": Packages(hosts, "eSContSrv", "9.1.010"), "chat_server": Packages(hosts, "eSChatSrv", "8.5.320")}
        named = yaml.safe_load((VARIABLES / "packages.yml").read_text(encoding="utf-8"))["genesys_packages"]
        #: role -> the path of the package that is rolled out, on the hosts
        self.rolled_out = {role: path.replace("{{ genesys_packages_directory }}", "/srv/genesys/packages") for role, path in named.items()}
        first = Path(self.rolled_out["contact_server"]).name
        self._version = next(package.version for package in PACKAGES if package.file_name == first)
        #: the packages of UCS that were rolled out before, with their versions
        self.former: list[tuple[str, str]] = []
        #: Whether the lock of an upgrade is there that has ended well: the next run takes it.
        self.lock_is_left = False
        self._numbers = itertools.count(1)

    def roll_out(self, path: str, version: str) -> None:
        """From now on a package of UCS is the one that is rolled out."""
        self.former.append((self.rolled_out["contact_server"], self._version))
        self.rolled_out["contact_server"], self._version = path, version

    # runs

    @contextlib.contextmanager
    def run(self, book: str, *options: str, orders: dict[str, Any] | None = None, env: dict[str, str] | None = None, **variables: Any) -> Iterator[Run]:
        """Run a playbook during a block. ``orders`` are those of the callback at_task."""
        place = Path(tempfile.mkdtemp(prefix=f"{next(self._numbers):03d}-", dir=self.place))
        if self.solution is not None:
            variables["chat_solution"] = self.solution
        if self.lock_is_left:
            self.lock_is_left, variables["upgrade_break_lock"] = False, True
        variables = {"genesys_packages": self.rolled_out, "upgrade_report_dir": str(place), **variables}
        (place / "variables.yml").write_text(yaml.safe_dump(variables), encoding="utf-8")
        (place / "orders").write_text(json.dumps(orders or {}), encoding="utf-8")
        inventories = ("-i", self.sandbox["inventory"], "-i", str(self.hosts.inventory))
        description = [word for name in ("solution", "packages") for word in ("-e", f"@{VARIABLES / name}.yml")]
        line = self.hosts.inside("-m", "ansible", "playbook", "--forks", "20", *inventories, *description, "-e", f"@{place / 'variables.yml'}", *options, book)
        with_all = self.hosts.environment()
        callbacks = {
            "ANSIBLE_CALLBACK_PLUGINS": os.pathsep.join((with_all["ANSIBLE_CALLBACK_PLUGINS"], str(TESTS / "hosts" / "callbacks"))),
            "ANSIBLE_CALLBACKS_ENABLED": f"{with_all['ANSIBLE_CALLBACKS_ENABLED']},at_task",
            "AT_TASK": str(place),
        }
        running = Run(line, place, {**with_all, **callbacks, **(env or {})})
        try:
            yield running
        finally:
            running.kill()

    def complete(self, book: str, *options: str, succeeds: bool = True, **more: Any) -> Play:
        """Run a playbook to its end, which must be a good one unless said otherwise."""
        with self.run(book, *options, **more) as running:
            played = running.end()
        assert not succeeds or played.code == 0, played.errors()
        return played

    def make_whole(self) -> None:
        """See that all servers run the packages that are rolled out. Nothing is done if they do."""
        names = [*self.applications(CONTACT), *self.applications(CHAT)]
        versions = self.versions(CONTACT) if self._hosts_are_up() else {}
        if versions and len(set(sum(versions.values(), ()))) == 1 and {self.statuses().get(name) for name in names} == {"RUNNING"}:
            return
        everybody = list(self.hosts.status())
        for operation in ("boot", "heal", "free-disk"):
            self.hosts.do(operation, *everybody)
        self.ask("POST", self.sandbox["control_url"] + "/scs/restart", {})
        self.ask("DELETE", self.sandbox["control_url"] + "/faults")
        for name in names:
            self.ask("POST", f"http://{self.sandbox['scs_host']}:{self.sandbox['scs_port']}/behaviour", {"application": name})
        self.complete("genesys_engage.chat.deploy", package_allow_downgrade=True)

    def _hosts_are_up(self) -> bool:
        return all((state, cable) == ("running", "plugged") for _address, state, cable, *_free in self.hosts.status().values())

    # servers, past the product

    def stop(self, *applications: str) -> None:
        """Stop applications at the same time."""
        self._command("stop", applications)
        self.wait(dict.fromkeys(applications, "STOPPED"))

    def start(self, *applications: str) -> None:
        """Start applications at the same time."""
        self._command("start", applications)
        self.wait(dict.fromkeys(applications, "RUNNING"))

    def _command(self, command: str, applications: tuple[str, ...]) -> None:
        store = self.store()
        for name in applications:
            self.scs("POST", f"/{command}/{store[name]['dbid']}")

    def set_options(self, settings: dict[str, str | None]) -> None:
        """Set options in the section settings of all Chat Servers, None for none, and start these anew."""
        chat_servers = self.applications(CHAT)
        for item in chat_servers.values():
            self.ask("PUT", f"{self.sandbox['control_url']}/objects/CfgApplication/{item['dbid']}", {"options": {"settings": settings}})
        self.stop(*chat_servers)
        self.start(*chat_servers)

    @staticmethod
    def wait_for(condition: Callable[[], bool]) -> None:
        """Wait until a condition holds."""
        assert wait_until(condition)

    # what is there

    def applications(self, subtype: str) -> dict[str, dict[str, Any]]:
        """Return the applications of a type by name, as the Configuration Server has them."""
        return {name: item for name, item in sorted(self.store().items()) if item.get("subtype") == subtype}

    def host_of(self, application: str) -> str:
        """Return the host of an application."""
        return self._hosts_by_dbid()[self.store()[application]["hostdbid"]]["name"]

    def _hosts_by_dbid(self) -> dict[str, dict[str, Any]]:
        return {item["dbid"]: item for item in self.ask("GET", self.sandbox["control_url"] + "/objects/CfgHost")}

    def pairs(self) -> list[Pair]:
        """Return the pairs of UCS, each with the Chat Servers that are connected to it."""
        members = {item["dbid"]: item for item in self.applications(CONTACT).values()}
        chat_servers = self.applications(CHAT)
        found = []
        for primary in members.values():
            backup = members.get(primary.get("backupserverdbid", "0"))
            if backup:
                connected = [
                    name
                    for name, item in chat_servers.items()
                    if primary["dbid"] in [link["appserverdbid"] for link in (item.get("appservers") or {}).get("conninfo", [])]
                ]
                found.append(Pair((primary["name"], backup["name"]), tuple(connected)))
        return sorted(found, key=lambda pair: pair.members)

    def watch(self) -> Watch:
        """Return a watch over all pairs."""
        places, members = self._hosts_by_dbid(), self.applications(CONTACT)
        addresses = {name: (places[item["hostdbid"]]["ipaddress"], int(item["portinfos"]["portinfo"][0]["port"])) for name, item in members.items()}
        return Watch(self.hosts, self.pairs(), addresses)

    def load(self, chats: int) -> Load:
        """Return so many chats."""
        confserv = f"{self.sandbox['confserv_host']}:{self.sandbox['confserv_port']}"
        return Load(self.hosts, confserv, Path(tempfile.mkdtemp(prefix="load-", dir=self.place)), chats)

    def versions(self, subtype: str = CONTACT) -> dict[str, tuple[str, str]]:
        """Return of each application the version that the Configuration Server has and the one on its host."""
        places = self._hosts_by_dbid()
        found = self.applications(subtype)
        with ThreadPoolExecutor(8) as pool:
            installed = pool.map(lambda name: self.version(places[found[name]["hostdbid"]]["name"], name), found)
            return {name: (found[name]["version"], version) for name, version in zip(found, installed, strict=True)}

    def connections(self) -> dict[str, list[str]]:
        """Return of each Chat Server the UCS members that it has connected to so far, one after the other, as its logs on its host tell."""
        places = self._hosts_by_dbid()
        found = self.applications(CHAT)

        def told(name: str) -> list[str]:
            directory = f"/opt/genesys/{name}"
            logs = f"sudo sh -c 'cat {directory}/*.log {directory}/backup_*/*.log 2>/dev/null'"
            lines = self.hosts.ssh(places[found[name]["hostdbid"]]["name"], f"{logs} | grep 04503 || true")
            return re.findall(r"04503 Connected to ContactServer '([^']+)'", lines)

        with ThreadPoolExecutor(8) as pool:
            return dict(zip(found, pool.map(told, found), strict=True))

    def reconnects(self, before: dict[str, list[str]]) -> dict[str, int]:
        """Return how many times each Chat Server has connected to a UCS since then."""
        return {name: len(now) - len(before[name]) for name, now in self.connections().items()}
