#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Save objects of the Configuration Server to a file"""

from __future__ import annotations

DOCUMENTATION = r"""
module: config_snapshot
short_description: Save objects of the Configuration Server to a file
version_added: 1.0.0
description:
  - Saves chosen objects as they are now, before work by hand for instance. M(genesys_engage.chat.config_restore) brings them back.
  - The modules that write keep such a file by themselves before their first write; this module is for everything else.
  - The values of secret options are not saved, so they can't be brought back.
options:
  objects:
    description: What to save.
    type: list
    elements: dict
    required: true
    suboptions:
      type:
        description: Class of the object, for example V(CfgApplication).
        type: str
        required: true
      name:
        description: Name of the object; without it, all objects of the class are saved.
        type: str
      tenant:
        description: Name of the tenant, where several tenants have an object of that name. Without a name, all objects of the class in that tenant are saved.
        type: str
  path:
    description: File to write, on the host that runs the module. It is replaced if it exists. Without it, a new file is made in O(snapshot_dir).
    type: path
extends_documentation_fragment:
  - genesys_engage.chat.gax
  - genesys_engage.chat.gax.snapshot_dir
  - genesys_engage.chat.attributes
attributes:
  diff_mode:
    support: none
    details: It writes a file of its own, with nothing to compare.
  idempotent:
    support: none
    details: Each run writes a file.
author:
  - genesys_engage.chat contributors (@genesys-engage-ansible)
"""

EXAMPLES = r"""
- name: Save a Chat Server and all Interaction Queues
  genesys_engage.chat.config_snapshot:
    gax_url: https://gax.example.com:8443
    gax_username: automation
    gax_password: "{{ vault_gax_password }}"
    objects:
      - {type: CfgApplication, name: ChatServer_1}
      - {type: CfgScript}
  register: saved
"""

RETURN = r"""
snapshot:
  description: The file; in check mode only if O(path) says where it would be.
  type: str
  returned: success
  sample: /home/automation/.genesys_engage/snapshots/20260401T120000Z-config_snapshot-5f0c1e2a.json
objects:
  description: How many objects it holds.
  type: int
  returned: success
  sample: 12
failure:
  description: What went wrong, as data.
  type: dict
  returned: failure
  sample:
    message: "objects[0]: there is no application named 'ChatServer_9'"
"""

from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.restore import saved
from ansible_collections.genesys_engage.chat.plugins.module_utils._module import run_snapshot

ARGUMENT_SPEC = dict(
    objects=dict(
        type="list",
        elements="dict",
        required=True,
        options=dict(type=dict(type="str", required=True), name=dict(type="str"), tenant=dict(type="str")),
    ),
    path=dict(type="path"),
)


def main():
    """Run the module."""
    run_snapshot(ARGUMENT_SPEC, lambda context, params: saved(context, params["objects"]))


if __name__ == "__main__":
    main()
