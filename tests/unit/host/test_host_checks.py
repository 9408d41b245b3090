# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is checked beforehand: machine, directory, rules that data decides."""

from __future__ import annotations

import os
import pwd
import socket
import struct
import tempfile
from pathlib import Path

import pytest

from ansible_collections.genesys_engage.chat.plugins.module_utils._host.install import machine
from ansible_collections.genesys_engage.chat.plugins.module_utils._host.install.preconditions import (
    check_application,
    check_product,
    check_purpose,
    check_replacement,
)
from ansible_collections.genesys_engage.chat.plugins.module_utils._host.install.target import check_target, prepared_directories
from ansible_collections.genesys_engage.chat.plugins.module_utils._host.product.description import Description
from ansible_collections.genesys_engage.chat.plugins.module_utils._host.product.installed import Installed
from ansible_collections.genesys_engage.chat.plugins.module_utils._host.product.roots import check_path
from ansible_collections.genesys_engage.chat.plugins.module_utils._host.product.start_script import StartScript
from ansible_collections.genesys_engage.chat.plugins.module_utils._host.product.workspace import private_workspace, remove_leftover
from ansible_collections.genesys_engage.chat.plugins.module_utils._host.system import movable
from ansible_collections.genesys_engage.chat.plugins.module_utils._host.system.accounts import Account, act_as, find_account
from ansible_collections.genesys_engage.chat.plugins.module_utils._host.system.errors import HostError

root_only = pytest.mark.skipif(os.geteuid() != 0, reason="only root can change the user")


def package(nickname="eSChatSrv", version="8.5.316.02", build="1", systems=()) -> Description:
    return Description(nickname, "", version, build, "linux", tuple(systems))


# --- the path -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/opt/x", "/opt/8.5.1/x", "/opt/x/", "/opt/my chat", "/opt/g.", "/genesys"])
def test_paths_that_the_installer_accepts(path):
    assert check_path(path) == path.rstrip("/")


@pytest.mark.parametrize("path", ["", "opt/x", "./x", "/opt/~x", "~/x", "/opt/.g", "/opt/g./x", "/opt/../x", "/opt/..", "/", "//"])
def test_paths_that_it_refuses(path):
    with pytest.raises(HostError, match="^path: "):
        check_path(path)


# --- operating system ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("release", "ubuntu", "version"),
    [
        ("Red Hat Enterprise Linux release 8.4 (Ootpa)\n", "", "8.4"),
        ("Rocky Linux release 8.10 (Green Obsidian)\n", "", "8.10"),
        ("CentOS release 7 (Core)\n", "", "7"),
        ("CentOS Linux release 7.9.2009 (Core)\n", "", "5.14"),
        ("Oracle Linux Server release 8.9", "", "5.14"),
        ("", 'DISTRIB_ID=Ubuntu\nDISTRIB_RELEASE=22.04\n', "22.04"),
        ("", "", "5.14"),
    ],
)
def test_the_version_is_the_one_that_the_installer_sees(tmp_path, release, ubuntu, version):
    (tmp_path / "etc").mkdir()
    for name, text in (("redhat-release", release), ("lsb-release", ubuntu)):
        if text:
            (tmp_path / "etc" / name).write_text(text)
    assert machine.system_version(str(tmp_path), "5.14.0-362.el9.x86_64") == version


@pytest.mark.parametrize(
    ("listed", "kernel", "accepted"),
    [((), "5.14", True), (("7", "8"), "7.0", True), (("7", "8"), "6.99", False), (("7", "5.10"), "5.14", True), (("8.10",), "8.9", False)],
)
def test_a_version_below_each_listed_one_is_refused(tmp_path, listed, kernel, accepted):
    if accepted:
        machine.check_operating_system(package(systems=listed), str(tmp_path), kernel)
    else:
        with pytest.raises(HostError, match=f"version {kernel} and refuses it.*skip_os_check"):
            machine.check_operating_system(package(systems=listed), str(tmp_path), kernel)


# --- space, mounts, loader ----------------------------------------------------------------------------------------------


def test_space_is_added_up_per_file_system(tmp_path):
    needs = [machine.Need(str(tmp_path / "not" / "there"), 60 * 2**20, "the product"), machine.Need(str(tmp_path), 50 * 2**20, "the copy")]
    machine.check_space(needs, lambda path: 110 * 2**20)
    with pytest.raises(HostError, match=r"110 MB needed on one file system \(60 MB in .* for the product, 50 MB .*\), 109 MB free"):
        machine.check_space(needs, lambda path: 109 * 2**20)


def test_other_file_systems_are_counted_apart(tmp_path):
    needs = [machine.Need(str(tmp_path), 60, "a"), machine.Need("/proc", 60, "b")]
    machine.check_space(needs, lambda path: 60)


def test_free_space_is_that_of_the_file_system(tmp_path):
    status = os.statvfs(tmp_path)
    assert abs(machine.free_space(str(tmp_path)) - status.f_bavail * status.f_frsize) <= (status.f_bfree - status.f_bavail) * status.f_frsize + 2**28


def test_a_directory_without_execution_is_refused():
    """/proc is mounted noexec everywhere, or at least cannot be made so that it is not; a normal directory passes."""
    machine.check_executable("/usr", "")
    if os.statvfs("/proc").f_flag & os.ST_NOEXEC:
        with pytest.raises(HostError, match="mounted noexec"):
            machine.check_executable("/proc", "")


class Flags:
    def __init__(self, flag):
        self.f_flag = flag


@pytest.mark.parametrize(("flag", "word"), [(os.ST_NOEXEC, "noexec"), (os.ST_RDONLY, "read-only")])
def test_mount_flags(monkeypatch, flag, word):
    monkeypatch.setattr(machine.os, "statvfs", lambda path: Flags(flag))
    with pytest.raises(HostError, match=f"/tmp is mounted {word}.*the cure"):
        machine.check_executable("/tmp", "the cure")


def elf(bits: int, loader: str | None, order: str = "<") -> bytes:
    """The first bytes of an executable: header, one segment of another kind, the loader's segment."""
    wide = bits == 64
    text = (loader or "").encode() + b"\0"
    header_size, entry_size = (64, 56) if wide else (52, 32)
    entries = 2 if loader else 1
    place = header_size + entry_size * 2
    ident = b"\x7fELF" + bytes([2 if wide else 1, 1 if order == "<" else 2, 1]) + bytes(9)
    if wide:
        header = ident + struct.pack(order + "HHIQQQIHHHHHH", 2, 62, 1, 0, 64, 0, 0, 64, 56, entries, 0, 0, 0)
        segment = [struct.pack(order + "IIQQQQQQ", kind, 4, place, 0, 0, len(text), len(text), 1) for kind in (1, 3)]
    else:
        header = ident + struct.pack(order + "HHIIIIIHHHHHH", 2, 3, 1, 0, 52, 0, 0, 52, 32, entries, 0, 0, 0)
        segment = [struct.pack(order + "IIIIIIII", kind, place, 0, 0, len(text), len(text), 4, 1) for kind in (1, 3)]
    return header + b"".join(segment) + text


@pytest.mark.parametrize("bits", [32, 64])
@pytest.mark.parametrize("order", ["<", ">"])
def test_the_loader_is_read_from_an_executable(bits, order):
    assert machine.loader_of(elf(bits, "/lib/ld-linux.so.2", order)) == "/lib/ld-linux.so.2"
    assert machine.loader_of(elf(bits, None, order)) == ""


def test_the_loader_of_a_real_executable_exists():
    head = Path("/bin/sh").read_bytes()[:8192]
    assert Path(machine.loader_of(head)).exists()


@pytest.mark.parametrize("head", [None, b"", b"#!/bin/sh\n", b"\x7fELF", b"\x7fELF\x02\x01" + b"\xff" * 100])
def test_a_script_needs_no_loader(head):
    machine.check_loader(head)


def test_a_missing_loader_is_named_with_its_cure():
    with pytest.raises(HostError, match=r"/lib/no-such-loader.so.2.*glibc.i686"):
        machine.check_loader(elf(32, "/lib/no-such-loader.so.2"))


def test_the_host_is_recognised_by_its_names():
    name = socket.gethostname()
    assert machine.is_this_machine(name)
    assert machine.is_this_machine(name.split(".")[0].upper())
    assert machine.is_this_machine(name.split(".")[0] + ".example.com")
    assert machine.is_this_machine("127.0.0.1")
    assert not machine.is_this_machine("192.0.2.1")
    assert not machine.is_this_machine("another-host")


# --- the directory ------------------------------------------------------------------------------------------------------


@pytest.fixture
def target(tmp_path):
    path = tmp_path / "target"
    path.mkdir()
    (path / "ip_description.xml").write_text("")
    return path


def check(target, account=None, unfinished=False, source="/nonexistent/ip"):
    check_target(str(target), source, account, unfinished)


def test_a_plain_directory_passes(target):
    (target / "lib").mkdir()
    (target / "backup_2025-11-22_05-40-02").mkdir()
    check(target)


def test_a_directory_to_be_made_passes(tmp_path):
    check(tmp_path / "not" / "there")


@pytest.mark.parametrize("source", ["{target}/ip", "{target}", "{parent}"])
def test_package_and_target_must_lie_apart(target, source):
    with pytest.raises(HostError, match="overlap: one lies in the other"):
        check(target, source=source.format(target=target, parent=target.parent))


def test_a_name_that_only_begins_alike_is_apart(target):
    check(target, source=f"{target}_package")


def test_a_file_in_the_way(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(HostError, match="is not a directory"):
        check(tmp_path / "file")
    with pytest.raises(HostError, match="is not a directory"):
        check(tmp_path / "file" / "target")


def test_a_lock_file_left_behind(target):
    (target / "install.lock").write_text("")
    with pytest.raises(HostError, match=r"install.lock is left.*Remove"):
        check(target)


def test_foreign_files_are_not_moved_away(target):
    (target / "ip_description.xml").unlink()
    check(target)
    (target / "precious").write_text("")
    with pytest.raises(HostError, match="holds files .precious. but no installation package"):
        check(target)
    check(target, unfinished=True)


def test_a_mount_point_inside_cannot_be_moved(target, monkeypatch):
    (target / "data").mkdir()
    (target / "other").mkdir()
    monkeypatch.setattr(movable, "mount_points", lambda: frozenset([os.path.realpath(target / "data"), "/other"]))
    with pytest.raises(HostError, match="set the old content aside: [^ ]*/data is a mount point[.]"):
        check(target)


def test_mount_points_are_those_of_the_kernel(tmp_path):
    listed = tmp_path / "mountinfo"
    listed.write_text("36 25 0:32 / /opt/x rw,relatime shared:1 - tmpfs tmpfs rw\n37 25 0:33 /a /opt/with\\040blank\\134 ro - ext4 /dev/sda1 rw\n")
    assert movable.mount_points(str(listed)) == {"/opt/x", "/opt/with blank\\"}
    assert movable.mount_points(str(tmp_path / "none")) == frozenset()
    assert "/proc" in movable.mount_points()


@pytest.fixture
def nobody():
    account = find_account("nobody")
    assert account is not None
    return account


@root_only
def test_rights_are_those_of_the_service_user(nobody):
    # not below pytest's directory, which other users cannot enter
    with tempfile.TemporaryDirectory(dir="/var/tmp") as directory:
        Path(directory).chmod(0o755)
        target = Path(directory, "target")
        target.mkdir()
        with pytest.raises(HostError, match="no permission to write to"):
            check(target, nobody)
        os.chown(target, nobody.uid, nobody.gid)
        check(target, nobody)
        (target / "backup_of_root").mkdir(mode=0o755)
        with pytest.raises(HostError, match="no permission to move .*backup_of_root"):
            check(target, nobody)
        check(target)


@root_only
def test_questions_are_answered_with_the_rights_of_the_account(nobody):
    assert act_as(nobody, os.getuid) == nobody.uid
    assert act_as(None, os.getuid) == os.getuid()
    with pytest.raises(HostError, match="could not be tried"):
        act_as(Account("nobody", nobody.uid, nobody.gid, "/"), [].pop)


def test_our_own_account_is_none():
    assert find_account(None) is None
    assert find_account(pwd.getpwuid(os.geteuid()).pw_name) is None
    with pytest.raises(HostError, match="no user 'no_such_user'"):
        find_account("no_such_user")


def test_directories_are_made_and_removed_if_they_stay_empty(tmp_path):
    path = tmp_path / "a" / "b" / "target"
    with prepared_directories(str(path), None):
        assert path.parent.is_dir()
        assert not path.exists()
    assert not (tmp_path / "a").exists()
    with prepared_directories(str(path), None):
        path.mkdir()
    assert path.is_dir()


def test_a_workspace_is_private_and_removed(tmp_path):
    with private_workspace(str(tmp_path)) as workspace:
        place = Path(workspace.directory)
        assert place.stat().st_mode & 0o777 == 0o700
        Path(workspace.response_file).write_text("secret")
        assert workspace.result_log.rpartition("/")[2].replace("_", "").replace(".", "").isalnum()
    assert list(tmp_path.iterdir()) == []


def test_a_workspace_is_removed_after_an_error(tmp_path):
    with pytest.raises(RuntimeError), private_workspace(str(tmp_path)):
        raise RuntimeError
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["a b", "a*b", "a;b", "a$b", "a\nb"])
def test_a_workspace_below_an_awkward_path_is_refused(tmp_path, name):
    (tmp_path / name).mkdir()
    with pytest.raises(HostError, match="^temp_path: "), private_workspace(str(tmp_path / name)):
        pass


def test_only_a_leftover_workspace_is_removed(tmp_path):
    names = {"genesys_installation_x": 0o700, "genesys_installation_y": 0o755, "other": 0o700}
    for name, mode in names.items():
        (tmp_path / name).mkdir()
        (tmp_path / name).chmod(mode)
        remove_leftover(str(tmp_path / name))
    (tmp_path / "genesys_installation_link").symlink_to(tmp_path / "other")
    remove_leftover(str(tmp_path / "genesys_installation_link"))
    for value in (None, 5, "", "/no/genesys_installation_z"):
        remove_leftover(value)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["genesys_installation_link", "genesys_installation_y", "other"]


# --- rules that data decides --------------------------------------------------------------------------------------------


def test_the_product_must_be_the_expected_one():
    check_product(package(), None)
    check_product(package(), "eSChatSrv")
    with pytest.raises(HostError, match="eSChatSrv 8.5.316.02 build 1, but nickname asks for GMS"):
        check_product(package(), "GMS")


def test_packages_from_before_silent_directories_are_refused():
    check_product(package(version="8.0.000.00"), None)
    with pytest.raises(HostError, match=r"before 8.0.000.00"):
        check_product(package(version="7.6.100.01"), None)


def state(description=None, application=None) -> Installed:
    script = StartScript("./x", "", application) if application else None
    return Installed("/opt/x", description, script, ())


def test_replacements():
    check_replacement(package(), state(), False)
    check_replacement(package(), state(package(version="8.5.311.06")), False)
    check_replacement(package(), state(package(version="9.0.000.00")), True)
    with pytest.raises(HostError, match="older than the installed.*allow_downgrade"):
        check_replacement(package(), state(package(version="9.0.000.00")), False)
    with pytest.raises(HostError, match="another product. Give each application a directory of its own"):
        check_replacement(package(), state(package(nickname="GMS"), "GMS_1"), True, "ChatServer_1")
    with pytest.raises(HostError, match="another product. 'ChatServer_1' itself runs that product: give its package"):
        check_replacement(package("newProduct"), state(package(), "ChatServer_1"), True, "ChatServer_1")


@pytest.mark.parametrize(
    ("nickname", "kind", "message"),
    [
        ("eSChatSrv", "CFGChatServer", ""),
        ("newProduct", "CFGChatServer", ""),
        ("eSContSrv", "CFGChatServer",
         "src is eSContSrv (Universal Contact Server), but 'ChatServer_1' is a Chat Server. Give the package of Chat Server."),
        ("eSChatSrv", "CFGSCE", "src is eSChatSrv (Chat Server), but 'ChatServer_1' is a CFGSCE. Give a package for a CFGSCE."),
    ],
)
def test_a_package_of_another_product_is_told_as_one(nickname, kind, message):
    given = facts(application={**CHAT, "type": kind})
    check_purpose(package(nickname), "ChatServer_1", None)
    if not message:
        check_purpose(package(nickname), "ChatServer_1", given)
    else:
        with pytest.raises(HostError) as caught:
            check_purpose(package(nickname), "ChatServer_1", given)
        assert str(caught.value) == message


CHAT = {"name": "ChatServer_1", "type": "CFGChatServer"}
UCS = {"name": "UCS_1", "type": "CFGContactServer"}


def facts(**changes):
    return {"application": {**CHAT, "host": "chat1"}, "applications_on_host": [CHAT, UCS], "host": "chat1", "itcutility": True, **changes}


def check_facts(given, nickname="eSChatSrv", host_name="chat1", before=None):
    check_application(package(nickname), "ChatServer_1", given, host_name, before or state())


def test_facts_that_fit():
    check_facts(None)
    check_facts(facts())
    check_facts(facts(applications_on_host=[CHAT, {"name": "ChatServer_2", "type": "CFGChatServer"}]))
    check_facts(facts(), before=state(package(), "ChatServer_0"))
    here = socket.gethostname()
    check_facts(facts(application={**CHAT, "host": here}, host=here), host_name=None)


def test_the_type_of_an_unknown_product_is_not_guessed():
    check_facts(facts(application={**CHAT, "type": "CFGSomething", "host": "chat1"}), nickname="newProduct")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"itcutility": False}, "ITCUtility.*CFGITCUtility"),
        ({"application": None}, "'ChatServer_1' does not exist"),
        ({"application": {**CHAT, "host": "chat2"}}, "configured on host 'chat2', not on 'chat1'"),
        ({"application": {**CHAT, "host": None}}, "'ChatServer_1' has no host"),
        ({"applications_on_host": [{"name": "ChatServer_9", "type": "CFGChatServer"}]}, "'ChatServer_9' is the only CFGChatServer on this host"),
    ],
)
def test_facts_that_do_not_fit(given, message):
    with pytest.raises(HostError, match=message):
        check_facts(facts(**given))


def test_the_machine_must_be_the_host():
    with pytest.raises(HostError, match="not this machine.*host_name"):
        check_facts(facts(application={**CHAT, "host": "elsewhere"}, host="elsewhere"), host_name=None)


def test_a_directory_belongs_to_one_application():
    with pytest.raises(HostError, match="belongs to the application 'UCS_1'"):
        check_facts(facts(), before=state(None, "UCS_1"))
