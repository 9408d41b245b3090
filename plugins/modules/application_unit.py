#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Manage the systemd unit of an application"""

# Runs on managed hosts, the oldest of which have Python 3.6: no future import of annotations.

DOCUMENTATION = r"""
module: application_unit
short_description: Manage the systemd unit of an application
version_added: 1.0.0
description:
  - Writes the systemd unit that starts an application with its start script, without Solution Control Server, and decides whether that
    happens when the host boots.
  - It starts and stops nothing, see M(genesys_engage.chat.application_control). A unit that is changed while its application runs has its
    effect at the next start.
  - The unit is C(genesys-<name>.service), with the application's name escaped as C(systemd-escape) does it. A unit of that name that was not
    written by this module is left alone, and the task fails.
  - The file is replaced as a whole. Settings of your own belong into a drop-in (C(systemctl edit)), which is left alone.
options:
  application:
    description:
      - Name of the application, as in the Configuration Server.
    type: str
    required: true
  state:
    description:
      - V(absent) removes the unit, if the application does not run.
    type: str
    choices: [present, absent]
    default: present
  path:
    description:
      - The installation directory. The application must be installed there.
      - Needed with O(state=present).
    type: str
  install_roots:
    description:
      - The directories at or below which the installation may lie, after symbolic links on this host are followed. Another place is refused
        before anything is done.
      - Set it whenever O(path) comes from the Configuration Server, for example from M(genesys_engage.chat.deployment_info). Otherwise whoever
        may edit an application there chooses where root runs a script on this host.
      - If not set, O(path) counts as your own choice.
    type: list
    elements: str
  start_script:
    description:
      - The start script, relative to O(path). It is run by C(/bin/sh), since it has no interpreter line.
    type: str
    default: run.sh
  user:
    description:
      - The account that the application runs under. If not set, it is the owner of the start script.
      - A start script that another account can replace tells nobody; then name the account.
    type: str
  group:
    description:
      - Its group. If not set, it is the account's own one.
    type: str
  ports:
    description:
      - TCP ports of the application, by id. It counts as running when it listens at each of them. They do not configure it.
      - Without any it counts as running as soon as its process exists.
    type: dict
  enabled:
    description:
      - Whether the application is started when the host boots.
    type: bool
    default: true
  restart:
    description:
      - Whether the application is started again when it ends with an exit code other than 0 or by a signal.
    type: bool
    default: true
  restart_delay:
    description:
      - Seconds before that. This default and the next two are this collection's own choice; together they let an application try for
        five minutes or longer, until a Configuration Server that has been switched off too is there again.
    type: float
    default: 10
  restart_attempts:
    description:
      - After so many starts within O(restart_window) there is no further one.
    type: int
    default: 30
  restart_window:
    description:
      - Seconds.
    type: float
    default: 600
  stop_timeout:
    description:
      - Seconds between SIGTERM, by which the application is stopped, and SIGKILL. The shutdown timeout of the application object is a good value.
    type: float
    default: 90
  limits:
    description:
      - Resource limits of the process, by the end of systemd's name for them, for example V(NOFILE) for C(LimitNOFILE).
      - What is not set stays as systemd has it by default, which is often 1024 open files.
      - Values are numbers, V(infinity), or a soft and a hard limit with a colon between them.
    type: dict
attributes:
  check_mode:
    description: Can run in C(check_mode) and return changed status prediction without modifying target.
    support: full
    details: If neither O(user) is set nor the application installed yet, the user in the diff is that of the task.
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
requirements:
  - systemd 232 or newer
seealso:
  - module: genesys_engage.chat.application_control
  - module: genesys_engage.chat.installation_package
author:
  - genesys_engage.chat contributors (@genesys-engage-ansible)
"""

EXAMPLES = r"""
- name: A unit for a Chat Server
  genesys_engage.chat.application_unit:
    application: ChatServer_1
    path: /opt/genesys/ChatServer_1
    ports: {default: 4580, webapi: 4581, ESP: 4582}
    limits:
      NOFILE: 65536
  become: true

- name: Back to Solution Control Server
  genesys_engage.chat.application_unit:
    application: ChatServer_1
    state: absent
  become: true
"""

RETURN = r"""
unit:
  description: Name of the unit.
  type: str
  returned: success
  sample: genesys-ChatServer_1.service
path:
  description: Its file.
  type: str
  returned: success
  sample: /etc/systemd/system/genesys-ChatServer_1.service
enabled:
  description: Whether it is started at boot.
  type: bool
  returned: success
  sample: true
failure:
  description: What went wrong, as data.
  type: dict
  returned: failure
  sample:
    message: The unit /etc/systemd/system/genesys-ChatServer_1.service is not one that this collection wrote; it is left as it is.
    cure: Remove that unit, or leave this application to it.
"""

from ansible_collections.genesys_engage.chat.plugins.module_utils._host.control.unit_files import manage_unit
from ansible_collections.genesys_engage.chat.plugins.module_utils._host_module import run_on_host


def main():
    """Run the module."""
    run_on_host(
        dict(
            application=dict(type="str", required=True),
            state=dict(type="str", choices=["present", "absent"], default="present"),
            path=dict(type="str"),
            install_roots=dict(type="list", elements="str"),
            start_script=dict(type="str", default="run.sh"),
            user=dict(type="str"),
            group=dict(type="str"),
            ports=dict(type="dict"),
            enabled=dict(type="bool", default=True),
            restart=dict(type="bool", default=True),
            restart_delay=dict(type="float", default=10),
            restart_attempts=dict(type="int", default=30),
            restart_window=dict(type="float", default=600),
            stop_timeout=dict(type="float", default=90),
            limits=dict(type="dict"),
        ),
        "Writing the unit",
        lambda module: manage_unit(module.params, module.check_mode, module.warn),
        required_if=[("state", "present", ["path"])],
    )


if __name__ == "__main__":
    main()
