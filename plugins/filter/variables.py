# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Variables of the inventory and the command line that nothing reads: typing errors, most likely."""

from __future__ import annotations

from ansible.utils.display import Display

from ansible_collections.genesys_engage.chat.plugins.filter.day_two import name_list
from ansible_collections.genesys_engage.chat.plugins.module_utils._common.variables import INNER, INVENTORY, ROLES, STATISTICS, USERS
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.nearest import nearest

#: How alike a variable and a known one must be, so that a site's own variable is not taken for a typing error.
ALIKE = 0.85

#: AWX gives each job variables of its own, such as awx_user_name, which is nearly gax_username.
OF_AWX = ("awx_", "tower_")

#: Beginnings that are ours alone. Those of roles, such as package_, are words that a site may use for its own variables.
PREFIXES = frozenset(name.split("_")[0] for name in USERS - {name for name in USERS if name.startswith("upgrade_")})


def misspelt_variables(hosts, hostvars, own=()):
    """Return a sentence for each variable that nothing reads and that looks like a misspelt one of the playbooks, sorted by name.

    Other variables that nothing reads and that begin as ours do, or look like the argument of a role, are told as a warning.
    hosts: inventory names.  hostvars: their variables.  own: variables of the site that only look so; each host's genesys_own_variables, too.
    """
    misspelt, unread = {}, {}
    for host in hosts:
        variables = hostvars[host]
        site_owned = {*own, *name_list(variables.get("genesys_own_variables"))}
        names = frozenset(variables)
        misspelt.update(dict.fromkeys(misspelt_names(names, site_owned)))
        unread.update(dict.fromkeys(unread_names(names, site_owned)))
    if unread:
        Display().warning("nothing reads %s. What is your own stands in genesys_own_variables." % ", ".join(sorted(unread)))
    return sorted(misspelt)


def misspelt_names(names, own=()):
    """Return a sentence for each of the names (of one host) that looks like a misspelt one, sorted by name."""
    present = set(names)
    return ["Nothing reads the variable '%s'; did you mean '%s'?" % pair for pair in _unknown(present, own) if _is_misspelt(pair[1], present)]


def unread_names(names, own=()):
    """Return those of the other variables, with the known one that each looks like, as in "deploy_hosts (did you mean 'deploy_host'?)"."""
    present = set(names)
    return [name + (" (did you mean '%s'?)" % meant if meant and meant not in present else "") for name, meant in _unknown(present, own)
            if not _is_misspelt(meant, present) and (meant in ROLES - present or name.split("_")[0] in PREFIXES)]


def _is_misspelt(meant, present):
    """Return whether a variable that is most like the known one "meant" counts as misspelt.

    A known variable that has a value as well was not misspelt, so that another name beside it is the site's own.
    """
    return meant in USERS and meant not in present


def _unknown(present, own):
    """Return (name, known name that it is most like, or '') of each variable that might be meant for us."""
    known = USERS | ROLES
    beginnings = {name.split("_")[0] for name in known}
    found = []
    for name in sorted(present - known - INNER - INVENTORY - STATISTICS - set(own)):
        beginning, _underscore, rest = name.partition("_")
        # Most variables have nothing to do with us, and there may be many hosts.
        if rest and not name.startswith(OF_AWX) and (beginning in beginnings or nearest(beginning, PREFIXES)):
            found.append((name, nearest(name, known, ALIKE)))
    return found


class FilterModule:
    """The filters, for Ansible."""

    def filters(self):
        """Return the filters by name."""
        return {"misspelt_variables": misspelt_variables}
