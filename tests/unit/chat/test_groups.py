# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Chat Servers over UCS pairs: the division against brute force, and the connections that follow from it."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from unit.config.fake_gateway import application, context_of, world

from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.groups import assign, connect_groups
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.errors import InvalidInput

GROUPS = ["U1", "U2", "U3"]


def order(division, groups, now):
    """The documented order: even sizes, then few moves, then names. A server that is nowhere yet does not move."""
    sizes = [sum(1 for group in division.values() if group == name) for name in groups]
    moves = sum(1 for server, group in division.items() if now.get(server) is not None and now[server] != group)
    return sum(size * size for size in sizes), moves, [division[server] for server in sorted(division)]


def brute_force(servers, groups, now, pins):
    """The best of all divisions in which the pins hold."""
    divisions = (dict(zip(servers, choice)) for choice in itertools.product(groups, repeat=len(servers)))
    return min((division for division in divisions if all(division[server] == pins[server] for server in division if server in pins)),
               key=lambda division: order(division, groups, now))


@st.composite
def situations(draw, most=6, groups=3):
    names = draw(st.permutations(["C%d" % number for number in range(most)]))
    servers = names[:draw(st.integers(0, most))]
    some = draw(st.permutations(["U%d" % number for number in range(1, groups + 1)]))[:draw(st.integers(1, groups))]
    where = st.none() | st.sampled_from([*some, "elsewhere"])
    now = {name: draw(where) for name in servers if draw(st.booleans()) or draw(st.booleans())}
    pins = {name: draw(st.sampled_from(some)) for name in servers if draw(st.integers(0, 3)) == 0}
    return servers, some, now, pins


@given(situations())
@settings(database=None, deadline=None, derandomize=True, max_examples=150)
def test_the_division_is_the_best_there_is(situation):
    assert assign(*situation) == brute_force(*situation)


def test_every_small_situation_without_pins():
    """Three servers, two groups: each of them nowhere, in the first, in the second, or in an unknown one."""
    servers, groups = ["C1", "C2", "C3"], ["U1", "U2"]
    for places in itertools.product([None, "U1", "U2", "elsewhere"], repeat=3):
        now = dict(zip(servers, places))
        assert assign(servers, groups, now, {}) == brute_force(servers, groups, now, {}), now


@given(situations(most=40, groups=9))
@settings(database=None, deadline=None, derandomize=True, max_examples=40)
def test_larger_divisions(situation):
    servers, groups, now, pins = situation
    division = assign(*situation)
    assert list(division) == sorted(servers)
    assert {server: division[server] for server in pins} == pins
    assert assign(servers, groups, division, pins) == division, "what fits is left alone"
    if not pins:
        sizes = [sum(1 for group in division.values() if group == name) for name in groups]
        assert max(sizes) - min(sizes) <= 1


@pytest.mark.parametrize(
    ("now", "pins", "expected"),
    [
        ({}, {}, {"C1": "U1", "C2": "U1", "C3": "U2", "C4": "U2"}),
        ({"C1": "U2", "C2": "U2", "C3": "U1", "C4": "U1"}, {}, {"C1": "U2", "C2": "U2", "C3": "U1", "C4": "U1"}),
        ({"C1": "U1", "C2": "U1", "C3": "U1", "C4": "U1"}, {}, {"C1": "U1", "C2": "U1", "C3": "U2", "C4": "U2"}),
        ({}, {"C1": "U2", "C2": "U2"}, {"C1": "U2", "C2": "U2", "C3": "U1", "C4": "U1"}),
        ({}, {"C1": "U1", "C2": "U1", "C3": "U1"}, {"C1": "U1", "C2": "U1", "C3": "U1", "C4": "U2"}),
    ],
)
def test_examples(now, pins, expected):
    assert assign(["C4", "C3", "C2", "C1"], ["U2", "U1"], now, pins) == expected


def test_no_pair_at_all():
    with pytest.raises(InvalidInput, match="there is no UCS pair to divide the Chat Servers over"):
        assign(["C1"], [], {}, {})


# --- connections --------------------------------------------------------------------------------------------------------


def site(links, installed=False):
    """A world with UCS U1, U2 (backup of U1), U3 and Chat Servers with these connections."""
    gateway = world()
    for number in (1, 2, 3):
        gateway.add("CfgApplication", number, "U%d" % number, **application("CFGContactServer", ports={"default": 5100, "ucs": 5101}))
    for number, connections in enumerate(links, 11):
        gateway.add("CfgApplication", number, "C%d" % (number - 10),
                    **application("CFGChatServer", connections=connections, workdirectory="/opt/chat" if installed else "."))
    return gateway


def connected(gateway, pins=None, addp=None, primaries=("U1", "U3"), **permissions):
    """Return Chat Server -> (connections wanted, connections forbidden), as (server, port id)."""
    context = context_of(gateway, **permissions)
    names = [raw["name"] for raw in gateway.objects["CfgApplication"].values() if raw["subtype"] == "CFGChatServer"]
    wanted = connect_groups(context, names, list(primaries), pins or {}, dict.fromkeys(names, addp), "groups", ["U2"])
    return {item.name: ({path[1:3] for path in item.leaves if path[0] == "connections"}, {path[1:] for path in item.absent}) for item in wanted}


def test_new_chat_servers_are_connected_to_primaries_only():
    assert connected(site([(), ()])) == {"C1": ({("U1", "default")}, set()), "C2": ({("U3", "default")}, set())}


def test_what_is_right_is_left_alone():
    assert connected(site([[(3,)], [(1,)]])) == {"C1": (set(), set()), "C2": (set(), set())}


def test_other_contact_servers_are_left_other_applications_kept():
    gateway = site([[(1,), (2,), (3, "ucs"), (110,)]])
    assert connected(gateway, primaries=["U1"]) == {"C1": (set(), {("U2", "default"), ("U3", "ucs")})}


def test_another_port_of_the_right_server_is_left_too():
    assert connected(site([[(1, "ucs")]]), primaries=["U1"]) == {"C1": ({("U1", "default")}, {("U1", "ucs")})}


def test_an_installed_chat_server_loses_no_connection_unless_that_is_allowed():
    gateway = site([[(2,)]], installed=True)
    with pytest.raises(InvalidInput, match=r"'C1' would lose its connection to 'U2' \(port 'default'\): its group belongs to 'U1'.*allow_disconnect"):
        connected(gateway, primaries=["U1"])
    assert connected(gateway, primaries=["U1"], allow_disconnect=True) == {"C1": ({("U1", "default")}, {("U2", "default")})}
    assert connected(site([[(1,)]], installed=True), primaries=["U1"]) == {"C1": (set(), set())}


def test_pins():
    assert connected(site([(), ()]), pins={"C1": "U3"}) == {"C1": ({("U3", "default")}, set()), "C2": ({("U1", "default")}, set())}


@pytest.mark.parametrize(
    ("pins", "message"),
    [
        ({"C1": "U2"}, "groups: Chat Server 'C1' is to be connected to 'U2', which is a backup; a Chat Server is connected to the primary"),
        ({"C1": "MessageServer"}, r"groups: Chat Server 'C1' is pinned to 'MessageServer', which is not the primary of a pair \(U1, U3\)"),
    ],
)
def test_pins_that_do_not_fit(pins, message):
    with pytest.raises(InvalidInput, match=message):
        connected(site([()]), pins=pins)


def test_only_chat_servers_are_divided():
    context = context_of(site([()]))
    with pytest.raises(InvalidInput, match="application 'MessageServer' is of type CFGMessageServer, and must be of type CFGChatServer"):
        connect_groups(context, ["MessageServer"], ["U1"], {}, {}, "groups")
