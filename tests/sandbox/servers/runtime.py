# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every stand-in server does: arguments, configuration, ports, log, reports to the Local Control Agent, its end.

Environment: ``SANDBOX_ADDRESS`` (address to listen on, default all), ``SANDBOX_HOSTNAME`` (for the log), ``SANDBOX_DIR`` (where
stores are shared) and ``SANDBOX_SCS`` (``host:port`` that reports go to; stands for the channel to the agent on the host).
SIGTERM is a normal termination, SIGUSR1 the request to suspend (first half of a graceful stop).
"""

from __future__ import annotations

import asyncio
import http.client
import json
import os
import signal
import socket
import sys
from pathlib import Path
from typing import Any

from . import configuration as conf
from .configuration import Configuration, ConfigurationError
from .link import LINE_LIMIT
from .log import Log

POLL_SECONDS = 2.0  # a server reads its object again; also the longest silence between two reports
_ANSWER_SECONDS = 0.2


class StartFailed(Exception):
    """The server cannot start; the text is the reason of event 05062."""


class Server:
    """Base of the stand-ins. A subclass overrides ``started``, ``configured``, ``serviceable``, ``handle`` and ``suspend``.

    Args:
        configuration: the confserv port of the command line.
        application: name of the application object.
        product: official name, for event 05200.
        version: version of the package, for event 05200.
    """

    def __init__(self, configuration: Configuration, application: str, product: str, version: str) -> None:
        self.configuration, self.name, self.product, self.version = configuration, application, product, version
        self.address = os.environ.get("SANDBOX_ADDRESS", "0.0.0.0")
        self.host = os.environ.get("SANDBOX_HOSTNAME") or socket.gethostname()
        self.directory = Path(os.environ.get("SANDBOX_DIR", "."))
        self.log = Log(application, self.host)
        self.object: dict[str, Any] = {}
        self.suspended = False
        self._status = "INITIALIZING"
        self._reported = asyncio.Event()
        self._stop = asyncio.Event()
        self._listeners: list[asyncio.Server] = []
        self._clients: set[asyncio.StreamWriter] = set()

    # -- what a product adds ---------------------------------------------------------------------------------------------

    async def started(self) -> None:
        """Called once, before the ports are opened."""

    async def configured(self) -> None:
        """Called after each reading of the configuration that brought something new, the first time with the ports open."""

    def serviceable(self) -> bool:
        """Whether the server can do its work, which decides between RUNNING and SERVICE_UNAVAILABLE."""
        return True

    async def handle(self, port_id: str, message: dict[str, Any], writer: asyncio.StreamWriter) -> dict[str, Any] | None:
        """Answer one message of a client, None for no answer."""
        return {"ok": False, "error": f"unknown operation on port {port_id}"}

    async def suspend(self) -> None:
        """Finish what clients wait for; the process ends afterwards."""

    async def stopped(self) -> None:
        """Called last, with the ports closed."""

    # -- life ------------------------------------------------------------------------------------------------------------

    async def run(self) -> int:
        """Run until stopped; returns the exit code."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop.set)
        loop.add_signal_handler(signal.SIGUSR1, lambda: tasks.append(asyncio.create_task(self._suspend())))
        self.log.event("05060")
        self.log.event("05200", self.product, self.version)
        tasks: list[asyncio.Task[None]] = []
        try:
            await self._read_configuration()
            tasks.append(asyncio.create_task(self._report()))
            await self.started()
            await self._open_ports()
            await self.configured()
        except StartFailed as failure:
            self.log.event("05062", str(failure))
            self.log.flush_to_stdout()
            for task in tasks:
                task.cancel()
            return 1
        self.log.event("05061")
        self._status = ""
        self.report_change()
        tasks.append(asyncio.create_task(self._watch_configuration()))
        await self._stop.wait()
        for listener in self._listeners:
            listener.close()
        await self.stopped()
        for writer in list(self._clients):
            writer.close()
        for task in tasks:
            task.cancel()
        self.log.event("05063")
        self.log.event("05065")
        return 0

    async def _read_configuration(self) -> None:
        try:
            item = await asyncio.to_thread(self.configuration.find, "CfgApplication", name=self.name)
        except ConfigurationError as error:
            raise StartFailed(f"Configuration Server at host '{self.configuration.host}', port {self.configuration.port}: {error}") from error
        if item is None:
            raise StartFailed(f"application '{self.name}' is not found in Configuration Server")
        self.object = item
        self.log.open(conf.options(item, "log"), self.product, self.version, conf.type_name(item))
        self.log.event("06053")

    async def _open_ports(self) -> None:
        ports = conf.ports(self.object)
        if not ports:
            raise StartFailed("no port is configured")
        for port_id, number in ports.items():
            try:
                self._listeners.append(await asyncio.start_server(self._client(port_id), self.address, number, limit=LINE_LIMIT))
            except OSError as error:
                reason = os.strerror(error.errno) if error.errno else str(error)
                self.log.event("04526", number, reason)
                raise StartFailed(f"cannot open port {number}") from error
            self.log.event("04525", number)

    def _client(self, port_id: str) -> Any:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            self._clients.add(writer)
            answers: set[asyncio.Task[None]] = set()
            try:
                while line := await reader.readline():
                    # A task per message: a client may send the next one before the last is answered.
                    task = asyncio.create_task(self._answer(port_id, line, writer))
                    answers.add(task)
                    task.add_done_callback(answers.discard)
            except (OSError, ValueError, asyncio.CancelledError):
                pass  # cancelled only when the process ends; Python 3.11 would print a traceback for each connection
            finally:
                self._clients.discard(writer)
                writer.close()

        return serve

    async def _answer(self, port_id: str, line: bytes, writer: asyncio.StreamWriter) -> None:
        try:
            message = json.loads(line)
        except ValueError:
            writer.close()
            return
        if not isinstance(message, dict):
            writer.close()
            return
        answer: dict[str, Any] | None
        try:
            answer = {"ok": True} if message.get("op") == "ping" else await self.handle(port_id, message, writer)
        except (KeyError, TypeError, ValueError) as error:
            answer = {"ok": False, "error": f"malformed request: {error}"}
        if answer is not None:
            self.send(writer, {**answer, "request": message.get("request")})

    @staticmethod
    def send(writer: asyncio.StreamWriter, message: dict[str, Any]) -> None:
        """Send one line, unless the client has gone."""
        if not writer.is_closing():
            writer.write(json.dumps(message).encode() + b"\n")

    async def _suspend(self) -> None:
        """Take no new clients, finish, end."""
        self.suspended = True
        self.report_change()
        for listener in self._listeners:
            listener.close()
        await self.suspend()
        await asyncio.sleep(_ANSWER_SECONDS)  # what was answered last is on its way
        self._stop.set()

    async def _watch_configuration(self) -> None:
        """Configuration changes reach the server by polling; a sandbox whose directory is gone takes its servers along."""
        while True:
            await asyncio.sleep(POLL_SECONDS)
            if not self.directory.is_dir():
                self._stop.set()
            try:
                item = await asyncio.to_thread(self.configuration.find, "CfgApplication", name=self.name)
            except ConfigurationError:
                continue
            if item is not None and item != self.object:
                self.object = item
                await self.configured()

    # -- reports ---------------------------------------------------------------------------------------------------------

    def report_change(self) -> None:
        """Tell the agent at once that the state may have changed."""
        self._reported.set()

    def status(self) -> str:
        """The state that is reported."""
        if self.suspended:
            return "SUSPENDING"
        return self._status or ("RUNNING" if self.serviceable() else "SERVICE_UNAVAILABLE")

    async def _report(self) -> None:
        target = os.environ.get("SANDBOX_SCS", "")
        if not target:
            return
        while True:
            self._reported.clear()
            await asyncio.to_thread(_post_report, target, {"dbid": self.object.get("dbid"), "pid": os.getpid(), "status": self.status()})
            try:
                async with asyncio.timeout(POLL_SECONDS):
                    await self._reported.wait()
            except TimeoutError:
                pass


def _post_report(target: str, report: dict[str, Any]) -> None:
    host, _unused, port = target.rpartition(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=2)
    try:
        connection.request("POST", "/report", json.dumps(report).encode(), {"Content-Type": "application/json"})
        connection.getresponse().read()
    except (OSError, http.client.HTTPException):
        pass
    finally:
        connection.close()


def run_server(kind: type[Server], arguments: list[str], product: str, version: str) -> int:
    """Run a server with the arguments ``-host H -port P -app NAME``.

    Returns:
        The exit code: 0 after a normal termination, 1 when the server could not start.
    """
    words = dict(zip(arguments[::2], arguments[1::2]))
    host, port, name = words.get("-host", ""), words.get("-port", ""), words.get("-app", "")
    if not host or not port.isdigit() or not name:
        print(f'usage: {sys.argv[0]} -host <host> -port <port> -app "<application name>"')
        return 1

    async def serve() -> int:
        return await kind(Configuration(host, int(port)), name, product, version).run()

    return asyncio.run(serve())
