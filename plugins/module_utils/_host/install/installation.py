# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An installation from beginning to end: compare, check, install, and say what is there then."""

import os
from typing import Any, Callable, Dict, List, Mapping, NamedTuple, Optional

from ..._common.text import printable
from ..product.archive import inspect
from ..product.backups import Backup, excess, find_backups, half_removed, newest_good, remove_backups
from ..product.description import Description
from ..product.installed import Installed, examine, state_text
from ..product.marker import TIDYING, Marker, check_marker, hold_marker, read_marker, unfinished
from ..product.package import WIZARD_FILE, Contents, closed_files, describe, measure, provide
from ..product.workspace import Workspace, hand_over, private_workspace, remove_leftover
from ..recover.recovery import forget_rejection, inodes, old_content_places, recover
from ..system.accounts import act_as
from ..system.errors import HostError, on_host, unexpected
from ..system.password import check_for_installer
from ..system.process import clean_up_on_signals
from ..system.processes import running_processes
from .carry_over import NOTHING, Selection, copy, select, size
from .installer import run_installer
from .machine import WORKING_COPIES, Need, check_executable, check_loader, check_operating_system, check_space
from .preconditions import check_application, check_product, check_purpose, check_replacement
from .request import Request, read_request
from .target import check_target, prepared_directories

Result = Dict[str, Any]


class Housekeeping(NamedTuple):
    """What is done beside the installer: files carried over into the new installation, backups that go (newest first)."""

    selection: Selection
    superfluous: List[Backup]


NO_HOUSEKEEPING = Housekeeping(NOTHING, [])


def install(params: Mapping[str, Any], check_mode: bool, module_directory: Callable[[], str], warn: Callable[[str], None]) -> Result:
    """Make sure that a package is installed.

    Args:
        params: the options of installation_package.
        check_mode: check everything, change nothing.
        module_directory: gives the module's temporary directory.
        warn: takes warnings.

    Returns:
        The module's result.

    Raises:
        HostError: the request cannot be carried out, or the installation failed.
    """
    with on_host(params["host_name"], "Installation"):
        return _install_or_predict(read_request(params, module_directory), check_mode, warn)


def _install_or_predict(request: Request, check_mode: bool, warn: Callable[[str], None]) -> Result:
    check_marker(request.path)
    package = describe(request.src)
    check_product(package, request.nickname)
    before = examine(request.path, request.application, request.start_script)
    if before.holds(package):
        return _tidy_up(request, package, before, check_mode)
    _check_request(request, package, before)
    _warn_of_move(request, warn)
    running = _check_stopped(request, check_mode)
    with clean_up_on_signals(), private_workspace(request.temp_path) as workspace:
        directory = _provide(request, package, workspace)
        housekeeping = _check_host(request, package, measure(directory), before)
        if check_mode:
            return dict(_result(request, package, before, None, housekeeping), running=running, reason=_reason(request.application, package, before))
        return _install(request, package, directory, workspace, before)


def _reason(application: str, package: Description, before: Installed) -> str:
    """Say why a package would be installed over what is there."""
    if before.complete:
        return f"'{application}': {package} would take the place of {before.description}"
    return printable(f"'{application}': {package} would be installed, since {before.path} does not hold a complete installation ({'; '.join(before.flaws)})")


def _install(request: Request, package: Description, directory: str, workspace: Workspace, before: Installed) -> Result:
    with prepared_directories(request.path, request.account, request.install_roots), hold_marker(request.path) as marker:
        left = marker.left
        if left is not None:
            remove_leftover(left.get("workspace"))
            recover(request.path, marker, request.account)
        if marker.left is None:
            now = examine(request.path, request.application, request.start_script, ignore_marker=True)
            if now.holds(package):  # somebody else has done it between our first look and the lock, or the recovery has
                marker.remove()
                return _result(request, package, now if left is None else before, now)
            _check_again(request, package, now, marker)
        backup = run_installer(request, package, directory, workspace, marker)
        selection = _carry_over(request, package)
        forget_rejection(request.path, request.account)
        os.sync()  # the marker goes only when the product is on disk, should the power fail
        marker.write(TIDYING)
        superfluous = excess(_backups(request), request.keep_backups)
        _remove(request, superfluous)
        marker.remove()
    after = examine(request.path, request.application, request.start_script)
    return _result(request, package, before, after, Housekeeping(selection, superfluous), backup)


def _check_again(request: Request, package: Description, now: Installed, marker: Marker) -> None:
    """The recovery may have brought back a release that may not be replaced by this one."""
    try:
        check_replacement(package, now, request.allow_downgrade, request.application)
    except HostError:
        marker.remove()
        raise


def _tidy_up(request: Request, package: Description, installed: Installed, check_mode: bool) -> Result:
    """Remove the backups that are too many although nothing is to be installed, and what an interrupted removal has left."""
    superfluous = excess(_backups(request), request.keep_backups)
    dirty = bool(superfluous or half_removed(request.path))
    if (dirty or read_marker(request.path) is not None) and not check_mode:
        with hold_marker(request.path) as marker:
            marker.write(TIDYING)
            _remove(request, superfluous)
            marker.remove()
    return dict(_result(request, package, installed, installed, Housekeeping(NOTHING, superfluous)), changed=dirty)


def _backups(request: Request) -> List[Backup]:
    return find_backups(request.path, request.application, request.start_script)


def _remove(request: Request, superfluous: List[Backup]) -> None:
    try:
        remove_backups(request.path, superfluous, request.account)
    except OSError as error:
        raise HostError(unexpected("keep_backups: the product is installed, but the removal of old backups", error)) from None


def _carry_over(request: Request, package: Description) -> Selection:
    source = newest_good(_backups(request), package.nickname)
    if source is None:
        return NOTHING
    selection = select(
        source.path, request.carry_over, request.account, lambda path: os.path.lexists(os.path.join(request.path, path))
    )
    try:
        copy(source.path, request.path, selection, request.account)
    except OSError as error:
        raise HostError(
            unexpected(f"carry_over: copying from {source.path} into {request.path}", error), "Correct the cause; the next run installs again."
        ) from None
    return selection


def _check_request(request: Request, package: Description, before: Installed) -> None:
    check_purpose(package, request.application, request.facts)
    check_replacement(package, before, request.allow_downgrade, request.application)
    check_application(package, request.application, request.facts, request.host_name, before)
    check_for_installer(request.answers["ConfigServer"]["Password"])
    if not request.accept_license:
        raise HostError(
            f"accept_license: the licence agreement of {package} is not accepted, and without that it cannot be installed.",
            "Read ip/genesys_license_agreement.txt in the package, then set accept_license.",
        )
    license_file = request.license.file if request.license else None
    if license_file and not act_as(request.account, lambda: os.path.isfile(license_file) and os.access(license_file, os.R_OK)):
        raise HostError(f"license: the file {license_file} is not on this host or cannot be read.", "Put it there, readable for the user of the installation.")
    if not request.skip_os_check:
        check_operating_system(package)


def _warn_of_move(request: Request, warn: Callable[[str], None]) -> None:
    configured = ((request.facts or {}).get("application") or {}).get("working_directory") or ""
    if configured.startswith("/") and configured.rstrip("/") != request.path:
        warn(printable(
            f"'{request.application}' has been started from {configured} so far; that directory stays as it is, and {request.path} takes its place."
        ))


def _check_stopped(request: Request, check_mode: bool) -> List[int]:
    """The installer moves the files of a running server away from under it; return its processes, which only check mode survives."""
    processes = running_processes(request.path, request.application)
    if processes:
        text = f"'{request.application}' is running in {request.path} (process {', '.join(map(str, processes))})."
        if not check_mode:
            raise HostError(text, "Stop it first, for example with genesys_engage.chat.application_control.")
    return processes


def _provide(request: Request, package: Description, workspace: Workspace) -> str:
    """Return the package's directory, from which the user can run install.sh."""
    if not os.path.isdir(request.src):
        check_executable(workspace.directory, "Choose another directory with temp_path.")
        check_space([Need(workspace.directory, inspect(request.src).size, "the unpacked archive")])
    directory = provide(request.src, workspace.package, request.account)
    if describe(directory) != package:
        raise HostError(f"src: {request.src} holds several descriptions: {package} and {describe(directory)}.", "Fetch the package again.")
    hand_over(workspace, request.account)
    check_executable(directory, "Copy the package to another directory, or give src as an archive.")
    closed = act_as(request.account, lambda: closed_files(directory))
    if closed:
        raise HostError(
            f"src: the user of the installation cannot read or run {', '.join(closed)} in {directory}.",
            "Make them readable and install.sh executable; with option user, the whole way to them must be open to that user (see temp_path).",
        )
    if os.path.exists(os.path.join(directory, WIZARD_FILE)) and not request.allow_gctisetup:
        raise HostError(
            f"src: the package holds {WIZARD_FILE}, a wizard's file that overrides the login and the application of the response file.",
            "Remove it from the package, or set allow_gctisetup.",
        )
    return directory


def _check_host(request: Request, package: Description, contents: Contents, before: Installed) -> Housekeeping:
    """What the installer would find out only after it has moved the old files away; return what will be done beside it."""
    check_target(request.path, contents.directory, request.account, unfinished(request.path) is not None)
    check_executable(WORKING_COPIES, "The installer always works there: mount it with exec, at least for the installation.")
    check_loader(contents.interpreter)
    found = _found_before(request)
    good = newest_good(found, package.nickname)
    source = request.path if before.complete else (good.path if good else None)
    selection = select(source, request.carry_over, request.account, lambda path: _writes(contents, request, path))
    check_space([
        # The installer itself asks for room for its working copy in the target.
        Need(request.path, max(contents.product_size, contents.working_copy), "the product"),
        Need(request.path, size(source, selection), "files carried over"),
        Need(WORKING_COPIES, contents.working_copy, "the installer's working copy"),
    ])
    return Housekeeping(selection, excess(([Backup(before, "~", 0)] if inodes(request.path) else []) + found, request.keep_backups))


def _found_before(request: Request) -> List[Backup]:
    """Return the backups of before the installation, without one that an interrupted installer has filled in part."""
    parts = old_content_places(request.path, (unfinished(request.path) or {}).get("entries")) or ()
    return [backup for backup in _backups(request) if backup.path not in parts]


def _writes(contents: Contents, request: Request, path: str) -> bool:
    """Whether the installer will write a path: of the product, the start script, or the link to an executable."""
    return path == request.start_script or any(name in contents.product_files for name in (path, path + "_64", path + "_32"))


def _result(
    request: Request,
    package: Description,
    before: Installed,
    after: Optional[Installed],
    housekeeping: Housekeeping = NO_HOUSEKEEPING,
    backup: Optional[str] = None,
) -> Result:
    """Put the result together; without a state afterwards, predict it."""
    pruned = [item.name for item in housekeeping.superfluous]
    changed = before is not after
    now = (after or before).as_dict()
    if after is None:
        now.update(
            nickname=package.nickname, version=package.version, build=package.build, application=request.application, complete=True, flaws=[]
        )
    return {
        "changed": changed,
        "installed": now,
        "before": before.as_dict(),
        "backup": backup,
        "pruned": pruned,
        "carried_over": housekeeping.selection.copied,
        "not_carried_over": housekeeping.selection.kept,
        "expected_configuration": _expected_configuration(request, package, after),
        "diff": {
            "before": state_text(before.as_dict()) + "".join(f"superfluous backup {name}\n" for name in pruned),
            "after": state_text(now) + "".join(f"carried over: {name}\n" for name in housekeeping.selection.copied),
        },
    }


def _expected_configuration(request: Request, package: Description, after: Optional[Installed]) -> Dict[str, Any]:
    """Return what the installer writes to the application object (Source: IP: Configuration Server)."""
    script = after.start_script if after else None
    server = request.answers["ConfigServer"]
    arguments = [f"-host {server['Host']} -port {server['Port']} -app \"{request.application}\""]
    if request.license:
        arguments.append(f'-l "{request.license.argument}"')
    for key in ("transport-port", "transport-address"):
        if server.get(key, "").strip(' "'):
            arguments.append(f"-{key} {server[key].strip()}")
    return {
        "working_directory": request.path,
        "command_line": script.command if script else None,
        "command_line_arguments": script.arguments if script else " ".join(arguments),
        "version": package.version,
        "state": "enabled",
        "annex": {"sml": {"uninstall": f"rm -rf {request.path}"}},
    }
