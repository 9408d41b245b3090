# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which Host objects of a Configuration Server the hosts of the inventory stand for."""

from __future__ import annotations

from ansible_collections.genesys_engage.chat.plugins.filter.run import given


def host_objects(names, hostvars, configuration_host, default_host=None, control=None):
    """Return the names of the Host objects of those inventory hosts that belong to "configuration_host".

    names: inventory names.  hostvars: their variables. genesys_configuration_host (default: default_host, or
    configuration_host itself) tells where a host belongs, genesys_host (default: its inventory name) which Host object it is.
    control: only hosts whose applications are started and stopped by this (genesys_control).
    """
    found = []
    for name in names:
        variables = hostvars[name]
        belongs = given(variables.get("genesys_configuration_host"), default_host or configuration_host) == configuration_host
        if belongs and control in (None, given(variables.get("genesys_control"), "solution_control_server")):
            found.append(given(variables.get("genesys_host"), name))
    return found


class FilterModule:
    """The filter, for Ansible."""

    def filters(self):
        """Return the filters by name."""
        return {"host_objects": host_objects}
