# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the hosts are reached: keys, SSH's configuration, the Ansible inventory."""

from __future__ import annotations

import json
from typing import Any

from .settings import SERVICE_USER, USER, Settings
from .shell import run

# A cut cable ends a connection after about four seconds, and an attempt after three. Nothing waits for an answer for good.
_SSH = """Host {names}
  User {user}
  IdentityFile {ssh}/id
  IdentitiesOnly yes
  BatchMode yes
  UserKnownHostsFile {ssh}/known_hosts
  GlobalKnownHostsFile none
  StrictHostKeyChecking yes
  ConnectTimeout 3
  ConnectionAttempts 1
  ServerAliveInterval 2
  ServerAliveCountMax 2
  ControlMaster auto
  ControlPersist 60
  ControlPath {sockets}/%n
"""


def write(settings: Settings) -> None:
    """Write keys, configuration and inventory. Raises HostsError and OSError."""
    settings.ssh.mkdir(parents=True, mode=0o700)
    settings.control_sockets.mkdir(parents=True, exist_ok=True, mode=0o700)
    for name in ("id", *(f"{name}.key" for name in settings.names)):
        run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", str(settings.ssh / name))
    configuration = _SSH.format(names=" ".join(settings.names), user=USER, ssh=settings.ssh, sockets=settings.control_sockets)
    known = []
    for name in settings.names:
        configuration += f"Host {name}\n  HostName {settings.address(name)}\n"
        kind, key, *_comment = (settings.ssh / f"{name}.key.pub").read_text(encoding="ascii").split()
        known.append(f"{name},{settings.address(name)} {kind} {key}\n")
    settings.ssh_config.write_text(configuration, encoding="utf-8")
    (settings.ssh / "known_hosts").write_text("".join(known), encoding="ascii")
    settings.inventory.parent.mkdir(parents=True, exist_ok=True)
    settings.inventory.write_text("---\n" + json.dumps(inventory(settings), indent=2) + "\n", encoding="utf-8")


def inventory(settings: Settings) -> dict[str, Any]:
    """Return the inventory: the groups of docs/examples/site."""
    variables = {
        "ansible_user": USER,
        "ansible_become": True,
        "ansible_pipelining": True,
        "ansible_python_interpreter": "/usr/bin/python3",
        # The second option stands before the one that Ansible adds from its own setting.
        "ansible_ssh_args": f"-F {settings.ssh_config} -o ConnectTimeout=3",
        "genesys_packages_directory": "/srv/genesys/packages",
        "genesys_install_root": "/opt/genesys",
        "genesys_service_user": SERVICE_USER,
    }
    hosts = {name: {"genesys_host_address": settings.address(name)} for name in settings.names}
    local = {"ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}"}
    return {
        "all": {
            "children": {
                "genesys_configuration": {"hosts": {"site": local}},
                "genesys_hosts": {"vars": variables, "hosts": hosts},
            }
        }
    }
