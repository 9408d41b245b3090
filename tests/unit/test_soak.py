# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``make soak`` takes hours, and is continued after an interruption: what has passed with the same digest is not run again."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import upgrade_tables
from hosts.soak.conftest import Kept
from hosts.soak.digest import ROOT, digest_of, files

SOAK = Path(__file__).resolve().parents[1] / "hosts" / "soak"
CASES = """
import os, pathlib, pytest

@pytest.mark.parametrize("case", ["good", "bad: task (1)", "last"])
def test_case(case):
    with (pathlib.Path(__file__).parent / "ran").open("a") as note:
        note.write(case + "\\n")
    if case == os.environ.get("KILLED_AT"):
        os.kill(os.getpid(), 9)
    assert not (case.startswith("bad") and os.environ.get("BROKEN"))
"""


@pytest.fixture
def soak(tmp_path):
    """Run three cases as `make soak` runs its own, and tell which of them ran, and what was said."""
    shutil.copy(SOAK / "conftest.py", tmp_path)
    (tmp_path / "cases.py").write_text(CASES)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")

    def run(digest, **more):
        note = tmp_path / "ran"
        note.unlink(missing_ok=True)
        env = {**os.environ, "UPGRADE_RESULTS": str(tmp_path / "results"), "UPGRADE_DIGEST": digest, "PYTHONPATH": str(SOAK.parents[1])}
        env |= {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", **more}
        command = [sys.executable, "-m", "pytest", "-ra", "-p", "no:cacheprovider", "-c", "pytest.ini", "cases.py"]
        done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=60, check=False)
        return (note.read_text().splitlines() if note.exists() else []), done.stdout

    return run


def test_what_has_passed_is_not_run_again_as_long_as_the_digest_is_the_same(soak, tmp_path):
    assert soak("one", BROKEN="1", KILLED_AT="last")[0] == ["good", "bad: task (1)", "last"]
    # What failed, and what was interrupted, is run again.
    ran, said = soak("one")
    assert ran == ["bad: task (1)", "last"]
    assert f"passed already with product digest one; to begin anew, remove {tmp_path / 'results'}" in said
    ran, said = soak("one")
    assert ran == [] and "3 skipped" in said

    # Those of another digest are moved aside, and come back with it.
    figures = tmp_path / "results" / "faults" / "title.json"
    figures.parent.mkdir()
    figures.touch()
    assert len(soak("two")[0]) == 3
    assert not figures.exists() and (tmp_path / "results-one" / "faults" / "title.json").exists()
    kept = [json.loads(file.read_text()) for file in (tmp_path / "results" / "cases").iterdir()]
    assert {(one["outcome"], one["digest"]) for one in kept} == {("passed", "two")} and len(kept) == 3
    assert soak("one")[0] == [] and figures.exists() and (tmp_path / "results-two").exists()


def test_two_workers_share_the_cases(soak, tmp_path):
    """The second one takes what is left, and does nothing twice."""
    soak("one")
    for file in (tmp_path / "results" / "cases").iterdir():
        file.unlink()
    Kept(tmp_path / "results", "one").take("test_case[good]")
    ran, said = soak("one", SOAK_WORKER="2")
    assert ran == ["bad: task (1)", "last"] and "another worker does it" in said
    Kept(tmp_path / "results", "one").begin()
    assert soak("one", SOAK_WORKER="1")[0] == ["good"]


RULES = "plugins/module_utils/_chat"
#: What no upgrade uses, and what an upgrade uses.
UNUSED = {
    "playbooks/deploy.yml", "roles/preflight/tasks/configuration.yml", "roles/rolling_upgrade/README.md", "roles/application/tasks/restart_one.yml",
    f"{RULES}/audit/audit.py", f"{RULES}/parts/workspace.py", f"{RULES}/solution.py", "plugins/modules/chat_solution.py", "plugins/modules/package_removal.py",
    "plugins/inventory/gax.py", "plugins/filter/audit.py", "plugins/doc_fragments/gax.py", "tests/hosts/test_systemd.py", "docs/upgrade.md",
}
USED = {
    "playbooks/upgrade_contact_servers.yml", "roles/preflight/tasks/variables.yml", "roles/rolling_upgrade/defaults/main.yml",
    "roles/package/tasks/rollback_files.yml", "roles/application/tasks/systemd.yml", f"{RULES}/upgrade/rolling.py", f"{RULES}/context.py",
    "plugins/module_utils/_host/recover/swap.py", "plugins/module_utils/_host/__init__.py", "plugins/module_utils/_config/lock.py",
    "plugins/module_utils/_gateway/retry.py", "plugins/action/upgrade_decision.py", "plugins/modules/upgrade_lock.py", "plugins/filter/deployment.py",
    "tests/hosts/test_upgrade.py", "tests/sandbox/scs/service.py", "docs/examples/site/inventory/group_vars/all/solution.yml",
}


def test_what_an_upgrade_uses_counts_and_nothing_else_of_the_product():
    assert not [name for name in UNUSED | USED if not (ROOT / name).is_file()]
    counted = {str(path.relative_to(ROOT)) for path in files(ROOT)}
    assert counted & UNUSED == set() and counted >= USED
    # All that Python loads for modules that run at each end of an upgrade.
    loaded = "import sys; from ansible_collections.genesys_engage.chat.plugins.modules import upgrade_lock, upgrade_plan_info, installation_package"
    show = "print(*(module.__file__ for name, module in sorted(sys.modules.items()) if name.startswith('ansible_collections.genesys_engage.chat.plugins.')))"
    done = subprocess.run([sys.executable, "-c", f"{loaded}; {show}"], capture_output=True, text=True, timeout=60, check=True)
    needed = {name.partition("/genesys_engage/chat/")[2] for name in done.stdout.split()} - {""}  # packages of Ansible without a file
    assert len(needed) > 60 and needed <= counted


def test_a_change_of_the_audit_keeps_the_results_and_one_of_the_upgrade_does_not(tmp_path):
    for part in ("plugins", "roles", "playbooks"):
        shutil.copytree(ROOT / part, tmp_path / part, ignore=shutil.ignore_patterns("__pycache__"))
    before = digest_of(tmp_path)
    for name in (f"{RULES}/audit/audit.py", "plugins/inventory/gax.py"):
        (tmp_path / name).write_text("changed = True\n")
    assert digest_of(tmp_path) == before
    for name in (f"{RULES}/upgrade/rolling.py", "plugins/module_utils/_host/recover/swap.py", "roles/rolling_upgrade/defaults/main.yml"):
        content = (tmp_path / name).read_text()
        (tmp_path / name).write_text(content + "\n# changed\n")
        assert digest_of(tmp_path) != before
        (tmp_path / name).write_text(content)
    (tmp_path / f"{RULES}/upgrade/rolling.py").unlink()
    assert digest_of(tmp_path) != before


def test_the_table_joins_results_and_figures(tmp_path):
    """A case that looked twice has sums and the longest pause; one without figures has none."""
    Kept(tmp_path, "d" * 64).keep("test_a[one]", "passed", 12.3)
    Kept(tmp_path, "d" * 64).keep("test_b", "failed", 1)
    for kind, name, lost, pause in (("faults", "a", 1, 0.2), ("controls", "b", 2, 0.1)):
        (tmp_path / kind).mkdir()
        report = {"opened": 60, "messages_lost": lost, "messages_doubled": 0, "longest_pause_seconds": pause}
        (tmp_path / kind / f"{name}.json").write_text(json.dumps({"title": name, "pairs": 2, "case": "test_a[one]", "report": report}))
    lines = upgrade_tables.block(upgrade_tables.soaked(tmp_path)).splitlines()
    assert lines[0] == "2 cases, 1 passed, 0 minutes of cases; product digest `dddddddddddd`."
    assert lines[-2:] == ["| a[one] | passed | 12.3 | 2 | 120 | 3 | 0 | 0.2 |", "| b | failed | 1 | - | - | - | - | - |"]
