# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The core of the behaviour under every way in which GAX may answer: what is written is the same under all of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from integration.configured_site import CHAT_PORTS, CHAT_SERVERS, CHAT_TEMPLATE, INTERACTION_TEMPLATE, Site, fails_well, solution
from integration.convergence import WORK, Database, Undisturbed, changed_solution, shortcomings, undisturbed
from integration.engagement import PROVISIONED, QUEUE_KEYS, WES, channel_of, cluster, endpoints
from integration.test_kill_anywhere import killed_at
from integration.vocabulary import Leaves, Snapshot

from sandbox.gax.dialects import DIALECTS
from sandbox.packages.templates import PLACEHOLDER_SECTION

Write = tuple[str, str, str]


def everything(site: Site) -> dict[tuple[str, str], Leaves]:
    """Return all objects in words."""
    state = Snapshot(site.sandbox.database())
    return {key: state.words(value) for key, value in state.objects().items()}


@pytest.fixture(params=sorted(DIALECTS))
def dialect(request: pytest.FixtureRequest, site: Site) -> Iterator[str]:
    """Each dialect in turn, on a new database."""
    site.sandbox.dialect(request.param)
    yield request.param


@pytest.fixture(scope="module")
def expected(one_site: Site, states: dict[str, dict[str, Any]]) -> list[dict[tuple[str, str], Leaves]]:
    """The databases after each of SOLUTIONS, as the dialect nearest to the sources makes them."""
    one_site.sandbox.dialect("plain")
    one_site.sandbox.restore(states["seed"])
    found = []
    for description in SOLUTIONS:
        one_site.ok("chat_solution", solution=description)
        found.append(everything(one_site))
    return found


SOLUTIONS = [solution(), changed_solution()]


def nothing_lost(site: Site) -> None:
    """Assert that every write carried back all that it had read, also what no client knows, and sent nothing unheard of."""
    for entry in site.sandbox.writes():
        assert entry["applied"], entry
        assert not entry.get("lost_fields"), entry
        assert not entry.get("ignored_fields"), entry


def wrote(site: Site, expected_writes: list[Write]) -> None:
    """Assert the writes. A server that adds the template's options to a new Chat Server costs one more, to take the placeholder away."""
    writes = site.writes()
    extra = [write for write in writes if write not in expected_writes]
    for write in extra:
        assert write[0] == "update" and ("create", *write[1:]) in writes, write
        writes.remove(write)
    assert writes == expected_writes
    assert len(extra) in (0, sum(write[0] == "create" and write[2].startswith("ChatServer") for write in writes))


def again(site: Site, module: str, **arguments: Any) -> None:
    state = site.sandbox.database()
    outcome = site.ok(module, **arguments)
    assert (outcome.changed, site.writes()) == (False, [])
    assert site.sandbox.database() == state


def test_chat_server_app(site: Site, dialect: str) -> None:
    site.furnish_surroundings()
    arguments: dict[str, Any] = {
        "name": "ChatServer_1",
        "application_template": CHAT_TEMPLATE,
        "host": "chat1",
        "tenants": ["Environment"],
        "ports": CHAT_PORTS,
        "endpoints": {"default": "Chat_In"},
        "interaction_servers": ["IXN_1"],
        "contact_server": "UCS_1",
    }
    site.ok("chat_server_app", **arguments)
    wrote(site, [("create", "CfgApplication", "ChatServer_1")])
    nothing_lost(site)
    options = site.sandbox.options("CfgApplication", "ChatServer_1")
    assert PLACEHOLDER_SECTION not in options and options["endpoints:1"] == {"default": "Chat_In"}
    assert options["settings"]["limit-for-sessions"] == "1000"
    again(site, "chat_server_app", **arguments)

    change: dict[str, Any] = {
        "name": "ChatServer_1",
        "ports": {"webapi": 5581},
        "options": {"settings": {"limit-for-sessions": None, "x": 1}},
        "contact_server": "UCS_3",
    }
    site.ok("chat_server_app", **change)
    wrote(site, [("update", "CfgApplication", "ChatServer_1")])
    nothing_lost(site)
    made = site.application("ChatServer_1")
    assert (made["ports", "webapi"], made["ports", "ESP"], made["options", "settings", "x"]) == (5581, 4582, "1")
    assert ("options", "settings", "limit-for-sessions") not in made
    assert {path[1] for path in made if path[0] == "connections"} == {"IXN_1", "UCS_3"}
    again(site, "chat_server_app", **change)

    site.ok("chat_server_app", name="ChatServer_1", state="absent")
    wrote(site, [("delete", "CfgApplication", "ChatServer_1")])
    assert not site.exists("CfgApplication", "ChatServer_1")
    again(site, "chat_server_app", name="ChatServer_1", state="absent")


def test_chat_solution(site: Site, dialect: str, expected: list[dict[tuple[str, str], Leaves]]) -> None:
    for description, state in zip(SOLUTIONS, expected, strict=True):
        prediction = site.ok("chat_solution", check=True, solution=description)
        assert site.writes() == []
        site.ok("chat_solution", solution=description)
        wrote(site, [(change["action"], change["type"], change["name"]) for change in prediction.changes])
        nothing_lost(site)
        assert everything(site) == state
        again(site, "chat_solution", solution=description)
    adopted = site.ok("chat_solution_info", tenant="Environment").result
    assert adopted["left_out"] == [] and len(adopted["solution"]["chat_servers"]) == len(CHAT_SERVERS)
    again(site, "chat_solution", solution=adopted["solution"])


def test_chat_channel_of_web_engagement(site: Site, dialect: str, states: dict[str, Database]) -> None:
    """Made, changed and taken away; what is of Web Engagement alone stays."""
    site.sandbox.restore(states["engaged"])
    channel: dict[str, Any] = {"backend_server": "WES_1", "tenant": "Environment"}
    made = {**channel, "queue": "Webengagement_Chat", "contact_handling": "create"}
    written = [("update", "CfgApplication", name) for name in (*CHAT_SERVERS, "WES_1")]
    for arguments, writes in ((made, written), ({**made, "refresh_period": 2}, written[-1:])):
        site.ok("wes_chat_channel", **arguments)
        assert site.writes() == writes
        nothing_lost(site)
        again(site, "wes_chat_channel", **arguments)
    assert endpoints(site) == dict.fromkeys(CHAT_SERVERS, "Webengagement_Chat")
    assert channel_of(site) == {"service:wes": {**QUEUE_KEYS, WES + "identifyCreateContact": "3", WES + "refreshPeriod": "2"}}
    site.sandbox.restore(states["provisioned"])
    again(site, "wes_chat_channel", **{**made, "contact_handling": 2})
    site.ok("wes_chat_channel", **channel, state="absent")
    nothing_lost(site)
    assert channel_of(site)["service:wes"].keys() == {key for key in PROVISIONED["service:wes"] if not key.startswith(WES)}
    again(site, "wes_chat_channel", **channel, state="absent")


def test_options_of_workspace(site: Site, dialect: str) -> None:
    """In annexes that are empty at first, where a GAX may leave the whole list out."""
    site.sandbox.create("CfgAgentGroup", name="Web_Agents", tenantdbid="1")
    for kind, place in (("CfgTenant", {"level": "tenant"}), ("CfgAgentGroup", {"level": "group", "name": "Web_Agents"})):
        level: dict[str, Any] = {"tenant": "Environment", "options": {"chat.nickname": "Web"}, **place}
        name = place.get("name", "Environment")
        site.ok("workspace_chat_options", **level, other_channels=["fax"], separator=",")
        assert site.writes() == [("update", kind, name)]
        nothing_lost(site)
        expected = {"chat.nickname": "Web", "openmedia.workitem-channels": "fax,chat"}
        assert site.sandbox.options(kind, name, "userproperties") == {"interaction-workspace": expected}
        again(site, "workspace_chat_options", **level)
        site.ok("workspace_chat_options", **level, state="absent")
        nothing_lost(site)
        again(site, "workspace_chat_options", **level, state="absent")


def test_a_cluster_of_interaction_servers_and_a_pair_of_chat_servers(site: Site, dialect: str, states: dict[str, Database]) -> None:
    """Each node gets its connections, and the pair is made and dissolved."""
    site.sandbox.restore(states["furnished"])
    site.make("IXN_2", INTERACTION_TEMPLATE, "ixn1", {"default": 4421})
    cluster(site, "IXN_1", "IXN_2", name="IXN_Cluster")
    esp: dict[str, Any] = {"interaction_server_cluster": "IXN_Cluster"}
    site.ok("esp_link", **esp)
    assert site.writes() == [("update", "CfgApplication", "IXN_2")]
    nothing_lost(site)
    assert {path[1:3] for path in site.application("IXN_2") if path[0] == "connections"} == {(name, "ESP") for name in CHAT_SERVERS}
    again(site, "esp_link", **esp)
    for module, clients in (("esp_link", esp), ("gms_link", {"gms": ["GMS_1"]})):
        site.ok(module, **clients, chat_servers=["ChatServer_4"], state="absent")
        nothing_lost(site)
    both: dict[str, Any] = {"chat_servers": ["ChatServer_3", "ChatServer_4"]}
    pair = {**both, "mode": "warm_standby", "pairs": [{"primary": "ChatServer_3", "backup": "ChatServer_4"}]}
    for arguments, backup in ((pair, "ChatServer_4"), ({**both, "state": "absent"}, "")):
        site.ok("chat_high_availability", **arguments)
        nothing_lost(site)
        assert site.application("ChatServer_3")["backup",] == backup
        again(site, "chat_high_availability", **arguments)


def test_expired_sessions_and_lost_answers(site: Site, dialect: str, expected: list[dict[tuple[str, str], Leaves]]) -> None:
    site.sandbox.fault("expire_session", {"path_regex": "CfgHost"})
    for nth in (2, 9, 14):
        site.sandbox.fault("expire_session", {"write": True, "nth": nth})
    for nth in (4, 11, 15):
        site.sandbox.fault("reset_after", {"write": True, "nth": nth})
    site.ok("chat_solution", solution=SOLUTIONS[0])
    assert everything(site) == expected[0]


@pytest.fixture(scope="module")
def smooth(one_site: Site, states: dict[str, Database]) -> Undisturbed:
    """What a first deployment takes and makes in the dialect nearest to the sources, if nothing happens."""
    one_site.sandbox.dialect("plain")
    return undisturbed(one_site, states, WORK["first deployment"])


def test_killed_and_run_again(site: Site, dialect: str, states: dict[str, Database], smooth: Undisturbed) -> None:
    """At another write in each dialect: the server carries it out, but nobody waits for the answer any more."""
    work = WORK["first deployment"]
    writes = [number for number, entry in enumerate(smooth.requests[0], 1) if entry["write"]]
    request = writes[(1 + 2 * sorted(DIALECTS).index(dialect)) % len(writes)]
    killed_at(site, work, states[work.start], (0, request, "before"))
    assert shortcomings(site, work, smooth.database) == []
    killed_at(site, work, states[work.start], (0, request, "during"))
    assert shortcomings(site, work, smooth.database) == []


def test_removal(site: Site, dialect: str, states: dict[str, Database]) -> None:
    """A server with clients is not removed; without its clients it is, and everything else is as it was but for the links to it."""
    site.sandbox.restore(states["furnished"])
    kept = {key: value for key, value in everything(site).items() if key[1] not in ("ChatServer_4", "IXN_1", "GMS_1")}
    site.refuses("chat_server_app", "IXN_1", "GMS_1", name="ChatServer_4", state="absent")
    for module, arguments in WORK["removal"].steps:
        assert site.ok(module, **arguments).changed
        assert len(site.writes()) == 1
        nothing_lost(site)
        again(site, module, **arguments)
    assert not site.exists("CfgApplication", "ChatServer_4")
    assert {key: value for key, value in everything(site).items() if key[1] not in ("IXN_1", "GMS_1")} == kept
    for name in ("IXN_1", "GMS_1"):
        servers = {path[1] for path in site.application(name) if path[0] == "connections"}
        assert "ChatServer_4" not in servers and set(CHAT_SERVERS[:3]) <= servers
    site.ok("ucs_pair", primary="UCS_3", backup="UCS_4", state="absent")
    assert site.writes() == [("update", "CfgApplication", "UCS_3")] and site.application("UCS_3")["backup",] == ""
    again(site, "ucs_pair", primary="UCS_3", backup="UCS_4", state="absent")
    # In the end the whole solution goes.
    assert site.ok("chat_solution", solution=solution(), state="absent").changed
    nothing_lost(site)
    assert not [name for name in (*CHAT_SERVERS, "UCS_1", "UCS_4", "IXN_1", "GMS_1") if site.exists("CfgApplication", name)]
    again(site, "chat_solution", solution=solution(), state="absent")


def test_snapshot_and_restore(site: Site, dialect: str, states: dict[str, Database]) -> None:
    """What was made is removed, what was removed is made again with exactly the options that it had, and what was changed is changed back."""
    there_and_back(site, "chat_solution", solution=solution())
    site.sandbox.restore(states["furnished"])
    site.relink("IXN_1", [])
    site.relink("GMS_1", [])
    site.sandbox.edit("CfgApplication", "ChatServer_2", annex={"a": {"b": "c"}}, options={"settings": {"limit-for-sessions": None}})
    options = {"settings": {"limit-for-sessions": None, "x": 1}}
    there_and_back(site, "chat_server_app", name="ChatServer_1", ports={"webapi": 5581}, options=options, contact_server="UCS_3")
    there_and_back(site, "chat_server_app", name="ChatServer_2", state="absent")


def there_and_back(site: Site, module: str, **arguments: Any) -> None:
    """Run a module, preview and carry out the restore of its snapshot, and assert that everything is as before."""
    before = everything(site)
    file = site.ok(module, **arguments).result["snapshot"]
    assert everything(site) != before
    preview = site.ok("config_restore", check=True, path=file)
    assert site.writes() == []
    site.ok("config_restore", path=file)
    wrote(site, [(change["action"], change["type"], change["name"]) for change in preview.changes])
    assert everything(site) == before
    again(site, "config_restore", path=file)


def test_other_classes_and_lists_that_become_empty(site: Site, dialect: str) -> None:
    host = {"subtype": "CFGNetworkServer", "ostype": "CFGRedHatLinux", "ipaddress": "192.0.2.9", "lcaport": "4999"}
    names: tuple[dict[str, Any], ...] = (
        {"type": "CfgHost", "name": "chat9", "properties": host},
        {"type": "CfgScript", "name": "Queue", "tenant": "Sales", "properties": {"subtype": "CFGInteractionQueue"}},
    )
    for wanted in names:
        name, class_name = wanted["name"], wanted["type"]
        site.ok("config_object", **wanted, annex={"a": {"b": "c"}})
        assert site.sandbox.options(class_name, name, "userproperties") == {"a": {"b": "c"}}
        nothing_lost(site)
        again(site, "config_object", **wanted, annex={"a": {"b": "c"}})
        site.ok("config_object", **wanted, annex={"a": {"b": None}})
        assert site.writes() == [("update", class_name, name)] and site.sandbox.options(class_name, name, "userproperties") == {}
        nothing_lost(site)
        again(site, "config_object", **wanted, annex={"a": {"b": None}})
        wanted.pop("properties")
        site.ok("config_object", **wanted, state="absent")
        assert not site.exists(class_name, name)


def test_somebody_else_deletes(site: Site, dialect: str, states: dict[str, Database]) -> None:
    """Before the object is read again, which is a conflict, and right before it is removed, which is done then.

    A server that answers 500 for what it does not have is asked again before it is believed; once is enough here.
    """
    site.sandbox.restore(states["furnished"])
    site.relink("IXN_1", [])
    site.relink("GMS_1", [])
    for name, method in (("ChatServer_1", "GET"), ("ChatServer_2", "DELETE")):
        match = {"method": method, "path_regex": f"CfgApplication/{site.dbid('CfgApplication', name)}$"}
        site.sandbox.fault("edit", match, edit={"type": "CfgApplication", "name": name, "delete": True})
    fails_well(site.run("chat_server_app", name="ChatServer_1", startup_timeout=77, retries=1), "ChatServer_1", "deleted by somebody else")
    assert site.writes() == []
    assert site.ok("chat_server_app", name="ChatServer_2", state="absent", retries=1).changed
    assert not site.exists("CfgApplication", "ChatServer_2")


def test_wrong_password(site: Site, dialect: str) -> None:
    fails_well(site.run("chat_solution", solution=solution(), gax_password="gu3ss"), "login", "'default'")
    assert site.writes() == []


def test_account_that_may_only_read(site: Site, dialect: str) -> None:
    account: dict[str, Any] = {"gax_username": "readonly", "gax_password": site.sandbox.password + "-ro"}
    refused = site.refuses("chat_solution", "create script 'Chat_In'", solution=solution(), **account)
    assert refused.result["failure"]["status"] in (400, 403, 500)
    assert len(site.writes()) == 1


def test_conflict(site: Site, dialect: str) -> None:
    site.furnish()
    dbid = site.dbid("CfgApplication", "ChatServer_1")
    edit = {"type": "CfgApplication", "name": "ChatServer_1", "options": {"settings": {"limit-for-sessions": "777"}}}
    site.sandbox.fault("edit", {"method": "GET", "path_regex": f"CfgApplication/{dbid}$"}, edit=edit)
    outcome = site.run("chat_server_app", name="ChatServer_1", options={"settings": {"limit-for-sessions": 5}})
    fails_well(outcome, "settings/limit-for-sessions", "'777'")
    assert site.writes() == []


@pytest.mark.parametrize("meets", ["the read object", "a new session"])
def test_an_edit_while_the_session_ends(site: Site, dialect: str, meets: str, states: dict[str, Database]) -> None:
    """GAX ends the session between our reading and our writing, and somebody edits at that moment: that edit is kept, or a conflict is told.

    Before the login that follows, or after it: what was read before is never sent.
    """
    site.sandbox.restore(states["furnished"])
    second_login = {"path_regex": "session/login", "nth": 3 if DIALECTS[dialect].passwords == "plain" else 2}
    for name, section, told in (("ChatServer_1", "theirs", ""), ("ChatServer_2", "settings", "somebody changed options/settings/limit-for-sessions")):
        dbid = site.dbid("CfgApplication", name)
        writing = {"method": "PUT", "path_regex": f"CfgApplication/{dbid}$"}
        site.sandbox.clear_faults()
        site.sandbox.fault("expire_session", writing)
        edit = {"type": "CfgApplication", "name": name, "options": {section: {"limit-for-sessions": "777"}}}
        site.sandbox.fault("edit", writing if meets == "the read object" else second_login, edit=edit)
        outcome = site.run("chat_server_app", name=name, options={"settings": {"limit-for-sessions": 5}}, retries=0)
        made = site.application(name)
        assert made["options", section, "limit-for-sessions"] == "777", "their edit is lost"
        if told:
            fails_well(outcome, told, "'777'")
        else:
            assert (outcome.returncode, made["options", "settings", "limit-for-sessions"]) == (0, "5")


def test_nearly_equal_names(site: Site, dialect: str) -> None:
    """A server that matches names loosely shows more than was asked for."""
    site.furnish()
    site.make_chat_server("CHATSERVER_1", "chat2", ports={"default": 1, "webapi": 2, "ESP": 3})
    site.make_chat_server("ChatServer_11", "chat2", ports={"default": 4, "webapi": 5, "ESP": 6})
    site.ok("chat_server_app", name="ChatServer_1", startup_timeout=77)
    assert site.writes() == [("update", "CfgApplication", "ChatServer_1")]
    assert [site.application(name)["startup_timeout",] for name in ("ChatServer_1", "CHATSERVER_1", "ChatServer_11")] == [77, 90, 90]
    site.ok("chat_server_app", name="chatserver_1", state="absent")
    assert site.writes() == []
