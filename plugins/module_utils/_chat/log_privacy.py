# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the log of a Chat Server may show of customers' data, and until when.  Source: CHAT, SRV850"""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from typing import Any

from .._config.desired import Desired
from .._config.errors import InvalidInput
from .._config.outlook import state_after
from .arguments import validated
from .connection import without_none
from .context import Context
from .field import Field, argument_spec
from .finding import PROBLEM, WARNING, Finding

#: The most private log: what the product does unless told otherwise, said explicitly.  Source: CHAT, SRV850
PRIVATE = {"hide_attached_data": True, "message_log_print_size": 0,
           "log_filter_data": {"Transcript": "hide", "StructuredText": "hide"}}

#: The most talkative one: the other end of each documented range.  Source: CHAT, SRV850
TROUBLESHOOTING = {"hide_attached_data": False, "message_log_print_size": 7000,
                   "log_filter_data": {"Transcript": "copy", "StructuredText": "copy"}}

_WORDS = {"private": PRIVATE, "troubleshooting": TROUBLESHOOTING}

#: Where the end of troubleshooting is kept: a section and an option of the annex that are this collection's own.
UNTIL = ("annex", "genesys_engage_chat", "troubleshooting-until")

#: Single points of the log's privacy, whose ranges are those of the options (see ranges). Adoption reports them as options.
LOG_PRIVACY = (
    Field("hide_attached_data", "bool", "V(true) keeps user data out of the log.", path=("options", "settings", "hide-attached-data")),
    Field("message_log_print_size", "int", "Characters of each message that are written.", path=("options", "settings", "message-log-print-size"),
          source="CHAT, SRV850"),
    Field("log_filter_data", "dict", "Filters by attribute.", path=("options", "log-filter-data"), source="SRV850"),
)

#: The fields of a Chat Server.
PRIVACY = (
    Field(
        "log_privacy", "raw",
        "What Chat Server may write of customers' data to its log.",
        "V(private) hides all of it, which is what the product does unless told otherwise.",
        "V(troubleshooting) shows all of it, until the date O(troubleshooting_until), which it needs.",
        "A mapping sets single points, C(hide_attached_data) (V(true) keeps user data out of the log), C(message_log_print_size) (characters "
        "of each message that are written, 0 to 7000), and C(log_filter_data) (filters by attribute, for example C(Transcript) or "
        "C(StructuredText), with V(copy), V(skip) or V(hide)).",
        mapping=LOG_PRIVACY),
    Field(
        "troubleshooting_until", "str",
        "Last day on which the log may show customers' data, as a date such as V(2026-04-30). From the next day on (UTC), the verification reports the log "
        "as a problem, until O(log_privacy) is V(private) again. Nothing is switched off by itself.",
        "It is kept in the annex of the application, section C(genesys_engage_chat), option C(troubleshooting-until).",
        "With O(log_privacy=private), what is kept there is removed, and a date is not looked at."),
)


def want_privacy(context: Context, desired: Desired, spec: Mapping[str, Any], where: str) -> None:
    """Demand what the log may show of customers' data, and the end of that: log_privacy and troubleshooting_until of "spec".

    Source: CHAT, SRV850
    """
    privacy, until = spec.get("log_privacy"), spec.get("troubleshooting_until")
    if privacy is None:
        if until:
            raise InvalidInput(f"{where}: troubleshooting_until needs log_privacy beside it: 'troubleshooting', or a mapping with what is shown")
        return
    if isinstance(privacy, str) and privacy not in _WORDS:
        raise InvalidInput(f"{where}: log_privacy must be 'private', 'troubleshooting' or a mapping, got '{privacy}'")
    if privacy == "private":
        desired.forbid(UNTIL)
    elif until:
        _want_until(context, desired, until, f"{where}: troubleshooting_until")
    elif privacy == "troubleshooting":
        raise InvalidInput(f"{where}: log_privacy 'troubleshooting' needs troubleshooting_until, the last day on which the log may show customers' data, "
                           "for example 2026-04-30")
    points = {field.name: field for field in LOG_PRIVACY}
    values = _WORDS[privacy] if isinstance(privacy, str) else privacy
    for name, value in without_none(validated(values, argument_spec(LOG_PRIVACY), f"{where}: log_privacy")).items():
        if points[name].kind == "dict":
            desired.want_options("options", {points[name].path[1]: value}, f"{where}: log_privacy")
        else:
            desired.want(points[name].path, value)


def _want_until(context: Context, desired: Desired, until: str, where: str) -> None:
    """Keep the date; one in the past is refused, unless it is the one that is kept already: then a repeated run only warns."""
    date = _date(until)
    if date is None:
        raise InvalidInput(f"{where} must be a date of the form YYYY-MM-DD, got '{until:.40}'")
    if date < _today():
        if _kept(context, desired.name) != until:
            raise InvalidInput(f"{where}: {until} has passed; give the last day on which the log may show customers' data, or set log_privacy to private")
        context.warn(f"{where}: {until} has passed, and the log of '{desired.name}' still shows customers' data; set log_privacy to private")
    desired.want(UNTIL, until)


def _date(text: str) -> datetime.date | None:
    """Return the date that a text is, or None."""
    try:
        return datetime.date.fromisoformat(text) if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text) else None
    except ValueError:
        return None


def _today() -> datetime.date:
    return datetime.datetime.now(datetime.timezone.utc).date()


def _kept(context: Context, name: str) -> str:
    """Return the date that the annex of an application holds, or ''."""
    app = context.directory.find("CfgApplication", name)
    return app.leaves(context.directory, (UNTIL[0],)).get(UNTIL, "") if app is not None and not app.planned else ""


def privacy_findings(context: Context, description: Mapping[str, Any], wanted: list[Desired]) -> list[Finding]:
    """Return which of the described Chat Servers have a log that shows customers' data without an end, or after it."""
    servers = {item.name: item for item in wanted if item.kind == "CfgApplication"}
    found = [finding_of(context, servers[spec["name"]]) for spec in description.get("chat_servers") or ()]
    return [finding for finding in found if finding]


def finding_of(context: Context, desired: Desired) -> Finding | None:
    """Return what is to be said of the log of one Chat Server, None if it shows nothing, or until a date to come; desired: what is planned for it."""
    state = state_after(context.directory, desired.name, desired)
    shown = [f"{path[1]}/{path[2]}={value}" for path, value in sorted(state.items()) if path[0] == "options" and value and _shows(path[1], path[2], value)]
    if not shown:
        return None
    until = desired.leaves.get(UNTIL) or ("" if UNTIL in desired.absent else _kept(context, desired.name))
    date = _date(until)
    told = f"the log of '{desired.name}' shows customers' data ({', '.join(shown)})"
    if date is None:
        return Finding(WARNING, f"{told}, and no end of that is noted. Set log_privacy to private, or note the end in troubleshooting_until.")
    if date < _today():
        return Finding(PROBLEM, f"{told}, which was to end on {until}. Set log_privacy to private, or a new date in troubleshooting_until.")
    return None


def _shows(section: str, key: str, value: str) -> bool:
    """Return whether an option lets customers' data into the log.  Source: CHAT, SRV850"""
    if section == "log-filter-data":
        return value == "copy"
    return section == "settings" and (key == "hide-attached-data" and value == "false" or key == "message-log-print-size" and value != "0")
