# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The chat channel of Web Engagement, through the module, on the objects of the sandbox."""

from __future__ import annotations

from typing import Any

import pytest
from integration.configured_site import CHAT_SERVERS, Site, fails_well, solution
from integration.engagement import (
    CLUSTER,
    PROVISIONED,
    QUEUE_KEYS,
    WES,
    channel_of,
    cluster,
    endpoints,
    engage,
    engage_85,
)
from integration.test_config_check_mode import predicted_and_done
from integration.test_config_lifecycle import application, step

CHANNEL: dict[str, Any] = {"backend_server": "WES_1", "tenant": "Environment", "queue": "Webengagement_Chat"}
ABSENT: dict[str, Any] = {"backend_server": "WES_1", "tenant": "Environment", "state": "absent"}
EVERYWHERE = dict.fromkeys(CHAT_SERVERS, "Webengagement_Chat")
NOWHERE = dict.fromkeys(CHAT_SERVERS)
WRITES = [application("update", name) for name in (*CHAT_SERVERS, "WES_1")]


def others(site: Site) -> list[dict[str, Any]]:
    """Return the objects that the channel has no business with."""
    database: dict[str, list[dict[str, Any]]] = site.sandbox.database()["objects"]
    return [value for values in database.values() for value in values if value.get("name") not in (*CHAT_SERVERS, "WES_1")]


def chat_options(site: Site) -> dict[str, dict[str, dict[str, str]]]:
    """Return the options of the Chat Servers without the channel's endpoint."""
    found = {name: site.sandbox.options("CfgApplication", name) for name in CHAT_SERVERS}
    for sections in found.values():
        sections["endpoints:1"].pop("webme", None)
    return found


def test_create_change_remove(engaged: Site) -> None:
    """Each step once, and again without a write; everything else stays as it was."""
    site, before, options = engaged, others(engaged), chat_options(engaged)
    step(site, "wes_chat_channel", WRITES, **CHANNEL, contact_handling="create", refresh_period=5, request_pool_size=25, session_restore_timeout=30)
    assert endpoints(site) == EVERYWHERE
    values = {"identifyCreateContact": "3", "refreshPeriod": "5", "requestPoolSize": "25", "sessionRestoreTimeout": "30"}
    assert channel_of(site) == {"service:wes": {**QUEUE_KEYS, **{WES + key: value for key, value in values.items()}}}

    step(site, "wes_chat_channel", [application("update", "WES_1")], **CHANNEL, contact_handling=1, refresh_period=1)
    values.update(identifyCreateContact="1", refreshPeriod="1")
    assert channel_of(site) == {"service:wes": {**QUEUE_KEYS, **{WES + key: value for key, value in values.items()}}}

    step(site, "wes_chat_channel", WRITES, **{**CHANNEL, "queue": "Chat_In"})
    assert endpoints(site) == dict.fromkeys(CHAT_SERVERS, "Chat_In")
    assert channel_of(site)["service:wes"][WES + "queueWebengagement"] == "Chat_In"

    step(site, "wes_chat_channel", [WRITES[-1], *WRITES[:-1]], **ABSENT)
    assert (endpoints(site), channel_of(site)) == (NOWHERE, {})
    assert (others(site), chat_options(site)) == (before, options)


def test_one_chat_server(furnished: Site) -> None:
    """A Backend Server that is connected to a Chat Server directly; the others get nothing."""
    furnished.sandbox.edit("CfgApplication", "ChatServer_3", options={"endpoints:1": {"webme": None}})
    engage(furnished, "ChatServer_3")
    step(furnished, "wes_chat_channel", [application("update", "ChatServer_3"), application("update", "WES_1")], **CHANNEL)
    assert endpoints(furnished) == EVERYWHERE
    assert channel_of(furnished) == {"service:wes": QUEUE_KEYS}
    step(furnished, "wes_chat_channel", [application("update", "WES_1"), application("update", "ChatServer_3")], **ABSENT)
    assert endpoints(furnished) == {**EVERYWHERE, "ChatServer_3": None}


def test_an_endpoint_of_another_name(engaged: Site) -> None:
    step(engaged, "wes_chat_channel", WRITES, **CHANNEL, endpoint="pages")
    assert (endpoints(engaged, "pages"), endpoints(engaged)) == (EVERYWHERE, NOWHERE)
    assert channel_of(engaged)["service:wes"][WES + "queueKey"] == "1:pages"


def test_a_second_tenant(engaged: Site) -> None:
    for name in CHAT_SERVERS:
        tenants = {"id": [{"dbid": "1"}, {"dbid": "101"}]}
        engaged.sandbox.edit("CfgApplication", name, options={"endpoints:101": {"default": "Sales_In"}}, tenantdbids=tenants)
    step(engaged, "wes_chat_channel", WRITES, backend_server="WES_1", tenant="Sales", queue="Sales_In")
    assert engaged.sandbox.options("CfgApplication", "ChatServer_2")["endpoints:101"] == {"default": "Sales_In", "webme": "Sales_In"}
    assert (endpoints(engaged), channel_of(engaged)["service:wes"][WES + "queueKey"]) == (NOWHERE, "101:webme")


def test_an_endpoint_on_some_members_only_is_made_whole(engaged: Site) -> None:
    """The diff shows which lacked it."""
    for name in ("ChatServer_1", "ChatServer_3"):
        engaged.sandbox.edit("CfgApplication", name, options={"endpoints:1": {"webme": "Webengagement_Chat"}})
    done = predicted_and_done(engaged, "wes_chat_channel", **CHANNEL)
    assert [change["name"] for change in done.changes] == ["ChatServer_2", "ChatServer_4", "WES_1"]
    assert done.changes[0]["after"] == {"options": {"endpoints:1": {"webme": "Webengagement_Chat"}}}
    assert endpoints(engaged) == EVERYWHERE


def test_different_queues_are_reported_and_put_right(provisioned: Site) -> None:
    provisioned.sandbox.edit("CfgApplication", "WES_1", options={"service:wes": {WES + "queueWebengagement": "Chat_In"}})
    outcome = provisioned.ok("wes_chat_channel", warns=True, **CHANNEL)
    assert ["queueWebengagement was 'Chat_In', while " in text and "led to 'Webengagement_Chat'" in text for text in outcome.warnings] == [True] * 4
    assert provisioned.writes() == [application("update", "WES_1")]
    assert channel_of(provisioned)["service:wes"][WES + "queueWebengagement"] == "Webengagement_Chat"
    assert not provisioned.ok("wes_chat_channel", **CHANNEL).changed


# previews


PREVIEWS: dict[str, tuple[str, dict[str, Any]]] = {
    "first": ("engaged", {**CHANNEL, "contact_handling": "identify", "session_restore_timeout": 60}),
    "change": ("provisioned", {**CHANNEL, "queue": "Chat_In", "endpoint": "pages", "refresh_period": 4}),
    "development": ("provisioned", {**CHANNEL, "chat_is_default_channel": True, "development_environment": True}),
    "removal": ("provisioned", ABSENT),
}


@pytest.mark.parametrize(("start", "arguments"), PREVIEWS.values(), ids=PREVIEWS.keys())
def test_what_is_previewed_is_written(clean_site: Site, states: dict[str, Any], start: str, arguments: dict[str, Any]) -> None:
    clean_site.sandbox.restore(states[start])
    assert predicted_and_done(clean_site, "wes_chat_channel", **arguments).changed


def test_a_preview_of_the_whole_solution(engaged: Site) -> None:
    """With a queue and a Chat Server's connection to UCS that the same run makes."""
    engaged.relink("ChatServer_4", [engaged.link(server) for server in ("IXN_1", "confserv", "MessageServer")])
    channel = {"backend_server": "WES_1", "queue": "Pages", "endpoint": "pages", "contact_handling": "create"}
    content = solution(interaction_queues=["Chat_In", "Webengagement_Chat", "Pages"], web_engagement=[channel])
    done = predicted_and_done(engaged, "chat_solution", solution=content)
    assert ("create", "Pages") in [(change["action"], change["name"]) for change in done.changes]
    assert endpoints(engaged, "pages") == dict.fromkeys(CHAT_SERVERS, "Pages")
    assert channel_of(engaged)["service:wes"][WES + "queueKey"] == "1:pages"


# what the Provisioning Tool wrote


def test_what_was_provisioned_is_left_as_it_is(provisioned: Site) -> None:
    said: dict[str, Any] = {"contact_handling": 2, "refresh_period": 2, "request_pool_size": 20, "session_restore_timeout": 30}
    for arguments in (CHANNEL, {**CHANNEL, **said}, {**CHANNEL, "chat_servers": list(CHAT_SERVERS), "release": "8.1.2"}):
        assert not provisioned.ok("wes_chat_channel", **arguments).changed
        assert provisioned.writes() == []


def test_removal_leaves_what_is_not_of_the_channel(provisioned: Site) -> None:
    provisioned.ok("wes_chat_channel", **ABSENT)
    kept = {key: value for key, value in PROVISIONED["service:wes"].items() if not key.startswith(WES)}
    assert channel_of(provisioned) == {"service:wes": kept}
    assert provisioned.sandbox.options("CfgApplication", "WES_1")["service:pacing"] == PROVISIONED["service:pacing"]
    step(provisioned, "wes_chat_channel", [], **ABSENT)
    provisioned.ok("wes_chat_channel", **CHANNEL)
    assert channel_of(provisioned) == {"service:wes": {**kept, **QUEUE_KEYS}}


def test_adoption(provisioned: Site) -> None:
    """What is described is applied without a write, and describes what was taken away."""
    info = provisioned.ok("chat_solution_info", tenant="Environment").result
    assert info["left_out"] == []
    values = {"contact_handling": "2", "refresh_period": 2, "request_pool_size": 20, "session_restore_timeout": 30}
    assert info["solution"]["web_engagement"] == [{"backend_server": "WES_1", "endpoint": "webme", "queue": "Webengagement_Chat", **values}]
    assert not provisioned.ok("chat_solution", solution=info["solution"]).changed
    before = provisioned.sandbox.options("CfgApplication", "WES_1")
    provisioned.ok("wes_chat_channel", **ABSENT)
    provisioned.ok("chat_solution", solution=info["solution"])
    assert (provisioned.sandbox.options("CfgApplication", "WES_1"), endpoints(provisioned)) == (before, EVERYWHERE)


def test_both_spellings_of_the_time_out(provisioned: Site) -> None:
    options = {WES + "chatSessionRestoreTimeout": "40"}
    provisioned.sandbox.edit("CfgApplication", "WES_1", options={"service:wes": options})
    outcome = provisioned.ok("wes_chat_channel", warns=True, **CHANNEL, session_restore_timeout=50)
    assert ["chatSessionRestoreTimeout beside" in text for text in outcome.warnings] == [True]
    provisioned.sandbox.edit("CfgApplication", "WES_1", options={"service:wes": {WES + "sessionRestoreTimeout": None}})
    provisioned.ok("wes_chat_channel", **CHANNEL, session_restore_timeout=60)
    section = channel_of(provisioned)["service:wes"]
    assert (section[WES + "chatSessionRestoreTimeout"], WES + "sessionRestoreTimeout" in section) == ("60", False)


def test_chat_as_the_default_channel(engaged: Site) -> None:
    fails_well(engaged.run("wes_chat_channel", **CHANNEL, chat_is_default_channel=True), "chat_is_default_channel", "pacing", "development_environment")
    step(engaged, "wes_chat_channel", WRITES, **CHANNEL, chat_is_default_channel=True, development_environment=True)
    assert channel_of(engaged)["service:wmsg"] == {"wmsg.connector.defaultEngagementChannel": "proactiveChat"}
    assert ["pacing algorithm is off" in text for text in engaged.ok("wes_chat_channel", warns=True, **CHANNEL).warnings] == [True]
    step(engaged, "wes_chat_channel", [application("update", "WES_1")], **CHANNEL, chat_is_default_channel=False)
    assert "service:wmsg" not in channel_of(engaged)


# release 8.5


def test_release_8_5(furnished: Site) -> None:
    cluster(furnished, *CHAT_SERVERS)
    engage_85(furnished, CLUSTER)
    channel = {**CHANNEL, "backend_server": "GWE_Cluster"}
    written = [application("update", "GWE_Cluster")]
    step(furnished, "wes_chat_channel", written, **channel, contact_handling="identify", refresh_period=3000, request_pool_size=10)
    options = {"queueKey": "1:webme", "webengagementChatQueue": "Webengagement_Chat", "identifyCreateContact": "2"}
    assert channel_of(furnished, "GWE_Cluster") == {"chat": {**options, "refreshTaskPeriod": "3000", "refreshPoolSize": "10"}}
    for arguments in ({"session_restore_timeout": 30}, {"chat_is_default_channel": True, "development_environment": True}):
        furnished.refuses("wes_chat_channel", next(iter(arguments)), "8.5", "no option for it is documented", **channel, **arguments)
    info = furnished.ok("chat_solution_info", tenant="Environment").result
    (described,) = info["solution"]["web_engagement"]
    assert (described["backend_server"], described["refresh_period"]) == ("GWE_Cluster", 3000)
    assert not furnished.ok("chat_solution", solution=info["solution"]).changed
    step(furnished, "wes_chat_channel", [*written, *WRITES[:-1]], **{**ABSENT, "backend_server": "GWE_Cluster"})
    assert (channel_of(furnished, "GWE_Cluster"), endpoints(furnished)) == ({}, NOWHERE)


# bad input: nothing is written, and the rule is named


def unlinked(site: Site) -> None:
    site.relink("WES_1", [site.link("MessageServer")])


def mixed(site: Site) -> None:
    site.relink(CLUSTER, [site.link("ChatServer_1"), site.link("UCS_1")])


def without_members(site: Site) -> None:
    site.relink(CLUSTER, [])


def without_ucs(site: Site) -> None:
    site.relink("ChatServer_2", [site.link(server) for server in ("IXN_1", "confserv")])


def as_it_is(_site: Site) -> None:
    """Nothing is wrong beside the arguments."""


BAD: dict[str, tuple[Any, tuple[str, ...], dict[str, Any]]] = {
    "no connection": (unlinked, ("'WES_1'", "no connection to a Chat Server or to an Application Cluster"), {}),
    "no connection, Chat Servers given": (unlinked, ("'WES_1'", "no connection to a Chat Server"), {"chat_servers": ["ChatServer_1"]}),
    "mixed cluster": (mixed, (CLUSTER, "mixes types", "UCS_1 (CFGContactServer)", "same type"), {}),
    "cluster without members": (without_members, (CLUSTER, "no Chat Server is among the connections", "chat_servers"), {}),
    "other members given": (as_it_is, ("chat_servers", "ChatServer_1", "ChatServer_4"), {"chat_servers": ["ChatServer_1"]}),
    "no queue": (as_it_is, ("queue",), {"queue": None}),
    "queue missing": (as_it_is, ("'webme'", "'Chat_Out'", "Interaction Queue"), {"queue": "Chat_Out"}),
    "queue of another tenant": (as_it_is, ("'Sales_In'", "'Sales'", "'Environment'"), {"queue": "Sales_In"}),
    "script of another type": (as_it_is, ("'Legacy_Strategy'", "CFGSimpleRouting", "Interaction Queue"), {"queue": "Legacy_Strategy"}),
    "tenant not served": (as_it_is, ("ChatServer_1", "does not serve tenant 'Sales'"), {"tenant": "Sales", "queue": "Sales_In"}),
    "no such tenant": (as_it_is, ("tenant", "'Nowhere'"), {"tenant": "Nowhere"}),
    "refresh period 0": (as_it_is, ("refresh_period", "from 1 to 5 seconds", "0"), {"refresh_period": 0}),
    "refresh period 6": (as_it_is, ("refresh_period", "from 1 to 5 seconds", "6"), {"refresh_period": 6}),
    "refresh period often": (as_it_is, ("refresh_period", "whole number", "often"), {"refresh_period": "often"}),
    "threads": (as_it_is, ("request_pool_size", "1 or more"), {"request_pool_size": 0}),
    "time-out": (as_it_is, ("session_restore_timeout", "negative"), {"session_restore_timeout": -1}),
    "contact handling 4": (as_it_is, ("contact_handling", "identified", "created", "'4'"), {"contact_handling": 4}),
    "contact handling without UCS": (without_ucs, ("contact_handling", "UCS", "ChatServer_2"), {"contact_handling": 3}),
    "pacing off": (as_it_is, ("chat_is_default_channel", "pacing", "development_environment"), {"chat_is_default_channel": True}),
    "no such application": (as_it_is, ("backend_server", "'WES_9'"), {"backend_server": "WES_9"}),
    "an application of another type": (as_it_is, ("backend_server", "'IXN_1'", "CFGInteractionServer", "Backend Server"), {"backend_server": "IXN_1"}),
    "GMS, which nothing shows to be one": (as_it_is, ("backend_server", "'GMS_1'", "CFGGenericServer", "release"), {"backend_server": "GMS_1"}),
    "another release": (as_it_is, ("release", "8.1.2", "8.5"), {"release": "8.5"}),
    "no such release": (as_it_is, ("release", "9.0"), {"release": "9.0"}),
}


@pytest.mark.parametrize("part_of_the_solution", [False, True], ids=["module", "solution"])
@pytest.mark.parametrize(("spoil", "words", "changes"), BAD.values(), ids=BAD.keys())
def test_bad_input(engaged: Site, spoil: Any, words: tuple[str, ...], changes: dict[str, Any], part_of_the_solution: bool) -> None:
    spoil(engaged)
    arguments = {key: value for key, value in {**CHANNEL, **changes}.items() if value is not None}
    for check in (True, False):
        if part_of_the_solution:
            description = {"tenant": arguments["tenant"], "web_engagement": [{key: value for key, value in arguments.items() if key != "tenant"}]}
            engaged.refuses("chat_solution", *words, check=check, solution=description)
        else:
            engaged.refuses("wes_chat_channel", *words, check=check, **arguments)


def test_an_unknown_form_of_cluster_is_taken_from_the_user(engaged: Site) -> None:
    """The cluster's connections do not tell its members, and the user names them."""
    without_members(engaged)
    step(
        engaged,
        "wes_chat_channel",
        [application("update", name) for name in ("ChatServer_2", "ChatServer_1", "WES_1")],
        **CHANNEL,
        chat_servers=["ChatServer_2", "ChatServer_1"],
    )
    assert endpoints(engaged) == {**NOWHERE, "ChatServer_1": "Webengagement_Chat", "ChatServer_2": "Webengagement_Chat"}


# other editors and secrets


def test_somebody_edits_meanwhile(provisioned: Site) -> None:
    """The same option is a conflict; another one is kept."""
    site = provisioned
    match = {"method": "GET", "path_regex": f"CfgApplication/{site.dbid('CfgApplication', 'WES_1')}$"}
    edit = {"type": "CfgApplication", "name": "WES_1", "options": {"service:wes": {WES + "refreshPeriod": "5"}}}
    site.sandbox.fault("edit", match, edit=edit)
    fails_well(site.run("wes_chat_channel", **CHANNEL, refresh_period=3), WES + "refreshPeriod", "'2'", "'5'", "'3'", "run again")
    assert (site.writes(), channel_of(site)["service:wes"][WES + "refreshPeriod"]) == ([], "5")
    site.sandbox.fault("edit", match, edit={**edit, "options": {"service:wes": {WES + "requestPoolSize": "77"}}})
    site.ok("wes_chat_channel", **CHANNEL, refresh_period=3)
    section = channel_of(site)["service:wes"]
    assert (section[WES + "refreshPeriod"], section[WES + "requestPoolSize"]) == ("3", "77")


def test_secrets_stay_as_they_are_and_unseen(provisioned: Site) -> None:
    secrets = {"security": {"keystore-password": "k3ystore-s3cret"}, "service:wes": {"wes.connector.token": "t0ken-value"}}
    provisioned.sandbox.edit("CfgApplication", "WES_1", options=secrets)
    for arguments in ({**CHANNEL, "queue": "Chat_In"}, ABSENT):
        outcome = provisioned.ok("wes_chat_channel", **arguments)
        assert outcome.changed and "s3cret" not in outcome.everything and "t0ken" not in outcome.everything
        options = provisioned.sandbox.options("CfgApplication", "WES_1")
        assert {section: {key: options[section][key] for key in values} for section, values in secrets.items()} == secrets


# the points of the page


def test_points(provisioned: Site) -> None:
    found = provisioned.ok("wes_chat_channel_info", backend_server="WES_1", tenant="Environment").result
    assert found["complete"] and not found["changed"] and provisioned.writes() == []
    assert sorted(found["chat_servers"]) == list(CHAT_SERVERS) and (found["endpoint"], found["queue"]) == ("webme", "Webengagement_Chat")
    provisioned.sandbox.edit("CfgApplication", "ChatServer_4", options={"endpoints:1": {"webme": None}})
    found = provisioned.ok("wes_chat_channel_info", backend_server="WES_1", tenant="Environment").result
    assert not found["complete"]
    (point,) = [point for point in found["points"] if point["step"] == "1 to 3"]
    assert not point["holds"] and "ChatServer_4: none" in point["found"]
    provisioned.ok("wes_chat_channel", **CHANNEL)
    assert provisioned.ok("wes_chat_channel_info", backend_server="WES_1", tenant="Environment").result["complete"]
    provisioned.refuses("wes_chat_channel_info", "'IXN_1'", "CFGInteractionServer", backend_server="IXN_1", tenant="Environment")


def test_an_endpoint_is_renamed_and_removed_by_name_once_the_channel_leads_elsewhere(engaged: Site) -> None:
    """As long as WES_1 names the endpoint it stays, whichever module is to remove it; what is previewed is written."""
    site = engaged
    site.ok("wes_chat_channel", **CHANNEL)
    for module, arguments in (
        ("chat_endpoint", {"chat_servers": list(CHAT_SERVERS), "tenant": "Environment", "endpoint": "webme", "state": "absent"}),
        ("chat_server_app", {"name": CHAT_SERVERS[0], "endpoints": {"webme": None}}),
        ("chat_solution", {"solution": {"tenant": "Environment", "chat_servers": [{"name": CHAT_SERVERS[0], "endpoints": {"webme": None}}]}}),
    ):
        site.refuses(module, "endpoint 'webme' of tenant 'Environment' can't be removed", f"'WES_1' (service:wes/{WES}queueKey = 1:webme)", **arguments)
    content = solution(web_engagement=[{"backend_server": "WES_1", "endpoint": "web", "queue": "Webengagement_Chat"}])
    content["chat_server_defaults"]["endpoints"] = {"webme": None, "web": "Webengagement_Chat"}
    predicted_and_done(site, "chat_solution", solution=content)
    assert (endpoints(site), endpoints(site, "web")) == (NOWHERE, EVERYWHERE)
    assert channel_of(site)["service:wes"][f"{WES}queueKey"] == "1:web"
    site.ok("wes_chat_channel", **{**ABSENT, "endpoint": "nothing"})
    rename: dict[str, Any] = {"chat_servers": list(CHAT_SERVERS), "tenant": "Environment", "endpoint": "chat", "renamed_from": "web", "queue": "Chat_In"}
    assert site.writes() and predicted_and_done(site, "chat_endpoint", **rename).changed
    assert (endpoints(site, "web"), endpoints(site, "chat")) == (NOWHERE, dict.fromkeys(CHAT_SERVERS, "Chat_In"))
    info = site.ok("chat_solution_info", tenant="Environment").result
    assert not site.ok("chat_solution", solution=info["solution"]).changed
