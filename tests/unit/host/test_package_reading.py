# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Descriptions, versions and archives."""

from __future__ import annotations

import io
import os
import stat
import tarfile
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from unit.host.fake_package import DESCRIPTION, cut, package_files, spoil, tar_gz, write_archive, write_directory

from ansible_collections.genesys_engage.chat.plugins.module_utils._host.product import archive
from ansible_collections.genesys_engage.chat.plugins.module_utils._host.product.description import Description, parse_description, read_description
from ansible_collections.genesys_engage.chat.plugins.module_utils._host.product.package import describe, ip_directory, measure
from ansible_collections.genesys_engage.chat.plugins.module_utils._host.system.errors import HostError


def description(version="8.5.316.02", build="1", nickname="eSChatSrv") -> Description:
    return Description(nickname, "", version, build, "linux", ())


def text(**changes) -> str:
    values = {"version": "8.5.316.02", "build": "1", "nickname": "eSChatSrv", "group": "linux", "system": "7", **changes}
    return DESCRIPTION.format(**values)


def test_a_description_is_read():
    assert parse_description(text().encode(), "x") == Description("eSChatSrv", "Stand-in", "8.5.316.02", "1", "linux", ("7",))


def test_the_release_of_the_installer_is_not_the_product_s():
    assert parse_description(text(version="9.1.000.12").encode(), "x").version == "9.1.000.12"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "latin-1"])
def test_document_types_are_refused_in_every_encoding(encoding):
    head = f'<?xml version="1.0" encoding="{encoding}"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;">]>'
    with pytest.raises(HostError, match="document type"):
        parse_description((head + "<InstallationPackage>&b;</InstallationPackage>").encode(encoding), "x")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "not valid XML"),
        (b"<InstallationPackage>", "not valid XML"),
        (b"\xff\xfe\x00", "not valid XML"),
        (b"<InstallationPackage/>", "nickname or release is missing"),
        (b"<Other><Product><Release/><Name><Nickname>x</Nickname></Name></Product></Other>", "nickname or release is missing"),
        (text(version="8.5").encode(), "four numbers"),
        (text(version="8.5.316.0x").encode(), "four numbers"),
        (text(version="").encode(), "four numbers"),
        (b"<x>" + b" " * 1024 * 1024 + b"</x>", "larger than"),
    ],
)
def test_what_is_no_description_is_refused(content, message):
    with pytest.raises(HostError, match=f"the file.*{message}"):
        parse_description(content, "the file")


def test_a_missing_description_is_none(tmp_path):
    assert read_description(str(tmp_path / "ip_description.xml")) is None
    assert read_description(str(tmp_path / "no" / "ip_description.xml")) is None


@pytest.mark.parametrize(
    ("older", "newer"),
    [
        (("8.5.9.02", "1"), ("8.5.10.02", "1")),
        (("8.5.316.02", "1"), ("9.0.000.00", "1")),
        (("8.5.316.02", "9"), ("8.5.316.02", "10")),
        (("8.5.316.02", "9"), ("8.5.316.03", "1")),
    ],
)
def test_releases_are_compared_by_numbers(older, newer):
    assert description(*older).order < description(*newer).order


def test_leading_zeros_do_not_matter():
    assert description("8.5.016.02").order == description("8.5.16.2").order


# --- archives -----------------------------------------------------------------------------------------------------------


def write(path: Path, files=(), links=()) -> str:
    path.write_bytes(tar_gz(dict(files), links))
    return str(path)


def test_an_archive_is_unpacked_with_its_permissions(tmp_path):
    links = [("ip/link", "a.txt", tarfile.SYMTYPE), ("hard", "ip/a.txt", tarfile.LNKTYPE)]
    source = write(tmp_path / "a.tar.gz", {"ip/install.sh": b"x", "ip/a.txt": b"y"}, links)
    (tmp_path / "out").mkdir()
    archive.unpack(source, str(tmp_path / "out"))
    assert stat.S_IMODE((tmp_path / "out/ip/install.sh").stat().st_mode) == 0o755
    assert stat.S_IMODE((tmp_path / "out/ip/a.txt").stat().st_mode) == 0o644
    assert os.readlink(tmp_path / "out/ip/link") == "a.txt"
    assert (tmp_path / "out/hard").read_bytes() == b"y"


def test_special_permissions_are_dropped(tmp_path):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        member = tarfile.TarInfo("suid")
        member.mode = 0o6777
        tar.addfile(member)
    (tmp_path / "a.tar.gz").write_bytes(buffer.getvalue())
    (tmp_path / "out").mkdir()
    archive.unpack(str(tmp_path / "a.tar.gz"), str(tmp_path / "out"))
    assert stat.S_IMODE((tmp_path / "out/suid").stat().st_mode) == 0o755


@pytest.mark.parametrize(
    ("files", "links"),
    [
        ({"{outside}/evil": b""}, ()),
        ({"../evil": b""}, ()),
        ({"ip/../../evil": b""}, ()),
        ({}, [("link", "/etc", tarfile.SYMTYPE)]),
        ({}, [("link", "..", tarfile.SYMTYPE)]),
        ({}, [("ip/link", "../../evil", tarfile.SYMTYPE)]),
        ({}, [("hard", "/etc/passwd", tarfile.LNKTYPE)]),
        ({}, [("hard", "../evil", tarfile.LNKTYPE)]),
        ({}, [("fifo", "", tarfile.FIFOTYPE)]),
        ({}, [("device", "", tarfile.CHRTYPE)]),
        # each step stays inside, both together do not
        ({"deep/x": b""}, [("deep/up", "..", tarfile.SYMTYPE), ("deep/out", "up/..", tarfile.SYMTYPE)]),
    ],
)
def test_nothing_leads_outside(tmp_path, files, links):
    out = tmp_path / "parent" / "out"
    out.mkdir(parents=True)
    source = write(tmp_path / "a.tar.gz", {name.format(outside=out.parent): content for name, content in files.items()}, links)
    with pytest.raises(HostError):
        archive.unpack(source, str(out))
    assert [path.name for path in (tmp_path / "parent").iterdir()] == ["out"]


def test_a_file_is_not_written_through_a_link(tmp_path):
    """The link comes first in the archive, and the file would go through it."""
    victim = tmp_path / "victim"
    victim.mkdir()
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        link = tarfile.TarInfo("dir")
        link.type, link.linkname = tarfile.SYMTYPE, str(victim)
        tar.addfile(link)
        tar.addfile(tarfile.TarInfo("dir/evil"))
    (tmp_path / "a.tar.gz").write_bytes(buffer.getvalue())
    (tmp_path / "out").mkdir()
    with pytest.raises(HostError):
        archive.unpack(str(tmp_path / "a.tar.gz"), str(tmp_path / "out"))
    assert list(victim.iterdir()) == []


@pytest.mark.parametrize("damage", ["cut", "check sum", "text", "empty"])
def test_damage_is_noticed(tmp_path, damage):
    path = tmp_path / "a.tar.gz"
    write(path, {"a": os.urandom(50000)})
    if damage == "cut":
        cut(path)
    else:
        path.write_bytes({"check sum": spoil(path.read_bytes()), "text": b"<html>not found</html>", "empty": b""}[damage])
    with pytest.raises(HostError, match="is damaged or not a .tar.gz archive|does not hold"):
        archive.inspect(str(path))


@settings(deadline=None, max_examples=30)
@given(st.lists(st.integers(0, 20000), max_size=8))
def test_the_measured_size_is_enough_for_what_is_unpacked(sizes):
    with tempfile.TemporaryDirectory() as directory:
        source = write(Path(directory, "a.tar.gz"), {f"f{number}": b"x" * size for number, size in enumerate(sizes)})
        out = Path(directory, "out")
        out.mkdir()
        archive.unpack(source, str(out))
        used = sum(path.stat().st_blocks * 512 for path in out.iterdir())
        assert used <= archive.inspect(source).size <= sum(sizes) + 2 * 4096 * len(sizes)


# --- packages -----------------------------------------------------------------------------------------------------------


def test_all_three_forms_of_a_package_are_described_alike(tmp_path):
    forms = [write_archive(tmp_path / "a.tar.gz"), write_directory(tmp_path / "d"), str(tmp_path / "d" / "ip")]
    assert {str(describe(form)) for form in forms} == {"eSChatSrv 8.5.316.02 build 1"}


def test_an_archive_may_name_its_members_with_a_dot(tmp_path):
    (tmp_path / "a.tar.gz").write_bytes(tar_gz({"./ip/" + name: content for name, content in package_files().items()}))
    assert describe(str(tmp_path / "a.tar.gz")).nickname == "eSChatSrv"


def test_a_directory_without_an_installer_is_no_package(tmp_path):
    with pytest.raises(HostError, match="install.sh"):
        ip_directory(str(tmp_path))


def test_a_package_is_measured(tmp_path):
    source = write_directory(tmp_path / "d")
    contents = measure(str(tmp_path / "d" / "ip"))
    assert contents.interpreter == b"#!/bin/sh\n"
    assert contents.product_size >= 10000
    compressed = sum(path.stat().st_size for path in Path(source, "ip").iterdir())
    assert contents.working_copy > compressed
