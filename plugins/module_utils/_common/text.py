# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Text that others wrote, made safe for a terminal, a log and AWX: names of objects and files, answers of servers, output of programs."""

import re
from typing import Any, Match

# Control characters but for line break and tab, lone surrogates, line ends of other kinds, and what turns the direction of writing.
_UNSAFE = "\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_ESCAPED = re.compile(f"[{_UNSAFE}]")
_BLANKED = re.compile(f" ?[\t\n{_UNSAFE}]+")


def printable(text: str) -> str:
    """Return a text in which whatever a terminal would obey, or can't show, is written as an escape, such as ``\\x1b``.

    Its own line breaks stay; a Windows line end becomes one.
    """
    return _ESCAPED.sub(_escape, text.replace("\r\n", "\n"))


def printable_data(data: Any) -> Any:
    """Return lists and dicts with every text in them made safe."""
    if isinstance(data, str):
        return printable(data)
    if isinstance(data, dict):
        return {printable_data(key): printable_data(value) for key, value in data.items()}
    if isinstance(data, (list, tuple)):
        return [printable_data(item) for item in data]
    return data


def one_line(text: str) -> str:
    """Return what a server or a library says as one line; each run of control characters and line breaks becomes one blank."""
    return _BLANKED.sub(" ", text)


def _escape(found: Match[str]) -> str:
    code = ord(found.group())
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
