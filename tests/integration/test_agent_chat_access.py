# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Access of agents to chat: given, taken, told; through the modules and as a part of the description, on the objects of the sandbox."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from integration.agents import (
    PRIVILEGE,
    VOICE_DOCUMENT,
    WIZARD_COMPILED,
    WIZARD_DOCUMENT,
    annex,
    furnish_agents,
    limits,
    make_group,
    make_person,
    make_role,
    make_rule,
    members,
    rule_of,
)
from integration.configured_site import Site, solution
from integration.convergence import Work, killed_at, shortcomings, undisturbed
from integration.test_config_lifecycle import step
from integration.test_config_restore import play

from sandbox.gax.dialects import DIALECTS

TENANT: dict[str, Any] = {"tenant": "Environment"}
ACCESS: dict[str, Any] = {**TENANT, "role": "Chat Agents", "privileges": PRIVILEGE, "agent_groups": ["Chat_Agents"], "capacity_rule": "Wizard_Rule"}
ROLE, DEFAULT = ("update", "CfgRole", "Chat Agents"), ("update", "CfgTenant", "Environment")


@pytest.fixture
def staffed(furnished: Site) -> Site:
    """A chat solution with agents, groups, a place, a role without chat, and a capacity rule that admits chat."""
    furnish_agents(furnished)
    return furnished


@pytest.fixture
def equipped(staffed: Site) -> Site:
    """The same, with a role for chat that nobody is in but a person."""
    make_role(staffed, "Chat Agents", [("CfgPerson", "dirk")], {**PRIVILEGE, "other": {"a": "b"}})
    return staffed


def classes_read(site: Site) -> set[str]:
    """Return the classes that the last run asked for."""
    return {entry["type"] for entry in site.sandbox.requests("gax") if entry["type"]}


def test_a_group_and_the_tenant(staffed: Site) -> None:
    """Given, given to another group, taken from one, and from the tenant; each once and again. Persons are not read."""
    site = staffed
    step(site, "agent_chat_access", [("create", "CfgRole", "Chat Agents"), DEFAULT], **ACCESS)
    assert "CfgPerson" not in classes_read(site)
    assert members(site, "Chat Agents") == {("CFGAgentGroup", "Chat_Agents")}
    assert site.sandbox.options("CfgRole", "Chat Agents", "userproperties") == PRIVILEGE
    assert rule_of(site, "CfgTenant", "Environment") == "Wizard_Rule"
    step(site, "agent_chat_access", [ROLE], **{**ACCESS, "privileges": None, "agent_groups": ["Others"]})
    assert members(site, "Chat Agents") == {("CFGAgentGroup", "Chat_Agents"), ("CFGAgentGroup", "Others")}
    step(site, "agent_chat_access", [ROLE], **TENANT, role="Chat Agents", agent_groups=["Chat_Agents"], state="absent")
    assert members(site, "Chat Agents") == {("CFGAgentGroup", "Others")}
    taken: dict[str, Any] = {**TENANT, "capacity_rule": "Wizard_Rule", "state": "absent"}
    site.refuses("agent_chat_access", "capacity_for", "nobody of tenant 'Environment'", "allow_disruption", **taken)
    step(site, "agent_chat_access", [DEFAULT], **taken, allow_disruption=["Wizard_Rule"])
    assert rule_of(site, "CfgTenant", "Environment") == ""


def test_persons_on_request(equipped: Site) -> None:
    """Each gets the rule as their own and is in the role; those of others stay."""
    site = equipped
    make_rule(site, "Another")
    carla = site.dbid("CfgPerson", "carla")
    site.sandbox.edit("CfgPerson", "carla", capacityruledbid=site.dbid("CfgScript", "Another"))
    access: dict[str, Any] = {**TENANT, "role": "Chat Agents", "persons": ["anna", "ben"], "capacity_rule": "Wizard_Rule", "capacity_for": "persons"}
    step(site, "agent_chat_access", [ROLE, ("update", "CfgPerson", "anna"), ("update", "CfgPerson", "ben")], **access)
    assert [rule_of(site, "CfgPerson", name) for name in ("anna", "ben", "carla", "dirk")] == ["Wizard_Rule", "Wizard_Rule", "Another", ""]
    assert members(site, "Chat Agents") == {("CFGPerson", name) for name in ("anna", "ben", "dirk")}
    assert site.sandbox.options("CfgRole", "Chat Agents", "userproperties") == {**PRIVILEGE, "other": {"a": "b"}}
    taken = {**access, "persons": ["anna", "carla"], "state": "absent"}
    step(site, "agent_chat_access", [ROLE, ("update", "CfgPerson", "anna")], **taken)
    assert [rule_of(site, "CfgPerson", name) for name in ("anna", "ben", "carla")] == ["", "Wizard_Rule", "Another"]
    assert members(site, "Chat Agents") == {("CFGPerson", name) for name in ("ben", "dirk")} and site.dbid("CfgPerson", "carla") == carla


def test_taken_from_who_is_gone_or_no_agent_any_more(equipped: Site) -> None:
    """Who is gone is told, since it may be a typing error; the others lose it."""
    site = equipped
    access: dict[str, Any] = {**TENANT, "role": "Chat Agents", "agent_groups": ["Chat_Agents"], "persons": ["anna", "ben"], "capacity_rule": "Wizard_Rule",
                              "capacity_for": "persons"}
    site.ok("agent_chat_access", **access)
    site.sandbox.delete("CfgAgentGroup", "Chat_Agents")
    site.sandbox.delete("CfgPerson", "anna")
    site.sandbox.edit("CfgPerson", "ben", isagent="CFGFalse")
    outcome = site.ok("agent_chat_access", warns=True, **access, state="absent")
    assert site.writes() == [ROLE, ("update", "CfgPerson", "ben")] and rule_of(site, "CfgPerson", "ben") == ""
    assert all(any(words in text for text in outcome.warnings) for words in ("no agent group named 'Chat_Agents'", "no person with the user name 'anna'"))
    site.refuses("agent_chat_access", "persons: 'seller' belongs to tenant 'Sales'", **{**access, "persons": ["seller"]}, state="absent")
    assert not site.ok("agent_chat_access", warns=True, **access, state="absent").changed


@pytest.mark.parametrize(("given", "told"), [
    ({"role": "chat agents", "agent_groups": ["Chat_Agents"]}, "role: there is no role named 'chat agents' in tenant 'Environment'"),
    ({"role": "Chat Agent", "persons": ["dirk"]}, "role: there is no role named 'Chat Agent' in tenant 'Environment'"),
    ({"capacity_rule": "Wizard_Rul"}, "capacity_rule: there is no capacity rule named 'Wizard_Rul' in tenant 'Environment'"),
    ({"capacity_rule": "wizard_rule", "capacity_for": "persons", "persons": ["anna"]}, "capacity_rule: there is no capacity rule named 'wizard_rule'"),
])
def test_a_role_or_rule_that_is_not_there_is_told(equipped: Site, given: dict[str, Any], told: str) -> None:
    """It may be a typing error, and then nobody has lost anything."""
    outcome = equipped.ok("agent_chat_access", warns=True, **TENANT, **given, state="absent")
    meant = "Chat Agents" if "role" in given else "Wizard_Rule"
    assert not outcome.changed and len(outcome.warnings) == 1
    assert told in outcome.warnings[0] and f"so there is nothing to take; did you mean '{meant}'?" in outcome.warnings[0]


def test_groups_have_a_rule_of_their_own(staffed: Site) -> None:
    access: dict[str, Any] = {**TENANT, "agent_groups": ["Others"], "capacity_rule": "Wizard_Rule", "capacity_for": "agent_groups"}
    step(staffed, "agent_chat_access", [("update", "CfgAgentGroup", "Others")], **access)
    assert (rule_of(staffed, "CfgAgentGroup", "Others"), rule_of(staffed, "CfgAgentGroup", "Chat_Agents")) == ("Wizard_Rule", "")
    step(staffed, "agent_chat_access", [("update", "CfgAgentGroup", "Others")], **access, state="absent")
    assert rule_of(staffed, "CfgAgentGroup", "Others") == ""


def test_the_privilege_is_learnt_from_another_role(equipped: Site) -> None:
    step(equipped, "agent_chat_access", [("create", "CfgRole", "New")], **TENANT, role="New", agent_groups=["Others"])
    assert equipped.sandbox.options("CfgRole", "New", "userproperties") == PRIVILEGE


def test_what_is_previewed_is_written(staffed: Site) -> None:
    """Also in the whole solution, with a rule that the same run makes; and then it is described and changes nothing."""
    rule = {"name": "Two_chats", "capacity": {"chat": 2}}
    access = {key: value for key, value in {**ACCESS, "capacity_rule": "Two_chats", "persons": ["dirk"]}.items() if key != "tenant"}
    content = solution(capacity_rules=[rule], agents=[access])
    before = staffed.sandbox.database()
    prediction = staffed.ok("chat_solution", check=True, solution=content)
    assert staffed.sandbox.database() == before and staffed.writes() == []
    real = staffed.ok("chat_solution", solution=content)
    assert prediction.changes == real.changes
    assert [(change["action"], change["type"], change["name"]) for change in real.changes] == staffed.writes()
    assert members(staffed, "Chat Agents") == {("CFGAgentGroup", "Chat_Agents"), ("CFGPerson", "dirk")}
    assert not staffed.ok("chat_solution", solution=content).changed
    info = staffed.ok("chat_solution_info", tenant="Environment").result
    assert "CfgPerson" not in classes_read(staffed)
    assert info["solution"]["agents"] == [{"role": "Chat Agents", "agent_groups": ["Chat_Agents"]}]
    assert [(item["name"], item["part"]) for item in info["left_out"]] == [("Chat Agents", "agents")]
    assert not staffed.ok("chat_solution", solution=info["solution"]).changed


def test_the_way_back(equipped: Site) -> None:
    who: dict[str, Any] = {"persons": ["anna"], "agent_groups": ["Others"]}
    access = {**TENANT, "role": "Chat Agents", **who, "capacity_rule": "Wizard_Rule", "capacity_for": "persons"}
    before = equipped.sandbox.database()
    snapshot = equipped.ok("agent_chat_access", **access).result["snapshot"]
    equipped.ok("config_restore", path=snapshot)
    assert equipped.sandbox.database() == before


@pytest.mark.parametrize("dialect", sorted(DIALECTS))
def test_in_every_dialect(equipped: Site, dialect: str) -> None:
    """A new rule, a new role and a person, however GAX answers: the same comes of it, and nothing that was read is lost."""
    site = equipped
    site.sandbox.dialect(dialect)
    for count in (4, 5):
        rule = {"name": "Chats", "capacity": {"chat": count}, "places": ["Place_1"]}
        access = {"role": "New", "agent_groups": ["Others"], "persons": ["anna"], "capacity_rule": "Chats", "capacity_for": "persons"}
        content = {"tenant": "Environment", "capacity_rules": [rule], "agents": [access]}
        site.ok("chat_solution", solution=content)
        assert all(entry["applied"] and not entry.get("lost_fields") and not entry.get("ignored_fields") for entry in site.sandbox.writes())
        assert site.writes() and not site.ok("chat_solution", solution=content).changed
        assert limits(site, "Chats") == {"chat": [[("chat", count)]]} and site.sandbox.options("CfgRole", "New", "userproperties") == PRIVILEGE
    assert (rule_of(site, "CfgPerson", "anna"), rule_of(site, "CfgPlace", "Place_1")) == ("Chats", "Chats")
    assert members(site, "New") == {("CFGAgentGroup", "Others"), ("CFGPerson", "anna")}
    assert told(site, persons=["anna"])["anna"]["chats"] == 5


def test_killed_around_each_write(equipped: Site) -> None:
    """Running again ends as if nothing had happened: no second rule, no second role, no member twice."""
    start = equipped.sandbox.database()
    rule = {"name": "Chats", "capacity": {"chat": 4}, "tenant_default": True}
    access = {"role": "New", "agent_groups": ["Others"], "persons": ["anna"], "capacity_rule": "Chats", "capacity_for": "persons"}
    desk = {"level": "group", "name": "Others", "options": {"chat.nickname": "Web"}, "other_channels": ["email"], "separator": ","}
    content = {"tenant": "Environment", "capacity_rules": [rule], "agents": [access], "workspace": [desk]}
    work = Work("", (("chat_solution", {"solution": content}),))
    done = undisturbed(equipped, {"": start}, work)
    places = [number for number, entry in enumerate(done.requests[0], 1) if entry["write"]]
    assert len(places) == 5
    for number in places:
        killed_at(equipped, work, start, (0, number, "during"))
        assert shortcomings(equipped, work, done.database) == [], f"killed at {number}"


# bad input: nothing is written, and the rule is named


def without_members(site: Site) -> None:
    site.sandbox.edit("CfgRole", "Supervisors", members={"rolemember": []})


def without_chat(site: Site) -> None:
    make_rule(site, "Voice_only", userproperties=annex(VOICE_DOCUMENT, ""))


def unreadable(site: Site) -> None:
    site.sandbox.edit("CfgScript", "Wizard_Rule", userproperties=annex(compiled=WIZARD_COMPILED[:-2]))


def as_it_is(_site: Site) -> None:
    """Nothing is wrong beside the arguments."""


BAD: dict[str, tuple[Any, tuple[str, ...], dict[str, Any]]] = {
    "a person who is no agent": (as_it_is, ("persons: 'boss'", "not an agent"), {"persons": ["anna", "boss"]}),
    "no such person": (as_it_is, ("persons: there is no person", "'ana'", "did you mean 'anna'?"), {"persons": ["ana"]}),
    "a person of another tenant": (as_it_is, ("persons: 'seller' belongs to tenant 'Sales'",), {"persons": ["seller"]}),
    "no such group": (as_it_is, ("agent_groups: there is no agent group named 'Chat_Agent'", "did you mean 'Chat_Agents'?"), {"agent_groups": ["Chat_Agent"]}),
    "no such rule": (as_it_is, ("capacity_rule: there is no capacity rule named 'Wizard_Rul'",), {"capacity_rule": "Wizard_Rul"}),
    "a rule without chat": (without_chat, ("capacity_rule", "'Voice_only' does not admit chat"), {"capacity_rule": "Voice_only"}),
    "a rule that can't be read": (unreadable, ("capacity_rule", "'Wizard_Rule' can't be read"), {}),
    "the key of the privilege is not known": (as_it_is, ("privileges must give", "Can Use Chat Channel", "metadata"), {"privileges": None}),
    "the form of members is not known": (without_members, ("role: how a role names its members is not known", "one member"), {}),
    "nothing to give": (as_it_is, ("give role, capacity_rule, or both",), {"role": None, "privileges": None, "capacity_rule": None}),
    "a role for nobody": (as_it_is, ("role needs agent_groups or persons",), {"agent_groups": None}),
    "a rule for nobody": (as_it_is, ("capacity_for is persons, and persons names nobody",), {"capacity_for": "persons"}),
    "members of no role": (as_it_is, ("agent_groups has no effect without a role",), {"role": None, "privileges": None}),
    "privileges of no role": (as_it_is, ("privileges are those of a role",), {"role": None}),
    "a privilege without a value": (as_it_is, ("privileges: section 'x'", "must map the keys"), {"privileges": {"x": "y"}}),
    "a privilege of nothing": (as_it_is, ("privileges: x/y must be the text", "got nothing"), {"privileges": {"x": {"y": None}}}),
    "a privilege of several values": (as_it_is, ("privileges: x/y must be the text", "got list"), {"privileges": {"x": {"y": ["z"]}}}),
    "for groups, but no rule": (as_it_is, ("capacity_for says for whom", "give capacity_rule too"), {"capacity_rule": None, "capacity_for": "agent_groups"}),
    "for persons, but no rule": (as_it_is, ("capacity_for says for whom", "or leave capacity_for out"), {"capacity_rule": None, "capacity_for": "persons"}),
    "another holder": (as_it_is, ("capacity_for", "agent_groups, persons"), {"capacity_for": "everybody"}),
}


@pytest.mark.parametrize(("spoil", "words", "changes"), BAD.values(), ids=BAD.keys())
def test_bad_input(staffed: Site, spoil: Any, words: tuple[str, ...], changes: dict[str, Any]) -> None:
    spoil(staffed)
    spec = {key: value for key, value in {**ACCESS, **changes}.items() if value is not None}
    for check in (True, False):
        staffed.refuses("agent_chat_access", *words, check=check, **spec)
    del spec["tenant"]
    staffed.refuses("chat_solution", *words, solution={"tenant": "Environment", "agents": [spec]})


def test_nobody_loses_a_rule_that_is_not_named(staffed: Site) -> None:
    spec = {**TENANT, "role": "Supervisors", "agent_groups": ["Others"], "capacity_for": "agent_groups", "state": "absent"}
    staffed.refuses("agent_chat_access", "capacity_for says for whom a capacity rule counts", "give capacity_rule too", **spec)


def test_a_batch_of_nothing(staffed: Site) -> None:
    staffed.refuses("agent_chat_access", "batch must be 1 or more, got 0", **ACCESS, batch=0)


# who has access, and who has not


def told(site: Site, **arguments: Any) -> dict[str, dict[str, Any]]:
    """Return what the module tells of each person."""
    outcome = site.ok("agent_chat_access_info", **TENANT, **arguments)
    assert site.writes() == [] and not outcome.changed
    agents: list[dict[str, Any]] = outcome.result["agents"]
    assert outcome.result["with_access"] == sum(agent["access"] for agent in agents)
    assert outcome.result["with_access"] + outcome.result["without_access"] == len(agents)
    return {agent["name"]: agent for agent in agents}


def reasons(site: Site, name: str, **arguments: Any) -> str:
    """Return the reasons why a person has no access."""
    agent = told(site, persons=[name], **arguments)[name]
    assert agent["access"] is not bool(agent["reasons"])
    return " | ".join(agent["reasons"])


def test_who_has_access(equipped: Site) -> None:
    site = equipped
    before = told(site)
    assert list(before) == ["anna", "ben", "carla", "dirk"] and not any(agent["access"] for agent in before.values())
    site.ok("agent_chat_access", **TENANT, role="Chat Agents", agent_groups=["Chat_Agents"], capacity_rule="Wizard_Rule")
    after = told(site)
    assert {name: agent["access"] for name, agent in after.items()} == {"anna": True, "ben": True, "carla": False, "dirk": True}
    expected = {"roles": ["Chat Agents"], "agent_groups": ["Chat_Agents"], "capacity_rule": "Wizard_Rule", "capacity_of": "tenant", "chats": 2, "reasons": []}
    assert {key: after["anna"][key] for key in expected} == expected
    assert list(told(site, agent_groups=["Others"])) == ["carla"] and list(told(site, persons=["boss"], agent_groups=["Others"])) == ["boss", "carla"]


def test_every_reason_is_told(staffed: Site) -> None:
    """Each at once; each goes when it is put right."""
    site = staffed
    make_person(site, "emil", isagent="CFGFalse", state="CFGDisabled")
    found = told(site, persons=["emil"])["emil"]["reasons"]
    assert len(found) == 4
    for words, reason in zip(("not an agent", "disabled", "no role has a privilege that can be recognised", "built-in one counts"), found):
        assert words in reason
    site.sandbox.edit("CfgPerson", "emil", isagent="CFGTrue", state="CFGEnabled")
    make_role(site, "Chat Agents", [("CfgAgentGroup", "Others")], PRIVILEGE)
    assert "neither the person nor an agent group" in reasons(site, "emil")
    make_role(site, "Half", [("CfgPerson", "emil")], {"sandbox-privileges": {"Sandbox.Chat.canUseEmojis": "1"}})
    assert "role 'Half' has privileges of chat, but not 'Chat - Can Use Chat Channel'" in reasons(site, "emil")
    web_edition = {"interaction-workspace": {"privilege.chat.can-use": "true"}}
    site.sandbox.edit("CfgPerson", "emil", annex=web_edition, capacityruledbid=site.dbid("CfgScript", "Wizard_Rule"))
    assert reasons(site, "emil") == ""
    assert "privilege" in reasons(site, "carla", privileges={"x": {"y": "z"}}) and "privilege" not in reasons(site, "carla", privileges=PRIVILEGE)


def test_which_capacity_rule_counts(equipped: Site) -> None:
    """Person before place before tenant; that of a group only where it makes no difference."""
    site = equipped
    voice = make_rule(site, "Voice_only", userproperties=annex(VOICE_DOCUMENT, ""))
    chat = site.dbid("CfgScript", "Wizard_Rule")
    site.sandbox.edit("CfgTenant", "Environment", defaultcapacityruledbid=chat)
    assert told(site, persons=["dirk"])["dirk"]["capacity_of"] == "tenant"
    make_group(site, "Third", "dirk", capacityruledbid=chat)
    assert told(site, persons=["dirk"])["dirk"]["access"]
    site.sandbox.edit("CfgTenant", "Environment", defaultcapacityruledbid=voice)
    assert "which one counts is not documented: 'Wizard_Rule' of the agent group does; 'Voice_only' of the tenant does not" in reasons(site, "dirk")
    site.sandbox.edit("CfgPlace", "Place_1", capacityruledbid=chat)
    site.sandbox.edit("CfgPerson", "dirk", placedbid=site.dbid("CfgPlace", "Place_1"))
    assert told(site, persons=["dirk"])["dirk"]["capacity_of"] == "place"
    site.sandbox.edit("CfgPerson", "dirk", capacityruledbid=voice)
    assert reasons(site, "dirk") == "the capacity rule 'Voice_only' of the person does not admit chat"
    broken = {"NOT": annex(WIZARD_DOCUMENT.replace('<ElementaryRule media="chat" capacity="2"/>', '<ComplexCondition type="NOT"/>'), ""),
              "disagree": annex(compiled=WIZARD_COMPILED.replace("010102", "010103"))}
    for word, content in broken.items():
        site.sandbox.edit("CfgScript", "Voice_only", userproperties=content)
        assert "'Voice_only' of the person can't be read" in reasons(site, "dirk") and word in reasons(site, "dirk")


def test_who_is_asked_about_must_be_there(staffed: Site) -> None:
    staffed.refuses("agent_chat_access_info", "persons: there is no person named 'ana'", "'anna'", **TENANT, persons=["ana"])
    staffed.refuses("agent_chat_access_info", "agent_groups: there is no agent group named 'Nobody'", **TENANT, agent_groups=["Nobody"])


# many persons, told in batches: through the action plugin


@pytest.mark.slow
def test_progress_in_batches(equipped: Site, tmp_path: Path) -> None:
    """What is wrong with one of many is refused before the first is written; the batches together are what was previewed; a repeat run only looks."""
    site = equipped
    names = [f"agent{number}" for number in range(1, 6)]
    for name in names:
        make_person(site, name)
    access = {**TENANT, "role": "Chat Agents", "persons": names, "capacity_rule": "Wizard_Rule", "capacity_for": "persons", "batch": 2, **site.connection}
    module = "genesys_engage.chat.agent_chat_access"
    tasks: list[dict[str, Any]] = [
        {module: {**access, "persons": [*names, "boss"]}, "register": "wrong", "ignore_errors": True},
        {module: access, "register": "first"},
        {module: access, "register": "again"},
        {"ansible.builtin.copy": {"content": "{{ [wrong, first, again] | to_json }}", "dest": str(tmp_path / "results.json"), "mode": "0600"}},
    ]
    book = tmp_path / "play.yml"
    book.write_text(yaml.safe_dump([{"hosts": "genesys_configuration", "gather_facts": False, "tasks": tasks}]), encoding="utf-8")
    site.sandbox.clear()
    code, output = play(site, tmp_path, str(book))
    assert code == 0, output
    wrong, first, again = json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))
    assert "persons: 'boss' is a person, but not an agent" in wrong["msg"] and output.count("persons: 'boss'") >= 1
    assert [line for line in output.splitlines() if line.startswith("agent_chat_access: ")] == [f"agent_chat_access: {done} of 5 persons" for done in (2, 4, 5)]
    expected = [ROLE, *(("update", "CfgPerson", name) for name in names)]
    assert site.writes() == expected == [(change["action"], change["type"], change["name"]) for change in first["changes"]]
    assert first["changed"] and len(first["snapshots"]) == 4 and first["snapshot"] == first["snapshots"][-1]
    assert (again["changed"], again["changes"]) == (False, [])
    assert {rule_of(site, "CfgPerson", name) for name in names} == {"Wizard_Rule"} and members(site, "Chat Agents") >= {("CFGPerson", name) for name in names}
