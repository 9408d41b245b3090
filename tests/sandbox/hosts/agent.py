# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The stand-in for the Local Control Agent on a real host: one file and a unit of systemd."""

from __future__ import annotations

import zipfile
from pathlib import Path

from ..environment import LCA_PORT
from .settings import SERVICE_USER, SHARED

_MODULES = Path(__file__).resolve().parents[1] / "scs"
_ARCHIVE = "usr/local/lib/lca.pyz"
# What the agent started goes on without it: only its own process is ended.
_UNIT = f"""[Unit]
Description=Stand-in for the Local Control Agent
After=network.target

[Service]
User={SERVICE_USER}
WorkingDirectory=/
ExecStart=/usr/bin/python3 -ISB /{_ARCHIVE} {LCA_PORT}
KillMode=process
Restart=always
RestartSec=1

[Install]
WantedBy=multi-user.target
"""
# Servers store here what they share with those on other hosts.
_MANAGER = f"""[Manager]
DefaultEnvironment=SANDBOX_DIR={SHARED}
"""


def install(root: Path) -> None:
    """Put the agent into the root directory of a host, so that it starts with the host."""
    archive = root / _ARCHIVE
    archive.parent.mkdir(parents=True)
    with zipfile.ZipFile(archive, "w") as packed:
        for name in ("__init__", "processes", "lca"):
            packed.write(_MODULES / f"{name}.py", f"scs/{name}.py")
        packed.writestr("__main__.py", "import runpy\n\nrunpy.run_module('scs.lca', run_name='__main__')\n")
    system = root / "etc" / "systemd"
    wanted = system / "system" / "multi-user.target.wants"
    wanted.mkdir(parents=True)
    (system / "system" / "lca.service").write_text(_UNIT, encoding="ascii")
    (wanted / "lca.service").symlink_to("/etc/systemd/system/lca.service")
    (system / "system.conf.d").mkdir()
    (system / "system.conf.d" / "sandbox.conf").write_text(_MANAGER, encoding="ascii")
