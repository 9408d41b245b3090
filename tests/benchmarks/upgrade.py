# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``make bench``, second part: the rolling upgrade of eight pairs of UCS against that of one pair.

Installing and starting take five seconds each, at the least. The hosts are directories of this machine, so the controller's processor time
is that of Ansible, of the modules on all hosts and of mlcmd. Nothing is asserted; the figures go to build/bench/upgrade.json.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import shutil
import statistics
import sys
from pathlib import Path
from typing import Any

import requests
import yaml

from sandbox.packages.build import package_archive
from sandbox.packages.products import PACKAGES
from sandbox.testing import Sandbox

from .measured import Measured, measured

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build" / "bench"
SLOW_SECONDS = 5.0
LIMIT = 1800.0
NAMES = {"chat_server": "eSChatSrv_8531106b1", "contact_server": "eSContSrv_9100012b1", "interaction_server": "eSInteractSrv_8520105b1"}


class Cluster:
    """A sandbox with some pairs, each with one Chat Server; every server has a host of its own.

    Args:
        sandbox: a new one.
        pairs: their number.
        place: a directory for what the runs leave.
    """

    def __init__(self, sandbox: Sandbox, pairs: int, place: Path) -> None:
        self.sandbox, self.pairs, self.place = sandbox, pairs, place
        self.members = [f"UCS_{number}" for number in range(1, 2 * pairs + 1)]
        place.mkdir(parents=True)
        packages = Path(sandbox.environment["packages"])
        self.packages = {role: str(packages / f"IP_{name}_ENU_linux.tar.gz") for role, name in NAMES.items()}
        self.hosts = {f"ucs{number}" for number in range(1, 2 * pairs + 1)} | {f"chat{number}" for number in range(1, pairs + 1)} | {"ixn1"}
        known = {item["name"]: item["ipaddress"] for item in sandbox.objects("CfgHost")}
        network = known["ucs1"].rpartition(".")[0]
        for number, name in enumerate(sorted(self.hosts - set(known)), 100):
            known[name] = f"{network}.{number}"
            sandbox.create("CfgHost", name=name, subtype="CFGNetworkServer", ostype="CFGRedHatLinux", lcaport="4999", ipaddress=known[name])
        self.inventory = self._write("inventory", self._inventory({name: known[name] for name in sorted(self.hosts)}))
        self.environment = {key: value for key, value in os.environ.items() if not key.startswith(("ANSIBLE_", "GAX_", "CONFSERV_", "SCS_", "PYTHON"))}
        self.environment |= {"LC_ALL": "C.UTF-8", "ANSIBLE_HOME": str(place / "ansible"), "ANSIBLE_NOCOLOR": "1", "ANSIBLE_LOCALHOST_WARNING": "0"}
        self.environment |= {
            "ANSIBLE_CALLBACK_PLUGINS": str(Path(__file__).parent / "callbacks"),
            "ANSIBLE_CALLBACKS_ENABLED": "counts",
            "COUNTS": str(place / "counts.json"),
        }

    def _inventory(self, addresses: dict[str, str]) -> dict[str, Any]:
        content: dict[str, Any] = yaml.safe_load(self.sandbox.inventory.read_text(encoding="utf-8"))
        hosts = {}
        for name, address in addresses.items():
            environment = {"SANDBOX_HOSTNAME": name, "SANDBOX_ADDRESS": address, "SANDBOX_DIR": str(self.sandbox.directory)}
            hosts[name] = {
                "ansible_connection": "local",
                "genesys_host_address": address,
                "genesys_install_root": str(self.sandbox.directory / "hosts" / name / "opt" / "genesys"),
                "genesys_environment": {**environment, "SANDBOX_INSTALL_SECONDS": "{{ install_seconds | default('0') }}"},
            }
        content["all"]["children"]["genesys_hosts"]["hosts"] = hosts
        return content

    def _write(self, name: str, content: Any) -> Path:
        path = self.place / f"{name}.yml"
        path.touch(mode=0o600)
        path.write_text(yaml.safe_dump(content), encoding="utf-8")
        return path

    def play(self, name: str, **variables: Any) -> Measured:
        """Run a playbook of the collection to a good end."""
        solution = {
            "tenant": "Environment",
            "interaction_queues": ["Chat_In"],
            "chat_server_defaults": {
                "application_template": "Chat Server 8.5.3",
                "ports": {"default": 4580, "webapi": 4581, "ESP": 4582},
                "endpoints": {"default": "Chat_In"},
            },
            "chat_servers": [{"name": f"ChatServer_{number}", "host": f"chat{number}"} for number in range(1, self.pairs + 1)],
            "contact_servers": {
                "defaults": {"application_template": "Universal Contact Server 9.1", "ports": {"default": 7100}},
                "pairs": [
                    {"primary": {"name": f"UCS_{number}", "host": f"ucs{number}"}, "backup": {"name": f"UCS_{number + 1}", "host": f"ucs{number + 1}"}}
                    for number in range(1, 2 * self.pairs, 2)
                ],
            },
            "interaction_servers": [{"name": "IXN_1", "host": "ixn1", "application_template": "Interaction Server 8.5.2", "ports": {"default": 4420}}],
            "message_server": "MessageServer",
            "configuration_server": "confserv",
        }
        all_variables = {"chat_solution": solution, "genesys_packages": self.packages, "genesys_accept_license": True, **variables}
        options = ["--forks", "30", "-i", str(self.inventory), "-e", f"@{self._write('variables', all_variables)}"]
        line = [sys.executable, "-m", "ansible", "playbook", *options, f"genesys_engage.chat.{name}"]
        return measured(line, self.environment, self.place, LIMIT)

    def counts(self) -> dict[str, int]:
        """Return what the last run of a playbook has done: tasks, results and module_runs."""
        found: dict[str, int] = json.loads((self.place / "counts.json").read_text(encoding="utf-8"))
        return found

    def slow_start(self) -> None:
        """From now on a UCS takes its time to start."""
        address = f"http://{self.sandbox.environment['scs_host']}:{self.sandbox.environment['scs_port']}"
        with requests.Session() as session:
            session.trust_env = False
            for name in self.members:
                session.post(f"{address}/behaviour", json={"application": name, "start_delay": SLOW_SECONDS}, timeout=30).raise_for_status()

    def next_package(self, number: int) -> None:
        """Make a newer package, which is the one that the next upgrade installs."""
        newest = [package for package in PACKAGES if package.nickname == "eSContSrv"][-1]
        package = dataclasses.replace(newest, version=f"9.1.010.{number:02d}", build_date="2025-06-17")
        path = Path(self.packages["contact_server"]).with_name(package.file_name)
        path.write_bytes(package_archive(package, sys.executable))
        self.packages["contact_server"] = str(path)


def measure(pairs: int, rounds: int) -> tuple[list[Measured], dict[str, int]]:
    """Return the runs of upgrades of so many pairs, and what the last one has done."""
    with Sandbox() as sandbox:
        cluster = Cluster(sandbox, pairs, BUILD / f"upgrade_{pairs}")
        say(f"deploying {pairs} pairs")
        cluster.play("deploy", deploy_verify=False)
        cluster.slow_start()
        runs = []
        for number in range(1, rounds + 1):
            cluster.next_package(number)
            say(f"upgrade {number} of {pairs} pairs")
            runs.append(cluster.play("upgrade_contact_servers", install_seconds=str(SLOW_SECONDS)))
        return runs, cluster.counts()


def say(text: str) -> None:
    """Print a line of progress at once."""
    print(f"  {text}", file=sys.stderr, flush=True)


def main() -> int:
    """Measure, print a table, write the figures."""
    parser = argparse.ArgumentParser(prog="benchmarks.upgrade", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3, help="upgrades of each cluster; the median counts")
    parser.add_argument("--pairs", type=int, default=8, help="pairs of the greater cluster")
    options = parser.parse_args()
    BUILD.mkdir(parents=True, exist_ok=True)
    rows: list[dict[str, Any]] = []
    for pairs in (1, options.pairs):
        shutil.rmtree(BUILD / f"upgrade_{pairs}", ignore_errors=True)
        runs, counts = measure(pairs, options.rounds)
        rows.append(
            {
                "pairs": pairs,
                "seconds": round(statistics.median(run.seconds for run in runs), 1),
                "cpu_seconds": round(statistics.median(run.cpu_seconds for run in runs), 1),
                "all_seconds": [round(run.seconds, 1) for run in runs],
                **counts,
            }
        )
    ratio = round(rows[1]["seconds"] / rows[0]["seconds"], 2)
    (BUILD / "upgrade.json").write_text(json.dumps({"runs": rows, "ratio": ratio, "cores": os.cpu_count()}, indent=2) + "\n", encoding="utf-8")
    print("pairs  seconds  processor seconds  module runs  results")
    for row in rows:
        print(f"{row['pairs']:>5}  {row['seconds']:>7}  {row['cpu_seconds']:>17}  {row['module_runs']:>11}  {row['results']:>7}")
    print(f"ratio: {ratio}\n{BUILD / 'upgrade.json'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
