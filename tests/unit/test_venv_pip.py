# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The environments of ansible-test are filled by uv, and what cannot be is left to pip; in them a file is compiled once in a process."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
from pathlib import Path

import compile_once
import pytest
import venv_pip


def test_ansible_test_finds_a_pip_that_removes_itself(tmp_path):
    """An environment without requirements, and one that is bootstrapped after it: as ansible-test has them below its home."""
    version = sysconfig.get_config_var("py_version_short")
    bare, filled = (tmp_path / name / version / "0a1b2c3d" for name in ("sanity", "sanity.import"))
    for place in (bare, filled):
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(place)], check=True, timeout=60)
    python = filled / "bin" / "python"
    subprocess.run([python, "-c", venv_pip.script({"HOME": str(tmp_path), "GAX_PASSWORD": "zq-s3cret"})], check=True, timeout=60)
    packages = f"lib/python{version}/site-packages"
    assert "zq-s3cret" not in (filled / packages / "pip" / "__main__.py").read_text()
    subprocess.run([python, "-m", "pip", "uninstall", "-y", "--disable-pip-version-check", "pip"], check=True, timeout=60)
    assert {path.name for path in (filled / packages).iterdir()} - {"__pycache__"} == {"compile_once.pth", "compile_once.py"}
    done = subprocess.run([bare / "bin" / "python", "-c", "print(compile)"], capture_output=True, text=True, check=True, timeout=60)
    assert "begin.<locals>.kept" in done.stdout


@pytest.mark.parametrize(("code_of_uv", "calls"), [(0, 1), (2, 2)])
def test_uv_installs_and_if_it_can_not_pip_does(monkeypatch, code_of_uv, calls):
    called = []

    def run(command, env, check):
        called.append((command, env["SSL_CERT_FILE"]))
        return subprocess.CompletedProcess(command, code_of_uv if command[0].endswith("/uv") else 3)

    monkeypatch.setattr(subprocess, "run", run)
    code = venv_pip.main(["install", "--disable-pip-version-check", "-r", "a.txt", "-c", "b.txt"], {"SSL_CERT_FILE": "/ca.pem"})
    assert code == (3 if code_of_uv else 0) and len(called) == calls and {ca for _command, ca in called} == {"/ca.pem"}
    assert called[0][0][1:] == ["pip", "install", "--quiet", "--python", sys.executable, "-r", "a.txt", "-c", "b.txt"]
    assert calls == 1 or called[1][0][1:] == ["-m", "pip", "--python", sys.executable, "install", "--disable-pip-version-check", "-r", "a.txt", "-c", "b.txt"]
    assert Path(called[-1][0][0]).exists()


def test_what_was_compiled_is_used_again(monkeypatch):
    """As importers call it. Whatever else is compiled is compiled each time: a syntax tree could be changed, and what inherits is not the source alone."""
    monkeypatch.setattr("builtins.compile", compile)
    compile_once.begin()
    source = "def f(): pass\n"
    first = compile(source, "a.py", "exec", dont_inherit=True)
    assert compile(source, "a.py", "exec", dont_inherit=True) is first
    others = [compile(source, "b.py", "exec", dont_inherit=True), compile(source + "\n", "a.py", "exec", dont_inherit=True), compile(source, "a.py", "exec"),
              compile(source, "a.py", "exec", dont_inherit=True, optimize=1)]  # fmt: skip
    assert first not in [None, *(other for other in others if other is first)]
    assert compile(source, "a.py", "exec", 0x400, True) is not compile(source, "a.py", "exec", 0x400, True)
    with pytest.raises(SyntaxError):
        compile("def", "a.py", "exec", dont_inherit=True)
