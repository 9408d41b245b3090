# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A cluster of Interaction Servers: each node on the ESP port of every Chat Server, whoever is added or removed."""

from __future__ import annotations

from typing import Any

import pytest
from benchmarks.estate import add_objects
from integration.configured_site import CHAT_PORTS, CHAT_SERVERS, INTERACTION_TEMPLATE, Site, solution
from integration.engagement import cluster
from integration.test_config_check_mode import predicted_and_done
from integration.test_config_lifecycle import application, link, links, step

from ansible_collections.genesys_engage.chat.plugins.filter.verification import verification_problems

CLUSTER = "IXN_Cluster"
NODES = ("IXN_1", "IXN_2", "IXN_3")
FULL = {(server, "ESP"): link(10, 10, "both") for server in CHAT_SERVERS}
#: IXN_1 is linked to every Chat Server already.
OTHERS = [application("update", name) for name in NODES[1:]]


@pytest.fixture
def clustered(furnished: Site) -> Site:
    """A furnished site whose Interaction Server is a node of a cluster with two others, which are connected to nothing."""
    for number, name in enumerate(NODES[1:], 1):
        furnished.make(name, INTERACTION_TEMPLATE, "ixn1", {"default": 4420 + number})
    cluster(furnished, *NODES, "MessageServer", "confserv", name=CLUSTER)
    return furnished


def described(site: Site, **changes: Any) -> dict[str, Any]:
    """The solution, its Interaction Servers named by their cluster."""
    return solution(interaction_servers=None, interaction_server_cluster=CLUSTER, **changes)


def paired(site: Site, primary: str, backup: str) -> None:
    """Make one Interaction Server the backup of another."""
    site.sandbox.edit("CfgApplication", primary, backupserverdbid=site.dbid("CfgApplication", backup), redundancytype="CFGHTWarmStanby")


# the module


def test_the_matrix_stays_full(clustered: Site) -> None:
    """From the nodes of the cluster; with a node, a Chat Server more; without them."""
    site = clustered
    by_cluster = {"interaction_server_cluster": CLUSTER}
    step(site, "esp_link", OTHERS, **by_cluster)
    assert all(links(site, name) == FULL for name in NODES)

    site.make("IXN_4", INTERACTION_TEMPLATE, "ixn1", {"default": 4429})
    site.relink(CLUSTER, [site.link(name) for name in (*NODES, "IXN_4")])
    step(site, "esp_link", [application("update", "IXN_4")], **by_cluster)
    assert links(site, "IXN_4") == FULL

    site.make_chat_server("ChatServer_5", "site")
    everyone = [application("update", name) for name in (*NODES, "IXN_4")]
    step(site, "esp_link", everyone, addp={"local_timeout": 10, "remote_timeout": 10, "trace": "both"}, **by_cluster)
    assert all(links(site, name) == {**FULL, ("ChatServer_5", "ESP"): link(10, 10, "both")} for name in (*NODES, "IXN_4"))

    step(site, "esp_link", everyone, chat_servers=["ChatServer_5"], state="absent", **by_cluster)
    assert all(links(site, name) == FULL for name in (*NODES, "IXN_4"))
    step(site, "esp_link", everyone[3:], interaction_servers=["IXN_4"], chat_servers=list(CHAT_SERVERS), state="absent")
    assert (links(site, "IXN_4"), links(site, "IXN_3")) == ({}, FULL)


def test_what_is_predicted_for_a_cluster_is_done(clustered: Site) -> None:
    done = predicted_and_done(clustered, "esp_link", interaction_server_cluster=CLUSTER)
    assert [change["name"] for change in done.changes] == list(NODES[1:])
    done = predicted_and_done(clustered, "esp_link", interaction_server_cluster=CLUSTER, chat_servers=["ChatServer_2"], state="absent")
    assert [change["name"] for change in done.changes] == list(NODES)


def test_nodes_named_one_by_one(clustered: Site) -> None:
    """A node that is not named is told with the connections that it lacks; the matrix of those that are is full."""
    site = clustered
    outcome = site.ok("esp_link", warns=True, interaction_servers=["IXN_1", "IXN_2"])
    (warning,) = outcome.warnings
    assert all(word in warning for word in ("'IXN_3'", f"'{CLUSTER}'", "ESP port of ChatServer_1, ChatServer_2, ChatServer_3, ChatServer_4")), warning
    assert site.writes() == OTHERS[:1] and links(site, "IXN_2") == FULL
    step(site, "esp_link", OTHERS[1:], interaction_servers=list(NODES))
    assert not site.ok("esp_link", interaction_servers=["IXN_1", "IXN_2"]).warnings, "nothing is missing any more"


def test_one_node_more_of_ten_with_two_hundred_chat_servers_is_one_write(surroundings: Site) -> None:
    site = surroundings
    site.make_chat_server("ChatServer_0", "chat1")
    names = [f"ChatServer_{number}" for number in range(200)]
    add_objects(site.sandbox, "CfgApplication", "ChatServer_0", [{"name": name} for name in names[1:]])
    esp = {"conninfo": [site.link(name, "ESP") for name in names[:1]]}
    dbids = {value["name"]: value["dbid"] for value in site.sandbox.objects("CfgApplication")}
    esp["conninfo"] = [{**esp["conninfo"][0], "appserverdbid": dbids[name]} for name in names]
    nodes = [f"Node_{number}" for number in range(1, 11)]
    add_objects(site.sandbox, "CfgApplication", "IXN_1", [{"name": name, "appservers": esp if name != "Node_10" else {"conninfo": []}} for name in nodes])
    cluster(site, *nodes, name=CLUSTER)
    step(site, "esp_link", [application("update", "Node_10")], interaction_server_cluster=CLUSTER)
    assert set(links(site, "Node_10")) == {(name, "ESP") for name in names}


# backups


def test_a_backup_is_no_node(clustered: Site) -> None:
    """It has the connections of its primary as a copy."""
    site = clustered
    paired(site, "IXN_2", "IXN_3")
    step(site, "esp_link", [application("update", "IXN_2")], interaction_server_cluster=CLUSTER)
    assert links(site, "IXN_2") == links(site, "IXN_3") == FULL
    site.relink("IXN_2", [])
    step(site, "esp_link", [application("update", "IXN_2")], interaction_servers=["IXN_3", "IXN_2"])
    site.refuses("esp_link", "interaction_servers: 'IXN_3' is the backup of 'IXN_2'", "the primary is the one to name", interaction_servers=["IXN_1", "IXN_3"])
    site.ok("chat_solution", solution=described(site))
    assert all(("IXN_2", "default") in links(site, name) and ("IXN_3", "default") not in links(site, name) for name in CHAT_SERVERS)
    site.refuses("chat_server_app", "interaction_servers[1]: 'IXN_3' is the backup of 'IXN_2'", name="ChatServer_1", interaction_servers=["IXN_1", "IXN_3"])
    site.relink(CLUSTER, [site.link("IXN_1"), site.link("IXN_3")])
    site.refuses("esp_link", "interaction_server_cluster: 'IXN_3' is the backup of 'IXN_2'", interaction_server_cluster=CLUSTER)


# bad input


@pytest.mark.parametrize(
    ("members", "given", "words"),
    [
        (("IXN_1", "UCS_1"), CLUSTER, (f"'{CLUSTER}' has a member that is no Interaction Server: UCS_1 (CFGContactServer)", "of the same type")),
        (("IXN_1", "ChatServer_1"), CLUSTER, ("ChatServer_1 (CFGChatServer)",)),
        (("confserv",), CLUSTER, (f"no Interaction Server is among the connections of '{CLUSTER}'", "name them in interaction_servers")),
        (NODES, "IXN_2", ("application 'IXN_2' is of type CFGInteractionServer", "CFGApplicationCluster", "interaction_servers")),
        (NODES, "IXN_Clusters", ("there is no application named 'IXN_Clusters'; did you mean 'IXN_Cluster'?",)),
    ],
)
def test_what_is_no_cluster_of_interaction_servers(clustered: Site, members: tuple[str, ...], given: str, words: tuple[str, ...]) -> None:
    clustered.relink(CLUSTER, [clustered.link(name) for name in members])
    clustered.refuses("esp_link", "interaction_server_cluster: ", *words, interaction_server_cluster=given)
    clustered.refuses("chat_solution", "interaction_server_cluster: ", *words, solution={**described(clustered), "interaction_server_cluster": given})


def test_nobody_is_named(clustered: Site) -> None:
    clustered.refuses("esp_link", "interaction_servers", "interaction_server_cluster", chat_servers=["ChatServer_1"])


# in a description


def test_a_solution_with_a_cluster(clustered: Site) -> None:
    """Each node to every Chat Server, and every Chat Server to each node."""
    site = clustered
    chat_servers = [application("update", name) for name in CHAT_SERVERS]
    predicted_and_done(site, "chat_solution", solution=described(site))
    assert all(links(site, name) == FULL for name in NODES)
    assert all({(node, "default") for node in NODES} <= set(links(site, name)) for name in CHAT_SERVERS)

    site.make("IXN_4", INTERACTION_TEMPLATE, "ixn1", {"default": 4429})
    site.relink(CLUSTER, [site.link(name) for name in (*NODES, "IXN_4")])
    step(site, "chat_solution", [*chat_servers, application("update", "IXN_4")], solution=described(site))
    assert links(site, "IXN_4") == FULL

    fifth = {"name": "ChatServer_5", "host": "site", "ports": CHAT_PORTS}
    more = described(site, chat_servers=[*solution()["chat_servers"], fifth])
    clients = [application("update", name) for name in ("GMS_1", *NODES, "IXN_4")]
    step(site, "chat_solution", [application("create", "ChatServer_5"), *clients], solution=more)
    assert ("ChatServer_5", "ESP") in links(site, "IXN_2") and ("IXN_4", "default") in links(site, "ChatServer_5")


def test_chat_servers_that_use_the_cluster_itself(clustered: Site) -> None:
    """That is learnt from those that are there; then a node more is one write."""
    site = clustered
    for name in CHAT_SERVERS:
        own = [server for server, _port in links(site, name) if server != "IXN_1"]
        site.relink(name, [site.link(server) for server in (CLUSTER, *own)])
    step(site, "chat_solution", OTHERS, solution=described(site))
    fifth = {"name": "ChatServer_5", "host": "site", "ports": CHAT_PORTS}
    site.ok("chat_solution", solution=described(site, chat_servers=[*solution()["chat_servers"], fifth]))
    assert {server for server, _port in links(site, "ChatServer_5")} == {CLUSTER, "UCS_1", "confserv", "MessageServer"}


def test_the_way_back_and_what_a_verification_tells(clustered: Site) -> None:
    """The cluster is told by its name once its matrix is full; until then the missing connections are named."""
    site = clustered
    site.ok("esp_link", interaction_server_cluster=CLUSTER)
    site.relink("IXN_3", [site.link(name, "ESP") for name in CHAT_SERVERS if name != "ChatServer_2"])
    info = site.ok("chat_solution_info", tenant="Environment").result
    assert info["solution"]["interaction_servers"] == ["IXN_1", "IXN_2"] and "interaction_server_cluster" not in info["solution"]
    (told,) = [item["reason"] for item in info["left_out"] if item["name"] == CLUSTER]
    assert "'IXN_3' has none to ChatServer_2" in told and "IXN_2" not in told

    changes = site.ok("deployment_info", solution=described(site), differences=True).result["changes"]
    problems = verification_problems({"is_configuration_host": True, "deployment": {"changes": [item for item in changes if item["name"] in NODES]}})
    assert problems == ["The configuration differs from the description: IXN_3: is not connected to port 'ESP' of 'ChatServer_2'"]

    site.ok("esp_link", interaction_server_cluster=CLUSTER)
    found = site.ok("chat_solution_info", tenant="Environment").result
    assert found["solution"]["interaction_server_cluster"] == CLUSTER and "interaction_servers" not in found["solution"]
    assert not [item for item in found["left_out"] if item["name"] in (CLUSTER, *NODES)]
    assert not site.ok("chat_solution", solution=found["solution"]).changed and site.writes() == []
