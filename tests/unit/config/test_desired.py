# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What rules demand of one object, and of the same object by several rules."""

from __future__ import annotations

import pytest

from ansible_collections.genesys_engage.chat.plugins.module_utils._config.desired import Desired, merged
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.errors import InvalidInput


def desired(**leaves):
    item = Desired("CfgApplication", "A")
    for name, value in leaves.items():
        item.want(name, value)
    return item


def test_values_are_taken_in_the_form_in_which_they_compare():
    item = desired(startup_timeout="90", redundancy_type="CFGHTWarmStanby")
    item.want(("ports", "ESP"), "4582")
    item.want(("options", "settings", "hide-attached-data"), True)
    assert item.leaves == {("startup_timeout",): 90, ("redundancy_type",): "warm standby", ("ports", "ESP"): 4582,
                           ("options", "settings", "hide-attached-data"): "true"}


def test_a_wrong_value_names_the_option():
    with pytest.raises(InvalidInput, match="^chat_server_app: startup_timeout must be a whole number, got 'soon'"):
        Desired("CfgApplication", "A").want("startup_timeout", "soon", "chat_server_app: startup_timeout")


def test_options_by_section_with_none_for_removal():
    item = Desired("CfgApplication", "A")
    item.want_options("options", {"log": {"verbose": "all", "old": None}, "settings": {"limit": 5}}, "options")
    assert item.leaves == {("options", "log", "verbose"): "all", ("options", "settings", "limit"): "5"}
    assert item.absent == {("options", "log", "old")}


@pytest.mark.parametrize(
    ("sections", "message"),
    [
        (["log"], "options must map sections to options"),
        ({"log": "all"}, "options: section 'log' must map options to values"),
        ({"log": None}, "options: section 'log' must map options to values"),
        ({"log": {"verbose": ["all"]}}, "options: log/verbose must be a single value, got list"),
    ],
)
def test_options_of_a_wrong_shape(sections, message):
    with pytest.raises(InvalidInput, match=message):
        Desired("CfgApplication", "A").want_options("options", sections, "options")


def test_the_same_value_may_be_wanted_twice():
    item = desired(host="h")
    item.want("host", "h")
    item.merge(desired(host="h"))
    assert item.leaves == {("host",): "h"}


def test_two_values_within_one_rule_contradict():
    item = desired(host="h")
    with pytest.raises(InvalidInput, match="application 'A': two parts of the description want different values of host: 'h' and 'i'"):
        item.want("host", "i")


def test_two_rules_contradict():
    with pytest.raises(InvalidInput, match="application 'A': two parts of the description want different values of host: 'h' and 'i'"):
        desired(host="h").merge(desired(host="i"))


def test_a_contradiction_does_not_show_secrets():
    first, second = Desired("CfgApplication", "A"), Desired("CfgApplication", "A")
    first.want(("options", "db", "password"), "hunter22")
    second.want(("options", "db", "password"), "hunter23")
    with pytest.raises(InvalidInput, match="options/db/password") as caught:
        first.merge(second)
    assert "hunter" not in str(caught.value)


def test_wanted_and_to_be_removed_contradict():
    path = ("options", "log", "verbose")
    message = "application 'A': one part of the description wants options/log/verbose, and another one wants it removed"
    wanting, removing = Desired("CfgApplication", "A"), Desired("CfgApplication", "A")
    wanting.want(path, "all")
    removing.forbid(path)
    for contradict in (lambda: wanting.forbid(path), lambda: removing.want(path, "all"), lambda: removing.merge(wanting), lambda: wanting.merge(removing)):
        with pytest.raises(InvalidInput, match=message):
            contradict()


def test_what_is_forbidden_around_a_wanted_value_does_not_contradict():
    item = Desired("CfgApplication", "A")
    item.forbid(("options", "log"))
    item.want(("options", "log", "verbose"), "all")
    assert item.leaves == {("options", "log", "verbose"): "all"}


@pytest.mark.parametrize("sections", [{"": {"verbose": "all"}}, {"log": {"": "all"}}, {"log": {" ": "all"}}])
def test_sections_and_options_have_names(sections):
    with pytest.raises(InvalidInput, match="the name of a section or option must not be empty"):
        Desired("CfgApplication", "A").want_options("options", sections, "options")


@pytest.mark.parametrize("name", ["", " "])
def test_objects_have_names(name):
    with pytest.raises(InvalidInput, match="the name of an object of class CfgHost must not be empty"):
        Desired("CfgHost", name)


def test_present_and_absent_contradict():
    with pytest.raises(InvalidInput, match="application 'A' is described as present and as absent"):
        desired().merge(Desired("CfgApplication", "A", present=False))


def test_merging_keeps_everything():
    first, second = desired(host="h"), desired(startup_timeout=5)
    first.forbid(("options", "x"))
    second.forbid(("connections", "B", "default"))
    second.may_wait.add(("connections", "B"))
    second.want_on_create("type", "CFGChatServer")
    first.merge(second)
    assert first.leaves == {("host",): "h", ("startup_timeout",): 5}
    assert first.absent == {("options", "x"), ("connections", "B", "default")}
    assert first.may_wait == {("connections", "B")}
    assert first.on_create == {("type",): "CFGChatServer"}


def test_one_item_an_object_in_order_of_first_appearance():
    items = [Desired("CfgApplication", "B"), desired(host="h"), Desired("CfgHost", "A"), desired(startup_timeout=5),
             Desired("CfgScript", "Q", "T1"), Desired("CfgScript", "Q", "T2"), Desired("CfgScript", "Q", "T1")]
    result = merged(items)
    assert [(item.kind, item.name, item.tenant) for item in result] == [
        ("CfgApplication", "B", None), ("CfgApplication", "A", None), ("CfgHost", "A", None), ("CfgScript", "Q", "T1"), ("CfgScript", "Q", "T2")]
    assert result[1].leaves == {("host",): "h", ("startup_timeout",): 5}
