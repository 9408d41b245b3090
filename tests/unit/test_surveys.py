# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The surveys of AWX follow the playbooks and the tables of variables, and can't drift from them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import surveys

ROOT = Path(__file__).resolve().parents[2]


def test_the_questions_are_up_to_date() -> None:
    content = surveys.FILE.read_text(encoding="utf-8")
    assert surveys.generated(content) == content, "run: .venv/bin/python tools/surveys.py"


def test_what_a_playbook_reads() -> None:
    """Through the defaults of roles, conditions, and files of tasks that files of tasks include."""
    assert {"chat_remove", "chat_remove_confirm", "chat_remove_running", "chat_stop_state"} <= surveys.read_by("remove")
    assert {"upgrade_back_to", "upgrade_ssh_retries", "genesys_packages"} <= surveys.read_by("rollback_contact_servers")
    assert {"chat_remove", "upgrade_batch"} & surveys.read_by("adopt") == set()


@pytest.mark.parametrize(("kind", "expected"), [
    ("text", ("text", [])), ("path", ("text", [])), ("names", ("textarea", [])), ("names, or `all`", ("textarea", [])), ("integer", ("integer", [])),
    ("true, false", ("multiplechoice", ["true", "false"])), ("`a`, `b`", ("multiplechoice", ["a", "b"]))])
def test_how_a_variable_is_asked(kind: str, expected: tuple[str, list[str]]) -> None:
    asked = surveys.question("chat_size", {"Survey": kind, "Default": "none; needed", "Meaning": "`stop`: the [size](x.md) of it"})
    assert ((asked["type"], asked["choices"]), asked["question_name"], asked["required"]) == (expected, "The size of it", True)


def test_the_words_come_from_the_tables() -> None:
    asked = surveys.questions()["upgrade_switch_timeout"]
    assert asked["question_name"] == "Seconds until all Chat Servers must be connected to the backups"
    assert (asked["question_description"], asked["required"]) == ("upgrade_switch_timeout. If left empty: 60.", False)


@pytest.mark.parametrize(("template", "rows", "words"), [
    ({"name": "Stop", "playbook": "stop", "survey": ["chat_adopt_file"]}, {}, "Stop asks for chat_adopt_file, which stop does not read"),
    ({}, {"chat_size": {"Survey": "text", "Default": "`1`", "Meaning": "Size"}}, "can be asked, but is not, or the other way round: chat_size"),
    ({}, {"chat_size": {"Where": "command line (`-e`)", "Default": "`1`", "Meaning": "Size"}}, "docs/awx.md has to say how a survey asks for chat_size")])
def test_a_drift_is_seen(monkeypatch: pytest.MonkeyPatch, template: dict[str, Any], rows: dict[str, Any], words: str) -> None:
    """A question that a playbook does not read, a variable that could be asked and is not, and one of which nothing is said."""
    documented = {**surveys.documented(), **rows}
    monkeypatch.setattr(surveys, "documented", lambda: documented)
    monkeypatch.setattr(surveys, "TEMPLATES", [*surveys.TEMPLATES, *([template] if template else [])])
    with pytest.raises(ValueError, match=words):
        surveys.questions()
