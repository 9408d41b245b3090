# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A job of AWX: where it writes must last longer than its container, and what it hands on must be taken by the next job."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import pytest
import surveys
import yaml

from ansible_collections.genesys_engage.chat.plugins.filter import job
from ansible_collections.genesys_engage.chat.plugins.filter.variables import misspelt_names, unread_names
from ansible_collections.genesys_engage.chat.plugins.module_utils._common.variables import STATISTICS, USERS

ROOT = Path(__file__).resolve().parents[2]
GROUPS = {"genesys_configuration": ["site"]}
LOCAL = {"awx_job_id": 7, "ansible_connection": "local"}


def found(names: list[str], groups: Any = None, **variables: Any) -> dict[str, Any]:
    result: dict[str, Any] = job.job_places(["site", "chat1"], groups or GROUPS, {"site": variables, "other": variables}, names)
    return result


@pytest.fixture(autouse=True)
def no_job(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWX_ISOLATED_DATA_DIR", "AWX_PRIVATE_DATA_DIR", "GAX_SNAPSHOT_DIR"):
        monkeypatch.delenv(name, raising=False)


def test_nothing_is_asked_for_outside_of_jobs(monkeypatch: pytest.MonkeyPatch) -> None:
    assert found(list(job.PLACES), ansible_connection="local") == {"problems": [], "places": []}
    assert found(list(job.PLACES), ansible_connection="local", awx_job_id="") == {"problems": [], "places": []}
    # ansible-runner sets this wherever it runs; in a container the directory is below /runner.
    monkeypatch.setenv("AWX_ISOLATED_DATA_DIR", "/home/one/private/artifacts/7")
    assert not job.in_a_job({})
    monkeypatch.setenv("AWX_ISOLATED_DATA_DIR", "/runner/artifacts/7")
    assert job.in_a_job({})


@pytest.mark.parametrize(("name", "words"), [
    ("chat_snapshot_dir", "so would its snapshots, in '~/.genesys_engage/snapshots': set chat_snapshot_dir to a place on a mounted volume, or let 'site' be a "
                          "host that is reached over SSH. Nothing was changed."),
    ("chat_drift_file", "so would since when something differs, in '~/.genesys_engage/drift.json': set chat_drift_file to"),
    ("chat_adopt_file", "so would the description, in '~/adopted.yml': set chat_adopt_file to a place on a mounted volume. Nothing was changed."),
])  # fmt: skip
def test_a_place_that_lasts_is_asked_for(name: str, words: str) -> None:
    for marks in ({"awx_job_id": 7}, {"tower_job_id": "7"}):
        (sentence,) = found([name], ansible_connection="local", **marks)["problems"]
        assert sentence.startswith("This job runs in an execution environment that vanishes with it, and ") and words in sentence
    assert found([name], **LOCAL, **{name: "/srv/chat/x"}) == {
        "problems": [], "places": [{"variable": name, "host": "localhost" if name == "chat_adopt_file" else "site", "path": "/srv/chat/x"}]}


def test_the_home_directory_of_another_host_lasts() -> None:
    assert found(["chat_snapshot_dir"], awx_job_id=7, ansible_connection="ssh")["problems"] == []
    assert found(["chat_snapshot_dir"], awx_job_id=7)["problems"] == []
    assert found(["chat_adopt_file"], awx_job_id=7, ansible_connection="ssh")["problems"] != []
    assert found(["chat_snapshot_dir"], groups={"genesys_configuration": ["other"]}, **LOCAL)["problems"] == [], "it is not part of the run"


def test_what_is_not_written_needs_no_place() -> None:
    for name in ("chat_audit_dir", "chat_compare_file", "upgrade_report_dir"):
        assert found([name], **LOCAL) == found([name], **LOCAL, **{name: ""}) == {"problems": [], "places": []}
        (sentence,) = found([name], **LOCAL, **{name: "/tmp/reports"})["problems"]
        assert sentence.endswith("a mounted volume, or leave it empty. Nothing was changed.")


def test_the_environment_names_the_directory_of_snapshots(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GAX_SNAPSHOT_DIR", "/srv/kept")
    assert found(["chat_snapshot_dir"], **LOCAL)["places"] == [{"variable": "chat_snapshot_dir", "host": "site", "path": "/srv/kept"}]


def test_what_vanishes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home, private, volume = tmp_path / "home", tmp_path / "private", tmp_path / "home" / "volume"
    (private / "project").mkdir(parents=True)
    volume.mkdir(parents=True)
    (tmp_path / "link").symlink_to(home)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("AWX_ISOLATED_DATA_DIR", str(private / "artifacts" / "7"))
    monkeypatch.setattr(os.path, "ismount", lambda path: path in ("/", str(volume)))
    monkeypatch.chdir(private / "project")
    for path in ("~/x", "~other/x", str(home), str(home / "a/b"), str(tmp_path / "link" / "x"), "relative/x", str(private / "project/x"), "/runner/x", "/tmp",
                 "/var/tmp/x"):  # fmt: skip
        assert job.vanishes(path), path
    for path in (str(volume), str(volume / "a/b"), "/srv/chat", "/opt", "/"):
        assert not job.vanishes(path), path
    # An arbitrary user may have / for a home directory, which is not all there is.
    monkeypatch.setenv("HOME", "/")
    assert not job.vanishes("/srv/chat")


def test_each_playbook_asks_for_the_places_that_it_writes_to() -> None:
    """What its roles read of the places is what it asks for."""
    for path in sorted((ROOT / "playbooks").glob("*.yml")):
        asked = set(re.findall(r"\w+", "".join(re.findall(r"preflight_places: \[(.*)\]", path.read_text(encoding="utf-8")))))
        read = surveys.read_by(path.stem) & set(job.PLACES)
        if path.stem == "preflight":  # it says beforehand what deploy will need
            assert asked == surveys.read_by("deploy") & set(job.PLACES)
        else:
            assert asked == read, path.stem


def test_the_statistics_are_known_and_taken_by_the_next_job() -> None:
    """AWX gives them to the next nodes of a workflow as extra variables."""
    text = "".join(path.read_text(encoding="utf-8") for path in [*ROOT.glob("roles/*/tasks/*.yml"), *ROOT.glob("plugins/action/*.py")])
    told = set(re.findall(r"statistics:\n +(\w+):", text)) | set(re.findall(r"set_stats:\n +data:\n +(\w+):", text)) | set(
        re.findall(r"statistics: \"{{ {'(\w+)'", text)) | set(re.findall(r'"data": {"(\w+)"', text))
    assert told == STATISTICS
    assert sorted(STATISTICS & USERS) == ["chat_snapshot"], "a snapshot is what the playbook restore brings back; the others are no answers"
    for name in STATISTICS:
        assert misspelt_names([name]) == unread_names([name]) == [], name
    # The control: a name like these would be told.
    assert unread_names(["chat_runs"]) != []


def test_the_example_of_an_image_can_be_used_without_a_home() -> None:
    image = yaml.safe_load((ROOT / "docs" / "examples" / "awx" / "execution-environment.yml").read_text(encoding="utf-8"))
    steps = " ".join(image["additional_build_steps"]["append_final"])
    assert "ANSIBLE_HOME=/tmp/" in steps and "ANSIBLE_REMOTE_TMP=/tmp/" in steps
