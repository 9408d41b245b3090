# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compares the leaves that an object has with those that it must have; the result is edits."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from .shapes import Edits, Leaves, Path


def below(path: Path, start: Path) -> bool:
    """Return whether "path" is at or below "start"."""
    return path[:len(start)] == start


def below_any(path: Path, starts: Collection[Path]) -> bool:
    """Return whether "path" is at or below one of "starts", a set: as quick for hundreds of them as for one."""
    return any(path[:length] in starts for length in range(len(path) + 1))


def edits(current: Leaves, leaves: Leaves, absent: Collection[Path]) -> Edits:
    """Return the edits that make "current" fit, as path -> (old, new); None stands for 'not there'.

    Args:
        current, leaves: path -> value.
        absent: beginnings of paths under which only "leaves" may remain.
    """
    changes = {path: (current.get(path), value) for path, value in leaves.items() if current.get(path) != value}
    for path, value in current.items():
        if path not in leaves and below_any(path, absent):
            changes[path] = (value, None)
    return changes


def nested(leaves: Mapping[Path, Any]) -> dict[str, Any]:
    """Return path -> value as nested dicts, for people."""
    tree = {}
    for path, value in sorted(leaves.items(), key=lambda item: [str(part) for part in item[0]]):
        node = tree
        for part in path[:-1]:
            node = node.setdefault(part, {})
        node[path[-1]] = value
    return tree
