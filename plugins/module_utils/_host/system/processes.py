# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which processes of this host run an application."""

import os
from typing import List


def running_processes(path: str, application: str, proc: str = "/proc") -> List[int]:
    """Return the processes that run an application out of a directory.

    A server is recognised by its argument ``-app`` and its executable or working directory; a shell that merely stands
    in the directory is not meant. Processes of others cannot be seen without root.
    """
    found = []
    for name in os.listdir(proc):
        if not name.isdigit():
            continue
        try:
            with open(os.path.join(proc, name, "cmdline"), "rb") as stream:
                arguments = stream.read().decode("utf-8", "replace").split("\0")
            places = [os.readlink(os.path.join(proc, name, link)) for link in ("cwd", "exe")]
        except OSError:
            continue
        if ("-app", application) in zip(arguments, arguments[1:]) and any(place == path or place.startswith(path + "/") for place in places):
            found.append(int(name))
    return sorted(found)
