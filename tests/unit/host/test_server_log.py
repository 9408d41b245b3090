# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""server_log_info: which files, which lines, what follows from them."""

from __future__ import annotations

import json
import os
import random
import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from unit.host.test_old_python import ROOT, needs_python36, run

from ansible_collections.genesys_engage.chat.plugins.module_utils._host.observe import log_files
from ansible_collections.genesys_engage.chat.plugins.module_utils._host.observe.log_files import LINE_LIMIT
from ansible_collections.genesys_engage.chat.plugins.module_utils._host.observe.server_log import DEFAULT_EVENTS, EVENTS, read_server_log
from ansible_collections.genesys_engage.chat.plugins.module_utils._host.system.errors import HostError
from ansible_collections.genesys_engage.chat.plugins.modules import server_log_info

STAMP = "20260301_101500_000"
PAIR = {"primary": "UCS 1", "backup": "UCS_2"}
property_test = settings(max_examples=60, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

HEADER = """+++++++++++++++++++++++++++++++++++++++++++
Application name: {application}
Local time:       {begun}
+++++++++++++++++++++++++++++++++++++++++++
"""


def connected(name: str = "UCS 1", kind: str = "ContactServer", host: str = "ucs1") -> str:
    return f"04503 Connected to {kind} '{name}' at host '{host}', port 5100"


def lost(name: str = "UCS 1") -> str:
    return f"04504 Connection to ContactServer '{name}' at host 'ucs1', port 5100 lost"


def short(*events: str, day: str = "2026-03-01T", level: str = "Std") -> str:
    """Lines of the short format, a second apart."""
    return "".join(f"{day}10:15:{number:02d}.000 {level} {event}\n" for number, event in enumerate(events))


def full(application: str, *events: str) -> str:
    """Lines of the full format."""
    return "".join(f"2026-03-01T10:15:{number:02d}.000 Standard chat1 {application} GCTI-00-{event}\n" for number, event in enumerate(events))


def header(application: str = "ChatServer_1", begun: str = "2026-03-01T10:15:00.000") -> str:
    return HEADER.format(application=application, begun=begun)


def write(directory: Path, content: str | bytes, stamp: str = STAMP, name: str = "chat") -> Path:
    path = directory / f"{name}.{stamp}.log"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def read(directory: Path | None = None, **options: Any) -> dict[str, Any]:
    """Read with the module's defaults."""
    defaults: dict[str, Any] = {"name": None, "files": None, "application": None, "pairs": [PAIR], "since": None, "events": DEFAULT_EVENTS}
    defaults |= {"limit": 100, "max_bytes": 1 << 26, "encoding": "utf-8", "directory": str(directory) if directory else None}
    return read_server_log({**defaults, **options})


def member(result: dict[str, Any]) -> tuple[str, str | None, int | None]:
    (pair,) = result["pairs"]
    return pair["member"], pair["connected_to"], pair["reconnects"]


# --- state --------------------------------------------------------------------------------------------------------------


def test_version_and_state(tmp_path):
    write(tmp_path, header() + short("05060 Application started", "05200 Chat Server. Version 8.5.311.06", "05061 Initialization completed"))
    result = read(tmp_path)
    assert (result["product"], result["version"], result["state"]) == ("Chat Server", "8.5.311.06", "initialized")
    assert result["events"][1] == {
        "time": "2026-03-01T10:15:01.000",
        "id": "05200",
        "severity": "standard",
        "text": "Chat Server. Version 8.5.311.06",
        "host": None,
        "application": "ChatServer_1",
    }
    assert result["lines"] == {"read": 7, "understood": 3, "skipped": 4, "not_understood": 0, "other_time": 0, "damaged": 0}


@pytest.mark.parametrize(
    ("events", "state"),
    [
        ([], None),
        (["05060 Application started"], "started"),
        (["05061 Initialization completed"], "initialized"),
        (["05060 Application started", "05062 Application initialization failed, reason 'x'"], "failed"),
        (["05061 Initialization completed", "05063 Normal termination "], "stopped"),
        (["05065 Application stopped"], "stopped"),
        (["05064 Application type: ChatServer. Application terminated due to internal condition"], "terminated"),
        (["05065 Application stopped", "05060 Application started"], "started"),
    ],
    ids=lambda value: "-".join(event[:5] for event in value) if isinstance(value, list) else str(value),
)
def test_states(tmp_path, events, state):
    write(tmp_path, header() + short(connected(), *events))
    result = read(tmp_path)
    assert result["state"] == state
    # what is connected stays so unless the process began or ended after it
    still = not events or events[-1].startswith("05061")
    assert result["connections"][0]["connected"] is still
    assert member(result)[0] == ("primary" if still else "none")


@pytest.mark.parametrize("form", ["short", "full"])
def test_both_formats_say_the_same(tmp_path, form):
    events = (
        connected(),
        lost(),
        "04502 Cannot connect to ContactServer 'UCS 1' at host 'ucs1', port 5100, reason 'it's, at host 'x', port 1'",
        connected("UCS_2", host="ucs2"),
    )
    write(tmp_path, header("Chat Server 1") + (short(*events) if form == "short" else full("Chat Server 1", *events)))
    result = read(tmp_path)
    assert {event["application"] for event in result["events"]} == {"Chat Server 1"}
    assert {event["host"] for event in result["events"]} == ({"chat1"} if form == "full" else {None})
    first, second = result["connections"]
    assert first == {
        "type": "ContactServer",
        "name": "UCS 1",
        "connected": False,
        "host": "ucs1",
        "port": 5100,
        "last_event": "04502",
        "time": "2026-03-01T10:15:02.000",
        "failures": 1,
        "reconnects": 0,
    }
    assert (second["name"], second["connected"], second["host"]) == ("UCS_2", True, "ucs2")
    assert member(result) == ("backup", "UCS_2", 1)


def test_disconnected(tmp_path):
    write(tmp_path, short(connected(), "04505 Disconnected from ContactServer 'UCS 1'"))
    result = read(tmp_path)
    assert member(result) == ("none", None, 0)
    assert (result["connections"][0]["host"], result["connections"][0]["last_event"]) == ("ucs1", "04505")


def test_both_members_at_once(tmp_path):
    write(tmp_path, short(connected(), connected("UCS_2")))
    assert member(read(tmp_path)) == ("both", None, 1)


@pytest.mark.parametrize(
    "text",
    [
        "Connected to ContactServer 'UCS_2' at host 'ucs2', port 5100",
        'Connected to Contact Server "UCS_2" at host "ucs2" port 5100',
        "connected to ContactServer [UCS_2] at host ucs2, port 5100",
        "Connected to ContactServer UCS_2 at host ucs2 port 5100",
    ],
    ids=["single", "double", "brackets", "bare"],
)
def test_other_ways_to_print_it(tmp_path, text):
    write(tmp_path, short("04503 " + text))
    result = read(tmp_path)
    assert member(result) == ("backup", "UCS_2", 0)
    (connection,) = result["connections"]
    assert (connection["type"].replace(" ", ""), connection["host"], connection["port"]) == ("ContactServer", "ucs2", 5100)


def test_a_name_with_a_quote(tmp_path):
    write(tmp_path, short(connected("Pat's 'UCS'")))
    assert read(tmp_path)["connections"][0]["name"] == "Pat's 'UCS'"


@pytest.mark.parametrize(
    "event",
    [
        "04503 Connected to ContactServer UCS_9 at host ucs9, port 5100",  # no quotes, and nobody named it
        "04503 Connected to ContactServer 'UCS_2' at host 'ucs2', port",
        "04503 Connected",
        "04504 Connection to ContactServer 'UCS_2' at host 'ucs2', port 5100",
        "05200 8.5.311.06",
    ],
)
def test_what_is_not_understood_is_counted_and_has_no_effect(tmp_path, event):
    write(tmp_path, short(connected(), event))
    result = read(tmp_path)
    assert member(result) == ("primary", "UCS 1", 0)
    assert (result["version"], result["lines"]["not_understood"], len(result["connections"])) == (None, 1, 1)
    assert result["events"][-1]["text"] == event[6:]


# --- reconnects ---------------------------------------------------------------------------------------------------------


def test_reconnects_are_counted_from_the_second_connection_of_each_start(tmp_path):
    start = "05060 Application started"
    write(tmp_path, short(start, connected(), lost(), connected("UCS_2"), start, connected(), lost(), connected("UCS_2"), lost("UCS_2"), connected()))
    result = read(tmp_path)
    assert member(result) == ("primary", "UCS 1", 3)
    assert [(item["name"], item["reconnects"]) for item in result["connections"]] == [("UCS 1", 1), ("UCS_2", 0)]


def test_a_connection_after_a_loss_is_a_reconnect_though_its_beginning_was_not_read(tmp_path):
    write(tmp_path, short(lost(), connected("UCS_2")))
    assert member(read(tmp_path)) == ("backup", "UCS_2", 1)


@pytest.mark.parametrize(
    ("since", "count"),
    [
        ("2026-03-01T10:15:01.999", 2),
        ("2026-03-01T10:15:02.000", 1),
        ("2026-03-01 10:15:02.500000", 1),
        ("2026-03-01T10:15:04", 0),
        ("2026-02-28T23:59:59.999", 2),
    ],
)
def test_since(tmp_path, since, count):
    write(tmp_path, short(connected(), lost(), connected("UCS_2"), lost("UCS_2"), connected()))
    assert member(read(tmp_path, since=since)) == ("primary", "UCS 1", count)


def test_until_of_one_run_is_since_of_the_next(tmp_path):
    content = header() + short(connected(), lost(), connected("UCS_2"))
    path = write(tmp_path, content)
    until = read(tmp_path)["until"]
    assert until == "2026-03-01T10:15:02.000"
    assert member(read(tmp_path, since=until))[2] == 0
    path.write_text(content + "".join(f"2026-03-01T10:20:00.000 Std {event}\n" for event in (lost("UCS_2"), connected())))
    assert member(read(tmp_path, since=until)) == ("primary", "UCS 1", 1)


def test_a_reconnect_without_a_day_makes_the_count_unknown(tmp_path):
    write(tmp_path, short(connected(), lost(), connected(), day=""))
    result = read(tmp_path, since="2026-03-01T00:00:00")
    assert member(result) == ("primary", "UCS 1", None)
    assert (result["dates"], result["until"], result["events"][0]["time"]) == ("unknown", None, "10:15:00.000")
    assert member(read(tmp_path)) == ("primary", "UCS 1", 1)


@pytest.mark.parametrize("since", ["yesterday", "2026-03-01", "2026-02-30T10:00:00", "2026-03-01T10:00:00Z", "2026-03-01T10:00:00+01:00"])
def test_since_must_be_a_local_time(tmp_path, since):
    write(tmp_path, short(connected()))
    with pytest.raises(HostError, match="since: .*YYYY-MM-DDTHH:MM:SS"):
        read(tmp_path, since=since)


# --- days ---------------------------------------------------------------------------------------------------------------


@property_test
@given(
    begin=st.datetimes(min_value=datetime(2019, 12, 30), max_value=datetime(2032, 3, 1)),
    gaps=st.lists(st.integers(min_value=0, max_value=22 * 3600 * 1000), max_size=12),
)
def test_days_are_derived_from_the_header(tmp_path, begin, gaps):
    moments = [begin.replace(microsecond=0)]
    for gap in gaps:
        moments.append(moments[-1] + timedelta(milliseconds=gap))
    wanted = [moment.isoformat(timespec="milliseconds") for moment in moments]
    write(tmp_path, header(begun=wanted[0]) + "".join(f"{text[11:]} Std {connected()}\n" for text in wanted))
    result = read(tmp_path)
    assert [event["time"] for event in result["events"]] == wanted
    assert result["dates"] == "derived"


def test_a_clock_that_is_set_back_an_hour_is_no_new_day(tmp_path):
    write(tmp_path, header(begun="2026-10-25T02:59:00.000") + f"02:59:59.000 Std {connected()}\n02:00:00.000 Std {lost()}\n")
    assert read(tmp_path)["until"] == "2026-10-25T02:00:00.000"


def test_a_check_point_tells_the_day(tmp_path):
    write(
        tmp_path,
        f"10:00:00.000 Std {lost()}\n13:00:00.058 Trc 04120 Check point 2026-03-05T13:00:00\n12:30:00.000 Std {connected()}\n00:10:00.000 Std {lost()}\n",
    )
    result = read(tmp_path)
    assert [event["time"] for event in result["events"]] == ["10:00:00.000", "2026-03-05T12:30:00.000", "2026-03-06T00:10:00.000"]
    assert result["dates"] == "unknown"


def test_the_header_does_not_date_a_file_that_is_read_from_the_middle(tmp_path):
    write(tmp_path, header() + short(connected(), lost(), day=""))
    assert read(tmp_path, max_bytes=90)["events"][-1]["time"] == "10:15:01.000"
    assert read(tmp_path)["events"][-1]["time"] == "2026-03-01T10:15:01.000"


# --- which files --------------------------------------------------------------------------------------------------------


@property_test
@given(
    moments=st.lists(
        st.datetimes(min_value=datetime(1999, 1, 1), max_value=datetime(2040, 1, 1)),
        min_size=1,
        max_size=8,
        unique_by=lambda moment: moment.isoformat("T", "milliseconds"),
    ),
    seed=st.randoms(use_true_random=False),
    given_by_name=st.booleans(),
)
def test_segments_are_read_in_the_order_of_their_times(tmp_path_factory, moments, seed, given_by_name):
    directory = tmp_path_factory.mktemp("log")
    paths = []
    for number, moment in enumerate(sorted(moments)):
        stamp = f"{moment:%Y%m%d_%H%M%S}_{moment.microsecond // 1000:03d}"
        paths.append(write(directory, short(connected(f"S{number}"), lost(f"S{number - 1}")), stamp))
    shuffled = [str(path) for path in paths]
    seed.shuffle(shuffled)
    for path in shuffled:
        os.utime(path, (seed.randrange(10**9), seed.randrange(10**9)))  # what a copy leaves: the time of change says nothing
    result = read(None, files=shuffled) if given_by_name else read(directory, name="chat")
    assert result["files"] == [str(path) for path in paths]
    assert [item["name"] for item in result["connections"] if item["connected"]] == [f"S{len(paths) - 1}"]


def test_files_without_a_time_are_read_as_given(tmp_path):
    older, newer = tmp_path / "z.log", tmp_path / "a.log"
    older.write_text(short(connected()))
    newer.write_text(short(lost()))
    assert member(read(None, files=[str(older), str(newer)]))[0] == "none"
    assert member(read(None, files=[str(newer), str(older)]))[0] == "primary"


def test_only_the_files_of_this_log(tmp_path):
    write(tmp_path, short(connected()))
    for name in ("chat.snapshot.log", f"chat.{STAMP}.snapshot.log", f"chat.{STAMP}.qsp", f"chat.{STAMP}.log.gz", "chat.log", "chat.20260301_1015.log"):
        (tmp_path / name).write_text(short(lost()))
    (tmp_path / f"chat.{STAMP[:-1]}9.log").mkdir()
    write(tmp_path, short(lost()), name="chat2")
    result = read(tmp_path, name="chat")
    assert result["files"] == [str(tmp_path / f"chat.{STAMP}.log")]
    assert member(result)[0] == "primary"
    assert read(Path("/nowhere"), name=str(tmp_path / "chat"))["files"] == result["files"]
    with pytest.raises(HostError, match="several logs: chat, chat2. Set name"):
        read(tmp_path)


@pytest.mark.parametrize("form", ["short", "full"])
def test_several_servers_in_one_directory(tmp_path, form):
    def lines(application: str, *events: str) -> str:
        return header(application) + (short(*events) if form == "short" else full(application, *events))

    write(tmp_path, lines("ChatServer_1", connected()), "20260301_101500_001")
    write(tmp_path, lines("ChatServer_2", connected("UCS_2")), "20260301_101500_002")
    write(tmp_path, lines("ChatServer_1", lost()), "20260301_101500_003")
    with pytest.raises(HostError, match="^The files belong to several applications: ChatServer_1, ChatServer_2. Set application"):
        read(tmp_path, name="chat")
    assert member(read(tmp_path, application="ChatServer_1")) == ("none", None, 0)
    second = read(tmp_path, application="ChatServer_2")
    assert (member(second), second["application"], len(second["files"])) == (("backup", "UCS_2", 0), "ChatServer_2", 1)
    with pytest.raises(HostError, match="no log file of 'ChatServer_3'; the files belong to: ChatServer_1, ChatServer_2"):
        read(tmp_path, application="ChatServer_3")


def test_several_servers_in_one_file(tmp_path):
    write(tmp_path, full("Chat 1", connected()) + full("Chat 2", connected("UCS_2")) + short(lost()))
    assert member(read(tmp_path, application="Chat 2")) == ("backup", "UCS_2", 0)
    result = read(tmp_path, application="Chat 1")
    assert (member(result)[0], result["lines"]["skipped"]) == ("primary", 2)  # the short line may be anybody's
    with pytest.raises(HostError, match="several applications: Chat 1, Chat 2"):
        read(tmp_path)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"directory": "missing"}, "directory: .*missing can't be read: No such file"),
        ({"name": "other"}, r"No log file 'other\.<date>_<time>_<milliseconds>\.log' in .*never started"),
        ({"directory": None, "files": ["missing.log"]}, "files: .*missing.log is not a regular file"),
        ({"directory": None, "files": ["."]}, "files: .* is not a regular file"),
        ({"directory": None, "files": []}, "no log file"),
        ({"max_bytes": 0}, "max_bytes: must be at least 1"),
        ({"limit": 0}, "limit: must be at least 1"),
        ({"encoding": "utf-16"}, "encoding: 'utf-16'"),
        ({"encoding": "nonsense"}, "encoding: 'nonsense'"),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else None,
)
def test_bad_input(tmp_path, monkeypatch, options, words):
    monkeypatch.chdir(tmp_path)
    write(tmp_path, short(connected()))
    with pytest.raises(HostError, match=words):
        read(**{"directory": str(tmp_path), **options})


def test_a_fifo_does_not_block(tmp_path):
    os.mkfifo(tmp_path / "log")
    with pytest.raises(HostError, match="is not a regular file"):
        read(None, files=[str(tmp_path / "log")])


def test_a_file_that_vanishes(tmp_path, monkeypatch):
    """As when the server deletes its oldest file between our looking and our reading."""
    old = write(tmp_path, short(lost()), "20260228_101500_000")
    new = write(tmp_path, short(connected()))
    real = log_files.plan

    def vanishing(*arguments):
        parts = real(*arguments)
        old.unlink()
        return parts

    monkeypatch.setattr("ansible_collections.genesys_engage.chat.plugins.module_utils._host.observe.server_log.plan", vanishing)
    result = read(tmp_path)
    assert (member(result), result["lines"]["read"]) == (("primary", "UCS 1", 0), 1)
    monkeypatch.undo()
    new.unlink()
    with pytest.raises(HostError, match="No log file"):
        read(tmp_path)


# --- which lines --------------------------------------------------------------------------------------------------------


def effects(result: dict[str, Any]) -> tuple[Any, ...]:
    return result["events"], result["connections"], result["state"], result["version"], result["pairs"]


CONTENT = (
    short("05060 Application started", "05200 Chat Server. Version 8.5.311.06", connected(), "04500 x" * 20, lost(), connected("Über", host="ucs2"))
    + " attr: x   value: 1\r\n"
    + full("ChatServer_1", lost("UCS_2"), connected(), "05061 Initialization completed").replace("\n", "\r\n")
).encode()


@property_test
@given(st.integers(min_value=0, max_value=len(CONTENT)))
def test_a_line_that_is_being_written_has_no_effect(tmp_path, end):
    """Wherever the writer is, exactly the lines that it has ended count."""
    path = tmp_path / "cut"
    path.write_bytes(CONTENT[: CONTENT.rfind(b"\n", 0, end) + 1])
    wanted = effects(read(None, files=[str(path)]))
    path.write_bytes(CONTENT[:end])
    assert effects(read(None, files=[str(path)])) == wanted


@property_test
@given(st.integers(min_value=1, max_value=len(CONTENT) + 10))
def test_no_more_than_the_bound_is_read_and_only_whole_lines(tmp_path, bound):
    path = tmp_path / "long"
    begin = max(len(CONTENT) - bound, 0)
    first = begin if begin == 0 else CONTENT.find(b"\n", begin - 1) + 1
    path.write_bytes(CONTENT[first:])
    wanted = effects(read(None, files=[str(path)]))
    path.write_bytes(CONTENT)
    result = read(None, files=[str(path)], max_bytes=bound)
    assert effects(result) == wanted
    assert result["complete"] is (bound >= len(CONTENT))


def test_the_bound_holds_over_files(tmp_path):
    line = len(short(lost()))
    for number, event in enumerate([connected("A"), connected("B"), connected("C")]):
        write(tmp_path, short(lost("X")) * 5 + short(event) + short(lost("X")) * 5, f"20260301_10150{number}_000")
    size = (tmp_path / f"chat.{STAMP}.log").stat().st_size
    everything = read(tmp_path, max_bytes=3 * size)
    assert (everything["complete"], [item["name"] for item in everything["connections"]]) == (True, ["A", "B", "C", "X"])
    some = read(tmp_path, max_bytes=size + 6 * line)
    assert (some["complete"], [item["name"] for item in some["connections"]]) == (False, ["B", "C", "X"])
    assert len(some["files"]) == 2
    assert some["lines"]["read"] < everything["lines"]["read"]


@property_test
@given(
    junk=st.lists(st.one_of(st.binary(max_size=60), st.text(max_size=40).map(str.encode)).map(lambda line: line.replace(b"\n", b"")), max_size=20),
    seed=st.integers(),
)
def test_junk_between_the_lines_changes_nothing(tmp_path, junk, seed):
    path = tmp_path / "junk"
    lines = CONTENT.splitlines(keepends=True)
    path.write_bytes(CONTENT)
    wanted = effects(read(None, files=[str(path)]))
    chance = random.Random(seed)
    for line in junk:
        lines.insert(chance.randrange(len(lines) + 1), b"  " + line + b"\n")
    path.write_bytes(b"".join(lines))
    result = read(None, files=[str(path)])
    assert effects(result) == wanted
    assert result["lines"]["skipped"] == 1 + len(junk)


def test_a_line_that_is_too_long_is_skipped_whole(tmp_path):
    tail = "2026-03-01T10:15:00.000 Std " + lost()
    write(tmp_path, short(connected()) + "x" * (LINE_LIMIT - 1) + tail + "\n" + "y" * LINE_LIMIT + tail + "\n" + "z" * LINE_LIMIT * 3 + tail + "\n")
    result = read(tmp_path)
    assert member(result)[0] == "primary"
    assert result["lines"] == {"read": 4, "understood": 1, "skipped": 3, "not_understood": 0, "other_time": 0, "damaged": 0}


def test_only_standard_events_are_looked_at_and_returned(tmp_path):
    secret = "AttributeUserData password=S3cret"
    body = f"{short('04541 ' + secret, level='Trc')}\tattr: {secret}\n{short(lost(), level='Dbg')}{short('06085 option password = S3cret')}"
    write(tmp_path, header() + short(connected()) + body)
    result = read(tmp_path, events=EVENTS)
    assert [event["id"] for event in result["events"]] == ["04503"]
    assert member(result)[0] == "primary"
    assert "S3cret" not in repr(result)


def test_events_and_limit(tmp_path):
    write(tmp_path, short(*[f"04525 Port {port} opened for listening" for port in range(30)], connected()))
    assert [event["id"] for event in read(tmp_path)["events"]] == ["04503"]
    result = read(tmp_path, events=["04525"], limit=2)
    assert [event["text"] for event in result["events"]] == ["Port 28 opened for listening", "Port 29 opened for listening"]
    assert (result["events_found"], member(result)[0]) == (30, "primary")


@pytest.mark.parametrize("encoding", ["utf-8", "iso-8859-1", "windows-1251"])
def test_encodings(tmp_path, encoding):
    name = "Чат" if encoding == "windows-1251" else "Zürich"
    write(tmp_path, (header(name) + short(connected(name))).encode(encoding))
    result = read(tmp_path, encoding=encoding, application=name, pairs=[{"primary": name, "backup": "B"}])
    assert member(result) == ("primary", name, 0)


def test_what_cannot_be_decoded_is_replaced(tmp_path):
    write(tmp_path, short(connected("Zürich")).encode("iso-8859-1"))
    assert read(tmp_path)["connections"][0]["name"] == "Z\ufffdrich"


# --- documentation ------------------------------------------------------------------------------------------------------


# --- holes, torn and glued lines, times of other forms -----------------------------------------------------------------


@pytest.mark.parametrize("size", [1, 4096, LINE_LIMIT - 1, LINE_LIMIT, LINE_LIMIT + 1, 5 * LINE_LIMIT + 7])
@pytest.mark.parametrize("before", [b"", b"\tbody of a message"])
def test_an_event_behind_a_hole(tmp_path, size, before):
    """Zero bytes are what a truncated file, or a power cut, leaves; the loss behind them counts."""
    write(tmp_path, short(connected()).encode() + before + b"\0" * size + short(lost()).encode())
    result = read(tmp_path)
    assert (member(result)[0], result["problem"]) == ("none", None)
    assert [event["id"] for event in result["events"]] == ["04503", "04504"]
    bound = len(short(lost())) + min(size, 100) // 2  # begins within the hole
    assert member(read(tmp_path, max_bytes=bound))[0] == "none"


@property_test
@given(holes=st.lists(st.tuples(st.integers(1, 30), st.sampled_from([1, 100, LINE_LIMIT, 20000])), max_size=5), bound=st.integers(1, 1 << 17))
def test_holes_between_the_lines_change_nothing(tmp_path, holes, bound):
    path = tmp_path / "holes"
    path.write_bytes(CONTENT)
    wanted = effects(read(None, files=[str(path)]))
    lines = CONTENT.splitlines(keepends=True)
    for place, size in holes:
        lines.insert(place, b"\0" * size)
    path.write_bytes(b"".join(lines))
    assert effects(read(None, files=[str(path)])) == wanted
    read(None, files=[str(path)], max_bytes=bound)


STANDARD = "2026-03-01T10:15:00.000 Std "


@pytest.mark.parametrize("torn", [STANDARD + lost()[:20], STANDARD + lost(), STANDARD[:-2], STANDARD + "045", STANDARD[:15], STANDARD + "05060 Appl"])
@pytest.mark.parametrize("rest", [b"\0\0\0" + short("05061 Initialization completed").encode(), short("06053 x").encode()], ids=["hole", "glued"])
def test_a_member_does_not_pass_for_connected_where_an_event_is_torn(tmp_path, torn, rest):
    write(tmp_path, short(connected()).encode() + torn.encode() + rest)
    result = read(tmp_path)
    assert (member(result)[0], result["connections"][0]["connected"]) == ("unknown", None)
    assert "damaged" in result["problem"]
    write(tmp_path, short(connected()).encode() + torn.encode() + rest + short(connected()).encode())
    assert member(read(tmp_path))[0] == "primary"


@pytest.mark.parametrize("begin", ["2026-03-01T10:15:00.000 Std 04503 Connected to Cont", "2026-03-01T10:1", "\x01\x02 junk "])
def test_an_event_that_is_glued_to_something_is_not_lost_without_a_word(tmp_path, begin):
    write(tmp_path, short(connected()) + begin + short(lost()))
    assert (member(read(tmp_path))[0], read(tmp_path)["connections"][0]["connected"]) == ("unknown", None)


@pytest.mark.parametrize(
    "harmless",
    [
        "2026-03-01T10:15:00.000 Trc 04541 Message x received" + short(lost()),
        "2026-03-01T10:15:00.000 Std 06053 Configuration for app\0\0",
        "2026-03-01T10:15:00.000 Int 04543 Inter\0\0",
        "\tattr: text   value: " + short(lost()),
        "a customer writes " + short(lost()),
        "Hi, at 10:15:00.000 Std 04504 I lost the chat\n",
    ],
)
def test_what_people_write_does_not_throw_doubt_on_a_connection(tmp_path, harmless):
    write(tmp_path, short(connected()) + harmless + short("06053 Configuration for application obtained"))
    result = read(tmp_path)
    assert (member(result)[0], result["problem"]) == ("primary", None)


@pytest.mark.parametrize("zone", ["Z", "+0200", "-05:00"])
@pytest.mark.parametrize("day", ["2026-03-01T", ""])
def test_a_zone_behind_the_time_is_read_over(tmp_path, zone, day):
    text = short("05060 Application started", connected(), lost(), connected("UCS_2"), day=day)
    write(tmp_path, header() + text)
    wanted = read(tmp_path)
    write(tmp_path, header() + text.replace(".000 ", f".000{zone} "))
    assert read(tmp_path) == wanted
    assert (member(wanted), wanted["until"]) == (("backup", "UCS_2", 1), "2026-03-01T10:15:03.000")


@pytest.mark.parametrize(
    ("time", "shape"),
    [
        ("Sun 01 Mar 2026 10:15:00 AM CET", "xxx 99 xxx 9999 99:99:99 xx xxx"),
        ("03/01/26 10:15:00.000", "99/99/99 99:99:99.999"),
        ("10.15.00,000", "99.99.99,999"),
        ("10:15:00", "99:99:99"),
        ("2026-03-01 10:15:00.000", "9999-99-99 99:99:99.999"),
        ("[10:15:00.000]", "[99:99:99.999]"),
    ],
)
@pytest.mark.parametrize("form", [short, lambda event, day: full("ChatServer_1", event)], ids=["short", "full"])
def test_times_of_another_form_are_told_and_nothing_is_concluded(tmp_path, time, shape, form):
    unreadable = re.sub(r"^\S+", time, form(lost(), day=""), count=1)
    write(tmp_path, header() + unreadable)
    result = read(tmp_path)
    assert (member(result)[0], result["lines"]["other_time"]) == ("unknown", 1)
    assert f"1 lines of the log begin with a time of another form ('{shape}', with 9 for a digit" in result["problem"]
    # an older event that can be read says nothing any more
    write(tmp_path, header() + short(connected()) + unreadable)
    assert member(read(tmp_path))[0] == "unknown"
    # newer ones do, about both members
    write(tmp_path, header() + short(connected()) + unreadable + short(lost()))
    assert member(read(tmp_path))[0] == "unknown"
    write(tmp_path, header() + short(connected()) + unreadable + short(lost(), lost("UCS_2")))
    assert member(read(tmp_path))[0] == "none"


def test_control_characters_of_a_log_are_not_returned(tmp_path):
    write(tmp_path, header("Chat\x1b[2J") + short("05062 Application initialization failed, reason '\x1b]0;x\x07'"))
    result = read(tmp_path)
    assert (result["application"], result["events"][0]["text"]) == ("Chat\\x1b[2J", "Application initialization failed, reason '\\x1b]0;x\\x07'")


def test_the_module_offers_what_its_code_knows():
    options = yaml.safe_load(server_log_info.DOCUMENTATION)["options"]
    assert (options["events"]["choices"], options["events"]["default"]) == (EVENTS, DEFAULT_EVENTS)


def test_everything_that_is_returned_is_documented(tmp_path):
    write(tmp_path, header() + full("ChatServer_1", connected()))
    documented = yaml.safe_load(server_log_info.RETURN)
    result = read(tmp_path)
    assert set(result) == set(documented) - {"failure"}
    for name in ("pairs", "connections", "events"):
        assert set(result[name][0]) == set(documented[name]["contains"])
    assert set(result["lines"]) == set(documented["lines"]["contains"])
    assert all(re.fullmatch(r"\d{5}", number) for number in EVENTS)


# --- the oldest Python of managed hosts ---------------------------------------------------------------------------------

OLD_PYTHON = """
import json, sys
sys.path.insert(0, sys.argv[1])
from module_utils._host.observe.server_log import read_server_log
print(json.dumps(read_server_log(json.loads(sys.argv[2]))))
"""


@needs_python36
def test_python_3_6_reads_the_same(tmp_path):
    write(tmp_path, header() + short("05200 Chat Server. Version 8.5.311.06", connected(), day=""), "20260301_101500_001")
    write(tmp_path, CONTENT, "20260301_101500_002")
    options: dict[str, Any] = {"directory": str(tmp_path), "name": "chat", "files": None, "application": None, "pairs": [PAIR], "since": "2026-03-01T10:15:00"}
    options.update(events=EVENTS, limit=100, max_bytes=len(CONTENT) + 150, encoding="utf-8")
    wanted = read_server_log(options)
    assert (len(wanted["files"]), wanted["complete"], wanted["pairs"][0]["member"]) == (2, False, "primary")
    assert json.loads(run("-c", OLD_PYTHON, str(ROOT / "plugins"), json.dumps(options))) == wanted
