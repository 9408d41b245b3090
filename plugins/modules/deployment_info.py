#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tell what has to be installed where"""

from __future__ import annotations

DOCUMENTATION = r"""
module: deployment_info
short_description: Tell what has to be installed where
version_added: 1.0.0
description:
  - Returns the applications of a solution that are installed from packages, with their hosts, ports and time-outs, in the order in which they
    are started. The roles of the collection hand this to the hosts.
  - Chat Servers belong to it, and the servers that the description describes; servers that it only names are taken as they are.
  - Applications that do not exist yet are returned as they are described, so that check mode can go on.
options:
  solution:
    description: The description, as for M(genesys_engage.chat.chat_solution).
    type: dict
    required: true
  hosts:
    description: Names of the Host objects for which the inventory has a host. An application on any other host is an error.
    type: list
    elements: str
  packages:
    description: Installation packages by role (C(chat_server), C(contact_server), C(interaction_server), C(gms)). A missing one is an error.
    type: dict
  allow_disconnect:
    description:
      - Do not refuse a description that takes a connection away from a Chat Server, which M(genesys_engage.chat.chat_solution) refuses unless
        it is allowed there.
    type: bool
    default: false
  plan:
    description:
      - Refuse a description that M(genesys_engage.chat.chat_solution) could not write, for example since it moves a server with clients to another
        host.
    type: bool
    default: true
  differences:
    description:
      - Only compare. What RV(changes) would take away is then no reason to refuse the description.
    type: bool
    default: false
  allow_disruption:
    description:
      - Names of applications whose loss is accepted, as for M(genesys_engage.chat.chat_solution).
    type: list
    elements: str
    default: []
  stopped_applications:
    description:
      - Names of applications that were seen stopped, as for M(genesys_engage.chat.chat_solution).
    type: list
    elements: str
    default: []
extends_documentation_fragment:
  - genesys_engage.chat.gax
  - genesys_engage.chat.attributes.info
author:
  - genesys_engage.chat contributors (@genesys-engage-ansible)
"""

EXAMPLES = r"""
- name: What is to be installed
  genesys_engage.chat.deployment_info:
    gax_url: https://gax.example.com:8443
    gax_username: automation
    gax_password: "{{ vault_gax_password }}"
    solution: "{{ chat_solution }}"
    hosts: [chat1, chat2, ucs1, ucs2]
  register: deployment
"""

RETURN = r"""
applications:
  description: The applications, in the order in which they are started.
  type: list
  elements: dict
  returned: success
  sample:
    - name: ChatServer_1
      role: chat_server
      type: CFGChatServer
      host: chat1
      address: 192.0.2.11
      dbid: 105
      ports: {default: 4580, webapi: 4581, ESP: 4582}
      version: 8.5.311.06
      working_directory: /opt/genesys/ChatServer_1
      install_path: /opt/genesys/ChatServer_1
      startup_timeout: 90
      shutdown_timeout: 90
      on_host:
        - {name: ChatServer_1, type: CFGChatServer}
      log_file: ChatServer
      log_outputs: verbose = standard, all = ChatServer
      primary: ""
      contact_servers:
        - {primary: UCS_1, backup: UCS_2}
      restoration_lacks: []
hosts:
  description: Names of the Host objects concerned.
  type: list
  elements: str
  returned: success
  sample: [chat1]
contact_servers:
  description: Names of all Universal Contact Servers, of the description or not.
  type: list
  elements: str
  returned: success
  sample: [UCS_1, UCS_2]
findings:
  description:
    - What a person should know of the system as it is described, beside the differences, each as a sentence. A V(problem) makes the verification fail, a
      V(warning) is told by it.
  type: list
  elements: dict
  returned: success
  sample:
    - level: problem
      text: >-
        the log of 'ChatServer_1' shows customers' data (settings/hide-attached-data=false), which was to end on 2026-04-30. Set log_privacy to
        private, or a new date in troubleshooting_until.
changes:
  description: What M(genesys_engage.chat.chat_solution) would write, in the form of its RV(genesys_engage.chat.chat_solution#module:changes).
  type: list
  elements: dict
  returned: with O(plan=true)
  sample:
    - action: update
      type: CfgApplication
      name: ChatServer_1
      tenant: ""
      before: {options: {settings: {limit-for-sessions: "1000"}}}
      after: {options: {settings: {limit-for-sessions: "2000"}}}
      copied_to: ""
install_time_utility:
  description: Whether there is the application object with which the installers log in.
  type: bool
  returned: success
  sample: true
failure:
  description: What went wrong, as data.
  type: dict
  returned: failure
  sample:
    method: PUT
    path: cfg/objects/CfgApplication/105
    status: 409
    code: CFGUniquenessViolation
    message: "GAX refused: Duplicate information specified."
    object: application 'ChatServer_1'
"""

from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.deployment import deployment
from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.solution import kinds_of, validated_solution
from ansible_collections.genesys_engage.chat.plugins.module_utils._module import DISRUPTION, run_info

ARGUMENT_SPEC = dict(
    solution=dict(type="dict", required=True),
    hosts=dict(type="list", elements="str"),
    packages=dict(type="dict"),
    allow_disconnect=dict(type="bool", default=False),
    plan=dict(type="bool", default=True),
    differences=dict(type="bool", default=False),
    **DISRUPTION,
)


def read(context, params):
    """Plan the description without writing, and tell what it means for the hosts."""
    description = validated_solution(params["solution"])
    context.directory.load(kinds_of(description))
    return deployment(context, dict(params, solution=description))


def main():
    """Run the module."""
    run_info(ARGUMENT_SPEC, read)


if __name__ == "__main__":
    main()
