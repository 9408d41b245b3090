# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""verify.yml on the host of a Chat Server whose UCS come and go: what it reports, what it fails for, what it does not know."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from integration.managed_hosts import deployed, wait_until
from integration.module_runner import ModuleRunner
from integration.test_deploy import PACKAGES, SOLUTION, Controller

from sandbox.testing import Sandbox

NOT_KNOWN = "Not known to which UCS 'ChatServer_1' is connected: "


class Site(Controller):
    """A solution that runs: a Chat Server, an Interaction Server and a pair of UCS."""

    def __init__(self, sandbox: Sandbox, directory: Path, runner: ModuleRunner) -> None:
        super().__init__(sandbox, directory)
        self.hosts = deployed(sandbox, runner, SOLUTION, PACKAGES)

    def verify(self, *options: str, **variables: Any) -> tuple[int, str]:
        """Verify the solution; return exit code and output in one line."""
        code, output = self.play("verify", *options, **variables)
        assert "Traceback" not in output
        return code, " ".join(output.replace("\\n", " ").split())

    def kill_and_see(self, application: str, *, lost: str, found: str | None) -> None:
        """Kill a UCS, and wait until the Chat Server's log says that it is lost, and which other one is found."""
        self.kill(application)
        wait_until(lambda: f"Connection to ContactServer '{lost}'" in self.log.read_text(), 60)
        wait_until(lambda: found is None or f"Connected to ContactServer '{found}'" in self.log.read_text(), 60)

    @property
    def log(self) -> Path:
        """The log file that the Chat Server writes now."""
        return max(self.hosts.target().glob("ChatServer.*.log"))


@pytest.fixture(scope="module")
def site(runner: ModuleRunner, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with Sandbox() as sandbox:
        yield Site(sandbox, tmp_path_factory.mktemp("controller"), runner)


@pytest.mark.timeout(600)
def test_the_ucs_of_each_chat_server_is_told_and_judged(site: Site) -> None:
    # the primary was lost, and is there again: the Chat Server stays on the backup, which is worth a warning
    site.kill_and_see("UCS_1", lost="UCS_1", found="UCS_2")
    site.hosts.serve("UCS_1")
    code, output = site.verify()
    assert code == 0, output
    assert "WARNING: 'ChatServer_1' is connected to 'UCS_2', the backup of 'UCS_1', since 20" in output

    # both are gone
    site.kill("UCS_1")
    wait_until(lambda: site.statuses()["UCS_1"] == "STOPPED", 60)
    site.kill_and_see("UCS_2", lost="UCS_2", found=None)
    wait_until(lambda: site.statuses()["UCS_2"] == "STOPPED", 60)
    code, output = site.verify(verification_connection_timeout=0)
    assert code != 0
    for number in (1, 2):
        assert f"Not running: UCS_{number} (STOPPED) on host 'ucs{number}'. Run deploy, which starts it." in output
    assert "'ChatServer_1' on chat1 is connected to none of its UCS ('UCS_1', 'UCS_2'). Last in its log: " in output
    assert "04502 Cannot connect to ContactServer 'UCS_2'" in output

    # they are there again, but the log says that it is connected to a UCS of another pair; what a log says is no template
    site.hosts.serve("UCS_1", "UCS_2")
    other = site.application("UCS_1")
    site.sandbox.create("CfgApplication", **{key: other[key] for key in (
        "subtype", "appprototypedbid", "hostdbid", "tenantdbids", "options", "autorestart", "commandline", "commandlinearguments")},
        name="UCS_9", workdirectory="/nowhere", portinfos={"portinfo": [{"id": "default", "port": "7999"}]})
    with site.log.open("a", encoding="utf-8") as log:  # as the server opens it
        log.write("23:59:59.500 Std 04503 Connected to ContactServer 'UCS_9' at host '{{6*7}}', port 7100\n")
    code, output = site.verify()
    assert code != 0
    assert "'ChatServer_1' on chat1 is connected to 'UCS_9', but its configuration says 'UCS_1', 'UCS_2'. Last in its log: " in output
    assert "04503 Connected to ContactServer 'UCS_9' at host '{{6*7}}', port 7100. Was it started before" in output

    # the log is gone
    site.log.unlink()
    code, output = site.verify()
    assert code == 0, output
    assert NOT_KNOWN + "No log file 'ChatServer.<date>_<time>_<milliseconds>.log' in " in output
