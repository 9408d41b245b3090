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
  backend_server:
    description: Name of the Web Engagement Backend Server application (release 8.1.2), or of the Web Engagement Cluster (release 8.5).
    type: str
    required: true
  tenant:
    description: Name of the tenant.
    type: str
    required: true
  queue:
    description: Name of the Interaction Queue of that tenant in which the chats are placed, and from which they are routed. Needed for O(state=present).
    type: str
  endpoint:
    description: Name of the endpoint on the Chat Servers.
    type: str
    default: webme
  chat_servers:
    description:
      - Names of the Chat Servers. If not given, the one that the Backend Server is connected to, or those among the connections of the
        Application Cluster that it is connected to.
      - If given, they must be what the connections say, as far as these tell the members of the cluster.
    type: list
    elements: str
  contact_handling:
    description:
      - What becomes of the contact when a chat session begins. V(1) or V(none), contacts are neither identified nor created. V(2) or
        V(identify), they are identified. V(3) or V(create), they are identified, and created if absent.
      - If not given, the option is left as it is; without it, or with a wrong value, the product takes V(3).
      - For V(2) and V(3) the Chat Servers must be connected to UCS.
    type: str
  refresh_period:
    description:
      - Seconds between updates of the session in the chat widget, from 1 to 5.
      - In release 8.5 neither unit nor range is known; the value is written as it is given.
    type: int
  request_pool_size:
    description: Number of threads between chat widgets and Chat Servers.
    type: int
  session_restore_timeout:
    description:
      - Seconds during which a broken chat session is tried to be restored when the Chat Server becomes unavailable.
      - The documentation spells the option in two ways. The one that the application has is used, or else C(sessionRestoreTimeout).
      - Release 8.5 has no known name for it, so it is refused there.
    type: int
  chat_is_default_channel:
    description:
      - V(true) makes chat the default channel of engagement. This turns the pacing algorithm off and ignores the number of ready agents, so it
        is refused unless O(development_environment=true). V(false) makes sure that the pacing algorithm is used.
      - Release 8.5 has no known name for it, so it is refused there.
    type: bool
  development_environment:
    description: Says that this is a development environment.
    type: bool
    default: false
  release:
    description:
      - Release of Web Engagement, which decides on the names of the options. If not given, it is seen by the sections of the application,
        or by its type.
    type: str
    choices: ["8.1.2", "8.5"]
  strict_ranges:
    description: Refuse option values outside their documented ranges, which are those of release 8.5, instead of warning about them.
    type: bool
    default: false
  state:
    description:
      - V(present) makes sure that the channel is configured.
      - V(absent) removes the endpoint from the Chat Servers, unless it is V(default) or another Backend Server uses it, and the options of the
        channel from the Backend Server. Everything else stays, connections and queue too.
    type: str
    choices: [present, absent]
    default: present
seealso:
  - module: genesys_engage.chat.wes_chat_channel_info
  - module: genesys_engage.chat.chat_solution
extends_documentation_fragment:
  - genesys_engage.chat.gax
  - genesys_engage.chat.gax.writing
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

from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.arguments import ENGAGEMENT_CHANNEL_BODY
from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.single import wes_chat_channel
from ansible_collections.genesys_engage.chat.plugins.module_utils._module import run_rules

ARGUMENT_SPEC = dict(
    ENGAGEMENT_CHANNEL_BODY,
    tenant=dict(type="str", required=True),
    queue=dict(type="str"),
    strict_ranges=dict(type="bool", default=False),
    state=dict(type="str", choices=["present", "absent"], default="present"),
)


def kinds_of(_params):
    """Return the classes to read at once."""
    return ["CfgApplication", "CfgTenant", "CfgScript"]


def main():
    """Run the module."""
    run_rules(ARGUMENT_SPEC, wes_chat_channel, kinds=kinds_of, required_if=[("state", "present", ("queue",))])


if __name__ == "__main__":
    main()
