# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The systemd unit of an application: its name and its text. Nothing here touches the host.

The start script has no interpreter line, and its command is relative to the installation directory (Source: IP: run.sh).
"""

import json
import re
from typing import Any, Dict, Mapping, NamedTuple, Optional

from ..system.errors import HostError

PREFIX = "genesys-"
SUFFIX = ".service"

# Of systemd: a longer name is no unit.
NAME_LIMIT = 255

# By its first line we know a unit as ours.
MARKER = "# Written by genesys_engage.chat"

# systemd skips sections whose names begin like this; we find there again what the unit is about.
SECTION = "[X-Genesys]"

LIMITS = ("CPU", "FSIZE", "DATA", "STACK", "CORE", "RSS", "NOFILE", "AS", "NPROC", "MEMLOCK", "LOCKS", "SIGPENDING", "MSGQUEUE", "NICE",
          "RTPRIO", "RTTIME")  # fmt: skip


class Unit(NamedTuple):
    """What the unit of an application says.

    Attributes:
        application: its name.
        user, group: the account that it runs under.
        path: the installation directory.
        start_script: relative to it.
        ports: where the application listens when it has started, by id.
        limits: resource limits by the end of systemd's name for them.
        restart: start it again when it ends without having been stopped.
        restart_delay: seconds before that.
        restart_attempts, restart_window: no further start after so many within so many seconds.
        stop_timeout: seconds after which a stop ends it by force.
    """

    application: str
    user: str
    group: str
    path: str
    start_script: str
    ports: Mapping[str, int]
    limits: Mapping[str, Any]
    restart: bool
    restart_delay: float
    restart_attempts: int
    restart_window: float
    stop_timeout: float


def unit_name(application: str) -> str:
    """Return the name of an application's unit: escaped as ``systemd-escape`` does, so that no two applications share one.

    Raises:
        HostError: the name is empty, or too long for a unit.
    """
    text = application.encode("utf-8", "surrogateescape")
    escaped = "".join(_escaped(byte, first=index == 0) for index, byte in enumerate(text))
    name = PREFIX + escaped + SUFFIX
    if not escaped or len(name) > NAME_LIMIT:
        raise HostError(
            f"application: '{application}' makes no unit name: " + (f"{len(name)} characters are more than {NAME_LIMIT}." if escaped else "it is empty.")
        )
    return name


def _escaped(byte: int, first: bool) -> str:
    character = chr(byte)
    if character == "/":
        return "-"
    if re.match(r"[A-Za-z0-9:_.]", character) and not (first and character == "."):
        return character
    return f"\\x{byte:02x}"


def unit_text(unit: Unit) -> str:
    """Return the content of the unit file.

    Raises:
        HostError: a value can't stand in a unit file.
    """
    for option, value in (("application", unit.application), ("path", unit.path), ("start_script", unit.start_script), ("user", unit.user)):
        _check(option, value)
    if not unit.path.startswith("/"):
        raise HostError(f"path: '{unit.path}' must be absolute.")
    lines = [
        f"{MARKER} (application_unit), which replaces this file as a whole.",
        "# Settings of your own belong into a drop-in: systemctl edit.",
        "",
        "[Unit]",
        f"Description=Genesys Engage application {_plain(unit.application)}",
        "Wants=network-online.target",
        "After=network-online.target",
        f"StartLimitIntervalSec={unit.restart_window:g}",
        f"StartLimitBurst={unit.restart_attempts}",
        "",
        "[Service]",
        "Type=simple",
        f"User={_plain(unit.user)}",
        f"Group={_plain(unit.group)}",
        f"WorkingDirectory={_plain(unit.path)}",
        "# The start script has no interpreter line.",
        f"ExecStart=/bin/sh {_argument('./' + unit.start_script)}",
        *[f"Limit{name}={value}" for name, value in sorted(_limits(unit.limits).items())],
        f"Restart={'on-failure' if unit.restart else 'no'}",
        f"RestartSec={unit.restart_delay:g}",
        "# SIGTERM to all processes: the shell that waits for the server ends at once and does not pass it on.",
        "KillMode=control-group",
        "KillSignal=SIGTERM",
        f"TimeoutStopSec={unit.stop_timeout:g}",
        "",
        "[Install]",
        "WantedBy=multi-user.target",
        "",
        SECTION,
        f"Application={json.dumps(unit.application)}",
        f"Ports={json.dumps(dict(unit.ports), sort_keys=True)}",
    ]
    return "\n".join(lines) + "\n"


def _check(option: str, value: str) -> None:
    """Refuse what a line of a unit file can't hold: its end, what is no text, and a blank or backslash at its end."""
    if not value or re.search(r"[\x00-\x1f\x7f\ud800-\udfff]", value) or value != value.strip() or value.endswith("\\"):
        raise HostError(
            f"{option}: {value!r} can't stand in a unit.",
            "It must not be empty, hold control characters, begin or end with a blank, or end with a backslash.",
        )


def _plain(value: str) -> str:
    """Return a value that systemd takes as it is, but for its specifiers."""
    return value.replace("%", "%%")


def _argument(value: str) -> str:
    """Return a word of a command line, quoted if it has to be."""
    if re.match(r"[A-Za-z0-9_./-]+\Z", value):
        return value
    value = value.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return f'"{value}"'


def _limits(limits: Mapping[str, Any]) -> Dict[str, str]:
    found = {}
    for name, value in limits.items():
        if name not in LIMITS:
            raise HostError(f"limits: '{name}' is none of {', '.join(LIMITS)}.")
        if not re.match(r"(\d+[KMGTPE]?|infinity)(:(\d+[KMGTPE]?|infinity))?\Z", str(value)):
            raise HostError(f"limits: {name} must be a number, 'infinity', or two of these with a colon (soft and hard limit), not '{value}'.")
        found[name] = str(value)
    return found


def is_ours(text: str) -> bool:
    """Whether we wrote this unit file."""
    return text.startswith(MARKER)


class About(NamedTuple):
    """What a unit file of ours is about."""

    application: str
    ports: Dict[str, int]


def read_about(text: str) -> Optional[About]:
    """Return what a unit file is about; None if it is not ours, or was changed so that it does not tell."""
    if not is_ours(text):
        return None
    lines = text.partition(f"\n{SECTION}\n")[2].splitlines()
    values = dict(line.split("=", 1) for line in lines if "=" in line)
    try:
        about = About(*(json.loads(values[key]) for key in ("Application", "Ports")))
        return about if isinstance(about.application, str) and isinstance(about.ports, dict) else None
    except (KeyError, ValueError):
        return None
