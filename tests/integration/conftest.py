# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fixtures of the integration tests: one sandbox and one module runner for all, put back before each test."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from ansible.plugins.loader import init_plugin_loader
from integration.configured_site import Site
from integration.engagement import engage_cluster, provision
from integration.module_runner import ModuleRunner

from sandbox.testing import Sandbox, compiled_once, packed_once, usual_signals
from sandbox.warm import WarmPython

#: Files that take minutes, the longest first. A file stays with one worker, so these must not be the last to begin.
LONGEST = ["test_deploy.py", "test_upgrade_plan.py", "test_kill_anywhere.py", "test_rollback_playbook.py", "test_fault_matrix.py", "test_deploy_passwords.py"]

# The collections' importer, for plugins that a test loads as Ansible does: before a test file imports the collection in another way.
init_plugin_loader([])

usual_signals()

# For each ansible-playbook that a test starts.
os.environ.update({**compiled_once(), **packed_once()})


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the longest files begin first."""
    place = {name: number for number, name in enumerate(LONGEST)}
    items.sort(key=lambda item: place.get(item.path.name, len(LONGEST)))


@pytest.fixture(scope="session", autouse=True)
def warm_python(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """For the modules of each ansible-playbook that a test starts. That of another environment has its own, or none: it names its prefix, or not."""
    prefix = os.environ.get("TESTED_WARM_PREFIX", "" if "TESTED_ANSIBLE_PLAYBOOK" in os.environ else sys.prefix)
    if not prefix:
        yield
        return
    with WarmPython(tmp_path_factory.mktemp("warm"), prefix) as variables:
        os.environ.update(variables)
        yield
    for name in variables:
        os.environ.pop(name)


@pytest.fixture(scope="session")
def runner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModuleRunner]:
    """Runs modules as processes."""
    with ModuleRunner(tmp_path_factory.mktemp("home")) as running:
        yield running


@pytest.fixture(scope="session")
def one_site(runner: ModuleRunner) -> Iterator[Site]:
    """The sandbox that all tests share."""
    with Sandbox(scs=False) as sandbox:
        yield Site(sandbox, runner)


@pytest.fixture(scope="session")
def states(one_site: Site) -> dict[str, dict[str, Any]]:
    """Snapshots of the database to start from: seed, surroundings (no Chat Server yet), furnished (the whole solution),
    engaged (a Backend Server of Web Engagement too), provisioned (its chat channel too)."""
    found = {}
    for name, make in (("seed", lambda: None), ("surroundings", one_site.furnish_surroundings), ("furnished", one_site.furnish)):
        one_site.sandbox.reset()
        make()
        found[name] = one_site.sandbox.database()
    for name, make in (("engaged", lambda: engage_cluster(one_site)), ("provisioned", lambda: provision(one_site))):
        make()
        found[name] = one_site.sandbox.database()
    return found


@pytest.fixture
def clean_site(one_site: Site) -> Iterator[Site]:
    """The sandbox without faults, in its first dialect, whatever a test did to it."""
    yield one_site
    one_site.sandbox.clear_faults()
    one_site.sandbox.dialect("plain")
    one_site.sandbox.sessions(timeout=900, limit=0, requests=0)


@pytest.fixture
def site(clean_site: Site, states: dict[str, dict[str, Any]]) -> Site:
    """A new database."""
    clean_site.sandbox.restore(states["seed"])
    return clean_site


@pytest.fixture
def surroundings(clean_site: Site, states: dict[str, dict[str, Any]]) -> Site:
    """A database with queues, Interaction Server, GMS and two UCS pairs, but without Chat Servers."""
    clean_site.sandbox.restore(states["surroundings"])
    return clean_site


@pytest.fixture
def furnished(clean_site: Site, states: dict[str, dict[str, Any]]) -> Site:
    """A database with a whole chat solution."""
    clean_site.sandbox.restore(states["furnished"])
    return clean_site


@pytest.fixture
def engaged(clean_site: Site, states: dict[str, dict[str, Any]]) -> Site:
    """A database with a whole chat solution, and a Backend Server of Web Engagement connected to a cluster of its Chat Servers."""
    clean_site.sandbox.restore(states["engaged"])
    return clean_site


@pytest.fixture
def provisioned(clean_site: Site, states: dict[str, dict[str, Any]]) -> Site:
    """The same, with the chat channel as the Provisioning Tool leaves it."""
    clean_site.sandbox.restore(states["provisioned"])
    return clean_site
