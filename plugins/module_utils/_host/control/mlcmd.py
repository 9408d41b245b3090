# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""mlcmd, the command-line client of Solution Control Server (Source: MLCMD).

Known in full are only the login switches and ``-getallappstatus``. The others are read from ``mlcmd -help``; its exit
codes are not documented and decide nothing.
"""

import re
from typing import Any, Dict, Iterable, List, Mapping, Optional

from ..._common.masking import mask
from ..._common.text import printable
from ..system.errors import HostError
from ..system.password import check_for_command
from ..system.ports import answers
from ..system.process import Outcome, last_lines, run
from .backend import START, STATUS, STOP, STOP_GRACEFULLY, Advice, Backend, Unanswered
from .status import UNKNOWN, Status, parse_statuses

# What a switch's letters must and must not contain.
_PATTERNS = {
    START: (("start", "app"), ("restart", "all", "stop")),
    STOP: (("stop", "app"), ("grace", "all", "start")),
    STOP_GRACEFULLY: (("stop", "app", "grace"), ("all",)),
    STATUS: (("all", "app", "status"), ()),
}


def find_switches(help_text: str, wanted: Iterable[str], secrets: Iterable[str] = ()) -> Dict[str, str]:
    """Find the switches for some commands in the text of ``mlcmd -help``.

    Args:
        help_text: the text.
        wanted: commands, keys of option ``commands``.
        secrets: not to be shown if the text repeats them.

    Raises:
        HostError: the text names none, or several that fit; it says which option to set.
    """
    words = sorted(set(re.findall(r"(?<![\w-])--?[A-Za-z][\w-]*", help_text)))
    switches = {}
    for command in wanted:
        needed, excluded = _PATTERNS[command]
        fitting = [
            word for word in words
            if all(part in word.lower() for part in needed) and not any(part in word.lower() for part in excluded)
        ]
        if len(fitting) != 1:
            found = f"names several switches that fit ({', '.join(fitting)})" if fitting else "names none that fits"
            raise HostError(
                f"mlcmd: the help of this version {found} for the command '{command}'.",
                f"Set commands.{command} to the right one.",
                help=last_lines(mask(help_text, secrets), 60),
            )
        switches[command] = fitting[0]
    return switches


class Mlcmd(Backend):
    """mlcmd with its login.

    Args:
        params: the options of application_control: mlcmd, confserv_*, scs_*, client_application, commands, timeout.
        wanted: the commands that will be used.
    """

    def __init__(self, params: Mapping[str, Any], wanted: Iterable[str]) -> None:
        self._path = params["mlcmd"]
        self._timeout = params["timeout"]
        check_for_command(params["confserv_password"])
        self._secrets = (params["confserv_password"],)
        self._login = [
            "-cshost", params["confserv_host"], "-csport", str(params["confserv_port"]),
            "-csuser", params["confserv_username"], "-cspassword", params["confserv_password"],
            "-csappname", params["client_application"],
        ]  # fmt: skip
        for switch, value in (("-scshost", params["scs_host"]), ("-scsport", params["scs_port"])):
            if value is not None:
                self._login += [switch, str(value)]
        servers = [(params["confserv_host"], params["confserv_port"]), (params["scs_host"], params["scs_port"])]
        self._servers = [(host, port) for host, port in servers if host and port]
        self._all_known = len(self._servers) == len(servers)
        overridden = params.get("commands") or {}
        self._commands = {command: overridden[command] for command in wanted if overridden.get(command)}
        self._unknown = [command for command in wanted if command not in self._commands]

    def statuses(self, applications: Mapping[str, Optional[int]]) -> Dict[str, Status]:
        """Ask for the statuses of all applications, by name.

        Args:
            applications: names with their DBIDs, as far as known; they are asked for one by one if the status command has
                a place for a name or DBID.

        Raises:
            Unanswered: the answer holds no status; most likely the login or the connection failed.
            HostError: mlcmd cannot be run, or its help does not name a command that is wanted.
        """
        self._learn()
        words = self._commands[STATUS].split()
        if any("{name}" in word or "{dbid}" in word for word in words):
            outcomes = [self._run(self._login + _fill(words, name, dbid)) for name, dbid in applications.items()]
        else:
            outcomes = [self._run(self._login + words)]
        found: Dict[str, Status] = {}
        for outcome in outcomes:
            found.update(parse_statuses(printable(outcome.output)))
        if outcomes and not found:
            raise self._unanswered("reported no application", outcomes[0])
        return found

    def _learn(self) -> None:
        """Find the switches that option commands does not give, once, before any command is."""
        if self._unknown:
            outcome = self._run(["-help"])
            if outcome.timed_out or not outcome.output.strip():
                raise self._unanswered("-help shows nothing", outcome)
            self._commands.update(find_switches(outcome.output, self._unknown, self._secrets))
            self._unknown = []

    def send(self, command: str, application: Status) -> Dict[str, Any]:
        """Give a command for one application; whether it was obeyed, only the status tells.

        Returns:
            Exit code and output, to be shown if the status does not follow.
        """
        words = self._commands[command].split()
        if not any("{name}" in word or "{dbid}" in word for word in words):
            words.append("{dbid}")
        outcome = self._run(self._login + _fill(words, application.name, application.dbid))
        return {"exit_code": outcome.exit_code, "output": _first_lines(outcome)}

    def away(self) -> Optional[bool]:
        """Return whether the Configuration Server or Solution Control Server takes no connection; None if the latter's address was not given."""
        try:
            if not all(answers(host, port) for host, port in self._servers):
                return True
        except (UnicodeError, OverflowError):
            return None  # no such address or port can be; mlcmd says what it thinks of it
        return False if self._all_known else None

    def unknown(self, name: str, known: int) -> HostError:
        """Return the error for an application that mlcmd does not report."""
        return HostError(
            f"applications: mlcmd reports {known} applications, but none with the name '{name}'.",
            "The name must be written as in the Configuration Server, and the application must have a host.",
        )

    def advise(self, statuses: Mapping[str, Optional[Status]]) -> Advice:
        """Return where to look."""
        cure = "See the log of the application, on its host in its working directory unless its [log] options say otherwise."
        if any(status is not None and status.status == UNKNOWN for status in statuses.values()):
            cure = "UNKNOWN means that Solution Control Server has no connection to the Local Control Agent of the application's host. " + cure
        return Advice(cure, {})

    def _run(self, arguments: List[str]) -> Outcome:
        try:
            return run([self._path] + arguments, timeout=self._timeout, secrets=self._secrets)
        except HostError as error:
            raise HostError(
                f"mlcmd: {error.message}", "Set mlcmd, mlcmd_path in the playbooks, to its path on the host that this task runs on, and let its user run it."
            ) from None

    def _unanswered(self, what: str, outcome: Outcome) -> Unanswered:
        lines = _first_lines(outcome)
        if outcome.timed_out:
            reason = f"did not answer within {self._timeout} s"
        else:
            reason = f"{what}: " + (" / ".join(lines[:5]) if lines else f"it printed nothing and ended with exit code {outcome.exit_code}")
        return Unanswered(
            f"mlcmd {reason}.",
            "Check confserv_* (host, port, username, password), client_application, scs_* and that Solution Control Server is running.",
            exit_code=outcome.exit_code,
            output=lines,
        )


def _first_lines(outcome: Outcome) -> List[str]:
    return outcome.shown.strip().splitlines()[:20]


def _fill(words: List[str], name: str, dbid: Optional[int]) -> List[str]:
    if dbid is None and any("{dbid}" in word for word in words):
        raise HostError(f"mlcmd: the DBID of '{name}' is not known.", "Give the DBID, or use {name} in the option commands if this version takes names.")
    return [word.replace("{name}", name).replace("{dbid}", str(dbid)) for word in words]
