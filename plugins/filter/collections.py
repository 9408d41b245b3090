# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which collections there are, for tasks that need another one."""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path


def collection_version(name):
    """Return the version of an installed collection, "unknown" for one that does not say it, and "" if it is not installed."""
    try:
        package = import_module(f"ansible_collections.{name}")
    except ImportError:
        return ""
    for place in package.__path__:
        manifest = Path(place) / "MANIFEST.json"
        if manifest.is_file():
            return json.loads(manifest.read_text(encoding="utf-8"))["collection_info"]["version"]
    return "unknown"


class FilterModule:
    """The filters, for Ansible."""

    def filters(self):
        """Return the filters by name."""
        return {"collection_version": collection_version}
