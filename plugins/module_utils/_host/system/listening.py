# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which of the processes of a unit listens at which port, as the kernel tells it.

That a port answers would not do: another process may have it, for example one of the application itself that was started
otherwise, and then the one that was just started is about to fail.
"""

import os
import re
from typing import Dict, Iterable, Iterator, List, Optional, Set, Tuple

PROC = "/proc"

# In /proc/net/tcp.
_LISTENING = "0A"


def listeners(proc: str = PROC) -> Dict[int, Set[str]]:
    """Return the sockets, by their inodes, that listen at each TCP port of this host."""
    found: Dict[int, Set[str]] = {}
    for _address, port, inode in _listening(proc):
        found.setdefault(port, set()).add(inode)
    return found


def listening_sockets(port: int, proc: str = PROC) -> List[Tuple[str, str]]:
    """Return the sockets that listen at a TCP port: the address in the kernel's hexadecimal form, and the inode."""
    return [(address, inode) for address, number, inode in _listening(proc) if number == port]


def _listening(proc: str) -> Iterator[Tuple[str, int, str]]:
    for table in ("tcp", "tcp6"):
        for line in _lines(os.path.join(proc, "net", table))[1:]:
            fields = line.split()
            if len(fields) > 9 and fields[3] == _LISTENING:
                address, _colon, port = fields[1].rpartition(":")
                yield address, int(port, 16), fields[9]


def processes_of(unit: str, proc: str = PROC) -> List[int]:
    """Return the processes that a unit of systemd has, by their control group."""
    numbers = [int(name) for name in os.listdir(proc) if name.isdigit()]
    return sorted(number for number in numbers if any(line.endswith("/" + unit) for line in _lines(os.path.join(proc, str(number), "cgroup"))))


def sockets_of(processes: Iterable[int], proc: str = PROC) -> Optional[Set[str]]:
    """Return the inodes of the sockets that processes have open; None if we may not see those of one."""
    found: Set[str] = set()
    for process in processes:
        directory = os.path.join(proc, str(process), "fd")
        try:
            for name in os.listdir(directory):
                socket = re.match(r"socket:\[(\d+)\]\Z", _target(os.path.join(directory, name)))
                if socket:
                    found.add(socket.group(1))
        except PermissionError:
            return None
        except OSError:
            continue  # it has just ended
    return found


def silent_ports(unit: str, ports: Dict[str, int], proc: str = PROC) -> List[str]:
    """Return the ports, as ``<id> (<number>)``, at which no process of a unit listens.

    Who is not root does not see whose a socket is; any will do then.

    Args:
        unit: name of the unit.
        ports: TCP ports by id.
        proc: where the kernel tells it.
    """
    own = sockets_of(processes_of(unit, proc), proc) if ports else set()
    taken = listeners(proc) if ports else {}
    return [f"'{port_id}' ({port})" for port_id, port in ports.items() if not (taken.get(port, set()) if own is None else taken.get(port, set()) & own)]


def _target(link: str) -> str:
    try:
        return os.readlink(link)
    except FileNotFoundError:
        return ""  # closed in the meantime


def _lines(path: str) -> List[str]:
    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as stream:
            return stream.read().splitlines()
    except OSError:
        return []
