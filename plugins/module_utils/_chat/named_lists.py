# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lists of names that a module is given: an empty one would do nothing, without a word."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from .._config.errors import InvalidInput
from .client_links import all_chat_servers
from .context import Context


def require_named(names: Collection[str], where: str, what: str) -> None:
    """Check that a list names something; raises InvalidInput.  what: one of the objects, as 'Chat Server'."""
    if not names:
        raise InvalidInput(f"{where}: no {what} is named, so nothing would be done; name at least one, or skip the task while the list is empty")


def servers_to_link(context: Context, params: Mapping[str, Any], where: str) -> list[str]:
    """Return the Chat Servers of a module for links, those that are given or all; raises InvalidInput for an empty list.

    A site without a Chat Server is warned about only: in check mode the tasks before have not made one.
    """
    if params["chat_servers"] is not None:
        require_named(params["chat_servers"], f"{where}: chat_servers", "Chat Server")
    names = all_chat_servers(context, params)
    if not names:
        context.warn(f"{where}: chat_servers: there is no Chat Server yet, so nothing is connected")
    return names
