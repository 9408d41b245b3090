# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One syntax check of all playbooks and roles finds a mistake in any of them."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from ansible_lint import syntax_is_right
from ansiblelint.file_utils import Lintable

PLAY = "- name: Play\n  hosts: localhost\n  tasks:\n    - name: Task\n      {action}\n"
RIGHT, WRONG = "ansible.builtin.ping:", "ansible.builtin.no_such_module:"
ENVIRONMENT = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}


@pytest.mark.parametrize(
    ("playbook", "role", "expected"), [(RIGHT, RIGHT, True), (RIGHT, WRONG, False), (WRONG, RIGHT, False)], ids=("right", "role", "playbook")
)
def test_a_mistake_in_any_file_is_found(tmp_path, playbook, role, expected):
    """The one with the mistake is the first or the last of two."""
    play, tasks = tmp_path / "play.yml", tmp_path / "roles" / "some" / "tasks" / "main.yml"
    tasks.parent.mkdir(parents=True)
    play.write_text(PLAY.format(action=playbook), encoding="utf-8")
    tasks.write_text(f"- name: Task\n  {role}\n", encoding="utf-8")
    files = [Lintable(play, kind="playbook"), Lintable(tasks.parent.parent, kind="role")]
    assert syntax_is_right(files, ENVIRONMENT) is expected
