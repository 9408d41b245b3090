# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Journal, history, the undoing of a part, and kept plans, through the modules and the playbooks; judged by the sandbox's database and its log."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import pytest
from integration.configured_site import SECRET, Site, solution
from integration.engagement import engage
from integration.test_config_restore import everything, play

LIMIT = ("options", "settings", "limit-for-sessions")
KEY = ("CfgApplication", "ChatServer_1")
OPTIONS: dict[str, Any] = {"settings": {"limit-for-sessions": "7", "new": "x"}, "log": {"verbose": "all"}, "db": {"password": SECRET}}


def changed(*numbers: int) -> dict[str, Any]:
    """A description of production in which these Chat Servers have other options."""
    found = solution(production=True)
    for number in numbers:
        found["chat_servers"][number - 1] = {**found["chat_servers"][number - 1], "options": OPTIONS}
    return found


def journal_of(place: Path) -> list[dict[str, Any]]:
    (file,) = place.glob("journal-*.jsonl")
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def test_each_write_of_a_run_is_in_the_journal(site: Site, tmp_path: Path) -> None:
    """The journal has what the sandbox's log has, write by write, and the account. With no journal there would be as many requests."""
    done = site.ok("chat_solution", solution=solution(), snapshot_dir=str(tmp_path), journal_person="kim", journal_title="Monday")
    begin, *writes = journal_of(tmp_path)
    assert [(line["action"], line["type"], line["name"]) for line in writes if not line["beside"]] == site.writes()
    assert {(line["account"], line["person"], line["title"], line["module"]) for line in writes} == {
        (site.connection["gax_username"], "kim", "Monday", "chat_solution")}
    assert {line["snapshot"] for line in (begin, *writes)} == {done.result["snapshot"]} and begin["planned"] == len(done.changes)
    refused = site.run("chat_server_app", name="ChatServer_1", host="nowhere", snapshot_dir=str(tmp_path))
    assert refused.result["failed"] and len(journal_of(tmp_path)) == 1 + len(writes)


def test_one_option_is_undone_by_what_the_history_tells(furnished: Site, tmp_path: Path) -> None:
    place: dict[str, Any] = {"snapshot_dir": str(tmp_path)}
    before = everything(furnished)
    furnished.ok("chat_server_app", name="ChatServer_1", options=OPTIONS, **place)
    furnished.ok("chat_server_app", name="ChatServer_2", options={"log": {"verbose": "all"}}, **place)
    after = everything(furnished)
    outcome = furnished.runner.run("config_history_info", {"object": "ChatServer_1", "option": "settings/limit-for-sessions", "since": "1h", **place})
    (run,) = outcome.result["runs"]
    assert f"settings/limit-for-sessions: '{before[KEY][LIMIT]}' -> '7'" in run["text"] and SECRET not in outcome.everything and run["complete"]
    asked: dict[str, Any] = {"path": run["snapshot"], "object": "ChatServer_1", "option": "settings/limit-for-sessions", **place}
    preview = furnished.ok("config_restore", check=True, **asked)
    assert everything(furnished) == after and not furnished.writes()
    assert furnished.ok("config_restore", **asked).changes == preview.changes and furnished.writes() == [("update", *KEY)]
    assert everything(furnished) == {**after, KEY: {**after[KEY], LIMIT: before[KEY][LIMIT]}}
    furnished.ok("config_restore", **{**asked, "option": None})
    assert everything(furnished) == {**after, KEY: before[KEY]}
    for words, wrong in ((("object", "'Nobody'"), {"object": "Nobody"}), (("option", "'nothing'", "options/log/verbose"), {"option": "nothing"})):
        furnished.refuses("config_restore", *words, **{**asked, **wrong})


def test_a_kept_plan_is_applied_and_nothing_else(furnished: Site, tmp_path: Path) -> None:
    site, file = furnished, tmp_path / "plan.json"
    wanted: dict[str, Any] = {"solution": changed(1)}
    site.refuses("chat_solution", "production", "plan_file", "--check", **wanted)
    plan = site.ok("chat_solution", check=True, plan_file=str(file), **wanted).result["plan"]
    assert plan["path"] == str(file) and plan["writes"] > 0 and SECRET not in file.read_text(encoding="utf-8")
    site.refuses("chat_solution", "'ChatServer_2' would be done now", "plan", plan_file=str(file), solution=changed(1, 2))
    site.sandbox.edit(*KEY, startuptimeout="77")
    assert site.ok("chat_solution", check=True, plan_file=str(file), plan_action="require", **wanted).changed, "what it does not write may change"
    foretold = json.loads(file.read_text(encoding="utf-8"))["changes"]
    assert site.ok("chat_solution", plan_file=str(file), **wanted).changes == foretold
    assert not site.ok("chat_solution", plan_file=str(file), **wanted).changed
    site.refuses("chat_solution", "state", "present", "absent", plan_file=str(file), **{**wanted, "state": "absent"})


def test_what_else_writes_to_production_needs_a_plan(furnished: Site, tmp_path: Path) -> None:
    """A restore and the channel of Web Engagement: refused, kept, and applied; another one is refused; a restore that can't wait goes on."""
    site, file = furnished, tmp_path / "plan.json"
    place: dict[str, Any] = {"snapshot_dir": str(tmp_path / "kept")}
    before = everything(site)
    snapshot = site.ok("chat_server_app", name="ChatServer_1", options=OPTIONS, **place).result["snapshot"]
    undo: dict[str, Any] = {"path": snapshot, "production": True, **place}
    site.refuses("config_restore", "production", "plan_file", "set without_plan", **undo)
    preview = site.ok("config_restore", check=True, plan_file=str(file), **undo)
    assert preview.result["plan"]["writes"] == 1 and json.loads(file.read_text(encoding="utf-8"))["subject"]["path"] == snapshot
    site.refuses("config_restore", "was kept for object '', and this run is for object 'ChatServer_1'", plan_file=str(file), **undo, object="ChatServer_1")
    site.ok("config_restore", plan_file=str(file), **undo)
    assert everything(site) == before
    site.ok("chat_server_app", name="ChatServer_1", options={"log": {"verbose": "all"}}, **place)
    newest = max((tmp_path / "kept").glob("*chat_server_app*.json"), key=os.path.getmtime)
    urgent = site.ok("config_restore", without_plan=True, **{**undo, "path": str(newest)})
    assert everything(site) == before
    runs = site.runner.run("config_history_info", {"newest": 20, **place}).result["runs"]
    assert len(runs) == 4 and [run["snapshot"] for run in runs if run["without_plan"]] == [urgent.result["snapshot"]], "others had a plan, or needed none"
    engage(site, "ChatServer_3")
    channel: dict[str, Any] = {"backend_server": "WES_1", "tenant": "Environment", "queue": "Webengagement_Chat", "production": True, **place}
    site.refuses("wes_chat_channel", "production", "plan_file", **channel)
    site.ok("wes_chat_channel", check=True, plan_file=str(file), **channel)
    site.refuses("wes_chat_channel", "what would be written is not what", plan_file=str(file), **{**channel, "queue": "Chat_In"})
    site.sandbox.clear()
    site.ok("wes_chat_channel", plan_file=str(file), **channel)
    assert ("update", "CfgApplication", "WES_1") in site.writes()


def test_writes_have_an_interval(furnished: Site) -> None:
    furnished.refuses("chat_solution", "write_interval", "from 0 to 3600", write_interval=-1, solution=changed(1))
    began = time.monotonic()
    done = furnished.ok("chat_solution", write_interval=0.7, solution=dict(changed(1, 2, 3), production=False), parallel_writes=4)
    assert len(done.changes) == 3 and time.monotonic() - began > 1.4


@pytest.mark.slow
def test_playbooks(furnished: Site, tmp_path: Path) -> None:
    """A production is refused without a plan; one is kept, applied, told by the history, and one option of it is undone."""
    configure, look = tmp_path / "configure.yml", tmp_path / "look.yml"
    play_of_ours = {"hosts": "genesys_configuration", "gather_facts": False, "name": "Configure it", "roles": ["genesys_engage.chat.configuration"]}
    configure.write_text(json.dumps([play_of_ours]), encoding="utf-8")
    look.write_text("[{import_playbook: genesys_engage.chat.history}, {import_playbook: genesys_engage.chat.restore}]", encoding="utf-8")
    (tmp_path / "vars.json").write_text(json.dumps({
        "chat_solution": changed(1), "chat_snapshot_dir": str(tmp_path / "kept"), "awx_user_name": "kim"}), encoding="utf-8")
    more = ("-e", f"@{tmp_path / 'vars.json'}")
    plan = ("-e", f"chat_plan_file={tmp_path / 'plan.json'}")
    before = furnished.sandbox.database()
    code, output = play(furnished, tmp_path, str(configure), *more)
    assert code == 2 and "production: this is a production environment" in output and "chat_plan_file" in output, output
    code, output = play(furnished, tmp_path, str(configure), *more, *plan, "--check")
    assert code == 0 and f"is kept in {tmp_path / 'plan.json'} on site" in " ".join(output.split()), output
    assert furnished.sandbox.database() == before
    code, output = play(furnished, tmp_path, str(configure), *more, *plan)
    assert code == 0 and furnished.application("ChatServer_1")[LIMIT] == "7", output
    (snapshot,) = (tmp_path / "kept").glob("*.json")
    undo = ("-e", f"chat_snapshot={snapshot}", "-e", "chat_restore_object=ChatServer_1", "-e", "chat_restore_option=settings/limit-for-sessions")
    asked = (*more, *undo, "-e", "chat_history_object=ChatServer_1", "-e", "chat_history_person=kim")
    code, output = play(furnished, tmp_path, str(look), *asked)
    assert code == 2 and "chat_plan_file" in output and "chat_without_plan" in output and furnished.application("ChatServer_1")[LIMIT] == "7", output
    code, output = play(furnished, tmp_path, str(look), *asked, "-e", "chat_without_plan=true")
    told = " ".join(output.split())
    assert code == 0 and "Configure it (chat_solution): changed application 'ChatServer_1'" in told and SECRET not in output, output
    assert furnished.application("ChatServer_1")[LIMIT] != "7" and furnished.application("ChatServer_1")["options", "settings", "new"] == "x"
    assert os.path.exists(snapshot)
    # A removal is refused before anything is stopped.
    include = {"ansible.builtin.include_role": {"name": "genesys_engage.chat.configuration", "tasks_from": "removal_plan"}}
    look.write_text(json.dumps([{"hosts": "genesys_configuration", "gather_facts": False, "tasks": [include]}]), encoding="utf-8")
    code, output = play(furnished, tmp_path, str(look), *more, *plan, "-e", "chat_remove=ChatServer_4", "-e", "chat_remove_confirm=ChatServer_4")
    assert code == 2 and "was kept for state 'present', and this run is for state 'absent'" in " ".join(output.split()), output
