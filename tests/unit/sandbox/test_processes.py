# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A process that was killed is gone when the last of its threads has ended, and not before: until then its ports are taken."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time

from sandbox.scs.processes import Processes

#: Threads, and much memory to give back, so that the kernel needs a while to end all of them.
SERVER = """
import socket, threading, time
server = socket.create_server(("127.0.0.1", 0))
memory = b"1" * 200_000_000
for _number in range(30):
    threading.Thread(target=time.sleep, args=(60,)).start()
print(server.getsockname()[1], flush=True)
"""


def test_the_port_of_a_killed_process_is_free_when_it_is_gone() -> None:
    for _time in range(4):  # the kernel seldom ends them in an order in which a wrong answer is not seen
        with subprocess.Popen([sys.executable, "-c", SERVER], stdout=subprocess.PIPE, text=True) as child:
            assert child.stdout is not None
            port = int(child.stdout.readline())
            processes, limit = Processes(), time.monotonic() + 30
            assert processes.find(child.pid) is not None
            os.kill(child.pid, signal.SIGKILL)
            while processes.find(child.pid) is not None:
                assert time.monotonic() < limit
            socket.create_server(("127.0.0.1", port)).close()
