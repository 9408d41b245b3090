# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options by which installers and mlcmd reach the Configuration Server and Solution Control Server."""

from __future__ import annotations


class ModuleDocFragment:
    """The main fragment is the Configuration Server; C(backends) is mlcmd with its servers, or systemd."""

    DOCUMENTATION = r"""
options:
  confserv_host:
    description:
      - Host name or address of the Configuration Server, as seen from the host that the task runs on.
      - If not set, the environment variable E(CONFSERV_HOST) is used.
    type: str
    required: true
  confserv_port:
    description:
      - Port of the Configuration Server.
      - If not set, the environment variable E(CONFSERV_PORT) is used.
    type: int
    default: 2020
  confserv_username:
    description:
      - Name of a user of the Configuration Server.
      - If not set, the environment variable E(CONFSERV_USERNAME) is used.
    type: str
    required: true
  confserv_password:
    description:
      - Password of that user; it may be empty.
      - If not set, the environment variable E(CONFSERV_PASSWORD) is used.
    type: str
    required: true
"""

    BACKENDS = r"""
options:
  control:
    description:
      - Who starts and stops the applications, and tells their status.
      - V(solution_control_server) is asked through C(mlcmd); the task may run on any host that has it.
      - V(systemd) means units that M(genesys_engage.chat.application_unit) has written; the task runs on the host of the applications.
        Starting and stopping needs C(become).
    type: str
    choices: [solution_control_server, systemd]
    default: solution_control_server
  mlcmd:
    description:
      - Path of C(mlcmd) or C(mlcmd_64) on the host that the task runs on.
      - A name without a slash is looked for in E(PATH).
      - Needed with O(control=solution_control_server).
    type: path
  confserv_host:
    description:
      - Host name or address of the Configuration Server, as seen from the host that the task runs on.
      - If not set, the environment variable E(CONFSERV_HOST) is used.
      - Needed with O(control=solution_control_server).
    type: str
  confserv_port:
    description:
      - Port of the Configuration Server.
      - If not set, the environment variable E(CONFSERV_PORT) is used.
    type: int
    default: 2020
  confserv_username:
    description:
      - Name of a user of the Configuration Server.
      - If not set, the environment variable E(CONFSERV_USERNAME) is used.
      - Needed with O(control=solution_control_server).
    type: str
  confserv_password:
    description:
      - Password of that user; it may be empty.
      - If not set, the environment variable E(CONFSERV_PASSWORD) is used.
      - Needed with O(control=solution_control_server).
    type: str
  scs_host:
    description:
      - Host name or address of Solution Control Server, passed to C(mlcmd) as C(-scshost).
      - If not set, the environment variable E(SCS_HOST) is used. If neither is set, the switch is left out.
    type: str
  scs_port:
    description:
      - Port of Solution Control Server, passed to C(mlcmd) as C(-scsport).
      - If not set, the environment variable E(SCS_PORT) is used. If neither is set, the switch is left out.
    type: int
  client_application:
    description:
      - Name of the application object, of an interface type, by which C(mlcmd) logs in to the Configuration Server.
    type: str
    default: default
  timeout:
    description:
      - Seconds that one call of C(mlcmd) or C(systemctl) may take.
    type: float
    default: 30
  patience:
    description:
      - Seconds to try again if C(mlcmd) finds nothing out at first, since Solution Control Server may be away for a while.
      - That a password is wrong looks the same. So after three attempts in a row during which the Configuration Server and Solution Control
        Server took connections, there is no further one. Without O(scs_host) and O(scs_port) that is not known, and this error comes late.
      - If not set, it is 30 for M(genesys_engage.chat.application_control) and 0 for M(genesys_engage.chat.application_status_info).
      - Not used with O(control=systemd). After the first answer, the time-outs of the applications bound the patience.
    type: float
requirements:
  - The command-line client C(mlcmd) of Solution Control Server, on the host that the task runs on; or systemd 232 or newer.
notes:
  - C(mlcmd) takes the password as an argument only, so that it is visible in the list of processes of the host for the moment of each call.
  - With O(control=systemd) C(RUNNING) means that the unit's process lives and that it listens at each port that the unit names;
    until then the status is C(INITIALIZING). Whether the application can do its work is not known to systemd, so
    C(SERVICE_UNAVAILABLE) is never reported. C(RUNNING_OUTSIDE_UNIT) means that a process of the application runs that the unit has not
    started; such an application is not touched.
"""
