# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options of the modules that judge a chat solution."""

from __future__ import annotations


class ModuleDocFragment:
    """Used as genesys_engage.chat.audit; the argument spec is in plugins/module_utils/_chat/audit/arguments.py."""

    DOCUMENTATION = r"""
options:
  rules:
    description: Ids of the rules to judge by, for example V(L01); all rules if not given. Rules on agents read all persons.
    type: list
    elements: str
  waivers:
    description:
      - Faults that are known and accepted for a time. They are listed, and do not count.
    type: list
    elements: dict
    default: []
    suboptions:
      rule:
        description: Id of the rule.
        type: str
        required: true
      object:
        description: Name of the object whose faults are accepted; those of all objects if not given.
        type: str
      reason:
        description: Why they are accepted.
        type: str
        required: true
      until:
        description: Last day of the waiver, as V(2026-12-31). After it the module fails until the waiver is removed or given a new end.
        type: str
        required: true
  solution:
    description:
      - A description, see M(genesys_engage.chat.chat_solution). What is looked at then is the configuration as it would be when the description was applied.
    type: dict
  snapshot:
    description:
      - File of a snapshot on the host that runs the module. What is looked at then are the objects in it, and not those of the Configuration Server.
      - It must hold all objects of the class C(CfgApplication) and of C(CfgTenant), as M(genesys_engage.chat.config_snapshot) saves them. A rule that needs a
        class that is not in it is not judged, and listed.
    type: path
  health_port:
    description: Whether KPI are to be asked for over the port C(health), so that each Chat Server must have it.
    type: bool
    default: false
  development_environment:
    description: Whether chat may be forced as the channel of Web Engagement, which switches pacing off.
    type: bool
    default: false
  privileges:
    description: The privilege that lets agents use chat, as section, key and value in the annex of a role, where it can't be recognised by its name.
    type: dict
"""
