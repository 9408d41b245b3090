# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The result of an audit in each format: whole, valid, and not misled by names of objects."""

from __future__ import annotations

import json
from typing import Any
from xml.etree import ElementTree

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.genesys_engage.chat.plugins.filter.audit import audit_failure, audit_report
from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.all_parts import PARTS
from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.audit.audit import RULES_OF, all_rules

NASTY = "Chat|<b>`x`</b>]]>*\x07\ud800"


def fault(rule: str, severity: str, name: str = "ChatServer_1", waived: str = "") -> dict[str, str]:
    return {"rule": rule, "severity": severity, "type": "CfgApplication", "name": name, "text": f"application '{name}' is wrong.", "why": "It hurts.",
            "cure": "Mend it.", "source": "CHAT", "waived": waived}


RESULT: dict[str, Any] = {
    "faults": [fault("L01", "error", NASTY), fault("L01", "error"), fault("L02", "error", waived="known"), fault("L05", "warning"), fault("L18", "info")],
    "counts": {"error": 2, "warning": 1, "info": 1, "waived": 1},
    "rules": [{"rule": rule, "severity": severity, "title": f"Title of {rule}", "faults": faults}
              for rule, severity, faults in (("L01", "error", 2), ("L02", "error", 0), ("L03", "error", 0), ("L05", "warning", 1), ("L18", "info", 1))],
    "not_judged": ["L23"], "chat_servers": 2, "waivers_without_fault": ["L09"],
}
CLEAN: dict[str, Any] = {"faults": [], "counts": dict.fromkeys(("error", "warning", "info", "waived"), 0), "rules": RESULT["rules"][:1], "not_judged": [],
                         "chat_servers": 2, "waivers_without_fault": []}


def test_every_rule_belongs_to_a_part() -> None:
    assert set(RULES_OF) <= {part.name for part in PARTS}
    assert [rule.id for rule in all_rules()] == [f"L{number:02}" for number in range(1, 41)]
    assert all(text.endswith(".") for rule in all_rules() for text in (rule.title, rule.why, rule.cure))


def test_lines_and_page() -> None:
    lines = audit_report(RESULT, "text").splitlines()
    assert lines[2:4] == ["L01 error   application 'ChatServer_1' is wrong.", "            Mend it."]
    assert lines[4:6] == ["L02 waived  application 'ChatServer_1' is wrong.", "            Waived: known"]
    assert lines[-2:] == ["2 errors, 1 warning, 1 for information, 1 waived; 5 rules judged. Not judged, since the snapshot lacks their objects: L23.",
                          "These waivers are no longer needed: L09."]
    page = audit_report(RESULT)
    assert r"Chat\|\<b\>\`x\`\</b\>\]\]\>\*" in page, page
    assert "### L01: Title of L01\n\nIt hurts. Mend it. (documented in CHAT)" in page and "### L02" not in page
    assert "Nothing is wrong." in audit_report(CLEAN) and "No Chat Server was seen" not in audit_report(CLEAN, "text")


def test_what_was_not_judged_is_not_called_right() -> None:
    """Rules whose objects a snapshot lacks, and a system without a Chat Server."""
    part, none, empty = {**CLEAN, "not_judged": ["L23"]}, {**CLEAN, "rules": [], "not_judged": ["L23"]}, {**CLEAN, "chat_servers": 0}
    for result in (part, none, empty):
        assert "Nothing is wrong." not in audit_report(result)
        (run,) = json.loads(audit_report(result, "sarif"))["runs"]
        assert run["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"].startswith("0 errors")
    suite = ElementTree.fromstring(audit_report(part, "junit").encode("utf-8")).find("testsuite")
    assert suite is not None and (suite.attrib["tests"], suite.attrib["skipped"]) == ("2", "1") and len(suite.findall("testcase/skipped")) == 1
    assert audit_failure(part) == "" and audit_failure(none).startswith("No rule was judged, since the snapshot lacks the objects that L23 need.")
    assert audit_failure(empty).startswith("No Chat Server was seen: ") and (audit_failure(none, "never"), audit_failure(empty, "never")) == ("", "")


def test_sarif() -> None:
    (run,) = json.loads(audit_report(RESULT, "sarif"))["runs"]
    assert "invocations" not in json.loads(audit_report(CLEAN, "sarif"))["runs"][0]
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["L01", "L02", "L03", "L05", "L18"]
    assert [(item["ruleId"], item["level"], "suppressions" in item) for item in run["results"]] == [
        ("L01", "error", False), ("L01", "error", False), ("L02", "error", True), ("L05", "warning", False), ("L18", "note", False)]
    places = [item["locations"][0]["logicalLocations"][0]["fullyQualifiedName"] for item in run["results"]]
    assert places == [f"CfgApplication/{NASTY}"] + ["CfgApplication/ChatServer_1"] * 4
    prints = {item["partialFingerprints"]["fault/v1"] for item in run["results"]}
    assert len(prints) == 5
    assert json.loads(audit_report(RESULT, "json")) == RESULT


def test_junit() -> None:
    """A program that reads it sees the rules that failed; what is waived or for information fails nothing."""
    suite = ElementTree.fromstring(audit_report(RESULT, "junit").encode("utf-8")).find("testsuite")
    assert suite is not None and (suite.attrib["tests"], suite.attrib["failures"]) == ("6", "2")
    cases = {case.attrib["name"].split()[0]: case for case in suite}
    assert [rule for rule, case in cases.items() if case.find("failure") is not None] == ["L01", "L05"]
    told = cases["L01"].findtext("failure") or ""
    assert "Chat|<b>`x`</b>]]>*??" in told and "application 'ChatServer_1' is wrong." in told and "Mend it." in told
    assert "Waived: known" in (cases["L02"].findtext("system-out") or "")


def test_failure() -> None:
    assert audit_failure(RESULT).startswith("2 faults of severity error. The first: application 'Chat|")
    assert audit_failure(RESULT, "info").startswith("4 faults of severity error or warning or info.")
    assert (audit_failure(RESULT, "never"), audit_failure(CLEAN, "info")) == ("", "")
    with pytest.raises(AnsibleFilterError, match="chat_audit_fail_on must be one of error, warning, info, never, got 'all'"):
        audit_failure(RESULT, "all")
    with pytest.raises(AnsibleFilterError, match="no format 'pdf'"):
        audit_report(RESULT, "pdf")
