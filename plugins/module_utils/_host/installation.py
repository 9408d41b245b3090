# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole of an installation: compare, check, install, and say what is there then."""

import os
from typing import Any, Callable, Dict, List, Mapping, Optional

from .accounts import act_as
from .archive import inspect
from .description import Description
from .errors import HostError
from .installed import Installed, examine
from .installer import run_installer
from .machine import WORKING_COPIES, Need, check_executable, check_loader, check_operating_system, check_space, running_processes
from .marker import hold_marker, read_marker
from .package import WIZARD_FILE, closed_files, describe, measure, provide
from .preconditions import check_application, check_product, check_replacement
from .process import clean_up_on_signals
from .request import Request, read_request
from .target import check_target, prepared_directories
from .workspace import Workspace, private_workspace, remove_leftover

Result = Dict[str, Any]


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
    request = read_request(params, module_directory)
    package = describe(request.src)
    check_product(package, request.nickname)
    before = examine(request.path, request.application, request.start_script)
    if before.holds(package):
        return _result(request, package, before, before)
    _check_request(request, package, before)
    _warn_of_move(request, warn)
    running = _check_stopped(request, check_mode, warn)
    with clean_up_on_signals(), private_workspace(request.temp_path, request.account) as workspace:
        directory = _provide(request, workspace)
        _check_host(request, directory)
        if check_mode:
            return dict(_result(request, package, before, None), running=running)
        return _install(request, package, directory, workspace, before)


def _install(request: Request, package: Description, directory: str, workspace: Workspace, before: Installed) -> Result:
    with prepared_directories(request.path, request.account), hold_marker(request.path) as marker:
        if marker.left is None:
            now = examine(request.path, request.application, request.start_script, ignore_marker=True)
            if now.holds(package):  # somebody else has done it between our first look and the lock
                marker.remove()
                return _result(request, package, now, now)
        else:
            remove_leftover(marker.left.get("workspace"))
        backup = run_installer(request, package, directory, workspace, marker)
    return _result(request, package, before, examine(request.path, request.application, request.start_script), backup)


def _check_request(request: Request, package: Description, before: Installed) -> None:
    check_replacement(package, before, request.allow_downgrade)
    check_application(package, request.application, request.facts, request.host_name, before)
    if not request.accept_license:
        raise HostError(
            f"accept_license: the licence agreement of {package} is not accepted, and without that it cannot be installed.",
            "Read ip/genesys_license_agreement.txt in the package, then set accept_license.",
        )
    license_file = request.license.file if request.license else None
    if license_file and not act_as(request.account, lambda: os.path.isfile(license_file) and os.access(license_file, os.R_OK)):
        raise HostError(f"license: the file {license_file} is not on this host or cannot be read.")
    if not request.skip_os_check:
        check_operating_system(package)


def _warn_of_move(request: Request, warn: Callable[[str], None]) -> None:
    configured = ((request.facts or {}).get("application") or {}).get("working_directory") or ""
    if configured.startswith("/") and configured.rstrip("/") != request.path:
        warn(f"'{request.application}' has been started from {configured} so far; that directory stays as it is, and {request.path} takes its place.")


def _check_stopped(request: Request, check_mode: bool, warn: Callable[[str], None]) -> List[int]:
    """The installer moves the files of a running server away from under it; return its processes, which only check mode survives."""
    processes = running_processes(request.path, request.application)
    if processes:
        text = f"'{request.application}' is running in {request.path} (process {', '.join(map(str, processes))})."
        if not check_mode:
            raise HostError(text, "Stop it first, for example with genesys_engage.chat.application_control.")
        warn(text + " It has to be stopped before the installation.")
    return processes


def _provide(request: Request, workspace: Workspace) -> str:
    """Return the package's directory, from which the user can run install.sh."""
    if not os.path.isdir(request.src):
        check_executable(workspace.directory, "Choose another directory with temp_path.")
        check_space([Need(workspace.directory, inspect(request.src).size, "the unpacked archive")])
    directory = provide(request.src, workspace.package, request.account)
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


def _check_host(request: Request, directory: str) -> None:
    """What the installer would find out only after it has moved the old files away."""
    contents = measure(directory)
    unfinished = read_marker(request.path) is not None
    check_target(request.path, directory, request.account, unfinished)
    check_executable(WORKING_COPIES, "The installer always works there: mount it with exec, at least for the installation.")
    check_loader(contents.interpreter)
    check_space([
        # The installer itself asks for room for its working copy in the target.
        Need(request.path, max(contents.product_size, contents.working_copy), "the product"),
        Need(WORKING_COPIES, contents.working_copy, "the installer's working copy"),
    ])


def _result(request: Request, package: Description, before: Installed, after: Optional[Installed], backup: Optional[str] = None) -> Result:
    """Put the result together; without a state afterwards, predict it."""
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
        "expected_configuration": _expected_configuration(request, package, after),
        "diff": {"before": _shown(before.as_dict()), "after": _shown(now)},
    }


def _shown(state: Dict[str, Any]) -> Dict[str, Any]:
    return {key: state[key] for key in ("path", "nickname", "version", "build", "complete")}


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
