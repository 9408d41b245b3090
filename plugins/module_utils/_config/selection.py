# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A part of a snapshot: one object, one section or one option, for the way back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .compare import below
from .errors import InvalidInput
from .shapes import Entry, Path
from .snapshot_list import listed
from .types import object_type


def selected(entries: list[Entry], params: Mapping[str, Any]) -> list[Entry]:
    """Return the entries that are asked for, all without "object"; an entry of which a part is asked for has "part", the beginning of its paths.

    Raises InvalidInput when there are none, or when it is not clear which ones are meant.

    Args:
        params: object, type, tenant and option, each None if not given.
    """
    if not params["object"]:
        for option in ("type", "tenant", "option"):
            if params[option]:
                raise InvalidInput(f"{option}: name the object as well, with object")
        return entries
    chosen = [entry for entry in entries if entry["name"] == params["object"] and params["type"] in (None, "", entry["type"])
              and params["tenant"] in (None, "", entry["tenant"])]
    if not chosen:
        there = listed(list(dict.fromkeys(_label(entry) for entry in entries)), ", ")
        raise InvalidInput(f"object: the snapshot has no {_wanted(params)}; it has {there}")
    meant = list(dict.fromkeys((entry["type"], entry["tenant"]) for entry in chosen))
    if len(meant) > 1:
        by = "type" if len({kind for kind, _tenant in meant}) > 1 else "tenant"
        raise InvalidInput(f"object: the snapshot has several objects named '{params['object']}': {', '.join(_long_label(entry) for entry in chosen)}; say "
                           f"which one is meant, with {by}")
    return _parts(chosen, params["option"]) if params["option"] else chosen


def _parts(entries: list[Entry], option: str) -> list[Entry]:
    """Return entries of one object with only those fields that the option names."""
    label = _label(entries[0])
    if any(entry["action"] == "create" for entry in entries):
        raise InvalidInput(f"option: the run created {label}, so that nothing in it was there before; without option, the whole object goes")
    paths = [tuple(field["path"]) for entry in entries for field in entry["fields"]]
    places = list(dict.fromkeys(place for path in paths for place in places_of(path, option)))
    if not places:
        raise InvalidInput(f"option: the snapshot has no '{option}' of {label}; it has {listed(list(dict.fromkeys(map('/'.join, paths))), ', ')}")
    if len(places) > 1:
        raise InvalidInput(f"option: '{option}' of {label} is in several places: {', '.join(map('/'.join, places))}; write one of them")
    return [dict(entry, fields=[field for field in entry["fields"] if below(tuple(field["path"]), places[0])], part=list(places[0])) for entry in entries
            if any(below(tuple(field["path"]), places[0]) for field in entry["fields"])]


def places_of(path: Path, wanted: str) -> Iterable[Path]:
    """Yield the beginnings of a path that end with what a text such as settings/limit-for-sessions names."""
    text = wanted.strip("/")
    for end in range(1, len(path) + 1):
        if any("/".join(path[start:end]) == text for start in range(end)):
            yield path[:end]


def _wanted(params: Mapping[str, Any]) -> str:
    more = [f"{word} '{params[word]}'" for word in ("type", "tenant") if params[word]]
    return f"object '{params['object']}'" + (f" of {' and '.join(more)}" if more else "")


def _label(entry: Entry) -> str:
    return f"{object_type(entry['type']).word} '{entry['name']}'"


def _long_label(entry: Entry) -> str:
    return f"{entry['type']}" + (f" of tenant '{entry['tenant']}'" if entry["tenant"] else "")
