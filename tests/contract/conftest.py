# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A sandbox, and the suite as a process against it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from sandbox.testing import Sandbox

#: Hard to hide: signs that JSON, URLs and HTML write in another way.
PASSWORD = 'pä"ss w&rd\\/%41'
LIMIT = 60.0


@dataclass
class Run:
    """What one run of the suite left."""

    code: int
    screen: str
    document: dict[str, Any]
    text: str

    @property
    def answers(self) -> dict[str, str]:
        """The answers by the key of their question, but for those that were not asked."""
        return {row["key"]: row["answer"] for row in self.document["findings"] if row["collection"] != "not asked"}

    def verdicts(self, verdict: str) -> set[str]:
        """Return the keys of the questions with that verdict."""
        return {row["key"] for row in self.document["findings"] if row["collection"] == verdict}


class Suite:
    """Runs ``python -m contract`` against a sandbox."""

    def __init__(self, sandbox: Sandbox, directory: Path) -> None:
        self.sandbox = sandbox
        self.directory = directory

    def start(self, *arguments: str, **variables: str) -> subprocess.Popen[str]:
        """Start a run."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("GAX_", "CONTRACT_"))}
        environment.update(
            GAX_URL=self.sandbox.url, GAX_USERNAME=self.sandbox.username, GAX_PASSWORD=self.sandbox.password, LC_ALL="C.UTF-8"
        )
        environment.update(PYTHONPATH=str(Path(__file__).resolve().parents[1]), COLUMNS="120", **variables)
        command = [sys.executable, "-m", "contract", "--json", str(self.directory / "report.json"), *arguments]
        return subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, text=True, env=environment, cwd="/"
        )

    def finish(self, process: subprocess.Popen[str]) -> Run:
        """Wait for the end of a run."""
        screen, _unused = process.communicate(timeout=LIMIT)
        report = self.directory / "report.json"
        text = report.read_text(encoding="utf-8") if report.exists() else ""
        report.unlink(missing_ok=True)
        return Run(process.returncode, screen, json.loads(text) if text else {}, text)

    def run(self, *arguments: str, **variables: str) -> Run:
        """Run the suite to its end."""
        return self.finish(self.start(*arguments, **variables))

    def objects(self) -> dict[str, Any]:
        """Return all objects of the database. The DBIDs that were used up do not come back, by the Configuration Server's rules."""
        objects: dict[str, Any] = self.sandbox.database()["objects"]
        return objects


@pytest.fixture(scope="session")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Suite]:
    """The sandbox that all tests share."""
    with Sandbox(scs=False, password=PASSWORD) as sandbox:
        yield Suite(sandbox, tmp_path_factory.mktemp("contract"))


@pytest.fixture
def site(suite: Suite) -> Iterator[Suite]:
    """A new database, in the dialect nearest to the sources."""
    suite.sandbox.reset()
    suite.sandbox.dialect("plain")
    yield suite
    suite.sandbox.clear_faults()
