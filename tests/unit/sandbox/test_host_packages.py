# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The stand-in packages: names, layout, content, and that building is cheap and repeatable."""

from __future__ import annotations

import json
import re
import sys
import tarfile
import time
from pathlib import Path

import pytest

from sandbox.packages import build_all
from sandbox.packages.installer.description import read_description
from sandbox.packages.installer.errors import InstallError
from sandbox.packages.installer.response_file import ResponseFile
from sandbox.packages.templates import PLACEHOLDER_SECTION, TEMPLATES

NAMES = {
    "IP_eSChatSrv_8531106b1_ENU_linux.tar.gz",
    "IP_eSChatSrv_8531602b1_ENU_linux.tar.gz",
    "IP_eSContSrv_9100012b1_ENU_linux.tar.gz",
    "IP_eSContSrv_9100107b1_ENU_linux.tar.gz",
    "IP_eSInteractSrv_8520105b1_ENU_linux.tar.gz",
    "IP_GMS_8521002b1_ENU_linux.tar.gz",
    "IP_GWEBackend_8120010b1_ENU_linux.tar.gz",
}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("built")
    build_all(directory, sys.executable)
    return directory


def test_all_packages_are_built_fast(tmp_path: Path) -> None:
    begin = time.monotonic()
    build_all(tmp_path, sys.executable)
    assert time.monotonic() - begin < 2
    assert {path.name for path in (tmp_path / "packages").glob("*.tar.gz")} == NAMES
    assert (tmp_path / "bin" / "mlcmd_64").stat().st_mode & 0o111


def test_same_bytes_again_and_only_when_needed(built: Path, tmp_path: Path) -> None:
    build_all(tmp_path, sys.executable)
    for name in NAMES:
        assert (tmp_path / "packages" / name).read_bytes() == (built / "packages" / name).read_bytes()
    mark = tmp_path / "packages" / min(NAMES)
    mark.write_bytes(b"untouched")
    build_all(tmp_path, sys.executable)
    assert mark.read_bytes() == b"untouched"
    build_all(tmp_path, "/another/python")
    assert mark.read_bytes() != b"untouched"


@pytest.mark.parametrize("name", sorted(NAMES))
def test_layout(built: Path, name: str) -> None:
    with tarfile.open(built / "packages" / name) as archive:
        members = {item.name: item for item in archive.getmembers()}
    expected = {"install.sh", "data.tar.gz", "installer.tar.gz", "iscript.tar.gz", "gunzip", "ospatchlist.txt", "ip_description.xml"}
    expected |= {"read_me.html", "genesys_license_agreement.txt", "genesys_silent.ini"}
    assert {path.removeprefix("ip/") for path in members if path.startswith("ip/")} == expected
    assert {Path(path).suffix for path in members if path.startswith("templates/")} == {".apd", ".xml"}
    assert {path.split("/")[0] for path in members} == {"ip", "templates"}
    assert members["ip/install.sh"].mode & 0o111


def test_application_template_is_the_canonical_one(built: Path) -> None:
    with tarfile.open(built / "packages" / "IP_eSChatSrv_8531106b1_ENU_linux.tar.gz") as archive:
        content = archive.extractfile("templates/Chat Server 8.5.3.apd")
        assert content is not None
        template = json.load(content)
    assert template == TEMPLATES["Chat Server 8.5.3"]
    assert (template["subtype"], template["version"]) == ("CFGChatServer", "8.5.311.06")
    assert {"section": PLACEHOLDER_SECTION, "key": "default", "value": ""} in template["options"]["property"]


def test_description_has_its_attributes_in_order(built: Path, tmp_path: Path) -> None:
    with tarfile.open(built / "packages" / "IP_eSContSrv_9100107b1_ENU_linux.tar.gz") as archive:
        archive.extract("ip/ip_description.xml", tmp_path, filter="data")
    text = (tmp_path / "ip" / "ip_description.xml").read_text(encoding="utf-8")
    release = re.search(r"<Release (.*?)/>", text)
    assert release is not None
    assert re.findall(r"(\w+)=", release.group(1)) == ["Version", "BuildDate", "BuildNumber", "Type"]
    description = read_description(tmp_path / "ip" / "ip_description.xml")
    assert (description.name, description.nickname, description.version, description.build) == ("Universal Contact Server", "eSContSrv", "9.1.001.07", "1")
    assert description.language == "English (United States)"


def test_description_is_read_by_position_and_by_string_comparison(built: Path, tmp_path: Path) -> None:
    file = tmp_path / "ip_description.xml"
    text = (
        '<InstallationPackage FormatVersion="{}"><Product><Release BuildDate="2024-01-01" Version="8.5.1" BuildNumber="1" Type="General"/>'
        "</Product></InstallationPackage>"
    )
    file.write_text(text.format("8.0"), encoding="utf-8")
    assert read_description(file).version == "2024-01-01"
    file.write_text(text.format("10.0"), encoding="utf-8")
    with pytest.raises(InstallError):
        read_description(file)


def test_shipped_response_file_is_all_comments(built: Path, tmp_path: Path) -> None:
    with tarfile.open(built / "packages" / "IP_GMS_8521002b1_ENU_linux.tar.gz") as archive:
        archive.extract("ip/genesys_silent.ini", tmp_path, filter="data")
    assert ResponseFile(tmp_path / "ip" / "genesys_silent.ini").names == []


@pytest.mark.parametrize(
    ("text", "section", "key", "value"),
    [
        ("[A]\nKey=value\n", "A", "Key", "value"),
        ("[A]\r\nKey=value\r\n", "A", "Key", "value"),
        ("[A]\nKey= value \n", "A", "Key", " value "),
        ("[A]\nKey =value\n", "A", "Key", None),
        ("[A]\nKey =value\n", "A", "Key ", "value"),
        ("[A]\nKey=a=b\n", "A", "Key", "a=b"),
        ('[A]\nKey="value"\n', "A", "Key", '"value"'),
        ("[A]\nKey=value # no comment\n", "A", "Key", "value # no comment"),
        ("[A]\n#Key=value\n;Key=other\n", "A", "Key", None),
        ("[A]\n #Key=value\n", "A", " #Key", "value"),
        ("[A]\nKey=one\nKey=two\n", "A", "Key", "two"),
        ("[A]\nKey=\n", "A", "Key", ""),
        ("[A]\nkey=value\n", "A", "Key", None),
        ("[a]\nKey=value\n", "A", "Key", None),
        ("[A] \nKey=value\n", "A", "Key", None),
        (" [A]\nKey=value\n", "A", "Key", None),
        ("[B]\nKey=b\n[A]\nOther=1\n", "A", "Key", None),
        ("[A]\nKey=one\n[A]\nKey=two\n", "A", "Key", "one"),
        ("\ufeff[A]\nKey=value\n", "A", "Key", None),
        ("[A]\nKey=S\u00f6rver 1\n", "A", "Key", "S\u00f6rver 1"),
    ],
)
def test_response_file_grammar(tmp_path: Path, text: str, section: str, key: str, value: str | None) -> None:
    file = tmp_path / "answers.ini"
    file.write_bytes(text.encode())
    assert ResponseFile(file).find(section, key) == value


def test_section_without_keys_counts_as_missing(tmp_path: Path) -> None:
    file = tmp_path / "answers.ini"
    file.write_text("[A]\n# nothing\n[B]\nKey=1\n", encoding="utf-8")
    answers = ResponseFile(file)
    with pytest.raises(InstallError, match=r"^Section A was not found\.$"):
        answers.get("A", "Key")
    with pytest.raises(InstallError, match=r"^Key Other in section B was not found\.$"):
        answers.get("B", "Other")
    with pytest.raises(InstallError, match=r"^File .*/absent\.ini was not found\.$"):
        ResponseFile(tmp_path / "absent.ini")


@pytest.mark.parametrize("value", ["", "0"])
def test_a_value_that_perl_takes_for_false_is_no_value(tmp_path: Path, value: str) -> None:
    file = tmp_path / "r.ini"
    file.write_text(f"[A]\nx={value}\ny='0'\nz=00\n", encoding="utf-8")
    answers = ResponseFile(file)
    with pytest.raises(InstallError, match="^Key x in section A was not found.$"):
        answers.get("A", "x")
    assert (answers.get("A", "y"), answers.get("A", "z"), answers.find("A", "x")) == ("'0'", "00", value)
