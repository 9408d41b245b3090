# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which Host objects of a Configuration Server the hosts of the inventory stand for."""

from __future__ import annotations


def host_objects(names, hostvars, configuration_host, default_host=None):
    """Return the names of the Host objects of those inventory hosts that belong to "configuration_host".

    names: inventory names.  hostvars: their variables. genesys_configuration_host (default: default_host, or
    configuration_host itself) tells where a host belongs, genesys_host (default: its inventory name) which Host object it is.
    """
    found = []
    for name in names:
        variables = hostvars[name]
        if variables.get("genesys_configuration_host", default_host or configuration_host) == configuration_host:
            found.append(variables.get("genesys_host", name))
    return found


class FilterModule:
    """The filter, for Ansible."""

    def filters(self):
        """Return the filters by name."""
        return {"host_objects": host_objects}
