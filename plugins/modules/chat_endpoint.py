#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Manage an endpoint of Chat Servers"""

from __future__ import annotations

DOCUMENTATION = r"""
module: chat_endpoint
short_description: Manage an endpoint of Chat Servers
version_added: 1.0.0
description:
  - Connects an endpoint (an option of the section C(endpoints:<tenant DBID>)) with an Interaction Queue, on one or many Chat Servers.
  - The DBID is looked up by the tenant's name. The queue must exist and be an Interaction Queue of that tenant.
notes:
  - The endpoint V(default) of a tenant that a Chat Server serves can't be removed.
  - An endpoint that Web Engagement, Co-browse or GMS names in its options, and that is on a Chat Server to which it is connected, can't be
    removed.
extends_documentation_fragment:
  - genesys_engage.chat.parts.chat_endpoint
  - genesys_engage.chat.gax
  - genesys_engage.chat.gax.writing
  - genesys_engage.chat.gax.journal
  - genesys_engage.chat.gax.snapshot_dir
  - genesys_engage.chat.attributes
author:
  - genesys_engage.chat contributors (@genesys-engage-ansible)
"""

EXAMPLES = r"""
- name: Chats of web engagement go to a queue of their own
  genesys_engage.chat.chat_endpoint:
    gax_url: https://gax.example.com:8443
    gax_username: automation
    gax_password: "{{ vault_gax_password }}"
    chat_servers: [ChatServer_1, ChatServer_2]
    tenant: Environment
    endpoint: webme
    queue: Webengagement_Chat

- name: The endpoint gets another name
  genesys_engage.chat.chat_endpoint:
    gax_url: https://gax.example.com:8443
    gax_username: automation
    gax_password: "{{ vault_gax_password }}"
    chat_servers: [ChatServer_1, ChatServer_2]
    tenant: Environment
    endpoint: web
    renamed_from: webme
    queue: Webengagement_Chat
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
      name: ChatServer_1
      tenant: ""
      before: {options: {settings: {limit-for-sessions: "1000"}}}
      after: {options: {settings: {limit-for-sessions: "2000"}}}
      copied_to: ""
snapshot:
  description: File on the host that ran the module with the objects as they were before, for M(genesys_engage.chat.config_restore).
  type: str
  returned: when something was written
  sample: /home/automation/.genesys_engage/snapshots/20260401T120000Z-chat_endpoint-5f0c1e2a.json
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
    snapshot: /home/automation/.genesys_engage/snapshots/20260401T120000Z-chat_endpoint-5f0c1e2a.json
"""

from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.parts.endpoints import ARGUMENTS, chat_endpoint
from ansible_collections.genesys_engage.chat.plugins.module_utils._module import run_rules

ARGUMENT_SPEC = ARGUMENTS


def main():
    """Run the module."""
    run_rules(ARGUMENT_SPEC, chat_endpoint, list_all=False, required_if=[("state", "present", ("queue",))])


if __name__ == "__main__":
    main()
