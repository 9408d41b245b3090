# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""systemd in the words of Solution Control Server, and unit files, with a stand-in for systemctl. The real one: tests/hosts/test_systemd.py."""

from __future__ import annotations

import getpass
import os
import signal
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.genesys_engage.chat.plugins.module_utils._host.control import systemd, unit_files
from ansible_collections.genesys_engage.chat.plugins.module_utils._host.control.applications import control
from ansible_collections.genesys_engage.chat.plugins.module_utils._host.control.statuses import read_statuses
from ansible_collections.genesys_engage.chat.plugins.module_utils._host.control.systemd import how_it_ended
from ansible_collections.genesys_engage.chat.plugins.module_utils._host.system import systemctl as systemctl_module
from ansible_collections.genesys_engage.chat.plugins.module_utils._host.system.errors import HostError
from ansible_collections.genesys_engage.chat.plugins.module_utils._host.system.process import Outcome
from ansible_collections.genesys_engage.chat.plugins.module_utils._host.system.systemctl import PROPERTIES, Systemctl

BLANK = dict.fromkeys(PROPERTIES, "")
CLEAN = {**BLANK, "LoadState": "loaded", "ActiveState": "inactive", "SubState": "dead", "Result": "success", "ExecMainCode": "0",
         "ExecMainStatus": "0", "WorkingDirectory": "/opt/x", "NeedDaemonReload": "no"}  # fmt: skip
ABSENT = {**CLEAN, "LoadState": "not-found", "WorkingDirectory": ""}
ACTIVE = {**CLEAN, "ActiveState": "active", "SubState": "running", "InvocationID": "first"}
RESTING = {**CLEAN, "ActiveState": "activating", "SubState": "auto-restart", "Result": "exit-code", "ExecMainCode": "1", "ExecMainStatus": "3"}
BROKEN = {**RESTING, "ActiveState": "failed", "SubState": "failed"}


class FakeSystemd:
    """systemctl: ``units`` are the properties by name, ``after`` what a unit has after a command. It never waits for ``sleep``."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.units: dict[str, dict[str, str]] = {}
        self.after: dict[str, dict[str, str]] = {}
        self.calls: list[str] = []
        self.exit_code = 0

    def __call__(self, timeout: float, changes: bool, secrets: tuple[str, ...] = ()) -> FakeSystemd:
        self.changes, self.secrets = changes, secrets
        return self

    def call(self, verb: str, *arguments: str) -> Outcome:
        words = [word for word in arguments if word != "--"]
        self.calls.append(" ".join([verb, *words]))
        for unit in words:
            if verb in ("enable", "disable"):
                self.units[unit] = {**self.show([unit])[0], "UnitFileState": f"{verb}d"}
            elif verb in self.after and unit in self.units:
                self.units[unit] = self.after[verb]
        if verb == "daemon-reload":
            for path in self.directory.glob("*.service"):
                self.units[path.name] = {**CLEAN, **self.units.get(path.name, {}), "LoadState": "loaded", "FragmentPath": str(path),
                                         "NeedDaemonReload": "no"}  # fmt: skip
            self.units = {name: known for name, known in self.units.items() if (self.directory / name).exists()}
        return Outcome(self.exit_code if verb in ("start", "restart") else 0, "said S3cret" if self.exit_code else "", 0.0, self.secrets)

    def do(self, verb: str, *units: str) -> None:
        self.call(verb, *units)

    def show(self, units: list[str]) -> list[dict[str, str]]:
        return [self.units.get(unit, ABSENT) for unit in units]

    def journal(self, unit: str, invocation: str, count: int) -> list[str]:
        return [Outcome(0, f"{unit} {invocation} says S3cret", 0.0, self.secrets).shown]


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeSystemd:
    """A host with systemd; nothing is installed, no port listens, no process runs."""
    place = tmp_path / "units"
    place.mkdir()
    fake = FakeSystemd(place)
    monkeypatch.setattr(unit_files, "UNITS", str(place))
    monkeypatch.setattr(systemd, "UNITS", str(place))
    for module in (unit_files, systemd):
        monkeypatch.setattr(module, "Systemctl", fake)
    monkeypatch.setattr(systemd, "silent_ports", lambda unit, ports: [])
    monkeypatch.setattr(systemd, "running_processes", lambda path, application: [])
    return fake


def install(tmp_path: Path) -> Path:
    """Make an installation directory and return it."""
    place = tmp_path / "installed"
    place.mkdir(exist_ok=True)
    (place / "run.sh").write_text("./ChatServer")
    return place


def manage(path: Path | str, application: str = "A", check_mode: bool = False, warnings: list[str] | None = None, **changes: Any) -> dict[str, Any]:
    params = {
        "application": application, "state": "present", "path": str(path), "start_script": "run.sh", "user": None, "group": None, "ports": {"default": 4580},
        "enabled": True, "restart": True, "restart_delay": 10.0, "restart_attempts": 30, "restart_window": 600.0, "stop_timeout": 90.0, "limits": None,
    }  # fmt: skip
    return unit_files.manage_unit({**params, **changes}, check_mode, (warnings if warnings is not None else []).append)


def act(state: str, *, check_mode: bool = False, warnings: list[str] | None = None, **changes: Any) -> dict[str, Any]:
    params = {
        "control": "systemd", "applications": [{"name": "A", "dbid": 7, "startup_timeout": 0.3, "shutdown_timeout": 0.3}], "state": state,
        "poll_interval": 0.02, "timeout": 5, "accept_service_unavailable": False, "graceful_signal": None, "confserv_password": "S3cret",
    }  # fmt: skip
    return control({**params, **changes}, check_mode, (warnings if warnings is not None else []).append)


@pytest.fixture
def written(host: FakeSystemd, tmp_path: Path) -> FakeSystemd:
    """A host with a unit for A, which does not run."""
    manage(install(tmp_path))
    host.calls.clear()
    return host


# --- unit files ---------------------------------------------------------------------------------------------------------


def test_a_unit_is_written_read_by_systemd_and_enabled(host, tmp_path):
    place = install(tmp_path)
    predicted = manage(place, check_mode=True)
    assert (host.calls, list(host.directory.iterdir())) == ([], [])
    done = manage(place)
    assert done == predicted and done["changed"] is True
    assert host.calls == ["daemon-reload", "enable genesys-A.service"]
    text = Path(done["path"]).read_text(encoding="utf-8")
    assert done["diff"][0]["before"] == "" and done["diff"][0]["after"] == text
    assert f"\nUser={getpass.getuser()}\n" in text and f"\nWorkingDirectory={place}\n" in text
    assert os.stat(done["path"]).st_mode & 0o777 == 0o644
    assert [path.name for path in host.directory.iterdir()] == ["genesys-A.service"]


def test_nothing_is_done_again(written, tmp_path):
    again = manage(install(tmp_path))
    assert again["changed"] is False and written.calls == []
    assert all(part["before"] == part["after"] for part in again["diff"])


def test_a_changed_unit_is_read_again(written, tmp_path):
    changed = manage(install(tmp_path), limits={"NOFILE": 5000})
    assert changed["changed"] is True and written.calls == ["daemon-reload"]
    assert "LimitNOFILE=5000\n" in changed["diff"][0]["after"] and "LimitNOFILE" not in changed["diff"][0]["before"]


def test_whether_it_starts_at_boot_is_a_change_of_its_own(written, tmp_path):
    predicted = manage(install(tmp_path), enabled=False, check_mode=True)
    assert manage(install(tmp_path), enabled=False) == predicted
    assert predicted["changed"] is True and written.calls == ["disable genesys-A.service"]
    assert [part["before"] == part["after"] for part in predicted["diff"]] == [True, False]


def test_what_a_cut_short_run_left_is_finished(written, tmp_path):
    """The file was written, but systemd has not read it: as a new one, and in place of another."""
    for known in ({**ABSENT, "UnitFileState": "enabled"}, {**CLEAN, "NeedDaemonReload": "yes", "UnitFileState": "enabled"}):
        written.units["genesys-A.service"] = known
        written.calls.clear()
        assert manage(install(tmp_path))["changed"] is True
        assert written.calls == ["daemon-reload"]


def test_a_unit_is_removed(written, tmp_path):
    predicted = manage(install(tmp_path), state="absent", check_mode=True)
    done = manage(install(tmp_path), state="absent")
    assert done == predicted and done["changed"] is True and done["diff"][0]["after"] == ""
    assert written.calls == ["disable genesys-A.service", "daemon-reload"] and list(written.directory.iterdir()) == []
    assert manage("", state="absent")["changed"] is False


@pytest.mark.parametrize("running", [ACTIVE, RESTING], ids=["active", "about to start"])
def test_a_unit_that_runs_is_not_removed(written, tmp_path, running):
    written.units["genesys-A.service"] = running
    with pytest.raises(HostError, match="can't be removed: 'A' is running .* Stop it first"):
        manage("", state="absent")
    assert written.calls == [] and len(list(written.directory.iterdir())) == 1


@pytest.mark.parametrize("state", ["present", "absent"])
@pytest.mark.parametrize("whose", ["text", "link", "elsewhere"])
def test_units_of_others_are_left_alone(host, tmp_path, state, whose):
    path = host.directory / "genesys-A.service"
    if whose == "text":
        path.write_text("[Service]\nExecStart=/bin/true\n")
    elif whose == "link":
        path.symlink_to("/dev/null")
    else:
        host.units[path.name] = {**CLEAN, "FragmentPath": "/usr/lib/systemd/system/genesys-A.service"}
    before = path.read_bytes() if path.exists() else None
    for check_mode in (True, False):
        with pytest.raises(HostError, match="left as it is"):
            manage(install(tmp_path), state=state, check_mode=check_mode)
    assert host.calls == [] and path.is_symlink() == (whose == "link") and (path.read_bytes() if path.exists() else None) == before


def test_an_application_must_be_installed(host, tmp_path):
    with pytest.raises(HostError, match=r"path: there is no .*/nowhere/run.sh. Install the application first"):
        manage(tmp_path / "nowhere")
    warnings: list[str] = []
    assert manage(tmp_path / "nowhere", check_mode=True, warnings=warnings)["changed"] is True
    assert "is not there yet" in warnings[0]
    with pytest.raises(HostError, match="no account for 'no_such_user'"):
        manage(install(tmp_path), user="no_such_user")
    assert list(host.directory.iterdir()) == []


@pytest.mark.parametrize(
    "changes",
    [{"ports": {"default": 0}}, {"ports": {"default": "x"}}, {"ports": {"default": 65536}}, {"restart_delay": 0.0}, {"restart_attempts": -1},
     {"stop_timeout": 0.0}, {"limits": {"X": 1}}],
    ids=str,
)  # fmt: skip
def test_options_out_of_range(host, tmp_path, changes):
    with pytest.raises(HostError, match=next(iter(changes))):
        manage(install(tmp_path), **changes)
    assert list(host.directory.iterdir()) == [] and host.calls == []


# --- states -------------------------------------------------------------------------------------------------------------


def told(host: FakeSystemd, **properties: str) -> tuple[str, str | None]:
    """Return the status of A, and how it ended, with these properties of its unit."""
    host.units["genesys-A.service"] = {**CLEAN, **properties}
    status = systemd.Systemd({"timeout": 5}, ("status",)).statuses({"A": 7})["A"]
    assert (status.name, status.dbid, status.run_mode) == ("A", 7, None)
    return status.status, status.ended


@pytest.mark.parametrize(
    ("properties", "status", "ended"),
    [
        (CLEAN, "STOPPED", None),
        (ACTIVE, "RUNNING", None),
        (RESTING, "START_PENDING", "ended with exit code 3"),
        (BROKEN, "STOPPED", "ended with exit code 3"),
        ({**CLEAN, "ActiveState": "activating", "SubState": "start"}, "START_TRANSITION", None),
        ({**CLEAN, "ActiveState": "deactivating", "SubState": "stop-sigterm"}, "STOP_TRANSITION", None),
        ({**CLEAN, "ActiveState": "maintenance"}, "UNKNOWN", None),
    ],
    ids=["inactive", "active", "auto-restart", "failed", "activating", "deactivating", "other"],
)
def test_states_of_units(written, properties, status, ended):
    assert told(written, **properties) == (status, ended)


def test_a_unit_runs_when_it_listens_at_its_ports(written, monkeypatch):
    silent = {("genesys-A.service", 4580): ["'default' (4580)"]}
    monkeypatch.setattr(systemd, "silent_ports", lambda unit, ports: silent.get((unit, ports["default"]), []))
    assert told(written, **ACTIVE) == ("INITIALIZING", None)
    silent.clear()
    assert told(written, **ACTIVE) == ("RUNNING", None)


def test_a_process_outside_of_the_unit_is_seen(written, monkeypatch):
    monkeypatch.setattr(systemd, "running_processes", lambda path, application: [99] if (path, application) == ("/opt/x", "A") else [])
    assert told(written, **CLEAN)[0] == told(written, **BROKEN)[0] == "RUNNING_OUTSIDE_UNIT"
    assert told(written, **ACTIVE)[0] == "RUNNING"
    told(written, **CLEAN)
    with pytest.raises(HostError, match="'A' can't be controlled by systemd now. .*Solution Control Server: stop it there first"):
        act("started")
    assert written.calls == []


@pytest.mark.parametrize(
    ("properties", "words"),
    [
        (BROKEN, "ended with exit code 3"),
        ({**BROKEN, "ExecMainStatus": "137"}, "ended with exit code 137 (of its shell: signal 9)"),
        ({**BROKEN, "ExecMainStatus": "127"}, "ended with exit code 127"),
        ({**BROKEN, "Result": "signal", "ExecMainCode": "2", "ExecMainStatus": "9"}, "was ended by signal 9"),
        ({**BROKEN, "Result": "start-limit-hit"}, "ended with exit code 3"),
        ({**BROKEN, "Result": "resources"}, "failed (systemd: resources)"),
        (CLEAN, "ended"),
        (ACTIVE, "ended, and systemd has started it again"),
    ],
    ids=["exit code", "signal of the server", "not a signal", "signal of the shell", "too often", "no resources", "forgotten", "again"],
)
def test_how_a_process_ended(properties, words):
    assert how_it_ended(properties) == words


def test_all_units_of_the_host(written, tmp_path):
    manage(install(tmp_path), application="B/2")
    (written.directory / "genesys-Other.service").write_text("[Service]\n")
    (written.directory / "genesys-.txt").write_text("")
    written.units["genesys-A.service"] = ACTIVE
    found = read_statuses({"control": "systemd", "timeout": 5, "applications": None})["applications"]
    assert [(item["name"], item["status"]) for item in found] == [("A", "RUNNING"), ("B/2", "STOPPED")]
    assert written.changes is False
    with pytest.raises(HostError, match=r"no unit of systemd for 'Other' .*genesys-Other.service"):
        read_statuses({"control": "systemd", "timeout": 5, "applications": ["A", "Other"]})


# --- commands -----------------------------------------------------------------------------------------------------------


def test_a_start(written):
    written.after = {"start": ACTIVE, "reset-failed": CLEAN}
    predicted = act("started", check_mode=True)
    assert written.calls == []
    done = act("started")
    assert written.calls == ["reset-failed genesys-A.service", "start genesys-A.service"]
    assert done["diff"] == predicted["diff"] == {"before": {"A": "STOPPED"}, "after": {"A": "RUNNING"}}
    assert written.changes is True
    assert act("started")["changed"] is False


def test_a_stop(written):
    written.units["genesys-A.service"], written.after = ACTIVE, {"stop": CLEAN}
    assert act("stopped")["applications"][0]["status"] == "STOPPED"
    assert written.calls == ["stop --no-block genesys-A.service"]


def test_a_unit_that_is_about_to_start_again_is_started_now(written):
    written.units["genesys-A.service"], written.after = RESTING, {"restart": {**ACTIVE, "InvocationID": "second"}}
    assert act("started")["applications"][0]["status"] == "RUNNING"
    assert written.calls == ["reset-failed genesys-A.service", "restart genesys-A.service"]


@pytest.mark.parametrize("fate", [RESTING, BROKEN, {**ACTIVE, "InvocationID": "second"}, CLEAN], ids=["resting", "failed", "again", "ended well"])
def test_a_server_that_dies_is_not_waited_for(written, monkeypatch, fate):
    """It lives when it is looked at first, without its ports, and not when it is looked at next; the time for its start is an hour."""
    looks: list[str] = []
    written.after = {"start": ACTIVE}

    def silent(unit, ports):
        if not looks:
            looks.append(unit)
            written.units[unit] = fate
        return ["'default' (4580)"]

    monkeypatch.setattr(systemd, "silent_ports", silent)
    with pytest.raises(HostError) as caught:
        act("started", applications=[{"name": "A", "startup_timeout": 3600.0, "shutdown_timeout": 1.0}])
    how = {id(RESTING): "ended with exit code 3", id(BROKEN): "ended with exit code 3", id(CLEAN): "ended"}.get(id(fate), "ended, and systemd has")
    assert f"Starting failed: 'A' {how}" in str(caught.value)
    assert "journalctl -u genesys-A.service" in str(caught.value)
    facts = caught.value.failure()["applications"][0]
    assert facts["journal"] == ["genesys-A.service first says ********"] and "S3cret" not in str(caught.value)


def test_a_start_that_systemd_refuses_is_not_waited_for(written):
    written.exit_code = 1
    with pytest.raises(HostError, match="Starting failed: 'A' ended") as caught:
        act("started", applications=[{"name": "A", "startup_timeout": 3600.0, "shutdown_timeout": 1.0}])
    assert caught.value.failure()["applications"][0]["command"] == {"exit_code": 1, "output": ["said ********"]}


def test_a_server_without_its_ports_is_told_with_them(written, monkeypatch):
    monkeypatch.setattr(systemd, "silent_ports", lambda unit, ports: ["'default' (4580)"])
    written.after = {"start": ACTIVE}
    with pytest.raises(HostError, match=r"'A' is INITIALIZING after 0.3 s .* 'A' does not listen at its ports 'default' \(4580\)"):
        act("started")


def test_graceful_stops_need_a_signal(written):
    written.units["genesys-A.service"] = ACTIVE
    for check_mode in (True, False):
        with pytest.raises(HostError, match="Set graceful_signal"):
            act("stopped_gracefully", check_mode=check_mode)
        with pytest.raises(HostError, match=r"graceful_signal \(in the playbooks: genesys_graceful_signal\): 'USR1' is not a signal"):
            act("stopped_gracefully", check_mode=check_mode, graceful_signal="USR1")
    assert written.calls == []


def test_a_graceful_stop_reaches_the_server_of_the_unit_alone(written, monkeypatch):
    """10 is the shell, 11 the server, 12 a process of the application that is not of the unit."""
    sent = []

    def kill(process, number):
        sent.append((process, number))
        written.units["genesys-A.service"] = CLEAN

    monkeypatch.setattr(systemd, "processes_of", lambda unit: [10, 11])
    monkeypatch.setattr(systemd, "running_processes", lambda path, application: [11, 12] if not sent else [])
    monkeypatch.setattr(os, "kill", kill)
    written.units["genesys-A.service"] = ACTIVE
    assert act("stopped_gracefully", graceful_signal="SIGUSR1")["applications"][0]["status"] == "STOPPED"
    assert sent == [(11, signal.SIGUSR1)] and written.calls == []


@pytest.mark.parametrize(("reached", "under_way"), [([11], True), ([12], False)], ids=["its server", "none"])
def test_a_graceful_stop_whose_signal_reaches_no_process_is_not_under_way(written, monkeypatch, reached, under_way):
    monkeypatch.setattr(systemd, "processes_of", lambda unit: [10, 11])
    monkeypatch.setattr(systemd, "running_processes", lambda path, application: reached)
    monkeypatch.setattr(os, "kill", lambda process, number: None)
    monkeypatch.setattr(systemd.Systemd, "spare", 0.0)
    written.units["genesys-A.service"] = ACTIVE
    with pytest.raises(HostError, match="Stopping gracefully failed") as caught:
        act("stopped_gracefully", graceful_signal="SIGUSR1", applications=[{"name": "A", "startup_timeout": 1.0, "shutdown_timeout": 0.2}])
    assert caught.value.failure()["applications"][0]["under_way"] is under_way


def test_a_missing_unit(host):
    with pytest.raises(HostError, match="no unit of systemd for 'A' .*application_unit writes it"):
        act("started")
    warnings: list[str] = []
    assert act("started", check_mode=True, warnings=warnings)["diff"]["after"] == {"A": "RUNNING"}
    assert "'A' has no unit of systemd yet" in warnings[0] and host.calls == []


# --- systemctl itself ---------------------------------------------------------------------------------------------------


def test_a_host_without_systemd_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(systemctl_module, "RUNTIME_DIRECTORY", str(tmp_path / "none"))
    with pytest.raises(HostError, match="not run by systemd"):
        Systemctl(5, changes=False)


def test_only_root_may_command(tmp_path, monkeypatch):
    monkeypatch.setattr(systemctl_module, "RUNTIME_DIRECTORY", str(tmp_path))
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    Systemctl(5, changes=False)
    with pytest.raises(HostError, match="Use become"):
        Systemctl(5, changes=True)


PROGRAM = """#!/bin/sh
[ "$3" = show ] && { printf 'LoadState=loaded\\nFragmentPath=/etc/a=b\\n\\nLoadState=not-found\\n'; exit 0; }
echo "Failed to $3: $5"; exit 4
"""


def test_properties_and_refusals_are_read(tmp_path, monkeypatch):
    program = tmp_path / "systemctl"
    program.write_text(PROGRAM)
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    monkeypatch.setattr(systemctl_module, "RUNTIME_DIRECTORY", str(tmp_path))
    client = Systemctl(20, changes=False)
    assert client.show(["a", "b"]) == [{"LoadState": "loaded", "FragmentPath": "/etc/a=b"}, {"LoadState": "not-found"}]
    assert client.show([]) == []
    with pytest.raises(HostError, match="systemctl show failed"):
        client.show(["a"])
    with pytest.raises(HostError, match="systemctl enable failed: Failed to enable: x"):
        client.do("enable", "x")
