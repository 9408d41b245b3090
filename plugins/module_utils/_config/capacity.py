# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Capacity rules as the annex of their script holds them: an XML document and a compiled form, both binary.

A rule says of a medium when it is full: when one of several blocks holds, each of which is some tests "at least so many of that medium".
Rules are compared by this meaning, not by bytes.  Source: PSDK (layout and vocabulary), CAPAS (what a limit means)
"""

from __future__ import annotations

import itertools
import struct
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple
from xml.etree.ElementTree import Element, ParseError, SubElement, fromstring

from .errors import InvalidInput

#: The first number of the compiled form.  Source: PSDK
MAGIC = 5450453

#: What counts where a rule has no priority of its own, or one that is no number.  Source: PSDK
USUAL_PRIORITY = 255

#: Most media, rules, blocks and tests: each is counted in one byte. The same goes for the number in a test, which is 1 at the least.  Source: PSDK
MOST = 255

#: Said of bytes that are no compiled form at all.
NO_BEGINNING = "its compiled form does not begin as one does"

#: (medium, number): true when there are so many or more.
Test = tuple[str, int]
Block = tuple[Test, ...]


class Unreadable(InvalidInput):
    """The annex of a capacity rule can't be understood; the message says why."""


class MediaRule(NamedTuple):
    """When a medium is full: when all tests of one of the blocks hold."""

    media: str
    priority: int
    blocks: tuple[Block, ...]

    @property
    def meaning(self) -> tuple[str, int, frozenset[frozenset[Test]]]:
        """What can be compared: two rules that are full at the same times are equal."""
        highest = []
        for block in self.blocks:
            tests: dict[str, int] = {}
            for media, number in block:
                tests[media] = max(number, tests.get(media, 0))
            highest.append(frozenset(tests.items()))
        # A block that holds only if another one holds adds nothing.
        needed = frozenset(block for block in highest if not any(other != block and _follows(block, other) for other in highest))
        return self.media, self.priority, needed

    @property
    def maximum(self) -> int | None:
        """The number of its own medium at which it is full, whatever else there is; None if there is no such number."""
        own = [number for block in self.meaning[2] if len(block) == 1 for media, number in block if media == self.media]
        return own[0] if own else None


def _follows(block: frozenset[Test], other: frozenset[Test]) -> bool:
    """Return whether "other" holds whenever "block" does."""
    tests = dict(block)
    return all(tests.get(media, 0) >= number for media, number in other)


class Rule(NamedTuple):
    """A capacity rule: its media in the order of their numbers, and the rules for them."""

    media: tuple[str, ...]
    rules: tuple[MediaRule, ...]

    @property
    def meaning(self) -> Counter[tuple[str, int, frozenset[frozenset[Test]]]]:
        """What can be compared. In which order the rules stand says nothing."""
        return Counter(rule.meaning for rule in self.rules)

    def maximums(self) -> dict[str, int]:
        """Return medium -> number at which it is full; a medium without one, or with several rules, is not in it."""
        media = Counter(rule.media for rule in self.rules)
        return {rule.media: rule.maximum for rule in self.rules if media[rule.media] == 1 and rule.maximum is not None}


# -- the compiled form ---------------------------------------------------------------------------------------------------


def compiled(rule: Rule) -> bytes:
    """Return the compiled form of a rule.  Raises InvalidInput for what it has no room for.  Source: PSDK"""
    index = {media: number for number, media in enumerate(rule.media)}
    start = 20
    directory = _table(start, [(_byte(index[item.media]), partial(_rule_block, item, index)) for item in rule.rules])
    names = [(_byte(number), partial(_name, media)) for media, number in index.items()]
    map_start = start + len(directory)
    media_map = _table(map_start, names)
    return struct.pack("<5I", MAGIC, map_start + len(media_map), start, map_start, 0) + directory + media_map


def _table(at: int, entries: Sequence[tuple[bytes, Callable[[int], bytes]]]) -> bytes:
    """Return a count, for each entry what leads it and the place of its body, and then the bodies. at: the place of all this."""
    head = _byte(len(entries))
    bodies = b""
    place = at + 1 + sum(len(lead) + 4 for lead, _body in entries)
    for lead, body in entries:
        head += lead + struct.pack("<I", place + len(bodies))
        bodies += body(place + len(bodies))
    return head + bodies


def _rule_block(rule: MediaRule, index: dict[str, int], at: int) -> bytes:
    tests = [(b"", partial(_and_block, block, index)) for block in rule.blocks]
    return _table(at, [(_byte(rule.priority), lambda place: _table(place, tests))])


def _and_block(block: Block, index: dict[str, int], at: int) -> bytes:
    return _byte(len(block)) + b"".join(_byte(index[media]) + _byte(number) for media, number in block)


def _name(media: str, at: int) -> bytes:
    try:
        return media.encode("latin-1") + b"\0"
    except UnicodeEncodeError:
        raise InvalidInput(f"a capacity rule has one byte for each character of a medium's name, so it can't hold '{media}'") from None


def _byte(number: int) -> bytes:
    if not 0 <= number <= MOST:
        raise InvalidInput(f"a capacity rule counts to {MOST}, and this one would need {number}")
    return bytes([number])


def decompiled(blob: bytes) -> Rule:
    """Return the rule of a compiled form; raises Unreadable."""
    magic, size, directory, media_map, _extension = struct.unpack_from("<5I", blob.ljust(20, b"\0"))
    if magic != MAGIC or size != len(blob):
        raise Unreadable(NO_BEGINNING)
    try:
        names = {number: blob[place:blob.index(0, place)].decode("latin-1") for number, place in _entries(blob, media_map)}
        rules = []
        bodies = [(names[number], priority, body) for number, block in _entries(blob, directory) for priority, body in _entries(blob, block)]
        if len(bodies) > len(blob):
            raise Unreadable("its compiled form is damaged")  # parts that lie over each other
        for media, priority, body in bodies:
            rules.append(MediaRule(media, priority, tuple(_tests(blob, place, names) for place in _places(blob, body))))
    except (IndexError, KeyError, ValueError, struct.error):
        raise Unreadable("its compiled form is damaged") from None
    return Rule(tuple(names[number] for number in sorted(names)), tuple(rules))


def _entries(blob: bytes, at: int) -> list[tuple[int, int]]:
    """Return (number, place) of the entries of a table."""
    return [struct.unpack_from("<BI", blob, at + 1 + 5 * entry) for entry in range(blob[at])]


def _places(blob: bytes, at: int) -> list[int]:
    return [struct.unpack_from("<I", blob, at + 1 + 4 * entry)[0] for entry in range(blob[at])]


def _tests(blob: bytes, at: int, names: dict[int, str]) -> Block:
    pairs = [struct.unpack_from("<BB", blob, at + 1 + 2 * test) for test in range(blob[at])]
    return tuple((names[number], count) for number, count in pairs)


# -- the document --------------------------------------------------------------------------------------------------------


def document(rule: Rule) -> Element:
    """Return the document of a rule.  Source: PSDK (names of elements and attributes)"""
    root = Element("CapacityRule")
    media_types = SubElement(root, "MediaTypes")
    for media in rule.media:
        SubElement(media_types, "Media", name=media)
    for item in rule.rules:
        _fill(SubElement(root, "MediaRule", media=item.media, priority=str(item.priority)), item.blocks)
    return root


def _fill(element: Element, blocks: Sequence[Block]) -> None:
    """Write blocks into the rule of a medium. A condition of one part stands without the complex one around it."""
    holder = SubElement(element, "ComplexCondition", type="OR") if len(blocks) > 1 else element
    for block in blocks:
        inner = SubElement(holder, "ComplexCondition", type="AND") if len(block) > 1 else holder
        for media, number in block:
            SubElement(inner, "ElementaryRule", media=media, capacity=str(number))


def parsed(text: str) -> Element:
    """Return the document in a text; raises Unreadable."""
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise Unreadable("its document defines entities, which such a document does not")
    try:
        root = fromstring(text)
    except ParseError:
        raise Unreadable("its document is not complete XML") from None
    if _tag(root) != "capacityrule":
        raise Unreadable(f"its document is a '{root.tag}', not a capacity rule")
    return root


def rule_of(root: Element) -> Rule:
    """Return the rule that a document describes; raises Unreadable."""
    media = tuple(element.get("name", "") for element in _all(root, "media"))
    if len(set(media)) != len(media) or not all(media):
        raise Unreadable("its document names a medium twice, or one without a name")
    rules = []
    for element in _all(root, "mediarule"):
        conditions = list(element)
        if len(conditions) > 1:
            raise Unreadable("its document has several conditions side by side for one medium")
        own = element.get("media", "")
        if own not in media:
            raise Unreadable(f"its document has a rule for '{own}', which is not among its media")
        blocks = [tuple(block) for condition in conditions for block in _blocks(condition, media)]
        rules.append(MediaRule(own, _number(element.get("priority"), 0) or USUAL_PRIORITY, tuple(blocks)))
    return Rule(media, tuple(rules))


def _blocks(element: Element, media: Sequence[str]) -> list[list[Test]]:
    """Return the blocks of a condition."""
    if _tag(element) == "elementaryrule":
        name, number = element.get("media", ""), _number(element.get("capacity"), 1)
        if number is None:
            raise Unreadable(f"its document has the capacity '{element.get('capacity')}', which must be from 1 to {MOST}")
        if name and name not in media:
            raise Unreadable(f"its document has a condition on '{name}', which is not among its media")
        return [[(one, number)] for one in ([name] if name else media)]  # without a name any medium is meant
    kind = element.get("type", "").upper()
    if _tag(element) != "complexcondition" or kind not in ("OR", "AND"):
        said = "of type NOT, which is evaluated as if it were OR" if kind == "NOT" else f"'{element.tag}' of type '{kind}', which is not known"
        raise Unreadable(f"its document has a condition {said}")
    parts = [_blocks(part, media) for part in element]
    if kind == "OR":
        found = [block for part in parts for block in part]
    else:
        found = [[]]
        for part in parts:
            found = [left + right for left in found for right in part]
            _limited(found)
    return _limited(found)


def _limited(blocks: list[list[Test]]) -> list[list[Test]]:
    if len(blocks) > MOST or any(len(block) > MOST for block in blocks):
        raise Unreadable(f"its document has more than {MOST} conditions for one medium")
    return blocks


def set_maximum(root: Element, media: str, maximum: int | None) -> None:
    """Have a medium count as full at that number of it, in place; other conditions stay. None takes the rule of the medium away.

    Raises Unreadable where the medium has several rules: which of them counts is not documented.
    """
    rule = rule_of(root)
    there = [element for element in _all(root, "mediarule") if element.get("media") == media]
    if len(there) > 1:
        raise Unreadable(f"it has {len(there)} rules for '{media}', and which of them counts is not documented")
    if maximum is None:
        for parent, element in itertools.product(root.iter(), there):
            if element in list(parent):
                parent.remove(element)
        return
    if media not in rule.media:
        holder = next(iter(_all(root, "mediatypes")), None)
        SubElement(root if holder is None else holder, "Media", name=media)
    others = [block for item in rule.rules if item.media == media for block in item.blocks if {name for name, _number_ in block} != {media}]
    if not there:
        beside = next((parent for parent in root.iter() if any(_tag(child) == "mediarule" for child in parent)), root)
        there = [SubElement(beside, "MediaRule", media=media, priority=str(USUAL_PRIORITY))]
    for child in list(there[0]):
        there[0].remove(child)
    _fill(there[0], [((media, maximum),), *others])


def _all(root: Element, tag: str) -> list[Element]:
    return [element for element in root.iter() if _tag(element) == tag]


def _tag(element: Element) -> str:
    """Return an element's name in lower case, since names are compared so."""
    return str(element.tag).rpartition("}")[2].lower()


def _number(text: str | None, least: int) -> int | None:
    written = (text or "").strip()
    return int(written) if written.isdecimal() and len(written) < 4 and least <= int(written) <= MOST else None
