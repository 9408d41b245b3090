# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The result log of a silent installation (IP: result log)."""

from __future__ import annotations

import os
import re
from pathlib import Path

from .description import Description


def writable_log(path: str) -> Path | None:
    """Apply the installer's test of the ``-fl`` path.

    The directory is what stands before a base name of letters, digits, ``_`` and ``.``; for any other base name the test
    looks at the whole path, as if it were the directory.

    Returns:
        The path, or None (with a message on stdout) when no log can be written; the installation goes on without it.
    """
    found = re.fullmatch(r"(.+)/[A-Za-z0-9_.]+", path)
    directory = found.group(1) if found else path
    if not os.access(directory, os.W_OK):
        print(f"Unable to create file in {directory} directory because of insufficient permissions.")
        return None
    return Path(path)


def write_result(path: Path | None, description: Description, code: int, error: str) -> None:
    """Write the log; that it cannot be opened is ignored, as the installer does."""
    if path is None:
        return
    text = (
        "[GenesysProductInfo]\n"
        "File=ResultFile\n"
        f"IPName={description.name}\n"
        f"IPVersion={description.version}\n"
        f"IPBuildNumber={description.build}\n"
        f"IPLanguage={description.language}\n"
        "[Result]\n"
        f"ResultCode={code}\n"
        f"Error={error}\n"
        "Reboot=N\n"
    )
    try:
        path.write_bytes(text.encode("utf-8", "surrogateescape"))
    except OSError:
        pass
