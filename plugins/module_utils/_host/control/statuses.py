# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The statuses of applications: asked for, and asked for again while whoever knows them is away for a moment."""

import time
from typing import Any, Callable, Dict, Mapping, Optional, Sequence

from ..system.errors import HostError
from .backend import STATUS, SYSTEMD, Backend, Unanswered
from .mlcmd import Mlcmd
from .status import Status
from .systemd import Systemd

#: Seconds that a first answer may take, if the option patience is not set: who is going to command, and who only looks.
PATIENCE_TO_CONTROL, PATIENCE_TO_LOOK = 30.0, 0.0

#: Seconds between two looks where there is no option for it.
POLL_INTERVAL = 1.0

# So often in a row may mlcmd find nothing out although its servers take connections, as they do when they have just come back. More
# attempts would lock out a user whose password is wrong.
ATTEMPTS = 3


def backend_for(params: Mapping[str, Any], wanted: Sequence[str], preview: Optional[Callable[[str], None]] = None) -> Backend:
    """Return who carries out the commands.

    Args:
        params: the options of application_control or application_status_info.
        wanted: the commands that will be used.
        preview: for systemd in check mode, see there.

    Raises:
        HostError: it can't be used here.
    """
    if params["control"] == SYSTEMD:
        return Systemd(params, wanted, preview)
    return Mlcmd(params, wanted)


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


def patience(params: Mapping[str, Any], default: float) -> float:
    """Return the seconds that a first answer may take: option ``patience``, or the default if it is not set."""
    seconds = params.get("patience")
    return default if seconds is None else float(seconds)


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
        params: the options of application_status_info.

    Raises:
        HostError: the status cannot be read, or an application is not reported.
    """
    backend = backend_for(params, (STATUS,))
    names = params["applications"]

    def look() -> Dict[str, Status]:
        return backend.statuses({}) if names is None else look_up(backend, [{"name": name} for name in names])

    found = patiently(backend, look, patience(params, PATIENCE_TO_LOOK), POLL_INTERVAL)
    return {"changed": False, "applications": [as_dict(status) for status in found.values()]}
