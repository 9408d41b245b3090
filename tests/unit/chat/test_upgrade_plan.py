# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan of a rolling upgrade: who belongs to whom, in which order, and what is refused before anything happens."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit.config.fake_gateway import Gateway, application, context_of, option_list
from unit.fuzzing import examples

from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.upgrade.plan import batches, upgrade_plan
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.errors import InvalidInput

RESTORING = {"settings": {"session-restoration-mode": "simple", "transcript-auto-save": "1"}}
CHAT_PORTS = {"default": 4580, "webapi": 4581}


def server(number, subtype, host, **more):
    """An installed application."""
    return application(subtype, host=host, workdirectory="/opt/genesys/%d" % number, **more)


def cluster(pairs=2, chat_servers=4):
    """UCS_1 with the backup UCS_2, UCS_3 with UCS_4 and so on; the Chat Servers are divided among the primaries. One host each."""
    gateway = Gateway()
    gateway.add("CfgTenant", 1, "Environment")
    for number in range(1, 2 * pairs + 1):
        gateway.add("CfgHost", 300 + number, "ucs%d" % number, ipaddress="192.0.2.%d" % number)
        backup = number + 1 if number % 2 else 0
        gateway.add("CfgApplication", number, "UCS_%d" % number,
                    **server(number, "CFGContactServer", 300 + number, ports={"default": 7100}, backupserverdbid=str(backup)))
    for number in range(1, chat_servers + 1):
        gateway.add("CfgHost", 400 + number, "chat%d" % number, ipaddress="192.0.2.%d" % (100 + number))
        primary = 2 * ((number - 1) * pairs // chat_servers) + 1
        gateway.add("CfgApplication", 100 + number, "Chat_%d" % number,
                    **server(100 + number, "CFGChatServer", 400 + number, ports=CHAT_PORTS, connections=[(primary,)], options=RESTORING))
    return gateway


def plan(gateway, **params):
    """Return the plan and the warnings."""
    context = context_of(gateway)
    defaults = {"role": "contact_server", "primaries": None, "batch": "100%", "hosts": None, "inventory_hosts": None, "accept_lost_sessions": False}
    return upgrade_plan(context, dict(defaults, **params)), context.warnings


def refused(gateway, **params):
    """Return what is against the rules, one text for each."""
    with pytest.raises(InvalidInput) as error:
        plan(gateway, **params)
    begin, *problems = re.split(r" \((?=\d+\) )", str(error.value))
    assert begin == "The upgrade can't be done:"
    assert [problem.partition(") ")[0] for problem in problems] == [str(number) for number in range(1, len(problems) + 1)]
    return [problem.partition(") ")[2] for problem in problems]


def steps_of(found):
    return [(step["name"], step["kind"], step["members"], step["relies_on"]) for step in found["steps"]]


def set_option(gateway, name, key, value, section="settings"):
    gateway.named("CfgApplication", name)["options"]["property"].append({"section": section, "key": key, "value": value})


# --- the order ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("pairs", [1, 2, 5])
def test_backups_then_the_switch_then_primaries(pairs):
    found, warnings = plan(cluster(pairs, 2 * pairs))
    primaries = sorted("UCS_%d" % (2 * number + 1) for number in range(pairs))
    backups = sorted("UCS_%d" % (2 * number + 2) for number in range(pairs))
    assert steps_of(found) == [
        ("backups", "members", backups, primaries),
        ("stop of all primaries", "switch", primaries, backups),
        ("primaries", "members", primaries, backups),
    ]
    assert warnings == []
    assert found["hosts"] == sorted(["ucs%d" % (number + 1) for number in range(2 * pairs)] + ["chat%d" % (number + 1) for number in range(2 * pairs)])
    assert (found["role"], found["install_time_utility"]) == ("contact_server", False)


def test_the_members_know_their_partner_and_their_clients():
    found, _warnings = plan(cluster())
    told = {item["name"]: (item["place"], item["partner"], item["clients"], item["host"], item["address"], item["ports"]) for item in found["members"]}
    assert told == {
        "UCS_1": ("primary", "UCS_2", ["Chat_1", "Chat_2"], "ucs1", "192.0.2.1", {"default": 7100}),
        "UCS_2": ("backup", "UCS_1", ["Chat_1", "Chat_2"], "ucs2", "192.0.2.2", {"default": 7100}),
        "UCS_3": ("primary", "UCS_4", ["Chat_3", "Chat_4"], "ucs3", "192.0.2.3", {"default": 7100}),
        "UCS_4": ("backup", "UCS_3", ["Chat_3", "Chat_4"], "ucs4", "192.0.2.4", {"default": 7100}),
    }
    assert {item["install_path"] for item in found["members"]} == {"/opt/genesys/%d" % number for number in (1, 2, 3, 4)}


def test_a_chat_server_knows_where_it_reaches_its_pair():
    gateway = cluster()
    for name in ("UCS_3", "UCS_4"):
        gateway.named("CfgApplication", name)["portinfos"]["portinfo"].append({"id": "chat", "port": "7300"})
    gateway.named("CfgApplication", "Chat_3")["appservers"]["conninfo"][0]["id"] = "chat"
    found, _warnings = plan(gateway)
    pairs = {item["name"]: item["contact_servers"] for item in found["chat_servers"]}
    assert sorted(pairs) == ["Chat_1", "Chat_2", "Chat_3", "Chat_4"]
    assert pairs["Chat_1"] == [{"primary": {"name": "UCS_1", "address": "192.0.2.1", "port": 7100},
                                "backup": {"name": "UCS_2", "address": "192.0.2.2", "port": 7100}}]
    assert pairs["Chat_3"] == [{"primary": {"name": "UCS_3", "address": "192.0.2.3", "port": 7300},
                                "backup": {"name": "UCS_4", "address": "192.0.2.4", "port": 7300}}]


@pytest.mark.parametrize(("batch", "parts"), [
    ("1", [["UCS_2"], ["UCS_4"], ["UCS_6"]]), ("2", [["UCS_2", "UCS_4"], ["UCS_6"]]), ("67%", [["UCS_2", "UCS_4"], ["UCS_6"]]),
    ("1%", [["UCS_2"], ["UCS_4"], ["UCS_6"]]), ("9", [["UCS_2", "UCS_4", "UCS_6"]]),
])
def test_backups_in_batches(batch, parts):
    found, _warnings = plan(cluster(3, 3), batch=batch)
    steps = steps_of(found)
    labels = ["backups, batch %d of %d" % (number, len(parts)) for number in range(1, len(parts) + 1)] if len(parts) > 1 else ["backups"]
    partner = {"UCS_2": "UCS_1", "UCS_4": "UCS_3", "UCS_6": "UCS_5"}
    assert steps[:-2] == [(label, "members", names, [partner[name] for name in names]) for label, names in zip(labels, parts, strict=True)]
    # The primaries are stopped together however the backups were upgraded.
    assert steps[-2][2:] == (["UCS_1", "UCS_3", "UCS_5"], ["UCS_2", "UCS_4", "UCS_6"])


SIZES = st.one_of(st.integers(1, 40).map(str), st.integers(1, 100).map("{}%".format))


@given(st.lists(st.text("abc", min_size=1), unique=True, max_size=30), SIZES)
@examples(200)
def test_batches_are_a_partition_in_order(names, size):
    parts = batches(names, size)
    assert [name for part in parts for name in part] == names
    assert all(parts)
    most = max(1, len(names) * int(size[:-1]) // 100) if size.endswith("%") else int(size)
    assert [len(part) for part in parts[:-1]] == [most] * (len(parts) - 1)
    assert all(len(part) <= most for part in parts)


@pytest.mark.parametrize("size", ["0", "0%", "101%", "-1", "-5%", "", "%", "50 %", "half", "1.5", "10%%", "²", "٣", None, "1e3"])
def test_a_batch_that_is_no_size(size):
    with pytest.raises(InvalidInput, match="batch must be a number from 1 on, or a share from 1% to 100%, got '"):
        batches(["a"], size)
    with pytest.raises(InvalidInput, match="batch must be"):
        plan(cluster(), batch=size)


def test_a_batch_with_blanks_around_it():
    assert batches(["a", "b"], " 1 ") == [["a"], ["b"]]


# --- pairs --------------------------------------------------------------------------------------------------------------


def test_no_contact_server_at_all():
    problems = refused(cluster(0, 0))
    assert problems == ["There is no application of type CFGContactServer (Universal Contact Server)."]


def test_a_server_in_no_pair():
    gateway = cluster()
    gateway.add("CfgApplication", 9, "UCS_9", **server(9, "CFGContactServer", 301))
    assert refused(gateway) == ["'UCS_9' is in no pair. All instances of UCS must be configured as pairs of primary and backup (ucs_pair), "
                                "or it can't be stopped without leaving its Chat Servers alone."]


def test_a_backup_that_is_not_there_any_more():
    gateway = cluster(1, 1)
    gateway.named("CfgApplication", "UCS_1")["backupserverdbid"] = "77"
    problems = refused(gateway)
    assert [problem.split(". ")[0] for problem in problems[:2]] == ["'UCS_1' is in no pair", "'UCS_2' is in no pair"]


@pytest.mark.parametrize(("name", "backup", "words"), [
    ("UCS_1", "1", "'UCS_1' is the backup of 'UCS_1' and has itself a backup, 'UCS_1'; a backup has none."),
    ("UCS_2", "3", "'UCS_2' is the backup of 'UCS_1' and has itself a backup, 'UCS_3'; a backup has none."),
])
def test_a_backup_with_a_backup(name, backup, words):
    gateway = cluster()
    gateway.named("CfgApplication", name)["backupserverdbid"] = backup
    assert words in refused(gateway)


def test_one_backup_of_two_primaries():
    gateway = cluster()
    gateway.named("CfgApplication", "UCS_3")["backupserverdbid"] = "2"
    words = "'UCS_2' is the backup of 'UCS_1' and of 'UCS_3'; one backup belongs to one primary."
    problems = refused(gateway)
    assert problems.count(words) == 1 and any(problem.startswith("'UCS_4' is in no pair.") for problem in problems)
    assert words in refused(gateway, primaries=["UCS_1"])


def test_a_pair_of_different_types():
    gateway = cluster()
    gateway.add("CfgApplication", 50, "Stat", **server(50, "CFGStatServer", 301))
    gateway.named("CfgApplication", "UCS_3")["backupserverdbid"] = "50"
    problems = refused(gateway)
    assert "The pair of 'UCS_3' and 'Stat' is of different types: 'Stat' is of type CFGStatServer, and must be CFGContactServer." in problems
    assert any(problem.startswith("'UCS_4' is in no pair.") for problem in problems)


def test_a_primary_of_another_type():
    gateway = cluster()
    gateway.named("CfgApplication", "UCS_3")["backupserverdbid"] = "0"
    gateway.add("CfgApplication", 50, "Stat", **server(50, "CFGStatServer", 301, backupserverdbid="4"))
    assert "'UCS_4' is the backup of 'Stat', which is no Universal Contact Server: the two are of different types." in refused(gateway)


def test_both_on_one_host_is_allowed_and_told():
    gateway = cluster(1, 1)
    gateway.named("CfgApplication", "UCS_2")["hostdbid"] = "301"
    found, warnings = plan(gateway)
    assert warnings == ["'UCS_1' and 'UCS_2', a pair, are on one host: if it fails, their Chat Servers have no UCS."]
    assert found["members"][0]["on_host"] == [{"name": "UCS_1", "type": "CFGContactServer"}, {"name": "UCS_2", "type": "CFGContactServer"}]


def test_a_pair_without_chat_servers_is_upgraded_and_told():
    gateway = cluster(2, 2)
    gateway.named("CfgApplication", "Chat_2")["appservers"]["conninfo"][0]["appserverdbid"] = "1"
    found, warnings = plan(gateway)
    assert warnings == ["No Chat Server is connected to 'UCS_3'; there should be as many groups of Chat Servers as pairs."]
    assert steps_of(found)[0][2] == ["UCS_2", "UCS_4"]


# --- several clusters ---------------------------------------------------------------------------------------------------


def test_only_the_pairs_that_are_named():
    gateway = cluster()
    # What is wrong elsewhere is no concern of this cluster.
    gateway.add("CfgApplication", 9, "UCS_9", **server(9, "CFGContactServer", 0))
    gateway.add("CfgApplication", 109, "Chat_9", **server(109, "CFGChatServer", 0, connections=[(9,)]))
    gateway.add("CfgApplication", 108, "Chat_8", **server(108, "CFGChatServer", 0))
    found, _warnings = plan(gateway, primaries=["UCS_3"])
    assert [item["name"] for item in found["members"]] == ["UCS_3", "UCS_4"]
    assert [item["name"] for item in found["chat_servers"]] == ["Chat_3", "Chat_4"]
    assert steps_of(found) == [("backups", "members", ["UCS_4"], ["UCS_3"]), ("stop of all primaries", "switch", ["UCS_3"], ["UCS_4"]),
                               ("primaries", "members", ["UCS_3"], ["UCS_4"])]
    assert found["hosts"] == ["chat3", "chat4", "ucs3", "ucs4"]


def test_an_empty_list_of_primaries_means_all():
    assert plan(cluster(), primaries=[]) == plan(cluster())


def test_primaries_that_are_none():
    assert refused(cluster(), primaries=["UCS_4", "Nobody", "Chat_1"]) == [
        "primaries: 'UCS_4' is the backup of 'UCS_3'; name the primary.",
        "primaries: there is no Universal Contact Server 'Nobody'.",
        "primaries: there is no Universal Contact Server 'Chat_1'."]


def test_a_chat_server_between_two_clusters():
    gateway = cluster()
    connections = gateway.named("CfgApplication", "Chat_1")["appservers"]["conninfo"]
    connections.append(dict(connections[0], appserverdbid="3"))
    for primaries in (["UCS_1"], ["UCS_3"], None):
        assert refused(gateway, primaries=primaries) == [
            "Chat Server 'Chat_1' is connected to 'UCS_1' and 'UCS_3'; each must be connected to the primary of exactly one pair (chat_server_groups)."]


# --- Chat Servers as clients --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("connections", "words"), [
    ([], "is connected to no UCS; each must be connected to the primary of exactly one pair"),
    ([(1,), (3,)], "is connected to 'UCS_1' and 'UCS_3'; each must be connected to the primary of exactly one pair"),
    ([(2,)], "is connected to 'UCS_2', which is a backup; it must be connected to the primary of its pair"),
    ([(1,), (2,)], "is connected to 'UCS_1' and 'UCS_2'; each must be connected to the primary of exactly one pair"),
])
def test_a_chat_server_that_is_connected_otherwise(connections, words):
    gateway = cluster()
    gateway.named("CfgApplication", "Chat_2").update(application("CFGChatServer", connections=connections, host=402, workdirectory="/x"))
    assert refused(gateway) == ["Chat Server 'Chat_2' %s (chat_server_groups)." % words]


def test_other_connections_do_not_matter():
    gateway = cluster()
    gateway.add("CfgApplication", 60, "IXN", **server(60, "CFGInteractionServer", 301))
    connections = gateway.named("CfgApplication", "Chat_1")["appservers"]["conninfo"]
    connections.append(dict(connections[0], appserverdbid="60"))
    assert plan(gateway)[0]["steps"] == plan(cluster())[0]["steps"]


def test_two_connections_to_one_ucs():
    gateway = cluster(1, 1)
    for name in ("UCS_1", "UCS_2"):
        gateway.named("CfgApplication", name)["portinfos"]["portinfo"].append({"id": "chat", "port": "7300"})
    connections = gateway.named("CfgApplication", "Chat_1")["appservers"]["conninfo"]
    connections.append(dict(connections[0], id="chat"))
    found, _warnings = plan(gateway)
    assert len(found["chat_servers"]) == 1 and found["members"][0]["clients"] == ["Chat_1"]
    assert found["chat_servers"][0]["contact_servers"][0]["primary"]["port"] in (7100, 7300)


def test_the_backup_of_a_chat_server_is_left_out():
    """It has the connections of its primary, and its host need not take part."""
    gateway = cluster()
    gateway.add("CfgApplication", 120, "Chat_1B", **server(120, "CFGChatServer", 0, connections=[(1,)]))
    gateway.named("CfgApplication", "Chat_1")["backupserverdbid"] = "120"
    hosts = ["ucs1", "ucs2", "ucs3", "ucs4", "chat1", "chat2", "chat3", "chat4"]
    found, _warnings = plan(gateway, hosts=hosts, inventory_hosts=hosts)
    assert [item["name"] for item in found["chat_servers"]] == ["Chat_1", "Chat_2", "Chat_3", "Chat_4"]
    assert found["members"][0]["clients"] == ["Chat_1", "Chat_2"]
    with_backup, _warnings = plan(gateway, role="chat_server")
    assert [step["members"] for step in with_backup["steps"]] == [["Chat_1"], ["Chat_2"], ["Chat_3"], ["Chat_4"]]
    assert all("Chat_1B" not in step["relies_on"] for step in with_backup["steps"])


def test_a_port_that_the_backup_lacks():
    gateway = cluster(1, 1)
    gateway.named("CfgApplication", "UCS_1")["portinfos"]["portinfo"].append({"id": "chat", "port": "7300"})
    gateway.add("CfgApplication", 102, "Chat_2", **server(102, "CFGChatServer", 301, connections=[(1,)], options=RESTORING))
    gateway.named("CfgApplication", "Chat_1")["appservers"]["conninfo"][0]["id"] = "chat"
    assert refused(gateway) == [
        "Chat Server 'Chat_1' is connected to a port of 'UCS_1' whose id 'UCS_2', its backup, does not have; so it could not switch."]
    assert plan(gateway, role="chat_server")[0]["steps"], "Chat Servers switch to nobody while they are upgraded themselves"


# --- warnings -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("value", "warned"), [("true", True), ("YES", True), ("1", True), (" True ", True), ("false", False), ("0", False), ("", False)])
@pytest.mark.parametrize(("role", "name"), [("contact_server", "UCS_2"), ("chat_server", "Chat_1")])
def test_autostart_is_told(role, name, value, warned):
    gateway = cluster()
    gateway.named("CfgApplication", name)["userproperties"] = option_list({"sml": {"autostart": value}})
    _found, warnings = plan(gateway, role=role)
    words = "'%s' has sml/autostart=true: Solution Control Server starts it whenever it connects to the host" % name
    assert [warning.startswith(words) for warning in warnings] == ([True] if warned else [])


def test_a_chat_server_that_closes_sessions_on_errors_is_told():
    gateway = cluster()
    set_option(gateway, "Chat_2", "transcript-save-on-error", "close")
    set_option(gateway, "Chat_3", "transcript-save-on-error", "continue")
    _found, warnings = plan(gateway)
    assert len(warnings) == 1 and warnings[0].startswith("'Chat_2' has transcript-save-on-error=close: ") and "transcript-resend-*" in warnings[0]


# --- Chat Servers as members --------------------------------------------------------------------------------------------


def test_chat_servers_one_by_one():
    found, warnings = plan(cluster(1, 3), role="chat_server")
    assert steps_of(found) == [
        ("Chat Server Chat_1", "members", ["Chat_1"], ["Chat_2", "Chat_3"]),
        ("Chat Server Chat_2", "members", ["Chat_2"], ["Chat_1", "Chat_3"]),
        ("Chat Server Chat_3", "members", ["Chat_3"], ["Chat_1", "Chat_2"]),
    ]
    assert [(item["name"], item["place"], item["partner"]) for item in found["members"]] == [
        ("Chat_1", "chat server", None), ("Chat_2", "chat server", None), ("Chat_3", "chat server", None)]
    assert (found["chat_servers"], found["hosts"], warnings) == (found["members"], ["chat1", "chat2", "chat3"], [])


@pytest.mark.parametrize(("number", "word"), [(0, "no"), (1, "1")])
def test_too_few_chat_servers(number, word):
    assert refused(cluster(1, number), role="chat_server") == [
        "There is only %s Chat Server; its sessions could be restored nowhere while it is upgraded." % word]


@pytest.mark.parametrize("value", ["", "0", "3", "no"])
def test_sessions_that_can_not_be_restored(value):
    gateway = cluster(1, 3)
    for name, key in (("Chat_2", "transcript-auto-save"), ("Chat_1", "transcript-auto-save"), ("Chat_3", "session-restoration-mode")):
        gateway.named("CfgApplication", name)["options"] = option_list({"settings": dict(RESTORING["settings"], **{key: value})})
    problem, = refused(gateway, role="chat_server")
    assert "session-restoration-mode=simple on 'Chat_3'; transcript-auto-save=1 (or 2) on 'Chat_1', 'Chat_2'." in problem \
        or "transcript-auto-save=1 (or 2) on 'Chat_1', 'Chat_2'; session-restoration-mode=simple on 'Chat_3'." in problem
    assert "upgrade_accept_lost_sessions" in problem
    assert plan(gateway, role="chat_server", accept_lost_sessions=True)[0]["steps"] == plan(cluster(1, 3), role="chat_server")[0]["steps"]


@pytest.mark.parametrize("value", ["1", "2", " 2 "])
def test_sessions_that_can_be_restored(value):
    gateway = cluster(1, 2)
    for name in ("Chat_1", "Chat_2"):
        gateway.named("CfgApplication", name)["options"] = option_list({"settings": dict(RESTORING["settings"], **{"transcript-auto-save": value})})
    assert plan(gateway, role="chat_server")[0]["steps"]


def test_a_chat_server_may_have_no_ucs():
    gateway = cluster(1, 2)
    gateway.named("CfgApplication", "Chat_2")["appservers"]["conninfo"] = []
    found, _warnings = plan(gateway, role="chat_server")
    assert [len(item["contact_servers"]) for item in found["members"]] == [1, 0]


# --- hosts --------------------------------------------------------------------------------------------------------------

ALL = ["ucs1", "ucs2", "ucs3", "ucs4", "chat1", "chat2", "chat3", "chat4"]


def without(*names):
    return [host for host in ALL if host not in names]


def test_every_host_of_the_inventory_takes_part():
    assert plan(cluster(), hosts=ALL, inventory_hosts=[*ALL, "gms1"])[0]["hosts"] == sorted(ALL)


@pytest.mark.parametrize(("host", "name"), [("ucs2", "UCS_2"), ("ucs3", "UCS_3"), ("chat4", "Chat_4")])
def test_a_limit_that_leaves_somebody_out(host, name):
    assert refused(cluster(), hosts=without(host), inventory_hosts=ALL) == [
        "'%s' is on host '%s', which a --limit leaves out; every member and every Chat Server must take part. In AWX 'relaunch on failed hosts' "
        "keeps its limit: launch the job template itself." % (name, host)]


@pytest.mark.parametrize(("host", "name"), [("ucs2", "UCS_2"), ("ucs3", "UCS_3"), ("chat4", "Chat_4")])
def test_a_host_that_the_inventory_lacks(host, name):
    assert refused(cluster(), hosts=without(host), inventory_hosts=without(host)) == [
        "'%s' is on host '%s', and no host of the inventory (group genesys_hosts) stands for that Host object; add it, or set genesys_host on the host "
        "that does." % (name, host)]


@pytest.mark.parametrize("name", ["UCS_2", "Chat_3"])
def test_a_server_without_a_host(name):
    gateway = cluster()
    gateway.named("CfgApplication", name)["hostdbid"] = "0"
    for hosts in (ALL, None):
        assert refused(gateway, hosts=hosts, inventory_hosts=hosts) == ["'%s' has no host." % name]


@pytest.mark.parametrize("directory", [".", "", "opt/genesys"])
@pytest.mark.parametrize("name", ["UCS_2", "Chat_3"])
def test_a_server_that_was_never_installed(name, directory):
    gateway = cluster()
    gateway.named("CfgApplication", name)["workdirectory"] = directory
    assert refused(gateway) == [
        "'%s' was never installed: the Configuration Server has no working directory for it. Use the playbook deploy first." % name]


def test_everything_is_told_at_once():
    gateway = cluster()
    gateway.add("CfgApplication", 9, "UCS_9", **server(9, "CFGContactServer", 301))
    gateway.named("CfgApplication", "Chat_1")["appservers"]["conninfo"] = []
    gateway.named("CfgApplication", "Chat_2")["appservers"]["conninfo"][0]["appserverdbid"] = "2"
    gateway.named("CfgApplication", "UCS_3")["workdirectory"] = "."
    gateway.named("CfgApplication", "Chat_4")["hostdbid"] = "0"
    problems = refused(gateway, primaries=None, hosts=without("ucs1", "ucs2"), inventory_hosts=without("ucs1"))
    assert [problem.split(" ")[0] if not problem.startswith("Chat Server") else problem.split(" ")[2] for problem in problems] == [
        "'UCS_9'", "'Chat_1'", "'Chat_2'", "'UCS_1'", "'UCS_2'", "'UCS_3'", "'Chat_4'"]


def test_the_plan_reads_and_never_writes():
    gateway = cluster()
    plan(gateway)
    plan(gateway, role="chat_server")
    assert gateway.writes() == [] and gateway.calls
