# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Solution Control Server and mlcmd: transitions, run modes, misbehaviour, survival, output."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from unit.sandbox.fake_confserv import PASSWORD, USERNAME
from unit.sandbox.host_site import HostSite, package

from sandbox.packages import build_all


@pytest.fixture(scope="module")
def archives(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("archives")
    build_all(directory, sys.executable)
    return directory


@pytest.fixture
def site(tmp_path: Path, archives: Path) -> Iterator[HostSite]:
    with HostSite(tmp_path, archives) as running:
        running.start_scs()
        yield running


def ucs(site: HostSite, name: str = "UCS 1", host: str = "ucs1", **fields: Any) -> Any:
    return site.application(name, package("eSContSrv"), host, {"default": 5100}, **fields)


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def answers(site: HostSite, host: str, port: int) -> bool:
    try:
        socket.create_connection((site.host(host)["ipaddress"], port), timeout=1).close()
    except OSError:
        return False
    return True


def test_start_and_stop_are_transitions(site: HostSite) -> None:
    server = ucs(site)
    assert site.status(server) == "STOPPED"
    site.command("start", server)
    seen = site.wait("RUNNING", server)
    assert [word for word in ("START_PENDING", "START_TRANSITION", "INITIALIZING", "RUNNING") if word in seen] == seen
    assert seen[:1] != ["RUNNING"]
    pid = site.pid(server)
    assert pid is not None and os.readlink(f"/proc/{pid}/cwd") == server["workdirectory"]
    assert os.getsid(pid) == pid
    assert answers(site, "ucs1", 5100)
    assert site.runmode(server) == "PRIMARY"
    site.command("stop", server)
    seen = site.wait("STOPPED", server)
    assert [word for word in ("RUNNING", "STOP_PENDING", "STOP_TRANSITION", "STOPPED") if word in seen] == seen and len(seen) > 1
    assert not alive(pid) and not answers(site, "ucs1", 5100)


def test_environment_of_a_server_is_minimal(site: HostSite) -> None:
    server = ucs(site)
    site.command("start", server)
    site.wait("RUNNING", server)
    content = Path(f"/proc/{site.pid(server)}/environ").read_bytes().decode()
    names = {item.partition("=")[0] for item in content.split("\0") if item}
    assert names == {"PATH", "LANG", "SANDBOX_DIR", "SANDBOX_HOSTNAME", "SANDBOX_ADDRESS", "SANDBOX_SCS"}


def test_refusals(site: HostSite) -> None:
    server = ucs(site, name="UCS_1")
    assert site.scs("POST", "/start/999")["error"] == "ObjectNotFound"
    assert site.scs("POST", f"/stop/{server['dbid']}")["message"] == "the application is not started"
    # By its name this time.
    assert site.scs("POST", "/start/UCS_1") is None
    assert "in progress" in site.scs("POST", f"/start/{server['dbid']}")["message"]
    site.wait("RUNNING", server)
    assert site.scs("POST", f"/start/{server['dbid']}")["message"] == "the application is already started"


@pytest.mark.parametrize(
    "fields", [{"workdirectory": "/absent"}, {"workdirectory": "."}, {"commandline": "./absent"}, {"commandline": "."}, {"commandlinearguments": '"'}]
)
def test_what_cannot_be_started_is_stopped_again(site: HostSite, fields: dict[str, str]) -> None:
    server = ucs(site)
    server.update(fields)
    site.command("start", server)
    assert site.status(server) != "STOPPED"
    site.wait("STOPPED", server)
    assert site.scs("GET", "/processes") == []


def test_server_that_cannot_initialise_ends_and_says_why(site: HostSite) -> None:
    server = ucs(site, portinfos={"portinfo": []})
    site.command("start", server)
    site.wait("STOPPED", server)
    assert "Std 05062 Application initialization failed, reason 'no port is configured'" in site.log(server)


def test_graceful_stop_is_suspending_first(site: HostSite) -> None:
    server = ucs(site)
    site.command("start", server)
    site.wait("RUNNING", server)
    site.command("stop-graceful", server)
    seen = site.wait("STOPPED", server)
    assert "SUSPENDING" in seen
    assert site.log(server).rstrip().endswith("Std 05065 Application stopped")


def test_graceful_stop_of_a_server_that_does_not_suspend_becomes_hard(site: HostSite) -> None:
    server = ucs(site, userproperties={"property": [{"section": "sml", "key": "suspending-wait-timeout", "value": "1"}]}, shutdowntimeout="1")
    site.command("start", server)
    site.wait("RUNNING", server)
    pid = site.pid(server)
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    site.command("stop-graceful", server)
    site.wait("STOPPED", server)
    assert not alive(pid)


def test_pair_has_one_primary_and_the_backup_takes_over(site: HostSite) -> None:
    backup = ucs(site, "UCS 2", "ucs2")
    primary = ucs(site, "UCS 1", "ucs1", backupserverdbid=backup["dbid"])
    site.command("start", backup, primary)
    site.wait("RUNNING", backup, primary)
    assert (site.runmode(primary), site.runmode(backup)) == ("PRIMARY", "BACKUP")
    site.command("stop", primary)
    site.wait("STOPPED", primary)
    assert (site.runmode(primary), site.runmode(backup)) == ("UNKNOWN", "PRIMARY")
    site.command("start", primary)
    site.wait("RUNNING", primary)
    assert (site.runmode(primary), site.runmode(backup)) == ("BACKUP", "PRIMARY")


def test_crash_and_autorestart(site: HostSite) -> None:
    plain, restarted = ucs(site, "UCS 1", "ucs1"), ucs(site, "UCS 2", "ucs2", autorestart="CFGTrue")
    site.command("start", plain, restarted)
    site.wait("RUNNING", plain, restarted)
    before = site.pid(restarted)
    site.command("kill", plain, restarted)
    site.wait("STOPPED", plain)
    deadline = time.monotonic() + 10
    while site.pid(restarted) in (None, before) and time.monotonic() < deadline:
        time.sleep(0.05)
    site.wait("RUNNING", restarted)
    assert site.pid(restarted) not in (None, before)
    assert site.status(plain) == "STOPPED"


def test_misbehaviour(site: HostSite) -> None:
    server = ucs(site)
    site.scs("POST", "/behaviour", {"application": "UCS 1", "never_running": True, "start_delay": 0.5})
    begin = time.monotonic()
    site.command("start", server)
    site.wait("INITIALIZING", server)
    assert time.monotonic() - begin > 0.5
    time.sleep(2.5)  # longer than the silence between two reports
    assert site.status(server) == "INITIALIZING"
    site.scs("POST", "/behaviour", {"application": "UCS 1"})
    site.wait("RUNNING", server)
    site.scs("POST", "/behaviour", {"application": "UCS 1", "status": "UNKNOWN"})
    assert site.status(server) == "UNKNOWN"
    site.scs("POST", "/behaviour", {"application": "UCS 1", "dies_after_start": 0.2})
    site.command("stop", server)
    site.wait("STOPPED", server)
    site.command("start", server)
    site.wait("INITIALIZING", server)
    site.wait("STOPPED", server)
    assert site.scs("POST", "/behaviour", {"application": "UCS 1", "slow": 1})["error"] == "WrongAPIParameters"
    assert site.scs("POST", "/behaviour", {"application": "nobody"})["error"] == "ObjectNotFound"


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGKILL])
def test_servers_survive_a_restart(site: HostSite, number: signal.Signals) -> None:
    server = ucs(site)
    site.command("start", server)
    site.wait("RUNNING", server)
    pid = site.pid(server)
    assert pid is not None
    site.stop_scs(number)
    assert alive(pid)
    site.start_scs()
    assert (site.pid(server), site.runmode(server)) == (pid, "PRIMARY")
    site.wait("RUNNING", server)
    site.command("stop", server)
    site.wait("STOPPED", server)
    assert not alive(pid)


def test_the_end_takes_all_servers_along(site: HostSite) -> None:
    servers = [ucs(site, f"UCS {number}", f"ucs{number}") for number in (1, 2)]
    site.command("start", *servers)
    site.wait("RUNNING", *servers)
    pids = [site.pid(server) for server in servers]
    site.stop_scs(signal.SIGTERM)
    assert [pid for pid in pids if pid is not None and alive(pid)] == []


def test_framework_counts_as_running_and_message_server_answers(site: HostSite) -> None:
    host, ports = site.host("site")["dbid"], {"portinfo": [{"id": "default", "port": "7120"}]}
    applications = [
        site.confserv.add("CfgApplication", name=name, subtype=subtype, hostdbid=host, portinfos=ports)
        for name, subtype in (("confserv", "CFGConfigServer"), ("MessageServer", "CFGMessageServer"), ("SolutionControlServer", "CFGSCS"))
    ]
    site.wait("RUNNING", *applications)
    deadline = time.monotonic() + 10
    while not answers(site, "site", 7120) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert answers(site, "site", 7120)
    assert "cannot be controlled" in site.scs("POST", f"/stop/{applications[0]['dbid']}")["message"]


# -- mlcmd -----------------------------------------------------------------------------------------------------------------


def mlcmd(site: HostSite, *command: str, **changed: str) -> subprocess.CompletedProcess[str]:
    options = {
        "cshost": "127.0.0.1",
        "csport": str(site.confserv.port),
        "csuser": USERNAME,
        "cspassword": PASSWORD,
        "csappname": "default",
        "scshost": "127.0.0.1",
        "scsport": str(site.scs_port),
        **changed,
    }
    words = [word for name, value in options.items() if value for word in (f"-{name}", value)]
    program = str(site.archives / "bin" / "mlcmd_64")
    return subprocess.run([program, *words, *command], capture_output=True, text=True, timeout=20, check=False, stdin=subprocess.DEVNULL)


def test_mlcmd_shows_four_lines_for_each_application(site: HostSite) -> None:
    first, second = ucs(site, "UCS 1", "ucs1"), ucs(site, "S\u00f6rver: 2", "ucs2")
    done = mlcmd(site, "-getallappstatus")
    tail = "Status:         APP_STATUS_STOPPED\nRunmode:        UNKNOWN"
    blocks = [f"Application:    {item['name']}\nDBID:           {item['dbid']}\n{tail}" for item in (first, second)]
    assert (done.returncode, done.stdout.strip().split("\n\n")) == (0, blocks)
    assert mlcmd(site, "-getappstatus", second["dbid"]).stdout.strip() == blocks[1]


def test_mlcmd_starts_and_stops(site: HostSite) -> None:
    server = ucs(site)
    assert mlcmd(site, "-startapp", server["dbid"]).returncode == 0
    site.wait("RUNNING", server)
    assert "APP_STATUS_RUNNING\nRunmode:        PRIMARY" in mlcmd(site, "-getappstatus", server["dbid"]).stdout
    mlcmd(site, "-stopapp-graceful", server["dbid"])
    site.wait("STOPPED", server)
    mlcmd(site, "-startapp", server["dbid"])
    site.wait("RUNNING", server)
    mlcmd(site, "-stopapp", server["dbid"])
    site.wait("STOPPED", server)


@pytest.mark.parametrize(
    ("command", "changed", "text"),
    [
        (["-getallappstatus"], {"cspassword": "wrong"}, "Login to Configuration Server failed"),
        (["-getallappstatus"], {"csappname": "nobody"}, "application 'nobody' was not found"),
        (["-getallappstatus"], {"csport": "1"}, "Unable to connect to Configuration Server"),
        (["-getallappstatus"], {"scsport": "1"}, "Unable to connect to Solution Control Server"),
        (["-getallappstatus"], {"csuser": ""}, "Mandatory parameter -csuser is missing"),
        (["-startapp", "999"], {}, "was not found"),
        (["-getappstatus", "999"], {}, "was not found"),
        (["-startapp", "name"], {}, "needs a DBID"),
        (["-restartapp", "1"], {}, "Unknown parameter '-restartapp'"),
        ([], {}, "No command is given"),
    ],
)
def test_mlcmd_fails_with_exit_code_zero(site: HostSite, command: list[str], changed: dict[str, str], text: str) -> None:
    done = mlcmd(site, *command, **changed)
    assert done.returncode == 0
    assert text in done.stdout and PASSWORD not in done.stdout
    assert "Traceback" not in done.stderr


def test_mlcmd_help_names_its_switches(site: HostSite) -> None:
    done = subprocess.run([str(site.archives / "bin" / "mlcmd_64"), "-help"], capture_output=True, text=True, timeout=20, check=False)
    assert done.returncode == 0 and re.search(r"Version \d+\.\d+\.\d+\.\d+", done.stdout)
    for switch in ("-cshost", "-csport", "-csuser", "-cspassword", "-csappname", "-scshost", "-scsport"):
        assert switch in done.stdout
    for switch in ("-getappstatus", "-getallappstatus", "-startapp", "-stopapp", "-stopapp-graceful"):
        assert switch in done.stdout
