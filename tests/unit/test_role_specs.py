# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The argument specifications of roles say of lists and mappings what is known of their inside."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

ROLES = Path(__file__).resolve().parents[2] / "roles"


def loaded(path: str) -> Any:
    return yaml.safe_load((ROLES / path).read_text(encoding="utf-8"))


def test_the_credential_of_awx_has_the_fields_of_its_type() -> None:
    """A misspelt field is refused; what is secret in AWX is not shown by Ansible either."""
    options = loaded("awx/meta/argument_specs.yml")["argument_specs"]["main"]["options"]["awx_credential"]["options"]
    fields = loaded("awx/vars/credential_type.yml")["awx_credential_inputs"]["fields"]
    assert list(options) == [field["id"] for field in fields]
    assert [name for name in options if options[name].get("no_log")] == [field["id"] for field in fields if field.get("secret")]


def test_a_list_says_what_it_consists_of() -> None:
    # One of the role package is still to come.
    bare = {name for path in ROLES.glob("*/meta/argument_specs.yml") for spec in loaded(str(path.relative_to(ROLES)))["argument_specs"].values()
            for name, option in spec.get("options", {}).items() if option["type"] == "list" and "elements" not in option}
    assert bare <= {"package_applications"}
