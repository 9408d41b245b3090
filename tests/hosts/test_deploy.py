# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The example site deployed over SSH on ten hosts: again, after reboots, power cuts, cut cables, full disks and bad packages. Needs root."""

from __future__ import annotations

import gzip
import io
import json
import re
import tarfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hosts.example_site import Play, Site
from hosts.machine import run
from hosts.upgrade_packages import put

# The first test may have to build the operating system.
pytestmark = pytest.mark.timeout(900)

DEPLOY = "genesys_engage.chat.deploy"
#: host -> application, version, ports: docs/examples/site
SITE: dict[str, tuple[str, str, set[int]]] = {
    **{f"chat{number}": (f"ChatServer_{number}", "8.5.311.06", {4580, 4581, 4582, 4583}) for number in (1, 2, 3, 4)},
    **{f"ucs{number}": (f"UCS_{number}", "9.1.000.12", {7100}) for number in (1, 2, 3, 4)},
    "ixn1": ("IXN_1", "8.5.201.05", {4420}),
    "gms1": ("GMS_1", "8.5.210.02", {8080}),
}
ALL_RUNNING = dict.fromkeys((application for application, _version, _ports in SITE.values()), "RUNNING")
BOOT_ID = "cat /proc/sys/kernel/random/boot_id"
OLD, NEW = "8.5.311.06", "8.5.316.02"
NEW_PACKAGE = "IP_eSChatSrv_8531602b1_ENU_linux.tar.gz"
DATA = "ip/data.tar.gz"
WHERE = "/srv/genesys/packages"
#: The installer stops there as long as a file of the point's name exists; not on the disk, so that a full one does not matter.
HOLD = "/run/hold"


@pytest.fixture
def site(example: Site) -> Site:
    """The hosts with their packages, and a sandbox in their network."""
    return example


@pytest.fixture
def whole(site: Site, first: Play) -> Iterator[Site]:
    """The deployed site; after a test that left it broken, it is brought back."""
    store = site.store()
    versions = {application: store[application]["version"] for application, _version, _ports in SITE.values()}
    if not site.statuses().items() >= ALL_RUNNING.items() or versions != {application: version for application, version, _ports in SITE.values()}:
        for operation in ("boot", "heal", "free-disk"):
            site.hosts.do(operation, *SITE)
        site.play(DEPLOY, package_allow_downgrade=True)
    yield site


def only(*hosts: str) -> tuple[str, ...]:
    """Return the options for a part of the hosts."""
    return ("--limit", ",".join(("site", *hosts)), "-e", "deploy_verify=false")


def chat_package(path: str) -> dict[str, Any]:
    """Return the packages of the site, with another one for Chat Server."""
    names = {"contact_server": "IP_eSContSrv_9100012b1", "interaction_server": "IP_eSInteractSrv_8520105b1", "gms": "IP_GMS_8521002b1"}
    return {"chat_server": path, **{role: f"{WHERE}/{name}_ENU_linux.tar.gz" for role, name in names.items()}}


def stop(site: Site, *applications: str) -> None:
    """Stop applications."""
    store = site.store()
    for application in applications:
        site.scs("POST", f"/stop/{store[application]['dbid']}")
    site.wait(dict.fromkeys(applications, "STOPPED"))


def copy(site: Site, host: str, package: Path, name: str) -> str:
    """Copy a package to a host and return its path there."""
    put(site.hosts, host, WHERE, {name: package.read_bytes()})
    return f"{WHERE}/{name}"


def hold(site: Site, host: str, point: str) -> None:
    """Let installers on a host stop at a point."""
    site.hosts.ssh(host, f"sudo install -d -o genesys {HOLD} && sudo rm -f {HOLD}/* && sudo touch {HOLD}/{point}")


def held(site: Site, host: str, point: str) -> bool:
    """Wait until the installer on a host is at the point; tell whether it is."""
    return site.appears(host, f"{HOLD}/{point}.reached")


def leftovers(site: Site, host: str) -> str:
    """Return what installations left on a host outside of the installation directories and beside what is in them."""
    marks = "-name 'genesys_installation_*' -o -name '*.ini' -o -name 'genesys_install_result*'"
    return site.hosts.ssh(host, f"sudo find /tmp /var/tmp /opt/genesys /home -xdev \\( {marks} \\) -not -path '*/backup_*'")


# --- deployed -----------------------------------------------------------------------------------------------------------


def test_every_server_runs_on_its_host(site, first):
    assert first.hosts("changed") == {"site", *SITE}
    assert site.statuses().items() >= ALL_RUNNING.items()
    store = site.store()
    hosts = {item["dbid"]: item["name"] for item in site.ask("GET", site.sandbox["control_url"] + "/objects/CfgHost")}
    for host, (application, version, ports) in SITE.items():
        configured = store[application]
        directory = f"/opt/genesys/{application}"
        assert (hosts[configured["hostdbid"]], configured["workdirectory"], configured["version"]) == (host, directory, version)
        pid, account, working_directory = site.process(host, application)
        assert (account, working_directory, site.version(host, application)) == ("genesys", directory, version)
        listening, _rule, files = site.hosts.ssh(host, "sudo ss -ltnpH; echo; ls /opt/genesys; sudo find /opt/genesys -not -user genesys").partition("\n\n")
        own = "\n".join(line for line in listening.splitlines() if f"pid={pid}," in line)
        assert {int(port) for port in re.findall(r"0\.0\.0\.0:(\d+) ", own)} == ports
        assert files == application
        assert leftovers(site, host) == ""


# --- hosts fail ---------------------------------------------------------------------------------------------------------


def test_after_a_reboot_of_every_host_it_is_brought_back(whole):
    site = whole
    boots = {host: site.hosts.ssh(host, BOOT_ID) for host in SITE}
    stop(site, "ChatServer_2")
    site.hosts.do("reboot", *SITE)
    assert not {host for host in SITE if site.hosts.ssh(host, BOOT_ID) == boots[host]}
    # Solution Control Server starts what ran before, and nothing else.
    site.wait({**ALL_RUNNING, "ChatServer_2": "STOPPED"})
    # It ends with a verification.
    assert site.play(DEPLOY).hosts("changed") == {"site"}
    assert site.statuses().items() >= ALL_RUNNING.items()
    confserv = f"{site.sandbox['confserv_host']}:{site.sandbox['confserv_port']}"
    load = site.hosts.inside("-m", "sandbox.load", "--dir", str(site.hosts.directory / "shared"), "--confserv", confserv)
    done = run([*load, "--chats", "8", "--rate", "2", "--seconds", "3"])
    report = json.loads(done.stdout[done.stdout.index("{") :])
    assert (report["opened"], report["messages_lost"]) == (8, 0) and report["messages_sent"] > 0


def test_a_host_that_is_cut_off_and_when_all_is_well_again_nothing_changes(whole):
    site = whole
    site.hosts.do("partition", "chat2")
    # Nothing is known of what runs there, and nothing is claimed.
    site.wait({"ChatServer_2": "UNKNOWN", "ChatServer_1": "RUNNING"})
    before = site.everything()
    cut = site.play(DEPLOY, succeeds=False)
    assert cut.code != 0 and cut.hosts("unreachable") == {"chat2"} and cut.hosts("changed") == set()
    assert site.everything() == before
    stop(site, "ChatServer_1")
    others = site.play(DEPLOY, "--limit", "all:!chat2", "-e", "deploy_verify=false")
    assert others.hosts("changed") == {"site"} and "chat2" not in others.recap
    site.hosts.do("heal", "chat2")
    site.wait(ALL_RUNNING)
    before = site.everything()
    again = site.play(DEPLOY)
    assert set(again.recap) == {"localhost", "site", *SITE} and again.hosts("changed") == set()
    assert site.everything() == before


# --- installations that fail ---------------------------------------------------------------------------------------------


def spoiled(package: Path, target: Path, content: dict[str, bytes]) -> Path:
    """Write a package with other product files."""

    def data(archive: bytes) -> bytes:
        return repacked(archive, content.get, content)

    target.write_bytes(repacked(package.read_bytes(), lambda name, old: data(old) if name == DATA else old))
    return target


def repacked(archive: bytes, change: Callable[[str, bytes], bytes], more: Iterable[str] = ()) -> bytes:
    """Return a .tar.gz with changed contents of files, and with more files."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=io.BytesIO(archive)) as source, tarfile.open(fileobj=packed, mode="w") as target:
        names = source.getnames()
        for entry in [*source.getmembers(), *(tarfile.TarInfo(name) for name in more if name not in names)]:
            file = source.extractfile(entry) if entry.name in names else io.BytesIO()
            content = change(entry.name, file.read()) if file else b""
            entry.size = len(content)
            target.addfile(entry, io.BytesIO(content))
    return gzip.compress(packed.getvalue())


def back(site: Site, *hosts: str) -> None:
    """Roll hosts back to their former packages."""
    site.play("genesys_engage.chat.rollback", genesys_rollback=[{"application": SITE[host][0]} for host in hosts])
    site.wait({SITE[host][0]: "RUNNING" for host in hosts})
    store = site.store()
    for host in hosts:
        application, version, _ports = SITE[host]
        assert site.version(host, application) == store[application]["version"] == version


def test_installations_that_are_cut_short_are_told_and_healed_by_running_again(whole, tmp_path):
    """A full disk, a package that can't be installed, and a power cut, each on a host of its own in the midst of the installation."""
    site = whole
    full, bad, off = struck = ("chat1", "chat4", "chat3")
    package = chat_package(f"{WHERE}/{NEW_PACKAGE}")
    in_the_way = spoiled(site.packages / NEW_PACKAGE, tmp_path / NEW_PACKAGE, {"ChatServer": b"in the way of the installer's link"})
    for host in struck:
        copy(site, host, in_the_way if host == bad else site.packages / NEW_PACKAGE, NEW_PACKAGE)
    stop(site, *(SITE[host][0] for host in struck))
    held_up = {"genesys_packages": package, "genesys_environment": {"SANDBOX_INSTALL_HOLD": HOLD}}

    hold(site, full, "target")
    with site.playing(DEPLOY, *only(full, bad), **held_up) as end:
        assert held(site, full, "target"), end().errors()
        site.hosts.do("fill-disk", full)
        site.hosts.ssh(full, f"sudo rm {HOLD}/target")
        played = end()
    site.hosts.do("free-disk", full)
    assert played.code != 0 and played.hosts("failed") == {full, bad, "site"}
    assert re.search(r"\[chat1\].*(space|disk)", played.errors(), re.IGNORECASE) and "Free some space" in played.errors()
    assert re.search(r"\[chat4\].*Failed to create symbolic link", played.errors())
    # The installer has looked for space before it touched anything.
    assert site.version(full, "ChatServer_1") == OLD and leftovers(site, full) == ""

    site.hosts.ssh(off, "echo by hand | sudo -u genesys tee /opt/genesys/ChatServer_3/mine.cfg")
    former = site.hosts.ssh(off, "sudo sh -c 'cd /opt/genesys/ChatServer_3 && sha256sum $(find . -type f)'").splitlines()
    hold(site, off, "write")
    with site.playing(DEPLOY, *only(off, bad), **held_up) as end:
        assert held(site, off, "write"), end().errors()
        # The new description is there, and nothing that comes after it.
        assert site.version(off, "ChatServer_3") == NEW
        assert site.hosts.try_ssh(off, "sudo test -e /opt/genesys/ChatServer_3/run.sh").returncode != 0
        site.hosts.do("power-cut", off)
        played = end()
    # What has failed elsewhere meanwhile is told, too, and who was lost.
    assert played.code != 0 and (played.hosts("unreachable"), played.hosts("failed")) == ({off}, {bad, "site"})
    assert re.search(r"\[chat4\].*Failed to create symbolic link", played.errors())
    assert re.search(r"Not reached: chat3\. .*Failed, as said above: chat4\. .*so nothing was started", played.errors())
    store, statuses = site.store(), site.statuses()
    assert {store[SITE[host][0]]["version"] for host in struck} == {OLD}
    assert (statuses["ChatServer_1"], statuses["ChatServer_4"]) == ("STOPPED", "STOPPED")
    site.hosts.do("boot", off)

    # The same again, without what was in the way.
    site.play(DEPLOY, *only(full, off), genesys_packages=package)
    site.wait({"ChatServer_1": "RUNNING", "ChatServer_3": "RUNNING"})
    store = site.store()
    for host in (full, off):
        assert site.version(host, SITE[host][0]) == store[SITE[host][0]]["version"] == NEW
    assert site.play(DEPLOY, *only(full, off), genesys_packages=package).hosts("changed") == set()
    assert leftovers(site, full) == leftovers(site, off) == ""
    # The backup of what the interrupted installer had written holds that of the old installation.
    kept = site.hosts.ssh(off, "sudo find /opt/genesys/ChatServer_3/backup_* -name mine.cfg -printf '%h\n'")
    assert set(site.hosts.ssh(off, f"sudo sh -c 'cd {kept} && sha256sum $(find . -type f)'").splitlines()) == set(former)

    back(site, *struck)
    assert site.hosts.ssh(off, "sudo cat /opt/genesys/ChatServer_3/mine.cfg") == "by hand"
    assert site.process(bad, "ChatServer_4")[1] == "genesys"


def test_a_package_whose_server_dies_is_rolled_back(whole, tmp_path):
    site = whole
    bad = spoiled(site.packages / NEW_PACKAGE, tmp_path / NEW_PACKAGE, {"ChatServer_64": b"#!/bin/sh\nexit 3\n"})
    stop(site, "ChatServer_4")
    package = chat_package(copy(site, "chat4", bad, f"bad_{NEW_PACKAGE}"))
    site.edit("ChatServer_4", startuptimeout="10")
    played = site.play(DEPLOY, *only("chat4"), succeeds=False, genesys_packages=package)
    site.edit("ChatServer_4", startuptimeout="90")
    assert played.code != 0 and "Starting failed" in played.errors()
    assert site.statuses()["ChatServer_4"] == "STOPPED"
    back(site, "chat4")
    assert site.process("chat4", "ChatServer_4")[1] == "genesys"
