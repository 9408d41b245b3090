# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the verification makes of states, logs and registered results."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from unit.host.test_server_log import connected, lost, read, short, write

from ansible_collections.genesys_engage.chat.plugins.filter.verification import contact_server_report, verification_problems

PAIR = {"primary": "UCS_1", "backup": "UCS_2"}
ALL = ["UCS_1", "UCS_2", "UCS_3", "UCS_4"]
PLACE = "/opt/genesys/Chat_1"


def application(**changes: Any) -> dict[str, Any]:
    """A Chat Server as deployment_info has it, as far as the filters look at it."""
    return {"name": "Chat_1", "host": "chat1", "install_path": PLACE, "log_file": "chat", "log_outputs": "all = chat", "contact_servers": [PAIR], **changes}


def state(status: str, name: str = "Chat_1") -> dict[str, Any]:
    return {"name": name, "status": status}


def judged(directory: Path, *events: str, pair: dict[str, Any] | None = None, day: str = "2026-03-01T", **options: Any) -> tuple[str, str]:
    """Return level and text for a Chat Server whose log holds these events, as the module reads it."""
    write(directory, short(*events, day=day))
    log = {**read(directory, pairs=[pair or PAIR], **options), "application": "Chat_1"}
    (item,) = contact_server_report([application(contact_servers=[pair or PAIR])], {"logs": [log]}, {"Chat_1": "RUNNING"}, ALL)
    assert item["application"] == "Chat_1"
    return item["level"], item["text"]


def test_the_primary_is_as_it_should_be(tmp_path):
    assert judged(tmp_path, connected("UCS_1")) == (
        "connected", "'Chat_1' is connected to 'UCS_1', the primary of its pair, since 2026-03-01T10:15:00.000.")


def test_a_single_ucs(tmp_path):
    single = {"primary": "UCS_1", "backup": None}
    assert judged(tmp_path, connected("UCS_1"), pair=single) == ("connected", "'Chat_1' is connected to 'UCS_1', since 2026-03-01T10:15:00.000.")
    level, text = judged(tmp_path, connected("UCS_1"), lost("UCS_1"), pair=single)
    assert (level, "connected to none of its UCS ('UCS_1')" in text) == ("problem", True)


def test_the_backup_is_a_warning(tmp_path):
    level, text = judged(tmp_path, connected("UCS_1"), lost("UCS_1"), connected("UCS_2"))
    assert level == "warning"
    assert text.startswith("WARNING: 'Chat_1' is connected to 'UCS_2', the backup of 'UCS_1', since 2026-03-01T10:15:02.000: it has switched")


def test_both_are_a_warning(tmp_path):
    level, text = judged(tmp_path, connected("UCS_1"), connected("UCS_2"))
    assert (level, "both 'UCS_1' and 'UCS_2'" in text) == ("warning", True)


@pytest.mark.parametrize("after", [[], ["05065 Application stopped"], ["05060 Application started"]], ids=["lost", "stopped", "started"])
def test_no_connection_is_a_problem(tmp_path, after):
    failed = "04502 Cannot connect to ContactServer 'UCS_2' at host 'ucs2', port 5100, reason 'Connection refused'"
    level, text = judged(tmp_path, connected("UCS_1"), lost("UCS_1"), failed, *after, connected("IXN_1", kind="InteractionServer"))
    assert level == "problem"
    assert text == (
        "'Chat_1' on chat1 is connected to none of its UCS ('UCS_1', 'UCS_2'). Last in its log: 2026-03-01T10:15:02.000 " + failed + ". "
        "Start them, and see whether chat1 reaches their ports.")


@pytest.mark.parametrize("own", [[], [connected("UCS_1")], [connected("UCS_1"), lost("UCS_1")]], ids=["alone", "beside", "instead"])
def test_a_ucs_of_another_pair_is_a_problem(tmp_path, own):
    level, text = judged(tmp_path, *own, connected("UCS_4", host="ucs4"), connected("IXN_1", kind="InteractionServer"))
    assert level == "problem"
    assert "'Chat_1' on chat1 is connected to 'UCS_4', but its configuration says 'UCS_1', 'UCS_2'" in text
    assert "04503 Connected to ContactServer 'UCS_4' at host 'ucs4', port 5100. Was it started before" in text


def test_a_ucs_of_another_pair_that_it_has_left_is_none(tmp_path):
    assert judged(tmp_path, connected("UCS_4"), lost("UCS_4"), connected("UCS_1"))[0] == "connected"


def test_a_log_that_says_nothing_of_a_ucs(tmp_path):
    level, text = judged(tmp_path, "05060 Application started", connected("IXN_1", kind="InteractionServer"))
    assert (level, text) == ("unknown", f"Not known to which UCS 'Chat_1' is connected: its log ({tmp_path}/chat.20260301_101500_000.log) "
                                        "has no event about UCS_1 or UCS_2.")
    level, text = judged(tmp_path, connected("UCS_1"), *["05061 Initialization completed"] * 9, max_bytes=150)
    assert (level, text[-38:]) == ("unknown", "UCS_1 or UCS_2, as far back as it was read."[-38:])


def test_a_log_whose_times_have_another_form(tmp_path):
    level, text = judged(tmp_path, connected("UCS_1"), day="Sun 01 Mar 2026 ")
    assert level == "unknown"
    assert "begin with a time of another form ('xxx 99 xxx 9999 99:99:99.999'" in text
    assert text.endswith("Set the option time-format in section log of the application to time or ISO8601.")


@pytest.mark.parametrize(
    ("changes", "logs", "states", "words"),
    [
        ({"log_file": "", "log_outputs": "all = stdout, network"}, [], {}, "(all = stdout, network) it writes no log file; name one in the option 'all'"),
        ({"log_file": "", "log_outputs": ""}, [], {}, "section log (none) it writes"),
        ({"install_path": ""}, [], {}, "has no working directory for it"),
        ({}, [{"application": "Chat_1", "msg": "directory: /x can't be read: Permission denied. Use become."}], {},
         "connected: directory: /x can't be read: Permission denied. Use become."),
        ({}, [], {}, "its log was not read"),
        ({}, [], {"Chat_1": "STOPPED"}, "it does not run"),
    ],
    ids=["no file", "no option", "not installed", "unreadable", "unread", "stopped"],
)
def test_what_is_not_known_is_said(changes, logs, states, words):
    (item,) = contact_server_report([application(**changes)], {"logs": logs}, states, ALL)
    assert item["level"] == "unknown"
    assert words in item["text"]


def test_a_chat_server_without_ucs_and_other_servers_are_not_spoken_of():
    assert contact_server_report([application(contact_servers=[])], {}, {}, ALL) == []


def test_a_unit_of_systemd_tells_whether_it_runs():
    look = {"units": {"applications": [state("STOPPED")]}}
    (item,) = contact_server_report([application()], look, {}, ALL)
    assert "it does not run" in item["text"]


def central(**found: Any) -> dict[str, Any]:
    """What the configuration host has found."""
    return {"is_configuration_host": True, **found}


def test_all_is_well(tmp_path):
    assert verification_problems({}) == []
    write(tmp_path, short(connected("UCS_1")))
    found = {
        "host": "chat1",
        "deployment": {"changes": [], "applications": [application()], "contact_servers": ALL},
        "states": {"Chat_1": "RUNNING"},
        "look": {"packages": [{"name": "A", "role": "chat_server"}], "ports": {"ports": []}, "units": {},
                 "logs": [{**read(tmp_path, pairs=[PAIR]), "application": "Chat_1"}]},
        "left_out": [],
    }
    assert verification_problems(central(**found)) == []
    assert verification_problems(found) == []


def test_what_the_configuration_host_tells_is_told_once():
    found = {"deployment": {"changes": [change("A", {}, {}, "create")]}, "states": {"B": "STOPPED"}, "host": "chat1"}
    assert verification_problems(found) == []
    assert len(verification_problems(central(**found))) == 2


@pytest.mark.parametrize(
    ("found", "problem"),
    [
        ({"lost": "Not reached: chat2."}, "Not reached: chat2."),
        ({"left_out": [{"host": "chat2", "applications": ["B", "C"]}]},
         "Not looked at, as these hosts are not part of this run or can't be reached: chat2 (B, C). Run again without --limit, or with one that "
         "includes them. In AWX 'relaunch on failed hosts' keeps its limit: launch the job template itself."),
        ({"states": {"A": "RUNNING", "B": "STOPPED"}, "deployment": {"applications": [{"name": "B", "host": "ucs1"}]}},
         "Not running: B (STOPPED) on host 'ucs1'. Run deploy, which starts it."),
        ({"states": {"C": "SERVICE_UNAVAILABLE"}},
         "Not running: C (SERVICE_UNAVAILABLE). Its process runs without servers that it needs: start those, for a Chat Server Interaction Server and UCS."),
        ({"look": {"packages": [
            {"name": "A", "running": [], "before": {"version": "1.0", "complete": True}, "installed": {"version": "2.0"}},
            {"name": "B", "before": {"version": "2.0", "complete": True}, "installed": {"version": "2.0"}},
            {"name": "C", "running": [], "before": {"version": "1.0", "complete": False}, "installed": {"version": "2.0"}},
            {"name": "D", "running": [], "before": {"version": None}, "installed": {"version": "2.0"}}]}},
         "Not installed as the packages say: A (1.0, not 2.0), C (cut short, not 2.0), D (nothing, not 2.0). Run deploy, which installs what differs."),
        ({"host": "chat1", "look": {"packages": [{"name": "A", "role": "gms", "msg": "x", "failure": {"message": "src: /x is no package."}}]}},
         "On host 'chat1', 'A': genesys_packages.gms: /x is no package."),
        ({"look": {"ports": {"msg": "Nothing answers", "failure": {}}}}, "Nothing answers"),
        ({"look": {"units": {"msg": "There is no unit of A", "failure": {}}}}, "There is no unit of A"),
        ({"look": {"units": {"applications": [state("STOPPED", "A")]}}}, "Not running: A (STOPPED). Run deploy, which starts it."),
        ({"web_engagement": "no channel"}, "no channel"),
        ({"deployment": {"findings": [{"level": "problem", "text": "the log shows it."}, {"level": "warning", "text": "these differ."}]}}, "The log shows it."),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else None,
)
def test_each_problem_is_told(found, problem):
    assert verification_problems(central(**found)) == [problem]


def test_an_application_that_misses_others_may_count_as_running():
    found = central(states={"Chat_1": "SERVICE_UNAVAILABLE", "B": "UNKNOWN"})
    (problem,) = verification_problems(found, True)
    assert problem.startswith("Not running: B (UNKNOWN). Solution Control Server has no connection to the Local Control Agent of its host")


@pytest.mark.parametrize(
    ("status", "cure"),
    [("START_PENDING", "still starting"), ("INITIALIZING", "still starting"), ("STOP_TRANSITION", "Somebody is stopping it"), ("SUSPENDED", "stopping it"),
     ("RUNNING_OUTSIDE_UNIT", "stop it there"), ("SOMETHING_NEW", "See its log")],
)
def test_each_state_has_a_cure(status, cure):
    (problem,) = verification_problems(central(states={"Chat_1": status}))
    assert problem.startswith(f"Not running: Chat_1 ({status}). ")
    assert cure in problem


def test_what_does_not_run_outside_of_the_run_is_told_so():
    found = central(states={"B": "STOPPED", "C": "STOPPED"}, left_out=[{"host": "chat2", "applications": ["B"]}])
    found["deployment"] = {"applications": [{"name": "B", "host": "chat2"}, {"name": "C", "host": "chat1"}]}
    assert verification_problems(found)[1:] == [
        "Not running: B (STOPPED) on host 'chat2', which is not part of this run. Run deploy, which starts it.",
        "Not running: C (STOPPED) on host 'chat1'. Run deploy, which starts it.",
    ]


def change(name, before, after, action="update"):
    return {"action": action, "type": "CfgApplication", "name": name, "before": before, "after": after}


def test_a_connection_is_told_as_a_whole():
    """One that is missing, one too many, and one of which a setting differs."""
    before = {"connections": {"A": {"ESP": {"protocol": "addp", "trace": "both"}}, "B": {"ESP": {"protocol": "addp", "trace": "none"}}}}
    after = {"connections": {"B": {"ESP": {"protocol": "addp", "trace": "both"}}, "C.1": {"ESP": {"protocol": "addp", "trace": "both"}}}}
    assert verification_problems(central(deployment={"changes": [change("IXN", before, after)]})) == [
        "The configuration differs from the description: IXN: is connected to port 'ESP' of 'A', and should not be; "
        "connections.B.ESP.trace is 'none', not 'both'; is not connected to port 'ESP' of 'C.1'"
    ]


def test_what_differs_is_told_option_by_option():
    changes = [
        change("B", {"options": {"settings": {"x": "1", "same": "y"}}, "port": {}}, {"options": {"settings": {"x": "2", "same": "y"}, "log": {"all": "z"}}}),
        change("A", {}, {"host": "h"}, "create"),
        change("B", {"servers": ["C"]}, {"servers": ["C", "D"]}),
        change("C", {}, {}, "delete"),
    ]
    prefix = "The configuration differs from the description: "
    assert verification_problems(central(deployment={"changes": changes})) == [
        prefix + "A: is missing",
        prefix + "B: options.log.all is not set, not 'z'; options.settings.x is '1', not '2'; servers is [\"C\"], not [\"C\", \"D\"]",
        prefix + "C: is there, and should not be",
    ]
