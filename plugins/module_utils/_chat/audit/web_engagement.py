# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules on the chat channel of Web Engagement."""

from __future__ import annotations

from collections.abc import Iterator

from ..._config.desired import Desired
from ..._config.fields import whole_number
from ..backend_server import queues_behind
from ..chat_server_links import uses_contact_server
from ..clusters import grouped, strangers
from ..context import CHAT_SERVER
from ..engagement_options import CONTACT_HANDLING, OPTIONS, OTHER_SPELLING, REFRESH_PERIOD, USUAL_HANDLING
from .rule import ERROR, WARNING, Fault, Rule, on
from .site import Site, listed


def _option(release: str, point: str) -> tuple[str, str]:
    """Return (section, option) of a point of the channel; ('', '') where a release has no known name for it."""
    return OPTIONS[release].get(point, ("", ""))


def _start_queue(site: Site) -> Iterator[Fault]:
    for app, release in site.backend_servers:
        queue, key = app.options().get(_option(release, "queue"), ""), app.options().get(_option(release, "queue_key"), "")
        servers, _clusters = site.chat_servers_behind(app)
        behind = {found for found in queues_behind(site.context, key, [server.name for server in servers]).values() if found}
        if behind and queue not in behind:
            yield on(app.name, f"starts routing in the queue '{queue}', and its endpoint '{key}' leads to {listed(sorted(behind))}")


def _cluster(site: Site) -> Iterator[Fault]:
    for app, release in site.backend_servers:
        servers, clusters = site.chat_servers_behind(app)
        for cluster in clusters:
            others = strangers(grouped(site.context, cluster), CHAT_SERVER)
            if others:
                yield on(cluster.name, f"groups Chat Servers for '{app.name}', and has members of another type: {others}")
        key = app.options().get(_option(release, "queue_key"), "")
        queues = queues_behind(site.context, key, [server.name for server in servers]) if clusters else {}
        without = [name for name, queue in queues.items() if not queue]
        if without and len(without) < len(queues):
            yield on(app.name, f"uses a cluster of Chat Servers, and its endpoint '{key}' is missing on {listed(without)}")


def _default_channel(site: Site) -> Iterator[Fault]:
    for app in site.applications if not site.wishes.get("development_environment") else ():
        value = app.options().get(_option("8.1.2", "chat_is_default_channel"))
        if value:
            yield on(app.name, f"has {'/'.join(_option('8.1.2', 'chat_is_default_channel'))}={value}")


def _contacts(site: Site) -> Iterator[Fault]:
    for app, release in site.backend_servers:
        value = app.options().get(_option(release, "contact_handling"))
        if value is not None and value not in CONTACT_HANDLING.values():
            yield on(app.name, f"has {_option(release, 'contact_handling')[1]}='{value}', which counts as {USUAL_HANDLING}")
        if value == CONTACT_HANDLING["none"]:
            continue
        servers, _clusters = site.chat_servers_behind(app)
        without = [server.name for server in servers if not uses_contact_server(site.context, Desired("CfgApplication", server.name))]
        if without:
            yield on(app.name, f"handles contacts, and no UCS is in use on {listed(without)}")


def _refresh(site: Site) -> Iterator[Fault]:
    for app, release in site.backend_servers:
        value = app.options().get(_option(release, "refresh_period"))
        number = whole_number(value)
        if release == "8.1.2" and value is not None and (number is None or not REFRESH_PERIOD[0] <= number <= REFRESH_PERIOD[1]):
            yield on(app.name, f"has {_option(release, 'refresh_period')[1]}='{value}', and it must be from {REFRESH_PERIOD[0]} to {REFRESH_PERIOD[1]}")


def _restore_timeout(site: Site) -> Iterator[Fault]:
    for app, _release in site.backend_servers:
        if OTHER_SPELLING in app.options() and _option("8.1.2", "session_restore_timeout") not in app.options():
            yield on(app.name, f"has {OTHER_SPELLING[1]}, and not {_option('8.1.2', 'session_restore_timeout')[1]}")


RULES = (
    Rule("L28", ERROR, "Routing starts in the queue behind the endpoint of the channel.", "Engagements wait in a queue from which nothing is routed.",
         "Set the queue to that of the endpoint: wes_chat_channel.", "GWE812", _start_queue),
    Rule("L29", ERROR, "A cluster for Web Engagement groups Chat Servers only, and each of them has the endpoint.", "Chats fail whenever that Chat Server is "
         "chosen.", "Set the endpoint on every Chat Server of the cluster: wes_chat_channel.", "GWE812, APPCL", _cluster),
    Rule("L30", ERROR, "Chat is not forced as the channel outside of development.", "Pacing is off: visitors are invited whether agents are ready or not.",
         "Remove the option.", "GWE812", _default_channel),
    Rule("L31", WARNING, "Contacts are handled by a known value, with a UCS where that needs one.", "A wrong value counts as 3; without UCS no contact is "
         "found.", "Set 1, 2 or 3, and connect the Chat Servers to UCS.", "GWE812", _contacts),
    Rule("L32", ERROR, "The refresh period is from 1 to 5 seconds.", "The product does not take another value.", "Set it to 1, 2, 3, 4 or 5.", "GWE812",
         _refresh),
    Rule("L33", WARNING, "The restore timeout has the name that the product reads.", "The other spelling is most likely not read.",
         "Set wes.connector.chatServer.sessionRestoreTimeout instead.", "GWE812", _restore_timeout),
)
