# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``make bench``, fourth part: a capacity rule for each of 20,000 agents, person by person.

Contestants: a script that sends the least possible (agents_floor.py), the module as one process, and a playbook with the module, which writes in
batches and tells its progress. Each on the same database, first and again. Nothing is asserted but that all come to the same; the figures go to
build/bench/agents.json.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from typing import Any

from integration.agents import WIZARD_COMPILED, WIZARD_DOCUMENT, annex

from sandbox.testing import Sandbox

from .contestants import HERE, Arena
from .estate import Estate, add_objects

BUILD = HERE.parents[1] / "build" / "bench"
RULE = "Two_chats"
LIMIT = 1800.0


def rules_of(sandbox: Sandbox) -> list[tuple[str, str]]:
    """Return (user name, DBID of the capacity rule) of all persons."""
    return [(person["username"], person["capacityruledbid"]) for person in sandbox.objects("CfgPerson")]


def measure(sandbox: Sandbox, number: int) -> list[dict[str, Any]]:
    """Return a row for each contestant and run."""
    arena = Arena(sandbox, Estate(0, 0, 0, 0), BUILD / "agents", LIMIT)
    names = [f"agent{count:05d}" for count in range(1, number + 1)]
    add_objects(sandbox, "CfgPerson", "readonly", [{"username": name, "employeeid": name, "isagent": "CFGTrue"} for name in names])
    sandbox.create("CfgScript", name=RULE, subtype="CFGCapacityRule", tenantdbid="1", userproperties=annex(WIZARD_DOCUMENT, WIZARD_COMPILED))
    before = sandbox.database()
    arguments = {"tenant": "Environment", "persons": names, "capacity_rule": RULE, "capacity_for": "persons"}
    account = {"url": sandbox.url, "username": sandbox.username, "password": sandbox.password}
    wanted = arena.write("agents", {**account, "persons": names, "rule": RULE})
    variables = arena.write("variables", {"gax": arena.connection, "persons": names, "rule": RULE})
    given = arena.write("given", {"ANSIBLE_MODULE_ARGS": {**arena.connection, **arguments}})
    module = "ansible_collections.genesys_engage.chat.plugins.modules.agent_chat_access"
    contestants = {
        "floor": lambda: arena.run([sys.executable, str(HERE / "agents_floor.py"), str(wanted)]),
        "playbook": lambda: arena.playbook("agents.yml", variables),
        "module": lambda: arena.run([sys.executable, "-m", module, str(given)]),
    }
    rows: list[dict[str, Any]] = []
    expected: list[tuple[str, str]] = []
    for contestant, run in contestants.items():
        sandbox.restore(before)
        for scenario in ("first", "repeat"):
            print(f"  {contestant}: {scenario}", file=sys.stderr, flush=True)
            taken, requests = run()
            writes = len(sandbox.writes())
            row = {"contestant": contestant, "run": scenario, "agents": number, "seconds": round(taken.seconds, 1), "cpu_seconds": round(taken.cpu_seconds, 1)}
            rows.append({**row, "peak_mb": round(taken.peak_mb), "requests": requests, "writes": writes})
            print(f"    {rows[-1]}", file=sys.stderr, flush=True)
        expected = expected or rules_of(sandbox)
        if rules_of(sandbox) != expected:
            raise RuntimeError(f"{contestant} came to something else than the floor")
    floor = {row["run"]: row["seconds"] for row in rows if row["contestant"] == "floor"}
    return [{**row, "to_floor": round(row["seconds"] / floor[row["run"]], 2)} for row in rows]


def main() -> int:
    """Measure, print a table, write the figures."""
    parser = argparse.ArgumentParser(prog="benchmarks.agents", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--agents", type=int, default=20000, help="number of agents")
    options = parser.parse_args()
    shutil.rmtree(BUILD / "agents", ignore_errors=True)
    (BUILD / "agents").mkdir(parents=True)
    with Sandbox(scs=False) as sandbox:
        rows = measure(sandbox, options.agents)
    (BUILD / "agents.json").write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")
    print(f"{'run':8} {'contestant':10} {'seconds':>8} {'to floor':>9} {'processor':>10} {'requests':>9} {'writes':>7} {'peak MB':>8}")
    for row in sorted(rows, key=lambda row: row["run"]):
        shown = f"{row['seconds']:8} {row['to_floor']:9} {row['cpu_seconds']:10} {row['requests']:9} {row['writes']:7} {row['peak_mb']:8}"
        print(f"{row['run']:8} {row['contestant']:10} {shown}")
    print(BUILD / "agents.json")
    return 0


if __name__ == "__main__":
    sys.exit(main())
