# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bringing applications into a state and waiting for it, all of them together.

Only a polled status counts as success: commands are answered before anything has happened, and an application may pass
through several states on its way (Source: MLCMD). The decisions are the same whoever carries them out: see backend.py.
"""

import time
from typing import Any, Callable, Dict, List, Mapping, Optional, Sequence, Tuple

from ..system.errors import HostError
from .backend import START, STATUS, STOP, STOP_GRACEFULLY, SYSTEMD, Backend, Unanswered
from .mlcmd import Mlcmd
from .status import ENDING, RUNNING, SERVICE_UNAVAILABLE, STOPPED, SUSPENSION, UP, Status
from .systemd import RUNNING_OUTSIDE_UNIT, Systemd

# Steps of option state, each with the option that bounds it.
STEPS = {
    "started": (START,),
    "stopped": (STOP,),
    "stopped_gracefully": (STOP_GRACEFULLY,),
    "restarted": (STOP, START),
}

#: Seconds that a first answer may take, if the option patience is not set: who is going to command, and who only looks.
PATIENCE_TO_CONTROL, PATIENCE_TO_LOOK = 30.0, 0.0

#: Seconds between two looks where there is no option for it.
POLL_INTERVAL = 1.0

# So often in a row may mlcmd find nothing out although its servers take connections, as they do when they have just come back. More
# attempts would lock the account of a user whose password is wrong.
ATTEMPTS = 3

# So often is a command given at most, if it may have been lost.
SENDS = 3

#: What to do about a stop that takes too long.
LATE_STOPS = {
    STOP: "Give it more time, with shutdown_timeout or the shutdown timeout of the application object, or end its process on its host.",
    STOP_GRACEFULLY: "It may still be finishing its work: give it more time, with shutdown_timeout or the shutdown timeout of the application object,"
    " or stop it with state=stopped, which takes away what is not finished.",
}

DONE = "done"
COMMAND = "command"
WAIT = "wait"
FAILED = "failed"


def next_action(command: str, status: str, commanded: bool, accept_service_unavailable: bool, rose: bool = False, ended: bool = False) -> str:
    """Decide about one application: it is where it should be, needs the command, is under way, or won't get there.

    Args:
        command: start, stop or stop_gracefully.
        status: what is reported now.
        commanded: the command was given already, and has arrived; it is not repeated.
        accept_service_unavailable: a process without service counts as started.
        rose: since the command there has been a process.
        ended: the process has ended without having been told to; since the command, if it was given.
    """
    if command == START:
        if status == RUNNING or (status == SERVICE_UNAVAILABLE and accept_service_unavailable):
            return DONE
        if commanded and (ended or (rose and status == STOPPED)):
            return FAILED
        obeys = status == STOPPED or ended
    else:
        if status == STOPPED:
            return DONE
        obeys = status in UP and not (command == STOP_GRACEFULLY and status in SUSPENSION)
    return COMMAND if obeys and not commanded else WAIT


class Task:
    """One application on its way; times in seconds of the clock.

    A command is "in doubt" as long as it may have been lost, or forgotten, since Solution Control Server was away meanwhile.
    """

    def __init__(self, application: Mapping[str, Any], command: str, now: float, spare: float) -> None:
        self.name: str = application["name"]
        self.host: str = application.get("host") or ""
        self.dbid: Optional[int] = application.get("dbid")
        self.last: Optional[Status] = None
        self.timeout: float = application["startup_timeout"] if command == START else application["shutdown_timeout"] + spare
        self.began = now
        self.deadline = now + self.timeout
        self.seen: List[str] = []
        self.answer: Dict[str, Any] = {}
        self.sent = 0
        self.in_doubt = False
        self.sent_at = now
        self.rose = False
        self.unseen = False
        self.done = False
        self.failed = False
        self.ended = now

    @property
    def waits(self) -> bool:
        return not self.done and not self.failed

    @property
    def commanded(self) -> bool:
        return self.sent > 0

    def notice(self, status: Status, command: str) -> None:
        self.last = status
        self.rose = self.rose or (self.commanded and status.status in UP)
        if status.status in (UP if command == START else ENDING):
            self.in_doubt = False  # it is being obeyed
        if self.seen[-1:] != [status.status]:
            self.seen.append(status.status)


class Controller:
    """Commands and polls.

    Args:
        backend: who carries out the commands.
        poll_interval: seconds between two looks.
        accept_service_unavailable: see `next_action`.
        clock, sleep: of the module time; tests bring their own.
        unseen_start_timeout: seconds after which a start is given up of which no status has told yet; None for never.
    """

    def __init__(
        self,
        backend: Backend,
        poll_interval: float,
        accept_service_unavailable: bool,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        unseen_start_timeout: Optional[float] = None,
    ) -> None:
        self._backend = backend
        self._interval = poll_interval
        self._accept = accept_service_unavailable
        self._unseen_start_timeout = unseen_start_timeout
        self._clock = clock
        self._sleep = sleep

    def look_up(self, applications: Sequence[Mapping[str, Any]], patience: float) -> Dict[str, Status]:
        """Return the statuses of applications, at first; see `look_up` and `patiently`."""
        return patiently(self._backend, lambda: look_up(self._backend, applications), patience, self._interval, self._clock, self._sleep)

    def bring(self, applications: Sequence[Mapping[str, Any]], command: str, statuses: Dict[str, Status]) -> List[Task]:
        """Give the command to every application that needs it, then wait for all of them.

        Args:
            applications: elements of option ``applications``.
            command: start, stop or stop_gracefully.
            statuses: a fresh look.

        Returns:
            What happened to each; ``last`` is the status it ended with.

        Raises:
            HostError: some did not get there within their time, or won't.
        """
        tasks = [Task(application, command, self._clock(), self._backend.spare) for application in applications]
        trouble = ""
        while True:
            for task in tasks:
                if task.waits:
                    self._step(task, command, statuses)
            waiting = [task for task in tasks if task.waits]
            if not waiting or all(task.deadline <= self._clock() for task in waiting):
                break
            self._sleep(max(0.0, min(self._interval, max(task.deadline for task in waiting) - self._clock())))
            try:
                statuses = self._backend.statuses({task.name: task.dbid for task in waiting})
                trouble = ""
            except HostError as error:
                # Solution Control Server may be away for a while; the deadlines bound our patience.
                statuses, trouble = {}, str(error)
                for task in waiting:
                    task.in_doubt = task.in_doubt or (task.commanded and isinstance(error, Unanswered))
        if not all(task.done for task in tasks):
            raise self._not_reached(command, tasks, statuses, trouble)
        return tasks

    def _step(self, task: Task, command: str, statuses: Dict[str, Status]) -> None:
        status = statuses.get(task.name)
        if status is None:
            return
        task.notice(status, command)
        now = self._clock()
        arrived = task.commanded and not task.in_doubt
        action = next_action(command, status.status, arrived, self._accept, task.rose, status.ended is not None)
        if action in (DONE, FAILED):
            task.done, task.failed, task.ended = action == DONE, action == FAILED, now
        elif action == COMMAND and now < task.deadline and task.sent < SENDS:
            task.answer = self._backend.send(command, status)
            task.sent, task.rose, task.sent_at = task.sent + 1, False, self._clock()
            task.in_doubt = bool(self._backend.away())
            task.deadline = self._clock() + task.timeout
        elif command == START and arrived and not task.rose and self._unseen_start_timeout is not None and now - task.sent_at >= self._unseen_start_timeout:
            task.failed, task.unseen, task.ended = True, True, now

    def _not_reached(self, command: str, tasks: Sequence[Task], statuses: Mapping[str, Status], trouble: str) -> HostError:
        """Return the error; statuses: the last look, empty if it failed."""
        missed = [task for task in tasks if not task.done]
        what = {START: "Starting", STOP: "Stopping", STOP_GRACEFULLY: "Stopping gracefully"}[command]
        advice = self._backend.advise({task.name: task.last for task in missed})
        cure, obeying = " ".join(text for text in (advice.cure, LATE_STOPS.get(command)) if text), UP if command == START else ENDING + SUSPENSION
        if trouble:
            cure = f"The last look failed: {trouble} {cure}"
        return HostError(
            f"{what} failed: {'; '.join(_shortfall(task) for task in missed)}.",
            cure,
            applications=[
                dict(
                    {"name": task.name, "done": task.done, "statuses": task.seen, "commanded": task.commanded, "command": task.answer,
                     "unseen": task.unseen, "seconds": round((task.ended if task.done or task.failed else self._clock()) - task.began, 1)},
                    under_way=task.name in statuses and statuses[task.name].status in obeying,
                    **advice.facts.get(task.name, {}),
                )
                for task in tasks
            ],
        )


def _shortfall(task: Task) -> str:
    """Say of one application where it is instead."""
    way = f" (seen: {', '.join(task.seen)})" if len(task.seen) > 1 else ""
    name = f"'{task.name}'" + (f" on host '{task.host}'" if task.host else "")
    if not task.failed:
        return f"{name} is {task.seen[-1] if task.seen else 'not reported'} after {task.timeout:g} s{way}"
    if task.unseen:
        return f"{name} is still {task.seen[-1]} {task.ended - task.sent_at:.0f} s after the command{way}"
    how = task.last.ended if task.last is not None and task.last.ended else f"is {task.seen[-1]} again"
    return f"{name} {how} after {task.ended - task.began:.1f} s{way}"


def backend_for(params: Mapping[str, Any], wanted: Sequence[str], preview: Optional[Callable[[str], None]] = None) -> Backend:
    """Return who carries out the commands.

    Args:
        params: the options of application_control or application_status.
        wanted: the commands that will be used.
        preview: for systemd in check mode, see there.

    Raises:
        HostError: it can't be used here.
    """
    if params["control"] == SYSTEMD:
        return Systemd(params, wanted, preview)
    return Mlcmd(params, wanted)


def control(params: Mapping[str, Any], check_mode: bool, warn: Callable[[str], None]) -> Dict[str, Any]:
    """Bring applications into the wanted state.

    Args:
        params: the options of application_control.
        check_mode: look only, and predict.
        warn: for what can't be predicted for sure.

    Returns:
        The module's result.

    Raises:
        HostError: an option breaks a rule, the status cannot be read, or the state is not reached in time.
    """
    applications = params["applications"]
    _check_options(params)
    steps = STEPS[params["state"]]
    backend = backend_for(params, steps + (STATUS,), warn if check_mode else None)
    names = [application["name"] for application in applications]
    controller = Controller(backend, params["poll_interval"], params["accept_service_unavailable"], unseen_start_timeout=params.get("unseen_start_timeout"))
    before = controller.look_up(applications, _patience(params, PATIENCE_TO_CONTROL))
    _refuse_outsiders(backend, before)
    commanded = dict.fromkeys(names, False)
    seconds = dict.fromkeys(names, 0.0)
    after = dict(before)
    for step in steps:
        if check_mode:
            for name in names:
                status, will_command = _predict(step, after[name], params["accept_service_unavailable"])
                commanded[name] = commanded[name] or will_command
                after[name] = after[name]._replace(status=status, ended=None)
            continue
        for task in controller.bring(applications, step, after):
            commanded[task.name] = commanded[task.name] or task.commanded
            seconds[task.name] += task.ended - task.began
            after[task.name] = task.last or after[task.name]
    return {
        "changed": any(commanded.values()),
        "applications": [
            dict(as_dict(after[name]), before=before[name].status, commanded=commanded[name], seconds=round(seconds[name], 1)) for name in names
        ],
        "diff": {
            "before": {name: before[name].status for name in names},
            "after": {name: after[name].status for name in names},
        },
    }


def _predict(step: str, now: Status, accept_service_unavailable: bool) -> Tuple[str, bool]:
    """Return the status that a step leads to, and whether a command will be needed for it."""
    action = next_action(step, now.status, False, accept_service_unavailable, ended=now.ended is not None)
    if action == DONE:
        return now.status, False
    after_its_end = step == START and now.status in ENDING + SUSPENSION
    return RUNNING if step == START else STOPPED, action == COMMAND or after_its_end


def _refuse_outsiders(backend: Backend, statuses: Mapping[str, Status]) -> None:
    """Refuse to command an application that runs, but not under its unit: it would be started twice, or not be stopped."""
    outside = {name: status for name, status in statuses.items() if status.status == RUNNING_OUTSIDE_UNIT}
    if outside:
        advice = backend.advise(outside)
        raise HostError(f"applications: {', '.join(repr(name) for name in outside)} can't be controlled by systemd now.", advice.cure)


def patiently(
    backend: Backend,
    look: Callable[[], Dict[str, Status]],
    patience: float,
    interval: float,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Dict[str, Status]:
    """Return what a look returns, and look again if the back-end does not answer, as its servers may be away for a while.

    Args:
        backend: is asked whether they are. If they are there, the reason is another one, and time does not help.
        look: raises Unanswered if the back-end does not answer.
        patience: seconds for that.
        interval: seconds between two attempts.
        clock, sleep: of the module time; tests bring their own.

    Raises:
        Unanswered: by the last look, with the time that it took.
    """
    began, in_vain = clock(), 0
    while True:
        try:
            return look()
        except Unanswered as error:
            if patience <= 0:
                raise
            in_vain = in_vain + 1 if backend.away() is False else 0
            passed = clock() - began
            if passed >= patience or in_vain >= ATTEMPTS:
                raise Unanswered(f"{error.message} Tried for {passed:.0f} s.", error.cure, **error.facts) from None
        sleep(min(interval, patience - passed))


def _patience(params: Mapping[str, Any], default: float) -> float:
    given = params.get("patience")
    return default if given is None else float(given)


def look_up(backend: Backend, applications: Sequence[Mapping[str, Any]]) -> Dict[str, Status]:
    """Return the statuses of these applications.

    Raises:
        Unanswered: nothing is reported.
        HostError: one of them is not reported, or has another DBID than stated.
    """
    if not applications:
        return {}
    statuses = backend.statuses({application["name"]: application.get("dbid") for application in applications})
    for application in applications:
        status = statuses.get(application["name"])
        if status is None:
            raise backend.unknown(application["name"], len(statuses))
        if application.get("dbid") not in (None, status.dbid):
            raise HostError(f"applications: '{status.name}' has the DBID {status.dbid}, not {application['dbid']}.")
    return {application["name"]: statuses[application["name"]] for application in applications}


def as_dict(status: Status) -> Dict[str, Any]:
    """Return a status as modules return it."""
    return {"name": status.name, "dbid": status.dbid, "status": status.status, "run_mode": status.run_mode}


def read_statuses(params: Mapping[str, Any]) -> Dict[str, Any]:
    """Return the statuses of some or all applications.

    Args:
        params: the options of application_status.

    Raises:
        HostError: the status cannot be read, or an application is not reported.
    """
    backend = backend_for(params, (STATUS,))
    names = params["applications"]

    def look() -> Dict[str, Status]:
        return backend.statuses({}) if names is None else look_up(backend, [{"name": name} for name in names])

    found = patiently(backend, look, _patience(params, PATIENCE_TO_LOOK), POLL_INTERVAL)
    return {"changed": False, "applications": [as_dict(status) for status in found.values()]}


def _check_options(params: Mapping[str, Any]) -> None:
    names = [application["name"] for application in params["applications"]]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise HostError(f"applications: '{twice[0]}' is named twice.")
    if params["poll_interval"] <= 0 or params["timeout"] <= 0:
        raise HostError("poll_interval and timeout must be greater than 0.")
    for application in params["applications"]:
        for option in ("startup_timeout", "shutdown_timeout"):
            if application[option] <= 0:
                raise HostError(f"applications: {option} of '{application['name']}' must be greater than 0.")
