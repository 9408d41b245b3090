#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Manage a chat service of GMS"""

from __future__ import annotations

DOCUMENTATION = r"""
module: gms_chat_service
short_description: Manage a chat service of GMS
version_added: 1.0.0
description:
  - Makes Genesys Mobile Services (GMS) provide a chat API, by the section of the service on each GMS node, for example C(chat.customer-support).
  - Connects the GMS nodes to Solution Control Server, which digital channels need.
  - Checks the endpoints that the options of the first chat API name, where there are any. GMS spells an endpoint with the name of the tenant, other than
    Web Engagement; each Chat Server to which the node is connected must have it.
  - Options that are not mentioned stay.
seealso:
  - module: genesys_engage.chat.gms_link
  - module: genesys_engage.chat.chat_solution
extends_documentation_fragment:
  - genesys_engage.chat.parts.gms_chat_service
  - genesys_engage.chat.gax
  - genesys_engage.chat.gax.writing
  - genesys_engage.chat.gax.journal
  - genesys_engage.chat.gax.snapshot_dir
  - genesys_engage.chat.attributes
author:
  - genesys_engage.chat contributors (@genesys-engage-ansible)
"""

EXAMPLES = r"""
- name: GMS provides the chat service customer-support
  genesys_engage.chat.gms_chat_service:
    gax_url: https://gax.example.com:8443
    gax_username: automation
    gax_password: "{{ vault_gax_password }}"
    gms: [GMS_1, GMS_2]
    solution_control_server: SolutionControlServer
    # The documentation of your release of GMS names the options.
    options: "{{ options_of_our_chat_service }}"

- name: Lead the first chat API to an endpoint of the tenant Environment
  genesys_engage.chat.gms_chat_service:
    gax_url: https://gax.example.com:8443
    gax_username: automation
    gax_password: "{{ vault_gax_password }}"
    gms: [GMS_1, GMS_2]
    default_chat_endpoint: "Environment:default"

- name: Give up the service
  genesys_engage.chat.gms_chat_service:
    gax_url: https://gax.example.com:8443
    gax_username: automation
    gax_password: "{{ vault_gax_password }}"
    gms: [GMS_1, GMS_2]
    state: absent
"""

RETURN = r"""
changes:
  description:
    - The writes, in their order, with the values before and after in the words of the options. In check mode these are the writes that a real
      run would make.
  type: list
  elements: dict
  returned: success
  sample:
    - action: update
      type: CfgApplication
      name: GMS_1
      tenant: ""
      before: {options: {chat: {default_chat_endpoint: "Environment:default"}}}
      after: {options: {chat: {default_chat_endpoint: "Environment:webme"}}}
      copied_to: ""
snapshot:
  description: File on the host that ran the module with the objects as they were before, for M(genesys_engage.chat.config_restore).
  type: str
  returned: when something was written
  sample: /home/automation/.genesys_engage/snapshots/20260401T120000Z-gms_chat_service-5f0c1e2a.json
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
    written:
      - {action: create, type: CfgScript, name: Chat_In}
    snapshot: /home/automation/.genesys_engage/snapshots/20260401T120000Z-gms_chat_service-5f0c1e2a.json
"""

from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.parts.gms_chat_services import ARGUMENTS, gms_chat_service
from ansible_collections.genesys_engage.chat.plugins.module_utils._module import run_rules

ARGUMENT_SPEC = ARGUMENTS


def main():
    """Run the module."""
    run_rules(ARGUMENT_SPEC, gms_chat_service)


if __name__ == "__main__":
    main()
