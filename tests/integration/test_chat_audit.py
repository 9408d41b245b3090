# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The audit: each rule broken once on the objects of the sandbox, and none of them on a solution that is right."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from integration.agents import PRIVILEGE, VOICE_DOCUMENT, annex, furnish_agents, make_role, make_rule
from integration.configured_site import CHAT_PORTS, CHAT_SERVERS, CONTACT_TEMPLATE, INTERACTION_TEMPLATE, Site, solution
from integration.engagement import CLUSTER, WES, cluster

RULES = [f"L{number:02}" for number in range(1, 41)]
WORKSPACE = "interaction-workspace"
CHANNELS = "openmedia.workitem-channels"


@pytest.fixture(scope="module")
def state(one_site: Site, states: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """A whole solution with Web Engagement, a chat service, agents, Workspace and strategies, in which no rule is broken."""
    site, sandbox = one_site, one_site.sandbox
    sandbox.restore(states["provisioned"])
    sandbox.edit("CfgApplication", "ChatServer_2", options={"settings": {"limit-for-sessions": "1000"}})
    sandbox.edit("CfgApplication", "GMS_1", options={"chat.customer-support": {"x": "y"}, "chat": {"default_chat_endpoint": "Environment:default"}})
    for queue in ("Chat_In", "Webengagement_Chat"):
        sandbox.create("CfgScript", name=f"Strategy_{queue}", subtype="CFGEnhancedRouting", tenantdbid="1")
        sandbox.edit("CfgScript", queue, annex={"workflow": {"strategy": f"Strategy_{queue}"}})
    furnish_agents(site)
    make_role(site, "Chat Agents", [("CfgAgentGroup", "Chat_Agents")], PRIVILEGE)
    sandbox.edit("CfgTenant", "Environment", defaultcapacityruledbid=site.dbid("CfgScript", "Wizard_Rule"))
    template = sandbox.create("CfgAppPrototype", name="Workspace Desktop 8.5", subtype="CFGInteractionWorkspace", version="8.5.150.00")
    own = {CHANNELS: "workitem, chat", "chat.on-hold-queue": "Chat_In"}
    options = {"property": [{"section": WORKSPACE, "key": key, "value": value} for key, value in own.items()]}
    tenants = {"id": [{"dbid": "1"}]}
    sandbox.create("CfgApplication", name="Workspace", appprototypedbid=template["dbid"], autorestart="CFGFalse", tenantdbids=tenants, options=options)
    return sandbox.database()


@pytest.fixture
def right(clean_site: Site, state: dict[str, Any]) -> Site:
    """That solution."""
    clean_site.sandbox.restore(state)
    return clean_site


def audit(site: Site, **arguments: Any) -> dict[str, Any]:
    """Run the module, which must not write; return its result."""
    before = site.sandbox.database()
    outcome = site.ok("chat_audit", **arguments)
    assert not outcome.changed and not site.writes() and site.sandbox.database() == before
    return outcome.result


def options(name: str, section: str, **values: str | None) -> Callable[[Site], object]:
    """Return what sets options of an application; an underscore stands for a hyphen, but in the endpoint of GMS."""
    named = {key if key.endswith("_endpoint") else key.replace("_", "-"): value for key, value in values.items()}
    return lambda site: site.sandbox.edit("CfgApplication", name, options={section: named})


def channel(**values: str | None) -> Callable[[Site], object]:
    """Return what sets options of the Backend Server."""
    return lambda site: site.sandbox.edit("CfgApplication", "WES_1", options={"service:wes": {WES + key: value for key, value in values.items()}})


def ports(name: str, *ids: str) -> Callable[[Site], object]:
    """Return what gives a Chat Server these ports only."""
    numbers = {port_id: str(4580 + number) for number, port_id in enumerate(ids)}
    return lambda site: site.sandbox.edit("CfgApplication", name, portinfos={"portinfo": [{"id": key, "port": value} for key, value in numbers.items()]})


def links(name: str, *targets: tuple[str, str, bool]) -> Callable[[Site], object]:
    """Return what gives an application these connections only; each (server, port, addp)."""
    return lambda site: site.relink(name, [site.link(server, port, addp) for server, port, addp in targets])


def without(name: str, server: str) -> Callable[[Site], object]:
    """Return what takes the connections to a server from an application."""

    def take(site: Site) -> None:
        value = site.sandbox.object("CfgApplication", name)
        assert value is not None
        gone = site.dbid("CfgApplication", server)
        site.relink(name, [link for link in value["appservers"]["conninfo"] if link["appserverdbid"] != gone])

    return take


def paired(site: Site, kind: str = "CFGHTWarmStanby") -> None:
    """Make ChatServer_2 the backup of ChatServer_1; no client is connected to it, and GMS has no digital channels."""
    for client in ("IXN_1", "GMS_1", CLUSTER):
        without(client, "ChatServer_2")(site)
    site.sandbox.edit("CfgApplication", "GMS_1", options={"chat.customer-support": {"x": None}})
    site.sandbox.edit("CfgApplication", "ChatServer_1", backupserverdbid=site.dbid("CfgApplication", "ChatServer_2"), redundancytype=kind)


def paired_with_digital_channels(site: Site) -> None:
    paired(site)
    site.sandbox.edit("CfgApplication", "GMS_1", options={"chat.customer-support": {"x": "y"}})


def silent_pair(site: Site) -> None:
    paired(site)
    options("ChatServer_1", "settings", limits_reached_report_scs="false")(site)


def restoring(site: Site, *names: str) -> None:
    for name in names:
        options(name, "settings", session_restoration_mode="simple", transcript_auto_save="1")(site)


def differing(site: Site) -> None:
    restoring(site, *CHAT_SERVERS)
    options("ChatServer_3", "inactivity-control", timeout_close="99")(site)


def unknown_tenant(site: Site) -> None:
    site.sandbox.edit("CfgApplication", "ChatServer_1", options={"endpoints:77": {"default": "Chat_In"}})


def two_nodes(site: Site) -> None:
    site.make("IXN_2", INTERACTION_TEMPLATE, "ixn1", {"default": 4421}, links=[site.link(name, "ESP") for name in CHAT_SERVERS[:3]])
    cluster(site, "IXN_1", "IXN_2", name="IXN_Cluster")


def lonely_contact_server(site: Site) -> None:
    site.make("UCS_9", CONTACT_TEMPLATE, "ucs1", {"default": 7109})
    without("ChatServer_1", "UCS_1")(site)
    value = site.sandbox.object("CfgApplication", "ChatServer_1")
    assert value is not None
    site.relink("ChatServer_1", [*value["appservers"]["conninfo"], site.link("UCS_9")])


def mixed_cluster(site: Site) -> None:
    site.relink(CLUSTER, [*(site.link(name) for name in CHAT_SERVERS), site.link("IXN_1")])


def no_rule(site: Site) -> None:
    site.sandbox.edit("CfgTenant", "Environment", defaultcapacityruledbid="0")


def voice_only(site: Site) -> None:
    make_rule(site, "Voice_only", userproperties=annex(VOICE_DOCUMENT, ""))
    site.sandbox.edit("CfgTenant", "Environment", defaultcapacityruledbid=site.dbid("CfgScript", "Voice_only"))


def inert_role(site: Site) -> None:
    make_role(site, "Senders", [("CfgAgentGroup", "Others")], {"sandbox-privileges": {"Sandbox.Chat.canPushUrl": "1"}})


def unchecked_queue(site: Site) -> None:
    site.sandbox.edit("CfgAgentGroup", "Chat_Agents", annex={WORKSPACE: {"chat.on-hold-queue": "Nowhere"}})


#: Rule -> (what breaks it, the object that is told, words of the text, its severity).
BREAKS: dict[str, tuple[Callable[[Site], object], str, tuple[str, ...], str]] = {
    "L01": (ports("ChatServer_1", "default", "webapi", "health"), "ChatServer_1", ("no port", "ESP"), "error"),
    "L02": (ports("ChatServer_1", *CHAT_PORTS, "Health"), "ChatServer_1", ("'Health'", "'health'"), "error"),
    "L03": (without("ChatServer_1", "IXN_1"), "ChatServer_1", ("no connection to an Interaction Server",), "error"),
    "L04": (links("IXN_1", *((name, "ESP", name != "ChatServer_2") for name in CHAT_SERVERS)), "IXN_1", ("without addp", "ChatServer_2"), "warning"),
    "L05": (links("GMS_1", ("SolutionControlServer", "default", True), *((name, "webapi", name == "ChatServer_2") for name in CHAT_SERVERS)), "GMS_1",
            ("addp", "ChatServer_2"), "warning"),
    "L06": (links("GMS_1", ("SolutionControlServer", "default", True), ("ChatServer_1", "default", False)), "GMS_1", ("'default' of ChatServer_1",), "error"),
    "L07": (links("IXN_1", ("ChatServer_1", "default", True), *((name, "ESP", True) for name in CHAT_SERVERS[1:])), "IXN_1", ("ChatServer_1", "ESP"), "error"),
    "L08": (options("ChatServer_1", "endpoints:*tenant_dbid*", default="Chat_In"), "ChatServer_1", ("endpoints:*tenant_dbid*",), "error"),
    "L09": (unknown_tenant, "ChatServer_1", ("endpoints:77", "no tenant"), "error"),
    "L10": (options("ChatServer_1", "endpoints:1", default="Legacy_Strategy"), "ChatServer_1", ("'Legacy_Strategy'", "no Interaction Queue"), "error"),
    "L11": (two_nodes, "IXN_2", ("'IXN_Cluster'", "ESP of ChatServer_4"), "error"),
    "L12": (paired_with_digital_channels, "ChatServer_1", ("'ChatServer_2'", "Digital Channels", "GMS_1"), "error"),
    "L13": (paired, "ChatServer_1", ("has the backup 'ChatServer_2'",), "warning"),
    "L14": (lambda site: restoring(site, *CHAT_SERVERS[:3]), "ChatServer_4", ("session-restoration-mode=simple", "transcript-auto-save=1"), "error"),
    "L15": (options("ChatServer_1", "settings", transcript_auto_save="2"), "ChatServer_1", ("transcript-auto-save=2", "Workspace"), "warning"),
    "L16": (differing, "ChatServer_3", ("inactivity-control/timeout-close '99'", "most Chat Servers"), "warning"),
    "L17": (silent_pair, "ChatServer_1", ("limits-reached-report-scs=false",), "warning"),
    "L18": (options("ChatServer_1", "settings", limit_for_sessions="5"), "ChatServer_1", ("limit-for-sessions", "no effect"), "info"),
    "L19": (lonely_contact_server, "ChatServer_1", ("'UCS_9'", "in no pair"), "error"),
    "L20": (without("GMS_1", "SolutionControlServer"), "GMS_1", ("no connection to a Solution Control Server",), "error"),
    "L21": (options("GMS_1", "chat.customer-support", x=None), "GMS_1", ("no section of a chat service",), "error"),
    "L22": (options("GMS_1", "chat", default_chat_endpoint="1:default"), "GMS_1", ("'1:default'", "name of the tenant"), "error"),
    "L23": (no_rule, "Environment", ("2 agents", "anna, ben"), "error"),
    "L24": (voice_only, "Voice_only", ("does not admit chat",), "error"),
    "L25": (inert_role, "Senders", ("not 'Chat - Can Use Chat Channel'",), "error"),
    "L26": (options("Workspace", WORKSPACE, **{CHANNELS: "workitem, webchat"}), "Workspace", ("'workitem, webchat'", "chat is missing"), "error"),
    "L27": (unchecked_queue, "Chat_Agents", ("chat.on-hold-queue='Nowhere'",), "error"),
    "L28": (channel(queueWebengagement="Chat_In"), "WES_1", ("'Chat_In'", "'1:webme'", "Webengagement_Chat"), "error"),
    "L29": (mixed_cluster, CLUSTER, ("another type", "IXN_1"), "error"),
    "L30": (lambda site: site.sandbox.edit("CfgApplication", "WES_1", options={"service:wmsg": {"wmsg.connector.defaultEngagementChannel": "proactiveChat"}}),
            "WES_1", ("defaultEngagementChannel=proactiveChat",), "error"),
    "L31": (channel(identifyCreateContact="7"), "WES_1", ("'7'", "counts as 3"), "warning"),
    "L32": (channel(refreshPeriod="6"), "WES_1", ("'6'", "from 1 to 5"), "error"),
    "L33": (channel(sessionRestoreTimeout=None, chatSessionRestoreTimeout="30"), "WES_1", ("chatSessionRestoreTimeout",), "warning"),
    "L34": (options("ChatServer_1", "settings", hide_attached_data="false"), "ChatServer_1", ("customers' data", "hide-attached-data=false"), "warning"),
    "L35": (options("ChatServer_1", "settings", flex_disconnect_timeout="0"), "ChatServer_1", ("flex-disconnect-timeout='0'", "1 to 1728000"), "warning"),
    "L36": (options("ChatServer_1", "settings", transcript_cleanup_typing="any"), "ChatServer_1", ("transcript-cleanup-typing", "8.5.103"), "warning"),
    "L37": (options("ChatServer_1", "health-service", log_output_content=""), "ChatServer_1", ("log-output-content empty",), "warning"),
    "L38": (options("ChatServer_1", "settings", stop_abandoned_interaction="always"), "ChatServer_1", ("=always", "not recommended"), "warning"),
    "L39": (lambda site: site.sandbox.edit("CfgScript", "Chat_In", annex={"workflow": {"strategy": None}}), "Chat_In", ("no strategy",), "warning"),
    "L40": (options("ChatServer_1", "settings", ixn_submittedby_name="Chat"), "ChatServer_1", ("'Chat'",), "info"),
}


def test_a_solution_that_is_right_breaks_no_rule(right: Site) -> None:
    result = audit(right)
    assert [fault["text"] for fault in result["faults"]] == []
    assert [rule["rule"] for rule in result["rules"]] == RULES == list(BREAKS)
    reads = [entry["type"] for entry in right.sandbox.requests("gax") if entry["method"] == "GET" and entry.get("type")]
    assert len(reads) == len(set(reads)), "a class was read twice"


@pytest.mark.parametrize("rule", BREAKS)
def test_each_rule_finds_what_breaks_it(right: Site, rule: str) -> None:
    """The object, what is wrong, why, and what to do; rules that have nothing to do with it stay silent unless the change concerns them too."""
    break_it, name, words, severity = BREAKS[rule]
    break_it(right)
    result = audit(right)
    (fault,) = [fault for fault in result["faults"] if (fault["rule"], fault["name"]) == (rule, name)]
    assert all(word in fault["text"] for word in words) and f"'{name}'" in fault["text"], fault["text"]
    assert fault["severity"] == severity and fault["why"] and fault["cure"] and fault["source"] and not fault["waived"]
    assert len(result["faults"]) <= 8, [item["text"] for item in result["faults"]]


def test_other_ways_to_break_a_rule(right: Site) -> None:
    """Those of one rule that look at something else than the case above; in one system."""
    sandbox = right.sandbox
    options("ChatServer_2", "endpoints:1", default="")(right)
    sandbox.edit("CfgApplication", "ChatServer_3", tenantdbids={"id": [{"dbid": "1"}, {"dbid": "101"}]})
    without("ChatServer_4", "UCS_3")(right)
    channel(queueKey="Environment:webme")(right)
    paired(right, "CFGHTHotStanby")
    texts = {(fault["rule"], fault["severity"], fault["text"]) for fault in audit(right)["faults"]}
    found = {(rule, severity) for rule, severity, _text in texts}
    assert ("L13", "error") in found and ("L22", "error") in found
    assert any(rule == "L03" and "'ChatServer_4' has no connection to a UCS" in text for rule, _severity, text in texts)
    assert any(rule == "L09" and "'ChatServer_3' serves tenant 'Sales' and has no section endpoints:101" in text for rule, _severity, text in texts)


def test_wishes(right: Site) -> None:
    """What the configuration does not tell is asked for."""
    ports("ChatServer_1", "default", "webapi", "ESP")(right)
    right.sandbox.edit("CfgApplication", "WES_1", options={"service:wmsg": {"wmsg.connector.defaultEngagementChannel": "proactiveChat"}})
    assert [fault["rule"] for fault in audit(right)["faults"]] == ["L30"]
    assert [fault["rule"] for fault in audit(right, health_port=True, development_environment=True)["faults"]] == ["L02"]


def test_waivers(right: Site) -> None:
    """A fault that is waived is listed and does not count; a waiver for another object does not cover it."""
    right.sandbox.edit("CfgApplication", "ChatServer_1", options={"settings": {"hide-attached-data": "false"}})
    right.sandbox.edit("CfgApplication", "ChatServer_2", options={"settings": {"hide-attached-data": "false"}})
    waiver = {"rule": "L34", "object": "ChatServer_1", "reason": "an open case", "until": "2999-12-31"}
    result = audit(right, waivers=[waiver, {**waiver, "rule": "L01", "object": None}])
    assert [(fault["name"], fault["waived"]) for fault in result["faults"]] == [("ChatServer_1", "an open case"), ("ChatServer_2", "")]
    assert result["counts"] == {"error": 0, "warning": 1, "info": 0, "waived": 1}
    assert result["waivers_without_fault"] == ["L01"]


@pytest.mark.parametrize(("words", "arguments"), [
    (("rules", "no rule 'L99'"), {"rules": ["L99"]}),
    (("waivers[0]", "no rule 'l1'"), {"waivers": [{"rule": "l1", "reason": "x", "until": "2999-01-01"}]}),
    (("waivers[0]", "reason", "L01"), {"waivers": [{"rule": "L01", "reason": " ", "until": "2999-01-01"}]}),
    (("waivers[0]", "L01", "ended on 2020-01-01"), {"waivers": [{"rule": "L01", "reason": "x", "until": "2020-01-01"}]}),
    (("waivers[0]", "until", "YYYY-MM-DD"), {"waivers": [{"rule": "L01", "reason": "x", "until": "soon"}]}),
    (("snapshot", "can't be read"), {"snapshot": "/nowhere.json"}),
    (("solution or snapshot",), {"snapshot": "/nowhere.json", "solution": {"tenant": "Environment"}}),
    (("there is no tenant named 'Nobody'",), {"solution": {"tenant": "Nobody"}}),
], ids=["no such rule", "waiver of no rule", "no reason", "past its end", "no date", "no snapshot", "two subjects", "no such tenant"])
def test_bad_input(right: Site, words: tuple[str, ...], arguments: dict[str, Any]) -> None:
    right.refuses("chat_audit", *words, **arguments)


def test_some_rules_read_no_persons(right: Site) -> None:
    result = audit(right, rules=["L01", "L03"])
    assert [rule["rule"] for rule in result["rules"]] == ["L01", "L03"]
    assert {entry["type"] for entry in right.sandbox.requests("gax") if entry["method"] == "GET" and entry.get("type")} == {"CfgApplication", "CfgTenant"}


def test_a_description_is_judged_before_it_is_applied(right: Site) -> None:
    """The same faults as after it was applied, and nothing is written before."""
    description = solution(interaction_queues=None, chat_servers=[{"name": "ChatServer_1", "host": "chat1", "options": {"settings": {
        "stop-abandoned-interaction": "always", "limit-for-sessions": 7}}}, {"name": "ChatServer_5", "host": "chat2", "ports": {
            "default": 4680, "webapi": 4681, "ESP": 4682}}])
    foretold = audit(right, solution=description, health_port=True)
    texts = [fault["text"] for fault in foretold["faults"]]
    assert any("'ChatServer_1' has settings/stop-abandoned-interaction=always" in text for text in texts), texts
    right.ok("chat_solution", warns=True, solution=description)
    assert [fault["text"] for fault in audit(right, health_port=True)["faults"]] == texts


def test_a_snapshot_is_judged(right: Site, tmp_path: Path) -> None:
    """Without a look at the Configuration Server, as the system was; what it does not hold is not judged, and said."""
    options("ChatServer_1", "settings", stop_abandoned_interaction="always")(right)
    path = str(tmp_path / "kept.json")
    classes = ["CfgApplication", "CfgTenant", "CfgScript"]
    right.ok("config_snapshot", objects=[{"type": kind} for kind in classes], path=path)
    options("ChatServer_1", "settings", stop_abandoned_interaction="never")(right)
    result = audit(right, snapshot=path)
    assert [(fault["rule"], fault["name"]) for fault in result["faults"]] == [("L38", "ChatServer_1")]
    assert result["not_judged"] == ["L23", "L24", "L25", "L26", "L27"]
    assert not right.sandbox.requests("gax"), "GAX was asked"
    right.ok("config_snapshot", objects=[{"type": "CfgApplication", "name": "ChatServer_1"}, {"type": "CfgTenant"}], path=path)
    right.refuses("chat_audit", "snapshot", "all objects of CfgApplication", "config_snapshot", snapshot=path)
    Path(path).write_text(json.dumps({"format": "something else"}), encoding="utf-8")
    right.refuses("chat_audit", "not a snapshot of this collection", snapshot=path)
