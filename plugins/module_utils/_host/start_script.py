# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The start script that the installer writes as its last step: one line without an interpreter (Source: IP: run.sh)."""

import re
from typing import NamedTuple, Optional

SIZE_LIMIT = 64 * 1024


class StartScript(NamedTuple):
    """The parts of the line: ``./<executable>``, its arguments, and the application that they name."""

    command: str
    arguments: str
    application: Optional[str]


def parse_start_script(text: str) -> StartScript:
    """Take the line apart. Products may set variables of the environment in front of the command."""
    line = next((line.strip() for line in text.splitlines() if re.search(r"(^|\s)-app\s", line)), text.strip())
    found = re.match(r"(?:\w+=(?:\"[^\"]*\"|\S*)\s+)*(\S*)\s*(.*)", line, re.DOTALL)
    command, arguments = found.groups() if found else ("", "")
    application = re.search(r"(?:^|\s)-app\s+(?:\"([^\"]*)\"|(\S+))", arguments)
    return StartScript(command, arguments.strip(), (application.group(1) or application.group(2)) if application else None)


def read_start_script(path: str) -> Optional[StartScript]:
    """Read a start script; None if there is none."""
    try:
        with open(path, "rb") as stream:
            return parse_start_script(stream.read(SIZE_LIMIT).decode("utf-8", "replace"))
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return None
