# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Accounts and cookie sessions of GAX. Source: G1, G2, G3; G1p for the obfuscation of passwords."""

from __future__ import annotations

import secrets
import time

READ_ONLY_USER = "readonly"


def reveal(obfuscated: str) -> str:
    """Undo GAX's obfuscation: pairs of code points (character plus r, r). Raises ValueError for anything else."""
    if len(obfuscated) % 2:
        raise ValueError("an obfuscated password has an even length")
    return "".join(chr(ord(first) - ord(second)) for first, second in zip(obfuscated[::2], obfuscated[1::2]))


class Accounts:
    """The administrator ``default`` and the account ``readonly``, which may read everything and write nothing."""

    def __init__(self, password: str) -> None:
        self._passwords = {"default": password, READ_ONLY_USER: password + "-ro"}

    def accepts(self, username: object, password: object) -> bool:
        """Tell whether the password is that of the user."""
        return isinstance(username, str) and isinstance(password, str) and self._passwords.get(username) == password


class Sessions:
    """Open sessions; one ends when it was not used for ``timeout`` seconds, or when it has answered ``requests`` of them (0: any number).

    ``limit`` is the number of simultaneous ones, 0 for any.
    """

    def __init__(self, timeout: float, limit: int = 0) -> None:
        self.timeout = timeout
        self.limit = limit
        self.requests = 0
        self._used: dict[str, int] = {}
        self._sessions: dict[str, tuple[str, float]] = {}

    def is_full(self) -> bool:
        """Tell whether no further session may be opened."""
        self._drop_expired()
        return 0 < self.limit <= len(self._sessions)

    def open(self, username: str) -> str:
        """Open a session and return its cookie value."""
        cookie = secrets.token_hex(16)
        self._sessions[cookie] = (username, time.monotonic())
        return cookie

    def user(self, cookie: str | None) -> str | None:
        """Return the user of a live session and prolong it, or None."""
        self._drop_expired()
        if cookie is None or cookie not in self._sessions:
            return None
        self._used[cookie] = self._used.get(cookie, 0) + 1
        if 0 < self.requests < self._used[cookie]:
            del self._sessions[cookie]
            return None
        username = self._sessions[cookie][0]
        self._sessions[cookie] = (username, time.monotonic())
        return username

    def expire_all(self) -> None:
        """End every session."""
        self._sessions.clear()

    def _drop_expired(self) -> None:
        oldest = time.monotonic() - self.timeout
        self._sessions = {cookie: session for cookie, session in self._sessions.items() if session[1] >= oldest}
