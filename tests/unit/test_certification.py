# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/certification.md: forty items, each shown by a part of ``make test``, a test that exists, or a command that succeeds here."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import check
import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "certification.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| (\d+) \| (.+?) \| (.+?) \| `(.+)` \|$", PAGE, re.MULTILINE)


def run(*command: str) -> subprocess.CompletedProcess[str]:
    """Run a program of the environment or of the system in the repository."""
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
    env = {**os.environ, "PATH": path}
    return subprocess.run(command, cwd=ROOT, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False)


def not_shown(command: str) -> str:
    """Return what is wrong with the command of a row; empty if it shows what it should."""
    if part := re.fullmatch(r"make test ONLY=(\w+)", command):
        return "" if part[1] in check.PARTS else f"no part {part[1]}"
    if test := re.fullmatch(r"(tests/\S+\.py)::(\w+)", command):
        file = ROOT / test[1]
        return "" if file.is_file() and f"\ndef {test[2]}(" in file.read_text(encoding="utf-8") else "no such test"
    done = run("sh", "-c", command.replace(r"\|", "|"))
    return "" if done.returncode == 0 else f"exit code {done.returncode}: {done.stdout}{done.stderr}"


def test_there_are_forty_items_and_the_count_of_their_states_is_true():
    assert [int(row[0]) for row in ROWS] == list(range(1, 41))
    states = Counter(re.split(r"[:;,]", row[2])[0] for row in ROWS)
    assert f"<!-- counted --> {states['yes']} yes, {states['partly']} partly, {states['no']} no." in PAGE
    assert set(states) <= {"yes", "partly", "no"}


@pytest.mark.parametrize("command", sorted({row[-1] for row in ROWS}))
def test_an_item_is_shown(command):
    assert not_shown(command) == ""


@pytest.mark.parametrize(
    "command", ["make test ONLY=nothing", "tests/unit/test_house.py::test_of_nothing", "tests/nothing.py::test_x", "grep nothing galaxy.yml"]
)
def test_what_shows_nothing_is_seen(command):
    assert not_shown(command)


def test_nox_offers_its_sessions():
    """The file loads, and has a session of ansible-test for each supported core. Nothing is run: nox fetches what it needs."""
    done = run("nox", "--list")
    assert done.returncode == 0, done.stderr
    for core in ("2.19", *check.CORES):
        assert f"ansible-test-sanity-{core}-" in done.stdout
    assert "* license-check" in done.stdout
