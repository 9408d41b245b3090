# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The host half inside the whole sandbox: packages installed by install.sh, started by mlcmd, chats through what was configured in GAX."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from sandbox.testing import Sandbox

TESTS = Path(__file__).resolve().parents[2]
ADDP = {"connprotocol": "addp", "timoutlocal": "10", "timoutremote": "10", "mode": "CFGTMBoth"}
PACKAGES = {
    "Chat Server 8.5.3": "IP_eSChatSrv_8531106b1_ENU_linux.tar.gz",
    "Universal Contact Server 9.1": "IP_eSContSrv_9100012b1_ENU_linux.tar.gz",
    "Interaction Server 8.5.2": "IP_eSInteractSrv_8520105b1_ENU_linux.tar.gz",
}


class Site:
    """Configures, installs and starts by hand what the collection's roles do."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox, self.dbids = sandbox, {host["name"]: host["dbid"] for host in sandbox.objects("CfgHost")}
        self.addresses = {host["name"]: host["ipaddress"] for host in sandbox.objects("CfgHost")}

    def application(self, name: str, template: str, host: str, ports: dict[str, int], connections: list[tuple[str, str]], **fields: Any) -> dict[str, Any]:
        prototype = self.sandbox.object("CfgAppPrototype", template)
        assert prototype is not None
        links = []
        for server, port_id in connections:
            target = self.sandbox.object("CfgApplication", server)
            assert target is not None
            links.append({"id": port_id, "appserverdbid": target["dbid"], **ADDP})
        return self.sandbox.create(
            "CfgApplication",
            name=name,
            appprototypedbid=prototype["dbid"],
            hostdbid=self.dbids[host],
            autorestart="CFGFalse",
            workdirectory=".",
            commandline=".",
            commandlinearguments=".",
            portinfos={"portinfo": [{"id": port_id, "port": str(number)} for port_id, number in ports.items()]},
            appservers={"conninfo": links},
            options=prototype["options"],
            **fields,
        )

    def install(self, name: str, template: str, host: str) -> None:
        environment, directory = self.sandbox.environment, self.sandbox.directory
        package, target = directory / "unpacked" / host, directory / "hosts" / host / "opt" / "genesys" / name
        package.mkdir(parents=True)
        subprocess.run(["tar", "xzf", str(Path(environment["packages"]) / PACKAGES[template]), "-C", str(package)], check=True)
        answers = package / "answers.ini"
        answers.write_text(
            f"[ConfigServer]\nHost={environment['confserv_host']}\nPort={environment['confserv_port']}\nUser={environment['username']}\n"
            f"Password={environment['password']}\nApplicationName={name}\n[IPCommon]\nInstallPath={target}\nDataModel=64\n",
            encoding="utf-8",
        )
        log = package / "result.log"
        done = subprocess.run(
            ["./install.sh", "-s", "-fr", str(answers), "-fl", str(log)],
            cwd=package / "ip",
            env={**os.environ, "SANDBOX_HOSTNAME": host, "SANDBOX_ADDRESS": self.addresses[host], "SANDBOX_DIR": str(directory)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stdout + log.read_text(encoding="utf-8")

    def mlcmd(self, *command: str) -> str:
        environment = self.sandbox.environment
        options = {"-cshost": "confserv_host", "-csport": "confserv_port", "-csuser": "username", "-cspassword": "password"}
        options |= {"-scshost": "scs_host", "-scsport": "scs_port"}
        words = [word for switch, key in options.items() for word in (switch, str(environment[key]))]
        done = subprocess.run([environment["mlcmd"], *words, "-csappname", "default", *command], capture_output=True, text=True, timeout=30, check=True)
        return done.stdout

    def statuses(self) -> dict[str, str]:
        blocks = [dict(line.split(":", 1) for line in block.splitlines()) for block in self.mlcmd("-getallappstatus").strip().split("\n\n")]
        return {block["Application"].strip(): block["Status"].strip() for block in blocks}


@pytest.mark.slow
def test_configured_installed_started_and_used() -> None:
    with Sandbox() as sandbox:
        site = Site(sandbox)
        assert set(site.statuses().values()) == {"APP_STATUS_RUNNING"}
        sandbox.create("CfgScript", name="Chat_In", subtype="CFGInteractionQueue", tenantdbid="1")
        ucs, chat, interaction = "Universal Contact Server 9.1", "Chat Server 8.5.3", "Interaction Server 8.5.2"
        backup = site.application("UCS_2", ucs, "ucs2", {"default": 5100}, [])
        site.application("UCS_1", ucs, "ucs1", {"default": 5100}, [], backupserverdbid=backup["dbid"], redundancytype="CFGHTWarmStanby")
        site.application("IXN_1", interaction, "ixn1", {"default": 4420}, [])
        chat_ports = {"default": 4580, "webapi": 4581, "ESP": 4582, "health": 4583}
        site.application("ChatServer_1", chat, "chat1", chat_ports, [("IXN_1", "default"), ("UCS_1", "default"), ("MessageServer", "default")])
        sandbox.edit("CfgApplication", "ChatServer_1", options={"endpoints:1": {"default": "Chat_In"}})
        sandbox.edit("CfgApplication", "IXN_1", appservers={"conninfo": [{"id": "ESP", "appserverdbid": dbid_of(sandbox, "ChatServer_1")}]})

        installed = {"UCS_1": (ucs, "ucs1"), "UCS_2": (ucs, "ucs2"), "IXN_1": (interaction, "ixn1"), "ChatServer_1": (chat, "chat1")}
        for name, (template, host) in installed.items():
            site.install(name, template, host)
        stored = sandbox.object("CfgApplication", "ChatServer_1")
        assert stored is not None
        assert (stored["version"], stored["commandline"]) == ("8.5.311.06", "./ChatServer")
        assert sandbox.options("CfgApplication", "ChatServer_1", "userproperties")["sml"]["uninstall"] == f"rm -rf {stored['workdirectory']}"

        for name in installed:
            site.mlcmd("-startapp", dbid_of(sandbox, name))
        deadline = time.monotonic() + 20
        while set(site.statuses().values()) != {"APP_STATUS_RUNNING"} and time.monotonic() < deadline:
            time.sleep(0.2)
        assert set(site.statuses().values()) == {"APP_STATUS_RUNNING"}

        command = [sys.executable, "-m", "sandbox.load", "--dir", str(sandbox.directory), "--confserv", f"127.0.0.1:{sandbox.environment['confserv_port']}"]
        environment = {**os.environ, "PYTHONPATH": str(TESTS)}
        load = subprocess.Popen([*command, "--chats", "6", "--rate", "4", "--seconds", "4"], env=environment, stdout=subprocess.PIPE, text=True)
        time.sleep(1.5)
        site.mlcmd("-stopapp", dbid_of(sandbox, "UCS_1"))
        report = json.loads(load.communicate(timeout=60)[0])
        assert report["opened"] == 6 and report["messages_sent"] > 24
        assert [report[key] for key in ("messages_lost", "messages_doubled", "sessions_ended_by_server")] == [0, 0, 0]
        assert report["queues"] == {"Chat_In": 6}
        assert site.statuses()["UCS_1"] == "APP_STATUS_STOPPED"
        log = "".join(path.read_text(encoding="utf-8") for path in Path(stored["workdirectory"]).glob("*.log"))
        assert "Std 04581 Primary server ContactServer 'UCS_1' is not available, switching to backup ContactServer 'UCS_2'" in log
        assert sandbox.writes() == []


def dbid_of(sandbox: Sandbox, name: str) -> str:
    found = sandbox.object("CfgApplication", name)
    assert found is not None
    return str(found["dbid"])
