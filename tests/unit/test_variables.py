# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The variables of users as the roles read them: what is empty counts as not given, and what is given counts."""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from typing import Any

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.loader import init_plugin_loader
from ansible.template import Templar

ROOT = Path(__file__).resolve().parents[2]
ROLES = sorted(path.name for path in (ROOT / "roles").iterdir() if (path / "defaults").is_dir())
#: Variables of users begin so; those of a role begin with its name.
PREFIXES = ("genesys_", "gax_", "confserv_", "scs_", "chat_", "mlcmd_", "upgrade_")
ENVIRONMENT = {
    "GAX_URL": "https://gax.example.com", "GAX_USERNAME": "one", "GAX_PASSWORD": "two", "GAX_VALIDATE_CERTS": "false", "GAX_CA_PATH": "/ca",
    "GAX_SNAPSHOT_DIR": "/snapshots", "CONFSERV_HOST": "confserv", "CONFSERV_PORT": "2021", "CONFSERV_USERNAME": "three", "CONFSERV_PASSWORD": "four",
    "SCS_HOST": "scs", "SCS_PORT": "7070", "USER": "somebody",
}


@pytest.fixture(scope="module", autouse=True)
def plugins() -> None:
    init_plugin_loader()


def defaults(role: str) -> dict[str, Any]:
    """Return the defaults of a role, as templates; newer versions of Ansible want to be told that they are."""
    trusted = {"trusted_as_template": True} if "trusted_as_template" in inspect.signature(DataLoader.load_from_file).parameters else {}
    found: dict[str, Any] = DataLoader().load_from_file(str(ROOT / "roles" / role / "defaults" / "main.yml"), **trusted)
    return found


def variables(role: str) -> list[str]:
    """Return the names of the variables of users that the defaults of a role read."""
    text = (ROOT / "roles" / role / "defaults" / "main.yml").read_text(encoding="utf-8")
    found = set(re.findall(rf"(?<![\w.'|])((?:{'|'.join(PREFIXES)})\w+)(?= \|)", re.sub(r"hostvars\[\w+\]\.", "", text)))
    return sorted(name for name in found if name not in defaults(role))


def rendered(role: str, **given: Any) -> dict[str, Any]:
    """Return the variables of a role as its tasks find them, with these variables of a user."""
    own = defaults(role)
    around = {"inventory_hostname": "site", "groups": {"genesys_configuration": ["site"], "genesys_hosts": ["chat1"]}, "hostvars": {"site": given}}
    templar = Templar(DataLoader(), variables={**own, **around, **given})
    return {name: templar.template(template) for name, template in own.items()}


@pytest.mark.parametrize("empty", ["", None], ids=["empty", "null"])
@pytest.mark.parametrize("role", ROLES)
def test_what_is_empty_counts_as_not_given(role: str, empty: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    expected = rendered(role)
    assert "{{" not in str(expected)
    assert rendered(role, **dict.fromkeys(variables(role), empty)) == expected


def test_the_variables_are_found() -> None:
    assert {"genesys_control", "genesys_control_host", "mlcmd_path", "scs_port"} <= set(variables("application"))
    assert {"gax_url", "gax_validate_certs", "genesys_keep_backups"} <= set(variables("package"))


@pytest.mark.parametrize(
    ("role", "variable", "default"),
    [
        ("application", "genesys_start_at_boot", "application_start_at_boot"),
        ("configuration", "gax_validate_certs", "configuration_gax_validate_certs"),
        ("web_engagement", "chat_wes_default_channel", "web_engagement_chat_is_default_channel"),
        ("package", "gax_validate_certs", "package_gax_validate_certs"),
    ],
)
@pytest.mark.parametrize("value", [False, "false", True, "true"])
def test_what_is_given_counts(role: str, variable: str, default: str, value: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GAX_VALIDATE_CERTS", "" if str(value).lower() == "false" else "false")
    assert str(rendered(role, **{variable: value})[default]).lower() == str(value).lower()
