# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs modules as processes of their own, quickly.

A module's process spends most of its time on importing Ansible. Here one process (``python module_runner.py``) imports that
once and forks for every run; the child then executes the module's file as ``__main__`` with the arguments in the place where
Ansible's wrapper puts them, and ends as the module ends it: exit code, standard output, nothing else is shared.

The environment variable TESTED_PYTHON names another interpreter for it, with another ansible-core.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import pkgutil
import runpy
import select
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

COLLECTION = "ansible_collections.genesys_engage.chat.plugins.modules"
#: Longest run of a module, in seconds.
LIMIT = 60.0
#: What must not reach a module from the shell of the person who runs the tests.
NOT_INHERITED = ("GAX_", "CONFSERV_", "SCS_", "HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "ANSIBLE_", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")


@dataclass
class Outcome:
    """What one run of a module left: its result, and everything that it said."""

    result: dict[str, Any]
    returncode: int
    stdout: str
    stderr: str
    #: What Ansible wrote to the system log.
    logged: list[str] = field(default_factory=list)

    @property
    def changed(self) -> bool:
        """Whether the module says that it changed something."""
        return bool(self.result["changed"])

    @property
    def changes(self) -> list[dict[str, Any]]:
        """The writes as the module tells them."""
        changes: list[dict[str, Any]] = self.result["changes"]
        return changes

    @property
    def message(self) -> str:
        """The message of a failure."""
        return str(self.result["msg"])

    @property
    def warnings(self) -> list[str]:
        """The warnings as text."""
        return [warning if isinstance(warning, str) else json.dumps(warning) for warning in self.result.get("warnings", [])]

    @property
    def everything(self) -> str:
        """All that was said, in one text."""
        return "\n".join([self.stdout, self.stderr, *self.logged])


class ModuleRunner:
    """The client: ``with ModuleRunner(directory) as runner: runner.run("chat_server_app", {...})``.

    directory: the modules' home, working directory and place for temporary files; what they leave behind is found there.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._server: subprocess.Popen[str] | None = None
        #: The process id of the run that was started and not waited for.
        self._running = 0

    def __enter__(self) -> ModuleRunner:
        self._begin()
        return self

    def __exit__(self, *_error: object) -> None:
        self._end()

    def _begin(self) -> None:
        environment = {key: value for key, value in os.environ.items() if not key.startswith(NOT_INHERITED)}
        environment.update(HOME=str(self.directory), TMPDIR=str(self.directory), PYTHONDONTWRITEBYTECODE="1", LC_ALL="C.UTF-8")
        self._server = subprocess.Popen(
            [os.environ.get("TESTED_PYTHON", sys.executable), __file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
            cwd=self.directory,
        )
        assert self._server.stdout is not None
        self._answers = Lines(self._server.stdout.fileno())

    def _end(self) -> None:
        assert self._server is not None
        self._server.terminate()
        self._server.communicate(timeout=10)

    def _renew(self) -> None:
        """Begin anew with another server."""
        self._end()
        self._running = 0
        self._begin()

    def start(self, module: str, arguments: dict[str, Any], environment: dict[str, str] | None = None, sabotage: dict[str, Any] | None = None) -> int:
        """Start a run and return the process id; ``finish`` waits for it. One run at a time. For ``sabotage`` see that file."""
        if self._running:
            # A test has failed before it waited for its run. The answers are in order, so the one of that run would be taken for this one's.
            _kill(self._running)
            self._renew()
        assert self._server is not None and self._server.stdin is not None
        request = {"module": module, "arguments": arguments, "environment": environment or {}, "sabotage": sabotage or {}}
        self._server.stdin.write(json.dumps(request) + "\n")
        self._server.stdin.flush()
        self._running = int(self._answer()["pid"])
        return self._running

    def finish(self) -> Outcome:
        """Wait for the run and return what it left; a run that was killed or ended in silence has an empty result."""
        answer = self._answer()
        self._running = 0
        lines = [line for line in answer["stdout"].splitlines() if line.startswith("{")]
        return Outcome(json.loads(lines[-1]) if lines else {}, answer["returncode"], answer["stdout"], answer["stderr"], answer["logged"])

    def run(self, module: str, arguments: dict[str, Any], environment: dict[str, str] | None = None, sabotage: dict[str, Any] | None = None) -> Outcome:
        """Run a module to its end."""
        self.start(module, arguments, environment, sabotage)
        return self.finish()

    def _answer(self) -> dict[str, Any]:
        line = self._answers.next(LIMIT + 5)
        if line is None:
            # So that the tests that follow do not fail for this one's reason.
            self._renew()
            raise RuntimeError("the module runner gave no answer")
        answer: dict[str, Any] = json.loads(line)
        return answer


class Lines:
    """Lines from a pipe, each waited for no longer than a time.

    A buffered stream can't be asked with ``select``: where two lines came at once, the second waits in the buffer and the pipe is empty.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._read = b""

    def next(self, seconds: float) -> str | None:
        """The next line without its end; None if none came in that time, or the other end closed."""
        end = time.monotonic() + seconds
        while b"\n" not in self._read:
            if not select.select([self._descriptor], [], [], max(0.0, end - time.monotonic()))[0]:
                return None
            part = os.read(self._descriptor, 65536)
            if not part:
                return None
            self._read += part
        line, self._read = self._read.split(b"\n", 1)
        return line.decode()


# the server


def serve() -> None:
    """Answer requests, one line of JSON each, until the input ends: a line with the process id, and one at the run's end."""
    from ansible.module_utils import basic  # noqa: F401  imported once, for all children

    from ansible_collections.genesys_engage.chat.plugins import module_utils

    # Also imported once, for all children: a module's own file is then nearly all that a child has left to read.
    for found in pkgutil.walk_packages(module_utils.__path__, module_utils.__name__ + "."):
        importlib.import_module(found.name)

    for line in sys.stdin:
        request = json.loads(line)
        with tempfile.TemporaryFile() as stdout, tempfile.TemporaryFile() as stderr, tempfile.TemporaryFile() as log:
            pid = os.fork()
            if not pid:
                _child(request, stdout.fileno(), stderr.fileno(), log.fileno())
            _say({"pid": pid})
            signal.signal(signal.SIGALRM, lambda *_ignored, number=pid: _kill(number))
            signal.setitimer(signal.ITIMER_REAL, LIMIT)
            status = os.waitpid(pid, 0)[1]
            signal.setitimer(signal.ITIMER_REAL, 0)
            texts = []
            for stream in (stdout, stderr, log):
                stream.seek(0)
                texts.append(stream.read().decode("utf-8", "replace"))
            _say({"returncode": os.waitstatus_to_exitcode(status), "stdout": texts[0], "stderr": texts[1], "logged": texts[2].splitlines()})


def _kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):  # it has just ended by itself
        os.kill(pid, signal.SIGKILL)


def _say(answer: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


def _child(request: dict[str, Any], stdout: int, stderr: int, log: int) -> None:
    """Become the module. Never returns."""
    code = 255
    try:
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(stdout, 1)
        os.dup2(stderr, 2)
        sys.stdin, sys.stdout, sys.stderr = open(0), open(1, "w", closefd=False), open(2, "w", closefd=False)  # noqa: SIM115  they stay open as long as the process
        os.environ.update(request["environment"])
        _record_syslog(log)
        _hand_over(request["arguments"])
        _sabotage(request["sabotage"])
        runpy.run_module(f"{COLLECTION}.{request['module']}", run_name="__main__", alter_sys=True)
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:  # as the interpreter would: the tests look for it
        traceback.print_exc()
        code = 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _sabotage(orders: dict[str, Any]) -> None:
    """Do to this process what a test asks for."""
    if orders:
        sys.path.append(str(Path(__file__).resolve().parents[1]))  # this file runs as a script
        from integration import sabotage

        sabotage.begin(orders)


def _hand_over(arguments: dict[str, Any]) -> None:
    """Put the arguments where Ansible's wrapper puts them; since core 2.19 they travel with the name of a profile."""
    from ansible.module_utils import basic
    from ansible.module_utils.common import parameters

    # Each version knows which arguments of its own it sends, and takes any other for the user's.
    own = {f"_ansible_{name}" for name in parameters.PASS_VARS}
    known = {key: value for key, value in arguments.items() if not key.startswith("_ansible_") or key in own}
    text = json.dumps({"ANSIBLE_MODULE_ARGS": known}).encode()
    setattr(basic, "_ANSIBLE_ARGS", text)  # noqa: B010  private, and not there in every version
    setattr(basic, "_ANSIBLE_PROFILE", "legacy")  # noqa: B010  private, and not there in every version


def _record_syslog(log: int) -> None:
    """Write what goes to the system log to a file instead. Ansible prefers the journal where its Python binding is installed."""
    import syslog

    from ansible.module_utils import basic

    setattr(basic, "has_journal", False)  # noqa: B010  private, and not there in every version
    setattr(syslog, "syslog", lambda _priority, text: os.write(log, text.encode() + b"\n"))  # noqa: B010  private, and not there in every version


if __name__ == "__main__":
    serve()
