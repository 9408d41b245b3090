# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From leaves to edits, and back to something that people read."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.genesys_engage.chat.plugins.module_utils._config.compare import below, edits, nested

PATHS = st.lists(st.sampled_from("abc"), min_size=1, max_size=3).map(tuple)
LEAVES = st.dictionaries(PATHS, st.integers(0, 3), max_size=6)


@pytest.mark.parametrize(
    ("path", "start", "expected"),
    [(("a", "b"), ("a",), True), (("a", "b"), ("a", "b"), True), (("a",), ("a", "b"), False), (("ab", "c"), ("a",), False), (("a",), (), True)],
)
def test_below(path, start, expected):
    assert below(path, start) is expected


def test_what_is_equal_is_no_edit():
    assert edits({("a",): 1, ("b", "x"): ""}, {("a",): 1, ("b", "x"): ""}, set()) == {}


def test_edits_name_the_old_and_the_new_value():
    assert edits({("a",): 1}, {("a",): 2, ("b",): 3}, set()) == {("a",): (1, 2), ("b",): (None, 3)}


def test_what_is_forbidden_goes_except_what_is_wanted():
    current: dict[tuple[str, ...], str] = {("o", "s", "x"): "1", ("o", "s", "y"): "2", ("o", "t", "z"): "3"}
    assert edits(current, {("o", "s", "y"): "2"}, {("o", "s")}) == {("o", "s", "x"): ("1", None)}


def test_what_is_not_mentioned_stays():
    assert edits({("o", "s", "x"): "1"}, {}, set()) == {}


@given(LEAVES, LEAVES, st.sets(PATHS, max_size=3))
@settings(database=None, deadline=None, derandomize=True)
def test_edits_are_the_least_that_fits(current, leaves, absent):
    changes = edits(current, leaves, absent)
    after = {path: value for path, value in {**current, **{path: new for path, (_old, new) in changes.items()}}.items() if value is not None}
    assert {path: after.get(path) for path in leaves} == leaves
    assert [path for path in after if path not in leaves and any(below(path, start) for start in absent)] == []
    needless = [path for path, (old, new) in changes.items() if old == new or old != current.get(path)]
    assert needless == []
    kept = {path for path in current if path not in leaves and not any(below(path, start) for start in absent)}
    assert {path: after[path] for path in kept} == {path: current[path] for path in kept}
    assert edits(after, leaves, absent) == {}


def test_nested_is_sorted_as_people_read():
    tree = nested({("ports", "webapi"): 2, ("ports", "ESP"): 1, ("host",): "h", ("options", "log", "verbose"): "all"})
    assert tree == {"host": "h", "options": {"log": {"verbose": "all"}}, "ports": {"ESP": 1, "webapi": 2}}
    assert list(tree) == ["host", "options", "ports"]
    assert list(tree["ports"]) == ["ESP", "webapi"]
