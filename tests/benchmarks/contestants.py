# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The contestants: each brings the same sandbox to the same configuration, in its own way."""

from __future__ import annotations

import json
import os
import shutil
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests
from integration.module_runner import NOT_INHERITED
from integration.vocabulary import Leaves, Snapshot

from sandbox.testing import Sandbox

from .estate import ADDP, CHAT_TEMPLATE, ENDPOINTS, Estate, build_hosts, host_of
from .measured import Measured, measured

HERE = Path(__file__).resolve().parent
BIN = Path(sys.executable).parent
CLASSES = ["CfgApplication", "CfgAppPrototype", "CfgHost", "CfgScript", "CfgTenant"]


@dataclass
class Runs:
    """What one contestant took in one scenario: seconds and peak memory of its process, seconds of the whole playbook, requests."""

    seconds: list[float] = field(default_factory=list)
    playbook_seconds: list[float] = field(default_factory=list)
    peak_mb: list[float] = field(default_factory=list)
    requests: int = 0
    objects: int = 0

    def add(self, run: Measured, requests: int) -> None:
        """Count a run of the process."""
        self.seconds.append(run.seconds)
        self.peak_mb.append(run.peak_mb)
        self.requests = requests


class Arena:
    """A sandbox with the hosts of an estate, and a directory for what the contestants read and write.

    The environment is one of its own; Python keeps its compiled files below the directory, as it would in an installation.
    """

    def __init__(self, sandbox: Sandbox, estate: Estate, directory: Path, limit: float = 300.0) -> None:
        self.sandbox = sandbox
        self.estate = estate
        self.directory = directory
        self.limit = limit
        self.empty = build_hosts(sandbox, estate.hosts())
        self.connection = {"gax_url": sandbox.url, "gax_username": sandbox.username, "gax_password": sandbox.password}
        self.environment = {key: value for key, value in os.environ.items() if not key.startswith((*NOT_INHERITED, "PYTHON"))}
        self.environment.update(
            HOME=str(directory),
            PATH=f"{BIN}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
            LC_ALL="C.UTF-8",
            PYTHONPYCACHEPREFIX=str(directory / "compiled"),
            ANSIBLE_HOME=str(directory / "ansible"),
            ANSIBLE_LOCAL_TEMP=str(directory / "ansible" / "local"),
            ANSIBLE_REMOTE_TEMP=str(directory / "ansible" / "remote"),
            ANSIBLE_LOCALHOST_WARNING="false",
            ANSIBLE_NOCOLOR="1",
            GAX_SNAPSHOT_DIR=str(directory / "snapshots"),
        )
        self.write("wanted", self._wanted())
        self.write("bulk", {"gax": self.connection, "solution": estate.description()})
        self.write("arguments", {"ANSIBLE_MODULE_ARGS": {**self.connection, "solution": estate.description()}})

    def write(self, name: str, content: Any) -> Path:
        """Write a JSON file into the directory."""
        path = self.directory / f"{name}.json"
        path.write_text(json.dumps(content), encoding="utf-8")
        return path

    def _wanted(self) -> dict[str, Any]:
        account = {"url": self.sandbox.url, "username": self.sandbox.username, "password": self.sandbox.password}
        return {**account, "classes": CLASSES, "queues": list(ENDPOINTS.values()), "applications": self.estate.applications()}

    def run(self, command: list[str], **environment: str) -> tuple[Measured, int]:
        """Run a command; return what it took, and the number of its requests to GAX."""
        self.sandbox.clear()
        taken = measured(command, {**self.environment, **environment}, self.directory, self.limit)
        return taken, len(self.sandbox.requests("gax"))

    def playbook(self, name: str, variables: Path, **environment: str) -> tuple[Measured, int]:
        """Run one of the playbooks of this directory."""
        interpreter = f"ansible_python_interpreter={sys.executable}"
        command = [str(BIN / "ansible-playbook"), "-i", "localhost,", "-c", "local", str(HERE / name), "-e", f"@{variables}", "-e", interpreter]
        return self.run(command, **environment)

    # whole estate

    def floor(self) -> list[str]:
        """Return the command of the floor."""
        return [sys.executable, str(HERE / "floor.py"), str(self.directory / "wanted.json")]

    def module(self) -> list[str]:
        """Return the command of chat_solution as Ansible starts it: the file that it sends to the host, module and arguments in one."""
        remote = self.directory / "ansible" / "remote"
        shutil.rmtree(remote, ignore_errors=True)
        self.playbook("bulk.yml", self.directory / "bulk.json", ANSIBLE_KEEP_REMOTE_FILES="1")
        (path,) = remote.glob("*/AnsiballZ_chat_solution.py")
        return [sys.executable, str(shutil.copy(path, self.directory))]

    def unpacked_module(self) -> list[str]:
        """Return the command of chat_solution without Ansible's packing: the module and its imports are read from the installation."""
        return [sys.executable, "-m", "ansible_collections.genesys_engage.chat.plugins.modules.chat_solution", str(self.directory / "arguments.json")]

    # one object after the other

    def specs(self, count: int) -> list[dict[str, Any]]:
        """Return the first Chat Servers as arguments of chat_server_app."""
        described = self.estate.description()
        surroundings = {
            "tenants": ["Environment"],
            "addp": ADDP,
            "interaction_servers": self.estate.interaction_names,
            **{key: described[key] for key in ("message_server", "configuration_server")},
        }
        specs = []
        for number in range(count):
            wanted = self.estate.chat_server(number)
            options = {section: pairs for section, pairs in wanted["options"].items() if not section.startswith("endpoints")}
            group = next(link["server"] for link in wanted["links"] if link["server"].startswith("UCS"))
            own = {"name": wanted["name"], "host": host_of(wanted["name"]), "application_template": CHAT_TEMPLATE, "ports": wanted["ports"]}
            specs.append({**own, "endpoints": ENDPOINTS, "options": options, "contact_server": group, **surroundings})
        return specs

    def without_chat_servers(self, done: dict[str, Any]) -> dict[str, Any]:
        """Return a finished database without the Chat Servers and the connections to them."""
        database: dict[str, Any] = json.loads(json.dumps(done))
        gone = {app["dbid"] for app in database["objects"]["CfgApplication"] if app["name"] in self.estate.chat_names}
        kept = [app for app in database["objects"]["CfgApplication"] if app["dbid"] not in gone]
        for app in kept:
            app["appservers"]["conninfo"] = [entry for entry in app["appservers"]["conninfo"] if entry["appserverdbid"] not in gone]
        database["objects"]["CfgApplication"] = kept
        return database

    def bodies(self) -> list[dict[str, Any]]:
        """Return the Chat Servers of the sandbox, in the order of the estate, as GAX shows them and takes them, without DBIDs."""
        url = f"{self.sandbox.url}/gax/api"
        with requests.Session() as session:
            session.trust_env = False
            account = {"username": self.sandbox.username, "password": self.sandbox.password}
            session.post(f"{url}/session/login", json=account, timeout=30).raise_for_status()
            answer = session.get(f"{url}/cfg/objects?type=CfgApplication&brief=false", timeout=30)
        answer.raise_for_status()
        shown = {app["name"]: {key: value for key, value in app.items() if key != "dbid"} for app in answer.json()}
        return [shown[name] for name in self.estate.chat_names]

    def chat_servers(self, count: int) -> dict[str, Leaves]:
        """Return the first Chat Servers of the sandbox in the documentation's words."""
        return applications_of(self.sandbox.database(), self.estate.chat_names[:count])


def applications_of(database: dict[str, Any], names: list[str] | None = None) -> dict[str, Leaves]:
    """Return applications (all, or those named) in the documentation's words, without DBIDs and the order of lists."""
    state = Snapshot(database)
    return {app["name"]: state.words(app) for app in state.classes["CfgApplication"] if names is None or app["name"] in names}
