# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What real hosts need of the kernel is checked before they are made."""

from __future__ import annotations

from pathlib import Path

import pytest

from sandbox.hosts import requirements
from sandbox.hosts.shell import HostsError


def test_more_hosts_than_the_kernel_lets_boot_are_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    limit = tmp_path / "limit"
    limit.write_text("80\n")
    monkeypatch.setattr(requirements, "_INOTIFY_LIMIT", limit)
    monkeypatch.setattr(requirements, "_inotify_instances", lambda: 10)
    requirements.check_inotify(10)
    with pytest.raises(HostsError, match=r"11 more hosts need about 77 .*, 10 of 80 are in use.* fs\.inotify\.max_user_instances=174"):
        requirements.check_inotify(11)
