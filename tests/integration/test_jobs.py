# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbooks as AWX runs them: by ansible-runner, from a private data directory laid out as AWX does, by an account that owns nothing but that.

Neither its home directory nor the project can be written, there is no terminal, credentials come by the environment, and answers are texts.
What is looked at are the events that AWX shows, and the statistics that it hands to the next node of a workflow.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from integration.configured_site import CHAT_PORTS, CHAT_SERVERS, CHAT_TEMPLATE, Site
from integration.engagement import WES, channel_of, endpoints, engage_cluster
from integration.module_runner import ModuleRunner

from ansible_collections.genesys_engage.chat.plugins.filter.job import vanishes
from sandbox.testing import COMPILED, Sandbox, compiled_once, packed_once

ROOT = Path(__file__).resolve().parents[2]
PLAYBOOKS = sorted(path.stem for path in (ROOT / "playbooks").glob("*.yml"))
PROGRAMS = Path(sys.executable).parent
#: "nobody": an account that owns nothing.
NOBODY = 65534
#: What AWX shows at once; a person reads no more of one task.
LARGEST_EVENT = 64 * 1024
#: What AWX sets for each job, beside what is asked for.
OF_AWX = {"awx_job_id": 7, "tower_job_id": 7, "awx_job_template_name": "Job", "awx_user_name": "admin", "awx_project_revision": "0a1b2c", "tower_user_id": 1}
#: The variables that tell where GAX and the Configuration Server are, which the credential puts into the environment.
CREDENTIAL = ("gax_url", "gax_username", "gax_password", "confserv_host", "confserv_port", "confserv_username", "confserv_password", "scs_host", "scs_port")
DESCRIPTION = {
    "tenant": "Environment",
    "chat_server_defaults": {"application_template": CHAT_TEMPLATE, "ports": CHAT_PORTS, "endpoints": {"default": "Chat_In"}},
    "chat_servers": [{"name": "ChatServer_1", "host": "chat1"}],
}
#: The answers to the questions of a job template, by variable, as the survey sends them that nobody has filled in.
QUESTIONS: dict[str, Any] = yaml.safe_load((ROOT / "roles" / "awx" / "vars" / "questions.yml").read_text(encoding="utf-8"))["awx_questions"]
TEMPLATES = yaml.safe_load((ROOT / "roles" / "awx" / "vars" / "main.yml").read_text(encoding="utf-8"))["awx_job_templates"]


@dataclass
class Job:
    """What came of one job."""

    code: int
    output: str
    events: list[tuple[int, dict[str, Any]]]

    @property
    def statistics(self) -> dict[str, Any]:
        """What AWX hands to the next nodes."""
        stats: list[dict[str, Any]] = [event["event_data"] for _size, event in self.events if event["event"] == "playbook_on_stats"]
        return dict(stats[-1].get("artifact_data", {})) if stats else {}

    @property
    def told(self) -> str:
        """The output in one line."""
        return " ".join(self.output.split())


class Awx:
    """Launches jobs."""

    def __init__(self, site: Site, directory: Path) -> None:
        self.site = site
        self.directory = directory
        self.private = directory / "private"
        self.volume = directory / "volume"  # a place that lasts
        self.number = 0
        for name in ("project", "inventory", "env", "artifacts", "home", "tmp"):
            (self.private / name).mkdir(parents=True)
        self.volume.mkdir()
        for name in PLAYBOOKS:
            (self.private / "project" / f"{name}.yml").write_text(f"---\n- name: Run {name}\n  import_playbook: genesys_engage.chat.{name}\n")
        everything = yaml.safe_load(site.sandbox.inventory.read_text(encoding="utf-8"))["all"]
        self.environment = {name.upper(): str(everything["vars"].pop(name)) for name in CREDENTIAL}
        self._write_inventory(everything)
        if os.geteuid() == 0:
            subprocess.run(["chown", "-R", f"{NOBODY}:{NOBODY}", str(self.private), str(self.volume)], check=True)
            # The sandbox is what the hosts are: everybody may look at it, and the account may install there.
            subprocess.run(["chmod", "-R", "a+rX", str(site.sandbox.directory)], check=True)
            subprocess.run(["chown", "-R", f"{NOBODY}:{NOBODY}", str(site.sandbox.directory / "hosts")], check=True)
        for name in ("project", "home"):
            (self.private / name).chmod(0o555)

    def _write_inventory(self, everything: dict[str, Any]) -> None:
        """As AWX does: a program that prints all that there is."""
        variables = {**everything["vars"], "chat_solution": DESCRIPTION, "genesys_accept_license": True,
                     "genesys_packages": {"chat_server": f"{self.site.sandbox.environment['packages']}/IP_eSChatSrv_8531106b1_ENU_linux.tar.gz"}}
        hosts = {host: values for group in everything["children"].values() for host, values in group["hosts"].items()}
        printed = {"_meta": {"hostvars": hosts}, "all": {"vars": variables, "children": list(everything["children"])},
                   **{group: {"hosts": list(its["hosts"])} for group, its in everything["children"].items()}}
        program = self.private / "inventory" / "hosts"
        program.write_text(f"#! /usr/bin/env python3\nprint({json.dumps(printed)!r})\n", encoding="utf-8")
        program.chmod(0o700)

    def launch(self, playbook: str, *arguments: str, handed_on: dict[str, Any] | None = None, **answers: Any) -> Job:
        """Run one job to its end. handed_on: statistics of a job before, in a workflow."""
        self.number += 1
        unanswered = {name: "" for template in TEMPLATES if template["playbook"] == playbook for name in template.get("survey", ())}
        given = {"chat_hosts": "site:chat1", **OF_AWX, **unanswered, **answers, **(handed_on or {})}
        (self.private / "env" / "extravars").write_text(json.dumps(given))
        environment = {
            **self.environment, **compiled_once(), **packed_once(), "HOME": str(self.private / "home"), "ANSIBLE_HOME": str(self.private / "tmp" / "home"),
            "ANSIBLE_REMOTE_TMP": str(self.private / "tmp" / "remote"), "TMPDIR": str(self.private / "tmp"), "AWX_PRIVATE_DATA_DIR": str(self.private),
        }  # fmt: skip
        (self.private / "env" / "envvars").write_text(json.dumps(environment))
        (self.private / "env" / "cmdline").write_text(" ".join(arguments))
        (self.private / "env" / "settings").write_text(json.dumps({"idle_timeout": 120, "suppress_env_files": True}))
        command = [str(PROGRAMS / "ansible-runner"), "run", str(self.private), "-p", f"{playbook}.yml", "-i", str(self.number), "-q"]
        if os.geteuid() == 0:
            # The checkout and its Python may lie where only their owner can read.
            command = ["setpriv", "--reuid", str(NOBODY), "--regid", str(NOBODY), "--clear-groups", "--inh-caps", "+dac_read_search",
                       "--ambient-caps", "+dac_read_search", *command]  # fmt: skip
        place = {"PATH": f"{PROGRAMS}:/usr/bin:/bin", "LANG": "C.UTF-8", "HOME": environment["HOME"]}
        done = subprocess.run(command, cwd="/", env=place, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=240, check=False,
                              start_new_session=True)  # fmt: skip
        artifacts = self.private / "artifacts" / str(self.number)
        files = sorted((artifacts / "job_events").glob("[0-9]*-*.json"), key=lambda path: int(path.name.partition("-")[0]))
        output = (artifacts / "stdout").read_text(encoding="utf-8") + done.stdout + done.stderr
        return Job(done.returncode, output, [(path.stat().st_size, json.loads(path.read_text(encoding="utf-8"))) for path in files])

    def ok(self, playbook: str, *arguments: str, **answers: Any) -> Job:
        """Run a job that must succeed."""
        job = self.launch(playbook, *arguments, **answers)
        assert job.code == 0, job.output[-3000:]
        can_be_read(job)
        return job

    def refused(self, playbook: str, words: str, *arguments: str, **answers: Any) -> Job:
        """Run a job that must fail with these words, before it has asked GAX for anything."""
        self.site.sandbox.clear()
        job = self.launch(playbook, *arguments, **answers)
        assert job.code == 2 and words in job.told, job.output[-3000:]
        assert self.site.sandbox.requests("gax") == []
        can_be_read(job)
        return job


def can_be_read(job: Job) -> None:
    """Assert that a person can read all events, that none warns, and that no secret is in any."""
    assert job.events and max(size for size, _event in job.events) <= LARGEST_EVENT, max(job.events, key=lambda found: found[0])[1]["stdout"][:300]
    for _size, event in job.events:
        result = event.get("event_data", {}).get("res") or {}
        assert event["event"] not in ("warning", "deprecated", "system_warning"), event
        assert not result.get("warnings") and not result.get("deprecations"), event
        assert "[WARNING]" not in event["stdout"] and "[DEPRECATION" not in event["stdout"], event["stdout"]
    assert "Traceback" not in job.output and "sandbox-password" not in json.dumps([event for _size, event in job.events])


@pytest.fixture(scope="module")
def awx(runner: ModuleRunner) -> Iterator[Awx]:
    """A site with a chat solution that is configured, and not installed; and what AWX has for a job."""
    COMPILED.parent.mkdir(exist_ok=True)
    # Not where pytest's directories are, nor in a checkout that lies there: what is below /tmp does not last.
    lasting = Path("/dev/shm") if vanishes(str(COMPILED.parent)) else COMPILED.parent
    place = Path(tempfile.mkdtemp(prefix="jobs-", dir=lasting))
    place.chmod(0o755)
    try:
        with Sandbox() as sandbox:
            site = Site(sandbox, runner)
            site.furnish()
            engage_cluster(site)
            yield Awx(site, place)
    finally:
        for locked in (place / "private" / "project", place / "private" / "home"):
            if locked.exists():
                locked.chmod(0o755)
        shutil.rmtree(place)


def test_nothing_is_done_without_a_place_that_lasts(awx: Awx) -> None:
    job = awx.refused("deploy", "This job runs in an execution environment that vanishes with it, and so would its snapshots, in "
                                "'~/.genesys_engage/snapshots': set chat_snapshot_dir to a place on a mounted volume")  # fmt: skip
    assert job.statistics == {}


def test_a_preview_of_the_deployment_and_a_verification_after_it(awx: Awx) -> None:
    """Nothing is installed, so the verification fails; what the first job hands on, also what is no answer, makes no difference to it."""
    before = awx.site.sandbox.database()
    preview = awx.ok("deploy", "--check", "--diff", chat_snapshot_dir=str(awx.volume / "kept"))
    assert preview.statistics["chat_places"] == [{"variable": "chat_snapshot_dir", "host": "site", "path": str(awx.volume / "kept")}]
    (summary,) = preview.statistics["chat_run"]
    assert summary["preview"] and [(item["name"], item["installed"]) for item in summary["applications"]] == [("ChatServer_1", True)]
    assert not (awx.volume / "kept").exists() and awx.site.sandbox.database() == before
    verified = awx.launch("verify", handed_on=preview.statistics)
    assert verified.code == 2 and "Not running: ChatServer_1 (STOPPED)" in verified.told, verified.output[-3000:]
    can_be_read(verified)
    assert [site["preview"] for site in verified.statistics["chat_run"]] == [False]


def test_the_next_node_of_a_workflow_takes_what_it_is_given(awx: Awx) -> None:
    """A change by answers that are texts, and the way back by nothing but what the first job has handed on."""
    kept = awx.volume / "kept"
    job = awx.ok("wes_chat_channel", chat_snapshot_dir=str(kept), chat_wes_backend_server="WES_1", chat_wes_queue="Webengagement_Chat",
                 chat_wes_chat_servers="ChatServer_1, ChatServer_2\nChatServer_3\r\nChatServer_4\n", chat_wes_refresh_period="3",
                 chat_wes_development_environment="false", chat_wes_state="present")  # fmt: skip
    assert endpoints(awx.site) == dict.fromkeys(CHAT_SERVERS, "Webengagement_Chat") and channel_of(awx.site)["service:wes"][WES + "refreshPeriod"] == "3"
    assert Path(job.statistics["chat_snapshot"]).parent == kept and Path(job.statistics["chat_snapshot"]).is_file()
    back = awx.ok("restore", chat_snapshot_dir=str(kept), handed_on=job.statistics)
    assert endpoints(awx.site) == dict.fromkeys(CHAT_SERVERS) and channel_of(awx.site) == {}
    assert back.statistics["chat_restored"]["snapshot"] == job.statistics["chat_snapshot"]


def test_what_is_remembered_and_written_lies_in_the_place_that_is_named(awx: Awx) -> None:
    """Files of the configuration host and of the controller: both are the container here."""
    awx.site.sandbox.edit("CfgApplication", "ChatServer_1", options={"endpoints:1": {"default": "Webengagement_Chat"}})
    job = awx.launch("drift", chat_drift_file=str(awx.volume / "drift" / "since.json"))
    assert job.code == 2 and "from the description, the first since" in job.told, job.output[-3000:]
    can_be_read(job)
    (difference,) = json.loads((awx.volume / "drift" / "since.json").read_text())
    assert "ChatServer_1" in difference["text"] and job.statistics["chat_drift"]["differences"] == [difference]
    job = awx.ok("adopt", chat_adopt_file=str(awx.volume / "adopted.yml"), chat_adopt_chat_servers="ChatServer_1\nChatServer_2")
    assert job.statistics["chat_adopted"]["chat_servers"] == ["ChatServer_1", "ChatServer_2"]
    adopted = yaml.safe_load((awx.volume / "adopted.yml").read_text(encoding="utf-8"))
    assert [server["name"] for server in adopted["chat_solution"]["chat_servers"]] == ["ChatServer_1", "ChatServer_2"]


@pytest.mark.parametrize(("playbook", "answers"), [
    ("upgrade_contact_servers", {}), ("rollback", {"genesys_rollback": [{"role": "chat_server"}]}), ("start", {})])
def test_relaunch_on_failed_hosts_says_what_to_launch(awx: Awx, playbook: str, answers: dict[str, Any]) -> None:
    """The limit is then one to the hosts that failed, such as the configuration host alone."""
    before = awx.site.sandbox.database()
    job = awx.launch(playbook, "--limit", "site", chat_hosts="", chat_snapshot_dir=str(awx.volume / "kept"), **answers)
    assert job.code == 2 and "In AWX 'relaunch on failed hosts' keeps its limit: launch the job template itself." in job.told, job.output[-3000:]
    can_be_read(job)
    assert awx.site.sandbox.database() == before


def test_each_playbook_can_be_launched(awx: Awx) -> None:
    """All are read as a job reads them, with all that they include."""
    project = awx.private / "project"
    project.chmod(0o755)
    (project / "all.yml").write_text("".join(f"- name: Run {name}\n  import_playbook: genesys_engage.chat.{name}\n" for name in PLAYBOOKS))
    project.chmod(0o555)
    assert {template["playbook"] for template in TEMPLATES} == {*PLAYBOOKS} - {"awx_setup"}
    job = awx.launch("all", "--syntax-check")
    assert job.code == 0 and "WARNING" not in job.output and "DEPRECATION" not in job.output, job.output[-3000:]
