# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Carrying a plan out: only our fields, conflicts, what is read back, and what the messages say."""

from __future__ import annotations

import copy
import threading
import time
from types import SimpleNamespace

import pytest
from unit.config.fake_gateway import Gateway, application, apply_solution, description, option_list, plan_solution, world

from ansible_collections.genesys_engage.chat.plugins.module_utils._config import apply as apply_module
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.apply import apply
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.desired import Desired
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.directory import Directory
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.errors import ApplyFailed, Conflict
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.plan import make_plan
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.secrets import Secrets


@pytest.fixture(autouse=True)
def waits(monkeypatch):
    """The seconds that apply would have waited."""
    noted: list[float] = []
    monkeypatch.setattr(apply_module, "time", SimpleNamespace(sleep=noted.append))
    return noted


def gateway_with(**options):
    gateway = Gateway(**options)
    gateway.add("CfgTenant", 1, "Environment")
    gateway.add("CfgHost", 301, "h1")
    gateway.add("CfgApplication", 1, "A", **application(options={"log": {"verbose": "standard"}, "db": {"password": "first-secret"}}))
    return gateway


def wanting(*edits, name="A", present=True):
    item = Desired("CfgApplication", name, present=present)
    for path, value in edits:
        item.want(path, value)
    return item


def planned(gateway, *wanted):
    """Return (plan, directory, number of the call that comes next)."""
    directory = Directory(gateway)
    directory.load(["CfgHost", "CfgTenant"])
    plan = make_plan(directory, wanted)
    return plan, directory, len(gateway.calls) + 1


VERBOSE = ("options", "log", "verbose")


def test_check_mode_sends_nothing_at_all():
    gateway = gateway_with()
    plan, directory, asked = planned(gateway, wanting(("startup_timeout", 5)))
    assert plan
    assert apply(plan, directory, True) == []
    assert len(gateway.calls) == asked - 1


def test_the_writes_are_reported_in_their_order():
    assert [(item["action"], item["type"], item["name"]) for item in apply_solution(world(), description(1))] == [
        ("create", "CfgScript", "Webengagement_Chat"), ("create", "CfgApplication", "IXN_1"), ("create", "CfgApplication", "UCS_1"),
        ("create", "CfgApplication", "UCS_2"), ("create", "CfgApplication", "ChatServer_1"), ("update", "CfgApplication", "UCS_1"),
        ("update", "CfgApplication", "IXN_1")]


def test_reading_back_is_one_list_a_class():
    gateway = gateway_with()
    plan, directory, asked = planned(gateway, wanting(("startup_timeout", 5)))
    apply(plan, directory, False)
    assert [call[:2] for call in gateway.calls[asked - 1:]] == [("get", "CfgApplication"), ("update", "CfgApplication"), ("list", "CfgApplication")]


# --- somebody else ------------------------------------------------------------------------------------------------------


def editing(number, key, value):
    """An edit of the property by somebody else, right before that call."""
    def edit(gateway):
        gateway.objects["CfgApplication"][1][key] = value
    return {number: edit}


def test_an_edit_elsewhere_in_the_object_is_kept():
    gateway = gateway_with()
    plan, directory, asked = planned(gateway, wanting(("startup_timeout", 5), (VERBOSE, "all")))
    gateway.edits = editing(asked, "shutdowntimeout", "77")
    gateway.edits[asked + 2] = lambda gateway: None
    apply(plan, directory, False)
    raw = gateway.objects["CfgApplication"][1]
    assert (raw["startuptimeout"], raw["shutdowntimeout"]) == ("5", "77")


def test_another_option_set_meanwhile_is_kept():
    gateway = gateway_with()
    plan, directory, asked = planned(gateway, wanting((VERBOSE, "all")))
    gateway.edits = editing(asked, "options", option_list({"log": {"verbose": "standard", "new": "1"}}))
    apply(plan, directory, False)
    assert gateway.objects["CfgApplication"][1]["options"] == option_list({"log": {"verbose": "all", "new": "1"}})


@pytest.mark.parametrize("fault", ["busy", "broken", "session renewed"])
def test_an_edit_elsewhere_between_two_attempts_is_kept(fault):
    gateway = gateway_with()
    plan, directory, asked = planned(gateway, wanting(("startup_timeout", 5)))
    gateway.faults = {asked + 1: fault}
    gateway.edits = editing(asked + 2, "shutdowntimeout", "77")
    if fault != "broken":
        apply(plan, directory, False)
        assert gateway.objects["CfgApplication"][1]["startuptimeout"] == "5"
    else:
        with pytest.raises(ApplyFailed):
            apply(plan, directory, False)
    assert gateway.objects["CfgApplication"][1]["shutdowntimeout"] == "77"


def test_an_edit_of_the_same_field_is_a_conflict_and_nothing_is_written():
    gateway = gateway_with()
    plan, directory, asked = planned(gateway, wanting(("startup_timeout", 5), (VERBOSE, "all")))
    gateway.edits = editing(asked, "options", option_list({"log": {"verbose": "trace"}}))
    with pytest.raises(ApplyFailed, match="update application 'A' failed: somebody changed options/log/verbose from 'standard' to 'trace' while "
                                          "this run wanted to make it 'all'.*Written before: nothing") as caught:
        apply(plan, directory, False)
    assert isinstance(caught.value.cause, Conflict)
    assert caught.value.failure()["object"] == "application 'A'"
    assert gateway.writes() == []


@pytest.mark.parametrize("fault", ["busy", "session renewed"])
def test_an_edit_of_the_same_field_between_two_attempts_is_a_conflict(fault):
    gateway = gateway_with()
    plan, directory, asked = planned(gateway, wanting(("startup_timeout", 5)))
    gateway.faults = {asked + 1: fault}
    gateway.edits = editing(asked + 2, "startuptimeout", "77")
    with pytest.raises(ApplyFailed, match="somebody changed startup_timeout from '90' to '77'"):
        apply(plan, directory, False)
    assert gateway.objects["CfgApplication"][1]["startuptimeout"] == "77"


def test_somebody_else_making_the_same_edit_is_no_conflict():
    gateway = gateway_with()
    plan, directory, asked = planned(gateway, wanting(("startup_timeout", 5)))
    gateway.edits = editing(asked, "startuptimeout", "5")
    assert apply(plan, directory, False) == []
    assert gateway.writes() == []


def test_an_option_removed_by_somebody_else_that_is_to_change_is_a_conflict():
    gateway = gateway_with()
    plan, directory, asked = planned(gateway, wanting((VERBOSE, "all")))
    gateway.edits = editing(asked, "options", option_list())
    with pytest.raises(ApplyFailed, match="somebody changed options/log/verbose from 'standard' to ''"):
        apply(plan, directory, False)


def test_an_option_that_is_to_go_and_is_gone_is_no_conflict():
    gateway = gateway_with()
    item = Desired("CfgApplication", "A")
    item.forbid(VERBOSE)
    plan, directory, asked = planned(gateway, item)
    gateway.edits = editing(asked, "options", option_list())
    assert apply(plan, directory, False) == []


def test_an_object_deleted_by_somebody_else():
    gateway = gateway_with()
    plan, directory, asked = planned(gateway, wanting(("startup_timeout", 5)))
    gateway.edits = {asked: lambda gateway: gateway.objects["CfgApplication"].pop(1)}
    with pytest.raises(ApplyFailed, match="update application 'A' failed: the object was deleted by somebody else since it was read"):
        apply(plan, directory, False)


@pytest.mark.parametrize("fault", [None, "refused", "broken"])
def test_an_object_to_delete_deleted_by_somebody_else(fault):
    """Whether a server answers 404 then, or anything else, does not matter."""
    gateway = gateway_with()
    plan, directory, asked = planned(gateway, wanting(present=False))
    gateway.edits = {asked + 1: lambda gateway: gateway.objects["CfgApplication"].pop(1)}
    gateway.faults = {asked + 1: fault} if fault else {}
    apply(plan, directory, False)
    assert gateway.objects["CfgApplication"] == {}


@pytest.mark.parametrize(("key", "value", "words"), [
    ("name", "B", "somebody renamed it to 'B' while this run wanted to remove it"),
    ("options", option_list({"log": {"verbose": "standard", "new": "1"}}), "somebody changed options/log/new from '' to '1'"),
    ("hostdbid", "302", "somebody changed host from 'h1' to 'h2'"),
], ids=["renamed", "changed", "moved"])
def test_an_edit_of_what_is_to_be_removed_after_planning_is_a_conflict(key, value, words):
    """It is read again right before it is removed, as what is written is: a name may stand for another decision by then."""
    gateway = gateway_with()
    gateway.add("CfgHost", 302, "h2")
    plan, directory, asked = planned(gateway, wanting(present=False))
    gateway.edits = editing(asked, key, value)
    with pytest.raises(ApplyFailed, match=f"delete application 'A' failed: {words}"):
        apply(plan, directory, False)
    assert gateway.objects["CfgApplication"][1][key] == value


@pytest.mark.parametrize("fault", ["busy", "session renewed"])
def test_an_edit_of_what_is_to_be_removed_between_two_attempts_is_a_conflict(fault):
    gateway = gateway_with()
    plan, directory, asked = planned(gateway, wanting(present=False))
    gateway.faults = {asked + 1: fault}
    gateway.edits = editing(asked + 2, "options", option_list({"log": {"verbose": "standard", "new": "1"}}))
    with pytest.raises(ApplyFailed, match="delete application 'A' failed: somebody changed options/log/new from '' to '1'"):
        apply(plan, directory, False)
    assert 1 in gateway.objects["CfgApplication"]


@pytest.mark.parametrize("fault", ["busy", "session renewed", "broken"])
@pytest.mark.parametrize("timeout", ["5", "77"])
def test_an_object_that_somebody_else_creates_between_two_attempts(fault, timeout):
    """What is as wanted is taken, what is not is told; nothing is written to either."""
    gateway = gateway_with()
    plan, directory, asked = planned(gateway, wanting(("startup_timeout", 5), name="New"))
    gateway.faults = {asked: fault}
    gateway.edits = {asked + 1: lambda gateway: gateway.add("CfgApplication", 9, "New", startuptimeout=timeout, options=option_list({"theirs": {"a": "b"}}))}
    if timeout == "5":
        apply(plan, directory, False)
    else:
        with pytest.raises(ApplyFailed, match="create application 'New' failed: somebody else created it at the same time, with '77' as startup_timeout"):
            apply(plan, directory, False)
    assert gateway.named("CfgApplication", "New")["options"] == option_list({"theirs": {"a": "b"}})
    assert gateway.effects == []


def test_sessions_that_end_before_each_write(waits):
    """That is told in the end, and nobody has waited for it."""
    gateway = gateway_with()
    plan, directory, asked = planned(gateway, wanting(("startup_timeout", 5)))
    gateway.faults = dict.fromkeys(range(asked + 1, asked + 100, 2), "session renewed")
    with pytest.raises(ApplyFailed, match="GAX ended the session 11 times in a row before an object that was read could be written"):
        apply(plan, directory, False)
    assert (gateway.effects, waits) == ([], [])


def test_a_refused_delete_of_what_is_still_there():
    gateway = gateway_with()
    plan, directory, asked = planned(gateway, wanting(present=False))
    gateway.faults = {asked: "refused"}
    with pytest.raises(ApplyFailed, match="delete application 'A' failed: the fake says 'refused'"):
        apply(plan, directory, False)


# --- what a create may answer -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", [None, "lost", "busy", "broken after"])
def test_a_new_object_is_found_by_its_name(fault):
    gateway = Gateway(tells_dbids=False)
    gateway.add("CfgTenant", 1, "Environment")
    gateway.add("CfgHost", 301, "h1")
    plan, directory, asked = planned(gateway, wanting(("host", "h1"), name="Server"), _client())
    gateway.faults = {asked: fault} if fault else {}
    apply(plan, directory, False)
    server, client = gateway.named("CfgApplication", "Server"), gateway.named("CfgApplication", "Client")
    assert [entry["appserverdbid"] for entry in client["appservers"]["conninfo"]] == [server["dbid"]]


def _client():
    item = Desired("CfgApplication", "Client")
    item.demand(("connections", "Server", "default", "protocol"), "")
    return item


def test_a_new_object_that_is_nowhere():
    class Forgetful(Gateway):
        def create(self, obj):
            super().create(obj)
            self.objects["CfgApplication"].popitem()

    plan, directory, _asked = planned(Forgetful(), wanting(name="New"))
    with pytest.raises(ApplyFailed, match="create application 'New' failed: the object can't be found after it was created"):
        apply(plan, directory, False)


# --- reading back -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (lambda raw: raw.update(startuptimeout="6"), "startup_timeout was written as '5' and reads back as '6'"),
        (lambda raw: raw.update(options=option_list()), "options/log/verbose was written as 'all' and reads back as ''"),
    ],
)
def test_what_did_not_stay_as_written_is_reported(edit, message):
    gateway = gateway_with()
    plan, directory, asked = planned(gateway, wanting(("startup_timeout", 5), (VERBOSE, "all")))
    gateway.edits = {asked + 2: lambda gateway: edit(gateway.objects["CfgApplication"][1])}
    with pytest.raises(ApplyFailed, match="update application 'A' failed: %s. Written before: update CfgApplication 'A'" % message):
        apply(plan, directory, False)


def test_what_was_written_and_is_gone_is_reported():
    gateway = gateway_with()
    plan, directory, asked = planned(gateway, wanting(("host", "h1"), name="New"))
    gateway.edits = {asked + 2: lambda gateway: gateway.objects["CfgApplication"].popitem()}
    with pytest.raises(ApplyFailed, match="create application 'New' failed: written, but not there when read back"):
        apply(plan, directory, False)


def test_what_was_removed_and_is_there_is_reported():
    gateway = gateway_with()
    raw = copy.deepcopy(gateway.objects["CfgApplication"][1])
    plan, directory, asked = planned(gateway, wanting(present=False))
    gateway.edits = {asked + 2: lambda gateway: gateway.objects["CfgApplication"].update({1: raw})}
    with pytest.raises(ApplyFailed, match="delete application 'A' failed: removed, but still there when read back"):
        apply(plan, directory, False)


def test_a_folder_given_by_its_end_reads_back():
    gateway = world()
    content = description(1)
    content["chat_server_defaults"]["folder"] = "Chat"
    apply_solution(gateway, content)
    assert gateway.named("CfgApplication", "ChatServer_1")["folderid"] == "104"


# --- options of the template --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("copies", [False, True])
def test_the_placeholder_section_does_not_survive_a_server_that_copies_options(copies):
    gateway = world(copies_template_options=copies)
    apply_solution(gateway, description(1))
    options = gateway.named("CfgApplication", "ChatServer_1")["options"]["property"]
    assert sorted({entry["section"] for entry in options}) == ["endpoints:1", "log", "settings"]


# --- messages -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("new", ["second-secret", None])
def test_messages_do_not_show_secrets(new):
    """The values in question may come from the server, where Ansible's no_log does not know them."""
    gateway = gateway_with()
    path = ("options", "db", "password")
    item = Desired("CfgApplication", "A")
    if new:
        item.want(path, new)
    else:
        item.forbid(path)
    for number in (0, 2):
        plan, directory, asked = planned(gateway, item)
        gateway.edits = editing(asked + number, "options", option_list({"db": {"password": "third-secret"}}))
        with pytest.raises(ApplyFailed, match="options/db/password") as caught:
            apply(plan, directory, False)
        assert "-secret" not in str(caught.value) + repr(caught.value.failure())
        gateway.objects["CfgApplication"][1]["options"] = option_list({"db": {"password": "first-secret"}})


def test_messages_do_not_show_what_the_user_calls_secret():
    gateway = gateway_with()
    plan, directory, asked = planned(gateway, wanting((VERBOSE, "all")))
    gateway.edits = editing(asked, "options", option_list({"log": {"verbose": "trace"}}))
    with pytest.raises(ApplyFailed) as caught:
        apply(plan, directory, False, Secrets(["verbose"]))
    assert not any(value in str(caught.value) for value in ("standard", "trace", "'all'"))


def test_a_refused_write_says_what_was_written_before():
    gateway = world()
    plan, directory = plan_solution(gateway, description(1))
    number = next(index for index in range(1, 99) if _name_of_write(index) == "UCS_1")
    gateway.faults = {number: "refused"}
    with pytest.raises(ApplyFailed, match=r"^create application 'UCS_1' failed: the fake says 'refused' \(HTTP 409\)\. Written before: create CfgScript "
                                          r"'Webengagement_Chat', create CfgApplication 'IXN_1'\. Running again continues from there\.$") as caught:
        apply(plan, directory, False)
    assert caught.value.failure() == {"method": "create", "path": "cfg/objects", "status": 409, "code": "CFGIncorrectReferences",
                                      "message": "the fake says 'refused'", "object": "application 'UCS_1'", "snapshot": None, "written": [
                                          {"action": "create", "type": "CfgScript", "name": "Webengagement_Chat"},
                                          {"action": "create", "type": "CfgApplication", "name": "IXN_1"}]}


def _name_of_write(number):
    """The name that the call of that number writes in an undisturbed run of the same description."""
    gateway = world()
    apply_solution(gateway, description(1))
    verb, _kind, name = gateway.calls[number - 1]
    return name if verb == "create" else None


@pytest.mark.parametrize(("fault", "doubt"), [("lost", True), ("busy", True), ("refused", False)])
def test_a_write_whose_end_nobody_saw_is_called_uncertain(fault, doubt):
    gateway = gateway_with()
    plan, directory, asked = planned(gateway, wanting(("host", "h1"), name="New"))
    gateway.faults = {asked: fault}
    gateway.down_from = asked + 1
    with pytest.raises(ApplyFailed) as caught:
        apply(plan, directory, False)
    assert ("may have been carried out" in str(caught.value)) is doubt


def test_a_write_that_was_looked_for_and_is_not_there_is_not_called_uncertain():
    gateway = gateway_with()
    plan, directory, asked = planned(gateway, wanting(("startup_timeout", 5)))
    gateway.faults = {asked + 1: "broken"}
    with pytest.raises(ApplyFailed, match="the fake says 'broken'") as caught:
        apply(plan, directory, False)
    assert "may have been carried out" not in str(caught.value)


def test_a_busy_server_is_asked_again_a_bounded_number_of_times(waits):
    class Busy(Gateway):
        def update(self, kind, dbid, obj):
            self.faults = {len(self.calls) + 1: "busy"}
            super().update(kind, dbid, obj)

    gateway = Busy(retries=3)
    gateway.add("CfgTenant", 1, "Environment")
    gateway.add("CfgHost", 301, "h1")
    gateway.add("CfgApplication", 1, "A")
    plan, directory, _asked = planned(gateway, wanting(("startup_timeout", 5)))
    with pytest.raises(ApplyFailed, match="the fake says 'busy'"):
        apply(plan, directory, False)
    assert len(gateway.writes()) == 4
    assert len(waits) == 3


# --- in parallel --------------------------------------------------------------------------------------------------------


class Slow(Gateway):
    """Its first update fails once another one has begun; the others end only after that."""

    def __init__(self, **options):
        super().__init__(**options)
        self.begun = threading.Event()
        self.failed = threading.Event()
        self.guard = threading.Lock()

    def update(self, kind, dbid, obj):
        if obj["name"] == "A0":
            assert self.begun.wait(5)
            with self.guard:
                self.faults = {len(self.calls) + 1: "refused"}
                try:
                    super().update(kind, dbid, obj)
                finally:
                    self.failed.set()
        else:
            self.begun.set()
            assert self.failed.wait(5)
            time.sleep(0.05)  # time enough to notice the failure and begin nothing more
            with self.guard:
                super().update(kind, dbid, obj)


def test_a_failure_in_parallel_begins_nothing_more_and_lists_what_ended_later():
    gateway = Slow(parallel_writes=2)
    gateway.add("CfgTenant", 1, "Environment")
    gateway.add("CfgHost", 301, "h1")
    for number in range(12):
        gateway.add("CfgApplication", number + 1, "A%d" % number)
    plan, directory, _asked = planned(gateway, *[wanting(("startup_timeout", 5), name="A%d" % number) for number in range(12)])
    with pytest.raises(ApplyFailed, match="^update application 'A0' failed") as caught:
        apply(plan, directory, False)
    written = [name for _verb, _kind, name in gateway.effects]
    assert written, "the write that had begun was carried out"
    assert len(written) < 11, "what had not begun was not"
    listed = str(caught.value).partition("Written before: ")[2]
    assert [name for name in written if "'%s'" % name not in listed] == []


def test_updates_in_parallel_do_the_same_as_one_by_one():
    results = []
    for workers in (1, 4):
        gateway = world(parallel_writes=workers)
        apply_solution(gateway, description(4))
        content = description(4)
        content["chat_server_defaults"]["options"] = {"settings": {"limit-for-sessions": 2000}}
        writes = apply_solution(gateway, content)
        assert {item["name"] for item in writes} == {"ChatServer_1", "ChatServer_2", "ChatServer_3", "ChatServer_4"}
        results.append(gateway.state())
    assert results[0] == results[1]
