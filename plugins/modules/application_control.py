#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Start and stop applications"""

# Runs on managed hosts, the oldest of which have Python 3.6: no future import of annotations.

DOCUMENTATION = r"""
module: application_control
short_description: Start and stop applications
version_added: 1.0.0
description:
  - Brings applications into a state with C(mlcmd), the command-line client of Solution Control Server, or with systemd, and waits until they
    are there.
  - All applications of the list get their command first and are then waited for together, each within its own time; see O(applications[].stage).
  - Only the status counts as success. The exit codes of C(mlcmd) are not documented and decide nothing.
  - Solution Control Server may be away for a while, see O(patience). A command that may have been lost meanwhile is given again, three times
    in all at most; that it was not lost would only mean an error message of Solution Control Server, which has no effect.
  - An application whose process ends during its start is not waited for any longer. Solution Control Server shows that by C(STOPPED) after a
    state of a start.
options:
  applications:
    description:
      - The applications.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: Name of the application.
        type: str
        required: true
      dbid:
        description: DBID of the application. If it is given and C(mlcmd) reports another one, the task fails. systemd does not know it.
        type: int
      startup_timeout:
        description: Seconds to wait for a start; the startup timeout of the application object is a good value.
        type: float
        default: 90
      host:
        description: Name of its host, for messages.
        type: str
      stage:
        description:
          - Applications of a stage are started together, and a stage begins when those before it have been started, for servers before their
            clients.
        type: int
        default: 0
      shutdown_timeout:
        description:
          - Seconds to wait for a stop, graceful or not.
          - With O(control=systemd) ten seconds more, since systemd ends an application by force when its time is over.
        type: float
        default: 90
  state:
    description:
      - V(started) waits for C(RUNNING). C(INITIALIZING) and C(SERVICE_UNAVAILABLE) mean that there is a process, but no service.
      - V(stopped) stops at once; systemd sends SIGTERM to all processes of the application.
      - V(stopped_gracefully) lets the application finish its work. Solution Control Server stops it at once if it does not report within the
        option C(suspending-wait-timeout) of its annex section C(sml) that it has begun with that. systemd needs O(graceful_signal).
      - V(restarted) stops what is up, waits for that, and starts all; it always changes something.
    type: str
    required: true
    choices: [started, stopped, stopped_gracefully, restarted]
  accept_service_unavailable:
    description:
      - Whether C(SERVICE_UNAVAILABLE) is good enough for a start, for example while another server is still missing.
    type: bool
    default: false
  graceful_signal:
    description:
      - With O(control=systemd) the signal that asks an application to finish its work and to end, for example V(SIGUSR1).
      - Genesys documents none; without it O(state=stopped_gracefully) is refused there.
    type: str
  unseen_start_timeout:
    description:
      - Seconds after which the task fails because of an application that is still C(STOPPED) after its command to start, and was not seen on
        its way since then. Its process may have ended between two looks, or its start may not have begun.
      - RV(failure) marks it as C(unseen). M(genesys_engage.chat.start_failure_info) tells on the application's host which of the two it is.
      - Without it, the task waits as long as for any other start.
    type: float
  poll_interval:
    description:
      - Seconds between two looks at the status.
    type: float
    default: 1.0
  commands:
    description:
      - Switches of C(mlcmd) for the commands. They are not documented in full and are therefore read from C(mlcmd -help); set here what is
        not found there.
      - Each is followed by the DBID of the application, unless it says with V({dbid}) or V({name}) what goes where.
    type: dict
    suboptions:
      start:
        description: Starts an application.
        type: str
      stop:
        description: Stops an application.
        type: str
      stop_gracefully:
        description: Stops an application gracefully.
        type: str
      status:
        description:
          - Shows the status of all applications; with V({dbid}) or V({name}) in it, of a single one. V({dbid}) needs the DBIDs in O(applications).
        type: str
extends_documentation_fragment:
  - genesys_engage.chat.control.backends
attributes:
  action_group:
    description: Use C(group/genesys_engage.chat.control) in C(module_defaults) to set the options of Solution Control Server or systemd once.
    support: full
    membership:
      - genesys_engage.chat.control
  check_mode:
    description: Can run in C(check_mode) and return changed status prediction without modifying target.
    support: full
    details: The status is read, no command is given.
  diff_mode:
    description: Will return details on what has changed (or possibly needs changing in C(check_mode)), when in diff mode.
    support: full
  idempotent:
    description: When run twice in a row outside check mode, with the same arguments, the second invocation indicates no change.
    support: partial
    details: Not with O(state=restarted).
  platform:
    description: Target OS/families that can be operated against.
    support: full
    platforms: linux
seealso:
  - module: genesys_engage.chat.application_status_info
  - module: genesys_engage.chat.application_unit
author:
  - genesys_engage.chat contributors (@genesys-engage-ansible)
"""

EXAMPLES = r"""
- name: Start two Chat Servers together
  genesys_engage.chat.application_control:
    mlcmd: /opt/genesys/scs_utilities/mlcmd_64
    confserv_host: confserv.example.com
    confserv_username: automation
    confserv_password: "{{ vault_confserv_password }}"
    scs_host: scs.example.com
    scs_port: 7070
    applications:
      - name: ChatServer_1
      - name: ChatServer_2
        startup_timeout: 120
    state: started

- name: Stop a contact server gracefully, with the switch of this version of mlcmd
  genesys_engage.chat.application_control:
    mlcmd: /opt/genesys/scs_utilities/mlcmd_64
    confserv_host: confserv.example.com
    confserv_username: automation
    confserv_password: "{{ vault_confserv_password }}"
    applications:
      - name: UCS_2
        shutdown_timeout: 300
    state: stopped_gracefully
    commands:
      stop_gracefully: -stopapp-graceful {dbid}

- name: Start a Chat Server through its systemd unit, on its host
  genesys_engage.chat.application_control:
    control: systemd
    applications:
      - name: ChatServer_1
    state: started
  become: true
"""

RETURN = r"""
applications:
  description: The applications, in the order of the option.
  type: list
  elements: dict
  returned: success
  contains:
    name:
      description: The application's name.
      type: str
      sample: ChatServer_1
    dbid:
      description: Its DBID; with systemd the one that was given.
      type: int
      sample: 105
    before:
      description: Its status at first.
      type: str
      sample: STOPPED
    status:
      description: Its status in the end; in check mode, the one that it would have.
      type: str
      sample: RUNNING
    run_mode:
      description: Its run mode, as C(mlcmd) prints it; null with systemd.
      type: str
      sample: PRIMARY
    commanded:
      description: Whether it was given a command; in check mode, whether it would be.
      type: bool
      sample: true
    seconds:
      description: How long it took.
      type: float
      sample: 4.2
failure:
  description:
    - What went wrong, as data. If a state was not reached, C(applications) lists for each application which statuses were seen, for how long
      it was waited, whether it is C(unseen), exit code and output of the command, and whether it was C(under_way) at the last look, if that has
      succeeded. C(text) says what is wrong with it, and is empty if nothing is.
    - With systemd it also has C(unit), C(ended) (how the process ended), C(journal) (its last lines) and C(silent_ports).
  type: dict
  returned: failure
  sample:
    message: "Starting failed: 'ChatServer_1' is STOPPED after 90 s."
    cure: See the log of the application.
    applications:
      - name: ChatServer_1
        done: false
        statuses: [STOPPED]
        commanded: true
        under_way: false
        unseen: false
        text: "'ChatServer_1' is STOPPED after 90 s"
        seconds: 90.0
        command: {exit_code: 0, output: []}
"""

from ansible.module_utils.basic import env_fallback

from ansible_collections.genesys_engage.chat.plugins.module_utils._host.control.applications import control
from ansible_collections.genesys_engage.chat.plugins.module_utils._host.control.options import NEEDED_BY_MLCMD, control_options
from ansible_collections.genesys_engage.chat.plugins.module_utils._host_module import run_on_host

APPLICATION = dict(
    name=dict(type="str", required=True),
    dbid=dict(type="int"),
    host=dict(type="str"),
    stage=dict(type="int", default=0),
    startup_timeout=dict(type="float", default=90),
    shutdown_timeout=dict(type="float", default=90),
)

COMMANDS = dict(start=dict(type="str"), stop=dict(type="str"), stop_gracefully=dict(type="str"), status=dict(type="str"))


def main():
    """Run the module."""
    run_on_host(
        dict(
            control_options(env_fallback),
            applications=dict(type="list", elements="dict", required=True, options=APPLICATION),
            state=dict(type="str", required=True, choices=["started", "stopped", "stopped_gracefully", "restarted"]),
            accept_service_unavailable=dict(type="bool", default=False),
            graceful_signal=dict(type="str"),
            unseen_start_timeout=dict(type="float"),
            poll_interval=dict(type="float", default=1.0),
            commands=dict(type="dict", options=COMMANDS),
        ),
        "Control of applications",
        lambda module: control(module.params, module.check_mode, module.warn),
        required_if=NEEDED_BY_MLCMD,
    )


if __name__ == "__main__":
    main()
