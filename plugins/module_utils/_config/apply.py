# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Carrying a plan out. The wire replaces whole objects, so each write sends the latest object with only our fields changed.

The window between that read and its PUT is one round trip; GAX offers no version check (docs/architecture.md). After whatever comes
between the two (a new login, a retry, an unclear answer, another read) the object is read again and compared again.
"""

from __future__ import annotations

import copy
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any, Callable

from .._gateway.errors import EngageError, GatewayError
from . import fields
from .attempts import Attempts
from .change import blank
from .errors import ApplyFailed, Conflict, InvalidInput, SnapshotFailed
from .journal import FAILED, UNCERTAIN, UNCONFIRMED, WRITTEN
from .outlook import COPIED_TO_BACKUP, existing
from .secrets import Secrets
from .shapes import Edits, Leaves, Path, Raw

if TYPE_CHECKING:
    from .change import Change
    from .directory import Directory
    from .journal import Journal
    from .kept_plan import KeptPlan
    from .pace import Pace
    from .plan import Plan
    from .snapshot import Keeper


def apply(plan: Plan, directory: Directory, check_mode: bool, secrets: Secrets | None = None, keeper: Keeper | None = None,
          journal: Journal | None = None, kept_plan: KeptPlan | None = None, pace: Pace | None = None) -> list[dict[str, str]]:
    """Carry the plan out and read it back; return the writes done, as list of {action, type, name}.

    In check mode nothing is sent. No other place of the collection looks at check mode.

    Raises SnapshotFailed, InvalidInput for a plan that is not the kept one, and ApplyFailed, which says what failed and what had been written.

    Args:
        secrets: hides values in messages.
        keeper: keeps a snapshot before the first write (snapshot.Keeper), None for no snapshot.
        journal: is told of each write, None for no journal.
        kept_plan: the plan is kept there in check mode, and must be the one that is kept there otherwise; None for neither.
        pace: makes pauses between the writes, None for none.
    """
    if kept_plan is not None:
        kept_plan.settle(plan, check_mode)
    if check_mode or not plan:
        return []
    if keeper is not None:
        keeper.keep(plan, directory)
    if journal is not None:
        try:
            journal.begin(len(plan.changes), keeper.path if keeper is not None else None)
        except SnapshotFailed:
            if keeper is not None:
                keeper.discard()
            raise
    run = _Run(directory, secrets or Secrets(), keeper, journal, pace)
    for phase in _phases(plan.changes):
        run.carry_out(phase)
    run.read_back(plan)
    return run.written


def _phases(changes: list[Change]) -> Iterator[list[Change]]:
    """Split the ordered changes into groups whose members may be written at the same time.

    Creates refer to objects created before them, and deletes must follow the order too: they go one by one, and so do pairings.
    Updates go together as long as none needs another one, and none writes to the backup that another one is copied to.
    """
    group, touched = [], set()
    for change in changes:
        alone = change.action != "update" or ("backup",) in change.edits
        objects = {(change.kind, change.name, change.tenant), ("CfgApplication", change.copied_to, None)} - {("CfgApplication", "", None)}
        if group and (alone or touched & objects or change.needs.intersection(group)):
            yield group
            group, touched = [], set()
        if alone:
            yield [change]
        else:
            group.append(change)
            touched |= objects
    if group:
        yield group


class _Run:
    def __init__(self, directory: Directory, secrets: Secrets, keeper: Keeper | None, journal: Journal | None, pace: Pace | None) -> None:
        self.directory = directory
        self.keeper = keeper
        self.journal = journal
        self.pace = pace
        self.gateway = directory.gateway
        self.secrets = secrets
        self.written = []
        self._alone = threading.Lock()

    def carry_out(self, changes: list[Change]) -> None:
        """Write the changes, in parallel if the settings say so; after a failure nothing further is begun."""
        workers = min(self.gateway.settings.parallel_writes, len(changes))
        if workers < 2:
            for change in changes:
                self._reported(change, partial(self._carry_out_one, change))
            return
        with ThreadPoolExecutor(max_workers=workers) as pool:
            futures = [pool.submit(self._carry_out_one, change) for change in changes]
            for future in futures:
                if not future.cancelled() and future.exception() is not None:
                    for waiting in futures:
                        waiting.cancel()
        # Composed only now, so that writes which ended after the failure are listed too.
        for change, future in zip(changes, futures):
            if not future.cancelled():
                self._reported(change, future.result)

    def _carry_out_one(self, change: Change) -> None:
        if self.pace is not None:
            self.pace.wait()  # before the object is read again, so that it is written as it was read
        getattr(self, "_" + change.action)(change)

    def _reported(self, change: Change, work: Callable[[], object]) -> None:
        """Call "work"; an error of ours becomes one that says which write failed and which ones were done."""
        try:
            work()
        except EngageError as error:
            self._tell(change, change.edits, UNCERTAIN if getattr(error, "uncertain", False) else FAILED, str(error))
            raise self._failed(change, error) from None

    def _note(self, change: Change) -> None:
        self.written.append({"action": change.action, "type": change.kind, "name": change.name})
        self._tell(change, change.edits)

    def _tell(self, change: Change, edits: Edits, outcome: str = WRITTEN, reason: str = "") -> None:
        """Tell the journal of a write."""
        if self.journal is not None:
            self.journal.note(change.action, change.kind, change.name, change.tenant, edits, outcome, reason)

    def _failed(self, change: Change, error: EngageError) -> ApplyFailed:
        doubt = " (it may have been carried out all the same)" if getattr(error, "uncertain", False) else ""
        return ApplyFailed(f"{change.action} {change.label} failed: {error}{doubt}. Written before: {self._done()}. Running again continues from "
                           f"there.{self._kept()}", error, change.label, self.written, self._snapshot())

    def _unconfirmed(self, change: Change, error: EngageError) -> ApplyFailed:
        """Return the error of a write that is not there when read back, and tell the journal."""
        self._tell(change, {}, UNCONFIRMED, str(error))
        return self._failed(change, error)

    def _done(self) -> str:
        return ", ".join(f"{item['action']} {item['type']} '{item['name']}'" for item in self.written) or "nothing"

    def _snapshot(self) -> str | None:
        return self.keeper.path if self.keeper is not None else None

    def _kept(self) -> str:
        return f" '{self._snapshot()}' holds the objects as they were." if self._snapshot() else ""

    # -- the three kinds of writes -------------------------------------------------------------------------------

    def _create(self, change: Change) -> None:
        raw = blank(change)
        if change.tenant and "tenantdbid" in raw:
            raw["tenantdbid"] = str(self.directory.dbid("CfgTenant", change.tenant))
        change.type.encode(raw, _new_values(change), self.directory)
        made = self._carry_out(lambda: self.gateway.create(raw), lambda: self._made(change, raw))
        self._note(change)
        latest = made if isinstance(made, dict) else self.gateway.get(change.kind, made) if made else self._look(change, raw)
        if latest is None:
            raise GatewayError("the object can't be found after it was created", "POST", "cfg/objects")
        self.directory.learn(change.kind, latest)
        self._take_away_extras(change, latest)

    def _take_away_extras(self, change: Change, latest: Raw) -> None:
        """Remove options that the server took from the template for an object that was just created.

        Whether a server copies a template's options to the new object is not known (docs/unknowns.md); those that the plan
        does not have, above all the placeholder section of endpoints, must not stay. What else is there is somebody else's.
        """
        if change.kind != "CfgApplication":
            return
        template = self.directory.by_dbid("CfgAppPrototype", fields.number(latest.get("appprototypedbid")))
        unwanted = {("options",) + option for option in template.options()} - set(_new_values(change)) if template else set()

        def extras(raw: Raw) -> Leaves:
            return {path: None for path in change.type.decode(raw, self.directory, ["options"]) if path in unwanted}

        taken = {path: (value, None) for path, value in change.type.decode(latest, self.directory, ["options"]).items() if path in unwanted}
        if taken and self._replace(change, fields.number(latest["dbid"]), extras) and self.journal is not None:
            self.journal.note("update", change.kind, change.name, change.tenant, taken, beside=True)

    def _update(self, change: Change) -> None:
        found = change.found or self.directory.require(change.kind, change.name, change.label, change.tenant)
        if self._replace(change, found.dbid, lambda latest: self._still_to_do(change, latest)):
            self._note(change)

    def _replace(self, change: Change, dbid: int, edits_of: Callable[[Raw], Leaves]) -> bool:
        """Read the object, apply edits_of(raw) to it, and put it back; every attempt starts from a fresh read.

        Returns whether anything had to be written. Raises Conflict when the object is gone.
        """
        edited = []

        def latest() -> Raw:
            raw = self.gateway.get(change.kind, dbid)
            if raw is None:
                raise Conflict("the object was deleted by somebody else since it was read")
            return raw

        def nothing_to_do() -> bool | None:
            raw = latest()
            while True:
                last_read = self.directory.last_read
                edited[:] = [copy.deepcopy(raw)]
                todo = edits_of(raw)
                change.type.encode(edited[0], todo, self.directory)
                if self.directory.last_read is last_read:
                    break
                # A name had to be looked up, which took time: only what is still the same may be replaced.
                before, raw = raw, latest()
                if raw == before:
                    break
            return None if todo else True

        def write() -> bool:
            self.gateway.update(change.kind, dbid, edited.pop())
            return True

        return nothing_to_do() is None and self._carry_out(write, nothing_to_do)

    def _still_to_do(self, change: Change, latest: Raw) -> Leaves:
        """Return path -> new value for the edits that "latest" lacks; raises Conflict for a field changed meanwhile."""
        current = change.type.decode(latest, self.directory, {path[0] for path in change.edits})
        todo = {}
        for path, (old, new) in change.edits.items():
            now = current.get(path)
            if now == new:
                continue
            if change.action == "update" and now != old and not (old is None and now == ""):
                shown_old, shown_now, shown_new = (self._shown(path, value) for value in (old, now, new))
                raise Conflict(f"somebody changed {'/'.join(path)} from '{shown_old}' to '{shown_now}' while this run wanted to make it '{shown_new}'; "
                               "nothing of this object was written: look at the change, then run again")
            todo[path] = new
        return todo

    def _shown(self, path: Path, value: Any) -> Any:
        """Return a value for a message."""
        return "" if value is None else self.secrets.shown(path, value)

    def _delete(self, change: Change) -> None:
        dbid = change.target.dbid

        def gone() -> bool | None:
            return True if self.gateway.get(change.kind, dbid) is None else None

        def gone_or_as_planned() -> bool | None:
            raw = self.gateway.get(change.kind, dbid)
            if raw is None:
                return True
            name = fields.text(raw.get(change.type.name_key))
            if name != change.name:
                raise Conflict(f"somebody renamed it to '{name}' while this run wanted to remove it; it was not removed: look at the change, then run again")
            for path, now in change.type.decode(raw, self.directory, {path[0] for path in change.edits}).items():
                old = change.edits.get(path, (None,))[0]
                if now not in (old, None, ""):
                    raise Conflict(f"somebody changed {'/'.join(path)} from '{self._shown(path, old)}' to '{self._shown(path, now)}' while this run wanted "
                                   "to remove the object; it was not removed: look at the change, then run again")
            return None

        try:
            if gone_or_as_planned() is None:
                self._carry_out(lambda: self.gateway.delete(change.kind, dbid), gone_or_as_planned)
        except GatewayError as error:
            # An uncertain one was looked for already, in vain.
            if error.uncertain or not gone():
                raise
        self._note(change)
        self.directory.unlearn(change.kind, dbid)

    # -- certainty -----------------------------------------------------------------------------------------------

    def _look(self, change: Change, raw: Raw) -> Raw | None:
        """Return the object of a create (raw: what is sent) as the server has it now, or None. Asks for nothing but its name."""
        key = change.type.name_key
        found = [there for there in self.gateway.list(change.kind, **{key: change.name}) if fields.text(there.get(key)) == change.name
                 and (not change.tenant or "tenantdbid" not in raw or fields.number(there.get("tenantdbid")) == fields.number(raw["tenantdbid"]))]
        if len(found) > 1:
            raise InvalidInput(f"there are {len(found)} objects of class {change.kind} named '{change.name}' after it was created: remove the wrong one")
        return found[0] if found else None

    def _made(self, change: Change, raw: Raw) -> Raw | None:
        """Return the object of a create whose end is not known, None if it is not there; raises Conflict if it is not what was sent."""
        found = self._look(change, raw)
        if found is not None:
            wanted = _new_values(change)
            current = change.type.decode(found, self.directory, {path[0] for path in wanted})
            for path, value in wanted.items():
                if not _equal(current.get(path), value):
                    raise Conflict(f"somebody else created it at the same time, with '{self._shown(path, current.get(path))}' as {'/'.join(path)} where this "
                                   f"run wanted '{self._shown(path, value)}'; it was left as it is: look at it, then run again")
        return found

    def _carry_out(self, write: Callable[[], Any], look: Callable[[], Any]) -> Any:
        """Write once; look: returns what the write brought about, or None if it did not happen and may be done from what was just seen."""
        return Attempts(self.gateway.settings, time.sleep).carry_out(write, lambda _doubtful: look(), self._alone)

    def read_back(self, plan: Plan) -> None:
        """Read every touched class once more and compare; raises ApplyFailed for what did not stay as written."""
        try:
            for kind in plan.kinds:
                self.directory.forget(kind)
            self.directory.load(plan.kinds if self.directory.list_all else [])
        except EngageError as error:
            raise ApplyFailed(f"everything was written, but could not be read back: {error}. Running again checks it. Written: "
                              f"{self._done()}.{self._kept()}", error, plan.changes[-1].label, self.written, self._snapshot()) from None
        backups = {change.copied_to for change in plan.changes}
        last = {}
        for change in plan.changes:
            key = (change.kind, change.name, change.tenant)
            _before, wanted = last.get(key, (None, {}))
            last[key] = (change, {**wanted, **_new_values(change)})
        for change, wanted in last.values():
            if change.kind == "CfgApplication" and change.name in backups:
                # The Configuration Server has replaced these by the primary's.
                wanted = {path: value for path, value in wanted.items() if path[0] not in COPIED_TO_BACKUP}
            self._compare(change, wanted)

    def _compare(self, change: Change, wanted: Leaves) -> None:
        try:
            found = self.directory.find(change.kind, change.name, change.tenant)
            there = existing(found)
            current = change.type.decode(found.raw, self.directory, {path[0] for path in wanted}) if existing(found) else {}
        except EngageError as error:
            raise self._unconfirmed(change, GatewayError(f"it was written, but could not be read back: {error}")) from None
        if there == (change.action == "delete"):
            raise self._unconfirmed(change, GatewayError(
                "removed, but still there when read back" if there else "written, but not there when read back"))
        if not there:
            return
        for path, value in wanted.items():
            if not _equal(current.get(path), value):
                raise self._unconfirmed(change, GatewayError(f"{'/'.join(path)} was written as '{self._shown(path, value)}' and reads back as "
                                                             f"'{self._shown(path, current.get(path))}'"))


def _equal(now: Any, wanted: Any) -> bool:
    """Return whether a leaf is as wanted; an empty text and nothing are the same."""
    return now == wanted or (wanted == "" and now is None)


def _new_values(change: Change) -> Leaves:
    return {path: new for path, (_old, new) in change.edits.items()}
