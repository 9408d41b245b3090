# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A description is removed: what it describes goes, what it names lets go, and nothing dangles; looked up in the sandbox."""

from __future__ import annotations

from typing import Any

from integration.configured_site import CHAT_SERVERS, CONTACT_TEMPLATE, Site, solution

APPLICATIONS = ("ChatServer_1", "ChatServer_2", "ChatServer_3", "ChatServer_4", "UCS_1", "UCS_2", "UCS_3", "UCS_4", "IXN_1", "GMS_1")


def references(site: Site) -> set[str]:
    """Return the DBIDs of applications to which any application is connected, or which is its backup."""
    found = set()
    for app in site.sandbox.database()["objects"]["CfgApplication"]:
        links = (app.get("appservers") or {}).get("conninfo") or []
        found |= {str(entry["appserverdbid"]) for entry in links} | {str(app.get("backupserverdbid") or "0")}
    return found - {"0"}


def dangling(site: Site) -> set[str]:
    """Return the DBIDs that are referred to, and that no application has."""
    return references(site) - {str(app["dbid"]) for app in site.sandbox.database()["objects"]["CfgApplication"]}


def remove(site: Site, check: bool = False, **arguments: Any) -> Any:
    return site.ok("chat_solution", check, **{"solution": solution(), "state": "absent", **arguments})


def test_a_whole_solution_goes_and_nothing_dangles(furnished: Site) -> None:
    site = furnished
    description = solution(interaction_queues=["Chat_In", {"name": "Webengagement_Chat"}])
    before = site.sandbox.database()
    foretold = remove(site, check=True, solution=description)
    assert site.writes() == [] and site.sandbox.database() == before
    done = remove(site, solution=description)
    writes = site.writes()
    assert [(change["action"], change["type"], change["name"]) for change in foretold.changes] == writes
    assert foretold.changes == done.changes
    deleted = [name for action, _class, name in writes if action == "delete"]
    assert sorted(deleted) == sorted((*APPLICATIONS, "Webengagement_Chat"))
    # Servers go after their clients, and what options name goes last.
    for clients, server in ((CHAT_SERVERS[:2], "UCS_1"), (CHAT_SERVERS[2:], "UCS_3"), (CHAT_SERVERS, "Webengagement_Chat")):
        assert max(map(deleted.index, clients)) < deleted.index(server)
    assert not dangling(site)
    assert site.exists("CfgScript", "Chat_In") and site.exists("CfgApplication", "MessageServer")
    stays = {(item["type"], item["name"]): item["reason"] for item in done.result["stays"]}
    assert set(stays) == {("CfgScript", "Chat_In"), ("CfgApplication", "MessageServer"), ("CfgApplication", "confserv"),
                          ("CfgApplication", "SolutionControlServer")}
    assert set(stays.values()) == {"the description only names it"}
    assert not remove(site, solution=description).changed and site.writes() == []


def test_what_hosts_must_know_of_a_removal(furnished: Site) -> None:
    site = furnished
    site.sandbox.edit("CfgApplication", "ChatServer_1", workdirectory="/gcti/ChatServer_1")
    foretold = site.ok("removal_plan_info", solution=solution()).result
    assert site.writes() == []
    assert [item["role"] for item in foretold["applications"]] == ["gms"] + ["chat_server"] * 4 + ["interaction_server"] + ["contact_server"] * 4
    assert next(item["install_path"] for item in foretold["applications"] if item["name"] == "ChatServer_1") == "/gcti/ChatServer_1"
    done = remove(site, stopped_applications=["ChatServer_1"])
    assert (foretold["changes"], foretold["stays"]) == (done.changes, done.result["stays"])
    # A run that was cut short finds the hosts by the description.
    rest = site.ok("removal_plan_info", solution=solution()).result
    assert rest["changes"] == [] and {item["name"]: item["host"] for item in rest["applications"]}["UCS_4"] == "ucs4"
    assert {item["dbid"] for item in rest["applications"]} == {0}


def test_what_was_renamed_keeps_its_package(furnished: Site) -> None:
    """An application that is not there any more is sought by its installation directory: another one of that host may run from it."""
    site = furnished
    fields = {"name": "Renamed", "workdirectory": "/gcti/ChatServer_1"}
    site.sandbox.control("PUT", f"/objects/CfgApplication/{site.dbid('CfgApplication', 'ChatServer_1')}", {"fields": fields})
    asked: dict[str, Any] = {"solution": solution(), "applications": ["ChatServer_1"]}
    foretold = site.ok("removal_plan_info", warns=True, **asked).result
    assert foretold["applications"] == [] and "is that of 'Renamed': if it was renamed" in foretold["stays"][0]["reason"]
    site.sandbox.edit("CfgApplication", "Renamed", workdirectory="/gcti/Other")
    assert [item["host"] for item in site.ok("removal_plan_info", warns=True, **asked).result["applications"]] == ["chat1"]


def test_one_that_is_named_lets_go(furnished: Site) -> None:
    site = furnished
    remove(site, solution=solution(interaction_servers=["IXN_1"], gms=["GMS_1"]))
    assert not dangling(site)
    assert not any(path[0] == "connections" for path in site.application("IXN_1"))
    assert {path[1] for path in site.application("GMS_1") if path[0] == "connections"} == {"SolutionControlServer"}


def test_one_chat_server_goes(furnished: Site) -> None:
    site = furnished
    remove(site, applications=["ChatServer_2"])
    assert site.writes()[-1] == ("delete", "CfgApplication", "ChatServer_2")
    assert sorted(site.writes()[:-1]) == [("update", "CfgApplication", "GMS_1"), ("update", "CfgApplication", "IXN_1")]
    assert not dangling(site) and site.exists("CfgApplication", "ChatServer_1")
    rest = solution(chat_servers=[item for item in solution()["chat_servers"] if item["name"] != "ChatServer_2"])
    # Its name need not be in the description any more.
    again = remove(site, solution=rest, applications=["ChatServer_2"], warns=True)
    assert not again.changed and "no application named 'ChatServer_2'" in again.warnings[0]


def test_a_pair_goes_when_its_chat_servers_have_another_one(furnished: Site) -> None:
    site = furnished
    names = ["UCS_3", "UCS_4"]
    site.refuses("chat_solution", "Chat Server 'ChatServer_3' is connected to 'UCS_3'", "take the pair out of the description",
                 solution=solution(), state="absent", applications=names)
    servers = solution()["contact_servers"]
    rest = solution(contact_servers={**servers, "pairs": servers["pairs"][:1]})
    site.ok("chat_solution", solution=rest)
    remove(site, solution=rest, applications=names)
    assert site.writes() == [("delete", "CfgApplication", "UCS_3"), ("delete", "CfgApplication", "UCS_4")]
    assert not dangling(site)


def test_an_interaction_server_goes_when_its_chat_servers_have_another_one(furnished: Site) -> None:
    site = furnished
    site.refuses("chat_solution", "Chat Server 'ChatServer_1' is connected to no Interaction Server but 'IXN_1'", "connect it to another one first",
                 solution=solution(), state="absent", applications=["IXN_1"])
    assert site.writes() == []
    site.make("IXN_2", "Interaction Server 8.5.2", "ixn1", {"default": 4430})
    both = solution(interaction_servers=[*solution()["interaction_servers"], "IXN_2"])
    site.ok("chat_solution", solution=both)
    remove(site, solution=both, applications=["IXN_1"])
    assert not dangling(site) and not site.exists("CfgApplication", "IXN_1")
    assert {path[1] for path in site.application("ChatServer_1") if path[0] == "connections"} >= {"IXN_2"}


def test_a_pair_of_chat_servers(furnished: Site) -> None:
    """Its backup goes and the primary stays alone; or both go."""
    site = furnished
    site.relink("IXN_1", [site.link(name, "ESP") for name in CHAT_SERVERS[:3]])
    site.relink("GMS_1", [site.link(name, "webapi", addp=False) for name in CHAT_SERVERS[:3]])
    site.sandbox.edit("CfgApplication", "ChatServer_3", backupserverdbid=site.dbid("CfgApplication", "ChatServer_4"), redundancytype="CFGHTWarmStanby")
    paired = site.sandbox.database()
    remove(site, applications=["ChatServer_4"])
    assert site.writes() == [("update", "CfgApplication", "ChatServer_3"), ("delete", "CfgApplication", "ChatServer_4")]
    assert site.application("ChatServer_3")["backup",] == "" and not dangling(site)
    site.sandbox.restore(paired)
    remove(site, applications=["ChatServer_3", "ChatServer_4"])
    assert not dangling(site) and not site.exists("CfgApplication", "ChatServer_4")


def test_a_queue_stays_as_long_as_an_endpoint_leads_to_it(furnished: Site) -> None:
    site = furnished
    description = solution(chat_servers=solution()["chat_servers"][:3], interaction_queues=[{"name": "Chat_In"}], interaction_servers=["IXN_1"], gms=["GMS_1"],
                           contact_servers=None)
    done = remove(site, solution=description)
    assert site.exists("CfgScript", "Chat_In")
    assert {"type": "CfgScript", "name": "Chat_In", "reason": "endpoints of ChatServer_4 lead to it"} in done.result["stays"]


def test_refusals(furnished: Site) -> None:
    site = furnished
    whole: dict[str, Any] = {"solution": solution(), "state": "absent"}
    site.refuses("chat_solution", "only for state absent", solution=solution(), applications=["ChatServer_1"])
    site.refuses("chat_solution", "applications", "no application is named", applications=[], **whole)
    site.refuses("removal_plan_info", "applications", "no application is named", solution=solution(), applications=[])
    site.refuses("chat_solution", "'MessageServer' is of type CFGMessageServer", applications=["MessageServer"], **whole)
    site.make("Stranger", CONTACT_TEMPLATE, "ucs1", {"default": 7999}, links=[site.link("ChatServer_1", "webapi")])
    site.refuses("chat_solution", "'Stranger' (to ChatServer_1)", "does not mention", **whole)
    site.relink("Stranger", [])
    site.sandbox.edit("CfgApplication", "Stranger", options={"chat": {"default_chat_endpoint": "Environment:webme"}})
    site.refuses("chat_solution", "last Chat Server with the endpoint 'webme'", "'Stranger' (chat/default_chat_endpoint", **whole)
    site.sandbox.edit("CfgApplication", "Stranger", options={"chat": {"default_chat_endpoint": None}})
    site.sandbox.edit("CfgApplication", "ChatServer_1", workdirectory="/opt/genesys/ChatServer_1")
    site.refuses("chat_solution", "application 'ChatServer_1' would be removed", "count as running", **whole)
    remove(site, stopped_applications=["ChatServer_1"])
    assert not site.exists("CfgApplication", "ChatServer_1")


def test_the_channel_of_web_engagement_goes(provisioned: Site) -> None:
    site = provisioned
    told = site.ok("chat_solution_info", tenant="Environment").result["solution"]
    channels = told["web_engagement"]
    backend = channels[0]["backend_server"]
    remove(site, solution=solution(web_engagement=channels))
    assert not dangling(site)
    assert not [path for path, value in site.application(backend).items() if path[0] == "options" and value == "1:webme"]


def test_a_template_goes_with_the_last_that_was_made_from_it(furnished: Site) -> None:
    site = furnished
    templates = [{"name": "Chat Server 8.5.3", "src": "/nowhere.apd"}, {"name": CONTACT_TEMPLATE, "src": "/nowhere.apd"}]
    site.make("Stranger", CONTACT_TEMPLATE, "ucs1", {"default": 7999})
    done = remove(site, solution=solution(application_templates=templates))
    assert not site.exists("CfgAppPrototype", "Chat Server 8.5.3") and site.exists("CfgAppPrototype", CONTACT_TEMPLATE)
    assert {"type": "CfgAppPrototype", "name": CONTACT_TEMPLATE, "reason": "applications were made from it: Stranger"} in done.result["stays"]
