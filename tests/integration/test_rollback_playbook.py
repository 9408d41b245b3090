# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook rollback as an administrator runs it: a bad package of Chat Server goes, the former one comes back and runs."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from integration.managed_hosts import deployed
from integration.module_runner import ModuleRunner
from integration.odd_packages import odd_package
from integration.test_deploy import PACKAGES, PASSWORD, SMALL, SOLUTION, Controller, changed, database, failures

from sandbox.testing import Sandbox

# Many playbooks, one after the other.
pytestmark = pytest.mark.timeout(900)

OLD, NEW = "8.5.311.06", "8.5.316.02"
NEWER = "IP_eSChatSrv_8531602b1_ENU_linux.tar.gz"
CONTACT_OLD, NEWER_CONTACT = "9.1.000.12", "IP_eSContSrv_9100107b1_ENU_linux.tar.gz"
#: A server that starts, does not know what to do, and ends.
DYING = b"#!/bin/sh\nexit 3\n"


class Site:
    """A small solution whose old packages are installed and run, in a sandbox."""

    def __init__(self, controller: Controller) -> None:
        self.controller = controller
        self.sandbox = controller.sandbox
        self.packages = Path(controller.sandbox.environment["packages"])
        self.target = controller.sandbox.directory / "hosts" / "chat1" / "opt" / "genesys" / "ChatServer_1"

    def play(self, name: str, *options: str, **changes: Any) -> tuple[int, str]:
        """Run a playbook."""
        return self.controller.play(name, *options, solution={**SMALL, **changes.pop("solution", {})}, chat_hosts="site:chat1:ucs1", **changes)

    def roll_back(self, *options: str, **wanted: str) -> str:
        """Run the playbook, which must succeed."""
        code, output = self.play("rollback", *options, genesys_rollback=[wanted])
        assert code == 0, failures(output)
        return output

    def upgrade(self, package: Path) -> tuple[int, str]:
        """Stop the Chat Server and deploy another package for it."""
        self.controller.kill("ChatServer_1")
        files = {role: str(self.packages / file) for role, file in PACKAGES.items()}
        return self.play("deploy", "--limit", "localhost,site,chat1", genesys_packages={**files, "chat_server": str(package)}, deploy_verify=False)

    def content(self) -> dict[str, object]:
        """Return the installed files and links with what is in them, without backups, logs and the product's notes."""
        found: dict[str, object] = {}
        for path in self.target.rglob("*"):
            name = str(path.relative_to(self.target))
            if not name.startswith(("backup_", ".genesys_engage")) and path.suffix != ".log" and not path.is_dir():
                found[name] = os.readlink(path) if path.is_symlink() else path.read_bytes()
        return found

    def configured(self) -> dict[str, str]:
        """Return what an installer writes to the application object."""
        found = self.controller.application("ChatServer_1")
        return {key: found[key] for key in ("version", "workdirectory", "commandline", "commandlinearguments")}

    def status(self) -> str:
        """Return the status of the Chat Server."""
        return self.controller.statuses()["ChatServer_1"]


@pytest.fixture(scope="module")
def site(runner: ModuleRunner, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with Sandbox(password=PASSWORD) as sandbox:
        deployed(sandbox, runner, {**SOLUTION, **SMALL}, PACKAGES)
        yield Site(Controller(sandbox, tmp_path_factory.mktemp("controller")))


@pytest.mark.parametrize(("options", "wanted", "words"), [
    ([], [{"role": "chat_server"}], "holds no complete backup of 'ChatServer_1' to go back to"),
    ([], [{"application": "ChatServer_9"}], "application 'ChatServer_9' is not in the description"),
    ([], [], "Say what is to go back"),
    (["--limit", "site,chat1"], [], "Say what is to go back"),
    (["--limit", "localhost,chat1"], [{"application": "ChatServer_1"}], "--limit must include it"),
    (["--limit", "site,ucs1"], [{"role": "chat_server"}], "ChatServer_1: the host is not part of this run"),
], ids=["no_backup", "unknown_application", "nothing_named", "nothing_named_with_limit", "without_the_configuration_host", "without_its_host"])
def test_refused_before_anything_is_stopped(site: Site, options: list[str], wanted: list[dict[str, str]], words: str) -> None:
    before, files = database(site.controller), site.content()
    code, output = site.play("rollback", *options, genesys_rollback=wanted)
    assert code != 0
    assert words in " ".join(output.split()), failures(output)
    assert "Traceback" not in output
    assert (database(site.controller), site.content(), site.status()) == (before, files, "RUNNING")


def test_in_production_it_is_said_that_there_is_no_plan(site: Site) -> None:
    """Without the word it ends before it looks at a package; with it, it gets there."""
    asked: dict[str, Any] = {"genesys_rollback": [{"role": "chat_server"}], "solution": {"production": True}}
    for options, words in (((), "say -e chat_without_plan=true. Nothing was changed"), (("-e", "chat_without_plan=true"), "holds no complete backup")):
        code, output = site.play("rollback", *options, **asked)
        assert code != 0 and words in " ".join(output.split()), failures(output)
    assert site.status() == "RUNNING"


def test_a_bad_package_goes_and_the_former_one_comes_back(site: Site, tmp_path: Path) -> None:
    files, configured = site.content(), site.configured()
    code, output = site.upgrade(odd_package(site.packages / NEWER, tmp_path / "bad.tar.gz", {"data.tar.gz": {"ChatServer_64": DYING}}))
    assert code != 0
    assert "Starting failed" in output, failures(output)
    assert (site.configured()["version"], site.status()) == (NEW, "STOPPED")

    kept = ("-e", f"chat_snapshot_dir={tmp_path / 'kept'}", "-e", "awx_user_name=kim", "-e", "chat_without_plan=true")
    code, output = site.play("rollback", *kept, genesys_rollback=[{"application": "ChatServer_1"}], solution={"production": True})
    assert code == 0 and changed(output) > 0, failures(output)
    (journal,) = (tmp_path / "kept").glob("journal-*")
    (begin, *_writes) = map(json.loads, journal.read_text(encoding="utf-8").splitlines())
    assert (begin["person"], begin["title"]) == ("kim", "Go back to former packages, in production without a kept plan")
    assert (site.content(), site.configured(), site.status()) == (files, configured, "RUNNING")
    site.sandbox.clear()
    assert changed(site.roll_back(application="ChatServer_1")) == 0
    assert site.sandbox.writes() == []


def test_a_running_server_is_stopped_and_started_and_the_preview_says_so(site: Site) -> None:
    files, configured = site.content(), site.configured()
    code, output = site.upgrade(site.packages / NEWER)
    assert code == 0, failures(output)
    told = "Nothing was installed, started or looked at, as these hosts are not part of this run or can't be reached: ucs1 (UCS_1, IXN_1). Run"
    assert told in " ".join(output.split())
    before, upgraded = database(site.controller), site.content()
    assert (site.configured()["version"], site.status()) == (NEW, "RUNNING")

    preview = site.roll_back("--check", role="chat_server", version=OLD)
    assert (database(site.controller), site.content(), site.status()) == (before, upgraded, "RUNNING")
    assert changed(preview) == changed(site.roll_back(role="chat_server", version=OLD)) > 0
    assert (site.content(), site.configured(), site.status()) == (files, configured, "RUNNING")
    assert {site.controller.statuses()[name] for name in ("UCS_1", "IXN_1")} == {"RUNNING"}


def test_what_has_gone_back_runs_although_another_host_has_failed(site: Site, tmp_path: Path) -> None:
    """The second run of package_rollback on one host, the one that changes something, dies. The same command again heals it."""
    for application in ("ChatServer_1", "UCS_1"):
        site.controller.kill(application)
    newer = {role: str(site.packages / file) for role, file in {**PACKAGES, "chat_server": NEWER, "contact_server": NEWER_CONTACT}.items()}
    code, output = site.play("deploy", genesys_packages=newer, deploy_verify=False)
    assert code == 0, failures(output)
    upgraded = site.content()

    dying = tmp_path / "python"
    dying.write_text(f'#!/bin/sh\ncase $1 in *package_rollback*) echo >> {tmp_path}/runs; [ "$(wc -l < {tmp_path}/runs)" = 2 ] && exit 3;; esac\n'
                     f'exec {sys.executable} "$@"\n')
    dying.chmod(0o755)
    wanted = [{"application": name} for name in ("ChatServer_1", "UCS_1")]
    interpreter = f"{{{{ '{dying}' if inventory_hostname == 'chat1' else '{sys.executable}' }}}}"
    code, output = site.play("rollback", genesys_rollback=wanted, ansible_python_interpreter=interpreter)
    assert code != 0
    told = " ".join(output.split())
    assert "Failed, as said above: chat1. On the other hosts all went back and was started. Run it again then" in told, failures(output)
    assert (site.content(), site.configured()["version"], site.status()) == (upgraded, NEW, "STOPPED")
    assert (site.controller.application("UCS_1")["version"], site.controller.statuses()["UCS_1"]) == (CONTACT_OLD, "RUNNING")

    code, output = site.play("rollback", genesys_rollback=wanted)
    assert code == 0, failures(output)
    assert (site.configured()["version"], site.status(), site.controller.statuses()["UCS_1"]) == (OLD, "RUNNING", "RUNNING")
