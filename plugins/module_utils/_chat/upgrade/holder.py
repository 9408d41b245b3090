# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who holds the lock of an upgrade, so that a later run at the same place knows whether that run has ended.

The name of a run ends with the process that plays it and with marks of its machine.  Only where a machine is known for certain to be the
same a run counts as ended: its process is not there any more, or the machine was started anew since then.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import socket
from pathlib import Path

#: "<owner>, run <process>-<its start>-<random> on <machine>.<since its start>", or without what stands behind "run" for an unknown machine.
_NAME = re.compile(r", run (?P<process>\d+)-(?P<start>\d+)-[0-9a-f]{8} on (?P<machine>[0-9a-f]{12})\.(?P<boot>[0-9a-f]{12})\Z")

#: The namespace of processes that Linux begins with. In any other one, a container's, the machine may be another one each time.
_FIRST_NAMESPACE = "pid:[4026531836]"


class Machine:
    """The machine that runs Ansible.

    proc: where the kernel tells of processes.  identity: the file with the machine's own identity.
    """

    def __init__(self, proc: str = "/proc", identity: str = "/etc/machine-id") -> None:
        self._proc = Path(proc)
        self._identity = Path(identity)

    def name_of(self, owner: str, process: int) -> str:
        """Return the name of a run. owner: who upgrades, in the user's words.  process: the one that plays it."""
        start, marks, random = self._start(process), self._marks(), secrets.token_hex(4)
        if start is None or marks is None:
            return f"{owner}, run {secrets.token_hex(16)}"
        return f"{owner}, run {process}-{start}-{random} on {marks[0]}.{marks[1]}"

    def has_ended(self, name: str) -> bool:
        """Return whether the run of that name was one of this machine, and has ended.  False if that is not known for certain."""
        found, marks = _NAME.search(name), self._marks()
        if found is None or marks is None or found["machine"] != marks[0]:
            return False
        if found["boot"] != marks[1]:
            return bool(self._known()) and self._namespace() == _FIRST_NAMESPACE
        return self._start(int(found["process"])) != found["start"]

    def _start(self, process: int) -> str | None:
        """Return when a process was started, in the kernel's ticks; None if it is not there, or only waits to be forgotten."""
        try:
            fields = (self._proc / str(process) / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        except OSError:
            return None
        return fields[19] if len(fields) > 19 and fields[0] not in ("Z", "X") else None

    def _namespace(self) -> str | None:
        try:
            return str((self._proc / "self" / "ns" / "pid").readlink())
        except OSError:
            return None

    def _known(self) -> str:
        """Return the machine's own identity, '' if it has none, as many containers."""
        try:
            return self._identity.read_text(encoding="utf-8").strip()
        except OSError:
            return ""

    def _marks(self) -> tuple[str, str] | None:
        """Return a mark of the machine, and one of the time since its start; None if it can't be told from others."""
        namespace = self._namespace()
        try:
            boot = (self._proc / "sys" / "kernel" / "random" / "boot_id").read_text(encoding="utf-8").strip()
        except OSError:
            return None
        if not boot or namespace is None:
            return None
        return _mark(self._known(), socket.gethostname(), namespace), _mark(boot)


def _mark(*words: str) -> str:
    return hashlib.sha256("\0".join(words).encode()).hexdigest()[:12]
