# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A path that can't be one is refused by every module in the same words, before anything is looked at."""

from __future__ import annotations

from typing import Any

import pytest
from unit.in_process import ends_well, run

BAD = "/srv/a\0b"


@pytest.mark.parametrize(("module", "option", "more"), [
    ("config_history_info", "snapshot_dir", {}), ("config_snapshot_info", "snapshot_dir", {}), ("config_restore", "path", {}),
    ("chat_solution_info", "ca_path", {"tenant": "Environment"}), ("server_log_info", "directory", {"name": "x"}), ("package_info", "paths", {}),
], ids=lambda value: value if isinstance(value, str) else "")
def test_a_path_with_a_null_byte(module: str, option: str, more: dict[str, Any]) -> None:
    """Also in a list of paths, and on managed hosts, where paths are texts."""
    needs_gax = module in ("config_restore", "chat_solution_info")
    arguments = {option: [BAD] if option == "paths" else BAD, **more}
    ended = run(module, arguments, None, check=False, connection=None if needs_gax else {})
    ends_well(ended)
    message = ended.result["msg"]
    assert ended.failed and message.startswith((option, "Reading the installations failed: ")) and "a path can't hold a null byte" in message
