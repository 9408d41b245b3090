# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Text from outside, made fit to be printed: by a terminal, in a log, in AWX."""

from __future__ import annotations

import unicodedata

#: Characters that a terminal obeys instead of showing them, or that change the order or the lines of what is shown.
_OBEYED = frozenset(("Cc", "Cf", "Cs", "Zl", "Zp"))


def one_line(text):
    """Return a text from outside as one line without control characters; each run of them becomes one blank.

    The one place through which what GAX says, and what libraries repeat of it, gets into messages.
    """
    return _without(text, "")


def printable(text):
    """Return a whole message, which may hold names of objects, without control characters; its own line breaks stay."""
    return _without(text, "\n\t")


def _without(text, kept):
    if text.isprintable():
        return text
    shown = []
    for character in text:
        if character in kept or unicodedata.category(character) not in _OBEYED:
            shown.append(character)
        elif not shown or shown[-1] != " ":
            shown.append(" ")
    return "".join(shown)
