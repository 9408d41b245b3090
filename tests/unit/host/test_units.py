# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names and texts of systemd units. That systemd reads them so is tested on real hosts (tests/hosts/test_systemd.py)."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit.fuzzing import examples

from ansible_collections.genesys_engage.chat.plugins.module_utils._host.control.units import Unit, is_ours, read_about, unit_name, unit_text
from ansible_collections.genesys_engage.chat.plugins.module_utils._host.system.errors import HostError

#: What may stand in a name or path of ours: no control characters, no blank or backslash at an end.
TEXTS = st.text(st.characters(exclude_categories=("Cc", "Cs")), min_size=1, max_size=30).filter(lambda text: text == text.strip() and text[-1] != "\\")


def unit(**changes: Any) -> Unit:
    values = {
        "application": "ChatServer_1", "user": "genesys", "group": "staff", "path": "/opt/genesys/ChatServer_1", "start_script": "run.sh",
        "ports": {"default": 4580, "ESP": 4582}, "limits": {}, "restart": True, "restart_delay": 10.0, "restart_attempts": 30,
        "restart_window": 600.0, "stop_timeout": 90.0,
    }  # fmt: skip
    return Unit(**{**values, **changes})


def setting(text: str, name: str) -> str:
    """Return the value of a setting that must stand there once, without systemd's specifiers."""
    found = re.findall(rf"^{name}=(.*)$", text, re.MULTILINE)
    assert len(found) == 1, (name, found)
    assert "%" not in found[0].replace("%%", "")
    return str(found[0]).replace("%%", "%")


# --- names --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("application", "name"),
    [
        ("ChatServer_1", "genesys-ChatServer_1.service"),
        ("Chat Server", r"genesys-Chat\x20Server.service"),
        ("Chat-Server", r"genesys-Chat\x2dServer.service"),
        ("Chat/Server", "genesys-Chat-Server.service"),
        ("ä", r"genesys-\xc3\xa4.service"),
        (".hidden.x", r"genesys-\x2ehidden.x.service"),
        ("""'"$%@\\""", r"genesys-\x27\x22\x24\x25\x40\x5c.service"),
        (r"\x20", r"genesys-\x5cx20.service"),
    ],
)
def test_names_are_escaped_as_systemd_escape_does(application, name):
    assert unit_name(application) == name


@examples(200)
@given(st.text(min_size=1, max_size=15))
def test_a_name_can_be_read_back(application):
    """So no two applications share a unit."""
    name = unit_name(application) if not re.search(r"[\ud800-\udfff]", application) else ""
    if name:
        assert re.fullmatch(r"genesys-[A-Za-z0-9:_.\\-]+\.service", name)
        escaped = name.removeprefix("genesys-").removesuffix(".service").replace("-", "/").encode()
        assert re.sub(rb"\\x([0-9a-f]{2})", lambda found: bytes([int(found[1], 16)]), escaped).decode() == application


@pytest.mark.parametrize(("application", "reason"), [("", "it is empty"), ("ä" * 31, "264 characters are more than 255")])
def test_names_that_make_no_unit(application, reason):
    with pytest.raises(HostError, match=f"application: '{application}' makes no unit name: {reason}"):
        unit_name(application)


# --- texts --------------------------------------------------------------------------------------------------------------


def test_the_text_of_a_unit():
    lines = [line for line in unit_text(unit(limits={"NOFILE": 65536, "CORE": "0:infinity"})).splitlines() if line and not line.startswith("#")]
    assert lines == [
        "[Unit]",
        "Description=Genesys Engage application ChatServer_1",
        "Wants=network-online.target",
        "After=network-online.target",
        "StartLimitIntervalSec=600",
        "StartLimitBurst=30",
        "[Service]",
        "Type=simple",
        "User=genesys",
        "Group=staff",
        "WorkingDirectory=/opt/genesys/ChatServer_1",
        "ExecStart=/bin/sh ./run.sh",
        "LimitCORE=0:infinity",
        "LimitNOFILE=65536",
        "Restart=on-failure",
        "RestartSec=10",
        "KillMode=control-group",
        "KillSignal=SIGTERM",
        "TimeoutStopSec=90",
        "[Install]",
        "WantedBy=multi-user.target",
        "[X-Genesys]",
        'Application="ChatServer_1"',
        'Ports={"ESP": 4582, "default": 4580}',
    ]


def test_a_unit_that_is_not_restarted():
    assert setting(unit_text(unit(restart=False)), "Restart") == "no"


def test_no_limit_is_invented():
    assert "Limit" not in unit_text(unit()).replace("StartLimit", "")


@examples(200)
@given(TEXTS, TEXTS, TEXTS)
def test_nothing_in_a_value_changes_the_unit(application, path, script):
    text = unit_text(unit(application=application, path="/" + path, start_script=script))
    plain = unit_text(unit())
    assert [line.partition("=")[0] for line in text.split("\n")] == [line.partition("=")[0] for line in plain.split("\n")]
    assert setting(text, "Description") == f"Genesys Engage application {application}"
    assert setting(text, "WorkingDirectory") == "/" + path
    command, _blank, word = setting(text, "ExecStart").partition(" ")
    if word.startswith('"'):
        assert re.fullmatch(r'"([^"\\$]|\\["\\]|\$\$)*"', word)
        word = re.sub(r"\\(.)", r"\1", word[1:-1]).replace("$$", "$")
    else:
        assert not re.search(r"[\s'\"\\$;#]", word)
    assert (command, word) == ("/bin/sh", "./" + script)
    about = read_about(text)
    assert about is not None and (about.application, about.ports) == (application, {"default": 4580, "ESP": 4582})


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"path": "opt/genesys"}, "path: 'opt/genesys' must be absolute"),
        ({"path": "/opt/a\nUser=root"}, "path: '/opt/a.nUser=root' can't stand in a unit"),
        ({"path": "/opt/a "}, "path: '/opt/a ' can't"),
        ({"path": "/opt/a\\"}, "path: .* can't"),
        ({"path": ""}, "path: '' can't"),
        ({"application": "a\tb"}, "application: .* can't"),
        ({"start_script": "x\ny"}, "start_script: .* can't"),
        ({"path": "/opt/\udcff"}, "path: .* can't"),
        ({"limits": {"nofile": 5}}, r"limits \(.*\): 'nofile' is none of CPU, "),
        ({"limits": {"NOFILE": "many"}}, r"limits \(.*\): NOFILE must be a number"),
        ({"limits": {"NOFILE": -1}}, r"limits \(.*\): NOFILE must be a number"),
        ({"limits": {"NOFILE": "5\nUser=root"}}, r"limits \(.*\): NOFILE must be a number"),
    ],
)
def test_values_that_do_not_fit(changes, message):
    with pytest.raises(HostError, match=message):
        unit_text(unit(**changes))


# --- whose unit is it ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["", "[Service]\nExecStart=/bin/true\n", "#\n# Written by genesys_engage.chat\n"])
def test_units_of_others(text):
    assert not is_ours(text)
    assert read_about(text) is None


def test_a_unit_of_ours_that_was_spoilt_tells_nothing():
    text = unit_text(unit())
    assert is_ours(text) and read_about(text) is not None
    for former, spoilt in (("[X-Genesys]", ""), ("Ports=", "ports="), ('"ESP"', "ESP"), ('Application="ChatServer_1"', "Application=5")):
        assert former in text
        assert read_about(text.replace(former, spoilt)) is None
