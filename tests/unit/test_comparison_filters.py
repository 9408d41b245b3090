# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is made of comparisons: lines, and since when something differs."""

from __future__ import annotations

from typing import Any

from ansible_collections.genesys_engage.chat.plugins.filter.comparison import compare_lines, drift, picture_lines, side_to_draw

UPDATE: dict[str, Any] = {"action": "update", "type": "CfgApplication", "name": "A", "before": {"options": {"s": {"x": "2", "y": "1"}}},
                          "after": {"options": {"s": {"x": "1", "y": "1"}}, "version": "9"}}


def test_drift_keeps_the_time_of_each_value() -> None:
    """What is new gets the time of this run, what was known keeps its own, what is gone is forgotten."""
    first = drift([UPDATE], [], "t1")
    assert first == [{"text": "CfgApplication 'A': options/s/x is 2, described is 1.", "since": "t1"},
                     {"text": "CfgApplication 'A': version is not said, described is 9.", "since": "t1"}]
    created = {"action": "create", "type": "CfgScript", "name": "Q", "before": {}, "after": {}}
    later = drift([{**UPDATE, "after": {"options": {"s": {"x": "1", "y": "1"}}}}, created], first, "t2")
    assert later == [first[0], {"text": "CfgScript 'Q' is missing.", "since": "t2"}]
    assert drift([], later, "t3") == []


def test_what_was_kept_may_be_damaged() -> None:
    assert drift([UPDATE], ["x", {"text": 1}, None], "t1")[0]["since"] == "t1"


def test_lines() -> None:
    judged = {"left": "", "right": ""}
    result: dict[str, Any] = {"differences": [{"path": "a/b", "left": None, "right": "x" * 70}, {"path": "c", "left": {"k": "v"}, "right": "1"}],
                              "left_out": {"left": [{"name": "N", "part": "", "reason": "it is odd"}], "right": []},
                              "not_judged": judged}
    assert compare_lines(result) == ["a/b: not said | " + "x" * 60 + "...", 'c: {"k": "v"} | 1', "not compared, on the left: N: it is odd",
                                     "2 differences (left | right)."]
    alike = {"differences": [], "left_out": {"left": [], "right": []}}
    assert compare_lines({**alike, "not_judged": judged}) == ["Nothing differs."]
    assert compare_lines({**alike, "not_judged": {"left": "", "right": "there is no host named 'lab1'"}}) == [
        "judged by the rules only in part, on the right, which does not fit this Configuration Server: there is no host named 'lab1'",
        "Nothing differs in what the two sides say."]


def test_lines_of_a_picture() -> None:
    assert picture_lines({"dest": "/a.html", "changed": True}) == ["The picture of the chat solution is /a.html."]
    assert picture_lines({"msg": "dest: no."}) == ["There is no picture of the chat solution: dest: no."]
    assert picture_lines({"skipped": True, "changed": False}) == []


def test_a_description_is_drawn_only_if_there_is_nothing_else() -> None:
    described, live, kept = ({"of": of, "snapshot": ""} for of in ("description", "live", "snapshot"))
    for left, right, drawn in ((described, live, live), (live, described, live), (kept, live, live), (live, kept, kept), (described, described, described)):
        assert side_to_draw({"left": left, "right": right}) == drawn
