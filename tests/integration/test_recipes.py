# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The recipes of docs/day_two.md, as they stand there, on a solution that is installed; looked up in the sandbox."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml
from integration.configured_site import CHAT_SERVERS, Site, solution

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "day_two.md").read_text(encoding="utf-8")
#: Variables of the playbooks that are options of the module.
OPTIONS = {"chat_allow_disruption": "allow_disruption", "chat_allow_disconnect": "allow_disconnect", "chat_stopped_applications": "stopped_applications"}


def merged(whole: Any, change: Any) -> Any:
    """Return a description with a change: mappings key by key, lists of named things by their names."""
    if isinstance(whole, dict) and isinstance(change, dict):
        return {**whole, **{key: merged(whole.get(key), value) for key, value in change.items()}}
    if isinstance(whole, list) and all(isinstance(item, dict) and "name" in item for item in whole + change):
        changes = {item["name"]: item for item in change}
        return [merged(item, changes[item["name"]]) if item["name"] in changes else item for item in whole]
    return change


def follow(site: Site, title: str, step: int | None = None) -> None:
    """Carry out the blocks of a recipe, or one of them; what a block describes is true afterwards, so that to apply it again changes nothing."""
    section = re.search(rf"^### {re.escape(title)}\n(.*?)(?=^##|\Z)", PAGE, re.DOTALL | re.MULTILINE)
    assert section, title
    blocks = [yaml.safe_load(block) for block in re.findall(r"^```yaml\n(.*?)^```$", section[1], re.DOTALL | re.MULTILINE)]
    assert blocks, title
    for block in blocks if step is None else blocks[step:step + 1]:
        if isinstance(block, dict):
            arguments = {OPTIONS[key]: value for key, value in block.items() if key in OPTIONS}
            assert set(block) == {"chat_solution", *[key for key in block if key in OPTIONS]}
            arguments["solution"] = merged(solution(), block["chat_solution"])
            assert site.ok("chat_solution", warns=True, **arguments).changed
            assert not site.ok("chat_solution", warns=True, **arguments).changed
        else:
            for task in block:
                (module,) = (key for key in task if key != "name")
                assert site.ok(module.rsplit(".", 1)[1], **task[module]).changed


def install(site: Site) -> None:
    """Let all servers count as running, and have some hosts to spare."""
    for host in ("chat5", "ucs5", "ucs6"):
        known = site.sandbox.object("CfgHost", "chat1") or {}
        site.sandbox.create("CfgHost", **{**{key: value for key, value in known.items() if key not in ("dbid", "type")}, "name": host})
    for name in (*CHAT_SERVERS, "UCS_1", "UCS_2", "UCS_3", "UCS_4", "IXN_1", "GMS_1"):
        site.sandbox.edit("CfgApplication", name, workdirectory=f"/opt/genesys/{name}")


def contact_servers(site: Site) -> dict[str, set[str]]:
    """Return the UCS to which each Chat Server is connected."""
    return {name: {path[1] for path in site.application(name) if path[0] == "connections" and path[1].startswith("UCS")} for name in CHAT_SERVERS}


def test_rename_an_endpoint(furnished: Site) -> None:
    install(furnished)
    follow(furnished, "Rename an endpoint")
    for name in CHAT_SERVERS:
        assert furnished.sandbox.options("CfgApplication", name)["endpoints:1"] == {"default": "Chat_In", "web_chat": "Webengagement_Chat"}


def test_rename_a_queue(furnished: Site) -> None:
    install(furnished)
    follow(furnished, "Rename a queue")
    assert furnished.exists("CfgScript", "Chat_First_Line") and not furnished.exists("CfgScript", "Chat_In")
    for name in CHAT_SERVERS:
        assert furnished.sandbox.options("CfgApplication", name)["endpoints:1"]["default"] == "Chat_First_Line"


def test_move_a_chat_server(furnished: Site) -> None:
    site = furnished
    install(site)
    moved = merged(solution(), {"chat_servers": [{"name": "ChatServer_2", "host": "chat5"}]})
    site.refuses("chat_solution", "its host can't be changed: applications are connected to it", solution=moved, stopped_applications=["ChatServer_2"])
    dbid = site.dbid("CfgApplication", "ChatServer_2")
    follow(site, "Move a Chat Server to another host")
    assert site.application("ChatServer_2")["host",] == "chat5" and site.dbid("CfgApplication", "ChatServer_2") == dbid
    for client, port in (("IXN_1", "ESP"), ("GMS_1", "webapi")):
        assert ("connections", "ChatServer_2", port, "protocol") in site.application(client)


def test_move_a_pair(furnished: Site) -> None:
    site = furnished
    install(site)
    follow(site, "Move a pair of UCS to other hosts", 0)
    assert set.union(*contact_servers(site).values()) == {"UCS_1"}
    for step in (1, 2):
        follow(site, "Move a pair of UCS to other hosts", step)
    assert (site.application("UCS_3")["host",], site.application("UCS_4")["host",], site.application("UCS_3")["backup",]) == ("ucs5", "ucs6", "UCS_4")
    assert sorted(map(sorted, contact_servers(site).values())) == [["UCS_1"]] * 2 + [["UCS_3"]] * 2


def test_add_a_pair(furnished: Site) -> None:
    site = furnished
    install(site)
    follow(site, "Add a pair of UCS")
    assert site.application("UCS_5")["backup",] == "UCS_6"
    groups = [names for (names,) in map(sorted, contact_servers(site).values())]
    assert set(groups) == {"UCS_1", "UCS_3", "UCS_5"}
