# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The history: what the journal and the snapshots tell of runs, searched, and read with distrust."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from unit.config.test_journal import ABOUT, SERVER, journal, planned, small_world

from ansible_collections.genesys_engage.chat.plugins.module_utils._config.apply import apply
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.errors import ApplyFailed, InvalidInput
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.history import Question, history, question
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.journal import Journal
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.secrets import Secrets
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.snapshot import Keeper

NOTHING = Question()
NOW = datetime(2026, 4, 10, 12, 0, 0, tzinfo=UTC)


def told(place: Path, asked: Question = NOTHING, newest: int = 100) -> list[dict[str, Any]]:
    found = history(str(place), asked, newest)
    assert found["problems"] == []
    runs: list[dict[str, Any]] = found["runs"]
    return runs


def lines_of(place: Path) -> Path:
    return place / f"journal-{os.geteuid()}.jsonl"


def dated(place: Path, **times: str) -> None:
    """Give the lines of each person another time, as person="2026-04-01T12:00:00Z"."""
    lines = [json.loads(line) for line in lines_of(place).read_text(encoding="utf-8").splitlines()]
    text = "".join(json.dumps(dict(line, time=times.get(line["person"], line["time"]))) + "\n" for line in lines)
    lines_of(place).write_text(text, encoding="utf-8")


@pytest.fixture(name="place", scope="module")
def one_place(tmp_path_factory):
    """Two runs, of kim and of lee, and one from before the journal."""
    place = tmp_path_factory.mktemp("history")
    plan, directory = planned(small_world())
    Keeper(str(place), SERVER, "ucs_pair", Secrets()).keep(plan, directory)
    plan, directory = planned(small_world())
    apply(plan, directory, False, keeper=Keeper(str(place), SERVER, "chat_solution", Secrets()), journal=journal(place))
    other = Journal(str(place), dict(ABOUT, person="lee", title=""), Secrets(), str, print, without_plan=True)
    other.begin(2, None)
    other.note("create", "CfgHost", "chat9", "", {("properties", "lcaport"): (None, "4999")})
    dated(place, kim="2026-04-01T12:00:00Z", lee="2026-04-09T12:00:00Z")
    return place


def test_each_run_is_told_with_its_writes(place):
    old, lee, kim = told(place)  # that of the snapshot is of today
    assert [kim[key] for key in ("person", "account", "module", "title", "complete", "planned")] == ["kim", "automation", "chat_solution", "Deploy", True, 2]
    assert [(write["action"], write["name"], write["outcome"]) for write in kim["writes"]] == [("update", "A", "written"), ("update", "B", "written")]
    assert kim["text"] == (f"2026-04-01T12:00:00Z, kim with the account automation, Deploy (chat_solution): changed application 'A' (options/s/x: '1' -> '2', "
                           f"options/s/password: '********' -> '********'); changed application 'B' (startup_timeout: '90' -> '5'). {kim['snapshot']}")
    assert [run["without_plan"] for run in (old, lee, kim)] == [False, True, False] and "no plan was kept: without_plan." in lee["text"]
    assert lee["complete"] is False and "Not all of the 2 planned writes" in lee["text"]
    assert (old["run"], old["account"], old["complete"], {write["outcome"] for write in old["writes"]}) == ("", "", None, {"planned"})
    assert "account not known" in old["text"] and Path(old["snapshot"]).is_file()
    assert told(place, newest=1) == [old]


@pytest.mark.parametrize(("asked", "people"), [
    (Question(object="A"), ["", "kim"]), (Question(object="chat*"), ["lee"]), (Question(object="Z"), []), (Question(type="CfgHost"), ["lee"]),
    (Question(option="s/x"), ["", "kim"]), (Question(option="options/s"), ["", "kim"]), (Question(option="startup_timeout"), ["", "kim"]),
    (Question(option="tartup_timeout"), []), (Question(person="KIM"), ["kim"]), (Question(person="automation"), ["lee", "kim"]),
    (Question(since="2026-04-02T00:00:00Z", until="2026-04-30T00:00:00Z"), ["lee"]), (Question(until="2026-04-01T12:00:00Z"), ["kim"]),
    (Question(object="B", option="s/x"), [])])
def test_it_is_searched(place, asked, people):
    assert [run["person"] for run in told(place, asked)] == people


def test_servers_that_share_a_directory_are_told_apart(tmp_path):
    """Each line names its server, and the address, the host, or the host with the port asks for one; alone it is not said."""
    one, other = ("https://gax1.example.com:8443/gax/api/", "https://gax10.example.com:8443/gax/api/")
    for server in (one, other):
        written = Journal(str(tmp_path), dict(ABOUT, server=server), Secrets(), str, print)
        written.begin(0, None)
        if server == one:
            assert "through" not in told(tmp_path)[0]["text"]
    assert {run["server"]: f"automation through {run['server']}," in run["text"] for run in told(tmp_path)} == {one: True, other: True}
    for asked in (one, one.rstrip("/"), "GAX1.example.com", "gax1.example.com:8443", "gax?.example.com"):
        assert [run["server"] for run in told(tmp_path, Question(server=asked))] == [one], asked
    assert told(tmp_path, Question(server="gax1")) == [] and len(told(tmp_path, Question(server="*.example.com"))) == 2


def test_only_the_writes_that_are_asked_for_are_told(place):
    (kim,) = told(place, Question(object="B", person="kim"))
    assert [write["name"] for write in kim["writes"]] == ["B"] and "'A'" not in kim["text"]


@pytest.mark.parametrize("damage", [
    b'{"event": "wri\n', b"\xff\xfe\n", b"[1, 2]\n", b'{"event": "write"}\n', b"[" * 5000 + b"\n", b"\n"])
def test_a_damaged_line_is_told_and_the_rest_is_read(tmp_path, damage):
    one = journal(tmp_path)
    one.begin(1, None)
    with lines_of(tmp_path).open("ab") as stream:
        stream.write(damage)
    one.note("update", "CfgApplication", "A", None, {})
    found = history(str(tmp_path), NOTHING, 5)
    assert [write["name"] for write in found["runs"][0]["writes"]] == ["A"]
    assert found["problems"] == [f"the journal '{lines_of(tmp_path)}' is damaged: line 2 can't be understood; the rest was read"]


def test_each_field_of_a_line_is_looked_at(tmp_path):
    """A line in which one thing is of another shape is told, and never a traceback."""
    one = journal(tmp_path)
    one.note("update", "CfgApplication", "A", None, {("startup_timeout",): (1, 2)})
    line = json.loads(lines_of(tmp_path).read_text(encoding="utf-8"))
    spoilt = [dict(line, **{key: value}) for key in line for value in (None, 7, ["x"], {"y": 1})]
    lines_of(tmp_path).write_text("".join(json.dumps(one) + "\n" for one in spoilt), encoding="utf-8")
    found = history(str(tmp_path), NOTHING, 5)
    assert found["runs"] == [] and f"{len(spoilt)} lines" in found["problems"][0]


def test_other_files_do_not_matter(tmp_path):
    one = journal(tmp_path)
    one.begin(0, None)
    os.mkfifo(tmp_path / "journal-7.jsonl")
    (tmp_path / "other.json").write_text("{}", encoding="utf-8")
    (tmp_path / "damaged.json").write_text("{", encoding="utf-8")
    (tmp_path / "dir.json").mkdir()
    found = history(str(tmp_path), NOTHING, 5)
    assert len(found["runs"]) == 1
    pipe, damaged = found["problems"]
    assert "named pipe" in pipe and "damaged.json" in damaged
    assert history(str(tmp_path / "none"), NOTHING, 5) == {"runs": [], "problems": []}
    for place in (str(tmp_path / "damaged.json"), "a\0b"):
        with pytest.raises(InvalidInput, match="snapshot_dir: .* can't be read"):
            history(place, NOTHING, 5)


def test_what_failed_is_told(tmp_path):
    gateway = small_world()
    plan, directory = planned(gateway)
    gateway.faults = {len(gateway.calls) + 4: "refused"}
    with pytest.raises(ApplyFailed):
        apply(plan, directory, False, journal=journal(tmp_path))
    (run,) = told(tmp_path)
    assert run["complete"] is False and "changed application 'B' (startup_timeout: '90' -> '5'): failed" in run["text"]


@pytest.mark.parametrize(("text", "since", "until"), [
    ("2026-04-01", "2026-04-01T00:00:00Z", "2026-04-01T23:59:59Z"), ("2026-04-01 07:30", "2026-04-01T07:30:00Z", "2026-04-01T07:30:59Z"),
    ("2026-04-01T07:30:01Z", "2026-04-01T07:30:01Z", "2026-04-01T07:30:01Z"), ("12h", "2026-04-10T00:00:00Z", "2026-04-10T00:00:00Z"),
    ("7d", "2026-04-03T12:00:00Z", "2026-04-03T12:00:00Z"), ("999999w", "0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z")])
def test_times(text, since, until):
    asked = dict.fromkeys(("object", "type", "option", "person", "server", "since", "until"))
    assert question({**asked, "since": text}, NOW).since == since
    assert question({**asked, "until": text}, NOW).until == until


@pytest.mark.parametrize(("params", "words"), [
    ({"since": "yesterday"}, "since: 'yesterday' is no time"), ({"until": "2026-13-01"}, "until: '2026-13-01' is no time"),
    ({"since": "1d", "until": "2d"}, "which is earlier"), ({"type": "Application"}, "type must be the name of a configuration class")])
def test_a_question_that_makes_no_sense(params, words):
    with pytest.raises(InvalidInput, match=words):
        question({**dict.fromkeys(("object", "type", "option", "person", "server", "since", "until")), **params}, NOW)
