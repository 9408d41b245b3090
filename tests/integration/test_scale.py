# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What does not grow with the number of objects: lists, memory; and many sites at once. Nothing is timed here (see ``make bench``)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml
from benchmarks.contestants import Arena, applications_of
from benchmarks.estate import Estate, add_objects
from benchmarks.measured import measured
from integration.configured_site import Site, solution
from integration.module_runner import COLLECTION, NOT_INHERITED

from sandbox.testing import Sandbox, packed_once

#: One list for each class that planning needs.
READ_ONCE = {"CfgApplication": 1, "CfgAppPrototype": 1, "CfgHost": 1, "CfgScript": 1, "CfgTenant": 1}
MEMORY_MB = 300
SITES = 20


# --- requests -----------------------------------------------------------------------------------------------------------


class Traffic:
    """The requests of one run, from the sandbox's log."""

    def __init__(self, sandbox: Sandbox) -> None:
        log = [entry for entry in sandbox.requests("gax") if entry["path"].startswith("/gax/api/cfg/")]
        #: class -> number of lists; (class, DBID) -> number of reads or writes.
        self.lists = Counter(entry["type"] for entry in log if entry["method"] == "GET" and entry["dbid"] is None)
        self.reads = Counter((entry["type"], entry["dbid"]) for entry in log if entry["method"] == "GET" and entry["dbid"] is not None)
        self.writes = Counter((entry["type"], entry["dbid"]) for entry in log if entry["write"])


def hosts_for(site: Site, estate: Estate) -> Estate:
    """Give the site's database the hosts of an estate."""
    add_objects(site.sandbox, "CfgHost", "chat1", [{"name": name} for name in estate.hosts()])
    return estate


@pytest.mark.parametrize("chat_servers", [10, 60])
def test_requests_of_first_and_repeat_run(site: Site, chat_servers: int) -> None:
    """Whatever the number: one list for each class, one read for each write, and the touched classes once more at the end."""
    estate = hosts_for(site, Estate(chat_servers, pairs=chat_servers // 5, interaction_servers=2, gms=1))
    site.ok("chat_solution", solution=estate.description())
    first = Traffic(site.sandbox)
    assert first.lists == {**READ_ONCE, "CfgFolder": 1, "CfgApplication": 2, "CfgScript": 2}
    assert first.reads == first.writes
    assert len(first.writes) == estate.objects
    # What refers to each other is made first and linked then, by a second write: pairs, and the clients of the Chat Servers.
    assert Counter(first.writes.values())[2] == estate.pairs + estate.interaction_servers + estate.gms
    assert set(first.writes.values()) == {1, 2}

    site.ok("chat_solution", solution=estate.description())
    repeat = Traffic(site.sandbox)
    assert repeat.lists == READ_ONCE
    assert not repeat.reads and not repeat.writes


def test_one_new_chat_server_reads_few_objects(site: Site) -> None:
    """Whose ports lie on its host is found without a look at each host."""
    estate = hosts_for(site, Estate(30, pairs=2, interaction_servers=1, gms=1))
    site.ok("chat_solution", solution=estate.description())
    solution = site.ok("chat_solution_info", tenant="Environment").result["solution"]
    described = {**solution["chat_server_defaults"], **solution["chat_servers"][0]}
    add_objects(site.sandbox, "CfgHost", "chat1", [{"name": "another"}])
    site.sandbox.clear()
    new = {key: described[key] for key in ("application_template", "ports", "endpoints", "interaction_servers")}
    site.ok("chat_server_app", name="Another", host="another", tenants=["Environment"], contact_server=estate.pair_names[0][0], **new)
    assert sum(Traffic(site.sandbox).reads.values()) <= 12, Traffic(site.sandbox).reads


def test_one_change_among_many(site: Site) -> None:
    """Another option of one of forty Chat Servers: one read, one write, and the class once more at the end."""
    estate = hosts_for(site, Estate(40, pairs=4, interaction_servers=2, gms=1))
    description = estate.description()
    site.ok("chat_solution", solution=description)
    description["chat_servers"][17]["options"]["log"]["all"] = "elsewhere"
    site.ok("chat_solution", solution=description)
    traffic = Traffic(site.sandbox)
    changed = {("CfgApplication", site.dbid("CfgApplication", estate.chat_names[17])): 1}
    assert (traffic.lists, traffic.reads, traffic.writes) == ({**READ_ONCE, "CfgApplication": 2}, changed, changed)


def test_a_second_list_is_counted(furnished: Site) -> None:
    """The negative control: of two repeat runs together, every list is seen twice."""
    furnished.sandbox.clear()
    for _unused in range(2):
        furnished.runner.run("chat_solution", furnished.arguments(False, {"solution": solution()}))
    assert Traffic(furnished.sandbox).lists == dict.fromkeys(READ_ONCE, 2)


def test_the_floor_of_the_benchmark_is_the_least(site: Site, tmp_path: Path) -> None:
    """What ``make bench`` compares with: no list twice, a read for each write, and the same configuration as chat_solution makes."""
    arena = Arena(site.sandbox, Estate(8, pairs=2, interaction_servers=2, gms=1), tmp_path)
    made = []
    for command in (arena.floor(), arena.unpacked_module()):
        site.sandbox.restore(arena.empty)
        arena.run(command)
        made.append((Traffic(site.sandbox), site.sandbox.database()))
    (floor, by_floor), (module, by_module) = made
    assert floor.lists == READ_ONCE
    assert floor.reads == floor.writes == module.writes
    assert applications_of(by_floor) == applications_of(by_module)
    arena.run(arena.floor())
    assert not Traffic(site.sandbox).writes


# --- memory -------------------------------------------------------------------------------------------------------------


def clean_environment(**more: str) -> dict[str, str]:
    """Return the environment without what would reach the modules from the shell of the person who runs the tests."""
    return {**{key: value for key, value in os.environ.items() if not key.startswith(NOT_INHERITED)}, "LC_ALL": "C.UTF-8", **more}


def test_memory_with_thousands_of_objects(furnished: Site, tmp_path: Path) -> None:
    """2,000 applications and 20,000 persons: below the limit in the first and the repeat run, and no person is listed."""
    sandbox = furnished.sandbox
    add_objects(sandbox, "CfgApplication", "ChatServer_2", [{"name": f"Other_{number:04d}"} for number in range(2000 - sandbox.counts()["CfgApplication"])])
    people = 20000 - sandbox.counts()["CfgPerson"]
    add_objects(sandbox, "CfgPerson", "readonly", [{"username": f"agent{number}", "employeeid": f"agent{number}"} for number in range(people)])
    assert (sandbox.counts()["CfgApplication"], sandbox.counts()["CfgPerson"]) == (2000, 20000)

    arguments = tmp_path / "arguments.json"
    description = solution(addp={"local_timeout": 11, "remote_timeout": 12, "trace": "local"})
    arguments.write_text(json.dumps({"ANSIBLE_MODULE_ARGS": {**furnished.connection, "solution": description}}), encoding="utf-8")
    command = [sys.executable, "-m", f"{COLLECTION}.chat_solution", str(arguments)]
    for changed in (True, False):
        sandbox.clear()
        run = measured(command, clean_environment(HOME=str(tmp_path), GAX_SNAPSHOT_DIR=str(tmp_path / "snapshots")), tmp_path)
        assert json.loads(run.output.strip().splitlines()[-1])["changed"] is changed
        assert run.peak_mb < MEMORY_MB
        assert Traffic(sandbox).lists == {**READ_ONCE, "CfgApplication": 1 + changed}


def test_memory_is_measured(tmp_path: Path) -> None:
    """The negative control: a process that takes more is seen to do so, and one that takes little is not charged with ours."""
    much, little = (measured([sys.executable, "-c", f"b'x' * {size << 20}"], clean_environment(), tmp_path) for size in (MEMORY_MB, 1))
    assert little.peak_mb < 50 < MEMORY_MB < much.peak_mb


# --- many sites ---------------------------------------------------------------------------------------------------------


def description_of(number: int) -> dict[str, Any]:
    """Return the description of one of many sites; no two are alike."""
    description = solution()
    description["chat_servers"] = [
        {"name": f"Chat_{number}_{index}", "host": f"chat{index}", "options": {"settings": {"limit-for-sessions": 1000 + number}}}
        for index in range(1, 3 + number % 3)
    ]
    description["chat_server_defaults"]["ports"] = {"default": 5000 + number, "webapi": 5100 + number, "ESP": 5200 + number, "health": 5300 + number}
    description["addp"] = {"local_timeout": 5 + number, "remote_timeout": 10, "trace": "both"}
    return description


@contextmanager
def sandboxes(count: int) -> Iterator[list[Sandbox]]:
    """Run several sandboxes, started side by side."""
    with ExitStack() as stack, ThreadPoolExecutor(max_workers=4) as pool:
        made = [Sandbox(scs=False) for _unused in range(count)]
        for sandbox in made:
            stack.callback(sandbox.__exit__)
        list(pool.map(Sandbox.start, made))
        yield made


def configure(sites: list[Sandbox], urls: list[str], directory: Path) -> subprocess.CompletedProcess[str]:
    """Run one playbook for all sites, with a fork for each; each has a description of its own."""
    hosts = {
        f"site{number}": {"ansible_connection": "local", "gax": {**account_of(site), "gax_url": url}, "description": description_of(number)}
        for number, (site, url) in enumerate(zip(sites, urls))
    }
    inventory = directory / "hosts.yml"
    inventory.write_text(yaml.safe_dump({"genesys_configuration": {"hosts": hosts}}), encoding="utf-8")
    task = {"name": "Chat solution", "genesys_engage.chat.chat_solution": {"solution": "{{ description }}"}}
    play = {"hosts": "genesys_configuration", "gather_facts": False, "module_defaults": {"group/genesys_engage.chat.chat": "{{ gax }}"}, "tasks": [task]}
    book = directory / "play.yml"
    book.write_text(yaml.safe_dump([{**play, "vars": {"ansible_python_interpreter": "{{ ansible_playbook_python }}"}}]), encoding="utf-8")
    places = {"ANSIBLE_LOCAL_TEMP": "local", "ANSIBLE_REMOTE_TEMP": "remote", "GAX_SNAPSHOT_DIR": "snapshots"}
    environment = clean_environment(HOME=str(directory), **packed_once(), **{name: str(directory / place) for name, place in places.items()})
    command = [str(Path(sys.executable).parent / "ansible-playbook"), "-i", str(inventory), "--forks", str(len(sites)), str(book)]
    return subprocess.run(command, capture_output=True, text=True, env=environment, cwd=directory, timeout=200, check=False)


def account_of(site: Sandbox) -> dict[str, str]:
    """Return user and password of a sandbox."""
    return {"gax_username": site.username, "gax_password": site.password}


def assert_each_is_as_alone(sites: list[Sandbox], site: Site) -> None:
    """Assert that every database is what the same description alone makes of a new one; "site" is where that is found out."""
    seed = site.sandbox.database()
    for number, sandbox in enumerate(sites):
        site.sandbox.restore(seed)
        site.ok("chat_solution", solution=description_of(number))
        alone, real = site.sandbox.database(), sandbox.database()
        assert sandbox.counts() == site.sandbox.counts(), f"site {number}"
        assert [script["name"] for script in real["objects"]["CfgScript"]] == [script["name"] for script in alone["objects"]["CfgScript"]]
        expected, found = applications_of(alone), applications_of(real)
        # What differs between any two sandboxes is no part of a description: the ports of the framework's own servers.
        for framework in ("confserv", "MessageServer", "SolutionControlServer"):
            expected.pop(framework)
            found.pop(framework)
        assert found == expected, f"site {number}"


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_many_sites_at_once(site: Site, tmp_path: Path) -> None:
    with sandboxes(SITES) as sites:
        done = configure(sites, [sandbox.url for sandbox in sites], tmp_path)
        assert done.returncode == 0, done.stdout + done.stderr
        assert_each_is_as_alone(sites, site)
        kept = [json.loads(path.read_text(encoding="utf-8"))["server"] for path in (tmp_path / "snapshots").glob("*.json")]
        assert sorted(kept) == sorted(f"{sandbox.url}/gax/api/" for sandbox in sites), "a snapshot for each site, in one directory"


@pytest.mark.slow
def test_a_mixed_up_address_is_seen(site: Site, tmp_path: Path) -> None:
    """The negative control: two sites, both configured at the address of the first."""
    with sandboxes(2) as sites:
        configure(sites, [sites[0].url] * 2, tmp_path)
        with pytest.raises(AssertionError):
            assert_each_is_as_alone(sites, site)
