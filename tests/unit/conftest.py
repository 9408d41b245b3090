# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lets ``ansible-test units`` run these tests as well: it does not read pyproject.toml, which has the same. Signals end what the tests start."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

for place in (Path(__file__).resolve().parents[2] / name for name in ("tools", "tests")):
    if str(place) not in sys.path:
        sys.path.insert(0, str(place))


def pytest_configure(config: pytest.Config) -> None:
    """Name the marker of the long tests, and see to the signals, before there is a test."""
    from sandbox.testing import usual_signals  # found by the path from above

    usual_signals()
    config.addinivalue_line("markers", "slow: takes more than about ten seconds")
