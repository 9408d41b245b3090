# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report of a rolling upgrade, as data and as Markdown: complete, in part, with hosts that are lost, and of a way back."""

from __future__ import annotations

import json

import pytest
from unit.chat.test_rolling import CHAT_PLAN, CHAT_SERVERS, MEMBERS, NEW, OLD, PLAN, connection, judged, package

from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.upgrade import rolling
from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.upgrade.report import failure, markdown, report_data

COMMAND = "ansible-playbook genesys_engage.chat.upgrade_contact_servers"
BEGAN, LATER, ENDED = "2026-04-01T12:00:00.000+00:00", "2026-04-01T12:00:07.250+00:00", "2026-04-01T12:01:40.500+00:00"
PHASES = [{"name": "backups", "began": BEGAN, "ended": LATER}]
ON_BACKUPS = {"connections": [{"item": {"name": name}, **connection("backup", number, reconnects=1)} for number, name in enumerate(CHAT_SERVERS)]}


def seen(names=MEMBERS, versions=NEW, **states):
    """Return what the last look sees of members: their versions (one for all, or by name), states, RUNNING unless told otherwise, and a port of each."""
    return {
        "installed": [{"name": name, "version": versions if isinstance(versions, str) else versions[name], "complete": True} for name in names],
        "states": [{"name": name, "status": states.get(name, "RUNNING")} for name in names],
        "ports": {"ports": [{"name": name, "id": "default", "address": "192.0.2.1", "port": 7100, "listening": states.get(name, "RUNNING") == "RUNNING"}
                            for name in names]},
    }


def outcome(result=rolling.UPGRADED, version=NEW, error=""):
    return {"result": result, "version": version, "error": error, "began": BEGAN, "ended": LATER}


def flow(**changes):
    return dict({"began": BEGAN, "ended": ENDED, "back": False, "command": COMMAND, "phases": PHASES, "problems": [], "versions": {}}, **changes)


def report(outcomes=None, lost=(), judgement=None, plan=None, looks=None, **changes):
    done = {name: outcome() for name in MEMBERS} if outcomes is None else outcomes
    judgement = judgement or judged()
    if looks is None:
        # As it should be: each runs what it is told to have.
        versions = {name: done[name]["version"] if name in done else member["before"] for name, member in judgement["members"].items()}
        looks = [ON_BACKUPS, seen(judgement["members"], versions)]
    return report_data(plan or PLAN, judgement, done, looks, list(lost), flow(**changes))


def member(found, name):
    return next(item for item in found["members"] if item["name"] == name)


def rows(text, title):
    """Return the cells of a table of the Markdown, without its head; every row must have as many as the head."""
    _before, _title, rest = text.partition("## %s\n\n" % title)
    table = [line.replace("\\|", "\0") for line in rest.split("\n\n")[0].splitlines()]
    assert all(line.startswith("| ") and line.endswith(" |") for line in table), table
    cells = [line[2:-2].split(" | ") for line in table]
    assert {len(line) for line in cells} == {len(cells[0])} and set(cells[1]) == {"---"}
    return [[cell.replace("\0", "|") for cell in line] for line in cells[2:]]


def test_a_complete_upgrade():
    found = report(versions=dict.fromkeys(MEMBERS, NEW))
    assert (found["complete"], found["problems"], found["left"], found["members_upgraded"], found["target"]) == (True, [], [], 4, NEW)
    assert (found["seconds"], found["phases"]) == (100.5, [{"name": "backups", "began": BEGAN, "ended": LATER, "seconds": 7.2}])
    assert member(found, "UCS_2") == {"name": "UCS_2", "host": "ucs2", "place": "backup", "before": OLD, "version": NEW, "result": "upgraded", "error": "",
                                      "began": BEGAN, "seconds": 7.2, "state": "RUNNING", "ports": {"default": True}, "installed": NEW}
    assert found["chat_servers"][2] == {"name": "Chat_3", "host": "chat3", "before": "UCS_3", "now": "UCS_4", "reconnects": 1}
    assert found["reconnects"] == 4
    assert json.loads(json.dumps(found)) == found


def test_its_markdown():
    text = markdown(report())
    assert text.startswith("# Upgrade of the Universal Contact Servers to %s\n\nComplete. From %s to %s (100.5 s).\n" % (NEW, BEGAN, ENDED))
    assert "What went wrong" not in text and "Not on" not in text and "Warnings" not in text and text.endswith("|\n")
    assert rows(text, "Phases") == [["backups", BEGAN, "7.2"]]
    assert rows(text, "Members")[1] == ["UCS_2", "ucs2", "backup", OLD, NEW, "upgraded", "7.2"]
    assert rows(text, "All members in the end")[3] == ["UCS_4", NEW, "RUNNING", "default answers"]
    assert rows(text, "Chat Servers") == [["Chat_1", "chat1", "UCS_1", "UCS_2", "1"], ["Chat_2", "chat2", "UCS_1", "UCS_2", "1"],
                                          ["Chat_3", "chat3", "UCS_3", "UCS_4", "1"], ["Chat_4", "chat4", "UCS_3", "UCS_4", "1"]]


def test_who_had_the_version_before_is_not_counted():
    found = report({name: outcome() for name in ("UCS_1", "UCS_3", "UCS_4")}, judgement=judged(package_UCS_2=package("UCS_2", NEW)))
    assert (found["complete"], found["members_upgraded"]) == (True, 3)
    assert (member(found, "UCS_2")["result"], member(found, "UCS_2")["version"], member(found, "UCS_2")["seconds"]) == ("as wanted", NEW, None)
    assert rows(markdown(found), "Members")[1] == ["UCS_2", "ucs2", "backup", NEW, NEW, "as wanted", "-"]


@pytest.mark.parametrize(("given", "told"), [
    (outcome(rolling.ROLLED_BACK, OLD, "no space"), ("rolled back", OLD)),
    (outcome(rolling.UNCHANGED, OLD, "no answer"), ("unchanged", OLD)),
    (outcome(rolling.BROKEN, None, "it does not start"), ("down", None)),
    (None, ("not begun", OLD)),
])
def test_a_partial_upgrade(given, told):
    outcomes = {"UCS_2": outcome(), **({"UCS_4": given} if given else {})}
    found = report(outcomes, problems=["'UCS_4' on ucs4: no."])
    assert (member(found, "UCS_4")["result"], member(found, "UCS_4")["version"]) == told
    assert (found["complete"], found["members_upgraded"], found["left"]) == (False, 1, ["UCS_1", "UCS_3", "UCS_4"])
    text = markdown(found)
    assert "\n\nNot complete. From " in text and "## What went wrong\n\n- 'UCS_4' on ucs4: no.\n\n" in text
    assert "Not on %s: UCS_1, UCS_3, UCS_4. To go on, run again: `%s`\n" % (NEW, COMMAND) in text
    assert failure(found) == ["'UCS_4' on ucs4: no.", "On %s: UCS_2. Not yet: UCS_1, UCS_3, UCS_4." % NEW,
                              "Once the cause is removed, run the same again, with the same inventory and variables: %s" % COMMAND]


def test_of_a_lost_host_nothing_is_claimed():
    found = report({"UCS_2": outcome()}, lost=["ucs4", "ucs2"], problems=["lost"])
    assert (member(found, "UCS_4")["result"], member(found, "UCS_4")["version"]) == ("not known", None)
    assert (member(found, "UCS_2")["result"], member(found, "UCS_2")["version"]) == ("upgraded", NEW), "that was seen before"
    assert rows(markdown(found), "Members")[3] == ["UCS_4", "ucs4", "backup", OLD, "-", "not known", "-"]
    as_wanted = report({}, lost=["ucs4"], problems=["lost"], judgement=judged(package_UCS_4=package("UCS_4", NEW)))
    assert member(as_wanted, "UCS_4")["result"] == "as wanted"


def test_nobody_is_on_the_version_yet():
    found = report({}, problems=["held up"])
    assert failure(found)[1] == "On %s: none. Not yet: UCS_1, UCS_2, UCS_3, UCS_4." % NEW


def test_all_have_the_version_and_something_is_wrong_all_the_same():
    found = report(problems=["a Chat Server has not switched"])
    assert (found["complete"], found["left"]) == (False, [])
    assert failure(found)[1] == "On %s: UCS_1, UCS_2, UCS_3, UCS_4. Not yet: none." % NEW
    assert "Not on" not in markdown(found) and "## What went wrong" in markdown(found)


def test_the_configuration_server_has_another_version():
    found = report(versions=dict(dict.fromkeys(MEMBERS, NEW), UCS_3=OLD))
    assert found["problems"] == ["The Configuration Server has version %s for 'UCS_3', and %s is installed." % (OLD, NEW)]
    assert not found["complete"]
    # What is not known is no difference.
    assert report(versions={})["complete"]
    down = report({"UCS_2": outcome(rolling.BROKEN, None, "x")}, versions={"UCS_2": OLD}, problems=["x"])
    assert down["problems"] == ["x"]


def test_the_way_back():
    judgement = judged(back=True, **{"package_" + name: package(name, NEW, OLD) for name in MEMBERS})
    found = report({name: outcome(version=OLD) for name in MEMBERS}, judgement=judgement, back=True)
    assert (found["complete"], found["back"], found["target"]) == (True, True, OLD)
    text = markdown(found)
    assert text.startswith("# Upgrade of the Universal Contact Servers back to %s\n" % OLD)
    assert rows(text, "Members")[0] == ["UCS_1", "ucs1", "primary", NEW, OLD, "brought back", "7.2"]


def test_chat_servers_have_no_table_of_connections():
    names = ("Chat_1", "Chat_2", "Chat_3")
    judgement = rolling.judge(CHAT_PLAN, [{"packages": [package(name) for name in names],
                                           "states": [{"name": name, "status": "RUNNING"} for name in names]}], [], False)
    found = report({name: outcome() for name in names}, judgement=judgement, plan=CHAT_PLAN)
    assert (found["complete"], found["chat_servers"], found["reconnects"], found["members_upgraded"]) == (True, [], 0, 3)
    text = markdown(found)
    assert text.startswith("# Upgrade of the Chat Servers to %s\n" % NEW) and "## Chat Servers" not in text
    assert rows(text, "Members")[0][:3] == ["Chat_1", "chat1", "chat server"]


def test_what_nobody_has_seen_in_the_end():
    found = report(looks=[{"complaints": ["The look has failed."]}])
    assert found["problems"] == ["The look has failed.", *(
        "'UCS_%d' on ucs%d is not as it should be: its state is not known, no complete version is installed, not %s." % (number, number, NEW)
        for number in (1, 2, 3, 4))]
    assert not found["complete"] and rows(markdown(found), "All members in the end")[0] == ["UCS_1", "-", "-", "-"]
    assert found["chat_servers"][0] == {"name": "Chat_1", "host": "chat1", "before": "UCS_1", "now": None, "reconnects": None}
    assert found["reconnects"] == 0
    assert rows(markdown(found), "Chat Servers")[0] == ["Chat_1", "chat1", "UCS_1", "-", "-"]


def test_a_member_that_is_not_as_it_should_be_in_the_end_is_named():
    looks = [ON_BACKUPS, seen(versions={**dict.fromkeys(MEMBERS, NEW), "UCS_3": OLD}, UCS_2="STOPPED")]
    found = report(looks=looks)
    assert found["problems"] == ["'UCS_2' on ucs2 is not as it should be: its state is STOPPED, its port 'default' does not answer.",
                                 "'UCS_3' on ucs3 is not as it should be: version %s is installed, not %s." % (OLD, NEW)]
    assert not found["complete"]
    assert rows(markdown(found), "All members in the end")[1:3] == [
        ["UCS_2", NEW, "STOPPED", "default does not answer"], ["UCS_3", OLD, "RUNNING", "default answers"]]
    # Why a member is down, or a host lost, was told before.
    told = report({**{name: outcome() for name in MEMBERS}, "UCS_2": outcome(rolling.BROKEN, None, "x")}, looks=looks, problems=["x"], lost=["ucs3"])
    assert told["problems"] == ["x"]
    # A member that nobody has touched must run what it ran before.
    assert report({"UCS_2": outcome()}, looks=[ON_BACKUPS, seen(versions={**dict.fromkeys(MEMBERS, OLD), "UCS_2": NEW})])["problems"] == []


def test_warnings_are_told():
    found = report(judgement=judged(connection_Chat_2=connection("backup")))
    assert "## Warnings\n\n- Chat Server 'Chat_2' is connected to 'UCS_2', a backup, " in markdown(found)
    assert found["chat_servers"][1]["before"] == "UCS_2"


def test_names_as_nobody_gives_them():
    """A name may hold what divides the cells of a table; a message may have several lines."""
    found = report(problems=["first line\nsecond | line"])
    for item in found["members"]:
        item["name"] = item["name"].replace("_", "|")
        item["host"] = "a\nb"
    text = markdown(found)
    assert [row[:2] for row in rows(text, "Members")] == [["UCS|%d" % number, "a b"] for number in (1, 2, 3, 4)]
    assert "- first line second | line\n" in text
