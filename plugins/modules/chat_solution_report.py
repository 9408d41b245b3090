#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Draw a picture of a chat solution. The file is written on the controller, see plugins/action/chat_solution_report.py."""

from __future__ import annotations

DOCUMENTATION = r"""
module: chat_solution_report
short_description: Draw a picture of a chat solution
version_added: 1.0.0
description:
  - Writes one HTML file that shows a chat solution, with Chat Servers by group, the pairs of UCS, Interaction Servers, GMS, Web Engagement, queues and agent
    groups, their connections with ports and addp, versions, and the findings of the audit on the objects that they are about.
  - The file holds all that it needs. It loads nothing from the network, and can be sent, kept and printed.
  - Nothing is written to the Configuration Server.
options:
  dest:
    description:
      - Where the file is written, on the controller. Its directory must exist. In check mode it is not written.
      - Without it the picture is returned as data.
    type: path
  states:
    description: States of applications as they were told, for example by M(genesys_engage.chat.application_status_info), as a mapping of name and status.
    type: dict
  versions:
    description: Versions that are installed, as a mapping of application and version. Of others the version is shown that the Configuration Server has.
    type: dict
  compared:
    description:
      - What M(genesys_engage.chat.chat_solution_compare) has returned, or M(genesys_engage.chat.chat_solution) in check mode, as it was registered. Objects
        that differ, that only the other side has, and that only the drawn side has are marked, and their values of both sides are shown.
      - What is drawn must be one of the two sides. Of two descriptions it is the right one.
    type: dict
  agents:
    description: Whether the rules on agents are judged, which read all persons.
    type: bool
    default: true
extends_documentation_fragment:
  - genesys_engage.chat.audit
  - genesys_engage.chat.gax
attributes:
  check_mode:
    description: Can run in C(check_mode) and return changed status prediction without modifying target.
    support: full
  diff_mode:
    description: Will return details on what has changed (or possibly needs changing in C(check_mode)), when in diff mode.
    support: none
  idempotent:
    description: When run twice in a row outside check mode, with the same arguments, the second invocation indicates no change.
    support: full
    details: The time in the file does not count.
  action:
    description: Indicates this has a corresponding action plugin so some parts of the options can be executed on the controller.
    support: full
  action_group:
    description: Use C(group/genesys_engage.chat.chat) in C(module_defaults) to set the connection options once.
    support: full
    membership:
      - genesys_engage.chat.chat
seealso:
  - module: genesys_engage.chat.chat_audit
  - module: genesys_engage.chat.chat_solution_compare
  - module: genesys_engage.chat.chat_solution_info
author:
  - genesys_engage.chat contributors (@genesys-engage-ansible)
"""

EXAMPLES = r"""
- name: Draw what there is
  genesys_engage.chat.chat_solution_report:
    gax_url: https://gax.example.com:8443
    gax_username: automation
    gax_password: "{{ vault_gax_password }}"
    dest: solution.html

- name: Compare what was described with what there is
  genesys_engage.chat.chat_solution_compare:
    left:
      solution: "{{ (lookup('ansible.builtin.file', 'adopted.yml') | from_yaml).chat_solution }}"
    right:
      tenant: Environment
  register: compared

- name: Draw what there is, and mark what differs
  genesys_engage.chat.chat_solution_report:
    compared: "{{ compared }}"
    dest: solution.html
"""

RETURN = r"""
dest:
  description: The file.
  type: str
  returned: when O(dest) is given
  sample: /home/automation/solution.html
counts:
  description: How many findings there are by severity, without those that are waived, and how many are waived.
  type: dict
  returned: success
  sample: {error: 1, warning: 0, info: 0, waived: 0}
graph:
  description:
    - What is drawn. C(lanes) are the kinds of objects in their order, C(boxes) are groups, pairs and clusters, C(nodes) the objects in them, and C(links) the
      connections, each with all that one node is connected to in the same way.
    - C(compared) is null without O(compared). Otherwise it has C(with), the other side in words, C(objects), what is said of each node that is marked
      (V(differs), V(missing) or V(additional)), and C(differences), each value that differs.
  type: dict
  returned: when O(dest) is not given
  sample:
    of: live
    snapshot: ''
    made: 2026-04-01 12:00 UTC
    tenants: [Environment]
    lanes:
      - {id: chat_server, title: Chat Servers}
      - {id: contact_server, title: Universal Contact Servers}
    boxes:
      - {id: chat_server/Group of UCS_1, lane: chat_server, title: Group of UCS_1, nodes: [application/ChatServer_1]}
      - {id: contact_server/Without a backup, lane: contact_server, title: Without a backup, nodes: [application/UCS_1]}
    nodes:
      - id: application/ChatServer_1
        kind: chat_server
        word: Chat Server
        name: ChatServer_1
        host: chat1
        version: 8.5.311.06
        state: RUNNING
        ports: {default: 4580, webapi: 4581}
        tenants: [Environment]
        pair: ''
        facts: []
    links:
      - from: application/ChatServer_1
        to: [application/UCS_1]
        port: default
        protocol: addp
        local_timeout: 10
        remote_timeout: 10
        trace: both
    findings:
      - rule: L01
        severity: error
        type: CfgApplication
        name: ChatServer_1
        text: application 'ChatServer_1' has no port with the id ESP.
        why: Desktops, GMS and Interaction Server each use one of the three.
        cure: Add the port with that id to the Chat Server.
        source: CHAT
        waived: ''
        nodes: [application/ChatServer_1]
    counts: {error: 1, warning: 0, info: 0, waived: 0}
    not_judged: []
    compared: null
failure:
  description: What went wrong, as data.
  type: dict
  returned: failure
  sample:
    message: "waivers[0]: there is no rule 'L99'; they are L01 to L40"
"""

from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.audit.arguments import JUDGING
from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.report.report import chat_solution_report
from ansible_collections.genesys_engage.chat.plugins.module_utils._module import run_info

ARGUMENT_SPEC = dict(
    JUDGING, dest=dict(type="path"), states=dict(type="dict"), versions=dict(type="dict"), compared=dict(type="dict"), agents=dict(type="bool", default=True)
)


def main():
    """Run the module."""
    run_info(ARGUMENT_SPEC, chat_solution_report)


if __name__ == "__main__":
    main()
