# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Unknown keys, words and names, at every depth: the message says their place and the known one that was meant."""

from __future__ import annotations

from typing import Any

import pytest
from unit.config.fake_gateway import apply_solution, context_of, description, option_list, plan_solution, validated, world
from unit.in_process import Site, furnished, run

from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.any_object import config_object
from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.arguments import replace_misfits
from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.deployment import deployment
from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.existing_applications import applications
from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.field import Described
from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.parts.chat_servers import CHAT_SERVER_SPEC as CHAT_SERVER
from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.parts.chat_servers import chat_server_app
from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.parts.interaction_servers import esp_link
from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.solution import SOLUTION, solution, validated_solution
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.errors import InvalidInput


def places(spec, path="solution"):
    """Every mapping of a description, as (path, spec of its keys, how to put a value there)."""
    yield path, spec, lambda value: value
    for key, option in spec.items():
        inner = option.mapping if isinstance(option, Described) else option.get("options")
        if not inner:
            continue
        several = option["type"] == "list"
        for place, its_spec, build in places(inner, "%s.%s%s" % (path, key, "[1]" if several else "")):
            def put(value, key=key, several=several, build=build, inner=inner):
                needed = {name: (suboption.get("choices") or ["x"])[0] for name, suboption in inner.items() if suboption.get("required")}
                content = build(value)
                return {key: [needed, content] if several else content}
            yield place, its_spec, put


PLACES = list(places(SOLUTION))


@pytest.mark.parametrize(("path", "spec", "put"), PLACES, ids=[place[0] for place in PLACES])
def test_an_unknown_key_says_its_place_and_what_was_meant(path: str, spec: dict[str, Any], put: Any) -> None:
    for key in spec:
        content = put({key + key[-1]: "s3cret"})
        complaints = [text for text in replace_misfits(content, SOLUTION, "solution") if "missing" not in text]
        assert complaints == ["unknown key '%s' in %s; did you mean '%s'?" % (key + key[-1], path, key)]
        assert "s3cret" not in str(content), "what it holds is not shown: it may be a password"


def test_choices_may_be_numbers() -> None:
    spec = {"level": {"type": "raw", "choices": [1, 2]}, "count": {"type": "int", "choices": [10, 20]}}
    assert replace_misfits({"level": "2", "count": "20"}, spec) == []
    assert replace_misfits({"level": "3", "count": "30"}, spec) == ["level must be one of 1, 2, got '3'", "count must be one of 10, 20, got '30'"]


@pytest.mark.parametrize(("given", "complaints"), [
    ({"name": ["a"]}, ["name must be text, got list"]),
    ({"name": {"a": "s3cret"}}, ["name must be text, got mapping"]),
    ({"untyped": ["a"]}, ["untyped must be text, got list"]),
    ({"names": ["a", None]}, ["names[1] must be text, got nothing"]),
    ({"names": [["b"], {"s3cret": 1}]}, ["names[0] must be text, got list", "names[1] must be text, got mapping"]),
    ({"names": {"a": 1}}, ["names must be a list, got mapping"]),
    ({"name": 5, "names": "a,b", "untyped": True}, []),
    ({"names": [1, "b"]}, []),
])
def test_what_is_no_text_is_not_made_one(given: dict[str, Any], complaints: list[str]) -> None:
    """Ansible would take the list ['a'] for the text "['a']", and a server of that name be made."""
    spec = {"name": {"type": "str"}, "untyped": {}, "names": {"type": "list", "elements": "str"}}
    assert replace_misfits(given, spec) == complaints
    assert "s3cret" not in str(given)


WORDS = [(path, key, option, put) for path, spec, put in PLACES for key, option in spec.items()
         if key != "release" and (option.get("choices") or option["type"] == "bool")]


@pytest.mark.parametrize(("path", "key", "option", "put"), WORDS, ids=["%s.%s" % word[:2] for word in WORDS])
def test_an_unknown_word_says_its_place_and_what_was_meant(path: str, key: str, option: dict[str, Any], put: Any) -> None:
    for word in option.get("choices") or ["true", "false"]:
        typed = word.upper() if option.get("choices") and len(word) < 4 else word[:-2] + word[-1] + word[-2]
        typed = word[1] + word[0] + word[2:] if word[-1].isdigit() else typed  # numbers that differ are no slip
        complaints = [text for text in replace_misfits(put({key: typed}), SOLUTION, "solution") if "missing" not in text]
        start = "%s.%s must be one of %s, got " % (path, key, ", ".join(option["choices"])) if "choices" in option else "%s.%s must be true or false, got " % (
            path, key)
        assert complaints == ["%s'%s'; did you mean '%s'?" % (start, typed, word)]


def test_there_are_many_places():
    assert len(PLACES) > 25 and len(WORDS) > 25


def test_several_at_once():
    with pytest.raises(InvalidInput) as caught:
        validated_solution({"tenant": "Environment", "chat_server": [], "gmss": [], "colour": 1, "chat_servers": [{"hots": "chat1", "addp": {"trace": "bot"}}]})
    known = ", ".join(sorted(SOLUTION))
    assert str(caught.value) == (
        "unknown key 'chat_server' in solution; did you mean 'chat_servers'? unknown key 'gmss' in solution; did you mean 'gms'? unknown key 'colour' in "
        "solution; the known ones are %s; unknown key 'hots' in solution.chat_servers[0]; did you mean 'host'? "
        "solution.chat_servers[0].addp.trace must be one of none, local, remote, both, got 'bot'; did you mean 'both'? "
        "'name' is missing in solution.chat_servers[0]" % known)


@pytest.mark.parametrize(("module", "arguments", "text"), [
    ("chat_solution", {"solution": {"tenant": "Environment", "chat_server": []}, "strict_range": True},
     "unknown option 'strict_range'; did you mean 'strict_ranges'? unknown key 'chat_server' in solution; did you mean 'chat_servers'?"),
    ("chat_server_app", {"name": "ChatServer_1", "state": "presnet"}, "state must be one of present, absent, got 'presnet'; did you mean 'present'?"),
    ("chat_server_app", {"name": "ChatServer_1", "gax_pasword": "hunter22"}, "unknown option 'gax_pasword'; did you mean 'gax_password'?"),
    ("esp_link", {"interaction_servers": ["IXN_1"], "chat_servers": ["ChatServer_1"], "addp": {"trase": "both"}},
     "unknown key 'trase' in addp; did you mean 'trace'?"),
    ("chat_server_groups", {"pairs": [{"primary": "UCS_1", "bakup": "UCS_2"}]}, "unknown key 'bakup' in pairs[0]; did you mean 'backup'?")])
def test_modules_say_it_in_place_of_ansible(module: str, arguments: dict[str, Any], text: str) -> None:
    ended = run(module, arguments, Site(furnished()[0]), check=False)
    assert (ended.failed, ended.result["msg"][:len(text)]) == (True, text)
    assert "Supported parameters" not in ended.text and "hunter22" not in ended.text


# --- names in the Configuration Server ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("change", "text"), [
    ({"tenant": "Enviroment"}, "tenant: there is no tenant named 'Enviroment'; did you mean 'Environment'?"),
    ({"message_server": "MesageServer"}, "message_server: there is no application named 'MesageServer'; did you mean 'MessageServer'?"),
    ({"interaction_servers": ["IXM_1"], "gms": []}, "interaction_servers[0]: there is no application named 'IXM_1'"),
    ({"chat_servers": [{"name": "ChatServer_1", "host": "chta1"}]}, "chat_servers[0]: host: there is no host named 'chta1'; did you mean 'chat1'?"),
    ({"chat_servers": [{"name": "ChatServer_1", "host": "chat1", "application_template": "Chat Sever 8.5.3"}]},
     "there is no application template named 'Chat Sever 8.5.3'; did you mean 'Chat Server 8.5.3'?"),
    ({"chat_servers": [{"name": "ChatServer_1", "host": "chat1", "endpoints": {"webme": "Webengagment_Chat"}}]},
     "named 'Webengagment_Chat' in tenant 'Environment'; did you mean 'Webengagement_Chat'?"),
    ({"chat_servers": [{"name": "ChatServer_1", "host": "chat1", "connections": [{"server": "MessageServer", "port": "defualt"}]}]},
     "application 'MessageServer' has no port with id 'defualt'; did you mean 'default'?")])
def test_a_name_that_is_nearly_known(change: dict[str, Any], text: str) -> None:
    """What this run will create counts, too: the queue is planned."""
    gateway = world()
    with pytest.raises(InvalidInput) as caught:
        plan_solution(gateway, description(1, **change) if "chat_servers" not in change else dict(description(1), **change))
    assert text in str(caught.value)
    assert gateway.writes() == []


def test_what_is_to_be_removed_may_be_a_typing_error():
    gateway = world()
    apply_solution(gateway, description(1))
    context = context_of(gateway)
    esp_link(context, {"state": "absent", "interaction_servers": ["IXNN_1"], "chat_servers": ["ChatServer_1"]})
    assert context.warnings[0].endswith("named 'IXNN_1', so there is nothing to remove from it; did you mean 'IXN_1'?")


def test_roles_of_packages_and_hosts_of_the_inventory():
    content = validated(description(1))
    with pytest.raises(InvalidInput, match=r"packages.*: 'chat_sever' is not the role of an application; did you mean 'chat_server'\?"):
        deployment(context_of(world()), {"solution": content, "packages": {"chat_sever": "/ip"}})
    with pytest.raises(InvalidInput, match=r"'UCS_1' belongs on host 'chat3'.*; did you mean 'Chat-3'\?$"):
        deployment(context_of(world()), {"solution": content, "hosts": ["chat1", "chat4", "Chat-3"]})


def test_a_type_that_is_nearly_known():
    context = context_of(world())
    assert applications(context, {"names": None, "types": ["CFGMesageServer", "CFGChatServer"], "host": None})["applications"] == []
    assert context.warnings == ["types: no application is of type 'CFGMesageServer'; did you mean 'CFGMessageServer'?"]


# --- names of options ---------------------------------------------------------------------------------------------------

SLIP = {"settings": {"limit-for-session": 5, "transcript-autosave": 1, "limit-for-sessions": 7, "brand-new": 1}, "lgo": {"verbose": "all"}}
TOLD = "%s: options: the %s is neither in the application, nor in its template, nor documented; did you mean '%s'?"


def told(where: str) -> list[str]:
    return [TOLD % (where, *pair) for pair in (
        ("option 'settings/limit-for-session'", "limit-for-sessions"), ("option 'settings/transcript-autosave'", "transcript-auto-save"),
        ("section 'lgo'", "log"))]


def with_slips() -> dict[str, Any]:
    return dict(description(1), chat_servers=[{"name": "ChatServer_1", "host": "chat1", "options": SLIP}])


@pytest.mark.parametrize("exists", [False, True])
def test_a_misspelt_option_is_warned_about(exists: bool) -> None:
    """Against the template, the application, and the documents (transcript-auto-save is in neither of the two)."""
    gateway = world()
    gateway.add("CfgAppPrototype", 120, "Chat Server 8.5.3", subtype="CFGChatServer", version="8.5.311.06",
                options=option_list({"settings": {"limit-for-sessions": "1000"}, "log": {"verbose": "standard"}, "endpoints:tenant_dbid": {"default": ""}}))
    if exists:
        apply_solution(gateway, description(1))
    context = context_of(gateway)
    solution(context, validated(with_slips()))
    assert [text for text in context.warnings if "options:" in text] == told("chat_servers[0]")


def test_a_misspelt_option_is_refused_with_strict_ranges():
    gateway = world()
    with pytest.raises(InvalidInput) as caught:
        plan_solution(gateway, with_slips(), strict_ranges=True)
    assert str(caught.value) == " ".join(told("chat_servers[0]"))


def test_an_option_to_be_removed_may_be_misspelt():
    gateway = world()
    apply_solution(gateway, description(1))
    context = context_of(gateway)
    chat_server_app(context, dict.fromkeys(CHAT_SERVER) | {
        "name": "ChatServer_1", "state": "present", "options": {"settings": {"limit-for-session": None}}})
    assert [text for text in context.warnings if "options:" in text] == [told("chat_server_app")[0]]


def test_what_the_application_has_is_known():
    gateway = world()
    apply_solution(gateway, description(1))
    gateway.named("CfgApplication", "ChatServer_1")["options"]["property"].append({"section": "settings", "key": "limit-for-session", "value": "5"})
    context = context_of(gateway)
    params = {"type": "CfgApplication", "name": "ChatServer_1", "tenant": None, "folder": None, "properties": None, "annex": None, "state": "present"}
    config_object(context, dict(params, options={"settings": {"limit-for-session": "6"}}))
    assert context.warnings == []
    config_object(context, dict(params, options={"settings": {"hide-atached-data": "true"}}))
    assert context.warnings == [TOLD % ("config_object", "option 'settings/hide-atached-data'", "hide-attached-data")]


def test_a_word_of_an_option_and_a_port_id_and_the_default_endpoint():
    gateway = world()
    content = dict(description(1), chat_servers=[{
        "name": "ChatServer_1", "host": "chat1", "ports": {"heath": 4583}, "options": {"log-filter-data": {"Transcript": "hid"}}}])
    context = context_of(gateway)
    solution(context, validated(content))
    assert [text.rpartition("; ")[2] for text in context.warnings if "did you mean" in text] == ["did you mean 'health'?", "did you mean 'hide'?"]
    content["chat_server_defaults"]["endpoints"] = {"defualt": "Chat_In"}
    with pytest.raises(InvalidInput, match=r"without a default endpoint; .* Interaction Queue; is 'defualt' a misspelling of it\?$"):
        plan_solution(gateway, content)
