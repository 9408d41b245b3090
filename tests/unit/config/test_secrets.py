# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is hidden in diffs, results and messages, and what is not."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.genesys_engage.chat.plugins.module_utils._config.errors import InvalidInput
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.secrets import HIDDEN, Secrets


@pytest.mark.parametrize(
    ("key", "secret"),
    [
        ("password", True), ("PASSWORD", True), ("db-password", True), ("client_secret", True), ("access-token", True), ("tls-key", True), ("keystore", True),
        ("verbose", False), ("hide-attached-data", False), ("pass", False),
        # an endpoint as tenant:endpoint, which the rules on Web Engagement are about
        ("wes.connector.chatServer.queueKey", False), ("queueKey", False), ("queueKeys", True), ("xqueueKey", True),
    ],
)
def test_what_is_a_secret(key, secret):
    assert Secrets().is_secret(key) is secret


def test_the_user_names_further_secrets():
    secrets = Secrets(["^pin$", "queueKey"])
    assert [secrets.is_secret(key) for key in ("pin", "PIN", "pinned", "queueKey", "password")] == [True, True, False, True, True]
    assert Secrets(None).is_secret("password")


def test_only_free_form_values_are_judged_by_name():
    data = {"gax_password": "x", "name": "key1", "host": "token-server", "keys": ["a"], "ports": {"token": 1},
            "options": {"key-section": {"verbose": "all", "password": "p", "empty": "", "password2": "", "token": None, "secret": 5}},
            "annex": {"s": {"api-key": "p"}}, "properties": {"password": "p", "employeeid": "7"},
            "connections": [{"server": "key1", "options": {"s": {"password": "p"}}}]}
    before = json.dumps(data)
    assert Secrets().mask(data) == {
        "gax_password": "x", "name": "key1", "host": "token-server", "keys": ["a"], "ports": {"token": 1},
        "options": {"key-section": {"verbose": "all", "password": HIDDEN, "empty": "", "password2": "", "token": None, "secret": HIDDEN}},
        "annex": {"s": {"api-key": HIDDEN}}, "properties": {"password": HIDDEN, "employeeid": "7"},
        "connections": [{"server": "key1", "options": {"s": {"password": HIDDEN}}}]}
    assert json.dumps(data) == before, "a copy is masked"


def test_what_stands_wrongly_in_the_place_of_a_value_is_hidden_too():
    assert Secrets().mask({"options": {"db": {"password": ["p", {"x": "q"}]}, "password": "p", "tokens": {"user": "u"}}}) == {
        "options": {"db": {"password": [HIDDEN, {"x": HIDDEN}]}, "password": HIDDEN, "tokens": {"user": "u"}}}


def test_numbers_are_secrets_too():
    assert Secrets().values({"options": {"db": {"password": 12345}}}) == {"12345"}


def test_a_pattern_that_is_none():
    with pytest.raises(InvalidInput, match=r"secret_option_names: '\(' is not a regular expression"):
        Secrets(["ok", "("])


@pytest.mark.parametrize(
    ("path", "value", "shown"),
    [
        (("options", "db", "password"), "p", HIDDEN), (("annex", "db", "password"), "p", HIDDEN), (("properties", "password"), "p", HIDDEN),
        (("options", "db", "password"), "", ""), (("options", "db", "password"), None, None), (("options", "password", "user"), "u", "u"),
        (("host",), "key1", "key1"), (("ports", "token"), 5, 5),
    ],
)
def test_a_leaf_in_a_message(path, value, shown):
    assert Secrets().shown(path, value) == shown


VALUES = st.text(alphabet="xyz", min_size=4, max_size=6)
TREES = st.recursive(VALUES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
    st.sampled_from(["options", "annex", "a", "password", "x-token", "verbose"]), inner, max_size=4), max_leaves=12)


def plain(tree, found=()):
    """Every value in nested data as text."""
    if isinstance(tree, dict):
        return [value for item in tree.values() for value in plain(item)]
    if isinstance(tree, list):
        return [value for item in tree for value in plain(item)]
    return [tree]


@given(TREES)
@settings(database=None, deadline=None, derandomize=True)
def test_what_is_masked_is_what_is_taken_from_messages(tree):
    """mask and values agree: every value that mask hides is among those to remove, and no other."""
    secrets = Secrets()
    shown = plain(secrets.mask(tree))
    hidden = {value for value, masked in zip(plain(tree), shown) if masked == HIDDEN}
    assert secrets.values(tree) == hidden
    assert len(shown) == len(plain(tree))


def test_short_values_stay_in_messages():
    """Removing every 'yes' or '1' from all output would make it unreadable."""
    assert Secrets().values({"options": {"s": {"password": "abc", "token": "abcd"}}}) == {"abcd"}


RAW = {
    "dbid": "105", "password": "pl4in prop", "autorestart": "CFGTrue", "keyless": "CFGFalse",
    "options": {"property": [
        {"section": "db", "key": "password", "value": 'a"ü& %b', "linkid": "1"}, {"section": "db", "key": "verbose", "value": "all of it"}]},
    "userproperties": {"property": [{"section": "s", "key": "pin", "value": 12345}, {"section": "s", "key": "token", "value": "abc"}]},
}


@pytest.mark.parametrize("said", [
    'a"ü& %b', json.dumps(RAW["options"]), json.dumps(RAW, ensure_ascii=False), str(RAW), "a%22%C3%BC%26%20%25b", "a%22%C3%BC%26+%25b", "a&quot;ü&amp; %b",
    'cut off: a"ü& ', 'cut off: a"ü&', "cut off: a\\\"\\u00fc",
])
def test_what_a_server_repeats_is_cleaned(said):
    shown = Secrets(["^pin$"]).cleaned("can't read %s" % said, RAW)
    assert HIDDEN in shown and shown.startswith("can't read ")
    for part in ('a"ü', "a\\\"\\u00fc", 'a\\"ü', "a%22", "a&quot;", "12345", "pl4in prop"):
        assert part not in shown


def test_what_is_no_secret_is_left_in_what_a_server_says():
    said = 'property autorestart is CFGTrue, verbose is all of it, token abc, linkid 1, a"'
    assert Secrets().cleaned(said, RAW) == said
    assert Secrets().cleaned("nothing was sent", None) == "nothing was sent"
