# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``make soak``: the rolling upgrade under load, with every fault at every phase. Needs root, and hours.

Each case has the smallest site that shows its fault. What strikes the whole run (the controller, GAX, Solution Control Server, a second run) needs one pair of
UCS; what strikes a host needs two, as the other pair must not notice; the upgrade without a fault has four. A pair comes with two Chat Servers.

The file's name keeps it out of ``make test``. What is also tested there stands in test_upgrade.py.
"""

from __future__ import annotations

import contextlib
import copy
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hosts import upgrade_faults as faults
from hosts.example_site import EXAMPLES, VARIABLES, running_sandbox
from hosts.machine import TESTS, Hosts
from hosts.test_upgrade import (
    CHATS,
    FEW,
    HASTY,
    JUDGES_SWITCH,
    NONE,
    PRIMARIES_ARE_STOPPED,
    STOPS_PRIMARIES,
    assert_good,
    next_version,
    two_at_once,
)
from hosts.upgrade_faults import BACKUPS, GATE, PRIMARIES, SWITCH, Fault
from hosts.upgrade_proof import NEEDED_HOSTS, UPGRADE, chat_servers_are_served, observed, packages, struck, told
from hosts.upgrade_site import UpgradeSite

pytestmark = pytest.mark.timeout(3600)

PREFIX = os.environ.get("TESTED_HOSTS_PREFIX", "gxsoak")
#: Pairs of UCS; Chat Servers of one host, so that two sets of hosts are within the usual limits of a machine.
ONE, TWO, FOUR = (pytest.mark.pairs(number) for number in (1, 2, 4))
CHAT_SERVERS_OF_A_HOST = 4


def solution(pairs: int) -> dict[str, Any]:
    """Return the example site's description with so many pairs, and two Chat Servers for each."""
    described: dict[str, Any] = copy.deepcopy(yaml.safe_load((VARIABLES / "solution.yml").read_text(encoding="utf-8"))["chat_solution"])
    described["chat_servers"] = []
    for number in range(2 * pairs):
        host, place = divmod(number, CHAT_SERVERS_OF_A_HOST)
        server: dict[str, Any] = {"name": f"ChatServer_{number + 1}", "host": f"chat{host + 1}"}
        if place:
            first = 4580 + 10 * place
            server["ports"] = {"default": first, "webapi": first + 1, "ESP": first + 2, "health": first + 3}
        described["chat_servers"].append(server)
    described["contact_servers"]["pairs"] = [
        {"primary": {"name": f"UCS_{number}", "host": f"ucs{number}"}, "backup": {"name": f"UCS_{number + 1}", "host": f"ucs{number + 1}"}}
        for number in range(1, 2 * pairs, 2)
    ]
    return described


def only(names: list[str], inventory: Path, place: Path) -> Path:
    """Write the sandbox's inventory without the hosts that a small site does not have; return its path."""
    content = yaml.safe_load(inventory.read_text(encoding="utf-8"))
    known = content["all"]["children"]["genesys_hosts"]["hosts"]
    content["all"]["children"]["genesys_hosts"]["hosts"] = {name: variables for name, variables in known.items() if name in names}
    small = place / "hosts.yml"
    small.touch(mode=0o600)
    small.write_text(yaml.safe_dump(content), encoding="utf-8")
    return small


class Sites:
    """One site at a time, deployed when a case needs it."""

    def __init__(self, factory: pytest.TempPathFactory) -> None:
        self._factory, self._pairs, self._site = factory, 0, contextlib.ExitStack()
        self._made: UpgradeSite | None = None

    def of(self, pairs: int) -> UpgradeSite:
        """Return the site with so many pairs."""
        if self._made is None or self._pairs != pairs:
            self.end()
            try:
                self._made, self._pairs = self._site.enter_context(self._deployed(solution(pairs))), pairs
            except AssertionError as error:
                # No case could pass, and each would try again.
                pytest.exit(f"the site of {pairs} pairs could not be deployed: {error}", 1)
        return self._made

    def end(self) -> None:
        """Remove the site."""
        self._made = None
        self._site.close()

    @contextlib.contextmanager
    def _deployed(self, described: dict[str, Any]) -> Iterator[UpgradeSite]:
        members = [member for pair in described["contact_servers"]["pairs"] for member in pair.values()]
        names = [*dict.fromkeys(server["host"] for server in [*described["chat_servers"], *members]), "ixn1", "gms1"]
        hosts = Hosts(self._factory.mktemp("hosts"), PREFIX, *names)
        try:
            hosts.do("up")
            addresses = {name: address for name, (address, *_rest) in hosts.status().items()}
            with running_sandbox(hosts, self._factory.mktemp("sandbox")) as sandbox:
                place = self._factory.mktemp("controller")
                made = UpgradeSite(hosts, {**sandbox, "inventory": str(only(names, Path(sandbox["inventory"]), place))}, place, described)
                known = {item["name"] for item in made.ask("GET", sandbox["control_url"] + "/objects/CfgHost")}
                for name in sorted(set(names) - known):
                    fields = {"subtype": "CFGNetworkServer", "ostype": "CFGRedHatLinux", "lcaport": "4999", "ipaddress": addresses[name]}
                    made.ask("POST", sandbox["control_url"] + "/objects", {"type": "CfgHost", "name": name, **fields})
                made.play(EXAMPLES / "copy_packages.yml", packages=str(made.packages))
                made.complete("genesys_engage.chat.deploy", deploy_verify=False)
                yield made
        finally:
            hosts.do("down")


@pytest.fixture(scope="module")
def sites(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sites]:
    """No site yet; in the end none is left."""
    made = Sites(tmp_path_factory)
    try:
        yield made
    finally:
        made.end()


@pytest.fixture
def whole(sites: Sites, request: pytest.FixtureRequest) -> UpgradeSite:
    """The site of the size that the case asks for, with all servers running; after a case that left it broken it is brought back."""
    wanted = request.node.get_closest_marker("pairs")
    site = sites.of(wanted.args[0])
    site.make_whole()
    return site


@FOUR
def test_two_upgrades_lose_nothing(whole):
    site = whole
    for title, most in (("first upgrade", 1), ("second upgrade, Chat Servers on the backups", 2)):
        version, path = next_version(site)
        with observed(site, title, CHATS) as seen:
            site.complete(UPGRADE, **packages(site, path))
        site.roll_out(path, version)
        seen.figures.keep("proof", most_reconnects=most)
        assert_good(seen.figures, version)
        assert seen.figures.report["opened"] == CHATS and len(seen.figures.reconnects) == seen.figures.chat_servers == 8
        assert max(seen.figures.reconnects.values()) <= most
        assert chat_servers_are_served(site)


# --- every fault at every phase -----------------------------------------------------------------------------------------

#: Tasks of the role, with which time they are done in a run in which nothing fails.
PLAN = ("rolling_upgrade : Plan the upgrade from the Configuration Server", 1)
LOCK, GATHER = "rolling_upgrade : The lock of the upgrade: held", "rolling_upgrade : See which versions the Configuration Server has"
LET_GO = "rolling_upgrade : The lock of the upgrade: absent"
LOOK = "rolling_upgrade : Ask Solution Control Server for the states"
STOP, INSTALL = "application : Stop the applications through Solution Control Server", "package : Packages of this host: install"
START, WRITE = "application : Start the applications", "rolling_upgrade : Write the report"
#: A start of several is two tasks of this name: the one that chooses how they are controlled, and the one that starts them.
BACKUPS_START, PRIMARIES_START = (START, 2), (START, 4)

ON_HOSTS: list[type[Fault]] = [
    faults.InstallFails,
    faults.Dies,
    faults.NeverReady,
    faults.DiskFull,
    faults.PowerLossInInstallation,
    faults.PowerLossInStart,
    faults.LinkCutInInstallation,
]
CASES: list[tuple[type[Fault], str, tuple[str, int]]] = [
    *((kind, phase, NONE) for kind in ON_HOSTS for phase in (BACKUPS, PRIMARIES)),
    (faults.LinkCut, BACKUPS, (STOP, 1)),
    (faults.LinkCut, BACKUPS, BACKUPS_START),
    (faults.LinkCut, GATE, JUDGES_SWITCH),
    (faults.LinkCut, PRIMARIES, STOPS_PRIMARIES),
    (faults.LinkCut, PRIMARIES, PRIMARIES_START),
    (faults.SessionExpired, GATE, JUDGES_SWITCH),
    *((faults.ScsGone, phase, task) for phase, task in ((BACKUPS, (LOOK, 1)), (BACKUPS, (STOP, 1)), (BACKUPS, BACKUPS_START))),
    *((faults.ScsGone, phase, task) for phase, task in ((GATE, (LOOK, 3)), (SWITCH, STOPS_PRIMARIES), (PRIMARIES, PRIMARIES_START))),
    *(
        (kind, phase, task)
        for kind in (faults.GaxGone, faults.SessionExpired)
        for phase, task in (
            ("before anything", PLAN),
            (BACKUPS, (LOCK, 1)),
            (GATE, (LOCK, 3)),
            (SWITCH, PRIMARIES_ARE_STOPPED),
            (PRIMARIES, PRIMARIES_START),
            ("in the end", (GATHER, 1)),
            ("in the end", (LET_GO, 1)),
        )
    ),
]

#: Whatever changes something: hosts, servers, the lock, the report.
CHANGES = [(LOCK, 1), (LOCK, 2), (LOCK, 3), (LET_GO, 1), (STOP, 1), (STOP, 2), (INSTALL, 1), (INSTALL, 2), BACKUPS_START, PRIMARIES_START]
CHANGES += [("rolling_upgrade : Make the directory of the report", 1), (WRITE, 1)]
#: Stops nothing, as all primaries have been stopped together before.
IN_VAIN = (STOP, 3)


def case_id(case: tuple[type[Fault], str, tuple[str, int]]) -> str:
    """Return the name of a test."""
    kind, phase, (task, time) = case
    return "-".join(word for word in (kind.__name__, phase, task.rpartition(": ")[2], str(time)) if word).replace(" ", "_")


def size_of(case: tuple[type[Fault], str, tuple[str, int]]) -> pytest.MarkDecorator:
    """Return the size of the site that a case needs."""
    return TWO if case[0] in (*ON_HOSTS, faults.LinkCut) else ONE


@pytest.mark.parametrize("case", [pytest.param(case, id=case_id(case), marks=size_of(case)) for case in CASES])
def test_every_fault_at_every_phase(whole, case):
    kind, phase, task = case
    judge(whole, kind(whole, phase, 0, task))


#: Faults that strike two pairs in one run.
TOGETHER: dict[str, list[type[Fault]]] = {
    "installation": [faults.InstallFails, faults.PowerLossInInstallation],
    "start": [faults.Dies, faults.PowerLossInStart],
    "never_ready_and_disk_full": [faults.NeverReady, faults.DiskFull],
}


@TWO
@pytest.mark.parametrize("name", TOGETHER)
def test_two_faults_in_one_run(whole, name):
    judge(whole, *(kind(whole, PRIMARIES, number, NONE) for number, kind in enumerate(TOGETHER[name])))


TWICE = [(BACKUPS, (STOP, 1)), (SWITCH, STOPS_PRIMARIES), (PRIMARIES, PRIMARIES_START), ("in the end", (LET_GO, 1))]


@ONE
@pytest.mark.parametrize(("phase", "task"), TWICE, ids=[phase.replace(" ", "_") for phase, _task in TWICE])
def test_two_upgrades_at_once_at_every_phase(whole, phase, task):
    two_at_once(whole, phase, task)


KILLS = [(kind, "", task) for task in [*CHANGES, IN_VAIN] for kind in (faults.ControllerKilledBefore, faults.ControllerKilled)]


@ONE
@pytest.mark.parametrize("case", KILLS, ids=map(case_id, KILLS))
def test_the_controller_killed_at_each_task_that_changes_something(whole, case):
    kind, _phase, task = case
    phase = PRIMARIES if task in [(INSTALL, 2), PRIMARIES_START] else BACKUPS if task[1] == 1 or task == BACKUPS_START else SWITCH
    judge(whole, kind(whole, phase, 0, task))


def judge(site: UpgradeSite, *struck_by: Fault) -> None:
    """Let faults strike in one run, each at a pair of its own, and see that nothing was lost."""
    done = struck(site, list(struck_by), FEW)
    done.figures.keep("faults", faults=[[fault.name, fault.phase] for fault in struck_by])
    for fault in struck_by:
        assert fault.fails is None or (done.first.code != 0) == fault.fails, (fault.name, told(done.first))
        assert not fault.brought_back or done.between[fault.member] == ("RUNNING", done.former)
    assert done.again is None or done.again.code == 0, done.again.errors()
    assert_good(done.figures, done.version)


@ONE
def test_each_task_that_changes_something_is_among_those(whole):
    site = whole
    version, path = next_version(site)
    with site.run(UPGRADE, **packages(site, path)) as run:
        assert run.end().code == 0
    site.roll_out(path, version)
    locks = [(name, time) for name, time in run.tasks() if "The lock of the upgrade" in name]
    changing = {(name.removeprefix("genesys_engage.chat."), time) for name, time in [*run.changing(), *locks]}
    assert (changing - set(CHANGES), set(CHANGES) - changing) == (set(), set())


# --- negative control: without the gate messages are lost ---------------------------------------------------------------


@pytest.fixture
def hasty(whole: UpgradeSite) -> Iterator[UpgradeSite]:
    """The site, with hasty Chat Servers."""
    whole.set_options(HASTY)
    yield whole
    whole.set_options(dict.fromkeys(HASTY))


@ONE
def test_the_gate_keeps_messages_that_are_lost_without_it(hasty, tmp_path):
    """A backup ends right before the primaries are to be stopped."""
    site = hasty
    version, path = next_version(site)
    backup = site.pairs()[0].members[1]
    wrong = {"ANSIBLE_COLLECTIONS_PATH": str(without_gate(tmp_path)), "ANSIBLE_COLLECTIONS_SCAN_SYS_PATH": "false"}
    seen = {}
    for gate, env, task in (("with", {}, JUDGES_SWITCH), ("without", wrong, STOPS_PRIMARIES)):
        orders = {"hold": {"task": task[0], "time": task[1]}}
        variables = {**packages(site, path), "upgrade_switch_timeout": 10}
        with observed(site, f"a backup ends before the primaries are stopped, {gate} the gate", FEW) as one:
            with site.run(UPGRADE, *NEEDED_HOSTS, orders=orders, env=env, **variables) as run:
                run.is_held()
                site.stop(backup)
                run.go_on()
                played = run.end()
            one.load.end()
            site.start(backup)
        one.figures.runs = [told(played)]
        one.figures.keep("controls")
        assert played.code != 0
        seen[gate] = one.figures
    site.complete(UPGRADE, *NEEDED_HOSTS, **packages(site, path))
    site.roll_out(path, version)
    assert seen["with"].losses() == {} and seen["with"].violations == [] and backup in seen["with"].runs[0]
    assert seen["without"].report["messages_lost"] > 0 and seen["without"].violations
    assert set(site.versions().values()) == {(version, version)}


def without_gate(place: Path) -> Path:
    """Copy the collection, with a gate that lets everything pass; return the directory of collections."""
    root = TESTS.parent
    copied = place / "ansible_collections" / "genesys_engage" / "chat"
    for part in ("meta", "playbooks", "plugins", "roles"):
        shutil.copytree(root / part, copied / part, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(root / "galaxy.yml", copied)
    rules = copied / "plugins" / "module_utils" / "_chat" / "upgrade" / "rolling.py"
    before, gate, after = rules.read_text(encoding="utf-8").partition("\ndef gate(")
    assert gate
    rules.write_text(f"{before}\ndef gate(*_all):\n    return []\n\n\ndef former_gate({after}", encoding="utf-8")
    return place
