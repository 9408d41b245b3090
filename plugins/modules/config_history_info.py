#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tell what was written to the Configuration Server, when and by whom"""

from __future__ import annotations

DOCUMENTATION = r"""
module: config_history_info
short_description: Tell what was written to the Configuration Server, when and by whom
version_added: 1.0.0
description:
  - Reads the journal and the snapshots that the modules of this collection have kept on the host that runs this module. It tells each run with
    its writes, the values before and after, the account, the person and the snapshot by which M(genesys_engage.chat.config_restore) undoes it.
  - The history can be searched by object, option, person, server and time.
  - Only the files are read; GAX is not asked. What other tools write is not in it. It holds no values of secret options.
options:
  snapshot_dir:
    description:
      - Directory in which the modules have kept their snapshots and the journal.
      - If not given, the environment variable E(GAX_SNAPSHOT_DIR) is used.
    type: path
    default: ~/.genesys_engage/snapshots
  object:
    description: Name of an object. V(*) and V(?) stand for any letters.
    type: str
  type:
    description: Class of the object, for example V(CfgApplication).
    type: str
  option:
    description:
      - An option, a section or another field, with its section or without, for example V(settings/limit-for-sessions), V(settings), V(host) or
        V(connections/UCS_1).
    type: str
  person:
    description: Who started the run, or the account of GAX. Small and capital letters are the same.
    type: str
  server:
    description:
      - Address of GAX, its host, or its host with the port, where the runs of several Configuration Servers are kept in one directory. V(*) and V(?) stand for
        any letters.
      - C(text) names the server then.
    type: str
  since:
    description:
      - Earliest time, as a day V(2026-01-31), a time in UTC V(2026-01-31 12:00) or V(2026-01-31T12:00:00Z), or how long ago, such as V(90m), V(12h),
        V(7d) or V(4w).
    type: str
  until:
    description: Latest time, in the same forms. A day counts to its end.
    type: str
  newest:
    description: How many runs are returned, from 1 on.
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
  - module: genesys_engage.chat.config_snapshot_info
author:
  - genesys_engage.chat contributors (@genesys-engage-ansible)
"""

EXAMPLES = r"""
- name: Who changed the limit of sessions in the last week
  genesys_engage.chat.config_history_info:
    option: settings/limit-for-sessions
    since: 7d
  register: history

- name: Show it
  ansible.builtin.debug:
    msg: "{{ history.runs | map(attribute='text') | list }}"
"""

RETURN = r"""
directory:
  description: The directory that was looked into.
  type: str
  returned: success
  sample: /home/automation/.genesys_engage/snapshots
runs:
  description: The runs that are asked for, the newest first.
  type: list
  elements: dict
  returned: success
  contains:
    run:
      description: Identity of the run; empty for one from before the journal, of which only the snapshot tells.
      type: str
      sample: 5f0c1e2a77d1
    time:
      description: When it began, in UTC.
      type: str
      sample: "2026-04-01T12:00:00Z"
    server:
      description: Address of GAX.
      type: str
      sample: https://gax.example.com:8443/gax/api/
    account:
      description: Account of GAX.
      type: str
      sample: automation
    person:
      description: Who started it.
      type: str
      sample: kim
    module:
      description: The module that ran.
      type: str
      sample: chat_solution
    title:
      description: What the run is called, in the playbooks the name of the play.
      type: str
      sample: Deploy the chat solution
    snapshot:
      description: The file for the option O(genesys_engage.chat.config_restore#module:path); empty for what needs none, such as a lock.
      type: str
      sample: /home/automation/.genesys_engage/snapshots/20260401T120000Z-chat_solution-5f0c1e2a.json
    planned:
      description: How many writes it was about to make; null where that was not said.
      type: int
      sample: 1
    without_plan:
      description:
        - Whether it wrote to a production environment without a kept plan, because O(genesys_engage.chat.config_restore#module:without_plan) said so.
      type: bool
      sample: false
    complete:
      description: Whether all of them were made; null where that is not known.
      type: bool
      sample: true
    writes:
      description:
        - The writes that are asked for, in their order. C(outcome) is V(written), V(failed), V(uncertain) (nobody saw how it ended), V(unconfirmed) (not
          there when read back) or V(planned) (only the snapshot tells of it).
      type: list
      elements: dict
      sample:
        - time: "2026-04-01T12:00:01Z"
          action: update
          type: CfgApplication
          name: ChatServer_1
          tenant: ""
          fields: [{path: [options, settings, limit-for-sessions], before: "1000", after: "2000"}]
          outcome: written
          reason: ""
    text:
      description: The same in one line.
      type: str
      sample: "2026-04-01T12:00:00Z, kim with the account automation, Deploy the chat solution (chat_solution): changed application 'ChatServer_1' ..."
problems:
  description: Sentences on what could not be read, such as a damaged line. All else was read.
  type: list
  elements: str
  returned: success
  sample: []
failure:
  description: What went wrong, as data.
  type: dict
  returned: failure
  sample:
    message: "snapshot_dir: '/srv/snapshots' can't be read: Permission denied"
"""

from ansible_collections.genesys_engage.chat.plugins.module_utils._config.history import history, question
from ansible_collections.genesys_engage.chat.plugins.module_utils._module import run_kept

ARGUMENT_SPEC = dict(
    object=dict(type="str"),
    type=dict(type="str"),
    option=dict(type="str"),
    person=dict(type="str"),
    server=dict(type="str"),
    since=dict(type="str"),
    until=dict(type="str"),
    newest=dict(type="int", default=20),
)


def main():
    """Run the module."""
    run_kept(ARGUMENT_SPEC, lambda place, params: history(place, question(params), max(1, params["newest"])))


if __name__ == "__main__":
    main()
