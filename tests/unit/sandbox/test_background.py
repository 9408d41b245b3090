# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``sandbox start`` and ``sandbox stop``: ready when the one returns, gone when the other does."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

TESTS = Path(__file__).resolve().parents[2]
QUICK = ("--no-scs", "--no-packages")


def sandbox(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command of the sandbox."""
    return subprocess.run(
        [sys.executable, "-m", "sandbox", *arguments], cwd=TESTS, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=110, check=False
    )


@pytest.fixture
def place(tmp_path: Path) -> Iterator[str]:
    """The directory of a sandbox that has ended when the test has."""
    yield str(tmp_path)
    sandbox("stop", "--dir", str(tmp_path))


def answers(told: dict[str, str]) -> bool:
    """Whether the control interface of a sandbox answers."""
    try:
        return requests.get(told["control_url"] + "/environment", timeout=10).ok
    except requests.ConnectionError:
        return False


def test_it_is_ready_when_start_returns_and_gone_when_stop_does(place):
    started = sandbox("start", "--gax-port", "0", "--dir", place, *QUICK)
    told = json.loads(started.stdout)
    assert answers(told)
    second = sandbox("start", "--gax-port", "0", "--dir", place, *QUICK)
    assert (second.returncode, second.stderr) == (1, f"sandbox: another sandbox uses the directory {place}\n")
    assert answers(told)
    assert sandbox("stop", "--dir", place).stdout == "the sandbox has ended\n"
    assert not answers(told)
    assert sandbox("stop", "--dir", place).stdout == "there is no sandbox\n"


def test_it_goes_on_where_it_was(place):
    ports = [json.loads(sandbox("start", "--gax-port", "0", "--dir", place, *QUICK).stdout)["gax_url"]]
    sandbox("stop", "--dir", place)
    ports.append(json.loads(sandbox("start", "--gax-port", "0", "--dir", place, *QUICK).stdout)["gax_url"])
    assert ports[0] == ports[1]


def test_it_says_why_it_does_not_start(place):
    refused = sandbox("start", "--gax-port", "99999", "--dir", place, *QUICK)
    assert refused.returncode == 1
    assert refused.stderr.startswith("sandbox: port 99999 can not be used")


def test_there_is_nothing_to_stop(tmp_path):
    assert sandbox("stop", "--dir", str(tmp_path / "none")).stdout == "there is no sandbox\n"
