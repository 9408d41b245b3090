# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""package_rollback and package_info against the sandbox's packages: files and configuration of a bad upgrade are put back."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from integration.configured_site import fails_well
from integration.managed_hosts import CHAT_NEW, CHAT_OLD, PASSWORD, Hosts, succeeds, tree, wait_until
from integration.module_runner import ModuleRunner

from sandbox.testing import Sandbox

OLD, NEW = "8.5.311.06", "8.5.316.02"


@pytest.fixture(scope="module")
def all_hosts(runner: ModuleRunner) -> Iterator[Hosts]:
    with Sandbox(password=PASSWORD) as sandbox:
        yield Hosts(sandbox, runner)


@pytest.fixture
def hosts(all_hosts: Hosts) -> Hosts:
    all_hosts.renew()
    return all_hosts


def roll_back(hosts: Hosts, check: bool = False, **changes):
    arguments = {"path": str(hosts.target()), "application": "ChatServer_1", **changes}
    return hosts.run("package_rollback", arguments, hosts.environment("chat1"), check)


def info(hosts: Hosts):
    outcome = succeeds(hosts.run("package_info", {"install_root": str(hosts.target().parent)}, hosts.environment("chat1"), check=True))
    assert not outcome.changed
    return outcome.result["installations"]


def content(hosts: Hosts) -> dict[str, object]:
    """Return the installation's files and links with their content, without backups and notes."""
    found: dict[str, object] = {}
    for path in hosts.target().rglob("*"):
        name = str(path.relative_to(hosts.target()))
        if not name.startswith(("backup_", ".genesys_engage")) and not path.is_dir():
            found[name] = os.readlink(path) if path.is_symlink() else path.read_bytes()
    return found


def test_files_and_configuration_are_as_before_the_upgrade(hosts):
    hosts.installed(package=CHAT_OLD)
    (hosts.target() / "edited.cfg").write_text("by hand")
    files, configured = content(hosts), hosts.configured()
    hosts.installed(package=CHAT_NEW)
    assert hosts.configured() != configured
    predicted = succeeds(roll_back(hosts, check=True))
    before_writes = tree(hosts.root("chat1"))
    assert content(hosts) != files
    outcome = succeeds(roll_back(hosts))
    assert tree(hosts.root("chat1")) != before_writes
    for part in ("changed", "diff", "configuration", "installed"):
        assert predicted.result[part] == outcome.result[part]
    assert outcome.changed
    assert content(hosts) == files
    assert outcome.result["configuration"] == {key: configured[key] for key in ("working_directory", "command_line", "command_line_arguments", "version")}
    assert hosts.installer_calls() == 0

    arguments = outcome.result["configuration"]
    properties = {key.replace("working", "work").replace("_", ""): value for key, value in arguments.items()}
    found = hosts.sandbox.environment
    server = {"gax_url": found["gax_url"], "gax_username": found["username"], "gax_password": found["password"]}
    written = hosts.run("config_object", {**server, "type": "CfgApplication", "name": "ChatServer_1", "properties": properties})
    assert succeeds(written).changed
    assert hosts.configured() == configured

    assert not succeeds(roll_back(hosts)).changed
    assert not hosts.installed(package=CHAT_OLD).changed


def test_a_killed_upgrade_is_undone_and_can_be_repeated(hosts):
    hosts.installed(package=CHAT_OLD)
    files = content(hosts)
    pid = hosts.start("installation_package", hosts.installation(), hosts.environment("chat1", SANDBOX_INSTALL_SECONDS="30"))
    description = hosts.target() / "ip_description.xml"
    wait_until(lambda: description.is_file() and NEW in description.read_text())
    os.kill(pid, signal.SIGTERM)
    hosts.finish()
    found, = info(hosts)
    assert (found["complete"], found["unfinished"]["version"], found["backups"][0]["version"]) == (False, NEW, OLD)
    outcome = succeeds(roll_back(hosts))
    assert (outcome.result["before"]["complete"], outcome.result["installed"]["version"]) == (False, OLD)
    assert content(hosts) == files
    assert hosts.configured()["version"] == OLD
    assert hosts.installed().changed
    found, = info(hosts)
    assert (found["version"], found["complete"], found["rolled_back"]) == (NEW, True, False)
    assert [(backup["version"], backup["complete"]) for backup in found["backups"]] == [(OLD, True), (NEW, False)]
    assert hosts.leftovers() == []


def test_nothing_to_go_back_to(hosts):
    hosts.installed()
    before = tree(hosts.root("chat1"))
    fails_well(roll_back(hosts), "holds no complete backup of 'ChatServer_1'", "allow_downgrade")
    fails_well(roll_back(hosts, path="opt"), "is not absolute")
    assert tree(hosts.root("chat1")) == before


def test_an_upgrade_carries_files_over_and_keeps_one_backup(hosts):
    hosts.installed(package=CHAT_OLD)
    (hosts.target() / "certificates").mkdir()
    (hosts.target() / "certificates" / "server.pem").write_text("key")
    hosts.installed(package=CHAT_NEW)
    hosts.installed(package=CHAT_OLD, allow_downgrade=True)
    assert not (hosts.target() / "certificates").exists()
    options = {"carry_over": ["certificates", "ChatServer*", "*.html"], "keep_backups": 1}
    (hosts.target() / "certificates").mkdir()
    (hosts.target() / "certificates" / "server.pem").write_text("new key")
    predicted = hosts.installed(check=True, **options)
    outcome = hosts.installed(**options)
    for part in ("diff", "carried_over", "not_carried_over", "pruned"):
        assert predicted.result[part] == outcome.result[part]
    assert outcome.result["carried_over"] == ["certificates/server.pem"]
    assert "ChatServer" in outcome.result["not_carried_over"]
    assert (hosts.target() / "certificates" / "server.pem").read_text() == "new key"
    found, = info(hosts)
    assert [backup["path"] for backup in found["backups"]] == [outcome.result["backup"]]
    assert not hosts.installed(**options).changed


PLAYBOOK = """
- hosts: chat1
  gather_facts: false
  tasks:
    - ansible.builtin.include_role: {name: genesys_engage.chat.package, tasks_from: rollback}
      vars: {package_roles: [chat_server]}
"""


def play(hosts: Hosts, directory: Path, *options: str) -> str:
    """Run the role's way back on the host chat1, loudly; return what it said."""
    playbook = directory / "rollback.yml"
    playbook.write_text(PLAYBOOK, encoding="utf-8")
    application = {"name": "ChatServer_1", "role": "chat_server", "host": "chat1", "install_path": str(hosts.target())}
    variables = {"package_deployment": {"applications": [application]}, "package_rollback_versions": {"chat_server": OLD}}
    command = [str(Path(sys.executable).with_name("ansible-playbook")), str(playbook), "-i", str(hosts.sandbox.inventory), "-v", "--diff"]
    environment = {**os.environ, "ANSIBLE_NOCOLOR": "1", "HOME": str(directory)}
    done = subprocess.run(
        [*command, "-e", json.dumps(variables), *options], env=environment, capture_output=True, text=True, timeout=100, cwd=directory, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert PASSWORD not in done.stdout + done.stderr
    return done.stdout


def test_the_role_puts_files_and_configuration_back(hosts, tmp_path):
    hosts.installed(package=CHAT_OLD)
    files, configured = content(hosts), hosts.configured()
    hosts.installed(package=CHAT_NEW)
    upgraded, before = content(hosts), hosts.configured()
    assert "changed=2 " in play(hosts, tmp_path, "--check")
    assert (content(hosts), hosts.configured()) == (upgraded, before)
    assert "changed=2 " in play(hosts, tmp_path)
    assert (content(hosts), hosts.configured()) == (files, configured)
    assert "changed=0 " in play(hosts, tmp_path)
