# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the run that holds the lock of an upgrade has ended: only where that is certain."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.upgrade.holder import Machine


class Kernel:
    """What a kernel tells, in a directory."""

    def __init__(self, place: Path) -> None:
        self.proc, self.identity = place / "proc", place / "machine-id"
        (self.proc / "sys" / "kernel" / "random").mkdir(parents=True)
        (self.proc / "self" / "ns").mkdir(parents=True)
        self.identity.write_text("machine\n")
        self.boot("first")
        self.namespace("pid:[4026531836]")
        self.process(12, 345)

    def boot(self, name: str) -> None:
        (self.proc / "sys" / "kernel" / "random" / "boot_id").write_text(name + "\n")

    def namespace(self, name: str) -> None:
        link = self.proc / "self" / "ns" / "pid"
        link.unlink(missing_ok=True)
        link.symlink_to(name)

    def process(self, number: int, start: int, state: str = "S") -> None:
        (self.proc / str(number)).mkdir(exist_ok=True)
        (self.proc / str(number) / "stat").write_text(f"{number} (a) b) {state} " + "0 " * 18 + f"{start} 0 0\n")

    def machine(self) -> Machine:
        return Machine(str(self.proc), str(self.identity))


@pytest.fixture
def kernel(tmp_path: Path) -> Kernel:
    return Kernel(tmp_path)


def test_a_run_has_ended_when_its_process_has(kernel: Kernel) -> None:
    name = kernel.machine().name_of("job 1", 12)
    assert re.fullmatch(r"job 1, run 12-345-[0-9a-f]{8} on [0-9a-f]{12}\.[0-9a-f]{12}", name)
    assert kernel.machine().name_of("job 1", 12) != name, "two runs of one process are two"
    assert not kernel.machine().has_ended(name)
    kernel.process(12, 345, "Z")
    assert kernel.machine().has_ended(name), "it only waits to be forgotten"
    kernel.process(12, 346)
    assert kernel.machine().has_ended(name), "another process has its number"


def test_nothing_is_known_of_another_machine(kernel: Kernel, tmp_path: Path) -> None:
    name = kernel.machine().name_of("job 1", 12)
    kernel.process(12, 346)
    kernel.identity.write_text("another\n")
    assert not kernel.machine().has_ended(name)
    kernel.identity.write_text("machine\n")
    kernel.namespace("pid:[4026532500]")
    assert not kernel.machine().has_ended(name), "a container sees other processes"
    for text in ("", "job 1", "job 1, run 0123456789abcdef", "job 1, run 12-345-01234567 on x.y"):
        assert not kernel.machine().has_ended(text)
    nowhere = Machine(str(tmp_path / "none"), str(kernel.identity))
    assert re.fullmatch(r"job 1, run [0-9a-f]{32}", nowhere.name_of("job 1", 12)) and not nowhere.has_ended(name)


@pytest.mark.parametrize(("namespace", "identity", "ended"), [
    ("pid:[4026531836]", "machine", True), ("pid:[4026532500]", "machine", False), ("pid:[4026531836]", "", False)])
def test_after_a_machine_was_started_anew(kernel: Kernel, namespace: str, identity: str, ended: bool) -> None:
    """Its runs have ended.  A container's machine may be another one each time, and so may be one without an identity."""
    kernel.namespace(namespace)
    kernel.identity.write_text(identity)
    name = kernel.machine().name_of("job 1", 12)
    kernel.boot("second")
    assert kernel.machine().has_ended(name) is ended


def test_a_process_of_this_machine() -> None:
    with subprocess.Popen(["sleep", "60"]) as process:
        name = Machine().name_of("x", process.pid)
        assert not Machine().has_ended(name)
        process.kill()
    assert Machine().has_ended(name)
    assert not Machine().has_ended(Machine().name_of("x", os.getpid()))
