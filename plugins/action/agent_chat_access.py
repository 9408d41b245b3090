# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Give many agents access to chat, one batch after the other, and tell how far it is. Runs on the controller, which alone can show a line at once."""

from __future__ import annotations

from typing import Any

from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

_MODULE = "genesys_engage.chat.agent_chat_access"

#: What the module takes for "batch" if it is not given.
_USUAL = 2500


class ActionModule(ActionBase):
    """See plugins/modules/agent_chat_access.py."""

    TRANSFERS_FILES = False

    def run(self, tmp: Any = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Run the module: once, or for more persons than a batch first as a preview of all, and then once for each batch of those that it changes."""
        result = super().run(tmp, task_vars)
        persons = self._task.args.get("persons")
        size = str(self._task.args.get("batch", _USUAL))
        if not isinstance(persons, list) or not size.isdecimal() or not 0 < int(size) < len(persons) or self._task.check_mode:
            return {**result, **self._module(self._task.args, task_vars)}
        preview = self._preview(task_vars)
        if preview.get("failed") or not preview.get("changed"):
            return {**result, **preview}
        return {**result, **self._batches(preview, persons, int(size), task_vars)}

    def _module(self, arguments: dict[str, Any], task_vars: dict[str, Any] | None) -> dict[str, Any]:
        found: dict[str, Any] = self._execute_module(module_name=_MODULE, module_args=arguments, task_vars=task_vars)
        return found

    def _preview(self, task_vars: dict[str, Any] | None) -> dict[str, Any]:
        self._task.check_mode = True
        try:
            return self._module(self._task.args, task_vars)
        finally:
            self._task.check_mode = False

    def _batches(self, preview: dict[str, Any], persons: list[Any], size: int, task_vars: dict[str, Any] | None) -> dict[str, Any]:
        """Write what the preview has announced, and return it as one result.

        What concerns no single person, and the members of the role, are in the first batch, which is of all; only the persons' own rules are apart.
        """
        changed = [change["name"] for change in preview["changes"] if change["type"] == "CfgPerson"]
        if len(changed) <= size:
            return self._module(self._task.args, task_vars)
        rest = len(preview["changes"]) - len(changed)
        first = dict(self._task.args, capacity_rule=None, capacity_for=None) if rest else None
        own = dict(self._task.args, role=None, privileges=None, agent_groups=None)
        parts = ([first] if first else []) + [dict(own, persons=changed[at:at + size]) for at in range(0, len(changed), size)]
        done: list[dict[str, Any]] = []
        snapshots: list[str] = []
        diff: list[Any] = []
        written = 0
        for part in parts:
            found = self._module({key: value for key, value in part.items() if value is not None}, task_vars)
            snapshots += [found["snapshot"]] if found.get("snapshot") else []
            if found.get("failed"):
                return {**found, "changes": done, "changed": bool(done), "snapshots": snapshots,
                        "msg": f"{found.get('msg')} Before that {written} of {len(changed)} persons were written."}
            done += found.get("changes") or []
            diff += found.get("diff") or []
            if part is not first:
                written += len(part["persons"])
                Display().display(f"agent_chat_access: {written} of {len(changed)} persons")
        last = {"snapshot": snapshots[-1], "snapshots": snapshots} if snapshots else {}
        return {**preview, "changed": bool(done), "changes": done, "diff": diff, **last}
