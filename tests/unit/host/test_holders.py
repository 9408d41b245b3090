# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who holds a port: with this machine's kernel, and with a kernel of our own."""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.genesys_engage.chat.plugins.module_utils._host.observe.holders import holders, require_free
from ansible_collections.genesys_engage.chat.plugins.module_utils._host.system.errors import HostError

HEAD = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
CHAT = "/opt/genesys/Chat 1"
ANY, ANY6, HOST, LOOPBACK = "00000000", "0" * 32, "0200000A", "0100007F"


class Kernel:
    """A /proc of our own, in which a process with the id 1 is visible."""

    def __init__(self, place: Path) -> None:
        self.place = place
        (place / "net").mkdir()
        for table in ("tcp", "tcp6"):
            (place / "net" / table).write_text(HEAD)
        self.process(1, ["/sbin/init"])

    def listen(self, port: int, inode: int, address: str = ANY) -> None:
        with (self.place / "net" / ("tcp" if len(address) == 8 else "tcp6")).open("a") as stream:
            stream.write(f"   0: {address}:{port:04X} 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 {inode} 1 0\n")

    def process(self, number: int, arguments: list[str], *inodes: int, cwd: str = "/", exe: str = "/bin/x", parent: int = 1, group: str = "/") -> None:
        place = self.place / str(number)
        (place / "fd").mkdir(parents=True)
        (place / "cmdline").write_bytes("".join(f"{argument}\0" for argument in arguments).encode())
        (place / "stat").write_text(f"{number} (some name) here) S {parent} 1 1 0\n")
        (place / "cgroup").write_text(f"0::{group}\n")
        for link, target in (("cwd", cwd), ("exe", exe)):
            os.symlink(target, place / link)
        for position, inode in enumerate(inodes, 3):
            os.symlink(f"socket:[{inode}]", place / "fd" / str(position))

    def check(self, *more: dict[str, Any], address: str = "10.0.0.2", **ports: int) -> tuple[list[dict[str, Any]], list[str]]:
        """Return the states of the ports of Chat 1, and the warnings."""
        warnings: list[str] = []
        wanted = [dict(name="Chat 1", id=port_id, address=address, port=port, directory=CHAT) for port_id, port in ports.items()]
        return require_free([*wanted, *more], warnings.append, str(self.place)), warnings


@pytest.fixture
def kernel(tmp_path: Path) -> Kernel:
    return Kernel(tmp_path)


def chat(*more: str) -> list[str]:
    return ["./ChatServer", "-host", "confserv", "-app", "Chat 1", *more]


def test_this_machine_tells_who_holds_a_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        (found,) = holders(port, "")
        assert found.process == os.getpid()
        assert str(found) == f"process {os.getpid()} ({os.path.basename(Path('/proc/self/cmdline').read_text().partition(chr(0))[0])})"
        with pytest.raises(HostError, match=rf"Taken: port {port} \(ESP\) of 'Chat 1' is held by process {os.getpid()} "):
            require_free([dict(name="Chat 1", id="ESP", address="127.0.0.1", port=port, directory="/nowhere")], print)
        assert holders(port, "127.0.0.9") == []
    assert holders(port, "") == []


def test_a_free_port(kernel):
    assert kernel.check(ESP=4582) == ([dict(name="Chat 1", id="ESP", address="10.0.0.2", port=4582, directory=CHAT, listening=False, holder=None)], [])


@pytest.mark.parametrize("address", [ANY, ANY6, HOST, LOOPBACK], ids=["any", "any of IPv6", "the host's", "loopback"])
def test_a_stranger_is_named(kernel, address):
    kernel.listen(4582, 70, address)
    kernel.process(7, ["/usr/sbin/nginx", "-password", "s3cret"], 70)
    with pytest.raises(HostError) as caught:
        kernel.check(default=4580, ESP=4582)
    cure = "Stop the process that holds the port, or give the application another port."
    assert str(caught.value) == f"Taken: port 4582 (ESP) of 'Chat 1' is held by process 7 (nginx). {cure}"
    assert [state["holder"] for state in caught.value.facts["ports"]] == [None, "process 7 (nginx)"]


@pytest.mark.parametrize(("address", "taken"), [(ANY, True), (ANY6, True), ("0200007F", True), ("0300007F", False), ("0200000A", False)])
def test_hosts_that_share_a_machine(kernel, address, taken):
    kernel.listen(4582, 70, address)
    kernel.process(7, ["nginx"], 70)
    assert bool(holders(4582, "127.0.0.2", str(kernel.place))) is taken


@pytest.mark.parametrize(
    ("number", "arguments", "more"),
    [
        (7, chat(), {"cwd": CHAT}),
        (7, chat(), {"cwd": "/", "exe": CHAT + "/ChatServer_64"}),
        (7, ["java", "-jar", "chat.jar"], {"cwd": CHAT + "/lib"}),
        (7, chat(), {"group": "/system.slice/genesys-Chat\\x201.service"}),
        (9, ["java"], {"parent": 8}),
    ],
    ids=["by its directory", "by its executable", "without a name", "by its unit", "by the process that started it"],
)
def test_the_applications_own_process_is_none(kernel, number, arguments, more):
    kernel.process(8, chat(), cwd=CHAT)
    kernel.process(number, arguments, 70, **more)
    kernel.listen(4582, 70)
    assert kernel.check(ESP=4582)[0][0]["holder"] is None


@pytest.mark.parametrize(
    ("arguments", "cwd", "told"),
    [
        (["./ChatServer", "-app", "Chat 2"], "/opt/genesys/Chat 2", r"process 7 \(ChatServer of the application 'Chat 2'\)"),
        (["./ChatServer", "-app", "Chat 2"], CHAT, r"process 7 \(ChatServer of the application 'Chat 2'\)"),
        (chat(), "/elsewhere", r"process 7 \(ChatServer of the application 'Chat 1'\)"),
        (["bash"], "/opt/genesys/Chat 10", r"process 7 \(bash\)"),
    ],
)
def test_another_applications_process_is_a_stranger(kernel, arguments, cwd, told):
    kernel.process(7, arguments, 70, cwd=cwd)
    kernel.listen(4582, 70)
    with pytest.raises(HostError, match=told):
        kernel.check(ESP=4582)


def test_ports_that_two_running_applications_exchange(kernel):
    """At its next start each gets what the other one has until then; one that does not run would not get it."""
    kernel.process(7, ["./ChatServer", "-app", "Chat 2"], 70, cwd="/opt/genesys/Chat 2")
    kernel.listen(4582, 70)
    other = dict(name="Chat 2", id="ESP", address="10.0.0.2", port=4599, directory="/opt/genesys/Chat 2")
    with pytest.raises(HostError, match="of the application 'Chat 2'"):
        kernel.check(other, ESP=4582)
    kernel.process(8, chat(), cwd=CHAT)
    kernel.check(other, ESP=4582)


def test_who_may_not_see_whose_it_is(kernel):
    """The socket belongs to no process that we see into, as it is without root."""
    kernel.listen(4582, 70)
    with pytest.raises(HostError, match=r"port 4582 \(ESP\) of 'Chat 1' is held by a process that can't be seen from here"):
        kernel.check(ESP=4582)
    kernel.process(8, chat())  # its places are not known either
    (state,), (warning,) = kernel.check(ESP=4582)
    assert state["listening"]
    assert "use become to see whether it is the application itself" in warning


def test_who_may_not_even_see_processes(kernel):
    kernel.listen(4582, 70)
    (kernel.place / "1" / "cmdline").write_bytes(b"")
    assert "use become" in kernel.check(ESP=4582)[1][0]
