# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a rolling upgrade makes of what its hosts have seen. That no Chat Server is left alone whatever fails is in test_rolling_faults.py."""

from __future__ import annotations

import copy

import pytest
from unit.chat.test_upgrade_plan import cluster
from unit.chat.test_upgrade_plan import plan as planned

from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.upgrade import rolling

OLD, NEW = "9.1.000.12", "9.1.001.07"
MEMBERS = ("UCS_1", "UCS_2", "UCS_3", "UCS_4")
CHAT_SERVERS = ("Chat_1", "Chat_2", "Chat_3", "Chat_4")
PLAN, _WARNINGS = planned(cluster())
CHAT_PLAN, _CHAT_WARNINGS = planned(cluster(1, 3), role="chat_server")
BACKUPS, SWITCH, PRIMARIES = PLAN["steps"]


def installation(version, complete=True, build="1", nickname="eSContSrv"):
    return {"nickname": nickname, "version": version, "build": build, "complete": complete}


def package(name, before=OLD, after=NEW, complete=True, **more):
    return {"item": {"name": name}, "before": installation(before, complete), "installed": dict(installation(after), **more)}


def look(names=MEMBERS, chat_servers=CHAT_SERVERS, **changes):
    """Return what all hosts have seen together, as one look; a change is by name: a package, a status, or a connection."""
    found = {
        "packages": [changes.get("package_" + name, package(name)) for name in names],
        "states": [{"name": name, "status": changes.get("status_" + name, "RUNNING")} for name in (*names, *chat_servers)],
        "connections": [{"item": {"name": name}, **changes.get("connection_" + name, connection("primary", number))}
                        for number, name in enumerate(chat_servers)],
        "ports": changes.get("ports", {"ports": [port(name) for name in names]}),
    }
    return dict(found, **{key: value for key, value in changes.items() if key == "complaints"})


def connection(member, number=0, **more):
    primary = "UCS_1" if number < 2 else "UCS_3"
    connected = {"primary": primary, "backup": "UCS_%d" % (int(primary[-1]) + 1)}.get(member)
    return dict({"member": member, "connected_to": connected, "text": "seen: %s" % member, "until": "2026-04-01T12:00:00.000", "reconnects": 0}, **more)


def port(name, **more):
    """Return a port that answers."""
    return dict({"name": name, "id": "default", "address": "192.0.2.1", "port": 7100, "listening": True}, **more)


def silent(*names, **more):
    """Return what port_status_info has registered where some do not answer; another one of each server does."""
    ports = [port(name, **{"listening": False, **more}) for name in names]
    return {"failed": True, "failure": {"ports": [*ports, *(port(name, id="x", port=1) for name in MEMBERS)]}}


def judged(plan=None, lost=(), continued=False, back=False, **changes):
    return rolling.judge(plan or PLAN, [look(**changes)], list(lost), continued, back)


# --- may it begin -------------------------------------------------------------------------------------------------------


def test_all_is_well_and_all_is_to_be_done():
    found = judged()
    assert (found["problems"], found["warnings"], found["target"], found["todo"]) == ([], [], NEW, True)
    assert found["steps"] == PLAN["steps"]
    assert found["members"]["UCS_2"] == {"host": "ucs2", "place": "backup", "status": "RUNNING", "before": OLD, "target": NEW, "install": True, "work": True}
    assert found["chat_servers"]["Chat_3"] == {"member": "primary", "connected_to": "UCS_3", "until": "2026-04-01T12:00:00.000", "runs": True}
    assert found["order"] == [
        "1. Backups: 'UCS_2' on ucs2 (%s -> %s), 'UCS_4' on ucs4 (%s -> %s)." % (OLD, NEW, OLD, NEW),
        "2. Stop 'UCS_1', 'UCS_3' together, once 'UCS_2', 'UCS_4' run the new version and answer; their Chat Servers switch.",
        "3. Primaries: 'UCS_1' on ucs1 (%s -> %s), 'UCS_3' on ucs3 (%s -> %s)." % (OLD, NEW, OLD, NEW)]


def test_nothing_is_to_be_done():
    found = judged(**{"package_" + name: package(name, NEW) for name in MEMBERS})
    assert (found["problems"], found["todo"], found["steps"], found["target"]) == ([], False, [], NEW)
    assert found["order"] == ["Nothing: every member runs the wanted version."]
    assert not any(member["work"] or member["install"] for member in found["members"].values())


def test_who_is_done_is_left_alone():
    found = judged(package_UCS_1=package("UCS_1", NEW), package_UCS_2=package("UCS_2", NEW))
    assert [(step["kind"], step["members"]) for step in found["steps"]] == [("members", ["UCS_4"]), ("switch", ["UCS_3"]), ("members", ["UCS_3"])]
    # A step without its members is no step; what it relies on stays as planned.
    found = judged(**{"package_" + name: package(name, NEW) for name in ("UCS_2", "UCS_4")})
    assert [(step["kind"], step["relies_on"]) for step in found["steps"]] == [("switch", ["UCS_2", "UCS_4"]), ("members", ["UCS_2", "UCS_4"])]


@pytest.mark.parametrize("before", [
    package("UCS_2", NEW, complete=False), package("UCS_2", NEW, build="2"), package("UCS_2", NEW, nickname="eSContSrvX"),
], ids=["cut_short", "another_build", "another_product"])
def test_the_same_version_is_not_always_the_same(before):
    found = judged(package_UCS_2=before, **{"package_" + name: package(name, NEW) for name in ("UCS_1", "UCS_3", "UCS_4")})
    assert [(step["kind"], step["members"]) for step in found["steps"]] == [("members", ["UCS_2"])]


def test_what_was_there_before_a_cut_installation_is_not_known():
    found = judged(package_UCS_2=package("UCS_2", NEW, complete=False))
    assert found["members"]["UCS_2"]["before"] is None
    assert "'UCS_2' on ucs2 (cut short -> %s)" % NEW in found["order"][0]


@pytest.mark.parametrize("place", [0, 1])
def test_different_packages_are_refused(place):
    name = MEMBERS[place]
    others = ", ".join("'%s'" % other for other in MEMBERS if other != name)
    found = judged(**{"package_" + name: package(name, after="9.1.002.01")})
    assert found["problems"] == ["The packages on the hosts are of different versions (%s for %s; 9.1.002.01 for '%s'); all members must get the same one."
                                 % (NEW, others, name)]
    back = judged(back=True, **{"package_" + name: package(name, after="9.1.002.01")})
    assert back["problems"][0].startswith("The backups on the hosts are of different versions (")


def test_a_package_that_nobody_has_seen():
    found = judged(package_UCS_3={"item": {"name": "UCS_3"}, "msg": "failed"})
    assert found["problems"] == ["It is not known which version 'UCS_3' would get."]
    found = rolling.judge(PLAN, [], [], False)
    assert "It is not known which version 'UCS_1', 'UCS_2', 'UCS_3', 'UCS_4' would get." in found["problems"]


@pytest.mark.parametrize("status", ["STOPPED", "UNKNOWN", "PENDING", "INITIALIZING", "SERVICE_UNAVAILABLE", "SUSPENDED"])
@pytest.mark.parametrize("name", ["UCS_1", "UCS_2"])
def test_a_member_that_does_not_run(name, status):
    found = judged(**{"status_" + name: status})
    assert found["problems"] == ["'%s' on %s is %s. All members must run before an upgrade begins; start it, and see that it stays up."
                                 % (name, name.replace("UCS_", "ucs"), status)]
    later = judged(continued=True, **{"status_" + name: status})
    assert (later["problems"], later["warnings"]) == ([], [])


def test_a_member_whose_state_nobody_knows():
    seen = look()
    seen["states"] = [item for item in seen["states"] if item["name"] != "UCS_4"]
    assert rolling.judge(PLAN, [seen], [], False)["problems"][0].startswith("'UCS_4' on ucs4 is UNKNOWN.")


def test_a_pair_that_is_down_is_told_when_it_goes_on():
    found = judged(continued=True, status_UCS_3="STOPPED", status_UCS_4="UNKNOWN")
    assert found["problems"] == []
    assert found["warnings"] == ["Neither 'UCS_3' nor 'UCS_4' runs: their Chat Servers (Chat_3, Chat_4) have no UCS now."]


def test_who_only_has_to_be_started_is_not_stopped_before():
    """A primary with the new version that does not run: its step is there, and it is not among those that are stopped."""
    changes = {"package_" + name: package(name, NEW) for name in ("UCS_1", "UCS_2", "UCS_4")}
    found = judged(continued=True, status_UCS_1="STOPPED", **changes)
    assert [(step["kind"], step["members"]) for step in found["steps"]] == [
        ("members", ["UCS_1"]), ("switch", ["UCS_3"]), ("members", ["UCS_3"])]
    assert "'UCS_1' on ucs1 (start)" in found["order"][0]


@pytest.mark.parametrize("status", ["UNKNOWN", "PENDING", "INITIALIZING", "SERVICE_UNAVAILABLE"])
def test_who_may_run_is_stopped_only_with_the_others(status):
    """So that the gate looks at its backup first."""
    changes = {"package_" + name: package(name, NEW) for name in MEMBERS}
    found = judged(continued=True, status_UCS_1=status, **changes)
    assert [(step["kind"], step["members"]) for step in found["steps"]] == [("switch", ["UCS_1"]), ("members", ["UCS_1"])]


@pytest.mark.parametrize("member", ["none", "unknown", "both"])
def test_a_chat_server_that_is_connected_to_nobody(member):
    changes = {"connection_Chat_2": connection(member, connected_to=None)}
    assert judged(**changes)["problems"] == ["Chat Server 'Chat_2' on chat2 must be connected to a UCS of its pair. seen: %s" % member]
    assert judged(continued=True, **changes)["problems"] == []


def test_a_chat_server_of_which_nothing_is_known():
    assert judged(connection_Chat_2={"msg": "no log"})["problems"] == ["Chat Server 'Chat_2' on chat2 must be connected to a UCS of its pair. no log"]
    seen = look()
    seen["connections"] = seen["connections"][1:]
    assert rolling.judge(PLAN, [seen], [], False)["problems"] == [
        "Chat Server 'Chat_1' on chat1 must be connected to a UCS of its pair. Nothing is known of its connections."]


def test_a_chat_server_on_a_backup_is_told():
    found = judged(connection_Chat_2=connection("backup"))
    assert found["problems"] == []
    assert found["warnings"] == ["Chat Server 'Chat_2' is connected to 'UCS_2', a backup, as after an earlier upgrade: it will reconnect once more than "
                                 "the others."]


def test_a_stopped_chat_server_has_no_chats():
    found = judged(status_Chat_2="STOPPED", connection_Chat_2=connection("none", connected_to=None))
    assert found["problems"] == []
    assert found["warnings"] == ["Chat Server 'Chat_2' is stopped, so it has no chats; it is left alone."]
    assert not found["chat_servers"]["Chat_2"]["runs"]


def test_a_running_server_that_does_not_answer():
    ports = silent("UCS_3", "Chat_1")
    found = judged(ports=ports)
    assert found["problems"] == ["'UCS_3' runs, and its port 'default' (192.0.2.1:7100) does not answer.",
                                 "'Chat_1' runs, and its port 'default' (192.0.2.1:7100) does not answer."]
    # Several hosts try the same port; of those that are stopped nobody expects an answer.
    twice = rolling.judge(PLAN, [look(ports=ports), {"ports": ports}], [], False)
    assert twice["problems"] == found["problems"]
    stopped = judged(ports=ports, continued=True, status_UCS_3="STOPPED", status_Chat_1="STOPPED")
    assert stopped["problems"] == []


def test_lost_hosts_and_complaints_are_problems():
    assert judged(lost=["ucs9"], complaints=["Ask for the states: no answer"])["problems"] == [
        "Host 'ucs9' can't be reached.", "Ask for the states: no answer"]
    assert judged(lost=["ucs9"], continued=True)["problems"] == ["Host 'ucs9' can't be reached."]


def test_everything_is_told_at_once():
    found = judged(status_UCS_1="STOPPED", package_UCS_3=package("UCS_3", after="9.2"), ports=silent("UCS_4"), lost=["chat1"],
                   connection_Chat_1={"msg": "gone"})
    assert [problem.split(" ")[0] for problem in found["problems"]] == ["Host", "The", "'UCS_1'", "Chat", "'UCS_4'"]


def test_looks_of_many_hosts_are_one():
    parts = []
    for name in (*MEMBERS, *CHAT_SERVERS):
        whole = look()
        parts.append({"packages": [item for item in whole["packages"] if item["item"]["name"] == name], "ports": {"skipped": True},
                      "connections": [item for item in whole["connections"] if item["item"]["name"] == name]})
    parts.append({"states": look()["states"]})
    assert rolling.judge(PLAN, parts, [], False) == judged()
    assert rolling.combined_looks([{}, {"ports": None, "packages": None, "states": None, "connections": None, "complaints": None}]) == {
        "packages": {}, "states": {}, "connections": {}, "installed": {}, "silent": [], "answering": [], "complaints": []}


def test_the_plan_is_not_changed():
    before = copy.deepcopy(PLAN)
    judged(package_UCS_2=package("UCS_2", NEW))
    assert before == PLAN


def chat_look(**changes):
    return look(("Chat_1", "Chat_2", "Chat_3"), (), **changes)


def test_chat_servers_that_are_down_come_first():
    seen = chat_look(status_Chat_2="STOPPED", package_Chat_2=package("Chat_2", NEW))
    found = rolling.judge(CHAT_PLAN, [seen], [], True)
    assert [step["members"] for step in found["steps"]] == [["Chat_2"], ["Chat_1"], ["Chat_3"]]
    assert found["order"][0] == "1. Chat Server Chat_2: 'Chat_2' on chat2 (start)."
    assert (found["problems"], found["chat_servers"]) == ([], {})


# --- may a step be done -------------------------------------------------------------------------------------------------


def held_up(step, outcomes=None, lost=(), judgement=None, plan=None, **changes):
    return rolling.gate(plan or PLAN, judgement or judged(), step, [look(**changes)], list(lost), outcomes or {})


def test_that_nobody_has_tried_the_ports_holds_up():
    untried = {"ports": [port(name) for name in MEMBERS if name != "UCS_1"]}
    assert held_up(BACKUPS, ports=untried) == ["'UCS_1' on ucs1 must serve meanwhile, and no host could try its ports."]


def upgraded(*names):
    return {name: {"result": rolling.UPGRADED, "version": NEW, "error": ""} for name in names}


def test_a_step_that_may_be_done():
    assert held_up(BACKUPS) == []
    assert held_up(SWITCH, upgraded("UCS_2", "UCS_4")) == []
    assert held_up(PRIMARIES, upgraded("UCS_2", "UCS_4"), status_UCS_1="STOPPED", status_UCS_3="STOPPED") == []


@pytest.mark.parametrize("status", ["STOPPED", "UNKNOWN", "PENDING", "SERVICE_UNAVAILABLE"])
def test_what_is_relied_on_must_run(status):
    assert held_up(BACKUPS, status_UCS_3=status) == ["'UCS_3' on ucs3 must serve meanwhile, and is %s." % status]
    assert held_up(SWITCH, upgraded("UCS_2", "UCS_4"), status_UCS_2=status) == ["'UCS_2' on ucs2 must serve meanwhile, and is %s." % status]


def test_what_is_relied_on_must_answer():
    assert held_up(BACKUPS, ports=silent("UCS_3")) == ["'UCS_3' must serve meanwhile, and its port 'default' (192.0.2.1:7100) does not answer."]
    assert held_up(BACKUPS, ports=silent("UCS_4")) == [], "nobody relies on it"


def test_what_is_relied_on_must_be_reached():
    assert held_up(BACKUPS, lost=["ucs3"]) == ["'UCS_3' must serve meanwhile, and its host ucs3 can't be reached any more."]
    assert held_up(BACKUPS, lost=["ucs4", "chat1"]) == []


def test_what_nobody_has_seen_does_not_run():
    assert rolling.gate(PLAN, judged(), SWITCH, [], [], upgraded("UCS_2", "UCS_4")) == [
        "'UCS_2' on ucs2 must serve meanwhile, and is UNKNOWN.", "'UCS_4' on ucs4 must serve meanwhile, and is UNKNOWN."]


@pytest.mark.parametrize("result", [rolling.ROLLED_BACK, rolling.UNCHANGED, rolling.BROKEN, None])
def test_no_primary_is_stopped_before_its_backup_has_the_new_version(result):
    outcomes = upgraded("UCS_2", "UCS_4")
    outcomes.update({"UCS_4": {"result": result}} if result else {})
    if not result:
        del outcomes["UCS_4"]
    assert held_up(SWITCH, outcomes) == ["'UCS_4' must run %s before its primary is stopped." % NEW]


def test_a_backup_that_had_the_new_version_before():
    judgement = judged(package_UCS_4=package("UCS_4", NEW))
    assert held_up(SWITCH, upgraded("UCS_2"), judgement=judgement) == []


def test_the_partner_of_one_that_does_not_run_does_not_matter():
    """Nothing is taken from anybody when it is changed, and it must not be kept from coming back."""
    assert held_up(BACKUPS, status_UCS_2="STOPPED", status_UCS_1="STOPPED") == []
    assert held_up(SWITCH, upgraded("UCS_2"), status_UCS_3="STOPPED", status_UCS_4="UNKNOWN") == []
    assert held_up(PRIMARIES, status_UCS_1="STOPPED", status_UCS_3="STOPPED", status_UCS_2="STOPPED", lost=["ucs4"]) == []


@pytest.mark.parametrize("status", ["UNKNOWN", "PENDING", "INITIALIZING", "SERVICE_UNAVAILABLE"])
def test_one_that_may_run_counts_as_running(status):
    assert held_up(BACKUPS, status_UCS_2=status, status_UCS_1="STOPPED") == ["'UCS_1' on ucs1 must serve meanwhile, and is STOPPED."]


def test_a_switch_that_nobody_could_see():
    done = upgraded("UCS_2", "UCS_4")
    words = ["Host chat3 can't be reached any more, so nobody could see whether Chat Server 'Chat_3' switches."]
    assert held_up(SWITCH, done, lost=["chat3"]) == words
    assert held_up(PRIMARIES, done, lost=["chat3"], status_UCS_1="STOPPED", status_UCS_3="STOPPED") == []
    stopped = judged(status_Chat_3="STOPPED")
    assert held_up(SWITCH, done, lost=["chat3"], judgement=stopped, status_Chat_3="STOPPED") == [], "it has no chats"
    assert held_up(SWITCH, done, judgement=stopped) == [
        "Chat Server 'Chat_3' on chat3 was started meanwhile; begin again, so that it is watched, too."]


def test_complaints_hold_up():
    assert held_up(BACKUPS, complaints=["Ask Solution Control Server: no answer"]) == ["Ask Solution Control Server: no answer"]


def test_all_other_chat_servers_must_serve():
    seen = chat_look(status_Chat_3="STOPPED")
    judgement = rolling.judge(CHAT_PLAN, [seen], [], True)
    first, second, third = CHAT_PLAN["steps"]
    words = ["'Chat_3' on chat3 must serve meanwhile, and is STOPPED."]
    assert [rolling.gate(CHAT_PLAN, judgement, step, [seen], [], {}) for step in (first, second, third)] == [words, words, []]


# --- what came of it ----------------------------------------------------------------------------------------------------


def test_ports_that_could_not_be_tried_hold_up():
    found = rolling.combined_looks([{"ports": {"msg": "No\n interpreter", "failed": False}}])
    assert found["complaints"] == ["The ports could not be tried: No interpreter"]


def test_a_ucs_that_is_down_while_its_partner_serves_is_brought_up_first():
    """As after a kill between the stop of the primaries and their upgrade, also on the way back."""
    for back in (False, True):
        found = rolling.judge(PLAN, [look(status_UCS_1="STOPPED", status_UCS_3="STOPPED")], [], continued=True, back=back)
        assert found["steps"][0] == {"name": "members that do not run", "kind": "members", "members": ["UCS_1", "UCS_3"], "relies_on": ["UCS_2", "UCS_4"]}
        assert [step["members"] for step in found["steps"][1:]] == [["UCS_2", "UCS_4"]]


def test_the_plans_warnings_are_kept():
    assert rolling.judge(dict(PLAN, warnings=["Beware."]), [look()], [], False)["warnings"] == ["Beware."]


def test_a_step_that_was_done():
    assert rolling.collected(BACKUPS, upgraded("UCS_2", "UCS_4"), [], PLAN) == []
    assert rolling.collected(BACKUPS, upgraded("UCS_2", "UCS_4"), ["ucs1", "chat1"], PLAN) == []


@pytest.mark.parametrize(("outcome", "after"), [
    ({"result": rolling.ROLLED_BACK, "version": OLD}, "It was brought back, and runs %s again." % OLD),
    ({"result": rolling.UNCHANGED, "version": OLD}, "It still runs %s." % OLD),
    ({"result": rolling.ROLLED_BACK, "version": None}, "It was brought back, and runs what it had before again."),
    ({"result": rolling.BROKEN, "version": None}, "It could not be seen to run again; look after it at once."),
])
def test_a_mishap(outcome, after):
    outcomes = dict(upgraded("UCS_2"), UCS_4=dict(outcome, error="Install: no space left."))
    assert rolling.collected(BACKUPS, outcomes, [], PLAN) == ["'UCS_4' on ucs4: Install: no space left. " + after]


def test_a_host_that_went_away():
    words = ["Host ucs4 can't be reached any more; the state of 'UCS_4' is not known."]
    assert rolling.collected(BACKUPS, upgraded("UCS_2", "UCS_4"), ["ucs4"], PLAN) == words
    assert rolling.collected(BACKUPS, upgraded("UCS_2"), [], PLAN) == words


def test_the_chat_servers_have_switched():
    seen = {"connections": [{"item": {"name": name}, **connection("backup", number)} for number, name in enumerate(CHAT_SERVERS)]}
    assert rolling.switched(PLAN, judged(), SWITCH, [seen], []) == []
    only = dict(SWITCH, members=["UCS_1"])
    seen = {"connections": seen["connections"][:2]}
    assert rolling.switched(PLAN, judged(), only, [seen], []) == [], "the others were left where they are"


@pytest.mark.parametrize("member", ["primary", "none", "unknown", "both"])
def test_a_chat_server_that_has_not_switched(member):
    seen = {"connections": [{"item": {"name": name}, **connection("backup", number)} for number, name in enumerate(CHAT_SERVERS)]}
    seen["connections"][2].update(connection(member))
    assert rolling.switched(PLAN, judged(), SWITCH, [seen], []) == ["Chat Server 'Chat_3' on chat3 has not switched to 'UCS_4'. seen: %s" % member]
    assert rolling.switched(PLAN, judged(status_Chat_3="STOPPED"), SWITCH, [seen], []) == [], "it has no chats"


def test_a_chat_server_that_nobody_could_see_switch():
    seen = {"connections": [{"item": {"name": name}, **connection("backup", number)} for number, name in enumerate(CHAT_SERVERS)]}
    found = rolling.switched(PLAN, judged(), SWITCH, [seen], ["chat1"])
    assert found == ["Chat Server 'Chat_1' on chat1 has not switched to 'UCS_2'. seen: backup"]
    gone = {"connections": seen["connections"][1:], "complaints": ["Wait: timed out"]}
    assert rolling.switched(PLAN, judged(), SWITCH, [gone], ["chat1"]) == [
        "Wait: timed out", "Chat Server 'Chat_1' on chat1 has not switched to 'UCS_2'. Its host can't be reached any more."]


@pytest.mark.parametrize(("result", "text"), [
    ({"msg": "no space\n left "}, "no space left"),
    ({}, "no message"),
    ({"msg": ""}, "no message"),
    ({"msg": "One or more items failed", "results": [{"failed": False, "msg": "fine"}, {"failed": True, "msg": "UCS_2: no"}, {"failed": True}]},
     "UCS_2: no no message"),
    ({"msg": "All items failed", "results": [{"failed": True, "msg": "same"}, {"failed": True, "msg": "same"}]}, "same"),
    ({"msg": "odd", "results": ["x", None]}, "odd"),
    ({"msg": "empty", "results": []}, "empty"),
    ({"msg": ["a", "b"]}, "['a', 'b']"),
])
def test_what_a_failed_task_says(result, text):
    assert rolling.error_of(result) == text


def test_the_outcome_of_members():
    judgement = judged(package_UCS_4=package("UCS_4", NEW, complete=False))
    members = [item for item in PLAN["members"] if item["name"] in ("UCS_2", "UCS_4")]
    for result, versions in (
        (rolling.UPGRADED, (NEW, NEW)), (rolling.ROLLED_BACK, (OLD, None)), (rolling.UNCHANGED, (OLD, None)), (rolling.BROKEN, (None, None)),
    ):
        found = rolling.outcome_of(members, judgement, result, "a", "b", "c")
        assert [found[name]["version"] for name in ("UCS_2", "UCS_4")] == list(versions)
        assert found["UCS_2"] == {"result": result, "version": versions[0], "error": "c", "began": "a", "ended": "b"}


@pytest.mark.parametrize(
    ("result", "hard"),
    [
        ({"failure": {"applications": [{"done": False, "under_way": True}, {"done": True, "under_way": False}]}}, True),
        ({"failure": {"applications": [{"done": False, "under_way": True}, {"done": False, "under_way": False}]}}, False),
        ({"failure": {"applications": [{"done": True, "under_way": False}]}}, False),
        ({"failure": {"message": "mlcmd reported no application.", "output": ["unknown command"]}}, False),
        ({"failure": {}, "msg": "Control of applications failed"}, False),
        ({"unreachable": True, "msg": "Failed to connect to the host via ssh"}, False),
        ({"module_stderr": "killed", "rc": 137, "msg": "MODULE FAILURE"}, False),
    ],
)
def test_who_may_be_stopped_with_sessions(result, hard):
    assert rolling.may_stop_hard("chat_server", result) is hard
