# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Connection options of the modules that talk to GAX."""

from __future__ import annotations

import json
import re

import yaml


def plugin_fragment(documentation, left_out=()):
    """Return the fragment of the modules for other plugins: these find the environment by themselves, and say what is missing in words of their own."""
    options = {name: dict(option) for name, option in yaml.safe_load(documentation)["options"].items() if name not in left_out}
    for option in options.values():
        option.pop("required", None)
        name = re.search(r"environment variable E\((\w+)\)", " ".join(option["description"]))
        if name:
            option["env"] = [{"name": name[1]}]
    return json.dumps({"options": options})


class ModuleDocFragment:
    """Used as genesys_engage.chat.gax, and with .writing, .journal, .plans, .permissions, .snapshot_dir, or, by plugins, .plugin behind it."""

    DOCUMENTATION = r"""
options:
  gax_url:
    description:
      - Address of the Genesys Administrator Extension (GAX) server, with or without C(/gax), for example V(https://gax.example.com:8443).
      - If not given, the environment variable E(GAX_URL) is used.
    type: str
    required: true
  gax_username:
    description:
      - Name of the account to log in with.
      - If not given, the environment variable E(GAX_USERNAME) is used.
    type: str
    required: true
  gax_password:
    description:
      - Password of the account. It is sent obfuscated first and, if that is refused, plain, since GAX versions differ; a wrong password
        therefore counts as two failed logins.
      - If not given, the environment variable E(GAX_PASSWORD) is used.
    type: str
    required: true
  validate_certs:
    description:
      - Whether the server's certificate is verified.
      - If not given, the environment variable E(GAX_VALIDATE_CERTS) is used.
    type: bool
    default: true
  ca_path:
    description:
      - File with the certificates of the authorities to trust, in PEM format. For a self-signed certificate that is the certificate itself.
      - If not given, the environment variable E(GAX_CA_PATH) is used.
    type: path
  timeout:
    description:
      - Seconds for a whole request, from the connection to the last byte of the answer, from 1 to 3600. What comes later is not waited for,
        however it arrives. Raise it if long lists come over a slow line.
      - Failed attempts and the waits between them last at most O(retries) + 1 times O(timeout), and 10 seconds for each of the O(retries), in
        all of one task; then nothing is tried again. With the defaults that is 190 seconds.
      - If not given, the environment variable E(GAX_TIMEOUT) is used.
    type: int
    default: 30
  proxy:
    description:
      - Address of an HTTP proxy. Proxy variables and C(.netrc) files of the environment are ignored.
    type: str
  logout_path:
    description:
      - Path below C(/gax/api/) that is called at the end to log out. No such call is documented, so none is made unless it is given here.
    type: str
  retries:
    description:
      - How often a request is repeated after HTTP 429, 502, 503 or 504, a lost connection or a time-out. A write is repeated only
        after the object was read again and compared. From 0 to 100.
      - A session that GAX has ended does not count as a failure. There is a new login as often as each session answers something.
    type: int
    default: 4
  parallel_reads:
    description:
      - How many lists are read at the same time, from 1 to 64.
    type: int
    default: 4
  secret_option_names:
    description:
      - Regular expressions for names of options and annex keys whose values are secret, beside those that contain V(password), V(secret),
        V(token) or V(key). Their values never appear in output or diff.
    type: list
    elements: str
    default: []
requirements:
  - requests (on the host that runs the module)
"""

    # The annotation keeps ansible-test from reading the value as literal text, which is all that it knows of assignments.
    PLUGIN: str = plugin_fragment(DOCUMENTATION, left_out=("secret_option_names",))

    SNAPSHOT_DIR = r"""
options:
  snapshot_dir:
    description:
      - Directory on the host that runs the module, in which a snapshot is kept before the first write, a file with the objects as they were.
        M(genesys_engage.chat.config_restore) brings them back. The directory is made if need be; old files are not removed.
      - Modules that write to the Configuration Server add a line for each write to the journal there, C(journal-<user id>.jsonl), which
        M(genesys_engage.chat.config_history_info) reads.
      - The file holds no values of secret options, and only its owner can read it.
      - If not given, the environment variable E(GAX_SNAPSHOT_DIR) is used.
    type: path
    default: ~/.genesys_engage/snapshots
"""

    JOURNAL = r"""
options:
  journal_person:
    description:
      - Name of the person who started the run, for the journal. The account of GAX is in it anyway.
      - If not given, the account of the operating system that runs the module.
    type: str
    default: ""
  journal_title:
    description:
      - What the run is called in the journal. The playbooks give the name of their play.
    type: str
    default: ""
"""

    PLANS = r"""
options:
  plan_file:
    description:
      - File of a kept plan, on the host that runs the module. In check mode the plan is kept there, for a person to approve. Otherwise it must hold
        exactly what would be written now; if it does not, the task says what differs, and nothing is written.
      - A plan of another GAX or tenant, of an older state, or one that was edited is refused. If nothing is left to be written, any plan of this
        environment will do.
      - The file holds no values of secret options, and only its owner can read it.
    type: path
  plan_action:
    description:
      - What is done about O(plan_file). If not given, V(keep) in check mode and V(require) otherwise. V(require) in check mode only looks whether the plan
        could be applied.
    type: str
    choices: [keep, require]
"""

    WRITING = r"""
options:
  parallel_writes:
    description:
      - How many objects are written at the same time, where their order does not matter, from 1 to 64.
    type: int
    default: 1
  write_interval:
    description:
      - Seconds from the beginning of a write to that of the next one, from 0 to 3600, so that a busy Configuration Server is not flooded. It holds for
        all writes of the task together, also with O(parallel_writes).
      - If not given, the environment variable E(GAX_WRITE_INTERVAL) is used.
    type: float
    default: 0
  allow_disruption:
    description:
      - Names of applications whose loss is accepted though they are in use. Without them the task refuses to take away what an application
        uses that runs, and lists it. That is an application, a connection, a backup, a port or its number, a host, a tenant, an endpoint, the
        chat channel of Web Engagement, a chat service of GMS. For a connection or a pair one of the two names is enough. An Interaction Queue,
        a tenant and a host
        can be named, too.
      - An application that is installed counts as running, unless O(stopped_applications) names it.
    type: list
    elements: str
    default: []
  stopped_applications:
    description:
      - Names of applications that were seen stopped, for instance by M(genesys_engage.chat.application_status_info) or
        M(genesys_engage.chat.application_control). Nothing is lost to them, so what only they use may be taken away.
    type: list
    elements: str
    default: []
"""

    PERMISSIONS = r"""
options:
  allow_disconnect:
    description:
      - Allow the task to take a connection away from a Chat Server that is installed and so may be running with chats open.
    type: bool
    default: false
  strict_ranges:
    description:
      - Refuse option values outside their documented ranges instead of warning about them. The ranges are those of the latest release.
    type: bool
    default: false
"""
