#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Manage a primary and backup pair of Universal Contact Servers"""

from __future__ import annotations

DOCUMENTATION = r"""
module: ucs_pair
short_description: Manage a primary and backup pair of Universal Contact Servers
version_added: 1.0.0
description:
  - Makes one UCS application the backup of another one. UCS 9.1 ignores the pairing, Chat Server uses it.
  - On pairing, the Configuration Server copies options, connections and tenants of the primary to the backup and protects them there; the
    result shows that as C(copied_to).
extends_documentation_fragment:
  - genesys_engage.chat.parts.ucs_pair
  - genesys_engage.chat.gax
  - genesys_engage.chat.gax.writing
  - genesys_engage.chat.gax.journal
  - genesys_engage.chat.gax.snapshot_dir
  - genesys_engage.chat.attributes
author:
  - genesys_engage.chat contributors (@genesys-engage-ansible)
"""

EXAMPLES = r"""
- name: Pair two UCS
  genesys_engage.chat.ucs_pair:
    gax_url: https://gax.example.com:8443
    gax_username: automation
    gax_password: "{{ vault_gax_password }}"
    primary: UCS_1
    backup: UCS_2
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
      name: UCS_1
      tenant: ""
      before: {options: {settings: {limit-for-sessions: "1000"}}}
      after: {options: {settings: {limit-for-sessions: "2000"}}}
      copied_to: ""
snapshot:
  description: File on the host that ran the module with the objects as they were before, for M(genesys_engage.chat.config_restore).
  type: str
  returned: when something was written
  sample: /home/automation/.genesys_engage/snapshots/20260401T120000Z-ucs_pair-5f0c1e2a.json
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
    snapshot: /home/automation/.genesys_engage/snapshots/20260401T120000Z-ucs_pair-5f0c1e2a.json
"""

from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.parts.contact_servers import ARGUMENTS, ucs_pair
from ansible_collections.genesys_engage.chat.plugins.module_utils._module import run_rules

ARGUMENT_SPEC = ARGUMENTS


def main():
    """Run the module."""
    run_rules(ARGUMENT_SPEC, ucs_pair)


if __name__ == "__main__":
    main()
