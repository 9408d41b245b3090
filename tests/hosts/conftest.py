# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One set of hosts for all tests of this directory, and one example site for those that deploy, break and upgrade it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hosts.example_site import EXAMPLES, Play, Site, running_sandbox
from hosts.machine import Hosts

#: Whoever runs the tests can choose the names on this machine, and so remove what a killed run left.
PREFIX = os.environ.get("TESTED_HOSTS_PREFIX", "gxtest")
#: They share the example site, in this order. The others come first: they have servers of their own, or none.
ON_THE_SITE = ["test_deploy.py", "test_upgrade.py"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the tests of the shared site come last."""
    items.sort(key=lambda item: ON_THE_SITE.index(item.path.name) if item.path.name in ON_THE_SITE else -1)


@pytest.fixture(scope="session")
def hosts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hosts]:
    """Ten hosts."""
    made = Hosts(tmp_path_factory.mktemp("hosts"), PREFIX)
    try:
        made.do("up")
        yield made
    finally:
        made.do("down")


@pytest.fixture(scope="session")
def example(hosts: Hosts, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The hosts with their packages, and a sandbox in their network; nothing is deployed."""
    with running_sandbox(hosts, tmp_path_factory.mktemp("sandbox")) as told:
        made = Site(hosts, told, tmp_path_factory.mktemp("controller"))
        made.play(EXAMPLES / "copy_packages.yml", packages=str(made.packages))
        yield made


@pytest.fixture(scope="session")
def first(example: Site) -> Play:
    """The first deployment of the example site. It stays: who breaks something repairs it."""
    return example.play("genesys_engage.chat.deploy")


@pytest.fixture
def two(tmp_path: Path) -> Iterator[Hosts]:
    """Two hosts that are not up yet."""
    made = Hosts(tmp_path / "two", f"{PREFIX}2", "chat1", "ucs1")
    yield made
    made.do("down")
