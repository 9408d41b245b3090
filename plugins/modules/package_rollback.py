#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Go back to the former version of an installed package"""

# Runs on managed hosts, the oldest of which have Python 3.6: no future import of annotations.

DOCUMENTATION = r"""
module: package_rollback
short_description: Go back to the former version of an installed package
version_added: 1.0.0
description:
  - Makes the newest complete backup in an installation directory the installation again. The present content becomes a backup, which later
    roll-backs pass over.
  - Only files are changed. The installer has written version, working directory and command line of the new version to the Configuration Server;
    the values that belong to the old one are returned as RV(configuration).
  - An installation that was cut short is undone. A roll-back that was cut short is finished by running again, by this module or by
    M(genesys_engage.chat.installation_package).
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
        may edit an application there chooses where root moves files on this host.
      - If not set, O(path) counts as your own choice.
    type: list
    elements: str
  application:
    description:
      - Name of the application that the directory belongs to. Only backups whose start script names it are gone back to.
    type: str
    required: true
  version:
    description:
      - The version to go back to. The newest complete backup of that version is taken; nothing happens if it is installed and complete.
      - If not set, it is the newest complete backup. Running again does not go back further; nothing happens until something was installed since.
    type: str
  user:
    description:
      - Move the files with the rights of this user, who owns the installation. Needs root (C(become)) unless it is the user of the task.
    type: str
  start_script:
    description:
      - The start script that the installer writes at its end, relative to O(path). A backup without it is not whole.
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
notes:
  - The application must be stopped before.
  - To install the new version again later, run M(genesys_engage.chat.installation_package) with its package; as long as it is described so, it will.
seealso:
  - module: genesys_engage.chat.installation_package
  - module: genesys_engage.chat.package_info
author:
  - genesys_engage.chat contributors (@genesys-engage-ansible)
"""

EXAMPLES = r"""
- name: Go back to the version before the last upgrade
  genesys_engage.chat.package_rollback:
    path: /opt/genesys/ChatServer_1
    application: ChatServer_1
    user: genesys
  become: true
  register: old

- name: Put the values that belong to it back into the Configuration Server
  genesys_engage.chat.chat_server_app:
    name: ChatServer_1
    working_directory: "{{ old.configuration.working_directory }}"
    command_line: "{{ old.configuration.command_line }}"
    command_line_arguments: "{{ old.configuration.command_line_arguments }}"
    version: "{{ old.configuration.version }}"
  delegate_to: site
"""

RETURN = r"""
installed:
  description: What the installation directory holds afterwards, in the form of M(genesys_engage.chat.installation_package).
  type: dict
  returned: success
  sample:
    path: /opt/genesys/ChatServer_1
    nickname: eSChatSrv
    version: 8.5.311.06
    build: "1"
    application: ChatServer_1
    complete: true
    flaws: []
before:
  description: What it held before, in the same form.
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
set_aside:
  description: The backup that holds the content of before; not set in check mode, or if there was none.
  type: str
  returned: success
  sample: /opt/genesys/ChatServer_1/backup_2025-11-23_04-10-00
configuration:
  description: The values of the application object that belong to what is installed, as its start script has them.
  type: dict
  returned: success
  sample:
    working_directory: /opt/genesys/ChatServer_1
    command_line: ./ChatServer
    command_line_arguments: -host confserv.example.com -port 2020 -app "ChatServer_1"
    version: 8.5.311.06
running:
  description: Processes of the application that run from the directory and have to be stopped before the roll-back.
  type: list
  elements: int
  returned: in check mode, if something would be changed
  sample: []
failure:
  description: What went wrong, as data, and on which C(host).
  type: dict
  returned: failure
  sample:
    host: chat1
    message: "path: /opt/genesys/ChatServer_1 holds no complete backup of 'ChatServer_1' to go back to (there is none at all)."
    cure: Install the wanted version with genesys_engage.chat.installation_package and allow_downgrade.
"""

from ansible_collections.genesys_engage.chat.plugins.module_utils._host.recover.rollback import roll_back
from ansible_collections.genesys_engage.chat.plugins.module_utils._host_module import run_on_host


def main():
    """Run the module."""
    run_on_host(
        dict(
            path=dict(type="str", required=True),
            install_roots=dict(type="list", elements="str"),
            application=dict(type="str", required=True),
            version=dict(type="str"),
            user=dict(type="str"),
            start_script=dict(type="str", default="run.sh"),
        ),
        "Going back",
        lambda module: roll_back(module.params, module.check_mode),
    )


if __name__ == "__main__":
    main()
