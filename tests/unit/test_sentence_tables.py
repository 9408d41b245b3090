# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The pages that say sentence by sentence what is done: no sentence is missing, and what they name exists."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from ansible_collections.genesys_engage.chat.plugins.module_utils._chat import all_parts

ROOT = Path(__file__).resolve().parents[2]
TESTS = ROOT / "tests"
#: Page -> number of its sentences.
PAGES = {"web_engagement.md": 42, "chat_page.md": 33}

#: What a page may name as doing something: word -> whether there is one of that name.
KINDS = {
    "part": lambda name: name in {part.name for part in all_parts.PARTS},
    "module": lambda name: (ROOT / "plugins" / "modules" / f"{name}.py").is_file(),
    "role": lambda name: (ROOT / "roles" / name / "tasks" / "main.yml").is_file(),
    "playbook": lambda name: (ROOT / "playbooks" / f"{name}.yml").is_file(),
}
#: A word of these with the names behind it, as in: modules `a` and `b`.
NAMING = re.compile(r"\b(" + "|".join(KINDS) + r")s?((?:(?:,| and| or| as well as)*\s`[\w.]+`)+)", re.IGNORECASE)
#: Any other name in the same cell, perhaps with a value behind it.
NAME = re.compile(r"`([a-z]\w*)(?:: \w+)?`")
#: Where a page says above its table what carries out all of it.
ALL_OF_IT = "All of it is done by the"
#: A test, in the file that is named or in one of those that the page is about.
TEST = re.compile(r"`(?:(\w[\w/]*/test_\w+\.py)::)?(test_\w+)`")


def text_of(page: str) -> str:
    return (ROOT / "docs" / page).read_text(encoding="utf-8")


def rows(page: str) -> list[list[str]]:
    """The rows of a page's table: number, sentence, what does it, test or why not."""
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in text_of(page).splitlines() if re.match(r"\| \d+ \|", line)]


@cache
def functions_in(file: str) -> set[str]:
    """The test functions of a file below tests/."""
    path = TESTS / file
    tree = ast.parse(path.read_text(encoding="utf-8")) if path.is_file() else ast.Module([], [])
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")}


@cache
def words_of_the_product() -> set[str]:
    """The texts of the product that are one word: names of options and of their values."""
    files = [path for place in ("modules", "module_utils/_chat", "doc_fragments") for path in (ROOT / "plugins" / place).rglob("*.py")]
    texts = "\n".join(path.read_text(encoding="utf-8") for path in files)
    return {word.strip() for word in re.findall(r"""(?<=["'])\w+(?=["'])|^ +\w+(?=:)""", texts, re.MULTILINE)}


def named(text: str) -> list[tuple[str, str]]:
    """(kind, name) of the parts, modules, roles and playbooks that a text names."""
    return [(kind.lower(), name.removeprefix("genesys_engage.chat.")) for kind, names in NAMING.findall(text) for name in re.findall(r"`([\w.]+)`", names)]


def complaints(row: list[str], about: str) -> list[str]:
    """What is wrong with a row; about: the text above the table, which may say for all rows what does it, and in which files the tests are."""
    if len(row) != 4 or not all(row):
        return ["it does not have four cells with something in them"]
    _number, _sentence, what, proof = row
    files = re.findall(r"`tests/([\w/]+\.py)`", about)
    tests = TEST.findall(proof)
    found = [f"there is no {kind} {name}" for kind, name in named(what) if not KINDS[kind](name)]
    found += [f"there is no test {file}::{name}" for file, name in tests if not any(name in functions_in(other) for other in ([file] if file else files))]
    others = set(NAME.findall(what)) - {name for _kind, name in named(what)}
    found += [f"nothing is called {word}" for word in sorted(others - words_of_the_product()) if not KINDS["module"](word)]
    reason = re.fullmatch(r"not: .{20,}", proof)
    found += [f"{word} names no test" for word in re.findall(r"`[^`]*`", proof) if not TEST.fullmatch(word) and not reason]
    if not tests and "`" not in proof and not reason:
        found.append("it names neither a test nor a reason")
    if tests and not named(what) and ALL_OF_IT not in about:
        found.append("it does not say what carries it out")
    return found


def above(page: str) -> str:
    """The text above a page's table."""
    return text_of(page).partition("\n| No. |")[0]


@pytest.mark.parametrize("page", PAGES)
def test_no_sentence_is_missing(page: str) -> None:
    assert [row[0] for row in rows(page)] == [str(number) for number in range(1, PAGES[page] + 1)]
    about = above(page)
    files = re.findall(r"`tests/([\w/]+\.py)`", about)
    assert [item for item in named(about) if not KINDS[item[0]](item[1])] == []
    assert [file for file in files if not functions_in(file)] == []
    assert [name for _file, name in TEST.findall(about) if not any(name in functions_in(file) for file in files)] == []


@pytest.mark.parametrize(("page", "row"), [pytest.param(page, row, id=f"{page} {row[0]}") for page in PAGES for row in rows(page)])
def test_every_sentence_has_its_test_or_a_reason(page: str, row: list[str]) -> None:
    assert complaints(row, above(page)) == []


@pytest.mark.parametrize(("row", "words"), [
    ("1 | It is so. | Module `chat_endpoint`. | `unit/test_sentence_tables.py::test_no_sentence_is_missing`", []),
    ("1 | It is so. | Nothing does it. | not: nobody can do such a thing", []),
    ("1 | It is so. | Module `chat_endpoint`, roles `package` and `gone`. | `unit/test_gone.py::test_it`", ["no role gone", "no test unit/test_gone.py::"]),
    ("1 | It is so. | Part `gone`, playbook `genesys_engage.chat.gone`. | `test_it`", ["no part gone", "no playbook gone", "no test ::test_it"]),
    ("1 | It is so. | Something `chat_endpoint`. | `unit/test_sentence_tables.py::test_no_sentence_is_missing`", ["does not say what carries it out"]),
    ("1 | It is so. | Module `chat_endpoint`. | `unit/test_sentence_tables.py`", ["unit/test_sentence_tables.py` names no test"]),
    (
        "1 | It is so. | Module `chat_endpoint` as well as `gone`, or `gone_too`: `queue` and `gone_option`. | "
        "`unit/test_sentence_tables.py::test_no_sentence_is_missing`, `unit/gone.py`, `unit/test_gone.py::Class::test_it`",
        ["no module gone", "no module gone_too", "nothing is called gone_option", "gone.py` names no test", "Class::test_it` names no test"],
    ),
    ("1 | It is so. | Module `chat_endpoint`. | not: why", ["neither a test nor a reason"]),
    ("1 | It is so. | Module `chat_endpoint`.", ["four cells"]),
], ids=range(9))
def test_a_row_is_judged(row: str, words: list[str]) -> None:
    found = complaints(row.split(" | "), "Tests are named by their file.")
    assert len(found) == len(words) and all(word in text for word, text in zip(words, found, strict=True)), found
