# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the sessions of a Chat Server that stops are restored on another one."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .._config.directory import ConfigObject


def restoration_lacks(app: ConfigObject) -> list[str]:
    """Return what a Chat Server's section settings lacks, so that its sessions can't be restored elsewhere; [] if nothing.  Source: HA81"""
    settings = app.options("settings")
    wrong = []
    if settings.get(("settings", "session-restoration-mode"), "").strip() != "simple":
        wrong.append("session-restoration-mode=simple")
    if settings.get(("settings", "transcript-auto-save"), "").strip() not in ("1", "2"):
        wrong.append("transcript-auto-save=1 (or 2)")
    return wrong
