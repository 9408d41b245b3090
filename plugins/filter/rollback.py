# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which applications are to go back to their former package, and to which version."""

from __future__ import annotations

from ansible.errors import AnsibleFilterError

from ansible_collections.genesys_engage.chat.plugins.module_utils._config.nearest import suggestion


def to_roll_back(deployment, wanted, host=None):
    """Return those applications of deployment_info that are wanted, each with its "rollback_version", which is None for the newest backup.

    wanted: a list of {"application" or "role", "version"}; an entry for an application stands above one for its role.
    host: name of a Host object; only its applications are returned.
    """
    applications = deployment.get("applications", [])
    for entry in wanted:
        _check(entry, applications)
    _check_once(wanted)
    found = []
    for application in applications:
        entries = [entry for entry in wanted if entry.get("application") == application["name"]]
        entries += [entry for entry in wanted if entry.get("role") == application["role"]]
        if entries and host in (None, application["host"]):
            found.append({**application, "rollback_version": entries[0].get("version")})
    return found


def rollback_left_out(deployment, wanted, hosts):
    """Return {"refused", "told"}: applications that are wanted, and whose host is none of "hosts" (Host objects that take part), by name.

    An entry of which no application takes part would do nothing, and is refused; of a role, those on the other hosts are told.
    wanted: see to_roll_back.
    """
    to_roll_back(deployment, wanted)  # refuses what means nothing
    found = {"refused": [], "told": []}
    for entry in wanted:
        applications = to_roll_back(deployment, [entry])
        outside = [item["name"] for item in applications if item["host"] not in hosts]
        found["refused" if len(outside) == len(applications) else "told"] += outside
    return {kind: list(dict.fromkeys(names)) for kind, names in found.items()}


def _check(entry, applications):
    """Refuse what would silently mean nothing."""
    if not isinstance(entry, dict) or set(entry) - {"application", "role", "version"} or ("application" in entry) == ("role" in entry):
        raise AnsibleFilterError("genesys_rollback: '%s' is no entry; it must have either application or role, and may have version." % (entry,))
    kind = "application" if "application" in entry else "role"
    names = sorted({item["name" if kind == "application" else "role"] for item in applications})
    if entry[kind] not in names:
        raise AnsibleFilterError("genesys_rollback: %s '%s' is not in the description, which has %s%s"
                                 % (kind, entry[kind], ", ".join(names), suggestion(entry[kind], names) or "."))


def _check_once(wanted):
    """Refuse a second entry for the same: it may want another version."""
    for kind in ("application", "role"):
        named = [entry[kind] for entry in wanted if kind in entry]
        for name in named:
            if named.count(name) > 1:
                raise AnsibleFilterError("genesys_rollback: %s '%s' has more than one entry." % (kind, name))


class FilterModule:
    """The filters, for Ansible."""

    def filters(self):
        """Return the filters by name."""
        return {"to_roll_back": to_roll_back, "rollback_left_out": rollback_left_out}
