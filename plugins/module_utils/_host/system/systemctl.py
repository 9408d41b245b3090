# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""systemctl and journalctl: commands to systemd, and what it tells of its units."""

import os
import shlex
from typing import Dict, List, Sequence

from .errors import HostError
from .process import Outcome, run

# systemd has it on every host that it runs, and only there.
RUNTIME_DIRECTORY = "/run/systemd/system"

PROPERTIES = ("LoadState", "ActiveState", "SubState", "Result", "InvocationID", "ExecMainCode", "ExecMainStatus", "ControlGroup",
              "WorkingDirectory", "FragmentPath", "UnitFileState", "NeedDaemonReload")  # fmt: skip


class Systemctl:
    """The client of systemd.

    Args:
        timeout: seconds that one call may take.
        changes: whether units are going to be changed, started or stopped, which only root may.
        secrets: what a journal may repeat.

    Raises:
        HostError: systemd does not run this host, or we may not do that.
    """

    def __init__(self, timeout: float, changes: bool, secrets: Sequence[str] = ()) -> None:
        if not os.path.isdir(RUNTIME_DIRECTORY):
            raise HostError("This host is not run by systemd.", "Use Solution Control Server (control=solution_control_server).")
        if changes and os.geteuid() != 0:
            raise HostError("Only root may change, start and stop units of systemd.", "Use become.")
        self._timeout = timeout
        self._secrets = secrets

    def call(self, *arguments: str) -> Outcome:
        """Run systemctl, whatever comes of it."""
        return run(["systemctl", "--no-pager", "--no-ask-password", *arguments], timeout=self._timeout, secrets=self._secrets)

    def do(self, verb: str, *units: str) -> None:
        """Run a command that must succeed.

        Raises:
            HostError: with what systemctl said.
        """
        outcome = self.call(verb, "--", *units) if units else self.call(verb)
        if outcome.exit_code != 0:
            raise self._failed(verb, outcome)

    def show(self, units: Sequence[str]) -> List[Dict[str, str]]:
        """Return properties of units, in their order; a unit that does not exist has some too.

        Raises:
            HostError: systemd does not answer.
        """
        if not units:
            return []
        outcome = self.call("show", "--property", ",".join(PROPERTIES), "--", *units)
        blocks = [block for block in outcome.output.strip("\n").split("\n\n") if block]
        if outcome.exit_code != 0 or len(blocks) != len(units):
            raise self._failed("show", outcome)
        return [dict(line.split("=", 1) for line in block.splitlines() if "=" in line) for block in blocks]

    def journal(self, unit: str, invocation: str, count: int) -> List[str]:
        """Return the last lines of the journal about a unit; with an invocation only those of that start."""
        about = [f"_SYSTEMD_INVOCATION_ID={invocation}", "+", f"INVOCATION_ID={invocation}"] if invocation else ["--unit", unit]
        outcome = run(["journalctl", "--no-pager", "--quiet", "--output", "cat", "--lines", str(count), *about], timeout=self._timeout, secrets=self._secrets)
        return outcome.shown.splitlines() if outcome.exit_code == 0 else []

    def _failed(self, verb: str, outcome: Outcome) -> HostError:
        lines = outcome.shown.strip().splitlines()[:10]
        reason = f"systemd did not answer within {self._timeout:g} s" if outcome.timed_out else " / ".join(lines) or f"exit code {outcome.exit_code}"
        return HostError(f"systemctl {verb} failed: {reason}", "", exit_code=outcome.exit_code, output=lines)


def journal_hint(unit: str) -> str:
    """Return the command that shows a unit's journal, as a user would type it."""
    return f"journalctl -u {shlex.quote(unit)}"
