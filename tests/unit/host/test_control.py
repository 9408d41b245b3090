# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Starting and stopping against a stand-in for Solution Control Server or systemd that has a clock of its own."""

from __future__ import annotations

import pytest

from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.upgrade import rolling
from ansible_collections.genesys_engage.chat.plugins.module_utils._host.control import applications, statuses
from ansible_collections.genesys_engage.chat.plugins.module_utils._host.control.applications import control
from ansible_collections.genesys_engage.chat.plugins.module_utils._host.control.backend import Advice, Backend, Unanswered
from ansible_collections.genesys_engage.chat.plugins.module_utils._host.control.status import Status
from ansible_collections.genesys_engage.chat.plugins.module_utils._host.control.statuses import read_statuses
from ansible_collections.genesys_engage.chat.plugins.module_utils._host.control.transition import COMMAND, DONE, FAILED, WAIT, Controller, next_action
from ansible_collections.genesys_engage.chat.plugins.module_utils._host.system.errors import HostError

STARTING = ["START_PENDING", "START_TRANSITION", "INITIALIZING"]


class World(Backend):
    """Applications that go through a list of states, one per second, after a command. A state "X: how" tells how a process ended."""

    def __init__(self, **applications: str) -> None:
        self.now = 0.0
        self.path = {name: [status] for name, status in applications.items()}
        self.route = {"start": ["STOPPED", *STARTING, "RUNNING"], "stop": ["STOP_PENDING", "STOPPED"], "stop_gracefully": ["SUSPENDING", "STOPPED"]}
        self.commands: list[tuple[float, str, str]] = []
        self.away_at: range = range(0)
        #: Applications whose next command is lost, since Solution Control Server is away for that moment.
        self.losing: list[str] = []
        self.lost = False
        #: Applications that take commands, of which nothing is seen then.
        self.deaf: list[str] = []
        self.tells_where_it_is = True
        self.trouble: type[HostError] = Unanswered
        self.looks = 0

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        assert seconds > 0
        self.now += seconds
        for states in self.path.values():
            for _second in range(round(seconds)):
                if len(states) > 1:
                    del states[0]

    def statuses(self, applications):
        self.looks += 1
        if int(self.now) in self.away_at:
            raise self.trouble("mlcmd reported no application.", "Check it.", output=["nothing"])
        self.lost = False
        shown = {name: states[0].partition(": ") for name, states in self.path.items()}
        return {name: Status(name, number, state, "PRIMARY", how or None) for number, (name, (state, _colon, how)) in enumerate(shown.items(), 100)}

    def send(self, command, application):
        self.commands.append((self.now, command, application.name))
        self.lost = application.name in self.losing
        if application.name in self.deaf:
            return {"exit_code": 0, "output": []}
        if self.lost:
            self.losing.remove(application.name)
            return {"exit_code": 0, "output": ["Unable to connect"]}
        self.path[application.name] = list(self.route[command])
        return {"exit_code": 0, "output": []}

    def away(self):
        return (self.lost or int(self.now) in self.away_at) if self.tells_where_it_is else None

    def unknown(self, name, known):
        return HostError(f"{known} applications, but none with the name '{name}'.")

    def advise(self, statuses):
        return Advice("Look here.", {name: {"last": status and status.status} for name, status in statuses.items()})


def options(state, *names, **changes):
    applications = [{"name": name, "dbid": None, "startup_timeout": 10.0, "shutdown_timeout": 10.0} for name in names]
    return {"applications": applications, "state": state, "poll_interval": 1.0, "timeout": 30, "accept_service_unavailable": False,
            "control": "solution_control_server", "patience": 0.0, "unseen_start_timeout": None, **changes}  # fmt: skip


@pytest.fixture
def run(monkeypatch):
    def act(world, state, *names, check_mode=False, **changes):
        monkeypatch.setattr(applications, "backend_for", lambda params, wanted, preview: world)

        def made(client, interval, accept, **more):
            return Controller(client, interval, accept, world.clock, world.sleep, **more)

        monkeypatch.setattr(applications, "Controller", made)
        return control(options(state, *(names or world.path), **changes), check_mode, lambda text: None)

    return act


def by_name(result):
    return {item["name"]: item for item in result["applications"]}


def test_a_stage_begins_when_those_before_it_run(run):
    world = World(Chat="STOPPED", Ucs="STOPPED", Ixn="STOPPED", Runs="RUNNING")
    wanted = options("started", *world.path)["applications"]
    for application, stage in zip(wanted, (2, 0, 1, 0), strict=True):
        application["stage"] = stage
    done = run(world, "started", applications=wanted)
    assert [name for _time, _command, name in world.commands] == ["Ucs", "Ixn", "Chat"]
    times = [at for at, _command, _name in world.commands]
    # each needs five seconds
    assert times[1] - times[0] >= 4 and times[2] - times[1] >= 4
    assert [item["name"] for item in done["applications"]] == ["Chat", "Ucs", "Ixn", "Runs"]
    assert {item["status"] for item in done["applications"]} == {"RUNNING"}
    looks = world.looks
    assert run(world, "started", applications=wanted)["changed"] is False
    assert world.looks == looks + 1, "nothing was commanded, so nothing has changed"


def test_a_stage_that_fails_keeps_the_next_one_from_beginning(run):
    world = World(Chat="STOPPED", Ucs="STOPPED")
    world.deaf = ["Ucs"]
    wanted = options("started", *world.path)["applications"]
    wanted[0]["stage"] = 1
    with pytest.raises(HostError, match="'Ucs' is STOPPED after 10 s"):
        run(world, "started", applications=wanted)
    assert [name for _time, _command, name in world.commands] == ["Ucs"]


def test_what_is_stopped_is_stopped_together(run):
    world = World(Chat="RUNNING", Ucs="RUNNING")
    wanted = options("stopped", *world.path)["applications"]
    wanted[0]["stage"] = 1
    run(world, "stopped", applications=wanted)
    assert [(at, name) for at, _command, name in world.commands] == [(0.0, "Chat"), (0.0, "Ucs")]


# --- decisions ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "start", "stop", "gracefully"),
    [
        ("UNKNOWN", WAIT, WAIT, WAIT),
        ("STOPPED", COMMAND, DONE, DONE),
        ("STOP_TRANSITION", WAIT, WAIT, WAIT),
        ("STOP_PENDING", WAIT, WAIT, WAIT),
        ("START_TRANSITION", WAIT, COMMAND, COMMAND),
        ("START_PENDING", WAIT, COMMAND, COMMAND),
        ("RUNNING", DONE, COMMAND, COMMAND),
        ("INITIALIZING", WAIT, COMMAND, COMMAND),
        ("SERVICE_UNAVAILABLE", WAIT, COMMAND, COMMAND),
        ("SUSPENDING", WAIT, COMMAND, WAIT),
        ("SUSPENDED", WAIT, COMMAND, WAIT),
        ("6", WAIT, WAIT, WAIT),
    ],
)
def test_each_status_has_its_action(status, start, stop, gracefully):
    assert [next_action(command, status, False, False) for command in ("start", "stop", "stop_gracefully")] == [start, stop, gracefully]
    for command in ("start", "stop", "stop_gracefully"):
        assert next_action(command, status, True, False) != COMMAND


@pytest.mark.parametrize(
    ("status", "commanded", "rose", "ended", "action"),
    [
        ("STOPPED", True, False, False, WAIT),
        ("STOPPED", True, True, False, FAILED),
        ("STOPPED", False, True, False, COMMAND),
        ("STOPPED", True, False, True, FAILED),
        ("START_PENDING", False, False, True, COMMAND),
        ("START_PENDING", True, False, True, FAILED),
        ("INITIALIZING", True, True, True, FAILED),
        ("INITIALIZING", True, True, False, WAIT),
        ("RUNNING", True, True, True, DONE),
    ],
)
def test_a_start_fails_when_the_process_is_known_to_have_ended(status, commanded, rose, ended, action):
    assert next_action("start", status, commanded, False, rose, ended) == action


@pytest.mark.parametrize("command", ["stop", "stop_gracefully"])
def test_what_ended_by_itself_and_is_about_to_return_is_stopped(command):
    assert next_action(command, "START_PENDING", False, False, ended=True) == COMMAND
    assert next_action(command, "STOPPED", False, False, ended=True) == DONE


def test_a_process_without_service_may_be_accepted():
    assert next_action("start", "SERVICE_UNAVAILABLE", False, True) == DONE
    assert next_action("start", "INITIALIZING", False, True) == WAIT


# --- the way ------------------------------------------------------------------------------------------------------------


def test_a_start_waits_until_running(run):
    world = World(a="STOPPED")
    result = run(world, "started")
    assert result["changed"] is True
    assert result["applications"] == [
        {"name": "a", "dbid": 100, "before": "STOPPED", "status": "RUNNING", "run_mode": "PRIMARY", "commanded": True, "seconds": 4.0}
    ]
    assert result["diff"] == {"before": {"a": "STOPPED"}, "after": {"a": "RUNNING"}}
    assert world.commands == [(0.0, "start", "a")]


@pytest.mark.parametrize(("state", "status"), [("started", "RUNNING"), ("stopped", "STOPPED"), ("stopped_gracefully", "STOPPED")])
def test_what_is_there_already_is_left_alone(run, state, status):
    world = World(a=status)
    assert run(world, state)["changed"] is False
    assert world.commands == []


def test_all_are_commanded_before_any_is_waited_for(run):
    world = World(a="STOPPED", b="STOPPED", c="RUNNING")
    result = run(world, "started")
    assert world.commands == [(0.0, "start", "a"), (0.0, "start", "b")]
    assert world.now == 4.0
    assert [item["commanded"] for item in result["applications"]] == [True, True, False]


def test_a_start_of_another_one_is_only_waited_for(run):
    world = World(a="STOPPED")
    world.path["a"] = ["START_PENDING", "INITIALIZING", "RUNNING"]
    result = run(world, "started")
    assert result["changed"] is False
    assert by_name(result)["a"]["status"] == "RUNNING"


def test_a_stop_under_way_is_waited_for_and_then_started(run):
    world = World(a="STOPPED")
    world.path["a"] = ["STOP_PENDING", "STOP_PENDING", "STOPPED"]
    assert run(world, "started")["changed"] is True
    assert world.commands == [(2.0, "start", "a")]


def test_graceful_stops_use_their_own_command(run):
    world = World(a="RUNNING")
    run(world, "stopped_gracefully")
    assert world.commands == [(0.0, "stop_gracefully", "a")]


def test_a_hard_stop_overrides_a_graceful_one(run):
    world = World(a="SUSPENDING")
    run(world, "stopped")
    assert world.commands == [(0.0, "stop", "a")]


def test_a_restart_stops_all_then_starts_all(run):
    world = World(a="RUNNING", b="STOPPED")
    result = run(world, "restarted")
    assert world.commands == [(0.0, "stop", "a"), (1.0, "start", "a"), (1.0, "start", "b")]
    assert result["changed"] is True
    assert by_name(result)["a"]["seconds"] == 5.0


def test_only_named_applications_are_touched(run):
    world = World(a="STOPPED", b="STOPPED")
    run(world, "started", "b")
    assert [name for _now, _command, name in world.commands] == ["b"]


# --- what does not get there --------------------------------------------------------------------------------------------


def failure(run, world, *arguments, **changes) -> HostError:
    with pytest.raises(HostError) as caught:
        run(world, *arguments, **changes)
    return caught.value


def test_a_start_that_dies_is_reported_with_its_way(run):
    world = World(a="STOPPED")
    world.route["start"] = ["START_PENDING", "START_PENDING", "STOPPED"]
    error = failure(run, world, "started")
    assert "Starting failed: 'a' is STOPPED again after 2.0 s (seen: STOPPED, START_PENDING, STOPPED)." in str(error)
    assert "Look here." in str(error)
    assert world.now == 2.0
    assert error.failure()["applications"] == [
        {"name": "a", "done": False, "statuses": ["STOPPED", "START_PENDING", "STOPPED"], "commanded": True, "command": {"exit_code": 0, "output": []},
         "under_way": False, "unseen": False, "seconds": 2.0, "last": "STOPPED",
         "text": "'a' is STOPPED again after 2.0 s (seen: STOPPED, START_PENDING, STOPPED)"}
    ]  # fmt: skip


def test_a_start_that_no_status_has_told_of_is_given_up_if_asked_for(run):
    """Its process may have ended between two looks, which only its host knows; the others are waited for all the same."""
    world = World(a="STOPPED", b="STOPPED")
    world.route["start"] = ["STOPPED", "STOPPED", "INITIALIZING", "INITIALIZING", "INITIALIZING", "RUNNING"]
    world.deaf = ["a"]
    applications = [{"name": name, "dbid": None, "host": "chat1", "startup_timeout": 20.0, "shutdown_timeout": 10.0} for name in ("a", "b")]
    error = failure(run, world, "started", applications=applications, unseen_start_timeout=3.0)
    assert str(error).startswith("Starting failed: 'a' on host 'chat1' is still STOPPED 3 s after the command.")
    assert [(item["name"], item["done"], item["unseen"]) for item in error.failure()["applications"]] == [("a", False, True), ("b", True, False)]
    assert world.now == 5.0


@pytest.mark.parametrize(("state", "words"), [("stopped", "end its process on its host"), ("stopped_gracefully", "or stop it with state=stopped")])
def test_a_stop_that_takes_too_long_has_a_cure_of_its_own(run, state, words):
    world = World(a="RUNNING")
    world.route[{"stopped": "stop", "stopped_gracefully": "stop_gracefully"}[state]] = ["SUSPENDING"] * 30
    error = failure(run, world, state)
    assert " failed: 'a' is SUSPENDING after 10 s" in str(error)
    assert words in str(error)


def test_what_is_renamed_meanwhile_is_not_said_to_be_as_it_was(run, monkeypatch):
    """Its last status, under the former name, is of no use any more."""
    world = World(a="RUNNING")
    world.route["stop_gracefully"] = ["SUSPENDING"] * 30
    look = world.statuses

    def renamed(applications):
        return {"b" if world.now > 2 else name: status for name, status in look(applications).items()}

    monkeypatch.setattr(world, "statuses", renamed)
    error = failure(run, world, "stopped_gracefully")
    assert "'a' is not reported any more, after 10 s (seen: RUNNING, SUSPENDING): somebody has most likely renamed or removed" in str(error)
    assert "See under which name it is there now" in str(error) and "state=stopped" not in str(error)
    assert error.failure()["applications"][0]["under_way"] is False


def test_a_start_that_is_known_to_have_ended_is_reported_with_how(run):
    world = World(a="STOPPED")
    world.route["start"] = ["INITIALIZING", "INITIALIZING", "START_PENDING: ended with exit code 3"]
    error = failure(run, world, "started")
    assert "Starting failed: 'a' ended with exit code 3 after 2.0 s (seen: STOPPED, INITIALIZING, START_PENDING)." in str(error)
    assert world.now == 2.0


def test_a_start_that_has_not_begun_is_waited_for(run):
    """STOPPED alone is no verdict: the command may not have reached the host yet."""
    world = World(a="STOPPED")
    world.route["start"] = ["STOPPED"] * 6 + ["START_PENDING", "RUNNING"]
    assert run(world, "started")["changed"] is True
    assert world.now == 7.0
    assert len(world.commands) == 1


def test_the_others_are_waited_for_when_one_fails(run):
    world = World(a="STOPPED", b="START_PENDING")
    world.path["b"] = ["START_PENDING"] * 6 + ["RUNNING"]
    world.route["start"] = ["START_PENDING", "START_PENDING", "STOPPED"]
    error = failure(run, world, "started")
    assert world.now == 6.0
    assert "'a' is STOPPED again after 2.0 s" in error.message and "'b'" not in error.message
    assert [item["done"] for item in error.failure()["applications"]] == [False, True]


def test_a_restart_is_judged_by_what_happens_after_the_start(run):
    """The states before the command are those of the former process."""
    world = World(a="RUNNING")
    world.route["start"] = ["STOPPED", "STOPPED", "START_PENDING", "RUNNING"]
    assert by_name(run(world, "restarted"))["a"]["status"] == "RUNNING"


def test_what_is_about_to_be_started_again_is_started_at_once(run):
    world = World(a="START_PENDING: ended with exit code 3")
    assert run(world, "started")["changed"] is True
    assert world.commands == [(0.0, "start", "a")]


def test_a_stop_may_take_what_the_end_by_force_takes(run):
    world = World(a="RUNNING")
    world.spare = 5.0
    world.route["stop"] = ["STOP_PENDING"] * 12 + ["STOPPED"]
    assert run(world, "stopped")["changed"] is True
    assert world.now == 12.0


def test_an_application_outside_of_its_unit_is_refused(run):
    for check_mode in (False, True):
        for state in ("started", "stopped"):
            world = World(a="RUNNING_OUTSIDE_UNIT")
            assert "'a' can't be controlled by systemd now" in str(failure(run, world, state, check_mode=check_mode))
            assert (world.commands, world.now) == ([], 0.0)


@pytest.mark.parametrize("status", ["INITIALIZING", "SERVICE_UNAVAILABLE"])
def test_a_process_without_service_is_not_started(run, status):
    world = World(a="STOPPED")
    world.route["start"] = [status]
    assert f"'a' is {status} after 10 s" in str(failure(run, world, "started"))


def test_service_unavailable_may_do(run):
    world = World(a="STOPPED")
    world.route["start"] = ["SERVICE_UNAVAILABLE"]
    assert by_name(run(world, "started", accept_service_unavailable=True))["a"]["status"] == "SERVICE_UNAVAILABLE"


def test_unknown_is_waited_for(run):
    world = World(a="UNKNOWN")
    assert "'a' is UNKNOWN after 10 s" in str(failure(run, world, "started"))
    assert world.commands == []


def test_one_that_fails_does_not_cut_short_the_others(run):
    world = World(a="UNKNOWN", b="STOPPED")
    error = failure(run, world, "started")
    assert "'b'" not in error.message
    assert [item["done"] for item in error.failure()["applications"]] == [False, True]


def test_each_application_has_its_own_time(run):
    world = World(a="UNKNOWN")
    applications = [{"name": "a", "dbid": None, "startup_timeout": 3.0, "shutdown_timeout": 99.0}]
    assert "after 3 s" in str(failure(run, world, "started", applications=applications))
    assert world.now == 3.0


@pytest.mark.parametrize(
    ("way", "change", "hard"),
    [
        (["SUSPENDING"], {}, True),
        (["SUSPENDING", "SUSPENDED"], {}, True),
        (["RUNNING"], {}, False),
        (["UNKNOWN"], {}, False),
        (["SUSPENDING"] * 3 + ["RUNNING"], {}, False),
        (["SUSPENDING"], {"away_at": range(100)}, False),
        (["SUSPENDING"], {"away_at": range(5, 100)}, False),
        (["RUNNING"], {"away_at": range(1, 5), "losing": ["a"]}, False),
    ],
    ids=["accepted", "suspended", "not obeyed", "unknown", "given up", "away at first", "away at the end", "lost"],
)
def test_only_a_graceful_stop_that_was_accepted_may_be_followed_by_a_hard_one(run, way, change, hard):
    world = World(a="RUNNING")
    world.route["stop_gracefully"] = way
    for name, value in change.items():
        setattr(world, name, value)
    with pytest.raises(HostError) as error:
        run(world, "stopped_gracefully")
    result = {"failed": True, "msg": str(error.value), "failure": error.value.failure()}
    assert rolling.may_stop_hard("chat_server", result) is hard
    assert not rolling.may_stop_hard("contact_server", result)


def test_no_command_is_given_after_the_time(run):
    """The other application is still waited for when this one could be started at last."""
    world = World(late="UNKNOWN", slow="START_PENDING")
    world.path["late"] = ["UNKNOWN"] * 5 + ["STOPPED"]
    times = {"late": 3.0, "slow": 9.0}
    applications = [{"name": name, "dbid": None, "startup_timeout": seconds, "shutdown_timeout": 1.0} for name, seconds in times.items()]
    assert "'late' is STOPPED after 3 s" in str(failure(run, world, "started", applications=applications))
    assert world.commands == []


def test_a_control_server_that_is_away_for_a_while_is_borne(run):
    world = World(a="STOPPED")
    world.away_at = range(1, 8)
    assert run(world, "started")["changed"] is True
    assert world.now == 8.0


def test_one_that_stays_away_is_reported(run):
    world = World(a="STOPPED")
    world.away_at = range(1, 99)
    assert "The last look failed: mlcmd reported no application." in str(failure(run, world, "started"))
    assert world.now == 10.0


def test_one_that_is_away_at_first_fails_at_once(run):
    world = World(a="STOPPED")
    world.away_at = range(99)
    error = failure(run, world, "started")
    assert (error.message, error.cure, error.facts) == ("mlcmd reported no application.", "Check it.", {"output": ["nothing"]})
    assert (world.now, world.looks) == (0.0, 1)


@pytest.mark.parametrize("check_mode", [False, True])
@pytest.mark.parametrize("tells", [True, False], ids=["seen-to-be-away", "not-known-where"])
def test_one_that_is_away_at_first_is_borne_with_patience(run, tells, check_mode):
    world = World(a="STOPPED")
    world.away_at, world.tells_where_it_is = range(7), tells
    assert run(world, "started", patience=10.0, check_mode=check_mode)["changed"] is True
    assert world.commands == ([] if check_mode else [(7.0, "start", "a")])
    assert world.looks == 8 if check_mode else world.looks > 8


@pytest.mark.parametrize("tells", [True, False], ids=["seen-to-be-away", "not-known-where"])
def test_patience_is_bounded(run, tells):
    world = World(a="STOPPED")
    world.away_at, world.tells_where_it_is = range(99), tells
    error = failure(run, world, "started", patience=3.5)
    assert (error.message, error.cure, error.facts) == ("mlcmd reported no application. Tried for 4 s.", "Check it.", {"output": ["nothing"]})
    assert (world.now, world.looks) == (3.5, 5)


def test_patience_to_control_is_half_a_minute(run):
    world = World(a="STOPPED")
    world.away_at = range(99)
    assert "Tried for 30 s." in str(failure(run, world, "started", patience=None))
    assert world.now == 30.0


def test_a_server_that_is_there_and_says_nothing_is_asked_three_times(run, monkeypatch):
    """A wrong password looks like this; many attempts would lock the account."""
    world = World(a="STOPPED")
    world.away_at = range(99)
    monkeypatch.setattr(world, "away", lambda: int(world.now) < 2)
    assert "Tried for 4 s." in str(failure(run, world, "started", patience=60.0))
    assert (world.now, world.looks) == (4.0, 5)


def test_patience_is_for_silence_only(run):
    world = World(a="RUNNING")
    assert "none with the name 'b'" in str(failure(run, world, "started", "b", patience=60.0))
    assert (world.now, world.looks) == (0.0, 1)


@pytest.mark.parametrize(("patience", "looks"), [(None, 1), (0.0, 1), (2.0, 3)])
def test_patience_to_look(monkeypatch, patience, looks):
    world = World(a="RUNNING")
    world.away_at = range(99)
    monkeypatch.setattr(statuses, "backend_for", lambda params, wanted: world)
    # the defaults of a function are bound before
    monkeypatch.setattr(statuses.patiently, "__defaults__", (world.clock, world.sleep))
    with pytest.raises(Unanswered):
        read_statuses({"applications": ["a"], "patience": patience})
    assert world.looks == looks


# --- commands that are lost ---------------------------------------------------------------------------------------------

COMMANDS = [("started", "STOPPED", "start"), ("stopped", "RUNNING", "stop"), ("stopped_gracefully", "RUNNING", "stop_gracefully")]


@pytest.mark.parametrize(("state", "status", "command"), COMMANDS)
def test_a_command_that_was_lost_is_given_again(run, state, status, command):
    """Solution Control Server is seen to be away right after the command, and is back when it is asked for the status."""
    world = World(a=status)
    world.losing = ["a"]
    assert run(world, state)["changed"] is True
    assert world.commands == [(0.0, command, "a"), (1.0, command, "a")]


@pytest.mark.parametrize(("state", "status", "command"), COMMANDS)
def test_a_command_that_may_have_been_lost_is_given_again(run, state, status, command):
    """It does not answer after the command; and when it is back, nothing has happened."""
    world = World(a=status)
    world.losing, world.tells_where_it_is, world.away_at = ["a"], False, range(1, 5)
    assert run(world, state)["changed"] is True
    assert world.commands == [(0.0, command, "a"), (5.0, command, "a")]


def test_a_repeated_command_has_its_whole_time(run):
    world = World(a="STOPPED")
    world.losing, world.tells_where_it_is, world.away_at = ["a"], False, range(1, 9)
    world.route["start"] = ["START_PENDING"] * 9 + ["RUNNING"]
    assert run(world, "started")["changed"] is True
    assert world.now == 18.0


def test_only_what_was_lost_is_given_again(run):
    world = World(a="STOPPED", b="STOPPED")
    world.losing, world.tells_where_it_is, world.away_at = ["b"], False, range(1, 2)
    world.route["start"] = ["START_PENDING"] * 4 + ["RUNNING"]
    run(world, "started")
    assert world.commands == [(0.0, "start", "a"), (0.0, "start", "b"), (2.0, "start", "b")]


def test_a_start_that_was_forgotten_is_given_again(run, monkeypatch):
    """A new instance does not know what the former one was about to start: that is no end of a process."""
    world = World(a="STOPPED")
    world.away_at = range(2, 4)
    world.route["start"] = ["START_PENDING"] * 4 + ["STOPPED"]
    send = world.send

    def second_time_well(command, application):
        answer = send(command, application)
        world.route["start"] = ["STOPPED", "STOPPED", "STOPPED", *STARTING, "RUNNING"]
        return answer

    monkeypatch.setattr(world, "send", second_time_well)
    assert by_name(run(world, "started"))["a"]["status"] == "RUNNING"
    assert world.commands == [(0.0, "start", "a"), (4.0, "start", "a")]


def test_a_start_that_arrived_and_fails_is_not_given_again(run):
    world = World(a="STOPPED")
    world.away_at = range(1, 3)
    world.route["start"] = ["START_PENDING"] * 5 + ["STOPPED"]
    assert "'a' is STOPPED again after 5.0 s" in str(failure(run, world, "started"))
    assert len(world.commands) == 1


def test_a_graceful_stop_under_way_is_not_given_again(run):
    world = World(a="RUNNING")
    world.away_at = range(1, 4)
    world.route["stop_gracefully"] = ["SUSPENDING"] * 6 + ["STOPPED"]
    assert run(world, "stopped_gracefully")["changed"] is True
    assert len(world.commands) == 1


def test_what_is_unknown_is_waited_for_before_the_command_is_given_again(run):
    world = World(a="STOPPED")
    world.losing, world.tells_where_it_is, world.away_at = ["a"], False, range(1, 2)
    world.path["a"] = ["STOPPED", "STOPPED", "UNKNOWN", "UNKNOWN", "STOPPED"]
    assert run(world, "started")["changed"] is True
    assert world.commands == [(0.0, "start", "a"), (4.0, "start", "a")]


def test_a_command_is_given_three_times_at_most(run):
    world = World(a="STOPPED")
    world.losing = ["a"] * 9
    assert "'a' is STOPPED after 10 s" in str(failure(run, world, "started"))
    assert world.commands == [(0.0, "start", "a"), (1.0, "start", "a"), (2.0, "start", "a")]
    assert world.now == 12.0


def test_other_trouble_loses_no_command(run):
    """As when systemd does not answer, which takes its commands at once."""
    world = World(a="STOPPED")
    world.losing, world.tells_where_it_is, world.away_at, world.trouble = ["a"], False, range(1, 3), HostError
    failure(run, world, "started")
    assert len(world.commands) == 1


def test_an_unknown_application(run):
    assert "none with the name 'b'" in str(failure(run, World(a="RUNNING"), "started", "a", "b"))


def test_another_dbid_than_stated(run):
    applications = [{"name": "a", "dbid": 7, "startup_timeout": 3.0, "shutdown_timeout": 3.0}]
    assert "'a' has the DBID 100, not 7" in str(failure(run, World(a="RUNNING"), "stopped", applications=applications))


@pytest.mark.parametrize(
    ("changes", "message"), [({"poll_interval": 0}, "poll_interval"), ({"poll_interval": -1.0}, "poll_interval"), ({"timeout": 0}, "timeout")]
)
def test_options_out_of_range(run, changes, message):
    assert message in str(failure(run, World(a="RUNNING"), "started", **changes))


def test_a_name_given_twice(run):
    assert "'a' is named twice" in str(failure(run, World(a="RUNNING"), "started", "a", "a"))


# --- check mode ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["started", "stopped", "stopped_gracefully", "restarted"])
@pytest.mark.parametrize("status", ["STOPPED", "STOP_PENDING", "RUNNING", "START_PENDING", "INITIALIZING", "SUSPENDING", "START_PENDING: ended"])
def test_check_mode_predicts_what_a_run_does(run, state, status):
    def world():
        found = World(a=status)
        found.path["a"] = {"STOP_PENDING": [status, "STOPPED"], "SUSPENDING": [status, "STOPPED"], "START_PENDING": [status, "RUNNING"],
                           "INITIALIZING": [status, "RUNNING"]}.get(status, [status])  # fmt: skip
        return found

    untouched = world()
    predicted = run(untouched, state, check_mode=True)
    assert untouched.commands == []
    assert untouched.now == 0.0
    done = run(world(), state)
    assert predicted["changed"] == done["changed"]
    assert predicted["diff"] == done["diff"]
    assert [item["commanded"] for item in predicted["applications"]] == [item["commanded"] for item in done["applications"]]
