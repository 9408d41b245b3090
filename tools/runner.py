# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run the commands of a part one after the other, each with a time limit, and count what came of them. Parts may run at the same time."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parent.parent
LOGS = ROOT / "build" / "check"
HEARTBEAT = 30  # seconds between two signs of life of a long command
LOOK = 0.5  # seconds between two looks whether the whole was interrupted
POLL = 0.05  # seconds between two looks whether a command has ended
SHOWN_LINES = 150  # of the output of a failed command; the file holds all of it
# Of each failed command these are repeated at the very end, since a log may be kept by its end only.
EVIDENCE_LINES, EVIDENCE_WIDTH = 6, 400

# Settings of the caller's shell that would change what is tested, or how long it takes.
FOREIGN = ("ANSIBLE_", "GAX_", "CONFSERV_", "SCS_", "MOLECULE_", "PYTEST_", "PYTHONPATH", "PYTHONHOME", "PYTHONDONTWRITEBYTECODE")


_OUTPUT = threading.Lock()


class Interruption:
    """Whether a signal has asked for the end. Then all commands are ended but those that clear up.

    The signal's handler only notes its number: an exception could be raised anywhere, and an event's lock could be held already.
    """

    number = 0

    def listen(self) -> None:
        """Take the signals of Ctrl-C and of `timeout`."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._note)

    def _note(self, number: int, _frame: object) -> None:
        self.number = number

    def __bool__(self) -> bool:
        return self.number != 0


INTERRUPTED = Interruption()


class Interrupted(BaseException):
    """A command was ended because the whole was interrupted. No failure of its own, so nothing catches it but those who clear up."""


def tell(text: str) -> None:
    """Print lines at once, and together: parts that run at the same time do not write into each other's lines."""
    with _OUTPUT:
        sys.stdout.write(text + "\n")
        sys.stdout.flush()


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment of every command: the tools of .venv first, nothing of the caller's Ansible."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}
    env["PATH"] = f"{ROOT / '.venv' / 'bin'}{os.pathsep}{env.get('PATH', os.defpath)}"
    env["LC_ALL"] = "C.UTF-8"  # Ansible refuses other encodings
    env["ANSIBLE_HOME"] = str(ROOT / ".cache" / "ansible")
    env.update(extra or {})
    return env


@dataclass
class Counts:
    """Passed, failed and skipped checks."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def add(self, other: Counts) -> None:
        """Take the other's figures in."""
        self.passed += other.passed
        self.failed += other.failed
        self.skipped += other.skipped

    def __str__(self) -> str:
        return f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"


@dataclass
class Part:
    """One part of the whole: its commands, and what they came to. A part without figures of its own counts as one check."""

    name: str
    counts: Counts | None = None
    failures: list[str] = field(default_factory=list)
    evidence: list[str] = field(default_factory=list)
    skipped: str = ""
    #: Seconds of processor time that its commands took, with their children. What a command leaves to others, as to a host's own
    #: system, is not in it, nor is a command that was ended.
    processor: float = 0.0

    def say(self, text: str) -> None:
        """Lines below the part's heading, each with the part's name: another part may be running at the same time."""
        tell("\n".join(f"      {self.name}: {line}" for line in text.splitlines() or [""]))

    def fail(self, text: str) -> None:
        """Note a failure, with what a reader needs to see."""
        self.failures.append(text)
        self.say(text)

    def run(
        self,
        title: str,
        command: list[str],
        *,
        limit: float,
        env: Mapping[str, str] | None = None,
        cwd: Path = ROOT,
        show: str = "",
        clears_up: bool = False,
    ) -> str | None:
        """Run a command for at most ``limit`` seconds; its output, or None (a noted failure) if it did not succeed.

        ``show`` is a pattern for the lines of a failed command's output that are worth printing; by default all are.
        Raises Interrupted if the whole is interrupted; not for a command that clears up.
        """
        LOGS.mkdir(parents=True, exist_ok=True)
        log = LOGS / f"{self.name}-{title.replace(' ', '-')}.log"
        began, processor = time.monotonic(), self.processor
        with log.open("wb") as sink:
            try:
                process = subprocess.Popen(
                    command, stdin=subprocess.DEVNULL, stdout=sink, stderr=subprocess.STDOUT, env=environment(env), cwd=cwd, start_new_session=True
                )
            except OSError as error:
                self.fail(f"{title}: cannot run {command[0]}: {error.strerror}")
                return None
            with ended(process):
                code = self._wait(process, title, began, limit, clears_up)
        output = log.read_text(encoding="utf-8", errors="replace")
        seconds = time.monotonic() - began
        if code == 0:
            self.say(f"{title:<22} {seconds:7.1f} s, {self.processor - processor:.1f} s of processor time")
            return output
        lines = output.splitlines()
        shown = [line for line in lines if re.match(show, line)][-SHOWN_LINES:] or lines[-SHOWN_LINES:]
        if len(shown) < len(lines):
            shown.insert(0, f"[{len(shown)} of {len(lines)} lines; all of them: {log.relative_to(ROOT)}]")
        self.say("\n".join(shown))
        telling = [line for line in lines if re.match(r"E  |FAILED |ERROR |fatal: ", line)] or lines
        self.evidence += [line[:EVIDENCE_WIDTH] for line in telling[-EVIDENCE_LINES:]]
        self.fail(f"{title}: " + (f"not done after {limit:.0f} s" if code is None else f"exit code {code} after {seconds:.1f} s"))
        return None

    def _wait(self, process: subprocess.Popen, title: str, began: float, limit: float, clears_up: bool) -> int | None:
        """Wait for a command's end and take its processor time, which only the call tells that takes its exit code."""
        said = began
        while True:
            passed = time.monotonic() - began
            if passed >= limit:
                return None
            if INTERRUPTED and not clears_up:
                raise Interrupted(title)
            pid, status, used = os.wait4(process.pid, os.WNOHANG)
            if pid:
                process.returncode = os.waitstatus_to_exitcode(status)
                self.processor += used.ru_utime + used.ru_stime
                return process.returncode
            if time.monotonic() - said >= HEARTBEAT:
                said = time.monotonic()
                self.say(f"{title}: {said - began:.0f} s ...")
            time.sleep(POLL)

    def take_pytest_report(self, report: Path) -> None:
        """Take the counts from a JUnit file; an interrupted run, which leaves none, is a failure."""
        try:
            suites = list(ElementTree.parse(report).getroot().iter("testsuite"))
        except (OSError, ElementTree.ParseError):
            self.counts = Counts(failed=1)
            return
        total = sum(int(suite.get("tests", 0)) for suite in suites)
        failed = sum(int(suite.get("failures", 0)) + int(suite.get("errors", 0)) for suite in suites)
        skipped = sum(int(suite.get("skipped", 0)) for suite in suites)
        self.counts = Counts(total - failed - skipped, failed, skipped)

    def result(self) -> Counts:
        """The part's figures; a failure that no figure shows is counted as one."""
        counts = self.counts or (Counts(skipped=1) if self.skipped else Counts(passed=0 if self.failures else 1))
        if self.failures and not counts.failed:
            counts.failed = 1
        return counts


def times_of_tests(report: Path) -> list[tuple[float, str]]:
    """The seconds and the name of each test in a JUnit file; none if there is no such file."""
    try:
        cases = ElementTree.parse(report).getroot().iter("testcase")
        return [(float(case.get("time", 0)), f"{case.get('classname')}::{case.get('name')}") for case in cases]
    except (OSError, ElementTree.ParseError):
        return []


@contextlib.contextmanager
def ended(process: subprocess.Popen) -> Iterator[None]:
    """Leave no process of the command's group behind, however the block is left."""
    try:
        yield
    finally:
        for number, patience in ((signal.SIGTERM, 10.0), (signal.SIGKILL, 5.0)):
            if process.poll() is not None:
                break
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(patience)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)  # children that outlived their parent


def repository_files() -> list[Path]:
    """Paths, relative to the repository, of all files that are its own: tracked, or new and not ignored.

    Raises RuntimeError without git or outside a git work tree.
    """
    try:
        listed = subprocess.run(
            ["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=ROOT, check=True, capture_output=True, timeout=60, stdin=subprocess.DEVNULL
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise RuntimeError(f"the list of files needs git and a git work tree: {error}") from error
    files = (Path(os.fsdecode(name)) for name in listed.stdout.split(b"\0") if name)
    return sorted(path for path in files if (ROOT / path).is_file())  # a deleted file may still be listed


def is_root() -> bool:
    """Whether packages of the system can be installed."""
    return sys.platform == "linux" and os.geteuid() == 0
