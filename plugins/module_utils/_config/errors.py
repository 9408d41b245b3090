# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be wrong with a description, or with the moment at which it is applied."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .._gateway.errors import EngageError


class InvalidInput(EngageError):
    """The description breaks a rule; nothing was written. The message names the option and the rule."""


class DoesNotFit(InvalidInput):
    """A rule that looks at what is on this Configuration Server refuses the description; on another one it may be right."""


class SnapshotFailed(EngageError):
    """The snapshot could not be kept, so the run stopped before its first write."""


class Conflict(EngageError):
    """Somebody changed a value that this run manages, between planning and writing."""


class ApplyFailed(EngageError):
    """A write failed; "msg" says which, and what had been written before.

    Args:
        cause: the EngageError behind it.
        obj: "<type> '<name>'".
        written: the writes done, as list of {action, type, name}.
        snapshot: the file with the objects as they were, or None.
    """

    def __init__(self, message: str, cause: EngageError, obj: str, written: Iterable[dict[str, str]] = (), snapshot: str | None = None) -> None:
        super().__init__(message)
        self.cause = cause
        self.obj = obj
        self.written = list(written)
        self.snapshot = snapshot

    def failure(self) -> dict[str, Any]:
        return dict(self.cause.failure(), object=self.obj, written=self.written, snapshot=self.snapshot)
