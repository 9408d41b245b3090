#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Manage the chat channel of Web Engagement"""

from __future__ import annotations

DOCUMENTATION = r"""
module: wes_chat_channel
short_description: Manage the chat channel of Web Engagement
version_added: 1.0.0
description:
  - Configures a Backend Server of Web Engagement and its Chat Servers to support a chat channel, as the page "Chat Channel" of the Web Engagement
    Deployment Guide says.
  - On each Chat Server that the Backend Server uses, an endpoint leads to an Interaction Queue; on the Backend Server the options lead to that
    endpoint and that queue, and say how contacts and sessions are treated.
  - The connection from the Backend Server to a Chat Server, or to an Application Cluster of Chat Servers, is checked, not made.
  - What the Provisioning Tool has written is recognized; options that are not mentioned stay.
options:
  production:
    description:
      - Whether this is a production environment, in which only a plan is applied that was kept with O(plan_file). The playbook takes it from the description.
    type: bool
    default: false
seealso:
  - module: genesys_engage.chat.wes_chat_channel_info
  - module: genesys_engage.chat.chat_solution
extends_documentation_fragment:
  - genesys_engage.chat.parts.wes_chat_channel
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
- name: Chats of Web Engagement are routed from a queue of their own
  genesys_engage.chat.wes_chat_channel:
    gax_url: https://gax.example.com:8443
    gax_username: automation
    gax_password: "{{ vault_gax_password }}"
    backend_server: Web_Engagement_Backend_Server
    tenant: Environment
    queue: Webengagement_Chat
    contact_handling: create
    refresh_period: 3

- name: Give up the channel
  genesys_engage.chat.wes_chat_channel:
    gax_url: https://gax.example.com:8443
    gax_username: automation
    gax_password: "{{ vault_gax_password }}"
    backend_server: Web_Engagement_Backend_Server
    tenant: Environment
    state: absent
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
      before: {options: {settings: {limit-for-sessions: "1000"}}}
      after: {options: {settings: {limit-for-sessions: "2000"}}}
      copied_to: ""
restart_needed:
  description: Names of the applications that may be running, and read an option that was changed only when they start. Nothing is restarted.
  type: list
  elements: str
  returned: success
  sample: [ChatServer_1]
effects:
  description:
    - When the changes take effect, for each changed application that may be running. What takes effect at once is not listed.
    - An option is in C(after_restart) only if a page of the product says so, and in C(unknown) if none says anything.
  type: list
  elements: dict
  returned: success
  sample:
    - name: ChatServer_1
      after_restart: [settings/use-contact-server]
      unknown: []
      text: "settings/use-contact-server takes effect after a restart of 'ChatServer_1'."
plan:
  description: The plan that was kept, with the file's digest and the number of its writes.
  type: dict
  returned: in check mode with O(plan_file)
  sample: {path: /srv/plans/channel.json, digest: 4355a46b19d348dc2f57c046f8ef63d4538ebb936000f3c9ee954a27460dd865, writes: 2}
snapshot:
  description: File on the host that ran the module with the objects as they were before, for M(genesys_engage.chat.config_restore).
  type: str
  returned: when something was written
  sample: /home/automation/.genesys_engage/snapshots/20260401T120000Z-wes_chat_channel-5f0c1e2a.json
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
      - {action: create, type: CfgScript, name: Chat_In}
    snapshot: /home/automation/.genesys_engage/snapshots/20260401T120000Z-wes_chat_channel-5f0c1e2a.json
"""

from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.parts.web_engagement import ARGUMENTS, wes_chat_channel
from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.restart import effects
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.kept_plan import about
from ansible_collections.genesys_engage.chat.plugins.module_utils._module import PLANS, run_rules

ARGUMENT_SPEC = dict(ARGUMENTS, production=dict(type="bool", default=False), **PLANS)


def kinds_of(_params):
    """Return the classes to read at once."""
    return ["CfgApplication", "CfgTenant", "CfgScript"]


def main():
    """Run the module."""
    run_rules(ARGUMENT_SPEC, wes_chat_channel, kinds=kinds_of, foretold=effects, approved=about("tenant", "backend_server", "state"),
              required_if=[("state", "present", ("queue",))])


if __name__ == "__main__":
    main()
