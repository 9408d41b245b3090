# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Host-side code under the oldest Python of managed hosts: 3.6, named by the environment variable PYTHON36."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
PYTHON36 = os.environ.get("PYTHON36")
#: The modules that run on managed hosts. tests/integration/test_interpreters.py runs them as Ansible does.
MODULES = sorted(path.stem for path in (ROOT / "plugins" / "modules").glob("*.py") if "module_utils._host" in path.read_text(encoding="utf-8"))

needs_python36 = pytest.mark.skipif(not PYTHON36 and not os.environ.get("CI"), reason="PYTHON36 names no interpreter")


def run(*arguments: str) -> str:
    assert PYTHON36, "in CI, PYTHON36 must name an interpreter of version 3.6"
    result = subprocess.run([PYTHON36, "-B", *arguments], capture_output=True, text=True, timeout=60, check=False)
    assert (result.returncode, result.stderr) == (0, "")
    return result.stdout


@needs_python36
def test_it_is_3_6():
    assert run("-c", "import sys; print(sys.version_info[:2])") == "(3, 6)\n"


@needs_python36
def test_host_code_works(tmp_path):
    steps = run(str(Path(__file__).with_name("old_python.py")), str(ROOT / "plugins"), str(tmp_path)).split("\n")
    installation = "refused predicted installed unchanged interrupted finished protected rolled_back stayed carried_over pruned listed clean"
    assert steps[:-1] == f"imported {installation} read escaped seen found".split()


@needs_python36
@pytest.mark.parametrize("name", MODULES)
def test_modules_compile(name):
    compiles(ROOT / "plugins" / "modules" / f"{name}.py")


@needs_python36
@pytest.mark.parametrize("name", ["_base_module", "_host_module"])
def test_what_stands_under_them_compiles(name):
    compiles(ROOT / "plugins" / "module_utils" / f"{name}.py")


def compiles(path):
    run("-c", f"compile(open({str(path)!r}, encoding='utf-8').read(), 'module', 'exec')")
