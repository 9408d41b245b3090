# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host's directories, with the operations of the modules that install packages and go back."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from unit.host.fake_package import PASSWORD, parameters, write_archive

from ansible_collections.genesys_engage.chat.plugins.module_utils._host.install.installation import install
from ansible_collections.genesys_engage.chat.plugins.module_utils._host.observe.installations import installations
from ansible_collections.genesys_engage.chat.plugins.module_utils._host.recover.rollback import roll_back
from ansible_collections.genesys_engage.chat.plugins.module_utils._host.system.errors import HostError


class Place:
    """A host's directories: packages, targets, the module's temporary directory."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.target = root / "opt" / "ChatServer_1"
        self.temp = root / "temp"
        self.temp.mkdir()
        self.warnings: list[str] = []
        self.package = write_archive(root / "package.tar.gz")

    def install(self, mode=None, src=None, check_mode=False, **changes):
        params = parameters(src or self.package, self.target, mode, **changes)
        return install(params, check_mode, lambda: str(self.temp), self.warnings.append)

    def refused(self, *arguments, **changes) -> HostError:
        with pytest.raises(HostError) as caught:
            self.install(*arguments, **changes)
        assert PASSWORD not in str(caught.value)
        assert PASSWORD not in repr(caught.value.failure())
        assert list(self.temp.iterdir()) == []
        return caught.value

    def older(self) -> str:
        return write_archive(self.root / "older.tar.gz", version="8.5.311.06")

    def tree(self) -> dict[str, tuple[int, int]]:
        return {str(path): (path.lstat().st_ino, path.lstat().st_mtime_ns) for path in self.root.rglob("*") if path != self.temp}

    def version(self, number: int) -> str:
        """Return an archive of version 8.5.300.<number>."""
        path = self.root / f"version{number}.tar.gz"
        return str(path) if path.exists() else write_archive(path, version=f"8.5.300.{number:02d}")

    def roll_back(self, check_mode=False, **changes):
        params = {"path": str(self.target), "application": "Chat Server 1", "version": None, "user": None, "start_script": "run.sh", **changes}
        return roll_back(params, check_mode)

    def info(self) -> dict[str, Any]:
        found, = installations([str(self.target)], None, "run.sh")
        return found

    def files(self) -> dict[str, bytes]:
        """Return the content of the installation without its backups and our notes."""
        found = (path for path in self.target.rglob("*") if path.is_file() and not any(part.startswith("backup_") for part in path.parts))
        return {str(path.relative_to(self.target)): path.read_bytes() for path in found if not path.name.startswith(".genesys_engage")}


CHANGES = ("rename", "mkdir", "rmdir", "remove", "unlink", "pwrite", "ftruncate")


def killed_at(number: int, action: Callable[[], object]) -> bool:
    """Do something in a process of its own that is killed right before its change number ``number`` of the file system.

    Returns:
        Whether it got that far; False if it ended before.
    """
    child = os.fork()
    if child == 0:
        try:
            _kill_before(number)
            action()
            os._exit(0)
        finally:
            os._exit(1)
    _pid, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0, "failed by itself"
    return os.WIFSIGNALED(status)


def _kill_before(number: int) -> None:
    count = 0

    def counted(function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **keywords: Any) -> Any:
            nonlocal count
            count += 1
            if count == number:
                os.kill(os.getpid(), signal.SIGKILL)
            return function(*arguments, **keywords)

        return call

    for name in CHANGES:
        setattr(os, name, counted(getattr(os, name)))
