# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Counts for a measurement what a playbook does: figures that do not depend on how busy the machine is.

``COUNTS`` names a file, which gets JSON: ``tasks``, ``results`` (of a task on a host, skipped ones too; each takes a process of the controller),
and ``module_runs`` (those that started Python on a host).
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: counts
type: notification
short_description: Count tasks, results and module runs, for measurements
description:
  - See the file.
"""
#: What the controller does by itself.
OF_THE_CONTROLLER = {"assert", "debug", "fail", "include_role", "include_tasks", "meta", "set_fact", "set_stats", "upgrade_decision", "validate_argument_spec"}


class CallbackModule(CallbackBase):
    """See the file."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "counts"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._counts = {"tasks": 0, "results": 0, "module_runs": 0}

    def v2_playbook_on_task_start(self, task: Any, is_conditional: bool) -> None:
        """Count a task."""
        self._counts["tasks"] += 1

    def v2_runner_on_ok(self, result: Any) -> None:
        """Count a result; of a loop each item is a run."""
        self._counts["results"] += 1
        if result._task.action.rpartition(".")[2] not in OF_THE_CONTROLLER:
            self._counts["module_runs"] += max(1, len(result._result.get("results") or ())) if result._task.loop else 1

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:
        """Count a result that is a failure."""
        self.v2_runner_on_ok(result)

    def v2_runner_on_skipped(self, result: Any) -> None:
        """Count a result without a run."""
        self._counts["results"] += 1

    def v2_playbook_on_stats(self, stats: Any) -> None:
        """Write the counts."""
        Path(os.environ["COUNTS"]).write_text(json.dumps(self._counts), encoding="utf-8")
