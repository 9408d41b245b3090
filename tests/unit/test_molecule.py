# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Molecule scenarios are complete: each role is in one, and each action has its playbook, which Molecule itself does not insist on."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import scenarios as runs
import yaml

ROOT = Path(__file__).resolve().parents[2]
BASE = ROOT / "extensions" / "molecule" / "config.yml"
SCENARIOS = sorted((ROOT / "extensions" / "molecule").glob("*/molecule.yml"))
TEMPLATE = ROOT / "docs" / "examples" / "session_limit" / "molecule" / "default" / "molecule.yml"
#: Actions that play the playbook of another one.
PLAYS = {"idempotence": "converge"}


def read(path: Path) -> dict[str, Any]:
    return yaml.safe_load(path.read_text(encoding="utf-8")) or {}


def sequence(scenario: Path, base: dict[str, Any]) -> list[str]:
    """The actions of `molecule test`: the scenario's own, or else those of all scenarios."""
    return (read(scenario).get("scenario") or base["scenario"])["test_sequence"]


def without_playbook(scenario: Path, base: dict[str, Any]) -> list[str]:
    """The actions of a scenario whose playbook does not exist."""
    named = base.get("ansible", {}).get("playbooks", {})
    actions = [PLAYS.get(action, action) for action in sequence(scenario, base)]
    return [action for action in actions if not (scenario.parent / named.get(action, f"{action}.yml")).is_file()]


def converges(scenario: Path) -> set[str]:
    """The roles that a scenario applies, by itself or through a playbook of the collection."""
    text = (scenario.parent / "converge.yml").read_text(encoding="utf-8")
    for name in re.findall(r"import_playbook: genesys_engage\.chat\.(\w+)", text):
        text += (ROOT / "playbooks" / f"{name}.yml").read_text(encoding="utf-8")
    for name in re.findall(r"import_playbook: (\w+\.yml)", text):
        text += (scenario.parent / name).read_text(encoding="utf-8")
    return set(re.findall(r"(?:role|name): genesys_engage\.chat\.(\w+)", text))


def test_every_role_is_in_a_scenario():
    """But the one for AWX, which has nothing to do with the hosts."""
    roles = {path.name for path in (ROOT / "roles").iterdir() if path.is_dir()} - {"awx"}
    assert set().union(*(converges(path) for path in SCENARIOS if path.parent.name != "default")) == roles


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda path: path.parent.name)
def test_every_action_has_its_playbook(scenario):
    assert without_playbook(scenario, read(BASE)) == []


def test_every_action_of_the_template_has_its_playbook():
    assert without_playbook(TEMPLATE, {}) == []


@pytest.mark.parametrize("scenario", [path for path in SCENARIOS if path.parent.name != "default"], ids=lambda path: path.parent.name)
def test_every_role_is_applied_twice_upset_and_looked_at(scenario):
    actions = sequence(scenario, read(BASE))
    assert actions[:4] == ["create", "prepare", "converge", "idempotence"]
    assert actions.index("side_effect") < actions.index("verify") < actions.index("destroy") == len(actions) - 1


def test_a_missing_playbook_is_seen(tmp_path):
    scenario = tmp_path / "role" / "molecule.yml"
    scenario.parent.mkdir()
    scenario.write_text("---\n# nothing of its own\n", encoding="utf-8")
    (scenario.parent / "converge.yml").touch()
    base = {"scenario": {"test_sequence": ["create", "converge", "idempotence", "verify"]}, "ansible": {"playbooks": {"create": "../create.yml"}}}
    assert without_playbook(scenario, base) == ["create", "verify"]
    (tmp_path / "create.yml").touch()
    (scenario.parent / "verify.yml").touch()
    assert without_playbook(scenario, base) == []


RECAP = """
SCENARIO RECAP
default                   : actions=1  successful=1  disabled=0  skipped=0  missing=0  failed=0
package                   : actions=6  successful={successful}  disabled=0  skipped=0  missing={missing}  failed={failed}
"""


@pytest.mark.parametrize(
    ("successful", "missing", "failed", "wanted", "told"),
    [
        (6, 0, 0, ["default", "package"], []),
        (5, 1, 0, ["default", "package"], ["package: no playbook for 1 of 6 actions"]),
        (5, 0, 1, ["default", "package"], ["package: failed"]),
        (6, 0, 0, ["default", "deploy", "package"], ["deploy: did not run"]),
    ],
    ids=["good", "missing", "failed", "left_out"],
)
def test_the_recap_is_read(successful, missing, failed, wanted, told):
    assert runs.problems(RECAP.format(successful=successful, missing=missing, failed=failed), wanted) == told


def test_a_run_without_a_recap_is_no_success():
    assert runs.problems("", ["package"]) == ["package: did not run"]
