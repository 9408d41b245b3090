# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a path means that does not begin at the root: on the controller, and on the configuration host."""

from __future__ import annotations

import os

from ansible_collections.genesys_engage.chat.plugins.filter.run import given

#: How a path begins that means the same place whoever looks: at the root, at a home directory, or with a variable of the environment.
CLEAR = ("/", "~", "$")


def controller_path(path):
    """Return a path of the machine that runs Ansible from the root on: of a relative one from the current directory; '' stays.

    Ansible itself would count from the directory of the playbook, and that of a playbook of the collection is the collection's own.
    """
    given_path = str(given(path, ""))
    return os.path.abspath(os.path.expanduser(given_path)) if given_path else ""


def unclear_places(places):
    """Return a sentence for each path of the configuration host of which it is not clear where it begins.  places: paths by the variables that name them."""
    return ["%s is '%s', a path of the configuration host of which it is not clear where it begins: write it from the root (/...) or from the home "
            "directory (~/...)." % (name, path) for name, path in places.items() if given(path, "") and not str(path).startswith(CLEAR)]


class FilterModule:
    """The filters, for Ansible."""

    def filters(self):
        """Return the filters by name."""
        return {"controller_path": controller_path, "unclear_places": unclear_places}
