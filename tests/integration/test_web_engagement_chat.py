# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Chats through Web Engagement: a visitor, the Backend Server, the Chat Servers of a cluster, the queue, the transcript, the contact.

Servers are installed, configured and started by the modules; what arrives is looked up in the stores of the sandbox.
"""

from __future__ import annotations

import json
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from integration.engagement import CLUSTER, WES, cluster, endpoints, engage
from integration.managed_hosts import CHAT_OLD, CONTACT, INTERACTION, PASSWORD, Hosts, succeeds, wait_until
from integration.module_runner import ModuleRunner

from sandbox.load.visitors import visit
from sandbox.servers.configuration import Configuration
from sandbox.testing import Sandbox

BACKEND = "IP_GWEBackend_8120010b1_ENU_linux.tar.gz"
BACKEND_PORT = 9081
MEMBERS = ("ChatServer_1", "ChatServer_2")
CHANNEL: dict[str, Any] = {"backend_server": "WES_1", "tenant": "Environment", "queue": "Webengagement_Chat", "request_pool_size": 4}
INSTALLED = (
    ("IXN_1", "ixn1", INTERACTION),
    ("UCS_1", "ucs1", CONTACT),
    ("ChatServer_1", "chat1", CHAT_OLD),
    ("ChatServer_2", "chat2", CHAT_OLD),
    ("WES_1", "gms1", BACKEND),
)


class Engagement:
    """A running chat solution with a Backend Server, and its stores."""

    def __init__(self, hosts: Hosts) -> None:
        self.hosts, self.site, self.sandbox = hosts, hosts.site, hosts.sandbox

    def configure(self, **options: str | None) -> None:
        """Change options of a channel past the product; None removes one."""
        values = {WES + name: value for name, value in options.items()}
        self.sandbox.edit("CfgApplication", "WES_1", options={"service:wes": values})

    def control(self, state: str, *names: str) -> None:
        """Start or stop applications, and wait for it."""
        succeeds(self.hosts.run("application_control", self.hosts.control(state, *names)))

    def kill(self, name: str) -> None:
        """Kill a server's process, and wait until Solution Control Server has seen it."""
        self.hosts.scs("POST", f"/kill/{name}")
        wait_until(lambda: self.hosts.status(name) == "STOPPED")

    def rows(self, store: str, query: str, *values: str) -> list[Any]:
        """Read one of the stores."""
        with closing(sqlite3.connect(self.sandbox.directory / store, timeout=10)) as database:
            return database.execute(query, values).fetchall()

    def queue(self, chat: Visitor) -> list[Any]:
        """Return tenant and queue of the chat's interaction, as Interaction Server has them."""
        return self.rows("ixn/queues.db", "SELECT tenant, queue FROM interactions WHERE interaction = ?", chat.interaction)

    def transcript(self, chat: Visitor) -> list[Any]:
        """Return the stored messages in their order; one that counts twice would be there twice."""
        query = "SELECT sequence, text FROM deliveries WHERE session = ? AND stored = 1 ORDER BY sequence"
        return self.rows("ucs/ucs.db", query, chat.session)

    def chat_server(self, chat: Visitor) -> str:
        """Return the Chat Server at which the session was created."""
        found: str = self.rows("ucs/ucs.db", "SELECT chat_server FROM sessions WHERE session = ?", chat.session)[0][0]
        return found

    def contact_of(self, chat: Visitor) -> list[Any]:
        """Return the contact that is linked to the session."""
        return [row[0] for row in self.rows("ucs/ucs.db", "SELECT contact FROM session_contacts WHERE session = ?", chat.session)]

    def contacts(self, email: str) -> list[Any]:
        """Return the contacts with an address, each with what is known of it."""
        return [(contact, json.loads(text)) for contact, text in self.rows("ucs/ucs.db", "SELECT contact, attributes FROM contacts WHERE email = ?", email)]

    def log(self) -> str:
        """Return the log of the Backend Server."""
        files = sorted(self.hosts.target("WES_1", "gms1").glob("*.log"))
        return "".join(path.read_text(encoding="utf-8") for path in files)


class Visitor:
    """A visitor of a web page who asks the Backend Server for a chat."""

    def __init__(self, engagement: Engagement, **attributes: str) -> None:
        address = engagement.hosts.environment("gms1")["SANDBOX_ADDRESS"]
        self._socket = socket.create_connection((address, BACKEND_PORT), timeout=60)
        self._file = self._socket.makefile("rwb")
        self.answer = self.ask("create", visitor=attributes)
        self.session, self.interaction = self.answer.get("session", ""), self.answer.get("interaction", "")

    def ask(self, operation: str, **more: Any) -> dict[str, Any]:
        """Send a request and return its answer; an event that comes before it is returned instead."""
        self._file.write(json.dumps({"op": operation, "request": 1, **more}).encode() + b"\n")
        self._file.flush()
        answer: dict[str, Any] = json.loads(self._file.readline())
        return answer

    def say(self, sequence: int, text: str) -> None:
        """Send a message, which must be acknowledged."""
        answer = self.ask("message", session=self.session, sequence=sequence, text=text)
        assert answer == {"ok": True, "sequence": sequence, "request": 1}

    def leave(self) -> None:
        """End the chat."""
        assert self.ask("leave", session=self.session)["ok"]
        self.go()

    def go(self) -> None:
        """Close the page without a word."""
        self._file.close()
        self._socket.close()


@pytest.fixture(scope="module")
def engagement(runner: ModuleRunner) -> Iterator[Engagement]:
    """Two Chat Servers in a cluster, and a Backend Server connected to it; the channel is configured by the product."""
    restored = {"session-restoration-mode": "simple", "transcript-auto-save": "1"}
    with Sandbox(password=PASSWORD) as sandbox:
        hosts = Hosts(sandbox, runner)
        for name in MEMBERS:
            sandbox.edit("CfgApplication", name, options={"endpoints:1": {"webme": None}, "settings": restored})
        cluster(hosts.site, *MEMBERS)
        engage(hosts.site, CLUSTER)
        for application, host, package in INSTALLED:
            hosts.installed(application=application, host=host, package=package)
        hosts.site.ok("wes_chat_channel", **CHANNEL, contact_handling="create", refresh_period=1, session_restore_timeout=20)
        running = Engagement(hosts)
        running.control("started", "IXN_1", "UCS_1")
        running.control("started", *MEMBERS, "WES_1")
        yield running


@pytest.fixture
def restarted(engagement: Engagement) -> Iterator[Engagement]:
    """After the test the Backend Server is as it was."""
    section = engagement.sandbox.options("CfgApplication", "WES_1")["service:wes"]
    yield engagement
    changed = engagement.sandbox.options("CfgApplication", "WES_1")["service:wes"]
    engagement.sandbox.edit("CfgApplication", "WES_1", options={"service:wes": {**dict.fromkeys(changed), **section}})
    engagement.control("restarted", "WES_1")


def test_a_chat_arrives_in_the_queue_and_its_messages_in_the_transcript(engagement: Engagement) -> None:
    """From the page's step 3 (the endpoint) to its step 5 (the queue)."""
    assert {name: endpoints(engagement.site)[name] for name in MEMBERS} == dict.fromkeys(MEMBERS, "Webengagement_Chat")
    visitor = Visitor(engagement, FirstName="Ada")
    assert engagement.queue(visitor) == [("1", "Webengagement_Chat")]
    assert visitor.answer["routing_starts_at"] == "Webengagement_Chat"
    for number, text in enumerate(("Hello", "Is anybody there?", "Thank you"), 1):
        visitor.say(number, text)
    assert engagement.transcript(visitor) == [(1, "Hello"), (2, "Is anybody there?"), (3, "Thank you")]
    visitor.leave()
    assert engagement.rows("ucs/ucs.db", "SELECT count(*) FROM sessions WHERE session = ? AND ended IS NOT NULL", visitor.session) == [(1,)]


def test_the_members_of_the_cluster_take_turns(engagement: Engagement) -> None:
    visitors = [Visitor(engagement) for _number in range(2)]
    assert {engagement.chat_server(visitor) for visitor in visitors} == set(MEMBERS)
    for visitor in visitors:
        visitor.leave()


def test_a_chat_server_that_is_connected_directly(engagement: Engagement) -> None:
    engagement.site.relink("WES_1", [engagement.site.link("ChatServer_2")])
    for visitor in (Visitor(engagement), Visitor(engagement)):
        assert engagement.chat_server(visitor) == "ChatServer_2"
        visitor.leave()
    engagement.site.relink("WES_1", [engagement.site.link(CLUSTER)])


def test_contact_handling_in_the_store(engagement: Engagement) -> None:
    """1 neither identifies nor creates, 2 identifies, 3 creates what is absent; without the option, and with a wrong value, 3 counts."""
    ada, ben = "ada@example.com", "ben@example.com"
    channel: dict[str, Any] = {**CHANNEL, "refresh_period": 1, "session_restore_timeout": 20}

    def contact(email: str) -> list[Any]:
        visitor = Visitor(engagement, EmailAddress=email, FirstName="Ada")
        assert engagement.queue(visitor) == [("1", "Webengagement_Chat")]
        visitor.leave()
        return engagement.contact_of(visitor)

    engagement.site.ok("wes_chat_channel", **channel, contact_handling="none")
    assert (contact(ada), engagement.contacts(ada)) == ([], [])
    engagement.site.ok("wes_chat_channel", **channel, contact_handling="identify")
    assert (contact(ada), engagement.contacts(ada)) == ([], [])
    engagement.site.ok("wes_chat_channel", **channel, contact_handling="create")
    linked = contact(ada)
    assert len(linked) == 1 and engagement.contacts(ada) == [(linked[0], {"EmailAddress": ada, "FirstName": "Ada"})]
    assert contact(ada) == linked and len(engagement.contacts(ada)) == 1
    engagement.site.ok("wes_chat_channel", **channel, contact_handling="identify")
    assert contact(ada) == linked
    engagement.site.ok("wes_chat_channel", **channel, contact_handling="none")
    assert contact(ada) == []
    for number, value in enumerate((None, "4", "sometimes"), 1):
        engagement.configure(identifyCreateContact=value)
        assert len(contact(f"{number}{ben}")) == 1
    engagement.site.ok("wes_chat_channel", **channel, contact_handling="create")


def test_visitors_are_counted(engagement: Engagement) -> None:
    """The client that the demo uses: its report agrees with the stores."""
    visitors = [{"EmailAddress": f"{name}@example.org"} for name in ("cleo", "dora", "cleo")]
    configuration = Configuration(engagement.sandbox.environment["confserv_host"], engagement.sandbox.environment["confserv_port"])
    report = visit(engagement.sandbox.directory, configuration, "WES_1", visitors, rate=5.0, seconds=1.0)
    assert (report["opened"], report["queues"], report["contacts_created"]) == (3, {"Webengagement_Chat": 3}, 2)
    assert report["messages_sent"] > 0 and (report["messages_lost"], report["messages_doubled"], report["problems"]) == (0, 0, [])
    again = visit(engagement.sandbox.directory, configuration, "WES_1", visitors, rate=5.0, seconds=0.5)
    assert (again["opened"], again["contacts_created"]) == (3, 0)


def test_a_chat_goes_on_when_its_chat_server_is_killed(engagement: Engagement) -> None:
    """Two chats of the same Chat Server: in one the visitor writes next, in the other nobody does, and the update finds out."""
    visitors = [Visitor(engagement) for _number in range(4)]
    place = engagement.chat_server(visitors[0])
    writing, waiting = [visitor for visitor in visitors if engagement.chat_server(visitor) == place]
    for visitor in visitors:
        visitor.say(1, "before")
    before = engagement.log().count(f"Connection to ChatServer '{place}'")
    engagement.kill(place)
    writing.say(2, "after")
    # The other one's connection is found lost by the update alone.
    wait_until(lambda: engagement.log().count(f"Connection to ChatServer '{place}'") == before + 2)
    waiting.say(2, "after")
    for visitor in (writing, waiting):
        assert engagement.transcript(visitor) == [(1, "before"), (2, "after")]
    for visitor in visitors:
        visitor.leave()
    engagement.control("started", place)


def test_a_chat_is_not_restored_after_its_time(restarted: Engagement) -> None:
    """With nobody left who could, it ends when the time-out of the channel is over."""
    restarted.site.ok("wes_chat_channel", **CHANNEL, refresh_period=1, session_restore_timeout=1)
    visitor = Visitor(restarted)
    for name in MEMBERS:
        restarted.kill(name)
    answer = visitor.ask("message", session=visitor.session, sequence=1, text="Hello?")
    assert answer["event"] == "ended" and answer["reason"].startswith("the session was not restored: 'ChatServer_")
    visitor.go()
    refused = Visitor(restarted)
    assert not refused.answer["ok"] and "does not answer" in refused.answer["error"]
    refused.go()
    restarted.control("started", *MEMBERS)


def test_a_wrong_endpoint_key(restarted: Engagement) -> None:
    """What the product prevents: the chat falls into the default queue, or there is none. A key counts from the next start on."""
    cases: list[tuple[str, list[Any], str]] = [
        ("1:nowhere", [("1", "Chat_In")], ""),
        ("101:webme", [], "no endpoint for tenant 101"),
        ("Environment:webme", [], "and not <tenant ID>:<endpoint>"),
    ]
    for number, (key, queue, refusal) in enumerate(cases):
        restarted.configure(queueKey=key)
        if not number:
            unaware = Visitor(restarted)
            assert restarted.queue(unaware) == [("1", "Webengagement_Chat")]
            unaware.leave()
        restarted.control("restarted", "WES_1")
        visitor = Visitor(restarted)
        assert (restarted.queue(visitor), visitor.answer["ok"]) == (queue, not refusal), key
        assert refusal in visitor.answer.get("error", "")
        visitor.go()
