# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Somebody edits in Genesys Administrator while a module runs: between its planning and its writing, and in the short time after that.

The other editor comes in as a fault of the sandbox: the edit happens right before a request of ours is handled. Planning reads lists;
right before it is written, each object is read again alone.
"""

from __future__ import annotations

import itertools
import statistics
from dataclasses import dataclass, field
from typing import Any

import pytest
from integration.configured_site import CHAT_PORTS, CHAT_TEMPLATE, Site, fails_well, solution
from integration.convergence import changed_solution, differences, documented
from integration.vocabulary import Leaf

NAME = "ChatServer_1"
HOST = {"subtype": "CFGNetworkServer", "ostype": "CFGRedHatLinux", "ipaddress": "192.0.2.15", "lcaport": "4999"}
#: Everything that makes the Chat Server that the tests edit, so that a run can also make it anew.
WHOLE: dict[str, Any] = {
    "name": NAME,
    "application_template": CHAT_TEMPLATE,
    "host": "chat1",
    "tenants": ["Environment"],
    "ports": CHAT_PORTS,
    "endpoints": {"default": "Chat_In", "webme": "Webengagement_Chat"},
    "interaction_servers": ["IXN_1"],
    "contact_server": "UCS_1",
    "message_server": "MessageServer",
    "configuration_server": "confserv",
    "addp": {"local_timeout": 10, "remote_timeout": 10, "trace": "both"},
}


@dataclass(frozen=True)
class Case:
    """What we want, what they do to the same leaf or to its neighbour, and the values: (leaf, old, theirs, ours) and (leaf, theirs)."""

    wish: dict[str, Any]
    same: dict[str, Any]
    leaf: tuple[Leaf, Any, Any, Any]
    other: dict[str, Any] = field(default_factory=dict)
    neighbour: tuple[Leaf, Any] = ((), None)


def option(section: str, key: str, value: str | None) -> dict[str, Any]:
    """Return the edit of one option."""
    return {"options": {section: {key: value}}}


LIMIT = ("options", "settings", "limit-for-sessions")
TRACE = ("connections", "MessageServer", "default", "trace")
#: Ports and connections of an edit are filled in by "edit_of".
CASES = {
    "option": Case(
        {"options": {"settings": {"limit-for-sessions": 5}}},
        option("settings", "limit-for-sessions", "777"),
        (LIMIT, "1000", "777", "5"),
        option("settings", "limit-for-flex-users", "42"),
        (("options", "settings", "limit-for-flex-users"), "42"),
    ),
    "port": Case(
        {"ports": {"webapi": 5581}},
        {"ports": {"webapi": "6581"}},
        (("ports", "webapi"), 4581, 6581, 5581),
        {"ports": {"health": "6583"}},
        (("ports", "health"), 6583),
    ),
    "connection": Case(
        {"addp": {"local_timeout": 10, "remote_timeout": 10, "trace": "local"}},
        {"links": {"MessageServer": {"mode": "CFGTMRemote"}}},
        (TRACE, "both", "remote", "local"),
        {"links": {"SolutionControlServer": {}}},
        (("connections", "SolutionControlServer", "default", "protocol"), "addp"),
    ),
    "annex": Case(
        {"annex": {"a": {"b": "c"}}},
        {"annex": {"a": {"b": "d"}}},
        (("annex", "a", "b"), None, "d", "c"),
        {"annex": {"a": {"x": "y"}}},
        (("annex", "a", "x"), "y"),
    ),
    "endpoint": Case(
        {"endpoints": {"default": "Webengagement_Chat"}},
        option("endpoints:1", "default", "Other_In"),
        (("options", "endpoints:1", "default"), "Chat_In", "Other_In", "Webengagement_Chat"),
        option("endpoints:1", "webme", "Other_In"),
        (("options", "endpoints:1", "webme"), "Other_In"),
    ),
    "time-out": Case(
        {"startup_timeout": 100},
        {"fields": {"startuptimeout": "200"}},
        (("startup_timeout",), 90, 200, 100),
        {"fields": {"shutdowntimeout": "55", "workdirectory": "/opt/chat"}},
        (("working_directory",), "/opt/chat"),
    ),
    "new option": Case({"options": {"new": {"a": "b"}}}, option("new", "a", "c"), (("options", "new", "a"), None, "c", "b")),
    "removed option": Case({"options": {"settings": {"limit-for-sessions": 5}}}, option("settings", "limit-for-sessions", None), (LIMIT, "1000", None, "5")),
    "option to remove": Case(
        {"options": {"settings": {"limit-for-sessions": None}}}, option("settings", "limit-for-sessions", "777"), (LIMIT, "1000", "777", None)
    ),
}


@pytest.fixture
def site(surroundings: Site) -> Site:
    """A site with two Chat Servers that nobody is connected to, and a queue more."""
    surroundings.queue("Other_In")
    for number in (1, 2):
        surroundings.ok("chat_server_app", **{**WHOLE, "name": f"ChatServer_{number}", "host": f"chat{number}"})
    return surroundings


def edit_of(site: Site, name: str, change: dict[str, Any]) -> dict[str, Any]:
    """Return the edit of an application: ports and links change what is there, the rest is the sandbox's own."""
    change = dict(change)
    now = site.sandbox.object("CfgApplication", name)
    assert now is not None
    fields = change.pop("fields", {})
    if "ports" in change:
        numbers = {entry["id"]: entry["port"] for entry in now["portinfos"]["portinfo"]} | change.pop("ports")
        fields["portinfos"] = {"portinfo": [{"id": key, "port": number} for key, number in numbers.items()]}
    for server, settings in change.pop("links", {}).items():
        dbid = site.dbid("CfgApplication", server)
        kept = [entry for entry in now["appservers"]["conninfo"] if entry["appserverdbid"] != dbid]
        fields["appservers"] = {"conninfo": [*kept, site.link(server, **settings)]}
    return {"type": "CfgApplication", "name": name, "fields": fields, **change}


def meanwhile(site: Site, edit: dict[str, Any], name: str = NAME) -> None:
    """Let somebody edit after our planning, when we are about to read an application again."""
    site.sandbox.fault("edit", {"method": "GET", "path_regex": f"CfgApplication/{site.dbid('CfgApplication', name)}$"}, edit=edit)


def want(case: Case) -> dict[str, Any]:
    """Return the whole Chat Server with the wish of a case."""
    return {**WHOLE, **{key: {**WHOLE.get(key, {}), **value} if isinstance(value, dict) else value for key, value in case.wish.items()}}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_the_same_field_is_a_conflict(site: Site, case: Case) -> None:
    """It is named with the three values, nothing of the object is written, and running again is the decision for ours."""
    leaf, old, theirs, ours = case.leaf
    meanwhile(site, edit_of(site, NAME, case.same))
    outcome = site.run("chat_server_app", **want(case))
    named = [f"'{'' if value is None else value}'" for value in (old, theirs, ours)]
    fails_well(outcome, f"application '{NAME}'", *leaf[1:2], leaf[-1], *named, "nothing of this object was written", "run again")
    assert site.writes() == []
    assert site.application(NAME).get(leaf) == theirs
    site.ok("chat_server_app", **want(case))
    assert site.application(NAME).get(leaf) == ours


NEIGHBOURS = {name: case for name, case in CASES.items() if case.other}


@pytest.mark.parametrize("case", NEIGHBOURS.values(), ids=NEIGHBOURS.keys())
def test_another_field_is_kept(site: Site, case: Case) -> None:
    leaf, _old, _theirs, ours = case.leaf
    meanwhile(site, edit_of(site, NAME, case.other))
    wish: dict[str, Any] = {"name": NAME, "message_server": WHOLE["message_server"], **case.wish}
    site.ok("chat_server_app", **wish)
    now = site.application(NAME)
    assert (now.get(leaf), now.get(case.neighbour[0])) == (ours, case.neighbour[1])


def test_what_was_as_described_and_is_changed_meanwhile(site: Site) -> None:
    """The run has no business with it and keeps it; the next one sees that it is not as described."""
    case = CASES["endpoint"]
    meanwhile(site, edit_of(site, NAME, case.other))
    site.ok("chat_server_app", **want(case))
    assert site.application(NAME)[case.neighbour[0]] == "Other_In"
    site.ok("chat_server_app", **want(case))
    assert site.application(NAME)[case.neighbour[0]] == "Webengagement_Chat"


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_another_object_is_kept(site: Site, case: Case) -> None:
    leaf, _old, theirs, ours = case.leaf
    meanwhile(site, edit_of(site, "ChatServer_2", case.same))
    site.ok("chat_server_app", **want(case))
    assert site.writes() == [("update", "CfgApplication", NAME)]
    assert (site.application(NAME).get(leaf), site.application("ChatServer_2").get(leaf)) == (ours, theirs)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_a_deleted_object(site: Site, case: Case) -> None:
    """The run says so; the next one makes the object anew."""
    meanwhile(site, {"type": "CfgApplication", "name": NAME, "delete": True})
    outcome = site.run("chat_server_app", **want(case))
    fails_well(outcome, f"update application '{NAME}' failed: the object was deleted by somebody else", "Running again")
    assert (site.writes(), site.exists("CfgApplication", NAME)) == ([], False)
    site.ok("chat_server_app", **want(case))
    assert site.writes() == [("create", "CfgApplication", NAME)]
    assert site.application(NAME).get(case.leaf[0]) == case.leaf[3]


def test_the_same_edit_is_welcome(site: Site) -> None:
    meanwhile(site, edit_of(site, NAME, option("settings", "limit-for-sessions", "5")))
    site.ok("chat_server_app", **want(CASES["option"]))
    assert site.writes() == []


def test_a_conflict_within_a_solution(furnished: Site) -> None:
    """What comes before it is written and told, what comes after it is not; running again makes everything as described."""
    furnished.ok("chat_solution", solution=changed_solution())
    expected = furnished.sandbox.database()
    furnished.ok("chat_solution", solution=solution())
    meanwhile(furnished, edit_of(furnished, "ChatServer_2", {"ports": {"webapi": "6581"}}), "ChatServer_2")
    outcome = furnished.run("chat_solution", solution=changed_solution())
    fails_well(outcome, "update application 'ChatServer_2' failed", "webapi", "'4581'", "'6581'", "'5581'", "update CfgApplication 'ChatServer_1'")
    written = furnished.writes()
    assert ("update", "CfgApplication", "ChatServer_1") in written
    assert not {name for _action, _type, name in written} & {"ChatServer_2", "ChatServer_3", "ChatServer_4"}
    furnished.ok("chat_solution", solution=changed_solution())
    assert differences(expected, furnished.sandbox.database()) == []


# objects that come and go


def test_somebody_creates_the_same_object_first(surroundings: Site) -> None:
    """Ours is refused by the server, with its name; the next run takes what is there for its own."""
    theirs = {"type": "CfgHost", "name": "chat5", **HOST, "ipaddress": "192.0.2.99"}
    surroundings.sandbox.fault("edit", {"method": "POST", "write": True}, edit={"create": theirs})
    wish: dict[str, Any] = {"type": "CfgHost", "name": "chat5", "properties": HOST}
    fails_well(surroundings.run("config_object", **wish), "create host 'chat5' failed", "exists already", "HTTP 409", "Running again")
    surroundings.ok("config_object", **wish)
    assert surroundings.writes() == [("update", "CfgHost", "chat5")]
    assert [value["ipaddress"] for value in surroundings.sandbox.objects("CfgHost") if value["name"] == "chat5"] == [HOST["ipaddress"]]


def test_somebody_creates_the_same_chat_server_first(surroundings: Site) -> None:
    surroundings.make_chat_server(NAME, "chat2", contact_server="UCS_3", options={"theirs": {"a": "b"}})
    theirs = surroundings.sandbox.object("CfgApplication", NAME)
    assert theirs is not None
    surroundings.sandbox.delete("CfgApplication", NAME)
    del theirs["dbid"]
    surroundings.sandbox.fault("edit", {"method": "POST", "write": True}, edit={"create": theirs})
    fails_well(surroundings.run("chat_server_app", **WHOLE), f"create application '{NAME}' failed", "exists already", "Running again")
    surroundings.ok("chat_server_app", **WHOLE)
    assert surroundings.writes() == [("update", "CfgApplication", NAME)]
    made = surroundings.application(NAME)
    assert (made["host",], made["options", "theirs", "a"]) == ("chat1", "b")
    assert {path[1] for path in made if path[0] == "connections"} == {"IXN_1", "UCS_1", "MessageServer", "confserv"}
    assert [value["name"] for value in surroundings.sandbox.objects("CfgApplication")].count(NAME) == 1


@pytest.mark.parametrize("moment", ["GET", "DELETE"])
def test_somebody_removes_what_we_remove(site: Site, moment: str) -> None:
    """Before our request, or between two of ours: gone is gone."""
    match = {"method": moment, "path_regex": "CfgApplication/"} if moment == "DELETE" else {"method": moment, "path_regex": "type=CfgApplication", "nth": 2}
    site.sandbox.fault("edit", match, edit={"type": "CfgApplication", "name": NAME, "delete": True})
    site.ok("chat_server_app", name=NAME, state="absent")
    assert not site.exists("CfgApplication", NAME)


def test_somebody_connects_to_what_we_remove(site: Site) -> None:
    """The Configuration Server does not remove an application that has clients."""
    site.sandbox.fault("edit", {"method": "DELETE"}, edit=edit_of(site, "IXN_1", {"links": {NAME: {}}}))
    fails_well(site.run("chat_server_app", name=NAME, state="absent"), f"delete application '{NAME}' failed", "HTTP 409", "Running again")
    assert site.exists("CfgApplication", NAME)
    fails_well(site.run("chat_server_app", name=NAME, state="absent"), "1 application is connected to it (IXN_1)", "remove these connections first")


# the time between our last reading and our writing


@pytest.mark.parametrize("name", ["same", "other"])
def test_an_edit_within_the_window_is_lost(site: Site, name: str) -> None:
    """GAX knows no version of an object: what is changed after our last reading, our writing takes back. The page says so."""
    case = CASES["option"]
    edit = edit_of(site, NAME, case.same if name == "same" else case.other)
    before = site.application(NAME)
    site.sandbox.fault("edit", {"method": "PUT"}, edit=edit)
    site.ok("chat_server_app", **want(case))
    assert [entry["faults"] for entry in site.sandbox.writes()] == [["edit"]], "the edit did not happen"
    assert site.application(NAME) == {**before, case.leaf[0]: case.leaf[3]}


UPDATES = 50


def test_the_window_is_measured(surroundings: Site, capsys: pytest.CaptureFixture[str]) -> None:
    """From the answer to our reading until our writing comes in, by the sandbox's log. To see the figures: -k window -s."""
    names = [f"Chat Server {number}" for number in range(UPDATES)]
    for number, name in enumerate(names):
        surroundings.make_chat_server(name, "chat1", ports={"default": 20000 + number, "webapi": 21000 + number, "ESP": 22000 + number})
    everyone = {"tenant": "Environment", "chat_server_defaults": {"startup_timeout": 100}, "chat_servers": [{"name": name} for name in names]}
    surroundings.ok("chat_solution", solution=everyone)
    windows = []
    for reading, writing in itertools.pairwise(surroundings.sandbox.requests("gax")):
        if writing["method"] == "PUT":
            assert (reading["method"], reading["path"]) == ("GET", writing["path"])
            windows.append(1000 * (writing["time"] - reading["time"] - reading["seconds"]))
    assert len(windows) == UPDATES
    median, high = statistics.median(windows), statistics.quantiles(windows, n=20)[-1]
    with capsys.disabled():
        print(f"\nfrom reading to writing, {UPDATES} updates: median {median:.1f} ms, 95 % below {high:.1f} ms")
    assert documented("time from reading to writing, in milliseconds")[0] == UPDATES
    assert 0 < median <= high  # how short it is depends on the machine: the page tells a measurement, no promise
