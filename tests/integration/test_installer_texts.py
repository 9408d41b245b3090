# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every error text of the installer that can be provoked, provoked: it reaches the user whole, with the host and the cure.

Much of what the installer refuses, the module refuses before; then the situation arises here in between, while the installer is
held. Where no option of the module leads to a text, the response file is changed in between.

What needs a file system of its own, or another account than root's, is provoked on real hosts (tests/hosts/test_packages.py):
"Unable to write to", "Couldn't back up", "The space required".

Not provoked: "Unable to create file in <path> directory because of insufficient permissions." It is printed for a result log
whose name has other characters than letters, digits, underscores and dots, or whose directory cannot be written to. The module
gives the log a good name in a directory that it has just made for the installer's user.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from integration.configured_site import fails_well
from integration.go_between import Exchange, GoBetween
from integration.installer_texts import TEXTS, pattern
from integration.managed_hosts import CHAT_NEW, CHAT_OLD, PASSWORD, Hosts, hold, wait_until
from integration.module_runner import ModuleRunner, Outcome
from integration.odd_packages import odd_package

from ansible_collections.genesys_engage.chat.plugins.module_utils._common.variables import ON_HOSTS, told
from sandbox.testing import Sandbox

OLD, NEW = "8.5.311.06", "8.5.316.02"
ON_REAL_HOSTS = {"write", "back up", "space"}
NOT_PROVOKED = {"result log"}


class Scene:
    """The host chat1, on which the old version is installed."""

    def __init__(self, hosts: Hosts, directory: Path) -> None:
        self.hosts = hosts
        self.directory = directory
        self.target = hosts.target()

    def install(self, **changes: Any) -> Outcome:
        """Install the new version."""
        return self.hosts.install(**changes)

    def meanwhile(self, point: str, action: Callable[[], object], **changes: Any) -> Outcome:
        """Install the new version; do something while the installer is held at a point."""
        with hold(self.directory / "hold", point) as held:
            self.hosts.start("installation_package", self.hosts.installation(**changes), self.hosts.environment("chat1", **held.variables))
            held.wait()
            action()
        return self.hosts.finish()

    def answering(self, *replacements: tuple[str, str], **changes: Any) -> Outcome:
        """Install the new version; replace parts of the response file before the installer reads it."""

        def edit() -> None:
            path = self.workspace() / "response.ini"
            text = path.read_text()
            for old, new in replacements:
                assert old in text
                text = text.replace(old, new)
            path.write_text(text)

        return self.meanwhile("begin", edit, **changes)

    def workspace(self) -> Path:
        """Return the module's directory for response file and result log."""
        found, = self.hosts.leftovers()
        return found

    def odd(self, **inside: dict[str, bytes | str]) -> Outcome:
        """Install an odd package; the inner archives by their names up to the first dot, ``ip`` for what lies beside them."""
        parts = {"" if name == "ip" else f"{name}.tar.gz": {f"ip/{file}" if name == "ip" else file: content for file, content in files.items()}
                 for name, files in inside.items()}
        return self.install(src=str(odd_package(self.hosts.package(CHAT_NEW), self.directory / "odd.tar.gz", parts)), allow_gctisetup=True)

    def wizard(self, *lines: str) -> Outcome:
        """Install a package with the file of a wizard."""
        return self.odd(ip={"GCTISetup.ini": "\n".join(["[___general___]", *lines, ""]).encode()})

    def general(self) -> list[str]:
        """Return what a wizard writes about the login, the password last."""
        login = self.hosts.login()
        return [f"Version={NEW}", *(f"{key}={login[f'confserv_{name}']}" for key, name in
                                    (("host", "host"), ("port", "port"), ("user", "username"), ("password", "password")))]

    def through(self, change: Callable[[Exchange, int], int]) -> Outcome:
        """Install the new version; what passes between installer and Configuration Server is answered by a status instead, unless that is 0.

        change: called with each request and the number of writes before it.
        """
        login = self.hosts.login()
        writes = 0

        def asked(exchange: Exchange) -> Exchange | None:
            nonlocal writes
            exchange.status = change(exchange, writes)
            writes += exchange.path == "/update"
            return exchange if exchange.status else None

        with GoBetween(f"http://{login['confserv_host']}:{login['confserv_port']}") as between:
            between.asked = asked
            return self.install(confserv_port=int(between.url.rpartition(":")[2]))


def product_with_questions(scene: Scene, **response: Any) -> Outcome:
    """A product that has a section of its own in the response file, as LCA has."""
    script = "import sys\nfrom installer.main import main\nfrom installer.sequence import Product\n"
    script += "sys.exit(main(sys.argv[1:], Product('ChatServer', '59', (('LCA', 'UseGDA'),))))\n"
    package = odd_package(scene.hosts.package(CHAT_NEW), scene.directory / "questions.tar.gz", {"iscript.tar.gz": {"product.pl": script.encode()}})
    return scene.install(src=str(package), **response)


def licence_removed(scene: Scene) -> Outcome:
    file = scene.directory / "license.dat"
    file.touch()
    return scene.meanwhile("write", file.unlink, license={"file": str(file)})


def old_system(scene: Scene) -> Outcome:
    release = scene.hosts.sandbox.directory / "hosts" / "chat1" / "etc" / "redhat-release"
    release.parent.mkdir(exist_ok=True)
    release.write_text("Red Hat Enterprise Linux Server release 6.10 (Santiago)\n")
    try:
        return scene.install()
    finally:
        release.unlink()


def nothing_there(scene: Scene) -> Scene:
    shutil.rmtree(scene.target)
    return scene


MANAGER = {"host": "lic.example.com", "port": 7260}

#: How each text is provoked.
PROVOKED: dict[str, Callable[[Scene], Outcome]] = {
    "file": lambda scene: scene.meanwhile("begin", lambda: os.unlink(scene.workspace() / "response.ini")),
    "section": product_with_questions,
    "key": lambda scene: product_with_questions(scene, response={"LCA": {"TuneStartupFiles": "no"}}),
    "password": lambda scene: scene.wizard(*scene.general()[:-1]),
    "value": lambda scene: scene.answering(("UseLicense=NotRequired", "UseLicense=Perhaps")),
    "access type": lambda scene: scene.answering(("AccessType=LicenseManager", "AccessType=None"), license=MANAGER),
    "install path": lambda scene: scene.answering(("InstallPath=", "InstallPath=/opt/..")),
    "license host": lambda scene: scene.answering(("Host=lic.example.com", "Host=lic/example"), license=MANAGER),
    "license port": lambda scene: scene.answering(("Port=7260", "Port=lic"), license=MANAGER),
    "license file": licence_removed,
    "agreement": lambda scene: scene.answering(("LicenseAgreement=Accepted", "LicenseAgreement=NotAccepted")),
    "create": lambda scene: nothing_there(scene).meanwhile("target", lambda: scene.target.symlink_to("nowhere")),
    "no directory": lambda scene: nothing_there(scene).meanwhile("target", scene.target.touch),
    "same directory": lambda scene: scene.meanwhile("target", (scene.target / "install.lock").touch),
    "extract": lambda scene: scene.odd(data={"ChatServer_64/x": b""}),
    "copy": lambda scene: scene.odd(data={"ospatchlist.txt/x": b""}),
    "link": lambda scene: scene.odd(data={"ChatServer": b""}),
    "run.sh": lambda scene: scene.odd(data={"run.sh": "nowhere/run.sh"}),
    "wizard without version": lambda scene: scene.wizard("host=127.0.0.1"),
    "wizard of another version": lambda scene: scene.wizard("Version=8.5.000.00"),
    "wizard's application": lambda scene: scene.wizard(*scene.general(), "[ChatServer_1]", "host=chat1", "dbid=1"),
    "operating system": old_system,
    "server": lambda scene: scene.install(confserv_port=1),
    "login": lambda scene: scene.install(confserv_password="another S3cret"),
    "port": lambda scene: scene.through(lambda exchange, _writes: 502),
    "host": lambda scene: scene.install(variables={"SANDBOX_HOSTNAME": "nowhere"}),
    "read": lambda scene: scene.through(lambda exchange, _writes: 404 if exchange.path == "/login" else 0),
    "write paths": lambda scene: scene.through(lambda exchange, _writes: 403 if exchange.path == "/update" else 0),
    "write version": lambda scene: scene.through(lambda exchange, writes: 403 if exchange.path == "/update" and writes else 0),
    "read server version": lambda scene: scene.through(lambda _exchange, writes: 503 if writes else 0),
    "verify server version": lambda scene: scene.through(lambda exchange, _writes: 500 if exchange.path == "/version" else 0),
}

#: After these the new files are in place in part, and the old ones in a backup. After the others all is as it was.
LATE = {"license host", "license port", "license file", "value", "access type", "extract", "copy", "link", "run.sh"}
LATE |= {"write paths", "write version", "read server version", "verify server version"}


@pytest.fixture(scope="module")
def prepared(runner: ModuleRunner, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Hosts, Path, dict[str, Any]]]:
    """A sandbox on whose host chat1 the old version is installed, a copy of that host, and the database."""
    with Sandbox(password=PASSWORD) as sandbox:
        hosts = Hosts(sandbox, runner)
        hosts.installed(package=CHAT_OLD)
        (hosts.target() / "edited.cfg").write_text("by hand")
        copy = tmp_path_factory.mktemp("chat1") / "opt"
        shutil.copytree(hosts.root("chat1"), copy, symlinks=True)
        yield hosts, copy, sandbox.database()


@pytest.fixture
def scene(prepared: tuple[Hosts, Path, dict[str, Any]], tmp_path: Path) -> Scene:
    hosts, copy, database = prepared
    hosts.sandbox.restore(database)
    shutil.rmtree(hosts.root("chat1"))
    shutil.copytree(copy, hosts.root("chat1"), symlinks=True)
    return Scene(hosts, tmp_path)


def content(directory: Path) -> dict[str, object]:
    """Return files and links below a directory with what is in them, but for backups."""
    files = {str(path.relative_to(directory)): path for path in directory.rglob("*") if not path.is_dir()}
    return {
        name: os.readlink(path) if path.is_symlink() else path.read_bytes() for name, path in files.items() if not name.startswith("backup_")
    }


def test_each_text_is_provoked_or_listed():
    assert set(PROVOKED) | ON_REAL_HOSTS | NOT_PROVOKED == set(TEXTS)
    assert all(TEXTS[name] in " ".join((__doc__ or "").split()) for name in NOT_PROVOKED)


@pytest.mark.parametrize("name", PROVOKED)
def test_a_text_reaches_the_user_with_host_and_cure_and_nothing_is_lost(scene, name):
    before, configured = content(scene.target), scene.hosts.configured()
    outcome = PROVOKED[name](scene)
    failure = outcome.result["failure"]
    assert pattern(name).fullmatch(failure["error"]), failure
    assert (failure["exit_code"], failure["result_code"], failure["host"]) == (1, 1, "chat1")
    fails_well(outcome, "On host 'chat1': Installation of eSChatSrv 8.5.316.02 build 1 into ", failure["error"].rstrip("."), told(failure["cure"], ON_HOSTS))
    assert failure["cure"]
    if name in LATE:
        assert failure["target"] == "incomplete"
        assert content(Path(failure["backup"])) == before
        assert f"{scene.target} is incomplete, its former content is in {failure['backup']}; the next run installs again" in outcome.message
        assert scene.hosts.run("package_info", {"paths": [str(scene.target)]}).result["installations"][0]["complete"] is False
    elif name in ("create", "no directory"):
        assert not scene.target.is_dir()
    else:
        assert (failure["target"], failure["backup"]) == ("incomplete" if name == "same directory" else "untouched", None)
        assert {key: value for key, value in content(scene.target).items() if key != "install.lock"} == before
        assert scene.hosts.configured() == configured


@pytest.mark.parametrize("name", ["write paths", "link", "same directory", "no directory"])
def test_the_cure_helps(scene, name):
    """Each kind of state is left behind: written in part, extracted in part, something in the way."""
    PROVOKED[name](scene)
    for path in (scene.target / "install.lock", scene.target):
        if path.is_file():
            path.unlink()
    assert scene.hosts.installed().changed
    assert scene.hosts.configured()["version"] == NEW
    assert not scene.hosts.installed().changed


def test_an_answer_that_the_product_wants_is_given_with_response(scene):
    outcome = product_with_questions(scene, response={"LCA": {"UseGDA": "NotUse"}})
    assert outcome.changed


@pytest.mark.parametrize(("license_source", "words"), [
    ({"host": "lic/example", "port": 7260}, "license (in the playbooks: genesys_license): 'lic/example' is not a host name"),
    ({"host": "lic.example.com", "port": 0}, "license (in the playbooks: genesys_license): 0 is not a port number"),
])
def test_what_the_installer_would_refuse_late_is_refused_before(scene, license_source, words):
    before = content(scene.target)
    fails_well(scene.install(license=license_source), "On host 'chat1': ", words)
    assert content(scene.target) == before


# --- no result log ------------------------------------------------------------------------------------------------------


def needs_a_missing_library() -> bytes:
    """Return a program that needs a library which is nowhere."""
    program = Path("/bin/true").resolve().read_bytes()
    assert program.count(b"libc.so.6\0") == 1
    return program.replace(b"libc.so.6\0", b"libx.so.6\0")


def stale_log(directory: Path) -> None:
    """Leave the log of a former run, a success of this very package."""
    text = f"[GenesysProductInfo]\nIPVersion={NEW}\nIPBuildNumber=1\n[Result]\nResultCode=0\nError=\nReboot=N\n"
    (directory / "genesys_install_result.log").write_text(text)


@pytest.mark.parametrize(("perl", "code", "said"), [
    (b"#!/no/such/interpreter\n", 127, "not found"),
    (needs_a_missing_library(), 127, "libx.so.6"),
    (b"#!/bin/sh\nexit 255\n", 255, ""),
])
def test_a_perl_that_cannot_run_is_no_success_though_an_older_log_says_so(scene, perl, code, said):
    before = content(scene.target)
    stale_log(scene.directory)
    package = odd_package(scene.hosts.package(CHAT_NEW), scene.directory / "odd.tar.gz", {"installer.tar.gz": {"Perl": perl}})
    arguments = scene.hosts.installation(src=str(package), temp_path=str(scene.directory))
    outcome = scene.hosts.run("installation_package", arguments, scene.hosts.environment("chat1"))
    advice = ["glibc.i686", "noexec"] if code == 127 else ["failure.output"]
    fails_well(outcome, "On host 'chat1': ", f"install.sh ended with exit code {code} and wrote no result log", said, "Nothing was changed", *advice)
    assert (outcome.result["failure"]["exit_code"], outcome.result["failure"]["target"]) == (code, "untouched")
    assert content(scene.target) == before


def test_a_perl_of_32_bits_without_its_library_is_noticed_before_anything_is_touched(scene):
    loader = b"/lib/ld-none.so.2\0"
    header = b"\x7fELF\1\1\1" + bytes(21) + (52).to_bytes(4, "little") + bytes(10) + (32).to_bytes(2, "little") + (1).to_bytes(2, "little") + bytes(6)
    segment = (3).to_bytes(4, "little") + (84).to_bytes(4, "little") + bytes(8) + len(loader).to_bytes(4, "little") + bytes(12)
    package = odd_package(scene.hosts.package(CHAT_NEW), scene.directory / "odd.tar.gz", {"installer.tar.gz": {"Perl": header + segment + loader}})
    for check in (True, False):
        outcome = scene.install(src=str(package), check=check)
        fails_well(outcome, "On host 'chat1': The package brings its own Perl, which needs /lib/ld-none.so.2", "glibc.i686")
        assert scene.hosts.installer_calls() == 0


def test_a_log_that_cannot_be_written_is_no_success(scene):
    """The installer ignores it, and ends with exit code 0."""
    before = content(scene.target)
    outcome = scene.meanwhile("write", lambda: os.mkdir(scene.workspace() / "genesys_install_result.log"))
    fails_well(outcome, "On host 'chat1': ", "exit code 0 and wrote no result log", "temp_path", "the next run installs again")
    assert content(Path(outcome.result["failure"]["backup"])) == before
    assert scene.hosts.installed().changed


@pytest.mark.parametrize("number", ["SIGHUP", "SIGINT", "SIGQUIT", "SIGTERM"])
def test_an_installer_that_somebody_ends(scene, number):
    before = content(scene.target)

    def end() -> None:
        copy, = (path.parent for path in Path("/tmp").glob("20*/launch_directory.txt") if str(scene.hosts.runner.directory) in path.read_text())
        os.kill(int(copy.name.rpartition("_")[2]), signal.Signals[number])
        wait_until(lambda: not copy.exists())

    outcome = scene.meanwhile("write", end)
    fails_well(outcome, "On host 'chat1': ", "exit code 1 and wrote no result log; it said: Installation has terminated", "ended it", "is incomplete")
    assert content(Path(outcome.result["failure"]["backup"])) == before
    assert scene.hosts.installed().changed


# --- at the same time ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def second_runner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModuleRunner]:
    with ModuleRunner(tmp_path_factory.mktemp("second")) as running:
        yield running


def test_two_applications_on_one_host_at_the_same_time(scene, second_runner, tmp_path):
    """Both installers are at the same point at the same moment, each with its own response file and result log."""
    first, second = scene.hosts, scene.hosts.beside(second_runner)
    first.site.make_chat_server("ChatServer_9", "chat1")
    with hold(tmp_path / "first", "write") as one, hold(tmp_path / "second", "write") as other:
        first.start("installation_package", first.installation(), first.environment("chat1", **one.variables))
        second.start("installation_package", first.installation("ChatServer_9", package=CHAT_OLD), first.environment("chat1", **other.variables))
        one.wait()
        other.wait()
    outcomes = {"ChatServer_1": first.finish(), "ChatServer_9": second.finish()}
    for application, version in (("ChatServer_1", NEW), ("ChatServer_9", OLD)):
        result = outcomes[application].result
        assert result["changed"], result
        assert (result["installed"]["application"], result["installed"]["version"]) == (application, version)
        assert result["expected_configuration"] == first.configured(application)
        assert re.search(f'-app "{application}"', (first.target(application) / "run.sh").read_text())
    assert first.leftovers() == second.leftovers() == []


def test_the_same_directory_twice_at_the_same_time(scene, second_runner, tmp_path):
    second = scene.hosts.beside(second_runner)
    with hold(tmp_path / "first", "write") as held:
        scene.hosts.start("installation_package", scene.hosts.installation(), scene.hosts.environment("chat1", **held.variables))
        held.wait()
        refused = second.run("installation_package", scene.hosts.installation(), scene.hosts.environment("chat1"))
        going_back = {"path": str(scene.target), "application": "ChatServer_1"}
        refused_too = second.run("package_rollback", going_back, scene.hosts.environment("chat1"))
    assert scene.hosts.finish().changed
    for outcome in (refused, refused_too):
        fails_well(outcome, f"Another installation into {scene.target} is running", "Wait until it has ended")
    assert scene.hosts.configured()["version"] == NEW
    assert not scene.hosts.installed().changed
