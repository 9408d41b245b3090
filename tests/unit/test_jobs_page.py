# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The pages about AWX name every playbook, every place that a job writes to, and everything that it hands on."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from ansible_collections.genesys_engage.chat.plugins.filter.job import PLACES

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "jobs.md").read_text(encoding="utf-8")
PLAYBOOKS = {path.stem: path.read_text(encoding="utf-8") for path in (ROOT / "playbooks").glob("*.yml") if path.stem != "awx_setup"}
UPGRADES = {"upgrade_contact_servers", "upgrade_chat_servers", "rollback_contact_servers"}
TASKS = [path.read_text(encoding="utf-8") for path in (ROOT / "roles").glob("*/tasks/*.yml")]


def section(title: str) -> str:
    """One section of the page."""
    return PAGE.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def places_of(playbook: str) -> list[str]:
    """The places that a playbook says it writes to or reads from."""
    found = re.search(r"preflight_places: (\[.*\])", PLAYBOOKS[playbook])
    return list(yaml.safe_load(found[1])) if found else []


@pytest.mark.parametrize("variable", PLACES)
def test_the_table_of_places(variable: str) -> None:
    lines = [line.split("|") for line in section("Places that last").splitlines() if line.startswith("| `")]
    rows = [[cell.strip() for cell in cells[1:-1]] for cells in lines if f"`{variable}`" in cells[1]]
    named = {name for row in rows for name in (UPGRADES if row[1].endswith("the upgrades") else set()) | set(re.findall(r"`(\w+)`", row[1]))}
    assert {name for name in PLAYBOOKS if variable in places_of(name)} <= named


def test_the_project_of_awx_has_every_playbook() -> None:
    page = (ROOT / "docs" / "awx.md").read_text(encoding="utf-8")
    named = re.search(r"for name in (.*?); do", page, re.DOTALL)
    assert named is not None and sorted(named[1].replace("\\", " ").split()) == sorted(PLAYBOOKS)


def test_what_a_relaunch_does_is_told_of_every_playbook() -> None:
    assert set(PLAYBOOKS) - set(re.findall(r"`(\w+)`", section("Relaunch on failed hosts"))) == set()


def test_all_that_a_job_hands_on_is_told() -> None:
    """Statistics are the members of set_stats and those of run_summary."""
    handed_on = {name for text in TASKS for name in re.findall(r"^ +(?:statistics|data):\n +(\w+):", text, re.MULTILINE)}
    handed_on |= {name for text in TASKS for name in re.findall(r"statistics: \"{{ {'(\w+)'", text)}
    assert handed_on > {"upgrade", "chat_places", "chat_snapshot", "chat_history"}
    assert handed_on - set(re.findall(r"`(\w+)`", section("What a job hands on"))) == set()


def test_the_filter_names_every_place() -> None:
    documentation = yaml.safe_load((ROOT / "plugins" / "filter" / "job_places.yml").read_text(encoding="utf-8"))["DOCUMENTATION"]
    assert set(documentation["options"]["names"]["choices"]) == set(PLACES)
