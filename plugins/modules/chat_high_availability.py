#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make Chat Servers restore each other's sessions"""

from __future__ import annotations

DOCUMENTATION = r"""
module: chat_high_availability
short_description: Make Chat Servers restore each other's sessions
version_added: 1.0.0
description:
  - Sets on every Chat Server what the restoration of sessions needs, and makes or dissolves pairs of a primary and a backup.
  - By default the Chat Servers are N+1, which is recommended. All are primaries, none has a backup, and clients go to any of them.
  - Pairs in warm standby are made only on request, and refused where Digital Channels of GMS use the Chat Servers.
  - It compares the Chat Servers, and names what differs on them that must be the same (option names of high availability, endpoints, port ids,
    limits, control of inactivity, masking, and filters of the log), see RV(differences). It does not change these.
seealso:
  - module: genesys_engage.chat.chat_solution
  - module: genesys_engage.chat.ucs_pair
extends_documentation_fragment:
  - genesys_engage.chat.parts.chat_high_availability
  - genesys_engage.chat.gax
  - genesys_engage.chat.gax.writing
  - genesys_engage.chat.gax.journal
  - genesys_engage.chat.gax.snapshot_dir
  - genesys_engage.chat.attributes
author:
  - genesys_engage.chat contributors (@genesys-engage-ansible)
"""

EXAMPLES = r"""
- name: All Chat Servers restore each other's sessions, and none has a backup
  genesys_engage.chat.chat_high_availability:
    gax_url: https://gax.example.com:8443
    gax_username: automation
    gax_password: "{{ vault_gax_password }}"
    submitted_by: ChatServers

- name: A pair in warm standby
  genesys_engage.chat.chat_high_availability:
    gax_url: https://gax.example.com:8443
    gax_username: automation
    gax_password: "{{ vault_gax_password }}"
    chat_servers: [ChatServer_1, ChatServer_2]
    mode: warm_standby
    pairs:
      - {primary: ChatServer_1, backup: ChatServer_2}
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
      before: {options: {settings: {session-restoration-mode: none}}}
      after: {options: {settings: {session-restoration-mode: simple}}}
      copied_to: ""
differences:
  description: What is not the same on these Chat Servers, and should be.
  type: list
  elements: dict
  returned: success
  sample:
    - option: settings/limit-for-sessions
      values:
        - {value: "1000", chat_servers: [ChatServer_1]}
        - {value: "2000", chat_servers: [ChatServer_2]}
      text: >-
        Chat Servers that restore each other's sessions differ in settings/limit-for-sessions: '1000' on ChatServer_1; '2000' on ChatServer_2. A restored
        session would behave otherwise than before; make them the same.
restart_needed:
  description: Names of the applications that may be running, and read an option that was changed only when they start. Nothing is restarted.
  type: list
  elements: str
  returned: success
  sample: [ChatServer_1]
effects:
  description:
    - When the changes take effect, for each changed application that may be running. What takes effect at once is not listed.
    - An option is in C(after_restart) only if a page of the product says so, and in C(unknown) if none says anything.
  type: list
  elements: dict
  returned: success
  sample:
    - name: ChatServer_1
      after_restart: [settings/use-contact-server]
      unknown: []
      text: "settings/use-contact-server takes effect after a restart of 'ChatServer_1'."
snapshot:
  description: File on the host that ran the module with the objects as they were before, for M(genesys_engage.chat.config_restore).
  type: str
  returned: when something was written
  sample: /home/automation/.genesys_engage/snapshots/20260401T120000Z-chat_high_availability-5f0c1e2a.json
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
    snapshot: /home/automation/.genesys_engage/snapshots/20260401T120000Z-chat_high_availability-5f0c1e2a.json
"""

from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.parts.high_availability import ARGUMENTS, chat_high_availability, differences
from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.restart import effects
from ansible_collections.genesys_engage.chat.plugins.module_utils._module import run_rules

ARGUMENT_SPEC = ARGUMENTS


def main():
    """Run the module."""
    run_rules(ARGUMENT_SPEC, chat_high_availability, outcome=differences, foretold=effects)


if __name__ == "__main__":
    main()
