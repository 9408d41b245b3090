#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Describe the existing chat solution"""

from __future__ import annotations

DOCUMENTATION = r"""
module: chat_solution_info
short_description: Describe the existing chat solution
version_added: 1.0.0
description:
  - Returns a description of the Chat Servers of a tenant and of what they are connected to, in the form that
    M(genesys_engage.chat.chat_solution) accepts.
  - Applying that description changes nothing; the module checks this. What breaks a rule of the documentation can't be described and is listed
    instead.
  - Secret options are not returned; options that a Chat Server has from its template are not repeated.
  - Capacity rules of the tenant that admit chat are described, and roles that let their members use chat, with places and groups. Persons are not read.
options:
  tenant:
    description: Name of the tenant.
    type: str
    required: true
  chat_servers:
    description: Names of the Chat Servers to describe; all Chat Servers that serve the tenant if not given.
    type: list
    elements: str
extends_documentation_fragment:
  - genesys_engage.chat.gax
  - genesys_engage.chat.attributes.info
author:
  - genesys_engage.chat contributors (@genesys-engage-ansible)
"""

EXAMPLES = r"""
- name: Describe what there is
  genesys_engage.chat.chat_solution_info:
    gax_url: https://gax.example.com:8443
    gax_username: automation
    gax_password: "{{ vault_gax_password }}"
    tenant: Environment
  register: existing

- name: Keep it as a file
  ansible.builtin.copy:
    content: "{{ {'chat_solution': existing.solution} | to_nice_yaml }}"
    dest: chat_solution.yml
    mode: "0644"
"""

RETURN = r"""
solution:
  description: The description, for the option O(genesys_engage.chat.chat_solution#module:solution).
  type: dict
  returned: success
  sample:
    tenant: Environment
    chat_servers:
      - name: ChatServer_1
        host: chat1
left_out:
  description:
    - What could not be described, and why. Each application of O(chat_servers) is either described in RV(solution), or stands here with
      an empty C(part).
  type: list
  elements: dict
  returned: success
  contains:
    name:
      description: Name of the application, or of the capacity rule or role.
      type: str
      returned: always
    part:
      description: The part of the description that is missing for this application; empty if the application is not described at all.
      type: str
      returned: always
    reason:
      description: Why.
      type: str
      returned: always
  sample:
    - name: ChatServer_9
      part: ""
      reason: "Chat Server 'ChatServer_9' lacks the port id 'ESP'"
    - name: ChatServer_1
      part: endpoints
      reason: "endpoint 'webme' of tenant 'Environment' leads to 'Gone', which is not an Interaction Queue of that tenant"
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

from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.adopt import adopt
from ansible_collections.genesys_engage.chat.plugins.module_utils._module import run_info

ARGUMENT_SPEC = dict(
    tenant=dict(type="str", required=True),
    chat_servers=dict(type="list", elements="str"),
)


def read(context, params):
    """Describe, and list what was left out."""
    context.directory.load(["CfgApplication", "CfgTenant", "CfgHost", "CfgScript", "CfgAppPrototype"])
    solution, left_out = adopt(context, params["tenant"], params["chat_servers"])
    return {"solution": solution, "left_out": left_out}


def main():
    """Run the module."""
    run_info(ARGUMENT_SPEC, read)


if __name__ == "__main__":
    main()
