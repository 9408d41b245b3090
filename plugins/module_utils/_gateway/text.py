# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Text from outside, made fit to be printed: by a terminal, in a log, in AWX."""

from __future__ import annotations

import unicodedata

#: Characters that a terminal obeys instead of showing them, and that break a line; those that turn the direction of what follows.
_OBEYED = frozenset(("Cc", "Cs", "Zl", "Zp"))
_TURNING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


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
        if character in kept or not (character in _TURNING or unicodedata.category(character) in _OBEYED):
            shown.append(character)
        elif not shown or shown[-1] != " ":
            shown.append(" ")
    return "".join(shown)
