# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an upgrade needs before it looks at anything: who takes part, what the user has to say, and what its lock is about."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from ..._common.variables import RELAUNCH


def refusal(configuration_host: str, in_play: Collection[str], of_others: Sequence[str], answers: Mapping[str, Any]) -> str:
    """Return why the upgrade can't be planned, as a sentence, or ''.

    in_play: inventory names of the hosts of the play.  of_others: those of them that belong to another configuration host.
    answers: back (to a former version), version (that one), data_compatible.
    """
    if configuration_host not in in_play:
        return (f"'{configuration_host}', which stands for the Configuration Server, is not part of this run. A --limit must include it. "
                f"{RELAUNCH} Nothing was changed.")
    if of_others:
        return (f"One site is upgraded at a time, and these hosts belong to another configuration host than '{configuration_host}': "
                f"{', '.join(of_others)}. Leave them out with --limit. Nothing was changed.")
    if not answers["back"]:
        return ""
    if not answers["version"]:
        return "Say to which version the cluster is to go back, for example with -e upgrade_back_to=9.1.000.12. Nothing was changed."
    if not answers["data_compatible"]:
        return (f"State that version {answers['version']} can work with the data as the newer one has left them, with -e upgrade_data_compatible=true. "
                "All nodes of UCS share their data, and whether an older version can read what a newer one has written, only the release notes tell. "
                "Nothing was changed.")
    return ""


def lock_id(upgrade: Mapping[str, Any], target: str) -> str:
    """Return what the lock is about: who gives the same goes on with the same upgrade.

    upgrade: role, back (to a former version), confserv (address of the Configuration Server).  target: the version; '' for none, and no lock.
    """
    return f"{upgrade['role']} {'back to ' if upgrade['back'] else ''}{target} at {upgrade['confserv']}" if target else ""


def was_refused(locked: Mapping[str, Any]) -> bool:
    """Return whether the look at the lock has failed.

    locked: what its task has registered, {} if there was none.  The task itself does not count as failed, so what the module returned decides.
    """
    return bool(locked) and not locked.get("skipped") and "continued" not in locked
