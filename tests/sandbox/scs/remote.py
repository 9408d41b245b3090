# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The agents of real hosts, each reached at the address and the LCA port of its Host object.

One connection for each host. It is tried again until it stands, and asked often enough for the state of the processes that a host
which is cut off or switched off is noticed within seconds.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections.abc import Iterable
from typing import Any

from .agent import command_line
from .lca import LINE_LIMIT
from .processes import Process, StartRefused

POLL_SECONDS = 0.4
RETRY_SECONDS = 0.5
ANSWER_SECONDS = 5.0

LOG = logging.getLogger("sandbox.scs")


class AgentLost(Exception):
    """The agent did not answer; whether it carried out the request is not known."""


class _Line:
    """The connection to one host's agent."""

    def __init__(self, host: dict[str, Any]) -> None:
        self.name = str(host["name"])
        self.address, self.port = str(host["ipaddress"]), int(host["lcaport"])
        self.boot = ""
        self.connected = False
        self.tried = asyncio.Event()
        self.running: dict[Process, bool] = {}
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self._turn = asyncio.Lock()
        self.task = asyncio.create_task(self._run())

    async def _run(self) -> None:
        while True:
            stood = False
            with contextlib.suppress(AgentLost):
                await self._connect()
                self.boot = str((await self.ask("hello"))["boot"])
                await self._look()
                self.connected = stood = True
                self.tried.set()
                LOG.info("agent of host %s connected", self.name)
                while True:
                    await asyncio.sleep(POLL_SECONDS)
                    await self._look()
            if stood:
                LOG.warning("agent of host %s lost", self.name)
            self.connected = False
            self.tried.set()
            await asyncio.sleep(RETRY_SECONDS)

    async def _connect(self) -> None:
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                self._streams = await asyncio.open_connection(self.address, self.port, limit=LINE_LIMIT)
        except (OSError, TimeoutError) as error:
            raise AgentLost(str(error)) from error

    async def _look(self) -> None:
        asked = [process for process, running in self.running.items() if running]
        answer = await self.ask("alive", processes=[[process.pid, process.started] for process in asked])
        self.running.update(zip(asked, answer["alive"], strict=True))

    async def ask(self, operation: str, **values: Any) -> dict[str, Any]:
        """Send one request and return its answer. Raises AgentLost, and leaves the connection then."""
        async with self._turn:
            if self._streams is None:
                raise AgentLost(f"the agent of host {self.name} is not connected")
            reader, writer = self._streams
            try:
                async with asyncio.timeout(ANSWER_SECONDS):
                    writer.write(json.dumps({"op": operation, **values}).encode() + b"\n")
                    await writer.drain()
                    answer: dict[str, Any] = json.loads(await reader.readline() or b"none")
                    return answer
            except (OSError, TimeoutError, ValueError) as error:
                self._streams, self.connected = None, False
                writer.close()
                raise AgentLost(f"the agent of host {self.name} does not answer") from error
            except asyncio.CancelledError:
                # The answer of this request would be taken for that of the next one.
                self._streams = None
                writer.close()
                raise


class RemoteAgents:
    """See ``Agents``.

    Args:
        scs: ``host:port`` of the Solution Control Server, given to the servers for their reports.
    """

    def __init__(self, scs: str) -> None:
        self._scs = scs
        self._lines: dict[str, _Line] = {}
        self._early: list[Process] = []

    async def attend(self, hosts: Iterable[dict[str, Any]]) -> None:
        """See ``Agents``."""
        for host in hosts:
            dbid, place = str(host["dbid"]), (str(host.get("ipaddress", "")), str(host.get("lcaport", "")))
            former = self._lines.get(dbid)
            if (former and (former.address, str(former.port)) == place) or not place[0] or not place[1].isdigit():
                continue
            if former:
                former.task.cancel()
            line = self._lines[dbid] = _Line(host)
            line.running.update(former.running if former else {})
            line.running.update({process: True for process in self._early if process.host == dbid})
        for line in self._lines.values():
            await line.tried.wait()

    def available(self, host: str) -> bool:
        """See ``Agents``."""
        return host in self._lines and self._lines[host].connected

    def know(self, process: Process) -> None:
        """See ``Agents``."""
        self._early.append(process)

    async def start(self, application: dict[str, Any], host: dict[str, Any]) -> Process:
        """See ``Agents``."""
        line = self._lines.get(str(host["dbid"]))
        if line is None:
            raise StartRefused(f"the host {host['name']} has no address or no LCA port")
        try:
            answer = await line.ask(
                "start",
                work_directory=str(application.get("workdirectory", "")),
                command_line=command_line(application),
                environment={"SANDBOX_SCS": self._scs},
            )
        except AgentLost as lost:
            raise StartRefused(str(lost)) from lost
        if "refused" in answer:
            raise StartRefused(answer["refused"])
        return self._noted(line, Process(answer["pid"], answer["started"], str(host["dbid"])))

    async def find(self, host: str, pid: int) -> Process | None:
        """See ``Agents``."""
        line = self._lines.get(host)
        with contextlib.suppress(AgentLost):
            started = (await line.ask("find", pid=pid))["started"] if line else None
            if line and started:
                return self._noted(line, Process(pid, started, host))
        return None

    @staticmethod
    def _noted(line: _Line, process: Process) -> Process:
        line.running[process] = True
        return process

    def alive(self, process: Process) -> bool:
        """See ``Agents``."""
        line = self._lines[process.host]
        if line.running.get(process, True):
            return True
        del line.running[process]
        return False

    def restarted(self, process: Process) -> bool:
        """See ``Agents``."""
        return process.boot != self._lines[process.host].boot

    async def send(self, process: Process, number: int) -> None:
        """See ``Agents``."""
        with contextlib.suppress(AgentLost):
            await self._lines[process.host].ask("send", pid=process.pid, started=process.started, signal=int(number))
