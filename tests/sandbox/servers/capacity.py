# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A capacity rule as a server reads it: from the compiled form in the annex of its script (Source: PSDK).

For each medium the rule has conditions under which an agent takes no more of it. A condition is alternatives of tests that must hold
together; a test is a medium and a number, and holds when the agent has that many of the medium in hand.

The stand-in's own: the text form (XML) beside the compiled one and the wizard's list of media are not read; conditions of all
priorities count; the bytes may be written as hexadecimal digits, in base64, or as a text of one character per byte.
"""

from __future__ import annotations

import base64
import binascii
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

SECTION, KEY = "_WIZARD_", "_CRWizardBinaryPresentation_"
_MAGIC = 5450453
_HEADER = struct.Struct("<5I")

#: One alternative: media and numbers of tests that must all hold.
Tests = tuple[tuple[str, int], ...]


class RuleDamaged(Exception):
    """The script holds no rule that can be read; the text says why."""


@dataclass(frozen=True)
class CapacityRule:
    """What the compiled form says.

    Attributes:
        full: by medium the alternatives under which no more of it is taken.
    """

    full: dict[str, tuple[Tests, ...]]

    def takes(self, medium: str, in_hand: Mapping[str, int]) -> bool:
        """Whether an agent with these interactions takes one more of a medium. One that the rule does not name is never taken."""
        if medium not in self.full:
            return False
        return not any(all(in_hand.get(name, 0) >= number for name, number in tests) for tests in self.full[medium])


def rule_of(script: dict[str, Any]) -> CapacityRule:
    """Read the rule of a script.

    Raises:
        RuleDamaged: it has none, or none that can be read.
    """
    triples = (script.get("userproperties") or {}).get("property", [])
    text = next((str(item["value"]) for item in triples if (item["section"], item["key"]) == (SECTION, KEY)), "")
    if script.get("subtype") != "CFGCapacityRule":
        raise RuleDamaged("the script is no capacity rule")
    if not text:
        raise RuleDamaged(f"the annex has no {SECTION}/{KEY}")
    return parse(_bytes(text))


def _bytes(text: str) -> bytes:
    """The bytes behind the text of a binary value, whichever way it is written."""
    magic = struct.pack("<I", _MAGIC)
    for decode in (bytes.fromhex, lambda written: base64.b64decode(written, validate=True), lambda written: written.encode("latin-1")):
        try:
            found = decode(text)
        except (ValueError, binascii.Error):
            continue
        if found.startswith(magic):
            return found
    raise RuleDamaged("the compiled rule does not begin as one")


def parse(blob: bytes) -> CapacityRule:
    """Read the compiled form.

    Raises:
        RuleDamaged: it is none.
    """
    try:
        magic, size, directory, names, _extension = _HEADER.unpack_from(blob)
        if magic != _MAGIC or size != len(blob):
            raise RuleDamaged(f"the compiled rule has {len(blob)} bytes and says {size}")
        media = {index: blob[offset : blob.index(0, offset)].decode("latin-1").lower() for index, offset in _entries(blob, names)}
        full: dict[str, tuple[Tests, ...]] = {}
        for index, block in _entries(blob, directory):
            for _priority, body in _entries(blob, block):
                full[media[index]] = (*full.get(media[index], ()), *_alternatives(blob, body, media))
    except (struct.error, IndexError, KeyError, ValueError) as error:
        raise RuleDamaged(f"the compiled rule can not be read: {error}") from error
    return CapacityRule(full)


def _entries(blob: bytes, start: int) -> Iterator[tuple[int, int]]:
    """A count, then as many times a byte and an offset."""
    for number in range(blob[start]):
        yield struct.unpack_from("<BI", blob, start + 1 + 5 * number)


def _alternatives(blob: bytes, start: int, media: dict[int, str]) -> Iterator[Tests]:
    """A count, then as many offsets of tests: a count each, then media and numbers."""
    for (offset,) in struct.iter_unpack("<I", blob[start + 1 : start + 1 + 4 * blob[start]]):
        yield tuple((media[blob[at]], blob[at + 1]) for at in range(offset + 1, offset + 1 + 2 * blob[offset], 2))
