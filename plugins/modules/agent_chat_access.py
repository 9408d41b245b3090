#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Give agents access to chat, or take it"""

from __future__ import annotations

DOCUMENTATION = r"""
module: agent_chat_access
short_description: Give agents access to chat, or take it
version_added: 1.0.0
description:
  - Gives agents access to chat, or takes it. Access is two things, a role with the privilege to use chat in Workspace, and a capacity rule that admits chat.
  - Groups get the role, and the tenant gets the rule, so that hardly any object is written. Persons are read and written only if O(persons) names some.
  - Thousands of persons may be named. The task looks at all of them first, and refuses what is wrong with one of them before it writes. Then it writes
    one O(batch) after the other, and tells after each how far it is.
  - Only the controller can tell the progress. The connection options are those of the module, wherever the task runs.
extends_documentation_fragment:
  - genesys_engage.chat.parts.agent_chat_access
  - genesys_engage.chat.gax
  - genesys_engage.chat.gax.writing
  - genesys_engage.chat.gax.journal
  - genesys_engage.chat.gax.snapshot_dir
  - genesys_engage.chat.attributes
attributes:
  action:
    description: Indicates this has a corresponding action plugin so some parts of the options can be executed on the controller.
    support: full
author:
  - genesys_engage.chat contributors (@genesys-engage-ansible)
"""

EXAMPLES = r"""
- name: The agents of a group may use chat
  genesys_engage.chat.agent_chat_access:
    gax_url: https://gax.example.com:8443
    gax_username: automation
    gax_password: "{{ vault_gax_password }}"
    tenant: Environment
    role: Chat Agents
    agent_groups: [Chat_Agents]
    capacity_rule: Three_chats

- name: Two agents have a rule of their own
  genesys_engage.chat.agent_chat_access:
    gax_url: https://gax.example.com:8443
    gax_username: automation
    gax_password: "{{ vault_gax_password }}"
    tenant: Environment
    persons: [agent1, agent2]
    capacity_rule: Five_chats
    capacity_for: persons
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
      type: CfgPerson
      name: agent1
      tenant: ""
      before: {capacity_rule: ""}
      after: {capacity_rule: Five_chats}
      copied_to: ""
snapshot:
  description: File on the host that ran the module with the objects as they were before, for M(genesys_engage.chat.config_restore).
  type: str
  returned: when something was written
  sample: /home/automation/.genesys_engage/snapshots/20260401T120000Z-agent_chat_access-5f0c1e2a.json
snapshots:
  description: The files of all batches, in their order, if the task was written in several. Restore the last one first.
  type: list
  elements: str
  returned: when several batches were written
  sample:
    - /home/automation/.genesys_engage/snapshots/20260401T120000Z-agent_chat_access-5f0c1e2a.json
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
    snapshot: /home/automation/.genesys_engage/snapshots/20260401T120000Z-agent_chat_access-5f0c1e2a.json
"""

from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.parts.agents import ARGUMENTS, agent_chat_access, kinds_of
from ansible_collections.genesys_engage.chat.plugins.module_utils._module import run_rules

ARGUMENT_SPEC = ARGUMENTS


def main():
    """Run the module."""
    run_rules(ARGUMENT_SPEC, agent_chat_access, kinds=kinds_of)


if __name__ == "__main__":
    main()
