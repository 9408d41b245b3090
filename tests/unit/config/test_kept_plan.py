# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A plan that was kept and approved: applied only if it is still exactly what would be written, otherwise refused before the first write."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from unit.config.fake_gateway import Gateway, application, description, option_list, plan_solution, world

from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.chat_solution import approved
from ansible_collections.genesys_engage.chat.plugins.module_utils._config import apply as apply_module
from ansible_collections.genesys_engage.chat.plugins.module_utils._config import kept_plan as kept_plan_module
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.apply import apply
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.desired import Desired
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.directory import Directory
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.errors import InvalidInput
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.kept_plan import KEEP, REQUIRE, KeptPlan, about
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.plan import make_plan
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.secrets import Secrets

SERVER = "https://gax.example.com/gax/api/"
SECRET = "s3cr3t-of-the-site"
SUBJECT = {"tenant": "Environment", "state": "present"}


@pytest.fixture(autouse=True)
def waits(monkeypatch):
    """Nobody waits here, neither for a pause nor for a slow hash."""
    monkeypatch.setattr(apply_module, "time", SimpleNamespace(sleep=lambda _seconds: None))
    monkeypatch.setattr(kept_plan_module, "_ROUNDS", 10)


def kept_plan(path: Any, needed: bool = False, server: str = SERVER, subject: dict[str, str] | None = None, action: str = "", way_out: str = "") -> KeptPlan:
    author = {"account": "automation", "person": "kim"}
    return KeptPlan(str(path) if path else "", needed, server, subject or SUBJECT, author, Secrets(), action, way_out)


def small_world() -> Gateway:
    gateway = Gateway()
    gateway.add("CfgTenant", 1, "Environment")
    gateway.add("CfgHost", 301, "h")
    gateway.add("CfgApplication", 1, "A", **application(options={"s": {"x": "1", "password": "old"}}))
    gateway.add("CfgApplication", 2, "B", **application())
    return gateway


def desired(secret: str = SECRET, **startup: int) -> list[Desired]:
    """What is wanted: an option and a secret of A, and the start time-outs of applications."""
    one = Desired("CfgApplication", "A")
    one.want(("options", "s", "x"), "2")
    one.want(("options", "s", "password"), secret)
    startup = startup or {"B": 5}
    if "A" in startup:
        one.want("startup_timeout", startup.pop("A"))
    return [one, *[_startup(name, value) for name, value in startup.items()]]


def _startup(name: str, value: int) -> Desired:
    item = Desired("CfgApplication", name)
    item.want("startup_timeout", value)
    return item


def run(gateway: Gateway, file: KeptPlan, check_mode: bool = False, wanted: list[Desired] | None = None) -> list[dict[str, str]]:
    directory = Directory(gateway)
    plan = make_plan(directory, desired() if wanted is None else wanted)
    return apply(plan, directory, check_mode, kept_plan=file)


@pytest.fixture
def kept(tmp_path):
    """A world and the file of the plan that was kept of it."""
    gateway = small_world()
    file = kept_plan(tmp_path / "plans" / "plan.json")
    run(gateway, file, check_mode=True)
    assert file.kept and not gateway.writes()
    return gateway, Path(file.path)


def refused(gateway: Gateway, words: str, *arguments: Any, **more: Any) -> None:
    """The run is refused with these words, and writes nothing."""
    before = gateway.state()
    wanted = more.pop("wanted", None)
    with pytest.raises(InvalidInput, match=words):
        run(gateway, kept_plan(*arguments, **more), wanted=wanted)
    assert gateway.state() == before and not gateway.writes()


def test_the_plan_is_applied_as_it_was_kept(kept):
    gateway, file = kept
    assert [change["name"] for change in run(gateway, kept_plan(file))] == ["A", "B"]
    content = json.loads(file.read_text(encoding="utf-8"))
    assert [(change["name"], change["after"]) for change in content["changes"]] == [
        ("A", {"options": {"s": {"x": "2", "password": "********"}}}), ("B", {"startup_timeout": 5})]
    assert (content["server"], content["subject"], content["account"], content["person"]) == (SERVER, SUBJECT, "automation", "kim")
    assert SECRET not in file.read_text(encoding="utf-8") and stat.S_IMODE(os.stat(file).st_mode) == 0o600
    assert run(gateway, kept_plan(file)) == [], "there is nothing left to do, and any plan will do for that"


def test_a_whole_solution(tmp_path):
    """The plan of a first deployment, in which objects refer to each other, is the same when it is made again."""
    gateway, file = world(), tmp_path / "plan.json"
    for check_mode in (True, False):
        plan, directory = plan_solution(gateway, description(3))
        apply(plan, directory, check_mode, kept_plan=kept_plan(file))
    assert len(gateway.writes()) >= len(plan.changes) > 5


@pytest.mark.parametrize(("edit", "words"), [
    (lambda gateway: gateway.named("CfgApplication", "A").update(options=option_list({"s": {"x": "0", "password": "old"}})),
     "update application 'A': options/s/x: in the plan '1' -> '2', now '0' -> '2'"),
    (lambda gateway: gateway.named("CfgApplication", "B").update(startuptimeout="5"), "update application 'B' is in the plan, and would not be done now"),
    (lambda gateway: gateway.objects["CfgApplication"].pop(2) and gateway.add("CfgApplication", 9, "B", **application(startuptimeout="7")),
     "update application 'B': startup_timeout: in the plan '90' -> '5', now '7' -> '5'")])
def test_an_older_state_is_refused(kept, edit, words):
    gateway, file = kept
    edit(gateway)
    refused(gateway, f"not what .*plan.json' holds, which was kept at .*: {words}. Nothing was written: keep a new plan", file)


@pytest.mark.parametrize(("wanted", "words"), [
    ({"B": 6}, "update application 'B': startup_timeout: in the plan '90' -> '5', now '90' -> '6'"),
    ({"A": 6, "B": 5}, "update application 'A': startup_timeout: in the plan left as it is, now '90' -> '6'"),
    ({"secret": "another"}, "the value of a secret option is another one")])
def test_another_description_is_refused(kept, wanted, words):
    gateway, file = kept
    refused(gateway, words, file, wanted=desired(**wanted))


def test_a_new_write_is_refused(kept):
    gateway, file = kept
    refused(gateway, "update application 'C' would be done now, and is not in the plan", file, wanted=_with_c(gateway))


def _with_c(gateway: Gateway) -> list[Desired]:
    gateway.add("CfgApplication", 3, "C", **application())
    return [*desired(), _startup("C", 5)]


def test_another_order_is_refused(kept):
    gateway, file = kept
    refused(gateway, "the order of the writes is another one", file, wanted=list(reversed(desired())))


@pytest.mark.parametrize(("more", "words"), [
    ({"server": "https://lab/gax/api/"}, "was kept for https://gax.example.com/gax/api/, and gax_url leads to https://lab/gax/api/"),
    ({"subject": {"tenant": "Sales", "state": "present"}}, "was kept for tenant 'Environment', and this run is for tenant 'Sales'"),
    ({"subject": {"tenant": "Environment", "state": "absent"}}, "was kept for state 'present', and this run is for state 'absent'")])
def test_a_plan_of_another_environment_is_refused(kept, more, words):
    gateway, file = kept
    refused(gateway, words, file, **more)


@pytest.mark.parametrize(("damage", "words"), [
    (lambda text: text.replace(": 5", ": 6"), "was changed after it was kept"), (lambda text: text.replace("kim", "lee"), "was changed"),
    (lambda text: text[:200], "is not a plan: it holds no JSON"), (lambda text: "[]", "is not a plan of this collection"),
    (lambda text: text.replace('"version": 1', '"version": 2'), "is of version 2"), (lambda text: "[" * 5000, "is not a plan: it holds no JSON")])
def test_a_file_that_was_edited_or_damaged_is_refused(kept, damage, words):
    gateway, file = kept
    file.write_text(damage(file.read_text(encoding="utf-8")), encoding="utf-8")
    refused(gateway, f"plan_file: '{file}' {words}", file)


def test_a_file_that_is_not_there_and_one_that_is_none(kept, tmp_path):
    gateway, _file = kept
    refused(gateway, "there is no plan '.*none.json'; --check with the same plan_file keeps one", tmp_path / "none.json")
    os.mkfifo(tmp_path / "pipe")
    refused(gateway, "can't be read: it is a named pipe", tmp_path / "pipe")
    refused(gateway, "can't be read: embedded null byte", "a\0b")
    with pytest.raises(InvalidInput, match="plan_file: .* could not be written: Is a directory|it is a directory"):
        run(gateway, kept_plan(tmp_path), check_mode=True)


def test_production_wants_a_kept_plan(kept):
    gateway, file = kept
    refused(gateway, "production: .* only a plan that was kept is applied. Keep one with --check and plan_file", "", needed=True)
    assert run(gateway, kept_plan("", needed=True), check_mode=True) == []
    assert run(gateway, kept_plan(file, needed=True))
    refused_at_the_end = kept_plan("", needed=True)
    with pytest.raises(InvalidInput, match="production"):
        run(gateway, refused_at_the_end)


def test_what_can_not_wait_may_do_without(kept):
    """The message names the option that says so; the option settles it, and a plan that is given holds all the same."""
    gateway, _file = kept
    refused(gateway, "the same plan_file without --check; for what can't wait for that, set without_plan to true$", "", needed=True, way_out="without_plan")
    told = about("path", "object")
    params = {"path": "/x", "object": None, "production": True}
    assert told(params) == ({"path": "/x", "object": ""}, True) == told({**params, "without_plan": False})
    assert not told({**params, "without_plan": True})[1] and not told({**params, "production": False})[1]


def test_a_plan_can_be_tried_in_check_mode(kept):
    gateway, file = kept
    before = file.read_bytes()
    assert run(gateway, kept_plan(file, action=REQUIRE), check_mode=True) == []
    gateway.named("CfgApplication", "B")["startuptimeout"] = "5"
    with pytest.raises(InvalidInput, match="'B' is in the plan"):
        run(gateway, kept_plan(file, action=REQUIRE), check_mode=True)
    assert file.read_bytes() == before
    refused(gateway, "plan_action: a plan is kept in check mode", file, action=KEEP)


def test_what_a_plan_of_the_module_is_about():
    solution = {"tenant": "Environment", "production": True}
    assert approved({"solution": solution, "state": "absent", "applications": ["A", "B"]}) == (
        {"tenant": "Environment", "state": "absent", "applications": "A, B"}, True)
    assert approved({"solution": dict(solution, production=False), "state": "present", "applications": None})[1] is False
