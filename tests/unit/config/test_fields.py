# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The codec: every kind of field from the wire and back, and nothing else in the object touched."""

from __future__ import annotations

import copy
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from unit.config.fake_gateway import Gateway, application, connection

from ansible_collections.genesys_engage.chat.plugins.module_utils._config import compare, fields
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.directory import Directory
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.errors import InvalidInput
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.types import APPLICATION, object_type

PROFILE = settings(database=None, deadline=None, derandomize=True, max_examples=80)


def names():
    """A directory in which DBIDs 1-3 are applications A, B, C and tenants; 9 is nobody's."""
    gateway = Gateway()
    for dbid, name in ((1, "A"), (2, "B"), (3, "C")):
        gateway.add("CfgApplication", dbid, name)
        gateway.add("CfgTenant", dbid, "Tenant " + name)
    return Directory(gateway)


DIRECTORY = names()
SPARE = st.fixed_dictionaries({}, optional={"longfield1": st.just("0"), "description": st.text(max_size=3), "unknown": st.none() | st.integers()})
AS_SENT = st.sampled_from((int, str))


def boxed(inner, entries):
    """A list property as servers may show it: in its box, bare, alone, null or missing; beside it what nobody knows."""
    def forms(items):
        return st.sampled_from([{inner: items}, {inner: items, "mode": "x"}, items, *([{inner: items[0]}] if len(items) == 1 else [])])
    nothing = st.sampled_from([None, {inner: None}, {}, {inner: []}, [], {"mode": "x"}])
    return entries.flatmap(forms) | nothing


def raws(key, inner, entry):
    """Raw objects with one list property among others."""
    return st.builds(lambda box, there, more: dict(more, **({key: box} if there else {})),
                     boxed(inner, st.lists(entry, max_size=6)), st.booleans(), st.just({"dbid": "7", "name": "x", "resources": {"resource": []}, "port": "1"}))


def untouched(raw, key, inner, leaf_of, edited):
    """The entries that no edit names, byte for byte, in their order."""
    return [json.dumps(entry) for entry in fields.list_items(raw, key, inner) if leaf_of(entry) not in edited]


def check(field, key, inner, leaf_of, raw, edits, touches=()):
    """What is read after an edit is what was read before it plus the edit; all else is carried back as it was."""
    before = field.decode(raw, DIRECTORY)
    changed = copy.deepcopy(raw)
    field.encode(changed, edits, DIRECTORY)
    wanted = {leaf: value for leaf, value in {**before, **edits}.items() if value is not None}
    assert field.decode(changed, DIRECTORY) == wanted
    edited = {leaf[:2] for leaf in edits} if key == "appservers" else set(edits)
    assert untouched(changed, key, inner, leaf_of, edited) == untouched(raw, key, inner, leaf_of, edited)
    others = {name: value for name, value in raw.items() if name != key and name not in touches}
    assert {name: changed[name] for name in others} == others
    assert set(changed) - set(raw) <= {key}
    if isinstance(raw.get(key), dict):
        assert {name: value for name, value in changed[key].items() if name != inner} == {name: value for name, value in raw[key].items() if name != inner}
    return changed


# --- options ------------------------------------------------------------------------------------------------------------

OPTION_LEAF = st.tuples(st.sampled_from(["log", "settings", "endpoints:1", ""]), st.sampled_from(["verbose", "x", "X", "ä b"]))
OPTION = st.builds(lambda leaf, value, more: dict(more, section=leaf[0], key=leaf[1], **value), OPTION_LEAF,
                   st.fixed_dictionaries({}, optional={"value": st.text(max_size=4) | st.none() | st.integers(0, 9)}), SPARE)


@given(raws("options", "property", OPTION), st.dictionaries(OPTION_LEAF, st.none() | st.text(max_size=4), max_size=4))
@PROFILE
def test_options(raw, edits):
    check(fields.Options("options"), "options", "property", lambda entry: (entry["section"], entry["key"]), raw, edits)


def test_an_option_there_twice_counts_as_its_last_and_is_written_once():
    raw = {"options": {"property": [{"section": "a", "key": "k", "value": "1", "extra": 5}, {"section": "b", "key": "k", "value": "2"},
                                    {"section": "a", "key": "k", "value": "3"}]}}
    field = fields.Options("options")
    assert field.decode(raw, None) == {("a", "k"): "3", ("b", "k"): "2"}
    field.encode(raw, {("a", "k"): "4"}, None)
    assert raw["options"]["property"] == [{"section": "a", "key": "k", "value": "4", "extra": 5}, {"section": "b", "key": "k", "value": "2"}]


# --- ports --------------------------------------------------------------------------------------------------------------

PORT_LEAF = st.tuples(st.sampled_from(["default", "webapi", "ESP", "health"]))
PORT = st.builds(lambda leaf, number, form, more: dict(more, id=leaf[0], port=form(number)), PORT_LEAF, st.integers(0, 65535), AS_SENT, SPARE)


@given(raws("portinfos", "portinfo", PORT), st.dictionaries(PORT_LEAF, st.none() | st.integers(1, 65535), max_size=3))
@PROFILE
def test_ports(raw, edits):
    changed = check(fields.Ports(), "portinfos", "portinfo", lambda entry: (entry["id"],), raw, edits, touches=("port",))
    mirrored = str(edits["default",] or 0) if ("default",) in edits else raw["port"]
    assert changed["port"] == mirrored, "the top-level port mirrors the default one"


def test_a_port_that_gets_another_number_keeps_its_other_settings():
    raw = {"portinfos": {"portinfo": [{"id": "ESP", "port": "1", "transportparams": "tls=1", "longfield1": "7"}]}}
    fields.Ports().encode(raw, {("ESP",): 2}, DIRECTORY)
    assert raw["portinfos"]["portinfo"] == [{"id": "ESP", "port": "2", "transportparams": "tls=1", "longfield1": "7"}]


# --- tenants ------------------------------------------------------------------------------------------------------------

TENANT_LEAF = st.tuples(st.sampled_from(["Tenant A", "Tenant B", "Tenant C", "#9"]))
TENANT = st.builds(lambda dbid, form, more: dict(more, dbid=form(dbid)), st.sampled_from([1, 2, 3, 9]), AS_SENT, SPARE)


@given(raws("tenantdbids", "id", TENANT), st.dictionaries(TENANT_LEAF, st.none() | st.just(True), max_size=3))
@PROFILE
def test_tenants(raw, edits):
    check(fields.Tenants(), "tenantdbids", "id", lambda entry: (DIRECTORY.name("CfgTenant", int(entry["dbid"])),), raw, edits)


# --- connections --------------------------------------------------------------------------------------------------------

LINK = st.tuples(st.sampled_from(["A", "B", "#9"]), st.sampled_from(["default", "ESP", "webapi"]))
DBIDS = {"A": 1, "B": 2, "C": 3, "#9": 9}
TRACE = st.sampled_from(["none", "local", "remote", "both"])
WIRE_TRACE = st.sampled_from(["CFGTMNoTraceMode", "CFGTMLocal", "CFGTMRemote", "CFGTMBoth", "CFGTMNone", "CFGTMNew"])
CONNECTION = st.builds(
    lambda link, protocol, local, remote, mode, form, more: dict(
        more, id=link[1], appserverdbid=form(DBIDS[link[0]]), connprotocol=protocol, timoutlocal=form(local), timoutremote=form(remote),
        mode=mode, appparams="p", transportparams=""),
    LINK, st.sampled_from(["addp", "ADDP", "", None]), st.integers(0, 99), st.integers(0, 99), WIRE_TRACE, AS_SENT, SPARE)
ATTRIBUTES = (st.none() | st.just({"protocol": ""})
              | st.builds(lambda local, remote, trace: {"protocol": "addp", "local_timeout": local, "remote_timeout": remote, "trace": trace},
                          st.integers(0, 99), st.integers(0, 99), TRACE))


def link_of(entry):
    return (DIRECTORY.name("CfgApplication", int(entry["appserverdbid"])), entry["id"])


@given(raws("appservers", "conninfo", CONNECTION), st.dictionaries(LINK, ATTRIBUTES, max_size=4))
@PROFILE
def test_connections(raw, wanted):
    """Each wanted link ends as it is wanted, whatever it was before; None removes it."""
    field = fields.Connections()
    leaves = {link + (name,): value for link, attributes in wanted.items() for name, value in (attributes or {}).items()}
    changes = compare.edits(field.decode(raw, DIRECTORY), leaves, wanted)
    check(field, "appservers", "conninfo", link_of, raw, {path: new for path, (_old, new) in changes.items()})


def conninfo(*entries):
    return {"appservers": {"conninfo": list(entries)}}


def test_what_a_connection_carries_beside_survives_a_change():
    raw = conninfo(dict(connection(1), appparams="a=1", transportparams="tls=1", longfield3="7", proxyparams="x"))
    before = copy.deepcopy(raw["appservers"]["conninfo"][0])
    fields.Connections().encode(raw, {("A", "default", "local_timeout"): 33}, DIRECTORY)
    assert raw["appservers"]["conninfo"] == [dict(before, timoutlocal="33")]


def test_a_connection_that_moves_to_another_port_of_the_server_keeps_its_settings():
    raw = conninfo(connection(2), dict(connection(1, "old", "addp", 21, 22, "CFGTMLocal"), appparams="a=1", transportparams="tls=1", longfield3="7"))
    before = copy.deepcopy(raw["appservers"]["conninfo"])
    edits: dict[tuple[str, ...], None] = {("A", "old", name): None for name in ("protocol", "local_timeout", "remote_timeout", "trace")}
    fields.Connections().encode(raw, {**edits, ("A", "new", "protocol"): "addp"}, DIRECTORY)
    assert raw["appservers"]["conninfo"] == [before[0], dict(before[1], id="new")]


def test_a_connection_to_another_server_inherits_nothing():
    raw = conninfo(dict(connection(1), appparams="a=1"))
    fields.Connections().encode(raw, {("A", "default", "protocol"): None, ("B", "default", "protocol"): ""}, DIRECTORY)
    (entry,) = raw["appservers"]["conninfo"]
    assert (entry["appserverdbid"], entry["id"], entry["connprotocol"], entry["appparams"]) == ("2", "default", "", "")
    assert (entry["timoutlocal"], entry["timoutremote"], entry["mode"]) == ("0", "0", "CFGTMNoTraceMode")


def test_a_connection_to_a_server_that_is_not_known():
    with pytest.raises(InvalidInput, match="there is no application named 'Z'"):
        fields.Connections().encode(conninfo(), {("Z", "default", "protocol"): ""}, DIRECTORY)


def test_attributes_count_only_with_addp():
    raw = conninfo(connection(1, protocol=""), connection(2, protocol="addp"))
    assert fields.Connections().decode(raw, DIRECTORY) == {
        ("A", "default", "protocol"): "", ("B", "default", "protocol"): "addp", ("B", "default", "local_timeout"): 10,
        ("B", "default", "remote_timeout"): 10, ("B", "default", "trace"): "both"}


# --- single values ------------------------------------------------------------------------------------------------------

SCALARS = [
    # field, raw values with what they mean, value to write and its form on the wire
    (fields.Scalar("k"), [("x", "x"), (5, "5"), (None, ""), ("", "")], ("y", "y"), (None, "")),
    (fields.Number("k"), [("90", 90), (90, 90), ("", 0), (None, 0), ("many", 0), ("-1", -1)], (7, "7"), (0, "0")),
    (fields.Flag("k"), [("CFGTrue", True), ("CFGFalse", False), (None, False), ("", False)], (True, "CFGTrue"), (False, "CFGFalse")),
    (fields.Choice("k", fields.REDUNDANCY_TYPES), [("CFGHTWarmStanby", "warm standby"), ("CFGHTNew", "CFGHTNew"), (None, "")],
     ("hot standby", "CFGHTHotStanby"), ("CFGHTNew", "CFGHTNew")),
    (fields.Reference("k", "CfgApplication"), [("1", "A"), (2, "B"), ("0", ""), (None, ""), ("", ""), ("9", "#9")], ("C", "3"), ("", "0")),
    (fields.Reference("k", "CfgApplication"), [("3", "C")], ("#9", "9"), (None, "0")),
]


@pytest.mark.parametrize(("field", "readings", "first", "second"), SCALARS, ids=lambda item: type(item).__name__)
def test_single_values(field, readings, first, second):
    for wire, value in readings:
        assert field.decode({"k": wire}, DIRECTORY) == {(): value}
    assert field.decode({}, DIRECTORY) == field.decode({"k": None}, DIRECTORY)
    for value, wire in (first, second):
        raw = {"k": "before", "other": {"x": [1]}}
        field.encode(raw, {(): value}, DIRECTORY)
        assert raw == {"k": wire, "other": {"x": [1]}}
        if value is not None:
            assert field.decode(raw, DIRECTORY) == {(): value}


@pytest.mark.parametrize(
    ("field", "given_value", "stored"),
    [
        (fields.Scalar("k"), 5, "5"),
        (fields.Number("k"), "5", 5),
        (fields.Number("k"), " 5 ", 5),
        (fields.Number("k"), -5, -5),
        (fields.Flag("k"), True, True),
        (fields.Choice("k", fields.REDUNDANCY_TYPES), "warm standby", "warm standby"),
        (fields.Choice("k", fields.REDUNDANCY_TYPES), "CFGHTWarmStanby", "warm standby"),
        (fields.Choice("k", fields.REDUNDANCY_TYPES), "CFGHTNew", "CFGHTNew"),
        (fields.Ports(), "4580", 4580),
        (fields.Ports(), 1, 1),
        (fields.Ports(), 65535, 65535),
        (fields.Options("k"), True, "true"),
        (fields.Options("k"), False, "false"),
        (fields.Options("k"), 5, "5"),
        (fields.Options("k"), 0.5, "0.5"),
        (fields.Options("k"), "", ""),
    ],
    ids=lambda item: type(item).__name__ if hasattr(item, "decode") else str(item),
)
def test_what_a_user_may_write(field, given_value, stored):
    value = field.coerce(given_value, "option")
    assert (value, type(value)) == (stored, type(stored))


@pytest.mark.parametrize(
    ("field", "value", "rule"),
    [
        *[(fields.Number("k"), value, "must be a whole number") for value in (True, None, "", "x", "5.0", 5.5, "--5", "²", "1_0", [5])],
        *[(fields.Ports(), value, "must be a port number from 1 to 65535") for value in (True, None, "", "x", 0, -1, 65536, "--5", "²", 4580.5)],
        *[(fields.Flag("k"), value, "must be true or false") for value in ("true", 1, None)],
        *[(fields.Choice("k", fields.REDUNDANCY_TYPES), value, "must be one of cold standby, hot standby, none, warm standby") for value in ("warm", "", None)],
        (fields.Options("k"), [], "must be a single value"),
        (fields.Options("k"), {}, "must be a single value"),
        (fields.Options("k"), ["x"], "must be a single value"),
    ],
    ids=lambda item: type(item).__name__ if hasattr(item, "decode") else str(item),
)
def test_what_a_user_may_not_write(field, value, rule):
    with pytest.raises(InvalidInput, match="the option " + rule):
        field.coerce(value, "the option")


def test_a_folder_is_found_by_its_path_or_its_end():
    gateway = Gateway()
    for dbid, name, parent in ((102, "Applications", 0), (103, "Chat", 102), (104, "Hosts", 0), (105, "Chat", 104), (106, "Chat Servers", 103)):
        gateway.add("CfgFolder", dbid, name, folderid=str(parent))
    directory = Directory(gateway)
    field = fields.Folder("folderid")
    assert field.decode({"folderid": "103"}, directory) == {(): "Applications/Chat"}
    assert field.decode({}, directory) == {(): ""}
    assert field.decode({"folderid": "999"}, directory) == {(): "#999"}
    for path, number in (("Chat Servers", "106"), ("Applications/Chat", "103"), ("/Applications/Chat/", "103"), ("Hosts/Chat", "105"), ("#104", "104")):
        raw: dict[str, object] = {}
        field.encode(raw, {(): path}, directory)
        assert raw == {"folderid": number}
    assert directory.folder("Chat Servers") == "Applications/Chat/Chat Servers"
    for path, rule in (("Chat", "more than one folder is named 'Chat'; give its path"), ("hat", "no folder is named 'hat'"), ("", "no folder")):
        with pytest.raises(InvalidInput, match=rule):
            directory.folder_dbid(path)


# --- whole objects ------------------------------------------------------------------------------------------------------

APPLICATION_EDITS = st.fixed_dictionaries({}, optional={
    ("startup_timeout",): st.integers(0, 99), ("auto_restart",): st.booleans(), ("backup",): st.sampled_from(["", "B"]),
    ("redundancy_type",): st.sampled_from(sorted(fields.REDUNDANCY_TYPES)), ("working_directory",): st.text(max_size=3),
    ("ports", "ESP"): st.integers(1, 65535), ("options", "log", "verbose"): st.none() | st.just("all"), ("annex", "sml", "x"): st.none() | st.just("1"),
    ("tenants", "Tenant B"): st.just(True), ("connections", "C", "default", "protocol"): st.just(""), ("enabled",): st.sampled_from(["enabled", "disabled"])})


@given(APPLICATION_EDITS)
@PROFILE
def test_an_application_keeps_everything_that_no_edit_names(edits):
    raw = dict(application("CFGChatServer", 0, {"default": 1, "health": 2}, {"log": {"verbose": "standard"}}, [(2,)], folderid="0"),
               dbid="7", name="x", type="CfgApplication", state="CFGEnabled", brandnew={"deep": [1, {"x": None}]}, componenttype=None)
    before = APPLICATION.decode(raw, DIRECTORY)
    changed = copy.deepcopy(raw)
    APPLICATION.encode(changed, edits, DIRECTORY)
    assert APPLICATION.decode(changed, DIRECTORY) == {path: value for path, value in {**before, **edits}.items() if value is not None}
    touched = {"startup_timeout": "startuptimeout", "auto_restart": "autorestart", "backup": "backupserverdbid", "redundancy_type": "redundancytype",
               "working_directory": "workdirectory", "ports": "portinfos", "options": "options", "annex": "userproperties", "tenants": "tenantdbids",
               "connections": "appservers", "enabled": "state"}
    keys = {touched[path[0]] for path in edits}
    assert {key: value for key, value in changed.items() if key not in keys} == {key: value for key, value in raw.items() if key not in keys}


def test_plain_properties_are_text():
    kind = object_type("CfgPerson")
    raw = {"username": "x", "employeeid": 5, "agentlogins": {"agentlogininfo": [1]}}
    assert kind.decode(raw, DIRECTORY, ["properties"]) == {("properties", "username"): "x", ("properties", "employeeid"): "5"}
    kind.encode(raw, {("properties", "employeeid"): "6"}, DIRECTORY)
    assert raw == {"username": "x", "employeeid": "6", "agentlogins": {"agentlogininfo": [1]}}


@pytest.mark.parametrize("kind", ["", "Application", "cfgHost", "Cfg", "CfgHost/1", "Cfg Host"])
def test_what_is_no_class(kind):
    with pytest.raises(InvalidInput, match="type must be the name of a configuration class"):
        object_type(kind)


@pytest.mark.parametrize(("kind", "key", "in_tenant"), [("CfgPerson", "username", False), ("CfgScript", "name", True), ("CfgSkill", "name", True),
                                                        ("CfgDN", "number", False), ("CfgHost", "name", False), ("CfgSomethingNew", "name", False)])
def test_what_tells_objects_apart(kind, key, in_tenant):
    assert (object_type(kind).name_key, object_type(kind).in_tenant) == (key, in_tenant)
