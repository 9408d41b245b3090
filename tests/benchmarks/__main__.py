# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``make bench``: measure all contestants against one sandbox; print a table, write build/bench/results.json and a plot.

Scenarios: the first run on a Configuration Server that has only hosts and templates, and the repeat run, which changes nothing.
The floor and chat_solution do the whole estate. The contestants that take one object after the other do 30 Chat Servers, in
surroundings that exist already; from that and a run with none their time for the whole estate is computed.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import shutil
import statistics
import sys
from collections.abc import Callable, Iterable
from typing import Any

from sandbox.testing import Sandbox

from .contestants import HERE, Arena, Runs, applications_of
from .estate import Estate
from .measured import Measured
from .plot import draw

BUILD = HERE.parents[1] / "build" / "bench"
SAMPLE = 30
FLOOR, MODULE, UNPACKED = "floor", "chat_solution", "chat_solution, unpacked"
Results = dict[tuple[str, str], Runs]


def main() -> int:
    """Measure; return the exit code."""
    parser = argparse.ArgumentParser(prog="benchmarks", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5, help="first runs of the floor and of chat_solution; repeat runs are four times as many")
    rounds = parser.parse_args().rounds
    shutil.rmtree(BUILD, ignore_errors=True)
    BUILD.mkdir(parents=True)
    estate = Estate()
    print(f"{estate.chat_servers} Chat Servers, {estate.pairs} UCS pairs, {estate.interaction_servers} Interaction Servers, {estate.gms} GMS nodes", flush=True)
    if os.getloadavg()[0] > 1:
        say("the machine is busy with something else: compare the ratios, and not the seconds with those of another run")
    with Sandbox(scs=False) as sandbox:
        arena = Arena(sandbox, estate, BUILD)
        results: Results = {}
        done = whole_estate(arena, results, rounds)
        one_by_one(arena, results, done)
    rows = table(results, estate)
    (BUILD / "results.json").write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")
    draw(rows, BUILD / "results.png")
    show(rows)
    print(f"{BUILD / 'results.json'}\n{BUILD / 'results.png'}")
    return 0


def say(text: str) -> None:
    """Print a line of progress at once."""
    print(f"  {text}", file=sys.stderr, flush=True)


def whole_estate(arena: Arena, results: Results, rounds: int) -> dict[str, Any]:
    """Measure the floor and chat_solution, in turns; return the database that chat_solution made."""
    sandbox = arena.sandbox
    commands = {FLOOR: arena.floor(), MODULE: arena.module(), UNPACKED: arena.unpacked_module()}
    runs = {key: results.setdefault(key, Runs(objects=arena.estate.objects)) for key in itertools.product(("first", "repeat"), commands)}
    databases: dict[str, dict[str, Any]] = {}
    for number, (name, command) in itertools.product(range(rounds), commands.items()):
        say(f"first run {number + 1}: {name}")
        sandbox.restore(arena.empty)
        runs["first", name].add(*arena.run(command))
        databases[name] = sandbox.database()
    require(applications_of(databases[FLOOR]) == applications_of(databases[MODULE]), "the floor and chat_solution made different configurations")
    # All on the same database, so that they can take turns: each finds what another one made.
    for name, command in [*commands.items()] * (4 * rounds):
        runs["repeat", name].add(*arena.run(command))
    require(sandbox.database() == databases[UNPACKED], "a repeat run changed something")
    return databases[MODULE]


def whole_playbook(arena: Arena, results: Results, done: dict[str, Any]) -> None:
    """Measure one first and one repeat run of a playbook with chat_solution."""
    say("playbook with chat_solution")
    arena.sandbox.restore(arena.empty)
    for scenario in ("first", "repeat"):
        results[scenario, MODULE].playbook_seconds.append(arena.playbook("bulk.yml", BUILD / "bulk.json")[0].seconds)
    require(applications_of(arena.sandbox.database()) == applications_of(done), "the playbook made a different configuration")


def one_by_one(arena: Arena, results: Results, done: dict[str, Any]) -> None:
    """Measure those that take one object after the other, with none and with a few Chat Servers; the playbook in turns with them."""
    before, wanted = arena.without_chat_servers(done), applications_of(done, arena.estate.chat_names[:SAMPLE])
    arena.sandbox.restore(done)
    bodies = arena.bodies()
    contestants: dict[str, Callable[[int], tuple[Measured, int]]] = {
        "looped chat_server_app": lambda count: arena.playbook(
            "looped_modules.yml", arena.write("specs", {"gax": arena.connection, "specs": arena.specs(count)})
        ),
        "looped uri": lambda count: arena.playbook(
            "looped_uri.yml", arena.write("bodies", {"gax": arena.connection, "bodies": bodies[:count]})
        ),
    }
    if shutil.which("curl") and shutil.which("jq"):
        contestants["curl and jq"] = lambda count: arena.run(curl_command(arena, bodies[:count]))
    else:
        say("curl or jq is missing: the shell script is left out")
    for name, run in contestants.items():
        whole_playbook(arena, results, done)
        arena.sandbox.restore(before)
        run(0)  # so that nothing is done for the first time below
        for scenario in ("first", "repeat"):
            say(f"{name}: {scenario}")
            (idle, idle_requests), (taken, requests) = run(0), run(SAMPLE)
            scaled = idle.seconds + (taken.seconds - idle.seconds) * arena.estate.objects / SAMPLE
            runs = results[scenario, name] = Runs([scaled], [scaled] if name.startswith("looped") else [], [taken.peak_mb])
            runs.requests = round(idle_requests + (requests - idle_requests) * arena.estate.objects / SAMPLE)
            runs.objects = SAMPLE
            require(arena.chat_servers(SAMPLE) == wanted, f"{name} made different Chat Servers")
        writes = [entry["method"] for entry in arena.sandbox.writes()]
        require(not writes, f"{name} is not idempotent: {writes}")


def curl_command(arena: Arena, bodies: Iterable[dict[str, Any]]) -> list[str]:
    """Return the command of the shell script."""
    path = BUILD / "bodies.txt"
    path.write_text("".join(json.dumps(body) + "\n" for body in bodies), encoding="utf-8")
    return ["bash", str(HERE / "looped_curl.sh"), *arena.connection.values(), str(path)]


def require(condition: bool, text: str) -> None:
    """Raise RuntimeError with the text unless the condition holds: a contestant that does something else can't be compared."""
    if not condition:
        raise RuntimeError(text)


def table(results: Results, estate: Estate) -> list[dict[str, Any]]:
    """Return the rows of results.json. "measured_objects" is smaller than "objects" where the rest was computed."""
    rows = []
    for (scenario, contestant), runs in sorted(results.items(), key=lambda item: item[0][0]):
        seconds = statistics.median(runs.seconds)
        rows.append(
            {
                "scenario": scenario,
                "contestant": contestant,
                "objects": estate.objects,
                "seconds_median": round(seconds, 3),
                "ratio_to_floor": round(seconds / statistics.median(results[scenario, FLOOR].seconds), 2),
                "requests": runs.requests,
                "peak_mb": round(max(runs.peak_mb), 1),
                "playbook_seconds": round(statistics.median(runs.playbook_seconds), 3) if runs.playbook_seconds else None,
                "measured_objects": runs.objects,
                "runs": len(runs.seconds),
            }
        )
    return rows


def show(rows: list[dict[str, Any]]) -> None:
    """Print the table."""
    print(f"\n{'scenario':9} {'contestant':24} {'objects':>7} {'seconds':>9} {'to floor':>9} {'requests':>9} {'peak MB':>8} {'playbook s':>11}")
    for row in rows:
        name = row["contestant"] + (" *" if row["measured_objects"] < row["objects"] else "")
        playbook = f"{row['playbook_seconds']:11.2f}" if row["playbook_seconds"] else " " * 10 + "-"
        print(
            f"{row['scenario']:9} {name:24} {row['objects']:7} {row['seconds_median']:9.3f} {row['ratio_to_floor']:9.2f} "
            f"{row['requests']:9} {row['peak_mb']:8.1f} {playbook}"
        )
    print(f"* measured on {SAMPLE} Chat Servers and scaled\n")
    bulk = {row["scenario"]: row["playbook_seconds"] for row in rows if row["contestant"] == MODULE}
    for row in rows:
        if row["contestant"] == "looped uri":
            print(f"{row['scenario']}: by playbook time chat_solution is {row['playbook_seconds'] / bulk[row['scenario']]:.0f} times as fast as looped uri")


if __name__ == "__main__":
    sys.exit(main())
