# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Applications that systemd starts and stops instead of Solution Control Server, on real hosts. Needs root."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hosts.example_site import EXAMPLES, Site, running_sandbox, wait_until
from hosts.machine import Hosts, run

# The first test may have to build the operating system.
pytestmark = pytest.mark.timeout(900)

CHAT, UCS, IXN = "chat3", "ucs3", "ixn1"
SERVERS = {UCS: "UCS_S", IXN: "IXN_S", CHAT: "ChatServer_S"}
PORTS = {UCS: {"default": 5100}, IXN: {"default": 5420}, CHAT: {"default": 5580, "webapi": 5581, "ESP": 5582}}
UNIT = {host: f"genesys-{name}.service" for host, name in SERVERS.items()}
SOLUTION: dict[str, Any] = {
    "tenant": "Environment",
    "interaction_queues": ["Chat_S"],
    "interaction_servers": [{"name": SERVERS[IXN], "host": IXN, "application_template": "Interaction Server 8.5.2", "ports": PORTS[IXN]}],
    "contact_servers": {
        "single": {"name": SERVERS[UCS], "host": UCS, "application_template": "Universal Contact Server 9.1", "ports": PORTS[UCS]},
    },
    "chat_servers": [
        {
            "name": SERVERS[CHAT], "host": CHAT, "application_template": "Chat Server 8.5.3", "ports": PORTS[CHAT],
            "endpoints": {"default": "Chat_S"}, "shutdown_timeout": 30,
        },
    ],
}  # fmt: skip
PACKAGES = {
    "chat_server": "IP_eSChatSrv_8531106b1_ENU_linux.tar.gz",
    "contact_server": "IP_eSContSrv_9100012b1_ENU_linux.tar.gz",
    "interaction_server": "IP_eSInteractSrv_8520105b1_ENU_linux.tar.gz",
}
NEWER = "IP_eSChatSrv_8531602b1_ENU_linux.tar.gz"
VARIABLES: dict[str, Any] = {
    "chat_solution": SOLUTION,
    "chat_hosts": f"site:{CHAT}:{UCS}:{IXN}",
    "genesys_packages": {role: f"/srv/genesys/packages/{name}" for role, name in PACKAGES.items()},
    "genesys_accept_license": True,
    "genesys_control": "systemd",
    "genesys_limits": {"NOFILE": 4096},
    "mlcmd_path": "",
    "application_restart_delay": 1,
}


@pytest.fixture(scope="module")
def site(hosts: Hosts, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Three of the hosts with nothing installed, a sandbox, and the packages on them."""
    with running_sandbox(hosts, tmp_path_factory.mktemp("sandbox")) as sandbox:
        made = Site(hosts, sandbox, tmp_path_factory.mktemp("controller"))
        for host in SERVERS:
            empty(hosts, host)
        copied = {role: f"/srv/genesys/packages/{name}" for role, name in {**PACKAGES, "newer": NEWER}.items()}
        made.play(EXAMPLES / "copy_packages.yml", "--limit", ",".join(SERVERS), packages=str(made.packages), genesys_packages=copied)
        yield made
        for host in SERVERS:
            empty(hosts, host)


def empty(hosts: Hosts, host: str) -> None:
    """Leave nothing of these tests on a host."""
    units = "for unit in /etc/systemd/system/genesys-*.service; do [ -e \"$unit\" ] && systemctl disable --now \"${unit##*/}\"; rm -f \"$unit\"; done"
    hosts.ssh(host, f"sudo sh -c '{units}; systemctl daemon-reload; rm -rf /opt/genesys/{SERVERS[host]} /srv/genesys/packages'")


@pytest.fixture(scope="module")
def deployed(site: Site) -> Site:
    """The deployed solution."""
    site.play("genesys_engage.chat.deploy", **VARIABLES)
    return site


def modules(site: Site, host: str, directory: Path, *calls: tuple[str, dict[str, Any]] | str) -> list[dict[str, Any]]:
    """Run modules on a host, with shell commands (as root) in between, and return the modules' results, whatever they are."""
    tasks: list[dict[str, Any]] = []
    for number, call in enumerate(calls):
        if isinstance(call, str):
            tasks.append({"ansible.builtin.shell": {"cmd": call, "executable": "/bin/bash"}})
        else:
            tasks.append({f"genesys_engage.chat.{call[0]}": call[1], "register": f"result_{number}", "ignore_errors": True})
    names = [f"result_{number}" for number, call in enumerate(calls) if not isinstance(call, str)]
    report = directory / "results.json"
    content = "{{ [%s] | to_json }}" % ", ".join(names)
    tasks.append({"ansible.builtin.copy": {"content": content, "dest": str(report), "mode": "0600"}, "delegate_to": "site", "become": False})
    book = directory / "modules.yml"
    book.write_text(yaml.safe_dump([{"hosts": host, "gather_facts": False, "tasks": tasks}]), encoding="utf-8")
    line = site.hosts.inside("-m", "ansible", "playbook", "-i", site.sandbox["inventory"], "-i", str(site.hosts.inventory), str(book))
    done = run(line, 300, site.hosts.environment())
    assert done.returncode == 0, done.stdout
    found: list[dict[str, Any]] = json.loads(report.read_text(encoding="utf-8"))
    return found


def control(host: str, state: str, **changes: Any) -> tuple[str, dict[str, Any]]:
    """Return a call of application_control for the server of a host."""
    application = {"name": SERVERS[host], "startup_timeout": 60, "shutdown_timeout": 60, **changes.pop("application", {})}
    return "application_control", {"control": "systemd", "state": state, "poll_interval": 0.2, "applications": [application], **changes}


def look(host: str) -> tuple[str, dict[str, Any]]:
    """Return a call of application_status_info for the server of a host."""
    return "application_status_info", {"control": "systemd", "applications": [SERVERS[host]]}


def way(result: dict[str, Any]) -> tuple[bool, str, str]:
    """Return whether application_control changed something, and the status before and after."""
    return result["changed"], result["applications"][0]["before"], result["applications"][0]["status"]


def serves(site: Site, host: str) -> bool:
    """Whether all ports of the server of a host accept connections, tried there."""
    connects = " && ".join(f"exec 3<>/dev/tcp/{host}/{port}" for port in PORTS[host].values())
    return site.hosts.try_ssh(host, f"timeout 5 bash -c '{connects}'").returncode == 0


def prop(site: Site, host: str, name: str) -> str:
    """Return a property of the unit of a host."""
    return site.hosts.ssh(host, f"systemctl show --property {name} --value {UNIT[host]}")


# --- the role -----------------------------------------------------------------------------------------------------------


def test_servers_run_under_their_units(deployed):
    for host, name in SERVERS.items():
        assert serves(deployed, host)
        process, account, directory = deployed.process(host, name)
        assert (account, directory) == ("genesys", f"/opt/genesys/{name}")
        asked = f"ps -o args= -p $(ps -o ppid= -p {process}); sudo grep 'open files' /proc/{process}/limits; systemctl is-enabled {UNIT[host]}; "
        shell, limit, enabled, group = deployed.hosts.ssh(host, f"{asked} tail -n 1 /proc/{process}/cgroup").splitlines()
        assert (shell, limit.split()[3:5], enabled) == ("/bin/sh ./run.sh", ["4096", "4096"], "enabled")
        assert group.endswith(f"/{UNIT[host]}")
    assert prop(deployed, CHAT, "TimeoutStopUSec") == "30s"


def test_a_second_run_changes_nothing(deployed):
    before = {host: prop(deployed, host, "InvocationID") for host in SERVERS}
    assert deployed.play("genesys_engage.chat.deploy", **VARIABLES).hosts("changed") == set()
    assert {host: prop(deployed, host, "InvocationID") for host in SERVERS} == before


# --- without a run ------------------------------------------------------------------------------------------------------


def test_a_killed_server_is_started_again(deployed):
    killed, _account, _directory = deployed.process(IXN, SERVERS[IXN])
    deployed.hosts.ssh(IXN, f"sudo kill -9 {killed}")
    assert wait_until(lambda: prop(deployed, IXN, "NRestarts") == "1" and serves(deployed, IXN))
    assert deployed.process(IXN, SERVERS[IXN])[0] != killed


def test_servers_come_back_with_their_host(deployed, tmp_path):
    deployed.hosts.do("reboot", UCS)
    [waited] = modules(deployed, UCS, tmp_path, control(UCS, "started"))
    assert waited["changed"] is False and serves(deployed, UCS)
    assert deployed.process(UCS, SERVERS[UCS])[1] == "genesys"


# --- the module ---------------------------------------------------------------------------------------------------------


def test_stopped_and_started_by_the_module(deployed, tmp_path):
    gone = f"! pgrep --full -- '-app {SERVERS[CHAT]}$'"
    calls = (control(CHAT, "stopped"), gone, look(CHAT), control(CHAT, "stopped"), control(CHAT, "started"), control(CHAT, "started"))
    stopped, looked, again, started, twice = modules(deployed, CHAT, tmp_path, *calls)
    assert way(stopped) == (True, "RUNNING", "STOPPED") and looked["applications"][0]["status"] == "STOPPED"
    assert way(again) == (False, "STOPPED", "STOPPED")
    assert way(started) == (True, "STOPPED", "RUNNING") and way(twice) == (False, "RUNNING", "RUNNING")
    assert serves(deployed, CHAT)


def test_stopped_gracefully_by_a_signal(deployed, tmp_path):
    calls = (control(IXN, "stopped_gracefully"), control(IXN, "stopped_gracefully", graceful_signal="SIGUSR1"), control(IXN, "restarted"))
    refused, stopped, restarted = modules(deployed, IXN, tmp_path, *calls)
    assert refused["failed"] and "Set graceful_signal" in refused["msg"]
    assert way(stopped) == (True, "RUNNING", "STOPPED") and way(restarted) == (True, "STOPPED", "RUNNING")
    assert "Normal termination" in deployed.hosts.ssh(IXN, f"sudo sh -c 'cat /opt/genesys/{SERVERS[IXN]}/*.log'")


def test_a_server_that_dies_at_once_is_not_waited_for(deployed, tmp_path):
    """Its port is taken, so it ends. Its time for the start is longer than the play may last."""
    taken = f"import socket,time; s=socket.create_server((str(), {PORTS[IXN]['default']})); time.sleep(3000)"
    take = f"systemd-run --unit taken python3 -c '{taken}'; for i in $(seq 100); do (exec 3<>/dev/tcp/{IXN}/5420) && exit 0; sleep 0.1; done; exit 1"
    calls = (control(IXN, "stopped"), take, control(IXN, "started", application={"startup_timeout": 900}), "systemctl stop taken", control(IXN, "started"))
    _stopped, failed, started = modules(deployed, IXN, tmp_path, *calls)
    assert "Starting failed: 'IXN_S' ended with exit code 1 after " in failed["msg"] and f"journalctl -u {UNIT[IXN]}" in failed["msg"]
    told = failed["failure"]["applications"][0]
    assert (told["unit"], told["ended"], told["commanded"]) == (UNIT[IXN], "ended with exit code 1", True)
    assert any("status=1/FAILURE" in line for line in told["journal"])
    assert started["applications"][0]["status"] == "RUNNING"


def test_a_server_that_was_started_otherwise_is_not_touched(deployed, tmp_path):
    start = f"systemd-run --unit otherwise --uid genesys --working-directory /opt/genesys/{SERVERS[UCS]} /bin/sh ./run.sh"
    calls = (control(UCS, "stopped"), start, look(UCS), control(UCS, "started"), control(UCS, "stopped"), "systemctl stop otherwise", control(UCS, "started"))
    _stopped, looked, *refused, started = modules(deployed, UCS, tmp_path, *calls)
    assert looked["applications"][0]["status"] == "RUNNING_OUTSIDE_UNIT"
    for result in refused:
        assert result["failed"] and "was not started by its unit" in result["msg"] and "Solution Control Server" in result["msg"]
    assert way(started) == (True, "STOPPED", "RUNNING")


# --- another release ----------------------------------------------------------------------------------------------------


def test_another_release_is_installed_when_the_server_is_stopped(deployed):
    deployed.play(EXAMPLES / "stop_units.yml", "--limit", CHAT, stop=[{"name": SERVERS[CHAT]}])
    packages = {**VARIABLES["genesys_packages"], "chat_server": f"/srv/genesys/packages/{NEWER}"}
    newer = {**VARIABLES, "chat_hosts": f"site:{CHAT}", "deploy_verify": False, "genesys_packages": packages}
    assert deployed.play("genesys_engage.chat.deploy", **newer).recap[CHAT]["changed"] == 2  # the package, the start; the unit stays
    assert deployed.version(CHAT, SERVERS[CHAT]) == "8.5.316.02" and serves(deployed, CHAT)


# --- units --------------------------------------------------------------------------------------------------------------


def test_a_unit_with_all_that_needs_escaping(deployed, tmp_path):
    """systemd itself reads what was written."""
    name, path = 'Chat/Server ä-1 "x" 100%', '/opt/a b%n"q'
    unit = deployed.hosts.ssh(CHAT, f"echo genesys-$(systemd-escape '{name}').service")
    arguments = {"application": name, "path": path, "start_script": "start $x.sh", "enabled": False}
    act = {"control": "systemd", "applications": [{"name": name, "startup_timeout": 20}], "poll_interval": 0.2}
    make = f"mkdir -p '{path}' && printf 'exec sleep 1000' > '{path}/start $x.sh' && chown -R genesys '{path}'"
    shown = f"systemctl show --property WorkingDirectory,User,Description '{unit}' > /tmp/shown"
    absent = ("application_unit", {"application": name, "state": "absent"})
    calls: list[tuple[str, dict[str, Any]] | str] = [
        make, ("application_unit", arguments), ("application_unit", arguments), shown, ("application_control", {**act, "state": "started"}), absent,
        ("application_control", {**act, "state": "stopped"}), absent, absent, f"! systemctl cat '{unit}'",
    ]  # fmt: skip
    written, again, started, refused, _stopped, removed, twice = modules(deployed, CHAT, tmp_path, *calls)
    assert (written["unit"], written["changed"], again["changed"]) == (unit, True, False)
    told = {f"WorkingDirectory={path}", "User=genesys", f"Description=Genesys Engage application {name}"}
    assert set(deployed.hosts.ssh(CHAT, "cat /tmp/shown").splitlines()) == told
    assert started["applications"][0]["status"] == "RUNNING" and "Stop it first" in refused["msg"]
    assert (removed["changed"], twice["changed"]) == (True, False)


def test_a_unit_of_somebody_else_stays(deployed, tmp_path):
    place, theirs = "/etc/systemd/system/genesys-Other.service", "[Service]\nExecStart=/bin/true\n"
    other = {"application": "Other", "path": f"/opt/genesys/{SERVERS[CHAT]}"}
    calls = (f"printf '{theirs}' > {place}", ("application_unit", other), ("application_unit", {**other, "state": "absent"}),
             ("application_status_info", {"control": "systemd", "applications": ["Other"]}))  # fmt: skip
    *refused, unknown = modules(deployed, CHAT, tmp_path, *calls)
    assert all("is not one that this collection wrote" in result["msg"] for result in refused) and len(refused) == 2
    assert "no unit of systemd for 'Other'" in unknown["msg"]
    assert deployed.hosts.ssh(CHAT, f"cat {place}; sudo rm {place}") == theirs.strip()
