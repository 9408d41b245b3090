#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read the status of applications"""

# Runs on managed hosts, the oldest of which have Python 3.6: no future import of annotations.

DOCUMENTATION = r"""
module: application_status_info
short_description: Read the status of applications
version_added: 1.0.0
description:
  - Returns the status of applications as C(mlcmd), the command-line client of Solution Control Server, reports it; or that of their units on
    this host.
options:
  applications:
    description:
      - Names of applications. If one is not reported, the task fails.
      - If not set, all applications are returned; with O(control=systemd) those that have a unit on this host.
    type: list
    elements: str
  commands:
    description:
      - Switches of C(mlcmd). What is not set is read from C(mlcmd -help).
    type: dict
    suboptions:
      status:
        description:
          - Shows the status of all applications; with V({name}) in it, of a single one, which needs O(applications).
        type: str
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
  - module: genesys_engage.chat.application_control
  - module: genesys_engage.chat.application_unit
author:
  - genesys_engage.chat contributors (@genesys-engage-ansible)
"""

EXAMPLES = r"""
- name: See whether the Chat Servers run
  genesys_engage.chat.application_status_info:
    mlcmd: /opt/genesys/scs_utilities/mlcmd_64
    confserv_host: confserv.example.com
    confserv_username: automation
    confserv_password: "{{ vault_confserv_password }}"
    applications:
      - ChatServer_1
      - ChatServer_2
  register: chat_servers

- name: See what runs on this host through systemd
  genesys_engage.chat.application_status_info:
    control: systemd
  become: true
  register: here
"""

RETURN = r"""
applications:
  description: The applications.
  type: list
  elements: dict
  returned: success
  contains:
    name:
      description: The application's name.
      type: str
      sample: ChatServer_1
    dbid:
      description: Its DBID; null with systemd.
      type: int
      sample: 105
    status:
      description:
        - Its status without prefixes, for example C(UNKNOWN), C(STOPPED), C(STOP_TRANSITION), C(STOP_PENDING), C(START_TRANSITION),
          C(START_PENDING), C(RUNNING), C(INITIALIZING), C(SERVICE_UNAVAILABLE), C(SUSPENDING) or C(SUSPENDED). Another word or number is
          returned as it is.
        - With systemd also C(RUNNING_OUTSIDE_UNIT), see the notes.
      type: str
      sample: RUNNING
    run_mode:
      description: Its run mode, as C(mlcmd) prints it; of a pair, one application is primary and the other one backup. Null with systemd.
      type: str
      sample: PRIMARY
failure:
  description: What went wrong, as data.
  type: dict
  returned: failure
  sample:
    message: "mlcmd reported no application: Login failed."
    cure: Check confserv_* (host, port, username, password), client_application, scs_* and that Solution Control Server is running.
    exit_code: 1
    output: [Login failed]
"""

from ansible.module_utils.basic import env_fallback

from ansible_collections.genesys_engage.chat.plugins.module_utils._host.control.statuses import read_statuses
from ansible_collections.genesys_engage.chat.plugins.module_utils._host.control.options import NEEDED_BY_MLCMD, control_options
from ansible_collections.genesys_engage.chat.plugins.module_utils._host_module import run_on_host


def main():
    """Run the module."""
    run_on_host(
        dict(
            control_options(env_fallback),
            applications=dict(type="list", elements="str"),
            commands=dict(type="dict", options=dict(status=dict(type="str"))),
        ),
        "Reading the status",
        lambda module: read_statuses(module.params),
        required_if=NEEDED_BY_MLCMD,
    )


if __name__ == "__main__":
    main()
