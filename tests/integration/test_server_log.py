# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""server_log_info against the logs of servers that really run, lose their UCS, stop and start."""

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

PAIR = {"primary": "UCS 1", "backup": "UCS 2"}


class Solution:
    """Two Chat Servers that write into one directory: the first one short lines without dates, the second one full lines."""

    def __init__(self, site: HostSite, runner: ModuleRunner) -> None:
        self.site, self._runner = site, runner
        self.place = site.directory / "log of all"
        self.place.mkdir()
        self.parts = chat_site(site)
        for chat, form in zip(self.parts["chats"], ("short", "full"), strict=True):
            options = [item for item in chat["options"]["property"] if (item["section"], item["key"]) != ("log", "all")]
            options += [{"section": "log", "key": "all", "value": f"{self.place}/chat"}, {"section": "log", "key": "message-format", "value": form}]
            chat["options"]["property"] = options
        site.start(self.parts)

    def read(self, number: int, **changes: Any) -> dict[str, Any]:
        """Read the log of a Chat Server."""
        arguments = {"directory": str(self.place), "name": "chat", "application": f"ChatServer_{number}", "pairs": [PAIR], **changes}
        outcome = succeeds(self._runner.run("server_log_info", {**arguments, "_ansible_check_mode": True}))
        assert not outcome.changed
        return outcome.result

    def members(self, **changes: Any) -> list[str]:
        """Return the member of the pair to which each Chat Server is connected."""
        return [self.read(number, **changes)["pairs"][0]["member"] for number in (1, 2)]


@pytest.fixture
def solution(tmp_path: Path, runner: ModuleRunner) -> Iterator[Solution]:
    build_all(tmp_path / "archives", sys.executable)
    directory = tmp_path / "site"
    directory.mkdir()
    with HostSite(directory, tmp_path / "archives") as site:
        yield Solution(site, runner)


def test_the_ucs_that_each_chat_server_is_connected_to(solution: Solution) -> None:
    site, parts = solution.site, solution.parts
    before = [solution.read(number) for number in (1, 2)]
    for number, result in enumerate(before, 1):
        assert result["pairs"] == [{**PAIR, "member": "primary", "connected_to": "UCS 1", "reconnects": 0}]
        assert (result["product"], result["version"], result["state"]) == ("Chat Server", "8.5.311.06", "initialized")
        assert (result["application"], len(result["files"]), result["complete"]) == (f"ChatServer_{number}", 1, True)
        assert {"type": "ContactServer", "name": "UCS 1", "connected": True, "port": 5100}.items() <= result["connections"][0].items()
        assert result["lines"]["not_understood"] == 0
    assert [result["dates"] for result in before] == ["derived", "written"]
    assert [result["events"][0]["host"] for result in before] == [None, "chat2"]

    # the primary dies
    site.command("kill", parts["primary"])
    wait_until(lambda: solution.members() == ["backup", "backup"])
    for number in (1, 2):
        (pair,) = solution.read(number, since=before[number - 1]["until"])["pairs"]
        assert (pair["connected_to"], pair["reconnects"]) == ("UCS 2", 1)

    # it comes back, and they stay on the backup
    site.command("start", parts["primary"])
    site.wait("RUNNING", parts["primary"])
    assert solution.members() == ["backup", "backup"]
    since = solution.read(1)["until"]

    # only the first one is killed, without a last word, and starts anew
    site.command("kill", parts["chats"][0])
    site.wait("STOPPED", parts["chats"][0])
    assert solution.read(1)["state"] == "initialized"
    site.command("start", parts["chats"][0])
    site.wait("RUNNING", parts["chats"][0])
    again = solution.read(1, since=since)
    assert again["pairs"] == [{**PAIR, "member": "primary", "connected_to": "UCS 1", "reconnects": 0}]
    assert (len(again["files"]), again["files"]) == (2, sorted(again["files"]))
    assert solution.members() == ["primary", "backup"]

    # the second one stops in order
    site.command("stop", parts["chats"][1])
    site.wait("STOPPED", parts["chats"][1])
    stopped = solution.read(2)
    assert (stopped["state"], stopped["pairs"][0]["member"], stopped["events"][-1]["id"]) == ("stopped", "none", "05065")


def test_what_the_module_refuses(runner: ModuleRunner, tmp_path: Path) -> None:
    fails_well(runner.run("server_log_info", {"directory": str(tmp_path), "name": "chat"}), "No log file 'chat.", "Check directory and name")
    fails_well(runner.run("server_log_info", {"directory": str(tmp_path), "events": [2371]}), "2371")
    fails_well(runner.run("server_log_info", {"name": "chat"}), "directory")
