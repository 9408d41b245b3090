# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""deployment_info: what has to be installed where, before and after the objects exist."""

from __future__ import annotations

from typing import Any

import pytest
from integration.configured_site import CHAT_PORTS, CHAT_SERVERS, Site, solution

ORDER = ["UCS_1", "UCS_2", "UCS_3", "UCS_4", "IXN_1", *CHAT_SERVERS, "GMS_1"]


@pytest.mark.parametrize("state", ["site", "furnished"])
def test_described_and_existing_objects_are_told_alike(state: str, request: pytest.FixtureRequest) -> None:
    site: Site = request.getfixturevalue(state)
    result = site.ok("deployment_info", solution=solution()).result
    assert [item["name"] for item in result["applications"]] == ORDER
    chat_server = next(item for item in result["applications"] if item["name"] == "ChatServer_2")
    assert (chat_server["host"], chat_server["type"], chat_server["ports"]) == ("chat2", "CFGChatServer", CHAT_PORTS)
    assert chat_server["on_host"] == [{"name": "ChatServer_2", "type": "CFGChatServer"}]
    host = site.sandbox.object("CfgHost", "chat2")
    assert host is not None and chat_server["address"] == host["ipaddress"]
    assert (chat_server["dbid"] > 0) == (state == "furnished")
    assert result["install_time_utility"] is True
    assert site.writes() == []


def test_servers_that_are_only_named_are_not_installed(furnished: Site) -> None:
    named = solution(interaction_servers=["IXN_1"], gms=["GMS_1"], contact_servers={"pairs": [
        {"primary": "UCS_1", "backup": "UCS_2"}, {"primary": "UCS_3", "backup": "UCS_4"}]})
    result = furnished.ok("deployment_info", solution=named).result
    assert [item["name"] for item in result["applications"]] == list(CHAT_SERVERS)


def test_the_start_up_time_of_the_application_is_told(furnished: Site) -> None:
    furnished.sandbox.edit("CfgApplication", "UCS_3", startuptimeout="240", shutdowntimeout="15")
    result = furnished.ok("deployment_info", solution=solution()).result
    told = next(item for item in result["applications"] if item["name"] == "UCS_3")
    assert (told["startup_timeout"], told["shutdown_timeout"]) == (240, 15)


@pytest.mark.parametrize(("arguments", "words"), [
    ({"hosts": ["chat1", "chat2", "chat3", "ucs1", "ucs2", "ucs3", "ucs4", "ixn1", "gms1"]}, ("'ChatServer_4'", "'chat4'", "no host of the inventory")),
    ({"packages": {"chat_server": "a", "contact_server": "b", "gms": "c"}},
     ("genesys_packages", "no installation package is given for interaction_server", "'IXN_1'")),
    ({"solution": solution(chat_servers=[{"name": "ChatServer_9", "host": "nowhere"}])}, ("there is no host named 'nowhere'",)),
    ({"solution": {"tenant": "Environment", "chat_servers": "ChatServer_1"}}, ("solution", "chat_servers")),
    ({"solution": {"tenant": "Environment", "capacity_rules": "Four_chats"}}, ("solution", "capacity_rules")),
])
def test_what_can_not_be_deployed_is_refused(furnished: Site, arguments: dict[str, Any], words: tuple[str, ...]) -> None:
    furnished.refuses("deployment_info", *words, **{"solution": solution(), **arguments})


def test_a_removal_of_what_is_wrongly_described_is_refused(furnished: Site) -> None:
    furnished.refuses("removal_plan_info", "solution", "capacity_rules", solution={"tenant": "Environment", "capacity_rules": "Four_chats"})


def test_what_can_not_be_written_is_refused(furnished: Site) -> None:
    """As chat_solution would refuse it: a server that others are connected to stays on its host."""
    servers = [{"name": "IXN_1", "host": "gms1"}]
    furnished.refuses("deployment_info", "application 'IXN_1': its host can't be changed", "ChatServer_1", solution=solution(interaction_servers=servers))
    moved = furnished.ok("deployment_info", solution=solution(interaction_servers=servers), plan=False).result
    assert {item["name"]: item["host"] for item in moved["applications"]}["IXN_1"] == "gms1"


def test_queues_of_which_no_object_tells_the_strategy(furnished: Site) -> None:
    """A warning, and no problem: what the annexes show is not certain."""
    for name, subtype, value in (("View_1", "CFGInteractionQueueView", "Chat_In"), ("Submitter_1", "CFGInteractionSubmitter", "View_1 Legacy_Strategy")):
        annex = {"property": [{"section": "made", "key": "by a tool", "value": value}]}
        furnished.sandbox.create("CfgScript", name=name, subtype=subtype, tenantdbid="1", userproperties=annex)
    found = [item for item in furnished.ok("deployment_info", solution=solution()).result["findings"] if "strategy" in item["text"]]
    assert [item["level"] for item in found] == ["warning"]
    assert "takes the interactions from 'Webengagement_Chat'. See" in found[0]["text"]
