#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Set the options of chat in Workspace"""

from __future__ import annotations

DOCUMENTATION = r"""
module: workspace_chat_options
short_description: Set the options of chat in Workspace
version_added: 1.0.0
description:
  - Sets options of chat in Workspace, the agents' desktop, for all who use an application, for a tenant, an agent group, or one person, and makes
    V(chat) one of the channels that Workspace handles (C(openmedia.workitem-channels)), as the page "Deploying a Chat Solution" of the Chat
    Server Administration Guide says.
  - The list of channels keeps its other values, and their form. Where it is not set at that level, the list of the next level above that has
    it is the base.
  - Of virtual agent groups the configuration does not tell the members, so that what a person inherits from them is not seen.
seealso:
  - module: genesys_engage.chat.chat_solution
extends_documentation_fragment:
  - genesys_engage.chat.parts.workspace_chat_options
  - genesys_engage.chat.gax
  - genesys_engage.chat.gax.writing
  - genesys_engage.chat.gax.journal
  - genesys_engage.chat.gax.snapshot_dir
  - genesys_engage.chat.attributes
author:
  - genesys_engage.chat contributors (@genesys-engage-ansible)
"""

EXAMPLES = r"""
- name: Everybody who uses the application handles chats
  genesys_engage.chat.workspace_chat_options:
    gax_url: https://gax.example.com:8443
    gax_username: automation
    gax_password: "{{ vault_gax_password }}"
    tenant: Environment
    level: application
    name: Workspace
    options:
      chat.on-hold-queue: Chat_On_Hold

- name: One group of agents has chat beside work items
  genesys_engage.chat.workspace_chat_options:
    gax_url: https://gax.example.com:8443
    gax_username: automation
    gax_password: "{{ vault_gax_password }}"
    tenant: Environment
    level: group
    name: Web_Agents
    other_channels: [workitem]
    separator: ","

- name: One person no longer has a nickname of their own in chats
  genesys_engage.chat.workspace_chat_options:
    gax_url: https://gax.example.com:8443
    gax_username: automation
    gax_password: "{{ vault_gax_password }}"
    tenant: Environment
    level: person
    name: j.doe
    options:
      chat.nickname:
    chat_channel: false
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
      name: Workspace
      tenant: ""
      before: {options: {interaction-workspace: {openmedia.workitem-channels: workitem}}}
      after: {options: {interaction-workspace: {openmedia.workitem-channels: "workitem,chat"}}}
      copied_to: ""
snapshot:
  description: File on the host that ran the module with the objects as they were before, for M(genesys_engage.chat.config_restore).
  type: str
  returned: when something was written
  sample: /home/automation/.genesys_engage/snapshots/20260401T120000Z-workspace_chat_options-5f0c1e2a.json
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
    snapshot: /home/automation/.genesys_engage/snapshots/20260401T120000Z-workspace_chat_options-5f0c1e2a.json
"""

from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.parts.workspace import ARGUMENTS, workspace_chat_options
from ansible_collections.genesys_engage.chat.plugins.module_utils._module import run_rules

ARGUMENT_SPEC = ARGUMENTS


def main():
    """Run the module."""
    run_rules(ARGUMENT_SPEC, workspace_chat_options, list_all=False)


if __name__ == "__main__":
    main()
