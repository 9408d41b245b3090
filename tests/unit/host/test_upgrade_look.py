# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One look at a host (upgrade_look_info): each part is seen, or is told as a complaint, whatever becomes of the others."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.genesys_engage.chat.plugins.module_utils._host.observe import upgrade_look as look
from ansible_collections.genesys_engage.chat.plugins.module_utils._host.system.errors import HostError


def options(**changes: Any) -> dict[str, Any]:
    """Return the options of the module."""
    usual = {"control": "systemd", "applications": [], "ports": [], "port_timeout": 0.3, "chat_servers": [], "expected": "any", "connection_timeout": 0,
             "max_bytes": 1 << 20, "installed": []}
    return {**usual, **changes}


def test_nothing_is_looked_at_unless_it_is_asked_for() -> None:
    assert look.look_at_host(options()) == {"changed": False, "states": [], "ports": [], "connections": [], "installed": [], "complaints": []}


def test_all_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []

    def statuses(params: Any) -> Any:
        asked.append(params["applications"])
        return {"applications": [{"name": "UCS_1", "status": "RUNNING"}]}

    monkeypatch.setattr(look, "read_statuses", statuses)
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_server(("127.0.0.1", 0)) as gone:
        open_port, closed = server.getsockname()[1], gone.getsockname()[1]
        gone.close()
        ports = [{"name": "UCS_1", "id": name, "address": "127.0.0.1", "port": port} for name, port in (("default", open_port), ("other", closed))]
        chat = {"name": "Chat_1", "directory": str(tmp_path), "log": "Chat_1", "since": None, "backup": None,
                "primary": {"name": "UCS_1", "address": "127.0.0.1", "port": closed}}
        installed = [{"name": "UCS_1", "path": str(tmp_path / "none")}]
        found = look.look_at_host(options(applications=["UCS_1"], ports=ports, chat_servers=[chat], installed=installed))
    assert asked == [["UCS_1"]] and found["states"] == [{"name": "UCS_1", "status": "RUNNING"}]
    assert [(port["id"], port["listening"]) for port in found["ports"]] == [("default", True), ("other", False)]
    assert [(item["application"], item["member"], item["reached"]) for item in found["connections"]] == [("Chat_1", "none", False)]
    assert found["installed"] == [{"name": "UCS_1", "version": None, "complete": False}]
    assert found["complaints"] == []


def test_what_can_not_be_seen_is_told_and_the_rest_is_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(_params: Any) -> Any:
        raise HostError("mlcmd is away.", "Bring it back.")

    monkeypatch.setattr(look, "read_statuses", fails)
    # A Chat Server without a pair can't be waited for; the other one is looked at all the same.
    place = {"address": "127.0.0.1", "port": 1}
    right = {"name": "Right", "directory": str(tmp_path), "log": "x", "since": None, "backup": None, "primary": {"name": "UCS_1", **place}}
    odd = {**right, "name": "Odd", "primary": {"name": "UCS_1", **place, "port": 0}}
    found = look.look_at_host(options(applications=["UCS_1"], chat_servers=[odd, right], installed=[{"name": "UCS_1", "path": "relative"}]))
    assert found["complaints"] == [
        "Look at the states of applications: mlcmd is away. Bring it back.", "Look at the connections: primary: 0 is not a port number.",
        "Look at the installations: paths: 'relative' is not absolute; it must begin with '/'."]
    assert found["states"] == found["installed"] == [] and [item["application"] for item in found["connections"]] == ["Right"]
