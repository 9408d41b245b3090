# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The list of parts: each can be taken out, none is named by what walks the list, and a new field is one entry."""

from __future__ import annotations

import ast
import copy
import re
import textwrap
from pathlib import Path

import pytest
from unit.config.fake_gateway import application, apply, context_of, description, world
from unit.in_process import add_agents

from ansible_collections.genesys_engage.chat.plugins.module_utils._chat import all_parts
from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.adopt import adopt
from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.deployment import deployment
from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.field import Field, argument_spec, documented_ranges
from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.parts import chat_servers
from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.solution import solution, solution_fields, validated_solution
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.errors import InvalidInput
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.plan import make_plan

ROOT = Path(__file__).resolve().parents[3]
WALKERS = ("solution", "adopt", "deployment")
GMS = {"name": "GMS_1", "application_template": "Genesys Mobile Services 8.5.2", "host": "chat2", "ports": {"default": 8080}}

#: Part -> what the changed description changes of it.
CHANGES = {
    "application_templates": set(),
    "interaction_queues": {"Late_In"},
    "chat_servers": {"ChatServer_1", "ChatServer_2"},
    "contact_servers": {"UCS_1"},
    "interaction_servers": {"IXN_1"},
    "gms": {"GMS_1"},
    "gms_chat_services": {"GMS_2"},
    "framework": set(),
    "web_engagement": {"WES_1"},
    "workspace": {"Workspace"},
    "high_availability": set(),
    "capacity_rules": {"Wizard_Rule"},
    "agents": {"Supervisors"},
}


@pytest.fixture(scope="module")
def configured():
    """A site with every part but templates in it."""
    gateway = world()
    add_agents(gateway)
    apply_described(gateway, description(gms=[GMS]))
    server = gateway.named("CfgApplication", "ChatServer_1")["dbid"]
    gateway.add("CfgApplication", 140, "WES_1", **application("CFGWebEngagementBackendServer", connections=[(server,)]))
    gateway.add("CfgApplication", 150, "Workspace", **application("CFGInteractionWorkspace"))
    gateway.add("CfgApplication", 141, "SCS_1", **application("CFGSCS"))
    gateway.add("CfgApplication", 142, "GMS_2", **application("CFGGenericServer", connections=[(server, "webapi", "")]))
    apply_described(gateway, whole())
    return gateway


def whole(timeout=90, queues=("Webengagement_Chat",), refresh_period=2, chats=2, groups=("Others",)):
    """A description with every part in it, and one value of each that can differ."""
    found = copy.deepcopy(description(gms=[dict(GMS, startup_timeout=timeout)]))
    found["interaction_queues"] = list(queues)
    found["chat_server_defaults"]["startup_timeout"] = timeout
    found["contact_servers"]["pairs"][0]["primary"]["startup_timeout"] = timeout
    found["interaction_servers"][0]["startup_timeout"] = timeout
    found["application_templates"] = [{"name": "Chat Server 8.5.3", "src": "/there/is/such/a/template"}]
    found["high_availability"] = {"submitted_by": "Chat"}
    found["web_engagement"] = [{"backend_server": "WES_1", "queue": "Webengagement_Chat", "refresh_period": refresh_period}]
    found["workspace"] = [{"level": "application", "name": "Workspace", "options": {"chat.nickname": str(refresh_period)}, "other_channels": []}]
    service = {"gms": ["GMS_2"], "solution_control_server": "SCS_1", "options": {"an-option": timeout}}
    found["gms_chat_services"] = [service]
    found["capacity_rules"] = [{"name": "Wizard_Rule", "capacity": {"chat": chats}}]
    found["agents"] = [{"role": "Supervisors", "privileges": {"x": {"chat.canUse": "1"}}, "agent_groups": list(groups)}]
    return found


def without(content, part):
    """The description without the keys of a part."""
    keys = {field.name for field in part.fields}
    return {key: value for key, value in content.items() if key not in keys}


def changed(gateway, content):
    """The names of the objects that a description changes."""
    context = context_of(gateway)
    return {change.name for change in make_plan(context.directory, solution(context, validated_solution(content))).changes}


def role_names(gateway, content):
    """(role, name) of what a description deploys."""
    found = deployment(context_of(gateway), {"solution": validated_solution(content)})
    return [(item["role"], item["name"]) for item in found["applications"]]


def test_the_test_knows_every_part():
    assert set(CHANGES) == {part.name for part in all_parts.PARTS}
    assert len({part.place for part in all_parts.PARTS}) == len(all_parts.PARTS)


@pytest.mark.parametrize("part", all_parts.PARTS, ids=lambda part: part.name)
def test_one_part_less(configured, monkeypatch, part):
    """Everything else plans, adopts and is verified as before; what was the part's is no longer known."""
    new = whole(timeout=120, queues=("Webengagement_Chat", "Late_In"), refresh_period=4, chats=5, groups=("Others", "Chat_Agents"))
    everything = set().union(*CHANGES.values())
    assert changed(configured, new) == everything
    roles = role_names(configured, new)
    before, _left_out = adopt(context_of(configured), "Environment")
    monkeypatch.setattr(all_parts, "PARTS", tuple(other for other in all_parts.PARTS if other is not part))

    with pytest.raises(InvalidInput, match=f"unknown key '{part.fields[0].name}' in solution|unknown key '{part.fields[-1].name}' in solution"):
        validated_solution(new)
    rest = without(new, part)
    assert changed(configured, rest) == everything - CHANGES[part.name]
    assert role_names(configured, rest) == [item for item in roles if item[0] != part.role]

    after, _left_out = adopt(context_of(configured), "Environment")
    assert {field.name for field in part.fields}.isdisjoint(after)
    assert changed(configured, after) == set()
    if part.name != "chat_servers":  # without Chat Servers nothing is their client
        assert {server["name"] for server in after["chat_servers"]} == {"ChatServer_1", "ChatServer_2"}
        kept = {"contact_servers", "interaction_servers", "gms", "web_engagement", "interaction_queues", "workspace", "high_availability",
                "capacity_rules", "agents"}
        for key in set(without(before, part)) & kept:
            assert after[key] == before[key], key


def test_what_walks_the_list_names_no_part():
    """Neither a part nor its keys in code; docstrings may tell of them."""
    words = {part.name for part in all_parts.PARTS} | {field.name for part in all_parts.PARTS for field in part.fields}
    found = []
    for walker in WALKERS:
        tree = ast.parse((ROOT / "plugins" / "module_utils" / "_chat" / f"{walker}.py").read_text(encoding="utf-8"))
        texts = {node.value.value for node in ast.walk(tree) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)}
        found += [
            f"{walker}: {word}" for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value not in texts
            for word in words if re.search(rf"\b{word}\b", node.value)
        ]
        imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for alias in node.names}
        found += [f"{walker}: {name}" for name in imported & words]
    assert found == []


def test_a_new_field_is_planned_told_and_checked(configured, monkeypatch):
    """The worked example of docs/architecture.md: one entry more among the options of Chat Server."""
    field = Field("session_limit", "int", "Most sessions at a time.", path=("options", "settings", "limit-for-sessions"), least=0, most=500, adopted=True)
    monkeypatch.setattr(chat_servers, "OPTIONS", (field,))
    for holder in chat_servers.PART.fields:
        monkeypatch.setattr(holder, "fields", (*holder.fields, field))
    gateway = copy.deepcopy(configured)
    content = whole()
    content["chat_servers"][0]["session_limit"] = 77
    apply_described(gateway, content)
    options = gateway.named("CfgApplication", "ChatServer_1")["options"]["property"]
    assert {"section": "settings", "key": "limit-for-sessions", "value": "77"} in options

    found, _left_out = adopt(context_of(gateway), "Environment")
    limits = {server["name"]: server.get("session_limit") for server in found["chat_servers"]}
    assert limits == {"ChatServer_1": 77, "ChatServer_2": None}, "what the template says is not told"
    assert all("options" not in server for server in found["chat_servers"])

    assert documented_ranges((field, chat_servers.BODY[0])) == {("settings", "limit-for-sessions"): (0, 500)}
    assert (field.as_described("77"), field.as_described("many")) == (77, None), "what is no number stays an option"
    content["chat_servers"][0]["session_limit"] = "many"
    with pytest.raises(InvalidInput, match=r"solution.chat_servers\[0\].session_limit must be a whole number"):
        validated_solution(content)


def test_the_worked_example_stands_in_the_file_but_for_the_new_field():
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    found = re.search(r"gets one entry in `OPTIONS`:\n\n +```python\n(.*?) +```", page, re.DOTALL)
    assert found
    example = textwrap.dedent(found[1])
    shown = re.sub(r" +Field\(\"session_limit\".*?\),\n(?=\))", "", example, flags=re.DOTALL)
    assert "session_limit" in example and "session_limit" not in shown
    assert shown in (ROOT / "plugins/module_utils/_chat/parts/chat_servers.py").read_text(encoding="utf-8"), shown


def apply_described(gateway, content):
    """Apply a description that the fields of now describe."""
    context = context_of(gateway)
    apply(make_plan(context.directory, solution(context, validated_solution(content))), context.directory, False)


def fields_below(fields):
    for field in fields:
        yield field
        yield from fields_below((*field.fields, *field.mapping))


def test_fields_are_documented_and_cite_known_sources():
    known = set(re.findall(r"^\| `(\w+)` \|", (ROOT / "docs" / "sources.md").read_text(encoding="utf-8"), re.MULTILINE))
    for field in fields_below(solution_fields()):
        assert field.text and all(text.endswith(".") for text in field.text), field.name
        assert set(field.source.replace(",", " ").split()) <= known, field.name


def test_an_argument_spec_holds_what_the_fields_say():
    inner = Field("inner", "int", "Inner.")
    fields = (
        Field("one", "str", "One.", required=True, choices=["a", "b"]), Field("two", "bool", "Two.", default=False),
        Field("three", "list", "Three.", elements="dict", fields=(inner,)), Field("four", "raw", "Four.", mapping=(inner,)),
    )
    found = argument_spec(fields)
    assert found == {
        "one": {"type": "str", "required": True, "choices": ["a", "b"]},
        "two": {"type": "bool", "default": False},
        "three": {"type": "list", "elements": "dict", "options": {"inner": {"type": "int"}}},
        "four": {"type": "raw"},
    }
    assert found["four"].mapping == {"inner": {"type": "int"}}


@pytest.mark.parametrize(
    ("bounds", "value", "message"),
    [
        ({"least": 0}, -1, "here must not be negative, got -1"),
        ({"least": 1}, 0, "here must be 1 or more, got 0"),
        ({"least": 1, "most": 5}, 6, "here must be from 1 to 5, got 6"),
    ],
)
def test_a_value_out_of_range_is_refused(bounds, value, message):
    field = Field("x", "int", "X.", path=("startup_timeout",), **bounds)
    assert field.checked(bounds["least"], "here") == bounds["least"]
    with pytest.raises(InvalidInput, match=message):
        field.checked(value, "here")
