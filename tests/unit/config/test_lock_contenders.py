# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Of contenders for the lock at most one holds it, whatever the order of their calls, and whatever happens to some of these.

A run is carried out call by call: each time from its beginning, with the answers that it has got so far, up to its next call. So one
thread is enough, and a test decides who is next. Small cases are tried in all orders; hypothesis draws larger ones, with more that goes
wrong. Clocks that agree are assumed.

A contender counts as a holder from the end of a successful run with state "held" until its lease ends, or until it begins to suspend
or remove its lock, fails, or is killed.
"""

from __future__ import annotations

import contextlib
import copy
import pickle
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit.config.fake_gateway import copied
from unit.fuzzing import examples

from ansible_collections.genesys_engage.chat.plugins.module_utils._config import lock as rules
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.lock import keep_lock
from ansible_collections.genesys_engage.chat.plugins.module_utils._gateway.errors import EngageError, GatewayError

#: Runs read the same few moments thousands of times.
moment = cache(rules.moment)
START = datetime(2026, 4, 1, 12, 0, 0, tzinfo=UTC)
LEASE = 60


@pytest.fixture(autouse=True)
def moments_are_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "moment", moment)


class Paused(BaseException):
    """The run has got to its next call."""


class Store:
    """The Configuration Server, as far as a lock knows it, and the time. unique: whether it keeps names unique."""

    def __init__(self, unique: bool = True) -> None:
        self.unique = unique
        self.now = START
        self.objects: dict[int, dict[str, Any]] = {}
        self.dbid = 100
        #: Requests whose senders have given up waiting, and that will come in some day.
        self.late: list[Callable[[], Any]] = []

    def list(self) -> list[dict[str, Any]]:
        return copied(list(self.objects.values()))

    def get(self, dbid: int) -> dict[str, Any] | None:
        return copied(self.objects.get(dbid))

    def create(self, raw: dict[str, Any]) -> int:
        if self.unique and self.objects:
            raise GatewayError("Duplicate information specified.", "POST", "cfg/objects", 409)
        self.dbid += 1
        self.objects[self.dbid] = {**raw, "dbid": str(self.dbid)}
        return self.dbid

    def update(self, dbid: int, raw: dict[str, Any]) -> None:
        if dbid not in self.objects:
            raise GatewayError("not found", "PUT", "cfg/objects", 404)
        self.objects[dbid] = raw

    def delete(self, dbid: int) -> None:
        if self.objects.pop(dbid, None) is None:
            raise GatewayError("not found", "DELETE", "cfg/objects", 404)


class Contender:
    """One run after the other of somebody who wants the lock. It is the gateway of its runs. ahead: how much its clock is ahead."""

    settings = SimpleNamespace(retries=1)

    def __init__(self, store: Store, number: int, upgrade_id: str, ahead: timedelta = timedelta()) -> None:
        self.store = store
        self.number = number
        self.upgrade_id = upgrade_id
        self.ahead = ahead
        self.arguments: dict[str, Any] | None = None
        self.answers: list[Any] = []
        self.held_until = START
        self.ended: list[str] = []
        self._at = 0
        self._how: str | None = None

    # the gateway of a run

    def list(self, kind: str, name: str) -> Any:
        return self._call(self.store.list)

    def get(self, kind: str, dbid: int) -> Any:
        return self._call(lambda: self.store.get(dbid))

    def create(self, raw: dict[str, Any]) -> Any:
        return self._call(lambda: self.store.create(copied(raw)), write=True)

    def update(self, kind: str, dbid: int, raw: dict[str, Any]) -> Any:
        # A replacement that comes in late is not covered, see docs/unknowns.md.
        return self._call(lambda: self.store.update(dbid, copied(raw)), write=True, may_be_late=False)

    def delete(self, kind: str, dbid: int) -> Any:
        return self._call(lambda: self.store.delete(dbid), write=True)

    def clock(self) -> Any:
        return self._call(lambda: self.store.now + self.ahead, fails=False)

    def _call(self, act: Callable[[], Any], write: bool = False, fails: bool = True, may_be_late: bool = True) -> Any:
        """Answer as before, or do what is next in the way that the step wants, or pause."""
        if self._at == len(self.answers):
            if self._how is None:
                raise Paused
            how, self._how = self._how, None
            self.answers.append(self._done(act, how if fails else "well", write, may_be_late))
        answer = copy.copy(self.answers[self._at])  # an error is changed by who catches it
        self._at += 1
        if isinstance(answer, GatewayError):
            raise answer
        return copied(answer)

    def _done(self, act: Callable[[], Any], how: str, write: bool, may_be_late: bool) -> Any:
        no_answer = GatewayError("no answer", uncertain=write, transient=True)
        if how in ("nothing", "late"):
            if how == "late" and write and may_be_late:
                self.store.late.append(act)
            return no_answer
        try:
            answer = act()
        except GatewayError as error:
            return error if how == "well" else no_answer
        return answer if how == "well" else no_answer

    # its life

    def step(self, how: str, state: str) -> None:
        """Begin a run if there is none, or do its next call: "well", or "lost", "nothing" or "late", after which no answer comes."""
        if self.arguments is None:
            owner = f"job {self.number}"
            self.arguments = {"name": "x", "upgrade_id": self.upgrade_id, "owner": owner, "lease": LEASE, "break_lock": False, "folder": "#101", "state": state}
            self.answers = []
            if state != "held":
                self.held_until = START
        self._at, self._how = 0, how
        try:
            result = keep_lock(self, self.arguments, False, self.clock, lambda _seconds: None)
        except Paused:
            return
        except EngageError as error:
            self.held_until = START
            self.ended.append(type(error).__name__)
            self._end()
        else:
            if self.arguments["state"] == "held":
                until = moment(result["lock"]["lease_until"])
                assert until is not None
                self.held_until = until
            self.ended.append(self.arguments["state"])
            self._end()

    def die(self) -> None:
        """Be killed."""
        self.ended.append("killed")
        self.held_until = START
        self._end()

    def _end(self) -> None:
        self.arguments = None

    @property
    def holds(self) -> bool:
        return self.store.now + self.ahead < self.held_until


def two(store: Store, same: bool = True, ahead: timedelta = timedelta()) -> tuple[Contender, Contender]:
    """Return two contenders, for the same upgrade or two different ones. The first one holds the lock, for one more second."""
    contenders = Contender(store, 0, "a"), Contender(store, 1, "a" if same else "b", ahead)
    while not contenders[0].ended:
        contenders[0].step("well", "held")
    store.now += timedelta(seconds=LEASE - 1)
    assert contenders[0].holds and not contenders[1].holds
    return contenders


# --- small cases, in all orders -----------------------------------------------------------------------------------------

#: For both contenders, which runs they begin; and how many seconds pass, runs are killed, and answers are lost, at any moment.
Case = tuple[tuple[list[str], list[str]], dict[str, int]]
SMALL: dict[str, Case] = {
    "the lease ends during a renewal": ((["held"], ["held"]), {"tick": 1}),
    "a renewal is killed, and done again": ((["held", "held"], ["held"]), {"tick": 1, "kill": 1}),
    "an answer is lost": ((["held"], ["held"]), {"tick": 1, "lost": 1}),
    "the lock is suspended and taken again": ((["suspended", "held"], ["held"]), {}),
    "the lock is removed": ((["absent"], ["held", "held"]), {}),
    "it is taken over and given back": ((["held"], ["held", "suspended"]), {"tick": 1}),
}


def possible(contenders: tuple[Contender, Contender], runs: tuple[list[str], list[str]], budget: dict[str, int]) -> list[tuple[int, str]]:
    """What can be next: of a contender who has a run, or can begin one."""
    left = ["well", *(what for what in ("lost", "kill", "tick") if budget.get(what))]
    return [(who, what) for who in (0, 1) if contenders[who].arguments or runs[who] for what in left]


def explore(case: Case, **options: Any) -> int:
    """Try all orders; return the number of different states. Raises AssertionError for one in which both hold the lock."""
    runs, budget = case
    store = Store()
    contenders = two(store, **options)
    first = (store, contenders, runs, budget)
    todo = [(pickle.dumps(first), possible(contenders, runs, budget), "")]
    seen = set()
    while todo:
        world, steps, path = todo.pop()
        for who, what in steps:
            store, contenders, runs, budget = pickle.loads(world)
            contender = contenders[who]
            budget.update({what: budget[what] - 1} if what in budget else {})
            if what == "tick":
                store.now += timedelta(seconds=1)
            elif what == "kill":
                contender.die()
            else:
                contender.step(what, runs[who].pop(0) if contender.arguments is None else "")
            here = f"{path} {who} {what},"
            assert not (contenders[0].holds and contenders[1].holds), f"both hold it:{here}"
            key = repr((store.now, store.objects, runs, budget, [(c.arguments, c.answers, c.held_until) for c in contenders]))
            if key not in seen:
                seen.add(key)
                todo.append((pickle.dumps((store, contenders, runs, budget)), possible(contenders, runs, budget), here))
    return len(seen)


@pytest.mark.parametrize("case", SMALL.values(), ids=SMALL.keys())
def test_any_order_of_calls(case: Case) -> None:
    assert explore(case) > 50


# the negative controls: rules without one of their parts


class ReadsFirst(rules._Run):
    """Looks at its clock after the lock."""

    def carry_out(self, folder: Any, check_mode: bool) -> Any:
        self.known = [super()._find()]
        return super().carry_out(folder, check_mode)

    def _find(self) -> Any:
        return self.known.pop() if self.known else super()._find()


class RenewsInOneStep(rules._Run):
    """Believes in a renewal whenever it was answered."""

    def _renew(self, found: Any, lock: Any, new: Any) -> bool:
        self._replace(found, lock, new)
        return True


class RenewsWithoutATrace(rules._Run):
    """Looks at the clock, but one cannot see a renewal that came too late."""

    def _renew(self, found: Any, lock: Any, new: Any) -> bool:
        self._replace(found, lock, new)
        end = moment(lock.lease_until)
        return end is not None and self.clock() < end


class TakesOverInPlace(rules._Run):
    """Replaces the object of a lock that has ended."""

    def _do(self, action: str, found: Any, lock: Any, new: Any, blank: Any) -> None:
        if action == rules.TAKE_OVER:
            raw = copied(found.raw)
            rules.put_lock(raw, new)
            self.gateway.update(rules.TEMPLATE.kind, found.dbid, raw)
            self._confirm(found, new)
        else:
            super()._do(action, found, lock, new, blank)


WRONG = {
    ReadsFirst: "the lease ends during a renewal",
    RenewsInOneStep: "the lease ends during a renewal",
    RenewsWithoutATrace: "a renewal is killed, and done again",
    TakesOverInPlace: "the lease ends during a renewal",
}


@pytest.mark.parametrize(("wrong", "case"), WRONG.items(), ids=lambda value: getattr(value, "__name__", "in"))
def test_rules_that_are_wrong_are_caught(monkeypatch: pytest.MonkeyPatch, wrong: type, case: str) -> None:
    monkeypatch.setattr(rules, "_Run", wrong)
    with pytest.raises(AssertionError, match="both hold it"):
        explore(SMALL[case])


def test_clocks_that_differ_by_more_than_the_lease() -> None:
    """The documentation says that they spoil it."""
    with pytest.raises(AssertionError, match="both hold it"):
        explore(SMALL["the lease ends during a renewal"], ahead=timedelta(seconds=LEASE + 1))


# --- larger cases, drawn ------------------------------------------------------------------------------------------------

STATES = st.sampled_from(["held", "held", "held", "suspended", "absent"])
HOWS = st.sampled_from(["well"] * 3 + ["lost", "nothing", "late"])
EVENT = st.one_of(
    st.tuples(st.just("step"), st.integers(0, 1), HOWS, STATES, st.integers(1, 9)),
    st.tuples(st.just("step"), st.integers(0, 1), HOWS, STATES, st.integers(1, 9)),
    st.tuples(st.just("step"), st.integers(0, 1), st.just("well"), STATES, st.integers(5, 9)),
    st.tuples(st.just("time"), st.sampled_from([1, 29, LEASE - 1, LEASE, LEASE + 1])),
    st.tuples(st.just("kill"), st.integers(0, 1)),
    st.tuples(st.just("arrive"), st.integers(0, 3)),
)
Event = tuple[Any, ...]


def play(events: list[Event], store: Store, contenders: tuple[Contender, Contender]) -> None:
    """Let things happen; raises AssertionError when two hold the lock."""
    for event in events:
        if event[0] == "step":
            _step, who, how, state, steps = event
            for number in range(steps):
                contenders[who].step("well" if number else how, state)
                assert not (contenders[0].holds and contenders[1].holds)
        elif event[0] == "time":
            store.now += timedelta(seconds=event[1])
        elif event[0] == "kill":
            contenders[event[1]].die()
        elif store.late:
            request = store.late.pop(event[1] % len(store.late))
            with contextlib.suppress(GatewayError):
                request()


@pytest.mark.parametrize("unique", [True, False], ids=["unique names", "names that are not unique"])
def test_at_most_one_holds_it(unique: bool) -> None:
    """Even where names are not unique: whoever sees two objects holds none. And in these lives all happens that can happen."""
    ended: Counter[str] = Counter()

    @given(st.lists(EVENT, min_size=4, max_size=40), st.booleans())
    @examples(300)
    def life(events: list[Event], same: bool) -> None:
        store = Store(unique)
        contenders = two(store, same)
        play(events, store, contenders)
        for contender in contenders:
            ended.update(contender.ended)
        ended["taken over"] += store.dbid > 101

    life()
    assert {"held", "suspended", "absent", "killed", "LockRefused", "ApplyFailed", "taken over"} <= {what for what in ended if ended[what] > 5}, ended
