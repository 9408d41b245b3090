# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Endpoints: their section, their queues, and the placeholder that the template ships."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from unit.config.fake_gateway import application, apply_solution, context_of, description, option_list, plan_solution, world

from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.any_object import config_object
from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.application import PLACEHOLDER
from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.parts.contact_servers import chat_server_groups
from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.parts.endpoints import (
    chat_endpoint,
    move_placeholder,
    require_defaults,
    require_queue,
    section_of,
    want_endpoints,
)
from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.parts.web_engagement import wes_chat_channel
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.compare import edits
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.desired import Desired
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.errors import InvalidInput


@pytest.mark.parametrize(
    ("section", "is_placeholder"),
    [
        ("endpoints:tenant_dbid", True), ("endpoints:*tenant_dbid*", True), ("endpoints:<tenant_dbid>", True), ("endpoints:{tenant_dbid}", True),
        ("endpoints: tenant_dbid ", True), ("endpoints:the_tenant_dbid_here", True),
        ("endpoints:1", False), ("endpoints:101", False), ("endpoints:1tenant_dbid", False), ("endpoints:tenant_dbid2", False), ("endpoints", False),
        ("endpoints:tenant", False), ("my-endpoints:tenant_dbid", False), ("endpoints:TENANT_DBID", False), ("settings", False),
    ],
)
def test_the_placeholder(section, is_placeholder):
    assert bool(PLACEHOLDER.match(section)) is is_placeholder


def test_the_section_carries_the_tenants_dbid():
    directory = context_of(world()).directory
    assert [section_of(directory, name) for name in ("Environment", "Sales")] == ["endpoints:1", "endpoints:101"]


# --- queues -------------------------------------------------------------------------------------------------------------


def test_a_queue_that_fits():
    context = context_of(world())
    require_queue(context, "Chat_In", "Environment", "here")
    context.directory.expect("CfgScript", "New", {"subtype": "CFGInteractionQueue"}, "Environment")
    require_queue(context, "New", "Environment", "here")


@pytest.mark.parametrize(
    ("queue", "tenant", "message"),
    [
        ("Nothing", "Environment", r"here \(an Interaction Queue\): there is no script named 'Nothing' in tenant 'Environment'"),
        ("chat_in", "Environment", r"there is no script named 'chat_in' in tenant 'Environment'; did you mean 'Chat_In'\?"),
        ("Sales_In", "Environment", "here: the queue 'Sales_In' belongs to tenant 'Sales', not to 'Environment'"),
        ("Legacy_Strategy", "Environment",
         r"here: 'Legacy_Strategy' is a script of type CFGSimpleRouting, and an endpoint needs an Interaction Queue \(CFGInteractionQueue\)"),
    ],
)
def test_a_queue_that_does_not_fit(queue, tenant, message):
    with pytest.raises(InvalidInput, match=message):
        require_queue(context_of(world()), queue, tenant, "here")


@pytest.mark.parametrize("queue", ["", "  "])
def test_an_endpoint_needs_a_queue(queue):
    with pytest.raises(InvalidInput, match="endpoints: endpoint 'default' has no queue; it must name an Interaction Queue of tenant 'Environment'"):
        want_endpoints(context_of(world()), Desired("CfgApplication", "C"), {"default": queue}, "Environment", "endpoints")


def test_endpoints_of_several_tenants():
    item = Desired("CfgApplication", "C")
    context = context_of(world())
    want_endpoints(context, item, {"default": "Chat_In", "webme": "Other_In"}, "Environment", "x")
    want_endpoints(context, item, {"default": "Sales_In"}, "Sales", "x")
    assert item.leaves == {("options", "endpoints:1", "default"): "Chat_In", ("options", "endpoints:1", "webme"): "Other_In",
                           ("options", "endpoints:101", "default"): "Sales_In"}


# --- the placeholder ----------------------------------------------------------------------------------------------------


def moved(options, tenants=("Environment",), wanted=None, removed=()):
    """Return the options as they are after the move."""
    item = Desired("CfgApplication", "C")
    for path, value in (wanted or {}).items():
        item.want(("options",) + path, value)
    for path in removed:
        item.forbid(("options",) + path)
    move_placeholder(context_of(world()), item, options, tenants)
    current = {("options",) + leaf: value for leaf, value in options.items()}
    changes = edits(current, item.leaves, item.absent)
    after = {**current, **{path: new for path, (_old, new) in changes.items()}}
    return {path[1:]: value for path, value in after.items() if value is not None}


PLACE = "endpoints:*tenant_dbid*"


def test_the_placeholder_moves_to_each_tenant_and_goes():
    assert moved({(PLACE, "default"): "A", (PLACE, "webme"): "B", ("log", "x"): "1"}, ("Environment", "Sales")) == {
        ("endpoints:1", "default"): "A", ("endpoints:1", "webme"): "B", ("endpoints:101", "default"): "A", ("endpoints:101", "webme"): "B", ("log", "x"): "1"}


def test_an_empty_placeholder_goes_without_a_trace():
    assert moved({(PLACE, "default"): ""}) == {}


def test_a_key_that_is_there_is_never_overwritten():
    assert moved({(PLACE, "default"): "A", ("endpoints:1", "default"): "Mine"}) == {("endpoints:1", "default"): "Mine"}
    assert moved({(PLACE, "default"): "A", ("endpoints:1", "default"): ""}) == {("endpoints:1", "default"): ""}


def test_a_key_that_is_described_is_never_overwritten():
    assert moved({(PLACE, "default"): "A"}, wanted={("endpoints:1", "default"): "Mine"}) == {("endpoints:1", "default"): "Mine"}


def test_a_key_that_is_to_be_removed_does_not_come_back():
    assert moved({(PLACE, "webme"): "A"}, removed=[("endpoints:1", "webme")]) == {}


def test_without_a_tenant_the_placeholder_stays():
    """There is nowhere to move it to, and its values must not be lost."""
    assert moved({(PLACE, "default"): "A"}, ()) == {(PLACE, "default"): "A"}


def test_two_spellings_of_the_placeholder_do_not_overwrite_each_other():
    assert moved({(PLACE, "default"): "A", ("endpoints:tenant_dbid", "default"): "B"}) == {("endpoints:1", "default"): "A"}


SECTIONS = st.sampled_from([PLACE, "endpoints:tenant_dbid", "endpoints:1", "endpoints:101", "log"])
OPTIONS = st.dictionaries(st.tuples(SECTIONS, st.sampled_from(["default", "webme", "x"])), st.sampled_from(["", "A", "B"]), max_size=8)


@given(OPTIONS, st.dictionaries(st.tuples(st.just("endpoints:1"), st.sampled_from(["default", "webme"])), st.just("Mine"), max_size=2))
@settings(database=None, deadline=None, derandomize=True, max_examples=60)
def test_moving_loses_and_overwrites_nothing(options, wanted):
    after = moved(options, ("Environment", "Sales"), wanted)
    assert not [section for section, _key in after if PLACEHOLDER.match(section)]
    kept = {leaf: value for leaf, value in options.items() if not PLACEHOLDER.match(leaf[0])}
    assert {leaf: after[leaf] for leaf in {**kept, **wanted}} == {**kept, **wanted}
    for (section, key), value in options.items():
        if PLACEHOLDER.match(section) and value:
            assert after.get(("endpoints:1", key), "") in ("A", "B", "Mine", kept.get(("endpoints:1", key)))
            assert ("endpoints:1", key) in after
            assert ("endpoints:101", key) in after
    assert moved(after, ("Environment", "Sales"), wanted) == after


# --- defaults -----------------------------------------------------------------------------------------------------------


def test_every_tenant_needs_a_default():
    context = context_of(world())
    item = Desired("CfgApplication", "C")
    item.want(("options", "endpoints:1", "default"), "Chat_In")
    require_defaults(context, item, {("endpoints:101", "default"): "Sales_In"}, ["Environment", "Sales"], "here")
    for options in ({}, {("endpoints:101", "default"): ""}, {("endpoints:101", "webme"): "Sales_In"}, {("endpoints:tenant_dbid", "default"): "X"}):
        with pytest.raises(InvalidInput, match="here: Chat Server 'C' serves tenant 'Sales' without a default endpoint; endpoints must give 'default'"):
            require_defaults(context, item, options, ["Environment", "Sales"], "here")
    item = Desired("CfgApplication", "C")
    item.forbid(("options", "endpoints:1", "default"))
    with pytest.raises(InvalidInput, match="tenant 'Environment' without a default endpoint"):
        require_defaults(context, item, {("endpoints:1", "default"): "Chat_In"}, ["Environment"], "here")


# --- the module ---------------------------------------------------------------------------------------------------------


def module(state="present", endpoint="webme", queue="Chat_In", tenant="Environment", options=None, tenants=(1,)):
    gateway = world()
    options = options or {"endpoints:1": {"default": "Chat_In", "webme": "Other_In"}}
    gateway.add("CfgApplication", 1, "C", **application("CFGChatServer", options=options, tenants=tenants))
    params = {"state": state, "endpoint": endpoint, "queue": queue, "tenant": tenant, "chat_servers": ["C"]}
    (item,) = chat_endpoint(context_of(gateway), params)
    return item


def test_an_endpoint_by_itself():
    assert module().leaves == {("options", "endpoints:1", "webme"): "Chat_In"}
    assert module(tenant="Sales", queue="Sales_In", tenants=(1, 101)).leaves == {("options", "endpoints:101", "webme"): "Sales_In"}


def test_an_endpoint_removed():
    item = module("absent")
    assert (item.leaves, item.absent) == ({}, {("options", "endpoints:1", "webme")})


def test_the_default_endpoint_stays():
    with pytest.raises(InvalidInput, match="Chat Server 'C' serves tenant 'Environment' without a default endpoint"):
        module("absent", "default")


def test_another_endpoint_may_go_where_a_default_was_missing_before():
    assert module("absent", options={"endpoints:1": {"webme": "Other_In"}}).absent == {("options", "endpoints:1", "webme")}


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"tenant": "Nowhere"}, "tenant: there is no tenant named 'Nowhere'"),
        ({"tenant": "Sales", "queue": "Sales_In"}, "tenant: Chat Server 'C' does not serve tenant 'Sales'; add it to the tenants of the application first"),
        ({"queue": "Sales_In"}, "belongs to tenant 'Sales'"),
    ],
)
def test_what_the_module_refuses(params, message):
    with pytest.raises(InvalidInput, match=message):
        module(**params)


# --- removed and renamed by name ----------------------------------------------------------------------------------------

QUEUE_KEY = "wes.connector.chatServer.queueKey"
#: Who names an endpoint, in each dialect: type, options that name the endpoint webme of tenant Environment.
USERS = {
    "Web Engagement 8.1.2": ("CFGWebEngagementBackendServer", {"service:wes": {QUEUE_KEY: "1:webme"}}),
    "Web Engagement 8.5, Co-browse": ("CFGApplicationCluster", {"chat": {"queueKey": "1:webme"}}),
    "GMS": ("CFGGenericServer", {"chat": {"default_chat_endpoint": "Environment:webme"}}),
    "a service of GMS": ("CFGGenericServer", {"service.request-chat": {"_chat_endpoint": "Environment:webme"}}),
}


def deployed(user=None, links=()):
    """Two Chat Servers with the endpoints default and webme, and perhaps somebody who names webme."""
    gateway = world()
    apply_solution(gateway, description(2))
    if user:
        links = [(gateway.named("CfgApplication", name)["dbid"], "webapi") for name in links]
        gateway.add("CfgApplication", 150, "User", **application(USERS[user][0], options=USERS[user][1], connections=links))
    gateway.calls.clear()
    return gateway


def endpoints_of(gateway, name):
    return {entry["key"]: entry["value"] for entry in gateway.named("CfgApplication", name)["options"]["property"] if entry["section"] == "endpoints:1"}


def changed(everywhere, **first):
    """The description with other endpoints for all Chat Servers, or for the first."""
    content = description(2)
    content["chat_server_defaults"]["endpoints"] = everywhere
    content["chat_servers"][0].update(first)
    return content


@pytest.mark.parametrize(("content", "expected"), [
    (changed({"webme": None}), ({"default": "Chat_In"}, {"default": "Chat_In"})),
    (changed({"webme": None, "web": "Other_In"}), ({"default": "Chat_In", "web": "Other_In"},) * 2),
    (changed({"default": "Chat_In", "webme": "Other_In"}, endpoints={"webme": None}), ({"default": "Chat_In"}, {"default": "Chat_In", "webme": "Other_In"})),
    (changed({"webme": None}, endpoints={"webme": "Other_In"}), ({"default": "Chat_In", "webme": "Other_In"}, {"default": "Chat_In"})),
    (changed({"default": "Chat_In"}, tenant_endpoints={"Environment": {"webme": None}}),
     ({"default": "Chat_In"}, {"default": "Chat_In", "webme": "Webengagement_Chat"})),
])
def test_an_endpoint_is_removed_or_renamed_in_one_write(content, expected):
    """The preview is what is written, each Chat Server once, and the second run has nothing to do."""
    gateway = deployed()
    plan, _directory = plan_solution(gateway, content)
    previewed = {change.name: change.edits for change in plan.changes}
    before = {name: endpoints_of(gateway, name) for name in ("ChatServer_1", "ChatServer_2")}
    apply_solution(gateway, content)
    assert [(verb, name) for verb, _kind, name in gateway.writes()] == [("update", name) for name in previewed]
    for name, wanted in zip(("ChatServer_1", "ChatServer_2"), expected):
        assert endpoints_of(gateway, name) == wanted
        assert previewed.get(name, {}) == {("options", "endpoints:1", key): (before[name].get(key), wanted.get(key))
                                           for key in {*before[name], *wanted} if before[name].get(key) != wanted.get(key)}
    assert not plan_solution(gateway, content)[0]


def test_the_default_endpoint_and_one_that_is_wanted_too_can_not_be_removed():
    with pytest.raises(InvalidInput, match="serves tenant 'Environment' without a default endpoint"):
        plan_solution(deployed(), changed({"default": None}))
    gateway = deployed("Web Engagement 8.1.2", ["ChatServer_1"])
    content = dict(changed({"webme": None}), web_engagement=[{"backend_server": "User", "queue": "Other_In"}])
    with pytest.raises(InvalidInput, match="one part of the description wants options/endpoints:1/webme, and another one wants it removed"):
        plan_solution(gateway, content)


@pytest.mark.parametrize("user", USERS)
@pytest.mark.parametrize("links", [["ChatServer_2"], ["ChatServer_1", "ChatServer_2"], []])
def test_an_endpoint_that_somebody_names_stays(user, links):
    """On a Chat Server to which the one who names it is connected; one without connections may use any."""
    gateway = deployed(user, links)
    (section, key, value), = ((section, *pair) for section, options in USERS[user][1].items() for pair in options.items())
    message = "application '%s': endpoint 'webme' of tenant 'Environment' can't be removed, since it is named by 'User' (%s/%s = %s); " % (
        "ChatServer_1" if "ChatServer_1" in links or not links else "ChatServer_2", section, key, value)
    with pytest.raises(InvalidInput) as caught:
        plan_solution(gateway, changed({"webme": None, "web": "Other_In"}))
    assert str(caught.value).startswith(message)
    for rule, params in ((chat_endpoint, {"chat_servers": ["ChatServer_1", "ChatServer_2"], "tenant": "Environment", "endpoint": "webme", "queue": None,
                                          "state": "absent"}),
                         (config_object, {"type": "CfgApplication", "name": "ChatServer_2", "tenant": None, "folder": None, "properties": None, "annex": None,
                                          "options": {"endpoints:1": {"webme": None}}, "state": "present"})):
        with pytest.raises(InvalidInput, match="endpoint 'webme' of tenant 'Environment' can't be removed"):
            rule(context_of(gateway, whole=False), params)
    assert gateway.writes() == []


def test_an_endpoint_of_another_chat_server_or_of_that_name_elsewhere_may_go():
    gateway = deployed("Web Engagement 8.1.2", ["ChatServer_2"])
    apply_solution(gateway, changed({"default": "Chat_In"}, endpoints={"webme": None}))
    assert (endpoints_of(gateway, "ChatServer_1"), endpoints_of(gateway, "ChatServer_2")["webme"]) == ({"default": "Chat_In"}, "Webengagement_Chat")
    for value in ("101:webme", "1:default", "webme"):
        gateway.named("CfgApplication", "User")["options"] = option_list({"service:wes": {QUEUE_KEY: value}})
        assert plan_solution(gateway, changed({"webme": None}))[0]


def test_who_names_it_may_change_over_in_the_same_run():
    gateway = deployed("Web Engagement 8.1.2", ["ChatServer_1"])
    channel = {"backend_server": "User", "queue": "Other_In", "endpoint": "web"}
    content = dict(changed({"webme": None, "web": "Other_In"}), web_engagement=[channel])
    apply_solution(gateway, content)
    assert endpoints_of(gateway, "ChatServer_1") == {"default": "Chat_In", "web": "Other_In"}
    options = {entry["key"]: entry["value"] for entry in gateway.named("CfgApplication", "User")["options"]["property"]}
    assert options[QUEUE_KEY] == "1:web"
    assert not plan_solution(gateway, content)[0]


def test_a_channel_that_is_taken_away_leaves_what_gms_names():
    gateway = deployed("GMS", ["ChatServer_1"])
    gateway.add("CfgApplication", 151, "W", **application(
        USERS["Web Engagement 8.1.2"][0], options=USERS["Web Engagement 8.1.2"][1], connections=[(gateway.named("CfgApplication", "ChatServer_1")["dbid"],)]))
    params = {"state": "absent", "tenant": "Environment", "backend_server": "W", "chat_servers": None, "release": None, "endpoint": "webme"}
    with pytest.raises(InvalidInput, match="is named by 'User' "):
        wes_chat_channel(context_of(gateway), params)
    gateway.named("CfgApplication", "User")["options"] = option_list({})
    assert len(wes_chat_channel(context_of(gateway), params)) == 2


def test_the_module_renames():
    params = {"chat_servers": ["ChatServer_1"], "tenant": "Environment", "endpoint": "web", "queue": "Other_In", "renamed_from": "webme", "state": "present"}
    (item,) = chat_endpoint(context_of(deployed()), params)
    assert (item.leaves, item.absent) == ({("options", "endpoints:1", "web"): "Other_In"}, {("options", "endpoints:1", "webme")})
    for former, message in (("web", "renamed_from: 'web' is also the new name"), ("default", "without a default endpoint")):
        with pytest.raises(InvalidInput, match=message):
            chat_endpoint(context_of(deployed()), dict(params, renamed_from=former))


# --- a queue is a single value --------------------------------------------------------------------------------------------

NO_SINGLE_VALUES = [(["Chat_In"], "list"), ({"queue": "Chat_In"}, "dict"), ([], "list"), ({}, "dict")]


@pytest.mark.parametrize(("value", "kind"), NO_SINGLE_VALUES)
@pytest.mark.parametrize("given", [lambda value: changed({"default": value}), lambda value: changed({}, endpoints={"webme": value}),
                                   lambda value: changed({}, tenant_endpoints={"Environment": {"webme": value}})])
def test_a_list_or_a_mapping_is_no_queue(value, kind, given):
    with pytest.raises(InvalidInput, match=f"endpoint '(default|webme)' must be a single value, got {kind}"):
        plan_solution(deployed(), given(value))


@pytest.mark.parametrize(("value", "kind"), NO_SINGLE_VALUES)
def test_a_list_or_a_mapping_is_no_ucs(value, kind):
    params = {"pairs": [{"primary": "UCS_1", "backup": "UCS_2"}], "chat_servers": None, "pins": {"ChatServer_1": value}, "addp": None, "redundancy_type": None}
    with pytest.raises(InvalidInput, match=f"pins: 'ChatServer_1' must be a single value, got {kind}"):
        chat_server_groups(context_of(deployed()), params)
