# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run has seen, for the picture of a chat solution."""

from __future__ import annotations

from ansible_collections.genesys_engage.chat.plugins.plugin_utils.summary import site_summary


def seen_on_hosts(hostvars, groups, host):
    """Return {"states", "versions"} of the applications that the run has looked at: application -> status, and application -> installed version.

    host: the inventory host that stands for their Configuration Server.
    """
    seen = site_summary(host, groups, hostvars, False, 0)["applications"]
    return {"states": {item["name"]: item["status"] for item in seen if item["status"]},
            "versions": {item["name"]: item["version"] for item in seen if item["looked_at"] and item["version"]}}


class FilterModule:
    """Filters."""

    def filters(self):
        """Return name -> function."""
        return {"seen_on_hosts": seen_on_hosts}
