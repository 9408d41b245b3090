# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Capacity rules, through the module and as a part of the description, on the objects of the sandbox."""

from __future__ import annotations

from typing import Any

import pytest
from integration.agents import VOICE_DOCUMENT, WIZARD_COMPILED, WIZARD_DOCUMENT, annex, furnish_agents, limits, make_rule, rule_of
from integration.configured_site import Site, fails_well, solution
from integration.test_config_lifecycle import step

RULE: dict[str, Any] = {"tenant": "Environment", "name": "Three_chats", "capacity": {"chat": 3}}
CHAT_3 = {"chat": [[("chat", 3)]]}
WIZARD = {"voice": [[("voice", 1)]], "chat": [[("chat", 2)]]}
CREATE, UPDATE = (("create", "CfgScript", "Three_chats"), ("update", "CfgScript", "Three_chats"))


@pytest.fixture
def staffed(furnished: Site) -> Site:
    """A chat solution with agents, groups, a place, and a rule that a wizard made."""
    furnish_agents(furnished)
    return furnished


def test_create_change_remove(staffed: Site) -> None:
    site = staffed
    step(site, "chat_capacity_rule", [CREATE], **RULE)
    made = site.sandbox.object("CfgScript", "Three_chats")
    assert made is not None and made["subtype"] == "CFGCapacityRule" and limits(site, "Three_chats") == CHAT_3
    assert site.sandbox.options("CfgScript", "Three_chats", "userproperties")["_CRWizardMediaCapacityList_"] == {"chat": "0"}
    step(site, "chat_capacity_rule", [UPDATE], **{**RULE, "capacity": {"chat": 5, "email": 9}})
    assert limits(site, "Three_chats") == {"chat": [[("chat", 5)]], "email": [[("email", 9)]]}
    step(site, "chat_capacity_rule", [("delete", "CfgScript", "Three_chats")], tenant="Environment", name="Three_chats", state="absent")
    assert not site.exists("CfgScript", "Three_chats")


def test_a_rule_in_other_letters_is_told(staffed: Site) -> None:
    outcome = staffed.ok("chat_capacity_rule", warns=True, tenant="Environment", name="wizard_rule", state="absent")
    assert not outcome.changed and "so there is nothing to remove; did you mean 'Wizard_Rule'?" in outcome.warnings[0]
    step(staffed, "chat_capacity_rule", [], tenant="Environment", name="Wizard_Rul", state="absent")


def test_a_rule_of_a_wizard_is_compared_by_meaning(staffed: Site) -> None:
    """Its list says 50 for chat, its rule 2; what is not asked for stays as it is."""
    site = staffed
    assert limits(site, "Wizard_Rule") == WIZARD
    step(site, "chat_capacity_rule", [], tenant="Environment", name="Wizard_Rule", capacity={"chat": 2})
    step(site, "chat_capacity_rule", [("update", "CfgScript", "Wizard_Rule")], tenant="Environment", name="Wizard_Rule", capacity={"Chat": 4})
    assert limits(site, "Wizard_Rule") == {**WIZARD, "chat": [[("chat", 4)]]}
    sections = site.sandbox.options("CfgScript", "Wizard_Rule", "userproperties")
    assert sections["_CRWizardMediaCapacityList_"] == {"voice": "40", "chat": "50"}
    text = bytes.fromhex(sections["_WIZARD_"]["_CRWizardGUIPresentation_"])
    assert text[:-1].decode() == WIZARD_DOCUMENT.replace('capacity="2"', 'capacity="4"').replace('"/>', '" />')


def test_a_rule_without_chat_gets_it(staffed: Site) -> None:
    make_rule(staffed, "Voice_only", userproperties=annex(VOICE_DOCUMENT, ""))
    staffed.refuses("chat_capacity_rule", "capacity must have chat", "'Voice_only' does not admit chat", tenant="Environment", name="Voice_only")
    predicted = staffed.ok("chat_capacity_rule", tenant="Environment", name="Voice_only", capacity={"chat": 1})
    assert predicted.changes[0]["after"] == {"capacity": {"chat": 1}} and predicted.changes[0]["before"] == {}
    assert limits(staffed, "Voice_only") == {"voice": [[("voice", 1)]], "chat": [[("chat", 1)]]}


def test_assignment(staffed: Site) -> None:
    """To tenant, person, place and group, each once, and nobody else's is touched."""
    site = staffed
    everybody: dict[str, Any] = {"tenant_default": True, "persons": ["anna"], "places": ["Place_1"], "agent_groups": ["Others"]}
    holders = [("CfgTenant", "Environment"), ("CfgPerson", "anna"), ("CfgPlace", "Place_1"), ("CfgAgentGroup", "Others")]
    step(site, "chat_capacity_rule", [CREATE, *(("update", kind, name) for kind, name in holders)], **RULE, **everybody)
    assert [rule_of(site, kind, name) for kind, name in holders] == ["Three_chats"] * 4
    assert (rule_of(site, "CfgPerson", "ben"), rule_of(site, "CfgAgentGroup", "Chat_Agents"), rule_of(site, "CfgTenant", "Sales")) == ("", "", "")
    step(site, "chat_capacity_rule", [("update", "CfgTenant", "Environment")], **RULE, tenant_default=False)
    assert rule_of(site, "CfgTenant", "Environment") == ""
    absent: dict[str, Any] = {"tenant": "Environment", "name": "Three_chats", "state": "absent"}
    site.refuses("chat_capacity_rule", "'Three_chats' is in use by", "person 'anna'", "place 'Place_1'", "agent group 'Others'", "allow_disruption", **absent)
    step(site, "chat_capacity_rule", [("delete", "CfgScript", "Three_chats")], **absent, allow_disruption=["Three_chats"])
    assert rule_of(site, "CfgPerson", "anna") == ""


def test_what_is_previewed_is_written(staffed: Site) -> None:
    """With the words of the option, and not with bytes."""
    before = {"capacity": {"chat": 2}}
    done = staffed.ok("chat_capacity_rule", check=True, tenant="Environment", name="Wizard_Rule", capacity={"chat": 3}, tenant_default=True)
    assert (staffed.writes(), done.changes[0]["before"], done.changes[0]["after"]) == ([], before, {"capacity": {"chat": 3}})
    assert done.changes[1]["after"] == {"capacity_rule": "Wizard_Rule"}
    real = staffed.ok("chat_capacity_rule", tenant="Environment", name="Wizard_Rule", capacity={"chat": 3}, tenant_default=True)
    assert real.changes == done.changes and [(change["action"], change["type"], change["name"]) for change in real.changes] == staffed.writes()


def test_a_preview_of_the_whole_solution(staffed: Site) -> None:
    content = solution(capacity_rules=[{**RULE, "tenant_default": True, "agent_groups": ["Chat_Agents"]}])
    del content["capacity_rules"][0]["tenant"]
    prediction = staffed.ok("chat_solution", check=True, solution=content)
    real = staffed.ok("chat_solution", solution=content)
    assert prediction.changes == real.changes and [(change["action"], change["type"], change["name"]) for change in real.changes] == staffed.writes()
    assert (limits(staffed, "Three_chats"), rule_of(staffed, "CfgAgentGroup", "Chat_Agents")) == (CHAT_3, "Three_chats")
    assert not staffed.ok("chat_solution", solution=content).changed
    info = staffed.ok("chat_solution_info", tenant="Environment").result
    assert info["solution"]["capacity_rules"] == [
        {"name": "Three_chats", "capacity": {"chat": 3}, "tenant_default": True, "agent_groups": ["Chat_Agents"]},
        {"name": "Wizard_Rule", "capacity": {"voice": 1, "chat": 2}},
    ]
    assert not staffed.ok("chat_solution", solution=info["solution"]).changed


def test_the_way_back(staffed: Site) -> None:
    """A snapshot brings back the meaning of a changed rule, and the bytes of a removed one."""
    snapshot = staffed.ok("chat_capacity_rule", tenant="Environment", name="Wizard_Rule", capacity={"chat": 7, "email": 1}).result["snapshot"]
    staffed.ok("config_restore", path=snapshot)
    assert limits(staffed, "Wizard_Rule") == WIZARD
    sections = staffed.sandbox.options("CfgScript", "Wizard_Rule", "userproperties")
    snapshot = staffed.ok("chat_capacity_rule", tenant="Environment", name="Wizard_Rule", state="absent").result["snapshot"]
    staffed.ok("config_restore", path=snapshot)
    assert staffed.sandbox.options("CfgScript", "Wizard_Rule", "userproperties") == sections


def test_somebody_edits_meanwhile(staffed: Site) -> None:
    """The same number is a conflict; another medium's is kept."""
    match = {"method": "GET", "path_regex": f"CfgScript/{staffed.dbid('CfgScript', 'Wizard_Rule')}$"}
    for compiled, wins in ((WIZARD_COMPILED.replace("010102", "010106"), False), (WIZARD_COMPILED.replace("010001", "010009"), True)):
        content = {"_CRWizardBinaryPresentation_": compiled, "_CRWizardGUIPresentation_": None}
        staffed.sandbox.fault("edit", match, edit={"type": "CfgScript", "name": "Wizard_Rule", "annex": {"_WIZARD_": content}})
        outcome = staffed.run("chat_capacity_rule", tenant="Environment", name="Wizard_Rule", capacity={"chat": 3})
        if wins:
            assert limits(staffed, "Wizard_Rule") == {"voice": [[("voice", 9)]], "chat": [[("chat", 3)]]}
        else:
            fails_well(outcome, "capacity/chat", "'2'", "'6'", "'3'", "run again")
            staffed.sandbox.edit("CfgScript", "Wizard_Rule", userproperties=annex())


def damaged(site: Site) -> None:
    site.sandbox.edit("CfgScript", "Wizard_Rule", userproperties=annex(compiled=WIZARD_COMPILED[:-4]))


def disagreeing(site: Site) -> None:
    site.sandbox.edit("CfgScript", "Wizard_Rule", userproperties=annex(compiled=WIZARD_COMPILED.replace("010102", "010103")))


def negated(site: Site) -> None:
    inner = '<ElementaryRule media="chat" capacity="2"/>'
    text = WIZARD_DOCUMENT.replace(inner, f'<ComplexCondition type="NOT">{inner}</ComplexCondition>')
    site.sandbox.edit("CfgScript", "Wizard_Rule", userproperties=annex(text, ""))


def emptied(site: Site) -> None:
    site.sandbox.edit("CfgScript", "Wizard_Rule", userproperties={"property": []})


def without_rules(site: Site) -> None:
    site.sandbox.delete("CfgScript", "Wizard_Rule")


def of_another_tenant(site: Site) -> None:
    make_rule(site, "Three_chats", "Sales")


def as_it_is(_site: Site) -> None:
    """Nothing is wrong beside the arguments."""


EXISTING = {"name": "Wizard_Rule", "capacity": {"chat": 3}}
BAD: dict[str, tuple[Any, tuple[str, ...], dict[str, Any]]] = {
    "capacity 0": (as_it_is, ("capacity: chat", "from 1 to 255", "got 0"), {"capacity": {"chat": 0}}),
    "capacity 256": (as_it_is, ("capacity: chat", "from 1 to 255", "got 256"), {"capacity": {"chat": 256}}),
    "no number": (as_it_is, ("capacity: chat", "from 1 to 255", "got many"), {"capacity": {"chat": "many"}}),
    "unknown media type": (as_it_is, ("capacity: 'chatt' is no media type", "did you mean 'chat'?"), {"capacity": {"chat": 1, "chatt": 1}}),
    "chat is missing": (as_it_is, ("capacity must have chat",), {"capacity": {"voice": 1}}),
    "a part of a number": (as_it_is, ("capacity: chat", "a whole number", "got 2.5"), {"capacity": {"chat": 2.5}}),
    "chat twice": (as_it_is, ("capacity: 'chat' is given twice",), {"capacity": {"chat": 2, "Chat": 3}}),
    "a list for a name": (as_it_is, ("name must be text, got list",), {"name": ["Three_chats"]}),
    "a person who is no agent": (as_it_is, ("persons: 'boss'", "not an agent"), {"persons": ["boss"]}),
    "a person of another tenant": (as_it_is, ("persons: 'seller' belongs to tenant 'Sales'",), {"persons": ["seller"]}),
    "no such person": (as_it_is, ("persons: there is no person", "'ana'", "did you mean 'anna'?"), {"persons": ["ana"]}),
    "no such place": (as_it_is, ("places: there is no place named 'Place_9'",), {"places": ["Place_9"]}),
    "no such group": (as_it_is, ("agent_groups: there is no agent group named 'Nobody'",), {"agent_groups": ["Nobody"]}),
    "a script of another type": (as_it_is, ("'Chat_In' exists", "CFGInteractionQueue, not as a capacity rule"), {"name": "Chat_In"}),
    "the name in another tenant": (of_another_tenant, ("tenant 'Sales' has a capacity rule named 'Three_chats'", "unique in the environment"), {}),
    "damaged": (damaged, ("'Wizard_Rule' can't be read", "its compiled form"), EXISTING),
    "two that disagree": (disagreeing, ("'Wizard_Rule' can't be read", "disagree"), EXISTING),
    "a condition of type NOT": (negated, ("'Wizard_Rule' can't be read", "NOT"), EXISTING),
    "no rule in the annex": (emptied, ("annex of the capacity rule 'Wizard_Rule' holds no rule",), EXISTING),
    "nothing to learn from": (without_rules, ("binary_form must tell", "no capacity rule"), {}),
    "a form that is none": (without_rules, ("binary_form", "hex, base64, text"), {"binary_form": "octal"}),
}


@pytest.mark.parametrize("part_of_the_solution", [False, True], ids=["module", "solution"])
@pytest.mark.parametrize(("spoil", "words", "changes"), BAD.values(), ids=BAD.keys())
def test_bad_input(staffed: Site, spoil: Any, words: tuple[str, ...], changes: dict[str, Any], part_of_the_solution: bool) -> None:
    spoil(staffed)
    spec = {**RULE, **changes}
    if part_of_the_solution:
        tenant = spec.pop("tenant")
        staffed.refuses("chat_solution", *words, solution={"tenant": tenant, "capacity_rules": [spec]})
    else:
        staffed.refuses("chat_capacity_rule", *words, check=True, **spec)
        staffed.refuses("chat_capacity_rule", *words, **spec)


@pytest.mark.parametrize(("form", "sign"), [("hex", "d52a5300"), ("base64", "1SpTA"), ("text", "\u00d5*S\0")])
def test_the_user_tells_the_form(staffed: Site, form: str, sign: str) -> None:
    """Needed only where no rule shows it."""
    without_rules(staffed)
    step(staffed, "chat_capacity_rule", [CREATE], **RULE, binary_form=form)
    assert staffed.sandbox.options("CfgScript", "Three_chats", "userproperties")["_WIZARD_"]["_CRWizardBinaryPresentation_"].startswith(sign)
    staffed.ok("chat_capacity_rule", tenant="Environment", name="Another", capacity={"chat": 1})
    assert staffed.sandbox.options("CfgScript", "Another", "userproperties")["_WIZARD_"]["_CRWizardBinaryPresentation_"].startswith(sign)


def test_a_new_rule_has_the_media_in_small_letters(staffed: Site) -> None:
    """As rules of wizards have them, whatever of the business attribute's two names is given."""
    staffed.ok("chat_capacity_rule", **{**RULE, "capacity": {"Chat": 3}})
    assert limits(staffed, "Three_chats") == CHAT_3
    assert not staffed.ok("chat_capacity_rule", **RULE).changed


def test_persons_are_read_only_if_some_are_named(staffed: Site) -> None:
    staffed.ok("chat_capacity_rule", **RULE, tenant_default=True)
    assert "CfgPerson" not in {entry["type"] for entry in staffed.sandbox.requests("gax")}
    staffed.ok("chat_capacity_rule", **RULE, persons=["anna"])
    assert "CfgPerson" in {entry["type"] for entry in staffed.sandbox.requests("gax")}


def test_a_script_of_that_name_in_another_tenant(staffed: Site) -> None:
    """It is no capacity rule, so it is not meant."""
    staffed.queue("Three_chats", tenant="Sales")
    staffed.ok("chat_capacity_rule", **RULE, persons=["anna"])
    assert rule_of(staffed, "CfgPerson", "anna") == "Three_chats"
    assert not staffed.ok("chat_capacity_rule", **RULE, persons=["anna"]).changed
