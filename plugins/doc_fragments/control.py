# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options by which installers and mlcmd reach the Configuration Server and Solution Control Server."""

from __future__ import annotations


class ModuleDocFragment:
    """The main fragment is the Configuration Server, C(scs) is mlcmd with its servers."""

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

    SCS = r"""
options:
  mlcmd:
    description:
      - Path of C(mlcmd) or C(mlcmd_64) on the host that the task runs on.
      - A name without a slash is looked for in E(PATH).
    type: path
    required: true
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
      - Seconds that one call of C(mlcmd) may take.
    type: float
    default: 30
requirements:
  - The command-line client C(mlcmd) of Solution Control Server, on the host that the task runs on.
notes:
  - C(mlcmd) takes the password as an argument only, so that it is visible in the list of processes of the host for the moment of each call.
"""
