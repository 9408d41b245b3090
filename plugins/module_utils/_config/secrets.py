# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which option values are secrets, and how they are hidden."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable, Sequence
from re import Pattern
from typing import Any, Callable

from .._common.masking import MASK as HIDDEN
from .._common.masking import forms, mask
from .errors import InvalidInput

_SECRET_KEY = re.compile(r"password|secret|token|key", re.IGNORECASE)

#: Names that only look secret: the endpoint of a web chat, as "tenant:endpoint".  Source: GWE812, GWEOPT
_HARMLESS = re.compile(r"(^|\.)queueKey$")


#: Members whose own members are named by the user or the server, and how deep the names of options lie below them.
_FREE_FORM = {"options": 2, "annex": 2, "properties": 1}


class Secrets:
    """Hides values by the name of their option.

    Args:
        patterns: further regular expressions for option names, from the user; raises InvalidInput for what is none.
    """

    def __init__(self, patterns: Iterable[object] | None = ()) -> None:
        self._patterns = [_compiled(str(pattern)) for pattern in patterns or ()]

    def hide(self, key: str) -> None:
        """Count options of exactly that name as secret from now on."""
        self._patterns.append(re.compile(rf"\A{re.escape(key)}\Z"))

    def is_secret(self, key: str) -> bool:
        """Return whether an option of that name holds a secret."""
        if any(pattern.search(key) for pattern in self._patterns):
            return True
        return bool(_SECRET_KEY.search(key)) and not _HARMLESS.search(key)

    def mask(self, tree: Any) -> Any:
        """Return a copy of nested data in which the values of secret options are hidden.

        Only what lies below a member named options, annex or properties is judged by name: a host named 'key1' is no secret.
        """
        return self._mapped(tree, lambda value: HIDDEN)

    def values(self, tree: Any) -> set[str]:
        """Return the set of secret values (str) in nested data, to be removed from messages; those of up to three letters are not in it."""
        found = set()
        self._mapped(tree, lambda value: found.add(str(value)))
        return {value for value in found if len(value) > 3}

    def cleaned(self, text: str, raw: Any, others: Iterable[str] = ()) -> str:
        """Return a text without the secret values of a raw object, which a server may repeat when it refuses it, and without others.

        A value is found in each form in which servers write it. A text may be cut off, so at its end the beginning of a value is enough.
        """
        values = self._raw_values(raw).union(others)
        text = mask(text, values)
        for form in sorted({form for value in values for form in forms(value)}, key=len, reverse=True):
            for length in range(len(form) - 1, 3, -1):
                if text.endswith(form[:length]):
                    text = text[:-length] + HIDDEN
        return text

    def _raw_values(self, raw: Any, key: str = "") -> set[str]:
        """Return the secret values (str) in a raw object: of its options, and of its plain properties."""
        if isinstance(raw, dict):
            inner: dict[Any, str] = {"value": str(raw["key"])} if "key" in raw else {}  # an option
            return {value for name, item in raw.items() if name != "key" for value in self._raw_values(item, str(inner.get(name, name)))}
        if isinstance(raw, list):
            return {value for item in raw for value in self._raw_values(item, key)}
        return {str(raw)} if self.is_secret(key) and len(str(raw)) > 3 and raw not in (None, "CFGTrue", "CFGFalse") else set()

    def shown(self, path: Sequence[str], value: Any) -> Any:
        """Return the value of a leaf for a message: hidden if its option is secret."""
        return HIDDEN if path[0] in _FREE_FORM and value not in (None, "") and self.is_secret(str(path[-1])) else value

    def _mapped(self, tree: Any, change: Callable[[Any], Any], depth: int = 0, secret: bool = False) -> Any:
        """Return a copy with "change" applied to each secret value.

        Args:
            depth: how many levels down the names of options are, 0 outside of free-form data.
            secret: all of "tree" is.
        """
        if isinstance(tree, dict):
            return {key: self._mapped_member(str(key), value, change, depth, secret) for key, value in tree.items()}
        if isinstance(tree, list):
            return [self._mapped(item, change, depth, secret) for item in tree]
        return change(tree) if secret and tree not in (None, "") else tree

    def _mapped_member(self, key: str, value: Any, change: Callable[[Any], Any], depth: int, secret: bool) -> Any:
        if depth:
            # A section is no secret by its name, but what stands wrongly in its place may be.
            secret = secret or (self.is_secret(key) and not (depth > 1 and isinstance(value, dict)))
            return self._mapped(value, change, max(depth - 1, 1), secret)
        return self._mapped(value, change, _FREE_FORM.get(key, 0), secret)


def _compiled(pattern: str) -> Pattern[str]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about what a later Python may read differently
            return re.compile(pattern, re.IGNORECASE)
    except (re.error, OverflowError, RecursionError) as error:
        shown = pattern if len(pattern) <= 80 else pattern[:80] + "..."
        raise InvalidInput(f"secret_option_names: '{shown}' is not a regular expression: {error}") from None
