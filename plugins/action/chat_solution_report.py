# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Draw a picture of a chat solution: the module reads, and the page is made and written here, on the controller, which has what it is drawn with."""

from __future__ import annotations

from typing import Any

from ansible.plugins.action import ActionBase

from ansible_collections.genesys_engage.chat.plugins.plugin_utils.solution_page import NotDrawn, draw


class ActionModule(ActionBase):
    """See plugins/modules/chat_solution_report.py."""

    TRANSFERS_FILES = False

    def run(self, tmp: Any = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Run the module, and write what it returns as a page."""
        result = super().run(tmp, task_vars)
        arguments = dict(self._task.args)
        dest = arguments.pop("dest", None)
        found: dict[str, Any] = self._execute_module(module_name="genesys_engage.chat.chat_solution_report", module_args=arguments, task_vars=task_vars)
        result.update(found)
        if dest in (None, "") or found.get("failed"):
            return result
        try:
            path, changed = draw(str(dest), result.pop("graph"), self._task.check_mode)
        except NotDrawn as error:
            return {**result, "failed": True, "msg": f"dest: {error}"}
        return {**result, "changed": changed, "dest": path}
