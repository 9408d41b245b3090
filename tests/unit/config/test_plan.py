# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The order of the writes, and what the Configuration Server's rules forbid before the first of them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from unit.config.fake_gateway import Gateway, apply_solution, description, plan_solution, world

from ansible_collections.genesys_engage.chat.plugins.module_utils._config.apply import apply
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.change import blank
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.desired import Desired
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.directory import Directory
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.errors import InvalidInput
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.plan import describe, diff, make_plan
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.secrets import HIDDEN, Secrets


def app(name, present=True, links=(), **leaves):
    """What is wanted of one application; links: (server, port id)."""
    item = Desired("CfgApplication", name, present=present)
    for key, value in leaves.items():
        item.want(key, value)
    for server, port in links:
        item.demand(("connections", server, port, "protocol"), "")
    return item


def existing(*names, **more):
    """A gateway with applications of these names, DBIDs from 1 in their order; more: name -> properties."""
    gateway = Gateway()
    gateway.add("CfgTenant", 1, "Environment")
    gateway.add("CfgHost", 301, "h1")
    gateway.add("CfgHost", 302, "h2")
    for dbid, name in enumerate(names, 1):
        gateway.add("CfgApplication", dbid, name, **more.get(name, {}))
    return gateway


def link(dbid, port="default"):
    return {"conninfo": [{"id": port, "appserverdbid": str(dbid), "connprotocol": ""}]}


def plan(gateway, *wanted, whole=True):
    return make_plan(Directory(gateway, whole), wanted)


def order(planned):
    return [(change.action, change.name) for change in planned.changes]


# --- order --------------------------------------------------------------------------------------------------------------


def test_nothing_to_do():
    planned = plan(existing("A"), app("A", startup_timeout=90), app("gone", present=False))
    assert not planned
    assert (planned.changes, planned.kinds) == ([], [])


def test_creates_then_updates_then_deletes():
    planned = plan(existing("A", "B"), app("A", present=False), app("B", startup_timeout=5), app("C", host="h1"))
    assert planned
    assert order(planned) == [("create", "C"), ("update", "B"), ("delete", "A")]
    assert planned.kinds == ["CfgApplication"]


def test_an_object_is_created_after_those_that_it_refers_to():
    queue = Desired("CfgHost", "h9")
    queue.want("type", "CFGNetworkServer")
    planned = plan(existing("A"), app("client", links=[("server", "default")]), app("server", host="h9"), queue)
    assert order(planned) == [("create", "h9"), ("create", "server"), ("create", "client")]


def test_what_refers_to_each_other_is_linked_by_an_update():
    planned = plan(existing(), app("X", links=[("Y", "default")]), app("Y", links=[("X", "ESP")]))
    assert order(planned) == [("create", "Y"), ("create", "X"), ("update", "Y")]
    assert planned.changes[0].edits == {("folder",): (None, "Applications")}
    assert planned.changes[2].edits == {("connections", "X", "ESP", "protocol"): (None, "")}


def test_a_connection_waits_as_a_whole():
    first, second = app("X", links=[("Y", "default")]), app("Y")
    for name, value in (("protocol", "addp"), ("local_timeout", 10), ("trace", "both")):
        second.demand(("connections", "X", "ESP", name), value)
    changes = plan(existing(), first, second).changes
    assert {path[3] for path in changes[-1].edits} == {"protocol", "local_timeout", "trace"}
    assert list(changes[0].edits) == [("folder",)]


def test_late_links_wait_until_everything_is_there():
    item = app("IXN", links=[("Chat", "ESP"), ("Old", "default")])
    item.may_wait.add(("connections", "Chat"))
    planned = plan(existing("Old"), item, app("Chat"))
    assert order(planned) == [("create", "IXN"), ("create", "Chat"), ("update", "IXN")]
    assert list(planned.changes[0].edits) == [("folder",), ("connections", "Old", "default", "protocol")]


def test_a_pair_is_made_when_both_are_there_and_before_other_updates():
    gateway = existing("A")
    planned = plan(gateway, app("A", startup_timeout=5), app("P", backup="B"), app("B"))
    assert order(planned) == [("create", "P"), ("create", "B"), ("update", "P"), ("update", "A")]
    assert planned.changes[2].edits == {("backup",): (None, "B")}


def test_objects_of_one_name_in_two_tenants_are_two():
    gateway = existing()
    gateway.add("CfgTenant", 101, "Sales")
    wanted = []
    for tenant in ("Environment", "Sales"):
        item = Desired("CfgScript", "Q", tenant)
        item.want("type", "CFGInteractionQueue")
        wanted.append(item)
    planned = plan(gateway, *wanted)
    assert [(change.name, change.tenant) for change in planned.changes] == [("Q", "Environment"), ("Q", "Sales")]
    apply(planned, Directory(gateway), False)
    assert sorted(raw["tenantdbid"] for raw in gateway.objects["CfgScript"].values()) == ["1", "101"]


EDGES = st.sets(st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=14)


@given(EDGES, EDGES, st.permutations(range(6)), st.sets(st.integers(0, 5)), st.dictionaries(st.integers(0, 2), st.integers(3, 5), max_size=1))
@settings(database=None, deadline=None, derandomize=True, max_examples=60)
def test_any_net_of_new_applications_is_made_in_one_run(edges, late, permutation, there, pairs):
    """Cycles, links to itself, late links, pairs and what exists already: every link ends up there; at most one update each."""
    gateway = existing()
    for number in there:
        gateway.add("CfgApplication", 10 + number, "A%d" % number)
    wanted = []
    for number in permutation:
        item = app("A%d" % number, links=[("A%d" % to, "default") for at, to in sorted(edges | late) if at == number])
        item.may_wait |= {("connections", "A%d" % to) for at, to in late if at == number}
        if number in pairs:
            item.want("backup", "A%d" % pairs[number])
        wanted.append(item)
    paired = set(pairs.values())
    wanted = [item for item in wanted if int(item.name[1]) not in paired] + [app("A%d" % number) for number in sorted(paired)]
    directory = Directory(gateway)
    planned = make_plan(directory, wanted)
    names = [(change.action, change.name) for change in planned.changes]
    assert len(set(names)) == len(names)
    assert [action for action, _name in names] == sorted(action for action, _name in names), "creates before updates"
    apply(planned, directory, False)
    links = {(raw["name"], gateway.objects["CfgApplication"][int(entry["appserverdbid"])]["name"])
             for raw in gateway.objects["CfgApplication"].values() for entry in raw["appservers"]["conninfo"]}
    expected = {("A%d" % at, "A%d" % to) for at, to in edges | late if at not in paired}
    for primary, backup in pairs.items():
        expected |= {("A%d" % backup, server) for client, server in expected if client == "A%d" % primary}
    assert links == expected
    assert not make_plan(Directory(gateway), wanted)


def test_the_order_of_a_whole_solution():
    planned, _directory = plan_solution(world(), description())
    assert order(planned) == [
        ("create", "Webengagement_Chat"), ("create", "IXN_1"), ("create", "UCS_1"), ("create", "UCS_2"),
        ("create", "ChatServer_1"), ("create", "ChatServer_2"), ("update", "UCS_1"), ("update", "IXN_1")]


def test_planning_writes_nothing():
    gateway = world()
    plan_solution(gateway, description())
    assert gateway.writes() == []


# --- values -------------------------------------------------------------------------------------------------------------


def test_before_and_after_are_in_the_users_words():
    gateway = existing("A", A={"options": {"property": [{"section": "log", "key": "verbose", "value": "all"}, {"section": "log", "key": "old", "value": "1"}]}})
    item = app("A", startup_timeout=5, host="h2")
    item.want_options("options", {"log": {"verbose": "standard", "old": None, "new": True}}, "options")
    (change,) = plan(gateway, item).changes
    assert change.label == "application 'A'"
    assert change.before() == {"startup_timeout": 90, "host": "h1", "options": {"log": {"verbose": "all", "old": "1"}}}
    assert change.after() == {"startup_timeout": 5, "host": "h2", "options": {"log": {"verbose": "standard", "new": "true"}}}


def test_what_an_object_gets_only_at_its_creation():
    gateway = existing("A")
    for name in ("A", "B"):
        item = app(name, host="h1")
        item.want_on_create("version", "9")
        item.want_on_create(("options", "a", "k"), "1")
        item.want_on_create(("options", "b", "k"), "1")
        item.want(("options", "a", "k"), "2")
        item.forbid(("options", "b"))
        (change,) = plan(gateway, item).changes
        assert change.after().get("version") == (None if name == "A" else "9")
        assert change.after()["options"] == {"a": {"k": "2"}}, "what is wanted anyway counts more; what is forbidden is left out"


def test_a_new_application_carries_what_is_mandatory():
    """Mandatory at creation: a name, and for servers a command line and a working directory.  Source: G5"""
    (change,) = plan(existing(), app("A")).changes
    raw = blank(change)
    assert (raw["type"], raw["name"], raw["state"]) == ("CfgApplication", "A", "CFGEnabled")
    assert (raw["workdirectory"], raw["commandline"], raw["commandlinearguments"]) == (".", ".", ".")
    assert (raw["redundancytype"], raw["autorestart"], raw["backupserverdbid"]) == ("CFGHTColdStanby", "CFGFalse", "0")
    assert "dbid" not in raw


def test_a_new_person_is_named_by_its_user_name():
    (change,) = plan(existing(), Desired("CfgPerson", "jdoe")).changes
    assert blank(change) == {"type": "CfgPerson", "username": "jdoe", "state": "CFGEnabled", "folderid": "109"}


def test_plans_hide_secrets_and_name_the_backup_that_gets_a_copy():
    gateway = existing("P", "B", P={"backupserverdbid": "2"})
    item = app("P")
    item.want_options("options", {"db": {"password": "hunter22", "user": "u"}}, "options")
    planned = plan(gateway, item)
    mask = Secrets().mask
    (entry,) = describe(planned, mask)
    assert entry == {"action": "update", "type": "CfgApplication", "name": "P", "tenant": "", "before": {}, "copied_to": "B",
                     "after": {"options": {"db": {"password": HIDDEN, "user": "u"}}}}
    (shown,) = diff(planned, mask)
    assert shown["after"] == f"options/db: password: {HIDDEN}, user: u\n"
    assert "copies this to its backup 'B'" in shown["after_header"]
    assert "hunter22" not in repr(describe(planned, mask)) + repr(diff(planned, mask))


def test_the_diff_has_an_entry_a_write():
    planned = plan(existing("A", "B"), app("A", present=False), app("B", startup_timeout=5), app("C", host="h1"))
    shown = diff(planned, lambda tree: tree)
    assert [(entry["before"] == "", entry["after"] == "") for entry in shown] == [(True, False), (False, False), (False, True)]
    assert [entry["after_header"] for entry in shown] == ["application 'C', to be created", "application 'B'", "application 'A', to be removed"]


# --- what is refused ----------------------------------------------------------------------------------------------------


def test_what_can_be_said_only_at_creation():
    gateway = existing("A")
    gateway.add("CfgAppPrototype", 1, "T1")
    gateway.add("CfgAppPrototype", 2, "T2")
    gateway.objects["CfgApplication"][1]["appprototypedbid"] = "1"
    assert not plan(gateway, app("A", application_template="T1"))
    with pytest.raises(InvalidInput, match="application 'A': application_template is 'T1' and can't be changed to 'T2'"):
        plan(gateway, app("A", application_template="T2"))


@pytest.mark.parametrize("whole", [True, False])
def test_an_application_with_clients_stays_where_it_is(whole):
    """Source: G5"""
    gateway = existing("A", "C1", "C2", C1={"appservers": link(1)}, C2={"appservers": link(1)})
    with pytest.raises(InvalidInput, match=r"application 'A': its host can't be changed: applications are connected to it \(C1, C2\)"):
        plan(gateway, app("A", host="h2"), whole=whole)
    assert order(plan(gateway, app("C1", host="h2"), whole=whole)) == [("update", "C1")]
    assert not plan(gateway, app("A", host="h1"), whole=whole)


@pytest.mark.parametrize("whole", [True, False])
def test_a_backup_stays_where_it_is(whole):
    """Source: G5"""
    gateway = existing("P", "B", P={"backupserverdbid": "2"}, B={"isprimary": "CFGFalse"})
    with pytest.raises(InvalidInput, match="application 'B': its host can't be changed: it is the backup of 'P'"):
        plan(gateway, app("B", host="h2"), whole=whole)


# --- backups ------------------------------------------------------------------------------------------------------------

OWN = {"connections": [("S", "default")], "options": ("options", "log", "verbose"), "tenants": ("tenants", "Environment")}


def with_copies(name, what, **leaves):
    item = app(name, links=OWN["connections"] if what == "connections" else (), **leaves)
    if what == "options":
        item.want(OWN["options"], "all")
    if what == "tenants":
        item.want(OWN["tenants"], True)
    return item


def pair(primary="P", **more):
    none: dict[str, object] = {"tenantdbids": {"id": []}}
    return existing("P", "B", "S", P=dict(none, backupserverdbid="2"), B=dict(none, isprimary="CFGFalse"), S=none)


@pytest.mark.parametrize("what", list(OWN))
@pytest.mark.parametrize("whole", [True, False])
def test_a_backup_has_no_values_of_its_own(what, whole):
    with pytest.raises(InvalidInput, match="application 'B': %s/.* can't have a value of its own: the application is the backup of 'P'" % what):
        plan(pair(), with_copies("B", what), whole=whole)


@pytest.mark.parametrize("what", list(OWN))
def test_what_both_are_to_have_is_written_to_the_primary_alone(what):
    gateway = pair()
    planned = plan(gateway, with_copies("B", what), with_copies("P", what))
    assert [(change.action, change.name, change.copied_to) for change in planned.changes] == [("update", "P", "B")]
    apply(planned, Directory(gateway), False)
    assert not plan(gateway, with_copies("B", what), with_copies("P", what))


@pytest.mark.parametrize("what", list(OWN))
def test_what_the_primary_has_already_may_be_said_of_the_backup(what):
    gateway = pair()
    apply(plan(gateway, with_copies("P", what)), Directory(gateway), False)
    assert not plan(gateway, with_copies("B", what))


@pytest.mark.parametrize(("isprimary", "lists"), [("CFGTrue", 0), ("CFGFalse", 1), (None, 1)])
def test_the_whole_list_is_read_only_where_the_object_may_be_a_backup(isprimary, lists):
    gateway = existing("A", A={"isprimary": isprimary})
    assert plan(gateway, with_copies("A", "options"), whole=False)
    assert gateway.calls.count(("list", "CfgApplication", "*")) == lists


def test_what_is_not_copied_is_written_to_the_backup():
    assert order(plan(pair(), app("B", startup_timeout=5))) == [("update", "B")]


@pytest.mark.parametrize("what", list(OWN))
def test_an_application_that_becomes_a_backup_follows_its_primary(what):
    """The copy happens when the pair is made, so values of its own would not last."""
    def unpaired():
        gateway = pair()
        gateway.objects["CfgApplication"][1]["backupserverdbid"] = "0"
        gateway.objects["CfgApplication"][2]["isprimary"] = "CFGTrue"
        return gateway

    with pytest.raises(InvalidInput, match="application 'B': .*the backup of 'P'"):
        plan(unpaired(), app("P", backup="B"), with_copies("B", what))
    gateway = unpaired()
    planned = plan(gateway, with_copies("P", what, backup="B"), with_copies("B", what))
    assert order(planned) == [("update", "P")]
    apply(planned, Directory(gateway), False)
    assert not plan(gateway, with_copies("P", what, backup="B"), with_copies("B", what))


def test_an_application_that_is_no_longer_a_backup_is_free():
    planned = plan(pair(), app("P", backup=""), with_copies("B", "options"))
    assert order(planned) == [("update", "P"), ("update", "B")]


def test_the_defaults_of_a_pair_can_be_changed_again():
    gateway = world()
    apply_solution(gateway, description())
    content = description()
    content["contact_servers"]["defaults"]["options"] = {"log": {"verbose": "all"}}
    writes = apply_solution(gateway, content)
    assert [(item["action"], item["name"]) for item in writes] == [("update", "UCS_1")]
    assert gateway.named("CfgApplication", "UCS_2")["options"] == gateway.named("CfgApplication", "UCS_1")["options"]


# --- deletes ------------------------------------------------------------------------------------------------------------


def test_an_application_with_clients_is_not_removed():
    gateway = existing("A", "C1", "C2", C1={"appservers": link(1)}, C2={"appservers": link(1, "ESP")})
    with pytest.raises(InvalidInput, match=r"application 'A' can't be removed: 2 applications are connected to it \(C1, C2\)"):
        plan(gateway, app("A", present=False))
    with pytest.raises(InvalidInput, match=r"application 'A' can't be removed: 1 application is connected to it \(C2\)"):
        plan(gateway, app("A", present=False), app("C1", present=False))


def test_a_backup_is_not_removed():
    with pytest.raises(InvalidInput, match="application 'B' can't be removed: it is the backup of 'P'"):
        plan(pair(), app("B", present=False))


def test_what_is_removed_together_goes_clients_first():
    gateway = existing("S", "M", "C", "B", M={"appservers": link(1), "backupserverdbid": "4"}, C={"appservers": link(2)})
    host = Desired("CfgHost", "h1", present=False)
    planned = plan(gateway, host, *[app(name, present=False) for name in ("B", "S", "M", "C")])
    names = [name for _action, name in order(planned)]
    assert names.index("C") < names.index("M") < names.index("S")
    assert names.index("M") < names.index("B")
    assert names[-1] == "h1", "hosts go after the servers on them"
    apply(planned, Directory(gateway), False)
    assert gateway.objects["CfgApplication"] == {}


@pytest.mark.parametrize(
    ("kind", "name", "message"),
    [("CfgHost", "h1", r"host 'h1' can't be removed: applications run on it \(A, B\)"),
     ("CfgAppPrototype", "T", r"application template 'T' can't be removed: applications were made from it \(B\)"),
     ("CfgHost", "h2", None)],
)
def test_what_applications_need_is_not_removed(kind, name, message):
    gateway = existing("A", "B", B={"appprototypedbid": "7"})
    gateway.add("CfgAppPrototype", 7, "T")
    if message:
        with pytest.raises(InvalidInput, match=message):
            plan(gateway, Desired(kind, name, present=False))
    else:
        assert order(plan(gateway, Desired(kind, name, present=False))) == [("delete", name)]


def test_a_delete_shows_what_goes():
    (change,) = plan(existing("A"), app("A", present=False)).changes
    assert change.after() == {}
    before = change.before()
    assert (before["host"], before["ports"], before["startup_timeout"]) == ("h1", {"default": 4000}, 90)


def test_what_is_not_there_is_not_removed():
    gateway = existing()
    directory = Directory(gateway)
    directory.expect("CfgApplication", "planned", {})
    assert not make_plan(directory, [app("planned", present=False), app("never", present=False)])
