#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Install an installation package (IP) of Genesys on a Linux host"""

# Runs on managed hosts, the oldest of which have Python 3.6: no future import of annotations.

DOCUMENTATION = r"""
module: installation_package
short_description: Install an installation package (IP) of Genesys on a Linux host
version_added: 1.0.0
description:
  - Installs a package silently with its own C(install.sh), for one application, and makes sure that the installation is complete.
  - A package is installed if the directory does not hold its product, version and build, or if the last installation there did not get to its
    end. The installer itself never skips; it moves everything in the directory into a C(backup_*) directory each time that it runs.
  - Before the installer runs, the module checks what the installer would find out only after the old files have been moved away.
  - The installer writes working directory, command line, arguments, version and annex of the application to the Configuration Server.
options:
  src:
    description:
      - The package on the host that the task runs on; an archive (C(.tar.gz)), a directory that holds C(ip/), or C(ip/) itself.
    type: path
    required: true
  path:
    description:
      - The installation directory (C(InstallPath)). It belongs to the application alone.
      - It must be absolute and contain neither V(~) nor V(/.) nor V(./); the installer refuses such paths.
      - A directory that holds other files, but no installation package, is refused.
    type: str
    required: true
  install_roots:
    description:
      - The directories at or below which the installation may lie, after symbolic links on this host are followed. Another place is refused
        before anything is done.
      - Set it whenever O(path) comes from the Configuration Server, for example from M(genesys_engage.chat.deployment_info). Otherwise whoever
        may edit an application there chooses where root makes directories, gives them away and runs programs on this host.
      - If not set, O(path) counts as your own choice.
    type: list
    elements: str
  application:
    description:
      - Name of the application object that the package is installed for. It must exist before.
    type: str
    required: true
  nickname:
    description:
      - The product that is expected, for example V(eSChatSrv) for Chat Server, V(eSContSrv) for Universal Contact Server, V(eSInteractSrv) for
        Interaction Server, V(GMS) for Genesys Mobile Services. A package of another product is refused.
    type: str
  accept_license:
    description:
      - Whether you accept the licence agreement of the package (C(genesys_license_agreement.txt)). Without that, nothing is installed.
    type: bool
    default: false
  license:
    description:
      - Where a product that needs a licence gets it from. If not set, the package is told that no licence is used.
    type: dict
    suboptions:
      file:
        description: Path of a licence file on the host.
        type: path
      host:
        description: Host name or address of the licence manager.
        type: str
      port:
        description: Port of the licence manager.
        type: int
  data_model:
    description:
      - Which executables are used if the package brings both.
    type: int
    choices: [32, 64]
    default: 64
  response:
    description:
      - Further sections and keys of the response file, as C(ip/genesys_silent.ini) of the package explains them.
      - An empty value and V(0) are refused, since the installer takes them for a key that is not there.
      - Values are text or numbers. Words such as V(yes) must be in quotes, or YAML takes them for truth values.
      - Keys that other options of the module set cannot be given here.
    type: dict
  secret_response:
    description:
      - The same for values that must not be shown.
    type: dict
  user:
    description:
      - Run the installer as this user, who then owns what is installed. Needs root (C(become)) unless it is the user of the task.
    type: str
  allow_downgrade:
    description:
      - Allow to replace a newer version or build by an older one.
    type: bool
    default: false
  allow_gctisetup:
    description:
      - Allow a C(GCTISetup.ini) within the package. This file of a wizard overrides the login and the application that are set here.
    type: bool
    default: false
  skip_os_check:
    description:
      - Do not check beforehand whether the package supports the operating system. The installer still makes its own check.
    type: bool
    default: false
  start_script:
    description:
      - The start script that the installer writes at its end, relative to O(path). Its presence, with the name of the application in it, is part
        of the proof that an installation is complete.
    type: str
    default: run.sh
  temp_path:
    description:
      - A directory of the host for the unpacked archive, the response file and the result log; all are removed in the end. It must not contain
        blanks.
      - If not set, the temporary directory of the module is used, or C(/var/tmp) if O(user) is another one than the user of the task, since that
        user cannot enter the former.
    type: path
  timeout:
    description:
      - Seconds after which an installer that has not ended is ended.
    type: int
    default: 900
  keep_backups:
    description:
      - How many backups of former content are kept; older ones are removed once the installation is complete, whether it was installed just now or
        before. The newest complete backup is never removed, even if newer ones of failed attempts are more than that.
      - If not set, all are kept. The installer puts older backups into newer ones, so that they take more space with every run.
    type: int
  carry_over:
    description:
      - Files of the former installation that are copied into the new one, from the newest complete backup, after an installation; the installer
        leaves no edited file in place.
      - Paths or patterns relative to O(path). V(*), V(?) and V([...]) stand for parts of a name, V(**) for any directories; a directory stands for
        everything in it. Backups, C(ip_description.xml) and the start script are never carried over.
    type: list
    elements: str
  carry_over_replace:
    description:
      - Let files that are carried over replace files of the same name that the installer has written. Otherwise the installer's stay.
    type: bool
    default: false
  host_name:
    description:
      - Name of the Host object of this machine. Only needed with O(facts), if the object's name is neither the machine's name nor an address of it.
    type: str
  facts:
    description:
      - What the Configuration Server knows about the application and its host. The host cannot ask by itself, so a role reads it elsewhere and
        hands it over.
      - With these facts, the module checks that the application exists, has the product's type and this host, that the application object
        C(ITCUtility) by which the installer logs in exists, and that the installer will not pick another application. It prefers the only
        application of the product's type on the host to the one that it is told.
    type: dict
    suboptions:
      application:
        description: The application; not set if it does not exist.
        type: dict
        suboptions:
          name:
            description: Its name.
            type: str
            required: true
          type:
            description: Its type, for example V(CFGChatServer).
            type: str
            required: true
          host:
            description: Name of its Host object.
            type: str
          dbid:
            description: Its DBID; not used.
            type: int
          version:
            description: The version that the Configuration Server has for it; not used.
            type: str
          working_directory:
            description: Its working directory. If it is another one than O(path), there is a warning.
            type: str
      applications_on_host:
        description: All applications of the host.
        type: list
        elements: dict
        default: []
        suboptions:
          name:
            description: The application's name.
            type: str
            required: true
          type:
            description: The application's type.
            type: str
            required: true
      host:
        description: Name of the Host object that the facts are about.
        type: str
      itcutility:
        description: Whether the application C(ITCUtility) exists.
        type: bool
        required: true
extends_documentation_fragment:
  - genesys_engage.chat.control
attributes:
  check_mode:
    description: Can run in C(check_mode) and return changed status prediction without modifying target.
    support: full
    details: Everything is checked, for which an archive is unpacked into a temporary directory.
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
  - The installer passes the password on to a helper of its own as an argument, so that it is visible in the list of processes of the host for the
    moment of each call. No other way is documented.
  - It hands the password on between double quotes through a shell, and has one line for it in its response file. O(confserv_password) with a
    double quote, a dollar sign, a backtick, a backslash or a line break is therefore refused before anything is done.
  - The installer always works in C(/tmp), which must therefore allow programs to be run.
  - Environment variables that a product needs, for example C(JAVA_HOME), are set with the task keyword C(environment).
  - Configuration files that were edited in the installation directory are in the backup afterwards, not in place; see O(carry_over).
seealso:
  - module: genesys_engage.chat.application_control
  - module: genesys_engage.chat.package_info
  - module: genesys_engage.chat.package_rollback
author:
  - genesys_engage.chat contributors (@genesys-engage-ansible)
"""

EXAMPLES = r"""
- name: Install Chat Server
  genesys_engage.chat.installation_package:
    src: /var/tmp/IP_eSChatSrv_8531606b1_ENU_linux.tar.gz
    path: /opt/genesys/ChatServer_1
    application: ChatServer_1
    nickname: eSChatSrv
    accept_license: true
    user: genesys
    confserv_host: confserv.example.com
    confserv_username: automation
    confserv_password: "{{ vault_confserv_password }}"
  become: true

- name: Install Universal Contact Server, which needs Java, with a port for its clients' side
  genesys_engage.chat.installation_package:
    src: /mnt/packages/UCS_9.1.001.07
    path: /opt/genesys/UCS_1
    application: UCS_1
    nickname: eSContSrv
    accept_license: true
    confserv_host: confserv.example.com
    confserv_username: automation
    confserv_password: "{{ vault_confserv_password }}"
    response:
      ConfigServer:
        transport-port: 7011
  environment:
    JAVA_HOME: /usr/lib/jvm/jre-17

- name: Upgrade, keep two backups and the files that are edited by hand
  genesys_engage.chat.installation_package:
    src: /var/tmp/IP_eSChatSrv_8531606b1_ENU_linux.tar.gz
    path: /opt/genesys/ChatServer_1
    application: ChatServer_1
    accept_license: true
    keep_backups: 2
    carry_over:
      - certificates
      - "*.properties"
    confserv_host: confserv.example.com
    confserv_username: automation
    confserv_password: "{{ vault_confserv_password }}"

- name: Go back to an older version
  genesys_engage.chat.installation_package:
    src: /var/tmp/IP_eSChatSrv_8531106b1_ENU_linux.tar.gz
    path: /opt/genesys/ChatServer_1
    application: ChatServer_1
    accept_license: true
    allow_downgrade: true
    confserv_host: confserv.example.com
    confserv_username: automation
    confserv_password: "{{ vault_confserv_password }}"
"""

RETURN = r"""
installed:
  description: What the installation directory holds afterwards; in check mode, what it would hold.
  type: dict
  returned: success
  contains:
    path:
      description: The installation directory.
      type: str
      sample: /opt/genesys/ChatServer_1
    nickname:
      description: The product.
      type: str
      sample: eSChatSrv
    version:
      description: The version.
      type: str
      sample: 8.5.316.02
    build:
      description: The build.
      type: str
      sample: "1"
    application:
      description: The application that the start script names.
      type: str
      sample: ChatServer_1
    complete:
      description: Whether the last installation got to its end.
      type: bool
      sample: true
    flaws:
      description: Why it does not count as complete.
      type: list
      elements: str
      sample: []
before:
  description: What it held before, in the same form.
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
backup:
  description: The directory to which the installer has moved the former content, if there was any.
  type: str
  returned: success
  sample: /opt/genesys/ChatServer_1/backup_2025-11-22_05-40-01
pruned:
  description: Names of the backups that were removed; in check mode, that would be.
  type: list
  elements: str
  returned: success
  sample: [backup_2025-06-01_05-12-44]
carried_over:
  description: Files that were carried over, relative to the installation directory.
  type: list
  elements: str
  returned: success
  sample: [certificates/server.pem]
not_carried_over:
  description: Files that O(carry_over) selects and that were not carried over because the installer has written them.
  type: list
  elements: str
  returned: success
  sample: []
reason:
  description: Why it would be installed, in a sentence that begins with the application's name.
  type: str
  returned: in check mode, if something would be installed
  sample: "'ChatServer_1': eSChatSrv 8.5.316.02 build 1 would take the place of eSChatSrv 8.5.311.06 build 1"
running:
  description: Processes of the application that run from the directory and have to be stopped before the installation.
  type: list
  elements: int
  returned: in check mode, if something would be installed
  sample: []
expected_configuration:
  description:
    - What the installer writes to the application object. The module reads this from the host, it does not ask the Configuration Server.
    - C(command_line) is known only after the installation.
  type: dict
  returned: success
  sample:
    working_directory: /opt/genesys/ChatServer_1
    command_line: ./ChatServer
    command_line_arguments: -host confserv.example.com -port 2020 -app "ChatServer_1"
    version: 8.5.316.02
    state: enabled
    annex:
      sml:
        uninstall: rm -rf /opt/genesys/ChatServer_1
failure:
  description:
    - What went wrong, as data, and on which C(host).
    - After a run of the installer it also holds C(exit_code), C(result_code) and C(error) of the result log, the last lines of C(output), the
      C(backup), and as C(target) the state of the directory, V(untouched) or V(incomplete).
  type: dict
  returned: failure
  sample:
    message: "Installation of eSChatSrv 8.5.316.02 build 1 into /opt/genesys/ChatServer_1 failed: Invalid login for Configuration Server."
    cure: Check confserv_username and confserv_password.
    host: chat1
    exit_code: 1
    result_code: 1
    error: Invalid login for Configuration Server.
    output: []
    target: untouched
    backup: null
"""

from ansible.module_utils.basic import env_fallback

from ansible_collections.genesys_engage.chat.plugins.module_utils._host.install.installation import install
from ansible_collections.genesys_engage.chat.plugins.module_utils._host.control.options import installation_options
from ansible_collections.genesys_engage.chat.plugins.module_utils._host_module import run_on_host


def main():
    """Run the module."""
    run_on_host(
        installation_options(env_fallback),
        "Installation",
        lambda module: install(module.params, module.check_mode, lambda: module.tmpdir, module.warn),
    )


if __name__ == "__main__":
    main()
