# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Modules that were renamed: the old name leads to the new one, and says so."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
RENAMED = yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text(encoding="utf-8"))["plugin_routing"]["modules"]
MODULES = {path.stem for path in (ROOT / "plugins" / "modules").glob("*.py")}


def test_status_modules_are_among_them():
    assert {"application_status", "port_status"} <= set(RENAMED)


# In a process of its own: Ansible's importer of collections must come before any other import of the collection.
LOADED = """
import json, sys
from ansible.plugins.loader import init_plugin_loader, module_loader
init_plugin_loader([])
found = module_loader.find_plugin_with_context("genesys_engage.chat." + sys.argv[1])
print(json.dumps([found.resolved_fqcn, found.deprecation_warnings]))
"""


@pytest.mark.parametrize("old", RENAMED)
def test_the_old_name_leads_to_the_new_one(old):
    new = RENAMED[old]["redirect"].rpartition(".")[2]
    assert old not in MODULES
    assert new in MODULES
    ended = subprocess.run([sys.executable, "-c", LOADED, old], capture_output=True, text=True, timeout=60, check=True)
    name, warnings = json.loads(ended.stdout.splitlines()[-1])
    assert name == f"genesys_engage.chat.{new}"
    assert [warning for warning in warnings if old in warning and f"Use genesys_engage.chat.{new}" in warning] != []
