# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether an option of GMS that no source names seems to take an endpoint: by its value, or by its own name.

Which option of a service names the endpoint in the second chat API is not known. So this is a guess, good enough for a warning.
The spelling is that of the first chat API, the name of the tenant, a colon and the endpoint.  Source: GMSV1
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from .._config.nearest import nearest
from .arguments import BOOLEANS

#: What the product takes if nothing is set.  Source: GMSV1
BUILT_IN = "gms_builtin"

#: What surely is no endpoint: a number, a time or the like, and addresses with a scheme, a person, a path, a port or a domain.
_NUMBER = re.compile(r"[-+]?[0-9]+([.,:][0-9]+)*")
_ADDRESS = re.compile(r"[^:/]*://.*|[^:]*@.*|/.*|[\w.-]+:[0-9]+(/.*)?|[\w-]+(\.[\w-]+)+(/.*)?")


def likeness(option: str, value: str, tenants: Collection[str], endpoints: Mapping[str, Collection[str]]) -> str:
    """Return in what an option is like one that takes an endpoint, as the end of a sentence, or ''.

    Args:
        tenants: names of all tenants.
        endpoints: section of a tenant's endpoints -> the endpoints that are known there.
    """
    if _is_like_one(value, tenants, endpoints):
        return "which looks like an endpoint"
    return "and by its name the option takes an endpoint" if "endpoint" in option.lower() and not _is_something_else(value) else ""


def _is_like_one(value: str, tenants: Collection[str], endpoints: Mapping[str, Collection[str]]) -> bool:
    """Return whether a value is a tenant, or what is written like one, and an endpoint, or a known endpoint after what is no tenant."""
    owner, colon, endpoint = value.partition(":")
    if owner.isdecimal():
        return endpoint in endpoints.get(f"endpoints:{int(owner)}", ())
    # A name may have a colon in it.
    if any(value.startswith(tenant + ":") for tenant in tenants):
        return True
    if not colon or _is_something_else(value):
        return False
    return bool(nearest(owner, tenants)) or any(endpoint in known for known in endpoints.values())


def _is_something_else(value: str) -> bool:
    """Return whether a value is certainly no endpoint, misspelt or not."""
    value = value.strip()
    return value.lower() in ("", *BOOLEANS) or value == BUILT_IN or any(pattern.fullmatch(value) for pattern in (_NUMBER, _ADDRESS))
