#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bring the Configuration Server to the description of a chat solution"""

from __future__ import annotations

DOCUMENTATION = r"""
module: chat_solution
short_description: Bring the Configuration Server to the description of a chat solution
version_added: 1.0.0
description:
  - Brings the Configuration Server to one description of a whole chat solution, in one task, one login and few requests.
  - Queues, described servers, UCS pairs, Chat Servers, their groups, the links from Interaction Server and GMS, and the chat channels of Web
    Engagement are planned together; the plan is shown by C(--check --diff) exactly as it is then written.
  - Objects that are only named must exist. Objects that are described (a mapping with a name and more) are created if they do not.
  - What the description does not mention stays as it is, except a Chat Server's connections to UCS, which the groups own.
options:
  solution:
    description: The description.
    type: dict
    required: true
    suboptions:
      tenant:
        description: Name of the tenant whose queues the endpoints lead to, and which new applications serve.
        type: str
        required: true
      addp:
        description:
          - Settings of the Advanced Disconnect Detection Protocol (addp) for the connections that this task describes. It is recommended for all of
            them.
          - If not given, existing connections keep theirs, and new ones get addp with 10 seconds on both sides and trace V(both). These values are
            taken from a public installation; the documentation names none.
        type: dict
        suboptions:
          enabled:
            description: Whether the connections use addp.
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
      application_templates:
        description: Application templates that must exist, and the files they come from; see M(genesys_engage.chat.application_template).
        type: list
        elements: dict
        suboptions:
          name:
            description: Name of the template. If there is a template of that name, the file is not looked at.
            type: str
            required: true
          src:
            description: Path of the C(.apd) file on the host that runs the module.
            type: path
            required: true
          folder:
            description: Folder in which a new template is put, by name or by path from the root.
            type: str
      interaction_queues:
        description: Interaction Queues that must exist, each a name, or a mapping with C(name) and C(folder). Missing ones are created without
          a strategy.
        type: list
        elements: raw
      chat_server_defaults:
        description: What all Chat Servers have in common; each may deviate. Mappings are merged key by key.
        type: dict
        suboptions: &chat_server
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
                description: Settings of the Advanced Disconnect Detection Protocol for this connection.
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
              - Annex (user properties), in the same form as the options.
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
            description: Command line; written by the installation package, like the working directory.
            type: str
          command_line_arguments:
            description: Arguments of the command line; written by the installation package, like the working directory.
            type: str
          version:
            description: Version; written by the installation package, like the working directory, and taken from the template before.
            type: str
          endpoints:
            description:
              - Endpoints of the first tenant of C(tenants), as a mapping of endpoint to the name of an Interaction Queue of that tenant. Chats are
                submitted to that queue.
              - V(default) must be among them, here or already on the application.
              - An endpoint set to V(null) is removed; to rename one, remove the old name and give the new one. One that another application names stays.
            type: dict
          tenant_endpoints:
            description:
              - Endpoints of further tenants, as a mapping of tenant name to a mapping like C(endpoints).
            type: dict
          log_privacy:
            description:
              - What Chat Server may write of customers' data to its log.
              - V(private) hides all of it, which is what the product does unless told otherwise.
              - A mapping sets single points, C(hide_attached_data) (V(true) keeps user data out of the log), C(message_log_print_size) (characters
                of each message that are written, 0 to 7000), and C(log_filter_data) (filters by attribute, for example C(Transcript) or
                C(StructuredText), with V(copy), V(skip) or V(hide)).
            type: raw
          kpi_over_rest:
            description: Whether KPI are to be exposed over REST, which needs a port with the id V(health).
            type: bool
          interaction_servers:
            description: Names of the Interaction Servers (or Application Clusters of them) to connect to.
            type: list
            elements: str
          contact_server:
            description: Name of the Universal Contact Server (UCS) to connect to; it must not be a backup. A connection to any other UCS is removed.
            type: str
          configuration_server:
            description: Name of the Configuration Server application to connect to, usually V(confserv).
            type: str
          message_server:
            description: Name of the Message Server to connect to.
            type: str
          addp:
            description:
              - Settings of the Advanced Disconnect Detection Protocol (addp) for the connections of this Chat Server. It is recommended for all of
                them.
              - If not given, existing connections keep theirs, and new ones get addp with 10 seconds on both sides and trace V(both). These values are
                taken from a public installation; the documentation names none.
            type: dict
            suboptions:
              enabled:
                description: Whether the connections use addp.
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
      chat_servers:
        description: The Chat Servers.
        type: list
        elements: dict
        suboptions:
          <<: *chat_server
          name:
            description: Name of the application.
            type: str
            required: true
      contact_servers:
        description: The Universal Contact Servers.
        type: dict
        suboptions:
          defaults:
            description: What all described UCS have in common.
            type: dict
            suboptions: &application
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
                    description: Settings of the Advanced Disconnect Detection Protocol for this connection.
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
                  - Annex (user properties), in the same form as the options.
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
                description: Command line; written by the installation package, like the working directory.
                type: str
              command_line_arguments:
                description: Arguments of the command line; written by the installation package, like the working directory.
                type: str
              version:
                description: Version; written by the installation package, like the working directory, and taken from the template before.
                type: str
          pairs:
            description: The pairs. Each member is a name, or a mapping with C(name) and what a new application needs. The backup's options,
              connections and tenants come from the primary.
            type: list
            elements: dict
            suboptions:
              primary:
                description: The primary.
                type: raw
                required: true
              backup:
                description: The backup.
                type: raw
                required: true
          single:
            description: The only UCS, where there is no pair, instead of C(pairs).
            type: raw
          redundancy_type:
            description: Redundancy type of the primaries; V(warm standby) if not given, which is inferred.
            type: str
            choices: ["none", cold standby, warm standby, hot standby]
      interaction_server_defaults:
        description: What all described Interaction Servers have in common.
        type: dict
        suboptions: *application
      interaction_servers:
        description: The Interaction Servers, each a name or a mapping. All are connected to the ESP port of every Chat Server.
        type: list
        elements: raw
      gms_defaults:
        description: What all described GMS nodes have in common.
        type: dict
        suboptions: *application
      gms:
        description: The GMS nodes, each a name or a mapping. All are connected to the webapi port of every Chat Server, without addp.
        type: list
        elements: raw
      message_server:
        description: Name of the Message Server to which the Chat Servers are connected.
        type: str
      configuration_server:
        description: Name of the Configuration Server application to which the Chat Servers are connected.
        type: str
      web_engagement:
        description:
          - The chat channels of Web Engagement; see M(genesys_engage.chat.wes_chat_channel). The connections of the Backend Servers are checked,
            not made.
        type: list
        elements: dict
        suboptions:
          backend_server:
            description: Name of the Web Engagement Backend Server application (release 8.1.2), or of the Web Engagement Cluster (release 8.5).
            type: str
            required: true
          queue:
            description: Name of the Interaction Queue.
            type: str
            required: true
          endpoint:
            description: Name of the endpoint on the Chat Servers.
            type: str
            default: webme
          chat_servers:
            description:
              - Names of the Chat Servers. If not given, the one that the Backend Server is connected to, or those among the connections of the
                Application Cluster that it is connected to.
              - If given, they must be what the connections say, as far as these tell the members of the cluster.
            type: list
            elements: str
          contact_handling:
            description:
              - What becomes of the contact when a chat session begins. V(1) or V(none), contacts are neither identified nor created. V(2) or
                V(identify), they are identified. V(3) or V(create), they are identified, and created if absent.
              - If not given, the option is left as it is; without it, or with a wrong value, the product takes V(3).
              - For V(2) and V(3) the Chat Servers must be connected to UCS.
            type: str
          refresh_period:
            description:
              - Seconds between updates of the session in the chat widget, from 1 to 5.
              - In release 8.5 neither unit nor range is known; the value is written as it is given.
            type: int
          request_pool_size:
            description: Number of threads between chat widgets and Chat Servers.
            type: int
          session_restore_timeout:
            description:
              - Seconds during which a broken chat session is tried to be restored when the Chat Server becomes unavailable.
              - The documentation spells the option in two ways. The one that the application has is used, or else C(sessionRestoreTimeout).
              - Release 8.5 has no known name for it, so it is refused there.
            type: int
          chat_is_default_channel:
            description:
              - V(true) makes chat the default channel of engagement. This turns the pacing algorithm off and ignores the number of ready agents, so it
                is refused unless O(solution.web_engagement[].development_environment=true). V(false) makes sure that the pacing algorithm is used.
              - Release 8.5 has no known name for it, so it is refused there.
            type: bool
          development_environment:
            description: Says that this is a development environment.
            type: bool
            default: false
          release:
            description:
              - Release of Web Engagement, which decides on the names of the options. If not given, it is seen by the sections of the application,
                or by its type.
            type: str
            choices: ["8.1.2", "8.5"]
seealso:
  - module: genesys_engage.chat.chat_solution_info
extends_documentation_fragment:
  - genesys_engage.chat.gax
  - genesys_engage.chat.gax.writing
  - genesys_engage.chat.gax.snapshot_dir
  - genesys_engage.chat.gax.permissions
  - genesys_engage.chat.attributes
author:
  - genesys_engage.chat contributors (@genesys-engage-ansible)
"""

EXAMPLES = r"""
- name: A chat solution with two groups of Chat Servers
  genesys_engage.chat.chat_solution:
    gax_url: https://gax.example.com:8443
    gax_username: automation
    gax_password: "{{ vault_gax_password }}"
    solution:
      tenant: Environment
      addp: {local_timeout: 10, remote_timeout: 10, trace: both}
      interaction_queues: [Chat_In, Webengagement_Chat]
      chat_server_defaults:
        application_template: Chat Server 8.5.3
        ports: {default: 4580, webapi: 4581, ESP: 4582, health: 4583}
        endpoints: {default: Chat_In, webme: Webengagement_Chat}
      chat_servers:
        - {name: ChatServer_1, host: chat1}
        - {name: ChatServer_2, host: chat2, options: {settings: {limit-for-sessions: 2000}}}
      contact_servers:
        pairs:
          - {primary: UCS_1, backup: UCS_2}
          - {primary: UCS_3, backup: UCS_4}
      interaction_servers: [IXN_1]
      gms: [GMS_1]
      message_server: MessageServer
      configuration_server: confserv
"""

RETURN = r"""
deployment:
  description:
    - What is to be installed and started where, in the form of M(genesys_engage.chat.deployment_info), as it is after the writes. In check mode as it
      would be then.
  type: dict
  returned: success
  sample:
    hosts: [chat1]
    install_time_utility: true
    contact_servers: [UCS_1, UCS_2]
    applications:
      - {name: ChatServer_1, role: chat_server, host: chat1, dbid: 105}
changes:
  description:
    - The writes, in their order, with the values before and after in the words of the options. In check mode these are the writes that a real
      run would make.
  type: list
  elements: dict
  returned: success
  sample:
    - action: update
      type: CfgApplication
      name: ChatServer_1
      tenant: ""
      before: {options: {settings: {limit-for-sessions: "1000"}}}
      after: {options: {settings: {limit-for-sessions: "2000"}}}
      copied_to: ""
snapshot:
  description: File on the host that ran the module with the objects as they were before, for M(genesys_engage.chat.config_restore).
  type: str
  returned: when something was written
  sample: /home/automation/.genesys_engage/snapshots/20260401T120000Z-chat_solution-5f0c1e2a.json
failure:
  description: What went wrong, as data.
  type: dict
  returned: failure
  sample:
    method: PUT
    path: cfg/objects/CfgApplication/105
    status: 409
    code: CFGUniquenessViolation
    message: "GAX refused: Duplicate information specified."
    object: application 'ChatServer_1'
    written:
      - {action: create, type: CfgScript, name: Chat_In}
    snapshot: /home/automation/.genesys_engage/snapshots/20260401T120000Z-chat_solution-5f0c1e2a.json
"""

from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.arguments import SOLUTION
from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.deployment import deployed
from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.solution import kinds_of, solution
from ansible_collections.genesys_engage.chat.plugins.module_utils._module import PERMISSIONS, run_rules

ARGUMENT_SPEC = dict(solution=dict(type="dict", required=True, options=SOLUTION), **PERMISSIONS)


def rules(context, params):
    """Plan the one description."""
    return solution(context, params["solution"])


def outcome(context, params, wanted):
    """Tell what the description means for the hosts."""
    return {"deployment": deployed(context, params["solution"], wanted)}


def main():
    """Run the module."""
    run_rules(ARGUMENT_SPEC, rules, outcome=outcome, kinds=lambda params: kinds_of(params["solution"]))


if __name__ == "__main__":
    main()
