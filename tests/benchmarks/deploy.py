# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``make bench``, third part: a first deployment and its repetition against a play with one ping on the same hosts, with the same forks.

Two sites: two pairs of UCS, about the size of the demo's, and eight pairs. The hosts are directories of this machine.
Nothing is asserted; the figures go to build/bench/deploy.json.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import statistics
import sys
from typing import Any

from sandbox.testing import Sandbox

from .measured import Measured, measured
from .upgrade import BUILD, LIMIT, Cluster, say


def ping(cluster: Cluster) -> Measured:
    """Run one ping on all hosts of a cluster."""
    book = cluster.place / "ping.yml"
    book.write_text("- hosts: all\n  gather_facts: false\n  tasks:\n    - ansible.builtin.ping:\n", encoding="utf-8")
    return measured([sys.executable, "-m", "ansible", "playbook", "--forks", "30", "-i", str(cluster.inventory), str(book)],
                    cluster.environment, cluster.place, LIMIT)  # fmt: skip


def results_per_host(output: str, hosts: set[str]) -> int:
    """Return the greatest number of results (ok and skipped) that a managed host has in the recap of a playbook."""
    recap = re.findall(r"^(\S+)\s+: ok=(\d+) .*skipped=(\d+)", output, re.MULTILINE)
    return max(int(ok) + int(skipped) for host, ok, skipped in recap if host in hosts)


def measure(name: str, pairs: int, rounds: int) -> dict[str, Any]:
    """Return the figures of one site."""
    with Sandbox() as sandbox:
        place = BUILD / f"deploy_{pairs}"
        shutil.rmtree(place, ignore_errors=True)
        cluster = Cluster(sandbox, pairs, place)
        say(f"{name}: first deployment of {len(cluster.hosts)} hosts")
        first = cluster.play("deploy")
        repeats, pings = [], []
        for number in range(1, rounds + 1):
            say(f"{name}: repetition {number}")
            sandbox.clear()
            repeats.append(cluster.play("deploy"))
            pings.append(ping(cluster))
        logins = sum(entry["path"].endswith("/session/login") for entry in sandbox.requests("gax"))
    repeat, pong = (statistics.median(run.seconds for run in runs) for runs in (repeats, pings))
    return {
        "site": name,
        "hosts": len(cluster.hosts) + 1,
        "first_seconds": round(first.seconds, 1),
        "repeat_seconds": round(repeat, 1),
        "ping_seconds": round(pong, 1),
        "repeat_to_ping": round(repeat / pong, 2),
        "repeat_cpu_seconds": round(statistics.median(run.cpu_seconds for run in repeats), 1),
        "results_per_host": results_per_host(repeats[-1].output, cluster.hosts),
        "logins": logins,
    }


def main() -> int:
    """Measure, print a table, write the figures."""
    parser = argparse.ArgumentParser(prog="benchmarks.deploy", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3, help="repetitions on each site; the median counts")
    options = parser.parse_args()
    BUILD.mkdir(parents=True, exist_ok=True)
    rows = [measure(name, pairs, options.rounds) for name, pairs in (("two pairs", 2), ("eight pairs", 8))]
    (BUILD / "deploy.json").write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")
    for row in rows:
        print(", ".join(f"{key} {value}" for key, value in row.items()))
    small, great = rows
    print(f"each further host: {(great['repeat_seconds'] - small['repeat_seconds']) / (great['hosts'] - small['hosts']):.2f} s ({os.cpu_count()} cores)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
