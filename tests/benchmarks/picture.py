# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``make bench``, fifth part: audit, comparison and picture of 200 Chat Servers, beyond the reading of the objects, and the page in a browser.

The objects are in memory, so reading them costs hardly anything. Each part may take two seconds. The figures go to build/bench/picture.json.
"""

from __future__ import annotations

import json
import shutil
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

from playwright.sync_api import sync_playwright
from unit.config.fake_gateway import Gateway, apply_solution, world
from unit.test_picture_in_browser import BROWSERS

from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.audit.audit import chat_audit
from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.compare import chat_solution_compare
from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.context import Context
from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.report.report import chat_solution_report
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.directory import Directory
from ansible_collections.genesys_engage.chat.plugins.plugin_utils.solution_page import page

from .contestants import HERE
from .estate import Estate

BUILD = HERE.parents[1] / "build" / "bench"
LIMIT = 2.0
ROUNDS = 5


def estate(pairs: int) -> tuple[Gateway, dict[str, Any]]:
    """Return (a Configuration Server with 200 Chat Servers in so many groups, their description)."""
    gateway, wanted = world(), Estate(pairs=pairs)
    for number, name in enumerate(wanted.hosts()):
        gateway.add("CfgHost", 1000 + number, name, subtype="CFGNetworkServer", ipaddress="192.0.2.9", ostype="CFGRedHatLinux", lcaport="4999")
    apply_solution(gateway, wanted.description())
    return gateway, wanted.description()


def seconds(act: Callable[[], Any]) -> float:
    """Return the median of a few rounds."""
    taken = []
    for _round in range(ROUNDS):
        began = time.monotonic()
        act()
        taken.append(time.monotonic() - began)
    return statistics.median(taken)


def in_browser(html: str) -> float:
    """Return the seconds from the beginning of the page's script to the end of its drawing, the median of a few rounds."""
    place = BUILD / "solution.html"
    place.write_text(html, encoding="utf-8")
    program = next(filter(None, map(shutil.which, BROWSERS)))
    taken = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program)
        for _round in range(ROUNDS):
            shown = browser.new_page(viewport={"width": 1400, "height": 1000})
            shown.goto(place.as_uri())
            taken.append(float(shown.evaluate("document.documentElement.dataset.drawn")) / 1000)
            shown.close()
        browser.close()
    return statistics.median(taken)


def measure(pairs: int) -> dict[str, float]:
    """Return part -> seconds."""
    gateway, described = estate(pairs)
    sides = {"left": {"solution": described}, "right": {"tenant": "Environment"}}
    drawn = chat_solution_report(Context(Directory(gateway)), {})["graph"]
    result = chat_solution_compare(Context(Directory(gateway)), {**sides, "left": {"solution": {"tenant": "Environment"}}})
    return {
        "audit": seconds(lambda: chat_audit(Context(Directory(gateway)), {})),
        "comparison": seconds(lambda: chat_solution_compare(Context(Directory(gateway)), sides)),
        "picture with its audit": seconds(lambda: chat_solution_report(Context(Directory(gateway)), {})),
        "picture with what differs": seconds(lambda: chat_solution_report(Context(Directory(gateway)), {"compared": result})),
        "page": seconds(lambda: page(drawn)),
        "in the browser": in_browser(page(drawn)),
        "size of the page in KiB": round(len(page(drawn)) / 1024, 1),
    }


def main() -> int:
    """Measure; return the exit code."""
    BUILD.mkdir(parents=True, exist_ok=True)
    rows = {f"200 Chat Servers in {pairs} groups": measure(pairs) for pairs in (8, 50)}
    (BUILD / "picture.json").write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")
    for name, parts in rows.items():
        print(name)
        for part, value in parts.items():
            print(f"  {part:24} {value:7.2f}")
    limited = ("audit", "comparison", "picture with its audit", "picture with what differs", "page", "in the browser")
    slow = [f"{name}: {part}" for name, parts in rows.items() for part, value in parts.items() if part in limited and value > LIMIT]
    print(f"slower than {LIMIT:.0f} s: {'; '.join(slow) or 'nothing'}")
    return 1 if slow else 0


if __name__ == "__main__":
    sys.exit(main())
