# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The inventory plugin as Ansible calls it. The playbooks run on it in test_deploy.py."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.errors import AnsibleParserError
from ansible.inventory.data import InventoryData
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.loader import init_plugin_loader, inventory_loader
from integration.configured_site import Site

PLUGIN = "genesys_engage.chat.gax"


@pytest.fixture
def read(furnished: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return a function that reads an inventory file in this process, with the account in the environment."""
    with warnings.catch_warnings():
        # The unit tests have the collections' importer, too.
        warnings.simplefilter("ignore")
        init_plugin_loader([])
    for name, value in furnished.connection.items():
        monkeypatch.setenv(name.upper(), value)
    furnished.sandbox.clear()

    def parse(file: str = "site.gax.yml", **options: Any) -> InventoryData:
        path = tmp_path / file
        path.write_text(yaml.safe_dump({"plugin": PLUGIN, "strict": True, **options}))
        plugin, data = inventory_loader.get(PLUGIN), InventoryData()
        assert plugin.verify_file(str(path)) is (file != "hosts.yml")
        plugin.parse(data, DataLoader(), str(path), cache=True)
        if options.get("cache"):
            plugin.update_cache_if_changed()
        return data

    return parse


def reads(site: Site) -> list[str]:
    """Return the classes that were listed since the log was emptied."""
    return sorted(entry["type"] for entry in site.sandbox.requests("gax") if entry["path"].endswith("/cfg/objects"))


def test_hosts_groups_and_variables(read: Any, furnished: Site) -> None:
    furnished.sandbox.edit("CfgApplication", "ChatServer_1", version="{{ 7 * 6 }}")
    found = read(
        tenant="Environment",
        compose={"ansible_host": "genesys_host ~ '.example.com'"},
        groups={"backups": "genesys_applications | selectattr('primary') | list | length > 0"},
        keyed_groups=[{"key": "genesys_versions.contact_server | default([])", "prefix": "ucs"}],
    )
    members = {name: sorted(host.name for host in group.get_hosts()) for name, group in found.groups.items()}
    assert reads(furnished) == ["CfgApplication", "CfgHost", "CfgTenant"] and furnished.sandbox.writes() == []
    assert members["genesys_configuration"] == ["configuration"]
    assert members["chat_servers"] == ["chat1", "chat2", "chat3", "chat4"] and members["pair_UCS_1"] == ["ucs1", "ucs2"]
    assert members["genesys_hosts"] == sorted({*members["chat_servers"], "ucs1", "ucs2", "ucs3", "ucs4", "ixn1", "gms1"})
    assert members["interaction_servers"] == ["ixn1"] and members["gms"] == ["gms1"]
    assert members["backups"] == ["ucs2", "ucs4"] and members["ucs_9_1_000_12"] == ["ucs1", "ucs2", "ucs3", "ucs4"]
    # Hosts of the Framework are there, and no playbook runs on them.
    assert members["type_config_server"] == ["site"]
    chat1 = found.hosts["chat1"].get_vars()
    assert chat1["ansible_host"] == "chat1.example.com" and chat1["genesys_configuration_host"] == "configuration"
    # On all cores a text from outside is no template.
    version = chat1["genesys_applications"][0]["version"]
    assert version == "{{ 7 * 6 }}" and type(version).__name__ in ("AnsibleUnsafeText", "str")
    configuration = found.hosts["configuration"].get_vars()
    assert (configuration["ansible_connection"], configuration["ansible_python_interpreter"]) == ("local", sys.executable)
    assert found.groups["genesys_configuration"].get_vars()["gax_url"] == furnished.sandbox.url
    everything = json.dumps([host.get_vars() for host in found.hosts.values()] + [group.get_vars() for group in found.groups.values()], default=str)
    assert furnished.sandbox.password not in everything.replace(furnished.sandbox.url, "")


def test_the_cache_answers_the_same_question_and_holds_no_secret(read: Any, furnished: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = {"cache": True, "cache_plugin": "ansible.builtin.jsonfile", "cache_connection": str(tmp_path / "cache"), "cache_timeout": 600}
    first = read(**cache)
    assert len(reads(furnished)) == 3
    furnished.sandbox.clear()
    monkeypatch.setenv("GAX_PASSWORD", "not-needed")
    assert {name: host.get_vars() for name, host in read(**cache).hosts.items()} == {name: host.get_vars() for name, host in first.hosts.items()}
    assert furnished.sandbox.requests("gax") == []
    # Another question is asked.
    monkeypatch.setenv("GAX_PASSWORD", furnished.sandbox.password)
    assert "gms1" in read(tenant="Environment", **cache).hosts and len(reads(furnished)) == 3
    kept = "".join(path.read_text() for path in (tmp_path / "cache").rglob("*") if path.is_file())
    assert "ChatServer_1" in kept and "password" not in kept


@pytest.mark.parametrize(("environment", "options", "message"), [
    ({"GAX_PASSWORD": "wr0ng-one"}, {}, "GAX refused the login of user 'default'"),
    ({"GAX_URL": "http://127.0.0.1:1"}, {"retries": 0}, "GAX at http://127.0.0.1:1/gax/api/ could not be reached"),
    ({"GAX_URL": "", "GAX_PASSWORD": ""}, {}, "Not set: gax_url (or GAX_URL in the environment), gax_password (or GAX_PASSWORD in the environment)"),
    ({"GAX_VALIDATE_CERTS": "flase"}, {}, "GAX_VALIDATE_CERTS must be true or false, got 'flase'"),
    ({}, {"tenant": "Enviroment"}, "tenant: there is no tenant named 'Enviroment'; did you mean 'Environment'?"),
    ({}, {"timeout": 0}, "timeout must be from 1 to 3600, got 0"),
    ({}, {"configuration_host": "chat1"}, "configuration_host: 'chat1' is a host of the chat solution; choose another name"),
    ({}, {"mlcmd": "/nowhere/mlcmd", "confserv_host": "confserv"}, "Not set: confserv_username (or CONFSERV_USERNAME in the environment), confserv_password"),
    ({"CONFSERV_HOST": "127.0.0.1", "CONFSERV_USERNAME": "default", "CONFSERV_PASSWORD": ""}, {"mlcmd": "/nowhere/mlcmd"}, "mlcmd: /nowhere/mlcmd"),
])  # fmt: skip
def test_errors_are_one_sentence(
    read: Any, monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], options: dict[str, Any], message: str,
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(AnsibleParserError) as caught:
        read(**options)
    said = str(caught.value)
    assert said.startswith(message), said
    assert "Traceback" not in said and "wr0ng-one" not in said


def test_an_empty_variable_does_not_turn_the_verification_off(read: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """AWX sets what nobody has answered to an empty text."""
    monkeypatch.setenv("GAX_VALIDATE_CERTS", "")
    assert read().groups["genesys_configuration"].get_vars()["gax_validate_certs"] is True
    monkeypatch.setenv("GAX_VALIDATE_CERTS", "no")
    assert read().groups["genesys_configuration"].get_vars()["gax_validate_certs"] is False


def test_without_a_status_there_is_a_warning_unless_it_is_strict(read: Any, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    for name, value in {"CONFSERV_HOST": "127.0.0.1", "CONFSERV_USERNAME": "default", "CONFSERV_PASSWORD": ""}.items():
        monkeypatch.setenv(name, value)
    found = read("gax.yml", mlcmd="/nowhere/mlcmd", strict=False)
    assert {item["status"] for item in found.hosts["chat1"].get_vars()["genesys_applications"]} == {""}
    assert "The states of the applications are not known. mlcmd: /nowhere/mlcmd" in " ".join(capfd.readouterr().err.split())


def test_ansible_inventory_as_awx_calls_it(furnished: Site, tmp_path: Path) -> None:
    """The file lies in a project, and is the example of docs/inventory.md; the account comes from the environment alone."""
    file = Path(__file__).resolve().parents[2] / "docs" / "examples" / "inventory" / "site.gax.yml"
    environment = {name.upper(): value for name, value in furnished.connection.items()}
    own = {"ANSIBLE_INVENTORY_ENABLED": "auto", "ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED": "1", "ANSIBLE_HOME": str(tmp_path / "home")}
    line = [str(Path(sys.executable).parent / "ansible-inventory"), "-i", str(file), "--list", "--export"]
    done = subprocess.run(line, env={**os.environ, **own, **environment}, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0 and done.stderr == "", done.stderr
    told = json.loads(done.stdout)
    assert told["genesys_hosts"]["hosts"] and told["_meta"]["hostvars"]["chat1"]["genesys_host"] == "chat1"
    assert told["backups"]["hosts"] == ["ucs2", "ucs4"] and len(told["ucs_9_1_000_12"]["hosts"]) == 4
    assert "__ansible_unsafe" not in done.stdout
