# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One look at a host: whatever one part says, the others are looked at, and all of it is told."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import pytest
from unit.host.fake_package import parameters
from unit.host.place import Place
from unit.host.test_server_log import connected, full, write

from ansible_collections.genesys_engage.chat.plugins.module_utils._host.observe.look import look_at_host
from ansible_collections.genesys_engage.chat.plugins.module_utils._host.system.errors import HostError

PAIR = {"primary": "UCS_1", "backup": "UCS_2"}


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def application(place: Place, **changes: Any) -> dict[str, Any]:
    """A Chat Server as deployment_info has it, installed in the place's directory."""
    return {
        "name": "Chat Server 1", "role": "chat_server", "type": "CFGChatServer", "host": "chat1", "address": "127.0.0.1", "dbid": 105, "ports": {},
        "version": "", "working_directory": "", "install_path": str(place.target), "on_host": [{"name": "Chat Server 1", "type": "CFGChatServer"}],
        "log_file": "chat", "contact_servers": [PAIR], **changes,
    }  # fmt: skip


def look(place: Place, *applications: dict[str, Any], moment: str = "before", check_mode: bool = False, **changes: Any) -> dict[str, Any]:
    """Look at these applications; requests are completed with what makes the package's installer succeed."""
    params = dict.fromkeys(("user", "keep_backups", "host_name", "response", "secret_response", "license", "carry_over", "states", "further_install_roots"))
    params.update(
        {name: value for name, value in parameters("x", "y").items() if name.startswith("confserv_")},
        applications=applications, moment=moment, control="solution_control_server", packages={"chat_server": place.package}, install_time_utility=True,
        install_root=str(place.root / "opt"), port_timeout=0.1, connection_timeout=0, accept_license=True, data_model=64, allow_downgrade=False,
        skip_os_check=True, carry_over_replace=False,
    )  # fmt: skip
    params.update(changes)

    def request(asked: dict[str, Any]) -> dict[str, Any]:
        if "src" not in asked:
            raise HostError("missing required arguments: src")
        return {**parameters(asked["src"], asked["path"]), **asked, "facts": None}

    return look_at_host(params, check_mode, request, lambda: str(place.temp), place.warnings.append)


def listener() -> socket.socket:
    return socket.create_server(("127.0.0.1", 0))


def test_what_would_be_installed_is_compared_and_nothing_is_touched(place):
    before = place.tree()
    ((new, missing), _units, _ports, _logs) = (look(place, application(place), application(place, role="gms", name="GMS"))[part]
                                               for part in ("packages", "units", "ports", "logs"))
    assert (new["name"], new["role"], new["changed"], new["running"]) == ("Chat Server 1", "chat_server", True, [])
    assert new["installed"]["version"] == "8.5.316.02" and new["before"]["complete"] is False
    assert missing["msg"].startswith("missing required arguments: src") and "changed" not in missing
    assert place.tree() == before
    place.install()
    again = look(place, application(place))["packages"][0]
    assert again["changed"] is False and "running" not in again


def test_a_new_application_goes_below_the_root(place):
    found = look(place, application(place, install_path="", name="Chat_9"))["packages"][0]
    assert found["installed"]["path"] == str(place.root / "opt" / "Chat_9")


def test_a_port_that_somebody_else_holds_does_not_hide_what_else_is_wrong(place):
    with listener() as held:
        port = held.getsockname()[1]
        found = look(place, application(place, ports={"ESP": port}), packages={})
    assert f"port {port} (ESP) of 'Chat Server 1' is held by process" in found["ports"]["msg"]
    assert "src" in found["packages"][0]["msg"]
    assert look(place, application(place, ports={"ESP": port}))["ports"]["ports"][0]["listening"] is False


def test_afterwards_the_ports_of_what_runs_must_answer(place):
    with listener() as open_port:
        port = open_port.getsockname()[1]
        wanted = application(place, ports={"ESP": port})
        assert look(place, wanted, moment="after")["ports"]["ports"][0]["listening"] is True
        with listener() as closed:
            health = closed.getsockname()[1]
        silent = look(place, application(place, ports={"ESP": port, "health": health}), moment="after")["ports"]["msg"]
        assert f"port id 'health' at 127.0.0.1:{health}" in silent and "'ESP'" not in silent
    for states, silent in (({"Chat Server 1": "RUNNING"}, True), ({"Chat Server 1": "STOPPED"}, False), ({}, True)):
        found = look(place, wanted, moment="after", states=states)["ports"]
        assert ("msg" in found) is silent, states
        if silent:
            assert f"port id 'ESP' at 127.0.0.1:{port}" in found["msg"]
        else:
            assert found["ports"] == []


def test_afterwards_the_logs_of_the_chat_servers_that_run_are_read(place):
    place.target.mkdir(parents=True)
    write(place.target, full("Chat_1", connected("UCS_1")))
    servers = [application(place, name="Chat_1"), application(place, name="B", install_path=str(place.root / "nowhere")),
               application(place, name="C", log_file=""),
               application(place, name="D", contact_servers=[]), application(place, name="E")]
    logs = look(place, *servers, moment="after", states={"E": "STOPPED"})["logs"]
    assert [log["application"] for log in logs] == ["Chat_1", "B"]
    assert logs[0]["pairs"][0]["member"] == "primary" and "nowhere" in logs[1]["msg"]
    assert look(place, *servers)["logs"] == []


def test_without_systemd_that_is_told_and_the_rest_is_seen(place, monkeypatch):
    monkeypatch.setenv("PATH", str(place.root))
    found = look(place, application(place), control="systemd")
    assert "systemd" in found["units"]["msg"] and found["packages"][0]["changed"] is True
