# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Chat services of GMS: by which option a wrong endpoint is told, and which values of unknown options seem to name one."""

from __future__ import annotations

from typing import Any

import pytest
from unit.config.fake_gateway import Gateway, application, context_of, world

from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.parts.gms_chat_services import gms_chat_service
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.errors import InvalidInput

SECTION = "chat.customer-support"


def site() -> Gateway:
    """A GMS node that is connected to a Chat Server and to Solution Control Server."""
    gateway = world()
    endpoints = {"endpoints:1": {"default": "Chat_In", "webme": "Other_In", "30": "Chat_In"}}
    gateway.add("CfgApplication", 1, "C1", **application("CFGChatServer", options=endpoints))
    gateway.add("CfgApplication", 2, "SCS", **application("CFGSCS"))
    options = {"request-chat": {"_chat_endpoint": "gms_builtin"}}
    gateway.add("CfgApplication", 3, "GMS", **application("CFGGenericServer", options=options, connections=[(1, "default"), (2, "default")]))
    return gateway


def planned(**given: Any) -> tuple[dict[str, Any], list[str]]:
    """Return the options of the section of the service that are demanded, and the warnings."""
    context = context_of(site())
    params = {"gms": ["GMS"], "service": "customer-support", "state": "present", **given}
    (item,) = gms_chat_service(context, params)
    return {path[2]: value for path, value in item.leaves.items() if path[:2] == ("options", SECTION)}, context.warnings


# by which option a wrong endpoint is told


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"chat_endpoints": {SECTION: "1:default"}, "options": {"x": "y"}}, f"chat_endpoints: {SECTION}: '1:default'"),
        ({"chat_endpoints": {"request-chat": "1:default"}, "options": {"x": "y"}}, "chat_endpoints: request-chat: '1:default'"),
        ({"options": {"_chat_endpoint": "1:default"}}, "options: _chat_endpoint: '1:default'"),
        ({"options": {"_chat_endpoint": "1:default"}, "chat_endpoints": {"request-chat": "gms_builtin"}}, "options: _chat_endpoint: '1:default'"),
        ({"options": {"x": "y"}, "default_chat_endpoint": "1:default"}, "gms_chat_service: default_chat_endpoint: '1:default'"),
    ],
)
def test_a_wrong_endpoint_is_told_by_the_option_that_was_given(given: dict[str, Any], told: str) -> None:
    with pytest.raises(InvalidInput, match=f"{told} names the tenant by its number"):
        planned(**given)
