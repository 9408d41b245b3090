# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options that describe an application."""

from __future__ import annotations


class ModuleDocFragment:
    """Used as genesys_engage.chat.application; the nested descriptions of a solution repeat it as suboptions."""

    DOCUMENTATION = r"""
options:
  application_template:
    description:
      - Name of the application template. Needed to create the application, and fixed afterwards.
    type: str
  folder:
    description:
      - Folder in which a new application is put, by name or by path from the root. An existing application stays where it is.
    type: str
  host:
    description:
      - Name of the Host object on which the application runs. Needed to create the application.
    type: str
  tenants:
    description:
      - Names of the tenants that the application serves. Tenants it serves beside these stay.
    type: list
    elements: str
  ports:
    description:
      - Listening ports, as a mapping of port id to port number. Ports beside these stay.
    type: dict
  connections:
    description:
      - Further connections of the application. Connections beside these stay.
    type: list
    elements: dict
    suboptions:
      server:
        description: Name of the application to connect to.
        type: str
        required: true
      port:
        description: Id of that application's port.
        type: str
        default: default
      addp:
        description: Settings of the Advanced Disconnect Detection Protocol for this connection; see O(addp) where it exists.
        type: dict
        suboptions:
          enabled:
            description: Whether the connection uses addp.
            type: bool
            default: true
          local_timeout:
            description: Seconds after which the client polls.
            type: int
          remote_timeout:
            description: Seconds after which the server polls.
            type: int
          trace:
            description: Which side writes addp messages to its log.
            type: str
            choices: ["none", local, remote, both]
  options:
    description:
      - Options, as a mapping of section to a mapping of option to value. An option set to V(null) is removed; options that are not
        mentioned stay. A new application also gets the options of its template.
    type: dict
  annex:
    description:
      - Annex (user properties), in the same form as O(options).
    type: dict
  startup_timeout:
    description: Seconds within which the application must start.
    type: int
  shutdown_timeout:
    description: Seconds within which the application must stop.
    type: int
  reconnect_timeout:
    description: Seconds between attempts of clients to reconnect.
    type: int
  reconnect_attempts:
    description: Number of attempts of clients to reconnect.
    type: int
  auto_restart:
    description: Whether the application is started again after a failure.
    type: bool
  working_directory:
    description:
      - Working directory. The installation package writes it, so it is managed only if it is given; a new application has V(.) until then.
    type: str
  command_line:
    description: Command line; written by the installation package, like O(working_directory).
    type: str
  command_line_arguments:
    description: Arguments of the command line; written by the installation package, like O(working_directory).
    type: str
  version:
    description: Version; written by the installation package, like O(working_directory), and taken from the template before.
    type: str
"""
