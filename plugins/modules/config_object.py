#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Manage any object of the Configuration Server"""

from __future__ import annotations

DOCUMENTATION = r"""
module: config_object
short_description: Manage any object of the Configuration Server
version_added: 1.0.0
description:
  - Creates, changes or removes one object of any class, by its plain properties, options and annex.
  - It is meant for what the other modules do not cover. Properties are given in GAX's own words, which are documented nowhere; lists beside
    options and annex can't be managed.
options:
  type:
    description: Class of the object, for example V(CfgHost) or V(CfgEnumeratorValue).
    type: str
    required: true
  name:
    description: Name of the object (the user name of a person).
    type: str
    required: true
  tenant:
    description: Name of the tenant, for classes whose names are unique only within a tenant, such as V(CfgScript).
    type: str
  folder:
    description: Folder in which a new object is put, by name or by path from the root. An existing object stays where it is.
    type: str
  properties:
    description: Plain properties as GAX names them, for example C(subtype), C(lcaport) or C(ipaddress). Properties beside these stay.
    type: dict
  options:
    description: Options, as a mapping of section to a mapping of option to value; V(null) removes an option.
    type: dict
  annex:
    description: Annex (user properties), in the same form as O(options).
    type: dict
  state:
    description:
      - V(present) makes sure that the object exists as described.
      - V(absent) makes sure that it does not.
    type: str
    choices: [present, absent]
    default: present
extends_documentation_fragment:
  - genesys_engage.chat.gax
  - genesys_engage.chat.gax.writing
  - genesys_engage.chat.gax.journal
  - genesys_engage.chat.gax.snapshot_dir
  - genesys_engage.chat.attributes
author:
  - genesys_engage.chat contributors (@genesys-engage-ansible)
"""

EXAMPLES = r"""
- name: A Host object
  genesys_engage.chat.config_object:
    gax_url: https://gax.example.com:8443
    gax_username: automation
    gax_password: "{{ vault_gax_password }}"
    type: CfgHost
    name: chat5
    properties: {subtype: CFGNetworkServer, ostype: CFGRedHatLinux, ipaddress: 192.0.2.15, lcaport: 4999}
    folder: Hosts
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
      name: chat5
      tenant: ""
      before: {options: {settings: {limit-for-sessions: "1000"}}}
      after: {options: {settings: {limit-for-sessions: "2000"}}}
      copied_to: ""
snapshot:
  description: File on the host that ran the module with the objects as they were before, for M(genesys_engage.chat.config_restore).
  type: str
  returned: when something was written
  sample: /home/automation/.genesys_engage/snapshots/20260401T120000Z-config_object-5f0c1e2a.json
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
    snapshot: /home/automation/.genesys_engage/snapshots/20260401T120000Z-config_object-5f0c1e2a.json
"""

from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.any_object import config_object
from ansible_collections.genesys_engage.chat.plugins.module_utils._module import run_rules

ARGUMENT_SPEC = dict(
    type=dict(type="str", required=True),
    name=dict(type="str", required=True),
    tenant=dict(type="str"),
    folder=dict(type="str"),
    properties=dict(type="dict"),
    options=dict(type="dict"),
    annex=dict(type="dict"),
    state=dict(type="str", choices=["present", "absent"], default="present"),
)


def main():
    """Run the module."""
    run_rules(ARGUMENT_SPEC, config_object, list_all=False)


if __name__ == "__main__":
    main()
