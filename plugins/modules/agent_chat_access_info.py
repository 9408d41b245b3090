#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tell which agents have access to chat, and why others have not"""

from __future__ import annotations

DOCUMENTATION = r"""
module: agent_chat_access_info
short_description: Tell which agents have access to chat, and why others have not
version_added: 1.0.0
description:
  - Tells for each agent of a tenant whether they have access to chat, and if not, every reason why.
  - An agent has access who is enabled, has the privilege to use chat in Workspace by a role, and for whom a capacity rule counts that admits chat.
  - Of capacity rules that of the person counts, then that of their default place, then that of the tenant; this order is inferred. Where the rule of
    an agent group stands in it is not documented. If that makes a difference, it is a reason.
  - Groups whose agents are found by a script or skill are not seen, nor is a place at which a person logs in beside their default one.
options:
  tenant:
    description: Name of the tenant.
    type: str
    required: true
  persons:
    description: User names of the persons to look at. Without O(persons) and O(agent_groups), all agents of the tenant.
    type: list
    elements: str
  agent_groups:
    description: Names of agent groups whose agents are looked at.
    type: list
    elements: str
  privileges:
    description:
      - The privilege "Chat - Can Use Chat Channel" in the annex of a role, as a mapping of section to a mapping of key to value.
      - Needed only if it can't be recognised by its words.
    type: dict
extends_documentation_fragment:
  - genesys_engage.chat.gax
  - genesys_engage.chat.attributes.info
author:
  - genesys_engage.chat contributors (@genesys-engage-ansible)
"""

EXAMPLES = r"""
- name: Who has access to chat
  genesys_engage.chat.agent_chat_access_info:
    gax_url: https://gax.example.com:8443
    gax_username: automation
    gax_password: "{{ vault_gax_password }}"
    tenant: Environment
  register: chat_access

- name: Who has not, and why
  ansible.builtin.debug:
    msg: "{{ item.name }}: {{ item.reasons | join('; ') }}"
  loop: "{{ chat_access.agents | rejectattr('access') | list }}"
  loop_control:
    label: "{{ item.name }}"
"""

RETURN = r"""
agents:
  description: The persons, by their user names.
  type: list
  elements: dict
  returned: success
  contains:
    name:
      description: User name.
      type: str
      returned: always
    access:
      description: Whether the person has access.
      type: bool
      returned: always
    reasons:
      description: Every reason why not; empty with access.
      type: list
      elements: str
      returned: always
    roles:
      description: Names of the roles by which the person may use chat.
      type: list
      elements: str
      returned: always
    agent_groups:
      description: Names of the agent groups of the person.
      type: list
      elements: str
      returned: always
    capacity_rule:
      description: Name of the capacity rule that counts, empty if there is none or if it is not known which one counts.
      type: str
      returned: always
    capacity_of:
      description: Whose rule that is, V(person), V(place), V(agent group) or V(tenant).
      type: str
      returned: always
    chats:
      description: With how many chats the person counts as full; null if the rule names no such number.
      type: int
      returned: always
  sample:
    - name: agent1
      access: true
      reasons: []
      roles: [Chat Agents]
      agent_groups: [Chat_Agents]
      capacity_rule: Three_chats
      capacity_of: tenant
      chats: 3
with_access:
  description: How many of them have access.
  type: int
  returned: success
  sample: 1
without_access:
  description: How many have not.
  type: int
  returned: success
  sample: 0
failure:
  description: What went wrong, as data.
  type: dict
  returned: failure
  sample:
    method: GET
    path: cfg/objects
    status: 403
    code: CFGNoPermission
    message: "GAX refused: no permission."
    object: ""
"""

from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.agent_access import agent_chat_access_info
from ansible_collections.genesys_engage.chat.plugins.module_utils._module import run_info

ARGUMENT_SPEC = dict(
    tenant=dict(type="str", required=True),
    persons=dict(type="list", elements="str"),
    agent_groups=dict(type="list", elements="str"),
    privileges=dict(type="dict"),
)


def main():
    """Run the module."""
    run_info(ARGUMENT_SPEC, agent_chat_access_info)


if __name__ == "__main__":
    main()
