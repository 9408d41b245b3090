# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stand-ins for installation packages (IPs): what an administrator unpacks and installs on a host."""

from __future__ import annotations

from pathlib import Path


def build_all(directory: Path, python: str, tools_python: str = "") -> None:
    """Build all packages and tools below a directory, see ``build.build_all``."""
    from .build import build_all as build

    build(directory, python, tools_python)


__all__ = ["build_all"]
