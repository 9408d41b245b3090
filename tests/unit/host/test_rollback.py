# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The way back to a backup, and what becomes of a run that was cut short anywhere."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import pytest
from unit.host.place import Place, killed_at

from ansible_collections.genesys_engage.chat.plugins.module_utils._host.product.marker import marker_path
from ansible_collections.genesys_engage.chat.plugins.module_utils._host.system.errors import HostError

ONE, TWO, THREE = "8.5.300.01", "8.5.300.02", "8.5.300.03"

#: More than any run here changes; a loop that gets here has not come to its end.
FAR = 60


@pytest.fixture
def place(tmp_path):
    return Place(tmp_path)


@pytest.fixture
def upgraded(place):
    """Version 1 with an edited file, upgraded to version 2."""
    place.install(src=place.version(1))
    (place.target / "edited.cfg").write_text("by hand")
    place.old = place.files()
    place.install(src=place.version(2))
    return place


def whole(place: Place, version: str) -> None:
    """One installation, complete, and each backup with content of one version only."""
    info = place.info()
    assert (info["version"], info["complete"], info["unfinished"]) == (version, True, None)
    assert not marker_left(place)
    assert not [path for path in place.target.rglob(".genesys_engage_restoring*") if path.is_dir()]
    for directory in [place.target, *(path for path in place.target.rglob("backup_*") if path.is_dir())]:
        present = {name for name in ("Product", "ip_description.xml", "lib", "run.sh") if (directory / name).exists()}
        assert len(present) in (0, 4), f"half of an installation in {directory}: {present}"


def marker_left(place: Place) -> bool:
    return Path(marker_path(str(place.target))).exists()


# --- there and back -----------------------------------------------------------------------------------------------------


def test_the_old_files_come_back_as_they_were(upgraded):
    result = upgraded.roll_back()
    assert result["changed"] is True
    assert (result["before"]["version"], result["installed"]["version"]) == (TWO, ONE)
    assert upgraded.files() == upgraded.old
    assert "8.5.300.02" in Path(result["set_aside"], "ip_description.xml").read_text()
    whole(upgraded, ONE)


def test_what_belongs_into_the_configuration_is_returned(upgraded):
    wanted = {
        "working_directory": str(upgraded.target),
        "command_line": "./Product",
        "command_line_arguments": '-host confserv.example.com -port 2020 -app "Chat Server 1"',
        "version": ONE,
    }
    assert upgraded.roll_back()["configuration"] == wanted
    assert upgraded.roll_back()["configuration"] == wanted


def test_again_changes_nothing(upgraded):
    upgraded.install(src=upgraded.version(3))
    upgraded.roll_back()
    before = upgraded.tree()
    result = upgraded.roll_back()
    assert result["changed"] is False
    assert result["diff"]["before"] == result["diff"]["after"]
    assert upgraded.tree() == before
    whole(upgraded, TWO)


def test_check_mode_predicts_and_leaves_no_trace(upgraded):
    before = upgraded.tree()
    predicted = upgraded.roll_back(check_mode=True)
    assert upgraded.tree() == before
    done = upgraded.roll_back()
    for part in ("changed", "installed", "before", "configuration", "diff"):
        assert predicted[part] == done[part]


def test_after_another_upgrade_there_is_a_step_back_again(upgraded):
    upgraded.roll_back()
    upgraded.install(src=upgraded.version(3))
    assert upgraded.roll_back()["installed"]["version"] == ONE
    assert upgraded.files() == upgraded.old
    whole(upgraded, ONE)


def test_a_version_by_name_further_back(upgraded):
    upgraded.install(src=upgraded.version(3))
    result = upgraded.roll_back(version=ONE)
    assert result["installed"]["version"] == ONE
    assert upgraded.files() == upgraded.old
    assert upgraded.roll_back(version=ONE)["changed"] is False
    assert [backup["version"] for backup in upgraded.info()["backups"]] == [THREE, TWO]
    whole(upgraded, ONE)


def test_the_rejected_version_can_be_installed_again(upgraded):
    upgraded.roll_back()
    assert upgraded.install(src=upgraded.version(2))["changed"] is True
    whole(upgraded, TWO)
    assert upgraded.info()["rolled_back"] is False


# --- nothing to go back to ----------------------------------------------------------------------------------------------


def refused(place: Place, *words: str, **changes) -> None:
    before = place.tree()
    with pytest.raises(HostError) as caught:
        place.roll_back(**changes)
    for word in words:
        assert word in str(caught.value)
    assert place.tree() == before
    assert not marker_left(place)


def test_a_first_installation(place):
    place.install()
    refused(place, "no complete backup", "there is none at all", "allow_downgrade")


def test_another_version_or_application(upgraded):
    refused(upgraded, f"no complete backup of version {THREE}", f"eSChatSrv {ONE} build 1", version=THREE)
    refused(upgraded, "no complete backup of 'Other'", "starts the application 'Chat Server 1'", application="Other")


def test_a_directory_that_is_not_there(place):
    refused(place, "no complete backup", "there is none at all")


def test_a_backup_with_a_part_missing_is_passed_over(upgraded):
    upgraded.install(src=upgraded.version(3))
    newest = Path(upgraded.info()["backups"][0]["path"])
    (newest / "run.sh").unlink()
    shutil.rmtree(newest / "lib")
    (newest / "Product").unlink()
    (newest / "ip_description.xml").unlink()
    assert upgraded.roll_back()["installed"]["version"] == ONE
    whole(upgraded, ONE)


def test_a_running_server_is_not_moved(upgraded):
    script = upgraded.target / "server.sh"
    script.write_text("#!/bin/sh\nsleep 60 & wait\n")
    script.chmod(0o755)
    with subprocess.Popen([str(script), "-app", "Chat Server 1"], cwd=upgraded.target, start_new_session=True) as server:
        try:
            deadline = time.monotonic() + 10
            while b"-app" not in Path(f"/proc/{server.pid}/cmdline").read_bytes():
                assert time.monotonic() < deadline
            refused(upgraded, f"process {server.pid}", "application_control")
            assert upgraded.roll_back(check_mode=True)["running"] == [server.pid]
        finally:
            os.killpg(server.pid, signal.SIGKILL)
    assert upgraded.roll_back()["changed"] is True


# --- cut short ----------------------------------------------------------------------------------------------------------


def test_killed_at_every_step_it_is_finished_by_running_again(upgraded):
    saved = upgraded.root / "saved"
    shutil.copytree(upgraded.target, saved, symlinks=True)
    for number in range(1, FAR):
        shutil.rmtree(upgraded.target)
        shutil.copytree(saved, upgraded.target, symlinks=True)
        killed = killed_at(number, upgraded.roll_back)
        upgraded.roll_back()
        assert upgraded.files() == upgraded.old, f"killed at step {number}"
        whole(upgraded, ONE)
        assert upgraded.roll_back()["changed"] is False
        if not killed:
            break
    assert 10 < number < FAR - 1


def test_killed_at_every_step_an_installation_finishes_it_first(upgraded):
    """What the roll-back has half done must not be taken apart by the installer."""
    saved = upgraded.root / "saved"
    shutil.copytree(upgraded.target, saved, symlinks=True)
    for number in (2, 5, 8, 11, 14):
        shutil.rmtree(upgraded.target)
        shutil.copytree(saved, upgraded.target, symlinks=True)
        assert killed_at(number, upgraded.roll_back)
        upgraded.install(src=upgraded.version(3))
        whole(upgraded, THREE)
        assert upgraded.roll_back()["installed"]["version"] == ONE
        assert upgraded.files() == upgraded.old
        whole(upgraded, ONE)


def test_killed_twice(upgraded):
    assert killed_at(6, upgraded.roll_back)
    assert upgraded.info()["unfinished"] == {
        "action": "rollback", "application": "Chat Server 1", "nickname": "eSChatSrv", "version": ONE, "build": "1",
    }  # fmt: skip
    predicted = upgraded.roll_back(check_mode=True)
    assert (predicted["changed"], predicted["installed"]["version"]) == (True, ONE)
    assert killed_at(4, upgraded.roll_back)
    upgraded.roll_back()
    assert upgraded.files() == upgraded.old
    whole(upgraded, ONE)


@pytest.mark.parametrize("mode", ["die_moving", "die_early", "late", "no_start_script"])
def test_an_interrupted_upgrade_is_undone(place, mode):
    place.install(src=place.version(1))
    (place.target / "edited.cfg").write_text("by hand")
    old = place.files()
    place.refused(mode, src=place.version(2))
    predicted = place.roll_back(check_mode=True)
    result = place.roll_back()
    assert predicted["installed"] == result["installed"]
    assert result["installed"]["version"] == ONE
    assert place.files() == old
    assert place.info()["complete"] is True
    assert place.roll_back()["changed"] is False


def test_an_installer_cut_short_while_it_moves_leaves_no_halves(place):
    """Neither half may ever count as a backup to go back to."""
    place.install(src=place.version(1))
    old = place.files()
    place.refused("die_moving", src=place.version(2))
    assert place.install(src=place.version(2))["changed"] is True
    whole(place, TWO)
    place.roll_back()
    assert place.files() == old


def test_what_a_recovery_brings_back_is_not_downgraded_unasked(place):
    place.install(src=place.version(2))
    place.refused("die_early", src=place.version(3))
    message = str(place.refused(src=place.version(1)))
    assert "older than the installed" in message
    whole(place, TWO)
    assert place.install(src=place.version(1), allow_downgrade=True)["installed"]["version"] == ONE


def test_the_content_of_a_failed_installation_is_nothing_to_go_back_to(place):
    place.install(src=place.version(1))
    old = place.files()
    place.refused("wrong_version", src=place.version(2))  # everything is there, but the installer's own log is about another version
    place.install(src=place.version(3))
    assert [(backup["version"], backup["complete"]) for backup in place.info()["backups"]] == [(TWO, False), (ONE, True)]
    assert place.roll_back()["installed"]["version"] == ONE
    assert place.files() == old


def test_killed_at_every_step_around_the_installer(place):
    """Files carried over, old backups removed: all that we do ourselves once the installer has ended."""
    place.install(src=place.version(1))
    (place.target / "edited.cfg").write_text("by hand")
    saved = place.root / "saved"
    shutil.copytree(place.target, saved, symlinks=True)

    def upgrade():
        return place.install(src=place.version(2), carry_over=["edited.cfg"], keep_backups=1)

    for number in range(1, FAR):
        shutil.rmtree(place.target)
        shutil.copytree(saved, place.target, symlinks=True)
        killed = killed_at(number, upgrade)
        upgrade()
        whole(place, TWO)
        assert (place.target / "edited.cfg").read_text() == "by hand", f"killed at step {number}"
        assert upgrade()["changed"] is False
        shutil.rmtree(place.temp)
        place.temp.mkdir()
        if not killed:
            break
    assert 5 < number < FAR - 1


# --- the service user ---------------------------------------------------------------------------------------------------


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can change the user")
def test_with_the_rights_of_the_service_user():
    # not below pytest's directory, which other users cannot enter
    with tempfile.TemporaryDirectory(dir="/var/tmp") as directory:
        root = Path(directory)
        root.chmod(0o755)
        place = Place(root)
        place.temp.chmod(0o777)
        place.install(src=place.version(1), user="nobody")
        place.install(src=place.version(2), user="nobody")
        outside = root / "outside"
        outside.mkdir()
        (place.target / "stays").mkdir(mode=0o755)  # of root: the service user cannot move it
        with pytest.raises(HostError, match="no permission to move"):
            place.roll_back(user="nobody")
        assert not marker_left(place)
        (place.target / "stays").rmdir()
        result = place.roll_back(user="nobody")
        assert Path(result["set_aside"]).owner() == "nobody"
        whole(place, ONE)
