# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""To which member of its UCS pair a Chat Server is connected, by its log and by the TCP connections that the kernel knows.

Neither is enough. A log may be unreadable, be cut off, or still say "connected" after the other side is gone. That a connection is
established says less than the log's "connected", since the kernel sets it up even for a server that hangs; and it may be another
process's. So `judge` believes a log that says "connected", unless no such connection is established; and a log that says "not
connected". Connections decide where the log is silent or refuted.

A host that lost its power, or its network, closes nothing: until addp notices it (Source: CHAT), the log and
the kernel both say "connected".
"""

import ipaddress
import os
import socket
import struct
import time
from typing import Any, Dict, List, Mapping, NamedTuple, Optional, Set, Tuple

from ..system.errors import HostError, unexpected
from ..system.listening import PROC, sockets_of
from ..system.processes import running_processes
from .server_log import check_options, read_server_log

#: Seconds between two looks, at least.
PAUSE = 0.2

PRIMARY, BACKUP, BOTH, NONE, UNKNOWN = "primary", "backup", "both", "none", "unknown"
MEMBERS = (PRIMARY, BACKUP)
LOG, CONNECTIONS = "log", "connections"

# In /proc/net/tcp.
_ESTABLISHED = "01"

# An address and a port.
Place = Tuple[str, int]


def established(places: Set[Place], own: Optional[Set[str]], proc: str = PROC) -> Optional[Set[Place]]:
    """Return those places to which a TCP connection is established; None if the kernel does not tell.

    Args:
        places: addresses as `plain` writes them, with ports.
        own: the inodes of the sockets that count; None for all of this host.
        proc: where the kernel tells it.
    """
    ports = {port for _address, port in places}
    lines: List[str] = []
    told = False
    for table in ("tcp", "tcp6"):
        try:
            with open(os.path.join(proc, "net", table), encoding="ascii", errors="replace") as stream:
                lines += stream.read().splitlines()[1:]
            told = True
        except OSError:
            continue  # a host may be without IPv6
    found = set()
    for line in lines:
        fields = line.split()
        if len(fields) > 9 and fields[3] == _ESTABLISHED and (own is None or fields[9] in own):
            address, _colon, port = fields[2].rpartition(":")
            if int(port, 16) in ports:
                found.add((of_the_kernel(address), int(port, 16)))
    return found & places if told else None


def of_the_kernel(digits: str) -> str:
    """Return an address from its hexadecimal form, which has each four bytes in this machine's order."""
    return plain(b"".join(struct.pack("=I", int(digits[start : start + 8], 16)) for start in range(0, len(digits), 8)))


def plain(address: Any) -> str:
    """Return the one way to write an address, given as text or bytes; one of IPv4 that is mapped into IPv6 as one of IPv4."""
    found = ipaddress.ip_address(address)
    return str(getattr(found, "ipv4_mapped", None) or found)


def addresses_of(host: str) -> Optional[Set[str]]:
    """Return the addresses of a host, by its name or one of them; None if its name is not known here."""
    try:
        answers = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM) if host else []
    except (OSError, UnicodeError):
        answers = []
    return {plain(str(answer[4][0]).partition("%")[0]) for answer in answers} or None


def judge(told: str, connected: Mapping[str, Optional[bool]], own: bool) -> Tuple[str, Optional[str]]:
    """Decide to which member a Chat Server is connected. Returns primary, backup, both, none or unknown, and what decided it.

    Args:
        told: the same words, as the log has it; unknown if it says nothing, or is not readable.
        connected: for each member whether a connection to it is established; None if that can't be told.
        own: only connections of the Chat Server's own process were looked at.
    """
    by_log = MEMBERS if told == BOTH else (told,)
    if told in (PRIMARY, BACKUP, BOTH):
        if all(connected[member] is not False for member in by_log):
            return told, LOG
        # Another server's connection does not prove what the log does not say.
        left = [member for member, is_open in connected.items() if (is_open and own) or (is_open is not False and member in by_log)]
        return _member(left), CONNECTIONS
    if told == NONE:
        return NONE, LOG
    left = [member for member, is_open in connected.items() if is_open]
    if not left and None in connected.values():
        return UNKNOWN, None
    return _member(left), CONNECTIONS


def _member(members: List[str]) -> str:
    return members[0] if len(members) == 1 else BOTH if members else NONE


class Sight(NamedTuple):
    """One look at the connections: to which members one is established, and whether only those of the own process count."""

    connected: Dict[str, Optional[bool]]
    own: bool


class Observer:
    """Looks again and again.

    Args:
        params: the options of contact_server_connection_info.

    Raises:
        HostError: an option is wrong.
    """

    def __init__(self, params: Mapping[str, Any], proc: str = PROC) -> None:
        self._params, self._proc = params, proc
        self._members = {member: params[member] for member in MEMBERS if params[member] is not None}
        self._names = {member: server["name"] for member, server in self._members.items()}
        self._known: Dict[str, Optional[Set[str]]] = {}
        self._log_options = dict(
            {option: params[option] for option in ("directory", "name", "application", "since", "max_bytes", "encoding")},
            files=None, events=[], limit=1, pairs=[{"primary": self._names[PRIMARY], "backup": self._names.get(BACKUP)}],
        )  # fmt: skip
        check_options(self._log_options)
        for member, server in self._members.items():
            if not 0 < server["port"] < 65536:
                raise HostError(f"{member}: {server['port']} is not a port number.")
        if params["expected"] == BACKUP and BACKUP not in self._members:
            raise HostError("expected: there is no backup.", "Set backup, or expect the primary.")

    def look(self) -> Dict[str, Any]:
        """Return what the module returns, but for the waiting."""
        log, problem = self._read_log()
        pair: Dict[str, Any] = log["pairs"][0] if log else {"member": UNKNOWN, "reconnects": None}
        sight = self._see(log["connections"] if log else [])
        member, evidence = judge(pair["member"], sight.connected, sight.own)
        return dict(
            member=member,
            connected_to=self._names.get(member),
            evidence=evidence,
            reconnects=pair["reconnects"],
            until=log["until"] if log else None,
            log_problem=problem,
            text=self._sentence(pair["member"] if log else None, member, evidence, sight.own),
        )

    def _read_log(self) -> Tuple[Optional[Dict[str, Any]], Optional[str]]:
        """Return what the log says, and why it is not used."""
        missing = [option for option in ("directory", "name") if not self._params[option]]
        if missing:
            return None, f"{' and '.join(missing)} of the log are not given." if len(missing) > 1 else f"{missing[0]} of the log is not given."
        try:
            log = read_server_log(self._log_options)
        except HostError as error:
            return None, str(error)
        except OSError as error:
            return None, unexpected("Reading the log", error)
        if log["pairs"][0]["member"] != UNKNOWN:
            return log, None
        if log["problem"]:
            return log, log["problem"]
        how_far = "" if log["complete"] else ", as far back as it was read"
        return log, f"The log has no event about {' or '.join(self._names.values())}{how_far}."

    def _see(self, told: List[Dict[str, Any]]) -> Sight:
        """Look at the connections to the places of the members: those that were given, and those that the log names.

        Args:
            told: connections of the log.
        """
        places: Dict[str, Set[Place]] = {}
        lost = set()
        for member, server in self._members.items():
            wanted = {(server["address"], server["port"])}
            wanted.update((item["host"], item["port"]) for item in told if item["name"] == server["name"] and item["host"])
            for host, port in wanted:
                if host not in self._known:
                    self._known[host] = addresses_of(host)
                places.setdefault(member, set()).update((address, port) for address in self._known[host] or ())
                if self._known[host] is None:
                    lost.add(member)
        own = self._own_sockets()
        found = established(set().union(*places.values()), own, self._proc)
        connected: Dict[str, Optional[bool]] = {
            member: None if found is None else bool(found & of_member) or (None if member in lost else False) for member, of_member in places.items()
        }
        return Sight(connected, own is not None)

    def _own_sockets(self) -> Optional[Set[str]]:
        """Return the sockets of the Chat Server; None if its processes are not found, or we may not see what they have open."""
        directory, application = self._params["directory"], self._params["application"]
        processes = running_processes(os.path.realpath(directory), application, self._proc) if directory else []
        return sockets_of(processes, self._proc) if processes else None

    def _sentence(self, told: Optional[str], member: str, evidence: Optional[str], own: bool) -> str:
        """Return the result in words; "told" is what the log says, None if it was not read."""
        titles = {of: f"the {of} '{name}'" for of, name in self._names.items()}
        both = list(titles.values())
        begin = f"'{self._params['application']}' is connected to "
        if member == UNKNOWN:
            begin = f"It is not known whether {begin}{' or '.join(both)}"
        elif member == BOTH:
            begin += " and ".join(both)
        elif member == NONE:
            begin = f"{begin}neither {' nor '.join(both)}" if len(both) > 1 else f"'{self._params['application']}' is not connected to {both[0]}"
        else:
            begin += titles[member]
        if evidence == LOG:
            return f"{begin}, as its log says."
        log = "was not read" if told is None else "does not tell" if told == UNKNOWN else f"still says: {told}"
        if evidence is None:
            return f"{begin}: its log {log}, and which of these connections exist can't be seen on this host."
        doubt = ", where another server may have them" if not own and member != NONE else ""
        return f"{begin}, by the established connections of {'its process' if own else 'this host'}{doubt}; its log {log}."


def wait_for_member(params: Mapping[str, Any], proc: str = PROC) -> Dict[str, Any]:
    """Return what the module contact_server_connection_info returns: at once, when the expected member is connected, or when the time is up.

    Args:
        params: its options.
        proc: where the kernel tells of connections.

    Raises:
        HostError: an option is wrong.
    """
    expected = params["expected"]
    wanted = {None: (), "any": (PRIMARY, BACKUP, BOTH)}.get(expected, (expected,))
    observer = Observer(params, proc)
    first = time.monotonic()
    while True:
        begun = time.monotonic()
        result = observer.look()
        now = time.monotonic()
        reached = expected is None or result["member"] in wanted
        if reached or now >= first + params["timeout"]:
            result.update(reached=reached, seconds=round(now - first, 1))
            if not reached:
                result["text"] += f" Expected was {'one of them' if expected == 'any' else 'the ' + expected}, within {params['timeout']:g} s."
            return result
        # a long log is not read all the time
        time.sleep(min(max(PAUSE, now - begun), first + params["timeout"] - now))
