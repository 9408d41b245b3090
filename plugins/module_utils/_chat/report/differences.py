# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a comparison has found, on the objects of the picture: which differ, which are missing in what is drawn, and which are there in addition."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from ..._config.errors import InvalidInput
from ..._config.types import object_type
from ..compare import replaced, turned_round
from .graph import LANES, OF_TYPE, node_ids

DIFFERS, MISSING, ADDITIONAL = "differs", "missing", "additional"

#: Keys of a description whose members are drawn -> (lane, class).
_MEMBERS = {
    "chat_servers": ("chat_server", "CfgApplication"), "interaction_servers": ("interaction_server", "CfgApplication"), "gms": ("gms", "CfgApplication"),
    "web_engagement": ("web_engagement", "CfgApplication"), "interaction_queues": ("queue", "CfgScript"),
}

#: Levels of options of Workspace that are drawn, in the same way.
_LEVELS = {"application": ("workspace", "CfgApplication"), "group": ("agent_group", "CfgAgentGroup")}

#: What a member of the two results has, and of which kind it is.
_OF_COMPARISON = {"path": str, "left": object, "right": object}
_OF_CHANGES = {"action": str, "type": str, "name": str, "before": Mapping, "after": Mapping}

#: Beginning of the ids of what only the other side has.
_GHOST = "missing/"

#: Longest value that is shown.
_LONGEST = 500

#: What the sides are called.
_SIDES = {"live": "the Configuration Server", "description": "the description"}


class Found(NamedTuple):
    """One value that differs.

    Args:
        sort: of the whole object: DIFFERS, MISSING or ADDITIONAL.
        lane, kind: of the object, '' for what is never drawn.
        name: of the object.
        option: its keys joined by slashes.
        here, there: the values of what is drawn and of the other side, None for nothing.
    """

    sort: str
    lane: str
    kind: str
    name: str
    option: str
    here: Any
    there: Any


def mark(drawn: dict[str, Any], compared: Mapping[str, Any], of: str, snapshot: str) -> None:
    """Add to a graph what a comparison has found, and the objects that are missing in it; raises InvalidInput.

    drawn["compared"] becomes {"with", "objects", "differences"}. with: the other side in words; objects: id of a node -> DIFFERS, MISSING or ADDITIONAL;
    differences: a list of {name, option, here, there, sort, nodes}, the values as texts; nodes: the ids of those that it is about.

    Args:
        drawn: what graph.graph returns.
        compared: what chat_solution_compare returns, or chat_solution in check mode.
        of, snapshot: what is drawn: live, description or snapshot, and its path.
    """
    if _is_list(compared.get("differences"), _OF_COMPARISON) and _is_tree(compared.get("sides")) and _is_tree(compared.get("mapping")):
        other, found = _of_comparison(compared, of, snapshot)
    elif _is_list(compared.get("changes"), _OF_CHANGES):
        if of != "live":
            raise InvalidInput("compared: what chat_solution would change is shown on what the Configuration Server has; leave out solution and snapshot")
        other, found = _SIDES["description"], list(_of_changes(compared["changes"]))
    else:
        raise InvalidInput("compared: give what chat_solution_compare has returned, or chat_solution in check mode, as it was registered")
    marks: dict[str, str] = {}
    told = []
    for item in found:
        nodes = node_ids({"type": item.kind, "name": item.name}, drawn["nodes"]) if item.kind else []
        if item.sort == MISSING and not nodes:
            nodes = [_add(drawn, item)]
        # What the other side alone describes may be there all the same.
        sort = item.sort if item.sort != MISSING or nodes[0].startswith(_GHOST) else DIFFERS
        for node in nodes:
            marks[node] = MISSING if node.startswith(_GHOST) else sort if marks.get(node, sort) == sort else DIFFERS
        told.append({"name": item.name, "option": item.option, "here": _text(item.here), "there": _text(item.there), "sort": sort, "nodes": nodes})
    drawn["compared"] = {"with": other, "objects": marks, "differences": told}


def _is_list(value: Any, members: Mapping[str, type]) -> bool:
    return isinstance(value, list) and all(
        isinstance(item, Mapping) and all(key in item and isinstance(item[key], kind) for key, kind in members.items()) for item in value)


def _is_tree(value: Any) -> bool:
    return isinstance(value, Mapping) and all(isinstance(item, Mapping) for item in value.values())


def _text(value: Any) -> str | None:
    if value is None:
        return None
    text = value if isinstance(value, str) else json.dumps(value, sort_keys=True)
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "\u2026"


def _add(drawn: dict[str, Any], item: Found) -> str:
    """Add an object that only the other side has, in a box of its own; return its id."""
    title, word = LANES[item.lane]
    node = f"{_GHOST}{item.kind}/{item.name}"
    drawn["nodes"].append({"id": node, "kind": item.lane, "word": word, "name": item.name, "host": "", "version": "", "state": "", "ports": {}, "tenants": [],
                           "pair": "", "facts": []})
    box = next((box for box in drawn["boxes"] if box["id"] == _GHOST + item.lane), None)
    if box is None:
        box = {"id": _GHOST + item.lane, "lane": item.lane, "title": "On the other side", "nodes": []}
        drawn["boxes"].append(box)
        lanes = {lane["id"] for lane in drawn["lanes"]} | {item.lane}
        drawn["lanes"] = [{"id": lane, "title": LANES[lane][0]} for lane in LANES if lane in lanes]
        drawn["boxes"].sort(key=lambda box: list(LANES).index(box["lane"]))
    box["nodes"].append(node)
    return node


# -- two solutions -------------------------------------------------------------------------------------------------------


def _of_comparison(compared: Mapping[str, Any], of: str, snapshot: str) -> tuple[str, list[Found]]:
    """Return (the other side in words, what was found) of what chat_solution_compare has returned; raises InvalidInput."""
    sides = compared["sides"]
    ours = {"of": of, "snapshot": snapshot}
    here = next((side for side in ("right", "left") if sides.get(side) == ours), None)
    if here is None:
        raise InvalidInput(f"compared: what is drawn ({of}) is neither of the two sides that were compared; draw one of them, by solution, by snapshot, or "
                           "without both for what the Configuration Server has")
    there = "left" if here == "right" else "right"
    # Names are those of the right side.
    mapping = turned_round(compared.get("mapping") or {}) if here == "left" else {}
    found = []
    for item in compared["differences"]:
        path = item["path"].split("/")
        for keys, mine, others in _leaves(path, item[here], item[there]):
            lane, kind, name, depth = _object_of(keys)
            sort = DIFFERS if len(path) > depth or not kind else MISSING if item[here] is None else ADDITIONAL
            found.append(Found(sort, lane, kind, replaced(name, mapping), "/".join(keys[depth:]), mine, others))
    other = sides[there]
    return _SIDES.get(other.get("of"), f"the snapshot {other.get('snapshot')}"), found


def _leaves(path: list[str], here: Any, there: Any) -> Iterator[tuple[list[str], Any, Any]]:
    """Yield (keys, value of what is drawn, value of the other side); a side that says nothing says nothing of each key."""
    known = here if here is not None else there
    if isinstance(known, Mapping) and known and (here is None or there is None):
        for key in sorted(known):
            yield from _leaves([*path, key], here and here[key], there and there[key])
    elif here != there:
        yield path, here, there


def _object_of(keys: list[str]) -> tuple[str, str, str, int]:
    """Return (lane, class, name, depth) of a place in a description; lane and class are '' for what is never drawn.

    depth: how many of the keys say which object it is; 0 where they only say something about an object that is described elsewhere.
    """
    part = keys[0]
    if part in _MEMBERS and len(keys) > 1:
        return (*_MEMBERS[part], keys[1], 2)
    if part == "contact_servers" and len(keys) > 2:
        depth = 5 if keys[1] == "pairs" and keys[3:4] == ["members"] and len(keys) > 4 else 3
        return "contact_server", "CfgApplication", keys[depth - 1], depth
    if part == "high_availability" and keys[1:2] == ["pairs"] and len(keys) > 2:
        return "chat_server", "CfgApplication", keys[2], 0
    name, _space, level = keys[1].rpartition(" ") if part == "workspace" and len(keys) > 1 else ("", "", "")
    if level in _LEVELS and name:
        return (*_LEVELS[level], name, 0)
    return "", "", part, 1


# -- a description that would be applied ---------------------------------------------------------------------------------


def _of_changes(changes: Iterable[Mapping[str, Any]]) -> Iterator[Found]:
    """Yield what was found by chat_solution in check mode: what it would write is what is described."""
    made = set()
    for change in changes:
        key = (change["type"], change["name"])
        before, after = (dict(_values(change[word])) for word in ("before", "after"))
        made.update([key] if change["action"] == "create" else [])
        sort = MISSING if key in made else ADDITIONAL if change["action"] == "delete" else DIFFERS
        lane, kind, name = _drawn_as(*key, after)
        for path in dict.fromkeys([*before, *after]):
            if before.get(path) != after.get(path):
                yield Found(sort, lane, kind, name, path, before.get(path), after.get(path))


def _drawn_as(kind: str, name: str, after: Mapping[str, Any]) -> tuple[str, str, str]:
    """Return (lane, class, name) of an object; the lane is that of an application that would be made."""
    if kind == "CfgApplication":
        return OF_TYPE.get(after.get("type") or "", "other"), kind, name
    lane = {"CfgScript": "queue", "CfgAgentGroup": "agent_group"}.get(kind, "")
    return (lane, kind, name) if lane else ("", "", f"{object_type(kind).word} {name}")


def _values(tree: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(tree, Mapping) and tree:
        for key, value in tree.items():
            yield from _values(value, f"{path}/{key}" if path else str(key))
    elif path:
        yield path, tree
