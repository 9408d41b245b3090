# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where options of Workspace stand, and which applications are Workspaces.  Source: ASYNCWDE, WWEOVR, PSENUM"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .client_links import NO_GMS_NODE
from .context import APPLICATION_CLUSTER

if TYPE_CHECKING:
    from .._config.directory import ConfigObject, Directory

#: Where the options stand.  Source: ASYNCWDE
SECTION = "interaction-workspace"
#: The one option whose values are known.  Source: ASYNCWDE
ON_HOLD_QUEUE = "chat.on-hold-queue"

#: Level -> class of its objects, and the field of these that holds the options; each level stands above those before it.
#: Source: ASYNCWDE (the levels), WWEOVR (annex, order)
PLACES = {"application": ("CfgApplication", "options"), "tenant": ("CfgTenant", "annex"), "group": ("CfgAgentGroup", "annex"),
          "person": ("CfgPerson", "annex")}

#: A Workspace application. That it has this type is inferred from the name.  Source: PSENUM
_WORKSPACE = "CFGInteractionWorkspace"
#: Types that a Workspace application certainly does not have: each is known to be something else.  Source: PSENUM, G5
_OTHERS = (*NO_GMS_NODE, "CFGSCS", "CFGSCE", "CFGITCUtility", "CFGTServer", "CFGStatServer", "CFGRouterServer", "CFGDBServer", "CFGEmailServer",
           "CFGClassificationServer", "CFGOrchestrationServer", "CFGGenesysAdministratorServer", "CFGWebEngagementBackendServer",
           "CFGWebEngagementFrontEndServer")
#: Types of servers of many kinds: GMS nodes and clusters have them. Only the section tells that one is a Workspace.  Source: PSENUM, G12
_OF_MANY_KINDS = ("CFGGenericServer", APPLICATION_CLUSTER, "CFGThirdPartyServer", "CFGWebAPIServer")


def values_of(directory: Directory, found: ConfigObject) -> dict[str, str]:
    """Return option -> value of an object's section of Workspace."""
    field = next(field for kind, field in PLACES.values() if kind == found.kind)
    return {path[2]: value for path, value in found.leaves(directory, (field,)).items() if path[1] == SECTION}


def workspace_applications(directory: Directory, tenant: str) -> list[ConfigObject]:
    """Return the Workspace applications of a tenant: those of that type, or with that section and of no type that is certainly another."""
    return [app for app in sorted(directory.all("CfgApplication"), key=lambda app: app.name)
            if (app.subtype == _WORKSPACE or app.options(SECTION) and app.subtype not in _OTHERS) and tenant in (app.tenants(directory) or [tenant])]


def why_no_workspace(app: ConfigObject) -> str:
    """Return why an application is no Workspace application, or ''. A type of which nobody knows what it is stays possible."""
    if app.subtype in _OTHERS:
        return f"is of type {app.subtype}, so it is no Workspace application"
    if app.subtype in _OF_MANY_KINDS and not app.options(SECTION):
        return f"is of type {app.subtype}, and has no section {SECTION}, so it is no Workspace application"
    return ""
