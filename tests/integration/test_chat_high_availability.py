# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""High availability of Chat Servers, through the module and the description, on the objects of the sandbox."""

from __future__ import annotations

from typing import Any

import pytest
from integration.configured_site import CHAT_SERVERS, Site, solution
from integration.test_config_check_mode import predicted_and_done
from integration.test_config_lifecycle import application, step

RESTORING = {"session-restoration-mode": "simple", "transcript-auto-save": "1", "transcript-save-on-error": "close"}
PAIR = {"primary": "ChatServer_1", "backup": "ChatServer_2"}
WARM: dict[str, Any] = {"mode": "warm_standby", "pairs": [PAIR]}
DEFAULTS = {"limit-for-sessions": "1000"}


@pytest.fixture
def alike(furnished: Site) -> Site:
    """A solution whose Chat Servers have the same limits, and are installed."""
    furnished.sandbox.edit("CfgApplication", "ChatServer_2", options={"settings": DEFAULTS})
    for name in CHAT_SERVERS:
        furnished.sandbox.edit("CfgApplication", name, workdirectory="/opt/chat", commandline="./run.sh")
    return furnished


@pytest.fixture
def standby(alike: Site) -> Site:
    """The same, and nobody is connected to ChatServer_2, which nobody has installed yet."""
    for name, port in (("IXN_1", "ESP"), ("GMS_1", "webapi")):
        alike.relink(name, [alike.link(server, port, addp=port == "ESP") for server in CHAT_SERVERS if server != "ChatServer_2"])
    alike.sandbox.edit("CfgApplication", "ChatServer_2", workdirectory=".", commandline=".")
    return alike


def settings(site: Site, name: str) -> dict[str, str | None]:
    """What a Chat Server has of the options of restoration."""
    found = site.sandbox.options("CfgApplication", name)["settings"]
    return {key: found.get(key) for key in (*RESTORING, "ixn-submittedby-name")}


def described(**part: Any) -> dict[str, Any]:
    """A description with high availability, whose Chat Servers are alike."""
    return solution(chat_servers=[{"name": name, "host": f"chat{number}"} for number, name in enumerate(CHAT_SERVERS, 1)], high_availability=part)


def test_create_change_remove(alike: Site) -> None:
    """N+1 is the default; each step once, and again without a write."""
    site, writes = alike, [application("update", name) for name in CHAT_SERVERS]
    step(site, "chat_high_availability", writes)
    assert [settings(site, name) for name in CHAT_SERVERS] == [{**RESTORING, "ixn-submittedby-name": None}] * 4
    given: dict[str, Any] = {"submitted_by": "ChatServers", "transcript_save_on_error": "continue", "chat_servers": ["ChatServer_3"]}
    changed = site.ok("chat_high_availability", warns=True, **given)
    assert changed.result["restart_needed"] == ["ChatServer_3"]
    unknown, restart = sorted(changed.warnings, key=lambda text: "takes effect" in text)
    assert "transcript_save_on_error: 'continue' is written as it is given, and not known" in unknown
    assert "settings/ixn-submittedby-name takes effect after a restart of 'ChatServer_3'." in restart
    assert changed.result["effects"][0]["unknown"] == ["settings/transcript-save-on-error"]
    assert settings(site, "ChatServer_3") == {**RESTORING, "transcript-save-on-error": "continue", "ixn-submittedby-name": "ChatServers"}
    assert site.ok("chat_high_availability", warns=True, **given).changed is False

    site.ok("chat_high_availability", warns=True, chat_servers=list(CHAT_SERVERS), state="absent")
    assert site.writes() == writes
    assert [settings(site, name) for name in CHAT_SERVERS] == [dict.fromkeys([*RESTORING, "ixn-submittedby-name"])] * 4
    step(site, "chat_high_availability", [], chat_servers=[*CHAT_SERVERS], state="absent")


def test_a_pair_is_made_and_dissolved(standby: Site) -> None:
    """The backup gets what its primary has; N+1 makes two primaries of them again, each with the options of its own."""
    both: dict[str, Any] = {"chat_servers": ["ChatServer_1", "ChatServer_2"]}
    done = predicted_and_done(standby, "chat_high_availability", **both, **WARM)
    assert [change["copied_to"] for change in done.changes] == ["ChatServer_2"]
    made = standby.application("ChatServer_1")
    assert (made["backup",], made["redundancy_type",]) == ("ChatServer_2", "warm standby")
    assert settings(standby, "ChatServer_2") == settings(standby, "ChatServer_1") == {**RESTORING, "ixn-submittedby-name": None}

    # What was installed since counts as running, so the loss of the backup must be allowed.
    standby.sandbox.edit("CfgApplication", "ChatServer_2", workdirectory="/opt/chat", commandline="./run.sh")
    standby.refuses("chat_high_availability", "would lose its backup 'ChatServer_2'", "allow_disruption", **both)
    predicted_and_done(standby, "chat_high_availability", **both, allow_disruption=["ChatServer_1"], transcript_auto_save=1)
    assert standby.application("ChatServer_1")["backup",] == ""
    step(standby, "chat_high_availability", [application("update", "ChatServer_1")], **both, **WARM)
    standby.ok("chat_high_availability", **both, state="absent", stopped_applications=["ChatServer_2"])
    assert standby.application("ChatServer_1")["backup",] == ""
    assert settings(standby, "ChatServer_2") == settings(standby, "ChatServer_1") == dict.fromkeys([*RESTORING, "ixn-submittedby-name"])


def test_what_differs_is_named(furnished: Site) -> None:
    """By value, with the Chat Servers that have it; nothing of it is changed."""
    furnished.sandbox.edit("CfgApplication", "ChatServer_4", options={"endpoints:1": {"webme": None}, "inactivity-control": {"enabled": "true"}})
    outcome = furnished.ok("chat_high_availability", warns=True)
    found = {item["option"]: {value["value"]: value["chat_servers"] for value in item["values"]} for item in outcome.result["differences"]}
    others = ["ChatServer_1", "ChatServer_2", "ChatServer_3"]
    assert found["endpoint 'webme' of tenant 'Environment'"] == {"Webengagement_Chat": others, None: ["ChatServer_4"]}
    assert found["settings/limit-for-sessions"]["2000"] == ["ChatServer_2"]
    assert found["inactivity-control/enabled"]["true"] == ["ChatServer_4"] and len(found) == 3
    assert any("differ in settings/limit-for-sessions: '1000' on ChatServer_1, ChatServer_3, ChatServer_4; '2000' on ChatServer_2" in text
               for text in outcome.warnings)  # fmt: skip
    assert furnished.sandbox.options("CfgApplication", "ChatServer_2")["settings"]["limit-for-sessions"] == "2000"


PAIRS: dict[str, tuple[dict[str, Any], tuple[str, ...]]] = {
    "no pair": ({"mode": "warm_standby"}, ("pairs", "at least one pair")),
    "pairs and N+1": ({"pairs": [PAIR]}, ("pairs", "mode n_plus_1", "warm_standby")),
    "its own backup": ({**WARM, "pairs": [{"primary": "ChatServer_1", "backup": "ChatServer_1"}]}, ("'ChatServer_1'", "twice")),
    "in two pairs": ({**WARM, "pairs": [PAIR, {"primary": "ChatServer_3", "backup": "ChatServer_2"}]}, ("'ChatServer_2'", "twice", "one pair")),
    "no Chat Server": ({**WARM, "pairs": [{"primary": "ChatServer_1", "backup": "UCS_1"}]}, ("'UCS_1'", "CFGChatServer")),
    "backup with clients": ({**WARM, "pairs": [{"primary": "ChatServer_1", "backup": "ChatServer_3"}]}, ("IXN_1", "connected to 'ChatServer_3'", "esp_link")),
    "Digital Channels by word": ({**WARM, "digital_channels": True}, ("Digital Channels", "must not be primary and backup", "n_plus_1")),
    "mode of another name": ({"mode": "hot_standby"}, ("mode", "n_plus_1", "hot_standby")),
    "an empty value": ({"transcript_save_on_error": ""}, ("transcript_save_on_error must not be empty",)),
    "a blank for a name": ({"submitted_by": " "}, ("submitted_by must not be empty",)),
    "a list for a name": ({"submitted_by": ["ChatServers"]}, ("submitted_by must be text, got list",)),
    "saved never": ({"transcript_auto_save": 0}, ("transcript_auto_save", "1 or 2", "got 0")),
    "removal of everything": ({"state": "absent"}, ("chat_servers", "name the Chat Servers")),
}


@pytest.mark.parametrize("case", PAIRS)
def test_bad_input(standby: Site, case: str) -> None:
    arguments, words = PAIRS[case]
    standby.refuses("chat_high_availability", *words, **arguments)


def test_digital_channels_are_seen(standby: Site) -> None:
    """By the section of a service of the Chat API v2 of whoever is connected; a section of the older API is none."""
    standby.sandbox.edit("CfgApplication", "GMS_1", options={"chat.request-chat": {"a": "b"}})
    assert standby.ok("chat_high_availability", check=True, **WARM).changed
    standby.sandbox.edit("CfgApplication", "GMS_1", options={"chat.customer-support": {"a": "b"}})
    standby.refuses("chat_high_availability", "Digital Channels of GMS", "GMS_1", "chat.<service>", **WARM)
    standby.refuses("chat_solution", "high_availability", "Digital Channels of GMS", "GMS_1", solution=described(**WARM))
    assert standby.ok("chat_high_availability").changed, "N+1 is what Digital Channels want"


def test_digital_channels_are_told_before_clients_of_the_backup(alike: Site) -> None:
    """GMS is connected to both: to take that away, as the other message asks, would be for nothing."""
    alike.refuses("chat_high_availability", "applications are connected to 'ChatServer_2' (GMS_1, IXN_1)", **WARM)
    alike.sandbox.edit("CfgApplication", "GMS_1", options={"chat.customer-support": {"a": "b"}})
    alike.refuses("chat_high_availability", "Digital Channels of GMS", "GMS_1", **WARM)
    alike.refuses("chat_solution", "high_availability", "Digital Channels of GMS", "GMS_1", solution=described(**WARM))


def test_one_chat_server_alone(alike: Site) -> None:
    """Told until another one restores sessions."""
    (warning,) = alike.ok("chat_high_availability", check=True, warns=True, chat_servers=["ChatServer_1"]).warnings
    assert "'ChatServer_1' is the only Chat Server that is named" in warning and "name ChatServer_2, ChatServer_3, ChatServer_4, too" in warning
    alike.ok("chat_high_availability", warns=True, chat_servers=["ChatServer_1", "ChatServer_2"])
    alike.ok("chat_high_availability", chat_servers=["ChatServer_1"])


def test_a_backup_without_a_port_of_its_primary(standby: Site) -> None:
    ports = {"portinfo": [{"id": key, "port": str(4600 + number)} for number, key in enumerate(("default", "webapi", "ESP"))]}
    standby.sandbox.edit("CfgApplication", "ChatServer_2", portinfos=ports)
    standby.refuses("chat_high_availability", "'ChatServer_2' lacks the port id health of its primary 'ChatServer_1'", **WARM)


def test_a_backup_alone_is_neither_dissolved_nor_removed(standby: Site) -> None:
    standby.ok("chat_high_availability", **WARM)
    for state in ("present", "absent"):
        standby.refuses("chat_high_availability", "'ChatServer_2' is the backup of 'ChatServer_1'", "name", chat_servers=["ChatServer_2"], state=state)


# in a description


def test_a_described_solution(surroundings: Site) -> None:
    """N+1 from nothing: written as predicted, told by the way back, verified without a difference."""
    done = predicted_and_done(surroundings, "chat_solution", solution=described(submitted_by="ChatServers"))
    assert done.result["restart_needed"] == [], "what was just made does not run"
    assert [settings(surroundings, name) for name in CHAT_SERVERS] == [{**RESTORING, "ixn-submittedby-name": "ChatServers"}] * 4
    found = surroundings.ok("chat_solution_info", tenant="Environment").result
    assert found["solution"]["high_availability"] == {"transcript_auto_save": 1, "transcript_save_on_error": "close", "submitted_by": "ChatServers"}
    assert "session-restoration-mode" not in str(found["solution"]["chat_servers"]) + str(found["solution"].get("chat_server_defaults"))
    assert not surroundings.ok("chat_solution", solution=found["solution"]).changed


def test_a_described_pair(surroundings: Site) -> None:
    """The backup is created like the others, nobody is connected to it, and the way back describes both."""
    done = predicted_and_done(surroundings, "chat_solution", solution=described(**WARM))
    assert done.changed
    assert surroundings.application("ChatServer_1")["backup",] == "ChatServer_2"
    assert settings(surroundings, "ChatServer_2") == {**RESTORING, "ixn-submittedby-name": None}
    for client in ("IXN_1", "GMS_1"):
        assert "ChatServer_2" not in {path[1] for path in surroundings.application(client) if path[0] == "connections"}
    ours = {path for path in surroundings.application("ChatServer_1") if path[0] == "connections"}
    assert {path for path in surroundings.application("ChatServer_2") if path[0] == "connections"} == ours
    found = surroundings.ok("chat_solution_info", tenant="Environment").result
    assert (found["solution"]["high_availability"]["pairs"], found["left_out"]) == ([PAIR], [])
    assert [server["name"] for server in found["solution"]["chat_servers"]] == [*CHAT_SERVERS[:1], *CHAT_SERVERS[2:], "ChatServer_2"]
    assert not surroundings.ok("chat_solution", solution=found["solution"]).changed


def test_from_a_pair_to_n_plus_1(surroundings: Site) -> None:
    """The former backup becomes a primary that clients are connected to, in one run."""
    surroundings.ok("chat_solution", solution=described(**WARM))
    predicted_and_done(surroundings, "chat_solution", solution=described())
    assert surroundings.application("ChatServer_1")["backup",] == ""
    for client, port in (("IXN_1", "ESP"), ("GMS_1", "webapi")):
        assert ("connections", "ChatServer_2", port, "protocol") in surroundings.application(client)


def test_bad_pairs_of_a_description(standby: Site) -> None:
    cases: tuple[tuple[dict[str, Any], tuple[str, ...]], ...] = (
        ({**WARM, "pairs": [{"primary": "ChatServer_1", "backup": "ChatServer2"}]}, ("high_availability", "'ChatServer2'", "did you mean")),
        ({**WARM, "pairs": [{"primary": "ChatServer_1"}]}, ("high_availability.pairs[0]", "backup")),
        ({**WARM, "digital_channels": True}, ("high_availability", "Digital Channels")),
    )
    for part, words in cases:
        standby.refuses("chat_solution", *words, solution=described(**part))


# what the verification makes of it


def findings(site: Site, description: dict[str, Any]) -> list[tuple[str, str]]:
    outcome = site.ok("deployment_info", warns=True, solution=description, allow_disconnect=True, differences=True)
    # The sandbox's queues have no strategy, which is another part's finding.
    return [(item["level"], item["text"]) for item in outcome.result["findings"] if "strategy" not in item["text"]]


def test_the_verification_compares(furnished: Site) -> None:
    """What must be equal is a warning; a pair that Digital Channels use, or of another redundancy type, is a problem."""
    assert findings(furnished, solution()) == []
    ((level, text),) = findings(furnished, solution(high_availability={}))
    assert (level, "differ in settings/limit-for-sessions" in text) == ("warning", True)

    site = furnished
    site.sandbox.edit("CfgApplication", "GMS_1", options={"chat.customer-support": {"a": "b"}})
    site.make_chat_server("ChatServer_5", "chat1", ports={"default": 4680, "webapi": 4681, "ESP": 4682, "health": 4683})
    site.sandbox.edit("CfgApplication", "ChatServer_1", backupserverdbid=site.dbid("CfgApplication", "ChatServer_5"), redundancytype="CFGHTHotStanby",
                      options={"settings": {"limits-reached-report-scs": "false"}})  # fmt: skip
    told = findings(site, solution())
    assert [level for level, _text in told] == ["problem", "problem", "warning"]
    assert "'ChatServer_1' has the backup 'ChatServer_5', and Digital Channels of GMS use it (GMS_1)" in told[0][1]
    assert "in 'hot standby'; Chat Servers are supported in warm standby only" in told[1][1]
    assert "limits-reached-report-scs=false" in told[2][1]


def test_the_verification_reminds_of_the_end_of_troubleshooting(furnished: Site) -> None:
    """The date that has passed is in the annex; the description says nothing of it."""
    step(
        furnished,
        "chat_server_app",
        [application("update", "ChatServer_1")],
        name="ChatServer_1",
        log_privacy="troubleshooting",
        troubleshooting_until="2999-12-31",
    )
    assert furnished.sandbox.options("CfgApplication", "ChatServer_1", "userproperties") == {"genesys_engage_chat": {"troubleshooting-until": "2999-12-31"}}
    description = solution()
    del description["chat_server_defaults"]["log_privacy"]
    assert findings(furnished, description) == []
    furnished.sandbox.edit("CfgApplication", "ChatServer_1", annex={"genesys_engage_chat": {"troubleshooting-until": "2026-01-31"}})
    ((level, text),) = findings(furnished, description)
    assert level == "problem" and "was to end on 2026-01-31. Set log_privacy to private" in text
    step(furnished, "chat_server_app", [application("update", "ChatServer_1")], name="ChatServer_1", log_privacy="private")
    assert furnished.sandbox.options("CfgApplication", "ChatServer_1", "userproperties") == {}
    assert findings(furnished, description) == []
