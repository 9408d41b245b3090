# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the results of ``make soak`` belong to: a digest of all files that a case depends on, whether they are committed or not.

``python -m hosts.soak.digest`` prints that of this checkout.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
#: The product, what tries it, and the example site that is deployed.
PARTS = ("plugins", "roles", "playbooks", "tests/hosts", "tests/sandbox", "docs/examples/site", "docs/examples/copy_packages.yml")
#: Texts, and the other tests of the real hosts.
WITHOUT = ("*.md", "*.pyc", "test_deploy.py", "test_hosts.py", "test_packages.py", "test_systemd.py")


def files(root: Path) -> Iterator[Path]:
    """Yield all files that count, in a fixed order."""
    for part in PARTS:
        place = root / part
        for path in [place] if place.is_file() else sorted(place.rglob("*")):
            if path.is_file() and not any(path.match(pattern) for pattern in WITHOUT):
                yield path


def digest_of(root: Path) -> str:
    """Return the digest of a checkout: names and contents of the files that count."""
    made = hashlib.sha256()
    for path in files(root):
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        made.update(f"{path.relative_to(root)} {content}\n".encode())
    return made.hexdigest()


if __name__ == "__main__":
    print(digest_of(ROOT))
