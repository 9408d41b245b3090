# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A list of names that is given and empty is refused: the task would do nothing, without a word."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from unit.config.fake_gateway import application, context_of, world

from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.parts.endpoints import chat_endpoint
from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.parts.gms import gms_link
from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.parts.gms_chat_services import gms_chat_service
from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.parts.interaction_servers import esp_link
from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.removal import removal, removal_preview
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.errors import InvalidInput

Rule = Callable[[Any, dict[str, Any]], Any]

#: What each module may be given, beside state.
GIVEN: dict[Rule, dict[str, Any]] = {
    esp_link: {"interaction_servers": ["IXN"], "chat_servers": ["Chat"], "addp": None},
    gms_link: {"gms": ["GMS"], "chat_servers": ["Chat"]},
    gms_chat_service: {"gms": ["GMS"], "service": "customer-support", "options": {"x": "y"}, "solution_control_server": "SCS"},
    chat_endpoint: {"chat_servers": ["Chat"], "tenant": "Environment", "endpoint": "webme", "queue": "Chat_In"},
}

#: Module, option, and what is told.
EMPTY: list[tuple[Rule, str, str]] = [
    (esp_link, "interaction_servers", "esp_link: interaction_servers: no Interaction Server is named"),
    (esp_link, "chat_servers", "chat_servers: "),
    (gms_link, "gms", "gms_link: gms: no GMS node is named"),
    (gms_link, "chat_servers", "chat_servers: "),
    (gms_chat_service, "gms", "gms_chat_service: gms: no GMS node is named"),
    (chat_endpoint, "chat_servers", "chat_endpoint: chat_servers: no Chat Server is named"),
]


def site(chat_server: bool = True) -> Any:
    gateway = world()
    if chat_server:
        ports = {"default": 1, "webapi": 2, "ESP": 3}
        gateway.add("CfgApplication", 1, "Chat", **application("CFGChatServer", ports=ports, options={"endpoints:1": {"default": "Chat_In"}}))
    gateway.add("CfgApplication", 2, "IXN", **application("CFGInteractionServer"))
    gateway.add("CfgApplication", 3, "GMS", **application("CFGGenericServer"))
    gateway.add("CfgApplication", 4, "SCS", **application("CFGSCS"))
    gateway.add("CfgApplication", 5, "Cluster", **application("CFGApplicationCluster", connections=[(2, "default")]))
    return gateway


@pytest.mark.parametrize("state", ["present", "absent"])
@pytest.mark.parametrize(("rule", "option", "told"), EMPTY, ids=[f"{rule.__name__}-{option}" for rule, option, _told in EMPTY])
def test_an_empty_list_is_refused(rule: Rule, option: str, told: str, state: str) -> None:
    params = {**GIVEN[rule], "state": state}
    assert rule(context_of(site()), params)
    with pytest.raises(InvalidInput, match=re.escape(told)):
        rule(context_of(site()), {**params, option: []})


@pytest.mark.parametrize("state", ["present", "absent"])
def test_a_cluster_needs_no_other_interaction_server(state: str) -> None:
    params = {**GIVEN[esp_link], "interaction_servers": [], "interaction_server_cluster": "Cluster", "state": state}
    (item,) = esp_link(context_of(site()), params)
    assert item.name == "IXN"


@pytest.mark.parametrize("rule", [esp_link, gms_link])
def test_a_site_without_chat_servers_is_told(rule: Rule) -> None:
    """It is no refusal: in check mode the tasks before may have planned the Chat Servers only."""
    context = context_of(site(chat_server=False))
    assert not any(item.leaves for item in rule(context, {**GIVEN[rule], "chat_servers": None, "state": "present"}))
    assert context.warnings == [f"{rule.__name__}: chat_servers: there is no Chat Server yet, so nothing is connected"]
    context = context_of(site())
    rule(context, {**GIVEN[rule], "chat_servers": None, "state": "present"})
    assert context.warnings == []


@pytest.mark.parametrize("rule", [removal, removal_preview])
def test_a_removal_of_no_application_is_refused(rule: Rule) -> None:
    with pytest.raises(InvalidInput, match="applications: no application is named.*Without this option the whole solution is removed"):
        rule(context_of(site()), {"solution": {"tenant": "Environment"}, "applications": []})
    assert rule(context_of(site()), {"solution": {"tenant": "Environment"}, "applications": None}) is not None
