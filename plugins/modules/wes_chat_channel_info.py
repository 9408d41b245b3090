#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Check the chat channel of Web Engagement"""

from __future__ import annotations

DOCUMENTATION = r"""
module: wes_chat_channel_info
short_description: Check the chat channel of Web Engagement
version_added: 1.0.0
description:
  - Goes through the points of the page "Chat Channel" of the Web Engagement Deployment Guide and says of each whether it holds, what there is,
    and where a person sees it.
  - Nothing is changed; M(genesys_engage.chat.wes_chat_channel) puts right what does not hold.
options:
  backend_server:
    description: Name of the Web Engagement Backend Server application (release 8.1.2), or of the Web Engagement Cluster (release 8.5).
    type: str
    required: true
  tenant:
    description: Name of the tenant.
    type: str
    required: true
  chat_servers:
    description: Names of the Chat Servers, if the connections do not tell them.
    type: list
    elements: str
  development_environment:
    description: Says that this is a development environment, where the pacing algorithm may be off.
    type: bool
    default: false
  release:
    description: Release of Web Engagement; seen by the application if not given.
    type: str
    choices: ["8.1.2", "8.5"]
seealso:
  - module: genesys_engage.chat.wes_chat_channel
extends_documentation_fragment:
  - genesys_engage.chat.gax
  - genesys_engage.chat.attributes.info
author:
  - genesys_engage.chat contributors (@genesys-engage-ansible)
"""

EXAMPLES = r"""
- name: Look at the chat channel
  genesys_engage.chat.wes_chat_channel_info:
    gax_url: https://gax.example.com:8443
    gax_username: automation
    gax_password: "{{ vault_gax_password }}"
    backend_server: Web_Engagement_Backend_Server
    tenant: Environment
  register: channel

- name: All points hold
  ansible.builtin.assert:
    that: channel.complete
"""

RETURN = r"""
complete:
  description: Whether all points hold.
  type: bool
  returned: success
  sample: true
points:
  description:
    - The points of the page, each with the step of its procedure, whether it holds, what was found, and where a person sees it in Genesys
      Administrator.
  type: list
  elements: dict
  returned: success
  sample:
    - step: "5"
      point: the queue in which routing starts is the one behind the endpoint
      holds: true
      found: Webengagement_Chat
      look_at: application 'Web_Engagement_Backend_Server', Options, section service:wes, option wes.connector.chatServer.queueWebengagement
by_hand:
  description: What the configuration does not tell, so that only a person sees it.
  type: list
  elements: str
  returned: success
  sample:
    - A chat that is begun on a page with Web Engagement shows as an interaction in 'Webengagement_Chat', and reaches an agent.
release:
  description: Release of Web Engagement whose names of options were looked at.
  type: str
  returned: success
  sample: "8.1.2"
chat_servers:
  description: The Chat Servers that the channel uses.
  type: list
  elements: str
  returned: success
  sample: [ChatServer_1, ChatServer_2]
endpoint:
  description: The endpoint that the Backend Server names; empty for none.
  type: str
  returned: success
  sample: webme
queue:
  description: The queue behind it, if it is the same one on every Chat Server; else empty.
  type: str
  returned: success
  sample: Webengagement_Chat
failure:
  description: What went wrong, as data.
  type: dict
  returned: failure
  sample:
    method: GET
    path: cfg/objects/CfgApplication
    status: 500
    code: ""
    message: "GAX refused: internal error"
    object: class CfgApplication
"""

from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.engagement_points import channel_points
from ansible_collections.genesys_engage.chat.plugins.module_utils._module import run_info

ARGUMENT_SPEC = dict(
    backend_server=dict(type="str", required=True),
    tenant=dict(type="str", required=True),
    chat_servers=dict(type="list", elements="str"),
    development_environment=dict(type="bool", default=False),
    release=dict(type="str", choices=["8.1.2", "8.5"]),
)


def read(context, params):
    """Look at the points."""
    context.directory.load(["CfgApplication", "CfgTenant", "CfgScript"])
    return channel_points(context, params)


def main():
    """Run the module."""
    run_info(ARGUMENT_SPEC, read)


if __name__ == "__main__":
    main()
