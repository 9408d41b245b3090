#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read the log of a server."""

# Runs on managed hosts, the oldest of which have Python 3.6: no future import of annotations.

DOCUMENTATION = r"""
module: server_log_info
short_description: Read the log of a server
version_added: 1.0.0
description:
  - Reads the standard events in the log files of one server, on the server's host, and returns them with what follows from them, namely
    the server's version, its state, and to which other servers it is connected now, for example to the primary or to the backup of a pair of
    Universal Contact Servers (UCS).
  - Understands the short and the full format, with times of the day or with dates, and files that the server is writing at the moment.
  - Only events of level Standard that this module knows are returned, never messages or attached data. What is not understood is
    skipped and counted.
notes:
  - The log may lie anywhere, since the options of the application say where. Only regular files are read, never a pipe or a device, and nothing
    but standard events is returned.
  - The state is what the log says. A server that was killed wrote nothing about it; M(genesys_engage.chat.application_status_info) knows.
  - The log level of the server must be at least C(standard).
options:
  directory:
    description:
      - The application's working directory, to which O(name) is relative.
      - Either this or O(files) is needed.
    type: path
  name:
    description:
      - File name of the log as an option in the application's section C(log) has it, for example V(ChatServer) or
        V(/var/log/genesys/ChatServer). Of C(all) and C(standard), both have the standard events.
      - The files that the server makes of it, C(name.YYYYMMDD_HHMMSS_mmm.log), are read in the order of these times.
      - If not set, all such files in O(directory) are looked at; those of O(application) must then have one name.
    type: str
  files:
    description:
      - The files themselves, for logs that are called otherwise. Unless all their names have a time as above, the oldest must come first.
    type: list
    elements: path
  application:
    description:
      - Name of the application. Files and lines that say that they belong to another one, or do not say to which, are not read.
      - Needed only where several servers write into one directory.
    type: str
  pairs:
    description: Pairs of servers; to which one of each pair the server is connected is returned in RV(pairs).
    type: list
    elements: dict
    suboptions:
      primary:
        description: Name of the primary application.
        type: str
        required: true
      backup:
        description: Name of its backup, if it has one.
        type: str
  timeout:
    description:
      - Seconds to wait for a server that is connected to none of a pair, as in the moment in which it changes from one to the other.
      - That it is not connected then either is no error of this module.
    type: float
    default: 0
  since:
    description:
      - Count only reconnects after this time, C(YYYY-MM-DDTHH:MM:SS.mmm), which is compared with the times in the log.
      - RV(until) of an earlier run is such a time.
    type: str
  events:
    description:
      - The events to return. Write the numbers in quotes, since YAML takes some of them for octal numbers.
      - This does not change what is derived from the log.
    type: list
    elements: str
    choices:
      - "04502"
      - "04503"
      - "04504"
      - "04505"
      - "04525"
      - "04526"
      - "04580"
      - "04581"
      - "05060"
      - "05061"
      - "05062"
      - "05063"
      - "05064"
      - "05065"
      - "05150"
      - "05151"
      - "05160"
      - "05161"
      - "05200"
      - "06053"
      - "07040"
    default: ["04502", "04503", "04504", "04505", "04581", "05060", "05061", "05062", "05063", "05064", "05065", "05200"]
  limit:
    description: How many events to return at most; the newest ones.
    type: int
    default: 100
  max_bytes:
    description:
      - How much to read, from the end of the newest file backwards. Of 100 MB a processor takes about five seconds; memory does not grow with it.
    type: int
    default: 67108864
  encoding:
    description: Encoding of the log, one that contains ASCII. What can't be decoded becomes a replacement character.
    type: str
    default: utf-8
extends_documentation_fragment:
  - genesys_engage.chat.attributes.host_info
seealso:
  - module: genesys_engage.chat.application_status_info
  - module: genesys_engage.chat.port_status_info
author:
  - genesys_engage.chat contributors (@genesys-engage-ansible)
"""

EXAMPLES = r"""
- name: See to which UCS a Chat Server is connected
  genesys_engage.chat.server_log_info:
    directory: /opt/genesys/ChatServer_1
    name: ChatServer
    application: ChatServer_1
    pairs:
      - {primary: UCS_1, backup: UCS_2}
  register: before

- name: It is the primary
  ansible.builtin.assert:
    that: before.pairs[0].member == 'primary'

- name: See how often it has changed between them since then
  genesys_engage.chat.server_log_info:
    directory: /opt/genesys/ChatServer_1
    name: ChatServer
    application: ChatServer_1
    pairs:
      - {primary: UCS_1, backup: UCS_2}
    since: "{{ before.until }}"

- name: Starts and ends only
  genesys_engage.chat.server_log_info:
    files:
      - /var/log/genesys/chat.log.1
      - /var/log/genesys/chat.log
    events: ["05060", "05063", "05065"]
"""

RETURN = r"""
pairs:
  description: The pairs of O(pairs), in their order.
  type: list
  elements: dict
  returned: success
  contains:
    primary:
      description: Name of the primary.
      type: str
      sample: UCS_1
    backup:
      description: Name of the backup; null if none was given.
      type: str
      sample: UCS_2
    member:
      description:
        - To which of them the server is connected now, C(primary), C(backup), C(none) or, against the rules, C(both).
        - C(unknown) if no event about a connection to them was found, or such an event may be lost, see RV(problem).
      type: str
      sample: backup
    connected_to:
      description: The name of that one; null for none, both and unknown.
      type: str
      sample: UCS_2
    reconnects:
      description:
        - How often it has connected to one of the two, after O(since) if that is set, without the first connection after each start.
        - Null if O(since) is set and the log does not tell the day of such a connection.
      type: int
      sample: 1
connections:
  description: All servers of which the events speak, sorted by type and name.
  type: list
  elements: dict
  returned: success
  contains:
    type:
      description: Type of the application, as the log has it.
      type: str
      sample: ContactServer
    name:
      description: Its name.
      type: str
      sample: UCS_2
    connected:
      description:
        - Whether the server is connected to it now. A start and an end of the server end its connections.
        - Null if an event of a connection may be lost since the last event about it, see RV(problem).
      type: bool
      sample: true
    host:
      description: Its host in the last event that names one.
      type: str
      sample: ucs2
    port:
      description: Its port in the last event that names one.
      type: int
      sample: 5100
    last_event:
      description: Number of the last event about it.
      type: str
      sample: "04503"
    time:
      description: Time of that event.
      type: str
      sample: "2026-03-01T10:15:30.125"
    failures:
      description: How many attempts to connect to it have failed.
      type: int
      sample: 0
    reconnects:
      description: As in RV(pairs), for this server alone.
      type: int
      sample: 0
state:
  description:
    - What the last event about it says, C(started), C(initialized), C(failed) (the initialization), C(stopped) or C(terminated); null without such an event.
  type: str
  returned: success
  sample: initialized
product:
  description: Name of the product in the last event 05200; null without one.
  type: str
  returned: success
  sample: Chat Server
version:
  description: Version in that event.
  type: str
  returned: success
  sample: 8.5.311.06
events:
  description: The newest of the events asked for, the oldest of them first.
  type: list
  elements: dict
  returned: success
  contains:
    time:
      description: Local or universal time, as the server is set up; only the time of the day if the day is not known.
      type: str
      sample: "2026-03-01T10:15:30.125"
    id:
      description: Number of the event.
      type: str
      sample: "04503"
    severity:
      description: Always C(standard).
      type: str
      sample: standard
    text:
      description: Its text.
      type: str
      sample: Connected to ContactServer 'UCS_2' at host 'ucs2', port 5100
    host:
      description: Name of the server's host; null in the short format.
      type: str
      sample: chat1
    application:
      description: Name of the server's application, from the line or from the header of the file; null if neither has it.
      type: str
      sample: ChatServer_1
problem:
  description:
    - What can't be read, in a sentence, if an event may be lost there, so that connections are not known. Lines whose times have another form than
      HH:MM:SS.mmm or YYYY-MM-DDTHH:MM:SS.mmm (a zone behind it is read over), torn lines, and lines that are glued to each other.
    - Null if there is nothing of the kind. It is shown as a warning, too.
  type: str
  returned: success
  sample: null
events_found:
  description: How many there are without O(limit).
  type: int
  returned: success
  sample: 7
application:
  description: The application whose log it is; null if the log does not say so.
  type: str
  returned: success
  sample: ChatServer_1
files:
  description: The files that were read, the oldest first.
  type: list
  elements: str
  returned: success
  sample: [/opt/genesys/ChatServer_1/ChatServer.20260301_101500_012.log]
complete:
  description: Whether all that the files hold was read; false if O(max_bytes) did not allow it.
  type: bool
  returned: success
  sample: true
until:
  description: The latest line's time that is known with its day; null if none is.
  type: str
  returned: success
  sample: "2026-03-01T10:15:30.125"
dates:
  description:
    - Where the days come from. C(written) in the lines, C(derived) from headers and check points, which goes wrong if the log is silent for
      longer than a day, or C(unknown) in at least one line. Null if there is no line.
  type: str
  returned: success
  sample: written
lines:
  description: How many lines there were.
  type: dict
  returned: success
  contains:
    read:
      description: All.
      type: int
      sample: 120
    understood:
      description: Lines of the log's formats.
      type: int
      sample: 108
    skipped:
      description: Lines of no known format (headers, bodies of messages), of other applications, too long ones, and half a line at the end.
      type: int
      sample: 12
    not_understood:
      description: Events whose text is not the one that belongs to their number. They have no effect on what is derived.
      type: int
      sample: 0
    other_time:
      description: Lines that look like those of a log, but for the form of their time.
      type: int
      sample: 0
    damaged:
      description: Standard events that are torn, or glued to another line.
      type: int
      sample: 0
failure:
  description: What went wrong, as data.
  type: dict
  returned: failure
  sample:
    message: "The files belong to several applications: ChatServer_1, ChatServer_2."
    cure: Set application to one of them.
"""

from ansible_collections.genesys_engage.chat.plugins.module_utils._host.observe.server_log import DEFAULT_EVENTS, EVENTS, wait_for_connections
from ansible_collections.genesys_engage.chat.plugins.module_utils._host_module import run_on_host


def read(module):
    """Return what the log says; of what may be lost the user is warned."""
    result = wait_for_connections(module.params)
    if result["problem"]:
        module.warn(result["problem"])
    return result


def main():
    """Run the module."""
    run_on_host(
        dict(
            directory=dict(type="path"),
            name=dict(type="str"),
            files=dict(type="list", elements="path"),
            application=dict(type="str"),
            pairs=dict(
                type="list",
                elements="dict",
                options=dict(primary=dict(type="str", required=True), backup=dict(type="str")),
            ),
            timeout=dict(type="float", default=0),
            since=dict(type="str"),
            events=dict(type="list", elements="str", choices=EVENTS, default=DEFAULT_EVENTS),
            limit=dict(type="int", default=100),
            max_bytes=dict(type="int", default=64 * 1024 * 1024),
            encoding=dict(type="str", default="utf-8"),
        ),
        "Reading the log",
        read,
        mutually_exclusive=[("directory", "files"), ("name", "files")],
        required_one_of=[("directory", "files")],
        required_by=dict(name="directory"),
    )


if __name__ == "__main__":
    main()
