# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The modules of awx.awx as action plugins of the same names: their own code, run in Ansible's worker instead of a process of its own.

Importing Ansible takes a module most of a second, and the playbook calls sixty. This file is linked once for each module into a copy of the collection.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import json
from typing import Any

from ansible.module_utils import basic
from ansible.plugins.action import ActionBase


class ActionModule(ActionBase):
    """Runs the module with the arguments of the task."""

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return what the module prints."""
        super().run(tmp, task_vars)
        name = self._task.action.rpartition(".")[2]
        arguments = dict(self._task.args)
        self._update_module_args(f"awx.awx.{name}", arguments, task_vars)
        # As Ansible hands arguments to a module, from 2.16 to 2.21; private, and not there in every version.
        basic.__dict__.update(_ANSIBLE_ARGS=json.dumps({"ANSIBLE_MODULE_ARGS": arguments}, default=str).encode(), _ANSIBLE_PROFILE="legacy")
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed), contextlib.suppress(SystemExit):
            importlib.import_module(f"ansible_collections.awx.awx.plugins.modules.{name}").main()
        result: dict[str, Any] = json.loads(printed.getvalue())
        return result
