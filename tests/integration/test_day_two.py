# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbooks for day two as an administrator runs them: a solution is stopped, started, restarted, described, and removed piece by piece."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from integration.managed_hosts import deployed
from integration.module_runner import ModuleRunner
from integration.test_deploy import PACKAGES, PASSWORD, SMALL, SOLUTION, Controller, changed, database, failures

from sandbox.testing import Sandbox

# Many playbooks, one after the other.
pytestmark = pytest.mark.timeout(900)

ROOT = Path(__file__).resolve().parents[2]
#: A small solution: each host more takes its time.
CHAT_SERVERS = [{"name": "ChatServer_1", "host": "chat1"}, {"name": "ChatServer_2", "host": "chat2"}]
DEFAULTS: dict[str, Any] = {
    "application_template": "Chat Server 8.5.3",
    "ports": {"default": 4580, "webapi": 4581, "ESP": 4582},
    "endpoints": {"default": "Chat_In"},
}
RESTORED = {"options": {"settings": {"session-restoration-mode": "simple", "transcript-auto-save": "1"}}}
TWO_CHAT_SERVERS: dict[str, Any] = {**SMALL, "chat_servers": CHAT_SERVERS, "chat_server_defaults": {**DEFAULTS, **RESTORED}}
SERVERS = ("ChatServer_1", "ChatServer_2", "IXN_1", "UCS_1")


class Site:
    """A small solution that is installed and runs, in a sandbox."""

    def __init__(self, controller: Controller) -> None:
        self.controller = controller
        self.sandbox = controller.sandbox

    def play(self, name: str, *options: str, **changes: Any) -> tuple[int, str]:
        """Run a playbook."""
        solution = {**TWO_CHAT_SERVERS, **changes.pop("solution", {})}
        return self.controller.play(name, *options, solution=solution, chat_hosts="site:chat1:chat2:ucs1", chat_restart_pause=0, **changes)

    def ok(self, name: str, *options: str, **changes: Any) -> str:
        """Run a playbook that must succeed."""
        code, output = self.play(name, *options, **changes)
        assert code == 0, failures(output)
        assert "Traceback" not in output, output
        return output

    def refused(self, name: str, *words: str, **changes: Any) -> None:
        """Run a playbook that must fail with these words, and change nothing."""
        before, states = database(self.controller), self.states()
        code, output = self.play(name, **changes)
        assert code != 0
        told = " ".join(output.split())
        assert all(word in told for word in words) and "Traceback" not in output, failures(output)
        assert (database(self.controller), self.states()) == (before, states)

    def states(self) -> dict[str, str]:
        """Return the states of the servers that there are."""
        return {name: status for name, status in self.controller.statuses().items() if name in SERVERS}

    @contextlib.contextmanager
    def chats(self) -> Iterator[Path]:
        """Hold four chats open meanwhile; yield the file that holds afterwards what became of their messages."""
        directory, where = self.controller.directory, f"{self.sandbox.environment['confserv_host']}:{self.sandbox.environment['confserv_port']}"
        report, end = directory / "chats.json", directory / "chats.end"
        end.unlink(missing_ok=True)  # of the chats before
        command = [sys.executable, "-m", "sandbox.load", "--dir", str(self.sandbox.directory), "--confserv", where, "--chats", "4", "--rate", "1",
                   "--seconds", "600", "--hold-until", str(end), "--report", str(report)]
        environment = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[1])}
        with subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as load:
            assert load.stderr is not None and "chats are open" in load.stderr.readline()
            try:
                yield report
                end.touch()
                assert load.wait(60) == 0
            finally:
                load.kill()

    def processes(self) -> dict[str, str]:
        """Return by application the moment in which its process was started."""
        kept = json.loads((self.sandbox.directory / "scs" / "processes.json").read_text())
        return {name: str(kept[str(self.controller.application(name)["dbid"])]["started"]) for name in SERVERS}

    def directory(self, application: str, host: str) -> Path:
        """Return an installation directory."""
        return self.sandbox.directory / "hosts" / host / "opt" / "genesys" / application


@pytest.fixture(scope="module")
def site(runner: ModuleRunner, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with Sandbox(password=PASSWORD) as sandbox:
        deployed(sandbox, runner, {**SOLUTION, **TWO_CHAT_SERVERS}, PACKAGES)
        yield Site(Controller(sandbox, tmp_path_factory.mktemp("controller")))


def all_of(status: str) -> dict[str, str]:
    return dict.fromkeys(SERVERS, status)


def test_stopped_and_started(site: Site) -> None:
    assert changed(site.ok("stop")) > 0
    assert site.states() == all_of("STOPPED")
    site.ok("start", chat_applications="IXN_1, UCS_1")
    assert site.states() == {**all_of("STOPPED"), "IXN_1": "RUNNING", "UCS_1": "RUNNING"}
    site.ok("start")
    assert site.states() == all_of("RUNNING")


def test_restarted_one_by_one(site: Site) -> None:
    site.sandbox.edit("CfgApplication", "ChatServer_2", options={"settings": {"session-restoration-mode": None}})
    site.refused("restart", "Sessions can't be restored on another Chat Server", "'ChatServer_2' lacks session-restoration-mode=simple", "Nothing was stopped")
    site.sandbox.edit("CfgApplication", "ChatServer_2", options={"settings": {"session-restoration-mode": "simple"}})
    before = site.processes()
    preview = site.ok("restart", "--check")
    assert site.processes() == before
    with site.chats() as report:
        # At once: the stand-in would wait half a minute for its sessions, each time.
        assert changed(preview) == changed(site.ok("restart", chat_stop_state="stopped"))
    after = site.processes()
    assert site.states() == all_of("RUNNING") and not set(before.values()) & set(after.values())
    assert sorted(after, key=lambda name: int(after[name].split("/")[1])) == ["UCS_1", "IXN_1", "ChatServer_1", "ChatServer_2"]
    told = json.loads(report.read_text())
    assert told["opened"] == 4 and told["messages_sent"] > 20
    assert {key: told[key] for key in ("messages_lost", "messages_doubled", "sessions_ended_by_server")} == {
        "messages_lost": 0, "messages_doubled": 0, "sessions_ended_by_server": 0}


def test_without_restoration_a_restart_ends_sessions(site: Site) -> None:
    """The negative control: what the restart above did not lose is lost where the settings do not allow it, and it is said."""
    names = ("ChatServer_1", "ChatServer_2")
    for name in names:
        site.sandbox.edit("CfgApplication", name, options={"settings": {"session-restoration-mode": None}})
    with site.chats() as report:
        # Each reads its settings when it starts: the first one still finds the other one ready to take its sessions over.
        site.ok("restart", chat_applications=", ".join(names), chat_stop_state="stopped", chat_accept_lost_sessions="true")
    for name in names:
        site.sandbox.edit("CfgApplication", name, options={"settings": {"session-restoration-mode": "simple"}})
    told = json.loads(report.read_text())
    # A client that finds nobody to restore its session gives up after a while; until then nobody takes its messages.
    assert told["opened"] == 4 and told["messages_sent"] > 20
    assert told["messages_lost"] + told["sessions_ended_by_server"] > 0
    assert site.states() == all_of("RUNNING")


@pytest.fixture(scope="module")
def adopted(site: Site, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A description of the site as it is, and what the playbook adopt says."""
    file = tmp_path_factory.mktemp("adopted") / "adopted.yml"
    site.sandbox.clear()
    output = site.ok("adopt", chat_adopt_file=str(file))
    assert site.sandbox.writes() == []
    return file, output


def test_described(adopted: tuple[Path, str]) -> None:
    file, output = adopted
    described = yaml.safe_load(file.read_text())["chat_solution"]
    assert [item["name"] for item in described["chat_servers"]] == ["ChatServer_1", "ChatServer_2"]
    assert "describes 2 Chat Servers" in " ".join(output.split())


def test_judged(site: Site, tmp_path: Path) -> None:
    """What is wrong is printed and kept in each format, and fails the run; waived, it does not. Nothing is written."""
    kept = tmp_path / "audit"
    before = database(site.controller)
    code, output = site.play("audit", chat_audit_dir=str(kept), chat_picture_file=str(tmp_path / "solution.html"))
    assert code != 0 and "application 'IXN_1'" not in output and "Traceback" not in output
    told = json.loads((kept / "audit.json").read_text())
    assert {(fault["rule"], fault["name"]) for fault in told["faults"] if fault["severity"] == "error"} == {("L19", "ChatServer_1"), ("L19", "ChatServer_2")}
    assert "L19 error   application 'ChatServer_1' is connected to the UCS 'UCS_1', which is in no pair." in output
    assert {path.name for path in kept.iterdir()} == {"audit.md", "audit.json", "audit.sarif", "audit.xml"}
    assert f"The picture of the chat solution is {tmp_path}/solution.html." in output
    assert all(fault["text"] in (tmp_path / "solution.html").read_text() for fault in told["faults"])
    waiver = {"rule": "L19", "reason": "one UCS is enough in the lab", "until": "2999-12-31"}
    output = site.ok("audit", chat_audit_waivers=[waiver])
    assert "L19 waived" in output
    assert database(site.controller) == before


def test_what_differs(site: Site, adopted: tuple[Path, str], tmp_path: Path) -> None:
    """Drift is quiet, then told with the time since which it is there, and quiet again; a comparison tells the same value."""
    kept = {"chat_drift_file": str(tmp_path / "drift.json")}
    site.ok("drift", **kept)
    site.sandbox.edit("CfgApplication", "ChatServer_2", options={"settings": {"transcript-auto-save": "2"}})
    before = database(site.controller)
    pages = [tmp_path / "drift.html", tmp_path / "compared.html"]
    told = [" ".join(site.play("drift", chat_picture_file=str(pages[0]), **kept)[1].split()) for _time in range(2)]
    since = {line.partition("described is 1. Since ")[2][:20] for line in told}
    assert len(since) == 1 and since != {""} and "'ChatServer_2': options/settings/transcript-auto-save is 2" in told[0]
    assert "1 value differs from the description, the first since " + since.pop() in told[1]
    output = site.ok("compare", chat_compare_left=str(adopted[0]), chat_compare_right="live", chat_compare_file=str(tmp_path / "differences.json"),
                     chat_picture_file=str(pages[1]))
    assert "chat_servers/ChatServer_2/options/settings/transcript-auto-save: 1 | 2" in output
    site.refused("compare", "typo.yml must be a file on the controller that holds chat_solution", chat_compare_left="typo.yml", chat_compare_right="live")
    assert [item["right"] for item in json.loads((tmp_path / "differences.json").read_text())["differences"]] == ["2"]
    for page in pages:
        marked = json.loads(page.read_text().partition('id="data">')[2].partition("</script>")[0])["compared"]
        assert marked["objects"] == {"application/ChatServer_2": "differs"} and marked["with"] == "the description"
        assert [(item["option"], item["here"], item["there"]) for item in marked["differences"]] == [("options/settings/transcript-auto-save", "2", "1")]
    assert f"The picture of the chat solution is {pages[0]}." in told[0] and f"The picture of the chat solution is {pages[1]}." in output
    assert database(site.controller) == before
    site.sandbox.edit("CfgApplication", "ChatServer_2", options={"settings": {"transcript-auto-save": "1"}})
    site.ok("drift", **kept)


def test_relative_paths_count_from_the_current_directory(site: Site, tmp_path: Path) -> None:
    """Ansible counts from the directory of the playbook, and that of a playbook of the collection is the collection's own."""
    of_the_collection = sorted(path.name for path in (ROOT / "playbooks").iterdir())
    here: dict[str, Any] = {"at": tmp_path, "environment": {"HOME": str(tmp_path / "home")}}
    (tmp_path / "home").mkdir()
    (tmp_path / "kept").mkdir()
    told = " ".join(site.ok("adopt", chat_adopt_file="kept/adopted.yml", **here).split())
    assert f"{tmp_path}/kept/adopted.yml describes 2 Chat Servers" in told
    told = " ".join(site.ok("adopt", chat_adopt_file="~/adopted.yml", **here).split())
    assert f"{tmp_path}/home/adopted.yml describes 2 Chat Servers" in told
    told = site.ok("compare", chat_compare_left="kept/adopted.yml", chat_compare_right="~/adopted.yml", chat_compare_file="differences.json",
                   chat_picture_file="differences.html", **here)
    assert f"The picture of the chat solution is {tmp_path}/differences.html." in told
    assert json.loads((tmp_path / "differences.json").read_text()) == {"equal": True, "differences": []}
    site.ok("audit", chat_audit_dir="audit", chat_picture_file="solution.html", chat_audit_fail_on="never", **here)
    site.ok("verify", chat_picture_file="verified.html", **here)
    assert {path.name for path in tmp_path.iterdir()} == {
        "audit", "differences.html", "differences.json", "home", "kept", "solution.html", "verified.html"}
    assert len(list((tmp_path / "audit").iterdir())) == 4
    assert sorted(path.name for path in (ROOT / "playbooks").iterdir()) == of_the_collection


@pytest.mark.parametrize(("playbook", "variable", "others"), [
    ("preflight", "chat_snapshot_dir", {}), ("deploy", "chat_plan_file", {}), ("drift", "chat_drift_file", {}), ("history", "chat_snapshot_dir", {}),
    ("restore", "chat_snapshot", {}), ("audit", "chat_audit_snapshot", {}), ("compare", "chat_compare_right", {"chat_compare_left": "live"}),
    ("remove", "chat_plan_file", {"chat_remove": "ChatServer_2", "chat_remove_confirm": "ChatServer_2"}),
])
def test_relative_paths_of_the_configuration_host_are_refused(site: Site, playbook: str, variable: str, others: dict[str, Any]) -> None:
    site.refused(playbook, f"{variable} is 'kept/it.json', a path of the configuration host", "write it from the root (/...)", "Nothing was changed.",
                 **{variable: "kept/it.json"}, **others)


def test_removed_piece_by_piece(site: Site) -> None:
    site.refused("remove", "chat_remove_confirm must repeat what is to be removed", chat_remove="ChatServer_2", chat_remove_confirm="ChatServer_1")
    one = {"chat_remove": "ChatServer_2", "chat_remove_confirm": "ChatServer_2"}
    site.refused("remove", "These run", "ChatServer_2", "chat_remove_running=true", **one)
    before, states = database(site.controller), site.states()
    preview = site.ok("remove", "--check", chat_remove_running=True, **one)
    assert (database(site.controller), site.states()) == (before, states)
    assert changed(preview) == changed(site.ok("remove", chat_remove_running=True, **one)) > 0
    assert site.sandbox.object("CfgApplication", "ChatServer_2") is None and not site.directory("ChatServer_2", "chat2").exists()
    assert site.directory("ChatServer_1", "chat1").exists() and site.states() == {name: "RUNNING" for name in SERVERS if name != "ChatServer_2"}

    site.sandbox.clear()
    everything = {"chat_remove": "all", "chat_remove_confirm": "Environment", "chat_remove_running": True}
    # Somebody edits what goes while it is being stopped: that is told, and nothing is removed.
    edit = {"type": "CfgApplication", "name": "ChatServer_1", "fields": {"shutdowntimeout": "55"}}
    site.sandbox.fault("edit", {"method": "GET", "path_regex": "type=CfgApplication", "nth": 2}, edit=edit)
    code, output = site.play("remove", **everything)
    assert code != 0 and "Somebody changed ChatServer_1 since this run began" in " ".join(output.split()), failures(output)
    assert site.sandbox.writes() == [] and site.directory("ChatServer_1", "chat1").exists() and "RUNNING" not in site.states().values()
    site.ok("remove", **everything)
    assert not [name for name in SERVERS if site.sandbox.object("CfgApplication", name)]
    assert not [path for path in (site.sandbox.directory / "hosts").glob("*/opt/genesys/*") if path.name in SERVERS]
    site.sandbox.clear()
    assert changed(site.ok("remove", **everything)) == 0 and site.sandbox.writes() == []
