# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The documentation site takes every page up, turns links that leave it, and finds those that lead nowhere. `make docs` builds it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import docs as tool

ROOT = Path(__file__).resolve().parents[2]
NAMES = {Path("docs/upgrade.md"): "upgrade.md", Path("CONTRIBUTING.md"): "contributing.md"}


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ("upgrade.md#the-lock", "upgrade.md#the-lock"),
        ("#here", "#here"),
        ("../CONTRIBUTING.md", "contributing.md"),
        ("images/overview.svg", "images/overview.svg"),
        ("examples/adopt.yml", f"{tool.HOME}/blob/main/docs/examples/adopt.yml"),
        ("examples/site", f"{tool.HOME}/tree/main/docs/examples/site"),
        ("../plugins/modules/chat_solution.py", f"{tool.HOME}/blob/main/plugins/modules/chat_solution.py"),
        (f"{tool.HOME}/blob/main/docs/upgrade.md#before", "upgrade.md#before"),
        ("https://example.com/upgrade.md", "https://example.com/upgrade.md"),
    ],
)
def test_links_are_turned(link, expected):
    assert tool.link_in_the_site(link, Path("docs/index.md"), NAMES) == expected


def test_links_in_code_stay():
    text = "[a](../CONTRIBUTING.md)\n```text\n[a](../CONTRIBUTING.md)\n```\n"
    assert tool.for_the_site(text, Path("docs/index.md"), NAMES) == "[a](contributing.md)\n```text\n[a](../CONTRIBUTING.md)\n```\n"


def test_links_that_lead_nowhere_are_found(tmp_path):
    (tmp_path / "a.html").write_text('<a href="b.html#there">x</a><a href="b.html#gone">x</a><img src="no.svg"><a href="https://example.com">x</a>')
    (tmp_path / "b.html").write_text('<p id="there">x</p><a href="a.html">x</a>')
    assert list(tool.broken_links(tmp_path)) == ["a.html: b.html#gone", "a.html: no.svg"]


def test_entries_of_pages_that_do_not_exist_are_left_out():
    text = "# Index\n\nupgrade\n\n```{toctree}\n:hidden:\n\nupgrade\nnot_yet\n```\n"
    assert tool.without_missing_pages(text, NAMES) == "# Index\n\nupgrade\n\n```{toctree}\n:hidden:\n\nupgrade\n```\n"


def test_the_index_lists_every_page():
    index = (ROOT / "docs" / "index.md").read_text(encoding="utf-8")
    listed = {line for block in re.findall(r"^```{toctree}\n(.*?)^```$", index, re.DOTALL | re.MULTILINE) for line in block.splitlines()}
    assert {Path(name).stem for name in tool.pages().values()} - {"index"} - listed == set()
