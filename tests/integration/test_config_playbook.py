# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The modules under ansible-playbook itself: in check mode, with credentials from the action group or the environment."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from integration.configured_site import Site, solution
from integration.module_runner import NOT_INHERITED

from sandbox.testing import packed_once


@dataclass
class Play:
    """What a run of ansible-playbook left."""

    returncode: int
    output: str
    directory: Path

    @property
    def recap(self) -> dict[str, int]:
        """The figures of the last line."""
        line = [line for line in self.output.splitlines() if line.startswith("localhost ")][-1]
        return {key: int(value) for key, value in re.findall(r"(\w+)=(\d+)", line)}


@pytest.fixture
def directory() -> Iterator[Path]:
    """A directory with a short path: Ansible makes sockets in it, whose paths are limited."""
    with tempfile.TemporaryDirectory(prefix="play-") as name:
        yield Path(name)


def play(site: Site, directory: Path, tasks: list[dict[str, Any]], *switches: str, by_environment: bool = False) -> Play:
    """Run tasks on localhost, with everything that Ansible writes below the directory."""
    defaults = {} if by_environment else {"group/genesys_engage.chat.chat": site.connection}
    book = [
        {
            "hosts": "localhost",
            "gather_facts": False,
            "vars": {"ansible_python_interpreter": "{{ ansible_playbook_python }}"},
            "module_defaults": defaults,
            "tasks": tasks,
        }
    ]
    path = directory / "play.yml"
    path.write_text(yaml.safe_dump(book, sort_keys=False), encoding="utf-8")
    environment = {key: value for key, value in os.environ.items() if not key.startswith(NOT_INHERITED)}
    left = directory / "left"
    left.mkdir(exist_ok=True)
    environment.update(
        HOME=str(left),
        TMPDIR=str(left),
        ANSIBLE_LOCAL_TEMP=str(left / "local"),
        ANSIBLE_REMOTE_TEMP=str(left / "remote"),
        ANSIBLE_LOG_PATH=str(left / "ansible.log"),
        ANSIBLE_NOCOLOR="1",
        ANSIBLE_LOCALHOST_WARNING="false",
        PYTHONDONTWRITEBYTECODE="1",
        **packed_once(),
    )
    if by_environment:
        names = {"gax_url": "GAX_URL", "gax_username": "GAX_USERNAME", "gax_password": "GAX_PASSWORD"}
        environment.update({names[key]: value for key, value in site.connection.items()})
    command = [
        os.environ.get("TESTED_ANSIBLE_PLAYBOOK", str(Path(sys.executable).parent / "ansible-playbook")),
        "-i",
        "localhost,",
        "-c",
        "local",
        *switches,
        str(path),
    ]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=directory, timeout=100, check=False)
    return Play(done.returncode, done.stdout + done.stderr, left)


def module(module_name: str, /, **arguments: Any) -> dict[str, Any]:
    return {"name": module_name, f"genesys_engage.chat.{module_name}": arguments}


@pytest.mark.slow
def test_check_diff_then_real_then_again(site: Site, directory: Path) -> None:
    """Credentials from the environment, as AWX hands them over."""
    tasks = [module("chat_solution", solution=solution())]
    before = site.sandbox.database()
    check = play(site, directory, tasks, "--check", "--diff", by_environment=True)
    assert (check.returncode, check.recap["changed"]) == (0, 1), check.output
    assert site.sandbox.database() == before
    shown = re.findall(r"^\+\+\+ after: (?:application|script) '([^']+)'", check.output, re.MULTILINE)

    site.sandbox.clear()
    real = play(site, directory, tasks, "--diff", by_environment=True)
    assert (real.returncode, real.recap["changed"]) == (0, 1), real.output
    assert shown == [name for _action, _type, name in site.writes()]

    again = play(site, directory, tasks, "--diff", by_environment=True)
    assert (again.returncode, again.recap["changed"]) == (0, 0), again.output
    for run in (check, real, again):
        assert not re.search(r"\[(WARNING|DEPRECATION WARNING|ERROR)\]", run.output), run.output


@pytest.mark.slow
def test_failure_is_one_sentence(furnished: Site, directory: Path) -> None:
    done = play(furnished, directory, [module("chat_server_app", name="ChatServer_1", ports={"esp": 4999})])
    assert done.returncode == 2
    (sentence,) = re.findall(r'"msg": "([^"]+)"', done.output)
    assert "'esp'" in sentence and "'ESP'" in sentence
    assert "Traceback" not in done.output
