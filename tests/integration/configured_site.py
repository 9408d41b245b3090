# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A site for the tests of the configuration modules: a sandbox, the modules as processes, and a chat solution to start from."""

from __future__ import annotations

import copy
import re
from pathlib import Path
from typing import Any

from integration.module_runner import ModuleRunner, Outcome
from integration.vocabulary import Leaves, Snapshot

from sandbox.packages.templates import PLACEHOLDER_SECTION
from sandbox.testing import Sandbox

CHAT_TEMPLATE = "Chat Server 8.5.3"
CONTACT_TEMPLATE = "Universal Contact Server 9.1"
INTERACTION_TEMPLATE = "Interaction Server 8.5.2"
GMS_TEMPLATE = "Genesys Mobile Services 8.5.2"
CHAT_PORTS = {"default": 4580, "webapi": 4581, "ESP": 4582, "health": 4583}
ADDP = {"local_timeout": 10, "remote_timeout": 10, "trace": "both"}
CHAT_SERVERS = ("ChatServer_1", "ChatServer_2", "ChatServer_3", "ChatServer_4")
PRIMARIES = ("UCS_1", "UCS_3")
SECRET = "sup3r-s3cret-value"

#: A description of the size that the demonstration has.
SOLUTION: dict[str, Any] = {
    "tenant": "Environment",
    "addp": ADDP,
    "interaction_queues": ["Chat_In", "Webengagement_Chat"],
    "interaction_servers": [{"name": "IXN_1", "application_template": INTERACTION_TEMPLATE, "host": "ixn1", "ports": {"default": 4420}}],
    "gms": [
        {
            "name": "GMS_1",
            "application_template": GMS_TEMPLATE,
            "host": "gms1",
            "ports": {"default": 8080},
            "connections": [{"server": "SolutionControlServer"}],
        }
    ],
    "chat_server_defaults": {
        "application_template": CHAT_TEMPLATE,
        "ports": CHAT_PORTS,
        "endpoints": {"default": "Chat_In", "webme": "Webengagement_Chat"},
        "log_privacy": {"hide_attached_data": True, "message_log_print_size": 0},
    },
    "chat_servers": [
        {"name": "ChatServer_1", "host": "chat1"},
        {"name": "ChatServer_2", "host": "chat2", "options": {"settings": {"limit-for-sessions": 2000}}},
        {"name": "ChatServer_3", "host": "chat3"},
        {"name": "ChatServer_4", "host": "chat4"},
    ],
    "contact_servers": {
        "defaults": {"application_template": CONTACT_TEMPLATE, "ports": {"default": 7100}},
        "pairs": [
            {"primary": {"name": "UCS_1", "host": "ucs1"}, "backup": {"name": "UCS_2", "host": "ucs2"}},
            {"primary": {"name": "UCS_3", "host": "ucs3"}, "backup": {"name": "UCS_4", "host": "ucs4"}},
        ],
    },
    "message_server": "MessageServer",
    "configuration_server": "confserv",
}


def solution(**changes: Any) -> dict[str, Any]:
    """Return a copy of the description, with some parts replaced; None takes a part out."""
    description = copy.deepcopy({**SOLUTION, **changes})
    return {key: value for key, value in description.items() if value is not None}


class Site:
    """A sandbox and what works on it."""

    def __init__(self, sandbox: Sandbox, runner: ModuleRunner) -> None:
        self.sandbox = sandbox
        self.runner = runner
        self.connection: dict[str, Any] = {"gax_url": sandbox.url, "gax_username": sandbox.username, "gax_password": sandbox.password}

    # running modules

    def run(self, module: str, check: bool = False, environment: dict[str, str] | None = None, **arguments: Any) -> Outcome:
        """Run a module, whatever comes of it. The request log is emptied before."""
        self.sandbox.clear()
        name = {"_ansible_module_name": f"genesys_engage.chat.{module}"}
        return self.runner.run(module, {**self.arguments(check, arguments), **name}, environment)

    def arguments(self, check: bool, arguments: dict[str, Any]) -> dict[str, Any]:
        """Return a module's arguments as Ansible sends them: the user's, without those that are None, and its own."""
        given = {key: value for key, value in {**self.connection, **arguments}.items() if value is not None}
        # The last one is what newer versions of Ansible want before they show the arguments.
        own = {"check_mode": check, "diff": True, "verbosity": 4, "remote_tmp": str(self.runner.directory), "inject_invocation": True}
        return {**given, **{f"_ansible_{key}": value for key, value in own.items()}}

    def ok(self, module: str, check: bool = False, warns: bool = False, **arguments: Any) -> Outcome:
        """Run a module that must succeed, without a word on standard error and, unless said otherwise, without a warning."""
        outcome = self.run(module, check, **arguments)
        assert outcome.returncode == 0 and not outcome.result.get("failed"), outcome.result.get("msg") or outcome.everything
        assert not outcome.stderr, outcome.stderr
        assert warns or not outcome.warnings, outcome.warnings
        return outcome

    def refuses(self, module: str, *words: str, check: bool = False, **arguments: Any) -> Outcome:
        """Run a module that must fail with a message that holds the words, without a traceback and without a change of the database."""
        before = self.sandbox.database()
        outcome = self.run(module, check, **arguments)
        fails_well(outcome, *words)
        assert self.sandbox.database() == before, "something was written"
        return outcome

    def writes(self) -> list[tuple[str, str, str]]:
        """Return the writes of the last run, from the request log, as (action, class, name)."""
        actions = {"POST": "create", "PUT": "update", "DELETE": "delete"}
        return [(actions[entry["method"]], entry["type"], entry["name"]) for entry in self.sandbox.writes()]

    # looking at the result

    def application(self, name: str) -> Leaves:
        """Return an application of the sandbox in the documentation's words."""
        state = Snapshot(self.sandbox.database())
        return state.words(state.objects()["CfgApplication", name])

    def exists(self, class_name: str, name: str) -> bool:
        """Tell whether there is an object of that name."""
        return self.sandbox.object(class_name, name) is not None

    # making what is to be met

    def dbid(self, class_name: str, name: str) -> str:
        """Return a DBID, to build objects past the modules."""
        value = self.sandbox.object(class_name, name)
        assert value is not None, f"there is no {class_name} '{name}'"
        return str(value["dbid"])

    def queue(self, name: str, tenant: str = "Environment", subtype: str = "CFGInteractionQueue") -> None:
        """Create an Interaction Queue, or another script."""
        self.sandbox.create("CfgScript", name=name, subtype=subtype, tenantdbid=self.dbid("CfgTenant", tenant))

    def link(self, server: str, port: str = "default", addp: bool = True, **fields: str) -> dict[str, Any]:
        """Return a connection to a server as the wire carries it."""
        settings = {"connprotocol": "addp", "timoutlocal": "10", "timoutremote": "10", "mode": "CFGTMBoth"} if addp else {}
        return {"id": port, "appserverdbid": self.dbid("CfgApplication", server), **settings, **fields}

    def make(
        self,
        name: str,
        template: str,
        host: str,
        ports: dict[str, int],
        options: dict[str, dict[str, str]] | None = None,
        links: list[dict[str, Any]] | None = None,
        tenants: tuple[str, ...] = ("Environment",),
        **fields: Any,
    ) -> None:
        """Create an application with the options of its template, which "options" change; a section set to {} is left out."""
        prototype = self.sandbox.object("CfgAppPrototype", template)
        assert prototype is not None, f"there is no template '{template}'"
        sections: dict[str, dict[str, str]] = {}
        for entry in prototype["options"]["property"]:
            sections.setdefault(entry["section"], {})[entry["key"]] = entry["value"]
        for section, values in (options or {}).items():
            sections[section] = {**sections.get(section, {}), **values} if values else {}
        self.sandbox.create(
            "CfgApplication",
            name=name,
            appprototypedbid=prototype["dbid"],
            hostdbid=self.dbid("CfgHost", host),
            autorestart="CFGFalse",
            workdirectory=fields.pop("workdirectory", "."),
            commandline=".",
            commandlinearguments=".",
            portinfos={"portinfo": [{"id": port_id, "port": str(number)} for port_id, number in ports.items()]},
            tenantdbids={"id": [{"dbid": self.dbid("CfgTenant", tenant)} for tenant in tenants]},
            options={"property": [{"section": s, "key": key, "value": value} for s, values in sections.items() for key, value in values.items()]},
            appservers={"conninfo": links or []},
            **fields,
        )

    def make_chat_server(self, name: str, host: str, contact_server: str = "UCS_1", **fields: Any) -> None:
        """Create a complete Chat Server, connected to all that it should be connected to."""
        endpoints = {"default": "Chat_In", "webme": "Webengagement_Chat"}
        options = {PLACEHOLDER_SECTION: {}, "endpoints:1": endpoints, **fields.pop("options", {})}
        links = fields.pop("links", None)
        if links is None:
            links = [self.link(server) for server in ("IXN_1", contact_server, "confserv", "MessageServer")]
        self.make(name, CHAT_TEMPLATE, host, fields.pop("ports", CHAT_PORTS), options, links, **fields)

    def furnish_surroundings(self) -> None:
        """Create the queues and the servers around the Chat Servers: one Interaction Server, one GMS node, two UCS pairs."""
        self.queue("Chat_In")
        self.queue("Webengagement_Chat")
        self.make("IXN_1", INTERACTION_TEMPLATE, "ixn1", {"default": 4420})
        self.make("GMS_1", GMS_TEMPLATE, "gms1", {"default": 8080}, links=[self.link("SolutionControlServer")])
        for number in (1, 2, 3, 4):
            self.make(f"UCS_{number}", CONTACT_TEMPLATE, f"ucs{number}", {"default": 7100})
        for primary, backup in (("UCS_1", "UCS_2"), ("UCS_3", "UCS_4")):
            self.sandbox.edit("CfgApplication", primary, backupserverdbid=self.dbid("CfgApplication", backup), redundancytype="CFGHTWarmStanby")

    def furnish(self) -> None:
        """Create everything that SOLUTION describes, past the modules."""
        self.furnish_surroundings()
        for number, name in enumerate(CHAT_SERVERS, 1):
            options = {"settings": {"limit-for-sessions": "2000"}} if number == 2 else {}
            self.make_chat_server(name, f"chat{number}", PRIMARIES[(number - 1) // 2], options=options)
        self.relink("IXN_1", [self.link(name, "ESP") for name in CHAT_SERVERS])
        self.relink("GMS_1", [self.link("SolutionControlServer"), *(self.link(name, "webapi", addp=False) for name in CHAT_SERVERS)])

    def relink(self, client: str, links: list[dict[str, Any]]) -> None:
        """Replace the connections of an application."""
        self.sandbox.edit("CfgApplication", client, appservers={"conninfo": links})


def fails_well(outcome: Outcome, *words: str) -> None:
    """Assert a failure with a message that holds the words: a sentence for an administrator, nothing of the inside."""
    assert outcome.result.get("failed") is True and outcome.returncode == 1, outcome.stderr[-500:] or f"it did not fail: {str(outcome.result)[:300]}"
    assert "Traceback" not in outcome.everything and "exception" not in outcome.result, outcome.everything
    assert not outcome.stderr, outcome.stderr
    message = outcome.message
    for word in words:
        assert word in message, f"'{word}' is not in: {message}"
    assert "defect of the collection" not in message, message
    # In quotes it is the user's own word, and a server that refuses says what it likes.
    assert not re.search(r"(?i)(?<!['\w])dbid|#\d|(?<!options/)endpoints:\d", message.split("GAX refused")[0]), f"a DBID in: {message}"


def own_directory(path: Path) -> list[str]:
    """Return the files below a directory, to see what was left behind."""
    return sorted(str(file.relative_to(path)) for file in path.rglob("*") if file.is_file())
