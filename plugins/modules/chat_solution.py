#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bring the Configuration Server to the description of a chat solution"""

from __future__ import annotations

DOCUMENTATION = r"""
module: chat_solution
short_description: Bring the Configuration Server to the description of a chat solution
version_added: 1.0.0
description:
  - Brings the Configuration Server to one description of a whole chat solution, in one task, one login and few requests.
  - Queues, described servers, UCS pairs, Chat Servers, their groups, the links from Interaction Server and GMS, and the chat channels of Web
    Engagement are planned together; the plan is shown by C(--check --diff) exactly as it is then written.
  - Objects that are only named must exist. Objects that are described (a mapping with a name and more) are created if they do not.
  - What the description does not mention stays as it is, except a Chat Server's connections to UCS, which the groups own.
  - With O(state=absent), what is described is removed, and what is only named stays. Nothing of it dangles afterwards. Packages on the hosts are
    removed by the playbook C(genesys_engage.chat.remove).
seealso:
  - module: genesys_engage.chat.chat_solution_info
extends_documentation_fragment:
  - genesys_engage.chat.parts.chat_solution
  - genesys_engage.chat.gax
  - genesys_engage.chat.gax.writing
  - genesys_engage.chat.gax.journal
  - genesys_engage.chat.gax.snapshot_dir
  - genesys_engage.chat.gax.permissions
  - genesys_engage.chat.gax.plans
  - genesys_engage.chat.attributes
author:
  - genesys_engage.chat contributors (@genesys-engage-ansible)
"""

EXAMPLES = r"""
- name: A chat solution with two groups of Chat Servers
  genesys_engage.chat.chat_solution:
    gax_url: https://gax.example.com:8443
    gax_username: automation
    gax_password: "{{ vault_gax_password }}"
    solution:
      tenant: Environment
      addp: {local_timeout: 10, remote_timeout: 10, trace: both}
      interaction_queues: [Chat_In, Webengagement_Chat]
      chat_server_defaults:
        application_template: Chat Server 8.5.3
        ports: {default: 4580, webapi: 4581, ESP: 4582, health: 4583}
        endpoints: {default: Chat_In, webme: Webengagement_Chat}
      chat_servers:
        - {name: ChatServer_1, host: chat1}
        - {name: ChatServer_2, host: chat2, options: {settings: {limit-for-sessions: 2000}}}
      contact_servers:
        pairs:
          - {primary: UCS_1, backup: UCS_2}
          - {primary: UCS_3, backup: UCS_4}
      interaction_servers: [IXN_1]
      gms: [GMS_1]
      message_server: MessageServer
      configuration_server: confserv

- name: A Chat Server that was stopped is removed
  genesys_engage.chat.chat_solution:
    gax_url: https://gax.example.com:8443
    gax_username: automation
    gax_password: "{{ vault_gax_password }}"
    solution: "{{ chat_solution }}"
    state: absent
    applications: [ChatServer_2]
    stopped_applications: [ChatServer_2]
"""

RETURN = r"""
deployment:
  description:
    - What is to be installed and started where, in the form of M(genesys_engage.chat.deployment_info), as it is after the writes. In check mode as it
      would be then.
  type: dict
  returned: with O(state=present)
  sample:
    hosts: [chat1]
    install_time_utility: true
    contact_servers: [UCS_1, UCS_2]
    applications:
      - {name: ChatServer_1, role: chat_server, host: chat1, dbid: 105}
stays:
  description: What the description mentions and is not removed, and why.
  type: list
  elements: dict
  returned: with O(state=absent)
  contains:
    type:
      description: Class of the object.
      type: str
      returned: always
    name:
      description: Name of the object.
      type: str
      returned: always
    reason:
      description: Why it stays.
      type: str
      returned: always
  sample:
    - {type: CfgScript, name: Chat_In, reason: the description only names it}
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
plan:
  description: The plan that was kept, with the file's digest and the number of its writes.
  type: dict
  returned: in check mode with O(plan_file)
  sample: {path: /srv/plans/deploy.json, digest: 4355a46b19d348dc2f57c046f8ef63d4538ebb936000f3c9ee954a27460dd865, writes: 3}
snapshot:
  description: File on the host that ran the module with the objects as they were before, for M(genesys_engage.chat.config_restore).
  type: str
  returned: when something was written
  sample: /home/automation/.genesys_engage/snapshots/20260401T120000Z-chat_solution-5f0c1e2a.json
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
    snapshot: /home/automation/.genesys_engage/snapshots/20260401T120000Z-chat_solution-5f0c1e2a.json
"""

from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.chat_solution import approved, chat_solution, kinds, outcome
from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.field import argument_spec
from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.restart import effects
from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.solution import module_fields
from ansible_collections.genesys_engage.chat.plugins.module_utils._module import PERMISSIONS, PLANS, run_rules

ARGUMENT_SPEC = dict(argument_spec(module_fields()), **PERMISSIONS, **PLANS)


def main():
    """Run the module."""
    run_rules(ARGUMENT_SPEC, chat_solution, outcome=outcome, foretold=effects, kinds=kinds, approved=approved)


if __name__ == "__main__":
    main()
