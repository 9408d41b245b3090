# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The variables of the playbooks: messages name them, and misspelt ones are found."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import variables as generator
import yaml
from unit.in_process import Site, furnished, run
from unit.test_examples import variables_of_the_roles

from ansible_collections.genesys_engage.chat.plugins.filter.variables import misspelt_names, misspelt_variables, unread_names
from ansible_collections.genesys_engage.chat.plugins.module_utils._common.variables import INNER, ON_HOSTS, OPTIONS, ROLES, USERS, told
from ansible_collections.genesys_engage.chat.plugins.module_utils._host.system.errors import HostError

ROOT = Path(__file__).resolve().parents[2]
LIST = ROOT / "plugins" / "module_utils" / "_common" / "variables.py"


# --- the lists ----------------------------------------------------------------------------------------------------------


def test_the_lists_are_up_to_date():
    content = LIST.read_text(encoding="utf-8")
    assert generator.with_lists(content) == content, "run: .venv/bin/python tools/variables.py"


def test_every_variable_of_the_guide_is_known():
    guide = (ROOT / "docs" / "getting_started.md").read_text(encoding="utf-8")
    table = guide.partition("\n### Variables\n")[2].partition("\n### ")[0]
    listed = set(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE))
    assert len(listed) > 50 and listed - USERS == set()
    assert variables_of_the_roles() - USERS == set()


def test_the_variables_behind_options():
    """A few by hand, of each kind: through the defaults of a role, through the defaults of a group of modules, on hosts, with another name."""
    assert OPTIONS["chat_solution"]["allow_disconnect"] == "chat_allow_disconnect"
    assert OPTIONS["chat_solution"]["ca_path"] == OPTIONS["upgrade_lock"]["ca_path"] == "gax_ca_path"
    assert (OPTIONS["config_restore"]["path"], OPTIONS["deployment_info"]["packages"]) == ("chat_snapshot", "genesys_packages")
    assert OPTIONS["wes_chat_channel"]["chat_is_default_channel"] == "chat_wes_default_channel"
    assert (ON_HOSTS["accept_license"], ON_HOSTS["mlcmd"], ON_HOSTS["src"]) == ("genesys_accept_license", "mlcmd_path", "genesys_packages")
    assert "path" not in ON_HOSTS, "it comes from what is installed"
    assert "config_snapshot" not in OPTIONS, "no playbook runs it, so that its path is no variable"
    assert "confserv_password" not in ON_HOSTS, "it has the same name in both"


def test_each_variable_is_read_for_its_option():
    """By another way than the generator's: the value of the option leads to the variable through the defaults, by search and replacement."""
    defaults: dict[str, Any] = {}
    for path in (ROOT / "roles").glob("*/defaults/main.yml"):
        defaults.update(yaml.safe_load(path.read_text(encoding="utf-8")))
    tasks = "\n".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "roles").glob("*/tasks/*.yml")))
    for option, variable in [pair for its in [*OPTIONS.values(), ON_HOSTS] for pair in its.items()]:
        texts = re.findall(rf"^\s+{option}: (.*)$", tasks, re.MULTILINE)
        texts += [str(value) for name, value in defaults.items() if any(re.search(rf"\b{name}\b", text) for text in texts)]
        assert any(re.search(rf"\b{variable}\b", text) for text in texts), (option, variable)


# --- messages -----------------------------------------------------------------------------------------------------------

NAMES = {"allow_disconnect": "chat_allow_disconnect", "ca_path": "gax_ca_path", "path": "chat_snapshot", "response": "genesys_response"}


@pytest.mark.parametrize(("text", "expected"), [
    ("set allow_disconnect to true", "set allow_disconnect (in the playbooks: chat_allow_disconnect) to true"),
    ("ca_path: '/x' can't be read. Set ca_path.", "ca_path (in the playbooks: gax_ca_path): '/x' can't be read. Set ca_path."),
    ("path: '/tmp/ca_path' is no snapshot", "path (in the playbooks: chat_snapshot): '/tmp/ca_path' is no snapshot"),
    ("the path is wrong", "the path is wrong"), ("solution.ca_path is wrong; path must be text",
                                                 "solution.ca_path is wrong; path (in the playbooks: chat_snapshot) must be text"),
    ("restore: path: gone", "restore: path (in the playbooks: chat_snapshot): gone"),
    ("Give it with the option response.", "Give it with the option response (in the playbooks: genesys_response)."),
    ("application 'ca_path' has no port", "application 'ca_path' has no port"), ("nothing at all", "nothing at all"),
    ("set allow_disconnect, that is chat_allow_disconnect", "set allow_disconnect, that is chat_allow_disconnect"), ("", "")])
def test_told(text: str, expected: str) -> None:
    assert told(text, NAMES) == expected
    assert told(expected, NAMES) == expected, "once"


@pytest.mark.parametrize(("module", "arguments", "words"), [
    ("chat_solution", {"solution": {"tenant": "Environment"}, "ca_path": "/nowhere"}, "ca_path (in the playbooks: gax_ca_path): '/nowhere' does not exist"),
    ("chat_solution", {"solution": {"tenant": "Environment"}, "allow_disconect": True},
     "unknown option 'allow_disconect'; did you mean 'allow_disconnect'?"),
    ("deployment_info", {"solution": {"tenant": "Environment"}, "packages": {"chat_sever": "x"}},
     "packages (in the playbooks: genesys_packages): 'chat_sever' is not the role of an application; did you mean 'chat_server'?"),
    ("wes_chat_channel", {"backend_server": "Nobody", "tenant": "Environment", "queue": "Chat_In"},
     "wes_chat_channel: backend_server (in the playbooks: chat_wes_backend_server): there is no application named 'Nobody'"),
    ("chat_server_app", {"name": "ChatServer_1", "ca_path": "/nowhere"}, "ca_path: '/nowhere' does not exist"),
    ("chat_solution", {"solution": {"tenant": "Environment"}, "parallel_writes": 0},
     "parallel_writes (in the playbooks: configuration_parallel_writes) must be from")])
def test_a_failure_of_a_module_names_both(module: str, arguments: dict[str, Any], words: str) -> None:
    ended = run(module, arguments, Site(furnished()[0]), check=False)
    assert ended.failed and ended.result["msg"].startswith(words), ended.result["msg"]


def test_a_failure_on_a_host_names_both():
    error = HostError("The licence is not accepted.", "Read it, then set accept_license.")
    error.host = "chat1"
    assert str(error) == "On host 'chat1': The licence is not accepted. Read it, then set accept_license (in the playbooks: genesys_accept_license)."
    assert error.failure()["cure"] == "Read it, then set accept_license."


# --- misspelt variables -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(USERS))
def test_each_variable_with_a_slip_is_refused(name: str) -> None:
    """A letter left out, exchanged with the next one, or doubled."""
    for typed in (name[:-3] + name[-2:], name[:-3] + name[-2] + name[-3] + name[-1], name + name[-1]):
        if typed != name:
            assert misspelt_names([typed]) == ["Nothing reads the variable '%s'; did you mean '%s'?" % (typed, name)]


def test_what_is_refused_and_what_is_told():
    given = ["genesys_acept_license", "gensys_packages", "chat_solution", "chat_solutions", "genesys_colour", "deploy_hosts", "package_name", "ansible_host",
             "my_genesys", "preflight_deployment", "gax_url", "chat", "upgrade_os"]
    assert misspelt_names(given) == [
        "Nothing reads the variable 'genesys_acept_license'; did you mean 'genesys_accept_license'?",
        "Nothing reads the variable 'gensys_packages'; did you mean 'genesys_packages'?"]
    # chat_solution has a value, so chat_solutions is something else.
    assert unread_names(given) == ["chat_solutions", "deploy_hosts (did you mean 'deploy_host'?)", "genesys_colour"]
    own = ["genesys_acept_license", "gensys_packages", "chat_solutions", "genesys_colour", "deploy_hosts"]
    assert (misspelt_names(given, own), unread_names(given, own)) == ([], [])


def test_what_awx_brings_is_not_taken_for_ours() -> None:
    """AWX gives these to every job. The arguments of the role awx begin as they do, and awx_user_name is nearly gax_username."""
    brought = """awx_job_id awx_job_launch_type awx_job_template_id awx_job_template_name awx_user_id awx_user_name awx_user_email awx_user_first_name
        awx_user_last_name awx_schedule_id awx_schedule_name awx_workflow_job_id awx_workflow_job_name awx_workflow_job_launch_type
        awx_parent_job_schedule_id awx_parent_job_schedule_name awx_inventory_id awx_inventory_name awx_project_revision awx_project_scm_branch
        awx_execution_node awx_webhook_event_type awx_webhook_event_guid awx_webhook_payload""".split()
    brought += [name.replace("awx_", "tower_") for name in brought]
    assert (misspelt_names(brought), unread_names(brought)) == ([], [])
    assert {name for name in brought if name in USERS | ROLES | INNER} == set()


def test_all_hosts_are_looked_at(capsys: pytest.CaptureFixture[str]) -> None:
    hostvars: dict[str, dict[str, Any]] = {
        "a": {"genesys_acept_license": 1, "genesys_colour": 1}, "b": {"genesys_acept_license": 1, "gensys_packages": 1},
        "c": {"genesys_own_variables": ["genesys_size", "mlcmd_pth"], "genesys_size": 1, "mlcmd_pth": 1}, "d": {"gax_ur": 1},
    }
    assert misspelt_variables(["a", "b", "c"], hostvars) == [
        "Nothing reads the variable 'genesys_acept_license'; did you mean 'genesys_accept_license'?",
        "Nothing reads the variable 'gensys_packages'; did you mean 'genesys_packages'?"]
    assert "nothing reads genesys_colour. What is your own stands in genesys_own_variables." in " ".join(capsys.readouterr().err.split())
    assert misspelt_variables(["a", "b"], hostvars, ["genesys_acept_license", "gensys_packages"]) == []


def test_what_is_known_is_neither():
    everything = [*USERS, *ROLES, *INNER]
    assert (misspelt_names(everything), unread_names(everything)) == ([], [])
