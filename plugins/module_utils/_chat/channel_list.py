# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A list of channels in the text of one option. How the values are separated is not documented, so it is learned from what is there, or told.

Source: CHAT (the list is extended, the rest stays)
"""

from __future__ import annotations

import re

from .._config.errors import DoesNotFit

#: What separates values for certain when a text has it.
SEPARATORS = ",;|"


class ChannelList:
    """The values of an option, with the text between them.

    Attributes:
        text: as it is written.
        values: list of str.
        separator: what stands between the values, with its blanks, '' if that can't be told from the text.
    """

    def __init__(self, text: str, separator: str = "", where: str = "") -> None:
        """Read the text; separator: what the user says of it, '' for nothing.  where: whose text it is.  Raises InvalidInput."""
        self.text = text
        found = [mark for mark in SEPARATORS if mark in text]
        if len(found) > 1:
            raise DoesNotFit(f"{where} is '{text}', which has more than one of {' '.join(SEPARATORS)} between its values; correct that by hand first")
        if separator and found and separator.strip() != found[0]:
            raise DoesNotFit(f"separator: {where} is '{text}', in which the values are not separated by '{separator}'")
        if not found and not separator and re.search(r"\S\s+\S", text):
            raise DoesNotFit(f"{where} is '{text}', and what separates its values can't be told from that; give separator")
        mark = found[0] if found else separator.strip()
        # The groups make re.split keep what it splits at.
        self._parts = re.split(rf"(\s*{re.escape(mark)}\s*)" if mark else r"(\s+)" if separator else r"(?!)", text.strip())
        self.values = [value for value in self._parts[::2] if value]
        self.separator = self._parts[1] if found else separator

    def plus(self, value: str, separator: str) -> str:
        """Return the text with one value more; separator: what is put before it where the text has none of its own."""
        if not self.values:
            return value
        kept = "".join(self._parts if self._parts[-1] else self._parts[:-2])
        return f"{kept}{self.separator or separator}{value}"

    def minus(self, value: str) -> str:
        """Return the text without a value, and without one of the separators beside it."""
        parts = list(self._parts)
        while value in parts[::2]:
            place = parts[::2].index(value) * 2
            del parts[max(place - 1, 0):place + 1 if place else place + 2]
        return "".join(parts)
