# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Draw a picture of a chat solution: the module reads, and the page is made and written here, on the controller, which has what it is drawn with."""

from __future__ import annotations

import errno
import os
from typing import Any

from ansible.plugins.action import ActionBase

from ansible_collections.genesys_engage.chat.plugins.module_utils._common.files import read_regular, replace_regular
from ansible_collections.genesys_engage.chat.plugins.plugin_utils.solution_page import differs, page

#: More than a picture can be long.
_MOST = 64 * 1024 * 1024


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
        path = os.path.abspath(os.path.expanduser(os.path.expandvars(str(dest))))
        try:
            changed = written(path, page(result.pop("graph")), self._task.check_mode)
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            return {**result, "failed": True, "msg": f"dest: the picture can't be written to '{path}' on the controller: {reason}. Name a file in a directory "
                                                     "that exists and can be written to."}
        return {**result, "changed": changed, "dest": path}


def written(path: str, text: str, check_mode: bool) -> bool:
    """Write a file as a whole; return whether it shows something else than before. In check mode only look."""
    if not os.path.isdir(os.path.dirname(path)):
        raise FileNotFoundError(errno.ENOENT, f"there is no directory '{os.path.dirname(path)}'")
    old = read_regular(path, _MOST)
    if not check_mode:
        replace_regular(path, text, 0o644)
    return differs((old or b"").decode("utf-8", "replace"), text)
