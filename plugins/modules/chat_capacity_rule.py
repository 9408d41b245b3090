#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Let a capacity rule admit chat, and assign it"""

from __future__ import annotations

DOCUMENTATION = r"""
module: chat_capacity_rule
short_description: Let a capacity rule admit chat, and assign it
version_added: 1.0.0
description:
  - Makes a capacity rule that says how many chats an agent may have at a time, or changes one, and assigns it to the tenant, to persons, places or
    agent groups.
  - Without any rule an agent is offered one voice interaction and no chat.
  - A rule that is there is compared by its meaning. Other media types, and further conditions for the one that is changed, stay as they are.
  - A rule is refused, and left as it is, if its two presentations in the annex disagree, or if one has a condition of type NOT.
extends_documentation_fragment:
  - genesys_engage.chat.parts.chat_capacity_rule
  - genesys_engage.chat.gax
  - genesys_engage.chat.gax.writing
  - genesys_engage.chat.gax.journal
  - genesys_engage.chat.gax.snapshot_dir
  - genesys_engage.chat.attributes
author:
  - genesys_engage.chat contributors (@genesys-engage-ansible)
"""

EXAMPLES = r"""
- name: Three chats for each agent of the tenant
  genesys_engage.chat.chat_capacity_rule:
    gax_url: https://gax.example.com:8443
    gax_username: automation
    gax_password: "{{ vault_gax_password }}"
    tenant: Environment
    name: Three_chats
    capacity: {voice: 1, chat: 3}
    tenant_default: true

- name: Five chats for one group
  genesys_engage.chat.chat_capacity_rule:
    gax_url: https://gax.example.com:8443
    gax_username: automation
    gax_password: "{{ vault_gax_password }}"
    tenant: Environment
    name: Five_chats
    capacity: {chat: 5}
    agent_groups: [Chat_Experts]
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
      type: CfgScript
      name: Three_chats
      tenant: Environment
      before: {capacity: {chat: 2}}
      after: {capacity: {chat: 3}}
      copied_to: ""
snapshot:
  description: File on the host that ran the module with the objects as they were before, for M(genesys_engage.chat.config_restore).
  type: str
  returned: when something was written
  sample: /home/automation/.genesys_engage/snapshots/20260401T120000Z-chat_capacity_rule-5f0c1e2a.json
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
    snapshot: /home/automation/.genesys_engage/snapshots/20260401T120000Z-chat_capacity_rule-5f0c1e2a.json
"""

from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.parts.capacity_rules import ARGUMENTS, chat_capacity_rule, kinds_of
from ansible_collections.genesys_engage.chat.plugins.module_utils._module import run_rules

ARGUMENT_SPEC = ARGUMENTS


def main():
    """Run the module."""
    run_rules(ARGUMENT_SPEC, chat_capacity_rule, kinds=kinds_of)


if __name__ == "__main__":
    main()
