# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ``make soak`` has done is not done again: a case that passed is kept, as long as all that it depends on is the same.

The results are files in the directory that ``UPGRADE_RESULTS`` names: ``digest``, one file for each case in ``cases``, and beside them the figures
that the tables are made of. They belong to one digest of product and test environment (digest.py). Those of another one are moved aside. Without that
directory all begins anew.

Several processes may share the cases (``SOAK_WORKER`` is the number of each, from 1 on): whoever comes first takes a case. The second one begins at the end
of the list, so that each builds its own sites.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
from collections.abc import Generator
from pathlib import Path

import pytest
from hosts.soak.digest import ROOT, digest_of


class Kept:
    """The results of one digest.

    Args:
        directory: where they are.
        digest: to which they must belong. Results of another one are moved to a directory of its name beside it, and come back with it.
    """

    def __init__(self, directory: Path, digest: str) -> None:
        self.directory, self.digest = directory, digest
        note = directory / "digest"
        former = note.read_text(encoding="utf-8").strip() if note.exists() else "unknown"
        if directory.exists() and former != digest:
            shutil.rmtree(self._aside(former), ignore_errors=True)
            directory.rename(self._aside(former))
        if self._aside(digest).exists() and not directory.exists():
            self._aside(digest).rename(directory)
        for name in ("cases", "taken"):
            (directory / name).mkdir(parents=True, exist_ok=True)
        if former != digest:
            note.write_text(digest + "\n", encoding="utf-8")

    def _aside(self, digest: str) -> Path:
        return self.directory.with_name(f"{self.directory.name}-{digest[:12]}")

    def _file(self, case: str, place: str = "cases") -> Path:
        return self.directory / place / (re.sub(r"[^\w.-]+", "_", case).strip("_") + ".json")

    def passed(self, case: str) -> bool:
        """Tell whether a case has passed."""
        file = self._file(case)
        return file.exists() and json.loads(file.read_text(encoding="utf-8"))["outcome"] == "passed"

    def begin(self) -> None:
        """Forget who has taken a case."""
        for note in (self.directory / "taken").iterdir():
            note.unlink()

    def take(self, case: str) -> bool:
        """Take a case for this process; tell whether no other one has done so."""
        with contextlib.suppress(FileExistsError):
            os.close(os.open(self._file(case, "taken"), os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o644))
            return True
        return False

    def keep(self, case: str, outcome: str, seconds: float) -> None:
        """Keep the result of a case; a file is whole or it is not there."""
        file = self._file(case)
        made = file.with_suffix(".new")
        made.write_text(json.dumps({"case": case, "outcome": outcome, "seconds": round(seconds, 1), "digest": self.digest}) + "\n", encoding="utf-8")
        made.replace(file)


KEPT = pytest.StashKey[Kept]()


def pytest_configure(config: pytest.Config) -> None:
    """Look for results, without a directory for them none are kept; and let SIGTERM end the hosts as Ctrl-C does."""
    config.addinivalue_line("markers", "pairs(number): how many pairs of UCS the site of a case has")
    directory = os.environ.get("UPGRADE_RESULTS")
    if directory and not config.option.collectonly:
        config.stash[KEPT] = Kept(Path(directory), os.environ.get("UPGRADE_DIGEST") or digest_of(ROOT))
    signal.signal(signal.SIGTERM, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Order the cases by the size of their site: each is built once."""

    def pairs(item: pytest.Item) -> int:
        wanted = item.get_closest_marker("pairs")
        return wanted.args[0] if wanted else 0

    items.sort(key=pairs, reverse=os.environ.get("SOAK_WORKER") == "2")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip what has passed, and what another process does; before a site is built for it."""
    kept = item.config.stash.get(KEPT, None)
    if kept and kept.passed(item.name):
        pytest.skip(f"passed already with product digest {kept.digest[:12]}; to begin anew, remove {kept.directory}")
    if kept and os.environ.get("SOAK_WORKER") and not kept.take(item.name):
        pytest.skip("another worker does it")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Keep the result of a case as soon as it is there."""
    report = yield
    kept = item.config.stash.get(KEPT, None)
    if kept and not report.skipped and (report.when == "call" or report.failed):
        if "UPGRADE_DIGEST" not in os.environ and digest_of(ROOT) != kept.digest:
            pytest.exit("product or tests have changed while the case was running: nobody could tell what was tried", 1)
        kept.keep(item.name, report.outcome, report.duration)
    return report
