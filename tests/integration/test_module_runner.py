# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The runner of modules does not lose an answer, and one that fails leaves the next one alone."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from integration import module_runner
from integration.module_runner import Lines, ModuleRunner


def test_two_answers_at_once_are_both_read() -> None:
    """A short run on a busy machine: its process id and its end come in one piece. Half a line is waited for."""
    reading, writing = os.pipe()
    try:
        os.write(writing, b"one\ntwo\nthr")
        lines = Lines(reading)
        assert [lines.next(0.1), lines.next(0.1), lines.next(0.1)] == ["one", "two", None]
        os.write(writing, b"ee\n")
        assert lines.next(0.1) == "three"
        os.close(writing)
        writing = -1
        assert lines.next(0.1) is None
    finally:
        os.close(reading)
        if writing >= 0:
            os.close(writing)


def test_a_runner_that_hangs_is_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The test that asked it fails, and no other."""
    with ModuleRunner(tmp_path) as runner:
        runner.run("chat_server_app", {})
        with monkeypatch.context() as change:
            change.setattr(module_runner, "LIMIT", -5.0)
            with pytest.raises(RuntimeError, match="no answer"):
                runner.run("chat_server_app", {})
        assert "missing" in runner.run("chat_server_app", {}).message


def test_a_run_that_a_failed_test_has_left_behind_is_not_the_next_one(tmp_path: Path) -> None:
    with ModuleRunner(tmp_path) as runner:
        own, other = (runner.run(module, {}).message for module in ("chat_endpoint", "chat_solution"))
        runner.start("chat_solution", {})
        assert runner.run("chat_endpoint", {}).message == own != other
