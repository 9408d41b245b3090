# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The response file against an independent reader of the installer's grammar."""

from __future__ import annotations

import os
import stat

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from unit.host.place import Place

from ansible_collections.genesys_engage.chat.plugins.module_utils._host.install.response_file import (
    License,
    license_answers,
    merge,
    render,
    write_private,
)
from ansible_collections.genesys_engage.chat.plugins.module_utils._host.system.errors import HostError
from ansible_collections.genesys_engage.chat.plugins.module_utils._host.system.password import check_for_command, check_for_response_file


def read(text: str, section: str, key: str) -> str | None:
    """Find a key as the installer does: exact lines, first section, last duplicate, comments in column 1, nothing trimmed."""
    value = None
    state = "before"
    for line in text.split("\n"):
        if line[:1] in ("#", ";"):
            continue
        if line[:1] == "[" and "]" in line:
            if state == "in":
                break
            if line == f"[{section}]":
                state = "in"
        elif state == "in" and line.startswith(f"{key}="):
            value = line[len(key) + 1 :]
    return value


NAMES = st.text(min_size=1, max_size=12)
SECTIONS = st.dictionaries(NAMES, st.dictionaries(NAMES, st.text(max_size=20), min_size=1, max_size=4), max_size=4)


@settings(deadline=None)
@given(SECTIONS)
def test_what_is_written_is_what_the_installer_reads_or_it_is_refused(sections):
    try:
        text = render(sections)
    except HostError:
        texts = [*sections, *(key for keys in sections.values() for key in keys), *(value for keys in sections.values() for value in keys.values())]
        assert any(set(item) & set("\r\n\0=]") or item != item.strip() or item[:1] in "[#;" for item in texts)
        return
    for section, keys in sections.items():
        for key, value in keys.items():
            assert read(text, section, key) == value


@pytest.mark.parametrize("value", ["", "a=b", "#x", ";x", "[x]", 'a"b', "a b", "é", "100%", "$HOME `id`"])
def test_values_that_the_grammar_carries(value):
    assert read(render({"S": {"K": value}}), "S", "K") == value


@pytest.mark.parametrize(
    ("sections", "message"),
    [
        ({"S": {"K": "a\nb"}}, r"\[S\] K contains a line break"),
        ({"S": {"K": "a\rb"}}, r"\[S\] K contains a line break"),
        ({"S": {"K": "a\0b"}}, r"\[S\] K contains a zero byte"),
        ({"S": {"K": " a"}}, "begins or ends with a blank"),
        ({"S": {"K": "a\t"}}, "begins or ends with a blank"),
        ({"S": {"K=": "a"}}, "contains '='"),
        ({"S": {"K ": "a"}}, "begins or ends with a blank"),
        ({"S": {"": "a"}}, "is not a valid key"),
        ({"S": {"#K": "a"}}, "is not a valid key"),
        ({"S": {"[K": "a"}}, "is not a valid key"),
        ({"S]": {"K": "a"}}, "contains ']'"),
        ({" S": {"K": "a"}}, "begins or ends with a blank"),
    ],
)
def test_what_it_cannot_carry_is_refused(sections, message):
    with pytest.raises(HostError, match=message):
        render(sections)


def test_a_refusal_does_not_show_the_value():
    with pytest.raises(HostError) as caught:
        render({"ConfigServer": {"Password": "very secret\n"}})
    assert "very secret" not in str(caught.value)


def test_sections_of_several_options_are_merged():
    merged = merge({"A": {"x": 1}}, {"A": {"y": "2"}, "B": {"z": 8.5}})
    assert merged == {"A": {"x": "1", "y": "2"}, "B": {"z": "8.5"}}


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        (({"A": {"x": 1}}, {"A": {"x": 1}}), r"\[A\] x is set by"),
        (({"A": {"x": True}},), "true or false to YAML"),
        (({"A": {"x": None}},), "must be text or a number"),
        (({"A": {"x": ["1"]}},), "must be text or a number"),
        (({"A": {}},), "at least one key"),
        (({"A": "x"},), "at least one key"),
    ],
)
def test_what_cannot_be_merged_is_refused(layers, message):
    with pytest.raises(HostError, match=message):
        merge(*layers)


@pytest.mark.parametrize("value", ["", "0", 0])
@pytest.mark.parametrize("layer", [0, 1, 2])
def test_what_the_installer_takes_for_missing_is_refused(value, layer):
    layers: list[dict[str, dict[str, object]]] = [{}, {}, {}]
    layers[layer] = {"LCA": {"TuneStartupFiles": value}}
    why = r"response \(in the playbooks: genesys_response\): \[LCA\] TuneStartupFiles is empty or 0, which the installer takes for a key that is not there"
    with pytest.raises(HostError, match=why):
        merge(*layers)


@pytest.mark.parametrize("value", ["00", "0.0", "''", '""', "no", -1, 0.5])
def test_what_perl_takes_for_true_is_accepted(value):
    assert merge({"S": {"K": value}}) == {"S": {"K": str(value)}}


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("confserv_host", ""),
        ("confserv_host", "0"),
        ("confserv_port", 0),
        ("confserv_username", ""),
        ("application", "0"),
        ("license", {"host": "0", "port": 1}),
        ("license", {"file": "0"}),
        ("secret_response", {"S": {"K": ""}}),
        ("response", {"S": {"K": 0}}),
    ],
)
def test_the_option_is_named_and_nothing_is_run(tmp_path, option, value):
    place = Place(tmp_path)
    if option == "license":
        value = {"file": None, "host": None, "port": None, **value}
    error = place.refused(**{option: value})
    assert error.message.startswith(option)
    assert "is empty or 0" in error.message
    assert not place.target.exists()


def test_no_password_is_none(tmp_path):
    place = Place(tmp_path)
    place.install(confserv_password="")


@pytest.mark.parametrize(
    ("source", "answers", "argument"),
    [
        (None, {"UseLicense": "NotRequired"}, None),
        (License("/l.dat", None, None), {"UseLicense": "Required", "AccessType": "LicenseFile", "File": "/l.dat"}, "/l.dat"),
        (License(None, "h", 7260), {"UseLicense": "Required", "AccessType": "LicenseManager", "Host": "h", "Port": "7260"}, "7260@h"),
    ],
)
def test_licence_answers(source, answers, argument):
    assert license_answers(source) == {"LicenseAgreement": "Accepted", **answers}
    assert (source.argument if source else None) == argument


def test_a_private_file_is_never_readable_by_others(tmp_path):
    before = os.umask(0)
    try:
        write_private(str(tmp_path / "f"), "é\n", None)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "f").stat().st_mode) == 0o600
    assert (tmp_path / "f").read_bytes() == "é\n".encode()


def test_a_private_file_does_not_follow_a_link(tmp_path):
    (tmp_path / "f").symlink_to(tmp_path / "victim")
    with pytest.raises(FileExistsError):
        write_private(str(tmp_path / "f"), "x", None)
    assert not (tmp_path / "victim").exists()


@pytest.mark.parametrize("check", [check_for_command, check_for_response_file])
def test_half_a_character_in_a_password_is_refused(check):
    """Ansible itself lets none through; a program of another language might."""
    with pytest.raises(HostError, match="confserv_password: it contains something that is not a character"):
        check("p\ud800q")
