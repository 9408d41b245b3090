# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One command for many applications, and the wait until each is where the command leads.

Only a polled status counts as success: commands are answered before anything has happened, and an application may pass
through several states on its way (Source: MLCMD). The decisions are the same whoever carries them out: see backend.py.
"""

import time
from typing import Any, Callable, Dict, List, Mapping, Optional, Sequence

from ..system.errors import HostError
from .backend import START, STOP, STOP_GRACEFULLY, Backend, Unanswered
from .status import ENDING, RUNNING, SERVICE_UNAVAILABLE, STOPPED, SUSPENSION, UP, Status
from .statuses import look_up, patiently

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


#: What to do about applications that have gone from the statuses.
RENAMED = "See under which name it is there now and whether it runs, and name it so in the description."


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
        self.reported = True
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
                for task in waiting:
                    task.reported = task.name in statuses
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
        late = LATE_STOPS.get(command) if any(task.reported for task in missed) else RENAMED
        cure, obeying = " ".join(text for text in (advice.cure, late) if text), UP if command == START else ENDING + SUSPENSION
        if trouble:
            cure = f"The last look failed: {trouble} {cure}"
        return HostError(
            f"{what} failed: {'; '.join(_shortfall(task) for task in missed)}.",
            cure,
            applications=[
                dict(
                    {"name": task.name, "done": task.done, "statuses": task.seen, "commanded": task.commanded, "command": task.answer,
                     "unseen": task.unseen, "text": "" if task.done else _shortfall(task),
                     "seconds": round((task.ended if task.done or task.failed else self._clock()) - task.began, 1)},
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
    if not task.reported:
        # By its last status it would seem to be there.
        return f"{name} is not reported any more, after {task.timeout:g} s{way}: somebody has most likely renamed or removed the application object meanwhile"
    if not task.failed:
        return f"{name} is {task.seen[-1] if task.seen else 'not reported'} after {task.timeout:g} s{way}"
    if task.unseen:
        return f"{name} is still {task.seen[-1]} {task.ended - task.sent_at:.0f} s after the command{way}"
    how = task.last.ended if task.last is not None and task.last.ended else f"is {task.seen[-1]} again"
    return f"{name} {how} after {task.ended - task.began:.1f} s{way}"
