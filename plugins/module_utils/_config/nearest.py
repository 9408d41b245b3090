# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The known name that somebody most likely meant by an unknown one."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from typing import Any

#: How alike two names must be, from 0 to 1: one letter wrong, missing, too many or in another's place, also in a name of four letters.
ALIKE = 0.75


def nearest(wanted: Any, known: Iterable[Any], alike: float = ALIKE) -> str:
    """Return the known name that is most like "wanted", or '' if none is like it.

    Names that differ by case, blanks, '_' and '-' only come first, then those with two neighbouring letters exchanged. Names that
    differ by a number only are not taken for typing errors: 'chat3' does not stand for 'chat1'.
    """
    wanted = str(wanted)
    others = sorted({str(name) for name in known} - {wanted})
    plain = _plain(wanted)
    same = [name for name in others if _plain(name) == plain]
    if same:
        return same[0]
    numbered = _without_numbers(wanted)
    by_lower = {name.lower(): name for name in others if _without_numbers(name) != numbered}
    for lower, name in by_lower.items():
        if _exchanged(lower, wanted.lower()):
            return name
    close = difflib.get_close_matches(wanted.lower(), by_lower, 1, alike)
    return by_lower[close[0]] if close else ""


def suggestion(wanted: Any, known: Iterable[Any]) -> str:
    """Return "; did you mean '...'?" with the known name that is most like "wanted", or ''."""
    name = nearest(wanted, known)
    return f"; did you mean '{name}'?" if name else ""


def sentences(texts: Iterable[str]) -> str:
    """Return several complaints as one text: what ends with a question needs no semicolon behind it."""
    text = "; ".join(texts)
    return text.replace("?; ", "? ")


def _plain(name: str) -> str:
    return re.sub(r"[\s_-]+", "", name).lower()


def _exchanged(one: str, other: str) -> bool:
    """Return whether two names differ only by two neighbouring letters in each other's place."""
    places = [place for place in range(len(one)) if one[place] != other[place]] if len(one) == len(other) else []
    return len(places) == 2 and places[1] == places[0] + 1 and sorted(one[places[0]:places[1] + 1]) == sorted(other[places[0]:places[1] + 1])


def _without_numbers(name: str) -> str:
    return re.sub(r"[0-9]+", "#", name.lower())
