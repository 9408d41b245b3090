#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compare two chat solutions, option by option"""

from __future__ import annotations

DOCUMENTATION = r"""
module: chat_solution_compare
short_description: Compare two chat solutions, option by option
version_added: 1.0.0
description:
  - Compares any two of what the Configuration Server has, a description, and a snapshot. Nothing is written.
  - What is compared is what a description says, in one form. Defaults are said with each member, members are told apart by their names, and the order of lists
    does not count. What M(genesys_engage.chat.chat_solution_info) can't describe is listed and not compared.
  - A description is tried by the rules of M(genesys_engage.chat.chat_solution) first, and one that they refuse is not compared. It may be that of another
    Configuration Server, so what this one does not have is no reason to refuse it.
  - Options that an application has from its template are not part of a description that was made from what is there, so the other side may say them alone.
  - M(genesys_engage.chat.chat_solution_report) shows the result in a picture.
  - For two Configuration Servers, describe the one with M(genesys_engage.chat.chat_solution_info), and give that description as one side.
options:
  left:
    description: One side. Without O(left.solution) and O(left.snapshot) it is what the Configuration Server has.
    type: dict
    required: true
    suboptions: &side
      solution:
        description: A description, see M(genesys_engage.chat.chat_solution).
        type: dict
      snapshot:
        description: File of a snapshot on the host that runs the module, which must hold all objects of the classes that a chat solution has.
        type: path
      tenant:
        description: Name of the tenant. Needed unless a description is given.
        type: str
  right:
    description: The other side, in the same way.
    type: dict
    required: true
    suboptions: *side
  mapping:
    description:
      - What is called otherwise on the two sides, as C(tenants), C(hosts), C(applications) and C(ports), each a mapping of the name (or number) on the left to
        that on the right.
      - Values of options of the product are compared as they are.
    type: dict
extends_documentation_fragment:
  - genesys_engage.chat.gax
  - genesys_engage.chat.attributes.info
seealso:
  - module: genesys_engage.chat.chat_solution_info
  - module: genesys_engage.chat.chat_solution_report
author:
  - genesys_engage.chat contributors (@genesys-engage-ansible)
"""

EXAMPLES = r"""
- name: Compare the laboratory with production
  genesys_engage.chat.chat_solution_compare:
    gax_url: https://gax.example.com:8443
    gax_username: automation
    gax_password: "{{ vault_gax_password }}"
    left:
      solution: "{{ (lookup('ansible.builtin.file', 'laboratory.yml') | from_yaml).chat_solution }}"
    right:
      tenant: Environment
    mapping:
      hosts: {lab1: chat1}
      ports: {4680: 4580}
  register: compared
"""

RETURN = r"""
equal:
  description: Whether nothing differs.
  type: bool
  returned: success
  sample: false
differences:
  description: What differs, with the keys of the description joined by slashes; V(null) where a side says nothing. The values of secret options are hidden.
  type: list
  elements: dict
  returned: success
  sample:
    - path: chat_servers/ChatServer_1/options/settings/limit-for-sessions
      left: '1000'
      right: '2000'
sides:
  description: What each side is, as C(of), which is V(live), V(description) or V(snapshot), and C(snapshot), its file.
  type: dict
  returned: success
  sample: {left: {of: description, snapshot: ''}, right: {of: live, snapshot: ''}}
mapping:
  description: What is called otherwise on the two sides, as it was given. The differences have the names of the right side.
  type: dict
  returned: success
  sample: {hosts: {lab1: chat1}}
left_out:
  description: What could not be described of each side, as name, part and reason.
  type: dict
  returned: success
  sample: {left: [], right: []}
not_judged:
  description:
    - Why the rules were not tried to their end on a side, since it names what this Configuration Server does not have.
    - Empty if they were, and for a side that is no description.
  type: dict
  returned: success
  sample: {left: "chat_servers[0]: host: there is no host named 'lab1'", right: ''}
failure:
  description: What went wrong, as data.
  type: dict
  returned: failure
  sample:
    message: "left: tenant: name the tenant whose chat solution is compared"
"""

from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.compare import chat_solution_compare
from ansible_collections.genesys_engage.chat.plugins.module_utils._module import run_info

SIDE = dict(type="dict", required=True, options=dict(solution=dict(type="dict"), snapshot=dict(type="path"), tenant=dict(type="str")))
ARGUMENT_SPEC = dict(left=SIDE, right=SIDE, mapping=dict(type="dict"))


def main():
    """Run the module."""
    run_info(ARGUMENT_SPEC, chat_solution_compare)


if __name__ == "__main__":
    main()
