# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fixtures for the tests of the sandbox's GAX: one running sandbox, put back to its seed before each test."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from sandbox.testing import Sandbox


def obfuscated(password: str) -> str:
    """Hide a password as GAX's browser client does, with a number that the documented example contains."""
    return "".join(chr(ord(character) + 147) + chr(147) for character in password)


class Gax:
    """A bare client of the REST interface."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.session = requests.Session()
        self.session.trust_env = False
        if "ca_path" in sandbox.environment:
            self.session.verify = sandbox.environment["ca_path"]

    def call(self, method: str, path: str, **arguments: Any) -> requests.Response:
        """Send one request; redirects are shown, not followed."""
        return self.session.request(method, f"{self.sandbox.url}/gax/api/{path}", timeout=20, allow_redirects=False, **arguments)

    def login(self, username: str | None = None, password: str | None = None, hide: bool = False) -> requests.Response:
        """Log in, by default as the administrator."""
        secret = password if password is not None else self.sandbox.password
        body = {"username": username or self.sandbox.username, "password": obfuscated(secret) if hide else secret, "isPasswordEncrypted": hide}
        return self.call("POST", "session/login", json=body)

    def listed(self, class_name: str, brief: str = "false", **parameters: str) -> list[dict[str, Any]]:
        """List objects; fails unless the answer is 200."""
        answer = self.call("GET", "cfg/objects", params={"type": class_name, "brief": brief, **parameters})
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()
        return found

    def named(self, class_name: str, name: str) -> dict[str, Any]:
        """Return the one object of this name."""
        (found,) = [value for value in self.listed(class_name) if value["name"] == name]
        return found

    def create(self, class_name: str, **fields: Any) -> requests.Response:
        """Create an object."""
        return self.call("POST", "cfg/objects", json={"type": class_name, **fields})

    def put(self, value: dict[str, Any]) -> requests.Response:
        """Replace an object."""
        return self.call("PUT", f"cfg/objects/{value['type']}/{value['dbid']}", json=value)

    def delete(self, value: dict[str, Any]) -> requests.Response:
        """Delete an object."""
        return self.call("DELETE", f"cfg/objects/{value['type']}/{value['dbid']}")

    def application(self, name: str, template: str = "Chat Server 8.5.3", **fields: Any) -> dict[str, Any]:
        """Create a server application and return it as stored."""
        answer = self.create("CfgApplication", **self.application_body(name, template, **fields))
        assert answer.status_code < 300, answer.text
        stored = self.sandbox.object("CfgApplication", name)
        assert stored is not None
        return stored

    def application_body(self, name: str, template: str = "Chat Server 8.5.3", **fields: Any) -> dict[str, Any]:
        """Return the least that creates a server application."""
        prototype = self.sandbox.object("CfgAppPrototype", template)
        assert prototype is not None
        body = {"name": name, "appprototypedbid": prototype["dbid"], "autorestart": "CFGTrue", "workdirectory": ".", "commandline": ".", "folderid": "102"}
        return {**body, "portinfos": {"portinfo": [{"id": "default", "port": "4580"}]}, **fields}


@pytest.fixture(scope="session")
def _running() -> Iterator[tuple[Sandbox, dict[str, Any]]]:
    with Sandbox(scs=False) as running:
        yield running, running.database()


@pytest.fixture
def gax_sandbox(_running: tuple[Sandbox, dict[str, Any]]) -> Sandbox:
    """A sandbox with the standard seed, in the dialect ``plain``, with an empty log."""
    running, seeded = _running
    running.clear_faults()
    running.dialect("plain")
    running.sessions(timeout=900, limit=0, expire=True)
    running.restore(seeded)
    running.clear()
    return running


@pytest.fixture
def gax(gax_sandbox: Sandbox) -> Gax:
    """A client that is logged in as the administrator."""
    client = Gax(gax_sandbox)
    assert client.login().status_code == 204
    return client
