# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run the Molecule scenarios of the roles on real hosts: ``tools/scenarios.py [SCENARIO ...]``; without a name, all of them.

``tools/scenarios.py --clear`` only removes what a run has left that was killed.

Molecule only warns when an action has no playbook. Here that is a failure, as is a scenario that did not run. Hosts and sandbox
are removed however the run ends.
"""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from runner import ROOT, environment

sys.path.append(str(ROOT / "tests"))
from sandbox.testing import compiled_once, shared_archives

SCENARIOS = ROOT / "extensions" / "molecule"
PREFIX = "mol"
STATE = ROOT / "build" / "molecule"
END_SECONDS = 120.0
_RECAP = re.compile(r"^(\w+)\s*: actions=(\d+) .*\bmissing=(\d+)\s+failed=(\d+)")


def names() -> list[str]:
    """The scenarios."""
    return sorted(path.parent.name for path in SCENARIOS.glob("*/molecule.yml"))


def problems(output: str, wanted: Iterable[str]) -> list[str]:
    """What Molecule's recap tells besides its exit code: scenarios that did not run, actions without a playbook."""
    ran: set[str] = set()
    found = []
    for line in output.splitlines():
        recap = _RECAP.match(line)
        if recap:
            name, actions, missing, failed = recap[1], *map(int, recap.groups()[1:])
            if actions:
                ran.add(name)
            if missing:
                found.append(f"{name}: no playbook for {missing} of {actions} actions")
            if failed:
                found.append(f"{name}: failed")
    return found + [f"{name}: did not run" for name in wanted if name not in ran]


def run(scenarios: list[str]) -> int:
    """Run scenarios with one set of hosts; the exit code."""
    chosen = [word for name in scenarios for word in ("--scenario-name", name)] or ["--all"]
    # The state of a run that was interrupted would have Molecule skip what it takes for done.
    state = STATE / "state"
    subprocess.run(["rm", "-rf", str(state)], check=True)
    command = [str(ROOT / ".venv" / "bin" / "molecule"), "test", "--shared-state", *chosen]
    with tempfile.TemporaryDirectory(prefix="archives-") as archives:
        own = {
            "MOLECULE_EPHEMERAL_DIRECTORY": str(state),
            "MOLECULE_COMMAND_BORDERS": "false",
            "NO_COLOR": "1",
            **compiled_once(),
            **shared_archives(Path(archives)),
        }
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment(own), cwd=ROOT
        )
        try:
            output = "".join(shown(process))
            code = process.wait()
        finally:
            if process.poll() is None:
                process.terminate()
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(5)
                process.kill()
    found = problems(re.sub(r"\x1b\[[0-9;]*m", "", output), scenarios or names())
    for line in found:
        print(f"molecule: {line}")
    return 1 if code or found else 0


def shown(process: subprocess.Popen[str]) -> Iterator[str]:
    """Yield the lines of a process's output, and print them."""
    assert process.stdout is not None
    for line in process.stdout:
        print(line, end="", flush=True)
        yield line


def clear() -> bool:
    """Remove the sandbox and the hosts, if there are any; tell whether they are gone."""
    gone = True
    for arguments in (["stop", "--dir", str(STATE / "sandbox")], ["hosts", "down", "--prefix", PREFIX]):
        try:
            done = subprocess.run(
                [sys.executable, "-m", "sandbox", *arguments], cwd=ROOT / "tests", stdin=subprocess.DEVNULL, timeout=END_SECONDS, check=False
            )
            gone &= done.returncode == 0
        except subprocess.TimeoutExpired:
            print(f"molecule: not done after {END_SECONDS:g} s: sandbox {' '.join(arguments)}")
            gone = False
    return gone


def main() -> int:
    """Run what the command line names; the exit code."""
    scenarios = sys.argv[1:]
    if os.geteuid() != 0:
        print("molecule: real hosts need root on this machine; run the command with sudo", file=sys.stderr)
        return 2
    if scenarios == ["--clear"]:
        return 0 if clear() else 1
    for name in scenarios:
        if name not in names():
            print(f"molecule: there is no scenario '{name}'; there are {', '.join(names())}", file=sys.stderr)
            return 2
    # `timeout` and the checks end a run that takes too long with this signal: hosts and sandbox are removed then, too.
    signal.signal(signal.SIGTERM, lambda *_unused: sys.exit(143))
    code = 1
    try:
        code = run(scenarios)
    finally:
        code = code if clear() else 1
    return code


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
