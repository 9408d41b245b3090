# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The chat channel of Web Engagement: release, members, values, what is refused, what is reported, and removal."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit.config.fake_gateway import Gateway, application, apply_solution, context_of, description, plan_solution, world
from unit.fuzzing import examples

from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.adopt import adopt
from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.engagement_points import channel_points
from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.parts.web_engagement import wes_chat_channel
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.apply import apply
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.errors import InvalidInput
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.plan import make_plan

BACKEND = "CFGWebEngagementBackendServer"
CLUSTER = "CFGApplicationCluster"
WES = "wes.connector.chatServer."
ABSENT: dict[str, Any] = {"state": "absent", "queue": None}

Options = dict[str, dict[str, str]]


def site(
    links: tuple[int, ...] = (1,), options: Options | None = None, kind: str = BACKEND, members: tuple[int, ...] = (1, 2), uses_ucs: bool = True, **more: Any
) -> Gateway:
    """Chat Servers C1 to C3 (1 to 3), a UCS (8), the cluster K (9) of "members", and the Backend Server W (10) with its connections."""
    gateway = world()
    gateway.add("CfgApplication", 8, "UCS", **application("CFGContactServer"))
    endpoints = {"endpoints:1": {"default": "Chat_In"}}
    for number in (1, 2, 3):
        linked = ((8,),) if uses_ucs else ()
        gateway.add("CfgApplication", number, f"C{number}", **application("CFGChatServer", options=endpoints, connections=linked))
    gateway.add("CfgApplication", 9, "K", **application(CLUSTER, connections=[(number,) for number in members]))
    gateway.add("CfgApplication", 10, "W", **application(kind, options=options, connections=[(number,) for number in links], **more))
    return gateway


def spec(**changes: Any) -> dict[str, Any]:
    """Arguments as the module has them."""
    params: dict[str, Any] = dict.fromkeys(("chat_servers", "contact_handling", "refresh_period", "request_pool_size", "session_restore_timeout"))
    params.update(dict.fromkeys(("chat_is_default_channel", "release")), development_environment=False)
    return {**params, "backend_server": "W", "tenant": "Environment", "endpoint": "webme", "queue": "Other_In", "state": "present", **changes}


def planned(gateway: Gateway | None = None, **changes: Any) -> tuple[dict[str, dict[str, Any]], list[str]]:
    """Return what the rules demand, application -> section/key -> value (None for what must not be), and the warnings."""
    context = context_of(gateway or site(), strict_ranges=changes.pop("strict_ranges", False))
    found: dict[str, dict[str, Any]] = {}
    for item in wes_chat_channel(context, spec(**changes)):
        found[item.name] = {"/".join(path[1:]): value for path, value in item.leaves.items()}
        found[item.name].update({"/".join(path[1:]): None for path in item.absent})
    return found, context.warnings


def demanded(gateway: Gateway | None = None, **changes: Any) -> dict[str, dict[str, Any]]:
    """Return what the rules demand, which must be without a warning."""
    found, warnings = planned(gateway, **changes)
    assert warnings == []
    return found


def refused(gateway: Gateway | None = None, **changes: Any) -> str:
    with pytest.raises(InvalidInput) as caught:
        planned(gateway, **changes)
    return str(caught.value)


ENDPOINT = {"endpoints:1/webme": "Other_In"}
KEYS = {f"service:wes/{WES}queueKey": "1:webme", f"service:wes/{WES}queueWebengagement": "Other_In"}
KEYS_85 = {"chat/queueKey": "1:webme", "chat/webengagementChatQueue": "Other_In"}


# --- the channel ---------------------------------------------------------------------------------------------------------


def test_endpoint_key_and_queue_in_the_order_of_the_page() -> None:
    found = demanded()
    assert found == {"C1": ENDPOINT, "W": KEYS}
    assert list(found) == ["C1", "W"]


def test_another_tenant_and_another_endpoint() -> None:
    gateway = site()
    gateway.named("CfgApplication", "C1")["tenantdbids"] = {"id": [{"dbid": "1"}, {"dbid": "101"}]}
    found = demanded(gateway, tenant="Sales", endpoint="pages", queue="Sales_In")
    assert found["C1"] == {"endpoints:101/pages": "Sales_In"}
    assert found["W"][f"service:wes/{WES}queueKey"] == "101:pages"


@pytest.mark.parametrize(("given_value", "written"), [("1", "1"), ("none", "1"), ("2", "2"), ("identify", "2"), ("3", "3"), ("create", "3")])
def test_contact_handling(given_value: str, written: str) -> None:
    assert demanded(contact_handling=given_value)["W"] == {**KEYS, f"service:wes/{WES}identifyCreateContact": written}


def test_the_three_options_of_the_session() -> None:
    found = demanded(refresh_period=5, request_pool_size=1, session_restore_timeout=0)["W"]
    assert found == {
        **KEYS,
        f"service:wes/{WES}refreshPeriod": "5",
        f"service:wes/{WES}requestPoolSize": "1",
        f"service:wes/{WES}sessionRestoreTimeout": "0",
    }


SPELLINGS = {"sessionRestoreTimeout": "30", "chatSessionRestoreTimeout": "40"}


@pytest.mark.parametrize(
    ("there", "written", "is_reported"),
    [
        ((), "sessionRestoreTimeout", False),
        (("sessionRestoreTimeout",), "sessionRestoreTimeout", False),
        (("chatSessionRestoreTimeout",), "chatSessionRestoreTimeout", False),
        (("sessionRestoreTimeout", "chatSessionRestoreTimeout"), "sessionRestoreTimeout", True),
    ],
)
def test_the_spelling_that_the_application_has(there: tuple[str, ...], written: str, is_reported: bool) -> None:
    gateway = site(options={"service:wes": {WES + key: SPELLINGS[key] for key in there}})
    found, warnings = planned(gateway, session_restore_timeout=60)
    assert {key: value for key, value in found["W"].items() if key not in KEYS} == {f"service:wes/{WES}{written}": "60"}
    assert [f"{WES}chatSessionRestoreTimeout beside {WES}sessionRestoreTimeout" in text for text in warnings] == [True] * is_reported


def test_chat_as_the_default_channel_only_in_development() -> None:
    key = "service:wmsg/wmsg.connector.defaultEngagementChannel"
    assert "turns the pacing algorithm off" in refused(chat_is_default_channel=True)
    assert demanded(chat_is_default_channel=True, development_environment=True)["W"] == {**KEYS, key: "proactiveChat"}
    set_already = site(options={"service:wmsg": {"wmsg.connector.defaultEngagementChannel": "proactiveChat"}})
    assert demanded(set_already, chat_is_default_channel=False)["W"] == {**KEYS, key: None}
    found, warnings = planned(set_already)
    assert found["W"] == KEYS and ["the pacing algorithm is off" in text for text in warnings] == [True]


# --- release -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "options", "release", "keys"),
    [
        (BACKEND, None, None, KEYS),
        (BACKEND, None, "8.1.2", KEYS),
        (CLUSTER, None, None, KEYS_85),
        (CLUSTER, None, "8.5", KEYS_85),
        (CLUSTER, {"service:wes": {"x": "y"}}, None, KEYS),
        (BACKEND, {"chat": {"x": "y"}}, None, KEYS_85),
        (BACKEND, {"chat": {"x": "y"}, "service:wes": {"x": "y"}}, "8.5", KEYS_85),
        ("CFGGenericServer", {"service:wes": {"x": "y"}}, None, KEYS),
        ("CFGGenericServer", {"chat": {"x": "y"}}, None, KEYS_85),
        ("CFGGenericServer", None, "8.1.2", KEYS),
    ],
)
def test_the_release_decides_on_the_names(kind: str, options: Options | None, release: str | None, keys: dict[str, str]) -> None:
    assert demanded(site(kind=kind, options=options), release=release)["W"] == keys


@pytest.mark.parametrize(
    ("kind", "options", "release", "reason"),
    [
        ("CFGGenericServer", None, None, "has none of the sections service:wes and chat"),
        (BACKEND, {"chat": {"x": "y"}, "service:wes": {"x": "y"}}, None, "has both of the sections service:wes and chat"),
        (BACKEND, None, "8.5", "looks like release 8.1.2"),
        (BACKEND, {"chat": {"x": "y"}}, "8.1.2", "looks like release 8.5"),
        ("CFGChatServer", {"service:wes": {"x": "y"}}, "8.1.2", "is of type CFGChatServer, so it is neither a Web Engagement Backend Server"),
        ("CFGInteractionServer", None, None, "is of type CFGInteractionServer, so it is neither"),
    ],
)
def test_what_is_no_backend_server(kind: str, options: Options | None, release: str | None, reason: str) -> None:
    assert reason in refused(site(kind=kind, options=options), release=release)


def test_the_names_of_release_8_5() -> None:
    found = demanded(site(kind=CLUSTER), contact_handling="2", refresh_period=3000, request_pool_size=99)["W"]
    assert found == {**KEYS_85, "chat/identifyCreateContact": "2", "chat/refreshTaskPeriod": "3000", "chat/refreshPoolSize": "99"}
    for point, value in (("session_restore_timeout", 30), ("chat_is_default_channel", True), ("chat_is_default_channel", False)):
        reason = refused(site(kind=CLUSTER), development_environment=True, **{point: value})
        assert f"{point}: no option for it is documented for release 8.5" in reason
    _found, warnings = planned(site(kind=CLUSTER), request_pool_size=100)
    assert warnings == ["wes_chat_channel: option chat/refreshPoolSize is documented as 1 to 99, got '100'"]
    assert "chat/refreshPoolSize is documented as 1 to 99" in refused(site(kind=CLUSTER), request_pool_size=100, strict_ranges=True)
    assert demanded(request_pool_size=100)["W"][f"service:wes/{WES}requestPoolSize"] == "100"


# --- the Chat Servers ----------------------------------------------------------------------------------------------------


def test_the_members_of_the_cluster_are_found() -> None:
    assert demanded(site(links=(9,))) == {"C1": ENDPOINT, "C2": ENDPOINT, "W": KEYS}
    assert demanded(site(links=(9,), members=(2, 99, 110))) == {"C2": ENDPOINT, "W": KEYS}  # beside Message Server and Configuration Server
    assert demanded(site(links=(110, 9, 8))) == {"C1": ENDPOINT, "C2": ENDPOINT, "W": KEYS}


def test_the_members_may_be_given() -> None:
    assert demanded(site(links=(9,)), chat_servers=["C2", "C1"])["C2"] == ENDPOINT
    for given_names in (["C1"], ["C1", "C2", "C3"], ["C3"]):
        told = refused(site(links=(9,)), chat_servers=given_names)
        assert "chat_servers: the option names %s, but 'W' is connected to C1, C2" % ", ".join(given_names) in told
    # a cluster whose connections do not tell
    assert list(demanded(site(links=(9,), members=()), chat_servers=["C3", "C1"])) == ["C3", "C1", "W"]


def test_without_a_chat_server() -> None:
    assert "'W' has no connection to a Chat Server or to an Application Cluster of Chat Servers" in refused(site(links=(110,)))
    assert "'W' has no connection to a Chat Server" in refused(site(links=(8,)), chat_servers=["C1"])
    assert "no Chat Server is among the connections of the Application Cluster 'K'" in refused(site(links=(9,), members=()))
    assert "no Chat Server is among the connections of the Application Cluster 'K'" in refused(site(links=(9,), members=(8,)))


def test_a_mixed_cluster() -> None:
    reason = refused(site(links=(9,), members=(1, 8)))
    assert "the Application Cluster 'K' mixes types: beside Chat Servers it has UCS (CFGContactServer)" in reason


def test_more_than_the_page_expects() -> None:
    found, warnings = planned(site(links=(3, 9)))
    assert list(found) == ["C3", "C1", "C2", "W"]
    assert ["expected to be connected to one Chat Server or to one Application Cluster" in text for text in warnings] == [True]


def test_backups_are_left_to_the_configuration_server() -> None:
    gateway = site(links=(9,))
    gateway.named("CfgApplication", "C1")["backupserverdbid"] = "2"
    assert demanded(gateway) == {"C1": ENDPOINT, "W": KEYS}
    assert demanded(gateway, chat_servers=["C1"]) == {"C1": ENDPOINT, "W": KEYS}
    gateway.named("CfgApplication", "C1")["backupserverdbid"] = "3"
    gateway.named("CfgApplication", "K")["appservers"] = application(connections=[(3,)])["appservers"]
    assert "'C3' is the backup of 'C1'" in refused(gateway)


MEMBERS = st.lists(st.sampled_from((1, 2, 3)), unique=True)


@given(st.lists(st.sampled_from((1, 2, 3)), unique=True, max_size=1), MEMBERS, st.booleans(), st.none() | MEMBERS)
@examples(200)
def test_where_the_members_come_from(direct: list[int], members: list[int], clustered: bool, named: list[int] | None) -> None:
    """Exactly the Chat Servers that the connections tell get the endpoint, in their order; others only if these tell nothing, and never others."""
    gateway = site(links=(*direct, *([9] if clustered else [])), members=tuple(members))
    told = list(dict.fromkeys([*direct, *(members if clustered else [])]))
    names = None if named is None else [f"C{number}" for number in named]
    can_be = bool(told) if not named else bool(told and set(told) == set(named)) or (not told and clustered)
    if not can_be:
        refused(gateway, chat_servers=names)
        return
    found, _warnings = planned(gateway, chat_servers=names)
    assert list(found) == [*(f"C{number}" for number in told or named or []), "W"]
    assert all(found[name] == ENDPOINT for name in found if name != "W")


# --- what is refused -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"backend_server": "Nobody"}, "backend_server: there is no application named 'Nobody'"),
        ({"tenant": "Nowhere"}, "tenant: there is no tenant named 'Nowhere'"),
        ({"tenant": "Sales", "queue": "Sales_In"}, "tenant: Chat Server 'C1' does not serve tenant 'Sales'"),
        ({"queue": "Nothing"}, "endpoint 'webme' (an Interaction Queue): there is no script named 'Nothing'"),
        ({"queue": "Sales_In"}, "the queue 'Sales_In' belongs to tenant 'Sales', not to 'Environment'"),
        ({"queue": "Legacy_Strategy"}, "is a script of type CFGSimpleRouting, and an endpoint needs an Interaction Queue"),
        ({"queue": ""}, "endpoint 'webme' has no queue"),
        ({"endpoint": " "}, "must not be empty"),
        ({"refresh_period": 0}, "refresh_period must be from 1 to 5 seconds, got 0"),
        ({"refresh_period": 6}, "refresh_period must be from 1 to 5 seconds, got 6"),
        ({"request_pool_size": 0}, "request_pool_size must be 1 or more, got 0"),
        ({"session_restore_timeout": -1}, "session_restore_timeout must not be negative, got -1"),
        ({"contact_handling": "4"}, "contact_handling must be 1 or none"),
        ({"contact_handling": ""}, "contact_handling must be 1 or none"),
        ({"chat_servers": ["UCS"]}, "application 'UCS' is of type CFGContactServer, and must be of type CFGChatServer"),
    ],
)
def test_what_is_refused(changes: dict[str, Any], reason: str) -> None:
    assert reason in refused(**changes)


@pytest.mark.parametrize("handling", ["2", "3", "identify", "create"])
def test_contact_handling_needs_a_contact_server(handling: str) -> None:
    assert "contact_handling: contacts are handled through the Chat Server's connection to UCS" in refused(site(uses_ucs=False), contact_handling=handling)
    assert demanded(site(uses_ucs=False), contact_handling="1")["C1"] == ENDPOINT
    _found, warnings = planned(site(uses_ucs=False))
    assert ["contacts will not be handled" in text for text in warnings] == [True]


def test_a_contact_server_that_is_not_used() -> None:
    gateway = site()
    gateway.named("CfgApplication", "C1")["options"]["property"].append({"section": "settings", "key": "use-contact-server", "value": "false"})
    assert "there is none in use on C1" in refused(gateway, contact_handling="3")


# --- what is reported ----------------------------------------------------------------------------------------------------


def test_different_queues_behind_key_and_queue() -> None:
    options = {"service:wes": {WES + "queueKey": "1:old", WES + "queueWebengagement": "Other_In"}}
    gateway = site(options=options)
    gateway.named("CfgApplication", "C1")["options"]["property"].append({"section": "endpoints:1", "key": "old", "value": "Chat_In"})
    found, warnings = planned(gateway)
    assert found["W"] == KEYS
    (text,) = warnings
    assert f"{WES}queueWebengagement was 'Other_In', while {WES}queueKey led to 'Chat_In' on Chat Server 'C1'; both lead to 'Other_In' now" in text


def test_a_wrong_contact_handling_that_is_there() -> None:
    gateway = site(options={"service:wes": {WES + "identifyCreateContact": "yes"}})
    _found, warnings = planned(gateway)
    assert ["identifyCreateContact is 'yes', which is none of 1, 2 and 3, so the product takes 3" in text for text in warnings] == [True]
    assert demanded(gateway, contact_handling="2")["W"][f"service:wes/{WES}identifyCreateContact"] == "2"


# --- removal -------------------------------------------------------------------------------------------------------------

GONE = {f"service:wes/{WES}{key}": None for key in ("queueKey", "queueWebengagement", "identifyCreateContact", "refreshPeriod", "requestPoolSize")}
GONE |= {f"service:wes/{WES}{key}": None for key in SPELLINGS} | {"service:wmsg/wmsg.connector.defaultEngagementChannel": None}
GONE_85 = {f"chat/{key}": None for key in ("queueKey", "webengagementChatQueue", "identifyCreateContact", "refreshTaskPeriod", "refreshPoolSize")}


def test_the_channel_removed() -> None:
    found = demanded(site(links=(9,)), **ABSENT)
    assert found == {"W": GONE, "C1": {"endpoints:1/webme": None}, "C2": {"endpoints:1/webme": None}}
    assert list(found) == ["W", "C1", "C2"], "first what leads to the endpoint, then the endpoint"
    assert demanded(site(kind=CLUSTER), **ABSENT)["W"] == GONE_85
    assert demanded(site(kind="CFGGenericServer"), **ABSENT)["W"] == {}


def test_the_default_endpoint_stays() -> None:
    assert demanded(endpoint="default", **ABSENT) == {"W": GONE}


def test_an_endpoint_that_another_backend_server_uses_stays() -> None:
    gateway = site()
    gateway.add("CfgApplication", 11, "W2", **application(BACKEND, options={"service:wes": {WES + "queueKey": "1:webme"}}))
    found, warnings = planned(gateway, **ABSENT)
    assert found == {"W": GONE}
    assert warnings == ["wes_chat_channel: the endpoint 'webme' stays, since it is used by W2 too"]


def test_removal_where_things_are_gone_already() -> None:
    found, warnings = planned(backend_server="Nobody", chat_servers=["C1", "C9"], **ABSENT)
    assert found == {"C1": {"endpoints:1/webme": None}}
    assert ["there is nothing to remove from it" in text for text in warnings] == [True, True]
    assert demanded(site(links=()), **ABSENT) == {"W": GONE}


def test_removal_is_refused_on_what_is_no_backend_server() -> None:
    assert "so it is neither a Web Engagement Backend Server" in refused(backend_server="C1", **ABSENT)
    assert "and must be of type CFGChatServer" in refused(chat_servers=["UCS"], **ABSENT)


# --- as a part of the solution, and back ---------------------------------------------------------------------------------


def whole(**changes: Any) -> dict[str, Any]:
    return {"tenant": "Environment", "web_engagement": [{"backend_server": "W", "queue": "Other_In", **changes}]}


def run(gateway: Gateway, **changes: Any) -> None:
    context = context_of(gateway)
    apply(make_plan(context.directory, wes_chat_channel(context, spec(**changes))), context.directory, False)


def test_the_solution_has_the_same_rules() -> None:
    gateway = site(links=(9,))
    apply_solution(gateway, whole(contact_handling=2, refresh_period=4))
    other = site(links=(9,))
    run(other, contact_handling="identify", refresh_period=4)
    assert gateway.state() == other.state()
    assert not plan_solution(gateway, whole(contact_handling=2, refresh_period=4))[0]
    with pytest.raises(InvalidInput, match=r"web_engagement\[0\]: refresh_period must be from 1 to 5 seconds"):
        plan_solution(gateway, whole(refresh_period=7))


def test_a_queue_and_a_connection_to_ucs_that_the_same_run_makes() -> None:
    gateway = world()
    content = description(2)
    apply_solution(gateway, content)
    chat_server = gateway.named("CfgApplication", "ChatServer_1")
    gateway.add("CfgApplication", 10, "W", **application(BACKEND, connections=[(int(chat_server["dbid"]),)]))
    chat_server["appservers"]["conninfo"] = []
    content["interaction_queues"].append("Pages")
    content["web_engagement"] = [{"backend_server": "W", "queue": "Pages", "endpoint": "pages", "contact_handling": "create"}]
    apply_solution(gateway, content)
    section = {entry["key"]: entry["value"] for entry in chat_of(gateway) if entry["section"] == "endpoints:1"}
    assert section["pages"] == "Pages"
    content["chat_server_defaults"]["endpoints"]["pages"] = "Chat_In"
    with pytest.raises(InvalidInput, match="two parts of the description want different values of options/endpoints:1/pages: 'Chat_In' and 'Pages'"):
        plan_solution(gateway, content)


def chat_of(gateway: Gateway) -> list[dict[str, str]]:
    found: list[dict[str, str]] = gateway.named("CfgApplication", "ChatServer_1")["options"]["property"]
    return found


PROVISIONED = {
    "service:wes": {
        WES + "queueKey": "1:webme",
        WES + "queueWebengagement": "Other_In",
        WES + "identifyCreateContact": "2",
        WES + "refreshPeriod": "2",
        WES + "requestPoolSize": "50",
        WES + "chatSessionRestoreTimeout": "30",
        "wes.connector.interaction.copyUserData": "all",
    }
}


def provisioned(options: Options | None = None) -> Gateway:
    gateway = site(links=(9,), options=options or PROVISIONED)
    for name in ("C1", "C2"):
        gateway.named("CfgApplication", name)["options"]["property"].append({"section": "endpoints:1", "key": "webme", "value": "Other_In"})
    return gateway


def adopted(gateway: Gateway, names: list[str] | None = None) -> tuple[Any, list[dict[str, str]]]:
    """Return what is described of Web Engagement, and what is left out there; applying the description plans nothing."""
    content, left_out = adopt(context_of(gateway), "Environment", names)
    assert not plan_solution(gateway, content)[0]
    return content.get("web_engagement"), [item for item in left_out if item["name"] == "W"]


def test_what_was_provisioned_is_adopted() -> None:
    said = {"contact_handling": "2", "refresh_period": 2, "request_pool_size": 50, "session_restore_timeout": 30}
    assert adopted(provisioned()) == ([{"backend_server": "W", "endpoint": "webme", "queue": "Other_In", **said}], [])


def test_values_that_the_rules_refuse_are_left_out_and_said() -> None:
    options = {"service:wes": {**PROVISIONED["service:wes"], WES + "refreshPeriod": "9", WES + "identifyCreateContact": "yes"}}
    options["service:wmsg"] = {"wmsg.connector.defaultEngagementChannel": "proactiveChat"}
    (channel,), left_out = adopted(provisioned(options))
    assert set(channel) == {"backend_server", "endpoint", "queue", "request_pool_size", "session_restore_timeout"}
    assert sorted(item["reason"].split(" is ")[0] for item in left_out) == [
        WES + "identifyCreateContact",
        WES + "refreshPeriod",
        "wmsg.connector.defaultEngagementChannel",
    ]


@pytest.mark.parametrize("change", ["no endpoint", "other queue", "no connection", "no queue"])
def test_a_channel_that_is_not_as_the_page_says_is_left_out_and_said(change: str) -> None:
    gateway = provisioned()
    if change == "no endpoint":
        gateway.named("CfgApplication", "C2")["options"]["property"].pop()
    elif change == "other queue":
        gateway.named("CfgApplication", "W")["options"]["property"][1]["value"] = "Chat_In"
    elif change == "no connection":
        gateway.named("CfgApplication", "W")["appservers"]["conninfo"] = []
    else:
        del gateway.named("CfgApplication", "W")["options"]["property"][1]
    channels, left_out = adopted(gateway)
    assert channels is None and left_out


def test_channels_of_other_tenants_and_other_chat_servers_are_not_described() -> None:
    assert adopt(context_of(provisioned()), "Sales", None)[0].get("web_engagement") is None
    channels, left_out = adopted(provisioned(), ["C1"])
    assert (channels, left_out) == (None, [{"name": "W", "part": "", "reason": "it leads to Chat Servers that were not asked for, too: C2"}])
    assert adopted(provisioned(), []) == (None, []), "nothing is said of a channel of other Chat Servers"
    assert adopted(provisioned(), ["C1", "C2"])[0]


# --- the points of the page ----------------------------------------------------------------------------------------------


def points(gateway: Gateway, **changes: Any) -> dict[str, Any]:
    params = {"backend_server": "W", "tenant": "Environment", "chat_servers": None, "development_environment": False, "release": None, **changes}
    return channel_points(context_of(gateway), params)


def failing(gateway: Gateway, **changes: Any) -> list[str]:
    """Return the steps that do not hold."""
    found = points(gateway, **changes)
    assert found["complete"] is all(point["holds"] for point in found["points"])
    assert all(point["found"] and point["look_at"] for point in found["points"])
    return [point["step"] for point in found["points"] if not point["holds"]]


def test_all_points_hold_of_what_was_provisioned() -> None:
    found = points(provisioned())
    assert (found["release"], found["chat_servers"], found["endpoint"], found["queue"]) == ("8.1.2", ["C1", "C2"], "webme", "Other_In")
    assert [(point["step"], point["holds"]) for point in found["points"]] == [
        (step, True) for step in ("prerequisites", "1 to 3", "3", "4", "5", "6", "7", "default channel")
    ]
    assert found["complete"] and len(found["by_hand"]) == 3


def test_all_points_hold_of_what_the_module_made() -> None:
    gateway = site(kind=CLUSTER, links=(9,))
    assert failing(gateway) == ["1 to 3", "3", "4", "5"]
    run(gateway)
    assert failing(gateway) == []
    assert len(points(gateway)["points"]) == 7, "release 8.5 has no known option for the default channel"


@pytest.mark.parametrize(
    ("section", "key", "value", "steps"),
    [
        ("service:wes", WES + "queueKey", "101:webme", ["1 to 3", "3", "4", "5"]),
        ("service:wes", WES + "queueKey", "1:nothing", ["1 to 3", "3", "5"]),
        ("service:wes", WES + "queueKey", "webme", ["1 to 3", "3", "4", "5"]),
        ("service:wes", WES + "queueWebengagement", "Chat_In", ["5"]),
        ("service:wes", WES + "identifyCreateContact", "4", ["6"]),
        ("service:wes", WES + "refreshPeriod", "6", ["7"]),
        ("service:wes", WES + "refreshPeriod", "often", ["7"]),
        ("service:wes", WES + "requestPoolSize", "0", ["7"]),
        ("service:wes", WES + "sessionRestoreTimeout", "30", ["7"]),
        ("service:wmsg", "wmsg.connector.defaultEngagementChannel", "proactiveChat", ["default channel"]),
        ("service:wmsg", "wmsg.connector.defaultEngagementChannel", "", []),
    ],
)
def test_a_point_that_does_not_hold(section: str, key: str, value: str, steps: list[str]) -> None:
    options = {**PROVISIONED, section: {**PROVISIONED.get(section, {}), key: value}}
    assert failing(provisioned(options)) == steps


def test_points_of_connection_contacts_and_development() -> None:
    gateway = provisioned()
    gateway.named("CfgApplication", "C2")["options"]["property"][-1]["value"] = "Chat_In"
    assert failing(gateway) == ["1 to 3", "3", "5"]
    gateway = provisioned()
    gateway.named("CfgApplication", "C1")["appservers"]["conninfo"] = []
    assert failing(gateway) == ["6"]
    gateway.named("CfgApplication", "W")["appservers"]["conninfo"] = []
    assert failing(gateway) == ["prerequisites", "1 to 3", "3", "5"]
    channel = {**PROVISIONED, "service:wmsg": {"wmsg.connector.defaultEngagementChannel": "proactiveChat"}}
    assert failing(provisioned(channel), development_environment=True) == []
