# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The core of the behaviour under every way in which GAX may answer: what is written is the same under all of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from integration.configured_site import CHAT_PORTS, CHAT_SERVERS, CHAT_TEMPLATE, Site, fails_well, solution
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


def changed_solution() -> dict[str, Any]:
    """Return the description after a change of options, ports, endpoints, addp and groups."""
    changed = solution(addp={"local_timeout": 5, "remote_timeout": 6, "trace": "local"})
    changed["chat_servers"][0]["options"] = {"settings": {"limit-for-sessions": 5, "async-idle-close": None}, "new": {"a": "ä"}}
    changed["chat_servers"][1]["ports"] = {"webapi": 5581}
    changed["chat_servers"][3]["contact_server"] = "UCS_1"
    changed["chat_server_defaults"]["endpoints"]["webme"] = "Chat_In"
    changed["interaction_servers"][0]["annex"] = {"a": {"b": "c"}}
    return changed


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


def test_expired_sessions_and_lost_answers(site: Site, dialect: str, expected: list[dict[tuple[str, str], Leaves]]) -> None:
    site.sandbox.fault("expire_session", {"path_regex": "CfgHost"})
    for nth in (2, 9, 14):
        site.sandbox.fault("expire_session", {"write": True, "nth": nth})
    for nth in (4, 11, 15):
        site.sandbox.fault("reset_after", {"write": True, "nth": nth})
    site.ok("chat_solution", solution=SOLUTIONS[0])
    assert everything(site) == expected[0]


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
