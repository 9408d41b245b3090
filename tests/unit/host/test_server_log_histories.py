# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""server_log_info on whole histories, written in every form that a log can have, against a model that knows no log."""

from __future__ import annotations

import shutil
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from unit.host.test_server_log import header, read

from ansible_collections.genesys_engage.chat.plugins.module_utils._host.observe import server_log

OWN, OTHER = "Zürich Chat 1", "Zürich Chat 2"
UCS = ("Köln UCS 1", "UCS_2")
PAIR = {"primary": UCS[0], "backup": UCS[1]}
BEGIN = datetime(2026, 2, 27, 22, 10)

START, INITIALIZED, STOPPED = "05060 Application started", "05061 Initialization completed", "05065 Application stopped"
CONNECTED = "04503 Connected to ContactServer '{}' at host 'ucs.example', port 7100"
LOST = "04504 Connection to ContactServer '{}' at host 'ucs.example', port 7100 lost"
FAILED = "04502 Cannot connect to ContactServer '{}' at host 'ucs.example', port 7100, reason 'Connection refused'"
CLOSED = "04505 Disconnected from ContactServer '{}'"
SWITCHING = f"04581 Primary server ContactServer '{UCS[0]}' is not available, switching to backup ContactServer '{UCS[1]}'"
EVENTS = [START, INITIALIZED, STOPPED, SWITCHING, *(text.format(name) for text in (CONNECTED, LOST, FAILED, CLOSED) for name in UCS)]
NOISE = [
    b"\tattr: IATRCFG_REQUESTID   value: 90\n",
    b"\tMessage: \xfc\xff\x00 04503 Connected to ContactServer 'UCS_2' at host 'x', port 1\r\n",
    b"\n",
    b"=" * 9000 + b"\n",
]


class Form(NamedTuple):
    """How a server writes its log."""

    full: bool
    day: bool
    end: str

    def line(self, moment: datetime, application: str, text: str, level: str = "Std") -> bytes:
        time = moment.isoformat(timespec="milliseconds")[0 if self.day else 11 :]
        if self.full:
            line = f"{time} {'Standard' if level == 'Std' else 'Trace'} chat1 {application} GCTI-00-{text}"
        else:
            line = f"{time} {level} {text}"
        return (line + self.end).encode("iso-8859-1")


def expected(events: list[str]) -> str:
    """The model: to which member the server is connected after these events."""
    connected: set[str] = set()
    spoken_of = False
    for event in events:
        name = next((name for name in UCS if f"'{name}'" in event), None)
        if event in (START, STOPPED):
            connected.clear()
        elif name and event != SWITCHING:
            spoken_of = True
            if event == CONNECTED.format(name):
                connected.add(name)
            else:
                connected.discard(name)
    if not spoken_of:
        return "unknown"
    return {(): "none", (UCS[0],): "primary", (UCS[1],): "backup"}.get(tuple(connected), "both")


@settings(max_examples=150, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    events=st.lists(st.sampled_from(EVENTS), min_size=1, max_size=14),
    gaps=st.lists(st.integers(min_value=1, max_value=20 * 3600), min_size=14, max_size=14),
    form=st.builds(Form, st.booleans(), st.booleans(), st.sampled_from(["\n", "\r\n"])),
    cuts=st.sets(st.integers(min_value=1, max_value=13), max_size=4),
    others=st.lists(st.sampled_from(EVENTS), max_size=6),
    noise=st.lists(st.tuples(st.integers(0, 13), st.sampled_from(NOISE)), max_size=6),
    torn=st.sampled_from([None, *EVENTS]),
    traced=st.booleans(),
)
def test_every_form_tells_the_same_history(tmp_path: Path, events, gaps, form, cuts, others, noise, torn, traced) -> None:
    shutil.rmtree(tmp_path)
    tmp_path.mkdir()
    segments: list[bytearray] = []
    moment = BEGIN
    for number, event in enumerate(events):
        moment += timedelta(seconds=gaps[number])
        if number == 0 or number in cuts:
            segments.append(bytearray(header(OWN, moment.isoformat(timespec="milliseconds")).encode("iso-8859-1")))
            path = tmp_path / f"chat.{moment:%Y%m%d_%H%M%S}_{number:03d}.log"
        segments[-1] += b"".join(text for place, text in noise if place == number)
        if traced:  # a message of another level that reads like an event
            segments[-1] += form.line(moment, OWN, LOST.format(UCS[0]), "Trc")
        if form.full and others:  # a file that servers share; short lines would not say whose they are
            segments[-1] += form.line(moment, OTHER, others[number % len(others)])
        segments[-1] += form.line(moment, OWN, event)
        last = number == len(events) - 1
        path.write_bytes(segments[-1] + (form.line(moment, OWN, torn).rstrip() if last and torn else b""))
    # the other server's own files, with the same name before the time
    other = header(OTHER).encode("iso-8859-1") + b"".join(form.line(moment, OTHER, event) for event in others)
    (tmp_path / f"chat.{moment:%Y%m%d_%H%M%S}_999.log").write_bytes(other)

    result = read(tmp_path, name="chat", application=OWN, pairs=[PAIR], encoding="iso-8859-1", events=server_log.EVENTS)
    assert result["pairs"][0]["member"] == expected(events)
    assert [f"{event['id']} {event['text']}" for event in result["events"]] == [event for event in events if event != SWITCHING or "04581" in server_log.EVENTS]
    assert result["until"] == moment.isoformat(timespec="milliseconds")
    assert (result["dates"], len(result["files"]), result["complete"]) == ("written" if form.day else "derived", len(segments), True)
    assert result["lines"]["not_understood"] == 0


@pytest.mark.parametrize("time", ["Sun 01 Mar 2026 10:15:00 AM CET", "03/01/26 10:15:00.000", "10.15.00,000"])
def test_times_of_a_locale_are_not_understood_and_nothing_is_concluded(tmp_path: Path, time) -> None:
    """The form of these times is not documented; a message may begin in any way."""
    (tmp_path / "chat.20260301_101500_000.log").write_text(f"{time} Std {CONNECTED.format(UCS[1])}\n", encoding="utf-8")
    result = read(tmp_path, pairs=[PAIR])
    assert (result["pairs"][0]["member"], result["lines"]["understood"], result["dates"]) == ("unknown", 0, None)


class Clock:
    """Time that passes only while somebody waits."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@pytest.mark.parametrize(
    ("members", "timeout", "looks"),
    [
        (["none", "none", "backup", "none"], 10, 3),
        (["primary"], 10, 1),
        (["unknown"], 10, 1),
        (["both"], 10, 1),
        (["none"], 0, 1),
        (["none"] * 5, 1.2, 4),
    ],
)
def test_only_a_server_without_a_connection_is_waited_for(monkeypatch, members, timeout, looks) -> None:
    clock, seen = Clock(), []

    def look(params):
        seen.append(params)
        return {"pairs": [{"member": members[len(seen) - 1]}]}

    monkeypatch.setattr(server_log, "time", clock)
    monkeypatch.setattr(server_log, "read_server_log", look)
    result = server_log.wait_for_connections({"timeout": timeout})
    assert (len(seen), result["pairs"][0]["member"]) == (looks, members[looks - 1])
    assert sum(clock.slept) <= timeout


def test_a_member_that_is_not_given(tmp_path: Path) -> None:
    path = tmp_path / "chat.20260301_101500_000.log"
    form = Form(False, True, "\n")
    for events, member in (([], "unknown"), ([CONNECTED], "primary"), ([CONNECTED, LOST], "none")):
        path.write_bytes(b"".join(form.line(BEGIN, OWN, event.format("UCS_2")) for event in [*events, INITIALIZED]))
        (pair,) = read(tmp_path, pairs=[{"primary": "UCS_2", "backup": None}])["pairs"]
        assert (pair["member"], pair["backup"], pair["connected_to"]) == (member, None, "UCS_2" if member == "primary" else None)
