# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""application_control and application_status_info against the sandbox's Solution Control Server, with servers that really run."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from integration.configured_site import fails_well
from integration.managed_hosts import CHAT_NEW, CONTACT, INTERACTION, PASSWORD, Hosts, succeeds, wait_until
from integration.module_runner import ModuleRunner

from sandbox.testing import Sandbox

SERVERS = ("IXN_1", "UCS_1", "ChatServer_1")


@pytest.fixture(scope="module")
def all_hosts(runner: ModuleRunner) -> Iterator[Hosts]:
    """A sandbox in which one server of each kind is installed."""
    with Sandbox(password=PASSWORD) as sandbox:
        hosts = Hosts(sandbox, runner)
        for application, host, package in zip(SERVERS, ("ixn1", "ucs1", "chat1"), (INTERACTION, CONTACT, CHAT_NEW), strict=True):
            hosts.installed(application=application, host=host, package=package)
        yield hosts


@pytest.fixture
def hosts(all_hosts: Hosts) -> Hosts:
    """Nothing runs, and every server behaves."""
    for name in SERVERS:
        all_hosts.scs("POST", "/behaviour", {"application": name})
        if all_hosts.status(name) != "STOPPED":
            all_hosts.scs("POST", f"/kill/{name}")
    wait_until(lambda: {all_hosts.status(name) for name in SERVERS} == {"STOPPED"})
    return all_hosts


def control(hosts: Hosts, state: str, *names: str, check: bool = False, **changes):
    return hosts.run("application_control", hosts.control(state, *(names or SERVERS), **changes), check=check)


def pids(hosts: Hosts) -> dict[str, int]:
    return {item["name"]: item["pid"] for item in hosts.scs("GET", "/processes")}


# --- the states ---------------------------------------------------------------------------------------------------------


def test_started_again_stopped_again(hosts):
    outcome = succeeds(control(hosts, "started"))
    assert outcome.changed
    assert {item["name"]: (item["before"], item["status"]) for item in outcome.result["applications"]} == dict.fromkeys(SERVERS, ("STOPPED", "RUNNING"))
    assert [hosts.status(name) for name in SERVERS] == ["RUNNING"] * 3
    running = pids(hosts)
    assert set(SERVERS) <= set(running)

    again = succeeds(control(hosts, "started"))
    assert not again.changed
    assert again.result["diff"]["before"] == again.result["diff"]["after"] == dict.fromkeys(SERVERS, "RUNNING")
    assert pids(hosts) == running

    assert succeeds(control(hosts, "stopped_gracefully")).changed
    assert [hosts.status(name) for name in SERVERS] == ["STOPPED"] * 3
    assert not set(SERVERS) & set(pids(hosts))
    assert not succeeds(control(hosts, "stopped")).changed


def test_restarted_is_another_process(hosts):
    succeeds(control(hosts, "started", "IXN_1"))
    before = pids(hosts)["IXN_1"]
    outcome = succeeds(control(hosts, "restarted", "IXN_1", "UCS_1"))
    assert outcome.changed
    assert [item["before"] for item in outcome.result["applications"]] == ["RUNNING", "STOPPED"]
    after = pids(hosts)
    assert after["IXN_1"] != before
    assert "UCS_1" in after


def test_check_mode_only_looks(hosts):
    predicted = succeeds(control(hosts, "started", check=True))
    assert predicted.changed
    assert predicted.result["diff"]["after"] == dict.fromkeys(SERVERS, "RUNNING")
    assert pids(hosts) == {}
    assert succeeds(control(hosts, "started")).result["diff"] == predicted.result["diff"]


def test_applications_start_together(hosts):
    """Each needs 3 s more than usual; one after the other would take 9."""
    for name in SERVERS:
        hosts.scs("POST", "/behaviour", {"application": name, "start_delay": 3})
    outcome = succeeds(control(hosts, "started"))
    seconds = [item["seconds"] for item in outcome.result["applications"]]
    assert min(seconds) >= 3
    assert max(seconds) < 8


def test_a_process_without_service(hosts):
    """A Chat Server without Interaction Server and UCS is up and of no use."""
    outcome = control(hosts, "started", "ChatServer_1", applications=[{"name": "ChatServer_1", "startup_timeout": 3}])
    fails_well(outcome, "'ChatServer_1' is SERVICE_UNAVAILABLE after 3 s", "working directory")
    accepted = succeeds(control(hosts, "started", "ChatServer_1", accept_service_unavailable=True))
    assert not accepted.changed
    assert accepted.result["applications"][0]["status"] == "SERVICE_UNAVAILABLE"


# --- what does not get there --------------------------------------------------------------------------------------------


def test_a_start_that_never_reaches_running(hosts):
    hosts.scs("POST", "/behaviour", {"application": "IXN_1", "never_running": True})
    outcome = control(hosts, "started", applications=[{"name": "UCS_1"}, {"name": "IXN_1", "startup_timeout": 3}])
    fails_well(outcome, "Starting failed: 'IXN_1' is ", "after 3 s", "working directory")
    assert "'UCS_1'" not in outcome.message
    found = {item["name"]: item for item in outcome.result["failure"]["applications"]}
    assert (found["UCS_1"]["done"], found["IXN_1"]["done"], found["IXN_1"]["commanded"]) == (True, False, True)
    assert hosts.status("UCS_1") == "RUNNING"


def test_a_server_that_dies_while_it_starts_is_not_waited_for(hosts):
    """It is seen START_PENDING for some seconds; the time for its start is longer than this test may last."""
    hosts.scs("POST", "/behaviour", {"application": "UCS_1", "start_delay": 4, "dies_after_start": 0})
    outcome = control(hosts, "started", applications=[{"name": "UCS_1", "startup_timeout": 3600}])
    fails_well(outcome, "Starting failed: 'UCS_1' is STOPPED again after ", "(seen: STOPPED, START_PENDING, ", "working directory")
    assert outcome.result["failure"]["applications"][0]["statuses"][-1] == "STOPPED"
    assert hosts.status("UCS_1") == "STOPPED"


def test_a_server_that_is_not_installed(hosts):
    hosts.site.make_chat_server("NotInstalled", "chat2")
    outcome = control(hosts, "started", applications=[{"name": "NotInstalled", "startup_timeout": 3}])
    # "again" if the short attempt was seen
    fails_well(outcome, "Starting failed: 'NotInstalled' is STOPPED ", "working directory")
    assert outcome.result["failure"]["applications"][0]["commanded"] is True


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"confserv_password": "wrong S3cret"}, ["mlcmd reported no application", "confserv_*"]),
        ({"scs_port": 1, "patience": 0}, ["mlcmd reported no application", "scs_*"]),
        ({"mlcmd": "/no/mlcmd"}, ["/no/mlcmd cannot be started"]),
        ({"commands": {"start": "-startapp", "status": "-nonsense"}}, ["mlcmd reported no application"]),
        ({"poll_interval": 0}, ["poll_interval"]),
        ({"applications": [{"name": "Nobody"}]}, ["none with the name 'Nobody'"]),
        ({"applications": [{"name": "IXN_1"}, {"name": "IXN_1"}]}, ["'IXN_1' is named twice"]),
        ({"control": "init"}, ["control", "solution_control_server, systemd"]),
    ],
)
def test_bad_input(hosts, changes, words):
    outcome = control(hosts, "started", "IXN_1", **changes)
    fails_well(outcome, *words)
    assert "wrong S3cret" not in outcome.everything
    assert hosts.status("IXN_1") == "STOPPED"


def test_a_wrong_dbid(hosts):
    dbid = int(hosts.site.dbid("CfgApplication", "UCS_1"))
    outcome = control(hosts, "started", applications=[{"name": "IXN_1", "dbid": dbid}])
    assert f"not {dbid}" in outcome.message
    assert hosts.status("IXN_1") == "STOPPED"


def test_a_help_without_the_switch(hosts, tmp_path):
    """An mlcmd of another version: the user is told which option to set, and that option is enough."""
    other = tmp_path / "mlcmd"
    mlcmd = hosts.sandbox.environment["mlcmd"]
    other.write_text(f'#!/bin/sh\n[ "$1" = -help ] && {{ echo "mlcmd: -getallappstatus -up <DBID>"; exit 0; }}\nexec {mlcmd} "$@"\n')
    other.chmod(0o755)
    fails_well(control(hosts, "started", "IXN_1", mlcmd=str(other)), "'start'", "Set commands.start")
    assert succeeds(control(hosts, "started", "IXN_1", mlcmd=str(other), commands={"start": "-startapp {dbid}"})).changed
    assert hosts.status("IXN_1") == "RUNNING"


# --- Solution Control Server is away ------------------------------------------------------------------------------------


#: No time-out but that of the test ends these.
PATIENTLY = [{"name": "IXN_1", "startup_timeout": 600, "shutdown_timeout": 600}]


class Absence:
    """Solution Control Server is killed, and started again when mlcmd has asked for it twice in vain."""

    def __init__(self, hosts: Hosts) -> None:
        self.hosts = hosts

    def begin(self) -> None:
        for place in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                arguments = (place / "cmdline").read_bytes().decode(errors="replace").split("\0")
                if "sandbox.scs" in arguments and str(self.hosts.sandbox.directory) in arguments:
                    os.kill(int(place.name), signal.SIGKILL)
                    wait_until(lambda: not self._there())
                    return
        raise AssertionError("Solution Control Server does not run")

    def _there(self) -> bool:
        try:
            self.hosts.scs("GET", "/applications")
        except requests.RequestException:
            return False
        return True

    def over(self) -> None:
        """Let it be there in the end."""
        if not self._there():
            self.hosts.sandbox.control("POST", "/scs/restart")

    def end(self) -> None:
        """mlcmd logs in to the Configuration Server before it talks to Solution Control Server; nobody else logs in here."""
        before = self.hosts.installer_calls()
        wait_until(lambda: self.hosts.installer_calls() >= before + 2, 60)
        self.hosts.sandbox.control("POST", "/scs/restart")


@pytest.fixture
def absence(hosts: Hosts) -> Iterator[Absence]:
    made = Absence(hosts)
    yield made
    made.over()


class Gate:
    """An mlcmd that waits, when it is first called with a certain switch, until it may go on. It notes all such calls."""

    def __init__(self, directory: Path, mlcmd: str, switch: str) -> None:
        self.program, self._reached, self._open, self._calls = (directory / name for name in ("mlcmd", "reached", "open", "calls"))
        self.program.write_text(
            f'#!/bin/sh\ncase " $* " in *" {switch} "*) echo x >> {self._calls}; touch {self._reached}\n'
            f'i=0; until [ -e {self._open} ] || [ $i -gt 600 ]; do i=$((i+1)); sleep 0.1; done;; esac\nexec {mlcmd} "$@"\n'
        )
        self.program.chmod(0o755)

    def wait(self) -> None:
        wait_until(self._reached.exists, 60)

    def release(self) -> None:
        self._open.touch()

    def calls(self) -> int:
        return len(self._calls.read_text().split())


def test_it_is_waited_for_at_first(hosts, absence):
    absence.begin()
    fails_well(control(hosts, "started", "IXN_1", patience=0), "mlcmd reported no application", "scs_*")
    assert hosts.installer_calls() == 1
    fails_well(hosts.run("application_status_info", hosts.control(None, "IXN_1")), "mlcmd reported no application")
    hosts.start("application_control", hosts.control("started", "IXN_1", patience=600))
    absence.end()
    outcome = succeeds(hosts.finish())
    assert (outcome.changed, hosts.status("IXN_1")) == (True, "RUNNING")


def test_it_is_waited_for_no_longer_than_asked(hosts, absence):
    absence.begin()
    fails_well(control(hosts, "started", "IXN_1", patience=0.5), "Unable to connect to Solution Control Server", "Tried for ", " s. Check confserv_*")
    fails_well(hosts.run("application_status_info", hosts.control(None, "IXN_1", patience=0.5)), "mlcmd reported no application", "Tried for ")


def test_a_wrong_password_is_not_tried_often(hosts):
    """However long the patience: a Configuration Server may lock the account."""
    fails_well(control(hosts, "started", "IXN_1", confserv_password="wrong", patience=600), "user name or password is incorrect", "Tried for ")
    assert hosts.installer_calls() == 3


@pytest.mark.parametrize(
    ("before", "state", "switch", "after"),
    [("stopped", "started", "-startapp", "RUNNING"), ("started", "stopped", "-stopapp", "STOPPED")],
    ids=["start", "stop"],
)
def test_a_command_that_reaches_nobody_is_given_again(hosts, absence, tmp_path, before, state, switch, after):
    succeeds(control(hosts, before, "IXN_1"))
    gate = Gate(tmp_path, hosts.sandbox.environment["mlcmd"], switch)
    hosts.start("application_control", hosts.control(state, applications=PATIENTLY, mlcmd=str(gate.program), timeout=600))
    gate.wait()
    absence.begin()
    gate.release()
    absence.end()
    outcome = succeeds(hosts.finish())
    assert (outcome.changed, hosts.status("IXN_1"), gate.calls()) == (True, after, 2)


def test_a_start_that_is_forgotten_is_given_again(hosts, absence, tmp_path):
    """It dies when it has taken the command, and its next instance knows nothing of it."""
    gate = Gate(tmp_path, hosts.sandbox.environment["mlcmd"], "-startapp")
    gate.release()
    hosts.scs("POST", "/behaviour", {"application": "IXN_1", "start_delay": 600})
    hosts.start("application_control", hosts.control("started", applications=PATIENTLY, mlcmd=str(gate.program)))
    wait_until(lambda: hosts.status("IXN_1") == "START_PENDING")
    absence.begin()
    absence.end()
    outcome = succeeds(hosts.finish())
    assert (outcome.changed, hosts.status("IXN_1"), gate.calls()) == (True, "RUNNING", 2)


# --- what an upgrade makes of it ----------------------------------------------------------------------------------------

STOP_IN_AN_UPGRADE = """
- hosts: site
  gather_facts: false
  strategy: ansible.builtin.linear
  tasks:
    - block:
        - ansible.builtin.include_role: {name: genesys_engage.chat.rolling_upgrade, tasks_from: stop}
          vars:
            rolling_upgrade_role: chat_server
            rolling_upgrade_poll_interval: 0.2
            rolling_upgrade_mine: [{name: ChatServer_1, dbid: %s, startup_timeout: 20, shutdown_timeout: 2}]
      rescue:
        - ansible.builtin.debug: {msg: "Not stopped: {{ ansible_failed_result.msg }}"}
"""

# Solution Control Server does not answer for the first three questions, or is asked for something that it does not know.
AWAY = 'case "$calls" in -getallappstatus1|-getallappstatus2|-getallappstatus3) echo "Unable to connect to Solution Control Server"; exit 1;; esac'
UNKNOWN_COMMAND = 'case "$calls" in -stopapp-graceful*) echo "unknown command"; exit 1;; esac'


class Chat:
    """A chat that is open on ChatServer_1."""

    def __init__(self, hosts: Hosts) -> None:
        address = hosts.environment("chat1")["SANDBOX_ADDRESS"]
        application = hosts.sandbox.object("CfgApplication", "ChatServer_1")
        assert application is not None
        ports = {item["id"]: int(item["port"]) for item in application["portinfos"]["portinfo"]}
        self._socket = socket.create_connection((address, ports["webapi"]), timeout=20)
        self._file = self._socket.makefile("rwb")
        self.session = self.ask(op="create", tenant="1", endpoint="default")["session"]

    def ask(self, **message: Any) -> dict[str, Any]:
        self._file.write(json.dumps({"request": 1, **message}).encode() + b"\n")
        self._file.flush()
        return json.loads(self._file.readline())

    def close(self) -> None:
        self._file.close()
        self._socket.close()


def test_a_chat_server_is_not_stopped_hard_because_a_graceful_stop_failed(hosts, tmp_path):
    succeeds(control(hosts, "started"))
    wait_until(lambda: hosts.status("ChatServer_1") == "RUNNING")
    playbook = tmp_path / "stop.yml"
    playbook.write_text(STOP_IN_AN_UPGRADE % hosts.site.dbid("CfgApplication", "ChatServer_1"))

    def stop(trouble: str) -> tuple[list[str], str]:
        """Stop it as an upgrade does, with an mlcmd that has trouble; return the commands that it was given, and the output."""
        calls, program = tmp_path / "calls", tmp_path / "mlcmd"
        calls.write_text("")
        program.write_text(
            f'#!/bin/sh\nfor last; do case "$last" in -stopapp*|-getallappstatus) command="$last";; esac; done; echo "$command" >> {calls}\n'
            f'calls="$command$(grep -cx -e "$command" {calls})"\n{trouble}\nexec {hosts.sandbox.environment["mlcmd"]} "$@"\n'
        )
        program.chmod(0o755)
        done = subprocess.run(
            [str(Path(sys.executable).parent / "ansible-playbook"), str(playbook), "-i", str(hosts.sandbox.inventory), "-e", f"mlcmd_path={program}"],
            env={**os.environ, "ANSIBLE_NOCOLOR": "1", "ANSIBLE_LOCAL_TEMP": str(tmp_path / "local"), "ANSIBLE_REMOTE_TEMP": str(tmp_path / "remote")},
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return [line for line in calls.read_text().split() if line.startswith("-stopapp")], " ".join(done.stdout.split())

    chat = Chat(hosts)
    for sequence, (trouble, given, words) in enumerate(
        [(AWAY, [], "Unable to connect to Solution Control Server"), (UNKNOWN_COMMAND, ["-stopapp-graceful"], "is RUNNING after 2 s")], 1
    ):
        commands, output = stop(trouble)
        assert commands == given
        assert f"Not stopped: {'mlcmd' if not given else 'Stopping gracefully failed'}" in output and words in output
        assert hosts.status("ChatServer_1") == "RUNNING"
        assert chat.ask(op="message", session=chat.session, sequence=sequence, text="still here")["ok"]
    # One that has taken the request, and has a chat longer than its time.
    assert stop("")[0] == ["-stopapp-graceful", "-stopapp"]
    chat.ask(op="leave", session=chat.session)
    chat.close()
    wait_until(lambda: hosts.status("ChatServer_1") == "STOPPED")


# --- status -------------------------------------------------------------------------------------------------------------


def test_statuses(hosts):
    succeeds(control(hosts, "started", "UCS_1"))
    outcome = succeeds(hosts.run("application_status_info", hosts.control(None)))
    expected = {item["name"]: item["status"] for item in hosts.scs("GET", "/applications")}
    assert {item["name"]: item["status"] for item in outcome.result["applications"]} == expected
    assert not outcome.changed
    some = succeeds(hosts.run("application_status_info", hosts.control(None, "UCS_1", "IXN_1"))).result["applications"]
    assert [(item["name"], item["status"]) for item in some] == [("UCS_1", "RUNNING"), ("IXN_1", "STOPPED")]
    assert some[0]["run_mode"] == "PRIMARY"
    assert str(some[0]["dbid"]) == hosts.site.dbid("CfgApplication", "UCS_1")
    fails_well(hosts.run("application_status_info", hosts.control(None, "Nobody")), "none with the name 'Nobody'")
    fails_well(hosts.run("application_status_info", hosts.control(None, confserv_password="x y")), "mlcmd reported no application")


def test_credentials_come_from_the_environment(hosts):
    arguments = hosts.control(None, "UCS_1")
    environment = {key.upper(): str(arguments.pop(key)) for key in list(arguments) if key.startswith(("confserv_", "scs_"))}
    assert succeeds(hosts.run("application_status_info", arguments, environment)).result["applications"][0]["name"] == "UCS_1"
    fails_well(hosts.run("application_status_info", arguments), "missing: confserv_host, confserv_username, confserv_password")
