# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the results of ``make soak`` belong to: a digest of all files that a case depends on, whether they are committed or not.

Of the product that is what an upgrade uses. The deployment of the site is not: a case begins when all servers run and the configuration is
as described, and tests of its own see to that it comes to this.

``python -m hosts.soak.digest`` prints that of this checkout; with ``--files`` the files.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator
from pathlib import Path

from hosts.soak.closure import Closure

ROOT = Path(__file__).resolve().parents[3]
#: What is tried.
PLAYBOOKS = ("upgrade_contact_servers",)
#: What tries it, and the example site that is deployed.
PARTS = ("tests/hosts", "tests/sandbox", "docs/examples/site", "docs/examples/copy_packages.yml")
#: Texts, and the other tests of the real hosts.
WITHOUT = ("*.md", "*.pyc", "test_deploy.py", "test_hosts.py", "test_packages.py", "test_systemd.py")


def files(root: Path) -> Iterator[Path]:
    """Yield all files that count, in a fixed order."""
    used = Closure(root)
    for name in PLAYBOOKS:
        used.playbook(name)
    yield from sorted(used.files)
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
    print(*([path.relative_to(ROOT) for path in files(ROOT)] if "--files" in sys.argv[1:] else [digest_of(ROOT)]), sep="\n")
