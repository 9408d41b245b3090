# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers to a survey of AWX are texts: "true", "7", names in lines or with commas. They mean what the same value means in an inventory.

All variables of the guide are walked: as the defaults of the roles read them, and as tasks and playbooks use what they have read.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from unit.test_variables import ROLES, ROOT
from variables import USERS

#: What the playbooks read past the roles.
OF_PLAYBOOKS = {"chat_hosts": "str", "chat_remove_running": "bool", "upgrade_ssh_retries": "int"}
#: Value of an inventory, and the answers that mean the same, by type.
SAME: dict[str, list[tuple[Any, list[str]]]] = {
    "bool": [(True, ["true", "true"]), (False, ["false", "false"])],
    "int": [(7, ["7", "7"]), (7, ["7", "7"])],
    "float": [(7, ["7", "7.0"]), (0.5, ["0.5", "0.5"])],
    "names": [(["Chat 1", "Chat_2"], ["Chat 1, Chat_2", "Chat 1\r\nChat_2\r\n"]), (["Chat_2"], ["Chat_2", "Chat_2\n"])],
    # The name of a host must be one of a host that there is.
    "str": [("site", ["site", "site"]), ("site", ["site", "site"])],
}


@cache
def specification(role: str) -> dict[str, dict[str, Any]]:
    """The options of a role, of all its files of tasks."""
    specs = yaml.safe_load((ROOT / "roles" / role / "meta" / "argument_specs.yml").read_text(encoding="utf-8"))["argument_specs"]
    return {name: option for entry in specs.values() for name, option in (entry.get("options") or {}).items()}


def kind_of(option: dict[str, Any]) -> str:
    """How a variable is answered; "" for what is no answer: a mapping, or a list of such."""
    its, text = option["type"], " ".join(option["description"])
    if its == "raw":
        return "names" if "list" in text else "bool" if "Whether" in text else "int"
    if its in ("list", "dict"):
        return "names" if option.get("elements") == "str" else ""
    return {"path": "str"}.get(its, its)


@cache
def readers() -> dict[str, dict[tuple[str, str], str]]:
    """Variable of users -> {(role, what the role calls it): kind}."""
    found: dict[str, dict[tuple[str, str], str]] = {}
    for role in ROLES:
        defaults = yaml.safe_load((ROOT / "roles" / role / "defaults" / "main.yml").read_text(encoding="utf-8")) or {}
        for own, text in defaults.items():
            # The first one: what stands further behind is the default.
            first = re.match(r"{{ \(?(?:hostvars\[\w+\]\.)?(\w+) \|", str(text))
            if first and USERS.fullmatch(first[1]):
                found.setdefault(first[1], {})[role, own] = kind_of(specification(role)[own])
    return found


def documented() -> set[str]:
    """The variables of the guide."""
    guide = (ROOT / "docs" / "getting_started.md").read_text(encoding="utf-8")
    table = guide[guide.index("| Variable | Where | Default | Meaning |") :].partition("\n\n")[0]
    return set(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE))


def test_all_variables_are_walked() -> None:
    assert documented() == set(readers()) | set(OF_PLAYBOOKS)
    kinds = {name: set(its.values()) for name, its in readers().items()}
    assert {name for name, its in kinds.items() if len(its) > 1} == set(), "roles read it in different ways"
    asked = yaml.safe_load((ROOT / "roles" / "awx" / "vars" / "questions.yml").read_text(encoding="utf-8"))["awx_questions"]
    assert {name for name in asked if kinds.get(name, {"str"}) == {""}} == set(), "a mapping is no answer"
    assert kinds["chat_allow_disruption"] == kinds["upgrade_primaries"] == kinds["chat_remove"] == {"names"} and kinds["upgrade_lease"] == {"int"}


@pytest.fixture(scope="module")
def rendered() -> dict[tuple[str, int, int], dict[str, Any]]:
    """What the roles find: role, number of the value, and -1 for the value itself or the number of the answer."""
    cases = {}
    for role in ROLES:
        kinds = {name: kind for name in readers() for (reader, _own), kind in readers()[name].items() if reader == role and kind}
        for number in (0, 1):
            cases[role, number, -1] = {name: SAME[kind][number][0] for name, kind in kinds.items()}
            for answer in (0, 1):
                cases[role, number, answer] = {name: SAME[kind][number][1][answer] for name, kind in kinds.items()}
    asked = json.dumps([{"role": role, "given": given} for (role, _number, _answer), given in cases.items()])
    command = [sys.executable, str(Path(__file__).with_name("rendered_defaults.py"))]
    done = subprocess.run(command, input=asked, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return dict(zip(cases, json.loads(done.stdout), strict=True))


def taken(option: dict[str, Any], kind: str, value: Any) -> Any:
    """The value as a module or the specification of the role takes it."""
    its = {"type": "list", "elements": "str"} if kind == "names" else {"type": kind}
    result = ArgumentSpecValidator({"value": its}).validate({"value": value})
    assert not result.error_messages, (option, value, result.error_messages)
    return result.validated_parameters["value"]


@pytest.mark.parametrize("role", [role for role in ROLES if role != "awx"])
def test_an_answer_means_what_the_value_means(role: str, rendered: dict[tuple[str, int, int], dict[str, Any]]) -> None:
    for name, its in readers().items():
        for (_role, own), kind in ((reader, kind) for reader, kind in its.items() if reader[0] == role and kind):
            for number, (value, answers) in enumerate(SAME[kind]):
                expected = taken(specification(role)[own], kind, rendered[role, number, -1][own])
                assert expected == value, f"{name} of an inventory is read as {expected!r} by {own}"
                for answer, text in enumerate(answers):
                    found = taken(specification(role)[own], kind, rendered[role, number, answer][own])
                    assert found == value, f"{name}={text!r} is read as {found!r} by {own}"


def uses(names: set[str]) -> list[tuple[str, str, str]]:
    """Each use of variables in tasks and playbooks: the variable, what stands before it in its line, and what behind."""
    found = []
    for path in [*ROOT.glob("roles/*/tasks/*.yml"), *ROOT.glob("playbooks/*.yml")]:
        for line in path.read_text(encoding="utf-8").splitlines():
            if not line.lstrip().startswith(("#", "- name:", "fail_msg:")) and "-e " not in line:
                found += [(match[0], line[: match.start()], line[match.end() :]) for match in re.finditer(r"(?<![\w.])[a-z]\w+", line) if match[0] in names]
    return found


def test_what_is_used_in_conditions_is_made_a_truth_value_or_a_number() -> None:
    """The text "false" is true, and "7" is no number. Whole, it goes to a module, or to a role, whose specification makes it what it is."""
    kinds = {own: kind for its in readers().values() for (_role, own), kind in its.items()} | OF_PLAYBOOKS
    of_interest = {"deploy_verify", *(name for name, kind in kinds.items() if kind in ("bool", "int", "float"))}
    assert len(of_interest) > 30
    wrong = []
    for name, before, behind in uses(of_interest):
        whole = before.endswith('"{{ ') and re.match(r'( \| default\([\w, ]+\)| \| string \| default\(omit, true\))? }}"', behind)
        made = re.match(r"( \| default\(\w+, true\)| \| genesys_engage\.chat\.given\(\w+\))* (\| (bool|int|float)\b|}}\"$)", behind)
        for_omit = "omit" in before + behind and re.match(r" if \w+ \| string else omit| \| string else omit| == ''\) \| ternary\(omit, |\) }}", behind)
        if not (whole or made or for_omit or behind.startswith(":")):
            wrong.append(f"{before.strip()} {name}{behind}")
    assert wrong == [], "\n".join(wrong)
