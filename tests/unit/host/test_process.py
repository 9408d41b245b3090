# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Running programs: bounded, without input, ended as a group."""

from __future__ import annotations

import fcntl
import os
import signal
import time
from pathlib import Path

import pytest

from ansible_collections.genesys_engage.chat.plugins.module_utils._host.product.marker import hold_marker, read_marker
from ansible_collections.genesys_engage.chat.plugins.module_utils._host.system import process
from ansible_collections.genesys_engage.chat.plugins.module_utils._host.system.errors import HostError, unexpected
from ansible_collections.genesys_engage.chat.plugins.module_utils._host.system.process import Interrupted, clean_up_on_signals, run


def alive(pid: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False


def test_output_and_exit_code():
    outcome = run(["sh", "-c", "echo out; echo err >&2; exit 3"], 10)
    assert (outcome.exit_code, outcome.output, outcome.timed_out) == (3, "out\nerr\n", False)


def test_input_is_empty_whatever_ours_is():
    reading, writing = os.pipe()
    own = os.dup(0)
    os.dup2(reading, 0)
    try:
        assert run(["sh", "-c", "cat; echo end"], 5).output == "end\n"
    finally:
        os.dup2(own, 0)
        for descriptor in (reading, writing, own):
            os.close(descriptor)


def test_arguments_are_not_taken_apart():
    assert run(["printf", "%s|", "a b", "$HOME", "*", "é"], 10).output == "a b|$HOME|*|é|"


def test_a_group_that_ignores_the_end_is_killed(monkeypatch):
    monkeypatch.setattr(process, "GRACE_SECONDS", 0.3)
    outcome = run(["sh", "-c", "trap '' TERM; (trap '' TERM; echo $$; sleep 60) & echo $!; wait; sleep 60"], 0.5)
    assert outcome.timed_out
    assert outcome.seconds < 10
    time.sleep(0.1)
    assert [pid for pid in outcome.output.split() if alive(int(pid))] == []


def test_a_program_may_clean_up(tmp_path):
    outcome = run(["sh", "-c", f"trap 'echo cleaned > {tmp_path}/f; exit 1' TERM; sleep 60 & wait"], 0.5)
    assert outcome.timed_out
    assert (tmp_path / "f").read_text() == "cleaned\n"


def test_a_child_in_the_background_does_not_hold_us_up():
    outcome = run(["sh", "-c", "sleep 30 & echo $!"], 20)
    try:
        assert outcome.exit_code == 0
        assert outcome.seconds < 10
    finally:
        os.kill(int(outcome.output), signal.SIGKILL)


@pytest.mark.parametrize(("program", "reason"), [("/no/program", "No such file"), ("/etc/passwd", "Permission denied")])
def test_a_program_that_cannot_be_started(program, reason):
    with pytest.raises(HostError, match=f"{program} cannot be started: {reason}"):
        run([program], 10)


def test_only_the_end_of_a_long_output_is_kept(monkeypatch):
    monkeypatch.setattr(process, "OUTPUT_LIMIT", 10)
    assert run(["sh", "-c", "seq 1 100000"], 20).output == "999\n100000\n"[-10:]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_signals_become_errors_and_are_restored(number):
    before = signal.getsignal(number)
    with pytest.raises(Interrupted, match=f"signal {number.value}"), clean_up_on_signals():
        os.kill(os.getpid(), number)
        time.sleep(5)
    assert signal.getsignal(number) is before


def test_an_error_of_the_system_becomes_a_sentence():
    assert unexpected("Installation", OSError(28, "No space left on device", "/opt/x")) == "Installation failed: No space left on device (/opt/x)."
    assert unexpected("Installation", UnicodeError("bad")) == "Installation failed: bad"


# --- the marker's lock --------------------------------------------------------------------------------------------------


def test_a_marker_is_held_by_one(tmp_path):
    target = str(tmp_path / "target")
    with hold_marker(target) as marker:
        assert marker.left is None
        marker.write({"a": 1})
        with pytest.raises(HostError, match="Another installation"), hold_marker(target):
            pass
    with hold_marker(target) as marker:
        assert marker.left == {"a": 1}
        marker.write({"b": 2})
        marker.remove()
    assert read_marker(target) is None


def test_a_marker_is_not_written_through_a_link(tmp_path):
    (tmp_path / ".target.installing").symlink_to(tmp_path / "victim")
    with pytest.raises(OSError), hold_marker(str(tmp_path / "target")):
        pass
    assert not (tmp_path / "victim").exists()


def test_the_lock_lasts_as_long_as_the_child(tmp_path):
    target = str(tmp_path / "target")
    descriptor = os.open(tmp_path / ".target.installing", os.O_RDWR | os.O_CREAT)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    outcome = run(["sh", "-c", "sleep 30 & echo $!"], 10, keep_open=[descriptor])
    os.close(descriptor)
    child = int(outcome.output)
    with pytest.raises(HostError, match="Another installation"), hold_marker(target):
        pass
    os.kill(child, signal.SIGKILL)
    deadline = time.monotonic() + 5
    while alive(child) and time.monotonic() < deadline:
        time.sleep(0.05)
    with hold_marker(target) as marker:
        assert marker.left == {}
