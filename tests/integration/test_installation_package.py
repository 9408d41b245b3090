# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""installation_package against the sandbox's packages and its Configuration Server."""

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
from integration.managed_hosts import CHAT_NEW, CHAT_OLD, CONTACT, PASSWORD, Hosts, tree, wait_until
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


def backups(hosts: Hosts) -> list[Path]:
    return sorted(hosts.target().glob("backup_*"))


def refused(hosts: Hosts, *words: str, **changes):
    """The installation must fail with these words and leave directory and configuration as they are."""
    before, configured = tree(hosts.target()), hosts.configured()
    outcome = hosts.install(**changes)
    fails_well(outcome, *words)
    assert tree(hosts.target()) == before
    assert hosts.configured() == configured
    assert not list(hosts.root("chat1").rglob("*.installing"))
    return outcome


# --- create, again, change, again ---------------------------------------------------------------------------------------


def test_an_installation_is_what_the_configuration_server_shows(hosts):
    outcome = hosts.installed(facts=hosts.facts(), nickname="eSChatSrv")
    assert outcome.changed
    assert outcome.result["expected_configuration"] == hosts.configured()
    assert outcome.result["installed"]["complete"] is True
    assert outcome.result["backup"] is None
    assert (hosts.target() / "ChatServer").is_symlink()
    assert (hosts.target() / "ip_description.xml").is_file()
    assert (hosts.target() / "run.sh").read_text().startswith("./ChatServer -host ")
    assert not list(hosts.target().parent.glob(".*"))


def test_the_second_time_nothing_happens(hosts):
    first = hosts.installed()
    assert hosts.installer_calls() > 0
    before = tree(hosts.root("chat1"))
    again = hosts.installed(facts=hosts.facts())
    assert not again.changed
    assert again.result["expected_configuration"] == first.result["expected_configuration"]
    assert tree(hosts.root("chat1")) == before
    assert hosts.installer_calls() == 0


def test_an_upgrade_and_the_way_back(hosts):
    hosts.installed(package=CHAT_OLD)
    outcome = hosts.installed()
    assert outcome.result["diff"] == {
        "before": f"{hosts.target()}: eSChatSrv {OLD}, build 1\n",
        "after": f"{hosts.target()}: eSChatSrv {NEW}, build 1\n",
    }
    assert [str(path) for path in backups(hosts)] == [outcome.result["backup"]]
    assert hosts.configured()["version"] == NEW
    refused(hosts, OLD, NEW, "allow_downgrade", package=CHAT_OLD)
    assert hosts.installed(package=CHAT_OLD, allow_downgrade=True).changed
    assert hosts.configured()["version"] == OLD


def test_names_with_blanks_and_other_letters(hosts):
    hosts.site.make_chat_server("Chät Server 1", "chat1")
    outcome = hosts.installed(application="Chät Server 1")
    assert outcome.result["expected_configuration"] == hosts.configured("Chät Server 1")
    assert not hosts.installed(application="Chät Server 1").changed


def test_a_licence_reaches_the_arguments(hosts):
    outcome = hosts.installed(license={"host": "lic.example.com", "port": 7260})
    assert '-l "7260@lic.example.com"' in hosts.configured()["command_line_arguments"]
    assert outcome.result["expected_configuration"] == hosts.configured()


def test_check_mode_predicts_and_leaves_no_trace(hosts):
    before, configured = tree(hosts.sandbox.directory / "hosts"), hosts.configured()
    predicted = hosts.installed(check=True)
    assert (tree(hosts.sandbox.directory / "hosts"), hosts.configured()) == (before, configured)
    assert hosts.installer_calls() == 0
    done = hosts.installed()
    for part in ("changed", "diff", "installed"):
        assert predicted.result[part] == done.result[part]
    expected = predicted.result["expected_configuration"]
    assert {**expected, "command_line": "./ChatServer"} == hosts.configured()


# --- refused beforehand -------------------------------------------------------------------------------------------------


def test_another_product(hosts):
    hosts.installed(package=CHAT_OLD)
    refused(hosts, "eSContSrv 9.1.000.12", "nickname asks for eSChatSrv", package=CONTACT, nickname="eSChatSrv")
    refused(hosts, "is another product", package=CONTACT)


def test_a_corrupt_archive(hosts, tmp_path):
    hosts.installed(package=CHAT_OLD)
    damaged = tmp_path / "damaged.tar.gz"
    damaged.write_bytes(hosts.package(CHAT_NEW).read_bytes()[:-5000])
    refused(hosts, "damaged.tar.gz is damaged", src=str(damaged))
    damaged.write_bytes(b"<html>404</html>")
    refused(hosts, "damaged.tar.gz is damaged", src=str(damaged))
    refused(hosts, "does not exist on this host", src=str(tmp_path / "none.tar.gz"))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"accept_license": False}, ["accept_license"]),
        ({"path": "opt/genesys"}, ["path: 'opt/genesys' is not absolute"]),
        ({"response": {"IPCommon": {"InstallPath": "/x"}}}, ["[IPCommon] InstallPath is set by an option"]),
        ({"response": {"LCA": {"UseGDA": "a\nb"}}}, ["[LCA] UseGDA contains a line break"]),
        ({"secret_response": {"Database": {"Password": "hidden\nvalue"}}}, ["[Database] Password contains a line break"]),
        ({"user": "no_such_user"}, ["no user 'no_such_user'"]),
        ({"skip_os_check": False, "src": None}, ["src"]),
        ({"license": {"host": "x"}}, ["port"]),
    ],
)
def test_bad_options(hosts, changes, words):
    outcome = refused(hosts, *words, **changes)
    assert "hidden" not in outcome.everything
    assert hosts.installer_calls() == 0


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda hosts: {"application": None}, ["'ChatServer_1' does not exist"]),
        (lambda hosts: {"itcutility": False}, ["ITCUtility"]),
        (lambda hosts: {"host": "chat2"}, []),
    ],
)
def test_facts_that_forbid_the_installation(hosts, change, words):
    facts = hosts.facts(**change(hosts))
    if words:
        refused(hosts, *words, facts=facts)
    else:
        refused(hosts, "is configured on host 'chat1', not on 'chat2'", facts=facts, host_name="chat2")


def test_the_only_application_of_its_type_on_the_host(hosts):
    """The installer takes it, whatever the response file says. With facts that is known before; without, afterwards."""
    hosts.site.make_chat_server("Elsewhere", "chat2")
    arguments = {"application": "Elsewhere", "path": str(hosts.target())}
    near = hosts.facts()["applications_on_host"]
    refused(hosts, "'ChatServer_1' is the only CFGChatServer on this host", facts=hosts.facts("Elsewhere", applications_on_host=near), **arguments)
    outcome = hosts.install(**arguments)
    fails_well(outcome, "the start script is for the application 'ChatServer_1', not for 'Elsewhere'")
    assert hosts.configured("Elsewhere")["working_directory"] == "."


# --- what the installer says --------------------------------------------------------------------------------------------


def test_a_wrong_password(hosts):
    hosts.installed(package=CHAT_OLD)
    outcome = refused(hosts, "Invalid login for Configuration Server.", "confserv_password", confserv_password="another S3cret")
    assert "another S3cret" not in outcome.everything
    failure = outcome.result["failure"]
    assert (failure["exit_code"], failure["result_code"], failure["target"]) == (1, 1, "untouched")


def test_a_configuration_server_that_does_not_answer(hosts):
    refused(hosts, "Invalid host (127.0.0.1) or port (1) for Configuration Server connection.", "confserv_port", confserv_port=1)


def test_a_host_without_an_object(hosts):
    outcome = refused(hosts, "The hostname was not found", "\thostname - nowhere", "Create a Host object", variables={"SANDBOX_HOSTNAME": "nowhere"})
    assert outcome.result["failure"]["result_code"] == 1


def test_a_missing_utility_object(hosts):
    dbid = hosts.site.dbid("CfgApplication", "ITCUtility")
    hosts.sandbox.control("PUT", f"/objects/CfgApplication/{dbid}", {"fields": {"name": "Renamed"}})
    refused(hosts, "Unable to read information from the Configuration Server.")


def test_an_application_that_does_not_exist_is_found_out_late_and_repaired(hosts):
    """Without facts, and with several applications of the type on the host, only the installer's last steps find out."""
    hosts.site.make_chat_server("Second", "chat1")
    target = hosts.target("Missing")
    outcome = hosts.install(application="Missing")
    fails_well(outcome, "Unable to write to the Configuration Server", "the next run installs again")
    assert (outcome.result["failure"]["target"], outcome.result["failure"]["backup"]) == ("incomplete", None)
    assert (target / "ChatServer").exists()
    hosts.site.make_chat_server("Missing", "chat1")
    outcome = hosts.installed(application="Missing")
    assert outcome.result["before"]["complete"] is False
    assert outcome.result["backup"] is not None
    assert outcome.result["expected_configuration"] == hosts.configured("Missing")


# --- interrupted --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_an_interrupted_installation_is_finished_by_running_again(hosts, number):
    hosts.installed(package=CHAT_OLD)
    slow = hosts.environment("chat1", SANDBOX_INSTALL_SECONDS="30")
    pid = hosts.start("installation_package", hosts.installation(), slow)
    # the new description is there, and nothing that comes after it
    wait_until(lambda: NEW in text(hosts.target() / "ip_description.xml"))
    os.kill(pid, number)
    outcome = hosts.finish()
    if number == signal.SIGTERM:
        fails_well(outcome, "Ended by signal 15")
        assert hosts.leftovers() == []
    else:
        fails_well(hosts.run("installation_package", hosts.installation(), hosts.environment("chat1")), "Another installation", "is running")
        end_orphans(hosts)
    assert hosts.configured()["version"] == OLD
    predicted = hosts.run("installation_package", hosts.installation(), hosts.environment("chat1"), check=True)
    assert predicted.changed
    assert "an installation was begun and not finished" in predicted.result["before"]["flaws"]
    assert hosts.installed().changed
    assert hosts.configured()["version"] == NEW
    assert not hosts.installed().changed
    assert hosts.leftovers() == []


def text(path: Path) -> str:
    return path.read_text() if path.is_file() else ""


def end_orphans(hosts: Hosts) -> None:
    """End the installer that has lost its parent: processes below a working copy of the package."""
    working_copies = [path.parent for path in Path("/tmp").glob("*/launch_directory.txt") if str(hosts.runner.directory) in path.read_text()]
    assert working_copies
    for copy in working_copies:
        os.kill(int(copy.name.rpartition("_")[2]), signal.SIGTERM)
    wait_until(lambda: not any(copy.exists() for copy in working_copies))


# --- secrets ------------------------------------------------------------------------------------------------------------


def ansible(hosts: Hosts, home: Path, **changes) -> str:
    """Run the module by the command ansible, as loudly as it can, and return everything that it said."""
    arguments = hosts.installation(**changes)
    del arguments["confserv_password"]
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("ANSIBLE_", "CONFSERV_"))}
    environment.update(hosts.environment("chat1"), HOME=str(home), CONFSERV_PASSWORD=PASSWORD, ANSIBLE_LOCALHOST_WARNING="false")
    command = [str(Path(sys.executable).with_name("ansible")), "localhost", "-i", "localhost,", "-c", "local", "-vvvv", "--diff"]
    command += ["-e", f"ansible_python_interpreter={sys.executable}", "-m", "genesys_engage.chat.installation_package", "-a", json.dumps(arguments)]
    result = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=100, cwd=home, check=False)
    return result.stdout + result.stderr


def files_with_password(*directories: Path) -> list[Path]:
    found = []
    for directory in directories:
        for path in directory.rglob("*"):
            if path.is_file() and PASSWORD.encode() in path.read_bytes():
                found.append(path)
    return found


def test_the_password_is_nowhere(hosts, tmp_path):
    said = ansible(hosts, tmp_path)
    assert "CHANGED" in said
    assert "expected_configuration" in said
    failed = ansible(hosts, tmp_path, confserv_username="somebody", application="ChatServer_2", path=str(hosts.target("ChatServer_2")))
    assert "Invalid login" in failed
    assert PASSWORD not in said + failed
    places = [tmp_path, hosts.root("chat1"), hosts.runner.directory, *(path for path in Path("/tmp").glob("20*_*_*") if path.is_dir())]
    assert files_with_password(*places) == []
