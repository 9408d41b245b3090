#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Look at the applications of a host."""

# Runs on managed hosts, the oldest of which have Python 3.6: no future import of annotations.

DOCUMENTATION = r"""
module: host_applications_info
short_description: Look at the applications of a host
version_added: 1.0.0
description:
  - Compares what is installed with the packages, looks at ports and units, and reads in the logs to which UCS the Chat Servers are connected, all
    in one go. Nothing is changed.
  - Whatever is wrong is returned, and is no failure of this module. The roles C(preflight) and C(verification) judge it.
options:
  applications:
    description: The applications of this host, as RV(genesys_engage.chat.deployment_info#module:applications) has them.
    type: list
    elements: dict
    required: true
  moment:
    description:
      - V(before) anything is done, it is looked whether something else than the applications holds their ports. In check mode there is a warning for
        each application that runs and whose package would change.
      - V(after) it, whether the ports of the applications that run answer, and what their logs say.
    type: str
    required: true
    choices: [before, after]
  install_time_utility:
    description: Whether there is the application object with which the installers log in.
    type: bool
    default: true
  packages:
    description: Installation packages by role, as paths on this host.
    type: dict
  install_root:
    description: Directory that holds a directory for each new application; what is installed elsewhere stays there.
    type: str
    default: /opt/genesys
  further_install_roots:
    description: Further directories at or below which installations may lie.
    type: list
    elements: str
  response:
    description: Further sections of the response file by role, see M(genesys_engage.chat.installation_package).
    type: dict
  secret_response:
    description: The same for secrets.
    type: dict
  license:
    description: Technical licences by role, see M(genesys_engage.chat.installation_package).
    type: dict
  carry_over:
    description: Files of the former installation that are copied into the new one, by role.
    type: dict
  carry_over_replace:
    description: Let them replace files that the installer has written.
    type: bool
    default: false
  user:
    description: Account that the servers run under.
    type: str
  accept_license:
    description: Whether the license agreement of the packages is accepted.
    type: bool
    default: false
  data_model:
    description: Which executables are used if a package brings both.
    type: int
    choices: [32, 64]
    default: 64
  allow_downgrade:
    description: Whether an older package may take the place of a newer one.
    type: bool
    default: false
  skip_os_check:
    description: Leave the check of the operating system to the installer.
    type: bool
    default: false
  keep_backups:
    description: How many backups of former content stay in an installation directory.
    type: int
  host_name:
    description: Name of the Host object of this machine.
    type: str
  control:
    description: Who starts and stops the applications. With V(systemd) their units are looked at.
    type: str
    choices: [solution_control_server, systemd]
    default: solution_control_server
  states:
    description:
      - Application's name and status, as Solution Control Server has told it. Of an application that does not run, neither ports nor log are looked
        at; one that is not named counts as running.
    type: dict
  port_timeout:
    description: Seconds to wait for all ports to answer.
    type: float
    default: 10
  connection_timeout:
    description: Seconds to wait for a Chat Server that is changing from one UCS of its pair to the other.
    type: float
    default: 10
extends_documentation_fragment:
  - genesys_engage.chat.attributes.host_info
  - genesys_engage.chat.control
seealso:
  - module: genesys_engage.chat.deployment_info
  - module: genesys_engage.chat.installation_package
  - module: genesys_engage.chat.port_status_info
  - module: genesys_engage.chat.server_log_info
author:
  - genesys_engage.chat contributors (@genesys-engage-ansible)
"""

EXAMPLES = r"""
- name: What would be installed here, and is anything in the way?
  genesys_engage.chat.host_applications_info:
    moment: before
    applications: "{{ deployment.applications | selectattr('host', 'equalto', 'chat1') }}"
    packages:
      chat_server: /srv/genesys/packages/IP_eSChatSrv_8531106b1_ENU_linux.tar.gz
    accept_license: true
    confserv_host: confserv.example.com
    confserv_username: automation
    confserv_password: "{{ vault_confserv_password }}"
  register: look
"""

RETURN = r"""
packages:
  description:
    - For each application what M(genesys_engage.chat.installation_package) would return in check mode, with C(name) and C(role). Where that would
      fail, C(msg) and C(failure) tell why.
  type: list
  elements: dict
  returned: success
  sample:
    - name: ChatServer_1
      role: chat_server
      changed: false
      before: {path: /opt/genesys/ChatServer_1, nickname: eSChatSrv, version: 8.5.311.06, build: "1", complete: true}
      installed: {path: /opt/genesys/ChatServer_1, nickname: eSChatSrv, version: 8.5.311.06, build: "1", complete: true}
units:
  description: With O(control=systemd) C(applications), as M(genesys_engage.chat.application_status_info) returns them, or C(msg) and C(failure).
  type: dict
  returned: success
  sample: {}
ports:
  description: C(ports), as M(genesys_engage.chat.port_status_info) returns them, or C(msg) and C(failure) if one is not as it should be.
  type: dict
  returned: success
  sample:
    ports:
      - {name: ChatServer_1, id: ESP, address: 192.0.2.11, port: 4582, listening: true}
logs:
  description:
    - With O(moment=after), for each Chat Server that runs what M(genesys_engage.chat.server_log_info) returns, with C(application), or C(msg) and
      C(failure).
  type: list
  elements: dict
  returned: success
  sample:
    - application: ChatServer_1
      pairs:
        - {primary: UCS_1, backup: UCS_2, member: primary, connected_to: UCS_1, reconnects: 0}
failure:
  description: What went wrong, as data.
  type: dict
  returned: failure
  sample: {}
"""

from ansible.module_utils.basic import env_fallback
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.genesys_engage.chat.plugins.module_utils._host.system.errors import HostError
from ansible_collections.genesys_engage.chat.plugins.module_utils._host.observe.look import FOR_A_ROLE, FOR_ALL, look_at_host
from ansible_collections.genesys_engage.chat.plugins.module_utils._host.control.options import installation_options
from ansible_collections.genesys_engage.chat.plugins.module_utils._host_module import run_on_host

INSTALLATION = installation_options(env_fallback)


def request(asked):
    """Return the options of an installation, complete and checked as installation_package does it."""
    checked = ArgumentSpecValidator(INSTALLATION).validate(asked)
    if checked.error_messages:
        raise HostError("; ".join(checked.error_messages))
    return checked.validated_parameters


def main():
    """Run the module."""
    run_on_host(
        dict(
            {name: INSTALLATION[name] for name in FOR_ALL},
            **{name: dict(type="dict", no_log=INSTALLATION[name].get("no_log", False)) for name in FOR_A_ROLE},
            applications=dict(type="list", elements="dict", required=True),
            moment=dict(type="str", required=True, choices=["before", "after"]),
            install_time_utility=dict(type="bool", default=True),
            packages=dict(type="dict"),
            install_root=dict(type="str", default="/opt/genesys"),
            further_install_roots=dict(type="list", elements="str"),
            control=dict(type="str", choices=["solution_control_server", "systemd"], default="solution_control_server"),
            states=dict(type="dict"),
            port_timeout=dict(type="float", default=10),
            connection_timeout=dict(type="float", default=10),
        ),
        "Looking at the host",
        lambda module: look_at_host(module.params, module.check_mode, request, lambda: module.tmpdir, module.warn),
    )


if __name__ == "__main__":
    main()
