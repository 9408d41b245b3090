# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Asks every UCS twice a second, over the network, whether it serves: so it is seen from outside whether a pair had none.

As a program it runs in the hosts' network until its input ends, and prints one line of JSON for each round:
``{"at": seconds, "answers": [name, ...]}``.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from types import TracebackType
from typing import IO, Any

from hosts.machine import Hosts, environment

INTERVAL_SECONDS = 0.5
# A busy machine answers late, and that is no fault; who is cut off does not answer at all.
ANSWER_SECONDS = 10.0
END_SECONDS = 60.0


@dataclass(frozen=True)
class Pair:
    """Two UCS members by name, and the Chat Servers that depend on them."""

    members: tuple[str, str]
    chat_servers: tuple[str, ...]


@dataclass(frozen=True)
class Violation:
    """A round in which no member of a pair served, in seconds since the watch began."""

    at: float
    pair: Pair

    def __str__(self) -> str:
        return f"{self.at:.1f} s: no UCS of {'/'.join(self.pair.members)} for {', '.join(self.pair.chat_servers)}"


class Watch:
    """Watches while the block runs.

    Args:
        hosts: all hosts.
        pairs: who belongs together.
        addresses: member -> address and port.
    """

    def __init__(self, hosts: Hosts, pairs: list[Pair], addresses: dict[str, tuple[str, int]]) -> None:
        self._pairs = pairs
        self._line = hosts.inside("-m", "hosts.upgrade_watch", json.dumps(addresses))
        self._begin = time.time()
        self._process: subprocess.Popen[str] | None = None
        self._reader: threading.Thread | None = None
        self.rounds: list[dict[str, Any]] = []

    def __enter__(self) -> Watch:
        self._process = subprocess.Popen(self._line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment())
        assert self._process.stdout is not None
        self._reader = threading.Thread(target=self._read, args=(self._process.stdout,), daemon=True)
        self._reader.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        assert self._process is not None and self._process.stdin is not None and self._reader is not None
        self._process.stdin.close()
        try:
            self._process.wait(END_SECONDS)
        finally:
            self._process.kill()
            self._reader.join(END_SECONDS)

    def _read(self, output: IO[str]) -> None:
        for line in output:
            self.rounds.append(json.loads(line))

    def violations(self, taken: frozenset[str] = frozenset()) -> list[Violation]:
        """Return the rounds in which a pair had no UCS; not those of a pair both of whose members the fault itself took."""
        pairs = [pair for pair in self._pairs if not taken.issuperset(pair.members)]
        return [
            Violation(round(one["at"] - self._begin, 1), pair)
            for one in list(self.rounds)
            for pair in pairs
            if not set(pair.members) & set(one["answers"])
        ]

    def unanswered(self, member: str) -> int:
        """Return the number of rounds in which a member did not serve."""
        return sum(member not in one["answers"] for one in list(self.rounds))


async def _serves(address: str, port: int) -> bool:
    """Tell whether a server takes a connection and answers on it."""
    writer = None
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            reader, writer = await asyncio.open_connection(address, port)
            writer.write(b'{"op": "ping", "request": 1}\n')
            return bool(json.loads(await reader.readline() or b"{}").get("ok"))
    except (OSError, TimeoutError, ValueError):
        return False
    finally:
        if writer is not None:
            writer.close()


async def _round(addresses: dict[str, tuple[str, int]]) -> None:
    at = time.time()
    answers = await asyncio.gather(*(_serves(*address) for address in addresses.values()))
    print(json.dumps({"at": at, "answers": [name for name, served in zip(addresses, answers, strict=True) if served]}), flush=True)


async def _watch(addresses: dict[str, tuple[str, int]]) -> None:
    ended = asyncio.create_task(asyncio.to_thread(sys.stdin.read))
    rounds: set[asyncio.Task[None]] = set()
    while not ended.done():
        # A round does not wait for the one before it: who is cut off answers late.
        task = asyncio.create_task(_round(addresses))
        rounds.add(task)
        task.add_done_callback(rounds.discard)
        await asyncio.wait([ended], timeout=INTERVAL_SECONDS)
    await asyncio.gather(*rounds)


if __name__ == "__main__":
    asyncio.run(_watch({name: (str(address), int(port)) for name, (address, port) in json.loads(sys.argv[1]).items()}))
