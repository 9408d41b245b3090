# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one error of the host side: a sentence for the user, its cure, and facts for machines."""

from typing import Any, Dict


class HostError(Exception):
    """Something that the user can understand and act upon; modules turn it into ``fail_json``.

    Args:
        message: what is wrong, naming the option or the file.
        cure: what to do about it; added to the message.
        facts: further data for the result's ``failure``; never secrets.
    """

    def __init__(self, message: str, cure: str = "", **facts: Any) -> None:
        super().__init__(f"{message} {cure}".strip())
        self.message = message
        self.cure = cure
        self.facts = facts

    def failure(self) -> Dict[str, Any]:
        """Return the machine-readable twin of the message."""
        return dict(self.facts, message=self.message, cure=self.cure)


def unexpected(action: str, error: Exception) -> str:
    """Return a sentence for an error of the system that no rule foresees, for example a disk that fails."""
    if isinstance(error, OSError) and error.strerror:
        return f"{action} failed: {error.strerror}" + (f" ({error.filename})." if error.filename else ".")
    return f"{action} failed: {error}"
