# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The way back: after a run, half a run or half a restore everything is as before, and what others did since is not lost."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st
from unit.config.fake_gateway import Killed, application, apply_solution, connection, description, option_list, validated, world
from unit.config.way_back import Restore, Run, Strict, told

from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.context import Context
from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.solution import solution
from ansible_collections.genesys_engage.chat.plugins.module_utils._config import apply as apply_module
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.desired import Desired
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.errors import InvalidInput
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.plan import describe
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.restore import KEEP, OVERWRITE, REFUSE
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.secrets import HIDDEN, Secrets


@pytest.fixture(autouse=True)
def waits(monkeypatch):
    """Nobody waits here."""
    monkeypatch.setattr(apply_module, "time", SimpleNamespace(sleep=lambda _seconds: None))


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """Where snapshots are kept."""
    return tmp_path_factory.mktemp("snapshots")


# --- a small world and what is wanted of it -------------------------------------------------------------------------------
#
# A state maps names of applications to links ((server, port id) -> protocol), options, ports, startup and backup.


def app(links=(), backup="", startup=90, options=None, ports=None):
    return {"links": dict(links), "backup": backup, "startup": startup, "options": options or {}, "ports": ports or {"default": 4000}}


def gateway_of(state):
    gateway = Strict()
    gateway.add("CfgTenant", 1, "Environment")
    gateway.add("CfgTenant", 101, "Sales")
    gateway.add("CfgFolder", 102, "Applications", folderid="0")
    gateway.add("CfgHost", 301, "h")
    dbids = {name: number for number, name in enumerate(state, 1)}
    for name, one in state.items():
        links = [connection(dbids[server], port, protocol, 7, 7) for (server, port), protocol in one["links"].items()]
        gateway.add("CfgApplication", dbids[name], name, **application(
            ports=one["ports"], options={"s": one["options"]}, startuptimeout=str(one["startup"]), componenttype="CFGAppComponentUnknown",
            backupserverdbid=str(dbids.get(one["backup"], 0)), appservers={"conninfo": links}))
    gateway._settle()
    return gateway


def wanted(old, new):
    """What turns one state into another one; of a backup only what the Configuration Server does not copy to it."""
    backups = {one["backup"] for one in new.values()}
    items = [Desired("CfgApplication", name, present=False) for name in old if name not in new]
    for name, one in new.items():
        item = Desired("CfgApplication", name)
        for field, value in {"host": "h", "type": "CFGThirdPartyServer", "reconnect_attempts": 1, "reconnect_timeout": 10, "shutdown_timeout": 90}.items():
            item.want_on_create(field, value)
        item.want("startup_timeout", one["startup"])
        item.forbid(("ports",))
        for port, number in one["ports"].items():
            item.want(("ports", port), number)
        if one["backup"] or name in old:
            item.demand(("backup",), one["backup"])
        if name not in backups:
            item.forbid(("options",))
            item.forbid(("connections",))
            for key, value in one["options"].items():
                item.want(("options", "s", key), value)
            for link, protocol in one["links"].items():
                addp = {"local_timeout": 7, "remote_timeout": 7, "trace": "both"} if protocol else {}
                for attribute, value in dict(addp, protocol=protocol).items():
                    item.demand(("connections", *link, attribute), value)
        item.may_wait.add(("connections",))
        items.append(item)
    return items


def there(old, new, place):
    """Carry out the run from one state to another; return (gateway, told before, run)."""
    gateway = gateway_of(old)
    before = told(gateway)
    run = Run(gateway, wanted(old, new), place)
    run.carry_out()
    return gateway, before, run


def order(run):
    return [(change.action, change.name) for change in run.plan.changes]


# --- any run, interrupted anywhere ----------------------------------------------------------------------------------------

NAMES = ("A", "B", "C", "D", "E")
PORTS = ("default", "ESP")
PROFILE = settings(database=None, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])


@st.composite
def states(draw):
    names = draw(st.sets(st.sampled_from(NAMES)).map(sorted))
    state = {}
    for name in names:
        links = draw(st.dictionaries(st.tuples(st.sampled_from(names), st.sampled_from(PORTS)), st.sampled_from(["", "addp"]), max_size=3))
        state[name] = app(links, "", draw(st.sampled_from([60, 90])), draw(st.dictionaries(st.sampled_from("xy"), st.sampled_from(["", "1", "2"]))),
                          draw(st.dictionaries(st.sampled_from(PORTS), st.sampled_from([4000, 4001]))))
    for server, port in [link for one in state.values() for link in one["links"]]:
        state[server]["ports"].setdefault(port, 4002)  # a connection leads to a port that its server has
    members = draw(st.permutations(names))
    for number in range(draw(st.integers(0, len(names) // 2))):
        state[members[2 * number]]["backup"] = members[2 * number + 1]
    return state


def roles(state):
    """Return member of a pair -> what it is there."""
    return {member: role for name, one in state.items() if one["backup"] for member, role in ((name, "primary"), (one["backup"], f"backup of {name}"))}


@st.composite
def runs(draw):
    """Two states. No run of the collection makes a backup the primary, or the backup of another primary, in one go."""
    old, new = draw(states()), draw(states())
    assume(all(roles(new).get(name, role) == role for name, role in roles(old).items()))
    return old, new


INTERRUPTION = st.none() | st.tuples(st.integers(1, 25), st.sampled_from(["killed", "killed after"]))


def carried_out(run, interruption):
    """Carry a run out, killed at the given call; return whether it came to its end."""
    if interruption:
        run.gateway.faults = {len(run.gateway.calls) + interruption[0]: interruption[1]}
    try:
        run.carry_out()
    except Killed:
        return False
    finally:
        run.gateway.faults = {}
    return True


@settings(PROFILE, max_examples=150)
@given(runs(), INTERRUPTION, INTERRUPTION)
def test_every_run_can_be_undone(place, states_, interruption, second_interruption):
    old, new = states_
    gateway = gateway_of(old)
    before = told(gateway)
    run = Run(gateway, wanted(old, new), place)
    event(f"the run came to its end: {carried_out(run, interruption)}")
    after = told(gateway)
    if run.file is None:
        assert after == before
        return
    restore = Restore(gateway, run.file, place)
    whole = carried_out(restore, second_interruption)
    event(f"the restore came to its end: {whole}")
    Restore(gateway, run.file, place).carry_out()
    assert told(gateway) == before
    assert not Restore(gateway, run.file, place).plan
    if whole and restore.file:
        Restore(gateway, restore.file, place).carry_out()
        assert told(gateway) == after, "the restore could not be undone"


def mark(gateway, name):
    """An edit by somebody else."""
    gateway.named("CfgApplication", name)["options"]["property"].append({"section": "later", "key": "mark", "value": "1"})
    gateway._settle()


@settings(PROFILE, max_examples=40)
@given(runs(), st.data())
def test_an_edit_that_has_nothing_to_do_with_the_run_stays(place, states_, data):
    old, new = states_
    stay = [name for name in old if name in new and "backup" not in roles(old).get(name, "") + roles(new).get(name, "")]
    assume(stay)
    gateway, before, run = there(old, new, place)
    assume(run.file)
    name = data.draw(st.sampled_from(stay))
    mark(gateway, name)
    Restore(gateway, run.file, place).carry_out()
    undisturbed = gateway_of(old)
    assert told(undisturbed) == before
    mark(undisturbed, name)
    assert told(gateway) == told(undisturbed)


@settings(PROFILE, max_examples=12)
@given(st.integers(0, 3), st.integers(1, 4), st.booleans(), INTERRUPTION)
def test_deployments(place, first, second, pairs, interruption):
    gateway = world()
    content = description(second, **({} if pairs else {"contact_servers": {"single": {"name": "UCS_1", "host": "chat3"}}}))
    if pairs:
        content["contact_servers"]["pairs"][0]["backup"]["ports"] = {"default": 5200}
    content["chat_server_defaults"]["options"] = {"settings": {"limit-for-sessions": "77", "new": ""}}
    if first:
        apply_solution(gateway, description(first))
    before = told(gateway)
    assume(pairs or first)
    run = Run(gateway, lambda directory: solution(Context(directory, allow_disconnect=True), validated(content)), place)
    carried_out(run, interruption)
    assert run.file
    Restore(gateway, run.file, place).carry_out()
    assert told(gateway) == before


# --- half a run -----------------------------------------------------------------------------------------------------------

#: A pair and two servers that refer to each other, beside one that stays.
CIRCLE = {"Stays": app(options={"x": "1"}), "A": app({("B", "default"): "", ("Stays", "default"): "addp"}, backup="A2", options={"x": "2"}),
          "A2": app(startup=60), "B": app({("A", "default"): "addp", ("B", "default"): ""}, options={"y": ""})}
ALONE = {"Stays": CIRCLE["Stays"]}
WAYS = {"made": (ALONE, CIRCLE), "removed": (CIRCLE, ALONE)}


@pytest.mark.parametrize("kind", ["killed", "killed after"])
@pytest.mark.parametrize("way", WAYS)
def test_half_a_run_and_half_a_restore(place, way, kind):
    """Every call of the run once, and every call of the restore once."""
    old, new = WAYS[way]
    for number in range(1, 200):
        gateway = gateway_of(old)
        before = told(gateway)
        run = Run(gateway, wanted(old, new), place)
        if carried_out(run, (number, kind)):
            break
        Restore(gateway, run.file, place).carry_out()
        assert told(gateway) == before
    assert number > 6
    for number in range(1, 200):
        gateway, before, run = there(old, new, place)
        whole = carried_out(Restore(gateway, run.file, place), (number, kind))
        Restore(gateway, run.file, place).carry_out()
        assert told(gateway) == before
        if whole:
            break
    assert number > 6


def test_snapshots_of_a_run_in_two_halves(place):
    """The second half has a snapshot of its own; both are restored, the last one first."""
    gateway = gateway_of(ALONE)
    before = told(gateway)
    first = Run(gateway, wanted(ALONE, CIRCLE), place)
    assert not carried_out(first, (6, "killed"))
    half = told(gateway)
    assert half != before
    second = Run(gateway, wanted(ALONE, CIRCLE), place)
    second.carry_out()
    Restore(gateway, second.file, place).carry_out()
    assert set(told(gateway)) == set(half)
    Restore(gateway, first.file, place).carry_out()
    assert told(gateway) == before


# --- removing -------------------------------------------------------------------------------------------------------------


def test_what_is_connected_in_a_circle_is_disconnected_first(place):
    links = {("B", "default"): ""}, {("C", "default"): ""}, {("A", "default"): ""}
    gateway, before, run = there({}, {name: app(link) for name, link in zip("ABC", links)}, place)
    restore = Restore(gateway, run.file, place)
    restore.carry_out()
    assert [action for action, _name in order(restore)] == ["update", "delete", "delete", "delete"]
    assert told(gateway) == before


def test_what_is_connected_to_itself_is_disconnected_first(place):
    gateway, before, run = there({}, {"A": app({("A", "default"): ""})}, place)
    restore = Restore(gateway, run.file, place)
    restore.carry_out()
    assert order(restore) == [("update", "A"), ("delete", "A")]
    assert told(gateway) == before


def test_of_a_circle_around_a_pair_the_primary_is_disconnected(place):
    """What its backup has can't be changed."""
    state = {"B": app(), "A": app({("B", "default"): "", ("A", "default"): ""}, backup="B")}
    gateway, before, run = there({}, state, place)
    restore = Restore(gateway, run.file, place)
    restore.carry_out()
    assert order(restore)[0] == ("update", "A")
    assert told(gateway) == before


def test_many_clients_of_many_servers_cost_one_update_for_each_client(place):
    servers = {f"S{number}": app({("C1", "default"): "", ("C2", "default"): ""}) for number in range(6)}
    clients = {name: app({(server, "default"): "" for server in servers}) for name in ("C1", "C2")}
    gateway, before, run = there({}, {**servers, **clients}, place)
    restore = Restore(gateway, run.file, place)
    restore.carry_out()
    assert sorted(order(restore))[-2:] == [("update", "C1"), ("update", "C2")]
    assert told(gateway) == before


def test_the_copies_of_a_backup_are_no_clients_that_stay(place):
    """An Interaction Server with a backup loses its connections to new Chat Servers; the server takes them from the backup."""
    old = {"IXN": app(backup="IXN_B"), "IXN_B": app()}
    new = {"IXN": app({("Chat", "default"): "addp"}, backup="IXN_B"), "IXN_B": app(), "Chat": app({("IXN", "default"): ""})}
    gateway, before, run = there(old, new, place)
    assert len(gateway.clients_of(int(gateway.named("CfgApplication", "Chat")["dbid"]))) == 2
    Restore(gateway, run.file, place).carry_out()
    assert told(gateway) == before


def test_a_client_that_stays_is_named(place):
    gateway, _before, run = there({"Other": app()}, {"Other": app(), "New": app()}, place)
    dbid = gateway.named("CfgApplication", "New")["dbid"]
    gateway.named("CfgApplication", "Other")["appservers"]["conninfo"].append(connection(dbid))
    with pytest.raises(InvalidInput, match=r"'New' can't be removed: 1 application is connected to it \(Other\)"):
        Restore(gateway, run.file, place)


def test_a_new_primary_lets_its_backup_go_before_that_gets_its_own_values_back(place):
    gateway, before, run = there({"B": app(options={"x": "own"})}, {"B": app(), "P": app(backup="B", options={"x": "copied"})}, place)
    restore = Restore(gateway, run.file, place)
    restore.carry_out()
    assert order(restore) == [("update", "P"), ("update", "B"), ("delete", "P")]
    assert told(gateway) == before


def test_a_new_backup_that_began_with_options_of_its_own(place):
    """The server has replaced what it began with; that is no later edit."""
    gateway = gateway_of({"P": app(options={"x": "of the primary"})})
    before = told(gateway)
    items = wanted({}, {"B": app()})
    items[0].want_on_create(("options", "s", "x"), "of the template")
    items[0].absent.clear()
    pair = Desired("CfgApplication", "P")
    pair.want("backup", "B")
    run = Run(gateway, [*items, pair], place)
    run.carry_out()
    Restore(gateway, run.file, place).carry_out()
    assert told(gateway) == before


# --- making again ---------------------------------------------------------------------------------------------------------


def test_what_is_empty_comes_back_too(place):
    state = {"A": app({("B", "default"): ""}, options={"x": "", "y": "1"}, ports={}), "B": app()}
    gateway, before, run = there(state, {}, place)
    Restore(gateway, run.file, place).carry_out()
    assert told(gateway) == before
    assert gateway.named("CfgApplication", "A")["options"] == option_list({"s": {"x": "", "y": "1"}})


def test_a_template_comes_back_with_all_it_had(place):
    gateway = gateway_of({})
    gateway.add("CfgAppPrototype", 120, "T", subtype="CFGChatServer", version="8.5", options=option_list({"a": {"b": ""}}), description="kept")
    before = told(gateway)
    run = Run(gateway, [Desired("CfgAppPrototype", "T", present=False)], place)
    run.carry_out()
    assert told(gateway) != before
    Restore(gateway, run.file, place).carry_out()
    assert told(gateway) == before


def test_of_two_objects_of_one_name_the_right_one_comes_back(place):
    gateway = gateway_of({})
    for dbid, tenant in ((130, "1"), (131, "101")):
        gateway.add("CfgScript", dbid, "Same", subtype="CFGInteractionQueue", tenantdbid=tenant, userproperties=option_list({"of": {"tenant": tenant}}))
    before = told(gateway)
    run = Run(gateway, [Desired("CfgScript", "Same", "Sales", present=False)], place)
    run.carry_out()
    assert 131 not in gateway.objects["CfgScript"]
    Restore(gateway, run.file, place).carry_out()
    assert told(gateway) == before


def test_the_placeholder_of_a_secret_is_never_sent(place):
    gateway = gateway_of({"A": app(options={"password": "s3cret", "x": "1"})})
    gateway.add("CfgPerson", 140, "P", username="P", passwordhash="s3cret", agentinfo={"token": "s3cret", "box": [{"key": "secret", "value": "s3cret"}]})
    run = Run(gateway, [Desired("CfgApplication", "A", present=False), Desired("CfgPerson", "P", present=False)], place)
    run.carry_out()
    restore = Restore(gateway, run.file, place)
    assert restore.not_restored == ["application 'A': options/s/password"]
    restore.carry_out()
    assert HIDDEN not in str(gateway.objects)
    assert gateway.named("CfgApplication", "A")["options"]["property"] == [{"section": "s", "key": "x", "value": "1"}]
    assert gateway.named("CfgPerson", "P")["agentinfo"] == {"box": []}


# --- secrets --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("before", "after", "told_of"), [("", "new", 0), (None, "new", 0), ("old", "new", 1), ("old", "", 1), ("old", None, 1)])
def test_a_secret_comes_back_where_there_was_none(place, before, after, told_of):
    gateway = gateway_of({"A": app(options={} if before is None else {"password": before})})
    state = told(gateway)
    item = Desired("CfgApplication", "A")
    item.want_options("options", {"s": {"password": after}}, "options")
    run = Run(gateway, [item], place)
    run.carry_out()
    left = told(gateway)
    assert left != state
    restore = Restore(gateway, run.file, place)
    assert len(restore.not_restored) == told_of
    restore.carry_out()
    assert told(gateway) == (left if told_of else state)


def test_what_the_run_was_told_to_hide_the_restore_hides_too(place):
    """The restore has not been told secret_option_names; the snapshot shows which names they are."""
    gateway = gateway_of({"A": app(options={"pin": "0000"})})
    item = Desired("CfgApplication", "A")
    item.want_options("options", {"s": {"code": "1234"}}, "options")
    run = Run(gateway, [item], place, Secrets(["^pin$", "^code$"]))
    run.carry_out()
    secrets = Secrets()
    restore = Restore(gateway, run.file, place, secrets=secrets)
    assert HIDDEN in str(describe(restore.plan, secrets.mask)) and "1234" not in str(describe(restore.plan, secrets.mask))
    restore.carry_out()
    assert restore.file is not None
    with open(restore.file, encoding="utf-8") as stream:
        text = stream.read()
    assert "1234" not in text and "0000" not in text
    assert gateway.named("CfgApplication", "A")["options"] == option_list({"s": {"pin": "0000"}})


# --- later edits ----------------------------------------------------------------------------------------------------------


def changed_run(place):
    """A run that changed A and B, made New and removed Gone."""
    old = {"A": app(options={"x": "1"}), "B": app(), "Gone": app({("A", "default"): "addp"}, options={"x": "1"})}
    new = {"A": app(options={"x": "2"}), "B": app({("A", "default"): "addp"}), "New": app({("A", "default"): ""}, options={"x": "5"})}
    return there(old, new, place)


def raw(gateway, name):
    return gateway.named("CfgApplication", name)


def set_option(gateway, name, value):
    raw(gateway, name)["options"] = option_list({"s": {"x": value}})


def set_aside(gateway, name):
    """Remove an application past its rules, with the connections to it."""
    dbid = int(raw(gateway, name)["dbid"])
    for client in gateway.clients_of(dbid):
        client["appservers"]["conninfo"] = [entry for entry in client["appservers"]["conninfo"] if int(entry["appserverdbid"]) != dbid]
    del gateway.objects["CfgApplication"][dbid]


def made_by_hand():
    return dict(raw(gateway_of({"Gone": app(options={"x": "mine"})}), "Gone"), dbid="77")


LATER: dict[str, tuple[Any, str]] = {
    "an option that the run changed": (lambda gateway: set_option(gateway, "A", "3"), "application 'A': options/s/x is now '3', and the run had made it '2'"),
    "an option that the run changed is gone": (lambda gateway: raw(gateway, "A").update(options=option_list()),
                                               "application 'A': options/s/x is now '', and the run had made it '2'"),
    "a changed application is gone": (lambda gateway: set_aside(gateway, "B"), "application 'B': it was removed"),
    "a new application was changed": (lambda gateway: set_option(gateway, "New", "6"), "application 'New': options/s/x is now '6'"),
    "a new application was installed": (lambda gateway: raw(gateway, "New").update(workdirectory="/opt/new"), "application 'New': it was installed"),
    "a new application has a command line": (lambda gateway: raw(gateway, "New").update(commandline="./run.sh"), "application 'New': it was installed"),
    "a removed application is there again": (
        lambda gateway: gateway.objects["CfgApplication"].update({77: made_by_hand()}), "application 'Gone': it is there, and options/s/x differs"),
}


@pytest.mark.parametrize(("edit", "sentence"), LATER.values(), ids=LATER.keys())
def test_later_edits(place, edit, sentence):
    """They are refused by name, or stay while the rest is brought back, or go."""
    gateway, before, run = changed_run(place)
    edit(gateway)
    edited = told(gateway)
    with pytest.raises(InvalidInput, match="^later_edits: ") as refused:
        Restore(gateway, run.file, place)
    assert sentence in str(refused.value) and str(refused.value).count("application '") == 1
    keeping = Restore(gateway, run.file, place, KEEP)
    assert len(keeping.kept) == 1 and sentence in keeping.kept[0]
    keeping.carry_out()
    name = ("CfgApplication", sentence.split("'")[1], "")
    kept = told(gateway)
    assert {key: value for key, value in kept.items() if key != name} == {key: value for key, value in before.items() if key != name}
    assert kept.get(name) == edited.get(name)
    overwriting = Restore(gateway, run.file, place, OVERWRITE)
    overwriting.carry_out()
    assert not overwriting.kept
    assert told(gateway) == before


def test_a_restore_of_the_first_of_two_runs_is_a_later_edit(place):
    gateway, before, first = there({"A": app(options={"x": "1"})}, {"A": app(options={"x": "2"})}, place)
    second = Run(gateway, wanted({"A": app()}, {"A": app(options={"x": "3"})}), place)
    second.carry_out()
    with pytest.raises(InvalidInput, match="is now '3', and the run had made it '2'"):
        Restore(gateway, first.file, place)
    for run in (second, first):
        Restore(gateway, run.file, place).carry_out()
    assert told(gateway) == before


def test_a_directory_that_the_run_itself_gave_is_no_installation(place):
    gateway = gateway_of({})
    before = told(gateway)
    item = wanted({}, {"New": app()})[0]
    item.on_create["working_directory",] = "/opt/described"
    run = Run(gateway, [item], place)
    run.carry_out()
    Restore(gateway, run.file, place).carry_out()
    assert told(gateway) == before


def test_an_application_that_was_renamed_is_not_made_twice(place):
    gateway, _before, run = there({"A": app(options={"x": "1"})}, {"A": app(options={"x": "2"})}, place)
    raw(gateway, "A")["name"] = "A_old"
    for later_edits in (REFUSE, OVERWRITE):
        with pytest.raises(InvalidInput, match="'A': it is named 'A_old' now"):
            Restore(gateway, run.file, place, later_edits)
    keeping = Restore(gateway, run.file, place, KEEP)
    assert not keeping.plan and keeping.kept == ["application 'A': it is named 'A_old' now"]


def test_a_connection_to_what_is_gone_is_said_before_anything_is_written(place):
    gateway, before, run = there({"A": app({("S", "default"): "addp", ("T", "default"): ""}), "S": app(), "T": app()},
                                 {"A": app(startup=5), "S": app(), "T": app()}, place)
    set_aside(gateway, "S")
    for later_edits in (REFUSE, OVERWRITE):
        with pytest.raises(InvalidInput, match="^later_edits: somebody took away .*: application 'A': application 'S' is not there any more. Undo"):
            Restore(gateway, run.file, place, later_edits)
    keeping = Restore(gateway, run.file, place, KEEP)
    assert keeping.kept == ["application 'A': application 'S' is not there any more"]
    keeping.carry_out()
    del before["CfgApplication", "S", ""]
    links = before["CfgApplication", "A", ""]["appservers"]
    links["conninfo"] = [entry for entry in links["conninfo"] if entry["appserverdbid"] == "T"]
    assert told(gateway) == before


@pytest.mark.parametrize("later_edits", [REFUSE, KEEP, OVERWRITE])
def test_an_application_needs_its_host(place, later_edits):
    gateway, _before, run = there({"A": app()}, {}, place)
    gateway.objects["CfgHost"].clear()
    with pytest.raises(InvalidInput, match="application 'A': host 'h' is not there any more"):
        Restore(gateway, run.file, place, later_edits)


def test_an_application_can_do_without_its_folder(place):
    gateway, _before, run = there({"A": app()}, {}, place)
    del gateway.objects["CfgFolder"][102]
    gateway.add("CfgFolder", 150, "Programs", folderid="0", subtype="CFGApplication")
    with pytest.raises(InvalidInput, match="application 'A': the folder that it was in is not there any more"):
        Restore(gateway, run.file, place)
    Restore(gateway, run.file, place, KEEP).carry_out()
    assert raw(gateway, "A")["folderid"] == "150"


def test_the_way_back_goes_backwards(place):
    """A client leaves the new port of a server before the port goes."""
    old = {"S": app(), "C": app({("S", "default"): "addp"})}
    new = {"S": app(ports={"default": 4000, "ESP": 4001}), "C": app({("S", "ESP"): "addp"})}
    gateway, before, run = there(old, new, place)
    assert order(run) == [("update", "S"), ("update", "C")]
    restore = Restore(gateway, run.file, place)
    assert order(restore) == [("update", "C"), ("update", "S")]
    restore.carry_out()
    assert told(gateway) == before


def test_without_a_default_port_there_is_no_port_number(place):
    gateway, before, run = there({"A": app(ports={"ESP": 4001})}, {"A": app()}, place)
    Restore(gateway, run.file, place).carry_out()
    assert told(gateway) == before and raw(gateway, "A")["port"] == "0"
