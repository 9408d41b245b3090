# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``make soak``: runs the cases with two workers side by side, each with hosts and a network of its own, and prints what came of them.

Whatever ends it, an interruption too, no host is left. ``SOAK_WORKERS=1`` lets one worker do all. Arguments are those of pytest.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from types import FrameType
from typing import IO

from hosts.machine import command, environment
from hosts.soak.conftest import Kept
from hosts.soak.digest import ROOT, digest_of

RESULTS = Path(os.environ.get("UPGRADE_RESULTS") or ROOT / "build" / "upgrade" / "soak")
PREFIX = os.environ.get("TESTED_HOSTS_PREFIX", "gxsoak")
#: An interrupted worker ends its hosts, which takes some seconds.
END_SECONDS, DOWN_SECONDS = 180.0, 300.0
#: pytest: no case was left for this worker.
NOTHING_SELECTED = 5


class Worker:
    """A process of pytest with hosts of its own; each line that it writes begins with its number.

    Args:
        number: from 1 on; part of the names of its hosts.
        arguments: more ones of pytest.
    """

    def __init__(self, number: int, arguments: list[str]) -> None:
        self.prefix = f"{PREFIX}{number}"
        own = {"TESTED_HOSTS_PREFIX": self.prefix, "SOAK_WORKER": str(number), "UPGRADE_RESULTS": str(RESULTS)}
        line = [sys.executable, "-u", "-m", "pytest", "-v", "-rfE", "--tb=short", "tests/hosts/soak/upgrades.py", *arguments]
        self._process = subprocess.Popen(
            line,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**environment(), **own},
            start_new_session=True,
        )
        assert self._process.stdout is not None
        self._reader = threading.Thread(target=self._show, args=(f"worker {number}: ", self._process.stdout), daemon=True)
        self._reader.start()

    @staticmethod
    def _show(name: str, output: IO[str]) -> None:
        for line in output:
            if line.strip() and " SKIPPED " not in line:
                print(name + line.rstrip(), flush=True)

    def wait(self) -> int:
        """Wait until it has ended; return its exit code."""
        code = self._process.wait()
        self._reader.join(10)
        return code

    def interrupt(self) -> None:
        """Let it end as soon as its hosts are gone."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)

    def end(self) -> None:
        """See that it and its hosts are gone."""
        self.interrupt()
        try:
            self._process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
        down = command("down", "--prefix", self.prefix)
        subprocess.run(down, env=environment(), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, timeout=DOWN_SECONDS, check=False)


def tables(*arguments: str) -> None:
    """Print the table of all cases, or write those of docs/upgrade_proof.md."""
    subprocess.run([sys.executable, str(ROOT / "tools" / "upgrade_tables.py"), *arguments], env=environment(), timeout=60, check=False)


def main() -> int:
    """Run all; the exit code is 0 if no case failed."""

    def interrupted(number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt(signal.Signals(number).name)

    for interruption in (signal.SIGTERM, signal.SIGINT):
        signal.signal(interruption, interrupted)
    digest = digest_of(ROOT)
    Kept(RESULTS, digest).begin()
    print(f"product digest {digest}; results in {RESULTS}", flush=True)
    workers: list[Worker] = []
    try:
        for number in range(1, int(os.environ.get("SOAK_WORKERS", "2")) + 1):
            workers.append(Worker(number, sys.argv[1:]))
        codes = {worker.wait() for worker in workers}
    except KeyboardInterrupt as error:
        print(f"interrupted ({error}); the hosts are removed, and the same command goes on later", flush=True)
        return 130
    finally:
        for interruption in (signal.SIGTERM, signal.SIGINT):
            signal.signal(interruption, signal.SIG_IGN)
        for worker in workers:
            worker.interrupt()
        for worker in workers:
            worker.end()
        tables("--show", str(RESULTS))
    # Some cases are no proof.
    if not sys.argv[1:]:
        tables()
    return 0 if codes <= {0, NOTHING_SELECTED} else 1


if __name__ == "__main__":
    raise SystemExit(main())
