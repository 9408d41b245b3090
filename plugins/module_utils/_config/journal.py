# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The journal: a line of JSON for each write to the Configuration Server, in a file beside the snapshots.

Each run begins with a line that says how many writes it is about to make, so that a run that was cut short can be told. A line is a dict:

- event: begin or write; run: an identity that the lines of a run share
- time (UTC), server, account, person, module, title, snapshot: who, when, through what, and the file that brings the objects back
- planned, of a beginning: how many writes follow; without_plan: true if that is a production environment, and it was said that no plan is kept
- action, type, name, tenant, fields (a list of {path, before, after} in the user's words), outcome and reason, of a write; beside: it is one that
  belongs to another one, and was not counted

The values of secret options are not in it. Lines are only added, by several runs at once; a file that has become large gets another name and stays.
"""

from __future__ import annotations

import copy
import errno
import fcntl
import json
import os
import secrets as random_names
import time
from collections.abc import Mapping
from typing import Any, Callable

from .._common.files import open_regular
from . import fields as wire
from .errors import SnapshotFailed
from .moments import stamp, utc_now
from .secrets import Secrets
from .shapes import Edits, Leaves, Raw
from .snapshot import field_list, make_directory

BEGIN, WRITE = "begin", "write"

#: What came of a write.
WRITTEN, FAILED, UNCERTAIN, UNCONFIRMED = "written", "failed", "uncertain", "unconfirmed"
OUTCOMES = (WRITTEN, FAILED, UNCERTAIN, UNCONFIRMED)

#: Names of the files: the one that grows, of each account of the operating system, and those that have become large.
PREFIX, ENDING = "journal-", ".jsonl"

#: Bytes after which a file gets another name.
SIZE_LIMIT = 16 * 1024 * 1024

#: Seconds that another run may hold the file for its line.
PATIENCE = 10.0


class Journal:
    """Adds the lines of one run.

    Args:
        place: directory, that of the snapshots; made if need be.
        about: server, account, person, module and title, as all lines carry them.
        secrets: hides values.
        clean: function that takes secrets out of the text of an error.
        warn: function that is told once when a line could not be added after the run had begun to write.
        without_plan: whether the run needed a kept plan, and was allowed to go without.
    """

    def __init__(self, place: str, about: Mapping[str, str], secrets: Secrets, clean: Callable[[str], str], warn: Callable[[str], object],
                 without_plan: bool = False) -> None:
        # The file is its owner's alone, so each account of the operating system has one.
        self.path = os.path.abspath(os.path.join(place, f"{PREFIX}{os.geteuid()}{ENDING}"))
        self._about = dict(about, run=random_names.token_hex(6), snapshot="")
        self._secrets = secrets
        self._clean = clean
        self._warn = warn
        self._told = False
        self._more = {"without_plan": True} if without_plan else {}

    def begin(self, planned: int, snapshot: str | None) -> None:
        """Add the line of the beginning, before the first write.  Raises SnapshotFailed: what can't be told is not begun."""
        self._about["snapshot"] = snapshot or ""
        try:
            self._add({"event": BEGIN, "planned": planned, **self._more})
        except (OSError, ValueError) as error:
            raise SnapshotFailed(f"the journal '{self.path}' could not be written: {_reason(error)}. Nothing was written to the Configuration Server: make "
                                 "room there, or choose another place with snapshot_dir") from None

    def note(self, action: str, kind: str, name: str, tenant: str | None, edits: Edits, outcome: str = WRITTEN, reason: str = "",
             beside: bool = False) -> None:
        """Add the line of a write that was made, or tried; warn if that can't be done, since the run is better finished than left half done."""
        line = {"event": WRITE, "action": action, "type": kind, "name": name, "tenant": tenant or "", "fields": field_list(edits, self._secrets),
                "outcome": outcome, "reason": self._clean(reason) if reason else "", "beside": beside}
        try:
            self._add(line)
        except (OSError, ValueError) as error:
            if not self._told:
                self._told = True
                self._warn(f"the journal '{self.path}' could not be written: {_reason(error)}. From {action} {kind} '{name}' on, writes of this run are "
                           "missing in it; the run goes on, since half of its writes would be worse")

    def _add(self, line: Mapping[str, Any]) -> None:
        text = json.dumps(dict(line, **self._about, time=stamp(utc_now())), sort_keys=True) + "\n"
        make_directory(os.path.dirname(self.path))
        descriptor = _opened(self.path)
        try:
            _append(descriptor, text.encode("utf-8"))
        finally:
            os.close(descriptor)


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)


def _opened(path: str) -> int:
    """Return a descriptor of the file, held for this line alone and with room for it; raises OSError."""
    deadline = time.monotonic() + PATIENCE
    while True:
        descriptor = open_regular(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW)
        try:
            _hold(descriptor, deadline)
            size = os.fstat(descriptor).st_size
            # Another run may have renamed it between the opening and the holding.
            ours = _same_file(descriptor, path)
            if ours and size < SIZE_LIMIT:
                return descriptor
            if ours:
                os.rename(path, f"{path[:-len(ENDING)]}-{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}-{random_names.token_hex(3)}{ENDING}")
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)


def _hold(descriptor: int, deadline: float) -> None:
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise OSError(errno.EBUSY, "another run holds it") from None
            time.sleep(0.01)
        except OSError as error:
            if error.errno not in (errno.ENOLCK, errno.ENOTSUP, errno.EINVAL):
                raise
            return  # a file system without locks; a line is added by one call all the same


def _same_file(descriptor: int, path: str) -> bool:
    try:
        there = os.stat(path, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return os.path.samestat(there, os.fstat(descriptor))


def _append(descriptor: int, line: bytes) -> None:
    """Add a line, whole or not at all; what a run that was killed has left of its own line is ended first."""
    size = os.fstat(descriptor).st_size
    if size and os.pread(descriptor, 1, size - 1) != b"\n":
        line = b"\n" + line
    if os.write(descriptor, line) != len(line):
        os.ftruncate(descriptor, size)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    # What it tells is about to be written elsewhere, or has been: it must be known after a power cut, too.
    os.fsync(descriptor)


class Recorder:
    """A gateway whose writes go into a journal: for what is written past the engine. Such a write is never held up by the journal."""

    def __init__(self, gateway: Any, journal: Journal) -> None:
        self._gateway = gateway
        self._journal = journal
        self._seen: dict[tuple[str, int], Raw] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._gateway, name)

    def list(self, kind: str, **properties: Any) -> list[Raw]:
        """Return what the gateway lists, and remember it."""
        found: list[Raw] = self._gateway.list(kind, **properties)
        self._seen.update({(kind, wire.number(raw.get("dbid"))): copy.deepcopy(raw) for raw in found})
        return found

    def get(self, kind: str, dbid: int) -> Raw | None:
        """Return an object, and remember it."""
        raw: Raw | None = self._gateway.get(kind, dbid)
        if raw is not None:
            self._seen[kind, dbid] = copy.deepcopy(raw)
        return raw

    def create(self, obj: Raw) -> Any:
        """Create an object."""
        made = self._gateway.create(obj)
        self._note("create", obj["type"], {}, obj)
        return made

    def update(self, kind: str, dbid: int, obj: Raw) -> None:
        """Replace an object."""
        self._gateway.update(kind, dbid, obj)
        self._note("update", kind, self._seen.get((kind, dbid), {}), obj)

    def delete(self, kind: str, dbid: int) -> None:
        """Delete an object."""
        self._gateway.delete(kind, dbid)
        self._note("delete", kind, self._seen.get((kind, dbid), {}), {})

    def _note(self, action: str, kind: str, before: Raw, after: Raw) -> None:
        old, new = _options(before), _options(after)
        edits = {path: (old.get(path), new.get(path)) for path in {**old, **new} if old.get(path) != new.get(path)}
        self._journal.note(action, kind, wire.text((after or before).get("name")), None, edits)


def _options(raw: Raw) -> Leaves:
    return {("options", *path): value for path, value in wire.Options("options").decode(raw, None).items()}
