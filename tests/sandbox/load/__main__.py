# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m sandbox.load``: hold chats open through all Chat Servers of the configuration, then report as JSON.

The report is the only output on stdout (and goes to ``--report``); progress goes to stderr. Exit code 0 when a report was made,
whatever it says; 2 when there is no Chat Server to talk to or an argument is out of bounds.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import resource
import sys
import time
from pathlib import Path
from typing import Any

from ..servers import configuration as conf
from ..servers.configuration import Configuration, ConfigurationError
from .chat import Chat, Place
from .report import LATE_SECONDS, make_report

MOST_CHATS, MOST_RATE, MOST_SECONDS = 2000, 50.0, 7200.0
_OPENING_AT_ONCE = 25


def find_places(configuration: Configuration) -> list[Place]:
    """The ``webapi`` ports of all Chat Servers that have an endpoint with a queue.

    Raises:
        ConfigurationError: the configuration cannot be read.
    """
    places = []
    for application in configuration.list("CfgApplication", subtype="CFGChatServer"):
        address = configuration.address(application, "webapi")
        triples = (application.get("options") or {}).get("property", [])
        endpoints = sorted(
            (item["section"].removeprefix("endpoints:"), item["key"])
            for item in triples
            if item["section"].startswith("endpoints:") and item["section"].removeprefix("endpoints:").isdigit() and item["value"]
        )
        if address is not None and endpoints and conf.type_name(application) == "ChatServer":
            places.append(Place(application["name"], address.ip, address.port, tuple(endpoints)))
    return sorted(places, key=lambda place: place.application)


async def hold_chats(places: list[Place], count: int, rate: float, seconds: float, until: Path | None) -> list[Chat]:
    """Open chats, spread over the Chat Servers, and hold them for a time, or until a file exists but no longer than that time."""
    stop, gate = asyncio.Event(), asyncio.Semaphore(_OPENING_AT_ONCE)
    chats = [Chat(places[number % len(places) :] + places[: number % len(places)], number // len(places), rate) for number in range(count)]

    async def run(chat: Chat) -> None:
        async with gate:
            task = asyncio.create_task(chat.run(stop))
            await chat.opened.wait()
        await task

    tasks = [asyncio.create_task(run(chat)) for chat in chats]
    for chat in chats:
        await chat.opened.wait()
    print(f"{sum(bool(chat.session) for chat in chats)} of {count} chats are open", file=sys.stderr, flush=True)
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and not (until is not None and until.exists()):
        await asyncio.sleep(0.1)
    stop.set()
    await asyncio.gather(*tasks)
    return chats


def _bounded(most: float, kind: type) -> Any:
    def convert(text: str) -> Any:
        value = kind(text)
        if not 0 < value <= most:
            raise argparse.ArgumentTypeError(f"must be more than 0 and at most {most:g}")
        return value

    return convert


def main() -> int:
    """Parse the arguments, run, print the report."""
    parser = argparse.ArgumentParser(prog="python -m sandbox.load", description="Hold chats open and report what was lost.")
    parser.add_argument("--dir", type=Path, required=True, help="the sandbox's directory")
    parser.add_argument("--confserv", required=True, metavar="HOST:PORT", help="the sandbox's confserv port")
    parser.add_argument("--chats", type=_bounded(MOST_CHATS, int), default=10, help="number of chats")
    parser.add_argument("--rate", type=_bounded(MOST_RATE, float), default=1.0, help="messages per second in each chat")
    parser.add_argument("--seconds", type=_bounded(MOST_SECONDS, float), default=10.0, help="how long the chats are held, at most")
    parser.add_argument("--hold-until", type=Path, metavar="FILE", help="end as soon as this file exists")
    parser.add_argument("--late-after", type=_bounded(3600.0, float), default=LATE_SECONDS, help="seconds after which an acknowledgement is late")
    parser.add_argument("--report", type=Path, metavar="FILE", help="write the report to this file, too")
    arguments = parser.parse_args()

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, 2 * MOST_CHATS)), hard))
    host, _unused, port = arguments.confserv.rpartition(":")
    try:
        places = find_places(Configuration(host, int(port)))
    except (ConfigurationError, ValueError) as error:
        print(f"The configuration cannot be read from {arguments.confserv}: {error}", file=sys.stderr)
        return 2
    if not places:
        print("There is no Chat Server with a webapi port and an endpoint.", file=sys.stderr)
        return 2
    chats = asyncio.run(hold_chats(places, arguments.chats, arguments.rate, arguments.seconds, arguments.hold_until))
    text = json.dumps(make_report(arguments.dir, chats, arguments.late_after), indent=2)
    if arguments.report:
        arguments.report.write_text(text + "\n", encoding="utf-8")
    print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
