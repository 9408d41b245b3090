# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ``make soak`` has done is not done again: a case that passed is kept, as long as the commit is the same.

The results are files in the directory that ``UPGRADE_RESULTS`` names: ``commit``, one file for each case in ``cases``, and beside them the figures
that the tables are made of. They belong to one commit. Those of another one are moved aside. Without that directory all begins anew.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Generator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]


class Kept:
    """The results of one commit.

    Args:
        directory: where they are.
        commit: to which they must belong. Results of another one are moved to a directory of its name beside it.
    """

    def __init__(self, directory: Path, commit: str) -> None:
        self.directory, self.commit = directory, commit
        note = directory / "commit"
        former = note.read_text(encoding="utf-8").strip() if note.exists() else "unknown"
        if directory.exists() and former != commit:
            aside = directory.with_name(f"{directory.name}-{former[:12]}")
            shutil.rmtree(aside, ignore_errors=True)
            directory.rename(aside)
        (directory / "cases").mkdir(parents=True, exist_ok=True)
        note.write_text(commit + "\n", encoding="utf-8")

    def _file(self, case: str) -> Path:
        return self.directory / "cases" / (re.sub(r"[^\w.-]+", "_", case).strip("_") + ".json")

    def passed(self, case: str) -> bool:
        """Tell whether a case has passed."""
        file = self._file(case)
        return file.exists() and json.loads(file.read_text(encoding="utf-8"))["outcome"] == "passed"

    def keep(self, case: str, outcome: str, seconds: float) -> None:
        """Keep the result of a case; a file is whole or it is not there."""
        file = self._file(case)
        made = file.with_suffix(".new")
        made.write_text(json.dumps({"case": case, "outcome": outcome, "seconds": round(seconds, 1), "commit": self.commit}) + "\n", encoding="utf-8")
        made.replace(file)


def commit_of(root: Path) -> str:
    """Return the commit of a checkout. One with changes has no name: nobody could tell later what was tried."""

    def git(*words: str) -> str:
        return subprocess.run(["git", *words], cwd=root, check=True, capture_output=True, text=True, timeout=60).stdout.strip()

    changed = git("status", "--porcelain")
    return git("rev-parse", "HEAD") + (f"-changed-{os.getpid()}" if changed else "")


KEPT = pytest.StashKey[Kept]()


def pytest_configure(config: pytest.Config) -> None:
    """Look for results. Without a directory for them none are kept."""
    directory = os.environ.get("UPGRADE_RESULTS")
    if directory and not config.option.collectonly:
        config.stash[KEPT] = Kept(Path(directory), os.environ.get("UPGRADE_COMMIT") or commit_of(ROOT))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skip what has passed."""
    kept = config.stash.get(KEPT, None)
    for item in items if kept else []:
        if kept and kept.passed(item.name):
            item.add_marker(pytest.mark.skip(reason=f"passed already at {kept.commit[:12]}; to begin anew, remove {kept.directory}"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Keep the result of a case as soon as it is there."""
    report = yield
    kept = item.config.stash.get(KEPT, None)
    if kept and not report.skipped and (report.when == "call" or report.failed):
        kept.keep(item.name, report.outcome, report.duration)
    return report
