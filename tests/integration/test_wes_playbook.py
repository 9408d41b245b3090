# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook and the role for the chat channel of Web Engagement, with variables as a survey hands them over; and the page on it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from integration.configured_site import CHAT_SERVERS, Site
from integration.engagement import QUEUE_KEYS, WES, channel_of, endpoints
from integration.test_config_restore import play
from unit.test_sentence_tables import rows

PLAYBOOK = "genesys_engage.chat.wes_chat_channel"
#: What a survey of AWX makes of its answers: text, and empty text for what was not answered.
SURVEY = {
    "backend_server": "WES_1",
    "tenant": "Environment",
    "queue": "Webengagement_Chat",
    "chat_servers": ",".join(CHAT_SERVERS),
    "contact_handling": "create",
    "refresh_period": "3",
    "request_pool_size": "",
    "session_restore_timeout": "0",
    "default_channel": "",
    "development_environment": "false",
    "release": "",
    "state": "present",
}


def run(site: Site, directory: Path, *switches: str, **answers: str) -> tuple[int, str]:
    """Run the playbook with the answers of a survey; return exit code and output."""
    site.sandbox.clear()
    variables = [word for key, value in {**SURVEY, **answers}.items() for word in ("-e", f"chat_wes_{key}={value}")]
    return play(site, directory, PLAYBOOK, *variables, "-e", f"chat_snapshot_dir={directory / 'kept'}", *switches)


@pytest.mark.slow
def test_preview_run_again_and_removal(engaged: Site, tmp_path: Path) -> None:
    before = engaged.sandbox.database()
    code, output = run(engaged, tmp_path, "--check", "--diff")
    assert code == 0 and engaged.sandbox.database() == before, output
    shown = re.findall(r"^\+\+\+ after: application '([^']+)'", output, re.MULTILINE)
    code, output = run(engaged, tmp_path, "--diff")
    assert code == 0 and shown == [name for _action, _type, name in engaged.writes()] == [*CHAT_SERVERS, "WES_1"], output
    assert endpoints(engaged) == dict.fromkeys(CHAT_SERVERS, "Webengagement_Chat")
    values = {WES + "identifyCreateContact": "3", WES + "refreshPeriod": "3", WES + "sessionRestoreTimeout": "0"}
    assert channel_of(engaged) == {"service:wes": {**QUEUE_KEYS, **values}}
    assert "where a person sees it" in output and "option wes.connector.chatServer.queueKey" in output and "One strategy, of Orchestration" in output
    code, output = run(engaged, tmp_path)
    assert code == 0 and "changed=0" in output and engaged.writes() == [], output
    code, output = run(engaged, tmp_path, state="absent")
    assert code == 0 and "changed=1" in output, output
    assert (endpoints(engaged), channel_of(engaged)) == (dict.fromkeys(CHAT_SERVERS), {})


@pytest.mark.slow
def test_what_is_refused_reaches_the_user(engaged: Site, tmp_path: Path) -> None:
    before = engaged.sandbox.database()
    code, output = run(engaged, tmp_path, refresh_period="0")
    assert code == 2 and "refresh_period must be from 1 to 5 seconds, got 0" in output, output
    code, output = run(engaged, tmp_path, backend_server="")
    assert code == 2 and "Say which Backend Server of Web Engagement is meant" in output, output
    code, output = run(engaged, tmp_path, "--limit", "elsewhere")
    assert code == 2 and "is not part of this run (--limit elsewhere). A --limit must include it" in " ".join(output.split()), output
    unanswered = {**dict.fromkeys(SURVEY, ""), "backend_server": "WES_1", "queue": "Webengagement_Chat"}
    code, output = run(engaged, tmp_path, "--check", **unanswered)
    assert code == 0 and "changed=1" in output, output
    assert engaged.sandbox.database() == before


@pytest.mark.slow
def test_verification_of_the_described_channels(provisioned: Site, tmp_path: Path) -> None:
    """It tells each point, and fails when one does not hold."""
    book = tmp_path / "verify.yml"
    book.write_text(
        "[{hosts: genesys_configuration, gather_facts: false, tasks: [{include_role: {name: genesys_engage.chat.verification, "
        "tasks_from: web_engagement, rolespec_validate: false}}]}]",
        encoding="utf-8",
    )
    description = '{"chat_solution": {"tenant": "Environment", "web_engagement": [{"backend_server": "WES_1", "queue": "Webengagement_Chat"}]}}'
    before = provisioned.sandbox.database()
    code, output = play(provisioned, tmp_path, str(book), "-e", description)
    assert code == 0 and '"holds": false' not in output and output.count('"look_at"') == 8, output
    assert provisioned.sandbox.database() == before
    provisioned.sandbox.edit("CfgApplication", "WES_1", options={"service:wes": {WES + "queueWebengagement": "Chat_In"}})
    code, output = play(provisioned, tmp_path, str(book), "-e", description)
    assert code == 2 and "is not as it should be: the queue in which routing starts is the one behind the endpoint" in output, output


# the page


def test_the_options_of_the_page_are_written_somewhere(engaged: Site) -> None:
    """Each option that the table spells is one that the module writes or takes away."""
    spelled = {name for row in rows("web_engagement.md") for name in re.findall(r"`((?:wes|wmsg)\.[\w.]+)`", row[1])}
    options = {"service:wes": {WES + "chatSessionRestoreTimeout": "1"}}
    engaged.sandbox.edit("CfgApplication", "WES_1", options=options)
    channel: dict[str, Any] = {"backend_server": "WES_1", "tenant": "Environment", "queue": "Chat_In", "contact_handling": 3}
    default: dict[str, Any] = {"refresh_period": 2, "request_pool_size": 9, "chat_is_default_channel": True, "development_environment": True}
    engaged.ok("wes_chat_channel", **channel, **default, session_restore_timeout=9)
    written = {key for section in channel_of(engaged).values() for key in section}
    assert channel_of(engaged)["service:wes"][WES + "chatSessionRestoreTimeout"] == "9"
    engaged.sandbox.edit("CfgApplication", "WES_1", options={"service:wes": {WES + "chatSessionRestoreTimeout": None}})
    engaged.ok("wes_chat_channel", **channel, **default, session_restore_timeout=9)
    assert spelled == written | {key for section in channel_of(engaged).values() for key in section}
