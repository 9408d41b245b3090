# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The states of the applications and the transitions between them (Source: G4, G5).

Delays are the stand-in's own: 0.3 seconds pass before a process is started or signalled. Words: UNKNOWN, STOPPED,
STOP_TRANSITION, STOP_PENDING, START_TRANSITION, START_PENDING, RUNNING, INITIALIZING, SERVICE_UNAVAILABLE, and SUSPENDING
during a graceful stop. Run modes: PRIMARY, BACKUP, UNKNOWN for what does not run.

Of a host whose agent does not answer nothing is known: its applications are UNKNOWN. When it answers again, what ran before the host was
restarted is started, and what has ``sml/autostart`` (Sources: START, SML).
"""

from __future__ import annotations

import asyncio
import logging
import signal
import time
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any

from ..servers.configuration import Configuration, ConfigurationError
from .agent import Agents
from .embodied import EMBODIED, MessageServers
from .processes import Process, StartRefused
from .record import Record

STEP_SECONDS = 0.15
WATCH_SECONDS = 0.1
FRESH_SECONDS = 0.5
LISTEN_SECONDS = 5.0
MOST_RESTARTS = 5
RESTART_WINDOW_SECONDS = 60.0

LOG = logging.getLogger("sandbox.scs")


class Refused(Exception):
    """A request that cannot be carried out in the present state."""


class NotFound(Refused):
    """No such application on any host."""


@dataclass
class Behaviour:
    """How an application misbehaves, for tests."""

    never_running: bool = False
    dies_after_start: float | None = None
    start_delay: float = 0.0
    status: str | None = None


@dataclass
class State:
    """What is known of one application."""

    status: str = "STOPPED"
    runmode: str = "UNKNOWN"
    process: Process | None = None
    transition: asyncio.Task[None] | None = None
    planned: bool = False
    restarts: list[float] = field(default_factory=list)


class Control:
    """Solution Control Server without its wire.

    Args:
        configuration: the confserv port.
        agents: the hosts' processes.
        record: keeps what is known of them.
    """

    def __init__(self, configuration: Configuration, agents: Agents, record: Record) -> None:
        self._configuration, self._agents, self._record = configuration, agents, record
        self._states: dict[str, State] = {}
        self.behaviours: dict[str, Behaviour] = {}
        self._applications: dict[str, dict[str, Any]] = {}
        self._read = float("-inf")
        self._message_servers = MessageServers(configuration)
        self._available: set[str] = set()
        for dbid, (process, status, runmode) in record.load().items():
            agents.know(process)
            if not agents.available(process.host) or agents.alive(process):
                self._states[dbid] = State(status, runmode, process)

    # -- view ------------------------------------------------------------------------------------------------------------

    async def applications(self) -> list[dict[str, Any]]:
        """All applications that are on a host: name, dbid, status, run mode."""
        await self._refresh(now=True)
        return [self._view(dbid, item) for dbid, item in sorted(self._applications.items(), key=lambda pair: int(pair[0]))]

    def _view(self, dbid: str, application: dict[str, Any]) -> dict[str, Any]:
        state = self._states.get(dbid, State())
        status, runmode = state.status, state.runmode
        if application.get("subtype") in EMBODIED:
            status, runmode = "RUNNING", "PRIMARY"
        elif str(application["hostdbid"]) not in self._available:
            status, runmode = "UNKNOWN", "UNKNOWN"
        override = self.behaviours.get(dbid, Behaviour()).status
        return {"name": application["name"], "dbid": int(dbid), "status": override or status, "runmode": runmode}

    def processes(self) -> list[dict[str, Any]]:
        """The processes that run: dbid, name, pid, status."""
        running = [(dbid, state) for dbid, state in self._states.items() if state.process is not None]
        names = {dbid: self._applications.get(dbid, {}).get("name", "") for dbid, _state in running}
        return [{"dbid": int(dbid), "name": names[dbid], "pid": state.process.pid, "status": state.status} for dbid, state in running if state.process]

    async def _refresh(self, *, now: bool = False) -> None:
        if not now and time.monotonic() - self._read < FRESH_SECONDS:
            return
        try:
            found = await asyncio.to_thread(self._configuration.list, "CfgApplication")
            hosts = await asyncio.to_thread(self._configuration.list, "CfgHost")
        except ConfigurationError as error:
            LOG.warning("configuration is not available: %s", error)
            return
        self._read = time.monotonic()
        self._applications = {str(item["dbid"]): item for item in found if str(item.get("hostdbid", "0")) not in ("", "0")}
        used = {str(item["hostdbid"]) for item in self._applications.values() if item.get("subtype") not in EMBODIED}
        await self._agents.attend([host for host in hosts if str(host["dbid"]) in used])
        self._look()

    async def dbid_of(self, name_or_dbid: str) -> str:
        """DBID of an application given by name or DBID.

        Raises:
            NotFound: there is none on a host.
        """
        await self._refresh(now=True)
        for dbid, application in self._applications.items():
            if name_or_dbid in (dbid, application["name"]):
                return dbid
        raise NotFound(f"application {name_or_dbid} was not found")

    # -- commands --------------------------------------------------------------------------------------------------------

    async def start(self, name_or_dbid: str) -> None:
        """Begin to start an application, given by name or DBID like those of the other commands.

        Raises:
            Refused: it does not exist, runs already, or is in transition.
        """
        dbid, state = await self._idle_state(name_or_dbid)
        if state.process is not None:
            raise Refused("the application is already started")
        self._transit(state, self._start(dbid, state))

    async def stop(self, name_or_dbid: str, *, graceful: bool) -> None:
        """Begin to stop an application, at once or gracefully.

        Raises:
            Refused: it does not exist, does not run, or is in transition.
        """
        dbid, state = await self._idle_state(name_or_dbid, interrupt=True)
        if state.process is None:
            raise Refused("the application is not started")
        self._transit(state, self._suspend(dbid, state) if graceful else self._stop(dbid, state))

    async def kill(self, name_or_dbid: str) -> None:
        """Kill an application's process, as a crash would.

        Raises:
            Refused: it does not run.
        """
        state = self._states.get(await self.dbid_of(name_or_dbid), State())
        if state.process is None:
            raise Refused("the application is not started")
        await self._agents.send(state.process, signal.SIGKILL)

    async def report(self, dbid: str, pid: int, status: str) -> None:
        """Take a server's report; one that was not started from here becomes known by it."""
        state = self._states.setdefault(dbid, State())
        if state.process is None and state.transition is None:
            found = await self._agents.find(str(self._applications.get(dbid, {}).get("hostdbid", "0")), pid)
            if found is not None and state.process is None and state.transition is None:
                state.process = found
                self._choose_runmode(dbid, state)
        if state.process is None or state.process.pid != pid or state.status in ("STOP_PENDING", "STOP_TRANSITION", "START_PENDING"):
            return
        if self.behaviours.get(dbid, Behaviour()).never_running and status != "SUSPENDING":
            status = "INITIALIZING"
        self._set(state, status)

    async def _idle_state(self, name_or_dbid: str, *, interrupt: bool = False) -> tuple[str, State]:
        dbid = await self.dbid_of(name_or_dbid)
        if self._applications[dbid].get("subtype") in EMBODIED:
            raise Refused("the application cannot be controlled in the sandbox")
        if not self._agents.available(str(self._applications[dbid]["hostdbid"])):
            raise Refused("the Local Control Agent of the application's host is not connected")
        state = self._states.setdefault(dbid, State())
        if state.transition is not None:
            if not interrupt or state.process is None or state.planned:
                raise Refused("a request for the application is in progress")
            state.transition.cancel()
        return dbid, state

    def _transit(self, state: State, work: Coroutine[Any, Any, None]) -> None:
        async def run() -> None:
            try:
                await work
            finally:
                if state.transition is asyncio.current_task():
                    state.transition = None

        state.transition = asyncio.create_task(run())

    def _set(self, state: State, status: str) -> None:
        if state.status != status:
            state.status = status
            self._save()

    def _save(self) -> None:
        self._record.save({dbid: (state.process, state.status, state.runmode) for dbid, state in self._states.items() if state.process is not None})

    # -- transitions -----------------------------------------------------------------------------------------------------

    async def _start(self, dbid: str, state: State) -> None:
        behaviour = self.behaviours.get(dbid, Behaviour())
        state.planned = False
        self._set(state, "START_PENDING")
        await asyncio.sleep(STEP_SECONDS + behaviour.start_delay)
        self._set(state, "START_TRANSITION")
        await asyncio.sleep(STEP_SECONDS)
        application = self._applications[dbid]
        try:
            host = await asyncio.to_thread(self._configuration.find, "CfgHost", dbid=str(application["hostdbid"]))
            if host is None:
                raise StartRefused("the host does not exist")
            state.process = await self._agents.start(application, host)
        except (StartRefused, ConfigurationError) as error:
            LOG.warning("application %s cannot be started: %s", application["name"], error)
            self._gone(state)
            return
        LOG.info("application %s started, pid %d", application["name"], state.process.pid)
        self._choose_runmode(dbid, state)
        self._set(state, "INITIALIZING")
        if behaviour.dies_after_start is not None:
            await asyncio.sleep(behaviour.dies_after_start)
            if state.process is not None:
                await self._agents.send(state.process, signal.SIGKILL)

    async def _stop(self, dbid: str, state: State) -> None:
        state.planned = True
        self._set(state, "STOP_PENDING")
        await asyncio.sleep(STEP_SECONDS)
        self._set(state, "STOP_TRANSITION")
        await asyncio.sleep(STEP_SECONDS)
        await self._end(dbid, state)

    async def _suspend(self, dbid: str, state: State) -> None:
        """Ask to suspend; stop hard what does not report it in time, or does not end by itself."""
        if state.process is None:
            return
        state.planned = True
        await asyncio.sleep(STEP_SECONDS)
        await self._agents.send(state.process, signal.SIGUSR1)
        seconds = self._annex(dbid, "suspending-wait-timeout")
        wait = float(seconds) if seconds.isdigit() else 10.0
        if await self._until(state, wait, "SUSPENDING"):
            await self._until(state, self._seconds(dbid, "shutdowntimeout"))
        if state.process is not None:
            await self._end(dbid, state)

    async def _end(self, dbid: str, state: State) -> None:
        """SIGTERM, and SIGKILL after the shutdown time-out."""
        if state.process is None:
            return
        await self._agents.send(state.process, signal.SIGTERM)
        if not await self._until(state, self._seconds(dbid, "shutdowntimeout")) and state.process is not None:
            await self._agents.send(state.process, signal.SIGKILL)
            await self._until(state, 10.0)

    async def _until(self, state: State, seconds: float, status: str | None = None) -> bool:
        """Wait until the process is gone, or reports a status if one is given."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if state.process is None or (status is not None and state.status == status):
                return True
            await asyncio.sleep(WATCH_SECONDS / 2)
        return False

    def _annex(self, dbid: str, key: str) -> str:
        """A value of section sml of the annex."""
        annex = (self._applications.get(dbid, {}).get("userproperties") or {}).get("property", [])
        return next((str(item["value"]) for item in annex if (item["section"], item["key"]) == ("sml", key)), "")

    def _seconds(self, dbid: str, name: str) -> float:
        value = str(self._applications.get(dbid, {}).get(name, "90"))
        return float(value) if value.isdigit() else 90.0

    def _gone(self, state: State) -> None:
        state.process, state.runmode, state.status = None, "UNKNOWN", "STOPPED"
        self._save()

    # -- pairs -----------------------------------------------------------------------------------------------------------

    def _partner(self, dbid: str) -> tuple[str, bool] | None:
        """The other member of the pair, and whether this one is the configured backup."""
        backup = str(self._applications.get(dbid, {}).get("backupserverdbid", "0"))
        if backup not in ("", "0"):
            return backup, False
        primaries = [other for other, item in self._applications.items() if str(item.get("backupserverdbid", "0")) == dbid]
        return (primaries[0], True) if primaries else None

    def _choose_runmode(self, dbid: str, state: State) -> None:
        partner = self._partner(dbid)
        state.runmode = "PRIMARY"
        if partner is not None:
            other = self._states.get(partner[0], State())
            if other.runmode == "PRIMARY" or (partner[1] and other.status.startswith("START_")):
                state.runmode = "BACKUP"

    def _promote_partner(self, dbid: str) -> None:
        partner = self._partner(dbid)
        other = self._states.get(partner[0]) if partner else None
        if other is not None and other.process is not None:
            other.runmode = "PRIMARY"

    # -- background ------------------------------------------------------------------------------------------------------

    async def watch(self) -> None:
        """Notice processes that are gone, restart where ``autorestart`` says so, keep the embodied ports open."""
        listened = float("-inf")
        while True:
            self._look()
            if time.monotonic() - listened > (LISTEN_SECONDS if self._message_servers.listen_already else WATCH_SECONDS):
                await self._refresh()
                await self._message_servers.listen(self._applications.values())
                listened = time.monotonic()
            await asyncio.sleep(WATCH_SECONDS)

    def _look(self) -> None:
        """Notice processes that are gone, and agents that came or went."""
        for dbid, state in list(self._states.items()):
            process = state.process
            if process is not None and self._agents.available(process.host) and not self._agents.alive(process):
                self._lost(dbid, state)
        of_host: dict[str, list[str]] = {}
        for dbid, application in self._applications.items():
            if application.get("subtype") not in EMBODIED:
                of_host.setdefault(str(application["hostdbid"]), []).append(dbid)
        available = {host for host in of_host if self._agents.available(host)}
        for host in self._available - available:
            for dbid in of_host.get(host, []):
                if self._states.get(dbid, State()).runmode == "PRIMARY":
                    self._states[dbid].runmode = "UNKNOWN"
                    self._promote_partner(dbid)
        for host in available - self._available:
            for dbid in of_host[host]:
                state = self._states.setdefault(dbid, State())
                if state.process is not None:
                    self._choose_runmode(dbid, state)
                elif state.transition is None and self._annex(dbid, "autostart") == "true":
                    self._transit(state, self._start(dbid, state))
        self._available = available

    def _lost(self, dbid: str, state: State) -> None:
        application = self._applications.get(dbid, {})
        ran_before = state.process is not None and self._agents.restarted(state.process)
        was_primary = state.runmode == "PRIMARY"
        self._gone(state)
        if was_primary:
            self._promote_partner(dbid)
        if state.transition is not None:
            state.transition.cancel()
            state.transition = None
        if state.planned:
            LOG.info("application %s stopped", application.get("name", dbid))
            return
        LOG.warning("application %s terminated due to internal condition", application.get("name", dbid))
        if ran_before:
            self._transit(state, self._start(dbid, state))
            return
        now = time.monotonic()
        state.restarts = [moment for moment in state.restarts if now - moment < RESTART_WINDOW_SECONDS]
        if application.get("autorestart") == "CFGTrue" and len(state.restarts) < MOST_RESTARTS:
            state.restarts.append(now)
            self._transit(state, self._start(dbid, state))

    async def end_all(self, seconds: float = 5.0) -> None:
        """End every process that is known: SIGTERM, and SIGKILL for what remains."""
        known = [state.process for state in self._states.values() if state.process is not None]
        for number, wait in ((signal.SIGTERM, seconds), (signal.SIGKILL, 2.0)):
            left = [process for process in known if self._runs(process)]
            for process in left:
                await self._agents.send(process, number)
            deadline = time.monotonic() + wait
            while time.monotonic() < deadline and any(self._runs(process) for process in left):
                await asyncio.sleep(WATCH_SECONDS / 2)

    def _runs(self, process: Process) -> bool:
        return self._agents.available(process.host) and self._agents.alive(process)

    def cancel_transitions(self) -> None:
        """Let go of what is under way."""
        for state in self._states.values():
            if state.transition is not None:
                state.transition.cancel()
