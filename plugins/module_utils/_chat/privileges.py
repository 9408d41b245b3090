# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The privilege of a role without which an agent can't use chat in Workspace, "Chat - Can Use Chat Channel".

Its key in the annex of a role is published nowhere. It is given by the user, or recognised by its words in a role that is there; none is made up.
Source: PRIV (labels), ASYNCWDE
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from .._config.directory import ConfigObject, Directory
from .._config.errors import InvalidInput
from .._config.people import annex_values

#: A key with the words of the label, and nothing behind them: "Can Use Emojis" is another privilege (the pattern is inferred).  Source: PRIV
_BASE = re.compile(r"chat[\W_]*can[\W_]*use([\W_]*chat[\W_]*channel)?$", re.IGNORECASE)

#: A key that speaks of chat.
_OF_CHAT = re.compile(r"chat", re.IGNORECASE)

#: Values that do not grant anything.
_NO = ("", "0", "false", "no", "off")

#: (section, key)
Place = tuple[str, str]


def privileges_of(value: Any, where: str) -> dict[Place, str]:
    """Return privileges as the user gives them, section -> key -> value, as (section, key) -> value; raises InvalidInput."""
    found: dict[Place, str] = {}
    for section, keys in (value or {}).items():
        if not isinstance(keys, Mapping) or not keys:
            raise InvalidInput(f"{where}: section '{section}' must map the keys of privileges to their values")
        wrong = next((key for key, text in keys.items() if text is None or isinstance(text, (dict, list))), None)
        if wrong is not None:
            raise InvalidInput(f"{where}: {section}/{wrong} must be the text that the privilege has as its value, got "
                               f"{'nothing' if keys[wrong] is None else type(keys[wrong]).__name__}")
        found.update({(str(section), str(key)): ("true" if text is True else str(text)) for key, text in keys.items()})
    return found


def grants_chat(role: ConfigObject, given: Mapping[Place, str]) -> bool:
    """Return whether a role has the privilege: those that the user gives, or one that is recognised."""
    values = annex_values(role)
    if given:
        return all(values.get(place) == text for place, text in given.items())
    return any(_BASE.search(key) and text.strip().lower() not in _NO for (_section, key), text in values.items())


def has_others_of_chat(role: ConfigObject) -> bool:
    """Return whether a role has other privileges of chat; without the first one they have no effect.  Source: ASYNCWDE (for some of them)"""
    return any(_OF_CHAT.search(key) and not _BASE.search(key) and text.strip().lower() not in _NO for (_section, key), text in annex_values(role).items())


def is_recognised(roles: Iterable[ConfigObject]) -> bool:
    """Return whether the privilege can be recognised in any of the roles."""
    return any(_BASE.search(key) for role in roles for _section, key in annex_values(role))


def learnt(directory: Directory) -> dict[Place, str]:
    """Return the privilege as the roles that are there write it, {} where none has it, or where they write it in several ways."""
    found = {(section, key, text) for role in directory.all("CfgRole") for (section, key), text in annex_values(role).items()
             if _BASE.search(key) and text.strip().lower() not in _NO}
    return {(section, key): text for section, key, text in found} if len(found) == 1 else {}
