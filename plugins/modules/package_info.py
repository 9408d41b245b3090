#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tell which installation packages are installed on a host"""

# Runs on managed hosts, the oldest of which have Python 3.6: no future import of annotations.

DOCUMENTATION = r"""
module: package_info
short_description: Tell which installation packages are installed on a host
version_added: 1.0.0
description:
  - Describes installation directories on the host that the task runs on; product, version, build, application, whether the last installation got
    to its end, and the backups of former content.
  - On Linux the installers keep no list of what they have installed. The directories themselves are the only evidence.
options:
  paths:
    description:
      - Installation directories. Each is described, whatever it holds.
    type: list
    elements: str
    default: []
  install_root:
    description:
      - A directory whose subdirectories are described as far as they hold an installation, a backup of one, or an interrupted one.
    type: str
  start_script:
    description:
      - The start script that the installer writes at its end, relative to the installation directory.
    type: str
    default: run.sh
extends_documentation_fragment:
  - genesys_engage.chat.attributes.host_info
notes:
  - Installers close installations, and backups even more, to other users. Without root (C(become)) or the rights of their owner little is seen,
    and C(flaws) says so.
seealso:
  - module: genesys_engage.chat.installation_package
  - module: genesys_engage.chat.package_rollback
author:
  - genesys_engage.chat contributors (@genesys-engage-ansible)
"""

EXAMPLES = r"""
- name: What is installed here
  genesys_engage.chat.package_info:
    install_root: /opt/genesys
  become: true
  register: packages

- name: Installations that are not complete
  ansible.builtin.debug:
    msg: "{{ packages.installations | rejectattr('complete') | map(attribute='path') }}"
"""

RETURN = r"""
installations:
  description: The installation directories.
  type: list
  elements: dict
  returned: success
  contains:
    path:
      description: The directory.
      type: str
      sample: /opt/genesys/ChatServer_1
    nickname:
      description: The product.
      type: str
      sample: eSChatSrv
    version:
      description: The version.
      type: str
      sample: 8.5.316.02
    build:
      description: The build.
      type: str
      sample: "1"
    application:
      description: The application that the start script names.
      type: str
      sample: ChatServer_1
    complete:
      description: Whether product and start script are there and nothing was cut short.
      type: bool
      sample: true
    flaws:
      description: Why it does not count as complete.
      type: list
      elements: str
      sample: []
    unfinished:
      description:
        - What was begun here and has not got to its end, or is running just now; C(action) is V(installation) or V(rollback), and C(application),
          C(nickname), C(version), C(build) say what was to be reached.
      type: dict
      sample: null
    rolled_back:
      description: Whether a roll-back has brought this content back, and nothing was installed since.
      type: bool
      sample: false
    backups:
      description:
        - Former content, newest first. The entries have the keys of an installation down to C(flaws), and C(taken), the time in the host's time zone.
        - One can go back to those that are complete, if they lie within the directory. Those beside it are only listed.
      type: list
      elements: dict
      sample:
        - path: /opt/genesys/ChatServer_1/backup_2025-11-22_05-40-01
          nickname: eSChatSrv
          version: 8.5.311.06
          build: "1"
          application: ChatServer_1
          complete: true
          flaws: []
          taken: "2025-11-22T05:40:01"
"""

from ansible_collections.genesys_engage.chat.plugins.module_utils._host.observe.installations import installations
from ansible_collections.genesys_engage.chat.plugins.module_utils._host_module import run_on_host


def main():
    """Run the module."""
    run_on_host(
        dict(
            paths=dict(type="list", elements="str", default=[]),
            install_root=dict(type="str"),
            start_script=dict(type="str", default="run.sh"),
        ),
        "Reading the installations",
        lambda module: {"installations": installations(module.params["paths"], module.params["install_root"], module.params["start_script"])},
    )


if __name__ == "__main__":
    main()
