# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Passwords and secret options: never in results, diffs, failures, the system log, or files left behind. At verbosity 4."""

from __future__ import annotations

from typing import Any

import pytest
from integration.configured_site import Site, own_directory, solution
from integration.module_runner import Outcome

NEW_SECRET = "n3w-s3cret"
OLD_SECRET = "0ld-s3cret"
EDITOR_SECRET = "oth3r-s3cret"
NUMBER = 7391648250
SHOWN = "shown-value"

#: Names that tell that the value is a secret, and one that only the user knows to be one.
SECRETS = {"db-password": NEW_SECRET, "api-token": NUMBER, "Client_Secret": NEW_SECRET + "2", "trusted-key": NEW_SECRET + "3", "pin": NEW_SECRET + "4"}
HIDING: dict[str, Any] = {"secret_option_names": ["^pin$"]}
ALL = (NEW_SECRET, OLD_SECRET, EDITOR_SECRET, str(NUMBER))


def keeps_quiet(site: Site, outcome: Outcome) -> None:
    """Assert that a run said none of the secrets, nor the password of the account, and left no file."""
    for secret in (*ALL, site.sandbox.password):
        assert secret not in outcome.everything, f"{secret} in: {outcome.everything}"
    assert outcome.stdout and (outcome.logged or outcome.result.get("failed"))
    assert own_directory(site.runner.directory) == []


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
    outcome = with_secrets.ok("chat_server_app", name="ChatServer_1", options={"settings": {"plain": "other-value"}})
    assert SHOWN in outcome.stdout and "other-value" in outcome.stdout


def test_secret_options_of_a_solution(surroundings: Site) -> None:
    description = solution()
    description["chat_server_defaults"]["options"] = {"settings": SECRETS}
    description["chat_servers"][2]["annex"] = {"security": SECRETS}
    description["contact_servers"]["defaults"]["options"] = {"cassandra": SECRETS}
    description["gms"][0]["options"] = {"server": SECRETS}
    for check in (True, False, False):
        keeps_quiet(surroundings, surroundings.ok("chat_solution", check, solution=description, **HIDING))
    assert surroundings.sandbox.options("CfgApplication", "GMS_1")["server"]["db-password"] == NEW_SECRET
    assert surroundings.sandbox.options("CfgApplication", "ChatServer_4")["settings"]["trusted-key"] == NEW_SECRET + "3"


def test_removed_application(with_secrets: Site) -> None:
    for client, others in (("IXN_1", "ESP"), ("GMS_1", "webapi")):
        with_secrets.relink(client, [with_secrets.link("ChatServer_2", others)])
    outcome = with_secrets.ok("chat_server_app", name="ChatServer_1", state="absent", **HIDING)
    keeps_quiet(with_secrets, outcome)


@pytest.mark.parametrize(
    "wrong",
    [
        {"no_such_option": 1},
        {"startup_timeout": "soon"},
        {"host": "chat77"},
        {"ports": {"esp": 1}},
        {"options": {"settings": {**SECRETS, "more": [1]}}},
        {"options": {"settings": {**SECRETS, "db-password": [NEW_SECRET]}}},
        {"retries": 0, "gax_url": "http://127.0.0.1:9"},
        {"gax_password": "wr0ng-s3cret"},
    ],
    ids="+".join,
)
def test_failures(with_secrets: Site, wrong: dict[str, Any]) -> None:
    arguments = {"name": "ChatServer_1", "options": {"settings": SECRETS}, "annex": {"security": SECRETS}, **HIDING, **wrong}
    outcome = with_secrets.refuses("chat_server_app", **arguments)
    keeps_quiet(with_secrets, outcome)
    assert "wr0ng-s3cret" not in outcome.everything


def test_failed_solution(with_secrets: Site) -> None:
    description = solution(tenant="Nowhere")
    description["chat_servers"][0]["options"] = {"settings": SECRETS}
    keeps_quiet(with_secrets, with_secrets.refuses("chat_solution", "Nowhere", solution=description, **HIDING))
    description["chat_servers"][0]["no_such_option"] = True
    keeps_quiet(with_secrets, with_secrets.refuses("chat_solution", "no_such_option", solution=description, **HIDING))


@pytest.mark.parametrize("key", ["db-password", "pin"])
def test_conflict_over_a_secret(with_secrets: Site, key: str) -> None:
    """Neither the value that was planned, nor the one before, nor the editor's is told."""
    dbid = with_secrets.dbid("CfgApplication", "ChatServer_1")
    edit = {"type": "CfgApplication", "name": "ChatServer_1", "options": {"settings": {key: EDITOR_SECRET}}}
    with_secrets.sandbox.fault("edit", {"method": "GET", "path_regex": f"CfgApplication/{dbid}$"}, edit=edit)
    outcome = with_secrets.run("chat_server_app", name="ChatServer_1", options={"settings": {key: NEW_SECRET}}, **HIDING)
    assert outcome.result["failed"] and f"settings/{key}" in outcome.message
    keeps_quiet(with_secrets, outcome)


def test_refusal_by_the_server(with_secrets: Site) -> None:
    account: dict[str, Any] = {"gax_username": "readonly", "gax_password": with_secrets.sandbox.password + "-ro"}
    outcome = with_secrets.refuses("chat_server_app", name="ChatServer_1", options={"settings": SECRETS}, **HIDING, **account)
    keeps_quiet(with_secrets, outcome)


@pytest.mark.parametrize(("module", "arguments"), [("application_info", {}), ("chat_solution_info", {"tenant": "Environment"})])
def test_information(with_secrets: Site, module: str, arguments: dict[str, Any]) -> None:
    """A name that only the user knows to be secret can't be known here."""
    for box in ({"options": {"settings": {"pin": None}}}, {"annex": {"security": {"pin": None}}}):
        with_secrets.sandbox.edit("CfgApplication", "ChatServer_1", **box)
    outcome = with_secrets.ok(module, **arguments)
    keeps_quiet(with_secrets, outcome)
    assert SHOWN in outcome.stdout


def test_information_hides_what_the_user_names(with_secrets: Site) -> None:
    outcome = with_secrets.ok("application_info", names=["ChatServer_1"], **HIDING)
    keeps_quiet(with_secrets, outcome)


@pytest.mark.parametrize("check", [True, False])
def test_secret_property_of_an_object(site: Site, check: bool) -> None:
    properties = {"employeeid": "A1", "tenantdbid": "1", "password": NEW_SECRET}
    keeps_quiet(site, site.run("config_object", check, type="CfgPerson", name="agent1", properties=properties))


def test_secret_in_the_annex_of_an_object(site: Site) -> None:
    site.sandbox.edit("CfgHost", "chat1", annex={"security": {"password": OLD_SECRET}})
    keeps_quiet(site, site.ok("config_object", type="CfgHost", name="chat1", annex={"security": SECRETS}, **HIDING))


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
