# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What became of the chats: the clients' own records against the store of the UCS cluster and the queues.

* lost: sent by a client, and not in the store;
* doubled: counts in the store more than once (a delivery that the store recognised as a repetition does not count);
* late: acknowledged later than the bound, or never.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

from .chat import Chat

LATE_SECONDS = 2.0


def make_report(directory: Path, chats: list[Chat], late_seconds: float = LATE_SECONDS) -> dict[str, Any]:
    """Judge finished chats.

    Args:
        directory: the sandbox's directory, with ``ucs/ucs.db`` and ``ixn/queues.db``.
        chats: all chats, also those that were not opened.
        late_seconds: bound for ``messages_late``.
    """
    opened = [chat for chat in chats if chat.session]
    stored = _stored(directory / "ucs" / "ucs.db", {chat.session for chat in opened})
    sent = [(chat, sequence) for chat in opened for sequence in chat.sent]
    waits = [chat.acknowledged.get(sequence, chat.finished_at) - chat.sent[sequence] for chat, sequence in sent]
    unanswered = sum(sequence not in chat.acknowledged for chat, sequence in sent)
    answered_late = sum(wait > late_seconds for (chat, sequence), wait in zip(sent, waits) if sequence in chat.acknowledged)
    return {
        "opened": len(opened),
        "not_opened": len(chats) - len(opened),
        "messages_sent": len(sent),
        "messages_lost": sum(chat.message_id(sequence) not in stored for chat, sequence in sent),
        "messages_doubled": sum(count > 1 for count in stored.values()),
        "messages_late": answered_late + unanswered,
        "longest_pause_seconds": round(max(waits, default=0.0), 3),
        "sessions_ended_by_server": sum(bool(chat.ended) for chat in opened),
        "queues": _queues(directory / "ixn" / "queues.db", {chat.interaction for chat in opened}),
        "problems": sorted({chat.problem or chat.ended for chat in chats if chat.problem or chat.ended})[:10],
    }


def contacts_created(directory: Path, chats: list[Chat]) -> int:
    """How many contacts the store has that were created in one of the chats."""
    sessions = {chat.session for chat in chats if chat.session}
    return sum(session in sessions for (session,) in _rows(directory / "ucs" / "ucs.db", "SELECT session FROM contacts"))


def _stored(path: Path, sessions: set[str]) -> Counter[str]:
    """How many times each message counts in the store; those of one session and number under two ids count as one message twice."""
    found: Counter[str] = Counter()
    for session, sequence in _rows(path, "SELECT session, sequence FROM deliveries WHERE stored = 1"):
        if session in sessions:
            found[f"{session}:{sequence}"] += 1
    return found


def _queues(path: Path, interactions: set[str]) -> dict[str, int]:
    found = Counter(queue for interaction, queue in _rows(path, "SELECT interaction, queue FROM interactions") if interaction in interactions)
    return dict(sorted(found.items()))


def _rows(path: Path, query: str) -> Iterable[tuple[Any, ...]]:
    if not path.exists():
        return []
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=30)) as database:
        try:
            return database.execute(query).fetchall()
        except sqlite3.OperationalError:  # no table: nothing was ever stored
            return []
