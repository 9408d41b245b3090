# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Any plan from any half-configured start is legal: it is refused before the first write, or written whole.

The rules are those of the embedded environment, asked in this process: what it refuses, the plan must have known.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import event, given
from hypothesis import strategies as st
from unit.config.fake_gateway import description, plan_solution, world
from unit.fuzzing import examples

from ansible_collections.genesys_engage.chat.plugins.module_utils._config.apply import _phases, apply
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.desired import Desired
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.directory import Directory
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.errors import InvalidInput
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.plan import Plan, make_plan
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.types import APPLICATION
from ansible_collections.genesys_engage.chat.plugins.module_utils._gateway.errors import GatewayError
from sandbox.gax.errors import ConfigurationError
from sandbox.gax.rules import ConfigurationServer
from sandbox.gax.store import Store

Raw = dict[str, Any]


class Site:
    """A gateway straight to the embedded environment's Configuration Server.  writes: what it carried out, as (verb, name)."""

    def __init__(self, server: ConfigurationServer, parallel_writes: int = 1) -> None:
        self.server = server
        self.settings = SimpleNamespace(parallel_reads=1, parallel_writes=parallel_writes, retries=0)
        self.writes: list[tuple[str, str]] = []

    def list(self, kind: str, **properties: str) -> list[Raw]:
        """Return the objects of a class."""
        found = [raw for raw in self.server.store.objects(kind) if all(raw.get(key) == value for key, value in properties.items())]
        return copy.deepcopy(found)

    def get(self, kind: str, dbid: int) -> Raw | None:
        """Return an object."""
        return copy.deepcopy(self.server.store.get(kind, dbid))

    def create(self, raw: Raw) -> int:
        """Create an object."""
        value, _ignored = self._write("create", raw["name"], lambda: self.server.create(copy.deepcopy(raw)))
        return int(value["dbid"])

    def update(self, kind: str, dbid: int, raw: Raw) -> None:
        """Replace an object."""
        self._write("update", raw["name"], lambda: self.server.replace(kind, str(dbid), copy.deepcopy(raw)))

    def delete(self, kind: str, dbid: int) -> None:
        """Delete an object."""
        found = self.server.store.get(kind, dbid)
        assert found is not None
        self._write("delete", found["name"], lambda: self.server.delete(kind, str(dbid)))

    def _write(self, verb: str, name: str, act: Any) -> Any:
        try:
            answer = act()
        except ConfigurationError as error:
            raise GatewayError(str(error), verb, "cfg/objects", 409, error.name) from None
        self.writes.append((verb, name))
        return answer


def named(server: ConfigurationServer, kind: str, name: str) -> Raw:
    """Return the object of that name."""
    found = server.store.find(kind, name)
    assert found is not None, f"there is no {kind} '{name}'"
    return found


@pytest.fixture(scope="module")
def server() -> Iterator[ConfigurationServer]:
    """A Configuration Server in memory."""
    store = Store(Path(":memory:"))
    yield ConfigurationServer(store)
    store.close()


def leaves(site: Site) -> dict[str, dict[tuple[str, ...], Any]]:
    """Return every application in the user's words."""
    directory = Directory(site)
    return {app.name: APPLICATION.decode(app.raw, directory) for app in directory.all("CfgApplication")}


def shown(plan: Plan) -> list[tuple[str, str]]:
    """Return what check mode shows, as the site notes it."""
    return [(change.action, change.name) for change in plan.changes]


def carried_out(server: ConfigurationServer, make: Any) -> str:
    """Plan, write, plan again; return how it ended. make: function (site) -> (plan, directory)."""
    site = Site(server, parallel_writes=1)
    before = leaves(site)
    try:
        plan, directory = make(site)
    except InvalidInput as refusal:
        assert site.writes == []
        assert str(refusal).strip()
        print("refused:", refusal)
        return "refused"
    expected = copy.deepcopy(before)
    for change in plan.changes:
        if change.kind == "CfgApplication":
            state = expected.setdefault(change.name, {})
            for path, (_old, new) in change.edits.items():
                state[path] = new
    groups = list(_phases(plan.changes))
    assert [change for group in groups for change in group] == plan.changes
    assert not any(change.needs & set(group) for group in groups for change in group), "what needs each other is written at once"
    apply(plan, directory, False)
    assert site.writes == shown(plan), "it wrote something else than it showed"
    after = leaves(site)
    copies = {change.copied_to for change in plan.changes}
    for name, state in after.items():
        ours = {path: value for path, value in expected[name].items() if value not in (None, "") or path in state}
        for path in set(state) | set(ours):
            if not (name in copies and path[0] in ("options", "connections", "tenants")) and (name in before or path in ours):
                assert state.get(path) == ours.get(path), (name, path)
    again, _directory = make(Site(server))
    assert shown(again) == [], "a second run has something to do"
    return "nothing to do" if not plan else "written"


# --- any applications ---------------------------------------------------------------------------------------------------

NAMES = ("A", "B", "C", "D")
HOSTS = ("h1", "h2")
TYPES = ("CFGChatServer", "CFGContactServer")
PORTS = ("default", "ESP")


def furnish(server: ConfigurationServer) -> None:
    """A database with tenants, hosts, and a template for each type."""
    server.store.clear()
    server.create({"type": "CfgTenant", "name": "Environment"}, dbid=1)
    server.create({"type": "CfgFolder", "name": "Applications", "subtype": "CFGApplication"}, dbid=102)
    server.create({"type": "CfgTenant", "name": "Sales"})
    for name in HOSTS:
        server.create({"type": "CfgHost", "name": name, "subtype": "CFGNetworkServer", "ostype": "CFGRedHatLinux", "lcaport": "4999"})
    for name in TYPES:
        server.create({"type": "CfgAppPrototype", "name": name, "subtype": name, "version": "9"})


some = st.sampled_from
states = st.fixed_dictionaries({
    "type": some(TYPES[:1] * 4 + TYPES[1:]), "host": some(HOSTS), "ports": st.sets(some(PORTS)),
    "links": st.sets(st.tuples(some(NAMES), some(PORTS)), max_size=2), "backup": some([None, None, *NAMES])})
wishes = st.fixed_dictionaries({
    "present": some([True, True, True, False]), "host": some([None, *HOSTS]), "ports": st.sets(some(PORTS)), "closed": some([None, None, *PORTS]),
    "links": st.sets(st.tuples(some(NAMES), some(PORTS)), max_size=2), "unlinked": st.sets(some(NAMES)), "late": st.booleans(),
    "backup": some([None, None, "", *NAMES]), "option": some([None, "1", "2"]), "tenant": some([None, "Sales"])})


def start(server: ConfigurationServer, there: dict[str, Any]) -> None:
    """Make the applications that are there; what the rules forbid of it is left out."""
    furnish(server)
    store = server.store

    def dbid(kind: str, name: str) -> str:
        found = store.find(kind, name)
        return str(found["dbid"]) if found else "0"

    def try_to(name: str, **properties: Any) -> None:
        try:
            server.edit("CfgApplication", dbid("CfgApplication", name), properties)
        except ConfigurationError:
            pass

    for name, state in there.items():
        server.create({"type": "CfgApplication", "name": name, "appprototypedbid": dbid("CfgAppPrototype", state["type"]), "autorestart": "CFGFalse",
                       "hostdbid": dbid("CfgHost", state["host"]), "workdirectory": ".", "commandline": ".", "tenantdbids": {"id": [{"dbid": "1"}]},
                       "portinfos": {"portinfo": [{"id": port, "port": str(4000 + PORTS.index(port))} for port in sorted(state["ports"])]}})
    for name, state in there.items():
        for server_name, port in sorted(state["links"]):
            links = named(server, "CfgApplication", name)["appservers"]["conninfo"]
            if server_name in there:
                try_to(name, appservers={"conninfo": [*links, {"id": port, "appserverdbid": dbid("CfgApplication", server_name), "connprotocol": ""}]})
        if state["backup"] in there:
            try_to(name, backupserverdbid=dbid("CfgApplication", state["backup"]))


def wanted(directory: Directory, wish: dict[str, Any]) -> list[Desired]:
    """Return what is wished, as rules would demand it."""
    items = []
    for name, one in wish.items():
        item = Desired("CfgApplication", name, present=one["present"])
        items.append(item)
        if not one["present"]:
            continue
        found = directory.find("CfgApplication", name)
        for key, value in {"application_template": "CFGChatServer", "type": "CFGChatServer", "host": "h1"}.items():
            item.want_on_create(key, value)
        if found is None:
            item.want(("tenants", "Environment"), True)
        if one["host"]:
            item.want("host", one["host"])
        for port in sorted(one["ports"]):
            item.want(("ports", port), 4000 + PORTS.index(port))
        if one["closed"] and one["closed"] not in one["ports"]:
            item.forbid(("ports", one["closed"]))
        for server_name, port in sorted(one["links"]):
            item.demand(("connections", server_name, port, "protocol"), "")
        for server_name in sorted(one["unlinked"]):
            item.forbid(("connections", server_name))
        item.may_wait = {("connections",)} if one["late"] else set()
        if one["backup"] is not None:
            item.demand(("backup",), one["backup"])
        if one["option"]:
            item.want(("options", "log", "verbose"), one["option"])
        if one["tenant"]:
            item.want(("tenants", one["tenant"]), True)
    return items


def plain(**more: Any) -> dict[str, Any]:
    """Return a start or a wish that says nothing, except what is given."""
    nothing: dict[str, Any] = {"type": "CFGChatServer", "host": None, "ports": set(), "links": set(), "backup": None, "present": True, "closed": None,
                               "unlinked": set(), "late": False, "option": None, "tenant": None}
    return {**nothing, **more}


def lies(**more: Any) -> dict[str, Any]:
    """Return the start of an application on host h1."""
    return plain(host="h1", **more)


A_DEFAULT, A_ESP = ("A", "default"), ("A", "ESP")
#: Name: start, wish, and the writes that do it (None: it is refused).
ORDERS: dict[str, tuple[Any, Any, list[tuple[str, str]] | None]] = {
    "a move before the pairing": ({"A": lies(), "B": lies()}, {"A": plain(backup="B"), "B": plain(host="h2")}, [("update", "B"), ("update", "A")]),
    "a move before a link": ({"A": lies(ports={"ESP"}), "B": lies()}, {"B": plain(links={A_ESP}), "A": plain(host="h2")}, [("update", "A"), ("update", "B")]),
    "a port before a link": ({"A": lies(ports={"default"}), "B": lies()}, {"B": plain(links={A_ESP}), "A": plain(ports={"ESP"})},
                             [("update", "A"), ("update", "B")]),
    "a port before a new client": ({"A": lies(ports={"default"})}, {"B": plain(links={A_ESP}), "A": plain(ports={"ESP"})},
                                   [("update", "A"), ("create", "B")]),
    "a port of a new server": ({"B": lies()}, {"B": plain(links={A_ESP}), "A": plain(ports={"ESP"})}, [("create", "A"), ("update", "B")]),
    "a move after the last client let go": ({"A": lies(), "B": lies(links={A_DEFAULT})}, {"A": plain(host="h2"), "B": plain(unlinked={"A"})},
                                            [("update", "B"), ("update", "A")]),
    "a move of two that get connected to each other": (
        {"A": lies(ports={"default"}), "B": lies(ports={"default"})},
        {"A": plain(host="h2", links={("B", "default")}), "B": plain(host="h2", links={A_DEFAULT})}, [("update", "B"), ("update", "A"), ("update", "B")]),
    "a move with clients": ({"A": lies(), "B": lies(links={A_DEFAULT})}, {"A": plain(host="h2"), "B": plain()}, None),
    "a move of one that is connected to itself": ({"A": lies(links={A_DEFAULT})}, {"A": plain(host="h2", unlinked={"A"})}, [("update", "A"), ("update", "A")]),
    "a move of a backup": ({"A": lies(backup="B"), "B": lies()}, {"B": plain(host="h2")}, None),
    "a move of a backup that is let go": ({"A": lies(backup="B"), "B": lies()}, {"B": plain(host="h2"), "A": plain(backup="")},
                                          [("update", "A"), ("update", "B")]),
    "a move of a backup whose primary is removed": ({"A": lies(backup="B"), "B": lies()}, {"B": plain(host="h2"), "A": plain(present=False)},
                                                    [("update", "A"), ("update", "B"), ("delete", "A")]),
    "an exchange of backups": ({"A": lies(backup="B"), "C": lies(backup="D"), "B": lies(), "D": lies()}, {"A": plain(backup="D"), "C": plain(backup="B")},
                               [("update", "C"), ("update", "A"), ("update", "C")]),
    "a port that is closed under a client": ({"A": lies(ports={"ESP"}), "B": lies(links={A_ESP})}, {"A": plain(closed="ESP")}, None),
    "a port that is closed when its client has gone": ({"A": lies(ports={"ESP"}), "B": lies(links={A_ESP})},
                                                       {"A": plain(closed="ESP"), "B": plain(unlinked={"A"})},
                                                       [("update", "B"), ("update", "A")]),
    "a link to what is removed": ({"A": lies(), "B": lies()}, {"A": plain(present=False), "B": plain(links={A_DEFAULT})}, None),
    "a new client of what is removed": ({"A": lies()}, {"A": plain(present=False), "B": plain(links={A_DEFAULT})}, None),
    "two primaries of one backup": ({"A": lies(), "B": lies(), "C": lies()}, {"A": plain(backup="C"), "B": plain(backup="C")}, None),
    "a pair of two types": ({"A": lies(), "B": lies(type="CFGContactServer")}, {"A": plain(backup="B")}, None),
    "a backup of itself": ({"A": lies()}, {"A": plain(backup="A")}, None),
    "a chain of backups": ({"A": lies(), "B": lies(backup="C"), "C": lies()}, {"A": plain(backup="B")}, None),
    "a new backup that waits for its connections": (
        {}, {"A": plain(backup="B", links={("C", "default")}), "B": plain(links={("C", "default")}), "C": plain(links={("B", "default")}, ports={"default"})},
        [("create", "B"), ("create", "C"), ("create", "A"), ("update", "A")]),
}


@pytest.mark.parametrize("name", ORDERS)
def test_an_order(server: ConfigurationServer, name: str) -> None:
    there, wish, writes = ORDERS[name]
    start(server, there)
    made: list[list[tuple[str, str]]] = []

    def make(site: Site) -> tuple[Plan, Directory]:
        directory = Directory(site)
        plan = make_plan(directory, wanted(directory, wish))
        made.append(shown(plan))
        return plan, directory

    assert carried_out(server, make) == ("written" if writes else "refused")
    assert (made[0] if made else None) == writes


def test_any_wish_from_any_start(server: ConfigurationServer) -> None:
    ends = []

    @given(st.dictionaries(some(NAMES), states), st.dictionaries(some(NAMES), wishes, min_size=1), st.booleans())
    @examples(150)
    def legal(there: dict[str, Any], wish: dict[str, Any], whole: bool) -> None:
        start(server, there)

        def make(site: Site) -> tuple[Plan, Directory]:
            directory = Directory(site, whole)
            return make_plan(directory, wanted(directory, wish)), directory

        ends.append(carried_out(server, make))
        event(ends[-1])

    legal()
    assert ends.count("written") > len(ends) / 5, "hardly any plan is left to write"


# --- a whole solution from a half-configured start ----------------------------------------------------------------------

#: The applications of the description: template, ports, and what they are connected to when all is done.
SOLUTION: dict[str, tuple[str, dict[str, int], tuple[tuple[str, str], ...]]] = {
    "ChatServer_1": ("Chat Server 8.5.3", {"default": 4580, "webapi": 4581, "ESP": 4582}, (("IXN_1", "default"), ("UCS_1", "default"))),
    "ChatServer_2": ("Chat Server 8.5.3", {"default": 4580, "webapi": 4581, "ESP": 4582}, (("IXN_1", "default"), ("UCS_1", "default"))),
    "UCS_1": ("Universal Contact Server 9.1", {"default": 5100}, ()),
    "UCS_2": ("Universal Contact Server 9.1", {"default": 5100}, (("MessageServer", "default"),)),
    "IXN_1": ("Interaction Server 8.5.2", {"default": 4420}, (("ChatServer_1", "ESP"), ("ChatServer_2", "ESP"))),
}
halves = st.dictionaries(some(sorted(SOLUTION)), st.fixed_dictionaries({
    "host": some(["chat1", "chat2", "chat3", "chat4"]), "without": st.sets(some(["default", "webapi", "ESP"])), "linked": st.booleans(),
    "paired": st.booleans()}))


def start_half(server: ConfigurationServer, half: dict[str, Any]) -> None:
    """Make the site of the description, with some of its applications half done."""
    store = server.store
    store.clear()
    prototype = {}
    for kind in ("CfgTenant", "CfgFolder", "CfgHost", "CfgAppPrototype", "CfgApplication", "CfgScript"):
        for raw in world().objects[kind].values():
            given_ = {key: value for key, value in raw.items() if key not in ("dbid", "folderid", "appprototypedbid", "isserver", "isprimary")}
            if kind == "CfgApplication":
                made = server.create({"type": "CfgAppPrototype", "name": raw["name"], "subtype": raw["subtype"], "version": "9"})[0]
                given_.update(appprototypedbid=made["dbid"], hostdbid="0", tenantdbids={"id": []})
            value = server.create(given_, dbid=raw["dbid"] if kind == "CfgFolder" or (kind, raw["dbid"]) == ("CfgTenant", "1") else None)[0]
            prototype[value["name"]] = value["dbid"]
    for name, state in half.items():
        template, ports, _links = SOLUTION[name]
        server.create({"type": "CfgApplication", "name": name, "appprototypedbid": prototype[template], "autorestart": "CFGFalse", "workdirectory": ".",
                       "commandline": ".", "tenantdbids": {"id": [{"dbid": "1"}]},
                       "hostdbid": named(server, "CfgHost", state["host"])["dbid"],
                       "portinfos": {"portinfo": [{"id": key, "port": str(port)} for key, port in ports.items() if key not in state["without"]]}})
    for name, state in half.items():
        links = [(server_name, port) for server_name, port in SOLUTION[name][2] if state["linked"] and store.find("CfgApplication", server_name)]
        fields: Raw = {"appservers": {"conninfo": [
            {"id": port, "appserverdbid": named(server, "CfgApplication", server_name)["dbid"]} for server_name, port in links]}}
        if name == "UCS_1" and state["paired"] and "UCS_2" in half:
            fields["backupserverdbid"] = named(server, "CfgApplication", "UCS_2")["dbid"]
        try:
            server.edit("CfgApplication", named(server, "CfgApplication", name)["dbid"], fields)
        except ConfigurationError:
            continue  # a connection to a port that is missing yet, for instance


def test_a_solution_from_any_half_configured_start(server: ConfigurationServer) -> None:
    ends = []

    @given(halves)
    @examples(40)
    def legal(half: dict[str, Any]) -> None:
        start_half(server, half)
        ends.append(carried_out(server, lambda site: plan_solution(site, description())))

    legal()
    assert ends.count("written") > len(ends) / 5, "hardly any plan is left to write"


def test_a_contact_server_that_moves_and_becomes_a_backup(server: ConfigurationServer) -> None:
    half = {"host": "chat1", "without": set(), "linked": False, "paired": False}
    start_half(server, {"UCS_2": half, "ChatServer_1": {**half, "host": "chat4", "without": {"ESP"}}, "IXN_1": half})
    assert carried_out(server, lambda site: plan_solution(site, description())) == "written"
    found = {name: named(server, "CfgApplication", name) for name in SOLUTION}
    hosts = {name: next(host["name"] for host in server.store.objects("CfgHost") if host["dbid"] == app["hostdbid"]) for name, app in found.items()}
    assert hosts == {"ChatServer_1": "chat1", "ChatServer_2": "chat2", "UCS_1": "chat3", "UCS_2": "chat4", "IXN_1": "chat1"}
    assert found["UCS_1"]["backupserverdbid"] == found["UCS_2"]["dbid"]
    links = {(entry["appserverdbid"], entry["id"]) for entry in found["IXN_1"]["appservers"]["conninfo"]}
    assert (found["ChatServer_1"]["dbid"], "ESP") in links
