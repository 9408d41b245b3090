# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two servers of one host with the same port: only one of them can listen there, and the other one does not start.

The Configuration Server accepts such a configuration without a message. So it is checked here, before any write.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Callable

from . import fields
from .change import NOT_INSTALLED
from .compare import edits
from .errors import InvalidInput
from .shapes import Leaves, Raw
from .types import APPLICATION

if TYPE_CHECKING:
    from .desired import Desired
    from .directory import Directory

#: What is looked at of an application.
_FIELDS = ("host", "ports", "backup", "redundancy_type", "working_directory", "enabled", "type")

#: The type of the Configuration Server, which runs, since it answers, whatever its own object says.  Source: PSENUM
_CONFIGURATION_SERVER = "CFGConfigServer"

#: Two applications on a host. first, second: _Place.  ports: number -> (port id of the first one, of the second one).
#: made: those numbers that clash by this run only.
Clash = namedtuple("Clash", "first second host ports made")


class _Place:
    """An application with what matters here.

    Args:
        state: leaves of the fields.
        placed: the run says on which host it is, or its ports.
    """

    def __init__(self, name: str, state: Leaves, placed: bool = False) -> None:
        self.name = name
        self.placed = placed
        self.host = state.get(("host",)) or ""
        self.ports = {number: path[1] for path, number in state.items() if path[0] == "ports" and number}
        self.installed = state.get(("working_directory",)) not in ("", None, NOT_INSTALLED) or state.get(("type",)) == _CONFIGURATION_SERVER
        self.runs = self.installed and state.get(("enabled",)) != "disabled"
        # Of a pair in cold standby only one member runs at a time.  Source: PSENUM
        self.stand_in = (state.get(("redundancy_type",)) == "cold standby" and state.get(("backup",))) or ""


def require_ports_of_their_own(directory: Directory, wanted: list[Desired], warn: Callable[[str], None], refuse: bool = True) -> list[Desired]:
    """Refuse what would give two servers of one host the same port; return "wanted" (list of Desired).

    A clash is refused if this run makes it, with an application that it places too, or with one that is installed and enabled. A
    warning is enough for a clash that was there before, for one with an application that is not installed or is disabled, and for the
    members of a pair in cold standby. Raises InvalidInput.

    Args:
        warn: takes a sentence.
        refuse: False to warn of everything.
    """
    refused = []
    for clash in clashes(directory, wanted):
        if refuse and clash.made and (clash.second.placed or clash.second.runs) and not in_cold_standby(clash):
            refused.append(sentence(clash._replace(ports={number: clash.ports[number] for number in clash.made})))
        else:
            warn(f"{sentence(clash)}; the second one to be started will fail")
    _refuse(refused)
    return wanted


def require_room(directory: Directory, wanted: list[Desired], started: Collection[str]) -> None:
    """Refuse to install what could not be started then, since another server of its host has its port.

    Beside what require_ports_of_their_own refuses, these are clashes that were there before. Raises InvalidInput.

    Args:
        started: names of the applications that are installed, where they are not yet, and started; both members of a pair among them would
            run.
    """
    refused = []
    for clash in clashes(directory, wanted):
        both = [clash.first, clash.second]
        if any(place.name in started and not place.installed for place in both):
            running = all(place.name in started or place.runs for place in both) and not in_cold_standby(clash)
            if running or all(place.name in started for place in both):
                refused.append(sentence(clash))
    _refuse(refused)


def _refuse(sentences: list[str]) -> None:
    if sentences:
        raise InvalidInput(f"{'; '.join(sentences)}; only one server of a host can listen at a port, so give one of them another port, or another host")


def sentence(clash: Clash) -> str:
    """Return a clash in words."""
    ids = {number: ids[0] if ids[0] == ids[1] else f"{ids[0]}, there {ids[1]}" for number, ids in clash.ports.items()}
    words = [f"{number} ({port_id})" for number, port_id in sorted(ids.items())]
    what = f"port {words[0]} is also a port of" if len(words) == 1 else f"ports {', '.join(words)} are also ports of"
    return f"application '{clash.first.name}': {what} '{clash.second.name}' on the same host '{clash.host}'"


def in_cold_standby(clash: Clash) -> bool:
    """Return whether the two are a pair of which only one runs at a time."""
    return clash.first.stand_in == clash.second.name or clash.second.stand_in == clash.first.name


def clashes(directory: Directory, wanted: list[Desired]) -> list[Clash]:
    """Return the list of Clash between the applications that "wanted" places and all others, as they will be, in order of "wanted".

    Where applications are read one by one, the others are asked for only if a host or a port changes.
    """
    items = {item.name: item for item in wanted if item.kind == "CfgApplication"}
    before = {name: _Place(name, _state(_existing(directory, name), directory)) for name, item in items.items() if item.present and _places(item)}
    placed = {name: _Place(name, _state_after(directory, items[name]), placed=True) for name in before}
    if not directory.list_all and all((place.host, place.ports) == (before[name].host, before[name].ports) for name, place in placed.items()):
        return []
    at = {}
    for other in _neighbours(directory, items, {place.host for place in placed.values()}, placed):
        for number in other.ports:
            at.setdefault((other.host, number), []).append(other)
    found = []
    for first in placed.values():
        shared = {}
        for number, port_id in first.ports.items():
            neighbours = at.setdefault((first.host, number), [])
            for second in neighbours:
                shared.setdefault(second.name, (second, {}))[1][number] = (port_id, second.ports[number])
            neighbours.append(first)
        for second, ports in shared.values():
            if first.host:
                made = [number for number in ports if not _clashed(before[first.name], before.get(second.name, second), number)]
                found.append(Clash(first, second, first.host, ports, made))
    return found


def _neighbours(directory: Directory, items: Mapping[str, Desired], hosts: Collection[str], placed: Collection[str]) -> list[_Place]:
    """Return the existing applications on some hosts that are not placed and do not go, as they will be."""
    # By their DBIDs: where objects are read one by one, the name of each host would be a request.
    there = [host.dbid for host in (directory.find("CfgHost", name) for name in hosts if name) if host is not None and not host.planned]
    found = [app for app in directory.all("CfgApplication") if app.name not in placed and fields.number(app.raw.get("hostdbid")) in there]
    return [_Place(app.name, _state_after(directory, items[app.name]) if app.name in items else _state(app.raw, directory))
            for app in found if app.name not in items or items[app.name].present]


def _clashed(first: _Place, second: _Place, number: int) -> bool:
    return first.host == second.host and number in first.ports and number in second.ports


def _places(item: Desired) -> bool:
    """Return whether a Desired says something of host or ports, in its own words or in those of the wire."""
    return any(path[0] in ("host", "ports") or path in (("properties", "hostdbid"), ("properties", "port"))
               for path in set(item.leaves) | set(item.on_create))


def _existing(directory: Directory, name: str) -> Raw:
    found = directory.find("CfgApplication", name)
    return {} if found is None or found.planned else found.raw


def _state(raw: Raw, directory: Directory) -> Leaves:
    """Return the leaves of a raw application; a bare top-level port number stands for the port 'default'."""
    state = APPLICATION.decode(raw, directory, _FIELDS)
    if not any(path[0] == "ports" for path in state):
        state["ports", "default"] = fields.number(raw.get("port"))
    return state


def _state_after(directory: Directory, item: Desired) -> Leaves:
    """Return the leaves of an application as a Desired will leave them."""
    raw = _existing(directory, item.name)
    leaves = {**({} if raw else item.on_create), **item.leaves}
    state = _state(dict(raw, **{path[1]: value for path, value in leaves.items() if path[0] == "properties"}), directory)
    for path, (_old, new) in edits(state, {path: value for path, value in leaves.items() if path[0] in _FIELDS}, item.absent).items():
        state[path] = new
    return state
