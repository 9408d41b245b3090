# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Refusals of the Configuration Server. Source: G5 (names and numbers); the HTTP form is unknown and left to the dialect."""

from __future__ import annotations

from .enumerations import ERROR_NUMBERS

HTTP_STATUS = {
    "CFGLoginIncorrect": 401,
    "CFGAccessDenied": 403,
    "CFGNoPermission": 403,
    "CFGObjectNotFound": 404,
    "CFGUniquenessViolation": 409,
    "CFGDependentObjects": 409,
    "CFGIncorrectReferences": 409,
}


class ConfigurationError(Exception):
    """A request that the Configuration Server refuses: an error name such as CFGUniquenessViolation, and why."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(message)
        self.name = name
        self.code = ERROR_NUMBERS[name]
        self.message = message

    @property
    def status(self) -> int:
        """HTTP status that fits the kind of refusal; 400 where none fits better."""
        return HTTP_STATUS.get(self.name, 400)
