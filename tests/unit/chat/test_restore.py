# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Snapshots in the hands of an administrator: what is saved by hand, what is asked before a restore, and what is told."""

from __future__ import annotations

from typing import Any

import pytest
from unit.config.fake_gateway import application, connection, context_of, description, option_list, validated, world
from unit.config.way_back import SERVER, Restore, Run, told

from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.context import Context
from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.restore import saved, way_back
from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.solution import solution
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.desired import Desired
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.errors import InvalidInput
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.plan import make_plan
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.secrets import Secrets
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.snapshot import Keeper, read


def thing(kind: str, name: str | None = None, tenant: str | None = None) -> dict[str, Any]:
    """One of the objects that config_snapshot is asked to save."""
    return {"type": kind, "name": name, "tenant": tenant}


def with_chat_servers():
    """A world with two Chat Servers; the first one is installed."""
    gateway = world()
    gateway.add("CfgApplication", 141, "Chat1", **application("CFGChatServer", options={"settings": {"x": "1"}}, connections=[(110,)],
                                                              workdirectory="/opt/chat1"))
    gateway.add("CfgApplication", 142, "Chat2", **application("CFGChatServer", options={"settings": {"x": "1"}}))
    return gateway


def connected(*names):
    """What connects Chat Servers to the Configuration Server's application."""
    wanted = []
    for name in names:
        item = Desired("CfgApplication", name)
        item.demand(("connections", "confserv", "default", "protocol"), "")
        wanted.append(item)
    return wanted


def save(gateway, place, *objects, secrets=None):
    """Save objects; return the path of the file."""
    keeper = Keeper(str(place), SERVER, "test", secrets or Secrets())
    keeper.write(saved(context_of(gateway, secrets=secrets), list(objects)))
    return keeper.path


# --- before a connection is taken -----------------------------------------------------------------------------------------


def back(gateway, file, **permissions):
    """Return (context, plan) of a restore."""
    context = context_of(gateway, **permissions)
    return context, make_plan(context.directory, way_back(context, read(file, SERVER), "refuse"))


def test_an_installed_chat_server_keeps_its_connection_unless_allowed(tmp_path):
    gateway = with_chat_servers()
    before = told(gateway)
    run = Run(gateway, connected("Chat1"), tmp_path)
    run.carry_out()
    with pytest.raises(InvalidInput, match="'Chat1' would lose its connection to 'confserv' .* did not exist when the snapshot was taken.*allow_disconnect"):
        back(gateway, run.file)
    back(gateway, run.file, allow_disconnect=True)
    Restore(gateway, run.file, tmp_path).carry_out()
    assert told(gateway) == before


def test_one_that_was_never_installed_is_not_asked_about(tmp_path):
    gateway = with_chat_servers()
    run = Run(gateway, connected("Chat2"), tmp_path)
    run.carry_out()
    _context, plan = back(gateway, run.file)
    assert [(change.action, change.name) for change in plan.changes] == [("update", "Chat2")]


def test_a_connection_that_comes_back_is_not_asked_about(tmp_path):
    gateway = with_chat_servers()
    item = Desired("CfgApplication", "Chat1")
    item.forbid(("connections",))
    run = Run(gateway, [item], tmp_path)
    run.carry_out()
    assert not gateway.named("CfgApplication", "Chat1")["appservers"]["conninfo"]
    assert len(back(gateway, run.file)[1].changes) == 1


# --- what is told ---------------------------------------------------------------------------------------------------------


def test_secrets_that_stay_are_told_in_a_warning(tmp_path):
    gateway = with_chat_servers()
    item = Desired("CfgApplication", "Chat2")
    gateway.named("CfgApplication", "Chat2")["options"] = option_list({"store": {"password": "old"}})
    item.want(("options", "store", "password"), "new")
    run = Run(gateway, [item], tmp_path)
    run.carry_out()
    context, plan = back(gateway, run.file)
    assert not plan
    assert len(context.warnings) == 1 and context.warnings[0].endswith(": application 'Chat2': options/store/password")


def test_later_edits_that_stay_are_told_in_warnings(tmp_path):
    gateway = with_chat_servers()
    items = [Desired("CfgApplication", name) for name in ("Chat1", "Chat2")]
    for item in items:
        item.want(("options", "settings", "x"), "2")
    run = Run(gateway, items, tmp_path)
    run.carry_out()
    for name, value in (("Chat1", "3"), ("Chat2", "4")):
        gateway.named("CfgApplication", name)["options"] = option_list({"settings": {"x": value}})
    context = context_of(gateway)
    wanted = way_back(context, read(str(run.file), SERVER), "keep")
    assert not make_plan(context.directory, wanted)
    assert sorted(context.warnings) == [
        "kept as it is: application 'Chat1': options/settings/x is now '3', and the run had made it '2'",
        "kept as it is: application 'Chat2': options/settings/x is now '4', and the run had made it '2'"]


# --- saved by hand --------------------------------------------------------------------------------------------------------


def test_what_was_saved_comes_back_whole(tmp_path):
    gateway = with_chat_servers()
    before = told(gateway)
    file = save(gateway, tmp_path, thing("CfgApplication", "Chat1"), thing("CfgScript"), thing("CfgHost", "chat1"), thing("CfgAppPrototype"))
    raw = gateway.named("CfgApplication", "Chat1")
    raw.update(startuptimeout="7", hostdbid="302", options=option_list({"new": {"y": ""}}), state="CFGDisabled")
    raw["appservers"]["conninfo"] = [connection(99)]
    raw["portinfos"]["portinfo"].append({"id": "more", "port": "1"})
    gateway.named("CfgHost", "chat1")["ipaddress"] = "192.0.2.99"
    del gateway.objects["CfgScript"][130], gateway.objects["CfgAppPrototype"][123]
    assert told(gateway) != before
    Restore(gateway, file, tmp_path).carry_out()
    assert told(gateway) == before


def test_a_class_without_words_comes_back_too(tmp_path):
    gateway = world()
    gateway.add("CfgPerson", 150, "p", username="p", firstname="Ann", userproperties=option_list({"a": {"b": "c"}}))
    before = told(gateway)
    file = save(gateway, tmp_path, thing("CfgPerson"))
    made_again = dict(gateway.objects["CfgPerson"].pop(150), dbid="151", firstname="Bob", userproperties=option_list({"d": {"e": "f"}}))
    gateway.objects["CfgPerson"][151] = made_again
    Restore(gateway, file, tmp_path).carry_out()
    assert told(gateway) == before
    assert gateway.objects["CfgPerson"][151]["dbid"] == "151"


def test_an_object_named_twice_is_saved_once():
    entries = saved(context_of(world()), [thing("CfgScript", "Chat_In"), thing("CfgScript"), thing("CfgScript", "Chat_In", "Environment")])
    assert sorted(entry["name"] for entry in entries) == ["Chat_In", "Legacy_Strategy", "Other_In", "Sales_In"]


@pytest.mark.parametrize(("tenant", "names"), [(None, ["Chat_In", "Legacy_Strategy", "Other_In", "Sales_In"]), ("Sales", ["Sales_In"])])
def test_all_of_a_tenant(tenant, names):
    entries = saved(context_of(world()), [thing("CfgScript", None, tenant)])
    assert sorted(entry["name"] for entry in entries) == names
    assert {(entry["name"], entry["tenant"]) for entry in entries} == {(name, "Sales" if name == "Sales_In" else "Environment") for name in names}


@pytest.mark.parametrize(("item", "message"), [
    (thing("CfgApplication", "Nobody"), r"objects\[1\]: there is no application named 'Nobody'"),
    (thing("Application"), r"objects\[1\]: type must be the name of a configuration class"),
    (thing("CfgScript", None, "Nobody"), r"objects\[1\]: tenant: there is no tenant named 'Nobody'"),
], ids=["name", "class", "tenant"])
def test_what_can_not_be_saved_is_named(item, message):
    with pytest.raises(InvalidInput, match=f"^{message}"):
        saved(context_of(world()), [thing("CfgHost"), item])


# --- a whole solution -----------------------------------------------------------------------------------------------------


def test_a_deployment_and_its_extension(tmp_path):
    """Two runs, two restores; between them the preview of the first snapshot alone names what the second run changed."""
    gateway = world()
    before = told(gateway)

    def run(content):
        done = Run(gateway, lambda directory: solution(Context(directory, allow_disconnect=True), validated(content)), tmp_path)
        done.carry_out()
        return done.file

    first = run(description(2))
    after = told(gateway)
    second = run(description(2, chat_server_defaults=dict(description()["chat_server_defaults"], options={"settings": {"limit-for-sessions": "5"}})))
    with pytest.raises(InvalidInput, match="'ChatServer_1': options/settings/limit-for-sessions is now '5'"):
        back(gateway, first, allow_disconnect=True)
    Restore(gateway, second, tmp_path).carry_out()
    assert told(gateway) == after
    Restore(gateway, first, tmp_path).carry_out()
    assert told(gateway) == before
