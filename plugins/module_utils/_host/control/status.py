# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The states of applications, in the words of Solution Control Server (Source: MLCMD)."""

import re
from typing import Dict, NamedTuple, Optional

RUNNING = "RUNNING"
STOPPED = "STOPPED"
UNKNOWN = "UNKNOWN"
INITIALIZING = "INITIALIZING"
SERVICE_UNAVAILABLE = "SERVICE_UNAVAILABLE"
START_PENDING = "START_PENDING"
START_TRANSITION = "START_TRANSITION"
STOP_TRANSITION = "STOP_TRANSITION"
SUSPENDING = "SUSPENDING"

SUSPENSION = (SUSPENDING, "SUSPENDED")
ENDING = (STOP_TRANSITION, "STOP_PENDING")
# A process exists, whether it serves or not.
UP = (RUNNING, INITIALIZING, SERVICE_UNAVAILABLE, START_TRANSITION, START_PENDING) + SUSPENSION


class Status(NamedTuple):
    """One application's state.

    ``run_mode`` tells primary from backup. ``ended`` says in words how its process ended, if that is known and it should
    not have; a new one may be on its way.
    """

    name: str
    dbid: Optional[int]
    status: str
    run_mode: Optional[str]
    ended: Optional[str] = None


def plain_status(word: str) -> str:
    """Return a status word without the prefixes that tools put before it; anything unknown as it is."""
    return re.sub(r"^(SCS_)?APP_STATUS_", "", re.sub(r"[\s-]+", "_", word.strip()).upper())


def parse_statuses(output: str) -> Dict[str, Status]:
    """Read the output of mlcmd: lines of ``Label: value``, a new application with each ``Application`` line.

    The value is everything behind the first colon, since names may hold blanks and colons. Which blanks and empty lines
    stand in between is not documented, so none matters.

    Returns:
        The statuses by application name; empty if the output has none.
    """
    found: Dict[str, Status] = {}
    fields: Dict[str, str] = {}
    for line in output.splitlines() + ["Application:"]:
        label, colon, value = line.partition(":")
        label = re.sub(r"[\s_]", "", label).lower()
        if colon and label == "application":
            if fields.get("application") and fields.get("status"):
                found[fields["application"]] = _status(fields)
            fields = {}
        if colon:
            fields.setdefault(label, value.strip())
    return found


def _status(fields: Dict[str, str]) -> Status:
    dbid = fields.get("dbid", "")
    return Status(fields["application"], int(dbid) if dbid.isdigit() else None, plain_status(fields["status"]), fields.get("runmode") or None)
