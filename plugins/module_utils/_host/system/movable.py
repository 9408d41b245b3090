# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether what lies in a directory can be moved: rights and mount points."""

import os
import re
from typing import FrozenSet, List


def immovable(path: str, names: List[str]) -> List[str]:
    """Say which entries cannot be renamed into a directory beside them.

    A directory can be moved only if it can be written to (its ``..`` changes), and a mount point not at all.
    """
    stuck = []
    mounted = mount_points()
    if not os.access(path, os.W_OK | os.X_OK):
        stuck.append(f"no permission to write to {path}")
    for name in names:
        place = os.path.join(path, name)
        if os.path.join(os.path.realpath(path), name) in mounted:
            stuck.append(f"{place} is a mount point")
        elif os.path.isdir(place) and not os.path.islink(place) and not os.access(place, os.W_OK):
            stuck.append(f"no permission to move {place}")
    return stuck


def mount_points(listed: str = "/proc/self/mountinfo") -> FrozenSet[str]:
    """Return the paths on which something is mounted.

    As the kernel lists them: an overlay file system tells other device numbers for files than for directories, by which
    os.path.ismount takes every file for a mount point.
    """
    try:
        with open(listed, "rb") as stream:
            fields = [line.split()[4] for line in stream]
    except OSError:
        return frozenset()
    return frozenset(re.sub(rb"\\([0-7]{3})", lambda found: bytes([int(found.group(1), 8)]), field).decode("utf-8", "surrogateescape") for field in fields)
