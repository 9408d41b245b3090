# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Upgrades under load, and what came of them: figures for the tests to judge, and for the tables in docs/upgrade_proof.md.

The figures come from the clients, the store, the servers' logs on their hosts and from the watch; none from the product.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from hosts.example_site import Play
from hosts.machine import TESTS
from hosts.upgrade_faults import Fault
from hosts.upgrade_load import Load, losses
from hosts.upgrade_site import CONTACT, UpgradeSite
from hosts.upgrade_watch import Watch

from sandbox.packages.products import Package

UPGRADE = "genesys_engage.chat.upgrade_contact_servers"
#: Hosts that have nothing to do with UCS take no part.
NEEDED_HOSTS = ("--limit", "all:!ixn1:!gms1")
RESULTS = Path(os.environ.get("UPGRADE_RESULTS", TESTS.parent / "build" / "upgrade" / "small"))


@dataclass
class Figures:
    """What came of the chats and the servers while something was done."""

    title: str
    #: Size of the site.
    pairs: int
    chat_servers: int
    report: dict[str, Any] = field(default_factory=dict)
    seconds: float = 0.0
    #: Connections to UCS that each Chat Server has made meanwhile.
    reconnects: dict[str, int] = field(default_factory=dict)
    #: Rounds of the watch, and those in which a pair had no UCS.
    rounds: int = 0
    violations: list[str] = field(default_factory=list)
    #: In the end: version of each server, as (Configuration Server, host), and its state.
    versions: dict[str, tuple[str, str]] = field(default_factory=dict)
    statuses: dict[str, str] = field(default_factory=dict)
    #: How the runs ended; of one that failed what it said.
    runs: list[str] = field(default_factory=list)

    def losses(self) -> dict[str, Any]:
        """Return what was lost, doubled or ended."""
        return losses(self.report)

    def all_at(self, version: str) -> bool:
        """Tell whether all servers have a version, and run."""
        return set(self.versions.values()) == {(version, version)} and {self.statuses[name] for name in self.versions} == {"RUNNING"}

    def keep(self, kind: str, **more: Any) -> None:
        """Write the figures where the tables are made from."""
        place = RESULTS / kind
        place.mkdir(parents=True, exist_ok=True)
        name = re.sub(r"[^a-z0-9]+", "-", self.title.lower()).strip("-")
        # pytest says which case it is: "file::case (call)".
        case = os.environ.get("PYTEST_CURRENT_TEST", "").rpartition("::")[2].rpartition(" ")[0]
        (place / f"{name}.json").write_text(json.dumps({**asdict(self), "case": case, **more}, indent=2) + "\n", encoding="utf-8")


def packages(site: UpgradeSite, path: str) -> dict[str, Any]:
    """Return the variables with which the UCS get another package."""
    return {"genesys_packages": {**site.rolled_out, "contact_server": path}}


def told(played: Play) -> str:
    """Return how a run ended, in one line."""
    if played.code == 0:
        return "completed"
    if played.code < 0:
        return "killed"
    # The last one is what the playbook says of it all.
    said = re.findall(r"^\[ERROR\].*", played.output, re.MULTILINE)
    return "stopped: " + (said[-1][:1000] if said else played.output[-200:])


@dataclass
class Observation:
    """What goes on while something is done: see ``observed``."""

    figures: Figures
    watch: Watch
    load: Load


@contextlib.contextmanager
def observed(site: UpgradeSite, title: str, chats: int, taken: frozenset[str] = frozenset(), subtype: str = CONTACT) -> Iterator[Observation]:
    """Hold chats and watch the pairs while the block does something; afterwards the figures are complete.

    Args:
        site: the site.
        title: what is done.
        chats: their number.
        taken: UCS members that are taken away on purpose.
        subtype: the type of the servers whose versions are of interest.
    """
    before = site.connections()
    figures = Figures(title, len(site.pairs()), len(before))
    with site.watch() as watch, site.load(chats) as load:
        began = time.monotonic()
        yield Observation(figures, watch, load)
        figures.seconds = round(time.monotonic() - began, 1)
        figures.report = load.end()
    figures.reconnects = site.reconnects(before)
    figures.rounds, figures.violations = len(watch.rounds), [str(one) for one in watch.violations(taken)]
    figures.versions, figures.statuses = site.versions(subtype), site.statuses()


@dataclass
class Struck:
    """An upgrade that something happened to, and the next runs."""

    figures: Figures
    #: The runs in which faults struck, and the one after them if there was something left to do.
    runs: list[Play]
    #: Version that was to be reached, and the one before.
    version: str
    former: str
    #: After the first run, of each member that was struck: its state, and the version on its host. Only of those that can be reached.
    between: dict[str, tuple[str, str]]

    @property
    def first(self) -> Play:
        """The first run."""
        return self.runs[0]

    @property
    def again(self) -> Play | None:
        """The last run, if the first one was not the only one."""
        return self.runs[-1] if len(self.runs) > 1 else None


def struck(site: UpgradeSite, faults: list[Fault], chats: int, next_time: list[Fault] | None = None) -> Struck:
    """Upgrade under load while faults strike, one after the other, each another pair; repair them, and run again until the upgrade is done.

    ``next_time``: faults that strike in the second run, which goes on where the first one ended.
    """
    makes = site.packages_of["contact_server"]
    former, package = {made for _configured, made in site.versions().values()}.pop(), makes.next()
    hosts = {site.host_of(name) for pair in site.pairs() for name in pair.members} - {fault.host for fault in faults}
    path = makes.put(package, hosts)
    title = ", and ".join([faults[0].title, *(fault.name for fault in faults[1:]), *(f"then {fault.name}" for fault in next_time or ())])
    runs: list[Play] = []
    between: dict[str, tuple[str, str]] = {}
    with observed(site, title, chats) as seen:
        for striking in (faults, next_time) if next_time else (faults,):
            runs.append(_struck_run(site, striking, package, path))
            if striking is faults:
                states = site.statuses()
                between = {fault.member: (states[fault.member], site.version(fault.host, fault.member)) for fault in faults if fault.brought_back}
            for fault in striking:
                fault.repair(package)
            if runs[-1].code == 0:
                break
        # A controller whose GAX had gone has not given the lock back. The same upgrade would take it over, and this one is done.
        site.lock_is_left = runs[-1].code == 0 and "The lock could not be removed" in runs[-1].output
        if runs[-1].code != 0:
            runs.append(site.complete(UPGRADE, *NEEDED_HOSTS, succeeds=False, **packages(site, path)))
        seen.figures.runs = [told(played) for played in runs]
    if runs[-1].code == 0:
        site.roll_out(path, package.version)
    return Struck(seen.figures, runs, package.version, former, between)


def _struck_run(site: UpgradeSite, faults: list[Fault], package: Package, path: str) -> Play:
    """Upgrade while faults strike; they are not repaired."""
    orders: dict[str, Any] = {}
    variables = packages(site, path)
    env: dict[str, str] = {}
    for fault in faults:
        fault.prepare(package)
        orders |= fault.orders()
        variables |= fault.variables()
        env |= fault.env()
    with site.run(UPGRADE, *NEEDED_HOSTS, orders=orders, env=env, **variables) as run:
        for fault in faults:
            fault.strike(run)
        return run.end()


def chat_servers_are_served(site: UpgradeSite) -> bool:
    """Tell whether each Chat Server's last connection was to a member of its pair."""
    last = {name: made[-1] for name, made in site.connections().items()}
    return all(last[name] in pair.members for pair in site.pairs() for name in pair.chat_servers)
