# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""port_status_info: ports that answer, answer late, and do not answer."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest

from ansible_collections.genesys_engage.chat.plugins.module_utils._host.system.errors import HostError
from ansible_collections.genesys_engage.chat.plugins.module_utils._host.system.ports import require_all, wait_for


def port(number: int) -> dict[str, object]:
    return {"name": "ChatServer_1", "id": "ESP", "address": "127.0.0.1", "port": number}


@pytest.fixture
def listening() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture
def silent() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        number: int = server.getsockname()[1]
    return number


def test_a_port_that_answers(listening: int) -> None:
    assert require_all([port(listening)], 1) == [dict(port(listening), listening=True)]


def test_a_silent_port_is_named(listening: int, silent: int) -> None:
    with pytest.raises(HostError, match=rf"ChatServer_1: port id 'ESP' at 127\.0\.0\.1:{silent}") as caught:
        require_all([port(listening), port(silent)], 0.3)
    assert str(listening) not in str(caught.value)


def test_a_port_that_answers_late_is_waited_for(silent: int) -> None:
    servers = []
    timer = threading.Timer(0.4, lambda: servers.append(socket.create_server(("127.0.0.1", silent))))
    timer.start()
    try:
        assert wait_for([port(silent)], 10)[0]["listening"]
    finally:
        timer.join()
        for server in servers:
            server.close()
