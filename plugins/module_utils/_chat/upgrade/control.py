# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One call starts or stops the members of several hosts; this says what came of it on each of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from . import rolling


def result_of(found: Any, leader: str, names: Collection[str]) -> dict[str, Any]:
    """Return what a call of application_control says about some of its applications, as if only they had been asked for.

    found: what the leader has registered.  leader: inventory name of the host that made the call.
    Returns a result of application_control: with applications if all of these are as they should be, else with msg and failure.
    """
    if not isinstance(found, Mapping) or found.get("skipped") or found.get("unreachable"):
        return {"failed": True, "msg": f"Nobody has given the command: '{leader}', which was to do that for several hosts, can't be reached any more."}
    if "applications" in found:
        return {"applications": [item for item in found["applications"] if item["name"] in names]}
    failure = dict(found.get("failure") or {})
    if "applications" not in failure:
        return {"failed": True, "msg": found.get("msg"), "failure": failure}
    mine = [item for item in failure["applications"] if item["name"] in names]
    missed = [item for item in mine if not item["done"]]
    if not missed:
        return {"applications": mine}
    # "Starting failed: 'a' is ...; 'b' is ....": only what is said of these.
    message = f"{failure['message'].partition(':')[0]}: {'; '.join(item['text'] for item in missed)}."
    return {"failed": True, "msg": f"{message} {failure.get('cure') or ''}".strip(), "failure": {**failure, "message": message, "applications": mine}}


def stopped(role: str, result: Mapping[str, Any]) -> dict[str, Any]:
    """Return whether members have stopped: {hard}, true if they may now be stopped with their sessions, or a failure, {failed, msg}.

    result: of result_of.
    """
    if "applications" in result:
        return {"hard": False}
    if rolling.may_stop_hard(role, result):
        return {"hard": True}
    return {"failed": True, "msg": rolling.error_of(result)}
