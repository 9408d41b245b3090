#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plan a rolling upgrade"""

from __future__ import annotations

DOCUMENTATION = r"""
module: upgrade_plan_info
short_description: Plan a rolling upgrade
version_added: 1.0.0
description:
  - Reads from the Configuration Server who belongs to whom, and in which order the servers are upgraded so that each Chat Server always has a
    Universal Contact Server (UCS). The playbooks of the collection follow this plan.
  - What is against a rule of the procedure is an error; all such things are told at once.
  - UCS of a 9.1 cluster are all active; that they are configured as pairs is for the Chat Servers alone. All backups are upgraded first, then all
    primaries are stopped, so that the Chat Servers switch to the backups, and upgraded.
  - Chat Servers are upgraded one by one, while the others have their sessions restored.
options:
  role:
    description: What is to be upgraded.
    type: str
    choices: [contact_server, chat_server]
    default: contact_server
  primaries:
    description:
      - With O(role=contact_server), the primaries of the pairs to upgrade. Needed only if the Configuration Server has more than one cluster.
      - If not set, all UCS are meant.
    type: list
    elements: str
  batch:
    description: How many backups are upgraded at a time, as a number or as a share of all of them, for example V(50%).
    type: str
    default: 100%
  hosts:
    description: Names of the Host objects for which a host takes part in this run. A server on any other host is an error.
    type: list
    elements: str
  inventory_hosts:
    description: Names of the Host objects for which the inventory has a host, whether it takes part or not.
    type: list
    elements: str
  accept_lost_sessions:
    description:
      - With O(role=chat_server), do not insist on the options by which sessions are restored on another Chat Server.
      - The sessions of each Chat Server then end when it is stopped.
    type: bool
    default: false
extends_documentation_fragment:
  - genesys_engage.chat.gax
  - genesys_engage.chat.attributes.info
seealso:
  - module: genesys_engage.chat.ucs_pair
  - module: genesys_engage.chat.chat_server_groups
  - module: genesys_engage.chat.upgrade_lock
author:
  - genesys_engage.chat contributors (@genesys-engage-ansible)
"""

EXAMPLES = r"""
- name: Plan the upgrade of the UCS cluster, two backups at a time
  genesys_engage.chat.upgrade_plan_info:
    gax_url: https://gax.example.com:8443
    gax_username: automation
    gax_password: "{{ vault_gax_password }}"
    batch: 2
  register: plan

- name: Show the order
  ansible.builtin.debug:
    msg: "{{ plan.steps }}"
"""

RETURN = r"""
role:
  description: As in O(role).
  type: str
  returned: success
  sample: contact_server
members:
  description:
    - The servers to upgrade, each with what M(genesys_engage.chat.deployment_info) tells of an application.
    - C(place) is C(primary), C(backup) or C(chat server). C(partner) is the other one of a pair. C(clients) are the Chat Servers of a pair.
  type: list
  elements: dict
  returned: success
  sample:
    - name: UCS_1
      place: primary
      partner: UCS_2
      clients: [ChatServer_1]
      role: contact_server
      type: CFGContactServer
      host: ucs1
      address: 192.0.2.21
      dbid: 111
      ports: {default: 7100}
      version: 9.1.000.12
      working_directory: /opt/genesys/UCS_1
      install_path: /opt/genesys/UCS_1
      startup_timeout: 90
      shutdown_timeout: 90
      on_host:
        - {name: UCS_1, type: CFGContactServer}
      log_file: ContactServer
      log_outputs: verbose = standard, all = ContactServer
chat_servers:
  description: The Chat Servers, in the same form, with C(contact_servers), the pairs to which they are connected.
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
      contact_servers:
        - primary: {name: UCS_1, address: 192.0.2.21, port: 7100}
          backup: {name: UCS_2, address: 192.0.2.22, port: 7100}
steps:
  description:
    - What is done one after the other. The C(members) of a step are upgraded side by side (C(kind) is C(members)), or stopped and the Chat
      Servers seen to switch (C(kind) is C(switch)). The servers in C(relies_on) must run and answer meanwhile.
  type: list
  elements: dict
  returned: success
  sample:
    - {name: backups, kind: members, members: [UCS_2], relies_on: [UCS_1]}
    - {name: stop of all primaries, kind: switch, members: [UCS_1], relies_on: [UCS_2]}
    - {name: primaries, kind: members, members: [UCS_1], relies_on: [UCS_2]}
hosts:
  description: Names of the Host objects concerned.
  type: list
  elements: str
  returned: success
  sample: [chat1, ucs1, ucs2]
install_time_utility:
  description: Whether there is the application object with which the installers log in.
  type: bool
  returned: success
  sample: true
warnings:
  description: What is allowed, and still may hurt, for example C(sml/autostart) of a member.
  type: list
  elements: str
  returned: when there are any
  sample: ["No Chat Server is connected to 'UCS_3'; there should be as many groups of Chat Servers as pairs."]
failure:
  description: What went wrong, as data.
  type: dict
  returned: failure
  sample:
    message: "The upgrade can't be done: (1) 'UCS_5' is in no pair."
"""

from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.upgrade.plan import ROLES, upgrade_plan
from ansible_collections.genesys_engage.chat.plugins.module_utils._module import run_info

ARGUMENT_SPEC = dict(
    role=dict(type="str", choices=list(ROLES), default="contact_server"),
    primaries=dict(type="list", elements="str"),
    batch=dict(type="str", default="100%"),
    hosts=dict(type="list", elements="str"),
    inventory_hosts=dict(type="list", elements="str"),
    accept_lost_sessions=dict(type="bool", default=False),
)


def main():
    """Run the module."""
    run_info(ARGUMENT_SPEC, upgrade_plan)


if __name__ == "__main__":
    main()
