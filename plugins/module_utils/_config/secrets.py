# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which option values are secrets, and how they are hidden."""

from __future__ import annotations

import re

#: Shown in place of a secret.
HIDDEN = "********"

_SECRET_KEY = re.compile(r"password|secret|token|key", re.IGNORECASE)

#: Names that only look secret: the endpoint of a web chat, as "tenant:endpoint".  Source: GWE812, GWEOPT
_HARMLESS = re.compile(r"(^|\.)queueKey$")


#: Members whose own members are named by the user or the server.
_FREE_FORM = ("options", "annex", "properties")


def _judged(key, inside):
    """Return whether a value is judged by its name: in free-form data, and where a plan shows a raw property."""
    return inside or str(key).startswith("raw:")


class Secrets:
    """Hides values by the name of their option.

    patterns: further regular expressions for option names, from the user.
    """

    def __init__(self, patterns=()):
        self._patterns = [re.compile(pattern, re.IGNORECASE) for pattern in patterns or ()]

    def is_secret(self, key):
        """Return whether an option of that name holds a secret."""
        if any(pattern.search(key) for pattern in self._patterns):
            return True
        return bool(_SECRET_KEY.search(key)) and not _HARMLESS.search(key)

    def mask(self, tree, inside=False):
        """Return a copy of nested data in which the values of secret options are hidden.

        Only what lies below a member named options, annex or properties is judged by name: a host named 'key1' is no secret.
        """
        if isinstance(tree, dict):
            return {key: self._masked(key, value, inside) for key, value in tree.items()}
        if isinstance(tree, list):
            return [self.mask(item, inside) for item in tree]
        return tree

    def _masked(self, key, value, inside):
        if isinstance(value, (dict, list)):
            return self.mask(value, inside or key in _FREE_FORM)
        if _judged(key, inside) and value not in (None, "") and self.is_secret(str(key)):
            return HIDDEN
        return value

    def shown(self, path, value):
        """Return the value of a leaf for a message: hidden if its option is secret."""
        return self._masked(path[-1], value, path[0] in _FREE_FORM)

    def values(self, tree, inside=False):
        """Return the set of secret values (str) in nested data, to be removed from messages."""
        found = set()
        if isinstance(tree, dict):
            for key, value in tree.items():
                if isinstance(value, (dict, list)):
                    found |= self.values(value, inside or key in _FREE_FORM)
                elif _judged(key, inside) and isinstance(value, str) and len(value) > 3 and self.is_secret(str(key)):
                    found.add(value)
        elif isinstance(tree, list):
            for item in tree:
                found |= self.values(item, inside)
        return found
