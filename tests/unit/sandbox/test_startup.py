# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is imported from an archive is compiled once, and is always what the archive holds. Modules are packed once for several runs."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

from ansible import constants

from sandbox import testing
from sandbox.callbacks.shared_archives import DIRECTORY, CallbackModule
from sandbox.testing import STARTUP


def run(place: Path, source: str, compiled: Path) -> str:
    """Import a module of that source from an archive; return what it prints, or the traceback."""
    archive = place / "modules.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("told.py", source)
    environment = {"PYTHONPATH": f"{STARTUP}:{archive}", "SANDBOX_COMPILED": str(compiled)}
    done = subprocess.run([sys.executable, "-c", "import told"], env=environment, capture_output=True, text=True, timeout=30, check=False)
    return done.stdout + done.stderr


def test_compiled_once_and_again_when_the_source_is_another(tmp_path):
    compiled, first, second = (tmp_path / name for name in ("compiled", "first", "second"))
    for directory in (compiled, first, second):
        directory.mkdir()
    assert run(first, "print('one')", compiled) == "one\n"
    (kept,) = compiled.iterdir()
    times = kept.stat().st_mtime_ns
    assert run(second, "print('one')", compiled) == "one\n"
    assert [kept] == list(compiled.iterdir()) and kept.stat().st_mtime_ns == times
    assert run(first, "print('two')", compiled) == "two\n"
    (other,) = {*compiled.iterdir()} - {kept}
    other.replace(kept)
    assert run(second, "print('one')", compiled) == "two\n", "what was kept is not used"
    kept.write_bytes(b"half")
    assert run(second, "print('one')", compiled) == "one\n"


def test_errors_name_the_file_that_was_imported_and_no_directory_is_needed(tmp_path):
    for place in (tmp_path / "first", tmp_path / "second"):
        place.mkdir()
        assert f'File "{place}/modules.zip/told.py", line 1' in run(place, "1 / 0", tmp_path)
    assert run(tmp_path / "first", "print('one')", tmp_path / "nowhere") == "one\n"


def test_runs_share_the_archives_of_modules(tmp_path, monkeypatch):
    """What one run has packed the next one finds; a lock and half an archive are nobody else's."""
    shared, first, second = (tmp_path / name for name in ("shared", "first", "second"))
    monkeypatch.setenv("SANDBOX_ARCHIVES", str(shared))
    for run in (first, second):
        run.mkdir()
        monkeypatch.setattr(constants, "DEFAULT_LOCAL_TMP", str(run))
        callback = CallbackModule()
        callback.v2_playbook_on_start(None)
        if run == first:
            for name in ("packed", "packed.lock", "half-part"):
                (run / DIRECTORY / name).write_text(name)
            callback.v2_playbook_on_stats(None)
    assert [(path.name, path.read_text()) for path in (second / DIRECTORY).iterdir()] == [("packed", "packed")]


def test_other_files_of_the_collection_have_other_archives(tmp_path, monkeypatch):
    plugin = tmp_path / "collection" / "plugins" / "modules" / "ping.py"
    plugin.parent.mkdir(parents=True)
    monkeypatch.setattr(testing, "COLLECTION", tmp_path / "collection")
    monkeypatch.setattr(testing, "ARCHIVES", tmp_path / "archives")
    places = []
    for source in ("one", "two", "one"):
        plugin.write_text(source)
        places.append(testing.packed_once()["SANDBOX_ARCHIVES"])
    assert places[0] == places[2] != places[1]
