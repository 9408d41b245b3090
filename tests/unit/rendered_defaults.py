# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Render the defaults of roles as Ansible does, in a process of its own: its loader of collections must come before anything else.

Reads a list of {role, given} as JSON, and prints for each the variables of the role as its tasks find them.
"""

from __future__ import annotations

import inspect
import json
import sys
from pathlib import Path
from typing import Any

from ansible.parsing.dataloader import DataLoader
from ansible.plugins.loader import init_plugin_loader
from ansible.template import Templar

ROLES = Path(__file__).resolve().parents[2] / "roles"


def rendered(role: str, given: dict[str, Any]) -> dict[str, Any]:
    """Return the variables of a role, with these variables of a user; newer versions of Ansible want to be told that they are templates."""
    trusted = {"trusted_as_template": True} if "trusted_as_template" in inspect.signature(DataLoader.load_from_file).parameters else {}
    own = DataLoader().load_from_file(str(ROLES / role / "defaults" / "main.yml"), **trusted)
    around = {"inventory_hostname": "site", "groups": {"genesys_configuration": ["site"], "genesys_hosts": ["chat1"]}, "hostvars": {"site": given},
              "ansible_play_hosts": ["site"]}
    templar = Templar(DataLoader(), variables={**own, **around, **given})
    return {name: templar.template(template) for name, template in own.items()}


if __name__ == "__main__":
    init_plugin_loader()
    print(json.dumps([rendered(case["role"], case["given"]) for case in json.load(sys.stdin)]))
