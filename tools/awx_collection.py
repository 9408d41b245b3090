# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Put the collection awx.awx into .cache/awx, for the tests of the role awx. It is taken out of the Python package ``ansible``, of which nothing else stays."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from generated import ROOT

#: This release of the package has awx.awx 24.6.1.
PACKAGE = "ansible==12.3.0"
PLACE = ROOT / ".cache" / "awx"
COLLECTION = PLACE / "ansible_collections" / "awx" / "awx"


def fetched() -> Path:
    """The directory of the collection; it is fetched if it is not there."""
    if not (COLLECTION / "MANIFEST.json").is_file():
        PLACE.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=PLACE) as directory:
            command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps", "--only-binary", ":all:"]
            subprocess.run([*command, "--dest", directory, PACKAGE], timeout=900, check=True)
            (wheel,) = Path(directory).glob("*.whl")
            with zipfile.ZipFile(wheel) as archive:
                archive.extractall(directory, [name for name in archive.namelist() if name.startswith("ansible_collections/awx/awx/")])
            COLLECTION.parent.mkdir(parents=True, exist_ok=True)
            (Path(directory) / "ansible_collections" / "awx" / "awx").rename(COLLECTION)
    return COLLECTION


if __name__ == "__main__":
    print(fetched())
