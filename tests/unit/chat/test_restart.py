# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""When what was written takes effect: after a restart where a page says so, at once where one says that, and unknown otherwise."""

from __future__ import annotations

from typing import Any

import pytest
from unit.config.fake_gateway import application, context_of, world

from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.restart import AT_ONCE, AT_START, effects
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.desired import Desired
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.plan import make_plan

INSTALLED = {"workdirectory": "/opt/chat", "commandline": "./run.sh"}


def told(*paths: tuple[Any, ...], kind: str = "CFGChatServer", stopped: tuple[str, ...] = (), **properties: Any) -> tuple[dict[str, Any], list[str]]:
    """What is told when these options and ports of an application A, with a backup B, are changed to 7, and the warnings."""
    gateway = world()
    gateway.add("CfgApplication", 1, "A", **application(kind, 301, {"default": 1}, **{**INSTALLED, **properties}))
    gateway.add("CfgApplication", 2, "B", **application(kind, 301, {"default": 2}, **INSTALLED, isprimary="CFGFalse"))
    context = context_of(gateway)
    context.stopped = frozenset(stopped)
    desired = Desired("CfgApplication", "A")
    for path in paths:
        desired.want(path, 7)
    return effects(context, make_plan(context.directory, [desired])), context.warnings


def option(section: str, key: str) -> tuple[str, str, str]:
    return ("options", section, key)


def test_a_restart_is_told_with_its_options():
    found, warnings = told(option("settings", "use-contact-server"), option("settings", "ixn-submittedby-name"), option("settings", "limit-for-sessions"))
    text = "settings/ixn-submittedby-name, settings/use-contact-server take effect after a restart of 'A'."
    assert (found["restart_needed"], warnings) == (["A"], [text])
    assert found["effects"] == [{"name": "A", "after_restart": ["settings/ixn-submittedby-name", "settings/use-contact-server"], "unknown": [], "text": text}]


def test_the_backup_gets_a_copy_and_needs_a_restart_as_well():
    found, warnings = told(option("settings", "use-contact-server"), backupserverdbid="2")
    assert found["restart_needed"] == ["A", "B"] and len(warnings) == 2


@pytest.mark.parametrize("path", [option("settings", "limit-for-sessions"), option("endpoints:1", "webme"), ("startup_timeout",), ("annex", "own", "x")])
def test_what_takes_effect_at_once_is_not_told(path: tuple[str, ...]):
    assert told(path) == ({"restart_needed": [], "effects": []}, [])


def test_what_no_page_speaks_of_is_unknown():
    found, warnings = told(option("settings", "limit-average-interval"), ("ports", "own"))
    assert (found["restart_needed"], warnings) == ([], [])
    (item,) = found["effects"]
    assert item["unknown"] == ["ports", "settings/limit-average-interval"]
    assert item["text"].startswith("No page says whether a running 'A' takes over ports, settings/limit-average-interval at once")


def test_the_same_option_of_another_type_is_unknown():
    found, _warnings = told(option("settings", "use-contact-server"), kind="CFGEmailServer")
    assert found["effects"][0]["unknown"] == ["settings/use-contact-server"]


@pytest.mark.parametrize("given", [{"stopped": ("A",)}, {"workdirectory": ".", "commandline": "."}])
def test_what_does_not_run_needs_no_restart(given: dict[str, Any]):
    assert told(option("settings", "use-contact-server"), **given) == ({"restart_needed": [], "effects": []}, [])


def test_no_option_is_in_both_tables():
    assert {kind: AT_START[kind] & AT_ONCE.get(kind, frozenset()) for kind in AT_START} == dict.fromkeys(AT_START, frozenset())
