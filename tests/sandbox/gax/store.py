# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The persistent store of configuration objects: memory in front, SQLite behind.

Every object is held in memory; every change is written through in one transaction before it is seen. A killed process
therefore loses nothing that it answered. One process may use a database file at a time.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from .schema import TYPES

Object = dict[str, Any]
FIRST_DBID = 101


class Record:
    """An object as kept, as JSON, and its other serialised answers by dialect. A changed object is a new record."""

    __slots__ = ("answers", "body", "value")

    def __init__(self, value: Object, body: bytes) -> None:
        self.value = value
        self.body = body
        self.answers: dict[str, bytes] = {}


class Store:
    """Objects by class and DBID. DBIDs are counted per class from 101 on and never used twice. Source: G5."""

    def __init__(self, path: Path) -> None:
        self._records: dict[str, dict[int, Record]] = {}
        self._labels: dict[tuple[str, str], set[int]] = {}
        self._last: dict[str, int] = {}
        self._database = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._database.execute("PRAGMA journal_mode=WAL")
        self._database.execute("PRAGMA synchronous=NORMAL")
        self._database.executescript(
            """
            CREATE TABLE IF NOT EXISTS objects (type TEXT, dbid INTEGER, body TEXT, PRIMARY KEY (type, dbid));
            CREATE TABLE IF NOT EXISTS counters (type TEXT PRIMARY KEY, last INTEGER);
            CREATE TABLE IF NOT EXISTS settings (key TEXT PRIMARY KEY, value TEXT);
            """
        )
        for (body,) in self._database.execute("SELECT body FROM objects"):
            self._remember(json.loads(body), body.encode())
        self._last.update(self._database.execute("SELECT type, last FROM counters"))

    def close(self) -> None:
        """Close the database file."""
        self._database.close()

    # reading

    def get(self, class_name: str, dbid: int | str) -> Object | None:
        """Return one object, or None. The caller must not change it."""
        record = self._records.get(class_name, {}).get(int(dbid))
        return record.value if record else None

    def records(self, class_name: str) -> Iterator[Record]:
        """Return the records of a class in the order of their DBIDs."""
        known = self._records.get(class_name, {})
        return (known[dbid] for dbid in sorted(known))

    def objects(self, class_name: str) -> Iterator[Object]:
        """Return the objects of a class in the order of their DBIDs. The caller must not change them."""
        return (record.value for record in self.records(class_name))

    def record(self, class_name: str, dbid: int | str) -> Record | None:
        """Return one record, or None."""
        return self._records.get(class_name, {}).get(int(dbid))

    def labelled(self, class_name: str, label: str) -> list[Record]:
        """Return the records with exactly this name (user name, login code)."""
        return [self._records[class_name][dbid] for dbid in sorted(self._labels.get((class_name, label), ()))]

    def find(self, class_name: str, label: str) -> Object | None:
        """Return the first object with exactly this name, or None."""
        found = self.labelled(class_name, label)
        return found[0].value if found else None

    def counts(self) -> dict[str, int]:
        """Return the number of objects of each class that has any."""
        return {name: len(known) for name, known in sorted(self._records.items()) if known}

    # writing

    def next_dbid(self, class_name: str) -> int:
        """Return the DBID that the next new object of the class gets; it counts as used once ``commit`` has stored it."""
        return max(self._last.get(class_name, 0) + 1, FIRST_DBID)

    def commit(self, put: Iterable[Object] = (), delete: Iterable[tuple[str, str]] = ()) -> None:
        """Store and delete objects, all or nothing."""
        put, delete = list(put), list(delete)
        bodies = [json.dumps(value, ensure_ascii=False, separators=(",", ":")) for value in put]
        counters: dict[str, int] = {}
        for value in put:
            name, dbid = value["type"], int(value["dbid"])
            counters[name] = max(counters.get(name, self._last.get(name, 0)), dbid)
        with self._transaction() as database:
            rows = [(value["type"], int(value["dbid"]), body) for value, body in zip(put, bodies)]
            database.executemany("INSERT OR REPLACE INTO objects VALUES (?, ?, ?)", rows)
            database.executemany("DELETE FROM objects WHERE type = ? AND dbid = ?", [(name, int(dbid)) for name, dbid in delete])
            database.executemany("INSERT OR REPLACE INTO counters VALUES (?, ?)", list(counters.items()))
        self._last.update(counters)
        for name, number in delete:
            self._forget(name, int(number))
        for value, body in zip(put, bodies):
            self._forget(value["type"], int(value["dbid"]))
            self._remember(value, body.encode())

    def setting(self, key: str) -> str | None:
        """Return a value that belongs to no object, or None."""
        row = self._database.execute("SELECT value FROM settings WHERE key = ?", (key,)).fetchone()
        return row[0] if row else None

    def set_setting(self, key: str, value: str) -> None:
        """Keep a value that belongs to no object."""
        self._database.execute("INSERT OR REPLACE INTO settings VALUES (?, ?)", (key, value))

    # the whole database

    def snapshot(self) -> Object:
        """Return everything: the objects by class and the last DBID used of each class."""
        return {"objects": {name: list(self.objects(name)) for name in sorted(self._records)}, "last_dbid": dict(sorted(self._last.items()))}

    def restore(self, snapshot: Object) -> None:
        """Replace everything by a snapshot."""
        self.clear()
        self.commit([value for objects in snapshot["objects"].values() for value in objects])
        with self._transaction() as database:
            database.executemany("INSERT OR REPLACE INTO counters VALUES (?, ?)", list(snapshot["last_dbid"].items()))
        self._last.update(snapshot["last_dbid"])

    def clear(self) -> None:
        """Empty the database, settings included; DBIDs start anew."""
        with self._transaction() as database:
            database.execute("DELETE FROM objects")
            database.execute("DELETE FROM counters")
            database.execute("DELETE FROM settings")
        self._records.clear()
        self._labels.clear()
        self._last.clear()

    # inside

    def _transaction(self) -> _Transaction:
        return _Transaction(self._database)

    def _remember(self, value: Object, body: bytes) -> None:
        name, dbid = value["type"], int(value["dbid"])
        self._records.setdefault(name, {})[dbid] = Record(value, body)
        self._labels.setdefault((name, value[TYPES[name].label]), set()).add(dbid)

    def _forget(self, name: str, dbid: int) -> None:
        record = self._records.get(name, {}).pop(dbid, None)
        if record:
            self._labels[(name, record.value[TYPES[name].label])].discard(dbid)


class _Transaction:
    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database

    def __enter__(self) -> sqlite3.Connection:
        self._database.execute("BEGIN IMMEDIATE")
        return self._database

    def __exit__(self, kind: object, *_rest: object) -> None:
        self._database.execute("ROLLBACK" if kind else "COMMIT")
