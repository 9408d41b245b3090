# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rolling upgrade as an administrator runs it: what is refused, what a preview says, the upgrade itself, and the way back.

A small solution on hosts that are directories; faults, and chats that go on meanwhile, are tested on real hosts (tests/hosts).
"""

from __future__ import annotations

import copy
import dataclasses
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml
from integration.configured_site import Site as Modules
from integration.managed_hosts import deployed
from integration.module_runner import ModuleRunner
from integration.secret_search import found_below, found_in
from integration.test_deploy import PACKAGES, PASSWORD, SECRET_OPTION, SOLUTION, Controller, changed, failures

from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.upgrade.holder import Machine
from sandbox.packages.build import package_archive
from sandbox.packages.products import PACKAGES as PRODUCTS
from sandbox.testing import Sandbox

# Many playbooks, one after the other.
pytestmark = pytest.mark.timeout(900)

OLD, NEW = "9.1.000.12", "9.1.001.07"
NEW_CHAT = "8.5.316.02"
NEWER = {"contact_server": "IP_eSContSrv_9100107b1_ENU_linux.tar.gz", "chat_server": "IP_eSChatSrv_8531602b1_ENU_linux.tar.gz"}
MEMBERS = ("UCS_1", "UCS_2")
CHAT_SERVERS = ("ChatServer_1", "ChatServer_2")
LOCK = "genesys_engage.chat upgrade"
RESTORING = {"session-restoration-mode": "simple", "transcript-auto-save": 1}

#: Few hosts: each takes its time.
SMALL: dict[str, Any] = {
    "chat_server_defaults": {**SOLUTION["chat_server_defaults"], "options": {"settings": RESTORING, "store": {"password": SECRET_OPTION}}},
    "chat_servers": [
        {"name": "ChatServer_1", "host": "chat1"},
        {"name": "ChatServer_2", "host": "chat1", "ports": {"default": 4590, "webapi": 4591, "ESP": 4592}},
    ],
    "interaction_servers": [{"name": "IXN_1", "host": "chat1", "application_template": "Interaction Server 8.5.2", "ports": {"default": 4420}}],
}


class Site:
    """The solution, deployed and running."""

    def __init__(self, controller: Controller, runner: ModuleRunner) -> None:
        self.controller, self.sandbox = controller, controller.sandbox
        self.modules = Modules(controller.sandbox, runner)
        self.packages = Path(controller.sandbox.environment["packages"])
        self.hosts = controller.sandbox.directory / "hosts"

    def play(self, name: str, *options: str, packages: dict[str, str] | None = None, **changes: Any) -> tuple[int, str]:
        """Run a playbook; the request log is emptied before. packages: file names or paths by role, instead of the first ones."""
        self.sandbox.clear()
        files = {role: str(self.packages / file) for role, file in {**PACKAGES, **(packages or {})}.items()}
        return self.controller.play(name, *options, **{"solution": SMALL, "chat_hosts": "site:chat1:ucs1:ucs2", "genesys_packages": files, **changes})

    def upgrade(self, *options: str, **changes: Any) -> tuple[int, str]:
        """Run the playbook that upgrades the UCS."""
        return self.play("upgrade_contact_servers", *options, **{"packages": NEWER, **changes})

    def processes(self) -> dict[str, int]:
        """Return the process ids of the servers that run."""
        scs = f"http://{self.sandbox.environment['scs_host']}:{self.sandbox.environment['scs_port']}"
        return {item["name"]: item["pid"] for item in requests.get(f"{scs}/processes", timeout=10).json() if item["status"] == "RUNNING"}

    def files(self) -> dict[str, tuple[int, int]]:
        """Return what changes when a file of a host does, other than a server's own log and store."""
        found = {}
        for installed in self.hosts.glob("*/opt/genesys/*"):
            for path in installed.rglob("*"):
                if path.suffix != ".log" and path.is_file():
                    found[str(path)] = (path.lstat().st_ino, path.lstat().st_mtime_ns)
        return found

    def everything(self) -> tuple[Any, ...]:
        """Return all that a run can change."""
        return self.sandbox.database(), self.processes(), self.files()

    def versions(self) -> dict[str, tuple[str, str]]:
        """Return the version of each server: the one in the Configuration Server, and that of the running process's directory."""
        found = {}
        for name in (*MEMBERS, *CHAT_SERVERS):
            app = self.controller.application(name)
            found[name] = (app["version"], installed_version(Path(app["workdirectory"])))
        return found

    def connected(self) -> dict[str, str]:
        """Return to which UCS each Chat Server's process holds a TCP connection."""
        ports = {self.port(name): name for name in MEMBERS}
        processes = self.processes()
        return {name: ", ".join(ports[port] for port in sorted(remote_ports(processes[name])) if port in ports) for name in CHAT_SERVERS}

    def port(self, name: str) -> tuple[str, int]:
        """Return address and port of a server."""
        app = self.controller.application(name)
        host = next(item for item in self.sandbox.objects("CfgHost") if item["dbid"] == app["hostdbid"])
        return str(host["ipaddress"]), int(app["portinfos"]["portinfo"][0]["port"])

    def lock(self) -> Any:
        """Return the object of the lock, or None."""
        return self.sandbox.object("CfgAppPrototype", LOCK)


def installed_version(directory: Path) -> str:
    """Return the version that an installed server says it has."""
    return next(found[1] for path in directory.glob("*.xml") for found in [re.search(r"\b(\d+\.\d+\.\d{3}\.\d{2})\b", path.read_text())] if found)


def remote_ports(pid: int) -> set[tuple[str, int]]:
    """Return the other ends of a process's established connections, past the product."""
    inodes = set()
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        goal = os.readlink(descriptor) if descriptor.is_symlink() else ""
        inodes.add(goal.removeprefix("socket:[").removesuffix("]"))
    found = set()
    for line in Path(f"/proc/{pid}/net/tcp").read_text().splitlines()[1:]:
        words = line.split()
        if words[3] == "01" and words[9] in inodes:
            address, port = words[2].split(":")
            found.add((".".join(str(byte) for byte in reversed(bytes.fromhex(address))), int(port, 16)))
    return found


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with ModuleRunner(tmp_path_factory.mktemp("home")) as runner, Sandbox(password=PASSWORD) as sandbox:
        deployed(sandbox, runner, {**SOLUTION, **SMALL}, PACKAGES)
        yield Site(Controller(sandbox, tmp_path_factory.mktemp("controller")), runner)


def order_of(output: str) -> list[str]:
    """Return the order of the upgrade as a run prints it."""
    return re.findall(r'^ +"(\d+\. .*)",?$', output, re.MULTILINE)


# --- what is refused by the plan ----------------------------------------------------------------------------------------


def no_pair(site: Modules) -> None:
    site.sandbox.edit("CfgApplication", "UCS_1", backupserverdbid="0", redundancytype="CFGHTNoHAType")


def odd_member(site: Modules) -> None:
    site.make("UCS_3", "Universal Contact Server 9.1", "ucs3", {"default": 7100})


def second_pair(site: Modules) -> None:
    """Make another pair, to which ChatServer_2 is connected, too."""
    for number in (3, 4):
        site.make(f"UCS_{number}", "Universal Contact Server 9.1", f"ucs{number}", {"default": 7100}, workdirectory=f"/opt/genesys/UCS_{number}")
    site.sandbox.edit("CfgApplication", "UCS_3", backupserverdbid=site.dbid("CfgApplication", "UCS_4"))
    connections = site.sandbox.object("CfgApplication", "ChatServer_2")["appservers"]["conninfo"]  # type: ignore[index]  # it is there
    site.relink("ChatServer_2", [*connections, site.link("UCS_3")])


def another_type(site: Modules) -> None:
    """Give UCS_1 a Message Server as its backup, which no Configuration Server would do by itself."""
    database = copy.deepcopy(site.sandbox.database())
    apps = {app["name"]: app for app in database["objects"]["CfgApplication"]}
    apps["UCS_1"]["backupserverdbid"] = apps["MessageServer"]["dbid"]
    site.sandbox.restore(database)


def nothing(_site: Modules) -> None:
    """Leave all as it is."""


HOSTS = ["chat1", "ucs1", "ucs2"]
REFUSED: dict[str, tuple[Callable[[Modules], None], dict[str, Any], tuple[str, ...]]] = {
    "no pair": (no_pair, {}, ("'UCS_1' is in no pair", "'UCS_2' is in no pair", "configured as pairs")),
    "odd member": (odd_member, {}, ("'UCS_3' is in no pair",)),
    "pair of different types": (another_type, {}, ("'UCS_1' and 'MessageServer' is of different types", "'UCS_2' is in no pair")),
    "Chat Server with two UCS": (second_pair, {}, ("Chat Server 'ChatServer_2' is connected to 'UCS_1' and 'UCS_3'", "exactly one pair")),
    "unknown host": (nothing, {"hosts": ["chat1", "ucs1"], "inventory_hosts": ["chat1", "ucs1"]},
                     ("'UCS_2' is on host 'ucs2'", "no host of the inventory")),
    "limit without a member": (nothing, {"hosts": ["chat1", "ucs1"], "inventory_hosts": HOSTS}, ("'UCS_2' is on host 'ucs2', which a --limit leaves out",)),
    "limit without the Chat Servers": (nothing, {"hosts": ["ucs1", "ucs2"], "inventory_hosts": HOSTS},
                                       ("'ChatServer_1' is on host 'chat1'", "'ChatServer_2' is on host 'chat1'", "--limit")),
    "primary that is none": (nothing, {"primaries": ["UCS_2", "UCS_7"]}, ("'UCS_2' is the backup of 'UCS_1'", "no Universal Contact Server 'UCS_7'")),
    "batch": (nothing, {"batch": "0"}, ("batch (in the playbooks: upgrade_batch) must be a number from 1 on",)),
    "sessions that can't be restored": (nothing, {"role": "chat_server"}, ("session-restoration-mode=simple on 'ChatServer_2'",)),
    "role": (nothing, {"role": "gms"}, ("role", "contact_server, chat_server")),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_the_plan_refuses(site: Site, case: str) -> None:
    prepare, arguments, words = REFUSED[case]
    before = site.sandbox.database()
    try:
        if "restored" in case:
            site.sandbox.edit("CfgApplication", "ChatServer_2", options={"settings": {"session-restoration-mode": "none"}})
        prepare(site.modules)
        site.modules.refuses("upgrade_plan_info", *words, **arguments)
        assert site.modules.writes() == []
    finally:
        site.sandbox.restore(before)


def test_the_plan(site: Site) -> None:
    for check in (False, True):
        result = site.modules.ok("upgrade_plan_info", check, hosts=HOSTS, inventory_hosts=HOSTS).result
        assert (site.modules.writes(), result["changed"], result["hosts"]) == ([], False, HOSTS)
        assert [step["members"] for step in result["steps"]] == [["UCS_2"], ["UCS_1"], ["UCS_1"]]
        assert [(item["name"], item["place"], item["clients"]) for item in result["members"]] == [
            ("UCS_1", "primary", list(CHAT_SERVERS)), ("UCS_2", "backup", list(CHAT_SERVERS))]
        where = {name: dict(zip(("address", "port"), site.port(name), strict=True), name=name) for name in MEMBERS}
        assert [item["contact_servers"] for item in result["chat_servers"]] == [[{"primary": where["UCS_1"], "backup": where["UCS_2"]}]] * 2
    result = site.modules.ok("upgrade_plan_info", role="chat_server").result
    assert [step["members"] for step in result["steps"]] == [["ChatServer_1"], ["ChatServer_2"]]


# --- what is refused by the playbook ------------------------------------------------------------------------------------


def older_or_no_package(site: Site, place: Path) -> dict[str, Any]:
    """An older package on one host, and none on the other."""
    product = next(item for item in PRODUCTS if item.nickname == "eSContSrv")
    older = dataclasses.replace(product, version="9.0.005.01", build_date="2020-01-07")
    (place / "ucs1").mkdir()
    (place / "ucs1" / "package.tar.gz").write_bytes(package_archive(older, sys.executable))
    return {"packages": {"contact_server": str(place) + "/{{ inventory_hostname }}/package.tar.gz"}}


def another_product(_site: Site, _place: Path) -> dict[str, Any]:
    return {"packages": {"contact_server": NEWER["chat_server"]}}


def mixed_versions(site: Site, place: Path) -> dict[str, Any]:
    """Another package on each host."""
    for host, file in (("ucs1", NEWER["contact_server"]), ("ucs2", PACKAGES["contact_server"])):
        (place / host).mkdir()
        (place / host / "package.tar.gz").symlink_to(site.packages / file)
    return {"packages": {"contact_server": str(place) + "/{{ inventory_hostname }}/package.tar.gz"}}


def unknown_host(site: Site, place: Path) -> dict[str, Any]:
    inventory = yaml.safe_load(site.sandbox.inventory.read_text())
    del inventory["all"]["children"]["genesys_hosts"]["hosts"]["ucs2"]
    (place / "hosts.yml").write_text(yaml.safe_dump(inventory))
    return {"inventory": place / "hosts.yml", "chat_hosts": "site:chat1:ucs1"}


def same(_site: Site, _place: Path) -> dict[str, Any]:
    return {}


BAD: dict[str, tuple[Callable[[Site, Path], dict[str, Any]], tuple[str, ...], tuple[str, ...]]] = {
    "older package on one host, none on the other": (older_or_no_package, (), ("9.0.005.01", "older", "allow_downgrade", "ucs2/package.tar.gz")),
    "another product": (another_product, (), ("genesys_packages.contact_server is eSChatSrv", "Give the package of Universal Contact Server")),
    "mixed versions": (mixed_versions, (), (f"{OLD} for 'UCS_2'; {NEW} for 'UCS_1'", "all members must get the same one", "Nothing was changed.")),
    # A limit that leaves out a member is among the plan's refusals above.
    "unknown host, limit without the Chat Servers": (unknown_host, ("--limit", "localhost,site,ucs1"), (
        "'UCS_2' is on host 'ucs2'", "no host of the inventory", "'ChatServer_1' is on host 'chat1', which a --limit leaves out")),
    "without the checks": (same, ("--skip-tags", "preflight"), ("--tags or --skip-tags leave them out", "Nothing was changed.")),
    "limit without the configuration host": (same, ("--limit", "localhost,chat1,ucs1,ucs2"), ("'site'", "--limit must include it", "Nothing was changed.")),
}


@pytest.mark.slow
@pytest.mark.parametrize("case", BAD)
def test_what_the_playbook_refuses(site: Site, tmp_path: Path, case: str) -> None:
    prepare, options, words = BAD[case]
    changes = prepare(site, tmp_path)
    before = site.everything()
    code, output = site.upgrade(*options, **changes)
    assert code != 0 and "Traceback" not in output
    told = " ".join(output.split())
    for word in words:
        assert word in told, failures(output)
    assert (site.sandbox.writes(), site.everything()) == ([], before)
    assert "changed=0" in output and changed(output) == 0


# --- the upgrade --------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_upgrade_again_and_back(site: Site, tmp_path: Path) -> None:
    before = site.everything()
    page = (Path(__file__).resolve().parents[2] / "docs" / "upgrade.md").read_text()
    unanswered = dict.fromkeys(re.findall(r"^\| `(upgrade_\w+)` \|", page, re.MULTILINE), "")
    assert len(unanswered) > 8
    orders = []
    for options in (("--check",), ("--tags", "preflight")):
        code, output = site.upgrade(*options, **unanswered)
        assert code == 0, failures(output)
        assert (site.sandbox.writes(), site.everything()) == ([], before)
        orders.append(order_of(output))
    reports = tmp_path / "reports"
    shown = {"ANSIBLE_SHOW_CUSTOM_STATS": "1"}
    code, output = site.upgrade("-vvvv", upgrade_report_dir=str(reports), environment=shown)
    assert code == 0, failures(output)
    upgraded_as_told(site, before[1], output, [*orders, order_of(output)[:3]])
    report = json.loads(next(reports.glob("*.json")).read_text())
    told_as_it_was(site, report, output, next(reports.glob("*.md")).read_text())
    quiet_about_secrets(site, output, reports)

    code, output = site.upgrade()
    assert (code, changed(output), site.sandbox.writes()) == (0, 0, []), failures(output)
    assert "Nothing: every member runs the wanted version." in output
    a_lock_that_a_dead_run_has_left(site)
    chat_servers_one_by_one(site)
    the_way_back(site)


def upgraded_as_told(site: Site, processes: dict[str, int], output: str, orders: list[list[str]]) -> None:
    """Assert that the real run did what the previews said, in that order."""
    assert orders[0] == orders[1] == orders[2]
    first, second, third = orders[0]
    assert (first, third) == (f"1. Backups: 'UCS_2' on ucs2 ({OLD} -> {NEW}).", f"3. Primaries: 'UCS_1' on ucs1 ({OLD} -> {NEW}).")
    assert second.startswith("2. Stop 'UCS_1'") and "'UCS_2'" in second
    dbids = {site.controller.application(name)["dbid"]: name for name in MEMBERS}
    writes = [entry for entry in site.sandbox.requests("confserv") if entry["method"] in ("PUT", "POST") and entry["path"] != "/login"]
    written = [name for entry in writes for dbid, name in dbids.items() if re.search(rf"/{dbid}\b", entry["path"]) or entry.get("name") == name]
    assert list(dict.fromkeys(written)) == ["UCS_2", "UCS_1"], "the installers wrote in another order"
    assert {name: site.versions()[name] for name in MEMBERS} == dict.fromkeys(MEMBERS, (NEW, NEW))
    now = site.processes()
    assert {name for name in processes if now[name] != processes[name]} == set(MEMBERS)
    assert site.connected() == dict.fromkeys(CHAT_SERVERS, "UCS_2")
    assert site.lock() is None and {entry["type"] for entry in site.sandbox.writes()} == {"CfgAppPrototype"}


def told_as_it_was(site: Site, report: dict[str, Any], output: str, page: str) -> None:
    """Assert that the report says what happened, in both forms and as statistics of the job."""
    assert (report["complete"], report["target"], report["members_upgraded"], report["problems"], report["reconnects"]) == (True, NEW, 2, [], 2)
    assert [phase["name"] for phase in report["phases"]] == ["backups", "stop of all primaries", "primaries"]
    assert [(item["name"], item["before"], item["version"], item["result"]) for item in report["members"]] == [
        (name, OLD, NEW, "upgraded") for name in MEMBERS]
    assert [(item["name"], item["before"], item["now"], item["reconnects"]) for item in report["chat_servers"]] == [
        (name, "UCS_1", "UCS_2", 1) for name in CHAT_SERVERS]
    stats = output.partition("CUSTOM STATS: ")[2]
    assert '"members_upgraded": 2' in stats and '"complete": true' in stats
    assert f"| UCS_1 | {NEW} | RUNNING | default answers |" in page
    assert f"| UCS_1 | ucs1 | primary | {OLD} | {NEW} | upgraded |" in page and "| ChatServer_2 | chat1 | UCS_1 | UCS_2 | 1 |" in page


def quiet_about_secrets(site: Site, output: str, reports: Path) -> None:
    """Assert that no secret is in the output, the report and what is left on the hosts; as a control, that one was there to tell."""
    secrets = [PASSWORD, SECRET_OPTION]
    assert site.sandbox.options("CfgApplication", "ChatServer_1")["store"]["password"] == SECRET_OPTION
    assert "confserv_password" in output and found_in(output, secrets) == []
    assert len(list(reports.iterdir())) == 2 and found_below(reports, secrets) == []
    assert found_below(site.controller.temporary, secrets) == []
    assert found_below(site.hosts, secrets) == []


def a_lock_that_a_dead_run_has_left(site: Site) -> None:
    """Its controller, this one, was killed after the last step: the next run goes on at once, and has nothing to do but to take the lock away."""
    found = site.sandbox.environment
    with subprocess.Popen(["sleep", "60"]) as process:
        owner = Machine().name_of("a dead run", process.pid)
        process.kill()
    site.modules.ok("upgrade_lock", upgrade_id=f"contact_server {NEW} at {found['confserv_host']}:{found['confserv_port']}", owner=owner)
    assert site.lock() is not None
    processes = site.processes()
    code, output = site.upgrade()
    assert code == 0, failures(output)
    assert (site.lock(), site.processes()) == (None, processes)


def chat_servers_one_by_one(site: Site) -> None:
    before = site.processes()
    code, output = site.play("upgrade_chat_servers", packages=NEWER)
    assert code == 0, failures(output)
    assert {name: site.versions()[name] for name in CHAT_SERVERS} == dict.fromkeys(CHAT_SERVERS, (NEW_CHAT, NEW_CHAT))
    now = site.processes()
    assert {name for name in before if now[name] != before[name]} == set(CHAT_SERVERS) and site.lock() is None
    assert order_of(output)[:2] == [f"{number}. Chat Server {name}: '{name}' on chat1 (8.5.311.06 -> {NEW_CHAT})." for number, name in
                                    enumerate(CHAT_SERVERS, 1)]


def the_way_back(site: Site) -> None:
    before = site.everything()
    code, output = site.play("rollback_contact_servers", upgrade_back_to=OLD)
    assert code != 0 and "upgrade_data_compatible=true" in output, failures(output)
    assert (site.sandbox.writes(), site.everything()) == ([], before)
    code, output = site.play("rollback_contact_servers", upgrade_back_to=OLD, upgrade_data_compatible=True)
    assert code == 0, failures(output)
    assert {name: site.versions()[name] for name in MEMBERS} == dict.fromkeys(MEMBERS, (OLD, OLD))
    now = site.processes()
    assert {name for name in before[1] if now[name] != before[1][name]} == set(MEMBERS) and site.lock() is None
    assert site.connected() == dict.fromkeys(CHAT_SERVERS, "UCS_2")
