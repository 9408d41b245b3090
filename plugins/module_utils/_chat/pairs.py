# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pairs of a primary and its backup, of Universal Contact Servers (UCS) and of Chat Servers alike."""

from __future__ import annotations

from .._config.desired import Desired
from .._config.errors import DoesNotFit, InvalidInput
from .context import Context


def make_pair(context: Context, primary: str, backup: str, redundancy_type: str, where: str, app_type: str) -> Desired:
    """Return the Desired that makes "backup" the backup of "primary" (names of applications of type "app_type").

    Raises InvalidInput by the Configuration Server's rules: same type, one backup belongs to one primary, a backup has
    no backup of its own, clients connect to the primary only.  Source: G5, CHAT, HA81 (clients; said of Chat Server)
    """
    directory = context.directory
    if primary == backup:
        raise InvalidInput(f"{where}: '{primary}' can't be its own backup")
    first = context.application(primary, where, (app_type,))
    second = context.application(backup, where, (app_type,))
    owner = context.primary_now(second)
    if owner and owner != primary:
        raise DoesNotFit(f"{where}: '{backup}' is already the backup of '{owner}'; one backup belongs to one primary")
    above = context.primary_now(first)
    if above:
        raise DoesNotFit(f"{where}: '{primary}' is itself the backup of '{above}', so it can't be a primary")
    below = second.backup_dbid
    if below:
        raise DoesNotFit(f"{where}: '{backup}' has a backup of its own ('{directory.name('CfgApplication', below)}'), so it can't be a backup")
    desired = Desired("CfgApplication", primary)
    desired.want("backup", backup)
    desired.want("redundancy_type", redundancy_type, f"{where}: redundancy_type")
    return desired


def dissolve_pair(context: Context, primary: str, backup: str | None, where: str, app_type: str) -> Desired:
    """Return the Desired that leaves "primary" without a backup; raises InvalidInput when it has another one than "backup"."""
    found = context.application(primary, where, (app_type,))
    current = context.directory.name("CfgApplication", found.backup_dbid)
    if backup and current and current != backup:
        raise InvalidInput(f"{where}: the backup of '{primary}' is '{current}', not '{backup}'; nothing was changed")
    desired = Desired("CfgApplication", primary)
    desired.want("backup", "")
    return desired
