# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A rolling upgrade in a cluster where anything fails at any moment: no Chat Server is ever left without a UCS by the upgrade itself.

The cluster and the tasks of the role rolling_upgrade are models of a few lines; all decisions are the product's. What the model of the role
does in which order is that of roles/rolling_upgrade/tasks: main, step, members, switch, report.
"""

from __future__ import annotations

import functools
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from unittest import mock

from hypothesis import given
from hypothesis import strategies as st
from unit.chat.test_upgrade_plan import cluster, plan
from unit.fuzzing import examples

from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.upgrade import course, rolling
from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.upgrade import report as upgrade_report
from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.upgrade.hosts import FAILURE, LOOK, MARK, SECOND_FAILURE, Hosts

OLD, NEW = "9.1.000.12", "9.1.001.07"
TIME = "2026-04-01T12:00:00.000+00:00"
Steps = Iterator[None]

#: What can be done to a member, and how it can fail: the deed fails; its host loses its power; its host can't be reached any more.
DEEDS = ("stop", "install", "start", "stop again", "roll back", "start again")
FAILS, POWER, LINK = "fails", "power", "link"


class Failed(Exception):
    """A task has failed on a host: its block is rescued."""


class Lost(Exception):
    """A host can't be reached: nothing more happens there in this run."""


class Killed(Exception):
    """The controller was killed."""


@dataclass
class Member:
    """A UCS and its host."""

    name: str
    partner: str
    version: str = OLD
    complete: bool = True
    former: str | None = None
    runs: bool = True
    reached: bool = True


@dataclass
class Run:
    """What happens to one run of the playbook.

    faults: (member, deed) -> how it fails, once.  crashes: number of the gate -> members that end by themselves before it; they are
    repaired before the next run only by the upgrade.  mute: number of the gate -> members whose ports do not answer then.  stuck: Chat
    Servers that do not switch.  blind: members whose state is not known at the beginning.  killed: after so many events.
    """

    faults: dict[tuple[str, str], str] = field(default_factory=dict)
    crashes: dict[int, list[str]] = field(default_factory=dict)
    mute: dict[int, list[str]] = field(default_factory=dict)
    stuck: list[str] = field(default_factory=list)
    blind: list[str] = field(default_factory=list)
    killed: int | None = None


class World:
    """The cluster, with what must never happen to it."""

    def __init__(self, plan_: dict[str, Any]) -> None:
        self.plan = plan_
        self.members = {item["name"]: Member(item["name"], item["partner"]) for item in plan_["members"]}
        self.pairs = {item["name"]: (item["contact_servers"][0]["primary"]["name"], item["contact_servers"][0]["backup"]["name"])
                      for item in plan_["chat_servers"]}
        #: Chat Server -> the UCS to which it is connected, or None.
        self.connected: dict[str, str | None] = {name: pair[0] for name, pair in self.pairs.items()}
        self.locked = False
        #: Each time that a member was stopped on purpose while its partner did not run.
        self.violations: list[str] = []

    def stop(self, name: str, stuck: list[str]) -> None:
        """Stop a member on purpose."""
        if self.members[name].runs and not self.members[self.members[name].partner].runs:
            self.violations.append(f"{name} was stopped while {self.members[name].partner} did not run")
        self.end(name, stuck)

    def end(self, name: str, stuck: list[str]) -> None:
        """A member ends; its Chat Servers go to its partner if that runs."""
        self.members[name].runs = False
        for chat_server, server in self.connected.items():
            if server == name:
                partner = self.members[name].partner
                self.connected[chat_server] = partner if self.members[partner].runs and chat_server not in stuck else None

    def start(self, name: str) -> None:
        """A member starts; Chat Servers of its pair that have none come to it, also those that did not come to its partner."""
        self.members[name].runs = True
        for chat_server, pair in self.pairs.items():
            if name in pair and self.connected[chat_server] is None:
                self.connected[chat_server] = name

    def reconnect(self, stuck: list[str]) -> None:
        """Chat Servers try again all the time."""
        for chat_server, pair in self.pairs.items():
            if self.connected[chat_server] is None and chat_server not in stuck:
                self.connected[chat_server] = next((name for name in pair if self.members[name].runs), None)


class Playbook:
    """One run of the playbook, as the role does it: what its tasks do is modelled, what the action decides is the product's."""

    def __init__(self, world: World, run: Run, order: random.Random) -> None:
        self.world, self.run, self.order = world, run, order
        self.judgement: dict[str, Any] = {}
        self.course: course.Course = {}
        #: Variables of the hosts: what their tasks have registered.
        self.facts: dict[str, dict[str, Any]] = {host: {} for host in world.plan["hosts"]}
        self.states: dict[str, Any] = {}
        self.host_of = {item["name"]: item["host"] for item in world.plan["members"] + world.plan["chat_servers"]}
        self.member_on = {item["host"]: world.members[item["name"]] for item in world.plan["members"]}
        self.gates = self.events = 0
        self.report: dict[str, Any] | None = None

    @property
    def problems(self) -> list[str]:
        """What keeps the upgrade from going on."""
        found: list[str] = self.course.get("problems", [])
        return found

    def upgrade(self) -> course.Upgrade:
        """Return the upgrade as its action sees it now."""
        present = [host for host in self.facts if host not in self.member_on or self.member_on[host].reached]
        hosts = Hosts(self.facts, {host: host for host in self.facts}, present)
        return course.Upgrade(self.world.plan, self.judgement, hosts, ["site", *present], "site", self.states, False)

    # what the hosts see

    def look(self, looks: dict[str, Any], mute: Sequence[str] = (), blind: Sequence[str] = ()) -> None:
        """Let the hosts look that are to, as far as they can be reached; the configuration host sees the states."""
        members = self.world.members.values()
        states = [{"name": member.name, "status": "UNKNOWN" if not member.reached or member.name in blind else "RUNNING" if member.runs else "STOPPED"}
                  for member in members]
        states += [{"name": name, "status": "RUNNING"} for name in self.world.pairs]
        self.states = {"states": states, "ports": [], "connections": [], "installed": [], "complaints": []}
        for host, look in looks.items():
            member = self.member_on.get(host)
            if member is not None and not member.reached:
                continue
            serves = {one.name: one.runs and one.name not in mute for one in members}
            self.facts[host][LOOK] = {
                "states": [], "complaints": [], "connections": [self.connection(item["name"]) for item in look["chat_servers"]],
                # A cut link between hosts is no part of the model.
                "ports": [dict(port, listening=serves[port["name"]]) for port in look["ports"]],
                "installed": [{"name": member.name, "version": member.version, "complete": member.complete} for _item in look["installed"] if member],
            }

    def packages(self) -> None:
        """Let each member's host compare its package."""
        for host, member in self.member_on.items():
            before = {"nickname": "x", "version": member.version, "build": "1", "complete": member.complete}
            found = {"item": {"name": member.name}, "before": before, "installed": dict(before, version=NEW, complete=True)}
            self.facts[host]["package_result"] = {"results": [found] if member.reached else []}

    def connection(self, name: str) -> dict[str, Any]:
        """Return to whom a Chat Server is connected, as its host sees it."""
        pair, server = self.world.pairs[name], self.world.connected[name]
        return {"application": name, "connected_to": server, "until": TIME, "reconnects": 0, "text": "" if server else "Not connected.",
                "member": {pair[0]: "primary", pair[1]: "backup"}.get(server or "", "none")}

    # the role

    def play(self) -> None:
        """Do what the playbook does, to its end or to that of its controller."""
        continued = self.world.locked
        self.course = course.to_begin_with(self.upgrade())
        self.packages()
        self.look(self.course["looks"], blind=self.run.blind)
        self.judgement = course.judgement_of(self.upgrade(), self.course, {"continued": continued}, None)
        if self.judgement["problems"] or not (self.judgement["todo"] or continued):
            return
        self.world.locked = True
        self.course = course.begun(self.course, TIME)
        for step in self.judgement["steps"]:
            self.course = course.at_step(self.upgrade(), self.course, step, TIME)
            self.before()
            self.course = course.may_be_done(self.upgrade(), self.course, "", TIME)
            if self.course["going"]:
                self.switch() if step["kind"] == "switch" else self.side_by_side([self.member(name) for name in step["members"]])
            self.course = course.after_step(self.upgrade(), self.course, TIME)
        self.course = course.in_the_end(self.upgrade(), self.course)
        self.look(self.course["looks"])
        upgrade = self.upgrade()
        flow = {"began": TIME, "ended": TIME, "back": False, "command": "again", "phases": self.course["phases"], "problems": self.problems, "versions": {}}
        self.report = upgrade_report.report_data(self.world.plan, self.judgement, self.course["outcomes"], upgrade.looks(self.course), upgrade.lost, flow)
        self.world.locked = not self.report["complete"]

    def before(self) -> None:
        """Look at those that have to serve during a step."""
        if self.course["careful"]:
            self.gates += 1
            for name in self.run.crashes.get(self.gates, ()):
                self.world.end(name, [])
            self.look(self.course["looks"], self.run.mute.get(self.gates, []))

    def switch(self) -> None:
        """Stop the primaries, and see that the Chat Servers switch; let them serve again unless all do."""
        names = self.course["step"]["members"]
        self.side_by_side([self.stopping(name) for name in names])
        self.look(self.course["watches"])
        self.course = course.after_step(self.upgrade(), self.course, TIME)
        if self.course["takes_back"]:
            self.side_by_side([self.starting(name) for name in names])

    def stopping(self, name: str) -> Steps:
        try:
            yield from self.deed(name, "stop")
        except Failed as error:
            self.failed(name, FAILURE, str(error))

    def starting(self, name: str) -> Steps:
        try:
            yield from self.deed(name, "start again")
        except Failed as error:
            self.failed(name, SECOND_FAILURE, str(error))

    def member(self, name: str) -> Steps:
        try:
            yield from self.deed(name, "stop")
            self.mark(name, rolling.STOPPED)
            yield from self.deed(name, "install")
            self.mark(name, rolling.CHANGED)
            yield from self.deed(name, "start")
            self.mark(name, rolling.SERVING)
        except Failed as error:
            cure = self.failed(name, FAILURE, str(error))
            try:
                if cure["stops"]:
                    yield from self.deed(name, "stop again")
                if cure["files"]:
                    yield from self.deed(name, "roll back")
                yield from self.deed(name, "start again")
                self.mark(name, rolling.BROUGHT_BACK)
            except Failed as worse:
                self.failed(name, SECOND_FAILURE, str(worse))

    def mark(self, name: str, stage: str) -> None:
        """Remember on the member's host how far it got."""
        self.facts[self.host_of[name]][MARK] = {"attempt": self.course["attempt"], "stage": stage, "at": TIME}

    def failed(self, name: str, variable: str, text: str) -> dict[str, Any]:
        """Remember on the member's host what has failed; return how it is brought back."""
        facts = self.facts[self.host_of[name]]
        mark = facts.get(MARK, {})
        stage = mark["stage"] if mark.get("attempt") == self.course["attempt"] else rolling.BEGUN
        facts[variable] = {"attempt": self.course["attempt"], "stage": stage, "text": text, "at": TIME}
        return rolling.to_bring_back("contact_server", stage, back=False)

    # the hosts

    def side_by_side(self, works: list[Steps]) -> None:
        """Let some go on in any order; a controller that is killed leaves all of them where they are."""
        while works:
            work = self.order.choice(works)
            try:
                next(work)
            except (StopIteration, Lost):
                works.remove(work)
            self.events += 1
            if self.events == self.run.killed:
                raise Killed

    def deed(self, name: str, what: str) -> Steps:
        """Do something to a member, unless it fails this time."""
        yield
        member = self.world.members[name]
        if not member.reached:
            raise Lost
        fault = self.run.faults.pop((name, what), None)
        if fault == POWER:
            self.world.end(name, [])
        if what in ("install", "roll back") and (fault or member.runs):
            member.complete = member.complete and not fault
            fault = fault or FAILS  # files of a running server are not touched
        if fault in (POWER, LINK):
            member.reached = False
            raise Lost
        if fault:
            raise Failed(f"{what} failed")
        {"stop": self.stop, "install": self.install, "start": self.start, "roll back": self.roll_back}[what.removesuffix(" again")](member)

    def stop(self, member: Member) -> None:
        self.world.stop(member.name, self.run.stuck)

    def install(self, member: Member) -> None:
        if (member.version, member.complete) != (NEW, True):
            member.former = member.version if member.complete else member.former
            member.version, member.complete = NEW, True

    def roll_back(self, member: Member) -> None:
        wanted = self.judgement["members"][member.name]["before"] or member.former
        if (member.version, member.complete) != (wanted, True):
            if wanted is None or (member.complete and member.former != wanted):
                raise Failed("there is no backup")
            member.version, member.complete = wanted, True

    def start(self, member: Member) -> None:
        if not member.complete:
            raise Failed("it does not start")
        if not member.runs:
            self.world.start(member.name)


# --- what can happen ----------------------------------------------------------------------------------------------------


@st.composite
def runs(draw: st.DrawFn, pairs: int, crashes: bool) -> Run:
    """Return what happens to a run in a cluster of so many pairs."""
    members = [f"UCS_{number}" for number in range(1, 2 * pairs + 1)]
    some = st.lists(st.sampled_from(members), max_size=2, unique=True)
    found = Run(
        faults=draw(st.dictionaries(st.tuples(st.sampled_from(members), st.sampled_from(DEEDS)), st.sampled_from([FAILS, POWER, LINK]), max_size=3)),
        stuck=draw(st.lists(st.sampled_from([f"Chat_{number}" for number in range(1, pairs + 2)]), max_size=1)),
        mute=draw(st.dictionaries(st.integers(1, 4), some, max_size=1)),
        blind=draw(st.lists(st.sampled_from(members), max_size=1)),
        killed=draw(st.none() | st.none() | st.integers(1, 12 * pairs)),
    )
    if crashes:
        found.crashes = draw(st.dictionaries(st.integers(1, 3), st.lists(st.sampled_from(members), min_size=1, max_size=2), min_size=1, max_size=2))
    return found


@st.composite
def scenarios(draw: st.DrawFn, crashes: bool) -> tuple[World, list[Run], random.Random]:
    """Return a cluster, what happens to the runs of the playbook, and the order of what happens side by side."""
    pairs = draw(st.integers(1, 3))
    world = World(planned(pairs, draw(st.sampled_from(["1", "2", "50%", "100%"]))))
    return world, draw(st.lists(runs(pairs, crashes), min_size=1, max_size=3)), draw(st.randoms(use_true_random=False))


@functools.cache
def planned(pairs: int, batch: str) -> dict[str, Any]:
    """Return a plan of the product."""
    found: dict[str, Any] = plan(cluster(pairs, pairs + 1), batch=batch)[0]
    return found


def no_gate(*_ignored: Any) -> list[str]:
    """Judge nothing."""
    return []


def played(world: World, run: Run, order: random.Random, gate: Any = rolling.gate, collected: Any = rolling.collected) -> Playbook:
    """Run the playbook once; before, hosts that were lost are back, and Chat Servers have found what there is.

    gate, collected: what judges before and after a step, to leave one out.
    """
    for member in world.members.values():
        member.reached = True
    world.reconnect(run.stuck)
    playbook = Playbook(world, run, order)
    with mock.patch.object(rolling, "gate", gate), mock.patch.object(rolling, "collected", collected):
        try:
            playbook.play()
        except Killed:
            assert world.locked
    return playbook


# --- the tests ----------------------------------------------------------------------------------------------------------


@given(scenarios(crashes=True))
@examples(200)
def test_nothing_is_stopped_without_its_partner(scenario):
    world, happenings, order = scenario
    for run in happenings:
        played(world, run, order)
        assert world.violations == []


@given(scenarios(crashes=True))
@examples(100)
def test_the_gate_alone_is_enough(scenario):
    """Also if nobody minds what came of the step before."""
    world, happenings, order = scenario
    for run in happenings:
        played(world, run, order, collected=no_gate)
        assert world.violations == []


@given(scenarios(crashes=False))
@examples(200)
def test_every_chat_server_has_a_ucs(scenario):
    """As long as only what the upgrade touches can fail, at the end of every run each Chat Server that was not stuck is served."""
    world, happenings, order = scenario
    for run in happenings:
        playbook = played(world, run, order)
        assert world.violations == []
        for name, pair in world.pairs.items():
            assert any(world.members[member].runs for member in pair), f"{name} has no UCS"
            assert world.connected[name] or name in run.stuck
        tell_the_truth(world, playbook)


def tell_the_truth(world: World, playbook: Playbook) -> None:
    """Assert that the report says what is so."""
    report = playbook.report
    if report is None:
        return
    for told in report["members"]:
        member = world.members[told["name"]]
        if told["version"] and told["result"] in (rolling.UPGRADED, rolling.ROLLED_BACK, "as wanted"):
            assert (told["version"], True, True) == (member.version, member.complete, member.runs or not member.reached)
        if told["result"] == rolling.BROKEN:
            assert told["version"] is None and told["error"]
    if report["complete"]:
        assert report["left"] == [] and all((member.version, member.runs) == (NEW, True) for member in world.members.values())
    else:
        assert report["problems"] and report["left"]


@given(scenarios(crashes=False))
@examples(150)
def test_running_again_comes_to_the_end(scenario):
    world, happenings, order = scenario
    for run in happenings:
        played(world, run, order)
    last = played(world, Run(), order)
    assert not world.locked and not last.problems, last.judgement
    assert all((member.version, member.complete, member.runs) == (NEW, True, True) for member in world.members.values())
    assert all(world.connected.values())
    again = played(world, Run(), order)
    assert again.judgement["todo"] is False


def test_the_model_upgrades_when_nothing_fails():
    world = World(planned(2, "100%"))
    playbook = played(world, Run(), random.Random(1))
    assert playbook.report is not None and playbook.report["complete"] and playbook.report["members_upgraded"] == 4
    assert playbook.gates == 2 and playbook.events > 12
    assert set(world.connected.values()) == {"UCS_2", "UCS_4"}


def test_without_the_gate_there_is_harm():
    """The control: the simulation finds what the gate is for."""
    found: list[str] = []

    @given(scenarios(crashes=True))
    @examples(150)
    def search(scenario):
        world, happenings, order = scenario
        for run in happenings:
            played(world, run, order, gate=no_gate)
        found.extend(world.violations)

    search()
    assert len(found) > 10


def test_a_backup_that_died_keeps_its_primary_running():
    """What the search finds, step by step: the backup is upgraded, dies, and only the gate keeps its primary from being stopped."""
    for gate, harmed in ((rolling.gate, False), (no_gate, True)):
        world = World(planned(1, "100%"))
        playbook = played(world, Run(crashes={2: ["UCS_2"]}), random.Random(1), gate)
        assert world.violations == (["UCS_1 was stopped while UCS_2 did not run"] if harmed else [])
        assert playbook.problems == (
            [f"Chat Server 'Chat_{number}' on chat{number} has not switched to 'UCS_2'. Not connected." for number in (1, 2)]
            if harmed else ["'UCS_2' on ucs2 must serve meanwhile, and is STOPPED."])


def test_primaries_come_back_when_a_chat_server_does_not_switch():
    world = World(planned(2, "100%"))
    playbook = played(world, Run(stuck=["Chat_1"]), random.Random(1))
    assert playbook.problems == ["Chat Server 'Chat_1' on chat1 has not switched to 'UCS_2'. Not connected."]
    assert [(member.version, member.runs) for member in world.members.values()] == [(OLD, True), (NEW, True), (OLD, True), (NEW, True)]
    assert all(world.connected.values()) and world.locked
