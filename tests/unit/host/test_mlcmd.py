# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""mlcmd: its help, its output, its login."""

from __future__ import annotations

import json
import socket
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.genesys_engage.chat.plugins.module_utils._host.control import statuses
from ansible_collections.genesys_engage.chat.plugins.module_utils._host.control.backend import START, STATUS, STOP, STOP_GRACEFULLY, Unanswered
from ansible_collections.genesys_engage.chat.plugins.module_utils._host.control.mlcmd import Mlcmd, find_switches
from ansible_collections.genesys_engage.chat.plugins.module_utils._host.control.status import Status, parse_statuses, plain_status
from ansible_collections.genesys_engage.chat.plugins.module_utils._host.control.statuses import read_statuses
from ansible_collections.genesys_engage.chat.plugins.module_utils._host.system.errors import HostError

PASSWORD = "S3cret pass#word"
COMMANDS = (START, STOP, STOP_GRACEFULLY, STATUS)

HELP = """mlcmd 8.5.100.42
Usage: mlcmd -cshost <host> -csport <port> -csuser <user> -cspassword <password> -csappname <name> [options] <command>
 -scshost <host>, -scsport <port>   start-up of the connection to Solution Control Server
Commands: -getallappstatus | -getappstatus <dbid> | -gethoststatus <dbid> | -getsolstatus <dbid>
 -startapp <dbid> | -stopapp <dbid> | -stopapp-graceful <dbid> | -startsol <dbid> | -stopsol <dbid>
 -stopallapps | -restartapp <dbid> | -timeout <s> | -help
"""

BLOCK = "Application:    {name}\nDBID:           {dbid}\nStatus:         {status}\nRunmode:        {mode}\n"


# --- help ---------------------------------------------------------------------------------------------------------------


def test_switches_are_found_in_the_help():
    assert find_switches(HELP, COMMANDS) == {
        START: "-startapp",
        STOP: "-stopapp",
        STOP_GRACEFULLY: "-stopapp-graceful",
        STATUS: "-getallappstatus",
    }


@pytest.mark.parametrize(
    ("text", "switch"),
    [("--start-app DBID", "--start-app"), ("-StartApp <dbid>", "-StartApp"), ("[-startapplication id]", "-startapplication"), ("(-start_app)", "-start_app")],
)
def test_other_spellings_of_a_start(text, switch):
    assert find_switches(text, [START]) == {START: switch}


def test_a_word_with_a_hyphen_is_no_switch():
    with pytest.raises(HostError):
        find_switches("re-startapp your computer; auto-startapp", [START])


@pytest.mark.parametrize(
    ("text", "command", "message"),
    [
        ("", START, "names none that fits for the command 'start'. Set commands.start"),
        ("-startsol -stopapp", START, "names none that fits for the command 'start'"),
        ("-stopapp -stopallapps", STOP_GRACEFULLY, "commands.stop_gracefully"),
        ("-startapp -startapp-by-name", START, r"several switches that fit \(-startapp, -startapp-by-name\)"),
        ("-getappstatus", STATUS, "commands.status"),
    ],
)
def test_what_the_help_does_not_say_has_to_be_set(text, command, message):
    with pytest.raises(HostError, match=message):
        find_switches(text, [command])


# --- output -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("word", ["RUNNING", "APP_STATUS_RUNNING", "SCS_APP_STATUS_RUNNING", "Running", " running "])
def test_all_spellings_of_a_status(word):
    assert plain_status(word) == "RUNNING"


@pytest.mark.parametrize(
    ("word", "status"), [("Service Unavailable", "SERVICE_UNAVAILABLE"), ("START-PENDING", "START_PENDING"), ("6", "6"), ("NEW_WORD", "NEW_WORD")]
)
def test_other_words_are_kept(word, status):
    assert plain_status(word) == status


NAMES = st.text(alphabet=st.characters(codec="utf-8", categories=["L", "N", "P", "S", "Zs"]), min_size=1).filter(lambda name: name == name.strip())


@settings(deadline=None)
@given(st.dictionaries(NAMES, st.tuples(st.integers(0, 99999), st.sampled_from(["RUNNING", "STOPPED"])), max_size=5), st.sampled_from(["", "\n", "\n\n"]))
def test_statuses_are_read_whatever_the_names(applications, gap):
    output = gap.join(BLOCK.format(name=name, dbid=dbid, status=status, mode="PRIMARY") for name, (dbid, status) in applications.items())
    assert parse_statuses(output) == {name: Status(name, dbid, status, "PRIMARY") for name, (dbid, status) in applications.items()}


def test_anything_around_the_blocks_is_ignored():
    output = "mlcmd 8.5\n13:14:15 connected to: scs\n" + BLOCK.format(name="a: b", dbid=5, status="6", mode="") + "\nTotal: 1\n"
    assert parse_statuses(output) == {"a: b": Status("a: b", 5, "6", None)}


def test_other_blanks_and_missing_lines():
    assert parse_statuses("Application:x\r\n  Status :  RUNNING \r\nRun mode: BACKUP\r\n") == {"x": Status("x", None, "RUNNING", "BACKUP")}


@pytest.mark.parametrize("output", ["", "Login failed.\n", "Application: \nStatus: RUNNING\n", "Application: x\n"])
def test_output_without_a_status_is_empty(output):
    assert parse_statuses(output) == {}


# --- the program --------------------------------------------------------------------------------------------------------

PROGRAM = """#!{python}
import json, pathlib, sys
place = pathlib.Path({place!r})
with open(str(place / "calls"), "a") as calls:
    calls.write(json.dumps(sys.argv[1:]) + "\\n")
sys.stdout.write((place / ("help" if sys.argv[1:] == ["-help"] else "answer")).read_text())
sys.exit(7)
"""


class Program:
    """A stand-in that notes its calls and answers from files; its exit code means nothing."""

    def __init__(self, place: Path) -> None:
        self.place = place
        (place / "help").write_text(HELP)
        (place / "answer").write_text(BLOCK.format(name="ChatServer 1", dbid=105, status="RUNNING", mode="PRIMARY"))
        program = place / "mlcmd"
        program.write_text(PROGRAM.format(python=sys.executable, place=str(place)))
        program.chmod(0o755)

    def params(self, **changes):
        return {
            "mlcmd": str(self.place / "mlcmd"), "timeout": 20, "confserv_host": "cs", "confserv_port": 2020, "confserv_username": "u",
            "confserv_password": PASSWORD, "scs_host": None, "scs_port": None, "client_application": "default", "commands": None,
            "control": "solution_control_server", "patience": None, **changes,
        }  # fmt: skip

    def calls(self):
        return [json.loads(line) for line in (self.place / "calls").read_text().splitlines()]


LOGIN = ["-cshost", "cs", "-csport", "2020", "-csuser", "u", "-cspassword", PASSWORD, "-csappname", "default"]


@pytest.fixture
def program(tmp_path):
    return Program(tmp_path)


def test_calls_carry_the_login_and_the_dbid(program):
    mlcmd = Mlcmd(program.params(scs_host="scs", scs_port=7000), [START, STATUS])
    status = mlcmd.statuses({})["ChatServer 1"]
    assert mlcmd.send(START, status)["exit_code"] == 7
    login = [*LOGIN, "-scshost", "scs", "-scsport", "7000"]
    assert program.calls() == [["-help"], [*login, "-getallappstatus"], [*login, "-startapp", "105"]]


def test_set_commands_are_used_without_asking_for_help(program):
    commands = {"start": "-up {name} -now", "status": "-show"}
    mlcmd = Mlcmd(program.params(commands=commands), [START, STATUS])
    mlcmd.send(START, mlcmd.statuses({})["ChatServer 1"])
    assert program.calls() == [[*LOGIN, "-show"], [*LOGIN, "-up", "ChatServer 1", "-now"]]


def test_a_status_command_for_single_applications(program):
    mlcmd = Mlcmd(program.params(commands={"status": "-getappstatus {dbid}"}), [STATUS])
    assert set(mlcmd.statuses({"ChatServer 1": 105})) == {"ChatServer 1"}
    assert program.calls() == [[*LOGIN, "-getappstatus", "105"]]
    with pytest.raises(HostError, match="DBID of 'ChatServer 1' is not known"):
        mlcmd.statuses({"ChatServer 1": None})


def test_a_failed_login_is_shown_without_the_password(program):
    (program.place / "answer").write_text(f"Cannot log in as u with {PASSWORD}\nReason: unknown\n")
    with pytest.raises(HostError) as caught:
        Mlcmd(program.params(), [STATUS]).statuses({})
    assert "Cannot log in as u with ******** / Reason: unknown" in str(caught.value)
    assert "confserv_*" in str(caught.value)
    assert PASSWORD not in repr(caught.value.failure())


def test_silence_is_reported_with_the_exit_code(program):
    (program.place / "answer").write_text("")
    with pytest.raises(HostError, match="printed nothing and ended with exit code 7"):
        Mlcmd(program.params(), [STATUS]).statuses({})


def test_a_call_that_hangs_is_bounded(program):
    (program.place / "mlcmd").write_text("#!/bin/sh\nsleep 60\n")
    with pytest.raises(HostError, match="did not answer within 0.5 s"):
        Mlcmd(program.params(timeout=0.5, commands={"status": "-x"}), [STATUS]).statuses({})


def test_a_missing_program_is_named(program):
    with pytest.raises(HostError, match="/no/mlcmd cannot be started: No such file"):
        Mlcmd(program.params(mlcmd="/no/mlcmd"), [STATUS]).statuses({})


def test_a_help_that_shows_nothing_is_asked_for_again(program):
    mlcmd = Mlcmd(program.params(), [STATUS])
    (program.place / "help").write_text("\n")
    with pytest.raises(Unanswered, match="mlcmd -help shows nothing: it printed nothing and ended with exit code 7"):
        mlcmd.statuses({})
    (program.place / "help").write_text(HELP)
    assert set(mlcmd.statuses({})) == set(mlcmd.statuses({})) == {"ChatServer 1"}
    assert program.calls() == [["-help"], ["-help"], [*LOGIN, "-getallappstatus"], [*LOGIN, "-getallappstatus"]]


def test_where_the_servers_are(program):
    def away(**changes):
        return Mlcmd(program.params(confserv_host="127.0.0.1", **changes), [STATUS]).away()

    with socket.create_server(("127.0.0.1", 0)) as there, socket.create_server(("127.0.0.1", 0)) as there_too, socket.socket() as gone:
        gone.bind(("127.0.0.1", 0))  # keeps its port, and takes no connections
        first, second, closed = (server.getsockname()[1] for server in (there, there_too, gone))
        assert away(confserv_port=first, scs_host="127.0.0.1", scs_port=second) is False
        assert away(confserv_port=first, scs_host="127.0.0.1", scs_port=closed) is True
        assert away(confserv_port=closed, scs_host="127.0.0.1", scs_port=second) is True
        assert away(confserv_port=first) is None
        assert away(confserv_port=first, scs_host="127.0.0.1") is None
        assert away(confserv_port=closed) is True
        assert away(confserv_port=first, scs_host="no..host", scs_port=second) is None


def test_an_answer_that_comes_while_we_are_patient(program, monkeypatch):
    answer = (program.place / "answer").read_text()
    (program.place / "answer").write_text("Unable to connect\n")
    # the defaults of a function are bound before
    monkeypatch.setattr(statuses.patiently, "__defaults__", (time.monotonic, lambda seconds: (program.place / "answer").write_text(answer)))
    monkeypatch.setattr(Mlcmd, "away", lambda self: True)
    found = read_statuses(program.params(applications=["ChatServer 1"], patience=60.0))
    assert found["applications"][0]["status"] == "RUNNING"
    assert program.calls() == [["-help"], [*LOGIN, "-getallappstatus"], [*LOGIN, "-getallappstatus"]]


def test_statuses_of_some_or_all(program):
    (program.place / "answer").write_text("".join(BLOCK.format(name=name, dbid=5, status="STOPPED", mode="EXIT") for name in "abc"))
    everything = read_statuses(program.params(applications=None))
    assert [item["name"] for item in everything["applications"]] == ["a", "b", "c"]
    assert everything["changed"] is False
    one = read_statuses(program.params(applications=["b"]))
    assert one["applications"] == [{"name": "b", "dbid": 5, "status": "STOPPED", "run_mode": "EXIT"}]
    with pytest.raises(HostError, match="reports 3 applications, but none with the name 'd'"):
        read_statuses(program.params(applications=["d"]))


def test_advice_leads_to_the_log_and_unknown_to_the_agent_of_the_host(program):
    mlcmd = Mlcmd(program.params(), [STATUS])
    for word, agent in (("UNKNOWN", True), ("STOPPED", False)):
        cure, facts = mlcmd.advise({"a": Status("a", 5, word, None), "b": None})
        assert "working directory" in cure and ("Local Control Agent" in cure) == agent and facts == {}
