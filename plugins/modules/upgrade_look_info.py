#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Look at a host for a rolling upgrade"""

# Runs on managed hosts, the oldest of which have Python 3.6: no future import of annotations.

DOCUMENTATION = r"""
module: upgrade_look_info
short_description: Look at a host for a rolling upgrade
version_added: 1.0.0
description:
  - Looks at all that a rolling upgrade must know of a host, in one go. The states of applications, whether ports answer, to which Universal Contact
    Server (UCS) the Chat Servers of the host are connected, and which versions are installed. What is not asked for is not looked at.
  - What can't be seen is a sentence in RV(complaints), and no failure. The rest is looked at all the same.
options:
  applications:
    description: Names of the applications whose states are asked for, of Solution Control Server or of systemd (O(control)).
    type: list
    elements: str
    default: []
  commands:
    description: How mlcmd is asked for a status, if its C(-help) does not tell it, as for M(genesys_engage.chat.application_status_info).
    type: dict
    suboptions:
      status:
        description: The arguments.
        type: str
  ports:
    description: Ports that have to answer, as seen from this host.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Name of the application.
        type: str
        required: true
      id:
        description: Id of the port.
        type: str
        required: true
      address:
        description: Host name or address.
        type: str
        required: true
      port:
        description: Port number.
        type: int
        required: true
  port_timeout:
    description: Seconds to wait for all ports to answer.
    type: float
    default: 10
  chat_servers:
    description: Chat Servers of this host whose connections to UCS are looked at, as by M(genesys_engage.chat.contact_server_connection_info).
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Name of the Chat Server's application.
        type: str
        required: true
      directory:
        description: Directory of its log.
        type: path
      log:
        description: Name of its log file.
        type: str
      since:
        description: Reconnects are counted from this time of the log on.
        type: str
      primary:
        description: The primary of its pair of UCS.
        type: dict
        required: true
        suboptions: &server
          name:
            description: Name of the application.
            type: str
            required: true
          address:
            description: Host name or address at which the Chat Server reaches it.
            type: str
            required: true
          port:
            description: Port number at which the Chat Server reaches it.
            type: int
            required: true
      backup:
        description: The backup of its pair of UCS.
        type: dict
        suboptions: *server
  expected:
    description: Wait until each Chat Server is connected to this one of its pair, or to V(any).
    type: str
    choices: [primary, backup, any]
  connection_timeout:
    description: Seconds to wait for that, for each Chat Server.
    type: float
    default: 0
  max_bytes:
    description: How much of a log is read, from its end.
    type: int
    default: 16777216
  installed:
    description: Applications of this host whose installed version is looked at.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Name of the application.
        type: str
        required: true
      path:
        description: Installation directory.
        type: str
        required: true
extends_documentation_fragment:
  - genesys_engage.chat.attributes.host_info
  - genesys_engage.chat.control.backends
attributes:
  action_group:
    description: Use C(group/genesys_engage.chat.control) in C(module_defaults) to set the options of Solution Control Server or systemd once.
    support: full
    membership:
      - genesys_engage.chat.control
seealso:
  - module: genesys_engage.chat.application_status_info
  - module: genesys_engage.chat.port_status_info
  - module: genesys_engage.chat.contact_server_connection_info
  - module: genesys_engage.chat.package_info
author:
  - genesys_engage.chat contributors (@genesys-engage-ansible)
"""

EXAMPLES = r"""
- name: Look at a Universal Contact Server that systemd runs
  genesys_engage.chat.upgrade_look_info:
    control: systemd
    applications: [UCS_1]
    ports:
      - {name: UCS_1, id: default, address: 192.0.2.21, port: 7100}
    installed:
      - {name: UCS_1, path: /opt/genesys/UCS_1}
  become: true
  register: look
"""

RETURN = r"""
states:
  description: The states, as M(genesys_engage.chat.application_status_info) returns them.
  type: list
  elements: dict
  returned: success
  sample:
    - {name: UCS_1, dbid: 111, status: RUNNING, run_mode: PRIMARY}
ports:
  description: The ports, each with C(listening).
  type: list
  elements: dict
  returned: success
  sample:
    - {name: UCS_1, id: default, address: 192.0.2.21, port: 7100, listening: true}
connections:
  description: What M(genesys_engage.chat.contact_server_connection_info) returns, for each Chat Server, with its name as C(application).
  type: list
  elements: dict
  returned: success
  sample:
    - application: ChatServer_1
      member: backup
      connected_to: UCS_2
      evidence: log
      reconnects: 1
      until: "2026-04-01T12:00:09.118"
      log_problem: null
      text: "'ChatServer_1' is connected to the backup 'UCS_2', as its log says."
      reached: true
      seconds: 1.2
installed:
  description: For each application the version that is installed, null if none is, and whether the installation is complete.
  type: list
  elements: dict
  returned: success
  sample:
    - {name: UCS_1, version: 9.1.001.07, complete: true}
complaints:
  description: What could not be seen, and why.
  type: list
  elements: str
  returned: success
  sample: []
"""

from ansible.module_utils.basic import env_fallback

from ansible_collections.genesys_engage.chat.plugins.module_utils._host.observe.upgrade_look import look_at_host
from ansible_collections.genesys_engage.chat.plugins.module_utils._host.control.options import NEEDED_BY_MLCMD, control_options
from ansible_collections.genesys_engage.chat.plugins.module_utils._host_module import run_on_host

PLACE = dict(name=dict(type="str", required=True), address=dict(type="str", required=True), port=dict(type="int", required=True))
CHAT_SERVER = dict(
    name=dict(type="str", required=True),
    directory=dict(type="path"),
    log=dict(type="str"),
    since=dict(type="str"),
    primary=dict(type="dict", required=True, options=PLACE),
    backup=dict(type="dict", options=PLACE),
)


def main():
    """Run the module."""
    run_on_host(
        dict(
            control_options(env_fallback),
            applications=dict(type="list", elements="str", default=[]),
            commands=dict(type="dict", options=dict(status=dict(type="str"))),
            ports=dict(type="list", elements="dict", default=[], options=dict(PLACE, id=dict(type="str", required=True))),
            port_timeout=dict(type="float", default=10),
            chat_servers=dict(type="list", elements="dict", default=[], options=CHAT_SERVER),
            expected=dict(type="str", choices=["primary", "backup", "any"]),
            connection_timeout=dict(type="float", default=0),
            max_bytes=dict(type="int", default=16 * 1024 * 1024),
            installed=dict(type="list", elements="dict", default=[], options=dict(name=dict(type="str", required=True), path=dict(type="str", required=True))),
        ),
        "Looking at the host",
        lambda module: look_at_host(module.params),
        required_if=NEEDED_BY_MLCMD,
    )


if __name__ == "__main__":
    main()
