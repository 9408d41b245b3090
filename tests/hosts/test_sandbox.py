# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sandbox in the network of real hosts: the servers of the Framework are reached from them, and a package is installed over SSH. Needs root."""

from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hosts.machine import TESTS, Hosts, environment, run

from sandbox.hosts.settings import CONTROLLER

# The first test may have to build the operating system.
pytestmark = pytest.mark.timeout(900)

PACKAGE = "IP_eSChatSrv_8531106b1_ENU_linux.tar.gz"
INSTALL: list[dict[str, Any]] = [
    {
        "hosts": "chat1",
        "gather_facts": False,
        "tasks": [
            {
                "ansible.builtin.file": {"path": "{{ item }}", "state": "directory", "owner": "genesys", "mode": "0755"},
                "loop": ["/srv/genesys", "/opt/genesys"],
            },
            {"ansible.builtin.copy": {"src": "{{ packages }}/%s" % PACKAGE, "dest": "/srv/genesys/", "mode": "0644"}},
            {
                "genesys_engage.chat.installation_package": {
                    **{f"confserv_{key}": "{{ confserv_%s }}" % key for key in ("host", "port", "username", "password")},
                    "src": f"/srv/genesys/{PACKAGE}",
                    "path": "/opt/genesys/ChatServer_1",
                    "application": "ChatServer_1",
                    "host_name": "chat1",
                    "accept_license": True,
                },
                "become_user": "genesys",
            },
        ],
    }
]


@pytest.fixture(scope="module")
def hosts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hosts]:
    """The hosts of the least solution."""
    made = Hosts(tmp_path_factory.mktemp("hosts"), "gxbox", "chat1", "ucs1", "ixn1")
    try:
        made.do("up")
        yield made
    finally:
        made.do("down")


@pytest.fixture(scope="module")
def sandbox(hosts: Hosts, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """What a sandbox tells of itself that runs in the hosts' network."""
    line = hosts.inside("-m", "sandbox", "run", "--gax-port", "0", "--address", CONTROLLER, "--dir", str(tmp_path_factory.mktemp("sandbox")))
    process = subprocess.Popen(line, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, env=environment(), cwd=TESTS)
    timer = threading.Timer(60, process.kill)
    timer.start()
    try:
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())
    finally:
        timer.cancel()
        process.terminate()
        process.communicate(timeout=60)


@pytest.mark.parametrize("server", ["gax_url", "confserv", "confserv of the host site", "scs"])
def test_the_servers_are_reached_from_a_host(hosts, sandbox, server):
    port = int(sandbox["gax_url"].rpartition(":")[2]) if server == "gax_url" else sandbox[f"{server.split()[0]}_port"]
    address = "site" if "site" in server else "controller"
    connect = f"timeout 5 bash -c 'exec 3<>/dev/tcp/{address}/%d'"
    hosts.ssh("chat1", connect % port)
    assert hosts.try_ssh("chat1", connect % (port + 100)).returncode != 0


def test_a_package_is_installed_over_ssh(hosts, sandbox, tmp_path):
    configured = play(hosts, sandbox, TESTS.parent / "docs" / "examples" / "first_chat_server.yml")
    assert "changed=2 " in configured
    book = tmp_path / "install.yml"
    book.write_text(yaml.safe_dump(INSTALL), encoding="utf-8")
    assert "changed=3 " in play(hosts, sandbox, book)
    assert "run.sh" in hosts.ssh("chat1", "sudo ls /opt/genesys/ChatServer_1").split()
    assert hosts.ssh("chat1", "sudo stat --format %U /opt/genesys/ChatServer_1/run.sh") == "genesys"
    assert "ChatServer_1" not in hosts.ssh("ucs1", "ls /opt")
    assert "changed=0 " in play(hosts, sandbox, book)


def play(hosts: Hosts, sandbox: dict[str, Any], book: Path) -> str:
    """Run a playbook in the hosts' network, which must succeed, and return its output."""
    inventories = ("-i", sandbox["inventory"], "-i", str(hosts.inventory), "-e", f"packages={sandbox['packages']}")
    done = run(hosts.inside("-m", "ansible", "playbook", *inventories, str(book)), 120)
    assert done.returncode == 0, done.stdout
    return done.stdout
