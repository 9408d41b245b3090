# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which applications the playbook rollback takes back."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.genesys_engage.chat.plugins.filter.rollback import rollback_left_out, to_roll_back

DEPLOYMENT = {"applications": [
    {"name": "UCS_1", "role": "contact_server", "host": "ucs1"},
    {"name": "Chat_1", "role": "chat_server", "host": "chat1"},
    {"name": "Chat_2", "role": "chat_server", "host": "chat2"},
]}


@pytest.mark.parametrize(("wanted", "host", "found"), [
    ([], None, {}),
    ([{"application": "Chat_2"}], None, {"Chat_2": None}),
    ([{"application": "Chat_2"}], "chat1", {}),
    ([{"role": "chat_server", "version": "8.5.311.06"}], None, {"Chat_1": "8.5.311.06", "Chat_2": "8.5.311.06"}),
    ([{"role": "chat_server", "version": "8.5.311.06"}], "chat2", {"Chat_2": "8.5.311.06"}),
    ([{"role": "chat_server", "version": "1"}, {"application": "Chat_1", "version": "2"}, {"application": "UCS_1"}], None,
     {"UCS_1": None, "Chat_1": "2", "Chat_2": "1"}),
])
def test_what_is_named_is_taken_with_its_version(wanted: Any, host: Any, found: Any) -> None:
    assert {item["name"]: item["rollback_version"] for item in to_roll_back(DEPLOYMENT, wanted, host)} == found


@pytest.mark.parametrize(("wanted", "words"), [
    ([{"application": "Chat_9"}], "application 'Chat_9' is not in the description, which has Chat_1, Chat_2, UCS_1"),
    ([{"role": "ChatServer"}], "role 'ChatServer' is not in the description, which has chat_server, contact_server"),
    ([{"version": "8.5.311.06"}], "either application or role"),
    ([{"application": "Chat_1", "role": "chat_server"}], "either application or role"),
    ([{"application": "Chat_1", "host": "chat1"}], "either application or role"),
    (["Chat_1"], "'Chat_1' is no entry"),
    ([{"application": "Chat_1"}, {"application": "Chat_1", "version": "1"}], "application 'Chat_1' has more than one entry"),
    ([{"role": "chat_server", "version": "1"}, {"role": "chat_server", "version": "2"}], "role 'chat_server' has more than one entry"),
])
def test_an_entry_that_means_nothing_is_refused(wanted: Any, words: str) -> None:
    with pytest.raises(AnsibleFilterError, match=words):
        to_roll_back(DEPLOYMENT, wanted, "chat1")


@pytest.mark.parametrize(("wanted", "hosts", "refused", "told"), [
    ([{"role": "chat_server"}, {"application": "UCS_1"}], ["chat1", "chat2", "ucs1"], [], []),
    ([{"application": "Chat_2"}, {"application": "UCS_1"}], ["chat1", "ucs1"], ["Chat_2"], []),
    ([{"role": "chat_server"}], ["chat1", "ucs1"], [], ["Chat_2"]),
    ([{"role": "chat_server"}, {"application": "UCS_1"}], ["ucs1"], ["Chat_1", "Chat_2"], []),
])
def test_an_entry_that_would_do_nothing_is_refused(wanted: Any, hosts: list[str], refused: list[str], told: list[str]) -> None:
    assert rollback_left_out(DEPLOYMENT, wanted, hosts) == {"refused": refused, "told": told}
