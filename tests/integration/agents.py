# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Agents, groups, roles and capacity rules beside a chat solution, and a reading of the rules without the collection's own code."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

from integration.configured_site import Site
from integration.vocabulary import limits_in

#: What a wizard left: voice is full at 1, chat at 2, with numbers in its list that are neither places nor capacities.
WIZARD_DOCUMENT = (
    '<CapacityRule><MediaTypes><Media name="voice"/><Media name="chat"/></MediaTypes>'
    '<MediaRule media="voice" priority="1"><ElementaryRule media="voice" capacity="1"/></MediaRule>'
    '<MediaRule media="chat" priority="2"><ElementaryRule media="chat" capacity="2"/></MediaRule></CapacityRule>'
)
WIZARD_COMPILED = (
    "d52a5300 51000000 14000000 3b000000 00000000"
    " 02 00 1f000000 01 2d000000"
    " 01 01 25000000 01 2a000000 01 00 01"
    " 01 02 33000000 01 38000000 01 01 02"
    " 02 00 46000000 01 4c000000 766f69636500 6368617400"
).replace(" ", "")
#: Only voice.
VOICE_DOCUMENT = (
    '<CapacityRule><MediaTypes><Media name="voice"/></MediaTypes>'
    '<MediaRule media="voice"><ElementaryRule media="voice" capacity="1"/></MediaRule></CapacityRule>'
)
#: A privilege as it might be written; how Workspace really writes it is not known.
PRIVILEGE = {"sandbox-privileges": {"Sandbox.Chat.canUse": "1"}}


def annex(document: str = WIZARD_DOCUMENT, compiled: str = WIZARD_COMPILED, **media: str) -> dict[str, Any]:
    """Return the annex of a rule, with hexadecimal digits for what is binary."""
    values = {"_CRWizardGUIPresentation_": document.encode().hex() + "00", "_CRWizardBinaryPresentation_": compiled}
    entries = [{"section": "_WIZARD_", "key": key, "value": value} for key, value in values.items() if value]
    return {"property": entries + [{"section": "_CRWizardMediaCapacityList_", "key": name, "value": value} for name, value in media.items()]}


def make_rule(site: Site, name: str = "Wizard_Rule", tenant: str = "Environment", userproperties: dict[str, Any] | None = None) -> str:
    """Create a capacity rule past the modules; return its DBID."""
    content = userproperties or annex(voice="40", chat="50")
    made = site.sandbox.create("CfgScript", name=name, subtype="CFGCapacityRule", tenantdbid=site.dbid("CfgTenant", tenant), userproperties=content)
    return str(made["dbid"])


def make_person(site: Site, name: str, **fields: Any) -> str:
    """Create an agent past the modules; return the DBID."""
    content = {"employeeid": name, "isagent": "CFGTrue", "tenantdbid": "1", **fields}
    return str(site.sandbox.create("CfgPerson", username=name, **content)["dbid"])


def make_group(site: Site, name: str, *agents: str, **fields: Any) -> str:
    """Create an agent group past the modules; return its DBID."""
    members = [{"dbid": site.dbid("CfgPerson", agent)} for agent in agents]
    return str(site.sandbox.create("CfgAgentGroup", name=name, tenantdbid="1", agentdbids={"id": members}, **fields)["dbid"])


def make_role(site: Site, name: str, members: list[tuple[str, str]], privileges: dict[str, dict[str, str]] | None = None) -> None:
    """Create a role past the modules. members: (class, name)."""
    listed = [{"objectdbid": site.dbid(kind, member), "objecttype": "CFG" + kind[3:]} for kind, member in members]
    entries = [{"section": section, "key": key, "value": value} for section, keys in (privileges or {}).items() for key, value in keys.items()]
    site.sandbox.create("CfgRole", name=name, tenantdbid="1", members={"rolemember": listed}, userproperties={"property": entries})


def furnish_agents(site: Site) -> None:
    """Four agents in two groups, a person who is none, a place, a role that shows how members are written, and a rule of a wizard."""
    for name in ("anna", "ben", "carla", "dirk"):
        make_person(site, name)
    make_person(site, "boss", isagent="CFGFalse")
    make_person(site, "seller", tenantdbid="101")
    make_group(site, "Chat_Agents", "anna", "ben")
    make_group(site, "Others", "carla")
    site.sandbox.create("CfgPlace", name="Place_1", tenantdbid="1")
    make_role(site, "Supervisors", [("CfgPerson", "dirk"), ("CfgAgentGroup", "Others")])
    make_rule(site)


def members(site: Site, role: str) -> set[tuple[str, str]]:
    """Return the members of a role as (class, name)."""
    names = {(f"CFG{kind[3:]}", value["dbid"]): value.get("username") or value["name"] for kind in ("CfgPerson", "CfgAgentGroup")
             for value in site.sandbox.objects(kind)}
    found = site.sandbox.object("CfgRole", role)
    assert found is not None
    return {(entry["objecttype"], names[entry["objecttype"], entry["objectdbid"]]) for entry in found["members"]["rolemember"]}


def rule_of(site: Site, kind: str, name: str) -> str:
    """Return the name of the capacity rule of a tenant, person, place or group; '' for none."""
    value = site.sandbox.object(kind, name)
    assert value is not None
    dbid = value["defaultcapacityruledbid" if kind == "CfgTenant" else "capacityruledbid"]
    return next((str(script["name"]) for script in site.sandbox.objects("CfgScript") if script["dbid"] == dbid), "")


def limits(site: Site, name: str) -> dict[str, list[list[tuple[str, int]]]]:
    """Return medium -> blocks of (medium, count) of a rule, read from its compiled form; assert that its document says the same."""
    sections = site.sandbox.options("CfgScript", name, "userproperties")
    found = limits_in(bytes.fromhex(sections["_WIZARD_"]["_CRWizardBinaryPresentation_"]))
    text = bytes.fromhex(sections["_WIZARD_"]["_CRWizardGUIPresentation_"])
    assert text.endswith(b"\0")
    shown = {}
    for rule in ElementTree.fromstring(text[:-1].decode()).iter("MediaRule"):
        shown[rule.attrib["media"]] = [[(test.attrib["media"], int(test.attrib["capacity"]))] for test in rule.iter("ElementaryRule")]
    assert not any(element.get("type", "").upper() == "NOT" for element in ElementTree.fromstring(text[:-1].decode()).iter())
    assert all(len(block) > 1 for media in found for block in found[media]) or shown == found
    return found
