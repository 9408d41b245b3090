# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One object, one section, one option out of a snapshot: only that goes back, and what the snapshot lacks is refused in a sentence."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from unit.config.fake_gateway import Gateway, application, option_list
from unit.config.way_back import SERVER, Run

from ansible_collections.genesys_engage.chat.plugins.module_utils._config import apply as apply_module
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.desired import Desired
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.errors import InvalidInput
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.plan import describe
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.restore import OVERWRITE, REFUSE, WayBack
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.secrets import Secrets
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.selection import selected
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.snapshot import Keeper, entry_of, read

NOT_GIVEN = dict.fromkeys(("object", "type", "tenant", "option"))


@pytest.fixture(autouse=True)
def waits(monkeypatch):
    """Nobody waits here."""
    monkeypatch.setattr(apply_module, "time", SimpleNamespace(sleep=lambda _seconds: None))


def small_world() -> Gateway:
    gateway = Gateway()
    gateway.add("CfgTenant", 1, "Environment")
    gateway.add("CfgTenant", 101, "Sales")
    gateway.add("CfgHost", 301, "h")
    gateway.add("CfgApplication", 1, "A", **application(options={"s": {"x": "1", "y": "1"}, "t": {"x": "1"}}))
    gateway.add("CfgApplication", 2, "B", **application(options={"s": {"own": "b"}}))
    gateway.add("CfgApplication", 3, "C", **application(options={"s": {"own": "c"}}))
    return gateway


def changed(place: Any) -> tuple[Gateway, Run]:
    """A run that changes A in four places, changes B, removes C and creates D."""
    gateway = small_world()
    one, other, new = Desired("CfgApplication", "A"), Desired("CfgApplication", "B"), Desired("CfgApplication", "D")
    for path, value in ((("options", "s", "x"), "2"), (("options", "s", "new"), "2"), (("options", "t", "x"), "2"), ("startup_timeout", 5)):
        one.want(path, value)
    other.want("startup_timeout", 5)
    leaves: dict[Any, Any] = {"host": "h", "type": "CFGThirdPartyServer", ("ports", "default"): 4000, ("options", "s", "x"): "9"}
    for part, wanted in leaves.items():
        new.want(part, wanted)
    run = Run(gateway, [one, other, new, Desired("CfgApplication", "C", present=False)], place)
    run.carry_out()
    return gateway, run


def back(gateway: Gateway, run: Run, place: Any, later_edits: str = REFUSE, **asked: str) -> Run:
    """The way back of what is asked for, planned."""
    entries = selected(read(str(run.file), SERVER), {**NOT_GIVEN, **asked})
    return Run(gateway, lambda directory: WayBack(directory, Secrets(), later_edits).wanted(entries), place)


def edits(run: Run) -> list[tuple[Any, ...]]:
    return [(change["action"], change["name"], change["before"], change["after"]) for change in describe(run.plan, lambda tree: tree)]


@pytest.mark.parametrize(("asked", "expected"), [
    ({"object": "B"}, [("update", "B", {"startup_timeout": 5}, {"startup_timeout": 90})]),
    ({"object": "D"}, [("delete", "D")]), ({"object": "C"}, [("create", "C")]),
    ({"object": "A", "option": "s"}, [("update", "A", {"options": {"s": {"x": "2", "new": "2"}}}, {"options": {"s": {"x": "1"}}})]),
    ({"object": "A", "option": "s/new"}, [("update", "A", {"options": {"s": {"new": "2"}}}, {})]),
    ({"object": "A", "option": "new"}, [("update", "A", {"options": {"s": {"new": "2"}}}, {})]),
    ({"object": "A", "type": "CfgApplication", "option": "options/t/x"},
     [("update", "A", {"options": {"t": {"x": "2"}}}, {"options": {"t": {"x": "1"}}})]),
    ({"object": "A", "option": "startup_timeout"}, [("update", "A", {"startup_timeout": 5}, {"startup_timeout": 90})])])
def test_only_what_is_asked_for_goes_back(tmp_path, asked, expected):
    gateway, run = changed(tmp_path)
    before = gateway.state()
    way = back(gateway, run, tmp_path, **asked)
    assert [edit[:len(expected[0])] for edit in edits(way)] == expected
    way.carry_out()
    after = gateway.state()
    key = ("CfgApplication", asked["object"], "")
    assert {name: value for name, value in after.items() if name != key} == {name: value for name, value in before.items() if name != key}
    assert after.get(key) != before.get(key) and not back(gateway, run, tmp_path, **asked).plan


@pytest.mark.parametrize(("asked", "words"), [
    ({"object": "Z"}, "object: the snapshot has no object 'Z'; it has application 'D', application 'A'"),
    ({"object": "A", "type": "CfgHost"}, "no object 'A' of type 'CfgHost'"), ({"option": "s"}, "option: name the object as well"),
    ({"type": "CfgHost"}, "type: name the object as well"),
    ({"object": "A", "option": "nothing"}, "option: the snapshot has no 'nothing' of application 'A'; it has .*options/s/x"),
    ({"object": "A", "option": "x"}, "option: 'x' of application 'A' is in several places: options/s/x, options/t/x; write one of them"),
    ({"object": "D", "option": "s"}, "option: the run created application 'D'"),
    ({"object": "C", "option": "s"}, "option: application 'C' is not there any more")])
def test_what_the_snapshot_lacks_is_refused(tmp_path, asked, words):
    gateway, run = changed(tmp_path)
    with pytest.raises(InvalidInput, match=words):
        back(gateway, run, tmp_path, **asked)


def test_a_later_edit_counts_only_where_something_goes_back(tmp_path):
    gateway, run = changed(tmp_path)
    gateway.named("CfgApplication", "A")["options"] = option_list({"s": {"x": "77", "y": "1", "new": "2"}, "t": {"x": "2"}})
    assert edits(back(gateway, run, tmp_path, object="A", option="t")) == [("update", "A", {"options": {"t": {"x": "2"}}}, {"options": {"t": {"x": "1"}}})]
    with pytest.raises(InvalidInput, match="s/x is now '77'"):
        back(gateway, run, tmp_path, object="A", option="s")
    back(gateway, run, tmp_path, OVERWRITE, object="A", option="s/x").carry_out()
    assert gateway.named("CfgApplication", "A")["options"] == option_list({"s": {"x": "1", "y": "1", "new": "2"}, "t": {"x": "2"}})


def test_a_section_of_a_saved_object_comes_back_as_it_was(tmp_path):
    """What is new in the section goes, and all other sections stay."""
    gateway = small_world()
    run = Run(gateway, [], tmp_path)
    keeper = Keeper(str(tmp_path), SERVER, "config_snapshot", Secrets())
    keeper.write([entry_of(run.directory.require("CfgApplication", "A", "here"), None, run.directory, Secrets())])
    run.keeper = keeper
    gateway.named("CfgApplication", "A")["options"] = option_list({"s": {"x": "2", "new": "2"}, "t": {"x": "2"}})
    back(gateway, run, tmp_path, object="A", option="s").carry_out()
    assert gateway.state()["CfgApplication", "A", ""].items() >= {
        ("options", "s", "x"): "1", ("options", "s", "y"): "1", ("options", "t", "x"): "2"}.items()
    assert ("options", "s", "new") not in gateway.state()["CfgApplication", "A", ""]


def test_several_objects_of_a_name_are_told_apart(tmp_path):
    entry: dict[str, Any] = {"action": "update", "name": "A", "object": {}, "fields": []}
    entries = [dict(entry, type="CfgScript", tenant="Environment"), dict(entry, type="CfgScript", tenant="Sales"), dict(entry, type="CfgHost", tenant=None)]
    with pytest.raises(InvalidInput, match="CfgScript of tenant 'Environment', CfgScript of tenant 'Sales', CfgHost; say which one is meant, with type"):
        selected(entries, {**NOT_GIVEN, "object": "A"})
    with pytest.raises(InvalidInput, match="say which one is meant, with tenant"):
        selected(entries, {**NOT_GIVEN, "object": "A", "type": "CfgScript"})
    assert selected(entries, {**NOT_GIVEN, "object": "A", "tenant": "Sales"}) == [entries[1]]
