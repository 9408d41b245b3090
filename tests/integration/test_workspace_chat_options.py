# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options of chat in Workspace, at each level, on the objects of the sandbox."""

from __future__ import annotations

from typing import Any

import pytest
from integration.configured_site import Site, solution
from integration.test_config_check_mode import predicted_and_done
from integration.test_config_lifecycle import step

SECTION = "interaction-workspace"
CHANNELS = "openmedia.workitem-channels"
MODULE = "workspace_chat_options"
SHIPPED = {"login.prompt-place": "false", "chat.auto-answer": "false"}
#: Level -> class, name, what holds its options.
PLACES = {
    "application": ("CfgApplication", "Workspace", "options"),
    "tenant": ("CfgTenant", "Environment", "userproperties"),
    "group": ("CfgAgentGroup", "Web_Agents", "userproperties"),
    "person": ("CfgPerson", "j.doe", "userproperties"),
}
WRITES = {level: [("update", class_name, name)] for level, (class_name, name, _field) in PLACES.items()}


@pytest.fixture
def desk(furnished: Site) -> Site:
    """A solution with a Workspace application, an agent group, and one agent in it; of chat there is only what the template brings."""
    sandbox = furnished.sandbox
    shipped = [{"section": SECTION, "key": key, "value": value} for key, value in SHIPPED.items()]
    template = sandbox.create(
        "CfgAppPrototype", name="Workspace Desktop 8.5", subtype="CFGInteractionWorkspace", version="8.5.150.00", options={"property": shipped}
    )
    own = {"property": [*shipped, {"section": SECTION, "key": CHANNELS, "value": "workitem, fax"}]}
    for name in ("Workspace", "Workspace_of_Sales"):
        tenant = {"id": [{"dbid": "1" if name == "Workspace" else "101"}]}
        sandbox.create(
            "CfgApplication", name=name, appprototypedbid=template["dbid"], autorestart="CFGFalse", tenantdbids=tenant, options=own
        )
    person = sandbox.create("CfgPerson", username="j.doe", employeeid="j.doe", tenantdbid="1", isagent="CFGTrue")
    sandbox.create("CfgPerson", username="s.sales", employeeid="s.sales", tenantdbid="101", isagent="CFGTrue")
    sandbox.create("CfgAgentGroup", name="Web_Agents", tenantdbid="1", agentdbids={"id": [{"dbid": person["dbid"]}]})
    return furnished


def at(level: str, **more: Any) -> dict[str, Any]:
    """The arguments for one level."""
    name = {} if level == "tenant" else {"name": PLACES[level][1]}
    return {"tenant": "Environment", "level": level, **name, **more}


def values(site: Site, level: str) -> dict[str, str]:
    """What the section of Workspace has at a level."""
    class_name, name, field = PLACES[level]
    return site.sandbox.options(class_name, name, field).get(SECTION, {})


def put(site: Site, level: str, value: str | None) -> None:
    """Set the list of channels at a level past the modules."""
    class_name, name, field = PLACES[level]
    site.sandbox.edit(class_name, name, **{"annex" if field == "userproperties" else "options": {SECTION: {CHANNELS: value}}})


def others(site: Site) -> list[dict[str, Any]]:
    """The objects that are no place of Workspace's options."""
    objects: dict[str, list[dict[str, Any]]] = site.sandbox.database()["objects"]
    mine = {(class_name, name) for class_name, name, _field in PLACES.values()}
    return [value for values in objects.values() for value in values if (value["type"], value.get("name") or value.get("username")) not in mine]


@pytest.mark.parametrize("level", PLACES)
def test_create_change_remove(desk: Site, level: str) -> None:
    """At each level: chat joins the list that is there or above, options are set and changed; both go again and nothing is left."""
    around = others(desk)
    kept = SHIPPED if level == "application" else {}
    options = {"chat.on-hold-queue": "Chat_In", "chatserver.example": True}
    step(desk, MODULE, WRITES[level], **at(level, options=options))
    assert values(desk, level) == {**kept, CHANNELS: "workitem, fax, chat", "chat.on-hold-queue": "Chat_In", "chatserver.example": "true"}
    step(desk, MODULE, WRITES[level], **at(level, options={"chat.on-hold-queue": None, "chatserver.example": 5}))
    assert values(desk, level) == {**kept, CHANNELS: "workitem, fax, chat", "chatserver.example": "5"}
    step(desk, MODULE, WRITES[level], **at(level, options={"chatserver.example": None}, state="absent"))
    assert values(desk, level) == {**kept, **({CHANNELS: "workitem, fax"} if level == "application" else {})}
    assert others(desk) == around
    assert {place: values(desk, place) for place in PLACES if place != level} == {
        place: ({**SHIPPED, CHANNELS: "workitem, fax"} if place == "application" else {}) for place in PLACES if place != level}


# the list of channels


@pytest.mark.parametrize(("level", "found", "expected"), [
    ("application", "", "chat"),
    ("application", " fax | chat", " fax | chat"),
    ("person", "fax", "fax, chat"),
], ids=["empty", "there already", "a separator learned from the application"])
def test_the_list_keeps_its_values_and_its_form(desk: Site, level: str, found: str, expected: str) -> None:
    put(desk, level, found)
    step(desk, MODULE, WRITES[level] if found != expected else [], **at(level))
    assert values(desk, level)[CHANNELS] == expected


@pytest.mark.parametrize(("found", "expected"), [
    ("chat", ""), ("fax;chat;email", "fax;email"), ("webchat;chats", "webchat;chats"), ("workitem,chat,fax", None),
])
def test_chat_is_taken_out_and_nothing_else(desk: Site, found: str, expected: str | None) -> None:
    """Where the rest is what the level above has, the option goes, so that this level follows the one above again."""
    put(desk, "person", found)
    step(desk, MODULE, WRITES["person"] if found != expected else [], **at("person", state="absent"))
    assert values(desk, "person").get(CHANNELS) == expected


def test_the_nearest_level_above_is_the_base(desk: Site) -> None:
    put(desk, "tenant", "email;fax")
    step(desk, MODULE, WRITES["group"], **at("group"))
    assert values(desk, "group")[CHANNELS] == "email;fax;chat"
    step(desk, MODULE, [], **at("person"))
    assert CHANNELS not in values(desk, "person"), "the group's list has chat already"
    put(desk, "group", "sms;fax")
    step(desk, MODULE, WRITES["person"], **at("person"))
    assert values(desk, "person")[CHANNELS] == "sms;fax;chat"


def test_a_list_that_is_nowhere_is_asked_for(desk: Site) -> None:
    put(desk, "application", None)
    for level in PLACES:
        desk.refuses(MODULE, CHANNELS, "its default is not known", "give the values beside chat as other_channels, [] for none", **at(level))
    desk.refuses(MODULE, "separator: no list of the tenant or of a Workspace application shows how", **at("group", other_channels=["workitem"]))
    step(desk, MODULE, WRITES["group"], **at("group", other_channels=["workitem", "fax"], separator=";"))
    assert values(desk, "group")[CHANNELS] == "workitem;fax;chat"
    step(desk, MODULE, WRITES["application"], **at("application", other_channels=[]))
    assert values(desk, "application")[CHANNELS] == "chat"
    step(desk, MODULE, [], **at("person", separator=";"))


def test_given_channels_go_before_those_above(desk: Site) -> None:
    step(desk, MODULE, WRITES["person"], **at("person", other_channels=["sms"]))
    assert values(desk, "person")[CHANNELS] == "sms, chat"
    step(desk, MODULE, [], **at("person", other_channels=["email"]))


def test_which_application_the_agents_use(desk: Site) -> None:
    """Two Workspace applications of the tenant with different lists: the user says which one counts."""
    desk.sandbox.edit("CfgApplication", "Workspace_of_Sales", tenantdbids={"id": [{"dbid": "1"}]}, options={SECTION: {CHANNELS: "email"}})
    desk.refuses(MODULE, "is not clear", "'workitem, fax' at application 'Workspace'", "'email' at application 'Workspace_of_Sales'", "inherits_from",
                 **at("tenant"))
    step(desk, MODULE, WRITES["tenant"], **at("tenant", inherits_from="Workspace_of_Sales"))
    assert values(desk, "tenant")[CHANNELS] == "email, chat"
    put(desk, "tenant", None)
    desk.sandbox.edit("CfgApplication", "Workspace_of_Sales", options={SECTION: {CHANNELS: None}})
    desk.refuses(MODULE, "is not clear", "and none at others", **at("tenant"))


def test_a_person_in_two_groups(desk: Site) -> None:
    dbid = desk.dbid("CfgPerson", "j.doe")
    desk.sandbox.create("CfgAgentGroup", name="Others", tenantdbid="1", agentdbids={"id": [{"dbid": dbid}]})
    put(desk, "group", "fax;sms")
    step(desk, MODULE, WRITES["person"], **at("person"))
    assert values(desk, "person")[CHANNELS] == "fax;sms;chat"
    put(desk, "person", None)
    desk.sandbox.edit("CfgAgentGroup", "Others", annex={SECTION: {CHANNELS: "email;sms"}})
    desk.refuses(MODULE, "is not clear", "'fax;sms' at agent group 'Web_Agents'", "'email;sms' at agent group 'Others'", **at("person"))


def test_the_list_may_be_left_alone(desk: Site) -> None:
    step(desk, MODULE, WRITES["person"], **at("person", chat_channel=False, options={"chat.nickname": "Jo"}))
    assert values(desk, "person") == {"chat.nickname": "Jo"}
    put(desk, "person", "chat")
    step(desk, MODULE, WRITES["person"], **at("person", chat_channel=False, options={"chat.nickname": None}, state="absent"))
    assert values(desk, "person") == {CHANNELS: "chat"}


# previews, what is refused


@pytest.mark.parametrize("level", PLACES)
def test_what_is_previewed_is_written(desk: Site, level: str) -> None:
    done = predicted_and_done(desk, MODULE, **at(level, options={"chat.nickname": "Chat"}))
    field = "options" if level == "application" else "annex"
    assert done.changes[0]["after"] == {field: {SECTION: {CHANNELS: "workitem, fax, chat", "chat.nickname": "Chat"}}}
    assert predicted_and_done(desk, MODULE, **at(level, options={"chat.nickname": ""}, state="absent")).changed


BAD: dict[str, tuple[dict[str, Any], tuple[str, ...]]] = {
    "unknown person": (at("person", name="j.do"), ("name: there is no person named 'j.do'", "did you mean 'j.doe'?")),
    "unknown group": (at("group", name="Web_Agent"), ("name: there is no agent group named 'Web_Agent' in tenant 'Environment'", "'Web_Agents'?")),
    "unknown application": (at("application", name="Desk"), ("name: there is no application named 'Desk'",)),
    "unknown tenant": (at("tenant", tenant="Nowhere"), ("tenant: there is no tenant named 'Nowhere'",)),
    "a group of another tenant": (at("group", tenant="Sales"), ("no agent group named 'Web_Agents' in tenant 'Sales'",)),
    "a person of another tenant": (at("person", name="s.sales"), ("person 's.sales' belongs to tenant 'Sales', not to 'Environment'",)),
    "no name": (at("group", name=None), ("name: the group must be named",)),
    "a name beside the tenant's": (at("tenant", name="Sales"), ("name: with level tenant it is the tenant's own, 'Environment'",)),
    "a server": (at("application", name="ChatServer_1"), ("'ChatServer_1' is of type CFGChatServer, so it is no Workspace application",)),
    "a Solution Control Server": (at("application", name="SolutionControlServer"), ("name: application 'SolutionControlServer' is of type CFGSCS, so it is",)),
    "a GMS node": (at("application", name="GMS_1"), ("'GMS_1' is of type CFGGenericServer, and has no section interaction-workspace",)),
    "Configuration Manager": (at("application", name="default"), ("'default' is of type CFGSCE, so it is no Workspace application",)),
    "the utility of the installer": (at("application", name="ITCUtility"), ("'ITCUtility' is of type CFGITCUtility, so it is no Workspace application",)),
    "unknown level": ({**at("tenant"), "level": "team"}, ("level must be one of application, tenant, group, person, got 'team'",)),
    "a list for a scalar": (at("tenant", options={"chat.nickname": ["a", "b"]}), ("options: chat.nickname must be a single value, got list",)),
    "a mapping for a scalar": (at("tenant", options={"chat.nickname": {"a": "b"}}), ("options: chat.nickname must be a single value, got dict",)),
    "a scalar for a mapping": (at("tenant", options="chat.nickname"), ("options must be a mapping, got text",)),
    "a scalar for a list": (at("tenant", other_channels="workitem"), ("other_channels must be a list, got text",)),
    "a list of mappings": (at("tenant", other_channels=[{"name": "fax"}]), ("other_channels must be names of media types",)),
    "two values in one": (at("tenant", other_channels=["fax,sms"]), ("other_channels must be names of media types", "'fax,sms'")),
    "a word as separator": (at("tenant", separator="and"), ("separator must be one of , ; | or a blank, got 'and'",)),
    "another separator than there is": (at("application", separator=";"), ("separator: ", "'workitem, fax', in which the values are not separated by ';'")),
    "the list as an option": (at("tenant", options={CHANNELS: "chat"}), (f"options: '{CHANNELS}' is a list, to which chat_channel adds chat",)),
    "an option of another kind": (at("tenant", options={"email.a": "x"}), ("'email.a' does not begin with 'chat.' or 'chatserver.'", "config_object")),
    "no queue": (at("tenant", options={"chat.on-hold-queue": "Chat_Im"}), ("options: chat.on-hold-queue", "'Chat_Im'", "did you mean 'Chat_In'?")),
    "a strategy for a queue": (at("tenant", options={"chat.on-hold-queue": "Legacy_Strategy"}), ("chat.on-hold-queue", "needs an Interaction Queue")),
    "unknown application to inherit from, which is not needed": (
        at("application", inherits_from="Desk"), ("inherits_from: there is no application named 'Desk'",)),
    "a server to inherit from": (at("group", inherits_from="ChatServer_1"), ("inherits_from: application 'ChatServer_1' is of type CFGChatServer",)),
    "unknown application to inherit from": (at("tenant", inherits_from="Desk"), ("inherits_from: there is no application named 'Desk'",)),
}


@pytest.mark.parametrize(("arguments", "words"), BAD.values(), ids=BAD.keys())
def test_bad_input(desk: Site, arguments: dict[str, Any], words: tuple[str, ...]) -> None:
    desk.refuses(MODULE, *words, **arguments)


@pytest.mark.parametrize(("found", "words"), [
    ("a,b;c", ("has more than one of , ; |", "correct that by hand")),
    ("a b", ("what separates its values can't be told from that", "give separator")),
])
def test_a_list_that_can_not_be_read_is_not_changed(desk: Site, found: str, words: tuple[str, ...]) -> None:
    put(desk, "application", found)
    desk.refuses(MODULE, f"'{found}'", *words, **at("application"))
    desk.refuses(MODULE, f"'{found}'", *words, **at("application", state="absent"))


def test_a_misspelt_option_is_told(desk: Site) -> None:
    outcome = desk.ok(MODULE, warns=True, **at("tenant", options={"chat.nicknam": "x"}))
    assert [text for text in outcome.warnings if "did you mean 'chat.nickname'?" in text]


def test_who_is_gone_has_nothing_to_lose(desk: Site) -> None:
    outcome = desk.ok(MODULE, warns=True, **at("person", name="j.do", state="absent"))
    assert not outcome.changed and "there is no person 'j.do'" in outcome.warnings[0] and "did you mean 'j.doe'?" in outcome.warnings[0]


# the description


LEVELS: list[dict[str, Any]] = [
    {"level": "person", "name": "j.doe", "options": {"chat.nickname": "Jo"}, "chat_channel": False},
    {"level": "group", "name": "Web_Agents", "options": {"chat.on-hold-queue": "Chat_Hold"}},
    {"level": "application", "name": "Workspace"},
    {"level": "tenant", "options": {"chat.nickname": "Chat"}},
]


def test_a_whole_description(desk: Site) -> None:
    """Levels in any order, with a queue that the same run makes; those below the application inherit what it gets in the same run."""
    described = solution(interaction_queues=["Chat_In", "Webengagement_Chat", "Chat_Hold"], workspace=LEVELS)
    done = predicted_and_done(desk, "chat_solution", solution=described)
    assert {change["name"] for change in done.changes} == {"Chat_Hold", "j.doe", "Web_Agents", "Workspace", "Environment"}
    assert {level: values(desk, level).get(CHANNELS) for level in PLACES} == {
        "application": "workitem, fax, chat", "tenant": None, "group": None, "person": None}
    assert values(desk, "group") == {"chat.on-hold-queue": "Chat_Hold"}


def test_the_way_back(desk: Site) -> None:
    """Applying what is told changes nothing. Persons are not told."""
    described = solution(workspace=[{**LEVELS[0]}, {**LEVELS[1], "options": {"chat.on-hold-queue": "Chat_In"}}, *LEVELS[2:]])
    desk.ok("chat_solution", solution=described)
    desk.sandbox.edit("CfgAgentGroup", "Web_Agents", annex={SECTION: {"chat.nickname": "Web", "chat.secret-token": "x", "email.nickname": "y"}})
    found = desk.ok("chat_solution_info", tenant="Environment").result
    assert found["solution"]["workspace"] == [
        {"level": "application", "name": "Workspace"},
        {"level": "tenant", "options": {"chat.nickname": "Chat"}, "chat_channel": False},
        {"level": "group", "name": "Web_Agents", "options": {"chat.nickname": "Web", "chat.on-hold-queue": "Chat_In"}, "chat_channel": False},
    ]
    assert not desk.ok("chat_solution", check=True, solution=found["solution"]).changed
    desk.sandbox.edit("CfgAgentGroup", "Web_Agents", annex={SECTION: {"chat.on-hold-queue": "Gone", CHANNELS: "a,b;c"}})
    found = desk.ok("chat_solution_info", tenant="Environment").result
    told = [item["reason"] for item in found["left_out"] if item["name"] == "Web_Agents"]
    assert len(told) == 2 and "chat.on-hold-queue is 'Gone', which is no Interaction Queue" in told[0] and "more than one of" in told[1]
    assert not desk.ok("chat_solution", check=True, solution=found["solution"]).changed


@pytest.mark.parametrize("level", PLACES)
def test_a_queue_in_which_workspace_puts_chats_stays(desk: Site, level: str) -> None:
    """The description whose end removes the queue does not have that level; without the option the queue goes."""
    described = {"tenant": "Environment", "interaction_queues": [{"name": "Chat_Hold"}]}
    desk.ok("chat_solution", solution=described)
    desk.ok(MODULE, **at(level, options={"chat.on-hold-queue": "Chat_Hold"}))
    done = predicted_and_done(desk, "chat_solution", solution=described, state="absent")
    assert not done.changed and desk.exists("CfgScript", "Chat_Hold")
    word = {"application": "application", "tenant": "tenant", "group": "agent group", "person": "person"}[level]
    assert [(item["name"], item["reason"]) for item in done.result["stays"]] == [
        ("Chat_Hold", f"chat.on-hold-queue of Workspace names it on {word} '{PLACES[level][1]}'; workspace_chat_options takes that away")]
    desk.ok(MODULE, **at(level, options={"chat.on-hold-queue": None}))
    assert predicted_and_done(desk, "chat_solution", solution=described, state="absent").changed and not desk.exists("CfgScript", "Chat_Hold")


def test_a_queue_goes_with_the_options_that_name_it(desk: Site) -> None:
    described = {"tenant": "Environment", "interaction_queues": [{"name": "Chat_Hold"}], "workspace": LEVELS}
    desk.ok("chat_solution", solution=described)
    done = predicted_and_done(desk, "chat_solution", solution=described, state="absent")
    assert done.changed and not desk.exists("CfgScript", "Chat_Hold")
    assert "Chat_Hold" not in [item["name"] for item in done.result["stays"]]


def test_the_verification_finds_a_list_without_chat(desk: Site) -> None:
    """As verify asks: what a preview of the description would write."""
    described = solution(workspace=LEVELS[2:3])
    desk.ok("chat_solution", solution=described)
    assert desk.ok("deployment_info", solution=described, differences=True, allow_disconnect=True).result["changes"] == []
    put(desk, "application", "workitem, fax")
    changes = desk.ok("deployment_info", solution=described, differences=True, allow_disconnect=True).result["changes"]
    assert [(change["name"], change["after"]) for change in changes] == [("Workspace", {"options": {SECTION: {CHANNELS: "workitem, fax, chat"}}})]


@pytest.mark.parametrize(("described", "words"), [
    ([{"level": "tenant"}, {"level": "person", "name": "j.do"}], ("workspace[1]: name: there is no person named 'j.do'",)),
    ([{"level": "tenant", "options": {"chat.nickname": ["a"]}}], ("workspace[0]: options: chat.nickname must be a single value",)),
    ([{"level": "tenant", "options": {"chat.nickname": "a"}}, {"level": "tenant", "options": {"chat.nickname": "b"}}],
     ("workspace[0] and workspace[1]: tenant 'Environment' is described twice",)),
    ([{"name": "j.doe"}], ("'level' is missing in solution.workspace[0]",)),
    (["j.doe"], ("solution.workspace[0] must be a mapping",)),
    ("j.doe", ("solution.workspace[0] must be a mapping",)),
    ({"level": "tenant"}, ("solution.workspace must be a list of mappings",)),
], ids=["unknown person", "list for a scalar", "two values", "no level", "a name", "text", "a mapping"])
def test_bad_descriptions(desk: Site, described: Any, words: tuple[str, ...]) -> None:
    for module in ("chat_solution", "deployment_info"):
        desk.refuses(module, *words, solution=solution(workspace=described))
