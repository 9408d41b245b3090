# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lock of an upgrade: its rules, what each call does when it fails, and what a rival can do between any two calls.

That of two contenders at most one holds it, whatever the order of their calls, is in test_lock_contenders.py.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from unit.config.fake_gateway import Gateway, Killed, option_list

from ansible_collections.genesys_engage.chat.plugins.module_utils._config import lock as rules
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.errors import ApplyFailed, InvalidInput
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.lock import Lock, LockRefused, Wanted, decide, keep_lock
from ansible_collections.genesys_engage.chat.plugins.module_utils._gateway.errors import GatewayError, LoginRefused

NOW = datetime(2026, 4, 1, 12, 0, 0, tzinfo=UTC)
NAME = "genesys_engage.chat upgrade"
KIND = "CfgAppPrototype"
UPGRADE, OTHER = "contact_server 9.1.001.07", "contact_server 9.1.002.01"


def at(hours: float) -> str:
    """Return a time so many hours after now, as a lock has it."""
    return (NOW + timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%SZ")


RUNNING = Lock(UPGRADE, "me", "2026-04-01T11:30:00Z", "2026-04-01T12:30:00Z", "held")
ENDED = RUNNING._replace(lease_until="2026-04-01T12:00:00Z")
SUSPENDED = RUNNING._replace(lease_until="2026-04-01T11:45:00Z", state="suspended")
FAULTY = RUNNING._replace(lease_until="tomorrow")


class Server(Gateway):
    """Objects in memory, no two templates of one name."""

    def _create(self, raw: dict[str, Any]) -> Any:
        if self.named(raw["type"], raw["name"]):
            raise GatewayError("GAX refused: Duplicate information specified.", "POST", "cfg/objects", 409, "CFGUniquenessViolation")
        return super()._create(raw)

    def put(self, lock: Lock | None) -> None:
        """Replace the lock by another one, in an object of its own, as somebody else would."""
        found = self.named(KIND, NAME)
        if found:
            del self.objects[KIND][int(found["dbid"])]
        if lock is not None:
            self._create({"type": KIND, "name": NAME, "options": option_list({"other": {"a": "b"}, "upgrade_lock": lock._asdict()})})

    def lock(self) -> Lock | None:
        """Return the lock that is there."""
        found = self.named(KIND, NAME)
        return rules.lock_of(found) if found else None


def server(lock: Lock | None = None) -> Server:
    """Return a server with another template, and a lock."""
    made = Server()
    made.add(KIND, 120, "Chat Server 8.5.3", subtype="CFGChatServer", version="8.5.3", options=option_list({"settings": {"a": "b"}}))
    made.put(lock)
    return made


def arguments(**changes: Any) -> dict[str, Any]:
    """Return the arguments of the module."""
    usual = {"name": NAME, "upgrade_id": UPGRADE, "owner": "me", "lease": 3600, "break_lock": False, "folder": "#101", "state": "held"}
    return {**usual, **changes}


def keep(gateway: Server, check: bool = False, clock: Callable[[], datetime] = lambda: NOW, **changes: Any) -> dict[str, Any]:
    """Run the module's call; nobody waits."""
    result: dict[str, Any] = keep_lock(gateway, arguments(**changes), check, clock, lambda _seconds: None)
    return result


# --- the rules ----------------------------------------------------------------------------------------------------------

THEIRS = {"owner": "they"}
LOCKS: dict[str, Lock | None] = {
    "none": None,
    "mine": RUNNING,
    "mine, ended": ENDED,
    "mine, suspended": SUSPENDED,
    "mine, renewing": RUNNING._replace(state="renewing"),
    "same upgrade": RUNNING._replace(owner="they"),
    "same upgrade, renewing": RUNNING._replace(owner="they", state="renewing"),
    "same upgrade, renewing, ended": ENDED._replace(owner="they", state="renewing"),
    "same upgrade, ended": ENDED._replace(owner="they"),
    "same upgrade, suspended": SUSPENDED._replace(owner="they"),
    "other upgrade": RUNNING._replace(owner="they", upgrade_id=OTHER),
    "other upgrade, ended": ENDED._replace(owner="they", upgrade_id=OTHER),
    "other upgrade, suspended": SUSPENDED._replace(owner="they", upgrade_id=OTHER),
    "my other upgrade": RUNNING._replace(upgrade_id=OTHER),
    "unreadable": FAULTY,
}
COLUMNS = ("held", "held, break", "suspended", "suspended, break", "absent", "absent, break")
TABLE = {
    "none": ("take", "take", "nothing", "nothing", "nothing", "nothing"),
    "mine": ("renew", "renew", "suspend", "suspend", "remove", "remove"),
    "mine, ended": ("take over", "take over", "suspend", "suspend", "remove", "remove"),
    "mine, suspended": ("take over", "take over", "nothing", "nothing", "remove", "remove"),
    "mine, renewing": ("take over", "take over", "suspend", "suspend", "remove", "remove"),
    "same upgrade": ("refuse", "take over", "refuse", "refuse", "refuse", "remove"),
    "same upgrade, renewing": ("refuse", "take over", "refuse", "refuse", "refuse", "remove"),
    "same upgrade, renewing, ended": ("take over", "take over", "refuse", "refuse", "refuse", "remove"),
    "same upgrade, ended": ("take over", "take over", "refuse", "refuse", "refuse", "remove"),
    "same upgrade, suspended": ("take over", "take over", "refuse", "refuse", "refuse", "remove"),
    "other upgrade": ("refuse", "take over", "refuse", "refuse", "refuse", "remove"),
    "other upgrade, ended": ("refuse", "take over", "refuse", "refuse", "refuse", "remove"),
    "other upgrade, suspended": ("refuse", "take over", "refuse", "refuse", "refuse", "remove"),
    "my other upgrade": ("refuse", "take over", "refuse", "refuse", "refuse", "remove"),
    "unreadable": ("refuse", "take over", "refuse", "refuse", "refuse", "remove"),
}
CASES = [(found, column, action) for found, actions in TABLE.items() for column, action in zip(COLUMNS, actions, strict=True)]


@pytest.mark.parametrize(("found", "column", "action"), CASES)
def test_what_is_done(found: str, column: str, action: str) -> None:
    state, _comma, break_lock = column.partition(", ")
    wanted = Wanted(state, UPGRADE, "me", 3600, bool(break_lock))
    try:
        done = decide(LOCKS[found], wanted, NOW, "lock 'x'")
    except LockRefused as refused:
        assert refused.lock == LOCKS[found]
        done = "refuse"
    assert done == action


#: With the owner whose run has ended: what is done about its lock before the end of the lease, and about those of others.
OF_THE_ENDED = {"same upgrade": "take over", "same upgrade, renewing": "take over", "other upgrade": "refuse", "unreadable": "refuse", "mine": "renew"}


@pytest.mark.parametrize("found", OF_THE_ENDED)
def test_the_lock_of_a_run_that_has_ended(found: str) -> None:
    for ended_owner, action in (("they", OF_THE_ENDED[found]), ("another", "renew" if found == "mine" else "refuse")):
        wanted = Wanted("held", UPGRADE, "me", 3600, False, ended_owner)
        try:
            done = decide(LOCKS[found], wanted, NOW, "lock 'x'")
        except LockRefused:
            done = "refuse"
        assert done == action, ended_owner


@pytest.mark.parametrize("seconds", [-1, 0, 1])
def test_the_end_of_a_lease(seconds: int) -> None:
    """A lease is over from the second on that it names."""
    assert RUNNING.over(datetime(2026, 4, 1, 12, 30, 0, tzinfo=UTC) + timedelta(seconds=seconds)) is (seconds >= 0)


FAULTS = {
    "no time": ({"lease_until": "tomorrow"}, "lease_until is 'tomorrow'"),
    "missing time": ({"taken_at": ""}, "taken_at is ''"),
    "another zone": ({"taken_at": "2026-04-01T12:00:00+02:00"}, "taken_at"),
    "no such day": ({"lease_until": "2026-02-30T12:00:00Z"}, "lease_until"),
    "another state": ({"state": "free"}, "state is 'free'"),
    "no owner": ({"owner": ""}, "no owner"),
    "no upgrade": ({"upgrade_id": ""}, "no owner or no upgrade"),
}


@pytest.mark.parametrize(("edit", "words"), FAULTS.values(), ids=FAULTS.keys())
@pytest.mark.parametrize("state", ["held", "suspended", "absent"])
def test_a_lock_that_somebody_edited(edit: dict[str, str], words: str, state: str) -> None:
    gateway = server(RUNNING._replace(**edit))
    with pytest.raises(LockRefused) as refused:
        keep(gateway, state=state)
    assert words in str(refused.value) and "break_lock" in str(refused.value)
    assert gateway.writes() == []
    if state == "held":
        assert keep(gateway, break_lock=True)["lock"] == gateway.lock()._asdict()  # type: ignore[union-attr]  # it is there
        assert gateway.lock() == Lock(UPGRADE, "me", at(0), at(1), "held")


REFUSALS: dict[str, tuple[Lock, dict[str, Any], list[str]]] = {
    "the same upgrade runs": (
        RUNNING._replace(owner="they"),
        {},
        [
            "'they'",
            UPGRADE,
            "since 2026-04-01T11:30:00Z",
            "ends at 2026-04-01T12:30:00Z",
            "Wait",
            f"run the upgrade '{UPGRADE}' again",
            "break_lock",
            "safe",
        ],
    ),
    "another one runs": (RUNNING._replace(upgrade_id=OTHER), {}, ["'me'", OTHER, "since", "ends at", "Wait", f"run the upgrade '{OTHER}' again", "break_lock"]),
    "another one was left": (ENDED._replace(upgrade_id=OTHER), {}, [OTHER, "ended at 2026-04-01T12:00:00Z", "not finished", "run it again", "break_lock"]),
    "another one was suspended": (
        SUSPENDED._replace(upgrade_id=OTHER),
        {},
        [OTHER, "suspended it at 2026-04-01T11:45:00Z", "run it again", "two versions"],
    ),
    "suspended by another": (RUNNING._replace(owner="they"), {"state": "suspended"}, ["'they'", "Only its owner can suspend it"]),
    "removed by another": (RUNNING._replace(owner="they"), {"state": "absent"}, ["'they'", "Only its owner can remove it", "break_lock", "safe only if"]),
}


@pytest.mark.parametrize(("lock", "changes", "words"), REFUSALS.values(), ids=REFUSALS.keys())
@pytest.mark.parametrize("check", [True, False])
def test_what_a_refusal_says(lock: Lock, changes: dict[str, Any], words: list[str], check: bool) -> None:
    gateway = server(lock)
    with pytest.raises(LockRefused) as refused:
        keep(gateway, check, **changes)
    assert [word for word in words if word not in str(refused.value)] == []
    assert refused.value.failure() == {"message": str(refused.value), "object": f"lock '{NAME}'", "lock": lock._asdict(), "written": []}
    assert gateway.writes() == [] and gateway.lock() == lock


BAD: dict[str, tuple[dict[str, Any], str]] = {
    "lease too short": ({"lease": 59}, "lease must be from 60 to 604800"),
    "lease too long": ({"lease": 604801}, "lease must be from 60 to 604800"),
    "no owner": ({"owner": None}, "owner must be given"),
    "blank owner": ({"owner": "  "}, "owner must be given"),
    "no upgrade": ({"upgrade_id": None}, "upgrade_id must be given"),
    "no upgrade to suspend": ({"upgrade_id": "", "state": "suspended"}, "upgrade_id must be given"),
    "no owner to suspend": ({"owner": "", "state": "suspended", "break_lock": True}, "owner must be given"),
    "no owner to remove": ({"owner": None, "state": "absent"}, "owner must be given"),
    "two lines": ({"owner": "a\nb"}, "owner must be one line"),
    "long": ({"upgrade_id": "x" * 256}, "upgrade_id must be one line of at most 255"),
    "empty name": ({"name": " "}, "name"),
    "odd name": ({"name": "a\0b"}, "name"),
}


@pytest.mark.parametrize(("changes", "words"), BAD.values(), ids=BAD.keys())
def test_bad_arguments(changes: dict[str, Any], words: str) -> None:
    gateway = server()
    with pytest.raises(InvalidInput) as refused:
        keep(gateway, **changes)
    assert words in str(refused.value)
    assert gateway.calls == []


@pytest.mark.parametrize("lease", [60, 604800])
def test_the_bounds_are_allowed(lease: int) -> None:
    assert keep(server(), lease=lease)["lock"]["lease_until"] == at(lease / 3600)


# --- the run ------------------------------------------------------------------------------------------------------------

#: What is found, what is asked for, which writes that takes, and the lock afterwards.
TAKEN = Lock(UPGRADE, "me", at(0), at(1), "held")
RUNS: dict[str, tuple[Lock | None, dict[str, Any], list[str], Lock | None]] = {
    "take": (None, {}, ["create"], TAKEN),
    "renew": (RUNNING, {}, ["update", "update"], RUNNING._replace(lease_until=at(1))),
    "take over": (ENDED._replace(owner="they"), {}, ["delete", "create"], TAKEN),
    "break": (RUNNING._replace(upgrade_id=OTHER), {"break_lock": True}, ["delete", "create"], TAKEN),
    "suspend": (RUNNING, {"state": "suspended"}, ["update"], RUNNING._replace(lease_until=at(0), state="suspended")),
    "remove": (RUNNING, {"state": "absent"}, ["delete"], None),
    "nothing": (None, {"state": "absent"}, [], None),
}
RUN = pytest.mark.parametrize(("found", "changes", "writes", "left"), RUNS.values(), ids=RUNS.keys())


@RUN
def test_what_is_written(found: Lock | None, changes: dict[str, Any], writes: list[str], left: Lock | None) -> None:
    gateway = server(found)
    preview = keep(gateway, check=True, **changes)
    assert gateway.writes() == [] and gateway.lock() == found
    old = gateway.named(KIND, NAME)
    result = keep(gateway, **changes)
    assert result == preview
    assert [verb for verb, _kind, _name in gateway.effects] == writes
    assert gateway.lock() == left
    assert result["changed"] is bool(writes)
    assert (result["lock"], result["previous"]) == (left and left._asdict(), found and found._asdict())
    assert result["continued"] is bool(found and found.upgrade_id == UPGRADE)
    assert (result["diff"]["before"], result["diff"]["after"]) == (result["previous"] or {}, result["lock"] or {})
    new = gateway.named(KIND, NAME)
    if set(writes) == {"update"}:
        assert old and new and new["dbid"] == old["dbid"] and {"section": "other", "key": "a", "value": "b"} in new["options"]["property"]
    elif new and old:
        assert new["dbid"] != old["dbid"]
    if "create" in writes:
        assert new and (new["subtype"], new["version"], new["state"]) == ("CFGThirdPartyApp", "1.0.0", "CFGEnabled")


def test_a_template_that_holds_no_lock_is_left_alone() -> None:
    gateway = server()
    for changes in ({}, {"break_lock": True}, {"state": "absent", "break_lock": True}):
        with pytest.raises(LockRefused, match="holds no lock"):
            keep(gateway, name="Chat Server 8.5.3", **changes)
    assert gateway.writes() == []


def test_names_that_are_not_unique() -> None:
    """On a server that lets two of them be, nobody holds a lock."""
    gateway = server(RUNNING)
    gateway.objects[KIND][999] = {**gateway.objects[KIND][201], "dbid": "999"}
    with pytest.raises(LockRefused, match="2 application templates"):
        keep(gateway)
    assert gateway.writes() == []


def test_the_folder_of_a_new_lock_if_none_is_given() -> None:
    gateway = server()
    keep(gateway, folder=None)
    made = gateway.named(KIND, NAME)
    assert made and made["folderid"] == "101"


def test_the_folder_of_a_new_lock() -> None:
    gateway = server()
    gateway.add("CfgFolder", 150, "Automation", folderid="0")
    keep(gateway, folder="Automation")
    made = gateway.named(KIND, NAME)
    assert made and made["folderid"] == "150"
    gateway = server(ENDED)
    for check in (True, False):
        with pytest.raises(InvalidInput, match="folder: no folder is named 'Nowhere'"):
            keep(gateway, check, folder="Nowhere")
    assert gateway.writes() == [], "the old lock was removed before it was known that a new one can be made"


# --- each call fails once in every way -----------------------------------------------------------------------------------


@RUN
@pytest.mark.parametrize("fault", [*Gateway.FAULTS, "down from here"])
def test_any_call_fails(fault: str, found: Lock | None, changes: dict[str, Any], writes: list[str], left: Lock | None) -> None:
    quiet = server(found)
    keep(quiet, **changes)
    for number, (verb, _kind, _name) in enumerate(quiet.calls, 1):
        gateway = server(found)
        if fault == "down from here":
            gateway.down_from = number
        else:
            gateway.faults[number] = fault
        try:
            keep(gateway, **changes)
        except Killed:
            assert fault in ("killed", "killed after")
        except (ApplyFailed, LockRefused, GatewayError) as error:
            done = [(verb, KIND) for verb, _kind, _name in gateway.effects]
            assert isinstance(error, ApplyFailed) or not done, f"{verb}: it does not say what was written: {error}"
            if isinstance(error, ApplyFailed):
                assert "Written before" in str(error) and f"lock '{NAME}'" in str(error)
                told = [(item["action"], item["type"]) for item in error.written]
                assert told == done or "may have been carried out" in str(error), f"{verb}: {error}"
        else:
            assert fault not in ("killed", "killed after", "down from here")
            assert gateway.lock() == left
        gateway.faults.clear()
        gateway.down_from = None
        keep(gateway, **changes)
        assert gateway.lock() == left, f"running again after '{fault}' at call {number} ({verb})"
        gateway.named(KIND, NAME)


def test_an_answer_that_was_lost_is_no_rival() -> None:
    """The create was carried out, and its repetition is refused as a duplicate: it is this run's own."""
    gateway = server()
    gateway.faults[2] = "lost"
    assert keep(gateway)["lock"] == TAKEN._asdict()
    gateway = server(ENDED._replace(owner="they"))
    gateway.faults[2] = gateway.faults[4] = "lost"  # delete, create
    assert keep(gateway)["lock"] == TAKEN._asdict()
    assert [verb for verb, _kind, _name in gateway.effects] == ["delete", "create"]


def test_a_refused_login_is_not_repeated() -> None:
    """Accounts are locked after some of them."""

    class LoggedOut(Server):
        def _create(self, raw: dict[str, Any]) -> Any:
            raise LoginRefused("GAX refused the login of user 'x'", "POST", "session/login", 401)

    gateway = LoggedOut()
    with pytest.raises(ApplyFailed, match="refused the login"):
        keep(gateway)
    assert len(gateway.calls) == 2


# --- a rival between any two calls --------------------------------------------------------------------------------------

RIVAL = Lock(OTHER, "they", at(0), at(1), "held")


@RUN
@pytest.mark.parametrize("rival", [RIVAL, RIVAL._replace(upgrade_id=UPGRADE)], ids=["another upgrade", "the same upgrade"])
def test_a_rival_at_any_moment(rival: Lock, found: Lock | None, changes: dict[str, Any], writes: list[str], left: Lock | None) -> None:
    """Somebody breaks the lock and takes it right before a call: from then on it is his, and this run says so."""
    quiet = server(found)
    keep(quiet, **changes)
    for number in range(2, len(quiet.calls) + 1):
        gateway = server(found)
        gateway.edits[number] = lambda gateway: gateway.put(rival)  # type: ignore[attr-defined]  # it is a Server
        if changes.get("state") == "absent":
            keep(gateway, **changes)  # what it wanted to remove is gone
        else:
            with pytest.raises(LockRefused) as refused:
                keep(gateway, **changes)
            assert refused.value.lock == rival and "'they'" in str(refused.value)
            assert [item["action"] for item in refused.value.written] == [verb for verb, _kind, _name in gateway.effects], "not by this run"
        assert gateway.lock() == rival


@RUN
def test_somebody_removes_it_at_any_moment(found: Lock | None, changes: dict[str, Any], writes: list[str], left: Lock | None) -> None:
    quiet = server(found)
    keep(quiet, **changes)
    for number in range(2, len(quiet.calls) + 1):
        gateway = server(found)
        gateway.edits[number] = lambda gateway: gateway.put(None)  # type: ignore[attr-defined]  # it is a Server
        try:
            keep(gateway, **changes)
            assert gateway.lock() == left
        except LockRefused as refused:
            assert "There is no lock now" in str(refused) and gateway.lock() is None


def test_what_was_to_be_taken_over_is_gone() -> None:
    """Somebody has removed it since this run has looked, so what the run knows is old. Unless that may have been the run itself."""
    gateway = server(ENDED)
    gateway.edits[2] = lambda gateway: gateway.put(None)  # type: ignore[attr-defined]  # it is a Server
    with pytest.raises(LockRefused, match="There is no lock now"):
        keep(gateway)
    assert gateway.effects == [] and gateway.lock() is None
    gateway = server(ENDED)
    gateway.faults[2] = "busy"
    gateway.edits[4] = lambda gateway: gateway.put(None)  # type: ignore[attr-defined]  # it is a Server
    assert keep(gateway)["lock"] == ENDED._replace(lease_until=at(1))._asdict()


TOO_LATE = {
    "in time": (NOW + timedelta(minutes=29, seconds=59), ["update", "update"]),
    "too late": (NOW + timedelta(minutes=30), ["update", "delete", "create"]),
}


@pytest.mark.parametrize(("answered", "writes"), TOO_LATE.values(), ids=TOO_LATE.keys())
def test_a_renewal_counts_only_before_the_end_of_the_lease(answered: datetime, writes: list[str]) -> None:
    """Later another run may have found the lease ended, and be about to delete that very object."""
    gateway = server(RUNNING)
    times = [NOW, answered, answered]
    result = keep(gateway, clock=lambda: times.pop(0))
    assert [verb for verb, _kind, _name in gateway.effects] == writes
    assert gateway.lock() == RUNNING._replace(lease_until=at(1)) and result["lock"] == gateway.lock()._asdict()  # type: ignore[union-attr]  # it is there


def test_a_lock_whose_taking_took_longer_than_its_lease() -> None:
    times = [NOW, NOW + timedelta(hours=1)]
    with pytest.raises(LockRefused, match="longer than the lease"):
        keep(server(), clock=lambda: times.pop(0))


def test_a_server_that_does_not_do_what_it_says() -> None:
    class Idle(Server):
        def _update(self, kind: str, dbid: int, raw: dict[str, Any]) -> None:
            """Do nothing."""

        def _delete(self, kind: str, dbid: int) -> None:
            """Do nothing."""

    gateway = Idle()
    gateway.put(RUNNING)
    for state, words in (("held", "reads back as"), ("suspended", "reads back as"), ("absent", "still there")):
        with pytest.raises(ApplyFailed, match=words):
            keep(gateway, state=state)
