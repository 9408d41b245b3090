# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Python that has imported before what Ansible's modules import: ``with WarmPython(directory) as environment: ...``.

A module that ansible-playbook runs is a process of its own, and that spends most of its time on importing. Here one process imports once,
and forks for each module: the child takes over the streams, the working directory and the environment of the process that Ansible started,
runs its script, and ends with its exit code. That process (startup/sitecustomize.py) only waits. If it is killed, so is the child.

For tests whose modules run on this machine. What a module needs and does not pack is not noticed here; the Molecule scenarios notice it.
"""

from __future__ import annotations

import array
import contextlib
import importlib
import json
import os
import pkgutil
import selectors
import signal
import socket
import subprocess
import sys
import types
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ANSWER_SECONDS = 60.0
#: Longest request, in bytes: a command line and an environment.
LONGEST = 1 << 20
#: Standard input, output and error.
STREAMS = 3


class WarmPython:
    """The process, in a context; entering it returns the environment variables for ansible-playbook.

    Args:
        directory: where its socket is made.
        environment: the virtual environment of that ansible-playbook, if it is another one.
        within: begins the command line of the process; for one in the network in which the modules run.
    """

    def __init__(self, directory: Path, environment: str = sys.prefix, within: Sequence[str] = ()) -> None:
        self._socket = directory / "warm"
        self._environment = environment
        self._within = within
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> dict[str, str]:
        # Its standard input ends with this process, however that ends, and so does the warm one.
        python = sys.executable if self._environment == sys.prefix else str(Path(self._environment) / "bin" / "python")
        command = [*self._within, python, __file__, str(self._socket)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self._process.stdout is not None
        if not self._process.stdout.readline():
            raise RuntimeError("the warm Python did not start")
        return {"SANDBOX_WARM": str(self._socket), "SANDBOX_WARM_PYTHON": self._environment}

    def __exit__(self, *_error: object) -> None:
        assert self._process is not None
        self._process.communicate(timeout=ANSWER_SECONDS)


def serve(path: str) -> None:
    """Fork for each request at the socket, until standard input ends."""
    _import_all()
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    listening.bind(path)
    os.chmod(path, 0o600)
    listening.listen(64)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    waiting = selectors.DefaultSelector()
    waiting.register(0, selectors.EVENT_READ, None)
    waiting.register(listening, selectors.EVENT_READ, None)
    while True:
        for key, _events in waiting.select():
            if key.fd == 0:
                for child in {other.data for other in waiting.get_map().values() if other.data}:
                    child.kill()
                return
            if key.fileobj is listening:
                connection, _address = listening.accept()
                Child.begin(connection, waiting)
            elif key.fd == key.data.process:
                key.data.ended(waiting)
            elif not connection_is_open(key.data.connection):
                key.data.kill()
                waiting.unregister(key.data.connection)


def connection_is_open(connection: socket.socket) -> bool:
    """Whether the process that Ansible started still waits: it sends nothing more."""
    with contextlib.suppress(OSError):
        return bool(connection.recv(1))
    return False


class Child:
    """A module that runs: its process, and the connection to the process that waits for it."""

    def __init__(self, pid: int, connection: socket.socket) -> None:
        self.pid = pid
        self.connection = connection
        self.process = os.pidfd_open(pid)

    @classmethod
    def begin(cls, connection: socket.socket, waiting: selectors.BaseSelector) -> None:
        """Take a request and fork."""
        received, streams = _receive(connection)
        if len(streams) < STREAMS:
            connection.close()  # that process was killed before it had asked
            return
        pid = os.fork()
        if not pid:
            _run(json.loads(received), streams)
        for stream in streams:
            os.close(stream)
        child = cls(pid, connection)
        waiting.register(child.process, selectors.EVENT_READ, child)
        waiting.register(connection, selectors.EVENT_READ, child)

    def kill(self) -> None:
        """End it at once."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)

    def ended(self, waiting: selectors.BaseSelector) -> None:
        """Say how it ended."""
        code = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        waiting.unregister(self.process)
        os.close(self.process)
        with contextlib.suppress(KeyError):  # the one that waits is gone
            waiting.unregister(self.connection)
        with contextlib.suppress(OSError):
            self.connection.send(str(code).encode())
        self.connection.close()


def _receive(connection: socket.socket) -> tuple[bytes, list[int]]:
    """Return a request and the streams that came with it."""
    streams = array.array("i")
    received, attached, _flags, _address = connection.recvmsg(LONGEST, socket.CMSG_SPACE(STREAMS * streams.itemsize))
    for level, kind, data in attached:
        if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
            streams.frombytes(data[: len(data) - len(data) % streams.itemsize])
    return received, list(streams)


def _run(request: dict[str, Any], streams: list[int]) -> None:
    """Become the process that asked. Never returns."""
    code = 255
    try:
        for number, stream in enumerate(streams):
            os.dup2(stream, number)
        os.closerange(STREAMS, os.sysconf("SC_OPEN_MAX"))
        os.chdir(request["directory"])
        os.umask(request["umask"])
        os.environ.clear()
        os.environ.update(request["environment"])
        sys.stdin = open(0, encoding="utf-8", errors="surrogateescape", closefd=False)  # noqa: SIM115  as long as the process
        sys.stdout = open(1, "w", encoding="utf-8", errors="surrogateescape", closefd=False)  # noqa: SIM115  as long as the process
        sys.stderr = open(2, "w", 1, encoding="utf-8", errors="backslashreplace", closefd=False)  # noqa: SIM115  as long as the process
        sys.argv = request["arguments"]
        main = types.ModuleType("__main__")
        main.__dict__.update(__file__=sys.argv[0], __builtins__=__builtins__)
        sys.modules["__main__"] = main
        sys.path.insert(0, os.path.dirname(sys.argv[0]))
        exec(compile(Path(sys.argv[0]).read_bytes(), sys.argv[0], "exec"), main.__dict__)
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:  # as the interpreter would
        sys.excepthook(*sys.exc_info())
        code = 1
    finally:
        with contextlib.suppress(OSError, ValueError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


def _import_all() -> None:
    """Import what modules import."""
    importlib.import_module("ansible.module_utils.basic")
    with contextlib.suppress(ModuleNotFoundError):  # before ansible-core 2.19
        importlib.import_module("ansible.module_utils._internal._ansiballz._loader")
    module_utils = importlib.import_module("ansible_collections.genesys_engage.chat.plugins.module_utils")
    for found in pkgutil.walk_packages(module_utils.__path__, module_utils.__name__ + "."):
        importlib.import_module(found.name)


if __name__ == "__main__":
    serve(sys.argv[1])
