#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tell what the removal of a chat solution would do"""

from __future__ import annotations

DOCUMENTATION = r"""
module: removal_plan_info
short_description: Tell what the removal of a chat solution would do
version_added: 1.0.0
description:
  - Returns which applications M(genesys_engage.chat.chat_solution) with O(genesys_engage.chat.chat_solution#module:state=absent) would remove, with
    what must be known of them on their hosts, what it would write, and what it would leave.
  - Whether they run is not asked, and no reason to refuse anything. What is against a rule is refused.
options:
  solution:
    description: The description, as for M(genesys_engage.chat.chat_solution).
    type: dict
    required: true
  applications:
    description: Names of the applications to remove; everything that is described if not given.
    type: list
    elements: str
extends_documentation_fragment:
  - genesys_engage.chat.gax
  - genesys_engage.chat.attributes.info
seealso:
  - module: genesys_engage.chat.chat_solution
author:
  - genesys_engage.chat contributors (@genesys-engage-ansible)
"""

EXAMPLES = r"""
- name: What would go with a Chat Server
  genesys_engage.chat.removal_plan_info:
    gax_url: https://gax.example.com:8443
    gax_username: automation
    gax_password: "{{ vault_gax_password }}"
    solution: "{{ chat_solution }}"
    applications: [ChatServer_2]
  register: removal
"""

RETURN = r"""
applications:
  description:
    - The applications that would go, clients before their servers, in the form of M(genesys_engage.chat.deployment_info). Of one that is gone already only
      its host is known, as it is described; its C(dbid) is 0.
  type: list
  elements: dict
  returned: success
  sample:
    - name: ChatServer_2
      role: chat_server
      host: chat2
      dbid: 106
      install_path: /opt/genesys/ChatServer_2
changes:
  description: What would be written, in the form of RV(genesys_engage.chat.chat_solution#module:changes).
  type: list
  elements: dict
  returned: success
  sample:
    - {action: delete, type: CfgApplication, name: ChatServer_2, tenant: "", before: {host: chat2}, after: {}, copied_to: ""}
stays:
  description: What the description mentions and is not removed, in the form of RV(genesys_engage.chat.chat_solution#module:stays).
  type: list
  elements: dict
  returned: success
  sample:
    - {type: CfgScript, name: Chat_In, reason: the description only names it}
failure:
  description: What went wrong, as data.
  type: dict
  returned: failure
  sample:
    message: "applications are connected to what is to be removed, and the description does not mention them: 'Other' (to ChatServer_2)"
"""

from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.removal import kinds_of_removal, removal_preview
from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.solution import validated_solution
from ansible_collections.genesys_engage.chat.plugins.module_utils._module import run_info

ARGUMENT_SPEC = dict(
    solution=dict(type="dict", required=True),
    applications=dict(type="list", elements="str"),
)


def read(context, params):
    """Plan the removal without writing."""
    valid = dict(params, solution=validated_solution(params["solution"]))
    context.directory.load(kinds_of_removal(valid))
    return removal_preview(context, valid)


def main():
    """Run the module."""
    run_info(ARGUMENT_SPEC, read)


if __name__ == "__main__":
    main()
