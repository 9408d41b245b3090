# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write what upgrades under load came to into docs/upgrade_proof.md: ``tools/upgrade_tables.py [DIRECTORY...]``.

The tests of upgrades leave one file for each case: those of ``make test`` below build/upgrade/small, those of ``make soak`` below
build/upgrade/soak, unless ``UPGRADE_RESULTS`` named another directory. The table of all cases of ``make soak`` says to which digest of product and
test environment it belongs. ``--show`` only prints it.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from runner import ROOT

PAGE = ROOT / "docs" / "upgrade_proof.md"
Case = dict[str, Any]


def read(places: list[Path], kind: str) -> list[Case]:
    """Return the cases of a kind, by size and title."""
    cases: list[Case] = [json.loads(path.read_text(encoding="utf-8")) for place in places for path in (place / kind).glob("*.json")]
    return sorted(cases, key=lambda case: (case["pairs"], case["title"]))


def table(columns: dict[str, Callable[[Case], object]], cases: Iterable[Case]) -> str:
    """Return a table in Markdown."""
    rows = [list(columns), ["---"] * len(columns), *([str(value(case)).replace("|", "/") for value in columns.values()] for case in cases)]
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def figure(name: str) -> Callable[[Case], object]:
    """Return a column with one figure of the load generator's report."""
    return lambda case: case["report"][name]


def known(name: str) -> Callable[[Case], object]:
    """Return the same for a case that may have no report."""
    return lambda case: case["report"].get(name, "-")


def endings(case: Case, runs: slice) -> str:
    """Return how runs of a case ended, each in a word."""
    return ", ".join(str(run.partition(":")[0]) for run in case["runs"][runs]) or "not needed"


SIZE: dict[str, Callable[[Case], object]] = {"Pairs": lambda case: case["pairs"], "Chat Servers": lambda case: case["chat_servers"]}
LOAD: dict[str, Callable[[Case], object]] = {
    "Messages": figure("messages_sent"),
    "Lost": figure("messages_lost"),
    "Doubled": figure("messages_doubled"),
    "Sessions ended": figure("sessions_ended_by_server"),
    "Longest pause, s": figure("longest_pause_seconds"),
}
WITHOUT: dict[str, Callable[[Case], object]] = {"Looks": lambda case: case["rounds"], "Pair without UCS": lambda case: len(case["violations"])}
TABLES: dict[str, dict[str, Callable[[Case], object]]] = {
    "proof": {
        "Upgrade": lambda case: case["title"],
        **SIZE,
        "Chats": figure("opened"),
        **LOAD,
        "Reconnects, most": lambda case: max(case["reconnects"].values()),
        "Allowed": lambda case: case["most_reconnects"],
        **WITHOUT,
        "Seconds": lambda case: case["seconds"],
    },
    "controls": {"What is done": lambda case: case["title"], **SIZE, "Chats": figure("opened"), **LOAD, **WITHOUT},
    "faults": {
        "When, and what": lambda case: case["title"],
        **SIZE,
        "Run": lambda case: endings(case, slice(1)),
        "Run again": lambda case: endings(case, slice(1, None)),
        **LOAD,
        **WITHOUT,
    },
}


def soaked(place: Path) -> list[Case]:
    """Return the cases of ``make soak``, each with the sums of its figures; empty if there are none in a directory.

    A case may look several times, and one that failed early has no figures.
    """
    figures: dict[str, list[Case]] = {}
    for kind in TABLES:
        for one in read([place], kind):
            figures.setdefault(one.get("case", ""), []).append(one)
    found = []
    for path in sorted((place / "cases").glob("*.json")):
        case: Case = json.loads(path.read_text(encoding="utf-8"))
        seen = figures.get(case["case"], [])
        reports = [one["report"] for one in seen if one["report"]]
        sums = {name: sum(report[name] for report in reports) for name in ("opened", "messages_lost", "messages_doubled")} if reports else {}
        longest = {"longest_pause_seconds": max(report["longest_pause_seconds"] for report in reports)} if reports else {}
        found.append({**case, "pairs": max((one["pairs"] for one in seen), default="-"), "report": {**sums, **longest}})
    return found


SOAKED: dict[str, Callable[[Case], object]] = {
    "Case": lambda case: case["case"].removeprefix("test_").replace("_", " "),
    "Result": lambda case: case["outcome"],
    "Seconds": lambda case: case["seconds"],
    "Pairs": lambda case: case["pairs"],
    "Chats": known("opened"),
    "Lost": known("messages_lost"),
    "Doubled": known("messages_doubled"),
    "Longest pause, s": known("longest_pause_seconds"),
}


def block(cases: list[Case]) -> str:
    """Return what the page says of all cases of ``make soak``."""
    passed = sum(case["outcome"] == "passed" for case in cases)
    seconds, counts = sum(case["seconds"] for case in cases), Counter(case["digest"][:12] for case in cases)
    digests = ", ".join(f"`{digest}`" + (f" ({count})" if len(counts) > 1 else "") for digest, count in counts.most_common())
    return f"{len(cases)} cases, {passed} passed, {seconds / 60:.0f} minutes of cases; product digest {digests}.\n\n{table(SOAKED, cases)}"


def put(page: str, kind: str, text: str) -> str:
    """Return the page with another text between the marks of a kind."""
    before, mark, rest = page.partition(f"<!-- {kind} -->\n")
    _former, end, after = rest.partition("<!-- end -->")
    return f"{before}{mark}\n{text}\n\n{end}{after}"


def main() -> int:
    """Write the tables; a kind without results stays as it is, and so does that of all cases if one of them failed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("directories", nargs="*", type=Path, default=[ROOT / "build" / "upgrade" / name for name in ("small", "soak")])
    parser.add_argument("--show", action="store_true", help="print the table of all cases of make soak, and write nothing")
    options = parser.parse_args()
    if options.show:
        print("\n\n".join(block(cases) for cases in map(soaked, options.directories) if cases))
        return 0
    page = PAGE.read_text(encoding="utf-8")
    for kind, columns in TABLES.items():
        cases = read(options.directories, kind)
        if cases:
            page = put(page, kind, table(columns, cases))
        print(f"{kind}: {len(cases)} cases")
    for cases in filter(None, map(soaked, options.directories)):
        passed = all(case["outcome"] == "passed" for case in cases)
        if passed:
            page = put(page, "soak", block(cases))
        print(f"soak: {len(cases)} cases{'' if passed else ', of which some failed: the page keeps its former table'}")
    PAGE.write_text(page, encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
