# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Ansible inventory of a sandbox."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from .environment import HOSTS, SITE, Environment


def common_variables(environment: Environment) -> dict[str, Any]:
    """Return the variables of all hosts. The names that the collection reads are written here and nowhere else."""
    described = environment.describe()
    variables = {
        "ansible_python_interpreter": "{{ ansible_playbook_python }}",
        "gax_url": described["gax_url"],
        "gax_username": described["username"],
        "gax_password": described["password"],
        "confserv_host": described["confserv_host"],
        "confserv_port": described["confserv_port"],
        "confserv_username": described["username"],
        "confserv_password": described["password"],
        "scs_host": described["scs_host"],
        "scs_port": described["scs_port"],
        "mlcmd_path": described["mlcmd"],
        "sandbox_control_url": described["control_url"],
        "genesys_packages_directory": described["packages"],
        "genesys_own_variables": ["genesys_packages_directory"],
    }
    if not environment.real_hosts:
        # The hosts are directories of a machine whose operating system is no matter of the packages.
        variables["genesys_skip_os_check"] = True
    if environment.tls:
        variables["gax_ca_path"] = described["ca_path"]
    return variables


def host_variables(environment: Environment, host: str) -> dict[str, Any]:
    """Return the variables of a host that runs servers."""
    address = environment.address(host)
    if environment.real_hosts:
        return {"genesys_host_address": address}
    return {
        "ansible_connection": "local",
        "genesys_host_address": address,
        "genesys_install_root": str(environment.directory / "hosts" / host / "opt" / "genesys"),
        "genesys_environment": {"SANDBOX_HOSTNAME": host, "SANDBOX_ADDRESS": address, "SANDBOX_DIR": str(environment.directory)},
    }


def write(environment: Environment) -> Path:
    """Write ``inventory/hosts.yml``, readable by its owner alone as it holds the password, and return its path."""
    content = {
        "all": {
            "vars": common_variables(environment),
            "children": {
                "genesys_configuration": {"hosts": {SITE: {"ansible_connection": "local"}}},
                "genesys_hosts": {"hosts": {host: host_variables(environment, host) for host in HOSTS if host != SITE}},
            },
        }
    }
    path = Path(environment.describe()["inventory"])
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_text("---\n" + _yaml(content, 0), encoding="utf-8")
    return path


def write_for_gax(environment: Environment) -> Path:
    """Write ``from_gax/site.gax.yml``, which takes the hosts from the Configuration Server, and the variables beside it; return its path.

    It holds no password: GAX_PASSWORD and CONFSERV_PASSWORD of the environment do.
    """
    hosts = str(environment.directory / "hosts")
    source = {
        "plugin": "genesys_engage.chat.gax",
        "gax_url": environment.describe()["gax_url"],
        "gax_username": environment.describe()["username"],
        "configuration_host": SITE,
        "strict": True,
    }
    if environment.tls:
        source["ca_path"] = environment.describe()["ca_path"]
    # The hosts are directories of this machine.
    own = {
        "ansible_connection": "'local'",
        "genesys_install_root": f"{json.dumps(hosts)} ~ '/' ~ inventory_hostname ~ '/opt/genesys'",
        "genesys_environment": "{'SANDBOX_HOSTNAME': inventory_hostname, 'SANDBOX_ADDRESS': genesys_host_address,"
        f" 'SANDBOX_DIR': {json.dumps(str(environment.directory))}}}",
    }
    path = environment.directory / "from_gax" / "site.gax.yml"
    variables = path.parent / "group_vars" / "all.yml"
    variables.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("---\n" + _yaml({**source, **({} if environment.real_hosts else {"compose": own})}, 0), encoding="utf-8")
    common = {name: value for name, value in common_variables(environment).items() if not name.endswith("_password")}
    variables.write_text("---\n" + _yaml(common, 0), encoding="utf-8")
    return path


def _yaml(value: dict[str, Any], depth: int) -> str:
    lines = []
    for key, entry in value.items():
        if isinstance(entry, dict):
            lines.append(f"{'  ' * depth}{key}:\n{_yaml(entry, depth + 1)}")
        else:
            lines.append(f"{'  ' * depth}{key}: {json.dumps(entry, ensure_ascii=False)}\n")
    return "".join(lines)
