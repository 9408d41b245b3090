# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Interaction Queues: where endpoints lead.  Source: PSENUM, CSQ"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..._config.desired import Desired
from ..._config.errors import DoesNotFit
from ..arguments import named
from ..chat_server_links import adopted_chat_servers
from ..context import INTERACTION_QUEUE, Context
from ..described_once import require_name, require_once
from ..field import Field, argument_spec
from ..finding import WARNING, Finding
from ..part import Draft, Part
from ..queue_users import why_queue_stays
from ..workflow import strategies

if TYPE_CHECKING:
    from ..adopt import Adoption
    from ..removal import Removal

QUEUE_FIELDS = (
    Field("name", "str", "Name of the queue.", required=True),
    Field("folder", "str", "Folder in which a new queue is put, by name or by path from the root.", path=("folder",)),
)
QUEUE = argument_spec(QUEUE_FIELDS)


def queue(context: Context, spec: Mapping[str, Any], tenant: str, where: str) -> Desired:
    """Return the Desired of an Interaction Queue; a script of that name and another type is refused.

    A queue made so has no strategy yet: the workflow is the site's own.  Source: PSENUM, CSQ
    """
    desired = Desired("CfgScript", require_name(spec["name"], f"{where}: name", "the queue"), tenant)
    found = context.directory.find("CfgScript", spec["name"], tenant)
    if found is not None and found.subtype != INTERACTION_QUEUE:
        raise DoesNotFit(f"{where}: '{spec['name']}' exists in tenant '{tenant}' as a script of type {found.subtype}, not as an Interaction Queue")
    desired.want("type", INTERACTION_QUEUE)
    if spec.get("folder"):
        desired.want_on_create("folder", context.directory.folder(spec["folder"]))
    if found is None:
        context.directory.expect_new("CfgScript", spec["name"], {("type",): INTERACTION_QUEUE}, tenant)
    return desired


def _rule(draft: Draft) -> list[Desired]:
    places = [(item, f"interaction_queues[{number}]") for number, item in enumerate(draft.given("interaction_queues"))]
    specs = [(named(item, QUEUE, where), where) for item, where in places]
    # One that is only named says nothing that another entry could contradict.
    require_once("interaction_queues", [f"Interaction Queue '{spec['name']}'" if isinstance(item, dict) else ""
                                        for (item, _where), (spec, _same) in zip(places, specs)])
    return [queue(draft.context, spec, draft.tenant, where) for spec, where in specs]


def _adopt(adoption: Adoption) -> None:
    """Name the queues that the adopted Chat Servers' endpoints lead to."""
    queues = sorted({queue for spec in adopted_chat_servers(adoption) for queue in spec.get("endpoints", {}).values()})
    if queues:
        adoption.description["interaction_queues"] = queues


def _findings(context: Context, description: Mapping[str, Any], wanted: list[Desired]) -> list[Finding]:
    """Tell of which queues no object tells the strategy, and of which several do: only one may take from a queue.  Source: CHAT, GWE812"""
    tenant = description["tenant"]
    section = f"endpoints:{context.directory.dbid('CfgTenant', tenant)}"
    queues = {item.name for item in wanted if item.kind == "CfgScript" and item.leaves.get(("type",)) == INTERACTION_QUEUE}
    queues |= {value for item in wanted for path, value in item.leaves.items() if path[:2] == ("options", section) and value}
    told = strategies(context.directory, queues, tenant) if queues else {}
    silent = [f"'{queue}'" for queue, names in sorted(told.items()) if not names]
    found = []
    if silent:
        found.append(Finding(WARNING, f"no object of the configuration tells which strategy takes the interactions from {', '.join(silent)}. See in the tool "
                             "in which the workflow is made (IRD, Composer) that each of these queues has one, and only one; without one chats stay there."))
    found += [Finding(WARNING, f"by the objects of the configuration the interactions in '{queue}' are taken by {', '.join(names)}. Only one strategy can take "
                      "from a queue: correct that in the tool in which the workflow is made (IRD, Composer).")
              for queue, names in sorted(told.items()) if len(names) > 1]
    return found


# -- the end -------------------------------------------------------------------------------------------------------------


def _removal(removal: Removal) -> list[Desired]:
    """A queue that is only named may be anybody's; one that is described goes, unless something that stays names it."""
    wanted = []
    for number, item in enumerate(removal.given("interaction_queues")):
        name = named(item, QUEUE, f"interaction_queues[{number}]")["name"]
        found = removal.directory.find("CfgScript", name, removal.tenant)
        if found is None:
            continue
        if not isinstance(item, dict):
            removal.stay("CfgScript", name, "the description only names it")
        elif found.subtype != INTERACTION_QUEUE:
            removal.stay("CfgScript", name, f"it is a script of type {found.subtype}, not an Interaction Queue")
        elif reason := why_queue_stays(removal, found):
            removal.stay("CfgScript", name, reason)
        else:
            wanted.append(Desired("CfgScript", name, removal.tenant, present=False))
    return wanted


PART = Part(
    "interaction_queues",
    fields=(Field("interaction_queues", "list", "Interaction Queues that must exist, each a name, or a mapping with C(name) and C(folder). "
                  "Missing ones are created without a strategy.", elements="raw", mapping=QUEUE_FIELDS),),
    place=20,
    rules={"objects": _rule},
    kinds=lambda description: ("CfgScript",) if description.get("interaction_queues") else (),
    adopt=_adopt, adopt_place=60, removal=_removal,
    findings=_findings,
)
