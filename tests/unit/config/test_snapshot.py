# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The snapshot file: whole or not there, for its owner alone, without secrets, and read with distrust."""

from __future__ import annotations

import errno
import json
import os
import re
import socket
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from unit.config.fake_gateway import Gateway, application, option_list
from unit.config.way_back import SERVER, Run

from ansible_collections.genesys_engage.chat.plugins.module_utils._config import snapshot
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.apply import apply
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.desired import Desired
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.directory import Directory
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.errors import ApplyFailed, InvalidInput, SnapshotFailed
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.plan import make_plan
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.secrets import HIDDEN, Secrets
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.snapshot import Keeper, content_of, left_out, read
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.snapshot_list import snapshots_in

SECRET = "s3cr3t-of-the-site"
ENTRY: dict[str, Any] = {"action": "update", "type": "CfgApplication", "name": "A", "tenant": None, "object": {"dbid": "1"},
                         "fields": [{"path": ["options", "s", "x"], "before": "1", "after": None}]}


def keeper(place: Path, secrets: Secrets | None = None) -> Keeper:
    return Keeper(str(place), SERVER, "test", secrets or Secrets())


def small_world() -> Gateway:
    gateway = Gateway()
    gateway.add("CfgTenant", 1, "Environment")
    gateway.add("CfgTenant", 101, "Sales")
    gateway.add("CfgFolder", 102, "Applications", folderid="0")
    gateway.add("CfgHost", 301, "h")
    gateway.add("CfgApplication", 1, "A", **application(options={"s": {"x": "1"}}))
    gateway.add("CfgApplication", 2, "B", **application(options={"s": {"own": "b"}}, connections=[(1,)]))
    return gateway


def change(name: str = "A", **leaves: Any) -> Desired:
    item = Desired("CfgApplication", name)
    for field, value in leaves.items():
        item.want(field, value)
    return item


def entries(file: str | None) -> list[dict[str, Any]]:
    assert file is not None
    return read(file, SERVER)


# --- writing --------------------------------------------------------------------------------------------------------------


def test_the_file_is_private_and_alone(tmp_path):
    place = tmp_path / "a" / "b"
    one = keeper(place)
    one.write([ENTRY])
    assert one.path is not None and [str(path) for path in place.iterdir()] == [one.path]
    assert stat.S_IMODE(os.stat(one.path).st_mode) == 0o600
    assert stat.S_IMODE(place.stat().st_mode) == 0o700
    assert read(one.path, SERVER) == [ENTRY]


def test_a_file_that_is_replaced_becomes_private(tmp_path):
    file = tmp_path / "saved.json"
    file.write_text("old", encoding="utf-8")
    file.chmod(0o644)
    keeper(tmp_path).write([ENTRY], str(file))
    assert stat.S_IMODE(file.stat().st_mode) == 0o600 and read(str(file), SERVER) == [ENTRY]


def test_a_link_in_the_place_of_the_file_is_replaced_and_not_followed(tmp_path):
    (tmp_path / "other").write_text("of somebody else", encoding="utf-8")
    (tmp_path / "saved.json").symlink_to(tmp_path / "other")
    keeper(tmp_path).write([ENTRY], str(tmp_path / "saved.json"))
    assert (tmp_path / "other").read_text(encoding="utf-8") == "of somebody else"
    assert read(str(tmp_path / "saved.json"), SERVER) == [ENTRY]


def test_a_linked_directory_is_used(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    keeper(tmp_path / "link").write([ENTRY])
    assert len(list((tmp_path / "real").iterdir())) == 1


def test_a_relative_path_counts_from_the_working_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for path in ("saved.json", "sub/saved.json"):
        one = keeper(Path("unused"))
        one.write([ENTRY], path)
        assert one.path == str(tmp_path / path) and read(one.path, SERVER) == [ENTRY]
    one = keeper(Path("kept"))
    one.write([ENTRY])
    assert one.path is not None and Path(one.path).parent == tmp_path / "kept"


def test_names_of_all_languages(tmp_path):
    entry = dict(ENTRY, name="Чат-сервер \u2028 \"1\"\n名", fields=[{"path": ["options", "ß", "\\"], "before": "\x00\x7f😀", "after": ""}])
    one = keeper(tmp_path)
    one.write([entry])
    assert read(str(one.path), SERVER) == [entry]


def test_runs_in_the_same_second_have_files_of_their_own(tmp_path, monkeypatch):
    monkeypatch.setattr(snapshot.time, "strftime", lambda *_unused: "20260401T120000Z")
    keepers = [keeper(tmp_path) for _number in range(40)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda one: one.write([ENTRY]), keepers))
    assert len({one.path for one in keepers}) == len(list(tmp_path.iterdir())) == 40


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EROFS, errno.EACCES], ids=lambda code: errno.errorcode[code])
@pytest.mark.parametrize("step", ["makedirs", "open", "fsync", "replace"])
def test_a_file_that_can_not_be_written(tmp_path, monkeypatch, step, code):
    """Nothing is left behind, and the message names the file and the reason."""
    def fails(*_unused, **_ignored):
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(snapshot.os, step, fails)
    one = keeper(tmp_path)
    with pytest.raises(SnapshotFailed, match=f"{tmp_path}.*{os.strerror(code)}.*Nothing was written.*with snapshot_dir$"):
        one.write([ENTRY])
    assert one.path is None and not list(tmp_path.iterdir())


def test_a_directory_is_no_file(tmp_path):
    with pytest.raises(SnapshotFailed, match="it is a directory.*with path$"):
        keeper(tmp_path).write([ENTRY], str(tmp_path))
    assert not list(tmp_path.iterdir())


@pytest.fixture(params=["a named pipe", "a device", "a socket", "a link to a device", "a directory"])
def other(request, tmp_path):
    """Something else than a file, and what the message calls it."""
    path = tmp_path / "other"
    if request.param == "a named pipe":
        os.mkfifo(path)
    elif request.param == "a socket":
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(path))
    elif request.param == "a directory":
        path.mkdir()
    elif request.param == "a link to a device":
        path.symlink_to("/dev/full")
    elif os.geteuid() == 0:
        os.mknod(path, stat.S_IFCHR | 0o666, os.makedev(1, 7))  # as /dev/full
    else:
        pytest.skip("only root makes devices")
    return path, request.param.replace("a link to ", "")


def test_what_is_no_file_is_neither_replaced_nor_waited_for(tmp_path, other):
    path, kind = other
    before = path.lstat()
    with pytest.raises(SnapshotFailed, match=f"could not be written: it is {kind}, not a regular file. Nothing was written to"):
        keeper(tmp_path).write([ENTRY], str(path))
    assert (path.lstat().st_mode, path.lstat().st_ino) == (before.st_mode, before.st_ino)
    assert [item.name for item in tmp_path.iterdir()] == ["other"]
    with pytest.raises(InvalidInput, match=f"path: '.*/other' can't be read: (it is {kind}, not a regular file|No such device or address)"):
        read(str(path), SERVER)


def test_without_a_snapshot_nothing_is_written(tmp_path):
    (tmp_path / "file").touch()
    gateway = small_world()
    with pytest.raises(SnapshotFailed, match="Not a directory"):
        Run(gateway, [change(startup_timeout=5)], tmp_path / "file" / "kept").carry_out()
    assert not gateway.writes()


def test_the_file_is_there_before_the_first_write(tmp_path):
    gateway = small_world()
    run = Run(gateway, [change(startup_timeout=5)], tmp_path)
    gateway.down_from = len(gateway.calls) + 1
    with pytest.raises(ApplyFailed) as failed:
        run.carry_out()
    assert run.file is not None and run.file in str(failed.value)
    assert entries(run.file)[0]["fields"] == [{"path": ["startup_timeout"], "before": 90, "after": 5}]


@pytest.mark.parametrize("check_mode", [True, False])
def test_nothing_to_write_nothing_to_keep(tmp_path, check_mode):
    gateway = small_world()
    directory = Directory(gateway)
    one = keeper(tmp_path)
    planned = make_plan(directory, [change(startup_timeout=5 if check_mode else 90)])
    assert bool(planned) is check_mode
    apply(planned, directory, check_mode, keeper=one)
    assert one.path is None and not list(tmp_path.iterdir())


# --- what is in it --------------------------------------------------------------------------------------------------------


def test_what_a_run_is_about_to_change(tmp_path):
    gateway = small_world()
    gateway.add("CfgApplication", 3, "Away", **application())
    gateway.add("CfgApplication", 4, "Bystander", **application())
    new = change("New", host="h", working_directory=".")
    run = Run(gateway, [new, change(startup_timeout=5), Desired("CfgApplication", "Away", present=False)], tmp_path)
    raw = {name: gateway.named("CfgApplication", name) for name in ("A", "Away")}
    run.carry_out()
    kept = entries(run.file)
    assert [(entry["action"], entry["name"]) for entry in kept] == [("create", "New"), ("update", "A"), ("delete", "Away")]
    assert [entry["object"] for entry in kept] == [None, dict(raw["A"], startuptimeout="90"), raw["Away"]]


def test_a_new_pair_overwrites_its_backup_which_is_kept(tmp_path):
    run = Run(small_world(), [change("A", backup="B")], tmp_path)
    run.carry_out()
    backup = entries(run.file)[-1]
    assert (backup["action"], backup["name"], backup["whole"]) == ("keep", "B", ["options", "connections", "tenants"])
    assert {"path": ["options", "s", "own"], "before": "b", "after": "b"} in backup["fields"]


def test_the_tenant_of_an_object_is_told_even_if_nobody_asked(tmp_path):
    gateway = small_world()
    gateway.add("CfgScript", 5, "Queue", subtype="CFGInteractionQueue", tenantdbid="101", userproperties=option_list())
    gone = Desired("CfgScript", "Queue", present=False)
    run = Run(gateway, [gone], tmp_path)
    run.carry_out()
    assert [entry["tenant"] for entry in entries(run.file)] == ["Sales"]


def test_no_secret_is_in_it(tmp_path):
    """Neither what the run changed nor what it left alone, in whatever list or property; names given by the user count."""
    gateway = small_world()
    gateway.named("CfgApplication", "A").update(options=option_list({"s": {"password": SECRET + "0", "pin": SECRET + "1", "monkey": "x"}}),
                                                userproperties=option_list({"s": {"api-token": SECRET + "2"}}), secretword=SECRET + "3")
    item = change(startup_timeout=5)
    item.want_options("options", {"s": {"password": SECRET + "4"}}, "options")
    run = Run(gateway, [item], tmp_path, Secrets(["^pin$"]))
    run.carry_out()
    assert run.file is not None
    assert SECRET not in Path(run.file).read_text(encoding="utf-8")
    assert {"path": ["options", "s", "password"], "before": HIDDEN, "after": HIDDEN} in entries(run.file)[0]["fields"]
    assert left_out(entries(run.file)) == {"password", "pin", "monkey", "api-token", "secretword"}
    assert gateway.named("CfgApplication", "A")["secretword"] == SECRET + "3", "the object itself lost its secret"


# --- reading --------------------------------------------------------------------------------------------------------------

HEAD = {"format": "genesys_engage.chat snapshot", "version": 1, "server": SERVER}


def damaged(**changes: Any) -> dict[str, Any]:
    return dict(HEAD, objects=[ENTRY, dict(ENTRY, **changes)])


def field(**changes: Any) -> list[dict[str, Any]]:
    return [dict(ENTRY["fields"][0], **changes)]


DAMAGED = {
    "no action": damaged(action="rename"),
    "no name": damaged(name=" "),
    "name is a list": damaged(name=["A"]),
    "no class": damaged(type="Application"),
    "class is a number": damaged(type=7),
    "tenant is a number": damaged(tenant=1),
    "no object": damaged(object=None),
    "object is a text": damaged(object="x"),
    "no fields": damaged(fields=None),
    "field is a text": damaged(fields=["x"]),
    "no path": damaged(fields=field(path=None)),
    "empty path": damaged(fields=field(path=[])),
    "path too short": damaged(fields=field(path=["options", "s"])),
    "path too long": damaged(fields=field(path=["startup_timeout", "s"])),
    "path of numbers": damaged(fields=field(path=["options", 1, 2])),
    "unknown field": damaged(fields=field(path=["colour"])),
    "value is a list": damaged(fields=field(before=["1"])),
    "no value": damaged(fields=[{"path": ["options", "s", "x"], "before": "1"}]),
    "whole is a text": damaged(whole="options"),
    "whole of lists": damaged(whole=[["options"]]),
    "whole of unknown fields": damaged(whole=["colour"]),
    "an entry is a list": dict(HEAD, objects=[ENTRY, []]),
}


@pytest.mark.parametrize("content", DAMAGED.values(), ids=DAMAGED.keys())
def test_a_damaged_entry_is_named(tmp_path, content):
    file = tmp_path / "snapshot.json"
    file.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(InvalidInput, match="object 2 of its list can't be understood"):
        read(str(file), SERVER)


def test_the_entry_that_the_damaged_ones_were_made_of_is_a_good_one(tmp_path):
    file = tmp_path / "snapshot.json"
    file.write_text(json.dumps(damaged()), encoding="utf-8")
    assert read(str(file), SERVER) == [ENTRY, ENTRY]


NO_SNAPSHOTS = {
    "nothing": b"",
    "half of one": json.dumps(damaged()).encode()[:200],
    "no text": b"\xff\xfe\x00",
    "deep": b"[" * 100_000,
    "a number": b"1",
    "no format": json.dumps({"version": 1}).encode(),
    "no version": json.dumps({"format": HEAD["format"]}).encode(),
    "no list": json.dumps(dict(HEAD, objects={})).encode(),
}


@pytest.mark.parametrize("content", NO_SNAPSHOTS.values(), ids=NO_SNAPSHOTS.keys())
def test_what_is_no_snapshot_is_refused_in_a_sentence(tmp_path, content):
    file = tmp_path / "snapshot.json"
    file.write_bytes(content)
    with pytest.raises(InvalidInput, match=f"^path: '{file}' (is|was)"):
        read(str(file), SERVER)


def test_a_snapshot_of_another_server_is_refused_and_both_are_named(tmp_path):
    one = keeper(tmp_path)
    one.write([ENTRY])
    with pytest.raises(InvalidInput, match=f"taken through {SERVER}, and gax_url leads to https://other.example.com/gax/api/"):
        read(str(one.path), "https://other.example.com/gax/api/")


def test_what_can_not_be_opened_says_why(tmp_path):
    with pytest.raises(InvalidInput, match="can't be read: it is a directory"):
        read(str(tmp_path), SERVER)
    with pytest.raises(InvalidInput, match="can't be read: No such file"):
        read(str(tmp_path / "none"), SERVER)


# --- the list of a directory --------------------------------------------------------------------------------------------


def test_what_is_kept_is_listed_the_newest_first(tmp_path: Path) -> None:
    assert snapshots_in(str(tmp_path / "nothing"), 20) == []
    for number in range(3):
        made = keeper(tmp_path)
        fields = [{"path": ["options", "s", f"x{field}"], "before": None, "after": "secret value"} for field in range(14 * number)]
        made.write([{**ENTRY, "fields": fields or ENTRY["fields"]}, {**ENTRY, "action": "create", "name": f"B{number}", "object": None}])
        assert made.path is not None
        text = Path(made.path).read_text(encoding="utf-8")
        Path(made.path).write_text(re.sub(r'"time": "[^"]+"', f'"time": "2026-04-0{number + 1}T12:00:00Z"', text), encoding="utf-8")
        os.utime(made.path, (number, number))
    (tmp_path / "notes.json").write_text('{"format": "mine"}')
    (tmp_path / "damaged.json").write_text("{")
    os.mkfifo(tmp_path / "pipe.json")
    (tmp_path / "directory.json").mkdir()
    third, second, first, damaged = snapshots_in(str(tmp_path), 20)
    assert [item["time"][:10] for item in (third, second, first)] == ["2026-04-03", "2026-04-02", "2026-04-01"]
    assert first["text"] == f"2026-04-01T12:00:00Z, test: changed application 'A' (options.s.x); created application 'B0'. {first['path']}"
    assert first["objects"][0] == {"action": "update", "type": "CfgApplication", "name": "A", "tenant": None, "fields": ["options.s.x"]}
    assert "options.s.x11, and 2 more)" in second["text"] and len(second["objects"][0]["fields"]) == 14 and second["server"] == SERVER
    assert "is not a snapshot: it holds no JSON" in damaged["problem"] and damaged["path"].endswith("damaged.json")
    assert "secret value" not in str([third, second, first, damaged])
    assert len(snapshots_in(str(tmp_path), 2)) <= 2


def test_a_directory_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(InvalidInput, match="snapshot_dir: '.*file' can't be read: Not a directory"):
        snapshots_in(str(tmp_path / "file"), 20)
    with pytest.raises(InvalidInput, match="snapshot_dir: '.*' can't be read: .*null"):
        snapshots_in("a\0b", 20)
    with pytest.raises(InvalidInput, match="path: '.*' can't be read: .*null"):
        content_of("a\0b")
