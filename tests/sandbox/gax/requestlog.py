# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The request log: what clients really sent. Figures of tests and of the demonstration are taken from here."""

from __future__ import annotations

import re
import time
from collections import deque
from typing import Any

KEPT = 50_000
_SECRET = re.compile(r"password|passwd|secret|token", re.IGNORECASE)
MASK = "********"


def masked(value: Any) -> Any:
    """Return a request body without the values of passwords, also of options whose key names one."""
    if isinstance(value, list):
        return [masked(entry) for entry in value]
    if not isinstance(value, dict):
        return value
    if isinstance(value.get("key"), str) and "value" in value and _SECRET.search(value["key"]):
        return {**value, "value": MASK}
    return {key: MASK if _SECRET.search(str(key)) and isinstance(entry, str) and entry else masked(entry) for key, entry in value.items()}


class RequestLog:
    """The last requests, numbered from 1 on."""

    def __init__(self) -> None:
        self._entries: deque[dict[str, Any]] = deque(maxlen=KEPT)
        self._last = 0

    def open(self, source: str, method: str, path: str, query: str) -> dict[str, Any]:
        """Start the entry of a request; it is in the log from now on, with status None until it is answered."""
        self._last += 1
        entry = {
            "n": self._last,
            "time": time.time(),
            "source": source,
            "method": method,
            "path": path,
            "query": query,
            "status": None,
            "type": None,
            "name": None,
            "dbid": None,
            "write": False,
            "applied": False,
            "seconds": None,
        }
        self._entries.append(entry)
        return entry

    def since(self, number: int) -> list[dict[str, Any]]:
        """Return the entries after the one of this number."""
        return [entry for entry in self._entries if entry["n"] > number]

    def clear(self) -> None:
        """Forget all entries; numbers go on."""
        self._entries.clear()
