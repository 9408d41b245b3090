# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Points at which a test holds the installer, so that what happens on the host meanwhile is no matter of luck (the stand-in's own).

``SANDBOX_INSTALL_HOLD`` names a directory that the installer can write to. The installer stops at a point while that directory
holds a file of the point's name, and tells by a file ``<point>.reached`` that it is there.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

#: Before the response file is read; before the target is looked at; after extraction, before anything is written elsewhere.
BEGIN, TARGET, WRITE = "begin", "target", "write"

_LONGEST_SECONDS = 300.0


def hold(point: str) -> None:
    """Wait at a point as long as a test wants it, but not for ever."""
    directory = os.environ.get("SANDBOX_INSTALL_HOLD")
    if not directory or not Path(directory, point).exists():
        return
    Path(directory, f"{point}.reached").touch()
    deadline = time.monotonic() + _LONGEST_SECONDS
    while Path(directory, point).exists() and time.monotonic() < deadline:
        time.sleep(0.02)
