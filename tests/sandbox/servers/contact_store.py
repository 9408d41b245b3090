# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The store that all members of the UCS cluster share: one SQLite file (real UCS 9.1 nodes see each other's data; Source: UCS91).

Every delivery of a message is kept with its id, also one that came a second time; ``stored`` tells which one counts. So a reader
can judge whether a message is there exactly once.

A contact is identified within its tenant by the attribute EmailAddress alone, which is the stand-in's own choice. It keeps the
session in which it was created; whose contact a session has is in a table of its own.
"""

from __future__ import annotations

import fcntl
import json
import sqlite3
import time
import uuid
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
CREATE TABLE IF NOT EXISTS contacts (
    contact TEXT PRIMARY KEY, tenant TEXT NOT NULL, email TEXT NOT NULL, attributes TEXT NOT NULL, session TEXT NOT NULL,
    UNIQUE (tenant, email)
);
CREATE TABLE IF NOT EXISTS session_contacts (session TEXT PRIMARY KEY, contact TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS saved_sessions (session TEXT PRIMARY KEY);
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
            if request.get("saved"):
                self._database.execute("INSERT OR IGNORE INTO saved_sessions VALUES (?)", (request["session"],))
            return {"ok": True}
        if operation == "close":
            self._database.execute("UPDATE sessions SET ended = ? WHERE session = ?", (time.time(), request["session"]))
            return {"ok": True}
        if operation == "session":
            query = """SELECT interaction, tenant, queue, EXISTS (SELECT 1 FROM saved_sessions WHERE saved_sessions.session = sessions.session)
                FROM sessions WHERE session = ? AND ended IS NULL"""
            row = self._database.execute(query, (request["session"],)).fetchone()
            return {"ok": True, **dict(zip(("interaction", "tenant", "queue", "saved"), row))} if row else {"ok": False, "error": "no such session"}
        if operation == "transcript":
            query = "SELECT sequence, text FROM deliveries WHERE session = ? AND sequence > ? AND stored = 1 ORDER BY sequence"
            return {"ok": True, "messages": self._database.execute(query, (request["session"], request["after"])).fetchall()}
        if operation == "contact":
            return {"ok": True, "contact": self._contact(request["session"], request["tenant"], request["attributes"], bool(request["create"]))}
        return {"ok": False, "error": f"unknown operation '{operation}'"}

    def _contact(self, session: str, tenant: str, attributes: dict[str, str], create: bool) -> str:
        """Identify the contact of a session, create it if there is none and that is wanted, and link it; may be repeated."""
        email = str(attributes.get("EmailAddress", "")).strip().lower()
        row = self._database.execute("SELECT contact FROM contacts WHERE tenant = ? AND email = ?", (tenant, email)).fetchone()
        if row is None and (not create or not email):
            return ""
        contact = str(row[0]) if row else uuid.uuid4().hex
        if row is None:
            self._database.execute("INSERT INTO contacts VALUES (?, ?, ?, ?, ?)", (contact, tenant, email, json.dumps(attributes, sort_keys=True), session))
        self._database.execute("INSERT OR REPLACE INTO session_contacts VALUES (?, ?)", (session, contact))
        return contact

    def close(self) -> None:
        """Close the file."""
        self._database.close()
