# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""contact_server_connection_info while the UCS of Chat Servers that really run stop, die and come back."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from integration.configured_site import fails_well
from integration.managed_hosts import succeeds, wait_until
from integration.module_runner import ModuleRunner
from unit.sandbox.host_site import HostSite, chat_site

from sandbox.packages import build_all


class Solution:
    """Two Chat Servers and their UCS, all on one machine: what tells the Chat Servers apart is whose their connections are."""

    def __init__(self, site: HostSite, runner: ModuleRunner) -> None:
        self.site, self.runner = site, runner
        self.parts = chat_site(site)
        site.start(self.parts)

    def arguments(self, number: int, **changes: Any) -> dict[str, Any]:
        chat = self.parts["chats"][number - 1]
        members = {
            member: {"name": self.parts[member]["name"], "address": self.site.host(f"ucs{index}")["ipaddress"], "port": 5100}
            for index, member in enumerate(("primary", "backup"), 1)
        }
        arguments = {**members, "application": chat["name"], "directory": chat["workdirectory"], "name": "ChatServer", **changes}
        return {key: value for key, value in arguments.items() if value is not None}

    def find(self, number: int, **changes: Any) -> dict[str, Any]:
        """Return what the module tells of a Chat Server."""
        outcome = succeeds(self.runner.run("contact_server_connection_info", {**self.arguments(number, **changes), "_ansible_check_mode": True}))
        assert not outcome.changed
        return outcome.result

    def member(self, number: int, **changes: Any) -> tuple[str, str | None, bool]:
        result = self.find(number, **changes)
        return result["member"], result["evidence"], result["reached"]


@pytest.fixture
def solution(tmp_path: Path, runner: ModuleRunner) -> Iterator[Solution]:
    build_all(tmp_path / "archives", sys.executable)
    directory = tmp_path / "site"
    directory.mkdir()
    with HostSite(directory, tmp_path / "archives") as site:
        yield Solution(site, runner)


def test_the_switch_to_the_backup_is_waited_for(solution: Solution) -> None:
    site, parts = solution.site, solution.parts
    before = solution.find(1, expected="any")
    assert {"member": "primary", "connected_to": "UCS 1", "evidence": "log", "reached": True, "reconnects": 0, "log_problem": None}.items() <= before.items()
    assert solution.member(2, name=None) == ("primary", "connections", True)

    # The primary stops while the module waits, or before: the end is the same.
    arguments = solution.arguments(1, expected="backup", timeout=50, since=before["until"])
    solution.runner.start("contact_server_connection_info", arguments)
    site.command("stop", parts["primary"])
    switched = succeeds(solution.runner.finish()).result
    assert {"member": "backup", "connected_to": "UCS 2", "evidence": "log", "reached": True, "reconnects": 1}.items() <= switched.items()
    assert switched["text"] == "'ChatServer_1' is connected to the backup 'UCS 2', as its log says."
    assert solution.member(2, name=None, expected="backup", timeout=50) == ("backup", "connections", True)

    # It comes back, and the Chat Servers stay where they are: that is no failure of the module.
    site.command("start", parts["primary"])
    site.wait("RUNNING", parts["primary"])
    stayed = solution.find(1, expected="primary", timeout=0.5, since=switched["until"])
    assert (stayed["member"], stayed["reached"], stayed["reconnects"]) == ("backup", False, 0)
    assert stayed["text"].endswith("Expected was the primary, within 0.5 s.")

    # Only the first Chat Server starts anew, and finds the primary; a killed one leaves a log that says "connected".
    site.command("kill", parts["chats"][0])
    site.wait("STOPPED", parts["chats"][0])
    site.command("start", parts["chats"][0])
    assert solution.member(1, expected="primary", timeout=50) == ("primary", "log", True)
    assert solution.member(1, name=None) == ("primary", "connections", True)
    assert solution.member(2, name=None) == ("backup", "connections", True)
    ambiguous = solution.find(2, directory=None)
    assert (ambiguous["member"], ambiguous["reached"]) == ("both", True)
    assert "where another server may have them" in ambiguous["text"]

    # Both die: none, by the log or since no connection is established any more.
    site.command("kill", parts["primary"], parts["backup"])
    site.wait("STOPPED", parts["primary"], parts["backup"])
    wait_until(lambda: [solution.member(number, name=None, expected="any") for number in (1, 2)] == [("none", "connections", False)] * 2)
    assert [solution.find(number)["member"] for number in (1, 2)] == ["none", "none"]


def test_what_the_module_refuses(runner: ModuleRunner) -> None:
    primary = {"name": "UCS_1", "address": "127.0.0.1", "port": 5100}
    arguments = {"application": "ChatServer_1", "primary": primary}
    fails_well(runner.run("contact_server_connection_info", {**arguments, "expected": "backup"}), "expected: there is no backup", "Set backup")
    fails_well(runner.run("contact_server_connection_info", {**arguments, "expected": "none"}), "expected", "primary, backup, any")
    fails_well(runner.run("contact_server_connection_info", {**arguments, "primary": {**primary, "port": 0}}), "primary: 0 is not a port number")
