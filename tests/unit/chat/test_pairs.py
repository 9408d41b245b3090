# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pairs of Universal Contact Servers, by the Configuration Server's rules."""

from __future__ import annotations

import pytest
from unit.config.fake_gateway import application, context_of, world

from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.parts.contact_servers import pair, require_distinct, ucs_pair, unpair
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.errors import InvalidInput


def site():
    """U1 with its backup U2, the single U3 and U4, and a Chat Server connected to U1 and U3."""
    gateway = world()
    for number, backup in ((1, 2), (2, 0), (3, 0), (4, 0)):
        gateway.add("CfgApplication", number, "U%d" % number, **application("CFGContactServer", backupserverdbid=str(backup)))
    gateway.add("CfgApplication", 5, "Chat", **application("CFGChatServer", connections=[(1,), (3,)]))
    gateway.add("CfgApplication", 6, "IXN", **application("CFGInteractionServer", connections=[(4,)]))
    return gateway


def leaves(desired):
    return {path[0]: value for path, value in desired.leaves.items()}


@pytest.mark.parametrize(("given", "stored"), [(None, "warm standby"), ("hot standby", "hot standby"), ("CFGHTColdStanby", "cold standby")])
def test_a_pair(given, stored):
    wanted = pair(context_of(site()), "U3", "U4", given, "pairs")
    assert (wanted.name, leaves(wanted)) == ("U3", {"backup": "U4", "redundancy_type": stored})


def test_the_pair_that_is_there():
    assert leaves(pair(context_of(site()), "U1", "U2", None, "pairs"))["backup"] == "U2"


def test_a_primary_may_get_another_backup():
    assert leaves(pair(context_of(site()), "U1", "U4", None, "pairs"))["backup"] == "U4"


@pytest.mark.parametrize(
    ("primary", "backup", "message"),
    [
        ("U3", "U3", "pairs: 'U3' can't be its own backup"),
        ("U3", "U2", "pairs: 'U2' is already the backup of 'U1'; one backup belongs to one primary"),
        ("U2", "U4", "pairs: 'U2' is itself the backup of 'U1', so it can't be a primary"),
        ("U3", "U1", r"pairs: 'U1' has a backup of its own \('U2'\), so it can't be a backup"),
        ("U3", "Chat", "pairs: application 'Chat' is of type CFGChatServer, and must be of type CFGContactServer"),
        ("Nobody", "U4", "pairs: there is no application named 'Nobody'"),
        ("U3", "u4", r"pairs: there is no application named 'u4'; did you mean 'U4'\?"),
    ],
)
def test_what_can_not_be_a_pair(primary, backup, message):
    with pytest.raises(InvalidInput, match=message):
        pair(context_of(site()), primary, backup, None, "pairs")


def test_an_unknown_redundancy_type():
    with pytest.raises(InvalidInput, match="pairs: redundancy_type must be one of cold standby, hot standby, none, warm standby"):
        pair(context_of(site()), "U3", "U4", "luke-warm standby", "pairs")


@pytest.mark.parametrize(("primary", "backup"), [("U1", "U2"), ("U1", None), ("U3", "U4"), ("U3", None)])
def test_no_pair_any_more(primary, backup):
    assert leaves(unpair(context_of(site()), primary, backup, "pair")) == {"backup": ""}


def test_another_pair_is_not_dissolved():
    with pytest.raises(InvalidInput, match="the backup of 'U1' is 'U2', not 'U4'; nothing was changed"):
        unpair(context_of(site()), "U1", "U4", "pair")


def test_each_server_belongs_to_one_pair():
    require_distinct([("U1", "U2"), ("U3", None), ("U4", None)], "pairs")
    for pairs in ([("U1", "U2"), ("U3", "U1")], [("U1", "U2"), ("U1", "U4")], [("U1", "U1")]):
        with pytest.raises(InvalidInput, match="pairs: UCS 'U1' is named twice; each belongs to one pair"):
            require_distinct(pairs, "pairs")


# --- the module's own rules ---------------------------------------------------------------------------------------------


def module(**params):
    return ucs_pair(context_of(site()), dict({"state": "present", "redundancy_type": None, "primary": "U3", "backup": "U4"}, **params))


def test_the_module_makes_and_dissolves():
    assert leaves(module()[0])["backup"] == "U4"
    assert leaves(module(primary="U1", backup="U2", state="absent")[0]) == {"backup": ""}


def test_the_number_must_be_even():
    with pytest.raises(InvalidInput, match="ucs_pair: backup is missing; UCS are configured in pairs, so their number must be even"):
        module(backup=None)


def test_a_backup_has_no_chat_servers_connected():
    with pytest.raises(InvalidInput, match=r"backup: Chat Servers are connected to 'U3' \(Chat\); a Chat Server is connected to the primary"):
        module(primary="U4", backup="U3")
    assert module(primary="U3", backup="U4"), "other clients do not matter"
