# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One set of hosts for all tests of this directory."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hosts.machine import Hosts

#: Whoever runs the tests can choose the names on this machine, and so remove what a killed run left.
PREFIX = os.environ.get("TESTED_HOSTS_PREFIX", "gxtest")


@pytest.fixture(scope="session")
def hosts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hosts]:
    """Ten hosts."""
    made = Hosts(tmp_path_factory.mktemp("hosts"), PREFIX)
    try:
        made.do("up")
        yield made
    finally:
        made.do("down")


@pytest.fixture
def two(tmp_path: Path) -> Iterator[Hosts]:
    """Two hosts that are not up yet."""
    made = Hosts(tmp_path / "two", f"{PREFIX}2", "chat1", "ucs1")
    yield made
    made.do("down")
