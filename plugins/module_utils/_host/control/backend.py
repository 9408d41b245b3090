# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What carries out the commands for applications: Solution Control Server (mlcmd.py) or systemd (systemd.py)."""

from typing import Any, Dict, Mapping, NamedTuple, Optional

from ..system.errors import HostError
from .status import Status

START = "start"
STOP = "stop"
STOP_GRACEFULLY = "stop_gracefully"
STATUS = "status"

# Values of option control.
SOLUTION_CONTROL_SERVER = "solution_control_server"
SYSTEMD = "systemd"


class Unanswered(HostError):
    """Nothing was told of any application; most likely a server is away, and may return."""


class Advice(NamedTuple):
    """What helps a user with applications that did not get where they should: a sentence, and data for each application."""

    cure: str
    facts: Dict[str, Dict[str, Any]]


class Backend:
    """The interface between decisions (applications.py, transition.py) and those who carry them out.

    ``spare``: seconds that a stop may take longer than the application's own time, since only then it is ended by force.
    """

    spare = 0.0

    def statuses(self, applications: Mapping[str, Optional[int]]) -> Dict[str, Status]:
        """Return the statuses by name; an application that is not known is missing in it.

        Args:
            applications: names with their DBIDs, as far as known; none at all asks for every application.

        Raises:
            HostError: nothing can be found out.
        """
        raise NotImplementedError

    def send(self, command: str, application: Status) -> Dict[str, Any]:
        """Give a command for one application; whether it was obeyed, only the status tells.

        Returns:
            Exit code and output, to be shown if the status does not follow.
        """
        raise NotImplementedError

    def away(self) -> Optional[bool]:
        """Return whether a server that this needs takes no connections at the moment; None if that is not known."""
        return False

    def unknown(self, name: str, known: int) -> HostError:
        """Return the error for an application without a status.

        Args:
            name: the application.
            known: how many others have one.
        """
        raise NotImplementedError

    def advise(self, statuses: Mapping[str, Optional[Status]]) -> Advice:
        """Return advice on applications that did not get where they should, with the status that each was seen in last."""
        raise NotImplementedError
