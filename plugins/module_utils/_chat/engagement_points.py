# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether an existing chat channel of Web Engagement is as its page demands, point by point.  Source: GWE812"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._config.desired import Desired
from .._config.directory import ConfigObject
from .._config.errors import InvalidInput
from .._config.fields import whole_number
from . import backend_server as wes
from . import engagement_options as known_options
from .chat_server_links import uses_contact_server
from .context import Context
from .parts.endpoints import require_queue

WHERE = "wes_chat_channel_info"

#: The least that an option may be, in the order of the page.
_LEAST = {"refresh_period": 1, "request_pool_size": 1, "session_restore_timeout": 0}


def channel_points(context: Context, params: Mapping[str, Any]) -> dict[str, Any]:
    """Return what wes_chat_channel_info returns; raises InvalidInput when the application can't be a Backend Server.

    Each point: step (of the page), point, holds, found (what there is), look_at (where a person sees it).
    """
    context.directory.require("CfgTenant", params["tenant"], "tenant")
    found = wes.backend_server(context, params["backend_server"], WHERE)
    channel = _Channel(context, found, params)
    points = [channel.connection(), channel.endpoint(), channel.queue(), channel.queue_key(), channel.start_queue(),
              channel.contact_handling(), channel.session(), channel.default_channel()]
    return {"release": channel.release, "chat_servers": channel.names, "endpoint": channel.name, "queue": channel.one_queue(),
            "points": [point for point in points if point], "complete": all(point["holds"] for point in points if point),
            "by_hand": channel.by_hand()}


class _Channel:
    """One Backend Server as it is."""

    def __init__(self, context: Context, found: ConfigObject, params: Mapping[str, Any]) -> None:
        self.context = context
        self.found = found
        self.tenant = params["tenant"]
        self.pacing_may_be_off = params["development_environment"]
        self.release = wes.release_of(found, params["release"], WHERE)
        self.known = known_options.OPTIONS[self.release]
        self.options = found.options()
        self.key = self.options.get(self.known["queue_key"], "")
        self.name = self.key.partition(":")[2]
        self.problem = ""
        try:
            self.names = wes.chat_servers_of(context, found, params["chat_servers"], WHERE)
        except InvalidInput as error:
            self.names, self.problem = [], str(error).partition(": ")[2]
        self.queues = wes.queues_behind(context, self.key, self.names)

    def one_queue(self) -> str:
        """Return the queue behind the endpoint if it is the same one on every Chat Server, else ''."""
        queues = set(self.queues.values())
        return queues.pop() if len(queues) == 1 else ""

    def _at(self, point: str) -> str:
        section, key = self.known[point]
        return f"application '{self.found.name}', Options, section {section}, option {key}"

    # -- the points ----------------------------------------------------------------------------------------------

    def connection(self) -> dict[str, Any]:
        return _point("prerequisites", "the Backend Server is connected to a Chat Server, or to a cluster of them", bool(self.names),
                      self.problem or f"Chat Servers: {', '.join(self.names)}", f"application '{self.found.name}', Connections")

    def endpoint(self) -> dict[str, Any]:
        shown = ", ".join(f"{name}: {queue or 'none'}" for name, queue in self.queues.items())
        return _point("1 to 3", "the endpoint that the Backend Server names leads to one queue on every Chat Server", bool(self.one_queue()),
                      f"endpoint '{self.name}': {shown or 'no Chat Server'}",
                      f"the Chat Servers, Options, section endpoints:<DBID of tenant '{self.tenant}'>")

    def queue(self) -> dict[str, Any]:
        queue, problem = self.one_queue(), ""
        try:
            require_queue(self.context, queue, self.tenant, "queue")
        except InvalidInput as error:
            problem = str(error)
        return _point("3", "the queue is an Interaction Queue of the tenant", not problem, problem or queue,
                      f"Scripts of tenant '{self.tenant}': the queue, and the one strategy that takes interactions from it")

    def queue_key(self) -> dict[str, Any]:
        holds = bool(self.name) and self.key == wes.queue_key(self.context, self.tenant, self.name)
        return _point("4", "the endpoint is given as the DBID of the tenant, a colon and its name", holds, self.key or "not set",
                      self._at("queue_key"))

    def start_queue(self) -> dict[str, Any]:
        queue = self.options.get(self.known["queue"], "")
        return _point("5", "the queue in which routing starts is the one behind the endpoint", bool(queue) and queue == self.one_queue(),
                      queue or "not set", self._at("queue"))

    def contact_handling(self) -> dict[str, Any]:
        value = self.options.get(self.known["contact_handling"])
        valid = value is None or value in known_options.CONTACT_HANDLING.values()
        without = [name for name in self.names if not uses_contact_server(self.context, Desired("CfgApplication", name))]
        shown = f"not set, so {known_options.USUAL_HANDLING}" if value is None else f"'{value}'"
        if without:
            shown += f"; no UCS is in use on {', '.join(without)}"
        return _point("6", "contacts are handled by a valid value, and the Chat Servers are connected to UCS if that needs it",
                      valid and (not without or value == known_options.CONTACT_HANDLING["none"]), shown, self._at("contact_handling"))

    def session(self) -> dict[str, Any]:
        shown, holds = [], True
        for point, least in _LEAST.items():
            # Release 8.5 has no known name for the time-out, and 8.1.2 has two.
            spellings = [self.known[point]] if point in self.known else []
            if point == "session_restore_timeout" and spellings:
                spellings.append(known_options.OTHER_SPELLING)
            values = {path[1]: self.options[path] for path in spellings if path in self.options}
            shown += [f"{key} '{value}'" for key, value in values.items()]
            most = known_options.REFRESH_PERIOD[1] if (point, self.release) == ("refresh_period", "8.1.2") else None
            holds = holds and len(values) < 2 and all(_within(value, least, most) for value in values.values())
        return _point("7", "the options of the chat session are valid", holds, ", ".join(shown) or "not set", self._at("refresh_period"))

    def default_channel(self) -> dict[str, Any] | None:
        """Only where the option has a known name."""
        if "chat_is_default_channel" not in self.known:
            return None
        value = self.options.get(self.known["chat_is_default_channel"])
        return _point("default channel", "the pacing algorithm is used, unless this is a development environment",
                      not value or self.pacing_may_be_off, f"'{value}'" if value else "not set", self._at("chat_is_default_channel"))

    def by_hand(self) -> list[str]:
        """Return what only a person can see."""
        queue = f"'{self.one_queue()}'" if self.one_queue() else "the queue"
        return [f"One strategy, of Orchestration Server or of Universal Routing Server, takes the interactions from {queue}: the configuration does not tell "
                "which.",
                f"A chat that is begun on a page with Web Engagement shows as an interaction in {queue}, and reaches an agent.",
                "The contact of that chat is found, or made, in UCS as the contact handling says."]


def _point(step: str, point: str, holds: bool, found: str, look_at: str) -> dict[str, Any]:
    return {"step": step, "point": point, "holds": holds, "found": found, "look_at": look_at}


def _within(value: Any, least: int, most: int | None) -> bool:
    number = whole_number(value)
    return number is not None and least <= number and (most is None or number <= most)
