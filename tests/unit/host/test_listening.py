# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whose ports listen: with this machine's kernel, and with tables of our own."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from ansible_collections.genesys_engage.chat.plugins.module_utils._host.system.listening import listeners, processes_of, silent_ports, sockets_of

HEAD = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
UNIT = "genesys-A.service"


class Kernel:
    """A /proc of our own."""

    def __init__(self, place: Path) -> None:
        self.place = place
        (place / "net").mkdir()
        for table in ("tcp", "tcp6"):
            (place / "net" / table).write_text(HEAD)
        (place / "uptime").write_text("1 1\n")

    def socket(self, port: int, inode: int, state: str = "0A", table: str = "tcp") -> None:
        with (self.place / "net" / table).open("a") as stream:
            stream.write(f"   0: 00000000:{port:04X} 00000000:0000 {state} 00000000:00000000 00:00000000 00000000     0        0 {inode} 1 0 100 0 0 10 0\n")

    def process(self, number: int, group: str, *inodes: int) -> None:
        (self.place / str(number) / "fd").mkdir(parents=True)
        (self.place / str(number) / "cgroup").write_text(f"1:name=systemd:{group}\n0::{group}\n")
        os.symlink("/dev/null", self.place / str(number) / "fd" / "0")
        for position, inode in enumerate(inodes, 3):
            os.symlink(f"socket:[{inode}]", self.place / str(number) / "fd" / str(position))

    def silent(self, **ports: int) -> list[str]:
        return silent_ports(UNIT, ports, str(self.place))


@pytest.fixture
def kernel(tmp_path: Path) -> Kernel:
    made = Kernel(tmp_path)
    made.process(10, f"/system.slice/{UNIT}", 501, 502, 504)
    made.process(11, "/system.slice/genesys-B.service", 601)
    return made


def test_this_machine_tells_who_listens():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        own = sockets_of([os.getpid()])
        assert own is not None and listeners()[port] & own
        with socket.create_connection(("127.0.0.1", port)) as client:
            assert client.getsockname()[1] not in listeners()
        inodes = listeners()[port]
    assert not inodes & set().union(*listeners().values())


def test_ports_of_the_unit_are_found(kernel):
    kernel.socket(4580, 501)
    kernel.socket(4582, 502, table="tcp6")
    assert kernel.silent(default=4580, ESP=4582) == []


def test_a_port_that_nobody_has(kernel):
    kernel.socket(4580, 501)
    assert kernel.silent(default=4580, ESP=4582) == ["'ESP' (4582)"]


def test_a_port_that_another_process_has(kernel):
    kernel.socket(4580, 601)
    kernel.socket(4582, 999)
    assert kernel.silent(default=4580, ESP=4582) == ["'default' (4580)", "'ESP' (4582)"]


def test_a_connection_is_no_port(kernel):
    kernel.socket(4580, 504, state="01")
    assert kernel.silent(default=4580) == ["'default' (4580)"]


def test_processes_belong_to_a_unit_by_its_whole_name(kernel):
    kernel.process(12, f"/system.slice/x{UNIT}")
    kernel.process(13, f"/system.slice/{UNIT}/deeper")
    assert processes_of(UNIT, str(kernel.place)) == [10]


def test_without_ports_nothing_is_looked_at(tmp_path):
    assert silent_ports(UNIT, {}, str(tmp_path / "none")) == []


def test_who_may_not_see_takes_any_listener(kernel, monkeypatch):
    def refuse(path):
        if str(path).endswith("/fd"):
            raise PermissionError
        return listed(path)

    listed = os.listdir
    monkeypatch.setattr(os, "listdir", refuse)
    kernel.socket(4580, 999)
    assert kernel.silent(default=4580, ESP=4582) == ["'ESP' (4582)"]
