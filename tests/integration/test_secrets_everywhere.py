# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets of all kinds are put everywhere, all modules run in all ways, and everything that they leave is searched for every form.

Searched are results, diffs, failures, warnings, the system log, snapshots, temporary directories and process lists. What one rule of
hiding does is in test_config_secrets.py; what may be seen is said in docs/unknowns.md.
"""

from __future__ import annotations

import contextlib
import functools
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

import ansible_runner
import pytest
import yaml
from integration.agents import furnish_agents
from integration.configured_site import CHAT_SERVERS, Site, solution
from integration.engagement import engage
from integration.go_between import Exchange, GoBetween
from integration.managed_hosts import PASSWORD, Hosts
from integration.module_runner import ModuleRunner, Outcome
from integration.secret_search import ProcessList, forms, found_below, found_in
from unit.fuzzing import gax_modules
from unit.in_process import Site as InMemory
from unit.in_process import furnished, run

from ansible_collections.genesys_engage.chat.plugins.module_utils import _module
from ansible_collections.genesys_engage.chat.plugins.module_utils._config import snapshot
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.secrets import Secrets
from ansible_collections.genesys_engage.chat.plugins.module_utils._gateway.password import obfuscate
from sandbox.testing import Sandbox

#: One for each way in. They hold what is written differently in JSON, URLs, HTML and shells.
ACCOUNT = 'zq-acc0unt+"ä/ 1'
WRONG_ACCOUNT = 'zq-wr0ng+"ä/ 2'
PROXY = "zq-pr0xy-3"
STORED = 'zq-st0red<&"ö 4'
STORED_PIN = "zq-st0red-p1n 5"
NEW = 'zq-n3w\\"ü% 6'
NEW_PIN = "zq-n3w-p1n 7"
OTHERS = "zq-0thers 8"
NUMBER = 7391648250
SECRETS = (ACCOUNT, WRONG_ACCOUNT, PROXY, STORED, STORED_PIN, NEW, NEW_PIN, OTHERS, str(NUMBER))

HIDING: dict[str, Any] = {"secret_option_names": ["^pin$"]}
BOX = {"db-password": NEW, "Client_Secret": NEW, "api-token": NUMBER, "tls-key": NEW, "pin": NEW_PIN, "verbose": "all"}
STORED_BOX = {"db-password": STORED, "old-secret": STORED, "api-token": STORED, "pin": STORED_PIN, "verbose": "standard"}
OPTIONS: dict[str, Any] = {"options": {"db": BOX, "tokens": BOX}, "annex": {"security": BOX}}


@pytest.fixture(scope="module")
def own_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site whose account has a password like no other."""
    with ModuleRunner(tmp_path_factory.mktemp("home")) as runner, Sandbox(scs=False, password=ACCOUNT) as sandbox:
        site = Site(sandbox, runner)
        site.furnish()
        engage(site, "ChatServer_1")
        for name in (*CHAT_SERVERS, "UCS_1", "UCS_2", "UCS_3", "UCS_4"):
            sandbox.edit("CfgApplication", name, workdirectory=f"/opt/genesys/{name}")
        stored: dict[str, Any] = {"options": {"db": STORED_BOX}, "annex": {"security": STORED_BOX}}
        for name in ("ChatServer_1", "ChatServer_2", "UCS_1", "IXN_1", "GMS_1", "MessageServer", "WES_1"):
            sandbox.edit("CfgApplication", name, **stored)
        sandbox.edit("CfgAppPrototype", "Chat Server 8.5.3", **stored)
        sandbox.edit("CfgHost", "chat1", annex=stored["annex"])
        sandbox.edit("CfgScript", "Chat_In", annex=stored["annex"])
        furnish_agents(site)
        for kind, name in (("CfgPerson", "anna"), ("CfgScript", "Wizard_Rule")):
            sandbox.edit(kind, name, annex=stored["annex"])
        site.queue("Chat_Old")
        sandbox.edit("CfgScript", "Chat_Old", annex=stored["annex"])
        yield site


@pytest.fixture(scope="module")
def start(own_site: Site) -> dict[str, Any]:
    return own_site.sandbox.database()


@pytest.fixture
def site(own_site: Site, start: dict[str, Any]) -> Site:
    own_site.sandbox.restore(start)
    own_site.sandbox.clear_faults()
    return own_site


def described() -> dict[str, Any]:
    """Return a description with secrets at every level."""
    found = solution(interaction_queues=["Chat_In", "Webengagement_Chat", "Chat_New"])
    found["chat_server_defaults"] |= OPTIONS
    found["chat_servers"][0] |= OPTIONS
    found["chat_servers"].append({"name": "ChatServer_9", "host": "chat1", "ports": {"default": 1, "webapi": 2, "ESP": 3, "health": 4}, **OPTIONS})
    found["contact_servers"]["defaults"] |= OPTIONS
    found["contact_servers"]["pairs"][0]["primary"] |= OPTIONS
    found["interaction_server_defaults"] = OPTIONS
    found["interaction_servers"][0] |= OPTIONS
    found["gms_defaults"] = OPTIONS
    found["gms"][0] |= OPTIONS
    return found


#: Runs of every module: what it is given.
RUNS: dict[str, list[dict[str, Any]]] = {
    "agent_chat_access": [{"tenant": "Environment", "persons": ["anna"], "capacity_rule": "Wizard_Rule", "capacity_for": "persons"}],
    "agent_chat_access_info": [{"tenant": "Environment"}],
    "application_info": [{}, {"names": ["ChatServer_1"]}],
    "application_template": [{"name": "Chat Server 8.5.3"}, {"src": __file__}],
    "chat_capacity_rule": [{"tenant": "Environment", "name": "Wizard_Rule", "capacity": {"chat": 4}}],
    "chat_endpoint": [{"chat_servers": ["ChatServer_1"], "tenant": "Environment", "endpoint": "x", "queue": "Chat_In"}],
    "chat_server_app": [
        {"name": "ChatServer_1", **OPTIONS},
        {"name": "ChatServer_2", "options": {"db": dict.fromkeys(STORED_BOX)}},
        {"name": "ChatServer_3", "state": "absent"},
    ],
    "chat_server_groups": [{"pairs": [{"primary": "UCS_1", "backup": "UCS_2"}]}],
    "chat_solution": [{"solution": described()}],
    "chat_audit": [{}, {"solution": {"tenant": "Environment"}}],
    "chat_solution_report": [{}, {"solution": {"tenant": "Environment"}}],
    "chat_solution_compare": [{"left": {"tenant": "Environment"}, "right": {"solution": {"tenant": "Environment"}}}],
    "chat_solution_info": [{"tenant": "Environment"}],
    "config_object": [
        {"type": "CfgHost", "name": "chat1", "annex": {"security": BOX}},
        {"type": "CfgApplication", "name": "MessageServer", "options": {"db": BOX}, "properties": {"password": NEW, "startuptimeout": 12}},
        {"type": "CfgPerson", "name": "agent1", "properties": {"employeeid": "A1", "tenantdbid": "1", "password": NEW}},
        {"type": "CfgScript", "name": "Chat_Old", "tenant": "Environment", "state": "absent"},
    ],
    "config_restore": [],  # see below
    "config_snapshot": [{"objects": [{"type": "CfgApplication"}, {"type": "CfgHost", "name": "chat1"}, {"type": "CfgAppPrototype"}]}],
    "removal_plan_info": [{"solution": described()}],
    "deployment_info": [{"solution": described()}],
    "esp_link": [{"interaction_servers": ["IXN_1"], "chat_servers": ["ChatServer_1"], "addp": {"local_timeout": 33}}],
    "chat_high_availability": [{"submitted_by": "Chat"}, {"chat_servers": ["ChatServer_1"], "state": "absent"}],
    "gms_chat_service": [{"gms": ["GMS_1"], "solution_control_server": "SolutionControlServer", "options": BOX}],
    "gms_link": [{"gms": ["GMS_1"], "chat_servers": ["ChatServer_1"], "state": "absent"}],
    "ucs_pair": [{"primary": "UCS_1", "backup": "UCS_2", "redundancy_type": "hot standby"}],
    "upgrade_lock": [{"upgrade_id": "x", "owner": "y"}, {"upgrade_id": "x", "owner": "y", "state": "absent"}],
    "upgrade_plan_info": [{}, {"role": "chat_server", "accept_lost_sessions": True}],
    "wes_chat_channel": [{"backend_server": "WES_1", "tenant": "Environment", "queue": "Chat_In"}],
    "wes_chat_channel_info": [{"backend_server": "WES_1", "tenant": "Environment"}],
    "workspace_chat_options": [{"tenant": "Environment", "level": "tenant", "options": {"chatserver.password": NEW}, "other_channels": []}],
}
#: What makes a run fail: before Ansible has looked at the arguments, while it does, at the login, and on the way.
FAILURES: list[dict[str, Any]] = [
    {"no_such_option": {"options": {"db": BOX}}},
    {"timeout": "soon"},
    {"gax_password": WRONG_ACCOUNT},
    {"gax_username": "nobody"},
    {"gax_url": "http://127.0.0.1:9", "retries": 0},
    {"proxy": f"http://user:{PROXY}@127.0.0.1:9", "retries": 0},
    {"proxy": f"ftp://user:{PROXY}@127.0.0.1:9", "retries": 0},
    {"secret_option_names": ["^pin$", "("]},
    {"ca_path": "/nowhere"},
]


def keeps_quiet(site: Site, outcome: Outcome) -> None:
    """Assert that a run left no secret, neither in what it said nor in its files, and that it said something."""
    assert outcome.result and outcome.stdout, outcome.everything
    assert "Traceback" not in outcome.everything
    assert found_in(outcome.everything, SECRETS) == [], outcome.everything
    assert found_below(site.runner.directory, SECRETS) == []


def test_all_modules_are_here() -> None:
    assert sorted(RUNS) == gax_modules()


@pytest.mark.parametrize("module", [module for module in RUNS if RUNS[module]])
def test_previews_and_successes(site: Site, module: str) -> None:
    for arguments in RUNS[module]:
        for check in (True, False):
            outcome = site.run(module, check, **HIDING, **arguments)
            keeps_quiet(site, outcome)
            if check:
                assert site.writes() == []


@pytest.mark.parametrize("module", [module for module in RUNS if RUNS[module]])
def test_failures(site: Site, module: str) -> None:
    before = site.sandbox.database()
    # What happens before a module's own work is the same for all.
    for failure in FAILURES if module in ("chat_solution", "config_object", "application_info") else FAILURES[:3]:
        outcome = site.run(module, **{**HIDING, **RUNS[module][0], **failure})
        keeps_quiet(site, outcome)
        assert outcome.result.get("failed"), failure
    for name, value in RUNS[module][0].items():  # nested arguments as text, as a template may give them
        if isinstance(value, dict):
            for text in (json.dumps(value), str(value), json.dumps(value)[:-1]):
                keeps_quiet(site, site.run(module, True, **{**HIDING, **RUNS[module][0], name: text, "no_such_option": 1}))
    assert site.sandbox.database() == before


def test_the_secrets_are_there_and_arrive(site: Site) -> None:
    """The control of all tests above: there was something to leak, and it got to its place."""
    stored = found_in(json.dumps(site.sandbox.database()), SECRETS)
    assert [secret for secret in SECRETS if any(repr(secret) in what for what in stored)] == [STORED, STORED_PIN]
    outcome = site.ok("chat_solution", solution=described(), warns=True, **HIDING)
    for name in ("ChatServer_9", "ChatServer_1", "UCS_3", "IXN_1", "GMS_1"):
        options = site.sandbox.options("CfgApplication", name)
        assert (options["db"]["db-password"], options["tokens"]["pin"], options["db"]["api-token"]) == (NEW, NEW_PIN, str(NUMBER)), name
    assert "********" in outcome.stdout and "verbose" in outcome.stdout


def test_snapshot_and_the_way_back(site: Site) -> None:
    outcome = site.ok("chat_server_app", name="ChatServer_1", **OPTIONS, **HIDING)
    kept = Path(outcome.result["snapshot"])
    assert '"db-password"' in kept.read_text() and "ChatServer_1" in kept.read_text()
    for later_edits in ("refuse", "overwrite"):
        for check in (True, False):
            keeps_quiet(site, site.run("config_restore", check, path=str(kept), later_edits=later_edits, **HIDING))
    assert site.sandbox.options("CfgApplication", "ChatServer_1")["db"]["db-password"] == NEW


def test_conflict_over_secrets(site: Site) -> None:
    dbid = site.dbid("CfgApplication", "ChatServer_1")
    for key in ("db-password", "pin"):
        edit = {"type": "CfgApplication", "name": "ChatServer_1", "options": {"db": {key: OTHERS}}}
        site.sandbox.fault("edit", {"method": "GET", "path_regex": f"CfgApplication/{dbid}$"}, edit=edit)
        outcome = site.run("chat_server_app", name="ChatServer_1", options={"db": BOX}, **HIDING)
        assert outcome.result["failed"] and f"db/{key}" in outcome.message
        keeps_quiet(site, outcome)


def as_message(body: bytes) -> tuple[str, bytes]:
    return "application/json", json.dumps({"message": "can't read " + body.decode()}).encode()


def as_data(body: bytes) -> tuple[str, bytes]:
    return "application/json", json.dumps({"error": json.loads(body or b"{}"), "message": "no"}).encode()


def as_list(body: bytes) -> tuple[str, bytes]:
    return "application/json", json.dumps({"code": [json.loads(body or b"{}")], "message": "no"}).encode()


def as_text(body: bytes) -> tuple[str, bytes]:
    return "text/plain", b"can't read " + body


def as_decoded_text(body: bytes) -> tuple[str, bytes]:
    return "text/plain", ("can't read " + str(json.loads(body or b"{}"))).encode()


def as_page(body: bytes) -> tuple[str, bytes]:
    return "text/html", b"<html>can't read " + body + b"</html>"


def from_the_secret_on(body: bytes) -> tuple[str, bytes]:
    """A part of the body around the secrets, which begins and ends anywhere."""
    text = body.decode()
    places = [text.find(json.dumps(secret)[1:-1]) for secret in (STORED, NEW, NEW_PIN, STORED_PIN, ACCOUNT) if json.dumps(secret)[1:-1] in text]
    start = max(0, min(places, default=0) - 290)
    return "text/plain", text[start : start + 400].encode()


ECHOES: list[Callable[[bytes], tuple[str, bytes]]] = [as_message, as_data, as_list, as_text, as_decoded_text, as_page, from_the_secret_on]


@pytest.mark.parametrize("echo", ECHOES, ids=[echo.__name__ for echo in ECHOES])
def test_server_that_repeats_what_it_was_sent(site: Site, echo: Callable[[bytes], tuple[str, bytes]]) -> None:
    """With the secrets of the task in it, and those that the object had before."""

    def refuse(exchange: Exchange, logins: bool) -> Exchange | None:
        if not (exchange.write or (logins and exchange.path == "session/login")):
            return None
        kind, content = echo(exchange.body)
        return Exchange(exchange.method, exchange.path, exchange.body, 400, kind, content)

    runs: list[tuple[bool, str, dict[str, Any]]] = [
        (False, "chat_server_app", {"name": "ChatServer_1", **OPTIONS}),
        (False, "chat_server_app", {"name": "ChatServer_1", "startup_timeout": 17}),
        (False, "chat_solution", {"solution": described()}),
        (False, "config_object", RUNS["config_object"][2]),
        (True, "application_info", {}),
    ]
    with GoBetween(site.sandbox.url) as between:
        for logins, module, arguments in runs:
            between.asked = functools.partial(refuse, logins=logins)
            outcome = site.run(module, gax_url=between.url, **HIDING, **arguments)
            assert outcome.result.get("failed"), outcome.everything
            keeps_quiet(site, outcome)


# --- under Ansible itself, and on the hosts -----------------------------------------------------------------------------


def tasks() -> list[dict[str, Any]]:
    """Return tasks that show and keep as much as they can."""

    def module(module_name: str, /, **arguments: Any) -> dict[str, Any]:
        return {"name": module_name, f"genesys_engage.chat.{module_name}": arguments, "register": "result", "ignore_errors": True}

    keep = {"name": "keep", "ansible.builtin.set_fact": {"cacheable": True, "kept": "{{ result }}"}}
    show = {"name": "show", "ansible.builtin.debug": {"var": "result"}}
    role = {"name": "genesys_engage.chat.configuration"}
    return [
        {"name": "configure", "ansible.builtin.include_role": role, "vars": {"configuration_solution": "{{ described }}"}},
        module("chat_server_app", name="ChatServer_1", options={"db": {"db-password": OTHERS, "pin": NEW_PIN}}, **HIDING),
        module("chat_server_app", name="ChatServer_1", options={"db": BOX}, host="nowhere", **HIDING),
        module("chat_server_app", name="ChatServer_1", annex={"security": BOX}, no_such_option=1, **HIDING),
        module("chat_solution_info", tenant="Environment", gax_password=WRONG_ACCOUNT),
        module("application_info", proxy=f"http://user:{PROXY}@127.0.0.1:9", retries=0),
        module("application_info", **HIDING),
        show,
        keep,
    ]


@pytest.mark.slow
def test_all_that_ansible_leaves(site: Site, tmp_path: Path) -> None:
    """Output at -vvvv, diffs, log, cache of facts, retry files, temporary directories, ansible-runner's artifacts, and process lists."""
    for box in ({"options": {"db": {"pin": None}}}, {"annex": {"security": {"pin": None}}}):  # the role does not know that name
        for name in ("ChatServer_1", "ChatServer_2", "UCS_1", "IXN_1", "GMS_1", "MessageServer"):
            site.sandbox.edit("CfgApplication", name, **box)
        site.sandbox.edit("CfgAppPrototype", "Chat Server 8.5.3", **box)
    description = json.loads(json.dumps(described()).replace('"pin"', '"pin-key"'))
    given, left = tmp_path / "given", tmp_path / "left"
    for place in (given, left, left / "project"):
        place.mkdir()
    connection = {f"gax_{key.removeprefix('gax_')}": value for key, value in site.connection.items()}
    host = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable, "described": description}
    (given / "hosts.yml").write_text(yaml.safe_dump({"all": {"hosts": {"localhost": {**host, **connection}}}}), encoding="utf-8")
    defaults = {"group/genesys_engage.chat.chat": {key: "{{ %s }}" % key for key in connection}}
    roles = {f"configuration_{key}": "{{ %s }}" % key for key in connection}
    book = [{"hosts": "all", "gather_facts": False, "module_defaults": defaults, "vars": roles, "tasks": tasks()}]
    (given / "play.yml").write_text(yaml.safe_dump(book, sort_keys=False), encoding="utf-8")
    places = {
        "HOME": left / "home",
        "TMPDIR": left / "tmp",
        "ANSIBLE_LOCAL_TEMP": left / "local",
        "ANSIBLE_REMOTE_TEMP": left / "remote",
        "ANSIBLE_RETRY_FILES_SAVE_PATH": left / "retry",
    }
    for place in places.values():
        place.mkdir()
    others = {"ANSIBLE_LOG_PATH": left / "ansible.log", "ANSIBLE_RETRY_FILES_ENABLED": 1, "ANSIBLE_NOCOLOR": 1}
    programs = Path(os.environ.get("TESTED_ANSIBLE_PLAYBOOK", sys.executable)).parent
    others["PATH"] = f"{programs}:{os.environ['PATH']}"
    environment = {key: str(value) for key, value in {**places, **others}.items()}
    with ProcessList() as seen:
        done = ansible_runner.run(
            private_data_dir=str(left),
            playbook=str(given / "play.yml"),
            inventory=str(given / "hosts.yml"),
            cmdline="--diff",
            verbosity=4,
            envvars=environment,
            quiet=True,
            timeout=100,
        )
    output = done.stdout.read()
    assert done.status == "successful", output[-3000:]
    for trace in ("ChatServer_9", "********", "there is no host named", "no_such_option", "refused the login", "proxy"):
        assert trace in output, trace
    artifacts = {path.parent.name: path for path in (left / "artifacts").rglob("*") if path.is_file()}
    assert "job_events" in artifacts and "ChatServer_9" in (left / "ansible.log").read_text()
    assert "ChatServer_9" in artifacts["fact_cache"].read_text()
    assert found_in(output, SECRETS) == []
    assert found_below(left, SECRETS) == []
    commands = [line for line in seen.commands() if b"AnsiballZ" in line]
    assert commands, "no module was seen"
    for line in [*seen.commands(), *seen.environments()]:
        assert of_the_sandbox(line) or found_in(line, SECRETS) == [], line
    assert site.sandbox.options("CfgApplication", "ChatServer_1")["db"]["db-password"] == OTHERS


def of_the_sandbox(line: bytes) -> bool:
    """Tell whether a command line is that of the sandbox, which is no part of the collection."""
    return b"sandbox" in line.split(b"\0")[2:3]


def tool_of(line: bytes) -> str:
    """Return which of the two commands a command line is, or the whole line. The installer calls its helper through a shell."""
    words = line.split(b"\0")[:3]
    if words[:2] == [b"/bin/sh", b"-c"]:
        words = words[2].split(b" ")[:2]
    programs = {Path(word.decode()).name for word in words}
    return "mlcmd" if programs & {"mlcmd", "mlcmd_64"} else "cfgutility" if "cfgutility" in programs else str(line)


@pytest.mark.slow
def test_hosts_and_the_two_commands_that_show_the_password(tmp_path: Path) -> None:
    """The password of the Configuration Server is in the arguments of the installer's helper and of mlcmd, as docs/unknowns.md says, and nowhere else."""
    with ModuleRunner(tmp_path) as runner, Sandbox(password=PASSWORD) as sandbox:
        hosts = Hosts(sandbox, runner)
        with ProcessList() as seen:
            hosts.installed()
            hosts.run("application_status_info", hosts.control(None))
            hosts.install(confserv_password=OTHERS)
        telling = {tool_of(line) for line in seen.commands() if found_in(line, [PASSWORD, OTHERS]) and not of_the_sandbox(line)}
        assert telling == {"mlcmd", "cfgutility"}
        assert [line for line in seen.environments() if found_in(line, [PASSWORD, OTHERS])] == []
        assert found_below(tmp_path, [PASSWORD, OTHERS]) == []
        assert found_below(sandbox.directory / "hosts", [PASSWORD, OTHERS]) == []


# --- controls -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", forms("x"))
def test_every_form_is_found(name: str) -> None:
    for secret in (ACCOUNT, NEW, STORED):
        planted = b"before " + forms(secret)[name] + b" after"
        assert found_in(planted, [secret]), name
        assert found_in(planted, [PROXY]) == []


HOLES: dict[str, tuple[Any, str, Any]] = {
    "results and diffs": (Secrets, "mask", lambda _self, tree: tree),
    "values in a snapshot": (Secrets, "shown", lambda _self, _path, value: value),
    "objects in a snapshot": (snapshot, "_without_secrets", lambda value, _secrets, _key="": value),
    "arguments": (_module.EngageModule, "shown_arguments", lambda self: self.params),
}


@pytest.mark.parametrize("hole", [None, *HOLES])
def test_a_hole_in_the_hiding_is_found(hole: str | None) -> None:
    """With one part of the hiding taken away, what a module says or saves holds a secret; with all of it in place, nothing."""
    objects, _snapshot = furnished()
    gateway = InMemory(objects)
    gateway.named("CfgApplication", "ChatServer_1")["options"]["property"].append({"section": "db", "key": "old-password", "value": STORED})
    with contextlib.ExitStack() as stack:
        if hole is not None:
            stack.enter_context(patch.object(*HOLES[hole]))
        ended = run("chat_server_app", {"name": "ChatServer_1", **OPTIONS, **HIDING}, gateway, check=False)
    assert not ended.failed and gateway.effects and ended.snapshot, ended.text
    assert bool(found_in(ended.text + ended.snapshot, SECRETS)) == (hole is not None)


def test_obfuscated_passwords_are_found() -> None:
    for shift in range(68, 191):  # 92 is a backslash, which JSON writes twice
        password = obfuscate(ACCOUNT, partial(int, shift))
        for text in (password, json.dumps({"password": password}), json.dumps(json.dumps({"password": password}))):
            assert found_in("before " + text, [ACCOUNT]) == [f"{ACCOUNT!r} (obfuscated)"]
            assert found_in("before " + text, [PROXY]) == []


def test_the_process_list_is_seen() -> None:
    with ProcessList() as seen:
        subprocess.run([sys.executable, "-c", "import time; time.sleep(0.3)", NEW], env={"SECRET": OTHERS}, check=True)
    assert [line for line in seen.commands() if found_in(line, [NEW])]
    assert [line for line in seen.environments() if found_in(line, [OTHERS])]
