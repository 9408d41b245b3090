# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One run of install.sh, and the verdict on it (Source: IP: command line and return code)."""

from typing import Any, Dict, NamedTuple, Optional

from ..product.backups import wait_for_free_name
from ..product.description import Description
from ..product.installed import backups, examine, fingerprint
from ..product.marker import Marker
from ..product.workspace import Workspace
from ..recover.recovery import inodes
from ..system.errors import HostError
from ..system.process import Outcome, last_lines, run
from .cures import cure_for, cure_for_silence
from .request import Request
from .response_file import render, write_private
from .result_log import ResultLog, read_result_log

OUTPUT_LINES = 20


class Verdict(NamedTuple):
    """Why an installation does not count as successful, and what to do about it."""

    reason: str
    cure: str


def run_installer(
    request: Request, package: Description, directory: str, workspace: Workspace, marker: Marker
) -> Optional[str]:
    """Install a package and make sure that it is installed.

    Args:
        request: what is wanted.
        package: the package's description.
        directory: where install.sh is.
        workspace: for response file and result log; new, so that no older log can be taken for ours.
        marker: held by us; removed here only when the installer has touched nothing.

    Returns:
        The directory to which the installer has moved the former content, None if there was none.

    Raises:
        HostError: the installation failed; its ``failure`` tells what state it has left.
    """
    wait_for_free_name(request.path)
    before = fingerprint(request.path)
    old_backups = backups(request.path)
    marker.write({
        "application": request.application,
        "nickname": package.nickname,
        "version": package.version,
        "build": package.build,
        "workspace": workspace.directory,
        "entries": inodes(request.path),  # to put together what an interrupted installer has moved in part
    })
    # After the marker: should we be killed, the next run knows where a response file with a password may lie.
    write_private(workspace.response_file, render(request.answers), request.account)
    complete = False
    try:
        outcome = run(
            ["./install.sh", "-s", "-fr", workspace.response_file, "-fl", workspace.result_log],
            timeout=request.timeout,
            directory=directory,
            account=request.account,
            keep_open=[marker.descriptor],
            secrets=request.secrets,
        )
        log = read_result_log(workspace.result_log, request.secrets)
        verdict = _judge(request, package, outcome, log)
        new_backups = [path for path in backups(request.path) if path not in old_backups]
        backup = new_backups[-1] if new_backups else None
        if verdict is not None:
            untouched = fingerprint(request.path) == before
            raise _error(request, package, verdict, untouched, backup, _evidence(request, outcome, log))
        complete = True
        return backup
    finally:
        if not complete and marker.left is None and fingerprint(request.path) == before:
            marker.remove()


def _judge(request: Request, package: Description, outcome: Outcome, log: Optional[ResultLog]) -> Optional[Verdict]:
    """Return None for a success: exit code 0, a log that says so about this package, and its files in place."""
    if outcome.timed_out:
        return Verdict(f"install.sh did not end within {request.timeout} s and was ended", "Find out what it waits for, or raise timeout.")
    if log is None or log.code is None:
        said = last_lines(outcome.shown, 1)
        return Verdict(
            f"install.sh ended with exit code {outcome.exit_code} and wrote {'no result log' if log is None else 'a result log without a result'}"
            + (f"; it said: {said[0].strip()}" if said else ""),
            cure_for_silence(outcome.exit_code, outcome.output, begun=log is not None),
        )
    if log.code != 0:
        error = log.error or "the result log names no error"
        return Verdict(log.shown_error or error, cure_for(error))
    if outcome.exit_code != 0:
        return Verdict(f"install.sh ended with exit code {outcome.exit_code} although its result log says success", "Its last output is in failure.output.")
    if (log.version, log.build) != (package.version, package.build):
        return Verdict(f"the result log is about {log.shown_version}", "Fetch the package again.")
    after = examine(request.path, request.application, request.start_script, ignore_marker=True)
    if after.description is None or str(after.description) != str(package):
        return Verdict(f"{request.path} holds {after.description or 'no package'} afterwards", "Check the option path and the package.")
    if after.start_script is None:
        return Verdict(f"the start script {request.start_script} is missing", "If the product has another one, name it with start_script.")
    if after.start_script.application != request.application:
        return Verdict(
            f"the start script is for the application '{after.start_script.application}', not for '{request.application}'",
            "The installer prefers the only application of the product's type on the host; check the applications' hosts.",
        )
    return None


def _evidence(request: Request, outcome: Outcome, log: Optional[ResultLog]) -> Dict[str, Any]:
    return {
        "exit_code": outcome.exit_code,
        "result_code": log.code if log else None,
        "error": log.shown_error if log else None,
        "output": last_lines(outcome.shown, OUTPUT_LINES),
    }


def _error(
    request: Request, package: Description, verdict: Verdict, untouched: bool, backup: Optional[str], evidence: Dict[str, Any]
) -> HostError:
    if untouched:
        state = f"Nothing was changed in {request.path}."
    else:
        state = f"{request.path} is incomplete" + (f", its former content is in {backup}" if backup else "") + "; the next run installs again"
        state += ", genesys_engage.chat.package_rollback goes back." if backup else "."
    return HostError(
        f"Installation of {package} into {request.path} failed: {verdict.reason.rstrip('.')}. {state}",
        verdict.cure,
        target="untouched" if untouched else "incomplete",
        backup=backup,
        **evidence,
    )
