# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The store that all members of the UCS cluster share: one SQLite file (real UCS 9.1 nodes see each other's data; Source: UCS91).

Every delivery of a message is kept with its id, also one that came a second time; ``stored`` tells which one counts. So a reader
can judge whether a message is there exactly once.
"""

from __future__ import annotations

import fcntl
import sqlite3
import time
from pathlib import Path
from typing import Any

_SCHEMA = """
CREATE TABLE IF NOT EXISTS sessions (
    session TEXT PRIMARY KEY, interaction TEXT NOT NULL, tenant TEXT NOT NULL, queue TEXT NOT NULL,
    chat_server TEXT NOT NULL, ended REAL
);
CREATE TABLE IF NOT EXISTS deliveries (
    message TEXT NOT NULL, session TEXT NOT NULL, sequence INTEGER NOT NULL, text TEXT NOT NULL,
    member TEXT NOT NULL, received REAL NOT NULL, stored INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS deliveries_message ON deliveries (message);
"""


class ContactStore:
    """One member's view of the shared store; used by one thread at a time.

    Args:
        path: the database file; its directory is created.
        member: name of the UCS application.
    """

    def __init__(self, path: Path, member: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._member = member
        self._database = sqlite3.connect(path, timeout=30, isolation_level=None, check_same_thread=False)
        # SQLite's time-out does not cover the change of the journal's mode: members that start together would be refused.
        with path.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self._database.execute("PRAGMA journal_mode=WAL")
            # A process that is killed loses nothing that it has committed; only a power cut could.
            self._database.execute("PRAGMA synchronous=NORMAL")
            self._database.executescript(_SCHEMA)

    def apply(self, requests: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Carry out requests in one transaction, and answer each once it is committed."""
        self._database.execute("BEGIN IMMEDIATE")
        try:
            answers = [self._apply(request) for request in requests]
        except (sqlite3.Error, KeyError):
            self._database.execute("ROLLBACK")
            raise
        self._database.execute("COMMIT")
        return answers

    def _apply(self, request: dict[str, Any]) -> dict[str, Any]:
        operation = request.get("op")
        if operation == "store":
            known = self._database.execute("SELECT 1 FROM deliveries WHERE message = ? AND stored = 1", (request["message"],)).fetchone()
            row = (request["message"], request["session"], request["sequence"], request["text"], self._member, time.time(), 0 if known else 1)
            self._database.execute("INSERT INTO deliveries VALUES (?, ?, ?, ?, ?, ?, ?)", row)
            return {"ok": True}
        if operation == "open":
            names = ("session", "interaction", "tenant", "queue", "chat_server")
            self._database.execute("INSERT OR REPLACE INTO sessions VALUES (?, ?, ?, ?, ?, NULL)", tuple(request[name] for name in names))
            return {"ok": True}
        if operation == "close":
            self._database.execute("UPDATE sessions SET ended = ? WHERE session = ?", (time.time(), request["session"]))
            return {"ok": True}
        if operation == "session":
            query = "SELECT interaction, tenant, queue FROM sessions WHERE session = ? AND ended IS NULL"
            row = self._database.execute(query, (request["session"],)).fetchone()
            return {"ok": True, **dict(zip(("interaction", "tenant", "queue"), row))} if row else {"ok": False, "error": "no such session"}
        return {"ok": False, "error": f"unknown operation '{operation}'"}

    def close(self) -> None:
        """Close the file."""
        self._database.close()
