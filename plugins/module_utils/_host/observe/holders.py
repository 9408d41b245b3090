# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which processes hold the ports that applications are to have, and whether they are the applications' own."""

import os
from typing import Any, Callable, Dict, Iterable, List, Mapping, NamedTuple, Optional, Set

from ..control.units import unit_name
from ..system.errors import HostError
from ..system.listening import PROC, listening_sockets, processes_of, sockets_of
from ..system.processes import running_processes
from .connections import of_the_kernel, plain

_LOOPBACK = ("127.", "::1")
_ANY = ("0.0.0.0", "::")


class Holder(NamedTuple):
    """What listens at a port. ``process`` is None where we may not see whose it is; ``application``: what its arguments name."""

    process: Optional[int]
    name: str
    application: Optional[str]

    def __str__(self) -> str:
        if self.process is None:
            return "a process that can't be seen from here"
        named = f" of the application '{self.application}'" if self.application else ""
        return f"process {self.process} ({self.name}{named})"


def holders(port: int, address: str, proc: str = PROC) -> List[Holder]:
    """Return what listens at a TCP port, so that a server of a host with that address can't.

    A server listens at all addresses of its host, so each listener is in its way. Only where the host has an address of the loopback
    network, as hosts have that share a machine, those at other addresses of it do not count.

    Args:
        port: its number.
        address: of the host; a name says nothing here, as many a host has its own in the loopback network.
        proc: where the kernel tells it.
    """
    own = _literal(address)
    listening = {inode: of_the_kernel(digits) for digits, inode in listening_sockets(port, proc)}
    if own.startswith(_LOOPBACK):
        listening = {inode: text for inode, text in listening.items() if text in (own,) + _ANY}
    owners: Dict[str, int] = {}
    for process in sorted((int(name) for name in os.listdir(proc) if name.isdigit()), reverse=True) if listening else ():
        owners.update(dict.fromkeys(set(listening) & (sockets_of([process], proc) or set()), process))
    found = {owners.get(inode) for inode in listening}
    return [_holder(process, proc) for process in sorted(found, key=lambda process: process or 0)]


def _literal(address: str) -> str:
    try:
        return plain(address)
    except ValueError:
        return ""


def _holder(process: Optional[int], proc: str) -> Holder:
    if process is None:
        return Holder(None, "", None)
    arguments = _arguments(process, proc)
    # The arguments themselves may hold passwords.
    return Holder(process, os.path.basename(arguments[0]) if arguments and arguments[0] else "no name", _application(arguments))


def _arguments(process: int, proc: str) -> List[str]:
    try:
        with open(os.path.join(proc, str(process), "cmdline"), "rb") as stream:
            return stream.read().decode("utf-8", "replace").split("\0")
    except OSError:
        return []


def _application(arguments: List[str]) -> Optional[str]:
    return next((value for switch, value in zip(arguments, arguments[1:]) if switch == "-app"), None)


class Own:
    """Tells the processes of an application from others.

    Args:
        application: its name.
        directory: its installation directory; empty if it has none.
        proc: where the kernel tells it.
    """

    def __init__(self, application: str, directory: str, proc: str = PROC) -> None:
        self._application, self._proc = application, proc
        self._directory = os.path.realpath(directory) if directory else ""
        self.processes: Set[int] = set(running_processes(self._directory, application, proc)) if directory else set()
        try:
            self.processes.update(processes_of(unit_name(application), proc))
        except HostError:
            pass  # no unit can have such a name

    def has(self, holder: Holder) -> bool:
        """Return whether what listens belongs to the application: its process, a child of it, or one out of its directory."""
        if holder.process is None or holder.application not in (None, self._application):
            return False
        line: List[int] = []
        above: Optional[int] = holder.process
        while above and above not in line:  # ids are used again, so what we read may lead in circles
            line.append(above)
            above = _parent(above, self._proc)
        if self.processes.intersection(line):
            return True
        return bool(self._directory) and any(
            place == self._directory or place.startswith(self._directory + "/") for place in _places(holder.process, self._proc)
        )

    def may_have(self, holder: Holder) -> bool:
        """Return whether it can't be told: we don't see whose the port is, and the application may run, by what we do see."""
        if holder.process is not None:
            return False
        processes = [int(name) for name in os.listdir(self._proc) if name.isdigit()]
        hidden = not any(_arguments(1, self._proc))
        return hidden or any(_application(_arguments(process, self._proc)) == self._application for process in processes)


def _parent(process: int, proc: str) -> Optional[int]:
    try:
        with open(os.path.join(proc, str(process), "stat"), encoding="ascii", errors="replace") as stream:
            return int(stream.read().rpartition(")")[2].split()[1])
    except (OSError, ValueError, IndexError):
        return None


def _places(process: int, proc: str) -> Iterable[str]:
    for link in ("cwd", "exe"):
        try:
            yield os.readlink(os.path.join(proc, str(process), link))
        except OSError:
            continue


def require_free(ports: List[Dict[str, Any]], warn: Callable[[str], None], proc: str = PROC) -> List[Dict[str, Any]]:
    """Return the ports, each with "listening" and "holder", if each is free or held by the application itself.

    Args:
        ports: dicts with name (of the application), id, address, port and directory.
        warn: takes what can't be told.

    Raises:
        HostError: names each port that another process holds.
    """
    own = {port["name"]: Own(port["name"], port.get("directory") or "", proc) for port in ports}
    states, taken = [], []
    for port in ports:
        found = holders(port["port"], port["address"], proc)
        strangers = [holder for holder in found if not own[port["name"]].has(holder)]
        states.append(dict(port, listening=bool(found), holder=str(strangers[0]) if strangers else None))
        for holder in strangers:
            text = f"port {port['port']} ({port['id']}) of '{port['name']}' is held by {holder}"
            if own[port["name"]].may_have(holder):
                warn(f"{text}; use become to see whether it is the application itself.")
            elif not _waits_for_its_turn(port, holder, own):
                taken.append(text)
    if taken:
        raise HostError(f"Taken: {'; '.join(taken)}.", "Stop the process that holds the port, or give the application another port.", ports=states)
    return states


def _waits_for_its_turn(port: Mapping[str, Any], holder: Holder, own: Mapping[str, Own]) -> bool:
    """Return whether a running application is to get, at its next start, a port that another one of these has until then."""
    return bool(own[port["name"]].processes) and any(other.has(holder) for other in own.values())
