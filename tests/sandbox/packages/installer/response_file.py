# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The grammar of ``genesys_silent.ini`` and ``GCTISetup.ini`` (IP: response file, grammar).

Nothing is trimmed, quotes are literal, comments count in column 1 only, the last duplicate of a key wins, and the first
section of a name counts.
"""

from __future__ import annotations

from pathlib import Path

from .errors import InstallError


class ResponseFile:
    """The sections of one file.

    Args:
        path: the file.

    Raises:
        InstallError: the file does not exist.
    """

    def __init__(self, path: Path) -> None:
        try:
            text = path.read_bytes().decode("utf-8", "surrogateescape")
        except OSError as error:
            raise InstallError(f"File {path} was not found.") from error
        self._sections = _parse(text)

    @property
    def names(self) -> list[str]:
        """The names of the sections that hold at least one key, in the file's order."""
        return [name for name, keys in self._sections.items() if keys]

    def has(self, section: str) -> bool:
        """Whether the section exists; one without a ``Key=Value`` line counts as missing."""
        return bool(self._sections.get(section))

    def find(self, section: str, key: str) -> str | None:
        """The value of a key as it stands, or None when section or key is missing."""
        return self._sections.get(section, {}).get(key)

    def get(self, section: str, key: str) -> str:
        """The value of a key that must exist. One that Perl takes for false, empty or ``0``, counts as missing.

        Raises:
            InstallError: with the installer's text for a missing section or key.
        """
        if not self.has(section):
            raise InstallError(f"Section {section} was not found.")
        value = self.find(section, key)
        if value in (None, "", "0"):
            raise InstallError(f"Key {key} in section {section} was not found.")
        return str(value)


def _parse(text: str) -> dict[str, dict[str, str]]:
    sections: dict[str, dict[str, str]] = {}
    current: dict[str, str] | None = None
    for line in text.split("\n"):
        line = line.removesuffix("\r")
        if line.startswith(("#", ";")):
            continue
        if line.startswith("[") and "]" in line:
            name = line[1:-1] if line.endswith("]") else None
            # A header with something behind it ends the section before, yet opens none; so does a second one of a name.
            current = {} if name is None or name in sections else sections.setdefault(name, {})
        elif current is not None and "=" in line:
            key, value = line.split("=", 1)
            current[key] = value
    return sections
