#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tell to which member of its UCS pair a Chat Server is connected."""

# Runs on managed hosts, the oldest of which have Python 3.6: no future import of annotations.

DOCUMENTATION = r"""
module: contact_server_connection_info
short_description: Tell to which member of its UCS pair a Chat Server is connected
version_added: 1.0.0
description:
  - Tells to which of a pair of Universal Contact Servers (UCS) a Chat Server is connected, by its log and by the TCP connections of its host,
    and waits, if asked to, until it is connected to a certain one.
  - A log that says "connected" is believed, unless no such connection is established. One that says "not connected" is believed too. Where the
    log says nothing of the pair, was not read, or was refuted like this, established connections decide.
  - Runs on the host of the Chat Server.
options:
  application:
    description:
      - Name of the Chat Server.
    type: str
    required: true
  primary:
    description:
      - The primary.
    type: dict
    required: true
    suboptions: &member
      name:
        description: Name of its application, as in the Chat Server's log.
        type: str
        required: true
      address:
        description: Address of its host, or a name that is known on the host of the Chat Server.
        type: str
        required: true
      port:
        description: The port to which Chat Servers connect.
        type: int
        required: true
  backup:
    description:
      - Its backup, if it has one.
    type: dict
    suboptions: *member
  directory:
    description:
      - Working directory of the Chat Server, to which O(name) is relative.
      - By it and by its argument C(-app) the process of the Chat Server is found. Then only its own connections count, which root sees.
        Without it, those of the whole host count, which are ambiguous where several Chat Servers run; RV(text) says so.
    type: path
  name:
    description:
      - File name of the log, as for M(genesys_engage.chat.server_log_info).
      - Without this or O(directory), or if the log can't be read, connections alone decide.
    type: str
  expected:
    description:
      - To which one it should be connected; V(any) means to one of them.
      - If not set, the module tells what it finds at once.
    type: str
    choices: [primary, backup, any]
  timeout:
    description:
      - Seconds to wait for that.
      - That it is not connected as expected then is no error of this module, see RV(reached).
    type: float
    default: 0
  since:
    description:
      - Count only reconnects after this time, C(YYYY-MM-DDTHH:MM:SS.mmm), which is compared with the times in the log.
      - RV(until) of an earlier run is such a time.
    type: str
  max_bytes:
    description:
      - How much of the log to read at each look, from the end of the newest file backwards.
    type: int
    default: 16777216
  encoding:
    description: Encoding of the log, one that contains ASCII.
    type: str
    default: utf-8
notes:
  - The log may lie anywhere, since the options of the application say where. Only regular files are read, never a pipe or a device, and nothing
    but standard events is returned.
  - A UCS whose host has lost its power or its network closes no connection. Until addp notices it, both the log and the established
    connections say that the Chat Server is connected to it.
  - A connection is established before the UCS has answered anything. So of a log that says "not connected", connections do not prove the
    contrary.
  - Whether the Chat Server runs, M(genesys_engage.chat.application_status_info) knows.
extends_documentation_fragment:
  - genesys_engage.chat.attributes.host_info
seealso:
  - module: genesys_engage.chat.server_log_info
  - module: genesys_engage.chat.application_status_info
author:
  - genesys_engage.chat contributors (@genesys-engage-ansible)
"""

EXAMPLES = r"""
- name: See to which UCS a Chat Server is connected
  genesys_engage.chat.contact_server_connection_info:
    application: ChatServer_1
    primary: {name: UCS_1, address: ucs1.example.com, port: 5100}
    backup: {name: UCS_2, address: ucs2.example.com, port: 5100}
    directory: /opt/genesys/ChatServer_1
    name: ChatServer
  become: true
  register: before

- name: The primary has been stopped; wait until the Chat Server is connected to the backup
  genesys_engage.chat.contact_server_connection_info:
    application: ChatServer_1
    primary: {name: UCS_1, address: ucs1.example.com, port: 5100}
    backup: {name: UCS_2, address: ucs2.example.com, port: 5100}
    directory: /opt/genesys/ChatServer_1
    name: ChatServer
    expected: backup
    timeout: 30
    since: "{{ before.until or omit }}"
  become: true
  register: switched
  failed_when: not switched.reached
"""

RETURN = r"""
member:
  description:
    - To which member it is connected, C(primary), C(backup), C(none) or, against the rules, C(both).
    - C(unknown) if neither the log nor the connections tell.
  type: str
  returned: success
  sample: backup
connected_to:
  description: The name of that one; null for none, both and unknown.
  type: str
  returned: success
  sample: UCS_2
evidence:
  description: What decided it, C(log) or C(connections); null if it is unknown.
  type: str
  returned: success
  sample: log
reached:
  description: Whether it is connected as O(expected); true if nothing is expected.
  type: bool
  returned: success
  sample: true
reconnects:
  description:
    - How often it has connected to one of the two by its log, after O(since) if that is set, without the first connection after each start.
    - Null if the log was not read, or O(since) is set and the log does not tell the day of such a connection.
  type: int
  returned: success
  sample: 1
until:
  description: The latest line's time in the log that is known with its day; null if none is.
  type: str
  returned: success
  sample: "2026-03-01T10:15:30.125"
seconds:
  description: How long it took.
  type: float
  returned: success
  sample: 1.4
log_problem:
  description: Why the log does not tell; null if it does.
  type: str
  returned: success
  sample: The log has no event about UCS_1 or UCS_2.
text:
  description: The result in words.
  type: str
  returned: success
  sample: "'ChatServer_1' is connected to the backup 'UCS_2', as its log says."
failure:
  description: What went wrong, as data.
  type: dict
  returned: failure
  sample:
    message: "expected: there is no backup."
    cure: Set backup, or expect the primary.
"""

from ansible_collections.genesys_engage.chat.plugins.module_utils._host.observe.connections import wait_for_member
from ansible_collections.genesys_engage.chat.plugins.module_utils._host_module import run_on_host

MEMBER = dict(name=dict(type="str", required=True), address=dict(type="str", required=True), port=dict(type="int", required=True))


def main():
    """Run the module."""
    run_on_host(
        dict(
            application=dict(type="str", required=True),
            primary=dict(type="dict", required=True, options=MEMBER),
            backup=dict(type="dict", options=MEMBER),
            directory=dict(type="path"),
            name=dict(type="str"),
            expected=dict(type="str", choices=["primary", "backup", "any"]),
            timeout=dict(type="float", default=0),
            since=dict(type="str"),
            max_bytes=dict(type="int", default=16 * 1024 * 1024),
            encoding=dict(type="str", default="utf-8"),
        ),
        "Looking at the connections",
        lambda module: wait_for_member(module.params),
    )


if __name__ == "__main__":
    main()
