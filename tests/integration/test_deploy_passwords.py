# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Deployments with passwords that are also part of paths and names, or are written in an odd way.

What a single module returns with each of many passwords is in tests/unit/test_passwords.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from integration.test_deploy import SMALL, Controller, changed, database, failures

from sandbox.testing import Sandbox

LOGIN = ("gax_url", "gax_username", "gax_password", "confserv_host", "confserv_port", "confserv_username", "confserv_password", "scs_host", "scs_port")
SERVERS = {"ChatServer_1": "chat1", "UCS_1": "ucs1", "IXN_1": "ucs1"}
#: A small solution, on its hosts.
FEW: dict[str, Any] = {"solution": SMALL, "chat_hosts": "site:chat1:ucs1"}


class Unsafe(str):
    """A text that Ansible must not take for a template."""


class Dumper(yaml.SafeDumper):
    """Writes such texts with the tag that says so."""


Dumper.add_representer(Unsafe, lambda dumper, text: dumper.represent_scalar("!unsafe", str(text)))


#: Of both accounts. It is in the names of a host (chat1) and of the installation root, in variables and in messages.
PASSWORD = "chat"
#: Below the directory of each host.
ROOT = "opt/chat"


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Controller, str]]:
    """A site, and the output of its first deployment."""
    with Sandbox(password=PASSWORD) as sandbox:
        controller = Controller(sandbox, tmp_path_factory.mktemp("controller"))
        code, output = deploy(controller, "-v")
        assert code == 0, failures(output)
        yield controller, output


def deploy(controller: Controller, *options: str) -> tuple[int, str]:
    """Deploy into the installation root."""
    return controller.play("deploy", *options, genesys_install_root=f"{controller.sandbox.directory}/hosts/{{{{ inventory_hostname }}}}/{ROOT}", **FEW)


def test_a_deployment_does_not_depend_on_the_password(deployed: tuple[Controller, str]) -> None:
    controller, output = deployed
    hosts, password = controller.sandbox.directory / "hosts", controller.sandbox.password
    assert f"_password: {password}" not in output and f'_password": "{password}"' not in output
    for application, host in SERVERS.items():
        place = hosts / host / ROOT / application
        assert controller.application(application)["workdirectory"] == str(place)
        assert (place / "run.sh").is_file(), application
    assert {name: controller.statuses()[name] for name in SERVERS} == dict.fromkeys(SERVERS, "RUNNING")
    assert [path for path in hosts.rglob("*") if "***" in path.name] == []


def test_and_the_second_one_changes_nothing(deployed: tuple[Controller, str]) -> None:
    controller, _output = deployed
    before = database(controller)
    controller.sandbox.clear()
    code, output = deploy(controller)
    assert code == 0, failures(output)
    assert changed(output) == 0 and controller.sandbox.writes() == []
    assert database(controller) == before


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Controller]:
    """A site whose password looks like a template, an option, and a part of a shell's line at once."""
    with Sandbox(password="-{{ x }} 'y' %s #") as sandbox:
        yield Controller(sandbox, tmp_path_factory.mktemp("controller"))


def inventory_of(controller: Controller, place: Path, change: Any) -> Path:
    """Write the sandbox's inventory with its variables changed by a function."""
    inventory = yaml.safe_load(controller.sandbox.inventory.read_text(encoding="utf-8"))
    change(inventory["all"]["vars"])
    file = place / "hosts.yml"
    file.touch(mode=0o600)
    file.write_text(yaml.dump(inventory, Dumper=Dumper), encoding="utf-8")
    return file


@pytest.mark.parametrize("way", ["environment", "unsafe"])
def test_a_password_that_looks_like_a_template_arrives(odd: Controller, tmp_path: Path, way: str) -> None:
    """From the environment, as AWX hands it over, or from a variable that is marked as unsafe."""
    environment: dict[str, str] = {}

    def change(variables: dict[str, Any]) -> None:
        for name in LOGIN:
            if way == "environment":
                environment[name.upper()] = str(variables.pop(name))
            elif name.endswith("_password"):
                variables[name] = Unsafe(variables[name])

    code, output = odd.play("preflight", "-v", inventory=inventory_of(odd, tmp_path, change), environment=environment, **FEW)
    assert code == 0, failures(output)
    assert odd.sandbox.password not in output


def test_what_the_installer_cannot_carry_is_refused_before_the_first_write(tmp_path: Path) -> None:
    """Which characters that are: tests/unit/test_passwords.py."""
    with Sandbox(password='zq-one\nzq-"two') as sandbox:
        controller = Controller(sandbox, tmp_path)
        before = database(controller)
        code, output = controller.play("deploy", "-v")
        assert code != 0
        assert "confserv_password: it contains a line break" in output, failures(output)
        assert "zq-" not in output
        assert database(controller) == before
        assert list((sandbox.directory / "hosts").rglob("run.sh")) == []
