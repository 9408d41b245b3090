# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The store of the UCS stand-ins."""

from __future__ import annotations

import multiprocessing
import sqlite3
from contextlib import closing
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


def test_a_contact_is_made_once(tmp_path: Path) -> None:
    """A request that is sent again after a break finds what the first one made; another tenant has contacts of its own."""

    def ask(session: str, email: str, tenant: str = "1", create: bool = True) -> str:
        attributes = {"EmailAddress": email} if email else {}
        (answer,) = store.apply([{"op": "contact", "session": session, "tenant": tenant, "attributes": attributes, "create": create}])
        return str(answer["contact"])

    store = ContactStore(tmp_path / "ucs.db", "UCS")
    assert ask("s1", "ada@example.com", create=False) == ""
    ada = ask("s1", "ada@example.com")
    assert ada and ask("s1", "ada@example.com") == ask("s2", " Ada@Example.com ", create=False) == ada
    assert ask("s3", "ada@example.com", tenant="101") not in ("", ada)
    assert ask("s4", "") == ""
    store.close()
    with closing(sqlite3.connect(tmp_path / "ucs.db")) as database:
        assert database.execute("SELECT tenant, session FROM contacts ORDER BY tenant").fetchall() == [("1", "s1"), ("101", "s3")]
        assert database.execute("SELECT session FROM session_contacts ORDER BY session").fetchall() == [("s1",), ("s2",), ("s3",)]
