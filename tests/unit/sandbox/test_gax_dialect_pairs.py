# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What six dialects cover: every value of every unknown, and as many pairs of values as their documentation says."""

from __future__ import annotations

import re
from dataclasses import fields, replace
from itertools import combinations
from typing import Any

from sandbox.gax import dialects
from sandbox.gax.dialects import DIALECTS, Dialect

FEATURES = [field.name for field in fields(Dialect) if field.name != "name"]
#: What the sources leave open: statuses of writes and what the body holds, and the forms of everything else.
STATUS = {"200", "201", "204"}
OPEN: dict[str, set[Any]] = {
    "empty_lists": {"present", "null", "absent", "annex"},
    "empty_scalars": {"present", "absent"},
    "tenant_mode": {False, True},
    "numbers": {False, True},
    "extra_fields": {False, True},
    "name_match": {"exact", "prefix", "nocase"},
    "passwords": {"plain", "obfuscated", "both"},
    "expired": {"401", "403", "302", "html"},
    "login_failure": {200, 401, 403},
    "template_options": {"client", "server"},
    "missing_list": {"clears", "kept"},
    "error_body": {"code", "text", "html", "errors"},
    "error_status": {0, 400, 500},
    "folder": {"optional", "required"},
}

Pair = tuple[str, Any, str, Any]


def values(speaking: list[Dialect], feature: str) -> set[Any]:
    return {getattr(dialect, feature) for dialect in speaking}


def covered(speaking: list[Dialect]) -> set[Pair]:
    """Return the pairs of values of two features that occur together."""
    return {
        (one, getattr(dialect, one), other, getattr(dialect, other)) for dialect in speaking for one, other in combinations(FEATURES, 2)
    }


def figures(speaking: list[Dialect]) -> tuple[int, int, int]:
    """Return the pairs covered, all pairs, and the most that so many dialects can cover: each has one pair of two features."""
    sizes = [len(values(speaking, one)) * len(values(speaking, other)) for one, other in combinations(FEATURES, 2)]
    return len(covered(speaking)), sum(sizes), sum(min(size, len(speaking)) for size in sizes)


def test_every_value_occurs() -> None:
    speaking = list(DIALECTS.values())
    assert {feature: values(speaking, feature) for feature in OPEN} == OPEN
    assert set(FEATURES) - set(OPEN) == {"create", "replace", "delete", "cookie"}
    for write in ("create", "replace", "delete"):
        forms = [form.partition(" ") for form in values(speaking, write)]
        assert {status for status, _unused, _body in forms} == (STATUS if write == "create" else {"200", "204"})
        assert {body or "empty" for _unused, _gap, body in forms} == {"object", "empty"} | ({"dbid"} if write == "create" else set())
    assert len(values(speaking, "cookie")) > 2


def test_as_many_pairs_are_covered_as_stated() -> None:
    stated = re.search(r"cover (\d+) of the (\d+) pairs of values \((\d+) is\s+the most that six could", dialects.__doc__ or "")
    assert stated
    assert figures(list(DIALECTS.values())) == tuple(map(int, stated.groups()))


def test_a_value_and_pairs_that_are_lost_are_noticed() -> None:
    """The negative control: without one dialect, or with one more like another, less is covered."""
    speaking = list(DIALECTS.values())
    whole = covered(speaking)
    for dialect in speaking:
        others = [other for other in speaking if other is not dialect]
        assert len(covered(others)) < len(whole)
        assert len(covered([*others, replace(others[0], name=dialect.name)])) < len(whole)
    without_html = [replace(dialect, expired="401") for dialect in speaking]
    assert values(without_html, "expired") != OPEN["expired"]
