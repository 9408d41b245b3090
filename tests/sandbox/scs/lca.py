# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``python3 -m scs.lca PORT``: stand-in for the Local Control Agent of a real host (standard library only).

It starts what Solution Control Server names, in its own environment and under its own account (Source: START),
and tells whether processes run. What it started goes on without it.

The real protocol is binary. This one: a line of JSON for a request, one for its answer.

=====================================================  =====================================
{"op": "hello"}                                        {"boot"}: which boot of the host it is
{"op": "start", work_directory, command_line,          {"pid", "started"}, or {"refused"}
environment}
{"op": "find", "pid"}                                  {"started"}, null without such a process
{"op": "alive", "processes": [[pid, started], ...]}    {"alive": [true, ...]}
{"op": "send", "pid", "started", "signal"}             {}
=====================================================  =====================================
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from typing import Any

from .processes import Process, Processes, StartRefused, boot_id

LINE_LIMIT = 1 << 20


class Agent:
    """Answers requests, one after the other."""

    def __init__(self) -> None:
        self._processes = Processes()

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        """Carry out one request. Raises KeyError, TypeError and ValueError for one that is none."""
        operation = request["op"]
        if operation == "hello":
            return {"boot": boot_id()}
        if operation == "start":
            try:
                environment = {**os.environ, **request["environment"]}
                process = self._processes.start(request["work_directory"], request["command_line"], environment)
            except StartRefused as refusal:
                return {"refused": str(refusal)}
            return {"pid": process.pid, "started": process.started}
        if operation == "find":
            found = self._processes.find(int(request["pid"]))
            return {"started": found.started if found else None}
        if operation == "alive":
            return {"alive": [self._processes.alive(Process(int(pid), started)) for pid, started in request["processes"]]}
        if operation == "send":
            self._processes.send(Process(int(request["pid"]), request["started"]), int(request["signal"]))
            return {}
        raise ValueError(f"unknown operation '{operation}'")

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer a client until it leaves, or sends what is no request."""
        try:
            while line := await reader.readline():
                writer.write(json.dumps(self.answer(json.loads(line))).encode() + b"\n")
                await writer.drain()
        except (OSError, KeyError, TypeError, ValueError) as error:
            print(f"connection closed: {error}", file=sys.stderr, flush=True)
        finally:
            writer.close()


async def serve(port: int, address: str = "0.0.0.0") -> None:
    """Listen for good. Raises OSError if the port is not free."""
    server = await asyncio.start_server(Agent().serve, address, port, limit=LINE_LIMIT)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), *sys.argv[2:]))
