# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an execution environment needs: the requirement files name what the plugins import, and ansible-builder takes them."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
META = ROOT / "meta" / "execution-environment.yml"
REQUIREMENTS = ROOT / "meta" / "ee-requirements.txt"
BUILDER = Path(sys.executable).with_name("ansible-builder")


def imported(source: str) -> set[str]:
    """The top-level packages that a file imports and that neither Python nor Ansible brings."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found.update(alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found.add(str(node.module).split(".", maxsplit=1)[0])
    return found - sys.stdlib_module_names - {"ansible", "ansible_collections"}


def named(lines: str) -> set[str]:
    """The packages that a requirements file names."""
    words = (line.partition("#")[0].strip() for line in lines.splitlines())
    return {match[0].lower() for word in words if (match := re.match(r"[\w.-]+", word))}


def brought_by_ansible() -> set[str]:
    """The packages that ansible-core itself requires."""
    return named("\n".join(metadata.requires("ansible-core") or ()))


def test_the_requirements_name_what_the_plugins_import() -> None:
    """All of it, and nothing else."""
    packages = metadata.packages_distributions()
    names = set().union(*(imported(path.read_text(encoding="utf-8")) for path in (ROOT / "plugins").rglob("*.py")))
    needed = {packages[name][0].lower() for name in names} - brought_by_ansible()
    assert needed == named(REQUIREMENTS.read_text(encoding="utf-8"))


@pytest.mark.parametrize(("source", "found"), [
    ("import requests.adapters", {"requests"}), ("from requests import Session\nimport os, json", {"requests"}), ("def f():\n    import numpy", {"numpy"}),
    ("from . import errors", set()), ("from ansible.errors import AnsibleError", set())])
def test_imports_are_found(source: str, found: set[str]) -> None:
    assert imported(source) == found


def create(definition: Path, context: Path) -> Path:
    """Run ansible-builder create; return the directory with what goes into the image."""
    done = subprocess.run([BUILDER, "create", "-f", definition, "-c", context], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return context / "_build"


def test_builder_takes_the_definition(tmp_path: Path) -> None:
    """Its paths are relative to the root of the collection, as ansible-builder reads them from an installed one."""
    shutil.copytree(META.parent, tmp_path / "meta")
    shutil.copy(META, tmp_path)
    build = create(tmp_path / META.name, tmp_path / "context")
    assert named((build / "requirements.txt").read_text(encoding="utf-8")) == {"requests"}
    # Containerfile for podman, Dockerfile for docker and where there is neither.
    (container,) = (tmp_path / "context").glob("*file")
    assert "\nFROM " in container.read_text(encoding="utf-8")


def test_builder_finds_the_requirements_of_the_installed_collection(tmp_path: Path) -> None:
    place = tmp_path / "ansible_collections" / "genesys_engage" / "chat"
    shutil.copytree(META.parent, place / "meta")
    shutil.copy(ROOT / "galaxy.yml", place)
    done = subprocess.run([BUILDER, "introspect", tmp_path], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert re.search(r"^python:\n- 'requests +# from collection genesys_engage.chat'\nsystem: ", done.stdout, re.MULTILINE), done.stdout


def test_the_example_of_the_documentation_is_taken(tmp_path: Path) -> None:
    example = ROOT / "docs" / "examples" / "awx" / "execution-environment.yml"
    build = create(example, tmp_path / "context")
    collections = yaml.safe_load((build / "requirements.yml").read_text(encoding="utf-8"))["collections"]
    assert collections == [{"name": "https://github.com/genesys-engage-ansible/genesys_engage.chat", "type": "git", "version": "main"}]
