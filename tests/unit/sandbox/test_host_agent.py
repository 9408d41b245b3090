# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Solution Control Server with an agent on each host: what it knows, what it claims, what it starts by itself."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from unit.sandbox.host_site import TESTS, HostSite, free_port, package

from sandbox.packages import build_all

# A host that was started anew: another boot.
REBOOTED = "import sys, runpy, scs.processes; scs.processes.boot_id = lambda: 'another'; sys.argv = ['lca', *sys.argv[1:]]; "
REBOOTED += "runpy.run_module('scs.lca', run_name='__main__')"


class Agents:
    """The agents of a site's hosts, each a process at its host's address."""

    def __init__(self, site: HostSite) -> None:
        self.site = site
        self.processes: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, host: str, rebooted: bool = False) -> None:
        """Start the agent of a host."""
        found = self.site.host(host)
        found.setdefault("lcaport", str(free_port()))
        environment = {"PATH": os.defpath, "PYTHONPATH": str(TESTS / "sandbox"), "SANDBOX_ADDRESS": found["ipaddress"]}
        environment |= {"SANDBOX_HOSTNAME": host, "SANDBOX_DIR": str(self.site.directory)}
        program = ["-c", REBOOTED] if rebooted else ["-m", "scs.lca"]
        line = [sys.executable, *program, found["lcaport"], found["ipaddress"]]
        self.processes[host] = subprocess.Popen(line, env=environment, stdin=subprocess.DEVNULL)

    def signal(self, host: str, number: signal.Signals) -> None:
        """Send a signal to an agent; its servers go on."""
        self.processes[host].send_signal(number)
        if number == signal.SIGKILL:
            self.processes[host].wait(10)

    def end(self) -> None:
        """End all agents, and the servers that nobody has ended."""
        for process in self.processes.values():
            process.kill()
            process.wait(10)
        for place in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if f"SANDBOX_SCS=127.0.0.1:{self.site.scs_port}\0" in (place / "environ").read_text(encoding="utf-8", errors="replace"):
                    os.kill(int(place.name), signal.SIGKILL)


@pytest.fixture(scope="module")
def archives(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("archives")
    build_all(directory, sys.executable)
    return directory


@pytest.fixture
def site(tmp_path: Path, archives: Path) -> Iterator[HostSite]:
    with HostSite(tmp_path, archives) as running:
        yield running


@pytest.fixture
def agents(site: HostSite) -> Iterator[Agents]:
    made = Agents(site)
    for host in ("ucs1", "ucs2"):
        made.start(host)
    yield made
    site.stop_scs()
    made.end()


def ucs(site: HostSite, name: str = "UCS 1", host: str = "ucs1", **fields: Any) -> Any:
    return site.application(name, package("eSContSrv"), host, {"default": 5100}, **fields)


def running(site: HostSite, *servers: Any) -> None:
    """Start Solution Control Server, and by it the servers."""
    site.start_scs("--agents")
    site.wait("STOPPED", *servers)
    site.command("start", *servers)
    site.wait("RUNNING", *servers)


def parent(pid: int | None) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[1])


def test_an_agent_starts_and_stops_in_its_own_environment(site: HostSite, agents: Agents) -> None:
    server = ucs(site)
    running(site, server)
    pid = site.pid(server)
    assert parent(pid) == agents.processes["ucs1"].pid
    environment = Path(f"/proc/{pid}/environ").read_text(encoding="utf-8").split("\0")
    assert f"SANDBOX_SCS=127.0.0.1:{site.scs_port}" in environment and "SANDBOX_HOSTNAME=ucs1" in environment
    site.command("stop", server)
    site.wait("STOPPED", server)
    assert site.pid(server) is None
    server["workdirectory"] = "/absent"
    site.command("start", server)
    site.wait("STOPPED", server)


@pytest.mark.parametrize("number", [signal.SIGSTOP, signal.SIGKILL])
def test_an_agent_that_does_not_answer_leaves_everything_unknown(site: HostSite, agents: Agents, number: signal.Signals) -> None:
    server, idle, other = ucs(site), ucs(site, "UCS 2"), ucs(site, "UCS 3", "ucs2")
    running(site, server, other)
    pid = site.pid(server)
    agents.signal("ucs1", number)
    site.wait("UNKNOWN", server, idle)
    assert (site.runmode(server), site.status(other)) == ("UNKNOWN", "RUNNING")
    assert "Local Control Agent" in site.scs("POST", f"/start/{idle['dbid']}")["message"]
    if number == signal.SIGSTOP:
        agents.signal("ucs1", signal.SIGCONT)
    else:
        agents.start("ucs1")
    site.wait("RUNNING", server)
    assert (site.pid(server), site.runmode(server), site.status(idle)) == (pid, "PRIMARY", "STOPPED")


def test_an_agent_that_never_answered(site: HostSite, agents: Agents) -> None:
    server = ucs(site, "UCS 1", "ucs3")
    site.host("ucs3")["lcaport"] = str(free_port())
    site.start_scs("--agents")
    assert site.status(server) == "UNKNOWN"
    agents.start("ucs3")
    site.wait("STOPPED", server)


def test_the_backup_takes_over_from_a_host_that_is_lost(site: HostSite, agents: Agents) -> None:
    backup = ucs(site, "UCS 2", "ucs2")
    primary = ucs(site, backupserverdbid=backup["dbid"])
    site.start_scs("--agents")
    for server in (primary, backup):
        site.command("start", server)
        site.wait("RUNNING", server)
    assert (site.runmode(primary), site.runmode(backup)) == ("PRIMARY", "BACKUP")
    agents.signal("ucs1", signal.SIGSTOP)
    site.wait("UNKNOWN", primary)
    assert site.runmode(backup) == "PRIMARY"
    agents.signal("ucs1", signal.SIGCONT)
    site.wait("RUNNING", primary)
    assert site.runmode(primary) == "BACKUP"


@pytest.mark.parametrize("rebooted", [True, False])
def test_after_a_reboot_what_ran_before_is_started(site: HostSite, agents: Agents, rebooted: bool) -> None:
    """A server that is gone without a reboot has failed, and is started only by autorestart."""
    server, stopped = ucs(site), ucs(site, "UCS 2", portinfos={"portinfo": [{"id": "default", "port": "5101"}]})
    running(site, server, stopped)
    site.command("stop", stopped)
    site.wait("STOPPED", stopped)
    pid = site.pid(server)
    assert pid is not None
    agents.signal("ucs1", signal.SIGKILL)
    os.kill(pid, signal.SIGKILL)
    site.wait("UNKNOWN", server)
    agents.start("ucs1", rebooted)
    site.wait("RUNNING" if rebooted else "STOPPED", server)
    assert (site.pid(server) not in (None, pid)) is rebooted
    assert site.status(stopped) == "STOPPED"


def test_autostart_when_the_agent_comes(site: HostSite, agents: Agents) -> None:
    autostart = {"property": [{"section": "sml", "key": "autostart", "value": "true"}]}
    server, other = ucs(site, userproperties=autostart), ucs(site, "UCS 2", "ucs2")
    site.start_scs("--agents")
    site.wait("RUNNING", server)
    assert site.status(other) == "STOPPED"


def test_a_restarted_solution_control_server_finds_its_servers(site: HostSite, agents: Agents) -> None:
    server, lost = ucs(site), ucs(site, "UCS 2", "ucs2")
    running(site, server, lost)
    pid, other = site.pid(server), site.pid(lost)
    assert other is not None
    site.stop_scs(signal.SIGKILL)
    os.kill(other, signal.SIGKILL)
    site.start_scs("--agents")
    site.wait("RUNNING", server)
    site.wait("STOPPED", lost)
    assert site.pid(server) == pid


def test_the_end_takes_the_servers_of_all_hosts_along(site: HostSite, agents: Agents) -> None:
    server = ucs(site)
    running(site, server)
    pid = site.pid(server)
    site.stop_scs()
    deadline = time.monotonic() + 10
    while Path(f"/proc/{pid}").exists() and parent(pid) == agents.processes["ucs1"].pid and "Z" not in Path(f"/proc/{pid}/stat").read_text().split()[2]:
        assert time.monotonic() < deadline
        time.sleep(0.05)
