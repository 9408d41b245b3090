# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A site for the tests of the host half: hosts, applications, installed files and Solution Control Server over a fake confserv."""

from __future__ import annotations

import copy
import http.client
import io
import json
import os
import signal
import socket
import subprocess
import sys
import tarfile
import time
from pathlib import Path
from typing import Any

from unit.sandbox.fake_confserv import FakeConfserv

from sandbox.packages.products import PACKAGES, Package
from sandbox.packages.templates import TEMPLATES

TESTS = Path(__file__).resolve().parents[2]
ADDP = {"connprotocol": "addp", "timoutlocal": "5", "timoutremote": "5", "mode": "CFGTMBoth"}
CHAT_PORTS = {"default": 4580, "webapi": 4581, "ESP": 4582, "health": 4583}


def free_port() -> int:
    """A port of 127.0.0.1 that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class HostSite:
    """Use as a context manager; everything that was started ends with it.

    Args:
        directory: an empty directory.
        archives: a directory that ``build_all`` has filled.
    """

    def __init__(self, directory: Path, archives: Path) -> None:
        self.directory, self.archives = directory, archives
        self.confserv = FakeConfserv()
        self.scs_port = free_port()
        self._scs: subprocess.Popen[bytes] | None = None
        # 127.192.0.0/10 is used by these tests alone; a pid of its own gives every test process its addresses.
        self._prefix = f"127.{192 + (os.getpid() >> 8) % 64}.{os.getpid() & 255}."
        self.hosts: dict[str, str] = {}
        self.confserv.add("CfgTenant", name="Environment", dbid="1")
        for name in ("default", "ITCUtility"):
            self.confserv.add("CfgApplication", name=name, subtype="CFGSCE" if name == "default" else "CFGITCUtility", hostdbid="0")

    def __enter__(self) -> HostSite:
        self.confserv.__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        self.stop_scs()
        self.confserv.__exit__(None, None, None)

    # -- configuration ---------------------------------------------------------------------------------------------------

    def host(self, name: str) -> dict[str, Any]:
        """A host, made on first use."""
        found = self.confserv.find("CfgHost", name=name)
        address = f"{self._prefix}{10 + len(self.confserv.objects['CfgHost'])}"
        return found[0] if found else self.confserv.add("CfgHost", name=name, ipaddress=address)

    def queue(self, name: str) -> None:
        """An Interaction Queue of tenant Environment."""
        self.confserv.add("CfgScript", name=name, subtype="CFGInteractionQueue", tenantdbid="1")

    def application(
        self, name: str, package: Package, host: str, ports: dict[str, int], options: dict[str, dict[str, str]] | None = None, **fields: Any
    ) -> Any:
        """An application of a package's template, with its files in place of an installation."""
        template = TEMPLATES[package.template]
        triples = copy.deepcopy(template["options"]["property"])
        for section, pairs in (options or {}).items():
            triples = [item for item in triples if item["section"] != section or item["key"] not in pairs]
            triples += [{"section": section, "key": key, "value": value} for key, value in pairs.items()]
        target = self._extract(package, self.directory / "hosts" / host / "opt" / name)
        values = {
            "name": name,
            "subtype": template["subtype"],
            "version": package.version,
            "hostdbid": self.host(host)["dbid"],
            "workdirectory": str(target),
            "commandline": f"./{package.executable}",
            "commandlinearguments": f'-host 127.0.0.1 -port {self.confserv.port} -app "{name}"',
            "shutdowntimeout": "10",
            "autorestart": "CFGFalse",
            "backupserverdbid": "0",
            "portinfos": {"portinfo": [{"id": port_id, "port": str(number)} for port_id, number in ports.items()]},
            "options": {"property": triples},
            "appservers": {"conninfo": []},
        }
        return self.confserv.add("CfgApplication", **{**values, **fields})

    @staticmethod
    def connect(client: dict[str, Any], *servers: dict[str, Any], port_id: str = "default") -> None:
        """Add connections."""
        client["appservers"]["conninfo"] += [{"id": port_id, "appserverdbid": server["dbid"], **ADDP} for server in servers]

    def _extract(self, package: Package, target: Path) -> Path:
        target.mkdir(parents=True)
        with tarfile.open(self.archives / "packages" / package.file_name) as outer:
            data = outer.extractfile("ip/data.tar.gz")
            assert data is not None
            with tarfile.open(fileobj=io.BytesIO(data.read())) as inner:
                inner.extractall(target, filter="tar")
        (target / package.executable).symlink_to(f"{package.executable}_64")
        return target

    # -- Solution Control Server -----------------------------------------------------------------------------------------

    def start_scs(self, *options: str) -> None:
        """Start Solution Control Server, with further options of its command, and wait until it answers."""
        command = [sys.executable, "-m", "sandbox.scs", "--port", str(self.scs_port), "--confserv", f"127.0.0.1:{self.confserv.port}"]
        self._scs = subprocess.Popen([*command, "--dir", str(self.directory), *options], env={**os.environ, "PYTHONPATH": str(TESTS)}, stdin=subprocess.DEVNULL)
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            try:
                self.scs("GET", "/applications")
                return
            except OSError:
                time.sleep(0.05)
        raise AssertionError("Solution Control Server did not start")

    def stop_scs(self, number: int = signal.SIGTERM) -> None:
        """End Solution Control Server by a signal."""
        if self._scs is not None:
            self._scs.send_signal(number)
            self._scs.wait(20)
            self._scs = None

    def scs(self, method: str, path: str, body: object = None) -> Any:
        """One request to Solution Control Server; a refusal comes back as its error object."""
        connection = http.client.HTTPConnection("127.0.0.1", self.scs_port, timeout=10)
        try:
            connection.request(method, path, None if body is None else json.dumps(body))
            text = connection.getresponse().read()
            return json.loads(text) if text else None
        finally:
            connection.close()

    def command(self, command: str, *applications: dict[str, Any]) -> None:
        """Start, stop or kill applications; none may be refused."""
        for application in applications:
            refusal = self.scs("POST", f"/{command}/{application['dbid']}")
            assert refusal is None, refusal

    def status(self, application: dict[str, Any]) -> str:
        """Present status."""
        return str(self._row(application)["status"])

    def runmode(self, application: dict[str, Any]) -> str:
        """Present run mode."""
        return str(self._row(application)["runmode"])

    def _row(self, application: dict[str, Any]) -> dict[str, Any]:
        (row,) = [item for item in self.scs("GET", "/applications") if item["name"] == application["name"]]
        return dict(row)

    def pid(self, application: dict[str, Any]) -> int | None:
        """Process id, None if it does not run."""
        rows = [item for item in self.scs("GET", "/processes") if item["name"] == application["name"]]
        return int(rows[0]["pid"]) if rows else None

    def wait(self, status: str, *applications: dict[str, Any], seconds: float = 30.0) -> list[str]:
        """Wait until all applications have a status; returns the different states of the first one on the way."""
        seen: list[str] = []
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            rows = {item["name"]: item["status"] for item in self.scs("GET", "/applications")}
            if not seen or seen[-1] != rows[applications[0]["name"]]:
                seen.append(rows[applications[0]["name"]])
            if all(rows[item["name"]] == status for item in applications):
                return seen
            time.sleep(0.03)
        raise AssertionError(f"not all are {status}: {rows}")

    def start(self, parts: dict[str, Any]) -> None:
        """Start a small chat solution, the Chat Servers last: one that finds no primary connects to the backup."""
        self.start_scs()
        for servers in ([parts["primary"], parts["backup"], parts["interaction"]], parts["chats"]):
            self.command("start", *servers)
            self.wait("RUNNING", *servers)

    def log(self, application: dict[str, Any]) -> str:
        """All that the application's log files say, the oldest file first."""
        files = sorted(Path(application["workdirectory"]).glob("*.log"))
        return "".join(path.read_text(encoding="utf-8") for path in files)


def package(nickname: str, newest: bool = False) -> Package:
    """A package by nickname."""
    found = [item for item in PACKAGES if item.nickname == nickname]
    return found[-1 if newest else 0]


def chat_site(site: HostSite, chat_servers: int = 2, settings: dict[str, str] | None = None) -> dict[str, Any]:
    """A small chat solution: Chat Servers, one UCS pair, an Interaction Server, two queues."""
    for queue in ("Chat_In", "Web_In"):
        site.queue(queue)
    backup = site.application("UCS 2", package("eSContSrv"), "ucs2", {"default": 5100})
    primary = site.application("UCS 1", package("eSContSrv"), "ucs1", {"default": 5100}, backupserverdbid=backup["dbid"])
    interaction = site.application("IXN_1", package("eSInteractSrv"), "ixn1", {"default": 4420})
    restored = {"session-restoration-mode": "simple", "transcript-auto-save": "1"}
    options = {"endpoints:1": {"default": "Chat_In", "webme": "Web_In"}, "settings": {**restored, **(settings or {})}}
    chats = []
    for number in range(1, chat_servers + 1):
        chat = site.application(f"ChatServer_{number}", package("eSChatSrv"), f"chat{number}", CHAT_PORTS, options)
        site.connect(chat, interaction, primary)
        site.connect(interaction, chat, port_id="ESP")
        chats.append(chat)
    return {"primary": primary, "backup": backup, "interaction": interaction, "chats": chats}
