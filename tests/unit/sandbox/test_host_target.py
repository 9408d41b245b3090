# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Errors of the target directory that root cannot provoke from outside: the installer's functions, called directly."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from sandbox.packages.installer import target
from sandbox.packages.installer.errors import InstallError


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A target directory; the current directory is a working copy with one file of 8 KB."""
    copy = tmp_path / "copy"
    copy.mkdir()
    (copy / "data.tar.gz").write_bytes(os.urandom(8192))
    monkeypatch.chdir(copy)
    directory = tmp_path / "target"
    directory.mkdir()
    return directory


def refuse(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    def fail(*_arguments: Any, **_keywords: Any) -> None:
        raise OSError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, name, fail)


def test_space(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "statvfs", lambda _path: SimpleNamespace(f_bavail=3, f_frsize=1024))
    with pytest.raises(InstallError) as caught:
        target.prepare(work, "/elsewhere")
    assert str(caught.value) == f"The space required for installation is 8 KB, while {work} directory has only 3 KB of free space."
    assert not Path("install.lock").exists()


def test_directory_without_permission(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda *_arguments: False)
    with pytest.raises(InstallError, match=f"^Unable to write to {work}$"):
        target.prepare(work, "/elsewhere")


def test_backup_stops_at_the_first_entry_that_cannot_be_moved(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a", "b", "c"):
        (work / name).touch()
    rename = Path.rename

    def fail_at_b(self: Path, where: Path) -> Path:
        if self.name == "b":
            raise OSError(errno.EPERM, "Operation not permitted")
        return rename(self, where)

    monkeypatch.setattr(Path, "rename", fail_at_b)
    with pytest.raises(InstallError, match=f"^Couldn't back up {work}$"):
        target.prepare(work, "/elsewhere")
    (backup,) = work.glob("backup_*")
    assert [path.name for path in backup.iterdir()] == ["a"]
    assert (work / "b").exists() and (work / "c").exists()


def test_link(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (work / "ChatServer_64").touch()
    refuse(monkeypatch, "symlink_to")
    with pytest.raises(InstallError, match="^Failed to create symbolic link to 64 bit executable: Permission denied$"):
        target.link_executable(work, "ChatServer", "64")


def test_link_without_choice_takes_what_is_there(work: Path) -> None:
    (work / "ChatServer_32").touch()
    assert not target.data_model_needed(work)
    target.link_executable(work, "ChatServer", None)
    assert os.readlink(work / "ChatServer") == "ChatServer_32"


def test_database_clients_are_linked_too(work: Path) -> None:
    for name in ("ChatServer_64", "dbclient_oracle_64", "dbclient_postgre_32", "other_64"):
        (work / name).touch()
    target.link_executable(work, "ChatServer", "64")
    links = {path.name: os.readlink(path) for path in work.iterdir() if path.is_symlink()}
    assert links == {"ChatServer": "ChatServer_64", "dbclient_oracle": "dbclient_oracle_64"}


def test_run_script(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (work / "run.sh").write_text("kept", encoding="utf-8")
    target.write_run_script(work, "./ChatServer ")
    assert (work / "run.sh").read_text(encoding="utf-8") == "kept"
    (work / "run.sh").unlink()
    refuse(monkeypatch, "write_bytes")
    with pytest.raises(InstallError, match=r"^Error writing run\.sh$"):
        target.write_run_script(work, "./ChatServer ")


@pytest.mark.parametrize(
    ("path", "valid"),
    [
        ("/opt/8.5.1/x", True),
        ("/opt/genesys/", True),
        ("/opt/with blank", True),
        ("/opt/g.", True),
        ("opt/g", False),
        ("/opt/.g", False),
        ("/opt/g./x", False),
        ("/opt/../x", False),
        ("/opt/~x", False),
        ("", False),
        (".", False),
    ],
)
def test_path_rule(path: str, valid: bool) -> None:
    assert target.is_valid_path(path) is valid
