#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Print what came of a run. It runs on the controller, see plugins/action/run_summary.py."""

from __future__ import annotations

DOCUMENTATION = r"""
module: run_summary
short_description: Print what came of a run
version_added: 1.0.0
description:
  - Prints what the roles of the collection have done or seen in this play, for a person who looks at the terminal or at the job's output of AWX.
  - It shows what was changed in the configuration; of each application the host, version, state, ports and the UCS to which it is connected; where the
    snapshot is; and what to do next, for example which options take effect after a restart only. In check mode what would be changed.
  - The same is set as the statistics C(chat_run), as M(ansible.builtin.set_stats) does it, so that AWX shows it and hands it on in a workflow.
options:
  lines:
    description: Lines that are printed instead, for a playbook that has something else to tell.
    type: list
    elements: str
  statistics:
    description: What is set as statistics then, as a mapping.
    type: dict
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
  action:
    description: Indicates this has a corresponding action plugin so some parts of the options can be executed on the controller.
    support: full
author:
  - genesys_engage.chat contributors (@genesys-engage-ansible)
"""

EXAMPLES = r"""
- name: Sum up
  genesys_engage.chat.run_summary:
  run_once: true
"""

RETURN = r"""
sites:
  description: What came of the run, for each Configuration Server.
  type: list
  elements: dict
  returned: success
  sample:
    - configuration_host: site
      preview: false
      planned: true
      configuration:
        - {action: update, type: CfgApplication, name: ChatServer_1, what: application}
      started: [ChatServer_1]
      snapshot: /home/automation/.genesys_engage/snapshots/20260401T120000Z-chat_solution-5f0c1e2a.json
      picture: /home/automation/solution.html
      applications:
        - name: ChatServer_1
          host: chat1
          looked_at: true
          version: 8.5.316.02
          former_version: 8.5.311.06
          installed: true
          status: RUNNING
          ports: [4580, 4581, 4582]
          contact_servers: [UCS_1]
          notes: []
      findings: []
      restart_needed: [ChatServer_1]
      next: ["settings/use-contact-server: takes effect after a restart of ChatServer_1. Nothing was restarted."]
"""
