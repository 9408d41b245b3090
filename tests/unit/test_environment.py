# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options that come from the environment: AWX sets those of a credential's empty fields to an empty text, which counts as not given."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.module_utils.basic import env_fallback
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.genesys_engage.chat.plugins.module_utils._host.control.options import control_options
from ansible_collections.genesys_engage.chat.plugins.module_utils._module import GAX_OPTIONS, SNAPSHOT_DIR

NAMES = ("GAX_VALIDATE_CERTS", "GAX_CA_PATH", "GAX_TIMEOUT", "GAX_SNAPSHOT_DIR", "CONFSERV_HOST", "CONFSERV_PORT", "CONFSERV_USERNAME", "SCS_HOST", "SCS_PORT")


@pytest.mark.parametrize("specification", [{**GAX_OPTIONS, **SNAPSHOT_DIR}, control_options(env_fallback)], ids=["GAX", "mlcmd"])
def test_what_is_empty_counts_as_not_given(specification: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    given = {name: "x" for name, option in specification.items() if option.get("required")}
    for name in (*NAMES, "GAX_URL"):
        monkeypatch.delenv(name, raising=False)
    unset = ArgumentSpecValidator(specification).validate(given)
    for name in NAMES:
        monkeypatch.setenv(name, "")
    empty = ArgumentSpecValidator(specification).validate(given)
    assert (empty.error_messages, empty.validated_parameters) == ([], unset.validated_parameters)


def test_what_is_there_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCS_PORT", "7070")
    monkeypatch.setenv("CONFSERV_PASSWORD", "")
    found = ArgumentSpecValidator(control_options(env_fallback)).validate({}).validated_parameters
    assert (found["scs_port"], found["confserv_password"]) == (7070, ""), "a password may be empty"


def test_what_is_needed_and_empty_is_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GAX_URL", "")
    (message,) = ArgumentSpecValidator(GAX_OPTIONS).validate({"gax_username": "x", "gax_password": "x"}).error_messages
    assert message == "missing required arguments: gax_url"
