# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole description of a chat solution: its fields, and what they demand, part by part.  Source: CHAT"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._config.desired import Desired
from .._config.shared_ports import require_ports_of_their_own
from . import all_parts
from .arguments import validated
from .connection import ADDP
from .context import Context
from .endpoint_users import keep_used_endpoints
from .field import Field, argument_spec, state
from .part import STAGES, Draft

#: The classes that planning any solution reads.
_KINDS = ("CfgApplication", "CfgTenant", "CfgHost", "CfgAppPrototype")


def solution_fields() -> tuple[Field, ...]:
    """Return the fields of a description: what all parts share, and those of each part."""
    tenant = Field("tenant", "str", "Name of the tenant whose queues the endpoints lead to, and which new applications serve unless others are "
                   "given.", required=True)
    production = Field("production", "bool", "Whether this is a production environment, in which M(genesys_engage.chat.chat_solution) applies only a plan "
                       "that was kept and approved, see its option C(plan_file).", default=False)
    return (tenant, production, ADDP, *(field for part in all_parts.PARTS for field in part.fields))


def module_fields() -> tuple[Field, ...]:
    """Return the options of the module chat_solution, beside those that all modules have that write."""
    return (
        Field("solution", "dict", "The description.", required=True, fields=solution_fields()),
        state("makes sure that everything is as described.",
              "removes what is described, in an order that the Configuration Server accepts; what is only named stays. Applications that are named "
              "let go of what is removed. Clients that the description does not mention make it refuse. What runs is refused as well, see "
              "O(stopped_applications)."),
        Field("applications", "list", "With O(state=absent), the names of the applications to remove: only these go, and nothing else of the description. "
              "Chat Servers, UCS and Interaction Servers may be named that the description does not have any more.", elements="str"),
    )


SOLUTION = argument_spec(solution_fields())


def validated_solution(value: Any) -> dict[str, Any]:
    """Return a description with defaults filled in, as chat_solution's own argument spec does; raises InvalidInput."""
    return validated(value, argument_spec(solution_fields()), "solution")


def kinds_of(solution: Mapping[str, Any]) -> list[str]:
    """Return the classes that planning "solution" reads, so that they can be read at once."""
    return list(dict.fromkeys([*_KINDS, *(kind for part in all_parts.PARTS for kind in part.kinds(solution))]))


def solution(context: Context, description: Mapping[str, Any]) -> list[Desired]:
    """Return the list of Desired for a description (see solution_fields).  Raises InvalidInput.

    Objects come in the order in which an administrator would make them: stage by stage, and within a stage by the places of the parts.
    """
    context.directory.require("CfgTenant", description["tenant"], "tenant")
    draft = Draft(context, description)
    for stage in STAGES:
        for part in all_parts.by_place():
            if stage in part.rules:
                draft.wanted += part.rules[stage](draft)
    together = draft.merged()
    keep_used_endpoints(context, together)
    return require_ports_of_their_own(context.directory, together, context.warn)
