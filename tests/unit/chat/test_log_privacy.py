# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The end of troubleshooting: kept in the annex, refused if it is no date or over, and told once it has passed."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from unit.chat.test_applications import planned, refused, site, spec
from unit.config.fake_gateway import context_of, option_list

from ansible_collections.genesys_engage.chat.plugins.module_utils._chat import log_privacy
from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.log_privacy import privacy_findings
from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.parts.chat_servers import chat_server_app

TODAY = datetime.date(2026, 3, 10)
SHOWN = {"settings": {"hide-attached-data": "false", "message-log-print-size": "7000"}, "log-filter-data": {"Transcript": "copy", "StructuredText": "copy"}}
KEPT = {"genesys_engage_chat": {"troubleshooting-until": "2026-03-09"}}


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_privacy, "_today", lambda: TODAY)


def existing(**given: Any) -> dict[str, Any]:
    return {"name": "C", "state": "present", **given}


def chat_server(annex: dict[str, dict[str, str]] | None = None, **options: dict[str, str]) -> Any:
    """A world with a Chat Server whose log is as the options say."""
    return site(options={"endpoints:1": {"default": "Chat_In"}, **options}, userproperties=option_list(annex or {}))


def findings(gateway: Any, **given: Any) -> list[tuple[str, str]]:
    context = context_of(gateway)
    return [(found.level, found.text) for found in privacy_findings(context, {"chat_servers": [{"name": "C"}]}, chat_server_app(context, existing(**given)))]


def test_troubleshooting_shows_everything_and_keeps_its_end():
    after, warnings = planned(site(), spec(log_privacy="troubleshooting", troubleshooting_until="2026-03-10"))
    assert {section: after["options"][section] for section in SHOWN} == {**SHOWN, "settings": {**after["options"]["settings"], **SHOWN["settings"]}}
    assert (after["annex"], warnings) == ({"genesys_engage_chat": {"troubleshooting-until": "2026-03-10"}}, [])


def test_private_ends_it_whatever_the_date():
    gateway = chat_server(KEPT, **SHOWN)
    context = context_of(gateway)
    (desired,) = [item for item in chat_server_app(context, existing(log_privacy="private", troubleshooting_until="2026-01-01")) if item.name == "C"]
    assert log_privacy.UNTIL in desired.absent and desired.leaves["options", "settings", "hide-attached-data"] == "true"
    assert findings(gateway, log_privacy="private") == []


def test_single_points_may_have_an_end_too():
    after, _warnings = planned(chat_server(), existing(log_privacy={"message_log_print_size": 100}, troubleshooting_until="2026-04-01"))
    assert after == {"options": {"settings": {"message-log-print-size": "100"}}, "annex": {"genesys_engage_chat": {"troubleshooting-until": "2026-04-01"}}}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"log_privacy": "troubleshooting"}, "log_privacy 'troubleshooting' needs troubleshooting_until, the last day"),
        (
            {"log_privacy": "troubleshooting", "troubleshooting_until": "next week"},
            "troubleshooting_until must be a date of the form YYYY-MM-DD, got 'next week'",
        ),
        ({"log_privacy": "troubleshooting", "troubleshooting_until": "2026-02-30"}, "must be a date of the form YYYY-MM-DD, got '2026-02-30'"),
        ({"log_privacy": "troubleshooting", "troubleshooting_until": "20260401"}, "must be a date of the form YYYY-MM-DD"),
        ({"log_privacy": "troubleshooting", "troubleshooting_until": "2026-03-09"}, "2026-03-09 has passed; give the last day"),
        ({"troubleshooting_until": "2026-04-01"}, "troubleshooting_until needs log_privacy beside it"),
    ],
)
def test_bad_ends(given: dict[str, Any], message: str):
    refused(chat_server(), existing(**given), message)


def test_a_repeated_run_warns_when_the_end_has_passed():
    gateway = chat_server(KEPT, **SHOWN)
    after, warnings = planned(gateway, existing(log_privacy="troubleshooting", troubleshooting_until="2026-03-09"))
    assert after == {}
    assert warnings == [
        "chat_server_app: troubleshooting_until: 2026-03-09 has passed, and the log of 'C' still shows customers' data; set log_privacy to private"
    ]


def test_the_end_is_found_once_it_has_passed(monkeypatch: pytest.MonkeyPatch):
    gateway = chat_server(KEPT, **SHOWN)
    ((level, text),) = findings(gateway)
    assert level == "problem" and text.startswith("the log of 'C' shows customers' data (log-filter-data/StructuredText=copy, ")
    assert "which was to end on 2026-03-09. Set log_privacy to private" in text
    monkeypatch.setattr(log_privacy, "_today", lambda: datetime.date(2026, 3, 9))
    assert findings(gateway) == [], "the last day itself is allowed"


@pytest.mark.parametrize(
    "option", [("settings", "hide-attached-data", "false"), ("settings", "message-log-print-size", "1"), ("log-filter-data", "Transcript", "copy")]
)
def test_a_log_that_shows_something_without_an_end_is_a_warning(option: tuple[str, str, str]):
    section, key, value = option
    shown: dict[str, Any] = {section: {key: value}}
    ((level, text),) = findings(chat_server(**shown))
    assert (level, f"({section}/{key}={value}), and no end of that is noted" in text) == ("warning", True)


def test_a_private_log_is_not_told():
    private = {"settings": {"hide-attached-data": "true", "message-log-print-size": "0"}, "log-filter-data": {"Transcript": "hide", "StructuredText": "skip"}}
    assert findings(chat_server(KEPT, **private)) == findings(chat_server()) == []
