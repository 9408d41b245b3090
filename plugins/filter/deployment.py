# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Cuts of what deployment_info returns, in the form in which the host-side modules take it."""

from __future__ import annotations


def applications_on(deployment, host, roles):
    """Return the applications of deployment_info that are on "host" (a Host object's name) and have one of the roles."""
    return [item for item in deployment.get("applications", []) if item["host"] == host and item["role"] in roles]


def package_facts(application, install_time_utility):
    """Return the option "facts" of installation_package for one application of deployment_info."""
    return {
        "application": {
            "name": application["name"],
            "type": application["type"],
            "host": application["host"],
            "dbid": application["dbid"],
            "version": application["version"],
            "working_directory": application["working_directory"],
        },
        "applications_on_host": application["on_host"],
        "host": application["host"],
        "itcutility": install_time_utility,
    }


def control_list(applications):
    """Return the option "applications" of application_control; applications that are only planned are left out."""
    return [
        {"name": item["name"], "dbid": item["dbid"], "host": item.get("host"), "startup_timeout": item["startup_timeout"],
         "shutdown_timeout": item["shutdown_timeout"]}
        for item in applications if item["dbid"]
    ]


def port_list(applications, install_root=None):
    """Return a list of {name, id, address, port} with every port of the applications.

    install_root: with it each also has "directory", where its application is installed, or will be below this one.
    """
    return [
        dict({"name": item["name"], "id": port_id, "address": item["address"], "port": number},
             **({"directory": item["install_path"] or "%s/%s" % (install_root, item["name"])} if install_root else {}))
        for item in applications for port_id, number in sorted(item["ports"].items())
    ]


class FilterModule:
    """The filters, for Ansible."""

    def filters(self):
        """Return the filters by name."""
        return {"applications_on": applications_on, "package_facts": package_facts, "control_list": control_list, "port_list": port_list}
