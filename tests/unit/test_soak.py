# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``make soak`` takes hours, and is continued after an interruption: what has passed at the same commit is not run again."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hosts.soak.conftest import commit_of

SOAK = Path(__file__).resolve().parents[1] / "hosts" / "soak"
CASES = """
import os, pathlib, pytest

@pytest.mark.parametrize("case", ["good", "bad: task (1)", "last"])
def test_case(case):
    with (pathlib.Path(__file__).parent / "ran").open("a") as note:
        note.write(case + "\\n")
    if case == os.environ.get("KILLED_AT"):
        os.kill(os.getpid(), 9)
    assert not (case.startswith("bad") and os.environ.get("BROKEN"))
"""


@pytest.fixture
def soak(tmp_path):
    """Run three cases as `make soak` runs its own, and tell which of them ran, and what was said."""
    shutil.copy(SOAK / "conftest.py", tmp_path)
    (tmp_path / "cases.py").write_text(CASES)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")

    def run(commit, **more):
        note = tmp_path / "ran"
        note.unlink(missing_ok=True)
        env = {**os.environ, "UPGRADE_RESULTS": str(tmp_path / "results"), "UPGRADE_COMMIT": commit, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", **more}
        command = [sys.executable, "-m", "pytest", "-ra", "-p", "no:cacheprovider", "-c", "pytest.ini", "cases.py"]
        done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=60, check=False)
        return (note.read_text().splitlines() if note.exists() else []), done.stdout

    return run


def test_what_has_passed_is_not_run_again_as_long_as_the_commit_is_the_same(soak, tmp_path):
    assert soak("one", BROKEN="1", KILLED_AT="last")[0] == ["good", "bad: task (1)", "last"]
    # What failed, and what was interrupted, is run again.
    ran, said = soak("one")
    assert ran == ["bad: task (1)", "last"]
    assert f"passed already at one; to begin anew, remove {tmp_path / 'results'}" in said
    ran, said = soak("one")
    assert ran == [] and "3 skipped" in said

    # Those of another commit are moved aside.
    figures = tmp_path / "results" / "faults" / "title.json"
    figures.parent.mkdir()
    figures.touch()
    assert len(soak("two")[0]) == 3
    assert not figures.exists() and (tmp_path / "results-one" / "faults" / "title.json").exists()
    kept = [json.loads(file.read_text()) for file in (tmp_path / "results" / "cases").iterdir()]
    assert {(one["outcome"], one["commit"]) for one in kept} == {("passed", "two")} and len(kept) == 3


def test_a_checkout_with_changes_is_no_commit(tmp_path):
    def git(*words):
        own = ("-c", "user.name=a", "-c", "user.email=a@b.example", "-c", "commit.gpgsign=false")
        return subprocess.run(["git", *own, *words], cwd=tmp_path, check=True, capture_output=True, text=True, timeout=60).stdout.strip()

    git("init", "-q")
    (tmp_path / "file").touch()
    git("add", "-A")
    git("commit", "-qm", "one")
    assert commit_of(tmp_path) == git("rev-parse", "HEAD")
    (tmp_path / "new").touch()
    assert commit_of(tmp_path) != git("rev-parse", "HEAD")
