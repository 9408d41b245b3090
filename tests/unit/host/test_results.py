# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an installation leaves: result log, start script, state of the directory; and texts without secrets."""

from __future__ import annotations

import os
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from unit.host.fake_package import package_files

from ansible_collections.genesys_engage.chat.plugins.module_utils._common.masking import mask
from ansible_collections.genesys_engage.chat.plugins.module_utils._host.install.result_log import ResultLog, parse_result_log, read_result_log
from ansible_collections.genesys_engage.chat.plugins.module_utils._host.product.installed import backups, examine, fingerprint
from ansible_collections.genesys_engage.chat.plugins.module_utils._host.product.marker import marker_path
from ansible_collections.genesys_engage.chat.plugins.module_utils._host.product.start_script import parse_start_script

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
        "x\nResultCode=0\nIPVersion=9.9.9.9",
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


SCRIPTS = [
    ('./ChatServer -host h -port 2020 -app "Chat Server 1" ', "./ChatServer", '-host h -port 2020 -app "Chat Server 1"', "Chat Server 1"),
    ('./x -host h -port 1 -app "A" -l "7260@l"', "./x", '-host h -port 1 -app "A" -l "7260@l"', "A"),
    ("LD_LIBRARY_PATH=./lib:$X ./x -app A -host h", "./x", "-app A -host h", "A"),
    ("#!/bin/sh\ncd .\n./gms -host h -app GMS_1\n", "./gms", "-host h -app GMS_1", "GMS_1"),
    ("# ./old -app Old\n./x -app A # -app B\n", "./x", "-app A", "A"),
    ("  #./old -app Old\n./x -app A#1", "./x", "-app A#1", "A#1"),
    ("./x -app 'Chat Server 1' -l '7260@l'", "./x", '-app "Chat Server 1" -l "7260@l"', "Chat Server 1"),
    ("./x '-app' \"A\"", "./x", '"-app" "A"', "A"),
    ('./x "-app" A', "./x", '"-app" A', "A"),
    ("./x -app Chat\\ 1", "./x", '-app "Chat 1"', "Chat 1"),
    ("./x -host h \\\n  -port 1 \\\n  -app A", "./x", "-host h -port 1 -app A", "A"),
    ("exec ./x -app A", "./x", "-app A", "A"),
    ("nohup nice -n 5 ./x -app A >> /dev/null 2>&1 &", "./x", "-app A", "A"),
    ('JAVA_OPTS="-Xmx1g -Dx=\'y\'"\nexport JAVA_OPTS; cd . && ./x $JAVA_OPTS -app "A"', "./x", '$JAVA_OPTS -app "A"', "A"),
    ("./x -app A; ./y -app 'it''s'\\''s'", "./x", "-app A", None),
    ("./x -app A\n\n./x -app 'A'\n", "./x", "-app A", "A"),
    ("./x -app '$HOME'", "./x", "-app '$HOME'", "$HOME"),
    ('./x -app "a \\"b\\" \\$c"', "./x", '-app "a \\"b\\" \\$c"', 'a "b" $c'),
    ("./x -app A \\", "./x", "-app A", "A"),
    ("./x -app A\necho 'it", "./x", "-app A", "A"),
    ("if true; then ./x -app A; fi", "./x", "-app A", "A"),
    ("(./x -app A)", "./x", "-app A", "A"),
    ("./x -app Ä\u00a01", "./x", "-app Ä\u00a01", "Ä\u00a01"),
    ("./x -host h", "./x", "-host h", None),
    ("", "", "", None),
]


@pytest.mark.parametrize(("text", "command", "arguments", "application"), SCRIPTS)
def test_a_start_script_is_taken_apart(text, command, arguments, application):
    found = parse_start_script(text)
    assert (found.command, found.arguments, found.application) == (command, arguments, application)
    assert bool(found.problem) == (application is None)


@pytest.mark.parametrize("text", [text for text, _command, _arguments, application in SCRIPTS if application and "\necho" not in text])
def test_the_shell_reads_it_alike(tmp_path, text):
    for name in ("x", "gms", "ChatServer"):
        (tmp_path / name).write_text('#!/bin/sh\nprintf "%s\\0" "$@" >> arguments\n', encoding="utf-8")
        (tmp_path / name).chmod(0o755)
    (tmp_path / "run.sh").write_text(text.replace("&", "") if text.endswith("&") else text, encoding="utf-8")
    subprocess.run(["/bin/sh", "./run.sh"], cwd=tmp_path, check=True, timeout=10)
    arguments = (tmp_path / "arguments").read_bytes().decode("utf-8").split("\0")
    assert arguments[arguments.index("-app") + 1] == parse_start_script(text).application


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("#!/bin/sh\n\n# it's\nX=1\n\n\n./x -app \"A\n", "line 7 can't be read: no closing quote"),
        ("X='a\n./x -app A\n", "line 1 can't be read: no closing quote"),
        ("./x -app\n", "line 1 names no application behind -app"),
        ('. ./env.sh\n./x -app "$APP"\n', 'line 2 takes the name of the application from "$APP", which only the shell knows'),
        ("./x -app `hostname`", "line 1 takes the name"),
        ("./x -app A\r\n", "line 1 has a Windows line end, which the shell takes for a part of the last word"),
        ("cat <<END\n./x -app A\nEND\n", "line 1 can't be read: it begins a here-document"),
        ("if a; then ./x -app A; else ./x -app B; fi", "it starts several applications: 'A', 'B'"),
        ("# ./x -app A\n", "it starts no application: no command has the argument -app"),
        ("\x7fELF\0\0", "it is no text"),
    ],
)
def test_what_can_not_be_read_is_said(text, problem):
    found = parse_start_script(text)
    assert found.application is None
    assert found.problem.startswith(problem)


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
        (lambda target: (target / "run.sh").write_text(""), "run.sh: it starts no application: no command has the argument -app"),
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
