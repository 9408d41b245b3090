# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the fuzz tests share: how many examples, junk, valid arguments of every module that talks to GAX, and ways to spoil them.

The examples are the same in every run, and few. The environment variable FUZZ multiplies their number, and then they differ from
run to run: ``FUZZ=20 pytest tests/unit -k fuzz``.
"""

from __future__ import annotations

import copy
import importlib
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = "ansible_collections.genesys_engage.chat.plugins.modules"
FACTOR = int(os.environ.get("FUZZ", "0"))


def examples(number: int) -> settings:
    """Return the settings of a test with this number of examples in `make test`."""
    return settings(
        max_examples=number * max(FACTOR, 1),
        derandomize=not FACTOR,
        database=None,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture],
    )


def gax_modules() -> list[str]:
    """Return the names of the modules that talk to GAX: those whose documentation takes the connection options."""
    files = sorted((ROOT / "plugins" / "modules").glob("*.py"))
    return [file.stem for file in files if re.search(r"^\s*- genesys_engage\.chat\.gax$", file.read_text(encoding="utf-8"), re.MULTILINE)]


def code_of(module: str) -> ModuleType:
    """Import a module."""
    return importlib.import_module(f"{PACKAGE}.{module}")


# --- junk ---------------------------------------------------------------------------------------------------------------

#: Text as nobody types it: control characters, quotes, paths, templates, other scripts, and far too much.
TEXTS = [
    "",
    " ",
    "\0",
    "a\0b",
    "\n",
    "a\nb\tc",
    "\x1b[31m",
    "\x7f",
    "\u2028",
    "\u202e",
    "\ufeff",
    "é",
    "チャット",
    "🙂",
    "x" * 5000,
    "9" * 5000,
    "²",
    "-1",
    "0",
    "1",
    "1.5",
    "1e400",
    "nan",
    "NaN",
    "inf",
    "0x10",
    "true",
    "yes",
    "null",
    "None",
    "[]",
    "{}",
    "{",
    '{"a": 1}',
    "a=b",
    "a=b,c",
    "%s",
    "%(x)s%",
    "{{ x }}",
    "{0}",
    "../x",
    "/",
    "//",
    "a/b",
    "~",
    "$HOME",
    "'",
    '"',
    "\\",
    "<b>&",
    "?x=1#y",
    "#",
    "#1",
    "#²",
    "#" + "9" * 5000,
    "default",
    "Environment",
    "ChatServer_1",
    "UCS_2",
    "Chat_In",
    "CfgApplication",
    "Cfg²",
    "Cfg",
    "password",
    "present",
    "absent",
]
NUMBERS: list[Any] = [0, 1, -1, 2, 65535, 65536, 2**31, 2**63, 10**30, -(10**30), 0.5, -0.0, 1e308, float("inf"), float("nan")]
#: What stands in the place of something else.
ODD: list[Any] = [None, True, 5, -1, 1.5, 10**30, float("inf"), "", "x", "²", "5", "9" * 5000, [], [None], [5], ["x"], [[]], [{}], {}, {"x": None}]
texts = st.sampled_from(TEXTS) | st.text(max_size=8)
scalars = st.none() | st.booleans() | st.sampled_from(NUMBERS) | st.integers(-5, 70000) | texts
junk = st.recursive(scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3), max_leaves=5)


# --- valid arguments ----------------------------------------------------------------------------------------------------

ADDP = {"enabled": True, "local_timeout": 7, "remote_timeout": 8, "trace": "local"}
PORTS = {"default": 4680, "webapi": 4681, "ESP": 4682}
NEW_SERVER: dict[str, Any] = {
    "name": "ChatServer_9",
    "application_template": "Chat Server 8.5.3",
    "host": "chat2",
    "folder": "Applications",
    "tenants": ["Environment"],
    "ports": {**PORTS, "health": 4683},
    "endpoints": {"default": "Chat_In", "webme": "Chat_In"},
    "tenant_endpoints": {"Environment": {"other": "Chat_In"}},
    "options": {"settings": {"limit-for-sessions": 500, "db-password": "s3cret-value", "gone": None}},
    "annex": {"security": {"api-token": "t0ken-value"}},
    "log_privacy": {"hide_attached_data": True, "message_log_print_size": 0, "log_filter_data": {"Transcript": "hide"}},
    "troubleshooting_until": "2999-12-31",
    "kpi_over_rest": True,
    "kpi_log_interval": 60,
    "kpi_log_proviso": "update",
    "kpi_log_content": "set",
    "interaction_servers": ["IXN_1"],
    "contact_server": "UCS_1",
    "configuration_server": "confserv",
    "message_server": "MessageServer",
    "addp": ADDP,
    "connections": [{"server": "GMS_1", "port": "default", "addp": {"enabled": False}}],
    "startup_timeout": 60,
    "shutdown_timeout": 61,
    "reconnect_timeout": 9,
    "reconnect_attempts": 3,
    "auto_restart": True,
    "working_directory": "/opt/genesys/ChatServer_9",
    "command_line": "./run.sh",
    "command_line_arguments": "-x",
    "version": "8.5.311.06",
}
SOLUTION: dict[str, Any] = {
    "tenant": "Environment",
    "addp": ADDP,
    "interaction_queues": ["Chat_In", {"name": "Chat_Extra"}],
    "chat_server_defaults": {
        "application_template": "Chat Server 8.5.3",
        "ports": PORTS,
        "endpoints": {"default": "Chat_In"},
        "log_privacy": "private",
        "options": {"settings": {"session-restoration-mode": "simple"}},
    },
    "chat_servers": [
        {"name": "ChatServer_1", "options": {"settings": {"db-password": "s3cret-value"}}},
        {"name": "ChatServer_2"},
        {"name": "ChatServer_8", "host": "chat4", "connections": [{"server": "GMS_1"}]},
    ],
    "high_availability": {"mode": "n_plus_1", "submitted_by": "Chat", "transcript_auto_save": 1},
    "contact_servers": {
        "defaults": {"application_template": "Universal Contact Server 9.1", "ports": {"default": 7100}},
        "pairs": [{"primary": "UCS_1", "backup": "UCS_2"}, {"primary": {"name": "UCS_7", "host": "chat3"}, "backup": {"name": "UCS_8", "host": "chat4"}}],
        "redundancy_type": "warm standby",
    },
    "interaction_server_defaults": {"startup_timeout": 44},
    "interaction_servers": ["IXN_1", {"name": "IXN_7", "application_template": "Interaction Server 8.5.2", "host": "chat1", "ports": {"default": 4777}}],
    "gms_defaults": {"annex": {"a": {"b": "c"}}},
    "gms": [{"name": "GMS_1", "connections": [{"server": "MessageServer", "addp": ADDP}]}],
    "gms_chat_services": [
        {"service": "sales", "gms": ["GMS_1"], "solution_control_server": "SolutionControlServer", "options": {"a": "b", "api-token": "s3cret-value"}},
    ],
    "message_server": "MessageServer",
    "configuration_server": "confserv",
    "web_engagement": [{"backend_server": "WES_1", "queue": "Chat_In", "chat_servers": ["ChatServer_1"], "contact_handling": 2, "refresh_period": 3}],
    "capacity_rules": [{"name": "Four_chats", "capacity": {"chat": 4}, "tenant_default": True, "persons": ["anna"], "agent_groups": ["Others"]}],
    "agents": [{"role": "Chat Agents", "privileges": {"x": {"chat.canUse": "1"}}, "agent_groups": ["Chat_Agents"], "persons": ["ben"]}],
}
#: A chat channel with all that can be said of it.
WORKSPACE: dict[str, Any] = {"tenant": "Environment", "level": "tenant"}
CHANNEL: dict[str, Any] = {
    "backend_server": "WES_1",
    "tenant": "Environment",
    "queue": "Chat_In",
    "endpoint": "pages",
    "chat_servers": ["ChatServer_1"],
    "contact_handling": "create",
    "refresh_period": 3,
    "request_pool_size": 20,
    "session_restore_timeout": 30,
    "chat_is_default_channel": True,
    "development_environment": True,
    "release": "8.1.2",
    "strict_ranges": True,
}

#: Where the servers of that site are.
INSTALLED_ON = [f"{kind}{number}" for kind in ("chat", "ucs") for number in (1, 2, 3, 4)]

#: Stands for the path of a snapshot that was taken when ChatServer_1 was changed.
SNAPSHOT = "<snapshot>"

#: For each module some arguments that it takes, in a site where ChatServer_1 and _2, UCS_1 and _2, IXN_1, GMS_1 and WES_1 are configured.
#: Applications that count as running, so that what they use must be allowed to go.
INSTALLED = ["ChatServer_1", "ChatServer_2", "UCS_1", "UCS_2"]

#: A module that is missing here has no fuzz test, and a test says so.
VALID: dict[str, list[dict[str, Any]]] = {
    "agent_chat_access": [
        {"tenant": "Environment", "role": "Chat Agents", "privileges": {"x": {"chat.canUse": "1"}}, "agent_groups": ["Others"], "capacity_rule": "Wizard_Rule"},
        {"tenant": "Environment", "persons": ["anna", "ben"], "capacity_rule": "Wizard_Rule", "capacity_for": "persons", "batch": 5},
        {"tenant": "Environment", "role": "Supervisors", "persons": ["dirk"], "state": "absent", "allow_disruption": ["Wizard_Rule"]},
    ],
    "agent_chat_access_info": [{"tenant": "Environment", "persons": ["anna"], "agent_groups": ["Others"], "privileges": {"x": {"y": "z"}}}],
    "application_info": [{"names": ["ChatServer_1"], "types": ["CFGChatServer"]}, {"host": "chat1"}, {}],
    "application_template": [
        {"src": str(Path(__file__)), "name": "New Template", "folder": "Application Templates"},
        {"name": "No Template", "state": "absent"},
    ],
    "chat_capacity_rule": [
        {"tenant": "Environment", "name": "Wizard_Rule", "capacity": {"chat": 5}, "tenant_default": True, "persons": ["anna"], "places": ["Place_1"]},
        {"tenant": "Environment", "name": "New_Rule", "capacity": {"chat": 5, "voice": 1}, "binary_form": "base64", "folder": "Scripts"},
        {"tenant": "Environment", "name": "Wizard_Rule", "state": "absent"},
    ],
    "chat_endpoint": [
        {"chat_servers": ["ChatServer_1", "ChatServer_2"], "tenant": "Environment", "endpoint": "extra", "queue": "Chat_In"},
        {"chat_servers": ["ChatServer_1"], "tenant": "Environment", "endpoint": "extra", "state": "absent"},
    ],
    "chat_server_app": [NEW_SERVER, {"name": "ChatServer_1", "options": {"settings": {"a": "b"}}, "addp": ADDP}, {"name": "ChatServer_9", "state": "absent"}],
    "chat_server_groups": [
        {"pairs": [{"primary": "UCS_1", "backup": "UCS_2"}], "addp": ADDP, "redundancy_type": "hot standby", "pins": {"ChatServer_1": "UCS_1"}},
        {"chat_servers": ["ChatServer_1"], "pairs": [{"primary": "UCS_1", "backup": "UCS_2"}], "allow_disconnect": True},
    ],
    "chat_solution": [
        {"solution": SOLUTION, "allow_disconnect": True, "allow_disruption": INSTALLED},
        {"solution": {"tenant": "Environment"}, "strict_ranges": True, "write_interval": 0.0},
    ],
    "chat_audit": [
        {"rules": ["L01", "L35"], "waivers": [{"rule": "L01", "object": "ChatServer_1", "reason": "known", "until": "2999-12-31"}]},
        {"solution": {"tenant": "Environment"}, "health_port": True, "privileges": {"x": {"chat.canUse": "1"}}},
        {"development_environment": True},
    ],
    "chat_solution_report": [
        {"rules": ["L01"], "states": {"ChatServer_1": "RUNNING"}, "versions": {"ChatServer_1": "8.5.311.06"}, "agents": False},
        {"solution": {"tenant": "Environment"}},
        {"compared": {"differences": [{"path": "chat_servers/ChatServer_1/host", "left": "chat1", "right": None}], "mapping": {"hosts": {"chat1": "chat2"}},
                      "sides": {"left": {"of": "description", "snapshot": ""}, "right": {"of": "live", "snapshot": ""}}}},
        {"compared": {"changes": [{"action": "create", "type": "CfgScript", "name": "Chat_9", "before": {}, "after": {"type": "CFGInteractionQueue"}}]}},
    ],
    "chat_solution_compare": [
        {"left": {"tenant": "Environment"}, "right": {"solution": {"tenant": "Environment"}}, "mapping": {"hosts": {"chat1": "chat2"}, "ports": {"1": "2"}}},
    ],
    "chat_solution_info": [{"tenant": "Environment", "chat_servers": ["ChatServer_1"]}, {"tenant": "Environment"}],
    "config_object": [
        {
            "type": "CfgHost",
            "name": "chat9",
            "folder": "Hosts",
            "annex": {"s": {"token": "t0ken-value"}},
            "properties": {"subtype": "CFGNetworkServer", "ostype": "CFGRedHatLinux", "ipaddress": "192.0.2.15", "lcaport": 4999},
        },
        {"type": "CfgApplication", "name": "MessageServer", "options": {"log": {"verbose": "all", "standard": None}}, "properties": {"startuptimeout": 33}},
        {"type": "CfgScript", "name": "Chat_New", "tenant": "Environment", "properties": {"subtype": "CFGInteractionQueue"}},
        {"type": "CfgHost", "name": "chat9", "state": "absent"},
    ],
    "config_restore": [
        {"path": SNAPSHOT, "allow_disruption": INSTALLED},
        {"path": SNAPSHOT, "object": "ChatServer_1", "type": "CfgApplication", "option": "settings", "allow_disruption": INSTALLED},
        {"path": SNAPSHOT, "later_edits": "overwrite", "allow_disconnect": True, "stopped_applications": INSTALLED, "production": True, "without_plan": True},
    ],
    "config_snapshot": [
        {"objects": [{"type": "CfgApplication", "name": "ChatServer_1"}, {"type": "CfgHost"}]},
        {"objects": [{"type": "CfgTenant"}], "path": "x"},
    ],
    "removal_plan_info": [{"solution": SOLUTION}, {"solution": SOLUTION, "applications": ["ChatServer_1"]}],
    "deployment_info": [
        {
            "solution": SOLUTION,
            "packages": dict.fromkeys(("chat_server", "contact_server", "interaction_server", "gms"), "x"),
            "hosts": [f"{kind}{number}" for kind in ("chat", "ucs", "ixn", "gms") for number in (1, 2, 3, 4)],
            "allow_disconnect": True,
            "allow_disruption": INSTALLED,
        },
        {"solution": SOLUTION, "allow_disconnect": True, "differences": True},
    ],
    "esp_link": [
        {"interaction_servers": ["IXN_1"], "chat_servers": ["ChatServer_1"], "addp": ADDP},
        {"interaction_servers": ["IXN_1"], "chat_servers": ["ChatServer_1"], "state": "absent"},
    ],
    "chat_high_availability": [
        {
            "chat_servers": ["ChatServer_1"],
            "mode": "n_plus_1",
            "pairs": [],
            "transcript_auto_save": 1,
            "transcript_save_on_error": "close",
            "submitted_by": "Chat",
            "digital_channels": True,
        },
        {"chat_servers": ["ChatServer_1"], "state": "absent"},
    ],
    "gms_chat_service": [
        {
            "gms": ["GMS_1"],
            "solution_control_server": "SolutionControlServer",
            "options": {"a": "b", "c": None},
            "default_chat_endpoint": "Environment:default",
        },
        {"gms": ["GMS_1"], "service": "sales", "state": "absent", "allow_disruption": INSTALLED},
    ],
    "gms_link": [{"gms": ["GMS_1"], "chat_servers": ["ChatServer_2"]}, {"gms": ["GMS_1"], "chat_servers": ["ChatServer_1"], "state": "absent"}],
    "ucs_pair": [
        {"primary": "UCS_1", "backup": "UCS_2", "redundancy_type": "hot standby"},
        {"primary": "UCS_1", "state": "absent", "stopped_applications": INSTALLED},
    ],
    "upgrade_lock": [
        {"upgrade_id": "contact_server 9.1.001.07", "owner": "job 1", "lease": 600, "name": "Lock"},
        {"upgrade_id": "contact_server 9.1.001.07", "owner": "job 1", "break_lock": True, "folder": "Applications"},
        {"upgrade_id": "contact_server 9.1.001.07", "owner": "job 1", "state": "suspended"},
        {"name": "Lock", "state": "absent", "break_lock": True},
    ],
    "upgrade_plan_info": [
        {"primaries": ["UCS_1"], "batch": "50%", "hosts": INSTALLED_ON, "inventory_hosts": INSTALLED_ON},
        {"role": "chat_server", "accept_lost_sessions": True},
    ],
    "wes_chat_channel": [CHANNEL, {"backend_server": "WES_1", "tenant": "Environment", "state": "absent", "allow_disruption": INSTALLED}],
    "wes_chat_channel_info": [{"backend_server": "WES_1", "tenant": "Environment", "chat_servers": ["ChatServer_1"], "release": "8.1.2"}],
    "workspace_chat_options": [
        {**WORKSPACE, "options": {"chat.on-hold-queue": "Chat_In", "chatserver.example": True}, "other_channels": ["workitem", "fax"], "separator": ", "},
        {**WORKSPACE, "options": {"chat.on-hold-queue": None}, "chat_channel": False, "inherits_from": "GMS_1", "state": "absent"},
    ],
}


# --- spoiling -----------------------------------------------------------------------------------------------------------

Path_ = tuple[Any, ...]


def places(tree: Any, start: Path_ = ()) -> Iterator[Path_]:
    """Return the path of every member of nested data."""
    for key, value in tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ():
        yield (*start, key)
        yield from places(value, (*start, key))


def holder(tree: Any, path: Path_) -> Any:
    """Return what holds the member at a path."""
    for key in path[:-1]:
        tree = tree[key]
    return tree


@st.composite
def spoiled(draw: st.DrawFn, tree: Any, most: int = 3) -> Any:
    """Return a copy of nested data with up to "most" members dropped, doubled, renamed, exchanged or replaced by something odd."""
    tree = json.loads(json.dumps(tree))  # unlike deepcopy, this leaves no part that is at two places
    for _unused in range(draw(st.integers(1, most))):
        paths = list(places(tree))
        if not paths:
            break
        path = draw(st.sampled_from(paths))
        box, key = holder(tree, path), path[-1]
        deed = draw(st.sampled_from(["replace", "replace", "drop", "double", "rename", "exchange", "wrap", "text", "null"]))
        if deed == "drop":
            del box[key]
        elif deed == "double" and isinstance(box, list):
            box.append(copy.deepcopy(box[key]))
        elif deed == "rename" and isinstance(box, dict):
            box[draw(texts)] = box.pop(key)
        elif deed == "exchange":
            other = draw(st.sampled_from(paths))
            if other[: len(path)] != path and path[: len(other)] != other:
                place = holder(tree, other)
                box[key], place[other[-1]] = place[other[-1]], box[key]
        elif deed == "wrap":
            box[key] = draw(st.sampled_from([[box[key]], {"name": box[key]}, {"": box[key]}, [[box[key]]]]))
        elif deed == "text":
            box[key] = str(box[key])
        elif deed == "null":
            box[key] = None
        else:
            box[key] = draw(st.sampled_from(ODD) | junk)
    return tree


RIGHT: dict[str, st.SearchStrategy[Any]] = {
    "str": texts,
    "path": texts,
    "bool": st.sampled_from([True, False, "yes", 0, "no"]),
    "int": st.integers(-1, 70000) | st.sampled_from(["5", " 7 ", 2**40]),
    "dict": st.dictionaries(texts, st.dictionaries(texts, scalars, max_size=2) | scalars, max_size=2),
    "list": st.lists(scalars, max_size=3),
    "raw": junk,
}


@st.composite
def from_spec(draw: st.DrawFn, spec: dict[str, Any]) -> dict[str, Any]:
    """Return arguments made from an argument specification: mostly of the right type, some missing, some wrong, some unknown."""
    arguments = {}
    for name, option in spec.items():
        if not draw(st.booleans()) and not option.get("required"):
            continue
        if draw(st.integers(0, 9)) == 0:
            arguments[name] = draw(junk)
        elif "choices" in option and draw(st.booleans()):
            arguments[name] = draw(st.sampled_from(option["choices"]))
        elif "options" in option:
            inner = from_spec(option["options"])
            arguments[name] = draw(inner if option["type"] == "dict" else st.lists(inner, max_size=2))
        else:
            arguments[name] = draw(RIGHT[option.get("type", "str")])
    if draw(st.integers(0, 9)) == 0:
        arguments[draw(texts)] = draw(junk)
    return arguments


def arguments_of(module: str) -> st.SearchStrategy[dict[str, Any]]:
    """Return arguments for a module: half of them spoiled valid ones, half made from its specification."""
    return st.sampled_from(VALID[module]).flatmap(spoiled) | from_spec(code_of(module).ARGUMENT_SPEC)
