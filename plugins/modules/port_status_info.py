#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Check that the ports of applications answer, or are free."""

DOCUMENTATION = r"""
module: port_status_info
short_description: Check that the ports of applications answer, or are free
version_added: 1.0.0
description:
  - Connects to each port from the host that runs the module, and fails if one does not answer in time.
  - Or looks on the applications' own host, before they are installed or started, whether something else holds one of their ports. See O(expected).
options:
  ports:
    description: The ports.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: Name of the application, for messages.
        type: str
        required: true
      id:
        description: Id of the port, for messages.
        type: str
        required: true
      address:
        description: Host name or address.
        type: str
        required: true
      port:
        description: Port number.
        type: int
        required: true
      directory:
        description:
          - With O(expected=free) the installation directory of the application, by which its own processes are recognised.
          - So they are by their unit of systemd, too.
        type: str
  expected:
    description:
      - V(answering) fails if a port does not answer.
      - V(free) fails if a process holds a port that is not one of the application itself, since then the application could not be started.
        The message names the process. Run it on the host of the application, as root; others do not see whose a port is.
    type: str
    default: answering
    choices: [answering, free]
  timeout:
    description: Seconds to wait for all of them to answer.
    type: float
    default: 10
extends_documentation_fragment:
  - genesys_engage.chat.attributes.host_info
author:
  - genesys_engage.chat contributors (@genesys-engage-ansible)
"""

EXAMPLES = r"""
- name: The ESP port of a Chat Server
  genesys_engage.chat.port_status_info:
    ports:
      - {name: ChatServer_1, id: ESP, address: chat1.example.com, port: 4582}

- name: Nothing else has the ports of a Chat Server that is going to be installed here
  genesys_engage.chat.port_status_info:
    expected: free
    ports:
      - {name: ChatServer_1, id: ESP, address: 192.0.2.1, port: 4582, directory: /opt/genesys/ChatServer_1}
  become: true
"""

RETURN = r"""
ports:
  description: The ports, each with C(listening). With O(expected=free) also with C(holder), what else than the application holds it, or null.
  type: list
  elements: dict
  returned: success
  sample:
    - {name: ChatServer_1, id: ESP, address: chat1.example.com, port: 4582, listening: true}
failure:
  description: What went wrong, as data, with all ports in the form of RV(ports).
  type: dict
  returned: failure
  sample:
    message: "Nothing answers after 10 seconds at ChatServer_1: port id 'ESP' at chat1.example.com:4582"
    cure: "Look at the log of the application: it tells in events 04525 and 04526 which ports it opened."
    ports:
      - {name: ChatServer_1, id: ESP, address: chat1.example.com, port: 4582, listening: false}
"""

from ansible_collections.genesys_engage.chat.plugins.module_utils._host.observe.holders import require_free
from ansible_collections.genesys_engage.chat.plugins.module_utils._host.system.ports import require_all
from ansible_collections.genesys_engage.chat.plugins.module_utils._host_module import run_on_host

PORT = dict(
    name=dict(type="str", required=True),
    id=dict(type="str", required=True),
    address=dict(type="str", required=True),
    port=dict(type="int", required=True),
    directory=dict(type="str"),
)


def look(module):
    """Return the ports, which are as expected."""
    ports, seconds = module.params["ports"], module.params["timeout"]
    return {"ports": require_free(ports, module.warn) if module.params["expected"] == "free" else require_all(ports, seconds)}


def main():
    """Run the module."""
    run_on_host(
        dict(
            ports=dict(type="list", elements="dict", required=True, options=PORT),
            expected=dict(type="str", default="answering", choices=["answering", "free"]),
            timeout=dict(type="float", default=10),
        ),
        "Looking at the ports",
        look,
    )


if __name__ == "__main__":
    main()
