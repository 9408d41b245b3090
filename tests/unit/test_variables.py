# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The variables of users as the roles read them: what is empty counts as not given, what is given counts, and each is described."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
ROLES = sorted(path.name for path in (ROOT / "roles").iterdir() if (path / "defaults").is_dir())
#: Variables of users begin so; those of a role begin with its name.
PREFIXES = ("genesys_", "gax_", "confserv_", "scs_", "chat_", "mlcmd_", "upgrade_")
ENVIRONMENT = {
    "GAX_URL": "https://gax.example.com", "GAX_USERNAME": "one", "GAX_PASSWORD": "two", "GAX_VALIDATE_CERTS": "false", "GAX_CA_PATH": "/ca",
    "GAX_SNAPSHOT_DIR": "/snapshots", "CONFSERV_HOST": "confserv", "CONFSERV_PORT": "2021", "CONFSERV_USERNAME": "three", "CONFSERV_PASSWORD": "four",
    "SCS_HOST": "scs", "SCS_PORT": "7070", "USER": "somebody",
}
#: Where "false" is not the default: role, variable, and what the role calls it.
SWITCHES = [
    ("application", "genesys_start_at_boot", "application_start_at_boot"),
    ("configuration", "gax_validate_certs", "configuration_gax_validate_certs"),
    ("web_engagement", "chat_wes_default_channel", "web_engagement_chat_is_default_channel"),
    ("package", "gax_validate_certs", "package_gax_validate_certs"),
]
ANSWERS = [False, "false", True, "true"]


@cache
def variables(role: str) -> tuple[str, ...]:
    """Return the names of the variables of users that the defaults of a role read."""
    text = (ROOT / "roles" / role / "defaults" / "main.yml").read_text(encoding="utf-8")
    found = set(re.findall(rf"(?<![\w.'|])((?:{'|'.join(PREFIXES)})\w+)(?= \|)", re.sub(r"hostvars\[\w+\]\.", "", text)))
    return tuple(sorted(found.difference(yaml.safe_load(text))))


@pytest.fixture(scope="module")
def rendered() -> dict[str, dict[str, Any]]:
    """What the roles find, by the name of the case."""
    cases: dict[str, tuple[str, dict[str, Any]]] = {}
    for role in ROLES:
        cases.update({f"{role} unset": (role, {}), f"{role} empty": (role, dict.fromkeys(variables(role), "")),
                      f"{role} null": (role, dict.fromkeys(variables(role)))})  # fmt: skip
    cases.update({f"{role} {variable} {answer!r}": (role, {variable: answer}) for role, variable, _own in SWITCHES for answer in ANSWERS})
    asked = json.dumps([{"role": role, "given": given} for role, given in cases.values()])
    command = [sys.executable, str(Path(__file__).with_name("rendered_defaults.py"))]
    done = subprocess.run(command, input=asked, env={**os.environ, **ENVIRONMENT}, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return dict(zip(cases, json.loads(done.stdout), strict=True))


@pytest.mark.parametrize("role", ROLES)
def test_what_is_empty_counts_as_not_given(role: str, rendered: dict[str, dict[str, Any]]) -> None:
    expected = rendered[f"{role} unset"]
    assert "{{" not in str(expected)
    assert rendered[f"{role} empty"] == expected
    assert rendered[f"{role} null"] == expected


def test_the_variables_are_found() -> None:
    assert {"genesys_control", "genesys_control_host", "mlcmd_path", "scs_port"} <= set(variables("application"))
    assert {"gax_url", "gax_validate_certs", "genesys_keep_backups"} <= set(variables("package"))


@pytest.mark.parametrize(("role", "variable", "own"), SWITCHES)
def test_what_is_given_counts(role: str, variable: str, own: str, rendered: dict[str, dict[str, Any]]) -> None:
    for answer in ANSWERS:
        assert str(rendered[f"{role} {variable} {answer!r}"][own]).lower() == str(answer).lower()


# --- what ansible-doc -t role tells ------------------------------------------------------------------------------------

GAX, CONFSERV = ("gax_url", "gax_username", "gax_password"), ("confserv_host", "confserv_username")
INSTALLING = ("genesys_packages", "genesys_accept_license")
NEEDED = {
    "configuration": ("chat_solution", *GAX),
    "web_engagement": ("chat_wes_backend_server", "chat_wes_queue", *GAX),
    "package": (*INSTALLING, *CONFSERV),
    **dict.fromkeys(("application", "chat_server", "contact_server"), (*INSTALLING, "mlcmd_path", *CONFSERV)),
    **dict.fromkeys(("preflight", "deploy"), ("chat_solution", *INSTALLING, "mlcmd_path", *CONFSERV, *GAX)),
    "verification": ("chat_solution", "genesys_packages", "mlcmd_path", *CONFSERV, *GAX),
    "rolling_upgrade": (*INSTALLING, "mlcmd_path", *CONFSERV, *GAX),
}


def roles_within(role: str, found: frozenset[str] = frozenset()) -> frozenset[str]:
    """Return a role and those that it includes; for the verification of Web Engagement the description stands for its variables."""
    found |= {role}
    for path in (ROOT / "roles" / role / "tasks").glob("*.yml"):
        for name in re.findall(r"name: genesys_engage\.chat\.(\w+)\n(?!\s+tasks_from: variables)", path.read_text(encoding="utf-8")):
            if name in ROLES and name not in found and name != "web_engagement":
                found |= roles_within(name, found)
    return found


@pytest.mark.parametrize("role", [role for role in ROLES if variables(role)])
def test_the_specification_lists_the_variables_of_users(role: str) -> None:
    specs = yaml.safe_load((ROOT / "roles" / role / "meta" / "argument_specs.yml").read_text(encoding="utf-8"))
    (must,) = (line for line in specs["argument_specs"]["main"]["description"] if line.startswith("Must be set"))
    (may,) = (line for line in specs["argument_specs"]["main"]["description"] if line.startswith("May be set as well"))
    names = re.compile(r"C\(([a-z_]+)\)")
    assert tuple(dict.fromkeys(name for name in names.findall(must.partition(";")[0]))) == NEEDED[role]
    within = roles_within(role)
    read = set().union(*(variables(name) for name in within))
    if any("tasks_from: variables\n" in path.read_text(encoding="utf-8") for name in within for path in (ROOT / "roles" / name / "tasks").glob("*.yml")):
        read.add("genesys_own_variables")  # the only one that these tasks of preflight read
    assert set(NEEDED[role]) | set(names.findall(may)) == read | set(NEEDED[role])
