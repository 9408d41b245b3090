# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Print what came of a run. Runs on the controller, where all that was registered is known."""

from __future__ import annotations

import time

from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ansible_collections.genesys_engage.chat.plugins.plugin_utils.summary import add_picture, lines, site_summary


class ActionModule(ActionBase):
    """See the documentation of the module of this name."""

    TRANSFERS_FILES = False
    _VALID_ARGS = frozenset(("lines", "statistics"))

    def run(self, tmp=None, task_vars=None):
        """Print the summary, and return it as data, for set_stats too."""
        result = super().run(tmp, task_vars)
        given = self._task.args.get("lines")
        if given is not None:
            for line in given:
                Display().display(str(line))
            stats = {"data": self._task.args.get("statistics") or {}, "per_host": False, "aggregate": False}
            result.update(changed=False, sites=[], ansible_stats=stats)
            return result
        groups, hostvars = task_vars["groups"], task_vars["hostvars"]
        present = task_vars.get("ansible_play_hosts") or []
        hosts = [host for host in groups.get("genesys_configuration") or [] if host in present]
        sites = [site_summary(host, groups, hostvars, self._task.check_mode, time.time()) for host in hosts]
        for host, site in zip(hosts, sites):
            add_picture(site, hostvars[host], self._task.check_mode)
            for line in lines(site):
                Display().display(line)
        result.update(changed=False, sites=sites, ansible_stats={"data": {"chat_run": sites}, "per_host": False, "aggregate": False})
        return result
