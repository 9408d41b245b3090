# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole of an installation, with a package whose installer is a few lines of shell."""

from __future__ import annotations

import errno
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest
from unit.host.fake_package import PASSWORD, package_files, spoil, write_archive, write_directory
from unit.host.place import Place

from ansible_collections.genesys_engage.chat.plugins.module_utils._host.product.installed import backups
from ansible_collections.genesys_engage.chat.plugins.module_utils._host.product.marker import hold_marker, marker_path, read_marker
from ansible_collections.genesys_engage.chat.plugins.module_utils._host.system.errors import HostError


@pytest.fixture
def place(tmp_path):
    return Place(tmp_path)


def test_create_then_again_changes_nothing(place):
    first = place.install()
    assert first["changed"] is True
    assert first["before"]["complete"] is False
    assert first["backup"] is None
    assert first["installed"] == {
        "path": str(place.target), "nickname": "eSChatSrv", "version": "8.5.316.02", "build": "1",
        "application": "Chat Server 1", "complete": True, "flaws": [],
    }  # fmt: skip
    assert (place.target / "Product").is_file()
    before = place.tree()
    second = place.install()
    assert second["changed"] is False
    assert second["diff"]["before"] == second["diff"]["after"]
    assert place.tree() == before
    assert list(place.temp.iterdir()) == []


def test_what_the_installer_writes_back_is_shown_as_expected(place):
    expected = {
        "working_directory": str(place.target),
        "command_line": None,
        "command_line_arguments": '-host confserv.example.com -port 2020 -app "Chat Server 1"',
        "version": "8.5.316.02",
        "state": "enabled",
        "annex": {"sml": {"uninstall": f"rm -rf {place.target}"}},
    }
    assert place.install(check_mode=True)["expected_configuration"] == expected
    expected["command_line"] = "./Product"
    assert place.install()["expected_configuration"] == expected
    assert place.install()["expected_configuration"] == expected


def test_the_expected_arguments_follow_licence_and_client_port(place):
    arguments = place.install(
        check_mode=True,
        license={"file": None, "host": "lic.example.com", "port": 7260},
        response={"ConfigServer": {"transport-port": 5000, "transport-address": '""'}},
    )["expected_configuration"]["command_line_arguments"]
    assert arguments == '-host confserv.example.com -port 2020 -app "Chat Server 1" -l "7260@lic.example.com" -transport-port 5000'


def test_check_mode_predicts_and_leaves_no_trace(place):
    before = place.tree()
    predicted = place.install(check_mode=True)
    assert place.tree() == before
    assert list(place.temp.iterdir()) == []
    done = place.install()
    assert predicted["changed"] is True
    assert predicted["diff"] == done["diff"]
    assert predicted["installed"] == done["installed"]


def test_an_upgrade_shows_both_versions_and_the_backup(place):
    place.install(src=place.older())
    (place.target / "my.cfg").write_text("edited")
    result = place.install()
    versions = [f"{place.target}: eSChatSrv {version}, build 1\n" for version in ("8.5.311.06", "8.5.316.02")]
    assert [result["diff"]["before"], result["diff"]["after"]] == versions
    assert Path(result["backup"], "my.cfg").read_text() == "edited"
    assert backups(str(place.target)) == [result["backup"]]


def test_an_older_package_is_refused_unless_allowed(place):
    place.install()
    before = place.tree()
    older = place.older()
    message = str(place.refused(src=older))
    assert "8.5.311.06" in message
    assert "8.5.316.02" in message
    assert "allow_downgrade" in message
    assert {name: value for name, value in place.tree().items() if name in before} == before
    assert place.install(src=older, allow_downgrade=True)["installed"]["version"] == "8.5.311.06"


def test_a_build_is_part_of_the_version(place):
    place.install()
    newer = write_archive(place.root / "build2.tar.gz", build="2")
    assert place.install(src=newer)["changed"] is True
    assert "older than the installed" in str(place.refused())


def test_a_directory_is_as_good_as_an_archive(place):
    directory = write_directory(place.root / "unpacked")
    before = {path.name for path in Path(directory, "ip").iterdir()}
    assert place.install(src=directory)["changed"] is True
    assert place.install(src=f"{directory}/ip")["changed"] is False
    assert {path.name for path in Path(directory, "ip").iterdir()} == before


def test_the_response_file_is_private_and_gone(place):
    spy = place.root / "spy"
    place.install(response={"Fake": {"Mode": "spy", "Spy": str(spy)}, "JavaData": {"JavaPath": "/usr/lib/jvm"}})
    listing, _user, directory, response = spy.read_text().splitlines()
    assert listing.startswith("-rw------- ")
    assert not Path(response).exists()
    assert directory.endswith("/ip")
    assert not response.startswith(directory)
    text = Path(f"{spy}.response").read_text()
    assert f"[ConfigServer]\nHost=confserv.example.com\nPort=2020\nUser=default\nPassword={PASSWORD}\nApplicationName=Chat Server 1\n" in text
    assert f"[IPCommon]\nInstallPath={place.target}\nDataModel=64\n" in text
    assert "[License]\nLicenseAgreement=Accepted\nUseLicense=NotRequired\n" in text
    assert "[JavaData]\nJavaPath=/usr/lib/jvm\n" in text


def test_the_password_is_not_in_the_installers_environment(place, monkeypatch):
    monkeypatch.setenv("CONFSERV_PASSWORD", PASSWORD)
    monkeypatch.setenv("JAVA_HOME", "/usr/lib/jvm")
    spy = place.root / "spy"
    place.install(response={"Fake": {"Mode": "spy", "Spy": str(spy)}})
    environment = Path(f"{spy}.environment").read_text()
    assert PASSWORD not in environment
    assert "JAVA_HOME=/usr/lib/jvm" in environment


@pytest.mark.parametrize(
    ("mode", "text", "cure"),
    [
        ("login", "Invalid login for Configuration Server. Please verify user name (default).", "confserv_password"),
        ("host", "\thostname - h\n\tIP address - 192.0.2.1", "Host object"),
        ("leak", "Password ******** is bad", ""),
        ("crash", "exit code 2 and wrote no result log", "failure.output"),
        ("nolog", "exit code 0 and wrote no result log", "Free some space"),
        ("emptylog", "exit code 1 and wrote a result log without a result", "Free some space"),
        ("stdin", "stdin was empty", ""),
    ],
)
def test_a_failure_before_the_directory_is_touched(place, mode, text, cure):
    place.install(src=place.older())
    before = place.tree()
    error = place.refused(mode)
    assert text in str(error)
    assert cure in str(error)
    assert error.failure()["target"] == "untouched"
    after = place.tree()
    parent = str(place.target.parent)  # the marker came and went there
    assert {**after, parent: None} == {**before, parent: None}
    assert read_marker(str(place.target)) is None
    assert place.install(src=place.root / "older.tar.gz")["changed"] is False


def test_the_first_installation_failing_early_leaves_nothing(place):
    place.refused("crash")
    assert not place.target.parent.exists()


def test_every_error_names_the_host(place):
    assert str(place.refused("login", host_name="chat1")).startswith("On host 'chat1': Installation of ")
    error = place.refused(host_name="chat1", accept_license=False)
    assert str(error).startswith("On host 'chat1': accept_license (in the playbooks: genesys_accept_license): ")
    assert error.failure()["host"] == "chat1"
    place.target.parent.mkdir()
    place.target.write_text("")
    assert str(place.refused()).startswith(f"On host '{socket.gethostname()}': path: ")


def test_an_error_of_the_system_is_told_likewise(place, monkeypatch):
    def full() -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/opt/x")

    monkeypatch.setattr(os, "sync", full)
    assert "Installation failed: No space left on device (/opt/x)." in str(place.refused(host_name="chat1"))
    monkeypatch.undo()
    assert place.install()["before"]["complete"] is False


@pytest.mark.parametrize(
    ("host", "port", "words"),
    [("lic/x", 7260, "is not a host name"), ("lic", 0, "is not a port number"), ("lic", 65536, "is not a port number")],
)
def test_a_licence_manager_that_the_installer_would_refuse(place, host, port, words):
    refused_untouched(place, words, license={"file": None, "host": host, "port": port})


def test_the_output_is_shown_without_the_password(place):
    output = place.refused("login").failure()["output"]
    assert output == ["calling cfgutility -pw ********"]


@pytest.mark.parametrize(
    ("mode", "text"),
    [
        ("late", "Unable to write to the Configuration Server"),
        ("die_early", "exit code 1 and wrote no result log"),
        ("no_start_script", "the start script run.sh is missing"),
        ("wrong_application", "the start script is for the application 'Other', not for 'Chat Server 1'"),
        ("wrong_version", "the result log is about version 8.5.000.00"),
        ("exit_code", "exit code 3 although its result log says success"),
    ],
)
def test_a_failure_half_way_is_finished_by_running_again(place, mode, text):
    place.install(src=place.older())
    error = place.refused(mode)
    assert text in str(error)
    failure = error.failure()
    assert failure["target"] == "incomplete"
    assert Path(failure["backup"], "ip_description.xml").is_file()
    assert failure["backup"] in str(error)
    result = place.install()
    assert result["changed"] is True
    assert result["before"]["complete"] is False
    assert result["installed"]["complete"] is True
    assert place.install()["changed"] is False


def test_a_product_in_overwrite_mode_does_not_look_complete(place):
    """Its start script and description survive a crash; only the marker tells."""
    place.install()
    newer = write_archive(place.root / "newer.tar.gz", version="8.5.317.00")
    assert place.refused("overwrite_crash", src=newer).failure()["target"] == "incomplete"
    state = place.install(check_mode=True)
    assert state["changed"] is True
    assert state["before"]["flaws"] == ["an installation was begun and not finished"]


def test_an_early_failure_does_not_hide_an_unfinished_installation(place):
    place.install()
    newer = write_archive(place.root / "newer.tar.gz", version="8.5.317.00")
    place.refused("overwrite_crash", src=newer)
    assert place.refused("login", src=newer).failure()["target"] == "untouched"
    assert place.install(src=newer)["before"]["flaws"] == ["an installation was begun and not finished"]


def test_an_installer_that_hangs_is_ended(place):
    started = time.monotonic()
    error = place.refused("hang", timeout=1)
    assert "did not end within 1 s" in str(error)
    assert time.monotonic() - started < 15


DRIVER = """
import sys
sys.path.insert(0, {tests!r})
from ansible_collections.genesys_engage.chat.plugins.module_utils._host.install.installation import install
from unit.host.fake_package import parameters
install(parameters({src!r}, {path!r}, "hang_late"), False, lambda: {temp!r}, print)
"""


def start_in_background(place) -> subprocess.Popen:
    code = DRIVER.format(tests=str(Path(__file__).parents[2]), src=place.package, path=str(place.target), temp=str(place.temp))
    process = subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.PIPE, text=True)
    wait_for(lambda: backups(str(place.target)))
    return process


def wait_for(condition) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def end_installer(place) -> None:
    """End the orphaned installer: the marker's lock lasts as long as it runs."""
    for directory in Path("/proc").glob("[0-9]*"):
        try:
            if str(place.temp) in os.readlink(directory / "cwd"):
                os.kill(int(directory.name), signal.SIGKILL)
        except OSError:
            continue


def test_sigterm_ends_the_installer_and_removes_the_response_file(place):
    place.install(src=place.older())
    process = start_in_background(place)
    assert list(place.temp.iterdir())
    process.terminate()
    assert "Ended by signal 15" in process.communicate(timeout=20)[1]
    assert list(place.temp.iterdir()) == []
    assert place.install()["before"]["complete"] is False


def test_a_killed_run_is_finished_and_its_password_removed(place):
    place.install(src=place.older())
    process = start_in_background(place)
    process.kill()
    process.communicate(timeout=20)
    try:
        assert any(path.name == "response.ini" for path in place.temp.rglob("*"))
        with pytest.raises(HostError, match="Another installation into .* is running"):
            place.install()
    finally:
        end_installer(place)
    wait_for(lambda: not lock_is_held(place))
    result = place.install()
    assert result["before"]["flaws"] != []
    assert result["installed"]["complete"] is True
    assert list(place.temp.iterdir()) == []
    assert len(backups(str(place.target))) == 1


def lock_is_held(place) -> bool:
    try:
        with hold_marker(str(place.target)):
            return False
    except HostError:
        return True


def test_a_marker_cut_short_counts(place):
    place.install()
    Path(marker_path(str(place.target))).write_text("")
    assert place.install()["changed"] is True
    assert not Path(marker_path(str(place.target))).exists()


# --- refused before anything is touched ---------------------------------------------------------------------------------


def refused_untouched(place, text, **changes):
    place.install(src=place.older())
    before = place.tree()
    error = place.refused(**changes)
    assert text in str(error)
    now = place.tree()
    assert {name: now.get(name) for name in before} == before
    assert len(backups(str(place.target))) == 0


def test_another_product_than_expected(place):
    refused_untouched(place, "nickname asks for eSContSrv", nickname="eSContSrv")


def test_another_product_over_an_installed_one(place):
    other = write_archive(place.root / "other.tar.gz", nickname="eSContSrv")
    refused_untouched(place, "another product", src=other, nickname=None)


def test_the_licence_agreement_is_never_accepted_silently(place):
    refused_untouched(place, "accept_license", accept_license=False)


def test_a_licence_file_that_is_missing(place):
    refused_untouched(place, "/no/license.dat", license={"file": "/no/license.dat", "host": None, "port": None})


def test_a_package_that_is_not_there(place):
    refused_untouched(place, "does not exist", src="/no/package.tar.gz")


def test_a_transfer_cut_short(place):
    path = Path(write_archive(place.root / "short.tar.gz"))
    path.write_bytes(path.read_bytes()[:-200])
    refused_untouched(place, "damaged", src=str(path))


@pytest.mark.parametrize("name", ["data.tar.gz", "installer.tar.gz", "iscript.tar.gz"])
def test_a_damaged_part_is_noticed_before_old_files_move(place, name):
    files = package_files()
    files[name] = spoil(files[name])
    refused_untouched(place, f"{name} is damaged", src=write_archive(place.root / "bad.tar.gz", files))


@pytest.mark.parametrize("name", ["install.sh", "data.tar.gz", "gunzip", "ospatchlist.txt", "ip_description.xml"])
def test_a_package_with_a_part_missing(place, name):
    files = package_files()
    del files[name]
    refused_untouched(place, name, src=write_archive(place.root / "bad.tar.gz", files))


def test_a_wizard_file_in_the_package(place):
    files = dict(package_files(), **{"GCTISetup.ini": b"[___general___]\n"})
    archive = write_archive(place.root / "wizard.tar.gz", files)
    refused_untouched(place, "GCTISetup.ini", src=archive)
    assert place.install(src=archive, allow_gctisetup=True)["changed"] is True


def test_an_unsupported_operating_system(place):
    package = write_archive(place.root / "new.tar.gz", system="99")
    refused_untouched(place, "skip_os_check", src=package)
    assert place.install(src=package, skip_os_check=True)["changed"] is True


def test_a_windows_package(place):
    package = write_archive(place.root / "windows.tar.gz", group="windows")
    refused_untouched(place, "package for Windows", src=package)


def test_an_installer_that_is_not_executable(place):
    directory = write_directory(place.root / "unpacked")
    Path(directory, "ip", "install.sh").chmod(0o644)
    refused_untouched(place, "cannot read or run install.sh", src=directory)


def test_a_temporary_directory_with_a_blank(place):
    temp = place.root / "with blank"
    temp.mkdir()
    refused_untouched(place, "temp_path", temp_path=str(temp))


def test_a_server_that_runs_from_the_directory(place):
    place.install(src=place.older())
    script = place.target / "server.sh"
    script.write_text("#!/bin/sh\nsleep 60 & wait\n")
    script.chmod(0o755)
    with subprocess.Popen([str(script), "-app", "Chat Server 1"], cwd=place.target, start_new_session=True) as server:
        try:
            # Just after the fork a process has no command line yet.
            deadline = time.monotonic() + 10
            while b"-app" not in Path(f"/proc/{server.pid}/cmdline").read_bytes():
                assert time.monotonic() < deadline
            assert f"process {server.pid}" in str(place.refused())
            predicted = place.install(check_mode=True)
            assert predicted["changed"] is True and server.pid in predicted["running"]
        finally:
            os.killpg(server.pid, signal.SIGKILL)
    assert place.install()["changed"] is True


def test_the_old_working_directory_gives_a_warning(place):
    facts = {
        "itcutility": True, "host": "chat1", "applications_on_host": [],
        "application": {"name": "Chat Server 1", "type": "CFGChatServer", "host": "chat1", "working_directory": "/opt/old"},
    }  # fmt: skip
    assert place.install(check_mode=True, facts=facts, host_name="chat1")["changed"] is True
    assert "/opt/old" in place.warnings[0]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can change the user")
def test_the_service_user_owns_the_installation():
    # not below pytest's directory, which other users cannot enter
    with tempfile.TemporaryDirectory(dir="/var/tmp") as directory:
        root = Path(directory)
        root.chmod(0o755)
        place = Place(root)
        place.temp.chmod(0o777)
        spy = place.temp / "spy"
        place.install(user="nobody", response={"Fake": {"Mode": "spy", "Spy": str(spy)}})
        listing, user, working_directory, _response = spy.read_text().splitlines()
        assert user == "nobody"
        assert listing.split()[2] == "nobody"
        assert working_directory.startswith("/var/tmp/")
        assert not Path(working_directory).exists()
        assert (place.target.owner(), place.target.parent.owner(), (place.target / "run.sh").owner()) == ("nobody",) * 3
        assert place.install(user="nobody")["changed"] is False


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can change the user")
@pytest.mark.parametrize(("name", "closed"), [("data.tar.gz", ["data.tar.gz"]), (".", ["install.sh", "data.tar.gz", "ip_description.xml"])])
def test_a_package_that_the_service_user_cannot_read(name, closed):
    with tempfile.TemporaryDirectory(dir="/var/tmp") as directory:
        root = Path(directory)
        root.chmod(0o755)
        place = Place(root)
        package = write_directory(root / "unpacked")
        Path(package, "ip", name).chmod(0o700)
        message = str(place.refused(src=package, user="nobody", temp_path="/var/tmp"))
        assert all(file in message for file in closed)
        assert not place.target.exists()


def test_an_unknown_service_user(place):
    refused_untouched(place, "no user 'no_such_user'", user="no_such_user")
