# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which known name stands for an unknown one."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.genesys_engage.chat.plugins.module_utils._config.nearest import nearest, sentences, suggestion


@pytest.mark.parametrize(("wanted", "known", "meant"), [
    ("chat_server", ["chat_servers", "chat_server_defaults"], "chat_servers"), ("bot", ["none", "local", "remote", "both"], "both"),
    ("hsot", ["host", "ports"], "host"), ("lgo", ["log", "settings"], "log"), ("chta1", ["chat1", "chat2"], "chat1"),
    ("CHAT 1", ["chat_1", "chat_2"], "chat_1"),
    ("esp", ["ESP", "default"], "ESP"), ("chat3", ["chat1", "chat2"], ""), ("8.1.3", ["8.1.2", "8.5"], ""), ("Nobody", ["confserv"], ""),
    ("chat21", ["chat12"], ""), ("x", [], ""), (5, ["6"], "")])
def test_examples(wanted, known, meant):
    assert nearest(wanted, known) == meant
    assert suggestion(wanted, known) == ("; did you mean '%s'?" % meant if meant else "")


NAMES = st.text("abcdefghijklmnop_", min_size=4, max_size=20)


@given(NAMES, st.data())
@settings(database=None, deadline=None, derandomize=True, max_examples=200)
def test_one_slip_is_seen(name, data):
    """A letter left out, doubled, or exchanged with its neighbour, in names of four letters and more."""
    place = data.draw(st.integers(0, len(name) - 2))
    slip = data.draw(st.sampled_from(["left out", "doubled", "exchanged"]))
    typed = {"left out": name[:place] + name[place + 1:], "doubled": name[:place] + name[place] + name[place:],
             "exchanged": name[:place] + name[place + 1] + name[place] + name[place + 2:]}[slip]
    assert nearest(typed, [name, "1", "zz"]) == ("" if typed == name else name)


def test_several_complaints_read_as_text():
    assert sentences(["a; did you mean 'b'?", "c", "d"]) == "a; did you mean 'b'? c; d"
