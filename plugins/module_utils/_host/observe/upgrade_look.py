# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One look at a host for the rolling upgrade: states, ports, connections to UCS and installed versions.

Each part is looked at even if another one can't be seen: what is not known counts as not serving, so it has to be told apart.
"""

from functools import partial
from typing import Any, Callable, Dict, List, Mapping

from ..control.statuses import read_statuses
from ..system.errors import HostError, unexpected
from ..system.ports import wait_for
from .connections import wait_for_member
from .installations import installations

START_SCRIPT = "run.sh"


def look_at_host(params: Mapping[str, Any]) -> Dict[str, Any]:
    """Return what the module upgrade_look_info returns.

    Args:
        params: its options.
    """
    complaints: List[str] = []

    def seen(what: str, work: Callable[[], List[Dict[str, Any]]]) -> List[Dict[str, Any]]:
        try:
            return work()
        except HostError as error:
            complaints.append(f"{what}: {error}")
        except (OSError, UnicodeError) as error:
            complaints.append(f"{what}: {unexpected('The look', error)}")
        return []

    return {
        "changed": False,
        "states": seen("Look at the states of applications", lambda: _states(params)),
        "ports": seen("Look at the ports", lambda: wait_for(params["ports"], params["port_timeout"]) if params["ports"] else []),
        "connections": [found for item in params["chat_servers"] for found in seen("Look at the connections", partial(_connection, item, params))],
        "installed": seen("Look at the installations", lambda: _installed(params["installed"])),
        "complaints": complaints,
    }


def _states(params: Mapping[str, Any]) -> List[Dict[str, Any]]:
    if not params["applications"]:
        return []
    found: List[Dict[str, Any]] = read_statuses(params)["applications"]
    return found


def _connection(item: Mapping[str, Any], params: Mapping[str, Any]) -> List[Dict[str, Any]]:
    asked = dict(item, application=item["name"], name=item["log"], expected=params["expected"], timeout=params["connection_timeout"],
                 max_bytes=params["max_bytes"], encoding="utf-8")  # fmt: skip
    return [dict(wait_for_member(asked), application=item["name"])]


def _installed(wanted: List[Dict[str, Any]]) -> List[Dict[str, Any]]:
    found = installations([item["path"] for item in wanted], None, START_SCRIPT)
    return [{"name": item["name"], "version": state["version"], "complete": state["complete"]} for item, state in zip(wanted, found)]
