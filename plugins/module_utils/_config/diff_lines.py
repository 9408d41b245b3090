# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Nested values as the lines of a diff: what belongs together stands in one line, as long as a person reads it at a glance."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

#: Longest line that holds several values, in characters.
WIDTH = 110


def diff_text(values: Mapping[str, Any]) -> str:
    """Return nested values as text, a line of "place: value" for each; '' for none.

    A place is written as options/settings.  Values at one place share a line ("default: 4580, ESP: 4582") where that is short enough.
    """
    return "".join(f"{line}\n" for key, value in values.items() for line in _lines(str(key), value))


def _lines(place: str, value: Any) -> list[str]:
    """Return the lines for a value at a place."""
    short = f"{place}: {_short(value)}"
    if not isinstance(value, Mapping) or not value or len(short) <= WIDTH and not any(isinstance(item, Mapping) for item in value.values()):
        return [short]
    return [line for key, item in value.items() for line in _lines(f"{place}/{key}", item)]


def _short(value: Any) -> str:
    """Return a value in one line."""
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {_short(item)}" for key, item in value.items()) or "{}"
    if isinstance(value, (list, tuple)):
        return ", ".join(_short(item) for item in value) or "[]"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    text = str(value)
    # Quotes where the text would be read as something else: nothing, or with blanks or line ends that can't be seen.
    return repr(text) if not text or text != text.strip() or not text.isprintable() else text
