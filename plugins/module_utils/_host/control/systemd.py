# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Starting and stopping through systemd: its units in the words of Solution Control Server.

RUNNING means that the unit's processes live and listen at all of its ports. Whether the application can do its work is more
than that; systemd does not know it, so SERVICE_UNAVAILABLE is never reported.
"""

import contextlib
import os
import signal
from typing import Any, Callable, Dict, List, Mapping, Optional, Sequence

from ..system.errors import HostError
from ..system.listening import processes_of, silent_ports
from ..system.processes import running_processes
from ..system.systemctl import Systemctl, journal_hint
from .backend import START, STATUS, STOP_GRACEFULLY, Advice, Backend
from .status import INITIALIZING, RUNNING, START_PENDING, START_TRANSITION, STOP_TRANSITION, STOPPED, SUSPENDING, UNKNOWN, Status
from .unit_files import UNITS, list_units, read_unit
from .units import About, unit_name

# A process of the application that the unit has not started; Solution Control Server has no such state.
RUNNING_OUTSIDE_UNIT = "RUNNING_OUTSIDE_UNIT"

JOURNAL_LINES = 20
# Lines of the journal that a message shows.
SHOWN_LINES = 5


class Systemd(Backend):
    """The units of this host.

    Args:
        params: the options of application_control: timeout, graceful_signal, confserv_password.
        wanted: the commands that will be used.
        preview: None, or a function for warnings: an application without a unit then counts as stopped, since its unit may
            be one that check mode has not written.

    Raises:
        HostError: systemd does not run this host, we may not command it, or it has no such command.
    """

    # What TimeoutStopSec has left is killed, which takes a moment.
    spare = 10.0

    def __init__(self, params: Mapping[str, Any], wanted: Sequence[str], preview: Optional[Callable[[str], None]] = None) -> None:
        self._signal = _signal_number(params.get("graceful_signal"))
        if STOP_GRACEFULLY in wanted and self._signal is None:
            raise HostError(
                "state: systemd does not know how an application is asked to finish its work.",
                "Set graceful_signal to the signal that does this, if your product has one, or use state=stopped, which sends SIGTERM."
                " Solution Control Server has a graceful stop.",
            )
        secrets = (params.get("confserv_password") or "",)
        self._systemctl = Systemctl(params["timeout"], changes=preview is None and list(wanted) != [STATUS], secrets=secrets)
        self._preview = preview
        self._started: Dict[str, str] = {}
        self._suspended: List[str] = []

    def statuses(self, applications: Mapping[str, Optional[int]]) -> Dict[str, Status]:
        """Return the statuses of applications that have a unit, by name; without names those of all.

        Raises:
            HostError: systemd does not answer.
        """
        units = {name: read_unit(name) for name in applications} if applications else list_units()
        known = {name: about for name, about in units.items() if about is not None}
        shown = self._systemctl.show([unit_name(name) for name in known])
        found = {name: self._status(about, applications.get(name), properties) for (name, about), properties in zip(known.items(), shown)}
        if self._preview is not None:
            for name in applications:
                if name not in found:
                    self._preview(f"'{name}' has no unit of systemd yet; a run without check mode needs it.")
                    found[name] = Status(name, applications[name], STOPPED, None)
        return found

    def _status(self, about: About, dbid: Optional[int], properties: Mapping[str, str]) -> Status:
        name, active = about.application, properties["ActiveState"]
        ended = None
        if active == "active":
            status = SUSPENDING if name in self._suspended else INITIALIZING if silent_ports(unit_name(name), about.ports) else RUNNING
        elif active == "activating":
            resting = properties["SubState"] == "auto-restart"
            status, ended = (START_PENDING, how_it_ended(properties)) if resting else (START_TRANSITION, None)
        elif active == "deactivating":
            status = STOP_TRANSITION
        elif active in ("inactive", "failed"):
            place = properties["WorkingDirectory"]  # not known of a unit that systemd has not read
            status = RUNNING_OUTSIDE_UNIT if place and running_processes(place, name) else STOPPED
            ended = how_it_ended(properties) if active == "failed" else None
        else:
            status = UNKNOWN
        if name in self._started and (not self._started[name] or properties["InvocationID"] != self._started[name] or active != "active"):
            ended = ended or how_it_ended(properties)
        return Status(name, dbid, status, None, ended)

    def send(self, command: str, application: Status) -> Dict[str, Any]:
        """Give systemd a command, or the application its signal for a graceful stop."""
        unit = unit_name(application.name)
        self._started.pop(application.name, None)
        if command == STOP_GRACEFULLY and self._signal is not None:
            return self._suspend(unit, application.name, self._signal)
        if command != START:
            outcome = self._systemctl.call("stop", "--no-block", "--", unit)
            return {"exit_code": outcome.exit_code, "output": outcome.shown.splitlines()[:20]}
        self._systemctl.call("reset-failed", "--", unit)  # else former attempts count; refused if there is nothing to reset
        # systemd lets a unit that it is about to start again wait; restart does not.
        outcome = self._systemctl.call("start" if application.status == STOPPED else "restart", "--", unit)
        if not outcome.timed_out:
            self._started[application.name] = self._systemctl.show([unit])[0]["InvocationID"] if outcome.exit_code == 0 else ""
        return {"exit_code": outcome.exit_code, "output": outcome.shown.splitlines()[:20]}

    def _suspend(self, unit: str, name: str, request: signal.Signals) -> Dict[str, Any]:
        # Not the shell that waits for it: that would end first, and take it along.
        processes = set(running_processes(self._systemctl.show([unit])[0]["WorkingDirectory"], name))
        own = sorted(processes.intersection(processes_of(unit)))
        for process in own:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, request)
        if own:
            self._suspended.append(name)
        return {"exit_code": None, "output": [f"{request.name} to {', '.join(str(process) for process in own) or 'no process'}"]}

    def unknown(self, name: str, known: int) -> HostError:
        """Return the error for an application that has no unit of ours."""
        return HostError(
            f"applications: this host has no unit of systemd for '{name}' that this collection wrote ({os.path.join(UNITS, unit_name(name))}).",
            "The module application_unit writes it, or the role application with genesys_control=systemd."
            " The name must be written as in the Configuration Server.",
        )

    def advise(self, statuses: Mapping[str, Optional[Status]]) -> Advice:
        """Return the last words of the units, and which ports are silent."""
        facts: Dict[str, Dict[str, Any]] = {}
        sentences = []
        for name, status in statuses.items():
            unit, about = unit_name(name), read_unit(name)
            lines = self._systemctl.journal(unit, self._started.get(name, ""), JOURNAL_LINES)
            silent = silent_ports(unit, about.ports) if about is not None and status is not None and status.status == INITIALIZING else []
            facts[name] = {"unit": unit, "ended": status.ended if status else None, "journal": lines, "silent_ports": silent}
            if status is not None and status.status == RUNNING_OUTSIDE_UNIT:
                sentences.append(
                    f"A process of '{name}' was not started by its unit but otherwise, for example by Solution Control Server: stop it there first."
                )
                continue
            if silent:
                sentences.append(f"'{name}' does not listen at its ports {', '.join(silent)}.")
            if lines:
                sentences.append("The journal ends with: " + " / ".join(lines[-SHOWN_LINES:]))
            sentences.append(f"On this host, {journal_hint(unit)} shows more, and so does the log of the application.")
        return Advice(" ".join(sentences), facts)


def how_it_ended(properties: Mapping[str, str]) -> str:
    """Say how the last process of a unit ended, as far as systemd still knows."""
    code, status = properties["ExecMainCode"], properties["ExecMainStatus"]
    if properties["ActiveState"] == "active":
        return "ended, and systemd has started it again"
    if properties["Result"] not in ("success", "exit-code", "signal", "core-dump", "start-limit-hit"):
        return f"failed (systemd: {properties['Result']})"
    if code == "1":
        by_signal = int(status) - 128 if status.isdigit() and 128 < int(status) <= 128 + 64 else 0
        return f"ended with exit code {status}" + (f" (of its shell: signal {by_signal})" if by_signal else "")
    if code in ("2", "3"):
        return f"was ended by signal {status}"
    return "ended"


def _signal_number(name: Optional[str]) -> Optional[signal.Signals]:
    if name is None:
        return None
    try:
        return signal.Signals[name]
    except KeyError:
        raise HostError(f"graceful_signal: '{name}' is not a signal; write it like SIGUSR1.") from None
