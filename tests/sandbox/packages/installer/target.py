# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The target directory: checks, backup of what is there, extraction, link, run.sh (IP: existing target directory, run.sh).

All of it works in the current directory, the working copy of the package.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from pathlib import Path

from .errors import InstallError
from .hold import TARGET, WRITE, hold

_LOCK = "install.lock"

#: Further executables that get a link where the package has them.
_DATABASE_CLIENTS = ("dbclient_oracle", "dbclient_db2", "dbclient_postgre")


def is_valid_path(path: str) -> bool:
    """The installer's rule for an absolute path: no ``~``, and no part that begins or ends with a dot (the last may end so)."""
    return path.startswith("/") and "~" not in path and "/." not in path and "./" not in path


def prepare(target: Path, launch_directory: str) -> None:
    """Create the target directory or check it, then move what it holds into a backup directory inside it.

    Args:
        target: the installation directory.
        launch_directory: the directory that install.sh was started in.

    Raises:
        InstallError: with the installer's text; entries moved so far stay moved.
    """
    Path(_LOCK).touch()
    hold(TARGET)
    try:
        if (target / _LOCK).exists() or os.path.realpath(target) == os.path.realpath(launch_directory):
            raise InstallError("The destination directory cannot be the same as the directory from which this script is being run.")
        _create(target)
        _check_space(target)
        _back_up(target)
    finally:
        Path(_LOCK).unlink(missing_ok=True)


def _create(target: Path) -> None:
    if not target.exists():
        try:
            target.mkdir(parents=True)
        except OSError as error:
            raise InstallError(f"Unable to create {target}") from error
    if not target.is_dir():
        raise InstallError(f"{target} already exists and isn't a directory.")
    if not os.access(target, os.W_OK | os.X_OK):
        raise InstallError(f"Unable to write to {target}")


def _check_space(target: Path) -> None:
    """Free space against the size of the working copy: the compressed package plus the installer, so it is optimistic."""
    needed = sum(item.lstat().st_blocks for item in Path().rglob("*")) // 2
    status = os.statvfs(target)
    free = status.f_bavail * status.f_frsize // 1024
    if free < needed:
        raise InstallError(f"The space required for installation is {needed} KB, while {target} directory has only {free} KB of free space.")


def _back_up(target: Path) -> None:
    entries = sorted(target.iterdir())
    if not entries:
        return
    backup = _free_name(target)
    try:
        backup.mkdir(mode=0o700)
        for entry in entries:
            entry.rename(backup / entry.name)
    except OSError as error:
        raise InstallError(f"Couldn't back up {target}") from error


def _free_name(target: Path) -> Path:
    """The name that this second gives, or a later one: unlike this stand-in, the installer can't finish twice within a second."""
    while (backup := target / time.strftime("backup_%Y-%m-%d_%H-%M-%S")).exists():
        time.sleep(0.05)
    return backup


def extract(target: Path) -> None:
    """Unpack the product files, then copy the package's description files beside them.

    Raises:
        InstallError: with the installer's text.
    """
    copy = os.getcwd()
    command = f'"{copy}/gunzip" -c "{copy}/data.tar.gz" > "{copy}/data.tar" && tar xf "{copy}/data.tar"'
    done = subprocess.run(["/bin/sh", "-c", command], cwd=target, stdin=subprocess.DEVNULL, check=False)
    Path("data.tar").unlink(missing_ok=True)
    if done.returncode != 0:
        raise InstallError("Failed to extract data.tar.gz")
    for name in ["ip_description.xml", *sorted(item.name for item in Path().glob("*.html")), "ospatchlist.txt", "genesys_license_agreement.txt"]:
        if Path(name).exists():
            _copy(Path(name), target)
    if Path("release_notes").is_dir():
        _copy(Path("release_notes"), target)
    time.sleep(float(os.environ.get("SANDBOX_INSTALL_SECONDS", "0")))
    hold(WRITE)


def _copy(source: Path, target: Path) -> None:
    try:
        if source.is_dir():
            shutil.copytree(source, target / source.name)
        else:
            shutil.copyfile(source, target / source.name)
    except OSError as error:
        raise InstallError(f"Failed to copy {source}") from error


def data_model_needed(target: Path) -> bool:
    """Whether the target holds both ``*_32`` and ``*_64`` files, so that the response file has to choose."""
    return any(target.glob("*_32")) and any(target.glob("*_64"))


def link_executable(target: Path, executable: str, data_model: str | None) -> None:
    """Link ``<exe>`` to ``<exe>_64`` or ``<exe>_32``, and clients of databases likewise; a value that is neither leaves no link, and is not refused.

    Args:
        data_model: the response file's value, or None when the target holds files of one kind only.

    Raises:
        InstallError: with the installer's text.
    """
    models = [data_model] if data_model is not None else ["64", "32"]
    for name in (executable, *_DATABASE_CLIENTS):
        bits = next((bits for bits in models if bits in ("32", "64") and (target / f"{name}_{bits}").exists()), None)
        if bits is None:
            continue
        try:
            (target / name).symlink_to(f"{name}_{bits}")
        except OSError as error:
            raise InstallError(f"Failed to create symbolic link to {bits} bit executable: {error.strerror}") from error


def write_run_script(target: Path, line: str) -> None:
    """Write ``run.sh`` unless there is one: a single line, no interpreter line, no final newline, mode 0750.

    Raises:
        InstallError: with the installer's text.
    """
    script = target / "run.sh"
    if script.exists():
        return
    try:
        script.write_bytes(line.encode("utf-8", "surrogateescape"))
        script.chmod(0o750)
    except OSError as error:
        raise InstallError("Error writing run.sh") from error
