# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Capacity rules: document and compiled form, their meaning, and the annex that holds them."""

from __future__ import annotations

import base64
import itertools
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.genesys_engage.chat.plugins.module_utils._config.capacity import (
    MediaRule,
    Rule,
    Unreadable,
    compiled,
    decompiled,
    document,
    parsed,
    rule_of,
    set_maximum,
)
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.capacity_annex import (
    COMPILED,
    DOCUMENT,
    MEDIA_LIST,
    CapacityField,
    annex_of,
    new_annex,
)
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.directory import Directory
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.errors import InvalidInput
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.fields import Options

from .fake_gateway import Gateway

#: The worked example of the layout: one medium, chat, full at 3, priority 255.
EXAMPLE = bytes.fromhex(
    "d52a5300 33000000 14000000 28000000 00000000 01 00 1a000000 01 ff 20000000 01 25000000 01 00 03 01 00 2e000000 63686174 00"
)
CHAT_3 = Rule(("chat",), (MediaRule("chat", 255, ((("chat", 3),),)),))
NUMBERS = st.integers(1, 255)
NOBODY: Any = None


@st.composite
def rules(draw: st.DrawFn, most: int = 4) -> Rule:
    """Any rule: some media, of which some have one or two rules of any blocks."""
    media = draw(st.lists(st.text("abcxyzäé -_&<\"'", min_size=1, max_size=6), min_size=1, max_size=most, unique=True))
    blocks = st.lists(st.lists(st.tuples(st.sampled_from(media), NUMBERS), min_size=1, max_size=3).map(tuple), max_size=3).map(tuple)
    return Rule(tuple(media), tuple(draw(st.lists(st.builds(MediaRule, st.sampled_from(media), NUMBERS, blocks), max_size=4))))


def full(rule: MediaRule, counts: dict[str, int]) -> bool:
    """Tell whether a medium is full, straight from the definition."""
    return any(all(counts[media] >= number for media, number in block) for block in rule.blocks)


def annex(rule: Rule, form: str = "hex", sections: dict[str, dict[str, str]] | None = None, **more: str) -> dict[str, Any]:
    """A script with a rule in its annex."""
    text = (more.get("head", "") + _text(rule)) + "\0"
    written = {"hex": lambda data: data.hex(), "HEX": lambda data: data.hex().upper(), "base64": lambda data: base64.b64encode(data).decode(),
               "text": lambda data: data.decode("latin-1")}[form]
    shown = text if form == "text" else written(text.encode())
    values = {DOCUMENT: more.get("shown", shown), COMPILED: more.get("made", written(compiled(rule)))}
    values.update({(section, key): value for section, keys in (sections or {}).items() for key, value in keys.items()})
    entries = [{"section": section, "key": key, "value": value} for (section, key), value in values.items() if value]
    return {"name": "Rule", "dbid": "140", "subtype": "CFGCapacityRule", "userproperties": {"property": entries}}


def _text(rule: Rule) -> str:
    from xml.etree.ElementTree import tostring
    return tostring(document(rule), encoding="unicode")


def values(raw: dict[str, Any]) -> dict[tuple[str, ...], str]:
    return Options("userproperties").decode(raw, None)


# -- the compiled form and the document


def test_the_worked_example() -> None:
    assert compiled(CHAT_3) == EXAMPLE
    assert decompiled(EXAMPLE) == CHAT_3


@settings(deadline=None, max_examples=50)
@given(rules())
def test_both_forms_say_the_same(rule: Rule) -> None:
    assert decompiled(compiled(rule)) == rule
    assert rule_of(parsed(_text(rule))).meaning == rule.meaning


@settings(deadline=None, max_examples=50)
@given(rules(most=2), rules(most=2), st.permutations(range(3)))
def test_equal_meaning_is_equal_behaviour(rule: Rule, other: Rule, order: list[int]) -> None:
    """For two rules of one medium: their meanings are equal exactly if they are full at the same counts; the order of things says nothing."""
    first, second = (item._replace(media="m", priority=1) for item in (*rule.rules, *other.rules, MediaRule("m", 1, ()), MediaRule("m", 1, ()))[:2])
    media = sorted({name for item in (first, second) for block in item.blocks for name, _number in block})
    bounds = [sorted({0} | {number + step for item in (first, second) for block in item.blocks for name, number in block if name == one for step in (-1, 0)})
              for one in media]
    same = all(full(first, counts) == full(second, counts) for numbers in itertools.product(*bounds) for counts in [dict(zip(media, numbers))])
    assert (first.meaning == second.meaning) is same
    blocks = first.blocks * 2
    assert first._replace(blocks=tuple(blocks[place % len(blocks)] for place in [*order, *range(len(blocks))]) if blocks else ()).meaning == first.meaning


@settings(deadline=None, max_examples=50)
@given(rules(), NUMBERS, st.sampled_from(["chat", "a", "x"]))
def test_setting_a_number_leaves_the_rest_alone(rule: Rule, number: int, media: str) -> None:
    """Foreign media, and other conditions of the medium itself."""
    root = document(rule)
    own = [item for item in rule.rules if item.media == media]
    if len(own) > 1:
        with pytest.raises(Unreadable, match="2 rules|3 rules|4 rules"):
            set_maximum(root, media, number)
        return
    set_maximum(root, media, number)
    now = rule_of(root)
    assert now.media[:len(rule.media)] == rule.media and set(now.media) - set(rule.media) <= {media}
    assert [item.meaning for item in now.rules if item.media != media] == [item.meaning for item in rule.rules if item.media != media]
    (changed,) = [item for item in now.rules if item.media == media]
    assert changed.maximum == number
    others = {block for item in own for block in item.blocks if {name for name, _number in block} != {media}}
    assert changed._replace(blocks=(((media, number),), *others)).meaning == changed.meaning
    assert changed.priority == (own[0].priority if own else 255)
    set_maximum(root, media, None)
    assert [item.meaning for item in rule_of(root).rules] == [item.meaning for item in rule.rules if item.media != media]


def test_any_medium_and_nested_conditions() -> None:
    """As the rule that comes with the product: nothing new while anything is in hand. Names of elements and types in any case."""
    text = (
        '<capacityrule><MediaTypes><MEDIA name="voice"/><Media name="chat"/></MediaTypes>'
        '<MediaRule media="voice" priority="high"><ElementaryRule media="" capacity="1"/></MediaRule>'
        '<MediaRule media="chat"><ComplexCondition type="and"><ElementaryRule capacity="2"/>'
        '<ComplexCondition type="Or"><ElementaryRule media="chat" capacity="3"/><ElementaryRule media="voice" capacity="1"/></ComplexCondition>'
        "</ComplexCondition></MediaRule></capacityrule>"
    )
    voice, chat = rule_of(parsed(text)).rules
    assert (voice.priority, chat.priority) == (255, 255)
    assert voice.meaning[2] == {frozenset({("voice", 1)}), frozenset({("chat", 1)})}
    for voices, chats in itertools.product(range(4), repeat=2):
        assert full(chat, {"voice": voices, "chat": chats}) is ((voices >= 2 or chats >= 2) and (chats >= 3 or voices >= 1))


@pytest.mark.parametrize(
    ("inside", "reason"),
    [
        ('<MediaRule media="chat"><ComplexCondition type="Not"><ElementaryRule media="chat" capacity="3"/></ComplexCondition></MediaRule>', "of type NOT"),
        ('<MediaRule media="chat"><ElementaryRule media="chat" capacity="0"/></MediaRule>', "capacity '0'.*from 1 to 255"),
        ('<MediaRule media="chat"><ElementaryRule media="chat" capacity="256"/></MediaRule>', "capacity '256'"),
        ('<MediaRule media="chat"><ElementaryRule media="email" capacity="1"/></MediaRule>', "'email', which is not among its media"),
        ('<MediaRule media="email"/>', "'email', which is not among its media"),
        ('<MediaTypes><Media name="chat"/></MediaTypes>', "names a medium twice"),
        ('<MediaRule media="chat"><Strange/></MediaRule>', "'Strange' of type ''"),
        ('<MediaRule media="chat"><ElementaryRule capacity="1"/><ElementaryRule capacity="2"/></MediaRule>', "side by side"),
    ],
)
def test_a_document_that_breaks_a_rule_is_not_read(inside: str, reason: str) -> None:
    with pytest.raises(Unreadable, match=reason):
        rule_of(parsed(f'<CapacityRule><MediaTypes><Media name="chat"/></MediaTypes>{inside}</CapacityRule>'))


@pytest.mark.parametrize("text", ["<CapacityRule>", "<Other/>", '<!DOCTYPE x [<!ENTITY a "b">]><CapacityRule/>'])
def test_what_is_no_document(text: str) -> None:
    with pytest.raises(Unreadable):
        parsed(text)


@settings(deadline=None, max_examples=100)
@given(st.integers(0, len(EXAMPLE) - 1), st.integers(0, 255), st.integers(0, len(EXAMPLE)))
def test_damaged_bytes_are_refused_or_read(place: int, byte: int, length: int) -> None:
    """Whatever the bytes are, the answer is a rule or one kind of error."""
    for blob in (EXAMPLE[:place] + bytes([byte]) + EXAMPLE[place + 1:], EXAMPLE[:length]):
        try:
            decompiled(blob)
        except Unreadable:
            continue


def test_what_has_no_room_is_refused() -> None:
    with pytest.raises(InvalidInput, match="one byte for each character"):
        compiled(Rule(("чат",), ()))
    with pytest.raises(InvalidInput, match="counts to 255, and this one would need 256"):
        compiled(Rule(("chat",), (MediaRule("chat", 255, ((("chat", 256),),)),)))


# -- the annex


@pytest.mark.parametrize("form", ["hex", "HEX", "base64", "text"])
def test_the_form_is_learnt_and_kept(form: str) -> None:
    raw = annex(CHAT_3, form, {"site": {"a": "b"}, MEDIA_LIST: {"chat": "7"}})
    assert CapacityField().decode(raw, NOBODY) == {("chat",): 3}
    CapacityField().encode(raw, {("chat",): 5, ("voice",): 1}, NOBODY)
    five = Rule(("chat", "voice"), (MediaRule("chat", 255, ((("chat", 5),),)), MediaRule("voice", 255, ((("voice", 1),),))))
    assert values(raw) == values(annex(five, form, {"site": {"a": "b"}, MEDIA_LIST: {"chat": "7", "voice": "1"}})), "the wizard's own number for chat stays"


def test_only_one_of_the_two_is_there() -> None:
    for raw in (annex(CHAT_3, shown=""), annex(CHAT_3, made="")):
        assert CapacityField().decode(raw, NOBODY) == {("chat",): 3}
        CapacityField().encode(raw, {("chat",): 4}, NOBODY)
        assert {DOCUMENT, COMPILED} <= set(values(raw)) and CapacityField().decode(raw, NOBODY) == {("chat",): 4}


def test_the_numbers_of_the_wizard_are_no_truth() -> None:
    assert CapacityField().decode(annex(CHAT_3, sections={MEDIA_LIST: {"chat": "9", "email": "4"}}), NOBODY) == {("chat",): 3}


def test_the_two_disagree() -> None:
    raw = annex(CHAT_3, made=compiled(Rule(("chat",), (MediaRule("chat", 255, ((("chat", 4),),)),))).hex())
    with pytest.raises(InvalidInput, match=r"script 'Rule'.*disagree"):
        CapacityField().decode(raw, NOBODY)


def test_an_unknown_form_is_refused() -> None:
    with pytest.raises(InvalidInput, match="its compiled form is written in a form that is not known"):
        CapacityField().decode(annex(CHAT_3, made="(binary, 51 bytes)"), NOBODY)


def test_a_head_and_a_condition_of_others_stay() -> None:
    rule = Rule(("voice", "chat"), (MediaRule("voice", 9, ((("voice", 1), ("chat", 2)),)), MediaRule("chat", 200, ((("chat", 2),), (("voice", 1),)))))
    raw = annex(rule, "text", head='<?xml version="1.0" encoding="UTF-8"?>')
    CapacityField().encode(raw, {("chat",): 6}, NOBODY)
    assert values(raw)[DOCUMENT].startswith('<?xml version="1.0" encoding="UTF-8"?><CapacityRule>')
    changed = Rule(rule.media, (rule.rules[0], MediaRule("chat", 200, ((("chat", 6),), (("voice", 1),)))))
    found = annex_of(raw)
    assert found is not None and found.rule == changed


@pytest.mark.parametrize("value", [0, 256, -1, "many", None, True])
def test_a_number_out_of_range_is_refused(value: object) -> None:
    with pytest.raises(InvalidInput, match="capacity: chat must be a whole number from 1 to 255"):
        CapacityField().coerce(value, "capacity: chat")


def test_where_a_new_rule_begins() -> None:
    """Where no rule tells how one is written, and nobody says, there is no beginning."""
    gateway = Gateway()
    gateway.add("CfgTenant", 1, "Environment")
    assert new_annex(Directory(gateway), None) is None
    told = new_annex(Directory(gateway), "base64")
    gateway.add("CfgScript", 140, "Rule", **{key: value for key, value in annex(CHAT_3, "HEX").items() if key not in ("name", "dbid")})
    gateway.objects["CfgScript"][140]["userproperties"]["property"][1]["type"] = "binary"
    learnt = new_annex(Directory(gateway), "base64")
    for base, sign in ((told, "1SpTA"), (learnt, "D52A5300")):
        assert base is not None
        assert values(base)[COMPILED].startswith(sign) and CapacityField().decode(base, NOBODY) == {}
        CapacityField().encode(base, {("chat",): 2}, NOBODY)
        assert CapacityField().decode(base, NOBODY) == {("chat",): 2} and values(base)[MEDIA_LIST, "chat"] == "0"
    assert learnt is not None and {entry["key"]: entry.get("type") for entry in learnt["userproperties"]["property"]} == {
        DOCUMENT[1]: None, COMPILED[1]: "binary", "chat": None}
