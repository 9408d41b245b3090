#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hold the lock of an upgrade"""

from __future__ import annotations

DOCUMENTATION = r"""
module: upgrade_lock
short_description: Hold the lock of an upgrade
version_added: 1.0.0
description:
  - Takes, renews, suspends and removes a lock, so that no two upgrades of one environment run at the same time, wherever they are started.
  - The lock is an object of the Configuration Server with a fixed name, an application template that no application uses. Names of templates
    are unique, so the creation of the object decides who has the lock. Who holds it, for what and until when is in its options.
  - The lock is held for a time, the lease. A run that takes longer renews it with the same task. When the lease has ended, since the run has
    died for instance, the same upgrade can be started again by anybody and takes the lock over; another upgrade is refused until then.
options:
  name:
    description:
      - Name of the lock, which is the name of its object. Runs that must not meet use the same one.
      - A template of that name that holds no lock is never touched.
    type: str
    default: genesys_engage.chat upgrade
  upgrade_id:
    description:
      - What is upgraded to what, in words. A run with the same words continues an upgrade that was not finished.
      - Needed for O(state=held) and O(state=suspended). For O(state=absent), if it is given, the lock must be of that upgrade.
    type: str
  owner:
    description:
      - Text that tells this run from any other one, the number of a job for instance. Who gives the same owner and the same O(upgrade_id) is the
        holder, so a user or a host is not enough.
      - Needed unless O(state=absent) and O(break_lock) are set.
    type: str
  lease:
    description:
      - Seconds until the lock ends unless it is renewed, from 60 to 604800 (a week). Choose it longer than the longest time between two renewals.
    type: int
    default: 3600
  break_lock:
    description:
      - Take over or remove the lock whoever has it, and also if it can't be read. That is safe only if you have made sure that the run that
        holds it has ended.
      - It has no effect on O(state=suspended).
    type: bool
    default: false
  ended_owner:
    description:
      - O(owner) of a run of which you know that it has ended, since it was killed for instance. Its lock counts as one whose lease has ended, so
        the same upgrade can take it over at once. Locks of others are not touched.
    type: str
  folder:
    description: Folder in which a new object is put, by name or by path from the root.
    type: str
  snapshot_dir:
    description:
      - Directory on the host that runs the module, whose journal is told of the lock; see M(genesys_engage.chat.config_history_info). If that can't be
        done, there is a warning, and the lock is written all the same.
      - If not given, the environment variable E(GAX_SNAPSHOT_DIR) is used.
    type: path
    default: ~/.genesys_engage/snapshots
  state:
    description:
      - V(held) takes the lock if there is none, or if the one that is there is of the same upgrade and has ended or was suspended. It renews the
        lease of a lock that this run holds. Otherwise the task fails and says who holds the lock, for what, since when and until when.
      - V(suspended) ends the lease of this run's lock at once and leaves the lock, so that the same upgrade can be continued by any run and
        another one is refused.
      - V(absent) removes this run's lock, when the upgrade is finished.
      - Nothing is done for V(suspended) and V(absent) if there is no lock; they fail if the lock is somebody else's.
    type: str
    choices: [held, suspended, absent]
    default: held
notes:
  - Times are those of the host that runs the module. If the clocks of such hosts differ by more than the lease, one run takes over the lock of
    another one that is still running.
  - Nothing stops a run whose lease has ended. It finds out with its next task of this module. If such a task fails, the run must not go on.
  - In check mode nothing is written, and whoever would be refused is refused.
  - No snapshot is kept, since nobody wants a lock back.
extends_documentation_fragment:
  - genesys_engage.chat.gax
  - genesys_engage.chat.gax.journal
  - genesys_engage.chat.attributes
attributes:
  idempotent:
    support: partial
    details: A lock that is held is renewed by each run with O(state=held).
author:
  - genesys_engage.chat contributors (@genesys-engage-ansible)
"""

EXAMPLES = r"""
- name: Only one upgrade at a time
  module_defaults:
    group/genesys_engage.chat.chat:
      gax_url: https://gax.example.com:8443
      gax_username: automation
      gax_password: "{{ vault_gax_password }}"
    genesys_engage.chat.upgrade_lock:
      upgrade_id: contact_server 9.1.001.07
      owner: "job 4711"
  block:
    - name: Take the lock, or renew it
      genesys_engage.chat.upgrade_lock:
        lease: 7200

    - name: Upgrade
      ansible.builtin.import_tasks: upgrade.yml

    - name: Remove the lock
      genesys_engage.chat.upgrade_lock:
        state: absent
  rescue:
    - name: Let the same upgrade be continued at once
      genesys_engage.chat.upgrade_lock:
        state: suspended

- name: Remove the lock of an upgrade that nobody will finish
  genesys_engage.chat.upgrade_lock:
    gax_url: https://gax.example.com:8443
    gax_username: automation
    gax_password: "{{ vault_gax_password }}"
    state: absent
    break_lock: true
"""

RETURN = r"""
lock:
  description:
    - The lock as it is now, null if there is none. In check mode it is as a real run would leave it.
    - RV(lock.lease_until) of a suspended lock is the time at which it was suspended.
  type: dict
  returned: success
  contains:
    upgrade_id:
      description: What is upgraded to what.
      type: str
    owner:
      description: The run that holds the lock, or has suspended it.
      type: str
    taken_at:
      description: When that run took it, in UTC.
      type: str
    lease_until:
      description: Until when it is held unless it is renewed, in UTC.
      type: str
    state:
      description: V(held), also if the lease has ended, or V(suspended). A lock whose renewal was not completed is V(renewing), which counts as held.
      type: str
  sample:
    upgrade_id: contact_server 9.1.001.07
    owner: job 4711
    taken_at: "2026-04-01T12:00:00Z"
    lease_until: "2026-04-01T13:00:00Z"
    state: held
previous:
  description: The lock that was found, in the same form, null if there was none. What can't be read is returned as it stands there.
  type: dict
  returned: success
  sample:
    upgrade_id: contact_server 9.1.001.07
    owner: job 4709
    taken_at: "2026-04-01T09:00:00Z"
    lease_until: "2026-04-01T09:20:00Z"
    state: suspended
continued:
  description: Whether the lock that was found is of the same upgrade, which so was begun before and not finished.
  type: bool
  returned: success
  sample: true
failure:
  description: What went wrong, as data; C(lock) is the one that is in the way, if there is one.
  type: dict
  returned: failure
  sample:
    message: >-
      lock 'genesys_engage.chat upgrade': 'job 4711' holds it for the upgrade 'contact_server 9.1.001.07' since 2026-04-01T12:00:00Z; the lease
      ends at 2026-04-01T13:00:00Z. Wait until it is done; if that run has died, run the upgrade 'contact_server 9.1.001.07' again after the end
      of the lease. break_lock takes the lock at once; that is safe only if you have made sure that that run has ended
    object: lock 'genesys_engage.chat upgrade'
    lock:
      upgrade_id: contact_server 9.1.001.07
      owner: job 4711
      taken_at: "2026-04-01T12:00:00Z"
      lease_until: "2026-04-01T13:00:00Z"
      state: held
    written: []
"""

from ansible_collections.genesys_engage.chat.plugins.module_utils._config.journal import Recorder
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.lock import keep_lock
from ansible_collections.genesys_engage.chat.plugins.module_utils._module import GAX_OPTIONS, JOURNAL, SNAPSHOT_DIR, EngageModule, journal_of, run

ARGUMENT_SPEC = dict(
    name=dict(type="str", default="genesys_engage.chat upgrade"),
    upgrade_id=dict(type="str"),
    owner=dict(type="str"),
    lease=dict(type="int", default=3600),
    break_lock=dict(type="bool", default=False),
    ended_owner=dict(type="str"),
    folder=dict(type="str"),
    state=dict(type="str", choices=["held", "suspended", "absent"], default="held"),
)


def main():
    """Run the module."""
    module = EngageModule(dict(GAX_OPTIONS, **SNAPSHOT_DIR, **JOURNAL, **ARGUMENT_SPEC))
    run(module, module.params, lambda gateway: keep_lock(Recorder(gateway, journal_of(module)), module.params, module.check_mode),
        read_only=module.check_mode, untouched=" Nothing was written.")


if __name__ == "__main__":
    main()
