# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The store of the UCS stand-ins."""

from __future__ import annotations

import multiprocessing
from multiprocessing.synchronize import Event
from pathlib import Path

from sandbox.servers.contact_store import ContactStore

MEMBERS = 4


def _open(path: Path, ready: Event) -> None:
    ready.wait(10)
    ContactStore(path, "UCS").close()


def test_members_that_start_together(tmp_path: Path) -> None:
    """A new file opened by all at the same moment; without a lock about every fourth time one of them is refused."""
    processes = multiprocessing.get_context("fork")
    for attempt in range(30):
        ready = processes.Event()
        members = [processes.Process(target=_open, args=(tmp_path / str(attempt) / "ucs.db", ready)) for _member in range(MEMBERS)]
        for member in members:
            member.start()
        ready.set()
        for member in members:
            member.join(30)
        assert [member.exitcode for member in members] == [0] * MEMBERS
