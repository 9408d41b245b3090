# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Chat Servers' groups over the pairs of UCS: each Chat Server is connected to the primary of one pair, there are as many groups as pairs.

Source: CHAT
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from .._config.desired import Desired
from .._config.errors import InvalidInput
from .chat_server_links import contact_servers_of, require_primary
from .connection import connect, disconnect
from .context import CHAT_SERVER, Context


def connect_groups(context: Context, chat_servers: Collection[str], primaries: Collection[str], pins: Mapping[str, str],
                   addp: Mapping[str, Mapping[str, Any] | None], where: str, backups: Collection[str] = ()) -> list[Desired]:
    """Return a Desired per Chat Server: connected to the primary of its group, and to no other UCS; raises InvalidInput.  Source: CHAT

    Args:
        chat_servers: names.
        primaries: names, one per pair.
        pins: Chat Server -> primary.
        addp: Chat Server -> addp or None.
        backups: names of the pairs' backups, to which no Chat Server may be connected.
    """
    for name, primary in pins.items():
        if primary in backups:
            raise InvalidInput(f"{where}: Chat Server '{name}' is to be connected to '{primary}', which is a backup; a Chat Server is connected to the "
                               "primary of its pair")
        if primary not in primaries:
            raise InvalidInput(f"{where}: Chat Server '{name}' is pinned to '{primary}', which is not the primary of a pair ({', '.join(primaries)})")
    for primary in primaries:
        require_primary(context, primary, where)
    now = {}
    for name in chat_servers:
        context.application(name, where, (CHAT_SERVER,))
        links = [server for server, _port in contact_servers_of(context, name) if server in primaries]
        now[name] = links[0] if links else None
    if len(chat_servers) < len(primaries):
        context.warn(f"{where}: there are {len(primaries)} pairs and only {len(chat_servers)} Chat Servers, so that a pair stays without a group")
    wanted = []
    for name, primary in assign(chat_servers, primaries, now, pins).items():
        desired = Desired("CfgApplication", name)
        connect(context, desired, primary, "default", addp.get(name), where)
        for server, port in contact_servers_of(context, name):
            if (server, port) != (primary, "default"):
                disconnect(context, desired, server, port, f"its group belongs to '{primary}'")
        wanted.append(desired)
    return wanted


def assign(servers: Iterable[str], groups: Iterable[str], now: Mapping[str, str | None], pins: Mapping[str, str]) -> dict[str, str]:
    """Divide Chat Servers over groups; return server -> group, in order of the servers' names.

    Sizes differ by at most one (as little as pins allow: least sum of squares). Among those divisions the one with the fewest moves is taken, and
    among these the first by name (the earliest server gets the earliest group).  Source: CHAT (as many groups as pairs); even sizes are this
    collection's choice.

    Args:
        servers, groups: lists of distinct names.
        now: server -> group or None.
        pins: server -> group that must hold.
    """
    if not groups:
        raise InvalidInput("there is no UCS pair to divide the Chat Servers over")
    servers, groups = sorted(servers), sorted(groups)
    division = _Division(groups, [pins[server] for server in servers if server in pins],
                         [now.get(server) for server in servers if server not in pins])
    return {server: pins[server] if server in pins else division.place(now.get(server)) for server in servers}


class _Division:
    """The groups while Chat Servers are put into them one by one, such that the best division stays possible.

    In it every group that pins have not filled further gets "level" members, and "extra" of these groups one more.
    """

    def __init__(self, groups: list[str], pinned: list[str], homes: list[str | None]) -> None:
        """groups: names.  pinned: the group of each pinned server.  homes: the present group (or None) of each other one."""
        self._taken = {group: pinned.count(group) for group in groups}
        self._staying = {group: homes.count(group) for group in groups}
        self._level, self._extra = _water_level(sorted(self._taken.values()), len(homes))

    def place(self, home: str | None) -> str:
        """Put a server that is in the group "home" (or in none) into the first group that is as good as any; return it."""
        best = self._most_stays()
        if home in self._staying:
            self._staying[home] -= 1
        for group in self._taken:
            if self._level + (self._extra > 0) > self._taken[group]:
                self._take(group, 1)
                if self._most_stays() + (group == home) == best:
                    return group
                self._take(group, -1)
        raise AssertionError("unreachable")

    def _take(self, group: str, step: int) -> None:
        if max(self._taken[group], self._taken[group] + step) > self._level:
            self._extra -= step
        self._taken[group] += step

    def _most_stays(self) -> int:
        """Return how many of the servers that are not placed yet can stay where they are."""
        sure = gaining = 0
        for group, taken in self._taken.items():
            room = self._level - taken
            if room >= 0:
                sure += min(self._staying[group], room)
                gaining += self._staying[group] > room
        return sure + min(self._extra, gaining)


def _water_level(taken: list[int], free: int) -> tuple[int, int]:
    """Return (level, over): fill the emptiest groups evenly; "over" groups get one more than level.  taken: sorted."""
    level = taken[0]
    for filled in range(1, len(taken) + 1):
        if filled == len(taken) or free < (taken[filled] - level) * filled:
            return level + free // filled, free % filled
        free -= (taken[filled] - level) * filled
        level = taken[filled]
    return level, 0
