# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What can go wrong once in an upgrade: each fault prepares, strikes at a moment that it waits for, and is repaired.

No fault strikes by the clock. Installations are held on their host, runs at a task, and then it strikes.
"""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import Any, ClassVar

from hosts.example_site import wait_until
from hosts.upgrade_packages import Packages
from hosts.upgrade_site import CONTACT, Run, UpgradeSite

from sandbox.packages.products import Package

#: Installers stop there as long as there is a file of the point's name; no disk, so that a full one does not matter.
HOLD = "/run/hold"
CUT_SECONDS, GONE_SECONDS = 30.0, 20.0
#: Start-up time-out in seconds, for servers that never get to work; the former version must be able to start within that time.
PATIENCE = "30"
BACKUPS, GATE, SWITCH, PRIMARIES = "backups", "gate", "stop of the primaries", "primaries"


class Fault:
    """A fault. The base is none: everything goes well.

    Args:
        site: the site.
        phase: when it strikes; also decides whom, a backup or a primary.
        pair: number of the pair that is struck.
        task: the task at which a run is held or killed, with which time it is; for those faults that need one.
    """

    name = "nothing"
    #: Whether the run must fail; None if it may get over it.
    fails: ClassVar[bool | None] = False
    #: Whether the server that is struck must serve with its former version when the run has failed.
    brought_back: ClassVar[bool] = False
    #: Where the installer is held on the host.
    point: ClassVar[str] = ""

    def __init__(self, site: UpgradeSite, phase: str, pair: int = 0, task: tuple[str, int] = ("", 1)) -> None:
        self.site, self.phase, self.task = site, phase, task
        primary, backup = site.pairs()[pair].members
        self.member = primary if phase == PRIMARIES else backup
        self.host = site.host_of(self.member)

    @property
    def title(self) -> str:
        """What happens, and when."""
        return f"{self.phase}: {self.name}"

    @property
    def packages(self) -> Packages:
        """The packages of UCS."""
        return self.site.packages_of["contact_server"]

    def orders(self) -> dict[str, Any]:
        """Return what the callback at_task is to do."""
        return {}

    def variables(self) -> dict[str, Any]:
        """Return further variables of the run."""
        return {"genesys_environment": {"SANDBOX_INSTALL_HOLD": HOLD}} if self.point else {}

    def env(self) -> dict[str, str]:
        """Return further environment variables of the run."""
        return {}

    def prepare(self, package: Package) -> None:
        """Prepare the host that is struck."""
        if self.point:
            self.site.hosts.ssh(self.host, f"sudo install -d -o genesys {HOLD} && sudo rm -f {HOLD}/* && sudo touch {HOLD}/{self.point}")
        self.put(package)

    def put(self, package: Package) -> None:
        """Bring the package to the host that is struck."""
        self.packages.put(package, [self.host])

    def strike(self, run: Run) -> None:
        """Wait for the moment, and strike."""

    def repair(self, package: Package) -> None:
        """Take the fault away."""

    # tools of the subclasses

    def installer_is_held(self, run: Run) -> None:
        """Wait until the installer stands where it is held."""
        assert self.site.appears(self.host, f"{HOLD}/{self.point}.reached", run.ended, 300.0) and not run.ended(), run.tail()

    def installer_goes_on(self) -> None:
        """Let it go on."""
        self.site.hosts.ssh(self.host, f"sudo rm {HOLD}/{self.point}")

    def hurry(self) -> None:
        """Give the server that is struck little time for its start: the run does not wait for it much longer."""
        self._start_time = self.site.store()[self.member]["startuptimeout"]
        self.site.edit(self.member, startuptimeout=PATIENCE)

    def take_time(self) -> None:
        """Give it the usual time again."""
        self.site.edit(self.member, startuptimeout=self._start_time)

    def switch_on(self) -> None:
        """Switch the host on, and wait until its servers are in a state that stays."""
        self.site.hosts.do("boot", self.host)
        self.settle()

    def settle(self) -> None:
        """Wait until Solution Control Server knows the state of all members, and none is about to change."""
        names = self.site.applications(CONTACT)
        steady = {"RUNNING", "STOPPED", "SERVICE_UNAVAILABLE"}
        assert wait_until(lambda: {self.site.statuses()[name] for name in names} <= steady), self.site.statuses()


class InstallFails(Fault):
    """The installer fails on one host, after it has moved the old files away."""

    name, fails, brought_back = "installation fails", True, True

    def put(self, package: Package) -> None:
        """See Fault."""
        self.packages.put_failing(package, [self.host])

    def repair(self, package: Package) -> None:
        """See Fault."""
        self.packages.put(package, [self.host])


class Corrupt(InstallFails):
    """The package's file is broken off on one host."""

    name = "package is corrupt on one host"

    def put(self, package: Package) -> None:
        """See Fault."""
        self.packages.put_corrupt(package, [self.host])


class NeverReady(InstallFails):
    """The new server starts, and never gets to work."""

    name = "new server never gets to work"

    def put(self, package: Package) -> None:
        """See Fault."""
        self.hurry()
        self._put_bad(package)

    def _put_bad(self, package: Package) -> None:
        self.packages.put_never_ready(package, [self.host])

    def repair(self, package: Package) -> None:
        """See Fault."""
        self.take_time()
        super().repair(package)


class Dies(NeverReady):
    """The new server ends as soon as it is started."""

    name = "new server dies"

    def _put_bad(self, package: Package) -> None:
        self.packages.put_dying(package, [self.host])


class DiskFull(Fault):
    """The host's disk is full when the installer looks at it."""

    name, fails, point = "disk full", True, "target"

    def strike(self, run: Run) -> None:
        """See Fault."""
        self.installer_is_held(run)
        self.site.hosts.do("fill-disk", self.host)
        self.installer_goes_on()

    def repair(self, package: Package) -> None:
        """See Fault."""
        self.site.hosts.do("free-disk", self.host)


class PowerLossInInstallation(Fault):
    """The host loses its power when half of the new files are there."""

    name, fails, point = "power loss during installation", True, "write"

    def variables(self) -> dict[str, Any]:
        """See Fault. The host stays off: more attempts to reach it only take longer. The link that is cut is what they are for."""
        return {**super().variables(), "upgrade_ssh_retries": 1}

    def strike(self, run: Run) -> None:
        """See Fault."""
        self.installer_is_held(run)
        self.site.hosts.do("power-cut", self.host)

    def repair(self, package: Package) -> None:
        """See Fault."""
        self.switch_on()


class PowerLossInStart(PowerLossInInstallation):
    """The host loses its power when the new server is started and is not ready."""

    name = "power loss during start"

    def prepare(self, package: Package) -> None:
        """See Fault."""
        self.hurry()
        super().prepare(package)

    def repair(self, package: Package) -> None:
        """See Fault."""
        self.take_time()
        super().repair(package)

    def strike(self, run: Run) -> None:
        """See Fault."""
        self.installer_is_held(run)
        self._behave(never_running=True)
        self.installer_goes_on()
        assert wait_until(lambda: self.site.statuses()[self.member] == "INITIALIZING" or run.ended(), 300.0) and not run.ended(), run.tail()
        self.site.hosts.do("power-cut", self.host)
        self._behave(never_running=False)

    def _behave(self, **how: bool) -> None:
        self.site.ask("POST", f"http://{self.site.sandbox['scs_host']}:{self.site.sandbox['scs_port']}/behaviour", {"application": self.member, **how})


class LinkCut(Fault):
    """The host can't be reached for a while, and goes on by itself."""

    name = "link cut for 30 s"
    fails: ClassVar[bool | None] = None

    def orders(self) -> dict[str, Any]:
        """See Fault."""
        return {"hold": {"task": self.task[0], "time": self.task[1]}}

    def strike(self, run: Run) -> None:
        """See Fault."""
        run.is_held()
        self.site.hosts.do("partition", self.host)
        run.go_on()
        time.sleep(CUT_SECONDS)
        self.site.hosts.do("heal", self.host)

    def repair(self, package: Package) -> None:
        """See Fault."""
        self.settle()


class LinkCutInInstallation(LinkCut):
    """The host can't be reached for a while when its server is being installed."""

    name, point = "link cut for 30 s during installation", "write"

    def orders(self) -> dict[str, Any]:
        """See Fault."""
        return {}

    def strike(self, run: Run) -> None:
        """See Fault."""
        self.installer_is_held(run)
        self.site.hosts.do("partition", self.host)
        time.sleep(CUT_SECONDS)
        self.site.hosts.do("heal", self.host)
        self.installer_goes_on()


class ScsGone(LinkCut):
    """Solution Control Server ends, and is started anew after a while. The servers go on."""

    name = "Solution Control Server gone for 20 s"

    def strike(self, run: Run) -> None:
        """See Fault."""
        run.is_held()
        process = scs_process(self.site.sandbox["directory"])
        os.kill(process, signal.SIGHUP)
        assert wait_until(lambda: not Path(f"/proc/{process}").exists() or is_zombie(process))
        run.go_on()
        time.sleep(GONE_SECONDS)
        self.site.ask("POST", self.site.sandbox["control_url"] + "/scs/restart", {})


class GaxGone(LinkCut):
    """GAX takes connections and breaks them, until the run has ended."""

    name = "GAX gone"

    def env(self) -> dict[str, str]:
        """Wait a few seconds for each request only: the run makes a dozen until it gives up."""
        return {"GAX_TIMEOUT": "5"}

    def strike(self, run: Run) -> None:
        """See Fault."""
        run.is_held()
        self.site.ask("POST", self.site.sandbox["control_url"] + "/faults", {"action": "reset_before", "times": 0})
        run.go_on()

    def repair(self, package: Package) -> None:
        """See Fault."""
        self.site.ask("DELETE", self.site.sandbox["control_url"] + "/faults")


class SessionExpired(GaxGone):
    """The session with GAX ends right after the login."""

    name, fails = "session with GAX expired", False

    def strike(self, run: Run) -> None:
        """See Fault."""
        run.is_held()
        self.site.ask("POST", self.site.sandbox["control_url"] + "/faults", {"action": "expire_session", "match": {"path_regex": "/cfg/"}})
        run.go_on()


class ControllerKilled(Fault):
    """The controller ends at a task, with all that it runs; ``before`` it begins, or ``after`` the first host has done it."""

    name, fails = "controller killed", True
    moment = "after"

    @property
    def title(self) -> str:
        """See Fault."""
        return f"{super().title} {self.moment} '{self.task[0]}' ({self.task[1]})"

    def orders(self) -> dict[str, Any]:
        """See Fault."""
        return {"kill": {"task": self.task[0], "time": self.task[1], "moment": self.moment}}


class ControllerKilledBefore(ControllerKilled):
    """See ControllerKilled."""

    moment = "before"


def scs_process(directory: str) -> int:
    """Return the id of the Solution Control Server of a sandbox."""
    for process in Path("/proc").glob("[0-9]*"):
        try:
            words = (process / "cmdline").read_text(encoding="utf-8", errors="replace").split("\0")
        except OSError:
            continue  # it has just ended
        if "sandbox.scs" in words and directory in words:
            return int(process.name)
    raise AssertionError("there is no Solution Control Server")


def is_zombie(process: int) -> bool:
    """Tell whether a process has ended, and its parent has not yet asked for its exit code."""
    try:
        return Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True
