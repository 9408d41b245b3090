# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bringing applications into a state: what the modules that start and stop ask for, step by step, or predicted."""

from typing import Any, Callable, Dict, List, Mapping, Sequence, Tuple

from ..system.errors import HostError
from .backend import START, STATUS, STOP, STOP_GRACEFULLY, Backend
from .status import ENDING, RUNNING, STOPPED, SUSPENSION, Status
from .statuses import PATIENCE_TO_CONTROL, as_dict, backend_for, patience
from .systemd import RUNNING_OUTSIDE_UNIT
from .transition import COMMAND, DONE, Controller, next_action

# Steps of option state, each with the option that bounds it.
STEPS = {
    "started": (START,),
    "stopped": (STOP,),
    "stopped_gracefully": (STOP_GRACEFULLY,),
    "restarted": (STOP, START),
}


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
    before = controller.look_up(applications, patience(params, PATIENCE_TO_CONTROL))
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
        fresh = True
        for stage in _stages(applications, step):
            if not fresh:
                after.update(controller.look_up(stage, patience(params, PATIENCE_TO_CONTROL)))
            for task in controller.bring(stage, step, after):
                commanded[task.name] = commanded[task.name] or task.commanded
                seconds[task.name] += task.ended - task.began
                after[task.name] = task.last or after[task.name]
                fresh = fresh and not task.commanded
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


def _stages(applications: Sequence[Mapping[str, Any]], step: str) -> List[List[Mapping[str, Any]]]:
    """Return the applications in groups, in the order in which these are started; whatever is stopped is stopped together."""
    if step != START:
        return [list(applications)]
    numbers = sorted({application.get("stage") or 0 for application in applications})
    return [[application for application in applications if (application.get("stage") or 0) == number] for number in numbers]


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
