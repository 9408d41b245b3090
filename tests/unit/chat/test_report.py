# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A chat solution as a graph: what is drawn, in which box, connected to what, and which finding is about it."""

from __future__ import annotations

from typing import Any

import pytest
from unit.config.fake_gateway import Gateway, application, apply_solution, description, option_list, world

from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.adopt import adopt
from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.compare import chat_solution_compare
from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.context import Context
from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.engagement_options import OPTIONS
from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.report.report import chat_solution_report
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.directory import Directory
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.errors import InvalidInput

APPLICATION = "application/"
QUEUE_KEY = OPTIONS["8.1.2"]["queue_key"][1]


def drawn(gateway: Gateway, **params: Any) -> dict[str, Any]:
    """Return the graph; nothing may have been written for it."""
    before = len(gateway.effects)
    result: dict[str, Any] = chat_solution_report(Context(Directory(gateway)), params)["graph"]
    assert len(gateway.effects) == before
    ids = {node["id"] for node in result["nodes"]}
    assert sorted(node for box in result["boxes"] for node in box["nodes"]) == sorted(ids), "each node is in one box"
    assert all(link["from"] in ids and ids.issuperset(link["to"]) for link in result["links"])
    assert all(ids.issuperset(finding["nodes"]) for finding in result["findings"])
    return result


def boxes(graph: dict[str, Any]) -> dict[str, list[str]]:
    """Return title -> names."""
    return {box["title"]: [node.rpartition("/")[2] for node in box["nodes"]] for box in graph["boxes"]}


def node(graph: dict[str, Any], name: str) -> dict[str, Any]:
    (found,) = [item for item in graph["nodes"] if item["name"] == name]
    assert isinstance(found, dict)
    return found


@pytest.fixture
def site() -> Gateway:
    """Two pairs of UCS with two Chat Servers each."""
    gateway = world()
    pairs = [{"primary": {"name": f"UCS_{number}", "host": f"chat{number}"}, "backup": {"name": f"UCS_{number + 1}", "host": f"chat{number + 1}"}}
             for number in (1, 3)]
    servers = description(4)["contact_servers"]
    apply_solution(gateway, description(4, contact_servers={**servers, "pairs": pairs}))
    return gateway


def test_groups_pairs_and_the_rest(site: Gateway) -> None:
    graph = drawn(site)
    assert boxes(graph) == {
        "Group of UCS_1": ["ChatServer_1", "ChatServer_2"], "Group of UCS_3": ["ChatServer_3", "ChatServer_4"],
        "Pair UCS_1": ["UCS_1", "UCS_2"], "Pair UCS_3": ["UCS_3", "UCS_4"],
        "Interaction Servers": ["IXN_1"], "Interaction Queues": ["Chat_In", "Webengagement_Chat"], "Other servers": ["MessageServer", "confserv"],
    }
    assert [lane["id"] for lane in graph["lanes"]] == ["chat_server", "contact_server", "interaction_server", "queue", "other"]
    chat = node(graph, "ChatServer_1")
    assert (chat["host"], chat["version"], chat["state"], chat["tenants"], chat["pair"]) == ("chat1", "8.5.311.06", "", ["Environment"], "")
    assert chat["ports"] == {"default": 4580, "webapi": 4581, "ESP": 4582} and list(chat["ports"])[0] == "default"
    assert node(graph, "UCS_1")["pair"] == "primary, its backup is UCS_2" and node(graph, "UCS_4")["pair"] == "backup of UCS_3"
    assert graph["tenants"] == ["Environment"] and graph["of"] == "live"


def test_links_with_ports_and_addp(site: Gateway) -> None:
    graph = drawn(site)
    own = [link for link in graph["links"] if link["from"] == APPLICATION + "ChatServer_3"]
    default, *endpoints = own
    assert {name.partition("/")[2] for name in default["to"]} == {"IXN_1", "UCS_3", "MessageServer", "confserv"}
    assert {key: default[key] for key in ("port", "protocol", "local_timeout", "remote_timeout", "trace")} == {
        "port": "default", "protocol": "addp", "local_timeout": 11, "remote_timeout": 12, "trace": "both"}
    assert [(link["port"], link["protocol"], link["to"]) for link in endpoints] == [
        ("default", "endpoint", ["queue/Environment/Chat_In"]), ("webme", "endpoint", ["queue/Environment/Webengagement_Chat"])]
    (esp,) = [link for link in graph["links"] if link["from"] == APPLICATION + "IXN_1" and link["port"] == "ESP"]
    assert len(esp["to"]) == 4


def test_a_link_that_differs_stands_alone(site: Gateway) -> None:
    """One Chat Server without addp, one with other times: each is told apart."""
    ixn = next(raw for raw in site.objects["CfgApplication"].values() if raw["name"] == "IXN_1")
    links = ixn["appservers"]["conninfo"]
    links[0].update(connprotocol="")
    links[1].update(timoutlocal="99")
    told = sorted((link["protocol"], str(link["local_timeout"]), len(link["to"])) for link in drawn(site)["links"]
                  if link["from"] == APPLICATION + "IXN_1" and link["port"] == "ESP")
    assert told == [("", "None", 1), ("addp", "11", 2), ("addp", "99", 1)]


def test_a_pair_of_chat_servers_is_in_one_group(site: Gateway) -> None:
    one, other = (next(raw for raw in site.objects["CfgApplication"].values() if raw["name"] == f"ChatServer_{number}") for number in (1, 4))
    one["backupserverdbid"] = other["dbid"]
    graph = drawn(site)
    assert boxes(graph)["Group of UCS_1"] == ["ChatServer_1", "ChatServer_2", "ChatServer_4"]
    assert node(graph, "ChatServer_4")["pair"] == "backup of ChatServer_1"


def test_findings_are_on_their_objects(site: Gateway) -> None:
    """On an application, on a queue, and on what is not drawn; a server that is drawn only for its fault."""
    chat = next(raw for raw in site.objects["CfgApplication"].values() if raw["name"] == "ChatServer_2")
    chat["portinfos"]["portinfo"] = [port for port in chat["portinfos"]["portinfo"] if port["id"] != "ESP"]
    graph = drawn(site)
    found = {(finding["rule"], finding["name"]): finding["nodes"] for finding in graph["findings"]}
    assert found["L01", "ChatServer_2"] == [APPLICATION + "ChatServer_2"] and found["L39", "Chat_In"] == ["queue/Environment/Chat_In"]
    assert graph["counts"]["error"] >= 1
    waiver = {"rule": "L01", "object": "ChatServer_2", "reason": "known", "until": "2099-12-31"}
    assert [finding["waived"] for finding in drawn(site, waivers=[waiver])["findings"] if finding["rule"] == "L01"] == ["known"]


def test_a_queue_that_is_not_there(site: Gateway) -> None:
    chat = next(raw for raw in site.objects["CfgApplication"].values() if raw["name"] == "ChatServer_1")
    for entry in chat["options"]["property"]:
        if entry["section"] == "endpoints:1" and entry["key"] == "webme":
            entry["value"] = "Nowhere"
    graph = drawn(site)
    assert node(graph, "Nowhere")["state"] == "not there" and node(graph, "Chat_In")["state"] == ""


def test_states_and_versions_that_were_seen(site: Gateway) -> None:
    graph = drawn(site, states={"ChatServer_1": "RUNNING", "Unknown": "STOPPED"}, versions={"ChatServer_1": "8.5.999.01"})
    assert (node(graph, "ChatServer_1")["state"], node(graph, "ChatServer_1")["version"]) == ("RUNNING", "8.5.999.01")
    assert (node(graph, "ChatServer_2")["state"], node(graph, "ChatServer_2")["version"]) == ("", "8.5.311.06")


def test_clients_clusters_and_agents(site: Gateway) -> None:
    """GMS, Web Engagement behind a cluster, a cluster of Interaction Servers, agent groups in roles with chat; others are left out."""
    by_name = {raw["name"]: raw["dbid"] for raw in site.objects["CfgApplication"].values()}
    chats = [by_name["ChatServer_1"], by_name["ChatServer_2"]]
    site.add("CfgApplication", 900, "GMS_1", **application("CFGGenericServer", connections=[(chats[0], "webapi", "")]))
    site.add("CfgApplication", 901, "Chat_Cluster", **application("CFGApplicationCluster", connections=[(dbid,) for dbid in chats]))
    channel = {"service:wes": {QUEUE_KEY: "1:webme"}}
    site.add("CfgApplication", 902, "WES_1", **application("CFGWebEngagementBackendServer", connections=[(901,)], options=channel))
    site.add("CfgApplication", 903, "IXN_Cluster", **application("CFGApplicationCluster", connections=[(by_name["IXN_1"],)]))
    site.add("CfgApplication", 904, "SIP_Server", **application("CFGTServer"))
    privileges = option_list({"workspace": {"privilege.chat.can-use": "true"}})
    members = {"id": [{"objectdbid": "50", "objecttype": "CFGAgentGroup"}]}
    site.add("CfgRole", 60, "Chat Agents", tenantdbid="1", userproperties=privileges, members=members)
    site.add("CfgAgentGroup", 50, "Chat_Agents", tenantdbid="1", agentdbids={"id": [{"dbid": "1"}, {"dbid": "2"}]})
    site.add("CfgAgentGroup", 51, "Voice_Agents", tenantdbid="1")
    graph = drawn(site)
    found = boxes(graph)
    assert found["Genesys Mobile Services"] == ["GMS_1"] and found["Web Engagement"] == ["WES_1"]
    assert found["Application Clusters"] == ["Chat_Cluster", "IXN_Cluster"] and found["Cluster IXN_Cluster"] == ["IXN_1"]
    assert found["Agent groups with chat"] == ["Chat_Agents"]
    assert node(graph, "Chat_Agents")["facts"] == [["agents", "2"], ["roles with chat", "Chat Agents"]]
    assert "SIP_Server" not in str(graph["nodes"])
    (webapi,) = [link for link in graph["links"] if link["from"] == APPLICATION + "GMS_1"]
    assert (webapi["port"], webapi["protocol"]) == ("webapi", "")


def test_a_description_is_drawn_before_it_is_there() -> None:
    gateway = world()
    graph = drawn(gateway, solution=description(4))
    assert boxes(graph)["Group of UCS_1"] == [f"ChatServer_{number}" for number in range(1, 5)]
    assert graph["of"] == "description"


def test_persons_are_read_only_if_agents_are_judged(site: Gateway) -> None:
    def persons(**params: Any) -> bool:
        site.calls.clear()
        graph = drawn(site, **params)
        return ("list", "CfgPerson", "*") in site.calls and "L23" not in graph["not_judged"]
    assert persons() and not persons(agents=False)


def test_bad_input() -> None:
    with pytest.raises(InvalidInput, match="there is no rule 'L99'"):
        drawn(world(), rules=["L99"])


# -- a comparison ----------------------------------------------------------------------------------------------------------


def compared(gateway: Gateway, left: dict[str, Any], right: dict[str, Any], **mapping: dict[str, str]) -> dict[str, Any]:
    return chat_solution_compare(Context(Directory(gateway)), {"left": left, "right": right, "mapping": mapping})


def marks(graph: dict[str, Any]) -> dict[str, str]:
    """Return name -> what a comparison has found of it."""
    names = {item["id"]: item["name"] for item in graph["nodes"]}
    return {names[key]: value for key, value in graph["compared"]["objects"].items()}


def told(graph: dict[str, Any], name: str) -> list[tuple[Any, ...]]:
    return [(item["option"], item["here"], item["there"], item["sort"]) for item in graph["compared"]["differences"] if item["name"] == name]


def test_a_comparison_is_shown_on_its_objects(site: Gateway) -> None:
    """A Chat Server that differs, one that is additional, one that is missing, and so with queues; what no node stands for is only told."""
    other = adopt(Context(Directory(site)), "Environment")[0]
    other["chat_servers"] = [dict(item, options={"settings": {"limit-for-sessions": "77"}}) if item["name"] == "ChatServer_2" else item
                             for item in other["chat_servers"] if item["name"] != "ChatServer_3"]
    other["chat_servers"].append({**other["chat_servers"][0], "name": "ChatServer_9", "host": "chat9"})
    other["interaction_queues"] = [*other["interaction_queues"], "Sales_In"]
    other["capacity_rules"] = [{"name": "Three_chats", "capacity": {"chat": 3}}]
    result = compared(site, {"solution": other}, {"tenant": "Environment"})
    graph = drawn(site, compared=result)
    assert marks(graph) == {"ChatServer_2": "differs", "ChatServer_3": "additional", "ChatServer_9": "missing", "Sales_In": "missing"}
    assert graph["compared"]["with"] == "the description"
    assert told(graph, "ChatServer_2") == [("options/settings/limit-for-sessions", None, "77", "differs")]
    assert ("host", None, "chat9", "missing") in told(graph, "ChatServer_9") and ("host", "chat3", None, "additional") in told(graph, "ChatServer_3")
    assert told(graph, "capacity_rules") == [("Three_chats/capacity/chat", None, "3", "differs"), ("Three_chats/name", None, "Three_chats", "differs")]
    assert boxes(graph)["On the other side"] == ["Sales_In"] and node(graph, "ChatServer_9")["kind"] == "chat_server"
    # The same the other way round: what is drawn is the left side now.
    turned = drawn(site, compared=compared(site, {"tenant": "Environment"}, {"solution": other}))
    assert marks(turned) == marks(graph) and told(turned, "ChatServer_2") == told(graph, "ChatServer_2")
    assert drawn(site)["compared"] is None


def test_a_comparison_of_the_servers_around(site: Gateway) -> None:
    """A pair of UCS, a member of it, a pair of Chat Servers, and options of Workspace; a server that is drawn is not missing because nobody described it."""
    site.add("CfgApplication", 910, "Workspace", **application("CFGInteractionWorkspace"))
    site.add("CfgApplication", 911, "WES_1", **application("CFGWebEngagementBackendServer"))
    paths = {
        "contact_servers/pairs/UCS_1/members/UCS_2/host": ("chat2", "chat9"), "contact_servers/pairs/UCS_1/backup": ("UCS_2", "UCS_7"),
        "contact_servers/pairs/UCS_8": (None, {"primary": "UCS_8", "backup": "UCS_9", "members": {"UCS_8": {"name": "UCS_8"}, "UCS_9": {"host": "h"}}}),
        "contact_servers/redundancy_type": (None, "warm standby"), "high_availability/pairs/ChatServer_1/backup": (None, "ChatServer_4"),
        "workspace/Workspace application": (None, {"options": {"chat.nickname": "x"}}), "web_engagement/WES_1": (None, {"endpoint": "webme"}),
        "chat_servers/ChatServer_4/options": ({"a": {"b": None}}, None),
    }
    result = {"differences": [{"path": path, "right": here, "left": there} for path, (here, there) in paths.items()], "mapping": {},
              "sides": {"left": {"of": "snapshot", "snapshot": "/x.json"}, "right": {"of": "live", "snapshot": ""}}}
    graph = drawn(site, compared=result)
    assert marks(graph) == {"UCS_1": "differs", "UCS_2": "differs", "UCS_8": "missing", "UCS_9": "missing", "ChatServer_1": "differs", "Workspace": "differs",
                            "WES_1": "differs"}
    assert graph["compared"]["with"] == "the snapshot /x.json" and told(graph, "UCS_9") == [("host", None, "h", "missing")]
    assert told(graph, "WES_1") == [("endpoint", None, "webme", "differs")]


def test_names_of_a_comparison_are_those_of_what_is_drawn(site: Gateway) -> None:
    """A comparison tells the names of its right side; the left one is drawn here."""
    other = adopt(Context(Directory(site)), "Environment")[0]
    other["chat_servers"] = [dict(item, name="Lab_1", host="chat9") if item["name"] == "ChatServer_1" else item for item in other["chat_servers"]]
    result = compared(site, {"tenant": "Environment"}, {"solution": other}, applications={"ChatServer_1": "Lab_1"})
    graph = drawn(site, compared=result)
    assert marks(graph) == {"ChatServer_1": "differs"} and told(graph, "ChatServer_1") == [("host", "chat1", "chat9", "differs")]


def test_what_a_description_would_change_is_shown(site: Gateway) -> None:
    """The changes of chat_solution in check mode: those of an application that would be made belong to it, in whichever of its writes they are."""
    changes = [
        {"action": "create", "type": "CfgApplication", "name": "UCS_9", "before": {}, "after": {"type": "CFGContactServer", "host": "chat9"}},
        {"action": "update", "type": "CfgApplication", "name": "UCS_9", "before": {"backup": None}, "after": {"backup": "UCS_8"}},
        {"action": "create", "type": "CfgScript", "name": "Sales_In", "before": {}, "after": {"type": "CFGInteractionQueue"}},
        {"action": "update", "type": "CfgApplication", "name": "ChatServer_1", "before": {"options": {"settings": {"a": "1", "b": "x" * 600}}},
         "after": {"options": {"settings": {"a": "2", "b": None}}}},
        {"action": "delete", "type": "CfgApplication", "name": "ChatServer_4", "before": {"host": "chat4"}, "after": {}},
        {"action": "update", "type": "CfgTenant", "name": "Environment", "before": {"annex": {"a": {"b": "1"}}}, "after": {"annex": {"a": {"b": "2"}}}},
    ]
    graph = drawn(site, compared={"changes": changes})
    assert marks(graph) == {"UCS_9": "missing", "Sales_In": "missing", "ChatServer_1": "differs", "ChatServer_4": "additional"}
    assert node(graph, "UCS_9")["kind"] == "contact_server" and told(graph, "UCS_9")[-1] == ("backup", None, "UCS_8", "missing")
    (first, second) = told(graph, "ChatServer_1")
    assert first == ("options/settings/a", "1", "2", "differs") and len(second[1]) == 501 and second[2] is None
    assert told(graph, "tenant Environment") == [("annex/a/b", "1", "2", "differs")]


LIVE = {"of": "live", "snapshot": ""}
SIDES = {"left": {"of": "snapshot", "snapshot": "/a"}, "right": {"of": "snapshot", "snapshot": "/b"}}


@pytest.mark.parametrize(("result", "words"), [
    ({"equal": True}, "compared: give what chat_solution_compare has returned"),
    ({"differences": [{"path": "a"}], "sides": SIDES, "mapping": {}}, "compared: give what"),
    ({"differences": [{"path": 1, "left": 1, "right": 2}], "sides": SIDES, "mapping": {}}, "compared: give what"),
    ({"differences": [], "sides": {"left": LIVE, "right": 3}, "mapping": {}}, "compared: give what"),
    ({"differences": [], "sides": SIDES, "mapping": {}}, r"compared: what is drawn \(live\) is neither of the two sides"),
    ({"changes": [{"action": "update", "type": [], "name": "x", "before": {}, "after": {}}]}, "compared: give what"),
])
def test_no_comparison(result: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        drawn(world(), compared=result)


def test_changes_are_shown_on_what_is_there() -> None:
    with pytest.raises(InvalidInput, match="leave out solution and snapshot"):
        drawn(world(), solution=description(2), compared={"changes": []})
