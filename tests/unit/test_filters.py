# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filters that the roles use."""

from __future__ import annotations

from typing import Any

import pytest
from ansible import context
from ansible.errors import AnsibleFilterError

from ansible_collections.genesys_engage.chat.plugins.filter.deployment import (
    applications_on,
    control_list,
    handed_over,
    package_facts,
    places,
    port_list,
    starts,
    to_install,
)
from ansible_collections.genesys_engage.chat.plugins.filter.host_objects import host_objects
from ansible_collections.genesys_engage.chat.plugins.filter.run import from_the_beginning, given, left_out, left_out_text, lost_text, run_problems, unset


def application(name: str, **changes: Any) -> dict[str, Any]:
    return {
        "name": name, "role": "chat_server", "type": "CFGChatServer", "host": "chat1", "address": "192.0.2.1", "dbid": 105,
        "ports": {"default": 4580, "ESP": 4582}, "version": "8.5.311.06", "working_directory": ".", "startup_timeout": 90,
        "shutdown_timeout": 60, "on_host": [{"name": name, "type": "CFGChatServer"}], **changes,
    }


def test_applications_on_a_host_by_role() -> None:
    deployment = {"applications": [application("A"), application("B", host="chat2"), application("C", role="gms")]}
    assert [item["name"] for item in applications_on(deployment, "chat1", ["chat_server"])] == ["A"]
    assert applications_on({}, "chat1", ["chat_server"]) == []


def test_only_existing_applications_are_controlled() -> None:
    assert control_list([application("A"), application("B", dbid=0)]) == [
        {"name": "A", "dbid": 105, "host": "chat1", "startup_timeout": 90, "shutdown_timeout": 60, "stage": 2}]


def test_servers_start_before_their_clients() -> None:
    roles = ["gms", "chat_server", "contact_server", "interaction_server", "of somebody else"]
    stages = {item["name"]: item["stage"] for item in control_list([application(role, role=role) for role in roles])}
    assert stages["contact_server"] < stages["interaction_server"] < stages["chat_server"] < stages["gms"]


def test_what_differs_is_installed() -> None:
    wanted = [application("A"), application("B"), application("C")]
    look = {"packages": [{"name": "B", "changed": True}, {"name": "C", "changed": False}]}
    assert to_install(wanted, look) == [wanted[1]] and to_install(wanted, {}) == []


def test_a_configuration_host_that_has_told_nothing() -> None:
    told: dict[str, Any] = {"applications": []}
    assert handed_over(told, "site") is told
    with pytest.raises(AnsibleFilterError, match="'site' has not told this host what to install: it is not part of this run, or failed"):
        handed_over({}, "site")


def test_where_and_through_whom_applications_are_started() -> None:
    hostvars = {
        "a": {"genesys_host": "chat1", "genesys_install_root": "/srv"}, "b": {"genesys_control": "systemd"},
        "c": {"genesys_control_host": "other", "genesys_host": ""}, "d": {"genesys_configuration_host": "elsewhere"},
    }
    known = places(["a", "b", "c", "d"], hostvars, "site")
    assert known["chat1"] == {"inventory_host": "a", "install_root": "/srv", "control": "solution_control_server", "control_host": "site"}
    assert sorted(known) == ["b", "c", "chat1"]
    wanted = [application("A"), application("B", host="b"), application("C", host="c"), application("D", host="d"), application("E")]
    assert [(one["control_host"], [item["name"] for item in one["applications"]]) for one in starts({"applications": wanted}, known)] == [
        ("site", ["A", "E"]), ("other", ["C"])]


def test_every_port_is_listed() -> None:
    assert port_list([application("A")]) == [
        {"name": "A", "id": "ESP", "address": "192.0.2.1", "port": 4582},
        {"name": "A", "id": "default", "address": "192.0.2.1", "port": 4580},
    ]


def test_facts_for_the_installation() -> None:
    facts = package_facts(application("A"), False)
    assert facts["application"] == {"name": "A", "type": "CFGChatServer", "host": "chat1", "dbid": 105, "version": "8.5.311.06", "working_directory": "."}
    assert (facts["host"], facts["itcutility"], facts["applications_on_host"]) == ("chat1", False, [{"name": "A", "type": "CFGChatServer"}])


def test_host_objects_of_one_site() -> None:
    hostvars = {"a": {}, "b": {"genesys_host": "Host B"}, "c": {"genesys_configuration_host": "elsewhere"}}
    assert host_objects(["a", "b", "c"], hostvars, "site") == ["a", "Host B"]
    assert host_objects(["a", "b", "c"], hostvars, "elsewhere") == ["a", "Host B", "c"]
    assert host_objects(["a", "b", "c"], hostvars, "elsewhere", "site") == ["c"]


def test_host_objects_by_who_starts_their_applications() -> None:
    hostvars = {"a": {}, "b": {"genesys_host": "Host B", "genesys_control": "systemd"}, "c": {"genesys_control": "solution_control_server"}}
    assert host_objects(["a", "b", "c"], hostvars, "site", control="systemd") == ["Host B"]
    assert host_objects(["a", "b", "c"], hostvars, "site", control="solution_control_server") == ["a", "c"]


# --- what a run can do --------------------------------------------------------------------------------------------------

GROUPS = {"genesys_configuration": ["madrid", "paris"], "genesys_hosts": ["chat1", "chat2", "ucs1"]}
VARIABLES: dict[str, dict[str, Any]] = {
    "madrid": {}, "paris": {"genesys_configuration_host": "paris"}, "chat1": {},
    "chat2": {"genesys_host": "chat2.example.com", "genesys_configuration_host": ""},
    "ucs1": {"genesys_configuration_host": "paris", "genesys_host": None}, "elsewhere": {},
}


def problems(*targets: str, groups: Any = None, **more: Any) -> str:
    return " ".join(run_problems(targets, groups or GROUPS, VARIABLES, **more))


@pytest.mark.parametrize("targets", [("madrid",), ("madrid", "chat1"), ("paris", "ucs1"), ("madrid", "chat1", "chat2", "paris", "ucs1")])
def test_a_run_with_its_configuration_hosts(targets: tuple[str, ...]) -> None:
    assert problems(*targets) == ""


@pytest.mark.parametrize(
    ("targets", "more", "words"),
    [
        ((), {}, "'madrid', 'paris', which stand for the Configuration Servers, are not part of this run."),
        (("elsewhere",), {"limit": "elsewhere"},
         "are not part of this run (--limit elsewhere). A --limit must include it, for example --limit 'elsewhere:madrid"),
        (("chat1", "chat2"), {"limit": "chat*"},
         "'madrid', which stands for the Configuration Server, is not part of this run (--limit chat*). A --limit must include it, for example "
         "--limit 'chat*:madrid', and so must chat_hosts. In AWX 'relaunch on failed hosts' keeps its limit"),
        # With commas, as AWX has it, a colon would be a part of a name.
        (("chat1", "chat2"), {"limit": "chat1,chat2"}, "for example --limit 'chat1,chat2,madrid', and so must chat_hosts."),
        (("madrid", "ucs1"), {"limit": "all:!paris"},
         "'paris', which stands for the Configuration Server, is not part of this run (--limit all:!paris). A --limit must include it, and"),
        (("chat1",), {"hosts": False}, "'madrid', 'paris', which"),
        (("madrid",), {"steps": False}, "--tags or --skip-tags leave them out"),
        (("madrid",), {"groups": {"genesys_configuration": ["madrid"]}}, "and genesys_hosts (the hosts of the servers), and at least one of them is empty"),
        (("chat1",), {"groups": {"genesys_hosts": ["chat1"]}, "hosts": False}, "The inventory needs the groups genesys_configuration"),
    ],
)
def test_a_run_that_can_not_do_its_work(targets: tuple[str, ...], more: Any, words: str) -> None:
    assert words in problems(*targets, **more)


def test_hosts_that_are_left_out() -> None:
    elsewhere = {"C": "chat2.example.com", "D": "ucs1", "E": "gone"}
    applications = [application("A"), application("B"), *(application(name, host=host) for name, host in elsewhere.items())]
    arguments = (GROUPS["genesys_hosts"], ["madrid", "chat1", "ucs1"], VARIABLES, "madrid", "madrid")
    found = left_out(applications, *arguments)
    # ucs1 belongs to another site, and the host of that name is none of this one
    assert found == [{"host": "chat2", "applications": ["C"]}, {"host": "gone", "applications": ["E"]}, {"host": "ucs1", "applications": ["D"]}]
    assert left_out_text(found[:1], "Not checked").startswith("Not checked, as these hosts are not part of this run or can't be reached: chat2 (C). Run again")
    assert left_out(applications[:2], *arguments) == [] and left_out_text([], "Not checked") == ""


def test_hosts_that_a_step_has_lost() -> None:
    """The reason is what the task has registered: without anything, it has failed."""
    looked: dict[str, dict[str, bool]] = {"a": {"unreachable": True}, "b": {"failed": True}, "d": {}}
    variables: dict[str, Any] = {"site": {}, "c": {}, **{name: {"package_look": look} for name, look in looked.items()}}
    told = lost_text(list(variables), ["site", "d"], variables, "package_look")
    assert told.startswith("Not reached: a. See whether they run") and told.endswith("Failed, as said above: c, b.")
    assert lost_text(list(variables), list(variables), variables, "package_look") == ""


@pytest.mark.parametrize(("value", "expected"), [("", 7), (None, 7), ("  ", 7), (False, False), (0, 0), ("0", "0"), ([], []), ("x", "x")])
def test_an_empty_answer_is_none(value: Any, expected: Any) -> None:
    assert given(value, 7) == expected


def test_no_run_begins_in_the_middle(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(context, "CLIARGS", {"start_at_task": None})
    assert from_the_beginning("localhost:all") == "localhost:all"
    monkeypatch.setattr(context, "CLIARGS", {"start_at_task": "Go back"})
    with pytest.raises(AnsibleFilterError, match="can't begin at 'Go back'. Run it without --start-at-task"):
        from_the_beginning("localhost:all")


def test_each_variable_that_is_needed_is_told_in_a_sentence() -> None:
    assert unset({"chat_solution": {"tenant": "x"}, "mlcmd_path": "/x", "confserv_host": "h"}) == []
    assert unset({"chat_solution": {}, "mlcmd_path": " ", "confserv_host": "h"}) == [
        "Set chat_solution: the description of the chat solution.",
        "Set mlcmd_path: the path of mlcmd on the host that has it; not needed with genesys_control=systemd."]
