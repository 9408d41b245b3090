# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lets a test do something at a task of a playbook: hold the run there, kill it there, or note which tasks there are.

``AT_TASK`` names a directory. In it may be a file ``orders``, with JSON::

    {"hold": {"task": text, "time": 1}, "kill": {"task": text, "time": 1, "moment": "before" | "after"}}

A task is meant whose name contains the text; ``time`` counts those from 1 on. ``before`` is when the task begins, ``after`` when the
first host has done it. A held run waits as long as there is a file ``held``, which it makes. ``tasks`` gets a line of JSON for each
task that begins, and for each that changed something on a host.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import time
from collections import Counter
from pathlib import Path
from typing import Any

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: at_task
type: notification
short_description: Hold or kill a run at a task, for tests
description:
  - See the file.
"""
#: A test that has gone must not leave a run behind.
LONGEST_SECONDS = 600.0


class CallbackModule(CallbackBase):
    """See the file."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "at_task"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._place = Path(os.environ["AT_TASK"])
        orders = self._place / "orders"
        self._orders: dict[str, dict[str, Any]] = json.loads(orders.read_text(encoding="utf-8")) if orders.exists() else {}
        self._times: Counter[str] = Counter()
        self._current: set[str] = set()
        self._changed: set[tuple[str, str]] = set()

    def v2_playbook_on_task_start(self, task: Any, is_conditional: bool) -> None:
        """Note the task, then do what is ordered."""
        name = task.get_name()
        self._current.clear()
        self._note(begins=name)
        for order, what in self._orders.items():
            if what["task"] in name:
                self._times[order] += 1
                if self._times[order] == what.get("time", 1):
                    self._current.add(order)
        if "hold" in self._current:
            self._hold()
        if "kill" in self._current and self._orders["kill"].get("moment", "before") == "before":
            die()

    def v2_playbook_on_handler_task_start(self, task: Any) -> None:
        """Handlers are tasks."""
        self.v2_playbook_on_task_start(task, False)

    def v2_runner_on_ok(self, result: Any) -> None:
        """Note a change, and kill the run if it is to end after this task."""
        name = result._task.get_name()
        if "kill" in self._current and self._orders["kill"]["task"] in name:
            die()
        if result._result.get("changed"):
            self._note(changed=name, host=result._host.get_name())

    def _note(self, **values: str) -> None:
        with (self._place / "tasks").open("a", encoding="utf-8") as file:
            file.write(json.dumps(values) + "\n")

    def _hold(self) -> None:
        held = self._place / "held"
        held.touch()
        deadline = time.monotonic() + LONGEST_SECONDS
        while held.exists() and time.monotonic() < deadline:
            time.sleep(0.02)


def die() -> None:
    """End this process and all that it started as nothing can catch: nobody on this controller goes on."""
    for process in descendants(os.getpid()):
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)
    os.kill(os.getpid(), signal.SIGKILL)


def descendants(ancestor: int) -> list[int]:
    """Return the processes that a process started, and those that these started."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError, ValueError, IndexError):
            parents[int(entry.name)] = int((entry / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[1])
    found, frontier = [], {ancestor}
    while frontier:
        frontier = {process for process, parent in parents.items() if parent in frontier}
        found += sorted(frontier)
    return found
