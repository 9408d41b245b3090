# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The documentation shows an example of each value that a module returns."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

MODULES = sorted(path.stem for path in (Path(__file__).resolve().parents[2] / "plugins" / "modules").glob("*.py") if path.stem != "__init__")


def without_sample(values: dict[str, Any], place: str = "") -> Iterator[str]:
    """The values of which neither they nor all their members have an example."""
    for name, value in values.items():
        if "sample" not in value:
            if value.get("contains"):
                yield from without_sample(value["contains"], f"{place}{name}.")
            else:
                yield place + name


@pytest.mark.parametrize("module", MODULES)
def test_each_value_has_an_example(module: str) -> None:
    documented = importlib.import_module(f"ansible_collections.genesys_engage.chat.plugins.modules.{module}").RETURN
    assert list(without_sample(yaml.safe_load(documented) or {})) == []
