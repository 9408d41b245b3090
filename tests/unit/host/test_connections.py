# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""To which UCS a Chat Server is connected: with tables of our own, and with real connections of real processes over loopback."""

from __future__ import annotations

import contextlib
import itertools
import json
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from unit.host.test_old_python import ROOT, needs_python36, run

from ansible_collections.genesys_engage.chat.plugins.module_utils._host.observe import connections
from ansible_collections.genesys_engage.chat.plugins.module_utils._host.observe.connections import addresses_of, established, judge, plain, wait_for_member
from ansible_collections.genesys_engage.chat.plugins.module_utils._host.system.errors import HostError
from ansible_collections.genesys_engage.chat.plugins.modules import contact_server_connection_info

# --- what the kernel tells ----------------------------------------------------------------------------------------------

HEAD = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
#: As a kernel of a little-endian machine writes them; 13EC is 5100.
TCP = f"""{HEAD}\
   0: 00000000:13EC 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 100 1 0000000000000000 100 0 0 10 0
   1: 0B0812C6:C350 0C0812C6:13EC 01 00000000:00000000 02:000006D6 00000000  1000        0 101 2 0000000000000000 20 4 30 10 -1
   2: 0B0812C6:C351 0D0812C6:13EC 08 00000000:00000000 00:00000000 00000000  1000        0 102 1 0000000000000000 20 4 24 10 -1
   3: 0B0812C6:C352 0E0812C6:13EC 02 00000001:00000000 01:00000064 00000001  1000        0 103 2 0000000000000000 400 0 0 1 7
   4: 0B0812C6:13EC 0F0812C6:C353 01 00000000:00000000 00:00000000 00000000  1000        0 104 1 0000000000000000 20 4 24 10 -1
   5: 0B0812C6:C354 0C0812C6:13ED 01 00000000:00000000 00:00000000 00000000  1000        0 105 1 0000000000000000 20 4 24 10 -1
"""
TCP6 = f"""{HEAD}\
   0: 0000000000000000FFFF00000B0812C6:C360 0000000000000000FFFF0000100812C6:13EC 01 00000000:00000000 00:00000000 00000000  1000        0 106 1 0 20 4 30 10 -1
   1: B80D01200000000000000000010000AB:C361 B80D01200000000000000000050000AB:13EC 01 00000000:00000000 00:00000000 00000000  1000        0 107 1 0 20 4 30 10 -1
"""  # fmt: skip


@pytest.fixture
def proc(tmp_path: Path) -> Path:
    place = tmp_path / "proc"
    (place / "net").mkdir(parents=True)
    (place / "net" / "tcp").write_text(TCP)
    (place / "net" / "tcp6").write_text(TCP6)
    return place


@pytest.mark.parametrize(
    ("address", "port", "found"),
    [
        ("198.18.8.12", 5100, True),
        ("198.18.8.12", 5101, True),
        ("198.18.8.12", 50000, False),
        ("198.18.8.13", 5100, False),
        ("198.18.8.14", 5100, False),
        ("198.18.8.15", 5100, False),
        ("198.18.8.15", 50003, True),
        ("198.18.8.16", 5100, True),
        ("2001:db8::ab00:5", 5100, True),
        ("2001:db8::ab00:1", 5100, False),
    ],
    ids=["connected", "another-port", "our-own-port", "closed-by-the-other-side", "not-yet", "a-client-of-ours", "and-its-port", "mapped", "ipv6", "ourselves"],
)
def test_an_established_connection_is_found_by_the_other_side(proc, address, port, found):
    assert established({(address, port), ("203.0.113.1", 5100)}, None, str(proc)) == ({(address, port)} if found else set())


def test_only_the_sockets_that_count(proc):
    places = {("198.18.8.12", 5100), ("198.18.8.16", 5100), ("2001:db8::ab00:5", 5100)}
    assert established(places, {"106", "105"}, str(proc)) == {("198.18.8.16", 5100)}
    assert established(places, set(), str(proc)) == set()


def test_a_host_without_ipv6_and_one_that_tells_nothing(proc):
    (proc / "net" / "tcp6").unlink()
    assert established({("198.18.8.12", 5100)}, None, str(proc)) == {("198.18.8.12", 5100)}
    (proc / "net" / "tcp").unlink()
    assert established({("198.18.8.12", 5100)}, None, str(proc)) is None


@pytest.mark.parametrize(
    ("address", "written"), [("::ffff:127.0.0.1", "127.0.0.1"), ("127.0.0.1", "127.0.0.1"), ("2001:DB8:0::1", "2001:db8::1"), (b"\x7f\0\0\1", "127.0.0.1")]
)
def test_every_address_has_one_form(address, written):
    assert plain(address) == written


def test_addresses_of_a_host(monkeypatch):
    assert addresses_of("127.9.8.7") == {"127.9.8.7"}
    assert addresses_of("::ffff:127.9.8.7") == {"127.9.8.7"}
    assert addresses_of("") is None  # which the resolver would take for this host
    answers = [(10, 1, 6, "", ("fe80::1%eth0", 0, 0, 2)), (10, 1, 6, "", ("::ffff:192.0.2.1", 0, 0, 0)), (2, 1, 6, "", ("192.0.2.1", 0))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_arguments, **_options: answers)
    assert addresses_of("ucs1") == {"fe80::1", "192.0.2.1"}

    def unknown(*_arguments: object, **_options: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    assert addresses_of("ucs1") is None


# --- the decision -------------------------------------------------------------------------------------------------------

YES, NO, UNSEEN = True, False, None


@pytest.mark.parametrize(
    ("told", "primary", "backup", "own", "member", "evidence"),
    [
        # The log is believed, whatever else there is, as long as its connection exists or can't be seen.
        ("primary", YES, NO, True, "primary", "log"),
        ("primary", YES, YES, True, "primary", "log"),
        ("primary", UNSEEN, YES, True, "primary", "log"),
        ("backup", NO, YES, False, "backup", "log"),
        ("both", YES, YES, True, "both", "log"),
        ("none", NO, NO, True, "none", "log"),
        # A connection to a server that does not answer exists too.
        ("none", NO, YES, True, "none", "log"),
        # Refuted: the log lags behind.
        ("primary", NO, NO, True, "none", "connections"),
        ("primary", NO, NO, False, "none", "connections"),
        ("primary", NO, UNSEEN, True, "none", "connections"),
        ("primary", NO, YES, True, "backup", "connections"),
        ("both", NO, YES, False, "backup", "connections"),
        ("both", NO, UNSEEN, True, "backup", "connections"),
        ("both", NO, NO, True, "none", "connections"),
        # The other connection may be another Chat Server's, of which the log would speak in vain.
        ("primary", NO, YES, False, "none", "connections"),
        ("backup", YES, NO, False, "none", "connections"),
        # The log is silent.
        ("unknown", YES, NO, False, "primary", "connections"),
        ("unknown", NO, YES, True, "backup", "connections"),
        ("unknown", UNSEEN, YES, True, "backup", "connections"),
        ("unknown", YES, YES, False, "both", "connections"),
        ("unknown", NO, NO, True, "none", "connections"),
        ("unknown", UNSEEN, NO, True, "unknown", None),
        ("unknown", UNSEEN, UNSEEN, False, "unknown", None),
    ],
)
def test_what_decides(told, primary, backup, own, member, evidence):
    assert judge(told, {"primary": primary, "backup": backup}, own) == (member, evidence)


@pytest.mark.parametrize(
    ("told", "primary", "result"),
    [("primary", YES, ("primary", "log")), ("primary", NO, ("none", "connections")), ("unknown", NO, ("none", "connections")), ("none", YES, ("none", "log"))],
)
def test_a_ucs_without_backup(told, primary, result):
    assert judge(told, {"primary": primary}, True) == result


# --- real connections ---------------------------------------------------------------------------------------------------

#: A process that connects and disconnects as it is told, and tells when it has done so.
SERVER = """
import socket, sys
links = {}
for line in sys.stdin:
    word, port = line.split()
    if word == "connect":
        links[port] = socket.create_connection(("127.0.0.1", int(port)), timeout=20)
    else:
        links.pop(port).close()
    print("done", flush=True)
"""

MEMBERS = ("primary", "backup")
NAMES = dict(zip(MEMBERS, ("UCS 1", "UCS_2"), strict=True))


class ChatServer:
    """A process that is found as a Chat Server's is, and its log."""

    def __init__(self, site: Site, name: str) -> None:
        self.site, self.name = site, name
        self.directory = site.place / name
        self.directory.mkdir()
        self._process: subprocess.Popen[str] | None = None
        self._time = itertools.count()

    def start(self) -> None:
        command = [sys.executable, "-c", SERVER, "-host", "cs", "-app", self.name]
        self._process = subprocess.Popen(command, cwd=self.directory, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate(timeout=20)
            self._process = None

    def _tell(self, word: str, member: str) -> None:
        assert self._process is not None and self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(f"{word} {self.site.port(member)}\n")
        self._process.stdin.flush()
        assert self._process.stdout.readline() == "done\n"

    def connect(self, member: str) -> None:
        """Return when the connection is established."""
        self._tell("connect", member)

    def close(self, member: str) -> None:
        """Return when it is not established any more."""
        self._tell("close", member)

    def log(self, event: str, member: str = "", host: str = "127.0.0.1") -> None:
        """Write a line: 04503 connected, 04504 lost, 05060 started."""
        words = {"04503": "Connected to ContactServer '{}' at {}", "04504": "Connection to ContactServer '{}' at {} lost", "05060": "Application started"}
        where = f"host '{host}', port {self.site.port(member)}" if member else ""
        with (self.directory / "chat.20260301_101500_000.log").open("a") as stream:
            if not stream.tell():
                stream.write(f"Application name: {self.name}\nLocal time:       2026-03-01T10:15:00.000\n")
            stream.write(f"2026-03-01T10:15:{next(self._time):02d}.000 Std {event} {words[event].format(NAMES.get(member), where)}\n")

    def params(self, **changes: Any) -> dict[str, Any]:
        """The options of the module, with its defaults."""
        members = {member: {"name": NAMES[member], "address": "127.0.0.1", "port": self.site.port(member)} for member in MEMBERS}
        place = {"application": self.name, "directory": str(self.directory), "name": "chat"}
        return {**members, **place, "expected": None, "timeout": 0.0, "since": None, "max_bytes": 1 << 24, "encoding": "utf-8", **changes}

    def find(self, **changes: Any) -> dict[str, Any]:
        return wait_for_member(self.params(**changes))

    def member(self, **changes: Any) -> tuple[str, str | None]:
        result = self.find(**changes)
        return result["member"], result["evidence"]


class Site:
    """Two UCS that take connections, and Chat Servers."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self._listeners = {member: socket.create_server(("127.0.0.1", 0)) for member in MEMBERS}
        self._chat_servers: list[ChatServer] = []

    def port(self, member: str) -> int:
        return int(self._listeners[member].getsockname()[1])

    def chat_server(self, name: str, start: bool = True) -> ChatServer:
        made = ChatServer(self, name)
        self._chat_servers.append(made)
        if start:
            made.start()
        return made

    def end(self) -> None:
        for chat_server in self._chat_servers:
            chat_server.stop()
        for listener in self._listeners.values():
            listener.close()


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    made = Site(tmp_path)
    yield made
    made.end()


@pytest.fixture
def chat(site: Site) -> ChatServer:
    return site.chat_server("Chat 1")


@contextlib.contextmanager
def connected(site: Site, member: str) -> Iterator[None]:
    """A connection of another process: of the tests'."""
    with socket.create_connection(("127.0.0.1", site.port(member))):
        yield


def test_log_and_connections_agree(chat):
    chat.log("05060")
    chat.connect("primary")
    chat.log("04503", "primary")
    result = chat.find()
    assert result.pop("seconds") >= 0
    assert result == {
        "member": "primary",
        "connected_to": "UCS 1",
        "evidence": "log",
        "reached": True,
        "reconnects": 0,
        "until": "2026-03-01T10:15:01.000",
        "log_problem": None,
        "text": "'Chat 1' is connected to the primary 'UCS 1', as its log says.",
    }


def test_a_switch_step_by_step(chat):
    chat.log("05060")
    chat.connect("primary")
    chat.log("04503", "primary")
    since = chat.find()["until"]
    chat.close("primary")
    result = chat.find()
    assert (result["member"], result["connected_to"], result["evidence"], result["log_problem"]) == ("none", None, "connections", None)
    assert result["text"] == (
        "'Chat 1' is connected to neither the primary 'UCS 1' nor the backup 'UCS_2', "
        "by the established connections of its process; its log still says: primary."
    )
    chat.log("04504", "primary")
    assert chat.member() == ("none", "log")
    chat.connect("backup")
    assert chat.member() == ("none", "log")  # that somebody listens there is no answer yet
    chat.log("04503", "backup")
    result = chat.find(since=since)
    assert (result["member"], result["connected_to"], result["evidence"], result["reconnects"]) == ("backup", "UCS_2", "log", 1)
    assert chat.find(since=result["until"])["reconnects"] == 0


def test_a_log_that_lags_behind_a_whole_switch(chat):
    chat.log("04503", "primary")
    chat.connect("backup")
    result = chat.find()
    assert (result["member"], result["evidence"], result["reconnects"]) == ("backup", "connections", 0)
    assert result["text"] == "'Chat 1' is connected to the backup 'UCS_2', by the established connections of its process; its log still says: primary."


def test_the_connection_of_another_process_does_not_speak_for_the_log(site):
    """The process is not found, and the log has not said that it is connected to the backup."""
    chat = site.chat_server("Chat 1", start=False)
    chat.log("04503", "primary")
    with connected(site, "primary"):
        assert chat.member() == ("primary", "log")
    with connected(site, "backup"):
        assert chat.member() == ("none", "connections")


@pytest.mark.parametrize("missing", [{"name": None}, {"name": ""}, {"name": "another"}], ids=json.dumps)
def test_without_a_log_connections_decide(chat, missing):
    chat.log("04503", "primary")
    chat.connect("backup")
    result = chat.find(**missing)
    assert (result["member"], result["evidence"], result["reconnects"], result["until"]) == ("backup", "connections", None, None)
    assert result["log_problem"]
    assert result["text"] == "'Chat 1' is connected to the backup 'UCS_2', by the established connections of its process; its log was not read."


def test_the_log_of_another_chat_server_is_not_used(site, chat):
    other = site.chat_server("Chat 2", start=False)
    other.log("04503", "primary")
    for path in other.directory.iterdir():
        path.rename(chat.directory / path.name)
    chat.connect("backup")
    result = chat.find()
    assert (result["member"], result["evidence"]) == ("backup", "connections")
    assert "no log file of 'Chat 1'; the files belong to: Chat 2" in result["log_problem"]


def test_a_log_without_a_word_of_the_pair(chat):
    chat.log("05060")
    assert chat.member() == ("none", "connections")
    chat.connect("primary")
    result = chat.find()
    assert (result["member"], result["evidence"], result["log_problem"]) == ("primary", "connections", "The log has no event about UCS 1 or UCS_2.")
    assert result["text"].endswith("its log does not tell.")
    chat.log("04503", "primary")
    for _line in range(9):
        chat.log("05060")
    assert chat.find(max_bytes=300)["log_problem"] == "The log has no event about UCS 1 or UCS_2, as far back as it was read."


def test_several_chat_servers_of_a_host(site):
    first, second = (site.chat_server(f"Chat {number}") for number in (1, 2))
    first.connect("primary")
    second.connect("backup")
    assert first.member() == ("primary", "connections")
    assert second.member() == ("backup", "connections")
    together = first.find(directory=None)
    assert (together["member"], together["connected_to"], together["log_problem"]) == ("both", None, "directory of the log is not given.")
    assert together["text"] == (
        "'Chat 1' is connected to the primary 'UCS 1' and the backup 'UCS_2', by the established connections of this host, "
        "where another server may have them; its log was not read."
    )


def test_a_directory_that_is_reached_by_a_link(site, chat):
    link = site.place / "link"
    link.symlink_to(chat.directory)
    chat.connect("primary")
    with connected(site, "backup"):
        assert chat.member(directory=str(link)) == ("primary", "connections")


def test_who_may_not_see_the_sockets_takes_those_of_the_host(site, chat, monkeypatch):
    monkeypatch.setattr(connections, "sockets_of", lambda *_arguments: None)
    with connected(site, "backup"):
        result = chat.find()
    assert (result["member"], result["evidence"]) == ("backup", "connections")
    assert "where another server may have them" in result["text"]


def test_the_log_is_believed_where_the_address_is_not_known(chat, monkeypatch):
    chat.log("04503", "primary", host="ucs1")
    monkeypatch.setattr(connections, "addresses_of", lambda host: None)
    assert chat.member() == ("primary", "log")
    result = chat.find(name=None)
    assert (result["member"], result["connected_to"], result["evidence"]) == ("unknown", None, None)
    assert result["text"].startswith("It is not known whether 'Chat 1' is connected to the primary 'UCS 1' or the backup 'UCS_2': its log was not read, and ")


def test_the_log_names_another_address(chat, monkeypatch):
    """A host with several addresses: the Chat Server uses another one than the one that we were given."""
    known = {"ucs1": {"127.0.0.1"}, "10.0.0.1": {"10.0.0.1"}}
    monkeypatch.setattr(connections, "addresses_of", lambda host: known.get(host, {host}))
    primary = {**chat.params()["primary"], "address": "10.0.0.1"}
    chat.log("04503", "primary", host="ucs1")
    chat.connect("primary")
    assert chat.member(primary=primary) == ("primary", "log")
    chat.close("primary")
    assert chat.member(primary=primary) == ("none", "connections")


def test_a_pair_of_one(chat):
    chat.connect("primary")
    assert chat.member(backup=None) == ("primary", "connections")
    chat.close("primary")
    assert chat.find(backup=None)["text"].startswith("'Chat 1' is not connected to the primary 'UCS 1', by")


def test_over_ipv6(chat):
    if not socket.has_ipv6:
        pytest.skip("this Python knows no IPv6")
    with contextlib.ExitStack() as stack:
        try:
            server = stack.enter_context(socket.create_server(("::", 0), family=socket.AF_INET6, dualstack_ipv6=True))
        except OSError:
            pytest.skip("this machine has no IPv6")
        port = server.getsockname()[1]
        client = stack.enter_context(socket.socket(socket.AF_INET6))
        client.settimeout(20)
        client.connect(("::ffff:127.0.0.1", port))
        assert established({("127.0.0.1", port)}, None) == {("127.0.0.1", port)}
        assert established({("127.0.0.2", port)}, None) == set()


# --- waiting ------------------------------------------------------------------------------------------------------------


def test_it_waits_until_the_switch_has_happened(chat, monkeypatch):
    """Another thread switches when the module has looked once; the module ends when it sees that, long before its time is over."""
    chat.log("04503", "primary")
    chat.connect("primary")
    looked = threading.Event()
    seen: list[str] = []
    look = connections.Observer.look

    def noticed(observer: connections.Observer) -> dict[str, Any]:
        result = look(observer)
        seen.append(result["member"])
        looked.set()
        return result

    def switch() -> None:
        assert looked.wait(60)
        chat.close("primary")
        chat.log("04504", "primary")
        chat.connect("backup")
        chat.log("04503", "backup")

    monkeypatch.setattr(connections.Observer, "look", noticed)
    thread = threading.Thread(target=switch)
    thread.start()
    try:
        result = chat.find(expected="backup", timeout=120.0)
    finally:
        thread.join()
    assert (result["reached"], result["member"], result["evidence"], result["reconnects"]) == (True, "backup", "log", 1)
    assert (seen[0], seen[-1]) == ("primary", "backup")
    assert "Expected" not in result["text"]


class Clock:
    """A clock that only sleep moves; each look takes some time."""

    def __init__(self, look: float = 0.0) -> None:
        self.now, self.look, self.naps = 100.0, look, []  # type: float, float, list[float]

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        assert seconds >= 0
        self.naps.append(seconds)
        self.now += seconds


@pytest.mark.parametrize(
    ("timeout", "look", "naps"),
    [(0, 0, []), (0.5, 0, [0.2, 0.2, 0.1]), (3, 1, [1]), (1.5, 1, [0.5]), (-1, 0, [])],
    ids=["none", "often", "long", "cut", "negative"],
)
def test_the_wait_is_bounded_and_a_long_look_is_not_repeated_all_the_time(chat, monkeypatch, timeout, look, naps):
    clock = Clock(look)
    original = connections.Observer.look

    def slow(observer: connections.Observer) -> dict[str, Any]:
        clock.now += clock.look
        return original(observer)

    monkeypatch.setattr(connections, "time", SimpleNamespace(monotonic=clock.monotonic, sleep=clock.sleep))
    monkeypatch.setattr(connections.Observer, "look", slow)
    result = chat.find(expected="primary", timeout=timeout)
    assert clock.naps == pytest.approx(naps)
    assert (result["reached"], result["member"], result["seconds"]) == (False, "none", pytest.approx(sum(naps) + look * (len(naps) + 1)))
    assert result["text"].endswith(f" Expected was the primary, within {timeout:g} s.")


@pytest.mark.parametrize(
    ("member", "expected", "reached"),
    [
        (None, None, True),
        (None, "any", False),
        (None, "primary", False),
        ("primary", None, True),
        ("primary", "any", True),
        ("primary", "primary", True),
        ("primary", "backup", False),
        ("backup", "any", True),
        ("backup", "backup", True),
        ("backup", "primary", False),
    ],
)
def test_what_is_expected(chat, member, expected, reached):
    if member:
        chat.connect(member)
    assert chat.find(expected=expected)["reached"] is reached


def test_both_is_no_member_alone(chat):
    chat.connect("primary")
    chat.connect("backup")
    assert [chat.find(expected=expected)["reached"] for expected in ("any", "primary", "backup", None)] == [True, False, False, True]


def test_without_an_expectation_there_is_no_wait(chat, monkeypatch):
    monkeypatch.setattr(connections, "time", SimpleNamespace(monotonic=lambda: 0.0, sleep=None))
    assert chat.find(timeout=60.0)["reached"] is True


# --- input and output ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"backup": None, "expected": "backup"}, "expected: there is no backup"),
        ({"primary": {"name": "UCS 1", "address": "127.0.0.1", "port": 0}}, "primary: 0 is not a port number"),
        ({"backup": {"name": "UCS_2", "address": "127.0.0.1", "port": 65536}}, "backup: 65536 is not a port number"),
        ({"since": "yesterday"}, "since: 'yesterday'"),
        ({"encoding": "nonsense"}, "encoding: 'nonsense'"),
        ({"max_bytes": 0}, "max_bytes: must be at least 1"),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else None,
)
def test_bad_input(site, changes, words):
    with pytest.raises(HostError, match=words):
        site.chat_server("Chat 1", start=False).find(**changes)


def test_everything_that_is_returned_is_documented(chat):
    assert set(chat.find()) == set(yaml.safe_load(contact_server_connection_info.RETURN)) - {"failure"}


OLD_PYTHON = """
import json, sys
sys.path.insert(0, sys.argv[1])
from module_utils._host.observe.connections import wait_for_member
print(json.dumps(wait_for_member(json.loads(sys.argv[2]))))
"""


@needs_python36
def test_python_3_6_sees_the_same(chat):
    chat.log("04503", "primary")
    chat.connect("backup")
    found = json.loads(run("-c", OLD_PYTHON, str(ROOT / "plugins"), json.dumps(chat.params(expected="backup"))))
    assert found.pop("seconds") >= 0
    wanted = chat.find(expected="backup")
    assert wanted.pop("seconds") >= 0
    assert (found, found["evidence"]) == (wanted, "connections")
