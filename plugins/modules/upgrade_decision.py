#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Decide about a rolling upgrade"""

from __future__ import annotations

DOCUMENTATION = r"""
module: upgrade_decision
short_description: Decide about a rolling upgrade
version_added: 1.0.0
description:
  - Decides what the role C(rolling_upgrade) does next. It is a part of that role, reads the variables that its tasks register, and is of no use
    alone. The role and its playbooks are what to use.
  - It runs on the controller, reaches no host, and changes nothing.
options:
  about:
    description:
      - What is to be decided.
      - V(hosts) returns who takes part, or fails. V(looks), V(step) and V(end) return who looks at what, at first, before a step, and after the
        last one. V(beginning) returns whether and how the upgrade may begin, V(start) the course when it does.
      - V(gate) returns whether a step may be done, V(after) what came of it.
      - V(failure) returns what has failed on a host, and how its members are brought back. V(hard_stop) fails unless servers whose graceful stop
        has failed may be stopped with their sessions. V(remark) shows what has failed where that changes nothing.
      - V(starts) returns which host gives the commands to start for which others. V(started) and V(stopped) return what came of them on this
        host; V(stopped) fails unless its servers have stopped, or may be stopped with their sessions.
      - V(corrections) returns versions that the Configuration Server has to be told. V(report) returns the report.
    type: str
    required: true
    choices: [hosts, looks, beginning, start, step, gate, starts, started, stopped, after, end, failure, hard_stop, remark, corrections, report]
  configuration_host:
    description: Inventory host that stands for the Configuration Server.
    type: str
    required: true
  back:
    description: The upgrade goes back to a former version.
    type: bool
    default: false
  role:
    description: Role of the servers. Needed for O(about=beginning), O(about=stopped) and O(about=hard_stop).
    type: str
  version:
    description: With O(about=hosts), the version to go back to.
    type: str
  data_compatible:
    description: With O(about=hosts), it is stated that the former version can work with the data.
    type: bool
    default: false
  owner:
    description: With O(about=hosts), who upgrades, in the user's words.
    type: str
  confserv:
    description: With O(about=beginning), address of the Configuration Server.
    type: str
  step:
    description: With O(about=step), one of the steps of the judgement.
    type: dict
  task:
    description: With O(about=failure), name of the task that has failed; with O(about=remark), a sentence to begin with.
    type: str
  result:
    description:
      - Result of the task that has failed. Needed for O(about=failure), O(about=hard_stop) and O(about=remark).
      - With O(about=beginning), that of the task that has looked at the lock, if it has.
    type: dict
  command:
    description: With O(about=report), the command that runs the same again.
    type: str
  leader:
    description: With O(about=started) and O(about=stopped), the inventory host that has given the commands for this host, too.
    type: str
  members:
    description: With O(about=started) and O(about=stopped), the servers of this host.
    type: list
    elements: dict
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
  platform:
    description: Target OS/families that can be operated against.
    support: full
    platforms: posix
seealso:
  - module: genesys_engage.chat.upgrade_plan_info
  - module: genesys_engage.chat.upgrade_look_info
  - module: genesys_engage.chat.upgrade_lock
author:
  - genesys_engage.chat contributors (@genesys-engage-ansible)
"""

EXAMPLES = r"""
- name: See whether the step may be done now
  genesys_engage.chat.upgrade_decision:
    about: gate
    configuration_host: site
  register: rolling_upgrade_course
  run_once: true
"""

RETURN = r"""
judgement:
  description: With O(about=beginning), what speaks against the upgrade, and what is left to do in which order.
  type: dict
  returned: with O(about=beginning)
  sample: {problems: [], target: 9.1.001.07, todo: true, order: ["1. Backups: 'UCS_2' on ucs2 (9.1.000.12 -> 9.1.001.07)."]}
problems:
  description: Why the upgrade does not go on, in sentences.
  type: list
  elements: str
  returned: with O(about=gate) and O(about=after)
  sample: ["'UCS_2' on ucs2 must serve meanwhile, and is STOPPED."]
report:
  description: With O(about=report), the report as data. C(markdown) is the same for people.
  type: dict
  returned: with O(about=report)
  sample: {complete: true, target: 9.1.001.07, members_upgraded: 2}
"""
