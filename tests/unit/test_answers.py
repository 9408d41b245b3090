# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Values of the playbooks' variables: what the tables of docs/ do not allow is told before any task uses it."""

from __future__ import annotations

import pytest
import surveys

from ansible_collections.genesys_engage.chat.plugins.filter.answers import wrong_answer, wrong_answers
from ansible_collections.genesys_engage.chat.plugins.module_utils._common.answers import CHOICES, NAMES, NUMBERS, YES_OR_NO


def test_the_kinds_are_up_to_date():
    content = surveys.ANSWERS.read_text(encoding="utf-8")
    assert surveys.answers(content) == content, "run: .venv/bin/python tools/surveys.py"


def test_what_is_documented_otherwise_is_told():
    for name, words in CHOICES.items():
        assert [wrong_answer(name, word) for word in words] == [""] * len(words)
        assert wrong_answer(name, "killed") == f"{name} must be one of {', '.join(words)}, not 'killed'."
    assert NAMES and NUMBERS and YES_OR_NO


@pytest.mark.parametrize(("name", "good", "bad", "rule"), [
    ("chat_restart_pause", [0, 5, 2.5, "10", " 7"], [-1, "-3", "abc", True, [5], {"a": 1}, "inf", "nan"], "a number, 0 or more"),
    ("chat_remove_running", [True, False, "yes", "no", "true", "FALSE", 0, 1, "1"], ["perhaps", 2, "2", [True], {}], "true or false"),
    ("chat_applications", ["A,B", "A\nB", ["A", "B"], [], ["8.5", 8]], [{"a": 1}, [["a"]], [{"name": "a"}], 5], "a list of names"),
    ("chat_wes_release", [8.5, "8.5", "8.1.2"], [8.1, "9", ["8.5"]], "one of 8.1.2, 8.5")])
def test_values(name, good, bad, rule):
    assert [wrong_answer(name, value) for value in good] == [""] * len(good)
    assert [wrong_answer(name, value) for value in bad] == [f"{name} must be {rule}, not {value!r}." for value in bad]


@pytest.mark.parametrize("name", sorted(CHOICES.keys() | NAMES | NUMBERS | YES_OR_NO))
def test_an_empty_answer_is_not_given(name):
    assert (wrong_answer(name, ""), wrong_answer(name, None)) == ("", "")


def test_each_sentence_is_told_once_and_what_is_not_ours_is_left_alone():
    hosts = {"a": {"chat_restart_pause": "x", "other": "x"}, "b": {"chat_restart_pause": "x", "chat_stop_state": "y"}, "c": {}}
    assert wrong_answers(hosts, hosts) == [
        "chat_restart_pause must be a number, 0 or more, not 'x'.",
        "chat_stop_state must be one of stopped_gracefully, stopped, not 'y'.",
    ]
