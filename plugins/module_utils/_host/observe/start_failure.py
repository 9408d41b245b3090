# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Why an application has not started, as its own log on its host says (Source: LMS)."""

import os
import re
import time
from typing import Any, Dict, List, Mapping, NamedTuple, Optional

from ..system.errors import HostError
from ..system.listening import PROC
from .holders import Own, holders
from .log_files import SEGMENT, choose, find_files
from .server_log import STARTED, read_server_log

NO_PORT, INITIALIZATION_FAILED, TERMINATED, NOT_CONNECTED = "04526", "05062", "05064", "04502"
# What is told of a start, the first kind that there is; the last one says more about a server that still tries.
_REASONS = ((NO_PORT, INITIALIZATION_FAILED, TERMINATED), (NOT_CONNECTED,))

# States that a log tells of a process that has ended.
_ENDED = ("failed", "terminated", "stopped")

# Clocks and file systems are not exact to the second.
_MARGIN = 3.0
_MAX_BYTES = 4 * 1024 * 1024
_MOST_EVENTS = 3
_WHICH_PORT = re.compile(r"port\s+['\"\[]?(\d{1,5})")


class Log(NamedTuple):
    """What the log says of the last start: its newest file, the events that tell a reason, and whether it says that this start has ended."""

    path: str
    events: List[Dict[str, Any]]
    ended: bool


def start_failures(params: Mapping[str, Any], proc: str = PROC) -> Dict[str, Any]:
    """Return what the module start_failure_info returns.

    Args:
        params: its options.
        proc: where the kernel tells of processes.
    """
    return {"changed": False, "applications": [_explain(application, proc) for application in params["applications"]]}


def _explain(application: Mapping[str, Any], proc: str) -> Dict[str, Any]:
    name, directory = application["name"], application["directory"]
    runs = bool(Own(name, directory, proc).processes)
    problem, log = "", None
    if not os.path.isdir(directory):
        problem = f"Its directory {directory} does not exist on this host: is it installed here?"
    elif not application["log"]:
        problem = f"Its options of section log name no file. To see what it says, run {directory}/run.sh by hand."
    else:
        try:
            log = _read(application)
        except (HostError, OSError) as error:
            problem = f"Its log can't be read: {getattr(error, 'message', error)}"
        if log is None and not problem:
            problem = f"It has written no log in {directory} since then. To see what it says, run {directory}/run.sh by hand."
    text = problem
    if log is not None:
        told = "; ".join(f"{event['id']} {event['text']}" for event in log.events)
        text = f"Its log ({log.path}) says: {told}.{_who(log.events, application, proc)}" if told else f"Its log ({log.path}) names no reason."
    return {
        "name": name,
        "text": text,
        "log": log.path if log else None,
        "reasons": [{key: event[key] for key in ("id", "time", "text")} for event in log.events] if log else [],
        "running": runs,
        # Without root we may not see its processes: then only what the log says counts.
        "failed": log is not None and not runs and log.ended,
    }


def _read(application: Mapping[str, Any]) -> Optional[Log]:
    """Return what the log says of the last start; None if nothing was written to it since then."""
    files = choose(find_files(application["directory"], application["log"], None, "utf-8"), application["name"])
    newest = files[-1].path
    since = time.time() - application["seconds"] - _MARGIN
    if os.stat(newest).st_mtime < since:
        return None
    # Each start begins a file. One that was only written to may tell how the former process ended.
    begun = SEGMENT.fullmatch(os.path.basename(newest))
    fresh = begun is not None and begun.group("stamp") >= time.strftime("%Y%m%d_%H%M%S_000", time.localtime(since))
    wanted = [STARTED, *(number for numbers in _REASONS for number in numbers)]
    told = read_server_log(
        dict(directory=None, name=None, files=[newest], application=application["name"], pairs=None, since=None, events=wanted, limit=100,
             max_bytes=_MAX_BYTES, encoding="utf-8")
    )  # fmt: skip
    events = told["events"]
    starts = [position for position, event in enumerate(events) if event["id"] == STARTED]
    events = events[starts[-1] + 1 :] if starts else events
    reasons = next((found for found in ([event for event in events if event["id"] in numbers] for numbers in _REASONS) if found), [])
    return Log(newest, reasons[-_MOST_EVENTS:], fresh and told["state"] in _ENDED)


def _who(events: List[Dict[str, Any]], application: Mapping[str, Any], proc: str) -> str:
    """Say who has the ports that could not be opened."""
    found = [match for match in (_WHICH_PORT.search(event["text"]) for event in events if event["id"] == NO_PORT) if match]
    own = Own(application["name"], application["directory"], proc)
    told = [
        f" Port {port} is held by {holder}."
        for port in sorted({int(match.group(1)) for match in found})
        for holder in holders(port, application["address"] or "", proc)
        if not own.has(holder)
    ]
    return "".join(told)
