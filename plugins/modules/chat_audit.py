#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Judge a chat solution by the rules of the documents"""

from __future__ import annotations

DOCUMENTATION = r"""
module: chat_audit
short_description: Judge a chat solution by the rules of the documents
version_added: 1.0.0
description:
  - Looks at the objects of the Configuration Server and tells which of them break a rule of Genesys' documents, why that matters, and what to do.
  - Nothing is written, whatever is found. The module succeeds also where it finds errors; a playbook decides what follows from them, as
    C(genesys_engage.chat.audit) does.
  - The filter P(genesys_engage.chat.audit_report#filter) makes a page, SARIF or JUnit of the result.
extends_documentation_fragment:
  - genesys_engage.chat.audit
  - genesys_engage.chat.gax
  - genesys_engage.chat.attributes.info
seealso:
  - module: genesys_engage.chat.chat_solution_info
  - module: genesys_engage.chat.chat_solution_report
author:
  - genesys_engage.chat contributors (@genesys-engage-ansible)
"""

EXAMPLES = r"""
- name: Judge what there is
  genesys_engage.chat.chat_audit:
    gax_url: https://gax.example.com:8443
    gax_username: automation
    gax_password: "{{ vault_gax_password }}"
    waivers:
      - rule: L13
        object: ChatServer_1
        reason: a pair until the other data centre is ready
        until: "2099-12-31"
  register: audit

- name: Keep it for a program that reads SARIF
  ansible.builtin.copy:
    content: "{{ audit | genesys_engage.chat.audit_report('sarif') }}"
    dest: audit.sarif
    mode: "0644"
"""

RETURN = r"""
faults:
  description: What is wrong, the worst first.
  type: list
  elements: dict
  returned: success
  sample:
    - rule: L01
      severity: error
      type: CfgApplication
      name: ChatServer_1
      text: application 'ChatServer_1' has no port with the id ESP.
      why: Desktops, GMS and Interaction Server each use one of the three.
      cure: Add the port with that id to the Chat Server.
      source: CHAT
      waived: ''
counts:
  description: How many faults there are by severity, without those that are waived, and how many are waived.
  type: dict
  returned: success
  sample: {error: 1, warning: 0, info: 0, waived: 0}
rules:
  description: The rules by which was judged, and how many faults count for each.
  type: list
  elements: dict
  returned: success
  sample:
    - {rule: L01, severity: error, title: 'Each Chat Server has the ports default, webapi and ESP.', faults: 1}
not_judged:
  description: Ids of rules that need objects which the snapshot does not hold.
  type: list
  elements: str
  returned: success
  sample: []
chat_servers:
  description: How many Chat Servers there are. Without any there was nothing to judge, or the user of GAX may not read them.
  type: int
  returned: success
  sample: 4
waivers_without_fault:
  description: Waivers that are no longer needed, by the id of their rule and the name of their object.
  type: list
  elements: str
  returned: success
  sample: []
failure:
  description: What went wrong, as data.
  type: dict
  returned: failure
  sample:
    message: "waivers[0]: there is no rule 'L99'; they are L01 to L40"
"""

from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.audit.arguments import JUDGING
from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.audit.audit import chat_audit
from ansible_collections.genesys_engage.chat.plugins.module_utils._module import run_info

ARGUMENT_SPEC = JUDGING


def main():
    """Run the module."""
    run_info(ARGUMENT_SPEC, chat_audit)


if __name__ == "__main__":
    main()
