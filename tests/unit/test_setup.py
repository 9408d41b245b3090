# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The last line of ``make setup``, with programs in place of the environment's own."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from runner import ROOT

#: Far more than a pipe holds: a reader that leaves after the first line has the writer fail.
ANSIBLE = """#!/usr/bin/env python3
print("ansible [core 2.19.14]")
for _number in range(100000):
    print("  more of what it tells about itself")
"""
#: Takes the place of pip, uv and the interpreter: everything is there already.
NOTHING_TO_DO = """#!/bin/sh
case "$*" in *purelib*) echo "$PWD/.venv/site-packages" ;; esac
"""


def test_setup_ends_without_a_broken_pipe(tmp_path: Path) -> None:
    tools, programs = tmp_path / "tools", tmp_path / ".venv" / "bin"
    tools.mkdir()
    programs.mkdir(parents=True)
    shutil.copy(ROOT / "tools" / "setup.sh", tools)
    for name, content in (("ansible", ANSIBLE), ("python", NOTHING_TO_DO), ("uv", NOTHING_TO_DO)):
        (programs / name).write_text(content, encoding="utf-8")
        (programs / name).chmod(0o755)
    done = subprocess.run([tools / "setup.sh"], capture_output=True, text=True, timeout=100, check=False, env={**os.environ, "LC_ALL": "C.UTF-8"})
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1] == "setup: ready: ansible [core 2.19.14]"
    assert (tmp_path / ".venv" / "site-packages" / "ansible_collections" / "genesys_engage" / "chat").resolve() == tmp_path
