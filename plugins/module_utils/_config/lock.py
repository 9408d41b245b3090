# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lock of an upgrade: an object with a fixed unique name, whose creation is the mutex.

The object is an application template that no application uses: names of templates are unique in the whole database, and a
DBID is never used twice. Source: G5. Why at most one run holds the lock:

- Of several creates of one name one succeeds.
- A lock is taken over by deleting its object by the DBID and creating a new one. So nobody deletes or replaces a newer lock
  than the one that he has judged.
- A renewal replaces the object in place, so that there is no gap for another upgrade. It counts only if it was answered before
  the end of the lease that it renews: until then nobody has found that lease ended, since each one looks at his clock first
  and at the lock afterwards. A second replacement says that it was; a lock that lacks it is not renewed any more.

A lock whose lease has ended, or whose renewal was not completed, is taken over by its owner, too. What is relied on, and the clocks,
are in docs/unknowns.md.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Callable, NamedTuple

from .._gateway.errors import EngageError, GatewayError
from . import fields
from .attempts import Attempts
from .directory import ConfigObject, Directory
from .errors import ApplyFailed, InvalidInput
from .folders import default_folder
from .moments import instant, moment, stamp, utc_now
from .shapes import Raw
from .types import TEMPLATE

#: Where in the options of the object the lock is.
SECTION = "upgrade_lock"

#: A new object beside its name and options. No server is made from a template of that type.  Source: G4, G5
BLANK = {"type": TEMPLATE.kind, "subtype": "CFGThirdPartyApp", "version": "1.0.0", "state": "CFGEnabled"}

#: States that a run can want. A lock is "renewing" between the two steps of a renewal, and counts as held.
HELD, SUSPENDED, ABSENT = "held", "suspended", "absent"
RENEWING = "renewing"

#: What is done about the lock.
TAKE, RENEW, TAKE_OVER, SUSPEND, REMOVE, NOTHING = "take", "renew", "take over", "suspend", "remove", "nothing"

#: Seconds. A shorter lease could end while GAX is slow; a longer one is no lease.
SHORTEST, LONGEST = 60, 7 * 24 * 3600

#: Longest text of an owner and of an upgrade.
LONGEST_TEXT = 255


class LockRefused(EngageError):
    """The lock is not this run's.

    Args:
        label: "lock '<name>'".
        lock: the Lock that is in the way, or None.
        written: see ApplyFailed.
    """

    def __init__(self, message: str, label: str, lock: Lock | None = None, written: Iterable[dict[str, str]] = ()) -> None:
        super().__init__(message)
        self.label = label
        self.lock = lock
        self.written = list(written)

    def failure(self) -> dict[str, Any]:
        return {"message": str(self), "object": self.label, "lock": self.lock and self.lock._asdict(), "written": self.written}


class Lock(NamedTuple):
    """What the object holds, all as text; what it lacks is ''. The times are in UTC, as 2026-01-31T12:00:00Z."""

    upgrade_id: str
    owner: str
    taken_at: str
    lease_until: str
    state: str

    def fault(self) -> str:
        """Return what makes the lock unreadable, or ''."""
        for name in ("taken_at", "lease_until"):
            if moment(getattr(self, name)) is None:
                return f"{name} is '{getattr(self, name)}', which is not a time such as 2026-01-31T12:00:00Z"
        if self.state not in (HELD, RENEWING, SUSPENDED):
            return f"state is '{self.state}', which is neither '{HELD}', '{RENEWING}' nor '{SUSPENDED}'"
        return "it names no owner or no upgrade" if not (self.owner and self.upgrade_id) else ""

    def over(self, now: datetime) -> bool:
        """Return whether the same upgrade may be continued by another run."""
        return self.state == SUSPENDED or now >= instant(self.lease_until)


class Wanted(NamedTuple):
    """What a run wants: state held, suspended or absent. upgrade_id and owner: '' if not given.

    Args:
        lease: seconds.
        ended_owner: the owner whose run has ended for certain, so that the lease of its lock counts as ended; '' for none.
    """

    state: str
    upgrade_id: str
    owner: str
    lease: int
    break_lock: bool
    ended_owner: str = ""

    def owns(self, lock: Lock) -> bool:
        """Return whether a lock is this run's own."""
        return not lock.fault() and lock.owner == self.owner and self.upgrade_id in (lock.upgrade_id, "")

    def taken(self, lock: Lock | None, now: datetime) -> Lock:
        """Return the Lock of a run that takes it now; lock: what was there, which may be its own already."""
        return Lock(self.upgrade_id, self.owner, lock.taken_at if lock and self.owns(lock) else stamp(now), self.end(now), HELD)

    def end(self, now: datetime) -> str:
        """Return the end of a lease that begins now."""
        return stamp(now + timedelta(seconds=self.lease))


# --- the rules ----------------------------------------------------------------------------------------------------------


def decide(lock: Lock | None, wanted: Wanted, now: datetime, label: str) -> str:
    """Return what is to be done about the Lock that was found (None: there is none), TAKE and so on; raises LockRefused.

    Args:
        now: a time, in UTC, before the lock was read.
    """
    if lock is None:
        return TAKE if wanted.state == HELD else NOTHING
    own = wanted.owns(lock)
    allowed = wanted.break_lock and wanted.state != SUSPENDED
    if wanted.state == HELD:
        over = not lock.fault() and (lock.over(now) or lock.owner == wanted.ended_owner)
        if own and not over and lock.state == HELD:
            return RENEW
        if own or allowed or (over and lock.upgrade_id == wanted.upgrade_id):
            return TAKE_OVER
    elif wanted.state == ABSENT and (own or allowed):
        return REMOVE
    elif wanted.state == SUSPENDED and own:
        return NOTHING if lock.state == SUSPENDED else SUSPEND
    raise LockRefused(_refusal(lock, wanted, now, label), label, lock)


def _refusal(lock: Lock, wanted: Wanted, now: datetime, label: str) -> str:
    """Return the message: who holds the lock, for what, since when, until when, and what to do."""
    if lock.fault():
        return (f"{label} can't be read: {lock.fault()}. Somebody edited it. Make sure that no upgrade is running, then take it over or remove it with "
                "break_lock")
    told = story(lock, now, label)
    if wanted.state != HELD:
        advice = {SUSPENDED: "Only its owner can suspend it", ABSENT: "Only its owner can remove it; break_lock removes anybody's"}[wanted.state]
        return f"{told}. {advice}, which is safe only if that run has ended" if wanted.state == ABSENT else f"{told}. {advice}"
    if lock.over(now):
        return (f"{told}. That upgrade was not finished: run it again to its end. break_lock takes the lock all the same; that is safe only if that "
                "run has ended and no member is left between two versions")
    after = "then, or if that run has died, run" if lock.upgrade_id == wanted.upgrade_id else "if that run has died, run"
    return (f"{told}. Wait until it is done; {after} the upgrade '{lock.upgrade_id}' again after the end of the lease. break_lock takes the lock at once; "
            "that is safe only if you have made sure that that run has ended")


def story(lock: Lock, now: datetime, label: str) -> str:
    """Return who has the lock, for what, since when and until when, as a sentence without its full stop."""
    if lock.state == SUSPENDED:
        return f"{label}: '{lock.owner}' took it for the upgrade '{lock.upgrade_id}' at {lock.taken_at} and suspended it at {lock.lease_until}"
    ends = "ended" if lock.over(now) else "ends"
    return f"{label}: '{lock.owner}' holds it for the upgrade '{lock.upgrade_id}' since {lock.taken_at}; the lease {ends} at {lock.lease_until}"


def after(action: str, lock: Lock | None, wanted: Wanted, now: datetime) -> Lock | None:
    """Return the Lock as it is after the action, None if there is none then."""
    if action in (TAKE, TAKE_OVER):
        return wanted.taken(lock, now)
    if lock is not None and action == RENEW:
        return lock._replace(lease_until=wanted.end(now))
    if lock is not None and action == SUSPEND:
        return lock._replace(lease_until=stamp(now), state=SUSPENDED)
    return None if action == REMOVE else lock


# --- the object ---------------------------------------------------------------------------------------------------------


def lock_of(raw: Raw) -> Lock | None:
    """Return the Lock that a raw object holds, None if it holds none."""
    found = {key: value for (section, key), value in fields.Options("options").decode(raw, None).items() if section == SECTION}
    return Lock(*(found.get(name, "") for name in Lock._fields)) if found else None


def put_lock(raw: Raw, lock: Lock) -> None:
    """Write the lock into the raw object, in place."""
    fields.Options("options").encode(raw, {(SECTION, name): value for name, value in lock._asdict().items()}, None)


# --- the run ------------------------------------------------------------------------------------------------------------


def keep_lock(
    gateway: Any, params: Mapping[str, Any], check_mode: bool, clock: Callable[[], datetime] = utc_now, sleep: Callable[[float], None] = time.sleep
) -> dict[str, Any]:
    """Bring the lock to the state that a module's arguments ask for; return the module's result.

    In check mode nothing is sent, and what would be done is returned.
    Raises InvalidInput, LockRefused, ApplyFailed (which says what was written), GatewayError for what could not be read.

    Args:
        clock: function that returns the time in UTC.
    """
    name, wanted = _name(params["name"]), _wanted(params)
    return _Run(gateway, name, wanted, clock, sleep).carry_out(params["folder"], check_mode)


def _name(name: str) -> str:
    if not name.strip() or not name.isprintable():
        raise InvalidInput("name: the name of a lock must be one line of text that is not empty")
    return name


def _wanted(params: Mapping[str, Any]) -> Wanted:
    """Return what the arguments want; raises InvalidInput."""
    texts = {}
    for option in ("upgrade_id", "owner"):
        value = (params[option] or "").strip()
        if len(value) > LONGEST_TEXT or not value.isprintable():
            raise InvalidInput(f"{option} must be one line of at most {LONGEST_TEXT} characters")
        if not value and (params["state"] != ABSENT or (option == "owner" and not params["break_lock"])):
            raise InvalidInput(f"{option} must be given, and not be empty, for state "
                               f"'{params['state']}'{' without break_lock' if params['state'] == ABSENT else ''}")
        texts[option] = value
    if not SHORTEST <= params["lease"] <= LONGEST:
        raise InvalidInput(f"lease must be from {SHORTEST} to {LONGEST} seconds, got {params['lease']}")
    return Wanted(params["state"], texts["upgrade_id"], texts["owner"], params["lease"], params["break_lock"], params.get("ended_owner") or "")


class _Run:
    def __init__(self, gateway: Any, name: str, wanted: Wanted, clock: Callable[[], datetime], sleep: Callable[[float], None]) -> None:
        self.gateway = gateway
        self.name = name
        self.label = f"lock '{name}'"
        self.wanted = wanted
        self.clock = clock
        self.sleep = sleep
        self.written: list[dict[str, str]] = []

    def carry_out(self, folder: str | None, check_mode: bool) -> dict[str, Any]:
        """Look, decide and do; return the result."""
        now = self.clock()  # before the look: see above
        found = self._find()
        lock = lock_of(found.raw) if found else None
        action = decide(lock, self.wanted, now, self.label)
        new = after(action, lock, self.wanted, now)
        # Made in check mode too, so that a folder that is not there is noticed.
        blank = self._blank(self.wanted.taken(lock, now), folder) if self.wanted.state == HELD else {}
        if not check_mode:
            try:
                self._do(action, found, lock, new, blank)
            except GatewayError as error:
                raise self._failed(action, error) from None
        return {
            "changed": action != NOTHING, "lock": new and new._asdict(), "previous": lock and lock._asdict(),
            "continued": bool(lock and lock.upgrade_id == self.wanted.upgrade_id),
            "diff": {"before_header": self.label, "after_header": self.label,
                     "before": lock._asdict() if lock else {}, "after": new._asdict() if new else {}}}

    def _do(self, action: str, found: ConfigObject | None, lock: Lock | None, new: Lock | None, blank: Raw) -> None:
        if found and lock and new and action == RENEW and not self._renew(found, lock, new):
            action = TAKE_OVER
        if found and action in (REMOVE, TAKE_OVER):
            self._delete(found)
        if action in (TAKE, TAKE_OVER):
            self._create(blank)
        if found and lock and new and action == SUSPEND:
            self._replace(found, lock, new)
        if action != NOTHING:
            self._confirm(found, new)

    def _renew(self, found: ConfigObject, lock: Lock, new: Lock) -> bool:
        """Renew the lock in place; return whether that was in time."""
        begun = new._replace(state=RENEWING)
        self._replace(found, lock, begun)
        if self.clock() >= instant(lock.lease_until):
            return False
        self._replace(found, begun, new)
        return True

    def _failed(self, action: str, error: GatewayError) -> ApplyFailed:
        doubt = " (it may have been carried out all the same)" if error.uncertain else ""
        return ApplyFailed(f"{action} {self.label} failed: {error}{doubt}. Written before: {self._done()}. Running again with the same owner continues from "
                           "there", error, self.label, self.written)

    def _done(self) -> str:
        return ", ".join(f"{item['action']} {self.label}" for item in self.written) or "nothing"

    def _lost(self, lock: Lock | None) -> LockRefused:
        """Return the error of a run that another one was faster than; lock: the one that is there now, or None."""
        now = self.clock()
        there = (story(lock, now, self.label) if not lock.fault() else f"{self.label} can't be read") if lock else "There is no lock now"
        return LockRefused(f"somebody else took or removed {self.label} at the same time. {there}. Written before: {self._done()}. Run again to try "
                           "again", self.label, lock, self.written)

    # -- reading -------------------------------------------------------------------------------------------------

    def _find(self) -> ConfigObject | None:
        """Return the ConfigObject of the lock, or None; raises LockRefused for what can't be taken for a lock."""
        # The server may match a prefix, or ignore case: only the exact name is meant.
        named = [raw for raw in self.gateway.list(TEMPLATE.kind, name=self.name) if fields.text(raw.get("name")) == self.name]
        if len(named) > 1:
            raise LockRefused(f"there are {len(named)} application templates named '{self.name}', and a lock must be the only one: remove them by hand",
                              self.label, None, self.written)
        if named and lock_of(named[0]) is None:
            raise LockRefused(f"the application template '{self.name}' exists and holds no lock: choose another name, or remove it by "
                              "hand", self.label, None, self.written)
        return ConfigObject(TEMPLATE.kind, named[0]) if named else None

    def _lock_now(self) -> Lock | None:
        found = self._find()
        return lock_of(found.raw) if found else None

    def _confirm(self, old: ConfigObject | None, new: Lock | None) -> None:
        """Read the lock again and raise unless it is as it was written (new: None if it was removed), and its lease has not ended."""
        found = self._find()
        if new is None:
            if found is not None and old is not None and found.dbid == old.dbid:
                raise GatewayError("it was removed, but is still there when read back")
            return
        there = lock_of(found.raw) if found else None
        self._expect(there, new)
        if new.state == HELD and self.clock() >= instant(new.lease_until):
            raise LockRefused(f"it took longer than the lease to write {self.label}, so another run may be taking it over. Written before: {self._done()}. "
                              "Run again, with a longer lease", self.label, there, self.written)

    def _expect(self, there: Lock | None, *locks: Lock) -> None:
        """Raise unless one of the locks is there."""
        if there is None or not self.wanted.owns(there):
            raise self._lost(there)
        if there not in locks:
            shown = ", ".join(f"{name} '{value}'" for name, value in there._asdict().items())
            raise GatewayError(f"it is not as this run left it: it reads back as {shown}")

    # -- writing -------------------------------------------------------------------------------------------------

    def _blank(self, lock: Lock, folder: str | None) -> Raw:
        """Return the raw object to create."""
        raw = dict(BLANK, name=self.name, options={"property": []})
        directory = Directory(self.gateway, list_all=False)
        raw["folderid"] = str(directory.folder_dbid(folder) if folder else default_folder(directory, TEMPLATE.kind, self.label))
        put_lock(raw, lock)
        return raw

    def _create(self, raw: Raw) -> None:
        def look(_doubtful: bool) -> bool:
            there = self._lock_now()
            if there is not None and not self.wanted.owns(there):
                raise self._lost(there)
            return there is not None
        self._carry_out("create", lambda: self.gateway.create(raw), look)

    def _replace(self, found: ConfigObject, old: Lock, new: Lock) -> None:
        """Put the lock "new" in the place of "old", in the object as it is right before each attempt."""
        latest = []

        def look(_doubtful: bool) -> bool:
            raw = self.gateway.get(TEMPLATE.kind, found.dbid)
            if raw is None:
                raise self._lost(self._lock_now())
            there = lock_of(raw)
            self._expect(there, old, new)
            put_lock(raw, new)
            latest[:] = [raw]
            return there == new

        if not look(False):
            self._carry_out("update", lambda: self.gateway.update(TEMPLATE.kind, found.dbid, latest[0]), look)

    def _delete(self, found: ConfigObject) -> None:
        def look(doubtful: bool) -> bool:
            if self.gateway.get(TEMPLATE.kind, found.dbid) is not None:
                return False
            if not doubtful and self.wanted.state == HELD:
                raise self._lost(self._lock_now())
            return True  # by whom is not known, or does not matter; of those who create now, one succeeds
        self._carry_out("delete", lambda: self.gateway.delete(TEMPLATE.kind, found.dbid), look)

    def _carry_out(self, action: str, write: Callable[[], object], look: Callable[[bool], bool]) -> None:
        """Write once; look: function (whether an attempt may have been carried out) -> whether it is done; may raise LockRefused."""
        # What was refused may be done already, by this run before it was cut short or by another one: so it is looked for as well.
        Attempts(self.gateway.settings, self.sleep).carry_out(write, lambda doubtful: look(doubtful) or None, after_refusal=True)
        self.written.append({"action": action, "type": TEMPLATE.kind, "name": self.name})
