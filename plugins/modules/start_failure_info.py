#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Say why applications have not started."""

# Runs on managed hosts, the oldest of which have Python 3.6: no future import of annotations.

DOCUMENTATION = r"""
module: start_failure_info
short_description: Say why applications have not started
version_added: 1.0.0
description:
  - Looks on the host of applications for why they have not started, in the standard events that they have logged since their last start
    (C(04526), C(05062) and C(05064); without these C(04502)).
  - If an application could not open a port, the process that holds it is named.
  - For use after M(genesys_engage.chat.application_control) has failed, which may run on another host and knows the states only.
options:
  applications:
    description: The applications.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: Name of the application.
        type: str
        required: true
      directory:
        description: Its installation directory.
        type: str
        required: true
      log:
        description:
          - Name of its log file as its options of section C(log) have it, relative to the directory or absolute, like C(log_file) of
            M(genesys_engage.chat.deployment_info). Empty if it writes none.
        type: str
        default: ''
      address:
        description: Address of its host.
        type: str
        default: ''
      seconds:
        description: How many seconds ago it was told to start. A log to which nothing was written since then is left alone.
        type: float
        default: 120
extends_documentation_fragment:
  - genesys_engage.chat.attributes.host_info
seealso:
  - module: genesys_engage.chat.application_control
  - module: genesys_engage.chat.server_log_info
author:
  - genesys_engage.chat contributors (@genesys-engage-ansible)
"""

EXAMPLES = r"""
- name: Why has the Chat Server not started?
  genesys_engage.chat.start_failure_info:
    applications:
      - {name: ChatServer_1, directory: /opt/genesys/ChatServer_1, log: ChatServer}
"""

RETURN = r"""
applications:
  description: The applications, in the order of the option.
  type: list
  elements: dict
  returned: success
  contains:
    name:
      description: Its name.
      type: str
      sample: ChatServer_1
    text:
      description: Why it has not started, or what is in the way of knowing it.
      type: str
      sample: >-
        Its log (/opt/genesys/ChatServer_1/ChatServer.20260401_120000_000.log) says: 04526 Cannot open port 4582 for listening,
        reason 'Address already in use'. Port 4582 is held by process 4711 (nginx).
    log:
      description: The newest file of its log; null if nothing was written since its start.
      type: str
      sample: /opt/genesys/ChatServer_1/ChatServer.20260401_120000_000.log
    reasons:
      description: The events that tell why, each with C(id), C(time) and C(text).
      type: list
      elements: dict
      sample:
        - {id: '04526', time: '2026-04-01T12:00:01.234', text: "Cannot open port 4582 for listening, reason 'Address already in use'"}
    running:
      description: Whether a process of it is seen.
      type: bool
      sample: false
    failed:
      description: Whether it is certain that this start has failed. The log, begun since then, tells the end, and there is no process.
      type: bool
      sample: true
"""


from ansible_collections.genesys_engage.chat.plugins.module_utils._host.observe.start_failure import start_failures
from ansible_collections.genesys_engage.chat.plugins.module_utils._host_module import run_on_host

APPLICATION = dict(
    name=dict(type="str", required=True),
    directory=dict(type="str", required=True),
    log=dict(type="str", default=""),
    address=dict(type="str", default=""),
    seconds=dict(type="float", default=120),
)


def main():
    """Run the module."""
    run_on_host(
        dict(applications=dict(type="list", elements="dict", required=True, options=APPLICATION)),
        "Looking for the reason",
        lambda module: start_failures(module.params),
    )


if __name__ == "__main__":
    main()
