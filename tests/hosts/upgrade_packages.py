# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Packages with ever higher versions, whole and spoiled ones, on the hosts: so no test has to go back before it can upgrade."""

from __future__ import annotations

import dataclasses
import io
import itertools
import subprocess
import tarfile
from collections.abc import Iterable

from hosts.machine import Hosts, environment

from sandbox.packages.build import package_archive
from sandbox.packages.products import PACKAGES, Package

WHERE = "/srv/genesys/packages"
PYTHON = "/usr/bin/python3"
COPY_SECONDS = 60.0

#: It starts, tells that it initializes, and opens no port.
_NEVER_READY = """#!{python} -IS
import asyncio, os, sys
sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "lib"))
from servers.runtime import Server, run_server

class Never(Server):
    async def started(self):
        await self._stop.wait()
        sys.exit(0)

sys.exit(run_server(Never, sys.argv[1:], "never", "0"))
"""
DIES = b"#!/bin/sh\nexit 3\n"
IN_THE_WAY = b"in the way of the installer's link\n"


class Packages:
    """Makes packages of one product and copies them to hosts.

    Args:
        hosts: all hosts.
        product: nickname of the product.
        series: the first parts of the versions that are made.
    """

    def __init__(self, hosts: Hosts, product: str, series: str) -> None:
        self._hosts, self._series = hosts, series
        self._numbers = itertools.count(1)
        self._last = [package for package in PACKAGES if package.nickname == product][-1]

    def next(self) -> Package:
        """Return a package that is newer than all before it."""
        self._last = dataclasses.replace(self._last, version=f"{self._series}.{next(self._numbers):02d}", build_date="2025-06-17")
        return self._last

    def put(self, package: Package, hosts: Iterable[str]) -> str:
        """Copy a whole package to hosts; return its path there."""
        return self._put(package, hosts, package_archive(package, PYTHON))

    def put_failing(self, package: Package, hosts: Iterable[str]) -> str:
        """Copy a package whose installation fails after the old files were moved away."""
        return self._put(package, hosts, package_archive(package, PYTHON, {package.executable: IN_THE_WAY}))

    def put_dying(self, package: Package, hosts: Iterable[str]) -> str:
        """Copy a package whose server ends as soon as it is started."""
        return self._put(package, hosts, package_archive(package, PYTHON, {f"{package.executable}_64": DIES}))

    def put_never_ready(self, package: Package, hosts: Iterable[str]) -> str:
        """Copy a package whose server never gets to work."""
        server = _NEVER_READY.format(python=PYTHON).encode()
        return self._put(package, hosts, package_archive(package, PYTHON, {f"{package.executable}_64": server}))

    def put_corrupt(self, package: Package, hosts: Iterable[str]) -> str:
        """Copy the first half of a package."""
        whole = package_archive(package, PYTHON)
        return self._put(package, hosts, whole[: len(whole) // 2])

    def _put(self, package: Package, hosts: Iterable[str], content: bytes) -> str:
        """Write a file with the package's name on hosts; a host that has one gets another one."""
        for host in hosts:
            put(self._hosts, host, WHERE, {package.file_name: content})
        return f"{WHERE}/{package.file_name}"


def put(hosts: Hosts, host: str, directory: str, files: dict[str, bytes]) -> None:
    """Write files with these names into a directory of a host, as root."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(content), 0o644
            tar.addfile(entry, io.BytesIO(content))
    line = hosts.ssh_line(host, f"sudo mkdir -p {directory} && sudo tar -xf - -C {directory}")
    done = subprocess.run(
        line, input=packed.getvalue(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=COPY_SECONDS, env=environment(), check=False
    )
    assert done.returncode == 0, done.stdout.decode()
