# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A list of channels in one option: read, extended and shortened in the form that it has."""

from __future__ import annotations

import pytest

from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.channel_list import ChannelList
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.errors import InvalidInput


@pytest.mark.parametrize(
    ("text", "separator", "values", "plus"),
    [
        ("workitem;fax", "", ["workitem", "fax"], "workitem;fax;chat"),
        ("workitem , fax", "", ["workitem", "fax"], "workitem , fax , chat"),
        ("workitem,fax,", "", ["workitem", "fax"], "workitem,fax,chat"),
        ("workitem|", "", ["workitem"], "workitem|chat"),
        ("workitem", ", ", ["workitem"], "workitem, chat"),
        ("workitem fax", " ", ["workitem", "fax"], "workitem fax chat"),
        ("workitem,fax", ", ", ["workitem", "fax"], "workitem,fax,chat"),
        (" ", "", [], "chat"),
    ],
)
def test_one_more(text: str, separator: str, values: list[str], plus: str) -> None:
    found = ChannelList(text, separator)
    assert (found.values, found.plus("chat", separator)) == (values, plus)


@pytest.mark.parametrize(
    ("text", "minus"),
    [("chat", ""), ("chat;fax", "fax"), ("fax , chat", "fax"), ("fax;chat;email", "fax;email"), ("chat,fax,chat", "fax"), ("webchat;chats", "webchat;chats")],
)
def test_one_less(text: str, minus: str) -> None:
    assert ChannelList(text).minus("chat") == minus


@pytest.mark.parametrize(("text", "separator"), [("a,b;c", ""), ("a b", ""), ("a,b", ";")])
def test_what_can_not_be_read(text: str, separator: str) -> None:
    with pytest.raises(InvalidInput, match=f"here is '{text}'"):
        ChannelList(text, separator, "here")
