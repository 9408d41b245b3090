# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The command: start, stop, errors in one line, TLS, inventory."""

from __future__ import annotations

import json
import os
import socket
import stat
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml

from sandbox.testing import Sandbox

TESTS = Path(__file__).resolve().parents[2]


def command(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the sandbox's command to its end."""
    environment = {**os.environ, "PYTHONPATH": str(TESTS)}
    return subprocess.run([sys.executable, "-m", "sandbox", *arguments], capture_output=True, text=True, timeout=30, env=environment, check=False)


def test_starts_quickly_and_leaves_nothing(tmp_path: Path) -> None:
    started = time.monotonic()
    sandbox = Sandbox(scs=False, directory=tmp_path)
    with sandbox:
        assert time.monotonic() - started < 10
        port = sandbox.environment["confserv_port"]
        process = sandbox._process
        assert process is not None
        process.terminate()
        assert process.wait(timeout=10) == 0
        assert process.stdout is not None and process.stdout.read() == "", "one line is all that it prints"
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=1)


def test_whole_sandbox_with_its_solution_control_server(tmp_path: Path) -> None:
    with Sandbox(directory=tmp_path) as sandbox:
        environment = sandbox.environment
        assert list(Path(environment["packages"]).glob("IP_*.tar.gz"))
        assert os.access(environment["mlcmd"], os.X_OK)
        sandbox.control("POST", "/scs/restart")
        socket.create_connection((environment["scs_host"], environment["scs_port"]), timeout=5).close()
        site = sandbox.control("GET", "/objects/CfgHost/site")["ipaddress"]
        socket.create_connection((site, environment["confserv_port"]), timeout=5).close()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((environment["scs_host"], environment["scs_port"]), timeout=5)


def test_busy_port_is_one_line(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        result = command("run", "--gax-port", str(port), "--dir", str(tmp_path), "--no-scs", "--no-packages")
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr.startswith(f"sandbox: port {port} can not be used: ")
    assert len(result.stderr.splitlines()) == 1


def test_port_out_of_range_is_one_line(tmp_path: Path) -> None:
    result = command("run", "--gax-port", "70000", "--dir", str(tmp_path), "--no-scs", "--no-packages")
    assert result.returncode == 1
    assert len(result.stderr.splitlines()) == 1


def test_unusable_directory_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    result = command("run", "--gax-port", "0", "--dir", str(tmp_path / "file" / "below"), "--no-scs", "--no-packages")
    assert result.returncode == 1
    assert result.stderr.startswith("sandbox: can not write to ")
    assert len(result.stderr.splitlines()) == 1


def test_directory_belongs_to_one_sandbox(tmp_path: Path) -> None:
    with Sandbox(scs=False, directory=tmp_path):
        result = command("run", "--gax-port", "0", "--dir", str(tmp_path), "--no-scs", "--no-packages")
        assert (result.returncode, "another sandbox uses" in result.stderr) == (1, True)
    result = command("run", "--gax-port", "18000", "--dir", str(tmp_path), "--no-scs", "--no-packages")
    assert (result.returncode, "belongs to a sandbox on port" in result.stderr) == (1, True)


def test_tls_with_its_own_certificate(tmp_path: Path) -> None:
    with Sandbox(scs=False, directory=tmp_path, tls=True) as sandbox:
        assert sandbox.url.startswith("https://")
        session = requests.Session()
        session.trust_env = False
        with pytest.raises(requests.exceptions.SSLError):
            session.get(sandbox.url + "/gax/api/cfg/schema", timeout=10)
        trusted: Any = sandbox.environment["ca_path"]
        assert session.get(sandbox.url + "/gax/api/cfg/schema", timeout=10, verify=trusted).json() == {"isEnabled": True}
        key = Path(trusted).with_suffix(".key")
        assert stat.S_IMODE(key.stat().st_mode) == 0o600
        sandbox.fault("reset_before")
        with pytest.raises(requests.ConnectionError):
            session.get(sandbox.url + "/gax/api/cfg/schema", timeout=10, verify=trusted)


def test_inventory(gax_sandbox: Any) -> None:
    inventory = yaml.safe_load(gax_sandbox.inventory.read_text(encoding="utf-8"))["all"]
    environment = gax_sandbox.environment
    assert inventory["vars"]["gax_url"] == environment["gax_url"]
    assert inventory["vars"]["gax_password"] == environment["password"]
    assert inventory["vars"]["confserv_port"] == environment["confserv_port"]
    assert list(inventory["children"]["genesys_configuration"]["hosts"]) == ["site"]
    hosts = inventory["children"]["genesys_hosts"]["hosts"]
    assert sorted(hosts) == ["chat1", "chat2", "chat3", "chat4", "gms1", "ixn1", "ucs1", "ucs2", "ucs3", "ucs4"]
    for name, variables in hosts.items():
        host = gax_sandbox.object("CfgHost", name)
        assert variables["genesys_host_address"] == host["ipaddress"]
        assert variables["genesys_environment"]["SANDBOX_HOSTNAME"] == name
    assert stat.S_IMODE(gax_sandbox.inventory.stat().st_mode) == 0o600


def test_unknowns_are_listed() -> None:
    result = command("unknowns")
    assert result.returncode == 0
    assert "JSESSIONID" in result.stdout
    assert "Deviations by design" in result.stdout


def test_first_line_is_complete(gax_sandbox: Any) -> None:
    promised = {"gax_url", "username", "password", "control_url", "inventory", "confserv_host", "confserv_port", "scs_host", "scs_port", "packages", "mlcmd"}
    assert promised <= gax_sandbox.environment.keys()
    assert json.loads(json.dumps(gax_sandbox.environment)) == gax_sandbox.environment
