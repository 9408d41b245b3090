# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The processes that Solution Control Server knows, kept on disk: a restarted one finds its servers again."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

from .processes import Process

#: What is kept of an application: its process, status, run mode.
Kept = tuple[Process, str, str]


class Record:
    """One file.

    Args:
        directory: the sandbox's directory.
    """

    def __init__(self, directory: Path) -> None:
        self._file = directory / "scs" / "processes.json"
        self._file.parent.mkdir(parents=True, exist_ok=True)

    def save(self, processes: dict[str, Kept]) -> None:
        """Keep the processes, by the DBID of their application."""
        data = {dbid: {**asdict(process), "status": status, "runmode": runmode} for dbid, (process, status, runmode) in processes.items()}
        temporary = self._file.with_suffix(".new")
        temporary.write_text(json.dumps(data), encoding="utf-8")
        temporary.replace(self._file)

    def load(self) -> dict[str, Kept]:
        """Return what was kept; nothing, if the file is absent or from another version."""
        try:
            data = json.loads(self._file.read_text(encoding="utf-8"))
            return {dbid: (Process(item["pid"], str(item["started"]), item["host"]), item["status"], item["runmode"]) for dbid, item in data.items()}
        except (OSError, ValueError, KeyError):
            return {}
