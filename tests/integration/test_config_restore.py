# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Snapshots and the way back: after a restore the database is what it was, and nothing of anybody else is lost."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from integration.configured_site import CHAT_SERVERS, CHAT_TEMPLATE, SECRET, Site, fails_well, solution
from integration.module_runner import NOT_INHERITED
from integration.vocabulary import Leaves, Snapshot, explain

from sandbox.packages.templates import TEMPLATES
from sandbox.testing import packed_once


def everything(site: Site) -> dict[tuple[str, str], Leaves]:
    """Return all objects in words: equal for two databases that differ in DBIDs and order alone."""
    state = Snapshot(site.sandbox.database())
    return {key: state.words(value) for key, value in state.objects().items()}


def there_and_back(site: Site, *runs: tuple[str, dict[str, Any]], **restore: Any) -> list[str]:
    """Carry out runs, then restore their snapshots, the last one first; return the warnings of the restores.

    Each restore is previewed: the preview writes nothing and says what the restore then does. A second restore does nothing.
    """
    before = everything(site)
    files = [site.ok(module, warns=True, **arguments).result["snapshot"] for module, arguments in runs]
    assert everything(site) != before, "the runs changed nothing"
    warnings: list[str] = []
    for file in reversed(files):
        state = site.sandbox.database()
        preview = site.ok("config_restore", check=True, warns=True, path=file, **restore)
        assert site.sandbox.database() == state and not site.writes() and "snapshot" not in preview.result
        done = site.ok("config_restore", warns=True, path=file, **restore)
        assert preview.changes == done.changes
        assert site.writes() == [(change["action"], change["type"], change["name"]) for change in done.changes]
        explain(done.changes, state, site.sandbox.database())
        warnings += done.warnings
        assert not site.ok("config_restore", warns=True, path=file, **restore).changed
    assert everything(site) == before
    return warnings


def test_first_deployment(site: Site) -> None:
    there_and_back(site, ("chat_solution", {"solution": solution()}))
    assert not [key for key in everything(site) if key[1] in CHAT_SERVERS]


def test_chat_servers_beside_what_is_there(surroundings: Site) -> None:
    there_and_back(surroundings, ("chat_solution", {"solution": solution()}))


def test_several_runs(surroundings: Site) -> None:
    changed = solution(chat_servers=[{"name": "ChatServer_1", "host": "chat1", "options": {"settings": {"limit-for-sessions": 7, "new": "x"}}}])
    there_and_back(
        surroundings,
        ("chat_solution", {"solution": solution()}),
        ("chat_solution", {"solution": changed}),
        ("chat_endpoint", {"endpoint": "more", "queue": "Chat_In", "tenant": "Environment", "chat_servers": ["ChatServer_1", "ChatServer_3"]}),
        ("esp_link", {"interaction_servers": ["IXN_1"], "chat_servers": ["ChatServer_2"], "state": "absent"}),
        ("gms_link", {"gms": ["GMS_1"], "chat_servers": ["ChatServer_2"], "state": "absent"}),
        ("chat_server_app", {"name": "ChatServer_2", "state": "absent"}),
    )


def test_removed_application_comes_back_with_all_it_had(furnished: Site) -> None:
    """Connections to it are none of its own; here nobody has one left."""
    furnished.relink("IXN_1", [])
    furnished.relink("GMS_1", [])
    furnished.sandbox.edit("CfgApplication", "ChatServer_2", annex={"site": {"rack": "b7"}}, startuptimeout="77", commandlinearguments="-x y")
    raw = furnished.sandbox.object("CfgApplication", "ChatServer_2")
    there_and_back(furnished, ("chat_server_app", {"name": "ChatServer_2", "state": "absent"}))
    again = furnished.sandbox.object("CfgApplication", "ChatServer_2")
    assert raw is not None and again is not None
    assert again["dbid"] != raw["dbid"]
    assert {key: value for key, value in again.items() if key != "dbid"} == {key: value for key, value in raw.items() if key != "dbid"}


def test_parameters_of_a_removed_connection_are_told(furnished: Site) -> None:
    """They are not brought back; a connection that is only changed keeps them."""
    furnished.relink("IXN_1", [furnished.link(name, "ESP", transportparams="tls=1") for name in CHAT_SERVERS[:2]])
    servers: dict[str, Any] = {"interaction_servers": ["IXN_1"], "chat_servers": ["ChatServer_2"]}
    removed = furnished.ok("esp_link", state="absent", **servers).result["snapshot"]
    restored = furnished.ok("config_restore", warns=True, path=removed)
    (warning,) = restored.warnings
    assert "'IXN_1'" in warning and "'ChatServer_2'" in warning and "'ChatServer_1'" not in warning
    changed = furnished.ok("esp_link", **{**servers, "chat_servers": ["ChatServer_1"]}, addp={"local_timeout": 99}).result["snapshot"]
    furnished.ok("config_restore", path=changed)
    links = furnished.sandbox.object("CfgApplication", "IXN_1")["appservers"]["conninfo"]  # type: ignore[index]  # it is there
    assert [link["transportparams"] for link in links] == ["tls=1", ""]


def test_pairing_that_overwrote_a_backup(surroundings: Site) -> None:
    """The options and connections that the backup had of its own are in the snapshot too."""
    surroundings.make("UCS_5", "Universal Contact Server 9.1", "ucs1", {"default": 7105})
    options = {"own": {"one": "1"}, "log": {"verbose": "none"}}
    surroundings.make("UCS_6", "Universal Contact Server 9.1", "ucs2", {"default": 7105}, options, [surroundings.link("MessageServer")])
    there_and_back(surroundings, ("ucs_pair", {"primary": "UCS_5", "backup": "UCS_6"}))
    assert surroundings.application("UCS_6")["options", "own", "one"] == "1"


def test_pair_that_was_dissolved(surroundings: Site) -> None:
    there_and_back(surroundings, ("ucs_pair", {"primary": "UCS_3", "backup": "UCS_4", "state": "absent"}))


def test_any_object(site: Site) -> None:
    properties = {"subtype": "CFGNetworkServer", "ostype": "CFGRedHatLinux", "ipaddress": "192.0.2.9", "lcaport": "4999"}
    host: dict[str, Any] = {"type": "CfgHost", "name": "chat9", "properties": properties}
    there_and_back(site, ("config_object", host))
    site.ok("config_object", **host)
    there_and_back(
        site,
        ("config_object", {"type": "CfgHost", "name": "chat9", "properties": {"ipaddress": "192.0.2.10"}, "annex": {"addp": {"addp-timeout": "9"}}}),
        ("config_object", {"type": "CfgHost", "name": "chat9", "state": "absent"}),
    )


def test_groups_and_templates(surroundings: Site, tmp_path: Path) -> None:
    site = surroundings
    source = tmp_path / "template.apd"
    source.write_text(json.dumps(TEMPLATES[CHAT_TEMPLATE]), encoding="utf-8")
    for number in (1, 2):
        site.make_chat_server(f"ChatServer_{number}", f"chat{number}", "UCS_1")
    there_and_back(
        site,
        ("application_template", {"src": str(source), "name": "Another Chat Server"}),
        ("chat_server_groups", {"pairs": [{"primary": "UCS_1", "backup": "UCS_2"}, {"primary": "UCS_3", "backup": "UCS_4"}]}),
        ("application_template", {"name": "Another Chat Server", "state": "absent"}),
    )


def test_interaction_server_with_a_backup(surroundings: Site) -> None:
    """What its primary loses, the Configuration Server takes from it too: it is no client that stays."""
    site = surroundings
    site.make("IXN_2", "Interaction Server 8.5.2", "ixn1", {"default": 4421})
    site.sandbox.edit("CfgApplication", "IXN_1", backupserverdbid=site.dbid("CfgApplication", "IXN_2"))
    there_and_back(site, ("chat_solution", {"solution": solution()}))


@pytest.mark.parametrize("nth", [2, 5, 8])
def test_half_a_run(site: Site, tmp_path: Path, nth: int) -> None:
    before = everything(site)
    site.sandbox.fault("status", {"write": True, "nth": nth}, status=400)
    outcome = site.run("chat_solution", solution=solution(), snapshot_dir=str(tmp_path))
    (file,) = tmp_path.glob("*.json")
    fails_well(outcome, str(file))
    assert everything(site) != before
    site.ok("config_restore", path=str(file))
    assert everything(site) == before


def test_half_a_restore(furnished: Site) -> None:
    before = everything(furnished)
    changed = solution(chat_server_defaults={**solution()["chat_server_defaults"], "options": {"settings": {"limit-for-sessions": 7}}})
    file = furnished.ok("chat_solution", solution=changed, warns=True).result["snapshot"]
    furnished.sandbox.fault("status", {"write": True, "nth": 3}, status=400)
    fails_well(furnished.run("config_restore", path=file), "Written before: ", ".json")
    assert everything(furnished) != before
    furnished.ok("config_restore", path=file)
    assert everything(furnished) == before


def test_what_the_run_hides_the_restore_hides_without_being_told(furnished: Site) -> None:
    before = everything(furnished)
    servers = [{"name": "ChatServer_1", "host": "chat1", "options": {"store": {"pin": SECRET}}}]
    run = furnished.ok("chat_solution", solution=solution(chat_servers=servers), secret_option_names=["^pin$"], warns=True)
    restored = furnished.ok("config_restore", path=run.result["snapshot"])
    assert everything(furnished) == before
    kept = Path(restored.result["snapshot"]).read_text(encoding="utf-8")
    assert SECRET not in restored.everything + kept and "pin" in kept


def test_empty_variable_for_the_place(furnished: Site) -> None:
    """It says nothing, so the files go to the usual place."""
    outcome = furnished.run("config_snapshot", environment={"GAX_SNAPSHOT_DIR": ""}, objects=[{"type": "CfgHost"}])
    assert Path(outcome.result["snapshot"]).parent == furnished.runner.directory / ".genesys_engage" / "snapshots"


def test_objects_of_a_tenant(site: Site) -> None:
    site.queue("Same_Name", "Environment")
    site.queue("Same_Name", "Sales")
    there_and_back(site, ("config_object", {"type": "CfgScript", "name": "Same_Name", "tenant": "Sales", "state": "absent"}))


# later edits


@pytest.fixture
def changed(furnished: Site) -> tuple[Site, str]:
    """A site with a changed option and a new Chat Server, and the snapshot of that run."""
    servers = [
        {"name": "ChatServer_1", "host": "chat1", "options": {"settings": {"limit-for-sessions": 2222}}},
        {"name": "ChatServer_9", "host": "chat4", "ports": NINE},
    ]
    outcome = furnished.ok("chat_solution", solution=solution(chat_servers=servers), allow_disconnect=True, warns=True)
    return furnished, outcome.result["snapshot"]


NINE = {"default": 4980, "webapi": 4981, "ESP": 4982, "health": 4983}


def test_another_field_is_kept(changed: tuple[Site, str]) -> None:
    site, file = changed
    site.sandbox.edit("CfgApplication", "ChatServer_1", options={"settings": {"somebody": "else"}})
    assert site.sandbox.options("CfgApplication", "ChatServer_1")["settings"]["limit-for-sessions"] == "2222"
    site.ok("config_restore", path=file)
    settings = site.sandbox.options("CfgApplication", "ChatServer_1")["settings"]
    assert settings["somebody"] == "else" and settings.get("limit-for-sessions") != "2222"
    assert not site.exists("CfgApplication", "ChatServer_9")


def test_same_field_is_refused_kept_or_overwritten(changed: tuple[Site, str]) -> None:
    site, file = changed
    path = ("options", "settings", "limit-for-sessions")
    site.sandbox.edit("CfgApplication", "ChatServer_1", options={"settings": {"limit-for-sessions": "3333"}})
    for check in (True, False):
        site.refuses("config_restore", "later_edits", "'ChatServer_1'", "limit-for-sessions", "'3333'", "'2222'", check=check, path=file)
    kept = site.ok("config_restore", warns=True, path=file, later_edits="keep")
    assert site.application("ChatServer_1")[path] == "3333" and not site.exists("CfgApplication", "ChatServer_9")
    assert any("3333" in warning for warning in kept.warnings)
    site.ok("config_restore", path=file, later_edits="overwrite")
    assert site.application("ChatServer_1").get(path) != "3333"


def test_what_was_installed_since_is_not_removed(changed: tuple[Site, str]) -> None:
    site, file = changed
    site.sandbox.edit("CfgApplication", "ChatServer_9", workdirectory="/opt/genesys/ChatServer_9")
    site.refuses("config_restore", "later_edits", "'ChatServer_9'", "installed", path=file)
    site.ok("config_restore", warns=True, path=file, later_edits="keep", allow_disconnect=True)
    assert site.exists("CfgApplication", "ChatServer_9")


def test_what_was_removed_since(changed: tuple[Site, str]) -> None:
    site, file = changed
    site.relink("IXN_1", [])
    site.relink("GMS_1", [])
    site.sandbox.delete("CfgApplication", "ChatServer_1")
    site.refuses("config_restore", "'ChatServer_1'", "removed", path=file)
    site.ok("config_restore", path=file, later_edits="overwrite")
    assert site.exists("CfgApplication", "ChatServer_1")


def test_running_chat_servers_keep_their_connections_unless_allowed(surroundings: Site) -> None:
    site = surroundings
    for number in (1, 2):
        site.make_chat_server(f"ChatServer_{number}", f"chat{number}", links=[site.link("confserv")], workdirectory="/opt/genesys/chat")
    site.relink("IXN_1", [])
    two = solution(chat_servers=[{"name": "ChatServer_1", "host": "chat1"}, {"name": "ChatServer_2", "host": "chat2"}])
    file = site.ok("chat_solution", solution=two).result["snapshot"]
    site.refuses("config_restore", "allow_disconnect", "'ChatServer_1'", path=file)
    site.ok("config_restore", path=file, allow_disconnect=True)
    assert {path[1] for path in site.application("ChatServer_1") if path[0] == "connections"} == {"confserv"}


# the file


def test_snapshot_is_private_and_holds_no_secret(furnished: Site, tmp_path: Path) -> None:
    options = {"store": {"password": SECRET}, "settings": {"limit-for-sessions": 9}}
    furnished.sandbox.edit("CfgApplication", "ChatServer_1", options={"store": {"password": "0ld-s3cret", "token": "never-touched-t0ken"}})
    place = tmp_path / "new" / "snapshots"
    servers = [{"name": "ChatServer_1", "host": "chat1", "options": options}]
    outcome = furnished.ok("chat_solution", solution=solution(chat_servers=servers), snapshot_dir=str(place), warns=True)
    file = Path(outcome.result["snapshot"])
    assert file.parent == place and [path.name for path in place.glob("*.json")] == [file.name]
    assert (stat.S_IMODE(file.stat().st_mode), stat.S_IMODE(place.stat().st_mode)) == (0o600, 0o700)
    text = file.read_text(encoding="utf-8")
    for secret in (SECRET, "0ld-s3cret", "never-touched-t0ken", furnished.sandbox.password):
        assert secret not in text
    assert "limit-for-sessions" in text
    restored = furnished.ok("config_restore", warns=True, path=str(file))
    assert any("store/password" in warning for warning in restored.warnings)
    options_now = furnished.sandbox.options("CfgApplication", "ChatServer_1")
    assert options_now["store"] == {"password": SECRET, "token": "never-touched-t0ken"}


def test_snapshot_is_written_before_the_first_write(surroundings: Site, tmp_path: Path) -> None:
    surroundings.sandbox.fault("status", {"write": True}, status=400)
    outcome = surroundings.run("chat_solution", solution=solution(), snapshot_dir=str(tmp_path / "kept"))
    (file,) = (tmp_path / "kept").glob("*.json")
    fails_well(outcome, str(file), "Written before: nothing")
    content = json.loads(file.read_text(encoding="utf-8"))
    assert [entry["name"] for entry in content["objects"]] == [*CHAT_SERVERS, "IXN_1", "GMS_1"]


def test_nothing_is_kept_when_nothing_is_written(furnished: Site, tmp_path: Path) -> None:
    place = tmp_path / "kept"
    for check in (True, False):
        assert "snapshot" not in furnished.ok("chat_solution", check=check, solution=solution(), snapshot_dir=str(place)).result
    furnished.ok("chat_server_app", check=True, name="ChatServer_1", startup_timeout=77, snapshot_dir=str(place))
    assert not place.exists()


def test_no_room_for_the_snapshot_means_no_write(surroundings: Site, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    place = tmp_path / "file" / "snapshots"
    surroundings.refuses("chat_solution", "snapshot", str(place), "Not a directory", "Nothing was written", solution=solution(), snapshot_dir=str(place))


BAD_FILES = {
    "missing": (None, "can't be read: No such file"),
    "no JSON": ("{", "no JSON"),
    "another file": ('{"a": 1}', "not a snapshot"),
    "a list": ("[]", "not a snapshot"),
    "a later version": ('{"format": "genesys_engage.chat snapshot", "version": 2}', "version 2"),
    "another server": (
        '{"format": "genesys_engage.chat snapshot", "version": 1, "server": "https://gax.example.com/gax/api/", "objects": []}',
        "https://gax.example.com",
    ),
    "no objects": ('{"format": "genesys_engage.chat snapshot", "version": 1, "server": "SERVER"}', "damaged"),
    "junk": ('{"format": "genesys_engage.chat snapshot", "version": 1, "server": "SERVER", "objects": [{"action": "create"}]}', "damaged"),
    "unknown class": (
        '{"format": "genesys_engage.chat snapshot", "version": 1, "server": "SERVER", "objects": '
        '[{"action": "create", "type": "x", "name": "x", "tenant": null, "object": null, "fields": []}]}',
        "object 1",
    ),
    "unknown field": (
        '{"format": "genesys_engage.chat snapshot", "version": 1, "server": "SERVER", "objects": [{"action": "update", "type": "CfgApplication", '
        '"name": "confserv", "tenant": null, "object": {}, "fields": [{"path": ["colour"], "before": "a", "after": "b"}]}]}',
        "object 1",
    ),
}


@pytest.mark.parametrize(("content", "word"), BAD_FILES.values(), ids=BAD_FILES.keys())
def test_file_that_is_no_snapshot(site: Site, tmp_path: Path, content: str | None, word: str) -> None:
    file = tmp_path / "snapshot.json"
    if content is not None:
        file.write_text(content.replace("SERVER", f"{site.sandbox.url}/gax/api/"), encoding="utf-8")
    site.refuses("config_restore", "path", word, path=str(file))


# saved by hand


def test_saved_objects_come_back_whole(furnished: Site, tmp_path: Path) -> None:
    before = everything(furnished)
    file = tmp_path / "saved.json"
    objects = [{"type": "CfgApplication", "name": "ChatServer_1"}, {"type": "CfgScript"}, {"type": "CfgHost", "name": "chat1"}]
    preview = furnished.ok("config_snapshot", check=True, objects=objects, path=str(file))
    assert not file.exists() and preview.result["objects"] > 3
    saved = furnished.ok("config_snapshot", objects=objects, path=str(file))
    assert saved.result["snapshot"] == str(file) and not furnished.writes()
    furnished.sandbox.edit("CfgApplication", "ChatServer_1", options={"settings": {"limit-for-sessions": "1", "new": "2"}}, startuptimeout="7")
    furnished.relink("ChatServer_1", [furnished.link("MessageServer", addp=False)])
    furnished.sandbox.edit("CfgHost", "chat1", ipaddress="192.0.2.77")
    furnished.sandbox.delete("CfgScript", "Legacy_Strategy")
    furnished.ok("config_restore", path=str(file))
    assert everything(furnished) == before
    assert not furnished.ok("config_restore", path=str(file)).changed


def test_saved_secrets_stay_as_they_are(furnished: Site, tmp_path: Path) -> None:
    furnished.sandbox.edit("CfgApplication", "ChatServer_1", options={"store": {"password": SECRET}})
    file = str(tmp_path / "saved.json")
    furnished.ok("config_snapshot", objects=[{"type": "CfgApplication", "name": "ChatServer_1"}], path=file)
    assert SECRET not in Path(file).read_text(encoding="utf-8")
    assert not furnished.ok("config_restore", warns=True, path=file).changed
    assert furnished.sandbox.options("CfgApplication", "ChatServer_1")["store"] == {"password": SECRET}


def test_object_of_a_class_without_words(site: Site, tmp_path: Path) -> None:
    before = everything(site)
    file = str(tmp_path / "saved.json")
    site.ok("config_snapshot", objects=[{"type": "CfgPerson", "name": "default"}], path=file)
    site.sandbox.edit("CfgPerson", "default", firstname="Somebody", annex={"a": {"b": "c"}})
    site.ok("config_restore", warns=True, path=file)
    assert everything(site) == before


def test_saving_into_the_usual_place(furnished: Site) -> None:
    file = Path(furnished.ok("config_snapshot", objects=[{"type": "CfgScript"}]).result["snapshot"])
    assert file.parent == furnished.runner.directory / ".genesys_engage" / "snapshots" and os.access(file, os.R_OK)
    furnished.refuses("config_snapshot", "objects[0]", "'Nobody'", objects=[{"type": "CfgScript", "name": "Nobody"}])
    furnished.refuses("config_snapshot", "configuration class", objects=[{"type": "Nothing"}])


# the playbook


def play(site: Site, directory: Path, playbook: str, *options: str) -> tuple[int, str]:
    """Run a playbook on an inventory with one configuration host; return exit code and output."""
    inventory = directory / "hosts.yml"
    host = {"ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}", **site.connection, "chat_solution": solution()}
    groups = {"genesys_configuration": {"hosts": {"site": host}}, "others": {"hosts": {"elsewhere": {}}}}
    inventory.write_text(yaml.safe_dump(groups), encoding="utf-8")
    environment = {key: value for key, value in os.environ.items() if not key.startswith(NOT_INHERITED)}
    environment.update(HOME=str(directory), ANSIBLE_LOCAL_TEMP=str(directory / "local"), ANSIBLE_NOCOLOR="1", ANSIBLE_LOCALHOST_WARNING="false")
    environment |= packed_once()
    command = [os.environ.get("TESTED_ANSIBLE_PLAYBOOK", str(Path(sys.executable).parent / "ansible-playbook")), "-i", str(inventory), playbook, *options]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=directory, stdin=subprocess.DEVNULL, timeout=100, check=False)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.slow
def test_playbook(surroundings: Site, tmp_path: Path) -> None:
    before = everything(surroundings)
    configure = tmp_path / "configure.yml"
    configure.write_text("[{hosts: genesys_configuration, gather_facts: false, roles: [genesys_engage.chat.configuration]}]", encoding="utf-8")
    kept = tmp_path / "kept"
    code, output = play(surroundings, tmp_path, str(configure), "-e", f"chat_snapshot_dir={kept}")
    (file,) = kept.glob("*.json")
    assert code == 0 and f"chat_snapshot={file}" in output, output
    state = surroundings.sandbox.database()
    restore = ("genesys_engage.chat.restore", "-e", f"chat_snapshot={file}", "-e", f"chat_snapshot_dir={kept}", "--diff")
    code, output = play(surroundings, tmp_path, *restore, "--check")
    assert code == 0 and "application 'ChatServer_4', to be removed" in output, output
    assert surroundings.sandbox.database() == state and len(list(kept.glob("*.json"))) == 1
    code, output = play(surroundings, tmp_path, *restore)
    assert code == 0 and everything(surroundings) == before, output
    assert len(list(kept.glob("*.json"))) == 2
    code, output = play(surroundings, tmp_path, *restore)
    assert code == 0 and "changed=0" in output, output


@pytest.mark.slow
def test_playbook_without_a_snapshot(furnished: Site, tmp_path: Path) -> None:
    """It lists what can be brought back (config_snapshot_info), and with a limit it does not end as if all were well."""
    state = furnished.sandbox.database()
    kept = ("-e", f"chat_snapshot_dir={tmp_path / 'kept'}", "-e", "chat_snapshot=")
    code, output = play(furnished, tmp_path, "genesys_engage.chat.restore", *kept)
    told = " ".join(output.split())
    assert code == 2 and f"Say which snapshot is to be brought back, with -e chat_snapshot=<file>. There is none in {tmp_path / 'kept'}" in told, output
    furnished.ok("chat_server_app", name="ChatServer_1", options={"settings": {"limit-for-sessions": "7"}}, snapshot_dir=str(tmp_path / "kept"))
    state = furnished.sandbox.database()
    (file,) = (tmp_path / "kept").glob("*.json")
    code, output = play(furnished, tmp_path, "genesys_engage.chat.restore", *kept)
    told = " ".join(output.split())
    assert code == 2 and f"chat_server_app: changed application 'ChatServer_1' (options.settings.limit-for-sessions). {file}" in told, output
    assert f"The newest ones in {tmp_path / 'kept'} are listed above" in told
    code, output = play(furnished, tmp_path, "genesys_engage.chat.restore", "--limit", "elsewhere", "-e", f"chat_snapshot={file}")
    assert code == 2 and "'site', which stands for the Configuration Server, is not part of this run (--limit elsewhere)" in output, output
    assert furnished.sandbox.database() == state
