# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Shell commands of the repository: none has a reader that leaves its pipe before the writer has ended.

The writer then fails now and then with a broken pipe: with a traceback if it is a Python program, with an exit code under pipefail.
"""

from __future__ import annotations

import re

from runner import ROOT, repository_files

#: Commands that may end before they have read everything.
LEAVES_EARLY = re.compile(r"(?<!\|)\|&?\s*(sudo\s+)?(head\b|grep\s+(-\w*[qm]|--quiet|--max-count)|sed\s+(-n\s+)?'?\d*q|awk\s.*\bexit\b|\{?\s*read\s)")
#: Other text in which shell commands stand: in quotes or in code blocks.
SHELL = (".sh", ".yml", ".yaml", ".py", ".md")


def test_the_rule_knows_the_commands_that_leave_early():
    early = ("x | head -n 1", "x | grep -q y", "x |& grep --quiet y", "x | grep -Eq y", "x | { read -r pid _; kill $pid; }", "x | sed 5q", "x | awk '{exit}'")
    for line in early:
        assert LEAVES_EARLY.search(line), line
    for line in ("x || head -n 1 file", "x | grep y", "grep -q y file", "x | while read -r line; do :; done", "x | sed s/a/b/", "head file | sort"):
        assert not LEAVES_EARLY.search(line), line


def test_no_reader_leaves_its_pipe():
    files = [path for path in repository_files() if (path.suffix in SHELL or path.name in ("Makefile", "run")) and path.name != "test_scripts.py"]
    assert len(files) > 100
    found = [f"{path}: {line.strip()}" for path in files for line in (ROOT / path).read_text(encoding="utf-8").splitlines() if LEAVES_EARLY.search(line)]
    assert found == []
