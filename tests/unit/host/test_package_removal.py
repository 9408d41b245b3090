# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An installation is removed: what goes, what is refused, and what becomes of a run that was cut short anywhere."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
from unit.host.place import Place, killed_at

from ansible_collections.genesys_engage.chat.plugins.module_utils._host.product.marker import marker_path
from ansible_collections.genesys_engage.chat.plugins.module_utils._host.recover.removal import remove
from ansible_collections.genesys_engage.chat.plugins.module_utils._host.system.errors import HostError

APPLICATION = "Chat Server 1"


@pytest.fixture
def place(tmp_path):
    place = Place(tmp_path)
    place.install(src=place.version(1))
    place.install(src=place.version(2))
    (place.target / "ChatServer.20260101_000000_000.log").write_text("a log")
    return place


def removal(place: Place, check_mode: bool = False, **changes: Any) -> dict[str, Any]:
    params = {"path": str(place.target), "application": APPLICATION, "install_roots": [str(place.root / "opt")], "start_script": "run.sh", **changes}
    return remove(params, check_mode)


def refused(place: Place, *words: str, **changes: Any) -> None:
    before = place.tree()
    for check_mode in (True, False):
        with pytest.raises(HostError) as caught:
            removal(place, check_mode, **changes)
        assert all(word in str(caught.value) for word in words), caught.value
    assert place.tree() == before


def test_everything_goes_and_again_nothing(place):
    before = place.tree()
    foretold = removal(place, check_mode=True)
    assert place.tree() == before
    done = removal(place)
    assert foretold == done
    assert done["changed"] is True and done["before"]["version"] == "8.5.300.02" and len(done["removed"]) > 4
    assert any(name.startswith("backup_") for name in done["removed"])
    assert list((place.root / "opt").iterdir()) == []
    again = removal(place)
    assert (again["changed"], again["removed"]) == (False, [])


def test_what_links_lead_to_stays(place):
    outside = place.root / "elsewhere"
    outside.mkdir()
    (outside / "kept").write_text("of others")
    (place.target / "logs").symlink_to(outside)
    (place.target / "one").symlink_to(outside / "kept")
    removal(place)
    assert (outside / "kept").read_text() == "of others" and not place.target.exists()


def test_a_directory_behind_a_link(place):
    real = place.root / "opt" / "real"
    place.target.rename(real)
    place.target.symlink_to(real)
    removal(place)
    assert list((place.root / "opt").iterdir()) == []


@pytest.mark.parametrize("roots", [[], None], ids=["outside", "not_said"])
def test_places(place, roots):
    elsewhere = place.root / "elsewhere"
    place.target.rename(elsewhere)
    place.target.symlink_to(elsewhere)
    if roots is None:
        assert removal(place, install_roots=None)["changed"]
        assert not elsewhere.exists()
    else:
        refused(place, "is outside of the directories in which installations may lie")


def test_of_another_application(place):
    refused(place, "is not the directory of 'ChatServer_9'", f"starts the application '{APPLICATION}'", application="ChatServer_9")


def test_of_nobody(place):
    (place.root / "opt" / "other").mkdir()
    (place.root / "opt" / "other" / "file").write_text("of others")
    refused(place, "is not the directory of", "ip_description.xml is missing", path=str(place.root / "opt" / "other"))
    refused(place, "is not the directory of", path=str(place.root / "opt"))


def test_another_one_below_it(place):
    below = place.target / "UCS_1"
    below.mkdir()
    (below / "run.sh").write_text('./ucs -host h -port 1 -app "UCS_1"')
    refused(place, "belongs to the application 'UCS_1'")


def test_one_that_runs(place):
    program = [sys.executable, "-c", "import time; time.sleep(60)", "-app", APPLICATION]
    with subprocess.Popen(program, cwd=place.target) as process:
        try:
            assert removal(place, check_mode=True)["running"] == [process.pid]
            before = place.tree()
            with pytest.raises(HostError, match="is running in .* Stop it first"):
                removal(place)
            assert place.tree() == before
        finally:
            process.kill()


def test_an_installation_that_was_cut_short(place):
    (place.target / "run.sh").rename(place.target / "backup_2026-01-01_00-00-00.sh")
    removal(place)
    assert not place.target.exists()


def test_killed_anywhere_it_is_finished_by_the_next_run(tmp_path):
    place, number = Place(tmp_path), 1
    while number < 60:
        place.install(src=place.version(1))
        (place.target / "lib").mkdir(exist_ok=True)
        if not killed_at(number, lambda: removal(place)):
            break
        removal(place)
        assert not place.target.exists() and not (tmp_path / marker_path(str(place.target))).exists()
        number += 1
    assert 5 < number < 60
