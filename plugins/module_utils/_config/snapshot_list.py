# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which snapshots there are in a directory, and what each run was about to change, for a person who has to choose one."""

from __future__ import annotations

import os
import stat
from typing import Any

from .errors import InvalidInput
from .snapshot import content_of
from .types import object_type

#: What was done, by the action.
DEEDS = {"create": "created", "update": "changed", "delete": "removed", "keep": "saved"}

#: So many objects, and fields of each, are told in one line.
_SHOWN = 12


def snapshots_in(place: str, newest: int) -> list[dict[str, Any]]:
    """Return the newest snapshots of a directory, the newest first: list of {path, time, made_by, server, objects, text, problem}.

    objects: {action, type, name, tenant, fields}, fields as words with dots.  text: the same in one line.  problem: why a file can't be
    restored, ''.  Files of others are left out, and so is everything that is no plain file.  Raises InvalidInput.
    """
    try:
        with os.scandir(place) as entries:
            files = [(entry.stat().st_mtime, entry.path) for entry in entries if entry.name.endswith(".json") and stat.S_ISREG(entry.stat().st_mode)]
    except FileNotFoundError:
        return []  # no run has kept one yet
    except (OSError, ValueError) as error:
        raise InvalidInput(f"snapshot_dir: '{place}' can't be read: {getattr(error, 'strerror', None) or error}") from None
    found = [_told(os.path.abspath(path)) for _time, path in sorted(files, reverse=True)[:newest]]
    return sorted((item for item in found if item is not None), key=lambda item: item["time"], reverse=True)


def _told(path: str) -> dict[str, Any] | None:
    """Return what a snapshot says; None for a file of somebody else."""
    told: dict[str, Any] = {"path": path, "time": "", "made_by": "", "server": "", "objects": [], "text": "", "problem": ""}
    try:
        content = content_of(path)
    except InvalidInput as error:
        return dict(told, text=f"{path}: {error}", problem=str(error))
    if content is None:
        return None
    told.update({key: str(content.get(key)) for key in ("time", "made_by", "server")})
    told["objects"] = [
        {"action": entry["action"], "type": entry["type"], "name": entry["name"], "tenant": entry["tenant"],
         "fields": list(dict.fromkeys(".".join(field["path"]) for field in entry["fields"]))}
        for entry in content["objects"]
    ]
    told["text"] = f"{told['time']}, {told['made_by']}: {listed([_sentence(item) for item in told['objects']], '; ')}. {path}"
    return told


def _sentence(item: dict[str, Any]) -> str:
    what = f"{DEEDS[item['action']]} {object_type(item['type']).word} '{item['name']}'"
    return what + (f" ({listed(item['fields'], ', ')})" if item["action"] == "update" and item["fields"] else "")


def listed(words: list[str], separator: str) -> str:
    """Return the first of the words in one line, and how many more there are."""
    more = [f"and {len(words) - _SHOWN} more"] if len(words) > _SHOWN else []
    return separator.join(words[:_SHOWN] + more) or "nothing"
