# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbooks as an administrator runs them: a small solution is deployed, verified, damaged and repaired."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml
from integration.managed_hosts import wait_until

from sandbox.testing import Sandbox

PASSWORD = "Pa55word-of-the-administrator"
SECRET_OPTION = "s3cret-of-an-option"

SOLUTION: dict[str, Any] = {
    "tenant": "Environment",
    "interaction_queues": ["Chat_In"],
    "chat_server_defaults": {
        "application_template": "Chat Server 8.5.3",
        "ports": {"default": 4580, "webapi": 4581, "ESP": 4582},
        "endpoints": {"default": "Chat_In"},
        "log_privacy": "private",
    },
    "chat_servers": [{"name": "ChatServer_1", "host": "chat1", "options": {"store": {"password": SECRET_OPTION}}}],
    "contact_servers": {
        "defaults": {"application_template": "Universal Contact Server 9.1", "ports": {"default": 7100}},
        "pairs": [{"primary": {"name": "UCS_1", "host": "ucs1"}, "backup": {"name": "UCS_2", "host": "ucs2"}}],
    },
    "interaction_servers": [{"name": "IXN_1", "host": "ixn1", "application_template": "Interaction Server 8.5.2", "ports": {"default": 4420}}],
    "configuration_server": "confserv",
}

#: What makes a small solution of it, on two hosts: each host more takes its time.
SMALL: dict[str, Any] = {
    "contact_servers": {"single": {"name": "UCS_1", "host": "ucs1", "application_template": "Universal Contact Server 9.1", "ports": {"default": 7100}}},
    "interaction_servers": [{"name": "IXN_1", "host": "ucs1", "application_template": "Interaction Server 8.5.2", "ports": {"default": 4420}}],
}

#: Settings of a controller that change what plays and tasks without settings of their own do.
SETTINGS = {
    "ANSIBLE_STRATEGY": "free", "ANSIBLE_GATHERING": "implicit", "ANSIBLE_ANY_ERRORS_FATAL": "false", "ANSIBLE_HASH_BEHAVIOUR": "merge",
    "ANSIBLE_PRIVATE_ROLE_VARS": "true", "ANSIBLE_INJECT_FACT_VARS": "false", "ANSIBLE_JINJA2_NATIVE": "true",
}

PACKAGES = {
    "chat_server": "IP_eSChatSrv_8531106b1_ENU_linux.tar.gz",
    "contact_server": "IP_eSContSrv_9100012b1_ENU_linux.tar.gz",
    "interaction_server": "IP_eSInteractSrv_8520105b1_ENU_linux.tar.gz",
}


#: What the guide lists, without what the playbook needs and what says where the sandbox is.
OPTIONAL = sorted(
    set(re.findall(r"^\| `((?:chat|genesys|mlcmd)_\w+)` \|", (Path(__file__).resolve().parents[2] / "docs" / "getting_started.md").read_text(), re.MULTILINE))
    - {"chat_solution", "chat_hosts", "genesys_install_root", "genesys_packages", "mlcmd_path"}
) + ["gax_validate_certs", "gax_ca_path", "deploy_verify"]


class Controller:
    """Runs playbooks against one sandbox."""

    def __init__(self, sandbox: Sandbox, directory: Path) -> None:
        self.sandbox = sandbox
        self.directory = directory
        self.temporary = directory / "tmp"
        self.temporary.mkdir()

    def play(self, name: str, *options: str, inventory: Path | None = None, environment: dict[str, str] | None = None, at: Path | None = None,
             **changes: Any) -> tuple[int, str]:
        """Run a playbook of the collection, or a file; return its exit code and its output. changes: top-level members of the description.

        at: the current directory.
        """
        variables = {
            "chat_solution": {**SOLUTION, **changes.pop("solution", {})},
            "genesys_packages": {role: f"{self.sandbox.environment['packages']}/{file}" for role, file in PACKAGES.items()},
            "genesys_accept_license": True,
            "chat_hosts": "site:chat1:ucs1:ucs2:ixn1",
            **changes,
        }
        file = self.directory / "variables.yml"
        file.touch(mode=0o600)
        file.write_text(yaml.safe_dump(variables), encoding="utf-8")
        ansible_playbook = os.environ.get("TESTED_ANSIBLE_PLAYBOOK") or str(Path(sys.executable).parent / "ansible-playbook")
        command = [ansible_playbook, name if name.endswith(".yml") else f"genesys_engage.chat.{name}", "-i", str(inventory or self.sandbox.inventory)]
        done = subprocess.run(
            [*command, "-e", f"@{file}", *options],
            env={**os.environ, "ANSIBLE_FORKS": "5", "ANSIBLE_NOCOLOR": "1", "TMPDIR": str(self.temporary),
                 "ANSIBLE_LOCAL_TEMP": str(self.temporary), "ANSIBLE_REMOTE_TEMP": str(self.temporary),
                 **(environment or {})},
            cwd=at, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=180, check=False,
        )
        return done.returncode, done.stdout + done.stderr

    def statuses(self) -> dict[str, str]:
        """Return the status of every application, as Solution Control Server has it."""
        scs = f"http://{self.sandbox.environment['scs_host']}:{self.sandbox.environment['scs_port']}"
        return {item["name"]: item["status"] for item in requests.get(f"{scs}/applications", timeout=10).json()}

    def application(self, name: str) -> dict[str, Any]:
        """Return an application as the Configuration Server has it."""
        found = self.sandbox.object("CfgApplication", name)
        assert found is not None, name
        return found

    def behave(self, application: str, **behaviour: Any) -> None:
        """Let Solution Control Server tell something else of an application, or again what is true."""
        scs = f"http://{self.sandbox.environment['scs_host']}:{self.sandbox.environment['scs_port']}"
        assert requests.post(f"{scs}/behaviour", json={"application": application, **behaviour}, timeout=10).status_code == 204

    def kill(self, application: str) -> None:
        """Kill the process of an application (SIGKILL)."""
        scs = f"http://{self.sandbox.environment['scs_host']}:{self.sandbox.environment['scs_port']}"
        assert requests.post(f"{scs}/kill/{application}", timeout=10).status_code == 204


@pytest.fixture(scope="module")
def controller(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Controller]:
    """A sandbox with hosts and packages."""
    with Sandbox(password=PASSWORD) as sandbox:
        yield Controller(sandbox, tmp_path_factory.mktemp("controller"))


@pytest.fixture(scope="module")
def first_run(controller: Controller) -> str:
    """The output of the first deployment, as verbose as can be, with a preview, on a controller with settings of its own."""
    code, output = controller.play("deploy", "-vvvv", "--diff", environment=SETTINGS, chat_picture_file=str(controller.directory / "solution.html"))
    assert code == 0, failures(output)
    return output


def failures(output: str) -> str:
    """Return what a playbook's output says of failed tasks, for a short message."""
    told = re.findall(r"^(?:fatal|failed): .*?(?:^}|\Z)|^\[?ERROR.*?$", output, re.MULTILINE | re.DOTALL)
    return "\n".join(text[:2000] for text in told) or output[-2000:]


def changed(output: str) -> int:
    """Return the number of changed results in the recap."""
    return sum(int(number) for number in re.findall(r"changed=(\d+)", output))


def database(controller: Controller) -> Any:
    """Return all objects, without the log of requests."""
    return controller.sandbox.database()


def test_everything_is_configured_installed_and_running(controller: Controller, first_run: str) -> None:
    names = ("ChatServer_1", "UCS_1", "UCS_2", "IXN_1")
    assert {name: controller.statuses()[name] for name in names} == dict.fromkeys(names, "RUNNING")
    chat_server = controller.application("ChatServer_1")
    installed = controller.sandbox.directory / "hosts" / "chat1" / "opt" / "genesys" / "ChatServer_1"
    assert chat_server["workdirectory"] == str(installed)
    assert '-app "ChatServer_1"' in (installed / "run.sh").read_text()
    primary = controller.application("UCS_1")
    assert primary["backupserverdbid"] == controller.application("UCS_2")["dbid"]


def test_the_picture_shows_what_was_deployed(controller: Controller, first_run: str) -> None:
    picture = controller.directory / "solution.html"
    assert f"The picture of the chat solution is {picture}." in first_run
    data = re.search(r'<script type="application/json" id="data">(.*?)</script>', picture.read_text(), re.DOTALL)
    assert data is not None
    shown = {node["name"]: (node["kind"], node["host"], node["version"], node["state"]) for node in json.loads(data[1])["nodes"]}
    assert shown["ChatServer_1"] == ("chat_server", "chat1", "8.5.311.06", "RUNNING") and shown["UCS_2"] == ("contact_server", "ucs2", "9.1.000.12", "RUNNING")
    assert shown["Chat_In"] == ("queue", "", "", "")


def test_no_secret_is_shown_or_left_behind(controller: Controller, first_run: str) -> None:
    assert "ChatServer_1" in first_run
    for secret in (PASSWORD, SECRET_OPTION):
        assert secret not in first_run
    assert PASSWORD not in (controller.directory / "solution.html").read_text() and SECRET_OPTION not in (controller.directory / "solution.html").read_text()
    places = [controller.temporary, controller.sandbox.directory / "hosts"]
    files = [path for place in places for path in place.rglob("*") if path.is_file()]
    assert any(path.name == "run.sh" for path in files)
    for path in files:
        assert PASSWORD.encode() not in path.read_bytes(), path


def test_modules_are_packed_once_for_all_runs(controller: Controller, first_run: str) -> None:
    """Else Ansible has another name for the place, and each run takes longer."""
    assert list(Path(os.environ["SANDBOX_ARCHIVES"]).glob("*/*chat_solution-*"))


def test_the_second_run_changes_nothing(controller: Controller, first_run: str, tmp_path: Path) -> None:
    """Nor do variables that nobody has answered in a survey, credentials from the environment, and a new place for what is installed anew."""
    unanswered: dict[str, Any] = dict.fromkeys(OPTIONAL, "")
    inventory, environment = without_credentials(controller, tmp_path)
    elsewhere, further = tmp_path / "elsewhere", [str(controller.sandbox.directory / "hosts")]
    elsewhere.mkdir()
    places = {"genesys_install_root": str(elsewhere), "genesys_further_install_roots": further}
    controller.sandbox.clear()
    code, output = controller.play("deploy", inventory=inventory, environment=environment, **{**unanswered, **places})
    assert code == 0, failures(output)
    assert list(elsewhere.iterdir()) == []
    assert changed(output) == 0
    assert controller.sandbox.writes() == []
    # Preview, writing, final comparison.
    assert sum(entry["path"].endswith("/session/login") for entry in controller.sandbox.requests("gax")) == 3
    recap = {host: int(ok) + int(skipped) for host, ok, skipped in re.findall(r"^(\S+) +: ok=(\d+) .*skipped=(\d+)", output, re.MULTILINE)}
    assert {host: count for host, count in recap.items() if host not in ("localhost", "site") and count > 10} == {}
    summary = output.partition("Configuration Server (site)\n")[2].partition("\nok: [site]")[0]
    assert "configuration: nothing changed" in summary
    assert re.search(r"^  chat1 +ChatServer_1 +8\.5\.311\.06 +RUNNING +ports 4580 4581 4582  UCS UCS_1$", summary, re.MULTILINE), summary
    assert re.search(r"^  ucs2 +UCS_2 +9\.1\.000\.12 +RUNNING +ports 7100$", summary, re.MULTILINE), summary


def test_a_dead_server_and_a_changed_option_are_found_and_put_right(controller: Controller, first_run: str) -> None:
    described = controller.sandbox.options("CfgApplication", "ChatServer_1")["settings"]["hide-attached-data"]
    controller.kill("ChatServer_1")
    controller.sandbox.edit("CfgApplication", "ChatServer_1", options={"settings": {"hide-attached-data": "false"}})
    code, output = controller.play("verify")
    assert code != 0
    assert "Not running: ChatServer_1 (STOPPED) on host 'chat1'. Run deploy, which starts it." in output, failures(output)
    told = "The configuration differs from the description: ChatServer_1: options.settings.hide-attached-data is 'false', not "
    assert told in " ".join(output.split()), failures(output)
    assert changed(output) == 0
    # It ends with a verification, which now finds nothing.
    code, output = controller.play("deploy")
    assert code == 0, failures(output)
    assert controller.statuses()["ChatServer_1"] == "RUNNING"
    assert controller.sandbox.options("CfgApplication", "ChatServer_1")["settings"]["hide-attached-data"] == described != "false"


def test_a_port_that_another_process_holds(controller: Controller, first_run: str) -> None:
    """Preflight names the process; without it, the failed start does, with what the server's log says, long before the time for a start is over."""
    addresses = {host["name"]: host["ipaddress"] for host in controller.sandbox.objects("CfgHost")}
    controller.kill("ChatServer_1")
    wait_until(lambda: controller.statuses()["ChatServer_1"] == "STOPPED")
    with socket.create_server((addresses["chat1"], 4581)):
        before = database(controller)
        code, output = controller.play("preflight", "--limit", "site:chat1", "--check")
        assert code != 0
        holder = f"process {os.getpid()} ("
        assert f"On host 'chat1': Taken: port 4581 (webapi) of 'ChatServer_1' is held by {holder}" in output, failures(output)
        # No status ever tells of this start; the time for it is 90 s.
        play = controller.directory / "start.yml"
        play.write_text(yaml.safe_dump([
            {"hosts": "site", "gather_facts": False, "tasks": [{"genesys_engage.chat.deployment_info": {
                "solution": "{{ chat_solution }}", "gax_url": "{{ gax_url }}", "gax_username": "{{ gax_username }}",
                "gax_password": "{{ gax_password }}"}, "register": "found"}]},
            {"hosts": "chat1", "gather_facts": False, "roles": ["genesys_engage.chat.chat_server"],
             "vars": {"chat_server_deployment": "{{ hostvars['site'].found }}"}},
        ]), encoding="utf-8")
        code, output = controller.play(str(play))
        assert code != 0
    (message,) = set(re.findall(r'"msg": "(Starting failed.*?)"}', output))
    assert message.startswith("Starting failed: 'ChatServer_1' on host 'chat1' is ")
    assert " after 90 s" not in message
    assert "04526 Cannot open port 4581 for listening, reason 'Address already in use'" in message
    assert f"Port 4581 is held by {holder}" in message
    assert database(controller) == before
    assert len(failures(output)) < 3 * len(message)

    # Nobody sees this start, and nothing says that it failed: it is waited for until its time is over, and is a failure then.
    controller.behave("ChatServer_1", status="STOPPED")
    controller.sandbox.edit("CfgApplication", "ChatServer_1", startuptimeout="8")
    code, output = controller.play(str(play))
    assert code != 0
    assert "Starting failed: 'ChatServer_1' on host 'chat1' is STOPPED after 8 s. Its log (" in output, failures(output)
    controller.sandbox.edit("CfgApplication", "ChatServer_1", startuptimeout="90")
    controller.behave("ChatServer_1")
    wait_until(lambda: controller.statuses()["ChatServer_1"] == "RUNNING", 60)


def without_credentials(controller: Controller, place: Path) -> tuple[Path, dict[str, str]]:
    """Return an inventory that does not say where the servers are and who logs in, and the environment that does."""
    inventory = yaml.safe_load(controller.sandbox.inventory.read_text())
    variables = inventory["all"]["vars"]
    environment = {name.upper(): str(variables.pop(name)) for name in (
        "gax_url", "gax_username", "gax_password", "confserv_host", "confserv_port", "confserv_username", "confserv_password", "scs_host", "scs_port")}
    file = place / "hosts.yml"
    file.write_text(yaml.safe_dump(inventory))
    return file, environment


def test_without_credentials_nothing_is_verified(controller: Controller, first_run: str, tmp_path: Path) -> None:
    """That they may come from the environment is seen in the second run."""
    code, output = controller.play("verify", inventory=without_credentials(controller, tmp_path)[0])
    assert code != 0
    assert "Set confserv_host" in output and "Set confserv_username" in output, failures(output)


def test_the_playbooks_run_on_the_inventory_from_gax(controller: Controller, first_run: str) -> None:
    """Nothing but the passwords and what is the site's own (packages, mlcmd) comes from elsewhere."""
    inventory = controller.sandbox.inventory_from_gax
    environment = {"GAX_PASSWORD": PASSWORD, "CONFSERV_PASSWORD": PASSWORD}
    assert PASSWORD not in inventory.read_text() + (inventory.parent / "group_vars" / "all.yml").read_text()
    controller.sandbox.clear()
    code, output = controller.play("deploy", "--check", inventory=inventory, environment=environment, chat_hosts="")
    assert code == 0, failures(output)
    recap = set(re.findall(r"^(\S+) +: ok=", output, re.MULTILINE))
    assert recap - {"localhost"} == {"site", "chat1", "ucs1", "ucs2", "ixn1"} and changed(output) == 0
    summary = output.partition("Configuration Server (site), preview\n")[2].partition("\nok: [site]")[0]
    assert re.search(r"^  ucs2 +UCS_2 +9\.1\.000\.12 +RUNNING +ports 7100$", summary, re.MULTILINE), summary
    assert controller.sandbox.writes() == [] and PASSWORD not in output
    # The one variable is the sandbox's own: those of the plugin are known.
    assert set(re.findall(r"nothing reads (.+?)\. What", " ".join(output.split()))) <= {"genesys_packages_directory"}


def test_preflight_refuses_a_place_and_a_package_for_a_running_server(controller: Controller, first_run: str, tmp_path: Path) -> None:
    """Servers stay where they are, but only in directories that are allowed: who edits an application must not choose any place of a host."""
    before = database(controller)
    hosts = controller.sandbox.directory / "hosts"
    place, further = hosts / "ucs1" / "opt" / "genesys", [str(hosts / "chat1")]
    code, output = controller.play(
        "preflight", genesys_install_root=str(tmp_path), genesys_further_install_roots=further, genesys_packages=newer_packages(controller))
    assert code != 0
    words = " ".join(output.split())
    assert f"path: {place}/UCS_1 is outside of the directories in which installations may lie ({tmp_path}, {further[0]})" in words, failures(output)
    assert f"add '{place}' to genesys_further_install_roots" in words
    assert "Stop ChatServer_1 first" in words
    assert "'ChatServer_1': eSChatSrv 8.5.316.02 build 1 would take the place of eSChatSrv 8.5.311.06 build 1." in words
    assert (list(tmp_path.iterdir()), database(controller)) == ([], before)


def test_what_a_preview_permits(controller: Controller, first_run: str) -> None:
    """A Chat Server is moved with permission, and not without. A server that runs may still be stopped for a newer package."""
    other = controller.application("UCS_1")
    controller.sandbox.create("CfgApplication", **{key: other[key] for key in (
        "subtype", "appprototypedbid", "hostdbid", "tenantdbids", "options", "autorestart", "commandline", "commandlinearguments")},
        name="UCS_9", workdirectory="/nowhere", portinfos={"portinfo": [{"id": "default", "port": "7999"}]})
    moved = {"contact_servers": None, "chat_servers": [{**SOLUTION["chat_servers"][0], "contact_server": "UCS_9"}]}
    before = database(controller)
    code, output = controller.play("preflight", "--check", solution=moved, chat_allow_disconnect=True, genesys_packages=newer_packages(controller))
    assert code == 0, failures(output)
    assert (changed(output), database(controller)) == (0, before)
    assert "has to be stopped before the installation" in " ".join(output.split())
    code, output = controller.play("preflight", "--limit", "site", solution=moved)
    assert code != 0
    assert "'ChatServer_1' would lose its connection to 'UCS_1'" in output
    controller.sandbox.delete("CfgApplication", "UCS_9")


def newer_packages(controller: Controller) -> dict[str, str]:
    """Return the packages with a newer one of Chat Server."""
    newer = {**PACKAGES, "chat_server": "IP_eSChatSrv_8531602b1_ENU_linux.tar.gz"}
    return {role: f"{controller.sandbox.environment['packages']}/{file}" for role, file in newer.items()}


def test_an_inventory_without_the_groups_is_not_a_success(controller: Controller, tmp_path: Path) -> None:
    inventory = tmp_path / "hosts.yml"
    inventory.write_text("all: {hosts: {chat1: {}}}\n")
    code, output = controller.play("deploy", inventory=inventory)
    assert code != 0
    assert "The inventory needs the groups genesys_configuration" in output


def refused(name: str, words: list[str], *options: str, **changes: Any) -> Any:
    """One case of the table below: options and variables that make deploy refuse, and words of its message."""
    return pytest.param(list(options), changes, words, id=name)


@pytest.mark.parametrize(("options", "changes", "words"), [
    refused(
        "limit without the configuration host",
        ["'site', which stands for the Configuration Server, is not part of this run (--limit chat1). A --limit must include it"], "--limit", "chat1",
    ),
    refused("limit to somebody else", ["is not part of this run (--limit gms1)"], "--limit", "gms1"),
    refused("no hosts", ["'site', which stands for the Configuration Server, is not part of this run. A --limit"], chat_hosts="nowhere"),
    refused("tags", ["--tags or --skip-tags leave them out. Run it without."], "--tags", "install"),
    refused("from the middle", ["so it can't begin at 'Deploy the chat solution'"], "--start-at-task", "Deploy the chat solution"),
    refused(
        "host outside the inventory", ["'ChatServer_9' belongs on host 'site'", "no host of the inventory"],
        solution={"chat_servers": [{"name": "ChatServer_9", "host": "site"}]},
    ),
    # An installed package needs no answer to its license, so that of Chat Server must be another one.
    refused(
        "packages missing on the host, of another product, with a license that is not accepted",
        ["On host 'ixn1', 'IXN_1': genesys_packages.interaction_server: /nowhere/IP_x.tar.gz does not exist on this host. Copy the package there",
         "'UCS_1': genesys_packages.contact_server is eSChatSrv (Chat Server), but 'UCS_1' is a Universal Contact Server. Give the package of",
         "accept_license (in the playbooks: genesys_accept_license)"],
        genesys_accept_license=False,
        newer={"chat_server": "IP_eSChatSrv_8531602b1_ENU_linux.tar.gz", "contact_server": PACKAGES["chat_server"],
               "interaction_server": "/nowhere/IP_x.tar.gz"},
        solution={"interaction_queues": ["Chat_In", "Another"]},
    ),
    refused("variable missing", ["Set mlcmd_path: the path of mlcmd on the host that has it; not needed with genesys_control=systemd. For all"], mlcmd_path=""),
    refused("variable misspelt", ["Nothing reads the variable 'genesys_keep_backup'; did you mean 'genesys_keep_backups'?"], genesys_keep_backup=3),
])
def test_refused_before_anything_is_written(
    controller: Controller, first_run: str, options: list[str], changes: dict[str, Any], words: list[str],
) -> None:
    changes = dict(changes)
    newer = changes.pop("newer", None)
    if newer:
        packages = controller.sandbox.environment["packages"]
        changes["genesys_packages"] = {role: os.path.join(packages, file) for role, file in {**PACKAGES, **newer}.items()}
    before = database(controller)
    code, output = controller.play("deploy", *options, environment={"ANSIBLE_STRATEGY": "host_pinned"}, **changes)
    assert code != 0
    for word in words:
        assert word in " ".join(output.split()), failures(output)
    assert "Traceback" not in output
    assert len(failures(output)) < 4000, "a message, and not pages around it"
    assert database(controller) == before


def test_a_run_without_some_of_the_hosts_is_no_success(controller: Controller, first_run: str) -> None:
    names = "as these hosts are not part of this run or can't be reached: chat1 (ChatServer_1); ixn1 (IXN_1); ucs1 (UCS_1); ucs2 (UCS_2)."
    for name, what in (("deploy", "Not looked at"), ("preflight", "Not checked")):
        code, output = controller.play(name, "--limit", "site", genesys_packages=newer_packages(controller))
        assert code != 0, name
        assert f"{what}, {names} Run again without --limit" in " ".join(output.split()), failures(output)
        assert "Not installed" not in output


def test_the_contact_servers_are_upgraded(controller: Controller, first_run: str) -> None:
    """The shortest upgrade, which also runs under each supported ansible-core; all that it must do is in test_upgrade_plan.py."""
    newer = f"{controller.sandbox.environment['packages']}/IP_eSContSrv_9100107b1_ENU_linux.tar.gz"
    reports = str(controller.directory / "reports")
    code, output = controller.play("upgrade_contact_servers", genesys_packages={"contact_server": newer}, upgrade_report_dir=reports)
    assert code == 0, failures(output)
    assert {controller.application(name)["version"] for name in ("UCS_1", "UCS_2")} == {"9.1.001.07"}
    assert {controller.statuses()[name] for name in ("ChatServer_1", "UCS_1", "UCS_2")} == {"RUNNING"}
