# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secret options: what is told of them and what is not, at verbosity 4. That none leaks anywhere: test_secrets_everywhere.py."""

from __future__ import annotations

from typing import Any

import pytest
from integration.configured_site import Site, own_directory, solution
from integration.module_runner import Outcome
from integration.secret_search import found_below, found_in

NEW_SECRET = "n3w-s3cret"
OLD_SECRET = "0ld-s3cret"
NUMBER = 7391648250
SHOWN = "shown-value"
SNAPSHOTS = ".genesys_engage/snapshots/"

#: Names that tell that the value is a secret, and one that only the user knows to be one.
SECRETS = {"db-password": NEW_SECRET, "api-token": NUMBER, "Client_Secret": NEW_SECRET + "2", "trusted-key": NEW_SECRET + "3", "pin": NEW_SECRET + "4"}
HIDING: dict[str, Any] = {"secret_option_names": ["^pin$"]}
ALL = (NEW_SECRET, OLD_SECRET, str(NUMBER))


def keeps_quiet(site: Site, outcome: Outcome) -> None:
    """Assert that a run said none of the secrets, nor the password of the account, and left no file but its snapshot, without them."""
    secrets = (*ALL, site.sandbox.password)
    assert found_in(outcome.everything, secrets) == [], outcome.everything
    assert outcome.stdout and (outcome.logged or outcome.result.get("failed"))
    assert [path for path in own_directory(site.runner.directory) if not path.startswith(SNAPSHOTS)] == []
    assert found_below(site.runner.directory / SNAPSHOTS, secrets) == []


@pytest.fixture
def with_secrets(furnished: Site) -> Site:
    """The furnished site; ChatServer_1 has secrets already."""
    old = dict.fromkeys(SECRETS, OLD_SECRET)
    furnished.sandbox.edit("CfgApplication", "ChatServer_1", options={"settings": {**old, "plain": SHOWN}}, annex={"security": old})
    return furnished


@pytest.mark.parametrize("check", [True, False])
@pytest.mark.parametrize("value", ["changed", "removed"])
def test_secret_options_of_one_application(with_secrets: Site, check: bool, value: str) -> None:
    secrets = SECRETS if value == "changed" else dict.fromkeys(SECRETS)
    site = with_secrets
    outcome = site.ok("chat_server_app", check, name="ChatServer_1", options={"settings": secrets}, annex={"security": secrets}, **HIDING)
    keeps_quiet(site, outcome)
    assert outcome.changed and len(outcome.changes) == 1
    hidden = outcome.changes[0]["before"]["options"]["settings"]
    assert set(hidden) == set(SECRETS), "what changes is told, but not its value"
    if not check and value == "changed":
        assert site.sandbox.options("CfgApplication", "ChatServer_1")["settings"]["db-password"] == NEW_SECRET
        assert site.sandbox.options("CfgApplication", "ChatServer_1", "userproperties")["security"]["api-token"] == str(NUMBER)


def test_other_options_are_shown(with_secrets: Site) -> None:
    outcome = with_secrets.ok("chat_server_app", name="ChatServer_1", options={"settings": {"plain": "other-value"}}, **HIDING)
    assert SHOWN in outcome.stdout and "other-value" in outcome.stdout


def test_removed_application(with_secrets: Site) -> None:
    for client, others in (("IXN_1", "ESP"), ("GMS_1", "webapi")):
        with_secrets.relink(client, [with_secrets.link("ChatServer_2", others)])
    outcome = with_secrets.ok("chat_server_app", name="ChatServer_1", state="absent", **HIDING)
    keeps_quiet(with_secrets, outcome)


@pytest.mark.parametrize(
    "wrong",
    [
        {"startup_timeout": "soon"},
        {"host": "chat77"},
        {"ports": {"esp": 1}},
        {"options": {"settings": {**SECRETS, "more": [1]}}},
        {"options": {"settings": {**SECRETS, "db-password": [NEW_SECRET]}}},
    ],
    ids="+".join,
)
def test_failures(with_secrets: Site, wrong: dict[str, Any]) -> None:
    arguments = {"name": "ChatServer_1", "options": {"settings": SECRETS}, "annex": {"security": SECRETS}, **HIDING, **wrong}
    outcome = with_secrets.refuses("chat_server_app", **arguments)
    keeps_quiet(with_secrets, outcome)


def test_failed_solution(with_secrets: Site) -> None:
    description = solution(tenant="Nowhere")
    description["chat_servers"][0]["options"] = {"settings": SECRETS}
    keeps_quiet(with_secrets, with_secrets.refuses("chat_solution", "Nowhere", solution=description, **HIDING))
    description["chat_servers"][0]["no_such_option"] = True
    keeps_quiet(with_secrets, with_secrets.refuses("chat_solution", "no_such_option", solution=description, **HIDING))


@pytest.mark.parametrize(("module", "arguments"), [("application_info", {}), ("chat_solution_info", {"tenant": "Environment"})])
def test_information(with_secrets: Site, module: str, arguments: dict[str, Any]) -> None:
    """A name that only the user knows to be secret can't be known here."""
    for box in ({"options": {"settings": {"pin": None}}}, {"annex": {"security": {"pin": None}}}):
        with_secrets.sandbox.edit("CfgApplication", "ChatServer_1", **box)
    outcome = with_secrets.ok(module, **arguments)
    keeps_quiet(with_secrets, outcome)
    assert SHOWN in outcome.stdout


def test_values_that_are_no_secrets_stay_readable(furnished: Site) -> None:
    """A section that is called so holds no secrets by that alone, and an endpoint's key in a web page is none either."""
    outcome = furnished.ok(
        "chat_server_app", name="ChatServer_1", options={"service:wes": {"wes.connector.chatServer.queueKey": "1:webme"}, "tokens": {"a": "b4b"}}
    )
    shown = outcome.changes[0]["after"]["options"]
    assert shown == {"service:wes": {"wes.connector.chatServer.queueKey": "1:webme"}, "tokens": {"a": "b4b"}}


def test_secret_that_is_a_common_word_does_not_blacken_the_rest(furnished: Site) -> None:
    outcome = furnished.ok("chat_server_app", name="ChatServer_1", options={"settings": {"use-key-frames": True, "token-mode": "update"}})
    assert outcome.changed is True and outcome.changes[0]["action"] == "update"
    assert outcome.changes[0]["name"] == "ChatServer_1"
