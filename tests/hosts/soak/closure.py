# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which files of the product a playbook uses: other playbooks, roles, the plugins that these name, and all that the plugins import.

Of a role the entries count that are named (``tasks_from``), and the task files that these include. Where an expression decides, its literal texts count, or
the choices of its variable in the role's argument specs; without any, all task files of the role do.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import yaml

COLLECTION = "genesys_engage.chat"
PACKAGE = f"ansible_collections.{COLLECTION}"
_NAME = re.compile(rf"\b{re.escape(COLLECTION)}\.(\w+)")
_LITERAL = re.compile(r"'([^']+)'")
_VARIABLE = re.compile(r"\{\{ (\w+) \}\}(?:\.yml)?")
#: Kinds of plugins that are found by their file's name; filters stand several in a file.
_PLUGINS = ("modules", "action", "lookup", "test", "callback")
_INCLUDES_ROLE, _INCLUDES_TASKS = ("include_role", "import_role"), ("include_tasks", "import_tasks")


class Closure:
    """What playbooks use.

    Args:
        root: the collection.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self.files: set[Path] = set()
        self._filters = {name: path for path in sorted((root / "plugins" / "filter").glob("*.py")) for name in _filters(path)}

    def playbook(self, name: str) -> None:
        """Add a playbook of the collection, if there is one of this name."""
        self._content(self._root / "playbooks" / f"{name}.yml", None)

    def _role(self, name: str, entry: str) -> None:
        role = self._root / "roles" / name
        for path in sorted(role.rglob("*")):
            if path.is_file() and path.suffix != ".md" and not path.is_relative_to(role / "tasks"):
                self._content(path, role)
        self._tasks(role, entry)

    def _tasks(self, role: Path, wanted: str) -> None:
        """Add the task files of a role that a name or an expression may mean."""
        names = _LITERAL.findall(wanted) or _choices(role, wanted) if "{{" in wanted else [wanted]
        found = [path for path in (role / "tasks" / f"{name.removesuffix('.yml')}.yml" for name in names) if path.is_file()]
        for path in found or sorted((role / "tasks").rglob("*.yml")):
            self._content(path, role)

    def _content(self, path: Path, role: Path | None) -> None:
        """Add a file of a playbook or a role, and what it names."""
        if path in self.files or not path.is_file():
            return
        self.files.add(path)
        if path.name == "argument_specs.yml":
            return  # its names are references of a text
        for key, value in _pairs(_loaded(path)):
            word = key.rpartition(".")[2]
            for name in _NAME.findall(f"{key} {value if isinstance(value, str) else ''}"):
                self._plugin(name)
            if word == "import_playbook":
                self.playbook(str(value).rpartition(".")[2])
            elif word in _INCLUDES_ROLE:
                self._role(str(value["name"]).removeprefix(f"{COLLECTION}."), str(value.get("tasks_from", "main")))
            elif word in ("roles", "dependencies") and isinstance(value, list):
                for one in value:
                    self._role(str(one["role"] if isinstance(one, dict) else one).removeprefix(f"{COLLECTION}."), "main")
            elif word in _INCLUDES_TASKS and role is not None:
                self._tasks(role, str(value["file"] if isinstance(value, dict) else value))

    def _plugin(self, name: str) -> None:
        for path in (*(self._root / "plugins" / kind / f"{name}.py" for kind in _PLUGINS), *(path for known, path in self._filters.items() if known == name)):
            self._python(path)

    def _python(self, path: Path) -> None:
        """Add a Python file and what it imports from the collection."""
        if path in self.files or not path.is_file():
            return
        self.files.add(path)
        for module in sorted(_imported(path.read_text(encoding="utf-8"), path.relative_to(self._root).parts[:-1])):
            place = self._root.joinpath(*module.split("."))
            for package in (place, *place.parents):
                if package.is_relative_to(self._root / "plugins"):
                    self._python(package / "__init__.py")
            self._python(place.with_suffix(".py"))


def _loaded(path: Path) -> Any:
    return yaml.load(path.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506  both are safe


def _pairs(value: Any) -> Iterator[tuple[str, Any]]:
    """Yield each key with its value, at any depth; the values of a list have no key."""
    if isinstance(value, dict):
        for key, below in value.items():
            yield str(key), below
            yield from _pairs(below)
    elif isinstance(value, list):
        for below in value:
            yield "", below
            yield from _pairs(below)


def _filters(path: Path) -> set[str]:
    """Return the names of the filters in a file."""
    nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    made = [node for node in nodes if isinstance(node, ast.FunctionDef) and node.name == "filters"]
    return {str(node.value) for function in made for node in ast.walk(function) if isinstance(node, ast.Constant)}


def _choices(role: Path, expression: str) -> list[str]:
    """Return the values that the variable may have of which an expression consists; none if it is another expression."""
    variable = _VARIABLE.fullmatch(expression)
    specs = _loaded(role / "meta" / "argument_specs.yml") if variable else None
    return [choice for key, value in _pairs(specs) if variable and key == variable[1] for choice in value.get("choices", [])]


@cache
def _imported(source: str, folders: tuple[str, ...]) -> frozenset[str]:
    """Return the modules of the collection that a source in these folders may import, counted from the root: what is a module, the disk tells.

    What only the checker of types imports does not run.
    """
    nodes = list(ast.walk(ast.parse(source)))
    types = [node for node in nodes if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"]
    passed_over = {below for node in types for below in ast.walk(node)}
    found: set[str] = set()
    for node in nodes:
        if node in passed_over:
            continue
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = folders[: len(folders) + 1 - node.level] if node.level else ()
            base = ".".join([*above, *([node.module] if node.module else [])])
            found.update([base, *(f"{base}.{alias.name}" for alias in node.names)])
    inside = (name.removeprefix(f"{PACKAGE}.") for name in found)
    return frozenset(name for name in inside if name.startswith("plugins."))
