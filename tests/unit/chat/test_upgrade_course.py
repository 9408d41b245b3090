# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The course of an upgrade: who looks at what, what is made of what hosts have registered, what came of a step.

How it all goes together, whatever fails, is in test_rolling_faults.py.
"""

from __future__ import annotations

from typing import Any

import pytest
from unit.chat.test_rolling import BACKUPS, CHAT_PLAN, NEW, OLD, PLAN, PRIMARIES, SWITCH, judged, port

from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.upgrade import control, course, rolling
from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.upgrade.beginning import lock_id, refusal
from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.upgrade.hosts import FAILURE, LOOK, MARK, SECOND_FAILURE, Hosts, belonging, look_result

T0, T1, T2 = "2026-04-01T12:00:00.000+00:00", "2026-04-01T12:00:01.000+00:00", "2026-04-01T12:00:02.000+00:00"
EVERYBODY = list(PLAN["hosts"])
PORTS = [port(item["name"]) for item in PLAN["members"]]
SEEN: dict[str, Any] = {"states": [], "ports": PORTS, "connections": [], "installed": [], "complaints": []}


def up(states=None):
    """Return the look of the configuration host: all run, but for those that are told otherwise."""
    names = [item["name"] for item in PLAN["members"] + PLAN["chat_servers"]]
    return dict(SEEN, states=[{"name": name, "status": (states or {}).get(name, "RUNNING")} for name in names])


def upgrade(facts=None, lost=(), states=None, back=False, plan=PLAN, site=True):
    """Return an upgrade in which each host has looked, and has seen nothing bad."""
    whole = {host: {LOOK: SEEN, **(facts or {}).get(host, {})} for host in plan["hosts"]}
    present = [host for host in whole if host not in lost]
    hosts = Hosts(whole, {host: host for host in whole}, present)
    return course.Upgrade(plan, judged() if plan is PLAN else {}, hosts, [*present, *(["site"] if site else [])], "site", states or up(), back)


def at(step, **changes):
    """Return the course at a step, for an upgrade."""
    begun = course.begun(course.to_begin_with(upgrade()), T0)
    return course.at_step(upgrade(**changes), begun, step, T1)


# --- who looks at what --------------------------------------------------------------------------------------------------


def test_at_first_all_is_looked_at_from_where_it_counts():
    first = course.to_begin_with(upgrade())
    # What its clients reach needs no look from its own host.
    assert sorted(first["looks"]) == ["chat1", "chat2", "chat3", "chat4"] and sorted(first["asked"]) == sorted(
        item["name"] for item in PLAN["members"] + PLAN["chat_servers"])
    chat = first["looks"]["chat1"]
    assert [(port["name"], port["id"]) for port in chat["ports"]] == [("UCS_1", "seen from chat1"), ("UCS_2", "seen from chat1")]
    watched = [(item["name"], item["primary"]["name"], item["backup"]["name"], item["since"]) for item in chat["chat_servers"]]
    assert watched == [("Chat_1", "UCS_1", "UCS_2", None)]
    assert {port["name"] for look in first["looks"].values() for port in look["ports"]} == {"UCS_1", "UCS_2", "UCS_3", "UCS_4"}
    assert {host: [item["name"] for item in mine] for host, mine in first["members"].items()} == {f"ucs{number}": [f"UCS_{number}"] for number in (1, 2, 3, 4)}


def test_a_port_that_no_client_can_try_is_tried_from_its_own_host():
    alone = course.to_begin_with(upgrade(lost=[host for host in EVERYBODY if host.startswith("chat")]))["looks"]
    assert [port["name"] for port in alone["ucs3"]["ports"]] == ["UCS_3"] and alone["ucs3"]["chat_servers"] == []
    members = [dict(item, ports={**item["ports"], "esp": 7101}) if item["name"] == "UCS_1" else item for item in PLAN["members"]]
    looks = Hosts({host: {} for host in EVERYBODY}, {host: host for host in EVERYBODY}, EVERYBODY).to_look(dict(PLAN, members=members), ["UCS_1"])
    assert [(port["id"], port["port"]) for port in looks["ucs1"]["ports"]] == [("esp", 7101)]


def test_systemd_tells_the_states_of_its_own_host():
    found = course.to_begin_with(upgrade(facts={"ucs2": {"genesys_control": "systemd"}, "chat1": {"genesys_control": "systemd"}}))
    assert not {"UCS_2", "Chat_1"} & set(found["asked"]) and "UCS_1" in found["asked"]
    assert [found["looks"][host]["applications"] for host in ("ucs2", "chat1", "chat2")] == [["UCS_2"], ["Chat_1"], []]


def test_before_a_step_only_those_look_who_see_what_must_serve():
    found = at(BACKUPS)
    assert sorted(found["looks"]) == ["chat1", "chat2", "chat3", "chat4"]
    assert {port["name"] for look in found["looks"].values() for port in look["ports"]} == {"UCS_1", "UCS_3"}
    assert found["watches"] == {} and sorted(found["members"]) == ["ucs2", "ucs4"]
    assert [item["rollback_version"] for item in found["members"]["ucs2"]] == [OLD]
    watching = at(SWITCH)["watches"]
    assert sorted(watching) == ["chat1", "chat2", "chat3", "chat4"]
    since = judged()["chat_servers"]["Chat_3"]["until"]
    assert since is not None and watching["chat3"]["chat_servers"][0]["since"] == since


def test_in_the_end_the_members_are_looked_at():
    found = course.in_the_end(upgrade(), at(PRIMARIES))
    assert found["looks"]["ucs2"]["installed"] == [{"name": "UCS_2", "path": next(item["install_path"] for item in PLAN["members"] if item["name"] == "UCS_2")}]
    assert found["looks"]["chat1"]["ports"] == [] and found["looks"]["chat1"]["chat_servers"]
    chat = Hosts({host: {} for host in CHAT_PLAN["hosts"]}, {host: host for host in CHAT_PLAN["hosts"]}, CHAT_PLAN["hosts"])
    assert not any(look["chat_servers"] for look in chat.to_look(CHAT_PLAN, ["Chat_1"], connections=True).values())


# --- what they have told ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("found", "words"), [
    (None, "Host 'x' has not looked, so that nothing is known of it."),
    ({"skipped": True}, "Host 'x' has not looked, so that nothing is known of it."),
    ({"failed": True, "msg": "no\n interpreter"}, "The look of host 'x' has failed: no interpreter"),
    ({"failed": True}, "The look of host 'x' has failed: no reason was told"),
    (dict(SEEN, complaints=["Look at the ports: no."]), "Look at the ports: no."),
])
def test_what_could_not_be_seen_is_a_complaint(found, words):
    assert look_result(found, "host 'x'")["complaints"] == [words]


@pytest.mark.parametrize("facts", [{"chat2": {LOOK: {"skipped": True}}}, {"chat1": {LOOK: None}}])
def test_a_host_that_has_not_looked_holds_a_step_up(facts):
    now = at(BACKUPS)
    assert course.may_be_done(upgrade(), now, "", T2)["going"]
    found = course.may_be_done(upgrade(facts=facts), now, "", T2)
    assert not found["going"] and "has not looked" in found["problems"][0]


def test_the_states_must_be_known():
    now = at(BACKUPS)
    found = course.may_be_done(upgrade(states={"failed": True, "msg": "no mlcmd"}), now, "", T2)
    assert found["problems"][0] == "The look of the configuration host at Solution Control Server has failed: no mlcmd" and not found["going"]
    assert course.may_be_done(upgrade(states=up({"UCS_1": "STOPPED"})), now, "", T2)["problems"] == ["'UCS_1' on ucs1 must serve meanwhile, and is STOPPED."]


def test_without_lock_or_configuration_host_no_step_is_done():
    now = at(BACKUPS)
    assert course.may_be_done(upgrade(), now, "the lock is gone", T2)["problems"] == ["the lock is gone"]
    assert course.may_be_done(upgrade(site=False), now, "", T2)["problems"] == ["'site', which stands for the Configuration Server, can't be reached any more."]
    assert not at(BACKUPS, site=False)["going"]


def test_once_the_primaries_are_stopped_nothing_holds_the_last_step_up():
    stopped = course.may_be_done(upgrade(), dict(at(SWITCH), outcomes={name: {"result": rolling.UPGRADED} for name in ("UCS_2", "UCS_4")}), "", T2)
    assert stopped["going"] and stopped["stopped"]
    last = course.at_step(upgrade(lost=["ucs2"]), stopped, PRIMARIES, T2)
    assert (last["careful"], last["looks"], last["asked"]) == (False, {}, [])
    assert course.may_be_done(upgrade(lost=["ucs2"]), last, "the lock is gone", T2)["going"]


# --- what came of a step ------------------------------------------------------------------------------------------------


def marks(now, stage, failure=None, second=None, attempt=None):
    """Return the variables of a host that got so far; failure: the stage in which something failed."""
    attempt = attempt or now["attempt"]
    found: dict[str, Any] = {MARK: {"attempt": attempt, "stage": stage, "at": T2}} if stage else {}
    if failure:
        found[FAILURE] = {"attempt": attempt, "stage": failure, "text": "Install: no space", "at": T1}
    if second:
        found[SECOND_FAILURE] = {"attempt": attempt, "stage": failure, "text": "Start: no", "at": T2}
    return found


@pytest.mark.parametrize(("stage", "failure", "second", "back", "came"), [
    (rolling.SERVING, None, False, False, ("upgraded", NEW, "")),
    (rolling.BROUGHT_BACK, rolling.BEGUN, False, False, ("unchanged", OLD, "Install: no space")),
    (rolling.BROUGHT_BACK, rolling.STOPPED, False, False, ("rolled back", OLD, "Install: no space")),
    (rolling.BROUGHT_BACK, rolling.CHANGED, False, False, ("rolled back", OLD, "Install: no space")),
    (rolling.BROUGHT_BACK, rolling.CHANGED, False, True, ("upgraded", NEW, "Install: no space")),
    (rolling.BROUGHT_BACK, rolling.STOPPED, False, True, ("rolled back", OLD, "Install: no space")),
    (rolling.STOPPED, rolling.STOPPED, True, False, ("down", None, "Install: no space Then, while it was brought back, Start: no")),
    (None, rolling.BEGUN, True, False, ("down", None, "Install: no space Then, while it was brought back, Start: no")),
    (rolling.CHANGED, None, False, False, None),
    (rolling.STOPPED, rolling.STOPPED, False, False, None),
])
def test_what_came_of_a_member(stage, failure, second, back, came):
    now = course.may_be_done(upgrade(), at(BACKUPS), "", T1)
    facts = {"ucs2": marks(now, stage, failure, second), "ucs4": marks(now, rolling.SERVING)}
    found = course.after_step(upgrade(facts=facts, back=back), now, T2)
    outcome = found["outcomes"].get("UCS_2")
    assert (outcome and (outcome["result"], outcome["version"], outcome["error"])) == came
    assert outcome is None or (outcome["began"], outcome["ended"]) == (T1, T2)
    assert found["outcomes"]["UCS_4"]["result"] == "upgraded"
    assert found["going"] is (came is not None and came[0] == "upgraded")
    assert [phase["name"] for phase in found["phases"]] == ["backups"]


def test_what_is_left_of_an_earlier_run_counts_for_nothing():
    now = course.may_be_done(upgrade(), at(BACKUPS), "", T1)
    facts = {host: marks(now, rolling.SERVING, attempt="backups (before)") for host in ("ucs2", "ucs4")}
    found = course.after_step(upgrade(facts=facts), now, T2)
    assert found["outcomes"] == {} and not found["going"]


def test_one_host_gives_the_commands_for_all_that_are_reached_in_the_same_way():
    now = at(BACKUPS)
    both = course.may_be_done(upgrade(), now, "", T1)["control"]
    assert both["leaders"] == {"ucs2": "ucs2", "ucs4": "ucs2"}
    assert {leader: [item["name"] for item in led] for leader, led in both["led"].items()} == {"ucs2": ["UCS_2", "UCS_4"]}
    # Another way, systemd, and a host that is lost: each has its own leader, or none.
    for other in ({"genesys_control_host": "x"}, {"genesys_control": "systemd"}, {"mlcmd_path": "/x"}):
        apart = course.may_be_done(upgrade(facts={"ucs4": other}), now, "", T1)["control"]
        assert apart["leaders"] == {"ucs2": "ucs2", "ucs4": "ucs4"} and len(apart["led"]["ucs2"]) == 1
    assert course.may_be_done(upgrade(lost=["ucs2"]), now, "", T1)["control"]["leaders"] == {"ucs4": "ucs4"}


def test_only_what_was_installed_in_this_step_is_started():
    now = course.may_be_done(upgrade(), at(BACKUPS), "", T1)
    ready = marks(now, rolling.CHANGED)
    assert course.to_start(upgrade(facts={"ucs2": ready, "ucs4": ready}), now)["leaders"] == {"ucs2": "ucs2", "ucs4": "ucs2"}
    others: tuple[dict[str, Any], ...] = (
        marks(now, rolling.CHANGED, failure=rolling.STOPPED), marks(now, rolling.STOPPED), marks(now, rolling.CHANGED, attempt="before"), {})
    for other in others:
        assert course.to_start(upgrade(facts={"ucs2": other, "ucs4": ready}), now)["leaders"] == {"ucs4": "ucs4"}


#: What application_control says of two servers, of which one has not stopped.
LATE: dict[str, Any] = {
    "failed": False, "msg": "Stopping gracefully failed: 'UCS_4' is SUSPENDING after 3 s. Wait.",
    "failure": {"message": "Stopping gracefully failed: 'UCS_4' is SUSPENDING after 3 s.", "cure": "Wait.", "applications": [
        {"name": "UCS_2", "done": True, "text": ""},
        {"name": "UCS_4", "done": False, "under_way": True, "text": "'UCS_4' is SUSPENDING after 3 s"},
        {"name": "UCS_6", "done": False, "under_way": False, "text": "'UCS_6' is RUNNING after 3 s"}]}}


@pytest.mark.parametrize(("found", "names", "words"), [
    ({"applications": [{"name": "UCS_2"}, {"name": "UCS_4"}]}, {"UCS_2"}, ""),
    (LATE, {"UCS_2"}, ""),
    (LATE, {"UCS_4"}, "Stopping gracefully failed: 'UCS_4' is SUSPENDING after 3 s. Wait."),
    (LATE, {"UCS_6"}, "Stopping gracefully failed: 'UCS_6' is RUNNING after 3 s. Wait."),
    ({"msg": "no mlcmd", "failure": {"message": "no mlcmd"}}, {"UCS_2"}, "no mlcmd"),
    ({"msg": "no mlcmd"}, {"UCS_2"}, "no mlcmd"),
    *((nothing, {"UCS_2"}, "Nobody has given the command: 'ucs2', which was to do that for several hosts, can't be reached any more.")
      for nothing in (None, {"skipped": True}, {"unreachable": True, "msg": "no route"})),
])
def test_each_host_takes_its_own_part_of_a_call_for_several(found, names, words):
    result = control.result_of(found, "ucs2", names)
    assert [item["name"] for item in result.get("applications", [])] == ([] if words else sorted(names))
    assert result.get("msg", "") == words
    assert control.stopped("contact_server", result) == ({"failed": True, "msg": words} if words else {"hard": False})


def test_only_a_chat_server_on_its_way_is_stopped_hard():
    assert control.stopped("chat_server", control.result_of(LATE, "x", {"UCS_4"})) == {"hard": True}
    assert control.stopped("chat_server", control.result_of(LATE, "x", {"UCS_6"}))["failed"]
    assert control.stopped("chat_server", control.result_of(LATE, "x", {"UCS_4", "UCS_6"}))["failed"]


def test_a_step_is_gathered_once():
    now = course.may_be_done(upgrade(), at(BACKUPS), "", T1)
    facts = {host: marks(now, rolling.SERVING) for host in ("ucs2", "ucs4")}
    once = course.after_step(upgrade(facts=facts), now, T2)
    assert course.after_step(upgrade(), once, T2) == once


def test_primaries_serve_again_unless_all_chat_servers_have_switched():
    now = dict(at(SWITCH), going=True, stopped=True, members_began=T1)
    connected = {f"chat{number}": {LOOK: dict(SEEN, connections=[{"application": f"Chat_{number}", "member": "backup", "text": ""}])}
                 for number in (1, 2, 3, 4)}
    done = course.after_step(upgrade(facts=connected), now, T2)
    assert (done["going"], done["takes_back"], done["problems"]) == (True, False, [])
    alone = {LOOK: dict(SEEN, connections=[{"application": "Chat_2", "member": "none", "text": "No."}])}
    stuck = course.after_step(upgrade(facts={**connected, "chat2": alone}), now, T2)
    assert (stuck["going"], stuck["takes_back"]) == (False, True)
    assert stuck["problems"] == ["Chat Server 'Chat_2' on chat2 has not switched to 'UCS_2'. No."]
    failed = course.after_step(upgrade(facts={**connected, "ucs1": marks(now, None, rolling.BEGUN)}), now, T2)
    assert (failed["takes_back"], failed["problems"]) == (True, ["Install: no space"])
    end = course.in_the_end(upgrade(facts={"ucs1": marks(now, None, rolling.BEGUN, second=True)}), stuck)
    assert {name: outcome["result"] for name, outcome in end["outcomes"].items()} == {"UCS_1": "down"}


@pytest.mark.parametrize(("role", "stage", "back", "cure"), [
    ("contact_server", rolling.BEGUN, False, {"stops": "", "files": False}),
    ("contact_server", rolling.STOPPED, False, {"stops": "stopped", "files": True}),
    ("contact_server", rolling.CHANGED, True, {"stops": "stopped", "files": False}),
    ("chat_server", rolling.CHANGED, False, {"stops": "stopped_gracefully", "files": True}),
])
def test_how_a_member_is_brought_back(role, stage, back, cure):
    assert rolling.to_bring_back(role, stage, back) == cure


# --- the beginning ------------------------------------------------------------------------------------------------------


def begins(locked, ended_owner=None, **changes):
    first = course.to_begin_with(upgrade())
    packages = {f"ucs{number}": {"package_result": {"results": [
        {"item": {"name": f"UCS_{number}"}, "before": {"version": OLD, "complete": True}, "installed": {"version": NEW, "complete": True}}]}}
        for number in (1, 2, 3, 4)}
    facts = {host: {**packages.get(host, {}), LOOK: dict(SEEN, connections=[{"application": host.title().replace("t", "t_"), "member": "primary"}])}
             for host in EVERYBODY}
    return course.judgement_of(upgrade(facts=facts, **changes), first, locked, ended_owner)


def test_what_the_lock_tells_at_the_beginning():
    assert (begins({})["problems"], begins({})["continued"], begins({})["target"]) == ([], False, NEW)
    down = up({"UCS_1": "STOPPED"})
    assert "All members must run" in begins({}, states=down)["problems"][0]
    for locked, ended_owner in (({"continued": True}, None), ({"failed": False, "msg": "held"}, "they")):
        found = begins(locked, ended_owner, states=down)
        assert (found["problems"], found["continued"], found["ended_owner"]) == ([], True, ended_owner or "")
    # As it is registered: a look at the lock does not fail its task.
    assert begins({"failed": False, "msg": "they hold it", "failure": {}})["problems"] == ["they hold it"]
    assert begins({"skipped": True})["problems"] == []
    # Going back is another upgrade than the one that was begun.
    assert begins({"previous": {"owner": "they"}, "continued": False}, states=down)["problems"]
    back = begins({"previous": {"owner": "they"}, "continued": False}, states=down, back=True)
    assert back["continued"] is False and not any("All members must run" in problem for problem in back["problems"])


def test_who_takes_part():
    hostvars: dict[str, Any] = {"a": {"genesys_host": "A"}, "b": {"genesys_host": " "}, "c": {"genesys_configuration_host": "other"}, "d": {}}
    assert belonging(["a", "b", "c", "d"], hostvars, "site", "site") == {"a": "A", "b": "b", "d": "d"}
    assert belonging(["a", "c"], hostvars, "other", "site") == {"c": "c"}


@pytest.mark.parametrize(("changes", "words"), [
    ({}, ""),
    ({"in_play": ["a"]}, "'site', which stands for the Configuration Server, is not part of this run."),
    ({"of_others": ["x", "y"]}, "One site is upgraded at a time, and these hosts belong to another configuration host than 'site': x, y."),
    ({"back": True, "version": ""}, "Say to which version"),
    ({"back": True, "version": OLD}, "-e upgrade_data_compatible=true"),
    ({"back": True, "version": OLD, "data_compatible": True}, ""),
])
def test_what_is_refused_before_anything_is_looked_at(changes, words):
    given = {"in_play": ["site", "a"], "of_others": [], "back": False, "version": "", "data_compatible": False, **changes}
    told = refusal("site", given["in_play"], given["of_others"], given)
    assert words in told and (not told or told.endswith("Nothing was changed.")) and bool(told) is bool(words)


def test_what_the_lock_is_about():
    same = {"role": "contact_server", "back": False, "confserv": "c:2020"}
    assert lock_id(same, NEW) == f"contact_server {NEW} at c:2020"
    assert lock_id(dict(same, back=True), OLD) == f"contact_server back to {OLD} at c:2020"
    assert lock_id(same, "") == ""
