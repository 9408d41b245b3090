#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Divide Chat Servers over pairs of Universal Contact Servers"""

from __future__ import annotations

DOCUMENTATION = r"""
module: chat_server_groups
short_description: Divide Chat Servers over pairs of Universal Contact Servers
version_added: 1.0.0
description:
  - Divides the Chat Servers into as many groups as there are UCS pairs and connects each to the primary of its pair and to no other UCS.
  - Sizes of groups differ by at most one. Among such divisions the one that moves the fewest Chat Servers is taken, and among those the first
    by name.
  - The pairs themselves are made too.
extends_documentation_fragment:
  - genesys_engage.chat.parts.chat_server_groups
  - genesys_engage.chat.gax
  - genesys_engage.chat.gax.writing
  - genesys_engage.chat.gax.journal
  - genesys_engage.chat.gax.snapshot_dir
  - genesys_engage.chat.gax.permissions
  - genesys_engage.chat.attributes
author:
  - genesys_engage.chat contributors (@genesys-engage-ansible)
"""

EXAMPLES = r"""
- name: Two groups
  genesys_engage.chat.chat_server_groups:
    gax_url: https://gax.example.com:8443
    gax_username: automation
    gax_password: "{{ vault_gax_password }}"
    pairs:
      - {primary: UCS_1, backup: UCS_2}
      - {primary: UCS_3, backup: UCS_4}
    pins: {ChatServer_1: UCS_1}
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
  sample: /home/automation/.genesys_engage/snapshots/20260401T120000Z-chat_server_groups-5f0c1e2a.json
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
    snapshot: /home/automation/.genesys_engage/snapshots/20260401T120000Z-chat_server_groups-5f0c1e2a.json
"""

from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.parts.contact_servers import GROUPS_ARGUMENTS, chat_server_groups
from ansible_collections.genesys_engage.chat.plugins.module_utils._module import PERMISSIONS, run_rules

ARGUMENT_SPEC = dict(GROUPS_ARGUMENTS, **PERMISSIONS)


def main():
    """Run the module."""
    run_rules(ARGUMENT_SPEC, chat_server_groups)


if __name__ == "__main__":
    main()
