# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Interaction Queues: where endpoints lead.  Source: PSENUM, CSQ"""

from __future__ import annotations

from ..._config.desired import Desired
from ..._config.errors import InvalidInput
from ..arguments import named
from ..chat_server_links import adopted_chat_servers
from ..context import CHAT_SERVER, INTERACTION_QUEUE
from ..field import Field, argument_spec
from ..part import Part

QUEUE_FIELDS = (
    Field("name", "str", "Name of the queue.", required=True),
    Field("folder", "str", "Folder in which a new queue is put, by name or by path from the root.", path=("folder",)),
)
QUEUE = argument_spec(QUEUE_FIELDS)


def queue(context, spec, tenant, where):
    """Return the Desired of an Interaction Queue; a script of that name and another type is refused.

    A queue made so has no strategy yet: the workflow is the site's own.  Source: PSENUM, CSQ
    """
    desired = Desired("CfgScript", spec["name"], tenant)
    found = context.directory.find("CfgScript", spec["name"], tenant)
    if found is not None and found.subtype != INTERACTION_QUEUE:
        raise InvalidInput("%s: '%s' exists in tenant '%s' as a script of type %s, not as an Interaction Queue"
                           % (where, spec["name"], tenant, found.subtype))
    desired.want("type", INTERACTION_QUEUE)
    if spec.get("folder"):
        desired.want_on_create("folder", context.directory.folder(spec["folder"]))
    if found is None:
        context.directory.expect_new("CfgScript", spec["name"], {("type",): INTERACTION_QUEUE}, tenant)
    return desired


def _rule(draft):
    places = [(item, "interaction_queues[%d]" % number) for number, item in enumerate(draft.given("interaction_queues"))]
    return [queue(draft.context, named(item, QUEUE, where), draft.tenant, where) for item, where in places]


def _adopt(adoption):
    """Name the queues that the adopted Chat Servers' endpoints lead to."""
    queues = sorted({queue for spec in adopted_chat_servers(adoption) for queue in spec.get("endpoints", {}).values()})
    if queues:
        adoption.description["interaction_queues"] = queues


# -- the end -------------------------------------------------------------------------------------------------------------


def _removal(removal):
    """A queue that is only named may be anybody's; one that is described goes, unless an endpoint of a Chat Server that stays leads to it."""
    wanted = []
    for number, item in enumerate(removal.given("interaction_queues")):
        name = named(item, QUEUE, "interaction_queues[%d]" % number)["name"]
        found = removal.directory.find("CfgScript", name, removal.tenant)
        if found is None:
            continue
        users = _users(removal, found)
        if not isinstance(item, dict):
            removal.stay("CfgScript", name, "the description only names it")
        elif found.subtype != INTERACTION_QUEUE:
            removal.stay("CfgScript", name, "it is a script of type %s, not an Interaction Queue" % found.subtype)
        elif users:
            removal.stay("CfgScript", name, "endpoints of %s lead to it" % ", ".join(users))
        else:
            wanted.append(Desired("CfgScript", name, removal.tenant, present=False))
    return wanted


def _users(removal, queue_object):
    """Return the names of the Chat Servers that stay, and of which an endpoint leads to a queue."""
    section = "endpoints:%d" % queue_object.tenant_dbid
    return [app.name for app in removal.staying() if app.subtype == CHAT_SERVER
            and queue_object.name in app.options(section).values()]


PART = Part(
    "interaction_queues",
    fields=(Field("interaction_queues", "list", "Interaction Queues that must exist, each a name, or a mapping with C(name) and C(folder). "
                  "Missing ones are created without a strategy.", elements="raw", mapping=QUEUE_FIELDS),),
    place=20,
    rules={"objects": _rule},
    kinds=lambda description: ("CfgScript",) if description.get("interaction_queues") else (),
    adopt=_adopt, adopt_place=60, removal=_removal,
)
