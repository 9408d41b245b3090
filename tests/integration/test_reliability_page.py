# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The figures of docs/reliability.md are the real numbers of cases. Where they come from a run, the test of that run compares them."""

from __future__ import annotations

import inspect

import pytest
from integration import test_config_dialects, test_fault_matrix, test_other_editors
from integration.convergence import PAGE, documented

from sandbox.gax.dialects import DIALECTS

FAULTS = {name: sum(case[0] == name for case in test_fault_matrix.CASES) for name in test_fault_matrix.FAULTS}
EDITORS = {
    "somebody changes the same value": len(test_other_editors.CASES),
    "somebody changes another value of the object": len(test_other_editors.NEIGHBOURS),
    "somebody changes another object": len(test_other_editors.CASES),
    "somebody deletes the object": len(test_other_editors.CASES),
}
CORE = [
    name
    for name, test in inspect.getmembers(test_config_dialects, inspect.isfunction)
    if name.startswith("test_") and "dialect" in inspect.signature(test).parameters
]
ROWS = {**FAULTS, **EDITORS, "disk full for the snapshot": len(test_fault_matrix.STEPS), "dialects of the answers": len(CORE) * len(DIALECTS)}


@pytest.mark.parametrize("row", ROWS)
def test_number_of_cases(row: str) -> None:
    assert documented(row) == [ROWS[row], ROWS[row]]


def test_a_missing_row_is_noticed() -> None:
    with pytest.raises(AssertionError, match="0 rows 'no such fault'"):
        documented("no such fault")


def test_every_command_names_a_file() -> None:
    """Those that repeat what the page tells."""
    named = [word for line in PAGE.read_text(encoding="utf-8").splitlines() for word in line.replace("`", " ").split() if word.startswith("tests/")]
    assert len(named) >= 4
    assert [name for name in named if not (PAGE.parents[1] / name).is_file()] == []
