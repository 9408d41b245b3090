# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tools that keep generated text up to date have in common."""

from __future__ import annotations

import argparse
import ast
import difflib
import sys
from collections.abc import Callable
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parent.parent


def modules() -> list[Path]:
    """The files of the collection's modules, sorted by name."""
    return sorted(path for path in (ROOT / "plugins" / "modules").glob("*.py") if path.stem != "__init__")


def documentation(module: Path) -> dict:
    """The DOCUMENTATION of a module file, read without running it; empty if there is none."""
    for node in ast.parse(module.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and any(isinstance(target, ast.Name) and target.id == "DOCUMENTATION" for target in node.targets):
            return yaml.safe_load(ast.literal_eval(node.value))
    return {}


def keep(file: Path, generate: Callable[[str], str]) -> int:
    """Write what ``generate`` makes of the file's content, or with ``--check`` on the command line say what differs; the exit code."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--check", action="store_true", help="write nothing; exit with 1 if the file is not up to date")
    check = parser.parse_args().check

    name = file.relative_to(ROOT)
    is_now = file.read_text(encoding="utf-8")
    should_be = generate(is_now)
    if is_now == should_be:
        return 0
    if check:
        sys.stdout.writelines(difflib.unified_diff(is_now.splitlines(True), should_be.splitlines(True), str(name), "expected"))
        print(f"{name} is not up to date; run: .venv/bin/python {Path(sys.argv[0]).resolve().relative_to(ROOT)}")
        return 1
    file.write_text(should_be, encoding="utf-8")
    print(f"{name} written")
    return 0
