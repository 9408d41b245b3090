# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The result of an audit as a text: lines and Markdown for people, JSON, SARIF and JUnit for programs."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from typing import Any
from xml.etree.ElementTree import Element, SubElement, indent, tostring

#: Severity -> level of SARIF.
_LEVELS = {"error": "error", "warning": "warning", "info": "note"}

#: Said where there was nothing to judge.
NO_CHAT_SERVER = "No Chat Server was seen: there is none, or the user of GAX may not read it."

#: What a text of XML 1.0 can't hold.
_NOT_IN_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

_TOOL = "genesys_engage.chat audit"
_SARIF = "https://json.schemastore.org/sarif-2.1.0.json"


def text(result: Mapping[str, Any]) -> str:
    """Return lines for a terminal: the faults, then how many there are."""
    lines = []
    for fault in result["faults"]:
        lines.append(f"{fault['rule']} {'waived' if fault['waived'] else fault['severity']:7} {fault['text']}")
        lines.append(f"            {'Waived: ' + fault['waived'] if fault['waived'] else fault['cure']}")
    return "\n".join([*lines, _summary(result), *_unneeded(result)]) + "\n"


def _summary(result: Mapping[str, Any]) -> str:
    counts, judged = result["counts"], len(result["rules"])
    missing = f" Not judged, since the snapshot lacks their objects: {', '.join(result['not_judged'])}." if result.get("not_judged") else ""
    return (f"{_count(counts['error'], 'error')}, {_count(counts['warning'], 'warning')}, {counts['info']} for information, {counts['waived']} waived; "
            f"{_count(judged, 'rule')} judged.{missing}{'' if result['chat_servers'] else ' ' + NO_CHAT_SERVER}")


def _unneeded(result: Mapping[str, Any]) -> list[str]:
    names = result["waivers_without_fault"]
    return [f"These waivers are no longer needed: {', '.join(names)}."] if names else []


def markdown(result: Mapping[str, Any]) -> str:
    """Return a page with a table of the faults, then what each of their rules says."""
    lines = ["# Audit of the chat solution", "", _summary(result), ""]
    if result["faults"]:
        lines += ["| Rule | Severity | What is wrong |", "| --- | --- | --- |"]
        lines += [f"| {fault['rule']} | {'waived' if fault['waived'] else fault['severity']} | "
                  f"{_cell(fault['text'] + (' Waived: ' + fault['waived'] if fault['waived'] else ''))} |" for fault in result["faults"]]
        lines += ["", "## What to do", ""]
        rules = {fault["rule"]: fault for fault in result["faults"] if not fault["waived"]}
        titles = {rule["rule"]: rule["title"] for rule in result["rules"]}
        for rule, fault in sorted(rules.items()):
            lines += [f"### {rule}: {titles[rule]}", "", f"{fault['why']} {fault['cure']} (documented in {fault['source']})", ""]
    else:
        lines += ["The rules that were judged found nothing." if result["not_judged"] or not result["chat_servers"] else "Nothing is wrong.", ""]
    return "\n".join([*lines, *_unneeded(result)]).rstrip() + "\n"


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"


def _cell(words: str) -> str:
    """Return a text for a cell of a table: names of objects come from outside, and can't make markup."""
    return re.sub(r"([\\`*_\[\]<>|])", r"\\\1", " ".join(words.split()))


def as_json(result: Mapping[str, Any]) -> str:
    """Return the result as JSON."""
    return json.dumps(result, indent=2, sort_keys=True) + "\n"


def sarif(result: Mapping[str, Any]) -> str:
    """Return the result in the Static Analysis Results Interchange Format, version 2.1.0."""
    texts = {fault["rule"]: fault for fault in result["faults"]}
    rules = [{
        "id": rule["rule"], "shortDescription": {"text": rule["title"]}, "defaultConfiguration": {"level": _LEVELS[rule["severity"]]},
        **({"help": {"text": f"{texts[rule['rule']]['why']} {texts[rule['rule']]['cure']}"}} if rule["rule"] in texts else {}),
    } for rule in result["rules"]]
    results = [{
        "ruleId": fault["rule"], "level": _LEVELS[fault["severity"]], "message": {"text": fault["text"]},
        "locations": [{"logicalLocations": [{"name": fault["name"], "kind": "object", "fullyQualifiedName": f"{fault['type']}/{fault['name']}"}]}],
        "partialFingerprints": {"fault/v1": _fingerprint(fault)},
        **({"suppressions": [{"kind": "external", "justification": fault["waived"]}]} if fault["waived"] else {}),
    } for fault in result["faults"]]
    run: dict[str, Any] = {"tool": {"driver": {"name": _TOOL, "rules": rules}}, "results": results}
    if result["not_judged"] or not result["chat_servers"]:
        run["invocations"] = [{"executionSuccessful": True, "toolExecutionNotifications": [{"level": "warning", "message": {"text": _summary(result)}}]}]
    return json.dumps({"$schema": _SARIF, "version": "2.1.0", "runs": [run]}, indent=2, sort_keys=True) + "\n"


def _fingerprint(fault: Mapping[str, str]) -> str:
    return hashlib.sha256("\0".join(fault[key] for key in ("rule", "type", "name", "text")).encode("utf-8", "replace")).hexdigest()


def junit(result: Mapping[str, Any]) -> str:
    """Return the result as JUnit writes it: a case for each rule, which fails by its errors and warnings."""
    failing = [fault for fault in result["faults"] if not fault["waived"] and fault["severity"] != "info"]
    failed = {fault["rule"] for fault in failing}
    suite = Element("testsuite", name=_TOOL, tests=str(len(result["rules"]) + len(result["not_judged"])), failures=str(len(failed)), errors="0",
                    skipped=str(len(result["not_judged"])))
    for rule in result["not_judged"]:
        SubElement(SubElement(suite, "testcase", classname="not judged", name=rule), "skipped", message="the snapshot lacks the objects that it needs")
    for rule in result["rules"]:
        case = SubElement(suite, "testcase", classname=rule["severity"], name=f"{rule['rule']} {rule['title']}")
        own = [fault for fault in result["faults"] if fault["rule"] == rule["rule"]]
        if rule["rule"] in failed:
            told = [fault["text"] for fault in own if fault in failing]
            failure = SubElement(case, "failure", message=_xml(told[0] if len(told) == 1 else f"{len(told)} faults"))
            failure.text = _xml("\n".join([*told, f"{own[0]['why']} {own[0]['cure']}"]))
        others = [f"{fault['text']} Waived: {fault['waived']}" if fault["waived"] else fault["text"] for fault in own if fault not in failing]
        if others:
            SubElement(case, "system-out").text = _xml("\n".join(others))
    suites = Element("testsuites")
    suites.append(suite)
    indent(suites)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + tostring(suites, encoding="unicode") + "\n"


def _xml(words: str) -> str:
    return _NOT_IN_XML.sub("?", words)


#: Name of a format -> what writes it.
FORMATS: dict[str, Callable[[Mapping[str, Any]], str]] = {"text": text, "markdown": markdown, "json": as_json, "sarif": sarif, "junit": junit}
