# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m sandbox.scs --port N --confserv HOST:PORT --dir D``: run the stand-in for Solution Control Server.

SIGTERM and SIGINT end it together with every server that it knows; so does the end of its parent process. After SIGHUP, or
with ``--keep``, the servers go on running, and the next instance finds them again.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import signal
from pathlib import Path

import uvicorn

from ..servers.configuration import Configuration
from .agent import Agents, LocalAgents
from .control import Control
from .record import Record
from .remote import RemoteAgents
from .service import create_app


async def _serve(arguments: argparse.Namespace) -> None:
    host, _unused, port = arguments.confserv.rpartition(":")
    directory = arguments.dir.resolve()
    own = f"{arguments.address}:{arguments.port}"
    agents: Agents = RemoteAgents(own) if arguments.agents else LocalAgents(directory, own)
    control = Control(Configuration(host, int(port)), agents, Record(directory))
    keep = [arguments.keep]
    app = create_app(control, (host, int(port)), lambda: keep[0])
    server = uvicorn.Server(uvicorn.Config(app, host=arguments.address, port=arguments.port, log_level="warning", lifespan="on", timeout_graceful_shutdown=2))

    def hang_up() -> None:
        keep[0], server.should_exit = True, True

    async def follow_parent(parent: int) -> None:
        while os.getppid() == parent:
            await asyncio.sleep(0.5)
        server.should_exit = True

    asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, hang_up)
    follower = asyncio.create_task(follow_parent(os.getppid()))
    await server.serve()
    follower.cancel()


def main() -> None:
    """Parse the arguments and run."""
    parser = argparse.ArgumentParser(prog="python -m sandbox.scs", description="Stand-in for Solution Control Server.")
    parser.add_argument("--port", type=int, required=True, help="port of the private HTTP interface")
    parser.add_argument("--address", default="127.0.0.1", help="address of that port (default: %(default)s)")
    parser.add_argument("--confserv", required=True, metavar="HOST:PORT", help="the sandbox's confserv port")
    parser.add_argument("--dir", type=Path, required=True, help="the sandbox's directory")
    parser.add_argument("--agents", action="store_true", help="the hosts are machines of their own, each with an agent at its Host object's LCA port")
    parser.add_argument("--keep", action="store_true", help="leave the servers running at the end")
    arguments = parser.parse_args()
    log = arguments.dir / "scs" / "scs.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    logging.basicConfig(filename=log, level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    asyncio.run(_serve(arguments))


if __name__ == "__main__":
    main()
