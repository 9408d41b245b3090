#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bring objects of the Configuration Server back to a snapshot"""

from __future__ import annotations

DOCUMENTATION = r"""
module: config_restore
short_description: Bring objects of the Configuration Server back to a snapshot
version_added: 1.0.0
description:
  - Undoes a run of a module of this collection by the snapshot that the run kept. What the run created is removed, what it changed gets
    its old values, and what it removed is created again, with a new DBID.
  - Of a changed object only the fields that the run was about to change are brought back. An object saved by
    M(genesys_engage.chat.config_snapshot) is brought back as a whole.
  - Bringing back is a run like any other. It can be previewed, it can be repeated, and it keeps a snapshot of its own.
  - Snapshots hold no secrets. A secret value that the run changed stays as it is, and a warning names it.
options:
  path:
    description: The snapshot file, on the host that runs the module.
    type: path
    required: true
  object:
    description:
      - Name of one object. Only it is brought back, and all others of the snapshot stay as they are.
      - Without it, all objects of the snapshot are brought back.
    type: str
  type:
    description: Class of O(object), for example V(CfgApplication), if the snapshot has several of that name.
    type: str
  tenant:
    description: Tenant of O(object), if the snapshot has objects of that name in several tenants.
    type: str
  option:
    description:
      - One section, one option or another field of O(object), for example V(settings), V(settings/limit-for-sessions), V(host) or V(connections/UCS_1).
        Only that is brought back.
      - It must be in the snapshot, which holds what the run was about to change, and all of an object that was only saved. If it is in several places, as in
        the options and in the annex, write it with the first word, as V(options/settings).
    type: str
  later_edits:
    description:
      - What becomes of a value that somebody changed after the run, and of an object created by the run on which a server was installed since.
      - V(refuse) ends the task before anything is written, and names them. V(keep) leaves them as they are. V(overwrite) brings back the
        snapshot all the same.
      - An object that was renamed, and a connection to an application that is gone, can't be brought back. V(keep) leaves them out, with a warning;
        otherwise the task ends before anything is written, and names them.
    type: str
    choices: [refuse, keep, overwrite]
    default: refuse
  allow_disconnect:
    description: Allow the task to take a connection away from a Chat Server that is installed and so may be running with chats open.
    type: bool
    default: false
  production:
    description:
      - Whether this is a production environment, in which only a plan is applied that was kept with O(plan_file). The playbook takes it from the description.
    type: bool
    default: false
  without_plan:
    description: With O(production), go on without a kept plan, because it can't wait for an approval. The journal says so.
    type: bool
    default: false
extends_documentation_fragment:
  - genesys_engage.chat.gax
  - genesys_engage.chat.gax.writing
  - genesys_engage.chat.gax.journal
  - genesys_engage.chat.gax.plans
  - genesys_engage.chat.gax.snapshot_dir
  - genesys_engage.chat.attributes
author:
  - genesys_engage.chat contributors (@genesys-engage-ansible)
"""

EXAMPLES = r"""
- name: Undo a run
  genesys_engage.chat.config_restore:
    gax_url: https://gax.example.com:8443
    gax_username: automation
    gax_password: "{{ vault_gax_password }}"
    path: /home/automation/.genesys_engage/snapshots/20260401T120000Z-chat_solution-5f0c1e2a.json

- name: Undo one option of it
  genesys_engage.chat.config_restore:
    gax_url: https://gax.example.com:8443
    gax_username: automation
    gax_password: "{{ vault_gax_password }}"
    path: /home/automation/.genesys_engage/snapshots/20260401T120000Z-chat_solution-5f0c1e2a.json
    object: ChatServer_1
    option: settings/limit-for-sessions
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
      before: {options: {settings: {limit-for-sessions: "2000"}}}
      after: {options: {settings: {limit-for-sessions: "1000"}}}
      copied_to: ""
plan:
  description: The plan that was kept, with the file's digest and the number of its writes.
  type: dict
  returned: in check mode with O(plan_file)
  sample: {path: /srv/plans/undo.json, digest: 4355a46b19d348dc2f57c046f8ef63d4538ebb936000f3c9ee954a27460dd865, writes: 1}
snapshot:
  description: File on the host that ran the module with the objects as they were before, to undo the undoing.
  type: str
  returned: when something was written
  sample: /home/automation/.genesys_engage/snapshots/20260401T130000Z-config_restore-0c2b77fe.json
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
      - {action: update, type: CfgApplication, name: IXN_1}
    snapshot: /home/automation/.genesys_engage/snapshots/20260401T120000Z-config_restore-5f0c1e2a.json
"""

from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.restore import way_back
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.restore import KEEP, OVERWRITE, REFUSE
from ansible_collections.genesys_engage.chat.plugins.module_utils._module import PLANS, run_restore

ARGUMENT_SPEC = dict(
    path=dict(type="path", required=True),
    object=dict(type="str"),
    type=dict(type="str"),
    tenant=dict(type="str"),
    option=dict(type="str"),
    later_edits=dict(type="str", choices=[REFUSE, KEEP, OVERWRITE], default=REFUSE),
    allow_disconnect=dict(type="bool", default=False),
    production=dict(type="bool", default=False),
    without_plan=dict(type="bool", default=False),
    **PLANS,
)


def main():
    """Run the module."""
    run_restore(ARGUMENT_SPEC, way_back)


if __name__ == "__main__":
    main()
