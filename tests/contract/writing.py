# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The questions that write: a folder and at most a handful of applications, disabled, without a host, in that folder alone."""

from __future__ import annotations

from typing import Any

from .client import Answer, Client, Object, Unusable
from .place import Place, make
from .questions import WRITES, Findings, keys
from .reading import LISTS, entries, unused

#: Types that can't be removed again, or that have demands of their own.  Source: G5
UNSUITABLE = ("CFGITCUtility", "CFGConfigServer", "CFGSCE", "CFGTServer", "CFGHAProxy")
TEXT = "ä€ 漢 \"quoted\" 'text'"


def choose_template(client: Client, name: str | None) -> Object:
    """Return the application template that is used: the one named, else the one with the fewest options, but at least one.

    Raises Unusable if there is none.
    """
    templates = [
        value for value in client.listed("CfgAppPrototype") if value.get("subtype") not in UNSUITABLE and entries(value, "options")
    ]
    found = (
        [value for value in templates if value.get("name") == name]
        if name
        else sorted(templates, key=lambda value: len(entries(value, "options")))
    )
    if not found:
        raise Unusable(
            "no application template"
            + (f" '{name}' that is suitable" if name else " with options was found")
            + ": name one with --template"
        )
    return found[0]


def application(place: Place, template: Object, rest: str, **more: Any) -> Object:
    """Return the body of a new application.  Source: G2"""
    return {
        "type": "CfgApplication",
        "name": place.name(rest),
        "subtype": template["subtype"],
        "version": str(template.get("version", "")),
        "appprototypedbid": str(template["dbid"]),
        "folderid": place.dbid,
        "state": "CFGDisabled",
        "hostdbid": "0",
        "workdirectory": ".",
        "commandline": ".",
        "commandlinearguments": ".",
        "startuptimeout": "77",
        "shutdowntimeout": "90",
        "attempts": "1",
        "timeout": "10",
        "autorestart": "CFGFalse",
        "redundancytype": "CFGHTColdStanby",
        "backupserverdbid": "0",
        "port": "65001",
        "portinfos": {
            "portinfo": [{"id": "default", "port": "65001", **dict.fromkeys(("longfield1", "longfield2", "longfield3", "longfield4"), "0")}]
        },
        **more,
    }


def options(*triples: tuple[str, str, str]) -> Object:
    """Return an option list.  Source: G2"""
    return {"property": [{"section": section, "key": key, "value": value} for section, key, value in triples]}


class Writer:
    """Asks the questions in an order in which each leaves what the next one needs."""

    def __init__(self, client: Client, findings: Findings, place: Place, template: Object) -> None:
        self.client = client
        self.findings = findings
        self.place = place
        self.template = template

    def ask_all(self) -> None:
        """Ask. What can't be asked, because something before it was refused, is noted with the reason."""
        if self.place.dbid:
            self.findings.skip("an existing folder was named", ["folder"])
        else:
            try:
                self.findings.say("folder", make(self.client, self.place))
            except Unusable as error:
                self.findings.say("folder", f"refused: {error}")
                self.findings.skip("no folder", keys(WRITES))
                return
        dbid = self._create()
        if not dbid:
            self.findings.skip("no application could be created", [key for key in keys(WRITES) if key != "left_behind"])
            return
        self._replace(dbid)
        self._refusals()
        self._connect(dbid)

    def _create(self) -> str:
        """Create the first application and return its DBID, '' if it does not come about."""
        kept = {"options": options(("contract", "text", TEXT)), "userproperties": options(("contract", "a", "b"))}
        body = application(self.place, self.template, "first", appservers={"conninfo": []}, resources={"resource": []}, **kept)
        answer = self.client.call("POST", "cfg/objects", body=body)
        made = self.client.named("CfgApplication", body["name"])
        if made is None:
            self.findings.say("create", f"{answer.refusal}; not created")
            return ""
        self.findings.say("create", answer.form)
        self.findings.say("create_folder", "yes" if str(made.get("folderid")) == self.place.dbid else "no")
        own = _triples(made, "options")
        copied = len(_triples(self.template, "options") & own)
        self.findings.say(
            "template_options", "mixed" if 0 < copied < len(_triples(self.template, "options")) else "server" if copied else "client"
        )
        self.findings.say("text", "yes" if ("contract", "text", TEXT) in own else "no")
        return str(made["dbid"])

    def _replace(self, dbid: str) -> None:
        before = self._read(dbid)
        answer = self._put(before)
        self.findings.say("replace", answer.form if answer.good else answer.refusal)
        after = self._read(dbid)
        changed = sorted(key for key in before.keys() | after.keys() if before.get(key, "absent") != after.get(key, "absent"))
        self.findings.say("put_back", "no: " + ", ".join(changed) if changed else "yes" if answer.good else answer.refusal)

        answer = self._put({key: value for key, value in after.items() if key != "userproperties"})
        self.findings.say("missing_list", self._annex(dbid) if answer.good else answer.refusal)
        self._put({**self._read(dbid), "userproperties": options(("contract", "a", "b"))})
        answer = self._put({**self._read(dbid), "userproperties": options()})
        self.findings.say("empty_list", self._annex(dbid) if answer.good else answer.refusal)
        answer = self._put({key: value for key, value in self._read(dbid).items() if key != "startuptimeout"})
        kept = str(self._read(dbid).get("startuptimeout")) == "77"
        self.findings.say("missing_property", ("kept" if kept else "reset") if answer.good else answer.refusal)

    def _refusals(self) -> None:
        """Ask for what must be refused. If it is not, what came about carries the run's name and goes with the rest."""
        host = str(unused(self.client.listed("CfgHost")))
        without = application(self.place, self.template, "no-template")
        del without["appprototypedbid"]
        for key, body in (
            ("duplicate_name", application(self.place, self.template, "first")),
            ("missing_mandatory", without),
            ("wrong_reference", application(self.place, self.template, "no-host", hostdbid=host)),
        ):
            self.findings.say(key, self.client.call("POST", "cfg/objects", body=body).refusal)

    def _connect(self, dbid: str) -> None:
        """Create a second application that connects to the first one, and remove both."""
        link = {
            "id": "default",
            "appserverdbid": dbid,
            "connprotocol": "addp",
            "timoutlocal": "11",
            "timoutremote": "12",
            "mode": "CFGTMNoTraceMode",
        }
        link.update(
            {"appparams": "", "transportparams": "", **dict.fromkeys(("longfield1", "longfield2", "longfield3", "longfield4"), "0")}
        )
        body = application(self.place, self.template, "second", appservers={"conninfo": [link]})
        answer = self.client.call("POST", "cfg/objects", body=body)
        made = self.client.named("CfgApplication", body["name"])
        if made is None:
            self.findings.say("connection", f"refused: {answer.refusal}")
            self.findings.skip("no application with a connection", ["delete_in_use"])
        else:
            shown = (entries(made, "appservers") or [{}])[0]
            changed = sorted(key for key, value in link.items() if value and str(shown.get(key)) != value)
            self.findings.say("connection", "no: " + ", ".join(changed) if changed else "yes")
            self.findings.say("delete_in_use", self._delete(dbid).refusal)
            dbid = str(made["dbid"])
        answer = self._delete(dbid)
        gone = not any(str(value.get("dbid")) == dbid for value in self.client.listed("CfgApplication"))
        self.findings.say("delete", answer.form if gone else f"{answer.refusal}; not deleted")
        self.findings.say("delete_again", self._delete(dbid).refusal)

    # inside

    def _read(self, dbid: str) -> Object:
        return self.client.read("CfgApplication", dbid)

    def _put(self, value: Object) -> Answer:
        return self.client.call("PUT", f"cfg/objects/CfgApplication/{value.get('dbid')}", body=value)

    def _delete(self, dbid: str) -> Answer:
        return self.client.call("DELETE", f"cfg/objects/CfgApplication/{dbid}")

    def _annex(self, dbid: str) -> str:
        return "kept" if entries(self._read(dbid), "userproperties") else "cleared"


def _triples(value: Object, name: str) -> set[tuple[str, str, str]]:
    assert LISTS[name] == "property"
    return {(str(item.get("section")), str(item.get("key")), str(item.get("value"))) for item in entries(value, name)}
