# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sandbox's database in the words of the modules' documentation, decoded without the collection's own code.

With it the tests judge what a run really did: ``differences`` of two snapshots, against the ``changes`` that a module told.
"""

from __future__ import annotations

from typing import Any

Leaf = tuple[str, ...]
Leaves = dict[Leaf, Any]
Key = tuple[str, str]

REDUNDANCY = {"CFGHTNoHAType": "none", "CFGHTColdStanby": "cold standby", "CFGHTWarmStanby": "warm standby", "CFGHTHotStanby": "hot standby"}
TRACES = {"CFGTMNoTraceMode": "none", "CFGTMNone": "none", "CFGTMLocal": "local", "CFGTMRemote": "remote", "CFGTMBoth": "both"}
LABELS = {"CfgPerson": "username", "CfgAgentLogin": "logincode"}
IDENTITY = ("dbid", "type", "name", "state", "folderid")
#: Other words for some of a host's properties.
HOST_WORDS = ("type", "address", "operating_system", "lca_port")
#: What the Configuration Server copies from a primary to its backup.
COPIED = ("options", "connections", "tenants")
#: Sections of the annex that are told as the capacity rule that they hold, and where others refer to one.
WIZARD = ("_WIZARD_", "_CRWizardMediaCapacityList_")
RULE_OF = {"CfgTenant": "defaultcapacityruledbid", **dict.fromkeys(("CfgPerson", "CfgPlace", "CfgAgentGroup"), "capacityruledbid")}
#: Plain properties of an application, and how the documentation calls them.
TEXTS = {"subtype": "type", "version": "version", "workdirectory": "working_directory", "commandline": "command_line"}
TEXTS["commandlinearguments"] = "command_line_arguments"
NUMBERS = {"startuptimeout": "startup_timeout", "shutdowntimeout": "shutdown_timeout", "timeout": "reconnect_timeout", "attempts": "reconnect_attempts"}


class Snapshot:
    """One state of the database."""

    def __init__(self, database: dict[str, Any]) -> None:
        self.classes: dict[str, list[dict[str, Any]]] = database["objects"]

    def name(self, class_name: str, dbid: str) -> str:
        """Return the name of a DBID, '' for none."""
        found = [value for value in self.classes.get(class_name, []) if value["dbid"] == dbid]
        return str(found[0][LABELS.get(class_name, "name")]) if found else ""

    def objects(self) -> dict[Key, dict[str, Any]]:
        """Return all objects by class and name; folders by their path, as their names are unique only within a folder."""
        found = {}
        for class_name, values in self.classes.items():
            for value in values:
                label = self.path(value["dbid"]) + "#" + value["ownerdbid"] if class_name == "CfgFolder" else value[LABELS.get(class_name, "name")]
                tenant = self.name("CfgTenant", value.get("tenantdbid", "0")) if class_name == "CfgScript" else ""
                found[class_name, label + ("@" + tenant if tenant else "")] = value
        return found

    def path(self, dbid: str) -> str:
        """Return the path of a folder from its root."""
        names: list[str] = []
        while dbid != "0":
            folder = next(value for value in self.classes["CfgFolder"] if value["dbid"] == dbid)
            names.insert(0, folder["name"])
            dbid = folder["folderid"]
        return "/".join(names)

    def words(self, value: dict[str, Any]) -> Leaves:
        """Return an object as leaves: path in the documentation's words -> value."""
        leaves: Leaves = {}
        for box, word in (("options", "options"), ("userproperties", "annex")):
            for entry in value.get(box, {}).get("property", []):
                if value["type"] != "CfgScript" or entry["section"] not in WIZARD:
                    leaves[word, entry["section"], entry["key"]] = entry["value"]
                elif entry["key"] == "_CRWizardBinaryPresentation_":
                    blocks = limits_in(bytes.fromhex(entry["value"]))
                    leaves.update({("capacity", media): found[0][0][1] for media, found in blocks.items() if [len(block) for block in found] == [1]})
        if value["type"] in RULE_OF:
            leaves["capacity_rule",] = self.name("CfgScript", value[RULE_OF[value["type"]]])
        for entry in value.get("members", {}).get("rolemember", []):
            kind = "Cfg" + entry["objecttype"].removeprefix("CFG")
            leaves[{"CfgPerson": "persons", "CfgAgentGroup": "agent_groups"}[kind], self.name(kind, entry["objectdbid"])] = True
        leaves["enabled",] = {"CFGEnabled": "enabled", "CFGDisabled": "disabled"}.get(value["state"], value["state"])
        if value["type"] == "CfgApplication":
            leaves.update(self._application(value))
        if value["type"] == "CfgScript":
            leaves["tenant",] = self.name("CfgTenant", value["tenantdbid"])
        if value["type"] in ("CfgScript", "CfgAppPrototype", "CfgHost"):
            leaves["type",] = value["subtype"]
        if value["type"] == "CfgAppPrototype":
            leaves["version",] = value["version"]
        if value["type"] == "CfgHost":
            leaves.update({("address",): value["ipaddress"], ("operating_system",): value["ostype"], ("lca_port",): int(value["lcaport"])})
            leaves.update({("properties", key): text for key, text in value.items() if isinstance(text, str) and key not in IDENTITY})
        leaves["folder",] = self.path(value["folderid"]) if "folderid" in value else ""
        return leaves

    def _application(self, value: dict[str, Any]) -> Leaves:
        leaves: Leaves = {(word,): value[key] for key, word in TEXTS.items()}
        leaves.update({(word,): int(value[key]) for key, word in NUMBERS.items()})
        leaves["auto_restart",] = value["autorestart"] == "CFGTrue"
        leaves["application_template",] = self.name("CfgAppPrototype", value["appprototypedbid"])
        leaves["host",] = self.name("CfgHost", value["hostdbid"])
        leaves["backup",] = self.name("CfgApplication", value["backupserverdbid"])
        leaves["redundancy_type",] = REDUNDANCY[value["redundancytype"]]
        for entry in value["tenantdbids"]["id"]:
            leaves["tenants", self.name("CfgTenant", entry["dbid"])] = True
        for entry in value["portinfos"]["portinfo"]:
            leaves["ports", entry["id"]] = int(entry["port"])
        for entry in value["appservers"]["conninfo"]:
            link = ("connections", self.name("CfgApplication", entry["appserverdbid"]), entry["id"])
            leaves[(*link, "protocol")] = entry["connprotocol"]
            if entry["connprotocol"] == "addp":
                leaves[(*link, "local_timeout")] = int(entry["timoutlocal"])
                leaves[(*link, "remote_timeout")] = int(entry["timoutremote"])
                leaves[(*link, "trace")] = TRACES[entry["mode"]]
        return leaves


def limits_in(data: bytes) -> dict[str, list[list[tuple[str, int]]]]:
    """Return medium -> blocks of (medium, count), from the compiled form of a capacity rule."""

    def number(at: int) -> int:
        return int.from_bytes(data[at : at + 4], "little")

    assert number(0) == 0x532AD5 and number(4) == len(data)
    names = {}
    for item in range(data[number(12)]):
        entry = number(12) + 1 + 5 * item
        place = number(entry + 1)
        names[data[entry]] = data[place : data.index(0, place)].decode("latin-1")
    found: dict[str, list[list[tuple[str, int]]]] = {}
    for item in range(data[number(8)]):
        entry = number(8) + 1 + 5 * item
        block = number(entry + 1)
        for rule in range(data[block]):
            body = number(block + 2 + 5 * rule)
            for part in range(data[body]):
                tests = number(body + 1 + 4 * part)
                pairs = [(names[data[tests + 1 + 2 * test]], data[tests + 2 + 2 * test]) for test in range(data[tests])]
                found.setdefault(names[data[entry]], []).append(pairs)
    return found


def flat(tree: dict[str, Any], start: Leaf = ()) -> Leaves:
    """Return nested dicts as leaves."""
    leaves: Leaves = {}
    for key, value in tree.items():
        if isinstance(value, dict):
            leaves.update(flat(value, (*start, key)))
        else:
            leaves[(*start, key)] = value
    return leaves


def differences(before: dict[str, Any], after: dict[str, Any]) -> dict[Key, tuple[Leaves | None, Leaves | None]]:
    """Return the objects that differ: (leaves before, leaves after), None where the object does not exist."""
    old, new = Snapshot(before), Snapshot(after)
    olds, news = old.objects(), new.objects()
    found: dict[Key, tuple[Leaves | None, Leaves | None]] = {}
    for key in sorted(olds.keys() | news.keys()):
        if _written(olds.get(key)) != _written(news.get(key)):
            found[key] = (old.words(olds[key]) if key in olds else None, new.words(news[key]) if key in news else None)
    return found


def _written(value: dict[str, Any] | None) -> dict[str, Any] | None:
    """Return an object without what only the server sets, when a pair is made or dissolved."""
    return value and {key: item for key, item in value.items() if key != "isprimary"}


def explain(changes: list[dict[str, Any]], before: dict[str, Any], after: dict[str, Any]) -> None:
    """Assert that what a module told is what happened, no more and no less, to the last option.

    The leaves of a new object that nobody asked for (defaults of the server) are free, but not its options, ports, connections
    and tenants. A backup may change in what is copied to it, and is then equal to its primary in that.
    """
    real = differences(before, after)
    told: dict[Key, tuple[Leaves, Leaves]] = {}
    actions: dict[Key, list[str]] = {}
    for change in changes:
        key = (change["type"], change["name"] + ("@" + change["tenant"] if change["tenant"] and change["type"] == "CfgScript" else ""))
        actions.setdefault(key, []).append(change["action"])
        olds, news = told.setdefault(key, ({}, {}))
        was, will = flat(change["before"]), flat(change["after"])
        for leaf in was.keys() - will.keys():
            news.pop(leaf, None)
        olds.update({leaf: value for leaf, value in was.items() if leaf not in olds and leaf not in news})
        news.update(will)
    copies = {("CfgApplication", change["copied_to"]): ("CfgApplication", change["name"]) for change in changes if change["copied_to"]}
    for backup, primary in copies.items():
        state = Snapshot(after)
        left, right = (state.words(state.objects()[key]) for key in (backup, primary))
        assert _copied(left) == _copied(right), f"{backup} is not a copy of {primary}"
    assert set(told) <= set(real) <= set(told) | set(copies), "other objects changed than were told"
    for key, (was_real, is_real) in real.items():
        olds, news = told.get(key, ({}, {}))
        first = actions.get(key, ["update"])[0]
        if was_real is None:
            assert first == "create" and is_real is not None, key
            _explain_create(key, news, is_real, key in copies)
        elif is_real is None:
            # What is connected in a circle is disconnected before it is removed.
            assert actions[key] in (["delete"], ["update", "delete"]), key
            assert {leaf: was_real.get(leaf) for leaf in olds} == olds, key
        else:
            assert first == "update", key
            moved = {leaf: (was_real.get(leaf), is_real.get(leaf)) for leaf in was_real.keys() | is_real.keys() if was_real.get(leaf) != is_real.get(leaf)}
            if key[0] == "CfgHost":
                moved = {leaf: value for leaf, value in moved.items() if leaf[0] not in HOST_WORDS}
            if key in copies:
                moved = {leaf: value for leaf, value in moved.items() if leaf[0] not in COPIED}
            assert moved == {leaf: (olds.get(leaf), news.get(leaf)) for leaf in olds.keys() | news.keys()}, key


def _explain_create(key: Key, news: Leaves, real: Leaves, is_copy: bool) -> None:
    free = set(COPIED) if is_copy else set()
    # A folder may be told by the end of its path.
    folder = news.get(("folder",), "")
    assert real["folder",].endswith(folder), key
    expected = {leaf: value for leaf, value in news.items() if leaf[0] not in free | {"folder"}}
    assert {leaf: real.get(leaf) for leaf in expected} == expected, key
    lists = {"options", "annex", "ports", "connections", "tenants"} - free
    assert {leaf for leaf in real if leaf[0] in lists} == {leaf for leaf in expected if leaf[0] in lists}, key


def _copied(leaves: Leaves) -> Leaves:
    return {leaf: value for leaf, value in leaves.items() if leaf[0] in COPIED}
