# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rolling upgrade of two pairs of UCS and four Chat Servers, on real hosts, under load, and with each kind of fault at its worst moment. Needs root.

The tests go up: each upgrades to a version that is newer than all before. They take over the site of test_deploy.py.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hosts import upgrade_faults as faults
from hosts.example_site import Play, Site
from hosts.upgrade_faults import GATE, PRIMARIES, SWITCH, Fault
from hosts.upgrade_proof import NEEDED_HOSTS, UPGRADE, Figures, chat_servers_are_served, observed, packages, struck, told
from hosts.upgrade_site import CHAT, UpgradeSite

# The first test deploys the site.
pytestmark = pytest.mark.timeout(1800)

CHATS, FEW = 200, 60
ROLLBACK, UPGRADE_CHAT_SERVERS = "genesys_engage.chat.rollback_contact_servers", "genesys_engage.chat.upgrade_chat_servers"

#: Tasks of the role, with which time they are done in a run in which nothing fails.
JUDGES_SWITCH = ("rolling_upgrade : Begin: stop of all primaries", 1)
STOPS_PRIMARIES = ("Stop the primaries of this host gracefully", 1)
PRIMARIES_ARE_STOPPED = ("See whether all Chat Servers have switched", 1)
STEP_IS_JUDGED = ("See whether the step may be done now", 1)
NONE = ("", 1)


@pytest.fixture(scope="module")
def site(example: Site, first: Play, tmp_path_factory: pytest.TempPathFactory) -> UpgradeSite:
    """The example site, deployed, and each Chat Server on the primary of its pair, whatever other tests did to the hosts."""
    made = UpgradeSite(example.hosts, example.sandbox, tmp_path_factory.mktemp("controller"))
    made.make_whole()
    chat_servers = made.applications(CHAT)
    made.stop(*chat_servers)
    made.start(*chat_servers)
    on = {name: members[-1] for name, members in made.connections().items()}
    assert on == {name: pair.members[0] for pair in made.pairs() for name in pair.chat_servers}
    return made


@pytest.fixture
def whole(site: UpgradeSite) -> UpgradeSite:
    """The site, with all servers running; after a test that left it broken it is brought back."""
    site.make_whole()
    return site


def next_version(site: UpgradeSite) -> tuple[str, str]:
    """Bring the next version to all hosts of UCS; return it, and its path there."""
    makes = site.packages_of["contact_server"]
    package = makes.next()
    path = makes.put(package, {site.host_of(name) for pair in site.pairs() for name in pair.members})
    return package.version, path


def assert_good(figures: Figures, version: str) -> None:
    """Nothing was lost, each Chat Server had a UCS at any time, and all UCS run the version."""
    assert figures.losses() == {}
    assert figures.rounds > 0 and figures.violations == []
    assert figures.all_at(version), (figures.versions, figures.statuses)


def assert_proved(figures: Figures, version: str, chats: int, most_reconnects: int) -> None:
    """All is good; all chats were opened, and each Chat Server has connected anew, and not too often."""
    assert_good(figures, version)
    assert figures.report["opened"] == chats and len(figures.reconnects) == figures.chat_servers
    assert min(figures.reconnects.values()) > 0 and max(figures.reconnects.values()) <= most_reconnects


def is_locked(site: UpgradeSite) -> bool:
    """Tell whether the lock of an upgrade is in the Configuration Server."""
    return "genesys_engage.chat upgrade" in {item["name"] for item in site.ask("GET", site.sandbox["control_url"] + "/objects/CfgAppPrototype")}


def assert_refused_by_the_lock(first: Play, second: Play) -> None:
    """A run that began while another one held the lock was refused, and the other one was not disturbed."""
    assert (first.code, second.code != 0, second.hosts("changed")) == (0, True, set()), (told(first), told(second))
    assert "lock" in second.errors()


# --- under load ---------------------------------------------------------------------------------------------------------


def test_an_upgrade_loses_nothing(whole):
    """A second one, which finds the Chat Servers on the backups, is going back; and `make soak` has both."""
    site = whole
    version, path = next_version(site)
    with observed(site, "first upgrade", CHATS) as seen:
        site.complete(UPGRADE, **packages(site, path))
    site.roll_out(path, version)
    seen.figures.keep("proof", most_reconnects=1)
    assert_proved(seen.figures, version, CHATS, most_reconnects=1)
    assert chat_servers_are_served(site) and not is_locked(site)
    # Nothing is left to do.
    assert site.complete(UPGRADE).hosts("changed") == set()


def test_back_to_the_former_version_while_an_upgrade_is_tried(whole):
    """The Chat Servers are on the backups. The upgrade is refused, and going back goes on."""
    site = whole
    if not site.former:
        version, path = next_version(site)
        site.complete(UPGRADE, *NEEDED_HOSTS, **packages(site, path))
        site.roll_out(path, version)
    former_path, former = site.former[-1]
    orders = {"hold": {"task": STOPS_PRIMARIES[0], "time": STOPS_PRIMARIES[1]}}
    back = {"upgrade_back_to": former, "upgrade_data_compatible": True}
    with observed(site, "going back", FEW) as seen, site.run(ROLLBACK, *NEEDED_HOSTS, orders=orders, **back) as run:
        run.is_held()
        assert is_locked(site)
        refused = site.complete(UPGRADE, *NEEDED_HOSTS, succeeds=False)
        assert is_locked(site)
        run.go_on()
        played = run.end()
        seen.figures.runs = [told(played), told(refused)]
    assert_refused_by_the_lock(played, refused)
    site.roll_out(former_path, former)
    seen.figures.keep("proof", most_reconnects=2)
    assert_proved(seen.figures, former, FEW, most_reconnects=2)
    assert chat_servers_are_served(site) and not is_locked(site)


def test_chat_servers_are_upgraded_one_by_one(whole):
    site = whole
    makes = site.packages_of["chat_server"]
    package = makes.next()
    path = makes.put(package, [site.host_of(name) for name in site.applications(CHAT)])
    # Without these the sessions of a Chat Server that is stopped would end.
    site.set_options({"session-restoration-mode": "simple", "transcript-auto-save": "1"})
    # How long Solution Control Server lets a Chat Server wait for the end of its sessions, which the visitors do not end.
    for name in site.applications(CHAT):
        site.edit(name, shutdowntimeout="3")
    with observed(site, "upgrade of the Chat Servers", FEW, subtype=CHAT) as seen:
        site.complete(UPGRADE_CHAT_SERVERS, genesys_packages={**site.rolled_out, "chat_server": path})
    site.rolled_out["chat_server"] = path
    seen.figures.keep("proof", most_reconnects=1)
    assert_good(seen.figures, package.version)


# --- negative control: the load and the watch can fail. `make soak` has the one of the gate. ----------------------------


#: Options of Chat Servers that give a message up after a second, and not after half a minute.
HASTY: dict[str, str | None] = {"transcript-resend-attempts": "1", "transcript-resend-delay": "1"}


@pytest.fixture(scope="module")
def hasty(site: UpgradeSite) -> Iterator[UpgradeSite]:
    """The site, with hasty Chat Servers."""
    site.make_whole()
    site.set_options(HASTY)
    yield site
    site.set_options(dict.fromkeys(HASTY))


def test_a_pair_that_is_stopped_together_loses_messages(hasty):
    site = hasty
    pair = site.pairs()[0]
    with observed(site, "a pair is stopped together", FEW) as seen:
        site.stop(*pair.members)
        # Long enough that each chat has sent a message.
        site.wait_for(lambda: len(seen.watch.violations()) > 8)
        seen.load.end()
        site.start(*pair.members)
    seen.figures.keep("controls")
    report = seen.figures.report
    assert report["messages_lost"] > 0 and report["sessions_ended_by_server"] > 0
    assert {one.pair for one in seen.watch.violations()} == {pair}


# --- each fault at its worst moment -------------------------------------------------------------------------------------

#: Each kind of fault once; `make soak` has all of them at every phase, each by itself.
#: Two runs of an upgrade, the second of which goes on where the first one ended, and what strikes in each: (fault, when, task at which the run is held
#: or killed). GAX goes when the primaries are down: what is left then is to install and start them, and to report.
WORST: dict[str, tuple[list[tuple[type[Fault], str, tuple[str, int]]], list[tuple[type[Fault], str, tuple[str, int]]]]] = {
    "installation_fails_and_power_is_lost_then_link_cut": (
        [(faults.InstallFails, PRIMARIES, NONE), (faults.PowerLossInStart, PRIMARIES, NONE)],
        [(faults.LinkCut, GATE, JUDGES_SWITCH)],
    ),
    "scs_gone_and_controller_killed_then_gax_gone": (
        [(faults.ScsGone, SWITCH, STOPS_PRIMARIES), (faults.ControllerKilled, SWITCH, PRIMARIES_ARE_STOPPED)],
        [(faults.GaxGone, PRIMARIES, STEP_IS_JUDGED)],
    ),
}


@pytest.mark.parametrize("name", WORST)
def test_faults_lose_nothing_and_running_again_finishes(whole, name):
    site = whole
    first, second = ([kind(site, phase, number, task) for number, (kind, phase, task) in enumerate(struck_by)] for struck_by in WORST[name])
    done = struck(site, first, FEW, next_time=second)
    done.figures.keep("faults", faults=[[fault.name, fault.phase] for fault in [*first, *second]])
    for fault in first:
        assert fault.fails is None or (done.first.code != 0) == fault.fails, (fault.name, told(done.first))
        assert not fault.brought_back or done.between[fault.member] == ("RUNNING", done.former)
    # The second run was struck, whether it got over that or not; the last one has finished.
    assert done.again is not None and done.again.code == 0, done.runs[-1].errors()
    assert_good(done.figures, done.version)


def test_a_package_that_is_corrupt_on_one_host_is_refused(whole):
    site = whole
    fault = faults.Corrupt(site, PRIMARIES)
    package = fault.packages.next()
    path = fault.packages.put(package, {site.host_of(name) for pair in site.pairs() for name in pair.members})
    fault.prepare(package)
    before, connected = site.everything(), site.connections()
    refused = site.complete(UPGRADE, succeeds=False, **packages(site, path))
    assert refused.code != 0 and fault.host in refused.errors() and refused.hosts("changed") == set()
    assert site.everything() == before and site.connections() == connected


def two_at_once(site: UpgradeSite, phase: str, task: tuple[str, int]) -> None:
    """Begin a second upgrade while a first one is held at a task: it is refused, and the first one goes on. For `make soak`."""
    version, path = next_version(site)
    orders = {"hold": {"task": task[0], "time": task[1]}}
    title = f"{phase}: second upgrade at '{task[0].rpartition(': ')[2]}' ({task[1]})"
    with observed(site, title, FEW) as seen, site.run(UPGRADE, *NEEDED_HOSTS, orders=orders, **packages(site, path)) as run:
        run.is_held()
        second = site.complete(UPGRADE, *NEEDED_HOSTS, succeeds=False, **packages(site, path))
        run.go_on()
        first = run.end()
        seen.figures.runs = [told(first), told(second)]
    seen.figures.keep("faults", faults=[["two upgrades at once", phase]])
    assert_refused_by_the_lock(first, second)
    site.roll_out(path, version)
    assert_good(seen.figures, version)
