# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Installations on a host that is in the way: file systems read-only, too small, full or without execution, directories of root's. Needs root.

What the module sees it refuses, and nothing is touched. What happens behind its back, while the installer is held, the
installer itself says, and the module hands it on.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hosts.conftest import PREFIX
from hosts.example_site import Site, running_sandbox
from hosts.machine import Hosts
from integration.installer_texts import pattern

# The first test may have to build the operating system.
pytestmark = pytest.mark.timeout(900)

HOST, APPLICATION = "chat2", "ChatServer_P"
TARGET = f"/opt/genesys/{APPLICATION}"
PACKAGES = "/srv/genesys/packages"
OLD, NEW = (f"{PACKAGES}/IP_eSChatSrv_{digits}b1_ENU_linux.tar.gz" for digits in ("8531106", "8531602"))
HOLD = "/srv/hold"
#: Ansible's own notes, where they do not share the fate of the disk.
JOBS = {"ANSIBLE_ASYNC_DIR": "/run/ansible_async"}

UNMOUNT = f"umount {TARGET}"
READ_ONLY = f"mount -t tmpfs -o ro tmpfs {TARGET}"
SMALL = f"mount -t tmpfs -o size=64k,uid=$(id -u genesys),gid=$(id -g genesys) tmpfs {TARGET}"
FOREIGN, NOT_FOREIGN = f"install -d -m 0700 {TARGET}/lost+found", f"rmdir {TARGET}/lost+found {TARGET}/backup_*/lost+found 2>/dev/null || true"
NO_EXECUTION, EXECUTION = "mount --bind /tmp /tmp && mount -o remount,bind,noexec /tmp", "umount /tmp"

#: What the module finds out: how it comes about, how it goes away, what is said.
SEEN: dict[str, tuple[str, str, list[str]]] = {
    "read-only": (READ_ONLY, UNMOUNT, [f"no permission to write to {TARGET}", "Nothing was changed"]),
    "too small": (SMALL, UNMOUNT, ["Not enough disk space", TARGET, "Free some space"]),
    "lost+found": (FOREIGN, NOT_FOREIGN, [f"no permission to move {TARGET}/lost+found", "Nothing was changed", "Correct the ownership"]),
    "noexec": (NO_EXECUTION, EXECUTION, ["/tmp is mounted noexec", "mount it with exec"]),
}
#: What happens while the installer is held: its text, how it comes about, how it goes away.
BETWEEN: dict[str, tuple[str, str, str]] = {
    "write": ("write", READ_ONLY, UNMOUNT),
    "space": ("space", SMALL, UNMOUNT),
    "back up": ("back up", FOREIGN, NOT_FOREIGN),
}


def shell(command: str) -> dict[str, Any]:
    return {"ansible.builtin.shell": command}


def install(sandbox: dict[str, Any], src: str = NEW) -> dict[str, Any]:
    login = {f"confserv_{key}": sandbox[found] for key, found in (("port", "confserv_port"), ("username", "username"), ("password", "password"))}
    return {
        "genesys_engage.chat.installation_package": {
            **login, "confserv_host": sandbox["confserv_host"], "src": src, "path": TARGET, "application": APPLICATION,
            "accept_license": True, "user": "genesys", "host_name": HOST,
        },
    }  # fmt: skip


def seen(sandbox: dict[str, Any], name: str, before: str, after: str, check: bool) -> list[dict[str, Any]]:
    task = {**install(sandbox), "register": "found", "failed_when": False, "check_mode": check}
    return [shell(before), task, keep(name), shell(after)]


def held(sandbox: dict[str, Any], name: str, before: str, after: str) -> list[dict[str, Any]]:
    """Tasks that hold the installer before it looks at its target, do something, let it go on and keep the result."""
    wait = f"for _ in $(seq 1200); do [ -e {HOLD}/target.reached ] && break; sleep 0.1; done; [ -e {HOLD}/target.reached ]"
    return [
        shell(f"rm -rf {HOLD} && install -d -m 0777 {HOLD} && touch {HOLD}/target"),
        {**install(sandbox), "environment": {"SANDBOX_INSTALL_HOLD": HOLD, **JOBS}, "async": 300, "poll": 0, "register": "started"},
        shell(f"{wait} && {{ {before}; }}"),
        shell(f"rm {HOLD}/target"),
        {
            "ansible.builtin.async_status": {"jid": "{{ started.ansible_job_id }}"},
            "environment": JOBS, "register": "found", "until": "found is finished", "retries": 300, "delay": 0.5, "failed_when": False,
        },
        keep(name),
        shell(after),
    ]  # fmt: skip


def keep(name: str) -> dict[str, Any]:
    return {"ansible.builtin.set_fact": {"results": "{{ results | default({}) | combine({'%s': found}) }}" % name}}


class Place:
    """A host with the packages, its application in a Configuration Server, and the old version installed."""

    def __init__(self, site: Site, directory: Path) -> None:
        self.site = site
        self.directory = directory

    def results(self, *tasks: list[dict[str, Any]]) -> dict[str, Any]:
        """Run tasks on the host, and return the results that they have kept."""
        file = self.directory / "results.json"
        last = {"ansible.builtin.copy": {"content": "{{ results | default({}) | to_json }}", "dest": str(file), "mode": "0600"},
                "delegate_to": "localhost", "become": False}  # fmt: skip
        book = self.directory / "book.yml"
        book.write_text(yaml.safe_dump([{"hosts": HOST, "gather_facts": False, "tasks": [*sum(tasks, []), last]}]), encoding="utf-8")
        self.site.play(book)
        found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        return found

    def content(self) -> str:
        """Return the check sums of what is installed, without backups and the product's notes."""
        passed_over = " ".join(f'-name "{name}" -prune -o' for name in ("backup_*", "lost+found", ".genesys_engage*"))
        find = f'find . {passed_over} -type f -exec sha256sum {{}} + -o -type l -printf "%l %p\\n"'
        return self.site.hosts.ssh(HOST, f"sudo sh -c 'cd {TARGET} && {find} | sort'")

    def installed(self) -> str:
        """Return the version that is installed."""
        return self.site.version(HOST, APPLICATION)


@pytest.fixture(scope="module")
def hosts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hosts]:
    """One host, on which things are mounted that others should not meet."""
    made = Hosts(tmp_path_factory.mktemp("hosts"), f"{PREFIX}p", HOST)
    try:
        made.do("up")
        yield made
    finally:
        made.do("down")


@pytest.fixture(scope="module")
def place(hosts: Hosts, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with running_sandbox(hosts, tmp_path_factory.mktemp("sandbox")) as sandbox:
        site = Site(hosts, sandbox, tmp_path_factory.mktemp("controller"))
        objects = sandbox["control_url"] + "/objects"
        (template,) = (item for item in site.ask("GET", f"{objects}/CfgAppPrototype") if item["name"] == "Chat Server 8.5.3")
        (host,) = (item for item in site.ask("GET", f"{objects}/CfgHost") if item["name"] == HOST)
        fields = {"workdirectory": ".", "commandline": ".", "commandlinearguments": ".", "autorestart": "CFGFalse"}
        links = {"appprototypedbid": template["dbid"], "hostdbid": host["dbid"], "tenantdbids": {"id": [{"dbid": "1"}]}}
        ports = {"portinfos": {"portinfo": [{"id": "default", "port": "4580"}]}, "options": {"property": []}, "appservers": {"conninfo": []}}
        site.ask("POST", objects, {"type": "CfgApplication", "name": APPLICATION, **fields, **links, **ports})
        made = Place(site, tmp_path_factory.mktemp("place"))
        copy = {"ansible.builtin.copy": {"src": f"{site.packages}/", "dest": f"{PACKAGES}/", "mode": "0644", "directory_mode": "0755"}}
        made.results([shell(f"rm -rf {TARGET}"), copy, install(sandbox, OLD)])
        yield made


def test_what_is_in_the_way_is_seen_before_anything_is_touched(place):
    """In check mode, as preflight runs it, and without."""
    before = place.content()
    sandbox = place.site.sandbox
    tasks = [seen(sandbox, f"{name}, {check}", *SEEN[name][:2], check) for name in SEEN for check in (True, False)]
    found = place.results(*tasks)
    assert len(found) == 2 * len(SEEN)
    for name, result in found.items():
        for words in [f"On host '{HOST}': ", *SEEN[name.split(",")[0]][2]]:
            assert words in result["msg"], (name, result)
        assert result["failure"]["host"] == HOST and "exit_code" not in result["failure"]
    assert place.content() == before
    assert place.site.hosts.ssh(HOST, "sudo find /opt/genesys /var/tmp -name '*.installing' -o -name 'genesys_installation_*'") == ""


def test_what_happens_behind_the_back_of_the_module_is_told_in_the_installers_words(place):
    before = place.content()
    found = place.results(*[held(place.site.sandbox, name, *case[1:]) for name, case in BETWEEN.items()])
    for name, (text, _how, _end) in BETWEEN.items():
        failure = found[name]["failure"]
        assert pattern(text).fullmatch(failure["error"]), found[name]
        assert failure["host"] == HOST and failure["cure"]
        for words in (f"On host '{HOST}': Installation of eSChatSrv 8.5.316.02 build 1 into {TARGET} failed: {failure['error']}", failure["cure"]):
            assert words in found[name]["msg"]
    assert found["write"]["failure"]["target"] == found["space"]["failure"]["target"] == "incomplete"  # as long as something else is mounted there
    result = place.results([{**install(place.site.sandbox, OLD), "register": "found"}, keep("again")])["again"]
    assert place.content() == before
    assert result["installed"]["complete"] is True


def test_a_disk_that_fills_up_in_mid_installation(place):
    """Nothing can be written any more, the result log neither. Afterwards the same command finishes, and nothing is lost."""
    before = place.content()
    place.results([shell(f"head -c 1M /dev/urandom > {TARGET}/edited.cfg && chown genesys {TARGET}/edited.cfg")])
    edited = place.content()
    assert "edited.cfg" in edited and "edited.cfg" not in before
    # All in one task: on a full disk Ansible has no place for the next one.
    fill = "size=1073741824; while [ $size -ge 512 ]; do fallocate -o $(stat -c %s /srv/fill) -l $size /srv/fill 2>/dev/null || size=$((size / 2)); done"
    ended = "for _ in $(seq 900); do ls -d /tmp/20*_*_* >/dev/null 2>&1 || break; sleep 0.1; done"
    tasks = held(place.site.sandbox, "full", f"touch /srv/fill; {fill}; rm {HOLD}/target; {ended}; rm /srv/fill", "true")
    del tasks[3]
    result = place.results(tasks)["full"]
    assert f"On host '{HOST}': " in result.get("msg", ""), result
    assert re.search("without a result|no result log", result["msg"]) and "Free some space" in result["failure"]["cure"], result
    done = place.results([{**install(place.site.sandbox), "register": "found"}, keep("again")])["again"]
    assert done["changed"] and done["installed"]["complete"] and place.installed() == "8.5.316.02"
    back = {"genesys_engage.chat.package_rollback": {"path": TARGET, "application": APPLICATION, "user": "genesys"}, "register": "found"}
    assert place.results([back, keep("back")])["back"]["installed"]["version"] == "8.5.311.06"
    assert place.content() == edited
