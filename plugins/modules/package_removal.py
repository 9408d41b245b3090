#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Remove an installed package from a host"""

# Runs on managed hosts, the oldest of which have Python 3.6: no future import of annotations.

DOCUMENTATION = r"""
module: package_removal
short_description: Remove an installed package from a host
version_added: 1.0.0
description:
  - Removes the installation directory of an application, with all that is in it. Backups and logs go too, as with the command that installers record
    for this purpose. Packages have no uninstaller of their own.
  - A directory of which nothing tells that it is the application's is refused. So is one that holds the directory of another application or a mount
    point, and one out of which the application runs.
  - Symbolic links are removed, and never followed. A removal that was cut short is finished by running again.
  - The application object in the Configuration Server stays, see M(genesys_engage.chat.chat_solution). A unit of systemd stays, see
    M(genesys_engage.chat.application_unit).
options:
  path:
    description:
      - The installation directory.
    type: str
    required: true
  install_roots:
    description:
      - The directories at or below which the installation may lie, after symbolic links on this host are followed. Another place is refused
        before anything is done.
      - Set it whenever O(path) comes from the Configuration Server, for example from M(genesys_engage.chat.deployment_info). Otherwise whoever
        may edit an application there chooses what root removes on this host.
      - If not set, O(path) counts as your own choice.
    type: list
    elements: str
  application:
    description:
      - Name of the application that the directory belongs to. Its start script must name it, or that of a backup where the last installation was cut
        short.
    type: str
    required: true
  start_script:
    description:
      - The start script that the installer writes at its end, relative to O(path).
    type: str
    default: run.sh
attributes:
  check_mode:
    description: Can run in C(check_mode) and return changed status prediction without modifying target.
    support: full
  diff_mode:
    description: Will return details on what has changed (or possibly needs changing in C(check_mode)), when in diff mode.
    support: full
  idempotent:
    description: When run twice in a row outside check mode, with the same arguments, the second invocation indicates no change.
    support: full
  platform:
    description: Target OS/families that can be operated against.
    support: full
    platforms: linux
seealso:
  - module: genesys_engage.chat.installation_package
  - module: genesys_engage.chat.chat_solution
author:
  - genesys_engage.chat contributors (@genesys-engage-ansible)
"""

EXAMPLES = r"""
- name: Remove a Chat Server that was stopped
  genesys_engage.chat.package_removal:
    path: /opt/genesys/ChatServer_1
    install_roots: [/opt/genesys]
    application: ChatServer_1
  become: true
"""

RETURN = r"""
before:
  description: What the directory held before, in the form of M(genesys_engage.chat.installation_package).
  type: dict
  returned: success
  sample:
    path: /opt/genesys/ChatServer_1
    nickname: eSChatSrv
    version: 8.5.316.02
    build: "1"
    application: ChatServer_1
    complete: true
    flaws: []
removed:
  description: Names of what was in the directory; in check mode, of what would be removed.
  type: list
  elements: str
  returned: success
  sample: [ChatServer, backup_2025-11-22_05-40-01, ip_description.xml, run.sh]
running:
  description: In check mode, the processes of the application that run from the directory and have to be stopped before.
  type: list
  elements: int
  returned: success
  sample: []
failure:
  description: What went wrong, as data, and on which C(host).
  type: dict
  returned: failure
  sample:
    host: chat1
    message: "'ChatServer_1' is running in /opt/genesys/ChatServer_1 (process 4711)."
    cure: Stop it first, for example with genesys_engage.chat.application_control.
"""

from ansible_collections.genesys_engage.chat.plugins.module_utils._host.recover.removal import remove
from ansible_collections.genesys_engage.chat.plugins.module_utils._host_module import run_on_host


def main():
    """Run the module."""
    run_on_host(
        dict(
            path=dict(type="str", required=True),
            install_roots=dict(type="list", elements="str"),
            application=dict(type="str", required=True),
            start_script=dict(type="str", default="run.sh"),
        ),
        "Removal",
        lambda module: remove(module.params, module.check_mode),
    )


if __name__ == "__main__":
    main()
