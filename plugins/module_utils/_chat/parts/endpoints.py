# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Endpoints: where a Chat Server submits the chats that come in, per tenant. They are described with their Chat Server."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from ..._config.desired import Desired
from ..._config.directory import ConfigObject, Directory
from ..._config.errors import DoesNotFit, InvalidInput
from ..._config.nearest import nearest
from ..._config.shapes import Leaves
from ..application import PLACEHOLDER, is_gone
from ..context import CHAT_SERVER, INTERACTION_QUEUE, Context
from ..endpoint_users import keep_used_endpoints
from ..field import Field, argument_spec, state
from ..named_lists import require_named

if TYPE_CHECKING:
    from ..adopt import Adoption

#: What a Chat Server's description has of them.
OF_A_CHAT_SERVER = (
    Field("endpoints", "dict",
          "Endpoints of the first tenant of O(tenants), as a mapping of endpoint to the name of an Interaction Queue of that tenant. Chats are "
          "submitted to that queue.",
          "V(default) must be among them, here or already on the application; so it is for each tenant that the Chat Server serves.",
          "An endpoint set to V(null) is removed; to rename one, remove the old name and give the new one. One that another application names stays.",
          adopted=True, source="CHAT, GWE812"),
    Field("tenant_endpoints", "dict", "Endpoints of further tenants, as a mapping of tenant name to a mapping like O(endpoints).",
          adopted=True, source="CHAT"),
)

#: The options of the module chat_endpoint.
MODULE = (
    Field("chat_servers", "list", "Names of the Chat Servers.", elements="str", required=True),
    Field("tenant", "str", "Name of the tenant.", required=True),
    Field("endpoint", "str", "Name of the endpoint.", required=True),
    Field("queue", "str", "Name of the Interaction Queue. Needed for O(state=present)."),
    Field("renamed_from", "str",
          "The name that the endpoint had. It is removed in the same write, where it is still there.",
          "While another application names it, this is refused. To change over without a gap, add the new endpoint first, let that application "
          "lead to it, and then remove the old one."),
    state("makes sure that the endpoint leads to the queue.", "makes sure that it does not."),
)
ARGUMENTS = argument_spec(MODULE)


def section_of(directory: Directory, tenant: str) -> str:
    """Return the option section of a tenant's endpoints, e.g. 'endpoints:1'.  Source: CHAT"""
    return f"endpoints:{directory.dbid('CfgTenant', tenant)}"


def require_queue(context: Context, queue: str, tenant: str, where: str) -> None:
    """Check that "queue" is an Interaction Queue of that tenant, existing or planned; raises InvalidInput.

    Source: CHAT, PSENUM (script type), CSQ (looked up by name, type and tenant)
    """
    directory = context.directory
    found = directory.find("CfgScript", queue, tenant)
    if found is None:
        elsewhere = directory.named("CfgScript", queue)
        if elsewhere:
            raise DoesNotFit(f"{where}: the queue '{queue}' belongs to tenant '{directory.name('CfgTenant', elsewhere[0].tenant_dbid)}', not to '{tenant}'")
        found = directory.require("CfgScript", queue, f"{where} (an Interaction Queue)", tenant)
    if found.subtype != INTERACTION_QUEUE:
        raise DoesNotFit(f"{where}: '{queue}' is a script of type {found.subtype or 'unknown'}, and an endpoint needs an Interaction Queue "
                         f"({INTERACTION_QUEUE})")


def want_endpoints(context: Context, desired: Desired, endpoints: Mapping[Any, Any], tenant: str, where: str) -> None:
    """Demand the endpoints (name -> queue) of one tenant on one Chat Server; None takes an endpoint away.  Source: CHAT, GWE812

    So an endpoint is renamed by {old: None, new: queue}: both are one write, in which no moment is without either.
    """
    section = section_of(context.directory, tenant)
    for endpoint, queue in endpoints.items():
        option = f"{where}: endpoint '{endpoint}'"
        if queue is None:
            desired.forbid(("options", section, str(endpoint)))
            continue
        if isinstance(queue, (list, dict)):
            raise InvalidInput(f"{option} must be a single value, got {type(queue).__name__}; give the name of one Interaction Queue")
        if not str(queue).strip():
            raise InvalidInput(f"{option} has no queue; it must name an Interaction Queue of tenant '{tenant}', or be null to be removed")
        require_queue(context, str(queue), tenant, option)
        desired.want(("options", section, str(endpoint)), str(queue), option)


def move_placeholder(context: Context, desired: Desired, options: Mapping[Any, Any], tenants: Collection[str]) -> Leaves:
    """Move the template's placeholder section to the section of each tenant, and demand that it is gone.  Source: CHAT

    A key that the tenant's section has already, or that the user describes or removes, is left alone. Without a tenant to move it to, the section
    stays.
    Returns the options that the tenants' sections get from the placeholder, as (section, key) -> value.

    Args:
        options: (section, key) -> value of the application, or of the template when it is created.
    """
    moved: Leaves = {}
    for (section, key), value in options.items():
        if not tenants or not PLACEHOLDER.match(section):
            continue
        desired.forbid(("options", section))
        for tenant in tenants:
            target = (section_of(context.directory, tenant), key)
            path = ("options",) + target
            if value and target not in options and path not in desired.leaves and path not in desired.absent:
                desired.want(path, value)
                moved[target] = value
    return moved


def require_queues(context: Context, desired: Desired, tenants: Iterable[str], where: str) -> None:
    """Check every endpoint that will be written, whichever part of the description or the template it comes from.

    Raises InvalidInput for a value that is not an Interaction Queue of the section's tenant.  Source: CHAT, PSENUM
    """
    for tenant in tenants:
        section = section_of(context.directory, tenant)
        for path, value in desired.leaves.items():
            if path[:2] == ("options", section) and value:
                require_queue(context, value, tenant, f"{where}: endpoint '{path[2]}'")


def require_defaults(context: Context, desired: Desired, options: Mapping[Any, Any], tenants: Iterable[str], where: str) -> None:
    """Check that each served tenant will have a queue as its default endpoint; raises InvalidInput.  Source: CHAT"""
    for tenant in tenants:
        section = section_of(context.directory, tenant)
        path = ("options", section, "default")
        value = desired.leaves.get(path, options.get(path[1:], ""))
        if path in desired.absent or not value:
            others = [path[2] for path in desired.leaves if path[:2] == ("options", section)]
            meant = nearest("default", others)
            hint = f"; is '{meant}' a misspelling of it?" if meant else ""
            raise DoesNotFit(f"{where}: Chat Server '{desired.name}' serves tenant '{tenant}' without a default endpoint; endpoints must "
                             f"give 'default' the name of an Interaction Queue{hint}")


def leads_to_queue(adoption: Adoption, app: ConfigObject, endpoint: str, queue: str, tenant: str) -> bool:
    """Return whether an existing endpoint can be described; otherwise it is left out and reported."""
    found = adoption.directory.find("CfgScript", queue, tenant) if queue else None
    if found is not None and found.subtype == INTERACTION_QUEUE:
        return True
    target = f"'{queue}', which is not an Interaction Queue of that tenant" if queue else "no queue"
    adoption.leave_out(app.name, f"endpoint '{endpoint}' of tenant '{tenant}' leads to {target}", "endpoints")
    return False


def chat_endpoint(context: Context, params: Mapping[str, Any]) -> list[Desired]:
    """One endpoint of one tenant on one or many Chat Servers.  Source: CHAT, GWE812 (the same on every Chat Server)"""
    tenant, endpoint = params["tenant"], params["endpoint"]
    require_named(params["chat_servers"], "chat_endpoint: chat_servers", "Chat Server")
    context.directory.require("CfgTenant", tenant, "tenant")
    section = section_of(context.directory, tenant)
    wanted = []
    for name in params["chat_servers"]:
        if params["state"] == "absent" and is_gone(context, name, "chat_servers"):
            continue
        found = context.application(name, "chat_servers", (CHAT_SERVER,))
        desired = Desired("CfgApplication", name)
        served = found.tenants(context.directory)
        if params["state"] == "present":
            if tenant not in served:
                raise DoesNotFit(f"tenant: Chat Server '{name}' does not serve tenant '{tenant}'; add it to the tenants of the application first")
            former = params.get("renamed_from")
            if former == endpoint:
                raise InvalidInput(f"renamed_from: '{former}' is also the new name; give the former name")
            want_endpoints(context, desired, {endpoint: params["queue"], **({former: None} if former else {})}, tenant, "chat_endpoint")
            if former == "default":
                require_defaults(context, desired, found.options(), [tenant], "renamed_from")
        else:
            desired.forbid(("options", section, endpoint))
            if endpoint == "default" and tenant in served:
                require_defaults(context, desired, found.options(), [tenant], "endpoint")
        wanted.append(desired)
    keep_used_endpoints(context, wanted)
    return wanted
