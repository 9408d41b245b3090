# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Backups: which are too many, what may never go, and what is carried over from them."""

from __future__ import annotations

import os
import re
import shutil
import time
from pathlib import Path

import pytest
from unit.host.fake_package import package_files, tar_gz, write_archive
from unit.host.place import Place, killed_at

from ansible_collections.genesys_engage.chat.plugins.module_utils._host.install.carry_over import matches, read_patterns
from ansible_collections.genesys_engage.chat.plugins.module_utils._host.product.backups import installers_name, new_backup, wait_for_free_name
from ansible_collections.genesys_engage.chat.plugins.module_utils._host.system.errors import HostError

ONE, TWO, THREE, FOUR = (f"8.5.300.{number:02d}" for number in (1, 2, 3, 4))


@pytest.fixture
def place(tmp_path):
    return Place(tmp_path)


@pytest.fixture
def installed(place):
    """Versions 1 to 3 one after the other: backups of 1 and 2."""
    for number in (1, 2, 3):
        place.install(src=place.version(number))
    return place


def versions(place: Place) -> list[str]:
    return [backup["version"] for backup in place.info()["backups"]]


# --- how many stay ------------------------------------------------------------------------------------------------------


def test_all_are_kept_unless_said_otherwise(installed):
    result = installed.install(src=installed.version(4))
    assert (versions(installed), result["pruned"]) == ([THREE, TWO, ONE], [])


def test_the_oldest_go_after_an_upgrade(installed):
    names = [Path(backup["path"]).name for backup in installed.info()["backups"]]
    predicted = installed.install(src=installed.version(4), keep_backups=2, check_mode=True)
    assert versions(installed) == [TWO, ONE]
    result = installed.install(src=installed.version(4), keep_backups=2)
    assert versions(installed) == [THREE, TWO]
    assert result["pruned"] == predicted["pruned"] == [names[-1]]
    assert result["diff"] == predicted["diff"]
    assert f"superfluous backup {names[-1]}\n" in result["diff"]["before"]


def test_those_too_many_go_without_an_upgrade_too(installed):
    predicted = installed.install(src=installed.version(3), keep_backups=1, check_mode=True)
    assert versions(installed) == [TWO, ONE]
    result = installed.install(src=installed.version(3), keep_backups=1)
    assert (predicted["changed"], result["changed"]) == (True, True)
    assert predicted["diff"] == result["diff"]
    assert versions(installed) == [TWO]
    before = installed.tree()
    assert installed.install(src=installed.version(3), keep_backups=1)["changed"] is False
    assert installed.tree() == before


def test_the_last_good_one_stays_behind_failed_attempts(place):
    place.install(src=place.version(1))
    old = place.files()
    place.refused("late", src=place.version(2))
    place.refused("late", src=place.version(3))
    place.install(src=place.version(4), keep_backups=1)
    assert [(backup["version"], backup["complete"]) for backup in place.info()["backups"]] == [(THREE, False), (ONE, True)]
    assert place.roll_back()["installed"]["version"] == ONE
    assert place.files() == old


def test_what_was_rolled_back_is_no_good_one(installed):
    installed.roll_back()
    installed.install(src=installed.version(4), keep_backups=1)
    assert versions(installed) == [TWO]
    installed.roll_back()
    assert installed.install(src=installed.version(2), keep_backups=1)["changed"] is False
    assert versions(installed) == [FOUR]


def test_none_at_all_is_not_a_choice(place):
    assert "keep_backups" in str(place.refused(keep_backups=0))


def test_other_directories_stay(installed):
    (installed.target / "backup_notes.txt").write_text("mine")
    (installed.target / "backups").mkdir()
    installed.install(src=installed.version(3), keep_backups=1)
    assert (installed.target / "backup_notes.txt").exists()
    assert (installed.target / "backups").is_dir()


def test_killed_at_every_step_of_the_removal(installed):
    installed.install(src=installed.version(4))
    saved = installed.root / "saved"
    shutil.copytree(installed.target, saved, symlinks=True)
    for number in range(1, 100):
        shutil.rmtree(installed.target)
        shutil.copytree(saved, installed.target, symlinks=True)
        killed = killed_at(number, lambda: installed.install(src=installed.version(4), keep_backups=1))
        assert all(backup["complete"] for backup in installed.info()["backups"]), f"half a backup after step {number}"
        installed.install(src=installed.version(4), keep_backups=1)
        assert versions(installed)[0] in (THREE, FOUR)  # killed before it noted what it does, it installs once more
        assert len(versions(installed)) == 1
        assert not list(installed.target.rglob("*.removed"))
        assert installed.install(src=installed.version(4), keep_backups=1)["changed"] is False
        if not killed:
            break
    assert 10 < number < 99


def test_the_installer_is_started_when_the_second_of_the_latest_backup_is_over(place):
    """It has one name for its backup, that of its second, and fails if there is one."""
    place.install(src=place.older())
    taken = place.target / installers_name(time.time())
    taken.mkdir()
    result = place.install("strict")
    assert result["changed"] is True
    assert Path(result["backup"], taken.name).is_dir()


def test_the_wait_ends_with_the_second(tmp_path):
    clock = [1_800_000_000.2]
    (tmp_path / installers_name(clock[0])).mkdir()
    (tmp_path / installers_name(clock[0] + 7)).mkdir()

    def sleep(seconds: float) -> None:
        assert 0 < seconds <= 0.1
        clock[0] += seconds

    wait_for_free_name(str(tmp_path), lambda: clock[0], sleep)
    assert 1_800_000_001 <= clock[0] < 1_800_000_001.2
    before = clock[0]
    wait_for_free_name(str(tmp_path), lambda: clock[0], sleep)
    wait_for_free_name(str(tmp_path / "none"), lambda: clock[0], sleep)
    assert clock[0] == before


def test_a_new_backup_is_the_newest_even_when_the_clock_is_put_back(tmp_path):
    (tmp_path / "backup_2025-10-26_02-30-00").mkdir()
    earlier = time.mktime((2025, 10, 26, 2, 10, 0, 0, 0, -1))
    assert new_backup(str(tmp_path), lambda: earlier) == str(tmp_path / "backup_2025-10-26_02-30-00_")
    assert new_backup(str(tmp_path), lambda: earlier + 3600 * 24) == str(tmp_path / "backup_2025-10-27_02-10-00")


# --- carried over -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pattern", "path", "wanted"),
    [
        ("lca.cfg", "lca.cfg", True),
        ("lca.cfg", "sub/lca.cfg", False),
        ("*.cfg", "lca.cfg", True),
        ("*.cfg", "sub/lca.cfg", False),
        ("*/lca.cfg", "sub/lca.cfg", True),
        ("**/lca.cfg", "lca.cfg", True),
        ("**/lca.cfg", "a/b/lca.cfg", True),
        ("conf", "conf/deep/x.xml", True),
        ("conf/", "conf/x.xml", True),
        ("conf", "configuration/x.xml", False),
        ("conf/**/*.xml", "conf/a/b/x.xml", True),
        ("conf/**/*.xml", "conf/a/b/x.txt", False),
        ("server[12].pem", "server2.pem", True),
        ("server[12].pem", "server3.pem", False),
    ],
)
def test_patterns(pattern, path, wanted):
    assert any(matches(path.split("/"), item) for item in read_patterns([pattern])) is wanted


@pytest.mark.parametrize("pattern", ["", "/etc/passwd", "../other", "a/../../b", "/"])
def test_patterns_that_lead_outside(place, pattern):
    assert re.search(r"carry_over \(.*\): .* is not a path", str(place.refused(carry_over=["fine", pattern])))


def edited(place: Place) -> Place:
    """Version 1 with files that were edited by hand."""
    place.install(src=place.version(1))
    (place.target / "certificates" / "old").mkdir(parents=True, mode=0o750)
    (place.target / "certificates" / "server.pem").write_text("key")
    (place.target / "certificates" / "server.pem").chmod(0o600)
    (place.target / "certificates" / "current").symlink_to("server.pem")
    (place.target / "certificates" / "old" / "server.pem").write_text("old key")
    (place.target / "app.properties").write_text("a=1")
    (place.target / "lib" / "some.lib").write_text("patched")
    os.utime(place.target / "app.properties", (1, 1))
    return place


FILES = ["app.properties", "certificates/current", "certificates/old/server.pem", "certificates/server.pem"]


def test_files_edited_by_hand_are_in_place_after_an_upgrade(place):
    edited(place)
    options = {"src": place.version(2), "carry_over": ["certificates", "*.properties", "**/some.lib", "missing*"]}
    predicted = place.install(check_mode=True, **options)
    result = place.install(**options)
    for part in ("carried_over", "not_carried_over", "diff"):
        assert result[part] == predicted[part]
    assert (result["carried_over"], result["not_carried_over"]) == (FILES, ["lib/some.lib"])
    assert result["diff"]["after"].splitlines()[1:] == [f"carried over: {name}" for name in FILES]
    assert (place.target / "certificates" / "server.pem").read_text() == "key"
    assert oct((place.target / "certificates" / "server.pem").stat().st_mode)[-3:] == "600"
    assert oct((place.target / "certificates" / "old").stat().st_mode)[-3:] == "750"
    assert os.readlink(place.target / "certificates" / "current") == "server.pem"
    assert (place.target / "app.properties").stat().st_mtime == 1
    assert (place.target / "lib" / "some.lib").read_bytes() == b"x" * 10000
    assert place.install(**options)["changed"] is False


def test_the_installers_file_is_replaced_only_when_said_so(place):
    edited(place)
    result = place.install(src=place.version(2), carry_over=["lib"], carry_over_replace=True)
    assert (result["carried_over"], result["not_carried_over"]) == (["lib/some.lib"], [])
    assert (place.target / "lib" / "some.lib").read_text() == "patched"


def test_what_makes_up_the_version_never_goes_over(place):
    edited(place)
    result = place.install(src=place.version(2), carry_over=["**"], carry_over_replace=True)
    assert result["installed"]["version"] == TWO
    assert not {"run.sh", "ip_description.xml"} & set(result["carried_over"])
    assert not [path for path in result["carried_over"] if path.startswith("backup_")]


def test_after_a_failed_attempt_they_come_from_the_last_good_content(place):
    edited(place)
    broken = write_archive(place.root / "broken.tar.gz", dict(package_files(version=TWO), **{"data.tar.gz": tar_gz({"app.properties": b"default"})}))
    place.refused("late", src=broken)
    assert (place.target / "app.properties").read_text() == "default"
    result = place.install(src=place.version(3), carry_over=["*.properties"])
    assert result["carried_over"] == ["app.properties"]
    assert (place.target / "app.properties").read_text() == "a=1"


def test_nothing_to_carry_over_at_the_first_installation(place):
    assert place.install(src=place.version(1), carry_over=["**"])["carried_over"] == []


def test_a_file_that_cannot_be_carried_over_is_named_and_the_next_run_repairs(place):
    edited(place)
    blocked = write_archive(place.root / "blocked.tar.gz", dict(package_files(version=TWO), **{"data.tar.gz": tar_gz({"certificates": b"a file"})}))
    with pytest.raises(HostError, match=r"carry_over \(.*\): copying from .*certificates.*the next run installs again"):
        place.install(src=blocked, carry_over=["certificates"])
    assert place.info()["complete"] is False
    result = place.install(src=place.version(3), carry_over=["certificates"])
    assert result["carried_over"] == FILES[1:]
