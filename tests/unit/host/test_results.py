# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an installation leaves: result log, start script, state of the directory; and texts without secrets."""

from __future__ import annotations

import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from unit.host.fake_package import package_files

from ansible_collections.genesys_engage.chat.plugins.module_utils._host.installed import backups, examine, fingerprint
from ansible_collections.genesys_engage.chat.plugins.module_utils._host.marker import marker_path
from ansible_collections.genesys_engage.chat.plugins.module_utils._host.masking import mask
from ansible_collections.genesys_engage.chat.plugins.module_utils._host.result_log import ResultLog, parse_result_log, read_result_log
from ansible_collections.genesys_engage.chat.plugins.module_utils._host.start_script import parse_start_script

LOG = """[GenesysProductInfo]
File=ResultFile
IPName=Local Control Agent
IPVersion=8.5.100.37
IPBuildNumber=1
IPLanguage=English (United States)
[Result]
ResultCode={code}
Error={error}
Reboot=N
"""


def test_a_success_is_read():
    assert parse_result_log(LOG.format(code=0, error="")) == ResultLog("8.5.100.37", "1", 0, "")


@pytest.mark.parametrize(
    "error",
    [
        "Section IPCommon was not found.",
        "OS version 6.1 is not supported.\nPlease check ip_description.xml file for list of supported versions.",
        "The hostname was not found using all following names:\n\thostname - h\n\tIP address - a",
        "a=b",
    ],
)
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_an_error_is_read_with_all_its_lines(error, ending):
    text = LOG.format(code=1, error=error).replace("\n", ending)
    assert parse_result_log(text) == ResultLog("8.5.100.37", "1", 1, error)


@pytest.mark.parametrize("text", ["", "ResultCode=", "ResultCode=x\n", "[Result]\n", LOG[: LOG.index("ResultCode")]])
def test_a_log_without_a_number_has_no_code(text):
    assert parse_result_log(text).code is None


def test_only_a_plain_file_is_a_log(tmp_path):
    (tmp_path / "log").write_text(LOG.format(code=0, error=""))
    (tmp_path / "link").symlink_to(tmp_path / "log")
    os.mkfifo(tmp_path / "fifo")
    assert read_result_log(str(tmp_path / "log")) is not None
    assert [read_result_log(str(tmp_path / name)) for name in ("link", "fifo", "none", ".")] == [None] * 4


@pytest.mark.parametrize(
    ("text", "command", "arguments", "application"),
    [
        ('./ChatServer -host h -port 2020 -app "Chat Server 1" ', "./ChatServer", '-host h -port 2020 -app "Chat Server 1"', "Chat Server 1"),
        ('./x -host h -port 1 -app "A" -l "7260@l"', "./x", '-host h -port 1 -app "A" -l "7260@l"', "A"),
        ("LD_LIBRARY_PATH=./lib:$X ./x -app A -host h", "./x", "-app A -host h", "A"),
        ("#!/bin/sh\ncd /x\n./gms -host h -app GMS_1\n", "./gms", "-host h -app GMS_1", "GMS_1"),
        ("./x -host h", "./x", "-host h", None),
        ("", "", "", None),
    ],
)
def test_a_start_script_is_taken_apart(text, command, arguments, application):
    assert parse_start_script(text) == (command, arguments, application)


@pytest.fixture
def installed(tmp_path):
    target = tmp_path / "target"
    target.mkdir()
    (target / "ip_description.xml").write_bytes(package_files()["ip_description.xml"])
    (target / "run.sh").write_text('./x -app "A" ')
    return target


def test_a_complete_installation(installed):
    state = examine(str(installed), "A", "run.sh")
    assert state.complete
    assert state.as_dict()["version"] == "8.5.316.02"


@pytest.mark.parametrize(
    ("change", "flaw"),
    [
        (lambda target: (target / "run.sh").unlink(), "run.sh is missing"),
        (lambda target: (target / "run.sh").write_text('./x -app "A2" '), "run.sh starts the application 'A2'"),
        (lambda target: (target / "run.sh").write_text(""), "run.sh starts no application"),
        (lambda target: (target / "ip_description.xml").unlink(), "ip_description.xml is missing"),
        (lambda target: (target / "ip_description.xml").write_text("<"), "not valid XML"),
        (lambda target: open(marker_path(str(target)), "w").close(), "begun and not finished"),
    ],
)
def test_each_flaw_makes_it_incomplete(installed, change, flaw):
    change(installed)
    state = examine(str(installed), "A", "run.sh")
    assert not state.complete
    assert len(state.flaws) == 1
    assert flaw in state.flaws[0]


def test_a_directory_that_does_not_exist_is_not_installed(tmp_path):
    state = examine(str(tmp_path / "none"), "A", "run.sh")
    assert state.flaws == ("ip_description.xml is missing", "run.sh is missing")


def test_backups_are_found_by_name_and_kind(installed):
    for name in ("backup_2025-11-22_05-40-02", "backup_2024-11-22_05-40-02", "mybackup_1"):
        (installed / name).mkdir()
    (installed / "backup_file").write_text("")
    (installed / "backup_link").symlink_to(installed)
    names = [os.path.basename(path) for path in backups(str(installed))]
    assert names == ["backup_2024-11-22_05-40-02", "backup_2025-11-22_05-40-02"]


@pytest.mark.parametrize(
    "change",
    [
        lambda target: (target / "new").write_text(""),
        lambda target: (target / "run.sh").unlink(),
        lambda target: (target / "run.sh").write_text("longer than before, by far"),
        lambda target: (target / "run.sh").rename(target / "run.old"),
        lambda target: (target / "backup_x").mkdir(),
        lambda target: (target / "lib" / "x").write_text("y"),
    ],
)
def test_every_change_of_a_directory_is_seen(installed, change):
    (installed / "lib").mkdir()
    before = fingerprint(str(installed))
    assert fingerprint(str(installed)) == before
    change(installed)
    assert fingerprint(str(installed)) != before


@settings(deadline=None)
@given(st.lists(st.text(min_size=3, max_size=8, alphabet="abc"), max_size=4), st.text(alphabet="abc \n", max_size=60))
def test_no_secret_survives(secrets, text):
    shown = mask(text, secrets)
    assert not any(secret in shown for secret in secrets)


def test_a_longer_secret_is_masked_whole():
    assert mask("pw=abcd", ["ab", "abcd", ""]) == "pw=********"
