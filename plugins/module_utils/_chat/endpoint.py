# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Endpoints: where a Chat Server submits the chats that come in, per tenant."""

from __future__ import annotations

import re

from .._config.errors import InvalidInput
from .._config.nearest import nearest
from .context import INTERACTION_QUEUE

#: The section that the template ships in place of a tenant's own.  Source: CHAT
PLACEHOLDER = re.compile(r"^endpoints:\D*tenant_dbid\D*$")


def section_of(directory, tenant):
    """Return the option section of a tenant's endpoints, e.g. 'endpoints:1'.  Source: CHAT"""
    return "endpoints:%d" % directory.dbid("CfgTenant", tenant)


def require_queue(context, queue, tenant, where):
    """Check that "queue" is an Interaction Queue of that tenant, existing or planned; raises InvalidInput.

    Source: CHAT, PSENUM (script type), CSQ (looked up by name, type and tenant)
    """
    directory = context.directory
    found = directory.find("CfgScript", queue, tenant)
    if found is None:
        elsewhere = directory.named("CfgScript", queue)
        if elsewhere:
            raise InvalidInput("%s: the queue '%s' belongs to tenant '%s', not to '%s'" % (
                where, queue, directory.name("CfgTenant", elsewhere[0].tenant_dbid), tenant))
        directory.require("CfgScript", queue, "%s (an Interaction Queue)" % where, tenant)
    if found.subtype != INTERACTION_QUEUE:
        raise InvalidInput("%s: '%s' is a script of type %s, and an endpoint needs an Interaction Queue (%s)"
                           % (where, queue, found.subtype or "unknown", INTERACTION_QUEUE))


def want_endpoints(context, desired, endpoints, tenant, where):
    """Demand the endpoints (name -> queue) of one tenant on one Chat Server; None takes an endpoint away.  Source: CHAT, GWE812

    So an endpoint is renamed by {old: None, new: queue}: both are one write, in which no moment is without either.
    """
    section = section_of(context.directory, tenant)
    for endpoint, queue in endpoints.items():
        option = "%s: endpoint '%s'" % (where, endpoint)
        if queue is None:
            desired.forbid(("options", section, str(endpoint)))
            continue
        if not str(queue).strip():
            raise InvalidInput("%s has no queue; it must name an Interaction Queue of tenant '%s', or be null to be removed" % (option, tenant))
        require_queue(context, str(queue), tenant, option)
        desired.want(("options", section, str(endpoint)), str(queue), option)


def move_placeholder(context, desired, options, tenants):
    """Move the template's placeholder section to the section of each tenant, and demand that it is gone.

    options: (section, key) -> value of the application, or of the template when it is created.
    A key that the tenant's section has already, or that the user describes or removes, is left alone; without a tenant to
    move it to the section stays.  Source: CHAT
    Returns the options that the tenants' sections get from the placeholder, as (section, key) -> value.
    """
    moved = {}
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


def require_queues(context, desired, tenants, where):
    """Check every endpoint that will be written, whichever part of the description or the template it comes from.

    Raises InvalidInput for a value that is not an Interaction Queue of the section's tenant.  Source: CHAT, PSENUM
    """
    for tenant in tenants:
        section = section_of(context.directory, tenant)
        for path, value in desired.leaves.items():
            if path[:2] == ("options", section) and value:
                require_queue(context, value, tenant, "%s: endpoint '%s'" % (where, path[2]))


def require_defaults(context, desired, options, tenants, where):
    """Check that each served tenant will have a queue as its default endpoint; raises InvalidInput.  Source: CHAT"""
    for tenant in tenants:
        section = section_of(context.directory, tenant)
        path = ("options", section, "default")
        value = desired.leaves.get(path, options.get(path[1:], ""))
        if path in desired.absent or not value:
            others = [path[2] for path in desired.leaves if path[:2] == ("options", section)]
            meant = nearest("default", others)
            raise InvalidInput("%s: Chat Server '%s' serves tenant '%s' without a default endpoint; endpoints must "
                               "give 'default' the name of an Interaction Queue%s" % (
                                   where, desired.name, tenant, "; is '%s' meant to be it?" % meant if meant else ""))
