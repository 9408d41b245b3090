# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The application templates of the stand-in products, in the form in which GAX shows a CfgAppPrototype.

One definition serves both ways by which a template reaches the Configuration Server: the sandbox's ``standard`` seed has
them from the start, and every package carries its own in ``templates/<name>.apd`` for import.

Names, types and versions are those of the packages. Options of Chat Server: only those whose default a public page shows
(Sources: CHAT, SIZE, SENS, SRV850, INACT, WFLOW, REPORT, ASYNC, HALAT, WAPP, GMSV1). The placeholder section
``endpoints:tenant_dbid`` with an empty ``default`` is what an administrator has to rename (Source: CHAT).
Options of the other products are not public in a form that could be repeated here: they carry a ``log`` section alone.
"""

from __future__ import annotations

from typing import Any

PLACEHOLDER_SECTION = "endpoints:tenant_dbid"

# The [log] sections are the stand-ins' own choice within the documented options (Source: LMS): one file with everything.
_CHAT_SERVER_OPTIONS: dict[str, dict[str, str]] = {
    PLACEHOLDER_SECTION: {"default": ""},
    "health-service": {
        "log-output-content": "set",
        "log-output-proviso": "update",
        "log-output-timeout": "0",
    },
    "inactivity-control": {
        "enabled": "false",
        "include-notices": "major",
        "timeout-alert": "255",
        "timeout-alert2": "0",
        "timeout-close": "45",
    },
    "log": {
        "all": "ChatServer",
        "buffering": "false",
        "expire": "10",
        "segment": "10MB",
        "verbose": "standard",
    },
    "log-filter-data": {
        "StructuredText": "hide",
        "Transcript": "hide",
    },
    "settings": {
        "async-idle-close": "3600",
        "async-idle-notices": "major",
        "attach-session-statistics": "none",
        "flex-disconnect-timeout": "45",
        "flex-push-on-join": "false",
        "hide-attached-data": "true",
        "limit-average-interval": "15",
        "limit-for-flex-users": "1001",
        "limit-for-sessions": "1000",
        "limits-control-enabled": "false",
        "limits-reached-report-scs": "true",
        "limits-restore-threshold": "80",
        "message-log-print-size": "0",
        "session-restoration-mode": "none",
        "session-restore-do-purge": "false",
        "session-restore-extend-by": "none",
        "session-restore-push-send": "false",
        "stop-abandoned-interaction": "never",
        "transcript-auto-save": "0",
    },
    "transcript-cleanup": {
        "default-repchar": "*",
        "typing-preview": "none",
    },
}


def _log_options(base_name: str) -> dict[str, dict[str, str]]:
    return {"log": {"all": base_name, "buffering": "false", "expire": "10", "segment": "10MB", "verbose": "standard"}}


def _template(name: str, subtype: str, version: str, options: dict[str, dict[str, str]]) -> dict[str, Any]:
    triples = [{"section": section, "key": key, "value": value} for section, pairs in sorted(options.items()) for key, value in sorted(pairs.items())]
    return {
        "type": "CfgAppPrototype",
        "name": name,
        "subtype": subtype,
        "version": version,
        "state": "CFGEnabled",
        "options": {"property": triples},
        "userproperties": {"property": []},
    }


TEMPLATES: dict[str, dict[str, Any]] = {
    template["name"]: template
    for template in (
        _template("Chat Server 8.5.3", "CFGChatServer", "8.5.311.06", _CHAT_SERVER_OPTIONS),
        _template("Universal Contact Server 9.1", "CFGContactServer", "9.1.000.12", _log_options("ContactServer")),
        _template("Interaction Server 8.5.2", "CFGInteractionServer", "8.5.201.05", _log_options("InteractionServer")),
        _template("Genesys Mobile Services 8.5.2", "CFGGenericServer", "8.5.210.02", _log_options("GMS")),
        _template("Web Engagement Backend Server 8.1.2", "CFGWebEngagementBackendServer", "8.1.200.10", _log_options("WebEngagement")),
    )
}
