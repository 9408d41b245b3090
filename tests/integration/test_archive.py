# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The built archive, installed into an empty place and stripped to what an installed collection must do with: a site is deployed from there."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from integration.test_deploy import PASSWORD, Controller

from sandbox.testing import Sandbox, packed_in

ROOT = Path(__file__).resolve().parents[2]
GALAXY = str(Path(sys.executable).parent / "ansible-galaxy")
LEFT = {"meta", "playbooks", "plugins", "roles"}


def only_in(collections: Path) -> dict[str, str]:
    """Return the settings with which Ansible finds collections there and nowhere else, not even the checkout that .venv has a link to."""
    return {"ANSIBLE_COLLECTIONS_PATH": str(collections), "ANSIBLE_COLLECTIONS_SCAN_SYS_PATH": "false"}


def galaxy(*arguments: str, collections: Path) -> None:
    """Run a command of ansible-galaxy."""
    done = subprocess.run(
        [GALAXY, "collection", *arguments], cwd=ROOT, env={**os.environ, **only_in(collections)},
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def installed_archive(directory: Path) -> Path:
    """Build the archive and install it; return the path of collections where it is."""
    collections = directory / "collections"
    galaxy("build", "--force", "--output-path", str(directory), collections=collections)
    (archive,) = directory.glob("*.tar.gz")
    galaxy("install", "--offline", str(archive), "-p", str(collections), collections=collections)
    return collections


def stripped(directory: Path) -> Path:
    """Install the archive; return a path of collections that holds nothing but the four directories of this one."""
    collections = installed_archive(directory)
    # beside the collection lies what ansible-galaxy notes about it
    for other in (collections / "ansible_collections").iterdir():
        if other.name != "genesys_engage":
            shutil.rmtree(other)
    for path in (collections / "ansible_collections" / "genesys_engage" / "chat").iterdir():
        if path.name not in LEFT:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    return collections


def test_a_site_is_deployed_from_four_directories_of_the_archive(tmp_path):
    """The playbook is found by its full name, deploys and verifies, and nothing of the checkout is used."""
    collections = stripped(tmp_path)
    with Sandbox(directory=tmp_path / "sandbox") as sandbox:
        controller = Controller(sandbox, tmp_path)
        code, output = controller.play("deploy", environment={**packed_in(tmp_path / "packed"), **only_in(collections)})
        assert code == 0, output
        assert str(ROOT / "roles") not in output and PASSWORD not in output
        assert {controller.statuses()[name] for name in ("ChatServer_1", "UCS_1", "IXN_1")} == {"RUNNING"}
        assert {path.name for path in (collections / "ansible_collections" / "genesys_engage" / "chat").iterdir()} == LEFT
