# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Errors of the collection as data: a sentence for people, fields for machines.

Every error that a user can cause or meet is an `EngageError`; the bridge in `_module` turns it into
`fail_json(msg=str(error), failure=error.failure())`. Nothing above the gateway catches HTTP exceptions.
"""

from __future__ import annotations

from typing import Any


class EngageError(Exception):
    """Base of all errors that reach the user as a message instead of a traceback."""

    def failure(self) -> dict[str, Any]:
        """Return the machine-readable twin of the message (dict with method, path, status, code, message, object)."""
        return {"message": str(self)}


class GatewayError(EngageError):
    """A request to the configuration interface did not give a usable answer.

    Args:
        reason: str, what happened, without secrets.
        method, path: the request (path below `/gax/api/`, no query).
        status: int or None.
        code: the Configuration Server's error name or number when the answer carries one.
        uncertain: True when a write may have been carried out although no good answer came back.
        transient: True when the same request may succeed a moment later.
        retry_after: seconds asked for by the server.
    """

    def __init__(self, reason: str, method: str | None = None, path: str | None = None, status: int | None = None, code: str | int | None = None,
                 uncertain: bool = False, transient: bool = False, retry_after: float | None = None) -> None:
        super().__init__(reason if status is None else f"{reason} (HTTP {status})")
        self.reason = reason
        self.method = method
        self.path = path
        self.status = status
        self.code = code
        self.uncertain = uncertain
        self.transient = transient
        self.retry_after = retry_after

    def failure(self) -> dict[str, Any]:
        return {"method": self.method, "path": self.path, "status": self.status, "code": self.code,
                "message": self.reason}


class LoginRefused(GatewayError):
    """The server answered, and did not accept the login."""


class SessionRenewed(GatewayError):
    """A write met a session that had ended; there is a new one, and the write was not sent again: whoever wrote reads first."""

    def __init__(self, method: str, path: str, status: int | None) -> None:
        # A redirect or a refusal was no write; what a page of 200 has done nobody knows.
        super().__init__("GAX had ended the session; a new login succeeded", method, path, status, uncertain=status == 200, transient=True)


class WriteInReadOnlyMode(GatewayError):
    """A write reached a gateway that was opened for reading only (check mode): a defect of the collection."""
