# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is installed where, read from the directories alone."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import pytest
from unit.host.place import Place

from ansible_collections.genesys_engage.chat.plugins.module_utils._host.observe.installations import installations
from ansible_collections.genesys_engage.chat.plugins.module_utils._host.system.accounts import find_account, perform
from ansible_collections.genesys_engage.chat.plugins.module_utils._host.system.errors import HostError


@pytest.fixture
def place(tmp_path):
    return Place(tmp_path)


def below(place: Place):
    return installations([], str(place.root / "opt"), "run.sh")


def test_an_upgraded_installation_and_its_backup(place):
    place.install(src=place.version(1))
    backup = place.install(src=place.version(2))["backup"]
    found, = below(place)
    assert {key: found[key] for key in found if key != "backups"} == {
        "path": str(place.target), "nickname": "eSChatSrv", "version": "8.5.300.02", "build": "1", "application": "Chat Server 1",
        "complete": True, "flaws": [], "unfinished": None, "rolled_back": False,
    }  # fmt: skip
    date, clock = Path(backup).name[len("backup_"):].split("_")
    assert found["backups"] == [{
        "path": backup, "nickname": "eSChatSrv", "version": "8.5.300.01", "build": "1", "application": "Chat Server 1",
        "complete": True, "flaws": [], "taken": f"{date}T{clock.replace('-', ':')}",
    }]  # fmt: skip


def test_an_interrupted_installation_says_what_was_to_become_of_it(place):
    place.install(src=place.version(1))
    place.refused("late", src=place.version(2))
    found, = below(place)
    assert (found["complete"], found["flaws"]) == (False, ["an installation was begun and not finished", "run.sh is missing"])
    assert found["unfinished"] == {
        "action": "installation", "application": "Chat Server 1", "nickname": "eSChatSrv", "version": "8.5.300.02", "build": "1",
    }  # fmt: skip


def test_nested_backups_come_newest_first(place):
    for number in (1, 2, 3):
        place.install(src=place.version(number))
    found, = below(place)
    assert [(backup["version"], backup["path"].count("backup_")) for backup in found["backups"]] == [("8.5.300.02", 1), ("8.5.300.01", 2)]


def test_a_backup_beside_the_directory_is_no_installation_of_its_own(place):
    place.install(src=place.version(1))
    shutil.copytree(place.target, f"{place.target}_backup_2025-01-02_03-04-05")
    found, = below(place)
    assert [(backup["taken"], backup["version"]) for backup in found["backups"]] == [("2025-01-02T03:04:05", "8.5.300.01")]


def test_what_is_no_installation_is_left_out_unless_asked_for(place):
    place.install(src=place.version(1))
    (place.root / "opt" / "other").mkdir()
    (place.root / "opt" / "file").touch()
    assert [found["path"] for found in below(place)] == [str(place.target)]
    other, missing = installations([f"{place.root}/opt/other/", f"{place.root}/opt/none"], None, "run.sh")
    assert (other["complete"], other["nickname"], other["flaws"]) == (False, None, ["ip_description.xml is missing", "run.sh is missing"])
    assert (missing["complete"], missing["flaws"], missing["backups"]) == (False, ["the directory does not exist"], [])


def test_a_directory_named_twice_is_shown_once(place):
    place.install(src=place.version(1))
    assert len(installations([str(place.target)], str(place.target.parent), "run.sh")) == 1


def test_a_description_that_cannot_be_read(place):
    place.install(src=place.version(1))
    (place.target / "ip_description.xml").write_text("<broken")
    found, = below(place)
    assert (found["complete"], found["version"]) == (False, None)
    assert "is not valid XML" in found["flaws"][0]


def test_looking_changes_nothing(place):
    place.install(src=place.version(1))
    place.refused("late", src=place.version(2))
    before = place.tree()
    below(place)
    assert place.tree() == before


def test_paths_that_cannot_be_meant(place):
    with pytest.raises(HostError, match="^paths: 'opt/genesys' is not absolute"):
        installations(["opt/genesys"], None, "run.sh")
    with pytest.raises(HostError, match=r"^install_root \(in the playbooks: genesys_install_root\): 'opt' is not absolute"):
        installations([], "opt", "run.sh")
    with pytest.raises(HostError, match="is not a directory"):
        installations([], str(place.root / "none"), "run.sh")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can change the user")
def test_a_closed_backup_is_listed_by_its_name():
    # not below pytest's directory, which other users cannot enter
    with tempfile.TemporaryDirectory(dir="/var/tmp") as directory:
        Path(directory).chmod(0o755)
        place = Place(Path(directory))
        place.install(src=place.version(1))
        backup = place.install(src=place.version(2))["backup"]
        found, = perform(find_account("nobody"), lambda: below(place))
        assert (found["complete"], found["flaws"]) == (False, ["it is closed to the user of this task"])
        place.target.chmod(0o755)
        found, = perform(find_account("nobody"), lambda: below(place))
        assert [(item["path"], item["version"], item["flaws"]) for item in found["backups"]] == [(backup, None, ["it is closed to the user of this task"])]
        assert below(place)[0]["backups"][0]["version"] == "8.5.300.01"
