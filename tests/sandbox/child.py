# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Solution Control Server's stand-in as a child process."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path

from .environment import Environment

STARTUP_SECONDS = 20.0
SHUTDOWN_SECONDS = 15.0


class ScsProcess:
    """Starts, stops and restarts ``python -m sandbox.scs``."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> bool:
        """Start it and wait until its port accepts connections; tell whether that succeeded."""
        environment = self._environment
        tests = str(Path(__file__).resolve().parent.parent)
        command = ["-m", "sandbox.scs", "--address", environment.listen, "--port", str(environment.scs_port)]
        command += ["--confserv", f"{environment.listen}:{environment.confserv_port}"]
        if environment.real_hosts:
            command.append("--agents")
        with open(environment.directory / "log" / "scs.log", "ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                *command,
                "--dir",
                str(environment.directory),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**os.environ, "PYTHONPATH": tests},
            )
        deadline = asyncio.get_running_loop().time() + STARTUP_SECONDS
        while asyncio.get_running_loop().time() < deadline and self._process.returncode is None:
            with contextlib.suppress(OSError):
                _unused, writer = await asyncio.open_connection(environment.listen, environment.scs_port)
                writer.close()
                return True
            await asyncio.sleep(0.05)
        return False

    async def stop(self, number: signal.Signals = signal.SIGTERM) -> None:
        """End it, with SIGTERM also the servers that it started; kill it if it does not end in time."""
        process, self._process = self._process, None
        if process is None or process.returncode is not None:
            return
        process.send_signal(number)
        try:
            await asyncio.wait_for(process.wait(), SHUTDOWN_SECONDS)
        except TimeoutError:
            process.kill()
            await process.wait()

    async def restart(self) -> bool:
        """Start it anew, while the servers that it started go on; tell whether it runs again."""
        await self.stop(signal.SIGHUP)
        return await self.start()
