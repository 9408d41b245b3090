# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""start_failure_info: why an application has not started, what its log says of that start, and what counts as certain."""

from __future__ import annotations

import os
import socket
import time
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.genesys_engage.chat.plugins.module_utils._host.observe.start_failure import start_failures

STARTED, NO_PORT = "05060 Application started", "04526 Cannot open port {port} for listening, reason 'Address already in use'"
FAILED, STOPPED = "05062 Application initialization failed, reason 'no port'", "05065 Application stopped"


def write(directory: Path, *events: str, age: float = 0.0, name: str = "chat") -> Path:
    """Write a file of a log that was begun, and last written to, so many seconds ago."""
    moment = time.time() - age
    file = directory / f"{name}.{time.strftime('%Y%m%d_%H%M%S', time.localtime(moment))}_000.log"
    file.write_text("Application name: A\n\n" + "".join(f"10:00:00.00{number} Std {event}\n" for number, event in enumerate(events)), encoding="utf-8")
    os.utime(file, (moment, moment))
    return file


def explain(directory: Path, **changes: Any) -> dict[str, Any]:
    application = {"name": "A", "directory": str(directory), "log": "chat", "address": "127.0.0.1", "seconds": 10, **changes}
    (found,) = start_failures({"applications": [application]})["applications"]
    assert found["name"] == "A" and found["running"] is False
    return found


def test_the_log_and_the_holder_of_the_port_are_told(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        file = write(tmp_path, STARTED, NO_PORT.format(port=port), FAILED)
        found = explain(tmp_path)
    assert found["text"].startswith(f"Its log ({file}) says: {NO_PORT.format(port=port)}; {FAILED}. Port {port} is held by process {os.getpid()} (")
    assert (found["failed"], found["log"], [reason["id"] for reason in found["reasons"]]) == (True, str(file), ["04526", "05062"])


@pytest.mark.parametrize(
    ("events", "failed", "words"),
    [
        ([STARTED, FAILED], True, "says: 05062 Application initialization failed"),
        ([STARTED], False, "names no reason"),
        # what an earlier start has said is history
        ([STARTED, FAILED, STARTED], False, "names no reason"),
        ([STARTED, "05064 Application type: X. Application terminated due to internal condition"], True, "says: 05064"),
        ([STARTED, "04502 Cannot connect to ContactServer 'U' at host 'h', port 1, reason 'refused'", "05061 Initialization completed"], False, "says: 04502"),
        ([STARTED, "04502 Cannot connect to ContactServer 'U' at host 'h', port 1, reason 'refused'", FAILED], True, "says: 05062"),
    ],
)
def test_what_counts(tmp_path, events, failed, words):
    write(tmp_path, *events)
    found = explain(tmp_path)
    assert found["failed"] is failed
    assert words in found["text"]


def test_an_old_log_says_nothing_of_this_start(tmp_path):
    write(tmp_path, STARTED, FAILED, age=60)
    found = explain(tmp_path)
    assert (found["failed"], found["log"]) == (False, None)
    assert f"has written no log in {tmp_path} since then. To see what it says, run {tmp_path}/run.sh by hand" in found["text"]


def test_a_log_of_the_former_process_is_no_proof(tmp_path):
    """It was stopped a moment ago: that its log was written to since then does not mean that the new start has ended."""
    file = write(tmp_path, STARTED, STOPPED, age=60)
    os.utime(file)
    assert explain(tmp_path)["failed"] is False


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"directory": "/nowhere/A"}, "Its directory /nowhere/A does not exist on this host"),
        ({"log": ""}, "Its options of section log name no file"),
        ({"log": "other"}, "Its log can't be read: No log file 'other.<date>"),
        ({"name": "B"}, "no log file of 'B'"),
    ],
)
def test_what_is_in_the_way_is_told(tmp_path, changes, words):
    write(tmp_path, STARTED, FAILED)
    application = {"name": "A", "directory": str(tmp_path), "log": "chat", "address": "", "seconds": 10, **changes}
    (found,) = start_failures({"applications": [application]})["applications"]
    assert words in found["text"]
    assert found["failed"] is False


def test_a_process_that_runs_has_not_failed(tmp_path):
    """By its log it failed, but there is a process of it: somebody has started it again."""
    write(tmp_path, STARTED, FAILED)
    proc = tmp_path / "proc"
    (proc / "7").mkdir(parents=True)
    (proc / "7" / "cmdline").write_bytes(b"./A\0-app\0A\0")
    for link in ("cwd", "exe"):
        os.symlink(tmp_path, proc / "7" / link)
    application = {"name": "A", "directory": str(tmp_path), "log": "chat", "address": "", "seconds": 10}
    (found,) = start_failures({"applications": [application]}, str(proc))["applications"]
    assert (found["running"], found["failed"]) == (True, False)
