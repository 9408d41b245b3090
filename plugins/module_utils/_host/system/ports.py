# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether ports answer: the last proof that a server does what its configuration says."""

import socket
import time
from typing import Any, Dict, List

from .errors import HostError

#: Seconds for one attempt to connect, and between two attempts.
ATTEMPT = 1.0
PAUSE = 0.2


def answers(address: str, port: int, seconds: float = ATTEMPT) -> bool:
    """Return whether something accepts a TCP connection there within "seconds"."""
    try:
        socket.create_connection((address, port), timeout=seconds).close()
    except OSError:
        return False
    return True


def wait_for(ports: List[Dict[str, Any]], timeout: float) -> List[Dict[str, Any]]:
    """Wait until all ports answer, at most "timeout" seconds in all; return the ports, each with "listening".

    Args:
        ports: dicts with address, port, and name and id for messages.
    """
    end = time.monotonic() + timeout
    states = [dict(port, listening=False) for port in ports]
    while True:
        for state in states:
            state["listening"] = state["listening"] or answers(state["address"], state["port"])
        if all(state["listening"] for state in states) or time.monotonic() >= end:
            return states
        time.sleep(PAUSE)


def require_all(ports: List[Dict[str, Any]], timeout: float) -> List[Dict[str, Any]]:
    """Return what wait_for returns; raises HostError that names each port that does not answer."""
    states = wait_for(ports, timeout)
    silent = [f"{state['name']}: port id '{state['id']}' at {state['address']}:{state['port']}" for state in states if not state["listening"]]
    if silent:
        raise HostError(f"Nothing answers after {timeout:g} seconds at {'; '.join(silent)}.",
                        "Look at the log of the application: it tells in events 04525 and 04526 which ports it opened.",
                        ports=states)
    return states
