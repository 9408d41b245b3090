# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""When what a run has written takes effect: at once, at the next start, or nobody says.

Only what a page says is in the tables. For everything else the answer is "unknown", and the user is told so.
"""

from __future__ import annotations

import re
from typing import Any

from .._config.change import Change
from .._config.plan import Plan
from . import ranges
from .context import APPLICATION_CLUSTER, CHAT_SERVER, INTERACTION_SERVER, Context

_WORKSPACE = "CFGInteractionWorkspace"

#: Type of application -> (section, option) that is read at the start only.
AT_START: dict[str, frozenset[tuple[str, str]]] = {
    CHAT_SERVER: frozenset({
        ("settings", "ixn-submittedby-name"),  # Source: HALAT
        ("settings", "use-contact-server"),  # Source: WAPP (the name is that of ranges.py)
    }),
    INTERACTION_SERVER: frozenset({("health-service", "enable-keepalive")}),  # Source: IXNOPT
    APPLICATION_CLUSTER: frozenset({("chat", "queueKey"), ("chat", "refreshPoolSize"), ("chat", "connectionTimeout")}),  # Source: GWEOPT
    _WORKSPACE: frozenset({
        ("interaction-workspace", "warm-standby.retry-delay"), ("interaction-workspace", "warm-standby.reconnection-random-delay-range"),  # Source: WDELB
        ("interaction-workspace", "disaster-recovery.enabled"), ("interaction-workspace", "disaster-recovery.timeout"),  # Source: WDEBC
        ("interaction-workspace", "general.configuration-business-attribute-cache-preload"),  # Source: WDEPLAN
    }),
}

#: The same for what takes effect at once. Of Chat Server: each option that is documented with a range, and these.
AT_ONCE: dict[str, frozenset[tuple[str, str]]] = {
    CHAT_SERVER: frozenset(ranges.RANGES) | {
        ("settings", "flex-push-on-join"), ("settings", "session-restore-push-send"), ("settings", "async-idle-notices"),  # Source: ASYNC
        ("settings", "session-restore-do-purge"),  # Source: HALAT
        ("settings", "stop-abandoned-interaction"),  # Source: REPORT
        ("inactivity-control", "include-notices"), ("inactivity-control", "message-alert"), ("inactivity-control", "message-alert2"),
        ("inactivity-control", "message-close"),  # Source: INACT
        ("transcript-cleanup", "default-repchar"), ("transcript-cleanup", "typing-preview"),  # Source: SENS
    },
    INTERACTION_SERVER: frozenset({
        ("settings", "allow-multiple-agent-connections"), ("settings", "max-interactions-per-snapshot"),  # Source: IXNCL
        ("cluster-settings", "enable-submit"), ("cluster-settings", "media-types"),
        ("agent-reservation", "reject-subsequent-request"), ("agent-reservation", "request-collection-time"),
        ("agent-reservation", "reservation-time"),  # Source: IXNOPT
    }),
    APPLICATION_CLUSTER: frozenset({("chat", "identifyCreateContact")}),  # Source: GWEOPT
    "CFGGenericServer": frozenset({("chat", "default_chat_endpoint"), ("request-chat", "_chat_endpoint")}),  # a GMS node.  Source: GMSV1, G12
}

#: Endpoints take effect at once; said of those of E-mail Server, inferred for Chat Server.  Source: EMAILEP
_ENDPOINTS = re.compile(r"^endpoints:\d+$")

#: What a running server might read, and might not: of these fields no page says when they take effect.
_READ_BY_SERVERS = ("options", "ports", "connections", "tenants")

NOW, START, UNKNOWN = "at once", "after a restart", "unknown"


def effects(context: Context, plan: Plan) -> dict[str, Any]:
    """Return {"restart_needed", "effects"} of a plan, and warn of each restart that it makes necessary.

    restart_needed: names of the applications that may run and have to be started again.  effects: a dict for each changed application that
    may run, with name, after_restart and unknown (lists of what was changed, as section/option or field), and text, a sentence.
    """
    changed: dict[str, dict[str, dict[str, None]]] = {}
    for change in plan.changes:
        if change.kind != "CfgApplication" or change.action != "update":
            continue
        for name in filter(None, (change.name, change.copied_to)):
            if context.may_run(context.directory.find("CfgApplication", name)):
                told = changed.setdefault(name, {START: {}, UNKNOWN: {}})
                for path in change.edits:
                    when, what = _when(change, path)
                    if when in told:
                        told[when].setdefault(what)
    waiting = {name: sorted(told[START]) for name, told in sorted(changed.items()) if told[START]}
    for name, options in waiting.items():
        context.warn(_after_restart(name, options))
    return {"restart_needed": list(waiting), "effects": [
        {"name": name, "after_restart": sorted(told[START]), "unknown": sorted(told[UNKNOWN]), "text": _text(name, told)}
        for name, told in sorted(changed.items()) if told[START] or told[UNKNOWN]]}


def _when(change: Change, path: tuple[str, ...]) -> tuple[str, str]:
    """Return when a changed leaf takes effect, and what to call it."""
    if path[0] == "options":
        option = (path[1], path[2])
        if option in AT_START.get(change.target.subtype, ()):
            return START, "/".join(option)
        if option in AT_ONCE.get(change.target.subtype, ()) or change.target.subtype == CHAT_SERVER and _ENDPOINTS.match(path[1]):
            return NOW, "/".join(option)
        return UNKNOWN, "/".join(option)
    return (UNKNOWN if path[0] in _READ_BY_SERVERS else NOW), path[0]


def _text(name: str, told: dict[str, dict[str, None]]) -> str:
    start, unknown = sorted(told[START]), sorted(told[UNKNOWN])
    text = [_after_restart(name, start)] if start else []
    if unknown:
        text.append(f"No page says whether a running '{name}' takes over {', '.join(unknown)} at once; if it does not, it does at its next start.")
    return " ".join(text)


def _after_restart(name: str, options: list[str]) -> str:
    return f"{', '.join(options)} {'takes' if len(options) == 1 else 'take'} effect after a restart of '{name}'."
