#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Manage a Chat Server application"""

from __future__ import annotations

DOCUMENTATION = r"""
module: chat_server_app
short_description: Manage a Chat Server application
version_added: 1.0.0
description:
  - Creates, changes or removes one Chat Server application, with its ports, connections, endpoints, options and log privacy.
  - A placeholder section of the template such as C(endpoints:tenant_dbid) is moved to the section of each tenant served.
  - What the installation package writes (version, working directory, command line) is left to it.
  - Nothing is written when a rule is broken, in particular when a port id is missing or a tenant would be without a default endpoint.
notes:
  - Connections to this Chat Server, from Interaction Server and GMS, are made by M(genesys_engage.chat.esp_link) and
    M(genesys_engage.chat.gms_link).
  - The removal is refused while other applications are connected to the Chat Server.
seealso:
  - module: genesys_engage.chat.chat_solution
extends_documentation_fragment:
  - genesys_engage.chat.parts.chat_server_app
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
- name: Chat Server with three ports and one endpoint
  genesys_engage.chat.chat_server_app:
    gax_url: https://gax.example.com:8443
    gax_username: automation
    gax_password: "{{ vault_gax_password }}"
    name: ChatServer_1
    application_template: Chat Server 8.5.3
    host: chat1
    tenants: [Environment]
    ports: {default: 4580, webapi: 4581, ESP: 4582, health: 4583}
    endpoints: {default: Chat_In}
    interaction_servers: [IXN_1]
    contact_server: UCS_1
    configuration_server: confserv
    message_server: MessageServer
    addp: {local_timeout: 10, remote_timeout: 10, trace: both}
    log_privacy: {hide_attached_data: true, message_log_print_size: 0}

- name: More sessions
  genesys_engage.chat.chat_server_app:
    name: ChatServer_1
    options: {settings: {limit-for-sessions: 2000}}

- name: Remove the application
  genesys_engage.chat.chat_server_app:
    name: ChatServer_1
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
snapshot:
  description: File on the host that ran the module with the objects as they were before, for M(genesys_engage.chat.config_restore).
  type: str
  returned: when something was written
  sample: /home/automation/.genesys_engage/snapshots/20260401T120000Z-chat_server_app-5f0c1e2a.json
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
    snapshot: /home/automation/.genesys_engage/snapshots/20260401T120000Z-chat_server_app-5f0c1e2a.json
"""

from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.parts.chat_servers import ARGUMENTS, chat_server_app
from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.restart import effects
from ansible_collections.genesys_engage.chat.plugins.module_utils._module import PERMISSIONS, run_rules

ARGUMENT_SPEC = dict(ARGUMENTS, **PERMISSIONS)


def main():
    """Run the module."""
    run_rules(ARGUMENT_SPEC, chat_server_app, list_all=False, foretold=effects)


if __name__ == "__main__":
    main()
