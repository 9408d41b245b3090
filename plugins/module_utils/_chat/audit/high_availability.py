# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules on Chat Servers that restore each other's sessions, and on their pairs."""

from __future__ import annotations

from collections.abc import Iterator

from ..restoration import AUTO_SAVE, SUBMITTED_BY, restoration_lacks, unequal
from .rule import ERROR, INFO, WARNING, Fault, Rule, on
from .site import Site, listed

#: Source: SIZE
_REPORT = ("settings", "limits-reached-report-scs")

#: The text of one difference is long; what is compared is told by the rule.
_OPTION_OF_NAME = "/".join(SUBMITTED_BY[1:])


def _digital_channels(site: Site) -> Iterator[Fault]:
    for app, backup in site.pairs:
        users = sorted(name for name, used in site.digital_channels.items() if used & {app.name, backup.name})
        if users:
            yield on(app.name, f"has the backup '{backup.name}', and Digital Channels of GMS use it ({listed(users)})")


def _pairs(site: Site) -> Iterator[Fault]:
    for app, backup in site.pairs:
        kind = app.value("redundancy_type")
        if kind != "warm standby":
            yield on(app.name, f"has the backup '{backup.name}' in '{kind}', and supported is warm standby only", ERROR)
        else:
            yield on(app.name, f"has the backup '{backup.name}'")


def _restoration(site: Site) -> Iterator[Fault]:
    for app in site.chat_servers if site.wants_high_availability else ():
        lacks = restoration_lacks(app)
        if lacks:
            yield on(app.name, f"lacks {' and '.join(lacks)}, while sessions of other Chat Servers can be restored")


def _notices(site: Site) -> Iterator[Fault]:
    for app in site.chat_servers if site.workspaces else ():
        if app.options().get(AUTO_SAVE[1:]) == "2":
            yield on(app.name, f"has {'/'.join(AUTO_SAVE[1:])}=2, and Workspace ({listed(found.name for found in site.workspaces)}) is in use")


def _differences(site: Site) -> Iterator[Fault]:
    for item in _unequal(site):
        if item["option"] == _OPTION_OF_NAME:
            continue
        for value in _others(item):
            for name in value["chat_servers"]:
                yield on(name, f"has {item['option']} {_shown(value['value'])}, and most Chat Servers that restore its sessions have "
                               f"{_shown(_usual(item)['value'])}")


def _unequal(site: Site) -> list[dict]:
    return unequal(site.context, [app.name for app in site.chat_servers], []) if site.wants_high_availability else []


def _usual(item: dict) -> dict:
    return max(item["values"], key=lambda value: len(value["chat_servers"]))


def _others(item: dict) -> list[dict]:
    usual = _usual(item)
    return [value for value in item["values"] if value is not usual]


def _shown(value: str | None) -> str:
    return "not set" if value is None else f"'{value}'"


def _limits(site: Site) -> Iterator[Fault]:
    for app, backup in site.pairs:
        if app.options().get(_REPORT) == "false":
            yield on(app.name, f"has {'/'.join(_REPORT)}=false, and the backup '{backup.name}'")


def _submitted_by(site: Site) -> Iterator[Fault]:
    values = {app.name: app.options().get(SUBMITTED_BY[1:], "") for app in site.chat_servers}
    if len(set(values.values())) > 1:
        for name, value in values.items():
            yield on(name, f"registers with Interaction Server by the name '{value}'" if value else "registers with Interaction Server by no common name")


RULES = (
    Rule("L12", ERROR, "Chat Servers that Digital Channels of GMS use have no backup.", "Digital Channels do not find the session after a switchover.",
         "Dissolve the pair: high_availability with mode n_plus_1.", "GMSDC", _digital_channels),
    Rule("L13", WARNING, "Chat Servers stand alone (N+1); a pair is in warm standby.", "Pairs are supported, and no longer recommended; other modes of "
         "redundancy are not supported.", "Use N+1: high_availability with mode n_plus_1; or waive this rule where pairs are wanted.", "HA85, HA81", _pairs),
    Rule("L14", ERROR, "If sessions are to be restored, each Chat Server can do it.", "The sessions of that Chat Server end when it fails, and it can't take "
         "over those of others.", "Set session-restoration-mode=simple and transcript-auto-save=1.", "HA81", _restoration),
    Rule("L15", WARNING, "transcript-auto-save is not 2 where Workspace is used.", "Workspace did not understand the notices that come with it.",
         "Set it to 1.", "HA81", _notices),
    Rule("L16", WARNING, "Chat Servers that restore each other's sessions are configured alike.", "A restored session behaves otherwise than before.",
         "Give all of them the same ports, endpoints, limits and options.", "HA81", _differences),
    Rule("L17", WARNING, "A Chat Server with a backup reports reached limits.", "The backup may not take over when limits are reached.",
         "Set limits-reached-report-scs to true.", "SIZE", _limits),
    Rule("L40", INFO, "All Chat Servers register with Interaction Server by the same name, or none has one.", "Only those of that name learn that a "
         "chat is no longer processed.", "Give all of them the same ixn-submittedby-name, and restart them.", "HALAT", _submitted_by),
)
