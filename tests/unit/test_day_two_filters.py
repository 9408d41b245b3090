# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""In which order the playbooks for day two act, and what forbids it."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.genesys_engage.chat.plugins.filter.day_two import (
    chosen,
    name_list,
    not_described,
    removal_problems,
    restart_problems,
    restarts,
    running,
    state_map,
    stops,
)


def app(name: str, role: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "role": role, "host": name.lower(), "dbid": 101, "primary": "", **more}


UCS_1, UCS_2 = app("UCS_1", "contact_server"), app("UCS_2", "contact_server", primary="UCS_1")
IXN = app("IXN_1", "interaction_server")
CHAT_1, CHAT_2 = app("ChatServer_1", "chat_server", restoration_lacks=[]), app("ChatServer_2", "chat_server", restoration_lacks=[])
GMS = app("GMS_1", "gms")
ALL = [UCS_1, UCS_2, IXN, CHAT_1, CHAT_2, GMS]
DEPLOYMENT = {"applications": ALL}
PLACES = {item["host"]: {"control": "solution_control_server", "control_host": "site", "inventory_host": item["host"]} for item in ALL}
RUNNING = {item["name"]: "RUNNING" for item in ALL}
TENANT = {"tenant": "Environment"}


def names(applications: list[dict[str, Any]]) -> list[str]:
    return [item["name"] for item in applications]


@pytest.mark.parametrize(("value", "found"), [(" a, b,,a ", ["a", "b"]), (["a", "b", "a"], ["a", "b"]), ("", []), (None, []), ([], [])])
def test_names(value, found):
    assert name_list(value) == found


def test_chosen():
    assert chosen(DEPLOYMENT, []) == ALL
    assert names(chosen(DEPLOYMENT, ["ChatServer_2", "UCS_1"])) == ["UCS_1", "ChatServer_2"]
    with pytest.raises(AnsibleFilterError, match="chat_applications: 'ChatServer_3' is not an application that the description describes"):
        chosen(DEPLOYMENT, ["ChatServer_3"])


def test_each_name_that_is_not_described_is_told():
    assert not_described(DEPLOYMENT, ["ChatServer_2", "UCS_1"]) == not_described(DEPLOYMENT, []) == []
    told = not_described(DEPLOYMENT, ["chatserver_1", "UCS_1", "Else"])
    assert [sentence.split("'")[1] for sentence in told] == ["chatserver_1", "Else"]
    assert "did you mean 'ChatServer_1'?" in told[0]


def test_clients_are_stopped_before_their_servers():
    assert [names(step["applications"]) for step in stops(ALL, PLACES)] == [["GMS_1"], ["ChatServer_1", "ChatServer_2"], ["IXN_1"], ["UCS_1", "UCS_2"]]
    assert stops([dict(GMS, dbid=0)], PLACES) == []
    assert stops([GMS], {GMS["host"]: {**PLACES[GMS["host"]], "control": "systemd"}}) == []


def test_one_by_one_backups_first():
    found = restarts(ALL, PLACES)
    assert names(found) == ["UCS_2", "UCS_1", "IXN_1", "ChatServer_1", "ChatServer_2", "GMS_1"]
    assert found[0]["place"] == PLACES["ucs_2"]


@pytest.mark.parametrize(("applications", "states", "words"), [
    ([CHAT_1, CHAT_2], RUNNING, ""),
    ([UCS_1, IXN], {}, ""),
    ([CHAT_1], {**RUNNING, "ChatServer_2": "STOPPED"}, "these do not run: ChatServer_2"),
    ([CHAT_1], {**RUNNING, "ChatServer_1": "STOPPED", "ChatServer_2": "STOPPED"}, ""),
], ids=["all", "others", "alone", "nothing_runs"])
def test_where_sessions_go(applications, states, words):
    problems = restart_problems(DEPLOYMENT, applications, states)
    assert bool(problems) is bool(words) and words in " ".join(problems)
    assert restart_problems(DEPLOYMENT, applications, states, True) == []


def test_sessions_that_are_not_restored():
    lacking = {"applications": [CHAT_1, dict(CHAT_2, restoration_lacks=["session-restoration-mode=simple", "transcript-auto-save=1 (or 2)"])]}
    told = " ".join(restart_problems(lacking, [CHAT_1], RUNNING))
    assert "in section settings 'ChatServer_2' lacks session-restoration-mode=simple and transcript-auto-save=1 (or 2)." in told
    assert "There is only one Chat Server, 'ChatServer_1'" in restart_problems({"applications": [CHAT_1]}, [CHAT_1], RUNNING)[0]


@pytest.mark.parametrize(("removed", "confirmed", "solution", "words"), [
    (["A", "B"], ["B", "A"], TENANT, ""),
    (["all"], ["Environment"], TENANT, ""),
    ([], [], TENANT, "Say what is to be removed, with -e chat_remove="),
    (["A"], [], TENANT, "-e chat_remove_confirm=A."),
    (["A", "B"], ["A"], TENANT, "-e chat_remove_confirm=A,B."),
    (["all"], ["all"], TENANT, "the name of its tenant: -e chat_remove_confirm=Environment."),
    (["A"], ["A"], {}, "Set chat_solution"),
], ids=["names", "all", "nothing", "not_confirmed", "in_part", "all_is_no_name", "no_description"])
def test_what_is_removed_is_said_twice(removed, confirmed, solution, words):
    problems = removal_problems(removed, confirmed, solution)
    assert bool(problems) is bool(words) and words in " ".join(problems)


def test_states():
    looped = {"results": [{"applications": [{"name": "A", "status": "RUNNING"}]}, {"skipped": True}]}
    assert running(ALL, {"UCS_1": "RUNNING", "IXN_1": "STOPPED", "GMS_1": "UNKNOWN"}) == ["UCS_1", "GMS_1"]
    assert state_map([looped, {"applications": [{"name": "B", "status": "STOPPED"}]}, {}]) == {"A": "RUNNING", "B": "STOPPED"}
