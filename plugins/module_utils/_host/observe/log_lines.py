# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The forms of a log's lines, and of lines that are damaged or have a time of another form.

Lines are short ("<time> Std 05060 <text>") or full ("<time> Standard <host> <application> GCTI-00-05060 <text>"), the time with or
without the date (Source: LMS, LOGFMT, G11). A time may end with a zone, ``Z`` or ``+0200``: it is read over, since times are only compared
with others of the same log. No source shows such a time; inferred.
"""

import re
from typing import Optional

_STAMP = (
    rb"(?:(?P<day>\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01]))T)?(?P<time>(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3})(?:Z|[+-]\d\d:?\d\d)?"
)
_LEVEL_AND_NUMBER = (
    rb" +(?:(?P<short>Std|Int|Trc|Dbg) +(?P<number>\d{5})"
    rb"|(?P<full>[A-Z][a-z]+) +(?P<host>\S+) +(?P<application>\S.*?) GCTI-00-(?P<code>\d{5}))"
)

LINE = re.compile(_STAMP + _LEVEL_AND_NUMBER + rb"(?: +(?P<text>.*))?")

#: A line like those, with something else for a time: digits and signs, also behind a name of a day or month.
OTHER_TIME = re.compile(
    rb"(?P<other>(?:[A-Za-z\x80-\xff]{2,6}\.? +){0,2}[\[(]?\d[0-9A-Za-z\x80-\xff:.,/+\-\]() ]{3,39}?)"
    + _LEVEL_AND_NUMBER.replace(b"[A-Z][a-z]+", b"Standard|Trace|Interaction|Debug|Alarm")
    + rb"(?: .*)?\Z",
    re.DOTALL,
)

#: Where an event begins within a line: somebody was cut off in the middle of the line before it.
_GLUED = re.compile(_STAMP + rb" +(?:(?P<short>Std) +(?P<number>\d{5})|(?P<full>Standard) +\S+ +\S.*? GCTI-00-(?P<code>\d{5}))")

_BEGINS_WITH_TIME = re.compile(_STAMP + rb"(?P<rest>.*)", re.DOTALL)
_PART_OF_TIME = re.compile(rb"[\d:.T-]{1,23}\Z")
_NO_TEXT = bytes(set(range(32)) - set(b"\t"))
_RECORD = re.compile(rb" +(?:Std +(?P<number>\d{5})|Standard +\S+ +\S.*? GCTI-00-(?P<code>\d{5}))", re.DOTALL)
_NO_EVENT = re.compile(rb" +(?:Trc|Int|Dbg|[A-RT-Z])")


def number_of(match: "re.Match[bytes]") -> str:
    """Return the number of an event."""
    return (match.group("number") or match.group("code")).decode("ascii")


def is_standard(match: "re.Match[bytes]") -> bool:
    """Whether an event is of the level Standard."""
    return (match.group("short") or match.group("full")) in (b"Std", b"Standard")


def glued_to(line: bytes) -> Optional["re.Match[bytes]"]:
    """Return the event that begins within a line which begins with a time, or with what is no text; None if there is none.

    Bodies of messages are not looked at: what customers and agents write is in them.
    """
    begun = _BEGINS_WITH_TIME.match(line)
    found = _GLUED.search(line, begun.end("time") if begun else 1)
    if found is None or begun or _PART_OF_TIME.match(line[: found.start()]) or line[:1] in _NO_TEXT:
        return found
    return None


def torn_number(piece: bytes) -> Optional[str]:
    """Return the number of the event that the beginning of a line is of; empty if it may be any, None if it is of no Standard event."""
    if _PART_OF_TIME.match(piece):
        return ""
    begun = _BEGINS_WITH_TIME.match(piece)
    if begun is None or _NO_EVENT.match(begun.group("rest")):
        return None
    record = _RECORD.match(begun.group("rest"))
    return number_of(record) if record else ""


def shape(time: bytes) -> str:
    """Return what a time looks like, 9 for a digit and x for a letter: so no text of a log gets into a message."""
    return re.sub("[A-Za-z]", "x", re.sub("[0-9]", "9", time.decode("ascii", "replace"))).strip()
