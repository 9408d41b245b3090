# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Agents in the sandbox: access and capacity as the configuration has them, chats through GMS that reach an agent, Chat Servers that die."""

from __future__ import annotations

import base64
import sqlite3
import struct
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import pytest
from unit.sandbox.host_site import CHAT_PORTS, HostSite, chat_site, package

from sandbox.load.agents import Caller, Desktop, Line, decisions, find
from sandbox.packages import build_all
from sandbox.servers.agents import PRIVILEGE, standing
from sandbox.servers.capacity import KEY, SECTION, RuleDamaged, parse, rule_of
from sandbox.servers.configuration import Configuration

#: The worked example of the published layout: chat, at most three.
THREE_CHATS = bytes.fromhex("d52a5300 33000000 14000000 28000000 00000000 01 00 1a000000 01 ff 20000000 01 25000000 01 00 03 01 00 2e000000 63686174 00")


def compiled(media: list[str], rules: dict[int, list[list[list[tuple[int, int]]]]]) -> bytes:
    """Compile rules: by the number of a medium its rules, each of them alternatives of tests."""
    blob = bytearray(20)

    def table(entries: list[tuple[int, Callable[[], None]]], numbered: bool = True) -> None:
        blob.append(len(entries))
        places = []
        for number, _write in entries:
            blob.extend([number] if numbered else [])
            places.append(len(blob))
            blob.extend(bytes(4))
        for place, (_number, write) in zip(places, entries):
            blob[place : place + 4] = struct.pack("<I", len(blob))
            write()

    def tests(pairs: list[tuple[int, int]]) -> Callable[[], None]:
        return lambda: blob.extend([len(pairs), *(value for pair in pairs for value in pair)])

    def body(alternatives: list[list[tuple[int, int]]]) -> Callable[[], None]:
        return lambda: table([(0, tests(pairs)) for pairs in alternatives], numbered=False)

    def block(bodies: list[list[list[tuple[int, int]]]]) -> Callable[[], None]:
        return lambda: table([(255, body(alternatives)) for alternatives in bodies])

    def name(text: str) -> Callable[[], None]:
        return lambda: blob.extend(text.encode() + b"\0")

    table([(index, block(bodies)) for index, bodies in rules.items()])
    names = len(blob)
    table([(index, name(text)) for index, text in enumerate(media)])
    blob[:20] = struct.pack("<5I", 5450453, len(blob), 20, names, 0)
    return bytes(blob)


# -- capacity rules ----------------------------------------------------------------------------------------------------------


def test_the_compiler_of_these_tests_makes_the_published_example() -> None:
    assert compiled(["chat"], {0: [[[(0, 3)]]]}) == THREE_CHATS


def test_a_rule_takes_chats_up_to_its_maximum() -> None:
    rule = parse(THREE_CHATS)
    assert [rule.takes("chat", {"chat": number}) for number in (0, 2, 3, 4)] == [True, True, False, False]
    assert not rule.takes("email", {})


def test_alternatives_and_tests_that_hold_together() -> None:
    """No chat with three chats, nor with two chats and a call; a second rule for chat, whatever its priority, adds the e-mails."""
    rule = parse(compiled(["voice", "chat", "Email"], {1: [[[(1, 3)], [(1, 2), (0, 1)]], [[(2, 5)]]]}))
    assert rule.takes("chat", {"chat": 2}) and rule.takes("chat", {"chat": 1, "voice": 1})
    assert not rule.takes("chat", {"chat": 3}) and not rule.takes("chat", {"chat": 2, "voice": 1}) and not rule.takes("chat", {"email": 5})


def script(text: str, **fields: str) -> dict[str, Any]:
    return {"subtype": "CFGCapacityRule", "userproperties": {"property": [{"section": SECTION, "key": KEY, "value": text}]}, **fields}


@pytest.mark.parametrize("text", [THREE_CHATS.hex(), THREE_CHATS.hex(" ").upper(), base64.b64encode(THREE_CHATS).decode(), THREE_CHATS.decode("latin-1")])
def test_bytes_as_text(text: str) -> None:
    assert rule_of(script(text)) == parse(THREE_CHATS)


@pytest.mark.parametrize("damaged", [
    script(""), script("no rule"), script(THREE_CHATS.hex(), subtype="CFGInteractionQueue"), script(THREE_CHATS[:-1].hex()), script((THREE_CHATS + b"x").hex()),
    script(THREE_CHATS.replace(b"\x20\0\0\0", b"\x20\0\0\x7f").hex()), script(THREE_CHATS.replace(b"\1\0\3", b"\1\7\3").hex()), {"subtype": "CFGCapacityRule"},
])  # fmt: skip
def test_damaged_rules(damaged: dict[str, Any]) -> None:
    with pytest.raises(RuleDamaged):
        rule_of(damaged)


# -- standing ----------------------------------------------------------------------------------------------------------------


class Objects(Configuration):
    """A configuration in memory: one agent of one group at one place, with a role and a rule for everybody."""

    def __init__(self) -> None:
        self.person = {"username": "ada", "dbid": "201", "isagent": "CFGTrue", "state": "CFGEnabled", "tenantdbid": "1", "placedbid": "401"}
        self.group: dict[str, Any] = {"name": "Chatters", "dbid": "301", "agentdbids": {"id": [{"dbid": "201"}]}}
        self.place: dict[str, Any] = {"name": "Desk 1", "dbid": "401", "tenantdbid": "1"}
        self.tenant: dict[str, Any] = {"name": "Environment", "dbid": "1", "defaultcapacityruledbid": "501"}
        self.workspace: dict[str, Any] = {"name": "Workspace", "dbid": "601", "options": {"property": []}}
        self.role: dict[str, Any] = {"name": "Chat", "dbid": "701", "memberids": {"idtype": [{"type": "CFGAgentGroup", "dbid": "301"}]}}
        annex(self.role, *PRIVILEGE, "1")
        self.rules = [{**script(THREE_CHATS.hex()), "name": "Chat_3", "dbid": "501"}]
        self.rules.append({**script(compiled(["voice"], {0: [[[(0, 1)]]]}).hex()), "name": "Voice", "dbid": "502"})

    def list(self, type_name: str, **query: str) -> list[dict[str, Any]]:
        named = {
            "CfgPerson": [self.person], "CfgAgentGroup": [self.group], "CfgPlace": [self.place], "CfgTenant": [self.tenant],
            "CfgApplication": [self.workspace], "CfgRole": [self.role], "CfgScript": self.rules,
        }  # fmt: skip
        return [item for item in named[type_name] if all(item.get(key) == value for key, value in query.items())]

    def find(self, type_name: str, **query: str) -> dict[str, Any] | None:
        return next(iter(self.list(type_name, **query)), None)


def annex(item: dict[str, Any], section: str, key: str, value: str, name: str = "userproperties") -> dict[str, Any]:
    """Add an option to an object and return the object."""
    item.setdefault(name, {"property": []})["property"].append({"section": section, "key": key, "value": value})
    return item


def workspace(item: dict[str, Any], key: str, value: str, name: str = "userproperties") -> dict[str, Any]:
    """Add an option of Workspace."""
    return annex(item, "interaction-workspace", key, value, name)


NO_PRIVILEGE = "no role gives the privilege to use the chat channel"
NO_CHANNEL = "openmedia.workitem-channels does not contain chat"
NO_RULE = "there is no capacity rule; the built-in one takes one voice interaction and no chat"

STANDINGS: dict[str, tuple[Callable[[Objects], Any], tuple[str, ...]]] = {
    "as it should be": (lambda site: None, ()),
    "no agent": (lambda site: site.person.update(isagent="CFGFalse"), ("the person is no agent",)),
    "disabled": (lambda site: site.person.update(state="CFGDisabled"), ("the person is disabled",)),
    "not in the group": (lambda site: site.group.update(agentdbids={"id": []}), (NO_PRIVILEGE,)),
    "a role of the person": (lambda site: site.role.update(memberids={"idtype": [{"type": "CFGPerson", "dbid": "201"}]}), ()),
    "a role spelled otherwise": (lambda site: site.role.update(memberids={}, members={"member": [{"objecttype": "CFGPerson", "objectdbid": "201"}]}), ()),
    "another person's role": (lambda site: site.role.update(memberids={"idtype": [{"type": "CFGPerson", "dbid": "301"}]}), (NO_PRIVILEGE,)),
    "a role without the privilege": (lambda site: site.role.update(userproperties={"property": []}), (NO_PRIVILEGE,)),
    "Web Edition": (lambda site: (site.role.update(memberids={}), workspace(site.tenant, "privilege.chat.can-use", "true")), ()),
    "Web Edition, the person first": (
        lambda site: (site.role.update(memberids={}), workspace(site.tenant, "privilege.chat.can-use", "true"),
                      workspace(site.person, "privilege.chat.can-use", "false")), (NO_PRIVILEGE,)),
    "channels with chat": (lambda site: workspace(site.group, "openmedia.workitem-channels", "webcallback, chat"), ()),
    "channels without chat": (lambda site: workspace(site.workspace, "openmedia.workitem-channels", "webchat,sms", "options"), (NO_CHANNEL,)),
    "no rule": (lambda site: site.tenant.update(defaultcapacityruledbid="0"), (NO_RULE,)),
    "a rule without chat": (lambda site: site.place.update(capacityruledbid="502"), ("capacity rule 'Voice' takes no chat",)),
    "the person's rule first": (lambda site: (site.place.update(capacityruledbid="502"), site.person.update(capacityruledbid="501")), ()),
    "the group's rule before the place's": (lambda site: (site.place.update(capacityruledbid="502"), site.group.update(capacityruledbid="501")), ()),
    "a damaged rule": (lambda site: site.rules[0].update(userproperties={"property": []}), (f"capacity rule 'Chat_3': the annex has no {SECTION}/{KEY}",)),
    "all at once": (
        lambda site: (site.person.update(isagent="CFGFalse"), site.role.update(memberids={}), site.tenant.update(defaultcapacityruledbid="0")),
        ("the person is no agent", NO_PRIVILEGE, NO_RULE)),
}  # fmt: skip


@pytest.mark.parametrize("case", STANDINGS)
def test_standing(case: str) -> None:
    site = Objects()
    change, problems = STANDINGS[case]
    change(site)
    found = standing(site, "ada", workspace="Workspace")
    assert found is not None and found.problems == problems
    assert found.takes({"chat": 2}) is not bool(problems) and not found.takes({"chat": 3})


def test_a_named_place_counts_before_the_default_one() -> None:
    site = Objects()
    site.place.update(capacityruledbid="502")
    unknown = standing(site, "ada", place="Elsewhere")
    assert unknown is not None and not unknown.problems
    assert standing(site, "ben") is None


# -- live --------------------------------------------------------------------------------------------------------------------

SERVICE = {"chat.customer-support": {"the endpoint": "Environment:webme"}, "chat.elsewhere": {"endpoint": "1:webme"}, "chat": {"x": "y"}}


class Live:
    """Two Chat Servers of N+1 behind one GMS, a pair of warm standby behind another; persons, a role and a rule of two chats at a time."""

    def __init__(self, site: HostSite) -> None:
        self.site, self.directory = site, site.directory
        self.configuration = Configuration("127.0.0.1", site.confserv.port)
        self.parts = parts = chat_site(site, chat_servers=4)
        self.chats: list[dict[str, Any]] = parts["chats"]
        self.chats[2].update(backupserverdbid=self.chats[3]["dbid"], redundancytype="CFGHTWarmStanby")
        scs = site.confserv.add("CfgApplication", name="SCS", subtype="CFGSCS", hostdbid="0")
        gms = site.application("GMS_1", package("GMS"), "gms1", {"default": 8888}, SERVICE)
        old = site.application("GMS_2", package("GMS"), "gms2", {"default": 8888}, {"request-chat": {"_chat_endpoint": "gms_builtin"}, **SERVICE})
        site.connect(gms, *self.chats[:2], port_id="webapi")
        site.connect(gms, scs)
        site.connect(old, self.chats[2], port_id="webapi")
        rule = site.confserv.add("CfgScript", tenantdbid="1", **{**script(compiled(["chat"], {0: [[[(0, 2)]]]}).hex()), "name": "Chat_2"})
        with site.confserv.lock:
            site.confserv.objects["CfgTenant"][0]["defaultcapacityruledbid"] = rule["dbid"]
        for name in ("ada", "ben"):
            site.confserv.add("CfgPerson", username=name, isagent="CFGTrue", tenantdbid="1")
        role = site.confserv.add("CfgRole", name="Chat", memberids={"idtype": [{"type": "CFGPerson", "dbid": "101"}]})
        annex(role, *PRIVILEGE, "1")
        node = site.application("IXN_2", package("eSInteractSrv"), "ixn2", {"default": 4420})
        site.start(parts)
        site.command("start", gms, old, node)
        site.wait("RUNNING", gms, old, node)
        self.gms, self.old, self.interaction, self.node = (find(self.configuration, name) for name in ("GMS_1", "GMS_2", "IXN_1", "IXN_2"))

    def call(self, service: str = "customer-support") -> Caller:
        """A visitor's chat."""
        caller = Caller(self.old if service == "request-chat" else self.gms, service=service)
        assert caller.answer["ok"], caller.answer
        return caller

    def rows(self, store: str, query: str, *values: str) -> list[Any]:
        """Read one of the stores."""
        with closing(sqlite3.connect(self.directory / store, timeout=10)) as database:
            return database.execute(query, values).fetchall()

    def kill(self, name: str) -> dict[str, Any]:
        """Kill a Chat Server and return it."""
        chat = next(item for item in self.chats if item["name"] == name)
        self.site.command("kill", chat)
        self.site.wait("STOPPED", chat)
        return chat

    def revive(self, *chats: dict[str, Any]) -> None:
        """Start Chat Servers again."""
        self.site.command("start", *chats)
        self.site.wait("RUNNING", *chats)

    def configure(self, **settings: str) -> None:
        """Change settings of all Chat Servers; each follows when it next looks."""
        with self.site.confserv.lock:
            for chat in self.chats:
                for item in chat["options"]["property"]:
                    name = item["key"].replace("-", "_")
                    if item["section"] == "settings" and name in settings:
                        item["value"] = settings[name]

    def restores(self, chat: dict[str, Any]) -> bool:
        """Whether a Chat Server restores sessions, as it sees its settings now."""
        line = Line(self.site.host(f"chat{self.chats.index(chat) + 1}")["ipaddress"], CHAT_PORTS["webapi"])
        answer = line.ask("restore", session="unknown")
        line.close()
        return bool(answer["error"] == "no such session")


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    archives = tmp_path_factory.mktemp("archives")
    build_all(archives, sys.executable)
    with HostSite(tmp_path_factory.mktemp("site"), archives) as site:
        yield Live(site)


@pytest.fixture
def ada(live: Live) -> Iterator[Desktop]:
    """An agent who may have two chats."""
    desktop = Desktop(live.interaction, "ada")
    assert desktop.login["media"] == ["chat"]
    yield desktop
    desktop.close()


def wait_until(condition: Callable[[], Any], seconds: float = 30.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def taken(desktop: Desktop) -> dict[str, Any]:
    """Accept the next offer."""
    offer = desktop.offer()
    assert offer is not None and desktop.accept(offer)["ok"]
    return offer


def test_a_service_of_gms_decides_the_endpoint(live: Live) -> None:
    """The service by its own endpoint, the old one by the default of all: the tenant's name, not its number."""
    for service, queue in (("customer-support", "Web_In"), ("request-chat", "Chat_In")):
        caller = live.call(service)
        assert live.rows("ixn/queues.db", "SELECT queue, tenant, media FROM interactions WHERE interaction = ?", caller.interaction) == [(queue, "1", "chat")]
        assert caller.leave()["ok"]
    refusals = {
        (live.gms, "sales"): "there is no service 'sales': the application has no section 'chat.sales'",
        (live.gms, "elsewhere"): "endpoint '1:webme' is not <tenant name>:<endpoint>",
        (live.old, "customer-support"): "digital channels are off: there is no connection to Solution Control Server",
    }
    for (gms, service), refusal in refusals.items():
        assert Caller(gms, service=service).answer == {"ok": False, "error": refusal}


def test_agents_get_chats_as_far_as_they_may(live: Live, ada: Desktop) -> None:
    ben = Desktop(live.interaction, "ben")
    assert ben.login == {"ok": True, "media": [], "problems": [NO_PRIVILEGE], "interactions": []}
    callers = [live.call() for _number in range(3)]
    offers = [taken(ada) for _number in range(2)]
    assert [offer["interaction"] for offer in offers] == [caller.interaction for caller in callers[:2]]
    third = callers[2].interaction
    wait_until(lambda: (third, "ada") in decisions(live.directory).get("waiting_for_capacity", ()))
    assert ada.offer(0.7) is None and ben.offer(0.1) is None
    decided = decisions(live.directory)
    assert (third, "ben") in decided["refused_for_access"]
    assert third not in {interaction for interaction, _agent in decided["offered"]}
    # One chat less in hand: the one that waited comes.
    assert callers[0].leave()["ok"]
    assert ada.stopped(callers[0].interaction) and taken(ada)["interaction"] == third
    # Who gets the right is served without a new login.
    last = live.call()
    with live.site.confserv.lock:
        live.site.confserv.objects["CfgRole"][0]["memberids"]["idtype"].append({"type": "CFGPerson", "dbid": "102"})
    assert taken(ben)["interaction"] == last.interaction
    for caller in (*callers[1:], last):
        caller.leave()
    ben.close()
    with live.site.confserv.lock:
        live.site.confserv.objects["CfgRole"][0]["memberids"]["idtype"].pop()


def test_visitor_and_agent_talk(live: Live, ada: Desktop) -> None:
    caller = live.call()
    chat = taken(ada)["interaction"]
    caller.say("Hello")
    assert ada.hear(chat) == "Hello" and ada.say(chat, "What can I do for you?")["ok"]
    caller.look()
    assert caller.said == ["What can I do for you?"]
    stored = live.rows("ucs/ucs.db", "SELECT text FROM deliveries WHERE session = ? AND stored = 1 ORDER BY rowid", caller.session)
    assert stored == [("Hello",), ("What can I do for you?",)]
    assert ada.done(chat)["ok"]
    assert live.rows("ixn/queues.db", "SELECT stopped IS NULL FROM interactions WHERE interaction = ?", chat) == [(0,)]
    caller.leave()


def test_what_is_not_accepted_goes_back_to_the_queue(live: Live, ada: Desktop) -> None:
    """A desktop that is gone before it accepts, and one that declines; what was accepted is still there at the next login."""
    caller = live.call()
    offer = ada.offer()
    assert offer is not None
    ada.close()
    wait_until(lambda: live.rows("ixn/queues.db", "SELECT agent FROM work WHERE interaction = ?", caller.interaction) == [])
    again = Desktop(live.interaction, "ada")
    assert again.login["interactions"] == [] and taken(again)["interaction"] == caller.interaction
    again.close()
    third = Desktop(live.interaction, "ada")
    assert [item["interaction"] for item in third.login["interactions"]] == [caller.interaction]
    other = live.call()
    offer = third.offer()
    assert offer is not None and third.decline(offer)["ok"] and third.offer(0.7) is None
    assert (other.interaction, "ada") in decisions(live.directory)["declined"]
    third.close()
    for chat in (caller, other):
        assert chat.leave()["ok"]


def test_an_agent_at_another_node_of_interaction_server(live: Live) -> None:
    """Chats come from one node, the agent is logged in at another: the queues are the same, and so is what the agent has in hand."""
    callers = [live.call() for _number in range(3)]
    desktop = Desktop(live.node, "ada")
    assert [taken(desktop)["interaction"] for _number in range(2)] == [caller.interaction for caller in callers[:2]]
    assert desktop.offer(0.7) is None
    assert callers[0].leave()["ok"] and desktop.stopped(callers[0].interaction)
    assert taken(desktop)["interaction"] == callers[2].interaction
    for caller in callers[1:]:
        caller.leave()
    desktop.close()


def test_nobody_without_a_name(live: Live) -> None:
    desktop = Desktop(live.interaction, "cleo")
    assert desktop.login == {"ok": False, "error": "there is no person 'cleo'"}
    desktop.close()


@pytest.mark.parametrize("service", ["customer-support", "request-chat"])
def test_a_chat_goes_on_when_its_chat_server_dies(live: Live, ada: Desktop, service: str) -> None:
    """Of N+1, through a service of Chat API v2; and of a pair, where the backup takes over, through the old service."""
    caller = live.call(service)
    chat = taken(ada)["interaction"]
    caller.say("before")
    assert ada.hear(chat) == "before"
    place = ada.where(chat)
    dead = live.kill(place)
    assert caller.say("after") == {"ok": True, "sequence": 2}
    caller.say("and on")
    assert [ada.hear(chat), ada.hear(chat)] == ["after", "and on"]
    if service == "request-chat":
        assert (place, ada.where(chat)) == ("ChatServer_3", "ChatServer_4") and live.site.runmode(live.chats[3]) == "PRIMARY"
    else:
        assert {place, ada.where(chat)} == {"ChatServer_1", "ChatServer_2"}
    stored = live.rows("ucs/ucs.db", "SELECT text FROM deliveries WHERE session = ? AND stored = 1 ORDER BY rowid", caller.session)
    assert stored == [("before",), ("after",), ("and on",)]
    assert ada.say(chat, "Here I am again")["ok"] and caller.look()["ok"] and caller.said == ["Here I am again"]
    assert caller.leave()["ok"]
    live.revive(dead)


def test_no_backup_for_a_service_of_version_two(live: Live) -> None:
    """GMS Digital Channels know no backup: a chat of the pair ends, although the backup would restore it."""
    with live.site.confserv.lock:
        (old,) = [item for item in live.site.confserv.objects["CfgApplication"] if item["name"] == "GMS_2"]
        (scs,) = [item for item in live.site.confserv.objects["CfgApplication"] if item["name"] == "SCS"]
        live.site.connect(old, scs)
    caller = Caller(live.old, service="customer-support")
    deadline = time.monotonic() + 15
    while not caller.answer["ok"] and time.monotonic() < deadline:
        time.sleep(0.05)
        caller = Caller(live.old, service="customer-support")
    dead = live.kill("ChatServer_3")
    assert caller.say("Hello?") == {"ok": False, "error": "no Chat Server is available"}
    live.revive(dead)
    assert Line(*live.interaction).ask("stop", interaction=caller.interaction)["ok"]


def saved(live: Live) -> bool:
    """Whether the session of a new chat could be restored."""
    caller = live.call()
    caller.leave()
    return live.rows("ucs/ucs.db", "SELECT count(*) FROM saved_sessions WHERE session = ?", caller.session) == [(1,)]


def test_a_chat_ends_where_the_settings_do_not_let_it_go_on(live: Live, ada: Desktop) -> None:
    """The negative controls: the same Chat Servers without restoration, and without a transcript that is saved on the way."""
    live.configure(session_restoration_mode="none")
    wait_until(lambda: not any(live.restores(chat) for chat in live.chats))
    callers = [live.call(service) for service in ("customer-support", "request-chat")]
    chats = [taken(ada)["interaction"] for _caller in callers]
    dead = [live.kill(ada.where(chat)) for chat in chats]
    for caller, chat in zip(callers, chats):
        assert caller.say("Hello?")["error"] == "the session has ended: sessions are not restored"
        assert ada.hear(chat, 0.3) is None
        # The interaction is left with the agent, who has to end it (Source: STUCK).
        assert live.rows("ixn/queues.db", "SELECT stopped IS NULL FROM interactions WHERE interaction = ?", chat) == [(1,)]
        assert ada.done(chat)["ok"]
    ada.close()
    live.configure(session_restoration_mode="simple", transcript_auto_save="0")
    live.revive(*dead)
    wait_until(lambda: all(live.restores(chat) for chat in live.chats) and not any(saved(live) for _server in range(4)))
    caller = live.call()
    desktop = Desktop(live.interaction, "ada")
    chat = taken(desktop)["interaction"]
    assert chat == caller.interaction
    dead = [live.kill(desktop.where(chat))]
    assert caller.say("Hello?")["error"] == "the session has ended: the session was held without transcript-auto-save"
    desktop.close()
    live.configure(transcript_auto_save="1")
    live.revive(*dead)
