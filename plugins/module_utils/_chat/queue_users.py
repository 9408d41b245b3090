# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who still names an Interaction Queue once a description is removed: then the queue stays.  Source: CSQ, ASYNCWDE, GWE812, GWECH"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._config.desired import Desired
from .context import CHAT_SERVER
from .engagement_options import OPTIONS
from .workspace_levels import ON_HOLD_QUEUE, PLACES, values_of

if TYPE_CHECKING:
    from .._config.directory import ConfigObject
    from .removal import Removal

#: Most users that are told by name.
_MOST = 8


def why_queue_stays(removal: Removal, queue: ConfigObject) -> str:
    """Return who names a queue of the removal's tenant, as a reason why it stays, or ''. Persons are read only where nobody else does."""
    users = _with_endpoints(removal, queue)
    if users:
        return f"endpoints of {_told(users)} lead to it"
    users = _with_engagement(removal, queue)
    if users:
        return f"the chat channel of Web Engagement names it on {_told(users)}"
    for levels in (("application", "tenant", "group"), ("person",)):
        users = [label for level in levels for label in _with_option(removal, queue, level)]
        if users:
            return f"{ON_HOLD_QUEUE} of Workspace names it on {_told(users)}; workspace_chat_options takes that away"
    return ""


def _told(users: list[str]) -> str:
    return ", ".join(users[:_MOST]) + (f" and {len(users) - _MOST} more" if len(users) > _MOST else "")


def _with_endpoints(removal: Removal, queue: ConfigObject) -> list[str]:
    """Return the names of the Chat Servers that stay, and of which an endpoint leads to the queue."""
    section = f"endpoints:{queue.tenant_dbid}"
    return [app.name for app in removal.staying() if app.subtype == CHAT_SERVER and queue.name in app.options(section).values()]


def _with_engagement(removal: Removal, queue: ConfigObject) -> list[str]:
    """Return the names of the applications whose channel of Web Engagement starts with the queue, and which the description does not mention."""
    described = {item["backend_server"] for item in removal.given("web_engagement")}
    return [app.name for app in removal.staying() if app.name not in described and _serves(app, queue)
            and queue.name in [app.options().get(known["queue"]) for known in OPTIONS.values()]]


def _serves(app: ConfigObject, queue: ConfigObject) -> bool:
    """Return whether an application may mean a queue of that tenant: it serves it, or says no tenant."""
    return queue.tenant_dbid in (app.tenant_dbids or [queue.tenant_dbid])


def _with_option(removal: Removal, queue: ConfigObject, level: str) -> list[str]:
    """Return the labels of the objects of a level of Workspace that name the queue; what the description sets there goes with it."""
    kind = PLACES[level][0]
    gone = {item.get("name") or removal.tenant for item in removal.given("workspace")
            if item["level"] == level and ON_HOLD_QUEUE in (item.get("options") or {})}
    objects = removal.staying() if level == "application" else removal.directory.all(kind)
    own = {"application": lambda item: _serves(item, queue), "tenant": lambda item: item.dbid == queue.tenant_dbid}
    belongs = own.get(level, lambda item: item.tenant_dbid == queue.tenant_dbid)
    return [Desired(kind, item.name).label for item in sorted(objects, key=lambda item: item.name)
            if belongs(item) and item.name not in gone and values_of(removal.directory, item).get(ON_HOLD_QUEUE, "").strip() == queue.name]
