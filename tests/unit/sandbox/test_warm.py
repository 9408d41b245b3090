# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A module that a warm Python runs is to its caller as any other process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.testing import STARTUP
from sandbox.warm import WarmPython

#: Says what it is run by, in what place, and ends as it is told.
MODULE = """
import os, signal, sys
warm = "ansible.module_utils.basic" in sys.modules
print(warm, __name__, os.getcwd(), os.environ.get("TOLD"), sys.stdin.read(), sys.argv == [__file__])
print("aside", file=sys.stderr)
if os.environ["TOLD"] == "killed":
    sys.stdout.flush()
    os.kill(os.getpid(), signal.SIGKILL)
if os.environ["TOLD"] == "raised":
    raise ValueError("raised")
sys.exit(int(os.environ["TOLD"]))
"""


@pytest.fixture(scope="module")
def warm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The variables that lead to a warm Python."""
    with WarmPython(tmp_path_factory.mktemp("warm")) as variables:
        yield {"PYTHONPATH": str(STARTUP), **variables}


def run(place: Path, variables: dict[str, str], told: str, name: str = "AnsiballZ_told.py", **more: str) -> subprocess.CompletedProcess[str]:
    """Run the module as Ansible does."""
    (place / name).write_text(MODULE)
    environment = {**os.environ, **variables, "TOLD": told, **more}
    command = [sys.executable, str(place / name)]
    return subprocess.run(command, cwd=place, env=environment, input="given", capture_output=True, text=True, timeout=30, check=False)


@pytest.mark.parametrize("told", ["0", "3", "-9"])
def test_streams_place_environment_and_exit_code_are_those_of_the_process(tmp_path, warm, told):
    done = run(tmp_path, warm, {"-9": "killed"}.get(told, told))
    assert done.stdout == f"True __main__ {tmp_path} {'killed' if told == '-9' else told} given True\n"
    assert (done.stderr.splitlines()[0], done.returncode) == ("aside", int(told))


def test_an_exception_is_shown_as_python_shows_it(tmp_path, warm):
    done = run(tmp_path, warm, "raised")
    assert done.returncode == 1 and done.stderr.endswith("ValueError: raised\n")


def test_other_scripts_and_the_pythons_of_other_environments_run_by_themselves(tmp_path, warm):
    for more in ({"name": "other.py"}, {"SANDBOX_WARM_PYTHON": "/elsewhere"}):
        done = run(tmp_path, warm, "0", **more)
        assert done.stdout.startswith("False ") and done.returncode == 0


def test_who_kills_the_process_kills_the_module(tmp_path, warm):
    (tmp_path / "AnsiballZ_long.py").write_text("import os, time\nprint(os.getpid(), flush=True)\ntime.sleep(60)\n")
    with subprocess.Popen([sys.executable, str(tmp_path / "AnsiballZ_long.py")], env={**os.environ, **warm}, stdout=subprocess.PIPE, text=True) as waiting:
        assert waiting.stdout is not None
        module = int(waiting.stdout.readline())
        assert module != waiting.pid and Path(f"/proc/{module}").exists()
        waiting.send_signal(signal.SIGKILL)
    end = time.monotonic() + 10
    while Path(f"/proc/{module}").exists() and time.monotonic() < end:
        time.sleep(0.02)
    assert not Path(f"/proc/{module}").exists()
