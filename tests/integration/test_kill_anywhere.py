# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module's process is killed around every single request; running again ends in the state of an undisturbed run.

The positions come from the request log of an undisturbed run: each request is killed before it is sent and after its answer,
each write also between, so that the server carries it out while nobody waits for the answer any more. Where several writes are
under way at a time, the n-th request is not the same in each run; there the process is killed between, n times.
"""

from __future__ import annotations

import copy
import itertools
import json
import os
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from integration import sabotage
from integration.configured_site import Site
from integration.convergence import (
    WORK,
    Database,
    Position,
    Undisturbed,
    Work,
    at_rest,
    differences,
    documented,
    is_snapshot,
    killed_at,
    sabotaged,
    shortcomings,
    undisturbed,
)
from integration.test_config_playbook import module, play

from sandbox.testing import STARTUP

#: The positions of a kind of work are divided into so many tests, to run side by side.
SHARES = 4


@pytest.fixture(scope="module")
def smooth(one_site: Site, states: dict[str, Database]) -> dict[str, Undisturbed]:
    """What each kind of work takes and makes if nothing happens."""
    return {name: undisturbed(one_site, states, work) for name, work in WORK.items()}


def moments(work: Work, entry: dict[str, Any]) -> list[str]:
    """Return when to kill the process at a request."""
    if "parallel_writes" in work.steps[0][1]:
        return ["during"]
    return ["before", "during", "after"] if entry["write"] else ["before", "after"]


def positions(work: Work, done: Undisturbed) -> list[Position]:
    """Return (step, request, moment) for every place where the process can be killed."""
    return [(step, number, moment) for step, entries in enumerate(done.requests) for number, entry in enumerate(entries, 1) for moment in moments(work, entry)]


@pytest.mark.parametrize("share", range(SHARES))
@pytest.mark.parametrize("name", WORK)
def test_killed_anywhere(clean_site: Site, states: dict[str, Database], smooth: dict[str, Undisturbed], tmp_path: Path, name: str, share: int) -> None:
    work, done = WORK[name], smooth[name]
    settled: set[str] = set()
    for number, position in enumerate(positions(work, done)[share::SHARES]):
        killed_at(clean_site, work, states[work.start], position, tmp_path / str(number))
        assert shortcomings(clean_site, work, done.database, settled) == [], f"killed at {position}"


@pytest.mark.parametrize("name", WORK)
def test_every_request_was_a_position(clean_site: Site, states: dict[str, Database], smooth: dict[str, Undisturbed], name: str) -> None:
    """There is no request after the last position, and the page tells their number."""
    work, done = WORK[name], smooth[name]
    clean_site.sandbox.restore(states[work.start])
    for step, entries in zip(work.steps, done.requests, strict=True):
        assert sabotaged(clean_site, step, kill={"moment": "before", "request": len(entries) + 1}).returncode == 0
    assert differences(done.database, clean_site.sandbox.database()) == []
    tried = positions(work, done)
    assert {position[:2] for position in tried} == {(step, number) for step, entries in enumerate(done.requests) for number in range(1, len(entries) + 1)}
    assert documented(f"process killed, {name}") == [len(tried), len(tried)]


# the negative controls: what the judgement above would say of an engine that is wrong


@pytest.mark.parametrize("engine", ["creates without looking", "trusts what exists"])
def test_an_engine_that_is_wrong_is_caught(clean_site: Site, states: dict[str, Database], smooth: dict[str, Undisturbed], tmp_path: Path, engine: str) -> None:
    """Killed after its last create, before the pairings and links; then repeated by an engine that does not look, or not closely."""
    work, done = WORK["first deployment"], smooth["first deployment"]
    last_create = max(number for number, entry in enumerate(done.requests[0], 1) if entry["write"] and entry["method"] == "POST")
    killed_at(clean_site, work, states[work.start], (0, last_create, "after"), tmp_path)
    found = shortcomings(clean_site, work, done.database, engine=engine)
    assert found, f"an engine that {engine} passes"
    expected = {"creates without looking": "create script 'Chat_In' failed", "trusts what exists": "only undisturbed: CfgApplication 'UCS_1'"}[engine]
    assert expected in "\n".join(found)


def test_what_the_comparison_sees(smooth: dict[str, Undisturbed]) -> None:
    """A duplicate, another reference, another option; but neither DBIDs nor order."""
    database = smooth["first deployment"].database
    applications = {value["name"]: value for value in database["objects"]["CfgApplication"]}

    def altered(name: str, **fields: Any) -> Database:
        changed = copy.deepcopy(database)
        changed["objects"]["CfgApplication"] = [{**value, **fields} if value["name"] == name else value for value in applications.values()]
        return changed

    twice = copy.deepcopy(database)
    twice["objects"]["CfgApplication"].append({**applications["ChatServer_1"], "dbid": "999"})
    assert "2 x CfgApplication 'ChatServer_1'" in differences(database, twice)
    other_host = altered("ChatServer_1", hostdbid=applications["ChatServer_2"]["hostdbid"])
    other_option = altered("ChatServer_1", options={"property": applications["ChatServer_1"]["options"]["property"][1:]})
    other_backup = altered("UCS_1", backupserverdbid="0")
    for changed in (other_host, other_option, other_backup):
        assert len(differences(database, changed)) == 2
    renumbered = copy.deepcopy(database)
    host = next(value for value in renumbered["objects"]["CfgHost"] if value["name"] == "chat1")
    for value in renumbered["objects"]["CfgApplication"]:
        value["hostdbid"] = {host["dbid"]: "777"}.get(value["hostdbid"], value["hostdbid"])
    host["dbid"] = "777"
    for values in renumbered["objects"].values():
        values.reverse()
    assert differences(database, renumbered) == []


# the snapshot


def test_killed_while_the_snapshot_is_written(clean_site: Site, states: dict[str, Database], smooth: dict[str, Undisturbed], tmp_path: Path) -> None:
    """In the middle of the file, and before each step on the disk, those for the journal too: no file is half a snapshot, without a whole one nothing was
    written to the server, and the next run does what is left."""
    work, settled = WORK["update"], set[str]()
    for number in itertools.count():
        clean_site.sandbox.restore(states[work.start])
        returncode, kept = killed_in_snapshot(clean_site, work, tmp_path / str(number), number)
        if returncode == 0:
            break
        assert returncode == (-signal.SIGKILL if number else -signal.SIGXFSZ)
        assert all(kept) and (kept or clean_site.sandbox.writes() == [])
        assert shortcomings(clean_site, work, smooth["update"].database, settled) == []
    assert kept == [True]
    assert documented("process killed while it writes the snapshot and the journal") == [number, number]


def killed_in_snapshot(site: Site, work: Work, home: Path, call: int, **sabotage: Any) -> tuple[int, list[bool]]:
    """Kill a process before its n-th call on a directory, with 0 within a file; return its exit code, and for each snapshot whether it is whole."""
    name, arguments = work.steps[0]
    order = {"kill_in_files": {"directory": str(home), "call": call}} if call else {"kill_in_mid_file": 100}
    outcome = sabotaged(site, (name, {**arguments, "snapshot_dir": str(home / "snapshots")}), **order, **sabotage)
    return outcome.returncode, [is_snapshot(path) for path in home.glob("snapshots/*.json")]


def test_half_a_snapshot_is_noticed(clean_site: Site, states: dict[str, Database], tmp_path: Path) -> None:
    """The control: an engine that writes the file in its place."""
    clean_site.sandbox.restore(states["furnished"])
    assert killed_in_snapshot(clean_site, WORK["update"], tmp_path, 0, engine="writes the snapshot in place") == (-signal.SIGXFSZ, [False])


# through ansible-playbook

SAMPLES = 5


@pytest.fixture
def home() -> Iterator[Path]:
    """A directory with a short path, as Ansible needs it for its sockets."""
    with tempfile.TemporaryDirectory(prefix="play-") as name:
        yield Path(name)


@pytest.mark.slow
@pytest.mark.parametrize("sample", range(SAMPLES))
def test_killed_in_a_playbook(
    clean_site: Site, states: dict[str, Database], smooth: dict[str, Undisturbed], home: Path, monkeypatch: pytest.MonkeyPatch, sample: int
) -> None:
    """Five positions from the first to the last one; the same command once more completes the work."""
    work, done = WORK["first deployment"], smooth["first deployment"]
    places = positions(work, done)
    _step, request, moment = places[sample * (len(places) - 1) // (SAMPLES - 1)]
    clean_site.sandbox.restore(states[work.start])
    clean_site.sandbox.clear()
    tasks = [module(name, **arguments) for name, arguments in work.steps]
    usual = f"import runpy\nrunpy.run_path({str(STARTUP / 'sitecustomize.py')!r})\n"  # Python runs only the first file of this name
    (home / "sitecustomize.py").write_text(f"{usual}from integration import sabotage\nsabotage.from_environment()\n", encoding="utf-8")
    with monkeypatch.context() as patch:
        patch.setenv("PYTHONPATH", os.pathsep.join([str(home), str(Path(__file__).resolve().parents[1])]))
        patch.delenv("SANDBOX_WARM_PYTHON", raising=False)  # its process is not the one that is sabotaged
        patch.setenv(sabotage.VARIABLE, json.dumps({"kill": {"moment": moment, "request": request}}))
        killed = play(clean_site, home, tasks)
    assert killed.returncode == 2 and killed.recap["failed"] == 1, killed.output
    sent = request - (moment == "before")
    assert len(at_rest(clean_site, sent)) == sent
    again = play(clean_site, home, tasks)
    assert again.returncode == 0, again.output
    assert differences(done.database, clean_site.sandbox.database()) == []
    assert shortcomings(clean_site, work, done.database) == []
    assert documented("process killed in a playbook") == [SAMPLES, SAMPLES]
