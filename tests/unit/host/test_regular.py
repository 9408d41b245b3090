# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pipes, devices, sockets and directories where files are expected: nothing waits for them, replaces them or writes into them."""

from __future__ import annotations

import os
import signal
import socket
import stat

import pytest
from unit.host.place import Place

from ansible_collections.genesys_engage.chat.plugins.module_utils._common.files import NotRegular, read_regular, replace_regular, write_note
from ansible_collections.genesys_engage.chat.plugins.module_utils._host.control import unit_files
from ansible_collections.genesys_engage.chat.plugins.module_utils._host.observe.log_files import open_file
from ansible_collections.genesys_engage.chat.plugins.module_utils._host.product.installed import REJECTED, reject
from ansible_collections.genesys_engage.chat.plugins.module_utils._host.product.marker import marker_path
from ansible_collections.genesys_engage.chat.plugins.module_utils._host.recover.swap import ROLLED_BACK, note
from ansible_collections.genesys_engage.chat.plugins.module_utils._host.system.errors import HostError

KINDS = ["a named pipe", "a device", "a socket", "a directory"]


def put(path, kind):
    """Put something else in the place of a file."""
    if os.path.lexists(path):
        os.remove(path)
    if kind == "a named pipe":
        os.mkfifo(path)
    elif kind == "a socket":
        with socket.socket(socket.AF_UNIX) as listener:
            here = os.getcwd()
            os.chdir(os.path.dirname(path))  # names of sockets are short
            listener.bind(os.path.basename(path))
            os.chdir(here)
    elif kind == "a directory":
        os.mkdir(path)
    elif os.geteuid() == 0:
        os.mknod(path, stat.S_IFCHR | 0o666, os.makedev(1, 5))  # as /dev/zero, which never ends
    else:
        pytest.skip("only root makes devices")


@pytest.fixture(autouse=True)
def in_time():
    """Whoever waits for a pipe fails."""

    def too_long(_number, _frame):
        raise AssertionError("something waits")

    before = signal.signal(signal.SIGALRM, too_long)
    signal.alarm(20)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.fixture
def place(tmp_path):
    place = Place(tmp_path)
    place.install(src=place.older())
    return place


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["run.sh", "ip_description.xml", "the marker", REJECTED])
def test_package_info_says_what_is_there(place, name, kind):
    path = marker_path(str(place.target)) if name == "the marker" else str(place.target / name)
    put(path, kind)
    before = os.lstat(path)
    found = place.info()
    if name != REJECTED:  # this one only makes a difference if something is written in it
        assert not found["complete"]
        assert any(f"{path} is {kind}, not a regular file" in flaw for flaw in found["flaws"])
    assert found["version"] == (None if name == "ip_description.xml" else "8.5.311.06")
    if name == "the marker":
        for check_mode in (True, False):
            assert f"is {kind}, not a regular file" in place.refused(check_mode=check_mode).message
            with pytest.raises(HostError, match=f"is {kind}, not a regular file"):
                place.roll_back(check_mode=check_mode)
    assert (os.lstat(path).st_mode, os.lstat(path).st_ino) == (before.st_mode, before.st_ino)


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_written_into_them(tmp_path, kind):
    for name in (REJECTED, ROLLED_BACK, "other"):
        put(str(tmp_path / name), kind)
    before = {path.name: path.lstat().st_ino for path in tmp_path.iterdir()}
    for write in (
        lambda: reject(str(tmp_path), "why"),
        lambda: note(str(tmp_path)),
        lambda: replace_regular(str(tmp_path / "other"), "x", 0o600),
    ):
        with pytest.raises(NotRegular, match=f"is {kind}, not a regular file; it is left alone"):
            write()
    assert {path.name: path.lstat().st_ino for path in tmp_path.iterdir()} == before


def test_links_are_read_and_not_written(tmp_path):
    (tmp_path / "file").write_bytes(b"1")
    (tmp_path / "link").symlink_to("file")
    assert read_regular(str(tmp_path / "link"), 10) == b"1"
    with pytest.raises(NotRegular, match="is a symbolic link"):
        read_regular(str(tmp_path / "link"), 10, os.O_NOFOLLOW)
    for write in (lambda: write_note(str(tmp_path / "link"), "2", 0o600), lambda: replace_regular(str(tmp_path / "link"), "2", 0o600)):
        with pytest.raises(NotRegular, match="is a symbolic link"):
            write()
    assert (tmp_path / "file").read_bytes() == b"1"
    assert (tmp_path / "link").is_symlink()


def test_no_more_is_read_than_asked_for(tmp_path):
    (tmp_path / "file").write_bytes(b"12345")
    assert read_regular(str(tmp_path / "file"), 3) == b"123"
    assert read_regular(str(tmp_path / "none"), 3) is None
    write_note(str(tmp_path / "file"), "1", 0o600)
    assert (tmp_path / "file").read_bytes() == b"1"


@pytest.mark.parametrize("kind", ["a named pipe", "a device"])
def test_units(tmp_path, monkeypatch, kind):
    monkeypatch.setattr(unit_files, "UNITS", str(tmp_path))
    put(str(tmp_path / "genesys-Chat.service"), kind)
    assert unit_files.list_units() == {}
    assert unit_files.read_unit("Chat") is None


@pytest.mark.parametrize("kind", KINDS)
def test_logs(tmp_path, kind):
    put(str(tmp_path / "log"), kind)
    assert open_file(str(tmp_path / "log")) is None


def test_a_start_script_that_can_not_be_read_is_told_in_the_prediction(place):
    (place.target / "run.sh").write_text("#!/bin/sh\n./x -app 'Chat Server 1\n", encoding="utf-8")
    found = place.install(src=place.older(), check_mode=True)
    assert "does not hold a complete installation (run.sh: line 2 can't be read: no closing quote)" in found["reason"]
    place.install(src=place.older())
    assert place.install(check_mode=True)["reason"] == ("'Chat Server 1': eSChatSrv 8.5.316.02 build 1 would take the place of eSChatSrv 8.5.311.06 build 1")


def test_messages_hold_nothing_that_a_terminal_obeys():
    error = HostError("a\x1b[2Jb\r\nc\x9b1\u202e\td\udce4", "cu\x07re", output=["x\x1b]0;t\x07", {"k\x00": 1}])
    assert str(error) == "a\\x1b[2Jb\nc\\x9b1\\u202e\td\\udce4 cu\\x07re"
    assert error.failure() == {"message": "a\\x1b[2Jb\nc\\x9b1\\u202e\td\\udce4", "cure": "cu\\x07re", "output": ["x\\x1b]0;t\\x07", {"k\\x00": 1}]}
    assert str(HostError("Grüße, 客户 👍")) == "Grüße, 客户 👍"
