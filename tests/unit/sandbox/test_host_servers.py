# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The stand-in servers: ports, log events, queues, transcripts, switching between UCS members, restoring sessions."""

from __future__ import annotations

import json
import re
import socket
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from unit.sandbox.host_site import CHAT_PORTS, HostSite, chat_site, package

from sandbox.packages import build_all
from sandbox.servers.log import Log


@pytest.fixture(scope="module")
def archives(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("archives")
    build_all(directory, sys.executable)
    return directory


@pytest.fixture
def site(tmp_path: Path, archives: Path) -> Iterator[HostSite]:
    with HostSite(tmp_path, archives) as running:
        yield running


class Client:
    """A chat client that talks to one Chat Server by JSON lines."""

    def __init__(self, site: HostSite, host: str, port: int = CHAT_PORTS["webapi"]) -> None:
        self._socket = socket.create_connection((site.host(host)["ipaddress"], port), timeout=20)
        self._file = self._socket.makefile("rwb")

    def send(self, **message: Any) -> None:
        self._file.write(json.dumps({"request": 1, **message}).encode() + b"\n")
        self._file.flush()

    def read(self) -> dict[str, Any]:
        answer: dict[str, Any] = json.loads(self._file.readline())
        return answer

    def ask(self, **message: Any) -> dict[str, Any]:
        self.send(**message)
        return self.read()

    def close(self) -> None:
        self._file.close()
        self._socket.close()


def rows(site: HostSite, database: str, query: str) -> list[Any]:
    with closing(sqlite3.connect(site.directory / database, timeout=10)) as connection:
        return connection.execute(query).fetchall()


def wait_until(condition: Callable[[], Any], seconds: float = 15.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def events(text: str) -> list[str]:
    return re.findall(r"^\d\d:\d\d:\d\d\.\d{3} Std (\d{5} .*)$", text, re.MULTILINE)


def test_ports_log_and_service(site: HostSite) -> None:
    parts = chat_site(site, chat_servers=1)
    chat = parts["chats"][0]
    site.start_scs()
    site.command("start", chat)
    site.wait("SERVICE_UNAVAILABLE", chat)
    for port in CHAT_PORTS.values():
        Client(site, "chat1", port).close()
    site.command("start", parts["interaction"])
    site.wait("RUNNING", parts["interaction"])
    wait_until(lambda: "Connected to InteractionServer 'IXN_1'" in site.log(chat))
    assert site.status(chat) == "SERVICE_UNAVAILABLE"
    site.command("start", parts["primary"])
    site.wait("RUNNING", chat)
    site.command("stop", chat)
    site.wait("STOPPED", chat)
    text = site.log(chat)
    for line in ("Application name: ChatServer_1", "Application type: ChatServer", "Host name:        chat1", "Local time:       20"):
        assert line in text
    found = events(text)
    assert found[:3] == ["05060 Application started", "05200 Chat Server. Version 8.5.311.06", "06053 Configuration for application obtained"]
    assert found[3:7] == [f"04525 Port {port} opened for listening" for port in CHAT_PORTS.values()]
    assert "05061 Initialization completed" in found
    assert "04503 Connected to ContactServer 'UCS 1' at host 'ucs1', port 5100" in found
    assert "04502 Cannot connect to InteractionServer 'IXN_1' at host 'ixn1', port 4420, reason 'Connection refused'" in found
    assert found[-2:] == ["05063 Normal termination ", "05065 Application stopped"]


def test_port_in_use(site: HostSite) -> None:
    chat = chat_site(site, chat_servers=1)["chats"][0]
    site.start_scs()
    with socket.create_server((site.host("chat1")["ipaddress"], CHAT_PORTS["ESP"])):
        site.command("start", chat)
        site.wait("INITIALIZING", chat)
        site.wait("STOPPED", chat)
    found = events(site.log(chat))
    assert f"04526 Cannot open port {CHAT_PORTS['ESP']} for listening, reason 'Address already in use'" in found
    assert found[-1] == f"05062 Application initialization failed, reason 'cannot open port {CHAT_PORTS['ESP']}'"


def test_endpoints_queues_and_transcripts(site: HostSite) -> None:
    parts = chat_site(site, chat_servers=1)
    site.start(parts)
    client = Client(site, "chat1")
    wanted = {"default": "Chat_In", "webme": "Web_In", "no such endpoint": "Chat_In"}
    for endpoint, queue in wanted.items():
        answer = client.ask(op="create", tenant="Environment" if endpoint == "webme" else "1", endpoint=endpoint)
        assert (answer["ok"], answer["queue"]) == (True, queue)
        (row,) = rows(site, "ixn/queues.db", f"SELECT queue, media, submitted_by FROM interactions WHERE interaction = '{answer['interaction']}'")
        assert row == (queue, "chat", "ChatServer_1")
    session = answer["session"]
    for sequence in (1, 2, 2):
        assert client.ask(op="message", session=session, sequence=sequence, text="hello")["ok"]
    stored = rows(site, "ucs/ucs.db", f"SELECT message, member, stored FROM deliveries WHERE session = '{session}'")
    assert stored == [(f"{session}:1", "UCS 1", 1), (f"{session}:2", "UCS 1", 1)]
    assert client.ask(op="leave", session=session)["ok"]
    assert client.ask(op="message", session=session, sequence=3)["error"] == "no such session"
    assert rows(site, "ixn/queues.db", f"SELECT stopped IS NULL FROM interactions WHERE interaction = '{answer['interaction']}'") == [(0,)]


def test_interaction_needs_an_existing_queue(site: HostSite) -> None:
    parts = chat_site(site, chat_servers=1)
    options = parts["chats"][0]["options"]["property"]
    options.append({"section": "endpoints:1", "key": "later", "value": "Later_In"})
    site.start(parts)
    client = Client(site, "chat1")
    assert "queue 'Later_In' does not exist" in client.ask(op="create", endpoint="later")["error"]
    site.confserv.add("CfgScript", name="Later_In", subtype="CFGSimpleRouting", tenantdbid="1")
    assert not client.ask(op="create", endpoint="later")["ok"]
    site.queue("Later_In")
    assert client.ask(op="create", endpoint="later")["ok"]


def test_no_endpoint_for_the_tenant(site: HostSite) -> None:
    parts = chat_site(site, chat_servers=1)
    site.start(parts)
    assert Client(site, "chat1").ask(op="create", tenant="101")["error"] == "no endpoint for tenant 101"


def test_switch_over_and_back_without_loss(site: HostSite) -> None:
    parts = chat_site(site, chat_servers=1)
    site.start(parts)
    chat, client = parts["chats"][0], Client(site, "chat1")
    session = client.ask(op="create")["session"]
    sent = 0

    def send_some() -> None:
        nonlocal sent
        for _number in range(20):
            sent += 1
            client.send(op="message", session=session, sequence=sent)

    send_some()
    site.command("kill", parts["primary"])
    send_some()
    site.wait("STOPPED", parts["primary"])
    send_some()
    assert all(client.read()["ok"] for _number in range(sent))
    lost = "04504 Connection to ContactServer 'UCS 1' at host 'ucs1', port 5100 lost"
    found = events(site.log(chat))
    begin = found.index(lost)
    assert found[begin + 1 : begin + 3] == [
        "04581 Primary server ContactServer 'UCS 1' is not available, switching to backup ContactServer 'UCS 2'",
        "04503 Connected to ContactServer 'UCS 2' at host 'ucs2', port 5100",
    ]
    site.command("start", parts["primary"])
    site.wait("RUNNING", parts["primary"])
    assert events(site.log(chat))[-1].startswith("04503 Connected to ContactServer 'UCS 2'")
    site.command("stop", parts["backup"])
    send_some()
    site.wait("STOPPED", parts["backup"])
    assert all(client.read()["ok"] for _number in range(20))
    back = "04503 Connected to ContactServer 'UCS 1' at host 'ucs1', port 5100"
    wait_until(lambda: back in events(site.log(chat))[begin + 3 :])
    stored = rows(site, "ucs/ucs.db", "SELECT message, SUM(stored) FROM deliveries GROUP BY message")
    assert sorted(stored) == sorted((f"{session}:{number}", 1) for number in range(1, sent + 1))


def test_repeated_delivery_is_kept_but_does_not_count(site: HostSite) -> None:
    parts = chat_site(site, chat_servers=1)
    site.start(parts)
    record = {"op": "store", "message": "s:1", "session": "s", "sequence": 1, "text": ""}
    for host in ("ucs1", "ucs2"):
        assert Client(site, host, 5100).ask(**record)["ok"]
    assert rows(site, "ucs/ucs.db", "SELECT member, stored FROM deliveries ORDER BY member") == [("UCS 1", 1), ("UCS 2", 0)]


def test_without_a_ucs_sessions_end_after_a_bounded_time(site: HostSite) -> None:
    parts = chat_site(site, chat_servers=1, settings={"transcript-resend-attempts": "4", "transcript-resend-delay": "0.5"})
    site.start(parts)
    client = Client(site, "chat1")
    session = client.ask(op="create")["session"]
    site.command("kill", parts["primary"], parts["backup"])
    site.wait("STOPPED", parts["primary"], parts["backup"])
    site.wait("SERVICE_UNAVAILABLE", parts["chats"][0])
    begin = time.monotonic()
    client.send(op="message", session=session, sequence=1)
    answers = [client.read(), client.read()]
    assert time.monotonic() - begin < 10
    assert {"event": "ended", "session": session, "reason": "the transcript could not be saved"} in answers
    assert {"ok": False, "error": "the message could not be stored", "request": 1} in answers


def test_session_is_restored_on_another_instance(site: HostSite) -> None:
    parts = chat_site(site)
    site.start(parts)
    client = Client(site, "chat1")
    session = client.ask(op="create")["session"]
    assert client.ask(op="message", session=session, sequence=1)["ok"]
    site.command("kill", parts["chats"][0])
    other = Client(site, "chat2")
    assert other.ask(op="attach", session=session)["error"] == "no such session"
    assert other.ask(op="restore", session=session)["ok"]
    assert other.ask(op="message", session=session, sequence=1)["ok"]
    assert other.ask(op="message", session=session, sequence=2)["ok"]
    stored = rows(site, "ucs/ucs.db", "SELECT sequence, stored FROM deliveries ORDER BY rowid")
    assert stored == [(1, 1), (1, 0), (2, 1)]
    assert other.ask(op="restore", session="unknown")["error"] == "no such session"


def test_sessions_are_not_restored_unless_configured(site: HostSite) -> None:
    parts = chat_site(site, settings={"session-restoration-mode": "none"})
    site.start(parts)
    session = Client(site, "chat1").ask(op="create")["session"]
    assert Client(site, "chat2").ask(op="restore", session=session)["error"] == "sessions are not restored"


def test_idle_web_client_is_disconnected(site: HostSite) -> None:
    parts = chat_site(site, chat_servers=1, settings={"flex-disconnect-timeout": "1"})
    site.start(parts)
    client = Client(site, "chat1")
    session = client.ask(op="create")["session"]
    assert client.read() == {"event": "ended", "session": session, "reason": "flex-disconnect-timeout"}


def test_running_server_follows_its_configuration(site: HostSite) -> None:
    parts = chat_site(site, chat_servers=1)
    site.start(parts)
    chat = parts["chats"][0]
    other = site.application("UCS 3", package("eSContSrv"), "ucs3", {"default": 5100})
    site.command("start", other)
    site.wait("RUNNING", other)
    with site.confserv.lock:
        connections = [item for item in chat["appservers"]["conninfo"] if item["appserverdbid"] != parts["primary"]["dbid"]]
        chat["appservers"] = {"conninfo": [*connections, {"id": "default", "appserverdbid": other["dbid"]}]}
    wait_until(lambda: "Connected to ContactServer 'UCS 3'" in site.log(chat))
    assert "04505 Disconnected from ContactServer 'UCS 1'" in events(site.log(chat))
    assert Client(site, "chat1").ask(op="create")["ok"]


def test_interaction_server_connects_to_the_esp_ports(site: HostSite) -> None:
    parts = chat_site(site)
    site.start(parts)
    expected = {f"04503 Connected to ChatServer 'ChatServer_{n}' at host 'chat{n}', port {CHAT_PORTS['ESP']}" for n in (1, 2)}
    wait_until(lambda: expected <= set(events(site.log(parts["interaction"]))))


def test_chat_through_gms(site: HostSite) -> None:
    parts = chat_site(site)
    gms = site.application("GMS_1", package("GMS"), "gms1", {"default": 8888})
    site.connect(gms, *parts["chats"], port_id="webapi")
    site.start(parts)
    site.command("start", gms)
    site.wait("RUNNING", gms)
    client = Client(site, "gms1", 8888)
    answers = [client.ask(op="create", tenant="Environment", endpoint="webme") for _number in range(2)]
    assert [answer["queue"] for answer in answers] == ["Web_In", "Web_In"]
    submitters = rows(site, "ixn/queues.db", "SELECT DISTINCT submitted_by FROM interactions ORDER BY 1")
    assert submitters == [("ChatServer_1",), ("ChatServer_2",)]
    session = answers[0]["session"]
    assert client.ask(op="message", session=session, sequence=1)["ok"]
    site.command("kill", parts["chats"][0])
    assert client.ask(op="message", session=session, sequence=2)["ok"]
    assert client.ask(op="message", session=answers[1]["session"], sequence=1)["ok"]
    assert client.ask(op="leave", session=session)["ok"]


# -- log -------------------------------------------------------------------------------------------------------------------


def log_file(directory: Path, options: dict[str, str]) -> str:
    log = Log("Chat 1", "chat1")
    log.event("05060")
    log.open({key: str(directory / value) if key == "all" else value for key, value in options.items()}, "Chat Server", "8.5.311.06", "ChatServer")
    log.event("04500", "ContactServer", "UCS 1", "ucs1", 5100)
    log.event("04503", "ContactServer", "UCS 1", "ucs1", 5100)
    (file,) = directory.glob("chat.*.log")
    assert re.fullmatch(r"chat\.\d{8}_\d{6}_\d{3}\.log", file.name)
    return file.read_text(encoding="utf-8")


def test_short_format(tmp_path: Path) -> None:
    lines = log_file(tmp_path, {"all": "chat", "verbose": "standard"}).splitlines()[-2:]
    assert re.fullmatch(r"\d\d:\d\d:\d\d\.\d{3} Std 05060 Application started", lines[0])
    assert re.fullmatch(r"\d\d:\d\d:\d\d\.\d{3} Std 04503 Connected to ContactServer 'UCS 1' at host 'ucs1', port 5100", lines[1])


def test_full_format_and_trace(tmp_path: Path) -> None:
    lines = log_file(tmp_path, {"all": "chat", "verbose": "all", "message_format": "full"}).splitlines()[-2:]
    stamp = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}"
    assert re.fullmatch(stamp + r" Trace chat1 Chat 1 GCTI-00-04500 Connecting to ContactServer 'UCS 1' at host 'ucs1', port 5100", lines[0])
    assert re.fullmatch(stamp + r" Standard chat1 Chat 1 GCTI-00-04503 Connected to ContactServer 'UCS 1' at host 'ucs1', port 5100", lines[1])


def test_iso_time(tmp_path: Path) -> None:
    assert re.search(r"^\d{4}-\d\d-\d\dT[\d:.]{12} Std 05060 ", log_file(tmp_path, {"all": "chat", "time-format": "ISO8601"}), re.MULTILINE)
