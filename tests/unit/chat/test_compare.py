# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two descriptions compared by meaning."""

from __future__ import annotations

from typing import Any

import pytest
from integration.configured_site import solution

from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.compare import chat_solution_compare, normal
from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.context import Context
from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.solution import validated_solution
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.directory import Directory
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.errors import InvalidInput
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.recorded import Recorded


def compare(left: dict[str, Any], right: dict[str, Any], **mapping: Any) -> list[tuple[str, Any, Any]]:
    context = Context(Directory(Recorded({})))
    result = chat_solution_compare(context, {"left": {"solution": left}, "right": {"solution": right}, "mapping": mapping or None})
    assert result["equal"] is (result["differences"] == [])
    return [(item["path"], item["left"], item["right"]) for item in result["differences"]]


def test_said_once_or_with_each_is_the_same() -> None:
    """Defaults, numbers and texts, the order of lists, a name and a mapping with nothing but the name."""
    one = solution()
    other = solution(chat_server_defaults=None, addp=None, message_server=None, configuration_server=None)
    shared = {**one["chat_server_defaults"], "addp": one["addp"], "message_server": "MessageServer", "configuration_server": "confserv"}
    other["chat_servers"] = [{**shared, **item} for item in reversed(one["chat_servers"])]
    other["chat_servers"][2]["options"] = {"settings": {"limit-for-sessions": "2000"}}
    other["interaction_queues"] = list(reversed(one["interaction_queues"]))
    assert compare(one, other) == []


def test_each_difference_is_told() -> None:
    other = solution(chat_servers=[{"name": "ChatServer_1", "host": "chat9"}, {"name": "ChatServer_2", "host": "chat2", "options": {"settings": {
        "limit-for-sessions": 2001}}}, {"name": "ChatServer_3", "host": "chat3"}])
    found = compare(solution(), other)
    assert ("chat_servers/ChatServer_1/host", "chat1", "chat9") in found
    assert ("chat_servers/ChatServer_2/options/settings/limit-for-sessions", "2000", "2001") in found
    (gone,) = [item for item in found if item[0] == "chat_servers/ChatServer_4"]
    assert gone[1]["host"] == "chat4" and gone[2] is None and len(found) == 3


def test_an_option_that_is_taken_away_is_told() -> None:
    taken = solution(chat_servers=[{"name": "ChatServer_1", "host": "chat1", "options": {"settings": {"x": None}}}])
    said = solution(chat_servers=[{"name": "ChatServer_1", "host": "chat1", "options": {"settings": {"x": "1"}}}])
    assert compare(taken, said) == [("chat_servers/ChatServer_1/options/settings/x", None, "1")]


LAB = {"tenant": "Lab", "interaction_queues": ["Chat_In"], "interaction_servers": ["IXN_lab"],
       "chat_servers": [{"name": "Chat_lab", "host": "lab1", "ports": {"default": 4580}, "endpoints": {"default": "Chat_In"},
                         "options": {"settings": {"x": "Chat_lab"}}}],
       "gms_chat_services": [{"gms": ["GMS_lab"], "default_chat_endpoint": "Lab:default", "options": {"y": "4580"}}]}
PRODUCTION = {"tenant": "Production", "interaction_queues": ["Chat_In"], "interaction_servers": ["IXN_1"],
              "chat_servers": [{"name": "Chat_1", "host": "prod1", "ports": {"default": 5580}, "endpoints": {"default": "Chat_In"},
                                "options": {"settings": {"x": "Chat_lab"}}}],
              "gms_chat_services": [{"gms": ["GMS_1"], "default_chat_endpoint": "Production:default", "options": {"y": "4580"}}]}
MAPPING: dict[str, Any] = {"tenants": {"Lab": "Production"}, "hosts": {"lab1": "prod1"}, "ports": {4580: 5580},
                           "applications": {"Chat_lab": "Chat_1", "IXN_lab": "IXN_1", "GMS_lab": "GMS_1"}}


def test_names_are_mapped() -> None:
    """Names of tenants, hosts, applications, and ports; the product's own options are left alone."""
    assert compare(LAB, PRODUCTION, **MAPPING) == []
    without = {**MAPPING, "hosts": {}}
    assert compare(LAB, PRODUCTION, **without) == [("chat_servers/Chat_1/host", "lab1", "prod1")]


@pytest.mark.parametrize(("mapping", "words"), [
    ({}, "mapping: the left side is of tenant 'Lab', the right one of tenant 'Production'"),
    ({"host": {}}, "'host' is no kind of name; the kinds are tenants, hosts, applications, ports"),
    ({"hosts": ["a"]}, "mapping: hosts must map names"),
])
def test_bad_input(mapping: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidInput, match=words.replace("(", r"\(")):
        compare(LAB, PRODUCTION, **mapping)


def test_nothing_is_lost_in_the_one_form() -> None:
    """Each value of the description is somewhere in it."""
    form = str(normal(validated_solution(solution())))
    for value in ("Chat_In", "Webengagement_Chat", "IXN_1", "GMS_1", "SolutionControlServer", "UCS_4", "7100", "4583", "MessageServer", "confserv", "2000"):
        assert value in form, value
