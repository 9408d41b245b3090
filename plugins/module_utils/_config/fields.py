# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Codec between an object as the wire carries it and the same object in the user's words, field by field.

A field turns its part of a raw object into *leaves*: a dict from a path (tuple of str, the user's words) to a plain
value. All comparing, previewing and conflict finding works on leaves; how two values compare is thereby declared here,
once per field: a scalar is one leaf, a set has a leaf per member, a keyed list a leaf per key (and attribute).
A field's depth is the number of words in the path of its leaves.
Encoding changes only what an edit names and carries everything else in the raw object back untouched.
Form of the raw object: A.5 of the interface notes.  Source: G1, G2, G5.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from .errors import InvalidInput
from .nearest import suggestion
from .shapes import Leaves, Path, Raw

if TYPE_CHECKING:
    from .directory import Directory

#: Words for connection trace modes; two names mean "none", the first is what an untouched connection has.  Source: G5
TRACE_MODES = {"none": "CFGTMNoTraceMode", "local": "CFGTMLocal", "remote": "CFGTMRemote", "both": "CFGTMBoth"}

#: Words for redundancy types.  Source: G4, G5 (the spelling is the product's)
REDUNDANCY_TYPES = {"none": "CFGHTNoHAType", "cold standby": "CFGHTColdStanby", "warm standby": "CFGHTWarmStanby",
                    "hot standby": "CFGHTHotStanby"}

_SPARE = {"longfield1": "0", "longfield2": "0", "longfield3": "0", "longfield4": "0"}


def list_items(raw: Raw, key: str, inner: str) -> list[Raw]:
    """Return the list inside ``raw[key][inner]``; null, missing and bare lists read as the list they stand for."""
    box = raw.get(key)
    if isinstance(box, dict):
        box = box.get(inner)
    if isinstance(box, dict):
        return [box]
    return [entry for entry in box if isinstance(entry, dict)] if isinstance(box, list) else []


def put_items(raw: Raw, key: str, inner: str, new: list[Raw]) -> None:
    """Store the list "new" under ``raw[key][inner]`` in the form that it had; other members of the box, and what is no entry, stay."""
    box = raw.get(key)
    old = box.get(inner) if isinstance(box, dict) else box
    foreign = [item for item in old if not isinstance(item, dict)] if isinstance(old, list) else []
    if isinstance(box, list):
        raw[key] = new + foreign
    else:
        raw[key] = dict(box if isinstance(box, dict) else {}, **{inner: new + foreign})


def text(value: Any) -> str:
    """Return a raw scalar as str; servers may send numbers where others send strings."""
    if value is None:
        return ""
    return str(value)


def number(value: Any) -> int:
    """Return a raw number as int; anything unreadable is 0, which the wire uses for 'none'."""
    try:
        return int(value)
    except (OverflowError, TypeError, ValueError):
        return 0


def whole_number(value: Any) -> int | None:
    """Return a user's value as int, or None if it is not a whole number."""
    written = re.fullmatch(r"\s*(-?[0-9]{1,18})\s*", text(value)) if not isinstance(value, bool) else None
    return int(written.group(1)) if written else None


class Field:
    """A part of an object. depth: the number of words in the path of its leaves."""

    depth = 0

    def decode(self, raw: Raw, directory: Directory) -> Leaves:
        """Return the leaves of the part of a raw object that is the field's."""
        raise NotImplementedError

    def encode(self, raw: Raw, edits: Leaves, directory: Directory) -> None:
        """Write "edits" (leaf -> new value, None removes) into the raw object, in place."""
        raise NotImplementedError

    def coerce(self, value: Any, where: str) -> Any:
        """Return a user's value in the form in which leaves are compared; raises InvalidInput."""
        raise NotImplementedError

    def references(self, leaf: Path, value: Any) -> Iterable[tuple[str, str]]:
        """Return the (class, name) pairs that a leaf refers to."""
        return ()


class Scalar(Field):
    """A single text value; the leaf's path is empty."""

    def __init__(self, key: str) -> None:
        self.key = key

    def decode(self, raw: Raw, directory: Directory) -> Leaves:
        return {(): text(raw.get(self.key))}

    def encode(self, raw: Raw, edits: Leaves, directory: Directory) -> None:
        for value in edits.values():
            raw[self.key] = "" if value is None else self.to_wire(value)

    def to_wire(self, value: Any) -> str:
        return text(value)

    def coerce(self, value: Any, where: str) -> Any:
        return text(value)


class Number(Scalar):
    """A whole number, e.g. a time-out in seconds."""

    def decode(self, raw: Raw, directory: Directory) -> Leaves:
        return {(): number(raw.get(self.key))}

    def coerce(self, value: Any, where: str) -> Any:
        number_given = whole_number(value)
        if number_given is None:
            raise InvalidInput(f"{where} must be a whole number, got '{value}'")
        return number_given


class Flag(Scalar):
    """CFGTrue or CFGFalse; true and false for the user."""

    def decode(self, raw: Raw, directory: Directory) -> Leaves:
        return {(): text(raw.get(self.key)) == "CFGTrue"}

    def to_wire(self, value: Any) -> str:
        return "CFGTrue" if value else "CFGFalse"

    def coerce(self, value: Any, where: str) -> Any:
        if not isinstance(value, bool):
            raise InvalidInput(f"{where} must be true or false, got '{value}'")
        return value


class Choice(Scalar):
    """An enumeration with words of its own; values without a word are shown as they are."""

    def __init__(self, key: str, words: Mapping[str, str]) -> None:
        super().__init__(key)
        self.words = words
        self.names = {wire: word for word, wire in words.items()}

    def decode(self, raw: Raw, directory: Directory) -> Leaves:
        value = text(raw.get(self.key))
        return {(): self.names.get(value, value)}

    def to_wire(self, value: Any) -> str:
        return self.words.get(value, value)

    def coerce(self, value: Any, where: str) -> Any:
        if value not in self.words and not text(value).startswith("CFG"):
            raise InvalidInput(f"{where} must be one of {', '.join(sorted(self.words))}, got '{value}'{suggestion(value, self.words)}")
        return self.names.get(value, value)


class Reference(Scalar):
    """The DBID of another object; its name for the user, and '' where nothing is referred to."""

    def __init__(self, key: str, kind: str) -> None:
        super().__init__(key)
        self.kind = kind

    def decode(self, raw: Raw, directory: Directory) -> Leaves:
        return {(): directory.name(self.kind, number(raw.get(self.key)))}

    def encode(self, raw: Raw, edits: Leaves, directory: Directory) -> None:
        for value in edits.values():
            raw[self.key] = str(directory.dbid(self.kind, value)) if value else "0"

    def references(self, leaf: Path, value: Any) -> Iterable[tuple[str, str]]:
        return ((self.kind, value),) if value else ()


class Folder(Scalar):
    """The folder that holds the object, by name or by path from the root ('Applications/Chat')."""

    def decode(self, raw: Raw, directory: Directory) -> Leaves:
        return {(): directory.folder_path(number(raw.get("folderid")))}

    def encode(self, raw: Raw, edits: Leaves, directory: Directory) -> None:
        for value in edits.values():
            if directory.folder_path(number(raw.get("folderid"))) != value:
                raw["folderid"] = str(directory.folder_dbid(value))


class Properties(Field):
    """Plain properties by the names that the wire gives them, for classes without words of their own: a leaf per name."""

    depth = 1

    def decode(self, raw: Raw, directory: Directory) -> Leaves:
        return {(key,): text(value) for key, value in raw.items() if not isinstance(value, (dict, list))}

    def encode(self, raw: Raw, edits: Leaves, directory: Directory) -> None:
        for leaf, value in edits.items():
            raw[leaf[0]] = text(value)

    def coerce(self, value: Any, where: str) -> Any:
        if value is None or isinstance(value, (list, dict)):
            raise InvalidInput(f"{where} must be a single value, got {type(value).__name__}")
        if isinstance(value, bool):
            return "CFGTrue" if value else "CFGFalse"
        return text(value)


class Options(Field):
    """Options or annex: a leaf per (section, key). The raw list is flat and may hold a key twice; the last one counts."""

    depth = 2

    def __init__(self, key: str) -> None:
        self.key = key

    def decode(self, raw: Raw, directory: Directory | None) -> Leaves:
        return {(text(entry.get("section")), text(entry.get("key"))): text(entry.get("value"))
                for entry in list_items(raw, self.key, "property")}

    def encode(self, raw: Raw, edits: Leaves, directory: Directory | None) -> None:
        kept: list[Raw] = []
        written: set[Path] = set()
        for entry in list_items(raw, self.key, "property"):
            leaf: Path = (text(entry.get("section")), text(entry.get("key")))
            if leaf not in edits:
                kept.append(entry)
            elif edits[leaf] is not None and leaf not in written:
                kept.append(dict(entry, value=edits[leaf]))
                written.add(leaf)
        for leaf, value in edits.items():
            if value is not None and leaf not in written:
                kept.append({"section": leaf[0], "key": leaf[1], "value": value})
        put_items(raw, self.key, "property", kept)

    def coerce(self, value: Any, where: str) -> Any:
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, (list, dict)):
            raise InvalidInput(f"{where} must be a single value, got {type(value).__name__}")
        return text(value)


class Ports(Field):
    """Listening ports: a leaf per port id, its value the port number."""

    depth = 1

    def decode(self, raw: Raw, directory: Directory) -> Leaves:
        return {(text(entry.get("id")),): number(entry.get("port")) for entry in list_items(raw, "portinfos", "portinfo")}

    def encode(self, raw: Raw, edits: Leaves, directory: Directory) -> None:
        kept = []
        present: set[Path] = set()
        for entry in list_items(raw, "portinfos", "portinfo"):
            leaf: Path = (text(entry.get("id")),)
            present.add(leaf)
            if leaf not in edits:
                kept.append(entry)
            elif edits[leaf] is not None:
                kept.append(dict(entry, port=str(edits[leaf])))
        for leaf, value in edits.items():
            if value is not None and leaf not in present:
                kept.append(dict(_SPARE, id=leaf[0], port=str(value)))
        put_items(raw, "portinfos", "portinfo", kept)
        if ("default",) in edits:
            raw["port"] = str(edits["default",] or 0)  # mirrors the default port  Source: G5

    def coerce(self, value: Any, where: str) -> Any:
        port = whole_number(value)
        if port is None or not 1 <= port <= 65535:
            raise InvalidInput(f"{where} must be a port number from 1 to 65535, got '{value}'")
        return port


class Connections(Field):
    """Connections to servers: leaves (server name, port id, attribute).

    Attributes: protocol ('addp' or ''), and local_timeout, remote_timeout (seconds) and trace, which count only with addp
    and are left as they are without it. A connection exists when it has a protocol leaf.  Source: G2, G5
    """

    depth = 3

    _TRACES = dict({wire: word for word, wire in TRACE_MODES.items()}, CFGTMNone="none")

    def links(self, raw: Raw, directory: Directory) -> dict[tuple[str, str], dict[str, Any]]:
        """Return the connections as (server name, port id) -> {attribute: value}."""
        links = {}  # of a connection that is there twice the last one counts
        for entry in list_items(raw, "appservers", "conninfo"):
            server = directory.name("CfgApplication", number(entry.get("appserverdbid")))
            attributes: dict[str, Any] = {"protocol": text(entry.get("connprotocol")).lower()}
            links[server, text(entry.get("id"))] = attributes
            if attributes["protocol"] == "addp":
                trace = text(entry.get("mode"))
                attributes["local_timeout"] = number(entry.get("timoutlocal"))
                attributes["remote_timeout"] = number(entry.get("timoutremote"))
                attributes["trace"] = self._TRACES.get(trace, trace)
        return links

    def decode(self, raw: Raw, directory: Directory) -> Leaves:
        return {(server, port, attribute): value for (server, port), attributes in self.links(raw, directory).items()
                for attribute, value in attributes.items()}

    def encode(self, raw: Raw, edits: Leaves, directory: Directory) -> None:
        wanted = {}
        for leaf, value in edits.items():
            wanted.setdefault(leaf[:2], {})[leaf[2]] = value
        removed = {link for link, attributes in wanted.items() if attributes.get("protocol", "") is None}
        kept = []
        spare = {}
        present = set()
        for entry in list_items(raw, "appservers", "conninfo"):
            link = (directory.name("CfgApplication", number(entry.get("appserverdbid"))), text(entry.get("id")))
            present.add(link)
            if link in removed:
                spare.setdefault(link[0], entry)
            else:
                kept.append(self._changed(entry, wanted[link]) if link in wanted else entry)
        for link, attributes in wanted.items():
            if link not in removed and link not in present:
                # A connection that only moves to another port of the same server keeps its other settings.
                entry = spare.pop(link[0], None) or self._blank(directory.dbid("CfgApplication", link[0]))
                kept.append(self._changed(dict(entry, id=link[1]), attributes))
        put_items(raw, "appservers", "conninfo", kept)

    @staticmethod
    def _blank(dbid: int) -> Raw:
        return dict(_SPARE, appserverdbid=str(dbid), id="", connprotocol="", timoutlocal="0", timoutremote="0",
                    mode="CFGTMNoTraceMode", appparams="", transportparams="")

    @staticmethod
    def _changed(entry: Raw, attributes: Mapping[str, Any]) -> Raw:
        wire = {"protocol": ("connprotocol", text), "local_timeout": ("timoutlocal", text),
                "remote_timeout": ("timoutremote", text), "trace": ("mode", lambda word: TRACE_MODES.get(word, word))}
        entry = dict(entry)
        for attribute, value in attributes.items():
            key, to_wire = wire[attribute]
            if value is not None:
                entry[key] = to_wire(value)
        return entry

    def coerce(self, value: Any, where: str) -> Any:
        return value

    def references(self, leaf: Path, value: Any) -> Iterable[tuple[str, str]]:
        return (("CfgApplication", leaf[0]),)


class Tenants(Field):
    """The tenants that an application serves: a leaf per tenant name, its value True."""

    depth = 1

    def decode(self, raw: Raw, directory: Directory) -> Leaves:
        return {(directory.name("CfgTenant", number(entry.get("dbid"))),): True
                for entry in list_items(raw, "tenantdbids", "id")}

    def encode(self, raw: Raw, edits: Leaves, directory: Directory) -> None:
        kept = [entry for entry in list_items(raw, "tenantdbids", "id")
                if edits.get((directory.name("CfgTenant", number(entry.get("dbid"))),), True)]
        present = {number(entry.get("dbid")) for entry in kept}
        for leaf, value in edits.items():
            if value and directory.dbid("CfgTenant", leaf[0]) not in present:
                kept.append({"dbid": str(directory.dbid("CfgTenant", leaf[0]))})
        put_items(raw, "tenantdbids", "id", kept)

    def coerce(self, value: Any, where: str) -> Any:
        return bool(value)

    def references(self, leaf: Path, value: Any) -> Iterable[tuple[str, str]]:
        return (("CfgTenant", leaf[0]),)
