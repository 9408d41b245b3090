# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One description for several environments."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from ansible.errors import AnsibleFilterError
from hypothesis import given
from hypothesis import strategies as st
from unit.fuzzing import examples

from ansible_collections.genesys_engage.chat.plugins.filter.overlay import origins, overlaid

BASE: dict[str, Any] = {
    "tenant": "Environment", "interaction_queues": ["Chat_In", "Web"], "chat_server_defaults": {"ports": {"default": 4580, "health": 4583}},
    "chat_servers": [{"name": "A", "host": "a", "options": {"s": {"x": 1}}}, {"name": "B", "host": "b"}],
}


def test_keys_lists_and_members() -> None:
    before = copy.deepcopy(BASE)
    overlay = {"tenant": "Lab", "interaction_queues": ["Chat_In"], "chat_server_defaults": {"ports": {"default": 5580, "health": None}},
               "chat_servers": {"A": {"host": "lab1", "options": {"s": {"y": 2}}}, "B": None, "C": {"host": "lab3"}}}
    assert overlaid(BASE, overlay) == {
        "tenant": "Lab", "interaction_queues": ["Chat_In"], "chat_server_defaults": {"ports": {"default": 5580}},
        "chat_servers": [{"name": "A", "host": "lab1", "options": {"s": {"x": 1, "y": 2}}}, {"name": "C", "host": "lab3"}]}
    assert before == BASE, "the description itself was changed"
    assert overlaid(BASE, {"chat_servers": [{"name": "D"}]})["chat_servers"] == [{"name": "D"}]
    assert overlaid({"gms": ["G", "H"]}, {"gms": {"G": {"host": "g"}}}) == {"gms": [{"name": "G", "host": "g"}, "H"]}
    assert overlaid(BASE, {"tenant": "1"}, {"tenant": "2"})["tenant"] == "2" and overlaid(BASE) == BASE


def test_origins() -> None:
    layers = {"site": {"chat_servers": {"A": {"host": "lab1"}, "C": {"host": "c"}}}, "night": {"chat_server_defaults": {"ports": {"default": 5580}}}}
    found = origins(BASE, layers)
    assert found["chat_servers.A.host"] == found["chat_servers.C.host"] == found["chat_servers.C.name"] == "site"
    assert found["chat_servers.A.options.s.x"] == found["tenant"] == found["chat_servers.B.host"] == found["chat_server_defaults.ports.health"] == "base"
    assert found["chat_server_defaults.ports.default"] == "night"


@pytest.mark.parametrize(("overlay", "words"), [
    (["x"], "An overlay is a mapping like the description that it is laid over, got list"),
    ({"chat_servers": {"Z": None}}, "chat_servers: there is no 'Z' to take away; there are A, B"),
    ({"chat_servers": {"A": "lab1"}}, "chat_servers: A: an overlay of a member is a mapping, or null"),
    ({"pairs": {"A": {}}}, "pairs: its members have no names"),
])
def test_bad_input(overlay: Any, words: str) -> None:
    with pytest.raises(AnsibleFilterError, match=words):
        overlaid({**BASE, "pairs": [{"primary": "A"}]}, overlay)


TREES = st.recursive(st.integers() | st.text(max_size=3), lambda inner: st.dictionaries(st.sampled_from("abc"), inner, max_size=3), max_leaves=8)
MAPPINGS = st.dictionaries(st.sampled_from("abc"), TREES, max_size=3)


@examples(60)
@given(MAPPINGS, MAPPINGS, MAPPINGS)
def test_laws(base: dict[str, Any], one: dict[str, Any], two: dict[str, Any]) -> None:
    """Nothing over a description is the description; the same twice is the same once; each value has an origin; what an overlay says holds."""
    assert overlaid(base, {}) == base and overlaid(base, one, one) == overlaid(base, one)
    both = overlaid(base, one, two)
    assert set(origins(base, {"one": one, "two": two}).values()) <= {"base", "one", "two"}
    assert overlaid(both, two) == both
