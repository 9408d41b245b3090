# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each object stands once in a list of the description: of two entries one would lose, or their values would contradict each other."""

from __future__ import annotations

from collections.abc import Iterable

from .._config.errors import InvalidInput


def require_once(key: str, labels: Iterable[str]) -> None:
    """Check that no object stands twice under a key; raises InvalidInput.

    labels: of the objects, in the order of the list; '' for one that is not known by name yet.
    """
    places: dict[str, int] = {}
    for number, label in enumerate(labels):
        if label and label in places:
            raise InvalidInput(f"{key}[{places[label]}] and {key}[{number}]: {label} is described twice; put all of it into one entry")
        places[label] = number


def require_name(name: str, where: str, what: str) -> str:
    """Return the name of an object; raises InvalidInput for an empty one.  what: the object, with an article."""
    if not name.strip():
        raise InvalidInput(f"{where} must not be empty; give the name of {what}")
    return name
