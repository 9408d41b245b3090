# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A whole description, brought about or removed: what the module chat_solution calls."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .._config.errors import InvalidInput
from .deployment import deployed
from .removal import kinds_of_removal, removal
from .solution import kinds_of, solution

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .._config.desired import Desired
    from .context import Context


def chat_solution(context: Context, params: Mapping[str, Any]) -> list[Desired]:
    """Return the list of Desired of a description, or of its removal; raises InvalidInput."""
    if params["state"] == "absent":
        return removal(context, params)
    if params["applications"] is not None:
        raise InvalidInput("applications: only for state absent; a description is always applied as a whole")
    return solution(context, params["solution"])


def approved(params: Mapping[str, Any]) -> tuple[dict[str, str], bool]:
    """Return what a kept plan of these arguments is about, and whether nothing may be written without one."""
    description = params["solution"]
    subject = {"tenant": description["tenant"], "state": params["state"], "applications": ", ".join(params["applications"] or [])}
    return subject, bool(description["production"])


def outcome(context: Context, params: Mapping[str, Any], wanted: list[Desired]) -> dict[str, Any]:
    """Return what the description means for the hosts, or what its removal leaves."""
    if params["state"] == "absent":
        return {"stays": context.stays}
    return {"deployment": deployed(context, params["solution"], wanted)}


def kinds(params: Mapping[str, Any]) -> list[str]:
    """Return the classes that are to be read at once."""
    return kinds_of_removal(params) if params["state"] == "absent" else kinds_of(params["solution"])
