# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documented ranges: a warning, or a refusal when the user asks for that."""

from __future__ import annotations

import pytest
from unit.config.fake_gateway import context_of, world

from ansible_collections.genesys_engage.chat.plugins.module_utils._chat import ranges
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.desired import Desired
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.errors import InvalidInput


@pytest.mark.parametrize(
    ("allowed", "value", "fits"),
    [
        ((0, 7000), "0", True), ((0, 7000), "7000", True), ((0, 7000), "7001", False), ((0, 7000), "-1", False), ((0, 7000), "", False),
        ((0, 7000), "many", False), ((0, 7000), "1.5", False), ((0, 7000), "--5", False), ((0, 7000), "²", False), ((1, 5), "0", False),
        (("true", "false"), "true", True), (("true", "false"), "TRUE", False), (("none", "simple"), "", False),
    ],
)
def test_what_fits(allowed, value, fits):
    assert ranges.fits(allowed, value) is fits


def checked(strict=False, **settings):
    context = context_of(world(), strict_ranges=strict)
    item = Desired("CfgApplication", "C")
    item.want_options("options", {"settings": settings, "unknown": {"x": "anything"}}, "options")
    ranges.check(context, item, "here")
    return context.warnings


def test_a_value_outside_is_warned_about_once_each():
    assert checked(**{"limit-for-sessions": -1, "hide-attached-data": "maybe", "flex-disconnect-timeout": 45}) == [
        "here: option settings/hide-attached-data is documented as true or false, got 'maybe'",
        "here: option settings/limit-for-sessions is documented as 0 to 1000000, got '-1'"]


def test_what_is_unknown_is_allowed():
    assert checked(**{"brand-new-option": "x"}) == []


def test_strict():
    with pytest.raises(InvalidInput, match="here: option settings/limit-for-sessions is documented as 0 to 1000000, got '1000001'"):
        checked(strict=True, **{"limit-for-sessions": 1000001})


def test_every_range_admits_a_documented_default():
    """Defaults as the option pages show them: a range that excludes one is wrong."""
    defaults = {
        ("settings", "hide-attached-data"): "true", ("settings", "message-log-print-size"): "0", ("settings", "session-restoration-mode"): "none",
        ("settings", "transcript-auto-save"): "0", ("settings", "flex-disconnect-timeout"): "45", ("settings", "limits-control-enabled"): "false",
        ("settings", "limit-for-sessions"): "1000", ("settings", "limit-for-flex-users"): "1001", ("settings", "limits-restore-threshold"): "80",
        ("settings", "limits-reached-report-scs"): "true", ("settings", "attach-session-statistics"): "none",
        ("settings", "session-restore-extend-by"): "none", ("log-filter-data", "Transcript"): "hide", ("log-filter-data", "StructuredText"): "hide",
        ("inactivity-control", "enabled"): "false", ("inactivity-control", "timeout-alert"): "255", ("inactivity-control", "timeout-alert2"): "0",
        ("inactivity-control", "timeout-close"): "45", ("health-service", "log-output-timeout"): "0", ("health-service", "log-output-proviso"): "update",
        ("health-service", "log-output-content"): "set"}
    assert set(ranges.RANGES) <= set(defaults), "a new range needs its documented default here"
    assert [option for option, value in defaults.items() if option in ranges.RANGES and not ranges.fits(ranges.RANGES[option], value)] == []
