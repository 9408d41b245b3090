# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The modules of managed hosts as Ansible runs them there, by the Pythons that an ansible-core supports: all say the same.

TESTED_ANSIBLE_PLAYBOOK names the ansible-playbook of another ansible-core than that of the tests.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from check import find_python
from integration.managed_hosts import Hosts
from integration.module_runner import ModuleRunner

from sandbox.testing import Sandbox

#: ansible-core -> Pythons of managed hosts: the oldest that it supports, and a current one.
PYTHONS = {"2.16": ("3.6", "3.12"), "2.19": ("3.8", "3.13"), "2.21": ("3.9", "3.13")}
PLAYBOOK = Path(__file__).with_name("host_modules.yml")
ANSIBLE_PLAYBOOK = os.environ.get("TESTED_ANSIBLE_PLAYBOOK") or str(Path(sys.executable).parent / "ansible-playbook")

#: What differs for every host and every moment; and what belongs to Ansible, not to the modules.
NOT_COMPARED = ("invocation", "ansible_facts", "ansible_loop_var", "exception", "dbid", "seconds")
#: What of the log does not grow while the server runs.
OF_THE_LOG = ("application", "complete", "dates", "events", "events_found", "product", "state", "version")
PECULIAR = [
    (r"chat\d", "HOST"),
    (r"ChatServer_\d", "APPLICATION"),
    (r"127\.\d+\.\d+\.\d+", "ADDRESS"),
    (r"\d{4}-?\d\d-?\d\d[T_ ]\d\d[:-]?\d\d[:-]?\d\d([._]\d+)?", "TIME"),
]


def core() -> str:
    """Return the ansible-core that is tested, as 2.19."""
    told = subprocess.run([ANSIBLE_PLAYBOOK, "--version"], capture_output=True, text=True, timeout=60, check=True).stdout
    found = re.search(r"\[core (\d+\.\d+)", told)
    assert found, told
    return found.group(1)


def interpreters() -> dict[str, str]:
    """Return the interpreters by version; a missing one is a failure in CI, and otherwise reason enough to leave the test out."""
    found = {version: find_python(version) for version in PYTHONS[core()]}
    missing = [version for version, path in found.items() if path is None]
    if missing and not os.environ.get("CI"):
        pytest.skip(f"no Python {', '.join(missing)} that runs was found")
    assert not missing, f"no Python {', '.join(missing)} that runs was found"
    return {version: str(path) for version, path in found.items()}


def comparable(results: dict[str, Any]) -> Any:
    """Return the results of a host without what is peculiar to it or to the moment."""
    chosen = {**results, "log": {key: results["log"][key] for key in OF_THE_LOG}}
    text = json.dumps(chosen, sort_keys=True)
    for pattern, word in PECULIAR:
        text = re.sub(pattern, word, text)
    return json.loads(text, object_hook=lambda item: {key: item[key] for key in item if key not in NOT_COMPARED and not key.startswith("_ansible")})


@pytest.mark.timeout(600)
def test_all_interpreters_say_the_same(runner: ModuleRunner, tmp_path: Path) -> None:
    chosen = interpreters()
    (tmp_path / "remote").mkdir(mode=0o700)  # else the first module of all warns that it made it
    with Sandbox() as sandbox:
        Hosts(sandbox, runner)  # furnishes it
        hosts = {
            f"chat{number}": {"ansible_python_interpreter": path, "application": f"ChatServer_{number}"}
            for number, path in enumerate(chosen.values(), 1)
        }
        inventory = tmp_path / "interpreters.yml"
        inventory.write_text(json.dumps({"interpreters": {"hosts": hosts, "vars": {"kept_in": str(tmp_path)}}}))
        done = subprocess.run(
            [ANSIBLE_PLAYBOOK, "-i", str(sandbox.inventory), "-i", str(inventory), str(PLAYBOOK)],
            env={**os.environ, "ANSIBLE_NOCOLOR": "1", "ANSIBLE_PIPELINING": "1",
                 "ANSIBLE_LOCAL_TEMP": str(tmp_path / "local"), "ANSIBLE_REMOTE_TEMP": str(tmp_path / "remote")},
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=500, check=False,
        )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    results = {version: json.loads((tmp_path / f"{host}.json").read_text()) for version, host in zip(chosen, hosts, strict=True)}
    for version, result in results.items():
        python = result.pop("python")["version"]
        assert f"{python['major']}.{python['minor']}" == version
        as_it_should_be(result)
    first, *others = (comparable(result) for result in results.values())
    for other in others:
        differing = {part: [first[part], other[part]] for part in first if first[part] != other[part]}
        assert not differing, json.dumps(differing, indent=1)


def as_it_should_be(result: dict[str, Any]) -> None:
    """Assert what the modules must have found on each host."""
    assert [item["changed"] for item in result["installed"]] == [True, False, True, False, False]
    assert [item["failed"] for item in result["installed"]] == [False, False, False, True, True]
    assert "older than the installed" in result["installed"][3]["msg"]
    assert "does not exist on this host" in result["installed"][4]["msg"]
    assert [item["changed"] for item in result["rolled_back"]] == [True, False]
    (installation,) = result["info"]["installations"]
    assert (installation["version"], installation["complete"]) == ("8.5.311.06", True)
    (seen,) = result["look"]["packages"]
    assert "msg" not in seen, seen["msg"]
    assert (seen["changed"], seen["before"]["version"], seen["installed"]["version"]) == (True, "8.5.311.06", "8.5.316.02")
    assert result["unit"].get("msg") or result["unit"]["changed"]
    assert [item["changed"] for item in (*result["started"], result["stopped"])] == [True, False, True]
    assert result["status"]["applications"][0]["status"] in ("RUNNING", "SERVICE_UNAVAILABLE")
    assert [port["listening"] for port in result["ports"]["ports"]] == [True, True]
    assert (result["log"]["version"], result["log"]["state"]) == ("8.5.311.06", "initialized")
    assert (result["connection"]["member"], result["connection"]["reached"]) == ("none", False)
    look = result["upgrade_look"]
    assert ([port["listening"] for port in look["ports"]], look["complaints"], look["states"]) == ([True], [], [])
    assert (look["connections"][0]["member"], look["installed"][0]["version"], look["installed"][0]["complete"]) == ("none", "8.5.311.06", True)
    assert [item["changed"] for item in result["removed"]] == [True, False]
    assert result["silent"]["failed"] and "Nothing answers" in result["silent"]["msg"]
