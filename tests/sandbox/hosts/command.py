# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m sandbox hosts``: the command line of the hosts."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from . import lab
from .settings import DEFAULT_NAMES, DEFAULT_PREFIX, Settings

OPERATIONS = {
    "partition": (lab.partition, "pull the network cable of hosts"),
    "heal": (lab.heal, "plug the cable in again"),
    "power-cut": (lab.power_cut, "switch hosts off at once; their disks stay"),
    "boot": (lab.boot, "switch hosts on and wait until they can be used"),
    "reboot": (lab.reboot, "restart hosts in order and wait until they can be used"),
    "free-disk": (lab.free_disk, "take away what fills the disk"),
}


def add_to(parser: argparse.ArgumentParser) -> None:
    """Declare the commands."""
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--prefix", default=DEFAULT_PREFIX, help="begins the names of namespaces; which hosts are meant (default: %(default)s)")
    commands = parser.add_subparsers(dest="operation", required=True)
    up = commands.add_parser("up", parents=[common], help="make the hosts anew; needs root")
    up.add_argument("--dir", default="build/hosts", help="directory of disks, keys, logs and inventory (default: %(default)s)")
    up.add_argument("--names", default=",".join(DEFAULT_NAMES), metavar="NAME[,NAME]", help="host names (default: %(default)s)")
    commands.add_parser("down", parents=[common], help="remove the hosts and all that belongs to them")
    commands.add_parser("status", parents=[common], help="list the hosts")
    for name, (_function, text) in OPERATIONS.items():
        commands.add_parser(name, parents=[common], help=text).add_argument("names", nargs="+", metavar="HOST")
    fill = commands.add_parser("fill-disk", parents=[common], help="fill the disk of hosts")
    fill.add_argument("--leave", type=int, default=0, metavar="MIB", help="mebibytes that stay free (default: %(default)s)")
    fill.add_argument("names", nargs="+", metavar="HOST")


def run(options: argparse.Namespace) -> None:
    """Run one command. Raises HostsError."""
    if options.operation == "up":
        settings = Settings(Path(os.path.abspath(options.dir)), tuple(options.names.split(",")), options.prefix)
        lab.up(settings)
        print(f"{len(settings.names)} hosts are up. Run commands in their network, with the inventory {settings.inventory}:")
        print(f"  ip netns exec {settings.prefix} ansible -i {settings.inventory} genesys_hosts -m ping")
    elif options.operation == "down":
        print("the hosts are gone" if lab.down(options.prefix) else "there are no hosts")
    elif options.operation == "status":
        for line in lab.status(options.prefix):
            print("{name:<10} {address:<15} {state:<8} {cable:<8} {free}".format(**line))
    elif options.operation == "fill-disk":
        lab.fill_disk(options.prefix, options.names, options.leave << 20)
    else:
        OPERATIONS[options.operation][0](options.prefix, options.names)
