# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Any object of the Configuration Server, by its plain properties, options and annex."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._config.desired import Desired
from .._config.errors import InvalidInput
from .._config.shared_ports import require_ports_of_their_own
from .._config.types import TENANT_PROPERTY, object_type
from . import ranges
from .context import Context
from .endpoint_users import keep_used_endpoints


def config_object(context: Context, params: Mapping[str, Any]) -> list[Desired]:
    """Any object, by its plain properties, options and annex."""
    kind, name = params["type"], params["name"]
    known = object_type(kind)
    if params["state"] == "absent":
        return [Desired(kind, name, params["tenant"], present=False)]
    desired = Desired(kind, name, params["tenant"])
    for key, value in ((str(key), value) for key, value in (params["properties"] or {}).items()):
        if not known.is_plain(key):
            raise InvalidInput(f"properties: '{key}' can't be given here")
        desired.want(("properties", key), value, f"properties: '{key}'")
    for field in ("options", "annex"):
        if params[field] and field not in known.fields:
            raise InvalidInput(f"{field}: objects of class {kind} have none")
        if params[field]:
            desired.want_options(field, params[field], field)
    if kind == "CfgApplication" and params["options"]:
        ranges.check_names(context, name, params["options"], None, "config_object")
    found = context.directory.find(kind, name, params["tenant"])
    if found is None and known.in_tenant and not params["tenant"] and TENANT_PROPERTY not in desired.leaves:
        raise InvalidInput(f"tenant: needed to create an object of class {kind}")
    if found is None and params["folder"]:
        desired.want_on_create("folder", context.directory.folder(params["folder"]))
    keep_used_endpoints(context, [desired])
    return require_ports_of_their_own(context.directory, [desired], context.warn)
