# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Snapshots for administrators: which objects to save, and how to restore them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .._config.compare import edits
from .._config.desired import Desired
from .._config.errors import InvalidInput
from .._config.restore import WayBack
from .._config.shapes import Entry
from .._config.shared_ports import require_ports_of_their_own
from .._config.snapshot import entry_of
from .._config.types import is_kind, object_type
from .connection import disconnect
from .context import CHAT_SERVER, Context
from .endpoint_users import keep_used_endpoints


def way_back(context: Context, entries: list[Entry], later_edits: str) -> list[Desired]:
    """Return the list of Desired that brings the objects of a snapshot back; raises InvalidInput.

    Args:
        entries: see _config.snapshot.
        later_edits: refuse, keep or overwrite.
    """
    back = WayBack(context.directory, context.secrets, later_edits)
    wanted = back.wanted(entries)
    for sentence in back.kept:
        context.warn(f"kept as it is: {sentence}")
    if back.not_restored:
        context.warn(f"snapshots hold no secrets, so these values stay as they are, or have to be set by hand: {'; '.join(back.not_restored)}")
    if back.bare:
        context.warn("these connections had transport or application parameters (of TLS, for instance), which are not brought back and have to be set by "
                     f"hand: {'; '.join(back.bare)}")
    for item in reversed(wanted):  # so the message names the first one of the run
        _ask_before_disconnecting(context, item)
    keep_used_endpoints(context, wanted)
    # The user has asked for the former state, so a port clash in it is only warned about.
    return require_ports_of_their_own(context.directory, wanted, context.warn, refuse=False)


def _ask_before_disconnecting(context: Context, item: Desired) -> None:
    """Refuse to take a connection from a Chat Server that may be running, unless that is allowed."""
    found = context.directory.find(item.kind, item.name, item.tenant)
    if item.kind != "CfgApplication" or found is None or found.subtype != CHAT_SERVER:
        return
    current = found.leaves(context.directory, ["connections"])
    for path, (_old, new) in edits(current, item.leaves, item.absent).items():
        if path[0] == "connections" and path[-1] == "protocol" and new is None:
            disconnect(context, item, path[1], path[2], "the connection did not exist when the snapshot was taken")


def saved(context: Context, objects: Iterable[Mapping[str, Any]]) -> list[Entry]:
    """Return the snapshot entries of objects given as {type, name, tenant}, without a name all of a class; raises InvalidInput."""
    entries = {}
    for number, item in enumerate(objects):
        where = f"objects[{number}]"
        if not is_kind(item["type"]):
            raise InvalidInput(f"{where}: type must be the name of a configuration class such as CfgApplication, got '{item['type']}'")
        in_tenant = item["tenant"] and object_type(item["type"]).in_tenant
        tenant = context.directory.require("CfgTenant", item["tenant"], f"{where}: tenant").dbid if in_tenant else 0
        if item["name"]:
            found = [context.directory.require(item["type"], item["name"], where, item["tenant"])]
        else:
            found = [one for one in context.directory.all(item["type"]) if not tenant or one.tenant_dbid == tenant]
        for one in found:
            entries[one.kind, one.dbid] = entry_of(one, item["tenant"], context.directory, context.secrets)
    return list(entries.values())
