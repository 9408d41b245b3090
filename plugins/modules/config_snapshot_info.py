#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""List the snapshots that runs have kept"""

from __future__ import annotations

DOCUMENTATION = r"""
module: config_snapshot_info
short_description: List the snapshots that runs have kept, with what each run changed
version_added: 1.0.0
description:
  - Lists the snapshot files of a directory on the host that runs the module, the newest first, so that one can be chosen for
    M(genesys_engage.chat.config_restore).
  - Only the files are read; GAX is not asked. Values are not returned, only which fields of which objects were about to change.
options:
  snapshot_dir:
    description:
      - Directory in which the modules have kept their snapshots.
      - If not given, the environment variable E(GAX_SNAPSHOT_DIR) is used.
    type: path
    default: ~/.genesys_engage/snapshots
  newest:
    description: How many files are read, from 1 on.
    type: int
    default: 20
attributes:
  check_mode:
    description: Can run in C(check_mode) and return changed status prediction without modifying target.
    support: full
    details: This module does not modify anything.
  diff_mode:
    description: Will return details on what has changed (or possibly needs changing in C(check_mode)), when in diff mode.
    support: N/A
    details: This module does not modify anything.
  idempotent:
    description: When run twice in a row outside check mode, with the same arguments, the second invocation indicates no change.
    support: full
    details: This module does not modify anything.
seealso:
  - module: genesys_engage.chat.config_restore
  - module: genesys_engage.chat.config_history_info
  - module: genesys_engage.chat.config_snapshot
author:
  - genesys_engage.chat contributors (@genesys-engage-ansible)
"""

EXAMPLES = r"""
- name: Which runs can be undone
  genesys_engage.chat.config_snapshot_info:
  register: kept

- name: Show them
  ansible.builtin.debug:
    msg: "{{ kept.snapshots | map(attribute='text') | list }}"
"""

RETURN = r"""
directory:
  description: The directory that was looked into.
  type: str
  returned: success
  sample: /home/automation/.genesys_engage/snapshots
snapshots:
  description: The snapshots, the newest first.
  type: list
  elements: dict
  returned: success
  contains:
    path:
      description: The file, for the option O(genesys_engage.chat.config_restore#module:path).
      type: str
      sample: /home/automation/.genesys_engage/snapshots/20260401T120000Z-chat_solution-5f0c1e2a.json
    time:
      description: When it was taken, in UTC.
      type: str
      sample: "2026-04-01T12:00:00Z"
    made_by:
      description: The module that ran.
      type: str
      sample: chat_solution
    server:
      description: Address of GAX.
      type: str
      sample: https://gax.example.com:8443
    objects:
      description: What the run was about to change, in its order.
      type: list
      elements: dict
      sample:
        - {action: update, type: CfgApplication, name: ChatServer_1, tenant: null, fields: [options.settings.limit-for-sessions]}
    text:
      description: The same in one line.
      type: str
      sample: "2026-04-01T12:00:00Z, chat_solution: changed application 'ChatServer_1' (options.settings.limit-for-sessions). /home/..."
    problem:
      description: Why the file can't be restored; empty if it can.
      type: str
      sample: ""
failure:
  description: What went wrong, as data.
  type: dict
  returned: failure
  sample:
    message: "snapshot_dir: '/srv/snapshots' can't be read: Permission denied"
"""

from ansible_collections.genesys_engage.chat.plugins.module_utils._config.snapshot_list import snapshots_in
from ansible_collections.genesys_engage.chat.plugins.module_utils._module import run_kept

ARGUMENT_SPEC = dict(newest=dict(type="int", default=20))


def main():
    """Run the module."""
    run_kept(ARGUMENT_SPEC, lambda place, params: {"snapshots": snapshots_in(place, max(1, params["newest"]))})


if __name__ == "__main__":
    main()
