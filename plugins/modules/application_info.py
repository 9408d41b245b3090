#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read applications"""

from __future__ import annotations

DOCUMENTATION = r"""
module: application_info
short_description: Read applications
version_added: 1.0.0
description:
  - Returns applications with their ports, connections, options and relations, in the words of the other modules.
options:
  names:
    description: Names of the applications; all if not given. An unknown name is an error.
    type: list
    elements: str
  types:
    description: Types of applications, for example V(CFGChatServer) or V(CFGContactServer); all if not given.
    type: list
    elements: str
  host:
    description: Name of a Host object; only applications on that host are returned.
    type: str
extends_documentation_fragment:
  - genesys_engage.chat.gax
  - genesys_engage.chat.attributes.info
author:
  - genesys_engage.chat contributors (@genesys-engage-ansible)
"""

EXAMPLES = r"""
- name: All Chat Servers
  genesys_engage.chat.application_info:
    gax_url: https://gax.example.com:8443
    gax_username: automation
    gax_password: "{{ vault_gax_password }}"
    types: [CFGChatServer]
  register: chat_servers
"""

RETURN = r"""
applications:
  description: The applications, by name.
  type: list
  elements: dict
  returned: success
  sample:
    - name: ChatServer_1
      dbid: 105
      type: CFGChatServer
      host: chat1
      address: 192.0.2.11
      ports: {default: 4580, webapi: 4581, ESP: 4582}
      connections:
        - {server: UCS_1, port: default, protocol: addp, local_timeout: 10, remote_timeout: 10, trace: both}
      clients: [GMS_1, IXN_1]
      backup: ""
      primary: ""
hosts:
  description: All Host objects, by name.
  type: dict
  returned: success
  sample:
    chat1: {dbid: 102, address: 192.0.2.11, lca_port: 4999, operating_system: CFGRedHatLinux}
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

from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.existing_applications import applications
from ansible_collections.genesys_engage.chat.plugins.module_utils._module import run_info

ARGUMENT_SPEC = dict(
    names=dict(type="list", elements="str"),
    types=dict(type="list", elements="str"),
    host=dict(type="str"),
)


def main():
    """Run the module."""
    run_info(ARGUMENT_SPEC, applications)


if __name__ == "__main__":
    main()
