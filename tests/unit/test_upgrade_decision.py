# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The action upgrade_decision: its documentation, its questions and the role's tasks are of one mind; results are plain data."""

from __future__ import annotations

import re
from collections import UserDict
from pathlib import Path

import yaml

from ansible_collections.genesys_engage.chat.plugins.action import upgrade_decision as action
from ansible_collections.genesys_engage.chat.plugins.modules import upgrade_decision as documented

ROOT = Path(__file__).resolve().parents[2]
OPTIONS = yaml.safe_load(documented.DOCUMENTATION)["options"]


def test_each_question_is_documented_and_asked():
    choices = set(OPTIONS["about"]["choices"])
    # The role application restarts Chat Servers by the same rule.
    files = [path for role in ("rolling_upgrade", "application") for path in (ROOT / "roles" / role / "tasks").glob("*.yml")]
    tasks = "\n".join(path.read_text(encoding="utf-8") for path in files)
    assert choices == set(re.findall(r"^ +about: (\w+)$", tasks, re.MULTILINE))
    assert [name for name in choices if not callable(getattr(action.ActionModule, f"_{name}", None))] == []
    assert set(OPTIONS) == set(action.ActionModule._VALID_ARGS)


def test_the_lock_names_the_job_of_awx():
    """Another job can't see whether it still runs; a person who finds its number in the refusal looks it up in AWX."""
    for variables, owner in (({"awx_job_id": 57}, "kim, job 57 of AWX, run "), ({"tower_job_id": "57"}, "kim, job 57 of AWX, run "), ({}, "kim, run ")):
        decision = object.__new__(action.ActionModule)
        decision._variables = {"groups": {}, "ansible_play_hosts_all": ["site"], **variables}
        decision._hostvars = {}
        found = decision._hosts({"configuration_host": "site", "owner": "kim", "back": False, "version": "", "data_compatible": False})
        assert found["owner"].startswith(owner), found["owner"]


def test_results_are_plain_data():
    found = action._plain(UserDict({"a": (1, UserDict({2: None})), "b": "x"}))
    assert found == {"a": [1, {"2": None}], "b": "x"} and isinstance(found, dict) and isinstance(found["a"][1], dict)
