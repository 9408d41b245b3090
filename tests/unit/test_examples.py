# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The documentation says what the code does: examples, names, variables, keys and messages are compared with it."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
import jinja2.meta
import pytest
import yaml
from runner import repository_files

from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.application import APPLICATION
from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.parts.chat_servers import CHAT_SERVER_SPEC
from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.solution import SOLUTION, validated_solution
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.errors import InvalidInput

ROOT = Path(__file__).resolve().parents[2]
SITE = ROOT / "docs" / "examples" / "site" / "inventory"
GUIDE = ROOT / "docs" / "getting_started.md"
PAGES = [ROOT / path for path in repository_files() if path.suffix == ".md" and path.parts[0] not in {"roles", "changelogs"}]
EXAMPLES = [ROOT / path for path in repository_files() if path.suffix == ".yml" and path.parts[:2] == ("docs", "examples")]
DEFAULTS = sorted((ROOT / "roles").glob("*/defaults/main.yml"))
BIN = Path(sys.executable).parent

#: What a user sets: named by what it is about, not by a role.
USERS_VARIABLE = re.compile(r"(genesys|gax|confserv|scs|mlcmd|chat|upgrade)_\w+")
#: Names with such a beginning that Ansible's own variables or the playbooks bring.
OWN = re.compile(rf"({'|'.join(path.parts[-3] for path in DEFAULTS)})_\w+")


def ids(paths: list[Path]) -> list[str]:
    return [str(path.relative_to(ROOT)) for path in paths]


def load(text: str) -> Any:
    return yaml.safe_load(text)


def blocks(page: str, language: str) -> list[str]:
    """The fenced blocks of one language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)


def rows(page: str, heading: str) -> list[list[str]]:
    """The cells of the first table with that header cell, without the header."""
    table = re.search(rf"^\| {re.escape(heading)} \|.*\n\| -.*\n((?:\|.*\n)+)", page, re.MULTILINE)
    assert table, f"no table with '{heading}'"
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in table[1].splitlines()]


def tables(page: str, heading: str) -> Iterator[list[list[str]]]:
    """All tables with that header cell."""
    while f"\n| {heading} |" in page:
        yield rows(page, heading)
        page = page.split(f"\n| {heading} |", 1)[1]


def names(cell: str) -> list[str]:
    return re.findall(r"`(\w+)`", cell)


def dictionaries(value: Any) -> Iterator[dict[Any, Any]]:
    """All mappings within nested data."""
    if isinstance(value, dict):
        yield value
        for item in value.values():
            yield from dictionaries(item)
    elif isinstance(value, list):
        for item in value:
            yield from dictionaries(item)


def yaml_of_the_documentation() -> Iterator[tuple[str, Any]]:
    """Every YAML of pages and examples, parsed, with the place where it stands."""
    for page in PAGES:
        for number, block in enumerate(blocks(page.read_text(encoding="utf-8"), "yaml"), 1):
            yield f"{page.relative_to(ROOT)}, block {number}", load(block)
    for path in EXAMPLES:
        yield str(path.relative_to(ROOT)), load(path.read_text(encoding="utf-8"))


def variables_in(value: Any) -> set[str]:
    """The variables that the templates within nested data read."""
    found: set[str] = set()
    if isinstance(value, str) and "{{" in value:
        # Filters with dots in their names are no Jinja without Ansible, and bring no variables.
        template = re.sub(r"\|\s*(\w+\.)+\w+", "| string", value)
        found |= jinja2.meta.find_undeclared_variables(jinja2.Environment(autoescape=True).parse(template))
    elif isinstance(value, dict):
        for item in value.values():
            found |= variables_in(item)
    elif isinstance(value, list):
        for item in value:
            found |= variables_in(item)
    return found


@cache
def variables_of_the_roles() -> frozenset[str]:
    """What the defaults of the roles and the playbooks read, beside the roles' own variables."""
    sources = [*DEFAULTS, *sorted((ROOT / "playbooks").glob("*.yml"))]
    read = set().union(*(variables_in(load(path.read_text(encoding="utf-8"))) for path in sources))
    return frozenset(name for name in read if USERS_VARIABLE.fullmatch(name) and not OWN.fullmatch(name))


@cache
def module_options() -> dict[str, Any]:
    """Options of every module, from its documentation."""
    modules = [f"genesys_engage.chat.{path.stem}" for path in sorted((ROOT / "plugins" / "modules").glob("*.py"))]
    done = subprocess.run([BIN / "ansible-doc", "--json", *modules], capture_output=True, text=True, timeout=60, check=True)
    return {name: entry["doc"]["options"] for name, entry in json.loads(done.stdout).items()}


# --- the example of a real site -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def inventory() -> dict[str, Any]:
    done = subprocess.run([BIN / "ansible-inventory", "-i", SITE, "--list"], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert "WARNING" not in done.stderr
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def test_the_inventory_has_the_groups_of_the_playbooks(inventory):
    assert len(inventory["genesys_configuration"]["hosts"]) == 1
    assert inventory["genesys_hosts"]["hosts"]


def test_its_variables_are_read_by_the_roles(inventory):
    """A variable that nothing reads is a mistake in the example, or was renamed."""
    variables = set().union(*(set(host) for host in inventory["_meta"]["hostvars"].values()))
    used = variables_of_the_roles() | set().union(*(variables_in(host) for host in inventory["_meta"]["hostvars"].values()))
    unread = {name for name in variables if not name.startswith("ansible_")} - used
    assert unread == set()


def test_what_it_refers_to_is_set(inventory):
    for host, variables in inventory["_meta"]["hostvars"].items():
        missing = {name for name in variables_in(variables) if not name.startswith("ansible_")} - set(variables)
        assert missing == set(), host


def test_its_control_host_exists(inventory):
    hosts = inventory["_meta"]["hostvars"]
    assert {variables["genesys_control_host"] for variables in hosts.values()} <= set(hosts)


def test_each_host_of_its_description_is_in_the_inventory(inventory):
    hostvars = inventory["_meta"]["hostvars"]
    stood_for = {hostvars[host].get("genesys_host", host) for host in inventory["genesys_hosts"]["hosts"]}
    solution = load((SITE / "group_vars" / "all" / "solution.yml").read_text(encoding="utf-8"))["chat_solution"]
    assert {item["host"] for item in dictionaries(solution) if "host" in item} == stood_for


def test_it_has_a_package_for_each_role(inventory):
    packages = next(iter(inventory["_meta"]["hostvars"].values()))["genesys_packages"]
    assert set(packages) == {"chat_server", "contact_server", "interaction_server", "gms"}


def test_its_passwords_are_placeholders():
    values = load((SITE / "group_vars" / "all" / "vault.example.yml").read_text(encoding="utf-8"))
    assert set(values.values()) == {"change-me"}


# --- YAML of the documentation ------------------------------------------------------------------------------------------


def test_every_yaml_parses():
    assert len(list(yaml_of_the_documentation())) > 8


def test_descriptions_are_accepted():
    descriptions = [(place, item["chat_solution"]) for place, value in yaml_of_the_documentation() for item in dictionaries(value)
                    if isinstance(item.get("chat_solution"), dict)]
    assert len(descriptions) >= 3
    for place, description in descriptions:
        try:
            validated_solution(description)
        except InvalidInput as error:
            pytest.fail(f"{place}: {error}")


def test_a_wrong_description_is_not_accepted():
    with pytest.raises(InvalidInput, match="chat_sever"):
        validated_solution({"tenant": "Environment", "chat_sever": []})


def test_tasks_use_options_that_exist():
    tasks = [
        (place, name, set(given))
        for place, value in yaml_of_the_documentation()
        for item in dictionaries(value)
        for name, given in item.items()
        if name in module_options() and isinstance(given, dict)
    ]
    assert tasks
    for place, name, given in tasks:
        assert given <= set(module_options()[name]), f"{place}: {name}"


@pytest.mark.parametrize("name", ["first_chat_server"])
def test_the_guide_shows_the_example(name):
    example = load((ROOT / "docs" / "examples" / f"{name}.yml").read_text(encoding="utf-8"))
    assert example in [load(block) for block in blocks(GUIDE.read_text(encoding="utf-8"), "yaml")]


# --- names --------------------------------------------------------------------------------------------------------------


def named_things() -> set[str]:
    """What a full name of the collection can stand for: modules, the inventory plugin, roles, playbooks, filters, and the action group."""
    places = ("plugins/modules", "plugins/inventory", "playbooks")
    found = {path.stem for directory in places for path in (ROOT / directory).iterdir() if path.suffix in {".py", ".yml"}}
    return found | {path.name for path in (ROOT / "roles").iterdir()} | {path.stem for path in (ROOT / "plugins" / "filter").glob("*.yml")} | {"chat"}


@pytest.mark.parametrize("path", [*PAGES, *EXAMPLES], ids=ids([*PAGES, *EXAMPLES]))
def test_full_names_exist(path):
    named = set(re.findall(r"\bgenesys_engage\.chat\.(\w+)", path.read_text(encoding="utf-8")))
    assert named - named_things() == set()


def anchors(page: str) -> set[str]:
    """What the headings of a page are called in links."""
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in re.findall(r"^#+ (.+)$", page, re.MULTILINE)}


@pytest.mark.parametrize("page", PAGES, ids=ids(PAGES))
def test_links_lead_somewhere(page):
    text = page.read_text(encoding="utf-8")
    home = "https://github.com/genesys-engage-ansible/genesys_engage.chat/"
    broken = []
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        target, _mark, anchor = link.partition("#")
        if re.match(rf"{re.escape(home)}(blob|tree)/main/", target):
            place = ROOT / target.split("/main/", 1)[1]
        elif "://" in target:
            continue
        else:
            place = (page.parent / target) if target else page
        if not place.exists() or (anchor and anchor not in anchors(place.read_text(encoding="utf-8"))):
            broken.append(link)
    assert broken == []


def test_the_reference_lists_every_playbook_and_role():
    reference = (ROOT / "docs" / "reference.md").read_text(encoding="utf-8")
    assert {cells[0].strip("`") for cells in rows(reference, "Playbook")} == {
        f"genesys_engage.chat.{path.stem}" for path in (ROOT / "playbooks").glob("*.yml")
    }
    assert {cells[0].strip("`") for cells in rows(reference, "Role")} == {path.name for path in (ROOT / "roles").iterdir()}


# --- tables of the guide ------------------------------------------------------------------------------------------------


def test_the_guide_lists_every_variable():
    listed = {name for cells in rows(GUIDE.read_text(encoding="utf-8"), "Variable") for name in names(cells[0])}
    assert listed == variables_of_the_roles()


def test_the_guide_tells_which_variables_come_from_the_environment():
    lookup = re.compile(r"lookup\('ansible\.builtin\.env', '(\w+)'\)")
    read = set().union(*(lookup.findall(path.read_text(encoding="utf-8")) for path in DEFAULTS))
    listed = {name for cells in rows(GUIDE.read_text(encoding="utf-8"), "Variable") for name in re.findall(r"`([A-Z_]+)`", cells[2])}
    assert listed == read


def test_the_guide_lists_every_key_of_the_description():
    solution, application, chat_server = ({name for cells in table for name in names(cells[0])} for table in tables(GUIDE.read_text(encoding="utf-8"), "Key"))
    assert solution == set(SOLUTION)
    assert application == set(APPLICATION)
    assert chat_server == set(CHAT_SERVER_SPEC) - set(APPLICATION)


def plain(text: str) -> str:
    return " ".join(text.split())


def documentation_of(tree: ast.AST) -> set[int]:
    """The nodes of docstrings and of the modules' documentation: no messages."""
    found: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)):
            kinds = (ast.Expr,) if isinstance(node, ast.FunctionDef) else (ast.Expr, ast.Assign)
            found.update(id(statement.value) for statement in node.body if isinstance(statement, kinds))
    return found


@cache
def texts_of_the_code() -> tuple[str, ...]:
    """Every text that may become a message: constants of plugins (strings that Python joins are one), fail_msg of tasks."""
    found = []
    for path in sorted((ROOT / "plugins").rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        skipped = documentation_of(tree)
        for node in ast.walk(tree):
            if isinstance(node, ast.JoinedStr):
                found.append(plain("".join(str(part.value) if isinstance(part, ast.Constant) else "%s" for part in node.values)))
            elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in skipped:
                found.append(plain(node.value))
    for directory in ("roles", "playbooks"):
        for path in sorted((ROOT / directory).rglob("*.yml")):
            found += [plain(item["fail_msg"]) for item in dictionaries(load(path.read_text(encoding="utf-8"))) if "fail_msg" in item]
    return tuple(found)


MESSAGES = [re.sub(r"^`+|`+$", "", cells[0]) for cells in rows((ROOT / "docs" / "troubleshooting.md").read_text(encoding="utf-8"), "Message")]

#: Messages that the code puts together, by their parts.
PUT_TOGETHER = {
    "mlcmd reported no application": ["mlcmd %s.", "reported no application"],
    "Starting failed: …": ["Starting", "%s failed: %s."],
}

#: Messages that Ansible brings.
FROM_ELSEWHERE = {"missing required arguments: gax_url"}


@pytest.mark.parametrize("message", [message for message in MESSAGES if message not in FROM_ELSEWHERE])
def test_the_messages_are_the_codes_own(message):
    """The words of each message occur in the code, in their order; an ellipsis stands for what is filled in."""
    for text in PUT_TOGETHER.get(message, [message]):
        pattern = re.compile(".*".join(re.escape(part) for part in text.split("…")))
        assert any(pattern.search(found) for found in texts_of_the_code()), text


def test_documentation_is_no_message():
    """Otherwise a message that only a docstring tells of would be found."""
    assert not any("Manage any object of the Configuration Server" in text for text in texts_of_the_code())
