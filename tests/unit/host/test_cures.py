# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each known error text of the installer has a cure of its own; stand-in, list, cures and documentation name the same texts."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from integration.installer_texts import TEXTS, pattern

from ansible_collections.genesys_engage.chat.plugins.module_utils._host.install.cures import OTHER, cure_for, cure_for_silence

ROOT = Path(__file__).resolve().parents[3]
STAND_IN = ROOT / "tests" / "sandbox" / "packages" / "installer"
PAGE = (ROOT / "docs" / "packages.md").read_text(encoding="utf-8")


def example(name: str) -> str:
    """Return a text as it might be."""
    return re.sub(r"<[a-z ]+>", "x9", TEXTS[name])


@pytest.mark.parametrize("name", TEXTS)
def test_each_text_has_a_cure_of_its_own(name):
    cure = cure_for(example(name))
    assert cure != OTHER
    assert re.fullmatch(r"[A-Z].*\.", cure)
    assert [other for other in TEXTS if cure_for(example(other)) == cure] == [name]


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("section", "option response"),
        ("license file", "option license"),
        ("agreement", "accept_license"),
        ("back up", "movable"),
        ("space", "Free some space"),
        ("login", "confserv_password"),
        ("server", "confserv_host"),
        ("port", "confserv_port"),
        ("read", "ITCUtility"),
        ("host", "Host object"),
        ("write paths", "application exists"),
        ("wizard of another version", "Remove GCTISetup.ini"),
        ("same directory", "install.lock"),
    ],
)
def test_what_is_advised(name, advice):
    assert advice in cure_for(example(name))


@pytest.mark.parametrize("text", ["Something new", "", "Unable to frobnicate"])
def test_an_unknown_text_has_the_general_cure(text):
    assert cure_for(text) == OTHER


def raised() -> list[str]:
    """Return what the stand-in's installer can say: each text of an InstallError, and what its utility's exit codes are told as."""
    found = []
    for path in sorted(STAND_IN.glob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        values = {node.targets[0].id: node.value for node in tree.body if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "InstallError":
                found.append(said(node.args[0], values))
            elif isinstance(node, ast.FunctionDef) and node.name == "_read_error":
                found += [said(item.value, values) for item in ast.walk(node) if isinstance(item, ast.Return) and item.value]
    return [text for text in found if text]


def said(node: ast.expr, values: dict[str, ast.expr]) -> str:
    """Return a text in the code with x9 for what is put in; empty if it is composed elsewhere."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(said(part, values) for part in node.values)
    if isinstance(node, ast.FormattedValue):
        inner = node.value
        return said(values[inner.id], values) if isinstance(inner, ast.Name) and inner.id in values else "x9"
    return ""


def test_the_list_holds_what_the_stand_in_says():
    texts = raised()
    assert len(texts) > 30
    # The stand-in's own, for what the real text is not known: a description that cannot be read.
    assert {text for text in texts if not any(pattern(name).fullmatch(text) for name in TEXTS)} == {"Unable to read file x9."}


def test_the_stand_in_says_what_the_list_holds():
    composed = {"host", "result log"}  # put together line by line; printed, with no result log
    assert {name for name in TEXTS if not any(pattern(name).fullmatch(text) for text in raised())} == composed


def documented() -> dict[str, str]:
    """Return the cures of the page's table by their texts."""
    rows = re.findall(r"^\| `(.+?)` \| .+? \| (.+?) \|$", PAGE, re.MULTILINE)
    return {text.replace("` `", "\n").replace("\\|", "|"): cure for text, cure in rows}


def test_the_page_has_each_text_with_its_cure():
    plain = {name: TEXTS[name].replace("\n\t", "\n") for name in TEXTS}
    rows = documented()
    assert {text: cure.replace("`", "") for text, cure in rows.items()} == {plain[name]: cure_for(example(name)).replace("`", "") for name in TEXTS}


@pytest.mark.parametrize(
    ("code", "output", "words"),
    [
        (126, "./install.sh: 73: ./install.sh: Permission denied\n", ["/tmp without noexec"]),
        (126, "./Perl: cannot execute binary file: Exec format error\n", ["glibc.i686", "libc6-i386", "noexec"]),
        (127, "./install.sh: 85: ./Perl: not found\n", ["glibc.i686"]),
        (0, "completed", ["space", "temp_path"]),
        (1, "Installation has terminated.\n", ["ended it", "run again"]),
        (2, "Can't locate install_lib.pm", ["failure.output"]),
        (None, "", ["failure.output"]),
    ],
)
def test_what_is_advised_when_there_is_no_result_log(code, output, words):
    cure = cure_for_silence(code, output)
    assert all(word in cure for word in words), cure
