# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which hosts exist on this machine: written before anything is made, removed after everything is gone."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

from .settings import RECORDS, Settings
from .shell import HostsError

LOCK_SECONDS = 120.0


def read(prefix: str) -> Settings | None:
    """Return the settings of the hosts with a prefix, None if there are none. Raises HostsError if the record is damaged."""
    try:
        content = json.loads(_file(prefix).read_text(encoding="utf-8"))
        return Settings(Path(content["directory"]), tuple(content["names"]), prefix)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise HostsError(f"can not read {_file(prefix)}: {error}") from None


def write(settings: Settings) -> None:
    """Note the hosts."""
    path = _file(settings.prefix)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".new")
    temporary.write_text(json.dumps({"directory": str(settings.directory), "names": settings.names}), encoding="utf-8")
    temporary.rename(path)


def remove(settings: Settings) -> None:
    """Forget the hosts."""
    shutil.rmtree(_file(settings.prefix).parent, ignore_errors=True)


@contextlib.contextmanager
def locked(prefix: str) -> Iterator[None]:
    """Let no two commands change the same hosts at once. Raises HostsError if another one does not end."""
    RECORDS.mkdir(parents=True, exist_ok=True)
    lock = os.open(RECORDS / f"{prefix}.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        deadline = time.monotonic() + LOCK_SECONDS
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except OSError:
                if time.monotonic() > deadline:
                    raise HostsError(f"another command works on the hosts '{prefix}'") from None
                time.sleep(0.1)
        yield
    finally:
        os.close(lock)


def _file(prefix: str) -> Path:
    return RECORDS / prefix / "hosts.json"
