# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Adoption: makes a description of what exists, for sites that run already.

The description is checked by the same rules that will apply it. What they would refuse or change is left out and reported.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

from .._config.directory import ConfigObject, Directory
from .._config.errors import InvalidInput
from .._config.plan import Plan, make_plan
from . import all_parts
from .context import Context
from .solution import solution, validated_solution

#: The place that a message names when one application is tried alone. The user has no such place, so it is cut off.
_TRIAL = re.compile(rf"^({'|'.join(field.name for part in all_parts.PARTS if part.adopt for field in part.fields)})\[0\]: ")


def adopt(context: Context, tenant: str, names: Collection[str] | None = None) -> tuple[dict[str, Any], list[dict[str, str]]]:
    """Return (description, left_out) of the Chat Servers that serve "tenant".

    Applying the description changes nothing; that is checked here. Each of "names" is either in the description or in left_out.
    left_out: list of {name, part, reason}. part: which part of a described application is missing, '' if the application is not described.

    Args:
        names: the Chat Servers wanted, or None for all of that tenant.
    """
    return Adoption(context, tenant, names).run()


def plan_of(directory: Directory, description: Mapping[str, Any]) -> Plan:
    """Return the Plan of a description, with the arguments' defaults filled in as the module fills them."""
    return make_plan(directory, solution(Context(directory, allow_disconnect=True), validated_solution(description)))


class Adoption:
    """A description while it is made from what exists. names: the Chat Servers wanted, or None for all of the tenant."""

    def __init__(self, context: Context, tenant: str, names: Collection[str] | None) -> None:
        self.context = context
        self.directory = context.directory
        self.secrets = context.secrets
        self.tenant = tenant
        self.names = names
        self.left_out: list[dict[str, str]] = []
        self.description: dict[str, Any] = {"tenant": tenant}
        context.directory.require("CfgTenant", tenant, "tenant")

    def run(self) -> tuple[dict[str, Any], list[dict[str, str]]]:
        """Return (description, left_out)."""
        for part in sorted((part for part in all_parts.PARTS if part.adopt), key=lambda part: part.adopt_place):
            part.adopt(self)
        tidy = self.description
        for part in all_parts.PARTS:
            tidy = part.say_once(tidy) if part.say_once else tidy
        return (tidy if self.plans_nothing(tidy) else self.description), self.left_out

    # -- for the parts -------------------------------------------------------------------------------------------

    def tenants(self, app: ConfigObject) -> list[str]:
        """Return the names of the tenants that an application serves."""
        return sorted(app.tenants(self.directory))

    def is_backup(self, app: ConfigObject) -> bool:
        """Return whether an application is the backup of another one; then it is left out and reported."""
        primary = self.context.primary_of(app)
        if primary:
            self.leave_out(app.name, f"it is the backup of '{primary}', from which the Configuration Server copies what it has")
        return bool(primary)

    def is_dangling(self, app: ConfigObject, part: str, name: str) -> bool:
        """Return whether an object that an application refers to is not there; then that part is left out and reported."""
        gone = name[:1] == "#" and name[1:].isdigit()
        if gone:
            self.leave_out(app.name, f"it refers to the DBID {name[1:]}, which no object has; that stays as it is", part)
        return gone

    def plans_nothing(self, description: Mapping[str, Any]) -> bool:
        """Return whether a description is accepted and changes nothing; the tenant need not be in it."""
        return not self.obstacle(description)

    def obstacle(self, description: Mapping[str, Any]) -> str:
        """Return why a description is refused, or what it would change, or '' if it is accepted and plans nothing."""
        try:
            plan = plan_of(self.directory, dict(description, tenant=self.tenant))
        except InvalidInput as error:
            return _TRIAL.sub("", str(error))
        return "; ".join(f"{', '.join(sorted('/'.join(path) for path in change.edits))} of {change.label} would be changed"
                         for change in plan.changes)

    def unchanged(self, part: Mapping[str, Any], name: str) -> bool:
        """Return whether "part" is accepted and plans nothing; otherwise report why the object is left out."""
        obstacle = self.obstacle(part)
        if obstacle:
            self.leave_out(name, obstacle)
        return not obstacle

    def leave_out(self, name: str, reason: str, part: str = "") -> None:
        """Report what is not described, and why; part: which part of a described application, '' for all of it."""
        self.left_out.append({"name": name, "part": part, "reason": reason})
