# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The log of a server: standard events with their exact texts, in short or full format (Source: LMS).

Where it goes is told by the application's ``[log]`` options ``all``, ``standard`` and ``trace``: ``stdout`` or a file name,
relative to the working directory, to which a time stamp and ``.log`` are added. ``verbose`` chooses the least level.
Not imitated: segments, expiry, buffering, Message Server as an output.
"""

from __future__ import annotations

import os
import sys
import time
from datetime import datetime
from typing import IO

EVENTS: dict[str, str] = {
    "04500": "Connecting to %s '%s' at host '%s', port %d",
    "04502": "Cannot connect to %s '%s' at host '%s', port %d, reason '%s'",
    "04503": "Connected to %s '%s' at host '%s', port %d",
    "04504": "Connection to %s '%s' at host '%s', port %d lost",
    "04505": "Disconnected from %s '%s'",
    "04521": "New client %d connected from '%s'",
    "04523": "Connection to client '%s' closed, reason '%s'",
    "04525": "Port %d opened for listening",
    "04526": "Cannot open port %d for listening, reason '%s'",
    "04581": "Primary server %s '%s' is not available, switching to backup %s '%s'",
    "05060": "Application started",
    "05061": "Initialization completed",
    "05062": "Application initialization failed, reason '%s'",
    "05063": "Normal termination ",
    "05065": "Application stopped",
    "05200": "%s. Version %s",
    "06053": "Configuration for application obtained",
    "07040": "No response from %s '%s' is received within %d seconds, request ID %d",
}
_TRACE = {"04500", "04521"}
_LEVELS = {"all": 2, "debug": 2, "trace": 2, "interaction": 3, "standard": 4, "none": 9}


class Log:
    """One server's log. Until ``open`` has told where it goes, lines are kept.

    Args:
        application: name of the application object.
        host: name of the host, for the full format and the header.
    """

    def __init__(self, application: str, host: str) -> None:
        self._application, self._host = application, host
        self._full, self._iso, self._level = False, False, _LEVELS["standard"]
        self._waiting: list[tuple[datetime, str, str]] = []
        self._outputs: list[tuple[int, IO[str]]] | None = None

    def open(self, options: dict[str, str], product: str, version: str, type_name: str) -> None:
        """Open the outputs that the ``[log]`` options name, write the header to files, then what was kept."""
        self._full = _either(options, "message-format", "message_format") == "full"
        self._iso = _either(options, "time-format", "time_format").lower() == "iso8601"
        self._level = _LEVELS.get(options.get("verbose", "standard"), _LEVELS["standard"])
        self._outputs = []
        files: dict[str, IO[str]] = {}
        for key, level in (("all", 2), ("standard", 4), ("trace", 2)):
            for word in filter(None, (item.strip() for item in options.get(key, "").split(","))):
                if word in ("stdout", "stderr"):
                    self._outputs.append((level, sys.stdout if word == "stdout" else sys.stderr))
                elif word not in ("network", "memory") and word not in files:
                    files[word] = open(_file_name(word), "a", encoding="utf-8", errors="surrogateescape")  # noqa: SIM115 (open as long as the server)
                    files[word].write(self._header(product, version, type_name))
                    self._outputs.append((level, files[word]))
        for moment, number, text in self._waiting:
            self._write(moment, number, text)
        self._waiting.clear()

    def event(self, number: str, *values: object) -> None:
        """Write one standard event.

        Args:
            number: five digits, a key of ``EVENTS``.
            values: what the text's placeholders stand for.
        """
        moment, text = datetime.now(), EVENTS[number] % values
        if self._outputs is None:
            self._waiting.append((moment, number, text))
        else:
            self._write(moment, number, text)

    def flush_to_stdout(self) -> None:
        """Show what was kept when a server fails before its options are known."""
        for moment, number, text in self._waiting:
            print(self._line(moment, number, text), flush=True)

    def _write(self, moment: datetime, number: str, text: str) -> None:
        level = 2 if number in _TRACE else 4
        if level < self._level:
            return
        for least, stream in self._outputs or []:
            if level >= least:
                stream.write(self._line(moment, number, text) + "\n")
                stream.flush()

    def _line(self, moment: datetime, number: str, text: str) -> str:
        stamp = moment.strftime("%Y-%m-%dT%H:%M:%S" if self._iso or self._full else "%H:%M:%S") + f".{moment.microsecond // 1000:03d}"
        trace = number in _TRACE
        if self._full:
            return f"{stamp} {'Trace' if trace else 'Standard'} {self._host} {self._application} GCTI-00-{number} {text}"
        return f"{stamp} {'Trc' if trace else 'Std'} {number} {text}"

    def _header(self, product: str, version: str, type_name: str) -> str:
        now = datetime.now()
        return (
            "+++++++++++++++++++++++++++++++++++++++++++\n"
            f"{product} {version}\n\n"
            f"Application name: {self._application}\n"
            f"Application type: {type_name}\n"
            f"Command line:     {' '.join(sys.argv)}\n"
            f"Host name:        {self._host}\n"
            f"Process ID:       {os.getpid()}\n"
            f"Time zone:        {time.strftime('%Z')}\n"
            f"Local time:       {now:%Y-%m-%dT%H:%M:%S}.{now.microsecond // 1000:03d}\n"
            "+++++++++++++++++++++++++++++++++++++++++++\n"
        )


def _either(options: dict[str, str], *names: str) -> str:
    return next((options[name] for name in names if name in options), "")


def _file_name(base: str) -> str:
    now = datetime.now()
    return f"{base}.{now:%Y%m%d_%H%M%S}_{now.microsecond // 1000:03d}.log"
