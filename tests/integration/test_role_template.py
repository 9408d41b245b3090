# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The template for users' own roles (docs/testing_your_roles.md), run from the installed archive by the commands of that page: good, with a defect,
with a wrong solution, and without a sandbox."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from integration.test_archive import installed_archive, only_in

from sandbox.testing import compiled_once, packed_in

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "testing_your_roles.md").read_text(encoding="utf-8")
SECONDS = 600
#: Where the archive is installed while these tests run.
COLLECTIONS: list[Path] = []

# A run is ten playbooks.
pytestmark = pytest.mark.timeout(SECONDS + 60)


def documented() -> list[str]:
    """The commands of the page that run the example."""
    blocks = [block for block in re.findall(r"^```sh\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL) if "molecule test" in block]
    assert len(blocks) == 1
    return blocks[0].splitlines()


@pytest.fixture(scope="module", autouse=True)
def installed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The archive, built and installed where Ansible finds it and nothing of the checkout."""
    COLLECTIONS.append(installed_archive(tmp_path_factory.mktemp("archive")))
    yield
    COLLECTIONS.clear()


def run(place: Path, commands: list[str], **variables: str) -> tuple[int, str]:
    """Run commands as a user does, in an environment with the tools and a home of its own; exit code and output."""
    home = place / "home"
    home.mkdir(exist_ok=True)
    (collections,) = COLLECTIONS
    foreign = ("ANSIBLE_", "MOLECULE_", "GAX_", "CONFSERV_", "SCS_", "PYTHONPATH")
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(foreign)},
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(home),
        "LC_ALL": "C.UTF-8",
        "NO_COLOR": "1",
        "MOLECULE_COMMAND_BORDERS": "false",
        "collection": str(collections / "ansible_collections" / "genesys_engage" / "chat"),
        **only_in(collections),
        **compiled_once(),
        **packed_in(collections.parent / "packed"),
        **variables,
    }
    done = subprocess.run(
        ["bash", "-e", "-c", "\n".join(commands)],
        cwd=place, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=SECONDS, check=False,
    )
    return done.returncode, re.sub(r"\x1b\[[0-9;]*m", "", done.stdout)


def left_behind(place: Path) -> list[str]:
    """Processes that work in a directory, and sandboxes that still have their state there."""
    processes = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            words = (process / "cmdline").read_text(encoding="utf-8", errors="replace").split("\0")
        except OSError:
            continue  # it has just ended
        if any(str(place) in word for word in words):
            processes.append(" ".join(words))
    return processes + [str(path) for path in place.rglob("gax.db")]


def test_the_template_runs_as_documented(tmp_path):
    code, output = run(tmp_path, documented())
    assert code == 0, output
    promised = re.search(r"ends with the line `default : (actions=.*)`", PAGE)
    assert promised
    assert re.sub(" +", " ", promised[1]) in re.sub(" +", " ", output)
    assert left_behind(tmp_path) == []


def test_a_whole_solution_is_refused_and_deployed_as_the_page_says(tmp_path):
    chapter = PAGE.split("### A whole solution to work on")[1].split("\n### Looking past GAX")[0]
    prepare, settings = re.findall(r"^```yaml\n(.*?)^```", chapter, re.MULTILINE | re.DOTALL)
    copies, defects = re.findall(r"^```sh\n(.*?)^```", chapter, re.MULTILINE | re.DOTALL)
    (message,) = re.findall(r"^```text\n(.*?)\n```", chapter, re.MULTILINE | re.DOTALL)
    copy, change, _test = documented()
    code, output = run(tmp_path, [copy, change, *copies.splitlines()])
    assert code == 0, output
    scenario = tmp_path / "session_limit" / "molecule" / "default"
    (scenario / "prepare.yml").write_text(prepare)
    before = (scenario / "molecule.yml").read_text()
    assert before.count("\nansible:\n") == 1
    (scenario / "molecule.yml").write_text(before.replace("\nansible:\n", f"\n{settings}"))
    try:
        code, output = run(tmp_path, [change, *defects.splitlines()])
        assert code != 0
        assert "".join(message.split()) in re.sub(r"[\s│]", "", output)  # Molecule folds lines and draws a border
        assert not list((scenario / "sandbox" / "hosts").rglob("ChatServer_1")), "the wrong solution was installed"
        code, output = run(tmp_path, [change, "sed -i 's/Chat_Inn/Chat_In/' molecule/default/description/solution.yml", "molecule prepare"])
        assert code == 0, output
        assert list((scenario / "sandbox" / "hosts").rglob("ChatServer_1")), "nothing was installed"
    finally:
        code, output = run(tmp_path, [change, "molecule destroy"])
    assert code == 0, output
    assert left_behind(tmp_path) == []


def test_a_defect_of_the_role_is_found_and_nothing_is_left(tmp_path):
    copy, *others = documented()
    defect = "sed -i 's/session_limit_sessions: 500/session_limit_sessions: 501/' session_limit/defaults/main.yml"
    code, output = run(tmp_path, [copy, defect, *others])
    assert code != 0
    assert "limit-for-sessions is ['501']" in output
    assert re.search(r"default > create: Executed: Successful", output)
    assert left_behind(tmp_path) == []


def test_a_sandbox_that_can_not_start_says_why(tmp_path):
    copy, *others = documented()
    defect = "sed -i 's/--gax-port, \"0\"/--gax-port, \"99999\"/' session_limit/molecule/default/create.yml"
    code, output = run(tmp_path, [copy, defect, *others])
    assert code != 0
    assert "port 99999 can not be used" in output
    assert left_behind(tmp_path) == []
