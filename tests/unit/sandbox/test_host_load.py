# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The load generator: nothing lost where nothing should be, and losses reported where they are provoked."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from unit.sandbox.host_site import TESTS, HostSite, chat_site

from sandbox.load.chat import Chat
from sandbox.load.report import make_report
from sandbox.packages import build_all
from sandbox.servers.contact_store import ContactStore


@pytest.fixture(scope="module")
def archives(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("archives")
    build_all(directory, sys.executable)
    return directory


@pytest.fixture
def site(tmp_path: Path, archives: Path) -> Iterator[HostSite]:
    with HostSite(tmp_path, archives) as running:
        yield running


class Load:
    """``python -m sandbox.load`` as a process that holds its chats until told to end."""

    def __init__(self, site: HostSite, chats: int = 12, rate: float = 4, seconds: float = 40) -> None:
        self._site, self._mark, self._chats = site, site.directory / "enough", chats
        command = [sys.executable, "-m", "sandbox.load", "--dir", str(site.directory), "--confserv", f"127.0.0.1:{site.confserv.port}"]
        command += ["--chats", str(chats), "--rate", str(rate), "--seconds", str(seconds), "--hold-until", str(self._mark)]
        environment = {**os.environ, "PYTHONPATH": str(TESTS)}
        self._process = subprocess.Popen(
            [*command, "--report", str(site.directory / "report.json")], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        assert self._process.stderr is not None
        assert self._process.stderr.readline() == f"{chats} of {chats} chats are open\n"

    def report(self) -> dict[str, Any]:
        self._mark.touch()
        output, _unused = self._process.communicate(timeout=90)
        report: dict[str, Any] = json.loads(output)
        assert json.loads((self._site.directory / "report.json").read_text(encoding="utf-8")) == report
        assert report["opened"] == self._chats
        return report


def test_quiet_run(site: HostSite) -> None:
    site.start(chat_site(site))
    load = Load(site)
    time.sleep(2)
    report = load.report()
    assert report["messages_sent"] >= 12 * 4
    assert [report[key] for key in ("messages_lost", "messages_doubled", "messages_late", "sessions_ended_by_server")] == [0, 0, 0, 0]
    assert report["queues"] == {"Chat_In": 6, "Web_In": 6}
    assert set(report) >= {"opened", "messages_sent", "longest_pause_seconds"}


@pytest.mark.parametrize("command", ["stop", "stop-graceful", "kill"])
def test_losing_one_ucs_loses_nothing(site: HostSite, command: str) -> None:
    parts = chat_site(site)
    site.start(parts)
    load = Load(site)
    time.sleep(0.5)
    site.command(command, parts["primary"])
    site.wait("STOPPED", parts["primary"])
    time.sleep(1)
    report = load.report()
    assert [report[key] for key in ("messages_lost", "messages_doubled", "sessions_ended_by_server")] == [0, 0, 0]
    assert report["messages_sent"] > 12


def test_losing_a_chat_server_loses_nothing(site: HostSite) -> None:
    parts = chat_site(site)
    site.start(parts)
    load = Load(site)
    time.sleep(0.5)
    site.command("kill", parts["chats"][0])
    time.sleep(2)
    report = load.report()
    assert [report[key] for key in ("messages_lost", "messages_doubled", "sessions_ended_by_server")] == [0, 0, 0]
    assert 0 < report["longest_pause_seconds"] < 10


def test_losing_the_whole_pair_is_reported(site: HostSite) -> None:
    """The negative control."""
    parts = chat_site(site, settings={"transcript-resend-attempts": "1", "transcript-resend-delay": "1"})
    site.start(parts)
    load = Load(site)
    time.sleep(0.5)
    site.command("kill", parts["primary"], parts["backup"])
    site.wait("STOPPED", parts["primary"], parts["backup"])
    time.sleep(4)
    report = load.report()
    assert report["messages_lost"] >= 12
    assert report["messages_late"] >= report["messages_lost"]
    assert report["sessions_ended_by_server"] == 12
    assert report["problems"] == ["the transcript could not be saved"]


def finished_chat(session: str, answers: dict[int, float | None]) -> Chat:
    chat = Chat([], 0, 1.0)
    chat.session, chat.interaction, chat.finished_at = session, f"i-{session}", 100.0
    for sequence, seconds in answers.items():
        chat.sent[sequence] = 10.0
        if seconds is not None:
            chat.acknowledged[sequence] = 10.0 + seconds
    return chat


def test_report_judges_by_the_store(tmp_path: Path) -> None:
    store = ContactStore(tmp_path / "ucs" / "ucs.db", "UCS 1")
    records = [{"op": "store", "message": f"a:{number}", "session": "a", "sequence": number, "text": ""} for number in (1, 2, 2, 3)]
    store.apply(records)
    store.close()
    with closing(sqlite3.connect(tmp_path / "ucs" / "ucs.db")) as database:
        database.execute("INSERT INTO deliveries VALUES ('other id', 'a', 3, '', 'UCS 2', 0, 1)")
        database.commit()
    # 1 in time, 2 repeated by the network and recognised, 3 stored under two ids, 4 acknowledged but absent, 5 never answered
    report = make_report(tmp_path, [finished_chat("a", {1: 0.5, 2: 5.0, 3: 0.5, 4: 0.1, 5: None}), Chat([], 1, 1.0)])
    assert {key: report[key] for key in ("opened", "not_opened", "messages_sent", "messages_lost", "messages_doubled", "messages_late")} == {
        "opened": 1,
        "not_opened": 1,
        "messages_sent": 5,
        "messages_lost": 2,
        "messages_doubled": 1,
        "messages_late": 2,
    }
    assert report["longest_pause_seconds"] == 90.0


def test_report_without_a_store(tmp_path: Path) -> None:
    report = make_report(tmp_path, [finished_chat("a", {1: 0.1})])
    assert (report["messages_lost"], report["queues"]) == (1, {})


@pytest.mark.parametrize("words", [["--chats", "0"], ["--chats", "2001"], ["--rate", "-1"], ["--seconds", "99999"], ["--chats", "x"]])
def test_arguments_are_bounded(tmp_path: Path, words: list[str]) -> None:
    command = [sys.executable, "-m", "sandbox.load", "--dir", str(tmp_path), "--confserv", "127.0.0.1:1", *words]
    done = subprocess.run(command, env={**os.environ, "PYTHONPATH": str(TESTS)}, capture_output=True, text=True, timeout=20, check=False)
    assert done.returncode == 2 and words[0] in done.stderr and "Traceback" not in done.stderr


def test_no_confserv(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "sandbox.load", "--dir", str(tmp_path), "--confserv", "127.0.0.1:1"]
    done = subprocess.run(command, env={**os.environ, "PYTHONPATH": str(TESTS)}, capture_output=True, text=True, timeout=20, check=False)
    assert done.returncode == 2 and "cannot be read from 127.0.0.1:1" in done.stderr
