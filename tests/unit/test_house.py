# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules of the repository itself: layers, sources, names, licences, what must not be in it."""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path

import action_group
import pytest
import yaml
from runner import repository_files

ROOT = Path(__file__).resolve().parents[2]
FILES = repository_files()
PYTHON_FILES = [path for path in FILES if path.suffix == ".py"]
MODULES = [path for path in PYTHON_FILES if path.parent == Path("plugins/modules") and path.stem != "__init__"]
ROLES = sorted({path.parts[1] for path in FILES if path.parts[0] == "roles" and len(path.parts) > 2})
PLUGINS = "ansible_collections.genesys_engage.chat.plugins"

HEADER = (
    "# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)",
    "# SPDX-License" + "-Identifier: GPL-3.0-or-later",  # in two parts, so that nobody takes it for this file's own
)

# from top to bottom; a layer imports itself and those after it
LAYERS = ("modules", "_chat", "_config", "_gateway", "_common")
# the rooms of _host in the same way; those of one line know nothing of each other
HOST_ROOMS = (("observe",), ("control", "install"), ("recover",), ("product",), ("system",))


def text(path: Path) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def imports(path: Path, source: str) -> set[str]:
    """Full names of what a Python file imports; relative imports are resolved to the collection's names."""
    package = [*PLUGINS.split("."), *path.parts[1:-1]] if path.parts[0] == "plugins" else [*path.parts[:-1]]
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            found.update(f"{module}.{alias.name}" for alias in node.names)
    return found


def layer(name: str) -> str | None:
    """The layer that a dotted name of the collection is in."""
    parts = name.removeprefix(f"{PLUGINS}.").split(".") if name.startswith(f"{PLUGINS}.") else []
    return next((part for part in parts[:2] if part in LAYERS), None)


def upward(path: Path, source: str) -> list[str]:
    """Imports of a file that lead to a layer above its own."""
    own = layer(".".join([PLUGINS, *path.with_suffix("").parts[1:]]))
    if own is None:
        return []
    return sorted(name for name in imports(path, source) if (other := layer(name)) and LAYERS.index(other) < LAYERS.index(own))


# --- layers -------------------------------------------------------------------------------------------------------------


def test_imports_point_down():
    assert [f"{path}: {name}" for path in PYTHON_FILES if path.parts[0] == "plugins" for name in upward(path, text(path))] == []


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("plugins/module_utils/_gateway/gax.py", f"from {PLUGINS}.module_utils._config.plan import Plan"),
        ("plugins/module_utils/_gateway/gax.py", "from .._config import plan"),
        ("plugins/module_utils/_config/plan.py", f"import {PLUGINS}.module_utils._chat.endpoint"),
        ("plugins/module_utils/_chat/endpoint.py", f"from {PLUGINS}.modules import chat_endpoint"),
    ],
)
def test_an_import_that_points_up_is_seen(path, source):
    assert upward(Path(path), source)


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("plugins/modules/chat_endpoint.py", f"from {PLUGINS}.module_utils._chat import endpoint"),
        ("plugins/module_utils/_chat/endpoint.py", "from .._config import plan"),
        ("plugins/module_utils/_config/plan.py", "from . import compare"),
    ],
)
def test_an_import_that_points_down_is_allowed(path, source):
    assert upward(Path(path), source) == []


def test_host_code_imports_only_itself_and_the_standard_library():
    """What runs on a managed host never reaches the layers that talk to the Configuration Server, nor a library."""
    found = []
    for package, below in (("_host", ("_host", "_common")), ("_common", ("_common",))):
        own = tuple(f"{PLUGINS}.module_utils.{part}." for part in below)
        for path in PYTHON_FILES:
            if path.parts[:3] == ("plugins", "module_utils", package):
                names = imports(path, text(path))
                found += [f"{path}: {name}" for name in names if name.split(".")[0] not in sys.stdlib_module_names and not name.startswith(own)]
    assert found == []


def forbidden_between_rooms(path: Path, source: str) -> list[str]:
    """Imports of a file in a room of _host that lead to a room above or beside its own, or to a file in no room."""
    order = {room: number for number, rooms in enumerate(HOST_ROOMS) for room in rooms}
    own = path.parts[3]
    found = []
    for name in imports(path, source):
        if name.startswith(f"{PLUGINS}.module_utils._host."):
            room = name.removeprefix(f"{PLUGINS}.module_utils._host.").split(".")[0]
            if room != own and order.get(room, -1) <= order[own]:
                found.append(name)
    return found


def test_rooms_of_the_host_side_import_downwards():
    files = [path for path in PYTHON_FILES if path.parts[:3] == ("plugins", "module_utils", "_host")]
    assert {path.parts[3] for path in files} == {"__init__.py", *(room for rooms in HOST_ROOMS for room in rooms)}
    found = [f"{path}: {name}" for path in files if len(path.parts) > 4 for name in forbidden_between_rooms(path, text(path))]
    assert found == []


@pytest.mark.parametrize(
    ("path", "source", "allowed"),
    [
        ("system/errors.py", "from ..product import package", False),
        ("install/target.py", "from ..control.status import Status", False),
        ("recover/rollback.py", f"from {PLUGINS}.module_utils._host.install.target import check_target", False),
        ("recover/rollback.py", "from ..product.marker import Marker", True),
        ("product/package.py", "from .archive import unpack", True),
        ("product/package.py", "from ..._common.printable import printable", True),
    ],
)
def test_an_import_between_rooms_is_judged(path, source, allowed):
    assert (forbidden_between_rooms(Path("plugins/module_utils/_host", path), source) == []) is allowed


def test_only_the_gateway_opens_connections_to_configure():
    found = [
        f"{path}: {name}"
        for path in PYTHON_FILES
        if path.parts[0] == "plugins" and path.parts[2] != "_gateway"
        for name in imports(path, text(path))
        if name.split(".")[0] in {"requests", "urllib3", "http"} or name.startswith("urllib.request")
    ]
    assert found == []


#: What only _config and the layers below know: properties of an object on the wire, beside those that are words of the user, too.  Source: G1, G2, G5
WIRE_KEYS = {
    "appprototypedbid", "appserverdbid", "appservers", "autorestart", "backupserverdbid", "commandline", "commandlinearguments", "conninfo",
    "connprotocol", "folderid", "hostdbid", "ipaddress", "isprimary", "lcaport", "ostype", "portinfo", "portinfos", "redundancytype",
    "shutdowntimeout", "startuptimeout", "tenantdbid", "tenantdbids", "timoutlocal", "timoutremote", "userproperties", "workdirectory",
}


def wire(source: str) -> list[str]:
    """What a file of the chat layer must not hold: raw objects, wire keys, calls of the gateway."""
    tree = ast.parse(source)
    forbidden = {"raw", "gateway", "list_items"}
    found = [f"line {node.lineno}: .{node.attr}" for node in ast.walk(tree) if isinstance(node, ast.Attribute) and node.attr in forbidden]
    texts = [node for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    return found + [f"line {node.lineno}: {node.value}" for node in texts if node.value in WIRE_KEYS]


def test_only_the_configuration_layer_knows_the_wire():
    files = [path for path in PYTHON_FILES if path.parts[:3] == ("plugins", "module_utils", "_chat")]
    assert len(files) > 20
    assert [f"{path}: {what}" for path in files for what in wire(text(path))] == []


@pytest.mark.parametrize("source", ["app.raw", "context.directory.gateway.list('CfgHost')", "app.list_items('x', 'y')", "found['hostdbid']"])
def test_the_wire_in_the_chat_layer_is_seen(source):
    assert wire(source)


def test_plugins_and_sandbox_share_nothing():
    found = []
    for path in PYTHON_FILES:
        for name in imports(path, text(path)):
            if path.parts[0] == "plugins" and name.split(".")[0] in {"sandbox", "tests"}:
                found.append(f"{path}: {name}")
            if path.parts[:2] == ("tests", "sandbox") and name.split(".")[0] in {"ansible_collections", "plugins"}:
                found.append(f"{path}: {name}")
    assert found == []


def code_lines(path: Path) -> int:
    """Lines that hold code: neither blank, nor a comment, nor one of the documentation strings."""
    source = text(path)
    skipped: set[int] = set()
    for node in ast.parse(source).body:
        if isinstance(node, (ast.Assign, ast.Expr)) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            skipped.update(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    return sum(1 for number, line in enumerate(source.splitlines(), 1) if number not in skipped and line.strip() and not line.strip().startswith("#"))


def test_modules_hold_no_logic():
    """A module is its documentation, its arguments and one call; more than 60 lines belong into module_utils."""
    assert [f"{path}: {count}" for path in MODULES if (count := code_lines(path)) > 60] == []


def test_files_hold_one_idea():
    utils = [path for path in PYTHON_FILES if path.parts[:2] == ("plugins", "module_utils")]
    assert [f"{path}: {count}" for path in utils if (count := len(text(path).splitlines())) > 400] == []


def without_return_annotation(source: str) -> list[str]:
    functions = [node for node in ast.walk(ast.parse(source)) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]
    return [f"line {node.lineno}: {node.name}" for node in functions if node.returns is None]


def test_functions_of_module_utils_are_annotated():
    """mypy checks annotated functions only as strictly as pyproject.toml lists their packages; this test needs no list."""
    utils = [path for path in PYTHON_FILES if path.parts[:2] == ("plugins", "module_utils")]
    assert len(utils) > 100
    assert [f"{path}: {what}" for path in utils for what in without_return_annotation(text(path))] == []


@pytest.mark.parametrize(
    "source", ["def f(a: int):\n    return a", "class A:\n    def __init__(self):\n        pass", "def f() -> None:\n    def g():\n        pass"]
)
def test_a_missing_return_annotation_is_seen(source):
    assert len(without_return_annotation(source)) == 1


# --- completeness -------------------------------------------------------------------------------------------------------


def test_every_module_is_tested():
    here = Path(__file__).resolve().relative_to(ROOT)
    files = [path for path in FILES if path.parts[0] == "tests" and path.parts[1] != "sandbox" and path != here]
    tests = "\n".join(text(path) for path in files if path.suffix in {".py", ".yml"})
    assert [path.stem for path in MODULES if not re.search(rf"\b{path.stem}\b", tests)] == []


def test_the_action_groups_are_generated_below_the_mark():
    content = f"---\nrequires_ansible: x\n{action_group.MARK}action_groups:\n  chat:\n    - old\n"
    cases: list[dict[str, list[str]]] = [{"chat": ["b", "c"], "control": ["d"]}, {"chat": []}]
    for groups in cases:
        assert yaml.safe_load(action_group.with_groups(content, groups)) == {"requires_ansible": "x", "action_groups": groups}


@pytest.mark.parametrize(("name", "fragment"), [("chat", "gax"), ("control", "control.backends")])
def test_an_action_group_has_exactly_the_modules_with_its_options(name, fragment):
    """Read as ansible-core reads it, not as the generator wrote it."""
    group = yaml.safe_load(text(Path("meta/runtime.yml")))["action_groups"][name]
    assert group
    assert group == [path.stem for path in MODULES if re.search(rf"^\s*- genesys_engage\.chat\.{re.escape(fragment)}$", text(path), re.MULTILINE)]


def test_the_reference_lists_exactly_the_modules():
    table = text(Path("docs/reference.md")).partition("<!-- modules")[2].partition("<!-- end of modules")[0]
    assert re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE) == [path.stem for path in MODULES]


def test_the_readme_links_absolutely():
    """The README is also shown where relative links lead nowhere."""
    links = re.findall(r"\]\(([^)]+)\)", text(Path("README.md")))
    assert links
    assert [link for link in links if not link.startswith("https://")] == []


def test_links_between_documents_lead_somewhere():
    broken = []
    for path in FILES:
        if path.suffix != ".md":
            continue
        for link in re.findall(r"\]\(([^)#]+)[^)]*\)", text(path)):
            target = link.removeprefix("https://github.com/genesys-engage-ansible/genesys_engage.chat/blob/main/")
            place = ROOT if target != link else (ROOT / path).parent
            if not target.startswith("http") and not (place / target).exists():
                broken.append(f"{path}: {link}")
    assert broken == []


def test_roles_are_described():
    for role in ROLES:
        check_role(role)


def check_role(role):
    """A README, and an argument specification that knows every default."""
    assert (ROOT / "roles" / role / "README.md").is_file()
    specs = yaml.safe_load((ROOT / "roles" / role / "meta" / "argument_specs.yml").read_text(encoding="utf-8"))
    described = {name for entry_point in specs["argument_specs"].values() for name in entry_point.get("options", {})}
    defaults = ROOT / "roles" / role / "defaults" / "main.yml"
    assigned = set(yaml.safe_load(defaults.read_text(encoding="utf-8")) or {}) if defaults.is_file() else set()
    assert {name for name in assigned if not name.startswith("_")} <= described


@pytest.mark.parametrize(
    # awx_setup has nothing to do with the hosts.
    "path", [path for path in FILES if path.parts[0] == "playbooks" and path.stem != "awx_setup"], ids=lambda path: path.stem
)
def test_playbooks_pin_what_their_correctness_needs(path):
    """Settings of a controller must not change the order of the steps; a run that leaves out a part of them must end with a sentence."""
    first, *others = yaml.safe_load(text(path))
    for play in (first, *others):
        assert (play["strategy"], play["gather_facts"], type(play["any_errors_fatal"])) == ("ansible.builtin.linear", False, bool), play["name"]
    assert first["hosts"] == "{{ 'localhost:all' | genesys_engage.chat.from_the_beginning }}"
    note, look = first["tasks"]
    assert note["ansible.builtin.set_fact"] == {"preflight_steps": True}
    assert look["ansible.builtin.import_role"] == {"name": "genesys_engage.chat.preflight", "tasks_from": "run", "rolespec_validate": False}
    assert look["tags"] == ["always"] and {play["hosts"] for play in others} == {look["vars"]["preflight_pattern"]}
    # What the first play looks at is what may leave out the others' tasks: the same tags, and no others.
    assert "preflight" in note.get("tags", ["preflight"])
    assert not any(set(task.get("tags", ())) for play in others for task in play["tasks"])


def test_no_sanity_ignore_files():
    assert [str(path) for path in FILES if path.match("tests/sanity/ignore*")] == []


# --- sources ------------------------------------------------------------------------------------------------------------


def cited(source: str) -> set[str]:
    """The keys named after ``Source:``, up to the end of the sentence. The first must be one; words may follow each."""
    found: set[str] = set()
    for match in re.finditer(r"\bSources?: +([^\n]*)", source):
        citation = re.sub(r"\([^)]*(\)|$)", "", match[1])  # remarks in brackets, also those that end on a later line
        first, *others = re.split(r"[,;]| and ", re.split(r"\.(?=\s|$|\")|\)|\"\"\"", citation)[0])
        found.add(re.split(r"[\s:]", first.strip(" `"))[0])
        found.update(key[1] for item in others if (key := re.match(r"\s*`?([A-Z]+\d+[a-z]?|[A-Z]{2,})`?\s*(?=:|$|(?<=\d)\s)", item)))
    return found


@pytest.mark.parametrize(
    ("line", "keys"),
    [
        ("Source: CHAT", {"CHAT"}),
        ("does things.  Source: G1, G2.", {"G1", "G2"}),
        ("(Sources: G1, G2 and G3; docs tell more)", {"G1", "G2", "G3"}),
        ("Source: IP: result log, OS check, LMS", {"IP", "LMS"}),
        ("Source: CHAT (as many groups", {"CHAT"}),
        ("Source: CHAT, XYZ, G77", {"CHAT", "XYZ", "G77"}),
        ("Source: manual of the product", {"manual"}),
    ],
)
def test_citations_are_read(line, keys):
    assert cited(line) == keys


def test_every_source_key_is_resolved():
    known = set(re.findall(r"^\| `(\w+)` \|", text(Path("docs/sources.md")), re.MULTILINE))
    assert {"CHAT", "GWE812", "G1", "IP", "MLCMD", "LMS"} <= known
    unresolved = {
        f"{path}: {key}"
        for path in PYTHON_FILES
        if path.parts[0] == "plugins" or path.parts[:2] == ("tests", "sandbox")
        for key in cited(text(path)) - known
    }
    assert sorted(unresolved) == []


# --- what must and must not be in a file --------------------------------------------------------------------------------


def test_python_files_carry_the_licence():
    """At the very top; below the interpreter line that Ansible modules have."""
    tops = {path: [line for line in text(path).splitlines() if line != "#!/usr/bin/python"] for path in PYTHON_FILES}
    assert [str(path) for path, lines in tops.items() if lines and tuple(lines[:2]) != HEADER] == []


def test_python_files_say_what_they_are():
    """In a docstring; modules and fragments have their own documentation, and some __init__.py must be empty."""
    files = [path for path in PYTHON_FILES if path not in MODULES and path.parts[:2] != ("plugins", "doc_fragments") and text(path)]
    assert [str(path) for path in files if not ast.get_docstring(ast.parse(text(path)))] == []


def test_packages_of_the_plugins_are_empty():
    """ansible-test's empty-init wants it of module_utils, and says so only after minutes."""
    packages = [path for path in PYTHON_FILES if path.parts[0] == "plugins" and path.name == "__init__.py"]
    assert packages
    assert [str(path) for path in packages if text(path)] == []


@pytest.mark.parametrize(
    ("what", "pattern"),
    [
        # in two parts, so that this file does not hold them
        ("a directory of one machine", r"(?<![\w.])/(?:work|farm|root)" + r"/"),
        ("a kill by name", r"\b(?:p" + r"kill|kill" + r"all)\b"),
        ("a merge conflict", r"^(?:<{7} |>{7} )"),
    ],
)
def test_no_file_contains(what, pattern):
    found = []
    for path in FILES:
        try:
            lines = text(path).splitlines()
        except UnicodeDecodeError:
            continue
        found += [f"{path}:{number}: {what}" for number, line in enumerate(lines, 1) if re.search(pattern, line)]
    assert found == []


def test_suppressions_give_their_reason():
    bare = []
    for path in PYTHON_FILES:
        for number, line in enumerate(text(path).splitlines(), 1):
            match = re.search(r"#\s*(noqa\b:?|type: ignore)(\[[\w, -]+\]|\s*[A-Z]+\d+(,\s*[A-Z]+\d+)*)?(.*)$", line)
            if match and not (match[2] and re.search(r"\w{3}", match[4])) and path.name != Path(__file__).name and path.parts[0] != "tools":
                bare.append(f"{path}:{number}")
    assert bare == []
