# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Visitors of web pages: hold chats open through a Backend Server of Web Engagement, then report as for other chats.

The Backend Server knows the endpoint; a visitor brings only what is known of the person.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from ..servers.configuration import Configuration
from .chat import Chat, Place
from .report import contacts_created, make_report


class Visitor(Chat):
    """One visitor's chat.

    Args:
        place: the Backend Server.
        attributes: what is known of the visitor, for example ``EmailAddress``.
    """

    def __init__(self, place: Place, number: int, rate: float, attributes: dict[str, str]) -> None:
        super().__init__([place], number, rate)
        self._attributes = attributes

    def _wish(self, tenant: str, endpoint: str) -> dict[str, Any]:
        return {"visitor": self._attributes}


def visit(directory: Path, configuration: Configuration, application: str, visitors: list[dict[str, str]], rate: float, seconds: float) -> dict[str, Any]:
    """Hold a chat for each visitor.

    Args:
        directory: the sandbox's directory.
        application: name of the Backend Server.
        visitors: what is known of each.
        rate: messages per second in each chat.
        seconds: how long.

    Returns:
        The report of ``make_report``, with ``contacts_created``.

    Raises:
        ConfigurationError: the configuration cannot be read.
        ValueError: there is no such Backend Server, or it has no host or port.
    """
    found = configuration.find("CfgApplication", name=application)
    address = configuration.address(found) if found else None
    if address is None:
        raise ValueError(f"no application '{application}' with a host and a port")
    place = Place(application, address.ip, address.port, (("", ""),))
    chats = [Visitor(place, number, rate, attributes) for number, attributes in enumerate(visitors)]

    async def hold() -> None:
        stop = asyncio.Event()
        tasks = [asyncio.create_task(chat.run(stop)) for chat in chats]
        for chat in chats:
            await chat.opened.wait()
        await asyncio.sleep(seconds)
        stop.set()
        await asyncio.gather(*tasks)

    asyncio.run(hold())
    return {**make_report(directory, list(chats)), "contacts_created": contacts_created(directory, list(chats))}
