# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Chat Servers that restore each other's sessions: what that needs on each of them, and what must be the same on all of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from .._config.desired import Desired
from .._config.directory import ConfigObject
from .._config.errors import InvalidInput
from .._config.outlook import state_after
from .connection import current_links
from .context import CHAT_SERVER, Context

#: What restoration needs, and where the common name for Interaction Server stands.  Source: HA81, HALAT
MODE = ("options", "settings", "session-restoration-mode")
AUTO_SAVE = ("options", "settings", "transcript-auto-save")
ON_ERROR = ("options", "settings", "transcript-save-on-error")
SUBMITTED_BY = ("options", "settings", "ixn-submittedby-name")
OF_RESTORATION = (MODE, AUTO_SAVE, ON_ERROR, SUBMITTED_BY)

#: Options that must be the same: those of high availability (HA81, HALAT, ASYNC), and those without which a restored session behaves otherwise
#: (endpoints, limits, inactivity, masking, filters of the log: inferred).
_SECTIONS = ("inactivity-control", "transcript-cleanup", "log-filter-data")
_SETTINGS = re.compile(r"^(session-rest|transcript-|limits?-|flex-push-|ixn-submittedby-name$)")
_ENDPOINTS = re.compile(r"^endpoints:(\d+)$")


def want_restoration(desired: Desired, params: Mapping[str, Any], where: str) -> None:
    """Demand what a Chat Server needs so that its sessions can be restored; params: see SETTINGS of the part.  Source: HA81, HALAT"""
    if params["transcript_auto_save"] not in (1, 2):
        raise InvalidInput(f"{where}: transcript_auto_save must be 1 or 2 so that a session can be restored, got {params['transcript_auto_save']}")
    for option in ("transcript_save_on_error", "submitted_by"):
        if params[option] is not None and not params[option].strip():
            raise InvalidInput(f"{where}: {option} must not be empty; leave it out if it is not meant")
    desired.want(MODE, "simple")
    desired.want(AUTO_SAVE, params["transcript_auto_save"], f"{where}: transcript_auto_save")
    desired.want(ON_ERROR, params["transcript_save_on_error"], f"{where}: transcript_save_on_error")
    if params["submitted_by"]:
        desired.want(SUBMITTED_BY, params["submitted_by"], f"{where}: submitted_by")


def unequal(context: Context, names: Iterable[str], wanted: Iterable[Desired]) -> list[dict[str, Any]]:
    """Return what is not the same on all of these Chat Servers, as {"option", "values", "text"}.

    Args:
        names: of the Chat Servers. Those that are a backup have a copy of their primary's options, and are not looked at.
        wanted: what is planned.

    values: a list of {value (None for an option that is not set), chat_servers}.
    """
    desired = {item.name: item for item in wanted if item.kind == "CfgApplication"}
    states: dict[str, dict[str, str]] = {}
    for name in names:
        app = context.directory.find("CfgApplication", name)
        if app is not None and not context.primary_of(app):
            states[name] = _compared(context, app, desired.get(name))
    found = []
    for what in sorted({what for state in states.values() for what in state}):
        values: dict[str | None, list[str]] = {}
        for name, state in states.items():
            values.setdefault(state.get(what), []).append(name)
        if len(values) > 1:
            told = "; ".join(f"{'not set' if value is None else repr(value)} on {', '.join(having)}" for value, having in values.items())
            found.append({
                "option": what,
                "values": [{"value": value, "chat_servers": having} for value, having in values.items()],
                "text": f"Chat Servers that restore each other's sessions differ in {what}: {told}. A restored session would behave otherwise than before; "
                        "make them the same.",
            })
    return found


def _compared(context: Context, app: ConfigObject, desired: Desired | None) -> dict[str, str]:
    """Return the words for each option that is compared -> its value, as it will be; each port id counts as an option."""
    found = {f"port '{port_id}'": "there" for port_id in context.directory.port_ids(app)}
    for path, value in state_after(context.directory, app.name, desired).items():
        if path[0] != "options" or value is None:
            continue
        tenant = _ENDPOINTS.match(path[1])
        if tenant:
            found[f"endpoint '{path[2]}' of tenant '{context.directory.name('CfgTenant', int(tenant.group(1)))}'"] = value
        elif path[1] in _SECTIONS or path[1] == "settings" and _SETTINGS.match(path[2]):
            found[f"{path[1]}/{path[2]}"] = value
    return found


def digital_channels(context: Context, wanted: Iterable[Desired]) -> dict[str, set[str]]:
    """Return the names of the applications that have a service of GMS Digital Channels -> the names of what they are connected to.

    Such a service is an option section chat.<service>, which enables the Chat API v2; chat.request-chat is the older service that one page
    spells so. That nothing else tells of Digital Channels is inferred.  Source: CHAT, GMSBOOK, GMSDECK
    """
    directory = context.directory
    desired = {item.name: item for item in wanted if item.kind == "CfgApplication"}
    found = {}
    for app in (*directory.all("CfgApplication"), *directory.planned("CfgApplication")):
        item = desired.get(app.name)
        sections = {section for section, key in app.options() if item is None or ("options", section, key) not in item.absent}
        if item is not None:
            sections |= {path[1] for path in (*item.leaves, *item.on_create) if path[0] == "options"}
        if app.subtype == CHAT_SERVER or item is not None and not item.present or not any(map(_is_service, sections)):
            continue
        links = {server for server, port in current_links(directory, app) if item is None or ("connections", server, port) not in item.absent}
        found[app.name] = links.union(path[1] for path in item.leaves if path[0] == "connections") if item is not None else links
    return found


def _is_service(section: str) -> bool:
    return section.startswith("chat.") and section != "chat.request-chat"


def restoration_lacks(app: ConfigObject) -> list[str]:
    """Return what a Chat Server lacks, as it is configured now, so that its sessions can't be restored elsewhere; [] for nothing.  Source: HA81"""
    options = app.options()
    lacks = []
    if options.get(MODE[1:], "").strip() != "simple":
        lacks.append("session-restoration-mode=simple")
    if options.get(AUTO_SAVE[1:], "").strip() not in ("1", "2"):
        lacks.append("transcript-auto-save=1 (or 2)")
    return lacks


def lacks_of_chat_server(context: Context, name: str, _desired: Mapping[str, Desired]) -> list[str]:
    """Return the restoration_lacks of a Chat Server, as a fact of the running system."""
    app = context.directory.find("CfgApplication", name)
    return restoration_lacks(app) if app is not None and not app.planned else []
