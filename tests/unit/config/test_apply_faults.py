# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every call of a run fails once in every way: the run completes or says what it wrote, and running again finishes it."""

from __future__ import annotations

import contextlib
import itertools
import re
from types import SimpleNamespace

import pytest
from unit.config.fake_gateway import Gateway, Killed, application, connection, context_of, description, option_list, plan_solution, world

from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.parts.chat_servers import chat_server_app
from ansible_collections.genesys_engage.chat.plugins.module_utils._config import apply as apply_module
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.apply import apply
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.desired import Desired
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.directory import Directory
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.errors import ApplyFailed
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.plan import Plan, make_plan

FAULTS = [*Gateway.FAULTS, "down from here"]


@pytest.fixture(autouse=True)
def waits(monkeypatch):
    """Nobody waits here."""
    noted: list[float] = []
    monkeypatch.setattr(apply_module, "time", SimpleNamespace(sleep=noted.append))
    return noted


def carry_out(planned: tuple[Plan, Directory]) -> None:
    plan, directory = planned
    apply(plan, directory, False)


# --- what is run: (how to make the world, how to plan in it) --------------------------------------------------------------


def new_solution(gateway):
    return plan_solution(gateway, description(1))


def copying_world():
    return world(copies_template_options=True)


def changed_world():
    """A solution that is there already."""
    gateway = world()
    carry_out(plan_solution(gateway, description(1)))
    return gateway


def changed_solution(gateway):
    content = description(2)
    content["contact_servers"]["defaults"]["options"] = {"log": {"verbose": "all"}}
    content["chat_server_defaults"]["options"] = {"settings": {"limit-for-sessions": "2000"}}
    content["chat_server_defaults"]["ports"]["health"] = 4583
    return plan_solution(gateway, content)


def one_chat_server(gateway):
    """One object by name: nothing is listed whole."""
    content = {"name": "ChatServer_9", "state": "present", "host": "chat1", "application_template": "Chat Server 8.5.3", "tenants": ["Environment"],
               "ports": {"default": 1, "webapi": 2, "ESP": 3}, "endpoints": {"default": "Chat_In"}, "interaction_servers": ["IXN_1"],
               "contact_server": "UCS_1", "folder": "Chat"}
    context = context_of(gateway, whole=False)
    return make_plan(context.directory, chat_server_app(context, content)), context.directory


def silent_world():
    return world(tells_dbids=False, copies_template_options=True)


def crowded_world():
    gateway = world()
    gateway.add("CfgApplication", 1, "S", **application())
    gateway.add("CfgApplication", 2, "C", **application(connections=[(1,)]))
    gateway.add("CfgApplication", 3, "Stays", **application(options={"a": {"x": "1", "y": "2"}}))
    return gateway


def removal(gateway):
    wanted = [Desired("CfgApplication", name, present=False) for name in ("S", "C")] + [Desired("CfgScript", "Other_In", "Environment", present=False)]
    changed = Desired("CfgApplication", "Stays")
    changed.forbid(("options", "a", "x"))
    changed.want("startup_timeout", 5)
    directory = Directory(gateway)
    return make_plan(directory, [*wanted, changed]), directory


RUNS = {
    "new solution": (world, new_solution),
    "server copies template options": (copying_world, new_solution),
    "server tells no DBIDs": (silent_world, new_solution),
    "changed solution": (changed_world, changed_solution),
    "one Chat Server": (changed_world, one_chat_server),
    "removal": (crowded_world, removal),
}


def undisturbed(make, plan):
    """Return (state in the end, number of the first call of applying, of the last)."""
    gateway = make()
    planned, directory = plan(gateway)
    first = len(gateway.calls) + 1
    apply(planned, directory, False)
    return gateway.state(), first, len(gateway.calls)


@pytest.mark.parametrize("fault", [None, "session renewed", "busy", "lost"])
@pytest.mark.parametrize("run", RUNS)
def test_nothing_comes_between_reading_and_writing(run, fault):
    """An object is replaced right after it was read, also after a fault: what comes between the two is a time in which an edit is lost."""
    make, plan = RUNS[run]
    _state, first, last = undisturbed(make, plan)
    for number in range(first, last + 1) if fault else [0]:
        gateway = make()
        planned, directory = plan(gateway)
        gateway.faults[number] = fault
        with contextlib.suppress(ApplyFailed):
            apply(planned, directory, False)
        for before, (verb, kind, name) in itertools.pairwise(gateway.calls[first - 2:]):
            if verb == "update":
                assert before == ("get", kind, int(gateway.named(kind, name)["dbid"])), "%s '%s' was written after %s" % (kind, name, before)


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("run", RUNS)
def test_a_fault_anywhere(run, fault):
    make, plan = RUNS[run]
    wanted, first, last = undisturbed(make, plan)
    assert last - first > 3
    outcomes = set()
    for number in range(first, last + 1):
        gateway = make()
        planned, directory = plan(gateway)
        before = len(gateway.effects)
        if fault == "down from here":
            gateway.down_from = number
        else:
            gateway.faults = {number: fault}
        place = "call %d, %s" % (number, (gateway.calls + [()])[number - 1] if number <= len(gateway.calls) else fault)
        try:
            written = apply(planned, directory, False)
        except ApplyFailed as error:
            outcomes.add("failed")
            check_message(str(error), gateway.effects[before:], place)
        except Killed:
            outcomes.add("killed")
        else:
            outcomes.add("completed")
            assert gateway.state() == wanted, place
            assert [(item["action"], item["type"], item["name"]) for item in written] == distinct(gateway.effects[before:]), place
        gateway.faults, gateway.down_from = {}, None
        gateway.state()  # finds duplicates
        carry_out(plan(gateway))
        assert gateway.state() == wanted, "running again finishes: %s" % place
        assert not plan(gateway)[0], "and then there is nothing left to do: %s" % place
    assert outcomes == EXPECTED[fault]


#: What may come of each kind of fault, over all calls; a single lost or busy write never fails a run.
EXPECTED = {
    "refused": {"failed"},
    "busy": {"completed", "failed"},
    "lost": {"completed", "failed"},
    "broken": {"failed"},
    "broken after": {"completed", "failed"},
    "session renewed": {"completed"},
    "killed": {"killed"},
    "killed after": {"killed"},
    "down from here": {"failed"},
}


def distinct(effects):
    """The writes without those that amend an object just created."""
    seen: list[tuple[str, str, str]] = []
    for verb, kind, name in effects:
        if (verb, kind, name) not in seen and not (verb == "update" and ("create", kind, name) in seen[-1:]):
            seen.append((verb, kind, name))
    return seen


def check_message(message, effects, place):
    """A sentence that names the write that failed, and every write that took effect."""
    after = re.fullmatch(r"everything was written, but could not be read back: .+\. Running again checks it\. Written: (.+)\.", message)
    match = re.fullmatch(r"(create|update|delete) ([a-z ]+) '([^']+)' failed: (.+)\. Written before: (.+)\. Running again continues from there\.", message)
    assert match or after, message
    verb, _word, name, reason, listed = match.groups() if match else (None, None, None, "", message)
    said = re.findall(r"(create|update|delete) (Cfg\w+) '([^']+)'", listed)
    assert listed == "nothing" or said, message
    doubtful = "may have been carried out" in reason
    for effect in distinct(effects):
        assert effect in said or (doubtful and effect[0] == verb and effect[2] == name), "%s: %s is not in: %s" % (place, effect, message)
    for item in said:
        assert item in effects, "%s: %s was not written: %s" % (place, item, message)


@pytest.mark.parametrize("fault", ["busy", "lost"])
def test_a_single_disturbed_write_does_not_fail_the_run(fault):
    for make, plan in RUNS.values():
        gateway = make()
        planned, directory = plan(gateway)
        first = len(gateway.calls) + 1
        apply(planned, directory, False)
        numbers = [number for number, call in enumerate(gateway.calls, 1) if number >= first and call[0] in ("create", "update", "delete")]
        assert numbers
        for number in numbers:
            gateway = make()
            planned, directory = plan(gateway)
            gateway.faults = {number: fault}
            apply(planned, directory, False)


@pytest.mark.parametrize("run", ["changed solution", "removal"])
def test_an_editor_anywhere_loses_nothing_but_in_the_declared_window(run):
    """Somebody else edits an object at every call: the edit stays, but for the one round trip between a read and its PUT."""
    make, plan = RUNS[run]
    _wanted, first, last = undisturbed(make, plan)
    name = {"changed solution": "ChatServer_1", "removal": "Stays"}[run]
    lost = []
    for number in range(first, last + 1):
        gateway = make()
        planned, directory = plan(gateway)
        gateway.edits = {number: lambda gateway: gateway.named("CfgApplication", name).update(
            shutdowntimeout="77", userproperties=option_list({"theirs": {"k": "v"}}))}
        apply(planned, directory, False)
        raw = gateway.named("CfgApplication", name)
        if (raw.get("shutdowntimeout"), raw["userproperties"]) != ("77", option_list({"theirs": {"k": "v"}})):
            lost.append(gateway.calls[number - 1])
    assert lost == [("update", "CfgApplication", name)]


def test_an_object_created_by_somebody_else_at_the_same_moment_is_not_doubled():
    """The create is refused, as names are unique; running again takes the object as it is."""
    gateway = world()
    planned, directory = new_solution(gateway)
    number = len(gateway.calls) + 1
    raw = dict(application("CFGContactServer", connections=()), type="CfgApplication", dbid="900", name="UCS_1")

    def theirs(gateway):
        gateway.objects["CfgApplication"][900] = dict(raw, appprototypedbid="121", hostdbid="303", version="9.1.000.12")

    gateway.edits = {number + 4: theirs}
    gateway.faults = {number + 4: "refused"}
    with pytest.raises(ApplyFailed, match="create application 'UCS_1' failed"):
        apply(planned, directory, False)
    carry_out(new_solution(gateway))
    assert gateway.named("CfgApplication", "UCS_1")["dbid"] == "900"
    assert connection(900)["appserverdbid"] in [entry["appserverdbid"] for entry in gateway.named("CfgApplication", "ChatServer_1")["appservers"]["conninfo"]]
