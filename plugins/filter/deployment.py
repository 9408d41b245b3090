# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Cuts of what deployment_info returns, in the form in which the host-side modules take it."""

from __future__ import annotations

from ansible.errors import AnsibleFilterError

from ansible_collections.genesys_engage.chat.plugins.filter.run import given
from ansible_collections.genesys_engage.chat.plugins.module_utils._host.observe.look import facts_about

#: The order in which applications are started: servers before their clients.
STAGES = ("contact_server", "interaction_server", "chat_server", "gms")


def handed_over(deployment, configuration_host):
    """Return what the configuration host has told; raise AnsibleFilterError if it has told nothing."""
    if "applications" not in deployment:
        raise AnsibleFilterError(
            "'%s' has not told this host what to install: it is not part of this run, or failed. A --limit must include it, and the play needs "
            "the strategy linear." % configuration_host)
    return deployment


def applications_on(deployment, host, roles=STAGES):
    """Return the applications of deployment_info that are on "host" (a Host object's name) and have one of the roles."""
    return [item for item in deployment.get("applications", []) if item["host"] == host and item["role"] in roles]


def to_install(applications, look):
    """Return those applications of deployment_info for which a look (of host_applications_info) says that something is to be installed."""
    names = {item["name"] for item in look.get("packages", []) if item.get("changed")}
    return [item for item in applications if item["name"] in names]


def package_facts(application, install_time_utility):
    """Return the option "facts" of installation_package for one application of deployment_info."""
    return facts_about(application, install_time_utility)


def control_list(applications):
    """Return the option "applications" of application_control; applications that are only planned are left out."""
    return [
        {"name": item["name"], "dbid": item["dbid"], "host": item.get("host"), "startup_timeout": item["startup_timeout"],
         "shutdown_timeout": item["shutdown_timeout"], "stage": STAGES.index(item["role"]) if item.get("role") in STAGES else 0}
        for item in applications if item["dbid"]
    ]


def places(names, hostvars, configuration_host, default_host=None):
    """Return Host object -> {inventory_host, install_root, control, control_host} of the inventory hosts that belong to "configuration_host".

    names: inventory names.  hostvars: their variables.  default_host: see host_objects.
    """
    found = {}
    for name in names:
        variables = hostvars[name]
        if given(variables.get("genesys_configuration_host"), default_host or configuration_host) == configuration_host:
            found[given(variables.get("genesys_host"), name)] = {
                "inventory_host": name,
                "install_root": given(variables.get("genesys_install_root"), "/opt/genesys"),
                "control": given(variables.get("genesys_control"), "solution_control_server"),
                "control_host": given(variables.get("genesys_control_host"), configuration_host),
            }
    return found


def starts(deployment, known):
    """Return {control_host, applications} for each host with mlcmd: what Solution Control Server has to start, through it.

    known: of the filter places, of the hosts that take part in the run.
    """
    groups = {}
    for item in deployment.get("applications", []):
        place = known.get(item["host"])
        if place and place["control"] == "solution_control_server":
            groups.setdefault(place["control_host"], []).append(item)
    return [{"control_host": host, "applications": applications} for host, applications in groups.items()]


def port_list(applications):
    """Return a list of {name, id, address, port} with every port of the applications."""
    return [
        {"name": item["name"], "id": port_id, "address": item["address"], "port": number}
        for item in applications for port_id, number in sorted(item["ports"].items())
    ]


class FilterModule:
    """The filters, for Ansible."""

    def filters(self):
        """Return the filters by name."""
        return {"handed_over": handed_over, "applications_on": applications_on, "to_install": to_install, "package_facts": package_facts,
                "control_list": control_list, "places": places, "starts": starts, "port_list": port_list}
