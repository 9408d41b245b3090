# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Chats held open in the hosts' network while a block runs."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Any

from hosts.example_site import wait_until
from hosts.machine import Hosts, environment

#: To open all chats; after the block, to get the last answers and to leave.
OPEN_SECONDS, END_SECONDS = 120.0, 180.0
#: Seconds after which chats end by themselves. No block takes that long.
MOST_SECONDS = 7000


class Load:
    """Holds chats, one message a second in each.

    Args:
        hosts: all hosts.
        confserv: host and port of the Configuration Server.
        directory: a new directory of its own.
        chats: their number.
    """

    def __init__(self, hosts: Hosts, confserv: str, directory: Path, chats: int) -> None:
        self._chats = chats
        self._stop, self._report, self._messages = directory / "stop", directory / "report.json", directory / "messages"
        options = ("--chats", str(chats), "--rate", "1", "--seconds", str(MOST_SECONDS), "--hold-until", str(self._stop), "--report", str(self._report))
        self._line = hosts.inside("-m", "sandbox.load", "--dir", str(hosts.directory / "shared"), "--confserv", confserv, *options)
        self._process: subprocess.Popen[bytes] | None = None
        self._told: dict[str, Any] | None = None

    def __enter__(self) -> Load:
        with self._messages.open("wb") as sink:
            self._process = subprocess.Popen(self._line, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=sink, env=environment())
        opened = wait_until(lambda: "are open" in self._messages.read_text() or self._ended(), OPEN_SECONDS)
        if not opened or self._messages.read_text().split()[:3:2] != [str(self._chats), str(self._chats)]:
            self._process.kill()
            raise AssertionError(f"not all chats could be opened: {self._messages.read_text()}")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.end()

    def _ended(self) -> bool:
        return self._process is not None and self._process.poll() is not None

    def end(self) -> dict[str, Any]:
        """End the chats, and return the report."""
        assert self._process is not None
        if self._told is None:
            self._stop.touch()
            try:
                self._process.wait(END_SECONDS)
            finally:
                self._process.kill()
            self._told = json.loads(self._report.read_text(encoding="utf-8"))
        return self._told

    @property
    def report(self) -> dict[str, Any]:
        """What became of the chats, after the block."""
        assert self._told is not None
        return self._told


def losses(report: dict[str, Any]) -> dict[str, Any]:
    """Return those figures of a report that should be 0 and are not."""
    figures = ("not_opened", "messages_lost", "messages_doubled", "sessions_ended_by_server")
    return {name: report[name] for name in figures if report[name]} | ({"problems": report["problems"]} if report["problems"] else {})
