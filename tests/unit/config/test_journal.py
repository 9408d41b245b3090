# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The journal: a line for each write, whole, without secrets, by several runs at once; and what becomes of a run whose journal can't be written."""

from __future__ import annotations

import errno
import json
import os
import stat
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from unit.config.fake_gateway import Gateway, application, description, plan_solution, world

from ansible_collections.genesys_engage.chat.plugins.module_utils._config import apply as apply_module
from ansible_collections.genesys_engage.chat.plugins.module_utils._config import journal as journal_module
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.apply import apply
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.desired import Desired
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.directory import Directory
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.errors import ApplyFailed, SnapshotFailed
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.journal import Journal, Recorder
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.lock import keep_lock
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.pace import Pace
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.plan import make_plan
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.secrets import HIDDEN, Secrets
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.snapshot import Keeper

SERVER = "https://gax.example.com/gax/api/"
ABOUT = {"server": SERVER, "account": "automation", "person": "kim", "module": "chat_solution", "title": "Deploy"}
SECRET = "s3cr3t-of-the-site"


@pytest.fixture(autouse=True)
def waits(monkeypatch):
    """Nobody waits here."""
    monkeypatch.setattr(apply_module, "time", SimpleNamespace(sleep=lambda _seconds: None))


def journal(place: Path, warnings: list[str] | None = None) -> Journal:
    return Journal(str(place), ABOUT, Secrets(), lambda text: text.replace(SECRET, HIDDEN), (warnings if warnings is not None else []).append)


def lines(place: Path) -> list[dict[str, Any]]:
    """Return all lines of the files in a directory, the oldest file first."""
    files = sorted(place.glob("journal-*.jsonl"), key=lambda file: file.stat().st_mtime_ns)
    return [json.loads(line) for file in files for line in file.read_text(encoding="utf-8").splitlines()]


def small_world() -> Gateway:
    gateway = Gateway()
    gateway.add("CfgTenant", 1, "Environment")
    gateway.add("CfgHost", 301, "h")
    gateway.add("CfgApplication", 1, "A", **application(options={"s": {"x": "1", "password": "old-" + SECRET}}))
    gateway.add("CfgApplication", 2, "B", **application(options={"s": {"own": "b"}}))
    return gateway


def planned(gateway: Gateway) -> tuple[Any, Directory]:
    one, other = Desired("CfgApplication", "A"), Desired("CfgApplication", "B")
    one.want(("options", "s", "x"), "2")
    one.want(("options", "s", "password"), SECRET)
    other.want("startup_timeout", 5)
    directory = Directory(gateway)
    directory.load(["CfgHost", "CfgTenant"])
    return make_plan(directory, [one, other]), directory


def test_a_run_tells_each_write(tmp_path):
    gateway = small_world()
    plan, directory = planned(gateway)
    keeper = Keeper(str(tmp_path), SERVER, "chat_solution", Secrets())
    apply(plan, directory, False, keeper=keeper, journal=journal(tmp_path))
    begin, first, second = lines(tmp_path)
    common = {**ABOUT, "run": begin["run"], "snapshot": keeper.path}
    assert all(line.items() >= common.items() and line["time"].endswith("Z") for line in (begin, first, second))
    assert (begin["event"], begin["planned"], "without_plan" in begin) == ("begin", 2, False)
    assert (first["action"], first["type"], first["name"], first["outcome"]) == ("update", "CfgApplication", "A", "written")
    assert first["fields"] == [{"path": ["options", "s", "x"], "before": "1", "after": "2"},
                               {"path": ["options", "s", "password"], "before": HIDDEN, "after": HIDDEN}]
    assert (second["name"], second["fields"]) == ("B", [{"path": ["startup_timeout"], "before": 90, "after": 5}])
    (file,) = tmp_path.glob("journal-*")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600 and SECRET not in file.read_text(encoding="utf-8")


def test_it_costs_no_request(tmp_path):
    calls = []
    for place in (None, journal(tmp_path)):
        gateway = world()
        plan, directory = plan_solution(gateway, description(2))
        apply(plan, directory, False, journal=place)
        calls.append(gateway.calls)
    assert calls[0] == calls[1]
    told = [(line["action"], line["name"]) for line in lines(tmp_path) if line["event"] == "write"]
    assert told == [(change.action, change.name) for change in plan.changes]


def test_a_write_without_a_reason_is_not_searched_for_secrets(tmp_path):
    """To search takes as long as the description: with many writes it was most of a run."""
    searched: list[str] = []

    def clean(text: str) -> str:
        searched.append(text)
        return text

    warnings: list[str] = []
    noted = Journal(str(tmp_path), ABOUT, Secrets(), clean, warnings.append)
    noted.note("update", "CfgApplication", "A", None, {})
    noted.note("update", "CfgApplication", "A", None, {}, "failed", "no right")
    assert searched == ["no right"]


def test_check_mode_and_an_empty_plan_leave_no_line(tmp_path):
    gateway = small_world()
    plan, directory = planned(gateway)
    apply(plan, directory, True, journal=journal(tmp_path))
    apply(make_plan(directory, []), directory, False, journal=journal(tmp_path))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("fault", "outcome"), [("refused", "failed"), ("broken", "failed"), ("broken after", "written"), ("lost", "uncertain")])
def test_what_came_of_a_write(tmp_path, fault, outcome):
    """After an unclear answer the object is looked at, and what is there then is told."""
    gateway = small_world()
    plan, directory = planned(gateway)
    gateway.faults = {len(gateway.calls) + 2: fault}
    if outcome == "uncertain":
        gateway.down_from = len(gateway.calls) + 3
    try:
        apply(plan, directory, False, journal=journal(tmp_path))
    except ApplyFailed as error:
        assert outcome != "written" and "'A'" in str(error)
    assert [line["outcome"] for line in lines(tmp_path) if line.get("name") == "A"] == [outcome]
    assert all(bool(line["reason"]) == (line["outcome"] != "written") for line in lines(tmp_path)[1:])


def test_a_write_that_did_not_stay_is_told(tmp_path):
    gateway = small_world()
    plan, directory = planned(gateway)
    gateway.edits = {len(gateway.calls) + 5: lambda there: there.objects["CfgApplication"][2].update(startuptimeout="9")}
    with pytest.raises(ApplyFailed, match="reads back as"):
        apply(plan, directory, False, journal=journal(tmp_path))
    assert [(line["name"], line["outcome"]) for line in lines(tmp_path)[1:]] == [("A", "written"), ("B", "written"), ("B", "unconfirmed")]


def test_several_runs_at_once_and_files_that_have_become_large(tmp_path, monkeypatch):
    """No line is lost, none is mixed with another one, and no file is much larger than the limit."""
    monkeypatch.setattr(journal_module, "SIZE_LIMIT", 20_000)
    runs = [journal(tmp_path) for _number in range(8)]

    def tell(number: int) -> None:
        runs[number % 8].note("update", "CfgApplication", f"A{number}", None, {("options", "s", "x"): ("1", "ü" * 200)})

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(tell, range(200)))
    assert sorted(line["name"] for line in lines(tmp_path)) == sorted(f"A{number}" for number in range(200))
    sizes = [file.stat().st_size for file in tmp_path.iterdir()]
    assert len(sizes) > 5 and max(sizes) < 23_000


def test_the_rest_of_a_line_that_was_cut_short_spoils_no_other(tmp_path):
    one = journal(tmp_path)
    Path(one.path).write_text('{"event": "wri', encoding="utf-8")
    one.begin(1, None)
    damaged, whole = Path(one.path).read_text(encoding="utf-8").splitlines()
    assert damaged == '{"event": "wri' and json.loads(whole)["event"] == "begin"


def test_half_a_line_is_taken_back(tmp_path, monkeypatch):
    one = journal(tmp_path)
    one.begin(1, None)
    before = Path(one.path).read_bytes()
    write = os.write
    monkeypatch.setattr(journal_module.os, "write", lambda descriptor, line: write(descriptor, line[:7]))
    with pytest.raises(SnapshotFailed, match="No space left"):
        one.begin(1, None)
    assert Path(one.path).read_bytes() == before


def full(*_unused: object) -> int:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_each_line_is_on_the_disk_before_the_run_goes_on(tmp_path, monkeypatch):
    """What was synchronized are whole lines of the journal, one more each time; a disk that fails then ends a run that has not begun."""
    seen = []

    def fsync(descriptor):
        seen.append(os.pread(descriptor, 100_000, 0).count(b"\n"))

    monkeypatch.setattr(journal_module.os, "fsync", fsync)
    one = journal(tmp_path)
    one.begin(2, None)
    one.note("update", "CfgApplication", "A", None, {})
    assert seen == [1, 2]
    monkeypatch.setattr(journal_module.os, "fsync", lambda _descriptor: os.close(-1))
    with pytest.raises(SnapshotFailed, match="could not be written"):
        journal(tmp_path).begin(1, None)


def test_nothing_is_written_without_a_journal(tmp_path, monkeypatch):
    gateway = small_world()
    plan, directory = planned(gateway)
    monkeypatch.setattr(journal_module.os, "write", full)
    with pytest.raises(SnapshotFailed, match="journal .* could not be written: No space left.* Nothing was written.*with snapshot_dir$"):
        apply(plan, directory, False, keeper=Keeper(str(tmp_path), SERVER, "chat_solution", Secrets()), journal=journal(tmp_path))
    assert not gateway.writes() and not list(tmp_path.glob("*.json")), "a snapshot of a run that never was"


def test_a_run_that_has_begun_goes_on_with_one_warning(tmp_path, monkeypatch):
    gateway = small_world()
    plan, directory = planned(gateway)
    warnings: list[str] = []
    one = journal(tmp_path, warnings)
    begin = one.begin

    def begin_and_fill_the_disk(*told: Any) -> None:
        begin(*told)
        monkeypatch.setattr(journal_module.os, "write", full)

    monkeypatch.setattr(one, "begin", begin_and_fill_the_disk)
    apply(plan, directory, False, journal=one)
    assert len(gateway.writes()) == 2
    assert len(warnings) == 1 and "No space left" in warnings[0] and "'A'" in warnings[0]


def test_something_else_in_its_place_is_refused(tmp_path):
    one = journal(tmp_path)
    os.mkfifo(one.path)
    with pytest.raises(SnapshotFailed, match="it is a named pipe"):
        one.begin(1, None)
    os.unlink(one.path)
    (tmp_path / "of_somebody").touch()
    os.symlink(tmp_path / "of_somebody", one.path)
    with pytest.raises(SnapshotFailed, match="it is a symbolic link"):
        one.begin(1, None)
    assert not (tmp_path / "of_somebody").read_bytes()


def test_a_run_that_holds_the_file_is_waited_for_but_not_for_ever(tmp_path, monkeypatch):
    one = journal(tmp_path)
    one.begin(1, None)
    monkeypatch.setattr(journal_module, "PATIENCE", 0.05)
    descriptor = journal_module._opened(one.path)
    with pytest.raises(SnapshotFailed, match="another run holds it"):
        one.begin(1, None)
    os.close(descriptor)
    one.begin(1, None)
    assert len(lines(tmp_path)) == 2


def test_a_file_that_was_renamed_meanwhile_gets_no_line(tmp_path):
    """Who waits for a file that has become large writes to the new one."""
    one = journal(tmp_path)
    one.begin(1, None)
    held = journal_module._opened(one.path)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(one.begin, 2, None)
        time.sleep(0.1)
        os.rename(one.path, tmp_path / "journal-0-old.jsonl")
        os.close(held)
        waiting.result()
    assert [json.loads(line)["planned"] for line in Path(one.path).read_text(encoding="utf-8").splitlines()] == [2]


def test_the_lock_of_an_upgrade_is_told_and_never_held_up(tmp_path, monkeypatch):
    gateway = Gateway()
    gateway.add("CfgTenant", 1, "Environment")
    gateway.add("CfgFolder", 101, "Application Templates", folderid="0", subtype="CFGAppPrototype", ownerdbid="1")
    params: dict[str, Any] = {"name": "upgrade", "upgrade_id": "9.1", "owner": "job 1", "lease": 600, "break_lock": False, "folder": None, "state": "held"}
    keep_lock(Recorder(gateway, journal(tmp_path)), params, False)
    keep_lock(Recorder(gateway, journal(tmp_path)), {**params, "lease": 900}, False)
    keep_lock(Recorder(gateway, journal(tmp_path)), {**params, "state": "absent"}, False)
    told = lines(tmp_path)
    assert [line["action"] for line in told] == ["create", "update", "update", "delete"]
    renewed = {tuple(field["path"])[-1]: (field["before"], field["after"]) for field in told[1]["fields"]}
    assert renewed["state"] == ("held", "renewing") and {line["name"] for line in told} == {"upgrade"}
    monkeypatch.setattr(journal_module.os, "write", full)
    warnings: list[str] = []
    keep_lock(Recorder(gateway, journal(tmp_path, warnings)), params, False)
    assert gateway.named("CfgAppPrototype", "upgrade") and len(warnings) == 1


def test_writes_keep_their_distance(tmp_path):
    now, waited = [100.0], []

    def sleep(seconds: float) -> None:
        waited.append(seconds)
        now[0] += seconds

    pace = Pace(2.0, lambda: now[0], sleep)
    pace.wait()
    now[0] += 0.5
    pace.wait()
    now[0] += 5
    pace.wait()
    assert waited == [1.5]
    gateway = small_world()
    plan, directory = planned(gateway)
    now[0] += 10
    apply(plan, directory, False, pace=pace)
    assert waited == [1.5, 2.0] and len(gateway.writes()) == 2
