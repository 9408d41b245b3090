# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m sandbox run`` runs an embedded Genesys environment; ``... unknowns`` lists what it can't know.

``... start`` and ``... stop`` run it in the background. ``python -m sandbox hosts`` makes real hosts (docs/hosts.md).
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import fcntl
import json
import logging
import os
import signal
import socket
import sys
from pathlib import Path
from typing import Any

from . import background, certificate, inventory, network
from .child import ScsProcess
from .confserv import ConfServ
from .control import Control
from .environment import HOSTS, SITE, Environment
from .gax.dialects import DIALECTS
from .gax.seed import SEEDS
from .hosts import command as hosts_command
from .hosts.shell import HostsError
from .packages import build_all
from .state import SandboxState
from .unknowns import text as unknowns_text

DEFAULT_PORT = 18080
# Real hosts do not have the interpreter that runs the sandbox.
HOSTS_PYTHON = "/usr/bin/python3"


class StartupError(Exception):
    """The sandbox can't start; the message says why in one line."""


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return the exit code."""
    options = _parser().parse_args(arguments)
    if options.command == "unknowns":
        print(unknowns_text())
        return 0
    try:
        if options.command == "hosts":
            hosts_command.run(options)
            return 0
        if options.command == "start":
            print(background.start((sys.argv[1:] if arguments is None else arguments)[1:], Path(options.dir)))
            return 0
        if options.command == "stop":
            print("the sandbox has ended" if background.stop(Path(options.dir)) else "there is no sandbox")
            return 0
        with contextlib.ExitStack() as stack:
            environment, listeners = _prepare(options, stack)
            asyncio.run(_run(environment, listeners, options))
    except (StartupError, network.PortInUse, HostsError, background.BackgroundError, RuntimeError) as error:
        print(f"sandbox: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 0
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="sandbox", description="An embedded stand-in for a Genesys environment.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("unknowns", help="print the dialects and the declared deviations")
    hosts_command.add_to(commands.add_parser("hosts", help="real hosts with systemd and sshd, in namespaces of this machine; needs root"))
    run = argparse.ArgumentParser(add_help=False)
    run.add_argument("--gax-port", type=int, default=DEFAULT_PORT, metavar="P", help="P GAX, P+1 Configuration Server, P+2 control, P+3 SCS; 0: any free")
    run.add_argument("--address", default=network.LOOPBACK, help="address to listen at; another one than the default is for real hosts (docs/hosts.md)")
    run.add_argument("--dir", default="build/sandbox", help="directory of the sandbox; an existing one is continued")
    run.add_argument("--dialect", choices=sorted(DIALECTS), default="plain")
    run.add_argument("--seed", choices=SEEDS, default="standard")
    run.add_argument("--password", default="sandbox-password", help="password of the user default")
    run.add_argument("--session-timeout", type=float, default=900.0, metavar="SECONDS")
    run.add_argument("--session-limit", type=int, default=0, metavar="N", help="number of simultaneous sessions; 0: any")
    run.add_argument("--tls", action="store_true", help="serve GAX over HTTPS with a self-signed certificate")
    run.add_argument("--no-scs", dest="scs", action="store_false", help="without Solution Control Server")
    run.add_argument("--no-packages", dest="packages", action="store_false", help="without building installation packages")
    commands.add_parser("run", parents=[run], help="run in the foreground until interrupted; the first line of output is JSON")
    commands.add_parser("start", parents=[run], help="run in the background: print the same line when it is ready, and return")
    stop = commands.add_parser("stop", help="end the sandbox of a directory and wait until it is gone")
    stop.add_argument("--dir", default="build/sandbox", help="directory of the sandbox (default: %(default)s)")
    return parser


def _prepare(options: argparse.Namespace, stack: contextlib.ExitStack) -> tuple[Environment, list[socket.socket]]:
    """Take possession of the directory and the ports. Raises StartupError and PortInUse."""
    directory = Path(options.dir).resolve()
    if options.tls and options.address != network.LOOPBACK:
        raise StartupError("--tls can not be used with --address: the certificate is for the loopback address")
    try:
        for name in ("log", "packages", "bin", *(f"hosts/{host}" for host in HOSTS)):
            (directory / name).mkdir(parents=True, exist_ok=True)
        lock = os.open(directory / "lock", os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise StartupError(f"can not write to {error.filename}: {error.strerror}") from None
    stack.callback(os.close, lock)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        raise StartupError(f"another sandbox uses the directory {directory}") from None
    former = os.pread(lock, 16, 0).decode("ascii", "replace").strip()
    if former.isdecimal() and options.gax_port not in (0, int(former)):
        raise StartupError(f"{directory} belongs to a sandbox on port {former}: use --gax-port {former} or another directory")
    port, listeners = network.bind_block(int(former) if former.isdecimal() else options.gax_port, options.address)
    for listener in listeners:
        stack.callback(listener.close)
    os.pwrite(lock, b"%-16d%-16d" % (port, os.getpid()), 0)
    environment = Environment(
        gax_port=port,
        directory=directory,
        password=options.password,
        seed=options.seed,
        dialect=options.dialect,
        tls=options.tls,
        session_timeout=options.session_timeout,
        session_limit=options.session_limit,
        listen=options.address,
    )
    return environment, listeners


async def _run(environment: Environment, listeners: list[socket.socket], options: argparse.Namespace) -> None:
    """Serve until a signal ends it. Raises StartupError and RuntimeError."""
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    logging.basicConfig(filename=environment.directory / "log" / "sandbox.log", level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    state = SandboxState(environment)
    inventory.write(environment)
    inventory.write_for_gax(environment)
    python = HOSTS_PYTHON if environment.real_hosts else sys.executable
    build = asyncio.create_task(asyncio.to_thread(build_all, environment.directory, python, sys.executable)) if options.packages else None
    scs = ScsProcess(environment) if options.scs else None
    running: list[Any] = []
    try:
        tls = certificate.create(environment.certificate) if environment.tls else None
        running.append(await network.start(state.gax, [listeners[0]], tls))
        running.append(await network.start(ConfServ(state), [listeners[1], _at_site(environment)]))
        running.append(await network.start(Control(state), [listeners[2]]))
        if build:
            await build
        if scs:
            if not await scs.start():
                raise StartupError(f"the Solution Control Server did not start; see {environment.directory / 'log' / 'scs.log'}")
            state.restart_scs = scs.restart
        print(json.dumps(environment.describe()), flush=True)
        await stopped.wait()
    finally:
        if scs:
            await scs.stop()
        for server, _unused in running:
            server.should_exit = True
        await asyncio.wait([task for _unused, task in running] or [asyncio.create_task(asyncio.sleep(0))], timeout=10)
        state.store.close()


def _at_site(environment: Environment) -> socket.socket:
    """Return a second socket for the Configuration Server, at the address of the Host object on which it is configured."""
    try:
        return network.listen(environment.address(SITE), environment.confserv_port)
    except OSError as error:
        raise StartupError(f"can not listen at {environment.address(SITE)}: {error.strerror}") from None


if __name__ == "__main__":
    sys.exit(main())
